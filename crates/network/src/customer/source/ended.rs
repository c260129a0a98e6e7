//! Sources that have ended: the lawful basis they stand on was withdrawn or is
//! over. From that moment what came through them alone is not used to choose
//! whom to visit; the rooms above ask here while they read, and a job tells them
//! to look again. A basis proposed afterwards for the same channel stands in
//! for one that has ended. Whether data are erased is decided in custody.

use super::{Channels, tags_off};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use zf_base::{BasisId, CustomerId, Day, SourceId, Timestamp, UnitId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::NewJob;
use zf_kernel::job::service::job_enqueue_in;
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::unit::Unit;
use zf_kernel::unit::service::{branches_of, unit_fetch};
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx, again};
use zf_store::{params, statements};

statements! {
    /// Sources of a branch that stand on a lawful basis or end on a day.
    SOURCES_GROUNDED: unit = "SELECT id, channel, basis_id, expires_day FROM source WHERE unit_id = $1 AND (basis_id IS NOT NULL OR expires_day IS NOT NULL)";
    /// A lawful basis, in whatever unit: who has moved brings the ground along.
    BASIS_GROUND: cross = "SELECT state, expires_day, made_at, state_at FROM lawful_basis WHERE id = $1";
    /// Is there one that was proposed later for the same channel and holds?
    BASIS_LATER: unit = "SELECT id FROM lawful_basis WHERE unit_id = $1 AND source = $2 AND state = 'approved' AND expires_day >= $3 AND made_at > $4 LIMIT 1";
    /// Branches elsewhere that have sources on a basis: customers have moved there.
    SOURCES_ELSEWHERE: cross = "SELECT DISTINCT s.unit_id FROM source s JOIN unit u ON u.id = s.unit_id JOIN unit b ON b.id = $2 WHERE s.basis_id = $1 AND substr(u.path, 1, length(b.path)) <> b.path";
    /// A basis of a unit whose last day is over.
    BASIS_LAPSED: unit = "SELECT id FROM lawful_basis WHERE unit_id = $1 AND state = 'approved' AND expires_day < $2 LIMIT 1";
    /// Customers whose record came from a source.
    RECORDS_FROM: unit = "SELECT id FROM customer WHERE unit_id = $1 AND source_id = $2";
    /// All fields of a branch that came from elsewhere than their record.
    FIELDS_FROM: unit = "SELECT customer_id, field, source_id FROM field_source WHERE unit_id = $1";
    /// The last day of sources whose basis was withdrawn.
    SOURCES_END: unit = "UPDATE source SET expires_day = $3 WHERE unit_id = $1 AND basis_id = $2 AND (expires_day IS NULL OR expires_day > $3)";
}

/// Kind of the job: a lawful basis has ended, what was chosen by it is chosen
/// anew. The rooms above add their parts.
pub const SOURCES_ENDED: &str = "customer.sources_ended";

/// Arguments of [`SOURCES_ENDED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourcesEnded {
    /// The unit the basis held for, with everything below.
    pub unit_id: UnitId,
    /// The basis.
    pub basis_id: BasisId,
    /// Last day of the sources that stand on it.
    pub last_day: Day,
}

/// Tells of it in the transaction in which the basis ends: the job exists if
/// and only if it has ended. Where customers have moved to since has its own.
///
/// # Errors
/// Only the database.
pub async fn ended_enqueue(
    tx: &mut UnitTx<'_>,
    app: &App,
    ctx: &Ctx,
    basis: BasisId,
    last_day: Day,
) -> Result<()> {
    let mut units = vec![tx.unit_id()];
    let elsewhere = params![basis, tx.unit_id()];
    for row in app.db.query(SOURCES_ELSEWHERE, elsewhere).await? {
        units.push(row.get(0)?);
    }
    for unit_id in units {
        let args = SourcesEnded {
            unit_id,
            basis_id: basis,
            last_day,
        };
        let job = NewJob::new(SOURCES_ENDED, unit_id, json!(args));
        job_enqueue_in(tx, app, ctx, &job).await?;
    }
    Ok(())
}

/// Adds this room's part of the job.
pub fn handlers(handlers: &mut Handlers) {
    handlers.add(SOURCES_ENDED, run);
}

async fn run(run: Arc<Run>) -> Result<Json> {
    let lost = |_| KernelError::Internal("job of ended sources without a basis".to_owned());
    let args: SourcesEnded = serde_json::from_value(run.job.args.clone()).map_err(lost)?;
    let root = unit_fetch(&run.app, args.unit_id).await?;
    let scope = run.ctx.scope(Permission::CustomerWrite, &root)?;
    let mut sources = 0;
    for branch in branches_of(&run.app, &scope).await? {
        sources += end_in(&run.app, &run.ctx, &branch, &args).await?;
    }
    Ok(json!({ "sources": sources }))
}

/// Writes the last day into the sources of one branch; how many.
async fn end_in(app: &App, ctx: &Ctx, branch: &UnitScope, args: &SourcesEnded) -> Result<u64> {
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, branch).await?;
        let n = tx
            .exec(SOURCES_END, params![args.basis_id, args.last_day])
            .await?;
        if n > 0 {
            let detail = json!({ "sources": n, "last_day": args.last_day });
            tx.record("source.end", "lawful_basis", args.basis_id, detail);
        }
        tx.commit().await?;
        Ok(n)
    })
    .await
}

