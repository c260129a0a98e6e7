//! HTTP of sync: the push of a batch. Finds the device, calls the core, answers
//! after the commit. A device that is new is taken for the desk of whoever is
//! signed in; phones are enrolled.

use super::push::{own_id, push, read};
use super::{Answer as Said, BATCH_OPS_MAX, Op, Sender};
use crate::device::service::{desk_add, device_find};
use crate::device::{Outbox, PHONE};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json_;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::DeviceId;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::unit::service::scope_of;
use zf_kernel::{App, Ctx, Permission, UnitScope};
use zf_web::{Access, Answer, Api, Body, Caller, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(Access::Needs(Permission::VisitWrite), routes!(sync_push))
}

/// A batch of one branch. What a later version of the phone adds is not refused.
#[derive(Deserialize, ToSchema)]
pub struct PushBody {
    unit_id: Uuid,
    /// Made by the device once and kept.
    device_id: Uuid,
    /// At most 100, in the order they were written. One that cannot be read is
    /// kept aside and does not hold up the others.
    #[schema(value_type = Vec<Op>)]
    ops: Vec<Json_>,
    /// What the phone still holds.
    #[serde(default)]
    outbox: Option<Outbox>,
}

/// What became of one operation.
#[derive(Serialize, ToSchema)]
pub struct PushAnswer {
    op_id: Option<Uuid>,
    /// `applied`, `duplicate`, `review`, `quarantined`, `retry`. Only `retry`
    /// lets the device keep the operation.
    pub(crate) answer: String,
    /// Why it is kept aside.
    pub(crate) code: Option<String>,
    /// In a sentence.
    pub(crate) detail: Option<String>,
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

pub(crate) fn view(op_id: Option<Uuid>, said: &Said) -> PushAnswer {
    let mut v = PushAnswer {
        op_id,
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
        Said::Duplicate { first } => v = view(op_id, first),
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

/// The device of a batch; one that nobody knows is a desk.
async fn sender(app: &App, ctx: &Ctx, scope: &UnitScope, id: DeviceId) -> Result<Sender> {
    let mut found = device_find(app, id).await?;
    if found.is_none() {
        desk_add(app, ctx, scope.unit_id(), id).await?;
        found = device_find(app, id).await?;
    }
    let d = found.ok_or_else(|| KernelError::Internal("a device is gone".to_owned()))?;
    let own = d.user_id == ctx.actor.user_id && d.unit_id == scope.unit_id();
    Ok(Sender {
        device_id: id,
        via: if d.kind == PHONE { "phone" } else { "desk" },
        last_contact: Some(d.seen_at),
        revoked: !d.is_active() || !own,
        outbox: None,
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
    let mut sender = sender(app, ctx, &scope, body.device_id.into()).await?;
    sender.outbox = body.outbox;
    let ops: Vec<Op> = body.ops.iter().map(|op| read(app, ctx, op)).collect();
    let answers = push(app, ctx, &scope, &sender, &ops).await?;
    let sent = body.ops.iter().map(own_id);
    let items = sent.zip(&answers).map(|(id, a)| view(id, a));
    Ok(Json(PushView {
        server_time: ctx.now.to_string(),
        items: items.collect(),
    }))
}
