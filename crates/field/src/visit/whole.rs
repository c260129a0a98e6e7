//! One visit as a page shows it: its form with the answers, where it was, who
//! went, what it said before and who decided what. What was said of people is
//! masked here, whoever asks; in full it goes out through a reveal alone.
//! Reads the branch's rows and the form of the visit's own version; changes
//! nothing.

use super::Visit;
use super::payload::VisitPayload;
use super::service::visit_fetch;
use super::store::*;
use crate::sealed::{REVISION, REVISION_REASON, VISIT};
use crate::words;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use uuid::Uuid;
use zf_base::geo::{Meters, Point, haversine_m};
use zf_base::mask::{Address, FreeNote, IdNumber, Kind, Masked, PersonName, Phone};
use zf_base::{ProgramId, StopId, Timestamp, UnitId, VisitId};
use zf_forms::{Field, FieldType, Form};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, UnitScope};
use zf_plan::form::service::form_of_answers;
use zf_plan::program::service::programs_by_ids;
use zf_store::params;

/// What stands for a text that is masked whole.
const HIDDEN: &str = "••••";

/// A visit with everything around it.
pub struct Whole {
    /// States and counts.
    pub visit: Visit,
    /// Name of the campaign; none when it may not be seen.
    pub program: Option<String>,
    /// Number of the household.
    pub household_no: Option<String>,
    /// Where the household is, and whether somebody pinned its door.
    pub home: Option<(Point, bool)>,
    /// Who went.
    pub visitors: Vec<String>,
    /// The form in the visit's version; none when nobody knows it any more.
    pub form: Option<Form>,
    /// Answers by field, masked.
    pub answers: Map<String, Json>,
    /// Begun at the door, and finished.
    pub times: (Option<Timestamp>, Option<Timestamp>),
    /// Where it was written, in WGS-84, and how exact that is.
    pub spot: Option<(Point, Option<f64>)>,
    /// From there to the household.
    pub apart: Option<Meters>,
    /// What the phone noticed, in sentences.
    pub signals: Vec<&'static str>,
    /// What it said before, oldest first.
    pub revisions: Vec<Revision>,
    /// What was to be looked at, oldest first.
    pub reviews: Vec<Look>,
}

/// What a visit said before an amendment.
pub struct Revision {
    /// Its number then.
    pub rev: i64,
    /// 见面情况 then.
    pub outcome: String,
    /// Amended.
    pub replaced_at: Timestamp,
    /// By.
    pub replaced_by: String,
    /// Why, with numbers masked.
    pub reason: Option<String>,
    /// Fields that the next text has otherwise, with what they said before and
    /// after, masked.
    pub changes: Vec<Change>,
}

/// A field that was amended.
pub struct Change {
    /// Its name.
    pub field: String,
    /// Masked.
    pub before: Json,
    /// Masked.
    pub after: Json,
}

/// Something that was to be looked at.
pub struct Look {
    /// Its id.
    pub id: Uuid,
    /// Why, in sentences.
    pub reasons: Vec<&'static str>,
    /// `open`, `accepted`, `rejected`.
    pub state: String,
    /// Since.
    pub made_at: Timestamp,
    /// Decided.
    pub decided_at: Option<Timestamp>,
    /// By.
    pub decided_by: Option<String>,
    /// Why.
    pub decision_reason: Option<String>,
}

fn unreadable() -> KernelError {
    KernelError::Internal("a stored visit is not readable".to_owned())
}

fn payload(text: &[u8]) -> Result<VisitPayload> {
    serde_json::from_slice(text).map_err(|_| unreadable())
}

/// Everything about a visit that a page may show.
///
/// # Errors
/// No such visit in the branch.
pub async fn visit_whole(app: &App, ctx: &Ctx, scope: &UnitScope, id: VisitId) -> Result<Whole> {
    let unit = scope.unit_id();
    let visit = visit_fetch(app, scope, id).await?;
    let says = app.read_unit(unit, VISIT_SAYS, params![id]).await?;
    let sealed: Vec<u8> = says.first().ok_or_else(unreadable)?.get(0)?;
    let said = payload(&VISIT.open(app, unit, id.uuid(), &sealed)?)?;
    let form = form_of_answers(app, &said.form_id, said.form_version).await?;
    let (household_no, home) = home(app, unit, &visit).await?;
    let spot = said.position.as_ref().and_then(|p| {
        let point = Point::from_datum(p.datum, p.lat, p.lon).ok()?;
        Some((point, p.accuracy_m))
    });
    let apart = home
        .zip(spot)
        .map(|((home, _), (spot, _))| haversine_m(home, spot));
    let mut whole = Whole {
        program: program(app, ctx, visit.program_id).await?,
        household_no,
        home,
        visitors: visitors(app, unit, id).await?,
        answers: masked(form.as_ref(), &said.answers),
        times: (said.started_at, said.ended_at),
        spot,
        apart,
        signals: signals(said.other.get("signals")),
        revisions: revisions(app, unit, id, form.as_ref(), &said).await?,
        reviews: looks(app, unit, id).await?,
        form,
        visit,
    };
    if whole.visit.state == super::REJECTED {
        // Nobody is shown where somebody lives for a visit that did not happen.
        whole.home = None;
    }
    Ok(whole)
}

