//! `zoufang route solve | check | bench`: the pure planner on instance files.
//! `--seconds` are CPU seconds of search per thread, so a busy machine makes the
//! run longer, not the plan worse. Every plan is scored again by the independent
//! scorer before it is written.

use super::common::{Out, read_file, write_file};
use super::progress::Progress;
use crate::error::{CliError, Result};
use crate::words;
use clap::Subcommand;
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;
use std::path::{Path, PathBuf};
use zf_routing::{AgainJob, Instance, Params, Prepared, Score, Solution, Tuning, again_row, score};

/// The planner on instance files (zoufang-visit-plan-1).
#[derive(Subcommand)]
pub enum RouteCommand {
    /// Plan an instance
    #[command(
        after_help = "Example:\n  zoufang route solve instance.json.gz --seconds 10 --out solution.json"
    )]
    Solve(SolveArgs),
    /// Score a plan independently; exit code 1 and every violation when it is not feasible
    #[command(after_help = "Example:\n  zoufang route check instance.json.gz solution.json --json")]
    Check {
        /// INSTANCE.json or .json.gz
        instance: PathBuf,
        /// The plan
        solution: PathBuf,
    },
    /// Plan the published rows and compare with the prototype's cost
    #[command(
        after_help = "Example:\n  zoufang route bench --row zf-S --instances benches/routing"
    )]
    Bench {
        /// Only this row: zf-S, zf-M, zf-L or again (a lost day of zf-S planned again)
        #[arg(long)]
        row: Option<String>,
        /// Folder with the instance files
        #[arg(long, default_value = "benches/routing", value_name = "DIR")]
        instances: PathBuf,
        /// One CPU second instead of ten
        #[arg(long)]
        quick: bool,
    },
}

/// Plan an instance.
#[derive(clap::Args)]
pub struct SolveArgs {
    /// INSTANCE.json or .json.gz
    instance: PathBuf,
    /// CPU seconds of search per thread [default: 10]
    #[arg(long, conflicts_with = "iterations")]
    seconds: Option<f64>,
    /// Steps of search instead of seconds: same seed, same plan on every machine
    #[arg(long)]
    iterations: Option<u64>,
    /// Independent searches at the same time; the best plan counts
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    threads: u32,
    /// Seed of the first search
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where to write the plan
    #[arg(long, value_name = "SOLUTION.json")]
    out: PathBuf,
}

#[derive(Clone, Copy)]
enum Effort {
    Seconds(f64),
    Steps(u64),
}

/// Runs them.
pub fn run(command: RouteCommand, out: Out) -> Result<()> {
    match command {
        RouteCommand::Solve(args) => run_solve(&args, out),
        RouteCommand::Check { instance, solution } => check(&instance, &solution, out),
        RouteCommand::Bench {
            row,
            instances,
            quick,
        } => bench(row.as_deref(), &instances, quick, out),
    }
}

fn load(path: &Path) -> Result<Instance> {
    let parsed = Instance::parse_bytes(&read_file(path)?);
    parsed.map_err(|e| CliError::Input(e.0.iter().map(ToString::to_string).collect()))
}

/// CPU seconds of this thread.
pub(super) fn cpu_seconds() -> f64 {
    let t = clock_gettime(ClockId::ThreadCPUTime);
    t.tv_sec as f64 + t.tv_nsec as f64 / 1e9
}

/// The best of some independent searches; of equal ones that of the lowest seed.
fn search(prepared: &Prepared<'_>, effort: Effort, threads: u32, seed: u64) -> Result<Solution> {
    let one = |seed: u64| {
        let now = || cpu_seconds();
        let params = match effort {
            Effort::Seconds(s) => Params::clock(&now, s, seed),
            Effort::Steps(n) => Params::iterations(n, seed),
        };
        prepared.solve(&params, &mut zf_routing::Silent)
    };
    let mut plans = std::thread::scope(|scope| {
        let started: Vec<_> = (0..u64::from(threads))
            .map(|i| scope.spawn(move || one(seed.wrapping_add(i))))
            .collect();
        started
            .into_iter()
            .filter_map(|t| t.join().ok())
            .collect::<Vec<_>>()
    });
    if plans.len() != threads as usize {
        return Err(CliError::system("a search ended abnormally"));
    }
    plans.sort_by_key(|p| p.cost);
    plans
        .into_iter()
        .next()
        .ok_or_else(|| CliError::system("no search was run"))
}

