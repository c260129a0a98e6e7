//! What rules may read about the customers of a branch: everything in clear,
//! with what the branch has ticked. Comes from the customers' rows and the
//! ticks; goes to the matcher, which knows no table. Whoever refuses visits is
//! left out as the targets leave them out.

use super::store::*;
use crate::targets::groups::{Groups, How, Known};
use std::collections::{BTreeMap, HashMap};
use zf_base::{CustomerId, Day, HouseholdId, Timestamp, VillageGroupId};
use zf_kernel::error::Result;
use zf_kernel::{App, UnitScope};
use zf_network::customer::FieldState;
use zf_network::customer::source::ended::{Ended, ended};
use zf_network::village_group::service::village_group_list;
use zf_store::{Row, params};

/// One customer.
#[derive(Clone, Debug)]
pub struct Fact {
    /// The customer.
    pub id: CustomerId,
    /// Their household.
    pub household: HouseholdId,
    /// Village group.
    pub village_group: Option<VillageGroupId>,
    /// What rules may read.
    pub known: Known,
    /// How many of the four fields are missing.
    pub missing: i64,
    /// Refuses visits.
    pub refuses: bool,
    /// Spoke for themselves only.
    pub person_only: bool,
}

/// What the branch has ticked for a household.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// Tag of the group.
    pub tag: String,
    /// Belongs to it or does not.
    pub yes: bool,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by_name: String,
}

/// Ticks by household.
pub type Ticks = HashMap<HouseholdId, Vec<Tick>>;

pub(super) fn ticks_read(rows: &[Row]) -> Result<Ticks> {
    let mut all = Ticks::new();
    for row in rows {
        all.entry(row.get(0)?).or_default().push(Tick {
            tag: row.get(1)?,
            yes: row.get(2)?,
            at: row.get(3)?,
            by_name: row.get(4)?,
        });
    }
    Ok(all)
}

fn list(text: &str) -> Vec<String> {
    if text == "[]" {
        return vec![];
    }
    serde_json::from_str(text).unwrap_or_default()
}

fn read(row: &Row) -> Result<Fact> {
    let complete = |i: usize| -> Result<bool> {
        Ok(FieldState::from_stored(&row.get::<String>(i)?).is_complete())
    };
    let no_address: i64 = row.get(17)?;
    Ok(Fact {
        id: row.get(0)?,
        household: row.get(1)?,
        village_group: row.get(2)?,
        known: Known {
            tags: list(&row.get::<String>(3)?),
            occupation: row.get(4)?,
            balance_band: row.get(5)?,
            deposit_due_day: row.get(6)?,
            insurance_due_day: row.get(7)?,
            four_fields: row.get(8)?,
            birth_year: row.get(9)?,
            sex: row.get(10)?,
            products: list(&row.get::<String>(11)?),
            channel: row.get(12)?,
            ..Known::default()
        },
        // The name is always there.
        missing: i64::from(!complete(15)?) + i64::from(!complete(16)?) + no_address,
        refuses: row.get(13)?,
        person_only: row.get(14)?,
    })
}

/// All customers of a branch.
///
/// # Errors
/// Only the database.
pub async fn facts_of_branch(app: &App, scope: &UnitScope) -> Result<Vec<Fact>> {
    let unit = scope.unit_id();
    let rows = app.read_unit(unit, GROUP_CUSTOMERS, params![]).await?;
    let ticks = app.read_unit(unit, GROUP_TICKS, params![]).await?;
    complete(app, scope, &rows, &ticks_read(&ticks)?).await
}

/// The customers of one household.
///
/// # Errors
/// Only the database.
pub async fn facts_of_household(
    app: &App,
    scope: &UnitScope,
    household: HouseholdId,
) -> Result<(Vec<Fact>, Vec<Tick>)> {
    let unit = scope.unit_id();
    let of = params![household];
    let rows = app.read_unit(unit, GROUP_CUSTOMERS_OF, of).await?;
    let of = params![household];
    let ticks = ticks_read(&app.read_unit(unit, GROUP_TICKS_OF, of).await?)?;
    let facts = complete(app, scope, &rows, &ticks).await?;
    Ok((facts, ticks.get(&household).cloned().unwrap_or_default()))
}

