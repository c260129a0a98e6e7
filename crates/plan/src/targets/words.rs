//! Chinese words of targets: reasons of a visit, and how bank files write
//! balance bands and the names of must-visit groups. Names of groups themselves
//! are data of a pack and come in as an argument.

use super::Reason;
use super::groups::Groups;

/// A reason as a few words.
pub fn reason(reason: &Reason, groups: &Groups) -> String {
    let day = |d: &zf_base::Day| format!("{}月{}日", d.month(), d.day_of_month());
    match reason {
        Reason::MustVisit { group } => groups.name(group).to_owned(),
        Reason::Deposit { day: d } => format!("存款{}到期", day(d)),
        Reason::Insurance { day: d } => format!("保险{}满期", day(d)),
        Reason::Missing { fields } => format!("有效信息缺{fields}项"),
    }
}

/// Reason of a household that is in no group and has nothing due.
pub const ORDINARY: &str = "服务区客户";

/// All reasons of a household.
pub fn reasons(list: &[Reason], groups: &Groups) -> Vec<String> {
    if list.is_empty() {
        return vec![ORDINARY.to_owned()];
    }
    list.iter().map(|r| reason(r, groups)).collect()
}

/// Shorter texts are too common to be taken for a shortened name.
const PART_CHARS: usize = 3;

/// Whether `text` is a shortened way to write `name` (个体经商户 for 个体经商户、小商超).
pub fn is_part(text: &str, name: &str) -> bool {
    text.chars().count() >= PART_CHARS && name.contains(text)
}

/// Lower limit of a balance band in 分: 1万–5万, 5-10万, 10k_50k, 50万以上, 10000-50000.
/// `None` when the text is no band.
pub fn band_floor(text: &str) -> Option<i64> {
    let text = text.trim();
    if ["无余额", "无", "none", "0"].contains(&text)
        || text.contains("以下")
        || text.starts_with("under")
    {
        return Some(0);
    }
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let rest = &text[start..];
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (number, after) = rest.split_at(end);
    let number: i64 = number.parse().ok()?;
    let yuan = if after.starts_with('k') {
        1_000
    } else if after.starts_with('万') || (after.contains('万') && number < 1_000) {
        // 5-10万 means 5万 to 10万.
        10_000
    } else {
        1
    };
    number.checked_mul(yuan)?.checked_mul(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balance_bands_are_read_as_banks_write_them() {
        let cases = [
            ("无余额", Some(0)),
            ("1万以下", Some(0)),
            ("1万–5万", Some(1_000_000)),
            ("5-10万", Some(5_000_000)),
            ("50万以上", Some(50_000_000)),
            ("10k_50k", Some(1_000_000)),
            ("over_500k", Some(50_000_000)),
            ("10000-50000", Some(1_000_000)),
            ("普通", None),
        ];
        for (text, floor) in cases {
            assert_eq!(band_floor(text), floor, "{text}");
        }
    }
}
