//! Changing the keys of an installation while it works. A new generation is
//! made and its key file written first; only then is it used, so that no value
//! is ever sealed with a key that exists in memory alone. Afterwards a job
//! seals old values anew, in batches, as often as it has to be started. Other
//! processes read the key file when they meet a newer value
//! (`Keyring::on_unknown_key`). This module knows the kernel's own sealed
//! columns; the rooms bring theirs as [`SealedColumn`]s with their handler of
//! `keys.reseal`, and the loop that seals a column anew is here once.

use crate::app::App;
use crate::authz::{Permission, UnitScope};
use crate::ctx::Ctx;
use crate::error::{KernelError, Result};
use crate::event::tx::{UnitTx, again};
use crate::job::worker::Run;
use crate::job::{Job, NewJob, service::job_enqueue};
use crate::unit::Unit;
use crate::unit::service::{unit_fetch, unit_subtree};
use crate::{staff, user};
use serde_json::json;
use zf_base::{UnitId, Uuid, limits};
use zf_store::{Sql, params};
use zf_vault::{Aad, KeyFile, Keyring};

/// Kind of the job that seals old values anew.
pub const RESEAL: &str = "keys.reseal";

/// Makes a new generation of keys. Nothing uses it yet: write the file to the
/// disk, then call [`keys_adopt`].
///
/// # Errors
/// Those of the vault: wrong passphrase, or not this installation's file.
pub fn rotate_keys(app: &App, file: &KeyFile, passphrase: &str) -> Result<KeyFile> {
    let (_, file) = app
        .vault
        .rotate(file, passphrase, &mut zf_vault::os_random)?;
    Ok(file)
}

/// Uses the keys of a file that has been written: new values are sealed with
/// them from now on, and a job seals the old ones anew. The change is told of
/// in the head unit's chain. Answers none when a job is at it already.
///
/// # Errors
/// Those of the vault: wrong passphrase, or another installation's file.
pub async fn keys_adopt(
    app: &App,
    ctx: &Ctx,
    head: &Unit,
    file: &KeyFile,
    passphrase: &str,
) -> Result<Option<Job>> {
    app.vault.adopt(&Keyring::unlock(file, passphrase)?)?;
    let key_id = app.vault.current_key_id();
    again(app, || async {
        let mut tx = UnitTx::on(app, ctx, head.id).await?;
        let detail = json!({ "key_id": key_id });
        tx.record("keys.rotate", "keys", key_id, detail);
        tx.commit().await
    })
    .await?;
    let job = NewJob::new(RESEAL, head.id, json!({ "key_id": key_id })).once(key_id);
    match job_enqueue(app, ctx, &job).await {
        Ok(job) => Ok(Some(job)),
        Err(e) if e.code() == Some(zf_base::code::ErrorCode::CONFLICT.code) => Ok(None),
        Err(e) => Err(e),
    }
}

/// Makes sure that this process holds a generation before it seals with it.
///
/// # Errors
/// `Internal` while the key file here is still the old one; the job that asked
/// is tried again.
pub fn require_key(app: &App, key_id: u32) -> Result<()> {
    if app.vault.current_key_id() < key_id {
        app.vault.refresh()?;
    }
    if app.vault.current_key_id() < key_id {
        return Err(KernelError::Internal(format!(
            "key generation {key_id} is not in the key file of this machine"
        )));
    }
    Ok(())
}

/// Seals the kernel's own values of one unit anew: telephones of staff, second
/// factors. Returns how many; a second time none.
pub async fn reseal_unit(app: &App, ctx: &Ctx, unit: UnitId) -> Result<u64> {
    let phones = again(app, || staff::service::staff_reseal(app, ctx, unit)).await?;
    let factors = again(app, || user::service::totp_reseal(app, ctx, unit)).await?;
    Ok(phones + factors)
}

/// A sealed column of a business table, with the statements that seal it anew:
/// `read` gives id and value behind an id (`$2`) in order, at most `$3`;
/// `write` puts `$4` into row `$2` when `$3` still stands there.
#[derive(Clone, Copy, Debug)]
pub struct SealedColumn {
    /// Its table.
    pub table: &'static str,
    /// Its name.
    pub column: &'static str,
    /// Reads.
    pub read: Sql,
    /// Writes.
    pub write: Sql,
}

impl SealedColumn {
    fn aad(&self, unit: UnitId, row: Uuid) -> Aad<'static> {
        Aad {
            table: self.table,
            column: self.column,
            unit: unit.uuid(),
            row,
        }
    }

    /// Seals a value of a row.
    pub fn seal(&self, app: &App, unit: UnitId, row: Uuid, clear: &[u8]) -> Vec<u8> {
        app.vault.seal(&self.aad(unit, row), clear)
    }

    /// Opens a value of a row.
    ///
    /// # Errors
    /// A value that does not open.
    pub fn open(&self, app: &App, unit: UnitId, row: Uuid, sealed: &[u8]) -> Result<Vec<u8>> {
        Ok(app.vault.open(&self.aad(unit, row), sealed)?)
    }
}

/// Seals columns anew in the unit of a job and below; how many values had to be.
///
/// # Errors
/// The database, or a value that does not open.
pub async fn reseal_below(run: &Run, columns: &[&SealedColumn]) -> Result<u64> {
    let root = unit_fetch(&run.app, run.job.unit_id).await?;
    let mut n = 0;
    for unit in unit_subtree(&run.app, &root.path).await? {
        let scope = run.ctx.scope(Permission::SystemWrite, &unit)?;
        n += reseal_columns(&run.app, &run.ctx, &scope, columns).await?;
    }
    Ok(n)
}

/// Seals columns of one unit anew, batch by batch, one event each; a second
/// time there is nothing to do.
///
/// # Errors
/// The database, or a value that does not open.
pub async fn reseal_columns(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    columns: &[&SealedColumn],
) -> Result<u64> {
    let mut n = 0;
    for column in columns {
        let mut after = Some(Uuid::nil());
        while let Some(from) = after {
            let (last, done) = again(app, || batch(app, ctx, scope, column, from)).await?;
            (after, n) = (last, n + done);
        }
    }
    Ok(n)
}

async fn batch(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    column: &SealedColumn,
    after: Uuid,
) -> Result<(Option<Uuid>, u64)> {
    let unit = scope.unit_id();
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let (mut last, mut n) = (None, 0);
    let limit = limits::IMPORT_BATCH_ROWS as i64;
    for row in tx.query(column.read, params![after, limit]).await? {
        let (id, old): (Uuid, Vec<u8>) = (row.get(0)?, row.get(1)?);
        last = Some(id);
        if app.vault.needs_reseal(&old) {
            let new = column.seal(app, unit, id, &column.open(app, unit, id, &old)?);
            n += tx.exec(column.write, params![id, old, new]).await?;
        }
    }
    if n > 0 {
        let detail = json!({ "rows": n, "key_id": app.vault.current_key_id() });
        tx.record("keys.reseal", column.table, unit, detail);
    }
    tx.commit().await?;
    Ok((last, n))
}
