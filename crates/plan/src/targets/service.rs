//! Building and listing targets. Building reads a branch, ranks it off the
//! async threads, and writes only what changed, in transactions of at most
//! [`BATCH`] rows with one event each; running it again changes nothing.

use super::rank::{Draft, Home, Member, rank};
use super::store::*;
use super::{DROPPED, OPEN, PRECISE, Reason, Target};
use crate::groups::facts::{Fact, facts_of_branch};
use crate::groups::rules::in_force;
use crate::program::Program;
use serde_json::json;
use std::collections::{BTreeMap, HashMap, HashSet};
use zf_base::geo::Point;
use zf_base::mask::Masked;
use zf_base::{CustomerId, HouseholdId, ProgramId, TargetId, UnitId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, UnitScope, UnitTx};
use zf_network::customer::seal::{self, Column};
use zf_network::customer::source::ended::ended;
use zf_network::place::Precision;
use zf_network::place::service::{ladder, places_by_address};
use zf_store::{Row, Value, params};

/// Rows of one transaction: short enough that imports and pages go on.
const BATCH: usize = 500;

/// What building did in one branch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Built {
    /// Households that are targets now.
    pub targets: i64,
    /// Added.
    pub new: i64,
    /// Changed.
    pub changed: i64,
    /// Taken out.
    pub dropped: i64,
}

fn point(lat: Option<f64>, lon: Option<f64>) -> Option<Point> {
    lat.zip(lon)
        .and_then(|(lat, lon)| Point::new(lat, lon).ok())
}

fn precision(stored: Option<String>) -> Option<Precision> {
    stored.as_deref().and_then(Precision::from_stored)
}

fn member(fact: Fact, doors: &HashMap<CustomerId, Point>) -> Member {
    Member {
        id: fact.id,
        household: fact.household,
        village_group: fact.village_group,
        four_fields: fact.known.four_fields == Some(true),
        missing: fact.missing,
        place: doors.get(&fact.id).copied(),
        do_not_visit: fact.refuses,
        person_only: fact.person_only,
        known: fact.known,
    }
}

/// What is stored of a target, in the shape of a draft.
struct Stored {
    id: TargetId,
    state: String,
    draft: Draft,
}

fn stored(row: &Row) -> Result<Stored> {
    let reasons: String = row.get(5)?;
    Ok(Stored {
        id: row.get(0)?,
        state: row.get(9)?,
        draft: Draft {
            household: row.get(1)?,
            lead: row.get(2)?,
            village_group: row.get(3)?,
            priority: row.get(4)?,
            reasons: serde_json::from_str(&reasons).unwrap_or_default(),
            due_day: row.get(6)?,
            four_fields: row.get(7)?,
            members: row.get(8)?,
            place: point(row.get(10)?, row.get(11)?),
            approximate: row.get(12)?,
            precision: precision(row.get(13)?),
        },
    })
}

/// Ranks the households of one branch.
async fn drafts(app: &App, ctx: &Ctx, program: &Program, scope: &UnitScope) -> Result<Vec<Draft>> {
    let unit = scope.unit_id();
    let mut doors: HashMap<CustomerId, Point> = HashMap::new();
    for row in app.read_unit(unit, TARGET_CUSTOMERS, params![]).await? {
        if let Some(door) = point(row.get(1)?, row.get(2)?) {
            doors.insert(row.get(0)?, door);
        }
    }
    let facts = facts_of_branch(app, scope).await?.into_iter();
    let members: Vec<Member> = facts.map(|f| member(f, &doors)).collect();
    let mut homes: BTreeMap<HouseholdId, Home> = BTreeMap::new();
    for row in app.read_unit(unit, TARGET_HOMES, params![]).await? {
        homes.insert(
            row.get(0)?,
            Home {
                village_group: row.get(1)?,
                place: point(row.get(2)?, row.get(3)?),
                named: None,
            },
        );
    }
    let ladder = ladder(app, scope).await?;
    for (household, placed) in places_by_address(app, scope, &ladder).await? {
        homes.entry(household).or_default().named = Some(placed);
    }
    // The rules that the branch's own units have published, with the campaign's figures.
    let rules = in_force(app, scope.unit()).await?;
    let must_visit = program.groups_by(&rules)?;
    let (tuning, today) = (program.tuning()?, ctx.today());
    let ranked = move || rank(&must_visit, &tuning, today, &members, &homes, &ladder);
    tokio::task::spawn_blocking(ranked)
        .await
        .map_err(|e| KernelError::Internal(e.to_string()))
}

/// What has to be written.
enum Change {
    New(Draft),
    Changed(TargetId, Draft, String),
    Dropped(TargetId),
}

/// Builds the targets of one branch; ids and states of known ones stay.
pub async fn target_build(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    scope: &UnitScope,
) -> Result<Built> {
    let drafts = drafts(app, ctx, program, scope).await?;
    let mut known: HashMap<HouseholdId, Stored> = HashMap::new();
    for row in app
        .read_unit(scope.unit_id(), TARGET_STORED, params![program.id])
        .await?
    {
        let s = stored(&row)?;
        known.insert(s.draft.household, s);
    }
    let mut built = Built {
        targets: drafts.len() as i64,
        ..Built::default()
    };
    let mut changes = Vec::new();
    let mut seen: HashSet<HouseholdId> = HashSet::new();
    for draft in drafts {
        seen.insert(draft.household);
        match known.get(&draft.household) {
            None => changes.push(Change::New(draft)),
            Some(s) if s.draft == draft && s.state != DROPPED => {}
            Some(s) => {
                let state = if s.state == DROPPED {
                    OPEN.to_owned()
                } else {
                    s.state.clone()
                };
                changes.push(Change::Changed(s.id, draft, state));
            }
        }
    }
    let gone = known
        .values()
        .filter(|s| s.state == OPEN && !seen.contains(&s.draft.household));
    changes.extend(gone.map(|s| Change::Dropped(s.id)));
    for batch in changes.chunks(BATCH) {
        write(app, ctx, program.id, scope, batch, &mut built).await?;
    }
    Ok(built)
}

