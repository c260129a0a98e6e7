//! Rules of the organisation tree: codes are unique, a child is of a lower
//! level than its parent, depth is limited, a closed unit stays. Every change
//! is told of in the chain of the unit itself.

use super::store::*;
use super::{Level, Unit, UnitInput};
use crate::app::App;
use crate::authz::{Permission, UnitScope};
use crate::ctx::Ctx;
use crate::error::{KernelError, Result};
use crate::event::tx::UnitTx;
use serde_json::json;
use zf_base::code::ErrorCode;
use zf_base::geo::Point;
use zf_base::{Timestamp, UnitId, Uuid, limits};
use zf_store::{Row, Sql, params};

/// A unit from a row with the columns of the table in their order, whoever asked for it.
///
/// # Errors
/// A row that is none.
pub fn unit_read(row: &Row) -> Result<Unit> {
    let level: String = row.get(3)?;
    let lat: Option<f64> = row.get(8)?;
    let lon: Option<f64> = row.get(9)?;
    let datum: Option<String> = row.get(10)?;
    Ok(Unit {
        id: row.get(0)?,
        code: row.get(1)?,
        name: row.get(2)?,
        level: level
            .parse()
            .map_err(|()| KernelError::Internal(format!("unit level {level}")))?,
        parent_id: row.get(4)?,
        path: row.get(5)?,
        area_kind: row.get(6)?,
        market_kind: row.get(7)?,
        place: lat
            .zip(lon)
            .and_then(|(lat, lon)| Point::new(lat, lon).ok()),
        datum: datum.and_then(|d| d.parse().ok()),
        phone: row.get(11)?,
        active: row.get(12)?,
        is_demo: row.get(13)?,
        updated_at: row.get(14)?,
    })
}

/// One unit, whoever asks: callers check the scope with [`Ctx::scope`].
pub async fn unit_fetch(app: &App, id: UnitId) -> Result<Unit> {
    let rows = app.db.query(UNIT_BY_ID, params![id]).await?;
    rows.first()
        .map(unit_read)
        .transpose()?
        .ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))
}

/// One unit by the bank's code.
pub async fn unit_by_code(app: &App, unit_code: &str) -> Result<Option<Unit>> {
    let rows = app.db.query(UNIT_BY_CODE, params![unit_code]).await?;
    rows.first().map(unit_read).transpose()
}

/// The root of the tree; none before the first start.
pub async fn unit_root(app: &App) -> Result<Option<Unit>> {
    let rows = app.db.query(UNIT_ROOT, params![]).await?;
    rows.first().map(unit_read).transpose()
}

/// A unit and everything below it, parents first, then by code.
pub async fn unit_subtree(app: &App, path: &str) -> Result<Vec<Unit>> {
    let end = path_end(path);
    let rows = app
        .db
        .query(UNIT_SUBTREE, params![path, end, limits::UNITS_MAX as i64])
        .await?;
    let mut units: Vec<Unit> = rows.iter().map(unit_read).collect::<Result<_>>()?;
    units.sort_by(|a, b| (a.level, &a.code).cmp(&(b.level, &b.code)));
    Ok(units)
}

/// The smallest text that is greater than every path below `path`.
pub fn path_end(path: &str) -> String {
    // Paths are hexadecimal ids between slashes, so `~` sorts after all of them.
    format!("{path}~")
}

/// Every unit in which the actor has this permission.
pub async fn units_visible(app: &App, ctx: &Ctx, permission: Permission) -> Result<Vec<Unit>> {
    let mut all = Vec::new();
    for (_, path) in ctx.roots(permission) {
        all.extend(unit_subtree(app, &path).await?);
    }
    Ok(all)
}

/// A page of what hangs on units, newest first, over several subtrees (paths
/// as of [`Ctx::roots`] or of one unit). The statement takes the path, the end
/// of the path, the key before and the number of rows, in this order.
///
/// # Errors
/// The database; whatever `read` says of a row.
pub async fn newest_below<T>(
    app: &App,
    paths: impl IntoIterator<Item = String>,
    sql: Sql,
    before: Option<(Timestamp, Uuid)>,
    limit: i64,
    read: impl Fn(&Row) -> Result<((Timestamp, Uuid), T)>,
) -> Result<Vec<T>> {
    // The latest moment that both databases can hold with room to spare.
    let (at, id) = before.unwrap_or((Timestamp(i64::MAX / 4), Uuid::max()));
    let mut all = Vec::new();
    for path in paths {
        let end = format!("{path}~");
        let p = params![path, end, at, id, limit];
        for row in &app.db.query(sql, p).await? {
            all.push(read(row)?);
        }
    }
    all.sort_by_key(|(key, _)| std::cmp::Reverse(*key));
    // Two posts of one person may overlap; what both see is listed once.
    all.dedup_by_key(|(key, _)| *key);
    all.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(all.into_iter().map(|(_, one)| one).collect())
}

