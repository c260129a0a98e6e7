//! Rules of routines: which version holds at a unit, changing one, settling
//! the periods of a day, and the calendar of what was opened and skipped.
//! Reads campaigns of the plan room for their seasons.

use super::plan::{Fate, Rhythm, Settled, today};
use super::store::*;
use super::{Ran, Setting};
use crate::task::open::{NewTask, insert, prepare};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;
use zf_base::cadence::Cadence;
use zf_base::calendar::WorkCalendar;
use zf_base::term::due;
use zf_base::{Day, Timestamp, UnitId};
use zf_forms::pack::tasks::Routine;
use zf_kernel::calendar::work_calendar;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::text::clear_text;
use zf_kernel::unit::Unit;
use zf_kernel::unit::service::{path_end, unit_subtree};
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx};
use zf_plan::program::service::program_list;
use zf_plan::program::{Program, State};
use zf_store::params;

/// Source of tasks that routines open.
pub const SOURCE: &str = "routine";
/// Days back from today in which settled periods are looked for.
const BACK: i32 = 40;
/// Longest lead.
const LEAD_MAX: u16 = 60;

/// What units changed, newest version first for each unit and routine.
///
/// # Errors
/// The database, or a stored cadence that does not read.
pub async fn settings(app: &App) -> Result<Vec<Setting>> {
    let rows = app.db.query(ROUTINE_SETTINGS, params![]).await?;
    let read = |r: &zf_store::Row| {
        let cadence: String = r.get(4)?;
        let lead: i64 = r.get(5)?;
        Ok(Setting {
            unit_id: r.get(0)?,
            routine_id: r.get(1)?,
            version: r.get(2)?,
            enabled: r.get(3)?,
            cadence: serde_json::from_str(&cadence)
                .map_err(|e| KernelError::Internal(format!("cadence of a routine: {e}")))?,
            lead_days: u16::try_from(lead).unwrap_or_default(),
            reason: r.get(6)?,
            at: r.get(7)?,
            by_name: r.get(8)?,
        })
    };
    rows.iter().map(read).collect()
}

/// A routine as it holds at a unit.
#[derive(Clone, Debug)]
pub struct InForce<'a> {
    /// As shipped.
    pub routine: &'a Routine,
    /// Whether it runs.
    pub enabled: bool,
    /// How often.
    pub cadence: Cadence,
    /// Lead.
    pub lead_days: u16,
    /// Who changed it; none = as shipped.
    pub setting: Option<&'a Setting>,
}

/// The routine as it holds at a unit: the newest version of the nearest unit.
pub fn in_force<'a>(routine: &'a Routine, settings: &'a [Setting], unit: &Unit) -> InForce<'a> {
    // The path ends with the unit itself; the later an id stands, the nearer it is.
    let near = |s: &Setting| unit.path.find(&format!("/{}/", s.unit_id.uuid().simple()));
    let own = settings.iter().filter(|s| s.routine_id == routine.id);
    let setting = own
        .filter_map(|s| Some((near(s)?, s.version, s)))
        .max_by_key(|(at, version, _)| (*at, *version))
        .map(|(_, _, s)| s);
    InForce {
        routine,
        enabled: setting.map_or(!routine.off, |s| s.enabled),
        cadence: setting.map_or_else(|| routine.cadence.clone(), |s| s.cadence.clone()),
        lead_days: setting.map_or(routine.lead_days, |s| s.lead_days),
        setting,
    }
}

/// The campaign that a unit's routines belong to: the first that begins among
/// those not over that it is part of, or that units below it are part of.
pub fn season_of<'p>(programs: &'p [Program], unit: &Unit, on: Day) -> Option<&'p Program> {
    let near =
        |p: &&Program| unit.path.starts_with(&p.unit.path) || p.unit.path.starts_with(&unit.path);
    let runs = |p: &&Program| matches!(p.state, State::Started | State::Paused);
    let open = programs.iter().filter(runs).filter(near);
    open.filter(|p| p.last_day >= on)
        .min_by_key(|p| p.first_day)
}

