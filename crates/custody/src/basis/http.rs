//! HTTP of lawful bases: list, propose, decide; and the channels there are,
//! with what is off. Which unit is asked here, the rules are in the service.
//! The text of the evidence leaves with its numbers starred.

use super::service::{self, NewBasis};
use super::state::Step;
use super::{Basis, State};
use axum::Json;
use axum::extract::{Path, Query, State as From};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::mask::{FreeNote, Kind as _};
use zf_base::{BasisId, Day, Timestamp, UnitId};
use zf_kernel::Permission;
use zf_kernel::unit::service::{scope_of, unit_fetch};
use zf_network::customer::source::{Channels, tag_source};
use zf_web::{Access, Answer, Api, Body, Caller, Page, PageQuery, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let read = Access::Needs(Permission::PrivacyRead);
    api.op(read, routes!(source_list))
        .op(read, routes!(basis_list))
        .op(
            Access::Needs(Permission::PrivacyWrite),
            routes!(basis_propose),
        )
        .op(
            Access::Needs(Permission::PrivacyApprove),
            routes!(basis_decide),
        )
        .op(
            Access::Needs(Permission::PrivacyWrite),
            routes!(basis_withdraw),
        )
}

/// A channel or a tag that can be the source of records.
#[derive(Serialize, ToSchema)]
pub struct SourceView {
    /// Channel, or `tag:` and a tag.
    id: String,
    /// Name given by the pack; empty for the built-in ones.
    title: String,
    /// Off until a lawful basis is approved.
    needs_basis: bool,
}

/// What there is to choose from.
#[derive(Serialize, ToSchema)]
pub struct SourcesView {
    version: i64,
    sources: Vec<SourceView>,
    /// Codes of articles of law.
    laws: Vec<String>,
    /// Codes of purposes.
    purposes: Vec<String>,
}

/// Channels and tags, and what a lawful basis may say.
#[utoipa::path(get, path = "/api/v1/sources", operation_id = "source_list", responses((status = 200, body = SourcesView)))]
async fn source_list(From(state): From<WebState>, _caller: Caller) -> Answer<Json<SourcesView>> {
    let channels = Channels::of(&state.app)?;
    let tags = channels.tags_off.iter().map(|tag| SourceView {
        id: tag_source(tag),
        title: state.app.packs.tag_name(tag),
        needs_basis: true,
    });
    let tags: Vec<SourceView> = tags.collect();
    let of = channels.channels.into_iter().map(|c| SourceView {
        id: c.id,
        title: c.title,
        needs_basis: c.needs_basis,
    });
    Ok(Json(SourcesView {
        version: channels.version,
        sources: of.chain(tags).collect(),
        laws: channels.laws,
        purposes: channels.purposes,
    }))
}

/// Somebody has agreed.
#[derive(Serialize, ToSchema)]
pub struct BasisVoteView {
    user_name: String,
    at: String,
}

/// 合法来源记录.
#[derive(Serialize, ToSchema)]
pub struct BasisView {
    id: Uuid,
    unit_id: Uuid,
    unit_name: String,
    source: String,
    title: String,
    law: String,
    purpose: String,
    expires_day: String,
    /// Runs of digits are starred.
    evidence: String,
    /// `proposed`, `approved`, `rejected`, `withdrawn` or `expired`.
    state: String,
    state_reason: String,
    made_by_name: String,
    made_at: String,
    state_by_name: String,
    state_at: String,
    votes: Vec<BasisVoteView>,
    /// The caller has proposed it.
    mine: bool,
    /// The caller has agreed.
    agreed: bool,
}

async fn view(state: &WebState, caller: &Caller, b: Basis) -> Answer<BasisView> {
    let expired = b.state == State::Approved && b.expires_day < caller.ctx.today();
    let me = caller.ctx.actor.user_id;
    Ok(BasisView {
        id: b.id.uuid(),
        unit_id: b.unit_id.uuid(),
        unit_name: unit_fetch(&state.app, b.unit_id).await?.name,
        source: b.source,
        title: b.title,
        law: b.law,
        purpose: b.purpose,
        expires_day: b.expires_day.to_string(),
        // A phone in it is nobody's business here.
        evidence: FreeNote::mask(&b.evidence),
        state: match expired {
            true => "expired".to_owned(),
            false => b.state.as_str().to_owned(),
        },
        state_reason: b.state_reason,
        mine: b.made_by == me,
        agreed: b.votes.iter().any(|v| v.user_id == me),
        made_by_name: b.made_by_name,
        made_at: b.made_at.to_string(),
        state_by_name: b.state_by_name,
        state_at: b.state_at.to_string(),
        votes: b
            .votes
            .into_iter()
            .map(|v| BasisVoteView {
                user_name: v.user_name,
                at: v.at.to_string(),
            })
            .collect(),
    })
}

