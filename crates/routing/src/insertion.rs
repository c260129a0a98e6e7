//! Finding the cheapest place for one task.
//!
//! What it is for: the innermost loop of the search, in two reaches: `full`
//! tries every gap of every route; `near` only gaps beside the task's nearest
//! served neighbours, in the routes just changed, and in one empty route of
//! each kind.
//! What it may not know: in which order tasks are placed, or whether the
//! result is kept.

use crate::model::{Model, NONE};
use crate::rng::Rng;
use crate::state::{Gap, Spot, State};

/// Neighbours beside which an insertion is tried.
const REACH: usize = 40;

/// A task looking for a place.
struct Seeker<'a> {
    model: &'a Model,
    task: u32,
    /// Seconds from the task to every point, and to it from every point.
    from: &'a [i32],
    to: &'a [i32],
    service: i32,
    /// Skip improving gaps with this chance in 2^32.
    blink: u32,
    best: Spot,
}

impl<'a> Seeker<'a> {
    /// Accepts only places that cost less than `limit`.
    fn new(model: &'a Model, task: u32, limit: i64, blink: u32) -> Self {
        Seeker {
            model,
            task,
            from: model.matrix.row_of(task),
            to: model.matrix.column_of(task),
            service: model.nodes[task as usize].service,
            blink,
            best: Spot {
                route: NONE,
                position: 0,
                delta: limit.min(i64::from(i32::MAX)) as i32,
            },
        }
    }

    /// Seconds the task would add in a gap; `None` when it does not fit.
    #[inline]
    fn cost(&self, gap: &Gap, below: i32) -> Option<i32> {
        let (reach, leave) = (self.to[gap.prev as usize], self.from[gap.next as usize]);
        let delta = reach + leave - gap.leg;
        if delta >= below {
            return None;
        }
        let begin = self.model.begin(self.task, gap.depart + reach)?;
        (begin + self.service + leave <= gap.bound).then_some(delta)
    }

    #[inline]
    fn consider(&mut self, route: u32, position: u32, gap: &Gap, surcharge: i32, rng: &mut Rng) {
        let Some(delta) = self.cost(gap, self.best.delta - surcharge) else {
            return;
        };
        if self.blink == 0 || !rng.chance(self.blink) {
            let delta = delta + surcharge;
            self.best = Spot {
                route,
                position,
                delta,
            };
        }
    }

    fn consider_route(&mut self, state: &State<'_>, route: u32, rng: &mut Rng) {
        let surcharge = state.surcharge(self.task, route);
        state.for_gaps(route, |position, gap| {
            self.consider(route, position, gap, surcharge, rng);
        });
    }

    fn found(self) -> Option<Spot> {
        (self.best.route != NONE).then_some(self.best)
    }
}

/// What `near` keeps between calls: marks, so that only one empty route of
/// each class is tried, and the chance of a blink.
pub(crate) struct Scout {
    stamps: Vec<u64>,
    now: u64,
    /// In 2^32.
    blink: u32,
}

impl Scout {
    /// `blink`: chance (0..1) that an improving gap is overlooked on purpose.
    pub(crate) fn new(model: &Model, blink: f64) -> Self {
        Scout {
            blink: (blink.clamp(0.0, 1.0) * f64::from(u32::MAX)) as u32,
            stamps: vec![0; model.classes],
            now: 0,
        }
    }

    fn next_round(&mut self) {
        self.now += 1;
    }

    /// True the first time a class is met in a round.
    fn first(&mut self, class: u32) -> bool {
        let stamp = &mut self.stamps[class as usize];
        std::mem::replace(stamp, self.now) != self.now
    }
}

/// Cheapest place below `limit` over all gaps of all routes.
pub(crate) fn full(state: &State<'_>, task: u32, limit: i64, rng: &mut Rng) -> Option<Spot> {
    let mut seeker = Seeker::new(state.model, task, limit, 0);
    for route in 0..state.routes.len() as u32 {
        if state.admits(task, route) {
            seeker.consider_route(state, route, rng);
        }
    }
    seeker.found()
}

/// Cheapest place below `limit` in one route.
pub(crate) fn in_route(state: &State<'_>, task: u32, route: u32, limit: i64) -> Option<Spot> {
    if !state.admits(task, route) {
        return None;
    }
    let mut seeker = Seeker::new(state.model, task, limit, 0);
    // Without blinks no random number is drawn.
    seeker.consider_route(state, route, &mut Rng::new(0));
    seeker.found()
}

/// Cheapest place below `limit` within reach, with blinks.
pub(crate) fn near(
    state: &State<'_>,
    task: u32,
    limit: i64,
    rng: &mut Rng,
    scout: &mut Scout,
) -> Option<Spot> {
    let model = state.model;
    let mut seeker = Seeker::new(model, task, limit, scout.blink);
    for &route in state.touched() {
        if !state.routes[route as usize].tasks.is_empty() && state.admits(task, route) {
            seeker.consider_route(state, route, rng);
        }
    }
    consider_empty(&mut seeker, state, rng, scout);
    let near = model.near(task);
    for &other in &near[..REACH.min(near.len())] {
        let slot = &state.slots[other as usize];
        let route = slot.route;
        if route == NONE || state.is_touched(route) || !state.admits(task, route) {
            continue;
        }
        let surcharge = state.surcharge(task, route);
        seeker.consider(route, slot.position, &slot.before, surcharge, rng);
        seeker.consider(route, slot.position + 1, &slot.after, surcharge, rng);
    }
    seeker.found()
}

/// The planned neighbour whose place the task could take at the greatest gain
/// in cost, if there is a gain at all.
pub(crate) fn exchange(state: &State<'_>, task: u32) -> Option<u32> {
    let model = state.model;
    let seeker = Seeker::new(model, task, i64::MAX, 0);
    let prize = model.nodes[task as usize].prize;
    let near = model.near(task);
    let (mut best, mut chosen) = (0, None);
    for &other in &near[..REACH.min(near.len())] {
        let route = state.slots[other as usize].route;
        let theirs = model.nodes[other as usize].prize;
        if route == NONE || theirs >= prize || !state.admits_instead(task, other) {
            continue;
        }
        let Some(gap) = state.gap_without(other) else {
            continue;
        };
        let Some(delta) = seeker.cost(&gap, i32::MAX) else {
            continue;
        };
        let delta = delta + state.surcharge(task, route) - state.surcharge(other, route);
        let change = i64::from(delta) + theirs - prize;
        if change < best {
            (best, chosen) = (change, Some(other));
        }
    }
    chosen
}

fn consider_empty(seeker: &mut Seeker<'_>, state: &State<'_>, rng: &mut Rng, scout: &mut Scout) {
    scout.next_round();
    let allowed = state.model.allowed_bits(seeker.task);
    for (word, (&empty, &allowed)) in state.empty_bits().iter().zip(allowed).enumerate() {
        let mut bits = empty & allowed;
        while bits != 0 {
            let route = (word * 64) as u32 + bits.trailing_zeros();
            bits &= bits - 1;
            let class = state.model.shifts[route as usize].class;
            if scout.first(class) && state.admits(seeker.task, route) {
                seeker.consider_route(state, route, rng);
            }
        }
    }
}
