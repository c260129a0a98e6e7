//! Free texts of custody, sealed at rest: the evidence of a lawful basis, notes
//! to a consent, what a person asks for. Knows which column of which table is
//! sealed and seals all of them anew when keys change; a text in clear columns
//! is checked for numbers and names here.

use serde_json::{Value as Json, json};
use std::sync::Arc;
use zf_base::{UnitId, Uuid, limits};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::keys::RESEAL;
use zf_kernel::unit::service::{unit_fetch, unit_subtree};
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx, again};
use zf_store::{Sql, params, statements};
use zf_vault::Aad;

statements! {
    /// Sealed evidence in the order of ids.
    EVIDENCE_SEALED: unit = "SELECT id, evidence_sealed FROM lawful_basis WHERE unit_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    /// Seals evidence anew unless it was changed meanwhile.
    EVIDENCE_RESEAL: unit = "UPDATE lawful_basis SET evidence_sealed = $4 WHERE unit_id = $1 AND id = $2 AND evidence_sealed = $3";
    /// Sealed notes of consents.
    NOTE_SEALED: unit = "SELECT id, note_sealed FROM consent WHERE unit_id = $1 AND id > $2 AND note_sealed IS NOT NULL ORDER BY id LIMIT $3";
    /// Seals a note anew.
    NOTE_RESEAL: unit = "UPDATE consent SET note_sealed = $4 WHERE unit_id = $1 AND id = $2 AND note_sealed = $3";
    /// Sealed details of requests.
    DETAIL_SEALED: unit = "SELECT id, detail_sealed FROM privacy_request WHERE unit_id = $1 AND id > $2 AND detail_sealed IS NOT NULL ORDER BY id LIMIT $3";
    /// Seals a detail anew.
    DETAIL_RESEAL: unit = "UPDATE privacy_request SET detail_sealed = $4 WHERE unit_id = $1 AND id = $2 AND detail_sealed = $3";
    /// Sealed old values of corrections.
    OLD_SEALED: unit = "SELECT id, old_sealed FROM privacy_request WHERE unit_id = $1 AND id > $2 AND old_sealed IS NOT NULL ORDER BY id LIMIT $3";
    /// Seals an old value anew.
    OLD_RESEAL: unit = "UPDATE privacy_request SET old_sealed = $4 WHERE unit_id = $1 AND id = $2 AND old_sealed = $3";
    /// Sealed new values of corrections.
    NEW_SEALED: unit = "SELECT id, new_sealed FROM privacy_request WHERE unit_id = $1 AND id > $2 AND new_sealed IS NOT NULL ORDER BY id LIMIT $3";
    /// Seals a new value anew.
    NEW_RESEAL: unit = "UPDATE privacy_request SET new_sealed = $4 WHERE unit_id = $1 AND id = $2 AND new_sealed = $3";
}

/// A sealed column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// Evidence of a lawful basis.
    Evidence,
    /// Note to a consent.
    Note,
    /// What a person asks for.
    Detail,
    /// What stood there before a correction.
    Old,
    /// What shall stand there.
    New,
}

impl Text {
    const ALL: [Text; 5] = [
        Text::Evidence,
        Text::Note,
        Text::Detail,
        Text::Old,
        Text::New,
    ];

    fn column(self) -> (&'static str, &'static str) {
        match self {
            Text::Evidence => ("lawful_basis", "evidence_sealed"),
            Text::Note => ("consent", "note_sealed"),
            Text::Detail => ("privacy_request", "detail_sealed"),
            Text::Old => ("privacy_request", "old_sealed"),
            Text::New => ("privacy_request", "new_sealed"),
        }
    }

    fn statements(self) -> (Sql, Sql) {
        match self {
            Text::Evidence => (EVIDENCE_SEALED, EVIDENCE_RESEAL),
            Text::Note => (NOTE_SEALED, NOTE_RESEAL),
            Text::Detail => (DETAIL_SEALED, DETAIL_RESEAL),
            Text::Old => (OLD_SEALED, OLD_RESEAL),
            Text::New => (NEW_SEALED, NEW_RESEAL),
        }
    }

    fn aad(self, unit: UnitId, row: Uuid) -> Aad<'static> {
        let (table, column) = self.column();
        Aad {
            table,
            column,
            unit: unit.uuid(),
            row,
        }
    }

    /// Seals a text; nothing for an empty one.
    pub fn seal(self, app: &App, unit: UnitId, row: Uuid, clear: &str) -> Option<Vec<u8>> {
        let clear = clear.trim();
        (!clear.is_empty()).then(|| app.vault.seal_text(&self.aad(unit, row), clear))
    }

    /// Opens a text; empty when nothing is stored.
    ///
    /// # Errors
    /// A value that does not open.
    pub fn open(self, app: &App, unit: UnitId, row: Uuid, sealed: Option<&[u8]>) -> Result<String> {
        match sealed {
            Some(sealed) => Ok(app.vault.open_text(&self.aad(unit, row), sealed)?),
            None => Ok(String::new()),
        }
    }
}

/// A text that goes into a sealed column: at most so many characters.
///
/// # Errors
/// `field.too_long` at the field.
pub fn long_text(field: &str, text: &str) -> Result<()> {
    match text.chars().count() > limits::NOTE_CHARS_MAX {
        true => Err(KernelError::field(field, "field.too_long")),
        false => Ok(()),
    }
}

/// Adds this room's part to the job that seals everything anew.
pub fn handlers(handlers: &mut Handlers) {
    handlers.also(RESEAL, run);
}

async fn run(run: Arc<Run>) -> Result<Json> {
    let root = unit_fetch(&run.app, run.job.unit_id).await?;
    let mut rows = 0;
    for unit in unit_subtree(&run.app, &root.path).await? {
        let scope = run.ctx.scope(Permission::SystemWrite, &unit)?;
        rows += reseal_all(&run.app, &run.ctx, &scope).await?;
    }
    Ok(json!({ "custody_rows": rows }))
}

/// Seals all texts of one unit under the current keys; how many had to be.
///
/// # Errors
/// The database, or a value that does not open.
pub async fn reseal_all(app: &App, ctx: &Ctx, scope: &UnitScope) -> Result<u64> {
    let mut n = 0;
    for text in Text::ALL {
        let mut after = Some(Uuid::nil());
        while let Some(from) = after {
            let (last, done) = again(app, || batch(app, ctx, scope, text, from)).await?;
            (after, n) = (last, n + done);
        }
    }
    Ok(n)
}

async fn batch(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    text: Text,
    after: Uuid,
) -> Result<(Option<Uuid>, u64)> {
    let ((read, write), unit) = (text.statements(), scope.unit_id());
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let (mut last, mut n) = (None, 0);
    let limit = limits::IMPORT_BATCH_ROWS as i64;
    for row in tx.query(read, params![after, limit]).await? {
        let (id, old): (Uuid, Vec<u8>) = (row.get(0)?, row.get(1)?);
        last = Some(id);
        if app.vault.needs_reseal(&old) {
            let aad = text.aad(unit, id);
            let new = app.vault.seal(&aad, &app.vault.open(&aad, &old)?);
            n += tx.exec(write, params![id, old, new]).await?;
        }
    }
    if n > 0 {
        let detail = json!({ "rows": n, "key_id": app.vault.current_key_id() });
        tx.record("keys.reseal", text.column().0, unit, detail);
    }
    tx.commit().await?;
    Ok((last, n))
}
