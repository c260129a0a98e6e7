//! Looking at pairs and deciding them: lists over one branch or everything
//! below a unit, both records side by side, not the same, later, and the check
//! of what somebody types in. Values leave masked; that two masked values
//! differ is told without showing them.

use super::records::{Entry, each_entry};
use super::store::*;
use super::{PAIR_STATES, Pair, engine, jobs};
use crate::merge::{Seat, common_root};
use serde_json::json;
use zf_base::code::ErrorCode;
use zf_base::{CustomerId, DuplicateId, JobId, Timestamp, UnitId, Uuid};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::event::service::event_count;
use zf_kernel::job::service::job_enqueue_in;
use zf_kernel::job::{Job, NewJob, service::job_fetch};
use zf_kernel::unit::Unit;
use zf_kernel::unit::service::{branches_of, scope_of, unit_fetch, unit_subtree};
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx, again};
use zf_network::customer::service::customer_fetch;
use zf_network::customer::{Customer, seal};
use zf_store::{Sql, params};
use zf_vault::BlindKind;

/// Which pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All.
    All,
    /// Both records in one branch.
    Within,
    /// The records in two branches.
    Across,
}

/// The key of a pair in a list: the score, then the id.
pub type Key = (i64, Uuid);

/// Before the first.
pub const FIRST: Key = (1_001, Uuid::nil());

/// Pairs in a state in a branch or everything below a unit, the most alike
/// first, after a key. A pair across two branches of the list is in it once.
///
/// # Errors
/// A state that does not exist.
pub async fn pair_list(
    app: &App,
    scope: &UnitScope,
    state: &str,
    reach: Reach,
    after: Key,
    limit: i64,
) -> Result<Vec<Pair>> {
    if !PAIR_STATES.contains(&state) {
        return Err(KernelError::field("state", "field.not_in_list"));
    }
    let sql: Sql = match reach {
        Reach::All => PAIR_LIST,
        Reach::Within => PAIR_LIST_WITHIN,
        Reach::Across => PAIR_LIST_ACROSS,
    };
    let mut all: Vec<Pair> = Vec::new();
    for branch in branches_of(app, scope).await? {
        let p = params![state, after.0, after.1, limit];
        let rows = app.read_unit(branch.unit_id(), sql, p).await?;
        for row in &rows {
            all.push(Pair::read(row)?);
        }
    }
    all.sort_by_key(|p| (-p.score, p.id, p.unit_id));
    all.dedup_by_key(|p| p.id);
    all.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(all)
}

/// How many pairs are in each state, in a branch or below a unit; a pair across
/// two of its branches counts once.
pub async fn pair_counts(app: &App, scope: &UnitScope) -> Result<Vec<(String, i64)>> {
    let mut counts: Vec<(String, i64)> = PAIR_STATES.iter().map(|s| ((*s).to_owned(), 0)).collect();
    let branches = branches_of(app, scope).await?;
    for branch in &branches {
        let unit = branch.unit_id();
        for row in app.read_unit(unit, PAIR_COUNTS, params![]).await? {
            let (state, other): (String, UnitId) = (row.get(0)?, row.get(1)?);
            let told_there = other < unit && branches.iter().any(|b| b.unit_id() == other);
            if let Some(count) = counts.iter_mut().find(|(s, _)| *s == state && !told_there) {
                count.1 += row.get::<i64>(2)?;
            }
        }
    }
    Ok(counts)
}

/// One pair of a branch.
pub async fn pair_fetch(app: &App, scope: &UnitScope, id: DuplicateId) -> Result<Pair> {
    let rows = app
        .read_unit(scope.unit_id(), PAIR_BY_ID, params![id])
        .await?;
    match rows.first() {
        Some(row) => Pair::read(row),
        None => Err(KernelError::refused(ErrorCode::NOT_FOUND)),
    }
}

/// A record of a pair, when the actor may see it and it is there.
pub async fn record_of(app: &App, ctx: &Ctx, seat: Seat) -> Result<Option<Customer>> {
    let missing = |e: &KernelError| {
        [
            Some(ErrorCode::NOT_FOUND.code),
            Some(ErrorCode::CUSTOMER_NOT_FOUND.code),
        ]
        .contains(&e.code())
    };
    let scope = match scope_of(app, ctx, Permission::CustomerRead, seat.unit).await {
        Ok(scope) => scope,
        Err(e) if missing(&e) => return Ok(None),
        Err(e) => return Err(e),
    };
    match customer_fetch(app, &scope, seat.id).await {
        Ok(c) => Ok(Some(c)),
        Err(e) if missing(&e) => Ok(None),
        Err(e) => Err(e),
    }
}

