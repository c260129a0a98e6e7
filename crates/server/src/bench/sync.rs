//! `zoufang bench push` and `bench pull`: phones that hand in ten visits at a
//! time, and phones of a large branch that ask what is new. The services as
//! the edge calls them, without HTTP. Push is set against the same rows put in
//! by a bare client in the same database in the same run: whole transactions
//! of ten visits, each on the disk before it is answered, nothing checked,
//! sealed or chained. On PostgreSQL the bare clients are as many as the phones.
//! SQLite has one writer, so its bare client is one that begins when the last
//! is answered; `grouped` is what the bare rows make of our writer, which puts
//! the transactions of several on one flush.

use super::{On, Rig, Spent, customers_file, percentile, program, round, rows};
use crate::error::{CliError, Result};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;
use zf_base::{Day, DeviceId, OpId, ProgramId, UserId};
use zf_field::device::parameters::phone_rules;
use zf_field::device::service::{device_find, phone_add};
use zf_field::sync::pull::{Ask, pull};
use zf_field::sync::push::push;
use zf_field::sync::{Answer, Op, Sender};
use zf_kernel::unit::service::unit_by_code;
use zf_kernel::user::service::{NewUser, user_add};
use zf_kernel::{Ctx, Permission, UnitScope};
use zf_network::import::ImportKind;
use zf_store::{Engine, Scope, Sql, Value, params};

/// Visits of one batch.
const BATCH: usize = 10;
/// Batches of each phone before anything is timed.
const WARM: usize = 2;

macro_rules! bare {
    ($name:ident, $text:literal) => {
        const $name: Sql = Sql {
            name: stringify!($name),
            text: $text,
            scope: Scope::Ref,
            module: module_path!(),
        };
    };
}
bare!(
    PEOPLE,
    "SELECT id, household_id FROM customer WHERE unit_id = $1 ORDER BY customer_no LIMIT $2"
);
bare!(
    FEED_ADD,
    "INSERT INTO feed (unit_id, seq, kind, entity_id, rev, made_at) VALUES ($1, $2, $3, $4, $5, $6)"
);
bare!(
    FEED_START,
    "INSERT INTO feed_head (unit_id, seq) VALUES ($1, 0) ON CONFLICT (unit_id) DO NOTHING"
);
bare!(
    FEED_TAKE,
    "UPDATE feed_head SET seq = seq + $2 WHERE unit_id = $1 RETURNING seq"
);
bare!(
    SYNC_OP_ADD,
    "INSERT INTO sync_op (unit_id, op_id, device_id, client_seq, kind, entity_id, payload_mac, answer, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
);
bare!(
    VISIT_ADD,
    "INSERT INTO visit (unit_id, id, program_id, kind, target_id, household_id, village_group_id, stop_id, day, outcome, counts, state, via, form_id, form_version, payload_sealed, members, valid_records, photos, rev, device_id, device_at, estimated_at, received_at, clock_suspect, made_by, made_by_name, gone) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, 1, $20, $21, $22, $23, $24, $25, $26, $27)"
);
bare!(
    VISIT_MEMBER_ADD,
    "INSERT INTO visit_member (unit_id, visit_id, seq, customer_id, agreed, has_name, has_phone, has_address, id_number, valid) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
);
bare!(
    VISIT_CHOICE_ADD,
    "INSERT INTO visit_choice (unit_id, visit_id, question, choice, times) VALUES ($1, $2, $3, $4, $5)"
);
bare!(
    BARE_EVENT,
    "INSERT INTO event (unit_id, stream, seq, id, at, actor_id, actor_name, action, target_kind, target_id, detail, hash) VALUES ($1, $2, $3, $4, $5, $6, 'x', 'bench', 'bench', 'bench', '{}', $7)"
);
bare!(
    PUT_STAFF,
    "INSERT INTO staff (id, unit_id, staff_no, name, post, phone_state, active, created_at, updated_at) VALUES ($1, $2, 'bench', 'bench', 'postman', 'empty', $3, $4, $4)"
);
bare!(
    PUT_PLAN,
    "INSERT INTO week_plan (unit_id, id, program_id, week, state, version, planned, needed, carried, shortfall, travel_seconds, travel_meters, teams, seed, program_version, made_at, made_by, left_out, edits) VALUES ($1, $2, $3, $4, 'confirmed', 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, $5, $6, 0, 0)"
);
bare!(
    PUT_ROUTE,
    "INSERT INTO plan_route (unit_id, id, week_plan_id, day, seq, team_code, team_name, kind, starts, ends, members, travel_seconds, travel_meters, back_at) VALUES ($1, $2, $3, $4, 1, 'far-1', 'bench', 'precise_day', 30600, 41400, $5, 0, 0, 41400)"
);
bare!(
    PUT_TARGET,
    "INSERT INTO target (unit_id, id, program_id, household_id, customer_id, kind, priority, reasons, four_fields, members, state, lat, lon, approximate, updated_at, tries) VALUES ($1, $2, $3, $4, $5, 'precise', 1, '[]', $6, 1, 'open', 30.0, 104.0, $7, $8, 0)"
);
bare!(
    PUT_STOP,
    "INSERT INTO plan_stop (unit_id, id, week_plan_id, route_id, seq, target_id, households, arrive, leave, lat, lon, approximate) VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, 30.0, 104.0, $9)"
);
bare!(
    BARE_USER,
    "UPDATE user_account SET staff_id = $2 WHERE id = $1"
);

