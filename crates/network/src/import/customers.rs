//! Importing customers: rows are checked on a thread of their own, gathered per
//! branch, and go in batch by batch, one transaction and one event per batch and
//! branch, never before the faults of the rows between them are stored. While
//! the database writes one batch, the next is sealed and the rows after it are
//! checked; nothing is under way between two calls of this file's `Writer`, so
//! an import that is stopped there has done exactly what it told. With every
//! batch the number of its last row is stored: when an import is resumed, rows
//! of the branch up to there are in and counted, whatever became of the branch's
//! lists in the meantime. Rows equal to what the last import brought are
//! recognised by a keyed digest without opening anything.

use super::batch::{self, Batch, Desk, Digest, Facts, Ready, Sealed, Written};
use super::row::RowReader;
use super::run::{Opened, Stage, Writer};
use super::store::IMPORT_CHUNKS;
use super::{CellError, Import};
use crate::customer::bulk;
use crate::customer::past::{Fate, past_numbers};
use crate::customer::source::{self, Channels};
use crate::customer::{CustomerInput, seal};
use crate::village_group::VillageGroup;
use crate::village_group::service::village_group_list;
use crate::words;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;
use zf_base::{UnitId, VillageGroupId, limits};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::unit::Level;
use zf_kernel::unit::service::{unit_by_code, unit_fetch};
use zf_kernel::{App, Ctx, Permission};
use zf_office::RowCells;
use zf_store::params;
use zf_vault::Mac;

/// A branch while an import runs.
struct Branch {
    facts: Facts,
    /// By name and by code; none where a name stands for several.
    groups: HashMap<String, Option<VillageGroupId>>,
    seen: HashSet<Box<str>>,
    waiting: Vec<Ready>,
    /// Tags that are off for want of a lawful basis.
    tags_off: BTreeSet<String>,
}

/// A row with everything found out that only the row itself tells.
struct Checked {
    /// Position among the rows taken.
    at: usize,
    no: String,
    code: String,
    input: CustomerInput,
    digest: Digest,
    errors: Vec<CellError>,
    notes: Vec<CellError>,
}

/// What rows are checked against; shared with the thread that checks.
struct Checker {
    desk: Arc<Desk>,
    digests: Mac,
}

/// Batches that may wait to be sealed or to be written; above that the import
/// waits for the database.
const BACKLOG: usize = 3;
/// Rows that may wait in all branches together, about 1 KiB each.
const WAITING_ROWS: usize = 100_000;

/// Writes customers of one import.
pub struct CustomerWriter<'a> {
    desk: Arc<Desk>,
    checker: Arc<Checker>,
    channels: Channels,
    /// Where the import may write.
    root_path: String,
    branches: HashMap<String, std::result::Result<Branch, &'static str>>,
    /// Last row of each branch that an earlier attempt has dealt with.
    reached: HashMap<UnitId, u64>,
    written: Written,
    /// Rows that wait in all branches.
    gathered: usize,
    /// Rows of a branch that make a batch.
    batch_rows: usize,
    /// Decided, to be sealed.
    decided: VecDeque<Batch>,
    /// Sealed (or lost on the way), to be written.
    sealed: VecDeque<(String, std::result::Result<Sealed, Batch>)>,
    /// Notes about rows that are taken, until they are stored.
    notes: Vec<CellError>,
    told: batch::Told<'a>,
}

