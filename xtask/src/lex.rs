//! Rust source cut into what is code, what is text and what is comment.
//!
//! Not a parser: it knows comments, string and character literals, attributes
//! and brackets, which is enough for the rules in `tidy` and for finding the
//! body of a test in `coverage`. Works on text handed in; reads no files.

/// A string literal or a comment and the line it starts on (from 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Line of the first character, counted from 1.
    pub line: usize,
    /// The text without quotes or comment marks.
    pub text: String,
}

/// A function with a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Line of the word `fn`, from 1.
    pub first: usize,
    /// Line of the closing brace, from 1.
    pub last: usize,
    /// Body with braces, comments and literals blanked.
    pub body: String,
}

/// One source file, taken apart.
#[derive(Debug)]
pub struct Source {
    /// Path relative to the checkout.
    pub path: String,
    /// The code as ASCII, one byte per character: comments and the insides of
    /// literals are spaces, line ends are kept.
    pub code: String,
    /// String literals in order.
    pub strings: Vec<Piece>,
    /// Comments in order, doc comments included.
    pub comments: Vec<Piece>,
    /// For every line (from 0): is it test code?
    pub test_lines: Vec<bool>,
}

impl Source {
    /// Takes a file apart.
    pub fn new(path: &str, text: &str) -> Self {
        let mut cutter = Cutter::new(text);
        cutter.cut();
        let code: String = cutter.code;
        let mut test_lines = vec![is_test_path(path); code.lines().count() + 1];
        mark_tests(&code, &mut test_lines);
        Source {
            path: path.to_owned(),
            code,
            strings: cutter.strings,
            comments: cutter.comments,
            test_lines,
        }
    }

    /// Is this line (from 1) test code?
    pub fn is_test(&self, line: usize) -> bool {
        self.test_lines.get(line - 1).copied().unwrap_or(false)
    }

    /// The lines of code outside of tests, numbered from 1.
    pub fn product_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
            .filter(|(number, _)| !self.is_test(*number))
    }

    /// Every function that has a body, nested ones too.
    pub fn functions(&self) -> Vec<Function> {
        let bytes = self.code.as_bytes();
        let mut found = Vec::new();
        for at in words(&self.code, "fn") {
            let Some((name, after)) = name_at(&self.code, at + 2) else {
                continue;
            };
            let Some(open) = body_start(bytes, after) else {
                continue;
            };
            let close = matching(bytes, open);
            found.push(Function {
                name,
                first: line_of(bytes, at),
                last: line_of(bytes, close),
                body: self.code[open..(close + 1).min(bytes.len())].to_owned(),
            });
        }
        found
    }
}

/// Files that are test code as a whole.
pub fn is_test_path(path: &str) -> bool {
    let folders = ["tests", "benches", "examples", "sim", "e2e"];
    if path.split('/').any(|part| folders.contains(&part)) {
        return true;
    }
    let file = path.rsplit('/').next().unwrap_or(path);
    let stem = file.split('.').next().unwrap_or(file);
    ["tests", "testing", "testdb", "testkit"].contains(&stem)
        || stem.starts_with("test_")
        || stem.ends_with("_test")
        || stem.ends_with("_tests")
        || file.contains(".test.")
}

/// Byte offsets at which `word` stands alone in `code`.
pub fn words(code: &str, word: &str) -> Vec<usize> {
    let bytes = code.as_bytes();
    let inside = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(|&at| at == 0 || !inside(bytes.get(at - 1)))
        .filter(|&at| !inside(bytes.get(at + word.len())))
        .collect()
}

/// Line of a byte offset, from 1.
pub fn line_of(bytes: &[u8], at: usize) -> usize {
    let end = at.min(bytes.len());
    bytes[..end].iter().filter(|b| **b == b'\n').count() + 1
}

fn name_at(code: &str, from: usize) -> Option<(String, usize)> {
    let rest = &code[from..];
    let skipped = rest.len() - rest.trim_start().len();
    let name: String = rest[skipped..]
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    if name.is_empty() || skipped == 0 {
        return None;
    }
    let after = from + skipped + name.len();
    Some((name, after))
}

