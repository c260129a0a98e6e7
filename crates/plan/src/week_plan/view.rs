//! The week plan as the API shows it. Names leave masked unless the caller
//! brings the permit of a printed plan; the list of those left out stays masked
//! even then. Knows no SQL and decides nothing.

use super::desk::words as desk_words;
use super::sweep::{MethodView, method_view, methods};
use super::{Header, LeftOut, Route, Stop, Title, WeekPlan, words};
use crate::program::Program;
use crate::targets::groups::Groups;
use crate::targets::words as target_words;
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use utoipa::ToSchema;
use uuid::Uuid;
use zf_base::mask::{Masked, Permit, PersonName};
use zf_kernel::{App, UnitScope};

/// Seconds of the day as `HH:MM`.
pub fn clock(seconds: i64) -> String {
    format!("{:02}:{:02}", seconds / 3600, seconds / 60 % 60)
}

/// Kilometres with one decimal.
fn km(meters: i64) -> f64 {
    (meters as f64 / 100.0).round() / 10.0
}

/// A branch.
#[derive(Serialize, ToSchema)]
pub struct PlanUnit {
    id: Uuid,
    name: String,
    lat: Option<f64>,
    lon: Option<f64>,
}

/// A program.
#[derive(Serialize, ToSchema)]
pub struct PlanProgram {
    id: Uuid,
    name: String,
}

/// From and to.
#[derive(Serialize, ToSchema)]
pub struct WindowView {
    from: String,
    to: String,
}

/// One stop.
#[derive(Serialize, ToSchema)]
pub struct StopView {
    id: Uuid,
    order: i64,
    target_id: Option<Uuid>,
    village_group_id: Option<Uuid>,
    /// Name of the householder (masked, in full only when printed) or of the village group.
    title: String,
    village_group_name: Option<String>,
    reasons: Vec<String>,
    households: i64,
    arrive: String,
    leave: String,
    lat: f64,
    lon: f64,
    approximate: bool,
    /// What the place is taken from: `door`, `household`, `village_group`, `village`,
    /// `township` or `outlet`; none for a village group and where it has changed since.
    precision: Option<String>,
    /// Planning again leaves it on its shift.
    locked: bool,
}

/// One route.
#[derive(Serialize, ToSchema)]
pub struct RouteView {
    id: Uuid,
    /// Code of the team with its number.
    team_id: String,
    team_name: String,
    /// `preliminary`, `precise_day` or `precise_evening`.
    kind: String,
    window: WindowView,
    members: Vec<String>,
    stops: Vec<StopView>,
    households: i64,
    back_at: String,
    travel_km: f64,
    /// When the shift begins, seconds of the day; names the shift in an edit.
    starts: i64,
    /// Planning again leaves it as it is.
    locked: bool,
    /// Minutes back after the end of the window.
    over_minutes: i64,
    /// Posts that open the doors of a village group; empty on other visits.
    openers: Vec<String>,
    /// What a preliminary visit takes along.
    materials: Vec<String>,
    /// What a preliminary visit leaves behind.
    traces: Vec<String>,
    /// Methods of visiting that it follows.
    methods: Vec<MethodView>,
}

/// One day.
#[derive(Serialize, ToSchema)]
pub struct DayView {
    day: String,
    weekday: u8,
    is_workday: bool,
    /// Visits are planned on this day.
    planned: bool,
    note: String,
    routes: Vec<RouteView>,
}

/// What is needed, planned and missing, in households.
#[derive(Serialize, ToSchema)]
pub struct ShortfallView {
    carried: i64,
    planned: i64,
    needed: i64,
    left: i64,
    sentence: String,
}

/// A household left out.
#[derive(Serialize, ToSchema)]
pub struct UnservedView {
    target_id: Uuid,
    name_masked: String,
    village_group_name: Option<String>,
    priority: i64,
    reason: String,
}

/// A stop that was struck out.
#[derive(Serialize, ToSchema)]
pub struct StruckView {
    route_id: Uuid,
    day: String,
    /// Why, in words, when it was not struck by hand.
    reason: Option<String>,
    /// It can be taken back.
    can_restore: bool,
    stop: StopView,
}

/// A ring of the service area.
#[derive(Serialize, ToSchema)]
pub struct RingView {
    meters: f64,
    label: String,
}

