//! Who stays at home: sick leave of a person or a post, a rainy day of the whole
//! branch, all day or in one window. Telling it plans every planned week of those
//! days again with few changes; what is over stays, and a confirmed plan becomes a
//! draft that says why and has to be confirmed again.

use super::store::*;
use crate::program::service::program_list;
use crate::program::{Program, State};
use crate::week_plan::CONFIRMED;
use crate::week_plan::make::{BranchResult, plan_one};
use crate::week_plan::service::{header, not_planned, reopen_for};
use serde_json::json;
use zf_base::code::ErrorCode;
use zf_base::{Day, IsoWeek, StaffId, Timestamp, Uuid};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::staff::service::staff_list;
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx};
use zf_store::{Row, params};

/// Somebody is away.
pub const ABSENCE: &str = "absence";
/// Nobody goes out.
pub const WEATHER: &str = "weather";

/// Who is away when, as told.
#[derive(Clone, Debug)]
pub struct NewAway {
    /// One person.
    pub staff_id: Option<StaffId>,
    /// Everybody of a post.
    pub post: Option<String>,
    /// First day.
    pub first: Day,
    /// Last day.
    pub last: Day,
    /// Id of a window; none = all day.
    pub window: Option<String>,
}

impl NewAway {
    fn kind(&self) -> &'static str {
        match (&self.staff_id, &self.post) {
            (None, None) => WEATHER,
            _ => ABSENCE,
        }
    }
}

/// Who is away when, as stored.
#[derive(Clone, Debug)]
pub struct Away {
    /// Id.
    pub id: Uuid,
    /// `absence` or `weather`.
    pub kind: String,
    /// One person.
    pub staff_id: Option<StaffId>,
    /// Their name; none for a post or everybody.
    pub name: Option<String>,
    /// Code of the post.
    pub post: Option<String>,
    /// First day.
    pub first: Day,
    /// Last day.
    pub last: Day,
    /// Id of a window.
    pub window: Option<String>,
    /// Told then.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by_name: String,
}

fn away(row: &Row) -> Result<Away> {
    Ok(Away {
        id: row.get(0)?,
        kind: row.get(1)?,
        staff_id: row.get(2)?,
        name: None,
        post: row.get(3)?,
        first: row.get(4)?,
        last: row.get(5)?,
        window: row.get(6)?,
        made_at: row.get(7)?,
        made_by_name: row.get(8)?,
    })
}

/// Who is away in a week.
///
/// # Errors
/// Only the database.
pub async fn away_list(app: &App, scope: &UnitScope, week: IsoWeek) -> Result<Vec<Away>> {
    let days = week.days();
    let p = params![days[0], days[6]];
    let rows = app.read_unit(scope.unit_id(), PLAN_ABSENCES, p).await?;
    let mut all = rows.iter().map(away).collect::<Result<Vec<_>>>()?;
    let staff = staff_list(app, scope).await?;
    for one in &mut all {
        if let Some(person) = staff.iter().find(|s| Some(s.id) == one.staff_id) {
            one.name = Some(person.name.clone());
            one.post = Some(person.post.clone());
        }
    }
    Ok(all)
}

/// Checks what was told against the campaign and the staff.
async fn checked(
    app: &App,
    program: &Program,
    scope: &UnitScope,
    week: IsoWeek,
    new: &NewAway,
) -> Result<()> {
    let days = week.days();
    if new.first > new.last || new.last < days[0] || new.first > days[6] {
        return Err(KernelError::field("first_day", "plan.outside_week"));
    }
    if let Some(window) = &new.window
        && !program.definition.window.iter().any(|w| w.id == *window)
    {
        return Err(KernelError::field("window", "plan.unknown"));
    }
    let staff = staff_list(app, scope).await?;
    if let Some(id) = new.staff_id
        && !staff.iter().any(|s| s.id == id && s.active)
    {
        return Err(KernelError::field("staff_id", "plan.unknown"));
    }
    if let Some(post) = &new.post
        && (new.staff_id.is_some() || !staff.iter().any(|s| s.post == *post))
    {
        return Err(KernelError::field("post", "plan.unknown"));
    }
    Ok(())
}

