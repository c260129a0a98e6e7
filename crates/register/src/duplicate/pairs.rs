//! Pairs as rows of a branch: what a search found is laid over what is known,
//! and what a merge does to them. A decision of a person stands until one of
//! the two records changes in what was compared.

use super::store::*;
use serde_json::json;
use std::collections::HashMap;
use zf_base::{CustomerId, DuplicateId, MergeId, UnitId, Uuid, limits};
use zf_kernel::error::Result;
use zf_kernel::{App, Ctx, UnitScope, UnitTx, again};
use zf_store::params;

use crate::merge::Seat;

/// A pair that a search found, seen from one branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Id, the same in both branches.
    pub id: DuplicateId,
    /// The record of the branch.
    pub own_id: CustomerId,
    /// The other record.
    pub other: Seat,
    /// How alike, 0…1000.
    pub score: i64,
    /// Codes of why.
    pub reasons: Vec<String>,
    /// Keyed hash over what was compared.
    pub mac: Vec<u8>,
}

/// What a branch knows: by its own record and the other one.
pub type Known = HashMap<(CustomerId, UnitId, CustomerId), (DuplicateId, Vec<u8>, String)>;

/// Pairs of a branch as they stand.
pub async fn pairs_known(app: &App, unit: UnitId) -> Result<Known> {
    let rows = app.read_unit(unit, PAIR_KNOWN, params![]).await?;
    rows.iter()
        .map(|r| {
            Ok((
                (r.get(1)?, r.get(2)?, r.get(3)?),
                (r.get(0)?, r.get(4)?, r.get(5)?),
            ))
        })
        .collect()
}

/// The state after a search: a decision stands while nothing compared changed.
fn state_after(known: &str, same: bool) -> &str {
    match known {
        "gone" => "open",
        "rejected" | "later" | "merged" if !same => "open",
        other => other,
    }
}

/// Lays what was found over what a branch knows, in batches of one transaction
/// and one event each. `stale` are known pairs that were not found again.
/// Returns how many are new.
pub async fn pairs_put(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    known: &Known,
    found: &[Found],
    stale: &[DuplicateId],
) -> Result<u64> {
    let mut new = 0;
    for batch in found.chunks(limits::IMPORT_BATCH_ROWS) {
        new += again(app, || put_batch(app, ctx, scope, known, batch)).await?;
    }
    for batch in stale.chunks(limits::IMPORT_BATCH_ROWS) {
        again(app, || drop_batch(app, ctx, scope, batch)).await?;
    }
    Ok(new)
}

async fn put_batch(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    known: &Known,
    batch: &[Found],
) -> Result<u64> {
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let (mut rows, mut changed) = (Vec::new(), 0);
    for f in batch {
        let reasons = json!(f.reasons).to_string();
        match known.get(&(f.own_id, f.other.unit, f.other.id)) {
            None => rows.push(params![
                f.id,
                f.own_id,
                f.other.unit,
                f.other.id,
                f.score,
                reasons,
                f.mac.as_slice(),
                "open",
                ctx.now
            ]),
            Some((id, mac, state)) => {
                let same = *mac == f.mac;
                let after = state_after(state, same);
                if same && after == state {
                    continue;
                }
                let p = params![*id, f.score, reasons, f.mac.as_slice(), after];
                changed += tx.exec(PAIR_AGAIN, p).await?;
            }
        }
    }
    let new = rows.len() as u64;
    if new > 0 {
        tx.bulk("duplicate_pair", PAIR_COLUMNS, rows).await?;
    }
    if new + changed > 0 {
        let detail = json!({ "new": new, "changed": changed });
        tx.record("duplicate.find", "unit", scope.unit_id(), detail);
    }
    tx.commit().await?;
    Ok(new)
}

async fn drop_batch(app: &App, ctx: &Ctx, scope: &UnitScope, batch: &[DuplicateId]) -> Result<()> {
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let mut n = 0;
    for id in batch {
        n += tx.exec(PAIR_DROP, params![*id]).await?;
    }
    if n > 0 {
        let detail = json!({ "dropped": n });
        tx.record("duplicate.find", "unit", scope.unit_id(), detail);
    }
    tx.commit().await
}

/// A merge of a pair moves on.
pub(crate) async fn pair_merge(
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    pair: DuplicateId,
    state: &str,
    merge: (UnitId, MergeId),
) -> Result<()> {
    let p = params![
        pair,
        state,
        merge.0,
        merge.1,
        ctx.now,
        ctx.actor.name.as_str()
    ];
    tx.exec(PAIR_MERGE, p).await?;
    Ok(())
}

/// Other pairs of a record that leaves are not shown any more.
pub(crate) async fn pairs_of_gone(
    tx: &mut UnitTx<'_>,
    gone: Seat,
    but: Option<DuplicateId>,
) -> Result<()> {
    let but = but.map_or(Uuid::nil(), DuplicateId::uuid);
    tx.exec(PAIRS_GONE, params![gone.id, but]).await?;
    Ok(())
}

/// They are when it comes back.
pub(crate) async fn pairs_of_returned(tx: &mut UnitTx<'_>, back: Seat) -> Result<()> {
    tx.exec(PAIRS_RETURNED, params![back.id]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::state_after;

    #[test]
    fn a_rejected_pair_stays_rejected_until_a_record_changes() {
        assert_eq!(state_after("rejected", true), "rejected");
        assert_eq!(state_after("rejected", false), "open");
        assert_eq!(state_after("later", true), "later");
        assert_eq!(state_after("open", false), "open");
        assert_eq!(state_after("proposed", false), "proposed");
        assert_eq!(state_after("gone", true), "open");
    }
}
