//! The unit of work: one transaction, one unit, and no change without an
//! event. Statements on business tables get the unit as `$1` from here, so a
//! statement cannot reach another unit; a commit of changes without an event
//! is refused. This is the only place that writes the audit chain.

use super::store::*;
use super::{NewEvent, STREAMS};
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::{KernelError, Result};
use serde_json::Value as Json;
use std::pin::Pin;
use uuid::Uuid;
use zf_base::UnitId;
use zf_base::code::ErrorCode;
use zf_store::{Ran, Row, Scope, Sql, Step, StoreError, Tx, Value, params};
use zf_vault::{ChainEntry, canonical_json};

/// A transaction on one unit.
pub struct UnitTx<'a> {
    app: &'a App,
    ctx: &'a Ctx,
    tx: Tx,
    unit: UnitId,
    changed: bool,
    events: Vec<NewEvent>,
    reserved: Option<Reserved>,
}

/// Numbers of the chain that were taken ahead of the commit.
struct Reserved {
    count: i64,
    /// The number before the first, and the hash of the event that has it.
    last: (i64, [u8; 32]),
}

impl<'a> UnitTx<'a> {
    /// Begins a transaction on the unit of a scope.
    pub async fn begin(app: &'a App, ctx: &'a Ctx, scope: &crate::UnitScope) -> Result<UnitTx<'a>> {
        UnitTx::on(app, ctx, scope.unit_id()).await
    }

    /// Begins a transaction on a unit the kernel itself chose (reference
    /// tables are told of in the head unit's chain).
    pub(crate) async fn on(app: &'a App, ctx: &'a Ctx, unit: UnitId) -> Result<UnitTx<'a>> {
        let tx = app.db.begin().await?;
        Ok(UnitTx::over(app, ctx, unit, tx))
    }

    fn over(app: &'a App, ctx: &'a Ctx, unit: UnitId, tx: Tx) -> UnitTx<'a> {
        UnitTx {
            app,
            ctx,
            tx,
            unit,
            changed: false,
            events: vec![],
            reserved: None,
        }
    }

    /// The unit this transaction is about.
    pub fn unit_id(&self) -> UnitId {
        self.unit
    }

    fn bind(&self, sql: Sql, rest: Vec<Value>) -> Result<Vec<Value>> {
        // The chain is written by `commit` alone.
        if sql.module == super::store::STATEMENTS[0].module && !reads_only(sql) {
            return Err(KernelError::Internal(format!(
                "{} writes the audit chain past its owner",
                sql.name
            )));
        }
        match sql.scope {
            Scope::Unit => {
                let mut p = Vec::with_capacity(rest.len() + 1);
                p.push(Value::from(self.unit));
                p.extend(rest);
                Ok(p)
            }
            Scope::Ref => Ok(rest),
            Scope::Cross => Err(KernelError::Internal(format!(
                "{} reads across units inside a transaction",
                sql.name
            ))),
        }
    }

    /// Reads rows, or changes rows with `RETURNING`; statements on business
    /// tables get the unit as `$1`.
    pub async fn query(&mut self, sql: Sql, rest: Vec<Value>) -> Result<Vec<Row>> {
        let p = self.bind(sql, rest)?;
        let rows = self.tx.query(sql, p).await?;
        self.changed |= !rows.is_empty() && !reads_only(sql);
        Ok(rows)
    }

    /// Reads at most one row.
    pub async fn query_opt(&mut self, sql: Sql, rest: Vec<Value>) -> Result<Option<Row>> {
        Ok(self.query(sql, rest).await?.into_iter().next())
    }

    /// Changes rows; returns how many.
    pub async fn exec(&mut self, sql: Sql, rest: Vec<Value>) -> Result<u64> {
        let p = self.bind(sql, rest)?;
        let n = self.tx.exec(sql, p).await?;
        self.changed |= n > 0;
        Ok(n)
    }

    /// Changes rows with one statement for many rows of parameters; returns how many in all.
    pub async fn exec_many(&mut self, sql: Sql, mut rows: Vec<Vec<Value>>) -> Result<u64> {
        self.bind(sql, vec![])?;
        if sql.scope == Scope::Unit {
            for row in &mut rows {
                row.insert(0, Value::from(self.unit));
            }
        }
        let n = self.tx.exec_many(sql, rows).await?;
        self.changed |= n > 0;
        Ok(n)
    }

    /// Runs several statements in their order with one way to the database and back; none
    /// may depend on what an earlier one of them gives.
    pub async fn steps(&mut self, steps: Vec<Step>) -> Result<Vec<Ran>> {
        let steps = self.bound(steps)?;
        let reads: Vec<bool> = steps.iter().map(|s| reads_only(s.sql)).collect();
        let ran = self.tx.steps(steps).await?;
        self.note(&ran, &reads);
        Ok(ran)
    }

    /// [`UnitTx::steps`], and the numbers of `events` events with the same way there and
    /// back. The commit must then have that many.
    pub async fn steps_before(&mut self, steps: Vec<Step>, events: usize) -> Result<Vec<Ran>> {
        if self.reserved.is_some() {
            return Err(KernelError::Internal("numbers taken twice".to_owned()));
        }
        let mut steps = self.bound(steps)?;
        let reads: Vec<bool> = steps.iter().map(|s| reads_only(s.sql)).collect();
        let (count, stream) = (events as i64, i64::from(stream_of(self.ctx.request_id)));
        steps.push(Step::once(
            EVENT_HEAD_TAKE,
            params![self.unit, stream, count],
        ));
        let mut ran = self.tx.steps(steps).await?;
        let head = ran.pop();
        self.note(&ran, &reads);
        let row = head.as_ref().and_then(|ran| ran.rows.first()?.first());
        if let Some(row) = row {
            let last = head_of(row, count)?;
            self.reserved = Some(Reserved { count, last });
        }
        Ok(ran)
    }

    fn bound(&self, mut steps: Vec<Step>) -> Result<Vec<Step>> {
        for step in &mut steps {
            self.bind(step.sql, vec![])?;
            if step.sql.scope == Scope::Unit {
                for row in &mut step.rows {
                    row.insert(0, Value::from(self.unit));
                }
            }
        }
        Ok(steps)
    }

    fn note(&mut self, ran: &[Ran], reads: &[bool]) {
        let wrote = |(r, only_reads): (&Ran, &bool)| {
            r.changed > 0 || (!only_reads && r.rows.iter().any(|rows| !rows.is_empty()))
        };
        self.changed |= ran.iter().zip(reads).any(wrote);
    }

    /// Loads many rows; the first column must be `unit_id` and is filled in here.
    pub async fn bulk(
        &mut self,
        table: &'static str,
        cols: &'static [&'static str],
        mut rows: Vec<Vec<Value>>,
    ) -> Result<u64> {
        if ["event", "event_head", "audit_root"].contains(&table) {
            return Err(KernelError::Internal(format!(
                "{table} is the audit chain's own"
            )));
        }
        if cols.first() != Some(&"unit_id") {
            return Err(KernelError::Internal(format!(
                "bulk load of {table} must start with unit_id"
            )));
        }
        for row in &mut rows {
            row.insert(0, Value::from(self.unit));
        }
        let n = self.tx.bulk(table, cols, rows).await?;
        self.changed |= n > 0;
        Ok(n)
    }

    /// Tells what is done; at least one per transaction that changes rows.
    pub fn record(
        &mut self,
        action: &'static str,
        target_kind: &'static str,
        target_id: impl ToString,
        detail: Json,
    ) {
        self.events.push(NewEvent {
            action,
            target_kind,
            target_id: target_id.to_string(),
            detail,
        });
    }

    /// Writes the events and commits.
    pub async fn commit(self) -> Result<()> {
        self.commit_with(vec![]).await
    }

    /// Runs the last statements, writes the events and commits, with one way there and back.
    pub async fn commit_with(mut self, last: Vec<Step>) -> Result<()> {
        let changes = |s: &Step| !s.rows.is_empty() && !reads_only(s.sql);
        if (self.changed || last.iter().any(changes)) && self.events.is_empty() {
            return Err(KernelError::Internal(
                "a change without an event is not committed".to_owned(),
            ));
        }
        if self.events.is_empty() {
            if self.reserved.is_some() {
                return Err(KernelError::Internal("numbers without events".to_owned()));
            }
            // Statements that only read are of no use now.
            return Ok(self.tx.commit().await?);
        }
        let (stream, events) = (stream_of(self.ctx.request_id), self.events.len());
        let unit = self.unit;
        let mut steps = self.bound(last)?;
        steps.extend(self.event_steps(stream).await?);
        let done = self.tx.steps_and_commit(steps).await;
        done.map(drop).map_err(|e| taken(e, unit, stream, events))
    }

    /// What appends the events to the chain, its head taken.
    async fn event_steps(&mut self, stream: u8) -> Result<Vec<Step>> {
        let count = self.events.len() as i64;
        let (mut seq, mut hash) = match self.reserved.take() {
            Some(taken) if taken.count == count => taken.last,
            Some(_) => return Err(KernelError::Internal("events without numbers".to_owned())),
            None => self.take_numbers(stream, count).await?,
        };
        let mut rows = Vec::with_capacity(self.events.len());
        for e in std::mem::take(&mut self.events) {
            seq += 1;
            let id = self.app.new_id();
            let detail = canonical_json(&e.detail);
            let who = &self.ctx.actor;
            let actor = super::verify::actor_text(&who.user_id.to_string(), &who.name);
            let entry = ChainEntry {
                unit: self.unit.uuid(),
                stream,
                seq,
                id,
                at: self.ctx.now.0,
                actor: &actor,
                action: e.action,
                target_kind: e.target_kind,
                target_id: &e.target_id,
                detail: &detail,
            };
            hash = self.app.vault.chain_hash(&hash, &entry);
            rows.push(params![
                self.unit,
                i64::from(stream),
                seq,
                id,
                self.ctx.now,
                self.ctx.actor.user_id,
                self.ctx.actor.name.as_str(),
                e.action,
                e.target_kind,
                e.target_id.as_str(),
                detail.as_str(),
                hash.as_slice()
            ]);
        }
        let mac = self
            .app
            .vault
            .head_mac(self.unit.uuid(), stream, seq, &hash);
        let p = params![
            self.unit,
            i64::from(stream),
            hash.as_slice(),
            mac.as_slice()
        ];
        let sql = EVENT_APPEND;
        Ok(vec![Step { sql, rows }, Step::once(EVENT_HEAD_SET, p)])
    }

    /// Reserves `count` numbers of a stream; returns the number before the
    /// first and the hash of the event that has it.
    async fn take_numbers(&mut self, stream: u8, count: i64) -> Result<(i64, [u8; 32])> {
        let take = |unit: UnitId| params![unit, i64::from(stream), count];
        let mut rows = self
            .tx
            .exec_returning(EVENT_HEAD_TAKE, take(self.unit))
            .await?;
        if rows.is_empty() {
            let start = [0u8; 32];
            let mac = self.app.vault.head_mac(self.unit.uuid(), stream, 0, &start);
            let p = params![
                self.unit,
                i64::from(stream),
                start.as_slice(),
                mac.as_slice()
            ];
            self.tx.exec(EVENT_HEAD_START, p).await?;
            rows = self
                .tx
                .exec_returning(EVENT_HEAD_TAKE, take(self.unit))
                .await?;
        }
        let row = rows
            .first()
            .ok_or_else(|| KernelError::Internal("audit stream has no head".to_owned()))?;
        head_of(row, count)
    }
}

