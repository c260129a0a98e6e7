//! The hand-over to the bank's own customer system, so that nobody types
//! twice: records that did not come from there go out in its template; its
//! receipt comes back as a file and is matched line by line. A record goes out
//! again only when it has changed since. One branch after the other, each in
//! its own transaction; done twice it changes nothing.

use super::allowed::Allowed;
use super::jobs::{customers_of, groups_of, tell};
use super::policy::{Policy, Receipt, policy};
use super::store::*;
use super::{Export, Kind, State, sheet, words};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use zf_base::code::ErrorCode;
use zf_base::mask::{Permit, Reason};
use zf_base::search::compare_key;
use zf_base::{CustomerId, ExportId, Timestamp, UnitId, limits};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::worker::Run;
use zf_kernel::unit::service::branches_of;
use zf_kernel::{App, Ctx, UnitScope, UnitTx, again};
use zf_network::customer::Customer;
use zf_network::customer::service::Filter;
use zf_office::{Limits, Table, TableOptions};
use zf_store::params;

/// Channel of what the bank's own system has told us itself.
const CORE_CHANNEL: &str = "core_system";

/// Gathers what is new, notes it as sent and fills in the template.
pub(super) async fn write(run: &Run, scope: &UnitScope, export: &Export) -> Result<(i64, Vec<u8>)> {
    let (app, ctx) = (&run.app, &run.ctx);
    let policy = policy(app).await?;
    let reason = Reason::new(&export.reason)
        .map_err(|_| KernelError::Internal("an export without a reason".to_owned()))?;
    let permit = Permit::for_reason(reason);
    let mut lines = Vec::new();
    for branch in branches_of(app, scope).await? {
        let customers = due(app, &branch, export, &policy).await?;
        if customers.is_empty() {
            continue;
        }
        let groups = groups_of(app, &branch).await?;
        let line = |c| sheet::core_line(&policy.core, branch.unit(), &groups, c, &permit);
        lines.extend(customers.iter().map(line));
        sent(app, ctx, &branch, export, &customers).await?;
        tell(app, ctx, &branch, export, customers.len()).await?;
        run.progress(lines.len() as i64, export.rows_wanted, "")
            .await?;
    }
    let count = lines.len() as i64;
    let bytes = sheet::core_file(&policy.core, lines);
    Ok((count, bytes))
}

/// Records the bank's system does not have in this revision.
async fn due(
    app: &App,
    branch: &UnitScope,
    export: &Export,
    policy: &Policy,
) -> Result<Vec<Customer>> {
    let mut given: HashMap<CustomerId, (i64, ExportId)> = HashMap::new();
    for row in app
        .read_unit(branch.unit_id(), HANDOVER_LIST, params![])
        .await?
    {
        given.insert(row.get(0)?, (row.get(1)?, row.get(2)?));
    }
    let mut customers = customers_of(app, branch, &Filter::default()).await?;
    // What the bank may not know any more is given to no other system.
    Allowed::of(app, branch).await?.keep(&mut customers, false);
    customers.retain(|c| {
        let ours = c.source_channel != CORE_CHANNEL;
        let complete = c.four_fields || !policy.core.only_complete;
        let fresh = match given.get(&c.id) {
            // Noted as sent by a run of this export that died: it goes out with this one.
            Some((rev, by)) => *by == export.id || *rev < c.rev,
            None => true,
        };
        ours && complete && fresh
    });
    Ok(customers)
}

async fn sent(
    app: &App,
    ctx: &Ctx,
    branch: &UnitScope,
    export: &Export,
    customers: &[Customer],
) -> Result<()> {
    for batch in customers.chunks(limits::IMPORT_BATCH_ROWS) {
        again(app, || async {
            let mut tx = UnitTx::begin(app, ctx, branch).await?;
            for c in batch {
                tx.exec(HANDOVER_SENT, params![c.id, export.id, c.rev, ctx.now])
                    .await?;
            }
            tx.record(
                "core.sent",
                "export",
                export.id,
                json!({ "rows": batch.len() }),
            );
            tx.commit().await
        })
        .await?;
    }
    Ok(())
}

