//! 报送与审批 (PLN-001, DOC-003): every branch hands in its visit plan before
//! the campaign begins, the county accepts it or returns it with a reason, and
//! a version of the campaign is approved by somebody who did not write it. The
//! plan names village groups, weeks, teams and materials, never customers.

pub mod all;
pub mod approval;
pub mod http;
pub mod service;
pub mod store;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zf_base::{Day, IsoWeek, Timestamp, UserId};

/// Village groups of one plan.
const GROUPS_MAX: usize = 500;
/// People of one team, and items of one list.
const LIST_MAX: usize = 50;
/// Filings accepted at once: more branches than a county has.
pub(crate) const AT_ONCE_MAX: usize = 500;
/// Characters of a name or an item.
const NAME_CHARS_MAX: usize = 60;

/// What a branch hands in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FiledPlan {
    /// Which village group or neighbourhood by which week.
    pub areas: Vec<FiledArea>,
    /// Teams with the names of their people.
    pub teams: Vec<FiledTeam>,
    /// Materials that have been received.
    pub materials: Vec<String>,
    /// Records to collect, as the county has set them; the branch accepts them.
    pub collection_plan: i64,
}

/// A village group or a neighbourhood with the week by which it is visited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FiledArea {
    /// Village group; absent for a neighbourhood that is only named.
    pub village_group_id: Option<uuid::Uuid>,
    /// Name.
    pub name: String,
    /// ISO week, `2016-W40`.
    pub week: String,
}

/// A team of the campaign with its people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FiledTeam {
    /// Id in the campaign file.
    pub team: String,
    /// Names of staff; outside people by their post.
    pub members: Vec<String>,
}

/// A plan that was handed in.
#[derive(Clone, Debug)]
pub struct Filing {
    /// From 1; the newest counts.
    pub seq: i64,
    /// Where it stands.
    pub state: State,
    /// Version of the campaign it follows.
    pub program_version: i64,
    /// What was handed in.
    pub plan: FiledPlan,
    /// When.
    pub filed_at: Timestamp,
    /// By whom.
    pub filed_by: UserId,
    /// Their name then.
    pub filed_by_name: String,
    /// When the county decided.
    pub decided_at: Option<Timestamp>,
    /// Who decided.
    pub decided_by_name: Option<String>,
    /// Why it was returned; empty otherwise.
    pub reason: String,
}

/// Where a filing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Handed in.
    Filed,
    /// Given back with a reason.
    Returned,
    /// Accepted by the county.
    Accepted,
}

impl State {
    /// As stored and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Filed => "filed",
            State::Returned => "returned",
            State::Accepted => "accepted",
        }
    }

    /// From what is stored; anything unknown counts as handed in.
    pub fn from_stored(text: &str) -> State {
        match text {
            "returned" => State::Returned,
            "accepted" => State::Accepted,
            _ => State::Filed,
        }
    }
}

/// What is wrong with a plan: the field and the code of the fault.
pub type Fault = (String, &'static str);

/// Looks a plan over: every area has a week of the campaign, every team of the
/// campaign has people, nothing is empty or endless.
///
/// # Errors
/// The first fault.
pub fn sound(plan: &FiledPlan, first: Day, last: Day, teams: &[&str]) -> Result<(), Fault> {
    let at = |field: &str, code: &'static str| Err((field.to_owned(), code));
    if plan.areas.is_empty() {
        return at("areas", "field.required");
    }
    if plan.areas.len() > GROUPS_MAX {
        return at("areas", "field.too_long");
    }
    for (i, area) in plan.areas.iter().enumerate() {
        text(&area.name).map_err(|code| (format!("areas.{i}.name"), code))?;
        let week: Result<IsoWeek, _> = area.week.parse();
        let inside = |w: IsoWeek| w.days().iter().any(|d| (first..=last).contains(d));
        if !week.is_ok_and(inside) {
            return at(&format!("areas.{i}.week"), "field.range");
        }
    }
    for team in teams {
        let filed = plan.teams.iter().find(|t| t.team == *team);
        if filed.is_none_or(|t| t.members.is_empty()) {
            return at(&format!("teams.{team}"), "field.required");
        }
    }
    for team in &plan.teams {
        let field = format!("teams.{}", team.team);
        if !teams.contains(&team.team.as_str()) || team.members.len() > LIST_MAX {
            return at(&field, "field.not_in_list");
        }
        for name in &team.members {
            text(name).map_err(|code| (field.clone(), code))?;
        }
    }
    if plan.materials.len() > LIST_MAX {
        return at("materials", "field.too_long");
    }
    for item in &plan.materials {
        text(item).map_err(|code| ("materials".to_owned(), code))?;
    }
    if plan.collection_plan < 1 {
        return at("collection_plan", "field.required");
    }
    Ok(())
}

fn text(text: &str) -> Result<(), &'static str> {
    match text.trim().chars().count() {
        0 => Err("field.required"),
        n if n > NAME_CHARS_MAX => Err("field.too_long"),
        _ => Ok(()),
    }
}

