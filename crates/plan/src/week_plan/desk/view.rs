//! The desk as the API shows it: effects, problems, places to move to, edits and
//! absences, all in words a head can act on. Names leave masked; the sentences
//! are made in `words`, the figures in `effect` and `keep`.

use super::admit::Admissible;
use super::arrange::To;
use super::arrange::{Arranged, FreeShift};
use super::away::{Away, OtherWeek};
use super::effect::Problem;
use super::service::{Desk, Effect};
use super::undo::{Made, STEPS};
use super::words;
use crate::program::Program;
use crate::targets::groups::Groups;
use crate::targets::words as target_words;
use crate::week_plan::assign::Goal;
use crate::week_plan::keep::{Changes, ShiftKey};
use crate::week_plan::view::{Viewer, WeekPlanView, clock};
use crate::week_plan::words as plan_words;
use crate::week_plan::{Stop, WeekPlan};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;
use zf_base::{RouteId, StopId};
use zf_kernel::App;

/// A rule that is broken, in words.
#[derive(Serialize, ToSchema)]
pub struct PlanProblem {
    sentence: String,
    /// Was broken before the edit already.
    known: bool,
    stop_id: Option<Uuid>,
    route_id: Option<Uuid>,
}

/// A stop's new time.
#[derive(Serialize, ToSchema)]
pub struct PlanEffectStop {
    stop_id: Uuid,
    title: String,
    arrive: String,
    /// Before the edit; none when it was on another route or struck.
    arrive_before: Option<String>,
}

/// A route that changes.
#[derive(Serialize, ToSchema)]
pub struct PlanEffectRoute {
    route_id: Uuid,
    day: String,
    sentence: String,
    back_at: String,
    back_at_before: Option<String>,
    /// Minutes back after the end of the window.
    over_minutes: i64,
    stops: Vec<PlanEffectStop>,
}

/// What an edit does, or would do.
#[derive(Serialize, ToSchema)]
pub struct PlanEffect {
    /// It was done.
    applied: bool,
    sentence: String,
    routes: Vec<PlanEffectRoute>,
    problems: Vec<PlanProblem>,
    /// What does not fit any more, in one sentence; none when all fits.
    falls_out: Option<String>,
    falls_out_ids: Vec<Uuid>,
    /// Where each of them goes, or why it has to be struck out.
    resettled: Vec<String>,
    /// Where the stop goes; none when none moves.
    to: Option<To>,
    /// It may be done as it is: no rule is broken that nobody may break.
    may_apply: bool,
    /// It may be done when what falls out goes elsewhere.
    may_fit: bool,
    planned: i64,
    /// The plan then; none when nothing was done.
    plan: Option<WeekPlanView>,
}

/// A shift that a stop may be moved to.
#[derive(Serialize, ToSchema)]
pub struct PlanPlace {
    day: String,
    weekday: u8,
    team_id: String,
    team_name: String,
    kind: String,
    /// Seconds of the day, as an edit names the shift.
    starts: i64,
    from: String,
    to: String,
    /// The route when there is one already.
    route_id: Option<Uuid>,
    households: i64,
    locked: bool,
}

/// An edit that was made.
#[derive(Serialize, ToSchema)]
pub struct PlanEditView {
    id: Uuid,
    sentence: String,
    made_at: String,
    made_by_name: String,
    undone: bool,
}

/// Who is away.
#[derive(Serialize, ToSchema)]
pub struct PlanAway {
    id: Uuid,
    /// `absence` or `weather`.
    kind: String,
    sentence: String,
    made_at: String,
    made_by_name: String,
}

/// A code with its name.
#[derive(Serialize, ToSchema)]
pub struct PlanChoice {
    id: String,
    name: String,
}

/// Everything for editing a plan.
#[derive(Serialize, ToSchema)]
pub struct PlanDesk {
    places: Vec<PlanPlace>,
    problems: Vec<PlanProblem>,
    /// The latest first.
    edits: Vec<PlanEditView>,
    can_undo: bool,
    /// Changes that can be taken back at most.
    undo_steps: i64,
    away: Vec<PlanAway>,
    staff: Vec<PlanChoice>,
    posts: Vec<PlanChoice>,
    windows: Vec<PlanChoice>,
}

/// What planning again changed.
#[derive(Serialize, ToSchema)]
pub struct PlanChanges {
    sentence: String,
    lines: Vec<String>,
    added: i64,
    removed: i64,
    moved: i64,
    same: i64,
    /// The plan is a draft now and has to be confirmed again.
    reopened: bool,
    plan: WeekPlanView,
    /// Other weeks that were planned again, in order.
    weeks: Vec<PlanOtherWeek>,
}

