//! A move, batch by batch: out of the old branch (sealed there), into the new
//! one, ticked off. What belongs to a customer goes along: household, village
//! group, sources, and the papers of custody, which are held when they leave and
//! lose their texts in the old branch when they have arrived. What the bank's own
//! system was given and lists of retention end in the old branch; the day on
//! which the record is due stays. Every step finds
//! out from the rows what an earlier try has done. The way back is the same with
//! the branches turned around.

use super::store::*;
use super::trail::trail_put;
use super::{Transfer, service::transfer_fetch};
use crate::duplicate::pairs::{pairs_of_gone, pairs_of_returned};
use crate::merge::Seat;
use serde_json::json;
use std::collections::HashMap;
use zf_base::code::ErrorCode;
use zf_base::{CustomerId, HouseholdId, Timestamp, TransferId, UnitId, UserId, VillageGroupId};
use zf_custody::belongings::{handed, leaves, returns, stays};
use zf_custody::request::papers::{Papers, papers_pack, papers_strip, papers_unpack};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::unit::service::scope_of;
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx, again};
use zf_network::customer::past::{
    Fate, Former, Leaving, customer_arrive, customer_return, former_fetch, former_leave,
    past_fetch, past_snapshot,
};
use zf_network::customer::source::fields_forget;
use zf_network::customer::source::moves::{SourceBag, sources_pack, sources_unpack};
use zf_network::customer::standing;
use zf_store::params;

/// Customers of one pair of transactions.
const BATCH: i64 = 100;

/// Whoever is told how far a move is.
pub trait Told: Send + Sync {
    /// Called after every batch; an error stops the move, which can go on later.
    fn moved(&self, done: i64, total: i64) -> impl Future<Output = Result<()>> + Send;
}

/// Tells nobody.
pub struct Silent;

impl Told for Silent {
    async fn moved(&self, _: i64, _: i64) -> Result<()> {
        Ok(())
    }
}

/// Both ends of a move.
struct Ends {
    from: UnitScope,
    to: UnitScope,
}

/// Goes on with a move wherever it stands, to its end.
pub async fn transfer_run(
    app: &App,
    ctx: &Ctx,
    unit: UnitId,
    id: TransferId,
    told: &impl Told,
) -> Result<Transfer> {
    let t = transfer_fetch(app, unit, id).await?;
    let right = Permission::CustomerTransfer;
    let ends = Ends {
        from: scope_of(app, ctx, right, t.unit_id).await?,
        to: scope_of(app, ctx, right, t.to_unit).await?,
    };
    match t.state.as_str() {
        "running" => forward(app, ctx, &t, &ends, told).await?,
        "undoing" => backward(app, ctx, &t, &ends, told).await?,
        _ => {}
    }
    transfer_fetch(app, unit, id).await
}

async fn items(app: &App, t: &Transfer, state: &str) -> Result<Vec<(CustomerId, Option<i64>)>> {
    let p = params![t.id, state, BATCH];
    let rows = app.read_unit(t.unit_id, ITEM_LIST, p).await?;
    rows.iter().map(|r| Ok((r.get(0)?, r.get(1)?))).collect()
}

async fn forward(app: &App, ctx: &Ctx, t: &Transfer, ends: &Ends, told: &impl Told) -> Result<()> {
    let mut done = 0;
    loop {
        // Those that an earlier try has taken out come first.
        let mut left = items(app, t, "left").await?;
        if left.is_empty() {
            let waiting = items(app, t, "waiting").await?;
            if waiting.is_empty() {
                break;
            }
            again(app, || leave(app, ctx, t, ends, &waiting)).await?;
            left = items(app, t, "left").await?;
        }
        let ids: Vec<CustomerId> = left.iter().map(|i| i.0).collect();
        arrive_or_return(app, ctx, t, ends, &ids).await?;
        done += ids.len() as i64;
        told.moved(done, t.customers).await?;
    }
    ended(app, ctx, t, ends, TRANSFER_DONE).await
}

async fn ended(app: &App, ctx: &Ctx, t: &Transfer, ends: &Ends, sql: zf_store::Sql) -> Result<()> {
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, &ends.from).await?;
        if tx.exec(sql, params![t.id, app.now()]).await? > 0 {
            tx.record("transfer.state", "transfer", t.id, json!({ "ended": true }));
        }
        tx.commit().await
    })
    .await
}

