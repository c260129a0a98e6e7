//! HTTP of targets: start building them, list those of a branch. Names leave
//! masked. Which branch may be seen is asked of the program, which knows its
//! branches; how targets are made is not known here.

use super::service::{self, After};
use super::{jobs, words};
use crate::program::life::may_go_on;
use crate::week_plan::program;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::{ProgramId, TargetId, UnitId};
use zf_kernel::Permission;
use zf_kernel::job::{NewJob, service::job_enqueue};
use zf_network::village_group::service::village_group_list;
use zf_web::{Access, Answer, Api, Caller, Page, PageQuery, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(
        Access::Needs(Permission::ProgramWrite),
        routes!(target_build),
    )
    .op(Access::Needs(Permission::PlanRead), routes!(target_list))
}

/// A job that was started; see `/jobs/{id}`.
#[derive(Serialize, ToSchema)]
pub struct StartedJob {
    /// Id of the job.
    pub id: Uuid,
    /// What it does.
    pub kind: String,
    /// `ready`.
    pub state: String,
    /// Progress.
    pub done: i64,
    /// Of how many; 0 = not known yet.
    pub total: i64,
    /// One line for people.
    pub message: String,
    /// When it was asked for.
    pub created_at: String,
}

impl From<zf_kernel::job::Job> for StartedJob {
    fn from(job: zf_kernel::job::Job) -> StartedJob {
        StartedJob {
            id: job.id.uuid(),
            kind: job.kind,
            state: job.state,
            done: job.done,
            total: job.total,
            message: job.message,
            created_at: job.created_at.to_string(),
        }
    }
}

/// Builds the targets of all branches of a program in the background.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/targets", operation_id = "target_build",
    params(("program_id" = Uuid, Path)), responses((status = 202, body = StartedJob)))]
async fn target_build(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<(StatusCode, Json<StartedJob>)> {
    let app = &state.app;
    let program = program::by_id(app, &caller.ctx, Permission::ProgramWrite, ProgramId(id)).await?;
    caller.ctx.scope(Permission::ProgramWrite, &program.unit)?;
    may_go_on(&program)?;
    let job = NewJob::new(
        jobs::KIND,
        program.unit.id,
        json!({ "program_id": program.id }),
    )
    .once(program.id);
    let job = job_enqueue(app, &caller.ctx, &job).await?;
    Ok((StatusCode::ACCEPTED, Json(job.into())))
}

/// 走访对象, masked.
#[derive(Serialize, ToSchema)]
pub struct TargetView {
    id: Uuid,
    customer_id: Uuid,
    name_masked: String,
    village_group_name: Option<String>,
    priority: i64,
    reasons: Vec<String>,
    kind: String,
    four_fields_complete: bool,
    members: i64,
    state: String,
    due_day: Option<String>,
    /// The place is not the door: shown as 大致位置.
    approximate: bool,
    /// `door`, `household`, `village_group`, `village`, `township` or `outlet`.
    precision: Option<String>,
}

/// Key of a page.
#[derive(Serialize, Deserialize)]
struct Key(i64, Uuid);

/// Targets of a branch, best first.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/units/{unit_id}/targets", operation_id = "target_list",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), PageQuery), responses((status = 200, body = Page<TargetView>)))]
async fn target_list(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, unit_id)): Path<(Uuid, Uuid)>,
    Query(query): Query<PageQuery>,
) -> Answer<Json<Page<TargetView>>> {
    let app = &state.app;
    let program = program::by_id(app, &caller.ctx, Permission::PlanRead, ProgramId(id)).await?;
    let scope = program
        .branch(app, &caller.ctx, Permission::PlanRead, UnitId(unit_id))
        .await?;
    let after = query.key::<Key>()?.map(|Key(priority, id)| After {
        priority,
        id: TargetId(id),
    });
    let targets = service::target_list(app, program.id, &scope, after, query.rows()).await?;
    let groups = program.groups(app)?;
    let places = village_group_list(app, &scope).await?;
    let names: HashMap<_, _> = places
        .into_iter()
        .map(|g| (g.id, format!("{}{}", g.village, g.name)))
        .collect();
    let items = targets
        .into_iter()
        .map(|t| TargetView {
            id: t.id.uuid(),
            customer_id: t.customer_id.uuid(),
            name_masked: t.name.masked(),
            village_group_name: t.village_group_id.and_then(|g| names.get(&g).cloned()),
            priority: t.priority,
            reasons: words::reasons(&t.reasons, &groups),
            kind: t.kind,
            four_fields_complete: t.four_fields,
            members: t.members,
            state: t.state,
            due_day: t.due_day.map(|d| d.to_string()),
            approximate: t.approximate,
            precision: t.precision.map(|p| p.as_str().to_owned()),
        })
        .collect();
    Ok(Json(Page::new(items, query.rows(), |t: &TargetView| {
        Key(t.priority, t.id)
    })))
}