/// Figures of the plan.
#[derive(Serialize, ToSchema)]
pub struct StatsView {
    visits: i64,
    travel_km: f64,
    village_groups: i64,
}

/// 走访计划（周）.
#[derive(Serialize, ToSchema)]
pub struct WeekPlanView {
    id: Uuid,
    unit: PlanUnit,
    program: PlanProgram,
    week: String,
    /// `draft` or `confirmed`.
    state: String,
    version: i64,
    made_at: String,
    confirmed_at: Option<String>,
    confirmed_by_name: Option<String>,
    days: Vec<DayView>,
    shortfall: ShortfallView,
    unserved: Vec<UnservedView>,
    /// Households left out in all; the list holds the first of them.
    left_out: i64,
    /// Left out by kind of reason, most first, in words.
    left_out_why: Vec<String>,
    /// Why it is a draft again; empty when it is not.
    reopened: String,
    struck: Vec<StruckView>,
    rings: Vec<RingView>,
    stats: StatsView,
}

/// What is needed to turn a plan into a view.
pub struct Viewer<'a> {
    app: &'a App,
    program: &'a Program,
    scope: &'a UnitScope,
    groups: Groups,
    permit: Option<&'a Permit>,
}

impl<'a> Viewer<'a> {
    /// Masked, or in full with the permit of a printed plan.
    pub fn new(
        app: &'a App,
        program: &'a Program,
        scope: &'a UnitScope,
        permit: Option<&'a Permit>,
    ) -> zf_kernel::error::Result<Viewer<'a>> {
        Ok(Viewer {
            app,
            program,
            scope,
            groups: program.groups(app)?,
            permit,
        })
    }

    fn name(&self, name: &Masked<PersonName>) -> String {
        match self.permit {
            Some(permit) => name.reveal(permit).to_owned(),
            None => name.masked(),
        }
    }

    /// Whom a stop is about.
    pub fn title(&self, s: &Stop) -> String {
        match &s.title {
            // Whoever refuses is not named, not even among those struck out.
            _ if s.off.is_some() => words::REFUSED_TITLE.to_owned(),
            Title::Householder(name) => self.name(name),
            Title::Group(name) => name.clone(),
        }
    }

    fn stop(&self, order: i64, s: &Stop) -> StopView {
        let reasons = match &s.title {
            _ if s.off.is_some() => vec![],
            Title::Householder(_) => target_words::reasons(&s.reasons, &self.groups),
            Title::Group(_) => vec![words::sweep_reason(s.households)],
        };
        StopView {
            id: s.id.uuid(),
            order,
            target_id: s.target_id.map(|t| t.uuid()),
            village_group_id: s.village_group_id.map(|g| g.uuid()),
            title: self.title(s),
            village_group_name: s.village_group_name.clone(),
            reasons,
            households: s.households,
            arrive: clock(s.arrive),
            leave: clock(s.leave),
            lat: s.place.lat(),
            lon: s.place.lon(),
            approximate: s.approximate,
            precision: s.precision.map(|p| p.as_str().to_owned()),
            locked: s.locked.is_some(),
        }
    }

    fn route(&self, r: &Route) -> RouteView {
        let takes = super::sweep::takes(self.app, &self.program.definition, r);
        let definition = &self.program.definition;
        let methods = methods(definition, self.scope.unit(), r);
        let view = |m| method_view(self.app, definition, m);
        let standing: Vec<&Stop> = r.stops.iter().filter(|s| !s.struck).collect();
        RouteView {
            id: r.id.uuid(),
            team_id: r.team_code.clone(),
            team_name: r.team_name.clone(),
            kind: r.kind.clone(),
            window: WindowView {
                from: clock(r.starts),
                to: clock(r.ends),
            },
            members: super::print::member_words(self.app, r),
            households: standing.iter().map(|s| s.households).sum(),
            stops: standing
                .iter()
                .enumerate()
                .map(|(at, s)| self.stop(at as i64 + 1, s))
                .collect(),
            back_at: clock(r.back_at),
            travel_km: km(r.travel_meters),
            starts: r.starts,
            locked: r.locked.is_some(),
            over_minutes: match standing.is_empty() {
                true => 0,
                false => ((r.back_at - r.ends).max(0) + 59) / 60,
            },
            openers: takes.openers,
            materials: takes.materials,
            traces: takes.traces,
            methods: methods.into_iter().map(view).collect(),
        }
    }

    fn left_out(&self, l: &LeftOut) -> UnservedView {
        let post = |code: &str| {
            self.app
                .packs
                .post(code)
                .map_or_else(|| code.to_owned(), |p| p.name.zh.clone())
        };
        UnservedView {
            target_id: l.target_id.uuid(),
            // Not on the paper: the list of those left out stays masked.
            name_masked: l.name.masked(),
            village_group_name: l.village_group_name.clone(),
            priority: l.priority,
            reason: words::why(&l.why, &post),
        }
    }

    fn left_out_why(&self, plan: &WeekPlan) -> Vec<String> {
        let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
        for l in &plan.unserved {
            *counts.entry(words::why_kind(&l.why)).or_default() += 1;
        }
        let mut sorted: Vec<(&str, i64)> = counts.into_iter().collect();
        sorted.sort_by_key(|(_, n)| -n);
        let line = |(why, n): &(&str, i64)| desk_words::left_out(why, *n);
        let mut lines: Vec<String> = sorted.iter().map(line).collect();
        let more = plan.header.left_out - plan.unserved.len() as i64;
        if more > 0 {
            lines.push(desk_words::left_out_more(more));
        }
        lines
    }

    fn days(&self, plan: &WeekPlan) -> Vec<DayView> {
        let of = |day| {
            plan.routes
                .iter()
                // A route whose stops were all struck out does not go out.
                .filter(move |r| r.day == day && r.stops.iter().any(|s| !s.struck))
                .map(|r| self.route(r))
                .collect()
        };
        let view = |d: &super::days::PlanDay| DayView {
            day: d.day.to_string(),
            weekday: d.day.weekday(),
            is_workday: d.is_workday,
            planned: d.planned(),
            note: words::day_note(d),
            routes: of(d.day),
        };
        plan.days.iter().map(view).collect()
    }

    fn struck(&self, plan: &WeekPlan) -> Vec<StruckView> {
        let mut out = Vec::new();
        for route in &plan.routes {
            for stop in route.stops.iter().filter(|s| s.struck) {
                let (route_id, day) = (route.id.uuid(), route.day.to_string());
                out.push(StruckView {
                    route_id,
                    day,
                    reason: stop.off.map(|off| words::off(off).to_owned()),
                    can_restore: stop.off.is_none(),
                    stop: self.stop(stop.seq, stop),
                });
            }
        }
        out
    }

    /// The whole plan.
    pub fn view(&self, plan: &WeekPlan) -> WeekPlanView {
        let h: &Header = &plan.header;
        let unit = self.scope.unit();
        let ring = &self.program.definition.ring;
        let standing = || {
            plan.routes
                .iter()
                .flat_map(|r| &r.stops)
                .filter(|s| !s.struck)
        };
        let groups: HashSet<&str> = standing()
            .filter_map(|s| s.village_group_name.as_deref())
            .collect();
        WeekPlanView {
            id: h.id.uuid(),
            unit: PlanUnit {
                id: unit.id.uuid(),
                name: unit.name.clone(),
                lat: unit.place.map(|p| p.lat()),
                lon: unit.place.map(|p| p.lon()),
            },
            program: PlanProgram {
                id: self.program.id.uuid(),
                name: self.program.name.clone(),
            },
            week: h.week.to_string(),
            state: h.state.clone(),
            version: h.version,
            made_at: h.made_at.to_string(),
            confirmed_at: h.confirmed_at.map(|t| t.to_string()),
            confirmed_by_name: h.confirmed_by_name.clone(),
            days: self.days(plan),
            shortfall: ShortfallView {
                carried: h.carried,
                planned: h.planned,
                needed: h.needed,
                left: h.left(),
                sentence: words::shortfall(h.needed, h.carried, h.planned),
            },
            unserved: plan.unserved.iter().map(|l| self.left_out(l)).collect(),
            left_out: h.left_out.max(plan.unserved.len() as i64),
            left_out_why: self.left_out_why(plan),
            reopened: desk_words::reopened(h.reopened_why.as_deref()),
            struck: self.struck(plan),
            rings: vec![RingView {
                meters: ring.limit().0,
                label: words::ring(ring.near_km),
            }],
            stats: StatsView {
                visits: standing().count() as i64,
                travel_km: km(h.travel_meters),
                village_groups: groups.len() as i64,
            },
        }
    }
}