/// Takes a batch out of the old branch.
async fn leave(
    app: &App,
    ctx: &Ctx,
    t: &Transfer,
    ends: &Ends,
    batch: &[(CustomerId, Option<i64>)],
) -> Result<()> {
    let mut tx = UnitTx::begin(app, ctx, &ends.from).await?;
    let mut households = Vec::new();
    for (id, _) in batch {
        // Merged or moved away meanwhile: not ours to move any more.
        let Some(former) = former_fetch(&mut tx, app, *id).await? else {
            tick(&mut tx, t, *id, ("waiting", "refused"), None).await?;
            continue;
        };
        let leaving = Leaving {
            fate: Fate::Moved,
            into: Some((t.to_unit, *id)),
            reason: &t.reason,
            keep_snapshot: true,
        };
        former_leave(&mut tx, app, ctx, &former, &leaving).await?;
        leaves(&mut tx, ctx, *id).await?;
        let seat = Seat {
            unit: t.unit_id,
            id: *id,
        };
        pairs_of_gone(&mut tx, seat, None).await?;
        tick(&mut tx, t, *id, ("waiting", "left"), None).await?;
        let detail = json!({ "to": t.to_unit.to_string(), "transfer": t.id.to_string() });
        tx.record("transfer.leave", "customer", *id, detail);
        households.push(former.household_id);
    }
    told_planners(&mut tx, app, ctx, households).await?;
    tx.record(
        "transfer.state",
        "transfer",
        t.id,
        json!({ "left": batch.len() }),
    );
    tx.commit().await
}

async fn told_planners(
    tx: &mut UnitTx<'_>,
    app: &App,
    ctx: &Ctx,
    mut households: Vec<HouseholdId>,
) -> Result<()> {
    households.sort_unstable();
    households.dedup();
    standing::enqueue(tx, app, ctx, &households).await
}

async fn tick(
    tx: &mut UnitTx<'_>,
    t: &Transfer,
    id: CustomerId,
    (from, to): (&str, &str),
    rev: Option<i64>,
) -> Result<()> {
    tx.exec(ITEM_STATE, params![t.id, id, from, to, rev])
        .await?;
    Ok(())
}

/// Puts a batch into the new branch. When that refuses it (a number was taken
/// meanwhile), one by one, and whom it refuses goes back where they came from.
async fn arrive_or_return(
    app: &App,
    ctx: &Ctx,
    t: &Transfer,
    ends: &Ends,
    ids: &[CustomerId],
) -> Result<()> {
    let taken = |e: &KernelError| e.code() == Some(ErrorCode::DUPLICATE.code);
    match arrive(app, ctx, t, ends, ids).await {
        Err(e) if taken(&e) => {}
        other => return other,
    }
    for id in ids {
        match arrive(app, ctx, t, ends, &[*id]).await {
            Err(e) if taken(&e) => again(app, || refuse(app, ctx, t, ends, *id)).await?,
            other => other?,
        }
    }
    Ok(())
}

async fn refuse(app: &App, ctx: &Ctx, t: &Transfer, ends: &Ends, id: CustomerId) -> Result<()> {
    let mut tx = UnitTx::begin(app, ctx, &ends.from).await?;
    if former_fetch(&mut tx, app, id).await?.is_none() {
        let back = customer_return(&mut tx, app, id).await?;
        stays(&mut tx, id).await?;
        told_planners(&mut tx, app, ctx, vec![back.household_id]).await?;
    }
    tick(&mut tx, t, id, ("left", "refused"), None).await?;
    tx.record(
        "transfer.undo",
        "customer",
        id,
        json!({ "transfer": t.id.to_string() }),
    );
    tx.commit().await
}

/// What comes along with customers, as the old branch has it.
#[derive(Default)]
struct Baggage {
    households: HashMap<HouseholdId, Household>,
    groups: HashMap<VillageGroupId, Group>,
    people: HashMap<CustomerId, Belongings>,
}

/// What belongs to one customer beside the row.
struct Belongings {
    sources: SourceBag,
    papers: Papers,
    /// The branch has given them to the bank's own system since the move began.
    handed: bool,
}

async fn belongings(app: &App, unit: UnitId, f: &Former, since: Timestamp) -> Result<Belongings> {
    Ok(Belongings {
        sources: sources_pack(app, unit, f.id, f.source_id()).await?,
        papers: papers_pack(app, unit, f.id).await?,
        handed: handed(app, unit, f.id, since).await?,
    })
}

/// Writes what belongs to a customer who has just arrived from a branch;
/// returns the counts of the papers for the event.
async fn unpack(
    tx: &mut UnitTx<'_>,
    app: &App,
    ctx: &Ctx,
    from: Seat,
    with: &Belongings,
) -> Result<(usize, usize)> {
    sources_unpack(tx, from.id, &with.sources).await?;
    papers_unpack(tx, app, from.id, &with.papers).await?;
    trail_put(tx, from.id, from, ctx.now).await?;
    Ok(with.papers.counts())
}

