//! Histories of form drift: versions are published and retired while phones
//! hand in visits that name older ones, the newest and ones that nobody knows
//! yet. Each is judged by the version it names, whatever is in force; one that
//! is not known is kept aside and can be taken over once it is published. The
//! server is the real one; what must come out follows from the only rule that
//! the versions differ in: how long a remark may be.

use crate::outcome::Outcome;
use crate::place::{Place, in_memory};
use crate::rng::Rng;
use crate::roads::sql;
use crate::said::flat;
use crate::world::World;
use crate::write::stamp;
use crate::{Result, SimError};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use uuid::Uuid;
use zf_base::DeviceId;
use zf_field::sync::push::push;
use zf_field::sync::review::service::take_over;
use zf_field::sync::{Op, Sender};
use zf_kernel::error::Result as HouseResult;
use zf_plan::form::service::{draft_create, form_publish, form_retire};
use zf_store::{Sql, params};

const FORM: &str = "household-visit";
/// Letters of a remark that the delivered version allows.
const FIRST_LIMIT: u64 = 200;

const ASIDE_OF: Sql = sql(
    "SIM_ASIDE_OF",
    "SELECT id FROM sync_quarantine WHERE unit_id = $1 AND op_id = $2",
);

/// What is simulated.
#[derive(Clone, Copy, Debug)]
pub struct Drift {
    /// Decides everything.
    pub seed: u64,
    /// Visits handed in.
    pub visits: usize,
    /// The version that a visit names is ignored, the newest is taken.
    pub ignore_version: bool,
}

struct Waiting {
    op: Op,
    version: i64,
    length: u64,
}

struct Sim<'a> {
    ask: Drift,
    world: &'a World,
    rng: Rng,
    now: i64,
    /// Letters that each version allows.
    limits: BTreeMap<i64, u64>,
    /// Drafted, not published: its revision.
    draft: Option<(i64, i64, u64)>,
    waiting: Vec<Waiting>,
    sent: Vec<Op>,
    out: Outcome,
}

/// Runs a history in memory.
///
/// # Errors
/// Only what must never fail.
pub fn drift_in_memory(ask: Drift) -> Result<Outcome> {
    in_memory(async |place: &Place| drift(ask, place).await)
}

/// Runs a history.
///
/// # Errors
/// Only what must never fail.
pub async fn drift(ask: Drift, place: &Place) -> Result<Outcome> {
    let world = World::new(place.db(), 1).await?;
    let mut sim = Sim {
        now: world.app.clock.now().0 / 1_000 + 8 * 3_600_000,
        rng: Rng::new(ask.seed),
        world: &world,
        limits: BTreeMap::from([(1, FIRST_LIMIT)]),
        draft: None,
        waiting: vec![],
        sent: vec![],
        out: Outcome::default(),
        ask,
    };
    for _ in 0..ask.visits {
        sim.now += sim.rng.range(1_000, 600_000);
        world.clock.set_ms(sim.now);
        match sim.rng.below(40) {
            0 => sim.drafts().await?,
            1 => sim.publishes().await?,
            2 => sim.retires().await?,
            3..=5 => sim.sends_again().await?,
            6..=8 => sim.takes_over().await?,
            _ => sim.hands_in().await?,
        }
    }
    Ok(sim.out)
}

/// The version with another limit.
fn with_limit(form: &mut Json, limit: u64) {
    let fields = form["fields"].as_array_mut().into_iter().flatten();
    for field in fields.filter(|f| f["name"] == "remarks") {
        field["constraint"] = json!(format!("size(remarks) <= {limit}"));
    }
}

