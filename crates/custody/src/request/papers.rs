//! What goes along with a person to another branch: everything they have said
//! (`consent::papers`) and everything they have asked for, with the day by which
//! it must be answered. A request that is open is held where the person leaves,
//! so that nobody answers it on the way, and is open again where they arrive.
//! The rows of the old branch stay as a trace, without the texts. Certificates
//! stay: whoever was erased moves nowhere. The caller moves the person, in the
//! same transactions.

use super::store::*;
use crate::consent::papers::{self as said, ConsentPaper};
use crate::sealed::Text;
use serde_json::json;
use zf_base::{ConsentId, CustomerId, Day, RequestId, Timestamp, UnitId, UserId};
use zf_kernel::error::Result;
use zf_kernel::{App, Ctx, UnitScope, UnitTx, again};
use zf_store::{Row, params};

/// Requests of one transaction.
const BATCH: i64 = 100;

/// One request with its texts in clear: never shown, logged or stored but sealed.
#[derive(Clone)]
struct RequestPaper {
    id: RequestId,
    customer_id: CustomerId,
    kind: String,
    state: String,
    channel: String,
    field: String,
    texts: [String; 3],
    asked_day: Day,
    due_day: Day,
    made_at: Timestamp,
    made_by: UserId,
    made_by_name: String,
    reason: String,
    ended_at: Option<Timestamp>,
    ended_by: Option<UserId>,
    ended_by_name: String,
    rev: i64,
}

const TEXTS: [Text; 3] = [Text::Detail, Text::Old, Text::New];

fn read(app: &App, unit: UnitId, row: &Row) -> Result<RequestPaper> {
    let id: RequestId = row.get(0)?;
    let state: String = row.get(3)?;
    let mut texts = [String::new(), String::new(), String::new()];
    for (i, text) in TEXTS.into_iter().enumerate() {
        let sealed: Option<Vec<u8>> = row.get(6 + i)?;
        texts[i] = text.open(app, unit, id.uuid(), sealed.as_deref())?;
    }
    Ok(RequestPaper {
        id,
        customer_id: row.get(1)?,
        kind: row.get(2)?,
        // Held on the way, open where it arrives.
        state: match state.as_str() {
            "moved" => "open".to_owned(),
            _ => state,
        },
        channel: row.get(4)?,
        field: row.get(5)?,
        texts,
        asked_day: row.get(9)?,
        due_day: row.get(10)?,
        made_at: row.get(11)?,
        made_by: row.get(12)?,
        made_by_name: row.get(13)?,
        reason: row.get(14)?,
        ended_at: row.get(15)?,
        ended_by: row.get(16)?,
        ended_by_name: row.get(17)?,
        rev: row.get(18)?,
    })
}

async fn put(
    tx: &mut UnitTx<'_>,
    app: &App,
    customer: CustomerId,
    papers: &[RequestPaper],
) -> Result<()> {
    let unit = tx.unit_id();
    for p in papers {
        let seal = |i: usize| TEXTS[i].seal(app, unit, p.id.uuid(), &p.texts[i]);
        let row = params![
            p.id,
            customer,
            p.kind.as_str(),
            p.state.as_str(),
            p.channel.as_str(),
            p.field.as_str(),
            seal(0),
            seal(1),
            seal(2),
            p.asked_day,
            p.due_day,
            p.made_at,
            p.made_by,
            p.made_by_name.as_str(),
            p.reason.as_str(),
            p.ended_at,
            p.ended_by,
            p.ended_by_name.as_str(),
            p.rev
        ];
        tx.exec(REQUEST_COMES, row).await?;
    }
    Ok(())
}

/// What a person has said and asked for. Nothing of it is shown when debugged.
#[derive(Clone, Default)]
pub struct Papers {
    consents: Vec<ConsentPaper>,
    requests: Vec<RequestPaper>,
}

impl std::fmt::Debug for Papers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (said, asked) = (self.consents.len(), self.requests.len());
        write!(f, "Papers({said} consents, {asked} requests)")
    }
}

impl Papers {
    /// Consents and requests, for the event.
    pub fn counts(&self) -> (usize, usize) {
        (self.consents.len(), self.requests.len())
    }

    /// Their ids.
    pub fn ids(&self) -> PaperIds {
        PaperIds {
            consents: self.consents.iter().map(|c| c.id).collect(),
            requests: self.requests.iter().map(|r| r.id).collect(),
        }
    }
}

/// Ids of papers, to find the same ones in another branch.
#[derive(Clone, Debug, Default)]
pub struct PaperIds {
    consents: Vec<ConsentId>,
    requests: Vec<RequestId>,
}

/// Holds the open requests of a person who leaves, in the transaction in which
/// they leave and after their row is gone.
///
/// # Errors
/// Only the database.
pub async fn papers_hold(tx: &mut UnitTx<'_>, customer: CustomerId) -> Result<()> {
    tx.exec(REQUESTS_HOLD, params![customer]).await?;
    Ok(())
}

/// Lets them go on: the person is back and nothing has arrived elsewhere.
///
/// # Errors
/// Only the database.
pub async fn papers_release(tx: &mut UnitTx<'_>, customer: CustomerId) -> Result<()> {
    tx.exec(REQUESTS_RELEASE, params![customer]).await?;
    Ok(())
}

