//! SQL of must-visit groups: rules, members, and what is known about customers
//! in clear. Nothing sealed is read but the name of a household's first member
//! for a sample.

use zf_store::statements;

statements! {
    /// All versions of a unit, newest first.
    GROUP_RULES: unit = "SELECT unit_id, code, version, state, when_text, priority, on_tick_sheet, note, rev, made_at, made_by_name, published_at, published_by_name FROM group_rule WHERE unit_id = $1 ORDER BY code, version DESC";
    /// A new draft.
    GROUP_RULE_ADD: unit = "INSERT INTO group_rule (unit_id, code, version, state, when_text, priority, on_tick_sheet, note, rev, made_at, made_by, made_by_name, published_at, published_by_name) VALUES ($1, $2, $3, 'draft', $4, $5, $6, $7, 1, $8, $9, $10, NULL, '')";
    /// Changes a draft when nobody else has.
    GROUP_RULE_CHANGE: unit = "UPDATE group_rule SET when_text = $4, priority = $5, on_tick_sheet = $6, note = $7, rev = rev + 1, made_at = $8, made_by = $9, made_by_name = $10 WHERE unit_id = $1 AND code = $2 AND version = $3 AND state = 'draft' AND rev = $11";
    /// Throws a draft away.
    GROUP_RULE_DROP: unit = "DELETE FROM group_rule WHERE unit_id = $1 AND code = $2 AND state = 'draft'";
    /// From now on it holds.
    GROUP_RULE_PUBLISH: unit = "UPDATE group_rule SET state = 'published', published_at = $4, published_by_name = $5 WHERE unit_id = $1 AND code = $2 AND state = 'draft' AND rev = $3";
    /// What rules may read of all customers of a branch.
    GROUP_CUSTOMERS: unit = "SELECT id, household_id, village_group_id, tags, occupation, balance_band, deposit_due_day, insurance_due_day, four_fields, birth_year, sex, products, source_channel, do_not_visit, no_visit_person_only, phone_state, id_number_state, CASE WHEN address_sealed IS NULL THEN 1 ELSE 0 END FROM customer WHERE unit_id = $1 ORDER BY id";
    /// The same of one household.
    GROUP_CUSTOMERS_OF: unit = "SELECT id, household_id, village_group_id, tags, occupation, balance_band, deposit_due_day, insurance_due_day, four_fields, birth_year, sex, products, source_channel, do_not_visit, no_visit_person_only, phone_state, id_number_state, CASE WHEN address_sealed IS NULL THEN 1 ELSE 0 END FROM customer WHERE unit_id = $1 AND household_id = $2 ORDER BY id";
    /// What the branch has ticked.
    GROUP_TICKS: unit = "SELECT household_id, tag, yes, at, by_name FROM tick WHERE unit_id = $1";
    /// The same of one household.
    GROUP_TICKS_OF: unit = "SELECT household_id, tag, yes, at, by_name FROM tick WHERE unit_id = $1 AND household_id = $2";
    /// Members of all groups of a branch.
    GROUP_MEMBERS: unit = "SELECT code, household_id, customers, how, version, since_day FROM group_member WHERE unit_id = $1";
    /// Groups of one household.
    GROUP_MEMBERS_OF: unit = "SELECT code, since_day FROM group_member WHERE unit_id = $1 AND household_id = $2";
    /// Members of one group that have been there for some time.
    GROUP_MEMBERS_BEFORE: unit = "SELECT household_id FROM group_member WHERE unit_id = $1 AND code = $2 AND since_day <= $3";
    /// Adds or changes a member; the day since when stays.
    GROUP_MEMBER_PUT: unit = "INSERT INTO group_member (unit_id, code, household_id, customers, how, version, since_day) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (unit_id, code, household_id) DO UPDATE SET customers = $4, how = $5, version = $6";
    /// No longer a member.
    GROUP_MEMBER_DROP: unit = "DELETE FROM group_member WHERE unit_id = $1 AND code = $2 AND household_id = $3";
    /// Notes that the members of a branch have changed.
    GROUP_REFRESH_PUT: unit = "INSERT INTO group_refresh (unit_id, first_day, households, refreshed_at) VALUES ($1, $2, $3, $4) ON CONFLICT (unit_id) DO UPDATE SET households = $3, refreshed_at = $4";
    /// Since when the members of a branch are known.
    GROUP_REFRESH_OF: unit = "SELECT first_day, households, refreshed_at FROM group_refresh WHERE unit_id = $1";
    /// Members of all branches by group; the caller shows those in its scope only.
    GROUP_COUNTS: cross = "SELECT unit_id, code, COUNT(*), SUM(customers), SUM(CASE WHEN since_day > $1 THEN 1 ELSE 0 END), SUM(CASE WHEN how = 'tick' THEN 1 ELSE 0 END) FROM group_member GROUP BY unit_id, code";
    /// Since when the members of all branches are known.
    GROUP_REFRESHES: cross = "SELECT unit_id, first_day, refreshed_at FROM group_refresh";
    /// Tags that do not stand on a file alone.
    GROUP_TAGS_TICKED: unit = "SELECT customer_id, tag, how FROM customer_tag WHERE unit_id = $1 AND how IN ('tick', 'both', 'no')";
    /// Where a tag of a customer comes from now.
    GROUP_TAG_PUT: unit = "INSERT INTO customer_tag (unit_id, tag, customer_id, how) VALUES ($1, $2, $3, $4) ON CONFLICT (unit_id, tag, customer_id) DO UPDATE SET how = $4";
    /// A tag that nothing speaks for any more.
    GROUP_TAG_DROP: unit = "DELETE FROM customer_tag WHERE unit_id = $1 AND tag = $2 AND customer_id = $3";
    /// Names of the members of a household, sealed.
    GROUP_NAMES_OF: unit = "SELECT id, name_sealed FROM customer WHERE unit_id = $1 AND household_id = $2 ORDER BY id";
}
