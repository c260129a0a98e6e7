//! The search for records that may be one person, as a job on a branch or on
//! everything below a unit. Branch by branch the customers are opened into
//! memory, compared once, and the pairs go into each branch in a transaction of
//! its own; a search that dies is simply done again, with the same result.

use super::engine::Matcher;
use super::pairs::{Found, Known, pairs_known, pairs_put};
use super::records::{Place, each_entry, pair_mac};
use super::store::SCAN_END;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use zf_base::code::ErrorCode;
use zf_base::{CustomerId, DuplicateId, UnitId, limits};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::unit::service::{branches_of, scope_of};
use zf_kernel::{App, Permission, UnitScope, UnitTx, again};
use zf_store::params;

/// Kind of the job.
pub const SCAN: &str = "register.duplicates";

/// Adds the handler.
pub fn handlers(handlers: &mut Handlers) {
    handlers.add(SCAN, run);
}

async fn run(run: Arc<Run>) -> Result<Json> {
    let (app, ctx) = (&run.app, &run.ctx);
    let root = scope_of(app, ctx, Permission::CustomerMerge, run.job.unit_id).await?;
    let branches = branches_of(app, &root).await?;
    // Opening, comparing and storing are one step per branch each, about.
    let total = branches.len() as i64 * 2 + 1;
    let (mut matcher, mut places) = (Matcher::new()?, Vec::new());
    for (n, branch) in branches.iter().enumerate() {
        each_entry(app, branch, |entry| {
            places.push(entry.place(app));
            matcher.push(&entry);
        })
        .await?;
        if places.len() > limits::IMPORT_ROWS_MAX as usize {
            return Err(KernelError::refused(ErrorCode::IMPORT_TOO_LARGE));
        }
        run.progress(n as i64 + 1, total, "").await?;
    }
    let records = places.len();
    let found = find(matcher, places).await?;
    let mut known = HashMap::new();
    for branch in &branches {
        known.insert(branch.unit_id(), pairs_known(app, branch.unit_id()).await?);
    }
    let found = named(app, found, &known);
    let pairs = found.len();
    let by_unit = per_branch(found);
    let inside: HashSet<UnitId> = branches.iter().map(UnitScope::unit_id).collect();
    let none = Vec::new();
    let mut new = 0;
    for (n, branch) in branches.iter().enumerate() {
        let unit = branch.unit_id();
        let (found, known) = (by_unit.get(&unit).unwrap_or(&none), &known[&unit]);
        let stale = stale(found, known, &inside);
        new += pairs_put(app, ctx, branch, known, found, &stale).await?;
        run.progress(branches.len() as i64 + 1 + n as i64, total, "")
            .await?;
    }
    ended(&run, &root, records, pairs).await?;
    Ok(json!({ "records": records, "pairs": pairs, "new": new }))
}

/// A pair of entries with what is stored of it.
struct Pair {
    a: crate::merge::Seat,
    b: crate::merge::Seat,
    score: i64,
    reasons: Vec<String>,
    mac: Vec<u8>,
    id: Option<DuplicateId>,
}

/// Compares on a thread of its own.
async fn find(matcher: Matcher, places: Vec<Place>) -> Result<Vec<Pair>> {
    let work = tokio::task::spawn_blocking(move || {
        let pairs = matcher.pairs().into_iter().map(|p| {
            let (a, b) = (&places[p.a], &places[p.b]);
            let mut reasons = p.reasons;
            if a.seat.unit == b.seat.unit && a.household == b.household {
                reasons.push("household.same".to_owned());
            }
            Pair {
                a: a.seat,
                b: b.seat,
                score: p.score,
                reasons,
                mac: pair_mac(a, b),
                id: None,
            }
        });
        pairs.collect::<Vec<_>>()
    });
    work.await
        .map_err(|e| KernelError::Internal(format!("search for duplicates: {e}")))
}

/// Gives every pair its id: the one either branch knows it by, or a new one.
fn named(app: &App, mut pairs: Vec<Pair>, known: &HashMap<UnitId, Known>) -> Vec<Pair> {
    let of = |unit: UnitId, own: CustomerId, other: crate::merge::Seat| {
        let there = known.get(&unit)?;
        there.get(&(own, other.unit, other.id)).map(|k| k.0)
    };
    for p in &mut pairs {
        let turned = of(p.b.unit, p.b.id, p.a);
        if p.a.unit == p.b.unit && turned.is_some() {
            // Inside a branch a pair is stored once, as it was first found.
            std::mem::swap(&mut p.a, &mut p.b);
        }
        let id = of(p.a.unit, p.a.id, p.b).or(turned);
        p.id = Some(id.unwrap_or_else(|| DuplicateId(app.new_id())));
    }
    pairs
}

fn per_branch(pairs: Vec<Pair>) -> BTreeMap<UnitId, Vec<Found>> {
    let mut by: BTreeMap<UnitId, Vec<Found>> = BTreeMap::new();
    for p in pairs {
        let Some(id) = p.id else { continue };
        let found = |own: crate::merge::Seat, other| Found {
            id,
            own_id: own.id,
            other,
            score: p.score,
            reasons: p.reasons.clone(),
            mac: p.mac.clone(),
        };
        by.entry(p.a.unit).or_default().push(found(p.a, p.b));
        if p.a.unit != p.b.unit {
            by.entry(p.b.unit).or_default().push(found(p.b, p.a));
        }
    }
    by
}

/// Known pairs, both records of which were compared, that were not found again.
fn stale(found: &[Found], known: &Known, inside: &HashSet<UnitId>) -> Vec<DuplicateId> {
    let again: HashSet<DuplicateId> = found.iter().map(|f| f.id).collect();
    let gone = known
        .iter()
        .filter(|((_, other, _), (id, _, _))| inside.contains(other) && !again.contains(id));
    gone.map(|(_, (id, _, _))| *id).collect()
}

async fn ended(run: &Run, root: &UnitScope, records: usize, pairs: usize) -> Result<()> {
    let (app, ctx) = (&run.app, &run.ctx);
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, root).await?;
        let p = params![run.job.id, records as i64, pairs as i64, app.now()];
        if tx.exec(SCAN_END, p).await? > 0 {
            let detail = json!({ "records": records, "pairs": pairs });
            tx.record("duplicate.scan", "unit", root.unit_id(), detail);
        }
        tx.commit().await
    })
    .await
}