/// The rhythm of a routine at a unit; none when it needs a campaign and there
/// is none.
pub fn rhythm(held: &InForce<'_>, program: Option<&Program>) -> Option<Rhythm> {
    let program = match (held.routine.campaign, program) {
        (true, None) => return None,
        (true, program) => program,
        (false, _) => None,
    };
    Some(Rhythm {
        cadence: held.cadence.clone(),
        shift: held.routine.shift,
        lead_days: held.lead_days,
        season: program.map(|p| (p.first_day, p.last_day)),
        paused: program.is_some_and(|p| p.state == State::Paused),
    })
}

/// A change of a routine.
#[derive(Clone, Debug)]
pub struct SettingInput {
    /// The version that was seen at this very unit; 0 = none.
    pub seen: i64,
    /// Whether it runs.
    pub enabled: bool,
    /// How often.
    pub cadence: Cadence,
    /// Lead.
    pub lead_days: u16,
    /// Why.
    pub reason: String,
}

/// Changes a routine for a unit and all below it.
///
/// # Errors
/// No such routine; figures that make no sense; no reason; `conflict` when
/// somebody else was first.
pub async fn routine_set(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: &str,
    input: &SettingInput,
) -> Result<()> {
    let not_found = || KernelError::refused(zf_base::code::ErrorCode::NOT_FOUND);
    let known = app.packs.routines().find(|r| r.id == id);
    let routine = known.ok_or_else(not_found)?;
    let wrong = |_| KernelError::field("cadence", "field.range");
    input.cadence.check().map_err(wrong)?;
    if matches!(input.cadence, Cadence::BeforeStart { .. }) && !routine.campaign {
        return Err(KernelError::field("cadence", "field.range"));
    }
    if input.lead_days > LEAD_MAX {
        return Err(KernelError::field("lead_days", "field.range"));
    }
    let reason = clear_text("reason", &input.reason)?;
    let cadence = serde_json::to_string(&input.cadence)
        .map_err(|e| KernelError::Internal(format!("cadence of a routine: {e}")))?;
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let p = params![
        id,
        input.seen + 1,
        input.enabled,
        cadence.as_str(),
        i64::from(input.lead_days),
        reason,
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    tx.exec(ROUTINE_SET, p).await?;
    let detail = json!({
        "routine": id, "version": input.seen + 1, "enabled": input.enabled,
        "cadence": input.cadence, "lead_days": input.lead_days,
    });
    tx.record("routine.set", "routine", id, detail);
    tx.commit().await
}

/// What a run of the job did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Tasks opened.
    pub opened: i64,
    /// Periods skipped.
    pub skipped: i64,
}

async fn known_periods(
    app: &App,
    unit: UnitId,
    from: Day,
) -> Result<(BTreeSet<(String, String)>, BTreeMap<String, Day>)> {
    let rows = app.read_unit(unit, ROUTINE_SETTLED, params![from]).await?;
    let mut known = BTreeSet::new();
    for r in &rows {
        known.insert((r.get(0)?, r.get(1)?));
    }
    let mut first = BTreeMap::new();
    for r in &app.read_unit(unit, ROUTINE_FIRST, params![]).await? {
        first.insert(r.get(0)?, r.get(1)?);
    }
    Ok((known, first))
}

/// What is settled for a unit today, by routine.
async fn due_today<'a>(
    app: &App,
    unit: &Unit,
    held: &'a [InForce<'a>],
    (programs, calendar): (&[Program], &WorkCalendar),
    on: Day,
) -> Result<Vec<(&'a InForce<'a>, Settled)>> {
    let (known, first) = known_periods(app, unit.id, on.plus_days(-BACK)).await?;
    let program = season_of(programs, unit, on);
    let mut all = Vec::new();
    for one in held.iter().filter(|h| h.enabled) {
        let Some(rhythm) = rhythm(one, program) else {
            continue;
        };
        let id = &one.routine.id;
        let mine = known.iter().filter(|(r, _)| r == id);
        let mine: BTreeSet<String> = mine.map(|(_, p)| p.clone()).collect();
        let settled = today(&rhythm, on, calendar, &mine, first.get(id).copied());
        all.extend(settled.into_iter().map(|s| (one, s)));
    }
    Ok(all)
}

