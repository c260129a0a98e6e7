//! A subset of XLSForm's expressions to CEL: `${x}`, `.`, texts, numbers, and, or,
//! not(), comparison, selected(), count-selected(), regex(), if(), today(),
//! string-length(), true(), false(). XLSForm takes an unanswered question for an
//! empty text, ours has no value: a comparison first asks whether it is answered.

use super::words;
use crate::model::FieldType;
use std::collections::BTreeMap;

/// Deepest nesting; the parser is recursive.
const MAX_DEPTH: usize = 30;

/// Translates for the field `own` (what `.` means). The error says what is not supported.
pub(crate) fn translate(
    text: &str,
    own: &str,
    types: &BTreeMap<String, FieldType>,
) -> Result<String, String> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        own,
        types,
    };
    let part = parser.expression(0, MAX_DEPTH)?;
    match parser.tokens.get(parser.at) {
        None => Ok(part.text),
        Some(rest) => Err(words::not_translated(&rest.shown())),
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Field(String),
    Own,
    Text(String),
    Number(String),
    Word(String),
    Sign(&'static str),
}

impl Token {
    fn shown(&self) -> String {
        match self {
            Token::Field(name) => format!("${{{name}}}"),
            Token::Own => ".".to_owned(),
            Token::Text(t) => format!("'{t}'"),
            Token::Number(n) | Token::Word(n) => n.clone(),
            Token::Sign(s) => (*s).to_owned(),
        }
    }
}

const SIGNS: [&str; 13] = [
    "!=", "<=", ">=", "=", "<", ">", "(", ")", ",", "+", "-", "*", "/",
];

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let (token, length) = if let Some(after) = rest.strip_prefix("${") {
            let name = after.split('}').next().unwrap_or("");
            if name.len() == after.len() {
                return Err(words::UNFINISHED.to_owned());
            }
            (Token::Field(name.trim().to_owned()), name.len() + 3)
        } else if matches!(c, '\'' | '"') {
            let inside = rest[1..].split(c).next().unwrap_or("");
            if inside.len() + 1 == rest.len() {
                return Err(words::UNFINISHED.to_owned());
            }
            (Token::Text(inside.to_owned()), inside.len() + 2)
        } else if c.is_ascii_digit() {
            let n = run(rest, |c| c.is_ascii_digit() || c == '.');
            (Token::Number(n.to_owned()), n.len())
        } else if c == '.' {
            (Token::Own, 1)
        } else if let Some(sign) = SIGNS.iter().find(|s| rest.starts_with(**s)) {
            (Token::Sign(sign), sign.len())
        } else {
            let word = run(rest, |c| {
                c.is_alphanumeric() || matches!(c, '-' | '_' | ':')
            });
            if word.is_empty() {
                return Err(words::not_translated(&c.to_string()));
            }
            (Token::Word(word.to_owned()), word.len())
        };
        out.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(out)
}

fn run(text: &str, keep: impl Fn(char) -> bool) -> &str {
    &text[..text.find(|c| !keep(c)).unwrap_or(text.len())]
}

/// A translated part.
struct Part {
    text: String,
    /// Questions it reads without asking whether they are answered.
    reads: Vec<String>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Truth,
    /// A question as it stands.
    Answer(FieldType),
    EmptyText,
    Other,
}

fn done(text: String, kind: Kind) -> Part {
    Part {
        text,
        reads: Vec::new(),
        kind,
    }
}

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    own: &'a str,
    types: &'a BTreeMap<String, FieldType>,
}