/// The number before the first of `count` that a head gave out, and its hash.
fn head_of(row: &Row, count: i64) -> Result<(i64, [u8; 32])> {
    let last: i64 = row.get(0)?;
    let hash: Vec<u8> = row.get(1)?;
    let hash = hash
        .try_into()
        .map_err(|_| KernelError::Internal("audit head has a bad hash".to_owned()))?;
    Ok((last - count, hash))
}

/// The head hands every number out once, under its lock: a number that is
/// taken means that the head is gone or was set back.
fn taken(e: StoreError, unit: UnitId, stream: u8, events: usize) -> KernelError {
    let of_chain = |constraint: &str| constraint.starts_with("event(");
    if !matches!(&e, StoreError::Conflict { constraint } if of_chain(constraint)) {
        return e.into();
    }
    tracing::error!(%unit, stream, events, "the audit chain is damaged: an event is there already");
    KernelError::refused(ErrorCode::AUDIT_DAMAGED)
}

fn reads_only(sql: Sql) -> bool {
    let text = sql.text.trim_start();
    text.starts_with("SELECT") || text.starts_with("WITH")
}

/// Code of a transaction that goes to the database whole.
pub type Work<'t, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 't>>;

/// Runs a transaction on the unit of a scope where its statements cost least
/// (`zf_store::Db::transact`): for work that many wait for, that does nothing
/// but statements and arithmetic, and that commits by itself.
///
/// # Errors
/// Those of `work`; the database could not keep what was committed.
pub async fn transact<T, F>(app: &App, ctx: &Ctx, scope: &crate::UnitScope, work: F) -> Result<T>
where
    T: Send + 'static,
    F: for<'t> FnOnce(UnitTx<'t>) -> Work<'t, T> + Send + 'static,
{
    let (own, ctx, unit) = (app.clone(), ctx.clone(), scope.unit_id());
    let code = move |tx: Tx| -> Work<'static, T> {
        Box::pin(async move { work(UnitTx::over(&own, &ctx, unit, tx)).await })
    };
    app.db.transact(code).await?
}

/// Runs a whole unit of work again while the database says that another try
/// may succeed (busy, deadlock, serialisation), with growing pauses of random
/// length. `work` must begin its own transaction and read what it decides on
/// inside, so that every try sees the present state.
pub async fn again<T, F, Fut>(app: &App, mut work: F) -> Result<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T>>,
{
    let mut pause = RETRY_PAUSE_MS;
    for _ in 1..RETRIES {
        match work().await {
            Err(KernelError::Store(e)) if e.is_transient() => {}
            other => return other,
        }
        let mut byte = [0u8; 1];
        app.random(&mut byte)?;
        // Between half and all of the pause: two that met do not meet again.
        let wait = pause / 2 + pause * u64::from(byte[0]) / 510;
        tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
        pause *= 2;
    }
    work().await
}

/// Tries of one unit of work; with the pauses below half a second in all.
const RETRIES: u32 = 6;
const RETRY_PAUSE_MS: u64 = 15;

/// The stream a request writes to.
pub fn stream_of(request_id: Uuid) -> u8 {
    request_id.as_bytes()[15] % STREAMS
}
