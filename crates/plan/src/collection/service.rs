//! Reading the progress of collection: counts of each branch summed by village
//! and mail route, and the households still missing, with the name of their
//! head masked. Reads only; nothing here changes a record.

use super::store::*;
use super::{Area, AreaRow, Progress, words};
use crate::program::Program;
use std::collections::{BTreeMap, HashMap};
use zf_base::mask::{Masked, PersonName};
use zf_base::{CustomerId, Day, HouseholdId, UnitId, VillageGroupId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, Permission, UnitScope};
use zf_network::customer::seal::{self, Column};
use zf_network::customer::source::ended::ended;
use zf_network::village_group::VillageGroup;
use zf_network::village_group::service::village_group_list;
use zf_network::words::{FONT_BODY, FONT_TITLE};
use zf_office::{
    BookMeta, CellKind, CellValue, Fonts, TableBook, TableColumn, TableSheet, write_table,
};
use zf_store::{Row, params};

/// What of the table is wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// One branch, or all below a unit.
    pub unit: Option<UnitId>,
    /// One mail route by its name; empty text = groups on none.
    pub mail_route: Option<String>,
    /// Only where something is missing.
    pub only_missing: bool,
}

/// The unit of later collection of a village group.
pub fn area_of(group: &VillageGroup) -> Area {
    Area {
        township: group.township.clone(),
        village: group.village.clone(),
        mail_route: group.mail_route.clone().unwrap_or_default(),
    }
}

/// Rows of the branches that the actor may see, by branch, township, village
/// and route; households without a village group in a row without names.
///
/// # Errors
/// The unit is out of reach; the database.
pub async fn table(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    wanted: &Wanted,
) -> Result<Vec<AreaRow>> {
    let branches = program
        .branches(app, ctx, Permission::PlanRead, wanted.unit)
        .await?;
    let mut all = Vec::new();
    for scope in &branches {
        all.extend(branch(app, program, scope).await?);
    }
    let fits = |r: &AreaRow| {
        let route = wanted.mail_route.as_deref();
        route.is_none_or(|route| r.area.mail_route == route)
            && (!wanted.only_missing || r.progress.missing() > 0)
    };
    all.retain(fits);
    Ok(all)
}

async fn branch(app: &App, program: &Program, scope: &UnitScope) -> Result<Vec<AreaRow>> {
    let groups = village_group_list(app, scope).await?;
    let mut areas: BTreeMap<Area, (i64, Progress)> = BTreeMap::new();
    let mut of: HashMap<VillageGroupId, Area> = HashMap::new();
    for g in &groups {
        let area = area_of(g);
        areas.entry(area.clone()).or_default().0 += 1;
        of.insert(g.id, area);
    }
    let p = params![program.id];
    for row in app
        .read_unit(scope.unit_id(), COLLECTION_BY_GROUP, p)
        .await?
    {
        let group: Option<VillageGroupId> = row.get(0)?;
        let progress = Progress {
            households: row.get(1)?,
            complete: row.get(2)?,
            visited: row.get(3)?,
            visits: row.get(4)?,
        };
        let area = group
            .and_then(|id| of.get(&id).cloned())
            .unwrap_or_default();
        let sum = &mut areas.entry(area).or_default().1;
        *sum = sum.plus(progress);
    }
    let unit = scope.unit();
    let row = |(area, (groups, progress))| AreaRow {
        unit_id: unit.id,
        unit_code: unit.code.clone(),
        unit_name: unit.name.clone(),
        area,
        groups,
        progress,
    };
    Ok(areas.into_iter().map(row).collect())
}

/// A household that lacks something.
#[derive(Clone, Debug)]
pub struct Household {
    /// Id.
    pub id: HouseholdId,
    /// Its number.
    pub household_no: String,
    /// Its head, or the first member.
    pub customer_id: CustomerId,
    /// Their name.
    pub name: Masked<PersonName>,
    /// Name of the village group.
    pub group: String,
    /// Members.
    pub members: i64,
    /// Members who lack something.
    pub lacking: i64,
    /// Members without a phone.
    pub phones: i64,
    /// Members without an ID number.
    pub id_numbers: i64,
    /// Members without an address.
    pub addresses: i64,
    /// They refuse visits.
    pub refuses: bool,
    /// The last visit of the campaign.
    pub visited: Option<Day>,
}

