//! Sealing and opening the personal columns of a customer, their blind
//! indexes, and the checks of phone and ID number on the way in. The only
//! place that knows which column is sealed under which name.

use super::FieldState;
use zf_base::identity::{IdCheck, IdRules, check_id_number};
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
}

impl Checked {
    fn plain(value: String, state: FieldState) -> Checked {
        Checked {
            value,
            state,
            birth_year: None,
            sex: None,
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

/// Checks an ID number; the error is the code of the field's sentence.
pub fn id_number(text: &str, today: Day, demo: bool) -> std::result::Result<Checked, &'static str> {
    let rules = IdRules {
        accept_demo: demo,
        ..IdRules::on(today)
    };
    match check_id_number(text, rules) {
        IdCheck::Ok {
            normalised,
            birth,
            sex,
            ..
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
            })
        }
        IdCheck::MaskedByBank => Ok(Checked::plain(text.trim().to_owned(), FieldState::Masked)),
        IdCheck::Empty => Ok(Checked::plain(String::new(), FieldState::Empty)),
        IdCheck::Invalid(_) => Err("id_number.invalid"),
    }
}

/// Blind index of a full value; masked values have none.
pub fn blind(app: &App, kind: BlindKind, state: FieldState, value: &str) -> Option<Vec<u8>> {
    (state == FieldState::Full).then(|| app.vault.blind(kind, value).to_vec())
}
