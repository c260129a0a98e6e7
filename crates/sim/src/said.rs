//! Answers of the server, as phones hear them and as the model states them.
//! Pure: takes what `zf_field::sync` says and leaves out what only it knows.

use crate::check;
use crate::model::Expected;
use crate::outbox::{Answered, Said};
use crate::write::Written;
use zf_field::sync::{Answer, Op};

/// The same operation again.
pub(crate) fn copy(w: &Written) -> Written {
    Written {
        op: w.op.clone(),
        facts: w.facts,
        content: w.content,
        bytes: w.bytes,
    }
}

/// What a server says that has not looked yet.
pub(crate) fn promised(op: &Op) -> Answered {
    Answered {
        op_id: op.op_id.to_string(),
        answer: Said::Applied,
        rev: Some(1),
        seq: None,
        code: None,
        review_id: None,
        after_ms: None,
    }
}

/// An answer as the phone hears it.
pub(crate) fn told(op: &Op, answer: &Answer) -> Answered {
    let mut a = promised(op);
    a.rev = None;
    match answer {
        Answer::Applied { rev, seq } => (a.rev, a.seq) = (Some(*rev), Some(*seq)),
        Answer::Duplicate { first } => {
            a = told(op, first);
            a.answer = Said::Duplicate;
        }
        Answer::Review { rev, seq, .. } => {
            (a.answer, a.rev, a.seq) = (Said::Review, Some(*rev), Some(*seq));
        }
        Answer::Quarantined { code } => {
            (a.answer, a.code) = (Said::Quarantined, Some(code.clone()));
        }
        Answer::Retry { after_ms } => (a.answer, a.after_ms) = (Said::Retry, Some(*after_ms)),
    }
    a
}

/// An answer for the comparison with the model.
pub(crate) fn flat(answer: &Answer) -> Expected {
    let of = |answer, rev, seq| Expected {
        answer,
        rev,
        seq,
        code: None,
    };
    match answer {
        Answer::Applied { rev, seq } => of("applied", Some(*rev), Some(*seq)),
        Answer::Review { rev, seq, .. } => of("review", Some(*rev), Some(*seq)),
        Answer::Duplicate { first } => Expected {
            answer: "duplicate",
            ..flat(first)
        },
        Answer::Quarantined { code } => Expected {
            code: check::CODES.iter().find(|c| *c == code).copied(),
            ..of("quarantined", None, None)
        },
        Answer::Retry { .. } => of("retry", None, None),
    }
}