/// A program, branches with customers, an account and a device for each phone.
struct Field {
    rig: Rig,
    program: ProgramId,
    day: Day,
    scopes: Vec<UnitScope>,
    people: Vec<Vec<(Uuid, Uuid)>>,
    user: UserId,
}

impl Field {
    async fn new(on: &On, customers: u64, branches: u64) -> Result<Field> {
        let spec = rows::Spec {
            rows: customers,
            branches,
            sorted: true,
            later: false,
        };
        let rig = Rig::new(on, zf_vault::Suite::Intl, &spec).await?;
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("customers.csv");
        customers_file(&spec, &file)?;
        let bytes = std::fs::read(&file)?;
        rig.load(
            ImportKind::Customers,
            "customers.csv",
            bytes,
            &Spent::default(),
        )
        .await?;
        let day = rig.ctx.today();
        let program = program(&rig, day).await?;
        let (mut scopes, mut people) = (vec![], vec![]);
        for b in 0..branches {
            let unit = unit_by_code(&rig.app, &rows::branch_code(b)).await?;
            let unit = unit.ok_or_else(|| CliError::system("a branch is missing"))?;
            let rows = rig.app.db.query(PEOPLE, params![unit.id, 6_000]).await?;
            let mut of = Vec::with_capacity(rows.len());
            for r in &rows {
                of.push((r.get(0)?, r.get(1)?));
            }
            // One of each household: a second visit of a day would wait.
            of.sort_by_key(|(_, household): &(Uuid, Uuid)| *household);
            of.dedup_by_key(|(_, household)| *household);
            people.push(of);
            scopes.push(rig.ctx.scope(Permission::VisitWrite, &unit)?);
        }
        let user = account(&rig, &scopes[0]).await?;
        Ok(Field {
            rig,
            program,
            day,
            scopes,
            people,
            user,
        })
    }

    /// The account at the phone; every request is one of its own.
    fn ctx(&self) -> Ctx {
        let mut ctx = self.rig.ctx.clone();
        ctx.actor.user_id = self.user;
        ctx.request_id = request();
        ctx
    }
}

/// A request's number; its last byte picks the stream of the chain.
fn request() -> Uuid {
    let mut bytes = *Uuid::now_v7().as_bytes();
    let mut one = [0u8; 1];
    zf_vault::os_random(&mut one);
    bytes[15] = one[0];
    Uuid::from_bytes(bytes)
}

async fn account(rig: &Rig, scope: &UnitScope) -> Result<UserId> {
    let new = NewUser {
        login: "bench".to_owned(),
        name: "bench".to_owned(),
        staff_id: None,
        grants: vec![],
        is_demo: false,
        password: Some("bench-bench-7-bench".to_owned()),
    };
    let at = rig.ctx.scope(Permission::UserWrite, scope.unit())?;
    Ok(user_add(&rig.app, &rig.ctx, &at, &new).await?.0.id)
}

/// The day of a batch: nobody makes two hundred visits in a day, so they are
/// those of the week since the campaign began.
fn day_of(f: &Field, batch: usize) -> Day {
    f.day.plus_days(-((batch % 8) as i32))
}

