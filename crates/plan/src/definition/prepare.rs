//! What is got ready before the start: the steps of the preparation that are a
//! meeting or a training (MTG-001), and the items of the stock ledger (BUD-013).
//! Sections of the campaign file like those of `model`. Knows no database.

use super::Definition;
use crate::section;
use zf_base::{Day, WorkCalendar};

section! {
    /// 动员会与培训: a step of the preparation that carries a record.
    Meeting {
        /// The step of `program.preparation` that it is.
        id: String;
        /// Title.
        title: String;
        /// Visits are trained there too.
        training: bool;
        /// Held at least so many days before the start.
        days_before: u32, in 0 => 366;
    }
}
section! {
    /// 物料台账: an item of the stock ledger.
    StockItem {
        /// Id, unique in the file.
        id: String;
        /// Title.
        title: String;
        /// Promotional goods, ordered centrally; else printed by the county.
        goods: bool;
        /// Pieces needed per hundred households; 0 = not reckoned.
        per_hundred_households: u32, in 0 => 100_000;
        /// What phones hand out that counts as this.
        counts: Vec<String>;
    }
}

/// Days off in a row are fewer.
const LOOK_BACK_DAYS: i32 = 31;

impl Meeting {
    /// The last workday on which it may be held before a campaign that begins then.
    pub fn due(&self, start: Day, calendar: &WorkCalendar) -> Day {
        // At most 366, as the file is read.
        let latest = start.plus_days(-(self.days_before as i32));
        let mut before = (0..LOOK_BACK_DAYS).map(|n| latest.plus_days(-n));
        before.find(|d| calendar.is_workday(*d)).unwrap_or(latest)
    }
}

impl Definition {
    /// The meeting that a step of the preparation is; none for other steps.
    pub fn meeting_of(&self, step: &str) -> Option<&Meeting> {
        self.meeting.iter().find(|m| m.id == step)
    }

    /// The item of the stock ledger with an id.
    pub fn stock_item(&self, id: &str) -> Option<&StockItem> {
        self.stock.iter().find(|i| i.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meeting_is_due_on_the_last_workday_before_the_start() {
        let due = |start: &str, days_before| {
            let meeting = Meeting {
                id: "mobilise".to_owned(),
                title: "动员会".to_owned(),
                training: true,
                days_before,
            };
            meeting
                .due(start.parse().unwrap(), &WorkCalendar::statutory())
                .to_string()
        };
        // 1 October 2016 was a Saturday; 4 March 2024 a Monday.
        assert_eq!(due("2016-10-01", 1), "2016-09-30");
        assert_eq!(due("2024-03-04", 1), "2024-03-01");
        assert_eq!(due("2024-03-04", 4), "2024-02-29");
        assert_eq!(due("2024-03-04", 0), "2024-03-04");
    }
}
