//! Histories of pull: phones fetch what they may see, in pages, over a line
//! that breaks, from a server that stops, while plans are reopened, routes
//! given to others, households merged, people moved and erased, staff put
//! elsewhere, rights withdrawn and phones revoked between any two pages. The
//! server is `zf_field::sync::pull` on the real schema in memory. After every
//! undisturbed pull the pack must be what the oracle (`roads`) says is visible
//! now (I4), with the content that a new phone would get (I7).

use crate::outcome::Outcome;
use crate::pack::{Body, BodyItem, Pack, PackItem, PullEffect, PullEvent, UnitCursor};
use crate::place::{Place, in_memory};
use crate::rng::Rng;
use crate::roads::{Roads, sql};
use crate::trace::digest_of;
use crate::world::World;
use crate::write::stamp;
use crate::{Result, SimError};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use uuid::Uuid;
use zf_base::{DeviceId, Timestamp};
use zf_field::device::parameters::{PhoneRules, phone_rules};
use zf_field::device::{ACTIVE, Device, Outbox, PHONE};
use zf_field::sync::pull::{Ask, Given, Page, pull};
use zf_field::sync::push::push;
use zf_field::sync::{Op, Sender};
use zf_kernel::{Ctx, KernelError, Permission, UnitScope};
use zf_store::{Sql, params};

const HOUR: i64 = 3_600_000;
/// More pages than any pull of these takes.
const PAGES_MOST: usize = 400;

const TRIM_HEAD: Sql = sql(
    "SIM_TRIM_HEAD",
    "UPDATE feed_head SET kept_after = seq WHERE unit_id = $1",
);
const TRIM_SHOWN: Sql = sql(
    "SIM_TRIM_SHOWN",
    "DELETE FROM shown WHERE unit_id = $1 AND seq <= (SELECT seq FROM feed_head WHERE unit_id = $1)",
);
const TRIM_FEED: Sql = sql("SIM_TRIM_FEED", "DELETE FROM feed WHERE unit_id = $1");

/// A rule of pull that is broken on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PullControl {
    /// None: the product as it is.
    None,
    /// The set that may be seen is not compared: phones always say that theirs is the newest.
    IgnoreEpoch,
    /// Phones put what they are given and take nothing away.
    KeepGone,
    /// A revoked phone keeps its pack.
    KeepRevoked,
    /// The server leaves a statement out.
    Without(&'static str),
}

/// What is simulated.
#[derive(Clone, Copy, Debug)]
pub struct Pulls {
    /// Decides everything.
    pub seed: u64,
    /// Phones.
    pub phones: usize,
    /// Pulls in all; fewer when the trace is long enough before.
    pub pulls: usize,
    /// Events of the first phone that are traced.
    pub traced: usize,
    /// What is broken on purpose.
    pub control: PullControl,
}

#[derive(Default)]
struct Phone {
    pack: Pack,
    /// As it lies on the disk.
    kept: Pack,
    revoked: bool,
    denied: bool,
    lines: String,
    events: usize,
}

struct Sim<'a> {
    ask: Pulls,
    world: &'a World,
    place: &'a Place,
    rules: PhoneRules,
    roads: Roads,
    rng: Rng,
    now: i64,
    phones: Vec<Phone>,
    changes: u64,
    quiet: bool,
    out: Outcome,
}

/// Runs a history in memory.
///
/// # Errors
/// Only what must never fail.
pub fn pulls_in_memory(ask: Pulls) -> Result<Outcome> {
    in_memory(async |place: &Place| pulls(ask, place).await)
}

/// Runs a history.
///
/// # Errors
/// Only what must never fail.
pub async fn pulls(ask: Pulls, place: &Place) -> Result<Outcome> {
    let world = World::new(place.db(), 2).await?;
    let mut rng = Rng::new(ask.seed);
    let roads = Roads::new(&world, &mut rng, ask.phones).await?;
    if let PullControl::Without(statement) = ask.control {
        place.leave_out(Some(statement));
    }
    let mut sim = Sim {
        now: Timestamp::start_of(world.first_day).0 / 1_000 + 32 * HOUR,
        rules: phone_rules(&world.app).await?,
        world: &world,
        phones: (0..ask.phones).map(|_| Phone::default()).collect(),
        changes: 0,
        quiet: false,
        out: Outcome::default(),
        ask,
        place,
        roads,
        rng,
    };
    for _ in 0..ask.pulls {
        if ask.traced > 0 && sim.phones[0].events >= ask.traced {
            break;
        }
        let phone = sim.rng.below(ask.phones as u64) as usize;
        for _ in 0..sim.rng.below(4) {
            sim.happens().await?;
        }
        sim.pulls(phone).await?;
    }
    place.leave_out(None);
    sim.out.trace = std::mem::take(&mut sim.phones[0].lines);
    Ok(sim.out)
}

