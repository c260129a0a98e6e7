//! Reads the rows of the board and of the summary table and puts them together
//! by branch. Branches and quotas come from the plan room as the actor may see
//! them; rows of other branches are dropped here. Changes nothing.

use super::store::*;
use super::{BoardLine, Counts, Person, Phone, SummaryLine, Table};
use crate::label::{Question, questions};
use crate::visit::payload::OUTCOME;
use std::collections::HashMap;
use zf_base::{Day, Timestamp, UnitId};
use zf_kernel::error::Result;
use zf_kernel::unit::service::path_end;
use zf_kernel::{App, Ctx};
use zf_plan::form::service::form_of_answers;
use zf_plan::paper::forms::visit_form;
use zf_plan::program::Program;
use zf_plan::shortfall::service::quotas_between;
use zf_store::{Row, params};

async fn counts(
    app: &App,
    program: &Program,
    from: Day,
    to: Day,
) -> Result<HashMap<(UnitId, Day), Counts>> {
    let (path, end) = (program.unit.path.as_str(), path_end(&program.unit.path));
    let row = params![path, end.as_str(), program.id, from, to];
    let rows = app.db.query(BOARD_COUNTS, row).await?;
    let mut all = HashMap::new();
    for r in rows {
        let found = Counts {
            visits: r.get(2)?,
            households: r.get(3)?,
            members: r.get(4)?,
            valid_records: r.get(5)?,
            by_desk: r.get(6)?,
            by_phone: r.get(7)?,
            ..Counts::default()
        };
        all.insert((r.get(0)?, r.get(1)?), found);
    }
    let row = params![path, end.as_str(), program.id, from, to];
    for r in app.db.query(BOARD_OUTCOMES, row).await? {
        let found: Option<&mut Counts> = all.get_mut(&(r.get(0)?, r.get(1)?));
        if let Some(c) = found {
            c.outcomes.insert(r.get(2)?, r.get(3)?);
        }
    }
    Ok(all)
}

fn person(r: &Row) -> Result<(UnitId, Person)> {
    let found = Person {
        name: r.get(1)?,
        visits: r.get(2)?,
    };
    Ok((r.get(0)?, found))
}

async fn people(app: &App, program: &Program, day: Day) -> Result<HashMap<UnitId, Vec<Person>>> {
    let (path, end) = (program.unit.path.as_str(), path_end(&program.unit.path));
    let mut all: HashMap<UnitId, Vec<Person>> = HashMap::new();
    for statement in [BOARD_PEOPLE, BOARD_MAKERS] {
        let row = params![path, end.as_str(), program.id, day];
        for r in app.db.query(statement, row).await? {
            let (unit, found) = person(&r)?;
            let there = all.entry(unit).or_default();
            match there
                .iter_mut()
                .find(|p| p.name == found.name && statement == BOARD_MAKERS)
            {
                Some(p) => p.visits += found.visits,
                None => there.push(found),
            }
        }
    }
    for there in all.values_mut() {
        there.sort_by(|a, b| (b.visits, &a.name).cmp(&(a.visits, &b.name)));
    }
    Ok(all)
}

async fn phones(app: &App, program: &Program) -> Result<HashMap<UnitId, Vec<Phone>>> {
    let (path, end) = (program.unit.path.as_str(), path_end(&program.unit.path));
    let mut all: HashMap<UnitId, Vec<Phone>> = HashMap::new();
    for r in app
        .db
        .query(BOARD_PHONES, params![path, end.as_str()])
        .await?
    {
        all.entry(r.get(0)?).or_default().push(Phone {
            user_name: r.get(1)?,
            unsent: r.get(2)?,
            oldest: r.get(3)?,
            seen_at: r.get(4)?,
        });
    }
    for there in all.values_mut() {
        there.sort_by_key(|p| (p.unsent == 0, p.oldest, p.user_name.clone()));
    }
    Ok(all)
}

fn by_unit(rows: &[Row]) -> Result<HashMap<UnitId, i64>> {
    rows.iter().map(|r| Ok((r.get(0)?, r.get(1)?))).collect()
}

