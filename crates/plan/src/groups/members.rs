//! Who is in which group since when. Worked out per branch from its customers,
//! ticks and the rules in force, and compared with what is stored: only
//! differences are written, at most [`BATCH`] rows and one event a transaction.
//! The tags of customers follow the ticks, so that lists filtered by a group
//! find ticked households too.

use super::facts::{Fact, belongs, facts_of_branch};
use super::rules::in_force;
use super::store::*;
use crate::targets::groups::Groups;
use serde_json::json;
use std::collections::{BTreeMap, HashMap, HashSet};
use zf_base::{CustomerId, Day, HouseholdId, Timestamp, UnitId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, UnitScope, UnitTx, again};
use zf_store::{Value, params};

/// Rows of one transaction: short enough that imports and pages go on.
const BATCH: usize = 500;

/// What working out the members of a branch did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refreshed {
    /// Households in a group, counted once per group.
    pub members: i64,
    /// New ones.
    pub new: i64,
    /// Changed ones.
    pub changed: i64,
    /// Gone.
    pub gone: i64,
    /// Tags of customers that followed a tick.
    pub tags: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Stored {
    customers: i64,
    how: String,
    version: i64,
}

enum Change {
    Put(String, HouseholdId, Stored),
    Gone(String, HouseholdId),
    Tag(TagChange),
}

/// A row of `customer_tag` that has to follow the ticks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagChange {
    /// The customer.
    pub customer: CustomerId,
    /// The tag.
    pub tag: String,
    /// Where it comes from now; none = the row goes.
    pub how: Option<&'static str>,
}

/// Brings the members of one branch up to date; done again it changes nothing.
///
/// # Errors
/// Only the database.
pub async fn refresh(app: &App, ctx: &Ctx, scope: &UnitScope) -> Result<Refreshed> {
    let rules = in_force(app, scope.unit()).await?;
    let groups = Groups::with(&rules.must_visit, &rules.figures)?;
    let facts = facts_of_branch(app, scope).await?;
    let today = ctx.today();
    let work = move || (belongs(&groups, &facts, today), facts, groups);
    let (wanted, facts, groups) = tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| KernelError::Internal(e.to_string()))?;
    let mut stored: BTreeMap<(String, HouseholdId), Stored> = BTreeMap::new();
    let unit = scope.unit_id();
    for row in app.read_unit(unit, GROUP_MEMBERS, params![]).await? {
        let member = Stored {
            customers: row.get(2)?,
            how: row.get(3)?,
            version: row.get(4)?,
        };
        stored.insert((row.get(0)?, row.get(1)?), member);
    }
    let mut done = Refreshed {
        members: wanted.len() as i64,
        ..Refreshed::default()
    };
    let mut changes = Vec::new();
    for ((code, household), b) in &wanted {
        let new = Stored {
            customers: b.customers,
            how: b.how.as_str().to_owned(),
            version: rules.version(code),
        };
        let key = (code.clone(), *household);
        match stored.get(&key) {
            Some(old) if *old == new => continue,
            Some(_) => done.changed += 1,
            None => done.new += 1,
        }
        changes.push(Change::Put(key.0, key.1, new));
    }
    for (code, household) in stored.keys() {
        if !wanted.contains_key(&(code.clone(), *household)) {
            done.gone += 1;
            changes.push(Change::Gone(code.clone(), *household));
        }
    }
    let tags = tag_changes(app, unit, &groups, &facts).await?;
    done.tags = tags.len() as i64;
    changes.extend(tags.into_iter().map(Change::Tag));
    let households: HashSet<HouseholdId> = wanted.keys().map(|(_, h)| *h).collect();
    let first = app
        .read_unit(unit, GROUP_REFRESH_OF, params![])
        .await?
        .is_empty();
    write(app, ctx, scope, &changes, households.len() as i64, first).await?;
    Ok(done)
}

async fn write(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    changes: &[Change],
    households: i64,
    first: bool,
) -> Result<()> {
    if changes.is_empty() && first {
        // A branch without members is known too.
        return write_batch(app, ctx, scope, &[], households).await;
    }
    for batch in changes.chunks(BATCH) {
        write_batch(app, ctx, scope, batch, households).await?;
    }
    Ok(())
}

async fn write_batch(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    batch: &[Change],
    households: i64,
) -> Result<()> {
    let today = ctx.today();
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        let (mut put, mut gone, mut tags) = (0, 0, 0);
        for change in batch {
            match change {
                Change::Put(code, household, m) => {
                    let row = member_row(code, *household, m, today);
                    tx.exec(GROUP_MEMBER_PUT, row).await?;
                    put += 1;
                }
                Change::Gone(code, household) => {
                    let key = params![code.as_str(), *household];
                    tx.exec(GROUP_MEMBER_DROP, key).await?;
                    gone += 1;
                }
                Change::Tag(change) => {
                    tag_write(&mut tx, change).await?;
                    tags += 1;
                }
            }
        }
        let row = params![today, households, ctx.now];
        tx.exec(GROUP_REFRESH_PUT, row).await?;
        let detail = json!({ "changed": put, "dropped": gone, "tags": tags });
        tx.record("group.refresh", "unit", scope.unit_id(), detail);
        tx.commit().await
    })
    .await
}

