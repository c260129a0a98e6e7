//! One batch of customers of one branch on its way into the database: decided
//! (new, changed, the same), sealed on a thread of its own, written in one
//! transaction with one event. Rows come checked from `customers`, which also
//! keeps the order; what a branch has is handed in and handed back.

use super::Import;
use super::run::Stage;
use super::store::{IMPORT_CHUNK_ADD, IMPORT_CHUNKS};
use crate::customer::bulk::{self, Known};
use crate::customer::draft::{CUSTOMER_COLUMNS, Draft, Seat, change_row, new_row};
use crate::customer::past::{Past, past_numbers};
use crate::customer::source::{self, NewSource};
use crate::customer::{Customer, CustomerInput};
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use zf_base::code::ErrorCode;
use zf_base::mask::{Permit, Reason};
use zf_base::{CustomerId, HouseholdId, UnitId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, UnitScope, UnitTx};
use zf_store::{Value, params};

/// Counts of rows: new, changed, the same.
pub(super) type Written = (i64, i64, i64);
/// Keyed digest of what a row says.
pub(super) type Digest = [u8; 16];

/// A checked row that waits for its batch.
pub(super) struct Ready {
    /// Row as in the file.
    pub row: u64,
    /// The bank's number.
    pub no: String,
    /// The bank's or our number of the household.
    pub household_no: String,
    /// What it says; none when that is in already.
    pub input: Option<Box<CustomerInput>>,
    /// Of what it says.
    pub digest: Digest,
    /// The number of a customer merged into another: what it says is not written,
    /// or two rows would take turns.
    pub merged: bool,
}

/// What a branch has, as far as an import must know it.
pub(super) struct Facts {
    /// The branch.
    pub scope: UnitScope,
    /// Its customers.
    pub known: Known,
    /// Its households, and those the import makes.
    pub households: HashMap<Box<str>, HouseholdId>,
    /// Numbers of customers that have left.
    pub past: HashMap<String, Past>,
    /// Where everything the file brings into this branch comes from.
    pub source: NewSource,
    /// Some field of the branch has a source of its own.
    pub field_sources: bool,
}

impl Facts {
    /// Reads the branch again, because somebody else has written to it.
    async fn reload(&mut self, app: &App) -> Result<()> {
        let unit = self.scope.unit_id();
        self.known = bulk::known_customers(app, unit).await?;
        self.households = bulk::known_households(app, unit).await?;
        self.past = past_numbers(app, unit).await?;
        Ok(())
    }

    /// What is to become of a row.
    fn fate(&self, w: &Ready) -> Fate {
        if w.input.is_none() {
            return Fate::Same;
        }
        match self.known.get(w.no.as_str()) {
            None if w.merged || self.past.contains_key(&w.no) => Fate::Same,
            None => Fate::New,
            Some((_, digest)) if *digest == w.digest => Fate::Same,
            Some((id, _)) => Fate::Changed(*id),
        }
    }
}

enum Fate {
    Same,
    New,
    Changed(CustomerId),
}

/// What batches are made and written with; shared with the threads that seal.
pub(super) struct Desk {
    pub app: App,
    pub ctx: Ctx,
    pub import: Import,
    pub demo: bool,
}

/// Who is told how long a part took.
pub(super) type Told<'a> = &'a (dyn Fn(Stage, Duration) + Send + Sync);

/// Rows of one branch with what is to become of them; nothing is sealed yet.
pub(super) struct Batch {
    /// Code of the branch.
    pub code: String,
    rows: Vec<Ready>,
    /// Position of a new row, and where it goes.
    new: Vec<(usize, Seat)>,
    /// Position of a changed row, its customer, and the household where it changes.
    changed: Vec<(usize, CustomerId, Option<HouseholdId>)>,
    households: Vec<Vec<Value>>,
    unit: UnitId,
    source: NewSource,
}

/// A batch as it goes into the tables.
pub(super) struct Sealed {
    batch: Batch,
    customers: Vec<Vec<Value>>,
    tags: Vec<Vec<Value>>,
    changes: Changes,
}

