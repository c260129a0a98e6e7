//! The village groups of a branch: reading them, and putting one in by its
//! code. Groups come from imports; who may bring them is shown by the scope.
//! A group is a place and holds no personal data.

use super::VillageGroup;
use super::store::*;
use serde_json::json;
use std::collections::HashMap;
use zf_base::VillageGroupId;
use zf_base::code::ErrorCode;
use zf_base::geo::Point;
use zf_base::limits;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::text::clear_text;
use zf_kernel::{App, Ctx, UnitScope, UnitTx, again};
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
        mail_route: row.get::<Option<String>>(8)?.filter(|r| !r.is_empty()),
    })
}

/// All groups of a branch, by code.
pub async fn village_group_list(app: &App, scope: &UnitScope) -> Result<Vec<VillageGroup>> {
    let rows = app
        .read_unit(scope.unit_id(), VILLAGE_GROUP_LIST, params![])
        .await?;
    rows.iter().map(read).collect()
}

/// Adds a group or changes the one with its code; a place stays when none is given.
pub(crate) async fn village_group_put(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    g: &VillageGroup,
    why: serde_json::Value,
) -> Result<()> {
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        let row = params![
            g.id,
            g.code.as_str(),
            g.township.as_str(),
            g.village.as_str(),
            g.name.as_str(),
            g.place.map(|p| p.lat()),
            g.place.map(|p| p.lon()),
            g.datum.map(|d| d.code()),
            ctx.now,
            g.mail_route.as_deref()
        ];
        tx.exec(VILLAGE_GROUP_PUT, row).await?;
        tx.record("village_group.put", "village_group", &g.code, why.clone());
        tx.commit().await
    })
    .await
}

/// Puts a group on a mail route (邮路段道); an empty one takes it off.
///
/// # Errors
/// Too long, with digits that could be a person's; the group is not the branch's.
pub async fn village_group_route_put(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: VillageGroupId,
    route: &str,
) -> Result<()> {
    let route = match route.trim() {
        "" => None,
        text if text.chars().count() > limits::NAME_CHARS_MAX => {
            return Err(KernelError::field("mail_route", "field.too_long"));
        }
        text => Some(clear_text("mail_route", text)?),
    };
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        let row = params![id, route.as_deref(), ctx.now];
        if tx.exec(VILLAGE_GROUP_ROUTE, row).await? == 0 {
            return Err(KernelError::refused(ErrorCode::NOT_FOUND));
        }
        let detail = json!({ "mail_route": route });
        tx.record("village_group.route", "village_group", id, detail);
        tx.commit().await
    })
    .await
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
