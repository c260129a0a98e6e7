//! The rows behind a household: its head and place, and who sits in it. The
//! one place that moves a customer from one household to another; whoever
//! calls writes the event. It decides nothing.

use super::store::*;
use zf_base::code::ErrorCode;
use zf_base::geo::{Datum, Point};
use zf_base::{CustomerId, HouseholdId, Timestamp, VillageGroupId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{Ctx, UnitTx};
use zf_store::{Row, StoreError, params};

/// A household as stored.
#[derive(Clone, Debug)]
pub struct HouseholdRow {
    /// Id.
    pub id: HouseholdId,
    /// The bank's or our number.
    pub no: String,
    /// 村组.
    pub group: Option<VillageGroupId>,
    /// 户主.
    pub head: Option<CustomerId>,
    /// `rural` or `urban`; none = as the branch.
    pub market: Option<String>,
    /// The door.
    pub place: Option<(Point, Datum)>,
    /// Last change of the row.
    pub updated_at: Timestamp,
}

/// Latitude, longitude and datum from three columns on.
pub(super) fn place_of(row: &Row, at: usize) -> Result<Option<(Point, Datum)>> {
    let (lat, lon): (Option<f64>, Option<f64>) = (row.get(at)?, row.get(at + 1)?);
    let datum: Option<String> = row.get(at + 2)?;
    let point = lat
        .zip(lon)
        .and_then(|(lat, lon)| Point::new(lat, lon).ok());
    let datum = datum.and_then(|d| d.parse().ok());
    Ok(point.zip(datum))
}

pub(super) fn read_household(row: &Row) -> Result<HouseholdRow> {
    Ok(HouseholdRow {
        id: row.get(0)?,
        no: row.get(1)?,
        group: row.get(2)?,
        head: row.get(3)?,
        market: row.get(4)?,
        place: place_of(row, 5)?,
        updated_at: row.get(8)?,
    })
}

/// One household inside a transaction; "not found" when there is none.
pub(super) async fn household_row(tx: &mut UnitTx<'_>, id: HouseholdId) -> Result<HouseholdRow> {
    let row = tx.query_opt(HOUSEHOLD_BY_ID, params![id]).await?;
    let row = row.ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))?;
    read_household(&row)
}

/// Writes head, group, place and moment of a household.
pub(super) async fn set_household(tx: &mut UnitTx<'_>, h: &HouseholdRow) -> Result<()> {
    let row = params![
        h.id,
        h.head,
        h.group,
        h.place.map(|(p, _)| p.lat()),
        h.place.map(|(p, _)| p.lon()),
        h.place.map(|(_, d)| d.code()),
        h.updated_at
    ];
    tx.exec(HOUSEHOLD_SET, row).await?;
    Ok(())
}

/// From where to where, and as what.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewSeat<'a> {
    pub from: HouseholdId,
    pub into: HouseholdId,
    pub relation: Option<&'a str>,
}

/// Moves a customer; tried again when somebody has moved them in between.
pub(super) async fn move_member(
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    id: CustomerId,
    seat: NewSeat<'_>,
) -> Result<()> {
    let row = params![
        id,
        seat.from,
        seat.into,
        seat.relation,
        ctx.now,
        ctx.actor.user_id
    ];
    match tx.exec(MEMBER_MOVE, row).await? {
        0 => Err(KernelError::Store(StoreError::Retry)),
        _ => Ok(()),
    }
}
