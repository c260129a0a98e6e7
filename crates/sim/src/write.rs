//! What the phones write: visits of all kinds and corrections of them, good
//! ones and broken ones, each with what the server must make of it. The facts
//! are known because the text was made from them, not by asking the product.

use crate::rng::Rng;
use crate::world::{Branch, Home, World};
use serde_json::{Value as Json, json};
use uuid::Uuid;
use zf_base::{Day, Timestamp};
use zf_field::sync::Op;

/// What is true of an operation, whatever the server thinks.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Under which code it must be kept aside, whoever sends it.
    pub aside: Option<&'static str>,
    /// It corrects a visit.
    pub amend: bool,
    /// Somebody must look at it, for what it says itself.
    pub look: bool,
    /// The branch's household it names.
    pub household: Option<Uuid>,
    /// It counts towards the day.
    pub counts: bool,
    /// Valid records in it.
    pub valid: i64,
    /// Day of the visit.
    pub day: Day,
    /// Revision the phone knew.
    pub base_rev: Option<i64>,
}

/// An operation and what is true of it.
pub struct Written {
    /// As it is sent.
    pub op: Op,
    /// As it is.
    pub facts: Facts,
    /// A digest of what it says, to tell two contents apart.
    pub content: u64,
    /// Weight as JSON.
    pub bytes: i64,
}

/// The moment in the form of the house.
pub fn stamp(ms: i64) -> Timestamp {
    Timestamp(ms * 1_000)
}

/// Who is at the door.
struct Answers {
    said: Json,
    look: bool,
    counts: bool,
    agreed: bool,
    id_number: bool,
}

/// What is said at a door. Every fourth visit meets nobody who counts.
fn answers(rng: &mut Rng, note: &str) -> Answers {
    let mut a = Answers {
        said: json!({ "remarks": note }),
        look: false,
        counts: true,
        agreed: false,
        id_number: false,
    };
    match rng.below(20) {
        0..=2 => (a.said["outcome"], a.counts) = (json!("absent"), false),
        3 => (a.said["outcome"], a.counts) = (json!("refused"), false),
        // Who was met was left out, or is no word of the form.
        4 => (a.look, a.counts) = (true, false),
        5 => {
            a.said["outcome"] = json!("neighbour");
            (a.look, a.counts) = (true, false);
        }
        6 => {
            a.said["outcome"] = json!("self");
            a.said["notice"] = json!("declined");
        }
        n => {
            a.said["outcome"] = json!(if n % 3 == 0 { "family" } else { "self" });
            a.said["notice"] = json!("agreed");
            a.said["name"] = json!("乙某某"); // not shown: invented
            a.said["phone"] = json!("19912340001");
            a.said["address"] = json!("青山村一组3号"); // not shown: invented
            a.said["needs"] = json!(["deposit"]);
            a.agreed = true;
            if n == 7 {
                // Breaks a rule of the form: kept, and somebody looks.
                a.said["needs"] = json!(["farm_loan"]);
                a.said["loan_amount"] = json!(99_000_000);
                a.look = true;
            }
            if n == 8 {
                a.said["id_number"] = json!("53010319800101123X");
                a.id_number = true;
            }
        }
    }
    a
}

/// Where a phone is when it writes.
pub struct At<'a> {
    /// The installation.
    pub world: &'a World,
    /// The branch.
    pub branch: &'a Branch,
    /// True time, ms.
    pub now_ms: i64,
    /// What the phone's clock shows, ms.
    pub phone_ms: i64,
    /// Milliseconds since the phone last heard from the server.
    pub since_contact_ms: Option<i64>,
    /// Number of the operation on the phone.
    pub client_seq: i64,
}

/// A visit that is corrected.
#[derive(Clone, Copy)]
pub struct Former {
    /// The visit.
    pub visit: Uuid,
    /// The household it named.
    pub household: Option<Uuid>,
    /// The revision the phone knows.
    pub rev: Option<i64>,
    /// Its day.
    pub day: Day,
}

/// What one operation in fifty is from another age of, and must be kept aside for.
const DRIFTS: [&str; 4] = [
    "form_unknown",
    "program_unknown",
    "payload_unreadable",
    "kind_unknown",
];

/// Whose door it is: that of the former visit, or mostly a known one.
fn home<'a>(rng: &mut Rng, at: &At<'a>, former: Option<Former>) -> Option<&'a Home> {
    let homes = &at.branch.homes;
    match former {
        Some(f) => homes.iter().find(|h| Some(h.household) == f.household),
        None if rng.chance(600) => Some(rng.pick(homes)),
        None => None,
    }
}

/// Writes one operation: a new visit, or the correction of one.
pub fn write(rng: &mut Rng, at: &At<'_>, former: Option<Former>) -> Written {
    let op_id = rng.id(at.now_ms);
    let entity = former.map_or_else(|| rng.id(at.now_ms), |f| f.visit);
    let said = answers(rng, &format!("{op_id}"));
    let home = home(rng, at, former);
    // Now and then a household that another branch has by now, or nobody.
    let foreign = former.is_none() && home.is_none() && rng.chance(50);
    let today = stamp(at.now_ms).day();
    let (day, day_look) = day(rng, at.world, today, former);
    let drift = rng.below(200);
    let known = home.is_some_and(|h| h.complete);
    let facts = Facts {
        aside: DRIFTS.get(drift as usize).copied(),
        amend: former.is_some(),
        look: said.look || foreign || day_look,
        household: home.map(|h| h.household),
        counts: said.counts,
        valid: i64::from(said.agreed && (known || said.id_number)),
        day,
        base_rev: former.and_then(|f| f.rev),
    };
    let stray = foreign.then(|| rng.id(at.now_ms));
    let mut payload = json!({
        "program_id": if drift == 1 { rng.id(0) } else { at.world.program.uuid() },
        "kind": "precise",
        "day": day,
        "household_id": home.map(|h| h.household).or(stray),
        "customer_id": home.map(|h| h.customer),
        "form_id": "household-visit",
        "form_version": if drift == 0 { 999 } else { 1 },
        "answers": said.said,
    });
    if former.is_some() {
        payload["reason"] = json!("wrong word");
    }
    if drift == 2 {
        payload = json!({ "torn": op_id });
    }
    let kind = match (drift == 3, former.is_some()) {
        (true, _) => "visit.imagine",
        (_, true) => "visit.amend",
        (_, false) => "visit.submit",
    };
    let bytes = payload.to_string().len() as i64 + 300;
    let op = Op {
        op_id: op_id.into(),
        client_seq: at.client_seq,
        kind: kind.to_owned(),
        entity_id: entity,
        base_rev: facts.base_rev,
        schema_ver: 1,
        device_time: stamp(at.phone_ms),
        since_contact_ms: at.since_contact_ms,
        contact_at: None,
        payload,
        blobs: vec![],
    };
    let content = rng.bits();
    Written {
        op,
        facts,
        content,
        bytes,
    }
}

/// The day a visit names: today, sometimes the day before, rarely one that
/// somebody must look at.
fn day(rng: &mut Rng, world: &World, today: Day, former: Option<Former>) -> (Day, bool) {
    let near = |day: Day| day.clamp(world.first_day, world.last_day);
    if let Some(f) = former
        && rng.chance(800)
    {
        return (f.day, !(world.first_day..=world.last_day).contains(&f.day));
    }
    match rng.below(100) {
        0 => (world.first_day.plus_days(-9), true),
        1..=8 => (near(today.plus_days(-1)), false),
        _ => (near(today), false),
    }
}
