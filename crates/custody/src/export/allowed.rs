//! What of a branch may leave the house: nobody of whom the bank may not know
//! any more and no field whose source has ended, for whatever purpose; for a
//! purpose that leads to people's doors also nobody who has refused visits, and
//! no telephone number of whom is not to be contacted. Read when the file is
//! written, not when it was asked for, so that a refusal counts at once. Takes
//! customers, gives those that stay.

use super::store::{EXPORT_NO_CONTACT, EXPORT_NO_VISIT};
use super::words;
use std::collections::HashSet;
use zf_base::CustomerId;
use zf_base::mask::Masked;
use zf_kernel::error::Result;
use zf_kernel::{App, UnitScope};
use zf_network::customer::source::ended::{Ended, ended};
use zf_network::customer::{Customer, FieldState};
use zf_store::{Sql, params};

/// What holds in one branch while a file is written.
pub struct Allowed<'a> {
    app: &'a App,
    ended: Ended,
    no_visit: HashSet<CustomerId>,
    no_contact: HashSet<CustomerId>,
}

impl Allowed<'_> {
    /// Reads what holds in a branch now.
    ///
    /// # Errors
    /// Only the database.
    pub async fn of<'a>(app: &'a App, branch: &UnitScope) -> Result<Allowed<'a>> {
        Ok(Allowed {
            app,
            ended: ended(app, branch.unit(), app.now().day()).await?,
            no_visit: ids(app, branch, EXPORT_NO_VISIT).await?,
            no_contact: ids(app, branch, EXPORT_NO_CONTACT).await?,
        })
    }

    /// Leaves out and withholds; with `to_people` what leads to people too.
    /// Returns how many were left out.
    pub fn keep(&self, customers: &mut Vec<Customer>, to_people: bool) -> i64 {
        let before = customers.len();
        customers.retain(|c| {
            let refuses = to_people && self.no_visit.contains(&c.id);
            !refuses && !self.ended.person(c.id)
        });
        for c in customers.iter_mut() {
            self.withhold(c);
            if to_people && self.no_contact.contains(&c.id) {
                c.phone = Masked::new(String::new());
            }
        }
        (before - customers.len()) as i64
    }

    /// What a customer has refused, in words; empty when nothing.
    pub fn wishes(&self, c: &Customer) -> &'static str {
        words::wishes(
            self.no_visit.contains(&c.id),
            self.no_contact.contains(&c.id),
        )
    }

    /// Empties what came from a source that has ended; one of the four fields
    /// that goes makes the record incomplete.
    fn withhold(&self, c: &mut Customer) {
        let tag = |t: &String| self.app.packs.tag_of(t).is_some_and(|t| self.ended.tag(t));
        c.tags.retain(|t| !tag(t));
        if self.ended.spares(c.id) {
            return;
        }
        let gone = |field: &str| self.ended.field(c.id, field);
        if gone("phone") {
            (c.phone, c.phone_state) = (Masked::new(String::new()), FieldState::Empty);
        }
        if gone("id_number") {
            (c.id_number, c.id_number_state) = (Masked::new(String::new()), FieldState::Empty);
            (c.sex, c.birth_year) = (None, None);
        }
        if gone("address") {
            c.address = Masked::new(String::new());
        }
        if ["phone", "id_number", "address"].into_iter().any(gone) {
            c.four_fields = false;
        }
        if gone("notes") {
            c.notes = Masked::new(String::new());
        }
        if gone("products") {
            c.products.clear();
        }
        if gone("tags") {
            c.tags.clear();
        }
        fn empty<T>(value: &mut Option<T>, gone: bool) {
            if gone {
                *value = None;
            }
        }
        empty(&mut c.occupation, gone("occupation"));
        empty(&mut c.balance_band, gone("balance_band"));
        empty(&mut c.deposit_due_day, gone("deposit_due_day"));
        empty(&mut c.insurance_due_day, gone("insurance_due_day"));
        empty(&mut c.place, gone("place"));
    }
}

async fn ids(app: &App, branch: &UnitScope, sql: Sql) -> Result<HashSet<CustomerId>> {
    let rows = app.read_unit(branch.unit_id(), sql, params![]).await?;
    rows.iter().map(|r| Ok(r.get(0)?)).collect()
}
