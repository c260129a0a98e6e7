//! Days on which nobody goes out, in several weeks in a row: the weeks stay
//! consistent with each other and what is locked stays, on every database.

use super::house::{House, WEEK, houses, visited, week};
use crate::program::store::PROGRAM_START;
use crate::week_plan::desk::arrange::Edit;
use crate::week_plan::desk::away::{NewAway, Replanned, away_add};
use crate::week_plan::desk::service::{How, edit};
use crate::week_plan::{CONFIRMED, DRAFT, Stop, WeekPlan};
use std::collections::BTreeSet;
use zf_base::{Day, StopId, TargetId};
use zf_kernel::{Permission, UnitTx};
use zf_store::params;

const NEXT: &str = "2016-W43";
const THIRD: &str = "2016-W44";

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn stops_on(plan: &WeekPlan, day: Day) -> Vec<&Stop> {
    let of_day = plan.routes.iter().filter(|r| r.day == day);
    let stops = of_day.flat_map(|r| &r.stops);
    stops.filter(|s| !s.struck).collect()
}

/// Where a stop is: its day and when its shift begins.
fn place_of(plan: &WeekPlan, stop: StopId) -> (Day, i64) {
    let has = |s: &Stop| s.id == stop && !s.struck;
    let route = plan.routes.iter().find(|r| r.stops.iter().any(has));
    route.map(|r| (r.day, r.starts)).unwrap()
}

impl House {
    async fn rain(&self, week_text: &str, first: &str, last: &str) -> Replanned {
        let scope = self.scope(Permission::PlanWrite, &self.rural);
        let new = NewAway {
            staff_id: None,
            post: None,
            first: day(first),
            last: day(last),
            window: None,
        };
        let (app, ctx, program) = (&self.app, &self.ctx, &self.program);
        away_add(app, ctx, program, &scope, week(week_text), &new)
            .await
            .unwrap()
    }

    /// Locks the first stop of a household on a day.
    async fn lock(&self, week_text: &str, on: &str) -> (StopId, TargetId) {
        let plan = self.shown(&self.rural, week_text).await;
        let stops = stops_on(&plan, day(on));
        let stop = stops.into_iter().find(|s| s.target_id.is_some()).unwrap();
        let scope = self.scope(Permission::PlanWrite, &self.rural);
        let lock = Edit::LockStop {
            stop_id: stop.id.uuid(),
            locked: true,
        };
        let how = How {
            preview: false,
            fit: false,
        };
        let (app, ctx, program) = (&self.app, &self.ctx, &self.program);
        edit(app, ctx, program, &scope, week(week_text), &lock, how)
            .await
            .unwrap();
        (stop.id, stop.target_id.unwrap())
    }

    /// Only the weeks of running campaigns are planned again.
    async fn start(&self) {
        let scope = self.scope(Permission::ProgramWrite, &self.county);
        let mut tx = UnitTx::begin(&self.app, &self.ctx, &scope).await.unwrap();
        let p = params![self.program.id, self.program.version, self.ctx.now];
        assert_eq!(tx.exec(PROGRAM_START, p).await.unwrap(), 1);
        tx.record("program.start", "program", "test", serde_json::json!({}));
        tx.commit().await.unwrap();
    }

    /// Nobody twice in the weeks; figures are those of the stops.
    async fn consistent(&self) -> Vec<WeekPlan> {
        let mut plans = Vec::new();
        let mut all: BTreeSet<TargetId> = BTreeSet::new();
        for text in [WEEK, NEXT, THIRD] {
            let plan = self.shown(&self.rural, text).await;
            let stops = plan.routes.iter().flat_map(|r| &r.stops);
            let standing = stops.filter(|s| !s.struck);
            let households: i64 = standing.map(|s| s.households).sum();
            assert_eq!(plan.header.planned, households, "{text} on {}", self.name);
            for target in visited(&plan) {
                assert!(
                    all.insert(target),
                    "{text} on {}: {target} twice",
                    self.name
                );
            }
            plans.push(plan);
        }
        plans
    }
}

#[tokio::test]
async fn two_days_of_rain_in_two_weeks_leave_locked_visits_and_no_household_twice() {
    for h in houses().await {
        h.start().await;
        for text in [WEEK, NEXT, THIRD] {
            h.plan(text, Some("1101")).await.unwrap();
        }
        h.consistent().await;
        let (first, _) = h.lock(WEEK, "2016-10-18").await;
        let (second, _) = h.lock(NEXT, "2016-10-25").await;
        let before = (
            place_of(&h.shown(&h.rural, WEEK).await, first),
            place_of(&h.shown(&h.rural, NEXT).await, second),
        );
        let third = h.header(&h.rural, THIRD).await.version;
        let one = h.rain(WEEK, "2016-10-20", "2016-10-20").await;
        assert!(one.others.is_empty(), "only its own week");
        let two = h.rain(NEXT, "2016-10-26", "2016-10-26").await;
        assert!(two.others.is_empty(), "only its own week");
        let plans = h.consistent().await;
        assert!(stops_on(&plans[0], day("2016-10-20")).is_empty());
        assert!(stops_on(&plans[1], day("2016-10-26")).is_empty());
        assert!(!stops_on(&plans[0], day("2016-10-19")).is_empty());
        assert!(!stops_on(&plans[1], day("2016-10-27")).is_empty());
        let after = (place_of(&plans[0], first), place_of(&plans[1], second));
        assert_eq!(after, before, "{}", h.name);
        assert_eq!(plans[2].header.version, third, "dry weeks are left alone");
    }
}

#[tokio::test]
async fn rain_over_the_weekend_plans_both_weeks_again_and_a_confirmed_one_has_to_be_confirmed_again()
 {
    for h in houses().await {
        h.start().await;
        for text in [WEEK, NEXT, THIRD] {
            h.plan(text, Some("1101")).await.unwrap();
        }
        h.confirm(&h.rural, NEXT).await.unwrap();
        assert_eq!(h.header(&h.rural, NEXT).await.state, CONFIRMED);
        let told = h.rain(WEEK, "2016-10-21", "2016-10-24").await;
        let others: Vec<(String, bool)> = told
            .others
            .iter()
            .map(|o| (o.week.to_string(), o.was_confirmed))
            .collect();
        assert_eq!(others, [(NEXT.to_owned(), true)], "{}", h.name);
        let plans = h.consistent().await;
        assert!(stops_on(&plans[0], day("2016-10-21")).is_empty());
        assert!(stops_on(&plans[1], day("2016-10-24")).is_empty());
        assert_eq!(plans[1].header.state, DRAFT);
        assert!(plans[1].header.reopened_why.is_some());
        // A second one in the third week: the two before do not move any more.
        h.rain(THIRD, "2016-11-01", "2016-11-01").await;
        let again = h.consistent().await;
        for (old, new) in plans.iter().zip(&again).take(2) {
            assert_eq!(old.header.version, new.header.version);
            assert_eq!(visited(old), visited(new));
        }
        assert!(stops_on(&again[2], day("2016-11-01")).is_empty());
    }
}
