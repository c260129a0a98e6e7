//! Places of a branch: preparing the fall-back, pinning a door and taking the
//! pin back, and giving customers the village group their address names. Scope
//! is shown by the [`UnitScope`]; events carry counts and codes, no coordinates.

use super::ladder::{Door, FilePlace, Ladder, PlaceName, Placed, Tuning};
use super::matching::GroupIndex;
use super::store::*;
use super::table::Gazetteer;
use crate::customer::seal::{self, Column};
use crate::village_group::service::village_group_list;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use zf_address::{Hint, Parsed, parse};
use zf_base::code::ErrorCode;
use zf_base::geo::{Datum, Point};
use zf_base::{CustomerId, HouseholdId, Timestamp, VillageGroupId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::unit::Unit;
use zf_kernel::{App, Ctx, UnitScope, UnitTx, again};
use zf_store::{Row, params};

const PRESET: &str = include_str!("../../presets/places.toml");

/// The figures of the fall-back.
pub fn tuning() -> Result<Tuning> {
    let bad = |e: toml::de::Error| KernelError::Internal(format!("places: {e}"));
    toml::from_str(PRESET).map_err(bad)
}

fn point(lat: Option<f64>, lon: Option<f64>) -> Option<Point> {
    lat.zip(lon)
        .and_then(|(lat, lon)| Point::new(lat, lon).ok())
}

/// Reads the addresses of one branch. The text stays in here; only the village
/// and the township that it names go on.
struct Reader<'a> {
    app: &'a App,
    unit: &'a Unit,
    gazetteer: Gazetteer,
    hint: Hint,
}

impl<'a> Reader<'a> {
    async fn of(app: &'a App, scope: &'a UnitScope) -> Result<Reader<'a>> {
        let gazetteer = Gazetteer::load(app).await?;
        Ok(Reader {
            app,
            unit: scope.unit(),
            hint: gazetteer.hint(scope.unit()),
            gazetteer,
        })
    }

    fn parsed(&self, id: CustomerId, sealed: &[u8]) -> Result<Parsed> {
        let text = seal::open(self.app, Column::Address, self.unit.id, id, Some(sealed))?;
        Ok(parse(self.gazetteer.table.as_deref(), &self.hint, &text))
    }

    /// The address, unless it lies in another county; one that names a county
    /// nobody knows is told apart by nothing, so it tells no place.
    fn near(&self, id: CustomerId, sealed: &[u8]) -> Result<Option<Parsed>> {
        let address = self.parsed(id, sealed)?;
        let near = self.gazetteer.is_near(self.unit, &address);
        Ok((near == Some(true)).then_some(address))
    }
}

/// The fall-back of one branch, from the doors that are known now.
///
/// Addresses are opened where no village group tells the village, and read in
/// passing: what they name is not stored, so that a corrected address counts at
/// once and no column in clear says more than before. Opening and reading one
/// takes 12 µs (132,860 addresses of 36 branches in 1.5 s), a target 150 µs.
pub async fn ladder(app: &App, scope: &UnitScope) -> Result<Ladder> {
    let unit = scope.unit_id();
    let reader = Reader::of(app, scope).await?;
    let mut doors = Vec::new();
    for row in app.read_unit(unit, PLACE_DOORS, params![]).await? {
        let Some(point) = point(row.get(2)?, row.get(3)?) else {
            continue;
        };
        let sealed: Option<Vec<u8>> = row.get(4)?;
        let address = match &sealed {
            Some(sealed) => reader.near(row.get(5)?, sealed)?,
            None => None,
        };
        doors.push(Door {
            household: row.get(0)?,
            group: row.get(1)?,
            address: address.as_ref().and_then(PlaceName::of),
            point,
        });
    }
    let file = place_list(app, scope).await?;
    let groups = village_group_list(app, scope).await?;
    Ok(Ladder::of(
        tuning()?,
        scope.unit().place,
        &doors,
        &groups,
        &file,
    ))
}

/// The places that addresses name, for households in which somebody has no door
/// and no village group that is placed; the nearest of a household.
pub async fn places_by_address(
    app: &App,
    scope: &UnitScope,
    ladder: &Ladder,
) -> Result<HashMap<HouseholdId, Placed>> {
    let mut places: HashMap<HouseholdId, Placed> = HashMap::new();
    if !ladder.has_named() {
        return Ok(places);
    }
    let reader = Reader::of(app, scope).await?;
    let mut after = CustomerId(zf_base::Uuid::nil());
    loop {
        let page = params![after, BATCH];
        let rows = app.read_unit(scope.unit_id(), PLACE_DOORLESS, page).await?;
        for row in &rows {
            after = row.get(0)?;
            if !ladder.is_lost(row.get(2)?) {
                continue;
            }
            let sealed: Vec<u8> = row.get(3)?;
            let address = reader.near(after, &sealed)?;
            let Some(placed) = address.and_then(|a| ladder.named(&a)) else {
                continue;
            };
            let nearest = places.entry(row.get(1)?).or_insert(placed);
            if placed.precision < nearest.precision {
                *nearest = placed;
            }
        }
        if (rows.len() as i64) < BATCH {
            return Ok(places);
        }
    }
}

