//! Rules over time: what a row of readings of one unit comes to, day by day:
//! explanations, notices, proposals, alerts, and their end. One engine for the
//! ladder of a campaign and for risk alerts. Pure: the rule, the days that
//! count and the readings in; events out. The same readings give the same
//! events in whatever order they came, twice or corrected, so that a job can
//! compare them with what was done before. It knows no unit, no calendar and
//! no consequence; who must do what is decided by whoever asks.

mod read;
mod replay;

pub use read::RuleError;
pub use replay::{Event, Latest, RECOVERED, Reading, replay};

/// A rule: steps, where it ends, and what a missing reading means.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its name.
    pub id: String,
    /// At least one, in the order in which the events of one day are given.
    pub steps: Vec<Step>,
    /// The day on which everything ends: its reading is there. With another
    /// level than the steps', what is between the two ends nothing and begins
    /// nothing. Without it a rule ends on the first known day on which no step
    /// holds.
    pub recover: Option<Bound>,
    /// What a day that counts and has no reading means.
    pub missing: Missing,
    /// A reading over fewer than this is as good as missing. Readings without a
    /// denominator are not asked.
    pub min_denominator: Option<f64>,
}

/// One condition and what follows from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The condition's shape.
    pub when: When,
    /// Its bound; of a growth, the share by which it has grown (0.1 = 10 %).
    pub bound: Bound,
    /// What is said on the day on which it begins to hold, once until the rule
    /// ends.
    pub event: String,
    /// What is said on every later day that counts and is known, until it ends.
    pub repeat: Option<String>,
    /// After it was said, it is not said again for so many days that count,
    /// though the rule may have ended in between.
    pub cool_down: u32,
}

/// On which side of a figure a value is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// Less.
    Below(f64),
    /// More.
    Above(f64),
    /// Not less.
    AtLeast(f64),
    /// Not more.
    AtMost(f64),
}

impl Bound {
    /// Whether a value is there.
    pub fn holds(self, value: f64) -> bool {
        match self {
            Bound::Below(x) => value < x,
            Bound::Above(x) => value > x,
            Bound::AtLeast(x) => value >= x,
            Bound::AtMost(x) => value <= x,
        }
    }
}

/// A condition on the readings up to a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The day's reading is there.
    Threshold,
    /// So many days in a row, of those that count and are known, this one the
    /// last; from 1.
    Consecutive(u32),
    /// At least `k` of the last `n` days that count, this one the last; 1 ≤ `k`
    /// ≤ `n`. A day of which nothing is known takes a place.
    KOfN {
        /// How many.
        k: u32,
        /// Of how many.
        n: u32,
    },
    /// Growth of the reading against the one so many days that count before,
    /// from 1; a fall is negative. Nothing is said when that one is 0 or not
    /// known.
    Growth(u32),
}

/// What a day that counts and has no reading means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missing {
    /// It neither counts nor resets.
    #[default]
    Unknown,
    /// Nothing was done: 0.
    Zero,
    /// It breaks a row, and says nothing else.
    Breaks,
}
