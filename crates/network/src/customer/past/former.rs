//! A whole row of the customer table, opened: what is archived when a customer
//! leaves, merged into a kept record, sealed again for another branch, and put
//! back. The only place beside `draft` that knows every column; a test holds
//! the list against the schema.

use super::super::seal::{self, Column};
use super::super::{Customer, FieldState};
use serde::{Deserialize, Serialize};
use zf_base::{CustomerId, HouseholdId, SourceId, Timestamp, UnitId, UserId, VillageGroupId};
use zf_kernel::App;
use zf_kernel::error::{KernelError, Result};
use zf_store::{Row, Value, params};
use zf_vault::{Aad, BlindKind};

/// A customer as it stood, in clear: never shown, logged or stored but sealed.
/// Days are `YYYY-MM-DD`, moments microseconds since 1970 UTC; degrees are kept
/// as their exact bits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    /// Id.
    pub id: CustomerId,
    /// The bank's number.
    pub customer_no: String,
    /// 户.
    pub household_id: HouseholdId,
    /// 村组.
    pub village_group_id: Option<VillageGroupId>,
    name: String,
    phone: String,
    phone_state: String,
    id_number: String,
    id_number_state: String,
    address: String,
    notes: String,
    sex: Option<String>,
    birth_year: Option<i64>,
    occupation: Option<String>,
    balance_band: Option<String>,
    deposit_due_day: Option<String>,
    insurance_due_day: Option<String>,
    products: String,
    tags: String,
    four_fields: bool,
    do_not_visit: bool,
    lat: Option<u64>,
    lon: Option<u64>,
    datum: Option<String>,
    source_channel: String,
    content_digest: Vec<u8>,
    /// Counts changes.
    pub rev: i64,
    created_at: i64,
    created_by: UserId,
    updated_at: i64,
    updated_by: UserId,
    source_id: Option<SourceId>,
    no_visit_person_only: bool,
    no_visit_until: Option<String>,
    do_not_contact: bool,
    no_contact_until: Option<String>,
    relation: Option<String>,
    pin_lat: Option<u64>,
    pin_lon: Option<u64>,
    pin_datum: Option<String>,
    pin_accuracy_m: Option<u64>,
    pinned_at: Option<i64>,
    pinned_by_name: Option<String>,
    /// Rows of `customer_tag`: tag and where it comes from.
    pub(super) tag_rows: Vec<(String, String)>,
}

/// Shown whenever somebody debugs: never the values.
impl std::fmt::Debug for Former {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Former({}, rev {})", self.id, self.rev)
    }
}

/// What can be taken from the other record in a merge. Sex and year of birth
/// go with the ID number, the datum with the place.
pub const MERGE_FIELDS: [&str; 12] = [
    "name",
    "phone",
    "id_number",
    "address",
    "notes",
    "occupation",
    "balance_band",
    "deposit_due_day",
    "insurance_due_day",
    "place",
    "products",
    "village_group",
];

fn words(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}

/// Both lists without doubles, in order.
fn union(ours: &str, theirs: &str) -> String {
    let mut all = words(ours);
    for word in words(theirs) {
        if !all.contains(&word) {
            all.push(word);
        }
    }
    serde_json::json!(all).to_string()
}

/// The later day; none means for good. Our own counts only if we have refused.
fn longer(both: bool, ours: &Option<String>, theirs: &Option<String>) -> Option<String> {
    match (both, ours, theirs) {
        (true, None, _) | (_, _, None) => None,
        (true, Some(a), Some(b)) => Some(a.max(b).clone()),
        (false, _, Some(b)) => Some(b.clone()),
    }
}

/// Columns of the table in the order of [`Former::row`].
pub const FORMER_COLUMNS: &[&str] = &[
    "unit_id",
    "id",
    "customer_no",
    "household_id",
    "village_group_id",
    "name_sealed",
    "phone_sealed",
    "phone_bidx",
    "phone_state",
    "id_number_sealed",
    "id_number_bidx",
    "id_number_state",
    "address_sealed",
    "notes_sealed",
    "sex",
    "birth_year",
    "occupation",
    "balance_band",
    "deposit_due_day",
    "insurance_due_day",
    "products",
    "tags",
    "four_fields",
    "do_not_visit",
    "lat",
    "lon",
    "datum",
    "source_channel",
    "content_digest",
    "rev",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "source_id",
    "no_visit_person_only",
    "no_visit_until",
    "do_not_contact",
    "no_contact_until",
    "relation",
    "pin_lat",
    "pin_lon",
    "pin_datum",
    "pin_accuracy_m",
    "pinned_at",
    "pinned_by_name",
];

