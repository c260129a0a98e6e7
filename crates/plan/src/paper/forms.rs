//! Collection forms of a week, one per household to be visited, filled in with
//! what the bank knows already, so that nobody is asked twice: name and address
//! to find the door, the telephone masked, which of the four fields (CUS-016)
//! are missing, the must-visit groups known so far. The questions themselves are
//! those of the pack's form; the page draws them. An ID number is never printed.

use super::card::Preset;
use super::numbers::numbers_give;
use super::store::*;
use crate::definition::Collection;
use crate::form::service::form_in_force;
use crate::groups::ticks::Column;
use crate::groups::ticks::service::columns;
use crate::program::Program;
use crate::targets::Reason;
use crate::targets::groups::Groups;
use crate::targets::words as target_words;
use crate::week_plan::view::clock;
use crate::week_plan::{Route, Stop, Title, WeekPlan, service::week_plan};
use serde_json::json;
use std::collections::HashMap;
use zf_base::code::ErrorCode;
use zf_base::mask::{Permit, Reason as Why};
use zf_base::{CustomerId, Day, IsoWeek, RouteId, StopId, TargetId};
use zf_forms::{Choice, Field, FieldType, Form as FormModel};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::text::clear_text;
use zf_kernel::unit::Unit;
use zf_kernel::{App, Ctx, UnitScope, UnitTx};
use zf_network::customer::service::customer_fetch;
use zf_network::customer::{Customer, FieldState};
use zf_store::params;

/// A form of one household.
#[derive(Clone, Debug)]
pub struct Form {
    /// The stop of the plan.
    pub stop_id: StopId,
    /// The number that finds the household when the form is typed in.
    pub number: i64,
    /// Day.
    pub day: Day,
    /// Team that goes.
    pub team: String,
    /// Place in the route.
    pub order: i64,
    /// When they come.
    pub arrive: String,
    /// Village group.
    pub village_group: Option<String>,
    /// In full.
    pub name: String,
    /// In full.
    pub address: String,
    /// Masked; empty when there is none.
    pub phone_masked: String,
    /// Which of `phone`, `id_number`, `address` the bank does not have.
    pub missing: Vec<&'static str>,
    /// Codes of the must-visit groups known.
    pub groups: Vec<String>,
    /// Why this household, in words.
    pub reasons: Vec<String>,
}

/// A question as it stands on paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Name of the field.
    pub name: String,
    /// The question.
    pub label: String,
    /// Boxes to tick; none means a line to write on.
    pub options: Vec<String>,
    /// More than one box may be ticked.
    pub many: bool,
    /// What is asked of each row of a repeat, e.g. of each further member; printed
    /// as columns over empty lines.
    pub columns: Vec<Question>,
}

/// The questions of a form that are asked on paper, groups opened. What is read,
/// computed or photographed is not; nor is a field that the campaign wants but
/// does not collect at the door (ERR-031: the ID number).
pub fn questions(form: &FormModel, collection: &Collection) -> Vec<Question> {
    let mut all = Vec::new();
    open(&form.fields, collection, &mut all);
    all
}

fn text_of(choice: &Choice) -> String {
    match choice {
        Choice::Plain(text) => text.clone(),
        Choice::Labelled { label, .. } => label.zh().to_owned(),
    }
}

fn label_of(f: &Field) -> String {
    let label = f.label.as_ref();
    label.map_or_else(String::new, |l| l.zh().to_owned())
}

fn open(fields: &[Field], collection: &Collection, all: &mut Vec<Question>) {
    use FieldType::*;
    for f in fields {
        let at_door = !collection.mandatory_fields.contains(&f.name)
            || collection.door_fields.contains(&f.name);
        match f.kind {
            Group => open(&f.fields, collection, all),
            Repeat => {
                let mut columns = Vec::new();
                open(&f.fields, collection, &mut columns);
                all.push(Question {
                    name: f.name.clone(),
                    label: label_of(f),
                    options: Vec::new(),
                    many: false,
                    columns,
                });
            }
            One | Many | Text | Integer | Decimal | Money | Date | Time
                if at_door && f.calculate.is_none() =>
            {
                all.push(Question {
                    name: f.name.clone(),
                    label: label_of(f),
                    options: f.options.iter().map(text_of).collect(),
                    many: f.kind == Many,
                    columns: Vec::new(),
                });
            }
            _ => {}
        }
    }
}

/// The forms of a week or of one route.
#[derive(Clone, Debug)]
pub struct Forms {
    /// What is asked, in order.
    pub questions: Vec<Question>,
    /// Must-visit groups to tick.
    pub columns: Vec<Column>,
    /// Empty lines for the rows of a repeat.
    pub row_lines: u32,
    /// In the order of the routes.
    pub forms: Vec<Form>,
}

