//! Plans one instance file: `solve INSTANCE.json[.gz] SECONDS SEED OUT.json [NAME=VALUE …]`.
//!
//! SECONDS are CPU seconds of search (loading apart); with `iterations=N` they
//! are ignored; `again=N` takes the middle day away and plans the rest again in
//! N steps, beside 40,000 steps from nothing. Other names are those of `Tuning`. Prints one line of figures.

use std::io::Read;
use std::time::Instant;

use zf_routing::{AgainJob, Budget, Instance, Params, Prepared, Silent, again_row, score};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, file, seconds, seed, out, rest @ ..] = args.as_slice() else {
        return Err("usage: solve INSTANCE SECONDS SEED OUT [ITERATIONS]".into());
    };
    let mut bytes = std::fs::read(file)?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut plain)?;
        bytes = plain;
    }
    let instance = Instance::parse_bytes(&bytes)?;
    let began = Instant::now();
    let now = || cpu_seconds().unwrap_or_else(|| began.elapsed().as_secs_f64());
    let loading = now();
    let prepared = Prepared::new(&instance);
    let (loaded, start) = (now() - loading, now());
    let mut params = Params::clock(&now, seconds.parse()?, seed.parse()?);
    let mut again = None;
    for setting in rest {
        let (name, value) = setting.split_once('=').ok_or("settings are NAME=VALUE")?;
        match name {
            "iterations" => params.budget = Budget::Iterations(value.parse()?),
            "again" => again = Some(value.parse()?),
            "hot" => params.tuning.hot = value.parse()?,
            "cold" => params.tuning.cold = value.parse()?,
            "mean_removed" => params.tuning.mean_removed = value.parse()?,
            "longest_string" => params.tuning.longest_string = value.parse()?,
            "absent_offered" => params.tuning.absent_offered = value.parse()?,
            "blink" => params.tuning.blink = value.parse()?,
            "split_string" => params.tuning.split_string = value.parse()?,
            "exchange" => params.tuning.exchange = value.parse()?,
            "most_runs" => params.tuning.most_runs = value.parse()?,
            "swap_shifts" => params.tuning.swap_shifts = value.parse()?,
            "steps_per_task" => params.tuning.steps_per_task = value.parse()?,
            _ => return Err(format!("unknown setting {name}").into()),
        }
    }
    if let Some(steps_again) = again {
        let job = AgainJob {
            steps: 40_000,
            steps_again,
            penalty: 1800,
            seed: params.seed,
            tuning: params.tuning,
        };
        println!("{}", again_row(&instance, &job, &now));
        return Ok(());
    }
    let plan = prepared.solve(&params, &mut Silent);
    let used = now() - start;
    let judged = score(&instance, &plan);
    std::fs::write(out, serde_json::to_string(&plan)?)?;
    println!(
        "cost {} scored {} feasible {} visits {} travel {} points {:.2}% load {loaded:.2}s solve {used:.2}s",
        plan.cost,
        judged.cost,
        judged.feasible(),
        judged.visits,
        judged.travel,
        judged.points_percent,
    );
    Ok(())
}

/// CPU seconds of this process, from the kernel's accounting in nanoseconds.
fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    let nanoseconds: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}
