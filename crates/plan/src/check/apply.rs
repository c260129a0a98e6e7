//! Repairs that can be put into the campaign file: a list of edits, each the
//! place of a value and what it becomes. An edit is offered only when the file
//! with it can be read, the finding is gone and no error has come. Pure; who
//! puts the new version in force is for the program.

use super::finding::{Finding, Issue, Repair};
use super::materials::{PROJECT_PRODUCT, print_of};
use super::methods::{lacking, within_cap};
use super::{CheckReport, Network, Severity, figures::Figures, inspect};
use crate::definition::{Aliases, Definition, DefinitionError, Phase, Ring};
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use zf_base::calendar::WorkCalendar;
use zf_base::{Day, Fen};

/// One value of the file: where it stands (sections, ids of list entries,
/// keys), and what it becomes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Edit {
    /// `["phase", "greeting", "start"]`.
    pub path: Vec<String>,
    /// As in the JSON of the file.
    pub value: Json,
}

/// A repair of a finding, by their positions in the report, with its edits.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// Position of the finding.
    pub finding: usize,
    /// Position among its repairs.
    pub repair: usize,
    /// What changes.
    pub edits: Vec<Edit>,
}

/// The file with these edits.
///
/// # Errors
/// The faults of the file that they would make; a place that is not there is
/// one of them.
pub fn apply(d: &Definition, edits: &[Edit]) -> Result<Definition, Vec<DefinitionError>> {
    let mut json = d.to_json();
    for edit in edits {
        if !set(&mut json, &edit.path, &edit.value) {
            let unknown = json!({ edit.path.join("."): edit.value });
            return Definition::from_json(&unknown, &Aliases::default());
        }
    }
    Definition::from_json(&json, &Aliases::default())
}

/// Sets a value; the key itself may be new, its section may not.
fn set(at: &mut Json, path: &[String], value: &Json) -> bool {
    let Some((key, rest)) = path.split_first() else {
        *at = value.clone();
        return true;
    };
    match at {
        Json::Object(map) if rest.is_empty() => {
            map.insert(key.clone(), value.clone());
            true
        }
        Json::Object(map) => map.get_mut(key).is_some_and(|v| set(v, rest, value)),
        Json::Array(items) => items
            .iter_mut()
            .find(|i| i.get("id").and_then(Json::as_str) == Some(key))
            .is_some_and(|i| set(i, rest, value)),
        _ => false,
    }
}

fn edit(path: &[&str], value: impl Serialize) -> Edit {
    Edit {
        path: path.iter().map(|p| (*p).to_owned()).collect(),
        value: serde_json::to_value(value).unwrap_or_default(),
    }
}

/// Which repairs of a report can be applied.
pub(super) fn offers(
    d: &Definition,
    calendar: &WorkCalendar,
    network: &Network,
    report: &CheckReport,
) -> Vec<Offer> {
    let mut all = Vec::new();
    for (finding, f) in report.findings.iter().enumerate() {
        for (repair, r) in f.repairs.iter().enumerate() {
            let Some(edits) = edits(d, f, r) else {
                continue;
            };
            let Ok(changed) = apply(d, &edits) else {
                continue;
            };
            let after = inspect(&changed, calendar, network);
            if is_repaired(report, f, &after) {
                all.push(Offer {
                    finding,
                    repair,
                    edits,
                });
            }
        }
    }
    all
}

/// The finding is gone, and no error is there that was not there before.
fn is_repaired(before: &CheckReport, f: &Finding, after: &CheckReport) -> bool {
    let same = |a: &Finding, b: &Finding| {
        a.issue.code() == b.issue.code() && a.issue.subject() == b.issue.subject()
    };
    let gone = !after.findings.iter().any(|a| same(a, f));
    let errors = after
        .findings
        .iter()
        .filter(|a| a.severity == Severity::Error);
    let known = |a: &Finding| {
        before
            .findings
            .iter()
            .any(|b| b.severity == Severity::Error && same(a, b))
    };
    gone && errors.into_iter().all(known)
}

/// The edits of a repair; none when it is nothing that stands in the file, or
/// when it does not repair by itself.
pub(super) fn edits(d: &Definition, f: &Finding, r: &Repair) -> Option<Vec<Edit>> {
    dates(d, f, r)
        .or_else(|| teams(d, r))
        .or_else(|| sources(d, r))
        .or_else(|| things(d, r))
}

