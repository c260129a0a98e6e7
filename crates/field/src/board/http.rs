//! HTTP of the board and of the summary table with its workbook. Requests
//! become calls of `service`; the totals are the sums of the rows shown. Knows no
//! statement; goes out as counts, codes and names of colleagues.

use super::book::workbook;
use super::{BoardLine, Counts, Person, Phone, SummaryLine, service};
use crate::label::{Question, Text};
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::Day;
use zf_kernel::error::KernelError;
use zf_kernel::{Ctx, Permission};
use zf_plan::program::service::program_fetch;
use zf_web::{Access, Answer, Api, Caller, Download, Problem, WebState, download};

/// Days of one summary table at most: a month.
const DAYS_MAX: i32 = 31;

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let read = Access::Needs(Permission::PlanRead);
    api.op(read, routes!(board_get))
        .op(read, routes!(summary_get))
        .op(read, routes!(summary_book))
}

/// Which day.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BoardQuery {
    /// `YYYY-MM-DD`; today when absent.
    day: Option<String>,
}

/// Which days.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SummaryQuery {
    /// `YYYY-MM-DD`; today when absent.
    from: Option<String>,
    /// The last day; the first when absent.
    to: Option<String>,
}

/// Counts of visits.
#[derive(Serialize, ToSchema)]
pub struct SummaryCounts {
    /// Households due.
    quota: i64,
    /// Households visited, each once a day.
    households: i64,
    visits: i64,
    members: i64,
    valid_records: i64,
    /// Visits by outcome code.
    outcomes: BTreeMap<String, i64>,
}

/// A colleague who is out.
#[derive(Serialize, ToSchema)]
pub struct BoardPerson {
    name: String,
    visits: i64,
}

/// What a phone last reported.
#[derive(Serialize, ToSchema)]
pub struct BoardPhone {
    user_name: String,
    /// Records that it still held.
    unsent: i64,
    /// When the oldest of them was written.
    oldest: Option<String>,
    seen_at: String,
}

/// A branch on the board.
#[derive(Serialize, ToSchema)]
pub struct BoardRow {
    unit_id: Uuid,
    unit_code: String,
    unit_name: String,
    counts: SummaryCounts,
    /// Visits that were in the system before the day was over.
    same_day: i64,
    by_desk: i64,
    by_phone: i64,
    people: Vec<BoardPerson>,
    phones: Vec<BoardPhone>,
    open_reviews: i64,
}

/// All visible branches on a day.
#[derive(Serialize, ToSchema)]
pub struct Board {
    day: String,
    today: String,
    /// When the figures were read.
    as_of: String,
    items: Vec<BoardRow>,
    total: SummaryCounts,
    same_day: i64,
    /// Records that phones still held at their last report.
    unsent: i64,
}

/// How often an option was chosen, by question, then by option; none = never.
type Chosen = BTreeMap<String, BTreeMap<String, i64>>;

/// An option that is counted.
#[derive(Serialize, ToSchema)]
pub struct SummaryOption {
    value: String,
    label: Text,
}

/// A question whose options are counted.
#[derive(Serialize, ToSchema)]
pub struct SummaryQuestion {
    name: String,
    label: Text,
    options: Vec<SummaryOption>,
}

/// A branch and day of the summary table.
#[derive(Serialize, ToSchema)]
pub struct SummaryRow {
    unit_id: Uuid,
    unit_code: String,
    unit_name: String,
    day: String,
    counts: SummaryCounts,
    /// How often an option was chosen, by question and option.
    choices: Chosen,
}

/// The summary table.
#[derive(Serialize, ToSchema)]
pub struct Summary {
    from: String,
    to: String,
    today: String,
    /// When the figures were read.
    as_of: String,
    items: Vec<SummaryRow>,
    total: SummaryCounts,
    /// Questions of the form whose options are counted, in its order.
    questions: Vec<SummaryQuestion>,
    /// The sum of `choices` of the rows.
    total_choices: Chosen,
}

fn counts(quota: i64, c: &Counts) -> SummaryCounts {
    SummaryCounts {
        quota,
        households: c.households,
        visits: c.visits,
        members: c.members,
        valid_records: c.valid_records,
        outcomes: c.outcomes.clone(),
    }
}

fn person(p: Person) -> BoardPerson {
    BoardPerson {
        name: p.name,
        visits: p.visits,
    }
}

fn phone(p: Phone) -> BoardPhone {
    BoardPhone {
        user_name: p.user_name,
        unsent: p.unsent,
        oldest: p.oldest.map(|t| t.to_string()),
        seen_at: p.seen_at.to_string(),
    }
}

