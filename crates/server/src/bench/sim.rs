//! `zoufang bench sim`: a million visits and more through the real sync code in
//! memory (or in a new database on a PostgreSQL server), under every fault; how
//! fast, and whether anything was lost, doubled or missing.

use super::{On, round};
use crate::error::{CliError, Result};
use serde_json::{Value as Json, json};
use std::path::Path;
use std::time::Instant;
use zf_sim::{Control, Many, More, Outcome, Place, SimError, Where, many, more, simulate};

/// What to run.
#[derive(Clone, Debug)]
pub struct Ask<'a> {
    /// Where.
    pub on: On,
    /// Histories, how long, how many at a time.
    pub many: Many,
    /// Folder for traces.
    pub traces: Option<&'a Path>,
}

fn failed(e: &SimError) -> CliError {
    CliError::system(e)
}

/// Runs the histories.
///
/// # Errors
/// A service failed where it must not, or a trace cannot be written. What is
/// lost, doubled or missing is a finding, not an error.
pub async fn measure(ask: &Ask<'_>, told: &(dyn Fn(u64, &Outcome) + Sync)) -> Result<Json> {
    let began = Instant::now();
    let sum = match &ask.on {
        On::Sqlite => in_memory(ask, told)?,
        On::Postgres(url) => on_server(ask, url, told).await?,
    };
    let seconds = began.elapsed().as_secs_f64();
    let rate = |o: &Outcome, s: f64| round(o.saved as f64 / s.max(1e-9));
    let beside = match ask.many.control {
        Control::None => Some(beside(&ask.on, &ask.many).await?),
        _ => None,
    };
    let sound = sum.is_sound() && beside.as_ref().is_none_or(More::is_sound);
    Ok(json!({
        "bench": "sim", "engine": ask.on.name(), "histories": ask.many.seeds,
        "control": format!("{:?}", ask.many.control),
        "saved": sum.saved, "visits": sum.visits, "kept_aside": sum.aside,
        "batches": sum.batches, "events": sum.events, "duplicates": sum.duplicates,
        "server_stops": sum.server_stops, "phone_stops": sum.phone_stops,
        "lost": sum.lost, "doubled": sum.doubled, "gaps": sum.gaps, "wrong": sum.wrong,
        "faults": sum.faults, "sound": sound,
        "seconds": round(seconds), "saved_per_second": rate(&sum, seconds),
        "beside": beside.as_ref().map(told_beside),
    }))
}

/// Bytes between two cuts of the line in the histories of photos.
const CUT_EVERY: u64 = 500_000;

/// Histories of these at most: one takes as long as some hundred of the others.
const BESIDE_MOST: u64 = 10;

/// Pull, photos and form drift: one history of each for every seed, of the first ones.
async fn beside(on: &On, many: &Many) -> Result<More> {
    let folder = std::env::temp_dir().join(format!("zoufang-sim-{}", std::process::id()));
    let seeds = many.seeds.min(BESIDE_MOST);
    let at = match on {
        On::Sqlite => Where::Memory,
        On::Postgres(url) => Where::Postgres(url),
    };
    let found = more(at, (many.first, seeds), &folder, CUT_EVERY).await;
    let gone = std::fs::remove_dir_all(&folder);
    let found = found.map_err(|e| failed(&e))?;
    gone?;
    Ok(found)
}

fn told_beside(m: &More) -> Json {
    let one = |o: &Outcome| {
        json!({
            "lost": o.lost, "doubled": o.doubled, "wrong": o.wrong, "faults": o.faults,
            "server_stops": o.server_stops, "phone_stops": o.phone_stops,
        })
    };
    let mut all =
        json!({ "pull": one(&m.pulls), "photos": one(&m.photos), "drift": one(&m.drift) });
    all["pull"]["packs_compared"] = m.pulls.visits.into();
    all["pull"]["changes"] = m.pulls.changes.into();
    all["pull"]["revoked"] = m.pulls.revoked.into();
    all["photos"]["photos"] = m.photos.saved.into();
    all["photos"]["cuts"] = m.bytes.cuts.into();
    all["photos"]["bytes_needed"] = m.bytes.needed.into();
    all["photos"]["bytes_sent"] = m.bytes.sent.into();
    all["photos"]["ratio"] = round(m.bytes.ratio()).into();
    all["drift"]["visits"] = m.drift.saved.into();
    all["drift"]["versions"] = m.drift.changes.into();
    all["drift"]["taken_over"] = m.drift.aside.into();
    all
}

fn in_memory(ask: &Ask<'_>, told: &(dyn Fn(u64, &Outcome) + Sync)) -> Result<Outcome> {
    let written = std::sync::Mutex::new(Ok(()));
    let each = |seed: u64, one: &Outcome| {
        told(seed, one);
        if let Some(folder) = ask.traces {
            let file = folder.join(format!("{seed}.jsonl"));
            if let Err(e) = std::fs::write(file, &one.trace)
                && let Ok(mut first) = written.lock()
            {
                *first = Err(e);
            }
        }
    };
    let sum = many(&ask.many, &each).map_err(|e| failed(&e))?;
    written.into_inner().unwrap_or(Ok(()))?;
    Ok(sum)
}

async fn on_server(
    ask: &Ask<'_>,
    url: &str,
    told: &(dyn Fn(u64, &Outcome) + Sync),
) -> Result<Outcome> {
    let mut sum = Outcome::default();
    for seed in ask.many.first..ask.many.first + ask.many.seeds {
        let place = Place::new(Where::Postgres(url)).await;
        let place = place.map_err(|e| failed(&e))?;
        let one = simulate(ask.many.scenario(seed), place.db(), place.crash()).await;
        let one = one.map_err(|e| failed(&e))?;
        told(seed, &one);
        sum.add(one);
    }
    Ok(sum)
}

/// The broken rule of a name on the command line.
pub fn control(name: &str) -> Option<Control> {
    Some(match name {
        "none" => Control::None,
        "no-idempotency" => Control::NoIdempotency,
        "answer-before-commit" => Control::AnswerBeforeCommit,
        "delete-on-send" => Control::DeleteOnSend,
        _ => return None,
    })
}
