//! Histories of photos: announced, sent in pieces over a line that is cut at
//! random bytes, taken up where they stopped, checked as a whole; the server
//! stops between any two statements, phones stop, bytes are bent on the way,
//! the same photo belongs to two visits. The server is `zf_field::blob` on the
//! real schema in memory and real files. At the end every photo that a phone
//! has freed must be there, whole and right; and the bytes are counted.

use crate::Result;
use crate::outcome::Outcome;
use crate::place::{Place, in_memory};
use crate::rng::Rng;
use crate::world::World;
use sha2::{Digest, Sha256};
use std::path::Path;
use uuid::Uuid;
use zf_field::blob::service::{photo_begin, photo_piece, photo_stands, photo_view, photos_of};
use zf_field::blob::{NewPhoto, Photo, VERIFIED};
use zf_kernel::{KernelError, UnitScope};

/// As the phone's: at most on a good line, at least on a bad one.
const PIECE_MOST: u64 = 256 * 1024;
const PIECE_LEAST: u64 = 16 * 1024;
const PIECE_MORE: u64 = 4 * 1024;
/// Rounds of the evening, when nothing fails.
const ROUNDS: usize = 40;

/// A rule of photos that is broken on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhotoControl {
    /// None: the product as it is.
    None,
    /// The server says that it has everything before anything is on its disk.
    AnswerBeforeDisk,
    /// Phones free a photo as soon as its last piece is on the way.
    FreeOnSend,
    /// Phones begin anew after every cut.
    FromTheBeginning,
    /// Whatever comes as the last piece is believed.
    Unchecked,
}

/// What is simulated.
#[derive(Clone, Copy, Debug)]
pub struct Photos {
    /// Decides everything.
    pub seed: u64,
    /// Photos.
    pub photos: usize,
    /// Bytes after which the line breaks, on average.
    pub cut_every: u64,
    /// What is broken on purpose.
    pub control: PhotoControl,
}

/// What was counted beside faults.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bytes {
    /// Of all photos that had to be sent.
    pub needed: u64,
    /// That left phones.
    pub sent: u64,
    /// Times the line broke.
    pub cuts: u64,
    /// Whole contents that were refused because bytes were bent.
    pub bent: u64,
    /// Photos that were there already.
    pub had: u64,
}

impl Bytes {
    /// Bytes sent for each byte needed.
    pub fn ratio(&self) -> f64 {
        self.sent as f64 / (self.needed as f64).max(1.0)
    }
}

struct Waiting {
    visit: Uuid,
    op: Uuid,
    bytes: Vec<u8>,
    sha256: String,
    upload: Option<Uuid>,
    begun: bool,
    sent: bool,
    freed: bool,
}

struct Sim<'a> {
    ask: Photos,
    world: &'a World,
    place: &'a Place,
    rng: Rng,
    all: Vec<Waiting>,
    piece: u64,
    until_cut: u64,
    quiet: bool,
    out: Outcome,
    bytes: Bytes,
}

/// Runs a history in memory; the pieces lie under `folder`.
///
/// # Errors
/// Only what must never fail.
pub fn photos_in_memory(folder: &Path, ask: Photos) -> Result<(Outcome, Bytes)> {
    in_memory(async |place: &Place| photos(folder, ask, place).await)
}

/// Runs a history; the pieces lie under `folder`.
///
/// # Errors
/// Only what must never fail.
pub async fn photos(folder: &Path, ask: Photos, place: &Place) -> Result<(Outcome, Bytes)> {
    let mut world = World::new(place.db(), 1).await?;
    world.app = world.app.clone().with_blobs(folder);
    let mut sim = Sim {
        rng: Rng::new(ask.seed),
        world: &world,
        place,
        all: vec![],
        piece: PIECE_MOST,
        until_cut: 0,
        quiet: false,
        out: Outcome::default(),
        bytes: Bytes::default(),
        ask,
    };
    sim.written();
    sim.run().await?;
    sim.compare().await?;
    Ok((sim.out, sim.bytes))
}

