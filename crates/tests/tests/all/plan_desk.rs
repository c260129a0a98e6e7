//! Changing a week plan by hand over HTTP: effects before they are done, locks,
//! undo, planning again, sick leave, and the plans that make themselves on Friday.

use crate::campaign::{doors, plan_path, planned, started};
use serde_json::{Value as Json, json};
use zf_kernel::job::NewJob;
use zf_tests::both;

fn text(json: &Json, key: &str) -> String {
    json[key].as_str().unwrap_or_default().to_owned()
}

fn routes(plan: &Json) -> Vec<(String, Json)> {
    let mut all = Vec::new();
    for day in plan["days"].as_array().unwrap() {
        for route in day["routes"].as_array().unwrap() {
            all.push((text(day, "day"), route.clone()));
        }
    }
    all
}

/// A visit to a household, and another shift of the same team.
fn stop_and_shift(plan: &Json) -> (Json, Json) {
    let all = routes(plan);
    let evenings: Vec<&(String, Json)> = all
        .iter()
        .filter(|(_, r)| r["kind"] == "precise_evening")
        .collect();
    let (_, from) = evenings[0];
    let (day, to) = evenings[1];
    let shift =
        json!({ "day": day, "team_id": to["team_id"], "starts": to["starts"], "position": null });
    (from["stops"][0].clone(), shift)
}

fn on(plan: &Json, day: &Json, stop: &Json) -> Option<Json> {
    let found = doors(plan)
        .into_iter()
        .find(|(d, s)| s["id"] == *stop && json!(d) == *day);
    found.map(|(_, s)| s)
}

