//! The job that proposes households for one branch: opens its customers in
//! memory, lets the engine propose, and replaces the proposals nobody has
//! decided. People who were decided about are not proposed again as long as
//! they are the same people. It may be stopped and started again at any point.

use super::door::door;
use super::evidence::{Person, Sex};
use super::preset::Preset;
use super::propose::{Proposal, propose, surname};
use super::store::*;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use zf_base::{CustomerId, ProposalId, UnitId, limits};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::unit::service::scope_of;
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx, again};
use zf_network::customer::FieldState;
use zf_network::customer::seal::{self, Column};
use zf_store::{Row, Value, params};

/// Kind of the job.
pub const KIND: &str = "household.propose";

/// Adds the handler.
pub fn handlers(handlers: &mut Handlers) {
    handlers.add(KIND, run);
}

async fn run(run: Arc<Run>) -> Result<serde_json::Value> {
    let unit = run.job.args.get("unit_id").and_then(|v| v.as_str());
    let unit: UnitId = unit
        .and_then(|s| s.parse().ok())
        .ok_or_else(|| KernelError::Internal("household job without a branch".to_owned()))?;
    let scope = scope_of(&run.app, &run.ctx, Permission::CustomerMerge, unit).await?;
    let done = propose_branch(&run.app, &run.ctx, &scope, Some(&run)).await?;
    Ok(
        json!({ "customers": done.customers, "proposed": done.proposed, "decided_before": done.decided_before }),
    )
}

/// What proposing did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// Customers of the branch.
    pub customers: usize,
    /// Proposals that wait for a decision now.
    pub proposed: i64,
    /// Households that were decided about before and are not proposed again.
    pub decided_before: i64,
}

/// Proposes the households of a branch anew; tells `job` how far it is.
///
/// # Errors
/// Only the database and the vault.
pub async fn propose_branch(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    job: Option<&Run>,
) -> Result<Done> {
    let preset = Preset::get()?;
    let people = people(app, scope, preset, job).await?;
    let customers = people.len();
    let year = i64::from(ctx.today().year());
    // Seconds of work for a large branch: not on the threads that answer.
    let found = tokio::task::spawn_blocking(move || propose(&people, year, preset))
        .await
        .map_err(|e| KernelError::Internal(format!("proposing ended abnormally: {e}")))?;
    let (proposed, decided_before) = store(app, ctx, scope, &found).await?;
    Ok(Done {
        customers,
        proposed,
        decided_before,
    })
}

