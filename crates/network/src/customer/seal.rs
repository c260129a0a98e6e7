//! Sealing and opening the personal columns of a customer, their blind
//! indexes, and the checks of phone and ID number on the way in. The only
//! place that knows which column is sealed under which name.

use super::FieldState;
use crate::place::table::county_codes;
use std::collections::BTreeSet;
use zf_base::identity::{IdCheck, IdNote, IdRules, check_id_number};
use zf_base::phone::{PhoneCheck, check_phone};
use zf_base::{CustomerId, Day, UnitId};
use zf_kernel::App;
use zf_kernel::error::Result;
use zf_vault::{Aad, BlindKind};

/// The sealed columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// 姓名.
    Name,
    /// 联系电话.
    Phone,
    /// 身份证号.
    IdNumber,
    /// 家庭住址.
    Address,
    /// 备注.
    Notes,
}

impl Column {
    fn name(self) -> &'static str {
        match self {
            Column::Name => "name_sealed",
            Column::Phone => "phone_sealed",
            Column::IdNumber => "id_number_sealed",
            Column::Address => "address_sealed",
            Column::Notes => "notes_sealed",
        }
    }
}

/// All sealed columns, in the order of the statements that read them all.
pub(super) const COLUMNS: [Column; 5] = [
    Column::Name,
    Column::Phone,
    Column::IdNumber,
    Column::Address,
    Column::Notes,
];

fn aad(column: Column, unit: UnitId, id: CustomerId) -> Aad<'static> {
    Aad {
        table: "customer",
        column: column.name(),
        unit: unit.uuid(),
        row: id.uuid(),
    }
}

/// Seals a value; nothing for an empty one.
pub fn seal(
    app: &App,
    column: Column,
    unit: UnitId,
    id: CustomerId,
    clear: &str,
) -> Option<Vec<u8>> {
    let clear = clear.trim();
    (!clear.is_empty()).then(|| app.vault.seal_text(&aad(column, unit, id), clear))
}

/// Opens a value; empty when nothing is stored.
pub fn open(
    app: &App,
    column: Column,
    unit: UnitId,
    id: CustomerId,
    sealed: Option<&[u8]>,
) -> Result<String> {
    match sealed {
        Some(sealed) => Ok(app.vault.open_text(&aad(column, unit, id), sealed)?),
        None => Ok(String::new()),
    }
}

/// Opens a value and seals it under the current keys.
pub(super) fn reseal(
    app: &App,
    column: Column,
    unit: UnitId,
    id: CustomerId,
    sealed: &[u8],
) -> Result<Vec<u8>> {
    let aad = aad(column, unit, id);
    Ok(app.vault.seal(&aad, &app.vault.open(&aad, sealed)?))
}

/// A checked phone or ID number.
pub struct Checked {
    /// What to store.
    pub value: String,
    /// How much of it is known.
    pub state: FieldState,
    /// Year of birth that an ID number tells.
    pub birth_year: Option<i64>,
    /// Sex that an ID number tells.
    pub sex: Option<&'static str>,
    /// What is worth knowing about an ID number that is taken nevertheless.
    pub notes: Vec<&'static str>,
}

impl Checked {
    fn plain(value: String, state: FieldState) -> Checked {
        Checked {
            value,
            state,
            birth_year: None,
            sex: None,
            notes: vec![],
        }
    }
}

/// Checks a phone; the error is the code of the field's sentence.
pub fn phone(text: &str, demo: bool) -> std::result::Result<Checked, &'static str> {
    match check_phone(text, demo) {
        PhoneCheck::Ok { normalised, .. } => Ok(Checked::plain(normalised, FieldState::Full)),
        PhoneCheck::MaskedByBank => Ok(Checked::plain(text.trim().to_owned(), FieldState::Masked)),
        PhoneCheck::Empty => Ok(Checked::plain(String::new(), FieldState::Empty)),
        PhoneCheck::Invalid(_) => Err("phone.invalid"),
    }
}

/// Checks an ID number; the error is the code of the field's sentence. Notes
/// are never a reason to refuse: people keep the code of a county that is gone.
pub fn id_number(text: &str, today: Day, demo: bool) -> std::result::Result<Checked, &'static str> {
    id_number_among(text, today, demo, county_codes())
}