impl Sim<'_> {
    async fn drafts(&mut self) -> Result<()> {
        if self.draft.is_some() {
            return Ok(());
        }
        let (app, ctx) = (&self.world.app, self.world.ctx());
        let packed = app.packs.forms().find(|(_, f)| f.id == FORM);
        let bad = |e: serde_json::Error| SimError::Keys(e.to_string());
        let mut form = serde_json::to_value(packed.map(|(_, f)| f)).map_err(bad)?;
        let limit = self.rng.below(60);
        with_limit(&mut form, limit);
        let form = serde_json::from_value(form).map_err(bad)?;
        let made = draft_create(app, &ctx, FORM, None, Some(form), "").await?;
        self.draft = Some((i64::from(made.form.version), made.rev, limit));
        Ok(())
    }

    async fn publishes(&mut self) -> Result<()> {
        let Some((version, rev, limit)) = self.draft.take() else {
            return Ok(());
        };
        let (app, ctx) = (&self.world.app, self.world.ctx());
        let (_, wrong) = form_publish(app, &ctx, (FORM, version), rev).await?;
        if !wrong.is_empty() {
            self.out.wrong(|| format!("version {version} is refused"));
        }
        self.limits.insert(version, limit);
        self.out.changes += 1;
        Ok(())
    }

    /// A retired version still judges what names it.
    async fn retires(&mut self) -> Result<()> {
        let newest = self.limits.keys().next_back().copied().unwrap_or(1);
        if newest > 1 && self.rng.chance(300) {
            let ctx = self.world.ctx();
            // A second time it is refused: nothing changes.
            let _ = form_retire(&self.world.app, &ctx, FORM, newest).await;
        }
        Ok(())
    }

    /// The answer that a version must give.
    fn must(&self, version: i64, length: u64) -> &'static str {
        match self.limits.get(&version) {
            None => "quarantined",
            Some(limit) if length > *limit => "review",
            Some(_) => "applied",
        }
    }

    fn is(&mut self, what: &str, version: i64, is: &str, must: &str) {
        if is != must {
            self.out
                .wrong(|| format!("{what} of version {version}: {is}, must be {must}"));
        }
    }

    async fn push(&self, op: &Op) -> HouseResult<&'static str> {
        let ctx = self.world.ctx();
        let sender = Sender {
            device_id: DeviceId(Uuid::nil()),
            via: "phone",
            last_contact: None,
            revoked: false,
            outbox: None,
        };
        let scope = &self.world.branches[0].scope;
        let said = push(
            &self.world.app,
            &ctx,
            scope,
            &sender,
            std::slice::from_ref(op),
        )
        .await?;
        Ok(said.first().map_or("nothing", |a| flat(a).answer))
    }

    async fn hands_in(&mut self) -> Result<()> {
        let newest = self.limits.keys().next_back().copied().unwrap_or(1);
        // Mostly an older one or the newest; now and then one that is only drafted, or not even that.
        let version = self.rng.range(1, newest + 1);
        let length = self.rng.below(60);
        let named = match self.ask.ignore_version {
            true => newest,
            false => version,
        };
        let id = self.rng.id(self.now);
        let op = Op {
            op_id: self.rng.id(self.now).into(),
            client_seq: 1,
            kind: "visit.submit".to_owned(),
            entity_id: id,
            base_rev: None,
            schema_ver: 1,
            device_time: stamp(self.now),
            since_contact_ms: None,
            contact_at: None,
            payload: json!({
                "program_id": self.world.program, "kind": "precise", "day": stamp(self.now).day(),
                "form_id": FORM, "form_version": named,
                "answers": { "outcome": "absent", "remarks": "x".repeat(length as usize) },
            }),
            blobs: vec![],
        };
        let must = self.must(version, length);
        let is = self.push(&op).await?;
        self.is("a visit", version, is, must);
        self.out.saved += 1;
        match is {
            "quarantined" => self.waiting.push(Waiting {
                op: op.clone(),
                version,
                length,
            }),
            _ => self.out.visits += 1,
        }
        self.sent.push(op);
        Ok(())
    }

    /// Whatever is in force now, what was said is said again.
    async fn sends_again(&mut self) -> Result<()> {
        if self.sent.is_empty() {
            return Ok(());
        }
        let at = self.rng.below(self.sent.len() as u64) as usize;
        let is = self.push(&self.sent[at]).await?;
        self.out.duplicates += 1;
        self.is("the same again", 0, is, "duplicate");
        Ok(())
    }

    /// Taken over when its version is known by now, and only then.
    async fn takes_over(&mut self) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let at = self.rng.below(self.waiting.len() as u64) as usize;
        let (app, b) = (&self.world.app, &self.world.branches[0]);
        let p = params![b.unit.id, self.waiting[at].op.op_id.uuid()];
        let row = app.db.query_one(ASIDE_OF, p).await?;
        let id: Uuid = row.get(0)?;
        let said = take_over(app, &self.world.ctx(), &b.scope, id).await;
        let is = said.as_ref().map_or("quarantined", |a| flat(a).answer);
        let (version, length) = (self.waiting[at].version, self.waiting[at].length);
        let must = self.must(version, length);
        self.is("what was kept aside", version, is, must);
        if said.is_ok() {
            self.waiting.swap_remove(at);
            self.out.aside += 1;
        }
        Ok(())
    }
}
