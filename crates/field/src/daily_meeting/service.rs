//! What a meeting should know, and its records: read, entered, corrected, listed
//! for many branches. An answer that breaks a rule of the form is kept and
//! counted, a text that names a number is not taken. Figures are those of the
//! moment in which a record is written.

use super::parameters::{Fields, MeetingRules, meeting_rules};
use super::store::*;
use super::{DayLine, Figures, LastDay, Line, Meeting, Version};
use crate::visit::compiled::compiled;
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;
use uuid::Uuid;
use zf_base::code::ErrorCode;
use zf_base::{Day, UnitId};
use zf_forms::Form;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::text::clear_text;
use zf_kernel::unit::service::path_end;
use zf_kernel::{App, Ctx, UnitScope, UnitTx};
use zf_plan::form::service::{form_in_force, form_of_answers};
use zf_plan::program::{Program, State};
use zf_plan::shortfall::service::{morning, quotas_between};
use zf_store::{Row, params};

/// What is entered.
#[derive(Clone, Debug)]
pub struct RecordInput {
    /// The version that was seen; 0 = none.
    pub seen: i64,
    /// Version of the form that was answered.
    pub form_version: u32,
    /// Answers by name of the field.
    pub answers: Map<String, Json>,
    /// Why the former version is corrected.
    pub reason: String,
}

/// What a meeting on a day should know.
///
/// # Errors
/// Only the database.
pub async fn figures(app: &App, program: &Program, unit: UnitId, day: Day) -> Result<Figures> {
    let stands = morning(app, program, unit, day).await?;
    let last = match stands.last {
        Some((last, quota)) => Some(last_day(app, program, unit, last, quota).await?),
        None => None,
    };
    let p = || params![program.id, day];
    let teams = app.read_unit(unit, DAILY_TEAMS, p()).await?;
    let reviews = app.read_unit(unit, DAILY_REVIEWS, params![]).await?;
    let team = |r: &Row| Ok((r.get(0)?, r.get(1)?));
    Ok(Figures {
        last,
        owed: stands.owed,
        open_days: stands.open_days,
        quota: stands.quota,
        teams: teams.iter().map(team).collect::<Result<_>>()?,
        open_reviews: reviews.first().map_or(Ok(0), |r| r.get(0))?,
    })
}

async fn last_day(
    app: &App,
    program: &Program,
    unit: UnitId,
    day: Day,
    quota: i64,
) -> Result<LastDay> {
    let p = params![program.id, day];
    let rows = app.read_unit(unit, DAILY_VISITS, p).await?;
    let n = |i: usize| -> Result<i64> { Ok(rows.first().map_or(Ok(0), |r| r.get(i))?) };
    Ok(LastDay {
        day,
        quota,
        visits: n(0)?,
        households: n(1)?,
        valid_records: n(2)?,
    })
}

/// The form of a unit's records.
///
/// # Errors
/// There is none, neither of the county nor of a pack.
pub async fn meeting_form(app: &App, scope: &UnitScope) -> Result<Form> {
    let rules = meeting_rules(app).await?;
    form_in_force(app, scope.unit(), &rules.form).await
}

/// The answers that the system gives beforehand: day, session, figures of the
/// last planned day, whether anything is owed.
pub fn prefill(
    fields: &Fields,
    form: &Form,
    day: Day,
    figures: &Figures,
    held: &[Meeting],
) -> Map<String, Json> {
    let mut all = Map::new();
    let mut put = |name: &String, value: Json| {
        if form.field(name).is_some() {
            all.insert(name.clone(), value);
        }
    };
    put(&fields.day, json!(day.to_string()));
    let sessions = form.field(&fields.session).map_or(&[][..], |f| &f.options);
    let open = |o: &&zf_forms::Choice| held.iter().all(|m| m.session != o.value());
    if let Some(next) = sessions.iter().find(open).or(sessions.first()) {
        put(&fields.session, json!(next.value()));
    }
    if let Some(last) = &figures.last {
        put(&fields.households, json!(last.households));
        put(&fields.valid_records, json!(last.valid_records));
    }
    let behind = if figures.owed > 0 { "yes" } else { "no" };
    put(&fields.behind, json!(behind));
    all
}