const COLUMNS: &[&str] = &[
    "unit_id",
    "id",
    "program_id",
    "household_id",
    "customer_id",
    "village_group_id",
    "kind",
    "priority",
    "reasons",
    "due_day",
    "four_fields",
    "members",
    "state",
    "lat",
    "lon",
    "approximate",
    "precision",
    "updated_at",
];

fn reasons_text(reasons: &[Reason]) -> String {
    json!(reasons).to_string()
}

fn new_row(app: &App, ctx: &Ctx, program: ProgramId, d: &Draft) -> Vec<Value> {
    params![
        TargetId(app.new_id()),
        program,
        d.household,
        d.lead,
        d.village_group,
        PRECISE,
        d.priority,
        reasons_text(&d.reasons),
        d.due_day,
        d.four_fields,
        d.members,
        OPEN,
        d.place.map(|p| p.lat()),
        d.place.map(|p| p.lon()),
        d.approximate,
        d.precision.map(Precision::as_str),
        ctx.now
    ]
}

fn changed_row(ctx: &Ctx, id: TargetId, d: &Draft, state: &str) -> Vec<Value> {
    params![
        id,
        d.lead,
        d.village_group,
        d.priority,
        reasons_text(&d.reasons),
        d.due_day,
        d.four_fields,
        d.members,
        state,
        d.place.map(|p| p.lat()),
        d.place.map(|p| p.lon()),
        d.approximate,
        d.precision.map(Precision::as_str),
        ctx.now
    ]
}

async fn write(
    app: &App,
    ctx: &Ctx,
    program: ProgramId,
    scope: &UnitScope,
    batch: &[Change],
    built: &mut Built,
) -> Result<()> {
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let mut rows = Vec::new();
    let (mut new, mut changed, mut dropped) = (0, 0, 0);
    for change in batch {
        match change {
            Change::New(draft) => {
                rows.push(new_row(app, ctx, program, draft));
                new += 1;
            }
            Change::Changed(id, draft, state) => {
                tx.exec(TARGET_CHANGE, changed_row(ctx, *id, draft, state))
                    .await?;
                changed += 1;
            }
            Change::Dropped(id) => {
                tx.exec(TARGET_DROP, params![*id, ctx.now]).await?;
                dropped += 1;
            }
        }
    }
    if !rows.is_empty() {
        tx.bulk("target", COLUMNS, rows).await?;
    }
    tx.record(
        "target.build",
        "program",
        program,
        json!({ "new": new, "changed": changed, "dropped": dropped }),
    );
    tx.commit().await?;
    built.new += new;
    built.changed += changed;
    built.dropped += dropped;
    Ok(())
}

/// Place in a list of targets: points and id of the last row of the page before.
#[derive(Clone, Copy, Debug)]
pub struct After {
    /// Points.
    pub priority: i64,
    /// Id.
    pub id: TargetId,
}

/// A page of a branch, best first.
pub async fn target_list(
    app: &App,
    program: ProgramId,
    scope: &UnitScope,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Target>> {
    let after = after.unwrap_or(After {
        priority: i64::MAX / 4,
        id: TargetId(zf_base::Uuid::nil()),
    });
    let ended = ended(app, scope.unit(), app.now().day()).await?;
    let (mut after, mut page) = (after, Vec::new());
    loop {
        let p = params![program, after.priority, after.id, limit];
        let rows = app.read_unit(scope.unit_id(), TARGET_LIST, p).await?;
        for row in &rows {
            let (priority, id) = (row.get(4)?, row.get(0)?);
            after = After { priority, id };
            // Whom the branch may not know any more is not shown, even before the job has run.
            if (page.len() as i64) < limit && !ended.person(row.get(1)?) {
                page.push(target(app, scope.unit_id(), row)?);
            }
        }
        if (rows.len() as i64) < limit || page.len() as i64 >= limit {
            return Ok(page);
        }
    }
}

fn target(app: &App, unit: UnitId, row: &Row) -> Result<Target> {
    let customer: CustomerId = row.get(1)?;
    let sealed: Vec<u8> = row.get(2)?;
    let reasons: String = row.get(5)?;
    Ok(Target {
        id: row.get(0)?,
        customer_id: customer,
        name: Masked::new(seal::open(
            app,
            Column::Name,
            unit,
            customer,
            Some(&sealed),
        )?),
        village_group_id: row.get(3)?,
        priority: row.get(4)?,
        reasons: serde_json::from_str(&reasons).unwrap_or_default(),
        kind: row.get(6)?,
        four_fields: row.get(7)?,
        members: row.get(8)?,
        state: row.get(9)?,
        due_day: row.get(10)?,
        approximate: row.get(11)?,
        precision: precision(row.get(12)?),
    })
}

/// Targets per branch of a program.
pub async fn target_counts(app: &App, program: ProgramId) -> Result<HashMap<UnitId, i64>> {
    let rows = app.db.query(TARGET_COUNTS, params![program]).await?;
    rows.iter().map(|r| Ok((r.get(0)?, r.get(1)?))).collect()
}

/// Targets of one branch.
pub async fn target_count(app: &App, program: ProgramId, scope: &UnitScope) -> Result<i64> {
    let rows = app
        .read_unit(scope.unit_id(), TARGET_COUNT, params![program])
        .await?;
    Ok(rows.first().map(|r| r.get(0)).transpose()?.unwrap_or(0))
}