/// The villages and townships of a branch that the bank's file places.
pub async fn place_list(app: &App, scope: &UnitScope) -> Result<Vec<FilePlace>> {
    let mut file = Vec::new();
    let rows = app.read_unit(scope.unit_id(), PLACE_LIST, params![]);
    for row in rows.await? {
        if let Some(point) = point(row.get(3)?, row.get(4)?) {
            file.push(FilePlace {
                township: row.get(1)?,
                village: row.get(2)?,
                point,
            });
        }
    }
    Ok(file)
}

/// Places a village, or with an empty `village` a township, as the bank's file
/// says it.
pub async fn place_put(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    place: &FilePlace,
    datum: Datum,
    why: serde_json::Value,
) -> Result<()> {
    let level = if place.village.is_empty() {
        "township"
    } else {
        "village"
    };
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        let row = params![
            level,
            place.township.as_str(),
            place.village.as_str(),
            place.point.lat(),
            place.point.lon(),
            datum.code(),
            ctx.now
        ];
        tx.exec(PLACE_PUT, row).await?;
        tx.record("place.put", "unit", scope.unit_id(), why.clone());
        tx.commit().await
    })
    .await
}

/// A pin: who stood before the door, and when.
#[derive(Clone, Debug)]
pub struct Pin {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by_name: String,
    /// How exact the device said it was, metres.
    pub accuracy_m: Option<f64>,
}

/// Where one customer is.
#[derive(Clone, Debug)]
pub struct CustomerPlace {
    /// The place and how near it is; none when not even the outlet has one.
    pub placed: Option<Placed>,
    /// Datum of the coordinates as they came in, for the customer's own door.
    pub datum: Option<Datum>,
    /// The pin, when there is one.
    pub pin: Option<Pin>,
}

struct Stored {
    household: HouseholdId,
    group: Option<VillageGroupId>,
    own: Option<Point>,
    datum: Option<String>,
    pinned: Option<Point>,
    pin_datum: Option<String>,
    pin: Option<Pin>,
    home: Option<Point>,
    /// Sealed.
    address: Option<Vec<u8>>,
}

fn stored(row: &Row) -> Result<Stored> {
    let at: Option<Timestamp> = row.get(9)?;
    let by_name: Option<String> = row.get(10)?;
    let accuracy_m: Option<f64> = row.get(8)?;
    Ok(Stored {
        household: row.get(0)?,
        group: row.get(1)?,
        own: point(row.get(2)?, row.get(3)?),
        datum: row.get(4)?,
        pinned: point(row.get(5)?, row.get(6)?),
        pin_datum: row.get(7)?,
        pin: at.zip(by_name).map(|(at, by_name)| Pin {
            at,
            by_name,
            accuracy_m,
        }),
        home: point(row.get(11)?, row.get(12)?),
        address: row.get(13)?,
    })
}

async fn fetch(app: &App, scope: &UnitScope, id: CustomerId) -> Result<Stored> {
    let rows = app
        .read_unit(scope.unit_id(), PLACE_OF_CUSTOMER, params![id])
        .await?;
    let row = rows.first();
    stored(row.ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))?)
}

/// Where a customer is, or is thought to be.
pub async fn customer_place(app: &App, scope: &UnitScope, id: CustomerId) -> Result<CustomerPlace> {
    let s = fetch(app, scope, id).await?;
    let own = s.pinned.or(s.own);
    let placed = match own {
        // No need to look at the whole branch.
        Some(point) => Some(Placed {
            point,
            precision: super::Precision::Door,
        }),
        None => {
            let ladder = ladder(app, scope).await?;
            let named = match &s.address {
                Some(sealed) if ladder.is_lost(s.group) => {
                    let address = Reader::of(app, scope).await?.near(id, sealed)?;
                    address.and_then(|a| ladder.named(&a))
                }
                _ => None,
            };
            ladder.place(s.household, None, s.home, s.group, named)
        }
    };
    let datum = if s.pinned.is_some() {
        s.pin_datum
    } else {
        s.datum
    };
    Ok(CustomerPlace {
        placed,
        datum: datum.filter(|_| own.is_some()).and_then(|d| d.parse().ok()),
        pin: s.pin,
    })
}

