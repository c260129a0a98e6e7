//! The audit chain: per (unit, stream) every event carries a keyed hash over
//! itself and the hash before it, and the chain has a head with its own keyed
//! hash. Without the key nobody can recompute either, so whoever has only the
//! database cannot change, remove, insert or reorder an event unseen.
//!
//! Pure: the rows come from the caller's table and the findings go to
//! `zoufang audit verify`. What a chain alone cannot show is an old head put
//! back together with the old end of its rows; for that the daily root over
//! all heads is exported outside of the database.
//!
//! Store `detail` as TEXT, exactly the text that was hashed. PostgreSQL's
//! JSONB reorders keys, drops duplicates and rewrites numbers (`1e2` becomes
//! `100`), so what comes back would no longer have the same hash.

use crate::Keyring;
use crate::suite::same;
use serde_json::Value;
use std::collections::BTreeMap;
use zf_base::{Day, Uuid};

/// The hash before the first event of a chain.
pub const GENESIS: [u8; 32] = [0; 32];

/// One event as it is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainEntry<'a> {
    /// The owning unit.
    pub unit: Uuid,
    /// Stream within the unit, so that writers do not wait for each other.
    pub stream: u8,
    /// Position in the chain: 1, 2, 3 … without holes.
    pub seq: i64,
    /// Id of the event.
    pub id: Uuid,
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub at: i64,
    /// Who did it.
    pub actor: &'a str,
    /// What was done.
    pub action: &'a str,
    /// Kind of the thing it was done to.
    pub target_kind: &'a str,
    /// Id of that thing.
    pub target_id: &'a str,
    /// Canonical JSON text ([`canonical_json`]); no personal data in clear.
    pub detail: &'a str,
}

/// The stored end of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainHead {
    /// The owning unit.
    pub unit: Uuid,
    /// Stream within the unit.
    pub stream: u8,
    /// Position of the last event, 0 for none.
    pub seq: i64,
    /// Hash of the last event, [`GENESIS`] for none.
    pub hash: [u8; 32],
    /// [`Keyring::head_mac`] of the other fields.
    pub mac: [u8; 32],
}

impl Keyring {
    /// Hash of an event that follows the hash `prev` ([`GENESIS`] for the
    /// first). Survives key rotation.
    pub fn chain_hash(&self, prev: &[u8; 32], e: &ChainEntry) -> [u8; 32] {
        let texts = [e.actor, e.action, e.target_kind, e.target_id, e.detail];
        let mut buf = Vec::with_capacity(128 + texts.iter().map(|t| t.len()).sum::<usize>());
        buf.push(b'E');
        buf.extend_from_slice(prev);
        buf.extend_from_slice(e.unit.as_bytes());
        buf.push(e.stream);
        buf.extend_from_slice(&e.seq.to_be_bytes());
        buf.extend_from_slice(e.id.as_bytes());
        buf.extend_from_slice(&e.at.to_be_bytes());
        for text in texts {
            buf.extend_from_slice(&(text.len() as u64).to_be_bytes());
            buf.extend_from_slice(text.as_bytes());
        }
        self.chain_mac(&[&buf])
    }

    /// Keyed hash of a head; written in the same transaction as the event.
    pub fn head_mac(&self, unit: Uuid, stream: u8, seq: i64, hash: &[u8; 32]) -> [u8; 32] {
        self.chain_mac(&[b"H", unit.as_bytes(), &[stream], &seq.to_be_bytes(), hash])
    }

    /// A head with its keyed hash.
    pub fn chain_head(&self, unit: Uuid, stream: u8, seq: i64, hash: [u8; 32]) -> ChainHead {
        let mac = self.head_mac(unit, stream, seq, &hash);
        ChainHead {
            unit,
            stream,
            seq,
            hash,
            mac,
        }
    }

    /// One keyed hash over all heads at the end of a day, to be kept outside
    /// of the database. The order of `heads` does not matter.
    pub fn daily_root(&self, day: Day, heads: &[ChainHead]) -> [u8; 32] {
        let mut sorted: Vec<&ChainHead> = heads.iter().collect();
        sorted.sort_by_key(|h| (h.unit, h.stream, h.seq));
        let mut buf = vec![b'D'];
        buf.extend_from_slice(&day.epoch_days().to_be_bytes());
        buf.extend_from_slice(&(sorted.len() as u64).to_be_bytes());
        for h in sorted {
            buf.extend_from_slice(h.unit.as_bytes());
            buf.push(h.stream);
            buf.extend_from_slice(&h.seq.to_be_bytes());
            buf.extend_from_slice(&h.hash);
        }
        self.chain_mac(&[&buf])
    }

    fn head_fits(&self, head: &ChainHead) -> bool {
        let mac = self.head_mac(head.unit, head.stream, head.seq, &head.hash);
        same(&mac, &head.mac)
    }
}

/// What is wrong with a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The event or its stored hash was changed, inserted or moved here.
    Changed,
    /// The events from `seq` up to this one are gone.
    Missing {
        /// The last position that is missing.
        through: i64,
    },
    /// The position occurs twice or lies before one already seen.
    OutOfOrder,
    /// The chain ends here, the head says it is longer.
    Truncated {
        /// Position the head knows.
        head_seq: i64,
    },
    /// The chain goes on to here, the head says it is shorter.
    BeyondHead {
        /// Position the head knows.
        head_seq: i64,
    },
    /// Same length, but the last event is not the one the head knows.
    HeadDiffers,
    /// The head was not written with the key.
    HeadForged,
    /// There are events, but no head.
    HeadMissing,
}

