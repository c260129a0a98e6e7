//! How long a stock lasts: pieces per planned day by what phones have handed
//! out so far, or by quota and planned days as long as nothing is known. Pure;
//! days and sums come in as arguments.

use zf_base::Day;

/// Where a pace comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// What was handed out so far.
    Used,
    /// Quota, planned days and the pieces per hundred households.
    Plan,
}

impl By {
    /// As in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            By::Used => "used",
            By::Plan => "plan",
        }
    }
}

/// What is asked of one item at one unit (or of a county with its branches).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Pieces there are.
    pub stock: i64,
    /// Pieces handed out so far.
    pub used: i64,
    /// Planned days that are over.
    pub days_over: i64,
    /// Households of the planned days still to come, times the branches.
    pub households_left: i64,
    /// Pieces per hundred households; 0 = not reckoned.
    pub per_hundred: i64,
}

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// Pieces needed on the planned days still to come.
    pub need_left: i64,
    /// Pieces missing until the end.
    pub short: i64,
    /// The planned day that the stock does not cover; none = it lasts.
    pub runs_out: Option<Day>,
    /// Where the pace comes from; none = not reckoned.
    pub by: Option<By>,
    /// Pieces in ten planned days.
    pub in_ten_days: i64,
}

/// Reckons over the planned days still to come, in order. A pace of hundredths
/// of pieces is kept whole, so that no piece is lost by rounding.
pub fn outlook(asked: &Asked, left: &[Day]) -> Outlook {
    let days = left.len() as i64;
    let planned = (asked.households_left * asked.per_hundred, 100 * days);
    let (by, (of, per)) = match (asked.used > 0 && asked.days_over > 0, asked.per_hundred > 0) {
        (true, _) => (Some(By::Used), (asked.used, asked.days_over)),
        (false, true) if days > 0 => (Some(By::Plan), planned),
        // After the last day nothing is needed any more.
        (false, true) => (Some(By::Plan), (0, 1)),
        _ => (None, (0, 1)),
    };
    let need = |days: i64| (of * days + per - 1).div_euclid(per.max(1));
    let covered = |n: &usize| need(*n as i64 + 1) <= asked.stock.max(0);
    let first_open = (0..left.len()).find(|n| !covered(n));
    let need_left = need(days);
    Outlook {
        need_left,
        short: (need_left - asked.stock.max(0)).max(0),
        runs_out: first_open.map(|n| left[n]),
        by,
        in_ten_days: need(10),
    }
}
