//! Rules of customers: keyed by the bank's number, checked phones and ID
//! numbers, sealed columns, four-field completeness, history through events,
//! reveals with a reason and a quota.

use super::seal::{self, Column};
use super::store::*;
use super::{Customer, CustomerInput, FieldState};
use serde_json::json;
use std::collections::HashMap;
use zf_base::code::ErrorCode;
use zf_base::geo::Point;
use zf_base::mask::{Masked, Permit, Reason};
use zf_base::{CustomerId, HouseholdId, UnitId, VillageGroupId, limits, search};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::event::store::EVENT_COUNT_BY_ACTOR;
use zf_kernel::unit::service::units_visible;
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx};
use zf_store::{Row, Sql, Value, params};
use zf_vault::BlindKind;

fn words(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}

pub(crate) fn words_text(words: &[String]) -> String {
    json!(words).to_string()
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
    let (sql, mut p): (Sql, Vec<Value>) = (CUSTOMER_LIST, params![after, limit]);
    let sql = match (&filter.village_group, &filter.tag) {
        (Some(group), _) => {
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
    let unit = scope.unit_id();
    let rows = app.read_unit(unit, CUSTOMER_NAMES, params![]).await?;
    let mut found = Vec::new();
    for row in &rows {
        let no: String = row.get(1)?;
        if no.as_str() <= after {
            continue;
        }
        let id: CustomerId = row.get(0)?;
        let sealed: Vec<u8> = row.get(2)?;
        let clear = seal::open(app, Column::Name, unit, id, Some(&sealed))?;
        if search::normalise(&clear).contains(&wanted) {
            found.push(id);
        }
        if found.len() as i64 >= limit {
            break;
        }
    }
    let mut out = Vec::with_capacity(found.len());
    for id in found {
        out.push(customer_fetch(app, scope, id).await?);
    }
    Ok(out)
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

/// What is known about the person looked for: exactly one.
pub enum LookUp {
    /// A phone.
    Phone(String),
    /// An ID number.
    IdNumber(String),
    /// The bank's customer number.
    CustomerNo(String),
}

/// Exact look-up in every branch the actor may see.
pub async fn customer_lookup(
    app: &App,
    ctx: &Ctx,
    what: &LookUp,
    demo: bool,
) -> Result<Vec<Customer>> {
    let (sql, value): (Sql, Value) = match what {
        LookUp::Phone(text) => {
            let checked = seal::phone(text, demo).map_err(|c| KernelError::field("phone", c))?;
            (
                CUSTOMER_BY_PHONE,
                app.vault
                    .blind(BlindKind::Phone, &checked.value)
                    .to_vec()
                    .into(),
            )
        }
        LookUp::IdNumber(text) => {
            let checked = seal::id_number(text, ctx.today(), demo)
                .map_err(|c| KernelError::field("id_number", c))?;
            (
                CUSTOMER_BY_ID_NUMBER,
                app.vault
                    .blind(BlindKind::IdNumber, &checked.value)
                    .to_vec()
                    .into(),
            )
        }
        LookUp::CustomerNo(no) => (CUSTOMER_BY_NO, Value::from(no.trim())),
    };
    let mut found = Vec::new();
    for unit in units_visible(app, ctx, Permission::CustomerRead).await? {
        let scope = ctx.scope(Permission::CustomerRead, &unit)?;
        for row in app.read_unit(unit.id, sql, vec![value.clone()]).await? {
            found.push(customer_fetch(app, &scope, row.get(0)?).await?);
        }
        if found.len() >= limits::PAGE_ROWS_MAX as usize {
            break;
        }
    }
    Ok(found)
}

/// Everything about a row that is being written, checked and in clear.
pub(crate) struct Draft {
    pub name: String,
    pub phone: String,
    pub phone_state: FieldState,
    pub id_number: String,
    pub id_number_state: FieldState,
    pub address: String,
    pub notes: String,
    pub sex: Option<String>,
    pub birth_year: Option<i64>,
    pub occupation: Option<String>,
    pub balance_band: Option<String>,
    pub deposit_due_day: Option<zf_base::Day>,
    pub insurance_due_day: Option<zf_base::Day>,
    pub products: Vec<String>,
    pub tags: Vec<String>,
    pub do_not_visit: bool,
    pub village_group_id: Option<VillageGroupId>,
    pub place: Option<(Point, zf_base::geo::Datum)>,
}

impl Draft {
    /// An empty one for a new customer.
    pub fn empty() -> Draft {
        Draft {
            name: String::new(),
            phone: String::new(),
            phone_state: FieldState::Empty,
            id_number: String::new(),
            id_number_state: FieldState::Empty,
            address: String::new(),
            notes: String::new(),
            sex: None,
            birth_year: None,
            occupation: None,
            balance_band: None,
            deposit_due_day: None,
            insurance_due_day: None,
            products: vec![],
            tags: vec![],
            do_not_visit: false,
            village_group_id: None,
            place: None,
        }
    }

    /// What is stored now.
    pub fn of(c: &Customer, permit: &Permit) -> Draft {
        Draft {
            name: c.name.reveal(permit).to_owned(),
            phone: c.phone.reveal(permit).to_owned(),
            phone_state: c.phone_state,
            id_number: c.id_number.reveal(permit).to_owned(),
            id_number_state: c.id_number_state,
            address: c.address.reveal(permit).to_owned(),
            notes: c.notes.reveal(permit).to_owned(),
            sex: c.sex.clone(),
            birth_year: c.birth_year,
            occupation: c.occupation.clone(),
            balance_band: c.balance_band.clone(),
            deposit_due_day: c.deposit_due_day,
            insurance_due_day: c.insurance_due_day,
            products: c.products.clone(),
            tags: c.tags.clone(),
            do_not_visit: c.do_not_visit,
            village_group_id: c.village_group_id,
            place: c.place.zip(c.datum),
        }
    }

    /// Lays the input over it; the error is (field, code).
    pub fn apply(
        &mut self,
        i: &CustomerInput,
        today: zf_base::Day,
        demo: bool,
    ) -> std::result::Result<(), (&'static str, &'static str)> {
        if let Some(name) = &i.name {
            self.name = name.trim().to_owned();
        }
        if self.name.is_empty() || self.name.chars().count() > limits::NAME_CHARS_MAX {
            return Err(("name", "field.required"));
        }
        if let Some(text) = &i.phone {
            let checked = seal::phone(text, demo).map_err(|c| ("phone", c))?;
            (self.phone, self.phone_state) = (checked.value, checked.state);
        }
        if let Some(text) = &i.id_number {
            let checked = seal::id_number(text, today, demo).map_err(|c| ("id_number", c))?;
            self.birth_year = checked.birth_year.or(self.birth_year);
            self.sex = checked.sex.map(str::to_owned).or(self.sex.take());
            (self.id_number, self.id_number_state) = (checked.value, checked.state);
        }
        self.apply_texts(i)?;
        self.apply_facts(i);
        Ok(())
    }

    fn apply_texts(
        &mut self,
        i: &CustomerInput,
    ) -> std::result::Result<(), (&'static str, &'static str)> {
        if let Some(address) = &i.address {
            if address.chars().count() > limits::ADDRESS_CHARS_MAX {
                return Err(("address", "field.too_long"));
            }
            self.address = address.trim().to_owned();
        }
        if let Some(notes) = &i.notes {
            if notes.chars().count() > limits::NOTE_CHARS_MAX {
                return Err(("notes", "field.too_long"));
            }
            self.notes = notes.trim().to_owned();
        }
        Ok(())
    }

    fn apply_facts(&mut self, i: &CustomerInput) {
        let text = |new: &Option<String>, old: &mut Option<String>| {
            if let Some(new) = new {
                *old = (!new.trim().is_empty()).then(|| new.trim().to_owned());
            }
        };
        text(&i.sex, &mut self.sex);
        text(&i.occupation, &mut self.occupation);
        text(&i.balance_band, &mut self.balance_band);
        self.birth_year = i.birth_year.or(self.birth_year);
        self.deposit_due_day = i.deposit_due_day.unwrap_or(self.deposit_due_day);
        self.insurance_due_day = i.insurance_due_day.unwrap_or(self.insurance_due_day);
        if let Some(products) = &i.products {
            self.products = products.clone();
        }
        if let Some(tags) = &i.tags {
            self.tags = tags.clone();
        }
        self.do_not_visit = i.do_not_visit.unwrap_or(self.do_not_visit);
        self.village_group_id = i.village_group_id.or(self.village_group_id);
        self.place = i.place.or(self.place);
    }

    /// All four mandatory fields (CUS-016); a value verified by the bank counts
    /// even when it came masked.
    pub fn four_fields(&self) -> bool {
        !self.name.is_empty()
            && self.phone_state.is_complete()
            && self.id_number_state.is_complete()
            && !self.address.is_empty()
    }

    /// Column values shared by insert and update, from `household_id` on.
    pub fn columns(
        &self,
        app: &App,
        unit: UnitId,
        id: CustomerId,
        household: HouseholdId,
    ) -> Vec<Value> {
        let sealed = |column, clear: &str| seal::seal(app, column, unit, id, clear);
        params![
            household,
            self.village_group_id,
            sealed(Column::Name, &self.name),
            sealed(Column::Phone, &self.phone),
            seal::blind(app, BlindKind::Phone, self.phone_state, &self.phone),
            self.phone_state.as_str(),
            sealed(Column::IdNumber, &self.id_number),
            seal::blind(
                app,
                BlindKind::IdNumber,
                self.id_number_state,
                &self.id_number
            ),
            self.id_number_state.as_str(),
            sealed(Column::Address, &self.address),
            sealed(Column::Notes, &self.notes),
            self.sex.as_deref(),
            self.birth_year,
            self.occupation.as_deref(),
            self.balance_band.as_deref(),
            self.deposit_due_day,
            self.insurance_due_day,
            words_text(&self.products),
            words_text(&self.tags),
            self.four_fields(),
            self.do_not_visit,
            self.place.map(|(p, _)| p.lat()),
            self.place.map(|(p, _)| p.lon()),
            self.place.map(|(_, d)| d.code())
        ]
    }
}

/// Columns of a new customer in the order of [`Draft::columns`] with what
/// stands before and after them.
pub(crate) const CUSTOMER_COLUMNS: &[&str] = &[
    "unit_id",
    "id",
    "customer_no",
    "household_id",
    "village_group_id",
    "name_sealed",
    "phone_sealed",
    "phone_bidx",
    "phone_state",
    "id_number_sealed",
    "id_number_bidx",
    "id_number_state",
    "address_sealed",
    "notes_sealed",
    "sex",
    "birth_year",
    "occupation",
    "balance_band",
    "deposit_due_day",
    "insurance_due_day",
    "products",
    "tags",
    "four_fields",
    "do_not_visit",
    "lat",
    "lon",
    "datum",
    "source_channel",
    "content_digest",
    "rev",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
];

/// A whole row for the bulk load (without `unit_id`, which the transaction adds).
pub(crate) fn new_row(
    app: &App,
    ctx: &Ctx,
    unit: UnitId,
    id: CustomerId,
    no: &str,
    household: HouseholdId,
    d: &Draft,
    channel: &str,
    digest: &[u8],
) -> Vec<Value> {
    let mut row = params![id, no];
    row.extend(d.columns(app, unit, id, household));
    row.extend(params![
        channel,
        digest,
        1i64,
        ctx.now,
        ctx.actor.user_id,
        ctx.now,
        ctx.actor.user_id
    ]);
    row
}

/// Parameters of [`CUSTOMER_CHANGE`] after the unit.
pub(crate) fn change_row(
    app: &App,
    ctx: &Ctx,
    unit: UnitId,
    id: CustomerId,
    rev: i64,
    household: HouseholdId,
    d: &Draft,
    digest: Option<&[u8]>,
) -> Vec<Value> {
    let mut row = params![id, rev];
    row.extend(d.columns(app, unit, id, household));
    row.extend(params![digest, ctx.now, ctx.actor.user_id]);
    row
}

pub(crate) async fn write_tags(tx: &mut UnitTx<'_>, id: CustomerId, tags: &[String]) -> Result<()> {
    tx.exec(CUSTOMER_TAGS_CLEAR, params![id]).await?;
    for tag in tags {
        tx.exec(CUSTOMER_TAG_ADD, params![tag.as_str(), id]).await?;
    }
    Ok(())
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
    let mut draft = Draft::empty();
    draft.apply(input, ctx.today(), demo).map_err(field_error)?;
    let unit = scope.unit_id();
    let (id, household) = (CustomerId(app.new_id()), HouseholdId(app.new_id()));
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    if tx.query_opt(CUSTOMER_BY_NO, params![no]).await?.is_some() {
        return Err(KernelError::refused(ErrorCode::DUPLICATE));
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
    let row = new_row(app, ctx, unit, id, no, household, &draft, "page", &[]);
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
    let old = customer_fetch(app, scope, id).await?;
    let permit = Permit::for_reason(own_reason("edit")?);
    let mut draft = Draft::of(&old, &permit);
    draft.apply(input, ctx.today(), demo).map_err(field_error)?;
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let row = change_row(
        app,
        ctx,
        scope.unit_id(),
        id,
        old.rev,
        old.household_id,
        &draft,
        None,
    );
    if tx.exec(CUSTOMER_CHANGE, row).await? == 0 {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    if draft.tags != old.tags {
        write_tags(&mut tx, id, &draft.tags).await?;
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

fn own_reason(what: &str) -> Result<Reason> {
    Reason::new(what).map_err(|_| KernelError::refused(ErrorCode::REVEAL_REASON))
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
    let hour_ago = ctx.now.plus_seconds(-3600);
    let used = app
        .read_unit(
            scope.unit_id(),
            EVENT_COUNT_BY_ACTOR,
            params![hour_ago, ctx.actor.user_id, "customer.reveal"],
        )
        .await?;
    let used: i64 = used.first().map(|r| r.get(0)).transpose()?.unwrap_or(0);
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
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let detail = json!({ "fields": fields, "reason": permit.reason().as_str() });
    tx.record("customer.reveal", "customer", id, detail);
    tx.commit().await?;
    Ok(values)
}

/// Counts of one branch.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Customers.
    pub customers: i64,
    /// With all four fields.
    pub four_fields: i64,
    /// With a door of their own.
    pub placed: i64,
    /// Households.
    pub households: i64,
}

/// Counts of one branch, for the overview.
pub async fn customer_counts(app: &App, scope: &UnitScope) -> Result<Counts> {
    let rows = app
        .read_unit(scope.unit_id(), CUSTOMER_COUNTS, params![])
        .await?;
    let Some(r) = rows.first() else {
        return Ok(Counts::default());
    };
    Ok(Counts {
        customers: r.get(0)?,
        four_fields: r.get(1)?,
        placed: r.get(2)?,
        households: r.get(3)?,
    })
}

/// Customers per unit, for the tree.
pub async fn customer_count_by_unit(app: &App) -> Result<HashMap<UnitId, i64>> {
    let rows = app.db.query(CUSTOMER_COUNT_BY_UNIT, params![]).await?;
    rows.iter().map(|r| Ok((r.get(0)?, r.get(1)?))).collect()
}
