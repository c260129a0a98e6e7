//! Rules of customers: keyed by the bank's number, checked phones and ID
//! numbers, sealed columns, four-field completeness, history through events,
//! reveals with a reason and a quota.

use super::bulk;
use super::draft::{CUSTOMER_COLUMNS, Draft, Seat, change_row, new_row};
use super::past::{Fate, Past, past_of_number};
use super::seal::{self, Column};
use super::source::{self, Channels, NewSource};
use super::standing;
use super::store::*;
use super::{Customer, CustomerInput, FieldState};
use crate::village_group::service::village_group_list;
use serde_json::json;
use std::collections::HashMap;
use zf_base::code::ErrorCode;
use zf_base::geo::Point;
use zf_base::mask::{FreeNote, Kind, Masked, Permit, Reason};
use zf_base::{CustomerId, Day, HouseholdId, UnitId, VillageGroupId, limits, search};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::event::service::event_count;
use zf_kernel::unit::service::{scope_of, unit_fetch};
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx, again};
use zf_store::{Row, Sql, Value, params};
use zf_vault::BlindKind;

fn words(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}

pub(super) fn words_text(words: &[String]) -> String {
    serde_json::to_string(words).unwrap_or_else(|_| "[]".to_owned())
}

pub(crate) fn read(app: &App, row: &Row) -> Result<Customer> {
    let (unit, id): (UnitId, CustomerId) = (row.get(0)?, row.get(1)?);
    let clear = |column: Column, i: usize| -> Result<String> {
        let sealed: Option<Vec<u8>> = row.get(i)?;
        seal::open(app, column, unit, id, sealed.as_deref())
    };
    let lat: Option<f64> = row.get(23)?;
    let lon: Option<f64> = row.get(24)?;
    let datum: Option<String> = row.get(25)?;
    Ok(Customer {
        unit_id: unit,
        id,
        customer_no: row.get(2)?,
        household_id: row.get(3)?,
        household_no: row.get(4)?,
        village_group_id: row.get(5)?,
        name: Masked::new(clear(Column::Name, 6)?),
        phone: Masked::new(clear(Column::Phone, 7)?),
        phone_state: FieldState::from_stored(&row.get::<String>(8)?),
        id_number: Masked::new(clear(Column::IdNumber, 9)?),
        id_number_state: FieldState::from_stored(&row.get::<String>(10)?),
        address: Masked::new(clear(Column::Address, 11)?),
        notes: Masked::new(clear(Column::Notes, 12)?),
        sex: row.get(13)?,
        birth_year: row.get(14)?,
        occupation: row.get(15)?,
        balance_band: row.get(16)?,
        deposit_due_day: row.get(17)?,
        insurance_due_day: row.get(18)?,
        products: words(&row.get::<String>(19)?),
        tags: words(&row.get::<String>(20)?),
        four_fields: row.get(21)?,
        do_not_visit: row.get(22)?,
        place: lat
            .zip(lon)
            .and_then(|(lat, lon)| Point::new(lat, lon).ok()),
        datum: datum.and_then(|d| d.parse().ok()),
        source_channel: row.get(26)?,
        rev: row.get(27)?,
        created_at: row.get(28)?,
        updated_at: row.get(29)?,
    })
}

/// Which customers of a branch.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of a name; searched by opening the names of the branch.
    pub name: Option<String>,
    /// A must-visit group.
    pub tag: Option<String>,
    /// A village group.
    pub village_group: Option<VillageGroupId>,
    /// All four fields there, or not.
    pub four_fields: Option<bool>,
    /// Does not want visits, or does.
    pub do_not_visit: Option<bool>,
}

/// A condition as the statement takes it: 0 = does not matter.
fn flag(wanted: Option<bool>) -> i64 {
    wanted.map_or(0, |yes| if yes { 1 } else { 2 })
}

