//! 需要我处理: what the signed-in person must act on now. Tasks of the person,
//! of the own posts, to be checked, and late ones of which the post was told;
//! soonest due first, only where the person may see tasks, without those whose
//! clock stands.

use super::Task;
use super::service::{own_posts, read};
use super::store::*;
use std::collections::{BTreeMap, HashMap};
use zf_base::{Timestamp, UnitId};
use zf_kernel::error::Result;
use zf_kernel::unit::Unit;
use zf_kernel::unit::service::unit_fetch;
use zf_kernel::{App, Ctx, Permission};
use zf_store::params;

/// Most rows of one way into the inbox; nobody works off more at once.
const ROWS_MAX: i64 = 1_000;

/// Why something is in the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because {
    /// It is the person's or the post's to do.
    Mine,
    /// It is to be checked.
    Check,
    /// It is late, and the post was told.
    Raised,
}

impl Because {
    /// As in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Because::Mine => "mine",
            Because::Check => "check",
            Because::Raised => "raised",
        }
    }
}

/// An entry of the inbox.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The task.
    pub task: Task,
    /// Why.
    pub because: Because,
}

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Entries.
    pub all: i64,
    /// Whose time is over.
    pub late: i64,
    /// Due today, not late yet.
    pub today: i64,
}

/// Counts of an inbox.
pub fn counts(all: &[Waiting], now: Timestamp) -> Counts {
    let late = all.iter().filter(|w| w.task.is_late(now)).count();
    let today = |w: &&Waiting| !w.task.is_late(now) && w.task.due_at.day() == now.day();
    Counts {
        all: all.len() as i64,
        late: late as i64,
        today: all.iter().filter(today).count() as i64,
    }
}

/// The whole inbox of the actor, soonest due first.
///
/// # Errors
/// Only the database.
pub async fn inbox(app: &App, ctx: &Ctx) -> Result<Vec<Waiting>> {
    let mut found: BTreeMap<(Timestamp, uuid::Uuid), Waiting> = BTreeMap::new();
    let mut add = |rows: &[zf_store::Row], because: Because| -> Result<()> {
        for row in rows {
            let task = read(row)?;
            let key = (task.due_at, task.id);
            found.entry(key).or_insert(Waiting { task, because });
        }
        Ok(())
    };
    let p = params![ctx.actor.user_id, ROWS_MAX];
    add(&app.db.query(INBOX_OWN, p).await?, Because::Mine)?;
    for (unit, post) in own_posts(app, ctx).await? {
        let ways = [
            (INBOX_POST, Because::Mine),
            (INBOX_CHECK, Because::Check),
            (INBOX_RAISED, Because::Raised),
        ];
        for (sql, because) in ways {
            let p = params![unit, post.as_str(), ROWS_MAX];
            add(&app.db.query(sql, p).await?, because)?;
        }
    }
    let mut units: HashMap<UnitId, Option<Unit>> = HashMap::new();
    let mut all = Vec::new();
    for waiting in found.into_values() {
        let id = waiting.task.unit_id;
        if let std::collections::hash_map::Entry::Vacant(free) = units.entry(id) {
            let unit = unit_fetch(app, id).await?;
            let seen = ctx.scope(Permission::TaskRead, &unit).is_ok();
            free.insert(seen.then_some(unit));
        }
        if units.get(&id).is_some_and(Option::is_some) {
            all.push(waiting);
        }
    }
    Ok(all)
}
