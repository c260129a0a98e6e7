//! HTTP of must-visit groups: the list with figures, versions and drafts of the
//! rules, the preview, and why a household is to be visited. Names leave
//! masked. What a rule means and who belongs is in the services.

use super::preview::{self, Preview};
use super::rules::{self, RuleInput};
use super::{InForce, RuleVersion, members, reasons, words};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::{HouseholdId, UnitId};
use zf_kernel::unit::service::{branches_of, scope_of, unit_subtree};
use zf_kernel::{Permission, UnitScope};
use zf_network::customer::source::{Channels, tags_off};
use zf_web::{Access, Answer, Api, Body, Caller, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(Access::Needs(Permission::GroupRead), routes!(group_list))
        .op(Access::Needs(Permission::GroupRead), routes!(group_preview))
        .op(
            Access::Needs(Permission::GroupRead),
            routes!(group_versions),
        )
        .op(Access::Needs(Permission::GroupWrite), routes!(group_draft))
        .op(
            Access::Needs(Permission::GroupWrite),
            routes!(group_draft_drop),
        )
        .op(
            Access::Needs(Permission::GroupWrite),
            routes!(group_publish),
        )
        .op(
            Access::Needs(Permission::CustomerRead),
            routes!(household_reasons),
        )
}

/// Which unit.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GroupQuery {
    /// Root of the subtree; absent = the caller's own.
    unit_id: Option<Uuid>,
}

/// A must-visit group with its figures.
#[derive(Serialize, ToSchema)]
pub struct GroupView {
    code: String,
    tag: String,
    name: String,
    /// Requirement IDs.
    req: Vec<String>,
    /// Not one of the ten.
    extra: bool,
    /// Lists of it need a lawful basis approved by two people.
    lawful_basis: bool,
    /// There is none now, so no list of it is taken.
    blocked: bool,
    /// The branch ticks it.
    on_tick_sheet: bool,
    priority: i64,
    /// CEL predicate; empty = by tag and tick only.
    when: String,
    /// The same read out loud.
    words: String,
    /// 0 = the pack's preset.
    version: i64,
    /// Unit whose rule holds; none = the pack's preset.
    rule_unit_name: Option<String>,
    published_at: Option<String>,
    published_by_name: Option<String>,
    /// This unit has a draft.
    has_draft: bool,
    households: i64,
    customers: i64,
    /// New within seven days; none while members are known for less than that.
    new_households: Option<i64>,
    /// Households that are in by a tick.
    ticked: i64,
    /// `312 户，比上周新增 40 户`.
    sentence: String,
}

/// Something a rule may read.
#[derive(Serialize, ToSchema)]
pub struct RuleVariable {
    name: String,
    title: String,
    /// Type in words.
    kind: String,
    /// Figure of the preset; none for what is known of a customer.
    value: Option<i64>,
}

/// Groups of a unit.
#[derive(Serialize, ToSchema)]
pub struct GroupList {
    unit_id: Uuid,
    unit_name: String,
    /// Rules may be changed here: the unit is above the branches.
    may_write: bool,
    items: Vec<GroupView>,
    variables: Vec<RuleVariable>,
}

async fn unit_of(
    state: &WebState,
    caller: &Caller,
    permission: Permission,
    id: Option<Uuid>,
) -> Answer<UnitScope> {
    let roots = caller.ctx.roots(permission);
    let own = roots.first().map(|(id, _)| *id);
    let unit = id.map(UnitId).or(own);
    let unit = unit.ok_or_else(|| Problem::new(zf_base::code::ErrorCode::NOT_FOUND))?;
    Ok(scope_of(&state.app, &caller.ctx, permission, unit).await?)
}

/// Titles of the figures by name.
fn titles(state: &WebState) -> BTreeMap<String, String> {
    let all = state.app.packs.iter().flat_map(|p| &p.parameters);
    all.filter_map(|p| {
        let name = p.key.strip_prefix("parameters.must_visit.")?;
        Some((name.to_owned(), p.title.zh.clone()))
    })
    .collect()
}

/// Must-visit groups with rules and figures.
#[utoipa::path(get, path = "/api/v1/groups", operation_id = "group_list", params(GroupQuery),
    responses((status = 200, body = GroupList)))]
