//! Routines over HTTP: periods become tasks once for each unit, holidays and
//! interruptions are skipped and said so (MTG-001…003, SUP-001…003), the county
//! changes a cadence for its outlets, and a meeting that is written down ends
//! its task.

use crate::campaign::started;
use serde_json::{Value as Json, json};
use zf_kernel::job::NewJob;
use zf_kernel::job::service::{job_enqueue, job_fetch};
use zf_tests::{Browser, World, both};

async fn run(w: &World, kind: &'static str) -> Json {
    let job = NewJob::new(kind, w.org.head.id, json!({}));
    let job = job_enqueue(&w.app, &w.machine(), &job).await.unwrap();
    w.drain().await;
    let done = job_fetch(&w.app, job.id).await.unwrap();
    assert_eq!(done.state, "done", "{}", done.message);
    done.result.unwrap()
}

fn of(w: &World) -> String {
    format!("/units/{}/routines", w.org.county.id)
}

async fn days(by: &Browser, path: &str, routine: &str, state: &str) -> Vec<(String, String)> {
    let said = by.get(path).await.good();
    let all = said["days"].as_array().unwrap().iter();
    let fits = all.filter(|d| d["routine_id"] == routine && d["state"] == state);
    let text = |v: &Json| v.as_str().unwrap().to_owned();
    fits.map(|d| (text(&d["day"]), text(&d["reason"])))
        .collect()
}

async fn titles(by: &Browser) -> Vec<String> {
    let items = by.get("/inbox").await.good()["items"].clone();
    let title = |i: &Json| i["task"]["title"].as_str().unwrap().to_owned();
    items.as_array().unwrap().iter().map(title).collect()
}

