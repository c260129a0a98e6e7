//! What this room keeps sealed: whole visits, what they said before, and what
//! was kept aside. Knows which column of which table is sealed, and seals all
//! of them anew when keys change.

use serde_json::{Value as Json, json};
use std::sync::Arc;
use zf_kernel::error::Result;
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::keys::{RESEAL, SealedColumn, reseal_below};
use zf_store::statements;

statements! {
    /// Sealed visits in the order of ids.
    VISIT_SEALED: unit = "SELECT id, payload_sealed FROM visit WHERE unit_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    /// Seals a visit anew unless it was changed meanwhile.
    VISIT_RESEAL: unit = "UPDATE visit SET payload_sealed = $4 WHERE unit_id = $1 AND id = $2 AND payload_sealed = $3";
    /// Sealed revisions.
    REVISION_SEALED: unit = "SELECT id, payload_sealed FROM visit_revision WHERE unit_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    /// Seals a revision anew.
    REVISION_RESEAL: unit = "UPDATE visit_revision SET payload_sealed = $4 WHERE unit_id = $1 AND id = $2 AND payload_sealed = $3";
    /// Sealed reasons of amendments.
    REVISION_REASON_SEALED: unit = "SELECT id, reason_sealed FROM visit_revision WHERE unit_id = $1 AND id > $2 AND reason_sealed IS NOT NULL ORDER BY id LIMIT $3";
    /// Seals a reason anew.
    REVISION_REASON_RESEAL: unit = "UPDATE visit_revision SET reason_sealed = $4 WHERE unit_id = $1 AND id = $2 AND reason_sealed = $3";
    /// Sealed publicity traces.
    TRACE_SEALED: unit = "SELECT id, payload_sealed FROM trace WHERE unit_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    /// Seals one anew.
    TRACE_RESEAL: unit = "UPDATE trace SET payload_sealed = $4 WHERE unit_id = $1 AND id = $2 AND payload_sealed = $3";
    /// Sealed proposals.
    PROPOSAL_SEALED: unit = "SELECT id, payload_sealed FROM field_proposal WHERE unit_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    /// Seals one anew.
    PROPOSAL_RESEAL: unit = "UPDATE field_proposal SET payload_sealed = $4 WHERE unit_id = $1 AND id = $2 AND payload_sealed = $3";
    /// Sealed operations that were kept aside.
    QUARANTINE_SEALED: unit = "SELECT id, op_sealed FROM sync_quarantine WHERE unit_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    /// Seals one anew.
    QUARANTINE_RESEAL: unit = "UPDATE sync_quarantine SET op_sealed = $4 WHERE unit_id = $1 AND id = $2 AND op_sealed = $3";
    /// Sealed second texts of the desk.
    SECOND_SEALED: unit = "SELECT id, answers_sealed FROM desk_double WHERE unit_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    /// Seals one anew.
    SECOND_RESEAL: unit = "UPDATE desk_double SET answers_sealed = $4 WHERE unit_id = $1 AND id = $2 AND answers_sealed = $3";
}

/// What a visit says.
pub const VISIT: SealedColumn = SealedColumn {
    table: "visit",
    column: "payload_sealed",
    read: VISIT_SEALED,
    write: VISIT_RESEAL,
};
/// What a visit said before an amendment.
pub const REVISION: SealedColumn = SealedColumn {
    table: "visit_revision",
    column: "payload_sealed",
    read: REVISION_SEALED,
    write: REVISION_RESEAL,
};
/// Why it was amended.
pub const REVISION_REASON: SealedColumn = SealedColumn {
    table: "visit_revision",
    column: "reason_sealed",
    read: REVISION_REASON_SEALED,
    write: REVISION_REASON_RESEAL,
};
/// What was kept aside.
pub const QUARANTINE: SealedColumn = SealedColumn {
    table: "sync_quarantine",
    column: "op_sealed",
    read: QUARANTINE_SEALED,
    write: QUARANTINE_RESEAL,
};

/// What a publicity trace says.
pub const TRACE: SealedColumn = SealedColumn {
    table: "trace",
    column: "payload_sealed",
    read: TRACE_SEALED,
    write: TRACE_RESEAL,
};
/// What a visitor says of people.
pub const PROPOSAL: SealedColumn = SealedColumn {
    table: "field_proposal",
    column: "payload_sealed",
    read: PROPOSAL_SEALED,
    write: PROPOSAL_RESEAL,
};

/// The second text of a form at the desk.
pub const SECOND_TEXT: SealedColumn = SealedColumn {
    table: "desk_double",
    column: "answers_sealed",
    read: SECOND_SEALED,
    write: SECOND_RESEAL,
};

const ALL: [&SealedColumn; 7] = [
    &VISIT,
    &REVISION,
    &REVISION_REASON,
    &QUARANTINE,
    &TRACE,
    &PROPOSAL,
    &SECOND_TEXT,
];

/// Adds this room's part to the job that seals everything anew.
pub fn handlers(handlers: &mut Handlers) {
    handlers.also(RESEAL, run);
}

async fn run(run: Arc<Run>) -> Result<Json> {
    Ok(json!({ "field_rows": reseal_below(&run, &ALL).await? }))
}
