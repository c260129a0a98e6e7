//! Background jobs over HTTP: how far, and stop. What a job does is known to
//! the room that registered it; here it is a row with progress. A job is seen by
//! whoever may see jobs on its unit.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_kernel::Permission;
use zf_kernel::job::{Job, service};
use zf_kernel::unit::service::scope_of;
use zf_web::{Access, Answer, Api, Caller, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(Access::Needs(Permission::JobRead), routes!(job_get))
        .op(Access::Needs(Permission::JobRead), routes!(job_cancel))
}

/// A job.
#[derive(Serialize, ToSchema)]
pub struct JobView {
    id: Uuid,
    kind: String,
    /// `ready`, `running`, `done`, `failed` or `canceled`.
    state: String,
    done: i64,
    /// 0 = not known.
    total: i64,
    message: String,
    #[schema(value_type = Option<Object>)]
    result: Option<serde_json::Value>,
    created_at: String,
    finished_at: Option<String>,
}

fn view(j: Job) -> JobView {
    let message = match j.state.as_str() {
        "failed" => zf_web::words::sentence(&j.message).1.to_owned(),
        _ => j.message,
    };
    JobView {
        id: j.id.uuid(),
        kind: j.kind,
        state: j.state,
        done: j.done,
        total: j.total,
        message,
        result: j.result,
        created_at: j.created_at.to_string(),
        finished_at: j.finished_at.map(|t| t.to_string()),
    }
}

/// A job the caller may see: on a unit of theirs, or asked for by themselves.
async fn visible(state: &WebState, caller: &Caller, id: Uuid) -> Answer<Job> {
    let job = service::job_fetch(&state.app, id.into()).await?;
    scope_of(&state.app, &caller.ctx, Permission::JobRead, job.unit_id).await?;
    Ok(job)
}

/// How far a job is.
#[utoipa::path(get, path = "/api/v1/jobs/{job_id}", operation_id = "job_get", params(("job_id" = Uuid, Path)), responses((status = 200, body = JobView)))]
async fn job_get(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<Json<JobView>> {
    Ok(Json(view(visible(&state, &caller, id).await?)))
}

/// Asks a job to stop.
#[utoipa::path(post, path = "/api/v1/jobs/{job_id}/cancel", operation_id = "job_cancel", params(("job_id" = Uuid, Path)), responses((status = 200, body = JobView)))]
async fn job_cancel(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<Json<JobView>> {
    let job = visible(&state, &caller, id).await?;
    service::job_cancel(&state.app, job.id).await?;
    let job = service::job_fetch(&state.app, job.id).await?;
    Ok(Json(view(job)))
}