impl Former {
    /// Opens a row of `FORMER_BY_ID`.
    pub(super) fn read(app: &App, unit: UnitId, row: &Row) -> Result<Former> {
        let id: CustomerId = row.get(0)?;
        let clear = |column: Column, i: usize| -> Result<String> {
            let sealed: Option<Vec<u8>> = row.get(i)?;
            seal::open(app, column, unit, id, sealed.as_deref())
        };
        let bits =
            |i: usize| -> Result<Option<u64>> { Ok(row.get::<Option<f64>>(i)?.map(f64::to_bits)) };
        Ok(Former {
            id,
            customer_no: row.get(1)?,
            household_id: row.get(2)?,
            village_group_id: row.get(3)?,
            name: clear(Column::Name, 4)?,
            phone: clear(Column::Phone, 5)?,
            phone_state: row.get(7)?,
            id_number: clear(Column::IdNumber, 8)?,
            id_number_state: row.get(10)?,
            address: clear(Column::Address, 11)?,
            notes: clear(Column::Notes, 12)?,
            sex: row.get(13)?,
            birth_year: row.get(14)?,
            occupation: row.get(15)?,
            balance_band: row.get(16)?,
            deposit_due_day: row.get(17)?,
            insurance_due_day: row.get(18)?,
            products: row.get(19)?,
            tags: row.get(20)?,
            four_fields: row.get(21)?,
            do_not_visit: row.get(22)?,
            lat: bits(23)?,
            lon: bits(24)?,
            datum: row.get(25)?,
            source_channel: row.get(26)?,
            content_digest: row.get(27)?,
            rev: row.get(28)?,
            created_at: row.get::<Timestamp>(29)?.0,
            created_by: row.get(30)?,
            updated_at: row.get::<Timestamp>(31)?.0,
            updated_by: row.get(32)?,
            source_id: row.get(33)?,
            no_visit_person_only: row.get(34)?,
            no_visit_until: row.get(35)?,
            do_not_contact: row.get(36)?,
            no_contact_until: row.get(37)?,
            relation: row.get(38)?,
            pin_lat: bits(39)?,
            pin_lon: bits(40)?,
            pin_datum: row.get(41)?,
            pin_accuracy_m: bits(42)?,
            pinned_at: row.get::<Option<Timestamp>>(43)?.map(|t| t.0),
            pinned_by_name: row.get(44)?,
            tag_rows: vec![],
        })
    }

    /// The row for a branch, sealed for it, in the order of the columns of the
    /// bulk load after `unit_id`.
    pub(super) fn row(&self, app: &App, unit: UnitId) -> Vec<Value> {
        let sealed = |column, clear: &str| seal::seal(app, column, unit, self.id, clear);
        let blind = |kind, state: &str, value: &str| {
            seal::blind(app, kind, FieldState::from_stored(state), value)
        };
        params![
            self.id,
            self.customer_no.as_str(),
            self.household_id,
            self.village_group_id,
            sealed(Column::Name, &self.name),
            sealed(Column::Phone, &self.phone),
            blind(BlindKind::Phone, &self.phone_state, &self.phone),
            self.phone_state.as_str(),
            sealed(Column::IdNumber, &self.id_number),
            blind(BlindKind::IdNumber, &self.id_number_state, &self.id_number),
            self.id_number_state.as_str(),
            sealed(Column::Address, &self.address),
            sealed(Column::Notes, &self.notes),
            self.sex.as_deref(),
            self.birth_year,
            self.occupation.as_deref(),
            self.balance_band.as_deref(),
            self.deposit_due_day.as_deref(),
            self.insurance_due_day.as_deref(),
            self.products.as_str(),
            self.tags.as_str(),
            self.four_fields,
            self.do_not_visit,
            self.lat.map(f64::from_bits),
            self.lon.map(f64::from_bits),
            self.datum.as_deref(),
            self.source_channel.as_str(),
            self.content_digest.as_slice(),
            self.rev,
            Timestamp(self.created_at),
            self.created_by,
            Timestamp(self.updated_at),
            self.updated_by,
            self.source_id,
            self.no_visit_person_only,
            self.no_visit_until.as_deref(),
            self.do_not_contact,
            self.no_contact_until.as_deref(),
            self.relation.as_deref(),
            self.pin_lat.map(f64::from_bits),
            self.pin_lon.map(f64::from_bits),
            self.pin_datum.as_deref(),
            self.pin_accuracy_m.map(f64::from_bits),
            self.pinned_at.map(Timestamp),
            self.pinned_by_name.as_deref()
        ]
    }

    /// Seals the whole row as one text.
    pub(super) fn sealed(&self, app: &App, aad: &Aad) -> Result<Vec<u8>> {
        let text = serde_json::to_string(self)
            .map_err(|_| KernelError::Internal("a former customer is no text".to_owned()))?;
        Ok(app.vault.seal_text(aad, &text))
    }

    /// Opens what [`Former::sealed`] made.
    pub(super) fn opened(app: &App, aad: &Aad, sealed: &[u8]) -> Result<Former> {
        let text = app.vault.open_text(aad, sealed)?;
        serde_json::from_str(&text)
            .map_err(|_| KernelError::Internal("a former customer does not read back".to_owned()))
    }

    /// Takes the door another record of the same person was pinned at.
    fn take_pin(&mut self, other: &Former) {
        (self.pin_lat, self.pin_lon) = (other.pin_lat, other.pin_lon);
        self.pin_datum.clone_from(&other.pin_datum);
        self.pin_accuracy_m = other.pin_accuracy_m;
        self.pinned_at = other.pinned_at;
        self.pinned_by_name.clone_from(&other.pinned_by_name);
    }