/// A page of a branch's customers, by customer number.
pub async fn customer_list(
    app: &App,
    scope: &UnitScope,
    filter: &Filter,
    after: &str,
    limit: i64,
) -> Result<Vec<Customer>> {
    if let Some(name) = filter
        .name
        .as_deref()
        .map(str::trim)
        .filter(|n| !n.is_empty())
    {
        return by_name(app, scope, name, after, limit).await;
    }
    if filter.four_fields.is_some() || filter.do_not_visit.is_some() {
        let p = params![
            after,
            limit,
            filter.village_group,
            filter.tag.as_deref(),
            flag(filter.four_fields),
            flag(filter.do_not_visit)
        ];
        let rows = app
            .read_unit(scope.unit_id(), CUSTOMER_LIST_WHERE, p)
            .await?;
        return rows.iter().map(|r| read(app, r)).collect();
    }
    let (sql, mut p): (Sql, Vec<Value>) = (CUSTOMER_LIST, params![after, limit]);
    let sql = match (&filter.village_group, &filter.tag) {
        (Some(group), Some(tag)) => {
            p.push(Value::from(*group));
            p.push(Value::from(tag.as_str()));
            CUSTOMER_LIST_GROUP_TAG
        }
        (Some(group), None) => {
            p.push(Value::from(*group));
            CUSTOMER_LIST_GROUP
        }
        (None, Some(tag)) => {
            p.push(Value::from(tag.as_str()));
            CUSTOMER_LIST_TAG
        }
        (None, None) => sql,
    };
    let rows = app.read_unit(scope.unit_id(), sql, p).await?;
    rows.iter().map(|r| read(app, r)).collect()
}

