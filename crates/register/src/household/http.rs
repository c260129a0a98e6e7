//! HTTP of households: start proposing, list, decide and take back, the
//! counters, and moves by hand. Names leave masked. Which branch is asked
//! here, the rules are in `decide` and `moves`.

use super::decide::{self, Decision, Outcome};
use super::moves::{self, Change};
use super::preset::Preset;
use super::read::{self, Counts, Shown};
use super::view::{HouseholdMember, Viewer};
use super::{run, words};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::{CustomerId, HouseholdId, ProposalId, limits};
use zf_kernel::job::{NewJob, service::job_enqueue};
use zf_kernel::unit::service::scope_of;
use zf_kernel::{Permission, UnitScope};
use zf_network::customer::http::Named;
use zf_web::{Access, Answer, Api, Body, Caller, Page, PageQuery, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let decides = Access::Needs(Permission::CustomerMerge);
    let reads = Access::Needs(Permission::CustomerRead);
    let writes = Access::Needs(Permission::CustomerWrite);
    api.op(decides, routes!(household_propose))
        .op(reads, routes!(household_proposal_list))
        .op(decides, routes!(household_decide))
        .op(decides, routes!(household_undo))
        .op(reads, routes!(household_counts))
        .op(reads, routes!(household_list))
        .op(writes, routes!(household_create))
        .op(writes, routes!(household_join))
        .op(writes, routes!(household_update))
}

async fn scope(
    state: &WebState,
    caller: &Caller,
    permission: Permission,
    unit: Uuid,
) -> Answer<UnitScope> {
    Ok(scope_of(&state.app, &caller.ctx, permission, unit.into()).await?)
}

/// A job that was started; see `/jobs/{id}`.
#[derive(Serialize, ToSchema)]
pub struct HouseholdJob {
    /// Id of the job.
    id: Uuid,
    /// `ready`.
    state: String,
    /// Progress, in customers.
    done: i64,
    /// Of how many; 0 = not known yet.
    total: i64,
}

/// Proposes households for a branch in the background. Proposals somebody has
/// decided stay decided as long as they are about the same people.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/household-proposals", operation_id = "household_propose", params(("unit_id" = Uuid, Path)), responses((status = 202, body = HouseholdJob)))]
async fn household_propose(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
) -> Answer<(StatusCode, Json<HouseholdJob>)> {
    let scope = scope(&state, &caller, Permission::CustomerMerge, unit_id).await?;
    let unit = scope.unit_id();
    let job = NewJob::new(run::KIND, unit, json!({ "unit_id": unit })).once(unit);
    let job = job_enqueue(&state.app, &caller.ctx, &job).await?;
    let started = HouseholdJob {
        id: job.id.uuid(),
        state: job.state,
        done: job.done,
        total: job.total,
    };
    Ok((StatusCode::ACCEPTED, Json(started)))
}

/// Which proposals.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProposalQuery {
    /// `open` (also when absent), `accepted` or `rejected`.
    state: Option<String>,
    /// Rows wanted, 1…200; 50 when absent.
    limit: Option<u32>,
    /// Cursor of the page before.
    after: Option<String>,
}

/// A member of a proposed household.
#[derive(Serialize, ToSchema)]
pub struct ProposedMember {
    #[serde(flatten)]
    member: HouseholdMember,
    /// Already with others in the household they come from, by the number of it.
    household_no: String,
    /// Stayed where they were when the proposal was accepted.
    left_out: bool,
}

/// A proposed household.
#[derive(Serialize, ToSchema)]
pub struct HouseholdProposal {
    id: Uuid,
    /// `open`, `accepted` or `rejected`.
    state: String,
    /// How well the weakest member fits, 0…100.
    score: i64,
    /// Why, in words, strongest first; codes beside them.
    reasons: Vec<Named>,
    /// The head first.
    members: Vec<ProposedMember>,
    /// The household it became.
    household_id: Option<Uuid>,
    made_at: String,
    decided_at: Option<String>,
    decided_by: Option<String>,
}

