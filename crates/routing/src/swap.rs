//! Exchanges all visits of two shifts.
//!
//! What it is for: where routes are full, a village can only change its day
//! when another takes the freed one: whole routes change places, and what the
//! other shift cannot hold is put back elsewhere. Tearing out strings never
//! does this.
//! What it may not know: whether the exchange is kept.

use crate::insertion;
use crate::model::Model;
use crate::rng::Rng;
use crate::state::State;

/// Draws of a pair before giving up.
const DRAWS: usize = 4;

/// Two shifts of different kinds whose visits are free to go, not both empty.
pub(crate) fn draw(state: &State<'_>, rng: &mut Rng) -> Option<(u32, u32)> {
    let model = state.model;
    let shifts = model.shifts.len();
    for _ in 0..DRAWS {
        let (a, b) = (rng.below(shifts), rng.below(shifts));
        let (first, second) = (&model.shifts[a], &model.shifts[b]);
        let free = |at: usize| !model.shifts[at].frozen && model.shifts[at].fixed.is_empty();
        let used = !state.routes[a].tasks.is_empty() || !state.routes[b].tasks.is_empty();
        if first.class != second.class && free(a) && free(b) && used {
            return Some((a as u32, b as u32));
        }
    }
    None
}

/// Exchanges the visits of two shifts; those without a place go to `out`.
pub(crate) fn swap(state: &mut State<'_>, pair: (u32, u32), out: &mut Vec<u32>) {
    let (a, b) = pair;
    let mine = state.routes[a as usize].tasks.clone();
    let theirs = state.routes[b as usize].tasks.clone();
    // Both out first: spacing and quotas look at everything planned.
    state.set_route(a, &[]);
    state.set_route(b, &[]);
    settle(state, b, &mine, out);
    settle(state, a, &theirs, out);
}

/// Puts tasks on an empty route, in this order if it holds them all.
fn settle(state: &mut State<'_>, route: u32, tasks: &[u32], out: &mut Vec<u32>) {
    let model = state.model;
    if !model.is_coupled() && holds(model, route, tasks) {
        state.set_route(route, tasks);
        return;
    }
    for &task in tasks {
        let prize = model.nodes[task as usize].prize;
        match insertion::in_route(state, task, route, prize) {
            Some(spot) => state.insert(task, spot),
            None => out.push(task),
        }
    }
}

/// Whether the shift could make these visits, and no others, in this order.
fn holds(model: &Model, route: u32, tasks: &[u32]) -> bool {
    if !tasks.iter().all(|&task| model.allows(task, route)) {
        return false;
    }
    let shift = &model.shifts[route as usize];
    let (mut now, mut prev, mut load) = (shift.start, shift.depot, 0);
    for &task in tasks {
        let node = &model.nodes[task as usize];
        let Some(begin) = model.begin(task, now + model.matrix.leg(prev, task)) else {
            return false;
        };
        load += i64::from(node.demand);
        (now, prev) = (begin + node.service, task);
    }
    load <= i64::from(shift.capacity) && now + model.matrix.leg(prev, shift.depot) <= shift.end
}
