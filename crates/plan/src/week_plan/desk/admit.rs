//! Who may be put into a week by hand: households of the campaign that no week
//! has. Whoever does not wish to be visited, is no customer any more or may not be
//! known any more is refused in words; names are opened only to be shown masked.

use super::super::rest::Tried;
use super::arrange::Place;
use super::service::Desk;
use super::stood::Stood;
use super::store::*;
use crate::program::Program;
use crate::week_plan::assign::Goal;
use crate::week_plan::facts::Candidate;
use crate::week_plan::load::branch_facts;
use crate::week_plan::service::name_of;
use std::collections::HashMap;
use zf_base::code::ErrorCode;
use zf_base::geo::Point;
use zf_base::mask::{Masked, Permit, PersonName, Reason};
use zf_base::{CustomerId, Day, IsoWeek, StopId, TargetId, Uuid, VillageGroupId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, UnitScope};
use zf_network::customer::source::ended::{Ended, ended};
use zf_network::village_group::service::village_group_list;
use zf_store::params;

fn refused(code: &'static str) -> KernelError {
    KernelError::field("edit", code)
}

/// Lets a household wait for its place on the desk.
///
/// # Errors
/// Why it may not be put into this week.
pub(super) async fn admit(
    app: &App,
    program: &Program,
    scope: &UnitScope,
    desk: &mut Desk,
    target: TargetId,
) -> Result<()> {
    let unit = scope.unit_id();
    let stops = desk.plan.routes.iter().flat_map(|r| &r.stops);
    if stops.into_iter().any(|s| s.target_id == Some(target)) {
        return Err(refused("plan.add_there"));
    }
    let rows = app
        .read_unit(unit, PLAN_ADMIT, params![program.id, target])
        .await?;
    let row = rows
        .first()
        .ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))?;
    let (state, customer): (String, CustomerId) = (row.get(0)?, row.get(1)?);
    let sealed: Option<Vec<u8>> = row.get(2)?;
    if row.get::<i64>(8)? != 0 {
        return Err(refused("plan.add_refused"));
    }
    let Some(sealed) = sealed.filter(|_| state == "open") else {
        return Err(refused("plan.add_left"));
    };
    if ended(app, scope.unit(), app.now().day())
        .await?
        .person(customer)
    {
        return Err(refused("plan.add_source"));
    }
    let week = desk.plan.header.week;
    let elsewhere = app
        .read_unit(unit, PLAN_ELSEWHERE, params![target, program.id, week])
        .await?;
    if !elsewhere.is_empty() {
        return Err(refused("plan.add_elsewhere"));
    }
    let (lat, lon): (Option<f64>, Option<f64>) = (row.get(3)?, row.get(4)?);
    let place = lat.zip(lon);
    desk.facts.targets.retain(|c| c.id != target);
    desk.facts.targets.push(Candidate {
        id: target,
        place: place.and_then(|(lat, lon)| Point::new(lat, lon).ok()),
        approximate: row.get(5)?,
        points: row.get(6)?,
        due_day: row.get(7)?,
        tried: Tried::default(),
    });
    let id = StopId(app.new_id());
    let waiting = desk.judge(program).waiting(id, target);
    desk.now.waiting.extend(waiting);
    let name = name_of(app, unit, customer, &sealed)?;
    desk.names.push((id, name.masked()));
    Ok(())
}

