//! Reads what tests print: `cargo test -- --show-output`, the browser suite and
//! the JSON of vitest.
//!
//! Two lines that tests themselves print count: `skipped: why` (the test could
//! not run here) and `engine-tests: sqlite=12 postgres=12` (so many cases ran on
//! each database). The browser suite prints `test NAME ... ok|FAILED|ignored`
//! lines like Rust's and ends with `e2e: N passed, N failed, N skipped`.

use crate::report::{Report, State};
use serde_json::Value;

/// What a line means to the person watching.
#[derive(Debug, PartialEq, Eq)]
pub enum Show {
    /// Print it as it is.
    Line,
    /// Keep it for the log only.
    Hide,
    /// Print this instead.
    Text(String),
}

/// Takes the merged output of `cargo test` line by line.
#[derive(Debug, Default)]
pub struct Reader {
    report: Report,
    /// Program under test, `""` while cargo builds.
    program: String,
    /// Inside the part that repeats what tests printed: passed or failed ones.
    section: Option<bool>,
    /// Test whose output is being read.
    speaker: String,
    /// Results of the current program that were seen by name.
    named: [usize; 3],
    /// `running N tests` was seen and no result line yet.
    open: bool,
}

impl Reader {
    /// Reads one line.
    pub fn line(&mut self, line: &str) -> Show {
        self.count_engines(line);
        let trimmed = line.trim_start();
        if let Some(program) = program_of(trimmed) {
            self.close();
            self.program = program;
            return Show::Hide;
        }
        if self.program.is_empty() {
            return self.building(line);
        }
        if line.starts_with("running ") && line.ends_with(['t', 's']) {
            self.open = true;
            self.section = None;
            self.named = [0; 3];
            return Show::Hide;
        }
        if let Some(rest) = line.strip_prefix("test result: ") {
            return self.result(rest);
        }
        match line {
            "successes:" | "failures:" => {
                self.section = Some(line == "failures:");
                return Show::Hide;
            }
            _ => {}
        }
        match self.section {
            None => self.outcome(line),
            Some(failed) => self.output(line, failed),
        }
    }

    /// Ends the reading. `good`: the command's own exit status.
    pub fn finish(mut self, good: bool) -> Report {
        self.close();
        if !good && self.report.count(State::Failed) == 0 {
            self.report.check("cargo test", false);
        }
        self.report
    }

    fn close(&mut self) {
        if self.open {
            let name = format!("{}::(did not finish)", self.program);
            self.report.add(name, State::Failed);
        }
        self.open = false;
        self.section = None;
    }

    fn building(&self, line: &str) -> Show {
        let noise = [
            "Compiling",
            "Downloaded",
            "Downloading",
            "Finished",
            "Blocking",
            "Locking",
        ];
        let first = line.split_whitespace().next().unwrap_or("");
        if noise.contains(&first) {
            Show::Hide
        } else {
            Show::Line
        }
    }

    /// `test a::b ... ok`
    fn outcome(&mut self, line: &str) -> Show {
        let Some((name, state)) = parse_outcome(line) else {
            return if line.contains("has been running for over") {
                Show::Line
            } else {
                Show::Hide
            };
        };
        self.named[state as usize] += 1;
        let full = format!("{}::{name}", self.program);
        if state == State::Passed && full.contains("postgres") {
            self.report.postgres += 1;
        }
        let show = if state == State::Failed {
            Show::Text(format!("FAILED {full}"))
        } else {
            Show::Hide
        };
        self.report.add(full, state);
        show
    }

    /// A line between `successes:`/`failures:` and the result.
    fn output(&mut self, line: &str, failed: bool) -> Show {
        let header = line
            .strip_prefix("---- ")
            .and_then(|rest| rest.strip_suffix(" ----"));
        if let Some(header) = header {
            let name = header.strip_suffix(" stdout").unwrap_or(header);
            self.speaker = format!("{}::{name}", self.program);
        } else if line.starts_with("skipped: ") && !failed {
            self.skip();
            return Show::Text(format!("{}: {line}", self.speaker));
        }
        if failed { Show::Line } else { Show::Hide }
    }

    /// The speaker passed only because it did nothing.
    fn skip(&mut self) {
        let speaker = &self.speaker;
        let known = self
            .report
            .tests
            .iter_mut()
            .find(|test| &test.name == speaker);
        if let Some(test) = known
            && test.state == State::Passed
        {
            test.state = State::Skipped;
            if speaker.contains("postgres") {
                self.report.postgres -= 1;
            }
        }
    }