async fn program(app: &App, ctx: &Ctx, id: ProgramId) -> Result<Option<String>> {
    let found = programs_by_ids(app, ctx, &[id].into()).await?;
    Ok(found.into_values().next().map(|p| p.name))
}

type Home = (Option<String>, Option<(Point, bool)>);

async fn home(app: &App, unit: UnitId, visit: &Visit) -> Result<Home> {
    let Some(household) = visit.household_id else {
        return Ok((None, None));
    };
    let rows = app.read_unit(unit, VISIT_HOME, params![household]).await?;
    let Some(r) = rows.first() else {
        return Ok((None, None));
    };
    let at: (Option<f64>, Option<f64>) = (r.get(1)?, r.get(2)?);
    let point =
        at.0.zip(at.1)
            .and_then(|(lat, lon)| Point::new(lat, lon).ok());
    let pinned: bool = r.get(3)?;
    let point = match (point, visit.stop_id) {
        // The plan places a household by its village group or outlet when nothing better is known.
        (None, Some(stop)) => planned(app, unit, stop).await?,
        (point, _) => point,
    };
    Ok((r.get(0)?, point.map(|p| (p, pinned))))
}

async fn planned(app: &App, unit: UnitId, stop: StopId) -> Result<Option<Point>> {
    let rows = app.read_unit(unit, VISIT_STOP, params![stop]).await?;
    let Some(r) = rows.first() else {
        return Ok(None);
    };
    Ok(Point::new(r.get(0)?, r.get(1)?).ok())
}

async fn visitors(app: &App, unit: UnitId, id: VisitId) -> Result<Vec<String>> {
    let rows = app.read_unit(unit, VISIT_VISITORS, params![id]).await?;
    rows.iter().map(|r| Ok(r.get(0)?)).collect()
}

async fn looks(app: &App, unit: UnitId, id: VisitId) -> Result<Vec<Look>> {
    let rows = app.read_unit(unit, VISIT_LOOKS, params![id]).await?;
    let mut all = Vec::with_capacity(rows.len());
    for r in &rows {
        let codes: String = r.get(1)?;
        let codes = codes.split(' ').filter(|c| !c.is_empty());
        all.push(Look {
            id: r.get(0)?,
            reasons: codes.map(words::review_reason).collect(),
            state: r.get(2)?,
            made_at: r.get(3)?,
            decided_at: r.get(4)?,
            decided_by: r.get(5)?,
            decision_reason: r.get(6)?,
        });
    }
    Ok(all)
}

async fn revisions(
    app: &App,
    unit: UnitId,
    id: VisitId,
    form: Option<&Form>,
    now: &VisitPayload,
) -> Result<Vec<Revision>> {
    let rows = app.read_unit(unit, VISIT_REVISIONS, params![id]).await?;
    let mut texts: Vec<Map<String, Json>> = Vec::with_capacity(rows.len() + 1);
    let mut all = Vec::with_capacity(rows.len());
    for r in &rows {
        let own: Uuid = r.get(0)?;
        let (sealed, reason): (Vec<u8>, Option<Vec<u8>>) = (r.get(3)?, r.get(6)?);
        texts.push(payload(&REVISION.open(app, unit, own, &sealed)?)?.answers);
        let reason = match reason {
            Some(sealed) => Some(REVISION_REASON.open(app, unit, own, &sealed)?),
            None => None,
        };
        all.push(Revision {
            rev: r.get(1)?,
            outcome: r.get(2)?,
            replaced_at: r.get(4)?,
            replaced_by: r.get(5)?,
            reason: reason.map(|text| mask::<FreeNote>(&String::from_utf8_lossy(&text))),
            changes: vec![],
        });
    }
    texts.push(now.answers.clone());
    for (revision, two) in all.iter_mut().zip(texts.windows(2)) {
        revision.changes = changes(form, &two[0], &two[1]);
    }
    Ok(all)
}

fn changes(
    form: Option<&Form>,
    before: &Map<String, Json>,
    after: &Map<String, Json>,
) -> Vec<Change> {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let (old, new) = (masked(form, before), masked(form, after));
    let of = |map: &Map<String, Json>, name: &str| map.get(name).cloned().unwrap_or_default();
    let changed = names
        .into_iter()
        .filter(|n| before.get(*n) != after.get(*n));
    let change = |name: &String| Change {
        field: name.clone(),
        before: of(&old, name),
        after: of(&new, name),
    };
    changed.map(change).collect()
}

fn mask<K: Kind>(clear: &str) -> String {
    Masked::<K>::new(clear).masked()
}

