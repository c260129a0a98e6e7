//! Rules of the tick sheet: which households and groups are on it, saving what
//! was ticked in one transaction, and showing names. Names need the permission
//! to reveal in the own branch, not in one of a larger area; a sheet counts
//! against the hour and is one event, written before the names leave.

use super::loose::{Loose, households_of, loose};
use super::store::*;
use super::{Column, Limits, Progress, SheetRow, TickInput};
use crate::groups::members::{TagChange, tag_how, tag_write};
use crate::groups::rules::in_force;
use crate::groups::{jobs, words};
use crate::targets::groups::Groups;
use serde_json::json;
use std::collections::{HashMap, HashSet};
use zf_base::code::ErrorCode;
use zf_base::mask::{Masked, Permit, Reason};
use zf_base::{CustomerId, HouseholdId, UnitId, VillageGroupId, limits};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::event::service::event_count;
use zf_kernel::unit::Unit;
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx, again};
use zf_network::customer::seal::{self, Column as Sealed};
use zf_network::village_group::service::village_group_list;
use zf_store::{Row, params};

/// The groups a branch ticks, in the pack's order.
///
/// # Errors
/// Only the database.
pub async fn columns(app: &App, unit: &Unit) -> Result<Vec<Column>> {
    let rules = in_force(app, unit).await?;
    let on_sheet = rules.must_visit.groups.iter().filter(|g| g.on_tick_sheet);
    Ok(on_sheet
        .map(|g| Column {
            tag: g.tag.clone(),
            code: g.code.clone(),
            name: g.name.zh.clone(),
        })
        .collect())
}

/// The village groups of a branch with households and how far they are, then
/// the sheets of households without one.
///
/// # Errors
/// Only the database.
pub async fn progress(app: &App, scope: &UnitScope) -> Result<Vec<Progress>> {
    let mut counts: HashMap<VillageGroupId, (i64, i64)> = HashMap::new();
    let unit = scope.unit_id();
    for row in app.read_unit(unit, TICK_PROGRESS, params![]).await? {
        counts.insert(row.get(0)?, (row.get(1)?, row.get(2)?));
    }
    let groups = village_group_list(app, scope).await?;
    let without = loose(app, scope).await?;
    Ok(groups
        .into_iter()
        .filter_map(|g| {
            let (households, seen) = *counts.get(&g.id)?;
            Some(Progress {
                id: g.id,
                name: format!("{}{}", g.village, g.name),
                households,
                seen,
            })
        })
        .chain(without.iter().map(Loose::progress))
        .collect())
}

fn gather(app: &App, unit: UnitId, rows: &[Row], groups: &Groups) -> Result<Vec<SheetRow>> {
    let mut out: Vec<SheetRow> = Vec::new();
    for row in rows {
        let household: HouseholdId = row.get(0)?;
        if out.last().is_none_or(|r| r.household_id != household) {
            out.push(SheetRow {
                household_id: household,
                household_no: row.get(1)?,
                members: vec![],
                in_file: vec![],
                ticks: vec![],
                seen: false,
            });
        }
        let Some(last) = out.last_mut() else { continue };
        let id: CustomerId = row.get(2)?;
        let sealed: Vec<u8> = row.get(3)?;
        let name = seal::open(app, Sealed::Name, unit, id, Some(&sealed))?;
        last.members.push((id, Masked::new(name)));
        last.in_file.extend(tags_in(&row.get::<String>(4)?, groups));
    }
    Ok(out)
}

/// The packs' tags in a customer's stored list.
fn tags_in(text: &str, groups: &Groups) -> Vec<String> {
    let tags: Vec<String> = serde_json::from_str(text).unwrap_or_default();
    tags.iter().filter_map(|t| groups.tag(t)).collect()
}