/// Another week that was planned again.
#[derive(Serialize, ToSchema)]
pub struct PlanOtherWeek {
    program_id: Uuid,
    week: String,
    sentence: String,
    /// It was confirmed and has to be confirmed again.
    reopened: bool,
}

/// A household that no week has.
#[derive(Serialize, ToSchema)]
pub struct PlanAdmissible {
    pub(super) target_id: Uuid,
    name_masked: String,
    village_group_name: Option<String>,
    pub(super) priority: i64,
    reasons: Vec<String>,
    due_day: Option<String>,
}

impl PlanAdmissible {
    /// With reasons in words.
    pub fn of(a: Admissible, groups: &Groups) -> PlanAdmissible {
        PlanAdmissible {
            target_id: a.target_id.uuid(),
            name_masked: a.name.masked(),
            village_group_name: a.village_group_name,
            priority: a.priority,
            reasons: target_words::reasons(&a.reasons, groups),
            due_day: a.due_day.map(|d| d.to_string()),
        }
    }
}

/// Turns ids of one plan into words.
pub struct Teller<'a> {
    app: &'a App,
    program: &'a Program,
    titles: HashMap<StopId, String>,
    goals: HashMap<Goal, String>,
}

impl<'a> Teller<'a> {
    /// With the names of these plans; the first one wins.
    pub fn new(
        app: &'a App,
        program: &'a Program,
        viewer: &Viewer<'_>,
        plans: &[&WeekPlan],
    ) -> Teller<'a> {
        let mut titles = HashMap::new();
        let mut goals = HashMap::new();
        for stop in plans.iter().flat_map(|p| &p.routes).flat_map(|r| &r.stops) {
            let title = viewer.title(stop);
            if let Some(goal) = goal_of(stop) {
                goals.entry(goal).or_insert_with(|| title.clone());
            }
            titles.entry(stop.id).or_insert(title);
        }
        Teller {
            app,
            program,
            titles,
            goals,
        }
    }

    /// Knows some stops that are on no plan yet, too.
    pub fn naming(mut self, names: &[(StopId, String)]) -> Teller<'a> {
        self.titles.extend(names.iter().cloned());
        self
    }

    fn title(&self, stop: StopId) -> String {
        let known = self.titles.get(&stop).cloned();
        known.unwrap_or_else(|| words::SOMEBODY.to_owned())
    }

    fn goal(&self, goal: &Goal) -> &str {
        self.goals.get(goal).map_or(words::SOMEBODY, String::as_str)
    }

    fn post(&self, code: &str) -> String {
        let post = self.app.packs.post(code);
        post.map_or_else(|| code.to_owned(), |p| p.name.zh.clone())
    }

    fn person(&self, post: &str, name: &str) -> String {
        let person = crate::week_plan::facts::Person {
            post: post.to_owned(),
            name: name.to_owned(),
        };
        plan_words::member(&person, &self.post(post))
    }

    /// A shift in words; the title of the team is the definition's.
    fn shift(&self, key: &ShiftKey) -> String {
        let team = key.team_code.rsplit_once('-').map_or("", |(id, _)| id);
        let team = self.program.definition.team.iter().find(|t| t.id == team);
        let title = team.map_or(key.team_code.as_str(), |t| t.title.as_str());
        words::shift(key.day, &clock(key.start), title)
    }

    fn problem(&self, p: &Problem, shifts: &HashMap<RouteId, String>) -> String {
        let shift = |id: &RouteId| shifts.get(id).cloned().unwrap_or_default();
        let km = self.program.definition.ring.near_km;
        match p {
            Problem::Over {
                route,
                minutes,
                lunch,
            } => words::over(&shift(route), *minutes, *lunch),
            Problem::WrongRing { stop, far } => words::wrong_ring(&self.title(*stop), *far, km),
            Problem::PostMissing { stop, post } => {
                words::post_missing(&self.title(*stop), &self.post(post))
            }
            Problem::AfterDue { stop, due } => words::after_due(&self.title(*stop), *due),
            Problem::NoVisits { stop } => words::no_visits(&self.title(*stop)),
            Problem::DayFull {
                day,
                households,
                most,
            } => words::day_full(*day, *households, *most),
            Problem::Away { route, post, name } => {
                words::away(&shift(route), &self.person(post, name))
            }
            Problem::Twice {
                route,
                other,
                post,
                name,
            } => words::twice(&self.person(post, name), &shift(route), &shift(other)),
        }
    }

    fn problems<'b>(
        &self,
        problems: &[Problem],
        known: &[Problem],
        routes: impl Iterator<Item = &'b Arranged>,
    ) -> Vec<PlanProblem> {
        let shifts = routes.map(|r| (r.id, self.shift(&r.key))).collect();
        let view = |p: &Problem| {
            let (stop, route) = about(p);
            PlanProblem {
                sentence: self.problem(p, &shifts),
                known: known.contains(p),
                stop_id: stop.map(|s| s.uuid()),
                route_id: route.map(|r| r.uuid()),
            }
        };
        problems.iter().map(view).collect()
    }

    /// What an edit does.
    pub fn effect(&self, desk: &Desk, effect: &Effect, plan: Option<WeekPlanView>) -> PlanEffect {
        let then = effect.routes.iter().map(|(_, r)| r);
        let all = desk.now.routes.iter().chain(then);
        let names: Vec<String> = effect.falls_out.iter().map(|s| self.title(*s)).collect();
        let post = |code: &str| self.post(code);
        let moved = effect.resettled.iter();
        let moved = moved.map(|(s, k)| words::resettled(&self.title(*s), &self.shift(k)));
        let struck = effect.struck.iter();
        let struck = struck
            .map(|(s, why)| words::fits_nowhere(&self.title(*s), &plan_words::why(why, &post)));
        // Whole minutes are what people count in.
        let minutes = (effect.travel_seconds as f64 / 60.0).round() as i64;
        PlanEffect {
            applied: plan.is_some(),
            sentence: words::effect(effect.planned_before, effect.planned, minutes)
                + &words::gone(effect.gone),
            resettled: moved.chain(struck).collect(),
            to: effect.to.clone(),
            may_apply: effect.refused.is_none(),
            may_fit: !effect.falls_out.is_empty() && effect.refused != Some("plan.add_shift"),
            routes: effect
                .routes
                .iter()
                .map(|(old, r)| self.route(old.as_ref(), r))
                .collect(),
            problems: self.problems(&effect.problems, &effect.known, all),
            falls_out: (!names.is_empty()).then(|| words::falls_out(&names, effect.fitted)),
            falls_out_ids: effect.falls_out.iter().map(|s| s.uuid()).collect(),
            planned: effect.planned,
            plan,
        }
    }

    fn route(&self, old: Option<&Arranged>, r: &Arranged) -> PlanEffectRoute {
        let before: HashMap<StopId, i64> = old
            .into_iter()
            .flat_map(Arranged::standing)
            .map(|s| (s.id, s.arrive))
            .collect();
        let households: i64 = r.standing().map(|s| s.households).sum();
        let over = match households {
            0 => 0,
            _ => ((r.back_at - r.ends).max(0) + 59) / 60,
        };
        let stop = |s: &super::arrange::Place| PlanEffectStop {
            stop_id: s.id.uuid(),
            title: self.title(s.id),
            arrive: clock(s.arrive),
            arrive_before: before.get(&s.id).map(|t| clock(*t)),
        };
        PlanEffectRoute {
            route_id: r.id.uuid(),
            day: r.key.day.to_string(),
            sentence: words::route(&self.shift(&r.key), households, &clock(r.back_at), over),
            back_at: clock(r.back_at),
            back_at_before: old.map(|o| clock(o.back_at)),
            over_minutes: over,
            stops: r.standing().map(stop).collect(),
        }
    }

    /// Where stops may go, and what is wrong now.
    pub fn places(&self, desk: &Desk, free: &[FreeShift]) -> Vec<PlanPlace> {
        let mut all: Vec<(ShiftKey, PlanPlace)> = Vec::new();
        let place = |key: &ShiftKey, name: &str, kind: &str, ends: i64| PlanPlace {
            day: key.day.to_string(),
            weekday: key.day.weekday(),
            team_id: key.team_code.clone(),
            team_name: name.to_owned(),
            kind: kind.to_owned(),
            starts: key.start,
            from: clock(key.start),
            to: clock(ends),
            route_id: None,
            households: 0,
            locked: false,
        };
        for r in &desk.now.routes {
            let view = PlanPlace {
                route_id: Some(r.id.uuid()),
                households: r.standing().map(|s| s.households).sum(),
                locked: r.locked.is_some(),
                ..place(&r.key, &r.team_name, r.kind.as_str(), r.ends)
            };
            all.push((r.key.clone(), view));
        }
        for f in free {
            let view = place(&f.key, &f.team_name, f.kind.as_str(), f.ends);
            all.push((f.key.clone(), view));
        }
        let by_time = |k: &ShiftKey| (k.day, k.start, k.team_code.clone());
        all.sort_by_key(|(key, _)| by_time(key));
        all.into_iter().map(|(_, view)| view).collect()
    }

    /// Everything for editing.
    pub fn desk(
        &self,
        desk: &Desk,
        edits: Vec<PlanEditView>,
        can_undo: bool,
        away: &[Away],
        staff: &[zf_kernel::staff::Staff],
    ) -> PlanDesk {
        let judge = desk.judge(self.program);
        let problems = judge.problems(&desk.now);
        let active = || staff.iter().filter(|s| s.active);
        let mut posts: Vec<&str> = active().map(|s| s.post.as_str()).collect();
        posts.sort_unstable();
        posts.dedup();
        let choice = |id: &str, name: String| PlanChoice {
            id: id.to_owned(),
            name,
        };
        PlanDesk {
            places: self.places(desk, &judge.free(&desk.now)),
            problems: self.problems(&problems, &[], desk.now.routes.iter()),
            edits,
            can_undo,
            undo_steps: STEPS,
            away: away.iter().map(|a| self.away(a)).collect(),
            staff: active()
                .map(|s| choice(&s.id.to_string(), self.person(&s.post, &s.name)))
                .collect(),
            posts: posts.iter().map(|p| choice(p, self.post(p))).collect(),
            windows: self
                .program
                .definition
                .window
                .iter()
                .map(|w| choice(&w.id, w.title.clone()))
                .collect(),
        }
    }

    fn away(&self, a: &Away) -> PlanAway {
        let post = a.post.as_deref().unwrap_or_default();
        let who = match (&a.name, &a.post) {
            (Some(name), _) => Some(self.person(post, name)),
            (None, Some(post)) => Some(self.post(post)),
            (None, None) => None,
        };
        let windows = &self.program.definition.window;
        let window = a.window.as_ref().map(|id| {
            let known = windows.iter().find(|w| w.id == *id);
            known.map_or(id.as_str(), |w| w.title.as_str())
        });
        PlanAway {
            id: a.id,
            kind: a.kind.clone(),
            sentence: words::away_line(who.as_deref(), a.first, a.last, window),
            made_at: a.made_at.to_string(),
            made_by_name: a.made_by_name.clone(),
        }
    }

    /// What planning again changed.
    pub fn changes(
        &self,
        c: &Changes,
        reopened: bool,
        plan: WeekPlanView,
        others: &[OtherWeek],
    ) -> PlanChanges {
        let mut lines = Vec::new();
        let of = |k: &ShiftKey| self.shift(k);
        lines.extend(
            c.removed
                .iter()
                .map(|(g, k)| words::removed(self.goal(g), &of(k))),
        );
        lines.extend(
            c.moved
                .iter()
                .map(|(g, a, b)| words::moved(self.goal(g), &of(a), &of(b))),
        );
        lines.extend(
            c.added
                .iter()
                .map(|(g, k)| words::added(self.goal(g), &of(k))),
        );
        let (added, removed, moved) = (c.added.len(), c.removed.len(), c.moved.len());
        PlanChanges {
            sentence: words::changes(added, removed, moved, c.same),
            lines,
            added: added as i64,
            removed: removed as i64,
            moved: moved as i64,
            same: c.same,
            reopened,
            plan,
            weeks: others.iter().map(other_week).collect(),
        }
    }
}

