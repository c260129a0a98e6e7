//! Regular expressions that the server and the phone read alike. Takes the text
//! that an author wrote in `matches('…')`, refuses what the two engines treat
//! differently or what could run for ever on a phone, and writes the rest out so
//! that nothing is left to an engine's taste (`\d` is 0 to 9, `.` is all but a
//! line feed). `shared/form/pattern.ts` does the same step by step.

use std::iter::Peekable;
use std::str::Chars;

/// Most repetitions that a pattern may count, e.g. `{2,20}`.
const MAX_COUNT: u32 = 1_000;
const SYNTAX: &str = "^$\\.*+?()[]{}|/";

/// The pattern in its portable spelling, or `None` when it is outside of the subset.
pub(crate) fn portable(pattern: &str) -> Option<String> {
    let mut reader = Reader {
        rest: pattern.chars().peekable(),
        out: String::new(),
        groups: vec![false],
        last: Last::Nothing,
    };
    while let Some(c) = reader.rest.next() {
        reader.step(c)?;
    }
    if reader.groups.len() != 1 || regex::Regex::new(&reader.out).is_err() {
        return None;
    }
    Some(reader.out)
}

/// What stands before the next character.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    /// Start, `|`, `(`, `^` or `$`: nothing to repeat.
    Nothing,
    /// One character or class.
    Atom,
    /// A closed group; true when something in it repeats without end.
    Group(bool),
    /// A repetition, which may be made lazy once.
    Repeat,
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    out: String,
    /// Open groups: whether something in each repeats without end.
    groups: Vec<bool>,
    last: Last,
}

impl Reader<'_> {
    fn step(&mut self, c: char) -> Option<()> {
        match c {
            '^' | '$' | '|' => self.put(c, Last::Nothing),
            '.' => {
                self.out.push_str("[^\\n]");
                self.last = Last::Atom;
            }
            '(' => {
                if self.rest.next_if_eq(&'?').is_some() {
                    self.rest.next_if_eq(&':')?;
                }
                self.out.push_str("(?:");
                self.groups.push(false);
                self.last = Last::Nothing;
            }
            ')' => {
                let endless = self.groups.pop()?;
                *self.groups.last_mut()? |= endless;
                self.put(c, Last::Group(endless));
            }
            '*' | '+' => self.repeat(&c.to_string(), true)?,
            '?' if self.last == Last::Repeat => self.put(c, Last::Nothing),
            '?' => self.repeat("?", false)?,
            '{' => {
                let (text, endless) = self.count()?;
                self.repeat(&text, endless)?;
            }
            '[' => self.class()?,
            '\\' => {
                let escaped = self.rest.next()?;
                match shorthand(escaped) {
                    Some((negated, inside)) => {
                        let not = if negated { "^" } else { "" };
                        self.out.push_str(&format!("[{not}{inside}]"));
                    }
                    None => self.escaped(escaped, SYNTAX)?,
                }
                self.last = Last::Atom;
            }
            ']' | '}' => return None,
            _ => {
                literal(&mut self.out, c, SYNTAX);
                self.last = Last::Atom;
            }
        }
        Some(())
    }

    fn put(&mut self, c: char, last: Last) {
        self.out.push(c);
        self.last = last;
    }

    fn escaped(&mut self, c: char, syntax: &str) -> Option<()> {
        match c {
            'n' | 'r' | 't' => {
                self.out.push('\\');
                self.out.push(c);
            }
            _ if c.is_ascii_punctuation() => literal(&mut self.out, c, syntax),
            _ => return None,
        }
        Some(())
    }

    /// A repetition of what stands before. One without end inside of another
    /// without end can take exponential time on the phone.
    fn repeat(&mut self, text: &str, endless: bool) -> Option<()> {
        match self.last {
            Last::Nothing | Last::Repeat => return None,
            Last::Group(true) => return None,
            Last::Atom | Last::Group(false) => {}
        }
        *self.groups.last_mut()? |= endless;
        self.out.push_str(text);
        self.last = Last::Repeat;
        Some(())
    }

    /// `{2}`, `{2,}` or `{2,20}`, with whether it has no end.
    fn count(&mut self) -> Option<(String, bool)> {
        let least = self.number()?;
        if self.rest.next_if_eq(&'}').is_some() {
            return Some((format!("{{{least}}}"), false));
        }
        self.rest.next_if_eq(&',')?;
        if self.rest.next_if_eq(&'}').is_some() {
            return Some((format!("{{{least},}}"), true));
        }
        let most = self.number().filter(|most| *most >= least)?;
        self.rest.next_if_eq(&'}')?;
        Some((format!("{{{least},{most}}}"), false))
    }

    fn number(&mut self) -> Option<u32> {
        let mut digits = String::new();
        while let Some(d) = self.rest.next_if(char::is_ascii_digit) {
            digits.push(d);
        }
        digits.parse().ok().filter(|n| *n <= MAX_COUNT)
    }

    /// `[…]` with single characters, ranges and `\d`, `\w`, `\s`.
    fn class(&mut self) -> Option<()> {
        const CLASS_SYNTAX: &str = "^]\\-[";
        self.out.push('[');
        if self.rest.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        let mut empty = true;
        loop {
            let c = self.rest.next()?;
            match c {
                ']' if !empty => break,
                ']' => return None,
                '[' if self.rest.peek() == Some(&':') => return None,
                '&' | '~' | '-' if self.rest.peek() == Some(&c) => return None,
                '\\' => {
                    let escaped = self.rest.next()?;
                    match shorthand(escaped) {
                        Some((true, _)) => return None,
                        Some((false, inside)) => self.out.push_str(inside),
                        None => self.escaped(escaped, CLASS_SYNTAX)?,
                    }
                }
                // A range when something stands on both sides, else the character itself.
                '-' if !empty && self.rest.peek() != Some(&']') => self.out.push('-'),
                _ => literal(&mut self.out, c, CLASS_SYNTAX),
            }
            empty = false;
        }
        self.put(']', Last::Atom);
        Some(())
    }
}

