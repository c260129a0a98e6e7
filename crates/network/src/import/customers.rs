//! Writing customers: rows are gathered per branch and written in batches, one
//! transaction and one event per batch and branch, never before the faults of
//! the rows between them are stored. With every batch the number of its last
//! row is stored: when an import is resumed, rows of the branch up to there are
//! in and counted, whatever became of the branch's lists in the meantime. Rows equal to what the last import brought are recognised by a
//! keyed digest without opening anything.

use super::row::RowReader;
use super::run::{Opened, Writer};
use super::store::{IMPORT_CHUNK_ADD, IMPORT_CHUNKS};
use super::{CellError, Import};
use crate::customer::bulk::{self, Known};
use crate::customer::draft::{CUSTOMER_COLUMNS, Draft, Seat, change_row, new_row};
use crate::customer::past::{Fate, Past, past_numbers};
use crate::customer::service::{customer_fetch, write_tags};
use crate::customer::source::{self, Channels, NewSource};
use crate::customer::{CustomerInput, seal};
use crate::village_group::VillageGroup;
use crate::village_group::service::village_group_list;
use crate::words;
use serde_json::json;
use std::collections::{BTreeSet, HashMap, HashSet};
use zf_base::code::ErrorCode;
use zf_base::mask::{Permit, Reason};
use zf_base::{CustomerId, HouseholdId, UnitId, VillageGroupId, limits};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::unit::Level;
use zf_kernel::unit::service::{unit_by_code, unit_fetch};
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx, again};
use zf_office::RowCells;
use zf_store::{StoreError, Value, params};

/// A checked row that waits for its batch.
struct Ready {
    row: u64,
    no: String,
    household_no: String,
    input: CustomerInput,
    digest: Vec<u8>,
    /// The number of a customer merged into another: what it says is not written,
    /// or two rows would take turns.
    merged: bool,
}

/// What is known about a branch while an import runs.
struct Branch {
    scope: UnitScope,
    known: Known,
    households: HashMap<String, HouseholdId>,
    /// By name and by code; none where a name stands for several.
    groups: HashMap<String, Option<VillageGroupId>>,
    seen: HashSet<String>,
    waiting: Vec<Ready>,
    /// Where everything the file brings into this branch comes from.
    source: NewSource,
    /// Some field of the branch has a source of its own.
    field_sources: bool,
    /// Numbers of customers that have left the branch.
    past: HashMap<String, Past>,
    /// Tags that are off for want of a lawful basis.
    tags_off: BTreeSet<String>,
}

/// Writes customers of one import.
pub struct CustomerWriter<'a> {
    app: &'a App,
    ctx: &'a Ctx,
    import: &'a Import,
    demo: bool,
    channels: Channels,
    /// Where the import may write.
    root_path: String,
    branches: HashMap<String, std::result::Result<Branch, &'static str>>,
    /// Last row of each branch that an earlier attempt has dealt with.
    reached: HashMap<UnitId, u64>,
    written: (i64, i64, i64),
}

impl<'a> CustomerWriter<'a> {
    /// Starts or resumes.
    pub async fn new(app: &'a App, ctx: &'a Ctx, import: &'a Import) -> Result<CustomerWriter<'a>> {
        let rows = app.db.query(IMPORT_CHUNKS, params![import.id]).await?;
        let mut reached: HashMap<UnitId, u64> = HashMap::new();
        let mut written = (0, 0, 0);
        for r in &rows {
            let last = reached.entry(r.get(0)?).or_default();
            *last = (*last).max(r.get::<i64>(1)?.unsigned_abs());
            written.0 += r.get::<i64>(2)?;
            written.1 += r.get::<i64>(3)?;
            written.2 += r.get::<i64>(4)?;
        }
        let demo = zf_kernel::setting::is_demo(app).await?;
        Ok(CustomerWriter {
            app,
            ctx,
            import,
            demo,
            channels: Channels::of(app)?,
            root_path: unit_fetch(app, import.unit_id).await?.path,
            branches: HashMap::new(),
            reached,
            written,
        })
    }

    async fn branch(&mut self, code: &str) -> Result<std::result::Result<(), &'static str>> {
        if !self.branches.contains_key(code) {
            let loaded = self.load_branch(code).await?;
            self.branches.insert(code.to_owned(), loaded);
        }
        Ok(match self.branches.get(code) {
            Some(Err(reason)) => Err(reason),
            _ => Ok(()),
        })
    }

