//! Personal data as a type. A [`Masked`] value holds the clear text but cannot
//! be printed or serialised by accident: it has no `Display` and no `Serialize`,
//! and its `Debug` names the kind only. What a screen gets is `.masked()`; the
//! clear text needs a [`Permit`], which needs a reason. The values come from
//! imports, forms and the vault; who may have a permit is decided above, where
//! the reveal is also written to the audit chain.

use crate::search::half_width_char;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use thiserror::Error;

/// A kind of personal data: how it is masked. Masking is total (any text is
/// accepted) and does not reveal more of a text that is masked already.
pub trait Kind {
    /// The name of the kind, for `Debug` and for audit records.
    const NAME: &'static str;
    /// The text that may be shown.
    fn mask(clear: &str) -> String;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $mask:ident),* $(,)?) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub enum $name {}
        impl Kind for $name {
            const NAME: &'static str = stringify!($name);
            fn mask(clear: &str) -> String { $mask(clear) }
        }
    )* };
}

kinds! {
    /// 姓名: `张**`, whatever its length.
    PersonName = mask_name,
    /// 电话: `137****9050`.
    Phone = mask_phone,
    /// 证件号码: first and last character, `5****************9`.
    IdNumber = mask_id_number,
    /// 家庭住址: down to the village or the street, `青山镇大河村**`.
    Address = mask_address,
    /// 备注: runs of seven or more digits are starred.
    FreeNote = mask_note,
}

/// Clear personal data of kind `K` that cannot be printed by accident.
///
/// ```compile_fail,E0277
/// use zf_base::mask::{Masked, PersonName};
/// println!("{}", Masked::<PersonName>::new("张三丰"));
/// ```
/// ```compile_fail,E0277
/// use zf_base::mask::{Masked, Phone};
/// fn serialises<T: serde::Serialize>(_: T) {}
/// serialises(Masked::<Phone>::new("13712349050"));
/// ```
/// ```compile_fail,E0616
/// use zf_base::mask::{Masked, Phone};
/// let clear = Masked::<Phone>::new("13712349050").clear;
/// ```
/// ```compile_fail,E0451
/// let permit = zf_base::mask::Permit { reason: zf_base::mask::Reason::STORE };
/// ```
/// ```
/// use zf_base::mask::{Masked, Permit, Phone, Reason};
/// let phone = Masked::<Phone>::new("13712349050");
/// assert_eq!(phone.masked(), "137****9050");
/// assert_eq!(format!("{phone:?}"), "Masked<Phone>");
/// let permit = Permit::for_reason(Reason::new("call before the visit").unwrap());
/// assert_eq!(phone.reveal(&permit), "13712349050");
/// ```
pub struct Masked<K: Kind> {
    clear: String,
    kind: PhantomData<fn() -> K>,
}

impl<K: Kind> Masked<K> {
    /// Takes the clear text in; surrounding white space is dropped.
    pub fn new(clear: impl AsRef<str>) -> Self {
        Masked {
            clear: clear.as_ref().trim().to_owned(),
            kind: PhantomData,
        }
    }
    /// The text that may be shown and printed.
    pub fn masked(&self) -> String {
        K::mask(&self.clear)
    }
    /// The clear text, for somebody who has a permit.
    pub fn reveal(&self, _permit: &Permit) -> &str {
        &self.clear
    }
    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.clear.is_empty()
    }
}

impl<K: Kind> Clone for Masked<K> {
    fn clone(&self) -> Self {
        Masked {
            clear: self.clear.clone(),
            kind: PhantomData,
        }
    }
}
impl<K: Kind> PartialEq for Masked<K> {
    fn eq(&self, other: &Self) -> bool {
        self.clear == other.clear
    }
}
impl<K: Kind> Eq for Masked<K> {}
impl<K: Kind> fmt::Debug for Masked<K> {
    /// The kind only, so that structs with personal data may derive `Debug`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Masked<{}>", K::NAME)
    }
}
impl<'de, K: Kind> Deserialize<'de> for Masked<K> {
    /// Personal data comes in with requests; it does not go out the same way.
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d).map(Masked::new)
    }
}

