//! `zoufang plan week`: the plans of a week for all branches of a campaign, or
//! for those at or below one unit, and a workbook per branch. The planning is the
//! plan room's; here are the options, the files and the figures printed.

use super::common::{Out, installation, write_file};
use super::progress::Progress;
use crate::config::Flags;
use crate::error::{CliError, Result};
use crate::{disk, open, words};
use clap::Subcommand;
use serde_json::json;
use std::path::{Path, PathBuf};
use zf_base::IsoWeek;
use zf_kernel::{App, Ctx, Permission};
use zf_plan::week_plan::make::{Became, BranchResult, Summary, plan_weeks};
use zf_plan::week_plan::print::week_plan_workbook;
use zf_plan::week_plan::program::by_code;
use zf_plan::week_plan::told::Told;

/// Week plans.
#[derive(Subcommand)]
pub enum PlanCommand {
    /// Plan a week; confirmed plans are left alone
    #[command(
        after_help = "Example:\n  zoufang plan week --campaign household-visit-2016 --week 2026-W48 --weeks 4 --out plans\n\nThe workbooks hold full names: each is told of in the audit log."
    )]
    Week {
        /// Code of the campaign
        #[arg(long, value_name = "C")]
        campaign: String,
        /// Week, e.g. 2026-W48 [default: this week]
        #[arg(long)]
        week: Option<String>,
        /// How many weeks from there on; with --json one object a week
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=WEEKS_MAX))]
        weeks: u8,
        /// Code of a branch, or of a unit above branches
        #[arg(long, value_name = "U")]
        unit: Option<String>,
        /// Folder for one workbook per branch
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

/// Weeks of one call: a quarter.
const WEEKS_MAX: i64 = 13;

struct Shown<'a>(&'a Progress);

impl Told for Shown<'_> {
    async fn told(&self, done: i64, total: i64, name: &str) -> zf_kernel::error::Result<()> {
        self.0.count(name, done, total);
        Ok(())
    }
}

/// Runs it.
pub async fn run(command: PlanCommand, flags: Flags, out: Out) -> Result<()> {
    let PlanCommand::Week {
        campaign,
        week,
        weeks,
        unit,
        out: folder,
    } = command;
    let named = week
        .map(|w| {
            w.parse::<IsoWeek>()
                .map_err(|_| CliError::Usage(words::bad_week(&w)))
        })
        .transpose()?;
    let (app, _) = installation(&flags).await?;
    let ctx = open::machine(&app);
    let mut week = named.unwrap_or(ctx.today().week());
    for _ in 0..weeks {
        let progress = Progress::new(out.json);
        let told = Shown(&progress);
        let summary = plan_weeks(&app, &ctx, &campaign, week, unit.as_deref(), &told).await?;
        progress.clear();
        let seconds = progress.seconds();
        let files = match &folder {
            Some(folder) => workbooks(&app, &ctx, &campaign, &summary, folder).await?,
            None => vec![],
        };
        if let Some(folder) = &folder {
            progress.line(&words::workbooks_written(files.len(), folder));
        }
        print(&summary, &files, seconds, out)?;
        week = week.next();
    }
    app.db.close().await?;
    Ok(())
}

/// One workbook per branch that has a plan.
async fn workbooks(
    app: &App,
    ctx: &Ctx,
    campaign: &str,
    summary: &Summary,
    folder: &Path,
) -> Result<Vec<PathBuf>> {
    disk::private_folder(folder)?;
    let program = by_code(app, ctx, Permission::PlanRead, campaign).await?;
    let mut files = Vec::new();
    for b in summary
        .branches
        .iter()
        .filter(|b| b.became != Became::NoPlace)
    {
        let scope = program
            .branch(app, ctx, Permission::PlanRead, b.unit_id)
            .await?;
        let (name, bytes) = week_plan_workbook(app, ctx, &scope, &program, summary.week).await?;
        let path = folder.join(name);
        write_file(&path, &bytes)?;
        files.push(path);
    }
    Ok(files)
}

fn state(b: &BranchResult) -> &'static str {
    match b.became {
        Became::Planned => "planned",
        Became::Released => "confirmed",
        Became::NoPlace => "no_place",
    }
}

fn print(summary: &Summary, files: &[PathBuf], seconds: f64, out: Out) -> Result<()> {
    let (mut planned, mut needed) = (0, 0);
    let mut rows = Vec::new();
    let mut text = Vec::new();
    for b in &summary.branches {
        planned += b.planned;
        needed += b.needed;
        text.push(words::branch_planned(
            &b.code,
            &b.name,
            (b.planned, b.needed, b.left),
            words::became(state(b)),
        ));
        rows.push(json!({
            "unit": b.code, "name": b.name, "state": state(b), "planned": b.planned, "needed": b.needed,
            "carried": b.carried, "left": b.left, "routes": b.routes
        }));
    }
    text.push(words::week_planned(
        summary.week,
        summary.branches.len(),
        planned,
        needed,
        seconds,
    ));
    let value = json!({
        "program": summary.program, "week": summary.week, "planned": planned, "needed": needed,
        "seconds": seconds, "branches": rows, "files": files
    });
    out.result(&value, text.join("\n"))
}
