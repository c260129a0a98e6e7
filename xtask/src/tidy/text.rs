//! What stands inside of strings: Chinese belongs to files of words, SQL stays in
//! the dialect both databases share, the kernel knows no pack by name.
//!
//! Chinese means Han characters; punctuation that joins words is typography.
//! Character literals and comments are free: a parser may accept 年, a comment may
//! explain it.

use super::{Finding, crate_of};
use crate::lex::{Source, is_test_path, line_of, words};

/// Phrases that tie a statement to one database or to its clock.
const FOREIGN_SQL: [&str; 12] = [
    "now()",
    "current_timestamp",
    "nextval(",
    "pg_advisory",
    "create trigger",
    "create sequence",
    "create function",
    "create procedure",
    "autoincrement",
    "bigserial",
    "gen_random_uuid",
    "datetime('now'",
];

fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// Files whose strings may be Chinese.
fn may_be_chinese(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    is_test_path(path)
        || file.starts_with("words.")
        || path.contains("/words/")
        || ["demo", "tests", "sim"].contains(&crate_of(path))
        || (crate_of(path) == "base" && (path.contains("calendar") || path.contains("holiday")))
}

/// User-visible Chinese only where words live.
pub fn chinese(source: &Source, found: &mut Vec<Finding>) {
    if may_be_chinese(&source.path) {
        return;
    }
    for piece in &source.strings {
        let foreign = piece.text.chars().any(is_chinese);
        let line = piece.line;
        if foreign
            && !source.is_test(line)
            && !names_input(source, line)
            && !not_shown(source, line)
        {
            let what = "Chinese in a string: move it to a file of words (words.rs, words/), \
                or say `// not shown: reason` above it";
            found.push(Finding::new(&source.path, piece.line, what));
        }
    }
}

/// `#[serde(alias = "…")]` names what comes in, not what is shown.
fn names_input(source: &Source, line: usize) -> bool {
    let code = source.code.lines().nth(line - 1).unwrap_or("");
    code.contains("serde(") || code.trim_start().starts_with("alias")
}

/// A comment `not shown: reason` covers the lines up to the next empty one:
/// spellings that a parser accepts, samples, pieces of addresses.
fn not_shown(source: &Source, line: usize) -> bool {
    let lines: Vec<&str> = source.code.lines().collect();
    source
        .comments
        .iter()
        .filter(|comment| comment.line <= line)
        .filter(|comment| {
            let reason = comment
                .text
                .split_once("not shown:")
                .map(|(_, reason)| reason.trim());
            reason.is_some_and(|reason| reason.chars().count() >= 8)
        })
        .any(|comment| {
            let between = lines.get(comment.line..line).unwrap_or(&[]);
            let comments = |number: usize| source.comments.iter().any(|c| c.line == number);
            (comment.line + 1..)
                .zip(between)
                .all(|(number, code)| !code.trim().is_empty() || comments(number))
        })
}

/// The same for TypeScript; comments are free.
pub fn chinese_in_typescript(path: &str, text: &str, found: &mut Vec<Finding>) {
    if may_be_chinese(path) {
        return;
    }
    for (number, line) in without_comments(text).lines().enumerate() {
        if line.chars().any(is_chinese) {
            let what = "Chinese outside of a file of words (words.ts, words/)";
            found.push(Finding::new(path, number + 1, what));
        }
    }
}

/// Blanks `/* … */` and `// …` (not the `//` of an address), keeping lines.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut block = false;
    for line in text.lines() {
        let mut rest = line;
        while !rest.is_empty() {
            if block {
                let Some((_, after)) = rest.split_once("*/") else {
                    break;
                };
                block = false;
                rest = after;
            } else if let Some(at) = rest.find("/*") {
                out.push_str(&before_line_comment(&rest[..at]));
                block = true;
                rest = &rest[at + 2..];
            } else {
                out.push_str(&before_line_comment(rest));
                break;
            }
        }
        out.push('\n');
    }
    out
}

fn before_line_comment(text: &str) -> String {
    let cut = text
        .match_indices("//")
        .map(|(at, _)| at)
        .find(|&at| !text[..at].ends_with(':'));
    text[..cut.unwrap_or(text.len())].to_owned()
}