/// What may not be used in a branch on a day.
#[derive(Clone, Debug, Default)]
pub struct Ended {
    /// Tags without a lawful basis of their own.
    tags: BTreeSet<String>,
    /// Customers whose record came from a source that has ended.
    records: HashSet<CustomerId>,
    /// Fields with a source of their own, and whether that has ended.
    fields: HashMap<CustomerId, Vec<(String, bool)>>,
}

impl Ended {
    /// May the tag of the pack not be used?
    pub fn tag(&self, tag: &str) -> bool {
        self.tags.contains(tag)
    }

    /// May a field of a customer not be used? Names as in the change of a customer.
    pub fn field(&self, customer: CustomerId, field: &str) -> bool {
        let own = self.fields.get(&customer).into_iter().flatten();
        let own = own.into_iter().find(|(name, _)| name == field);
        match own {
            Some((_, ended)) => *ended,
            None => self.records.contains(&customer),
        }
    }

    /// Has the source of a whole record ended, and no other basis stands in?
    pub fn record(&self, customer: CustomerId) -> bool {
        self.records.contains(&customer)
    }

    /// Is nothing left that says the bank may know this person at all?
    pub fn person(&self, customer: CustomerId) -> bool {
        self.field(customer, "name")
    }

    /// Is there nobody of whom [`Ended::person`] holds?
    pub fn nobody(&self) -> bool {
        let name = |(name, over): &(String, bool)| *over && name == "name";
        self.records.is_empty() && !self.fields.values().flatten().any(name)
    }

    /// Does nothing of a customer have to be withheld but perhaps tags?
    pub fn spares(&self, customer: CustomerId) -> bool {
        !self.records.contains(&customer) && !self.fields.contains_key(&customer)
    }
}

/// What may not be used in a branch on a day. Without sources that have ended
/// this costs one read and one for every basis.
///
/// # Errors
/// Only the database.
pub async fn ended(app: &App, unit: &Unit, day: Day) -> Result<Ended> {
    let mut all = Ended {
        tags: tags_off(app, &Channels::of(app)?, unit, day).await?,
        ..Ended::default()
    };
    let sources = ended_sources(app, unit, day).await?;
    if sources.is_empty() {
        return Ok(all);
    }
    for source in &sources {
        let rows = app
            .read_unit(unit.id, RECORDS_FROM, params![*source])
            .await?;
        for row in &rows {
            all.records.insert(row.get(0)?);
        }
    }
    for row in app.read_unit(unit.id, FIELDS_FROM, params![]).await? {
        let (customer, field, source): (CustomerId, String, SourceId) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        let over = sources.contains(&source);
        if over || all.records.contains(&customer) {
            all.fields.entry(customer).or_default().push((field, over));
        }
    }
    Ok(all)
}

/// Is there anything in a branch that a basis held until a day before `day`, or
/// a source that is over? Says that somebody has to look, not what is withheld.
///
/// # Errors
/// Only the database.
pub async fn lapsed(app: &App, unit: &Unit, day: Day) -> Result<bool> {
    let path = unit.path.split('/').filter_map(|part| part.parse().ok());
    for at in path.collect::<Vec<UnitId>>() {
        if !app
            .read_unit(at, BASIS_LAPSED, params![day])
            .await?
            .is_empty()
        {
            return Ok(true);
        }
    }
    Ok(!ended_sources(app, unit, day).await?.is_empty())
}

async fn ended_sources(app: &App, unit: &Unit, day: Day) -> Result<HashSet<SourceId>> {
    let mut known: HashMap<(BasisId, String), bool> = HashMap::new();
    let mut over = HashSet::new();
    for row in app.read_unit(unit.id, SOURCES_GROUNDED, params![]).await? {
        let (id, channel): (SourceId, String) = (row.get(0)?, row.get(1)?);
        let (basis, last): (Option<BasisId>, Option<Day>) = (row.get(2)?, row.get(3)?);
        let holds = match basis {
            None => last.is_none_or(|last| last >= day),
            Some(basis) => {
                let key = (basis, channel);
                match known.get(&key) {
                    Some(holds) => *holds,
                    None => {
                        let holds = ground_holds(app, unit, &key.1, basis, day).await?;
                        known.insert(key, holds);
                        holds
                    }
                }
            }
        };
        if !holds {
            over.insert(id);
        }
    }
    Ok(over)
}

/// Does a lawful basis hold on a day, or one that stands in for it?
async fn ground_holds(
    app: &App,
    unit: &Unit,
    channel: &str,
    basis: BasisId,
    day: Day,
) -> Result<bool> {
    let rows = app.db.query(BASIS_GROUND, params![basis]).await?;
    let Some(row) = rows.first() else {
        return Ok(false);
    };
    let (state, last): (String, Day) = (row.get(0)?, row.get(1)?);
    let (made_at, state_at): (Timestamp, Timestamp) = (row.get(2)?, row.get(3)?);
    if state == "approved" && last >= day {
        return Ok(true);
    }
    // One that is over may be renewed before its last day; one that was taken
    // back needs a decision that was made since.
    let since = match state.as_str() {
        "approved" => made_at,
        _ => state_at,
    };
    let path = unit.path.split('/').filter_map(|part| part.parse().ok());
    for at in path.collect::<Vec<UnitId>>() {
        let p = params![channel, day, since];
        if !app.read_unit(at, BASIS_LATER, p).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}
