//! SQL of ticks and printed sheets. Names are read sealed and opened in the
//! service; nothing sealed is stored here.
//! Rules of reading and saving a sheet are there, too.

use zf_store::statements;

statements! {
    /// Households per village group, and how many have been gone through.
    TICK_PROGRESS: unit = "SELECT c.village_group_id, COUNT(DISTINCT c.household_id), COUNT(DISTINCT s.household_id) FROM customer c LEFT JOIN tick_seen s ON s.unit_id = c.unit_id AND s.household_id = c.household_id WHERE c.unit_id = $1 AND c.village_group_id IS NOT NULL GROUP BY c.village_group_id";
    /// Customers of a village group, household by household.
    TICK_ROWS: unit = "SELECT c.household_id, h.household_no, c.id, c.name_sealed, c.tags FROM customer c JOIN household h ON h.unit_id = c.unit_id AND h.id = c.household_id WHERE c.unit_id = $1 AND c.village_group_id = $2 ORDER BY h.household_no, c.customer_no";
    /// The same of one household.
    TICK_ROWS_OF: unit = "SELECT c.household_id, h.household_no, c.id, c.name_sealed, c.tags FROM customer c JOIN household h ON h.unit_id = c.unit_id AND h.id = c.household_id WHERE c.unit_id = $1 AND c.household_id = $2 ORDER BY c.customer_no";
    /// Customers of households in which nobody has a village group, household by
    /// household in the order of their numbers.
    TICK_LOOSE: unit = "SELECT c.household_id, c.id, c.address_sealed, s.household_id IS NOT NULL FROM customer c JOIN household h ON h.unit_id = c.unit_id AND h.id = c.household_id LEFT JOIN tick_seen s ON s.unit_id = c.unit_id AND s.household_id = c.household_id WHERE c.unit_id = $1 AND c.village_group_id IS NULL AND NOT EXISTS (SELECT 1 FROM customer o WHERE o.unit_id = c.unit_id AND o.household_id = c.household_id AND o.village_group_id IS NOT NULL) ORDER BY h.household_no, c.household_id, c.customer_no";
    /// The same as rows of a sheet.
    TICK_ROWS_LOOSE: unit = "SELECT c.household_id, h.household_no, c.id, c.name_sealed, c.tags FROM customer c JOIN household h ON h.unit_id = c.unit_id AND h.id = c.household_id WHERE c.unit_id = $1 AND c.village_group_id IS NULL ORDER BY h.household_no, c.household_id, c.customer_no";
    /// Ticks of a branch.
    TICKS: unit = "SELECT household_id, tag, yes FROM tick WHERE unit_id = $1";
    /// Households gone through.
    TICKS_SEEN: unit = "SELECT household_id FROM tick_seen WHERE unit_id = $1";
    /// Members of a household with what files say.
    TICK_MEMBERS: unit = "SELECT id, tags FROM customer WHERE unit_id = $1 AND household_id = $2";
    /// Says yes or no.
    TICK_PUT: unit = "INSERT INTO tick (unit_id, household_id, tag, yes, at, by_id, by_name) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (unit_id, household_id, tag) DO UPDATE SET yes = $4, at = $5, by_id = $6, by_name = $7";
    /// Says nothing any more.
    TICK_DROP: unit = "DELETE FROM tick WHERE unit_id = $1 AND household_id = $2 AND tag = $3";
    /// Gone through.
    TICK_SEEN_PUT: unit = "INSERT INTO tick_seen (unit_id, household_id, at, by_id, by_name) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (unit_id, household_id) DO NOTHING";
    /// Not gone through after all.
    TICK_SEEN_DROP: unit = "DELETE FROM tick_seen WHERE unit_id = $1 AND household_id = $2";
    /// Sheets printed on a day.
    TICK_SHEETS_OF_DAY: unit = "SELECT COUNT(*) FROM tick_sheet WHERE unit_id = $1 AND number LIKE $2";
    /// A sheet that is printed.
    TICK_SHEET_ADD: unit = "INSERT INTO tick_sheet (unit_id, number, village_group_id, households, tags, names, printed_at, printed_by, printed_by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// A printed sheet.
    TICK_SHEET_BY_NUMBER: unit = "SELECT number, village_group_id, households, tags, names, printed_at, printed_by_name FROM tick_sheet WHERE unit_id = $1 AND number = $2";
}