both! {
    async fn a_running_campaign_opens_its_routines_once_for_every_unit(w: World) {
        assert_eq!(run(&w, "routine.run").await["opened"], 0, "no campaign, no routines");
        started(&w).await;
        run(&w, "routine.run").await;
        let meetings = "SELECT COUNT(*) FROM task WHERE kind = 'morning_meeting'";
        assert_eq!(w.count(meetings).await, 3, "one for each outlet of the county");
        let before = w.count("SELECT COUNT(*) FROM task").await;
        assert_eq!(run(&w, "routine.run").await, json!({ "opened": 0, "skipped": 0 }));
        assert_eq!(w.count("SELECT COUNT(*) FROM task").await, before);
        let head = w.role("branch_head").await;
        assert!(titles(&head).await.contains(&"晨会".to_owned()));
        let bulletins = titles(&w.role("market_department").await).await;
        // Monday: the weekly bulletin; the contest's stands on Friday.
        assert!(bulletins.contains(&"每周走访通报".to_owned()), "{bulletins:?}");
        assert!(!bulletins.contains(&"走访对抗赛周通报".to_owned()), "{bulletins:?}");
    }

    async fn a_day_that_the_bank_has_off_is_skipped_and_the_calendar_says_why(w: World) {
        started(&w).await;
        run(&w, "routine.run").await;
        let system = w.role("system_admin").await;
        let off = json!({ "is_workday": false, "name": "行庆" });
        system.put("/calendar/2026-11-24", off).await.ok();
        w.it_is_now("2026-11-24T09:00:00+08:00");
        run(&w, "routine.run").await;
        let market = w.role("market_department").await;
        let path = format!("{}?from=2026-11-23&to=2026-11-30", of(&w));
        let skipped = days(&market, &path, "morning_meeting", "skipped").await;
        let expected = vec![("2026-11-24".to_owned(), "holiday".to_owned()); 3];
        assert_eq!(skipped, expected);
        let coming = days(&market, &path, "contest_bulletin", "coming").await;
        assert_eq!(coming, [("2026-11-27".to_owned(), String::new())]);
        // Yesterday's meetings were not held.
        assert_eq!(days(&market, &path, "morning_meeting", "late").await.len(), 3);
        let said = market.get(&path).await.good();
        assert_eq!(said["off"], json!(["2026-11-24", "2026-11-28", "2026-11-29"]));
    }

    async fn a_meeting_that_nobody_held_lapses_after_its_time(w: World) {
        started(&w).await;
        run(&w, "routine.run").await;
        w.it_is_now("2026-11-24T11:00:00+08:00");
        assert_eq!(run(&w, "task.tick").await["raised"], 3, "the county hears of three morning meetings");
        w.it_is_now("2026-11-26T21:00:00+08:00");
        assert_eq!(run(&w, "task.tick").await["lapsed"], 7, "both meetings of three outlets, and the bulletin of the city");
        let head = w.role("branch_head").await;
        assert!(!titles(&head).await.contains(&"晨会".to_owned()));
        let market = w.role("market_department").await;
        let path = format!("{}?from=2026-11-23&to=2026-11-23", of(&w));
        assert_eq!(days(&market, &path, "morning_meeting", "lapsed").await.len(), 3);
    }

    async fn the_county_changes_a_cadence_for_its_outlets_with_a_reason(w: World) {
        started(&w).await;
        let market = w.role("market_department").await;
        let put = format!("{}/liaison_check", of(&w));
        let mut body = json!({ "seen": 0, "enabled": true, "lead_days": 0, "reason": "",
            "cadence": { "every": "week", "weekdays": [2] } });
        market.put(&put, body.clone()).await.refused(422, "input.invalid");
        body["reason"] = json!("周四有例会");
        let wrong = json!({ "every": "week", "weekdays": [9] });
        let mut bad = body.clone();
        bad["cadence"] = wrong;
        market.put(&put, bad).await.refused(422, "input.invalid");
        let said = market.put(&put, body.clone()).await.good();
        let held = said["routines"].as_array().unwrap().iter().find(|r| r["id"] == "liaison_check").unwrap().clone();
        assert_eq!((&held["version"], &held["cadence"]["weekdays"], &held["shipped"]["weekdays"]), (&json!(1), &json!([2]), &json!([4])));
        market.put(&put, body.clone()).await.refused(409, "conflict");
        w.role("branch_head").await.put(&put, body.clone()).await.refused(403, "permission.denied");
        let path = format!("{}?from=2026-11-23&to=2026-11-29", of(&w));
        let coming = days(&market, &path, "liaison_check", "coming").await;
        assert_eq!(coming, vec![("2026-11-24".to_owned(), String::new()); 3]);
        let own = format!("/units/{}/routines?from=2026-11-23&to=2026-11-29", w.org.branches[0].id);
        let head = w.role("branch_head").await;
        assert_eq!(days(&head, &own, "liaison_check", "coming").await.len(), 1);
        body["seen"] = json!(1);
        body["enabled"] = json!(false);
        market.put(&put, body).await.good();
        assert_eq!(days(&market, &path, "liaison_check", "coming").await, []);
        market.put(&format!("{}/no_such", of(&w)), json!({ "seen": 0, "enabled": true, "lead_days": 0, "reason": "核对", "cadence": { "every": "day" } })).await.refused(404, "not_found");
    }

    async fn a_meeting_that_is_written_down_ends_its_task(w: World) {
        let program = started(&w).await;
        run(&w, "routine.run").await;
        let head = w.role("branch_head").await;
        assert!(titles(&head).await.contains(&"晨会".to_owned()));
        run(&w, "task.tick").await;
        assert!(titles(&head).await.contains(&"晨会".to_owned()), "nothing is written yet");
        let path = format!("/programs/{program}/units/{}/daily-meetings", w.org.branches[0].id);
        let said = head.get(&path).await.good();
        let mut answers = said["prefill"].clone();
        answers["present"] = json!(5);
        answers["matters"] = json!("先去三组");
        let body = json!({ "day": said["day"], "seen": 0, "form_version": said["form_version"], "answers": answers });
        head.put(&path, body).await.good();
        assert_eq!(run(&w, "task.tick").await["done"], 1);
        let left = titles(&head).await;
        assert!(!left.contains(&"晨会".to_owned()) && left.contains(&"夕会".to_owned()), "{left:?}");
        let calendar = format!("/units/{}/routines?from=2026-11-23&to=2026-11-23", w.org.branches[0].id);
        assert_eq!(days(&head, &calendar, "morning_meeting", "done").await.len(), 1);
    }
}
