//! Reading the ledgers of a program with what each will still need, and adding
//! movements. A movement between county and branch is two transactions: given
//! out by one side, confirmed by the other; until then it is on its way.

use super::outlook::{Asked, Outlook, outlook};
use super::store::*;
use super::{Entry, Kind, Line, in_force, tally};
use crate::definition::StockItem;
use crate::meeting::service::units_of;
use crate::program::life::quota::{QuotaHistory, campaign_history, own_histories};
use crate::program::network::own_figures;
use crate::program::{Program, State};
use crate::week_plan::days::week_days;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use zf_base::code::ErrorCode;
use zf_base::{Day, UnitId};
use zf_kernel::calendar::work_calendar;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::text::clear_text;
use zf_kernel::unit::service::{unit_fetch, unit_subtree};
use zf_kernel::unit::{Level, Unit};
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx, again};
use zf_store::{Row, params};

/// Pieces of one movement.
const PIECES_MAX: i64 = 100_000_000;
/// Highest price of a piece, 分.
const UNIT_FEN_MAX: i64 = 100_000_000;

/// A movement as it is typed.
#[derive(Clone, Debug)]
pub struct Input {
    /// What it is.
    pub kind: Kind,
    /// Item of the campaign file; of a confirmation or correction that of the movement meant.
    pub item: String,
    /// Pieces; negative only where a count or a correction takes away.
    pub pieces: i64,
    /// Price of one piece, 分; of what is ordered or arrives.
    pub unit_fen: Option<i64>,
    /// The day.
    pub day: Day,
    /// What is to be said; needed for a count, a correction, and where fewer or more came.
    pub memo: String,
    /// The branch given to, or whose return is confirmed.
    pub peer: Option<UnitId>,
    /// The movement that is confirmed or corrected.
    pub of_seq: Option<i64>,
}

/// A movement of the other side that is not confirmed yet.
#[derive(Clone, Debug)]
pub struct Pending {
    /// Whose movement.
    pub from: UnitId,
    /// The movement.
    pub entry: Entry,
    /// Its pieces with corrections.
    pub pieces: i64,
}

/// One item at one unit.
#[derive(Clone, Debug)]
pub struct ItemLine {
    /// The item.
    pub item: String,
    /// Figures.
    pub line: Line,
    /// On the way to (branch) or from (county) the other side.
    pub on_the_way: i64,
    /// How long it lasts; of a county with everything at its branches.
    pub outlook: Outlook,
}

/// The ledger of one unit in figures.
#[derive(Clone, Debug)]
pub struct UnitLines {
    /// The unit.
    pub unit: Unit,
    /// Every item of the campaign file.
    pub lines: Vec<ItemLine>,
    /// Movements that wait to be confirmed here.
    pub pending: i64,
}

/// The ledgers of a program.
#[derive(Clone, Debug)]
pub struct Ledgers {
    /// Counties first, then branches, each in the order of the tree.
    pub units: Vec<UnitLines>,
    /// Planned days still to come, today's among them.
    pub days_left: i64,
    /// Planned days that are over.
    pub days_over: i64,
}

fn entry(r: &Row, first: usize) -> Result<Entry> {
    let kind: String = r.get(first + 2)?;
    let unknown = || KernelError::Internal("unknown movement of the stock ledger".to_owned());
    Ok(Entry {
        seq: r.get(first)?,
        item: r.get(first + 1)?,
        kind: Kind::from_code(&kind).ok_or_else(unknown)?,
        pieces: r.get(first + 3)?,
        unit_fen: r.get(first + 4)?,
        day: r.get(first + 5)?,
        memo: r.get(first + 6)?,
        peer: r.get(first + 7)?,
        of_seq: r.get(first + 8)?,
        at: r.get(first + 9)?,
        by_name: r.get(first + 10)?,
    })
}

async fn entries_of(app: &App, program: &Program, unit: UnitId) -> Result<Vec<Entry>> {
    let rows = app
        .read_unit(unit, STOCK_OF_UNIT, params![program.id])
        .await?;
    rows.iter().map(|r| entry(r, 0)).collect()
}

