//! Moves by hand: somebody into another household, some people into one of
//! their own, a new head, relations, the kind of market. What was is in the
//! event; moving back is the undo. A household that empties stays.

use super::family::HEAD;
use super::preset::Preset;
use super::seat::{NewSeat, household_row, move_member, place_of};
use super::store::*;
use serde_json::json;
use std::collections::BTreeMap;
use zf_base::code::ErrorCode;
use zf_base::geo::{Datum, Point};
use zf_base::{CustomerId, HouseholdId, VillageGroupId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, UnitScope, UnitTx, again};
use zf_store::params;

/// Where a customer sits.
struct Seat {
    household: HouseholdId,
    relation: Option<String>,
    no: String,
    group: Option<VillageGroupId>,
    place: Option<(Point, Datum)>,
}

async fn seat(tx: &mut UnitTx<'_>, id: CustomerId) -> Result<Seat> {
    let row = tx.query_opt(MEMBER_SEAT, params![id]).await?;
    let row = row.ok_or_else(|| KernelError::refused(ErrorCode::CUSTOMER_NOT_FOUND))?;
    Ok(Seat {
        household: row.get(0)?,
        relation: row.get(1)?,
        no: row.get(2)?,
        group: row.get(3)?,
        place: place_of(&row, 4)?,
    })
}

fn checked(relation: Option<&str>) -> Result<()> {
    match relation {
        Some(code) if !Preset::get()?.knows_relation(code) => {
            Err(KernelError::field("relation", "field.not_in_list"))
        }
        _ => Ok(()),
    }
}

/// Moves customers into a household that exists.
pub async fn join(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    into: HouseholdId,
    who: &[CustomerId],
    relation: Option<&str>,
) -> Result<()> {
    checked(relation)?;
    let most = Preset::get()?.bounds.members_max as i64;
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        household_row(&mut tx, into).await?;
        let rows = tx.query(HOUSEHOLD_SIZE, params![into]).await?;
        let there: i64 = rows.first().map(|r| r.get(0)).transpose()?.unwrap_or(0);
        // A household of a file may be larger; by hand nobody makes one that large.
        if there + who.len() as i64 > most * 2 {
            return Err(KernelError::field("customer_ids", "field.range"));
        }
        for id in who {
            let old = seat(&mut tx, *id).await?;
            if old.household != into {
                leave(&mut tx, *id, &old).await?;
                let seat = NewSeat {
                    from: old.household,
                    into,
                    relation,
                };
                move_member(&mut tx, ctx, *id, seat).await?;
            }
        }
        let detail = json!({ "members": who.len(), "customer_ids": who, "how": "join" });
        tx.record("household.move", "household", into, detail);
        tx.commit().await
    })
    .await
}

/// Makes a household of some customers: with several a new one, with one the
/// way out of a household that was not theirs. The first is the head.
pub async fn split(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    who: &[CustomerId],
) -> Result<HouseholdId> {
    let Some(first) = who.first() else {
        return Err(KernelError::field("customer_ids", "field.required"));
    };
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        let head = seat(&mut tx, *first).await?;
        let into = empty_household(&mut tx, app, ctx, &head, who).await?;
        let mut from = Vec::new();
        for id in who {
            let old = seat(&mut tx, *id).await?;
            if old.household != into {
                leave(&mut tx, *id, &old).await?;
            }
            let relation = (id == first).then_some(HEAD);
            let seat = NewSeat {
                from: old.household,
                into,
                relation,
            };
            move_member(&mut tx, ctx, *id, seat).await?;
            if old.household != into && !from.contains(&old.household) {
                from.push(old.household);
            }
        }
        let detail = json!({ "members": who.len(), "customer_ids": who, "how": "split" });
        for old in from {
            tx.record(
                "household.split",
                "household",
                old,
                json!({ "members": who.len(), "customer_ids": who, "into": into }),
            );
        }
        tx.record("household.move", "household", into, detail);
        tx.commit().await?;
        Ok(into)
    })
    .await
}

