//! What is written down beside visits: publicity left in a village, gifts
//! handed out, people and doors as a visitor found them. Facts are stored and
//! never refused; what is over a cap or says something about people waits for
//! the branch. Runs inside the transaction of a batch; who lives where is
//! changed only when the branch has confirmed it (`decide`).

use super::Op;
use super::pull::piece_cap;
use super::store::*;
use crate::sealed;
use crate::visit::record::{Kept, Known, day_reasons};
use crate::words::review;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use uuid::Uuid;
use zf_base::geo::{Datum, Point, haversine_m};
use zf_base::{CustomerId, Day, HouseholdId, ProgramId, VillageGroupId};
use zf_kernel::error::Result;
use zf_kernel::{App, Ctx, UnitTx};
use zf_network::customer::seal;
use zf_network::place::service::pin_in;
use zf_plan::program::Program;
use zf_store::{Value, params};
use zf_vault::BlindKind;

/// Publicity of a village group.
pub const TRACE_PUT: &str = "trace.put";
/// Material or a gift handed out.
pub const GIFT_GIVE: &str = "gift.give";
/// A household nobody knew.
pub const HOUSEHOLD_PROPOSE: &str = "household.propose";
/// Another phone, address or name.
pub const CUSTOMER_PROPOSE: &str = "customer.propose";
/// Where the door is.
pub const PIN_DOOR: &str = "pin.door";

/// Pieces of one operation beyond which it is a slip of the finger.
const PIECES_MAX: i64 = 1_000;

/// Publicity as it is sent.
#[derive(Deserialize)]
struct Trace {
    program_id: ProgramId,
    village_group_id: VillageGroupId,
    day: Day,
    place: String,
    count: i64,
}

/// A gift as it is sent.
#[derive(Deserialize)]
struct Gift {
    program_id: ProgramId,
    day: Day,
    #[serde(default)]
    household_id: Option<HouseholdId>,
    #[serde(default)]
    customer_id: Option<CustomerId>,
    #[serde(default)]
    visit_id: Option<Uuid>,
    material: String,
    count: i64,
    #[serde(default)]
    value_fen: i64,
}

/// A member of a new household.
#[derive(Deserialize)]
pub(super) struct NewMember {
    pub name: String,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub lead: bool,
}

/// A new household.
#[derive(Deserialize)]
pub(super) struct NewHousehold {
    #[serde(default)]
    pub village_group_id: Option<VillageGroupId>,
    #[serde(default)]
    pub address: Option<String>,
    pub members: Vec<NewMember>,
}

/// A correction.
#[derive(Deserialize)]
pub(super) struct Correction {
    pub customer_id: CustomerId,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub address: Option<String>,
}

/// A door.
#[derive(Deserialize)]
pub(super) struct Door {
    pub household_id: HouseholdId,
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    pub lat: f64,
    pub lon: f64,
    pub datum: Datum,
    #[serde(default)]
    pub accuracy_m: Option<f64>,
}

impl Door {
    /// In WGS-84; none when it is no place.
    pub(super) fn point(&self) -> Option<Point> {
        Point::from_datum(self.datum, self.lat, self.lon).ok()
    }
    /// As the coordinate rules want it.
    pub(super) fn accuracy(&self) -> Option<f64> {
        self.accuracy_m.filter(|m| (0.0..=100_000.0).contains(m))
    }
}

/// A fact about to be stored.
pub(super) struct Fact<'a> {
    pub app: &'a App,
    pub ctx: &'a Ctx,
    pub known: &'a Known,
    pub op: &'a Op,
}

type Outcome = Result<std::result::Result<Kept, &'static str>>;

fn read<T: DeserializeOwned>(op: &Op) -> Option<T> {
    T::deserialize(&op.payload).ok()
}

