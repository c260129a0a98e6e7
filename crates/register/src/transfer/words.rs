//! Words of moves: why customers move, why a branch closes.

/// Reasons a person may give for a move, with their words.
pub const REASONS: [(&str, &str); 6] = [
    ("wrong_branch", "原来归错了网点"),
    ("moved_house", "客户搬家"),
    ("married_away", "婚嫁迁出"),
    ("customer_wish", "客户要求"),
    ("area_change", "网点片区调整"),
    ("branch_closing", "网点撤并"),
];

/// The word of a reason.
pub fn reason(code: &str) -> &'static str {
    let known = REASONS.iter().find(|(c, _)| *c == code);
    known.map_or("其他原因", |r| r.1)
}