async fn group_list(
    State(state): State<WebState>,
    caller: Caller,
    Query(query): Query<GroupQuery>,
) -> Answer<Json<GroupList>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = unit_of(&state, &caller, Permission::GroupRead, query.unit_id).await?;
    let unit = scope.unit();
    let rules = rules::in_force(app, unit).await?;
    let drafts = rules::rules_of(app, unit.id).await?;
    let off = tags_off(app, &Channels::of(app)?, unit, ctx.today()).await?;
    let figures = figures(&state, &caller, &scope).await?;
    let titles = titles(&state);
    let mut items = Vec::new();
    for group in &rules.must_visit.groups {
        let (count, new) = figures.get(&group.code).copied().unwrap_or_default();
        let from = rules.from.get(&group.code);
        let rule_unit = match from {
            Some(rule) => Some(zf_kernel::unit::service::unit_fetch(app, rule.unit_id).await?),
            None => None,
        };
        let when = group.when.clone().unwrap_or_default();
        let is_draft = |r: &&RuleVersion| r.code == group.code && r.state == rules::DRAFT;
        items.push(GroupView {
            code: group.code.clone(),
            tag: group.tag.clone(),
            name: group.name.zh.clone(),
            req: group.req.clone(),
            extra: group.extra,
            lawful_basis: group.lawful_basis,
            blocked: off.contains(&group.tag),
            on_tick_sheet: group.on_tick_sheet,
            priority: group.priority,
            words: words::rule(&when, &rules.figures, &titles),
            when,
            version: rules.version(&group.code),
            rule_unit_name: rule_unit.map(|u| u.name),
            published_at: from.and_then(|r| r.published_at).map(|t| t.to_string()),
            published_by_name: from.map(|r| r.published_by_name.clone()),
            has_draft: drafts.iter().any(|r| is_draft(&r)),
            households: count.households,
            customers: count.customers,
            new_households: new.then_some(count.new),
            ticked: count.ticked,
            sentence: words::sentence(count.households, new.then_some(count.new)),
        });
    }
    let may_write = ctx.may(Permission::GroupWrite)
        && unit.level != zf_kernel::unit::Level::Branch
        && ctx.scope(Permission::GroupWrite, unit).is_ok();
    Ok(Json(GroupList {
        unit_id: unit.id.uuid(),
        unit_name: unit.name.clone(),
        may_write,
        items,
        variables: variables(&rules, &titles),
    }))
}

/// Figures by group; and whether all branches are known for a week.
async fn figures(
    state: &WebState,
    caller: &Caller,
    scope: &UnitScope,
) -> Answer<BTreeMap<String, (members::Count, bool)>> {
    let (app, today) = (&state.app, caller.ctx.today());
    let units = unit_subtree(app, &scope.unit().path).await?;
    let by_unit = members::counts(app, today).await?;
    let known = members::refreshes(app).await?;
    let week_ago = today.plus_days(-members::NEW_DAYS);
    let mut sums: BTreeMap<String, (members::Count, bool)> = BTreeMap::new();
    for unit in &units {
        let old = known.get(&unit.id).is_some_and(|(d, _)| *d <= week_ago);
        for (code, count) in by_unit.get(&unit.id).into_iter().flatten() {
            let (sum, all_old) = sums
                .entry(code.clone())
                .or_insert((members::Count::default(), true));
            sum.households += count.households;
            sum.customers += count.customers;
            sum.new += count.new;
            sum.ticked += count.ticked;
            *all_old &= old;
        }
    }
    Ok(sums)
}

fn variables(rules: &InForce, titles: &BTreeMap<String, String>) -> Vec<RuleVariable> {
    let known = rules
        .must_visit
        .variables
        .iter()
        .map(|(name, ty)| RuleVariable {
            name: name.clone(),
            title: words::variable(name).to_owned(),
            kind: words::kind(*ty).to_owned(),
            value: None,
        });
    let figures = rules.figures.iter().map(|(name, value)| RuleVariable {
        name: name.clone(),
        title: titles.get(name).cloned().unwrap_or_else(|| name.clone()),
        kind: words::kind(zf_expr::Ty::Int).to_owned(),
        value: Some(*value),
    });
    known.chain(figures).collect()
}

/// A rule to be tried.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewBody {
    /// The group whose rule it is to become; absent = the rule alone.
    code: Option<String>,
    /// CEL predicate; empty = by tag and tick only.
    when: String,
    /// Root of the subtree; absent = the caller's own.
    unit_id: Option<Uuid>,
}