/// Inside a branch names are opened and scanned: no index over names exists
/// that could leak them.
async fn by_name(
    app: &App,
    scope: &UnitScope,
    name: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<Customer>> {
    if name.chars().count() > limits::SEARCH_CHARS_MAX {
        return Err(KernelError::field("q", "field.too_long"));
    }
    let wanted = search::normalise(name);
    if wanted.is_empty() {
        return Err(KernelError::field("q", "field.required"));
    }
    let unit = scope.unit_id();
    let rows = app.read_unit(unit, CUSTOMER_NAMES, params![]).await?;
    let (searching, after) = (app.clone(), after.to_owned());
    // Some ten milliseconds of work for a large branch: not beside other requests.
    let found = tokio::task::spawn_blocking(move || named(&searching, unit, rows, &wanted, &after));
    let mut found = found
        .await
        .map_err(|e| KernelError::Internal(e.to_string()))??;
    found.sort();
    found.truncate(usize::try_from(limit).unwrap_or(0));
    let ids: Vec<CustomerId> = found.into_iter().map(|(_, id)| id).collect();
    let rows = bulk::rows_of(app, unit, &ids).await?;
    let rows = ids.iter().filter_map(|id| rows.get(id));
    rows.map(|row| read(app, row)).collect()
}

/// Numbers and ids of the customers whose name has `wanted` in it.
fn named(
    app: &App,
    unit: UnitId,
    rows: Vec<Row>,
    wanted: &str,
    after: &str,
) -> Result<Vec<(String, CustomerId)>> {
    let mut found = Vec::new();
    for row in &rows {
        let id: CustomerId = row.get(0)?;
        let sealed: Vec<u8> = row.get(2)?;
        let clear = seal::open(app, Column::Name, unit, id, Some(&sealed))?;
        if !search::normalise(&clear).contains(wanted) {
            continue;
        }
        let no: String = row.get(1)?;
        if no.as_str() > after {
            found.push((no, id));
        }
    }
    Ok(found)
}

/// One customer of the scope's branch.
pub async fn customer_fetch(app: &App, scope: &UnitScope, id: CustomerId) -> Result<Customer> {
    let rows = app
        .read_unit(scope.unit_id(), CUSTOMER_BY_ID, params![id])
        .await?;
    match rows.first() {
        Some(row) => read(app, row),
        None => Err(KernelError::refused(ErrorCode::CUSTOMER_NOT_FOUND)),
    }
}

/// Codes of what is worth knowing about a stored ID number; none for a masked
/// one. Told anew on every look, because the list of counties changes.
pub fn id_number_notes(c: &Customer, today: Day, demo: bool) -> Vec<String> {
    if c.id_number_state != FieldState::Full {
        return vec![];
    }
    let permit = Permit::for_reason(Reason::CHECK);
    let checked = seal::id_number(c.id_number.reveal(&permit), today, demo);
    let notes = checked.map(|c| c.notes).unwrap_or_default();
    let bare = |code: &'static str| code.strip_prefix("id_number.").map(str::to_owned);
    notes.into_iter().filter_map(bare).collect()
}

/// What is known about the person looked for: exactly one.
pub enum LookUp {
    /// A phone.
    Phone(String),
    /// An ID number.
    IdNumber(String),
    /// The bank's customer number.
    CustomerNo(String),
}

/// Exact look-up in every branch the actor may see. Look-ups by phone or ID
/// number are told of and limited: whoever sees a masked number could else try
/// all that fit and learn the full one without a reveal.
pub async fn customer_lookup(
    app: &App,
    ctx: &Ctx,
    what: &LookUp,
    demo: bool,
) -> Result<Vec<Customer>> {
    let (sql, value): (Sql, Value) = match what {
        LookUp::Phone(text) => {
            let wrong = |c| KernelError::field("phone", c);
            let checked = seal::phone(text, demo).map_err(wrong)?;
            let index = seal::blind(app, BlindKind::Phone, checked.state, &checked.value);
            let index = index.ok_or_else(|| wrong("phone.invalid"))?;
            (LOOKUP_BY_PHONE, index.into())
        }
        LookUp::IdNumber(text) => {
            let wrong = |c| KernelError::field("id_number", c);
            let checked = seal::id_number(text, ctx.today(), demo).map_err(wrong)?;
            let index = seal::blind(app, BlindKind::IdNumber, checked.state, &checked.value);
            let index = index.ok_or_else(|| wrong("id_number.invalid"))?;
            (LOOKUP_BY_ID_NUMBER, index.into())
        }
        LookUp::CustomerNo(no) => (LOOKUP_BY_NO, Value::from(no.trim())),
    };
    if sql != LOOKUP_BY_NO {
        note_lookup(app, ctx, sql == LOOKUP_BY_PHONE).await?;
    }
    // One statement over all branches of the actor: with four hundred of them,
    // asking one after the other takes longer than a person waits.
    let most = limits::PAGE_ROWS_MAX as usize;
    let mut found = Vec::new();
    for (_, path) in ctx.roots(Permission::CustomerRead) {
        let p = params![
            path.as_str(),
            format!("{path}~"),
            value.clone(),
            most as i64
        ];
        for row in app.db.query(sql, p).await? {
            let scope = scope_of(app, ctx, Permission::CustomerRead, row.get(0)?).await?;
            let customer = customer_fetch(app, &scope, row.get(1)?).await?;
            found.push((scope.unit().code.clone(), customer));
        }
    }
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    found.truncate(most);
    Ok(found.into_iter().map(|(_, customer)| customer).collect())
}

/// Counts a look-up against the hour and tells of it, without what was looked
/// for, in the chain of the highest unit the actor may read.
async fn note_lookup(app: &App, ctx: &Ctx, by_phone: bool) -> Result<()> {
    let hour_ago = ctx.now.plus_seconds(-3600);
    let read = Permission::CustomerRead;
    let used = event_count(app, ctx, read, "customer.lookup", hour_ago).await?;
    if used >= app.policy.reveal.lookups_per_hour {
        return Err(KernelError::refused(ErrorCode::REVEAL_LIMIT));
    }
    let Some((root, _)) = ctx.roots(read).into_iter().next() else {
        return Ok(());
    };
    let scope = scope_of(app, ctx, read, root).await?;
    let by = if by_phone { "phone" } else { "id_number" };
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, &scope).await?;
        tx.record("customer.lookup", "customer", "", json!({ "by": by }));
        tx.commit().await
    })
    .await
}

pub(crate) async fn write_tags(tx: &mut UnitTx<'_>, id: CustomerId, tags: &[String]) -> Result<()> {
    tx.exec(CUSTOMER_TAGS_CLEAR, params![id]).await?;
    tx.exec(CUSTOMER_TAGS_TICKED, params![id]).await?;
    for tag in tags {
        tx.exec(CUSTOMER_TAG_ADD, params![tag.as_str(), id]).await?;
    }
    Ok(())
}

/// Why nobody is added under the number of a customer that has left; the
/// sentence says where the customer is to be found now.
async fn gone(app: &App, past: &Past) -> Result<KernelError> {
    Ok(match past.fate {
        Fate::Merged => KernelError::field("customer_no", "customer_no.merged"),
        Fate::Erased => KernelError::field("customer_no", "customer_no.erased"),
        Fate::Moved => {
            let to = match past.into {
                Some((unit, _)) => unit_fetch(app, unit).await?.name,
                None => String::new(),
            };
            KernelError::field("customer_no", "customer_no.moved").with("to", to)
        }
    })
}

