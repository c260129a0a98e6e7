//! Rules of programs: made from a preset or a file, changed by a new version,
//! started only when the check finds no error, closed, deleted while a draft.
//! Every change is told of in the chain of the program's unit; a branch's own
//! figures in the chain of the branch.

use super::edit::{CopyAs, copied};
use super::life::quota::{QuotaHistory, campaign_history, own_histories, remember, remember_own};
use super::life::{forget_steps, remember_state};
use super::network::{branches, network_of, own_figures};
use super::store::*;
use super::{Program, ProgramUnit, State, Version, stored, visible};
use crate::check::{CheckReport, Network, check};
use crate::definition::read::Kind;
use crate::definition::{Aliases, Definition, DefinitionError, What};
use crate::filing::approval::approved;
use crate::filing::service::{branches_filed, forget};
use crate::meeting::service as meeting;
use crate::stock::service as stock;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use zf_base::calendar::WorkCalendar;
use zf_base::code::ErrorCode;
use zf_base::{Day, ProgramId, UnitId, limits};
use zf_kernel::calendar::work_calendar;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::pack::Packs;
use zf_kernel::unit::service::{scope_of, unit_fetch, unit_read};
use zf_kernel::unit::{Level, Unit};
use zf_kernel::{App, Ctx, FieldError, Permission, Refusal, UnitScope, UnitTx};
use zf_store::{Ran, Row, Step, Value, params};

/// Programs of one list; an installation has a handful.
const LIST_MAX: i64 = 200;

/// What a program is made from.
#[derive(Clone, Debug)]
pub struct FromPreset {
    /// Id of the preset.
    pub preset: String,
    /// Code of the new program.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Other first day than the preset's.
    pub first_day: Option<Day>,
    /// Other last day than the preset's.
    pub last_day: Option<Day>,
}

/// What loading a file did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loaded {
    /// A new program.
    Created,
    /// A new version.
    Changed,
    /// Nothing: the file says what is already in force.
    Same,
}

fn not_found() -> KernelError {
    KernelError::refused(ErrorCode::PROGRAM_NOT_FOUND)
}

/// The Chinese keys and values of all packs.
pub fn aliases(app: &App) -> Aliases {
    aliases_of(&app.packs)
}

/// The same without an installation, for command lines.
pub fn aliases_of(packs: &Packs) -> Aliases {
    let mut all = Aliases::default();
    for pack in packs.iter() {
        all.sections.extend(pack.aliases.sections.clone());
        for (section, keys) in &pack.aliases.keys {
            all.keys
                .entry(section.clone())
                .or_default()
                .extend(keys.clone());
        }
        all.values.extend(pack.aliases.values.clone());
    }
    all
}

/// The faults of a file as a refusal with one entry per place.
pub fn refused(faults: &[DefinitionError]) -> KernelError {
    let code = |what: &What| match what {
        What::Missing | What::Empty => "field.required",
        What::NotInList(_) => "field.not_in_list",
        What::Range(..) => "field.range",
        What::Expected(Kind::Day) => "field.day",
        _ => "toml.invalid",
    };
    let fields = faults
        .iter()
        .map(|e| FieldError {
            field: e.path.clone(),
            code: code(&e.what),
        })
        .collect();
    KernelError::Refused(Refusal {
        code: ErrorCode::INPUT_INVALID,
        args: BTreeMap::new(),
        fields,
    })
}

fn read(row: &Row, units: &HashMap<UnitId, Unit>) -> Result<Program> {
    let (state, text, unit): (String, String, UnitId) = (row.get(3)?, row.get(10)?, row.get(5)?);
    let definition = stored::definition(&text)
        .map_err(|n| KernelError::Internal(format!("stored program has {n} faults")))?;
    Ok(Program {
        id: row.get(0)?,
        code: row.get(1)?,
        name: row.get(2)?,
        state: State::from_stored(&state)
            .ok_or_else(|| KernelError::Internal(format!("program state {state}")))?,
        version: row.get(4)?,
        unit: units.get(&unit).cloned().ok_or_else(not_found)?,
        first_day: row.get(6)?,
        last_day: row.get(7)?,
        created_at: row.get(8)?,
        updated_at: row.get(9)?,
        definition,
    })
}