/// What the bank's system was given of a customer ends in the branch they
/// leave, with who and when.
///
/// # Errors
/// Only the database.
pub(crate) async fn handover_ends(
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    customer: CustomerId,
) -> Result<()> {
    let (by, name) = (ctx.actor.user_id, ctx.actor.name.as_str());
    tx.exec(HANDOVER_ENDS, params![customer, ctx.now, by, name])
        .await?;
    Ok(())
}

/// It goes on where it was: they are back.
///
/// # Errors
/// Only the database.
pub(crate) async fn handover_resumes(tx: &mut UnitTx<'_>, customer: CustomerId) -> Result<()> {
    tx.exec(HANDOVER_RESUMES, params![customer]).await?;
    Ok(())
}

/// Has a branch given the customer since a moment?
///
/// # Errors
/// Only the database.
pub(crate) async fn handed_since(
    app: &App,
    unit: UnitId,
    customer: CustomerId,
    since: Timestamp,
) -> Result<bool> {
    let rows = app
        .read_unit(unit, HANDOVER_SINCE, params![customer, since])
        .await?;
    Ok(!rows.is_empty())
}

/// Forgets it, with the number the bank's system gave: the customer is erased.
/// How many rows.
///
/// # Errors
/// Only the database.
pub(crate) async fn handover_forget(tx: &mut UnitTx<'_>, customer: CustomerId) -> Result<u64> {
    tx.exec(HANDOVER_FORGET, params![customer]).await
}

/// A line of a receipt that was not used, or not wholly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptProblem {
    /// Row in the file.
    pub row: u64,
    /// Why, in words.
    pub reason: String,
}

/// What a receipt said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceiptResult {
    /// Records the bank's system has taken.
    pub accepted: i64,
    /// Records it has refused.
    pub rejected: i64,
    /// Records that now carry the bank's number.
    pub renumbered: i64,
    /// Records of the export the receipt says nothing of.
    pub silent: i64,
    /// Lines that were not used.
    pub problems: Vec<ReceiptProblem>,
}

struct Line {
    row: u64,
    key: String,
    accepted: bool,
    core_no: String,
    message: String,
}

/// Reads a receipt and matches it.
pub async fn receipt_take(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    export: &Export,
    file_name: &str,
    bytes: Vec<u8>,
) -> Result<ReceiptResult> {
    if export.kind != Kind::Core || !matches!(export.state, State::Ready | State::Gone) {
        return Err(KernelError::refused(ErrorCode::EXPORT_STATE));
    }
    let policy = policy(app).await?;
    let mut result = ReceiptResult::default();
    let mut lines = read_lines(&policy.receipt, file_name, bytes)?;
    let mut seen = HashSet::new();
    lines.retain(|l| {
        let first = seen.insert(l.key.clone());
        if !first {
            result.problems.push(problem(l.row, "double"));
        }
        first
    });
    let mut by_key: HashMap<String, Line> = lines.into_iter().map(|l| (l.key.clone(), l)).collect();
    for branch in branches_of(app, scope).await? {
        let rows = app
            .read_unit(branch.unit_id(), HANDOVER_NUMBERS, params![export.id])
            .await?;
        let mut found = Vec::new();
        for row in &rows {
            let (no, id): (String, CustomerId) = (row.get(0)?, row.get(1)?);
            match by_key.remove(&no) {
                Some(line) => found.push((id, line)),
                None => result.silent += 1,
            }
        }
        for batch in found.chunks(limits::IMPORT_BATCH_ROWS) {
            let part = again(app, || apply(app, ctx, &branch, export.id, batch)).await?;
            result.accepted += part.accepted;
            result.rejected += part.rejected;
            result.renumbered += part.renumbered;
            result.problems.extend(part.problems);
        }
    }
    let unknown = by_key.values().map(|l| problem(l.row, "unknown"));
    result.problems.extend(unknown);
    result.problems.sort_by_key(|p| p.row);
    Ok(result)
}

