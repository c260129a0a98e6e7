//! Starting, listing and stopping imports; their error lists. Whoever starts
//! one needs the right to write its kind by hand as well. Running is the
//! business of `run`.

use super::run::file_error;
use super::store::*;
use super::{CellError, Choices, Counts, Import, ImportKind, file};
use crate::customer::source::{CORE_SYSTEM, Channels, basis_in_force};
use serde_json::json;
use std::collections::BTreeSet;
use zf_base::code::ErrorCode;
use zf_base::geo::Datum;
use zf_base::{ImportId, Timestamp, limits};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::{NewJob, service as jobs};
use zf_kernel::unit::service::{newest_below, unit_subtree};
use zf_kernel::{App, Ctx, Permission, UnitScope};
use zf_store::{Row, params};

/// A row of IMPORT_BY_ID or IMPORT_LIST. An import that runs without a job and
/// gives no sign of life has died with its program: it reads as failed.
pub(super) fn read(row: &Row, now: Timestamp) -> Result<Import> {
    let kind: String = row.get(1)?;
    let datum: String = row.get(4)?;
    let mut import = Import {
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
        held: row.get::<Option<bool>>(18)?.unwrap_or(false),
        choices: read_choices(row)?,
        file_bytes: row.get::<Option<i64>>(23)?.unwrap_or(0),
        customers: (row.get(25)?, row.get(26)?),
        has_file: row.get::<i64>(27)? > 0,
        has_refused: row.get::<i64>(28)? > 0,
    };
    let beat: Option<Timestamp> = row.get(24)?;
    let running = ["waiting", "running"].contains(&import.state.as_str());
    if running && import.job_id.is_none() && beat.is_some_and(|at| at < died_before(now)) {
        import.state = "failed".to_owned();
        import.message = crate::words::INTERRUPTED.to_owned();
    }
    Ok(import)
}

fn read_choices(row: &Row) -> Result<Choices> {
    let encoding: Option<String> = row.get(20)?;
    let header_row: Option<i64> = row.get(21)?;
    let mapping: Option<String> = row.get(22)?;
    Ok(Choices {
        channel: row
            .get::<Option<String>>(19)?
            .unwrap_or_else(|| CORE_SYSTEM.to_owned()),
        encoding: encoding.and_then(|e| e.parse().ok()),
        header_row: header_row.map(i64::unsigned_abs),
        mapping: mapping.and_then(|m| serde_json::from_str(&m).ok()),
    })
}

/// Without a sign of life since then an import without a job is dead.
fn died_before(now: Timestamp) -> Timestamp {
    Timestamp(now.0 - limits::IMPORT_BEAT_SECONDS * MICROS)
}

/// Timestamps count microseconds.
const MICROS: i64 = 1_000_000;

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

/// Who runs an import that has been stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// A job, as soon as one is free.
    Job,
    /// The caller, at once.
    Caller,
    /// Nobody yet: it waits for its preview.
    Hold,
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
    let begin = if enqueue { Begin::Job } else { Begin::Caller };
    import_begin(app, ctx, scope, new, &Choices::default(), bytes, begin).await
}

/// Stores the file with what was chosen about it.
pub async fn import_begin(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    new: &NewImport,
    choices: &Choices,
    bytes: &[u8],
    begin: Begin,
) -> Result<Import> {
    if bytes.len() as u64 > limits::IMPORT_BYTES_MAX {
        return Err(KernelError::refused(ErrorCode::IMPORT_TOO_LARGE));
    }
    may_write(ctx, scope, new.kind)?;
    if let Some(fault) = zf_office::table::refused_at_sight(bytes, &new.file_name) {
        return Err(file_error(fault));
    }
    channel_allowed(app, ctx, scope, &choices.channel).await?;
    import_expire(app).await?;
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
    let plan = params![
        id,
        begin == Begin::Hold,
        choices.channel.as_str(),
        choices.encoding.map(|e| e.as_str()),
        choices.header_row.map(|r| r as i64),
        mapping_text(choices),
        file_mac(app, bytes),
        bytes.len() as i64,
        app.now()
    ];
    app.db.exec(IMPORT_PLAN_ADD, plan).await?;
    file::file_put(app, id, bytes).await?;
    match begin {
        Begin::Job => enqueue_run(app, ctx, id, scope.unit_id()).await?,
        Begin::Hold => drop(app.db.exec(IMPORT_HOLD, params![id]).await?),
        Begin::Caller => {}
    }
    import_fetch(app, ctx, id).await
}

/// An import is no way around the right to write the rows one by one.
fn may_write(ctx: &Ctx, scope: &UnitScope, kind: ImportKind) -> Result<()> {
    let by_hand = match kind {
        ImportKind::Units => Permission::UnitWrite,
        ImportKind::Staff => Permission::StaffWrite,
        ImportKind::VillageGroups | ImportKind::Customers => Permission::CustomerWrite,
    };
    match ctx.scope(by_hand, scope.unit()) {
        Ok(_) => Ok(()),
        Err(_) => Err(KernelError::refused(ErrorCode::PERMISSION_DENIED)),
    }
}

