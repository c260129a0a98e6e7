//! A phone as a process of its own: writes visits with photos, keeps them in its
//! journal, takes them to the server, visits first and photos after, and forgets
//! only what the server has confirmed. The outbox is the twin of the field
//! app's (`zf_sim::outbox`), the order of the steps that of its shell
//! (`frontend/field/src/engine/drain.ts`). Killed at any moment and started
//! again it goes on from its journal. Two broken kinds prove that the check
//! at the end sees what they do.

use super::line::{Line as Wire, Reply};
use super::memory::{Heard, Line, Memory, Orders, Saw, Written, saw};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use uuid::Uuid;
use zf_kernel::{Clock, SystemClock};
use zf_sim::outbox::{Answered, Effect, Event, Outbox, Queued, Said};
use zf_sim::rng::Rng;

/// One round of the loop.
const ROUND: Duration = Duration::from_millis(4);
/// In a thousand rounds somebody presses "upload now" so often.
const BY_HAND: u64 = 8;
/// In a thousand batches so often the line is gone before the answer,
const VALLEYS: u64 = 80;
/// at most so many milliseconds after the batch went out.
const VALLEY_MS: u64 = 40;
/// Every so many visits one has the photo of the visit before.
const SAME_PHOTO: usize = 20;
const JITTER_WHOLE: u64 = 1_000_000;

/// A photo that is not at the bank.
struct Waiting {
    visit: String,
    op_id: String,
    sha256: String,
    location: Option<String>,
}

/// How far the server is with a photo.
enum Place {
    Whole,
    At(usize),
    Nowhere,
}

struct Phone {
    folder: PathBuf,
    orders: Orders,
    memory: Memory,
    wire: Wire,
    outbox: Outbox,
    written: BTreeMap<String, Written>,
    photos: VecDeque<Waiting>,
    enrolled: bool,
    rng: Rng,
    next_visit: i64,
}

fn now() -> i64 {
    SystemClock.now().0 / 1_000
}