/// Settles today's periods of one unit in one transaction.
async fn settle_unit(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    held: &[InForce<'_>],
    (programs, calendar): (&[Program], &WorkCalendar),
) -> Result<Done> {
    let unit = scope.unit();
    let settled = due_today(app, unit, held, (programs, calendar), ctx.today()).await?;
    if settled.is_empty() {
        return Ok(Done::default());
    }
    let program = season_of(programs, unit, ctx.today()).map(|p| p.id);
    let counted = |d: Day| calendar.is_workday(d);
    let mut ready = Vec::new();
    for (one, s) in settled {
        let Fate::Open = s.fate else {
            ready.push((one, s, None));
            continue;
        };
        let (kind, _) = crate::task::service::kind_of(app, &one.routine.kind)?;
        let new = NewTask {
            kind: kind.id.clone(),
            source: SOURCE.to_owned(),
            source_id: format!("{}/{}", one.routine.id, s.period),
            title: one.routine.name.zh.clone(),
            program_id: program.filter(|_| one.routine.campaign),
            day: Some(s.day),
            due_at: due(kind.term, kind.until, Timestamp::start_of(s.day), &counted),
            ..NewTask::default()
        };
        let task = prepare(app, ctx, scope, calendar, &new).await?;
        ready.push((one, s, Some(task)));
    }
    let mut done = Done::default();
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    for (one, s, task) in &ready {
        let (state, reason, id) = match (task, s.fate) {
            (Some(task), _) => {
                done.opened += 1;
                ("opened", "", Some(insert(&mut tx, ctx, task).await?.id))
            }
            (None, Fate::Skip(why)) => {
                done.skipped += 1;
                ("skipped", why.as_str(), None)
            }
            (None, Fate::Open) => continue,
        };
        let p = params![
            one.routine.id.as_str(),
            s.period.as_str(),
            s.day,
            state,
            reason,
            id,
            ctx.now
        ];
        tx.exec(ROUTINE_SETTLE, p).await?;
    }
    let detail = json!({ "opened": done.opened, "skipped": done.skipped });
    tx.record("routine.run", "routine", ctx.today(), detail);
    tx.commit().await?;
    Ok(done)
}

/// Settles today's periods of every unit below a path, each unit on its own.
///
/// # Errors
/// The database; a unit that fails is logged and does not stop the others.
pub async fn settle(app: &App, ctx: &Ctx, path: &str) -> Result<Done> {
    let settings = settings(app).await?;
    let programs = program_list(app, ctx).await?;
    let calendar = work_calendar(app).await?;
    let mut all = Done::default();
    for unit in unit_subtree(app, path).await? {
        let level = unit.level.as_str();
        let of_level = app.packs.routines().filter(|r| r.level == level);
        let held: Vec<InForce> = of_level.map(|r| in_force(r, &settings, &unit)).collect();
        if !unit.active || held.is_empty() {
            continue;
        }
        let scope = ctx.scope(Permission::TaskManage, &unit)?;
        let facts = (programs.as_slice(), &calendar);
        match settle_unit(app, ctx, &scope, &held, facts).await {
            Ok(done) => {
                all.opened += done.opened;
                all.skipped += done.skipped;
            }
            Err(e) => {
                tracing::error!(unit = %unit.id, error = %e, "routines of a unit were not settled");
            }
        }
    }
    Ok(all)
}

/// What became of the periods of some days below a unit.
///
/// # Errors
/// Only the database.
pub async fn runs(app: &App, scope: &UnitScope, (from, to): (Day, Day)) -> Result<Vec<Ran>> {
    let path = scope.unit().path.as_str();
    let p = params![path, path_end(path), from, to];
    let rows = app.db.query(ROUTINE_RUNS, p).await?;
    let read = |r: &zf_store::Row| {
        let waits: Option<String> = r.get(6)?;
        Ok(Ran {
            unit_id: r.get(0)?,
            routine_id: r.get(1)?,
            period: r.get(2)?,
            day: r.get(3)?,
            task_id: r.get::<Option<Uuid>>(4)?,
            reason: r.get(5)?,
            waits: waits.unwrap_or_default(),
            canceled: r.get::<Option<String>>(9)?.as_deref() == Some("canceled"),
            due_at: r.get(7)?,
            ended_at: r.get(8)?,
        })
    };
    rows.iter().map(read).collect()
}
