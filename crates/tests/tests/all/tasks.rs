//! Tasks over HTTP: from hand to hand by the flow of their kind (ORG-009,
//! ORG-014, ORG-016, SUP-010, SUP-011), their clock with pauses, reminders and
//! escalation, what is in whose inbox, and that a source opens one only.

use serde_json::{Value as Json, json};
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use zf_kernel::job::NewJob;
use zf_kernel::job::service::job_enqueue;
use zf_kernel::job::task::{CancelTask, OpenTask, cancel_task, open_task};
use zf_tests::{Browser, World, both};

fn tasks(w: &World) -> String {
    format!("/units/{}/tasks", w.org.branches[0].id)
}

fn id(view: &Json) -> String {
    view["task"]["id"].as_str().unwrap().to_owned()
}

async fn open(w: &World, by: &Browser, kind: &str) -> Json {
    let body = json!({ "kind": kind, "note": "连续两天未完成" });
    by.post(&tasks(w), body).await.good()
}

async fn act(w: &World, by: &Browser, view: &Json, what: &str, more: Json) -> zf_tests::Reply {
    let mut body = json!({ "what": what, "seen": view["seq"] });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    by.post(&format!("{}/{}/acts", tasks(w), id(view)), body)
        .await
}

async fn now(w: &World, by: &Browser, view: &Json) -> Json {
    by.get(&format!("{}/{}", tasks(w), id(view))).await.good()
}

async fn inbox(by: &Browser) -> Vec<(String, String)> {
    let said = by.get("/inbox").await.good();
    let one = |i: &Json| {
        let text = |v: &Json| v.as_str().unwrap().to_owned();
        (text(&i["because"]), text(&i["task"]["title"]))
    };
    said["items"].as_array().unwrap().iter().map(one).collect()
}

async fn run(w: &World, job: &NewJob) -> Json {
    let job = job_enqueue(&w.app, &w.machine(), job).await.unwrap();
    w.drain().await;
    let done = zf_kernel::job::service::job_fetch(&w.app, job.id)
        .await
        .unwrap();
    assert_eq!(done.state, "done", "{}", done.message);
    done.result.unwrap()
}

async fn tick(w: &World) -> Json {
    run(w, &NewJob::new("task.tick", w.org.head.id, json!({}))).await
}

fn explained() -> Json {
    let answers = json!({
        "cause": "weather", "why": "连日大雨", "measures": "周六补访", "made_up_by": "2026-11-28"
    });
    json!({ "form_version": 1, "answers": answers })
}

fn one(because: &str, title: &str) -> Vec<(String, String)> {
    vec![(because.to_owned(), title.to_owned())]
}