/// Decides that two records are not one person (`rejected`), to look later
/// (`later`), or to look again (`open`). A proposal of the other branch is
/// refused with it.
///
/// # Errors
/// `conflict` when the pair is merged.
pub async fn pair_decide(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: DuplicateId,
    state: &str,
) -> Result<Pair> {
    let pair = pair_fetch(app, scope, id).await?;
    again(app, || decide(app, ctx, scope, &pair, state)).await?;
    if pair.other_unit != pair.unit_id {
        match scope_of(app, ctx, Permission::CustomerMerge, pair.other_unit).await {
            Ok(other) => again(app, || decide(app, ctx, &other, &pair, state)).await?,
            // Not ours to write in: the other branch keeps its own view.
            Err(e) if e.code() == Some(ErrorCode::NOT_FOUND.code) => {}
            Err(e) => return Err(e),
        }
    }
    pair_fetch(app, scope, id).await
}

async fn decide(app: &App, ctx: &Ctx, scope: &UnitScope, pair: &Pair, state: &str) -> Result<()> {
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let p = params![pair.id, state, ctx.now, ctx.actor.name.as_str()];
    let n = tx.exec(PAIR_DECIDE, p).await?;
    if n == 0 && scope.unit_id() == pair.unit_id {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    if n > 0 {
        let detail = json!({ "state": state });
        tx.record("duplicate.decide", "duplicate", pair.id, detail);
        if let (Some((home, merge)), true) = (pair.merge, pair.state == "proposed") {
            answer_job(&mut tx, app, ctx, pair, (home, merge), false).await?;
        }
    }
    tx.commit().await
}

async fn answer_job(
    tx: &mut UnitTx<'_>,
    app: &App,
    ctx: &Ctx,
    pair: &Pair,
    merge: (UnitId, zf_base::MergeId),
    yes: bool,
) -> Result<()> {
    let root = common_root(app, pair.unit_id, pair.other_unit).await?;
    let args =
        json!({ "unit_id": merge.0, "merge_id": merge.1, "yes": yes, "name": ctx.actor.name });
    let job = NewJob::new(crate::merge::jobs::MERGE, root.id, args);
    job_enqueue_in(tx, app, ctx, &job).await?;
    Ok(())
}

/// Agrees to a merge that the other branch has proposed: told of here, done by
/// the job that reaches both branches.
///
/// # Errors
/// `conflict` when nothing is proposed; `permission.second_person` when this
/// branch has proposed it itself.
pub async fn pair_agree(app: &App, ctx: &Ctx, scope: &UnitScope, id: DuplicateId) -> Result<Pair> {
    let pair = pair_fetch(app, scope, id).await?;
    let merge = pair.merge.filter(|_| pair.state == "proposed");
    let merge = merge.ok_or_else(|| KernelError::refused(ErrorCode::CONFLICT))?;
    let reaches_other = scope_of(app, ctx, Permission::CustomerMerge, pair.other_unit).await;
    if merge.0 == scope.unit_id() && reaches_other.is_err() {
        return Err(KernelError::refused(ErrorCode::PERMISSION_SECOND_PERSON));
    }
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        let detail = json!({ "state": "agreed" });
        tx.record("duplicate.decide", "duplicate", id, detail);
        answer_job(&mut tx, app, ctx, &pair, merge, true).await?;
        tx.commit().await
    })
    .await?;
    pair_fetch(app, scope, id).await
}

