//! Push: a batch of operations of one branch, in one transaction, answered only
//! after it is durable. What was here before gets the answer it got then; what
//! cannot be understood is kept aside whole; a fact is never refused. No clock,
//! no network: the batch brings its moment. (Reliability note §3.2, R1.)

use super::facts::{CUSTOMER_PROPOSE, Fact, GIFT_GIVE, HOUSEHOLD_PROPOSE, PIN_DOOR, TRACE_PUT};
use super::store::*;
use super::{Answer, BATCH_OPS_MAX, Op, Sender};
use crate::device::service::{seen, seen_step};
use crate::sealed;
use crate::visit::payload::{VISIT_AMEND, VISIT_KINDS, VISIT_SUBMIT};
use crate::visit::record::{self, Door, Judged, Kept, Known};
use crate::visit::together::{Ahead, submit};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use uuid::Uuid;
use zf_base::code::ErrorCode;
use zf_base::limits::FORM_BYTES_MAX;
use zf_base::{OpId, ReviewId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, UnitScope, UnitTx, again, transact};
use zf_store::{Ran, Row, Step, StoreError, params};
use zf_vault::canonical_json;

/// What operations can do.
pub const KINDS: &[&str] = &[
    VISIT_SUBMIT,
    VISIT_AMEND,
    TRACE_PUT,
    GIFT_GIVE,
    HOUSEHOLD_PROPOSE,
    CUSTOMER_PROPOSE,
    PIN_DOOR,
];
/// Kind under which something that is no operation is kept.
pub(crate) const UNREADABLE: &str = "op_unreadable";
/// Tries of a batch that another transaction overtook.
const OVERTAKEN_TRIES: usize = 4;

/// The id that a device gave to what it sent.
pub fn own_id(sent: &Json) -> Option<Uuid> {
    sent.get("op_id").and_then(Json::as_str)?.parse().ok()
}

/// Reads one operation. Something that is none becomes an operation that is
/// kept aside whole; sent again it is the same one.
pub fn read(app: &App, ctx: &Ctx, sent: &Json) -> Op {
    if let Ok(op) = Op::deserialize(sent) {
        return op;
    }
    let said = app
        .vault
        .mac("sync.unreadable", canonical_json(sent).as_bytes());
    let (name, _) = said.split_at(16);
    let of_content = Uuid::from_slice(name).unwrap_or_default();
    Op {
        op_id: OpId(own_id(sent).unwrap_or(of_content)),
        client_seq: 0,
        kind: UNREADABLE.to_owned(),
        entity_id: Uuid::nil(),
        base_rev: None,
        schema_ver: 0,
        device_time: ctx.now,
        since_contact_ms: None,
        contact_at: None,
        payload: sent.clone(),
        blobs: vec![],
    }
}

/// Takes a batch in. One answer for each operation, in order.
///
/// # Errors
/// Too many operations; the database, and then nothing of the batch is kept
/// and the device sends it again.
pub async fn push(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    sender: &Sender,
    ops: &[Op],
) -> Result<Vec<Answer>> {
    if ops.len() > BATCH_OPS_MAX {
        return Err(KernelError::refused(ErrorCode::INPUT_INVALID).with("most", BATCH_OPS_MAX));
    }
    match whole(app, ctx, scope, sender, ops, None).await {
        Err(e) if is_ours(&e) => one_by_one(app, ctx, scope, sender, ops).await,
        other => other,
    }
}

/// An operation that the program cannot digest must not hold up the others:
/// each alone, and one that still fails is kept aside.
async fn one_by_one(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    sender: &Sender,
    ops: &[Op],
) -> Result<Vec<Answer>> {
    let mut answers = Vec::with_capacity(ops.len());
    for op in ops {
        let one = std::slice::from_ref(op);
        let alone = match whole(app, ctx, scope, sender, one, None).await {
            Err(e) if is_ours(&e) => {
                tracing::error!(op = %op.op_id, kind = op.kind, "an operation is kept aside: {e}");
                whole(app, ctx, scope, sender, one, Some("undigested")).await
            }
            other => other,
        };
        answers.extend(alone?);
    }
    Ok(answers)
}