/// Whether data may come from this channel: a known one, and with a lawful
/// basis in force where it needs one.
/// Which branches are off is said row by row; with none on, nothing is begun.
async fn channel_allowed(app: &App, ctx: &Ctx, scope: &UnitScope, channel: &str) -> Result<()> {
    let channels = Channels::of(app)?;
    let Some(known) = channels.get(channel) else {
        return Err(KernelError::field("channel", "field.not_in_list"));
    };
    if !known.needs_basis {
        return Ok(());
    }
    for unit in unit_subtree(app, &scope.unit().path).await? {
        let basis = basis_in_force(app, &unit, channel, ctx.today()).await?;
        if basis.is_some() {
            return Ok(());
        }
    }
    Err(KernelError::field("channel", "channel.needs_basis"))
}

fn mapping_text(choices: &Choices) -> Option<String> {
    let keys = choices.mapping.as_ref()?;
    Some(json!(keys).to_string())
}

fn file_mac(app: &App, bytes: &[u8]) -> Vec<u8> {
    app.vault.mac("import.file", bytes).to_vec()
}

async fn enqueue_run(app: &App, ctx: &Ctx, id: ImportId, unit: zf_base::UnitId) -> Result<()> {
    let job = NewJob::new("import.run", unit, json!({ "import_id": id }));
    let job = jobs::job_enqueue(app, ctx, &job).await?;
    app.db.exec(IMPORT_JOB, params![id, job.id]).await?;
    Ok(())
}

/// An import of the same file that was begun without a job and has died: it is
/// better gone on with than begun again.
pub async fn import_of_file(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    new: &NewImport,
    bytes: &[u8],
) -> Result<Option<Import>> {
    let row = params![
        file_mac(app, bytes),
        new.kind.as_str(),
        scope.unit_id(),
        new.dry_run,
        died_before(app.now())
    ];
    let rows = app.db.query(IMPORT_OF_FILE, row).await?;
    let Some(id) = rows.first().map(|r| r.get(0)).transpose()? else {
        return Ok(None);
    };
    app.db.exec(IMPORT_RESUME, params![id]).await?;
    app.db.exec(IMPORT_BEAT, params![id, app.now()]).await?;
    import_fetch(app, ctx, id).await.map(Some)
}

/// Starts an import that was held, or tried: with other choices, from nothing.
///
/// # Errors
/// `import.state` when it runs or has ended, `import.file_gone` when nobody came
/// in time.
pub async fn import_release(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    import: &Import,
    choices: &Choices,
    datum: Datum,
    dry_run: bool,
) -> Result<Import> {
    may_write(ctx, scope, import.kind)?;
    channel_allowed(app, ctx, scope, &choices.channel).await?;
    if !["held", "checked"].contains(&import.state.as_str()) {
        return Err(KernelError::refused(ErrorCode::IMPORT_STATE));
    }
    if !import.has_file {
        return Err(KernelError::refused(ErrorCode::IMPORT_FILE_GONE));
    }
    let row = params![import.id, datum.code(), dry_run];
    if app.db.exec(IMPORT_RELEASE, row).await? == 0 {
        return Err(KernelError::refused(ErrorCode::IMPORT_STATE));
    }
    let plan = params![
        import.id,
        choices.channel.as_str(),
        choices.encoding.map(|e| e.as_str()),
        choices.header_row.map(|r| r as i64),
        mapping_text(choices)
    ];
    app.db.exec(IMPORT_PLAN_SET, plan).await?;
    app.db.exec(IMPORT_ERRORS_DROP, params![import.id]).await?;
    app.db.exec(IMPORT_REFUSED_DROP, params![import.id]).await?;
    enqueue_run(app, ctx, import.id, import.unit_id).await?;
    import_fetch(app, ctx, import.id).await
}

/// Lets an import go on that was stopped or has died; what is in is not counted twice.
///
/// # Errors
/// `import.state` when it is not such a one, `import.file_gone` when the file is
/// no longer kept.
pub async fn import_resume(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    import: &Import,
) -> Result<Import> {
    may_write(ctx, scope, import.kind)?;
    if !["canceled", "failed"].contains(&import.state.as_str()) {
        return Err(KernelError::refused(ErrorCode::IMPORT_STATE));
    }
    if !import.has_file {
        return Err(KernelError::refused(ErrorCode::IMPORT_FILE_GONE));
    }
    if app.db.exec(IMPORT_RESUME, params![import.id]).await? == 0 {
        return Err(KernelError::refused(ErrorCode::IMPORT_STATE));
    }
    enqueue_run(app, ctx, import.id, import.unit_id).await?;
    import_fetch(app, ctx, import.id).await
}

