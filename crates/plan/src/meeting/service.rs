//! Records of meetings and sheets of attendance: reading them, and adding the
//! next version of either. The county writes the record of its campaign, the
//! sheet of a unit belongs to that unit. A record ticks its step.

use super::store::*;
use super::{Came, Presence, Record, SheetHead, Tally, UnitRow};
use crate::definition::Meeting;
use crate::program::life::step_done;
use crate::program::{Program, State};
use serde_json::json;
use std::collections::{BTreeSet, HashMap};
use zf_base::code::ErrorCode;
use zf_base::{Day, UnitId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::staff::Staff;
use zf_kernel::staff::service::{staff_counts, staff_list};
use zf_kernel::text::clear_text;
use zf_kernel::unit::Unit;
use zf_kernel::unit::service::unit_subtree;
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx};
use zf_store::{Row, params};

/// Topics of one record.
const TOPICS_MAX: usize = 20;
/// People of one unit.
const PEOPLE_MAX: usize = 2_000;

/// What is entered about a meeting.
#[derive(Clone, Debug)]
pub struct RecordInput {
    /// The version that was seen; 0 = none.
    pub seen: i64,
    /// The day it was held.
    pub held_day: Day,
    /// Where.
    pub place: String,
    /// What it was about, one item each.
    pub topics: Vec<String>,
    /// Why the former version is corrected.
    pub reason: String,
}

/// What is entered about the attendance of a unit.
#[derive(Clone, Debug)]
pub struct SheetInput {
    /// The version that was seen; 0 = none.
    pub seen: i64,
    /// Who came.
    pub people: Vec<Presence>,
    /// Why the former sheet is corrected.
    pub reason: String,
}

/// The meeting that a step of a program is.
///
/// # Errors
/// `not_found` when the step is none.
pub fn meeting_of<'p>(program: &'p Program, step: &str) -> Result<&'p Meeting> {
    let meeting = program.definition.meeting_of(step);
    meeting.ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))
}

fn record(r: &Row) -> Result<Record> {
    let topics: String = r.get(3)?;
    Ok(Record {
        seq: r.get(0)?,
        held_day: r.get(1)?,
        place: r.get(2)?,
        topics: topics.lines().map(str::to_owned).collect(),
        reason: r.get(4)?,
        at: r.get(5)?,
        by_name: r.get(6)?,
    })
}

/// Versions of the record of a meeting, newest first.
///
/// # Errors
/// Only the database.
pub async fn records(app: &App, program: &Program, step: &str) -> Result<Vec<Record>> {
    let p = params![program.id, step];
    let rows = app.read_unit(program.unit.id, MEETING_RECORDS, p).await?;
    rows.iter().map(record).collect()
}

/// A correction says why; the first version need not.
fn why(seen: i64, reason: &str) -> Result<String> {
    match (seen, reason.trim()) {
        (0, "") => Ok(String::new()),
        _ => clear_text("reason", reason),
    }
}

fn open(program: &Program) -> Result<()> {
    match program.state {
        State::Closed => Err(KernelError::refused(ErrorCode::CONFLICT)),
        _ => Ok(()),
    }
}