fn member_row(code: &str, household: HouseholdId, m: &Stored, today: Day) -> Vec<Value> {
    params![
        code,
        household,
        m.customers,
        m.how.as_str(),
        m.version,
        today
    ]
}

/// Writes one row of `customer_tag`.
///
/// # Errors
/// Only the database.
pub async fn tag_write(tx: &mut UnitTx<'_>, change: &TagChange) -> Result<()> {
    let (tag, customer) = (change.tag.as_str(), change.customer);
    match change.how {
        Some(how) => tx.exec(GROUP_TAG_PUT, params![tag, customer, how]).await?,
        None => tx.exec(GROUP_TAG_DROP, params![tag, customer]).await?,
    };
    Ok(())
}

/// Where a tag comes from, given what the file and the branch say; none = nowhere.
pub fn tag_how(in_file: bool, tick: Option<bool>) -> Option<&'static str> {
    match (in_file, tick) {
        (true, None) => Some("file"),
        (false, None) => None,
        (true, Some(true)) => Some("both"),
        (false, Some(true)) => Some("tick"),
        (_, Some(false)) => Some("no"),
    }
}

async fn tag_changes(
    app: &App,
    unit: UnitId,
    groups: &Groups,
    facts: &[Fact],
) -> Result<Vec<TagChange>> {
    let mut stored: HashMap<(CustomerId, String), String> = HashMap::new();
    for row in app.read_unit(unit, GROUP_TAGS_TICKED, params![]).await? {
        stored.insert((row.get(0)?, row.get(1)?), row.get(2)?);
    }
    Ok(tags_follow(groups, facts, &stored))
}

/// What has to change so that the tags of these customers follow the ticks.
/// `stored` holds their rows that do not stand on a file alone.
pub fn tags_follow(
    groups: &Groups,
    facts: &[Fact],
    stored: &HashMap<(CustomerId, String), String>,
) -> Vec<TagChange> {
    let mut changes = Vec::new();
    for fact in facts {
        let in_file = |tag: &str| {
            let tags = &fact.known.tags;
            tags.iter().any(|t| groups.tag(t).as_deref() == Some(tag))
        };
        for (tag, yes) in &fact.known.ticks {
            let how = tag_how(in_file(tag), Some(*yes));
            let old = stored.get(&(fact.id, tag.clone()));
            if old.map(String::as_str) != how {
                changes.push(TagChange {
                    customer: fact.id,
                    tag: tag.clone(),
                    how,
                });
            }
        }
        let left = stored.keys().filter(|(id, tag)| {
            *id == fact.id && !fact.known.ticks.iter().any(|(ticked, _)| ticked == tag)
        });
        changes.extend(left.map(|(id, tag)| TagChange {
            customer: *id,
            tag: tag.clone(),
            how: tag_how(in_file(tag), None),
        }));
    }
    changes
}

/// Figures of one group in one branch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Households.
    pub households: i64,
    /// Customers.
    pub customers: i64,
    /// Households that came within the last seven days.
    pub new: i64,
    /// Households that are in by a tick.
    pub ticked: i64,
}

/// Days a household counts as new.
pub const NEW_DAYS: i32 = 7;

/// Figures by branch and group.
///
/// # Errors
/// Only the database.
pub async fn counts(app: &App, today: Day) -> Result<HashMap<UnitId, BTreeMap<String, Count>>> {
    let rows = app
        .db
        .query(GROUP_COUNTS, params![today.plus_days(-NEW_DAYS)])
        .await?;
    let mut all: HashMap<UnitId, BTreeMap<String, Count>> = HashMap::new();
    for row in &rows {
        let count = Count {
            households: row.get(2)?,
            customers: row.get(3)?,
            new: row.get(4)?,
            ticked: row.get(5)?,
        };
        all.entry(row.get(0)?)
            .or_default()
            .insert(row.get(1)?, count);
    }
    Ok(all)
}

/// Since when the members of each branch are known, and when they last changed.
///
/// # Errors
/// Only the database.
pub async fn refreshes(app: &App) -> Result<HashMap<UnitId, (Day, Timestamp)>> {
    let rows = app.db.query(GROUP_REFRESHES, params![]).await?;
    rows.iter()
        .map(|r| Ok((r.get(0)?, (r.get(1)?, r.get(2)?))))
        .collect()
}
