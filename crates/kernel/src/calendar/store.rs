//! SQL of the work calendar.

use zf_store::statements;

statements! {
    /// All corrections in force; one that was taken back has no name.
    CALENDAR_LIST: reference = "SELECT day, is_workday, name FROM calendar_day WHERE name <> '' ORDER BY day";
    /// Corrects a day.
    CALENDAR_SET: reference = "INSERT INTO calendar_day (day, is_workday, name, corrected_by, corrected_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (day) DO UPDATE SET is_workday = $2, name = $3, corrected_by = $4, corrected_at = $5";
    /// Takes a correction back; the row stays so that it is known when.
    CALENDAR_CLEAR: reference = "UPDATE calendar_day SET name = '', corrected_by = $2, corrected_at = $3 WHERE day = $1 AND name <> ''";
}
