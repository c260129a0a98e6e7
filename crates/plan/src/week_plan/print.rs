//! The printed plan: a workbook per branch and the page's print view, with the
//! householders' names in full. Printing is a reveal of its own kind: own branch
//! only, one audit event with program and week, written before the names leave.

use super::service::week_plan;
use super::sweep::{methods, takes};
use super::view::clock;
use super::{Route, Stop, Title, WeekPlan, words};
use crate::definition::Definition;
use crate::program::Program;
use crate::targets::groups::Groups;
use crate::targets::words as target_words;
use serde_json::json;
use zf_base::code::ErrorCode;
use zf_base::mask::{FreeNote, Kind, Permit, Reason};
use zf_base::{IsoWeek, limits};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::setting::is_demo;
use zf_kernel::unit::Unit;
use zf_kernel::{App, Ctx, UnitScope, UnitTx};
use zf_office::{
    BookMeta, Fonts, TeamPlan, VisitLine, WeekOverview, WeekPlanBook, WeekPlanSheet,
    write_week_plan,
};

/// Writes the event of a printed plan and gives the right to the names.
pub async fn print_permit(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    program: &Program,
    plan: &WeekPlan,
    reason: &str,
) -> Result<Permit> {
    let missing = |_| KernelError::refused(ErrorCode::REVEAL_REASON);
    let reason = Reason::new(reason).map_err(missing)?;
    check_reason(&reason, plan)?;
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let names = plan
        .routes
        .iter()
        .flat_map(|r| &r.stops)
        .filter(|s| s.target_id.is_some() && !s.struck)
        .count();
    let detail = json!({
        "program": program.code, "week": plan.header.week, "version": plan.header.version,
        "names": names, "reason": reason.as_str()
    });
    tx.record("plan.print", "week_plan", plan.header.id, detail);
    tx.commit().await?;
    Ok(Permit::for_reason(reason))
}

/// A reason is kept in clear, so it must not say who it is about.
fn check_reason(reason: &Reason, plan: &WeekPlan) -> Result<()> {
    let text = reason.as_str();
    let permit = Permit::for_reason(Reason::CHECK);
    let says = |stop: &Stop| match &stop.title {
        Title::Householder(name) => {
            let name = name.reveal(&permit);
            name.chars().count() > 1 && text.contains(name)
        }
        Title::Group(_) => false,
    };
    // A note's mask stars long runs of digits; nothing to star means none.
    if plan.routes.iter().flat_map(|r| &r.stops).any(says) || FreeNote::mask(text) != text {
        return Err(KernelError::field("reason", "reason.personal"));
    }
    if text.chars().count() > limits::REASON_CHARS_MAX {
        return Err(KernelError::field("reason", "field.too_long"));
    }
    Ok(())
}

/// The workbook of one branch and week: file name and bytes.
///
/// # Errors
/// No plan for this week; the writer's own faults.
pub async fn week_plan_workbook(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    program: &Program,
    week: IsoWeek,
) -> Result<(String, Vec<u8>)> {
    let plan = week_plan(app, program, scope, week).await?;
    let reason = words::print_reason(&program.code, week);
    let permit = print_permit(app, ctx, scope, program, &plan, &reason).await?;
    let printer = Printer {
        app,
        definition: &program.definition,
        branch: &scope.unit().name,
        unit: scope.unit(),
        groups: program.groups(app)?,
        quota: program.quota(app, scope, week.monday()).await?,
        permit,
        plan: &plan,
    };
    let tuning = program.tuning()?;
    let book = WeekPlanBook {
        meta: BookMeta {
            title: words::title(printer.branch),
            author: words::AUTHOR.to_owned(),
            created: plan.header.made_at,
        },
        fonts: Fonts {
            title: tuning.title_font,
            body: tuning.body_font,
        },
        words: words::week_plan_words(is_demo(app).await?),
        overview: printer.overview(&program.name),
        days: printer.days(),
    };
    let written = tokio::task::spawn_blocking(move || write_week_plan(&book)).await;
    let written = written.map_err(|e| KernelError::Internal(e.to_string()))?;
    let bytes = written.map_err(|e| KernelError::Internal(e.to_string()))?;
    Ok((words::file_name(&scope.unit().name, week), bytes))
}

struct Printer<'a> {
    app: &'a App,
    definition: &'a Definition,
    branch: &'a str,
    unit: &'a Unit,
    groups: Groups,
    quota: i64,
    permit: Permit,
    plan: &'a WeekPlan,
}

