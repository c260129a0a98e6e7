//! Writing a campaign over HTTP: from the blank form to a draft, faults with
//! their lines, versions compared and restored, copies, pauses, quotas that
//! hold from a day, and the checklist of the preparation.

use crate::campaign::{draft, plan_path, planned, started};
use serde_json::{Value as Json, json};
use zf_tests::both;

/// Sets one value of a JSON tree; list items by their place.
fn set(value: &mut Json, path: &str, next: Json) {
    let place = format!("/{}", path.replace('.', "/"));
    *value
        .pointer_mut(&place)
        .unwrap_or_else(|| panic!("no {path}")) = next;
}

fn paths(read: &Json) -> Vec<&str> {
    let faults = read["faults"].as_array().unwrap();
    faults.iter().map(|f| f["path"].as_str().unwrap()).collect()
}

fn change<'a>(diff: &'a Json, key: &str) -> Option<(&'a Json, &'a Json)> {
    let changes = diff["changes"].as_array().unwrap();
    let found = changes.iter().find(|c| c["key"] == key)?;
    Some((&found["old"], &found["new"]))
}

/// What is asked and how it is visited (CMP-001…012, PLN-001…009).
fn tasks_and_visits() -> Vec<(&'static str, Json)> {
    vec![
        ("program.id", json!("typed-in")),
        ("program.title", json!("百万客户大走访")),
        ("program.slogan", json!("百万客户大走访，百万客户大拜年")),
        ("program.slogan_customers", json!(1_000_000)),
        ("program.start", json!("2016-10-01")),
        ("program.end", json!("2017-03-31")),
        ("program.filing_due", json!("2016-09-30")),
        (
            "program.preparation",
            json!(["plan", "mobilise", "material", "data_entry", "team"]),
        ),
        ("quota.households_per_outlet_per_day", json!(20)),
        ("quota.carry_over", json!(true)),
        ("quota.repay_by", json!("precise")),
        ("quota.carry_over_raises_daily_bar", json!(false)),
        (
            "collection.mandatory_fields",
            json!(["name", "phone", "id_number", "address"]),
        ),
        ("collection.enter_same_day", json!(true)),
        (
            "collection.later_units",
            json!(["administrative_village", "mail_route"]),
        ),
        ("ring.near_km", json!(5)),
        ("preliminary.unit", json!("village_group")),
        ("precise.urban_prefilter", json!(true)),
        (
            "warm_up.through",
            json!(["estate_manager", "workplace_contact"]),
        ),
        ("warm_up.hands_out", json!(["publicity", "small_gift"])),
        ("planning.unit", json!("week")),
        ("planning.basis", json!("service_area")),
        ("planning.follow_strictly", json!(true)),
    ]
}

/// Ladder, pay and evidence (SUP-006…016, EVD-001…009).
fn judging() -> Vec<(&'static str, Json)> {
    vec![
        ("ladder.compare_with", json!("base_quota")),
        ("ladder.explain_after_days", json!(2)),
        ("ladder.explain_to", json!("director")),
        ("ladder.notice_after_days", json!(3)),
        ("ladder.deduction_fen_per_day", json!(10_000)),
        ("reward.head_fen", json!(100_000)),
        ("reward.liaison_fen", json!(100_000)),
        ("reward.per_record_fen", json!(20)),
        ("reward.only_when_plan_completed", json!(true)),
        ("reward.distribute_by", json!("individual_count")),
        ("shortfall.deduction_fen_per_item", json!(10)),
        ("evidence.traces", json!(["sticker", "photo"])),
        ("evidence.traces_per", json!("village_group")),
        ("evidence.callback_sample", json!(10)),
        ("evidence.callback_fail_above", json!(0.5)),
        ("evidence.zero_trace", json!("not_visited")),
        ("evidence.combine", json!("any")),
        ("evidence.liaison_joins_per_week", json!(1)),
        ("evidence.liaison_checks", json!("weekly")),
        (
            "evidence.spot_check_items",
            json!(["sticker", "leaflet", "business_card", "product_awareness"]),
        ),
        ("evidence.first_finding", json!("circulated_criticism")),
        ("evidence.second_finding", json!("explain_at_city_bureau")),
        ("evidence.form_assessment", json!("monthly")),
    ]
}