/// Fetches a unit and checks that the actor may do this there.
pub async fn scope_of(
    app: &App,
    ctx: &Ctx,
    permission: Permission,
    id: UnitId,
) -> Result<UnitScope> {
    let unit = unit_fetch(app, id).await?;
    ctx.scope(permission, &unit)
}

/// The branches below the unit of a scope (itself when it is a branch).
pub async fn branches_of(app: &App, scope: &UnitScope) -> Result<Vec<UnitScope>> {
    let units = unit_subtree(app, &scope.unit().path).await?;
    Ok(units
        .into_iter()
        .filter(|u| u.level == Level::Branch && u.active)
        .map(|u| UnitScope::new(u, scope.permission()))
        .collect())
}

/// Adds a unit below another; `scope` is the parent's. Without a scope only
/// the very first unit can be made.
pub async fn unit_add(
    app: &App,
    ctx: &Ctx,
    parent: &UnitScope,
    input: &UnitInput,
    is_demo: bool,
) -> Result<Unit> {
    check(input)?;
    if input.level <= parent.unit().level {
        return Err(KernelError::field("level", "unit.level_not_below_parent"));
    }
    let depth = parent.unit().path.matches('/').count();
    if depth > limits::ORG_DEPTH_MAX {
        return Err(KernelError::field("parent_id", "unit.too_deep"));
    }
    insert(app, ctx, Some(parent.unit()), input, is_demo).await
}

/// Makes the root of the tree on first start.
pub async fn unit_add_root(app: &App, ctx: &Ctx, input: &UnitInput, is_demo: bool) -> Result<Unit> {
    check(input)?;
    if unit_root(app).await?.is_some() {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    insert(app, ctx, None, input, is_demo).await
}

fn check(input: &UnitInput) -> Result<()> {
    if input.code.trim().is_empty() || input.code.chars().count() > limits::CODE_CHARS_MAX {
        return Err(KernelError::field("code", "field.required"));
    }
    if input.name.trim().is_empty() || input.name.chars().count() > limits::NAME_CHARS_MAX {
        return Err(KernelError::field("name", "field.required"));
    }
    if let Some(a) = &input.area_kind
        && !["rural", "urban", "mixed"].contains(&a.as_str())
    {
        return Err(KernelError::field("area_kind", "field.not_in_list"));
    }
    if let Some(m) = &input.market_kind
        && !["rural", "urban"].contains(&m.as_str())
    {
        return Err(KernelError::field("market_kind", "field.not_in_list"));
    }
    Ok(())
}

async fn insert(
    app: &App,
    ctx: &Ctx,
    parent: Option<&Unit>,
    input: &UnitInput,
    is_demo: bool,
) -> Result<Unit> {
    let id = UnitId(app.new_id());
    let path = format!(
        "{}{}/",
        parent.map_or("/", |p| p.path.as_str()),
        id.uuid().simple()
    );
    let mut tx = UnitTx::on(app, ctx, id).await?;
    let row = params![
        id,
        input.code.trim(),
        input.name.trim(),
        input.level.as_str(),
        parent.map(|p| p.id),
        path.as_str(),
        input.area_kind.as_deref(),
        input.market_kind.as_deref(),
        input.place.map(|p| p.lat()),
        input.place.map(|p| p.lon()),
        input.datum.map(|d| d.code()),
        input.phone.as_deref(),
        input.active,
        is_demo,
        ctx.now
    ];
    tx.exec(UNIT_ADD, row).await?;
    tx.record(
        "unit.add",
        "unit",
        id,
        json!({ "code": input.code, "level": input.level.as_str() }),
    );
    tx.commit().await?;
    unit_fetch(app, id).await
}

/// Changes name, kinds, place, telephone or the open state of a unit.
pub async fn unit_change(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    input: &UnitInput,
) -> Result<Unit> {
    check(input)?;
    let id = scope.unit_id();
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let row = params![
        id,
        input.name.trim(),
        input.area_kind.as_deref(),
        input.market_kind.as_deref(),
        input.place.map(|p| p.lat()),
        input.place.map(|p| p.lon()),
        input.datum.map(|d| d.code()),
        input.phone.as_deref(),
        input.active,
        ctx.now
    ];
    if tx.exec(UNIT_CHANGE, row).await? == 0 {
        return Err(KernelError::refused(ErrorCode::NOT_FOUND));
    }
    tx.record(
        "unit.change",
        "unit",
        id,
        json!({ "code": scope.unit().code }),
    );
    tx.commit().await?;
    unit_fetch(app, id).await
}