/// The `{` that opens the body, or nothing when a `;` ends the item first.
fn body_start(bytes: &[u8], from: usize) -> Option<usize> {
    let mut depth = 0i32;
    for (at, byte) in bytes.iter().enumerate().skip(from) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b'{' if depth == 0 => return Some(at),
            b';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// The bracket that closes the one at `open` (of the same kind), or the end.
fn matching(bytes: &[u8], open: usize) -> usize {
    let (up, down) = match bytes.get(open) {
        Some(b'[') => (b'[', b']'),
        Some(b'(') => (b'(', b')'),
        _ => (b'{', b'}'),
    };
    let mut depth = 0i32;
    for (at, byte) in bytes.iter().enumerate().skip(open) {
        if *byte == up {
            depth += 1;
        } else if *byte == down {
            depth -= 1;
            if depth == 0 {
                return at;
            }
        }
    }
    bytes.len().saturating_sub(1)
}

fn is_test_attribute(text: &str) -> bool {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let plain = plain.trim_start_matches("#!").trim_start_matches('#');
    ["[cfg(test)", "[cfg(any(test", "[cfg(all(test", "[test]"]
        .iter()
        .any(|start| plain.starts_with(start))
        || plain.ends_with("::test]")
        || plain.contains("::test(")
}

/// Marks every line of an item that carries a test attribute.
fn mark_tests(code: &str, lines: &mut [bool]) {
    let bytes = code.as_bytes();
    for (at, _) in code.match_indices('#') {
        let inner = bytes.get(at + 1) == Some(&b'!');
        let open = if inner { at + 2 } else { at + 1 };
        if bytes.get(open) != Some(&b'[') {
            continue;
        }
        let close = matching(bytes, open);
        if !is_test_attribute(&code[at..=close]) {
            continue;
        }
        if inner {
            lines.fill(true);
            return;
        }
        let end = item_end(bytes, close + 1);
        let (first, last) = (line_of(bytes, at), line_of(bytes, end));
        for line in lines.iter_mut().take(last).skip(first - 1) {
            *line = true;
        }
    }
}

/// Where the item that starts at `from` ends; further attributes belong to it.
fn item_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'[' | b'(' => at = matching(bytes, at),
            b'{' => return matching(bytes, at),
            b';' => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len().saturating_sub(1)
}

/// Walks the characters once and sorts them into code, strings and comments.
struct Cutter {
    chars: Vec<char>,
    at: usize,
    line: usize,
    code: String,
    strings: Vec<Piece>,
    comments: Vec<Piece>,
}

