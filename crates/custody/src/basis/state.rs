//! The life of a lawful basis, without a database: proposed, agreed to by so
//! many others, approved; rejected; withdrawn. Knows people by their ids only;
//! how many must agree comes in as an argument.

use zf_base::UserId;
use zf_base::code::ErrorCode;

/// Where a lawful basis is. Expiry is not a state: the day tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Waits for others.
    Proposed,
    /// Enough others have agreed.
    Approved,
    /// One of the others said no.
    Rejected,
    /// Taken back, before or after approval.
    Withdrawn,
}

impl State {
    /// All of them.
    pub const ALL: [State; 4] = [
        State::Proposed,
        State::Approved,
        State::Rejected,
        State::Withdrawn,
    ];

    /// As stored and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Proposed => "proposed",
            State::Approved => "approved",
            State::Rejected => "rejected",
            State::Withdrawn => "withdrawn",
        }
    }

    /// From what is stored; anything unknown counts as withdrawn: it opens nothing.
    pub fn from_stored(text: &str) -> State {
        let found = State::ALL.into_iter().find(|s| s.as_str() == text);
        found.unwrap_or(State::Withdrawn)
    }
}

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Agrees.
    Approve,
    /// Says no.
    Reject,
    /// Takes it back, or ends it.
    Withdraw,
}

/// The state after a step of `actor`.
///
/// # Errors
/// `permission.second_person` when the proposer decides on the own record or
/// somebody agrees twice; `conflict` when the record is past that step.
pub fn next(
    state: State,
    step: Step,
    proposer: UserId,
    agreed: &[UserId],
    actor: UserId,
    needed: usize,
) -> Result<State, ErrorCode> {
    match (state, step) {
        (State::Proposed, Step::Approve | Step::Reject) if actor == proposer => {
            Err(ErrorCode::PERMISSION_SECOND_PERSON)
        }
        (State::Proposed, Step::Approve) if agreed.contains(&actor) => {
            Err(ErrorCode::PERMISSION_SECOND_PERSON)
        }
        (State::Proposed, Step::Approve) if agreed.len() + 1 >= needed => Ok(State::Approved),
        (State::Proposed, Step::Approve) => Ok(State::Proposed),
        (State::Proposed, Step::Reject) => Ok(State::Rejected),
        (State::Proposed | State::Approved, Step::Withdraw) => Ok(State::Withdrawn),
        _ => Err(ErrorCode::CONFLICT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use zf_base::Uuid;

    fn user(n: u8) -> UserId {
        UserId(Uuid::from_u128(u128::from(n)))
    }

    proptest! {
        #[test]
        fn nothing_is_approved_without_two_others_and_nothing_comes_back_to_life(
            steps in proptest::collection::vec((0u8..3, 0u8..5), 0..40)
        ) {
            let (proposer, needed) = (user(0), 2);
            let (mut state, mut agreed) = (State::Proposed, Vec::new());
            for (what, who) in steps {
                let step = [Step::Approve, Step::Reject, Step::Withdraw][usize::from(what)];
                let before = state;
                if let Ok(after) = next(state, step, proposer, &agreed, user(who), needed) {
                    if step == Step::Approve {
                        agreed.push(user(who));
                    }
                    state = after;
                }
                if state == State::Approved {
                    let others: std::collections::BTreeSet<_> =
                        agreed.iter().filter(|u| **u != proposer).collect();
                    prop_assert!(others.len() >= needed);
                }
                if matches!(before, State::Rejected | State::Withdrawn) {
                    prop_assert_eq!(before, state);
                }
            }
        }
    }

    #[test]
    fn the_proposer_may_take_it_back_but_not_agree() {
        let (me, other) = (user(0), user(1));
        let step = |s, who| next(State::Proposed, s, me, &[], who, 2);
        assert_eq!(
            step(Step::Approve, me),
            Err(ErrorCode::PERMISSION_SECOND_PERSON)
        );
        assert_eq!(
            step(Step::Reject, me),
            Err(ErrorCode::PERMISSION_SECOND_PERSON)
        );
        assert_eq!(step(Step::Withdraw, me), Ok(State::Withdrawn));
        assert_eq!(step(Step::Approve, other), Ok(State::Proposed));
        let twice = next(State::Proposed, Step::Approve, me, &[other], other, 2);
        assert_eq!(twice, Err(ErrorCode::PERMISSION_SECOND_PERSON));
        let second = next(State::Proposed, Step::Approve, me, &[other], user(2), 2);
        assert_eq!(second, Ok(State::Approved));
        let late = next(State::Approved, Step::Approve, me, &[other], user(3), 2);
        assert_eq!(late, Err(ErrorCode::CONFLICT));
    }
}
