//! One history: people, phones, network and server, in the order that a seed
//! decides. Everything that may break, breaks: requests and answers are lost,
//! doubled, delayed and overtaken, the server stops between any two steps of a
//! transaction, phones stop between any two steps of theirs. Controls break a
//! rule of the protocol on purpose; the checks must see it, else they are blind.

use crate::check;
use crate::model::Model;
use crate::outbox::{Answered, Effect, Event, Outbox, Queued};
use crate::outcome::Outcome;
use crate::rng::Rng;
use crate::said::{copy, flat, promised, told};
use crate::trace::Trace;
use crate::world::World;
use crate::write::{At, Former, Written, stamp, write};
use crate::{Result, SimError};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};
use std::rc::Rc;
use uuid::Uuid;
use zf_base::DeviceId;
use zf_field::sync::push::push;
use zf_field::sync::{Answer, Op, Sender};
use zf_store::{Crash, Db};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// After this long without an answer a phone gives a request up.
const PATIENCE: i64 = 90_000;
/// Statements of a push, roughly, for an operation; where a crash may fall.
const STEPS_AN_OP: u64 = 11;

/// What goes wrong, in thousandths of the occasions.
#[derive(Clone, Copy, Debug)]
pub struct Faults {
    /// A request or an answer is lost.
    pub lost: u64,
    /// A request arrives twice.
    pub twice: u64,
    /// The server stops within a push.
    pub server_stops: u64,
    /// A phone stops within a step.
    pub phone_stops: u64,
    /// The server answers something else: nobody signed in, too much at once.
    pub refused: u64,
}

impl Faults {
    /// As bad as it gets.
    pub const ALL: Faults = Faults {
        lost: 200,
        twice: 100,
        server_stops: 5,
        phone_stops: 4,
        refused: 10,
    };
    /// A quiet day.
    pub const NONE: Faults = Faults {
        lost: 0,
        twice: 0,
        server_stops: 0,
        phone_stops: 0,
        refused: 0,
    };
}

/// A rule of the protocol that is broken on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// None: the product as it is.
    None,
    /// Phones give an operation a new name whenever they send it.
    NoIdempotency,
    /// The server answers before it has committed.
    AnswerBeforeCommit,
    /// Phones forget an operation when they send it.
    DeleteOnSend,
    /// The sync code leaves a statement out.
    Without(&'static str),
}

/// What is simulated.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// Decides everything.
    pub seed: u64,
    /// Phones.
    pub phones: usize,
    /// Branches.
    pub branches: usize,
    /// Visits and corrections that are written.
    pub visits: usize,
    /// What goes wrong.
    pub faults: Faults,
    /// What is broken on purpose.
    pub control: Control,
    /// Events of the first phone that are traced.
    pub traced: usize,
}

struct Phone {
    device: Uuid,
    branch: usize,
    outbox: Outbox,
    contents: HashMap<String, Rc<Written>>,
    /// The phone's clock minus the true one, ms.
    off: i64,
    last_contact: Option<i64>,
    revoked: bool,
    /// No signal before this moment.
    silent_until: i64,
    /// Its own visits, for corrections.
    own: Vec<Former>,
    place: HashMap<Uuid, usize>,
    trace: Trace,
}

#[derive(Clone)]
enum What {
    /// Somebody does something with a phone.
    Act(usize),
    /// A phone looks whether there is something to send.
    Tick(usize),
    /// A request reaches the server.
    Arrive(usize, i64, usize, Rc<Vec<Rc<Written>>>),
    /// An answer reaches the phone.
    Heard(usize, i64, Rc<Vec<Answered>>),
    /// So does an answer that is none.
    Refused(usize, i64, i64),
    /// A phone has waited long enough.
    Timeout(usize, i64),
}

struct Sim<'a> {
    scenario: Scenario,
    world: &'a World,
    crash: Option<&'a Crash>,
    rng: Rng,
    now: i64,
    queue: BinaryHeap<Reverse<(i64, u64, usize)>>,
    events: HashMap<usize, What>,
    number: u64,
    phones: Vec<Phone>,
    model: Model,
    left: usize,
    down_until: i64,
    saved: BTreeMap<Uuid, BTreeSet<Uuid>>,
    quiet: bool,
    out: Outcome,
}