/// Pins the door of a customer and of their household. `accuracy_m`: what the
/// device said, 0 to 100,000.
pub async fn customer_pin(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: CustomerId,
    (point, datum): (Point, Datum),
    accuracy_m: Option<f64>,
) -> Result<()> {
    if accuracy_m.is_some_and(|m| !(0.0..=100_000.0).contains(&m)) {
        return Err(KernelError::field("accuracy_m", "field.place"));
    }
    let household = fetch(app, scope, id).await?.household;
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        pin_in(&mut tx, ctx, (id, household), (point, datum), accuracy_m).await?;
        tx.commit().await
    })
    .await
}

/// The same inside somebody's transaction.
///
/// # Errors
/// No such customer; the database.
pub async fn pin_in(
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    (id, household): (CustomerId, HouseholdId),
    (point, datum): (Point, Datum),
    accuracy_m: Option<f64>,
) -> Result<()> {
    let pin = params![
        id,
        point.lat(),
        point.lon(),
        datum.code(),
        accuracy_m,
        ctx.now,
        ctx.actor.name.as_str(),
        ctx.actor.user_id
    ];
    if tx.exec(CUSTOMER_PIN, pin).await? == 0 {
        return Err(KernelError::refused(ErrorCode::NOT_FOUND));
    }
    let home = params![household, point.lat(), point.lon(), id, ctx.now];
    tx.exec(HOUSEHOLD_PIN, home).await?;
    let detail = json!({ "datum": datum.code() });
    tx.record("customer.pin", "customer", id, detail);
    Ok(())
}

/// Takes a pin back; without one nothing changes.
pub async fn customer_unpin(app: &App, ctx: &Ctx, scope: &UnitScope, id: CustomerId) -> Result<()> {
    if fetch(app, scope, id).await?.pin.is_none() {
        return Ok(());
    }
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        tx.exec(CUSTOMER_UNPIN, params![id, ctx.now, ctx.actor.user_id])
            .await?;
        tx.exec(HOUSEHOLD_UNPIN, params![id, ctx.now]).await?;
        tx.record("customer.unpin", "customer", id, json!({}));
        tx.commit().await
    })
    .await
}

/// What assigning village groups by address did, or would do.
#[derive(Clone, Debug, Default)]
pub struct Assigned {
    /// Customers without a village group before.
    pub without: i64,
    /// Of those, customers with an address.
    pub with_address: i64,
    /// Customers whose address names exactly one group.
    pub assigned: i64,
    /// The same by group.
    pub by_group: BTreeMap<VillageGroupId, i64>,
}

/// Customers read, opened and written at a time.
const BATCH: i64 = 500;

/// Gives every customer of a branch without a village group the one group their
/// address names; with `dry_run` it only counts. A second time changes nothing.
pub async fn assign_groups(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    dry_run: bool,
) -> Result<Assigned> {
    let unit = scope.unit_id();
    let mut done = Assigned::default();
    if let Some(row) = app.read_unit(unit, WITHOUT_GROUP, params![]).await?.first() {
        (done.without, done.with_address) = (row.get(0)?, row.get(1)?);
    }
    let index = GroupIndex::of(&village_group_list(app, scope).await?);
    let reader = Reader::of(app, scope).await?;
    let mut after = CustomerId(zf_base::Uuid::nil());
    loop {
        let page = params![after, BATCH];
        let rows = app.read_unit(unit, WITHOUT_GROUP_PAGE, page).await?;
        let mut found: Vec<(CustomerId, HouseholdId, VillageGroupId)> = Vec::new();
        for row in &rows {
            let (id, household): (CustomerId, HouseholdId) = (row.get(0)?, row.get(1)?);
            let sealed: Vec<u8> = row.get(2)?;
            after = id;
            let address = reader.parsed(id, &sealed)?;
            let far = reader.gazetteer.is_near(reader.unit, &address) == Some(false);
            if let Some(group) = index.find(&address).filter(|_| !far) {
                found.push((id, household, group));
            }
        }
        for (_, _, group) in &found {
            *done.by_group.entry(*group).or_default() += 1;
        }
        done.assigned += found.len() as i64;
        if !dry_run && !found.is_empty() {
            write_groups(app, ctx, scope, &found).await?;
        }
        if (rows.len() as i64) < BATCH {
            return Ok(done);
        }
    }
}

async fn write_groups(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    found: &[(CustomerId, HouseholdId, VillageGroupId)],
) -> Result<()> {
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        for (id, household, group) in found {
            let own = params![*id, *group, ctx.now, ctx.actor.user_id];
            tx.exec(GROUP_ASSIGN, own).await?;
            tx.exec(GROUP_ASSIGN_HOUSEHOLD, params![*household, *group, ctx.now])
                .await?;
        }
        let detail = json!({ "customers": found.len() });
        tx.record("village_group.assign", "unit", scope.unit_id(), detail);
        tx.commit().await
    })
    .await
}
