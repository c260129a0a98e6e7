//! 城区预热 over HTTP: which estates of a branch in town are due before their first
//! visit, what is written down, and what is taken back (CMP-008).

use crate::campaign::{doors, plan_path, planned};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use zf_store::params;
use zf_tests::{World, both};

fn text(json: &Json, key: &str) -> String {
    json[key].as_str().unwrap_or_default().to_owned()
}

async fn in_town(w: &World) {
    let id = w.org.branches[0].id;
    w.exec(
        "UPDATE unit SET market_kind = 'urban' WHERE id = $1",
        params![id],
    )
    .await;
}

fn path(program: &str, w: &World, branch: usize) -> String {
    format!(
        "/programs/{program}/units/{}/warm-ups",
        w.org.branches[branch].id
    )
}

/// First planned day of each village group, from the plan as its page shows it.
async fn first_days(w: &World, plan: &Json) -> BTreeMap<String, String> {
    let mut first: BTreeMap<String, String> = BTreeMap::new();
    for (day, stop) in doors(plan) {
        let target: zf_base::Uuid = text(&stop, "target_id").parse().unwrap();
        let rows = w
            .query(
                "SELECT village_group_id FROM target WHERE id = $1",
                params![target],
            )
            .await;
        let group: zf_base::VillageGroupId = rows[0].get(0).unwrap();
        let known = first.entry(group.to_string()).or_insert(day.clone());
        *known = known.clone().min(day);
    }
    first
}

both! {
    async fn estates_of_a_branch_in_town_are_due_before_their_first_visit(w: World) {
        in_town(&w).await;
        let program = planned(&w).await;
        let head = w.role("branch_head").await;
        let plan = head.get(&plan_path(&program, &w.org.branches[0])).await.good();
        let first = first_days(&w, &plan).await;
        assert!(first.len() > 1, "several groups are planned: {first:?}");
        let board = head.get(&path(&program, &w, 0)).await.good();
        assert_eq!((&board["applies"], &board["days_before"]), (&json!(true), &json!(7)));
        assert_eq!(board["through"][0]["title"]["zh"], "小区物业");
        assert_eq!(board["hands_out"][1]["title"], json!({ "zh": "小礼品", "en": "Small gifts" }));
        let places = board["places"].as_array().unwrap();
        assert_eq!(places.len(), 4, "every group with households that wait");
        let sum: i64 = places.iter().map(|p| p["households"].as_i64().unwrap()).sum();
        let open = w.count("SELECT COUNT(*) FROM target WHERE state = 'open' AND unit_id IN (SELECT id FROM unit WHERE market_kind = 'urban')").await;
        assert_eq!(sum, open);
        for place in places {
            let planned = first.get(&text(place, "village_group_id"));
            assert_eq!(place["first_day"].as_str(), planned.map(String::as_str), "{place}");
            let Some(day) = planned else {
                assert_eq!((&place["state"], &place["last_day"]), (&json!("open"), &Json::Null));
                continue;
            };
            // Seven days before: of 30 November to 4 December, 23 to 27 November.
            let before = format!("2026-11-{}", if day == "2026-11-30" { 23 } else { 23 + day[9..].parse::<i32>().unwrap() });
            assert_eq!((text(place, "last_day"), &place["state"]), (before, &json!("due")));
        }
        // Visits of tomorrow should have been announced a week ago.
        let tomorrow: zf_base::Day = "2026-11-24".parse().unwrap();
        w.exec("UPDATE plan_route SET day = $1", params![tomorrow]).await;
        let later = head.get(&path(&program, &w, 0)).await.good();
        let late: Vec<&Json> = later["places"].as_array().unwrap().iter().filter(|p| p["state"] == "late").collect();
        assert_eq!(late.len(), first.len(), "every planned place is late");
        assert!(late.iter().all(|p| p["last_day"] == "2026-11-17"));
        assert_eq!(later["places"][0]["state"], "late", "and comes first");
    }

    async fn a_place_is_written_down_with_its_pieces_and_taken_back(w: World) {
        in_town(&w).await;
        let program = planned(&w).await;
        let head = w.role("branch_head").await;
        let path = path(&program, &w, 0);
        let board = head.get(&path).await.good();
        let group = board["places"][0]["village_group_id"].clone();
        let body = json!({ "village_group_id": group, "through": "estate_manager", "day": "2026-11-20",
            "handed_out": [{ "code": "publicity", "count": 120 }, { "code": "small_gift", "count": 36 }] });
        let done = head.post(&path, body.clone()).await.good();
        let place = done["places"].as_array().unwrap().iter().find(|p| p["village_group_id"] == group).unwrap().clone();
        assert_eq!(place["state"], "done");
        assert_eq!(place["done"][0]["handed_out"], json!([{ "code": "publicity", "count": 120 }, { "code": "small_gift", "count": 36 }]));
        assert!(!text(&place["done"][0], "by_name").is_empty());
        assert_eq!(done["places"].as_array().unwrap().last().unwrap()["village_group_id"], group, "what is done comes last");

        let work = json!({ "place": "县人民医院", "through": "workplace_contact", "day": "2026-11-23", "handed_out": [{ "code": "publicity", "count": 50 }] });
        let with = head.post(&path, work).await.good();
        assert_eq!((with["elsewhere"].as_array().unwrap().len(), text(&with["elsewhere"][0], "place")), (1, "县人民医院".to_owned()));

        let id = text(&place["done"][0], "id");
        let back = head.press(&format!("{path}/{id}/remove")).await.good();
        let place = back["places"].as_array().unwrap().iter().find(|p| p["village_group_id"] == group).unwrap().clone();
        assert_eq!((&place["done"], &place["state"]), (&json!([]), &json!("due")));
        head.press(&format!("{path}/{id}/remove")).await.refused(404, "not_found");
        assert_eq!(w.count("SELECT COUNT(*) FROM warm_up WHERE removed_by_name IS NOT NULL").await, 1, "it stays, with who took it back");
        assert_eq!(w.count("SELECT COUNT(*) FROM event WHERE action IN ('warm_up.add', 'warm_up.remove')").await, 3);
    }

    async fn what_does_not_fit_the_campaign_is_refused_at_its_field(w: World) {
        in_town(&w).await;
        let program = planned(&w).await;
        let head = w.role("branch_head").await;
        let own = path(&program, &w, 0);
        let group = head.get(&own).await.good()["places"][0]["village_group_id"].clone();
        let good = json!({ "village_group_id": group, "through": "estate_manager", "day": "2026-11-23", "handed_out": [] });
        for (key, value, field) in [
            ("day", json!("2026-11-24"), "day"),
            ("day", json!("yesterday"), "day"),
            ("through", json!("neighbour"), "through"),
            ("handed_out", json!([{ "code": "cash", "count": 1 }]), "handed_out"),
            ("handed_out", json!([{ "code": "publicity", "count": -1 }]), "handed_out"),
            ("handed_out", json!([{ "code": "publicity", "count": 1 }, { "code": "publicity", "count": 2 }]), "handed_out"),
            ("village_group_id", json!(zf_base::Uuid::from_u128(5)), "village_group_id"),
            ("village_group_id", Json::Null, "place"),
        ] {
            let mut bad = good.clone();
            bad[key] = value;
            let refused = head.post(&own, bad).await.refused(422, "input.invalid");
            assert_eq!(refused["errors"][0]["field"], field, "{key}");
        }
        // In the country nobody warms up.
        let market = w.role("market_department").await;
        let country = path(&program, &w, 1);
        let board = market.get(&country).await.good();
        assert_eq!((&board["applies"], &board["places"]), (&json!(false), &json!([])));
    }
}