/// Runs a history on an empty, migrated database; `crash` stops it where it can.
///
/// # Errors
/// Only what must never fail: building the installation, reading it at the end.
pub async fn simulate(scenario: Scenario, db: Db, crash: Option<&Crash>) -> Result<Outcome> {
    let world = World::new(db, scenario.branches).await?;
    if let (Control::Without(statement), Some(crash)) = (scenario.control, crash) {
        crash.leave_out(Some(statement));
    }
    let start = world.app.clock.now().0 / 1_000 + 8 * HOUR;
    let mut sim = Sim {
        rng: Rng::new(scenario.seed),
        world: &world,
        crash,
        now: start,
        queue: BinaryHeap::new(),
        events: HashMap::new(),
        number: 0,
        phones: vec![],
        model: Model::default(),
        left: scenario.visits,
        down_until: 0,
        saved: BTreeMap::new(),
        quiet: false,
        out: Outcome::default(),
        scenario,
    };
    sim.hand_out_phones();
    sim.days().await?;
    sim.evening().await?;
    if let Some(crash) = crash {
        crash.leave_out(None);
    }
    sim.compare().await
}

impl Sim<'_> {
    fn hand_out_phones(&mut self) {
        for i in 0..self.scenario.phones {
            let device = self.rng.id(self.now);
            self.phones.push(Phone {
                device,
                branch: i % self.scenario.branches,
                outbox: Outbox::default(),
                contents: HashMap::new(),
                off: self.rng.range(-20_000, 20_000),
                last_contact: None,
                revoked: false,
                silent_until: 0,
                own: vec![],
                place: HashMap::new(),
                trace: Trace::of(if i == 0 { self.scenario.traced } else { 0 }),
            });
            let first = self.rng.range(0, HOUR);
            self.at(first, What::Act(i));
        }
    }

    /// Something happens after a while.
    fn at(&mut self, after: i64, what: What) {
        let slot = self.number as usize;
        self.queue
            .push(Reverse((self.now + after, self.number, slot)));
        self.events.insert(slot, what);
        self.number += 1;
    }

    /// Until everything is written and nothing is on its way.
    async fn days(&mut self) -> Result<()> {
        while let Some(Reverse((at, _, slot))) = self.queue.pop() {
            let Some(what) = self.events.remove(&slot) else {
                continue;
            };
            if self.left == 0 && matches!(what, What::Act(_) | What::Tick(_)) {
                continue;
            }
            self.now = at;
            self.out.events += 1;
            self.happens(what).await?;
        }
        Ok(())
    }

    /// Faults off: within ten rounds, and one for each hundred that wait, every
    /// outbox is empty (I8).
    async fn evening(&mut self) -> Result<()> {
        self.quiet = true;
        self.now = self.now.max(self.down_until) + 8 * HOUR;
        for phone in 0..self.phones.len() {
            let waiting = self.phones[phone].outbox.entries.len();
            self.step(phone, Event::Start);
            self.step(phone, Event::SignedIn);
            for _ in 0..10 + waiting / 100 {
                self.now += HOUR;
                let now = self.now;
                self.step(phone, Event::Wake { now, by_hand: true });
                self.drain().await?;
            }
            let left = self.phones[phone].outbox.entries.len();
            if left > 0 {
                self.out
                    .wrong(|| format!("phone {phone}: {left} operations never reached the server"));
            }
        }
        Ok(())
    }

    async fn drain(&mut self) -> Result<()> {
        while let Some(Reverse((at, _, slot))) = self.queue.pop() {
            let what = self.events.remove(&slot);
            self.now = self.now.max(at);
            if let Some(what @ (What::Arrive(..) | What::Heard(..))) = what {
                self.happens(what).await?;
            }
        }
        Ok(())
    }

    async fn happens(&mut self, what: What) -> Result<()> {
        match what {
            What::Act(phone) => self.act(phone),
            What::Tick(phone) => self.tick(phone, false),
            What::Arrive(phone, batch, branch, ops) => {
                self.serve(phone, batch, branch, &ops).await?;
            }
            What::Heard(phone, batch, items) => {
                self.phones[phone].last_contact = Some(self.now);
                let event = Event::Answers {
                    batch,
                    now: self.now,
                    items: items.to_vec(),
                };
                self.step(phone, event);
                self.tick(phone, false);
            }
            What::Refused(phone, batch, status) => {
                let event = Event::Refused {
                    batch,
                    now: self.now,
                    jitter: self.jitter(),
                    status,
                    code: format!("http.{status}"),
                };
                self.step(phone, event);
            }
            What::Timeout(phone, batch) => {
                let event = Event::Lost {
                    batch,
                    now: self.now,
                    jitter: self.jitter(),
                };
                self.step(phone, event);
            }
        }
        Ok(())
    }

    fn jitter(&mut self) -> i64 {
        self.rng.range(0, 999_999)
    }

    /// Somebody has the phone in hand.
    fn act(&mut self, phone: usize) {
        match self.rng.below(100) {
            0..=74 => self.writes(phone, false),
            75..=82 => self.writes(phone, true),
            // A valley without signal.
            83..=91 => {
                let silent = self.rng.range(HOUR, 9 * HOUR);
                self.phones[phone].silent_until = self.now + silent;
                self.at(silent, What::Tick(phone));
            }
            92 => self.phones[phone].off += self.rng.range(-9 * HOUR, 9 * HOUR),
            93 => {
                self.step(phone, Event::SignedIn);
            }
            94 => {
                let now = self.now;
                self.step(phone, Event::Purge { now });
            }
            95 => {
                let id = self.rng.id(self.now).to_string();
                self.step(phone, Event::Draft { id: id.clone() });
                if self.rng.chance(500) {
                    self.step(phone, Event::Discard { id });
                }
            }
            // Moved to another branch: what is written from now on belongs there.
            96 if self.rng.chance(30) => {
                let to = self.rng.below(self.scenario.branches as u64) as usize;
                self.phones[phone].branch = to;
                self.phones[phone].own.clear();
                self.phones[phone].place.clear();
            }
            97 if self.rng.chance(5) => self.phones[phone].revoked = true,
            _ => self.tick(phone, true),
        }
        self.tick(phone, false);
        let next = self.rng.range(MINUTE, 19 * MINUTE);
        self.at(next, What::Act(phone));
    }

    /// A new visit, or the correction of one of the last ones.
    fn writes(&mut self, phone: usize, amend: bool) {
        let p = &self.phones[phone];
        let recent = p.own.len().saturating_sub(30);
        let former = match amend && !p.own.is_empty() {
            true => Some(p.own[recent + self.rng.below((p.own.len() - recent) as u64) as usize]),
            false => None,
        };
        let branch = &self.world.branches[p.branch];
        let at = At {
            world: self.world,
            branch,
            now_ms: self.now,
            phone_ms: self.now + p.off,
            since_contact_ms: p.last_contact.map(|t| self.now - t),
            client_seq: p.outbox.seq + 1,
        };
        let written = Rc::new(write(&mut self.rng, &at, former));
        let (op, facts) = (&written.op, written.facts);
        let (id, visit) = (op.op_id.uuid(), op.entity_id);
        let queued = Queued {
            op_id: id.to_string(),
            unit_id: branch.unit.id.to_string(),
            entity_id: visit.to_string(),
            bytes: written.bytes,
        };
        let unit = branch.unit.id.uuid();
        // Content and outbox are written in one transaction of the phone.
        self.phones[phone]
            .contents
            .insert(id.to_string(), written.clone());
        let kept = self.step(
            phone,
            Event::Queue {
                op: queued,
                draft: None,
            },
        );
        if !kept {
            self.phones[phone].contents.remove(&id.to_string());
            return;
        }
        self.left = self.left.saturating_sub(1);
        self.out.saved += 1;
        self.saved.entry(unit).or_default().insert(id);
        let p = &mut self.phones[phone];
        if former.is_none() {
            p.place.insert(visit, p.own.len());
            p.own.push(Former {
                visit,
                household: facts.household,
                rev: None,
                day: facts.day,
            });
        }
    }

    /// One step of a phone; false when it stopped before the step was kept.
    fn step(&mut self, phone: usize, event: Event) -> bool {
        let stops = !self.quiet && self.rng.chance(self.scenario.faults.phone_stops);
        if stops && self.rng.chance(500) {
            self.restart(phone);
            return false;
        }
        let p = &mut self.phones[phone];
        let effects = p.outbox.step(&event);
        p.trace.note(&event, &p.outbox, &effects);
        if stops {
            // Kept, but nothing of what was to be done is done.
            self.restart(phone);
            return true;
        }
        if let Event::Answers { items, .. } = &event {
            self.learns(phone, items);
        }
        for effect in effects {
            self.does(phone, effect);
        }
        true
    }

    fn restart(&mut self, phone: usize) {
        self.out.phone_stops += 1;
        let p = &mut self.phones[phone];
        let effects = p.outbox.step(&Event::Start);
        p.trace.note(&Event::Start, &p.outbox, &effects);
    }

    /// Revisions that the server told.
    fn learns(&mut self, phone: usize, items: &[Answered]) {
        let p = &mut self.phones[phone];
        for item in items {
            let Some(content) = p.contents.get(&item.op_id) else {
                continue;
            };
            let visit = content.op.entity_id;
            if let Some(place) = p.place.get(&visit)
                && item.rev.is_some()
            {
                p.own[*place].rev = item.rev;
            }
        }
    }

    fn does(&mut self, phone: usize, effect: Effect) {
        match effect {
            Effect::Send { batch, op_ids, .. } => self.sends(phone, batch, &op_ids),
            Effect::Forget { op_id } => {
                let content = self.phones[phone].contents.remove(&op_id);
                if let Some(content) = content {
                    self.is_there(&content);
                }
            }
            Effect::Wait { until } => {
                let after = (until - self.now).max(0);
                self.at(after, What::Tick(phone));
            }
            // Somebody signs in when they have the phone in hand.
            Effect::SignIn => {}
        }
    }

    /// I1: what a phone forgets is on the server.
    fn is_there(&mut self, content: &Written) {
        if self.scenario.control == Control::NoIdempotency {
            return;
        }
        let op = content.op.op_id.uuid();
        let known = self.world.branches.iter();
        if !known.clone().any(|b| self.model.has(b.unit.id.uuid(), op)) {
            self.out
                .fault(|| format!("operation {op} was forgotten before the server had it"));
        }
    }

    fn tick(&mut self, phone: usize, by_hand: bool) {
        let now = self.now;
        if self.phones[phone].silent_until <= now {
            self.step(phone, Event::Wake { now, by_hand });
        }
    }

    fn sends(&mut self, phone: usize, batch: i64, op_ids: &[String]) {
        let p = &self.phones[phone];
        let mut ops: Vec<Rc<Written>> = op_ids
            .iter()
            .filter_map(|id| p.contents.get(id).cloned())
            .collect();
        let unit = ops.first().map(|w| self.branch_of(op_ids, phone, w));
        let Some(branch) = unit else {
            return;
        };
        match self.scenario.control {
            Control::NoIdempotency => ops = self.renamed(&ops),
            Control::DeleteOnSend => {
                let p = &mut self.phones[phone];
                p.outbox.entries.retain(|e| !op_ids.contains(&e.op_id));
                p.outbox.flight = None;
                for id in op_ids {
                    p.contents.remove(id);
                }
            }
            _ => self.scarred(phone, &mut ops),
        }
        let ops = Rc::new(ops);
        if !self.quiet {
            self.at(PATIENCE, What::Timeout(phone, batch));
        }
        let copies = 1 + usize::from(self.chance(self.scenario.faults.twice));
        for _ in 0..copies {
            if self.chance(self.scenario.faults.lost) {
                continue;
            }
            let delay = self.delay();
            self.at(delay, What::Arrive(phone, batch, branch, ops.clone()));
        }
    }

    /// Which branch the batch is for, by the outbox.
    fn branch_of(&self, op_ids: &[String], phone: usize, _first: &Written) -> usize {
        let flight = self.phones[phone].outbox.flight.as_ref();
        let unit = flight.map(|f| f.unit_id.clone()).unwrap_or_default();
        debug_assert!(!op_ids.is_empty());
        let all = &self.world.branches;
        let found = all.iter().position(|b| b.unit.id.to_string() == unit);
        found.unwrap_or(self.phones[phone].branch)
    }

    /// Rarely a phone that was put back from a copy sends another content
    /// under a name it used before.
    fn scarred(&mut self, phone: usize, ops: &mut [Rc<Written>]) {
        if phone % 7 != 3 || ops.is_empty() || !self.chance(3) {
            return;
        }
        let i = self.rng.below(ops.len() as u64) as usize;
        let mut changed = copy(&ops[i]);
        changed.content = self.rng.bits();
        if changed.op.payload.get("answers").is_some() {
            changed.op.payload["answers"]["remarks"] = format!("{}", changed.content).into();
        } else {
            changed.op.payload["torn"] = changed.content.into();
        }
        ops[i] = Rc::new(changed);
    }

    fn renamed(&mut self, ops: &[Rc<Written>]) -> Vec<Rc<Written>> {
        let fresh = |w: &Rc<Written>| {
            let mut w = copy(w);
            w.op.op_id = self.rng.id(self.now).into();
            if !w.facts.amend {
                w.op.entity_id = self.rng.id(self.now);
            }
            Rc::new(w)
        };
        ops.iter().map(fresh).collect()
    }

    fn chance(&mut self, per_mille: u64) -> bool {
        !self.quiet && self.rng.chance(per_mille)
    }

    /// Most are quick, some take a minute and are overtaken.
    fn delay(&mut self) -> i64 {
        match (self.quiet, self.rng.below(10)) {
            (true, _) => 1,
            (_, 0..=6) => self.rng.range(20, 900),
            _ => self.rng.range(900, 60_000),
        }
    }

    async fn serve(
        &mut self,
        phone: usize,
        batch: i64,
        branch: usize,
        ops: &Rc<Vec<Rc<Written>>>,
    ) -> Result<()> {
        if self.now < self.down_until {
            return Ok(());
        }
        if self.chance(self.scenario.faults.refused) {
            let status = *self.rng.pick(&[401, 413, 429, 503]);
            let delay = self.delay();
            // A 5xx is no answer: the phone waits and tries again.
            if status < 500 {
                self.at(delay, What::Refused(phone, batch, status));
            }
            return Ok(());
        }
        self.out.batches += 1;
        let stops = self.chance(self.scenario.faults.server_stops);
        if self.scenario.control == Control::AnswerBeforeCommit {
            let items = ops.iter().map(|w| promised(&w.op)).collect();
            self.replies(phone, batch, Rc::new(items));
            if stops {
                self.stopped();
                return Ok(());
            }
        }
        let steps = 1 + self.rng.below(STEPS_AN_OP * ops.len() as u64 + 12);
        if stops && let Some(crash) = self.crash {
            crash.after(steps);
        }
        let said = self.push(phone, branch, ops).await;
        if self.crash.is_some_and(Crash::restart) {
            self.stopped();
            return self.after_the_crash(phone, branch, ops).await;
        }
        let answers = match said {
            Ok(answers) => answers,
            Err(SimError::House(e)) => {
                self.out.wrong(|| format!("a push was refused: {e}"));
                return Ok(());
            }
            Err(e) => return Err(e),
        };
        self.committed(phone, branch, ops, Some(&answers));
        if self.scenario.control != Control::AnswerBeforeCommit {
            let items: Vec<Answered> = ops
                .iter()
                .zip(&answers)
                .map(|(w, a)| told(&w.op, a))
                .collect();
            let items = self.named_back(phone, batch, items);
            self.replies(phone, batch, Rc::new(items));
        }
        Ok(())
    }

    fn stopped(&mut self) {
        self.out.server_stops += 1;
        self.down_until = self.now + self.rng.range(1_000, 5 * MINUTE);
    }

    /// Phones that rename what they send still know what they meant.
    fn named_back(&self, phone: usize, batch: i64, mut items: Vec<Answered>) -> Vec<Answered> {
        let flight = self.phones[phone].outbox.flight.as_ref();
        let flight = flight.filter(|f| f.batch == batch);
        if self.scenario.control != Control::NoIdempotency {
            return items;
        }
        let Some(flight) = flight else {
            return vec![];
        };
        for (item, id) in items.iter_mut().zip(&flight.op_ids) {
            item.op_id.clone_from(id);
        }
        items
    }

    fn replies(&mut self, phone: usize, batch: i64, items: Rc<Vec<Answered>>) {
        if self.chance(self.scenario.faults.lost) {
            return;
        }
        let delay = self.delay();
        self.at(delay, What::Heard(phone, batch, items));
    }

    async fn push(&self, phone: usize, branch: usize, ops: &[Rc<Written>]) -> Result<Vec<Answer>> {
        let p = &self.phones[phone];
        self.world.clock.set_ms(self.now);
        let ctx = self.world.ctx();
        let sender = Sender {
            device_id: DeviceId(p.device),
            via: "phone",
            last_contact: p.last_contact.map(stamp),
            revoked: p.revoked,
            outbox: None,
        };
        let ops: Vec<Op> = ops.iter().map(|w| w.op.clone()).collect();
        let scope = &self.world.branches[branch].scope;
        Ok(push(&self.world.app, &ctx, scope, &sender, &ops).await?)
    }

    /// The model takes the batch in; the answers must be its own.
    fn committed(
        &mut self,
        phone: usize,
        branch: usize,
        ops: &[Rc<Written>],
        said: Option<&[Answer]>,
    ) {
        let unit = self.world.branches[branch].unit.id.uuid();
        let expected = self.model.take(unit, self.phones[phone].revoked, ops);
        let Some(said) = said else {
            return;
        };
        for ((w, must), is) in ops.iter().zip(&expected).zip(said) {
            let is = flat(is);
            self.out.duplicates += usize::from(is.answer == "duplicate");
            if is != *must {
                self.out.wrong(|| {
                    let (op, kind) = (w.op.op_id, &w.op.kind);
                    format!("{kind} {op}: answered {is:?}, must be {must:?}")
                });
            }
        }
    }

    /// Nobody was told whether it was kept: the rows tell.
    async fn after_the_crash(
        &mut self,
        phone: usize,
        branch: usize,
        ops: &[Rc<Written>],
    ) -> Result<()> {
        let unit = self.world.branches[branch].unit.id.uuid();
        let fresh = ops
            .iter()
            .find(|w| !self.model.has(unit, w.op.op_id.uuid()));
        let kept = match fresh {
            Some(w) => check::has_op(&self.world.app.db, unit, w.op.op_id.uuid()).await?,
            None => check::kept_aside(&self.world.app.db).await? > self.model.aside,
        };
        if kept {
            self.committed(phone, branch, ops, None);
        }
        Ok(())
    }

    async fn compare(mut self) -> Result<Outcome> {
        let held = check::compare(&self.world.app, &self.model, &mut self.out).await?;
        for (unit, ops) in &self.saved {
            let renames = self.scenario.control == Control::NoIdempotency;
            for op in ops.iter().filter(|_| !renames) {
                if !held.contains(&(*unit, *op)) {
                    self.out.lost += 1;
                    self.out.fault(|| format!("operation {op} is lost"));
                }
            }
        }
        for (unit, op) in &held {
            let saved = self.saved.get(unit).is_some_and(|ops| ops.contains(op));
            if !saved {
                self.out.doubled += 1;
                self.out
                    .fault(|| format!("operation {op} was never saved on a phone"));
            }
        }
        self.out.visits = self.model.visits.len();
        self.out.aside = self.model.aside as usize;
        self.out.trace = std::mem::take(&mut self.phones[0].trace.lines);
        Ok(self.out)
    }
}
