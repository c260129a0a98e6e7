//! One plan under construction, with O(1) tests of insertions.
//!
//! What it is for: keeps routes as sequences and, per task, the gap before and
//! after it (who is on either side, when one can leave the one and must begin
//! the other), so that trying a position touches one record. Changes are
//! journalled and can be taken back together.
//! What it may not know: which changes are good.

use crate::model::{Model, NONE};

/// A place between two consecutive stops of a route.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gap {
    pub(crate) prev: u32,
    pub(crate) next: u32,
    /// Earliest second at which one leaves `prev`.
    pub(crate) depart: i32,
    /// Latest second at which one must be at `next`; `CLOSED` when nothing may
    /// be put here.
    pub(crate) bound: i32,
    /// Seconds from `prev` to `next`.
    pub(crate) leg: i32,
}

const CLOSED: i32 = i32::MIN;

/// Where a task is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    /// Its route or `NONE`.
    pub(crate) route: u32,
    pub(crate) position: u32,
    pub(crate) before: Gap,
    pub(crate) after: Gap,
}

/// The best place found for a task.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    pub(crate) route: u32,
    pub(crate) position: u32,
    /// Seconds of cost it adds, penalty included, prize not.
    pub(crate) delta: i32,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct RouteState {
    pub(crate) tasks: Vec<u32>,
    pub(crate) travel: i32,
}

/// A plan of one part.
pub(crate) struct State<'m> {
    pub(crate) model: &'m Model,
    pub(crate) slots: Vec<Slot>,
    pub(crate) routes: Vec<RouteState>,
    /// Demand each route can still take.
    room: Vec<i32>,
    day_load: Vec<i64>,
    team_load: Vec<i64>,
    /// Routes without visits, as bits.
    empty: Vec<u64>,
    /// Prizes left out + travel + penalties, with the bonus of mandatory tasks.
    pub(crate) cost: i64,
    touched: Vec<u32>,
    is_touched: Vec<bool>,
    backup: Vec<RouteState>,
    cost_before: i64,
    /// Scratch of `retime`: earliest departure from each visit.
    departs: Vec<i32>,
}

impl<'m> State<'m> {
    /// Only the fixed visits are made.
    pub(crate) fn new(model: &'m Model) -> Self {
        let routes = model.shifts.len();
        let gap = Gap {
            prev: 0,
            next: 0,
            depart: 0,
            bound: CLOSED,
            leg: 0,
        };
        let slot = Slot {
            route: NONE,
            position: 0,
            before: gap,
            after: gap,
        };
        let mut state = State {
            model,
            slots: vec![slot; model.nodes.len()],
            routes: vec![RouteState::default(); routes],
            room: model.shifts.iter().map(|shift| shift.capacity).collect(),
            day_load: vec![0; model.days],
            team_load: vec![0; model.team_days],
            empty: vec![0; model.words()],
            cost: model.nodes.iter().map(|node| node.prize).sum(),
            touched: Vec::new(),
            is_touched: vec![false; routes],
            backup: vec![RouteState::default(); routes],
            cost_before: 0,
            departs: Vec::new(),
        };
        for route in 0..routes as u32 {
            let fixed = model.shifts[route as usize].fixed.clone();
            state.set_route(route, &fixed);
        }
        state.commit();
        state
    }

    /// Replaces the visits of a route, whatever was there; cost follows.
    pub(crate) fn set_route(&mut self, route: u32, tasks: &[u32]) {
        self.touch(route);
        let old = std::mem::take(&mut self.routes[route as usize].tasks);
        for &task in &old {
            self.unload(task, route);
        }
        for &task in tasks {
            self.load(task, route);
        }
        self.routes[route as usize].tasks = old;
        self.routes[route as usize].tasks.clear();
        self.routes[route as usize].tasks.extend_from_slice(tasks);
        self.retime(route);
    }

    /// Puts a task into a spot.
    pub(crate) fn insert(&mut self, task: u32, spot: Spot) {
        self.touch(spot.route);
        self.load(task, spot.route);
        let tasks = &mut self.routes[spot.route as usize].tasks;
        tasks.insert(spot.position as usize, task);
        self.retime(spot.route);
    }

    /// Puts a task into the place of a planned one, which goes out.
    pub(crate) fn replace(&mut self, task: u32, other: u32) {
        let Slot {
            route, position, ..
        } = self.slots[other as usize];
        self.touch(route);
        self.unload(other, route);
        self.load(task, route);
        self.routes[route as usize].tasks[position as usize] = task;
        self.retime(route);
    }

    /// The gap that a planned task leaves behind when it goes; `None` when it
    /// is fixed.
    #[inline]
    pub(crate) fn gap_without(&self, other: u32) -> Option<Gap> {
        let slot = &self.slots[other as usize];
        (slot.before.bound != CLOSED).then(|| Gap {
            prev: slot.before.prev,
            next: slot.after.next,
            depart: slot.before.depart,
            bound: slot.after.bound,
            leg: slot.before.leg + slot.after.leg,
        })
    }

