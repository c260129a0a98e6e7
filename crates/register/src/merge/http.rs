//! HTTP of merges: what was merged, by whom, and the way back.
//! Records are named by id; values stay where they are. What may be taken back
//! is decided in the service.

use super::service::{self, merge_list};
use super::{Merge, Seat};
use crate::duplicate::words;
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::Timestamp;
use zf_kernel::unit::service::{branches_of, scope_of, unit_fetch};
use zf_kernel::{Ctx, Permission};
use zf_web::page::cursor;
use zf_web::{Access, Answer, Api, Body, Caller, Page, PageQuery, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let merge = Access::Needs(Permission::CustomerMerge);
    api.op(merge, routes!(merge_list_get))
        .op(merge, routes!(merge_undo))
}

/// What a field of a customer is called.
pub(crate) fn field_name(code: &str) -> &'static str {
    words::field(code)
}

/// A record of a merge.
#[derive(Serialize, ToSchema)]
pub struct MergeRecord {
    unit_id: Uuid,
    unit_name: String,
    customer_id: Uuid,
    /// The bank's number; none when the caller may not read the branch's
    /// customers, or when the record is gone for good.
    customer_no: Option<String>,
}

/// Two records made one.
#[derive(Serialize, ToSchema)]
pub struct MergeView {
    id: Uuid,
    /// The branch that keeps it; part of its address.
    unit_id: Uuid,
    /// `proposed`, `refused`, `agreed`, `done`, `undoing`, `undone` or `failed`.
    state: String,
    kept: MergeRecord,
    gone: MergeRecord,
    /// Names of the fields taken from the record that left.
    taken: Vec<String>,
    asked_at: String,
    asked_by_name: String,
    agreed_by_name: Option<String>,
    done_at: Option<String>,
    undone_at: Option<String>,
    undone_by_name: Option<String>,
}

async fn record(state: &WebState, ctx: &Ctx, seat: Seat) -> Answer<MergeRecord> {
    let unit = unit_fetch(&state.app, seat.unit).await?;
    let customer_no = service::number_of(&state.app, ctx, seat).await?;
    Ok(MergeRecord {
        unit_id: seat.unit.uuid(),
        unit_name: unit.name,
        customer_id: seat.id.uuid(),
        customer_no,
    })
}

pub(crate) async fn merge_view(state: &WebState, ctx: &Ctx, m: Merge) -> Answer<MergeView> {
    let taken = m.fields.iter().map(|f| field_name(f).to_owned());
    Ok(MergeView {
        id: m.id.uuid(),
        unit_id: m.unit_id.uuid(),
        state: m.state.as_str().to_owned(),
        kept: record(state, ctx, m.kept).await?,
        gone: record(state, ctx, m.gone).await?,
        taken: taken.collect(),
        asked_at: m.asked_at.to_string(),
        asked_by_name: m.asked_by_name,
        agreed_by_name: m.agreed_by_name,
        done_at: m.done_at.map(|t| t.to_string()),
        undone_at: m.undone_at.map(|t| t.to_string()),
        undone_by_name: m.undone_by_name,
    })
}

/// Merges of a branch or of all branches below a unit, the newest first.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/merges", operation_id = "merge_list", params(("unit_id" = Uuid, Path), PageQuery), responses((status = 200, body = Page<MergeView>)))]
async fn merge_list_get(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Query(page): Query<PageQuery>,
) -> Answer<Json<Page<MergeView>>> {
    let app = &state.app;
    let scope = scope_of(app, &caller.ctx, Permission::CustomerMerge, unit_id.into()).await?;
    let newest = (crate::merge::NEWEST.0, Uuid::max());
    let (at, id): (i64, Uuid) = page.key()?.unwrap_or(newest);
    let limit = page.rows();
    let mut all: Vec<Merge> = Vec::new();
    for branch in branches_of(app, &scope).await? {
        all.extend(merge_list(app, &branch, (Timestamp(at), id), limit).await?);
    }
    all.sort_by_key(|m| std::cmp::Reverse((m.asked_at.0, m.id)));
    let more = all.len() as i64 >= limit;
    all.truncate(usize::try_from(limit).unwrap_or(0));
    let next = all
        .last()
        .filter(|_| more)
        .map(|m| cursor(&(m.asked_at.0, m.id.uuid())));
    let mut items = Vec::with_capacity(all.len());
    for m in all {
        items.push(merge_view(&state, &caller.ctx, m).await?);
    }
    Ok(Json(Page { items, next }))
}

/// Taking a merge back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeUndoBody {
    /// Also when changes made after the merge get lost; `merge.changed` has told which.
    #[serde(default)]
    lose_changes: bool,
}

/// Takes a merge back: both records are as they were before it.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/merges/{merge_id}/undo", operation_id = "merge_undo", params(("unit_id" = Uuid, Path), ("merge_id" = Uuid, Path)), request_body = MergeUndoBody, responses((status = 200, body = MergeView)))]
async fn merge_undo(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
    Body(body): Body<MergeUndoBody>,
) -> Answer<Json<MergeView>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::CustomerMerge, unit_id.into()).await?;
    let home = scope.unit_id();
    let m = service::merge_undo(app, ctx, home, id.into(), body.lose_changes).await?;
    Ok(Json(merge_view(&state, &caller.ctx, m).await?))
}