async fn read_all(app: &App, rows: &[Row]) -> Result<Vec<Program>> {
    let mut units = HashMap::new();
    for row in rows {
        let id: UnitId = row.get(5)?;
        if let std::collections::hash_map::Entry::Vacant(free) = units.entry(id) {
            free.insert(unit_fetch(app, id).await?);
        }
    }
    rows.iter().map(|row| read(row, &units)).collect()
}

/// The programs the actor may see, newest first.
pub async fn program_list(app: &App, ctx: &Ctx) -> Result<Vec<Program>> {
    let rows = app.db.query(PROGRAM_LIST, params![LIST_MAX]).await?;
    let mut all = read_all(app, &rows).await?;
    all.retain(|p| visible(ctx, Permission::ProgramRead, &p.unit));
    Ok(all)
}

/// A program the actor may see.
pub async fn program_fetch(app: &App, ctx: &Ctx, id: ProgramId) -> Result<Program> {
    let rows = app.db.query(PROGRAM_FETCH, params![id]).await?;
    one_visible(app, ctx, &rows).await
}

/// Those of some programs that the actor may see; the others are left out.
///
/// # Errors
/// Only the database.
pub async fn programs_by_ids(
    app: &App,
    ctx: &Ctx,
    ids: &BTreeSet<ProgramId>,
) -> Result<BTreeMap<ProgramId, Program>> {
    let ran = app.db.ask(programs_steps(ids)).await?;
    programs_read(ctx, &ran)
}

/// What asks for some programs and their units, to go with other reads.
pub fn programs_steps(ids: &BTreeSet<ProgramId>) -> Vec<Step> {
    let rows = || ids.iter().map(|id| params![*id]).collect();
    [PROGRAM_FETCH, PROGRAM_UNIT]
        .map(|sql| Step { sql, rows: rows() })
        .into()
}

/// The programs that [`programs_steps`] found, those the actor may see.
///
/// # Errors
/// A row that cannot be read.
pub fn programs_read(ctx: &Ctx, ran: &[Ran]) -> Result<BTreeMap<ProgramId, Program>> {
    let rows = |at: usize| ran.get(at).into_iter().flat_map(|r| &r.rows).flatten();
    let mut units = HashMap::new();
    for row in rows(1) {
        let unit = unit_read(row)?;
        units.insert(unit.id, unit);
    }
    let mut found = BTreeMap::new();
    for row in rows(0) {
        let program = read(row, &units)?;
        if visible(ctx, Permission::ProgramRead, &program.unit) {
            found.insert(program.id, program);
        }
    }
    Ok(found)
}

/// A program the actor may see, by code.
pub async fn program_by_code(app: &App, ctx: &Ctx, code: &str) -> Result<Program> {
    let rows = app.db.query(PROGRAM_FETCH_CODE, params![code]).await?;
    one_visible(app, ctx, &rows).await
}

async fn one_visible(app: &App, ctx: &Ctx, rows: &[Row]) -> Result<Program> {
    let program = read_all(app, rows).await?.pop().ok_or_else(not_found)?;
    if !visible(ctx, Permission::ProgramRead, &program.unit) {
        return Err(not_found());
    }
    Ok(program)
}

/// The versions of a program, newest first.
pub async fn program_versions(app: &App, program: &Program) -> Result<Vec<Version>> {
    let rows = app.db.query(PROGRAM_VERSIONS, params![program.id]).await?;
    let version = |r: &Row| {
        Ok(Version {
            version: r.get(0)?,
            at: r.get(1)?,
            by_name: r.get(2)?,
            note: r.get(3)?,
        })
    };
    rows.iter().map(version).collect()
}

