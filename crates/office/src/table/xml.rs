//! One XML part of a workbook, read event by event within limits.
//!
//! Refuses a part that inflates beyond its budget, a single event that would fill
//! the memory, and nesting without end. Knows nothing of sheets. Error texts name
//! the part, never its content.

use super::TableError;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::borrow::Cow;
use std::io::{self, BufReader, Read};

/// Largest single event (a text, a tag); the longest text Excel stores is 32,767
/// characters, so this is room to spare.
const MAX_EVENT_BYTES: u64 = 2 << 20;
/// Deepest nesting; sheets use fewer than ten levels.
const MAX_DEPTH: u32 = 64;
const BUFFER_BYTES: usize = 1 << 15;

/// Counts what is inflated and stops at the budget.
struct Metered<R> {
    inner: R,
    budget: u64,
    used: u64,
    event_used: u64,
    over_budget: bool,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.used += n as u64;
        self.event_used += n as u64;
        if self.used > self.budget {
            self.over_budget = true;
            return Err(io::Error::other("budget"));
        }
        if self.event_used > MAX_EVENT_BYTES {
            return Err(io::Error::other("event"));
        }
        Ok(n)
    }
}

/// A part being read.
pub(super) struct XmlPart<R: Read> {
    reader: Reader<BufReader<Metered<R>>>,
    buf: Vec<u8>,
    depth: u32,
    part: String,
    limit: u64,
}

impl<R: Read> XmlPart<R> {
    /// `budget`: bytes that may still be inflated; `limit`: what the error says.
    pub(super) fn new(inner: R, part: &str, budget: u64, limit: u64) -> Self {
        let metered = Metered {
            inner,
            budget,
            used: 0,
            event_used: 0,
            over_budget: false,
        };
        let mut reader = Reader::from_reader(BufReader::with_capacity(BUFFER_BYTES, metered));
        reader.config_mut().expand_empty_elements = true;
        XmlPart {
            reader,
            buf: Vec::with_capacity(1024),
            depth: 0,
            part: part.to_owned(),
            limit,
        }
    }

    /// Bytes inflated so far.
    pub(super) fn used(&self) -> u64 {
        self.reader.get_ref().get_ref().used
    }

    /// Name of the part.
    pub(super) fn part(&self) -> &str {
        &self.part
    }

    /// The next event; empty elements come as start and end.
    pub(super) fn next(&mut self) -> Result<Event<'_>, TableError> {
        self.buf.clear();
        self.reader.get_mut().get_mut().event_used = 0;
        let event = match self.reader.read_event_into(&mut self.buf) {
            Ok(event) => event,
            Err(_) if self.reader.get_ref().get_ref().over_budget => {
                return Err(TableError::TooLarge {
                    limit: self.limit,
                    unpacked: true,
                });
            }
            Err(_) => return Err(damaged(&self.part, "unreadable XML")),
        };
        match event {
            Event::Start(_) => self.depth += 1,
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if self.depth > MAX_DEPTH {
            return Err(damaged(&self.part, "too deeply nested"));
        }
        Ok(event)
    }
}

/// Error about a part as a whole.
pub(super) fn damaged(part: &str, what: &'static str) -> TableError {
    TableError::Damaged {
        part: part.to_owned(),
        what,
        row: None,
    }
}

/// Raw value of the attribute with that local name.
pub(super) fn attr<'a>(e: &'a BytesStart<'_>, name: &str) -> Option<Cow<'a, str>> {
    e.attributes()
        .with_checks(false)
        .flatten()
        .find(|a| a.key.local_name().as_ref() == name)
        .map(|a| a.value)
}

/// Value of the attribute with entities resolved; broken entities are left as they are.
pub(super) fn attr_text(e: &BytesStart<'_>, name: &str) -> Option<String> {
    let raw = attr(e, name)?;
    let text = quick_xml::escape::unescape(&raw)
        .map(Cow::into_owned)
        .unwrap_or_else(|_| raw.to_string());
    Some(text)
}

/// Appends what an entity stands for; unknown entities are dropped.
pub(super) fn push_entity(out: &mut String, entity: &BytesRef<'_>) {
    if let Ok(Some(c)) = entity.resolve_char_ref() {
        out.push(c);
        return;
    }
    let c = match entity.xml10_content().as_ref() {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return,
    };
    out.push(c);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(content: &str, budget: u64) -> Result<u64, TableError> {
        let mut xml = XmlPart::new(content.as_bytes(), "part", budget, budget);
        while !matches!(xml.next()?, Event::Eof) {}
        Ok(xml.used())
    }

    #[test]
    fn a_part_that_inflates_beyond_its_budget_is_stopped_on_the_way() {
        let content = format!("<a>{}</a>", "<b/>".repeat(50_000));
        assert_eq!(read_all(&content, 200_007).ok(), Some(200_007));
        let error = read_all(&content, 200_006).err();
        assert!(matches!(
            error,
            Some(TableError::TooLarge {
                limit: 200_006,
                unpacked: true
            })
        ));
    }
}
