//! Reading the audit chain: a unit's log, the history of one row, and how
//! often somebody did something. Knows the stored events only; whoever asks
//! has shown a scope.

use super::Event;
use super::store::*;
use crate::app::App;
use crate::authz::{Permission, UnitScope};
use crate::ctx::Ctx;
use crate::error::Result;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use uuid::Uuid;
use zf_base::{Timestamp, UnitId};
use zf_store::{Row, params};

/// Where a page of the log starts: everything strictly before this.
#[derive(Clone, Copy, Debug)]
pub struct Before {
    /// Moment of the last event of the page before.
    pub at: Timestamp,
    /// Its id.
    pub id: Uuid,
}

impl Before {
    /// From the newest event on.
    pub fn newest() -> Before {
        Before {
            at: Timestamp(i64::MAX / 4),
            id: Uuid::max(),
        }
    }
}

fn read(row: &Row) -> Result<Event> {
    Ok(Event {
        unit_id: row.get(0)?,
        stream: row.get(1)?,
        seq: row.get(2)?,
        id: row.get(3)?,
        at: row.get(4)?,
        actor_id: row.get(5)?,
        actor_name: row.get(6)?,
        action: row.get(7)?,
        target_kind: row.get(8)?,
        target_id: row.get(9)?,
        detail: row.get(10)?,
        hash: row.get(11)?,
    })
}

/// A page of one unit's log, newest first; `action` is a prefix such as `customer.`.
pub async fn event_list(
    app: &App,
    scope: &UnitScope,
    action: &str,
    before: Before,
    limit: i64,
) -> Result<Vec<Event>> {
    // `_` stays: it stands in the names of actions and matches itself.
    let like = format!("{}%", action.replace('%', ""));
    let rows = app
        .read_unit(
            scope.unit_id(),
            EVENT_LIST,
            params![before.at, before.id, like, limit],
        )
        .await?;
    rows.iter().map(read).collect()
}

/// The newest events about one row of the unit.
pub async fn event_history(
    app: &App,
    scope: &UnitScope,
    target_id: &str,
    limit: i64,
) -> Result<Vec<Event>> {
    let rows = app
        .read_unit(scope.unit_id(), EVENT_OF_TARGET, params![target_id, limit])
        .await?;
    rows.iter().map(read).collect()
}

/// How often the actor did something since a moment, over every unit in which
/// they have a permission.
pub async fn event_count(
    app: &App,
    ctx: &Ctx,
    permission: Permission,
    action: &str,
    since: Timestamp,
) -> Result<i64> {
    let mut n = 0;
    for (_, path) in ctx.roots(permission) {
        let end = format!("{path}~");
        let p = params![path, end, since, ctx.actor.user_id, action];
        let rows = app.db.query(EVENT_COUNT_BY_ACTOR, p).await?;
        n += rows
            .first()
            .map(|r| r.get::<i64>(0))
            .transpose()?
            .unwrap_or(0);
    }
    Ok(n)
}

/// The state of every unit's chains as one number: the same as long as nothing
/// was written in the unit.
pub async fn event_stamps(app: &App) -> Result<HashMap<UnitId, u64>> {
    let mut heads: HashMap<UnitId, DefaultHasher> = HashMap::new();
    // In the order of streams, so that the same heads give the same number.
    for row in app.db.query(EVENT_HEADS, params![]).await? {
        let of = heads.entry(row.get(0)?).or_default();
        (row.get::<i64>(1)?, row.get::<Vec<u8>>(3)?).hash(of);
    }
    Ok(heads
        .into_iter()
        .map(|(unit, h)| (unit, h.finish()))
        .collect())
}

pub(super) fn read_event(row: &Row) -> Result<Event> {
    read(row)
}