fn view(state: &WebState, viewer: &Viewer, p: &Shown) -> HouseholdProposal {
    let reason = |r: &super::propose::Reason| Named {
        code: r.code.clone(),
        name: words::reason(r),
    };
    let members = p.members.iter().map(|m| ProposedMember {
        member: viewer.member(&state.app, &m.customer, Some(&m.relation)),
        household_no: m.customer.household_no.clone(),
        left_out: m.left_out,
    });
    HouseholdProposal {
        id: p.id.uuid(),
        state: p.state.clone(),
        score: p.score,
        reasons: p.reasons.iter().map(reason).collect(),
        members: members.collect(),
        household_id: p.household.map(HouseholdId::uuid),
        made_at: p.made_at.to_string(),
        decided_at: p.decided.as_ref().map(|(at, _)| at.to_string()),
        decided_by: p.decided.as_ref().map(|(_, who)| who.clone()),
    }
}

/// Proposals of a branch in a state, best first.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/household-proposals", operation_id = "household_proposal_list", params(("unit_id" = Uuid, Path), ProposalQuery), responses((status = 200, body = Page<HouseholdProposal>)))]
async fn household_proposal_list(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Query(query): Query<ProposalQuery>,
) -> Answer<Json<Page<HouseholdProposal>>> {
    let scope = scope(&state, &caller, Permission::CustomerRead, unit_id).await?;
    let wanted = query.state.as_deref().unwrap_or("open");
    if !["open", "accepted", "rejected"].contains(&wanted) {
        return Err(Problem::field("state", "field.not_in_list"));
    }
    let page = PageQuery {
        limit: query.limit,
        after: query.after,
    };
    let first = (i64::MAX, Uuid::nil());
    let (score, id): (i64, Uuid) = page.key()?.unwrap_or(first);
    let after = (score, ProposalId(id));
    let found = read::proposals(&state.app, &scope, wanted, after, page.rows()).await?;
    let viewer = Viewer::of(&state.app, &scope, caller.ctx.today()).await?;
    let items = found.iter().map(|p| view(&state, &viewer, p)).collect();
    Ok(Json(Page::new(
        items,
        page.rows(),
        |p: &HouseholdProposal| (p.score, p.id),
    )))
}

/// One decision.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HouseholdDecision {
    /// The proposal.
    id: Uuid,
    /// Accept, else reject.
    accept: bool,
    /// Members who stay where they are.
    #[serde(default)]
    leave_out: Vec<Uuid>,
    /// The head, when it is not the proposed one.
    head_id: Option<Uuid>,
}

/// A page of decisions.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HouseholdDecisions {
    /// Up to 200.
    decisions: Vec<HouseholdDecision>,
}

/// Proposals whose decision is taken back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HouseholdUndo {
    /// Up to 200.
    ids: Vec<Uuid>,
}

/// What became of one decision.
#[derive(Serialize, ToSchema)]
pub struct HouseholdOutcome {
    /// The proposal.
    id: Uuid,
    /// `done`, `decided` (by somebody else, or gone) or `changed` (members are elsewhere by now).
    outcome: String,
}

/// What became of the decisions, in their order, and the counters afterwards.
#[derive(Serialize, ToSchema)]
pub struct HouseholdOutcomes {
    items: Vec<HouseholdOutcome>,
    counts: HouseholdCounts,
}

fn page_of(n: usize, field: &str) -> Answer<()> {
    match n {
        0 => Err(Problem::field(field, "field.required")),
        n if n > limits::PAGE_ROWS_MAX as usize => Err(Problem::field(field, "field.range")),
        _ => Ok(()),
    }
}

async fn told(
    state: &WebState,
    scope: &UnitScope,
    ids: impl Iterator<Item = Uuid>,
    outcomes: Vec<Outcome>,
) -> Answer<Json<HouseholdOutcomes>> {
    let items = ids.zip(outcomes).map(|(id, o)| HouseholdOutcome {
        id,
        outcome: o.as_str().to_owned(),
    });
    Ok(Json(HouseholdOutcomes {
        items: items.collect(),
        counts: read::counts(&state.app, scope).await?.into(),
    }))
}

/// Accepts and rejects a page of proposals at once.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/household-proposals/decide", operation_id = "household_decide", params(("unit_id" = Uuid, Path)), request_body = HouseholdDecisions, responses((status = 200, body = HouseholdOutcomes)))]
async fn household_decide(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Body(body): Body<HouseholdDecisions>,
) -> Answer<Json<HouseholdOutcomes>> {
    let scope = scope(&state, &caller, Permission::CustomerMerge, unit_id).await?;
    page_of(body.decisions.len(), "decisions")?;
    let decisions: Vec<Decision> = body
        .decisions
        .iter()
        .map(|d| Decision {
            id: ProposalId(d.id),
            accept: d.accept,
            leave_out: d.leave_out.iter().map(|id| CustomerId(*id)).collect(),
            head: d.head_id.map(CustomerId),
        })
        .collect();
    let outcomes = decide::decide(&state.app, &caller.ctx, &scope, &decisions).await?;
    told(
        &state,
        &scope,
        body.decisions.iter().map(|d| d.id),
        outcomes,
    )
    .await
}