impl Sim<'_> {
    fn ctx(&self, phone: usize) -> Ctx {
        self.world.clock.set_ms(self.now);
        let app = &self.world.app;
        let user = self.roads.goers[phone].user.into();
        Ctx::for_job(user, "goer", &self.world.root, app.now(), app.new_id())
    }

    /// Something that somebody else does.
    async fn happens(&mut self) -> Result<()> {
        self.changes += 1;
        self.out.changes += 1;
        self.now += self.rng.range(1_000, HOUR);
        let phone = self.rng.below(self.phones.len() as u64) as usize;
        match self.rng.below(40) {
            0..=2 => self.now += 20 * HOUR,
            // Back to the first days, so that there is always something to see.
            3 => self.now = Timestamp::start_of(self.world.first_day).0 / 1_000 + 32 * HOUR,
            4 => self.phones[phone].denied = !self.phones[phone].denied,
            5 => self.phones[phone].revoked = true,
            6 => self.trim().await?,
            7..=13 => self.visits(phone).await?,
            _ => {
                self.world.clock.set_ms(self.now);
                self.roads.change(self.world, &mut self.rng).await?;
            }
        }
        Ok(())
    }

    /// The nightly job, as if everything were old.
    async fn trim(&mut self) -> Result<()> {
        let branch = self.rng.below(self.world.branches.len() as u64) as usize;
        let unit = self.world.branches[branch].unit.id;
        for statement in [TRIM_FEED, TRIM_SHOWN, TRIM_HEAD] {
            self.world.app.db.exec(statement, params![unit]).await?;
        }
        Ok(())
    }

    /// A visit comes in from somebody.
    async fn visits(&mut self, phone: usize) -> Result<()> {
        let ctx = self.ctx(phone);
        let branch = self.roads.goers[phone].branch;
        let b = &self.world.branches[branch];
        let (id, op_id, day) = (self.rng.id(self.now), self.rng.id(self.now), ctx.today());
        let payload = json!({
            "program_id": self.world.program, "kind": "precise", "day": day,
            "household_id": self.rng.pick(&b.homes).household,
            "form_id": "household-visit", "form_version": 1, "answers": { "outcome": "absent" },
        });
        let op = Op {
            op_id: op_id.into(),
            client_seq: 1,
            kind: "visit.submit".to_owned(),
            entity_id: id,
            base_rev: None,
            schema_ver: 1,
            device_time: stamp(self.now),
            since_contact_ms: None,
            contact_at: None,
            payload,
            blobs: vec![],
        };
        let sender = Sender {
            device_id: DeviceId(self.roads.goers[phone].user),
            via: "phone",
            last_contact: None,
            revoked: false,
            outbox: None,
        };
        push(&self.world.app, &ctx, &b.scope, &sender, &[op]).await?;
        self.roads.visits.push((phone, day, id, branch));
        Ok(())
    }

    fn chance(&mut self, per_mille: u64) -> bool {
        !self.quiet && self.rng.chance(per_mille)
    }

    /// One pull with everything that may happen in it; then one undisturbed.
    async fn pulls(&mut self, phone: usize) -> Result<()> {
        let before = self.changes;
        let done = self.one(phone).await?;
        if !done || self.changes != before {
            self.quiet = true;
            let done = self.one(phone).await?;
            self.quiet = false;
            if !done {
                self.out
                    .wrong(|| format!("phone {phone}: an undisturbed pull never ends"));
                return Ok(());
            }
        }
        self.compare(phone).await
    }

    /// Until everything is there; false when it broke off.
    async fn one(&mut self, phone: usize) -> Result<bool> {
        let mut request = self.phones[phone].pack.request();
        for _ in 0..PAGES_MOST {
            if self.chance(60) {
                self.happens().await?;
            }
            let Some(event) = self.asks(phone, request).await? else {
                return Ok(self.stops(phone));
            };
            // The line breaks with the answer on it, or the phone is put away.
            if self.chance(40) {
                return Ok(self.stops(phone));
            }
            let revoked = matches!(event, PullEvent::Revoked);
            let mut effects = self.step(phone, &event);
            if matches!(&event, PullEvent::Answer { body } if !body.snapshot) && self.chance(100) {
                effects = self.step(phone, &event);
            }
            match effects.into_iter().next() {
                Some(PullEffect::Ask { request: next }) => request = next,
                _ => {
                    self.keeps(phone);
                    if revoked {
                        self.enrols_again(phone);
                    }
                    return Ok(true);
                }
            }
        }
        Ok(self.stops(phone))
    }

    /// What has come is thrown away; the pack on the disk stays.
    fn stops(&mut self, phone: usize) -> bool {
        self.out.phone_stops += 1;
        let p = &mut self.phones[phone];
        p.pack = p.kept.clone();
        self.note(phone, json!({ "is": "stopped" }), &[]);
        false
    }

    fn keeps(&mut self, phone: usize) {
        let p = &mut self.phones[phone];
        p.kept = p.pack.clone();
        self.note(phone, json!({ "is": "kept" }), &[]);
    }

    /// Nothing may be left; then the person is given another phone.
    fn enrols_again(&mut self, phone: usize) {
        let left = self.phones[phone].kept.items.len();
        if left > 0 {
            self.out
                .wrong(|| format!("a revoked phone still has {left} entities"));
        }
        self.out.revoked += 1;
        self.phones[phone].revoked = false;
    }

    fn step(&mut self, phone: usize, event: &PullEvent) -> Vec<PullEffect> {
        self.out.events += 1;
        let p = &mut self.phones[phone];
        let before = p.pack.items.clone();
        let effects = p.pack.step(event);
        match (self.ask.control, event) {
            (PullControl::KeepRevoked, PullEvent::Revoked) => p.pack.items = before,
            (PullControl::KeepGone, PullEvent::Answer { .. }) if p.pack.staging.is_none() => {
                for (key, item) in before {
                    p.pack.items.entry(key).or_insert(item);
                }
            }
            _ => {}
        }
        self.note(phone, json!(event), &effects);
        effects
    }

    fn note(&mut self, phone: usize, event: serde_json::Value, effects: &[PullEffect]) {
        let p = &mut self.phones[phone];
        if phone > 0 || p.events >= self.ask.traced {
            return;
        }
        p.events += 1;
        let state = digest_of(&json!(p.pack));
        let line = json!({ "event": event, "state": state, "effects": effects });
        p.lines.push_str(&line.to_string());
        p.lines.push('\n');
    }

    /// One request; none when the server stopped or cannot be reached.
    async fn asks(
        &mut self,
        phone: usize,
        request: crate::pack::Request,
    ) -> Result<Option<PullEvent>> {
        if self.phones[phone].revoked {
            return Ok(Some(PullEvent::Revoked));
        }
        let unit = self.world.branches[self.roads.goers[phone].branch].unit.id;
        let mut ask = Ask {
            cursor: request.cursors.get(&unit.to_string()).copied(),
            scope_epoch: request.scope_epoch,
            limit: *self.rng.pick(&[7, 13, 60, 500]),
            after: request.after.and_then(|t| serde_json::from_str(&t).ok()),
        };
        if self.ask.control == PullControl::IgnoreEpoch && ask.after.is_none() {
            ask.scope_epoch = Some(self.given(phone, &anew(500)).await?.scope_epoch);
        }
        if self.chance(30) {
            self.place.stop_after(self.rng.below(30));
        }
        let said = self.given(phone, &ask).await;
        if self.place.restart() {
            self.out.server_stops += 1;
            return Ok(None);
        }
        self.out.batches += 1;
        match said {
            Ok(given) => Ok(Some(PullEvent::Answer {
                body: body(&unit.to_string(), given),
            })),
            Err(SimError::House(e)) if is_resync(&e) => {
                self.out.resyncs += 1;
                Ok(Some(PullEvent::Resync))
            }
            Err(e) => Err(e),
        }
    }

    async fn given(&self, phone: usize, ask: &Ask) -> Result<Given> {
        let ctx = self.ctx(phone);
        let (app, p) = (&self.world.app, &self.phones[phone]);
        let unit = &self.world.branches[self.roads.goers[phone].branch].unit;
        let scope: Option<UnitScope> = match p.denied {
            true => None,
            false => Some(ctx.scope(Permission::VisitWrite, unit)?),
        };
        let user: Uuid = self.roads.goers[phone].user;
        let device = Device {
            id: DeviceId(user),
            unit_id: unit.id,
            user_id: user.into(),
            user_name: String::new(),
            kind: PHONE.to_owned(),
            name: String::new(),
            state: ACTIVE.to_owned(),
            enrolled_at: ctx.now,
            seen_at: ctx.now,
            outbox: Outbox::default(),
            lease_until: None,
            revoked_at: None,
            revoked_reason: None,
        };
        let given = pull(app, &ctx, scope.as_ref(), &device, &self.rules, ask).await?;
        Ok(given)
    }

    /// The pack is what may be seen now, as a new phone would get it.
    async fn compare(&mut self, phone: usize) -> Result<()> {
        self.out.visits += 1;
        let today = stamp(self.now).day();
        let must = match self.phones[phone].denied {
            true => Default::default(),
            false => self.roads.sees(self.world, phone, today),
        };
        let pack = &self.phones[phone].kept.items;
        if pack.is_empty() && self.phones[phone].kept.epoch.is_none() {
            // Wiped: nothing is right.
            return Ok(());
        }
        let too_much = pack.keys().filter(|k| !must.contains(*k)).count();
        let too_little = must.iter().filter(|k| !pack.contains_key(*k)).count();
        if too_much + too_little > 0 {
            let first = pack.keys().find(|k| !must.contains(*k)).cloned();
            let first = first.or_else(|| must.iter().find(|k| !pack.contains_key(*k)).cloned());
            self.out.wrong(|| {
                format!("phone {phone}: {too_much} too much, {too_little} too little: {first:?}")
            });
        }
        let fresh = self.fresh(phone).await?;
        let pack = &self.phones[phone].kept.items;
        let old = |(key, item): &(&String, &PackItem)| {
            pack.get(*key).is_some_and(|own| own.data != item.data)
        };
        if let Some((key, _)) = fresh.iter().find(old) {
            self.out
                .wrong(|| format!("phone {phone}: {key} is not as it is now"));
        }
        Ok(())
    }

    /// What a phone that has nothing is given.
    async fn fresh(&self, phone: usize) -> Result<BTreeMap<String, PackItem>> {
        let mut pack = Pack::default();
        let mut ask = anew(500);
        let unit = self.world.branches[self.roads.goers[phone].branch].unit.id;
        for _ in 0..PAGES_MOST {
            let given = self.given(phone, &ask).await?;
            ask.after = given.next.clone();
            let body = body(&unit.to_string(), given);
            pack.step(&PullEvent::Answer { body });
            if ask.after.is_none() {
                break;
            }
        }
        Ok(pack.items)
    }
}

