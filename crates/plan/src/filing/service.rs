//! Handing in, accepting and returning visit plans, and what a branch is
//! offered to begin with: its village groups spread over the weeks, its staff
//! by post, the materials of the campaign. Who is late is told by the day.

use super::store::*;
use super::{FiledArea, FiledPlan, FiledTeam, Filing, State, sound, spread};
use crate::definition::{Team, VisitKind};
use crate::program::network::{branches, own_figures};
use crate::program::{Program, State as ProgramState};
use crate::week_plan::days::week_days;
use serde_json::json;
use std::collections::HashMap;
use zf_base::code::ErrorCode;
use zf_base::{IsoWeek, Timestamp, UnitId};
use zf_kernel::calendar::work_calendar;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::staff::service::staff_list;
use zf_kernel::text::clear_text;
use zf_kernel::unit::service::unit_subtree;
use zf_kernel::unit::{Level, Unit};
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx};
use zf_network::village_group::service::{village_group_counts, village_group_list};
use zf_store::{Row, params};

/// The newest filing of a branch, without its content.
#[derive(Clone, Debug)]
pub struct Newest {
    /// From 1.
    pub seq: i64,
    /// Where it stands.
    pub state: State,
    /// When it was handed in.
    pub filed_at: Timestamp,
    /// By whom.
    pub filed_by_name: String,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// By whom.
    pub decided_by_name: Option<String>,
    /// Why it was returned.
    pub reason: String,
}

fn newest(r: &Row) -> Result<(UnitId, Newest)> {
    Ok((
        r.get(0)?,
        Newest {
            seq: r.get(1)?,
            state: State::from_stored(&r.get::<String>(2)?),
            filed_at: r.get(3)?,
            filed_by_name: r.get(4)?,
            decided_at: r.get(5)?,
            decided_by_name: r.get(6)?,
            reason: r.get(7)?,
        },
    ))
}

async fn newest_all(app: &App, program: &Program) -> Result<HashMap<UnitId, Newest>> {
    let rows = app.db.query(FILINGS_NEWEST, params![program.id]).await?;
    rows.iter().map(newest).collect()
}

/// The branches the actor may see with their newest filing.
///
/// # Errors
/// Only the database.
pub async fn filings(
    app: &App,
    ctx: &Ctx,
    program: &Program,
) -> Result<Vec<(Unit, Option<Newest>)>> {
    let mut all = newest_all(app, program).await?;
    let units = branches(app, ctx, Permission::ProgramRead, program).await?;
    Ok(units
        .into_iter()
        .map(|u| {
            let own = all.remove(&u.id);
            (u, own)
        })
        .collect())
}

/// Branches with a plan that stands (handed in or accepted), and all branches.
pub(super) async fn filed_of(app: &App, program: &Program) -> Result<(i64, i64)> {
    let units = unit_subtree(app, &program.unit.path).await?;
    let units = units
        .iter()
        .filter(|u| u.level == Level::Branch && u.active);
    let all = newest_all(app, program).await?;
    let (mut filed, mut count) = (0, 0);
    for unit in units {
        count += 1;
        let stands = |n: &Newest| n.state != State::Returned;
        filed += i64::from(all.get(&unit.id).is_some_and(stands));
    }
    Ok((filed, count))
}

/// What a branch has handed in, newest first.
///
/// # Errors
/// Only the database.
pub async fn filings_of(app: &App, program: &Program, scope: &UnitScope) -> Result<Vec<Filing>> {
    let rows = app
        .read_unit(scope.unit_id(), FILINGS_OF_UNIT, params![program.id])
        .await?;
    rows.iter().map(read).collect()
}

fn read(r: &Row) -> Result<Filing> {
    let plan: String = r.get(3)?;
    Ok(Filing {
        seq: r.get(0)?,
        state: State::from_stored(&r.get::<String>(1)?),
        program_version: r.get(2)?,
        plan: serde_json::from_str(&plan)
            .map_err(|e| KernelError::Internal(format!("filed plan: {e}")))?,
        filed_at: r.get(4)?,
        filed_by: r.get(5)?,
        filed_by_name: r.get(6)?,
        decided_at: r.get(7)?,
        decided_by_name: r.get(8)?,
        reason: r.get(9)?,
    })
}

