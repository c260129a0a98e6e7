//! 物料台账 (BUD-013): what the county prints and orders, what arrives, what is
//! handed to branches, confirmed there, given back and counted. A movement
//! between county and branch touches one ledger at a time: given out by one,
//! confirmed by the other. Nothing is changed or deleted; a correction is a
//! movement of its own. This file is pure; rows come from `service`.

pub mod book;
pub mod http;
pub mod outlook;
pub mod service;
pub mod store;
#[cfg(test)]
mod tests;
pub mod words;

use std::collections::BTreeMap;
use zf_base::{Day, Timestamp, UnitId};

/// What a movement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The county has ordered or had printed; not there yet.
    Ordered,
    /// It came to the county.
    Arrived,
    /// The county has given it to a branch; on its way until confirmed.
    Issued,
    /// The branch has counted and confirmed what was given.
    Received,
    /// The branch has given it back; on its way until confirmed.
    Returned,
    /// The county has confirmed what was given back.
    TakenBack,
    /// A count found more or less than the ledger.
    Counted,
    /// A movement was typed wrongly.
    Correction,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 8] = [
        Kind::Ordered,
        Kind::Arrived,
        Kind::Issued,
        Kind::Received,
        Kind::Returned,
        Kind::TakenBack,
        Kind::Counted,
        Kind::Correction,
    ];

    /// As stored and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Ordered => "ordered",
            Kind::Arrived => "arrived",
            Kind::Issued => "issued",
            Kind::Received => "received",
            Kind::Returned => "returned",
            Kind::TakenBack => "taken_back",
            Kind::Counted => "counted",
            Kind::Correction => "correction",
        }
    }

    /// From a code.
    pub fn from_code(code: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|k| k.as_str() == code)
    }

    /// Whether a county makes such movements; a branch makes the others, and
    /// both count and correct.
    pub fn is_of_county(self) -> bool {
        !matches!(self, Kind::Received | Kind::Returned)
    }

    /// Whether a branch makes such movements.
    pub fn is_of_branch(self) -> bool {
        matches!(
            self,
            Kind::Received | Kind::Returned | Kind::Counted | Kind::Correction
        )
    }

    /// The movement of the other side that it confirms.
    pub fn confirms(self) -> Option<Kind> {
        match self {
            Kind::Received => Some(Kind::Issued),
            Kind::TakenBack => Some(Kind::Returned),
            _ => None,
        }
    }
}

/// One movement of one unit's ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// From 1, in the order of typing.
    pub seq: i64,
    /// Item of the campaign file.
    pub item: String,
    /// What it is.
    pub kind: Kind,
    /// Pieces; negative only where a count or a correction takes away.
    pub pieces: i64,
    /// Price of one piece, 分.
    pub unit_fen: Option<i64>,
    /// The day.
    pub day: Day,
    /// What was said; may be empty.
    pub memo: String,
    /// The other unit.
    pub peer: Option<UnitId>,
    /// The movement confirmed or corrected.
    pub of_seq: Option<i64>,
    /// When typed.
    pub at: Timestamp,
    /// By whom.
    pub by_name: String,
}

/// One item of one ledger, in pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Ordered.
    pub ordered: i64,
    /// Came to the county.
    pub arrived: i64,
    /// Given to branches.
    pub issued: i64,
    /// Confirmed by the branch.
    pub received: i64,
    /// Given back by the branch.
    pub returned: i64,
    /// Confirmed by the county.
    pub taken_back: i64,
    /// More or less than the ledger.
    pub counted: i64,
    /// Handed out by phone.
    pub used: i64,
    /// What arrived has cost, 分.
    pub spent_fen: i64,
}

impl Line {
    /// What must lie there.
    pub fn stock(&self) -> i64 {
        self.arrived + self.received + self.taken_back + self.counted
            - self.issued
            - self.returned
            - self.used
    }

    fn add(&mut self, kind: Kind, pieces: i64, unit_fen: Option<i64>) {
        match kind {
            Kind::Ordered => self.ordered += pieces,
            Kind::Arrived => {
                self.arrived += pieces;
                self.spent_fen += pieces * unit_fen.unwrap_or(0);
            }
            Kind::Issued => self.issued += pieces,
            Kind::Received => self.received += pieces,
            Kind::Returned => self.returned += pieces,
            Kind::TakenBack => self.taken_back += pieces,
            Kind::Counted | Kind::Correction => self.counted += pieces,
        }
    }
}

/// Sums of a ledger by item: a correction counts as what it corrects.
pub fn tally(entries: &[Entry]) -> BTreeMap<String, Line> {
    let by_seq: BTreeMap<i64, &Entry> = entries.iter().map(|e| (e.seq, e)).collect();
    let mut all: BTreeMap<String, Line> = BTreeMap::new();
    for e in entries {
        let corrected = e.of_seq.filter(|_| e.kind == Kind::Correction);
        let meant = corrected.and_then(|seq| by_seq.get(&seq).copied());
        let meant = meant.unwrap_or(e);
        let line = all.entry(e.item.clone()).or_default();
        line.add(meant.kind, e.pieces, meant.unit_fen);
    }
    all
}

/// Pieces of a movement with its corrections.
pub fn in_force(entries: &[Entry], seq: i64) -> i64 {
    let of = |e: &&Entry| e.seq == seq || (e.kind == Kind::Correction && e.of_seq == Some(seq));
    entries.iter().filter(of).map(|e| e.pieces).sum()
}
