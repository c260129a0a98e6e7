//! The job `keys.reseal`: after a change of keys every sealed value is opened
//! and sealed under the current ones, unit by unit, in batches of one
//! transaction and one event each. It can be stopped and started at any time:
//! what is done already is recognised by the key's number in the value.

use super::past::service::past_reseal;
use super::seal::{COLUMNS, reseal};
use super::store::*;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use zf_base::{CustomerId, UnitId, limits};
use zf_kernel::error::Result;
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::keys::{RESEAL, require_key, reseal_unit};
use zf_kernel::unit::service::unit_subtree;
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx, again};
use zf_store::{Row, Value, params};

/// Adds the handler.
pub fn handlers(handlers: &mut Handlers) {
    handlers.add(RESEAL, run);
}

async fn run(run: Arc<Run>) -> Result<Json> {
    let app = &run.app;
    let wanted = run.job.args.get("key_id").and_then(Json::as_u64);
    require_key(
        app,
        wanted.and_then(|id| u32::try_from(id).ok()).unwrap_or(0),
    )?;
    let (mut rows, mut done) = (0, 0);
    let root = zf_kernel::unit::service::unit_fetch(app, run.job.unit_id).await?;
    let units = unit_subtree(app, &root.path).await?;
    for unit in &units {
        rows += reseal_unit(app, &run.ctx, unit.id).await?;
        let scope = run.ctx.scope(Permission::SystemWrite, unit)?;
        let mut after = None;
        loop {
            let (last, n) = customers_reseal(app, &run.ctx, &scope, after).await?;
            rows += n;
            if last.is_none() {
                break;
            }
            after = last;
            run.progress(done, units.len() as i64, "").await?;
        }
        rows += past_reseal(app, &run.ctx, &scope).await?;
        done += 1;
        run.progress(done, units.len() as i64, "").await?;
    }
    Ok(json!({ "rows": rows, "key_id": app.vault.current_key_id() }))
}

/// Seals the next batch of a unit's customers anew: the id it reached (none at
/// the end) and how many had to be.
pub async fn customers_reseal(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    after: Option<CustomerId>,
) -> Result<(Option<CustomerId>, u64)> {
    let after = after.unwrap_or(CustomerId(zf_base::Uuid::nil()));
    again(app, || batch(app, ctx, scope, after)).await
}

async fn batch(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    after: CustomerId,
) -> Result<(Option<CustomerId>, u64)> {
    let limit = limits::IMPORT_BATCH_ROWS as i64;
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let rows = tx.query(CUSTOMER_SEALED, params![after, limit]).await?;
    let (mut last, mut n) = (None, 0);
    for row in &rows {
        last = Some(row.get(0)?);
        if let Some(changed) = sealed_anew(app, scope.unit_id(), row)? {
            n += tx.exec(CUSTOMER_RESEAL, changed).await?;
        }
    }
    if n > 0 {
        let detail = json!({ "rows": n, "key_id": app.vault.current_key_id() });
        tx.record("keys.reseal", "customer", scope.unit_id(), detail);
    }
    tx.commit().await?;
    Ok((last, n))
}

/// Parameters of the change of a row; none when nothing in it is old.
fn sealed_anew(app: &App, unit: UnitId, row: &Row) -> Result<Option<Vec<Value>>> {
    let (id, rev): (CustomerId, i64) = (row.get(0)?, row.get(1)?);
    let mut changed = params![id, rev];
    let mut old_ones = 0;
    for (i, column) in COLUMNS.into_iter().enumerate() {
        let sealed: Option<Vec<u8>> = row.get(2 + i)?;
        let fresh = match &sealed {
            Some(old) if app.vault.needs_reseal(old) => {
                old_ones += 1;
                Some(reseal(app, column, unit, id, old)?)
            }
            _ => sealed,
        };
        changed.push(Value::from(fresh));
    }
    Ok((old_ones > 0).then_some(changed))
}
