//! Reading a week plan, and what a branch head does with it: strike out, take
//! back, confirm, open again. Only a draft changes; a confirmed plan is opened
//! first. Confirming writes what stays open into the ledger of what the branch
//! owes (欠进度), which the next weeks see as carried (CMP-010, PLN-010).

use super::days::week_days;
use super::desk::arrange::Edit;
use super::desk::service::How;
use super::store::*;
use super::{
    CONFIRMED, HAND, Header, LeftOut, MemberName, Off, Route, Stop, Title, WeekPlan, assign, desk,
    words,
};
use crate::program::Program;
use serde::Deserialize;
use serde_json::json;
use std::collections::HashMap;
use zf_base::code::ErrorCode;
use zf_base::geo::Point;
use zf_base::mask::{Masked, PersonName};
use zf_base::{
    CustomerId, IsoWeek, ProgramId, RouteId, StopId, TargetId, Timestamp, UnitId, VillageGroupId,
};
use zf_kernel::calendar::work_calendar;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, UnitScope, UnitTx};
use zf_network::customer::seal::{self, Column};
use zf_network::customer::source::ended::{Ended, ended};
use zf_network::place::Precision;
use zf_network::village_group::service::village_group_list;
use zf_store::{Row, params};

pub(super) fn read_header(row: &Row) -> Result<Header> {
    Ok(Header {
        unit_id: row.get(0)?,
        id: row.get(1)?,
        week: row.get(2)?,
        state: row.get(3)?,
        version: row.get(4)?,
        planned: row.get(5)?,
        needed: row.get(6)?,
        carried: row.get(7)?,
        shortfall: row.get(8)?,
        travel_meters: row.get(9)?,
        teams: row.get(10)?,
        made_at: row.get(11)?,
        confirmed_at: row.get(12)?,
        confirmed_by_name: row.get(13)?,
        edits: row.get(14)?,
        left_out: row.get(15)?,
        reopened_why: row.get(16)?,
    })
}

/// The figures of one branch and week; none when it is not planned.
pub async fn header(
    app: &App,
    program: ProgramId,
    scope: &UnitScope,
    week: IsoWeek,
) -> Result<Option<Header>> {
    let rows = app
        .read_unit(scope.unit_id(), WEEK_PLAN_BY_WEEK, params![program, week])
        .await?;
    rows.first().map(read_header).transpose()
}

/// The figures of all branches for one week, by branch. The caller shows only
/// branches in its scope.
pub async fn headers(
    app: &App,
    program: ProgramId,
    week: IsoWeek,
) -> Result<HashMap<UnitId, Header>> {
    let rows = app
        .db
        .query(WEEK_PLANS_OF_WEEK, params![program, week])
        .await?;
    let all: Result<Vec<Header>> = rows.iter().map(read_header).collect();
    Ok(all?.into_iter().map(|h| (h.unit_id, h)).collect())
}

/// There is no plan of that week.
pub(super) fn not_planned() -> KernelError {
    KernelError::refused(ErrorCode::PLAN_NOT_FOUND)
}

/// The whole plan of one branch and week.
pub async fn week_plan(
    app: &App,
    program: &Program,
    scope: &UnitScope,
    week: IsoWeek,
) -> Result<WeekPlan> {
    let header = header(app, program.id, scope, week)
        .await?
        .ok_or_else(not_planned)?;
    let unit = scope.unit_id();
    let groups = village_group_list(app, scope).await?.into_iter();
    let names: HashMap<VillageGroupId, String> = groups
        .map(|g| (g.id, format!("{}{}", g.village, g.name)))
        .collect();
    let ended = ended(app, scope.unit(), app.now().day()).await?;
    let mut stops: HashMap<RouteId, Vec<Stop>> = HashMap::new();
    for row in app.read_unit(unit, PLAN_STOPS, params![header.id]).await? {
        let stop = stop(app, unit, &row, &names, &ended)?;
        stops.entry(stop.route_id).or_default().push(stop);
    }
    let mut routes = Vec::new();
    for row in app.read_unit(unit, PLAN_ROUTES, params![header.id]).await? {
        let mut route = route(&row)?;
        route.stops = stops.remove(&route.id).unwrap_or_default();
        routes.push(route);
    }
    let mut unserved = Vec::new();
    let there = |target: TargetId| {
        let mut stops = routes.iter().flat_map(|r| &r.stops);
        stops.any(|s| s.target_id == Some(target))
    };
    for row in app
        .read_unit(unit, PLAN_UNSERVED, params![header.id])
        .await?
    {
        // Who was put in by hand since is not left out any more.
        if !ended.person(row.get(2)?) && !there(row.get(0)?) {
            unserved.push(left_out(app, unit, &row, &names)?);
        }
    }
    let days = week_days(&program.definition, &work_calendar(app).await?, week);
    Ok(WeekPlan {
        header,
        days,
        routes,
        unserved,
    })
}

