//! The order of annealing runs within one search.
//!
//! What it is for: small parts are rugged: independent runs end several percent
//! apart, so several short runs and a last cool one from the best of them beat
//! one long run. Large parts need all steps for one run.
//! What it may not know: plans; it only turns "so much is done" into a run and
//! a temperature.

/// Share of the budget for the independent runs, when there are several.
const RUNS_SHARE: f64 = 0.7;
/// Later runs start at this share of the first temperature (geometric).
const LATER_HEAT: f64 = 0.5;

/// Where a search is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Moment {
    /// Number of the run, from 0.
    pub(crate) run: u32,
    /// Whether this run continues from the best plan of all runs before.
    pub(crate) on_best: bool,
    /// Seconds of cost.
    pub(crate) temperature: f64,
}

/// Runs of one search.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Phases {
    /// Independent runs from hot to cold.
    runs: u32,
    /// Runs after them, each from the best so far.
    later: u32,
    hot: f64,
    cold: f64,
}

impl Phases {
    /// So many independent runs (at least 1), each from hot to cold.
    pub(crate) fn new(runs: u32, hot: f64, cold: f64) -> Self {
        let runs = runs.max(1);
        let later = f64::from(runs) * (1.0 - RUNS_SHARE) / RUNS_SHARE;
        Phases {
            runs,
            later: (later.round() as u32).max(1),
            hot,
            cold,
        }
    }

    /// Where the search is when `done` (0..1) of it is over.
    pub(crate) fn at(&self, done: f64) -> Moment {
        if self.runs == 1 {
            return self.moment(0, false, self.hot, done);
        }
        if done < RUNS_SHARE {
            let along = done / RUNS_SHARE * f64::from(self.runs);
            return self.moment(along as u32, false, self.hot, along.fract());
        }
        let along = (done - RUNS_SHARE) / (1.0 - RUNS_SHARE) * f64::from(self.later);
        let warm = self.hot.powf(LATER_HEAT) * self.cold.powf(1.0 - LATER_HEAT);
        self.moment(self.runs + along as u32, true, warm, along.fract())
    }

    fn moment(&self, run: u32, on_best: bool, from: f64, within: f64) -> Moment {
        Moment {
            run,
            on_best,
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
    fn a_small_part_is_cooled_several_times_and_then_warmed_on_the_best_plan() {
        let phases = Phases::new(7, 1000.0, 1.0);
        let at = |tenth: f64| phases.at((tenth + 0.5) / 10.0);
        let runs: Vec<u32> = (0..10).map(|n| at(f64::from(n)).run).collect();
        assert_eq!(runs, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert!((0..7).all(|n| !at(f64::from(n)).on_best));
        assert!((7..10).all(|n| at(f64::from(n)).on_best));
        // Half way down from 1000 to 1, geometrically.
        assert!((phases.at(0.7).temperature - 31.622).abs() < 0.01);
        assert!(phases.at(0.15).temperature < phases.at(0.11).temperature);
    }
}