    /// Takes the named fields from another record of the same person. What must
    /// not get lost is united whatever is chosen: the must-visit groups, the
    /// only pinned door, and a refusal of visits. A village group stays the own one of the branch.
    pub fn take(&mut self, other: &Former, fields: &[String], same_unit: bool) {
        for field in fields {
            match field.as_str() {
                "name" => self.name.clone_from(&other.name),
                "phone" => {
                    self.phone.clone_from(&other.phone);
                    self.phone_state.clone_from(&other.phone_state);
                }
                "id_number" => {
                    self.id_number.clone_from(&other.id_number);
                    self.id_number_state.clone_from(&other.id_number_state);
                    self.sex.clone_from(&other.sex);
                    self.birth_year = other.birth_year;
                }
                "address" => self.address.clone_from(&other.address),
                "notes" => self.notes.clone_from(&other.notes),
                "occupation" => self.occupation.clone_from(&other.occupation),
                "balance_band" => self.balance_band.clone_from(&other.balance_band),
                "deposit_due_day" => self.deposit_due_day.clone_from(&other.deposit_due_day),
                "insurance_due_day" => self.insurance_due_day.clone_from(&other.insurance_due_day),
                "place" => {
                    (self.lat, self.lon) = (other.lat, other.lon);
                    self.datum.clone_from(&other.datum);
                    self.take_pin(other);
                }
                "products" => self.products = union(&self.products, &other.products),
                "village_group" if same_unit => self.village_group_id = other.village_group_id,
                _ => {}
            }
        }
        // A door somebody stood at is worth more than none.
        if self.pinned_at.is_none() && other.pinned_at.is_some() {
            self.take_pin(other);
        }
        self.tags = union(&self.tags, &other.tags);
        for tag in &other.tag_rows {
            if !self.tag_rows.iter().any(|(own, _)| *own == tag.0) {
                self.tag_rows.push(tag.clone());
            }
        }
        self.refuse_with(other);
        self.four_fields = !self.name.is_empty()
            && self.phone_state != FieldState::Empty.as_str()
            && self.id_number_state != FieldState::Empty.as_str()
            && !self.address.is_empty();
    }

    /// A refusal of either record holds: the wider one, for the longer time.
    fn refuse_with(&mut self, other: &Former) {
        if other.do_not_visit {
            let both = self.do_not_visit;
            self.no_visit_person_only =
                other.no_visit_person_only && (!both || self.no_visit_person_only);
            self.no_visit_until = longer(both, &self.no_visit_until, &other.no_visit_until);
            self.do_not_visit = true;
        }
        if other.do_not_contact {
            let both = self.do_not_contact;
            self.no_contact_until = longer(both, &self.no_contact_until, &other.no_contact_until);
            self.do_not_contact = true;
        }
    }

    /// The next state after this one, by somebody, now.
    #[must_use]
    pub fn changed(mut self, by: UserId, now: Timestamp) -> Former {
        self.rev += 1;
        self.updated_by = by;
        self.updated_at = now.0;
        self
    }

    /// The next state after this one, in which nobody has changed or confirmed
    /// anything of the person: a move to another branch is no contact.
    #[must_use]
    pub fn carried(mut self) -> Former {
        self.rev += 1;
        self
    }

    /// In another household and village group (a move to another branch).
    #[must_use]
    pub fn seated(mut self, household: HouseholdId, group: Option<VillageGroupId>) -> Former {
        self.household_id = household;
        self.village_group_id = group;
        self
    }

    /// Names of the fields in which two states differ; never values.
    pub fn differing(&self, other: &Former) -> Vec<&'static str> {
        let pairs: [(&str, bool); 15] = [
            ("name", self.name != other.name),
            ("phone", self.phone != other.phone),
            ("id_number", self.id_number != other.id_number),
            ("address", self.address != other.address),
            ("notes", self.notes != other.notes),
            ("occupation", self.occupation != other.occupation),
            ("balance_band", self.balance_band != other.balance_band),
            (
                "deposit_due_day",
                self.deposit_due_day != other.deposit_due_day,
            ),
            (
                "insurance_due_day",
                self.insurance_due_day != other.insurance_due_day,
            ),
            (
                "place",
                (self.lat, self.lon, self.pin_lat, self.pin_lon)
                    != (other.lat, other.lon, other.pin_lat, other.pin_lon),
            ),
            ("products", self.products != other.products),
            ("tags", self.tags != other.tags),
            (
                "do_not_visit",
                self.do_not_visit != other.do_not_visit
                    || self.do_not_contact != other.do_not_contact,
            ),
            ("household", self.household_id != other.household_id),
            (
                "village_group",
                self.village_group_id != other.village_group_id,
            ),
        ];
        let differ = pairs.into_iter().filter(|(_, d)| *d);
        differ.map(|(name, _)| name).collect()
    }

    /// Where the record came from; a row of its branch.
    pub fn source_id(&self) -> Option<SourceId> {
        self.source_id
    }

    /// Is this the state that a customer was read in?
    pub fn is_of(&self, c: &Customer) -> bool {
        self.id == c.id && self.rev == c.rev
    }
}
