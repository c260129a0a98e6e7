//! The outbox of a phone: the twin of `frontend/field/src/core/outbox.ts`, line
//! by line, with the same JSON. Traces of it are replayed against that module,
//! which must be in the same state after every event. Knows no clock, network,
//! storage or randomness: they come in with the event.

use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// Most operations of a batch.
pub const BATCH_OPS: usize = 100;
/// The most they may weigh.
pub const BATCH_BYTES: i64 = 256 * 1024;
const BACKOFF_FIRST_MS: i64 = 1_000;
const BACKOFF_LAST_MS: i64 = 15 * 60_000;
const RECEIPTS_MS: i64 = 7 * 24 * 3_600_000;
const REFUSED_AGAIN_MS: i64 = 3_600_000;
const JITTER_WHOLE: i64 = 1_000_000;

/// What becomes of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// In force.
    Applied,
    /// It was there before.
    Duplicate,
    /// In force; somebody looks at it.
    Review,
    /// Kept aside.
    Quarantined,
    /// Not stored.
    Retry,
}

/// An operation without a final answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Made by the phone.
    pub op_id: String,
    /// Without gaps.
    pub client_seq: i64,
    /// Branch.
    pub unit_id: String,
    /// What it is about.
    pub entity_id: String,
    /// Weight as JSON.
    pub bytes: i64,
    /// `queued` or `sending`.
    pub state: &'static str,
    /// How often it went out.
    pub tries: i64,
    /// Not sent before, ms.
    pub not_before: i64,
    /// Why the server refused it alone.
    pub refused: Option<String>,
}

/// An operation with its final answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// Made by the phone.
    pub op_id: String,
    /// Without gaps.
    pub client_seq: i64,
    /// Branch.
    pub unit_id: String,
    /// What it is about.
    pub entity_id: String,
    /// Final.
    pub answer: Said,
    /// Revision of the entity.
    pub rev: Option<i64>,
    /// Number in the feed.
    pub seq: Option<i64>,
    /// Why it was kept aside.
    pub code: Option<String>,
    /// What is looked at.
    pub review_id: Option<String>,
    /// When, ms.
    pub at: i64,
}

/// A batch under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Flight {
    /// Its number.
    pub batch: i64,
    /// Its branch.
    pub unit_id: String,
    /// In order.
    pub op_ids: Vec<String>,
}

/// Everything that is still only on the phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outbox {
    /// Visits that are being written.
    pub drafts: Vec<String>,
    /// Operations without a final answer.
    pub entries: Vec<Entry>,
    /// Operations with one.
    pub receipts: Vec<Receipt>,
    /// The last number given out.
    pub seq: i64,
    /// Batches begun.
    pub batches: i64,
    /// At most one.
    pub flight: Option<Flight>,
    /// In a row.
    pub failures: i64,
    /// When the next batch may begin, ms.
    pub wait_until: i64,
    /// Operations a batch may have.
    pub narrow: usize,
    /// Somebody must sign in first.
    pub signed_out: bool,
}

impl Default for Outbox {
    fn default() -> Self {
        Outbox {
            drafts: vec![],
            entries: vec![],
            receipts: vec![],
            seq: 0,
            batches: 0,
            flight: None,
            failures: 0,
            wait_until: 0,
            narrow: BATCH_OPS,
            signed_out: false,
        }
    }
}

/// An operation that is queued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Queued {
    /// Made by the phone.
    pub op_id: String,
    /// Branch.
    pub unit_id: String,
    /// What it is about.
    pub entity_id: String,
    /// Weight as JSON.
    pub bytes: i64,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answered {
    /// To which operation.
    pub op_id: String,
    /// What became of it.
    pub answer: Said,
    /// Revision.
    pub rev: Option<i64>,
    /// Number in the feed.
    pub seq: Option<i64>,
    /// Why aside.
    pub code: Option<String>,
    /// What is looked at.
    pub review_id: Option<String>,
    /// Not before.
    pub after_ms: Option<i64>,
}

