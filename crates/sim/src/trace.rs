//! Traces for the other twin of the outbox: one JSON line for each event of a
//! phone, what was to be done, and a digest of the state after it. Replayed by
//! `frontend/field` against its own module, which must come to the same state
//! at every step. The digest is SHA-256 of the state as JSON with sorted keys
//! (as RFC 8785 has it), its first sixteen hex digits; of the receipts it sees
//! the number and the last few at every step and all of them at every fiftieth.

use crate::outbox::{Effect, Event, Outbox};
use serde_json::json;
use sha2::{Digest, Sha256};
use zf_vault::canonical_json;

/// What one phone went through.
#[derive(Default)]
pub struct Trace {
    /// One event a line.
    pub lines: String,
    /// How many.
    pub events: usize,
    /// Most to keep.
    most: usize,
}

impl Trace {
    /// A trace of at most so many events.
    pub fn of(most: usize) -> Trace {
        Trace {
            most,
            ..Trace::default()
        }
    }

    /// Writes an event down, with what came of it.
    pub fn note(&mut self, event: &Event, state: &Outbox, effects: &[Effect]) {
        if self.events >= self.most {
            return;
        }
        self.events += 1;
        let whole = self.events.is_multiple_of(WHOLE_EVERY);
        let line = json!({ "event": event, "state": digest(state, whole), "effects": effects });
        self.lines.push_str(&line.to_string());
        self.lines.push('\n');
    }
}

/// Receipts of which every digest is taken.
const LAST_RECEIPTS: usize = 3;
/// Every so many events all receipts are in the digest.
const WHOLE_EVERY: usize = 50;

/// Sixteen hex digits that stand for a state.
fn digest(state: &Outbox, whole: bool) -> String {
    let mut seen = json!({ "state": state, "receipts": state.receipts.len() });
    if !whole {
        let from = state.receipts.len().saturating_sub(LAST_RECEIPTS);
        seen["state"]["receipts"] = json!(state.receipts[from..]);
    }
    digest_of(&seen)
}

/// Sixteen hex digits that stand for a value.
pub(crate) fn digest_of(value: &serde_json::Value) -> String {
    let hash = Sha256::digest(canonical_json(value).as_bytes());
    hash.iter().take(8).map(|b| format!("{b:02x}")).collect()
}
