//! What a phone keeps on its disk: a journal of lines that are only ever added,
//! and the bytes of photos beside it. A process that is killed leaves at most a
//! torn last line, which never was promised to anybody. Whatever the journal
//! says is read back when the phone starts again. Knows no network.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What a phone is told when it is new: whose it is and what to write.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Orders {
    /// Where the server listens.
    pub address: std::net::SocketAddr,
    /// Account.
    pub login: String,
    /// Its password.
    pub password: String,
    /// Made by the phone once and kept.
    pub device_id: String,
    /// For the enrolment.
    pub code: String,
    /// Branch.
    pub unit_id: String,
    /// Campaign.
    pub program_id: String,
    /// Day of all visits.
    pub day: String,
    /// Customers of the branch with their households.
    pub people: Vec<(String, String)>,
    /// Visits to write.
    pub visits: usize,
    /// Bytes of a photo.
    pub photo_bytes: usize,
    /// Longest pause between two visits, ms.
    pub pace_ms: u64,
    /// Seed of the pauses and of the photos.
    pub seed: u64,
    /// A rule that this phone breaks: `none`, `delete-on-send`, `no-idempotency`.
    pub control: String,
}

/// A visit with its photo as the journal has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Written {
    /// Number on this phone, from 0.
    pub n: usize,
    /// The operation as it is sent, without its number.
    pub op: Json,
    /// SHA-256 of the photo in hex.
    pub sha256: String,
}

impl Written {
    /// The operation.
    pub fn op_id(&self) -> &str {
        self.op["op_id"].as_str().unwrap_or_default()
    }
    /// The visit.
    pub fn visit(&self) -> &str {
        self.op["entity_id"].as_str().unwrap_or_default()
    }
}

/// One answer as the journal has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Heard {
    /// To which operation.
    pub op_id: String,
    /// What became of it.
    pub answer: zf_sim::outbox::Said,
    /// Number in the feed.
    pub seq: Option<i64>,
}

/// A line of the journal.
#[expect(missing_docs, reason = "the fields are named for what they are")]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Line {
    /// The branch knows this phone.
    Enrolled,
    /// Somebody is signed in.
    Session { token: String },
    /// A visit is complete.
    Visit(Written),
    /// The server answered.
    Answered { items: Vec<Heard> },
    /// The place of an upload.
    Place { visit: String, location: String },
    /// The server has the photo.
    PhotoThere { visit: String },
    /// A request without an answer.
    Unanswered,
    /// A photo went on where it had stopped.
    Resumed { at: u64 },
    /// An answer that is a refusal.
    Refused {
        status: u16,
        code: String,
        detail: String,
    },
    /// Deleted before the server had it: only a broken phone writes this.
    Deleted { op_ids: Vec<String> },
}

/// The disk of a phone.
pub struct Memory {
    folder: PathBuf,
    journal: File,
}

const JOURNAL: &str = "journal.jsonl";

impl Memory {
    /// Opens the folder; gives what the journal says.
    ///
    /// # Errors
    /// The disk; a journal that another program wrote.
    pub fn open(folder: &Path) -> io::Result<(Memory, Vec<Line>)> {
        let path = folder.join(JOURNAL);
        let mut text = std::fs::read(&path).unwrap_or_default();
        let whole = text.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        text.truncate(whole);
        let mut options = OpenOptions::new();
        let journal = options.create(true).append(true).open(&path)?;
        journal.set_len(whole as u64)?;
        let lines = parse(&text)?;
        let folder = folder.to_owned();
        Ok((Memory { folder, journal }, lines))
    }

    /// Adds a line; when this returns it outlives the process.
    ///
    /// # Errors
    /// The disk.
    pub fn add(&mut self, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.journal.write_all(&text)
    }

    fn photo(&self, visit: &str) -> PathBuf {
        self.folder.join(format!("{visit}.photo"))
    }

    /// Keeps the bytes of a photo, whole or not at all.
    ///
    /// # Errors
    /// The disk.
    pub fn keep_photo(&self, visit: &str, bytes: &[u8]) -> io::Result<()> {
        let beside = self.folder.join("photo.new");
        std::fs::write(&beside, bytes)?;
        std::fs::rename(&beside, self.photo(visit))
    }

    /// The bytes of a photo.
    ///
    /// # Errors
    /// They are not there.
    pub fn read_photo(&self, visit: &str) -> io::Result<Vec<u8>> {
        std::fs::read(self.photo(visit))
    }

    /// Frees the bytes of a photo.
    pub fn free_photo(&self, visit: &str) {
        // Gone already, after a kill.
        let _ = std::fs::remove_file(self.photo(visit));
    }
}

fn parse(text: &[u8]) -> io::Result<Vec<Line>> {
    let lines = text.split(|b| *b == b'\n').filter(|l| !l.is_empty());
    lines.map(|l| Ok(serde_json::from_slice(l)?)).collect()
}

/// The journal of a phone, for whoever looks at it afterwards.
///
/// # Errors
/// The disk.
pub fn journal(folder: &Path) -> io::Result<Vec<Line>> {
    let text = std::fs::read(folder.join(JOURNAL)).unwrap_or_default();
    let whole = text.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    parse(&text[..whole])
}

/// What somebody saw as saved: written down outside of the phone, after the
/// phone said so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saw {
    /// What the visit says of itself.
    pub token: String,
    /// Photo.
    pub sha256: String,
}

const SEEN: &str = "seen.jsonl";

/// Writes down what was seen.
///
/// # Errors
/// The disk.
pub fn saw(folder: &Path, seen: &Saw) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options.create(true).append(true).open(folder.join(SEEN))?;
    let mut text = serde_json::to_vec(seen)?;
    text.push(b'\n');
    file.write_all(&text)
}

/// What was seen on a phone.
///
/// # Errors
/// The disk.
pub fn all_seen(folder: &Path) -> io::Result<Vec<Saw>> {
    let text = std::fs::read(folder.join(SEEN)).unwrap_or_default();
    let whole = text.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    let lines = text[..whole].split(|b| *b == b'\n');
    let lines = lines.filter(|l| !l.is_empty());
    lines.map(|l| Ok(serde_json::from_slice(l)?)).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_last_line_is_forgotten_and_the_next_one_is_readable() {
        let folder = tempfile::tempdir().unwrap();
        let (mut memory, lines) = Memory::open(folder.path()).unwrap();
        assert!(lines.is_empty());
        memory.add(&Line::Enrolled).unwrap();
        drop(memory);
        let path = folder.path().join(JOURNAL);
        let mut torn = std::fs::read(&path).unwrap();
        torn.extend_from_slice(b"{\"is\":\"sess");
        std::fs::write(&path, torn).unwrap();
        let (mut memory, lines) = Memory::open(folder.path()).unwrap();
        assert_eq!(lines.len(), 1);
        memory.add(&Line::Unanswered).unwrap();
        assert!(matches!(
            journal(folder.path()).unwrap()[..],
            [Line::Enrolled, Line::Unanswered]
        ));
    }
}