async fn complete(app: &App, scope: &UnitScope, rows: &[Row], ticks: &Ticks) -> Result<Vec<Fact>> {
    let groups = village_group_list(app, scope).await?;
    let names: HashMap<VillageGroupId, String> = groups
        .into_iter()
        .map(|g| (g.id, format!("{}{}", g.village, g.name)))
        .collect();
    let mut facts = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    let ended = ended(app, scope.unit(), app.now().day()).await?;
    for fact in &mut facts {
        withhold(app, &ended, fact);
    }
    let mut members: HashMap<HouseholdId, i64> = HashMap::new();
    for fact in &facts {
        *members.entry(fact.household).or_default() += 1;
    }
    for fact in &mut facts {
        let known = &mut fact.known;
        known.market.clone_from(&scope.unit().market_kind);
        known.members = members.get(&fact.household).copied();
        known.village_group = fact.village_group.and_then(|g| names.get(&g).cloned());
        let ticked = ticks.get(&fact.household).into_iter().flatten();
        known.ticks = ticked.map(|t| (t.tag.clone(), t.yes)).collect();
    }
    Ok(facts)
}

/// Takes away what came through a lawful basis that has ended. Whose whole
/// record did is left out, as if they had refused for themselves.
fn withhold(app: &App, ended: &Ended, fact: &mut Fact) {
    let tagged = |t: &String| app.packs.tag_of(t).is_some_and(|tag| ended.tag(tag));
    fact.known.tags.retain(|t| !tagged(t));
    if ended.spares(fact.id) {
        return;
    }
    if ended.person(fact.id) && !fact.refuses {
        (fact.refuses, fact.person_only) = (true, true);
    }
    let gone = |field: &str| ended.field(fact.id, field);
    fn keep<T>(value: &mut Option<T>, gone: bool) {
        if gone {
            *value = None;
        }
    }
    let known = &mut fact.known;
    if gone("tags") {
        known.tags.clear();
    }
    if gone("products") {
        known.products.clear();
    }
    keep(&mut known.occupation, gone("occupation"));
    keep(&mut known.balance_band, gone("balance_band"));
    keep(&mut known.deposit_due_day, gone("deposit_due_day"));
    keep(&mut known.insurance_due_day, gone("insurance_due_day"));
    keep(&mut known.birth_year, gone("birth_year"));
    keep(&mut known.sex, gone("sex"));
    keep(&mut known.channel, ended.person(fact.id));
}

/// A household in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Belongs {
    /// How many of its customers are in the group.
    pub customers: i64,
    /// The strongest that speaks for it.
    pub how: How,
}

/// Households by code of the group. A household that refuses visits is in
/// none, a customer who refuses for themselves does not count.
pub fn belongs(
    groups: &Groups,
    facts: &[Fact],
    today: Day,
) -> BTreeMap<(String, HouseholdId), Belongs> {
    let mut all: BTreeMap<(String, HouseholdId), Belongs> = BTreeMap::new();
    let barred = barred(facts);
    let mut asker = groups.asker(today);
    for fact in facts {
        if fact.refuses || barred.contains(&fact.household) {
            continue;
        }
        for (code, _, how) in asker.why(&fact.known) {
            let how = how.first().copied().unwrap_or(How::Rule);
            all.entry(((*code).to_owned(), fact.household))
                .and_modify(|b| {
                    b.customers += 1;
                    b.how = b.how.min(how);
                })
                .or_insert(Belongs { customers: 1, how });
        }
    }
    all
}

/// Households in which somebody has refused visits for all.
fn barred(facts: &[Fact]) -> std::collections::HashSet<HouseholdId> {
    let bars = facts.iter().filter(|f| f.refuses && !f.person_only);
    bars.map(|f| f.household).collect()
}