/// Teams of the campaign that a branch sends out.
pub(super) fn teams_of<'p>(program: &'p Program, unit: &Unit) -> Vec<&'p Team> {
    let d = &program.definition;
    let sweeps = d.sweeps(unit.market_kind.as_deref(), unit.area_kind.as_deref());
    d.team
        .iter()
        .filter(|t| sweeps || t.kind != VisitKind::First)
        .collect()
}

/// What a branch may begin with.
///
/// # Errors
/// Only the database.
pub async fn proposal(app: &App, program: &Program, scope: &UnitScope) -> Result<FiledPlan> {
    let (d, unit) = (&program.definition, scope.unit());
    let own = own_figures(app, program).await?;
    let own = own.get(&unit.id).and_then(|(plan, _)| *plan);
    let by_file = || d.collection.outlets.get(&unit.code).copied();
    Ok(FiledPlan {
        areas: areas(app, program, scope).await?,
        teams: teams(app, program, scope).await?,
        materials: vec![],
        collection_plan: own.or_else(by_file).unwrap_or(0),
    })
}

/// Groups with most households first, spread over the weeks in which this
/// branch makes the first kind of visit it makes at all.
async fn areas(app: &App, program: &Program, scope: &UnitScope) -> Result<Vec<FiledArea>> {
    let d = &program.definition;
    let counts = village_group_counts(app, scope).await?;
    let mut groups = village_group_list(app, scope).await?;
    groups.sort_by_key(|g| {
        let households = counts.get(&g.id).map_or(0, |(_, households)| *households);
        (std::cmp::Reverse(households), g.code.clone())
    });
    let unit = scope.unit();
    let sweeps = d.sweeps(unit.market_kind.as_deref(), unit.area_kind.as_deref());
    let calendar = work_calendar(app).await?;
    let mut weeks: Vec<(IsoWeek, u64)> = Vec::new();
    let mut week = d.program.start.week();
    while week.monday() <= d.program.end {
        let days = week_days(d, &calendar, week);
        let visited = days
            .iter()
            .filter(|day| day.planned() && (!sweeps || day.kinds.contains(&VisitKind::First)));
        weeks.push((week, visited.count() as u64));
        week = week.next();
    }
    // Weeks without visits take no group.
    weeks.retain(|(_, n)| *n > 0);
    let at = spread(groups.len(), &weeks);
    let areas = groups.iter().zip(at).map(|(g, week)| FiledArea {
        village_group_id: Some(g.id.uuid()),
        name: format!("{}{}", g.village, g.name),
        week: week.to_string(),
    });
    Ok(areas.collect())
}

/// The first people of each post; outside posts by the name of the post.
async fn teams(app: &App, program: &Program, scope: &UnitScope) -> Result<Vec<FiledTeam>> {
    let staff = staff_list(app, scope).await?;
    let mut all = Vec::new();
    for team in teams_of(program, scope.unit()) {
        let outside = team.outside_posts.as_deref().unwrap_or_default();
        let mut members: Vec<String> = Vec::new();
        for post in &team.posts {
            let mut free = staff
                .iter()
                .filter(|s| s.active && s.post == *post)
                .filter(|s| !members.contains(&s.name));
            match free.next() {
                Some(person) => members.push(person.name.clone()),
                None if outside.contains(post) => {
                    members.push(crate::program::service::post_name(app, post));
                }
                None => {}
            }
        }
        all.push(FiledTeam {
            team: team.id.clone(),
            members,
        });
    }
    Ok(all)
}

