//! What a person has said, on its way to another branch: read where the person
//! was, sealed anew where they are. The rows of the old branch stay as a trace,
//! without their notes. Who moves and when is known to the callers; requests
//! travel beside (`request::papers`).

use super::store::*;
use crate::sealed::Text;
use zf_base::{ConsentId, CustomerId, Day, Timestamp, UnitId, UserId};
use zf_kernel::error::Result;
use zf_kernel::{App, UnitTx};
use zf_store::{Row, params};

/// One consent with its note in clear: never shown, logged or stored but sealed.
#[derive(Clone)]
pub(crate) struct ConsentPaper {
    pub(crate) id: ConsentId,
    kind: String,
    state: String,
    channel: String,
    person_only: bool,
    until_day: Option<Day>,
    reason: String,
    form_version: String,
    note: String,
    said_day: Day,
    made_at: Timestamp,
    made_by: UserId,
    made_by_name: String,
}

fn read(app: &App, unit: UnitId, row: &Row) -> Result<ConsentPaper> {
    let id: ConsentId = row.get(0)?;
    let sealed: Option<Vec<u8>> = row.get(9)?;
    Ok(ConsentPaper {
        id,
        kind: row.get(2)?,
        state: row.get(3)?,
        channel: row.get(4)?,
        person_only: row.get(5)?,
        until_day: row.get(6)?,
        reason: row.get(7)?,
        form_version: row.get(8)?,
        note: Text::Note.open(app, unit, id.uuid(), sealed.as_deref())?,
        said_day: row.get(10)?,
        made_at: row.get(11)?,
        made_by: row.get(12)?,
        made_by_name: row.get(13)?,
    })
}

/// Everything a person has said in a branch, also under records that were
/// merged into theirs.
pub(crate) async fn pack(
    app: &App,
    unit: UnitId,
    customer: CustomerId,
) -> Result<Vec<ConsentPaper>> {
    let rows = app
        .read_unit(unit, CONSENT_PAPERS, params![customer])
        .await?;
    rows.iter().map(|r| read(app, unit, r)).collect()
}

/// Those of some ids.
pub(crate) async fn pack_of(
    app: &App,
    unit: UnitId,
    ids: &[ConsentId],
) -> Result<Vec<ConsentPaper>> {
    let mut all = Vec::with_capacity(ids.len());
    for id in ids {
        let rows = app.read_unit(unit, CONSENT_PAPER, params![*id]).await?;
        all.extend(rows.first().map(|r| read(app, unit, r)).transpose()?);
    }
    Ok(all)
}

/// Writes them in the branch of the transaction; a second time changes nothing.
pub(crate) async fn unpack(
    tx: &mut UnitTx<'_>,
    app: &App,
    customer: CustomerId,
    papers: &[ConsentPaper],
) -> Result<()> {
    let unit = tx.unit_id();
    for p in papers {
        let row = params![
            p.id,
            customer,
            p.kind.as_str(),
            p.state.as_str(),
            p.channel.as_str(),
            p.person_only,
            p.until_day,
            p.reason.as_str(),
            p.form_version.as_str(),
            Text::Note.seal(app, unit, p.id.uuid(), &p.note),
            p.said_day,
            p.made_at,
            p.made_by,
            p.made_by_name.as_str()
        ];
        tx.exec(CONSENT_COMES, row).await?;
    }
    Ok(())
}

/// Takes the notes of a person who has gone.
pub(crate) async fn strip(tx: &mut UnitTx<'_>, customer: CustomerId) -> Result<()> {
    tx.exec(CONSENT_NOTES_FORGET, params![customer]).await?;
    Ok(())
}

/// Takes consents away that have gone back to where they came from.
pub(crate) async fn take_away(tx: &mut UnitTx<'_>, ids: &[ConsentId]) -> Result<()> {
    for id in ids {
        tx.exec(CONSENT_GOES, params![*id]).await?;
    }
    Ok(())
}