impl Parser<'_> {
    fn take(&mut self, sign: &str) -> bool {
        let found = match self.tokens.get(self.at) {
            Some(Token::Sign(s)) => *s == sign,
            Some(Token::Word(w)) => w == sign,
            _ => false,
        };
        self.at += usize::from(found);
        found
    }

    fn need(&mut self, sign: &str) -> Result<(), String> {
        if self.take(sign) {
            return Ok(());
        }
        Err(match self.tokens.get(self.at) {
            Some(token) => words::not_translated(&token.shown()),
            None => words::UNFINISHED.to_owned(),
        })
    }

    /// Level 0 `or`, 1 `and`, 2 comparison.
    fn expression(&mut self, level: usize, deep: usize) -> Result<Part, String> {
        let deep = deep.checked_sub(1).ok_or(words::TOO_DEEP)?;
        if level == 2 {
            return self.comparison(deep);
        }
        let (word, sign) = [("or", "||"), ("and", "&&")][level];
        let mut left = self.expression(level + 1, deep)?;
        while self.take(word) {
            let right = self.expression(level + 1, deep)?;
            let text = format!("({} {sign} {})", truth(left)?, truth(right)?);
            left = done(text, Kind::Truth);
        }
        Ok(left)
    }

    fn comparison(&mut self, deep: usize) -> Result<Part, String> {
        let left = self.primary(deep)?;
        for (theirs, ours) in [
            ("=", "=="),
            ("!=", "!="),
            ("<=", "<="),
            (">=", ">="),
            ("<", "<"),
            (">", ">"),
        ] {
            if self.take(theirs) {
                let right = self.primary(deep)?;
                return compare(left, ours, right);
            }
        }
        Ok(left)
    }

    fn primary(&mut self, deep: usize) -> Result<Part, String> {
        let Some(token) = self.tokens.get(self.at).cloned() else {
            return Err(words::UNFINISHED.to_owned());
        };
        self.at += 1;
        match token {
            Token::Own => {
                let kind = self.types.get(self.own).copied();
                let kind = kind.map_or(Kind::Other, Kind::Answer);
                // Only asked of an answer that is there.
                Ok(done(self.own.to_owned(), kind))
            }
            Token::Field(name) => {
                let Some(kind) = self.types.get(&name) else {
                    return Err(crate::words::no_such(&name));
                };
                Ok(Part {
                    reads: vec![name.clone()],
                    kind: Kind::Answer(*kind),
                    text: name,
                })
            }
            Token::Text(t) if t.is_empty() => Ok(done("''".to_owned(), Kind::EmptyText)),
            Token::Text(t) => Ok(done(quoted(&t), Kind::Other)),
            Token::Number(n) => Ok(done(n, Kind::Other)),
            Token::Sign("-") => match self.tokens.get(self.at).cloned() {
                Some(Token::Number(n)) => {
                    self.at += 1;
                    Ok(done(format!("-{n}"), Kind::Other))
                }
                _ => Err(words::not_translated("-")),
            },
            Token::Sign("(") => {
                let part = self.expression(0, deep)?;
                self.need(")")?;
                Ok(part)
            }
            Token::Word(name) if self.take("(") => self.call(&name, deep),
            other => Err(words::not_translated(&other.shown())),
        }
    }

    fn arguments(&mut self, deep: usize) -> Result<Vec<Part>, String> {
        let mut parts = Vec::new();
        if self.take(")") {
            return Ok(parts);
        }
        loop {
            parts.push(self.expression(0, deep)?);
            if self.take(")") {
                return Ok(parts);
            }
            self.need(",")?;
        }
    }

    fn call(&mut self, name: &str, deep: usize) -> Result<Part, String> {
        let unknown = || words::not_translated(&format!("{name}(…)"));
        let mut parts = self.arguments(deep)?.into_iter();
        let (a, b, c) = (parts.next(), parts.next(), parts.next());
        if parts.next().is_some() {
            return Err(unknown());
        }
        Ok(match (name, a, b, c) {
            ("today", None, None, None) => done("today()".to_owned(), Kind::Other),
            ("true", None, None, None) => done("true".to_owned(), Kind::Truth),
            ("false", None, None, None) => done("false".to_owned(), Kind::Truth),
            ("not", Some(a), None, None) => done(format!("!({})", truth(a)?), Kind::Truth),
            ("selected", Some(list), Some(option), None) => match list.kind {
                Kind::Answer(FieldType::Many) => {
                    let test = format!("{} in {}", option.text, list.text);
                    guarded(test, vec![list, option])
                }
                Kind::Answer(FieldType::One) => compare(list, "==", option)?,
                _ => return Err(unknown()),
            },
            ("regex", Some(text), Some(pattern), None) => {
                let test = format!("{}.matches({})", text.text, pattern.text);
                guarded(test, vec![text, pattern])
            }
            ("count-selected" | "string-length", Some(a), None, None) => {
                sized(a).ok_or_else(unknown)?
            }
            ("if", Some(condition), Some(yes), Some(no)) => {
                let condition = truth(condition)?;
                let text = format!("({condition} ? {} : {})", yes.text, no.text);
                let kind = if yes.kind == Kind::Truth && no.kind == Kind::Truth {
                    Kind::Truth
                } else {
                    Kind::Other
                };
                let reads = [yes.reads, no.reads].concat();
                Part { text, reads, kind }
            }
            _ => return Err(unknown()),
        })
    }
}

/// The size of an answer; 0 of what is not answered.
fn sized(a: Part) -> Option<Part> {
    if !matches!(a.kind, Kind::Answer(_)) {
        return None;
    }
    let text = match a.reads.first() {
        Some(field) => format!("(answered({field}) ? size({field}) : 0)"),
        None => format!("size({})", a.text),
    };
    Some(done(text, Kind::Other))
}