fn problem(row: u64, code: &str) -> ReceiptProblem {
    ReceiptProblem {
        row,
        reason: words::receipt_problem(code).to_owned(),
    }
}

/// One batch of a branch, in one transaction.
async fn apply(
    app: &App,
    ctx: &Ctx,
    branch: &UnitScope,
    export: ExportId,
    batch: &[(CustomerId, Line)],
) -> Result<ReceiptResult> {
    let mut part = ReceiptResult::default();
    let mut tx = UnitTx::begin(app, ctx, branch).await?;
    for (id, line) in batch {
        let state = if line.accepted {
            "accepted"
        } else {
            "rejected"
        };
        let core_no = (!line.core_no.is_empty()).then_some(line.core_no.as_str());
        let row = params![export, *id, state, core_no, line.message.as_str(), ctx.now];
        tx.exec(HANDOVER_RECEIPT, row).await?;
        match line.accepted {
            true => part.accepted += 1,
            false => part.rejected += 1,
        }
        let Some(no) = core_no.filter(|no| line.accepted && *no != line.key) else {
            continue;
        };
        if no.chars().count() > limits::CODE_CHARS_MAX {
            part.problems.push(problem(line.row, "long"));
        } else if tx
            .query_opt(HANDOVER_NO_TAKEN, params![no])
            .await?
            .is_some()
        {
            part.problems.push(problem(line.row, "taken"));
        } else {
            tx.exec(
                HANDOVER_RENUMBER,
                params![*id, no, ctx.now, ctx.actor.user_id],
            )
            .await?;
            tx.exec(HANDOVER_RENUMBERED, params![*id]).await?;
            part.renumbered += 1;
        }
    }
    let detail = json!({ "accepted": part.accepted, "rejected": part.rejected, "renumbered": part.renumbered });
    tx.record("core.receipt", "export", export, detail);
    tx.commit().await?;
    Ok(part)
}

fn read_lines(rules: &Receipt, file_name: &str, bytes: Vec<u8>) -> Result<Vec<Line>> {
    let unreadable = |_| KernelError::field("file", "receipt.unreadable");
    let all = [&rules.key, &rules.result, &rules.core_no, &rules.message];
    let known = |h: &str| all.iter().any(|list| named(list, h));
    let options = TableOptions {
        limits: Limits {
            max_bytes: limits::IMPORT_BYTES_MAX,
            ..Limits::default()
        },
        ..TableOptions::default()
    };
    let mut table = Table::open(bytes, file_name, &options, &known).map_err(unreadable)?;
    let headers = table.headers().to_vec();
    let at = |list: &[String]| headers.iter().position(|h| named(list, h));
    let (Some(key), Some(result)) = (at(&rules.key), at(&rules.result)) else {
        return Err(KernelError::field("file", "receipt.columns"));
    };
    let (core_no, message) = (at(&rules.core_no), at(&rules.message));
    let mut lines = Vec::new();
    for row in table.rows() {
        let row = row.map_err(unreadable)?;
        let cell = |i: Option<usize>| i.and_then(|i| row.cells.get(i)).map_or("", |c| c.trim());
        let no = cell(Some(key));
        if no.is_empty() {
            continue;
        }
        let said = cell(Some(result));
        // A message of that system is free text: long digits in it are starred.
        let note = <zf_base::mask::FreeNote as zf_base::mask::Kind>::mask(cell(message));
        lines.push(Line {
            row: row.row_number,
            key: no.to_owned(),
            accepted: named(&rules.accepted, said),
            core_no: cell(core_no).to_owned(),
            message: note.chars().take(limits::REASON_CHARS_MAX).collect(),
        });
    }
    Ok(lines)
}

fn named(list: &[String], text: &str) -> bool {
    let key = compare_key(text);
    list.iter().any(|known| compare_key(known) == key)
}