    async fn load_branch(&self, code: &str) -> Result<std::result::Result<Branch, &'static str>> {
        let Some(unit) = unit_by_code(self.app, code).await? else {
            return Ok(Err("unit.unknown"));
        };
        if unit.level != Level::Branch {
            return Ok(Err("unit.not_branch"));
        }
        let Ok(scope) = self.ctx.scope(Permission::ImportWrite, &unit) else {
            return Ok(Err("unit.out_of_scope"));
        };
        if !unit.path.starts_with(&self.root_path) {
            return Ok(Err("unit.out_of_scope"));
        }
        let (app, today) = (self.app, self.ctx.today());
        let channel = self.import.choices.channel.as_str();
        let from = Some(self.import.id);
        let source = source::source_for(app, &self.channels, &unit, channel, from, today).await?;
        let Some(source) = source else {
            return Ok(Err("channel.needs_basis"));
        };
        let tags_off = source::tags_off(app, &self.channels, &unit, today).await?;
        let field_sources = source::any_field_source(app, unit.id).await?;
        let known = bulk::known_customers(self.app, unit.id).await?;
        let past = past_numbers(self.app, unit.id).await?;
        let households = bulk::known_households(self.app, unit.id).await?;
        let groups = groups_by_name(&village_group_list(self.app, &scope).await?);
        let branch = Branch {
            scope,
            known,
            households,
            groups,
            seen: HashSet::new(),
            waiting: vec![],
            source,
            field_sources,
            past,
            tags_off,
        };
        Ok(Ok(branch))
    }

    /// Checks one row; a good one waits in its branch.
    async fn take_row(&mut self, cells: &RowCells, opened: &Opened) -> Result<Vec<CellError>> {
        let mut r = RowReader::new(&opened.map, &opened.headers, cells, "customer_no");
        r.keeps(KEPT);
        let no = r.required("customer_no", limits::CODE_CHARS_MAX);
        let code = r.required("unit", limits::CODE_CHARS_MAX);
        if let Err(reason) = self.branch(&code).await?
            && !code.is_empty()
        {
            r.wrong("unit", reason);
        }
        if self.is_in(&code, &no, cells.row_number) {
            return Ok(vec![]);
        }
        let merged = self.left(&mut r, &code, &no).await?;
        let mut input = read_customer(&mut r, self.import, self.ctx, self.demo);
        if let Some(tags) = &mut input.tags {
            for tag in tags.iter_mut() {
                match self.app.packs.tag_of(tag) {
                    Some(known) => *tag = known.to_owned(),
                    None => r.wrong("tags", "field.not_in_list"),
                }
            }
        }
        let Some(Ok(branch)) = self.branches.get_mut(&code) else {
            return Ok(r.errors);
        };
        let off = |tag: &String| branch.tags_off.contains(tag);
        if input.tags.iter().flatten().any(off) {
            r.wrong("tags", "tag.needs_basis");
        }
        if let Some(group) = r.optional("village_group", limits::NAME_CHARS_MAX) {
            match branch.groups.get(&group) {
                Some(Some(id)) => input.village_group_id = Some(*id),
                Some(None) => r.wrong("village_group", "village_group.ambiguous"),
                None => r.wrong("village_group", "village_group.unknown"),
            }
        }
        if r.errors.is_empty() && !branch.seen.insert(no.clone()) {
            r.wrong("customer_no", "row.duplicate");
        }
        if !r.errors.is_empty() {
            return Ok(r.errors);
        }
        let household_no = r
            .optional("household_no", limits::CODE_CHARS_MAX)
            .unwrap_or_else(|| format!("C{no}"));
        let digest = digest(self.app, opened, cells);
        branch.waiting.push(Ready {
            row: cells.row_number,
            no,
            household_no,
            input,
            digest,
            merged,
        });
        Ok(vec![])
    }

    /// Refuses a customer that has left the branch; true when the number lives on
    /// in the record it was merged into.
    async fn left(&self, r: &mut RowReader<'_>, code: &str, no: &str) -> Result<bool> {
        let Some(Ok(branch)) = self.branches.get(code) else {
            return Ok(false);
        };
        let Some(past) = branch.past.get(no) else {
            return Ok(false);
        };
        match past.fate {
            Fate::Merged => return Ok(true),
            Fate::Erased => r.wrong("customer_no", "row.erased"),
            Fate::Moved => {
                let to = match past.into {
                    Some((unit, _)) => unit_fetch(self.app, unit).await?.name,
                    None => String::new(),
                };
                r.wrong_about("customer_no", "row.moved", to);
            }
        }
        Ok(false)
    }

    /// Was this row dealt with by an earlier attempt?
    fn is_in(&mut self, code: &str, no: &str, row: u64) -> bool {
        let Some(Ok(branch)) = self.branches.get_mut(code) else {
            return false;
        };
        let last = self.reached.get(&branch.scope.unit_id());
        let is_in = last.is_some_and(|last| row <= *last);
        if is_in {
            branch.seen.insert(no.to_owned());
        }
        is_in
    }

    /// Writes the branches in which at least so many rows wait.
    async fn write_from(&mut self, rows: usize) -> Result<()> {
        let full =
            |b: &std::result::Result<Branch, _>| b.as_ref().is_ok_and(|b| b.waiting.len() >= rows);
        let mut codes: Vec<String> = self
            .branches
            .iter()
            .filter(|(_, b)| full(b))
            .map(|(code, _)| code.clone())
            .collect();
        codes.sort();
        for code in codes {
            self.write(&code).await?;
        }
        Ok(())
    }

    /// Writes what waits in a branch.
    async fn write(&mut self, code: &str) -> Result<()> {
        let Some(Ok(branch)) = self.branches.get_mut(code) else {
            return Ok(());
        };
        let waiting = std::mem::take(&mut branch.waiting);
        if waiting.is_empty() {
            return Ok(());
        }
        let counts = if self.import.dry_run {
            count_only(branch, &waiting)
        } else {
            let job = Job {
                app: self.app,
                ctx: self.ctx,
                import: self.import,
                demo: self.demo,
            };
            job.write(branch, &waiting).await?
        };
        self.written.0 += counts.0;
        self.written.1 += counts.1;
        self.written.2 += counts.2;
        Ok(())
    }
}