/// A fault of the program or of the data, not of the database's condition.
fn is_ours(e: &KernelError) -> bool {
    match e {
        KernelError::Store(e) => matches!(e, StoreError::Bug(_)),
        KernelError::Internal(_) | KernelError::Vault(_) => true,
        // A constraint of the database that stays broken however often it is tried.
        KernelError::Refused(r) => r.code == ErrorCode::CONFLICT,
    }
}

async fn whole(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    sender: &Sender,
    ops: &[Op],
    aside: Option<&str>,
) -> Result<Vec<Answer>> {
    // Read before the transaction: programs and forms are the county's, not the branch's.
    let known = Known::of(app, ctx, ops).await?;
    let mut whole = Whole {
        app: app.clone(),
        ctx: ctx.clone(),
        scope: scope.clone(),
        sender: sender.clone(),
        known,
        aside: aside.map(str::to_owned),
        ops: ops.to_vec(),
        ready: vec![],
    };
    // So is all that takes time: whoever writes next waits for this transaction.
    let ready = ops.iter().map(|op| whole.batch().ready(op));
    whole.ready = ready.collect::<Result<_>>()?;
    let whole = Arc::new(whole);
    for _ in 1..OVERTAKEN_TRIES {
        match again(app, || take(&whole)).await {
            // The same operation came over another connection: look again.
            Err(e) if e.code() == Some(ErrorCode::CONFLICT.code) => {}
            other => return other,
        }
    }
    again(app, || take(&whole)).await
}

/// A batch with all it needs, to go to the database as a whole.
struct Whole {
    app: App,
    ctx: Ctx,
    scope: UnitScope,
    sender: Sender,
    known: Known,
    aside: Option<String>,
    ops: Vec<Op>,
    ready: Vec<Ready>,
}

impl Whole {
    fn batch(&self) -> Batch<'_> {
        Batch {
            app: &self.app,
            ctx: &self.ctx,
            scope: &self.scope,
            sender: &self.sender,
            known: &self.known,
            aside: self.aside.as_deref(),
        }
    }
}

/// One try. The transaction of a county's evening is short, and many wait for it:
/// its code goes to where the database is.
async fn take(whole: &Arc<Whole>) -> Result<Vec<Answer>> {
    let it = whole.clone();
    let (answers, new) = transact(&whole.app, &whole.ctx, &whole.scope, move |tx| {
        Box::pin(async move { it.batch().take(tx, &it.ops, &it.ready).await })
    })
    .await?;
    if !new && let Some(news) = whole.batch().heard() {
        seen(&whole.app, news).await?;
    }
    Ok(answers)
}

/// Takes one operation over that was kept aside under `aside`, when it can be
/// understood now. Its stored answer becomes the new one.
///
/// # Errors
/// Still not understandable; decided meanwhile.
pub async fn retake(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    sender: &Sender,
    op: &Op,
    aside: Uuid,
) -> Result<Answer> {
    let known = Known::of(app, ctx, std::slice::from_ref(op)).await?;
    let batch = Batch {
        app,
        ctx,
        scope,
        sender,
        known: &known,
        aside: None,
    };
    again(app, || batch.retake(op, aside)).await
}

struct Batch<'a> {
    app: &'a App,
    ctx: &'a Ctx,
    scope: &'a UnitScope,
    sender: &'a Sender,
    known: &'a Known,
    /// Keep everything aside under this code.
    aside: Option<&'a str>,
}

/// What an operation came to, before feed numbers are known.
enum Done {
    Before(Answer),
    Kept { kept: Kept, mac: [u8; 32] },
    Aside { code: String, mac: [u8; 32] },
}

/// An operation before the transaction: its digest, and what it says when it
/// is about a visit.
struct Ready {
    mac: [u8; 32],
    visit: Option<std::result::Result<Judged, &'static str>>,
}

/// What a batch has come to so far.
struct Taken {
    done: Vec<Done>,
    /// To be run before anything else is read.
    pending: Vec<Step>,
}