fn literal(out: &mut String, c: char, syntax: &str) {
    if syntax.contains(c) {
        out.push('\\');
    }
    out.push(c);
}

/// Whether negated, and the characters for use inside of a class.
fn shorthand(c: char) -> Option<(bool, &'static str)> {
    let inside = match c.to_ascii_lowercase() {
        'd' => "0-9",
        'w' => "0-9A-Za-z_",
        's' => " \\t\\n\\r\\f",
        _ => return None,
    };
    Some((c.is_ascii_uppercase(), inside))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::portable;

    #[test]
    fn ordinary_patterns_keep_their_meaning_in_a_spelling_both_engines_share() {
        for (written, portable_spelling) in [
            (r"^1[3-9]\d{9}$", "^1[3-9][0-9]{9}$"),
            (r"^[\w.-]+@\w+$", r"^[0-9A-Za-z_.\-]+@[0-9A-Za-z_]+$"),
            (r"a.c", r"a[^\n]c"),
            (r"(ab|c)?d*?", r"(?:ab|c)?d*?"),
            (r"^0[0-9]{2,3}\-?[0-9]{7,8}$", "^0[0-9]{2,3}-?[0-9]{7,8}$"),
            (r"\S\D", r"[^ \t\n\r\f][^0-9]"),
            ("^[一-龥·]{2,20}$", "^[一-龥·]{2,20}$"),
        ] {
            assert_eq!(
                portable(written).as_deref(),
                Some(portable_spelling),
                "{written}"
            );
        }
    }

    #[test]
    fn what_the_engines_read_differently_or_cannot_bound_is_refused() {
        for written in [
            r"(a+)+",
            r"(a*b)*",
            r"(?=a)",
            r"(?i)a",
            r"\bword\b",
            r"\p{Han}",
            r"(a)\1",
            "a**",
            "a++",
            "*a",
            "^*",
            "[]a]",
            "[^]",
            "[a&&b]",
            "[[:alpha:]]",
            "a{2",
            "a{3,2}",
            "a{1001}",
            "a}",
            "a]",
            "(a",
            "a)",
            "[z-a]",
            r"[\D]",
            "\\",
            "[a",
        ] {
            assert_eq!(portable(written), None, "{written}");
        }
    }
}
