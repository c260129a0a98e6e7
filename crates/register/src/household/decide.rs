//! Deciding proposals: accept, reject, take back. Accepting moves the members
//! into the household most of them are in; nothing is deleted, and what was
//! before is kept in the proposal, so that taking it back restores it. A page
//! of decisions is one transaction; one that no longer fits is told, not done.

use super::seat::{HouseholdRow, NewSeat, household_row, move_member, set_household};
use super::store::*;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use zf_base::geo::{Datum, Point};
use zf_base::{CustomerId, HouseholdId, ProposalId, Timestamp, VillageGroupId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, UnitScope, UnitTx, again};
use zf_store::{Row, params};

/// What somebody wants with one proposal.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Which.
    pub id: ProposalId,
    /// Accept, else reject.
    pub accept: bool,
    /// Members who stay where they are.
    pub leave_out: Vec<CustomerId>,
    /// The head, when it is not the proposed one.
    pub head: Option<CustomerId>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done.
    Done,
    /// Somebody has decided it in the meantime, or it is not there any more.
    Decided,
    /// A member is elsewhere by now, or fewer than two people from two households are left.
    Changed,
}

impl Outcome {
    /// As the API says it.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Decided => "decided",
            Outcome::Changed => "changed",
        }
    }
}

/// A member of a proposal with the present row of the customer.
struct MemberRow {
    id: CustomerId,
    relation: String,
    from: HouseholdId,
    left_out: bool,
    was_relation: Option<String>,
    now_in: HouseholdId,
    now_relation: Option<String>,
    group: Option<VillageGroupId>,
    place: Option<(Point, Datum)>,
    /// The bank itself has said that `from` is the household.
    given: bool,
}

fn member(row: &Row) -> Result<MemberRow> {
    Ok(MemberRow {
        id: row.get(0)?,
        relation: row.get(1)?,
        from: row.get(2)?,
        left_out: row.get(3)?,
        was_relation: row.get(4)?,
        now_in: row.get(5)?,
        now_relation: row.get(6)?,
        group: row.get(7)?,
        place: super::seat::place_of(row, 8)?,
        given: super::run::is_given(&row.get::<String>(12)?, &row.get::<String>(11)?),
    })
}

async fn members(tx: &mut UnitTx<'_>, id: ProposalId) -> Result<Vec<MemberRow>> {
    let rows = tx.query(PROPOSAL_MEMBERS, params![id]).await?;
    rows.iter().map(member).collect()
}

/// Decides up to a page of proposals, all in one transaction.
pub async fn decide(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    decisions: &[Decision],
) -> Result<Vec<Outcome>> {
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        let mut outcomes = Vec::with_capacity(decisions.len());
        for d in decisions {
            outcomes.push(match d.accept {
                true => accept(&mut tx, ctx, d).await?,
                false => reject(&mut tx, ctx, d.id).await?,
            });
        }
        tx.commit().await?;
        Ok(outcomes)
    })
    .await
}

async fn is_open(tx: &mut UnitTx<'_>, id: ProposalId) -> Result<bool> {
    let row = tx.query_opt(PROPOSAL_BY_ID, params![id]).await?;
    let state: Option<String> = row.map(|r| r.get(0)).transpose()?;
    Ok(state.as_deref() == Some("open"))
}