/// What happens to an outbox. Moments are milliseconds; `jitter` is millionths
/// of the longest pause.
#[expect(
    missing_docs,
    reason = "the fields are those of outbox.ts, explained there"
)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Event {
    /// Somebody begins to write.
    Draft { id: String },
    /// And throws it away.
    Discard { id: String },
    /// An operation is complete.
    Queue { op: Queued, draft: Option<String> },
    /// The app starts.
    Start,
    /// Something may be sent.
    Wake { now: i64, by_hand: bool },
    /// The server answered.
    Answers {
        batch: i64,
        now: i64,
        items: Vec<Answered>,
    },
    /// No answer.
    Lost { batch: i64, now: i64, jitter: i64 },
    /// An answer that is not one to the operations.
    Refused {
        batch: i64,
        now: i64,
        jitter: i64,
        status: i64,
        code: String,
    },
    /// Somebody signed in.
    SignedIn,
    /// Old receipts go.
    Purge { now: i64 },
}

/// What the shell has to do.
#[expect(
    missing_docs,
    reason = "the fields are those of outbox.ts, explained there"
)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Effect {
    /// Take these to the server.
    Send {
        batch: i64,
        unit_id: String,
        op_ids: Vec<String>,
    },
    /// The server has it.
    Forget { op_id: String },
    /// Nothing before this moment.
    Wait { until: i64 },
    /// Ask for a sign-in.
    SignIn,
}

impl Outbox {
    /// The next state; gives what is to be done.
    pub fn step(&mut self, event: &Event) -> Vec<Effect> {
        match event {
            Event::Draft { id } => {
                if !self.drafts.contains(id) {
                    self.drafts.push(id.clone());
                }
                vec![]
            }
            Event::Discard { id } => {
                self.drafts.retain(|d| d != id);
                vec![]
            }
            Event::Queue { op, draft } => {
                self.queue(op, draft.as_deref());
                vec![]
            }
            Event::Start => {
                self.back();
                vec![]
            }
            Event::Wake { now, by_hand } => {
                if *by_hand {
                    self.impatient();
                }
                self.wake(*now)
            }
            Event::Answers { batch, now, items } => self.answers(*batch, *now, items),
            Event::Lost { batch, now, jitter } => self.lost(*batch, *now, *jitter),
            Event::Refused {
                batch,
                now,
                jitter,
                status,
                code,
            } => self.refused(*batch, *now, *jitter, *status, code),
            Event::SignedIn => {
                self.signed_out = false;
                (self.wait_until, self.failures) = (0, 0);
                vec![]
            }
            Event::Purge { now } => {
                self.receipts.retain(|r| now - r.at < RECEIPTS_MS);
                vec![]
            }
        }
    }

    fn queue(&mut self, op: &Queued, draft: Option<&str>) {
        self.drafts.retain(|d| Some(d.as_str()) != draft);
        let queued = self.entries.iter().any(|e| e.op_id == op.op_id);
        if queued || self.receipts.iter().any(|r| r.op_id == op.op_id) {
            return;
        }
        self.seq += 1;
        self.entries.push(Entry {
            op_id: op.op_id.clone(),
            client_seq: self.seq,
            unit_id: op.unit_id.clone(),
            entity_id: op.entity_id.clone(),
            bytes: op.bytes,
            state: "queued",
            tries: 0,
            not_before: 0,
            refused: None,
        });
    }

    fn back(&mut self) {
        self.flight = None;
        for e in &mut self.entries {
            e.state = "queued";
        }
    }

    fn impatient(&mut self) {
        self.wait_until = 0;
        for e in &mut self.entries {
            e.not_before = 0;
        }
    }

    fn wake(&mut self, now: i64) -> Vec<Effect> {
        if self.flight.is_some() || self.entries.is_empty() {
            return vec![];
        }
        if self.signed_out {
            return vec![Effect::SignIn];
        }
        if now < self.wait_until {
            return vec![Effect::Wait {
                until: self.wait_until,
            }];
        }
        let chosen = self.choose(now);
        let Some(first) = chosen.first() else {
            let until = self.entries.iter().map(|e| e.not_before).min();
            return vec![Effect::Wait {
                until: until.unwrap_or(0),
            }];
        };
        let unit_id = self.entries[*first].unit_id.clone();
        self.batches += 1;
        for i in &chosen {
            let entry = &mut self.entries[*i];
            entry.state = "sending";
            entry.tries += 1;
        }
        let op_ids = chosen.iter().map(|i| self.entries[*i].op_id.clone());
        let flight = Flight {
            batch: self.batches,
            unit_id,
            op_ids: op_ids.collect(),
        };
        self.flight = Some(flight.clone());
        vec![Effect::Send {
            batch: flight.batch,
            unit_id: flight.unit_id,
            op_ids: flight.op_ids,
        }]
    }

