//! Listing what is due, deciding about it, erasing what was agreed to. Each
//! record is looked at again before it goes: whoever was contacted since the
//! list was made stays.

use super::Batch;
use super::store::*;
use crate::policy::{After, Policy, RetentionRule, policy};
use crate::request::certificate::{About, certify};
use crate::request::erase::{Erased, erase};
use serde_json::json;
use std::collections::BTreeSet;
use zf_base::code::ErrorCode;
use zf_base::{CustomerId, Day, Timestamp, UnitId, Uuid};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::NewJob;
use zf_kernel::job::service::job_enqueue_in;
use zf_kernel::job::worker::Run;
use zf_kernel::text::clear_text;
use zf_kernel::unit::service::{newest_below, unit_fetch};
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx, again};
use zf_network::customer::past::{Fate, past_fetch};
use zf_network::customer::service::customer_fetch;
use zf_network::customer::source::ended::{Ended, ended};
use zf_store::{Row, params};

/// Kind of the job that erases a batch.
pub const ERASE: &str = "custody.erase_batch";

/// Customers due by one rule, with the day since when.
pub(crate) type Due = Vec<(CustomerId, Day)>;

async fn due(app: &App, unit: UnitId, rule: &RetentionRule, today: Day, limit: i64) -> Result<Due> {
    match rule.after {
        After::SourceEnd => due_by_source(app, unit, rule, today, limit).await,
        After::LastContact => due_by_contact(app, unit, rule, today, limit).await,
    }
}

/// Since when a list that was rejected is not made again the next night.
fn rejected_since(rule: &RetentionRule, today: Day) -> Timestamp {
    Timestamp::start_of(today.plus_days(-rule.days.max(1)))
}

/// Whose record has not changed for long.
async fn due_by_contact(
    app: &App,
    unit: UnitId,
    rule: &RetentionRule,
    today: Day,
    limit: i64,
) -> Result<Due> {
    let moment = Timestamp::start_of(today.plus_days(-rule.days));
    let (channel, purpose) = (rule.channel.as_str(), rule.purpose.as_str());
    let rejected = rejected_since(rule, today);
    let p = params![moment, channel, purpose, rejected, limit];
    let rows = app.read_unit(unit, DUE_BY_CONTACT, p).await?;
    rows.iter()
        .map(|r| Ok((r.get(0)?, r.get::<Timestamp>(1)?.day())))
        .collect()
}

/// Whose source has ended. Where a basis that was agreed to afterwards stands in
/// for it, the bank may keep what came before, and nobody is due.
async fn due_by_source(
    app: &App,
    unit: UnitId,
    rule: &RetentionRule,
    today: Day,
    limit: i64,
) -> Result<Due> {
    let before = today.plus_days(-rule.days);
    let rejected = rejected_since(rule, today);
    let ended = ended(app, &unit_fetch(app, unit).await?, today).await?;
    let (mut due, mut after) = (Due::new(), CustomerId(Uuid::nil()));
    loop {
        let (channel, purpose) = (rule.channel.as_str(), rule.purpose.as_str());
        let p = params![before, channel, purpose, rejected, limit, after];
        let rows = app.read_unit(unit, DUE_BY_SOURCE, p).await?;
        for row in &rows {
            after = row.get(0)?;
            if (due.len() as i64) < limit && ended.record(after) {
                due.push((after, row.get(1)?));
            }
        }
        if (rows.len() as i64) < limit || due.len() as i64 >= limit {
            return Ok(due);
        }
    }
}

/// Who is due in a branch by each rule; a customer counts for the first.
///
/// # Errors
/// Only the database.
pub async fn preview(
    app: &App,
    rules: &Policy,
    unit: UnitId,
    today: Day,
) -> Result<Vec<(String, Due)>> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for rule in &rules.retention.rule {
        let mut found = due(app, unit, rule, today, rules.retention.batch_rows).await?;
        found.retain(|(id, _)| seen.insert(*id));
        all.push((rule.id.clone(), found));
    }
    Ok(all)
}

