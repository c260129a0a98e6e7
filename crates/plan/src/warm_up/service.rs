//! Which places of a branch are to be warmed up and by when, and what was written
//! down. The days before a visit, through whom and what is handed out come from
//! the campaign file in force; plans and targets are only read.

use super::store::*;
use super::{Standing, WarmUp, standing};
use crate::definition::WarmUp as Rule;
use crate::program::{Program, State};
use serde_json::json;
use std::collections::HashMap;
use zf_base::code::ErrorCode;
use zf_base::{Day, Uuid, VillageGroupId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::text::clear_text;
use zf_kernel::{App, Ctx, UnitScope, UnitTx};
use zf_network::village_group::service::village_group_list;
use zf_store::{Row, params};

/// Pieces of one kind at one place.
const PIECES_MAX: i64 = 100_000;

/// A place of the branch.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The group.
    pub village_group_id: VillageGroupId,
    /// Village and group.
    pub name: String,
    /// Households that wait for a visit.
    pub households: i64,
    /// First planned visit from today on.
    pub first_day: Option<Day>,
    /// Last day to warm up in time.
    pub last_day: Option<Day>,
    /// How it stands.
    pub standing: Standing,
    /// What was done there, the latest first.
    pub done: Vec<WarmUp>,
}

/// A branch's warming up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Board {
    /// Places with households that wait, and places where something was done; the
    /// most urgent first.
    pub places: Vec<Place>,
    /// What was done at workplaces.
    pub elsewhere: Vec<WarmUp>,
}

/// The rule of a campaign for a branch; none where nobody warms up: in the
/// country, or when the campaign file has no such section.
pub fn rule<'p>(program: &'p Program, scope: &UnitScope) -> Option<&'p Rule> {
    let unit = scope.unit();
    let sweeps = program
        .definition
        .sweeps(unit.market_kind.as_deref(), unit.area_kind.as_deref());
    program.definition.warm_up.as_ref().filter(|_| !sweeps)
}

fn read(row: &Row) -> Result<WarmUp> {
    let text: String = row.get(5)?;
    let lost = |_| KernelError::Internal("a stored warm-up is not readable".to_owned());
    Ok(WarmUp {
        id: row.get(0)?,
        village_group_id: row.get(1)?,
        place: row.get(2)?,
        through: row.get(3)?,
        day: row.get(4)?,
        handed_out: serde_json::from_str(&text).map_err(lost)?,
        at: row.get(6)?,
        by_name: row.get(7)?,
    })
}

async fn by_group<T: zf_store::FromValue>(
    app: &App,
    scope: &UnitScope,
    sql: zf_store::Sql,
    p: Vec<zf_store::Value>,
) -> Result<HashMap<VillageGroupId, T>> {
    let rows = app.read_unit(scope.unit_id(), sql, p).await?;
    rows.iter().map(|r| Ok((r.get(0)?, r.get(1)?))).collect()
}

/// How the places of a branch stand.
///
/// # Errors
/// Only the database.
pub async fn board(
    app: &App,
    program: &Program,
    scope: &UnitScope,
    rule: &Rule,
    today: Day,
) -> Result<Board> {
    let open: HashMap<_, i64> = by_group(app, scope, WARM_UP_OPEN, params![program.id]).await?;
    let p = params![program.id, today];
    let planned: HashMap<_, Day> = by_group(app, scope, WARM_UP_PLANNED, p).await?;
    let rows = app
        .read_unit(scope.unit_id(), WARM_UPS, params![program.id])
        .await?;
    let done = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    let before = i32::try_from(rule.days_before).unwrap_or(i32::MAX);
    let mut board = Board::default();
    for group in village_group_list(app, scope).await? {
        let own = done.iter().filter(|w| w.village_group_id == Some(group.id));
        let own: Vec<WarmUp> = own.cloned().collect();
        let households = open.get(&group.id).copied().unwrap_or(0);
        if households == 0 && own.is_empty() {
            continue;
        }
        let first_day = planned.get(&group.id).copied();
        let last_day = first_day.map(|d| d.plus_days(-before));
        board.places.push(Place {
            village_group_id: group.id,
            name: format!("{}{}", group.village, group.name),
            households,
            first_day,
            last_day,
            standing: standing(!own.is_empty(), last_day, today),
            done: own,
        });
    }
    let rank = |s: Standing| match s {
        Standing::Late => 0,
        Standing::Due => 1,
        Standing::Open => 2,
        Standing::Done => 3,
    };
    board.places.sort_by_key(|p| {
        let day = p.last_day.map_or(i32::MAX, Day::epoch_days);
        (rank(p.standing), day, -p.households, p.name.clone())
    });
    let elsewhere = done.into_iter().filter(|w| w.village_group_id.is_none());
    board.elsewhere = elsewhere.collect();
    Ok(board)
}