fn version(r: &Row, at: usize) -> Result<Version> {
    let answers: String = r.get(at + 3)?;
    let lost = |_| KernelError::Internal("a stored record is not readable".to_owned());
    Ok(Version {
        seq: r.get(at)?,
        form_id: r.get(at + 1)?,
        form_version: r.get(at + 2)?,
        answers: serde_json::from_str(&answers).map_err(lost)?,
        problems: r.get(at + 4)?,
        counted_households: r.get(at + 5)?,
        counted_records: r.get(at + 6)?,
        owed: r.get(at + 7)?,
        reason: r.get(at + 8)?,
        at: r.get(at + 9)?,
        by_name: r.get(at + 10)?,
    })
}

/// Records of a day of a branch, the morning's first.
///
/// # Errors
/// Only the database.
pub async fn meetings(
    app: &App,
    program: &Program,
    unit: UnitId,
    day: Day,
) -> Result<Vec<Meeting>> {
    let p = params![program.id, day];
    let mut all: Vec<Meeting> = Vec::new();
    for r in &app.read_unit(unit, DAILY_VERSIONS, p).await? {
        let id: Uuid = r.get(0)?;
        if all.last().is_none_or(|m| m.id != id) {
            all.push(Meeting {
                id,
                session: r.get(1)?,
                versions: Vec::new(),
            });
        }
        if let Some(m) = all.last_mut() {
            m.versions.push(version(r, 2)?);
        }
    }
    Ok(all)
}

/// No text may say a telephone or an ID number.
fn clear(name: &str, value: &Json) -> Result<()> {
    match value {
        Json::String(text) if !text.trim().is_empty() => clear_text(name, text).map(|_| ()),
        Json::Array(all) => all.iter().try_for_each(|v| clear(name, v)),
        Json::Object(all) => all.iter().try_for_each(|(n, v)| clear(n, v)),
        _ => Ok(()),
    }
}