/// Lists what is due in one branch; returns how many customers were listed.
///
/// # Errors
/// Only the database.
pub async fn list_due(app: &App, ctx: &Ctx, scope: &UnitScope) -> Result<i64> {
    let rules = policy(app).await?;
    let mut n = 0;
    for (rule, found) in preview(app, &rules, scope.unit_id(), ctx.today()).await? {
        if found.is_empty() {
            continue;
        }
        n += found.len() as i64;
        let id = app.new_id();
        again(app, || async {
            let mut tx = UnitTx::begin(app, ctx, scope).await?;
            let count = found.len() as i64;
            let row = params![id, rule.as_str(), rules.version, count, ctx.now];
            tx.exec(BATCH_ADD, row).await?;
            let items = found
                .iter()
                .map(|(customer, since)| params![id, *customer, *since, ""])
                .collect();
            tx.bulk("retention_item", ITEM_COLUMNS, items).await?;
            let detail = json!({ "rule": rule, "customers": count });
            tx.record("retention.list", "retention_batch", id, detail);
            tx.commit().await
        })
        .await?;
    }
    Ok(n)
}

const ITEM_COLUMNS: &[&str] = &["unit_id", "batch_id", "customer_id", "since_day", "outcome"];

fn read(row: &Row) -> Result<Batch> {
    Ok(Batch {
        unit_id: row.get(0)?,
        id: row.get(1)?,
        rule: row.get(2)?,
        policy_version: row.get(3)?,
        state: row.get(4)?,
        customers: row.get(5)?,
        erased: row.get(6)?,
        made_at: row.get(7)?,
        decided_at: row.get(8)?,
        decided_by_name: row.get(9)?,
        reason: row.get(10)?,
        ended_at: row.get(11)?,
    })
}

/// One batch of a branch.
///
/// # Errors
/// `not_found`; the database.
pub async fn fetch(app: &App, unit: UnitId, id: Uuid) -> Result<Batch> {
    let rows = app.read_unit(unit, BATCH_BY_ID, params![id]).await?;
    let row = rows.first();
    read(row.ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))?)
}