/// Scores a plan of ours; a difference would be a fault of the program.
fn judged(instance: &Instance, plan: &Solution) -> Result<Score> {
    let found = score(instance, plan);
    if !found.feasible() || found.cost != plan.cost {
        return Err(CliError::system(format!(
            "the plan does not pass its own check: {:?}",
            found.violations
        )));
    }
    Ok(found)
}

fn run_solve(args: &SolveArgs, out: Out) -> Result<()> {
    let effort = match (args.seconds, args.iterations) {
        (_, Some(n)) => Effort::Steps(n),
        (s, None) => Effort::Seconds(s.unwrap_or(10.0)),
    };
    if let Effort::Seconds(s) = effort
        && !(s.is_finite() && s > 0.0)
    {
        return Err(CliError::Usage(words::SECONDS_POSITIVE.to_owned()));
    }
    let progress = Progress::new(out.json);
    let instance = load(&args.instance)?;
    let prepared = Prepared::new(&instance);
    let plan = search(&prepared, effort, args.threads, args.seed)?;
    let found = judged(&instance, &plan)?;
    write_file(
        &args.out,
        format!("{}\n", serde_json::to_string(&plan)?).as_bytes(),
    )?;
    let value = figures(&found, plan.unserved.len(), progress.seconds());
    out.result(
        &value,
        words::route_solved(
            found.visits,
            found.routes,
            found.cost,
            found.travel,
            &args.out,
        ),
    )
}

fn figures(s: &Score, unserved: usize, seconds: f64) -> serde_json::Value {
    json!({
        "feasible": s.feasible(), "cost": s.cost, "prize": s.prize, "travel_seconds": s.travel, "wait_seconds": s.wait,
        "visits": s.visits, "routes": s.routes, "points_percent": s.points_percent, "must_percent": s.must_percent,
        "top_percent": s.top_percent, "unserved": unserved, "wall_seconds": seconds,
    })
}

fn check(instance: &Path, solution: &Path, out: Out) -> Result<()> {
    let instance = load(instance)?;
    let plan: Solution = serde_json::from_slice(&read_file(solution)?)
        .map_err(|e| CliError::input(words::file_unreadable(solution, &e.to_string())))?;
    let found = score(&instance, &plan);
    let violations: Vec<String> = found.violations.iter().map(ToString::to_string).collect();
    let mut value = figures(
        &found,
        instance.tasks.len().saturating_sub(found.visits),
        0.0,
    );
    value["violations"] = json!(violations);
    if let Some(map) = value.as_object_mut() {
        map.remove("wall_seconds");
    }
    if found.feasible() {
        return out.result(
            &value,
            words::route_good(found.visits, found.routes, found.cost, found.travel),
        );
    }
    if out.json {
        out.result(&value, "")?;
    }
    Err(CliError::Input(violations))
}

/// Rows of the prototype: name, cost after 10 and after 1 CPU second.
const ROWS: [(&str, i64, i64); 3] = [
    ("zf-S", 129_626, 130_112),
    ("zf-M", 1_499_554, 1_570_779),
    ("zf-L", 9_852_830, 10_666_142),
];

fn bench(row: Option<&str>, folder: &Path, quick: bool, out: Out) -> Result<()> {
    let known = |r: &str| r == AGAIN_ROW || ROWS.iter().any(|(name, ..)| *name == r);
    if row.is_some_and(|r| !known(r)) {
        return Err(CliError::Usage(words::ROUTE_ROWS.to_owned()));
    }
    for (name, long, short) in ROWS
        .iter()
        .filter(|(name, ..)| row.is_none_or(|r| r == *name))
    {
        let (seconds, reference) = if quick { (1.0, *short) } else { (10.0, *long) };
        let instance = load(&folder.join(format!("{name}.json.gz")))?;
        let progress = Progress::new(out.json);
        let plan = search(&Prepared::new(&instance), Effort::Seconds(seconds), 1, 1)?;
        let found = judged(&instance, &plan)?;
        let ratio = found.cost as f64 / reference as f64;
        let value = json!({
            "row": name, "cpu_seconds": seconds, "cost": found.cost, "reference": reference, "ratio": ratio,
            "visits": found.visits, "wall_seconds": progress.seconds(),
        });
        out.result(
            &value,
            format!("{name}: {} / {reference} = {ratio:.4}", found.cost),
        )?;
    }
    if row.is_none_or(|r| r == AGAIN_ROW) {
        bench_again(&load(&folder.join("zf-S.json.gz"))?, out)?;
    }
    Ok(())
}

