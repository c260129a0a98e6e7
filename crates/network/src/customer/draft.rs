//! A customer on the way into the database: what is stored now or nothing, the
//! input laid over it and checked, and the columns to write, sealed. Knows the
//! columns of the customer table; begins no transaction.

use super::seal::{self, Column};
use super::service::words_text;
use super::source::NewSource;
use super::{Customer, CustomerInput, FieldState};
use zf_base::geo::Point;
use zf_base::mask::Permit;
use zf_base::{CustomerId, HouseholdId, UnitId, VillageGroupId, limits};
use zf_kernel::{App, Ctx};
use zf_store::{Value, params};
use zf_vault::BlindKind;

/// Everything about a row that is being written, checked and in clear.
pub(crate) struct Draft {
    pub name: String,
    pub phone: String,
    pub phone_state: FieldState,
    pub id_number: String,
    pub id_number_state: FieldState,
    pub address: String,
    pub notes: String,
    pub sex: Option<String>,
    pub birth_year: Option<i64>,
    pub occupation: Option<String>,
    pub balance_band: Option<String>,
    pub deposit_due_day: Option<zf_base::Day>,
    pub insurance_due_day: Option<zf_base::Day>,
    pub products: Vec<String>,
    pub tags: Vec<String>,
    pub do_not_visit: bool,
    pub village_group_id: Option<VillageGroupId>,
    pub place: Option<(Point, zf_base::geo::Datum)>,
}

impl Draft {
    /// An empty one for a new customer.
    pub fn empty() -> Draft {
        Draft {
            name: String::new(),
            phone: String::new(),
            phone_state: FieldState::Empty,
            id_number: String::new(),
            id_number_state: FieldState::Empty,
            address: String::new(),
            notes: String::new(),
            sex: None,
            birth_year: None,
            occupation: None,
            balance_band: None,
            deposit_due_day: None,
            insurance_due_day: None,
            products: vec![],
            tags: vec![],
            do_not_visit: false,
            village_group_id: None,
            place: None,
        }
    }

    /// What is stored now.
    pub fn of(c: &Customer, permit: &Permit) -> Draft {
        Draft {
            name: c.name.reveal(permit).to_owned(),
            phone: c.phone.reveal(permit).to_owned(),
            phone_state: c.phone_state,
            id_number: c.id_number.reveal(permit).to_owned(),
            id_number_state: c.id_number_state,
            address: c.address.reveal(permit).to_owned(),
            notes: c.notes.reveal(permit).to_owned(),
            sex: c.sex.clone(),
            birth_year: c.birth_year,
            occupation: c.occupation.clone(),
            balance_band: c.balance_band.clone(),
            deposit_due_day: c.deposit_due_day,
            insurance_due_day: c.insurance_due_day,
            products: c.products.clone(),
            tags: c.tags.clone(),
            do_not_visit: c.do_not_visit,
            village_group_id: c.village_group_id,
            place: c.place.zip(c.datum),
        }
    }

    /// Lays the input over it; the error is (field, code).
    pub fn apply(
        &mut self,
        i: &CustomerInput,
        today: zf_base::Day,
        demo: bool,
    ) -> std::result::Result<(), (&'static str, &'static str)> {
        if let Some(name) = &i.name {
            self.name = name.trim().to_owned();
        }
        if self.name.is_empty() || self.name.chars().count() > limits::NAME_CHARS_MAX {
            return Err(("name", "field.required"));
        }
        if let Some(text) = &i.phone {
            let checked = seal::phone(text, demo).map_err(|c| ("phone", c))?;
            if !hides(&checked, &self.phone) {
                (self.phone, self.phone_state) = (checked.value, checked.state);
            }
        }
        if let Some(text) = &i.id_number {
            let checked = seal::id_number(text, today, demo).map_err(|c| ("id_number", c))?;
            self.birth_year = checked.birth_year.or(self.birth_year);
            self.sex = checked.sex.map(str::to_owned).or(self.sex.take());
            if !hides(&checked, &self.id_number) {
                (self.id_number, self.id_number_state) = (checked.value, checked.state);
            }
        }
        self.apply_texts(i)?;
        self.apply_facts(i);
        Ok(())
    }

    fn apply_texts(
        &mut self,
        i: &CustomerInput,
    ) -> std::result::Result<(), (&'static str, &'static str)> {
        if let Some(address) = &i.address {
            if address.chars().count() > limits::ADDRESS_CHARS_MAX {
                return Err(("address", "field.too_long"));
            }
            self.address = address.trim().to_owned();
        }
        if let Some(notes) = &i.notes {
            if notes.chars().count() > limits::NOTE_CHARS_MAX {
                return Err(("notes", "field.too_long"));
            }
            self.notes = notes.trim().to_owned();
        }
        for (field, text) in [
            ("occupation", &i.occupation),
            ("balance_band", &i.balance_band),
        ] {
            if text
                .as_ref()
                .is_some_and(|t| t.chars().count() > limits::NAME_CHARS_MAX)
            {
                return Err((field, "field.too_long"));
            }
        }
        for (field, list) in [("products", &i.products), ("tags", &i.tags)] {
            let Some(list) = list else { continue };
            let long = |t: &String| t.chars().count() > limits::NAME_CHARS_MAX;
            if list.len() > limits::TAGS_PER_CUSTOMER_MAX || list.iter().any(long) {
                return Err((field, "field.too_long"));
            }
        }
        Ok(())
    }

