//! What a rule would do before it holds: households and customers per branch,
//! how many are new since last week, who comes and who goes against the rule in
//! force, and a masked sample. Reads what rules may read and nothing else; the
//! names of the sample are opened for twenty households and leave masked.

use super::facts::{Fact, belongs, facts_of_branch};
use super::rules::in_force;
use super::store::*;
use super::{InForce, members, words};
use crate::targets::groups::Groups;
use std::collections::{BTreeMap, HashMap, HashSet};
use zf_base::mask::{Masked, PersonName};
use zf_base::{CustomerId, Day, HouseholdId, UnitId};
use zf_forms::pack::{GroupMatcher, MustVisit, MustVisitGroup};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, UnitScope};
use zf_network::customer::seal::{self, Column};
use zf_store::params;

/// Households of the sample.
const SAMPLE: usize = 20;

/// One branch.
#[derive(Clone, Debug)]
pub struct BranchPreview {
    /// The branch.
    pub unit_id: UnitId,
    /// Its name.
    pub name: String,
    /// Households in the group.
    pub households: i64,
    /// Customers in the group.
    pub customers: i64,
    /// Households that were not in a week ago; none when nothing is known of then.
    pub new: Option<i64>,
    /// Households that come in with this rule.
    pub gained: i64,
    /// Households that fall out with this rule.
    pub lost: i64,
}

/// A household of the sample.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The branch.
    pub unit_id: UnitId,
    /// Its name.
    pub unit_name: String,
    /// The household.
    pub household_id: HouseholdId,
    /// A member who is in the group.
    pub customer_id: CustomerId,
    /// Their name.
    pub name: Masked<PersonName>,
    /// Village group.
    pub village_group: Option<String>,
    /// What the rule read, in words.
    pub why: String,
}

/// What a rule would do.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// Branches by code.
    pub branches: Vec<BranchPreview>,
    /// Some households.
    pub sample: Vec<Sample>,
}

/// What is wrong with a predicate: a sentence, line and column from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// For the author.
    pub message: String,
    /// Where; none = the whole.
    pub position: Option<(usize, usize)>,
}

/// What is wrong with a predicate in this unit; none when it can be used.
pub fn fault(rules: &InForce, when: &str) -> Option<Fault> {
    if when.trim().is_empty() {
        return None;
    }
    let checked = GroupMatcher::check(&rules.must_visit, &rules.figures, when);
    checked.err().map(|e| words::fault(when, &e))
}

/// One group alone, with this predicate.
fn alone(rules: &InForce, code: Option<&str>, when: Option<&str>) -> MustVisit {
    let known = rules.must_visit.groups.iter();
    let found = known.clone().find(|g| Some(g.code.as_str()) == code);
    let mut group = found.cloned().unwrap_or_else(|| MustVisitGroup {
        code: String::new(),
        tag: String::new(),
        name: zf_forms::pack::Words::default(),
        priority: 0,
        when: None,
        kinds: vec![],
        lawful_basis: false,
        on_tick_sheet: false,
        extra: true,
        req: vec![],
    });
    if let Some(when) = when {
        group.when = Some(when.to_owned()).filter(|w| !w.trim().is_empty());
    }
    MustVisit {
        variables: rules.must_visit.variables.clone(),
        groups: vec![group],
    }
}

