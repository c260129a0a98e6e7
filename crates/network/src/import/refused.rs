//! Refused rows with all their cells, sealed, for the one who uploaded the file:
//! they come back under the headers of the file, can be corrected and sent
//! again. Written with the verdicts of their batch; the masked list of faults is
//! in `template`.

use super::store::*;
use super::{CellError, Import};
use crate::words;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use zf_base::code::ErrorCode;
use zf_base::{ImportId, limits};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, UnitScope, UnitTx};
use zf_office::RowCells;
use zf_store::params;

/// The part that holds the headers.
const HEADERS: i64 = 0;

type Row = (u64, Vec<String>);

pub(super) fn context(id: ImportId, part: i64) -> String {
    format!("import-refused/{id}/{part}")
}

fn broken(e: serde_json::Error) -> KernelError {
    KernelError::Internal(format!("refused rows: {e}"))
}

/// Keeps the headers of the file; a second time changes nothing.
pub(super) async fn headers_put(app: &App, import: &Import, headers: &[String]) -> Result<()> {
    let text = serde_json::to_vec(headers).map_err(broken)?;
    let sealed = app.vault.seal_blob(&context(import.id, HEADERS), &text);
    app.db
        .exec(IMPORT_REFUSED_ADD, params![import.id, HEADERS, sealed])
        .await?;
    Ok(())
}

/// The rows of a batch that were refused, sealed; none when all are good.
pub(super) fn rows_sealed(
    app: &App,
    id: ImportId,
    rows: &[RowCells],
    errors: &[CellError],
) -> Result<Option<(i64, Vec<u8>)>> {
    let bad: BTreeSet<u64> = errors.iter().map(|e| e.row).collect();
    let rows: Vec<(u64, &Vec<String>)> = rows
        .iter()
        .filter(|r| bad.contains(&r.row_number))
        .map(|r| (r.row_number, &r.cells))
        .collect();
    let Some((first, _)) = rows.first() else {
        return Ok(None);
    };
    let part = *first as i64;
    let text = serde_json::to_vec(&rows).map_err(broken)?;
    Ok(Some((part, app.vault.seal_blob(&context(id, part), &text))))
}

/// Headers and refused rows in the order of the file.
async fn rows_get(app: &App, id: ImportId) -> Result<(Vec<String>, Vec<Row>)> {
    let (mut headers, mut rows) = (Vec::new(), Vec::new());
    let mut after = HEADERS - 1;
    loop {
        let parts = app.db.query(IMPORT_REFUSED, params![id, after]).await?;
        if parts.is_empty() {
            return Ok((headers, rows));
        }
        for part in &parts {
            after = part.get(0)?;
            let sealed: Vec<u8> = part.get(1)?;
            let text = app.vault.open_blob(&context(id, after), &sealed)?;
            if after == HEADERS {
                headers = serde_json::from_slice(&text).map_err(broken)?;
                continue;
            }
            let more: Vec<Row> = serde_json::from_slice(&text).map_err(broken)?;
            rows.extend(more);
        }
    }
}

/// The refused rows in full as a table to be corrected and imported: the columns
/// of the file, then where the row stood and why it was refused. Only for the
/// one who uploaded the file, and recorded.
///
/// # Errors
/// `permission.denied` for anybody else, `import.file_gone` when nothing is kept.
pub async fn refused_rows(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    import: &Import,
) -> Result<(Vec<String>, Vec<Vec<String>>)> {
    if import.created_by != ctx.actor.user_id {
        return Err(KernelError::refused(ErrorCode::PERMISSION_DENIED));
    }
    if !import.has_refused {
        return Err(KernelError::refused(ErrorCode::IMPORT_FILE_GONE));
    }
    let (mut headers, rows) = rows_get(app, import.id).await?;
    let errors = super::service::import_errors(app, import, limits::IMPORT_FINDINGS_MAX as i64);
    let mut why: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for e in errors.await? {
        let line = words::refused_because(&e.column, &e.reason);
        why.entry(e.row.unsigned_abs()).or_default().push(line);
    }
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let detail = json!({ "rows": rows.len() });
    tx.record("import.refused", "import", import.id, detail);
    tx.commit().await?;
    let width = rows.iter().map(|(_, c)| c.len()).max().unwrap_or(0);
    headers.resize(headers.len().max(width), String::new());
    let table = rows.into_iter().map(|(row, mut cells)| {
        cells.resize(headers.len(), String::new());
        cells.push(row.to_string());
        cells.push(why.get(&row).map_or(String::new(), |w| w.join("；"))); // not shown: a separator
        cells
    });
    let table = table.collect();
    headers.extend(words::REFUSED_COLUMNS.map(str::to_owned));
    Ok((headers, table))
}
