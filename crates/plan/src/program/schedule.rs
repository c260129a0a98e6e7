//! A preset on other days: the campaign keeps its shape, its phases are moved
//! and stretched to the new first and last day. Pure; whether the result makes
//! sense (holidays, Spring Festival) is for `check` to say.

use crate::definition::Definition;
use zf_base::Day;

/// Moves a definition to new days. Phases that touched each other still do;
/// plans are filed as many days before the start as before.
pub fn reschedule(definition: &mut Definition, first: Day, last: Day) {
    let (old_first, old_last) = (definition.program.start, definition.program.end);
    let old_days = i64::from(old_first.days_until(old_last)) + 1;
    let new_days = i64::from(first.days_until(last)) + 1;
    // Boundaries lie between days, so the end of a phase is the boundary after it.
    let moved = |boundary: Day| {
        let offset = i64::from(old_first.days_until(boundary));
        let scaled = (offset * new_days + old_days / 2).div_euclid(old_days.max(1));
        first.plus_days(i32::try_from(scaled).unwrap_or(i32::MAX))
    };
    for phase in &mut definition.phase {
        phase.start = moved(phase.start);
        phase.end = moved(phase.end.plus_days(1)).plus_days(-1);
    }
    if let Some(due) = &mut definition.program.filing_due {
        *due = first.plus_days(old_first.days_until(*due));
    }
    definition.program.start = first;
    definition.program.end = last;
}
