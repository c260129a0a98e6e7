//! Programs and forms as phones show them: what the visitor needs at the door,
//! in words. Comes from the program's definition and the packs; nothing here
//! is about a customer.

use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use zf_base::{Day, ProgramId};
use zf_forms::Form;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::unit::Unit;
use zf_kernel::{App, Ctx};
use zf_plan::definition::{Definition, Outcome};
use zf_plan::form::service::form_in_force;
use zf_plan::paper::forms::visit_form;
use zf_plan::program::service::program_list;
use zf_plan::program::{Program, State};
use zf_plan::targets::groups::Groups;

/// A program for phones.
pub(super) struct ProgramView {
    pub id: ProgramId,
    pub first_day: Day,
    pub groups: Groups,
    pub data: Json,
}

/// The programs that are named, and those that run between two days.
pub(super) async fn of(
    app: &App,
    ctx: &Ctx,
    unit: &Unit,
    named: &BTreeSet<ProgramId>,
    (first, last): (Day, Day),
) -> Result<BTreeMap<ProgramId, ProgramView>> {
    let mut all = BTreeMap::new();
    let form = visit_form(app, unit).await?;
    for p in program_list(app, ctx).await? {
        let runs = p.state == State::Started && p.first_day <= last && p.last_day >= first;
        if runs || named.contains(&p.id) {
            let view = ProgramView {
                id: p.id,
                first_day: p.first_day,
                groups: p.groups(app)?,
                data: data(app, &p, &form)?,
            };
            all.insert(p.id, view);
        }
    }
    Ok(all)
}

fn data(app: &App, p: &Program, form: &Form) -> Result<Json> {
    let d = &p.definition;
    let counts = |o: &Outcome| d.quota.counting_outcomes.contains(o);
    let gone = |o: &Outcome| d.quota.gone_outcomes.iter().flatten().any(|g| g == o);
    let outcomes = outcomes(form, counts, gone);
    let scripts = d
        .script
        .iter()
        .map(|s| json!({ "role": s.id, "title": s.title, "text": s.text }));
    let places = d.materials.poster_places.iter();
    let places = places
        .map(|c| json!({ "code": c, "label": word(app, "choice.materials.poster_places", c) }));
    Ok(json!({
        "title": p.name, "state": p.state.as_str(),
        "first_day": p.first_day.to_string(), "last_day": p.last_day.to_string(),
        "quota_per_day": d.quota.households_per_outlet_per_day,
        "outcomes": outcomes, "scripts": scripts.collect::<Vec<_>>(),
        "materials": materials(app, d), "gift_cap_fen": d.gift.cap_fen_per_customer.0,
        "notice": notice(form), "form_id": form.id, "form_version": form.version,
        "places": places.collect::<Vec<_>>(),
    }))
}

/// The word of a pack for a code; the code itself when no pack has one.
fn word(app: &App, section: &str, code: &str) -> String {
    let key = format!("{section}.{code}");
    let of = |p: &zf_forms::pack::Pack| p.words.get("zh-CN")?.get(&key).cloned();
    app.packs
        .iter()
        .find_map(of)
        .unwrap_or_else(|| code.to_owned())
}

/// Sheets are capped for each person, gifts by their value.
pub(crate) fn piece_cap(d: &Definition, material: &str) -> Option<i64> {
    let sheet = ["publicity", "publicity_sheet"].contains(&material);
    sheet.then(|| i64::from(d.materials.general_sheets_per_person))
}

fn materials(app: &App, d: &Definition) -> Vec<Json> {
    let carried = d
        .materials
        .carry
        .iter()
        .map(|c| (c, "choice.materials.carry"));
    let printed = d
        .materials
        .printed
        .iter()
        .map(|c| (c, "choice.materials.printed"));
    let mut seen = BTreeSet::new();
    let all = carried
        .chain(printed)
        .map(|(code, section)| (code, word(app, section, code)));
    // What only the stock ledger names: service cards and gifts, so that they are counted there.
    let kept = d.stock.iter().filter(|i| i.counts.contains(&i.id));
    let all = all
        .chain(kept.map(|i| (&i.id, i.title.clone())))
        .filter(|(code, _)| seen.insert((*code).clone()));
    all.map(|(code, name)| {
        json!({ "code": code, "name": name, "per_customer_cap": piece_cap(d, code) })
    })
    .collect()
}

fn outcomes(
    form: &Form,
    counts: impl Fn(&Outcome) -> bool,
    gone: impl Fn(&Outcome) -> bool,
) -> Vec<Json> {
    let options = form.field("outcome").map_or(&[][..], |f| &f.options);
    let one = |o: &zf_forms::Choice| {
        let outcome = Outcome::from_code(o.value());
        let counting = outcome.is_some_and(|o| counts(&o));
        // Whom nobody will find there is not offered again.
        let again = !counting && !outcome.is_some_and(|o| gone(&o));
        json!({ "code": o.value(), "label": o.zh(), "counts": counting, "again": again })
    };
    options.iter().map(one).collect()
}

/// What the visitor shows before asking.
fn notice(form: &Form) -> String {
    let hint = form.field("notice").and_then(|f| f.hint.as_ref());
    hint.map_or_else(String::new, |l| l.zh().to_owned())
}

/// The version in force of every form that the packs know, by its name.
pub(super) async fn forms(app: &App, unit: &Unit) -> Result<Vec<(String, Json)>> {
    let ids: BTreeSet<String> = app.packs.forms().map(|(_, f)| f.id.clone()).collect();
    let mut all = Vec::with_capacity(ids.len());
    for id in ids {
        let form = form_in_force(app, unit, &id).await?;
        let json = serde_json::to_value(&form);
        let json = json.map_err(|_| KernelError::Internal("a form is not JSON".to_owned()))?;
        all.push((format!("{}@{}", form.id, form.version), json));
    }
    Ok(all)
}