/// Bulletins and material (SUP-001…005, DOC-007, BUD-013).
fn bulletins_and_material() -> Vec<(&'static str, Json)> {
    vec![
        ("bulletin.morning_review", json!("daily")),
        ("bulletin.county", json!("weekly")),
        ("bulletin.contest", json!("weekly")),
        ("bulletin.completeness", json!("daily")),
        ("bulletin.newsletter", json!("weekly")),
        (
            "materials.carry",
            json!([
                "collection_form",
                "publicity",
                "business_card",
                "gift_catalogue"
            ]),
        ),
        ("materials.general_sheets_per_person", json!(1)),
        ("materials.poster_places", json!(["small_shop"])),
        (
            "materials.printed",
            json!([
                "publicity_sheet",
                "poster",
                "notice",
                "folded_leaflet",
                "sticker",
                "business_card",
                "gift_catalogue"
            ]),
        ),
        (
            "materials.county_prints",
            json!(["publicity_material", "collection_form", "service_card"]),
        ),
        ("materials.goods_for", json!("spring_festival")),
    ]
}

/// Phases, windows and teams (CMP-004…007, PLN-006…008).
fn lists(d: &mut Json) {
    set(
        d,
        "phase",
        json!([
            { "id": "phase-1", "title": "客户大走访", "start": "2016-10-01", "end": "2017-01-31", "purpose": ["publicity", "collection"], "kinds": ["first", "precise"], "lunar_anchor": null },
            { "id": "phase-2", "title": "客户大拜年", "start": "2017-02-01", "end": "2017-03-31", "purpose": ["promotion", "return_visit"], "kinds": ["precise", "follow_up"], "lunar_anchor": "spring_festival" },
        ]),
    );
    set(
        d,
        "window",
        json!([
            { "id": "window-1", "title": "上午", "start": "08:30", "end": "12:00" },
            { "id": "window-2", "title": "晚上", "start": "18:30", "end": "20:00" },
        ]),
    );
    set(
        d,
        "team",
        json!([
            { "id": "team-1", "title": "初步走访小组", "kind": "first", "ring": "any", "posts": ["branch_head", "postman", "power_area_worker"], "outside_posts": ["power_area_worker"], "windows": ["window-1"], "per_outlet": 1 },
            { "id": "team-2", "title": "五公里以外", "kind": "precise", "ring": "far", "posts": ["branch_head", "postman"], "outside_posts": null, "windows": ["window-1"], "per_outlet": 1 },
            { "id": "team-3", "title": "五公里以内", "kind": "precise", "ring": "near", "posts": ["branch_head", "teller"], "outside_posts": null, "windows": ["window-2"], "per_outlet": 1 },
        ]),
    );
}

/// The campaign of the sources, typed into the blank form.
fn typed_in(blank: &Json, branches: &[(String, i64)]) -> Json {
    let mut d = blank.clone();
    let figures = [tasks_and_visits(), judging(), bulletins_and_material()];
    for (path, value) in figures.concat() {
        set(&mut d, path, value);
    }
    let plans: serde_json::Map<String, Json> = branches
        .iter()
        .map(|(code, n)| (code.clone(), json!(n)))
        .collect();
    set(&mut d, "collection.outlets", Json::Object(plans));
    lists(&mut d);
    d
}