fn visit(f: &Field, day: Day, (customer, household): (Uuid, Uuid)) -> Op {
    let answers = json!({
        "outcome": "self", "notice": "agreed", "name": "bench", "phone": "13800000000",
        "address": "bench bench", "needs": ["deposit"], "products": ["green_card"],
    });
    Op {
        op_id: OpId(Uuid::now_v7()),
        client_seq: 1,
        kind: "visit.submit".to_owned(),
        entity_id: Uuid::now_v7(),
        base_rev: None,
        schema_ver: 1,
        device_time: f.rig.ctx.now,
        since_contact_ms: None,
        contact_at: None,
        payload: json!({
            "program_id": f.program, "kind": "precise", "day": day.to_string(),
            "household_id": household, "customer_id": customer,
            "form_id": "household-visit", "form_version": 1, "answers": answers,
        }),
        blobs: vec![],
    }
}

/// One phone: its batches one after the other, the time of each.
async fn hand_in(
    f: &Field,
    phone: usize,
    batches: usize,
    (first, reviews): (usize, &mut usize),
) -> Result<Vec<Duration>> {
    let at = phone % f.scopes.len();
    let (scope, people) = (&f.scopes[at], &f.people[at]);
    let id = DeviceId(Uuid::now_v7());
    let ctx = f.ctx();
    phone_add(&f.rig.app, &ctx, scope.unit_id(), id).await?;
    let sender = Sender {
        device_id: id,
        via: "phone",
        last_contact: None,
        revoked: false,
        outbox: None,
    };
    let mut times = Vec::with_capacity(batches);
    for b in 0..batches {
        let from = first + (phone / f.scopes.len() * batches + b) * BATCH;
        let ops: Vec<Op> = (0..BATCH)
            .map(|i| visit(f, day_of(f, b), people[(from + i) % people.len()]))
            .collect();
        let ctx = f.ctx();
        let began = Instant::now();
        let said = push(&f.rig.app, &ctx, scope, &sender, &ops).await?;
        times.push(began.elapsed());
        *reviews += said
            .iter()
            .filter(|a| matches!(a, Answer::Review { .. }))
            .count();
        if said
            .iter()
            .any(|a| !matches!(a, Answer::Applied { .. } | Answer::Review { .. }))
        {
            return Err(CliError::system("a visit was not taken"));
        }
    }
    Ok(times)
}

/// What `visit` chooses, the outcome aside.
const CHOSEN: [(&str, &str); 3] = [
    ("notice", "agreed"),
    ("needs", "deposit"),
    ("products", "green_card"),
];

/// The same rows by a bare client.
async fn bare_batch(f: &Field, day: Day, at: usize, sealed: &[u8], from: usize) -> Result<()> {
    let app = &f.rig.app;
    let (unit, people) = (f.scopes[at].unit_id(), &f.people[at]);
    let mut tx = app.db.begin().await?;
    let now = f.rig.ctx.now;
    let mut taken = tx.query(FEED_TAKE, params![unit, BATCH as i64]).await?;
    if taken.is_empty() {
        tx.exec(FEED_START, params![unit]).await?;
        taken = tx.query(FEED_TAKE, params![unit, BATCH as i64]).await?;
    }
    let last: i64 = taken[0].get(0)?;
    let (mut visits, mut members, mut ops, mut feed) = (vec![], vec![], vec![], vec![]);
    let mut choices = vec![];
    for i in 0..BATCH {
        let (customer, household) = people[(from + i) % people.len()];
        let (id, none) = (Uuid::now_v7(), None::<Uuid>);
        let head: Vec<Value> = params![unit, id, f.program, "precise", none, household, none, none];
        let rest: Vec<Value> = params![
            day,
            "self",
            true,
            "accepted",
            "phone",
            "household-visit",
            1,
            sealed.to_vec(),
            1,
            1,
            0,
            f.user,
            now,
            now,
            now,
            false,
            f.user,
            "bench",
            false
        ];
        visits.push([head, rest].concat());
        members.push(params![
            unit, id, 1, customer, true, true, true, true, "none", true
        ]);
        choices.extend(CHOSEN.map(|(question, choice)| params![unit, id, question, choice, 1]));
        let mac = vec![0u8; 32];
        ops.push(params![
            unit,
            Uuid::now_v7(),
            f.user,
            1,
            "visit.submit",
            id,
            mac,
            "{\"answer\":\"applied\"}",
            now
        ]);
        feed.push(params![unit, last - i as i64, "visit", id, 1, now]);
    }
    tx.exec_many(VISIT_ADD, visits).await?;
    tx.exec_many(VISIT_MEMBER_ADD, members).await?;
    tx.exec_many(VISIT_CHOICE_ADD, choices).await?;
    tx.exec_many(FEED_ADD, feed).await?;
    tx.exec_many(SYNC_OP_ADD, ops).await?;
    let event = params![unit, 900, last, Uuid::now_v7(), now, f.user, vec![0u8; 32]];
    tx.exec(BARE_EVENT, event).await?;
    Ok(tx.commit().await?)
}