fn dates(d: &Definition, f: &Finding, r: &Repair) -> Option<Vec<Edit>> {
    let program = |start: Day, end: Day| {
        Some(vec![
            edit(&["program", "start"], start),
            edit(&["program", "end"], end),
        ])
    };
    match r {
        Repair::ShiftYears { start, end, .. }
        | Repair::Clip { start, end }
        | Repair::Swap { start, end } => phase_days(d, phase_of(f)?, *start, *end),
        Repair::PhaseDays { phase, start, end } => phase_days(d, &phase.id, *start, *end),
        Repair::StartOn { day, .. } => {
            let p = find(d, phase_of(f)?)?;
            phase_days(d, &p.id, *day, p.end)
        }
        Repair::EndOn { day } => {
            let p = find(d, phase_of(f)?)?;
            phase_days(d, &p.id, p.start, *day)
        }
        Repair::FileBy { day } => Some(vec![edit(&["program", "filing_due"], day)]),
        Repair::MeetBefore { meeting } => {
            Some(vec![edit(&["meeting", &meeting.id, "days_before"], 1)])
        }
        Repair::CampaignDays { start, end } => program(*start, *end),
        Repair::Reorder => {
            let mut phases = d.phase.clone();
            phases.sort_by_key(|p| p.start);
            Some(vec![edit(&["phase"], phases)])
        }
        Repair::SloganTo { customers } => {
            Some(vec![edit(&["program", "slogan_customers"], customers)])
        }
        _ => None,
    }
}

/// The phase whose days a repair changes.
fn phase_of(f: &Finding) -> Option<&str> {
    match &f.issue {
        Issue::PhaseOutside { phase, .. }
        | Issue::PhaseReversed { phase }
        | Issue::MissesFestival { phase, .. } => Some(&phase.id),
        Issue::PhaseOverlap { first, second, .. } if first.start <= second.start => Some(&first.id),
        Issue::PhaseOverlap { second, .. } => Some(&second.id),
        _ => None,
    }
}

fn find<'d>(d: &'d Definition, id: &str) -> Option<&'d Phase> {
    d.phase.iter().find(|p| p.id == id)
}

/// Other days of a phase; the phases before and after make room. None when one
/// of them would have no day left.
fn phase_days(d: &Definition, id: &str, start: Day, end: Day) -> Option<Vec<Edit>> {
    let own = find(d, id)?;
    let mut edits = Vec::new();
    if own.start != start {
        edits.push(edit(&["phase", id, "start"], start));
    }
    if own.end != end {
        edits.push(edit(&["phase", id, "end"], end));
    }
    for p in d.phase.iter().filter(|p| p.id != id && p.start <= p.end) {
        if p.end < start || p.start > end {
            continue;
        }
        if p.start < start {
            edits.push(edit(&["phase", &p.id, "end"], start.plus_days(-1)));
        } else if p.end > end {
            edits.push(edit(&["phase", &p.id, "start"], end.plus_days(1)));
        } else {
            return None;
        }
    }
    Some(edits)
}

fn teams(d: &Definition, r: &Repair) -> Option<Vec<Edit>> {
    let team = |id: &str, key: &str, value: Json| Some(vec![edit(&["team", id, key], value)]);
    match r {
        Repair::SecondTeam {
            team: t,
            still_missing: 0,
            ..
        } => {
            let now = d.team.iter().find(|own| own.id == t.id)?.per_outlet;
            team(&t.id, "per_outlet", json!(now + 1))
        }
        Repair::Teams { team: t, total, .. } | Repair::FewerTeams { team: t, total } => {
            team(&t.id, "per_outlet", json!(total))
        }
        Repair::Daytime {
            team: t,
            still_missing: 0,
            ..
        } => {
            let all: Vec<&str> = d.window.iter().map(|w| w.id.as_str()).collect();
            team(&t.id, "windows", json!(all))
        }
        Repair::AnyRing { team: t } => team(&t.id, "ring", json!(Ring::Any)),
        Repair::AddPost { team: t, post } => {
            let mut posts = d.team.iter().find(|own| own.id == t.id)?.posts.clone();
            posts.push(post.clone());
            team(&t.id, "posts", json!(posts))
        }
        Repair::Quota { households } => Some(vec![edit(
            &["quota", "households_per_outlet_per_day"],
            households,
        )]),
        Repair::Longer { window, end, .. } if Figures::of(d).may_end(*end) => {
            Some(vec![edit(&["window", &window.id, "end"], end)])
        }
        Repair::LunchBreak => {
            let f = Figures::of(d);
            Some(vec![
                edit(&["calendar", "lunch_start"], f.lunch_start),
                edit(&["calendar", "lunch_end"], f.lunch_end),
            ])
        }
        Repair::EndWindow { window, end, .. } => {
            Some(vec![edit(&["window", &window.id, "end"], end)])
        }
        Repair::StartWindow { window, start, .. } => {
            Some(vec![edit(&["window", &window.id, "start"], start)])
        }
        _ => None,
    }
}

