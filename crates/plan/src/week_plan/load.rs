//! Reading the facts a plan is made from. Cross-room reads go through the
//! services of network and kernel; nothing sealed is opened. Which targets other
//! weeks already have is decided by the statement, not here.

use super::facts::{Absence, BranchFacts, Candidate, Group, Person, Who};
use super::keep::Kept;
use super::rest::Tried;
use super::store::*;
use crate::collection::Area;
use crate::collection::focus::{Lacking, take_first};
use crate::collection::service::area_of;
use crate::program::Program;
use crate::shortfall::service::carried;
use std::collections::HashMap;
use zf_base::geo::Point;
use zf_base::{Day, IsoWeek, StaffId, VillageGroupId, WeekPlanId, limits};
use zf_kernel::error::Result;
use zf_kernel::staff::Staff;
use zf_kernel::staff::service::staff_list;
use zf_kernel::{App, UnitScope};
use zf_network::customer::source::ended::ended;
use zf_network::place::Precision;
use zf_network::place::service::ladder;
use zf_network::village_group::service::{village_group_counts, village_group_list};
use zf_store::{Row, params};

fn candidate(row: &Row) -> Result<Candidate> {
    let lat: Option<f64> = row.get(1)?;
    let lon: Option<f64> = row.get(2)?;
    Ok(Candidate {
        id: row.get(0)?,
        place: lat
            .zip(lon)
            .and_then(|(lat, lon)| Point::new(lat, lon).ok()),
        approximate: row.get(3)?,
        points: row.get(4)?,
        due_day: row.get(5)?,
        tried: Tried {
            times: row.get(6)?,
            last: row.get(7)?,
        },
    })
}

/// The facts of one branch for one week; `None` when neither the branch nor
/// anything around it has coordinates.
pub async fn branch_facts(
    app: &App,
    program: &Program,
    scope: &UnitScope,
    week: IsoWeek,
) -> Result<Option<BranchFacts>> {
    let unit = scope.unit_id();
    let retries = i64::from(program.definition.quota.absent_retries);
    let most = limits::WEEK_TARGETS_MAX as i64;
    let p = params![program.id, week, retries, most];
    let rows = app.read_unit(unit, PLAN_CANDIDATES, p).await?;
    let ended = ended(app, scope.unit(), app.now().day()).await?;
    let mut targets = Vec::with_capacity(rows.len());
    let areas = areas(app, scope).await?;
    let mut lacking = Vec::with_capacity(rows.len());
    for row in &rows {
        // Whom the branch may not know any more is not planned, even before the job has run.
        if !ended.person(row.get(8)?) {
            targets.push(candidate(row)?);
            let group: Option<VillageGroupId> = row.get(10)?;
            lacking.push(Lacking {
                missing: !row.get::<bool>(9)?,
                area: group.and_then(|id| areas.get(&id).cloned()),
            });
        }
    }
    if let Some(branch) = scope.unit().place {
        let points = program.tuning()?.points_later_unit;
        take_first(&program.definition, points, branch, &mut targets, &lacking);
    }
    let groups = groups(app, program, scope, week).await?;
    match scope.unit().place.or_else(|| middle(&targets, &groups)) {
        Some(place) => around(app, program, scope, week, place, (targets, groups))
            .await
            .map(Some),
        None => Ok(None),
    }
}

/// Village and mail route of the groups that lie on one.
async fn areas(app: &App, scope: &UnitScope) -> Result<HashMap<VillageGroupId, Area>> {
    let groups = village_group_list(app, scope).await?;
    let on_route = groups.iter().filter(|g| g.mail_route.is_some());
    Ok(on_route.map(|g| (g.id, area_of(g))).collect())
}

/// The facts for judging a plan that is there: only its own households, no
/// village groups, so that an effect is told while somebody drags.
pub async fn plan_facts(
    app: &App,
    program: &Program,
    scope: &UnitScope,
    week: IsoWeek,
    plan: WeekPlanId,
) -> Result<Option<BranchFacts>> {
    // A branch without a place of its own stands amid all that it looks after.
    let Some(place) = scope.unit().place else {
        return branch_facts(app, program, scope, week).await;
    };
    let rows = app
        .read_unit(scope.unit_id(), PLAN_OWN_TARGETS, params![plan])
        .await?;
    let targets = rows.iter().map(candidate).collect::<Result<Vec<_>>>()?;
    let facts = around(app, program, scope, week, place, (targets, vec![])).await?;
    Ok(Some(facts))
}

