//! SQL of completeness: counting a branch, keeping a day, reading the days of
//! a subtree.

use zf_store::statements;

statements! {
    /// Counts of a branch as it is.
    QUALITY_COUNT: unit = "SELECT COUNT(*), COALESCE(SUM(CASE WHEN four_fields THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN phone_state = 'empty' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN id_number_state = 'empty' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN address_sealed IS NULL THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN phone_state = 'masked' OR id_number_state = 'masked' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN lat IS NOT NULL THEN 1 ELSE 0 END), 0), COUNT(DISTINCT household_id) FROM customer WHERE unit_id = $1";
    /// Keeps the counts of a day; counted again on the same day they are replaced.
    QUALITY_PUT: unit = "INSERT INTO quality_day (unit_id, day, customers, four_fields, without_phone, without_id_number, without_address, by_bank, placed, households) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (unit_id, day) DO UPDATE SET customers = excluded.customers, four_fields = excluded.four_fields, without_phone = excluded.without_phone, without_id_number = excluded.without_id_number, without_address = excluded.without_address, by_bank = excluded.by_bank, placed = excluded.placed, households = excluded.households";
    /// Two kept days of all branches of a subtree.
    QUALITY_DAYS: cross = "SELECT q.unit_id, q.day, q.customers, q.four_fields, q.without_phone, q.without_id_number, q.without_address, q.by_bank, q.placed, q.households FROM quality_day q JOIN unit u ON u.id = q.unit_id WHERE u.path >= $1 AND u.path < $2 AND q.day IN ($3, $4, $5)";
}