/// What is wrong with a rule.
#[derive(Serialize, ToSchema)]
pub struct RuleFault {
    message: String,
    /// From 1; none = the whole.
    line: Option<usize>,
    /// In characters, from 1.
    column: Option<usize>,
}

/// One branch of a preview.
#[derive(Serialize, ToSchema)]
pub struct PreviewBranch {
    unit_id: Uuid,
    unit_name: String,
    households: i64,
    customers: i64,
    new_households: Option<i64>,
    gained: i64,
    lost: i64,
}

/// A household of a preview.
#[derive(Serialize, ToSchema)]
pub struct PreviewSample {
    unit_id: Uuid,
    unit_name: String,
    household_id: Uuid,
    customer_id: Uuid,
    name_masked: String,
    village_group_name: Option<String>,
    why: String,
}

/// What a rule would do.
#[derive(Serialize, ToSchema)]
pub struct PreviewView {
    /// What is wrong with the rule; the rest is empty then.
    fault: Option<RuleFault>,
    /// The rule read out loud.
    words: String,
    sentence: String,
    households: i64,
    customers: i64,
    new_households: Option<i64>,
    /// Households that come in against the rule in force.
    gained: i64,
    /// Households that fall out against the rule in force.
    lost: i64,
    branches: Vec<PreviewBranch>,
    sample: Vec<PreviewSample>,
}

/// Tries a rule without storing anything.
#[utoipa::path(post, path = "/api/v1/groups/preview", operation_id = "group_preview", request_body = PreviewBody,
    responses((status = 200, body = PreviewView)))]
async fn group_preview(
    State(state): State<WebState>,
    caller: Caller,
    Body(body): Body<PreviewBody>,
) -> Answer<Json<PreviewView>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = unit_of(&state, &caller, Permission::GroupRead, body.unit_id).await?;
    let rules = rules::in_force(app, scope.unit()).await?;
    let known = |code: &String| rules.must_visit.groups.iter().any(|g| g.code == *code);
    if body.code.as_ref().is_some_and(|c| !known(c)) {
        return Err(Problem::field("code", "field.not_in_list"));
    }
    if let Some(fault) = preview::fault(&rules, &body.when) {
        return Ok(Json(faulty(fault)));
    }
    let branches = branches_of(app, &scope).await?;
    let found = preview::preview(app, ctx, &branches, body.code.as_deref(), &body.when).await?;
    let read = words::rule(&body.when, &rules.figures, &titles(&state));
    Ok(Json(preview_view(found, read)))
}

fn faulty(fault: preview::Fault) -> PreviewView {
    PreviewView {
        fault: Some(RuleFault {
            line: fault.position.map(|p| p.0),
            column: fault.position.map(|p| p.1),
            message: fault.message,
        }),
        words: String::new(),
        sentence: String::new(),
        households: 0,
        customers: 0,
        new_households: None,
        gained: 0,
        lost: 0,
        branches: vec![],
        sample: vec![],
    }
}

fn preview_view(found: Preview, read: String) -> PreviewView {
    let sum = |of: fn(&preview::BranchPreview) -> i64| found.branches.iter().map(of).sum::<i64>();
    let households = sum(|b| b.households);
    // A sum with an unknown part is unknown.
    let new: Option<i64> = found.branches.iter().map(|b| b.new).sum();
    PreviewView {
        fault: None,
        words: read,
        sentence: words::sentence(households, new),
        households,
        customers: sum(|b| b.customers),
        new_households: new,
        gained: sum(|b| b.gained),
        lost: sum(|b| b.lost),
        sample: found.sample.iter().map(sample_view).collect(),
        branches: found
            .branches
            .into_iter()
            .map(|b| PreviewBranch {
                unit_id: b.unit_id.uuid(),
                unit_name: b.name,
                households: b.households,
                customers: b.customers,
                new_households: b.new,
                gained: b.gained,
                lost: b.lost,
            })
            .collect(),
    }
}

fn sample_view(s: &preview::Sample) -> PreviewSample {
    PreviewSample {
        unit_id: s.unit_id.uuid(),
        unit_name: s.unit_name.clone(),
        household_id: s.household_id.uuid(),
        customer_id: s.customer_id.uuid(),
        name_masked: s.name.masked(),
        village_group_name: s.village_group.clone(),
        why: s.why.clone(),
    }
}