/// The rest of the facts: people, quota, debt.
async fn around(
    app: &App,
    program: &Program,
    scope: &UnitScope,
    week: IsoWeek,
    place: Point,
    (targets, groups): (Vec<Candidate>, Vec<Group>),
) -> Result<BranchFacts> {
    let unit = scope.unit_id();
    let staff: Vec<Staff> = staff_list(app, scope)
        .await?
        .into_iter()
        .filter(|s| s.active)
        .collect();
    let absences = absences(app, scope, week, &staff).await?;
    let owed = carried(app, program, unit, week.monday()).await?;
    Ok(BranchFacts {
        place,
        sweeps: program.definition.sweeps(
            scope.unit().market_kind.as_deref(),
            scope.unit().area_kind.as_deref(),
        ),
        quota_per_day: program.quota(app, scope, week.monday()).await?,
        carried: owed,
        staff: staff
            .into_iter()
            .map(|s| Person {
                post: s.post,
                name: s.name,
            })
            .collect(),
        targets,
        groups,
        absences,
        kept: Kept::default(),
    })
}

/// Who stays at home in a week; a post stands for everybody who holds it.
async fn absences(
    app: &App,
    scope: &UnitScope,
    week: IsoWeek,
    staff: &[Staff],
) -> Result<Vec<Absence>> {
    let days = week.days();
    let p = params![days[0], days[6]];
    let mut all = Vec::new();
    for row in app.read_unit(scope.unit_id(), PLAN_ABSENT, p).await? {
        let person: Option<StaffId> = row.get(0)?;
        let post: Option<String> = row.get(1)?;
        let (first, last, window): (Day, Day, Option<String>) =
            (row.get(2)?, row.get(3)?, row.get(4)?);
        let is_meant = |s: &Staff| person == Some(s.id) || post.as_deref() == Some(s.post.as_str());
        let who: Vec<Who> = match (person, &post) {
            (None, None) => vec![Who::Everybody],
            _ => (0..staff.len())
                .filter(|at| is_meant(&staff[*at]))
                .map(Who::Person)
                .collect(),
        };
        all.extend(who.into_iter().map(|who| Absence {
            who,
            first,
            last,
            window: window.clone(),
        }));
    }
    Ok(all)
}

async fn groups(
    app: &App,
    program: &Program,
    scope: &UnitScope,
    week: IsoWeek,
) -> Result<Vec<Group>> {
    let mut swept: HashMap<VillageGroupId, (i64, i64)> = HashMap::new();
    for row in app
        .read_unit(scope.unit_id(), PLAN_SWEPT, params![program.id, week])
        .await?
    {
        swept.insert(row.get(0)?, (row.get(1)?, row.get(2)?));
    }
    let counts = village_group_counts(app, scope).await?;
    let ladder = ladder(app, scope).await?;
    let all = village_group_list(app, scope).await?.into_iter();
    let all = all.map(|g| {
        let (sweeps, planned) = swept.get(&g.id).copied().unwrap_or_default();
        let households = counts.get(&g.id).map_or(0, |(_, households)| *households);
        let placed = ladder.group(g.id);
        Group {
            id: g.id,
            place: placed.map(|p| p.point),
            approximate: placed.is_none_or(|p| p.precision > Precision::VillageGroup),
            households,
            planned,
            sweeps,
        }
    });
    Ok(all.collect())
}

/// A stand-in for a branch without coordinates: the middle of what it looks after.
fn middle(targets: &[Candidate], groups: &[Group]) -> Option<Point> {
    let places: Vec<Point> = groups.iter().filter_map(|g| g.place).collect();
    let places = if places.is_empty() {
        targets.iter().filter_map(|t| t.place).collect()
    } else {
        places
    };
    let n = places.len() as f64;
    let sum = |of: fn(Point) -> f64| places.iter().copied().map(of).sum::<f64>();
    Point::new(sum(Point::lat) / n, sum(Point::lon) / n).ok()
}
