//! Figures for a Prometheus scraper, written by hand in its text format:
//! requests by route template and status, durations, open jobs, the database
//! writer, the build. Labels are templates and numbers, never a path, a name
//! or an id, so nothing personal can get in and the number of series is bounded
//! by the number of routes.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds of the buckets, seconds.
const BOUNDS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

#[derive(Default)]
struct Route {
    /// Per status.
    statuses: BTreeMap<u16, u64>,
    /// Requests per bucket; the last is "longer".
    buckets: [u64; BOUNDS.len() + 1],
    seconds: f64,
}

/// Counters since the start.
#[derive(Default)]
pub struct Metrics {
    routes: Mutex<BTreeMap<(String, String), Route>>,
    /// Requests being answered.
    pub in_flight: AtomicU64,
}

/// Figures that are read when somebody asks.
pub struct Gauges {
    /// Version of the program.
    pub version: &'static str,
    /// `sqlite` or `postgres`.
    pub engine: &'static str,
    /// Jobs that are not ended; none when the database did not answer.
    pub jobs_open: Option<i64>,
    /// Transactions and flushes of the SQLite writer.
    pub writer: Option<(u64, u64)>,
    /// Ready for requests.
    pub ready: bool,
}

impl Metrics {
    /// Counts one answered request.
    pub fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let r = routes
            .entry((method.to_owned(), route.to_owned()))
            .or_default();
        *r.statuses.entry(status).or_default() += 1;
        let seconds = took.as_secs_f64();
        let bucket = BOUNDS
            .iter()
            .position(|b| seconds <= *b)
            .unwrap_or(BOUNDS.len());
        r.buckets[bucket] += 1;
        r.seconds += seconds;
    }

    /// Everything as text.
    pub fn text(&self, gauges: &Gauges) -> String {
        let mut out = String::new();
        let routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        // Writing into a String cannot fail.
        let _ = write_counts(&mut out, &routes);
        let _ = write_durations(&mut out, &routes);
        let _ = write_gauges(&mut out, gauges, self.in_flight.load(Ordering::Relaxed));
        out
    }
}

type Routes = BTreeMap<(String, String), Route>;

fn write_counts(out: &mut String, routes: &Routes) -> std::fmt::Result {
    writeln!(out, "# HELP zoufang_http_requests_total Answered requests.")?;
    writeln!(out, "# TYPE zoufang_http_requests_total counter")?;
    for ((method, route), r) in routes {
        for (status, n) in &r.statuses {
            writeln!(
                out,
                "zoufang_http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} {n}"
            )?;
        }
    }
    Ok(())
}

fn write_durations(out: &mut String, routes: &Routes) -> std::fmt::Result {
    const NAME: &str = "zoufang_http_request_duration_seconds";
    writeln!(out, "# HELP {NAME} Time until the answer began.")?;
    writeln!(out, "# TYPE {NAME} histogram")?;
    for ((method, route), r) in routes {
        let labels = format!("method=\"{method}\",route=\"{route}\"");
        let mut sum = 0;
        for (bound, n) in BOUNDS.iter().zip(&r.buckets) {
            sum += n;
            writeln!(out, "{NAME}_bucket{{{labels},le=\"{bound}\"}} {sum}")?;
        }
        sum += r.buckets[BOUNDS.len()];
        writeln!(out, "{NAME}_bucket{{{labels},le=\"+Inf\"}} {sum}")?;
        writeln!(out, "{NAME}_sum{{{labels}}} {:.6}", r.seconds)?;
        writeln!(out, "{NAME}_count{{{labels}}} {sum}")?;
    }
    Ok(())
}

fn write_gauges(out: &mut String, g: &Gauges, in_flight: u64) -> std::fmt::Result {
    let mut one = |name: &str, kind: &str, help: &str, labels: &str, value: String| {
        writeln!(
            out,
            "# HELP zoufang_{name} {help}\n# TYPE zoufang_{name} {kind}\nzoufang_{name}{labels} {value}"
        )
    };
    let build = format!("{{version=\"{}\",engine=\"{}\"}}", g.version, g.engine);
    one(
        "build_info",
        "gauge",
        "Version and database.",
        &build,
        "1".to_owned(),
    )?;
    one(
        "ready",
        "gauge",
        "Takes requests.",
        "",
        u8::from(g.ready).to_string(),
    )?;
    one(
        "http_in_flight",
        "gauge",
        "Requests being answered.",
        "",
        in_flight.to_string(),
    )?;
    if let Some(jobs) = g.jobs_open {
        one(
            "jobs_open",
            "gauge",
            "Jobs ready or running.",
            "",
            jobs.to_string(),
        )?;
    }
    if let Some((transactions, commits)) = g.writer {
        one(
            "db_transactions_total",
            "counter",
            "Transactions of the writer.",
            "",
            transactions.to_string(),
        )?;
        one(
            "db_flushes_total",
            "counter",
            "Flushes to the disk they took.",
            "",
            commits.to_string(),
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_add_up_and_every_line_is_a_comment_or_a_sample() {
        let m = Metrics::default();
        for ms in [1, 7, 300, 20_000] {
            m.answered("GET", "/api/v1/units", 200, Duration::from_millis(ms));
        }
        m.answered("GET", "/api/v1/units", 404, Duration::from_millis(1));
        let g = Gauges {
            version: "0.1.0",
            engine: "sqlite",
            jobs_open: Some(3),
            writer: Some((9, 4)),
            ready: true,
        };
        let text = m.text(&g);
        let line = |want: &str| text.lines().any(|l| l == want);
        assert!(
            line(
                "zoufang_http_requests_total{method=\"GET\",route=\"/api/v1/units\",status=\"200\"} 4"
            ),
            "{text}"
        );
        let bucket = "zoufang_http_request_duration_seconds_bucket{method=\"GET\",route=\"/api/v1/units\",le=";
        assert!(line(&format!("{bucket}\"0.005\"}} 2")), "{text}");
        assert!(line(&format!("{bucket}\"0.01\"}} 3")), "{text}");
        assert!(line(&format!("{bucket}\"0.5\"}} 4")), "{text}");
        assert!(line(&format!("{bucket}\"+Inf\"}} 5")), "{text}");
        assert!(
            line("zoufang_jobs_open 3") && line("zoufang_db_flushes_total 4"),
            "{text}"
        );
        for l in text.lines() {
            assert!(
                l.starts_with('#')
                    || l.rsplit_once(' ')
                        .is_some_and(|(_, v)| v.parse::<f64>().is_ok()),
                "{l}"
            );
        }
    }
}