/// Marks a proposal; `false` when somebody else was faster.
async fn mark(
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    id: ProposalId,
    state: &str,
    into: Option<&HouseholdRow>,
) -> Result<bool> {
    let row = params![
        id,
        state,
        into.map(|h| h.id),
        into.and_then(|h| h.head),
        into.and_then(|h| h.group),
        into.and_then(|h| h.place).map(|(p, _)| p.lat()),
        into.and_then(|h| h.place).map(|(p, _)| p.lon()),
        into.and_then(|h| h.place).map(|(_, d)| d.code()),
        into.map(|h| h.updated_at),
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    Ok(tx.exec(PROPOSAL_DECIDE, row).await? > 0)
}

async fn reject(tx: &mut UnitTx<'_>, ctx: &Ctx, id: ProposalId) -> Result<Outcome> {
    if !mark(tx, ctx, id, "rejected", None).await? {
        return Ok(Outcome::Decided);
    }
    tx.record("household.reject", "household_proposal", id, json!({}));
    Ok(Outcome::Done)
}

async fn accept(tx: &mut UnitTx<'_>, ctx: &Ctx, d: &Decision) -> Result<Outcome> {
    if !is_open(tx, d.id).await? {
        return Ok(Outcome::Decided);
    }
    let all = members(tx, d.id).await?;
    if all.iter().any(|m| m.now_in != m.from) {
        return Ok(Outcome::Changed);
    }
    let (out, stay): (Vec<&MemberRow>, Vec<&MemberRow>) =
        all.iter().partition(|m| d.leave_out.contains(&m.id));
    let Some(into) = target(&stay) else {
        return Ok(Outcome::Changed);
    };
    let before = household_row(tx, into).await?;
    if !mark(tx, ctx, d.id, "accepted", Some(&before)).await? {
        return Ok(Outcome::Decided);
    }
    let sizes = sizes(tx, &all).await?;
    let head = d.head.filter(|h| stay.iter().any(|m| m.id == *h));
    let head = head
        .or_else(|| {
            stay.iter()
                .find(|m| m.relation == super::family::HEAD)
                .map(|m| m.id)
        })
        .or_else(|| stay.first().map(|m| m.id));
    for m in &stay {
        let relation = relation_of(m, head);
        let seat = NewSeat {
            from: m.from,
            into,
            relation: Some(relation),
        };
        move_member(tx, ctx, m.id, seat).await?;
    }
    for m in &all {
        let left = out.iter().any(|o| o.id == m.id);
        let alone = !left && sizes.get(&m.from) == Some(&1);
        let row = params![d.id, m.id, left, m.now_relation.as_deref(), alone];
        tx.exec(PROPOSAL_MEMBER_SET, row).await?;
    }
    let after = HouseholdRow {
        head,
        group: before.group.or_else(|| stay.iter().find_map(|m| m.group)),
        place: before.place.or_else(|| place(&stay, head)),
        updated_at: ctx.now,
        ..before
    };
    set_household(tx, &after).await?;
    let detail = json!({ "proposal": d.id, "members": stay.len(), "left_out": out.len() });
    tx.record("household.accept", "household", into, detail);
    Ok(Outcome::Done)
}

/// The relation that goes with the head that was chosen: when it is another
/// than the proposed one, the proposed relations mean nothing.
fn relation_of(m: &MemberRow, head: Option<CustomerId>) -> &str {
    if Some(m.id) == head {
        return super::family::HEAD;
    }
    if m.relation == super::family::HEAD {
        return super::family::OTHER;
    }
    &m.relation
}

/// Where the members meet: the bank's own household, else where most are,
/// else the first's. None when they are all in one place already.
fn target(stay: &[&MemberRow]) -> Option<HouseholdId> {
    let mut count: BTreeMap<HouseholdId, usize> = BTreeMap::new();
    for m in stay {
        *count.entry(m.from).or_default() += 1;
    }
    if count.len() < 2 {
        return None;
    }
    let rank = |m: &MemberRow| (m.given, count.get(&m.from).copied().unwrap_or(0));
    // The members come head first; `max_by_key` would take the last of equals.
    let best = stay.iter().rev().max_by_key(|m| rank(m));
    best.map(|m| m.from)
}

async fn sizes(tx: &mut UnitTx<'_>, all: &[MemberRow]) -> Result<HashMap<HouseholdId, i64>> {
    let mut sizes = HashMap::new();
    for m in all {
        if sizes.contains_key(&m.from) {
            continue;
        }
        let rows = tx.query(HOUSEHOLD_SIZE, params![m.from]).await?;
        let n: i64 = rows.first().map(|r| r.get(0)).transpose()?.unwrap_or(0);
        sizes.insert(m.from, n);
    }
    Ok(sizes)
}

/// The head's door, else the mean of the members' doors.
fn place(stay: &[&MemberRow], head: Option<CustomerId>) -> Option<(Point, Datum)> {
    let own = stay
        .iter()
        .find(|m| Some(m.id) == head)
        .and_then(|m| m.place);
    if own.is_some() {
        return own;
    }
    let known: Vec<(Point, Datum)> = stay.iter().filter_map(|m| m.place).collect();
    let (_, datum) = known.first()?;
    let n = known.len() as f64;
    let lat = known.iter().map(|(p, _)| p.lat()).sum::<f64>() / n;
    let lon = known.iter().map(|(p, _)| p.lon()).sum::<f64>() / n;
    Point::new(lat, lon).ok().map(|p| (p, *datum))
}

/// Takes decisions back, all in one transaction.
pub async fn undo(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    ids: &[ProposalId],
) -> Result<Vec<Outcome>> {
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        let mut outcomes = Vec::with_capacity(ids.len());
        for id in ids {
            outcomes.push(undo_one(&mut tx, ctx, *id).await?);
        }
        tx.commit().await?;
        Ok(outcomes)
    })
    .await
}

async fn undo_one(tx: &mut UnitTx<'_>, ctx: &Ctx, id: ProposalId) -> Result<Outcome> {
    let Some(row) = tx.query_opt(PROPOSAL_BY_ID, params![id]).await? else {
        return Ok(Outcome::Decided);
    };
    let state: String = row.get(0)?;
    if state == "open" {
        return Ok(Outcome::Decided);
    }
    let into: Option<HouseholdId> = row.get(1)?;
    if let Some(into) = into {
        let all = members(tx, id).await?;
        let stayed: Vec<&MemberRow> = all.iter().filter(|m| !m.left_out).collect();
        if stayed.iter().any(|m| m.now_in != into) {
            return Ok(Outcome::Changed);
        }
        for m in stayed {
            let seat = NewSeat {
                from: into,
                into: m.from,
                relation: m.was_relation.as_deref(),
            };
            move_member(tx, ctx, m.id, seat).await?;
        }
        for m in &all {
            let row = params![id, m.id, false, Option::<&str>::None, false];
            tx.exec(PROPOSAL_MEMBER_SET, row).await?;
        }
        restore(tx, &row, into).await?;
    }
    if tx
        .exec(PROPOSAL_REOPEN, params![id, state.as_str()])
        .await?
        == 0
    {
        return Err(KernelError::Store(zf_store::StoreError::Retry));
    }
    let target = into.map_or_else(|| id.to_string(), |h| h.to_string());
    tx.record(
        "household.undo",
        "household",
        target,
        json!({ "proposal": id, "was": state }),
    );
    Ok(Outcome::Done)
}

/// Head and place as they were; a place that somebody has set since stays.
async fn restore(tx: &mut UnitTx<'_>, was: &Row, into: HouseholdId) -> Result<()> {
    let now = household_row(tx, into).await?;
    let decided_at: Option<Timestamp> = was.get(8)?;
    let head: Option<CustomerId> = was.get(2)?;
    if decided_at != Some(now.updated_at) {
        tx.exec(HOUSEHOLD_HEAD, params![into, head]).await?;
        return Ok(());
    }
    let updated_at: Option<Timestamp> = was.get(7)?;
    let before = HouseholdRow {
        head,
        group: was.get(3)?,
        place: super::seat::place_of(was, 4)?,
        updated_at: updated_at.unwrap_or(now.updated_at),
        ..now
    };
    set_household(tx, &before).await
}