/// Batches of everything the actor may see, newest first.
///
/// # Errors
/// Only the database.
pub async fn list(
    app: &App,
    ctx: &Ctx,
    after: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> Result<Vec<Batch>> {
    let paths = ctx.roots(Permission::PrivacyRead).into_iter().map(|r| r.1);
    newest_below(app, paths, BATCH_LIST, after, limit, |row| {
        let one = read(row)?;
        Ok(((one.made_at, one.id), one))
    })
    .await
}

/// A person decides about a list that the job has made; agreed, a job erases it.
///
/// # Errors
/// `conflict` when it is decided, a missing reason, `not_found`.
pub async fn decide(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: Uuid,
    approve: bool,
    reason: &str,
) -> Result<Batch> {
    let (state, reason) = match approve {
        true => ("approved", String::new()),
        false => ("rejected", clear_text("reason", reason)?),
    };
    let unit = scope.unit_id();
    fetch(app, unit, id).await?;
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let row = params![
        id,
        state,
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str(),
        reason.as_str()
    ];
    if tx.exec(BATCH_DECIDE, row).await? == 0 {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    if approve {
        let job = NewJob::new(ERASE, unit, json!({ "batch_id": id })).once(id);
        job_enqueue_in(&mut tx, app, ctx, &job).await?;
    }
    let detail = json!({ "state": state, "reason": reason });
    tx.record("retention.decide", "retention_batch", id, detail);
    tx.commit().await?;
    fetch(app, unit, id).await
}

/// Ends the open items of a customer who leaves the branch: the lists there are
/// done with them, without a certificate.
///
/// # Errors
/// Only the database.
pub(crate) async fn items_leave(tx: &mut UnitTx<'_>, customer: CustomerId) -> Result<()> {
    tx.exec(ITEMS_LEAVE, params![customer]).await?;
    Ok(())
}

/// They are back: lists that are not done yet take them up again.
///
/// # Errors
/// Only the database.
pub(crate) async fn items_return(tx: &mut UnitTx<'_>, customer: CustomerId) -> Result<()> {
    tx.exec(ITEMS_RETURN, params![customer]).await?;
    Ok(())
}

/// Is the customer still due by the rule, in the transaction that would erase?
async fn still_due(
    tx: &mut UnitTx<'_>,
    rule: &RetentionRule,
    ended: &Ended,
    today: Day,
    id: CustomerId,
) -> Result<bool> {
    let Some(row) = tx.query_opt(DUE_STILL, params![id]).await? else {
        return Ok(false);
    };
    let before = today.plus_days(-rule.days);
    Ok(match rule.after {
        After::SourceEnd => {
            let over = row.get::<Option<Day>>(0)?.is_some_and(|d| d < before);
            over && ended.record(id)
        }
        After::LastContact => row.get::<Timestamp>(1)?.day() < before,
    })
}

/// Erases one customer of a batch; the counts, or none when the record stays.
async fn erase_one(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    rule: &RetentionRule,
    ended: &Ended,
    batch: Uuid,
    id: CustomerId,
) -> Result<()> {
    again(app, || async {
        let found = customer_fetch(app, scope, id).await;
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        let outcome = match found {
            Ok(customer) if still_due(&mut tx, rule, ended, ctx.today(), id).await? => {
                json!(erase(&mut tx, app, ctx, &customer, &rule.id).await?).to_string()
            }
            Ok(_) => "kept".to_owned(),
            Err(e) if e.code() == Some(ErrorCode::CUSTOMER_NOT_FOUND.code) => {
                let past = past_fetch(app, scope.unit_id(), id).await?;
                let moved = past.is_some_and(|p| p.fate == Fate::Moved);
                if moved { "moved" } else { "gone" }.to_owned()
            }
            Err(e) => return Err(e),
        };
        tx.exec(ITEM_END, params![batch, id, outcome.as_str()])
            .await?;
        let erased = outcome.starts_with('{');
        tx.record(
            "retention.erase",
            "retention_batch",
            batch,
            json!({ "erased": erased }),
        );
        tx.commit().await
    })
    .await
}

/// Erases what was agreed to; can be stopped and started again at any record.
/// `run` hears how many are done.
///
/// # Errors
/// The database; a rule that is gone ends the batch without erasing.
pub async fn erase_batch(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: Uuid,
    run: Option<&Run>,
) -> Result<Erased> {
    let rules = policy(app).await?;
    let batch = fetch(app, scope.unit_id(), id).await?;
    let rule = rules.retention.rule.iter().find(|r| r.id == batch.rule);
    let ended = ended(app, scope.unit(), ctx.today()).await?;
    let mut done = 0;
    if let Some(rule) = rule {
        loop {
            let open = app
                .read_unit(scope.unit_id(), ITEMS_OPEN, params![id, 50i64])
                .await?;
            if open.is_empty() {
                break;
            }
            for row in &open {
                erase_one(app, ctx, scope, rule, &ended, id, row.get(0)?).await?;
                done += 1;
            }
            if let Some(run) = run {
                run.progress(done, batch.customers, "").await?;
            }
        }
    }
    finish(app, ctx, scope, &batch).await
}

/// Sums the outcomes up and writes the certificate, once; none when everybody
/// has stayed or gone elsewhere.
async fn finish(app: &App, ctx: &Ctx, scope: &UnitScope, batch: &Batch) -> Result<Erased> {
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        let mut sum = Erased::default();
        for row in tx.query(ITEMS_ERASED, params![batch.id]).await? {
            let outcome: String = row.get(0)?;
            if let Ok(one) = serde_json::from_str::<Erased>(&outcome) {
                sum.add(one);
            }
        }
        let row = params![batch.id, sum.customers, ctx.now];
        if tx.exec(BATCH_END, row).await? == 0 {
            return Ok(sum);
        }
        if sum.customers == 0 {
            let detail = json!({ "erased": 0 });
            tx.record("retention.erase", "retention_batch", batch.id, detail);
            tx.commit().await?;
            return Ok(sum);
        }
        let about = About {
            request: None,
            batch: Some(batch.id),
            asked_by: &batch.rule,
            approved_by: &batch.decided_by_name,
        };
        certify(&mut tx, app, ctx, &about, &sum).await?;
        tx.commit().await?;
        Ok(sum)
    })
    .await
}
