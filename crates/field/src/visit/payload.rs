//! What a visit says, as it is sent and stored (sealed, whole). Keys that this
//! version does not know are kept, so that nothing is lost on the way. Pure:
//! reads no database and decides nothing about people, it only finds them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use zf_base::geo::Datum;
use zf_base::{
    CustomerId, Day, HouseholdId, ProgramId, StaffId, StopId, TargetId, Timestamp, VillageGroupId,
};

/// A visit is handed in.
pub const VISIT_SUBMIT: &str = "visit.submit";
/// A visit is corrected; the former text stays as a revision.
pub const VISIT_AMEND: &str = "visit.amend";

/// The question whose answer is the outcome of the visit (见面情况).
pub const OUTCOME: &str = "outcome";

/// Operations on visits.
pub const VISIT_KINDS: [&str; 2] = [VISIT_SUBMIT, VISIT_AMEND];

/// Where a phone stood.
#[derive(Clone, Serialize, Deserialize)]
pub struct Position {
    /// Degrees.
    pub lat: f64,
    /// Degrees.
    pub lon: f64,
    /// Meters, as the device says.
    #[serde(default)]
    pub accuracy_m: Option<f64>,
    /// Of the coordinates.
    pub datum: Datum,
    /// When.
    #[serde(default)]
    pub at: Option<Timestamp>,
}

/// What a visit says.
#[derive(Clone, Serialize, Deserialize)]
pub struct VisitPayload {
    /// Campaign.
    pub program_id: ProgramId,
    /// `first`, `precise`, `follow_up`.
    pub kind: String,
    /// Whom the plan named.
    #[serde(default)]
    pub target_id: Option<TargetId>,
    /// Household.
    #[serde(default)]
    pub household_id: Option<HouseholdId>,
    /// Member who was met, when the bank knows them.
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    /// Village group.
    #[serde(default)]
    pub village_group_id: Option<VillageGroupId>,
    /// Stop of the plan.
    #[serde(default)]
    pub stop_id: Option<StopId>,
    /// Day of the visit.
    pub day: Day,
    /// Form.
    pub form_id: String,
    /// Its version.
    pub form_version: u32,
    /// Answers by name of the field.
    pub answers: Map<String, Json>,
    /// Who went.
    #[serde(default)]
    pub visitors: Vec<StaffId>,
    /// Begun at the door.
    #[serde(default)]
    pub started_at: Option<Timestamp>,
    /// Finished.
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
    /// Where.
    #[serde(default)]
    pub position: Option<Position>,
    /// Why it is corrected.
    #[serde(default)]
    pub reason: Option<String>,
    /// Keys of later versions.
    #[serde(flatten)]
    pub other: BTreeMap<String, Json>,
}

/// What is written down of one person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Whom the bank knows already.
    pub customer_id: Option<CustomerId>,
    /// Informed, and agreed that it is written down.
    pub agreed: bool,
    /// A name is given.
    pub name: bool,
    /// A phone is given.
    pub phone: bool,
    /// An address is given.
    pub address: bool,
    /// An ID number is given.
    pub id_number: bool,
}

fn given(row: &Map<String, Json>, field: &str) -> bool {
    let text = row.get(field).and_then(Json::as_str);
    text.is_some_and(|t| !t.trim().is_empty())
}

fn person(row: &Map<String, Json>, notice: Option<&Json>, known: Option<CustomerId>) -> Person {
    let own = row.get("customer").and_then(Json::as_str);
    let agreed = row.get("notice").or(notice).and_then(Json::as_str) == Some("agreed");
    Person {
        customer_id: own.and_then(|t| t.parse().ok()).or(known),
        agreed,
        name: given(row, "name"),
        phone: given(row, "phone"),
        address: given(row, "address"),
        id_number: given(row, "id_number"),
    }
}

/// The people of a visit, from the answers that hold: the one asked, then the
/// rows of `members` (ERR-059). Nobody when the notice was declined or nobody met.
pub fn people(answers: &Map<String, Json>, known: Option<CustomerId>) -> Vec<Person> {
    let mut all = Vec::new();
    let first = person(answers, None, known);
    if first.agreed || first.name || first.phone || first.address {
        all.push(first);
    }
    let rows = answers.get("members").and_then(Json::as_array);
    let notice = answers.get("notice");
    for row in rows.into_iter().flatten().filter_map(Json::as_object) {
        let mut p = person(row, notice, None);
        // Names of fields are unique in a form, rows included.
        p.name |= given(row, "member_name");
        p.phone |= given(row, "member_phone");
        // Who lives in the same household has its address.
        p.address |= all.first().is_some_and(|f| f.address);
        all.push(p);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(answers: Json) -> Vec<Person> {
        people(answers.as_object().unwrap(), None)
    }

    #[test]
    fn a_visit_with_two_members_gives_three_people_at_one_address() {
        let all = of(json!({
            "outcome": "self", "notice": "agreed", "name": "甲甲", "phone": "19900000000", "address": "一组",
            "members": [{"member_name": "乙乙"}, {"member_name": "丙丙", "member_phone": "19900000001", "notice": "declined"}],
        }));
        assert_eq!(all.len(), 3);
        assert!(all.iter().all(|p| p.address), "one household, one address");
        assert_eq!(
            all.iter().map(|p| p.phone).collect::<Vec<_>>(),
            [true, false, true]
        );
        assert_eq!(
            all.iter().map(|p| p.agreed).collect::<Vec<_>>(),
            [true, true, false]
        );
    }

    #[test]
    fn a_closed_door_gives_nobody() {
        assert_eq!(of(json!({"outcome": "absent"})), []);
        assert_eq!(of(json!({"outcome": "self", "notice": "declined"})), []);
    }

    #[test]
    fn blanks_are_no_answers() {
        let all = of(json!({"notice": "agreed", "name": "  ", "phone": ""}));
        assert_eq!((all.len(), all[0].name, all[0].phone), (1, false, false));
    }

    #[test]
    fn keys_of_a_later_version_are_kept() {
        let text = json!({
            "program_id": uuid::Uuid::nil(), "kind": "precise", "day": "2016-10-17",
            "form_id": "household-visit", "form_version": 1, "answers": {}, "battery": 37,
        });
        let payload: VisitPayload = serde_json::from_value(text).unwrap();
        let back = serde_json::to_value(&payload).unwrap();
        assert_eq!(back["battery"], 37);
    }
}
