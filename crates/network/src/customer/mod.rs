//! Customers: what is known about a person, sealed where it is personal. Rows
//! come from imports and from the page; they go out masked, and in full only
//! through a reveal with a reason or the printed plan of the own branch.

pub(crate) mod bulk;
pub(crate) mod draft;
pub mod figures;
pub mod http;
pub mod past;
pub mod reseal;
pub mod seal;
pub mod service;
pub mod source;
pub mod standing;
pub mod store;

use zf_base::geo::{Datum, Point};
use zf_base::mask::{Address, FreeNote, IdNumber, Masked, PersonName, Phone};
use zf_base::{CustomerId, Day, HouseholdId, Timestamp, UnitId, VillageGroupId};

/// How much of a phone or an ID number the bank gave us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldState {
    /// The full, checked value.
    Full,
    /// Masked by the bank (`138****1234`): counts as complete, not usable for calls.
    Masked,
    /// Nothing.
    Empty,
}

impl FieldState {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            FieldState::Full => "full",
            FieldState::Masked => "masked",
            FieldState::Empty => "empty",
        }
    }
    /// From what is stored.
    pub fn from_stored(text: &str) -> FieldState {
        match text {
            "full" => FieldState::Full,
            "masked" => FieldState::Masked,
            _ => FieldState::Empty,
        }
    }
    /// Counts for the four-field completeness (CUS-016).
    pub fn is_complete(self) -> bool {
        self != FieldState::Empty
    }
}

/// 客户.
#[derive(Clone, Debug)]
pub struct Customer {
    /// Branch.
    pub unit_id: UnitId,
    /// Id.
    pub id: CustomerId,
    /// The bank's customer number, unique in the branch.
    pub customer_no: String,
    /// 户.
    pub household_id: HouseholdId,
    /// The bank's or our number of the household.
    pub household_no: String,
    /// 村组.
    pub village_group_id: Option<VillageGroupId>,
    /// 姓名.
    pub name: Masked<PersonName>,
    /// 联系电话.
    pub phone: Masked<Phone>,
    /// How much of it.
    pub phone_state: FieldState,
    /// 身份证号.
    pub id_number: Masked<IdNumber>,
    /// How much of it.
    pub id_number_state: FieldState,
    /// 家庭住址.
    pub address: Masked<Address>,
    /// 备注.
    pub notes: Masked<FreeNote>,
    /// `male`, `female` or unknown.
    pub sex: Option<String>,
    /// Year of birth.
    pub birth_year: Option<i64>,
    /// Occupation in words.
    pub occupation: Option<String>,
    /// Balance band in words; never an amount.
    pub balance_band: Option<String>,
    /// Next deposit maturity.
    pub deposit_due_day: Option<Day>,
    /// Insurance maturity payout.
    pub insurance_due_day: Option<Day>,
    /// Products held.
    pub products: Vec<String>,
    /// Must-visit groups.
    pub tags: Vec<String>,
    /// Name, phone, ID number and address all there (CUS-016).
    pub four_fields: bool,
    /// The customer does not want visits.
    pub do_not_visit: bool,
    /// The door, WGS-84.
    pub place: Option<Point>,
    /// Datum the coordinates came in.
    pub datum: Option<Datum>,
    /// Where the record came from (CAP-016).
    pub source_channel: String,
    /// Counts changes.
    pub rev: i64,
    /// First stored.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

/// Values to store; `None` keeps what is there, `Some("")` empties it.
#[derive(Clone, Default)]
pub struct CustomerInput {
    /// 姓名.
    pub name: Option<String>,
    /// 联系电话.
    pub phone: Option<String>,
    /// 身份证号.
    pub id_number: Option<String>,
    /// 家庭住址.
    pub address: Option<String>,
    /// 备注.
    pub notes: Option<String>,
    /// `male` or `female`.
    pub sex: Option<String>,
    /// Year of birth.
    pub birth_year: Option<i64>,
    /// Occupation.
    pub occupation: Option<String>,
    /// Balance band.
    pub balance_band: Option<String>,
    /// Deposit maturity.
    pub deposit_due_day: Option<Option<Day>>,
    /// Insurance maturity.
    pub insurance_due_day: Option<Option<Day>>,
    /// Products.
    pub products: Option<Vec<String>>,
    /// Must-visit groups.
    pub tags: Option<Vec<String>>,
    /// 村组.
    pub village_group_id: Option<VillageGroupId>,
    /// Do not visit.
    pub do_not_visit: Option<bool>,
    /// The door with the datum its coordinates came in.
    pub place: Option<(Point, Datum)>,
    /// How the values were collected (CAP-016); none = the page.
    pub channel: Option<String>,
}

/// Shown whenever somebody debugs: never the values.
impl std::fmt::Debug for CustomerInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CustomerInput(..)")
    }
}
