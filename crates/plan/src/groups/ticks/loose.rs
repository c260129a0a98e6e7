//! Sheets for households without a village group: by the village their address
//! names, in parts short enough for one look. A sheet of this kind has an id of
//! its own that nothing is stored under: made from branch, village and part, so
//! that it is the same every time. Addresses are opened to find the village and
//! nothing else of them leaves.

use super::store::*;
use super::{Limits, Progress};
use crate::groups::words;
use std::collections::{BTreeMap, HashSet};
use zf_base::{CustomerId, HouseholdId, UnitId, Uuid, VillageGroupId};
use zf_kernel::error::Result;
use zf_kernel::{App, UnitScope};
use zf_network::customer::seal::{self, Column as Sealed};
use zf_network::place::Gazetteer;
use zf_store::params;

/// One of these sheets.
#[derive(Clone, Debug)]
pub struct Loose {
    /// Stands where the id of a village group stands.
    pub id: VillageGroupId,
    /// What the sheet is called.
    pub name: String,
    /// Its households in the order of their numbers, and whether somebody has
    /// gone through them.
    pub households: Vec<(HouseholdId, bool)>,
}

impl Loose {
    /// How far it is.
    pub fn progress(&self) -> Progress {
        Progress {
            id: self.id,
            name: self.name.clone(),
            households: self.households.len() as i64,
            seen: self.households.iter().filter(|(_, seen)| *seen).count() as i64,
        }
    }
}

/// A household while its village is looked for.
struct Door {
    id: HouseholdId,
    seen: bool,
    village: Option<String>,
}

/// The sheets of a branch: villages by name, those without one last.
///
/// # Errors
/// Only the database.
pub async fn loose(app: &App, scope: &UnitScope) -> Result<Vec<Loose>> {
    let unit = scope.unit_id();
    let rows = app.read_unit(unit, TICK_LOOSE, params![]).await?;
    if rows.is_empty() {
        return Ok(vec![]);
    }
    let places = Gazetteer::load(app).await?;
    let hint = places.hint(scope.unit());
    let mut doors: Vec<Door> = Vec::new();
    for row in &rows {
        let id: HouseholdId = row.get(0)?;
        if doors.last().is_none_or(|d| d.id != id) {
            doors.push(Door {
                id,
                seen: row.get(3)?,
                village: None,
            });
        }
        // The first member whose address names a village speaks for all.
        let Some(door) = doors.last_mut().filter(|d| d.village.is_none()) else {
            continue;
        };
        let (customer, sealed): (CustomerId, Option<Vec<u8>>) = (row.get(1)?, row.get(2)?);
        let address = seal::open(app, Sealed::Address, unit, customer, sealed.as_deref())?;
        door.village = places.village(&hint, &address);
    }
    let part = Limits::preset()?.households_per_loose_sheet.max(1);
    Ok(sheets(app, unit, doors, part))
}

fn sheets(app: &App, unit: UnitId, doors: Vec<Door>, part: usize) -> Vec<Loose> {
    // `true` sorts last: villages by name, then those without one.
    let mut villages: BTreeMap<(bool, String), Vec<(HouseholdId, bool)>> = BTreeMap::new();
    for door in doors {
        let key = (door.village.is_none(), door.village.unwrap_or_default());
        villages.entry(key).or_default().push((door.id, door.seen));
    }
    let mut out = Vec::new();
    for ((_, village), households) in villages {
        let parts = households.len().div_ceil(part);
        for (at, some) in households.chunks(part).enumerate() {
            out.push(Loose {
                id: id_of(app, unit, &village, at),
                name: words::loose_sheet(&village, (parts > 1).then_some(at + 1)),
                households: some.to_vec(),
            });
        }
    }
    out
}

fn id_of(app: &App, unit: UnitId, village: &str, part: usize) -> VillageGroupId {
    let text = format!("{unit}/{part}/{village}");
    let mac = app.vault.mac("tick.loose", text.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&mac[..16]);
    VillageGroupId(Uuid::from_bytes(bytes))
}

/// The households of one of these sheets; empty when there is no such sheet.
pub(super) fn households_of(sheets: &[Loose], id: VillageGroupId) -> HashSet<HouseholdId> {
    let found = sheets.iter().filter(|s| s.id == id);
    found
        .flat_map(|s| s.households.iter().map(|(household, _)| *household))
        .collect()
}
