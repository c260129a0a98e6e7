//! Erasing one customer inside the caller's transaction: the row with its
//! sealed values and tags, the sources of its fields, notes and texts around
//! it, and the place of a household that nobody is left of. What stays are
//! counts, the bank's number (so that no import brings the person back), and
//! yes or no of consents as evidence.

use super::store::*;
use crate::consent::service::notes_forget;
use crate::export::handover::handover_forget;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use utoipa::ToSchema;
use zf_base::CustomerId;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::NewJob;
use zf_kernel::job::service::job_enqueue_in;
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::unit::service::{scope_of, unit_root};
use zf_kernel::{App, Ctx, Permission, UnitTx, again};
use zf_network::customer::Customer;
use zf_network::customer::past::{
    ERASE_BEFORE, Fate, Leaving, customer_leave, past_erase, places_before,
};
use zf_network::customer::source::fields_forget;
use zf_network::customer::standing::enqueue;
use zf_store::params;

/// What went and what stays, as counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Erased {
    /// Records of customers.
    pub customers: i64,
    /// Sealed values: name, phone, ID number, address, notes.
    pub values: i64,
    /// Tags.
    pub tags: i64,
    /// Sources of single fields.
    pub field_sources: i64,
    /// Notes to consents.
    pub notes: i64,
    /// Texts and values of requests.
    pub request_texts: i64,
    /// Records that were merged into this one.
    #[serde(default)]
    pub merged: i64,
    /// Places of households that nobody is left of.
    pub places: i64,
    /// Kept as evidence: consents without their notes.
    pub consents_kept: i64,
}

impl Erased {
    /// Adds another customer's counts.
    pub fn add(&mut self, o: Erased) {
        self.customers += o.customers;
        self.values += o.values;
        self.tags += o.tags;
        self.field_sources += o.field_sources;
        self.notes += o.notes;
        self.request_texts += o.request_texts;
        self.merged += o.merged;
        self.places += o.places;
        self.consents_kept += o.consents_kept;
    }
}

/// Erases a customer; `reason` is a code (`request` or the id of a rule).
///
/// # Errors
/// `conflict` when somebody changed the customer since it was read.
pub async fn erase(
    tx: &mut UnitTx<'_>,
    app: &App,
    ctx: &Ctx,
    customer: &Customer,
    reason: &str,
) -> Result<Erased> {
    let leaving = Leaving {
        fate: Fate::Erased,
        into: None,
        reason,
        keep_snapshot: false,
    };
    customer_leave(tx, app, ctx, customer, &leaving).await?;
    let filled = [
        !customer.name.is_empty(),
        !customer.phone.is_empty(),
        !customer.id_number.is_empty(),
        !customer.address.is_empty(),
        !customer.notes.is_empty(),
    ];
    let (notes, consents_kept) = notes_forget(tx, customer.id).await?;
    let (id, household) = (customer.id, customer.household_id);
    let erased = Erased {
        customers: 1,
        values: filled.into_iter().filter(|f| *f).count() as i64,
        tags: customer.tags.len() as i64,
        field_sources: fields_forget(tx, id).await? as i64,
        notes: notes as i64,
        request_texts: tx.exec(REQUEST_TEXTS_FORGET, params![id]).await? as i64,
        merged: tx.exec(MERGED_FORGET, params![id]).await? as i64,
        places: tx.exec(HOUSEHOLD_FORGET, params![household]).await? as i64
            + tx.exec(PROPOSAL_FORGET, params![household]).await? as i64,
        consents_kept,
    };
    handover_forget(tx, id).await?;
    enqueue(tx, app, ctx, &[household]).await?;
    // One transaction touches one unit: a job goes to where the record was before.
    let root = unit_root(app).await?.map_or(tx.unit_id(), |u| u.id);
    let args = json!({ "customer_id": id, "household_id": household });
    job_enqueue_in(tx, app, ctx, &NewJob::new(ERASE_BEFORE, root, args)).await?;
    Ok(erased)
}

/// Adds the handler.
pub fn handlers(handlers: &mut Handlers) {
    handlers.add(ERASE_BEFORE, erase_before);
}

/// Goes to every branch that a record came from. May die anywhere and be run
/// again: what is gone is passed over.
async fn erase_before(run: Arc<Run>) -> Result<Json> {
    let lost = || KernelError::Internal("a job of erasing without its customer".to_owned());
    let id = run.job.args.get("customer_id").and_then(Json::as_str);
    let id: CustomerId = id.and_then(|id| id.parse().ok()).ok_or_else(lost)?;
    let (app, ctx) = (&run.app, &run.ctx);
    let mut rows = 0;
    for (unit, id) in places_before(app, id).await? {
        let scope = scope_of(app, ctx, Permission::PrivacyWrite, unit).await?;
        rows += again(app, || async {
            let mut tx = UnitTx::begin(app, ctx, &scope).await?;
            let gone = past_erase(&mut tx, id).await?
                + fields_forget(&mut tx, id).await?
                + notes_forget(&mut tx, id).await?.0
                + handover_forget(&mut tx, id).await?
                + tx.exec(REQUEST_TEXTS_FORGET, params![id]).await?;
            if gone > 0 {
                tx.record("customer.erase", "customer", id, json!({ "before": gone }));
            }
            tx.commit().await?;
            Ok(gone)
        })
        .await?;
    }
    Ok(json!({ "rows": rows }))
}