    /// `ok. 3 passed; 0 failed; 1 ignored; …`
    fn result(&mut self, rest: &str) -> Show {
        let states = [State::Passed, State::Failed, State::Skipped];
        for (state, word) in states.into_iter().zip(["passed", "failed", "ignored"]) {
            let told = number_before(rest, word).unwrap_or(0);
            for nth in self.named[state as usize]..told {
                self.report
                    .add(format!("{}::(unnamed {word} {nth})", self.program), state);
            }
        }
        self.open = false;
        self.section = None;
        self.named = [0; 3];
        if number_before(rest, "passed") == Some(0) && number_before(rest, "failed") == Some(0) {
            return Show::Hide;
        }
        let counts = rest.split("; finished").next().unwrap_or(rest);
        let counts = counts.split("; 0 measured").next().unwrap_or(counts);
        Show::Text(format!("{}: {counts}", self.program))
    }

    fn count_engines(&mut self, line: &str) {
        let Some(rest) = line.trim_start().strip_prefix("engine-tests: ") else {
            return;
        };
        let postgres = rest
            .split_whitespace()
            .find_map(|word| word.strip_prefix("postgres="));
        self.report.postgres += postgres.and_then(|n| n.parse::<usize>().ok()).unwrap_or(0);
    }
}

/// `Running unittests src/lib.rs (target/debug/deps/zf_base-0123)` → `zf_base`.
fn program_of(line: &str) -> Option<String> {
    if let Some(name) = line.strip_prefix("Doc-tests ") {
        return Some(format!("doc:{name}"));
    }
    let rest = line.strip_prefix("Running ")?;
    let path = rest.rsplit_once('(')?.1.strip_suffix(')')?;
    let file = path.rsplit('/').next()?;
    let (name, hash) = file.rsplit_once('-')?;
    let plain = hash.bytes().all(|b| b.is_ascii_hexdigit());
    plain.then(|| name.to_owned())
}

fn parse_outcome(line: &str) -> Option<(String, State)> {
    let (name, word) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let state = match word.split([',', ' ']).next()? {
        "ok" => State::Passed,
        "FAILED" => State::Failed,
        "ignored" => State::Skipped,
        _ => return None,
    };
    let name = name.strip_suffix(" - should panic").unwrap_or(name);
    Some((name.to_owned(), state))
}

fn number_before(text: &str, word: &str) -> Option<usize> {
    let words: Vec<&str> = text
        .split([' ', ';', ','])
        .filter(|w| !w.is_empty())
        .collect();
    let at = words.iter().position(|w| *w == word)?;
    words.get(at.checked_sub(1)?)?.parse().ok()
}

/// Adds what the browser suite printed.
pub fn read_browser(output: &str, report: &mut Report) {
    let mut named = [0usize; 3];
    let mut told = None;
    for line in output.lines() {
        if let Some((name, state)) = parse_outcome(line.trim()) {
            named[state as usize] += 1;
            report.add(format!("e2e:{name}"), state);
        } else if let Some(rest) = line.trim().strip_prefix("e2e: ") {
            told = Some(rest.to_owned());
        }
    }
    let Some(told) = told else {
        report.check("the browser tests finish", false);
        return;
    };
    let states = [State::Passed, State::Failed, State::Skipped];
    for (state, word) in states.into_iter().zip(["passed", "failed", "skipped"]) {
        let count = number_before(&told, word).unwrap_or(0);
        for nth in named[state as usize]..count {
            report.add(format!("e2e:(unnamed {word} {nth})"), state);
        }
    }
}

