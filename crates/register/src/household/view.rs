//! A member of a household as it leaves the server: masked, in bands, with the
//! state of each of the four fields. Shared by the proposals and the profile.
//! It may not open a value; what it shows comes from the network room masked.

use super::preset::Preset;
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;
use zf_base::{Day, VillageGroupId};
use zf_kernel::error::Result;
use zf_kernel::{App, UnitScope};
use zf_network::customer::http::Named;
use zf_network::customer::{Customer, FieldState};
use zf_network::village_group::service::village_group_list;

/// A member, masked.
#[derive(Serialize, ToSchema)]
pub struct HouseholdMember {
    /// The customer.
    pub customer_id: Uuid,
    customer_no: String,
    name_masked: String,
    /// Code of the relation to the head; none = not said yet.
    relation: Option<String>,
    relation_name: Option<String>,
    sex: Option<String>,
    age_band: Option<String>,
    phone_masked: String,
    id_number_masked: String,
    address_masked: String,
    /// State of the four fields: `full`, `masked` (by the bank) or `empty`.
    name_state: String,
    phone_state: String,
    id_number_state: String,
    address_state: String,
    four_fields_complete: bool,
    village_group_name: Option<String>,
    occupation: Option<String>,
    /// A band in words, never an amount.
    balance_band: Option<String>,
    deposit_due_day: Option<String>,
    insurance_due_day: Option<String>,
    products: Vec<String>,
    tags: Vec<Named>,
    do_not_visit: bool,
    updated_at: String,
}

/// What the views of one answer share.
pub struct Viewer {
    groups: HashMap<VillageGroupId, String>,
    today: Day,
    preset: &'static Preset,
}

fn state(empty: bool) -> String {
    let state = if empty {
        FieldState::Empty
    } else {
        FieldState::Full
    };
    state.as_str().to_owned()
}

/// Bands of ten years; the year of birth itself is not shown.
fn age_band(birth_year: Option<i64>, today: Day) -> Option<String> {
    let low = (i64::from(today.year()) - birth_year?).clamp(0, 119) / 10 * 10;
    Some(format!("{low}-{}", low + 9))
}

impl Viewer {
    /// Reads what is the same for every row.
    pub async fn of(app: &App, scope: &UnitScope, today: Day) -> Result<Viewer> {
        let groups = village_group_list(app, scope).await?;
        Ok(Viewer {
            groups: groups
                .into_iter()
                .map(|g| (g.id, format!("{}{}", g.village, g.name)))
                .collect(),
            today,
            preset: Preset::get()?,
        })
    }

    /// The name of a village group.
    pub fn group(&self, id: Option<VillageGroupId>) -> Option<String> {
        self.groups.get(&id?).cloned()
    }

    /// A member with the relation to the head.
    pub fn member(&self, app: &App, c: &Customer, relation: Option<&str>) -> HouseholdMember {
        let named = |code: &String| Named {
            code: code.clone(),
            name: app.packs.tag_name(code),
        };
        HouseholdMember {
            customer_id: c.id.uuid(),
            customer_no: c.customer_no.clone(),
            name_masked: c.name.masked(),
            relation: relation.map(str::to_owned),
            relation_name: relation.map(|r| self.preset.relation_name(r)),
            sex: c.sex.clone(),
            age_band: age_band(c.birth_year, self.today),
            phone_masked: c.phone.masked(),
            id_number_masked: c.id_number.masked(),
            address_masked: c.address.masked(),
            name_state: state(c.name.is_empty()),
            phone_state: c.phone_state.as_str().to_owned(),
            id_number_state: c.id_number_state.as_str().to_owned(),
            address_state: state(c.address.is_empty()),
            four_fields_complete: c.four_fields,
            village_group_name: self.group(c.village_group_id),
            occupation: c.occupation.clone(),
            balance_band: c.balance_band.clone(),
            deposit_due_day: c.deposit_due_day.map(|d| d.to_string()),
            insurance_due_day: c.insurance_due_day.map(|d| d.to_string()),
            products: c.products.clone(),
            tags: c.tags.iter().map(named).collect(),
            do_not_visit: c.do_not_visit,
            updated_at: c.updated_at.to_string(),
        }
    }
}
