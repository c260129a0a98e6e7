//! The order of annealing runs within one search.
//!
//! What it is for: small parts are rugged: independent runs end several percent
//! apart, so several short runs and a last cool one from the best of them beat
//! one long run. Large parts need all steps for one run.
//! What it may not know: plans; it only turns "so much is done" into a run and
//! a temperature.

/// Share of the budget for the independent runs, when there are several.
const RUNS_SHARE: f64 = 0.8;
/// The last run starts at this share of the first temperature (geometric).
const LAST_RUN_HEAT: f64 = 0.5;

/// Where a search is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Moment {
    /// Number of the run, from 0.
    pub(crate) run: u32,
    /// Whether this run continues from the best plan of all runs before.
    pub(crate) last: bool,
    /// Seconds of cost.
    pub(crate) temperature: f64,
}

/// Runs of one search.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Phases {
    runs: u32,
    hot: f64,
    cold: f64,
}

impl Phases {
    /// So many independent runs (at least 1), each from hot to cold.
    pub(crate) fn new(runs: u32, hot: f64, cold: f64) -> Self {
        Phases {
            runs: runs.max(1),
            hot,
            cold,
        }
    }

    /// Where the search is when `done` (0..1) of it is over.
    pub(crate) fn at(&self, done: f64) -> Moment {
        if self.runs == 1 {
            return self.moment(0, false, self.hot, done);
        }
        let runs = f64::from(self.runs);
        let along = done / RUNS_SHARE * runs;
        if along < runs {
            return self.moment(along as u32, false, self.hot, along.fract());
        }
        let warm = self.hot.powf(LAST_RUN_HEAT) * self.cold.powf(1.0 - LAST_RUN_HEAT);
        let within = (done - RUNS_SHARE) / (1.0 - RUNS_SHARE);
        self.moment(self.runs, true, warm, within)
    }

    fn moment(&self, run: u32, last: bool, from: f64, within: f64) -> Moment {
        Moment {
            run,
            last,
            temperature: from * (self.cold / from).powf(within),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_part_is_cooled_once_from_hot_to_cold() {
        let phases = Phases::new(1, 1000.0, 1.0);
        assert_eq!(phases.at(0.0).temperature, 1000.0);
        assert!((phases.at(0.5).temperature - 31.622).abs() < 0.01);
        assert_eq!(phases.at(0.999).run, 0);
    }

    #[test]
    fn a_small_part_is_cooled_several_times_and_ends_with_a_cool_run() {
        let phases = Phases::new(4, 1000.0, 1.0);
        let runs: Vec<u32> = (0..10)
            .map(|n| phases.at((f64::from(n) + 0.5) / 10.0).run)
            .collect();
        assert_eq!(runs, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
        assert!(phases.at(0.8).last && !phases.at(0.79).last);
        assert!((phases.at(0.8).temperature - 31.622).abs() < 0.01);
    }
}