/// Counts what a predicate would match in the branches of a scope, which the
/// caller has checked for [`fault`]. Without `code` the predicate stands alone.
///
/// # Errors
/// Only the database.
pub async fn preview(
    app: &App,
    ctx: &Ctx,
    branches: &[UnitScope],
    code: Option<&str>,
    when: &str,
) -> Result<Preview> {
    let today = ctx.today();
    let known_since = members::refreshes(app).await?;
    let week_ago = today.plus_days(-members::NEW_DAYS);
    let mut out = Preview::default();
    for branch in branches {
        let unit = branch.unit_id();
        let rules = in_force(app, branch.unit()).await?;
        let facts = facts_of_branch(app, branch).await?;
        let now = Groups::with(&alone(&rules, code, None), &rules.figures)?;
        let then = Groups::with(&alone(&rules, code, Some(when)), &rules.figures)?;
        let had = match code {
            Some(code) if known_since.get(&unit).is_some_and(|(d, _)| *d <= week_ago) => {
                Some(before(app, unit, code, week_ago).await?)
            }
            _ => None,
        };
        let work = move || {
            let found = judge(&now, &then, &facts, today, had.as_ref());
            (found, facts, then)
        };
        let (found, facts, then) = tokio::task::spawn_blocking(work)
            .await
            .map_err(|e| KernelError::Internal(e.to_string()))?;
        let room = SAMPLE.saturating_sub(out.sample.len());
        let shown = found.matched.iter().take(room).copied();
        for household in shown {
            let sample = sample(app, branch, &then, &facts, household, today).await?;
            out.sample.extend(sample);
        }
        out.branches.push(BranchPreview {
            unit_id: unit,
            name: branch.unit().name.clone(),
            households: found.matched.len() as i64,
            customers: found.customers,
            new: found.new,
            gained: found.gained,
            lost: found.lost,
        });
    }
    Ok(out)
}

async fn before(app: &App, unit: UnitId, code: &str, day: Day) -> Result<HashSet<HouseholdId>> {
    let rows = app
        .read_unit(unit, GROUP_MEMBERS_BEFORE, params![code, day])
        .await?;
    rows.iter().map(|r| Ok(r.get(0)?)).collect()
}

struct Found {
    matched: Vec<HouseholdId>,
    customers: i64,
    new: Option<i64>,
    gained: i64,
    lost: i64,
}

fn judge(
    now: &Groups,
    then: &Groups,
    facts: &[Fact],
    today: Day,
    had: Option<&HashSet<HouseholdId>>,
) -> Found {
    let of = |groups: &Groups| -> BTreeMap<HouseholdId, i64> {
        let all = belongs(groups, facts, today);
        all.into_iter()
            .map(|((_, h), b)| (h, b.customers))
            .collect()
    };
    let (old, new) = (of(now), of(then));
    let matched: Vec<HouseholdId> = new.keys().copied().collect();
    Found {
        customers: new.values().sum(),
        new: had.map(|h| matched.iter().filter(|m| !h.contains(m)).count() as i64),
        gained: matched.iter().filter(|m| !old.contains_key(m)).count() as i64,
        lost: old.keys().filter(|m| !new.contains_key(m)).count() as i64,
        matched,
    }
}

async fn sample(
    app: &App,
    branch: &UnitScope,
    groups: &Groups,
    facts: &[Fact],
    household: HouseholdId,
    today: Day,
) -> Result<Option<Sample>> {
    let unit = branch.unit_id();
    let members = facts.iter().filter(|f| f.household == household);
    let lead = members
        .filter(|f| !f.refuses)
        .find(|f| !groups.of(&f.known, today).is_empty());
    let Some(lead) = lead else { return Ok(None) };
    let rows = app
        .read_unit(unit, GROUP_NAMES_OF, params![household])
        .await?;
    let mut names: HashMap<CustomerId, Vec<u8>> = HashMap::new();
    for row in &rows {
        names.insert(row.get(0)?, row.get(1)?);
    }
    let sealed = names.get(&lead.id).map(Vec::as_slice);
    let clear = seal::open(app, Column::Name, unit, lead.id, sealed)?;
    let code = groups.of(&lead.known, today);
    let reads = code.first().map_or_else(Vec::new, |(c, _)| groups.reads(c));
    Ok(Some(Sample {
        unit_id: unit,
        unit_name: branch.unit().name.clone(),
        household_id: household,
        customer_id: lead.id,
        name: Masked::new(clear),
        village_group: lead.known.village_group.clone(),
        why: words::facts(&lead.known, &reads, today),
    }))
}
