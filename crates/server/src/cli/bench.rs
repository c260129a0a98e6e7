//! `zoufang bench import | plan | dedup`: figures of this machine. Each prints a ratio
//! against a reference measured in the same run, because seconds alone say more
//! about the machine than about the program.

use super::common::Out;
use super::dedup;
use super::progress::Progress;
use crate::demo::{self, Home};
use crate::error::{CliError, Result};
use crate::{open, words};
use clap::Subcommand;
use serde_json::json;
use std::time::Instant;
use zf_base::geo::Datum;
use zf_base::{Day, IsoWeek, Uuid};
use zf_demo::{DemoData, DemoSpec, Size};
use zf_kernel::migrations::MIGRATIONS;
use zf_kernel::{App, Ctx, Permission};
use zf_network::import::run::{Reporter, import_run};
use zf_network::import::service::{NewImport, import_start};
use zf_network::import::{Counts, ImportKind};
use zf_plan::program::Program;
use zf_plan::week_plan::assign::{plan_branch, seed_of};
use zf_plan::week_plan::days::week_days;
use zf_plan::week_plan::load::branch_facts;
use zf_plan::week_plan::make::plan_week;
use zf_plan::week_plan::told::Nobody;
use zf_store::Db;
use zf_vault::{Aad, BlindKind, KdfParams, Keyring, Suite};

/// Measure this machine.
#[derive(Subcommand)]
pub enum BenchCommand {
    /// Import of customers against the bare cost of sealing the same fields
    #[command(after_help = "Example:\n  zoufang bench import --quick --json")]
    Import {
        /// A tenth of the rows
        #[arg(long)]
        quick: bool,
        /// With the suite gm
        #[arg(long)]
        gm: bool,
    },
    /// A week's plans of the demo county against solving alone
    #[command(after_help = "Example:\n  zoufang bench plan --quick --json")]
    Plan {
        /// A tenth of the customers
        #[arg(long)]
        quick: bool,
    },
    /// Linkage of a million hard records against joining on equal values
    #[command(after_help = "Example:\n  zoufang bench dedup --quick --json")]
    Dedup {
        /// A tenth of the records
        #[arg(long)]
        quick: bool,
    },
}

/// Runs them.
pub async fn run(command: BenchCommand, out: Out) -> Result<()> {
    let suite = |gm| if gm { Suite::Gm } else { Suite::Intl };
    match command {
        BenchCommand::Import { quick, gm } => import(suite(gm), quick, out).await,
        BenchCommand::Plan { quick } => plan(quick, out).await,
        BenchCommand::Dedup { quick } => dedup::bench(quick, out),
    }
}

/// A quick run takes a tenth of the customers.
fn people(quick: bool, anchor: Day) -> DemoData {
    let spec = DemoSpec {
        size: Size::County,
        seed: 1,
        anchor,
    };
    let mut data = zf_demo::generate(&spec, None);
    if quick {
        data.customers.truncate(data.customers.len() / 10);
    }
    data
}

/// Reading, solving and writing a week for all branches, all threads, against
/// solving alone on one thread.
async fn plan(quick: bool, out: Out) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let app = scratch(&dir.path().join("bench.db"), Suite::Intl).await?;
    let data = people(quick, app.today());
    let (ctx, silent) = (open::machine(&app), Progress::new(true));
    let root = demo::head(&app, &ctx, &data).await?;
    demo::load(&app, &ctx, &root, &data, &silent).await?;
    let owner = demo::home(&app, &root, &data, Home::Middle).await?;
    let program = demo::campaign(&app, &ctx, &owner, &silent).await?;
    let week = ctx.today().week();
    let (reference, solved) = solve_only(&app, &ctx, &program, week).await?;
    let began = Instant::now();
    let summary = plan_week(&app, &ctx, &program, week, None, &Nobody).await?;
    let seconds = began.elapsed().as_secs_f64();
    let planned: i64 = summary.branches.iter().map(|b| b.planned).sum();
    if planned != solved {
        return Err(CliError::system("two runs gave different plans"));
    }
    let branches = summary.branches.len();
    let value = json!({
        "branches": branches, "customers": data.customers.len(), "planned": planned, "plan_seconds": seconds,
        "solve_seconds": reference, "ratio": seconds / reference,
    });
    out.result(&value, words::bench_plan(branches, seconds, reference))
}

