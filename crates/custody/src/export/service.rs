//! Rules of exports: what needs a second person, who may decide, what may be
//! taken how often. Rows are counted when it is asked for, so that whoever
//! decides sees how many people it is about. Writing the file is the job's.

use super::policy::{Policy, policy};
use super::store::*;
use super::{Export, Kind, State, Wanted, words};
use serde_json::json;
use zf_base::code::ErrorCode;
use zf_base::{ExportId, Timestamp, UnitId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::{NewJob, service::job_enqueue_in};
use zf_kernel::text::clear_text;
use zf_kernel::unit::service::{branches_of, newest_below, unit_fetch};
use zf_kernel::{App, Ctx, UnitScope, UnitTx, again};
use zf_store::{Row, params};

/// Kind of the job that writes an export.
pub const JOB: &str = "custody.export";

/// What is asked for.
#[derive(Clone, Debug)]
pub struct NewExport {
    /// What.
    pub kind: Kind,
    /// Code of a purpose of the policy.
    pub purpose: String,
    /// Why, without personal data.
    pub reason: String,
    /// Values in full.
    pub full_values: bool,
    /// Which customers.
    pub wanted: Wanted,
}

pub(super) fn read(row: &Row) -> Result<Export> {
    let kind: String = row.get(2)?;
    let filter: serde_json::Value = row.get(6)?;
    let state: String = row.get(7)?;
    Ok(Export {
        unit_id: row.get(0)?,
        id: row.get(1)?,
        kind: kind
            .parse()
            .map_err(|()| KernelError::Internal(format!("kind of export {kind}")))?,
        purpose: row.get(3)?,
        reason: row.get(4)?,
        full_values: row.get(5)?,
        wanted: serde_json::from_value(filter)
            .map_err(|e| KernelError::Internal(format!("filter of an export: {e}")))?,
        state: State::from_stored(&state),
        rows_wanted: row.get(8)?,
        rows_written: row.get(9)?,
        asked_by: row.get(10)?,
        asked_by_name: row.get(11)?,
        asked_at: row.get(12)?,
        decided_by_name: row.get(13)?,
        decided_at: row.get(14)?,
        decision: row.get(15)?,
        file_name: row.get(16)?,
        downloads: row.get(17)?,
        keep_until: row.get(18)?,
        job_id: row.get(19)?,
    })
}

/// How many rows an export would have.
async fn rows_wanted(app: &App, scope: &UnitScope, new: &NewExport) -> Result<i64> {
    let mut total = 0;
    for branch in branches_of(app, scope).await? {
        let (sql, p) = match (new.kind, &new.wanted.village_group, &new.wanted.tag) {
            (Kind::Core, _, _) => (EXPORT_COUNT_CORE, params![]),
            (_, Some(group), _) => (EXPORT_COUNT_GROUP, params![*group]),
            (_, None, Some(tag)) => (EXPORT_COUNT_TAG, params![tag.as_str()]),
            (_, None, None) => (EXPORT_COUNT, params![]),
        };
        let rows = app.read_unit(branch.unit_id(), sql, p).await?;
        total += rows
            .first()
            .map(|r| r.get::<i64>(0))
            .transpose()?
            .unwrap_or(0);
    }
    Ok(total)
}

/// Needs a second person: full values always, masked ones above the limit.
fn is_free(policy: &Policy, new: &NewExport, rows: i64) -> bool {
    new.kind == Kind::Customers && !new.full_values && rows <= policy.rules.free_rows
}

/// Asks for an export of a unit's subtree; `scope` with the right to export.
pub async fn export_ask(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    new: &NewExport,
) -> Result<Export> {
    let policy = policy(app).await?;
    if policy.purpose_name(&new.purpose).is_none() {
        return Err(KernelError::field("purpose", "field.not_in_list"));
    }
    let reason = clear_text("reason", &new.reason)?;
    if let Some(tag) = &new.wanted.tag
        && app.packs.tag_of(tag) != Some(tag.as_str())
    {
        return Err(KernelError::field("tag", "field.not_in_list"));
    }
    let rows = rows_wanted(app, scope, new).await?;
    if rows == 0 {
        return Err(KernelError::field("unit_id", "export.empty"));
    }
    if rows > policy.rules.rows_max {
        return Err(KernelError::field("unit_id", "export.too_many"));
    }
    let full = new.full_values || new.kind == Kind::Core;
    let free = is_free(&policy, new, rows);
    let id = ExportId(app.new_id());
    let export = Export {
        unit_id: scope.unit_id(),
        id,
        kind: new.kind,
        purpose: new.purpose.clone(),
        reason,
        full_values: full,
        wanted: new.wanted.clone(),
        state: if free { State::Running } else { State::Waiting },
        rows_wanted: rows,
        rows_written: 0,
        asked_by: ctx.actor.user_id,
        asked_by_name: ctx.actor.name.clone(),
        asked_at: ctx.now,
        decided_by_name: None,
        decided_at: None,
        decision: String::new(),
        file_name: String::new(),
        downloads: 0,
        keep_until: None,
        job_id: None,
    };
    again(app, || put(app, ctx, scope, &export, free)).await?;
    export_fetch(app, scope.unit_id(), id).await
}

async fn put(app: &App, ctx: &Ctx, scope: &UnitScope, e: &Export, free: bool) -> Result<()> {
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let job = match free {
        true => Some(job_enqueue_in(&mut tx, app, ctx, &job_of(e)).await?),
        false => None,
    };
    let core = e.kind == Kind::Core;
    let name = words::file_name(core, &scope.unit().code, ctx.today(), &e.mark());
    let filter =
        serde_json::to_value(&e.wanted).map_err(|e| KernelError::Internal(e.to_string()))?;
    let row = params![
        e.id,
        e.kind.as_str(),
        e.purpose.as_str(),
        e.reason.as_str(),
        e.full_values,
        filter,
        e.state.as_str(),
        e.rows_wanted,
        e.asked_by,
        e.asked_by_name.as_str(),
        e.asked_at,
        name,
        job
    ];
    tx.exec(EXPORT_ADD, row).await?;
    let detail = json!({ "kind": e.kind.as_str(), "purpose": e.purpose, "full": e.full_values, "rows": e.rows_wanted, "free": free });
    tx.record("export.ask", "export", e.id, detail);
    tx.commit().await
}

fn job_of(e: &Export) -> NewJob {
    NewJob::new(JOB, e.unit_id, json!({ "export_id": e.id }))
}

/// One export of a unit.
pub async fn export_fetch(app: &App, unit: UnitId, id: ExportId) -> Result<Export> {
    let rows = app.read_unit(unit, EXPORT_BY_ID, params![id]).await?;
    rows.first()
        .map(read)
        .transpose()?
        .ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))
}

