//! Customers of a branch opened for comparing. Values are in memory only until
//! the engine has read them; what stays of a record is its place and a keyed
//! hash of what was compared. How alike two are is the engine's business.

use crate::merge::Seat;
use zf_base::mask::{Permit, Reason};
use zf_base::{HouseholdId, UnitId, Uuid, limits};
use zf_kernel::error::Result;
use zf_kernel::{App, UnitScope};
use zf_network::customer::Customer;
use zf_network::customer::service::{Filter, customer_list};

/// A record as it is compared, in clear.
#[derive(Clone)]
pub struct Entry {
    /// Which record.
    pub seat: Seat,
    /// Which household.
    pub household: HouseholdId,
    pub(crate) name: String,
    pub(crate) phone: String,
    pub(crate) id_number: String,
    pub(crate) address: String,
}

/// Shown whenever somebody debugs: never the values.
impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Entry({:?})", self.seat)
    }
}

/// What stays of a record when it was read.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Which record.
    pub seat: Seat,
    /// Which household.
    pub household: HouseholdId,
    /// Keyed hash of what is compared.
    pub mac: [u8; 16],
}

impl Entry {
    /// Opens a customer for comparing.
    pub fn of(c: &Customer) -> Entry {
        let permit = Permit::for_reason(Reason::CHECK);
        Entry {
            seat: Seat {
                unit: c.unit_id,
                id: c.id,
            },
            household: c.household_id,
            name: c.name.reveal(&permit).to_owned(),
            phone: c.phone.reveal(&permit).to_owned(),
            id_number: c.id_number.reveal(&permit).to_owned(),
            address: c.address.reveal(&permit).to_owned(),
        }
    }

    /// A record that is not in the base yet: what somebody types in.
    pub fn typed(unit: UnitId, values: [&str; 4]) -> Entry {
        let [name, phone, id_number, address] = values.map(|v| v.trim().to_owned());
        Entry {
            seat: Seat {
                unit,
                id: Uuid::nil().into(),
            },
            household: Uuid::nil().into(),
            name,
            phone,
            id_number,
            address,
        }
    }

    /// What stays of it.
    pub fn place(&self, app: &App) -> Place {
        let values = [&self.name, &self.phone, &self.id_number, &self.address];
        let text: Vec<&str> = values.iter().map(|v| v.as_str()).collect();
        let tag = app
            .vault
            .mac("duplicate_pair", text.join("\u{1f}").as_bytes());
        let mut mac = [0; 16];
        mac.copy_from_slice(&tag[..16]);
        Place {
            seat: self.seat,
            household: self.household,
            mac,
        }
    }
}

/// Keyed hash over two records, the same whichever is first.
pub fn pair_mac(a: &Place, b: &Place) -> Vec<u8> {
    let (x, y) = if a.mac <= b.mac { (a, b) } else { (b, a) };
    // 16 bytes tell a change; both halves carry one record each.
    [&x.mac[..8], &y.mac[..8]].concat()
}

/// All customers of a branch, opened page by page and handed over one by one.
pub async fn each_entry(app: &App, scope: &UnitScope, mut take: impl FnMut(Entry)) -> Result<()> {
    let limit = limits::IMPORT_BATCH_ROWS as i64;
    let mut after = String::new();
    loop {
        let page = customer_list(app, scope, &Filter::default(), &after, limit).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after.clone_from(&last.customer_no);
        page.iter().map(Entry::of).for_each(&mut take);
        if (page.len() as i64) < limit {
            return Ok(());
        }
    }
}