/// Seconds of solving, and the households planned.
async fn solve_only(app: &App, ctx: &Ctx, program: &Program, week: IsoWeek) -> Result<(f64, i64)> {
    let calendar = zf_kernel::calendar::work_calendar(app).await?;
    let days = week_days(&program.definition, &calendar, week);
    let tuning = program.tuning()?;
    let (mut seconds, mut planned) = (0.0, 0);
    for scope in program
        .branches(app, ctx, Permission::PlanWrite, None)
        .await?
    {
        let Some(facts) = branch_facts(app, program, &scope, week).await? else {
            continue;
        };
        let seed = seed_of(&scope.unit().code, &week.to_string());
        let began = Instant::now();
        let plan = plan_branch(&program.definition, &tuning, &facts, &days, seed);
        seconds += began.elapsed().as_secs_f64();
        planned += plan.map_err(CliError::system)?.planned;
    }
    Ok((f64::max(seconds, 1e-6), planned))
}

struct Quiet;

impl Reporter for Quiet {
    async fn report(&self, _: Counts) -> zf_kernel::error::Result<()> {
        Ok(())
    }
}

async fn import(suite: Suite, quick: bool, out: Out) -> Result<()> {
    let data = people(quick, Day::new(2016, 10, 10).map_err(CliError::system)?);
    let dir = tempfile::tempdir()?;
    let app = scratch(&dir.path().join("bench.db"), suite).await?;
    let sealing = seal_only(&app.vault, &data);
    let seconds = load(&app, &data).await?;
    let rows = data.customers.len();
    let value = json!({
        "rows": rows, "suite": format!("{suite:?}").to_lowercase(), "import_seconds": seconds,
        "rows_per_second": rows as f64 / seconds, "sealing_seconds": sealing, "ratio": seconds / sealing,
    });
    out.result(&value, words::bench_import(rows, seconds, sealing))
}

async fn scratch(path: &std::path::Path, suite: Suite) -> Result<App> {
    let db = Db::open(&format!("sqlite:{}", path.display())).await?;
    db.migrate(MIGRATIONS).await?;
    let (ring, _) = Keyring::create_with(
        suite,
        "bench",
        KdfParams::TESTS_ONLY,
        &mut zf_vault::os_random,
    )?;
    open::assemble(db, ring).await
}

/// The reference: sealing and indexing the same values, one thread, no database.
fn seal_only(ring: &Keyring, data: &DemoData) -> f64 {
    let began = Instant::now();
    let mut bytes = 0;
    for c in &data.customers {
        let row = Uuid::nil();
        for (column, text) in [
            ("name", &c.name),
            ("phone", &c.phone),
            ("id_number", &c.id_number),
            ("address", &c.address),
        ] {
            bytes += ring
                .seal_text(
                    &Aad {
                        table: "customer",
                        column,
                        unit: row,
                        row,
                    },
                    text,
                )
                .len();
        }
        bytes += ring.blind(BlindKind::Phone, &c.phone).len()
            + ring.blind(BlindKind::IdNumber, &c.id_number).len();
    }
    std::hint::black_box(bytes);
    began.elapsed().as_secs_f64().max(1e-6)
}

/// Seconds for the customers alone.
async fn load(app: &App, data: &DemoData) -> Result<f64> {
    let ctx = open::machine(app);
    let root = demo::head(app, &ctx, data).await?;
    let scope = ctx.scope(Permission::ImportWrite, &root)?;
    let files = [
        (ImportKind::Units, zf_demo::write_units_csv(data)),
        (
            ImportKind::VillageGroups,
            zf_demo::write_village_groups_csv(data),
        ),
        (ImportKind::Customers, zf_demo::write_customers_csv(data)),
    ];
    let mut seconds = 0.0;
    for (kind, text) in files {
        let began = Instant::now();
        let new = NewImport {
            kind,
            file_name: "bench.csv".to_owned(),
            datum: Datum::Wgs84,
            dry_run: false,
        };
        let import = import_start(app, &ctx, &scope, &new, text.as_bytes(), false).await?;
        let done = import_run(app, &ctx, import.id, &Quiet).await?;
        if done.counts.bad > 0 {
            return Err(CliError::system(words::DEMO_REFUSED));
        }
        seconds = began.elapsed().as_secs_f64();
    }
    Ok(seconds)
}
