//! The uploaded file: cut into pieces, sealed, kept in the database until the
//! import has ended, put together again for the run. Keeping it in the database
//! lets any worker of a larger installation resume it.

use super::store::*;
use zf_base::ImportId;
use zf_kernel::App;
use zf_kernel::error::Result;
use zf_store::params;

/// Bytes of one piece.
const PIECE: usize = 512 * 1024;

fn context(id: ImportId, part: i64) -> String {
    format!("import/{id}/{part}")
}

/// Stores a file.
pub async fn file_put(app: &App, id: ImportId, bytes: &[u8]) -> Result<()> {
    for (part, piece) in bytes.chunks(PIECE).enumerate() {
        let part = part as i64;
        let sealed = app.vault.seal_blob(&context(id, part), piece);
        app.db
            .exec(IMPORT_FILE_ADD, params![id, part, sealed])
            .await?;
    }
    Ok(())
}

/// Puts a file together; empty when it was dropped.
pub async fn file_get(app: &App, id: ImportId) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut after = -1i64;
    loop {
        let rows = app.db.query(IMPORT_FILE_PARTS, params![id, after]).await?;
        if rows.is_empty() {
            return Ok(bytes);
        }
        for row in &rows {
            after = row.get(0)?;
            let sealed: Vec<u8> = row.get(1)?;
            bytes.extend(app.vault.open_blob(&context(id, after), &sealed)?);
        }
    }
}

/// Forgets a file.
pub async fn file_drop(app: &App, id: ImportId) -> Result<()> {
    app.db.exec(IMPORT_FILE_DROP, params![id]).await?;
    Ok(())
}
