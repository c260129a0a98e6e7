//! HTTP of exports: asking, deciding, taking, and the receipts of the bank's
//! customer system. A list of exports says who asked for how many rows, never
//! whose. Which unit is asked here, the rules are in the service.

use super::handover::receipt_take;
use super::policy::policy;
use super::service::{self, NewExport};
use super::{Export, Kind, Wanted};
use axum::Json;
use axum::extract::multipart::Multipart;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::code::ErrorCode;
use zf_base::{ExportId, Timestamp, VillageGroupId, limits};
use zf_kernel::unit::service::{scope_of, unit_fetch};
use zf_kernel::{Permission, UnitScope};
use zf_web::{
    Access, Answer, Api, Body, Caller, Download, Page, PageQuery, Problem, WebState, download,
};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let receipts = {
        let mut route = routes!(export_receipts);
        route.2 = route
            .2
            .layer(DefaultBodyLimit::max(limits::IMPORT_BYTES_MAX as usize));
        route
    };
    api.op(
        Access::Needs(Permission::PrivacyRead),
        routes!(export_policy),
    )
    .op(Access::Needs(Permission::PrivacyRead), routes!(export_list))
    .op(Access::Needs(Permission::PrivacyRead), routes!(export_get))
    .op(
        Access::Needs(Permission::CustomerExport),
        routes!(export_create),
    )
    .op(
        Access::Needs(Permission::ExportApprove),
        routes!(export_decide),
    )
    .op(
        Access::Needs(Permission::CustomerExport),
        routes!(export_withdraw),
    )
    .op(
        Access::Needs(Permission::CustomerExport),
        routes!(export_file),
    )
    .op(Access::Needs(Permission::CustomerExport), receipts)
}

/// A code with its name.
#[derive(Serialize, ToSchema)]
pub struct ExportPurpose {
    code: String,
    name: String,
}

/// What an asker has to know.
#[derive(Serialize, ToSchema)]
pub struct ExportPolicy {
    purposes: Vec<ExportPurpose>,
    /// Masked lists of up to so many rows need no second person.
    free_rows: i64,
    /// Days a file is kept.
    keep_days: i32,
    /// Times a file may be taken.
    downloads: i64,
    /// Most rows of one export.
    rows_max: i64,
    /// Headers of the template of the bank's customer system.
    core_headers: Vec<String>,
}

/// One export.
#[derive(Serialize, ToSchema)]
pub struct ExportView {
    id: Uuid,
    unit_id: Uuid,
    unit_name: String,
    /// Printed on every page and row.
    mark: String,
    /// `customers` or `core`.
    kind: String,
    purpose: String,
    purpose_name: String,
    reason: String,
    full_values: bool,
    tag: Option<String>,
    tag_name: Option<String>,
    village_group_id: Option<Uuid>,
    /// `waiting`, `running`, `ready`, `rejected`, `withdrawn`, `failed` or `gone`.
    state: String,
    rows_wanted: i64,
    rows_written: i64,
    asked_by_name: String,
    asked_at: String,
    decided_by_name: Option<String>,
    decided_at: Option<String>,
    decision: String,
    file_name: String,
    downloads: i64,
    /// Last day the file is kept.
    keep_until: Option<String>,
    /// Did the caller ask for it? Only who asked takes the file; only others decide.
    own: bool,
    job_id: Option<Uuid>,
}

/// What is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExportBody {
    /// `customers` or `core`.
    kind: String,
    /// A code of the policy.
    purpose: String,
    /// Why; without names and numbers.
    reason: String,
    /// Values in full; always needs a second person.
    #[serde(default)]
    full_values: bool,
    /// A must-visit group.
    tag: Option<String>,
    /// A village group of the branch.
    village_group_id: Option<Uuid>,
}

/// A decision.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportDecision {
    grant: bool,
    /// Needed with a refusal.
    #[serde(default)]
    note: String,
}

/// The upload.
#[derive(ToSchema)]
#[allow(
    dead_code,
    reason = "describes the multipart body for the OpenAPI document"
)]
pub struct ReceiptUpload {
    /// The receipt of the bank's customer system, `.csv` or `.xlsx`.
    #[schema(format = Binary, value_type = String)]
    file: Vec<u8>,
}

/// A line that was not used.
#[derive(Serialize, ToSchema)]
pub struct ReceiptProblemView {
    row: u64,
    reason: String,
}

/// What a receipt said.
#[derive(Serialize, ToSchema)]
pub struct ReceiptView {
    accepted: i64,
    rejected: i64,
    renumbered: i64,
    /// Records of the export the receipt says nothing of.
    silent: i64,
    problems: Vec<ReceiptProblemView>,
}