/// Notes who is away and plans the rest of the week again, and every other week
/// of those days that is planned already.
///
/// # Errors
/// Days outside of the week, unknown people or windows, no plan to change.
pub async fn away_add(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    scope: &UnitScope,
    week: IsoWeek,
    new: &NewAway,
) -> Result<Replanned> {
    checked(app, program, scope, week, new).await?;
    header(app, program.id, scope, week)
        .await?
        .ok_or_else(not_planned)?;
    let id = app.new_id();
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let row = params![
        id,
        new.kind(),
        new.staff_id,
        new.post.as_deref(),
        new.first,
        new.last,
        new.window.as_deref(),
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    tx.exec(PLAN_ABSENCE_ADD, row).await?;
    let detail = json!({
        "kind": new.kind(), "staff": new.staff_id, "post": new.post,
        "first_day": new.first, "last_day": new.last, "window": new.window
    });
    tx.record("plan.away", "plan_absence", id, detail);
    tx.commit().await?;
    let days = (new.first, new.last);
    again(app, ctx, (program, scope, week), days, new.kind()).await
}

/// It is not so after all; plans the same weeks again.
///
/// # Errors
/// No such note.
pub async fn away_remove(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    scope: &UnitScope,
    week: IsoWeek,
    id: Uuid,
) -> Result<Replanned> {
    let known = away_list(app, scope, week).await?;
    let known = known.into_iter().find(|a| a.id == id);
    let known = known.ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))?;
    header(app, program.id, scope, week)
        .await?
        .ok_or_else(not_planned)?;
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    tx.exec(PLAN_ABSENCE_REMOVE, params![id, ctx.now]).await?;
    tx.record(
        "plan.back",
        "plan_absence",
        id,
        json!({ "kind": known.kind }),
    );
    tx.commit().await?;
    let days = (known.first, known.last);
    again(app, ctx, (program, scope, week), days, &known.kind).await
}

/// What planning again did to the weeks of an absence.
#[derive(Clone, Debug)]
pub struct Replanned {
    /// The week that was open.
    pub here: BranchResult,
    /// The others, of all campaigns of the branch.
    pub others: Vec<OtherWeek>,
}

/// Another week that was planned again.
#[derive(Clone, Debug)]
pub struct OtherWeek {
    /// Name of its campaign.
    pub program: Program,
    /// The week.
    pub week: IsoWeek,
    /// It was confirmed before.
    pub was_confirmed: bool,
    /// What changed.
    pub result: BranchResult,
}

/// Plans every week of the span again that has a plan, the open one first.
async fn again(
    app: &App,
    ctx: &Ctx,
    (program, scope, week): (&Program, &UnitScope, IsoWeek),
    (first, last): (Day, Day),
    why: &str,
) -> Result<Replanned> {
    let h = header(app, program.id, scope, week).await?;
    let h = h.ok_or_else(not_planned)?;
    if h.state == CONFIRMED {
        reopen_for(app, ctx, program, scope, week, why).await?;
    }
    let here = plan_one(app, ctx, program, scope, week).await?;
    let from = first.max(ctx.today()).week();
    let mut others = Vec::new();
    for other in program_list(app, ctx).await? {
        let id = scope.unit_id();
        let inside = other.branch(app, ctx, Permission::PlanWrite, id).await;
        if other.state != State::Started || inside.is_err() {
            continue;
        }
        let p = params![other.id, from, last.week()];
        for row in app.read_unit(id, WEEKS_PLANNED, p).await? {
            let at: IsoWeek = row.get(0)?;
            if other.id == program.id && at == week {
                continue;
            }
            others.push(other_week(app, ctx, &other, scope, at, why).await?);
        }
    }
    Ok(Replanned { here, others })
}

/// Plans another week again; its head sees why it waits to be confirmed.
async fn other_week(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    scope: &UnitScope,
    week: IsoWeek,
    why: &str,
) -> Result<OtherWeek> {
    let h = header(app, program.id, scope, week).await?;
    let h = h.ok_or_else(not_planned)?;
    let was_confirmed = h.state == CONFIRMED;
    if was_confirmed {
        reopen_for(app, ctx, program, scope, week, why).await?;
    } else {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        tx.exec(WEEK_PLAN_TOLD, params![h.id, why]).await?;
        let detail = json!({ "week": week, "version": h.version, "why": why });
        tx.record("plan.reopen", "week_plan", h.id, detail);
        tx.commit().await?;
    }
    Ok(OtherWeek {
        program: program.clone(),
        week,
        was_confirmed,
        result: plan_one(app, ctx, program, scope, week).await?,
    })
}