/// Lawful bases, newest first.
#[utoipa::path(get, path = "/api/v1/bases", operation_id = "basis_list", params(PageQuery), responses((status = 200, body = Page<BasisView>)))]
async fn basis_list(
    From(state): From<WebState>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> Answer<Json<Page<BasisView>>> {
    let after: Option<(i64, Uuid)> = page.key()?;
    let after = after.map(|(at, id)| (Timestamp(at), BasisId(id)));
    let rows = service::list(&state.app, &caller.ctx, after, page.rows()).await?;
    let next = rows
        .last()
        .filter(|_| rows.len() as i64 >= page.rows())
        .map(|b| zf_web::page::cursor(&(b.made_at.0, b.id.uuid())));
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(view(&state, &caller, row).await?);
    }
    Ok(Json(Page { items, next }))
}

/// A proposal.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BasisBody {
    /// A channel or `tag:` and a tag of `/sources`.
    source: String,
    /// A few words without personal data.
    title: String,
    /// Code of the article of law.
    law: String,
    /// Code of the purpose.
    purpose: String,
    /// Last day, `YYYY-MM-DD`.
    expires_day: String,
    /// Text of the evidence; kept sealed.
    evidence: String,
}

/// Proposes a lawful basis for a unit and everything below it.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/bases", operation_id = "basis_propose", params(("unit_id" = Uuid, Path)), request_body = BasisBody, responses((status = 201, body = BasisView)))]
async fn basis_propose(
    From(state): From<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Body(body): Body<BasisBody>,
) -> Answer<(StatusCode, Json<BasisView>)> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::PrivacyWrite, UnitId(unit_id)).await?;
    let expires_day: Day = body
        .expires_day
        .trim()
        .parse()
        .map_err(|_| Problem::field("expires_day", "field.day"))?;
    let new = NewBasis {
        source: body.source,
        title: body.title,
        law: body.law,
        purpose: body.purpose,
        expires_day,
        evidence: body.evidence,
    };
    let basis = service::propose(app, ctx, &scope, &new).await?;
    let view = view(&state, &caller, basis).await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// A decision.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BasisDecision {
    /// `approve` or `reject`.
    decision: String,
    /// Why not; needed for a rejection.
    #[serde(default)]
    reason: String,
}

/// Agrees to a lawful basis of somebody else, or rejects it.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/bases/{basis_id}/decision", operation_id = "basis_decide", params(("unit_id" = Uuid, Path), ("basis_id" = Uuid, Path)), request_body = BasisDecision, responses((status = 200, body = BasisView)))]
async fn basis_decide(
    From(state): From<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
    Body(body): Body<BasisDecision>,
) -> Answer<Json<BasisView>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::PrivacyApprove, UnitId(unit_id)).await?;
    let step = match body.decision.as_str() {
        "approve" => Step::Approve,
        "reject" => Step::Reject,
        _ => return Err(Problem::field("decision", "field.not_in_list")),
    };
    let basis = service::decide(app, ctx, &scope, BasisId(id), step, &body.reason).await?;
    Ok(Json(view(&state, &caller, basis).await?))
}

/// Why it is taken back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BasisWithdrawal {
    /// Why; without personal data.
    reason: String,
}

/// Takes a lawful basis back; from then on imports refuse the channel or tag.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/bases/{basis_id}/withdraw", operation_id = "basis_withdraw", params(("unit_id" = Uuid, Path), ("basis_id" = Uuid, Path)), request_body = BasisWithdrawal, responses((status = 200, body = BasisView)))]
async fn basis_withdraw(
    From(state): From<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
    Body(body): Body<BasisWithdrawal>,
) -> Answer<Json<BasisView>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::PrivacyWrite, UnitId(unit_id)).await?;
    let step = Step::Withdraw;
    let basis = service::decide(app, ctx, &scope, BasisId(id), step, &body.reason).await?;
    Ok(Json(view(&state, &caller, basis).await?))
}
