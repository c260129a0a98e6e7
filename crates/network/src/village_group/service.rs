//! Reading the village groups of a branch.

use super::VillageGroup;
use super::store::*;
use std::collections::HashMap;
use zf_base::VillageGroupId;
use zf_base::geo::Point;
use zf_kernel::error::Result;
use zf_kernel::{App, UnitScope};
use zf_store::{Row, params};

fn read(row: &Row) -> Result<VillageGroup> {
    let lat: Option<f64> = row.get(5)?;
    let lon: Option<f64> = row.get(6)?;
    let datum: Option<String> = row.get(7)?;
    Ok(VillageGroup {
        id: row.get(0)?,
        code: row.get(1)?,
        township: row.get(2)?,
        village: row.get(3)?,
        name: row.get(4)?,
        place: lat
            .zip(lon)
            .and_then(|(lat, lon)| Point::new(lat, lon).ok()),
        datum: datum.and_then(|d| d.parse().ok()),
    })
}

/// All groups of a branch, by code.
pub async fn village_group_list(app: &App, scope: &UnitScope) -> Result<Vec<VillageGroup>> {
    let rows = app
        .read_unit(scope.unit_id(), VILLAGE_GROUP_LIST, params![])
        .await?;
    rows.iter().map(read).collect()
}

/// Customers and households per group.
pub async fn village_group_counts(
    app: &App,
    scope: &UnitScope,
) -> Result<HashMap<VillageGroupId, (i64, i64)>> {
    let rows = app
        .read_unit(scope.unit_id(), VILLAGE_GROUP_COUNTS, params![])
        .await?;
    rows.iter()
        .map(|r| Ok((r.get(0)?, (r.get(1)?, r.get(2)?))))
        .collect()
}