fn allowed(program: &Program, ctx: &Ctx, rules: &MeetingRules, day: Day) -> Result<()> {
    if !matches!(program.state, State::Started | State::Paused) {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    let first = program
        .first_day
        .max(ctx.today().plus_days(-rules.days_back));
    match (first..=ctx.today()).contains(&day) {
        true => Ok(()),
        false => Err(KernelError::field("day", "field.range")),
    }
}

/// What a record says, judged by its form.
struct Judged {
    form_id: String,
    form_version: i64,
    session: String,
    answers: Map<String, Json>,
    problems: i64,
    present: Option<i64>,
    households: Option<i64>,
    valid_records: Option<i64>,
}

async fn judged(app: &App, rules: &MeetingRules, day: Day, input: &RecordInput) -> Result<Judged> {
    let fields = &rules.fields;
    let unknown = || KernelError::field("form_version", "field.not_in_list");
    let form = form_of_answers(app, &rules.form, input.form_version).await?;
    let form = form.ok_or_else(unknown)?;
    let said = |name: &String| input.answers.get(name).and_then(Json::as_str);
    if said(&fields.day).is_some_and(|d| d != day.to_string()) {
        return Err(KernelError::field("day", "field.day"));
    }
    let options = form.field(&fields.session).map_or(&[][..], |f| &f.options);
    let session = said(&fields.session).unwrap_or_default().to_owned();
    if !options.is_empty() && !options.iter().any(|o| o.value() == session) {
        return Err(KernelError::field("session", "field.required"));
    }
    input.answers.iter().try_for_each(|(n, v)| clear(n, v))?;
    let form_broken = || KernelError::Internal("a published form does not compile".to_owned());
    let result = compiled(&form)
        .ok_or_else(form_broken)?
        .evaluate(&input.answers, day);
    let number = |name: &String| result.accepted.get(name).and_then(Json::as_i64);
    Ok(Judged {
        form_id: form.id.clone(),
        form_version: i64::from(input.form_version),
        session,
        problems: (result.missing.len() + result.violations.len()) as i64,
        present: number(&fields.present),
        households: number(&fields.households),
        valid_records: number(&fields.valid_records),
        answers: result.accepted,
    })
}

/// Enters a record or corrects it; the session it is of stands in its answers.
///
/// # Errors
/// The campaign does not run; a day ahead or too long ago; a text with a long
/// number; no reason for a correction; `conflict` when somebody else was first.
pub async fn record_put(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    program: &Program,
    day: Day,
    input: &RecordInput,
) -> Result<Uuid> {
    let rules = meeting_rules(app).await?;
    allowed(program, ctx, &rules, day)?;
    let reason = match (input.seen, input.reason.trim()) {
        (0, "") => String::new(),
        _ => clear_text("reason", &input.reason)?,
    };
    let said = judged(app, &rules, day, input).await?;
    let known = figures(app, program, scope.unit_id(), day).await?;
    let (households, records) = known
        .last
        .map_or((0, 0), |l| (l.households, l.valid_records));
    let answers = Json::Object(said.answers).to_string();
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let p = params![program.id, day, said.session.as_str()];
    let rows = tx.query(DAILY_HEAD, p).await?;
    let id: Uuid = match rows.first() {
        Some(r) => r.get(0)?,
        None => app.new_id(),
    };
    // A record that came in meanwhile is a conflict: the key of its session, or
    // the version that is not the one seen.
    let stands = match rows.first() {
        Some(_) => tx.exec(DAILY_MOVE, params![id, input.seen]).await? == 1,
        None if input.seen == 0 => {
            let p = params![id, program.id, day, said.session.as_str()];
            tx.exec(DAILY_ADD, p).await? == 1
        }
        None => false,
    };
    if !stands {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    let row = params![
        id,
        input.seen + 1,
        said.form_id,
        said.form_version,
        answers,
        said.problems,
        said.present,
        said.households,
        said.valid_records,
        households,
        records,
        known.owed,
        reason,
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    tx.exec(DAILY_VERSION_ADD, row).await?;
    let detail = json!({
        "day": day.to_string(), "session": said.session, "seq": input.seen + 1,
        "problems": said.problems,
    });
    tx.record("daily_meeting.record", "daily_meeting", id, detail);
    tx.commit().await?;
    Ok(id)
}

/// The branches that the actor may see, by code, each with the days that had a
/// task or have a record.
///
/// # Errors
/// Only the database.
pub async fn lines(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    from: Day,
    to: Day,
) -> Result<Vec<DayLine>> {
    let (path, end) = (program.unit.path.as_str(), path_end(&program.unit.path));
    let p = params![path, end.as_str(), program.id, from, to];
    let mut records: HashMap<(UnitId, Day), Vec<Line>> = HashMap::new();
    for r in &app.db.query(DAILY_LINES, p).await? {
        let newest = version(r, 3)?;
        let line = Line {
            session: r.get(2)?,
            seq: newest.seq,
            newest,
            present: r.get(14)?,
            households: r.get(15)?,
            valid_records: r.get(16)?,
        };
        let key = (r.get(0)?, r.get(1)?);
        records.entry(key).or_default().push(line);
    }
    let mut all = Vec::new();
    for (unit, quotas) in quotas_between(app, ctx, program, from, to).await? {
        for (day, quota) in quotas {
            let records = records.remove(&(unit.id, day)).unwrap_or_default();
            if quota == 0 && records.is_empty() {
                continue;
            }
            all.push(DayLine {
                unit: unit.clone(),
                day,
                planned: quota > 0,
                records,
            });
        }
    }
    Ok(all)
}
