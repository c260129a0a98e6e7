//! docs/coverage.md: which requirement is met where and which test shows it.
//!
//! Every ID of docs/requirement-ids.txt has one row `| ID | title | where | test |`.
//! `where` names paths in backticks; `test` names tests in backticks as they stand
//! in target/test-report.json, or says `later: reason`. A named test must have
//! passed in the last `make test`, and a Rust test must assert something.

use crate::lex::{Source, words};
use crate::report::{Report, State};
use crate::tidy::Finding;
use crate::{Outcome, tree};
use std::collections::BTreeMap;
use std::path::Path;

const TABLE: &str = "docs/coverage.md";
const IDS: &str = "docs/requirement-ids.txt";
const REPORT: &str = "target/test-report.json";

/// One requirement.
#[derive(Debug, Clone)]
struct Row {
    line: usize,
    id: String,
    title: String,
    places: String,
    test: String,
}

/// `cargo xtask coverage`.
pub fn run() -> Outcome {
    let root = tree::root()?;
    let report = Report::read(&root.join(REPORT))?;
    check(&root, &report)
}

/// Checks everything, prints findings and one line of figures.
pub fn check(root: &Path, report: &Report) -> Outcome {
    let mut found = Vec::new();
    structure(root, &mut found);
    let rows = rows(&read(root, TABLE)?);
    let bodies = Bodies::collect(root);
    for row in &rows {
        for name in ticked(&row.test) {
            if let Err(what) = proves(name, report, &bodies) {
                found.push(Finding::new(TABLE, row.line, format!("{}: {what}", row.id)));
            }
        }
    }
    for finding in &found {
        println!("{}:{}: {}", finding.path, finding.line, finding.what);
    }
    let later = rows.iter().filter(|row| is_later(row)).count();
    println!(
        "coverage: {} rows, {} with tests, {later} later",
        rows.len(),
        rows.len() - later
    );
    Ok(found.is_empty())
}

/// What needs no test run: IDs complete and unique, cells filled, paths there.
pub fn structure(root: &Path, found: &mut Vec<Finding>) {
    match (read(root, IDS), read(root, TABLE)) {
        (Ok(ids), Ok(table)) => {
            let exists = |path: &str| root.join(path).exists();
            found.extend(check_rows(&ids, &rows(&table), &exists));
        }
        (Err(why), _) | (_, Err(why)) => found.push(Finding::new(TABLE, 1, why)),
    }
}

fn check_rows(ids: &str, rows: &[Row], exists: &dyn Fn(&str) -> bool) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows {
        *seen.entry(&row.id).or_default() += 1;
        for what in check_row(row, exists) {
            found.push(Finding::new(TABLE, row.line, format!("{}: {what}", row.id)));
        }
    }
    let known: Vec<&str> = ids.split_whitespace().collect();
    for id in &known {
        match seen.get(id) {
            None => found.push(Finding::new(TABLE, 1, format!("{id} is missing"))),
            Some(1) => {}
            Some(n) => found.push(Finding::new(
                TABLE,
                1,
                format!("{id} stands there {n} times"),
            )),
        }
    }
    for id in seen.keys().filter(|id| !known.contains(id)) {
        found.push(Finding::new(TABLE, 1, format!("{id} is not in {IDS}")));
    }
    found
}

fn check_row(row: &Row, exists: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut wrong = Vec::new();
    if row.title.is_empty() || row.title.chars().count() > 100 {
        wrong.push("the title has 1 to 100 characters".to_owned());
    }
    for path in ticked(&row.places).iter().filter(|path| !exists(path)) {
        wrong.push(format!("no such path: {path}"));
    }
    if is_later(row) {
        let reason = row.test.trim_start_matches("later:").trim();
        if reason.len() < 10 {
            wrong.push("`later:` needs a reason".to_owned());
        }
        return wrong;
    }
    if ticked(&row.places).is_empty() {
        wrong.push("`where` names no path".to_owned());
    }
    if ticked(&row.test).is_empty() {
        wrong.push("names no test and does not say `later: reason`".to_owned());
    }
    wrong
}

fn is_later(row: &Row) -> bool {
    row.test.starts_with("later:")
}

/// The rows of the table: lines that start with `| ABC-001 |`.
fn rows(text: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let Some(inside) = line
            .strip_prefix("| ")
            .and_then(|l| l.trim_end().strip_suffix('|'))
        else {
            continue;
        };
        let cells: Vec<&str> = inside.split('|').map(str::trim).collect();
        if let [id, title, places, test] = cells.as_slice()
            && is_id(id)
        {
            rows.push(Row {
                line: index + 1,
                id: (*id).to_owned(),
                title: (*title).to_owned(),
                places: (*places).to_owned(),
                test: (*test).to_owned(),
            });
        }
    }
    rows
}