/// Why clear text is needed. Never empty; it is written to the audit chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(Cow<'static, str>);

/// A reason without any text.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("a reason is required")]
pub struct EmptyReason;

impl Reason {
    /// The clear text goes into an encrypted column and nowhere else.
    pub const STORE: Reason = Reason(Cow::Borrowed("store"));
    /// The clear text is checked or compared and then dropped.
    pub const CHECK: Reason = Reason(Cow::Borrowed("check"));

    /// The reason somebody gave. Errors when it is blank.
    pub fn new(text: &str) -> Result<Self, EmptyReason> {
        let text = text.trim();
        if text.is_empty() {
            return Err(EmptyReason);
        }
        Ok(Reason(Cow::Owned(text.to_owned())))
    }
    /// The text of the reason.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The right to see clear text, for one reason. Cannot be made without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit {
    reason: Reason,
}

impl Permit {
    /// The only way to a permit.
    pub fn for_reason(reason: Reason) -> Self {
        Permit { reason }
    }
    /// Why this permit was given.
    pub fn reason(&self) -> &Reason {
        &self.reason
    }
}

fn stars(n: usize) -> String {
    "*".repeat(n)
}

fn mask_name(clear: &str) -> String {
    match clear.trim().chars().next() {
        Some(first) => format!("{first}**"),
        None => String::new(),
    }
}

fn mask_phone(clear: &str) -> String {
    let all: Vec<char> = clear
        .chars()
        .map(half_width_char)
        .filter(|c| c.is_ascii_digit() || *c == '*')
        .collect();
    // A country code in front would push the last hidden digits into sight.
    let country = match all[..] {
        ['0', '0', '8', '6', ..] if all.len() >= 15 => 4,
        ['8', '6', '1', ..] if all.len() == 13 => 2,
        _ => 0,
    };
    let digits = &all[country..];
    let n = digits.len();
    let text = |part: &[char]| part.iter().collect::<String>();
    if n >= 11 {
        return format!(
            "{}{}{}",
            text(&digits[..3]),
            stars(n - 7),
            text(&digits[n - 4..])
        );
    }
    if n >= 7 {
        return format!("{}{}", stars(n - 2), text(&digits[n - 2..]));
    }
    stars(clear.trim().chars().count())
}

fn mask_id_number(clear: &str) -> String {
    let chars: Vec<char> = clear
        .chars()
        .map(half_width_char)
        .filter(|c| c.is_alphanumeric() || *c == '*')
        .collect();
    match chars[..] {
        // Short texts are no ID number: two characters out of six would be much of it.
        [first, .., last] if chars.len() >= 8 => {
            format!("{first}{}{last}", stars(chars.len() - 2))
        }
        _ => stars(chars.len()),
    }
}

/// The finest place name that may be shown comes first.
// not shown: the last characters of place names, compared with an address
const PLACE_ENDS: [&[&str]; 5] = [
    &["村", "社区"],
    &["路", "大道"],
    &["街道", "街"],
    &["镇", "乡", "苏木"],
    &["县", "区", "市", "旗"],
];

fn mask_address(clear: &str) -> String {
    let clear = clear.trim();
    if clear.is_empty() {
        return String::new();
    }
    // House numbers and stars begin the part that is never shown.
    let end = clear
        .find(|c: char| half_width_char(c).is_ascii_digit() || half_width_char(c) == '*')
        .unwrap_or(clear.len());
    let shown = &clear[..end];
    for ends in PLACE_ENDS {
        let cut = ends
            .iter()
            .filter_map(|e| shown.find(e).map(|at| at + e.len()))
            .max();
        if let Some(cut) = cut {
            return format!("{}**", &shown[..cut]);
        }
    }
    "**".to_owned()
}

/// Digits in one run that are starred in a note; shorter ones are quantities and days.
const NOTE_RUN: usize = 7;
/// Digits of a run broken by single spaces or dashes (`137-1234-9050`); longer
/// than a date.
const NOTE_BROKEN_RUN: usize = 10;