/// The unit a new program belongs to: the one named, else the highest the
/// actor may write programs for.
pub async fn program_scope(app: &App, ctx: &Ctx, unit: Option<UnitId>) -> Result<UnitScope> {
    let root = ctx
        .roots(Permission::ProgramWrite)
        .first()
        .map(|(id, _)| *id);
    let id = unit
        .or(root)
        .ok_or_else(|| KernelError::refused(ErrorCode::PERMISSION_DENIED))?;
    scope_of(app, ctx, Permission::ProgramWrite, id).await
}

/// A preset with another code, name and days.
pub fn from_preset(app: &App, input: &FromPreset) -> Result<Definition> {
    let preset = app
        .packs
        .program_preset(&input.preset)
        .ok_or_else(|| KernelError::field("preset", "field.not_in_list"))?;
    let definition = Definition::parse(preset.toml, preset.aliases).map_err(|e| refused(&e))?;
    let copy = CopyAs {
        code: input.code.clone(),
        name: input.name.clone(),
        first_day: input.first_day,
        last_day: input.last_day,
    };
    copied(&definition, &copy)
}

fn sound(definition: &Definition) -> Result<()> {
    let p = &definition.program;
    let long = |text: &str, most: usize| text.trim().is_empty() || text.chars().count() > most;
    if long(&p.id, limits::CODE_CHARS_MAX) {
        return Err(KernelError::field("code", "field.required"));
    }
    if long(&p.title, limits::NAME_CHARS_MAX) {
        return Err(KernelError::field("name", "field.required"));
    }
    if !(0..limits::CAMPAIGN_DAYS_MAX).contains(&p.start.days_until(p.end)) {
        return Err(KernelError::field("program.end", "field.range"));
    }
    Ok(())
}

/// Makes a program as a draft of the scope's unit.
pub async fn program_create(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    definition: &Definition,
    note: &str,
) -> Result<Program> {
    sound(definition)?;
    if scope.unit().level == Level::Branch {
        return Err(KernelError::field("unit_id", "field.not_in_list"));
    }
    let p = &definition.program;
    if !app
        .db
        .query(PROGRAM_FETCH_CODE, params![p.id.as_str()])
        .await?
        .is_empty()
    {
        return Err(KernelError::refused(ErrorCode::DUPLICATE));
    }
    let id = ProgramId(app.new_id());
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let row = params![
        id,
        p.id.as_str(),
        p.title.as_str(),
        p.kind.as_str(),
        scope.unit_id(),
        p.start,
        p.end,
        ctx.now
    ];
    tx.exec(PROGRAM_ADD, row).await?;
    tx.exec(
        PROGRAM_VERSION_ADD,
        version_row(ctx, id, 1, definition, note),
    )
    .await?;
    tx.record("program.create", "program", id, json!({ "code": p.id }));
    tx.commit().await?;
    program_fetch(app, ctx, id).await
}

fn version_row(
    ctx: &Ctx,
    id: ProgramId,
    version: i64,
    definition: &Definition,
    note: &str,
) -> Vec<Value> {
    let note: String = note.trim().chars().take(limits::REASON_CHARS_MAX).collect();
    params![
        id,
        version,
        definition.to_toml(),
        note,
        ctx.actor.user_id,
        ctx.actor.name.as_str(),
        ctx.now
    ]
}

