//! What is to be typed in for a day, and what is in. A household that is in the
//! plan and has a visit is done; a visit of a household that is not in the plan
//! stands on its own.

use super::double::WANTED;
use super::double::service::is_sampled;
use super::parameters::desk_rules;
use super::store::*;
use crate::team::{Colleague, Staff};
use std::collections::HashMap;
use zf_base::mask::{Masked, PersonName};
use zf_base::{
    CustomerId, Day, HouseholdId, StopId, TargetId, Timestamp, UserId, VillageGroupId, VisitId,
};
use zf_kernel::error::Result;
use zf_kernel::{App, UnitScope};
use zf_network::customer::FieldState;
use zf_network::customer::seal::{Column, open};
use zf_plan::program::Program;
use zf_store::{Row, params};

/// A form of the day.
pub struct Sheet {
    /// On the printed form; none when none was printed.
    pub number: Option<i64>,
    /// Stop of the plan.
    pub stop_id: StopId,
    /// Target.
    pub target_id: TargetId,
    /// Household.
    pub household_id: HouseholdId,
    /// The leading member.
    pub customer_id: CustomerId,
    /// Their number at the bank.
    pub customer_no: String,
    /// Their name.
    pub name: Masked<PersonName>,
    /// Which of `phone`, `id_number`, `address` the bank does not have.
    pub missing: Vec<&'static str>,
    /// Team that went.
    pub team: String,
    /// Its members, as far as the branch knows them.
    pub members: Vec<Colleague>,
    /// Place in the route.
    pub order: i64,
    /// Village group.
    pub village_group_id: Option<VillageGroupId>,
}

/// A visit that is in.
#[derive(Clone)]
pub struct Typed {
    /// Visit.
    pub id: VisitId,
    /// Household.
    pub household_id: Option<HouseholdId>,
    /// 见面情况.
    pub outcome: String,
    /// Counts towards the day.
    pub counts: bool,
    /// `accepted` or `review`.
    pub state: String,
    /// People recorded.
    pub members: i64,
    /// Valid records among them.
    pub valid_records: i64,
    /// Revision.
    pub rev: i64,
    /// When it reached us.
    pub received_at: Timestamp,
    /// Who typed it.
    pub made_by_name: String,
    /// The same as an account.
    pub made_by: UserId,
    /// What became of its double entry, `wanted` when it is in the sample and
    /// waits; none when it is not.
    pub double: Option<String>,
    /// Scans of the paper.
    pub scans: i64,
}

/// A day at the desk.
pub struct DeskDay {
    /// Who may have gone: the active staff of the branch, by name.
    pub colleagues: Vec<Colleague>,
    /// In the order of the routes.
    pub sheets: Vec<Sheet>,
    /// In the order they came.
    pub visits: Vec<Typed>,
}

impl DeskDay {
    /// Households that count, each once.
    pub fn households(&self) -> usize {
        let counting = self.visits.iter().filter(|v| v.counts);
        let ids = counting.map(|v| v.household_id.map_or(v.id.uuid(), HouseholdId::uuid));
        ids.collect::<std::collections::BTreeSet<_>>().len()
    }

    /// Visits that reached us on the day itself (CAP-003).
    pub fn same_day(&self, day: Day) -> usize {
        let same = |v: &&Typed| v.received_at.day() == day;
        self.visits.iter().filter(same).count()
    }

    /// The visit of a household.
    pub fn of(&self) -> HashMap<HouseholdId, &Typed> {
        let with = self.visits.iter();
        with.filter_map(|v| Some((v.household_id?, v))).collect()
    }
}

fn sheet(app: &App, scope: &UnitScope, staff: &Staff, r: &Row) -> Result<Sheet> {
    let customer_id: CustomerId = r.get(3)?;
    let name: Option<Vec<u8>> = r.get(5)?;
    let name = open(
        app,
        Column::Name,
        scope.unit_id(),
        customer_id,
        name.as_deref(),
    )?;
    let (phone, id_number): (String, String) = (r.get(6)?, r.get(7)?);
    let address: bool = r.get(8)?;
    let empty = |text: &str| !FieldState::from_stored(text).is_complete();
    let missing = [
        ("phone", empty(&phone)),
        ("id_number", empty(&id_number)),
        ("address", !address),
    ];
    Ok(Sheet {
        stop_id: r.get(0)?,
        target_id: r.get(1)?,
        household_id: r.get(2)?,
        customer_id,
        customer_no: r.get(4)?,
        name: Masked::new(name),
        missing: missing
            .into_iter()
            .filter(|(_, m)| *m)
            .map(|(f, _)| f)
            .collect(),
        team: r.get(9)?,
        members: staff.of_route(&r.get::<String>(14)?),
        order: r.get(11)?,
        number: r.get(12)?,
        village_group_id: r.get(13)?,
    })
}

fn typed(app: &App, share: f64, r: &Row) -> Result<Typed> {
    let id: VisitId = r.get(0)?;
    let (via, double): (String, Option<String>) = (r.get(11)?, r.get(12)?);
    let wanted = || via == "desk" && is_sampled(app, id, share);
    let double = double.or_else(|| wanted().then(|| WANTED.to_owned()));
    Ok(Typed {
        id,
        household_id: r.get(1)?,
        outcome: r.get(2)?,
        counts: r.get(3)?,
        state: r.get(4)?,
        members: r.get(5)?,
        valid_records: r.get(6)?,
        rev: r.get(7)?,
        received_at: r.get(8)?,
        made_by_name: r.get(9)?,
        made_by: r.get(10)?,
        double,
        scans: r.get(13)?,
    })
}

/// A day of a branch at the desk.
///
/// # Errors
/// Only the database and the keys.
pub async fn desk_day(
    app: &App,
    scope: &UnitScope,
    program: &Program,
    day: Day,
) -> Result<DeskDay> {
    let unit = scope.unit_id();
    let share = desk_rules(app).await?.double_share;
    let p = || params![program.id, day];
    let stops = app.read_unit(unit, DESK_STOPS, p()).await?;
    let visits = app.read_unit(unit, DESK_VISITS, p()).await?;
    let staff = Staff::read(app, unit).await?;
    Ok(DeskDay {
        colleagues: staff.all().to_vec(),
        sheets: stops
            .iter()
            .map(|r| sheet(app, scope, &staff, r))
            .collect::<Result<_>>()?,
        visits: visits
            .iter()
            .map(|r| typed(app, share, r))
            .collect::<Result<_>>()?,
    })
}
