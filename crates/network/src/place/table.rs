//! The table of divisions of this process. The server hands over the bytes its
//! build has embedded; only the provinces in which units lie are unpacked, told
//! by the names of the units. Without a table addresses are read by their shape.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock};
use zf_address::{Divisions, Hint, Parsed};
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

/// Characters by which the name of a county is known in the name of a unit.
const NAME_BEGINS: usize = 2;

/// Paths of county units with the codes of the counties they are named after.
type Counties = Vec<(String, u32)>;

/// The table for the units of this installation and the county of each branch.
#[derive(Clone, Default)]
pub struct Gazetteer {
    /// None: built without the pages, or no unit has the name of a county.
    pub table: Option<Arc<Divisions>>,
    counties: Counties,
    /// Paths and names of all units, to tell a county without a table.
    names: Arc<Vec<(String, String)>>,
}

impl Gazetteer {
    /// Reads the units and unpacks what they need; quick when nothing changed.
    pub async fn load(app: &App) -> Result<Gazetteer> {
        let units = unit_subtree(app, "/").await?;
        let made = tokio::task::spawn_blocking(move || Gazetteer::of(BYTES.get(), &units));
        made.await.map_err(|e| KernelError::Internal(e.to_string()))
    }

    fn of(bytes: Option<&'static Cow<'static, [u8]>>, units: &[Unit]) -> Gazetteer {
        let names = units.iter().map(|u| (u.path.clone(), u.name.clone()));
        let bare = Gazetteer {
            names: Arc::new(names.collect()),
            ..Gazetteer::default()
        };
        let known = bytes.and_then(|bytes| Some((bytes, provinces_of(bytes, units)?)));
        match known {
            Some((bytes, (provinces, counties))) if !provinces.is_empty() => Gazetteer {
                table: unpacked(bytes, provinces),
                counties,
                ..bare
            },
            _ => bare,
        }
    }

    /// Whether an address lies in the branch's county, as far as it says so: equal
    /// names of villages are found all over the country. `None`: it names a county
    /// that no unit is known by.
    pub fn is_near(&self, branch: &Unit, address: &Parsed) -> Option<bool> {
        let own = self.hint(branch).county.map(|c| format!("{c:06}"));
        let levels = [
            (&address.province, 2),
            (&address.city, 4),
            (&address.county, 6),
        ];
        let mut known = Some(true);
        for (part, digits) in levels {
            let Some(part) = part else { continue };
            let fits = match (&own, part.code) {
                (Some(own), Some(code)) => Some(own.starts_with(&format!("{code:0digits$}"))),
                _ if !part.given => Some(true),
                // Provinces are seldom units.
                _ if digits == 2 => Some(true),
                // A city or a county the table does not have: the names must do.
                _ => self.is_above(branch, &part.name),
            };
            match fits {
                Some(true) => {}
                Some(false) => return Some(false),
                // The county below it speaks for a city nobody knows.
                None if digits == 4 && address.county.is_some() => {}
                None => known = None,
            }
        }
        known
    }

    /// Whether a unit at or above the branch is known by the name of a place;
    /// `None` when no unit at all is.
    fn is_above(&self, branch: &Unit, place: &str) -> Option<bool> {
        let short: String = place.chars().take(NAME_BEGINS).collect();
        let mut known = self.names.iter().filter(|(_, name)| name.contains(&short));
        let first = known.next()?;
        let mut known = known.chain([first]);
        Some(known.any(|(path, _)| branch.path.starts_with(path.as_str())))
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
        .filter_map(|u| {
            Some((
                u.path.clone(),
                names.county_named(city_of(units, u), &u.name)?,
            ))
        })
        .collect();
    let provinces: BTreeSet<u8> = counties.iter().map(|(_, c)| (c / 10_000) as u8).collect();
    Some((provinces.into_iter().collect(), counties))
}

/// Name of the city unit above a county, empty without one.
fn city_of<'a>(units: &'a [Unit], county: &Unit) -> &'a str {
    let cities = units.iter().filter(|u| u.level == Level::City);
    let mut above = cities.filter(|u| county.path.starts_with(u.path.as_str()));
    above.next().map_or("", |u| u.name.as_str())
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

#[cfg(test)]
mod tests {
    use super::*;
    use zf_address::parse;
    use zf_base::{Timestamp, UnitId, Uuid};

    fn unit(id: u128, name: &str, level: Level, path: &str) -> Unit {
        Unit {
            id: UnitId(Uuid::from_u128(id)),
            code: id.to_string(),
            name: name.to_owned(),
            level,
            parent_id: None,
            path: path.to_owned(),
            area_kind: None,
            market_kind: None,
            place: None,
            datum: None,
            phone: None,
            active: true,
            is_demo: false,
            updated_at: Timestamp(0),
        }
    }

    /// A branch of 云溪县, which no table has; `guess` is a county of the same
    /// short name elsewhere.
    fn near(guess: Option<u32>, address: &str) -> Option<bool> {
        let names = [
            ("/1/", "明川市局"),
            ("/1/2/", "云溪县局"),
            ("/1/3/", "石桥县局"),
        ];
        let own = names
            .iter()
            .map(|(p, n)| ((*p).to_owned(), (*n).to_owned()));
        let gazetteer = Gazetteer {
            table: None,
            counties: guess.map(|c| ("/1/2/".to_owned(), c)).into_iter().collect(),
            names: Arc::new(own.collect()),
        };
        let branch = unit(4, "银杏支局", Level::Branch, "/1/2/4/");
        gazetteer.is_near(&branch, &parse(None, &Hint::default(), address))
    }

    #[test]
    fn a_county_without_a_code_is_known_by_the_units_names() {
        for (address, is_near) in [
            ("明川市云溪县银杏镇柳河村三组12号", Some(true)),
            ("云溪县银杏镇柳河村三组12号", Some(true)),
            ("银杏镇柳河村三组12号", Some(true)),
            ("某省明川市云溪县银杏镇柳河村", Some(true)),
            ("川南市云溪县银杏镇柳河村", Some(true)),
            ("明川市石桥县银杏镇柳河村", Some(false)),
            ("石桥县银杏镇柳河村", Some(false)),
            ("明川市平坝县银杏镇柳河村", None),
        ] {
            for guess in [None, Some(430_603)] {
                assert_eq!(near(guess, address), is_near, "{address} {guess:?}");
            }
        }
    }

    #[test]
    fn the_city_of_a_county_is_the_unit_above_it() {
        let units = [
            unit(1, "明川市局", Level::City, "/1/"),
            unit(5, "平河市局", Level::City, "/5/"),
            unit(6, "云溪县局", Level::County, "/5/6/"),
        ];
        assert_eq!(city_of(&units, &units[2]), "平河市局");
        assert_eq!(city_of(&units[..1], &units[2]), "");
    }
}
