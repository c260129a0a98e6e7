//! What this room keeps sealed: whole visits, what they said before, and what
//! was kept aside. Knows which column of which table is sealed, and seals all
//! of them anew when keys change.

use serde_json::{Value as Json, json};
use std::sync::Arc;
use zf_base::{UnitId, Uuid, limits};
use zf_kernel::error::Result;
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::keys::RESEAL;
use zf_kernel::unit::service::{unit_fetch, unit_subtree};
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx, again};
use zf_store::{Sql, params, statements};
use zf_vault::Aad;

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
}

/// A sealed column with the statements that seal it anew.
pub struct Column {
    table: &'static str,
    column: &'static str,
    read: Sql,
    write: Sql,
}

/// What a visit says.
pub const VISIT: Column = Column {
    table: "visit",
    column: "payload_sealed",
    read: VISIT_SEALED,
    write: VISIT_RESEAL,
};
/// What a visit said before an amendment.
pub const REVISION: Column = Column {
    table: "visit_revision",
    column: "payload_sealed",
    read: REVISION_SEALED,
    write: REVISION_RESEAL,
};
/// Why it was amended.
pub const REVISION_REASON: Column = Column {
    table: "visit_revision",
    column: "reason_sealed",
    read: REVISION_REASON_SEALED,
    write: REVISION_REASON_RESEAL,
};
/// What was kept aside.
pub const QUARANTINE: Column = Column {
    table: "sync_quarantine",
    column: "op_sealed",
    read: QUARANTINE_SEALED,
    write: QUARANTINE_RESEAL,
};

/// What a publicity trace says.
pub const TRACE: Column = Column {
    table: "trace",
    column: "payload_sealed",
    read: TRACE_SEALED,
    write: TRACE_RESEAL,
};
/// What a visitor says of people.
pub const PROPOSAL: Column = Column {
    table: "field_proposal",
    column: "payload_sealed",
    read: PROPOSAL_SEALED,
    write: PROPOSAL_RESEAL,
};

const ALL: [&Column; 6] = [
    &VISIT,
    &REVISION,
    &REVISION_REASON,
    &QUARANTINE,
    &TRACE,
    &PROPOSAL,
];

impl Column {
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

/// Adds this room's part to the job that seals everything anew.
pub fn handlers(handlers: &mut Handlers) {
    handlers.also(RESEAL, run);
}

async fn run(run: Arc<Run>) -> Result<Json> {
    let root = unit_fetch(&run.app, run.job.unit_id).await?;
    let mut rows = 0;
    for unit in unit_subtree(&run.app, &root.path).await? {
        let scope = run.ctx.scope(Permission::SystemWrite, &unit)?;
        for column in ALL {
            rows += reseal(&run.app, &run.ctx, &scope, column).await?;
        }
    }
    Ok(json!({ "field_rows": rows }))
}

async fn reseal(app: &App, ctx: &Ctx, scope: &UnitScope, column: &Column) -> Result<u64> {
    let (mut n, mut after) = (0, Some(Uuid::nil()));
    while let Some(from) = after {
        let (last, done) = again(app, || batch(app, ctx, scope, column, from)).await?;
        (after, n) = (last, n + done);
    }
    Ok(n)
}

async fn batch(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    column: &Column,
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
