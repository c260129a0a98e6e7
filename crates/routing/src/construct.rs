//! The first plan: the earlier plan where it still holds, then the dearest
//! tasks first, each at its cheapest place. Takes a checked model and gives the
//! state that the search improves; knows nothing of time limits or scoring.

use crate::insertion;
use crate::model::{Model, NONE};
use crate::rng::Rng;
use crate::state::State;

/// A feasible first plan that contains every fixed visit.
pub(crate) fn construct<'m>(model: &'m Model, rng: &mut Rng) -> State<'m> {
    let mut state = State::new(model);
    go_home(&mut state);
    let mut order: Vec<u32> = model.tasks().collect();
    order.sort_by_key(|&task| (-model.nodes[task as usize].prize, task));
    for task in order {
        if state.slots[task as usize].route != NONE {
            continue;
        }
        let prize = model.nodes[task as usize].prize;
        if let Some(spot) = insertion::full(&state, task, prize, rng) {
            state.insert(task, spot);
        }
    }
    state.commit();
    state
}

/// Puts tasks of the earlier plan back on their routes where they fit.
fn go_home(state: &mut State<'_>) {
    let model = state.model;
    for task in model.tasks() {
        let node = &model.nodes[task as usize];
        let served = state.slots[task as usize].route != NONE;
        if served || node.home as usize >= model.shifts.len() {
            continue;
        }
        if let Some(spot) = insertion::in_route(state, task, node.home, node.prize) {
            state.insert(task, spot);
        }
    }
}