/// A household does not keep a head who has left it.
async fn leave(tx: &mut UnitTx<'_>, id: CustomerId, old: &Seat) -> Result<()> {
    let h = household_row(tx, old.household).await?;
    if h.head == Some(id) {
        tx.exec(HOUSEHOLD_HEAD, params![h.id, Option::<CustomerId>::None])
            .await?;
    }
    Ok(())
}

/// How many numbers are tried for a new household of one customer.
const NUMBERS: usize = 100;

/// The first customer's own household when nobody else is in it, else a new one.
async fn empty_household(
    tx: &mut UnitTx<'_>,
    app: &App,
    ctx: &Ctx,
    head: &Seat,
    who: &[CustomerId],
) -> Result<HouseholdId> {
    let head_id = who.first();
    for n in 1..=NUMBERS {
        let no = match n {
            1 => format!("C{}", head.no),
            n => format!("C{}-{n}", head.no),
        };
        let known = tx.query_opt(HOUSEHOLD_BY_NO, params![no.as_str()]).await?;
        if let Some(row) = known {
            let id: HouseholdId = row.get(0)?;
            if nobody_else(tx, id, who).await? {
                tx.exec(HOUSEHOLD_HEAD, params![id, head_id.copied()])
                    .await?;
                return Ok(id);
            }
            continue;
        }
        let id = HouseholdId(app.new_id());
        let row = params![
            id,
            no,
            head.group,
            head.place.map(|(p, _)| p.lat()),
            head.place.map(|(p, _)| p.lon()),
            head.place.map(|(_, d)| d.code()),
            head_id.copied(),
            ctx.now
        ];
        tx.exec(HOUSEHOLD_NEW, row).await?;
        return Ok(id);
    }
    Err(KernelError::refused(ErrorCode::DUPLICATE))
}

/// Is everybody in a household one of these?
async fn nobody_else(tx: &mut UnitTx<'_>, id: HouseholdId, who: &[CustomerId]) -> Result<bool> {
    // One more than those named is enough to see somebody else.
    let page = params![id, who.len() as i64 + 1];
    for row in tx.query(HOUSEHOLD_MEMBERS, page).await? {
        if !who.contains(&row.get(0)?) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What to change about a household; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The head; must be a member.
    pub head: Option<CustomerId>,
    /// `rural`, `urban`, or empty for "as the branch".
    pub market: Option<String>,
    /// Relations of members to the head.
    pub relations: BTreeMap<CustomerId, String>,
}

/// Changes head, kind of market and relations.
pub async fn change(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: HouseholdId,
    c: &Change,
) -> Result<()> {
    let preset = Preset::get()?;
    for code in c.relations.values() {
        checked(Some(code))?;
    }
    let market = c.market.as_deref().filter(|m| !m.is_empty());
    if market.is_some_and(|m| !preset.markets.iter().any(|k| k.code == m)) {
        return Err(KernelError::field("market_kind", "field.not_in_list"));
    }
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        let old = household_row(&mut tx, id).await?;
        let mut relations = c.relations.clone();
        if let Some(head) = c.head.filter(|h| old.head != Some(*h)) {
            if let Some(before) = old.head {
                relations.entry(before).or_insert_with(|| super::family::OTHER.to_owned());
            }
            relations.insert(head, HEAD.to_owned());
        }
        for (who, relation) in &relations {
            let now = seat(&mut tx, *who).await?;
            let gone = now.household != id && old.head == Some(*who);
            if gone || now.relation.as_deref() == Some(relation) {
                continue;
            }
            let row = params![*who, id, relation.as_str(), ctx.now, ctx.actor.user_id];
            if tx.exec(MEMBER_RELATION, row).await? == 0 {
                return Err(KernelError::field("relations", "field.not_in_list"));
            }
        }
        let market = match &c.market {
            Some(_) => market.map(str::to_owned),
            None => old.market.clone(),
        };
        let row = params![id, c.head.or(old.head), market, ctx.now];
        tx.exec(HOUSEHOLD_CHANGE, row).await?;
        let detail = json!({ "head": c.head.is_some(), "market_kind": c.market.is_some(), "relations": c.relations.len() });
        tx.record("household.change", "household", id, detail);
        tx.commit().await
    })
    .await
}