/// Adds the next version of the record, and ticks the step with its day.
///
/// # Errors
/// The step is no meeting; the day lies ahead; texts that are missing or say
/// who somebody is; `conflict` when another version has come in between.
pub async fn record_add(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    step: &str,
    input: &RecordInput,
) -> Result<()> {
    let scope = ctx.scope(Permission::ProgramWrite, &program.unit)?;
    meeting_of(program, step)?;
    open(program)?;
    if input.held_day > ctx.today() {
        return Err(KernelError::field("held_day", "field.range"));
    }
    let place = clear_text("place", &input.place)?;
    let topics = input.topics.iter().filter(|t| !t.trim().is_empty());
    let topics: Vec<String> = topics
        .map(|t| clear_text("topics", t))
        .collect::<Result<_>>()?;
    match topics.len() {
        0 => return Err(KernelError::field("topics", "field.required")),
        n if n > TOPICS_MAX => return Err(KernelError::field("topics", "field.too_long")),
        _ => {}
    }
    let reason = why(input.seen, &input.reason)?;
    let mut tx = UnitTx::begin(app, ctx, &scope).await?;
    let rows = tx.query(MEETING_RECORDS, params![program.id, step]).await?;
    let newest: i64 = rows.first().map_or(Ok(0), |r| r.get(0))?;
    if newest != input.seen {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    let row = params![
        program.id,
        step,
        newest + 1,
        input.held_day,
        place,
        topics.join("\n"),
        reason,
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    tx.exec(MEETING_RECORD_ADD, row).await?;
    step_done(&mut tx, ctx, program, step, input.held_day).await?;
    let detail = json!({ "code": program.code, "step": step, "seq": newest + 1 });
    tx.record("meeting.record", "program", program.id, detail);
    tx.commit().await
}

fn head(r: &Row, first: usize) -> Result<SheetHead> {
    Ok(SheetHead {
        seq: r.get(first)?,
        reason: r.get(first + 1)?,
        at: r.get(first + 2)?,
        by_name: r.get(first + 3)?,
        tally: Tally {
            people: r.get(first + 4)?,
            present: r.get(first + 5)?,
            excused: r.get(first + 6)?,
            trained: r.get(first + 7)?,
        },
    })
}

/// Units of a program that the actor may see, in the order of the tree.
pub(crate) async fn units_of(
    app: &App,
    ctx: &Ctx,
    permission: Permission,
    program: &Program,
) -> Result<Vec<Unit>> {
    let roots = ctx.roots(permission);
    let mut units = unit_subtree(app, &program.unit.path).await?;
    let sees = |u: &Unit| {
        roots
            .iter()
            .any(|(_, path)| u.path.starts_with(path.as_str()))
    };
    units.retain(|u| u.active && sees(u));
    Ok(units)
}

/// The units that have staff or a sheet, with what is known of each.
///
/// # Errors
/// Only the database.
pub async fn unit_rows(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    step: &str,
) -> Result<Vec<UnitRow>> {
    let p = params![program.id, step];
    let mut sheets: HashMap<UnitId, SheetHead> = HashMap::new();
    for row in &app.db.query(MEETING_SHEETS_NEWEST, p).await? {
        sheets.insert(row.get(0)?, head(row, 1)?);
    }
    let staff = staff_counts(app).await?;
    let mut all = Vec::new();
    for u in units_of(app, ctx, Permission::ProgramRead, program).await? {
        let row = UnitRow {
            unit_id: u.id,
            unit_name: u.name,
            level: u.level.as_str().to_owned(),
            staff: staff.get(&u.id).copied().unwrap_or(0),
            sheet: sheets.remove(&u.id),
        };
        if row.staff > 0 || row.sheet.is_some() {
            all.push(row);
        }
    }
    Ok(all)
}

/// A unit's people: who is on the newest sheet, and who works there today.
#[derive(Clone, Debug)]
pub struct UnitSheet {
    /// Sheets, newest first.
    pub heads: Vec<SheetHead>,
    /// Everybody with what the newest sheet says of them.
    pub people: Vec<(Staff, Option<Presence>)>,
}

/// Who stands on one version of a unit's sheet.
async fn people_on(
    app: &App,
    program: &Program,
    scope: &UnitScope,
    step: &str,
    seq: i64,
) -> Result<Vec<Presence>> {
    let p = params![program.id, step, seq];
    let rows = app.read_unit(scope.unit_id(), MEETING_PEOPLE, p).await?;
    let read = |r: &Row| -> Result<Presence> {
        Ok(Presence {
            staff_id: r.get(0)?,
            came: Came::from_code(&r.get::<String>(1)?).unwrap_or(Came::Absent),
            trained: r.get(2)?,
        })
    };
    rows.iter().map(read).collect()
}

/// The people of a unit with the newest sheet (or the version asked for). Who
/// has left since is still on the sheets that name them.
///
/// # Errors
/// Only the database.
pub async fn unit_sheet(
    app: &App,
    program: &Program,
    scope: &UnitScope,
    step: &str,
    version: Option<i64>,
) -> Result<UnitSheet> {
    let p = params![program.id, step];
    let rows = app.read_unit(scope.unit_id(), MEETING_SHEETS, p).await?;
    let heads: Vec<SheetHead> = rows.iter().map(|r| head(r, 0)).collect::<Result<_>>()?;
    let seq = version.or(heads.first().map(|h| h.seq)).unwrap_or(0);
    let on = people_on(app, program, scope, step, seq).await?;
    let of = |id| on.iter().find(|p| p.staff_id == id).copied();
    let all = staff_list(app, scope).await?;
    let people = all.into_iter().filter_map(|s| {
        let known = of(s.id);
        (s.active || known.is_some()).then_some((s, known))
    });
    Ok(UnitSheet {
        people: people.collect(),
        heads,
    })
}

/// Adds the next sheet of a unit.
///
/// # Errors
/// The step is no meeting; somebody who is not of the unit or named twice;
/// training where there is none; `conflict` when another sheet has come in between.
pub async fn sheet_add(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    scope: &UnitScope,
    step: &str,
    input: &SheetInput,
) -> Result<()> {
    let meeting = meeting_of(program, step)?;
    open(program)?;
    if input.people.is_empty() {
        return Err(KernelError::field("people", "field.required"));
    }
    if input.people.len() > PEOPLE_MAX {
        return Err(KernelError::field("people", "field.too_long"));
    }
    let own: BTreeSet<_> = staff_list(app, scope).await?.iter().map(|s| s.id).collect();
    let mut seen = BTreeSet::new();
    for p in &input.people {
        let foreign = !own.contains(&p.staff_id) || !seen.insert(p.staff_id);
        if foreign || (p.trained && !meeting.training) {
            return Err(KernelError::field("people", "field.not_in_list"));
        }
    }
    let reason = why(input.seen, &input.reason)?;
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let rows = tx.query(MEETING_SHEETS, params![program.id, step]).await?;
    let newest: i64 = rows.first().map_or(Ok(0), |r| r.get(0))?;
    if newest != input.seen {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    let (seq, who) = (newest + 1, ctx.actor.name.as_str());
    let row = params![
        program.id,
        step,
        seq,
        reason,
        ctx.now,
        ctx.actor.user_id,
        who
    ];
    tx.exec(MEETING_SHEET_ADD, row).await?;
    for p in &input.people {
        let row = params![
            program.id,
            step,
            seq,
            p.staff_id,
            p.came.as_str(),
            p.trained
        ];
        tx.exec(MEETING_PERSON_ADD, row).await?;
    }
    let present = input.people.iter().filter(|p| p.came == Came::Present);
    let detail = json!({
        "code": program.code, "step": step, "seq": seq,
        "people": input.people.len(), "present": present.count(),
    });
    tx.record("meeting.sheet", "program", program.id, detail);
    tx.commit().await
}

/// Forgets the meetings of a draft that is deleted.
///
/// # Errors
/// Only the database.
pub(crate) async fn forget(tx: &mut UnitTx<'_>, program: &Program) -> Result<()> {
    tx.exec(MEETING_PEOPLE_CLEAR, params![program.id]).await?;
    tx.exec(MEETING_SHEETS_CLEAR, params![program.id]).await?;
    tx.exec(MEETING_RECORDS_CLEAR, params![program.id]).await?;
    Ok(())
}

/// Units that have entered attendance for a program.
///
/// # Errors
/// Only the database.
pub(crate) async fn units_entered(app: &App, program: &Program) -> Result<Vec<UnitId>> {
    let rows = app.db.query(MEETING_UNITS, params![program.id]).await?;
    rows.iter().map(|r| Ok(r.get(0)?)).collect()
}