/// Takes decisions back: the members are where they were.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/household-proposals/undo", operation_id = "household_undo", params(("unit_id" = Uuid, Path)), request_body = HouseholdUndo, responses((status = 200, body = HouseholdOutcomes)))]
async fn household_undo(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Body(body): Body<HouseholdUndo>,
) -> Answer<Json<HouseholdOutcomes>> {
    let scope = scope(&state, &caller, Permission::CustomerMerge, unit_id).await?;
    page_of(body.ids.len(), "ids")?;
    let ids: Vec<ProposalId> = body.ids.iter().map(|id| ProposalId(*id)).collect();
    let outcomes = decide::undo(&state.app, &caller.ctx, &scope, &ids).await?;
    told(&state, &scope, body.ids.into_iter(), outcomes).await
}

/// Households, person records and proposals of a branch, each counted on its
/// own. `households_before` − `joined_households` = `households`, and
/// `alone_before` − `joined_people` = `alone`.
#[derive(Serialize, ToSchema)]
pub struct HouseholdCounts {
    /// Households with members.
    households: i64,
    /// Households nobody is in any more.
    households_empty: i64,
    /// Person records.
    records: i64,
    /// Person records with all four fields.
    records_valid: i64,
    /// People who are the only one of their household.
    alone: i64,
    /// Households before the accepted proposals.
    households_before: i64,
    /// Households the accepted proposals have emptied.
    joined_households: i64,
    /// People alone before the accepted proposals.
    alone_before: i64,
    /// People the accepted proposals have brought to others.
    joined_people: i64,
    /// Proposals made: open, accepted and rejected.
    proposed: i64,
    /// Nobody has decided.
    open: i64,
    /// Accepted.
    accepted: i64,
    /// Rejected.
    rejected: i64,
}

impl From<Counts> for HouseholdCounts {
    fn from(c: Counts) -> HouseholdCounts {
        HouseholdCounts {
            households: c.households,
            households_empty: c.empty,
            records: c.records,
            records_valid: c.valid,
            alone: c.alone,
            households_before: c.households + c.joined_households,
            joined_households: c.joined_households,
            alone_before: c.alone + c.joined_people,
            joined_people: c.joined_people,
            proposed: c.open + c.accepted + c.rejected,
            open: c.open,
            accepted: c.accepted,
            rejected: c.rejected,
        }
    }
}

/// The counters of a branch.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/households/counts", operation_id = "household_counts", params(("unit_id" = Uuid, Path)), responses((status = 200, body = HouseholdCounts)))]
async fn household_counts(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
) -> Answer<Json<HouseholdCounts>> {
    let scope = scope(&state, &caller, Permission::CustomerRead, unit_id).await?;
    Ok(Json(read::counts(&state.app, &scope).await?.into()))
}

/// Which households.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HouseholdQuery {
    /// Only households with at least so many members; 1 when absent.
    members: Option<i64>,
    /// Rows wanted, 1…200; 50 when absent.
    limit: Option<u32>,
    /// Cursor of the page before.
    after: Option<String>,
}

/// A household in a list.
#[derive(Serialize, ToSchema)]
pub struct HouseholdLine {
    id: Uuid,
    household_no: String,
    village_group_name: Option<String>,
    /// The head, else the first member; masked.
    head_name_masked: Option<String>,
    members: i64,
}

/// Households of a branch by number; empty ones are not among them.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/households", operation_id = "household_list", params(("unit_id" = Uuid, Path), HouseholdQuery), responses((status = 200, body = Page<HouseholdLine>)))]
async fn household_list(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Query(query): Query<HouseholdQuery>,
) -> Answer<Json<Page<HouseholdLine>>> {
    let scope = scope(&state, &caller, Permission::CustomerRead, unit_id).await?;
    let page = PageQuery {
        limit: query.limit,
        after: query.after,
    };
    let after: String = page.key()?.unwrap_or_default();
    let least = query.members.unwrap_or(1);
    let found = read::list(&state.app, &scope, least, &after, page.rows()).await?;
    let viewer = Viewer::of(&state.app, &scope, caller.ctx.today()).await?;
    let line = |h: &read::Listed| HouseholdLine {
        id: h.id.uuid(),
        household_no: h.no.clone(),
        village_group_name: viewer.group(h.group),
        head_name_masked: h.head.as_ref().map(|c| c.name.masked()),
        members: h.members,
    };
    let items = found.iter().map(line).collect();
    Ok(Json(Page::new(items, page.rows(), |h: &HouseholdLine| {
        h.household_no.clone()
    })))
}