    /// Whether the task may take the place of a planned one, times apart.
    #[inline]
    pub(crate) fn admits_instead(&self, task: u32, other: u32) -> bool {
        let (mine, theirs) = (
            &self.model.nodes[task as usize],
            &self.model.nodes[other as usize],
        );
        let route = self.slots[other as usize].route;
        self.model.allows(task, route)
            && self.room[route as usize] + theirs.demand >= mine.demand
            && (!mine.coupled || self.coupled_admits(task, route))
    }

    /// Takes the visits `from..to` but `keep` out of a route; appends them to `out`.
    pub(crate) fn remove_string(
        &mut self,
        route: u32,
        from: usize,
        to: usize,
        keep: std::ops::Range<usize>,
        out: &mut Vec<u32>,
    ) {
        self.touch(route);
        let mut tasks = std::mem::take(&mut self.routes[route as usize].tasks);
        let mut write = from;
        for at in from..tasks.len() {
            let task = tasks[at];
            if at < to && !keep.contains(&at) {
                self.unload(task, route);
                out.push(task);
            } else {
                tasks[write] = task;
                write += 1;
            }
        }
        tasks.truncate(write);
        self.routes[route as usize].tasks = tasks;
        self.retime(route);
    }

    fn load(&mut self, task: u32, route: u32) {
        self.slots[task as usize].route = route;
        self.account(task, route, 1);
    }

    fn unload(&mut self, task: u32, route: u32) {
        self.slots[task as usize].route = NONE;
        self.account(task, route, -1);
    }

    /// Books demand, prize and penalty of a task that comes (1) or goes (-1).
    fn account(&mut self, task: u32, route: u32, sign: i32) {
        let (node, shift) = (
            &self.model.nodes[task as usize],
            &self.model.shifts[route as usize],
        );
        self.room[route as usize] -= sign * node.demand;
        self.day_load[shift.day as usize] += i64::from(sign * node.demand);
        self.team_load[shift.team_day as usize] += i64::from(sign * node.demand);
        let gain = node.prize - i64::from(self.moved(task, route));
        self.cost -= i64::from(sign) * gain;
    }

    /// Penalty of a task for being on this route.
    #[inline]
    fn moved(&self, task: u32, route: u32) -> i32 {
        let home = self.model.nodes[task as usize].home;
        if home == NONE || home == route {
            0
        } else {
            self.model.penalty
        }
    }

    /// Recomputes times, gaps and travel of a route from its sequence.
    fn retime(&mut self, route: u32) {
        let model = self.model;
        let shift = &model.shifts[route as usize];
        let state = &mut self.routes[route as usize];
        let fixed = if shift.frozen {
            usize::MAX
        } else {
            shift.fixed.len()
        };
        let word = &mut self.empty[route as usize / 64];
        let bit = 1u64 << (route % 64);
        if state.tasks.is_empty() {
            *word |= bit
        } else {
            *word &= !bit
        }
        self.cost -= i64::from(state.travel);
        self.departs.clear();
        let (mut travel, mut depart, mut prev) = (0, shift.start, shift.depot);
        for (at, &task) in state.tasks.iter().enumerate() {
            let leg = model.matrix.leg(prev, task);
            let slot = &mut self.slots[task as usize];
            slot.position = at as u32;
            slot.before = Gap {
                prev,
                next: task,
                depart,
                bound: CLOSED,
                leg,
            };
            // A fixed part that is late all by itself is refused by `validate`.
            let begin = model.begin(task, depart + leg).unwrap_or(depart + leg);
            depart = begin + model.nodes[task as usize].service;
            self.departs.push(depart);
            travel += leg;
            prev = task;
        }
        let (mut bound, mut next, mut leg) = (shift.end, shift.depot, 0);
        if prev != shift.depot {
            leg = model.matrix.leg(prev, next);
        }
        travel += leg;
        for (at, &task) in state.tasks.iter().enumerate().rev() {
            let slot = &mut self.slots[task as usize];
            let open = if at + 1 < fixed { CLOSED } else { bound };
            slot.after = Gap {
                prev: task,
                next,
                depart: self.departs[at],
                bound: open,
                leg,
            };
            let by = bound - leg - model.nodes[task as usize].service;
            bound = model.latest(task, by);
            slot.before.bound = if at < fixed { CLOSED } else { bound };
            next = task;
            leg = slot.before.leg;
        }
        state.travel = travel;
        self.cost += i64::from(travel);
    }

    /// Whether the task may join the route, positions apart.
    #[inline]
    pub(crate) fn admits(&self, task: u32, route: u32) -> bool {
        let node = &self.model.nodes[task as usize];
        self.model.allows(task, route)
            && self.room[route as usize] >= node.demand
            && (!node.coupled || self.coupled_admits(task, route))
    }

