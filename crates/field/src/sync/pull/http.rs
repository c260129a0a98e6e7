//! HTTP of pull: finds the phone, asks the core, gives the lease. A revoked
//! phone gets nothing, and so does one that is somebody else's.
//! Knows nothing of what a phone carries.

use super::{Ask, Item, PULL_ROWS_DEFAULT, PULL_ROWS_MAX, Page, pull};
use crate::device::parameters::phone_rules;
use crate::device::service::{device_find, lease};
use crate::device::{Device, Outbox};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json_;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::DeviceId;
use zf_base::code::ErrorCode;
use zf_kernel::unit::service::scope_of;
use zf_kernel::{App, Ctx, Permission};
use zf_web::page::cursor;
use zf_web::{Access, Answer, Api, Body, Caller, PageQuery, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(Access::Needs(Permission::VisitWrite), routes!(sync_pull))
}

/// What a phone has, and asks for.
#[derive(Deserialize, ToSchema)]
pub struct PullBody {
    device_id: Uuid,
    /// Last number taken in, by branch.
    #[serde(default)]
    cursors: BTreeMap<Uuid, i64>,
    /// Of the last pull; none for a first one.
    #[serde(default)]
    scope_epoch: Option<String>,
    /// Items wanted, 1…500.
    #[serde(default)]
    limit: Option<usize>,
    /// `next` of the page before.
    #[serde(default)]
    after: Option<String>,
    /// What the phone still holds.
    #[serde(default)]
    outbox: Option<Outbox>,
}

/// Where the feed of a branch stands.
#[derive(Serialize, ToSchema)]
pub struct PullUnit {
    unit_id: Uuid,
    /// To be sent with the next pull, once all items are stored.
    cursor: i64,
}

/// One entity.
#[derive(Serialize, ToSchema)]
pub struct PullItem {
    /// `program`, `form`, `stop`, `household`, `village_group`, `visit`.
    kind: String,
    id: String,
    unit_id: Uuid,
    rev: i64,
    /// `put` or `gone`.
    op: String,
    #[schema(value_type = Option<Object>)]
    data: Option<Json_>,
}

/// What a phone is given.
#[derive(Serialize, ToSchema)]
pub struct PullView {
    /// Our clock.
    server_time: String,
    /// Digest of what may be seen; the pages of a snapshot have the same one.
    scope_epoch: String,
    units: Vec<PullUnit>,
    /// Everything anew: replaces what the phone has when the last page is in.
    snapshot: bool,
    next: Option<String>,
    items: Vec<PullItem>,
    lease_until: String,
    lease_hours: i64,
    /// Oldest version of the phone's program that is served.
    min_client: i64,
}

async fn phone(app: &App, ctx: &Ctx, id: DeviceId) -> Answer<Device> {
    let found = device_find(app, id).await?;
    let own = found.filter(|d| d.is_phone_of(ctx.actor.user_id));
    let own = own.ok_or_else(|| Problem::new(ErrorCode::DEVICE_UNKNOWN))?;
    if !own.is_active() {
        return Err(Problem::new(ErrorCode::DEVICE_REVOKED));
    }
    Ok(own)
}

/// A page that we did not give out begins anew: nothing is lost by that.
fn page(after: Option<String>) -> Option<Page> {
    let query = PageQuery { limit: None, after };
    query.key().ok().flatten()
}

fn item(unit: Uuid, i: Item) -> PullItem {
    let op = if i.data.is_some() { "put" } else { "gone" };
    PullItem {
        kind: i.kind.to_owned(),
        id: i.id,
        unit_id: unit,
        rev: i.rev,
        op: op.to_owned(),
        data: i.data,
    }
}

/// Fetches what the phone may carry now.
#[utoipa::path(post, path = "/api/v1/sync/pull", operation_id = "sync_pull", request_body = PullBody,
    responses((status = 200, body = PullView)))]
async fn sync_pull(
    State(state): State<WebState>,
    caller: Caller,
    Body(body): Body<PullBody>,
) -> Answer<Json<PullView>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let mut device = phone(app, ctx, body.device_id.into()).await?;
    if let Some(outbox) = body.outbox {
        device.outbox = outbox;
    }
    let rules = phone_rules(app).await?;
    // Somebody who may do nothing there any more sees nothing there.
    let scope = match scope_of(app, ctx, Permission::VisitWrite, device.unit_id).await {
        Err(e) if e.code() == Some(ErrorCode::NOT_FOUND.code) => None,
        other => Some(other?),
    };
    let unit = device.unit_id.uuid();
    let ask = Ask {
        cursor: body.cursors.get(&unit).copied(),
        scope_epoch: body.scope_epoch,
        limit: body
            .limit
            .unwrap_or(PULL_ROWS_DEFAULT)
            .clamp(1, PULL_ROWS_MAX),
        after: page(body.after),
    };
    let given = pull(app, ctx, scope.as_ref(), &device, &rules, &ask).await?;
    lease(app, ctx, &device, given.lease_until).await?;
    Ok(Json(PullView {
        server_time: ctx.now.to_string(),
        scope_epoch: given.scope_epoch,
        units: vec![PullUnit {
            unit_id: unit,
            cursor: given.cursor,
        }],
        snapshot: given.snapshot,
        next: given.next.as_ref().map(cursor),
        items: given.items.into_iter().map(|i| item(unit, i)).collect(),
        lease_until: given.lease_until.to_string(),
        lease_hours: rules.lease_hours,
        min_client: rules.min_client,
    }))
}