/// Households of a village group in the order of their numbers, or those of a
/// printed sheet in the order of its rows.
///
/// # Errors
/// Only the database.
pub async fn rows(
    app: &App,
    scope: &UnitScope,
    group: VillageGroupId,
    order: Option<&[HouseholdId]>,
) -> Result<Vec<SheetRow>> {
    let unit = scope.unit_id();
    let rules = in_force(app, scope.unit()).await?;
    let groups = Groups::with(&rules.must_visit, &rules.figures)?;
    let mut stored = app.read_unit(unit, TICK_ROWS, params![group]).await?;
    if stored.is_empty() {
        stored = rows_loose(app, scope, group).await?;
    }
    let mut all = gather(app, unit, &stored, &groups)?;
    if let Some(order) = order {
        let mut by_id: HashMap<HouseholdId, SheetRow> =
            all.into_iter().map(|r| (r.household_id, r)).collect();
        all = Vec::with_capacity(order.len());
        for household in order {
            if let Some(row) = by_id.remove(household) {
                all.push(row);
                continue;
            }
            // It has moved to another village group since the sheet was printed.
            let of = params![*household];
            let stored = app.read_unit(unit, TICK_ROWS_OF, of).await?;
            all.extend(gather(app, unit, &stored, &groups)?);
        }
    }
    let mut ticks: HashMap<HouseholdId, Vec<(String, bool)>> = HashMap::new();
    for row in app.read_unit(unit, TICKS, params![]).await? {
        let tick = (row.get(1)?, row.get(2)?);
        ticks.entry(row.get(0)?).or_default().push(tick);
    }
    let mut seen: HashSet<HouseholdId> = HashSet::new();
    for row in app.read_unit(unit, TICKS_SEEN, params![]).await? {
        seen.insert(row.get(0)?);
    }
    for row in &mut all {
        row.ticks = ticks.remove(&row.household_id).unwrap_or_default();
        row.seen = seen.contains(&row.household_id);
        row.in_file.sort();
        row.in_file.dedup();
    }
    Ok(all)
}