/// A page of the households of a village and mail route that lack something,
/// by their number. Whom the branch may not know any more is not in it.
///
/// # Errors
/// Only the database.
pub async fn missing(
    app: &App,
    program: &Program,
    scope: &UnitScope,
    area: &Area,
    after: &str,
    limit: i64,
) -> Result<Vec<Household>> {
    let ended = ended(app, scope.unit(), app.now().day()).await?;
    let mut after = after.to_owned();
    let mut page = Vec::new();
    loop {
        let p = params![
            program.id,
            area.township.as_str(),
            area.village.as_str(),
            area.mail_route.as_str(),
            after.as_str(),
            limit
        ];
        let rows = app
            .read_unit(scope.unit_id(), COLLECTION_MISSING, p)
            .await?;
        for row in &rows {
            after = row.get(1)?;
            if (page.len() as i64) < limit && !ended.person(row.get(2)?) {
                page.push(household(app, scope.unit_id(), row)?);
            }
        }
        if (rows.len() as i64) < limit || page.len() as i64 >= limit {
            return Ok(page);
        }
    }
}

fn household(app: &App, unit: UnitId, row: &Row) -> Result<Household> {
    let customer: CustomerId = row.get(2)?;
    let sealed: Vec<u8> = row.get(3)?;
    let name = seal::open(app, Column::Name, unit, customer, Some(&sealed))?;
    Ok(Household {
        id: row.get(0)?,
        household_no: row.get(1)?,
        customer_id: customer,
        name: Masked::new(name),
        group: row.get(4)?,
        members: row.get(5)?,
        lacking: row.get(6)?,
        phones: row.get(7)?,
        id_numbers: row.get(8)?,
        addresses: row.get(9)?,
        refuses: row.get::<i64>(10)? > 0,
        visited: row.get(11)?,
    })
}

/// The table as a workbook: name and bytes.
///
/// # Errors
/// As [`table`].
pub async fn book(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    wanted: &Wanted,
) -> Result<(String, Vec<u8>)> {
    let rows = table(app, ctx, program, wanted).await?;
    let title = words::title(&program.name, ctx.today());
    let column = |(i, h): (usize, &&str)| TableColumn {
        header: (*h).to_owned(),
        kind: match i {
            0..=3 => CellKind::Text,
            _ => CellKind::Integer,
        },
    };
    let row = |r: &AreaRow| {
        let mut cells: Vec<CellValue> = [
            &r.unit_name,
            &r.area.township,
            &r.area.village,
            &r.area.mail_route,
        ]
        .map(|text| CellValue::from(text.as_str()))
        .into();
        let p = r.progress;
        let figures = [
            r.groups,
            p.households,
            p.complete,
            p.missing(),
            p.visited,
            p.visits,
        ];
        cells.extend(figures.map(CellValue::from));
        cells
    };
    let book = TableBook {
        meta: BookMeta {
            title: title.clone(),
            author: ctx.actor.name.clone(),
            created: ctx.now,
        },
        fonts: Fonts {
            title: FONT_TITLE.to_owned(),
            body: FONT_BODY.to_owned(),
        },
        sheets: vec![TableSheet {
            name: words::SHEET.to_owned(),
            title_lines: vec![title, words::DEFINITION.to_owned()],
            columns: words::HEADERS.iter().enumerate().map(column).collect(),
            rows: rows.iter().map(row).collect(),
            page_foot: words::FOOT.to_owned(),
        }],
    };
    let bytes = write_table(&book).map_err(|e| KernelError::Internal(format!("workbook: {e}")))?;
    Ok((words::file(ctx.today()), bytes))
}
