//! The page of one visit: answers under their questions, former texts and
//! decisions, without anything that says who somebody is; visits of a household.

use crate::visits::{a_day, answers, met};
use serde_json::{Value as Json, json};
use zf_tests::both;

both! {
    async fn a_visit_is_shown_whole_and_names_nobody(w: World) {
        let (head, d) = a_day(&w).await;
        let first = d.visit(1, &d.sheets[0], json!({ "outcome": "absent" }));
        let mut amend = d.visit(2, &d.sheets[0], met("甲某某"));
        amend["kind"] = json!("visit.amend");
        amend["entity_id"] = first["entity_id"].clone();
        amend["payload"]["reason"] = json!("记错，电话13712349050");
        let twice = d.visit(3, &d.sheets[0], met("甲某某"));
        let said = d.push(&head, &[first.clone(), amend, twice.clone()]).await;
        assert_eq!(answers(&said), ["applied", "applied", "review"]);
        let at = |op: &Json| format!("/units/{}/visits/{}", d.unit, op["entity_id"].as_str().unwrap());
        let page = head.get(&format!("{}/whole", at(&first))).await.good();
        let text = page.to_string();
        for told in ["甲某某", "19912340001", "青山村一组3号", "13712349050"] {
            assert!(!text.contains(told), "{told} left without a reason");
        }
        assert_eq!(page["answers"]["name"], "甲**");
        assert_eq!(page["answers"]["phone"], "199****0001");
        assert_eq!(page["answers"]["outcome"], "self");
        assert_eq!(page["form"]["id"], "household-visit");
        assert_eq!((page["visit"]["rev"].as_i64(), page["household_no"].is_string()), (Some(2), true));
        let before = page["revisions"].as_array().unwrap();
        assert_eq!(before.len(), 1);
        let changed: Vec<&str> = before[0]["changes"].as_array().unwrap().iter().map(|c| c["field"].as_str().unwrap()).collect();
        assert_eq!(changed, ["address", "name", "needs", "notice", "outcome", "phone", "products"]);
        assert_eq!(before[0]["changes"][4], json!({ "field": "outcome", "before": "absent", "after": "self" }));
        // The second one of the day waits; what was decided is on its page.
        let open = head.get(&format!("{}/whole", at(&twice))).await.good();
        assert_eq!(open["looks"][0]["state"], "open");
        let look = open["looks"][0]["id"].as_str().unwrap();
        head.post(&format!("/units/{}/reviews/{look}/reject", d.unit), json!({ "reason": "重复" })).await.ok();
        let closed = head.get(&format!("{}/whole", at(&twice))).await.good();
        assert_eq!(closed["visit"]["state"], "rejected");
        let decided = &closed["looks"][0];
        assert_eq!((decided["state"].as_str(), decided["decision_reason"].as_str()), (Some("rejected"), Some("重复")));
        assert!(decided["decided_by_name"].is_string());
        // Both are visits of the household, the newer id first; a page at a time.
        let list = format!("/units/{}/households/{}/visits?limit=1", d.unit, d.sheets[0]["household_id"].as_str().unwrap());
        let newest = head.get(&list).await.good();
        assert_eq!(newest["items"][0]["visit_id"], twice["entity_id"]);
        let next = newest["next"].as_str().unwrap();
        let older = head.get(&format!("{list}&after={next}")).await.good();
        assert_eq!(older["items"][0]["visit_id"], first["entity_id"]);
        // Another branch sees neither.
        let other = w.org.branches[1].id;
        let elsewhere = format!("/units/{other}/visits/{}/whole", first["entity_id"].as_str().unwrap());
        assert_eq!(head.get(&elsewhere).await.status, 404);
    }
}