/// Every phone is a task of its own, as every request of the server is.
async fn at_once<T: Send + 'static, F: Future<Output = Result<T>> + Send + 'static>(
    phones: usize,
    one: impl Fn(usize) -> F,
) -> Result<Vec<T>> {
    let tasks: Vec<_> = (0..phones).map(|n| tokio::spawn(one(n))).collect();
    let mut all = Vec::with_capacity(phones);
    for task in tasks {
        all.push(task.await.map_err(CliError::system)??);
    }
    Ok(all)
}

async fn bare(f: &Arc<Field>, phones: usize, batches: usize) -> Result<f64> {
    let began = Instant::now();
    let one = |phone: usize| {
        let (f, at) = (f.clone(), phone % f.scopes.len());
        async move {
            let sealed = vec![7u8; 620];
            for b in 0..batches {
                let from = (phone * batches + b) * BATCH;
                // Days of its own: ours count what stands on theirs.
                let day = day_of(&f, b).plus_days(-8);
                bare_batch(&f, day, at, &sealed, from).await?;
            }
            Ok(())
        }
    };
    at_once(phones, one).await?;
    Ok((phones * batches * BATCH) as f64 / began.elapsed().as_secs_f64())
}

async fn ours(
    f: &Arc<Field>,
    phones: usize,
    batches: usize,
    first: usize,
) -> Result<(f64, Vec<Duration>, usize)> {
    let began = Instant::now();
    let one = |phone: usize| {
        let f = f.clone();
        async move {
            let mut reviews = 0;
            let times = hand_in(&f, phone, batches, (first, &mut reviews)).await?;
            Ok((times, reviews))
        }
    };
    let all = at_once(phones, one).await?;
    let rate = (phones * batches * BATCH) as f64 / began.elapsed().as_secs_f64();
    let reviews = all.iter().map(|(_, r)| r).sum();
    let mut times: Vec<Duration> = all.into_iter().flat_map(|(t, _)| t).collect();
    times.sort();
    Ok((rate, times, reviews))
}

/// Measures push.
///
/// # Errors
/// When the branches cannot be made or a visit is not taken.
pub async fn measure_push(on: &On, phones: usize, batches: usize) -> Result<Json> {
    let f = Arc::new(Field::new(on, 36_000, 8).await?);
    // Warm: statements are prepared, pages are in memory, and the server knows the
    // sizes of its tables, as it does in every county a minute after the first visits.
    ours(&f, phones, WARM, 0).await?;
    bare(&f, phones, WARM).await?;
    if f.rig.app.db.engine() == Engine::Postgres {
        f.rig.app.db.vacuum().await?;
    }
    let beyond = phones.div_ceil(f.scopes.len()) * WARM * BATCH;
    let one = f.rig.app.db.engine() == Engine::Sqlite;
    let (clients, each) = if one {
        (1, phones * batches)
    } else {
        (phones, batches)
    };
    let raw_before = bare(&f, clients, each).await?;
    let grouped_before = bare(&f, phones, batches).await?;
    let (rate, times, reviews) = ours(&f, phones, batches, beyond).await?;
    let grouped = f64::midpoint(grouped_before, bare(&f, phones, batches).await?);
    let raw = f64::midpoint(raw_before, bare(&f, clients, each).await?);
    let found = json!({
        "bench": "push", "engine": on.name(), "phones": phones, "visits_per_batch": BATCH,
        "visits": phones * batches * BATCH, "reviews": reviews,
        "visits_per_second": rate.round(), "bare_visits_per_second": raw.round(),
        "ratio": round(rate / raw),
        "grouped_visits_per_second": grouped.round(), "ratio_to_grouped": round(rate / grouped),
        "p50_ms": percentile(&times, 500), "p99_ms": percentile(&times, 990),
    });
    if let Ok(f) = Arc::try_unwrap(f) {
        f.rig.end().await?;
    }
    Ok(found)
}