async fn scope(
    state: &WebState,
    caller: &Caller,
    permission: Permission,
    unit: Uuid,
) -> Answer<UnitScope> {
    Ok(scope_of(&state.app, &caller.ctx, permission, unit.into()).await?)
}

async fn view(state: &WebState, caller: &Caller, e: Export) -> Answer<ExportView> {
    let policy = policy(&state.app).await?;
    let name = policy
        .purpose_name(&e.purpose)
        .unwrap_or(&e.purpose)
        .to_owned();
    let unit = unit_fetch(&state.app, e.unit_id).await?;
    let tag_name = e.wanted.tag.as_deref().map(|t| state.app.packs.tag_name(t));
    Ok(ExportView {
        id: e.id.uuid(),
        unit_id: e.unit_id.uuid(),
        unit_name: unit.name,
        mark: e.mark(),
        kind: e.kind.as_str().to_owned(),
        purpose_name: name,
        purpose: e.purpose,
        reason: e.reason,
        full_values: e.full_values,
        tag_name,
        tag: e.wanted.tag,
        village_group_id: e.wanted.village_group.map(VillageGroupId::uuid),
        state: e.state.as_str().to_owned(),
        rows_wanted: e.rows_wanted,
        rows_written: e.rows_written,
        asked_by_name: e.asked_by_name,
        asked_at: e.asked_at.to_string(),
        decided_by_name: e.decided_by_name,
        decided_at: e.decided_at.map(|t| t.to_string()),
        decision: e.decision,
        file_name: e.file_name,
        downloads: e.downloads,
        keep_until: e.keep_until.map(|d| d.to_string()),
        own: e.asked_by == caller.ctx.actor.user_id,
        job_id: e.job_id.map(|j| j.uuid()),
    })
}

/// Purposes and limits of exports.
#[utoipa::path(get, path = "/api/v1/export-policy", operation_id = "export_policy", responses((status = 200, body = ExportPolicy)))]
async fn export_policy(
    State(state): State<WebState>,
    _caller: Caller,
) -> Answer<Json<ExportPolicy>> {
    let p = policy(&state.app).await?;
    let purposes = p.purpose.into_iter().map(|p| ExportPurpose {
        code: p.code,
        name: p.zh,
    });
    Ok(Json(ExportPolicy {
        purposes: purposes.collect(),
        free_rows: p.rules.free_rows,
        keep_days: p.rules.keep_days,
        downloads: p.rules.downloads,
        rows_max: p.rules.rows_max,
        core_headers: p.core.column.into_iter().map(|c| c.header).collect(),
    }))
}

/// Which exports.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// Of this unit and what is below; everything the caller may see when absent.
    unit_id: Option<Uuid>,
    /// Rows wanted, 1…200; 50 when absent.
    limit: Option<u32>,
    /// Cursor of the page before.
    after: Option<String>,
}

/// Exports, newest first.
#[utoipa::path(get, path = "/api/v1/exports", operation_id = "export_list", params(ExportQuery), responses((status = 200, body = Page<ExportView>)))]
async fn export_list(
    State(state): State<WebState>,
    caller: Caller,
    Query(query): Query<ExportQuery>,
) -> Answer<Json<Page<ExportView>>> {
    let below = match query.unit_id {
        Some(unit) => Some(scope(&state, &caller, Permission::PrivacyRead, unit).await?),
        None => None,
    };
    let page = PageQuery {
        limit: query.limit,
        after: query.after,
    };
    let before: Option<(i64, ExportId)> = page.key()?;
    let before = before.map(|(at, id)| (Timestamp(at), id));
    let rows =
        service::export_list(&state.app, &caller.ctx, below.as_ref(), before, page.rows()).await?;
    let next = rows
        .last()
        .filter(|_| rows.len() as i64 >= page.rows())
        .map(|e| zf_web::page::cursor(&(e.asked_at.0, e.id)));
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(view(&state, &caller, row).await?);
    }
    Ok(Json(Page { items, next }))
}

/// One export.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/exports/{export_id}", operation_id = "export_get", params(("unit_id" = Uuid, Path), ("export_id" = Uuid, Path)), responses((status = 200, body = ExportView)))]
async fn export_get(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
) -> Answer<Json<ExportView>> {
    let scope = scope(&state, &caller, Permission::PrivacyRead, unit_id).await?;
    let e = service::export_fetch(&state.app, scope.unit_id(), id.into()).await?;
    Ok(Json(view(&state, &caller, e).await?))
}

