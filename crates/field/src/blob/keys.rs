//! The part of `keys.reseal` that is about photos: the pieces of whole photos
//! are opened and sealed under the current keys, one beside the other and
//! renamed, so that a crash leaves the old or the new one. What is done is
//! recognised by the key's number in the piece. An upload under way is not
//! touched; it is sealed anew when it is whole. Knows nothing of visits.

use super::files::Place;
use super::store::PHOTO_HELD;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use uuid::Uuid;
use zf_kernel::error::Result;
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::keys::RESEAL;
use zf_kernel::unit::service::{unit_fetch, unit_subtree};
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx, again};
use zf_store::params;

/// Photos of one event.
const PAGE: i64 = 100;

/// Adds this part of the job.
pub fn handlers(handlers: &mut Handlers) {
    handlers.also(RESEAL, run);
}

async fn run(run: Arc<Run>) -> Result<Json> {
    let root = unit_fetch(&run.app, run.job.unit_id).await?;
    let (mut pieces, mut damaged) = (0, 0);
    for unit in unit_subtree(&run.app, &root.path).await? {
        let scope = run.ctx.scope(Permission::SystemWrite, &unit)?;
        let (done, not) = photos_reseal(&run.app, &run.ctx, &scope).await?;
        (pieces, damaged) = (pieces + done, damaged + not);
    }
    Ok(json!({ "photo_pieces": pieces, "photo_pieces_damaged": damaged }))
}

/// Seals the whole photos of one unit under the current keys: how many pieces
/// had to be, and how many do not open and stay as they are.
///
/// # Errors
/// The database and the disk.
pub async fn photos_reseal(app: &App, ctx: &Ctx, scope: &UnitScope) -> Result<(u64, u64)> {
    let unit = scope.unit_id();
    let (mut done, mut damaged, mut after) = (0, 0, Uuid::nil());
    // A copy that is only checked has no folder.
    while app.blobs.is_some() {
        let page = app
            .read_unit(unit, PHOTO_HELD, params![after, PAGE])
            .await?;
        let before = done;
        for row in &page {
            after = row.get(0)?;
            let (n, not) = Place::of(app, unit, after)?.reseal().await?;
            (done, damaged) = (done + n, damaged + not);
        }
        if done > before {
            told(app, ctx, scope, done - before).await?;
        }
        if (page.len() as i64) < PAGE {
            break;
        }
    }
    Ok((done, damaged))
}

async fn told(app: &App, ctx: &Ctx, scope: &UnitScope, pieces: u64) -> Result<()> {
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        let detail = json!({ "rows": pieces, "key_id": app.vault.current_key_id() });
        tx.record("keys.reseal", "photo", scope.unit_id(), detail);
        tx.commit().await
    })
    .await
}
