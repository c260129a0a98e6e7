//! The jobs of exports: writing one, and forgetting files that are kept too
//! long. A run that dies is started again from the beginning: nothing of it is
//! seen before the file is there as a whole. Every branch whose people are in
//! the file tells of it in its own chain, before the file can be taken.

use super::allowed::Allowed;
use super::handover;
use super::policy::policy;
use super::service::{self, JOB, context, export_fail, export_fetch};
use super::sheet::{self, Eyes, Groups};
use super::store::*;
use super::{Export, Kind, State, words};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use zf_base::mask::{Permit, Reason};
use zf_base::{ExportId, limits};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::Job;
use zf_kernel::job::schedule::Preset;
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::unit::service::{branches_of, scope_of, unit_fetch};
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx, again};
use zf_network::customer::Customer;
use zf_network::customer::service::{Filter, customer_list};
use zf_network::village_group::service::village_group_list;
use zf_store::params;

/// Kind of the nightly job.
pub const FORGET: &str = "custody.forget_exports";
/// When files are looked through.
pub const SCHEDULES: &[Preset] = &[Preset {
    kind: FORGET,
    cron: "40 1 * * *",
}];
/// Bytes of one sealed piece of a file.
const PIECE: usize = 512 * 1024;

/// Adds the handlers.
pub fn handlers(handlers: &mut Handlers) {
    handlers.add(JOB, run);
    handlers.add_failed(JOB, failed);
    handlers.add(FORGET, forget);
}

async fn forget(run: Arc<Run>) -> Result<Json> {
    let gone = service::exports_forget(&run.app, &run.ctx).await?;
    Ok(json!({ "files": gone }))
}

async fn failed(app: App, job: Job) -> Result<()> {
    let unit = unit_fetch(&app, job.unit_id).await?;
    let ctx = Ctx::for_job(job.created_by, "", &unit, app.now(), app.new_id());
    export_fail(&app, &ctx, unit.id, export_of(&job)?).await
}

fn export_of(job: &Job) -> Result<ExportId> {
    let id = job.args.get("export_id").and_then(Json::as_str);
    id.and_then(|s| s.parse().ok())
        .ok_or_else(|| KernelError::Internal("export job without export".to_owned()))
}

async fn run(run: Arc<Run>) -> Result<Json> {
    let (app, ctx) = (&run.app, &run.ctx);
    let scope = scope_of(app, ctx, Permission::CustomerExport, run.job.unit_id).await?;
    let export = export_fetch(app, scope.unit_id(), export_of(&run.job)?).await?;
    if export.state != State::Running {
        return Ok(json!({ "rows": export.rows_written }));
    }
    let (rows, bytes) = match export.kind {
        Kind::Customers => list(&run, &scope, &export).await?,
        Kind::Core => handover::write(&run, &scope, &export).await?,
    };
    finish(app, ctx, &scope, &export, rows, &bytes).await?;
    Ok(json!({ "rows": rows }))
}

/// All customers wanted of a branch, page by page.
pub(super) async fn customers_of(
    app: &App,
    branch: &UnitScope,
    filter: &Filter,
) -> Result<Vec<Customer>> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let limit = i64::from(limits::PAGE_ROWS_MAX);
        let page = customer_list(app, branch, filter, &after, limit).await?;
        let full = page.len() as i64 >= limit;
        if let Some(last) = page.last() {
            after.clone_from(&last.customer_no);
        }
        all.extend(page);
        if !full {
            return Ok(all);
        }
    }
}

/// Names of the village groups of a branch.
pub(super) async fn groups_of(app: &App, branch: &UnitScope) -> Result<Groups> {
    let groups = village_group_list(app, branch).await?;
    Ok(groups
        .into_iter()
        .map(|g| (g.id, format!("{}{}", g.village, g.name)))
        .collect())
}

/// Tells in a branch that its people are in a file.
pub(super) async fn tell(
    app: &App,
    ctx: &Ctx,
    branch: &UnitScope,
    export: &Export,
    rows: usize,
) -> Result<()> {
    let detail = json!({ "rows": rows, "full": export.full_values, "purpose": export.purpose });
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, branch).await?;
        tx.record("customer.export", "export", export.id, detail.clone());
        tx.commit().await
    })
    .await
}

async fn list(run: &Run, scope: &UnitScope, export: &Export) -> Result<(i64, Vec<u8>)> {
    let (app, ctx) = (&run.app, &run.ctx);
    let policy = policy(app).await?;
    let purpose = policy
        .purpose_name(&export.purpose)
        .unwrap_or(&export.purpose);
    let reason = Reason::new(&export.reason)
        .map_err(|_| KernelError::Internal("an export without a reason".to_owned()))?;
    let permit = export.full_values.then(|| Permit::for_reason(reason));
    let eyes = Eyes {
        permit: permit.as_ref(),
        mark: export.mark(),
    };
    let filter = Filter {
        tag: export.wanted.tag.clone(),
        village_group: export.wanted.village_group,
        ..Filter::default()
    };
    let to_people = policy.to_people(&export.purpose);
    let (mut rows, mut left_out) = (Vec::new(), 0);
    for branch in branches_of(app, scope).await? {
        let mut customers = customers_of(app, &branch, &filter).await?;
        let allowed = Allowed::of(app, &branch).await?;
        left_out += allowed.keep(&mut customers, to_people);
        if customers.is_empty() {
            continue;
        }
        let groups = groups_of(app, &branch).await?;
        let cells = customers
            .iter()
            .map(|c| sheet::cells(app, branch.unit(), &groups, c, &eyes, allowed.wishes(c)));
        rows.extend(cells);
        tell(app, ctx, &branch, export, customers.len()).await?;
        run.progress(rows.len() as i64, export.rows_wanted, "")
            .await?;
    }
    let count = rows.len() as i64;
    let less = (left_out > 0).then(|| words::left_out(left_out, to_people));
    let bytes = sheet::book(export, scope.unit(), purpose, less, rows, ctx.now)?;
    Ok((count, bytes))
}

/// Keeps the file, sealed, and lets it be taken.
async fn finish(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    export: &Export,
    rows: i64,
    bytes: &[u8],
) -> Result<()> {
    let keep = policy(app).await?.rules.keep_days;
    let hash = app.vault.mac("export.file", bytes).to_vec();
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        tx.exec(EXPORT_FILE_DROP, params![export.id]).await?;
        for (part, piece) in bytes.chunks(PIECE).enumerate() {
            let part = part as i64;
            let sealed = app.vault.seal_blob(&context(export.id, part), piece);
            tx.exec(EXPORT_FILE_ADD, params![export.id, part, sealed])
                .await?;
        }
        let until = ctx.today().plus_days(keep);
        let row = params![export.id, rows, hash.clone(), until];
        if tx.exec(EXPORT_READY, row).await? == 0 {
            return Err(KernelError::Internal(
                "the export is no longer running".to_owned(),
            ));
        }
        tx.record("export.ready", "export", export.id, json!({ "rows": rows }));
        tx.commit().await
    })
    .await
}