/// Takes what has arrived elsewhere out of the branch that was left: the rows
/// of custody stay as a trace, without their texts.
async fn strip(tx: &mut UnitTx<'_>, id: CustomerId) -> Result<()> {
    papers_strip(tx, id).await?;
    fields_forget(tx, id).await?;
    Ok(())
}

struct Household {
    no: String,
    group: Option<VillageGroupId>,
    place: (Option<f64>, Option<f64>, Option<String>),
    market_kind: Option<String>,
    head: Option<CustomerId>,
    pin: (Option<f64>, Option<f64>, Option<CustomerId>),
    ticks: Vec<Tick>,
}

/// What a branch has said about a household: tag, yes or no, when, by whom.
type Tick = (String, bool, Timestamp, UserId, String);

struct Group {
    texts: [String; 4],
    place: (Option<f64>, Option<f64>, Option<String>),
}

/// Reads what comes along with customers from the branch they leave.
async fn baggage(app: &App, t: &Transfer, formers: &[Former]) -> Result<Baggage> {
    let from = t.unit_id;
    let mut bag = Baggage::default();
    for f in formers {
        let p = params![f.household_id, t.id];
        if let Some(r) = app.read_unit(from, HOUSEHOLD_OF, p).await?.first() {
            let household = Household {
                no: r.get(0)?,
                group: r.get(1)?,
                place: (r.get(2)?, r.get(3)?, r.get(4)?),
                market_kind: r.get(5)?,
                pin: (r.get(6)?, r.get(7)?, r.get(8)?),
                head: r.get(9)?,
                ticks: ticks_of(app, from, f.household_id).await?,
            };
            for group in [household.group, f.village_group_id].into_iter().flatten() {
                group_of(app, from, group, &mut bag).await?;
            }
            bag.households.insert(f.household_id, household);
        }
        let with = belongings(app, from, f, t.asked_at).await?;
        bag.people.insert(f.id, with);
    }
    Ok(bag)
}

async fn ticks_of(app: &App, from: UnitId, household: HouseholdId) -> Result<Vec<Tick>> {
    let rows = app.read_unit(from, TICKS_OF, params![household]).await?;
    rows.iter()
        .map(|r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?)))
        .collect()
}

async fn group_of(app: &App, from: UnitId, id: VillageGroupId, bag: &mut Baggage) -> Result<()> {
    if bag.groups.contains_key(&id) {
        return Ok(());
    }
    if let Some(r) = app.read_unit(from, GROUP_OF, params![id]).await?.first() {
        let group = Group {
            texts: [r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?],
            place: (r.get(4)?, r.get(5)?, r.get(6)?),
        };
        bag.groups.insert(id, group);
    }
    Ok(())
}

/// The group of the new branch with the same code, or the old one brought along.
async fn group_in(
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    bag: &Baggage,
    id: Option<VillageGroupId>,
) -> Result<Option<VillageGroupId>> {
    let Some((id, g)) = id.and_then(|id| bag.groups.get(&id).map(|g| (id, g))) else {
        return Ok(None);
    };
    let [code, township, village, name] = &g.texts;
    if let Some(row) = tx.query_opt(GROUP_HERE, params![code.as_str()]).await? {
        return Ok(Some(row.get(0)?));
    }
    let (lat, lon, datum) = &g.place;
    let row = params![
        id,
        code.as_str(),
        township.as_str(),
        village.as_str(),
        name.as_str(),
        *lat,
        *lon,
        datum.as_deref(),
        ctx.now
    ];
    tx.exec(GROUP_COMES, row).await?;
    Ok(Some(id))
}

/// The household in the new branch under the same id; its number gets the old
/// branch's code when another household there has it.
async fn household_in(
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    bag: &Baggage,
    id: HouseholdId,
    from_code: &str,
) -> Result<()> {
    if tx.query_opt(HOUSEHOLD_HERE, params![id]).await?.is_some() {
        return Ok(());
    }
    let lost = || KernelError::Internal("a customer moves without a household".to_owned());
    let h = bag.households.get(&id).ok_or_else(lost)?;
    let group = group_in(tx, ctx, bag, h.group).await?;
    let taken = tx
        .query_opt(HOUSEHOLD_NO_HERE, params![h.no.as_str()])
        .await?;
    let no = match taken {
        Some(_) => format!("{}-{from_code}", h.no),
        None => h.no.clone(),
    };
    let (lat, lon, datum) = &h.place;
    let row = params![
        id,
        no,
        group,
        *lat,
        *lon,
        datum.as_deref(),
        h.market_kind.as_deref(),
        h.head,
        h.pin.0,
        h.pin.1,
        h.pin.2,
        ctx.now
    ];
    tx.exec(HOUSEHOLD_COMES, row).await?;
    for (tag, yes, at, by, name) in &h.ticks {
        let row = params![id, tag.as_str(), *yes, *at, *by, name.as_str()];
        tx.exec(TICK_COMES, row).await?;
    }
    Ok(())
}