impl Batch<'_> {
    fn ready(&self, op: &Op) -> Result<Ready> {
        let visit = VISIT_KINDS.contains(&op.kind.as_str());
        let judged = match visit && self.aside_at_once(op).is_none() {
            true => Some(self.judge(op)?),
            false => None,
        };
        Ok(Ready {
            mac: self.mac(op),
            visit: judged,
        })
    }

    fn judge(&self, op: &Op) -> Result<std::result::Result<Judged, &'static str>> {
        let unit = self.scope.unit_id();
        record::judge(self.app, self.ctx, unit, self.sender, self.known, op)
    }

    /// The answers, and whether there was anything new.
    async fn take(
        &self,
        mut tx: UnitTx<'_>,
        ops: &[Op],
        ready: &[Ready],
    ) -> Result<(Vec<Answer>, bool)> {
        let (ran, ahead) = self.ask_ahead(&mut tx, ops, ready).await?;
        let before: Vec<Option<&Row>> = ran.rows.iter().map(|rows| rows.first()).collect();
        let mut taken = Taken {
            done: Vec::with_capacity(ops.len()),
            pending: vec![],
        };
        while taken.done.len() < ops.len() {
            let at = taken.done.len();
            let plain = self.plain(ops, ready, &before, at);
            // Nothing is written before the first operation.
            let ahead = (at == 0).then_some(&ahead);
            if plain > 0
                && self
                    .together(&mut tx, (ops, ready), plain, &mut taken, ahead)
                    .await?
            {
                continue;
            }
            tx.steps(std::mem::take(&mut taken.pending)).await?;
            // The same operation twice in one batch: the second is a repetition.
            let twin = ops[..at].iter().position(|o| o.op_id == ops[at].op_id);
            let (op, twin) = (&ops[at], twin.map(|t| &taken.done[t]));
            let one = self.one(&mut tx, op, &ready[at], before[at], twin).await?;
            taken.done.push(one);
        }
        self.finish(tx, ops, taken).await
    }

    /// What was here before, and all that new visits will ask: one way to the database.
    async fn ask_ahead(
        &self,
        tx: &mut UnitTx<'_>,
        ops: &[Op],
        ready: &[Ready],
    ) -> Result<(Ran, Ahead)> {
        let new = ops.iter().zip(ready).filter_map(|(op, ready)| {
            let judged = ready.visit.as_ref()?.as_ref().ok()?;
            (op.kind == VISIT_SUBMIT).then(|| self.at_door(op, judged))?
        });
        let new: Vec<Door<'_>> = new.collect();
        let mut steps = Ahead::steps(&new);
        let asked = ops.iter().map(|op| params![op.op_id]).collect();
        steps.push(Step {
            sql: SYNC_OP,
            rows: asked,
        });
        let mut ran = tx.steps(steps).await?;
        let before = ran.pop().unwrap_or_default();
        Ok((before, Ahead::of(&new, ran)?))
    }

    /// How many operations from `at` on are new visits that nothing else of the
    /// batch names.
    fn plain(&self, ops: &[Op], ready: &[Ready], before: &[Option<&Row>], at: usize) -> usize {
        let is = |i: &usize| {
            let op = &ops[*i];
            let named = |o: &Op| o.op_id == op.op_id || o.entity_id == op.entity_id;
            let judged = ready[*i].visit.as_ref().is_some_and(|v| v.is_ok());
            op.kind == VISIT_SUBMIT
                && judged
                && before[*i].is_none()
                && !ops[..*i].iter().any(named)
        };
        (at..ops.len()).take_while(is).count()
    }

    /// Takes new visits in together as far as that goes; false when not even the
    /// first one can go this way.
    async fn together(
        &self,
        tx: &mut UnitTx<'_>,
        (ops, ready): (&[Op], &[Ready]),
        plain: usize,
        taken: &mut Taken,
        ahead: Option<&Ahead>,
    ) -> Result<bool> {
        let at = taken.done.len();
        let mut visits = Vec::with_capacity(plain);
        for (op, ready) in ops[at..].iter().zip(&ready[at..]).take(plain) {
            let Some(Ok(judged)) = &ready.visit else {
                break;
            };
            match self.at_door(op, judged) {
                Some(visit) => visits.push(visit),
                None => break,
            }
        }
        let first = std::mem::take(&mut taken.pending);
        let (kept, steps) = submit(tx, &visits, first, ahead).await?;
        taken.pending = steps;
        let some = !kept.is_empty();
        let macs = ready[at..].iter().map(|r| r.mac);
        let done = kept.into_iter().zip(macs);
        taken
            .done
            .extend(done.map(|(kept, mac)| Done::Kept { kept, mac }));
        Ok(some)
    }

    fn at_door<'a>(&'a self, op: &'a Op, judged: &'a Judged) -> Option<Door<'a>> {
        record::at_door(self.app, self.ctx, self.sender, self.known, op, judged)
    }

    /// Takes the numbers of the feed, counts the days anew, stores what was said and
    /// commits. The answers, and whether there was anything new.
    async fn finish(
        &self,
        mut tx: UnitTx<'_>,
        ops: &[Op],
        taken: Taken,
    ) -> Result<(Vec<Answer>, bool)> {
        let Taken { done, pending } = taken;
        let days = done.iter().filter_map(|d| match d {
            Done::Kept { kept, .. } => Some(kept.days.iter().copied()),
            _ => None,
        });
        let days = days.flatten().collect();
        let kept = |d: &&Done| matches!(d, Done::Kept { .. });
        let count = done.iter().filter(kept).count() as i64;
        let new = done.iter().any(|d| !matches!(d, Done::Before(_)));
        let mut steps = pending;
        // The head of the feed is held from here to the commit: who counts after it sees
        // all that others of the branch have committed.
        if count > 0 {
            steps.push(Step::once(FEED_TAKE, params![count]));
        }
        steps.push(record::count_step(&days));
        let ran = match new {
            true => tx.steps_before(steps, 1).await?,
            false => tx.steps(steps).await?,
        };
        let mut last = ran.into_iter().rev();
        let mut counted = last.next();
        let head = last.next().filter(|_| count > 0);
        let head = head.and_then(|ran| ran.rows.into_iter().next()?.into_iter().next());
        let mut first = 0;
        if let Some(row) = head {
            first = row.get::<i64>(0)? - count;
        } else if count > 0 {
            // The branch's first: the head was not there to be held.
            first = take_numbers(&mut tx, count).await?;
            counted = tx.steps(vec![record::count_step(&days)]).await?.pop();
        }
        let mut steps = record::tally_steps(self.ctx, &days, counted.as_ref())?;
        let answers = self.answers(first, ops, &done, &mut steps)?;
        if !new {
            tx.commit().await?;
            return Ok((answers, false));
        }
        self.tell(&mut tx, ops, &answers);
        steps.extend(self.heard().map(seen_step));
        tx.commit_with(steps).await?;
        Ok((answers, true))
    }

    async fn retake(&self, op: &Op, aside: Uuid) -> Result<Answer> {
        let still = || KernelError::refused(ErrorCode::QUARANTINE_STILL);
        if self.aside_at_once(op).is_some() {
            return Err(still());
        }
        let mut tx = UnitTx::begin(self.app, self.ctx, self.scope).await?;
        let who = &self.ctx.actor;
        let p = params![
            aside,
            "taken",
            self.ctx.now,
            who.user_id,
            who.name.as_str(),
            None::<String>
        ];
        if tx.exec(QUARANTINE_DECIDE, p).await? == 0 {
            return Err(KernelError::refused(ErrorCode::CONFLICT));
        }
        // Not in force after all: the transaction goes with everything in it.
        let ready = self.ready(op)?;
        let kept = self.apply(&mut tx, op, &ready).await?;
        let kept = kept.map_err(|_| still())?;
        let seq = take_numbers(&mut tx, 1).await? + 1;
        record::tally(&mut tx, self.ctx, &kept.days).await?;
        let row = params![seq, kept.kind, kept.entity_id, kept.rev, self.ctx.now];
        tx.exec(FEED_ADD, row).await?;
        let mut reviews = vec![];
        let answer = self.in_force(op.op_id, &kept, seq, &mut reviews);
        tx.exec_many(REVIEW_ADD, reviews).await?;
        let text = serde_json::to_string(&answer)
            .map_err(|_| KernelError::Internal("an answer is not JSON".to_owned()))?;
        tx.exec(SYNC_OP_SAID, params![op.op_id, text]).await?;
        let detail = json!({ "kind": kept.kind, "entity": kept.entity_id });
        tx.record("quarantine.take", "quarantine", aside, detail);
        tx.commit().await?;
        Ok(answer)
    }

    /// A phone was heard of, with what it still holds.
    fn heard(&self) -> Option<Vec<zf_store::Value>> {
        if self.sender.via != "phone" && self.sender.outbox.is_none() {
            return None;
        }
        let outbox = self.sender.outbox;
        Some(params![
            self.sender.device_id,
            self.ctx.now,
            outbox.map(|o| o.count),
            outbox.and_then(|o| o.oldest)
        ])
    }

    async fn one(
        &self,
        tx: &mut UnitTx<'_>,
        op: &Op,
        ready: &Ready,
        before: Option<&Row>,
        twin: Option<&Done>,
    ) -> Result<Done> {
        let mac = ready.mac;
        if let Some(Done::Kept { mac: first, .. } | Done::Aside { mac: first, .. }) = twin {
            return match *first == mac {
                // Its answer is that of the first; filled in by `answers`.
                true => Ok(Done::Before(Answer::Retry { after_ms: 0 })),
                false => self.put_aside(tx, op, "op_changed", mac).await,
            };
        }
        if let Some(row) = before {
            let (first, answer): (Vec<u8>, String) = (row.get(0)?, row.get(1)?);
            if first == mac {
                return Ok(Done::Before(serde_json::from_str(&answer).map_err(
                    |_| KernelError::Internal("a stored answer is not readable".to_owned()),
                )?));
            }
            // Another content under a name that is taken: both are kept.
            return self.put_aside(tx, op, "op_changed", mac).await;
        }
        if let Some(code) = self.aside_at_once(op) {
            return self.put_aside(tx, op, code, mac).await;
        }
        match self.apply(tx, op, ready).await? {
            Ok(kept) => Ok(Done::Kept { kept, mac }),
            Err(code) => self.put_aside(tx, op, code, mac).await,
        }
    }

    async fn apply(
        &self,
        tx: &mut UnitTx<'_>,
        op: &Op,
        ready: &Ready,
    ) -> Result<std::result::Result<Kept, &'static str>> {
        match &ready.visit {
            Some(Ok(judged)) => {
                return match self.at_door(op, judged) {
                    Some(visit) => record::apply(tx, visit).await,
                    None => Ok(Err("program_unknown")),
                };
            }
            Some(Err(code)) => return Ok(Err(code)),
            None => {}
        }
        let fact = Fact {
            app: self.app,
            ctx: self.ctx,
            known: self.known,
            op,
        };
        fact.apply(tx).await
    }

    fn aside_at_once(&self, op: &Op) -> Option<&str> {
        if self.aside.is_some() {
            return self.aside;
        }
        if self.sender.revoked {
            return Some("device_revoked");
        }
        if op.kind == UNREADABLE {
            return Some(UNREADABLE);
        }
        if !KINDS.contains(&op.kind.as_str()) {
            return Some("kind_unknown");
        }
        (op.payload.to_string().len() > FORM_BYTES_MAX).then_some("too_large")
    }

    /// What is compared when an operation comes again: everything it says.
    fn mac(&self, op: &Op) -> [u8; 32] {
        let said = json!({
            "kind": op.kind, "entity_id": op.entity_id, "payload": op.payload, "blobs": op.blobs,
        });
        self.app
            .vault
            .mac("sync.op", canonical_json(&said).as_bytes())
    }

    async fn put_aside(
        &self,
        tx: &mut UnitTx<'_>,
        op: &Op,
        code: &str,
        mac: [u8; 32],
    ) -> Result<Done> {
        let id = self.app.new_id();
        let text = serde_json::to_vec(op)
            .map_err(|_| KernelError::Internal("an operation is not JSON".to_owned()))?;
        let sealed = sealed::QUARANTINE.seal(self.app, tx.unit_id(), id, &text);
        let row = params![
            id,
            op.op_id,
            self.sender.device_id,
            code,
            sealed,
            mac.to_vec(),
            self.ctx.now
        ];
        tx.exec(QUARANTINE_ADD, row).await?;
        Ok(Done::Aside {
            code: code.to_owned(),
            mac,
        })
    }

    /// Gives feed numbers after `seq` to what is in force, and what stores every
    /// answer.
    fn answers(
        &self,
        mut seq: i64,
        ops: &[Op],
        done: &[Done],
        steps: &mut Vec<Step>,
    ) -> Result<Vec<Answer>> {
        let mut answers: Vec<Answer> = Vec::with_capacity(ops.len());
        let (mut feed, mut stored, mut reviews) = (vec![], vec![], vec![]);
        for (i, (op, d)) in ops.iter().zip(done).enumerate() {
            let answer = match d {
                Done::Before(_) if ops[..i].iter().any(|o| o.op_id == op.op_id) => {
                    let twin = ops.iter().position(|o| o.op_id == op.op_id).unwrap_or(i);
                    duplicate(answers[twin].clone())
                }
                Done::Before(first) => duplicate(first.clone()),
                Done::Aside { code, .. } => Answer::Quarantined { code: code.clone() },
                Done::Kept { kept, .. } => {
                    seq += 1;
                    feed.push(params![
                        seq,
                        kept.kind,
                        kept.entity_id,
                        kept.rev,
                        self.ctx.now
                    ]);
                    self.in_force(op.op_id, kept, seq, &mut reviews)
                }
            };
            // What is kept aside under a taken name leaves the first one's row alone.
            if let Done::Kept { mac, .. } | Done::Aside { mac, .. } = d
                && !matches!(&answer, Answer::Quarantined { code } if code == "op_changed")
            {
                stored.push(self.stored(op, mac, &answer)?);
            }
            answers.push(answer);
        }
        for (sql, rows) in [
            (REVIEW_ADD, reviews),
            (FEED_ADD, feed),
            (SYNC_OP_ADD, stored),
        ] {
            steps.push(Step { sql, rows });
        }
        Ok(answers)
    }

    fn in_force(
        &self,
        op: OpId,
        kept: &Kept,
        seq: i64,
        reviews: &mut Vec<Vec<zf_store::Value>>,
    ) -> Answer {
        let rev = kept.rev;
        if kept.reasons.is_empty() {
            return Answer::Applied { rev, seq };
        }
        let review_id = ReviewId(self.app.new_id());
        let reasons = kept.reasons.join(" ");
        reviews.push(params![
            review_id,
            op,
            kept.entity_id,
            reasons,
            self.ctx.now,
            kept.kind
        ]);
        Answer::Review {
            review_id,
            rev,
            seq,
        }
    }

    fn stored(&self, op: &Op, mac: &[u8; 32], answer: &Answer) -> Result<Vec<zf_store::Value>> {
        let answer = serde_json::to_string(answer)
            .map_err(|_| KernelError::Internal("an answer is not JSON".to_owned()))?;
        Ok(params![
            op.op_id,
            self.sender.device_id,
            op.client_seq,
            op.kind.as_str(),
            op.entity_id,
            mac.to_vec(),
            answer,
            self.ctx.now
        ])
    }

    /// One event for the batch: codes and counts.
    fn tell(&self, tx: &mut UnitTx<'_>, ops: &[Op], answers: &[Answer]) {
        let mut counts = std::collections::BTreeMap::<&str, usize>::new();
        for a in answers {
            *counts.entry(a.name()).or_default() += 1;
        }
        let visits: Vec<_> = ops
            .iter()
            .zip(answers)
            .filter(|(_, a)| matches!(a, Answer::Applied { .. } | Answer::Review { .. }))
            .filter(|(op, _)| VISIT_KINDS.contains(&op.kind.as_str()))
            .map(|(op, _)| op.entity_id)
            .collect();
        let detail = json!({ "via": self.sender.via, "answers": counts, "visits": visits });
        tx.record("sync.push", "device", self.sender.device_id, detail);
    }
}

fn duplicate(first: Answer) -> Answer {
    match first {
        again @ Answer::Duplicate { .. } => again,
        first => Answer::Duplicate {
            first: Box::new(first),
        },
    }
}

/// The number before the first of `count` new ones; the head of the feed is
/// held from here to the commit.
///
/// # Errors
/// Only the database.
pub async fn take_numbers(tx: &mut UnitTx<'_>, count: i64) -> Result<i64> {
    if count == 0 {
        return Ok(0);
    }
    let mut rows = tx.query(FEED_TAKE, params![count]).await?;
    if rows.is_empty() {
        tx.exec(FEED_START, params![]).await?;
        rows = tx.query(FEED_TAKE, params![count]).await?;
    }
    let row = rows
        .first()
        .ok_or_else(|| KernelError::Internal("a branch has no feed".to_owned()))?;
    let last: i64 = row.get(0)?;
    Ok(last - count)
}
