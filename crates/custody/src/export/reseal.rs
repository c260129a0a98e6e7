//! The part of `keys.reseal` that is about exports: the pieces of files that are
//! still kept are opened and sealed under the current keys, unit by unit, page
//! by page. Knows nothing of what is in a file. It can be stopped and started at
//! any time; a piece that was dropped meanwhile stays dropped.

use super::service::context;
use super::store::{EXPORT_FILE_RESEAL, EXPORT_FILE_SEALED};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use zf_base::{ExportId, Uuid};
use zf_kernel::error::Result;
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::keys::RESEAL;
use zf_kernel::unit::service::{unit_fetch, unit_subtree};
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx, again};
use zf_store::params;

/// Where a page begins: behind this piece.
type After = (ExportId, i64);

/// Adds this part of the job.
pub fn handlers(handlers: &mut Handlers) {
    handlers.also(RESEAL, run);
}

async fn run(run: Arc<Run>) -> Result<Json> {
    let root = unit_fetch(&run.app, run.job.unit_id).await?;
    let mut pieces = 0;
    for unit in unit_subtree(&run.app, &root.path).await? {
        let scope = run.ctx.scope(Permission::SystemWrite, &unit)?;
        let mut after = Some((ExportId(Uuid::nil()), -1));
        while let Some(from) = after {
            let (last, n) = again(&run.app, || page(&run.app, &run.ctx, &scope, from)).await?;
            (after, pieces) = (last, pieces + n);
        }
    }
    Ok(json!({ "export_pieces": pieces }))
}

/// Seals the next pieces anew: the last one it reached and how many had to be.
async fn page(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    (id, part): After,
) -> Result<(Option<After>, u64)> {
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let (mut last, mut n) = (None, 0);
    for row in tx.query(EXPORT_FILE_SEALED, params![id, part]).await? {
        let (id, part): (ExportId, i64) = (row.get(0)?, row.get(1)?);
        let old: Vec<u8> = row.get(2)?;
        last = Some((id, part));
        if app.vault.needs_reseal(&old) {
            let context = context(id, part);
            let new = app
                .vault
                .seal_blob(&context, &app.vault.open_blob(&context, &old)?);
            let changed = params![id, part, old, new];
            n += tx.exec(EXPORT_FILE_RESEAL, changed).await?;
        }
    }
    if n > 0 {
        let detail = json!({ "rows": n, "key_id": app.vault.current_key_id() });
        tx.record("keys.reseal", "export_file", scope.unit_id(), detail);
    }
    tx.commit().await?;
    Ok((last, n))
}