/// The bytes of photo `n` of a phone.
pub fn photo(orders: &Orders, n: usize) -> Vec<u8> {
    let of = if n % SAME_PHOTO == SAME_PHOTO - 1 {
        n - 1
    } else {
        n
    };
    let mut rng = Rng::new(orders.seed ^ (of as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0];
    while bytes.len() < orders.photo_bytes {
        bytes.extend_from_slice(&rng.bits().to_le_bytes());
    }
    bytes.truncate(orders.photo_bytes);
    bytes
}

/// SHA-256 in hex.
pub fn hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

/// What visit `n` of a phone says of itself.
pub fn token(orders: &Orders, n: usize) -> String {
    format!("{}-{n}", orders.login)
}

/// Runs the phone until all of its visits and photos are at the bank.
///
/// # Errors
/// The own disk. Whatever the server does is no error.
pub fn run(folder: &Path) -> io::Result<()> {
    let mut phone = Phone::start(folder)?;
    while !phone.is_done() {
        phone.round()?;
        std::thread::sleep(ROUND);
    }
    Ok(())
}

impl Phone {
    fn start(folder: &Path) -> io::Result<Phone> {
        let orders: Orders = serde_json::from_slice(&std::fs::read(folder.join("orders.json"))?)?;
        let (memory, lines) = Memory::open(folder)?;
        let mut phone = Phone {
            wire: Wire::to(orders.address),
            rng: Rng::new(orders.seed ^ now() as u64),
            folder: folder.to_owned(),
            memory,
            orders,
            outbox: Outbox::default(),
            written: BTreeMap::new(),
            photos: VecDeque::new(),
            enrolled: false,
            next_visit: 0,
        };
        for line in lines {
            phone.recall(line);
        }
        phone.outbox.step(&Event::Start);
        Ok(phone)
    }

    fn is_done(&self) -> bool {
        self.written.len() >= self.orders.visits
            && self.outbox.entries.is_empty()
            && self.photos.is_empty()
    }

    /// One line of the journal happens again, without its effects.
    fn recall(&mut self, line: Line) {
        match line {
            Line::Enrolled => self.enrolled = true,
            Line::Session { token } => self.wire.session = Some(token),
            Line::Visit(w) => self.queue(w),
            Line::Answered { items } => {
                self.outbox.step(&answers(0, &items));
            }
            Line::Place { visit, location } => {
                if let Some(p) = self.photos.iter_mut().find(|p| p.visit == visit) {
                    p.location = Some(location);
                }
            }
            Line::PhotoThere { visit } => {
                self.photos.retain(|p| p.visit != visit);
                self.memory.free_photo(&visit);
            }
            Line::Deleted { op_ids } => self.delete(&op_ids),
            Line::Unanswered | Line::Resumed { .. } | Line::Refused { .. } => {}
        }
    }

    fn queue(&mut self, w: Written) {
        let op = Queued {
            op_id: w.op_id().to_owned(),
            unit_id: self.orders.unit_id.clone(),
            entity_id: w.visit().to_owned(),
            bytes: w.op.to_string().len() as i64,
        };
        self.outbox.step(&Event::Queue { op, draft: None });
        self.photos.push_back(Waiting {
            visit: w.visit().to_owned(),
            op_id: w.op_id().to_owned(),
            sha256: w.sha256.clone(),
            location: None,
        });
        self.written.insert(w.op_id().to_owned(), w);
    }

    fn delete(&mut self, op_ids: &[String]) {
        self.outbox.entries.retain(|e| !op_ids.contains(&e.op_id));
    }

    fn round(&mut self) -> io::Result<()> {
        if self.written.len() < self.orders.visits && now() >= self.next_visit {
            self.write()?;
            self.next_visit = now() + self.rng.below(self.orders.pace_ms * 2) as i64;
        }
        if !self.signed_in()? {
            return Ok(());
        }
        let by_hand = self.rng.chance(BY_HAND);
        let wake = Event::Wake {
            now: now(),
            by_hand,
        };
        for effect in self.outbox.step(&wake) {
            match effect {
                Effect::Send { batch, op_ids, .. } => return self.send(batch, &op_ids),
                Effect::SignIn => self.wire.session = None,
                Effect::Forget { .. } | Effect::Wait { .. } => {}
            }
        }
        if self.outbox.wait_until <= now() {
            self.next_photo()?;
        }
        Ok(())
    }

    /// A visit is complete: the photo first, then the line that makes it one,
    /// then the person sees that it is saved.
    fn write(&mut self) -> io::Result<()> {
        let n = self.written.len();
        let bytes = photo(&self.orders, n);
        let (sha256, token) = (hex(&bytes), token(&self.orders, n));
        let known = self.rng.chance(700) && !self.orders.people.is_empty();
        let home = known.then(|| self.rng.pick(&self.orders.people).clone());
        let visit = Uuid::now_v7().to_string();
        let op = json!({
            "op_id": Uuid::now_v7(), "kind": "visit.submit", "entity_id": visit, "schema_ver": 1,
            "device_time": SystemClock.now().to_string(),
            "payload": {
                "program_id": self.orders.program_id, "kind": "precise", "day": self.orders.day,
                "customer_id": home.as_ref().map(|h| &h.0), "household_id": home.as_ref().map(|h| &h.1),
                "form_id": "household-visit", "form_version": 1,
                "answers": { "outcome": "absent", "remarks": token },
            },
            "blobs": [{ "sha256": sha256, "size": bytes.len(), "role": "photo" }],
        });
        self.memory.keep_photo(&visit, &bytes)?;
        let line = Written {
            n,
            op,
            sha256: sha256.clone(),
        };
        self.memory.add(&Line::Visit(line.clone()))?;
        saw(&self.folder, &Saw { token, sha256 })?;
        self.queue(line);
        Ok(())
    }

    /// A session and an enrolment; false when the line is not there.
    fn signed_in(&mut self) -> io::Result<bool> {
        if self.wire.session.is_none() {
            let (login, password) = (self.orders.login.clone(), self.orders.password.clone());
            if self.wire.sign_in(&login, &password).is_err() {
                self.memory.add(&Line::Unanswered)?;
                return Ok(false);
            }
            let Some(token) = self.wire.session.clone() else {
                return Ok(false);
            };
            self.memory.add(&Line::Session { token })?;
            self.outbox.step(&Event::SignedIn);
        }
        if self.enrolled {
            return Ok(true);
        }
        let o = &self.orders;
        let body = json!({ "code": o.code, "device_id": o.device_id, "name": o.login });
        let said = self.wire.post("/devices/enrol", &body);
        if let Some(said) = self.heard(said)?
            && said.status < 300
        {
            self.memory.add(&Line::Enrolled)?;
            self.enrolled = true;
        }
        Ok(self.enrolled)
    }

    /// Notes what was no good answer; none when there was no answer at all.
    fn heard(&mut self, said: io::Result<Reply>) -> io::Result<Option<Reply>> {
        let Ok(reply) = said else {
            self.memory.add(&Line::Unanswered)?;
            return Ok(None);
        };
        if reply.status == 401 {
            self.wire.session = None;
        }
        if reply.status >= 400 {
            let problem = reply.json();
            let text = |key: &str| problem[key].as_str().unwrap_or_default().to_owned();
            self.memory.add(&Line::Refused {
                status: reply.status,
                code: text("code"),
                detail: text("detail"),
            })?;
        }
        Ok(Some(reply))
    }

    fn send(&mut self, batch: i64, op_ids: &[String]) -> io::Result<()> {
        let ops: Vec<Json> = op_ids.iter().filter_map(|id| self.as_sent(id)).collect();
        if self.orders.control == "delete-on-send" {
            let gone = Line::Deleted {
                op_ids: op_ids.to_vec(),
            };
            self.memory.add(&gone)?;
            self.delete(op_ids);
        }
        let entries = &self.outbox.entries;
        let body = json!({
            "unit_id": self.orders.unit_id, "device_id": self.orders.device_id, "ops": ops,
            "outbox": { "count": entries.len(), "oldest": null },
        });
        let said = match self.rng.chance(VALLEYS) {
            true => {
                let after = Duration::from_millis(self.rng.below(VALLEY_MS));
                self.wire.post_and_hang_up("/sync/push", &body, after)
            }
            false => self.wire.post("/sync/push", &body),
        };
        let said = self.heard(said)?;
        let now = now();
        let jitter = self.rng.below(JITTER_WHOLE) as i64;
        let event = match said {
            Some(reply) if reply.status == 200 => {
                let items = heard(op_ids, &reply.json());
                self.memory.add(&Line::Answered {
                    items: items.clone(),
                })?;
                answers(batch, &items)
            }
            Some(reply) if reply.status < 500 => Event::Refused {
                batch,
                now,
                jitter,
                status: i64::from(reply.status),
                code: String::new(),
            },
            _ => Event::Lost { batch, now, jitter },
        };
        self.outbox.step(&event);
        Ok(())
    }

    /// An operation with its number; a phone without idempotency gives it a new
    /// name every time.
    fn as_sent(&self, op_id: &str) -> Option<Json> {
        let mut op = self.written.get(op_id)?.op.clone();
        let entry = self.outbox.entries.iter().find(|e| e.op_id == op_id)?;
        op["client_seq"] = json!(entry.client_seq);
        if self.orders.control == "no-idempotency" {
            op["op_id"] = json!(Uuid::now_v7());
            op["entity_id"] = json!(Uuid::now_v7());
        }
        Some(op)
    }

    /// The oldest photo whose visit has its answer.
    fn next_photo(&mut self) -> io::Result<()> {
        let queued = |op: &str| self.outbox.entries.iter().any(|e| e.op_id == op);
        let at = self.photos.iter().position(|p| !queued(&p.op_id));
        let Some(at) = at else { return Ok(()) };
        let Some(mut p) = self.photos.remove(at) else {
            return Ok(());
        };
        let bytes = self.memory.read_photo(&p.visit)?;
        if self.orders.control == "delete-on-send" {
            self.memory.add(&Line::PhotoThere {
                visit: p.visit.clone(),
            })?;
            self.upload(&mut p, &bytes)?;
            self.memory.free_photo(&p.visit);
            return Ok(());
        }
        if self.upload(&mut p, &bytes)? {
            self.memory.add(&Line::PhotoThere {
                visit: p.visit.clone(),
            })?;
            self.memory.free_photo(&p.visit);
        } else {
            // The next round tries again; a pause, as after a lost batch.
            self.photos.push_back(p);
        }
        Ok(())
    }

    /// Takes a photo to the server; true when the server says that it has it whole.
    fn upload(&mut self, p: &mut Waiting, bytes: &[u8]) -> io::Result<bool> {
        let mut offset = match self.place(p, bytes.len())? {
            Place::Whole => return Ok(true),
            Place::At(offset) => offset,
            Place::Nowhere => return Ok(false),
        };
        while offset < bytes.len() {
            let Some(location) = p.location.clone() else {
                return Ok(false);
            };
            // Pieces of random length, so that a kill finds it at any place.
            let left = bytes.len() - offset;
            let size = (1 + self.rng.below(bytes.len() as u64) as usize).min(left);
            let piece = &bytes[offset..offset + size];
            let headers = [
                ("content-type", "application/offset+octet-stream".to_owned()),
                ("upload-offset", offset.to_string()),
                ("tus-resumable", "1.0.0".to_owned()),
            ];
            let said = self.wire.call("PATCH", &location, &headers, piece);
            match self.heard(said)? {
                Some(r) if r.status == 204 => {
                    offset = r.number("upload-offset").unwrap_or(0) as usize;
                }
                _ => return Ok(false),
            }
        }
        // It counts once the server says of itself that it has these very bytes.
        Ok(matches!(self.announce(p, bytes.len())?, Place::Whole))
    }

    /// Where to go on.
    fn place(&mut self, p: &mut Waiting, size: usize) -> io::Result<Place> {
        if let Some(location) = p.location.clone() {
            let said = self.wire.call("HEAD", &location, &[], &[]);
            match self.heard(said)? {
                Some(r) if r.status == 200 => {
                    let at = r.number("upload-offset").unwrap_or(0);
                    if at > 0 && at < size as u64 {
                        self.memory.add(&Line::Resumed { at })?;
                    }
                    return Ok(Place::At(at as usize));
                }
                Some(r) if r.status == 404 => p.location = None,
                _ => return Ok(Place::Nowhere),
            }
        }
        self.announce(p, size)
    }

    fn announce(&mut self, p: &mut Waiting, size: usize) -> io::Result<Place> {
        let headers = [
            ("upload-length", size.to_string()),
            ("upload-metadata", self.announcement(p)),
            ("tus-resumable", "1.0.0".to_owned()),
        ];
        let said = self.wire.call("POST", "/sync/blobs", &headers, &[]);
        let Some(r) = self.heard(said)? else {
            return Ok(Place::Nowhere);
        };
        if r.status == 200 {
            return Ok(Place::Whole);
        }
        let Some(location) = r.header("location").filter(|_| r.status == 201) else {
            return Ok(Place::Nowhere);
        };
        let location = location.to_owned();
        p.location = Some(location.clone());
        let visit = p.visit.clone();
        self.memory.add(&Line::Place { visit, location })?;
        Ok(Place::At(r.number("upload-offset").unwrap_or(0) as usize))
    }

    fn announcement(&self, p: &Waiting) -> String {
        let pairs = [
            ("unit_id", self.orders.unit_id.as_str()),
            ("visit_id", &p.visit),
            ("op_id", &p.op_id),
            ("sha256", &p.sha256),
            ("mime", "image/jpeg"),
            ("role", "photo"),
        ];
        let coded = pairs.map(|(key, value)| format!("{key} {}", STANDARD.encode(value)));
        coded.join(",")
    }
}

fn answers(batch: i64, items: &[Heard]) -> Event {
    let one = |h: &Heard| Answered {
        op_id: h.op_id.clone(),
        answer: h.answer,
        rev: None,
        seq: h.seq,
        code: None,
        review_id: None,
        after_ms: None,
    };
    Event::Answers {
        batch,
        now: now(),
        items: items.iter().map(one).collect(),
    }
}

/// Answers in the order of the operations that were sent.
fn heard(op_ids: &[String], said: &Json) -> Vec<Heard> {
    let items = said["items"].as_array().cloned().unwrap_or_default();
    let one = |(op_id, item): (&String, &Json)| {
        Some(Heard {
            op_id: op_id.clone(),
            answer: serde_json::from_value::<Said>(item["answer"].clone()).ok()?,
            seq: item["seq"].as_i64(),
        })
    };
    op_ids.iter().zip(&items).filter_map(one).collect()
}
