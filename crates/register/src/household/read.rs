//! What pages ask of households: proposals with their members, one household,
//! a list, the counters. Everything personal comes as `Masked` from the
//! network room; nothing here changes a row.

use super::preset::Preset;
use super::propose::Reason;
use super::seat::{HouseholdRow, read_household};
use super::store::*;
use std::collections::HashMap;
use zf_base::code::ErrorCode;
use zf_base::{CustomerId, HouseholdId, ProposalId, Timestamp, VillageGroupId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, UnitScope};
use zf_network::customer::Customer;
use zf_network::customer::service::customer_fetch;
use zf_store::{Row, params};

/// A proposal as shown.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Id.
    pub id: ProposalId,
    /// `open`, `accepted` or `rejected`.
    pub state: String,
    /// 0…100.
    pub score: i64,
    /// Why.
    pub reasons: Vec<Reason>,
    /// The household it became.
    pub household: Option<HouseholdId>,
    /// When it was proposed.
    pub made_at: Timestamp,
    /// When it was decided, and by whom.
    pub decided: Option<(Timestamp, String)>,
    /// Head first.
    pub members: Vec<ShownMember>,
}

/// A member of a proposal as shown.
#[derive(Clone, Debug)]
pub struct ShownMember {
    /// The customer now.
    pub customer: Customer,
    /// Proposed relation.
    pub relation: String,
    /// The household at the time of the proposal.
    pub from: HouseholdId,
    /// Stayed where they were.
    pub left_out: bool,
}

/// A page of proposals in a state, best first; `after` is the last one seen.
pub async fn proposals(
    app: &App,
    scope: &UnitScope,
    state: &str,
    after: (i64, ProposalId),
    limit: i64,
) -> Result<Vec<Shown>> {
    let page = params![state, after.0, after.1, limit];
    let rows = app.read_unit(scope.unit_id(), PROPOSAL_LIST, page).await?;
    let mut shown = Vec::with_capacity(rows.len());
    for row in &rows {
        shown.push(proposal(app, scope, row).await?);
    }
    Ok(shown)
}

async fn proposal(app: &App, scope: &UnitScope, row: &Row) -> Result<Shown> {
    let id: ProposalId = row.get(0)?;
    let rows = app
        .read_unit(scope.unit_id(), PROPOSAL_MEMBERS, params![id])
        .await?;
    let mut members = Vec::with_capacity(rows.len());
    for m in &rows {
        members.push(ShownMember {
            customer: customer_fetch(app, scope, m.get(0)?).await?,
            relation: m.get(1)?,
            from: m.get(2)?,
            left_out: m.get(3)?,
        });
    }
    let decided: (Option<Timestamp>, Option<String>) = (row.get(7)?, row.get(8)?);
    Ok(Shown {
        id,
        state: row.get(1)?,
        score: row.get(2)?,
        reasons: serde_json::from_str(&row.get::<String>(3)?).unwrap_or_default(),
        household: row.get(5)?,
        made_at: row.get(6)?,
        decided: decided.0.zip(decided.1),
        members,
    })
}

/// Households, person records and proposals of a branch, each counted on its
/// own (ERR-006).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Households with members.
    pub households: i64,
    /// Households without.
    pub empty: i64,
    /// Households with exactly one member: people without a household known.
    pub alone: i64,
    /// Person records.
    pub records: i64,
    /// Of these with all four fields: valid ones.
    pub valid: i64,
    /// Households that accepted proposals have emptied.
    pub joined_households: i64,
    /// People accepted proposals have brought to others.
    pub joined_people: i64,
    /// Proposals nobody has decided.
    pub open: i64,
    /// Accepted.
    pub accepted: i64,
    /// Rejected.
    pub rejected: i64,
}