/// One damage and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The owning unit.
    pub unit: Uuid,
    /// Stream within the unit.
    pub stream: u8,
    /// Position in the chain.
    pub seq: i64,
    /// What is wrong there.
    pub problem: Problem,
}

struct Reached {
    seq: i64,
    /// Stored hash of the last event: what the head must say.
    stored: [u8; 32],
    /// What the next event may be linked to. Two, because after a damage we
    /// do not know whether the event or its stored hash was changed; without
    /// the second, one changed hash would accuse the next event as well.
    links: [[u8; 32]; 2],
}

/// Walks chains and collects what is wrong. Feed the events of each (unit,
/// stream) in the order of `seq`; different chains may be mixed.
pub struct ChainVerifier {
    ring: Keyring,
    chains: BTreeMap<(Uuid, u8), Reached>,
    findings: Vec<Finding>,
    fed: u64,
}

impl ChainVerifier {
    /// A verifier that has seen nothing.
    pub fn new(ring: &Keyring) -> ChainVerifier {
        ChainVerifier {
            ring: ring.clone(),
            chains: BTreeMap::new(),
            findings: Vec::new(),
            fed: 0,
        }
    }

    /// Starts a chain after an older head, for instance when the events up to
    /// it were archived or verified yesterday. False (and a finding) when the
    /// head is forged; the chain is then expected from its beginning.
    pub fn start_after(&mut self, head: &ChainHead) -> bool {
        if !self.ring.head_fits(head) {
            self.find(head.unit, head.stream, head.seq, Problem::HeadForged);
            return false;
        }
        let reached = Reached {
            seq: head.seq,
            stored: head.hash,
            links: [head.hash; 2],
        };
        self.chains.insert((head.unit, head.stream), reached);
        true
    }

    /// Takes the next event with the hash stored next to it.
    pub fn feed(&mut self, e: &ChainEntry, stored: &[u8; 32]) {
        self.fed += 1;
        let start = Reached {
            seq: 0,
            stored: GENESIS,
            links: [GENESIS; 2],
        };
        let reached = self.chains.entry((e.unit, e.stream)).or_insert(start);
        if e.seq <= reached.seq {
            self.find(e.unit, e.stream, e.seq, Problem::OutOfOrder);
            return;
        }
        let expected = reached.seq.saturating_add(1);
        let computed = self.ring.chain_hash(&reached.links[0], e);
        // The second link only matters after a damage, and costs a hash.
        let fits = same(&computed, stored)
            || (reached.links[0] != reached.links[1]
                && same(&self.ring.chain_hash(&reached.links[1], e), stored));
        *reached = Reached {
            seq: e.seq,
            stored: *stored,
            links: [*stored, if fits { *stored } else { computed }],
        };
        if e.seq > expected {
            // What this event was linked to is gone, so its own hash cannot be
            // checked; from the next one on it can.
            self.find(
                e.unit,
                e.stream,
                expected,
                Problem::Missing { through: e.seq - 1 },
            );
            return;
        }
        if !fits {
            self.find(e.unit, e.stream, e.seq, Problem::Changed);
        }
    }

    /// How many events were fed.
    pub fn fed(&self) -> u64 {
        self.fed
    }

    /// Compares the ends with the stored heads and returns everything found,
    /// in the order it was found. Empty means: untouched.
    pub fn finish(mut self, heads: &[ChainHead]) -> Vec<Finding> {
        let mut chains = std::mem::take(&mut self.chains);
        for head in heads {
            let reached = chains.remove(&(head.unit, head.stream));
            let (seq, hash) = reached.map_or((0, GENESIS), |r| (r.seq, r.stored));
            let head_seq = head.seq;
            let (at, problem) = if !self.ring.head_fits(head) {
                (head_seq, Problem::HeadForged)
            } else if seq < head_seq {
                (seq, Problem::Truncated { head_seq })
            } else if seq > head_seq {
                (seq, Problem::BeyondHead { head_seq })
            } else if hash != head.hash {
                (seq, Problem::HeadDiffers)
            } else {
                continue;
            };
            self.find(head.unit, head.stream, at, problem);
        }
        for ((unit, stream), reached) in chains {
            self.find(unit, stream, reached.seq, Problem::HeadMissing);
        }
        self.findings
    }

    fn find(&mut self, unit: Uuid, stream: u8, seq: i64, problem: Problem) {
        self.findings.push(Finding {
            unit,
            stream,
            seq,
            problem,
        });
    }
}

/// JSON as one stable text: keys sorted by their UTF-8 bytes at every level,
/// no white space, numbers and escapes as `serde_json` writes them. Sorted
/// here and not left to the map type, which depends on a feature any crate of
/// the build may switch on.
///
/// Verify the stored text, never one made again from the parsed value:
/// `serde_json` may read the last digit of a fraction differently. Amounts in
/// 分 and other whole numbers are safe either way.
pub fn canonical_json(value: &Value) -> String {
    let mut out = String::new();
    write_canonical(value, &mut out);
    out
}

fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_canonical(item, out);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by(|a, b| a.0.cmp(b.0));
            out.push('{');
            for (i, (key, item)) in fields.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write_canonical(item, out);
            }
            out.push('}');
        }
        leaf => out.push_str(&leaf.to_string()),
    }
}