impl Printer<'_> {
    fn sentence(&self) -> String {
        let h = &self.plan.header;
        words::shortfall(h.needed, h.carried, h.planned)
    }

    fn routes_of(&self, day: zf_base::Day) -> impl Iterator<Item = &Route> {
        self.plan
            .routes
            .iter()
            .filter(move |r| r.day == day && r.stops.iter().any(|s| !s.struck))
    }

    fn households(&self, day: zf_base::Day) -> i64 {
        self.routes_of(day)
            .flat_map(|r| &r.stops)
            .filter(|s| !s.struck)
            .map(|s| s.households)
            .sum()
    }

    fn overview(&self, program: &str) -> WeekOverview {
        let mut rows = Vec::new();
        for day in &self.plan.days {
            let teams = self.routes_of(day.day).count();
            let km: i64 = self.routes_of(day.day).map(|r| r.travel_meters).sum();
            let note = words::day_note(day);
            let date = words::short_day(day.day);
            let figures = match day.planned() {
                true => [
                    teams.to_string(),
                    self.households(day.day).to_string(),
                    kilometres(km),
                ],
                false => [String::new(), String::new(), String::new()],
            };
            let date = if note.is_empty() {
                date
            } else {
                format!("{date}（{note}）")
            };
            let [teams, planned, km] = figures;
            rows.push(vec![
                words::weekday(day.day),
                date,
                teams,
                planned,
                km,
                String::new(),
            ]);
        }
        let h = &self.plan.header;
        let blank = String::new;
        WeekOverview {
            sheet_name: words::OVERVIEW_SHEET.to_owned(),
            title: words::title(self.branch),
            subtitle: format!("{program}　{}", words::week_span(h.week)),
            shortfall: vec![self.sentence()],
            headers: words::overview_headers(),
            rows,
            total: vec![
                words::TOTAL.to_owned(),
                blank(),
                blank(),
                h.planned.to_string(),
                kilometres(h.travel_meters),
                blank(),
            ],
            notes: vec![words::KEEP_NOTE.to_owned()],
        }
    }

    fn days(&self) -> Vec<WeekPlanSheet> {
        let planned = self.plan.days.iter().filter(|d| d.planned());
        let sheet = |day: &super::days::PlanDay| WeekPlanSheet {
            sheet_name: words::sheet_name(day.day),
            title: words::title(self.branch),
            subtitle: words::subtitle(self.branch, day.day),
            note: words::day_note(day),
            shortfall: words::day_box(&self.sentence(), self.households(day.day), self.quota),
            teams: self.teams(day.day),
            closing: vec![words::SIGN_LINE.to_owned()],
        };
        planned.map(sheet).collect()
    }

    fn teams(&self, day: zf_base::Day) -> Vec<TeamPlan> {
        let teams: Vec<TeamPlan> = self.routes_of(day).map(|r| self.team(r)).collect();
        if teams.is_empty() {
            return vec![TeamPlan {
                heading: words::NO_ROUTES.to_owned(),
                window: String::new(),
                visits: vec![],
            }];
        }
        teams
    }

    fn team(&self, route: &Route) -> TeamPlan {
        let members = member_words(self.app, route);
        let km = route.travel_meters as f64 / 1000.0;
        let window = words::window(
            &clock(route.starts),
            &clock(route.ends),
            km,
            &clock(route.back_at),
        );
        let takes = words::takes(&takes(self.app, self.definition, route));
        let methods = methods(self.definition, self.unit, route);
        let titles: Vec<&str> = methods.iter().map(|m| m.title.as_str()).collect();
        let parts = [window, takes, words::methods(&titles)];
        let filled: Vec<String> = parts.into_iter().filter(|p| !p.is_empty()).collect();
        let window = filled.join("　");
        let stops = route.stops.iter().filter(|s| !s.struck);
        TeamPlan {
            heading: format!("{}　{}", route.team_name, words::members(&members)),
            window,
            visits: stops
                .enumerate()
                .map(|(at, s)| self.visit(at as u32 + 1, s))
                .collect(),
        }
    }

    fn visit(&self, order: u32, stop: &Stop) -> VisitLine {
        let (householder, reason) = match &stop.title {
            Title::Householder(name) => {
                let reasons = target_words::reasons(&stop.reasons, &self.groups);
                (name.reveal(&self.permit).to_owned(), reasons.join("；"))
            }
            Title::Group(_) => (
                words::SWEEP_HOUSEHOLDER.to_owned(),
                words::sweep_reason(stop.households),
            ),
        };
        VisitLine {
            order,
            village_group: stop.village_group_name.clone().unwrap_or_default(),
            time: clock(stop.arrive),
            householder,
            reason,
            remarks: if stop.approximate {
                words::APPROXIMATE.to_owned()
            } else {
                String::new()
            },
        }
    }
}

/// Members with their posts in words.
pub fn member_words(app: &App, route: &Route) -> Vec<String> {
    let post = |code: &str| {
        app.packs
            .post(code)
            .map_or_else(|| code.to_owned(), |p| p.name.zh.clone())
    };
    let member = |m: &super::MemberName| {
        let person = super::facts::Person {
            post: m.post.clone(),
            name: m.name.clone(),
        };
        words::member(&person, &post(&m.post))
    };
    route.members.iter().map(member).collect()
}

/// Kilometres with one decimal.
fn kilometres(meters: i64) -> String {
    format!("{:.1}", meters as f64 / 1000.0)
}