/// Forms of a branch's week, or of one of its routes, with the right to see the
/// names; told of before they leave.
///
/// # Errors
/// No plan of that week; no reason; nobody to visit.
pub async fn collection_forms(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    program: &Program,
    week: IsoWeek,
    route: Option<RouteId>,
    reason: &str,
) -> Result<Forms> {
    let plan = week_plan(app, program, scope, week).await?;
    let stops: Vec<(&Route, &Stop)> = households(&plan, route).collect();
    if stops.is_empty() {
        return Err(KernelError::refused(ErrorCode::NOT_FOUND));
    }
    let (permit, numbers) = permit(app, ctx, scope, program, &plan, &stops, reason).await?;
    let columns = columns(app, scope.unit()).await?;
    let groups = program.groups(app)?;
    let model = visit_form(app, scope.unit()).await?;
    let questions = questions(&model, &program.definition.collection);
    let printer = Printer {
        columns: &columns,
        groups: &groups,
        permit: &permit,
    };
    let mut forms = Vec::new();
    for (route, stop) in stops {
        let Some(id) = stop_customer(app, scope, stop).await? else {
            continue;
        };
        let customer = customer_fetch(app, scope, id).await?;
        let number = stop.target_id.and_then(|t| numbers.get(&t).copied());
        forms.push(printer.form(route, stop, &customer, number.unwrap_or_default()));
    }
    Ok(Forms {
        questions,
        columns,
        row_lines: Preset::read()?.row_lines,
        forms,
    })
}

/// The form of a visit that is in force at a unit.
///
/// # Errors
/// There is none, neither of the county nor of a pack.
pub async fn visit_form(app: &App, unit: &Unit) -> Result<FormModel> {
    let preset = Preset::read()?;
    form_in_force(app, unit, &preset.visit_form).await
}

/// Visits of households that stand; a village group has a form of its own.
fn households(plan: &WeekPlan, only: Option<RouteId>) -> impl Iterator<Item = (&Route, &Stop)> {
    let routes = plan
        .routes
        .iter()
        .filter(move |r| only.is_none_or(|id| r.id == id));
    routes.flat_map(|r| {
        let stands = |s: &&Stop| !s.struck && s.off.is_none() && s.target_id.is_some();
        r.stops.iter().filter(stands).map(move |s| (r, s))
    })
}

async fn permit(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    program: &Program,
    plan: &WeekPlan,
    stops: &[(&Route, &Stop)],
    reason: &str,
) -> Result<(Permit, HashMap<TargetId, i64>)> {
    let missing = |_| KernelError::refused(ErrorCode::REVEAL_REASON);
    let reason = Why::new(reason).map_err(missing)?;
    clear_text("reason", reason.as_str())?;
    let detail = json!({
        "program": program.code, "week": plan.header.week, "names": stops.len(),
        "reason": reason.as_str()
    });
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let targets = stops.iter().filter_map(|(_, s)| s.target_id);
    let numbers = numbers_give(&mut tx, program.id, plan.header.week, targets).await?;
    tx.record("plan.forms", "week_plan", plan.header.id, detail);
    tx.commit().await?;
    Ok((Permit::for_reason(reason), numbers))
}

async fn stop_customer(app: &App, scope: &UnitScope, stop: &Stop) -> Result<Option<CustomerId>> {
    let rows = app
        .read_unit(scope.unit_id(), STOP_CUSTOMER, params![stop.target_id])
        .await?;
    rows.first()
        .map(|r| r.get(0))
        .transpose()
        .map_err(Into::into)
}

/// What stands on one form.
struct Printer<'a> {
    columns: &'a [Column],
    groups: &'a Groups,
    permit: &'a Permit,
}

impl Printer<'_> {
    fn form(&self, route: &Route, stop: &Stop, c: &Customer, number: i64) -> Form {
        let name = match &stop.title {
            Title::Householder(name) => name.reveal(self.permit).to_owned(),
            Title::Group(name) => name.clone(),
        };
        let address = c.address.reveal(self.permit).to_owned();
        let mut missing = Vec::new();
        if c.phone_state == FieldState::Empty {
            missing.push("phone");
        }
        if address.is_empty() {
            missing.push("address");
        }
        if c.id_number_state == FieldState::Empty {
            missing.push("id_number");
        }
        // By a tag of the record, or by a rule that chose the household.
        let tags: Vec<String> = c.tags.iter().filter_map(|t| self.groups.tag(t)).collect();
        let chosen = |code: &str| {
            let by_rule = |r: &Reason| matches!(r, Reason::MustVisit { group } if group == code);
            stop.reasons.iter().any(by_rule)
        };
        let known = |column: &&Column| tags.contains(&column.tag) || chosen(&column.code);
        Form {
            stop_id: stop.id,
            number,
            day: route.day,
            team: route.team_name.clone(),
            order: stop.seq,
            arrive: clock(stop.arrive),
            village_group: stop.village_group_name.clone(),
            name,
            address,
            phone_masked: c.phone.masked(),
            missing,
            groups: self
                .columns
                .iter()
                .filter(known)
                .map(|column| column.code.clone())
                .collect(),
            reasons: target_words::reasons(&stop.reasons, self.groups),
        }
    }
}
