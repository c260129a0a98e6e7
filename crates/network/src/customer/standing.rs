//! Whether a customer may be visited or contacted: a refusal is a column of the
//! customer, so that everything that joins customers sees it in the same
//! moment, and a job tells the rooms above, which may not be called from here.
//! It knows the columns of the refusal; what was said, by whom and on which
//! form is the consent kept by custody.

use serde::{Deserialize, Serialize};
use zf_base::{CustomerId, Day, HouseholdId, UnitId};
use zf_kernel::error::Result;
use zf_kernel::job::NewJob;
use zf_kernel::job::service::job_enqueue_in;
use zf_kernel::{App, Ctx, UnitTx};
use zf_store::{Row, params, statements};

statements! {
    /// What a customer has refused, and in which household.
    STANDING_OF: unit = "SELECT household_id, do_not_visit, no_visit_person_only, no_visit_until, do_not_contact, no_contact_until FROM customer WHERE unit_id = $1 AND id = $2";
    /// Sets what a customer has refused.
    STANDING_SET: unit = "UPDATE customer SET do_not_visit = $3, no_visit_person_only = $4, no_visit_until = $5, do_not_contact = $6, no_contact_until = $7, rev = rev + 1, updated_at = $8, updated_by = $9 WHERE unit_id = $1 AND id = $2";
    /// Customers whose refusal ends before a day.
    STANDING_ENDED: unit = "SELECT id FROM customer WHERE unit_id = $1 AND ((do_not_visit AND no_visit_until < $2) OR (do_not_contact AND no_contact_until < $2)) ORDER BY id LIMIT $3";
}

/// Kind of the job: households whose standing changed in one branch. Handled
/// by the room above that plans visits.
pub const STANDING_CHANGED: &str = "customer.standing_changed";

/// Arguments of [`STANDING_CHANGED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingChanged {
    /// The branch.
    pub unit_id: UnitId,
    /// Households to look at again.
    pub household_ids: Vec<HouseholdId>,
}

/// Tells the rooms above, in the transaction of the change: the job exists if
/// and only if the change does. Nothing is enqueued for no household.
///
/// # Errors
/// Only the database.
pub async fn enqueue(
    tx: &mut UnitTx<'_>,
    app: &App,
    ctx: &Ctx,
    household_ids: &[HouseholdId],
) -> Result<()> {
    if household_ids.is_empty() {
        return Ok(());
    }
    let unit_id = tx.unit_id();
    let args = StandingChanged {
        unit_id,
        household_ids: household_ids.to_vec(),
    };
    let job = NewJob::new(STANDING_CHANGED, unit_id, args);
    job_enqueue_in(tx, app, ctx, &job).await?;
    Ok(())
}

/// What a customer has refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// No visits.
    pub do_not_visit: bool,
    /// Only this person, not the household.
    pub person_only: bool,
    /// No visits through this day; none = for good.
    pub no_visit_until: Option<Day>,
    /// No calls, no messages.
    pub do_not_contact: bool,
    /// No contact through this day; none = for good.
    pub no_contact_until: Option<Day>,
}

/// What one customer has refused, and their household; none when there is no
/// such customer in the branch.
///
/// # Errors
/// Only the database.
pub async fn standing_of(
    tx: &mut UnitTx<'_>,
    id: CustomerId,
) -> Result<Option<(HouseholdId, Standing)>> {
    let Some(row) = tx.query_opt(STANDING_OF, params![id]).await? else {
        return Ok(None);
    };
    Ok(Some((row.get(0)?, read(&row)?)))
}

/// What one customer has refused, outside of a transaction.
///
/// # Errors
/// Only the database.
pub async fn standing_read(app: &App, unit: UnitId, id: CustomerId) -> Result<Option<Standing>> {
    let rows = app.read_unit(unit, STANDING_OF, params![id]).await?;
    rows.first().map(read).transpose()
}

fn read(row: &Row) -> Result<Standing> {
    Ok(Standing {
        do_not_visit: row.get(1)?,
        person_only: row.get(2)?,
        no_visit_until: row.get(3)?,
        do_not_contact: row.get(4)?,
        no_contact_until: row.get(5)?,
    })
}

/// Stores what a customer has refused, in the caller's transaction. The caller
/// calls [`enqueue`] with the household when visits changed.
///
/// # Errors
/// Only the database.
pub async fn standing_set(
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    id: CustomerId,
    s: &Standing,
) -> Result<bool> {
    let row = params![
        id,
        s.do_not_visit,
        s.do_not_visit && s.person_only,
        s.no_visit_until.filter(|_| s.do_not_visit),
        s.do_not_contact,
        s.no_contact_until.filter(|_| s.do_not_contact),
        ctx.now,
        ctx.actor.user_id
    ];
    Ok(tx.exec(STANDING_SET, row).await? > 0)
}

/// A plain yes or no to visits, for the household and until said otherwise; the
/// rest of the standing stays. Tells the rooms above.
///
/// # Errors
/// Only the database.
pub async fn visits(
    tx: &mut UnitTx<'_>,
    app: &App,
    ctx: &Ctx,
    id: CustomerId,
    do_not_visit: bool,
) -> Result<()> {
    let Some((household, old)) = standing_of(tx, id).await? else {
        return Ok(());
    };
    let new = Standing {
        do_not_visit,
        person_only: false,
        no_visit_until: None,
        ..old
    };
    standing_set(tx, ctx, id, &new).await?;
    enqueue(tx, app, ctx, &[household]).await
}

/// Customers of a branch whose refusal was until a day before `today`.
///
/// # Errors
/// Only the database.
pub async fn standing_ended(
    app: &App,
    unit: UnitId,
    today: Day,
    limit: i64,
) -> Result<Vec<CustomerId>> {
    let rows = app
        .read_unit(unit, STANDING_ENDED, params![today, limit])
        .await?;
    rows.iter().map(|r| Ok(r.get(0)?)).collect()
}
