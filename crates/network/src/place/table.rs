//! The table of divisions of this process. The server hands over the bytes its
//! build has embedded; only the provinces in which units lie are unpacked, told
//! by the names of the units. Without a table addresses are read by their shape.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock};
use zf_address::{Divisions, Hint};
use zf_kernel::App;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::unit::service::unit_subtree;
use zf_kernel::unit::{Level, Unit};

static BYTES: OnceLock<Cow<'static, [u8]>> = OnceLock::new();
static UNPACKED: Mutex<Option<(Vec<u8>, Arc<Divisions>)>> = Mutex::new(None);

/// Hands over the table's bytes, once at start; later calls change nothing.
pub fn install(bytes: Cow<'static, [u8]>) {
    // A second table would be the same one.
    let _ = BYTES.set(bytes);
}

/// County codes in use, to which the head of an ID number is compared; none
/// without a table. The first call unpacks it.
pub(crate) fn county_codes() -> Option<&'static BTreeSet<u32>> {
    Some(names_of_counties(BYTES.get()?)?.counties())
}

/// Provinces, cities and counties of the whole country, unpacked once.
fn names_of_counties(bytes: &'static [u8]) -> Option<&'static Divisions> {
    static COUNTIES: OnceLock<Option<Divisions>> = OnceLock::new();
    let names = COUNTIES.get_or_init(|| Divisions::counties_only(bytes).ok());
    names.as_ref()
}

/// Paths of county units with the codes of the counties they are named after.
type Counties = Vec<(String, u32)>;

/// The table for the units of this installation and the county of each branch.
#[derive(Clone, Default)]
pub struct Gazetteer {
    /// None: built without the pages, or no unit has the name of a county.
    pub table: Option<Arc<Divisions>>,
    counties: Counties,
}

impl Gazetteer {
    /// Reads the units and unpacks what they need; quick when nothing changed.
    pub async fn load(app: &App) -> Result<Gazetteer> {
        let Some(bytes) = BYTES.get() else {
            return Ok(Gazetteer::default());
        };
        let units = unit_subtree(app, "/").await?;
        let made = tokio::task::spawn_blocking(move || Gazetteer::of(bytes, &units));
        made.await.map_err(|e| KernelError::Internal(e.to_string()))
    }

    fn of(bytes: &'static [u8], units: &[Unit]) -> Gazetteer {
        let Some(all) = provinces_of(bytes, units) else {
            return Gazetteer::default();
        };
        let (provinces, counties) = all;
        if provinces.is_empty() {
            return Gazetteer::default();
        }
        Gazetteer {
            table: unpacked(bytes, provinces),
            counties,
        }
    }

    /// The village that an address of a branch names.
    pub fn village(&self, hint: &Hint, address: &str) -> Option<String> {
        let read = zf_address::parse(self.table.as_deref(), hint, address);
        read.village.map(|v| v.name).filter(|v| !v.is_empty())
    }

    /// What is known of a branch before its addresses are read.
    pub fn hint(&self, branch: &Unit) -> Hint {
        let above = self.counties.iter();
        let own = above.filter(|(path, _)| branch.path.starts_with(path.as_str()));
        Hint {
            county: own
                .max_by_key(|(path, _)| path.len())
                .map(|(_, code)| *code),
        }
    }
}

/// Provinces of the counties that units are named after, and the counties by
/// the units' paths.
fn provinces_of(bytes: &'static [u8], units: &[Unit]) -> Option<(Vec<u8>, Counties)> {
    let names = names_of_counties(bytes)?;
    let counties: Counties = units
        .iter()
        // A branch may be named after a street that is called like a county elsewhere.
        .filter(|u| u.level == Level::County)
        .filter_map(|u| Some((u.path.clone(), names.county_named(&u.name)?)))
        .collect();
    let provinces: BTreeSet<u8> = counties.iter().map(|(_, c)| (c / 10_000) as u8).collect();
    Some((provinces.into_iter().collect(), counties))
}

fn unpacked(bytes: &'static [u8], provinces: Vec<u8>) -> Option<Arc<Divisions>> {
    let mut kept = UNPACKED.lock().ok()?;
    if let Some((same, table)) = kept.as_ref()
        && *same == provinces
    {
        return Some(table.clone());
    }
    let table = Arc::new(Divisions::from_bytes(bytes, &provinces).ok()?);
    *kept = Some((provinces, table.clone()));
    Some(table)
}
