//! From the database to the network of `check`: the branches of a program with
//! their staff, households, distances and own figures. Reads counts and
//! places, never a name.

use super::Program;
use super::life::quota::{QuotaHistory, campaign_history, holds_from, own_histories};
use super::service::program_fetch;
use super::store::*;
use crate::check::{Network, Outlet, Sources, Spread};
use crate::definition::{Definition, Side};
use crate::week_plan::build::side_of;
use std::collections::{BTreeMap, HashMap};
use zf_base::geo::{Meters, Point};
use zf_base::{Day, UnitId};
use zf_kernel::error::Result;
use zf_kernel::unit::service::unit_subtree;
use zf_kernel::unit::{Level, Unit};
use zf_kernel::{App, Ctx, Permission};
use zf_network::customer::source::{basis_in_force, tag_source};
use zf_store::params;

/// Branches up to which distances are measured house by house; above that the
/// favourable case is taken, so that a province's check still answers at once.
const MEASURED_OUTLETS_MAX: usize = 400;

/// The program's branches that the actor may see, by code.
pub async fn branches(
    app: &App,
    ctx: &Ctx,
    permission: Permission,
    program: &Program,
) -> Result<Vec<Unit>> {
    let roots = ctx.roots(permission);
    let mut units = unit_subtree(app, &program.unit.path).await?;
    units.retain(|u| {
        u.level == Level::Branch
            && u.active
            && roots
                .iter()
                .any(|(_, path)| u.path.starts_with(path.as_str()))
    });
    units.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(units)
}

/// The network of a program as far as the actor may see it.
pub async fn network_of(app: &App, ctx: &Ctx, program: &Program) -> Result<Network> {
    let units = branches(app, ctx, Permission::ProgramRead, program).await?;
    let own = own_figures(app, program).await?;
    let quotas = quotas(app, ctx, program).await?;
    let staff = posts(app).await?;
    let counts = counts(app).await?;
    let measured = units.len() <= MEASURED_OUTLETS_MAX;
    let mut outlets = Vec::with_capacity(units.len());
    for unit in &units {
        let mut o = Outlet::new(unit.id, &unit.code, &unit.name);
        o.area_kind = unit.area_kind.clone();
        o.market_kind = unit.market_kind.clone();
        o.place = unit.place;
        o.posts = staff.get(&unit.id).cloned().unwrap_or_default();
        let (customers, households) = counts.get(&unit.id).copied().unwrap_or_default();
        o.customers = Some(customers);
        o.households = Some(households);
        (o.collection_plan, o.quota) = own.get(&unit.id).copied().unwrap_or_default();
        o.quotas = quotas.as_ref().map(|all| all.of(unit.id, o.quota));
        if let Some(place) = unit.place.filter(|_| measured) {
            o.spread = spread(app, unit.id, place, &program.definition).await?;
        }
        outlets.push(o);
    }
    let staff_known = outlets.iter().any(|o| !o.posts.is_empty());
    Ok(Network {
        outlets,
        staff_known,
        sources: sources(app, ctx, program).await?,
    })
}

/// Histories of quotas of a campaign that is no draft any more.
struct Quotas {
    campaign: QuotaHistory,
    own: HashMap<UnitId, Vec<(Day, Option<i64>)>>,
    changes_from: Day,
}

impl Quotas {
    fn of(&self, unit: UnitId, own_now: Option<i64>) -> (QuotaHistory, Day) {
        let history = QuotaHistory {
            own: self.own.get(&unit).cloned().unwrap_or_default(),
            own_now,
            ..self.campaign.clone()
        };
        (history, self.changes_from)
    }
}

/// The same histories as the ledger's. The version that is checked may only be
/// proposed: the days before it would hold are those of the stored one.
async fn quotas(app: &App, ctx: &Ctx, program: &Program) -> Result<Option<Quotas>> {
    let Some(changes_from) = holds_from(program.state, program.first_day, ctx.today()) else {
        return Ok(None);
    };
    let stored = program_fetch(app, ctx, program.id).await?;
    Ok(Some(Quotas {
        campaign: campaign_history(app, &stored).await?,
        own: own_histories(app, program).await?,
        changes_from,
    }))
}

/// What the register of lawful bases has for the unit that orders the program.
async fn sources(app: &App, ctx: &Ctx, program: &Program) -> Result<Sources> {
    let mut sources = Sources::default();
    let needing = program.definition.channel.iter();
    for c in needing.filter(|c| c.enabled && c.needs_basis == Some(true)) {
        let basis = basis_in_force(app, &program.unit, &c.id, ctx.today()).await?;
        sources.channels.extend(basis.map(|_| c.id.clone()));
    }
    for pack in app.packs.iter() {
        for group in pack.must_visit.groups.iter().filter(|g| g.lawful_basis) {
            let source = tag_source(&group.tag);
            let basis = basis_in_force(app, &program.unit, &source, ctx.today()).await?;
            if basis.is_none() {
                sources.groups_without_basis.push(group.name.zh.clone());
            }
        }
    }
    Ok(sources)
}

/// The branches' own figures: collection plan and quota.
pub async fn own_figures(
    app: &App,
    program: &Program,
) -> Result<HashMap<UnitId, (Option<i64>, Option<i64>)>> {
    let rows = app.db.query(PROGRAM_UNITS, params![program.id]).await?;
    rows.iter()
        .map(|r| Ok((r.get(0)?, (r.get(1)?, r.get(2)?))))
        .collect()
}

async fn posts(app: &App) -> Result<HashMap<UnitId, BTreeMap<String, u32>>> {
    let mut all: HashMap<UnitId, BTreeMap<String, u32>> = HashMap::new();
    for row in app.db.query(STAFF_POST_COUNTS, params![true]).await? {
        let people: i64 = row.get(2)?;
        all.entry(row.get(0)?)
            .or_default()
            .insert(row.get(1)?, u32::try_from(people).unwrap_or(u32::MAX));
    }
    Ok(all)
}

async fn counts(app: &App) -> Result<HashMap<UnitId, (u64, u64)>> {
    let rows = app.db.query(HOUSEHOLD_COUNTS, params![]).await?;
    rows.iter()
        .map(|r| {
            let (customers, households): (i64, i64) = (r.get(1)?, r.get(2)?);
            Ok((
                r.get(0)?,
                (customers.max(0) as u64, households.max(0) as u64),
            ))
        })
        .collect()
}

async fn spread(
    app: &App,
    unit: UnitId,
    from: Point,
    definition: &Definition,
) -> Result<Option<Spread>> {
    let rows = app.read_unit(unit, HOUSEHOLD_PLACES, params![]).await?;
    let mut places = Vec::with_capacity(rows.len());
    for row in &rows {
        let (lat, lon): (f64, f64) = (row.get(0)?, row.get(1)?);
        places.extend(Point::new(lat, lon));
    }
    Ok(spread_of(from, &places, definition))
}

/// Households per ring, as the week plans draw it, with their mean distance;
/// none without places.
pub fn spread_of(from: Point, places: &[Point], definition: &Definition) -> Option<Spread> {
    if places.is_empty() {
        return None;
    }
    let mut s = Spread::default();
    let (mut near, mut far) = (0.0, 0.0);
    for place in places {
        let distance = zf_base::geo::haversine_m(from, *place);
        match side_of(definition, from, *place) {
            Side::Near => (s.near, near) = (s.near + 1, near + distance.0),
            Side::Far => (s.far, far) = (s.far + 1, far + distance.0),
        }
    }
    s.near_mean = Meters(near / s.near.max(1) as f64);
    s.far_mean = Meters(far / s.far.max(1) as f64);
    Some(s)
}