fn id_number_among(
    text: &str,
    today: Day,
    demo: bool,
    counties: Option<&BTreeSet<u32>>,
) -> std::result::Result<Checked, &'static str> {
    let rules = IdRules {
        accept_demo: demo,
        counties,
        ..IdRules::on(today)
    };
    match check_id_number(text, rules) {
        IdCheck::Ok {
            normalised,
            birth,
            sex,
            notes,
        } => {
            let sex = match sex {
                zf_base::identity::Sex::Male => "male",
                zf_base::identity::Sex::Female => "female",
            };
            let birth_year = Some(i64::from(birth.year()));
            Ok(Checked {
                value: normalised,
                state: FieldState::Full,
                birth_year,
                sex: Some(sex),
                notes: notes.into_iter().filter_map(note_code).collect(),
            })
        }
        IdCheck::MaskedByBank => Ok(Checked::plain(text.trim().to_owned(), FieldState::Masked)),
        IdCheck::Empty => Ok(Checked::plain(String::new(), FieldState::Empty)),
        IdCheck::Invalid(_) => Err("id_number.invalid"),
    }
}

/// The code of a note's sentence; none for what nobody has to look at.
fn note_code(note: IdNote) -> Option<&'static str> {
    match note {
        IdNote::UnknownCounty => Some("id_number.unknown_county"),
        IdNote::VeryOld => Some("id_number.very_old"),
        IdNote::From15Digits | IdNote::FromAbroad | IdNote::Demo => None,
    }
}

/// Blind index of a full value; masked values have none.
pub fn blind(app: &App, kind: BlindKind, state: FieldState, value: &str) -> Option<Vec<u8>> {
    (state == FieldState::Full).then(|| app.vault.blind(kind, value).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Invented people with codes of counties that are gone. Weights of the 17
    /// digits 7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2, check character by the rest
    /// of the sum by 11: 0→1 1→0 2→X 3→9 4→8 5→7 6→6 7→5 8→4 9→3 10→2.
    ///
    /// - 110103 (北京市崇文区, gone in 2010) 19680214 352:
    ///   7+9+0+5+0+12 +2+9+36+24+0+18+10+20 +24+20+4 = 200 = 18·11 + 2 → X
    /// - 310103 (上海市卢湾区, gone in 2011) 19750930 127:
    ///   21+9+0+5+0+12 +2+9+42+15+0+81+30+0 +8+8+14 = 256 = 23·11 + 3 → 9
    /// - 510231 (重庆 under 四川, gone in 1997) 19551108 463:
    ///   35+9+0+10+24+4 +2+9+30+15+7+9+0+40 +32+24+6 = 256 = 23·11 + 3 → 9
    const GONE: [&str; 3] = [
        "11010319680214352X",
        "310103197509301279",
        "510231195511084639",
    ];
    const TODAY: &str = "2026-11-23";

    fn among(text: &str, counties: &[u32]) -> std::result::Result<Checked, &'static str> {
        let counties: BTreeSet<u32> = counties.iter().copied().collect();
        id_number_among(text, TODAY.parse().unwrap(), false, Some(&counties))
    }

    #[test]
    fn the_code_of_a_county_that_is_gone_is_taken_and_noted() {
        for text in GONE {
            let checked = among(text, &[110_101, 310_101, 500_103]).ok().unwrap();
            assert_eq!(checked.state, FieldState::Full, "{text}");
            assert_eq!(checked.value, text);
            assert_eq!(checked.notes, ["id_number.unknown_county"], "{text}");
        }
    }

    #[test]
    fn a_county_on_the_list_is_not_noted_and_no_list_notes_nothing() {
        let known = among(GONE[0], &[110_103]).ok().unwrap();
        assert!(known.notes.is_empty());
        let today = TODAY.parse().unwrap();
        let without = id_number_among(GONE[0], today, false, None).ok().unwrap();
        assert!(without.notes.is_empty());
    }

    #[test]
    fn what_is_wrong_stays_refused_whatever_the_county() {
        // One digit off, and a province that never was (17).
        for text in ["110103196802143520", "170103196802143521"] {
            assert_eq!(among(text, &[110_101]).err(), Some("id_number.invalid"));
        }
    }
}
