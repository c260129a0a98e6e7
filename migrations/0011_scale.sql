-- Counting a branch without touching its rows: households in order, and what
-- else is counted beside them.

DROP INDEX customer_household;
CREATE INDEX customer_household ON customer (unit_id, household_id, four_fields, lat);