fn is_id(text: &str) -> bool {
    let Some((letters, digits)) = text.split_once('-') else {
        return false;
    };
    letters.len() == 3
        && letters.bytes().all(|b| b.is_ascii_uppercase())
        && digits.len() == 3
        && digits.bytes().all(|b| b.is_ascii_digit())
}

/// What stands between backticks.
fn ticked(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// Did this test run, hold, and assert something?
fn proves(name: &str, report: &Report, bodies: &Bodies) -> Result<(), String> {
    match report.state(name) {
        None => return Err(format!("no such test in the last run: {name}")),
        Some(State::Failed) => return Err(format!("failed: {name}")),
        Some(State::Skipped) => return Err(format!("did not run: {name}")),
        Some(State::Passed) => {}
    }
    let elsewhere = ["web:", "e2e:", "check:", "doc:"];
    if elsewhere.iter().any(|start| name.starts_with(start)) || bodies.asserts(name)? {
        return Ok(());
    }
    Err(format!("asserts nothing: {name}"))
}

/// The functions of all Rust files, to look a test's body up.
#[derive(Debug, Default)]
struct Bodies {
    functions: Vec<Body>,
}

#[derive(Debug)]
struct Body {
    path: String,
    name: String,
    code: String,
    test: bool,
    should_panic: bool,
}

impl Bodies {
    fn collect(root: &Path) -> Self {
        let mut bodies = Bodies::default();
        for folder in ["crates", "xtask"] {
            for path in tree::files(root, folder, &[".rs"]) {
                let text = std::fs::read_to_string(root.join(&path)).unwrap_or_default();
                bodies.add(&path, &text);
            }
        }
        bodies
    }

    fn add(&mut self, path: &str, text: &str) {
        let source = Source::new(path, text);
        let lines: Vec<&str> = source.code.lines().collect();
        for function in source.functions() {
            let above = &lines[function.first.saturating_sub(6)..function.first - 1];
            let attributes = above.join("\n");
            let own = attributes.rsplit(['}', ';']).next().unwrap_or("");
            self.functions.push(Body {
                path: path.to_owned(),
                name: function.name,
                code: function.body,
                test: source.is_test(function.first),
                should_panic: own.contains("should_panic"),
            });
        }
    }

    /// Does the test assert, itself or through a helper in test code?
    fn asserts(&self, name: &str) -> Result<bool, String> {
        let last = name.rsplit("::").next().unwrap_or(name);
        let mut bodies: Vec<&Body> = self
            .functions
            .iter()
            .filter(|body| body.test && body.name == last)
            .collect();
        if bodies.is_empty() {
            return Err(format!("its source was not found: {name}"));
        }
        // Several tests of one name: keep those whose path fits the name best.
        let fit = |body: &Body| fitting_segments(&body.path, name);
        let best = bodies.iter().map(|body| fit(body)).max().unwrap_or(0);
        bodies.retain(|body| fit(body) == best);
        Ok(bodies.iter().all(|body| self.body_asserts(body)))
    }

    fn body_asserts(&self, body: &Body) -> bool {
        if body.should_panic || says_assert(&body.code) {
            return true;
        }
        self.functions
            .iter()
            .filter(|helper| helper.test && helper.name != body.name)
            .filter(|helper| helper.path == body.path || helper.path.starts_with("crates/tests/"))
            .filter(|helper| says_assert(&helper.code))
            .any(|helper| !words(&body.code, &helper.name).is_empty())
    }
}

/// How many parts of the path occur among the segments of the test's name.
fn fitting_segments(path: &str, name: &str) -> usize {
    let segments: Vec<&str> = name.split("::").collect();
    let plain = path.trim_end_matches(".rs");
    plain
        .split('/')
        .filter(|part| {
            let of_crate = format!("zf_{}", part.replace('-', "_"));
            segments.contains(part) || segments.contains(&of_crate.as_str())
        })
        .count()
}

/// An assertion that can fail stands in the code.
fn says_assert(code: &str) -> bool {
    let plain: String = code.split_whitespace().collect();
    let plain = plain
        .replace("assert!(true", "")
        .replace("debug_assert", "");
    let calls = [
        "assert!(",
        "assert_eq!(",
        "assert_ne!(",
        "assert_matches!(",
        "panic!(",
        "unreachable!(",
        ".unwrap_err()",
        ".expect_err(",
    ];
    let named = [
        "assert_",
        "check_",
        "expect_",
        "must_",
        "prop_assert",
        "refute_",
    ];
    calls.iter().any(|call| plain.contains(call))
        || named.iter().any(|start| starts_a_word(&plain, start))
}

fn starts_a_word(code: &str, start: &str) -> bool {
    code.match_indices(start).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

fn read(root: &Path, path: &str) -> Result<String, String> {
    std::fs::read_to_string(root.join(path)).map_err(|_| format!("{path} is missing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: &str = "AAA-001\nAAA-002\n";

    fn wrong(table: &str) -> Vec<String> {
        let exists = |path: &str| path == "crates/plan/src/week.rs";
        let found = check_rows(IDS, &rows(table), &exists);
        found.into_iter().map(|finding| finding.what).collect()
    }

    const SECOND: &str = "| AAA-002 | Two | — | later: the module of visits |\n";

    #[test]
    fn a_complete_table_passes() {
        let first = "| AAA-001 | One | `crates/plan/src/week.rs` | `zf_plan::week::one` |\n";
        assert!(
            wrong(&format!(
                "# Head\n| ID | a | b | c |\n|---|---|---|---|\n{first}{SECOND}"
            ))
            .is_empty()
        );
    }

    #[test]
    fn missing_double_and_unknown_ids_are_found() {
        assert_eq!(wrong(SECOND), ["AAA-001 is missing"]);
        let both = format!("{SECOND}{SECOND}");
        assert_eq!(
            wrong(&both),
            ["AAA-001 is missing", "AAA-002 stands there 2 times"]
        );
        let foreign = "| BBB-001 | x | — | later: the module of visits |\n";
        assert!(wrong(foreign).contains(&format!("BBB-001 is not in {}", super::IDS)));
    }

    #[test]
    fn rows_without_path_test_or_reason_are_found() {
        let row = |places: &str, test: &str| {
            wrong(&format!("| AAA-001 | One | {places} | {test} |\n{SECOND}"))
        };
        assert_eq!(
            row("`crates/gone.rs`", "`a::b`"),
            ["AAA-001: no such path: crates/gone.rs"]
        );
        assert_eq!(row("—", "`a::b`"), ["AAA-001: `where` names no path"]);
        assert_eq!(row("—", "later:"), ["AAA-001: `later:` needs a reason"]);
        assert_eq!(row("`crates/plan/src/week.rs`", "soon").len(), 1);
    }

    fn planted() -> (Report, Bodies) {
        let mut report = Report::default();
        report.add("zf_plan::week::tests::asserts", State::Passed);
        report.add("zf_plan::week::tests::asserts_nothing", State::Passed);
        report.add("zf_plan::week::tests::asserts_true", State::Passed);
        report.add("zf_plan::week::tests::by_helper", State::Passed);
        report.add("zf_plan::week::tests::panics", State::Passed);
        report.add("zf_plan::week::tests::did_not_run", State::Skipped);
        report.add("zf_plan::week::tests::broke", State::Failed);
        report.add("e2e:signs in", State::Passed);
        let text = "#[cfg(test)]\nmod tests {\n\
            #[test]\nfn asserts() { assert_eq!(1, one()); }\n\
            #[test]\nfn asserts_nothing() { let a = \"assert!(x)\"; run(a); }\n\
            #[test]\nfn asserts_true() { assert!(true); }\n\
            #[test]\nfn by_helper() { compare(1, 2); }\n\
            fn compare(a: u8, b: u8) { assert!(a < b); }\n\
            #[test]\n#[should_panic]\nfn panics() { run(); }\n}\n";
        let mut bodies = Bodies::default();
        bodies.add("crates/plan/src/week.rs", text);
        bodies.add(
            "crates/field/src/week.rs",
            "#[test]\nfn asserts() { run(); }\n",
        );
        (report, bodies)
    }

    #[test]
    fn a_test_proves_only_when_it_ran_and_asserts() {
        let (report, bodies) = planted();
        let verdict =
            |name: &str| proves(&format!("zf_plan::week::tests::{name}"), &report, &bodies);
        assert_eq!(verdict("asserts"), Ok(()));
        assert_eq!(verdict("by_helper"), Ok(()));
        assert_eq!(verdict("panics"), Ok(()));
        for (name, why) in [
            ("asserts_nothing", "asserts nothing"),
            ("asserts_true", "asserts nothing"),
            ("did_not_run", "did not run"),
            ("broke", "failed"),
            ("does_not_exist", "no such test"),
        ] {
            let said = verdict(name).expect_err(name);
            assert!(said.starts_with(why), "{name}: {said}");
        }
        assert_eq!(proves("e2e:signs in", &report, &bodies), Ok(()));
    }

    #[test]
    fn the_committed_table_names_every_requirement_once() {
        let root = tree::root().expect("a checkout");
        let mut found = Vec::new();
        structure(&root, &mut found);
        assert!(found.is_empty(), "{found:?}");
        let ids = read(&root, super::IDS).expect("the list");
        assert_eq!(ids.split_whitespace().count(), 615);
    }
}
