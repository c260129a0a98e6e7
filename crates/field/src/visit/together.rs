//! Visits of a batch that do not touch each other, read and written together:
//! what the branch knows of their people, households and targets comes with one
//! way to the database, what depends on their households with a second, and
//! all rows go with a third. What a visit means is `record`'s business.

use super::record::{Came, Door, Home, Kept, photos, valid};
use super::store::*;
use super::{ACCEPTED, REVIEW};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;
use zf_base::{CustomerId, HouseholdId, TargetId};
use zf_kernel::UnitTx;
use zf_kernel::error::{KernelError, Result};
use zf_store::{Ran, Row, Sql, Step, Value, params};

/// What the branch knows of what visits name.
pub(super) struct Facts {
    stands: BTreeSet<Uuid>,
    targets: BTreeMap<TargetId, Row>,
    customers: BTreeMap<CustomerId, Row>,
    households: BTreeSet<HouseholdId>,
}

fn asked<T: Copy + Into<Value>>(sql: Sql, ids: &BTreeSet<T>) -> Step {
    Step {
        sql,
        rows: ids.iter().map(|id| vec![(*id).into()]).collect(),
    }
}

/// The first row of each answer under the id that was asked for.
fn by_id<T: Copy + Ord>(ids: BTreeSet<T>, ran: Ran) -> BTreeMap<T, Row> {
    let rows = ran.rows.into_iter().map(|rows| rows.into_iter().next());
    let each = ids.into_iter().zip(rows);
    each.filter_map(|(id, row)| Some((id, row?))).collect()
}

/// Reads that went ahead of everything else of a batch, and what they gave:
/// valid until the transaction writes something.
pub(crate) struct Ahead {
    facts: Facts,
    /// By visit: the household asked about, and what [`of_households`] says of it.
    told: BTreeMap<Uuid, (HouseholdId, Told)>,
}

/// Other visits of a household on the day, and what came of all of them.
type Told = (i64, Came);

