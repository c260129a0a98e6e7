//! The network of a feasibility check from files instead of a database: units,
//! staff and customers as the bank exports them, read with the same columns as
//! the imports. Counts people and places, keeps no name; nothing is stored.

use crate::cli::common::read_file;
use crate::error::{CliError, Result};
use crate::words;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use zf_base::geo::{Datum, Point};
use zf_base::{UnitId, Uuid, limits};
use zf_kernel::App;
use zf_network::import::ImportKind;
use zf_network::import::run::columns_of;
use zf_network::words as columns;
use zf_office::{ColumnMap, RowCells, Table, TableOptions};
use zf_plan::check::{Network, Outlet};
use zf_plan::definition::Definition;
use zf_plan::program::network::spread_of;

/// The files of a check.
pub struct Files {
    /// Units.
    pub units: PathBuf,
    /// Staff.
    pub staff: Option<PathBuf>,
    /// Customers.
    pub customers: Option<PathBuf>,
}

/// Reads the files; every fault is listed with its row.
pub fn network(app: &App, files: &Files, definition: &Definition) -> Result<Network> {
    let mut faults = Vec::new();
    let mut outlets = units(&files.units, &mut faults)?;
    if let Some(path) = &files.staff {
        staff(app, path, &mut outlets, &mut faults)?;
    }
    if let Some(path) = &files.customers {
        customers(path, &mut outlets, definition, &mut faults)?;
    }
    if !faults.is_empty() {
        return Err(CliError::Input(faults));
    }
    Ok(Network {
        outlets: outlets.into_values().collect(),
        staff_known: files.staff.is_some(),
    })
}

/// A row with its columns.
struct Line<'a> {
    map: &'a ColumnMap,
    cells: &'a RowCells,
}

impl Line<'_> {
    fn text(&self, key: &str) -> &str {
        self.map.cell(self.cells, key).trim()
    }
    /// Where it is; `Err` when coordinates are given and wrong.
    fn place(&self) -> std::result::Result<Option<Point>, ()> {
        let (lat, lon) = (self.text("lat"), self.text("lon"));
        if lat.is_empty() && lon.is_empty() {
            return Ok(None);
        }
        let datum = match self.text("datum") {
            "" => Datum::Wgs84,
            text => text.parse().map_err(|_| ())?,
        };
        let (lat, lon) = (lat.parse().map_err(|_| ())?, lon.parse().map_err(|_| ())?);
        Point::from_datum(datum, lat, lon).map(Some).map_err(|_| ())
    }
}

fn each_row(kind: ImportKind, path: &Path, mut take: impl FnMut(Line<'_>)) -> Result<()> {
    let bad = |e: String| CliError::input(words::file_unreadable(path, &e));
    let specs = columns_of(kind);
    let mut options = TableOptions::default();
    options.limits.max_bytes = limits::IMPORT_BYTES_MAX;
    options.limits.max_rows = limits::IMPORT_ROWS_MAX;
    let name = path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let known = |h: &str| zf_office::columns::is_known_header(specs, h);
    let mut table = Table::open(
        read_file(path)?,
        name.trim_end_matches(".gz"),
        &options,
        &known,
    )
    .map_err(|e| bad(e.to_string()))?;
    let map = ColumnMap::resolve(specs, table.headers());
    if !map.missing.is_empty() {
        return Err(CliError::input(words::columns_missing(
            path,
            &map.missing.join("、"),
        )));
    }
    for cells in table.rows() {
        let cells = cells.map_err(|e| bad(e.to_string()))?;
        take(Line {
            map: &map,
            cells: &cells,
        });
    }
    Ok(())
}

type Outlets = BTreeMap<String, Outlet>;

fn units(path: &Path, faults: &mut Vec<String>) -> Result<Outlets> {
    let mut outlets = Outlets::new();
    each_row(ImportKind::Units, path, |line| {
        let row = line.cells.row_number;
        let Some(level) = columns::level(line.text("level")) else {
            return faults.push(words::cell_wrong(path, row, "level"));
        };
        if level != "branch" {
            return;
        }
        let mut outlet = Outlet::new(UnitId(Uuid::nil()), line.text("code"), line.text("name"));
        outlet.area_kind = columns::area_kind(line.text("area_kind")).map(str::to_owned);
        match line.place() {
            Ok(place) => outlet.place = place,
            Err(()) => faults.push(words::cell_wrong(path, row, "lat")),
        }
        outlets.insert(outlet.code.clone(), outlet);
    })?;
    Ok(outlets)
}

fn staff(app: &App, path: &Path, outlets: &mut Outlets, faults: &mut Vec<String>) -> Result<()> {
    let posts: BTreeMap<&str, &str> = app
        .packs
        .posts()
        .iter()
        .flat_map(|p| {
            [
                (p.code.as_str(), p.code.as_str()),
                (p.name.zh.as_str(), p.code.as_str()),
            ]
        })
        .collect();
    each_row(ImportKind::Staff, path, |line| {
        let Some(post) = posts.get(line.text("post")) else {
            return faults.push(words::cell_wrong(path, line.cells.row_number, "post"));
        };
        // Staff above the branches are in the same file; the check is about branches.
        if let Some(outlet) = outlets.get_mut(line.text("unit")) {
            *outlet.posts.entry((*post).to_owned()).or_default() += 1;
        }
    })
}

#[derive(Default)]
struct Counted {
    customers: u64,
    households: BTreeMap<String, Option<Point>>,
}

fn customers(
    path: &Path,
    outlets: &mut Outlets,
    definition: &Definition,
    faults: &mut Vec<String>,
) -> Result<()> {
    let mut counted: BTreeMap<String, Counted> = BTreeMap::new();
    let mut unknown: BTreeSet<String> = BTreeSet::new();
    each_row(ImportKind::Customers, path, |line| {
        let (row, unit) = (line.cells.row_number, line.text("unit"));
        if !outlets.contains_key(unit) {
            if unknown.insert(unit.to_owned()) {
                faults.push(words::cell_wrong(path, row, "unit"));
            }
            return;
        }
        let household = Some(line.text("household_no")).filter(|h| !h.is_empty());
        let household =
            household.map_or_else(|| format!("C{}", line.text("customer_no")), str::to_owned);
        let c = counted.entry(unit.to_owned()).or_default();
        c.customers += 1;
        match line.place() {
            Ok(place) => {
                let known = c.households.entry(household).or_default();
                *known = known.or(place);
            }
            Err(()) => faults.push(words::cell_wrong(path, row, "lat")),
        }
    })?;
    for (code, outlet) in outlets.iter_mut() {
        let c = counted.remove(code).unwrap_or_default();
        let places: Vec<Point> = c.households.values().flatten().copied().collect();
        outlet.customers = Some(c.customers);
        outlet.households = Some(c.households.len() as u64);
        outlet.spread = outlet
            .place
            .and_then(|from| spread_of(from, &places, &definition.ring));
    }
    Ok(())
}