/// Groups by code, by village and name, and by name alone where that is enough.
fn groups_by_name(groups: &[VillageGroup]) -> HashMap<String, Option<VillageGroupId>> {
    let mut by_name: HashMap<String, Option<VillageGroupId>> = HashMap::new();
    for g in groups {
        for name in [g.name.clone(), format!("{}{}", g.village, g.name)] {
            by_name
                .entry(name)
                .and_modify(|known| *known = known.filter(|id| *id == g.id))
                .or_insert(Some(g.id));
        }
    }
    // The bank's code is unique and beats any name.
    by_name.extend(groups.iter().map(|g| (g.code.clone(), Some(g.id))));
    by_name
}

impl Writer for CustomerWriter<'_> {
    async fn take(
        &mut self,
        rows: &[RowCells],
        opened: &Opened,
        refused: &BTreeSet<u64>,
    ) -> Result<Vec<CellError>> {
        let mut errors = Vec::new();
        for row in rows.iter().filter(|r| !refused.contains(&r.row_number)) {
            errors.extend(self.take_row(row, opened).await?);
        }
        Ok(errors)
    }

    async fn write_gathered(&mut self) -> Result<()> {
        self.write_from(limits::IMPORT_BATCH_ROWS).await
    }

    async fn finish(&mut self) -> Result<()> {
        self.write_from(1).await
    }

    fn written(&self) -> (i64, i64, i64) {
        self.written
    }
}

/// Columns in which nothing can be removed.
const KEPT: &[&str] = &[
    "customer_no",
    "name",
    "unit",
    "village_group",
    "household_no",
];

/// The personal and factual cells of a row, checked. An empty cell keeps what
/// is stored: an update never blanks what the file does not carry.
fn read_customer(r: &mut RowReader<'_>, import: &Import, ctx: &Ctx, demo: bool) -> CustomerInput {
    let name = r.required("name", limits::NAME_CHARS_MAX);
    let mut input = CustomerInput {
        name: Some(name),
        ..CustomerInput::default()
    };
    if let Some(text) = r.optional_or_clear("phone", limits::NAME_CHARS_MAX) {
        match seal::phone(&text, demo) {
            Ok(_) => input.phone = Some(text),
            Err(code) => r.wrong("phone", code),
        }
    }
    if let Some(text) = r.optional_or_clear("id_number", limits::NAME_CHARS_MAX) {
        match seal::id_number(&text, ctx.today(), demo) {
            Ok(_) => input.id_number = Some(text),
            Err(code) => r.wrong("id_number", code),
        }
    }
    input.address = r.optional_or_clear("address", limits::ADDRESS_CHARS_MAX);
    input.notes = r.optional_or_clear("notes", limits::NOTE_CHARS_MAX);
    input.sex = r.word("sex", words::sex);
    input.occupation = r.optional_or_clear("occupation", limits::NAME_CHARS_MAX);
    input.balance_band = r.optional_or_clear("balance_band", limits::NAME_CHARS_MAX);
    input.deposit_due_day = r.day_or_clear("deposit_due_day");
    input.insurance_due_day = r.day_or_clear("insurance_due_day");
    input.tags = r.list_or_clear("tags");
    input.products = r.list_or_clear("products");
    input.place = r.place(import.datum);
    input
}