#[derive(Deserialize)]
struct StoredMember {
    post: String,
    name: String,
}

fn route(row: &Row) -> Result<Route> {
    let members: Vec<StoredMember> =
        serde_json::from_str(&row.get::<String>(8)?).unwrap_or_default();
    Ok(Route {
        id: row.get(0)?,
        day: row.get(1)?,
        team_code: row.get(3)?,
        team_name: row.get(4)?,
        kind: row.get(5)?,
        starts: row.get(6)?,
        ends: row.get(7)?,
        members: members
            .into_iter()
            .map(|m| MemberName {
                post: m.post,
                name: m.name,
            })
            .collect(),
        travel_meters: row.get(9)?,
        back_at: row.get(10)?,
        travel_seconds: row.get(11)?,
        locked: row.get(12)?,
        stops: vec![],
    })
}

/// A name as it is sealed in a customer's row.
pub(super) fn name_of(
    app: &App,
    unit: UnitId,
    customer: CustomerId,
    sealed: &[u8],
) -> Result<Masked<PersonName>> {
    Ok(Masked::new(seal::open(
        app,
        Column::Name,
        unit,
        customer,
        Some(sealed),
    )?))
}

fn stop(
    app: &App,
    unit: UnitId,
    row: &Row,
    names: &HashMap<VillageGroupId, String>,
    ended: &Ended,
) -> Result<Stop> {
    let group: Option<VillageGroupId> = row.get(4)?;
    let customer: Option<CustomerId> = row.get(12)?;
    let sealed: Option<Vec<u8>> = row.get(13)?;
    let reasons: Option<String> = row.get(14)?;
    let home: Option<VillageGroupId> = row.get(15)?;
    let struck: Option<Timestamp> = row.get(11)?;
    // It counts at once, before the job has struck the stop.
    let told: Option<String> = row.get(16)?;
    let off = match (told, row.get::<i64>(17)?) {
        (Some(told), _) => Some(Off::from_stored(&told)),
        (None, 1) => Some(Off::Refused),
        (None, 2) => Some(Off::Left),
        _ => None,
    };
    let known = || customer.is_none_or(|id| !ended.person(id));
    let off = off.or_else(|| (!known()).then_some(Off::SourceEnded));
    let village_group_name = group.or(home).and_then(|g| names.get(&g).cloned());
    let title = match customer.zip(sealed) {
        Some((customer, sealed)) => Title::Householder(name_of(app, unit, customer, &sealed)?),
        None => Title::Group(village_group_name.clone().unwrap_or_default()),
    };
    let outside = |_| KernelError::Internal("stop outside of the world".to_owned());
    let approximate: bool = row.get(10)?;
    let precision: Option<String> = row.get(19)?;
    let precision = precision.as_deref().and_then(Precision::from_stored);
    Ok(Stop {
        id: row.get(0)?,
        route_id: row.get(1)?,
        seq: row.get(2)?,
        target_id: row.get(3)?,
        village_group_id: group,
        title,
        village_group_name,
        reasons: reasons
            .and_then(|r| serde_json::from_str(&r).ok())
            .unwrap_or_default(),
        households: row.get(5)?,
        arrive: row.get(6)?,
        leave: row.get(7)?,
        place: Point::new(row.get(8)?, row.get(9)?).map_err(outside)?,
        approximate,
        precision: precision.filter(|p| p.is_approximate() == approximate),
        struck: struck.is_some() || off.is_some(),
        struck_at: struck,
        locked: row.get(18)?,
        off,
    })
}

