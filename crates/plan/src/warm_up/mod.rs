//! 城区预热 (CMP-008): before the visits of a branch in town, estate managers and
//! workplace contacts are asked to hand out material and small gifts. Which places
//! are due follows from the campaign's targets and the week plans; what was done is
//! written down per place with counts. Lists of residents or employees are never
//! asked for, so nothing here names a person.

pub mod http;
pub mod service;
pub mod store;

use zf_base::{Day, Timestamp, Uuid, VillageGroupId};

/// What was written down of a place.
#[derive(Clone, Debug, PartialEq)]
pub struct WarmUp {
    /// Id.
    pub id: Uuid,
    /// The group of the place; none for a workplace.
    pub village_group_id: Option<VillageGroupId>,
    /// Name of a workplace; empty for a group.
    pub place: String,
    /// Through whom, a code of the campaign file.
    pub through: String,
    /// The day.
    pub day: Day,
    /// Pieces by code of what was handed out.
    pub handed_out: Vec<(String, i64)>,
    /// When written.
    pub at: Timestamp,
    /// By whom.
    pub by_name: String,
}

/// How a place stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Done before its first visit, or no visit is planned yet.
    Done,
    /// Visits are planned and the last day to warm up is over.
    Late,
    /// Visits are planned.
    Due,
    /// No visit is planned yet.
    Open,
}

impl Standing {
    /// As the API says it.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Done => "done",
            Standing::Late => "late",
            Standing::Due => "due",
            Standing::Open => "open",
        }
    }
}

/// How a place stands today: `last` is the last day on which warming it up is in
/// time, none when no visit is planned.
pub fn standing(done: bool, last: Option<Day>, today: Day) -> Standing {
    match last {
        _ if done => Standing::Done,
        Some(last) if last < today => Standing::Late,
        Some(_) => Standing::Due,
        None => Standing::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_late_from_the_day_after_its_last_day() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let last = Some(day("2016-11-07"));
        for (done, last, today, is) in [
            (false, last, "2016-11-07", Standing::Due),
            (false, last, "2016-11-08", Standing::Late),
            (true, last, "2016-11-08", Standing::Done),
            (false, None, "2016-11-08", Standing::Open),
            (true, None, "2016-11-08", Standing::Done),
        ] {
            assert_eq!(standing(done, last, day(today)), is, "{done} {today}");
        }
    }
}