fn other_week(o: &OtherWeek) -> PlanOtherWeek {
    let c = o.result.changes.clone().unwrap_or_default();
    let what = words::changes(c.added.len(), c.removed.len(), c.moved.len(), c.same);
    PlanOtherWeek {
        program_id: o.program.id.uuid(),
        week: o.week.to_string(),
        sentence: words::other_week(&o.program.name, o.week, &what, o.was_confirmed),
        reopened: o.was_confirmed,
    }
}

impl From<Made> for PlanEditView {
    fn from(m: Made) -> PlanEditView {
        PlanEditView {
            id: m.id,
            sentence: words::edit(&m.kind).to_owned(),
            made_at: m.at.to_string(),
            made_by_name: m.by_name,
            undone: m.undone,
        }
    }
}

fn goal_of(stop: &Stop) -> Option<Goal> {
    match (stop.target_id, stop.village_group_id) {
        (Some(id), _) => Some(Goal::Target(id)),
        (None, Some(id)) => Some(Goal::Group(id)),
        (None, None) => None,
    }
}

fn about(p: &Problem) -> (Option<StopId>, Option<RouteId>) {
    match p {
        Problem::WrongRing { stop, .. }
        | Problem::PostMissing { stop, .. }
        | Problem::AfterDue { stop, .. }
        | Problem::NoVisits { stop } => (Some(*stop), None),
        Problem::Over { route, .. }
        | Problem::Away { route, .. }
        | Problem::Twice { route, .. } => (None, Some(*route)),
        Problem::DayFull { .. } => (None, None),
    }
}
