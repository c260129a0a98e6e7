//! HTTP of sync: the push of a batch. Finds the device, calls the core, answers
//! after the commit. A device that is new is taken for the desk of whoever is
//! signed in; phones are enrolled.

use super::push::push;
use super::store::*;
use super::{Answer as Said, BATCH_OPS_MAX, Op, Sender};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value as Value_;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::{DeviceId, Timestamp, UnitId, UserId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::unit::service::scope_of;
use zf_kernel::{App, Ctx, Permission, UnitScope};
use zf_store::params;
use zf_web::{Access, Answer, Api, Body, Caller, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(Access::Needs(Permission::VisitWrite), routes!(sync_push))
}

/// A batch of one branch.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PushBody {
    unit_id: Uuid,
    /// Made by the device once and kept.
    device_id: Uuid,
    /// At most 100, in the order they were written.
    #[schema(value_type = Vec<PushOp>)]
    ops: Vec<Value_>,
}

/// One operation. The shape is read leniently: what is not understood is kept.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the JSON for the API document")]
pub struct PushOp {
    /// Made by the device.
    op_id: Uuid,
    /// Counts the device's operations without gaps; 0 from a desk.
    client_seq: i64,
    /// `visit.submit`, `visit.amend`.
    kind: String,
    /// What it is about.
    entity_id: Uuid,
    /// Revision the device knew.
    base_rev: Option<i64>,
    /// Version of the payload's shape.
    schema_ver: i64,
    /// Clock of the device.
    device_time: String,
    /// Milliseconds since the device last heard from us.
    since_contact_ms: Option<i64>,
    /// Depends on the kind.
    #[schema(value_type = Object)]
    payload: Value_,
}

/// What became of one operation.
#[derive(Serialize, ToSchema)]
pub struct PushAnswer {
    op_id: Option<Uuid>,
    /// `applied`, `duplicate`, `review`, `quarantined`, `retry`. Only `retry`
    /// lets the device keep the operation.
    answer: String,
    /// Why it is kept aside.
    code: Option<String>,
    /// In a sentence.
    detail: Option<String>,
    rev: Option<i64>,
    seq: Option<i64>,
    review_id: Option<Uuid>,
    after_ms: Option<i64>,
}

/// Answers in the order of the operations.
#[derive(Serialize, ToSchema)]
pub struct PushView {
    /// Our clock.
    server_time: String,
    items: Vec<PushAnswer>,
}

fn view(op: Option<&Op>, said: &Said) -> PushAnswer {
    let mut v = PushAnswer {
        op_id: op.map(|o| o.op_id.uuid()),
        answer: String::new(),
        code: None,
        detail: None,
        rev: None,
        seq: None,
        review_id: None,
        after_ms: None,
    };
    match said {
        Said::Applied { rev, seq } => (v.rev, v.seq) = (Some(*rev), Some(*seq)),
        Said::Duplicate { first } => v = view(op, first),
        Said::Review {
            review_id,
            rev,
            seq,
        } => {
            (v.rev, v.seq, v.review_id) = (Some(*rev), Some(*seq), Some(review_id.uuid()));
        }
        Said::Quarantined { code } => {
            v.detail = Some(crate::words::quarantine_reason(code).to_owned());
            v.code = Some(code.clone());
        }
        Said::Retry { after_ms } => v.after_ms = Some(*after_ms),
    }
    v.answer = said.name().to_owned();
    v
}

struct Device {
    unit_id: UnitId,
    user_id: UserId,
    kind: String,
    state: String,
    seen_at: Timestamp,
}

async fn device(app: &App, id: DeviceId) -> Result<Option<Device>> {
    let rows = app.db.query(DEVICE, params![id]).await?;
    rows.first()
        .map(|r| {
            Ok(Device {
                unit_id: r.get(1)?,
                user_id: r.get(2)?,
                kind: r.get(3)?,
                state: r.get(4)?,
                seen_at: r.get(5)?,
            })
        })
        .transpose()
}

/// The device of a batch; one that nobody knows is a desk.
async fn sender(app: &App, ctx: &Ctx, scope: &UnitScope, id: DeviceId) -> Result<Sender> {
    if device(app, id).await?.is_none() {
        let name = ctx.actor.name.as_str();
        let row = params![
            id,
            scope.unit_id(),
            ctx.actor.user_id,
            "desk",
            name,
            ctx.now
        ];
        app.db.exec(DEVICE_ADD, row).await?;
    }
    let lost = || KernelError::Internal("a device is gone".to_owned());
    let d = device(app, id).await?.ok_or_else(lost)?;
    let own = d.user_id == ctx.actor.user_id && d.unit_id == scope.unit_id();
    Ok(Sender {
        device_id: id,
        via: if d.kind == "phone" { "phone" } else { "desk" },
        last_contact: Some(d.seen_at),
        revoked: d.state != "active" || !own,
    })
}

/// Hands in a batch.
#[utoipa::path(post, path = "/api/v1/sync/push", operation_id = "sync_push", request_body = PushBody,
    responses((status = 200, body = PushView)))]
async fn sync_push(
    State(state): State<WebState>,
    caller: Caller,
    Body(body): Body<PushBody>,
) -> Answer<Json<PushView>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::VisitWrite, body.unit_id.into()).await?;
    if body.ops.len() > BATCH_OPS_MAX {
        return Err(KernelError::field("ops", "field.too_long").into());
    }
    let sender = sender(app, ctx, &scope, body.device_id.into()).await?;
    let ops: std::result::Result<Vec<Op>, _> =
        body.ops.into_iter().map(serde_json::from_value).collect();
    let ops = ops.map_err(|_| KernelError::field("ops", "field.shape"))?;
    let answers = push(app, ctx, &scope, &sender, &ops).await?;
    let items = ops.iter().zip(&answers).map(|(op, a)| view(Some(op), a));
    Ok(Json(PushView {
        server_time: ctx.now.to_string(),
        items: items.collect(),
    }))
}
