//! From customers to targets: one per household, with reasons, points and a
//! place. Households with a member who refuses visits for all are left out. Pure:
//! groups and points come in as arguments, today too; no name is seen here.

use super::Reason;
use super::groups::{Groups, Known};
use crate::week_plan::tuning::Tuning;
use std::collections::BTreeMap;
use zf_base::geo::Point;
use zf_base::{CustomerId, Day, HouseholdId, VillageGroupId};
use zf_network::place::{Ladder, Placed, Precision};

/// Names of the campaign's figures that say how long before a maturity a
/// customer is visited.
const DEPOSIT_DAYS: &str = "deposit_maturity_days";
const INSURANCE_DAYS: &str = "insurance_maturity_days";

/// A member of a household.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The customer.
    pub id: CustomerId,
    /// Their household.
    pub household: HouseholdId,
    /// Their village group.
    pub village_group: Option<VillageGroupId>,
    /// What is known in clear.
    pub known: Known,
    /// All four fields are there.
    pub four_fields: bool,
    /// How many of the four are missing.
    pub missing: i64,
    /// Their door.
    pub place: Option<Point>,
    /// No visits, please.
    pub do_not_visit: bool,
    /// They spoke for themselves only, not for the household.
    pub person_only: bool,
}

/// A household's own place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Home {
    /// Village group.
    pub village_group: Option<VillageGroupId>,
    /// Door.
    pub place: Option<Point>,
    /// The village or township that an address of a member names.
    pub named: Option<Placed>,
}

/// A target as it should be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The household.
    pub household: HouseholdId,
    /// Its leading member.
    pub lead: CustomerId,
    /// Village group.
    pub village_group: Option<VillageGroupId>,
    /// Points.
    pub priority: i64,
    /// Why.
    pub reasons: Vec<Reason>,
    /// The next maturity within the notice days.
    pub due_day: Option<Day>,
    /// All members have all four fields.
    pub four_fields: bool,
    /// Members known.
    pub members: i64,
    /// Where; none when not even the outlet has a place.
    pub place: Option<Point>,
    /// The place is not the door.
    pub approximate: bool,
    /// How near the place is to the door.
    pub precision: Option<Precision>,
}

/// Ranks the households of a branch, in the order of their ids.
pub fn rank(
    groups: &Groups,
    tuning: &Tuning,
    today: Day,
    members: &[Member],
    homes: &BTreeMap<HouseholdId, Home>,
    ladder: &Ladder,
) -> Vec<Draft> {
    let mut households: BTreeMap<HouseholdId, Vec<&Member>> = BTreeMap::new();
    for member in members {
        households.entry(member.household).or_default().push(member);
    }
    // One who speaks for the household bars it; one who speaks for themselves is left out.
    households.retain(|_, all| {
        let barred = all.iter().any(|m| m.do_not_visit && !m.person_only);
        all.retain(|m| !m.do_not_visit);
        !barred && !all.is_empty()
    });
    let wanted = households.iter();
    let of = |id: &HouseholdId| homes.get(id).copied().unwrap_or_default();
    wanted
        .map(|(id, all)| household(groups, tuning, today, *id, all, of(id), ladder))
        .collect()
}

fn household(
    groups: &Groups,
    tuning: &Tuning,
    today: Day,
    id: HouseholdId,
    members: &[&Member],
    home: Home,
    ladder: &Ladder,
) -> Draft {
    let judged: Vec<(i64, Vec<Reason>)> = members
        .iter()
        .map(|m| judge(groups, tuning, today, m))
        .collect();
    // The first of equals: customers come in the order of their ids.
    let lead = (0..members.len())
        .rev()
        .max_by_key(|at| judged[*at].0)
        .unwrap_or(0);
    let mut reasons: Vec<Reason> = judged.iter().flat_map(|(_, r)| r.iter().cloned()).collect();
    let missing = reasons
        .iter()
        .filter_map(|r| {
            if let Reason::Missing { fields } = r {
                Some(*fields)
            } else {
                None
            }
        })
        .max();
    reasons.retain(|r| !matches!(r, Reason::Missing { .. }));
    // Something due comes first on paper, then the groups, then what is missing.
    reasons.sort_by_key(|r| (matches!(r, Reason::MustVisit { .. }), r.clone()));
    reasons.dedup();
    reasons.extend(missing.map(|fields| Reason::Missing { fields }));
    let due = |r: &Reason| match r {
        Reason::Deposit { day } | Reason::Insurance { day } => Some(*day),
        _ => None,
    };
    let village_group = members[lead].village_group.or(home.village_group);
    let village_group = village_group.or_else(|| members.iter().find_map(|m| m.village_group));
    let shared = home.place.or_else(|| members.iter().find_map(|m| m.place));
    let placed = ladder.place(id, members[lead].place, shared, village_group, home.named);
    Draft {
        household: id,
        lead: members[lead].id,
        village_group,
        priority: judged[lead].0,
        due_day: reasons.iter().filter_map(due).min(),
        reasons,
        four_fields: members.iter().all(|m| m.four_fields),
        members: members.len() as i64,
        place: placed.map(|p| p.point),
        approximate: placed.is_none_or(|p| p.precision.is_approximate()),
        precision: placed.map(|p| p.precision),
    }
}

/// Points and reasons of one member: the best of the groups, more for every
/// missing field, more the nearer something due is.
fn judge(groups: &Groups, tuning: &Tuning, today: Day, m: &Member) -> (i64, Vec<Reason>) {
    let of = groups.of(&m.known, today);
    let best = of.iter().map(|(_, points)| *points).max().unwrap_or(0);
    let mut reasons: Vec<Reason> = of
        .iter()
        .map(|(code, _)| Reason::MustVisit {
            group: (*code).to_owned(),
        })
        .collect();
    let mut urgent = 0;
    let deposit = notice(m.known.deposit_due_day, today, groups.days(DEPOSIT_DAYS));
    let insurance = notice(
        m.known.insurance_due_day,
        today,
        groups.days(INSURANCE_DAYS),
    );
    if let Some((day, left, notice)) = deposit {
        reasons.push(Reason::Deposit { day });
        urgent = urgent.max(nearness(tuning, left, notice));
    }
    if let Some((day, left, notice)) = insurance {
        reasons.push(Reason::Insurance { day });
        urgent = urgent.max(nearness(tuning, left, notice));
    }
    if m.missing > 0 {
        reasons.push(Reason::Missing { fields: m.missing });
    }
    (
        tuning.points_base + best + urgent + tuning.points_missing_field * m.missing,
        reasons,
    )
}

/// The day, days left and notice days, when today lies within the notice.
fn notice(day: Option<Day>, today: Day, notice: i32) -> Option<(Day, i64, i64)> {
    let day = day?;
    let left = today.days_until(day);
    (0..=notice)
        .contains(&left)
        .then_some((day, i64::from(left), i64::from(notice)))
}

/// All points today, none at the end of the notice, evenly between.
fn nearness(tuning: &Tuning, left: i64, notice: i64) -> i64 {
    tuning.points_due * (notice - left) / notice.max(1)
}
