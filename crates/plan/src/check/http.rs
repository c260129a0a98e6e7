//! HTTP of applying repairs: the edits that the check has offered become a new
//! version of the campaign, with the repair's own words as its note. The only
//! file of this slice that reaches beyond it: the program's service does it.

use super::apply::{Edit, apply};
use super::view::EditView;
use crate::program::service::{program_change, program_fetch, refused};
use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_kernel::Permission;
use zf_web::{Access, Answer, Api, Body, Caller, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let write = Access::Needs(Permission::ProgramWrite);
    api.op(write, routes!(program_repair))
}

/// Edits of the campaign file.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgramRepair {
    /// As offered by the check.
    edits: Vec<EditView>,
    /// What was done and why, for the list of versions.
    note: String,
    /// The version the caller has seen; another one in force is a conflict.
    version: i64,
}

/// The new version.
#[derive(Serialize, ToSchema)]
pub struct ProgramRepaired {
    version: i64,
}

/// Applies a repair of the check as a new version of the campaign.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/repairs", operation_id = "program_repair",
    params(("program_id" = Uuid, Path)), request_body = ProgramRepair, responses((status = 200, body = ProgramRepaired)))]
async fn program_repair(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Body(repair): Body<ProgramRepair>,
) -> Answer<Json<ProgramRepaired>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let old = program_fetch(app, ctx, id.into()).await?;
    ctx.scope(Permission::ProgramWrite, &old.unit)?;
    let edit = |e: EditView| Edit {
        path: e.path,
        value: e.value,
    };
    let edits: Vec<Edit> = repair.edits.into_iter().map(edit).collect();
    let changed = apply(&old.definition, &edits).map_err(|faults| refused(&faults))?;
    let version = Some(repair.version);
    let program = program_change(app, ctx, &old, &changed, &repair.note, version).await?;
    Ok(Json(ProgramRepaired {
        version: program.version,
    }))
}
