//! What custody keeps of a person beside their papers, when they leave a branch:
//! what the bank's own system was given of them ends there, with who and when,
//! and a list of retention they are on is done with them without a certificate.
//! The new branch begins its own: the record goes out from there anew, and is
//! due there on the day it was due here, because a move changes neither the
//! source nor the last contact. The caller moves the person, in the same
//! transactions; papers go along by themselves (`request::papers`).

use crate::export::handover::{handed_since, handover_ends, handover_resumes};
use crate::request::papers::{papers_hold, papers_release};
use crate::retention::service::{items_leave, items_return};
use zf_base::{CustomerId, Timestamp, UnitId};
use zf_kernel::error::Result;
use zf_kernel::{App, Ctx, UnitTx};

/// Ends what the branch of the transaction has about a person who leaves it for
/// another one; open requests are held. After their row is gone.
///
/// # Errors
/// Only the database.
pub async fn leaves(tx: &mut UnitTx<'_>, ctx: &Ctx, customer: CustomerId) -> Result<()> {
    papers_hold(tx, customer).await?;
    handover_ends(tx, ctx, customer).await?;
    items_leave(tx, customer).await
}

/// The person is back as if they had not left: nothing has arrived elsewhere,
/// and open requests go on.
///
/// # Errors
/// Only the database.
pub async fn stays(tx: &mut UnitTx<'_>, customer: CustomerId) -> Result<()> {
    papers_release(tx, customer).await?;
    returns(tx, customer, false).await
}

/// The person is back from another branch; the papers that come with them are
/// written by the caller. With `handed` the other branch has given them to the
/// bank's own system meanwhile, which has to be told anew.
///
/// # Errors
/// Only the database.
pub async fn returns(tx: &mut UnitTx<'_>, customer: CustomerId, handed: bool) -> Result<()> {
    if !handed {
        handover_resumes(tx, customer).await?;
    }
    items_return(tx, customer).await
}

/// Has a branch given a person to the bank's own system since a moment? To be
/// asked of the branch they come back from.
///
/// # Errors
/// Only the database.
pub async fn handed(
    app: &App,
    unit: UnitId,
    customer: CustomerId,
    since: Timestamp,
) -> Result<bool> {
    handed_since(app, unit, customer, since).await
}
