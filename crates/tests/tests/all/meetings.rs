//! The mobilisation meeting and the training before the start (MTG-001): the
//! record with its corrections, who of each unit came, the sheet to be signed,
//! and the day by which the check says it must be held.

use super::campaign::{draft, fill};
use serde_json::{Value as Json, json};
use zf_tests::files::read_workbook;
use zf_tests::{Browser, both};

fn record(seen: i64) -> Json {
    json!({ "seen": seen, "held_day": "2026-09-18", "place": "县局三楼会议室", "topics": ["活动安排", "走访话术和采集表怎么填"] })
}

/// Everybody of a unit with what is entered of them, in turn.
async fn people(browser: &Browser, path: &str, states: &[(&str, bool)]) -> Json {
    let sheet = browser.get(path).await.good();
    let people = sheet["people"].as_array().unwrap().iter().zip(states);
    people
        .map(|(p, (came, trained))| {
            json!({ "staff_id": p["staff_id"], "came": came, "trained": trained })
        })
        .collect()
}

const STATES: [(&str, bool); 6] = [
    ("present", true),
    ("present", true),
    ("present", true),
    ("present", false),
    ("excused", true),
    ("absent", false),
];

both! {
    async fn the_county_records_the_meeting_and_a_correction_keeps_the_former_version(w: World) {
        fill(&w).await;
        let program = draft(&w).await;
        let (market, head) = (w.role("market_department").await, w.role_at("branch_head", &w.org.branches[0]).await);
        let path = format!("/programs/{program}/steps/mobilise/meeting");
        let before = head.get(&path).await.good();
        // The campaign begins on Thursday, 1 October 2026.
        assert_eq!((&before["due"], &before["training"], &before["records"]), (&json!("2026-09-30"), &json!(true), &json!([])));
        let life = market.get(&format!("/programs/{program}/life")).await.good();
        let meetings: Vec<bool> = life["steps"].as_array().unwrap().iter().map(|s| s["meeting"].as_bool().unwrap()).collect();
        assert_eq!(meetings, [false, true, false, false, false]);
        market.get(&format!("/programs/{program}/steps/plan/meeting")).await.refused(404, "not_found");

        head.put(&path, record(0)).await.refused(403, "permission.denied");
        let with = |key: &str, value: Json| {
            let mut body = record(0);
            body[key] = value;
            body
        };
        for wrong in [
            with("held_day", json!("2026-11-24")),
            with("place", json!(" ")),
            with("topics", json!([])),
            with("topics", json!(["给 10412345678 打电话"])),
        ] {
            market.put(&path, wrong).await.refused(422, "input.invalid");
        }
        let made = market.put(&path, record(0)).await.good();
        assert_eq!(made["records"][0]["topics"], json!(["活动安排", "走访话术和采集表怎么填"]));
        let step = &market.get(&format!("/programs/{program}/life")).await.good()["steps"][1];
        assert_eq!((&step["step"], &step["done_day"]), (&json!("mobilise"), &json!("2026-09-18")));

        market.put(&path, record(0)).await.refused(409, "conflict");
        market.put(&path, record(1)).await.refused(422, "input.invalid");
        let mut again = record(1);
        again["held_day"] = json!("2026-09-19");
        again["reason"] = json!("日期写错");
        let corrected = market.put(&path, again).await.good();
        let versions: Vec<(&Json, &Json, &Json)> = corrected["records"].as_array().unwrap().iter().map(|r| (&r["seq"], &r["held_day"], &r["reason"])).collect();
        assert_eq!(versions, [(&json!(2), &json!("2026-09-19"), &json!("日期写错")), (&json!(1), &json!("2026-09-18"), &json!(""))]);
        assert_ne!(corrected["records"][1]["by_name"], json!(""));
        // A draft goes with all that was written for it.
        market.delete(&format!("/programs/{program}")).await.ok();
        assert_eq!(w.count("SELECT COUNT(*) FROM meeting_record").await, 0);
    }

    async fn each_unit_says_who_came_and_was_trained_and_the_county_sees_all(w: World) {
        fill(&w).await;
        let program = draft(&w).await;
        let (first, second) = (&w.org.branches[0], &w.org.branches[1]);
        let (market, head) = (w.role("market_department").await, w.role_at("branch_head", first).await);
        let at = |unit: &zf_kernel::unit::Unit| format!("/programs/{program}/units/{}/steps/mobilise/attendance", unit.id);
        let own = at(first);
        let entered = people(&head, &own, &STATES).await;
        assert_eq!(entered.as_array().unwrap().len(), 6, "the staff of the branch");

        head.put(&own, json!({ "seen": 0, "people": [] })).await.refused(422, "input.invalid");
        let foreign = people(&market, &at(second), &STATES).await;
        head.put(&own, json!({ "seen": 0, "people": foreign })).await.refused(422, "input.invalid");
        head.get(&at(second)).await.refused(404, "not_found");
        w.role_at("visitor", first).await.put(&own, json!({ "seen": 0, "people": entered })).await.refused(403, "permission.denied");
        let made = head.put(&own, json!({ "seen": 0, "people": entered })).await.good();
        let newest = &made["versions"][0];
        let figures = ["people", "present", "excused", "trained"].map(|k| newest[k].as_i64().unwrap());
        assert_eq!(figures, [6, 4, 1, 4]);
        head.put(&own, json!({ "seen": 0, "people": entered })).await.refused(409, "conflict");

        // Corrected by the county, with a reason; the former sheet can still be read.
        let mut better = entered.clone();
        better[5] = json!({ "staff_id": entered[5]["staff_id"], "came": "present", "trained": true });
        market.put(&own, json!({ "seen": 1, "people": better })).await.refused(422, "input.invalid");
        market.put(&own, json!({ "seen": 1, "people": better, "reason": "漏点一人" })).await.ok();
        let former = head.get(&format!("{own}?version=1")).await.good();
        assert_eq!(former["people"][5]["came"], json!("absent"));
        assert_eq!(head.get(&own).await.good()["people"][5]["came"], json!("present"));

        let path = format!("/programs/{program}/steps/mobilise/meeting");
        let all = market.get(&path).await.good();
        let units: Vec<(&str, i64, Option<i64>)> = all["units"].as_array().unwrap().iter().map(|u| (u["unit_name"].as_str().unwrap(), u["staff"].as_i64().unwrap(), u["sheet"]["present"].as_i64())).collect();
        assert_eq!(units.len(), 3, "{all}");
        assert!(units.contains(&(first.name.as_str(), 6, Some(5))) && units.contains(&(second.name.as_str(), 6, None)), "{units:?}");
        assert_eq!(head.get(&path).await.good()["units"].as_array().unwrap().len(), 1);
    }

    async fn the_sheet_to_be_signed_is_filled_in_once_somebody_came(w: World) {
        fill(&w).await;
        let program = draft(&w).await;
        let first = &w.org.branches[0];
        let (market, head) = (w.role("market_department").await, w.role_at("branch_head", first).await);
        let book = format!("/programs/{program}/steps/mobilise/attendance.xlsx");
        let known = ["机构", "姓名", "到会情况"];
        let before = read_workbook(&market.get(&book).await.ok().bytes, None, &known);
        assert_eq!(before.rows.len(), 18, "three branches with six people");
        assert!(before.rows.iter().all(|r| r[5].is_empty() && r[6].is_empty()), "{:?}", before.rows[0]);
        let own = format!("/programs/{program}/units/{}/steps/mobilise/attendance", first.id);
        let entered = people(&head, &own, &STATES).await;
        head.put(&own, json!({ "seen": 0, "people": entered })).await.ok();
        let after = read_workbook(&head.get(&book).await.ok().bytes, None, &known);
        let states: Vec<(&str, &str)> = after.rows.iter().map(|r| (r[5].as_str(), r[6].as_str())).collect();
        assert_eq!(states, [("到会", "是"), ("到会", "是"), ("到会", "是"), ("到会", ""), ("请假", "是"), ("未到", "")]);
        let second = w.org.branches[1].id;
        let one = read_workbook(&market.get(&format!("{book}?unit_id={second}")).await.ok().bytes, None, &known);
        assert_eq!(one.rows.len(), 6);
        head.get(&format!("{book}?unit_id={second}")).await.refused(404, "not_found");
    }

    async fn the_check_says_by_which_workday_the_meeting_is_to_be_held(w: World) {
        fill(&w).await;
        let program = draft(&w).await;
        let (market, path) = (w.role("market_department").await, format!("/programs/{program}"));
        let found = |check: &Json| -> Vec<(String, String)> {
            let findings = check["findings"].as_array().unwrap().iter().filter(|f| f["code"] == "CHK-MEETING");
            findings.map(|f| (f["severity"].as_str().unwrap().to_owned(), f["figures"]["day"].as_str().unwrap_or_default().to_owned())).collect()
        };
        let check = market.get(&format!("{path}/check")).await.good();
        assert_eq!(found(&check), [("note".to_owned(), "2026-09-30".to_owned())]);
        let mut definition = market.get(&path).await.good()["definition"].clone();
        // Seven days before is Thursday, 24 September.
        definition["meeting"][0]["days_before"] = json!(7);
        market.put(&path, json!({ "definition": definition, "note": "早开", "version": 1 })).await.ok();
        let check = market.get(&format!("{path}/check")).await.good();
        assert_eq!(found(&check), [("note".to_owned(), "2026-09-24".to_owned())]);
        // A meeting that is no step of the preparation is refused; without one nothing is said.
        definition["meeting"][0]["id"] = json!("dance");
        market.put(&path, json!({ "definition": definition, "note": "错", "version": 2 })).await.refused(422, "input.invalid");
        definition["meeting"] = json!([]);
        market.put(&path, json!({ "definition": definition, "note": "不开", "version": 2 })).await.ok();
        let check = market.get(&format!("{path}/check")).await.good();
        assert_eq!(found(&check), []);
    }
}
