//! The end of batches of one branch in one transaction: numbers of the feed,
//! the days counted anew, what was said to each operation, one event for each
//! batch, and the commit. What the operations meant was decided before
//! (`push`, `visit::record`); nothing here refuses anything. No clock.

use super::push::Batch;
use super::store::*;
use super::{Answer, Op};
use crate::device::service::seen_step;
use crate::visit::payload::VISIT_KINDS;
use crate::visit::record::{self, Kept};
use crate::visit::together::gathered;
use serde_json::json;
use zf_base::{OpId, ReviewId};
use zf_kernel::UnitTx;
use zf_kernel::error::{KernelError, Result};
use zf_store::{Ran, Step, params};

/// What an operation came to, before feed numbers are known.
pub(super) enum Done {
    Before(Answer),
    Kept { kept: Kept, mac: [u8; 32] },
    Aside { code: String, mac: [u8; 32] },
}

/// A batch whose operations are decided.
pub(super) struct Part<'a> {
    pub(super) batch: Batch<'a>,
    pub(super) ops: &'a [Op],
    pub(super) done: Vec<Done>,
}

impl Part<'_> {
    /// Operations that are in force.
    fn kept(&self) -> i64 {
        let kept = |d: &&Done| matches!(d, Done::Kept { .. });
        self.done.iter().filter(kept).count() as i64
    }

    /// Whether anything was not here before.
    fn new(&self) -> bool {
        self.done.iter().any(|d| !matches!(d, Done::Before(_)))
    }
}

/// The answers of a batch, and whether there was anything new.
pub(super) type Said = (Vec<Answer>, bool);

/// Ends a transaction: `pending` is run first. The answers of each batch.
///
/// # Errors
/// Only the database, and then nothing of them is kept.
pub(super) async fn finish(
    mut tx: UnitTx<'_>,
    parts: &[Part<'_>],
    pending: Vec<Step>,
) -> Result<Vec<Said>> {
    let done = parts.iter().flat_map(|p| &p.done);
    let days = done.filter_map(|d| match d {
        Done::Kept { kept, .. } => Some(kept.days.iter().copied()),
        _ => None,
    });
    let days = days.flatten().collect();
    let count: i64 = parts.iter().map(Part::kept).sum();
    let events = parts.iter().filter(|p| p.new()).count();
    let mut steps = pending;
    // The head of the feed is held from here to the commit: who counts after it sees
    // all that others of the branch have committed.
    if count > 0 {
        steps.push(Step::once(FEED_TAKE, params![count]));
    }
    steps.push(record::count_step(&days));
    let ran = match events {
        0 => tx.steps(steps).await?,
        n => tx.steps_before(steps, n).await?,
    };
    let mut last = ran.into_iter().rev();
    let mut counted = last.next();
    let head = last.next().filter(|_| count > 0);
    let head = head.and_then(|ran| ran.rows.into_iter().next()?.into_iter().next());
    let mut seq = 0;
    if let Some(row) = head {
        seq = row.get::<i64>(0)? - count;
    } else if count > 0 {
        // The branch's first: the head was not there to be held.
        seq = take_numbers(&mut tx, count).await?;
        counted = tx.steps(vec![record::count_step(&days)]).await?.pop();
    }
    say(tx, parts, (seq, events), (&days, counted.as_ref())).await
}

type Days = std::collections::BTreeSet<(zf_base::ProgramId, zf_base::Day)>;

/// Stores what is said, tells of it and commits.
async fn say(
    mut tx: UnitTx<'_>,
    parts: &[Part<'_>],
    (mut seq, events): (i64, usize),
    (days, counted): (&Days, Option<&Ran>),
) -> Result<Vec<Said>> {
    let Some(first) = parts.first() else {
        return Ok(vec![]);
    };
    let mut steps = record::tally_steps(first.batch.ctx, days, counted)?;
    let mut all = Vec::with_capacity(parts.len());
    for part in parts {
        let answers = part.batch.answers(seq, part.ops, &part.done, &mut steps)?;
        seq += part.kept();
        if part.new() {
            part.batch.tell(&mut tx, part.ops, &answers);
            steps.extend(part.batch.heard().map(seen_step));
        }
        all.push((answers, part.new()));
    }
    match events {
        0 => tx.commit().await?,
        _ => tx.commit_with(gathered(steps)).await?,
    }
    Ok(all)
}

impl Batch<'_> {
    /// A phone was heard of, with what it still holds.
    pub(super) fn heard(&self) -> Option<Vec<zf_store::Value>> {
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

    pub(super) fn in_force(
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
        tx.record_of(
            self.ctx,
            "sync.push",
            "device",
            self.sender.device_id,
            detail,
        );
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
