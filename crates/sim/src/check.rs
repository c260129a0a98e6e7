//! What the database must hold at the end, read with statements of its own:
//! every operation and visit that the model knows, nothing else, feeds without
//! gaps, tallies that can be counted again, one audit event for each batch that
//! changed something (I1–I3, I5, I6).

use crate::Result;
use crate::model::Model;
use crate::outcome::Outcome;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;
use zf_base::Day;
use zf_kernel::App;
use zf_store::{Db, Row, Scope, Sql, Value};

/// Codes under which operations are kept aside.
pub const CODES: &[&str] = &[
    "device_revoked",
    "form_unknown",
    "kind_unknown",
    "op_changed",
    "payload_unreadable",
    "program_unknown",
    "undigested",
    "visit_exists",
    "visit_unknown",
];

const fn sql(name: &'static str, text: &'static str) -> Sql {
    Sql {
        name,
        text,
        scope: Scope::Ref,
        module: "sim",
    }
}

const HAS_OP: Sql = sql(
    "HAS_OP",
    "SELECT COUNT(*) FROM sync_op WHERE unit_id = $1 AND op_id = $2",
);
const ASIDE: Sql = sql("ASIDE", "SELECT COUNT(*) FROM sync_quarantine");
const OPS: Sql = sql("OPS", "SELECT unit_id, op_id FROM sync_op");
const VISITS: Sql = sql(
    "VISITS",
    "SELECT unit_id, id, rev, day, household_id, counts, valid_records, state FROM visit",
);
const PEOPLE: Sql = sql(
    "PEOPLE",
    "SELECT v.id, v.members, COUNT(m.seq), CAST(COALESCE(SUM(CASE WHEN m.valid THEN 1 ELSE 0 END), 0) AS BIGINT), v.valid_records FROM visit v LEFT JOIN visit_member m ON m.unit_id = v.unit_id AND m.visit_id = v.id GROUP BY v.unit_id, v.id, v.members, v.valid_records",
);
const FEED: Sql = sql(
    "FEED",
    "SELECT unit_id, seq, entity_id, rev FROM feed ORDER BY unit_id, seq",
);
const HEADS: Sql = sql("HEADS", "SELECT unit_id, seq FROM feed_head");
const TALLIES: Sql = sql(
    "TALLIES",
    "SELECT unit_id, day, households, visits, valid_records FROM visit_tally",
);
const REVISIONS: Sql = sql(
    "REVISIONS",
    "SELECT visit_id, COUNT(*), MAX(rev) FROM visit_revision GROUP BY unit_id, visit_id",
);
const REVIEWS: Sql = sql("REVIEWS", "SELECT COUNT(*) FROM sync_review");
const EVENTS: Sql = sql(
    "EVENTS",
    "SELECT COUNT(*) FROM event WHERE action = 'sync.push'",
);

async fn number(db: &Db, sql: Sql, p: Vec<Value>) -> Result<i64> {
    Ok(db.query_one(sql, p).await?.get(0)?)
}

/// Whether an operation is there.
pub async fn has_op(db: &Db, unit: Uuid, op: Uuid) -> Result<bool> {
    Ok(number(db, HAS_OP, vec![unit.into(), op.into()]).await? > 0)
}

/// How many things are kept aside.
pub async fn kept_aside(db: &Db) -> Result<i64> {
    number(db, ASIDE, vec![]).await
}

/// Compares everything; gives the operations that are there.
pub async fn compare(
    app: &App,
    model: &Model,
    out: &mut Outcome,
) -> Result<BTreeSet<(Uuid, Uuid)>> {
    let db = &app.db;
    let mut held = BTreeSet::new();
    for row in db.query(OPS, vec![]).await? {
        held.insert((row.get(0)?, row.get(1)?));
    }
    for (unit, op) in &held {
        if !model.has(*unit, *op) {
            out.fault(|| format!("operation {op} is there without having been committed"));
            out.wrong += 1;
        }
    }
    visits(db, model, out).await?;
    people(db, out).await?;
    feeds(db, model, out).await?;
    tallies(db, model, out).await?;
    revisions(db, model, out).await?;
    for (what, is, must) in [
        ("kept aside", kept_aside(db).await?, model.aside),
        ("reviews", number(db, REVIEWS, vec![]).await?, model.reviews),
        (
            "audit events",
            number(db, EVENTS, vec![]).await?,
            model.events,
        ),
    ] {
        if is != must {
            out.wrong += 1;
            out.fault(|| format!("{what}: {is}, must be {must}"));
        }
    }
    Ok(held)
}