/// Puts a batch into the new branch and ticks it off in the old one.
async fn arrive(app: &App, ctx: &Ctx, t: &Transfer, ends: &Ends, ids: &[CustomerId]) -> Result<()> {
    let mut formers = Vec::with_capacity(ids.len());
    for id in ids {
        let former = past_snapshot(app, t.unit_id, *id).await?;
        let lost = || KernelError::Internal("a customer left without their row".to_owned());
        formers.push(former.ok_or_else(lost)?);
    }
    let bag = baggage(app, t, &formers).await?;
    let revs = again(app, || put(app, ctx, t, ends, &bag, &formers)).await?;
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, &ends.from).await?;
        for (id, rev) in &revs {
            strip(&mut tx, *id).await?;
            tick(&mut tx, t, *id, ("left", "arrived"), Some(*rev)).await?;
        }
        tx.record(
            "transfer.state",
            "transfer",
            t.id,
            json!({ "arrived": revs.len() }),
        );
        tx.commit().await
    })
    .await
}

async fn put(
    app: &App,
    ctx: &Ctx,
    t: &Transfer,
    ends: &Ends,
    bag: &Baggage,
    formers: &[Former],
) -> Result<Vec<(CustomerId, i64)>> {
    let mut tx = UnitTx::begin(app, ctx, &ends.to).await?;
    let mut households = Vec::new();
    let mut revs = Vec::with_capacity(formers.len());
    for f in formers {
        // An earlier try has put them here.
        revs.push((f.id, f.rev + 1));
        if former_fetch(&mut tx, app, f.id).await?.is_some() {
            continue;
        }
        household_in(&mut tx, ctx, bag, f.household_id, &ends.from.unit().code).await?;
        let group = group_in(&mut tx, ctx, bag, f.village_group_id).await?;
        let here = f.clone().seated(f.household_id, group);
        customer_arrive(&mut tx, app, &here.carried()).await?;
        let lost = || KernelError::Internal("a customer moves without belongings".to_owned());
        let with = bag.people.get(&f.id).ok_or_else(lost)?;
        let from = Seat {
            unit: t.unit_id,
            id: f.id,
        };
        let (consents, requests) = unpack(&mut tx, app, ctx, from, with).await?;
        households.push(f.household_id);
        let detail = json!({ "from": t.unit_id.to_string(), "transfer": t.id.to_string(), "consents": consents, "requests": requests });
        tx.record("transfer.arrive", "customer", f.id, detail);
    }
    told_planners(&mut tx, app, ctx, households).await?;
    tx.commit().await?;
    Ok(revs)
}

async fn backward(app: &App, ctx: &Ctx, t: &Transfer, ends: &Ends, told: &impl Told) -> Result<()> {
    let mut done = 0;
    loop {
        let batch = items(app, t, "arrived").await?;
        if batch.is_empty() {
            break;
        }
        again(app, || take_out(app, ctx, t, ends, &batch)).await?;
        let mut now = Vec::with_capacity(batch.len());
        for (id, rev) in &batch {
            let past = past_fetch(app, t.to_unit, *id).await?;
            let ours = past.is_some_and(|p| p.into == Some((t.unit_id, *id)));
            let there = past_snapshot(app, t.to_unit, *id).await?.filter(|_| ours);
            let there = match there {
                Some(former) => {
                    let with = belongings(app, t.to_unit, &former, t.asked_at).await?;
                    Some((former, with))
                }
                None => None,
            };
            let before = past_snapshot(app, t.unit_id, *id).await?;
            now.push((*id, *rev, there, before));
        }
        let back = again(app, || put_back(app, ctx, t, ends, &now)).await?;
        again(app, || strip_back(app, ctx, t, ends, &back)).await?;
        again(app, || tick_back(app, ctx, t, ends, &back)).await?;
        done += batch.len() as i64;
        told.moved(done, t.customers).await?;
    }
    ended(app, ctx, t, ends, TRANSFER_UNDONE).await
}

