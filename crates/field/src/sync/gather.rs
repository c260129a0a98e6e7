//! Batches of one branch that came while its last one was written go into the
//! next transaction together: they would wait for the head of the branch's feed
//! anyway, and a transaction costs PostgreSQL as much as the visits in it. Each
//! keeps its own answers and its own event. What is not simply new visits goes
//! alone, and so does everything when a transaction of several does not come
//! through. On SQLite the writer does this for all (`zf_store`). Knows what a
//! batch is, not what a visit means.

use super::Answer;
use super::finish::{Done, Part, finish};
use super::push::{Whole, alone};
use super::store::SYNC_OP;
use crate::visit::record::Door;
use crate::visit::together::{Ahead, submit};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;
use zf_base::UnitId;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{UnitTx, transact};
use zf_store::{Engine, Step, params};

/// Most operations of one transaction of several batches.
const OPS_MAX: usize = 100;

/// A batch, and who waits for its answers.
struct Waiting {
    whole: Arc<Whole>,
    answers: oneshot::Sender<Result<Vec<Answer>>>,
}

/// A database and a branch.
type Place = (usize, UnitId);

/// Those that wait for the transaction under way; a branch is here while there is one.
static WAITING: LazyLock<Mutex<HashMap<Place, Vec<Waiting>>>> = LazyLock::new(Mutex::default);

fn waiting() -> MutexGuard<'static, HashMap<Place, Vec<Waiting>>> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes a batch in, with others of its branch when some wait too.
///
/// # Errors
/// Those of the batch taken alone.
pub(super) async fn push_in(whole: Arc<Whole>) -> Result<Vec<Answer>> {
    if whole.app.db.engine() == Engine::Sqlite || !whole.only_new_visits() {
        return alone(&whole).await;
    }
    let place = (whole.app.db.place(), whole.scope.unit_id());
    let (answers, mine) = oneshot::channel();
    let waits = Waiting { whole, answers };
    let leads = match waiting().entry(place) {
        std::collections::hash_map::Entry::Occupied(mut others) => {
            others.get_mut().push(waits);
            None
        }
        std::collections::hash_map::Entry::Vacant(free) => {
            free.insert(vec![]);
            Some(waits)
        }
    };
    if let Some(first) = leads {
        // On its own: whoever asked may go away meanwhile, the others must not lose by it.
        let lead = Lead { place, over: false };
        tokio::spawn(lead.work(first));
    }
    let gone = |_| KernelError::Internal("a batch was dropped".to_owned());
    mine.await.map_err(gone)?
}

/// Who writes for a branch. Should it break off, nobody is left waiting for it.
struct Lead {
    place: Place,
    over: bool,
}

impl Drop for Lead {
    fn drop(&mut self) {
        if !self.over {
            waiting().remove(&self.place);
        }
    }
}

impl Lead {
    async fn work(mut self, first: Waiting) {
        let mut these = vec![first];
        while !these.is_empty() {
            run(these).await;
            these = self.next();
        }
    }

    /// The next ones; with none left the branch is free in the same moment.
    fn next(&mut self) -> Vec<Waiting> {
        let mut all = waiting();
        let Some(waits) = all.get_mut(&self.place) else {
            return vec![];
        };
        let mut ops = 0;
        let fits = |w: &&Waiting| {
            ops += w.whole.ops.len();
            ops <= OPS_MAX
        };
        let most = waits.iter().take_while(fits).count();
        if waits.is_empty() {
            all.remove(&self.place);
            self.over = true;
            return vec![];
        }
        waits.drain(..most.max(1)).collect()
    }
}

async fn run(these: Vec<Waiting>) {
    if these.len() > 1 {
        let wholes: Arc<Vec<Arc<Whole>>> =
            Arc::new(these.iter().map(|w| w.whole.clone()).collect());
        if let Ok(Some(said)) = together(wholes).await {
            for (waits, answers) in these.into_iter().zip(said) {
                // Who went away will send the batch again and hear the same.
                let _ = waits.answers.send(Ok(answers));
            }
            return;
        }
    }
    for waits in these {
        let said = alone(&waits.whole).await;
        let _ = waits.answers.send(said);
    }
}

/// All batches in one transaction; none when one of them is not simply new.
async fn together(wholes: Arc<Vec<Arc<Whole>>>) -> Result<Option<Vec<Vec<Answer>>>> {
    let Some(first) = wholes.first().cloned() else {
        return Ok(None);
    };
    transact(&first.app, &first.ctx, &first.scope, move |tx| {
        Box::pin(async move { take(tx, &wholes).await })
    })
    .await
}

async fn take(mut tx: UnitTx<'_>, wholes: &[Arc<Whole>]) -> Result<Option<Vec<Vec<Answer>>>> {
    let mut doors: Vec<Door<'_>> = vec![];
    for whole in wholes {
        match whole.doors() {
            Some(of) => doors.extend(of),
            None => return Ok(None),
        }
    }
    let named: BTreeSet<_> = doors.iter().map(|d| d.op.op_id).collect();
    let visits: BTreeSet<_> = doors.iter().map(|d| d.op.entity_id).collect();
    if named.len() < doors.len() || visits.len() < doors.len() {
        return Ok(None);
    }
    let mut steps = Ahead::steps(&doors);
    let rows = doors.iter().map(|d| params![d.op.op_id]).collect();
    steps.push(Step { sql: SYNC_OP, rows });
    let mut ran = tx.steps(steps).await?;
    let before = ran.pop().unwrap_or_default();
    if before.rows.iter().any(|rows| !rows.is_empty()) {
        return Ok(None);
    }
    let ahead = Ahead::of(&doors, ran)?;
    let (kept, pending) = submit(&mut tx, &doors, vec![], Some(&ahead)).await?;
    if kept.len() < doors.len() {
        return Ok(None);
    }
    let mut kept = kept.into_iter();
    let part = |whole: &'_ Arc<Whole>| -> Vec<Done> {
        let macs = whole.ready.iter().map(|r| r.mac);
        let of = macs.zip(kept.by_ref());
        of.map(|(mac, kept)| Done::Kept { kept, mac }).collect()
    };
    let done: Vec<Vec<Done>> = wholes.iter().map(part).collect();
    let parts: Vec<Part<'_>> = wholes
        .iter()
        .zip(done)
        .map(|(whole, done)| Part {
            batch: whole.batch(),
            ops: &whole.ops,
            done,
        })
        .collect();
    let said = finish(tx, &parts, pending).await?;
    Ok(Some(said.into_iter().map(|(answers, _)| answers).collect()))
}
