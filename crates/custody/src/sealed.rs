//! Free texts of custody, sealed at rest: the evidence of a lawful basis, notes
//! to a consent, what a person asks for. Knows which column of which table is
//! sealed and seals all of them anew when keys change; a text in clear columns
//! is checked for numbers and names here.

use serde_json::{Value as Json, json};
use std::sync::Arc;
use zf_base::{UnitId, Uuid, limits};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::keys::{RESEAL, SealedColumn, reseal_below, reseal_columns};
use zf_kernel::{App, Ctx, UnitScope};
use zf_store::statements;

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

    fn column(self) -> SealedColumn {
        let (table, column, read, write) = match self {
            Text::Evidence => (
                "lawful_basis",
                "evidence_sealed",
                EVIDENCE_SEALED,
                EVIDENCE_RESEAL,
            ),
            Text::Note => ("consent", "note_sealed", NOTE_SEALED, NOTE_RESEAL),
            Text::Detail => (
                "privacy_request",
                "detail_sealed",
                DETAIL_SEALED,
                DETAIL_RESEAL,
            ),
            Text::Old => ("privacy_request", "old_sealed", OLD_SEALED, OLD_RESEAL),
            Text::New => ("privacy_request", "new_sealed", NEW_SEALED, NEW_RESEAL),
        };
        SealedColumn {
            table,
            column,
            read,
            write,
        }
    }

    /// Seals a text; nothing for an empty one.
    pub fn seal(self, app: &App, unit: UnitId, row: Uuid, clear: &str) -> Option<Vec<u8>> {
        let clear = clear.trim();
        (!clear.is_empty()).then(|| self.column().seal(app, unit, row, clear.as_bytes()))
    }

    /// Opens a text; empty when nothing is stored.
    ///
    /// # Errors
    /// A value that does not open.
    pub fn open(self, app: &App, unit: UnitId, row: Uuid, sealed: Option<&[u8]>) -> Result<String> {
        let Some(sealed) = sealed else {
            return Ok(String::new());
        };
        let clear = self.column().open(app, unit, row, sealed)?;
        let lost = |_| KernelError::Internal("a stored text is no text".to_owned());
        String::from_utf8(clear).map_err(lost)
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
    let all = Text::ALL.map(Text::column);
    let rows = reseal_below(&run, &all.each_ref()).await?;
    Ok(json!({ "custody_rows": rows }))
}

/// Seals all texts of one unit under the current keys; how many had to be.
///
/// # Errors
/// The database, or a value that does not open.
pub async fn reseal_all(app: &App, ctx: &Ctx, scope: &UnitScope) -> Result<u64> {
    let all = Text::ALL.map(Text::column);
    reseal_columns(app, ctx, scope, &all.each_ref()).await
}