/// Answers with everything masked that could say who somebody is.
fn masked(form: Option<&Form>, answers: &Map<String, Json>) -> Map<String, Json> {
    let mut kinds = BTreeMap::new();
    if let Some(form) = form {
        kinds_of(&form.fields, &mut kinds);
    }
    masked_row(&kinds, answers)
}

type Kinds<'f> = BTreeMap<&'f str, FieldType>;

/// Names of fields are unique in a form, rows and groups included.
fn kinds_of<'f>(fields: &'f [Field], into: &mut Kinds<'f>) {
    for field in fields {
        into.insert(&field.name, field.kind);
        kinds_of(&field.fields, into);
    }
}

fn masked_row(kinds: &Kinds<'_>, row: &Map<String, Json>) -> Map<String, Json> {
    let one = |(name, value): (&String, &Json)| (name.clone(), masked_value(kinds, name, value));
    row.iter().map(one).collect()
}

fn masked_value(kinds: &Kinds<'_>, name: &str, value: &Json) -> Json {
    use FieldType::*;
    match (kinds.get(name), value) {
        (_, Json::Null) => Json::Null,
        (Some(One | Many | Integer | Decimal | Money | Date | Time), value) => value.clone(),
        (Some(Repeat), Json::Array(rows)) => {
            let row = |r: &Json| match r {
                Json::Object(row) => Json::Object(masked_row(kinds, row)),
                _ => Json::Null,
            };
            Json::Array(rows.iter().map(row).collect())
        }
        (_, Json::String(text)) => Json::String(masked_text(name, text)),
        _ => Json::String(HIDDEN.to_owned()),
    }
}

/// The four fields as everywhere; other texts are hidden whole.
fn masked_text(name: &str, text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    match name.strip_prefix("member_").unwrap_or(name) {
        "name" => mask::<PersonName>(text),
        "phone" => mask::<Phone>(text),
        "id_number" => mask::<IdNumber>(text),
        "address" => mask::<Address>(text),
        _ => HIDDEN.to_owned(),
    }
}

/// What a phone noticed about place and time, in sentences.
fn signals(noticed: Option<&Json>) -> Vec<&'static str> {
    let is = |name: &str| noticed.and_then(|s| s.get(name)) == Some(&Json::Bool(true));
    let known = words::SIGNALS.iter().filter(|(name, _)| is(name));
    known.map(|(_, sentence)| *sentence).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const FORM: &str = r#"{"id":"f","version":1,"fields":[
        {"name":"outcome","type":"one","label":"见面情况","options":["self"]},
        {"name":"g","type":"group","fields":[
            {"name":"name","type":"text","label":"姓名"},
            {"name":"members","type":"repeat","fields":[
                {"name":"member_phone","type":"text","label":"电话"},
                {"name":"relation","type":"one","label":"关系","options":["child"]}]},
            {"name":"remarks","type":"text","label":"备注"},
            {"name":"amount","type":"money","label":"金额"},
            {"name":"spot","type":"location","label":"位置"}]}]}"#;

    fn shown(answers: Json) -> Json {
        let form = Form::from_json(FORM.as_bytes()).unwrap();
        Json::Object(masked(Some(&form), answers.as_object().unwrap()))
    }

    #[test]
    fn choices_and_figures_are_shown_and_nothing_that_says_who_somebody_is() {
        let said = json!({
            "outcome": "self", "name": "王建国", "amount": 100, "remarks": "住在老王隔壁",
            "members": [{ "member_phone": "13712349050", "relation": "child" }],
            "spot": { "lat": 30.1, "lon": 104.2 }, "unknown": "李四", "empty": null,
        });
        assert_eq!(
            shown(said),
            json!({
                "outcome": "self", "name": "王**", "amount": 100, "remarks": "••••",
                "members": [{ "member_phone": "137****9050", "relation": "child" }],
                "spot": "••••", "unknown": "••••", "empty": null,
            })
        );
    }

    #[test]
    fn without_its_form_everything_is_hidden() {
        let said = json!({ "outcome": "self", "members": [{ "member_phone": "13712349050" }] });
        let shown = masked(None, said.as_object().unwrap());
        assert_eq!(
            Json::Object(shown),
            json!({ "outcome": "••••", "members": "••••" })
        );
    }

    #[test]
    fn a_changed_name_is_told_as_changed_though_both_are_masked_alike() {
        let form = Form::from_json(FORM.as_bytes()).unwrap();
        let (a, b) = (
            json!({ "name": "王建国", "amount": 1 }),
            json!({ "name": "王建军", "amount": 1 }),
        );
        let found = changes(Some(&form), a.as_object().unwrap(), b.as_object().unwrap());
        let told: Vec<_> = found
            .iter()
            .map(|c| (c.field.as_str(), &c.before, &c.after))
            .collect();
        assert_eq!(told, [("name", &json!("王**"), &json!("王**"))]);
    }
}