    fn apply_facts(&mut self, i: &CustomerInput) {
        let text = |new: &Option<String>, old: &mut Option<String>| {
            if let Some(new) = new {
                *old = (!new.trim().is_empty()).then(|| new.trim().to_owned());
            }
        };
        text(&i.sex, &mut self.sex);
        text(&i.occupation, &mut self.occupation);
        text(&i.balance_band, &mut self.balance_band);
        self.birth_year = i.birth_year.or(self.birth_year);
        self.deposit_due_day = i.deposit_due_day.unwrap_or(self.deposit_due_day);
        self.insurance_due_day = i.insurance_due_day.unwrap_or(self.insurance_due_day);
        if let Some(products) = &i.products {
            self.products = products.clone();
        }
        if let Some(tags) = &i.tags {
            self.tags = tags.clone();
        }
        self.do_not_visit = i.do_not_visit.unwrap_or(self.do_not_visit);
        self.village_group_id = i.village_group_id.or(self.village_group_id);
        self.place = i.place.or(self.place);
    }

    /// All four mandatory fields (CUS-016); a value verified by the bank counts
    /// even when it came masked.
    pub fn four_fields(&self) -> bool {
        !self.name.is_empty()
            && self.phone_state.is_complete()
            && self.id_number_state.is_complete()
            && !self.address.is_empty()
    }

    /// Names of the fields that differ from what is stored; never values.
    pub fn differs_from(&self, c: &Customer, permit: &Permit) -> Vec<&'static str> {
        let place = c.place.zip(c.datum);
        [
            ("name", self.name == c.name.reveal(permit)),
            ("phone", self.phone == c.phone.reveal(permit)),
            ("id_number", self.id_number == c.id_number.reveal(permit)),
            ("address", self.address == c.address.reveal(permit)),
            ("notes", self.notes == c.notes.reveal(permit)),
            ("sex", self.sex == c.sex),
            ("birth_year", self.birth_year == c.birth_year),
            ("occupation", self.occupation == c.occupation),
            ("balance_band", self.balance_band == c.balance_band),
            ("deposit_due_day", self.deposit_due_day == c.deposit_due_day),
            (
                "insurance_due_day",
                self.insurance_due_day == c.insurance_due_day,
            ),
            ("products", self.products == c.products),
            ("tags", self.tags == c.tags),
            (
                "village_group_id",
                self.village_group_id == c.village_group_id,
            ),
            ("place", self.place == place),
        ]
        .into_iter()
        .filter_map(|(field, same)| (!same).then_some(field))
        .collect()
    }

    /// Column values shared by insert and update, from `household_id` on.
    pub fn columns(&self, app: &App, seat: Seat) -> Vec<Value> {
        let Seat {
            unit,
            id,
            household,
        } = seat;
        let sealed = |column, clear: &str| seal::seal(app, column, unit, id, clear);
        params![
            household,
            self.village_group_id,
            sealed(Column::Name, &self.name),
            sealed(Column::Phone, &self.phone),
            seal::blind(app, BlindKind::Phone, self.phone_state, &self.phone),
            self.phone_state.as_str(),
            sealed(Column::IdNumber, &self.id_number),
            seal::blind(
                app,
                BlindKind::IdNumber,
                self.id_number_state,
                &self.id_number
            ),
            self.id_number_state.as_str(),
            sealed(Column::Address, &self.address),
            sealed(Column::Notes, &self.notes),
            self.sex.as_deref(),
            self.birth_year,
            self.occupation.as_deref(),
            self.balance_band.as_deref(),
            self.deposit_due_day,
            self.insurance_due_day,
            words_text(&self.products),
            words_text(&self.tags),
            self.four_fields(),
            self.do_not_visit,
            self.place.map(|(p, _)| p.lat()),
            self.place.map(|(p, _)| p.lon()),
            self.place.map(|(_, d)| d.code())
        ]
    }
}

/// Columns of a new customer in the order of [`Draft::columns`] with what
/// stands before and after them.
pub(crate) const CUSTOMER_COLUMNS: &[&str] = &[
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
    "source_id",
    "content_digest",
    "rev",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
];

/// Which row of which household.
#[derive(Clone, Copy)]
pub(crate) struct Seat {
    pub unit: UnitId,
    pub id: CustomerId,
    pub household: HouseholdId,
}

/// A whole row for the bulk load (without `unit_id`, which the transaction adds).
pub(crate) fn new_row(
    app: &App,
    ctx: &Ctx,
    seat: Seat,
    no: &str,
    d: &Draft,
    source: &NewSource,
    digest: &[u8],
) -> Vec<Value> {
    // With room for the unit, which comes in front.
    let mut row = Vec::with_capacity(CUSTOMER_COLUMNS.len());
    row.extend(params![seat.id, no]);
    row.extend(d.columns(app, seat));
    row.extend(params![
        source.channel.as_str(),
        source.id,
        digest,
        1i64,
        ctx.now,
        ctx.actor.user_id,
        ctx.now,
        ctx.actor.user_id
    ]);
    row
}

/// Parameters of [`CUSTOMER_CHANGE`] after the unit.
pub(crate) fn change_row(
    app: &App,
    ctx: &Ctx,
    seat: Seat,
    rev: i64,
    d: &Draft,
    digest: Option<&[u8]>,
) -> Vec<Value> {
    let mut row = params![seat.id, rev];
    row.extend(d.columns(app, seat));
    row.extend(params![digest, ctx.now, ctx.actor.user_id]);
    row
}

/// Is this the stored full value, starred by the bank? Then the full one stays.
fn hides(new: &seal::Checked, stored: &str) -> bool {
    let (Some(from), Some(to)) = (new.value.find('*'), new.value.rfind('*')) else {
        return false;
    };
    new.state == FieldState::Masked
        && !stored.contains('*')
        && stored.len() >= new.value.len() - (to - from)
        && stored.starts_with(&new.value[..from])
        && stored.ends_with(&new.value[to + 1..])
}