/// A piece of a difference.
#[derive(Serialize, ToSchema)]
pub struct DiffPiece {
    /// `same`, `added` or `removed`.
    kind: String,
    text: String,
}

/// A version of a rule.
#[derive(Serialize, ToSchema)]
pub struct RuleVersionView {
    /// 0 = the pack's preset.
    version: i64,
    /// `preset`, `draft`, `published` or `in_force`.
    state: String,
    when: String,
    words: String,
    priority: i64,
    on_tick_sheet: bool,
    note: String,
    /// Counts changes of the draft.
    rev: i64,
    made_at: Option<String>,
    made_by_name: Option<String>,
    published_at: Option<String>,
    published_by_name: Option<String>,
    /// What is different in the predicate from the version before.
    diff: Vec<DiffPiece>,
    /// Points of the version before, when they differ.
    priority_before: Option<i64>,
    /// Whether it was ticked in the version before, when that differs.
    on_tick_sheet_before: Option<bool>,
}

/// Versions of a rule in one unit, newest first.
#[derive(Serialize, ToSchema)]
pub struct RuleVersions {
    items: Vec<RuleVersionView>,
}

/// Versions of a group's rule in one unit.
#[utoipa::path(get, path = "/api/v1/groups/{code}/versions", operation_id = "group_versions",
    params(("code" = String, Path), GroupQuery), responses((status = 200, body = RuleVersions)))]
async fn group_versions(
    State(state): State<WebState>,
    caller: Caller,
    Path(code): Path<String>,
    Query(query): Query<GroupQuery>,
) -> Answer<Json<RuleVersions>> {
    let scope = unit_of(&state, &caller, Permission::GroupRead, query.unit_id).await?;
    let presets = rules::presets(&state.app);
    let missing = || Problem::new(zf_base::code::ErrorCode::NOT_FOUND);
    let preset = presets.must_visit.groups.iter().find(|g| g.code == code);
    let preset = preset.ok_or_else(missing)?;
    let mut stored = rules::rules_of(&state.app, scope.unit_id()).await?;
    stored.retain(|r| r.code == code);
    let in_force = stored.iter().find(|r| r.state == rules::PUBLISHED);
    let in_force = in_force.map_or(0, |r| r.version);
    let titles = titles(&state);
    let read = |when: &str| words::rule(when, &presets.figures, &titles);
    let base = preset.when.clone().unwrap_or_default();
    let mut before = (base.clone(), preset.priority, preset.on_tick_sheet);
    let mut items = vec![RuleVersionView {
        version: 0,
        state: if in_force == 0 { "in_force" } else { "preset" }.to_owned(),
        words: read(&base),
        when: base,
        priority: preset.priority,
        on_tick_sheet: preset.on_tick_sheet,
        note: String::new(),
        rev: 0,
        made_at: None,
        made_by_name: None,
        published_at: None,
        published_by_name: None,
        diff: vec![],
        priority_before: None,
        on_tick_sheet_before: None,
    }];
    for rule in stored.into_iter().rev() {
        let holds = rule.version == in_force;
        let next = (rule.when.clone(), rule.priority, rule.on_tick_sheet);
        let words = read(&rule.when);
        items.push(version_view(rule, holds, words, &before));
        before = next;
    }
    items.reverse();
    Ok(Json(RuleVersions { items }))
}

fn version_view(
    rule: RuleVersion,
    holds: bool,
    words: String,
    before: &(String, i64, bool),
) -> RuleVersionView {
    let pieces = super::diff::diff(&before.0, &rule.when);
    let piece = |(kind, text): (&str, String)| DiffPiece {
        kind: kind.to_owned(),
        text,
    };
    RuleVersionView {
        version: rule.version,
        state: if holds {
            "in_force".to_owned()
        } else {
            rule.state
        },
        words,
        diff: pieces.into_iter().map(piece).collect(),
        priority_before: (before.1 != rule.priority).then_some(before.1),
        on_tick_sheet_before: (before.2 != rule.on_tick_sheet).then_some(before.2),
        when: rule.when,
        priority: rule.priority,
        on_tick_sheet: rule.on_tick_sheet,
        note: rule.note,
        rev: rule.rev,
        made_at: Some(rule.made_at.to_string()),
        made_by_name: Some(rule.made_by_name),
        published_at: rule.published_at.map(|t| t.to_string()),
        published_by_name: Some(rule.published_by_name).filter(|n| !n.is_empty()),
    }
}