/// Reads everything of a person, also under records that were merged into
/// theirs; texts are opened.
///
/// # Errors
/// The database, or a text that does not open.
pub async fn papers_pack(app: &App, unit: UnitId, customer: CustomerId) -> Result<Papers> {
    let rows = app
        .read_unit(unit, REQUEST_PAPERS, params![customer])
        .await?;
    let requests: Result<Vec<_>> = rows.iter().map(|r| read(app, unit, r)).collect();
    Ok(Papers {
        consents: said::pack(app, unit, customer).await?,
        requests: requests?,
    })
}

/// Writes papers in the branch of the transaction, sealed for it, under the
/// record of `customer`; what was here before stays under the record it was
/// said under. A second time changes nothing.
///
/// # Errors
/// Only the database.
pub async fn papers_unpack(
    tx: &mut UnitTx<'_>,
    app: &App,
    customer: CustomerId,
    papers: &Papers,
) -> Result<()> {
    said::unpack(tx, app, customer, &papers.consents).await?;
    put(tx, app, customer, &papers.requests).await
}

/// Takes notes and texts out of the branch a person has left; the rows stay as
/// a trace. To be done only when the papers have arrived.
///
/// # Errors
/// Only the database.
pub async fn papers_strip(tx: &mut UnitTx<'_>, customer: CustomerId) -> Result<()> {
    said::strip(tx, customer).await?;
    tx.exec(REQUEST_TEXTS_FORGET, params![customer]).await?;
    Ok(())
}

/// Holds those of some ids that are open: they go back to where they came from,
/// while the record they are under stays.
///
/// # Errors
/// Only the database.
pub async fn papers_hold_of(tx: &mut UnitTx<'_>, ids: &PaperIds) -> Result<()> {
    for id in &ids.requests {
        tx.exec(REQUEST_HOLD, params![*id]).await?;
    }
    Ok(())
}

/// Reads those of some ids that a branch has.
///
/// # Errors
/// The database, or a text that does not open.
pub async fn papers_pack_of(app: &App, unit: UnitId, ids: &PaperIds) -> Result<Papers> {
    let mut requests = Vec::with_capacity(ids.requests.len());
    for id in &ids.requests {
        let rows = app.read_unit(unit, REQUEST_PAPER, params![*id]).await?;
        requests.extend(rows.first().map(|r| read(app, unit, r)).transpose()?);
    }
    Ok(Papers {
        consents: said::pack_of(app, unit, &ids.consents).await?,
        requests,
    })
}

/// Takes papers away that have gone back to where they came from.
///
/// # Errors
/// Only the database.
pub async fn papers_take_away(tx: &mut UnitTx<'_>, ids: &PaperIds) -> Result<()> {
    said::take_away(tx, &ids.consents).await?;
    for id in &ids.requests {
        tx.exec(REQUEST_GOES, params![*id]).await?;
    }
    Ok(())
}

/// Open requests of a branch.
///
/// # Errors
/// Only the database.
pub async fn requests_open(app: &App, unit: UnitId) -> Result<i64> {
    let rows = app.read_unit(unit, REQUESTS_OPEN, params![]).await?;
    Ok(rows.first().map(|r| r.get(0)).transpose()?.unwrap_or(0))
}

/// Brings open requests whose person is in no branch any more from a branch
/// that closes, and has no customers left, to another one where somebody can
/// end them; how many. Written there before they are stripped here, so it may
/// be stopped at any moment.
///
/// # Errors
/// The database, or a text that does not open.
pub async fn requests_rehome(
    app: &App,
    ctx: &Ctx,
    from: &UnitScope,
    to: &UnitScope,
) -> Result<i64> {
    let (unit, mut n) = (from.unit_id(), 0);
    loop {
        let rows = app.read_unit(unit, REQUESTS_LEFT, params![BATCH]).await?;
        if rows.is_empty() {
            return Ok(n);
        }
        let left: Result<Vec<_>> = rows.iter().map(|r| read(app, unit, r)).collect();
        for paper in left? {
            again(app, || rehome_put(app, ctx, to, &paper)).await?;
            again(app, || rehome_strip(app, ctx, from, &paper)).await?;
            n += 1;
        }
    }
}

async fn rehome_put(app: &App, ctx: &Ctx, to: &UnitScope, paper: &RequestPaper) -> Result<()> {
    let mut tx = UnitTx::begin(app, ctx, to).await?;
    put(&mut tx, app, paper.customer_id, std::slice::from_ref(paper)).await?;
    tx.record("request.move", "request", paper.id, json!({ "in": true }));
    tx.commit().await
}

/// Only when nobody has ended it since it was read; else it is read again.
async fn rehome_strip(app: &App, ctx: &Ctx, from: &UnitScope, paper: &RequestPaper) -> Result<()> {
    let mut tx = UnitTx::begin(app, ctx, from).await?;
    tx.exec(REQUEST_LEAVES, params![paper.id, paper.rev])
        .await?;
    tx.record("request.move", "request", paper.id, json!({ "in": false }));
    tx.commit().await
}