/// Adds the tests in vitest's JSON report. File names become relative to `base`.
pub fn read_vitest(json: &str, base: &str, report: &mut Report) -> Result<(), String> {
    let whole: Value = serde_json::from_str(json).map_err(|e| format!("vitest report: {e}"))?;
    for file in whole["testResults"].as_array().into_iter().flatten() {
        let path = file["name"].as_str().unwrap_or("");
        let path = path
            .strip_prefix(base)
            .unwrap_or(path)
            .trim_start_matches('/');
        let tests = file["assertionResults"].as_array();
        let broken = file["status"] == "failed" && tests.is_none_or(Vec::is_empty);
        if broken {
            report.add(format!("web:{path}:(does not load)"), State::Failed);
        }
        for test in tests.into_iter().flatten() {
            let state = match test["status"].as_str() {
                Some("passed") => State::Passed,
                Some("failed") => State::Failed,
                _ => State::Skipped,
            };
            let name = test["fullName"].as_str().unwrap_or("?").trim();
            report.add(format!("web:{path}:{name}"), state);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, good: bool) -> Report {
        let mut reader = Reader::default();
        for line in text.lines() {
            reader.line(line);
        }
        reader.finish(good)
    }

    const GOOD: &str = "\
   Compiling zf-base v0.1.0
     Running unittests src/lib.rs (target/debug/deps/zf_base-0123abcd4567ef01)

running 4 tests
test money::adds ... ok
test store::postgres::prepares ... ok
test far ... ignored, needs a network
test store::postgres::reads_back ... ok

successes:

---- store::postgres::reads_back stdout ----
skipped: no PostgreSQL here

---- money::adds stdout ----
engine-tests: sqlite=5 postgres=6
test decoy::line ... FAILED

successes:
    money::adds

test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s

   Doc-tests zf_base

running 1 test
test crates/base/src/money.rs - money::Money (line 12) ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s
";

    #[test]
    fn a_good_run_is_counted_by_name_program_and_database() {
        let report = read(GOOD, true);
        assert_eq!(report.summary(), "3 passed, 0 failed, 2 skipped");
        assert_eq!(report.state("zf_base::money::adds"), Some(State::Passed));
        assert_eq!(
            report.state("zf_base::store::postgres::reads_back"),
            Some(State::Skipped)
        );
        // One by its name, six by the line it printed; the skipped one not.
        assert_eq!(report.postgres, 7);
    }

    #[test]
    fn failures_crashes_and_builds_that_break_are_failures() {
        let head = "     Running tests/http.rs (target/debug/deps/http-00ff00ff00ff00ff)\n\nrunning 2 tests\n";
        let failed = format!(
            "{head}test a ... FAILED\ntest b ... ok\n\nfailures:\n\n---- a stdout ----\nskipped: not really\n\nfailures:\n    a\n\ntest result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured\n"
        );
        assert_eq!(
            read(&failed, false).summary(),
            "1 passed, 1 failed, 0 skipped"
        );
        let crashed = format!("{head}test a ... ok\n");
        let report = read(&crashed, false);
        assert_eq!(report.state("http::(did not finish)"), Some(State::Failed));
        let broken = read("error[E0425]: cannot find value\n", false);
        assert_eq!(broken.summary(), "0 passed, 1 failed, 0 skipped");
    }

    #[test]
    fn results_that_could_not_be_read_by_name_still_count() {
        let text = "Running x (target/debug/deps/x-0a)\nrunning 2 tests\ntest a ... noise ok\ntest b ... ok\ntest result: ok. 2 passed; 0 failed; 0 ignored;\n";
        assert_eq!(read(text, true).summary(), "2 passed, 0 failed, 0 skipped");
    }

    #[test]
    fn the_browser_suite_must_say_that_it_finished() {
        let mut report = Report::default();
        read_browser(
            "test signs in ... ok\ne2e: 2 passed, 0 failed, 1 skipped\n",
            &mut report,
        );
        assert_eq!(report.summary(), "2 passed, 0 failed, 1 skipped");
        assert_eq!(report.browser(), 2);
        let mut report = Report::default();
        read_browser("test signs in ... ok\n", &mut report);
        assert_eq!(report.summary(), "1 passed, 1 failed, 0 skipped");
    }

    #[test]
    fn vitest_names_are_relative_and_a_file_that_does_not_load_fails() {
        let json = r#"{"testResults":[
            {"name":"/x/shared/a.test.ts","status":"passed","assertionResults":[
              {"fullName":" money shows yuan","status":"passed"},{"fullName":"later","status":"skipped"}]},
            {"name":"/x/b.test.ts","status":"failed","assertionResults":[]}]}"#;
        let mut report = Report::default();
        read_vitest(json, "/x", &mut report).expect("valid");
        assert_eq!(report.summary(), "1 passed, 1 failed, 1 skipped");
        assert_eq!(
            report.state("web:shared/a.test.ts:money shows yuan"),
            Some(State::Passed)
        );
        assert!(read_vitest("{", "/x", &mut report).is_err());
    }
}
