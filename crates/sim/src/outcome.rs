//! What a history came to: how much happened, and everything that is not as it
//! must be, counted, with the first findings in words. Knows no phone and no
//! server; sums of many histories are one of these too.

/// What a history came to.
#[derive(Default)]
pub struct Outcome {
    /// Visits and corrections that phones said were saved.
    pub saved: usize,
    /// Visits in force on the server.
    pub visits: usize,
    /// Operations kept aside.
    pub aside: usize,
    /// Batches that reached the server.
    pub batches: usize,
    /// Events of all kinds.
    pub events: usize,
    /// Times the server stopped.
    pub server_stops: usize,
    /// Times a phone stopped.
    pub phone_stops: usize,
    /// Answers to what had been taken before.
    pub duplicates: usize,
    /// Changes of what may be seen, in histories of pull.
    pub changes: usize,
    /// Phones that were revoked, and wiped.
    pub revoked: usize,
    /// Cursors that were too old.
    pub resyncs: usize,
    /// Saved on a phone, and neither there any more nor on the server.
    pub lost: usize,
    /// On the server, and never saved on a phone.
    pub doubled: usize,
    /// Missing or double numbers in feeds.
    pub gaps: usize,
    /// Everything else that is not as it must be.
    pub wrong: usize,
    /// The first of all these, in words.
    pub faults: Vec<String>,
    /// Trace of the first phone.
    pub trace: String,
}

impl Outcome {
    /// Nothing lost, doubled, missing or wrong.
    pub fn is_sound(&self) -> bool {
        self.lost + self.doubled + self.gaps + self.wrong == 0
    }

    /// Adds another history.
    pub fn add(&mut self, other: Outcome) {
        self.saved += other.saved;
        self.visits += other.visits;
        self.aside += other.aside;
        self.batches += other.batches;
        self.events += other.events;
        self.server_stops += other.server_stops;
        self.phone_stops += other.phone_stops;
        self.duplicates += other.duplicates;
        self.changes += other.changes;
        self.revoked += other.revoked;
        self.resyncs += other.resyncs;
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.gaps += other.gaps;
        self.wrong += other.wrong;
        for fault in other.faults {
            self.fault(|| fault);
        }
    }

    pub(crate) fn fault(&mut self, what: impl FnOnce() -> String) {
        if self.faults.len() < 20 {
            self.faults.push(what());
        }
    }

    pub(crate) fn wrong(&mut self, what: impl FnOnce() -> String) {
        self.wrong += 1;
        self.fault(what);
    }
}
