//! Writing customers: rows are gathered per branch and written in batches, one
//! transaction and one event per batch and branch. A batch that is already in
//! (its number is stored with it) is skipped when an import is resumed, so no
//! row is written or counted twice. Rows equal to what the last import brought
//! are recognised by a keyed digest without opening anything.

use super::row::RowReader;
use super::run::{Opened, Writer};
use super::store::{IMPORT_CHUNK_ADD, IMPORT_CHUNKS};
use super::{CellError, Import};
use crate::customer::service::{
    CUSTOMER_COLUMNS, Draft, change_row, customer_fetch, new_row, write_tags,
};
use crate::customer::store::*;
use crate::customer::{CustomerInput, seal};
use crate::village_group::service::village_group_list;
use crate::words;
use serde_json::json;
use std::collections::{HashMap, HashSet};
use zf_base::mask::{Permit, Reason};
use zf_base::{CustomerId, HouseholdId, UnitId, VillageGroupId, limits};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::unit::Level;
use zf_kernel::unit::service::unit_by_code;
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx};
use zf_office::RowCells;
use zf_store::{Value, params};

/// A checked row that waits for its batch.
struct Ready {
    row: u64,
    no: String,
    household_no: String,
    input: CustomerInput,
    digest: Vec<u8>,
}

/// What is known about a branch while an import runs.
struct Branch {
    scope: UnitScope,
    known: HashMap<String, (CustomerId, Vec<u8>, i64)>,
    households: HashMap<String, HouseholdId>,
    groups: HashMap<String, VillageGroupId>,
    seen: HashSet<String>,
    waiting: Vec<Ready>,
    batches: i64,
}

/// Writes customers of one import.
pub struct CustomerWriter<'a> {
    app: &'a App,
    ctx: &'a Ctx,
    import: &'a Import,
    demo: bool,
    branches: HashMap<String, std::result::Result<Branch, &'static str>>,
    done: HashMap<(UnitId, i64), (i64, i64, i64)>,
    written: (i64, i64, i64),
}