/// Lets those wait who stood in an earlier version and are not in the plan now;
/// whom another week has meanwhile, or who may not be visited any more, does not.
///
/// # Errors
/// Only the database.
pub(super) async fn find_missing(
    app: &App,
    program: &Program,
    scope: &UnitScope,
    desk: &mut Desk,
    stood: &Stood,
) -> Result<()> {
    let missing = stood.missing(&desk.now);
    if missing.is_empty() {
        return Ok(());
    }
    let week = desk.plan.header.week;
    let Some(all) = branch_facts(app, program, scope, week).await? else {
        return Ok(());
    };
    let known: Vec<TargetId> = desk.facts.targets.iter().map(|c| c.id).collect();
    let more = all.targets.into_iter().filter(|c| !known.contains(&c.id));
    desk.facts.targets.extend(more);
    desk.facts.groups = all.groups;
    let judge = desk.judge(program);
    let place = |(id, goal, households): (StopId, Goal, i64)| match goal {
        Goal::Target(target) => judge.waiting(id, target),
        Goal::Group(group) => judge.waiting_group(id, group, households),
    };
    let waiting: Vec<Place> = missing.into_iter().filter_map(place).collect();
    desk.now.waiting.extend(waiting);
    Ok(())
}

/// A household that no week has.
#[derive(Clone, Debug)]
pub struct Admissible {
    /// The target.
    pub target_id: TargetId,
    /// Its leading member.
    pub name: Masked<PersonName>,
    /// Village group.
    pub village_group_name: Option<String>,
    /// Points.
    pub priority: i64,
    /// Why it is to be visited.
    pub reasons: Vec<crate::targets::Reason>,
    /// Something matures then.
    pub due_day: Option<Day>,
}

/// Rows read at once while somebody searches.
const BATCH: i64 = 500;

/// A page of households that no week has, best first; `text` is part of the name
/// of the village group, or the whole name of the householder.
///
/// # Errors
/// Only the database.
pub async fn admissible(
    app: &App,
    program: &Program,
    scope: &UnitScope,
    week: IsoWeek,
    text: &str,
    after: Option<(i64, Uuid)>,
    rows: i64,
) -> Result<Vec<Admissible>> {
    let groups = village_group_list(app, scope).await?.into_iter();
    let groups: HashMap<VillageGroupId, String> = groups
        .map(|g| (g.id, format!("{}{}", g.village, g.name)))
        .collect();
    let ended = ended(app, scope.unit(), app.now().day()).await?;
    let mut found = Vec::new();
    let (mut priority, mut id) = after.unwrap_or((i64::MAX, Uuid::nil()));
    loop {
        let p = params![program.id, week, priority, TargetId(id), BATCH];
        let batch = app.read_unit(scope.unit_id(), PLAN_ADMISSIBLE, p).await?;
        for row in &batch {
            let one = read(app, scope, row, &groups, &ended)?;
            (priority, id) = (row.get(4)?, row.get::<TargetId>(0)?.uuid());
            found.extend(one.filter(|a| matches(a, text)));
            if found.len() as i64 >= rows {
                return Ok(found);
            }
        }
        if (batch.len() as i64) < BATCH {
            return Ok(found);
        }
    }
}

fn matches(one: &Admissible, text: &str) -> bool {
    let group = one.village_group_name.as_deref();
    // Compared inside only; what leaves is masked.
    let permit = Permit::for_reason(Reason::CHECK);
    text.is_empty() || group.is_some_and(|g| g.contains(text)) || one.name.reveal(&permit) == text
}

fn read(
    app: &App,
    scope: &UnitScope,
    row: &zf_store::Row,
    groups: &HashMap<VillageGroupId, String>,
    ended: &Ended,
) -> Result<Option<Admissible>> {
    let customer: CustomerId = row.get(1)?;
    if ended.person(customer) {
        return Ok(None);
    }
    let sealed: Vec<u8> = row.get(2)?;
    let group: Option<VillageGroupId> = row.get(3)?;
    let reasons: String = row.get(5)?;
    Ok(Some(Admissible {
        target_id: row.get(0)?,
        name: name_of(app, scope.unit_id(), customer, &sealed)?,
        village_group_name: group.and_then(|g| groups.get(&g).cloned()),
        priority: row.get(4)?,
        reasons: serde_json::from_str(&reasons).unwrap_or_default(),
        due_day: row.get(6)?,
    }))
}