/// Rows that are there and say something else now.
#[derive(Default)]
struct Changes {
    rows: Vec<Vec<Value>>,
    /// Customers whose tags change, and the new ones.
    tags_of: Vec<CustomerId>,
    tags: Vec<Vec<Value>>,
    /// Customer, channel of the record, and the fields the file changes.
    fields: Vec<(CustomerId, String, Vec<&'static str>)>,
}

/// What would become of some rows.
pub(super) fn count_only(facts: &Facts, waiting: &[Ready]) -> Written {
    let mut counts = (0, 0, 0);
    for w in waiting {
        match facts.fate(w) {
            Fate::New => counts.0 += 1,
            Fate::Changed(_) => counts.1 += 1,
            Fate::Same => counts.2 += 1,
        }
    }
    counts
}

impl Batch {
    /// Decides for every row whether it is new, changed or the same, and which
    /// household it belongs to.
    pub fn decide(desk: &Desk, code: &str, facts: &mut Facts, rows: Vec<Ready>) -> Batch {
        let unit = facts.scope.unit_id();
        let mut batch = Batch {
            code: code.to_owned(),
            rows: vec![],
            new: vec![],
            changed: vec![],
            households: vec![],
            unit,
            source: facts.source.clone(),
        };
        for (at, w) in rows.iter().enumerate() {
            match facts.fate(w) {
                Fate::Same => {}
                Fate::New => {
                    let id = CustomerId(desk.app.new_id());
                    let household = batch.household(desk, facts, w);
                    batch.new.push((
                        at,
                        Seat {
                            unit,
                            id,
                            household,
                        },
                    ));
                }
                Fate::Changed(id) => {
                    // A household is changed only by a file that carries household numbers.
                    let own = w.household_no.strip_prefix('C') == Some(w.no.as_str());
                    let household = (!own).then(|| batch.household(desk, facts, w));
                    batch.changed.push((at, id, household));
                }
            }
        }
        batch.rows = rows;
        batch
    }

    /// The household of a row: known, or made by this import.
    fn household(&mut self, desk: &Desk, facts: &mut Facts, w: &Ready) -> HouseholdId {
        if let Some(id) = facts.households.get(w.household_no.as_str()) {
            return *id;
        }
        let id = HouseholdId(desk.app.new_id());
        facts.households.insert(w.household_no.as_str().into(), id);
        let place = w.input.as_ref().and_then(|i| i.place);
        let mut row = Vec::with_capacity(HOUSEHOLD_COLUMNS.len());
        row.extend(params![
            id,
            w.household_no.as_str(),
            w.input.as_ref().and_then(|i| i.village_group_id),
            place.map(|(p, _)| p.lat()),
            place.map(|(p, _)| p.lon()),
            place.map(|(_, d)| d.code()),
            desk.ctx.now
        ]);
        self.households.push(row);
        id
    }

    fn counts(&self) -> Written {
        let (new, changed) = (self.new.len() as i64, self.changed.len() as i64);
        (new, changed, self.rows.len() as i64 - new - changed)
    }