/// Measures pull in one large branch: a first pull, pulls of what is new, and
/// pulls of nothing.
///
/// # Errors
/// When the branch cannot be made or a pull finds nothing.
pub async fn measure_pull(on: &On, customers: u64, calls: usize) -> Result<Json> {
    let f = Field::new(on, customers, 1).await?;
    let (app, scope) = (&f.rig.app, &f.scopes[0]);
    let homes = planned(&f).await?;
    let ctx = f.ctx();
    let id = DeviceId(Uuid::now_v7());
    phone_add(app, &ctx, scope.unit_id(), id).await?;
    let device = device_find(app, id).await?;
    let device = device.ok_or_else(|| CliError::system("a phone is missing"))?;
    let rules = phone_rules(app).await?;
    let mut ask = Ask {
        cursor: None,
        scope_epoch: None,
        limit: 500,
        after: None,
    };
    let (mut first, mut none) = (vec![], vec![]);
    let mut items = 0;
    for _ in 0..calls {
        (ask.cursor, ask.scope_epoch) = (None, None);
        let began = Instant::now();
        let given = pull(app, &f.ctx(), Some(scope), &device, &rules, &ask).await?;
        first.push(began.elapsed());
        items = given.items.len();
        (ask.cursor, ask.scope_epoch) = (Some(given.cursor), Some(given.scope_epoch));
        let began = Instant::now();
        let given = pull(app, &f.ctx(), Some(scope), &device, &rules, &ask).await?;
        none.push(began.elapsed());
        if given.snapshot || !given.items.is_empty() {
            return Err(CliError::system("a pull of nothing gave something"));
        }
    }
    if items < homes {
        return Err(CliError::system("a pull found too little"));
    }
    first.sort();
    none.sort();
    let found = json!({
        "bench": "pull", "engine": on.name(), "customers": customers, "calls": calls, "items": items,
        "snapshot_p50_ms": percentile(&first, 500), "snapshot_p99_ms": percentile(&first, 990),
        "nothing_new_p50_ms": percentile(&none, 500), "nothing_new_p99_ms": percentile(&none, 990),
    });
    f.rig.end().await?;
    Ok(found)
}

/// A confirmed plan with twenty households a day for seven days; gives how
/// many households.
async fn planned(f: &Field) -> Result<usize> {
    const PER_DAY: usize = 20;
    let (app, unit, now) = (&f.rig.app, f.scopes[0].unit_id(), f.rig.ctx.now);
    let (staff, plan) = (Uuid::now_v7(), Uuid::now_v7());
    app.db
        .exec(PUT_STAFF, params![staff, unit, true, now])
        .await?;
    app.db.exec(BARE_USER, params![f.user, staff]).await?;
    let week = f.day.week().to_string();
    let row = params![unit, plan, f.program, week, now, f.user];
    app.db.exec(PUT_PLAN, row).await?;
    let homes: Vec<(Uuid, Uuid)> = f.people[0].iter().take(7 * PER_DAY).copied().collect();
    let mut tx = app.db.begin().await?;
    for (n, of_day) in homes.chunks(PER_DAY).enumerate() {
        let (route, day) = (Uuid::now_v7(), f.day.plus_days(n as i32 - 3));
        let members = "[{\"post\":\"postman\",\"name\":\"bench\"}]";
        let row = params![unit, route, plan, day, members];
        tx.exec(PUT_ROUTE, row).await?;
        for (i, (customer, household)) in of_day.iter().enumerate() {
            let (target, at) = (Uuid::now_v7(), 30_600 + 600 * i as i64);
            let row = params![
                unit, target, f.program, *household, *customer, true, false, now
            ];
            tx.exec(PUT_TARGET, row).await?;
            let seq = i as i64 + 1;
            let row = params![
                unit,
                Uuid::now_v7(),
                plan,
                route,
                seq,
                target,
                at,
                at + 600,
                false
            ];
            tx.exec(PUT_STOP, row).await?;
        }
    }
    tx.commit().await?;
    Ok(homes.len())
}
