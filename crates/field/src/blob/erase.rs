//! Photos go with the person they show. The transaction that erases marks them
//! and the visit; then their bytes are taken away, except those that another
//! visit has as well, and only then they are called erased. It can be stopped
//! anywhere and run again. What a phone still sends of such a visit is taken
//! and dropped. Whose visit it was, the caller knows.

use super::files::Place;
use super::store::*;
use serde_json::json;
use uuid::Uuid;
use zf_kernel::error::Result;
use zf_kernel::{App, Ctx, UnitScope, UnitTx, again};
use zf_store::params;

const PAGE: i64 = 200;

/// Marks the photos of a visit, those to come as well; gives how many there were.
///
/// # Errors
/// Only the database.
pub async fn photos_erase(tx: &mut UnitTx<'_>, ctx: &Ctx, visit: Uuid) -> Result<u64> {
    let first = tx.exec(PHOTO_ERASE_LATER, params![visit, ctx.now]).await?;
    let n = tx.exec(PHOTO_ERASE, params![visit]).await?;
    if first + n > 0 {
        tx.record("photo.erase", "visit", visit, json!({ "photos": n }));
    }
    Ok(n)
}

/// Whether photos of a visit are not kept any more.
///
/// # Errors
/// Only the database.
pub(super) async fn is_erased(tx: &mut UnitTx<'_>, visit: Uuid) -> Result<bool> {
    let row = tx.query_opt(PHOTO_IS_ERASED, params![visit]).await?;
    Ok(row.is_some())
}

/// Takes the bytes of erased photos of a branch away, those that a crash or a
/// late piece left behind too; gives how many uploads went.
///
/// # Errors
/// The database and the disk.
pub async fn bytes_erase(app: &App, ctx: &Ctx, scope: &UnitScope) -> Result<u64> {
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        let n = tx.exec(PHOTO_ERASE_MISSED, params![]).await?;
        if n > 0 {
            let detail = json!({ "photos": n });
            tx.record("photo.erase", "unit", scope.unit_id(), detail);
        }
        tx.commit().await
    })
    .await?;
    let unit = scope.unit_id();
    let (mut gone, mut after) = (0, Uuid::nil());
    loop {
        let page = app
            .read_unit(unit, PHOTO_ERASED_BYTES, params![after, PAGE])
            .await?;
        for row in &page {
            after = row.get(0)?;
            let waits = row.get::<i64>(1)? > 0;
            gone += u64::from(take_away(app, ctx, scope, after, waits).await?);
        }
        if (page.len() as i64) < PAGE {
            return Ok(gone);
        }
    }
}

/// One upload: no photo can get its bytes once none has them, so what is seen
/// here stays true.
async fn take_away(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    bytes: Uuid,
    waits: bool,
) -> Result<bool> {
    let unit = scope.unit_id();
    let used = app
        .read_unit(unit, PHOTO_BYTES_USED, params![bytes])
        .await?;
    let used = used.first().map_or(Ok(0), |r| r.get::<i64>(0))? > 0;
    let place = Place::of(app, unit, bytes)?;
    let goes = !used && place.is_there();
    if goes {
        place.remove().await?;
    }
    if !goes && !waits {
        return Ok(false);
    }
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        let n = tx.exec(PHOTO_GONE, params![bytes]).await?;
        let detail = json!({ "photos": n, "bytes_gone": goes });
        tx.record("photo.erase", "photo", bytes, detail);
        tx.commit().await
    })
    .await?;
    Ok(goes)
}