/// Keyed digest of what a row says, so that an equal row is recognised later
/// and nobody can test guesses of a phone against it.
fn digest(app: &App, opened: &Opened, cells: &RowCells) -> Vec<u8> {
    let mut text = String::new();
    for spec in words::CUSTOMER_COLUMNS {
        if let Some(i) = opened.map.index(spec.key) {
            text.push_str(spec.key);
            text.push('\u{1f}');
            text.push_str(cells.cells.get(i).map_or("", |c| c.trim()));
            text.push('\u{1e}');
        }
    }
    app.vault.mac("import.row", text.as_bytes())[..16].to_vec()
}

fn count_only(branch: &Branch, waiting: &[Ready]) -> (i64, i64, i64) {
    let mut counts = (0, 0, 0);
    for w in waiting {
        match branch.known.get(&w.no) {
            None if w.merged => counts.2 += 1,
            None => counts.0 += 1,
            Some((_, digest)) if *digest == w.digest => counts.2 += 1,
            Some(_) => counts.1 += 1,
        }
    }
    counts
}

struct Batch {
    customers: Vec<Vec<Value>>,
    households: Vec<Vec<Value>>,
    tags: Vec<Vec<Value>>,
    changes: Vec<Changed>,
    same: i64,
    /// Households this batch makes, by number.
    made: HashMap<String, HouseholdId>,
}

/// A row that is there and says something else now.
struct Changed {
    seat: Seat,
    rev: i64,
    draft: Draft,
    digest: Vec<u8>,
    /// Channel of the record, and the fields the file changes.
    channel: String,
    fields: Vec<&'static str>,
}

/// What a batch is written with.
struct Job<'a> {
    app: &'a App,
    ctx: &'a Ctx,
    import: &'a Import,
    demo: bool,
}

/// How often a batch is tried when others add the same numbers meanwhile.
const CLASHES: usize = 4;

impl Job<'_> {
    /// Writes a batch. When somebody else has added one of its customers or
    /// households in the meantime, the branch is read again: the row is a
    /// change then.
    async fn write(&self, branch: &mut Branch, waiting: &[Ready]) -> Result<(i64, i64, i64)> {
        for _ in 0..CLASHES {
            let tried = again(self.app, || self.try_write(branch, waiting)).await;
            match tried {
                Ok((counts, households)) => {
                    branch.households.extend(households);
                    return Ok(counts);
                }
                Err(e) if e.code() == Some(ErrorCode::CONFLICT.code) => {
                    let unit = branch.scope.unit_id();
                    branch.known = bulk::known_customers(self.app, unit).await?;
                    branch.households = bulk::known_households(self.app, unit).await?;
                }
                Err(e) => return Err(e),
            }
        }
        // Not a refusal: the job goes on later where it stopped.
        Err(KernelError::Internal(
            "a batch clashes with rows others add".to_owned(),
        ))
    }

    /// One try; the counts and the households it has made.
    async fn try_write(
        &self,
        branch: &Branch,
        waiting: &[Ready],
    ) -> Result<((i64, i64, i64), HashMap<String, HouseholdId>)> {
        let (app, ctx, import) = (self.app, self.ctx, self.import);
        let batch = prepare(app, ctx, branch, waiting, self.demo).await?;
        let counts = (
            batch.customers.len() as i64,
            batch.changes.len() as i64,
            batch.same,
        );
        let last_row = waiting.iter().map(|w| w.row as i64).max().unwrap_or(0);
        let mut tx = UnitTx::begin(app, ctx, &branch.scope).await?;
        tx.bulk("household", HOUSEHOLD_COLUMNS, batch.households)
            .await?;
        tx.bulk("customer", CUSTOMER_COLUMNS, batch.customers)
            .await?;
        tx.bulk("customer_tag", TAG_COLUMNS, batch.tags).await?;
        if counts.0 + counts.1 > 0 {
            source::source_put(&mut tx, ctx, &branch.source).await?;
        }
        for c in &batch.changes {
            let row = change_row(app, ctx, c.seat, c.rev, &c.draft, Some(&c.digest));
            if !bulk::change(&mut tx, row).await? {
                // Somebody edited the row since it was read: look again.
                return Err(KernelError::Store(StoreError::Retry));
            }
            write_tags(&mut tx, c.seat.id, &c.draft.tags).await?;
            if branch.field_sources || c.channel != branch.source.channel {
                let (id, from) = (c.seat.id, &branch.source);
                source::fields_changed(&mut tx, ctx, id, &c.channel, from, &c.fields).await?;
            }
        }
        tx.exec(
            IMPORT_CHUNK_ADD,
            params![import.id, last_row, counts.0, counts.1, counts.2],
        )
        .await?;
        let digest: String = app
            .vault
            .mac("import.batch", &rows_of(waiting))
            .iter()
            .take(8)
            .map(|b| format!("{b:02x}"))
            .collect();
        let detail = json!({ "import": import.id, "last_row": last_row, "new": counts.0, "changed": counts.1, "same": counts.2, "digest": digest });
        tx.record("customer.import", "import", import.id, detail);
        tx.commit().await?;
        Ok((counts, batch.made))
    }
}

