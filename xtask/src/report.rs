//! What ran and how it ended: the list behind the summary line and
//! `target/test-report.json`, which the coverage checker reads.
//!
//! Names: Rust `binary::path::to::test`, front end `web:file:name`, browser
//! `e2e:name`, everything else that can fail `check:what`.

use serde_json::{Value, json};
use std::path::Path;

/// How a test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It ran and held.
    Passed,
    /// It ran and did not hold, or could not run though it had to.
    Failed,
    /// It said why it did not run.
    Skipped,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            State::Passed => "passed",
            State::Failed => "failed",
            State::Skipped => "skipped",
        }
    }
    fn parse(word: &str) -> Option<Self> {
        [State::Passed, State::Failed, State::Skipped]
            .into_iter()
            .find(|state| state.word() == word)
    }
}

/// One test or check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// Unique name, see the head of this file.
    pub name: String,
    /// How it ended.
    pub state: State,
}

/// Everything that ran.
#[derive(Debug, Default)]
pub struct Report {
    /// In the order they were reported.
    pub tests: Vec<Test>,
    /// Tests that ran against PostgreSQL and passed.
    pub postgres: usize,
}

impl Report {
    /// Notes one result.
    pub fn add(&mut self, name: impl Into<String>, state: State) {
        self.tests.push(Test {
            name: name.into(),
            state,
        });
    }

    /// Notes a yes-or-no check.
    pub fn check(&mut self, what: &str, good: bool) {
        let state = if good { State::Passed } else { State::Failed };
        self.add(format!("check:{what}"), state);
    }

    /// How many ended like this.
    pub fn count(&self, state: State) -> usize {
        self.tests.iter().filter(|test| test.state == state).count()
    }

    /// Browser tests that passed.
    pub fn browser(&self) -> usize {
        let passed = |test: &&Test| test.name.starts_with("e2e:") && test.state == State::Passed;
        self.tests.iter().filter(passed).count()
    }

    /// The state of the test with this name.
    pub fn state(&self, name: &str) -> Option<State> {
        self.tests
            .iter()
            .find(|test| test.name == name)
            .map(|test| test.state)
    }

    /// `N passed, N failed, N skipped`.
    pub fn summary(&self) -> String {
        format!(
            "{} passed, {} failed, {} skipped",
            self.count(State::Passed),
            self.count(State::Failed),
            self.count(State::Skipped)
        )
    }

    /// Writes the machine-readable form.
    pub fn write(&self, path: &Path) -> Result<(), String> {
        let tests: Vec<Value> = self
            .tests
            .iter()
            .map(|test| json!({"name": test.name, "state": test.state.word()}))
            .collect();
        let whole = json!({
            "passed": self.count(State::Passed), "failed": self.count(State::Failed),
            "skipped": self.count(State::Skipped), "postgres": self.postgres,
            "browser": self.browser(), "tests": tests,
        });
        std::fs::write(path, format!("{whole:#}\n"))
            .map_err(|e| format!("cannot write {}: {e}", path.display()))
    }

    /// Reads it back.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path)
            .map_err(|_| "no target/test-report.json: run `make test` first".to_owned())?;
        let whole: Value = serde_json::from_str(&text).map_err(|e| format!("bad report: {e}"))?;
        let mut report = Report::default();
        for test in whole["tests"].as_array().into_iter().flatten() {
            let state = test["state"].as_str().and_then(State::parse);
            if let (Some(name), Some(state)) = (test["name"].as_str(), state) {
                report.add(name, state);
            }
        }
        report.postgres = whole["postgres"].as_u64().unwrap_or(0) as usize;
        Ok(report)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_reads_back_as_it_was_written() {
        let mut report = Report {
            postgres: 7,
            ..Report::default()
        };
        report.add("zf_base::money::adds", State::Passed);
        report.add("e2e:sign in", State::Passed);
        report.add("web:a.test.ts:b", State::Skipped);
        report.check("tidy", false);
        assert_eq!(report.summary(), "2 passed, 1 failed, 1 skipped");
        let path = std::env::temp_dir().join(format!("zoufang-report-{}", std::process::id()));
        report.write(&path).expect("writable");
        let back = Report::read(&path).expect("readable");
        std::fs::remove_file(&path).expect("removable");
        assert_eq!(back.tests, report.tests);
        assert_eq!((back.postgres, back.browser()), (7, 1));
        assert_eq!(back.state("check:tidy"), Some(State::Failed));
    }
}
