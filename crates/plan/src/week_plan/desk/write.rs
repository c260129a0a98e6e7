//! Writes an arrangement over another one: rows that differ are changed, rows
//! that are new put in, rows that are gone taken out; the plan's figures follow.
//! Judges nothing; the caller's transaction holds the event.

use super::arrange::{Arranged, Arrangement, Place};
use super::effect::travel;
use super::service::planned;
use super::store::*;
use crate::week_plan::assign::{Goal, PlannedStop};
use crate::week_plan::make::{ROUTE_COLUMNS, STOP_COLUMNS, route_row, stop_row};
use crate::week_plan::{Header, keep};
use std::collections::{BTreeSet, HashMap, HashSet};
use zf_base::code::ErrorCode;
use zf_base::{RouteId, StopId, WeekPlanId};
use zf_kernel::UnitTx;
use zf_kernel::error::{KernelError, Result};
use zf_store::{Value, params};

/// Takes the draft for one change, with its new figures.
async fn take(
    tx: &mut UnitTx<'_>,
    h: &Header,
    then: &Arrangement,
    (left_out, versions): (i64, i64),
) -> Result<()> {
    let out = |r: &&Arranged| r.standing().next().is_some();
    let teams: BTreeSet<&str> = then
        .routes
        .iter()
        .filter(out)
        .map(|r| r.key.team_code.as_str())
        .collect();
    let meters: i64 = then.routes.iter().map(|r| r.travel_meters).sum();
    let sum = planned(then);
    let figures = params![
        h.id,
        h.version,
        h.edits,
        sum,
        (h.needed - sum).max(0),
        travel(then),
        meters,
        teams.len() as i64,
        left_out.max(0),
        versions
    ];
    match tx.exec(PLAN_EDITED, figures).await? {
        0 => Err(KernelError::refused(ErrorCode::CONFLICT)),
        _ => Ok(()),
    }
}

/// Rows of the stops of a route that were there before and are not as they were.
fn stop_rows(known: &[Place], route: &Arranged, old: &HashSet<StopId>) -> Vec<Vec<Value>> {
    let stops = route.stops.iter().enumerate();
    let other = stops
        .filter(|(_, stop)| old.contains(&stop.id))
        .filter(|(seq, stop)| known.get(*seq) != Some(stop));
    let row = |(seq, stop): (usize, &Place)| {
        params![
            stop.id,
            route.id,
            seq as i64 + 1,
            stop.arrive,
            stop.leave,
            stop.struck,
            stop.locked
        ]
    };
    other.map(row).collect()
}

/// Rows of the stops that were put in.
fn new_rows(plan: WeekPlanId, route: &Arranged, old: &HashSet<StopId>) -> Vec<Vec<Value>> {
    let stops = route.stops.iter().enumerate();
    let row = |(seq, s): (usize, &Place)| {
        let stop = PlannedStop {
            goal: s.goal,
            households: s.households,
            arrive: s.arrive,
            leave: s.leave,
            place: s.place,
            approximate: s.approximate,
        };
        stop_row(
            s.id,
            plan,
            route.id,
            seq as i64 + 1,
            &stop,
            s.struck,
            s.locked,
        )
    };
    let fresh = stops.filter(|(_, s)| !old.contains(&s.id));
    fresh.map(row).collect()
}

fn households(plan: &Arrangement) -> i64 {
    let stops = plan.routes.iter().flat_map(|r| &r.stops);
    stops.filter(|s| matches!(s.goal, Goal::Target(_))).count() as i64
}

/// Writes the rows that differ; `versions` counts the plan up by so many.
///
/// # Errors
/// `conflict` when somebody else changed the plan meanwhile.
pub(super) async fn write(
    tx: &mut UnitTx<'_>,
    h: &Header,
    now: &Arrangement,
    then: &Arrangement,
    versions: i64,
) -> Result<()> {
    // Who is put in is not left out any more, and the other way round.
    let left_out = h.left_out + households(now) - households(then);
    take(tx, h, then, (left_out, versions)).await?;
    let ids = |plan: &Arrangement| -> HashSet<StopId> {
        let stops = plan.routes.iter().flat_map(|r| &r.stops);
        stops.map(|s| s.id).collect()
    };
    let (were, are) = (ids(now), ids(then));
    let old: HashMap<RouteId, &Arranged> = now.routes.iter().map(|r| (r.id, r)).collect();
    let (mut opened, mut routes) = (Vec::new(), Vec::new());
    let (mut stops, mut fresh) = (Vec::new(), Vec::new());
    for (seq, route) in then.routes.iter().enumerate() {
        match old.get(&route.id) {
            None if route.stops.is_empty() => {}
            None => {
                let planned = keep::planned(route);
                opened.push(route_row(route.id, h.id, seq, &planned, route.locked));
            }
            Some(before) if *before != route => routes.push(params![
                route.id,
                route.travel_seconds,
                route.travel_meters,
                route.back_at,
                route.locked
            ]),
            Some(_) => {}
        }
        let known = old.get(&route.id).map_or(&[][..], |r| &r.stops);
        stops.extend(stop_rows(known, route, &were));
        fresh.extend(new_rows(h.id, route, &were));
    }
    if !opened.is_empty() {
        tx.bulk("plan_route", ROUTE_COLUMNS, opened).await?;
    }
    if !fresh.is_empty() {
        tx.bulk("plan_stop", STOP_COLUMNS, fresh).await?;
    }
    let gone: Vec<_> = were.difference(&are).map(|id| params![*id]).collect();
    for (sql, rows) in [
        (PLAN_ROUTE_PUT, routes),
        (PLAN_STOP_PUT, stops),
        (PLAN_STOP_DROP, gone),
    ] {
        if !rows.is_empty() {
            tx.exec_many(sql, rows).await?;
        }
    }
    let emptied = then.routes.iter().filter(|r| r.stops.is_empty());
    for route in emptied.filter(|r| old.contains_key(&r.id)) {
        tx.exec(PLAN_ROUTE_DROP, params![route.id]).await?;
    }
    Ok(())
}