fn unlike(out: &mut Outcome, what: impl FnOnce() -> String) {
    out.wrong += 1;
    out.fault(what);
}

async fn visits(db: &Db, model: &Model, out: &mut Outcome) -> Result<()> {
    let rows = db.query(VISITS, vec![]).await?;
    if rows.len() != model.visits.len() {
        let (is, must) = (rows.len(), model.visits.len());
        unlike(out, || format!("{is} visits, must be {must}"));
    }
    for row in &rows {
        let id: Uuid = row.get(1)?;
        let state: String = row.get(7)?;
        let is = (
            row.get::<Uuid>(0)?,
            row.get::<i64>(2)?,
            row.get::<Day>(3)?,
            row.get::<Option<Uuid>>(4)?,
            row.get::<bool>(5)?,
            row.get::<i64>(6)?,
            state == "review",
        );
        let must = model.visits.get(&id).map(|v| {
            let household = v.household;
            (v.unit, v.rev, v.day, household, v.counts, v.valid, v.review)
        });
        if must != Some(is) {
            unlike(out, || format!("visit {id} is {is:?}, must be {must:?}"));
        }
    }
    Ok(())
}

/// People of visits are rows, and their numbers stand on the visit.
async fn people(db: &Db, out: &mut Outcome) -> Result<()> {
    for row in db.query(PEOPLE, vec![]).await? {
        let n = |i| row.get::<i64>(i);
        let (id, stated, rows, valid, valid_stated) =
            (row.get::<Uuid>(0)?, n(1)?, n(2)?, n(3)?, n(4)?);
        if (stated, valid_stated) != (rows, valid) {
            unlike(out, || {
                format!("visit {id}: {rows} people, {stated} stated")
            });
        }
    }
    Ok(())
}

/// I3: numbers without a gap, heads at their ends, revisions rising.
async fn feeds(db: &Db, model: &Model, out: &mut Outcome) -> Result<()> {
    let mut last: BTreeMap<Uuid, i64> = BTreeMap::new();
    let mut revs: BTreeMap<Uuid, i64> = BTreeMap::new();
    for row in db.query(FEED, vec![]).await? {
        let (unit, seq): (Uuid, i64) = (row.get(0)?, row.get(1)?);
        let (entity, rev): (Uuid, i64) = (row.get(2)?, row.get(3)?);
        let before = last.insert(unit, seq).unwrap_or(0);
        if seq != before + 1 {
            out.gaps += 1;
            out.fault(|| format!("feed of {unit}: {seq} follows {before}"));
        }
        let known = revs.insert(entity, rev).unwrap_or(0);
        if rev != known + 1 {
            unlike(out, || {
                format!("visit {entity}: revision {rev} follows {known}")
            });
        }
    }
    let heads = map(&db.query(HEADS, vec![]).await?)?;
    if heads != model.feeds || last != model.feeds {
        out.gaps += 1;
        out.fault(|| "heads or ends of feeds are not those of the model".to_owned());
    }
    Ok(())
}

fn map(rows: &[Row]) -> Result<BTreeMap<Uuid, i64>> {
    let each = rows.iter().map(|r| Ok((r.get(0)?, r.get(1)?)));
    each.collect()
}

async fn tallies(db: &Db, model: &Model, out: &mut Outcome) -> Result<()> {
    let must = model.tallies();
    let mut seen = BTreeSet::new();
    for row in db.query(TALLIES, vec![]).await? {
        let key: (Uuid, Day) = (row.get(0)?, row.get(1)?);
        let is: (i64, i64, i64) = (row.get(2)?, row.get(3)?, row.get(4)?);
        let wanted = must.get(&key).copied().unwrap_or_default();
        if is != wanted {
            unlike(out, || {
                format!("tally of {key:?} is {is:?}, must be {wanted:?}")
            });
        }
        seen.insert(key);
    }
    for key in must.keys().filter(|k| !seen.contains(k)) {
        unlike(out, || format!("no tally of {key:?}"));
    }
    Ok(())
}

/// I5: every change of a visit left what it said before.
async fn revisions(db: &Db, model: &Model, out: &mut Outcome) -> Result<()> {
    let mut kept: BTreeMap<Uuid, (i64, i64)> = BTreeMap::new();
    for row in db.query(REVISIONS, vec![]).await? {
        kept.insert(row.get(0)?, (row.get(1)?, row.get(2)?));
    }
    for (id, v) in &model.visits {
        let is = kept.get(id).copied().unwrap_or_default();
        if is != (v.rev - 1, v.rev - 1) {
            unlike(out, || {
                format!("visit {id}: revision {} and {is:?} before", v.rev)
            });
        }
    }
    Ok(())
}