impl Ahead {
    /// What can be asked about visits before anything is known of them: all but
    /// the households that only their targets or customers name.
    pub(crate) fn steps(visits: &[Door<'_>]) -> Vec<Step> {
        let doors: Vec<&Door<'_>> = visits.iter().collect();
        let mut steps = Facts::steps(&doors);
        let named = visits
            .iter()
            .filter_map(|v| Some((v, v.payload.household_id?)));
        steps.extend(household_steps(named));
        steps
    }

    /// Reads the answers to [`Ahead::steps`].
    ///
    /// # Errors
    /// An answer that is none.
    pub(crate) fn of(visits: &[Door<'_>], mut ran: Vec<Ran>) -> Result<Ahead> {
        let doors: Vec<&Door<'_>> = visits.iter().collect();
        let numbers = ran.split_off(Facts::STEPS.min(ran.len()));
        let numbers = read_numbers(&numbers)?;
        let named = visits
            .iter()
            .filter_map(|v| Some((v.op.entity_id, v.payload.household_id?)));
        let told = named.zip(numbers).map(|((id, h), told)| (id, (h, told)));
        Ok(Ahead {
            facts: Facts::of(&doors, ran)?,
            told: told.collect(),
        })
    }

    /// What is said of the households when they are the ones that were asked about.
    fn told(&self, visits: &[Door<'_>], homes: &[Home]) -> Option<Vec<Told>> {
        let one = |(visit, home): (&Door<'_>, &Home)| match home.household {
            None => Some(Told::default()),
            Some(household) => {
                let (asked, told) = self.told.get(&visit.op.entity_id)?;
                (*asked == household).then_some(*told)
            }
        };
        visits.iter().zip(homes).map(one).collect()
    }
}

type Named = (
    BTreeSet<Uuid>,
    BTreeSet<TargetId>,
    BTreeSet<CustomerId>,
    BTreeSet<HouseholdId>,
);

/// The visits, and the targets, customers and households that they name.
fn named(visits: &[&Door<'_>]) -> Named {
    let ids = visits.iter().map(|v| v.op.entity_id);
    let targets = visits.iter().filter_map(|v| v.payload.target_id);
    let met = visits.iter().flat_map(|v| &v.said.people);
    let customers = visits.iter().filter_map(|v| v.payload.customer_id);
    let customers = customers.chain(met.filter_map(|p| p.customer_id));
    let households = visits.iter().filter_map(|v| v.payload.household_id);
    (
        ids.collect(),
        targets.collect(),
        customers.collect(),
        households.collect(),
    )
}

impl Facts {
    const STEPS: usize = 4;

    /// Reads them, after `first` has been written.
    ///
    /// # Errors
    /// Only the database.
    pub(super) async fn read(
        tx: &mut UnitTx<'_>,
        visits: &[&Door<'_>],
        first: Vec<Step>,
    ) -> Result<Facts> {
        let (mut steps, before) = (first, Facts::steps(visits));
        let written = steps.len();
        steps.extend(before);
        let mut ran = tx.steps(steps).await?;
        Facts::of(visits, ran.split_off(written.min(ran.len())))
    }

    fn steps(visits: &[&Door<'_>]) -> Vec<Step> {
        let (ids, targets, customers, households) = named(visits);
        vec![
            asked(VISIT_STANDS, &ids),
            asked(VISIT_TARGET, &targets),
            asked(VISIT_CUSTOMER, &customers),
            asked(VISIT_HOUSEHOLD, &households),
        ]
    }

    fn of(visits: &[&Door<'_>], ran: Vec<Ran>) -> Result<Facts> {
        let (ids, targets, customers, households) = named(visits);
        let mut ran = ran.into_iter();
        let mut next = || {
            ran.next()
                .ok_or_else(|| KernelError::Internal("a statement was not run".to_owned()))
        };
        let (there, plan, people, homes) = (next()?, next()?, next()?, next()?);
        Ok(Facts {
            households: by_id(households, homes).into_keys().collect(),
            customers: by_id(customers, people),
            targets: by_id(targets, plan),
            stands: by_id(ids, there).into_keys().collect(),
        })
    }

    pub(super) fn target(&self, id: TargetId) -> Option<&Row> {
        self.targets.get(&id)
    }
    pub(super) fn customer(&self, id: CustomerId) -> Option<&Row> {
        self.customers.get(&id)
    }
    pub(super) fn has_household(&self, id: HouseholdId) -> bool {
        self.households.contains(&id)
    }
}

/// Submits visits as far as they do not touch each other: it stops before one
/// that is there already or whose household another one of them has. Gives what
/// is in force and the statements that make it so, which must be run before
/// anything else is read. `first` is written before; without it, what was read
/// `ahead` need not be asked again.
///
/// # Errors
/// Only the database.
pub(crate) async fn submit(
    tx: &mut UnitTx<'_>,
    visits: &[Door<'_>],
    first: Vec<Step>,
    ahead: Option<&Ahead>,
) -> Result<(Vec<Kept>, Vec<Step>)> {
    let doors: Vec<&Door<'_>> = visits.iter().collect();
    let ahead = ahead.filter(|_| first.is_empty());
    let read;
    let facts = match ahead {
        Some(ahead) => &ahead.facts,
        None => {
            read = Facts::read(tx, &doors, first).await?;
            &read
        }
    };
    let mut homes: Vec<Home> = Vec::with_capacity(visits.len());
    let mut taken = BTreeSet::new();
    for visit in visits {
        if facts.stands.contains(&visit.op.entity_id) {
            break;
        }
        let home = visit.home(facts)?;
        if home.household.is_some_and(|h| !taken.insert(h)) {
            break;
        }
        homes.push(home);
    }
    let told = match ahead.and_then(|a| a.told(visits, &homes)) {
        Some(told) => told,
        None => of_households(tx, visits, &homes).await?,
    };
    let (mut kept, mut rows, mut after) = (vec![], vec![], vec![]);
    for ((visit, home), (others, came)) in visits.iter().zip(&homes).zip(told) {
        let people = visit.people(facts)?;
        let reasons = visit.reasons_with(home, others);
        rows.push(visit.row(home, &people, reasons.is_empty()));
        after.extend(visit.people_steps(&people));
        if let Some(household) = home.household {
            let came = came.with(visit.said, visit.payload.day);
            after.extend(visit.plan_steps(household, visit.payload.day, came));
        }
        kept.push(visit.kept(1, reasons, visit.payload.day));
    }
    let sql = VISIT_ADD;
    after.insert(0, Step { sql, rows });
    Ok((kept, gathered(after)))
}

/// The steps of one statement as one step: what does not touch each other may be
/// written statement by statement.
pub(crate) fn gathered(steps: Vec<Step>) -> Vec<Step> {
    let mut all: Vec<Step> = Vec::new();
    for step in steps {
        match all.iter_mut().find(|s| s.sql.text == step.sql.text) {
            Some(same) => same.rows.extend(step.rows),
            None => all.push(step),
        }
    }
    all
}

/// Asks what [`Told`] is of households.
fn household_steps<'a, 'v: 'a>(of: impl Iterator<Item = (&'a Door<'v>, HouseholdId)>) -> Vec<Step> {
    let (mut same_day, mut counts) = (vec![], vec![]);
    for (visit, household) in of {
        same_day.push(params![household, visit.payload.day, visit.id()]);
        counts.push(params![visit.program.id, household]);
    }
    let asked = [(VISIT_SAME_DAY, same_day), (VISIT_HOUSEHOLD_COUNTS, counts)];
    asked.map(|(sql, rows)| Step { sql, rows }).into()
}

fn read_numbers(ran: &[Ran]) -> Result<Vec<Told>> {
    let number = |rows: &Vec<Row>| -> Result<i64> { Ok(rows.first().map_or(Ok(0), |r| r.get(0))?) };
    let came = |rows: &Vec<Row>| Came::of(rows.first());
    let [same_day, counts] = ran else {
        return Ok(vec![]);
    };
    let each = same_day.rows.iter().zip(&counts.rows);
    each.map(|(a, b)| Ok((number(a)?, came(b)?))).collect()
}

async fn of_households(
    tx: &mut UnitTx<'_>,
    visits: &[Door<'_>],
    homes: &[Home],
) -> Result<Vec<Told>> {
    let known = visits.iter().zip(homes);
    let known = known.filter_map(|(v, home)| Some((v, home.household?)));
    let ran = tx.steps(household_steps(known)).await?;
    let mut told = read_numbers(&ran)?.into_iter();
    let one = |home: &Home| match home.household {
        Some(_) => told.next().unwrap_or_default(),
        None => Told::default(),
    };
    Ok(homes.iter().map(one).collect())
}

impl Door<'_> {
    /// The row of a new visit.
    fn row(&self, home: &Home, people: &[super::record::Recorded], accepted: bool) -> Vec<Value> {
        let (p, s) = (self.payload, self.said);
        params![
            self.id(),
            p.program_id,
            p.kind.as_str(),
            home.target.or(p.target_id),
            home.household,
            p.village_group_id,
            p.stop_id,
            p.day,
            s.outcome_text.as_str(),
            s.counts,
            if accepted { ACCEPTED } else { REVIEW },
            self.sender.via,
            p.form_id.as_str(),
            i64::from(p.form_version),
            self.sealed.to_vec(),
            people.len() as i64,
            valid(people),
            photos(self.op),
            self.sender.device_id,
            self.op.device_time,
            s.estimated_at,
            self.ctx.now,
            s.clock_suspect,
            self.ctx.actor.user_id,
            self.ctx.actor.name.as_str(),
            s.gone
        ]
    }
}