/// Customers who become a household.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHousehold {
    /// The first is the head. One alone leaves the household they are in.
    customer_ids: Vec<Uuid>,
}

/// A household.
#[derive(Serialize, ToSchema)]
pub struct HouseholdRef {
    id: Uuid,
}

/// Makes a household of some customers of the branch, or takes one out of theirs.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/households", operation_id = "household_create", params(("unit_id" = Uuid, Path)), request_body = NewHousehold, responses((status = 201, body = HouseholdRef)))]
async fn household_create(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Body(body): Body<NewHousehold>,
) -> Answer<(StatusCode, Json<HouseholdRef>)> {
    let scope = scope(&state, &caller, Permission::CustomerWrite, unit_id).await?;
    at_most(body.customer_ids.len())?;
    let who: Vec<CustomerId> = body.customer_ids.into_iter().map(CustomerId).collect();
    let id = moves::split(&state.app, &caller.ctx, &scope, &who).await?;
    Ok((StatusCode::CREATED, Json(HouseholdRef { id: id.uuid() })))
}

fn at_most(n: usize) -> Answer<()> {
    match n {
        0 => Err(Problem::field("customer_ids", "field.required")),
        n if n > Preset::get()?.bounds.members_max => {
            Err(Problem::field("customer_ids", "field.range"))
        }
        _ => Ok(()),
    }
}

/// Customers who move into a household.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JoiningMembers {
    customer_ids: Vec<Uuid>,
    /// Their relation to the head, when it is known.
    relation: Option<String>,
}

/// Moves customers of the branch into a household.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/households/{household_id}/members", operation_id = "household_join", params(("unit_id" = Uuid, Path), ("household_id" = Uuid, Path)), request_body = JoiningMembers, responses((status = 200, body = HouseholdRef)))]
async fn household_join(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, household_id)): Path<(Uuid, Uuid)>,
    Body(body): Body<JoiningMembers>,
) -> Answer<Json<HouseholdRef>> {
    let scope = scope(&state, &caller, Permission::CustomerWrite, unit_id).await?;
    at_most(body.customer_ids.len())?;
    let who: Vec<CustomerId> = body.customer_ids.into_iter().map(CustomerId).collect();
    let into = HouseholdId(household_id);
    let relation = body.relation.as_deref();
    moves::join(&state.app, &caller.ctx, &scope, into, &who, relation).await?;
    Ok(Json(HouseholdRef { id: household_id }))
}

/// What to change; absent = stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HouseholdFields {
    /// The head; must be a member.
    head_id: Option<Uuid>,
    /// `rural`, `urban`, or empty for "as the branch".
    market_kind: Option<String>,
    /// Codes of relations by customer.
    #[serde(default)]
    relations: BTreeMap<Uuid, String>,
}

/// Changes the head, the kind of market, or relations.
#[utoipa::path(patch, path = "/api/v1/units/{unit_id}/households/{household_id}", operation_id = "household_update", params(("unit_id" = Uuid, Path), ("household_id" = Uuid, Path)), request_body = HouseholdFields, responses((status = 200, body = HouseholdRef)))]
async fn household_update(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, household_id)): Path<(Uuid, Uuid)>,
    Body(body): Body<HouseholdFields>,
) -> Answer<Json<HouseholdRef>> {
    let scope = scope(&state, &caller, Permission::CustomerWrite, unit_id).await?;
    let relations = body.relations.into_iter();
    let change = Change {
        head: body.head_id.map(CustomerId),
        market: body.market_kind,
        relations: relations.map(|(id, code)| (CustomerId(id), code)).collect(),
    };
    moves::change(
        &state.app,
        &caller.ctx,
        &scope,
        HouseholdId(household_id),
        &change,
    )
    .await?;
    Ok(Json(HouseholdRef { id: household_id }))
}