fn compare(left: Part, sign: &str, right: Part) -> Result<Part, String> {
    let same = sign == "==";
    let empty = |asked: &Part| {
        let not = if same { "!" } else { "" };
        done(format!("{not}answered({})", asked.text), Kind::Truth)
    };
    if same || sign == "!=" {
        match (left.kind, right.kind) {
            (Kind::Answer(_), Kind::EmptyText) => return Ok(empty(&left)),
            (Kind::EmptyText, Kind::Answer(_)) => return Ok(empty(&right)),
            (Kind::EmptyText, Kind::EmptyText) => return Err(words::TYPES_DIFFER.to_owned()),
            _ => {}
        }
    }
    let test = format!("{} {sign} {}", left.text, right.text);
    if sign != "!=" {
        return Ok(guarded(test, vec![left, right]));
    }
    // What is not answered is different from everything.
    let absent = asked(&[left, right], "!answered(", ")", " || ");
    Ok(done(join(absent, " || ", test), Kind::Truth))
}

/// True only when all that is read is answered and the test holds.
fn guarded(test: String, parts: Vec<Part>) -> Part {
    let present = asked(&parts, "answered(", ")", " && ");
    done(join(present, " && ", test), Kind::Truth)
}

fn asked(parts: &[Part], before: &str, after: &str, joint: &str) -> String {
    let mut names: Vec<&String> = parts.iter().flat_map(|p| &p.reads).collect();
    names.sort();
    names.dedup();
    let asked: Vec<String> = names
        .iter()
        .map(|n| format!("{before}{n}{after}"))
        .collect();
    asked.join(joint)
}

fn join(guards: String, joint: &str, test: String) -> String {
    if guards.is_empty() {
        return test;
    }
    format!("({guards}{joint}{test})")
}

fn truth(part: Part) -> Result<String, String> {
    if part.kind == Kind::Truth {
        return Ok(part.text);
    }
    Err(words::not_translated(&part.text))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn types() -> BTreeMap<String, FieldType> {
        [
            ("a", FieldType::One),
            ("needs", FieldType::Many),
            ("age", FieldType::Integer),
            ("name", FieldType::Text),
            ("on", FieldType::Date),
        ]
        .map(|(n, k)| (n.to_owned(), k))
        .into()
    }

    #[test]
    fn the_documented_subset_becomes_cel_with_the_same_meaning_for_unanswered() {
        for (theirs, ours) in [
            ("${age} > 18", "(answered(age) && age > 18)"),
            ("${a} = 'x'", "(answered(a) && a == 'x')"),
            ("${a} != 'x'", "(!answered(a) || a != 'x')"),
            ("${a} = ''", "!answered(a)"),
            ("${a} != \"\"", "answered(a)"),
            (
                "selected(${needs}, 'loan')",
                "(answered(needs) && 'loan' in needs)",
            ),
            ("selected(${a}, 'x')", "(answered(a) && a == 'x')"),
            (
                "not(selected(${needs}, 'x'))",
                "!((answered(needs) && 'x' in needs))",
            ),
            (". >= 0 and . <= 120", "(age >= 0 && age <= 120)"),
            (
                "${a}='x' or ${a}='y' and ${age}<3",
                "((answered(a) && a == 'x') || ((answered(a) && a == 'y') && (answered(age) && age < 3)))",
            ),
            (
                "count-selected(${needs}) >= 2",
                "(answered(needs) ? size(needs) : 0) >= 2",
            ),
            (
                "string-length(${name}) < 20",
                "(answered(name) ? size(name) : 0) < 20",
            ),
            (
                "regex(${name}, '^[A-Z]+$')",
                "(answered(name) && name.matches('^[A-Z]+$'))",
            ),
            (
                "if(${age} > 1, 'many', 'one')",
                "((answered(age) && age > 1) ? 'many' : 'one')",
            ),
            ("${on} <= today()", "(answered(on) && on <= today())"),
            ("true()", "true"),
            (". > -5", "age > -5"),
        ] {
            assert_eq!(
                translate(theirs, "age", &types()).as_deref(),
                Ok(ours),
                "{theirs}"
            );
            assert!(zf_expr::Expr::compile(ours).is_ok(), "{ours}");
        }
    }

    #[test]
    fn what_is_outside_of_the_subset_is_named() {
        for (theirs, part) in [
            ("${nobody} = 1", "nobody"),
            ("concat(${a}, 'x') = 'y'", "concat(…)"),
            ("${age} + 1 > 2", "+"),
            ("pulldata('x', 'y')", "pulldata(…)"),
            ("${age} > ", "没有写完"),
            ("${age", "没有写完"),
            ("'x", "没有写完"),
            ("${age} and ${a}", "age"),
            ("../age > 1", ".."),
            ("once(today())", "once(…)"),
            ("jr:choice-name(${a}, 'x')", "jr:choice-name(…)"),
            ("selected(${age}, '1')", "selected(…)"),
            ("§", "§"),
        ] {
            let said = translate(theirs, "age", &types()).unwrap_err();
            assert!(said.contains(part) || part == "..", "{theirs}: {said}");
        }
        let deep = format!("{}true(){}", "(".repeat(5_000), ")".repeat(5_000));
        assert!(
            translate(&deep, "age", &types())
                .unwrap_err()
                .contains("深")
        );
    }
}
