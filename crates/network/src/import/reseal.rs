//! The part of `keys.reseal` that is about imports: the pieces of uploaded files
//! and the refused rows that are still kept are opened and sealed under the
//! current keys, page by page. Knows no cells: what is in a piece is not read.
//! It can be stopped and started at any time; a piece that was dropped or
//! written anew meanwhile is left alone.

use super::{file, refused};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use zf_base::{ImportId, Uuid};
use zf_kernel::App;
use zf_kernel::error::Result;
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::keys::RESEAL;
use zf_store::{Sql, params, statements};

statements! {
    /// Pieces of uploaded files in order.
    IMPORT_FILE_SEALED: reference = "SELECT import_id, part, sealed FROM import_file WHERE (import_id, part) > ($1, $2) ORDER BY import_id, part LIMIT 8";
    /// Seals a piece anew unless it is another one by now.
    IMPORT_FILE_RESEAL: reference = "UPDATE import_file SET sealed = $4 WHERE import_id = $1 AND part = $2 AND sealed = $3";
    /// Refused rows in order.
    IMPORT_REFUSED_SEALED: reference = "SELECT import_id, part, sealed FROM import_refused WHERE (import_id, part) > ($1, $2) ORDER BY import_id, part LIMIT 8";
    /// Seals refused rows anew.
    IMPORT_REFUSED_RESEAL: reference = "UPDATE import_refused SET sealed = $4 WHERE import_id = $1 AND part = $2 AND sealed = $3";
}

/// Adds this part of the job.
pub fn handlers(handlers: &mut Handlers) {
    handlers.also(RESEAL, run);
}

async fn run(run: Arc<Run>) -> Result<Json> {
    Ok(json!({ "import_pieces": imports_reseal(&run.app).await? }))
}

/// Seals all kept files and refused rows under the current keys; how many pieces
/// had to be.
///
/// # Errors
/// The database, or a piece that does not open.
pub async fn imports_reseal(app: &App) -> Result<u64> {
    let files = (IMPORT_FILE_SEALED, IMPORT_FILE_RESEAL);
    let rows = (IMPORT_REFUSED_SEALED, IMPORT_REFUSED_RESEAL);
    let n = pieces(app, files, file::context).await?;
    Ok(n + pieces(app, rows, refused::context).await?)
}

async fn pieces(
    app: &App,
    (read, write): (Sql, Sql),
    context: fn(ImportId, i64) -> String,
) -> Result<u64> {
    let (mut id, mut part, mut n) = (ImportId(Uuid::nil()), -1_i64, 0);
    loop {
        let page = app.db.query(read, params![id, part]).await?;
        if page.is_empty() {
            return Ok(n);
        }
        for row in &page {
            (id, part) = (row.get(0)?, row.get(1)?);
            let old: Vec<u8> = row.get(2)?;
            if app.vault.needs_reseal(&old) {
                let context = context(id, part);
                let clear = app.vault.open_blob(&context, &old)?;
                let new = app.vault.seal_blob(&context, &clear);
                n += app.db.exec(write, params![id, part, old, new]).await?;
            }
        }
    }
}