/// The row of a week that is planned again after its middle day was lost.
const AGAIN_ROW: &str = "again";

/// A week planned again beside the same week planned from nothing.
fn bench_again(instance: &Instance, out: Out) -> Result<()> {
    // The steps and the price of a change that the week plan's preset has.
    let job = AgainJob {
        steps: 40_000,
        steps_again: 8_000,
        penalty: 1_800,
        seed: 1,
        tuning: Tuning::default(),
    };
    let row = again_row(instance, &job, &cpu_seconds);
    let value = json!({
        "row": format!("{} again", row.instance), "lost_day": row.lost_day, "lost_visits": row.lost, "open_visits": row.open,
        "cpu_seconds": row.again.seconds, "reference_seconds": row.fresh.seconds, "ratio": row.time_ratio(),
        "changed": row.again.changed, "reference_changed": row.fresh.changed,
        "cost": row.again.cost, "reference": row.fresh.cost, "cost_ratio": row.cost_ratio(),
        "feasible": row.again.feasible && row.fresh.feasible,
    });
    out.result(&value, row.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const SOUND: &str = r#"{"format": "zoufang-visit-plan-1", "days": 1,
        "depot": {"lat": 27.0, "lon": 105.0},
        "travel": {"kind": "haversine", "earth_km": 6371.0088, "detour": 1.3, "kmh": 30.0},
        "routes": [{"id": 71, "day": 0, "team": 0, "shift": "day", "start": 32400, "end": 61200, "max_visits": 10}],
        "tasks": [{"id": 501, "lat": 27.01, "lon": 105.02, "prize": 18000, "service": 600,
            "tw": [32400, 61200], "days": [0]}]}"#;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(text).unwrap();
        packer.finish().unwrap()
    }

    /// Plans a file; the exit code, what is said, and whether a plan was written.
    fn planned(bytes: &[u8]) -> (u8, String, bool) {
        let folder = tempfile::tempdir().unwrap();
        let instance = folder.path().join("i.json.gz");
        let out = folder.path().join("plan.json");
        std::fs::write(&instance, bytes).unwrap();
        let args = SolveArgs {
            instance,
            seconds: None,
            iterations: Some(100),
            threads: 1,
            seed: 1,
            out: out.clone(),
        };
        let (code, said) = match run_solve(&args, Out { json: true }) {
            Ok(()) => (0, String::new()),
            Err(e) => (e.code(), e.to_string()),
        };
        (code, said, out.exists())
    }

    #[test]
    fn a_packed_instance_is_planned_like_a_plain_one() {
        assert_eq!(planned(SOUND.as_bytes()), (0, String::new(), true));
        assert_eq!(planned(&packed(SOUND.as_bytes())), (0, String::new(), true));
    }

    #[test]
    fn a_broken_packing_is_refused_and_leaves_no_plan() {
        let whole = packed(SOUND.as_bytes());
        let mut wrong_sum = whole.clone();
        let at = wrong_sum.len() - 6;
        wrong_sum[at] ^= 0x55;
        let mut wrong_middle = whole.clone();
        wrong_middle[whole.len() / 2] ^= 0xff;
        let mut rest = whole.clone();
        rest.extend_from_slice(b"and more that is no gzip");
        let broken = [
            whole[..whole.len() / 2].to_vec(),
            whole[..12].to_vec(),
            vec![0x1f, 0x8b],
            wrong_sum,
            wrong_middle,
            rest,
            packed(b""),
            packed(b"[1, 2"),
        ];
        for (i, bytes) in broken.iter().enumerate() {
            let (code, said, written) = planned(bytes);
            assert_eq!((code, written), (1, false), "case {i}: {said}");
            assert!(!said.is_empty(), "case {i} says nothing");
        }
    }

    #[test]
    fn a_small_file_that_unpacks_to_a_full_memory_is_refused() {
        let part = vec![b' '; 1 << 20];
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        for _ in 0..513 {
            packer.write_all(&part).unwrap();
        }
        let (code, said, written) = planned(&packer.finish().unwrap());
        assert_eq!((code, written), (1, false));
        assert!(said.contains("512 MB"), "{said}");
    }
}