impl<'a> CustomerWriter<'a> {
    /// Starts or resumes.
    pub(super) async fn new(
        app: &App,
        ctx: &Ctx,
        import: &Import,
        told: batch::Told<'a>,
    ) -> Result<CustomerWriter<'a>> {
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
        let desk = Arc::new(Desk {
            app: app.clone(),
            ctx: ctx.clone(),
            import: import.clone(),
            demo,
        });
        let checker = Arc::new(Checker {
            desk: desk.clone(),
            digests: app.vault.mac_of("import.row"),
        });
        Ok(CustomerWriter {
            desk,
            checker,
            channels: Channels::of(app)?,
            root_path: unit_fetch(app, import.unit_id).await?.path,
            branches: HashMap::new(),
            reached,
            written,
            gathered: 0,
            batch_rows: limits::IMPORT_BATCH_ROWS,
            decided: VecDeque::new(),
            sealed: VecDeque::new(),
            notes: vec![],
            told,
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
        let (app, ctx, import) = (&self.desk.app, &self.desk.ctx, &self.desk.import);
        let Some(unit) = unit_by_code(app, code).await? else {
            return Ok(Err("unit.unknown"));
        };
        if unit.level != Level::Branch {
            return Ok(Err("unit.not_branch"));
        }
        let Ok(scope) = ctx.scope(Permission::ImportWrite, &unit) else {
            return Ok(Err("unit.out_of_scope"));
        };
        if !unit.path.starts_with(&self.root_path) {
            return Ok(Err("unit.out_of_scope"));
        }
        let today = ctx.today();
        let channel = import.choices.channel.as_str();
        let from = Some(import.id);
        let source = source::source_for(app, &self.channels, &unit, channel, from, today).await?;
        let Some(source) = source else {
            return Ok(Err("channel.needs_basis"));
        };
        let tags_off = source::tags_off(app, &self.channels, &unit, today).await?;
        let field_sources = source::any_field_source(app, unit.id).await?;
        let groups = groups_by_name(&village_group_list(app, &scope).await?);
        let facts = Facts {
            known: bulk::known_customers(app, unit.id).await?,
            households: bulk::known_households(app, unit.id).await?,
            past: past_numbers(app, unit.id).await?,
            scope,
            source,
            field_sources,
        };
        let branch = Branch {
            facts,
            groups,
            seen: HashSet::new(),
            waiting: vec![],
            tags_off,
        };
        Ok(Ok(branch))
    }

    /// Puts a checked row to its branch; gives what is wrong with it.
    async fn gather(
        &mut self,
        cells: &RowCells,
        opened: &Opened,
        checked: Checked,
    ) -> Result<Vec<CellError>> {
        let Checked {
            no,
            code,
            mut input,
            digest,
            errors,
            notes,
            ..
        } = checked;
        let mut r = RowReader::new(&opened.map, &opened.headers, cells, "customer_no");
        r.errors = errors;
        if let Err(reason) = self.branch(&code).await?
            && !code.is_empty()
        {
            r.wrong("unit", reason);
        }
        if self.is_in(&code, &no, cells.row_number) {
            return Ok(vec![]);
        }
        let merged = self.left(&mut r, &code, &no).await?;
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
        if r.errors.is_empty() && !branch.seen.insert(no.as_str().into()) {
            r.wrong("customer_no", "row.duplicate");
        }
        if !r.errors.is_empty() {
            return Ok(r.errors);
        }
        let household_no = r
            .optional("household_no", limits::CODE_CHARS_MAX)
            .unwrap_or_else(|| format!("C{no}"));
        let known = branch.facts.known.get(no.as_str());
        // What is in already need not be held until its batch.
        let input = (known.map(|k| k.1) != Some(digest)).then(|| Box::new(input));
        branch.waiting.push(Ready {
            row: cells.row_number,
            no,
            household_no,
            input,
            digest,
            merged,
        });
        self.gathered += 1;
        self.notes.extend(notes);
        Ok(vec![])
    }

    /// Refuses a customer that has left the branch; true when the number lives on
    /// in the record it was merged into.
    async fn left(&self, r: &mut RowReader<'_>, code: &str, no: &str) -> Result<bool> {
        let Some(Ok(branch)) = self.branches.get(code) else {
            return Ok(false);
        };
        let Some(past) = branch.facts.past.get(no) else {
            return Ok(false);
        };
        match past.fate {
            Fate::Merged => return Ok(true),
            Fate::Erased => r.wrong("customer_no", "row.erased"),
            Fate::Moved => {
                let to = match past.into {
                    Some((unit, _)) => unit_fetch(&self.desk.app, unit).await?.name,
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
        let last = self.reached.get(&branch.facts.scope.unit_id());
        let is_in = last.is_some_and(|last| row <= *last);
        if is_in {
            branch.seen.insert(no.into());
        }
        is_in
    }

    /// Decides what becomes of the rows of branches in which at least so many
    /// wait; in the order of codes, so that a resumed import does the same.
    fn decide_from(&mut self, rows: usize) {
        let mut codes: Vec<(&String, &mut Branch)> = self
            .branches
            .iter_mut()
            .filter_map(|(code, b)| Some((code, b.as_mut().ok()?)))
            .filter(|(_, b)| b.waiting.len() >= rows.max(1))
            .collect();
        codes.sort_by(|a, b| a.0.cmp(b.0));
        for (code, branch) in codes {
            let waiting = std::mem::take(&mut branch.waiting);
            self.gathered -= waiting.len();
            if self.desk.import.dry_run {
                let counts = batch::count_only(&branch.facts, &waiting);
                add(&mut self.written, counts);
                continue;
            }
            let batch = Batch::decide(&self.desk, code, &mut branch.facts, waiting);
            self.decided.push_back(batch);
        }
    }

    /// Writes the batch that is sealed and, beside that, seals the next one.
    async fn advance(&mut self) -> Result<()> {
        let (decided, sealed) = (self.decided.pop_front(), self.sealed.pop_front());
        let (desk, told) = (&self.desk, self.told);
        let sealing = async {
            match decided {
                Some(batch) => Ok(Some((
                    batch.code.clone(),
                    batch::seal(desk, batch, told).await?,
                ))),
                None => Ok::<_, KernelError>(None),
            }
        };
        let branches = &mut self.branches;
        let writing = async {
            let Some((code, sealed)) = sealed else {
                return Ok(None);
            };
            let Some(Ok(branch)) = branches.get_mut(&code) else {
                return Err(KernelError::Internal("a batch without a branch".to_owned()));
            };
            batch::write(desk, &mut branch.facts, sealed, told)
                .await
                .map(Some)
        };
        let (sealing, writing) = tokio::join!(sealing, writing);
        if let Some(counts) = writing? {
            add(&mut self.written, counts);
        }
        self.sealed.extend(sealing?);
        Ok(())
    }

    /// Brings batches on their way further until few enough are left.
    async fn advance_to(&mut self, backlog: usize) -> Result<()> {
        loop {
            self.advance().await?;
            if self.decided.len() <= backlog && self.sealed.len() <= backlog {
                return Ok(());
            }
        }
    }
}

fn add(sum: &mut Written, counts: Written) {
    sum.0 += counts.0;
    sum.1 += counts.1;
    sum.2 += counts.2;
}

/// Checks rows on a thread of its own, in their order.
async fn check(
    checker: Arc<Checker>,
    rows: Arc<Vec<RowCells>>,
    opened: Arc<Opened>,
    wanted: Vec<usize>,
    told: batch::Told<'_>,
) -> Result<Vec<Checked>> {
    let began = Instant::now();
    let run = move || {
        let one = |at: usize| checker.check(at, &rows[at], &opened);
        wanted.into_iter().map(one).collect()
    };
    let checked = tokio::task::spawn_blocking(run).await;
    told(Stage::Check, began.elapsed());
    checked.map_err(|e| KernelError::Internal(e.to_string()))
}

impl Checker {
    /// Everything about a row that the row itself tells.
    fn check(&self, at: usize, cells: &RowCells, opened: &Opened) -> Checked {
        let desk = &*self.desk;
        let mut r = RowReader::new(&opened.map, &opened.headers, cells, "customer_no");
        r.keeps(KEPT);
        let no = r.required("customer_no", limits::CODE_CHARS_MAX);
        let code = r.required("unit", limits::CODE_CHARS_MAX);
        let mut input = read_customer(&mut r, &desk.import, &desk.ctx, desk.demo);
        for tag in input.tags.iter_mut().flatten() {
            match desk.app.packs.tag_of(tag) {
                Some(known) => *tag = known.to_owned(),
                None => r.wrong("tags", "field.not_in_list"),
            }
        }
        Checked {
            at,
            no,
            code,
            input,
            digest: self.digest(opened, cells),
            errors: r.errors,
            notes: r.notes,
        }
    }

    /// Keyed digest of what a row says, so that an equal row is recognised later
    /// and nobody can test guesses of a phone against it.
    fn digest(&self, opened: &Opened, cells: &RowCells) -> Digest {
        let mut text = String::with_capacity(512);
        for spec in words::CUSTOMER_COLUMNS {
            if let Some(i) = opened.map.index(spec.key) {
                text.push_str(spec.key);
                text.push('\u{1f}');
                text.push_str(cells.cells.get(i).map_or("", |c| c.trim()));
                text.push('\u{1e}');
            }
        }
        let mut digest = Digest::default();
        digest.copy_from_slice(&self.digests.tag(text.as_bytes())[..16]);
        digest
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
        rows: &Arc<Vec<RowCells>>,
        opened: &Arc<Opened>,
        refused: &BTreeSet<u64>,
    ) -> Result<Vec<CellError>> {
        self.batch_rows = opened.batch_rows();
        let good = |at: &usize| !refused.contains(&rows[*at].row_number);
        let wanted: Vec<usize> = (0..rows.len()).filter(good).collect();
        let checking = check(
            self.checker.clone(),
            rows.clone(),
            opened.clone(),
            wanted,
            self.told,
        );
        // Rows whose faults are stored go in while the next ones are checked.
        let (checked, advanced) = tokio::join!(checking, self.advance_to(BACKLOG));
        advanced?;
        let mut errors = Vec::new();
        for row in checked? {
            let cells = &rows[row.at];
            errors.extend(self.gather(cells, opened, row).await?);
        }
        Ok(errors)
    }

    async fn write_gathered(&mut self) -> Result<()> {
        self.decide_from(self.batch_rows);
        // Many branches mixed in one file: the fullest must go before all are full.
        while self.gathered > WAITING_ROWS {
            let waiting = self
                .branches
                .values()
                .filter_map(|b| Some(b.as_ref().ok()?.waiting.len()));
            self.decide_from(waiting.max().unwrap_or(0));
        }
        Ok(())
    }

    async fn finish(&mut self) -> Result<()> {
        self.decide_from(1);
        self.advance_to(0).await
    }

    fn written(&self) -> Written {
        self.written
    }

    fn notes(&mut self) -> Vec<CellError> {
        std::mem::take(&mut self.notes)
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
            Ok(checked) => {
                input.id_number = Some(text);
                for note in checked.notes {
                    r.note("id_number", note);
                }
            }
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