fn mask_note(clear: &str) -> String {
    let chars: Vec<char> = clear.trim().chars().collect();
    let is_digit = |i: usize| {
        chars
            .get(i)
            .is_some_and(|c| half_width_char(*c).is_ascii_digit())
    };
    let is_break = |i: usize| matches!(half_width_char(chars[i]), ' ' | '-');
    let mut out = String::with_capacity(clear.len());
    let mut i = 0;
    while i < chars.len() {
        if !is_digit(i) {
            out.push(chars[i]);
            i += 1;
            continue;
        }
        let (mut end, mut digits, mut longest, mut run) = (i, 0, 0, 0);
        while end < chars.len() && (is_digit(end) || (is_break(end) && is_digit(end + 1))) {
            run = if is_digit(end) { run + 1 } else { 0 };
            digits += usize::from(is_digit(end));
            longest = longest.max(run);
            end += 1;
        }
        let hide = longest >= NOTE_RUN || digits >= NOTE_BROKEN_RUN;
        for c in &chars[i..end] {
            out.push(if hide { '*' } else { *c });
        }
        i = end;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    type Mask = fn(&str) -> String;

    #[test]
    fn each_kind_shows_only_what_it_may() {
        let cases: [(Mask, &str, &str); 18] = [
            (PersonName::mask, "张三", "张**"),
            (PersonName::mask, "欧阳修文", "欧**"),
            (PersonName::mask, "", ""),
            (Phone::mask, "13712349050", "137****9050"),
            (Phone::mask, "+86 137-1234-9050", "137****9050"),
            (Phone::mask, "０１０ １２３４５６７８", "010****5678"),
            (Phone::mask, "1234567", "*****67"),
            (Phone::mask, "12345", "*****"),
            (IdNumber::mask, "522401199001011239", "5****************9"),
            (IdNumber::mask, "52240119900101123x", "5****************x"),
            (IdNumber::mask, "522401900101123", "5*************3"),
            (IdNumber::mask, "52240", "*****"),
            (Address::mask, "青山镇大河村三组12号", "青山镇大河村**"),
            (Address::mask, "幸福街道人民路88号3单元", "幸福街道人民路**"),
            (Address::mask, "城关镇12组大河村", "城关镇**"),
            (Address::mask, "张家大院", "**"),
            (
                FreeNote::mask,
                "要办卡，电话13712349050，存5万",
                "要办卡，电话***********，存5万",
            ),
            (
                FreeNote::mask,
                "2016-10-01 来过，137 1234 9050",
                "2016-10-01 来过，*************",
            ),
        ];
        for (mask, clear, shown) in cases {
            assert_eq!(mask(clear), shown, "{clear}");
        }
    }

    #[test]
    fn a_masked_text_masked_again_stays_as_it_is() {
        let cases: [(Mask, &str); 5] = [
            (PersonName::mask, "张**"),
            (Phone::mask, "137****9050"),
            (IdNumber::mask, "5****************9"),
            (Address::mask, "青山镇大河村**"),
            (FreeNote::mask, "电话***********，存5万"),
        ];
        for (mask, shown) in cases {
            assert_eq!(mask(shown), shown);
        }
    }

    #[test]
    fn debug_output_of_a_struct_never_holds_the_value() {
        #[derive(Debug)]
        #[expect(dead_code, reason = "only printed")]
        struct Row {
            name: Masked<PersonName>,
            id: Masked<IdNumber>,
        }
        let row = Row {
            name: Masked::new("张三丰"),
            id: Masked::new("522401199001011239"),
        };
        assert_eq!(
            format!("{row:?}"),
            "Row { name: Masked<PersonName>, id: Masked<IdNumber> }"
        );
    }

    #[test]
    fn a_permit_needs_a_reason() {
        assert_eq!(Reason::new(" \t"), Err(EmptyReason));
        let permit = Permit::for_reason(Reason::new(" 电话回访 ").unwrap());
        assert_eq!(permit.reason().as_str(), "电话回访");
        assert_eq!(
            Masked::<PersonName>::new(" 张三丰 ").reveal(&permit),
            "张三丰"
        );
    }
}
