//! Changing the keys of an installation while it works. A new generation is
//! made and its key file written first; only then is it used, so that no value
//! is ever sealed with a key that exists in memory alone. Afterwards a job
//! seals old values anew, in batches, as often as it has to be started. Other
//! processes read the key file when they meet a newer value
//! (`Keyring::on_unknown_key`). This module knows the kernel's own sealed
//! columns; the rooms bring theirs with their handler of `keys.reseal`.

use crate::app::App;
use crate::ctx::Ctx;
use crate::error::{KernelError, Result};
use crate::event::tx::{UnitTx, again};
use crate::job::{Job, NewJob, service::job_enqueue};
use crate::unit::Unit;
use crate::{staff, user};
use serde_json::json;
use zf_base::UnitId;
use zf_vault::{KeyFile, Keyring};

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