/// Spreads groups over weeks, as many each week as it has half-days for, the
/// first groups in the first weeks; what is left over falls into the last week.
/// `weeks` are the weeks with their half-days.
pub fn spread(groups: usize, weeks: &[(IsoWeek, u64)]) -> Vec<IsoWeek> {
    let half_days: u64 = weeks.iter().map(|(_, n)| n).sum();
    let Some((last, _)) = weeks.last() else {
        return vec![];
    };
    let mut all = Vec::with_capacity(groups);
    let mut passed = 0;
    for (week, n) in weeks {
        passed += n;
        // As far through the groups as through the half-days.
        let until = (groups as u64 * passed).div_ceil(half_days.max(1));
        while (all.len() as u64) < until.min(groups as u64) {
            all.push(*week);
        }
    }
    all.resize(groups, *last);
    all
}

/// Whether a branch is late: the day has passed and nothing has come, or it
/// was returned.
pub fn is_late(due: Option<Day>, today: Day, state: Option<State>) -> bool {
    let open = matches!(state, None | Some(State::Returned));
    open && due.is_some_and(|due| today > due)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> FiledPlan {
        FiledPlan {
            areas: vec![FiledArea {
                village_group_id: None,
                name: "大河村一组".into(),
                week: "2024-W12".into(),
            }],
            teams: vec![FiledTeam {
                team: "near".into(),
                members: vec!["甲".into()],
            }],
            materials: vec!["sticker".into()],
            collection_plan: 1,
        }
    }

    fn check(change: impl Fn(&mut FiledPlan)) -> Result<(), Fault> {
        let mut p = plan();
        change(&mut p);
        let day = |t: &str| t.parse().unwrap();
        sound(&p, day("2024-03-20"), day("2024-05-05"), &["near"])
    }

    #[test]
    fn a_filed_plan_names_weeks_of_the_campaign_and_people_of_every_team() {
        assert_eq!(check(|_| ()), Ok(()));
        let fault = |field: &str, code| Err((field.to_owned(), code));
        assert_eq!(check(|p| p.areas.clear()), fault("areas", "field.required"));
        // The campaign begins on a Wednesday of the twelfth week and ends on a Sunday.
        assert_eq!(check(|p| p.areas[0].week = "2024-W18".into()), Ok(()));
        for week in ["2024-W11", "2024-W19", "12", "2024-W60"] {
            assert_eq!(
                check(|p| p.areas[0].week = week.into()),
                fault("areas.0.week", "field.range")
            );
        }
        assert_eq!(
            check(|p| p.areas[0].name = " ".into()),
            fault("areas.0.name", "field.required")
        );
        assert_eq!(
            check(|p| p.teams.clear()),
            fault("teams.near", "field.required")
        );
        assert_eq!(
            check(|p| p.teams[0].members.clear()),
            fault("teams.near", "field.required")
        );
        let another = FiledTeam {
            team: "far".into(),
            members: vec![],
        };
        assert_eq!(
            check(|p| p.teams.push(another.clone())),
            fault("teams.far", "field.not_in_list")
        );
        assert_eq!(
            check(|p| p.collection_plan = 0),
            fault("collection_plan", "field.required")
        );
        assert_eq!(
            check(|p| p.materials[0] = "长".repeat(61)),
            fault("materials", "field.too_long")
        );
    }

    #[test]
    fn groups_are_spread_by_the_half_days_of_the_weeks() {
        let week = |n: u8| format!("2024-W{n:02}").parse::<IsoWeek>().unwrap();
        let weeks = [(week(12), 2), (week(13), 0), (week(14), 6)];
        let got: Vec<String> = spread(4, &weeks).iter().map(ToString::to_string).collect();
        assert_eq!(got, ["2024-W12", "2024-W14", "2024-W14", "2024-W14"]);
        assert_eq!(spread(3, &[]), vec![]);
        assert_eq!(spread(2, &[(week(12), 0)]), vec![week(12), week(12)]);
        for n in 0..40 {
            let got = spread(n, &weeks);
            assert_eq!(got.len(), n);
            assert!(got.is_sorted());
        }
    }

    #[test]
    fn a_branch_is_late_from_the_day_after_and_while_its_plan_is_returned() {
        let day = |t: &str| t.parse().unwrap();
        let due = Some(day("2024-03-15"));
        for (today, state, late) in [
            ("2024-03-15", None, false),
            ("2024-03-16", None, true),
            ("2024-03-16", Some(State::Filed), false),
            ("2024-03-16", Some(State::Accepted), false),
            ("2024-03-16", Some(State::Returned), true),
        ] {
            assert_eq!(is_late(due, day(today), state), late, "{today} {state:?}");
        }
        assert!(!is_late(None, day("2024-03-16"), None));
    }
}