/// Whether a household number is the bank's, not the one a customer without
/// one was given (`C` and the customer number, `-2` … after a split).
pub(super) fn is_given(household_no: &str, customer_no: &str) -> bool {
    let own = household_no
        .strip_prefix('C')
        .and_then(|rest| rest.strip_prefix(customer_no));
    !own.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// Everybody of the branch, opened page by page.
async fn people(
    app: &App,
    scope: &UnitScope,
    preset: &Preset,
    job: Option<&Run>,
) -> Result<Vec<Person>> {
    let unit = scope.unit_id();
    let total = app.read_unit(unit, RECORD_COUNT, params![]).await?;
    let total: i64 = total.first().map(|r| r.get(0)).transpose()?.unwrap_or(0);
    let mut people: Vec<Person> = Vec::new();
    loop {
        let last = people
            .last()
            .map_or(CustomerId(zf_base::Uuid::nil()), |p| p.id);
        let page = params![last, limits::IMPORT_BATCH_ROWS as i64];
        let rows = app.read_unit(unit, HOUSEHOLD_PEOPLE, page).await?;
        if rows.is_empty() {
            return Ok(people);
        }
        for row in &rows {
            people.push(person(app, unit, row, preset)?);
        }
        if let Some(job) = job {
            job.progress(people.len() as i64, total, "").await?;
        }
    }
}

fn person(app: &App, unit: UnitId, row: &Row, preset: &Preset) -> Result<Person> {
    let id: CustomerId = row.get(0)?;
    let open = |column: Column, at: usize| -> Result<String> {
        let sealed: Option<Vec<u8>> = row.get(at)?;
        seal::open(app, column, unit, id, sealed.as_deref())
    };
    let phone = open(Column::Phone, 6)?;
    let state = FieldState::from_stored(&row.get::<String>(7)?);
    let sex: Option<String> = row.get(9)?;
    Ok(Person {
        id,
        household: row.get(2)?,
        given: is_given(&row.get::<String>(3)?, &row.get::<String>(1)?),
        surname: surname(&open(Column::Name, 5)?, preset),
        sex: match sex.as_deref() {
            Some("male") => Some(Sex::Male),
            Some("female") => Some(Sex::Female),
            _ => None,
        },
        birth_year: row.get(10)?,
        phone: (state == FieldState::Full).then(|| phone.clone()),
        phone_stars: (state == FieldState::Masked).then_some(phone),
        door: door(&open(Column::Address, 8)?, &preset.address),
        place: {
            let (lat, lon): (Option<f64>, Option<f64>) = (row.get(11)?, row.get(12)?);
            lat.zip(lon)
                .and_then(|(lat, lon)| zf_base::geo::Point::new(lat, lon).ok())
        },
        group: row.get(4)?,
    })
}

/// Keyed hash of who is proposed.
fn fingerprint(app: &App, p: &Proposal) -> String {
    let mut ids: Vec<CustomerId> = p.members.iter().map(|m| m.id).collect();
    ids.sort_unstable();
    let bytes: Vec<u8> = ids.iter().flat_map(|id| *id.uuid().as_bytes()).collect();
    let mac = app.vault.mac("household.people", &bytes);
    mac.iter().take(16).map(|b| format!("{b:02x}")).collect()
}

const PROPOSAL_COLUMNS: &[&str] = &[
    "unit_id", "id", "state", "score", "people", "reasons", "members", "made_at",
];
const MEMBER_COLUMNS: &[&str] = &[
    "unit_id",
    "proposal_id",
    "customer_id",
    "place",
    "relation",
    "household_id",
    "left_out",
    "was_alone",
];

/// Replaces the open proposals; gives how many are new or kept, and how many
/// were decided before.
async fn store(app: &App, ctx: &Ctx, scope: &UnitScope, found: &[Proposal]) -> Result<(i64, i64)> {
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        let mut known: HashMap<String, (ProposalId, bool)> = HashMap::new();
        for row in tx.query(PROPOSAL_PEOPLE, params![]).await? {
            let open = row.get::<String>(2)? == "open";
            known.insert(row.get(0)?, (row.get(1)?, open));
        }
        tx.exec(PROPOSAL_MEMBERS_CLEAR, params![]).await?;
        tx.exec(PROPOSALS_CLEAR, params![]).await?;
        let (mut proposals, mut members, mut decided) = (Vec::new(), Vec::new(), 0);
        for p in found {
            let people = fingerprint(app, p);
            let id = match known.get(&people) {
                Some((_, false)) => {
                    decided += 1;
                    continue;
                }
                Some((id, true)) => *id,
                None => ProposalId(app.new_id()),
            };
            proposals.push(proposal_row(ctx, id, people, p));
            members.extend(member_rows(id, p));
        }
        let new = proposals.len() as i64;
        tx.bulk("household_proposal", PROPOSAL_COLUMNS, proposals)
            .await?;
        tx.bulk("household_proposal_member", MEMBER_COLUMNS, members)
            .await?;
        let detail = json!({ "proposed": new, "decided_before": decided });
        tx.record("household.propose", "unit", scope.unit_id(), detail);
        tx.commit().await?;
        Ok((new, decided))
    })
    .await
}

fn proposal_row(ctx: &Ctx, id: ProposalId, people: String, p: &Proposal) -> Vec<Value> {
    params![
        id,
        "open",
        p.score,
        people,
        json!(p.reasons).to_string(),
        p.members.len() as i64,
        ctx.now
    ]
}

fn member_rows(id: ProposalId, p: &Proposal) -> impl Iterator<Item = Vec<Value>> {
    p.members.iter().enumerate().map(move |(place, m)| {
        params![
            id,
            m.id,
            place as i64,
            m.relation,
            m.household,
            false,
            false
        ]
    })
}
