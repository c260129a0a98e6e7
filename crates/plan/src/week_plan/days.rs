//! The seven days of a week as the campaign sees them: worked or off, inside of
//! which phase, and what to say about them. Holidays and make-up workdays come
//! from the calendar in force. Pure.

use crate::definition::{Definition, VisitKind};
use zf_base::{Day, IsoWeek, WorkCalendar};

/// What is special about a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    /// Nothing.
    None,
    /// Off by name, e.g. 国庆节.
    Holiday,
    /// A weekend day that is worked.
    MakeUp,
    /// An ordinary Saturday or Sunday.
    Weekend,
    /// Before or after the campaign, or between its phases.
    OutsideCampaign,
}

/// One day of a week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanDay {
    /// The day.
    pub day: Day,
    /// Worked.
    pub is_workday: bool,
    /// Name of the holiday or of the bank's correction, else empty.
    pub name: String,
    /// What is special about it.
    pub remark: Remark,
    /// Kinds of visits planned; empty on days without visits.
    pub kinds: Vec<VisitKind>,
}

impl PlanDay {
    /// Visits are planned on this day: the quota counts for it.
    pub fn planned(&self) -> bool {
        !self.kinds.is_empty()
    }
}

/// Monday to Sunday of a week.
pub fn week_days(definition: &Definition, calendar: &WorkCalendar, week: IsoWeek) -> Vec<PlanDay> {
    week.days()
        .into_iter()
        .map(|day| plan_day(definition, calendar, day))
        .collect()
}

fn plan_day(definition: &Definition, calendar: &WorkCalendar, day: Day) -> PlanDay {
    let info = calendar.describe(day);
    let is_workday = calendar.is_workday(day);
    let inside = (definition.program.start..=definition.program.end).contains(&day);
    let phases = definition
        .phase
        .iter()
        .filter(|p| (p.start..=p.end).contains(&day));
    let mut kinds: Vec<VisitKind> = Vec::new();
    for kind in phases.flat_map(|p| &p.kinds) {
        if is_workday && inside && !kinds.contains(kind) {
            kinds.push(*kind);
        }
    }
    let remark = match (is_workday, day.weekday() >= 6) {
        (true, _) if kinds.is_empty() => Remark::OutsideCampaign,
        (true, true) => Remark::MakeUp,
        (true, false) => Remark::None,
        (false, _) if !info.name.is_empty() => Remark::Holiday,
        (false, _) => Remark::Weekend,
    };
    PlanDay {
        day,
        is_workday,
        name: info.name,
        remark,
        kinds,
    }
}