both! {
    async fn a_move_says_what_it_does_before_it_is_done_and_can_be_undone(w: World) {
        let program = planned(&w).await;
        let head = w.role("branch_head").await;
        let path = plan_path(&program, &w.org.branches[0]);
        let plan = head.get(&path).await.good();
        let (stop, shift) = stop_and_shift(&plan);
        let edit = json!({ "do": "move", "stop_id": stop["id"], "to": shift });
        let edits = format!("{path}/edits");
        let preview = head.post(&edits, json!({ "edit": edit, "preview": true })).await.good();
        assert_eq!((&preview["applied"], &preview["plan"]), (&json!(false), &Json::Null));
        assert_eq!(preview["routes"].as_array().unwrap().len(), 2, "{preview}");
        assert_eq!(preview["planned"], plan["shortfall"]["planned"], "a move counts nobody twice");
        assert_eq!(head.get(&path).await.good(), plan, "looking changes nothing");

        let done = head.post(&edits, json!({ "edit": edit })).await.good();
        assert_eq!(done["applied"], true);
        assert_eq!((&done["sentence"], &done["routes"]), (&preview["sentence"], &preview["routes"]));
        let there = on(&done["plan"], &shift["day"], &stop["id"]);
        assert!(there.is_some(), "{}", done["plan"]);
        assert_eq!(doors(&done["plan"]).len(), doors(&plan).len());

        let desk = head.get(&format!("{path}/desk")).await.good();
        assert_eq!((&desk["can_undo"], &desk["edits"][0]["sentence"]), (&json!(true), &json!("移动")));
        assert!(!text(&desk["edits"][0], "made_by_name").is_empty());
        let back = head.press(&format!("{path}/undo")).await.good();
        let times = |p: &Json| doors(p).into_iter().map(|(d, s)| (d, text(&s, "id"), text(&s, "arrive"))).collect::<Vec<_>>();
        assert_eq!(times(&back["plan"]), times(&plan));
        head.press(&format!("{path}/undo")).await.refused(404, "not_found");
        let events = "SELECT COUNT(*) FROM event WHERE action IN ('plan.move', 'plan.undo')";
        assert_eq!(w.count(events).await, 2);
    }

    async fn planning_again_keeps_what_is_struck_and_locked(w: World) {
        let program = planned(&w).await;
        let head = w.role("branch_head").await;
        let path = plan_path(&program, &w.org.branches[0]);
        let plan = head.get(&path).await.good();
        let all = doors(&plan);
        let (struck, kept) = (&all[0].1, all.last().unwrap());
        head.post(&format!("{path}/strike"), json!({ "stop_id": struck["id"] })).await.ok();
        let lock = json!({ "do": "lock_stop", "stop_id": kept.1["id"], "locked": true });
        head.post(&format!("{path}/edits"), json!({ "edit": lock })).await.ok();
        let move_it = json!({ "do": "move", "stop_id": kept.1["id"], "to": { "day": all[0].0, "team_id": "x-1", "starts": 0, "position": null } });
        head.post(&format!("{path}/edits"), json!({ "edit": move_it })).await.refused(422, "input.invalid");

        let again = head.press(&format!("{path}/again")).await.good();
        let after = &again["plan"];
        assert_eq!(after["version"], 2);
        assert!(doors(after).iter().all(|(_, s)| s["target_id"] != struck["target_id"]), "struck is not planned again");
        let shown = after["struck"].as_array().unwrap();
        assert_eq!(shown.len(), 1);
        assert_eq!((&shown[0]["stop"]["id"], &shown[0]["can_restore"]), (&struck["id"], &json!(true)));
        let locked = on(after, &json!(kept.0), &kept.1["id"]).unwrap();
        assert_eq!(locked["locked"], true);
        let moved = again["moved"].as_i64().unwrap() + again["removed"].as_i64().unwrap();
        assert_eq!(moved, 0, "{}", again["sentence"]);
        head.post(&format!("{path}/restore"), json!({ "stop_id": struck["id"] })).await.ok();
        head.press(&format!("{path}/confirm")).await.ok();
        head.press(&format!("{path}/again")).await.refused(409, "plan.released");
    }

    async fn sick_leave_changes_a_confirmed_plan_which_must_be_confirmed_again(w: World) {
        let program = planned(&w).await;
        let head = w.role("branch_head").await;
        let path = plan_path(&program, &w.org.branches[0]);
        head.press(&format!("{path}/confirm")).await.ok();
        let plan = head.get(&path).await.good();
        let desk = head.get(&format!("{path}/desk")).await.good();
        let day = doors(&plan)[0].0.clone();
        let bad = json!({ "first_day": "2026-01-01", "last_day": "2026-01-02" });
        head.post(&format!("{path}/away"), bad).await.refused(422, "input.invalid");
        let boss = desk["staff"].as_array().unwrap().iter().find(|s| text(s, "name").starts_with("支局长")).unwrap();
        let ill = json!({ "staff_id": boss["id"], "first_day": day, "last_day": day });
        let changed = head.post(&format!("{path}/away"), ill).await.good();
        let after = &changed["plan"];
        assert_eq!((&changed["reopened"], &after["state"]), (&json!(true), &json!("draft")));
        assert!(text(after, "reopened").contains("请再次确认"), "{}", after["reopened"]);
        // The head belongs to every team (PLN-006…008): nobody goes out on that day.
        assert!(routes(after).iter().all(|(d, _)| *d != day));
        let others = |p: &Json| doors(p).into_iter().filter(|(d, _)| *d != day).count();
        assert!(others(after) >= others(&plan) * 9 / 10, "the other days stay: {}", changed["sentence"]);
        assert_eq!(w.count("SELECT COUNT(*) FROM shortfall_entry WHERE households <> 0 AND kind = 'plan'").await, 0);

        let desk = head.get(&format!("{path}/desk")).await.good();
        assert!(text(&desk["away"][0], "sentence").contains("请假"), "{}", desk["away"]);
        let back = head.delete(&format!("{path}/away/{}", text(&desk["away"][0], "id"))).await.good();
        assert!(routes(&back["plan"]).iter().any(|(d, _)| *d == day), "{}", back["sentence"]);
        head.press(&format!("{path}/confirm")).await.ok();
        let confirmed = head.get(&path).await.good();
        assert_eq!((&confirmed["state"], &confirmed["reopened"]), (&json!("confirmed"), &json!("")));
    }

    async fn on_friday_every_branch_gets_next_weeks_plan_once(w: World) {
        let program = started(&w).await;
        let job = || NewJob::new("plan.week_all", w.org.head.id, json!({}));
        let run = async || {
            zf_kernel::job::service::job_enqueue(&w.app, &w.machine(), &job()).await.unwrap();
            w.drain().await;
            w.count("SELECT COUNT(*) FROM week_plan").await
        };
        while w.clock.now().day().weekday() < 4 {
            w.clock.forward_minutes(24 * 60);
        }
        assert_eq!(run().await, 0, "Thursday is too early");
        w.clock.forward_minutes(24 * 60);
        assert_eq!(run().await, 3, "one plan for every branch");
        assert_eq!(run().await, 3, "and none twice");
        let versions = "SELECT COUNT(*) FROM week_plan WHERE version = 1 AND state = 'draft'";
        assert_eq!(w.count(versions).await, 3);
        let week = w.clock.now().day().week().next();
        let head = w.browser().sign_in(&w.account("friday", &[("branch_head", &w.org.branches[0])], false).await.login, zf_tests::world::PASSWORD).await;
        let path = format!("/programs/{program}/units/{}/week-plans/{week}", w.org.branches[0].id);
        let plan = head.get(&path).await.good();
        assert_eq!(plan["state"], "draft");
        assert!(!doors(&plan).is_empty());
    }
}