/// Exports of a subtree, or of everything the actor may see, newest first.
pub async fn export_list(
    app: &App,
    ctx: &Ctx,
    below: Option<&UnitScope>,
    before: Option<(Timestamp, ExportId)>,
    limit: i64,
) -> Result<Vec<Export>> {
    let roots = || ctx.roots(zf_kernel::Permission::PrivacyRead).into_iter();
    let paths: Vec<String> = match below {
        Some(scope) => vec![scope.unit().path.clone()],
        None => roots().map(|(_, path)| path).collect(),
    };
    let before = before.map(|(at, id)| (at, id.uuid()));
    newest_below(app, paths, EXPORT_LIST, before, limit, |row| {
        let export = read(row)?;
        Ok(((export.asked_at, export.id.uuid()), export))
    })
    .await
}

/// Grants or rejects; never who asked.
pub async fn export_decide(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: ExportId,
    grant: bool,
    note: &str,
) -> Result<Export> {
    let e = export_fetch(app, scope.unit_id(), id).await?;
    if e.asked_by == ctx.actor.user_id {
        return Err(KernelError::refused(ErrorCode::PERMISSION_SECOND_PERSON));
    }
    // A refusal says why; a grant may.
    let note = match (grant, note.trim()) {
        (true, "") => String::new(),
        (_, text) => clear_text("note", text)?,
    };
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        let (state, job) = match grant {
            true => {
                let job = job_enqueue_in(&mut tx, app, ctx, &job_of(&e)).await?;
                (State::Running, Some(job))
            }
            false => (State::Rejected, None),
        };
        let row = params![
            id,
            state.as_str(),
            ctx.actor.user_id,
            ctx.actor.name.as_str(),
            ctx.now,
            note.as_str(),
            job
        ];
        if tx.exec(EXPORT_DECIDE, row).await? == 0 {
            return Err(KernelError::refused(ErrorCode::EXPORT_STATE));
        }
        let action = if grant {
            "export.grant"
        } else {
            "export.reject"
        };
        tx.record(
            action,
            "export",
            id,
            json!({ "rows": e.rows_wanted, "full": e.full_values }),
        );
        tx.commit().await
    })
    .await?;
    export_fetch(app, scope.unit_id(), id).await
}

