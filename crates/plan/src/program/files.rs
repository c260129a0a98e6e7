//! The network of `check` from files instead of a database, for
//! `campaign check --units … --staff … --customers …`. Reads the same columns
//! as the imports; of a customer only the unit, the household and the place
//! are looked at, and no name is kept.

use super::network::spread_of;
use super::words::PLAN_COLUMNS;
use crate::check::{Network, Outlet};
use crate::definition::Definition;
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;
use uuid::Uuid;
use zf_base::UnitId;
use zf_base::geo::{Datum, Point};
use zf_network::words::{
    CUSTOMER_COLUMNS, STAFF_COLUMNS, UNIT_COLUMNS, area_kind, level, market_kind,
};
use zf_office::{ColumnMap, ColumnSpec, RowCells, Table, TableError, TableOptions};

/// A file with its name, for messages.
#[derive(Clone, Debug)]
pub struct NamedFile {
    /// Name.
    pub name: String,
    /// Content: `.xlsx` or `.csv`.
    pub bytes: Vec<u8>,
}

/// A file that cannot be used. `words::files_error` says so in Chinese.
#[derive(Debug, Error)]
pub enum FilesError {
    /// Neither a workbook nor a table of text.
    #[error("{file}: {source}")]
    Unreadable {
        /// Name of the file.
        file: String,
        /// What the reader says.
        source: TableError,
    },
    /// Columns are missing.
    #[error("{file}: columns missing")]
    Columns {
        /// Name of the file.
        file: String,
        /// The first accepted header of each.
        missing: Vec<String>,
    },
    /// A value cannot be used.
    #[error("{file}: row {row}, {column}")]
    Cell {
        /// Name of the file.
        file: String,
        /// Row as Excel shows it.
        row: u64,
        /// Key of the column.
        column: &'static str,
        /// What stands there: a code, never personal data.
        value: String,
    },
}

/// Posts by what a file calls them.
pub type PostOf<'a> = &'a dyn Fn(&str) -> Option<String>;

struct Row<'a> {
    file: &'a str,
    map: &'a ColumnMap,
    row: &'a RowCells,
}

impl Row<'_> {
    fn text(&self, key: &str) -> &str {
        self.map.cell(self.row, key).trim()
    }
    fn wrong(&self, column: &'static str) -> FilesError {
        let value = self.text(column).to_owned();
        FilesError::Cell {
            file: self.file.to_owned(),
            row: self.row.row_number,
            column,
            value,
        }
    }
    fn number(&self, column: &'static str) -> Result<Option<i64>, FilesError> {
        let text = self.text(column).replace([',', '，'], "");
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| self.wrong(column))
    }
    fn place(&self) -> Option<Point> {
        let (lat, lon) = (
            self.text("lat").parse().ok()?,
            self.text("lon").parse().ok()?,
        );
        let datum = self.text("datum").parse().unwrap_or(Datum::Wgs84);
        Point::from_datum(datum, lat, lon).ok()
    }
}

fn each(
    file: NamedFile,
    specs: &[ColumnSpec<'static>],
    mut take: impl FnMut(&Row<'_>) -> Result<(), FilesError>,
) -> Result<(), FilesError> {
    let name = file.name;
    let fault = |source| FilesError::Unreadable {
        file: name.clone(),
        source,
    };
    let known = |h: &str| zf_office::columns::is_known_header(specs, h);
    let mut table =
        Table::open(file.bytes, &name, &TableOptions::default(), &known).map_err(fault)?;
    let map = ColumnMap::resolve(specs, table.headers());
    if !map.missing.is_empty() {
        let header = |key: &String| {
            let spec = specs.iter().find(|s| s.key == key.as_str());
            spec.and_then(|s| s.aliases.first())
                .map_or(key.clone(), |a| (*a).to_owned())
        };
        let missing = map.missing.iter().map(header).collect();
        return Err(FilesError::Columns {
            file: name,
            missing,
        });
    }
    for row in table.rows() {
        let row = row.map_err(fault)?;
        take(&Row {
            file: &name,
            map: &map,
            row: &row,
        })?;
    }
    Ok(())
}

/// Puts a network together. Staff and customers of units that are no outlet of
/// the unit file are left out.
pub fn network_from_files(
    units: NamedFile,
    staff: Option<NamedFile>,
    customers: Option<NamedFile>,
    definition: &Definition,
    post_of: PostOf<'_>,
) -> Result<Network, FilesError> {
    let mut outlets = outlets(units)?;
    let staff_known = staff.is_some();
    if let Some(file) = staff {
        each(file, STAFF_COLUMNS, |row| {
            let Some(o) = outlets.get_mut(row.text("unit")) else {
                return Ok(());
            };
            let post = post_of(row.text("post")).ok_or_else(|| row.wrong("post"))?;
            *o.posts.entry(post).or_default() += 1;
            Ok(())
        })?;
    }
    if let Some(file) = customers {
        households(file, &mut outlets, definition)?;
    }
    Ok(Network {
        outlets: outlets.into_values().collect(),
        staff_known,
        ..Network::default()
    })
}

fn outlets(file: NamedFile) -> Result<BTreeMap<String, Outlet>, FilesError> {
    let specs = [UNIT_COLUMNS, PLAN_COLUMNS].concat();
    let mut outlets = BTreeMap::new();
    each(file, &specs, |row| {
        let level = level(row.text("level")).ok_or_else(|| row.wrong("level"))?;
        let code = row.text("code");
        if level != "branch" || code.is_empty() {
            return Ok(());
        }
        let mut o = Outlet::new(UnitId(Uuid::nil()), code, row.text("name"));
        o.area_kind = area_kind(row.text("area_kind")).map(str::to_owned);
        o.market_kind = market_kind(row.text("market_kind")).map(str::to_owned);
        o.place = row.place();
        o.collection_plan = row.number("collection_plan")?;
        o.quota = row.number("quota_per_day")?;
        outlets.insert(code.to_owned(), o);
        Ok(())
    })?;
    Ok(outlets)
}

fn households(
    file: NamedFile,
    outlets: &mut BTreeMap<String, Outlet>,
    definition: &Definition,
) -> Result<(), FilesError> {
    let mut seen: BTreeMap<String, (u64, BTreeSet<String>, Vec<Point>)> = BTreeMap::new();
    each(file, CUSTOMER_COLUMNS, |row| {
        let unit = row.text("unit");
        if !outlets.contains_key(unit) {
            return Ok(());
        }
        let (customers, known, places) = seen.entry(unit.to_owned()).or_default();
        *customers += 1;
        // Without a household number every customer is a household of their own.
        let household = match row.text("household_no") {
            "" => row.text("customer_no"),
            number => number,
        };
        if known.insert(household.to_owned()) {
            places.extend(row.place());
        }
        Ok(())
    })?;
    for (code, o) in outlets.iter_mut() {
        let (customers, known, places) = seen.remove(code).unwrap_or_default();
        o.customers = Some(customers);
        o.households = Some(known.len() as u64);
        o.spread = o
            .place
            .and_then(|from| spread_of(from, &places, definition));
    }
    Ok(())
}