fn board_row(l: BoardLine) -> BoardRow {
    BoardRow {
        unit_id: l.unit.id.uuid(),
        unit_code: l.unit.code,
        unit_name: l.unit.name,
        counts: counts(l.quota, &l.counts),
        same_day: l.counts.same_day,
        by_desk: l.counts.by_desk,
        by_phone: l.counts.by_phone,
        people: l.people.into_iter().map(person).collect(),
        phones: l.phones.into_iter().map(phone).collect(),
        open_reviews: l.open_reviews,
    }
}

fn summary_row(l: &SummaryLine) -> SummaryRow {
    SummaryRow {
        unit_id: l.unit.id.uuid(),
        unit_code: l.unit.code.clone(),
        unit_name: l.unit.name.clone(),
        day: l.day.to_string(),
        counts: counts(l.quota, &l.counts),
        choices: chosen(&l.counts),
    }
}

fn chosen(c: &Counts) -> Chosen {
    let mut all = Chosen::new();
    for ((question, option), n) in &c.choices {
        let of = all.entry(question.clone()).or_default();
        of.insert(option.clone(), *n);
    }
    all
}

fn question(q: Question) -> SummaryQuestion {
    let option = |(value, label)| SummaryOption { value, label };
    SummaryQuestion {
        name: q.name,
        label: q.label,
        options: q.options.into_iter().map(option).collect(),
    }
}

fn sum<'a>(lines: impl Iterator<Item = (i64, &'a Counts)>) -> (SummaryCounts, i64) {
    let (mut all, mut due) = (Counts::default(), 0);
    for (quota, c) in lines {
        due += quota;
        all.add(c);
    }
    (counts(due, &all), all.same_day)
}

fn day(text: Option<&str>, name: &'static str, otherwise: Day) -> Answer<Day> {
    let fault = |_| Problem::from(KernelError::field(name, "field.day"));
    text.map_or(Ok(otherwise), |t| t.parse().map_err(fault))
}

fn days(query: &SummaryQuery, ctx: &Ctx) -> Answer<(Day, Day)> {
    let from = day(query.from.as_deref(), "from", ctx.today())?;
    let to = day(query.to.as_deref(), "to", from)?;
    if !(0..DAYS_MAX).contains(&from.days_until(to)) {
        return Err(KernelError::field("to", "field.range").into());
    }
    Ok((from, to))
}

/// What every branch has done on a day, and who is out.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/board", operation_id = "board_get",
    params(("program_id" = Uuid, Path), BoardQuery), responses((status = 200, body = Board)))]
async fn board_get(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<BoardQuery>,
) -> Answer<Json<Board>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let on = day(query.day.as_deref(), "day", ctx.today())?;
    let lines = service::board(app, ctx, &program, on).await?;
    let (total, same_day) = sum(lines.iter().map(|l| (l.quota, &l.counts)));
    let phones = lines.iter().flat_map(|l| &l.phones);
    Ok(Json(Board {
        day: on.to_string(),
        today: ctx.today().to_string(),
        as_of: ctx.now.to_string(),
        total,
        same_day,
        unsent: phones.map(|p| p.unsent).sum(),
        items: lines.into_iter().map(board_row).collect(),
    }))
}

/// The summary table of some days.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/summary", operation_id = "summary_get",
    params(("program_id" = Uuid, Path), SummaryQuery), responses((status = 200, body = Summary)))]
async fn summary_get(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<SummaryQuery>,
) -> Answer<Json<Summary>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let (from, to) = days(&query, ctx)?;
    let table = service::summary(app, ctx, &program, from, to).await?;
    let lines = &table.lines;
    let mut all = Counts::default();
    lines.iter().for_each(|l| all.add(&l.counts));
    Ok(Json(Summary {
        from: from.to_string(),
        to: to.to_string(),
        today: ctx.today().to_string(),
        as_of: ctx.now.to_string(),
        total: counts(lines.iter().map(|l| l.quota).sum(), &all),
        total_choices: chosen(&all),
        items: lines.iter().map(summary_row).collect(),
        questions: table.questions.into_iter().map(question).collect(),
    }))
}

/// The summary table of some days as a workbook.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/summary.xlsx", operation_id = "summary_book",
    params(("program_id" = Uuid, Path), SummaryQuery), responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>)))]
async fn summary_book(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<SummaryQuery>,
) -> Answer<Download> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let (from, to) = days(&query, ctx)?;
    let table = service::summary(app, ctx, &program, from, to).await?;
    let (name, now) = (program.name.clone(), ctx.now);
    let made = tokio::task::spawn_blocking(move || workbook(&name, (from, to), now, &table)).await;
    let (name, bytes) = made.map_err(|e| KernelError::Internal(e.to_string()))??;
    Ok(download(&name, bytes))
}
