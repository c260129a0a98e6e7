//! Versions of the rules: a draft is written, previewed, and published with a
//! note; what was published stays and can be read again. The rules of a branch
//! are the packs' presets, changed by the units above it from the head down:
//! the nearest one holds. Every change is told of in the unit's chain.

use super::store::*;
use super::{InForce, RuleVersion, jobs};
use serde_json::json;
use zf_base::UnitId;
use zf_base::code::ErrorCode;
use zf_forms::pack::{GroupMatcher, MustVisitGroup};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::NewJob;
use zf_kernel::job::service::job_enqueue_in;
use zf_kernel::pack::Packs;
use zf_kernel::text::clear_text;
use zf_kernel::unit::{Level, Unit};
use zf_kernel::{App, Ctx, UnitScope, UnitTx};
use zf_store::{Row, params};

/// State of a version that does not hold yet.
pub const DRAFT: &str = "draft";
/// State of a version that holds or has held.
pub const PUBLISHED: &str = "published";
/// Most points a group may have; the presets use up to 90.
const PRIORITY_MAX: i64 = 1_000;

fn read(row: &Row) -> Result<RuleVersion> {
    Ok(RuleVersion {
        unit_id: row.get(0)?,
        code: row.get(1)?,
        version: row.get(2)?,
        state: row.get(3)?,
        when: row.get(4)?,
        priority: row.get(5)?,
        on_tick_sheet: row.get(6)?,
        note: row.get(7)?,
        rev: row.get(8)?,
        made_at: row.get(9)?,
        made_by_name: row.get(10)?,
        published_at: row.get(11)?,
        published_by_name: row.get(12)?,
    })
}

/// The packs' presets alone.
pub fn presets(app: &App) -> InForce {
    presets_of(&app.packs)
}

/// The same of these packs.
pub fn presets_of(packs: &Packs) -> InForce {
    let mut all = InForce::default();
    for pack in packs.iter() {
        all.must_visit
            .variables
            .extend(pack.must_visit.variables.clone());
        all.must_visit
            .groups
            .extend(pack.must_visit.groups.iter().cloned());
        all.figures.extend(pack.must_visit_parameters());
    }
    all
}

/// All versions of one unit, by code, newest first.
///
/// # Errors
/// Only the database.
pub async fn rules_of(app: &App, unit: UnitId) -> Result<Vec<RuleVersion>> {
    let rows = app.read_unit(unit, GROUP_RULES, params![]).await?;
    rows.iter().map(read).collect()
}

/// The rules that hold in a unit.
///
/// # Errors
/// Only the database.
pub async fn in_force(app: &App, unit: &Unit) -> Result<InForce> {
    let mut all = presets(app);
    let path = unit.path.split('/').filter_map(|part| part.parse().ok());
    for above in path {
        let mut rules = rules_of(app, above).await?;
        rules.retain(|r| r.state == PUBLISHED);
        // Newest first, so the first of a code is the one that holds.
        let mut seen = std::collections::BTreeSet::new();
        for rule in rules {
            if seen.insert(rule.code.clone()) {
                overlay(&mut all, rule);
            }
        }
    }
    Ok(all)
}

/// Puts a rule over what holds so far.
pub fn overlay(all: &mut InForce, rule: RuleVersion) {
    let Some(group) = all
        .must_visit
        .groups
        .iter_mut()
        .find(|g| g.code == rule.code)
    else {
        // The pack no longer has this group.
        return;
    };
    group.when = Some(rule.when.clone()).filter(|w| !w.is_empty());
    group.priority = rule.priority;
    group.on_tick_sheet = rule.on_tick_sheet;
    all.from.insert(rule.code.clone(), rule);
}

/// What somebody wants a rule to be.
#[derive(Clone, Debug)]
pub struct RuleInput {
    /// CEL predicate; empty = by tag and tick only.
    pub when: String,
    /// Points.
    pub priority: i64,
    /// The branch ticks it.
    pub on_tick_sheet: bool,
    /// Why.
    pub note: String,
    /// `rev` of the draft that was read; none = there was none.
    pub rev: Option<i64>,
}

