//! Figures of the planner beside those of others on the same instances.
//!
//! What it is for: `zoufang route bench` and the measuring example share the
//! run and the reference costs. The caller brings the instances as bytes (not
//! packed) and the clock.
//! What it may not know: files, clocks, words on screen.

use std::fmt;

use crate::error::InstanceErrors;
use crate::instance::Instance;
use crate::pace::Silent;
use crate::score::score;
use crate::solve::{Params, Prepared};

/// A published cost on an instance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reference {
    /// `name` of the instance.
    pub instance: &'static str,
    /// Who made the plan.
    pub solver: &'static str,
    /// CPU seconds of search.
    pub seconds: f64,
    /// Cost (mean over seeds), seconds.
    pub cost: i64,
}

const fn reference(
    instance: &'static str,
    solver: &'static str,
    seconds: f64,
    cost: i64,
) -> Reference {
    Reference {
        instance,
        solver,
        seconds,
        cost,
    }
}

/// Costs measured on 2026-11-21 with the public adapters, one thread.
pub const REFERENCES: &[Reference] = &[
    reference("zf-S", "prototype", 1.0, 130_112),
    reference("zf-S", "prototype", 10.0, 129_626),
    reference("zf-S", "PyVRP 0.14.1", 10.0, 130_204),
    reference("zf-S", "PyVRP 0.14.1", 60.0, 128_436),
    reference("zf-M", "prototype", 1.0, 1_570_779),
    reference("zf-M", "prototype", 10.0, 1_499_554),
    reference("zf-M", "PyVRP 0.14.1", 10.0, 1_693_869),
    reference("zf-M", "PyVRP 0.14.1", 60.0, 1_603_543),
    reference("zf-L", "prototype", 1.0, 10_666_142),
    reference("zf-L", "prototype", 10.0, 9_852_830),
    reference("zf-L", "PyVRP 0.14.1, week by week", 30.0, 11_715_196),
];

/// One run to make.
#[derive(Clone, Copy, Debug)]
pub struct BenchJob<'a> {
    /// The instance, JSON.
    pub bytes: &'a [u8],
    /// Seconds of search by the caller's clock.
    pub seconds: f64,
    /// Seed of the search.
    pub seed: u64,
}

/// One run made.
#[derive(Clone, Debug, PartialEq)]
pub struct BenchRow {
    /// `name` of the instance.
    pub instance: String,
    /// Seed of the search.
    pub seed: u64,
    /// Seconds used for tables and neighbour lists.
    pub load_seconds: f64,
    /// Seconds used for the search.
    pub search_seconds: f64,
    /// By the independent scorer.
    pub cost: i64,
    /// Visits made.
    pub visits: usize,
    /// Seconds on the road.
    pub travel: i64,
    /// By the independent scorer.
    pub feasible: bool,
    /// What others reached.
    pub references: Vec<Reference>,
}

impl BenchRow {
    /// Cost over a reference's cost; below 1 is better.
    pub fn ratio(&self, reference: &Reference) -> f64 {
        self.cost as f64 / reference.cost as f64
    }
}

impl fmt::Display for BenchRow {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} seed {}: cost {} visits {} travel {} load {:.2} s search {:.2} s{}",
            self.instance,
            self.seed,
            self.cost,
            self.visits,
            self.travel,
            self.load_seconds,
            self.search_seconds,
            if self.feasible { "" } else { " INFEASIBLE" },
        )?;
        for reference in &self.references {
            let Reference {
                solver,
                seconds,
                cost,
                ..
            } = reference;
            let ratio = self.ratio(reference);
            write!(out, "\n  {ratio:.4} of {solver}, {seconds} s: {cost}")?;
        }
        Ok(())
    }
}

/// Makes the runs one after the other.
///
/// `now` gives seconds used so far (CPU time, as a rule).
///
/// # Errors
/// The findings of the first instance that is refused.
pub fn bench_rows(
    jobs: &[BenchJob<'_>],
    now: &dyn Fn() -> f64,
) -> Result<Vec<BenchRow>, InstanceErrors> {
    jobs.iter().map(|job| bench_row(job, now)).collect()
}

fn bench_row(job: &BenchJob<'_>, now: &dyn Fn() -> f64) -> Result<BenchRow, InstanceErrors> {
    let instance = Instance::parse_bytes(job.bytes)?;
    let begin = now();
    let prepared = Prepared::new(&instance);
    let loaded = now();
    let mut params = Params::clock(now, job.seconds, job.seed);
    params.explain = false;
    let plan = prepared.solve(&params, &mut Silent);
    let end = now();
    let judged = score(&instance, &plan);
    let own = REFERENCES.iter().filter(|r| r.instance == instance.name);
    let references = own.copied().collect();
    Ok(BenchRow {
        seed: job.seed,
        load_seconds: loaded - begin,
        search_seconds: end - loaded,
        cost: judged.cost,
        visits: judged.visits,
        travel: judged.travel,
        feasible: judged.feasible(),
        references,
        instance: instance.name,
    })
}