/// The counters of a branch.
pub async fn counts(app: &App, scope: &UnitScope) -> Result<Counts> {
    let unit = scope.unit_id();
    let pair = async |sql| -> Result<(i64, i64)> {
        let rows = app.read_unit(unit, sql, params![]).await?;
        let row = rows
            .first()
            .map(|r| Ok::<_, KernelError>((r.get(0)?, r.get(1)?)));
        Ok(row.transpose()?.unwrap_or_default())
    };
    let single = async |sql| -> Result<i64> {
        let rows = app.read_unit(unit, sql, params![]).await?;
        Ok(rows.first().map(|r| r.get(0)).transpose()?.unwrap_or(0))
    };
    let (households, alone) = pair(HOUSEHOLD_SIZES).await?;
    let (records, valid) = pair(RECORD_COUNT).await?;
    let mut states: HashMap<String, i64> = HashMap::new();
    for row in app.read_unit(unit, PROPOSAL_COUNTS, params![]).await? {
        states.insert(row.get(0)?, row.get(1)?);
    }
    let of = |state: &str| states.get(state).copied().unwrap_or(0);
    Ok(Counts {
        households,
        empty: single(HOUSEHOLD_COUNT).await? - households,
        alone,
        records,
        valid,
        joined_households: single(HOUSEHOLDS_JOINED).await?,
        joined_people: single(PEOPLE_JOINED).await?,
        open: of("open"),
        accepted: of("accepted"),
        rejected: of("rejected"),
    })
}

/// A household in a list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Id.
    pub id: HouseholdId,
    /// Number.
    pub no: String,
    /// 村组.
    pub group: Option<VillageGroupId>,
    /// The head, or the first member.
    pub head: Option<Customer>,
    /// How many members.
    pub members: i64,
}

/// A page of households with at least so many members, by number.
pub async fn list(
    app: &App,
    scope: &UnitScope,
    least: i64,
    after: &str,
    limit: i64,
) -> Result<Vec<Listed>> {
    let page = params![after, limit, least.max(1)];
    let rows = app.read_unit(scope.unit_id(), HOUSEHOLD_LIST, page).await?;
    let mut listed = Vec::with_capacity(rows.len());
    for row in &rows {
        let id: HouseholdId = row.get(0)?;
        let head: Option<CustomerId> = row.get(3)?;
        let members = member_ids(app, scope, id).await?;
        let head = head.filter(|h| members.iter().any(|(m, _)| m == h));
        let head = head.or_else(|| members.first().map(|(m, _)| *m));
        listed.push(Listed {
            id,
            no: row.get(1)?,
            group: row.get(2)?,
            head: match head {
                Some(head) => Some(customer_fetch(app, scope, head).await?),
                None => None,
            },
            members: row.get(4)?,
        });
    }
    Ok(listed)
}

/// Members that are shown of one household; a file may have put more into one.
const MEMBERS_SHOWN: i64 = 60;

async fn member_ids(
    app: &App,
    scope: &UnitScope,
    id: HouseholdId,
) -> Result<Vec<(CustomerId, Option<String>)>> {
    let page = params![id, MEMBERS_SHOWN];
    let rows = app
        .read_unit(scope.unit_id(), HOUSEHOLD_MEMBERS, page)
        .await?;
    rows.iter().map(|r| Ok((r.get(0)?, r.get(1)?))).collect()
}

/// One household with its members, the head first.
#[derive(Clone, Debug)]
pub struct Household {
    /// The household.
    pub row: HouseholdRow,
    /// Members with their relation to the head.
    pub members: Vec<(Customer, Option<String>)>,
}

/// One household of the scope's branch; "not found" otherwise.
pub async fn household(app: &App, scope: &UnitScope, id: HouseholdId) -> Result<Household> {
    let rows = app
        .read_unit(scope.unit_id(), HOUSEHOLD_BY_ID, params![id])
        .await?;
    let row = rows
        .first()
        .ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))?;
    let mut row = read_household(row)?;
    let mut members = Vec::new();
    for (who, relation) in member_ids(app, scope, id).await? {
        members.push((customer_fetch(app, scope, who).await?, relation));
    }
    row.head = row.head.filter(|h| members.iter().any(|(c, _)| c.id == *h));
    let order: Vec<&str> = Preset::get()?
        .relations
        .iter()
        .map(|r| r.code.as_str())
        .collect();
    let head = row.head;
    members.sort_by_key(|(c, relation)| {
        let place = order.iter().position(|o| Some(*o) == relation.as_deref());
        (
            Some(c.id) != head,
            place.unwrap_or(order.len()),
            c.customer_no.clone(),
        )
    });
    Ok(Household { row, members })
}