/// Asks for an export; a small masked one is written at once, any other waits for somebody else.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/exports", operation_id = "export_create", params(("unit_id" = Uuid, Path)), request_body = NewExportBody, responses((status = 202, body = ExportView)))]
async fn export_create(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Body(body): Body<NewExportBody>,
) -> Answer<(StatusCode, Json<ExportView>)> {
    let scope = scope(&state, &caller, Permission::CustomerExport, unit_id).await?;
    let kind: Kind = body
        .kind
        .parse()
        .map_err(|()| Problem::field("kind", "field.not_in_list"))?;
    let new = NewExport {
        kind,
        purpose: body.purpose,
        reason: body.reason,
        full_values: body.full_values,
        wanted: Wanted {
            tag: body.tag,
            village_group: body.village_group_id.map(VillageGroupId),
        },
    };
    let e = service::export_ask(&state.app, &caller.ctx, &scope, &new).await?;
    Ok((StatusCode::ACCEPTED, Json(view(&state, &caller, e).await?)))
}

/// Grants or rejects an export that somebody else has asked for.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/exports/{export_id}/decision", operation_id = "export_decide", params(("unit_id" = Uuid, Path), ("export_id" = Uuid, Path)), request_body = ExportDecision, responses((status = 200, body = ExportView)))]
async fn export_decide(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
    Body(body): Body<ExportDecision>,
) -> Answer<Json<ExportView>> {
    let scope = scope(&state, &caller, Permission::ExportApprove, unit_id).await?;
    let (app, ctx) = (&state.app, &caller.ctx);
    let e = service::export_decide(app, ctx, &scope, id.into(), body.grant, &body.note).await?;
    Ok(Json(view(&state, &caller, e).await?))
}

/// Takes back what nobody has decided on yet.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/exports/{export_id}/withdraw", operation_id = "export_withdraw", params(("unit_id" = Uuid, Path), ("export_id" = Uuid, Path)), responses((status = 200, body = ExportView)))]
async fn export_withdraw(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
) -> Answer<Json<ExportView>> {
    let scope = scope(&state, &caller, Permission::CustomerExport, unit_id).await?;
    let e = service::export_withdraw(&state.app, &caller.ctx, &scope, id.into()).await?;
    Ok(Json(view(&state, &caller, e).await?))
}

/// The file, for who asked; counted.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/exports/{export_id}/file", operation_id = "export_file", params(("unit_id" = Uuid, Path), ("export_id" = Uuid, Path)), responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream")))]
async fn export_file(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
) -> Answer<Download> {
    let scope = scope(&state, &caller, Permission::CustomerExport, unit_id).await?;
    let (e, bytes) = service::export_take(&state.app, &caller.ctx, &scope, id.into()).await?;
    Ok(download(&e.file_name, bytes))
}

/// Takes the receipt of the bank's customer system for an export in its template.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/exports/{export_id}/receipts", operation_id = "export_receipts", params(("unit_id" = Uuid, Path), ("export_id" = Uuid, Path)), request_body(content = ReceiptUpload, content_type = "multipart/form-data"), responses((status = 200, body = ReceiptView)))]
async fn export_receipts(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
    mut form: Multipart,
) -> Answer<Json<ReceiptView>> {
    let scope = scope(&state, &caller, Permission::CustomerExport, unit_id).await?;
    let export = service::export_fetch(&state.app, scope.unit_id(), id.into()).await?;
    let malformed = |_| Problem::new(ErrorCode::INPUT_MALFORMED);
    let mut file = None;
    while let Some(field) = form.next_field().await.map_err(malformed)? {
        if field.name() == Some("file") {
            let name = field.file_name().unwrap_or("file").to_owned();
            let bytes = field
                .bytes()
                .await
                .map_err(|_| Problem::new(ErrorCode::IMPORT_TOO_LARGE))?;
            file = Some((name, bytes.to_vec()));
        }
    }
    let (name, bytes) = file.ok_or_else(|| Problem::field("file", "field.required"))?;
    let r = receipt_take(&state.app, &caller.ctx, &scope, &export, &name, bytes).await?;
    let problems = r.problems.into_iter().map(|p| ReceiptProblemView {
        row: p.row,
        reason: p.reason,
    });
    Ok(Json(ReceiptView {
        accepted: r.accepted,
        rejected: r.rejected,
        renumbered: r.renumbered,
        silent: r.silent,
        problems: problems.collect(),
    }))
}