/// Statements stay in the common dialect.
pub fn sql(source: &Source, found: &mut Vec<Finding>) {
    let home = crate_of(&source.path);
    if home == "store" || home == "xtask" {
        return;
    }
    for piece in &source.strings {
        let lower = piece.text.to_lowercase();
        let is_sql = [
            "select ", "insert ", "update ", "delete ", "create ", "listen ",
        ]
        .iter()
        .any(|verb| lower.trim_start().starts_with(verb));
        if !is_sql || source.is_test(piece.line) {
            continue;
        }
        for phrase in FOREIGN_SQL.iter().filter(|phrase| lower.contains(**phrase)) {
            let what =
                format!("`{phrase}` in SQL: not the same on both databases, hand the value in");
            found.push(Finding::new(&source.path, piece.line, what));
        }
        if lower.trim_start().starts_with("listen ") {
            found.push(Finding::new(
                &source.path,
                piece.line,
                "LISTEN is not part of the contract",
            ));
        }
    }
}

/// Migrations too.
pub fn migration(path: &str, text: &str, found: &mut Vec<Finding>) {
    for (number, line) in text.lines().enumerate() {
        let code = line.split("--").next().unwrap_or("").to_lowercase();
        let plain: Vec<&str> = code.split_whitespace().collect();
        let plain = plain.join(" ");
        for phrase in FOREIGN_SQL.iter().filter(|phrase| plain.contains(**phrase)) {
            let what = format!("`{phrase}` in a migration: not the same on both databases");
            found.push(Finding::new(path, number + 1, what));
        }
    }
}

/// The kernel has no `if pack == …`.
pub fn pack_names(source: &Source, found: &mut Vec<Finding>) {
    if is_test_path(&source.path) || crate_of(&source.path) == "xtask" {
        return;
    }
    let bytes = source.code.as_bytes();
    for word in ["pack", "pack_id", "pack_name"] {
        for at in words(&source.code, word) {
            let line = line_of(bytes, at);
            let rest = source.code[at + word.len()..].trim_start();
            let rest = rest
                .trim_start_matches(".as_str()")
                .trim_start_matches(".name");
            let compared = rest
                .trim_start()
                .strip_prefix("==")
                .or(rest.trim_start().strip_prefix("!="));
            let literal = compared.is_some_and(|right| right.trim_start().starts_with('"'));
            if literal && !source.is_test(line) {
                let what = "a pack by name in code: put the difference into the pack's data";
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
    fn chinese_strings_belong_to_files_of_words() {
        let text = "// 说明\nlet a = \"走访\";\nlet b = '年';\nlet c = \"、\";\n";
        assert_eq!(findings(chinese, PATH, text), [2]);
        for path in [
            "crates/plan/src/words.rs",
            "crates/plan/src/words/week.rs",
            "crates/plan/src/week/tests.rs",
            "crates/demo/src/names.rs",
            "crates/base/src/calendar.rs",
        ] {
            assert!(findings(chinese, path, text).is_empty(), "{path}");
        }
        let input = "#[serde(alias = \"开始\")]\nlet a = \"plain\";\n#[cfg(test)]\nmod t { const A: &str = \"走访\"; }\n";
        assert!(findings(chinese, PATH, input).is_empty());
        let parsed = "// not shown: spellings that bank files use\nlet a = [\n  \"高德\",\n];\n\nlet b = \"百度\";\n// not shown:\nlet c = \"户\";\n";
        assert_eq!(findings(chinese, PATH, parsed), [6, 8]);
    }

    #[test]
    fn chinese_in_pages_belongs_to_files_of_words() {
        let text = "// 说明\nconst a = <b>走访</b>;\n/* 长\n说明 */ const u = \"https://x\"; const w = \"户\";\n";
        let mut found = Vec::new();
        chinese_in_typescript("frontend/console/src/a.tsx", text, &mut found);
        let lines: Vec<usize> = found.iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [2, 4]);
        found.clear();
        chinese_in_typescript("frontend/console/src/words.ts", text, &mut found);
        chinese_in_typescript("frontend/console/src/a.test.tsx", text, &mut found);
        assert!(found.is_empty());
    }

    #[test]
    fn statements_and_migrations_stay_in_the_common_dialect() {
        let text = "const A: &str = \"select now()\";\nconst B: &str = \"LISTEN jobs\";\nconst C: &str = \"call now() later\";\n";
        assert_eq!(findings(sql, PATH, text), [1, 2]);
        let mut found = Vec::new();
        let script = "create table a (id {id}); -- no now()\nCREATE  TRIGGER t;\nid bigserial\n";
        migration("migrations/1.sql", script, &mut found);
        let lines: Vec<usize> = found.iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [2, 3]);
    }

    #[test]
    fn no_code_knows_a_pack_by_name() {
        let text =
            "if pack == \"household-visit\" {}\nif pack.name != \"x\" {}\nif pack == other {}\n";
        assert_eq!(
            findings(pack_names, "crates/kernel/src/pack/service.rs", text),
            [1, 2]
        );
    }
}