fn field_error((field, what): (&'static str, &'static str)) -> KernelError {
    KernelError::field(field, what)
}

/// Adds a customer from the page, in a household of their own.
pub async fn customer_add(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    no: &str,
    input: &CustomerInput,
    demo: bool,
) -> Result<Customer> {
    let no = no.trim();
    if no.is_empty() || no.chars().count() > limits::CODE_CHARS_MAX {
        return Err(KernelError::field("customer_no", "field.required"));
    }
    check_choices(app, ctx, scope, input).await?;
    let source = page_source(app, ctx, scope, input).await?;
    let mut draft = Draft::empty();
    draft.apply(input, ctx.today(), demo).map_err(field_error)?;
    let unit = scope.unit_id();
    let (id, household) = (CustomerId(app.new_id()), HouseholdId(app.new_id()));
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    if tx.query_opt(CUSTOMER_BY_NO, params![no]).await?.is_some() {
        return Err(KernelError::refused(ErrorCode::DUPLICATE));
    }
    if let Some(past) = past_of_number(&mut tx, no).await? {
        return Err(gone(app, &past).await?);
    }
    let place = draft.place;
    let row = params![
        household,
        format!("C{no}"),
        draft.village_group_id,
        place.map(|(p, _)| p.lat()),
        place.map(|(p, _)| p.lon()),
        place.map(|(_, d)| d.code()),
        ctx.now
    ];
    tx.exec(HOUSEHOLD_ADD, row).await?;
    let seat = Seat {
        unit,
        id,
        household,
    };
    let row = new_row(app, ctx, seat, no, &draft, &source, &[]);
    source::source_put(&mut tx, ctx, &source).await?;
    tx.bulk("customer", CUSTOMER_COLUMNS, vec![row]).await?;
    write_tags(&mut tx, id, &draft.tags).await?;
    tx.record("customer.add", "customer", id, json!({ "customer_no": no }));
    tx.commit().await?;
    customer_fetch(app, scope, id).await
}

/// Changes a customer from the page.
pub async fn customer_change(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: CustomerId,
    input: &CustomerInput,
    demo: bool,
) -> Result<Customer> {
    check_choices(app, ctx, scope, input).await?;
    let source = page_source(app, ctx, scope, input).await?;
    let old = customer_fetch(app, scope, id).await?;
    let permit = Permit::for_reason(Reason::STORE);
    let mut draft = Draft::of(&old, &permit);
    draft.apply(input, ctx.today(), demo).map_err(field_error)?;
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let seat = Seat {
        unit: scope.unit_id(),
        id,
        household: old.household_id,
    };
    let row = change_row(app, ctx, seat, old.rev, &draft, None);
    if tx.exec(CUSTOMER_CHANGE, row).await? == 0 {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    if draft.tags != old.tags {
        write_tags(&mut tx, id, &draft.tags).await?;
    }
    let fields = draft.differs_from(&old, &permit);
    if !fields.is_empty() {
        source::source_put(&mut tx, ctx, &source).await?;
        source::fields_changed(&mut tx, ctx, id, &old.source_channel, &source, &fields).await?;
    }
    if draft.do_not_visit != old.do_not_visit {
        standing::visits(&mut tx, app, ctx, id, draft.do_not_visit).await?;
    }
    tx.record(
        "customer.change",
        "customer",
        id,
        json!({ "fields": changed_fields(input) }),
    );
    tx.commit().await?;
    customer_fetch(app, scope, id).await
}

/// Names of the fields an input carries, for the history; never values.
fn changed_fields(i: &CustomerInput) -> Vec<&'static str> {
    let mut fields = Vec::new();
    let mut add = |present: bool, name: &'static str| {
        if present {
            fields.push(name);
        }
    };
    add(i.name.is_some(), "name");
    add(i.phone.is_some(), "phone");
    add(i.id_number.is_some(), "id_number");
    add(i.address.is_some(), "address");
    add(i.notes.is_some(), "notes");
    add(i.occupation.is_some(), "occupation");
    add(i.balance_band.is_some(), "balance_band");
    add(i.deposit_due_day.is_some(), "deposit_due_day");
    add(i.insurance_due_day.is_some(), "insurance_due_day");
    add(i.products.is_some(), "products");
    add(i.tags.is_some(), "tags");
    add(i.village_group_id.is_some(), "village_group_id");
    add(i.do_not_visit.is_some(), "do_not_visit");
    add(i.place.is_some(), "place");
    fields
}