/// Takes a batch out of the branch it went to.
async fn take_out(
    app: &App,
    ctx: &Ctx,
    t: &Transfer,
    ends: &Ends,
    batch: &[(CustomerId, Option<i64>)],
) -> Result<()> {
    let mut tx = UnitTx::begin(app, ctx, &ends.to).await?;
    let mut households = Vec::new();
    for (id, _) in batch {
        let Some(former) = former_fetch(&mut tx, app, *id).await? else {
            continue;
        };
        let leaving = Leaving {
            fate: Fate::Moved,
            into: Some((t.unit_id, *id)),
            reason: &t.reason,
            keep_snapshot: true,
        };
        former_leave(&mut tx, app, ctx, &former, &leaving).await?;
        leaves(&mut tx, ctx, *id).await?;
        let seat = Seat {
            unit: t.to_unit,
            id: *id,
        };
        pairs_of_gone(&mut tx, seat, None).await?;
        households.push(former.household_id);
        tx.record(
            "transfer.undo",
            "customer",
            *id,
            json!({ "transfer": t.id.to_string() }),
        );
    }
    told_planners(&mut tx, app, ctx, households).await?;
    tx.commit().await
}

/// A customer on the way back: the revision they arrived in, how they were in
/// the branch they went to with what belongs to them, how they were before.
type Back = (
    CustomerId,
    Option<i64>,
    Option<(Former, Belongings)>,
    Option<Former>,
);

/// Puts a batch back into the old branch: as it was when nobody has changed
/// it, else with the changes, in the old household; with everything that was
/// said and asked for meanwhile. Returns who is there.
async fn put_back(
    app: &App,
    ctx: &Ctx,
    t: &Transfer,
    ends: &Ends,
    batch: &[Back],
) -> Result<Vec<CustomerId>> {
    let mut tx = UnitTx::begin(app, ctx, &ends.from).await?;
    let mut households = Vec::new();
    let mut here = Vec::with_capacity(batch.len());
    for (id, rev, there, before) in batch {
        if former_fetch(&mut tx, app, *id).await?.is_some() {
            here.push(*id);
            continue;
        }
        // Merged or moved on from there: that must be taken back first.
        let (Some((there, with)), Some(before)) = (there, before) else {
            tick(&mut tx, t, *id, ("arrived", "stayed"), None).await?;
            continue;
        };
        if Some(there.rev) == *rev {
            customer_return(&mut tx, app, *id).await?;
        } else {
            let back = there.clone();
            let back = back.seated(before.household_id, before.village_group_id);
            customer_arrive(&mut tx, app, &back.carried()).await?;
        }
        let from = Seat {
            unit: t.to_unit,
            id: *id,
        };
        unpack(&mut tx, app, ctx, from, with).await?;
        returns(&mut tx, *id, with.handed).await?;
        let seat = Seat {
            unit: t.unit_id,
            id: *id,
        };
        pairs_of_returned(&mut tx, seat).await?;
        here.push(*id);
        households.push(before.household_id);
        tx.record(
            "transfer.undo",
            "customer",
            *id,
            json!({ "transfer": t.id.to_string() }),
        );
    }
    told_planners(&mut tx, app, ctx, households).await?;
    let detail = json!({ "returned": here.len() });
    tx.record("transfer.state", "transfer", t.id, detail);
    tx.commit().await?;
    Ok(here)
}

/// Takes what has come back out of the branch they went to.
async fn strip_back(
    app: &App,
    ctx: &Ctx,
    t: &Transfer,
    ends: &Ends,
    ids: &[CustomerId],
) -> Result<()> {
    let mut tx = UnitTx::begin(app, ctx, &ends.to).await?;
    for id in ids {
        strip(&mut tx, *id).await?;
    }
    let detail = json!({ "returned": ids.len() });
    tx.record("transfer.state", "transfer", t.id, detail);
    tx.commit().await
}

/// Ticks off who is back, at the very end: until then a try finds them again.
async fn tick_back(
    app: &App,
    ctx: &Ctx,
    t: &Transfer,
    ends: &Ends,
    ids: &[CustomerId],
) -> Result<()> {
    let mut tx = UnitTx::begin(app, ctx, &ends.from).await?;
    for id in ids {
        tick(&mut tx, t, *id, ("arrived", "undone"), None).await?;
    }
    let detail = json!({ "undone": ids.len() });
    tx.record("transfer.state", "transfer", t.id, detail);
    tx.commit().await
}
