//! How long the search goes on.
//!
//! What it is for: turns a budget (iterations, or a clock the caller brings)
//! into "so much of this part is done", asks the caller whether to stop, and
//! tells it how far things are. The engine itself reads no clock.

/// What a search may use up.
#[derive(Clone, Copy)]
pub enum Budget<'a> {
    /// So many ruin-and-recreate steps; the same seed gives the same plan.
    Iterations(u64),
    /// Until the clock has advanced by so many seconds.
    Clock {
        /// Seconds used so far (CPU time, as a rule), never decreasing.
        now: &'a dyn Fn() -> f64,
        /// How many to use.
        seconds: f64,
    },
}

/// Watches a search.
pub trait Progress {
    /// `done` in 0..1, and the cost of the best plan so far (seconds).
    fn report(&mut self, done: f64, best_cost: i64) {
        let _ = (done, best_cost);
    }

    /// True ends the search early with the best plan so far.
    fn should_stop(&mut self) -> bool {
        false
    }
}

/// Watches nothing.
pub struct Silent;

impl Progress for Silent {}

/// Seconds between two looks at the clock.
const LOOK_EVERY: f64 = 0.002;
/// Share of the part after which the speed is known well enough.
const SPEED_AFTER: f64 = 0.01;
/// Steps between two looks at an iteration budget.
const STEPS_EVERY: u64 = 64;

/// The share of the budget that belongs to one part.
pub(crate) struct Pace<'a, 'p> {
    budget: Budget<'a>,
    progress: &'p mut dyn Progress,
    /// The part's share of the whole, for reports: from, to.
    share: (f64, f64),
    /// Clock at the start and end of the part.
    from: f64,
    until: f64,
    /// Cost of everything outside of the part, for reports.
    elsewhere: i64,
    steps: u64,
    most_steps: u64,
    next_look: u64,
    done: f64,
}

impl<'a, 'p> Pace<'a, 'p> {
    /// Share `from..to` (of 1) of a budget that began at clock `start`.
    pub(crate) fn new(
        budget: Budget<'a>,
        progress: &'p mut dyn Progress,
        start: f64,
        share: (f64, f64),
        elsewhere: i64,
    ) -> Self {
        let (mut from, mut until, mut most_steps) = (0.0, 0.0, u64::MAX);
        match budget {
            Budget::Iterations(steps) => {
                let at = |share: f64| (steps as f64 * share).round() as u64;
                most_steps = at(share.1) - at(share.0);
            }
            Budget::Clock { now, seconds } => {
                from = now();
                until = start + seconds * share.1;
            }
        }
        Pace {
            budget,
            progress,
            share,
            from,
            until,
            elsewhere,
            steps: 0,
            most_steps,
            next_look: 0,
            done: 0.0,
        }
    }

    /// Share of the part that is done, or `None` when it is over.
    #[inline]
    pub(crate) fn next(&mut self, best_cost: i64) -> Option<f64> {
        if self.steps >= self.next_look && !self.look(best_cost) {
            return None;
        }
        self.steps += 1;
        Some(self.done)
    }

    /// Whether `expected_steps` means anything yet.
    pub(crate) fn speed_is_known(&self) -> bool {
        match self.budget {
            Budget::Iterations(_) => true,
            Budget::Clock { .. } => self.done >= SPEED_AFTER,
        }
    }

    /// Steps the whole part will take, at the speed so far.
    pub(crate) fn expected_steps(&self) -> u64 {
        match self.budget {
            Budget::Iterations(_) => self.most_steps,
            Budget::Clock { .. } => (self.steps as f64 / self.done.max(1e-9)) as u64,
        }
    }

    /// Looks where we are; false when it is time to stop.
    fn look(&mut self, best_cost: i64) -> bool {
        match self.budget {
            Budget::Iterations(_) => {
                self.done = self.steps as f64 / self.most_steps.max(1) as f64;
                self.next_look = (self.steps + STEPS_EVERY).min(self.most_steps);
            }
            Budget::Clock { now, .. } => {
                let (used, all) = (now() - self.from, self.until - self.from);
                self.done = if all > 0.0 { used / all } else { 1.0 };
                let speed = self.steps as f64 / used.max(1e-4);
                self.next_look = self.steps + (speed * LOOK_EVERY).clamp(4.0, 10_000.0) as u64;
            }
        }
        if self.done >= 1.0 {
            return false;
        }
        let whole = self.share.0 + (self.share.1 - self.share.0) * self.done;
        self.progress.report(whole, self.elsewhere + best_cost);
        !self.progress.should_stop()
    }
}
