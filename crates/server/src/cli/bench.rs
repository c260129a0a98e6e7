//! `zoufang bench`: figures of this machine. Each prints a ratio against a
//! reference measured in the same run, because seconds alone say more about the
//! machine than about the program. What is measured is in `crate::bench`; the
//! week's plans are measured here.

use super::common::{Out, config};
use super::dedup;
use super::progress::Progress;
use crate::bench::rows::Spec;
use crate::bench::{self, On};
use crate::config::Flags;
use crate::demo::{self, Home};
use crate::error::{CliError, Result};
use crate::{open, words};
use clap::Subcommand;
use serde_json::json;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use zf_base::{Day, IsoWeek};
use zf_demo::{DemoData, DemoSpec, Size};
use zf_kernel::migrations::MIGRATIONS;
use zf_kernel::{App, Ctx, Permission};
use zf_plan::program::Program;
use zf_plan::week_plan::assign::{plan_branch, seed_of};
use zf_plan::week_plan::days::week_days;
use zf_plan::week_plan::load::branch_facts;
use zf_plan::week_plan::make::{plan_one, plan_week};
use zf_plan::week_plan::told::Nobody;
use zf_store::Db;
use zf_vault::{KdfParams, Keyring, Suite};

/// Measure this machine.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Import of a million customers against the database's own loader
    #[command(
        after_help = "Examples:\n  zoufang bench import --quick --json\n  zoufang bench import --rows 1000000 --sorted\n\nWith ZOUFANG_DB_URL or --db postgres://… it measures in a new database on that server."
    )]
    Import {
        /// Customers
        #[arg(long, default_value_t = 1_000_000)]
        rows: u64,
        /// Branches
        #[arg(long, default_value_t = 36)]
        branches: u64,
        /// Branch after branch instead of mixed
        #[arg(long)]
        sorted: bool,
        /// A twentieth of the rows
        #[arg(long)]
        quick: bool,
        /// Only the first load with the suite intl
        #[arg(long)]
        short: bool,
    },
    /// Lists, filters, look-ups and the overview over a million customers against the bare statements
    #[command(after_help = "Example:\n  zoufang bench customers --quick --json")]
    Customers {
        /// Customers
        #[arg(long, default_value_t = 1_000_000)]
        rows: u64,
        /// Branches
        #[arg(long, default_value_t = 50)]
        branches: u64,
        /// Calls of each kind
        #[arg(long, default_value_t = 1_000)]
        calls: usize,
        /// A twentieth of the rows
        #[arg(long)]
        quick: bool,
    },
    /// A rule of a must-visit group tried over a county, and households proposed in a large branch
    #[command(after_help = "Example:\n  zoufang bench groups --json")]
    Groups {
        /// Customers
        #[arg(long, default_value_t = 45_000)]
        rows: u64,
        /// Branches
        #[arg(long, default_value_t = 36)]
        branches: u64,
        /// Customers of the branch in which households are looked for
        #[arg(long, default_value_t = 20_000)]
        branch_rows: u64,
        /// Tries of the rule
        #[arg(long, default_value_t = 5)]
        calls: usize,
    },
    /// Phones that hand in ten visits at a time against the same rows by a bare client
    #[command(after_help = "Example:\n  zoufang bench push --quick --json")]
    Push {
        /// Phones at once
        #[arg(long, default_value_t = 32)]
        phones: usize,
        /// Batches of each
        #[arg(long, default_value_t = 20)]
        batches: usize,
        /// A quarter of the batches
        #[arg(long)]
        quick: bool,
    },
    /// Phones of a large branch that ask what is new
    #[command(after_help = "Example:\n  zoufang bench pull --quick --json")]
    Pull {
        /// Customers of the branch
        #[arg(long, default_value_t = 15_000)]
        customers: u64,
        /// Pulls of each kind
        #[arg(long, default_value_t = 300)]
        calls: usize,
        /// A fifth of the pulls
        #[arg(long)]
        quick: bool,
    },
    /// Import of a workbook of 100,000 rows
    #[command(after_help = "Example:\n  zoufang bench xlsx --quick --json")]
    Xlsx {
        /// Customers
        #[arg(long, default_value_t = 100_000)]
        rows: u64,
        /// A tenth of the rows
        #[arg(long)]
        quick: bool,
    },
    /// A week's plans of the demo county against solving alone
    #[command(after_help = "Example:\n  zoufang bench plan --quick --json")]
    Plan {
        /// A tenth of the customers
        #[arg(long)]
        quick: bool,
    },
    /// Simulated phones, network and crashes against the real sync code: nothing lost, doubled or missing
    #[command(
        after_help = "Examples:\n  zoufang bench sim --seeds 20 --visits 1000000\n  zoufang bench sim --control delete-on-send --visits 2000 --seeds 1\n\nWith ZOUFANG_DB_URL or --db postgres://… it runs in new databases on that server. Exits with 1 when anything was lost, doubled, missing or wrong."
    )]
    Sim {
        /// Histories, each from a seed of its own
        #[arg(long, default_value_t = 20)]
        seeds: u64,
        /// First seed
        #[arg(long, default_value_t = 1)]
        first: u64,
        /// Visits and corrections in all
        #[arg(long, default_value_t = 1_000_000)]
        visits: usize,
        /// Phones in each history
        #[arg(long, default_value_t = 200)]
        phones: usize,
        /// Branches in each history
        #[arg(long, default_value_t = 20)]
        branches: usize,
        /// Histories at a time
        #[arg(long, default_value_t = 2)]
        threads: usize,
        /// A rule to break on purpose: no-idempotency, answer-before-commit, delete-on-send
        #[arg(long, default_value = "none")]
        control: String,
        /// Folder for traces of one phone of each history
        #[arg(long)]
        traces: Option<PathBuf>,
        /// Events of a trace
        #[arg(long, default_value_t = 500)]
        traced: usize,
    },
    /// Server and phones as processes, killed at random while visits with photos are uploaded
    #[command(
        after_help = "Examples:\n  zoufang bench kill --visits 5000\n  zoufang bench kill --visits 200 --control delete-on-send --json\n\nWith ZOUFANG_DB_URL or --db postgres://… it runs in a new database on that server. Exits with 1 when anything was lost, doubled or missing."
    )]
    Kill {
        /// Visits in all, each with a photo of 20 KB
        #[arg(long, default_value_t = 500)]
        visits: usize,
        /// Phones
        #[arg(long, default_value_t = 6)]
        phones: usize,
        /// Seed of the moments
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// A rule that the phones break on purpose: no-idempotency, delete-on-send
        #[arg(long, default_value = "none")]
        control: String,
    },
    /// The server's disk fills up while visits with photos are uploaded, and is given space again
    #[command(after_help = "Example:\n  zoufang bench full-disk --visits 300 --json")]
    FullDisk {
        /// Visits in all, each with a photo of 20 KB
        #[arg(long, default_value_t = 300)]
        visits: usize,
        /// Phones
        #[arg(long, default_value_t = 4)]
        phones: usize,
        /// Seed
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Limit the length of files instead of mounting a small disk
        #[arg(long)]
        limit: bool,
    },
    /// One phone of `bench kill`, in the folder with its orders
    #[command(
        hide = true,
        after_help = "Example:\n  zoufang bench phone --folder phone-0"
    )]
    Phone {
        /// Its disk
        #[arg(long)]
        folder: PathBuf,
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
pub async fn run(command: BenchCommand, flags: Flags, out: Out) -> Result<()> {
    let url = config(&flags)?.db_url.value;
    let on = On::from_url(Some(&url));
    let few = |rows: u64, quick: bool, part: u64| if quick { rows / part } else { rows };
    let spec = |rows, branches, sorted| Spec {
        rows,
        branches,
        sorted,
        later: false,
    };
    match command {
        BenchCommand::Import {
            rows,
            branches,
            sorted,
            quick,
            short,
        } => {
            let spec = spec(few(rows, quick, 20), branches, sorted);
            let found = bench::import::measure(&bench::import::Ask { spec, on, short }).await?;
            out.result(&found, bench::words::shown(&found))
        }
        BenchCommand::Customers {
            rows,
            branches,
            calls,
            quick,
        } => {
            let spec = spec(few(rows, quick, 20), branches, true);
            let found = bench::customers::measure(&spec, &on, calls).await?;
            out.result(&found, bench::words::shown(&found))
        }
        BenchCommand::Groups {
            rows,
            branches,
            branch_rows,
            calls,
        } => {
            let spec = spec(rows, branches, true);
            let found = bench::groups::measure(&spec, &on, calls, branch_rows).await?;
            out.result(&found, bench::words::shown(&found))
        }
        BenchCommand::Xlsx { rows, quick } => {
            let spec = spec(few(rows, quick, 10), 12, false);
            let found = bench::xlsx::measure(&spec, &on).await?;
            out.result(&found, bench::words::shown(&found))
        }
        BenchCommand::Plan { quick } => plan(quick, out).await,
        BenchCommand::Dedup { quick } => dedup::bench(quick, out),
        other => run_field(other, on, out).await,
    }
}

/// Runs those of the field: push, pull and the simulator.
async fn run_field(command: BenchCommand, on: On, out: Out) -> Result<()> {
    match command {
        BenchCommand::Push {
            phones,
            batches,
            quick,
        } => {
            let batches = if quick { batches.div_ceil(4) } else { batches };
            let found = bench::sync::measure_push(&on, phones, batches).await?;
            out.result(&found, bench::words::shown(&found))
        }
        BenchCommand::Pull {
            customers,
            calls,
            quick,
        } => {
            let calls = if quick { calls.div_ceil(5) } else { calls };
            let found = bench::sync::measure_pull(&on, customers, calls).await?;
            out.result(&found, bench::words::shown(&found))
        }
        BenchCommand::Sim {
            seeds,
            first,
            visits,
            phones,
            branches,
            threads,
            control,
            traces,
            traced,
        } => {
            let named = bench::sim::control(&control);
            let many = zf_sim::Many {
                first,
                seeds,
                visits: visits.div_ceil(seeds.max(1) as usize),
                phones,
                branches: branches.max(1),
                control: named.ok_or_else(|| CliError::Usage(words::CONTROL_UNKNOWN.to_owned()))?,
                traced: if traces.is_some() { traced } else { 0 },
                threads,
            };
            let traces = traces.as_deref();
            sim(&bench::sim::Ask { on, many, traces }, out).await
        }
        other => run_processes(other, on, out).await,
    }
}

/// Runs those that start processes of their own.
async fn run_processes(command: BenchCommand, on: On, out: Out) -> Result<()> {
    let found = match command {
        BenchCommand::Kill {
            visits,
            phones,
            seed,
            control,
        } => {
            if !bench::kill::CONTROLS.contains(&control.as_str()) {
                return Err(CliError::Usage(words::RULE_UNKNOWN.to_owned()));
            }
            let ask = bench::kill::Ask {
                on,
                visits,
                phones: phones.max(1),
                seed,
                control,
            };
            bench::kill::measure(&ask).await?
        }
        BenchCommand::FullDisk {
            visits,
            phones,
            seed,
            limit,
        } => {
            let ask = bench::full::Ask {
                visits,
                phones: phones.max(1),
                seed,
                limit,
            };
            bench::full::measure(&ask).await?
        }
        BenchCommand::Phone { folder } => return Ok(bench::kill::phone::run(&folder)?),
        other => {
            let told = format!("no measurement of the field: {other:?}");
            return Err(CliError::system(told));
        }
    };
    let sound = found["sound"] == true;
    out.result(&found, bench::words::shown(&found))?;
    match sound {
        true => Ok(()),
        false => Err(CliError::input(words::KILL_UNSOUND)),
    }
}

/// Runs the simulation; what is lost, doubled or missing is an error of the input to this program: its own code.
async fn sim(ask: &bench::sim::Ask<'_>, out: Out) -> Result<()> {
    if let Some(folder) = ask.traces {
        std::fs::create_dir_all(folder)?;
    }
    let progress = Progress::new(out.json);
    let done = AtomicI64::new(0);
    let told = |_: u64, _: &zf_sim::Outcome| {
        let n = done.fetch_add(1, Ordering::Relaxed) + 1;
        progress.count(words::SIM_HISTORIES, n, ask.many.seeds as i64);
    };
    let found = bench::sim::measure(ask, &told).await?;
    progress.clear();
    let sound = found["sound"] == true;
    out.result(&found, bench::words::shown(&found))?;
    match sound {
        true => Ok(()),
        false => Err(CliError::input(words::SIM_UNSOUND)),
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
    let again = again(&app, &ctx, &program, week.next()).await?;
    let value = json!({
        "branches": branches, "customers": data.customers.len(), "planned": planned, "plan_seconds": seconds,
        "solve_seconds": reference, "ratio": seconds / reference,
        "again_ms": bench::percentile(&again, 500), "again_ms_slowest": bench::percentile(&again, 1000),
    });
    let line = words::bench_plan(branches, seconds, reference);
    let again = words::bench_again(bench::percentile(&again, 500));
    out.result(&value, format!("{line}\n{again}"))
}

/// Planning a week of one branch a second time, as for sick leave: reading,
/// searching and writing, fastest first.
async fn again(app: &App, ctx: &Ctx, program: &Program, week: IsoWeek) -> Result<Vec<Duration>> {
    let mut all = Vec::new();
    for scope in program
        .branches(app, ctx, Permission::PlanWrite, None)
        .await?
    {
        plan_one(app, ctx, program, &scope, week).await?;
        let began = Instant::now();
        plan_one(app, ctx, program, &scope, week).await?;
        all.push(began.elapsed());
    }
    all.sort_unstable();
    Ok(all)
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
