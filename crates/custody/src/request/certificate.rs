//! Certificates of erasure: a number, counts, who asked, who agreed, and the
//! event of the audit chain that proves it. They hold nothing about a person
//! and are never changed.

use super::erase::Erased;
use super::store::*;
use serde_json::json;
use zf_base::code::ErrorCode;
use zf_base::{RequestId, Timestamp, UnitId, Uuid};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, UnitTx};
use zf_store::params;

/// One certificate.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// Id.
    pub id: Uuid,
    /// Printed number.
    pub number: String,
    /// The request it answers, if any.
    pub request_id: Option<RequestId>,
    /// The batch of retention it is about, if any.
    pub batch_id: Option<Uuid>,
    /// How many customers.
    pub customers: i64,
    /// Counts.
    pub erased: Erased,
    /// Who asked, or the rule.
    pub asked_by_name: String,
    /// Who agreed.
    pub approved_by_name: String,
    /// When.
    pub made_at: Timestamp,
    /// Chain, number and hash of the event; none when it is not there.
    pub event: Option<(i64, i64, String)>,
}

/// What a certificate is about.
pub(crate) struct About<'a> {
    /// A request, or …
    pub request: Option<RequestId>,
    /// … a batch.
    pub batch: Option<Uuid>,
    /// Who asked, or the rule.
    pub asked_by: &'a str,
    /// Who agreed.
    pub approved_by: &'a str,
}

/// Writes a certificate and its event; returns its id.
pub(crate) async fn certify(
    tx: &mut UnitTx<'_>,
    app: &App,
    ctx: &Ctx,
    about: &About<'_>,
    erased: &Erased,
) -> Result<Uuid> {
    let id = app.new_id();
    let simple = id.simple().to_string();
    let day = ctx.today().to_string().replace('-', "");
    let number = format!("E{day}-{}", simple[simple.len() - 8..].to_uppercase());
    let row = params![
        id,
        number.as_str(),
        about.request,
        about.batch,
        erased.customers,
        json!(erased).to_string(),
        about.asked_by,
        about.approved_by,
        ctx.now
    ];
    tx.exec(CERTIFICATE_ADD, row).await?;
    tx.record(
        "customer.erase",
        "certificate",
        id,
        json!({ "number": number, "erased": erased }),
    );
    Ok(id)
}

/// One certificate of a unit.
///
/// # Errors
/// `not_found`; the database.
pub async fn certificate(app: &App, unit: UnitId, id: Uuid) -> Result<Certificate> {
    let rows = app.read_unit(unit, CERTIFICATE_BY_ID, params![id]).await?;
    let row = rows
        .first()
        .ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))?;
    let erased: String = row.get(5)?;
    let events = app
        .read_unit(unit, CERTIFICATE_EVENT, params![id.to_string()])
        .await?;
    let event = match events.first() {
        None => None,
        Some(e) => {
            let hash: Vec<u8> = e.get(2)?;
            let hash = hash.iter().map(|b| format!("{b:02x}")).collect();
            Some((e.get(0)?, e.get(1)?, hash))
        }
    };
    Ok(Certificate {
        id: row.get(0)?,
        number: row.get(1)?,
        request_id: row.get(2)?,
        batch_id: row.get(3)?,
        customers: row.get(4)?,
        erased: serde_json::from_str(&erased).unwrap_or_default(),
        asked_by_name: row.get(6)?,
        approved_by_name: row.get(7)?,
        made_at: row.get(8)?,
        event,
    })
}

/// Id and number of the certificate of a request.
///
/// # Errors
/// Only the database.
pub async fn of_request(app: &App, unit: UnitId, id: RequestId) -> Result<Option<(Uuid, String)>> {
    let rows = app
        .read_unit(unit, CERTIFICATE_OF_REQUEST, params![id])
        .await?;
    rows.first().map(|r| Ok((r.get(0)?, r.get(1)?))).transpose()
}

/// Id and number of the certificate of a batch.
///
/// # Errors
/// Only the database.
pub async fn of_batch(app: &App, unit: UnitId, id: Uuid) -> Result<Option<(Uuid, String)>> {
    let rows = app
        .read_unit(unit, CERTIFICATE_OF_BATCH, params![id])
        .await?;
    rows.first().map(|r| Ok((r.get(0)?, r.get(1)?))).transpose()
}