/// Tags and the village group must be ones that exist here: a free text would
/// be a place for personal data in clear.
async fn check_choices(app: &App, ctx: &Ctx, scope: &UnitScope, i: &CustomerInput) -> Result<()> {
    for tag in i.tags.iter().flatten() {
        if app.packs.tag_of(tag) != Some(tag.as_str()) {
            return Err(KernelError::field("tags", "field.not_in_list"));
        }
    }
    if i.tags.as_ref().is_some_and(|t| !t.is_empty()) {
        let channels = Channels::of(app)?;
        let off = source::tags_off(app, &channels, scope.unit(), ctx.today()).await?;
        if i.tags.iter().flatten().any(|t| off.contains(t)) {
            return Err(KernelError::field("tags", "tag.needs_basis"));
        }
    }
    if let Some(group) = i.village_group_id {
        let groups = village_group_list(app, scope).await?;
        if !groups.iter().any(|g| g.id == group) {
            return Err(KernelError::field("village_group_id", "field.not_in_list"));
        }
    }
    Ok(())
}

/// Where what is typed in comes from (CAP-016): the channel the page names, or
/// the page itself.
async fn page_source(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    i: &CustomerInput,
) -> Result<NewSource> {
    let channels = Channels::of(app)?;
    let channel = i.channel.as_deref().unwrap_or(source::PAGE);
    let (unit, today) = (scope.unit(), ctx.today());
    source::source_for(app, &channels, unit, channel, None, today)
        .await?
        .ok_or_else(|| KernelError::field("channel", "channel.needs_basis"))
}

/// A reason is kept in clear, so it must not say who it is about.
fn check_reason(reason: &Reason, c: &Customer) -> Result<()> {
    let text = reason.as_str();
    let permit = Permit::for_reason(Reason::CHECK);
    let own = [
        c.name.reveal(&permit),
        c.phone.reveal(&permit),
        c.id_number.reveal(&permit),
        c.address.reveal(&permit),
    ];
    let says = own
        .iter()
        .any(|v| v.chars().count() > 1 && text.contains(v));
    // A note's mask stars long runs of digits; nothing to star means none.
    if says || FreeNote::mask(text) != text {
        return Err(KernelError::field("reason", "reason.personal"));
    }
    if text.chars().count() > limits::REASON_CHARS_MAX {
        return Err(KernelError::field("reason", "field.too_long"));
    }
    Ok(())
}

/// Full values of one customer, for a reason, within the quota of the hour.
/// The event is written before the values leave.
pub async fn customer_reveal(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: CustomerId,
    fields: &[String],
    reason: &str,
) -> Result<HashMap<String, String>> {
    let reason = Reason::new(reason).map_err(|_| KernelError::refused(ErrorCode::REVEAL_REASON))?;
    let customer = customer_fetch(app, scope, id).await?;
    check_reason(&reason, &customer)?;
    if fields.is_empty() {
        return Err(KernelError::field("fields", "field.required"));
    }
    let hour_ago = ctx.now.plus_seconds(-3600);
    let reveal = Permission::CustomerReveal;
    let used = event_count(app, ctx, reveal, "customer.reveal", hour_ago).await?;
    if used >= app.policy.reveal.per_hour {
        return Err(KernelError::refused(ErrorCode::REVEAL_LIMIT));
    }
    let permit = Permit::for_reason(reason);
    let mut values = HashMap::new();
    for field in fields {
        let clear = match field.as_str() {
            "name" => customer.name.reveal(&permit),
            "phone" => customer.phone.reveal(&permit),
            "id_number" => customer.id_number.reveal(&permit),
            "address" => customer.address.reveal(&permit),
            "notes" => customer.notes.reveal(&permit),
            _ => return Err(KernelError::field("fields", "field.not_in_list")),
        };
        values.insert(field.clone(), clear.to_owned());
    }
    let detail = json!({ "fields": fields, "reason": permit.reason().as_str() });
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        tx.record("customer.reveal", "customer", id, detail.clone());
        tx.commit().await
    })
    .await?;
    Ok(values)
}
