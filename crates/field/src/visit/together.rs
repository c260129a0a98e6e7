//! Visits of a batch that do not touch each other, read and written together:
//! what the branch knows of their people, households and targets comes with one
//! way to the database, what depends on their households with a second, and
//! all rows go with a third. What a visit means is `record`'s business.

use super::record::{Door, Home, Kept, photos, valid};
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

impl Facts {
    /// Reads them, after `first` has been written.
    ///
    /// # Errors
    /// Only the database.
    pub(super) async fn read(
        tx: &mut UnitTx<'_>,
        visits: &[&Door<'_>],
        first: Vec<Step>,
    ) -> Result<Facts> {
        let of = |v: &&Door<'_>| v.op.entity_id;
        let ids: BTreeSet<Uuid> = visits.iter().map(of).collect();
        let targets = visits.iter().filter_map(|v| v.payload.target_id);
        let targets: BTreeSet<TargetId> = targets.collect();
        let named = visits.iter().filter_map(|v| v.payload.customer_id);
        let met = visits.iter().flat_map(|v| &v.said.people);
        let customers = named.chain(met.filter_map(|p| p.customer_id));
        let customers: BTreeSet<CustomerId> = customers.collect();
        let households = visits.iter().filter_map(|v| v.payload.household_id);
        let households: BTreeSet<HouseholdId> = households.collect();
        let mut steps = first;
        steps.push(asked(VISIT_STANDS, &ids));
        steps.push(asked(VISIT_TARGET, &targets));
        steps.push(asked(VISIT_CUSTOMER, &customers));
        steps.push(asked(VISIT_HOUSEHOLD, &households));
        let mut ran = tx.steps(steps).await?.into_iter().rev();
        let mut next = || {
            ran.next()
                .ok_or_else(|| KernelError::Internal("a statement was not run".to_owned()))
        };
        let (homes, people, plan, there) = (next()?, next()?, next()?, next()?);
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
/// anything else is read. `first` is written before.
///
/// # Errors
/// Only the database.
pub(crate) async fn submit(
    tx: &mut UnitTx<'_>,
    visits: &[Door<'_>],
    first: Vec<Step>,
) -> Result<(Vec<Kept>, Vec<Step>)> {
    let doors: Vec<&Door<'_>> = visits.iter().collect();
    let facts = Facts::read(tx, &doors, first).await?;
    let mut homes: Vec<Home> = Vec::with_capacity(visits.len());
    let mut taken = BTreeSet::new();
    for visit in visits {
        if facts.stands.contains(&visit.op.entity_id) {
            break;
        }
        let home = visit.home(&facts)?;
        if home.household.is_some_and(|h| !taken.insert(h)) {
            break;
        }
        homes.push(home);
    }
    let told = of_households(tx, visits, &homes).await?;
    let (mut kept, mut rows, mut after) = (vec![], vec![], vec![]);
    for ((visit, home), (others, counted)) in visits.iter().zip(&homes).zip(told) {
        let people = visit.people(&facts)?;
        let reasons = visit.reasons_with(home, others);
        rows.push(visit.row(home, &people, reasons.is_empty()));
        after.extend(visit.people_steps(&people));
        if let Some(household) = home.household {
            let counted = counted + i64::from(visit.said.counts);
            after.extend(visit.plan_steps(household, visit.payload.day, counted));
        }
        kept.push(visit.kept(1, reasons, visit.payload.day));
    }
    let sql = VISIT_ADD;
    after.insert(0, Step { sql, rows });
    Ok((kept, gathered(after)))
}

/// The steps of one statement as one step: visits that do not touch each other
/// may be written statement by statement.
fn gathered(steps: Vec<Step>) -> Vec<Step> {
    let mut all: Vec<Step> = Vec::new();
    for step in steps {
        match all.iter_mut().find(|s| s.sql.text == step.sql.text) {
            Some(same) => same.rows.extend(step.rows),
            None => all.push(step),
        }
    }
    all
}

/// Other visits of the household on the day, and visits of it that count.
async fn of_households(
    tx: &mut UnitTx<'_>,
    visits: &[Door<'_>],
    homes: &[Home],
) -> Result<Vec<(i64, i64)>> {
    let (mut same_day, mut counts) = (vec![], vec![]);
    for (visit, home) in visits.iter().zip(homes) {
        if let Some(household) = home.household {
            same_day.push(params![household, visit.payload.day, visit.id()]);
            counts.push(params![visit.program.id, household]);
        }
    }
    let asked = [(VISIT_SAME_DAY, same_day), (VISIT_HOUSEHOLD_COUNTS, counts)];
    let steps = asked.map(|(sql, rows)| Step { sql, rows });
    let ran = tx.steps(steps.into()).await?;
    let mut numbers = ran.iter().map(|ran| ran.rows.iter());
    let (mut same_day, mut counts) = (numbers.next(), numbers.next());
    let next = |of: &mut Option<std::slice::Iter<'_, Vec<Row>>>| -> Result<i64> {
        let row = of.as_mut().and_then(Iterator::next);
        Ok(row.and_then(|r| r.first()).map_or(Ok(0), |r| r.get(0))?)
    };
    let mut all = Vec::with_capacity(homes.len());
    for home in homes {
        all.push(match home.household {
            Some(_) => (next(&mut same_day)?, next(&mut counts)?),
            None => (0, 0),
        });
    }
    Ok(all)
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
            self.ctx.actor.name.as_str()
        ]
    }
}