fn left_out(
    app: &App,
    unit: UnitId,
    row: &Row,
    names: &HashMap<VillageGroupId, String>,
) -> Result<LeftOut> {
    let why: String = row.get(1)?;
    let sealed: Vec<u8> = row.get(3)?;
    let group: Option<VillageGroupId> = row.get(4)?;
    Ok(LeftOut {
        target_id: row.get(0)?,
        name: name_of(app, unit, row.get(2)?, &sealed)?,
        village_group_name: group.and_then(|g| names.get(&g).cloned()),
        priority: row.get(5)?,
        why: serde_json::from_str(&why).unwrap_or(assign::Why::Later),
    })
}

/// A transaction on a plan that may still change.
async fn draft<'a>(
    app: &'a App,
    ctx: &'a Ctx,
    program: &Program,
    scope: &UnitScope,
    week: IsoWeek,
) -> Result<(UnitTx<'a>, Header)> {
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let row = tx
        .query_opt(WEEK_PLAN_BY_WEEK, params![program.id, week])
        .await?;
    let header = read_header(&row.ok_or_else(not_planned)?)?;
    if header.state == CONFIRMED {
        return Err(KernelError::refused(ErrorCode::PLAN_RELEASED));
    }
    Ok((tx, header))
}

/// What to do with one stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Strike it out.
    Strike,
    /// Take it back in.
    Restore,
}

/// Strikes a stop out of a draft or takes it back.
///
/// # Errors
/// No such stop, or it is struck (not struck) already; the plan is confirmed.
pub async fn mark_stop(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    scope: &UnitScope,
    week: IsoWeek,
    stop: StopId,
    mark: Mark,
) -> Result<()> {
    let stop_id = stop.uuid();
    let edit = match mark {
        Mark::Strike => Edit::Strike { stop_id },
        Mark::Restore => Edit::Restore { stop_id },
    };
    desk::service::edit(app, ctx, program, scope, week, &edit, How::default()).await?;
    Ok(())
}

/// The head agrees; what the week leaves open goes into the ledger.
pub async fn confirm(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    scope: &UnitScope,
    week: IsoWeek,
) -> Result<()> {
    let (mut tx, header) = draft(app, ctx, program, scope, week).await?;
    let p = params![
        header.id,
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    if tx.exec(WEEK_PLAN_CONFIRM, p).await? == 0 {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    if program.definition.quota.carry_over {
        owe(
            &mut tx,
            ctx,
            program.id,
            week,
            header.needed - header.planned,
        )
        .await?;
    }
    let detail = json!({
        "week": week, "version": header.version, "planned": header.planned, "needed": header.needed
    });
    tx.record("plan.confirm", "week_plan", header.id, detail);
    tx.commit().await
}

/// Opens a confirmed plan again by hand.
///
/// # Errors
/// There is none; it is a draft.
pub async fn reopen(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    scope: &UnitScope,
    week: IsoWeek,
) -> Result<()> {
    reopen_for(app, ctx, program, scope, week, HAND).await
}

/// Opens a confirmed plan again; the ledger forgets it until the next
/// confirmation. `why` is `hand`, `absence` or `weather`.
///
/// # Errors
/// There is none; it is a draft.
pub(super) async fn reopen_for(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    scope: &UnitScope,
    week: IsoWeek,
    why: &str,
) -> Result<()> {
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let row = tx
        .query_opt(WEEK_PLAN_BY_WEEK, params![program.id, week])
        .await?;
    let header = read_header(&row.ok_or_else(not_planned)?)?;
    if tx.exec(WEEK_PLAN_REOPEN, params![header.id, why]).await? == 0 {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    owe(&mut tx, ctx, program.id, week, 0).await?;
    tx.record(
        "plan.reopen",
        "week_plan",
        header.id,
        json!({ "week": week, "version": header.version, "why": why }),
    );
    tx.commit().await
}

/// One entry per week, dated on its Sunday: positive = owed, negative = made up.
async fn owe(
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    program: ProgramId,
    week: IsoWeek,
    households: i64,
) -> Result<()> {
    let sunday = week.monday().plus_days(6);
    tx.exec(
        SHORTFALL_PUT,
        params![
            program,
            sunday,
            households,
            words::ledger_memo(week),
            ctx.now
        ],
    )
    .await?;
    Ok(())
}
