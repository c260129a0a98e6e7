//! Many histories one after the other on a few threads, and their sum: what
//! `zoufang bench sim` runs and what the tests of a million visits ask for.

use crate::outcome::Outcome;
use crate::place::{self, Place};
use crate::run::{Control, Faults, Scenario, simulate};
use crate::{Result, SimError};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many histories, and how long.
#[derive(Clone, Copy, Debug)]
pub struct Many {
    /// First seed; the next ones follow.
    pub first: u64,
    /// Histories.
    pub seeds: u64,
    /// Visits and corrections in each.
    pub visits: usize,
    /// Phones in each.
    pub phones: usize,
    /// Branches in each.
    pub branches: usize,
    /// Broken on purpose.
    pub control: Control,
    /// Events of the first phone of each that are traced.
    pub traced: usize,
    /// Histories at a time.
    pub threads: usize,
}

impl Many {
    /// The history of a seed.
    pub fn scenario(&self, seed: u64) -> Scenario {
        Scenario {
            seed,
            phones: self.phones,
            branches: self.branches,
            visits: self.visits,
            faults: Faults::ALL,
            control: self.control,
            traced: self.traced,
        }
    }
}

/// Runs one history in memory.
///
/// # Errors
/// Only what must never fail.
pub fn in_memory(scenario: Scenario) -> Result<Outcome> {
    place::in_memory(async |place: &Place| simulate(scenario, place.db(), place.crash()).await)
}

/// Runs them all; `done` hears of each as it ends, in no order.
///
/// # Errors
/// The first thing that must never fail and did.
pub fn many(ask: &Many, done: &(dyn Fn(u64, &Outcome) + Sync)) -> Result<Outcome> {
    let next = AtomicU64::new(ask.first);
    let sum = Mutex::new(Outcome::default());
    let failed: Mutex<Option<SimError>> = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..ask.threads.max(1) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let over = seed >= ask.first + ask.seeds;
                    if over || lock(&failed).is_some() {
                        return;
                    }
                    match in_memory(ask.scenario(seed)) {
                        Ok(one) => {
                            done(seed, &one);
                            lock(&sum).add(one);
                        }
                        Err(e) => *lock(&failed) = Some(e),
                    }
                }
            });
        }
    });
    if let Some(e) = lock(&failed).take() {
        return Err(e);
    }
    Ok(std::mem::take(&mut lock(&sum)))
}

fn lock<T>(m: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    m.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