fn check(group: &MustVisitGroup, presets: &InForce, input: &RuleInput) -> Result<()> {
    if !(0..=PRIORITY_MAX).contains(&input.priority) {
        return Err(KernelError::field("priority", "field.range"));
    }
    // A note is kept in clear and read by many.
    clear_text("note", &input.note)?;
    if input.on_tick_sheet && group.lawful_basis {
        // What needs a lawful basis does not come from somebody's memory either.
        return Err(KernelError::field("on_tick_sheet", "tag.needs_basis"));
    }
    let when = input.when.trim();
    if when.is_empty() {
        return Ok(());
    }
    GroupMatcher::check(&presets.must_visit, &presets.figures, when)
        .map_err(|_| KernelError::field("when", "rule.invalid"))
}

/// The group of the packs with this code.
fn known_group<'a>(presets: &'a InForce, code: &str) -> Result<&'a MustVisitGroup> {
    let group = presets.must_visit.groups.iter().find(|g| g.code == code);
    group.ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))
}

/// Rules belong to a unit above the branches: a branch has ticks.
fn check_level(scope: &UnitScope) -> Result<()> {
    if scope.unit().level == Level::Branch {
        return Err(KernelError::field("unit_id", "field.not_in_list"));
    }
    Ok(())
}

/// Writes the draft of a group's next rule.
///
/// # Errors
/// A wrong field; somebody else has changed the draft.
pub async fn draft_save(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    code: &str,
    input: &RuleInput,
) -> Result<()> {
    check_level(scope)?;
    let presets = presets(app);
    check(known_group(&presets, code)?, &presets, input)?;
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let rows = tx.query(GROUP_RULES, params![]).await?;
    let rules = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    let newest = rules.iter().find(|r| r.code == code);
    let draft = newest.filter(|r| r.state == DRAFT);
    if draft.map(|d| d.rev) != input.rev {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    let version = draft.map_or_else(|| newest.map_or(0, |r| r.version) + 1, |d| d.version);
    let mut row = params![
        code,
        version,
        input.when.trim(),
        input.priority,
        input.on_tick_sheet,
        input.note.trim(),
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    let done = match draft {
        None => tx.exec(GROUP_RULE_ADD, row).await?,
        Some(d) => {
            row.extend(params![d.rev]);
            tx.exec(GROUP_RULE_CHANGE, row).await?
        }
    };
    if done == 0 {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    tx.record("group.draft", "group", code, json!({ "version": version }));
    tx.commit().await
}

/// Throws the draft of a group away.
///
/// # Errors
/// There is none.
pub async fn draft_drop(app: &App, ctx: &Ctx, scope: &UnitScope, code: &str) -> Result<()> {
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    if tx.exec(GROUP_RULE_DROP, params![code]).await? == 0 {
        return Err(KernelError::refused(ErrorCode::NOT_FOUND));
    }
    tx.record("group.draft_drop", "group", code, json!({}));
    tx.commit().await
}

/// From now on the draft holds in every branch below that has no nearer rule;
/// the members are worked out anew by a job.
///
/// # Errors
/// No such draft, or somebody has changed it since it was read.
pub async fn publish(app: &App, ctx: &Ctx, scope: &UnitScope, code: &str, rev: i64) -> Result<()> {
    check_level(scope)?;
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let row = params![code, rev, ctx.now, ctx.actor.name.as_str()];
    if tx.exec(GROUP_RULE_PUBLISH, row).await? == 0 {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    tx.record("group.publish", "group", code, json!({ "rev": rev }));
    let args = json!({ "unit_id": scope.unit_id() });
    job_enqueue_in(
        &mut tx,
        app,
        ctx,
        &NewJob::new(jobs::KIND, scope.unit_id(), args),
    )
    .await?;
    tx.commit().await
}