both! {
    async fn the_campaign_of_the_sources_is_typed_into_the_blank_form(w: World) {
        let market = w.role("market_department").await;
        let form = market.get("/program-form").await.good();
        let sections = form["sections"].as_array().unwrap();
        let quota = sections.iter().find(|s| s["key"] == "quota").unwrap();
        let field = quota["fields"].as_array().unwrap().iter().find(|f| f["key"] == "households_per_outlet_per_day").unwrap();
        assert_eq!((&field["kind"], &field["title"]["zh"], &field["unit"], &field["requirements"]), (&json!("int"), &json!("每网点每日户数"), &json!("户"), &json!(["CMP-009"])));
        assert_eq!((&field["low"], &field["high"]), (&json!(1.0), &json!(1000.0)));
        // Nothing that the sources print is filled in; compliance values are.
        let blank = &form["blank"];
        assert_eq!((&blank["quota"]["households_per_outlet_per_day"], &blank["program"]["start"], &blank["phase"]), (&Json::Null, &Json::Null, &json!([])));
        assert_eq!((&blank["ladder"]["propose_only"], &blank["gift"]["may_read_deposits"]), (&json!(true), &json!(false)));

        let read = market.post("/program-files/read", json!({ "definition": blank })).await.good();
        let places = paths(&read);
        for expected in ["program.id", "program.title", "program.start", "quota.households_per_outlet_per_day", "reward.head_fen"] {
            assert!(places.contains(&expected), "{expected} not in {places:?}");
        }
        market.post("/programs", json!({ "definition": blank })).await.refused(422, "input.invalid");

        let branches: Vec<(String, i64)> = w.org.branches.iter().zip([2_600, 1_800, 900]).map(|(b, n)| (b.code.clone(), n)).collect();
        let typed = typed_in(blank, &branches);
        let read = market.post("/program-files/read", json!({ "definition": typed })).await.good();
        assert_eq!(read["faults"], json!([]), "{read}");
        let made = market.post("/programs", json!({ "definition": typed })).await.good();
        assert_eq!((&made["state"], &made["name"], &made["quota_per_day"]), (&json!("draft"), &json!("百万客户大走访"), &json!(20)));
        let path = format!("/programs/{}", made["id"].as_str().unwrap());
        let units = market.get(&format!("{path}/units")).await.items();
        let plans: Vec<i64> = units.iter().map(|u| u["collection_plan"].as_i64().unwrap()).collect();
        let mut expected = branches.clone();
        expected.sort();
        assert_eq!(plans, expected.iter().map(|(_, n)| *n).collect::<Vec<_>>());
        let stored = market.get(&path).await.good();
        assert_eq!(stored["definition"]["reward"]["per_record_fen"], 20);
        let all = market.get(&format!("{path}/parameters")).await.items();
        let near = all.iter().find(|p| p["key"] == "ring.near_km").unwrap();
        assert_eq!((&near["value"], &near["unit"]), (&json!(5.0), &json!("公里")));
    }

    async fn faults_of_a_file_are_told_in_chinese_with_their_lines(w: World) {
        let market = w.role("market_department").await;
        let program = draft(&w).await;
        let toml = market.get(&format!("/programs/{program}")).await.good()["toml"].as_str().unwrap().to_owned();
        let good = market.post("/program-files/read", json!({ "toml": toml })).await.good();
        assert_eq!((&good["faults"], good["definition"]["quota"]["households_per_outlet_per_day"].as_i64()), (&json!([]), Some(20)));
        let bad = toml.replace("near_km = 5.0", "near_km = 500.0");
        let line = bad.lines().position(|l| l == "near_km = 500.0").unwrap() + 1;
        let read = market.post("/program-files/read", json!({ "toml": bad })).await.good();
        // The range is said at the section, whose head stands some lines above.
        let fault = &read["faults"][0];
        assert_eq!((&fault["path"], &fault["message"]), (&json!("ring.near_km"), &json!("请写 0.1 到 200 之间的数。")));
        assert!(fault["line"].as_u64().is_some_and(|n| n as usize <= line && n as usize + 2 >= line), "{fault} {line}");
        assert_eq!(read["definition"], Json::Null);
        let read = market.post("/program-files/read", json!({ "toml": "a = = 1" })).await.good();
        assert_eq!(read["faults"][0]["line"], 1);
    }

    async fn two_versions_are_compared_and_the_old_one_is_restored(w: World) {
        let market = w.role("market_department").await;
        let program = draft(&w).await;
        let path = format!("/programs/{program}");
        let mut next = market.get(&path).await.good()["definition"].clone();
        set(&mut next, "reward.head_fen", json!(80_000));
        set(&mut next, "phase.0.title", json!("大走访"));
        let outlet = w.org.branches[0].code.clone();
        next["collection"]["outlets"][&outlet] = json!(2_600);
        next["phase"].as_array_mut().unwrap().remove(1);
        next["script"].as_array_mut().unwrap().swap(0, 2);
        market.put(&path, json!({ "definition": next, "note": "少发一点", "version": 1 })).await.good();

        let diff = market.get(&format!("{path}/versions/1/diff/2")).await.good();
        assert_eq!((&diff["from"]["version"], &diff["to"]["note"]), (&json!(1), &json!("少发一点")));
        assert_eq!(change(&diff, "reward.head_fen"), Some((&json!(100_000), &json!(80_000))));
        assert_eq!(change(&diff, "phase.visit.title"), Some((&json!("客户大走访"), &json!("大走访"))));
        assert_eq!(change(&diff, "phase.greeting.start").map(|(_, new)| new), Some(&Json::Null));
        assert_eq!(change(&diff, &format!("collection.outlets.{outlet}")), Some((&Json::Null, &json!(2_600))));
        assert!(change(&diff, "script").is_some(), "another order is a change");
        assert!(change(&diff, "ring.near_km").is_none());
        let back = market.get(&format!("{path}/versions/2/diff/1")).await.good();
        assert_eq!(change(&back, "reward.head_fen"), Some((&json!(80_000), &json!(100_000))));
        let same = market.get(&format!("{path}/versions/2/diff/2")).await.good();
        assert_eq!(same["changes"], json!([]));

        let stale = json!({ "note": "恢复", "version": 1 });
        market.post(&format!("{path}/versions/1/restore"), stale).await.refused(409, "conflict");
        let restored = market.post(&format!("{path}/versions/1/restore"), json!({ "note": "恢复原来的", "version": 2 })).await.good();
        assert_eq!(restored["version"], 3);
        let same = market.get(&format!("{path}/versions/1/diff/3")).await.good();
        assert_eq!(same["changes"], json!([]));
        let old = market.get(&format!("{path}/versions/2")).await.good();
        assert_eq!(old["definition"]["reward"]["head_fen"], 80_000);
        market.get(&format!("{path}/versions/9")).await.refused(404, "not_found");
    }

    async fn a_copy_has_another_code_and_its_phases_on_the_new_days(w: World) {
        let market = w.role("market_department").await;
        let program = draft(&w).await;
        let path = format!("/programs/{program}/clone");
        let same_code = json!({ "code": "winter", "name": "再来一次" });
        market.post(&path, same_code).await.refused(409, "duplicate");
        let copy = json!({ "code": "winter-2027", "name": "再来一次", "first_day": "2027-10-01" });
        let made = market.post(&path, copy).await.good();
        // 182 days from 1 October 2027, the second phase after 123 of them.
        assert_eq!((&made["state"], &made["version"], &made["last_day"]), (&json!("draft"), &json!(1), &json!("2028-03-30")));
        assert_eq!((&made["phases"][0]["last_day"], &made["phases"][1]["first_day"]), (&json!("2028-01-31"), &json!("2028-02-01")));
        let copied = market.get(&format!("/programs/{}", made["id"].as_str().unwrap())).await.good();
        assert_eq!(copied["definition"]["program"]["filing_due"], "2027-09-30");
    }

    async fn a_paused_campaign_makes_no_plans_until_it_is_resumed(w: World) {
        let program = started(&w).await;
        w.clock.forward_seconds(1);
        let path = format!("/programs/{program}");
        let (market, director) = (w.role("market_department").await, w.role("director").await);
        let why = json!({ "reason": "连续暴雨" });
        market.post(&format!("{path}/pause"), why.clone()).await.refused(403, "permission.denied");
        director.post(&format!("{path}/pause"), json!({ "reason": " " })).await.refused(422, "input.invalid");
        let paused = director.post(&format!("{path}/pause"), why.clone()).await.good();
        assert_eq!(paused["state"], "paused");
        director.post(&format!("{path}/pause"), why.clone()).await.refused(409, "conflict");
        market.press(&format!("{path}/targets")).await.refused(422, "input.invalid");
        let week = json!({ "week": "2026-W49" });
        market.post(&format!("{path}/week-plans"), week.clone()).await.refused(422, "input.invalid");
        let life = market.get(&format!("{path}/life")).await.good();
        let changes: Vec<(&str, &str)> = life["changes"].as_array().unwrap().iter().map(|c| (c["state"].as_str().unwrap(), c["reason"].as_str().unwrap())).collect();
        assert_eq!(changes[0], ("paused", "连续暴雨"));
        assert!(changes.contains(&("started", "")), "{changes:?}");
        let running = director.post(&format!("{path}/resume"), json!({ "reason": "雨停了" })).await.good();
        assert_eq!(running["state"], "started");
        market.post(&format!("{path}/week-plans"), week).await.good();
        director.press(&format!("{path}/close")).await.good();
        director.post(&format!("{path}/pause"), why).await.refused(409, "conflict");
    }

    async fn a_quota_changed_in_mid_campaign_holds_from_the_next_monday(w: World) {
        let program = started(&w).await;
        let path = format!("/programs/{program}");
        let market = w.role("market_department").await;
        let first = &w.org.branches[0];
        let units = |items: Vec<Json>| items.into_iter().find(|u| u["unit_id"] == first.id.to_string()).unwrap();
        let before = units(market.get(&format!("{path}/units")).await.items());
        assert_eq!((&before["quota_today"], &before["quota_from"]), (&json!(4), &Json::Null));
        market.put(&format!("{path}/units/{}/parameters", first.id), json!({ "quota_per_day": 3 })).await.ok();
        let after = units(market.get(&format!("{path}/units")).await.items());
        assert_eq!((&after["quota_per_day"], &after["quota_today"]), (&json!(3), &json!(4)), "{after}");
        let me = market.get("/me").await.good();
        let today: zf_base::Day = me["system"]["today"].as_str().unwrap().parse().unwrap();
        let monday = today.week().next().monday().to_string();
        assert_eq!(after["quota_from"], json!(monday));
    }

    async fn the_steps_of_the_preparation_are_ticked_with_a_day(w: World) {
        let program = draft(&w).await;
        let path = format!("/programs/{program}");
        let market = w.role("market_department").await;
        let steps = |life: &Json| -> Vec<(String, Json)> {
            life["steps"].as_array().unwrap().iter().map(|s| (s["step"].as_str().unwrap().to_owned(), s["done_day"].clone())).collect()
        };
        let life = market.get(&format!("{path}/life")).await.good();
        // TIM-006: plan, mobilise and train (MTG-001, HRT-014), material, data entry, team.
        assert_eq!(steps(&life).iter().map(|(s, _)| s.as_str()).collect::<Vec<_>>(), ["plan", "mobilise", "material", "data_entry", "team"]);
        assert!(steps(&life).iter().all(|(_, day)| day.is_null()));
        let tick = json!({ "done_day": "2026-09-20", "note": "全局动员会，全员培训" });
        market.put(&format!("{path}/steps/mobilise"), tick).await.ok();
        market.put(&format!("{path}/steps/dance"), json!({ "done_day": "2026-09-20" })).await.refused(422, "input.invalid");
        market.put(&format!("{path}/steps/team"), json!({ "done_day": "2099-01-01" })).await.refused(422, "input.invalid");
        let life = market.get(&format!("{path}/life")).await.good();
        let done = &life["steps"][1];
        assert_eq!((&done["done_day"], &done["note"]), (&json!("2026-09-20"), &json!("全局动员会，全员培训")));
        assert_ne!(done["by_name"], json!(""));
        market.put(&format!("{path}/steps/mobilise"), json!({ "done_day": null })).await.ok();
        let life = market.get(&format!("{path}/life")).await.good();
        assert_eq!(life["steps"][1]["done_day"], Json::Null);
    }

    async fn a_changed_calendar_names_the_plans_that_were_made_before(w: World) {
        let program = planned(&w).await;
        let market = w.role("market_department").await;
        let path = format!("/programs/{program}/calendar-changes");
        assert_eq!(market.get(&path).await.items(), Vec::<Json>::new());
        let branch = &w.org.branches[0];
        let head = w.role_at("branch_head", branch).await;
        head.press(&format!("{}/confirm", plan_path(&program, branch))).await.ok();
        w.clock.forward_minutes(1);
        // 2 December 2026 is the Wednesday of the planned week.
        let admin = w.role("system_admin").await;
        admin.put("/calendar/2026-12-02", json!({ "is_workday": false, "name": "停电检修" })).await.ok();
        let weeks = market.get(&path).await.items();
        assert_eq!(weeks.len(), 1, "{weeks:?}");
        assert_eq!((&weeks[0]["week"], &weeks[0]["days"][0]["name"]), (&json!("2026-W49"), &json!("停电检修")));
        let names = |list: &Json| list.as_array().unwrap().iter().map(|u| u["unit_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(names(&weeks[0]["confirmed"]), [branch.id.to_string()]);
        assert_eq!(names(&weeks[0]["drafts"]).len(), 2);
        // The head sees the own branch only.
        let own = head.get(&path).await.items();
        assert_eq!((names(&own[0]["confirmed"]).len(), names(&own[0]["drafts"]).len()), (1, 0));
        // Planning again takes the drafts off the list.
        w.clock.forward_minutes(1);
        market.post(&format!("/programs/{program}/week-plans"), json!({ "week": "2026-W49" })).await.good();
        w.drain().await;
        let weeks = market.get(&path).await.items();
        assert_eq!((names(&weeks[0]["confirmed"]).len(), names(&weeks[0]["drafts"]).len()), (1, 0));
        // A correction that is taken back changes the week once more, for the drafts made in between too.
        w.clock.forward_minutes(1);
        admin.delete("/calendar/2026-12-02").await.ok();
        let weeks = market.get(&path).await.items();
        assert_eq!((names(&weeks[0]["confirmed"]).len(), names(&weeks[0]["drafts"]).len()), (1, 2));
        assert_eq!(weeks[0]["days"][0]["name"], json!("更正已取消，仍按上班"));
    }
}
