//! SQL of what customers want: marks beside the tags, with `how = 'wish'`.

use zf_store::statements;

statements! {
    /// What one customer wants.
    WISHES_OF: unit = "SELECT tag FROM customer_tag WHERE unit_id = $1 AND customer_id = $2 AND how = 'wish'";
    /// Forgets what one customer wants, before the new set is stored.
    WISHES_CLEAR: unit = "DELETE FROM customer_tag WHERE unit_id = $1 AND customer_id = $2 AND how = 'wish'";
    /// One wish.
    WISH_ADD: unit = "INSERT INTO customer_tag (unit_id, tag, customer_id, how) VALUES ($1, $2, $3, 'wish') ON CONFLICT (unit_id, tag, customer_id) DO NOTHING";
    /// How many want what in a branch.
    WISH_COUNTS: unit = "SELECT tag, COUNT(*) FROM customer_tag WHERE unit_id = $1 AND how = 'wish' GROUP BY tag";
    /// Products held, as stored.
    HELD: unit = "SELECT products, COUNT(*) FROM customer WHERE unit_id = $1 AND products <> '[]' GROUP BY products";
}
