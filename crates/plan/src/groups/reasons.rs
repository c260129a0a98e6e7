//! Why a household is to be visited, in words: its groups with what speaks for
//! them, what matures, what is missing. Worked out at the moment of asking, so
//! that a tick or a new rule shows at once; only the day since when comes from
//! the stored members.

use super::facts::{Fact, Tick, facts_of_household};
use super::rules::in_force;
use super::store::*;
use super::{InForce, words};
use crate::targets::groups::{Groups, How};
use std::collections::HashMap;
use zf_base::code::ErrorCode;
use zf_base::{Day, HouseholdId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, UnitScope};
use zf_store::params;

/// Figures that say how long before a maturity a customer is visited.
const DEPOSIT_DAYS: &str = "deposit_maturity_days";
const INSURANCE_DAYS: &str = "insurance_maturity_days";

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReasonWords {
    /// Code of the group, or `deposit_due`, `insurance_due`, `missing_fields`.
    pub code: String,
    /// Name of it.
    pub name: String,
    /// What speaks for it, in words.
    pub why: String,
    /// Since when; none when it is not stored yet or has no such day.
    pub since_day: Option<Day>,
    /// `rule`, `tick`, `file`, `maturity` or `missing_fields`.
    pub kind: &'static str,
}

/// All reasons of a household, what matures first, then the groups by points,
/// then what is missing. Empty for a household that refuses visits.
///
/// # Errors
/// No such household in the branch.
pub async fn reasons_of(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    household: HouseholdId,
) -> Result<Vec<ReasonWords>> {
    let (facts, ticks) = facts_of_household(app, scope, household).await?;
    if facts.is_empty() {
        return Err(KernelError::refused(ErrorCode::NOT_FOUND));
    }
    let rules = in_force(app, scope.unit()).await?;
    let groups = Groups::with(&rules.must_visit, &rules.figures)?;
    let rows = app
        .read_unit(scope.unit_id(), GROUP_MEMBERS_OF, params![household])
        .await?;
    let mut since: HashMap<String, Day> = HashMap::new();
    for row in &rows {
        since.insert(row.get(0)?, row.get(1)?);
    }
    Ok(reasons(
        &rules,
        &groups,
        &facts,
        &ticks,
        &since,
        ctx.today(),
    ))
}

/// The same from what is known. Pure.
pub fn reasons(
    rules: &InForce,
    groups: &Groups,
    facts: &[Fact],
    ticks: &[Tick],
    since: &HashMap<String, Day>,
    today: Day,
) -> Vec<ReasonWords> {
    if facts.iter().any(|f| f.refuses && !f.person_only) {
        return vec![];
    }
    let members: Vec<&Fact> = facts.iter().filter(|f| !f.refuses).collect();
    let mut out = maturities(groups, &members, today);
    let mut found: Vec<(String, i64, How, &Fact)> = Vec::new();
    for fact in &members {
        for (code, points, hows) in groups.why(&fact.known, today) {
            for how in hows {
                if !found.iter().any(|(c, _, h, _)| c == code && *h == how) {
                    found.push((code.to_owned(), points, how, fact));
                }
            }
        }
    }
    found.sort_by_key(|(_, points, how, _)| (-points, *how));
    for (code, _, how, fact) in found {
        let name = groups.name(&code).to_owned();
        let tag = groups.tag_of(&code);
        let why = match how {
            How::Tick => {
                let tick = ticks.iter().find(|t| Some(t.tag.as_str()) == tag);
                tick.map_or_else(String::new, |t| words::ticked(&t.by_name, t.at.day()))
            }
            How::File => words::in_file(&name),
            How::Rule => {
                let read = words::facts(&fact.known, &groups.reads(&code), today);
                words::by_rule(&read, rules.version(&code))
            }
        };
        out.push(ReasonWords {
            since_day: since.get(&code).copied(),
            code,
            name,
            why,
            kind: how.as_str(),
        });
    }
    let missing = members.iter().map(|f| f.missing).max().unwrap_or(0);
    if missing > 0 {
        out.push(ReasonWords {
            code: "missing_fields".to_owned(),
            name: words::MISSING.to_owned(),
            why: words::missing(missing),
            since_day: None,
            kind: "missing_fields",
        });
    }
    out
}

fn maturities(groups: &Groups, members: &[&Fact], today: Day) -> Vec<ReasonWords> {
    let next = |of: fn(&Fact) -> Option<Day>, days: i32| {
        let due = members.iter().filter_map(|f| of(f));
        due.filter(|d| (0..=days).contains(&today.days_until(*d)))
            .min()
    };
    let reason = |code: &str, name: &str, day: Day| ReasonWords {
        code: code.to_owned(),
        name: name.to_owned(),
        why: words::due(day, today.days_until(day)),
        since_day: None,
        kind: "maturity",
    };
    let deposit = next(|f| f.known.deposit_due_day, groups.days(DEPOSIT_DAYS));
    let insurance = next(|f| f.known.insurance_due_day, groups.days(INSURANCE_DAYS));
    let deposit = deposit.map(|d| reason("deposit_due", words::DEPOSIT_DUE, d));
    let insurance = insurance.map(|d| reason("insurance_due", words::INSURANCE_DUE, d));
    deposit.into_iter().chain(insurance).collect()
}