/// Forgets the file and the refused rows of an import that does not run.
pub async fn import_discard(app: &App, ctx: &Ctx, import: &Import) -> Result<Import> {
    if ["waiting", "running"].contains(&import.state.as_str()) {
        return Err(KernelError::refused(ErrorCode::IMPORT_STATE));
    }
    app.db
        .exec(IMPORT_CANCEL_HELD, params![import.id, app.now()])
        .await?;
    file::file_drop(app, import.id).await?;
    app.db.exec(IMPORT_REFUSED_DROP, params![import.id]).await?;
    import_fetch(app, ctx, import.id).await
}

/// Forgets files and refused rows nobody has come back for: how many pieces of
/// them, and how many imports were held until now.
pub(super) async fn import_expire(app: &App) -> Result<(u64, u64)> {
    let now = app.now();
    let old = Timestamp(now.0 - limits::IMPORT_KEEP_DAYS * 86_400 * MICROS);
    let files = app.db.exec(IMPORT_FILES_EXPIRE, params![old]).await?;
    let refused = app.db.exec(IMPORT_REFUSED_EXPIRE, params![old]).await?;
    let held = app.db.exec(IMPORT_HELD_EXPIRE, params![old, now]).await?;
    Ok((files + refused, held))
}

/// One import the actor may see.
pub async fn import_fetch(app: &App, ctx: &Ctx, id: ImportId) -> Result<Import> {
    let rows = app.db.query(IMPORT_BY_ID, params![id]).await?;
    let missing = || KernelError::refused(ErrorCode::IMPORT_NOT_FOUND);
    let import = rows.first();
    let import = import.map(|r| read(r, app.now())).transpose()?;
    let import = import.ok_or_else(missing)?;
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
    let paths = ctx.roots(Permission::ImportRead).into_iter().map(|r| r.1);
    let before = before.map(|(at, id)| (at, id.uuid()));
    newest_below(app, paths, IMPORT_LIST, before, limit, |row| {
        let import = read(row, app.now())?;
        Ok(((import.created_at, import.id.uuid()), import))
    })
    .await
}

/// Asks an import to stop at its next step.
pub async fn import_cancel(app: &App, ctx: &Ctx, id: ImportId) -> Result<Import> {
    let import = import_fetch(app, ctx, id).await?;
    match import.job_id {
        Some(job) if ["waiting", "running"].contains(&import.state.as_str()) => {
            jobs::job_cancel(app, job).await?;
        }
        _ => {
            let row = params![id, app.now()];
            app.db.exec(IMPORT_CANCEL_HELD, row).await?;
        }
    }
    import_fetch(app, ctx, id).await
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
    let p = params![import.id, 0i64, limit, notes_like()];
    let rows = app.db.query(IMPORT_ERRORS, p).await?;
    rows.iter().map(stored_error).collect()
}

/// Notes about rows that are in, in the order of the file.
pub async fn import_notes(app: &App, import: &Import, limit: i64) -> Result<Vec<StoredError>> {
    let p = params![import.id, notes_like(), limit];
    let rows = app.db.query(IMPORT_NOTES, p).await?;
    rows.iter().map(stored_error).collect()
}

/// A note is told from a refusal by how its sentence begins.
fn notes_like() -> String {
    format!("{}%", crate::words::NOTE)
}

fn stored_error(row: &Row) -> Result<StoredError> {
    Ok(StoredError {
        row: row.get(0)?,
        column: row.get(1)?,
        key: row.get(2)?,
        reason: row.get(3)?,
        masked: row.get(4)?,
    })
}

/// Rows refused so far, and how many cells are stored.
pub(super) async fn refused_rows(app: &App, id: ImportId) -> Result<(BTreeSet<u64>, usize)> {
    let (mut rows, mut cells) = (BTreeSet::new(), 0);
    for r in app
        .db
        .query(IMPORT_ERROR_ROWS, params![id, notes_like()])
        .await?
    {
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

/// Stores refused cells with their sealed rows; a second time changes nothing.
pub(super) async fn errors_put(
    app: &App,
    id: ImportId,
    errors: &[CellError],
    rows: Option<(i64, Vec<u8>)>,
) -> Result<()> {
    if errors.is_empty() && rows.is_none() {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    for e in errors {
        let row = params![
            id,
            e.row as i64,
            e.column.as_str(),
            e.key.as_str(),
            crate::words::reason(e.reason).replace("{about}", &e.about),
            e.masked.as_str()
        ];
        tx.exec(IMPORT_ERROR_ADD, row).await?;
    }
    if let Some((part, sealed)) = rows {
        tx.exec(IMPORT_REFUSED_ADD, params![id, part, sealed])
            .await?;
    }
    Ok(tx.commit().await?)
}