/// A new version. `expected` is the version the caller has seen. A program
/// that runs only takes a version that can be done.
pub async fn program_change(
    app: &App,
    ctx: &Ctx,
    old: &Program,
    definition: &Definition,
    note: &str,
    expected: Option<i64>,
) -> Result<Program> {
    let scope = ctx.scope(Permission::ProgramWrite, &old.unit)?;
    sound(definition)?;
    if old.state == State::Closed || expected.is_some_and(|v| v != old.version) {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    if definition.program.id != old.code {
        return Err(KernelError::field("program.id", "field.not_in_list"));
    }
    if old.state != State::Draft {
        let mut next = old.clone();
        next.definition = Arc::new(definition.clone());
        feasible(&check_whole(app, ctx, &next).await?)?;
    }
    let p = &definition.program;
    let mut tx = UnitTx::begin(app, ctx, &scope).await?;
    let row = params![
        old.id,
        old.version,
        p.title.as_str(),
        p.start,
        p.end,
        ctx.now
    ];
    if tx.exec(PROGRAM_CHANGE, row).await? == 0 {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    let version = old.version + 1;
    tx.exec(
        PROGRAM_VERSION_ADD,
        version_row(ctx, old.id, version, definition, note),
    )
    .await?;
    let quota = definition.quota.households_per_outlet_per_day;
    remember(&mut tx, ctx, old, quota).await?;
    let changed = changed_keys(&old.definition, definition);
    tx.record(
        "program.change",
        "program",
        old.id,
        json!({ "code": old.code, "version": version, "keys": changed }),
    );
    tx.commit().await?;
    program_fetch(app, ctx, old.id).await
}

/// Which sections differ, for the audit log.
fn changed_keys(old: &Definition, new: &Definition) -> Vec<String> {
    let (old, new) = (old.to_json(), new.to_json());
    let Some(sections) = new.as_object() else {
        return vec![];
    };
    sections
        .iter()
        .filter(|(key, value)| old.get(key.as_str()) != Some(value))
        .map(|(key, _)| key.clone())
        .collect()
}

fn feasible(report: &CheckReport) -> Result<()> {
    if report.is_feasible() {
        return Ok(());
    }
    let errors = report.count(crate::check::Severity::Error);
    Err(KernelError::refused(ErrorCode::PROGRAM_INFEASIBLE).with("errors", errors))
}

/// The feasibility of a program on the branches the actor may see.
pub async fn program_check(app: &App, ctx: &Ctx, program: &Program) -> Result<CheckReport> {
    let calendar = work_calendar(app).await?;
    let network = network_of(app, ctx, program).await?;
    Ok(check(&program.definition, &calendar, &network))
}

/// Starts a program; refused while the check finds errors.
pub async fn program_start(app: &App, ctx: &Ctx, program: &Program) -> Result<Program> {
    let scope = ctx.scope(Permission::ProgramApprove, &program.unit)?;
    if !matches!(program.state, State::Draft | State::Paused) {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    let report = check_whole(app, ctx, program).await?;
    feasible(&report)?;
    if program.state == State::Draft {
        approved(app, program).await?;
    }
    let mut tx = UnitTx::begin(app, ctx, &scope).await?;
    if tx
        .exec(PROGRAM_START, params![program.id, program.version, ctx.now])
        .await?
        == 0
    {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    remember_state(&mut tx, ctx, program, State::Started, "").await?;
    let warnings = report.count(crate::check::Severity::Warning);
    let detail = json!({ "code": program.code, "version": program.version, "warnings": warnings });
    tx.record("program.start", "program", program.id, detail);
    tx.commit().await?;
    program_fetch(app, ctx, program.id).await
}

/// Refuses a program that the check finds errors in, on all of its branches.
pub(crate) async fn must_be_feasible(app: &App, ctx: &Ctx, program: &Program) -> Result<()> {
    feasible(&check_whole(app, ctx, program).await?)
}

/// Whoever approves answers for every branch, also for those he may not read.
async fn check_whole(app: &App, ctx: &Ctx, program: &Program) -> Result<CheckReport> {
    let whole = Ctx::for_job(
        ctx.actor.user_id,
        &ctx.actor.name,
        &program.unit,
        ctx.now,
        ctx.request_id,
    );
    program_check(app, &whole, program).await
}

/// Closes a program that runs.
pub async fn program_close(app: &App, ctx: &Ctx, program: &Program) -> Result<Program> {
    let scope = ctx.scope(Permission::ProgramApprove, &program.unit)?;
    let mut tx = UnitTx::begin(app, ctx, &scope).await?;
    if tx.exec(PROGRAM_CLOSE, params![program.id, ctx.now]).await? == 0 {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    remember_state(&mut tx, ctx, program, State::Closed, "").await?;
    tx.record(
        "program.close",
        "program",
        program.id,
        json!({ "code": program.code }),
    );
    tx.commit().await?;
    program_fetch(app, ctx, program.id).await
}

/// Deletes a draft for which nothing has been chosen yet.
pub async fn program_delete(app: &App, ctx: &Ctx, program: &Program) -> Result<()> {
    let scope = ctx.scope(Permission::ProgramWrite, &program.unit)?;
    let used = !app
        .db
        .query(PROGRAM_HAS_TARGET, params![program.id])
        .await?
        .is_empty();
    if program.state != State::Draft || used {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    // One transaction per branch, then the program itself: stopping half-way
    // leaves a draft that can be deleted again.
    let mut units: BTreeSet<UnitId> = own_figures(app, program).await?.into_keys().collect();
    units.extend(branches_filed(app, program).await?);
    units.extend(meeting::units_entered(app, program).await?);
    units.extend(stock::units_entered(app, program).await?);
    for unit in units {
        let branch = scope_of(app, ctx, Permission::ProgramWrite, unit).await?;
        let mut tx = UnitTx::begin(app, ctx, &branch).await?;
        tx.exec(PROGRAM_UNIT_CLEAR, params![program.id]).await?;
        forget(&mut tx, program).await?;
        meeting::forget(&mut tx, program).await?;
        stock::forget(&mut tx, program).await?;
        tx.record(
            "program.unit",
            "program",
            program.id,
            json!({ "code": program.code, "cleared": true }),
        );
        tx.commit().await?;
    }
    let mut tx = UnitTx::begin(app, ctx, &scope).await?;
    tx.exec(PROGRAM_VERSIONS_DELETE, params![program.id])
        .await?;
    forget_steps(&mut tx, program).await?;
    forget(&mut tx, program).await?;
    meeting::forget(&mut tx, program).await?;
    stock::forget(&mut tx, program).await?;
    if tx.exec(PROGRAM_DELETE, params![program.id]).await? == 0 {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    tx.record(
        "program.delete",
        "program",
        program.id,
        json!({ "code": program.code }),
    );
    tx.commit().await
}

/// Sets a branch's own figures; what is not given stays.
pub async fn program_unit_put(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    unit: UnitId,
    collection_plan: Option<i64>,
    quota_per_day: Option<i64>,
) -> Result<()> {
    let scope = scope_of(app, ctx, Permission::ProgramWrite, unit).await?;
    let inside =
        scope.unit().path.starts_with(&program.unit.path) && scope.unit().level == Level::Branch;
    if !inside {
        return Err(KernelError::refused(ErrorCode::UNIT_NOT_FOUND));
    }
    if program.state == State::Closed {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    if collection_plan.is_some_and(|n| !(1..=100_000_000).contains(&n)) {
        return Err(KernelError::field("collection_plan", "field.range"));
    }
    if quota_per_day.is_some_and(|n| !(1..=1_000).contains(&n)) {
        return Err(KernelError::field("quota_per_day", "field.range"));
    }
    let own = own_figures(app, program).await?;
    let before = own.get(&unit).and_then(|(_, quota)| *quota);
    let mut tx = UnitTx::begin(app, ctx, &scope).await?;
    if let Some(quota) = quota_per_day {
        remember_own(&mut tx, ctx, program, before, quota).await?;
    }
    tx.exec(
        PROGRAM_UNIT_PUT,
        params![program.id, collection_plan, quota_per_day, ctx.now],
    )
    .await?;
    let detail = json!({ "code": program.code, "collection_plan": collection_plan, "quota_per_day": quota_per_day });
    tx.record("program.unit", "program", program.id, detail);
    tx.commit().await
}

/// The branches of a program that the actor may see, with their figures.
pub async fn program_units(app: &App, ctx: &Ctx, program: &Program) -> Result<Vec<ProgramUnit>> {
    let own = own_figures(app, program).await?;
    let targets = program_targets(app, program).await?;
    let week = ctx.today().week();
    let rows = app
        .db
        .query(PROGRAM_WEEK_STATES, params![program.id, week.to_string()])
        .await?;
    let states: HashMap<UnitId, String> = rows
        .iter()
        .map(|r| Ok((r.get(0)?, r.get(1)?)))
        .collect::<Result<_>>()?;
    let d = &program.definition;
    let teams = d.team.iter().map(|t| i64::from(t.per_outlet)).sum();
    let units = branches(app, ctx, Permission::ProgramRead, program).await?;
    let campaign = campaign_history(app, program).await?;
    let histories = own_histories(app, program).await?;
    let row = |unit: Unit| {
        let (plan, quota) = own.get(&unit.id).copied().unwrap_or_default();
        let history = QuotaHistory {
            own: histories.get(&unit.id).cloned().unwrap_or_default(),
            own_now: quota,
            ..campaign.clone()
        };
        ProgramUnit {
            quota_today: history.on(ctx.today()),
            quota_from: history.next_change(ctx.today()).map(|(day, _)| day),
            collection_plan: plan.or_else(|| d.collection.outlets.get(&unit.code).copied()),
            quota_per_day: quota.unwrap_or(i64::from(d.quota.households_per_outlet_per_day)),
            targets: targets.get(&unit.id).copied().unwrap_or(0),
            teams,
            week_state: states
                .get(&unit.id)
                .cloned()
                .unwrap_or_else(|| "none".to_owned()),
            unit,
        }
    };
    Ok(units.into_iter().map(row).collect())
}

/// Targets per branch.
pub async fn program_targets(app: &App, program: &Program) -> Result<HashMap<UnitId, i64>> {
    let rows = app.db.query(PROGRAM_TARGETS, params![program.id]).await?;
    rows.iter().map(|r| Ok((r.get(0)?, r.get(1)?))).collect()
}

/// Creates a program from a file, or puts the file in force as a new version
/// of the program with its code.
pub async fn campaign_load(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    toml: &str,
) -> Result<(Program, Loaded)> {
    let definition = Definition::parse(toml, &aliases(app)).map_err(|e| refused(&e))?;
    let rows = app
        .db
        .query(PROGRAM_FETCH_CODE, params![definition.program.id.as_str()])
        .await?;
    if rows.is_empty() {
        return Ok((
            program_create(app, ctx, scope, &definition, "").await?,
            Loaded::Created,
        ));
    }
    let old = one_visible(app, ctx, &rows).await?;
    if *old.definition == definition {
        return Ok((old, Loaded::Same));
    }
    Ok((
        program_change(app, ctx, &old, &definition, "", None).await?,
        Loaded::Changed,
    ))
}

/// Reads and checks a campaign file without a database.
pub fn check_file(
    toml: &str,
    aliases: &Aliases,
    calendar: &WorkCalendar,
    network: &Network,
) -> std::result::Result<(Definition, CheckReport), Vec<DefinitionError>> {
    let definition = Definition::parse(toml, aliases)?;
    let report = check(&definition, calendar, network);
    Ok((definition, report))
}

/// Name of a post, for the words of a report.
pub fn post_name(app: &App, code: &str) -> String {
    app.packs
        .post(code)
        .map_or_else(|| code.to_owned(), |p| p.name.zh.clone())
}

/// The post behind what a file calls it: its code, its name, or another name
/// that a pack accepts.
pub fn post_of(packs: &Packs, aliases: &Aliases, text: &str) -> Option<String> {
    let text = aliases.values.get(text).map_or(text, String::as_str);
    let post = packs
        .posts()
        .iter()
        .find(|p| p.code == text || p.name.zh == text || p.name.en == text)?;
    Some(post.code.clone())
}

/// A definition as the API sends it.
pub fn from_json(app: &App, json: &Json) -> Result<Definition> {
    Definition::from_json(json, &aliases(app)).map_err(|e| refused(&e))
}

/// A definition from the text of a file.
pub fn from_toml(app: &App, text: &str) -> Result<Definition> {
    Definition::parse(text, &aliases(app)).map_err(|e| refused(&e))
}