impl Cutter {
    fn new(text: &str) -> Self {
        Cutter {
            chars: text.chars().collect(),
            at: 0,
            line: 1,
            code: String::with_capacity(text.len()),
            strings: Vec::new(),
            comments: Vec::new(),
        }
    }

    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\0')
    }

    /// Moves on one character, which is code (`keep`) or blanked.
    fn step(&mut self, keep: bool) -> char {
        let c = self.peek(0);
        self.at += 1;
        if c == '\n' {
            self.line += 1;
            self.code.push('\n');
        } else if keep && c.is_ascii() {
            self.code.push(c);
        } else {
            self.code.push(' ');
        }
        c
    }

    fn cut(&mut self) {
        while self.at < self.chars.len() {
            match (self.peek(0), self.peek(1)) {
                ('/', '/') => self.line_comment(),
                ('/', '*') => self.block_comment(),
                ('"', _) => self.string(),
                ('\'', _) => self.quote(),
                (c, _) if c.is_alphabetic() || c == '_' => self.word(),
                _ => {
                    self.step(true);
                }
            }
        }
    }

    fn line_comment(&mut self) {
        let line = self.line;
        let mut text = String::new();
        while self.at < self.chars.len() && self.peek(0) != '\n' {
            text.push(self.step(false));
        }
        self.comments.push(Piece { line, text });
    }

    fn block_comment(&mut self) {
        let line = self.line;
        let mut text = String::new();
        let mut depth = 0;
        while self.at < self.chars.len() {
            let pair = (self.peek(0), self.peek(1));
            if pair == ('/', '*') || pair == ('*', '/') {
                depth += if pair.0 == '/' { 1 } else { -1 };
                text.push(self.step(false));
            }
            text.push(self.step(false));
            if depth == 0 {
                break;
            }
        }
        self.comments.push(Piece { line, text });
    }

    /// An identifier, or the `r#"…"#` of a raw string.
    fn word(&mut self) {
        let mut word = String::new();
        while self.peek(0).is_alphanumeric() || self.peek(0) == '_' {
            word.push(self.step(true));
        }
        if !matches!(word.as_str(), "r" | "br" | "cr") {
            return;
        }
        let mut hashes = 0;
        while self.peek(hashes) == '#' {
            hashes += 1;
        }
        if self.peek(hashes) == '"' {
            self.raw_string(hashes);
        }
    }

    fn raw_string(&mut self, hashes: usize) {
        let line = self.line;
        for _ in 0..=hashes {
            self.step(true);
        }
        let mut text = String::new();
        while self.at < self.chars.len() {
            let closed = self.peek(0) == '"' && (1..=hashes).all(|n| self.peek(n) == '#');
            if closed {
                for _ in 0..=hashes {
                    self.step(true);
                }
                break;
            }
            text.push(self.step(false));
        }
        self.strings.push(Piece { line, text });
    }

    fn string(&mut self) {
        let line = self.line;
        self.step(true);
        let mut text = String::new();
        while self.at < self.chars.len() && self.peek(0) != '"' {
            if self.peek(0) == '\\' {
                text.push(self.step(false));
            }
            text.push(self.step(false));
        }
        self.step(true);
        self.strings.push(Piece { line, text });
    }

    /// A character literal or a lifetime.
    fn quote(&mut self) {
        let literal = self.peek(1) == '\\' || self.peek(2) == '\'';
        self.step(true);
        if !literal {
            return;
        }
        if self.peek(0) == '\\' {
            self.step(false);
        }
        self.step(false);
        while self.at < self.chars.len() && self.peek(0) != '\'' {
            self.step(false);
        }
        self.step(true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_leave_the_code() {
        let source = Source::new(
            "a.rs",
            "let a = \"x.unwrap() // no\"; // why\nlet b = 'x'; /* fn c() {} */ let d: &'a str;",
        );
        assert!(!source.code.contains("unwrap"));
        assert!(!source.code.contains("fn c"));
        assert!(source.code.contains("let d: &'a str;"));
        assert_eq!(source.strings[0].text, "x.unwrap() // no");
        assert_eq!(source.comments[0].text, "// why");
        assert_eq!(source.comments[1].line, 2);
    }

    #[test]
    fn raw_strings_escapes_and_quotes_end_where_rust_ends_them() {
        let source = Source::new(
            "a.rs",
            r####"let a = r##"one "# two"##; let b = "q\"q"; let c = '\''; let d = '"'; end()"####,
        );
        assert_eq!(source.strings[0].text, "one \"# two");
        assert_eq!(source.strings[1].text, "q\\\"q");
        assert!(source.code.ends_with("end()"));
        assert_eq!(source.strings.len(), 2);
    }

    #[test]
    fn a_nested_block_comment_is_one_comment() {
        let source = Source::new("a.rs", "/* a /* b */ c */ code");
        assert_eq!(source.code.trim(), "code");
        assert_eq!(source.comments.len(), 1);
    }

    #[test]
    fn functions_are_measured_from_fn_to_the_closing_brace() {
        let text = "fn one() -> [u8; 2] {\n  [1, 2]\n}\ntrait T { fn none(&self); }\nfn two() {}\n";
        let found = Source::new("a.rs", text).functions();
        let sizes: Vec<_> = found
            .iter()
            .map(|f| (f.name.as_str(), f.first, f.last))
            .collect();
        assert_eq!(sizes, [("one", 1, 3), ("two", 5, 5)]);
    }

    #[test]
    fn test_items_are_marked_and_the_code_around_them_is_not() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() {}\n}\nfn c() {}\n#[test]\n#[ignore]\nfn d() {\n}\nfn e() {}\n";
        let source = Source::new("crates/x/src/a.rs", text);
        let marked: Vec<usize> = (1..=11).filter(|n| source.is_test(*n)).collect();
        assert_eq!(marked, [2, 3, 4, 5, 7, 8, 9, 10]);
        assert!(Source::new("crates/x/src/tests.rs", "fn a() {}").is_test(1));
    }
}