/// A page of the ledger of a unit, newest first.
///
/// # Errors
/// Only the database.
pub async fn page(
    app: &App,
    program: &Program,
    scope: &UnitScope,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Entry>> {
    let p = params![program.id, before.unwrap_or(i64::MAX), limit];
    let rows = app.read_unit(scope.unit_id(), STOCK_PAGE, p).await?;
    rows.iter().map(|r| entry(r, 0)).collect()
}

/// Who keeps the store of a branch: its county, else the unit that orders.
fn depot_of(units: &[Unit], program: &Program, branch: &Unit) -> UnitId {
    let above = units
        .iter()
        .filter(|u| u.level == Level::County && branch.path.starts_with(&u.path));
    let nearest = above.max_by_key(|u| u.path.len());
    nearest.map_or(program.unit.id, |u| u.id)
}

/// Every unit of a program, whoever asks.
async fn all_units(app: &App, program: &Program) -> Result<Vec<Unit>> {
    unit_subtree(app, &program.unit.path).await
}

async fn depot(app: &App, program: &Program, branch: &Unit) -> Result<UnitId> {
    Ok(depot_of(&all_units(app, program).await?, program, branch))
}

/// What one side has given to another and nobody has confirmed yet.
fn pending(
    given: &[Entry],
    from: UnitId,
    to: UnitId,
    kind: Kind,
    confirmed: &[Entry],
) -> Vec<Pending> {
    let is_confirmed = |seq: i64| {
        confirmed.iter().any(|c| {
            c.kind.confirms() == Some(kind) && c.peer == Some(from) && c.of_seq == Some(seq)
        })
    };
    let open = given
        .iter()
        .filter(|e| e.kind == kind && e.peer == Some(to) && !is_confirmed(e.seq));
    open.map(|e| Pending {
        from,
        entry: e.clone(),
        pieces: in_force(given, e.seq),
    })
    // Corrected to nothing: there is nothing to confirm.
    .filter(|p| p.pieces > 0)
    .collect()
}

/// What waits to be confirmed at a unit, oldest first.
///
/// # Errors
/// Only the database.
pub async fn pending_at(app: &App, program: &Program, scope: &UnitScope) -> Result<Vec<Pending>> {
    let unit = scope.unit();
    let own = entries_of(app, program, unit.id).await?;
    if unit.level == Level::Branch {
        let from = depot(app, program, unit).await?;
        let given = entries_of(app, program, from).await?;
        return Ok(pending(&given, from, unit.id, Kind::Issued, &own));
    }
    let mut all = Vec::new();
    for (branch, given) in grouped(app, program).await? {
        all.extend(pending(&given, branch, unit.id, Kind::Returned, &own));
    }
    all.sort_by_key(|p| (p.entry.day, p.entry.at));
    Ok(all)
}

async fn grouped(app: &App, program: &Program) -> Result<BTreeMap<UnitId, Vec<Entry>>> {
    let mut all: BTreeMap<UnitId, Vec<Entry>> = BTreeMap::new();
    for row in &app.db.query(STOCK_ALL, params![program.id]).await? {
        all.entry(row.get(0)?).or_default().push(entry(row, 1)?);
    }
    Ok(all)
}

/// Pieces handed out per unit and item.
async fn used(app: &App, program: &Program) -> Result<HashMap<(UnitId, String), i64>> {
    let mut all = HashMap::new();
    for row in &app.db.query(STOCK_USED, params![program.id]).await? {
        let (unit, material, pieces): (UnitId, String, i64) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        let items = &program.definition.stock;
        let counts = |i: &&StockItem| i.counts.contains(&material);
        if let Some(item) = items.iter().find(counts) {
            *all.entry((unit, item.id.clone())).or_insert(0) += pieces;
        }
    }
    Ok(all)
}

/// Planned days: those over, and those still to come with today's.
async fn days(app: &App, program: &Program, today: Day) -> Result<(Vec<Day>, Vec<Day>)> {
    let calendar = work_calendar(app).await?;
    let (first, last) = (program.first_day, program.last_day);
    let mut all = Vec::new();
    let mut week = first.week();
    while week.monday() <= last {
        let days = week_days(&program.definition, &calendar, week);
        all.extend(days.iter().filter(|d| d.planned()).map(|d| d.day));
        week = week.next();
    }
    Ok(all.into_iter().partition(|d| *d < today))
}

/// What the reckoning of every unit needs.
struct Facts {
    entries: BTreeMap<UnitId, Vec<Entry>>,
    used: HashMap<(UnitId, String), i64>,
    over: Vec<Day>,
    left: Vec<Day>,
    /// Households of the days to come, by branch.
    households: HashMap<UnitId, i64>,
}

async fn facts(app: &App, ctx: &Ctx, program: &Program, units: &[Unit]) -> Result<Facts> {
    let (over, left) = days(app, program, ctx.today()).await?;
    let campaign = campaign_history(app, program).await?;
    let own = own_histories(app, program).await?;
    let now = own_figures(app, program).await?;
    let branches = units.iter().filter(|u| u.level == Level::Branch);
    let households = branches.map(|u| {
        let quotas = QuotaHistory {
            own: own.get(&u.id).cloned().unwrap_or_default(),
            own_now: now.get(&u.id).and_then(|(_, quota)| *quota),
            ..campaign.clone()
        };
        (u.id, left.iter().map(|d| quotas.on(*d)).sum())
    });
    Ok(Facts {
        households: households.collect(),
        entries: grouped(app, program).await?,
        used: used(app, program).await?,
        over,
        left,
    })
}

impl Facts {
    fn entries(&self, unit: UnitId) -> &[Entry] {
        self.entries.get(&unit).map_or(&[], Vec::as_slice)
    }

    fn line(&self, unit: UnitId, item: &str) -> Line {
        let mut line = tally(self.entries(unit)).remove(item).unwrap_or_default();
        let used = self.used.get(&(unit, item.to_owned()));
        line.used = used.copied().unwrap_or(0);
        line
    }

    fn asked(&self, item: &StockItem, stock: i64, used: i64, households: i64) -> Outlook {
        let asked = Asked {
            stock,
            used,
            days_over: self.over.len() as i64,
            households_left: households,
            per_hundred: i64::from(item.per_hundred_households),
        };
        outlook(&asked, &self.left)
    }

    fn on_the_way(&self, from: UnitId, to: UnitId, kind: Kind, item: &str) -> i64 {
        let waiting = pending(self.entries(from), from, to, kind, self.entries(to));
        let of = waiting.iter().filter(|p| p.entry.item == item);
        of.map(|p| p.pieces).sum()
    }

    fn branch(&self, branch: &Unit, depot: UnitId, item: &StockItem) -> ItemLine {
        let line = self.line(branch.id, &item.id);
        let coming = self.on_the_way(depot, branch.id, Kind::Issued, &item.id);
        let households = self.households.get(&branch.id).copied().unwrap_or(0);
        ItemLine {
            item: item.id.clone(),
            on_the_way: coming,
            outlook: self.asked(item, line.stock() + coming, line.used, households),
            line,
        }
    }

    /// A county with everything that lies at its branches and between.
    fn county(&self, county: UnitId, branches: &[&Unit], item: &StockItem) -> ItemLine {
        let own = self.line(county, &item.id);
        let (mut stock, mut used, mut households, mut coming) = (own.stock(), own.used, 0, 0);
        for b in branches {
            let line = self.line(b.id, &item.id);
            let back = self.on_the_way(b.id, county, Kind::Returned, &item.id);
            let there = self.on_the_way(county, b.id, Kind::Issued, &item.id);
            coming += back;
            stock += line.stock() + back + there;
            used += line.used;
            households += self.households.get(&b.id).copied().unwrap_or(0);
        }
        ItemLine {
            item: item.id.clone(),
            on_the_way: coming,
            outlook: self.asked(item, stock, used, households),
            line: own,
        }
    }
}

/// The ledgers that the actor may see, with what each will still need.
///
/// # Errors
/// Only the database.
pub async fn ledgers(app: &App, ctx: &Ctx, program: &Program) -> Result<Ledgers> {
    let units = all_units(app, program).await?;
    let facts = facts(app, ctx, program, &units).await?;
    let seen = units_of(app, ctx, Permission::ProgramRead, program).await?;
    let active = |u: &&Unit| u.level == Level::Branch && u.active;
    let depots: Vec<(&Unit, UnitId)> = units
        .iter()
        .filter(active)
        .map(|b| (b, depot_of(&units, program, b)))
        .collect();
    let items = &program.definition.stock;
    let mut out = Vec::new();
    for u in &seen {
        let below = depots.iter().filter(|(_, depot)| *depot == u.id);
        let below: Vec<&Unit> = below.map(|(b, _)| *b).collect();
        let own = depots.iter().find(|(b, _)| b.id == u.id);
        let lines: Vec<ItemLine> = match own {
            Some((branch, depot)) => items
                .iter()
                .map(|i| facts.branch(branch, *depot, i))
                .collect(),
            None if below.is_empty() => continue,
            None => items
                .iter()
                .map(|i| facts.county(u.id, &below, i))
                .collect(),
        };
        let scope = ctx.scope(Permission::ProgramRead, u)?;
        let waiting = pending_at(app, program, &scope).await?;
        out.push(UnitLines {
            unit: u.clone(),
            lines,
            pending: waiting.len() as i64,
        });
    }
    out.sort_by_key(|u| u.unit.level == Level::Branch);
    Ok(Ledgers {
        units: out,
        days_left: facts.left.len() as i64,
        days_over: facts.over.len() as i64,
    })
}

fn field(field: &str, code: &'static str) -> KernelError {
    KernelError::field(field, code)
}

/// What is to be said; needed unless `free`.
fn memo(text: &str, free: bool) -> Result<String> {
    match text.trim() {
        "" if free => Ok(String::new()),
        _ => clear_text("memo", text),
    }
}

/// Adds a movement to the ledger of a county or a branch.
///
/// # Errors
/// Faults of the movement at their field; `stock.too_few` when there is not as
/// much; `conflict` for a campaign that is over, a movement that is confirmed
/// already or that does not wait for this unit.
pub async fn add(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    scope: &UnitScope,
    input: &Input,
) -> Result<()> {
    if program.state == State::Closed {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    if input.day > ctx.today() {
        return Err(field("day", "field.range"));
    }
    let input = complete(app, program, scope, input).await?;
    let used = used(app, program).await?;
    let used = used.get(&(scope.unit_id(), input.item.clone())).copied();
    let handed_out = used.unwrap_or(0);
    again(app, || write(app, ctx, program, scope, &input, handed_out)).await
}

/// Fills in what follows from the movement meant, and looks the rest over.
async fn complete(app: &App, program: &Program, scope: &UnitScope, input: &Input) -> Result<Input> {
    let mut input = input.clone();
    let is_priced = matches!(input.kind, Kind::Ordered | Kind::Arrived);
    if input.unit_fen.is_some() && !is_priced {
        return Err(field("unit_fen", "field.range"));
    }
    if input
        .unit_fen
        .is_some_and(|f| !(0..=UNIT_FEN_MAX).contains(&f))
    {
        return Err(field("unit_fen", "field.range"));
    }
    let signed = matches!(input.kind, Kind::Counted | Kind::Correction);
    let range = if signed { -PIECES_MAX } else { 0 }..=PIECES_MAX;
    let may_be_none = input.kind.confirms().is_some();
    if !range.contains(&input.pieces) || (input.pieces == 0 && !may_be_none) {
        return Err(field("pieces", "field.range"));
    }
    let mut free = !signed;
    match input.kind {
        Kind::Received | Kind::TakenBack => {
            let waiting = pending_at(app, program, scope).await?;
            let meant = waiting.iter().find(|p| {
                Some(p.entry.seq) == input.of_seq && input.peer.is_none_or(|from| from == p.from)
            });
            let meant = meant.ok_or_else(|| KernelError::refused(ErrorCode::CONFLICT))?;
            input.item.clone_from(&meant.entry.item);
            input.peer = Some(meant.from);
            free = meant.pieces == input.pieces;
        }
        Kind::Issued => {
            let branch = input.peer.ok_or_else(|| field("peer", "field.required"))?;
            let unit = unit_fetch(app, branch).await?;
            let units = all_units(app, program).await?;
            let mine = units.iter().any(|u| u.id == branch && u.active)
                && unit.level == Level::Branch
                && depot_of(&units, program, &unit) == scope.unit_id();
            if !mine {
                return Err(field("peer", "field.not_in_list"));
            }
            input.of_seq = None;
        }
        Kind::Returned => {
            input.peer = Some(depot(app, program, scope.unit()).await?);
            input.of_seq = None;
        }
        Kind::Correction => {
            input.peer = None;
            correctable(app, program, scope, &mut input).await?;
        }
        _ => (input.peer, input.of_seq) = (None, None),
    }
    input.memo = memo(&input.memo, free)?;
    if program.definition.stock_item(&input.item).is_none() {
        return Err(field("item", "field.not_in_list"));
    }
    Ok(input)
}

/// Only an own movement is corrected, and none that the other side has confirmed.
async fn correctable(
    app: &App,
    program: &Program,
    scope: &UnitScope,
    input: &mut Input,
) -> Result<()> {
    let own = entries_of(app, program, scope.unit_id()).await?;
    let meant = own
        .iter()
        .find(|e| Some(e.seq) == input.of_seq && e.kind != Kind::Correction);
    let meant = meant.ok_or_else(|| field("of_seq", "field.not_in_list"))?;
    input.item.clone_from(&meant.item);
    let left = in_force(&own, meant.seq) + input.pieces;
    if meant.kind != Kind::Counted && left < 0 {
        return Err(field("pieces", "stock.too_few"));
    }
    let Some(peer) = meant.peer.filter(|_| meant.kind.confirms().is_none()) else {
        return Ok(());
    };
    let confirmed = entries_of(app, program, peer).await?;
    let by = |e: &&Entry| {
        e.kind.confirms() == Some(meant.kind)
            && e.peer == Some(scope.unit_id())
            && e.of_seq == Some(meant.seq)
    };
    match confirmed.iter().find(by) {
        Some(_) => Err(field("of_seq", "stock.confirmed")),
        None => Ok(()),
    }
}

async fn write(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    scope: &UnitScope,
    input: &Input,
    handed_out: i64,
) -> Result<()> {
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let rows = tx.query(STOCK_OF_UNIT, params![program.id]).await?;
    let mut entries: Vec<Entry> = rows.iter().map(|r| entry(r, 0)).collect::<Result<_>>()?;
    let seq = entries.last().map_or(1, |e| e.seq + 1);
    let twice = |e: &&Entry| {
        e.kind.confirms().is_some()
            && e.kind == input.kind
            && (e.peer, e.of_seq) == (input.peer, input.of_seq)
    };
    if entries.iter().any(|e| twice(&e)) {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    entries.push(Entry {
        seq,
        item: input.item.clone(),
        kind: input.kind,
        pieces: input.pieces,
        unit_fen: input.unit_fen,
        day: input.day,
        memo: input.memo.clone(),
        peer: input.peer,
        of_seq: input.of_seq,
        at: ctx.now,
        by_name: ctx.actor.name.clone(),
    });
    // What is given away must be there; a count or a confirmation states a fact.
    let gives = [Kind::Issued, Kind::Returned, Kind::Correction].contains(&input.kind);
    let stock = tally(&entries).get(&input.item).map_or(0, Line::stock);
    if gives && stock < handed_out {
        return Err(field("pieces", "stock.too_few"));
    }
    let row = params![
        program.id,
        seq,
        input.item.as_str(),
        input.kind.as_str(),
        input.pieces,
        input.unit_fen,
        input.day,
        input.memo.as_str(),
        input.peer,
        input.of_seq,
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    tx.exec(STOCK_ADD, row).await?;
    let detail = json!({
        "code": program.code, "seq": seq, "item": input.item,
        "kind": input.kind.as_str(), "pieces": input.pieces,
    });
    tx.record("stock.move", "program", program.id, detail);
    tx.commit().await
}

/// Forgets the ledger of a draft that is deleted.
///
/// # Errors
/// Only the database.
pub(crate) async fn forget(tx: &mut UnitTx<'_>, program: &Program) -> Result<()> {
    tx.exec(STOCK_CLEAR, params![program.id]).await?;
    Ok(())
}

/// Units that have a ledger of a program.
///
/// # Errors
/// Only the database.
pub(crate) async fn units_entered(app: &App, program: &Program) -> Result<Vec<UnitId>> {
    let rows = app.db.query(STOCK_UNITS, params![program.id]).await?;
    rows.iter().map(|r| Ok(r.get(0)?)).collect()
}