    fn coupled_admits(&self, task: u32, route: u32) -> bool {
        self.quota_admits(task, route) && self.spacing_conflict(task, route).is_none()
    }

    /// Whether the quotas leave room for the task on this route's day.
    pub(crate) fn quota_admits(&self, task: u32, route: u32) -> bool {
        let demand = i64::from(self.model.nodes[task as usize].demand);
        let shift = &self.model.shifts[route as usize];
        let day = self.day_load[shift.day as usize] + demand;
        let team = self.team_load[shift.team_day as usize] + demand;
        let team_counts = !shift.teamless;
        self.model.per_day.is_none_or(|most| day <= most)
            && (!team_counts || self.model.per_team.is_none_or(|most| team <= most))
    }

    /// The visit that is too close to the route's day, if there is one.
    pub(crate) fn spacing_conflict(&self, task: u32, route: u32) -> Option<u32> {
        let day = i64::from(self.model.shifts[route as usize].day);
        let conflict = self.model.links(task).iter().find(|link| {
            let other = self.slots[link.other as usize].route;
            if other == NONE {
                return false;
            }
            let other_day = i64::from(self.model.shifts[other as usize].day);
            let gap = if link.other_first {
                day - other_day
            } else {
                other_day - day
            };
            gap < link.min_days
        });
        conflict.map(|link| link.other)
    }

    /// Demand the route can still take.
    pub(crate) fn room(&self, route: u32) -> i32 {
        self.room[route as usize]
    }

    /// Routes without visits, as bits.
    #[inline]
    pub(crate) fn empty_bits(&self) -> &[u64] {
        &self.empty
    }

    /// Penalty included in every delta on this route.
    #[inline]
    pub(crate) fn surcharge(&self, task: u32, route: u32) -> i32 {
        if self.model.penalty == 0 {
            0
        } else {
            self.moved(task, route)
        }
    }

    /// The gap of a route without visits; `None` when nothing may be put there.
    pub(crate) fn only_gap(&self, route: u32) -> Option<Gap> {
        let shift = &self.model.shifts[route as usize];
        if shift.frozen {
            return None;
        }
        let (prev, next) = (shift.depot, shift.depot);
        Some(Gap {
            prev,
            next,
            depart: shift.start,
            bound: shift.end,
            leg: 0,
        })
    }

    /// Calls `visit(position, gap)` for every gap of a route, in order.
    #[inline]
    pub(crate) fn for_gaps(&self, route: u32, mut visit: impl FnMut(u32, &Gap)) {
        let tasks = &self.routes[route as usize].tasks;
        for (at, &task) in tasks.iter().enumerate() {
            visit(at as u32, &self.slots[task as usize].before);
        }
        match tasks.last() {
            Some(&last) => visit(tasks.len() as u32, &self.slots[last as usize].after),
            None => {
                if let Some(gap) = self.only_gap(route) {
                    visit(0, &gap);
                }
            }
        }
    }

    /// Journals a route before its first change since `commit` or `undo`.
    #[inline]
    fn touch(&mut self, route: u32) {
        let at = route as usize;
        if self.is_touched[at] {
            return;
        }
        if self.touched.is_empty() {
            self.cost_before = self.cost;
        }
        self.is_touched[at] = true;
        self.touched.push(route);
        self.backup[at].tasks.clone_from(&self.routes[at].tasks);
    }

    /// Routes changed since the last `commit` or `undo`.
    #[inline]
    pub(crate) fn touched(&self) -> &[u32] {
        &self.touched
    }

    #[inline]
    pub(crate) fn is_touched(&self, route: u32) -> bool {
        self.is_touched[route as usize]
    }

    /// Keeps the changes.
    pub(crate) fn commit(&mut self) {
        for route in self.touched.drain(..) {
            self.is_touched[route as usize] = false;
        }
    }

    /// Takes the changes back.
    pub(crate) fn undo(&mut self) {
        if self.touched.is_empty() {
            return;
        }
        for at in 0..self.touched.len() {
            let route = self.touched[at];
            let tasks = std::mem::take(&mut self.routes[route as usize].tasks);
            for &task in &tasks {
                self.unload(task, route);
            }
            self.routes[route as usize].tasks = tasks;
        }
        for at in 0..self.touched.len() {
            let route = self.touched[at] as usize;
            self.is_touched[route] = false;
            let (state, backup) = (&mut self.routes[route], &mut self.backup[route]);
            std::mem::swap(&mut state.tasks, &mut backup.tasks);
            let tasks = std::mem::take(&mut state.tasks);
            for &task in &tasks {
                self.load(task, route as u32);
            }
            self.routes[route].tasks = tasks;
            self.retime(route as u32);
        }
        self.touched.clear();
        debug_assert_eq!(self.cost, self.cost_before);
    }
}
