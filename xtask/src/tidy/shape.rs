//! The shape of files: heads that say what a module is for, lengths, no
//! `unwrap` outside of tests, no printing from libraries.
//!
//! Limits are the ones of ARCHITECTURE.md, invariant 10.

use super::{Finding, crate_of};
use crate::lex::{Source, is_test_path, line_of};

const FILE_LINES: usize = 800;
const FUNCTION_LINES: usize = 70;
/// Modules longer than this need a head of at least `HEAD_LINES` lines.
const HEAD_FROM: usize = 30;
const HEAD_LINES: usize = 3;

/// Words and generated files may be long.
fn is_list(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    path.contains("/words/")
        || file.starts_with("words.")
        || file.ends_with(".d.ts")
        || file == "generated.ts"
}

/// At most 800 lines.
pub fn length(path: &str, text: &str, found: &mut Vec<Finding>) {
    let lines = text.lines().count();
    if lines > FILE_LINES && !is_list(path) {
        let what = format!("{lines} lines, at most {FILE_LINES}: split it");
        found.push(Finding::new(path, FILE_LINES + 1, what));
    }
}

/// A module opens with what it is for, may not know, and where its data goes.
pub fn header(source: &Source, text: &str, found: &mut Vec<Finding>) {
    if is_test_path(&source.path) || text.lines().count() <= HEAD_FROM {
        return;
    }
    let head = text
        .lines()
        .skip_while(|line| line.is_empty() || line.starts_with("#!["))
        .take_while(|line| line.starts_with("//!"))
        .count();
    if head < HEAD_LINES {
        let what =
            format!("the head (`//!`) has {head} lines: say what this is for and may not know");
        found.push(Finding::new(&source.path, 1, what));
    }
}

/// At most 70 lines.
pub fn functions(source: &Source, found: &mut Vec<Finding>) {
    if is_list(&source.path) {
        return;
    }
    for function in source.functions() {
        let lines = function.last + 1 - function.first;
        if lines > FUNCTION_LINES {
            let what = format!(
                "fn {} has {lines} lines, at most {FUNCTION_LINES}",
                function.name
            );
            found.push(Finding::new(&source.path, function.first, what));
        }
    }
}

/// `unwrap()` and `expect(` only in tests or with a reason beside them.
pub fn unwraps(source: &Source, found: &mut Vec<Finding>) {
    for (number, line) in source.product_lines() {
        for word in [".unwrap()", ".expect(", ".unwrap_err()", ".expect_err("] {
            if line.contains(word) && !has_reason(source, number) {
                let what = format!("`{word}` outside of tests (or say `// infallible: reason`)");
                found.push(Finding::new(&source.path, number, what));
            }
        }
    }
}

/// A comment `infallible: reason` on the line or on one of the four above it.
fn has_reason(source: &Source, line: usize) -> bool {
    source
        .comments
        .iter()
        .filter(|comment| comment.line <= line && comment.line + 4 >= line)
        .filter_map(|comment| comment.text.split_once("infallible:"))
        .any(|(_, reason)| reason.trim().len() >= 10)
}

/// Libraries return, `server` and `xtask` print.
pub fn prints(source: &Source, found: &mut Vec<Finding>) {
    let home = crate_of(&source.path);
    if ["server", "xtask", "tests", "sim"].contains(&home) || source.path.ends_with("/build.rs") {
        return;
    }
    let bytes = source.code.as_bytes();
    for name in ["println", "eprintln", "print", "eprint", "dbg"] {
        for at in crate::lex::words(&source.code, name) {
            let line = line_of(bytes, at);
            if bytes.get(at + name.len()) == Some(&b'!') && !source.is_test(line) {
                let what = format!("`{name}!` in a library: return it or use tracing");
                found.push(Finding::new(&source.path, line, what));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::findings;
    use super::*;

    const PATH: &str = "crates/plan/src/week/service.rs";

    #[test]
    fn long_files_are_found_and_lists_of_words_are_not() {
        let mut found = Vec::new();
        length(PATH, &"x\n".repeat(800), &mut found);
        length("crates/web/src/words.rs", &"x\n".repeat(900), &mut found);
        length(
            "frontend/shared/src/words/zh.ts",
            &"x\n".repeat(900),
            &mut found,
        );
        assert!(found.is_empty());
        length(PATH, &"x\n".repeat(801), &mut found);
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn a_module_of_some_length_has_a_head() {
        let body = "fn a() {}\n".repeat(30);
        let check = |path: &str, text: &str| {
            let mut found = Vec::new();
            header(&Source::new(path, text), text, &mut found);
            found.len()
        };
        assert_eq!(check(PATH, &format!("//! One.\n//! Two.\n{body}")), 1);
        assert_eq!(
            check(
                PATH,
                &format!("#![x]\n\n//! One.\n//! Two.\n//! Three.\n{body}")
            ),
            0
        );
        assert_eq!(check(PATH, "fn a() {}\n"), 0);
        assert_eq!(check("crates/plan/src/week/tests.rs", &body), 0);
    }

    #[test]
    fn long_functions_are_found_whatever_their_strings_say() {
        let long = format!("fn a() {{\n{}}}\n", "  b(\"}\");\n".repeat(69));
        assert_eq!(findings(functions, PATH, &long), [1]);
        let fits = format!("fn a() {{\n{}}}\n", "  b(\"{\"); // {\n".repeat(68));
        assert!(findings(functions, PATH, &fits).is_empty());
        assert!(findings(functions, "crates/demo/src/words.rs", &long).is_empty());
    }

    #[test]
    fn unwrap_needs_a_test_or_a_reason() {
        let text = "fn a() {\n  b.unwrap();\n  c.expect(\"x\");\n}\n";
        assert_eq!(findings(unwraps, PATH, text), [2, 3]);
        let empty = "// infallible:\nb.unwrap();\n";
        assert_eq!(findings(unwraps, PATH, empty), [2]);
        let fine = "// infallible: the table has 256 rows\nb.unwrap();\n// c.unwrap()\nd(\".unwrap()\").unwrap_or(1);\n#[cfg(test)]\nmod tests {\n  fn e() { f.unwrap() }\n}\n";
        assert!(findings(unwraps, PATH, fine).is_empty());
    }

    #[test]
    fn libraries_do_not_print() {
        let text = "fn a() {\n  println!(\"x\");\n  eprint!(\"x\");\n  fingerprint!(1);\n}\n#[test]\nfn b() {\n  println!(\"skipped: x\");\n}\n";
        assert_eq!(findings(prints, PATH, text), [2, 3]);
        assert!(findings(prints, "crates/server/src/main.rs", text).is_empty());
    }
}