impl<'a> CustomerWriter<'a> {
    /// Starts or resumes.
    pub async fn new(app: &'a App, ctx: &'a Ctx, import: &'a Import) -> Result<CustomerWriter<'a>> {
        let rows = app.db.query(IMPORT_CHUNKS, params![import.id]).await?;
        let mut done = HashMap::new();
        for r in &rows {
            done.insert((r.get(0)?, r.get(1)?), (r.get(2)?, r.get(3)?, r.get(4)?));
        }
        let demo = zf_kernel::setting::is_demo(app).await?;
        Ok(CustomerWriter {
            app,
            ctx,
            import,
            demo,
            branches: HashMap::new(),
            done,
            written: (0, 0, 0),
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
        let mut known = HashMap::new();
        for r in self
            .app
            .read_unit(unit.id, CUSTOMER_DIGESTS, params![])
            .await?
        {
            known.insert(r.get::<String>(0)?, (r.get(1)?, r.get(2)?, r.get(3)?));
        }
        let mut households = HashMap::new();
        for r in self
            .app
            .read_unit(unit.id, HOUSEHOLD_NUMBERS, params![])
            .await?
        {
            households.insert(r.get::<String>(0)?, r.get(1)?);
        }
        let mut groups = HashMap::new();
        for g in village_group_list(self.app, &scope).await? {
            groups.insert(g.name.clone(), g.id);
            groups.insert(format!("{}{}", g.village, g.name), g.id);
            groups.insert(g.code.clone(), g.id);
        }
        let branch = Branch {
            scope,
            known,
            households,
            groups,
            seen: HashSet::new(),
            waiting: vec![],
            batches: 0,
        };
        Ok(Ok(branch))
    }

    /// Checks one row; a good one waits in its branch.
    async fn take_row(&mut self, cells: &RowCells, opened: &Opened) -> Result<Vec<CellError>> {
        let mut r = RowReader::new(&opened.map, &opened.headers, cells, "customer_no");
        let no = r.required("customer_no", limits::CODE_CHARS_MAX);
        let code = r.required("unit", limits::CODE_CHARS_MAX);
        if let Err(reason) = self.branch(&code).await?
            && !code.is_empty()
        {
            r.wrong("unit", reason);
        }
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
        if let Some(group) = r.optional("village_group", limits::NAME_CHARS_MAX) {
            match branch.groups.get(&group) {
                Some(id) => input.village_group_id = Some(*id),
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
        });
        if branch.waiting.len() < limits::IMPORT_BATCH_ROWS {
            return Ok(vec![]);
        }
        self.write(&code).await
    }

    /// Writes what waits in a branch.
    async fn write(&mut self, code: &str) -> Result<Vec<CellError>> {
        let Some(Ok(branch)) = self.branches.get_mut(code) else {
            return Ok(vec![]);
        };
        let waiting = std::mem::take(&mut branch.waiting);
        let number = branch.batches;
        branch.batches += 1;
        if waiting.is_empty() {
            return Ok(vec![]);
        }
        let counts = match self.done.get(&(branch.scope.unit_id(), number)) {
            Some(counts) => *counts,
            None if self.import.dry_run => count_only(branch, &waiting),
            None => {
                write_batch(
                    self.app,
                    self.ctx,
                    self.import,
                    branch,
                    number,
                    &waiting,
                    self.demo,
                )
                .await?
            }
        };
        self.written.0 += counts.0;
        self.written.1 += counts.1;
        self.written.2 += counts.2;
        Ok(vec![])
    }
}

impl Writer for CustomerWriter<'_> {
    async fn take(&mut self, rows: &[RowCells], opened: &Opened) -> Result<Vec<CellError>> {
        let mut errors = Vec::new();
        for row in rows {
            errors.extend(self.take_row(row, opened).await?);
        }
        Ok(errors)
    }

    async fn finish(&mut self) -> Result<Vec<CellError>> {
        let mut codes: Vec<String> = self.branches.keys().cloned().collect();
        codes.sort();
        let mut errors = Vec::new();
        for code in codes {
            errors.extend(self.write(&code).await?);
        }
        Ok(errors)
    }

    fn written(&self) -> (i64, i64, i64) {
        self.written
    }
}

/// The personal and factual cells of a row, checked. An empty cell keeps what
/// is stored: an update never blanks what the file does not carry.
fn read_customer(r: &mut RowReader<'_>, import: &Import, ctx: &Ctx, demo: bool) -> CustomerInput {
    let name = r.required("name", limits::NAME_CHARS_MAX);
    let mut input = CustomerInput {
        name: Some(name),
        ..CustomerInput::default()
    };
    if let Some(text) = r.optional("phone", limits::NAME_CHARS_MAX) {
        match seal::phone(&text, demo) {
            Ok(_) => input.phone = Some(text),
            Err(code) => r.wrong("phone", code),
        }
    }
    if let Some(text) = r.optional("id_number", limits::NAME_CHARS_MAX) {
        match seal::id_number(&text, ctx.today(), demo) {
            Ok(_) => input.id_number = Some(text),
            Err(code) => r.wrong("id_number", code),
        }
    }
    input.address = r.optional("address", limits::ADDRESS_CHARS_MAX);
    input.notes = r.optional("notes", limits::NOTE_CHARS_MAX);
    input.sex = r.word("sex", words::sex);
    input.occupation = r.optional("occupation", limits::NAME_CHARS_MAX);
    input.balance_band = r.optional("balance_band", limits::NAME_CHARS_MAX);
    input.deposit_due_day = r.day("deposit_due_day").map(Some);
    input.insurance_due_day = r.day("insurance_due_day").map(Some);
    input.tags = r.list("tags");
    input.products = r.list("products");
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
            None => counts.0 += 1,
            Some((_, digest, _)) if *digest == w.digest => counts.2 += 1,
            Some(_) => counts.1 += 1,
        }
    }
    counts
}

struct Batch {
    customers: Vec<Vec<Value>>,
    households: Vec<Vec<Value>>,
    tags: Vec<Vec<Value>>,
    changes: Vec<(CustomerId, i64, HouseholdId, Draft, Vec<u8>)>,
    same: i64,
}

