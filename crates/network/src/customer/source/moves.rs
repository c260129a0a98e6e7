//! Sources on their way to another branch or record: when a customer moves, the
//! source of the record and those of single fields go along with basis and last
//! day; when two records become one, each field that was taken keeps the source
//! it had. Read from the branch that was left, written in the branch entered;
//! who moves and when is known to the callers.

use super::{FIELD_SOURCE_DROP, FIELD_SOURCE_PUT, SOURCE_ADD};
use zf_base::{BasisId, CustomerId, Day, ImportId, SourceId, Timestamp, UnitId, UserId};
use zf_kernel::error::Result;
use zf_kernel::{App, UnitTx};
use zf_store::{Row, params, statements};

statements! {
    /// One source.
    SOURCE_ROW: unit = "SELECT id, channel, law, purpose, expires_day, basis_id, import_id, made_at, made_by FROM source WHERE unit_id = $1 AND id = $2";
    /// Fields of a customer that came from elsewhere, with their sources; also when the customer has left.
    FIELD_SOURCE_ROWS: unit = "SELECT s.id, s.channel, s.law, s.purpose, s.expires_day, s.basis_id, s.import_id, s.made_at, s.made_by, f.field, f.at FROM field_source f JOIN source s ON s.unit_id = f.unit_id AND s.id = f.source_id WHERE f.unit_id = $1 AND f.customer_id = $2 ORDER BY f.field";
    /// Where one field came from.
    FIELD_SOURCE_OF: unit = "SELECT source_id, at FROM field_source WHERE unit_id = $1 AND customer_id = $2 AND field = $3";
}

/// A row of the table, but the branch.
#[derive(Clone, Debug)]
struct Packed {
    id: SourceId,
    texts: [String; 3],
    expires_day: Option<Day>,
    basis_id: Option<BasisId>,
    import_id: Option<ImportId>,
    made_at: Timestamp,
    made_by: UserId,
}

impl Packed {
    fn read(row: &Row) -> Result<Packed> {
        Ok(Packed {
            id: row.get(0)?,
            texts: [row.get(1)?, row.get(2)?, row.get(3)?],
            expires_day: row.get(4)?,
            basis_id: row.get(5)?,
            import_id: row.get(6)?,
            made_at: row.get(7)?,
            made_by: row.get(8)?,
        })
    }

    async fn put(&self, tx: &mut UnitTx<'_>) -> Result<()> {
        let [channel, law, purpose] = &self.texts;
        let row = params![
            self.id,
            channel.as_str(),
            law.as_str(),
            purpose.as_str(),
            self.expires_day,
            self.basis_id,
            self.import_id,
            self.made_at,
            self.made_by
        ];
        tx.exec(SOURCE_ADD, row).await?;
        Ok(())
    }
}

/// The sources of one customer.
#[derive(Clone, Debug, Default)]
pub struct SourceBag {
    record: Option<Packed>,
    fields: Vec<(String, Timestamp, Packed)>,
}

impl SourceBag {
    /// Where a field came from and when, if it is known: its own source, else
    /// the record's.
    fn of(&self, field: &str) -> Option<(&Packed, Option<Timestamp>)> {
        let own = self.fields.iter().find(|(name, _, _)| name == field);
        match own {
            Some((_, at, source)) => Some((source, Some(*at))),
            None => self.record.as_ref().map(|source| (source, None)),
        }
    }
}

/// Reads the sources of a customer who is in the branch or has left it.
/// `record` is the source of the record.
///
/// # Errors
/// Only the database.
pub async fn sources_pack(
    app: &App,
    unit: UnitId,
    customer: CustomerId,
    record: Option<SourceId>,
) -> Result<SourceBag> {
    let mut bag = SourceBag::default();
    if let Some(id) = record {
        let rows = app.read_unit(unit, SOURCE_ROW, params![id]).await?;
        bag.record = rows.first().map(Packed::read).transpose()?;
    }
    let rows = app
        .read_unit(unit, FIELD_SOURCE_ROWS, params![customer])
        .await?;
    for row in &rows {
        bag.fields
            .push((row.get(9)?, row.get(10)?, Packed::read(row)?));
    }
    Ok(bag)
}

/// Writes them in the branch entered; a second time changes nothing.
///
/// # Errors
/// Only the database.
pub async fn sources_unpack(
    tx: &mut UnitTx<'_>,
    customer: CustomerId,
    bag: &SourceBag,
) -> Result<()> {
    if let Some(record) = &bag.record {
        record.put(tx).await?;
    }
    for (field, at, source) in &bag.fields {
        source.put(tx).await?;
        let row = params![customer, field.as_str(), source.id, *at];
        tx.exec(FIELD_SOURCE_PUT, row).await?;
    }
    Ok(())
}

/// Where a field came from before another record's value was taken; none = as
/// the record.
pub type FieldBefore = Option<(SourceId, Timestamp)>;

/// A field of `customer` has been taken from another record, whose sources are
/// in `bag`; returns what held before. `own` is the source of the customer's
/// own record.
///
/// # Errors
/// Only the database.
pub async fn field_take(
    tx: &mut UnitTx<'_>,
    customer: CustomerId,
    own: Option<SourceId>,
    field: &str,
    bag: &SourceBag,
    now: Timestamp,
) -> Result<FieldBefore> {
    let row = tx
        .query_opt(FIELD_SOURCE_OF, params![customer, field])
        .await?;
    let before = match row {
        Some(row) => Some((row.get(0)?, row.get(1)?)),
        None => None,
    };
    match bag.of(field) {
        Some((source, at)) if Some(source.id) != own => {
            source.put(tx).await?;
            let row = params![customer, field, source.id, at.unwrap_or(now)];
            tx.exec(FIELD_SOURCE_PUT, row).await?;
        }
        _ => {
            tx.exec(FIELD_SOURCE_DROP, params![customer, field]).await?;
        }
    }
    Ok(before)
}

/// Puts back what [`field_take`] has told.
///
/// # Errors
/// Only the database.
pub async fn field_give_back(
    tx: &mut UnitTx<'_>,
    customer: CustomerId,
    field: &str,
    before: FieldBefore,
) -> Result<()> {
    match before {
        Some((source, at)) => {
            let row = params![customer, field, source, at];
            tx.exec(FIELD_SOURCE_PUT, row).await?;
        }
        None => {
            tx.exec(FIELD_SOURCE_DROP, params![customer, field]).await?;
        }
    }
    Ok(())
}
