//! SQL of the work calendar.

use zf_store::statements;

statements! {
    /// All corrections.
    CALENDAR_LIST: reference = "SELECT day, is_workday, name FROM calendar_day ORDER BY day";
    /// Corrects a day.
    CALENDAR_SET: reference = "INSERT INTO calendar_day (day, is_workday, name, corrected_by, corrected_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (day) DO UPDATE SET is_workday = $2, name = $3, corrected_by = $4, corrected_at = $5";
    /// Takes a correction back.
    CALENDAR_CLEAR: reference = "DELETE FROM calendar_day WHERE day = $1";
}