async fn write_batch(
    app: &App,
    ctx: &Ctx,
    import: &Import,
    branch: &mut Branch,
    number: i64,
    waiting: &[Ready],
    demo: bool,
) -> Result<(i64, i64, i64)> {
    let batch = prepare(app, ctx, branch, waiting, demo).await?;
    let counts = (
        batch.customers.len() as i64,
        batch.changes.len() as i64,
        batch.same,
    );
    let mut tx = UnitTx::begin(app, ctx, &branch.scope).await?;
    tx.bulk("household", HOUSEHOLD_COLUMNS, batch.households)
        .await?;
    tx.bulk("customer", CUSTOMER_COLUMNS, batch.customers)
        .await?;
    tx.bulk("customer_tag", TAG_COLUMNS, batch.tags).await?;
    let unit = branch.scope.unit_id();
    for (id, rev, household, draft, digest) in &batch.changes {
        let row = change_row(app, ctx, unit, *id, *rev, *household, draft, Some(digest));
        if tx.exec(CUSTOMER_CHANGE, row).await? == 0 {
            // Somebody edited the row meanwhile; the job is tried again and sees it.
            return Err(KernelError::Internal(
                "a customer changed during the import".to_owned(),
            ));
        }
        write_tags(&mut tx, *id, &draft.tags).await?;
    }
    tx.exec(
        IMPORT_CHUNK_ADD,
        params![import.id, number, counts.0, counts.1, counts.2],
    )
    .await?;
    let digest: String = app
        .vault
        .mac("import.batch", &rows_of(waiting))
        .iter()
        .take(8)
        .map(|b| format!("{b:02x}"))
        .collect();
    let detail = json!({ "import": import.id, "batch": number, "new": counts.0, "changed": counts.1, "same": counts.2, "digest": digest });
    tx.record("customer.import", "import", import.id, detail);
    tx.commit().await?;
    Ok(counts)
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
    branch: &mut Branch,
    waiting: &[Ready],
    demo: bool,
) -> Result<Batch> {
    let mut batch = Batch {
        customers: vec![],
        households: vec![],
        tags: vec![],
        changes: vec![],
        same: 0,
    };
    let unit = branch.scope.unit_id();
    for w in waiting {
        let known = branch.known.get(&w.no).cloned();
        if known
            .as_ref()
            .is_some_and(|(_, digest, _)| *digest == w.digest)
        {
            batch.same += 1;
            continue;
        }
        match known {
            None => {
                let household = household(app, ctx, branch, w, &mut batch);
                let mut draft = Draft::empty();
                apply(&mut draft, w, ctx, demo)?;
                let id = CustomerId(app.new_id());
                batch
                    .tags
                    .extend(distinct(&draft.tags).map(|t| params![t, id]));
                batch.customers.push(new_row(
                    app,
                    ctx,
                    unit,
                    id,
                    &w.no,
                    household,
                    &draft,
                    "core_system",
                    &w.digest,
                ));
            }
            Some((id, _, _)) => {
                let old = customer_fetch(app, &branch.scope, id).await?;
                let permit = Permit::for_reason(
                    Reason::new("import").map_err(|e| KernelError::Internal(format!("{e:?}")))?,
                );
                let mut draft = Draft::of(&old, &permit);
                apply(&mut draft, w, ctx, demo)?;
                // A household is changed only by a file that carries household numbers.
                let moved = w.household_no != format!("C{}", w.no);
                let household = if moved {
                    household(app, ctx, branch, w, &mut batch)
                } else {
                    old.household_id
                };
                batch
                    .changes
                    .push((id, old.rev, household, draft, w.digest.clone()));
            }
        }
    }
    Ok(batch)
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
fn household(
    app: &App,
    ctx: &Ctx,
    branch: &mut Branch,
    w: &Ready,
    batch: &mut Batch,
) -> HouseholdId {
    if let Some(id) = branch.households.get(&w.household_no) {
        return *id;
    }
    let id = HouseholdId(app.new_id());
    branch.households.insert(w.household_no.clone(), id);
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
