//! The state of the system for its administrator: version, database, keys, open
//! jobs and the checks of the doctor. No customer data passes here. The checks
//! themselves live in `doctor`.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;
use zf_kernel::Permission;
use zf_kernel::migrations::MIGRATIONS;
use zf_store::Engine;
use zf_web::{Access, Answer, Api, Caller, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(Access::Needs(Permission::SystemRead), routes!(system_get))
}

/// One check of the doctor.
#[derive(Serialize, ToSchema)]
pub struct DoctorCheckView {
    check: String,
    ok: bool,
    detail: String,
}

/// The state of the system.
#[derive(Serialize, ToSchema)]
pub struct SystemView {
    version: String,
    engine: String,
    migrations: usize,
    suite: String,
    key_id: u32,
    jobs_open: i64,
    doctor: Vec<DoctorCheckView>,
}

/// Version, database, keys and the doctor's checks.
#[utoipa::path(get, path = "/api/v1/system", operation_id = "system_get", responses((status = 200, body = SystemView)))]
async fn system_get(State(state): State<WebState>, _caller: Caller) -> Answer<Json<SystemView>> {
    let app = &state.app;
    let doctor = crate::doctor::online(app).await;
    Ok(Json(SystemView {
        version: state.info.version.clone(),
        engine: match app.db.engine() {
            Engine::Sqlite => "SQLite".to_owned(),
            Engine::Postgres => "PostgreSQL".to_owned(),
        },
        migrations: MIGRATIONS.len(),
        suite: format!("{:?}", app.vault.suite()).to_lowercase(),
        key_id: app.vault.current_key_id(),
        jobs_open: zf_kernel::job::service::jobs_open(app).await?,
        doctor: doctor
            .into_iter()
            .map(|c| DoctorCheckView {
                check: c.check,
                ok: c.ok,
                detail: c.detail,
            })
            .collect(),
    }))
}
