//! Paper of the field: collection forms of a planned week with what is known,
//! told of before they leave, and the service card of an outlet.

use crate::campaign::{plan_path, planned};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use zf_tests::both;

fn stops(plan: &Json) -> BTreeSet<String> {
    let days = plan["days"].as_array().unwrap().iter();
    let routes = days.flat_map(|d| d["routes"].as_array().unwrap());
    let stops = routes.flat_map(|r| r["stops"].as_array().unwrap());
    let households = stops.filter(|s| !s["target_id"].is_null());
    households
        .map(|s| s["id"].as_str().unwrap().to_owned())
        .collect()
}

both! {
    async fn collection_forms_know_the_household_and_are_told_of(w: World) {
        let program = planned(&w).await;
        let branch = &w.org.branches[0];
        let head = w.role("branch_head").await;
        let path = plan_path(&program, branch);
        let plan = head.get(&path).await.good();
        let forms = format!("{path}/collection-forms/print");
        let all = head.post(&forms, json!({ "reason": "第四十八周上门采集" })).await.good();
        let items = all["items"].as_array().unwrap();
        let printed: BTreeSet<String> = items.iter().map(|f| f["stop_id"].as_str().unwrap().to_owned()).collect();
        assert!(!printed.is_empty());
        assert_eq!(printed, stops(&plan), "a form for every household of the plan");
        for form in items {
            let name = form["name"].as_str().unwrap();
            assert!(!name.is_empty() && !name.contains('*'), "{form}");
            assert!(form.get("id_number").is_none(), "an ID number is not for a door");
            let said = form["reasons"].as_array().unwrap().contains(&json!("种养植户"));
            assert_eq!(said, form["groups"].as_array().unwrap().contains(&json!("grower")), "{form}");
        }
        let asked: Vec<&str> = all["questions"].as_array().unwrap().iter().map(|q| q["name"].as_str().unwrap()).collect();
        assert!(asked.contains(&"outcome") && asked.contains(&"phone") && asked.contains(&"notice"), "{asked:?}");
        assert!(!asked.contains(&"id_number"), "not collected at the door (ERR-031)");
        assert!(!asked.contains(&"score"), "what is computed is not asked");
        let events = w.query("SELECT detail FROM event WHERE action = 'plan.forms'", vec![]).await;
        assert_eq!(events.len(), 1);
        let detail: Json = events[0].get(0).unwrap();
        assert_eq!(detail["names"], json!(printed.len()));

        let route = plan["days"].as_array().unwrap().iter().flat_map(|d| d["routes"].as_array().unwrap())
            .find(|r| r["stops"].as_array().unwrap().iter().any(|s| !s["target_id"].is_null())).unwrap();
        let one = head.post(&forms, json!({ "reason": "一组", "route_id": route["id"] })).await.good();
        assert_eq!(one["items"].as_array().unwrap().len(), route["stops"].as_array().unwrap().len());
    }

    async fn forms_need_a_reason_that_names_nobody_and_the_own_branch(w: World) {
        let program = planned(&w).await;
        let head = w.role("branch_head").await;
        let path = format!("{}/collection-forms/print", plan_path(&program, &w.org.branches[0]));
        head.post(&path, json!({ "reason": " " })).await.refused(422, "reveal.reason");
        head.post(&path, json!({ "reason": "给 10412345678 送表" })).await.refused(422, "input.invalid");
        let other = format!("{}/collection-forms/print", plan_path(&program, &w.org.branches[1]));
        head.post(&other, json!({ "reason": "走访" })).await.refused(404, "not_found");
        let market = w.role("market_department").await;
        market.post(&path, json!({ "reason": "走访" })).await.refused(403, "permission.denied");
        assert_eq!(w.count("SELECT COUNT(*) FROM event WHERE action = 'plan.forms'").await, 0);
    }

    async fn an_outlet_writes_its_service_card(w: World) {
        let head = w.role("branch_head").await;
        let path = format!("/units/{}/service-card", w.org.branches[0].id);
        let preset = head.get(&path).await.good();
        assert!(preset["updated_at"].is_null() && preset["services"].as_array().unwrap().len() > 2);
        let body = json!({ "address": "青山镇正街1号", "hours": "8:30—17:00", "services": ["存取款", "", "代收电费"] });
        let card = head.put(&path, body).await.good();
        assert_eq!(card["services"], json!(["存取款", "代收电费"]));
        assert_eq!(head.get(&path).await.good()["address"], "青山镇正街1号");
        let long = json!({ "address": "", "hours": "", "services": ["存取款业务存取款业务存取款业务存取款业务存取款业务"] });
        head.put(&path, long).await.refused(422, "input.invalid");
        let visitor = w.role("visitor").await;
        visitor.get(&path).await.good();
        visitor.put(&path, json!({ "address": "", "hours": "", "services": ["存"] })).await.refused(403, "permission.denied");
    }
}
