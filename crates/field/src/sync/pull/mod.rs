//! Pull: what a phone may carry now, and what of it has changed. The rule is
//! one: at every pull everything that the account may see **now** is read anew
//! (`content`), compared with what the phones of the branch were last told
//! (`shown`), and what differs gets a number of the branch's feed. So no
//! change can be missed, whoever made it and wherever; nobody has to remember
//! to announce one. No clock, no network: the moment comes with the request.
//! Protocol: docs/sync.md.

pub mod content;
pub mod http;
pub mod jobs;
mod programs;
mod shown;
pub mod store;

pub(crate) use self::programs::piece_cap;

use self::content::{Entity, Seen};
use crate::device::Device;
use crate::device::parameters::PhoneRules;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use uuid::Uuid;
use zf_base::code::ErrorCode;
use zf_base::{Timestamp, UnitId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, UnitScope};

/// Items of a page when the caller names no limit.
pub const PULL_ROWS_DEFAULT: usize = 200;
/// Most items of a page.
pub const PULL_ROWS_MAX: usize = 500;
const MICROS_PER_HOUR: i64 = 3_600_000_000;

/// What a phone asks.
pub struct Ask {
    /// The last feed number it has taken in of its branch.
    pub cursor: Option<i64>,
    /// Digest of the set it holds.
    pub scope_epoch: Option<String>,
    /// Items wanted.
    pub limit: usize,
    /// The next page of a snapshot.
    pub after: Option<Page>,
}

/// Where a snapshot goes on.
#[derive(Clone, Serialize, Deserialize)]
pub struct Page {
    epoch: String,
    cursor: i64,
    kind: String,
    id: String,
}

/// One entity for the phone.
pub struct Item {
    /// What it is.
    pub kind: &'static str,
    /// Which one.
    pub id: String,
    /// Counts what phones were told of it.
    pub rev: i64,
    /// None: the phone forgets it.
    pub data: Option<Json>,
}

/// What a phone is given.
pub struct Given {
    /// Digest of the set.
    pub scope_epoch: String,
    /// To be sent with the next pull.
    pub cursor: i64,
    /// Everything anew: the phone replaces what it has when the last page is in.
    pub snapshot: bool,
    /// The next page.
    pub next: Option<Page>,
    /// The entities.
    pub items: Vec<Item>,
    /// Until when the phone may show them without contact.
    pub lease_until: Timestamp,
}

/// Answers a pull of an active phone of the caller, for its branch. `scope` is
/// none when the caller may do nothing there any more: then nothing is visible.
///
/// # Errors
/// `sync.resync` for a cursor that is too old; the database and the keys.
pub async fn pull(
    app: &App,
    ctx: &Ctx,
    scope: Option<&UnitScope>,
    device: &Device,
    rules: &PhoneRules,
    ask: &Ask,
) -> Result<Given> {
    // Before anything is read: what changes while we read gets a later number.
    let head = shown::head(app, device.unit_id).await?;
    let seen = match scope {
        Some(scope) => content::visible(app, ctx, scope, rules).await?,
        None => Seen::default(),
    };
    let told = shown::tell(app, ctx, scope, &seen.entities, head.seq).await?;
    let epoch = seen.epoch(app);
    let given = Answering {
        app,
        unit: device.unit_id,
        epoch,
        cursor: told.cursor,
        revs: told.revs,
        seen,
    };
    let mut given = given.answer(ask, head).await?;
    given.lease_until = Timestamp(ctx.now.0 + rules.lease_hours * MICROS_PER_HOUR);
    shown::disclose(app, ctx, scope, device, &given).await?;
    Ok(given)
}

struct Answering<'a> {
    app: &'a App,
    unit: UnitId,
    epoch: String,
    cursor: i64,
    revs: BTreeMap<(&'static str, Uuid), i64>,
    seen: Seen,
}

impl Answering<'_> {
    async fn answer(self, ask: &Ask, head: shown::Head) -> Result<Given> {
        if let Some(page) = &ask.after
            && page.epoch == self.epoch
        {
            let (cursor, after) = (page.cursor, (page.kind.clone(), page.id.clone()));
            return Ok(self.snapshot(ask.limit, cursor, Some(after)));
        }
        let same = ask.scope_epoch.as_ref() == Some(&self.epoch) && ask.after.is_none();
        let Some(from) = ask.cursor.filter(|_| same) else {
            let cursor = self.cursor;
            return Ok(self.snapshot(ask.limit, cursor, None));
        };
        if from < head.kept_after {
            return Err(KernelError::refused(ErrorCode::SYNC_RESYNC));
        }
        let limit = ask.limit as i64 + 1;
        let rows = shown::since(self.app, self.unit, from, self.cursor, limit).await?;
        // A cursor from the future: the server was restored from a backup.
        // Too much at once: a snapshot has pages.
        if from > self.cursor || rows.len() > ask.limit {
            let cursor = self.cursor;
            return Ok(self.snapshot(ask.limit, cursor, None));
        }
        let items = rows.into_iter().map(|row| self.change(row)).collect();
        Ok(self.given(false, self.cursor, None, items))
    }

    /// One rule for what was deleted, moved, erased or given to somebody else:
    /// what changed and is not visible now is gone.
    fn change(&self, row: shown::Row) -> Item {
        let entity = self.seen.find(&row.kind, row.id);
        Item {
            kind: content::kind(&row.kind),
            id: entity.map_or_else(|| row.id.to_string(), |e| e.id.clone()),
            rev: row.rev,
            data: entity.map(|e| e.data.clone()),
        }
    }

    fn snapshot(&self, limit: usize, cursor: i64, after: Option<(String, String)>) -> Given {
        let key = |e: &Entity| (e.kind.to_owned(), e.id.clone());
        let rest = self.seen.entities.iter();
        let rest = rest.filter(|e| after.as_ref().is_none_or(|a| key(e) > *a));
        let mut page: Vec<&Entity> = rest.take(limit + 1).collect();
        let more = page.len() > limit;
        page.truncate(limit);
        let last = page.last().filter(|_| more).map(|e| Page {
            epoch: self.epoch.clone(),
            cursor,
            kind: e.kind.to_owned(),
            id: e.id.clone(),
        });
        let rev = |e: &Entity| self.revs.get(&(e.kind, e.row)).copied().unwrap_or(1);
        let item = |e: &Entity| Item {
            kind: e.kind,
            id: e.id.clone(),
            rev: rev(e),
            data: Some(e.data.clone()),
        };
        let items = page.into_iter().map(item).collect();
        self.given(true, cursor, last, items)
    }

    fn given(&self, snapshot: bool, cursor: i64, next: Option<Page>, items: Vec<Item>) -> Given {
        Given {
            scope_epoch: self.epoch.clone(),
            cursor,
            snapshot,
            next,
            items,
            lease_until: Timestamp(0),
        }
    }
}