fn hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

impl Sim<'_> {
    /// Photos of 60 to 400 KB; every tenth is that of another visit too.
    fn written(&mut self) {
        for i in 0..self.ask.photos {
            let same = i > 0 && self.rng.chance(100);
            let bytes = if same {
                self.all[i - 1].bytes.clone()
            } else {
                let size = self.rng.range(60_000, 400_000) as usize;
                let mut bytes = Vec::with_capacity(size + 8);
                while bytes.len() < size {
                    bytes.extend_from_slice(&self.rng.bits().to_le_bytes());
                }
                bytes
            };
            self.all.push(Waiting {
                visit: self.rng.id(0),
                op: self.rng.id(0),
                sha256: hex(&bytes),
                bytes,
                upload: None,
                begun: false,
                sent: false,
                freed: false,
            });
        }
        self.until_cut = self.next_cut();
    }

    /// A line forgets: the bytes to the next cut are spread around the mean.
    fn next_cut(&mut self) -> u64 {
        let unit = (self.rng.below(1 << 20) + 1) as f64 / f64::from(1 << 20);
        (-unit.ln() * self.ask.cut_every as f64) as u64
    }

    async fn run(&mut self) -> Result<()> {
        // A photo whose line broke is taken up later, after others.
        for _ in 0..self.ask.photos * 6 {
            let at = self.rng.below(self.all.len() as u64) as usize;
            self.upload(at).await?;
        }
        self.quiet = true;
        for _ in 0..ROUNDS {
            for at in 0..self.all.len() {
                self.upload(at).await?;
            }
        }
        Ok(())
    }

    fn chance(&mut self, per_mille: u64) -> bool {
        !self.quiet && self.rng.chance(per_mille)
    }

    /// Goes on with a photo until the line breaks.
    async fn upload(&mut self, at: usize) -> Result<()> {
        if self.all[at].freed {
            return Ok(());
        }
        let Some((mut offset, id, verified)) = self.begin(at).await? else {
            return Ok(());
        };
        if !self.all[at].begun {
            self.all[at].begun = true;
            if verified {
                self.bytes.had += 1;
            } else {
                self.bytes.needed += self.all[at].bytes.len() as u64;
            }
        }
        if verified {
            self.all[at].freed = true;
            return Ok(());
        }
        if self.ask.control == PhotoControl::FromTheBeginning {
            // As if nothing were there: what is there is sent again for nothing.
            self.bytes.sent += offset;
        }
        let size = self.all[at].bytes.len() as u64;
        while offset < size {
            let end = size.min(offset + self.piece);
            match self.sends(at, id, offset, end).await? {
                Some(next) => offset = next,
                None => return Ok(()),
            }
        }
        self.all[at].sent = true;
        Ok(())
    }

    /// Announces it, or asks how far it is.
    async fn begin(&mut self, at: usize) -> Result<Option<(u64, Uuid, bool)>> {
        let ctx = self.world.ctx();
        let (app, scope) = (&self.world.app, &self.world.branches[0].scope);
        if self.chance(10) {
            self.place.stop_after(self.rng.below(12));
        }
        let w = &self.all[at];
        let said = match w.upload.filter(|_| !w.sent) {
            Some(id) => photo_stands(app, &ctx, scope, id).await,
            None => {
                let new = NewPhoto {
                    visit_id: w.visit,
                    op_id: w.op,
                    sha256: w.sha256.clone(),
                    size: w.bytes.len() as u64,
                    mime: "image/jpeg".to_owned(),
                    role: "photo".to_owned(),
                };
                photo_begin(app, &ctx, scope, &new).await
            }
        };
        let Some(p) = self.heard(said)? else {
            return Ok(None);
        };
        if self.chance(30) {
            // The answer is lost.
            return Ok(None);
        }
        self.all[at].upload = Some(p.id);
        Ok(Some((p.received, p.id, p.state == VERIFIED)))
    }

    /// None when the server stopped.
    fn heard(&mut self, said: zf_kernel::error::Result<Photo>) -> Result<Option<Photo>> {
        if self.place.restart() {
            self.out.server_stops += 1;
            return Ok(None);
        }
        Ok(Some(said?))
    }

    /// One piece; the place where to go on, or none when the line broke.
    async fn sends(&mut self, at: usize, id: Uuid, from: u64, to: u64) -> Result<Option<u64>> {
        let length = to - from;
        if !self.quiet && self.until_cut < length {
            // Cut within the piece: nothing of it is taken in.
            self.bytes.sent += self.until_cut;
            return Ok(self.broken());
        }
        self.until_cut = self.until_cut.saturating_sub(length);
        self.bytes.sent += length;
        let mut piece = self.all[at].bytes[from as usize..to as usize].to_vec();
        let last = to == self.all[at].bytes.len() as u64;
        // The control that believes everything meets more of them, to be seen in a short history.
        let often = self.ask.control == PhotoControl::Unchecked;
        let bent = self.chance(if often { 150 } else { 4 });
        if bent {
            piece[0] ^= 0x40;
        }
        let answered = last && self.chance(100);
        match self.ask.control {
            PhotoControl::FreeOnSend if last => self.all[at].freed = true,
            PhotoControl::AnswerBeforeDisk if answered => {
                // The server stops right after its answer.
                self.all[at].freed = true;
                return Ok(None);
            }
            PhotoControl::Unchecked if last && bent => self.all[at].freed = true,
            _ => {}
        }
        if self.chance(15) {
            self.place.stop_after(self.rng.below(10));
        }
        let ctx = self.world.ctx();
        let (app, scope) = (&self.world.app, &self.world.branches[0].scope);
        let said = photo_piece(app, &ctx, scope, id, from, piece).await;
        if is(&said, "blob.checksum") {
            self.bytes.bent += 1;
            // All of it once more, no fault of a cut. (Over HTTP each piece has its own
            // checksum, and only that piece goes again.)
            self.bytes.needed += self.all[at].bytes.len() as u64;
            return Ok(None);
        }
        let Some(p) = self.heard(said)? else {
            return Ok(self.broken());
        };
        if self.chance(8) {
            // Taken in, and the answer is lost: nothing is sent twice for that.
            return Ok(self.broken());
        }
        self.piece = PIECE_MOST.min(self.piece + PIECE_MORE);
        Ok(Some(p.received))
    }

    /// The next pieces are smaller.
    fn broken(&mut self) -> Option<u64> {
        self.bytes.cuts += 1;
        self.piece = PIECE_LEAST.max(self.piece / 2);
        self.until_cut = self.next_cut();
        None
    }

    async fn compare(&mut self) -> Result<()> {
        let scope: &UnitScope = &self.world.branches[0].scope;
        let (app, ctx) = (&self.world.app, self.world.ctx());
        for w in &self.all {
            self.out.saved += 1;
            let there = photos_of(app, scope, w.visit).await?;
            let whole = there.iter().filter(|p| p.state == VERIFIED).count();
            if w.freed && whole == 0 {
                self.out.lost += 1;
                self.out.fault(|| format!("photo {} is lost", w.op));
            }
            if !w.freed {
                self.out
                    .wrong(|| format!("photo {} never reached the server", w.op));
            }
            if there.len() > 1 {
                self.out.doubled += 1;
                self.out.fault(|| format!("photo {} is there twice", w.op));
            }
            if whole > 0 {
                let (_, bytes) = photo_view(app, &ctx, scope, w.visit, 1).await?;
                if bytes != w.bytes {
                    self.out.wrong(|| format!("photo {} has other bytes", w.op));
                }
            }
        }
        Ok(())
    }
}

fn is(said: &zf_kernel::error::Result<Photo>, code: &str) -> bool {
    let refused = said.as_ref().err().and_then(KernelError::code);
    refused.is_some_and(|c| c == code)
}