    fn last_row(&self) -> i64 {
        self.rows.iter().map(|w| w.row as i64).max().unwrap_or(0)
    }
}

/// Seals a batch on a thread of its own. None when a row that was there when
/// the batch was decided is not there any more.
pub(super) async fn seal(
    desk: &Arc<Desk>,
    batch: Batch,
    told: Told<'_>,
) -> Result<std::result::Result<Sealed, Batch>> {
    let ids: Vec<CustomerId> = batch.changed.iter().map(|(_, id, _)| *id).collect();
    let old = bulk::rows_of(&desk.app, batch.unit, &ids).await?;
    if old.len() < ids.len() {
        return Ok(Err(batch));
    }
    let desk = desk.clone();
    let began = Instant::now();
    let sealed = tokio::task::spawn_blocking(move || seal_rows(&desk, batch, &old)).await;
    told(Stage::Seal, began.elapsed());
    Ok(Ok(
        sealed.map_err(|e| KernelError::Internal(e.to_string()))??
    ))
}

fn seal_rows(
    desk: &Desk,
    batch: Batch,
    old: &HashMap<CustomerId, zf_store::Row>,
) -> Result<Sealed> {
    let (app, ctx) = (&desk.app, &desk.ctx);
    let mut customers = Vec::with_capacity(batch.new.len());
    let mut tags = Vec::new();
    for (at, seat) in &batch.new {
        let w = &batch.rows[*at];
        let mut draft = Draft::empty();
        apply(desk, &mut draft, w)?;
        tags.extend(distinct(&draft.tags).map(|t| tag_row(t, seat.id)));
        customers.push(new_row(
            app,
            ctx,
            *seat,
            &w.no,
            &draft,
            &batch.source,
            &w.digest,
        ));
    }
    let mut changes = Changes::default();
    let permit = Permit::for_reason(Reason::STORE);
    for (at, id, household) in &batch.changed {
        let w = &batch.rows[*at];
        let Some(row) = old.get(id) else { continue };
        let old: Customer = crate::customer::service::read(app, row)?;
        let mut draft = Draft::of(&old, &permit);
        apply(desk, &mut draft, w)?;
        let seat = Seat {
            unit: batch.unit,
            id: *id,
            household: household.unwrap_or(old.household_id),
        };
        changes
            .rows
            .push(change_row(app, ctx, seat, old.rev, &draft, Some(&w.digest)));
        if draft.tags != old.tags {
            changes.tags_of.push(*id);
            changes
                .tags
                .extend(distinct(&draft.tags).map(|t| tag_row(t, *id)));
        }
        let fields = draft.differs_from(&old, &permit);
        changes.fields.push((*id, old.source_channel, fields));
    }
    Ok(Sealed {
        batch,
        customers,
        tags,
        changes,
    })
}

fn tag_row(tag: &str, id: CustomerId) -> Vec<Value> {
    let mut row = Vec::with_capacity(TAG_COLUMNS.len());
    row.extend(params![tag, id]);
    row
}

fn apply(desk: &Desk, draft: &mut Draft, w: &Ready) -> Result<()> {
    let Some(input) = &w.input else {
        return Err(KernelError::Internal(format!(
            "row {}: nothing to write",
            w.row
        )));
    };
    // Every field was checked when the row was read, so a refusal here is ours.
    draft
        .apply(input, desk.ctx.today(), desk.demo)
        .map_err(|(f, c)| KernelError::Internal(format!("row {}: {f} {c}", w.row)))
}

fn distinct(tags: &[String]) -> impl Iterator<Item = &str> {
    let set: std::collections::BTreeSet<&str> = tags.iter().map(String::as_str).collect();
    set.into_iter()
}

/// How often a batch is tried when others write to the branch meanwhile.
const TRIES: u32 = 8;
/// The pause before another try; it doubles.
const PAUSE_MS: u64 = 10;

/// Writes a batch. When somebody else has written to the branch in the
/// meantime, the branch is read again and the rows are decided anew: a row is a
/// change then, or the whole batch is in, written by an attempt that was cut
/// off before it heard so.
pub(super) async fn write(
    desk: &Arc<Desk>,
    facts: &mut Facts,
    sealed: std::result::Result<Sealed, Batch>,
    told: Told<'_>,
) -> Result<Written> {
    let mut next = Some(sealed);
    let mut pause = PAUSE_MS;
    for _ in 0..TRIES {
        let (rows, code) = match next.take() {
            Some(Ok(sealed)) => {
                let began = Instant::now();
                let tried = try_write(desk, facts, sealed).await;
                told(Stage::Write, began.elapsed());
                match tried? {
                    Ok(counts) => return Ok(counts),
                    Err(batch) => (batch.rows, batch.code),
                }
            }
            Some(Err(batch)) => (batch.rows, batch.code),
            None => break,
        };
        tokio::time::sleep(Duration::from_millis(pause)).await;
        pause *= 2;
        facts.reload(&desk.app).await?;
        if let Some(counts) = is_in(desk, facts, &rows).await? {
            return Ok(counts);
        }
        let batch = Batch::decide(desk, &code, facts, rows);
        next = Some(seal(desk, batch, told).await?);
    }
    // Not a refusal: the job goes on later where it stopped.
    Err(KernelError::Internal(
        "a batch clashes with rows others add".to_owned(),
    ))
}

/// What became of the batch when it is in already.
async fn is_in(desk: &Desk, facts: &Facts, rows: &[Ready]) -> Result<Option<Written>> {
    let last = rows.iter().map(|w| w.row as i64).max().unwrap_or(0);
    let (app, unit) = (&desk.app, facts.scope.unit_id());
    for r in app.db.query(IMPORT_CHUNKS, params![desk.import.id]).await? {
        if r.get::<UnitId>(0)? == unit && r.get::<i64>(1)? >= last {
            return Ok(Some((r.get(2)?, r.get(3)?, r.get(4)?)));
        }
    }
    Ok(None)
}

/// One try; the batch comes back when it clashes with what others have written.
async fn try_write(
    desk: &Desk,
    facts: &Facts,
    sealed: Sealed,
) -> Result<std::result::Result<Written, Batch>> {
    let Sealed {
        batch,
        customers,
        tags,
        changes,
    } = sealed;
    let mut batch = batch;
    let households = std::mem::take(&mut batch.households);
    match put(desk, facts, &batch, households, customers, tags, changes).await {
        Ok(true) => Ok(Ok(batch.counts())),
        // Somebody edited a row since it was read: look again.
        Ok(false) => Ok(Err(batch)),
        Err(KernelError::Store(e)) if e.is_transient() => Ok(Err(batch)),
        Err(e) if e.code() == Some(ErrorCode::CONFLICT.code) => Ok(Err(batch)),
        Err(e) => Err(e),
    }
}

/// The transaction; false when a row has changed since it was read.
async fn put(
    desk: &Desk,
    facts: &Facts,
    batch: &Batch,
    households: Vec<Vec<Value>>,
    customers: Vec<Vec<Value>>,
    tags: Vec<Vec<Value>>,
    changes: Changes,
) -> Result<bool> {
    let Desk {
        app, ctx, import, ..
    } = desk;
    let counts = batch.counts();
    let last_row = batch.last_row();
    let mut tx = UnitTx::begin(app, ctx, &facts.scope).await?;
    if counts.0 + counts.1 > 0 {
        source::source_put(&mut tx, ctx, &batch.source).await?;
    }
    for (table, columns, rows) in [
        ("household", HOUSEHOLD_COLUMNS, households),
        ("customer", CUSTOMER_COLUMNS, customers),
        ("customer_tag", TAG_COLUMNS, tags),
    ] {
        if !rows.is_empty() {
            tx.bulk(table, columns, rows).await?;
        }
    }
    if !changes.rows.is_empty() && !change(&mut tx, desk, facts, batch, changes).await? {
        return Ok(false);
    }
    tx.exec(
        IMPORT_CHUNK_ADD,
        params![import.id, last_row, counts.0, counts.1, counts.2],
    )
    .await?;
    let digest: String = app
        .vault
        .mac("import.batch", &rows_text(&batch.rows))
        .iter()
        .take(8)
        .map(|b| format!("{b:02x}"))
        .collect();
    let detail = json!({ "import": import.id, "last_row": last_row, "new": counts.0, "changed": counts.1, "same": counts.2, "digest": digest });
    tx.record("customer.import", "import", import.id, detail);
    tx.commit().await?;
    Ok(true)
}

/// Writes the changed rows; false when one of them is not as it was read.
async fn change(
    tx: &mut UnitTx<'_>,
    desk: &Desk,
    facts: &Facts,
    batch: &Batch,
    changes: Changes,
) -> Result<bool> {
    let wanted = changes.rows.len() as u64;
    if bulk::change(tx, changes.rows).await? != wanted {
        return Ok(false);
    }
    if !changes.tags_of.is_empty() {
        bulk::tags_write(tx, &changes.tags_of, changes.tags).await?;
    }
    for (id, channel, fields) in &changes.fields {
        if facts.field_sources || *channel != batch.source.channel {
            source::fields_changed(tx, &desk.ctx, *id, channel, &batch.source, fields).await?;
        }
    }
    Ok(true)
}

fn rows_text(rows: &[Ready]) -> Vec<u8> {
    let bytes = |w: &Ready| w.row.to_be_bytes().into_iter().chain(w.digest);
    rows.iter().flat_map(bytes).collect()
}

const HOUSEHOLD_COLUMNS: &[&str] = &[
    "unit_id",
    "id",
    "household_no",
    "village_group_id",
    "lat",
    "lon",
    "datum",
    "updated_at",
];
const TAG_COLUMNS: &[&str] = &["unit_id", "tag", "customer_id"];