/// The last search of a unit.
#[derive(Clone, Debug)]
pub struct Scan {
    /// The job; its row tells the progress.
    pub job_id: JobId,
    /// Customers compared.
    pub records: i64,
    /// Pairs found.
    pub pairs: i64,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// By whom.
    pub asked_by_name: String,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// The last search of a unit, with its job; none when there was none.
pub async fn scan_fetch(app: &App, scope: &UnitScope) -> Result<Option<(Scan, Job)>> {
    let rows = app.read_unit(scope.unit_id(), SCAN_GET, params![]).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let scan = Scan {
        job_id: row.get(0)?,
        records: row.get(1)?,
        pairs: row.get(2)?,
        asked_at: row.get(3)?,
        asked_by_name: row.get(4)?,
        ended_at: row.get(5)?,
    };
    let job = job_fetch(app, scan.job_id).await?;
    Ok(Some((scan, job)))
}

/// Starts a search in a unit and everything below it.
///
/// # Errors
/// `conflict` while one is running.
pub async fn scan_start(app: &App, ctx: &Ctx, scope: &UnitScope) -> Result<()> {
    let unit = scope.unit_id();
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        let job = NewJob::new(jobs::SCAN, unit, json!({})).once(unit);
        let id = job_enqueue_in(&mut tx, app, ctx, &job).await?;
        let p = params![id, ctx.now, ctx.actor.name.as_str()];
        tx.exec(SCAN_PUT, p).await?;
        tx.record("duplicate.scan", "unit", unit, json!({ "asked": true }));
        tx.commit().await
    })
    .await
}

/// What somebody types in before a customer is added.
#[derive(Clone)]
pub struct Typed {
    /// 姓名.
    pub name: String,
    /// 联系电话.
    pub phone: String,
    /// 身份证号.
    pub id_number: String,
    /// 家庭住址.
    pub address: String,
}

/// Shown whenever somebody debugs: never the values.
impl std::fmt::Debug for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Typed(..)")
    }
}

/// Records of the branch that are like what somebody types in, the most alike
/// first, with why; and how many records elsewhere have the same phone or ID
/// number (a number only: they are other branches' customers).
pub async fn typed_check(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    typed: &Typed,
    demo: bool,
) -> Result<(Vec<(CustomerId, i64, Vec<String>)>, i64)> {
    let unit = scope.unit_id();
    note_check(app, ctx, scope).await?;
    let values = [
        typed.name.as_str(),
        &typed.phone,
        &typed.id_number,
        &typed.address,
    ];
    let asked = Entry::typed(unit, values);
    let mut entries = Vec::new();
    each_entry(app, scope, |entry| entries.push(entry)).await?;
    let mut found = Vec::new();
    for (at, score, why) in engine::like(&entries, &asked)? {
        found.push((entries[at].seat.id, score, why));
    }
    found.truncate(CHECK_SHOWN);
    Ok((found, elsewhere(app, ctx, scope.unit(), typed, demo).await?))
}

/// Counts a check against the hour, like a look-up by phone, and tells of it
/// without what was typed.
async fn note_check(app: &App, ctx: &Ctx, scope: &UnitScope) -> Result<()> {
    let hour_ago = ctx.now.plus_seconds(-3600);
    let write = Permission::CustomerWrite;
    let used = event_count(app, ctx, write, "duplicate.check", hour_ago).await?;
    if used >= app.policy.reveal.lookups_per_hour {
        return Err(KernelError::refused(ErrorCode::REVEAL_LIMIT));
    }
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        tx.record("duplicate.check", "customer", "", json!({}));
        tx.commit().await
    })
    .await
}

/// Records shown of those that are like what somebody types in.
const CHECK_SHOWN: usize = 5;

/// Records of other branches of the same county with the same phone or ID number.
async fn elsewhere(app: &App, ctx: &Ctx, here: &Unit, typed: &Typed, demo: bool) -> Result<i64> {
    let unit = here.id;
    let mut wanted: Vec<(Sql, Vec<u8>)> = Vec::new();
    if let Ok(c) = seal::phone(&typed.phone, demo)
        && let Some(index) = seal::blind(app, BlindKind::Phone, c.state, &c.value)
    {
        wanted.push((SAME_PHONE, index));
    }
    if let Ok(c) = seal::id_number(&typed.id_number, ctx.today(), demo)
        && let Some(index) = seal::blind(app, BlindKind::IdNumber, c.state, &c.value)
    {
        wanted.push((SAME_ID_NUMBER, index));
    }
    let mut ids = std::collections::BTreeSet::new();
    // A number only leaves here, so the whole county is looked at.
    let county = match here.parent_id {
        Some(parent) => unit_fetch(app, parent).await?.path,
        None => here.path.clone(),
    };
    for other in unit_subtree(app, &county).await? {
        for (sql, index) in wanted.iter().filter(|_| other.id != unit) {
            for row in app
                .read_unit(other.id, *sql, params![index.clone()])
                .await?
            {
                ids.insert((other.id, row.get::<CustomerId>(0)?));
            }
        }
    }
    Ok(ids.len() as i64)
}
