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
    /// Village groups: where a household without coordinates is.
    pub village_groups: Option<PathBuf>,
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
        let groups = match &files.village_groups {
            Some(path) => village_groups(path, &mut faults)?,
            None => Groups::new(),
        };
        customers(path, &mut outlets, &groups, definition, &mut faults)?;
    }
    if !faults.is_empty() {
        return Err(CliError::Input(faults));
    }
    Ok(Network {
        outlets: outlets.into_values().collect(),
        staff_known: files.staff.is_some(),
        ..Network::default()
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
        outlet.market_kind = columns::market_kind(line.text("market_kind")).map(str::to_owned);
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

/// Places of village groups by branch and by what customers' files call them.
type Groups = BTreeMap<(String, String), Point>;

fn village_groups(path: &Path, faults: &mut Vec<String>) -> Result<Groups> {
    let mut groups = Groups::new();
    each_row(ImportKind::VillageGroups, path, |line| {
        let (unit, name) = (line.text("unit"), line.text("name"));
        match line.place() {
            Ok(Some(place)) => {
                let whole = format!("{}{name}", line.text("village"));
                for called in [line.text("code"), name, &whole] {
                    groups.insert((unit.to_owned(), called.to_owned()), place);
                }
            }
            Ok(None) => {}
            Err(()) => faults.push(words::cell_wrong(path, line.cells.row_number, "lat")),
        }
    })?;
    Ok(groups)
}

#[derive(Default)]
struct Counted {
    customers: u64,
    households: BTreeMap<String, Option<Point>>,
}

fn customers(
    path: &Path,
    outlets: &mut Outlets,
    groups: &Groups,
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
                let group = (unit.to_owned(), line.text("village_group").to_owned());
                *known = known.or(place).or_else(|| groups.get(&group).copied());
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
            .and_then(|from| spread_of(from, &places, definition));
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::cli::progress::Progress;
    use crate::{demo, open, openapi};
    use zf_demo::{DemoData, DemoSpec, Size};
    use zf_plan::program::network::network_of;
    use zf_plan::program::service::{FromPreset, from_preset, program_create};

    fn data() -> DemoData {
        let anchor = zf_base::Day::new(2016, 10, 10).unwrap();
        let spec = DemoSpec {
            size: Size::County,
            seed: 3,
            anchor,
        };
        let mut data = zf_demo::generate(&spec, None);
        data.customers.truncate(2_000);
        data
    }

    fn files(dir: &Path, data: &DemoData) -> Files {
        let write = |name: &str, text: String| {
            let path = dir.join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        Files {
            units: write("units.csv", zf_demo::write_units_csv(data)),
            staff: Some(write("staff.csv", zf_demo::write_staff_csv(data))),
            village_groups: Some(write("groups.csv", zf_demo::write_village_groups_csv(data))),
            customers: Some(write("customers.csv", zf_demo::write_customers_csv(data))),
        }
    }

    fn preset(app: &App) -> Definition {
        let preset = app.packs.program_presets().next().unwrap().id.to_owned();
        let (code, name) = ("c".to_owned(), "c".to_owned());
        from_preset(
            app,
            &FromPreset {
                preset,
                code,
                name,
                first_day: None,
                last_day: None,
            },
        )
        .unwrap()
    }

    #[tokio::test]
    async fn files_and_the_imported_database_give_the_same_network() {
        let (state, dir) = openapi::empty_state().await.unwrap();
        let (app, data) = (&state.app, data());
        let definition = preset(app);
        let from_files = network(app, &files(dir.path(), &data), &definition).unwrap();

        let ctx = open::machine(app);
        let root = demo::head(app, &ctx, &data).await.unwrap();
        demo::load(app, &ctx, &root, &data, &Progress::new(true))
            .await
            .unwrap();
        let scope = ctx
            .scope(zf_kernel::Permission::ProgramWrite, &root)
            .unwrap();
        let program = program_create(app, &ctx, &scope, &definition, "")
            .await
            .unwrap();
        let from_database = network_of(app, &ctx, &program).await.unwrap();

        assert_eq!(from_files.outlets.len(), 12);
        assert!(from_files.staff_known && from_database.staff_known);
        for (a, b) in from_files.outlets.iter().zip(&from_database.outlets) {
            assert_eq!(
                (&a.code, &a.name, &a.area_kind, &a.market_kind, &a.posts),
                (&b.code, &b.name, &b.area_kind, &b.market_kind, &b.posts)
            );
            assert_eq!(
                (a.customers, a.households),
                (b.customers, b.households),
                "{}",
                a.code
            );
            let (x, y) = (a.spread.unwrap(), b.spread.unwrap());
            assert_eq!((x.near, x.far), (y.near, y.far), "{}", a.code);
            assert!(
                (x.near_mean.0 - y.near_mean.0).abs() < 0.01
                    && (x.far_mean.0 - y.far_mean.0).abs() < 0.01
            );
        }
        assert_eq!(
            from_files
                .outlets
                .iter()
                .filter_map(|o| o.customers)
                .sum::<u64>(),
            2_000
        );
    }

    #[tokio::test]
    async fn every_fault_is_told_with_its_row() {
        let (state, dir) = openapi::empty_state().await.unwrap();
        let mut files = files(dir.path(), &data());
        std::fs::write(&files.units, "机构编码,机构名称,级别,经度,纬度\n01,甲,网点,83.1,39.0\n02,乙,什么,,\n03,丙,网点,x,39.0\n").unwrap();
        files.customers = None;
        std::fs::write(
            files.staff.as_ref().unwrap(),
            "工号,姓名,机构编码,岗位\n1,王,01,营业员\n2,李,01,船长\n",
        )
        .unwrap();
        let CliError::Input(lines) = network(&state.app, &files, &preset(&state.app)).unwrap_err()
        else {
            panic!("input")
        };
        assert_eq!(lines.len(), 3, "{lines:?}");
        for (line, part) in lines
            .iter()
            .zip(["第 3 行 [level]", "第 4 行 [lat]", "第 3 行 [post]"])
        {
            assert!(line.contains(part), "{line}");
        }
    }
}
