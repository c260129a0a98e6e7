//! The life of a request, without a database: open until it is done, refused
//! or withdrawn; an erasure is never done by who recorded it. One whose person
//! has moved is open in the other branch and cannot be ended here.
//! Knows people by their ids only.

use zf_base::UserId;
use zf_base::code::ErrorCode;

/// What a person asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 查阅: everything known, sources and who looked.
    Access,
    /// 更正.
    Correction,
    /// 删除.
    Erasure,
    /// 拒绝处理.
    Objection,
    /// 转移.
    Portability,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 5] = [
        Kind::Access,
        Kind::Correction,
        Kind::Erasure,
        Kind::Objection,
        Kind::Portability,
    ];
    /// As stored and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Access => "access",
            Kind::Correction => "correction",
            Kind::Erasure => "erasure",
            Kind::Objection => "objection",
            Kind::Portability => "portability",
        }
    }
    /// From what is stored or sent.
    pub fn from_text(text: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|k| k.as_str() == text)
    }
}

/// Where a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// To be answered.
    Open,
    /// Done.
    Done,
    /// Not done, with a reason.
    Refused,
    /// The person took it back.
    Withdrawn,
    /// The person is in another branch, where it goes on; here it is a trace.
    Moved,
}

impl State {
    /// All of them.
    pub const ALL: [State; 5] = [
        State::Open,
        State::Done,
        State::Refused,
        State::Withdrawn,
        State::Moved,
    ];
    /// As stored and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Done => "done",
            State::Refused => "refused",
            State::Withdrawn => "withdrawn",
            State::Moved => "moved",
        }
    }
    /// From what is stored or sent.
    pub fn from_text(text: &str) -> Option<State> {
        State::ALL.into_iter().find(|s| s.as_str() == text)
    }
}

/// May `actor` end a request this way?
///
/// # Errors
/// `conflict` when it has ended, would stay open or is in another branch; `permission.second_person`
/// when the recorder of an erasure would do or refuse it.
pub fn end(
    kind: Kind,
    state: State,
    to: State,
    recorder: UserId,
    actor: UserId,
) -> Result<State, ErrorCode> {
    if state != State::Open || matches!(to, State::Open | State::Moved) {
        return Err(ErrorCode::CONFLICT);
    }
    if kind == Kind::Erasure && to != State::Withdrawn && recorder == actor {
        return Err(ErrorCode::PERMISSION_SECOND_PERSON);
    }
    Ok(to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use zf_base::Uuid;

    proptest! {
        #[test]
        fn a_request_ends_once_and_nobody_erases_alone(
            kind in 0..5usize, steps in proptest::collection::vec((0..5usize, 0u128..3), 1..20)
        ) {
            let kind = Kind::ALL[kind];
            let recorder = UserId(Uuid::from_u128(0));
            let (mut state, mut ends) = (State::Open, 0);
            for (to, who) in steps {
                let actor = UserId(Uuid::from_u128(who));
                if let Ok(next) = end(kind, state, State::ALL[to], recorder, actor) {
                    ends += 1;
                    prop_assert!(!(kind == Kind::Erasure && next == State::Done && actor == recorder));
                    state = next;
                }
            }
            prop_assert!(ends <= 1);
            prop_assert_eq!(ends == 0, state == State::Open);
            prop_assert!(state != State::Moved, "nobody ends a request by moving it");
        }
    }
}
