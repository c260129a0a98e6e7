//! What the phones of a branch were last told of every entity, as a keyed
//! digest of its content with the feed number under which it was told. What is
//! read now and differs gets a new number; the head of the feed is held only
//! for that short write.

use super::content::Entity;
use super::store::*;
use super::{Device, Given};
use crate::sync::push::take_numbers;
use crate::sync::store::FEED_ADD;
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;
use zf_base::UnitId;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, UnitScope, UnitTx, again};
use zf_store::{Value, params};

/// Entities that one statement asks for.
const SOME: usize = 50;

/// Where a feed stands.
#[derive(Clone, Copy, Default)]
pub(super) struct Head {
    /// The last number.
    pub seq: i64,
    /// Cursors below are too old.
    pub kept_after: i64,
}

/// What was found and told.
pub(super) struct Told {
    /// Up to which number the caller knows everything.
    pub cursor: i64,
    /// How often phones were told of each entity.
    pub revs: BTreeMap<(&'static str, Uuid), i64>,
}

/// What was told of an entity.
pub(super) struct Row {
    pub kind: String,
    pub id: Uuid,
    pub rev: i64,
}

pub(super) async fn head(app: &App, unit: UnitId) -> Result<Head> {
    let rows = app.read_unit(unit, FEED_HEAD, params![]).await?;
    let read = |r: &zf_store::Row| -> Result<Head> {
        Ok(Head {
            seq: r.get(0)?,
            kept_after: r.get(1)?,
        })
    };
    Ok(rows.first().map(read).transpose()?.unwrap_or_default())
}

pub(super) async fn since(
    app: &App,
    unit: UnitId,
    from: i64,
    to: i64,
    limit: i64,
) -> Result<Vec<Row>> {
    let p = params![from, to, limit];
    let rows = app.read_unit(unit, SHOWN_SINCE, p).await?;
    let read = |r: &zf_store::Row| {
        Ok(Row {
            kind: r.get(0)?,
            id: r.get(1)?,
            rev: r.get(2)?,
        })
    };
    rows.iter().map(read).collect()
}

/// Compares what is visible with what was told, and numbers what differs.
/// `head` was read before the content.
pub(super) async fn tell(
    app: &App,
    ctx: &Ctx,
    scope: Option<&UnitScope>,
    entities: &[Entity],
    head: i64,
) -> Result<Told> {
    let mut told = Told {
        cursor: head,
        revs: BTreeMap::new(),
    };
    let Some(scope) = scope.filter(|_| !entities.is_empty()) else {
        return Ok(told);
    };
    let known = known(app, scope.unit_id(), entities).await?;
    let mut news = Vec::new();
    for e in entities {
        let before = known.get(&(e.kind, e.row));
        let same = before.is_some_and(|(digest, _)| digest == &e.digest);
        let rev = before.map_or(0, |(_, rev)| *rev) + i64::from(!same);
        told.revs.insert((e.kind, e.row), rev);
        if !same {
            news.push(e);
        }
    }
    if news.is_empty() {
        return Ok(told);
    }
    let number = again(app, || number(app, ctx, scope, &news)).await?;
    // With another number in between, what that one stands for may be newer
    // than what we have read: the caller comes again for both.
    if number == head + 1 {
        told.cursor = number;
    }
    Ok(told)
}

type Known = BTreeMap<(&'static str, Uuid), (Vec<u8>, i64)>;

async fn known(app: &App, unit: UnitId, entities: &[Entity]) -> Result<Known> {
    let mut kinds: BTreeMap<&'static str, Vec<Uuid>> = BTreeMap::new();
    for e in entities {
        kinds.entry(e.kind).or_default().push(e.row);
    }
    let mut known = Known::new();
    for (kind, ids) in kinds {
        for some in ids.chunks(SOME) {
            let mut p: Vec<Value> = params![kind];
            p.extend(some.iter().map(|id| Value::from(*id)));
            p.resize(SOME + 1, Value::from(Uuid::nil()));
            for r in app.read_unit(unit, SHOWN_SOME, p).await? {
                known.insert((kind, r.get(0)?), (r.get(1)?, r.get(2)?));
            }
        }
    }
    Ok(known)
}

/// One number for all that was found at once.
async fn number(app: &App, ctx: &Ctx, scope: &UnitScope, news: &[&Entity]) -> Result<i64> {
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let unit = tx.unit_id();
    let seq = take_numbers(&mut tx, 1).await? + 1;
    let rows = news.iter().map(|e| {
        let digest = e.digest.clone();
        params![e.kind, e.row, digest, seq, ctx.now]
    });
    tx.exec_many(SHOWN_PUT, rows.collect()).await?;
    let count = news.len() as i64;
    tx.exec(FEED_ADD, params![seq, "shown", unit, count, ctx.now])
        .await?;
    tx.record("sync.shown", "unit", unit, json!({ "entities": count }));
    tx.commit().await?;
    Ok(seq)
}

/// Names and addresses leave for a phone: told of before they do.
pub(super) async fn disclose(
    app: &App,
    ctx: &Ctx,
    scope: Option<&UnitScope>,
    device: &Device,
    given: &Given,
) -> Result<()> {
    let open = |i: &&super::Item| i.kind == super::content::HOUSEHOLD && i.data.is_some();
    let households = given.items.iter().filter(open).count();
    let Some(scope) = scope.filter(|_| households > 0) else {
        return Ok(());
    };
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let detail = json!({ "households": households, "snapshot": given.snapshot });
    tx.record("sync.pull", "device", device.id, detail);
    tx.commit().await
}

/// Forgets what is older than a number.
pub(super) async fn forget(tx: &mut UnitTx<'_>, seq: i64) -> Result<()> {
    tx.exec(FEED_FORGET, params![seq]).await?;
    tx.exec(SHOWN_FORGET, params![seq]).await?;
    if tx.exec(FEED_KEPT, params![seq]).await? == 0 {
        return Err(KernelError::Internal("a feed has no head".to_owned()));
    }
    Ok(())
}
