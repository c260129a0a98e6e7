//! Progress on stderr: only when it is a terminal, only when the work takes
//! longer than a second. Lines that matter afterwards are printed in any case
//! unless the caller wants JSON.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// Shows how far something is.
pub struct Progress {
    live: bool,
    lines: bool,
    began: Instant,
    last: Mutex<Option<Instant>>,
}

/// Shorter work needs no progress.
const QUIET: Duration = Duration::from_secs(1);
/// Time between two changes of the line.
const STEP: Duration = Duration::from_millis(150);

impl Progress {
    /// Shows to people; with `json` nothing is shown.
    pub fn new(json: bool) -> Progress {
        let live = !json && std::io::stderr().is_terminal();
        Progress {
            live,
            lines: !json,
            began: Instant::now(),
            last: Mutex::new(None),
        }
    }

    /// Seconds since the start.
    pub fn seconds(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    /// What is being done now.
    pub fn step(&self, what: &str) {
        self.show(|| format!("{what} …"), true);
    }

    /// How far a count is; `total` 0 = not known.
    pub fn count(&self, what: &str, done: i64, total: i64) {
        self.show(
            || match total {
                0 => format!("{what} {done}"),
                _ => format!("{what} {done} / {total}（{}%）", done * 100 / total.max(1)),
            },
            false,
        );
    }

    fn show(&self, text: impl FnOnce() -> String, now: bool) {
        if !self.live || self.began.elapsed() < QUIET {
            return;
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if !now && last.is_some_and(|t| t.elapsed() < STEP) {
            return;
        }
        *last = Some(Instant::now());
        eprint!("\r\u{1b}[2K{}", text());
        let _ = std::io::stderr().flush();
    }

    /// Removes the line.
    pub fn clear(&self) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.take().is_some() {
            eprint!("\r\u{1b}[2K");
            let _ = std::io::stderr().flush();
        }
    }

    /// A line that stays.
    pub fn line(&self, text: &str) {
        self.clear();
        if self.lines {
            eprintln!("{text}");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}