/// Who asked takes it back before somebody decided.
pub async fn export_withdraw(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: ExportId,
) -> Result<Export> {
    own(app, ctx, scope, id).await?;
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        if tx.exec(EXPORT_WITHDRAW, params![id]).await? == 0 {
            return Err(KernelError::refused(ErrorCode::EXPORT_STATE));
        }
        tx.record("export.withdraw", "export", id, json!({}));
        tx.commit().await
    })
    .await?;
    export_fetch(app, scope.unit_id(), id).await
}

/// An export the actor asked for; anybody else's is not there for them.
async fn own(app: &App, ctx: &Ctx, scope: &UnitScope, id: ExportId) -> Result<Export> {
    let e = export_fetch(app, scope.unit_id(), id).await?;
    match e.asked_by == ctx.actor.user_id {
        true => Ok(e),
        false => Err(KernelError::refused(ErrorCode::NOT_FOUND)),
    }
}

/// The file, for who asked, while it is kept and not taken too often. The
/// event is written before the bytes leave.
pub async fn export_take(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: ExportId,
) -> Result<(Export, Vec<u8>)> {
    let e = own(app, ctx, scope, id).await?;
    match e.state {
        State::Ready => {}
        State::Gone => return Err(KernelError::refused(ErrorCode::EXPORT_GONE)),
        _ => return Err(KernelError::refused(ErrorCode::EXPORT_STATE)),
    }
    let most = policy(app).await?.rules.downloads;
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        if tx.exec(EXPORT_TAKE, params![id, most, ctx.today()]).await? == 0 {
            return Err(KernelError::refused(ErrorCode::EXPORT_GONE));
        }
        tx.record(
            "export.take",
            "export",
            id,
            json!({ "rows": e.rows_written, "full": e.full_values }),
        );
        tx.commit().await
    })
    .await?;
    let bytes = file_get(app, scope.unit_id(), id).await?;
    Ok((e, bytes))
}

pub(super) fn context(id: ExportId, part: i64) -> String {
    format!("export/{id}/{part}")
}

async fn file_get(app: &App, unit: UnitId, id: ExportId) -> Result<Vec<u8>> {
    let (mut bytes, mut after) = (Vec::new(), -1i64);
    loop {
        let rows = app
            .read_unit(unit, EXPORT_FILE_PARTS, params![id, after])
            .await?;
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

/// Marks an export whose job will not be tried again.
pub(super) async fn export_fail(app: &App, ctx: &Ctx, unit: UnitId, id: ExportId) -> Result<()> {
    let unit = unit_fetch(app, unit).await?;
    let scope = ctx.scope(zf_kernel::Permission::CustomerExport, &unit)?;
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, &scope).await?;
        if tx.exec(EXPORT_FAILED, params![id]).await? > 0 {
            tx.exec(EXPORT_FILE_DROP, params![id]).await?;
            tx.record("export.fail", "export", id, json!({}));
        }
        tx.commit().await
    })
    .await
}

/// Forgets the files that are kept too long; how many.
pub async fn exports_forget(app: &App, ctx: &Ctx) -> Result<u64> {
    let mut gone = 0;
    for row in app.db.query(EXPORT_OVERDUE, params![ctx.today()]).await? {
        let (unit, id): (UnitId, ExportId) = (row.get(0)?, row.get(1)?);
        let unit = unit_fetch(app, unit).await?;
        let scope = ctx.scope(zf_kernel::Permission::CustomerExport, &unit)?;
        gone += again(app, || async {
            let mut tx = UnitTx::begin(app, ctx, &scope).await?;
            let n = tx.exec(EXPORT_GONE, params![id]).await?;
            if n > 0 {
                tx.exec(EXPORT_FILE_DROP, params![id]).await?;
                tx.record("export.forget", "export", id, json!({}));
            }
            tx.commit().await?;
            Ok(n)
        })
        .await?;
    }
    Ok(gone)
}