/// Hands a plan in; a plan that is accepted is not handed in again.
///
/// # Errors
/// Faults of the plan; `conflict` when an accepted plan stands or the campaign
/// is closed.
pub async fn file(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    scope: &UnitScope,
    plan: &FiledPlan,
) -> Result<()> {
    let d = &program.definition;
    let teams: Vec<&str> = teams_of(program, scope.unit())
        .iter()
        .map(|t| t.id.as_str())
        .collect();
    sound(plan, d.program.start, d.program.end, &teams)
        .map_err(|(field, code)| KernelError::field(&field, code))?;
    known(app, scope, plan).await?;
    if program.state == ProgramState::Closed {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    let text = serde_json::to_string(plan).map_err(|e| KernelError::Internal(e.to_string()))?;
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let rows = tx.query(FILINGS_OF_UNIT, params![program.id]).await?;
    let before = rows.first().map(read).transpose()?;
    if before.as_ref().is_some_and(|f| f.state == State::Accepted) {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    let seq = before.map_or(1, |f| f.seq + 1);
    let row = params![
        program.id,
        seq,
        program.version,
        text,
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    tx.exec(FILING_ADD, row).await?;
    let detail = json!({
        "code": program.code, "version": program.version, "seq": seq, "areas": plan.areas.len()
    });
    tx.record("filing.hand_in", "program", program.id, detail);
    tx.commit().await
}

/// Village groups must be the branch's own.
async fn known(app: &App, scope: &UnitScope, plan: &FiledPlan) -> Result<()> {
    let own = village_group_list(app, scope).await?;
    for (i, area) in plan.areas.iter().enumerate() {
        let foreign = |id: uuid::Uuid| !own.iter().any(|g| g.id.uuid() == id);
        if area.village_group_id.is_some_and(foreign) {
            let field = format!("areas.{i}.village_group_id");
            return Err(KernelError::field(&field, "field.not_in_list"));
        }
    }
    Ok(())
}

/// What the county says of a plan.
#[derive(Clone, Debug)]
pub enum Decision {
    /// It is accepted.
    Accept,
    /// It goes back, with the reason.
    Return(String),
}

/// Accepts or returns the plan that the county has seen.
///
/// # Errors
/// `permission.second_person` for whoever handed it in, `conflict` when it is
/// not the newest or is decided, a missing reason.
pub async fn decide(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    scope: &UnitScope,
    seq: i64,
    decision: &Decision,
) -> Result<()> {
    let (state, reason, action) = match decision {
        Decision::Accept => (State::Accepted, String::new(), "filing.accept"),
        Decision::Return(why) => (State::Returned, clear_text("reason", why)?, "filing.return"),
    };
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let rows = tx.query(FILINGS_OF_UNIT, params![program.id]).await?;
    let newest = rows.first().map(read).transpose()?;
    let newest = newest.filter(|f| f.seq == seq && f.state == State::Filed);
    let newest = newest.ok_or_else(|| KernelError::refused(ErrorCode::CONFLICT))?;
    if newest.filed_by == ctx.actor.user_id {
        return Err(KernelError::refused(ErrorCode::PERMISSION_SECOND_PERSON));
    }
    let row = params![
        program.id,
        seq,
        state.as_str(),
        reason.as_str(),
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    if tx.exec(FILING_DECIDE, row).await? == 0 {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    let detail = json!({ "code": program.code, "seq": seq, "reason": reason });
    tx.record(action, "program", program.id, detail);
    tx.commit().await
}

/// Forgets what was filed and approved for a draft that is deleted.
///
/// # Errors
/// Only the database.
pub(crate) async fn forget(tx: &mut UnitTx<'_>, program: &Program) -> Result<()> {
    tx.exec(FILINGS_CLEAR, params![program.id]).await?;
    tx.exec(APPROVALS_CLEAR, params![program.id]).await?;
    Ok(())
}

/// Branches that have filed something for a program.
///
/// # Errors
/// Only the database.
pub(crate) async fn branches_filed(app: &App, program: &Program) -> Result<Vec<UnitId>> {
    Ok(newest_all(app, program).await?.into_keys().collect())
}