fn rows_of(waiting: &[Ready]) -> Vec<u8> {
    waiting
        .iter()
        .flat_map(|w| {
            w.row
                .to_be_bytes()
                .into_iter()
                .chain(w.digest.iter().copied())
        })
        .collect()
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

/// Decides for every row whether it is new, changed or the same.
async fn prepare(
    app: &App,
    ctx: &Ctx,
    branch: &Branch,
    waiting: &[Ready],
    demo: bool,
) -> Result<Batch> {
    let mut batch = Batch {
        customers: vec![],
        households: vec![],
        tags: vec![],
        changes: vec![],
        same: 0,
        made: HashMap::new(),
    };
    let unit = branch.scope.unit_id();
    for w in waiting {
        let known = branch.known.get(&w.no).cloned();
        if known.is_none() && w.merged {
            batch.same += 1;
            continue;
        }
        if known
            .as_ref()
            .is_some_and(|(_, digest)| *digest == w.digest)
        {
            batch.same += 1;
            continue;
        }
        match known {
            None => add_new(app, ctx, branch, w, demo, &mut batch)?,
            Some((id, _)) => {
                let old = customer_fetch(app, &branch.scope, id).await?;
                let permit = Permit::for_reason(Reason::STORE);
                let mut draft = Draft::of(&old, &permit);
                apply(&mut draft, w, ctx, demo)?;
                // A household is changed only by a file that carries household numbers.
                let moved = w.household_no != format!("C{}", w.no);
                let household = if moved {
                    household(app, ctx, branch, w, &mut batch)
                } else {
                    old.household_id
                };
                let seat = Seat {
                    unit,
                    id,
                    household,
                };
                batch.changes.push(Changed {
                    seat,
                    rev: old.rev,
                    fields: draft.differs_from(&old, &permit),
                    draft,
                    digest: w.digest.clone(),
                    channel: old.source_channel,
                });
            }
        }
    }
    Ok(batch)
}

/// A customer the branch does not have yet.
fn add_new(
    app: &App,
    ctx: &Ctx,
    branch: &Branch,
    w: &Ready,
    demo: bool,
    batch: &mut Batch,
) -> Result<()> {
    let seat = Seat {
        unit: branch.scope.unit_id(),
        id: CustomerId(app.new_id()),
        household: household(app, ctx, branch, w, batch),
    };
    let mut draft = Draft::empty();
    apply(&mut draft, w, ctx, demo)?;
    let tags = distinct(&draft.tags).map(|t| params![t, seat.id]);
    batch.tags.extend(tags);
    let row = new_row(app, ctx, seat, &w.no, &draft, &branch.source, &w.digest);
    batch.customers.push(row);
    Ok(())
}

fn apply(draft: &mut Draft, w: &Ready, ctx: &Ctx, demo: bool) -> Result<()> {
    // Every field was checked when the row was read, so a refusal here is ours.
    draft
        .apply(&w.input, ctx.today(), demo)
        .map_err(|(f, c)| KernelError::Internal(format!("row {}: {f} {c}", w.row)))
}

fn distinct(tags: &[String]) -> impl Iterator<Item = &str> {
    let set: std::collections::BTreeSet<&str> = tags.iter().map(String::as_str).collect();
    set.into_iter()
}

/// The household of a row: known, or made in this batch.
fn household(app: &App, ctx: &Ctx, branch: &Branch, w: &Ready, batch: &mut Batch) -> HouseholdId {
    let known = branch.households.get(&w.household_no);
    if let Some(id) = known.or_else(|| batch.made.get(&w.household_no)) {
        return *id;
    }
    let id = HouseholdId(app.new_id());
    batch.made.insert(w.household_no.clone(), id);
    let place = w.input.place;
    batch.households.push(params![
        id,
        w.household_no.as_str(),
        w.input.village_group_id,
        place.map(|(p, _)| p.lat()),
        place.map(|(p, _)| p.lon()),
        place.map(|(_, d)| d.code()),
        ctx.now
    ]);
    id
}