/// The next rule of a group.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftBody {
    /// CEL predicate; empty = by tag and tick only.
    when: String,
    /// Points, 0…1000.
    priority: i64,
    on_tick_sheet: bool,
    /// Why it is changed; read by everybody who may see groups.
    note: String,
    /// `rev` of the draft that was read; absent when there was none.
    rev: Option<i64>,
    /// The unit the rule belongs to; absent = the caller's own.
    unit_id: Option<Uuid>,
}

/// Writes the draft of a group's next rule.
#[utoipa::path(put, path = "/api/v1/groups/{code}/draft", operation_id = "group_draft", params(("code" = String, Path)),
    request_body = DraftBody, responses((status = 204)))]
async fn group_draft(
    State(state): State<WebState>,
    caller: Caller,
    Path(code): Path<String>,
    Body(body): Body<DraftBody>,
) -> Answer<StatusCode> {
    let scope = unit_of(&state, &caller, Permission::GroupWrite, body.unit_id).await?;
    let input = RuleInput {
        when: body.when,
        priority: body.priority,
        on_tick_sheet: body.on_tick_sheet,
        note: body.note,
        rev: body.rev,
    };
    rules::draft_save(&state.app, &caller.ctx, &scope, &code, &input).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Throws the draft away.
#[utoipa::path(delete, path = "/api/v1/groups/{code}/draft", operation_id = "group_draft_drop",
    params(("code" = String, Path), GroupQuery), responses((status = 204)))]
async fn group_draft_drop(
    State(state): State<WebState>,
    caller: Caller,
    Path(code): Path<String>,
    Query(query): Query<GroupQuery>,
) -> Answer<StatusCode> {
    let scope = unit_of(&state, &caller, Permission::GroupWrite, query.unit_id).await?;
    rules::draft_drop(&state.app, &caller.ctx, &scope, &code).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which draft.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishBody {
    /// `rev` of the draft that was read.
    rev: i64,
    /// The unit the rule belongs to; absent = the caller's own.
    unit_id: Option<Uuid>,
}

/// From now on the draft holds.
#[utoipa::path(post, path = "/api/v1/groups/{code}/publish", operation_id = "group_publish", params(("code" = String, Path)),
    request_body = PublishBody, responses((status = 204)))]
async fn group_publish(
    State(state): State<WebState>,
    caller: Caller,
    Path(code): Path<String>,
    Body(body): Body<PublishBody>,
) -> Answer<StatusCode> {
    let scope = unit_of(&state, &caller, Permission::GroupWrite, body.unit_id).await?;
    rules::publish(&state.app, &caller.ctx, &scope, &code, body.rev).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Why a household is to be visited.
#[derive(Serialize, ToSchema)]
pub struct HouseholdReason {
    /// Code of the group, or `deposit_due`, `insurance_due`, `missing_fields`.
    code: String,
    name: String,
    /// What speaks for it.
    why: String,
    /// Since when the household is in the group; none when not known.
    since_day: Option<String>,
    /// `rule`, `tick`, `file`, `maturity` or `missing_fields`.
    kind: String,
}

/// Why a household is to be visited, the most urgent first.
#[derive(Serialize, ToSchema)]
pub struct HouseholdReasons {
    items: Vec<HouseholdReason>,
}

/// Why a household is to be visited, in words.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/households/{household_id}/reasons", operation_id = "household_reasons",
    params(("unit_id" = Uuid, Path), ("household_id" = Uuid, Path)), responses((status = 200, body = HouseholdReasons)))]
async fn household_reasons(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, household_id)): Path<(Uuid, Uuid)>,
) -> Answer<Json<HouseholdReasons>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::CustomerRead, unit_id.into()).await?;
    let found = reasons::reasons_of(app, ctx, &scope, HouseholdId(household_id)).await?;
    let items = found
        .into_iter()
        .map(|r| HouseholdReason {
            code: r.code,
            name: r.name,
            why: r.why,
            since_day: r.since_day.map(|d| d.to_string()),
            kind: r.kind.to_owned(),
        })
        .collect();
    Ok(Json(HouseholdReasons { items }))
}