/// What is to be written down.
#[derive(Clone, Debug)]
pub struct NewWarmUp {
    /// The group of the place; none for a workplace.
    pub village_group_id: Option<VillageGroupId>,
    /// Name of a workplace.
    pub place: String,
    /// Through whom, a code.
    pub through: String,
    /// The day.
    pub day: Day,
    /// Pieces by code.
    pub handed_out: Vec<(String, i64)>,
}

async fn checked(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    scope: &UnitScope,
    new: &NewWarmUp,
) -> Result<String> {
    if !matches!(program.state, State::Started | State::Paused) {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    let rule = rule(program, scope).ok_or_else(|| KernelError::refused(ErrorCode::CONFLICT))?;
    if new.day > ctx.today().min(program.last_day) {
        return Err(KernelError::field("day", "field.range"));
    }
    if !rule.through.contains(&new.through) {
        return Err(KernelError::field("through", "field.not_in_list"));
    }
    let known = |code: &String| rule.hands_out.contains(code);
    let twice = |at: usize| {
        new.handed_out[..at]
            .iter()
            .any(|h| h.0 == new.handed_out[at].0)
    };
    if !new.handed_out.iter().all(|h| known(&h.0)) || (0..new.handed_out.len()).any(twice) {
        return Err(KernelError::field("handed_out", "field.not_in_list"));
    }
    let in_range = |h: &(String, i64)| (0..=PIECES_MAX).contains(&h.1);
    if !new.handed_out.iter().all(in_range) {
        return Err(KernelError::field("handed_out", "field.range"));
    }
    let Some(group) = new.village_group_id else {
        return clear_text("place", &new.place);
    };
    let groups = village_group_list(app, scope).await?;
    match groups.iter().any(|g| g.id == group) {
        true => Ok(String::new()),
        false => Err(KernelError::field("village_group_id", "field.not_in_list")),
    }
}

/// Writes down that a place was warmed up.
///
/// # Errors
/// A place, person or thing that is not in the campaign file's lists, a day in the
/// future, a count out of range; `conflict` outside of a campaign that runs and
/// where nobody warms up.
pub async fn warm_up_add(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    scope: &UnitScope,
    new: &NewWarmUp,
) -> Result<Uuid> {
    let place = checked(app, ctx, program, scope, new).await?;
    let handed_out = json!(new.handed_out).to_string();
    let id = app.new_id();
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let row = params![
        id,
        program.id,
        new.village_group_id,
        place.as_str(),
        new.through.as_str(),
        new.day,
        handed_out.as_str(),
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    tx.exec(WARM_UP_ADD, row).await?;
    let detail = json!({
        "code": program.code, "day": new.day, "through": new.through,
        "village_group": new.village_group_id, "handed_out": new.handed_out
    });
    tx.record("warm_up.add", "warm_up", id, detail);
    tx.commit().await?;
    Ok(id)
}

/// Takes back what was written down by mistake; it stays with who took it back.
///
/// # Errors
/// No such record, or it is taken back already.
pub async fn warm_up_remove(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    scope: &UnitScope,
    id: Uuid,
) -> Result<()> {
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let p = params![
        program.id,
        id,
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    if tx.exec(WARM_UP_REMOVE, p).await? == 0 {
        return Err(KernelError::refused(ErrorCode::NOT_FOUND));
    }
    tx.record(
        "warm_up.remove",
        "warm_up",
        id,
        json!({ "code": program.code }),
    );
    tx.commit().await
}