impl Fact<'_> {
    /// Carries out one operation. The inner error is the code under which it
    /// is kept aside.
    pub(super) async fn apply(&self, tx: &mut UnitTx<'_>) -> Outcome {
        match self.op.kind.as_str() {
            TRACE_PUT => self.trace(tx).await,
            GIFT_GIVE => self.gift(tx).await,
            HOUSEHOLD_PROPOSE => self.household(tx).await,
            CUSTOMER_PROPOSE => self.customer(tx).await,
            PIN_DOOR => self.door(tx).await,
            _ => Ok(Err("kind_unknown")),
        }
    }

    fn program(&self, id: ProgramId) -> Option<&Program> {
        self.known.program(id)
    }

    fn kept(&self, kind: &'static str, reasons: Vec<&'static str>) -> Outcome {
        Ok(Ok(Kept {
            days: BTreeSet::new(),
            kind,
            entity_id: self.op.entity_id,
            rev: 1,
            reasons,
        }))
    }

    fn state(reasons: &[&'static str]) -> &'static str {
        match reasons.is_empty() {
            true => crate::visit::ACCEPTED,
            false => crate::visit::REVIEW,
        }
    }

    async fn trace(&self, tx: &mut UnitTx<'_>) -> Outcome {
        let Some(t) = read::<Trace>(self.op).filter(|t| is_code(&t.place)) else {
            return Ok(Err("payload_unreadable"));
        };
        let Some(program) = self.program(t.program_id) else {
            return Ok(Err("program_unknown"));
        };
        let id = self.op.entity_id;
        if tx.query_opt(TRACE_THERE, params![id]).await?.is_some() {
            return Ok(Err("entity_exists"));
        }
        let mut reasons = day_reasons(t.day, program, self.ctx.today());
        if tx
            .query_opt(GROUP_THERE, params![t.village_group_id])
            .await?
            .is_none()
        {
            reasons.push(review::GROUP);
        }
        if !(1..=PIECES_MAX).contains(&t.count) {
            reasons.push(review::CONSTRAINT);
        }
        let sealed = sealed::TRACE.seal(self.app, tx.unit_id(), id, &self.said());
        let row = params![
            id,
            t.program_id,
            t.village_group_id,
            t.day,
            t.place.as_str(),
            t.count.clamp(0, PIECES_MAX),
            self.op.blobs.len() as i64,
            sealed,
            Self::state(&reasons),
            self.ctx.actor.user_id,
            self.ctx.actor.name.as_str(),
            self.ctx.now
        ];
        tx.exec(TRACE_ADD, row).await?;
        self.kept("trace", reasons)
    }

    fn said(&self) -> Vec<u8> {
        self.op.payload.to_string().into_bytes()
    }

    async fn gift(&self, tx: &mut UnitTx<'_>) -> Outcome {
        let Some(g) = read::<Gift>(self.op).filter(|g| is_code(&g.material)) else {
            return Ok(Err("payload_unreadable"));
        };
        let Some(program) = self.program(g.program_id) else {
            return Ok(Err("program_unknown"));
        };
        let id = self.op.entity_id;
        if tx.query_opt(GIFT_THERE, params![id]).await?.is_some() {
            return Ok(Err("entity_exists"));
        }
        let mut reasons = day_reasons(g.day, program, self.ctx.today());
        if !(1..=PIECES_MAX).contains(&g.count) || g.value_fen < 0 {
            reasons.push(review::CONSTRAINT);
        }
        if self.over(tx, &g, program).await? {
            reasons.push(review::OVER_CAP);
        }
        let row = params![
            id,
            g.program_id,
            g.household_id,
            g.customer_id,
            g.visit_id,
            g.day,
            g.material.as_str(),
            g.count.clamp(0, PIECES_MAX),
            g.value_fen.max(0),
            Self::state(&reasons),
            self.ctx.actor.user_id,
            self.ctx.actor.name.as_str(),
            self.ctx.now
        ];
        tx.exec(GIFT_ADD, row).await?;
        self.kept("gift", reasons)
    }

    /// More than the campaign allows for one person (ERR-055). What a
    /// household got without a name counts for all of its members together.
    async fn over(&self, tx: &mut UnitTx<'_>, g: &Gift, program: &Program) -> Result<bool> {
        let (sql, whose): (_, Value) = match (g.customer_id, g.household_id) {
            (Some(c), _) => (GIFTS_OF_CUSTOMER, c.into()),
            (None, Some(h)) => (GIFTS_OF_HOUSEHOLD, h.into()),
            (None, None) => return Ok(false),
        };
        let people = match (g.customer_id, g.household_id) {
            (None, Some(h)) => {
                let row = tx.query_opt(HOUSEHOLD_MEMBERS, params![h]).await?;
                row.map_or(Ok(1), |r| r.get::<i64>(0))?.max(1)
            }
            _ => 1,
        };
        let p = params![g.program_id, whose, g.material.as_str()];
        let row = tx.query_opt(sql, p).await?;
        let before = row.map_or(Ok((0, 0)), |r| -> Result<(i64, i64)> {
            Ok((r.get(0)?, r.get(1)?))
        })?;
        let (pieces, value) = (before.0 + g.count.max(0), before.1 + g.value_fen.max(0));
        let cap = piece_cap(&program.definition, &g.material);
        let dear = program.definition.gift.cap_fen_per_customer.0;
        Ok(cap.is_some_and(|c| pieces > c * people) || value > dear * people)
    }

    async fn propose(
        &self,
        tx: &mut UnitTx<'_>,
        kind: &'static str,
        entity: Uuid,
        members: usize,
        state: &str,
    ) -> Result<()> {
        let id = self.op.op_id.uuid();
        let sealed = sealed::PROPOSAL.seal(self.app, tx.unit_id(), id, &self.said());
        let row = params![
            id,
            kind,
            entity,
            self.op.base_rev,
            sealed,
            members as i64,
            state,
            self.ctx.actor.user_id,
            self.ctx.actor.name.as_str(),
            self.ctx.now
        ];
        tx.exec(PROPOSAL_ADD, row).await?;
        Ok(())
    }

    async fn household(&self, tx: &mut UnitTx<'_>) -> Outcome {
        let Some(h) = read::<NewHousehold>(self.op) else {
            return Ok(Err("payload_unreadable"));
        };
        let mut reasons = vec![review::PROPOSAL];
        if let Some(group) = h.village_group_id
            && tx.query_opt(GROUP_THERE, params![group]).await?.is_none()
        {
            reasons.push(review::GROUP);
        }
        let phones = h.members.iter().filter_map(|m| m.phone.as_deref());
        if self.known_phone(tx, phones).await? {
            reasons.push(review::DUPLICATE);
        }
        let id = self.op.entity_id;
        self.propose(tx, "household", id, h.members.len(), crate::visit::REVIEW)
            .await?;
        self.kept("proposal", reasons)
    }

    /// One of the phones belongs to a customer of the branch. Never merged by
    /// itself: somebody looks.
    async fn known_phone(
        &self,
        tx: &mut UnitTx<'_>,
        phones: impl Iterator<Item = &str>,
    ) -> Result<bool> {
        for text in phones {
            let Ok(checked) = seal::phone(text, self.known.demo()) else {
                continue;
            };
            let index = seal::blind(self.app, BlindKind::Phone, checked.state, &checked.value);
            let Some(index) = index else { continue };
            if tx.query_opt(PHONE_THERE, params![index]).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn customer(&self, tx: &mut UnitTx<'_>) -> Outcome {
        let Some(c) = read::<Correction>(self.op) else {
            return Ok(Err("payload_unreadable"));
        };
        let mut reasons = vec![review::PROPOSAL];
        if tx
            .query_opt(CUSTOMER_THERE, params![c.customer_id])
            .await?
            .is_none()
        {
            reasons.push(review::PERSON);
        }
        if self.known_phone(tx, c.phone.as_deref().into_iter()).await? {
            reasons.push(review::DUPLICATE);
        }
        let entity = c.customer_id.uuid();
        self.propose(tx, "customer", entity, 1, crate::visit::REVIEW)
            .await?;
        self.kept("proposal", reasons)
    }

    /// The first door counts; one that lies elsewhere later is looked at.
    async fn door(&self, tx: &mut UnitTx<'_>) -> Outcome {
        let Some(d) = read::<Door>(self.op) else {
            return Ok(Err("payload_unreadable"));
        };
        let mut reasons = vec![];
        let row = tx
            .query_opt(HOUSEHOLD_DOOR, params![d.household_id])
            .await?;
        let there: Option<Option<(f64, f64)>> = match &row {
            Some(r) => Some(r.get::<Option<f64>>(0)?.zip(r.get::<Option<f64>>(1)?)),
            None => None,
        };
        let whose = self.of_door(tx, &d).await?;
        match (d.point(), there, whose) {
            (None, _, _) => reasons.push(review::CONSTRAINT),
            (_, None, _) | (_, _, None) => reasons.push(review::HOUSEHOLD),
            (Some(point), Some(None), Some(customer)) => {
                let home = d.household_id;
                pin_in(
                    tx,
                    self.ctx,
                    (customer, home),
                    (point, d.datum),
                    d.accuracy(),
                )
                .await?;
            }
            (Some(point), Some(Some((lat, lon))), Some(_)) => {
                let far = |old: Point| haversine_m(old, point).0 > self.known.door_metres();
                if Point::new(lat, lon).is_ok_and(far) {
                    reasons.push(review::OTHER_DOOR);
                }
            }
        }
        let state = Self::state(&reasons);
        let entity = d.household_id.uuid();
        self.propose(tx, "pin", entity, 1, state).await?;
        self.kept("pin", reasons)
    }

    /// Whose door it is: who was named, when they live there, else the first member.
    async fn of_door(&self, tx: &mut UnitTx<'_>, d: &Door) -> Result<Option<CustomerId>> {
        let rows = tx.query(HOUSEHOLD_PEOPLE, params![d.household_id]).await?;
        let mut people = Vec::with_capacity(rows.len());
        for r in &rows {
            people.push(r.get::<CustomerId>(0)?);
        }
        let named = d.customer_id.filter(|c| people.contains(c));
        Ok(named.or_else(|| people.first().copied()))
    }
}

/// A code may stand in clear; anything else may be somebody's name.
fn is_code(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    !text.is_empty() && text.len() <= zf_base::limits::CODE_CHARS_MAX && text.chars().all(plain)
}
