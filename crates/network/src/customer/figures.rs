//! How many customers a branch has: for the overview and the tree of units,
//! which ask for all branches at every call. Counted once per branch and state
//! of its audit chain: nothing of a branch changes without an event, so as long
//! as the heads of its chains stand where they stood, the counts hold. Kept in
//! memory only; never kept longer than the rows they count.

use super::store::*;
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use zf_base::UnitId;
use zf_kernel::App;
use zf_kernel::error::Result;
use zf_kernel::event::service::event_stamps;
use zf_store::params;

/// Counts of one branch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Customers.
    pub customers: i64,
    /// With all four fields.
    pub four_fields: i64,
    /// With a door of their own.
    pub placed: i64,
    /// Households.
    pub households: i64,
}

/// Counts with the state of the branch they were taken in.
static KEPT: LazyLock<Mutex<HashMap<UnitId, (u64, Counts)>>> = LazyLock::new(Mutex::default);

/// Counts of units; a unit without customers has zeros.
///
/// # Errors
/// Only the database.
pub async fn customer_counts(app: &App, units: &[UnitId]) -> Result<HashMap<UnitId, Counts>> {
    // Read first: what changes while we count is counted again at the next call.
    let stamps = event_stamps(app).await?;
    let mut all = HashMap::with_capacity(units.len());
    for unit in units {
        // Nobody has ever written there.
        let Some(stamp) = stamps.get(unit) else {
            all.insert(*unit, Counts::default());
            continue;
        };
        let kept = KEPT
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(unit)
            .copied();
        let counts = match kept {
            Some((at, counts)) if at == *stamp => counts,
            _ => count(app, *unit).await?,
        };
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(*unit, (*stamp, counts));
        all.insert(*unit, counts);
    }
    Ok(all)
}

async fn count(app: &App, unit: UnitId) -> Result<Counts> {
    let rows = app.read_unit(unit, CUSTOMER_COUNTS, params![]).await?;
    let Some(r) = rows.first() else {
        return Ok(Counts::default());
    };
    Ok(Counts {
        customers: r.get(0)?,
        four_fields: r.get(1)?,
        placed: r.get(2)?,
        households: r.get(3)?,
    })
}

/// Customers per unit, for the tree.
///
/// # Errors
/// Only the database.
pub async fn customer_count_by_unit(app: &App) -> Result<HashMap<UnitId, i64>> {
    let units: Vec<UnitId> = event_stamps(app).await?.into_keys().collect();
    let counts = customer_counts(app, &units).await?;
    let some = counts.into_iter().filter(|(_, c)| c.customers > 0);
    Ok(some.map(|(unit, c)| (unit, c.customers)).collect())
}