both! {
    async fn a_task_goes_to_the_post_and_ends_when_it_is_handed_in(w: World) {
        let (market, head) = (w.role("market_department").await, w.role("branch_head").await);
        let view = open(&w, &market, "todo").await;
        // Opened on Monday at nine: two workdays, until six in the evening.
        assert_eq!(view["task"]["due_at"], "2026-11-25T18:00:00+08:00");
        assert_eq!(inbox(&head).await, one("mine", "一般任务"));
        assert_eq!(inbox(&w.role("visitor").await).await, []);
        let seen = now(&w, &head, &view).await;
        assert_eq!(seen["allowed"], json!(["assign", "submit", "comment"]));
        let done = act(&w, &head, &seen, "submit", json!({ "says": "已办" })).await.good();
        assert_eq!((&done["task"]["waits"], &done["history"][1]["says"]), (&json!("nobody"), &json!("已办")));
        assert_eq!(inbox(&head).await, []);
        assert_eq!(w.count("SELECT COUNT(*) FROM event WHERE action IN ('task.open', 'task.submit')").await, 2);
        let ended = market.get("/tasks?state=ended").await.items();
        assert_eq!(ended.len(), 1);
        assert_eq!(market.get("/tasks").await.items().len(), 0);
    }

    async fn an_explanation_is_answered_on_its_form_and_checked_by_the_director(w: World) {
        let (head, director) = (w.role("branch_head").await, w.role("director").await);
        let market = w.role("market_department").await;
        let view = open(&w, &market, "explanation").await;
        let seen = now(&w, &head, &view).await;
        assert_eq!(seen["form"]["id"], "explanation");
        let short = json!({ "form_version": 1, "answers": { "cause": "weather" } });
        let wrong = act(&w, &head, &seen, "submit", short).await.refused(422, "input.invalid");
        assert_eq!(wrong["errors"].as_array().unwrap().len(), 3, "{wrong}");
        let mut named = explained();
        named["answers"]["why"] = json!("给 10412345678 打电话");
        act(&w, &head, &seen, "submit", named).await.refused(422, "input.invalid");
        let handed = act(&w, &head, &seen, "submit", explained()).await.good();
        assert_eq!(handed["task"]["waits"], "checker");
        assert_eq!(handed["history"][1]["answers"]["why"], "连日大雨");
        assert_eq!(inbox(&director).await, one("check", "向局长说明情况"));
        // The head has it no more, and the marketing department does not check it.
        act(&w, &head, &handed, "close", json!({})).await.refused(403, "permission.denied");
        act(&w, &market, &handed, "close", json!({})).await.refused(403, "permission.denied");
        act(&w, &director, &handed, "return", json!({})).await.refused(422, "input.invalid");
        let back = act(&w, &director, &handed, "return", json!({ "says": "措施不具体" })).await.good();
        assert_eq!(back["task"]["state_name"]["zh"], "已退回");
        act(&w, &head, &handed, "submit", explained()).await.refused(409, "conflict");
        let again = act(&w, &head, &back, "submit", explained()).await.good();
        let closed = act(&w, &director, &again, "close", json!({})).await.good();
        assert_eq!(closed["task"]["state"], "done");
        act(&w, &head, &closed, "submit", explained()).await.refused(409, "task.state");
    }

    async fn nobody_checks_the_own_work_and_nobody_acts_elsewhere(w: World) {
        let both = w.account("both", &[("branch_head", &w.org.branches[0]), ("market_department", &w.org.county)], false).await;
        let both = w.browser().sign_in(&both.login, zf_tests::world::PASSWORD).await;
        let view = open(&w, &both, "rectification").await;
        let handed = act(&w, &both, &view, "submit", json!({ "says": "已改" })).await.good();
        act(&w, &both, &handed, "close", json!({})).await.refused(409, "permission.second_person");
        let market = w.role("market_department").await;
        assert_eq!(inbox(&market).await, one("check", "整改"));
        act(&w, &market, &handed, "close", json!({})).await.good();
        let other = w.role_at("branch_head", &w.org.branches[1]).await;
        other.get(&format!("{}/{}", tasks(&w), id(&view))).await.refused(404, "not_found");
        assert_eq!(other.get("/tasks?state=ended").await.items().len(), 0);
        let body = json!({ "kind": "todo" });
        other.post(&tasks(&w), body).await.refused(404, "not_found");
        // Kinds that only routines open are not opened by hand.
        let body = json!({ "kind": "morning_meeting" });
        market.post(&tasks(&w), body).await.refused(422, "input.invalid");
    }

    async fn a_task_is_handed_over_with_a_reason_and_taken_back(w: World) {
        let (head, visitor) = (w.role("branch_head").await, w.role("visitor").await);
        let view = open(&w, &head, "todo").await;
        let people = view["people"].as_array().unwrap();
        let to = people.iter().find(|p| p["post"]["zh"] == "走访人员").unwrap()["user_id"].clone();
        act(&w, &head, &view, "assign", json!({ "to": to })).await.refused(422, "input.invalid");
        let given = act(&w, &head, &view, "assign", json!({ "to": to, "says": "我去县局开会" })).await.good();
        assert_eq!(given["history"][1]["towards"]["zh"], given["task"]["owner_name"]);
        assert_eq!((inbox(&head).await, inbox(&visitor).await), (vec![], one("mine", "一般任务")));
        act(&w, &head, &given, "submit", json!({})).await.refused(403, "permission.denied");
        let stranger = w.account("stranger", &[("visitor", &w.org.branches[1])], false).await;
        act(&w, &visitor, &given, "assign", json!({ "to": stranger.id.to_string(), "says": "给你" })).await.refused(422, "input.invalid");
        act(&w, &visitor, &given, "assign", json!({ "says": "交回支局" })).await.good();
        assert_eq!(inbox(&head).await, one("mine", "一般任务"));
    }

    async fn parts_must_be_done_before_the_whole(w: World) {
        let head = w.role("branch_head").await;
        let whole = open(&w, &head, "todo").await;
        let body = json!({ "kind": "todo", "title": "联系村委", "parent_id": id(&whole) });
        let part = head.post(&tasks(&w), body).await.good();
        act(&w, &head, &whole, "submit", json!({})).await.refused(409, "task.children");
        act(&w, &head, &part, "submit", json!({})).await.good();
        let seen = now(&w, &head, &whole).await;
        assert_eq!(seen["parts"][0]["title"], "联系村委");
        act(&w, &head, &seen, "submit", json!({})).await.good();
    }

    async fn the_clock_pauses_reminds_and_tells_those_above(w: World) {
        let market = w.role("market_department").await;
        let view = open(&w, &market, "supervision_notice").await;
        assert_eq!(view["task"]["due_at"], "2026-11-25T18:00:00+08:00");
        act(&w, &w.role("branch_head").await, &view, "pause", json!({ "says": "等批复" })).await.refused(403, "permission.denied");
        let stands = act(&w, &market, &view, "pause", json!({ "says": "等县局批复" })).await.good();
        assert_eq!(inbox(&w.role("branch_head").await).await, [], "nothing to do while it stands");
        w.it_is_now("2026-11-27T10:00:00+08:00");
        assert_eq!(tick(&w).await["raised"], 0, "a clock that stands is not late");
        let market = w.role("market_department").await;
        let runs = act(&w, &market, &stands, "resume", json!({})).await.good();
        // Two workdays were left on Monday: from Friday that is Tuesday.
        assert_eq!(runs["task"]["due_at"], "2026-12-01T18:00:00+08:00");
        w.it_is_now("2026-12-01T11:00:00+08:00");
        assert_eq!(tick(&w).await, json!({ "done": 0, "lapsed": 0, "reminded": 1, "raised": 0 }));
        assert_eq!(tick(&w).await["reminded"], 0, "once");
        w.it_is_now("2026-12-01T18:01:00+08:00");
        assert_eq!(tick(&w).await["raised"], 1);
        assert_eq!(inbox(&w.role("market_department").await).await, one("raised", "督办单"));
        w.it_is_now("2026-12-02T18:01:00+08:00");
        assert_eq!(tick(&w).await["raised"], 1);
        assert_eq!(tick(&w).await["raised"], 0, "everybody has heard");
        let director = w.role("director").await;
        assert_eq!(inbox(&director).await, one("raised", "督办单"));
        let said = director.get("/inbox").await.good();
        assert_eq!((&said["count"], &said["late"]), (&json!(1), &json!(1)));
        let history = now(&w, &director, &view).await["history"].clone();
        let what: Vec<&str> = history.as_array().unwrap().iter().map(|e| e["what"].as_str().unwrap()).collect();
        assert_eq!(what, ["open", "pause", "resume", "remind", "escalate", "escalate"]);
    }

    async fn an_open_page_is_told_how_much_waits_and_a_session_that_is_over_of_nothing(w: World) {
        let head = w.role("branch_head").await;
        open(&w, &head, "todo").await;
        let stopping = w.state.stopping.clone();
        stopping.store(false, SeqCst);
        let ends = stopping.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(700)).await;
            ends.store(true, SeqCst);
        });
        let said = head.get("/me/notices").await.ok().text();
        assert_eq!(said, "event: inbox\ndata: {\"count\":1,\"late\":0}\n\n", "once, for nothing has changed");
        // Nobody touches anything for longer than a session idles: the stream ends by itself.
        stopping.store(false, SeqCst);
        let clock = w.clock.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(300)).await;
            clock.forward_minutes(20);
        });
        head.get("/me/notices").await.ok();
        head.get("/inbox").await.refused(401, "auth.required");
    }

    async fn another_room_opens_one_task_however_often_it_asks(w: World) {
        let unit = w.org.branches[0].id;
        let asked = OpenTask {
            kind: "explanation".to_owned(),
            source: "shortfall".to_owned(),
            source_id: "far/2026-11-23".to_owned(),
            title: String::new(),
            note: "连续两天未完成".to_owned(),
            program_id: None,
            day: Some("2026-11-23".parse().unwrap()),
            due_at: None,
        };
        let first = run(&w, &open_task(unit, &asked)).await;
        let second = run(&w, &open_task(unit, &asked)).await;
        assert_eq!((&first["fresh"], &second["fresh"]), (&json!(true), &json!(false)));
        assert_eq!(first["task"], second["task"]);
        assert_eq!(w.count("SELECT COUNT(*) FROM task").await, 1);
        assert_eq!(w.count("SELECT COUNT(*) FROM event WHERE action = 'task.open'").await, 1);
        let gone = CancelTask {
            source: asked.source.clone(),
            source_id: asked.source_id.clone(),
            reason: "数字更正后已完成".to_owned(),
        };
        assert_eq!(run(&w, &cancel_task(unit, &gone)).await["canceled"], true);
        assert_eq!(run(&w, &cancel_task(unit, &gone)).await["canceled"], false);
        assert_eq!(inbox(&w.role("branch_head").await).await, []);
    }
}