/// The branches that the actor may see, by code, on a day.
///
/// # Errors
/// Only the database.
pub async fn board(app: &App, ctx: &Ctx, program: &Program, day: Day) -> Result<Vec<BoardLine>> {
    let units = quotas_between(app, ctx, program, day, day).await?;
    let (path, end) = (program.unit.path.as_str(), path_end(&program.unit.path));
    let mut visits = counts(app, program, day, day).await?;
    let over = Timestamp::start_of(day.plus_days(1));
    let row = params![path, end.as_str(), program.id, day, over];
    let same_day = by_unit(&app.db.query(BOARD_SAME_DAY, row).await?)?;
    let reviews = params![path, end.as_str()];
    let reviews = by_unit(&app.db.query(BOARD_REVIEWS, reviews).await?)?;
    let mut people = people(app, program, day).await?;
    let mut phones = phones(app, program).await?;
    let line = |(unit, quotas): (zf_kernel::unit::Unit, Vec<(Day, i64)>)| {
        let mut counts = visits.remove(&(unit.id, day)).unwrap_or_default();
        counts.same_day = same_day.get(&unit.id).copied().unwrap_or(0);
        BoardLine {
            quota: quotas.first().map_or(0, |(_, n)| *n),
            counts,
            people: people.remove(&unit.id).unwrap_or_default(),
            phones: phones.remove(&unit.id).unwrap_or_default(),
            open_reviews: reviews.get(&unit.id).copied().unwrap_or(0),
            unit,
        }
    };
    Ok(units.into_iter().map(line).collect())
}

async fn choices(
    app: &App,
    program: &Program,
    (from, to): (Day, Day),
    visits: &mut HashMap<(UnitId, Day), Counts>,
) -> Result<()> {
    let (path, end) = (program.unit.path.as_str(), path_end(&program.unit.path));
    let row = params![path, end.as_str(), program.id, from, to];
    for r in app.db.query(BOARD_CHOICES, row).await? {
        if let Some(c) = visits.get_mut(&(r.get(0)?, r.get(1)?)) {
            c.choices.insert((r.get(2)?, r.get(3)?), r.get(4)?);
        }
    }
    Ok(())
}

/// What can be chosen in the forms of those visits; of the form in force when
/// there are none. The outcome has columns of its own.
async fn asked(app: &App, program: &Program, (from, to): (Day, Day)) -> Result<Vec<Question>> {
    let (path, end) = (program.unit.path.as_str(), path_end(&program.unit.path));
    let row = params![path, end.as_str(), program.id, from, to];
    let mut forms = Vec::new();
    for r in app.db.query(BOARD_FORMS, row).await? {
        let (id, version): (String, i64) = (r.get(0)?, r.get(1)?);
        let version = u32::try_from(version).unwrap_or_default();
        forms.extend(form_of_answers(app, &id, version).await?);
    }
    if forms.is_empty() {
        forms.push(visit_form(app, &program.unit).await?);
    }
    let mut all = questions(&forms);
    all.retain(|q| q.name != OUTCOME);
    Ok(all)
}

/// Every branch and day with a task or with visits, by branch, then by day, and
/// the questions whose options are counted.
///
/// # Errors
/// Only the database, or no form in force.
pub async fn summary(app: &App, ctx: &Ctx, program: &Program, from: Day, to: Day) -> Result<Table> {
    let units = quotas_between(app, ctx, program, from, to).await?;
    let mut visits = counts(app, program, from, to).await?;
    choices(app, program, (from, to), &mut visits).await?;
    let mut lines = Vec::new();
    for (unit, quotas) in units {
        for (day, quota) in quotas {
            let counts = visits.remove(&(unit.id, day));
            if quota == 0 && counts.is_none() {
                continue;
            }
            lines.push(SummaryLine {
                unit: unit.clone(),
                day,
                quota,
                counts: counts.unwrap_or_default(),
            });
        }
    }
    let questions = asked(app, program, (from, to)).await?;
    Ok(Table { lines, questions })
}