fn sources(d: &Definition, r: &Repair) -> Option<Vec<Edit>> {
    match r {
        Repair::TurnOff { titles } => {
            let on = d.channel.iter();
            let on = on.filter(|c| c.enabled && c.needs_basis == Some(true));
            let off = on.filter(|c| titles.contains(&c.title));
            Some(
                off.map(|c| edit(&["channel", &c.id, "enabled"], false))
                    .collect(),
            )
        }
        Repair::Set { key, value } => {
            let path: Vec<&str> = key.split('.').collect();
            let value = match *value {
                "true" => json!(true),
                "false" => json!(false),
                text => json!(text),
            };
            Some(vec![edit(&path, value)])
        }
        Repair::DoorFields { fields } => Some(vec![edit(&["collection", "door_fields"], fields)]),
        Repair::DropPlans { codes } => {
            let mut own: BTreeMap<String, i64> = d.collection.outlets.clone();
            own.retain(|code, _| !codes.contains(code));
            Some(vec![edit(&["collection", "outlets"], own)])
        }
        _ => None,
    }
}

fn things(d: &Definition, r: &Repair) -> Option<Vec<Edit>> {
    match r {
        Repair::Print { items } => {
            let figures = Figures::of(d);
            let mut printed = d.materials.printed.clone();
            printed.extend(items.iter().map(|i| print_of(&figures, i)));
            Some(vec![edit(&["materials", "printed"], printed)])
        }
        Repair::Leave { items } => {
            let without = |all: &[String]| -> Vec<String> {
                all.iter().filter(|i| !items.contains(i)).cloned().collect()
            };
            let (carry, traces) = (without(&d.materials.carry), without(&d.evidence.traces));
            // A visit without any trace cannot be told from none.
            (!traces.is_empty()).then(|| {
                vec![
                    edit(&["materials", "carry"], carry),
                    edit(&["evidence", "traces"], traces),
                ]
            })
        }
        Repair::LinkProduct { project, product } => {
            let mut all = d
                .parameters
                .get(PROJECT_PRODUCT)
                .cloned()
                .unwrap_or_default();
            let id = crate::definition::Scalar::Text(product.id.clone());
            all.insert(project.id.clone(), id);
            Some(vec![edit(&["parameters", PROJECT_PRODUCT], all)])
        }
        Repair::MethodWithout { method, .. } => method_without(d, &method.id),
        Repair::GiftsWithin { market, .. } => {
            let smaller = within_cap(d, *market);
            let one =
                |(id, fen): (String, Fen)| edit(&["gift_scheme", &id, "fen_per_customer"], fen);
            Some(smaller.into_iter().map(one).collect())
        }
        Repair::DropProject { project } => {
            let left: Vec<_> = d.project.iter().filter(|p| p.id != project.id).collect();
            Some(vec![edit(&["project"], left)])
        }
        _ => None,
    }
}

/// A method without the posts, materials, scripts and gifts it lacks.
fn method_without(d: &Definition, id: &str) -> Option<Vec<Edit>> {
    let method = d.method.iter().find(|m| m.id == id)?;
    let gone = lacking(d, method, &Figures::of(d).covered_by);
    let left = |key: &str, all: &[String], gone: &[String]| {
        let kept: Vec<&String> = all.iter().filter(|x| !gone.contains(x)).collect();
        edit(&["method", id, key], kept)
    };
    Some(vec![
        left("posts", &method.posts, &gone.posts),
        left("materials", &method.materials, &gone.materials),
        left("scripts", &method.scripts, &gone.scripts),
        left("gifts", &method.gifts, &gone.gifts),
    ])
}
