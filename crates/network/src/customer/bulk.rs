//! What an import needs of customers and households: what a branch has, and
//! the changes of a batch inside the import's own transaction. The rules of a
//! single row are in `draft`; which rows are new is decided by the import.

use super::store::*;
use std::collections::HashMap;
use zf_base::{CustomerId, HouseholdId, UnitId};
use zf_kernel::error::Result;
use zf_kernel::{App, UnitTx};
use zf_store::{Value, params};

/// Customers of a branch by number: id and digest of the row last imported.
pub(crate) type Known = HashMap<String, (CustomerId, Vec<u8>)>;

/// What the branch has, by the bank's number.
pub(crate) async fn known_customers(app: &App, unit: UnitId) -> Result<Known> {
    let rows = app.read_unit(unit, CUSTOMER_DIGESTS, params![]).await?;
    rows.iter()
        .map(|r| Ok((r.get(0)?, (r.get(1)?, r.get(2)?))))
        .collect()
}

/// Households of a branch by number.
pub(crate) async fn known_households(
    app: &App,
    unit: UnitId,
) -> Result<HashMap<String, HouseholdId>> {
    let rows = app.read_unit(unit, HOUSEHOLD_NUMBERS, params![]).await?;
    rows.iter().map(|r| Ok((r.get(0)?, r.get(1)?))).collect()
}

/// Changes one row; false when somebody else changed it since it was read.
pub(crate) async fn change(tx: &mut UnitTx<'_>, row: Vec<Value>) -> Result<bool> {
    Ok(tx.exec(CUSTOMER_CHANGE, row).await? > 0)
}