    fn choose(&self, now: i64) -> Vec<usize> {
        let mut held: HashSet<&str> = HashSet::new();
        let mut out: Vec<usize> = vec![];
        let mut bytes = 0;
        for (i, entry) in self.entries.iter().enumerate() {
            let first = out.first().map(|f| &self.entries[*f].unit_id);
            let foreign = first.is_some_and(|unit| *unit != entry.unit_id);
            if foreign || entry.not_before > now || held.contains(entry.entity_id.as_str()) {
                held.insert(&entry.entity_id);
                continue;
            }
            if !out.is_empty() && bytes + entry.bytes > BATCH_BYTES {
                break;
            }
            out.push(i);
            bytes += entry.bytes;
            if out.len() >= self.narrow || (entry.refused.is_some() && out.len() == 1) {
                break;
            }
        }
        let alone = out.iter().position(|i| self.entries[*i].refused.is_some());
        match alone {
            Some(at) if at > 0 => out[..at].to_vec(),
            _ => out,
        }
    }

    fn answers(&mut self, batch: i64, now: i64, items: &[Answered]) -> Vec<Effect> {
        let said: HashMap<&str, &Answered> = items.iter().map(|i| (i.op_id.as_str(), i)).collect();
        let current = self.flight.as_ref().is_some_and(|f| f.batch == batch);
        let mut effects = vec![];
        let mut entries = vec![];
        for mut entry in std::mem::take(&mut self.entries) {
            let item = said.get(entry.op_id.as_str());
            match item {
                Some(item) if item.answer != Said::Retry => {
                    effects.push(Effect::Forget {
                        op_id: entry.op_id.clone(),
                    });
                    self.receipts.push(receipt(entry, item, now));
                }
                _ => {
                    if entry.state == "sending" && current {
                        let after = item.and_then(|i| i.after_ms).unwrap_or(0).max(0);
                        entry.not_before = if item.is_some() { now + after } else { 0 };
                        entry.state = "queued";
                    }
                    entries.push(entry);
                }
            }
        }
        self.entries = entries;
        if !current {
            return effects;
        }
        let flight = self.flight.take();
        let mut asked = flight.iter().flat_map(|f| &f.op_ids);
        let heard = asked.any(|id| said.contains_key(id.as_str()));
        if heard {
            self.narrow = BATCH_OPS.min(self.narrow * 2);
            (self.failures, self.wait_until) = (0, 0);
        } else {
            self.failures += 1;
            self.wait_until = now + ceiling(self.failures);
        }
        effects
    }

    fn lost(&mut self, batch: i64, now: i64, jitter: i64) -> Vec<Effect> {
        if self.flight.as_ref().is_none_or(|f| f.batch != batch) {
            return vec![];
        }
        self.back();
        self.failures += 1;
        self.wait_until = now + ceiling(self.failures) * jitter / JITTER_WHOLE;
        vec![Effect::Wait {
            until: self.wait_until,
        }]
    }

    fn refused(
        &mut self,
        batch: i64,
        now: i64,
        jitter: i64,
        status: i64,
        code: &str,
    ) -> Vec<Effect> {
        let Some(flight) = self.flight.clone().filter(|f| f.batch == batch) else {
            return vec![];
        };
        if status == 401 {
            self.back();
            self.signed_out = true;
            return vec![Effect::SignIn];
        }
        if status == 408 || status == 429 {
            return self.lost(batch, now, jitter);
        }
        self.back();
        if flight.op_ids.len() > 1 {
            self.narrow = (flight.op_ids.len() / 2).max(1);
            return vec![];
        }
        for e in &mut self.entries {
            if Some(&e.op_id) == flight.op_ids.first() {
                e.refused = Some(code.to_owned());
                e.not_before = now + REFUSED_AGAIN_MS;
            }
        }
        vec![]
    }
}

fn receipt(entry: Entry, item: &Answered, at: i64) -> Receipt {
    Receipt {
        op_id: entry.op_id,
        client_seq: entry.client_seq,
        unit_id: entry.unit_id,
        entity_id: entry.entity_id,
        answer: item.answer,
        rev: item.rev,
        seq: item.seq,
        code: item.code.clone(),
        review_id: item.review_id.clone(),
        at,
    }
}

fn ceiling(failures: i64) -> i64 {
    let doublings = (failures - 1).clamp(0, 30) as u32;
    BACKOFF_LAST_MS.min(BACKOFF_FIRST_MS.saturating_mul(1 << doublings))
}