fn anew(limit: usize) -> Ask {
    Ask {
        cursor: None,
        scope_epoch: None,
        limit,
        after: None,
    }
}

fn is_resync(e: &KernelError) -> bool {
    e.code() == Some(zf_base::code::ErrorCode::SYNC_RESYNC.code)
}

/// An answer with a digest in the place of each content.
fn body(unit: &str, given: Given) -> Body {
    let short = |v: serde_json::Value| {
        let hash = Sha256::digest(zf_vault::canonical_json(&v).as_bytes());
        let hex: String = hash.iter().take(6).map(|b| format!("{b:02x}")).collect();
        json!(hex)
    };
    let page = |p: &Page| serde_json::to_string(p).unwrap_or_default();
    let item = |i: zf_field::sync::pull::Item| BodyItem {
        op: if i.data.is_some() { "put" } else { "gone" }.to_owned(),
        item: PackItem {
            kind: i.kind.to_owned(),
            id: i.id,
            unit_id: unit.to_owned(),
            rev: i.rev,
            data: i.data.map_or(serde_json::Value::Null, short),
        },
    };
    Body {
        scope_epoch: given.scope_epoch,
        units: vec![UnitCursor {
            unit_id: unit.to_owned(),
            cursor: given.cursor,
        }],
        snapshot: given.snapshot,
        next: given.next.as_ref().map(page),
        items: given.items.into_iter().map(item).collect(),
    }
}