/// The rows of a sheet of households without a village group.
async fn rows_loose(app: &App, scope: &UnitScope, sheet: VillageGroupId) -> Result<Vec<Row>> {
    let wanted = households_of(&loose(app, scope).await?, sheet);
    if wanted.is_empty() {
        return Ok(vec![]);
    }
    let all = app.read_unit(scope.unit_id(), TICK_ROWS_LOOSE, params![]);
    let mut rows = Vec::new();
    for row in all.await? {
        if wanted.contains(&row.get(0)?) {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// What a sheet is called: its village group, or what stands for one.
///
/// # Errors
/// Only the database.
pub async fn sheet_name(app: &App, scope: &UnitScope, sheet: VillageGroupId) -> Result<String> {
    let groups = village_group_list(app, scope).await?;
    if let Some(group) = groups.iter().find(|g| g.id == sheet) {
        return Ok(format!("{}{}", group.village, group.name));
    }
    let without = loose(app, scope).await?;
    let found = without.into_iter().find(|s| s.id == sheet);
    Ok(found.map_or_else(|| words::loose_sheet("", None), |s| s.name))
}

/// Stores what was ticked, all or nothing; saying the same again changes nothing.
///
/// # Errors
/// A tag that is not on the sheet; a household that is not in the branch.
pub async fn save(app: &App, ctx: &Ctx, scope: &UnitScope, input: &[TickInput]) -> Result<()> {
    if input.is_empty() || input.len() > limits::PAGE_ROWS_MAX as usize {
        return Err(KernelError::field("rows", "field.range"));
    }
    let columns = columns(app, scope.unit()).await?;
    let mut ticks = input.iter().flat_map(|i| &i.ticks);
    if !ticks.all(|(tag, _)| columns.iter().any(|c| c.tag == *tag)) {
        return Err(KernelError::field("tag", "field.not_in_list"));
    }
    let rules = in_force(app, scope.unit()).await?;
    let groups = Groups::with(&rules.must_visit, &rules.figures)?;
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        let mut changed = 0;
        for one in input {
            changed += save_one(&mut tx, ctx, one, &groups).await?;
        }
        let detail = json!({ "households": input.len(), "ticks": changed });
        tx.record("tick.save", "unit", scope.unit_id(), detail);
        tx.commit().await
    })
    .await?;
    jobs::ask(app, ctx, scope.unit_id()).await
}

async fn save_one(
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    one: &TickInput,
    groups: &Groups,
) -> Result<usize> {
    let household = one.household_id;
    let members = tx.query(TICK_MEMBERS, params![household]).await?;
    if members.is_empty() {
        return Err(KernelError::refused(ErrorCode::NOT_FOUND));
    }
    let (by, name) = (ctx.actor.user_id, ctx.actor.name.as_str());
    for (tag, yes) in &one.ticks {
        let tag = tag.as_str();
        match yes {
            Some(yes) => {
                let row = params![household, tag, *yes, ctx.now, by, name];
                tx.exec(TICK_PUT, row).await?
            }
            None => tx.exec(TICK_DROP, params![household, tag]).await?,
        };
        for member in &members {
            let in_file = tags_in(&member.get::<String>(1)?, groups);
            let change = TagChange {
                customer: member.get(0)?,
                tag: tag.to_owned(),
                how: tag_how(in_file.iter().any(|t| t == tag), *yes),
            };
            tag_write(tx, &change).await?;
        }
    }
    match one.seen {
        Some(true) => {
            let row = params![household, ctx.now, by, name];
            tx.exec(TICK_SEEN_PUT, row).await?;
        }
        Some(false) => {
            tx.exec(TICK_SEEN_DROP, params![household]).await?;
        }
        None => {}
    }
    Ok(one.ticks.len())
}

/// May the actor see the names of this branch's sheets: the permission to
/// reveal, given for this very branch? Whoever oversees many branches looks at
/// one customer at a time.
pub fn may_see_names(ctx: &Ctx, unit: UnitId) -> bool {
    let mut grants = ctx.actor.grants.iter();
    grants.any(|g| g.unit_id == unit && g.permissions.contains(&Permission::CustomerReveal))
}

/// The right to the names of a sheet, within the quota of the hour. The caller
/// writes the event before the names leave.
pub(super) async fn names_permit(
    app: &App,
    ctx: &Ctx,
    unit: UnitId,
    rows: &[SheetRow],
) -> Result<(Permit, usize)> {
    if !may_see_names(ctx, unit) {
        return Err(KernelError::refused(ErrorCode::NOT_FOUND));
    }
    let limits = Limits::preset()?;
    let names: usize = rows.iter().map(|r| r.members.len()).sum();
    if names > limits.names_per_sheet {
        return Err(KernelError::refused(ErrorCode::REVEAL_LIMIT));
    }
    let hour_ago = ctx.now.plus_seconds(-3600);
    let reveal = Permission::CustomerReveal;
    let shown = event_count(app, ctx, reveal, "tick.names", hour_ago).await?;
    let printed = event_count(app, ctx, reveal, "tick.print", hour_ago).await?;
    if shown + printed >= limits.sheets_per_hour {
        return Err(KernelError::refused(ErrorCode::REVEAL_LIMIT));
    }
    let missing = |_| KernelError::refused(ErrorCode::REVEAL_REASON);
    let reason = Reason::new(words::SHEET_REASON).map_err(missing)?;
    Ok((Permit::for_reason(reason), names))
}

/// Names in full by household, for the screen of the own branch.
///
/// # Errors
/// Not the own branch; more sheets in the hour than allowed.
pub async fn names(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    group: VillageGroupId,
    rows: &[SheetRow],
) -> Result<Vec<(HouseholdId, Vec<String>)>> {
    let (permit, names) = names_permit(app, ctx, scope.unit_id(), rows).await?;
    let detail = json!({ "names": names, "reason": permit.reason().as_str() });
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        tx.record("tick.names", "village_group", group, detail.clone());
        tx.commit().await
    })
    .await?;
    Ok(revealed(rows, &permit))
}

pub(super) fn revealed(rows: &[SheetRow], permit: &Permit) -> Vec<(HouseholdId, Vec<String>)> {
    let clear = |r: &SheetRow| -> Vec<String> {
        let names = r.members.iter();
        names.map(|(_, n)| n.reveal(permit).to_owned()).collect()
    };
    rows.iter().map(|r| (r.household_id, clear(r))).collect()
}
