//! What an import needs of customers and households: what a branch has, many
//! rows at once, and the changes of a batch inside the import's own
//! transaction. The rules of a single row are in `draft`; which rows are new is
//! decided by the import.

use super::store::*;
use std::collections::HashMap;
use zf_base::{CustomerId, HouseholdId, UnitId};
use zf_kernel::error::Result;
use zf_kernel::{App, UnitTx};
use zf_store::{Row, Value, params, statements};

statements! {
    /// Customers by id, 64 at once.
    CUSTOMER_BY_IDS: unit = "SELECT c.unit_id, c.id, c.customer_no, c.household_id, h.household_no, c.village_group_id, c.name_sealed, c.phone_sealed, c.phone_state, c.id_number_sealed, c.id_number_state, c.address_sealed, c.notes_sealed, c.sex, c.birth_year, c.occupation, c.balance_band, c.deposit_due_day, c.insurance_due_day, c.products, c.tags, c.four_fields, c.do_not_visit, c.lat, c.lon, c.datum, c.source_channel, c.rev, c.created_at, c.updated_at FROM customer c JOIN household h ON h.unit_id = c.unit_id AND h.id = c.household_id WHERE c.unit_id = $1 AND c.id IN ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51, $52, $53, $54, $55, $56, $57, $58, $59, $60, $61, $62, $63, $64, $65)";
}

/// Ids that [`CUSTOMER_BY_IDS`] takes; fewer are filled up with the last one.
const CUSTOMER_BY_IDS_MAX: usize = 64;

/// Customers of a branch by number: id and digest of the row last imported
/// (zeros for a customer no import has brought).
pub(crate) type Known = HashMap<Box<str>, (CustomerId, [u8; 16])>;

/// What the branch has, by the bank's number.
pub(crate) async fn known_customers(app: &App, unit: UnitId) -> Result<Known> {
    let rows = app.read_unit(unit, CUSTOMER_DIGESTS, params![]).await?;
    rows.iter()
        .map(|r| {
            let digest: Vec<u8> = r.get(2)?;
            let no: String = r.get(0)?;
            Ok((
                no.into(),
                (r.get(1)?, digest.try_into().unwrap_or_default()),
            ))
        })
        .collect()
}

/// Households of a branch by number.
pub(crate) async fn known_households(
    app: &App,
    unit: UnitId,
) -> Result<HashMap<Box<str>, HouseholdId>> {
    let rows = app.read_unit(unit, HOUSEHOLD_NUMBERS, params![]).await?;
    rows.iter()
        .map(|r| Ok((r.get::<String>(0)?.into(), r.get(1)?)))
        .collect()
}

/// Customers of a branch by id, as [`CUSTOMER_BY_IDS`] gives them; those that
/// are not there are left out.
pub(crate) async fn rows_of(
    app: &App,
    unit: UnitId,
    ids: &[CustomerId],
) -> Result<HashMap<CustomerId, Row>> {
    let mut found = HashMap::with_capacity(ids.len());
    for part in ids.chunks(CUSTOMER_BY_IDS_MAX) {
        let Some(last) = part.last() else { continue };
        let mut p: Vec<Value> = part.iter().map(|id| Value::from(*id)).collect();
        p.resize(CUSTOMER_BY_IDS_MAX, Value::from(*last));
        for row in app.read_unit(unit, CUSTOMER_BY_IDS, p).await? {
            found.insert(row.get(1)?, row);
        }
    }
    Ok(found)
}

/// Changes rows; the count is smaller when somebody else changed one of them
/// since it was read.
pub(crate) async fn change(tx: &mut UnitTx<'_>, rows: Vec<Vec<Value>>) -> Result<u64> {
    tx.exec_many(CUSTOMER_CHANGE, rows).await
}

/// Stores other tags of customers; `tags` are rows of tag and customer.
pub(crate) async fn tags_write(
    tx: &mut UnitTx<'_>,
    ids: &[CustomerId],
    tags: Vec<Vec<Value>>,
) -> Result<()> {
    let of = |id: &CustomerId| params![*id];
    let all = || ids.iter().map(of).collect();
    tx.exec_many(CUSTOMER_TAGS_CLEAR, all()).await?;
    tx.exec_many(CUSTOMER_TAGS_TICKED, all()).await?;
    tx.exec_many(CUSTOMER_TAG_ADD, tags).await?;
    Ok(())
}
