//! Starting, listing and stopping imports; their error lists. Whoever starts
//! one needs the right to write its kind by hand as well. Running is the
//! business of `run`.

use super::store::*;
use super::{CellError, Counts, Import, ImportKind, file};
use serde_json::json;
use std::collections::BTreeSet;
use zf_base::code::ErrorCode;
use zf_base::geo::Datum;
use zf_base::{ImportId, Timestamp, limits};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::{NewJob, service as jobs};
use zf_kernel::{App, Ctx, Permission, UnitScope};
use zf_store::{Row, params};

pub(super) fn read(row: &Row) -> Result<Import> {
    let kind: String = row.get(1)?;
    let datum: String = row.get(4)?;
    Ok(Import {
        id: row.get(0)?,
        kind: kind
            .parse()
            .map_err(|()| KernelError::Internal(format!("import kind {kind}")))?,
        file_name: row.get(2)?,
        unit_id: row.get(3)?,
        datum: datum.parse().unwrap_or(Datum::Wgs84),
        dry_run: row.get(5)?,
        state: row.get(6)?,
        message: row.get(7)?,
        counts: Counts {
            total: row.get(8)?,
            done: row.get(9)?,
            new: row.get(10)?,
            changed: row.get(11)?,
            same: row.get(12)?,
            bad: row.get(13)?,
        },
        job_id: row.get(14)?,
        created_by: row.get(15)?,
        created_at: row.get(16)?,
        finished_at: row.get(17)?,
    })
}

/// What is needed to start an import.
pub struct NewImport {
    /// What the file holds.
    pub kind: ImportKind,
    /// Name of the file, for people.
    pub file_name: String,
    /// Datum of coordinates where the file does not say.
    pub datum: Datum,
    /// Only check.
    pub dry_run: bool,
}

/// Stores the file and, when `enqueue`, a job that runs it.
pub async fn import_start(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    new: &NewImport,
    bytes: &[u8],
    enqueue: bool,
) -> Result<Import> {
    if bytes.len() as u64 > limits::IMPORT_BYTES_MAX {
        return Err(KernelError::refused(ErrorCode::IMPORT_TOO_LARGE));
    }
    // An import is no way around the right to write the rows one by one.
    let by_hand = match new.kind {
        ImportKind::Units => Permission::UnitWrite,
        ImportKind::Staff => Permission::StaffWrite,
        ImportKind::VillageGroups | ImportKind::Customers => Permission::CustomerWrite,
    };
    if ctx.scope(by_hand, scope.unit()).is_err() {
        return Err(KernelError::refused(ErrorCode::PERMISSION_DENIED));
    }
    let id = ImportId(app.new_id());
    let name: String = new
        .file_name
        .chars()
        .filter(|c| !c.is_control())
        .take(limits::NAME_CHARS_MAX)
        .collect();
    let row = params![
        id,
        new.kind.as_str(),
        name,
        scope.unit_id(),
        new.datum.code(),
        new.dry_run,
        Option::<zf_base::JobId>::None,
        ctx.actor.user_id,
        ctx.now
    ];
    app.db.exec(IMPORT_ADD, row).await?;
    file::file_put(app, id, bytes).await?;
    if enqueue {
        let job = NewJob::new("import.run", scope.unit_id(), json!({ "import_id": id }));
        let job = jobs::job_enqueue(app, ctx, &job).await?;
        app.db.exec(IMPORT_JOB, params![id, job.id]).await?;
    }
    import_fetch(app, ctx, id).await
}

/// One import the actor may see.
pub async fn import_fetch(app: &App, ctx: &Ctx, id: ImportId) -> Result<Import> {
    let rows = app.db.query(IMPORT_BY_ID, params![id]).await?;
    let missing = || KernelError::refused(ErrorCode::IMPORT_NOT_FOUND);
    let import = rows.first().map(read).transpose()?.ok_or_else(missing)?;
    let unit = zf_kernel::unit::service::unit_fetch(app, import.unit_id).await?;
    ctx.scope(Permission::ImportRead, &unit)
        .map_err(|_| missing())?;
    Ok(import)
}

/// Imports of everything the actor may see, newest first.
pub async fn import_list(
    app: &App,
    ctx: &Ctx,
    before: Option<(Timestamp, ImportId)>,
    limit: i64,
) -> Result<Vec<Import>> {
    let (at, id) = before.unwrap_or((Timestamp(i64::MAX / 4), ImportId(zf_base::Uuid::max())));
    let mut all = Vec::new();
    for (_, path) in ctx.roots(Permission::ImportRead) {
        let rows = app
            .db
            .query(
                IMPORT_LIST,
                params![path.as_str(), format!("{path}~"), at, id, limit],
            )
            .await?;
        for row in &rows {
            all.push(read(row)?);
        }
    }
    all.sort_by_key(|i| std::cmp::Reverse((i.created_at, i.id)));
    all.truncate(limit as usize);
    Ok(all)
}

/// Asks an import to stop at its next step.
pub async fn import_cancel(app: &App, ctx: &Ctx, id: ImportId) -> Result<Import> {
    let import = import_fetch(app, ctx, id).await?;
    if let Some(job) = import.job_id {
        jobs::job_cancel(app, job).await?;
    }
    Ok(import)
}

/// A refused cell as stored, with the reason in words.
#[derive(Clone, Debug)]
pub struct StoredError {
    /// Row as in the file.
    pub row: i64,
    /// Header of the column.
    pub column: String,
    /// Business key of the row.
    pub key: String,
    /// Reason in words.
    pub reason: String,
    /// The value, masked.
    pub masked: String,
}

/// Refused cells in the order of the file.
pub async fn import_errors(app: &App, import: &Import, limit: i64) -> Result<Vec<StoredError>> {
    let rows = app
        .db
        .query(IMPORT_ERRORS, params![import.id, 0i64, limit])
        .await?;
    rows.iter()
        .map(|r| {
            Ok(StoredError {
                row: r.get(0)?,
                column: r.get(1)?,
                key: r.get(2)?,
                reason: r.get(3)?,
                masked: r.get(4)?,
            })
        })
        .collect()
}

/// Rows refused so far, and how many cells are stored.
pub(super) async fn refused_rows(app: &App, id: ImportId) -> Result<(BTreeSet<u64>, usize)> {
    let (mut rows, mut cells) = (BTreeSet::new(), 0);
    for r in app.db.query(IMPORT_ERROR_ROWS, params![id]).await? {
        let (row, n): (i64, i64) = (r.get(0)?, r.get(1)?);
        rows.insert(row.unsigned_abs());
        cells += n.unsigned_abs() as usize;
    }
    Ok((rows, cells))
}

/// Marks an import that will not be tried again as failed and forgets its file;
/// one that has ended keeps the end it has.
pub(super) async fn import_give_up(app: &App, id: ImportId) -> Result<()> {
    app.db
        .exec(
            IMPORT_GIVE_UP,
            params![id, crate::words::GIVEN_UP, app.now()],
        )
        .await?;
    file::file_drop(app, id).await
}

/// Stores refused cells; a second time changes nothing.
pub(super) async fn errors_put(app: &App, id: ImportId, errors: &[CellError]) -> Result<()> {
    if errors.is_empty() {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    for e in errors {
        let row = params![
            id,
            e.row as i64,
            e.column.as_str(),
            e.key.as_str(),
            crate::words::reason(e.reason),
            e.masked.as_str()
        ];
        tx.exec(IMPORT_ERROR_ADD, row).await?;
    }
    Ok(tx.commit().await?)
}
