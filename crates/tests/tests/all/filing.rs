//! Before the start: repairs of the check, filed visit plans, approval. During
//! the campaign: the counts of a day and the ledger of what is still open.

use super::campaign::{draft, fill, set_figures, started};
use serde_json::{Value as Json, json};
use zf_tests::both;
use zf_tests::files::sheet_names;

/// The plan that a branch is offered, with its collection plan accepted.
fn accepted(detail: &Json) -> Json {
    let mut plan = detail["proposal"].clone();
    plan["materials"] = json!(["sticker"]);
    plan
}

fn row<'j>(list: &'j Json, unit: &str) -> &'j Json {
    let mut items = list["items"].as_array().unwrap().iter();
    items.find(|r| r["unit_id"] == unit).unwrap()
}

both! {
    async fn a_branch_hands_in_its_plan_and_the_county_returns_and_accepts_it(w: World) {
        fill(&w).await;
        let program = draft(&w).await;
        set_figures(&w, &program).await;
        let unit = w.org.branches[0].id.to_string();
        let (market, head) = (w.role("market_department").await, w.role_at("branch_head", &w.org.branches[0]).await);
        let list = format!("/programs/{program}/filings");
        let own = format!("{list}/{unit}");
        // The plans were due the day before the first of October.
        let before = market.get(&list).await.good();
        assert_eq!((&before["due"], before["items"].as_array().unwrap().len()), (&json!("2026-09-30"), 3));
        assert_eq!((&row(&before, &unit)["state"], &row(&before, &unit)["late"]), (&json!("none"), &json!(true)));

        let detail = head.get(&own).await.good();
        assert_eq!(detail["proposal"]["areas"].as_array().unwrap().len(), 4, "{detail}");
        assert_eq!(detail["proposal"]["collection_plan"], 30);
        let plan = accepted(&detail);
        market.post(&own, plan.clone()).await.refused(403, "permission.denied");
        let mut empty = plan.clone();
        empty["teams"][0]["members"] = json!([]);
        let refused = head.post(&own, empty).await.refused(422, "input.invalid");
        assert_eq!(refused["errors"][0]["field"], "teams.preliminary");
        let mut foreign = plan.clone();
        foreign["areas"][0]["village_group_id"] = json!(unit);
        head.post(&own, foreign).await.refused(422, "input.invalid");
        let filed = head.post(&own, plan.clone()).await.good();
        assert_eq!((&filed["filings"][0]["state"], &filed["late"]), (&json!("filed"), &json!(false)));

        let decision = format!("{own}/decision");
        market.post(&decision, json!({ "seq": 1, "accept": false })).await.refused(422, "input.invalid");
        market.post(&decision, json!({ "seq": 1, "accept": false, "reason": "三组排得太晚" })).await.ok();
        market.post(&decision, json!({ "seq": 1, "accept": true })).await.refused(409, "conflict");
        let returned = head.get(&own).await.good();
        assert_eq!((&returned["filings"][0]["reason"], &returned["late"]), (&json!("三组排得太晚"), &json!(true)));
        head.post(&own, plan.clone()).await.ok();
        let done = market.post(&decision, json!({ "seq": 2, "accept": true })).await.good();
        let states: Vec<&str> = done["filings"].as_array().unwrap().iter().map(|f| f["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["accepted", "returned"]);
        head.post(&own, plan).await.refused(409, "conflict");
        let after = market.get(&list).await.good();
        assert_eq!((&row(&after, &unit)["state"], &row(&after, &unit)["late"]), (&json!("accepted"), &json!(false)));

        // Another branch head sees its own branch and not this one.
        let other = w.role_at("branch_head", &w.org.branches[1]).await;
        other.get(&own).await.refused(404, "not_found");
        assert_eq!(other.get(&list).await.items().len(), 1);
        // A draft is deleted with what was filed for it.
        market.delete(&format!("/programs/{program}")).await.ok();
    }

    async fn the_county_accepts_all_plans_at_once_and_those_with_an_objection_are_left(w: World) {
        fill(&w).await;
        let program = draft(&w).await;
        set_figures(&w, &program).await;
        let (market, path) = (w.role("market_department").await, format!("/programs/{program}"));
        let (list, all) = (format!("{path}/filings"), format!("{path}/filing-decisions"));
        let detail = market.get(&path).await.good();
        let last_week = "2027-W13";
        for (n, branch) in w.org.branches.iter().enumerate() {
            let head = w.role_at("branch_head", branch).await;
            let own = format!("{list}/{}", branch.id);
            let mut plan = accepted(&head.get(&own).await.good());
            if n == 2 {
                plan["areas"][0]["week"] = json!(last_week);
            }
            head.post(&own, plan).await.ok();
        }
        let filed = market.get(&list).await.items();
        let seen: Vec<Json> = filed.iter().map(|r| json!({ "unit_id": r["unit_id"], "seq": r["seq"] })).collect();
        assert_eq!(seen.len(), 3);
        let body = json!({ "seen": seen });
        w.role("director").await.post(&all, body.clone()).await.refused(403, "permission.denied");
        market.post(&all, json!({ "seen": [] })).await.refused(422, "input.invalid");
        // Meanwhile the second branch has got its plan back and handed in another.
        let second = w.org.branches[1].id.to_string();
        let back = json!({ "seq": 1, "accept": false, "reason": "组员写错" });
        market.post(&format!("{list}/{second}/decision"), back).await.ok();
        let head = w.role_at("branch_head", &w.org.branches[1]).await;
        let again = head.get(&format!("{list}/{second}")).await.good()["filings"][0]["plan"].clone();
        head.post(&format!("{list}/{second}"), again).await.ok();
        // And the campaign ends earlier than the third branch had thought.
        let mut definition = detail["definition"].clone();
        definition["program"]["end"] = json!("2027-03-14");
        definition["phase"][1]["end"] = json!("2027-03-14");
        market.put(&path, json!({ "definition": definition, "note": "提前结束", "version": 1 })).await.ok();

        let done = market.post(&all, body.clone()).await.good();
        assert_eq!(done["accepted"], 1, "{done}");
        let why = |done: &Json| -> Vec<(String, String)> {
            let left = done["left"].as_array().unwrap().iter();
            left.map(|l| (l["unit_id"].as_str().unwrap().to_owned(), l["why"].as_str().unwrap().to_owned())).collect()
        };
        let third = w.org.branches[2].id.to_string();
        let mut expected = vec![(second.clone(), "changed".to_owned()), (third.clone(), "unsound".to_owned())];
        expected.sort();
        let mut got = why(&done);
        got.sort();
        assert_eq!(got, expected);
        let first = w.org.branches[0].id.to_string();
        let shown = row(&done["filings"], &first);
        assert_eq!(shown["state"], "accepted");
        assert!(shown["decided_by_name"].is_string() && shown["decided_at"].is_string(), "{shown}");
        for left in [&second, &third] {
            assert_eq!(row(&done["filings"], left)["state"], "filed");
        }
        // Pressed again it accepts nobody twice.
        let twice = market.post(&all, body).await.good();
        assert_eq!((&twice["accepted"], why(&twice).len()), (&json!(0), 3));
    }

    async fn a_campaign_starts_only_in_the_version_that_somebody_else_has_approved(w: World) {
        fill(&w).await;
        let program = draft(&w).await;
        set_figures(&w, &program).await;
        let (market, director) = (w.role("market_department").await, w.role("director").await);
        let path = format!("/programs/{program}");
        let approval = format!("{path}/approval");
        market.post(&approval, json!({ "version": 1 })).await.refused(403, "permission.denied");
        director.post(&approval, json!({ "version": 2 })).await.refused(409, "conflict");
        // Plans are due before the start and none is there: it takes a reason to go on all the same.
        let refused = director.post(&approval, json!({ "version": 1, "note": " " })).await.refused(422, "input.invalid");
        assert_eq!(refused["errors"][0]["field"], "note", "{refused}");
        let approved = director.post(&approval, json!({ "version": 1, "note": "三天内补报" })).await.good();
        assert_eq!((&approved["approved"], &approved["approvals"][0]["day"]), (&json!(true), &json!("2026-11-23")));
        assert_eq!((&approved["approvals"][0]["filed"], &approved["approvals"][0]["branches"]), (&json!(0), &json!(3)));
        director.post(&approval, json!({ "version": 1, "note": "三天内补报" })).await.refused(409, "conflict");

        // A new version is not what was approved.
        let detail = market.get(&path).await.good();
        let mut definition = detail["definition"].clone();
        definition["precise"]["visit_minutes"] = json!(11);
        market.put(&path, json!({ "definition": definition, "note": "改时长", "version": 1 })).await.ok();
        assert_eq!(market.get(&format!("{path}/filings")).await.good()["approved"], false);
        let refused = director.press(&format!("{path}/start")).await.refused(409, "program.not_approved");
        assert!(refused["detail"].as_str().unwrap().contains("第 2 版"), "{refused}");
        director.post(&approval, json!({ "version": 2, "note": "三天内补报" })).await.ok();
        assert_eq!(director.press(&format!("{path}/start")).await.good()["state"], "started");
    }

    async fn a_repair_of_the_check_becomes_a_version_and_its_finding_is_gone(w: World) {
        fill(&w).await;
        let program = draft(&w).await;
        set_figures(&w, &program).await;
        let market = w.role("market_department").await;
        let path = format!("/programs/{program}");
        let mut definition = market.get(&path).await.good()["definition"].clone();
        definition["phase"][1]["start"] = json!("2024-02-03");
        definition["phase"][1]["end"] = json!("2024-03-30");
        market.put(&path, json!({ "definition": definition, "note": "写错年份", "version": 1 })).await.ok();
        let check = market.get(&format!("{path}/check")).await.good();
        let of = |check: &Json| check["findings"].as_array().unwrap().iter().find(|f| f["code"] == "CHK-PHASE-OUTSIDE").cloned();
        let finding = of(&check).unwrap_or_else(|| panic!("{check}"));
        let repair = &finding["repairs"][0];
        assert!(repair["apply"].is_array(), "{finding}");
        let body = json!({ "edits": repair["apply"], "note": repair["text"], "version": 2 });
        let repairs = format!("{path}/repairs");
        w.role("director").await.post(&repairs, body.clone()).await.refused(403, "permission.denied");
        assert_eq!(market.post(&repairs, body.clone()).await.good()["version"], 3);
        market.post(&repairs, body).await.refused(409, "conflict");
        assert_eq!(of(&market.get(&format!("{path}/check")).await.good()), None);
        let after = market.get(&path).await.good();
        assert_eq!(after["definition"]["phase"][1]["start"], "2027-02-03");
        assert_eq!(after["versions"][0]["note"], repair["text"]);
        let nowhere = json!({ "edits": [{ "path": ["team", "nobody", "per_outlet"], "value": 2 }], "note": "", "version": 3 });
        market.post(&repairs, nowhere).await.refused(422, "input.invalid");
    }

    async fn counts_of_a_day_make_the_ledger_and_the_next_week_plan_carries_it(w: World) {
        let program = started(&w).await;
        let unit = w.org.branches[0].id.to_string();
        let (market, head) = (w.role("market_department").await, w.role_at("branch_head", &w.org.branches[0]).await);
        let counts = format!("/programs/{program}/visit-counts/{unit}");
        let put = async |day: &str, n: i64, reason: &str| head.put(&format!("{counts}/{day}"), json!({ "households": n, "reason": reason })).await;
        // Four a day: three are missing on Friday, two on Monday; Saturday is no planned day.
        put("2026-11-20", 1, "").await.ok();
        put("2026-11-21", 1, "").await.ok();
        let l = put("2026-11-23", 2, "").await.good();
        assert_eq!(l["row"]["balance"], 3 - 1 + 2, "{l}");
        assert_eq!((&l["row"]["due"], &l["row"]["done"], &l["row"]["quota"]), (&json!(8), &json!(4), &json!(4)));
        assert!(l["row"]["outlook"]["kind"] != "clear");
        // A correction says why, and what was typed before stays.
        put("2026-11-23", 3, "").await.refused(422, "input.invalid");
        let l = put("2026-11-23", 3, "漏记一户").await.good();
        assert_eq!(l["row"]["balance"], 3);
        let typed: Vec<(i64, &str)> = l["counts"].as_array().unwrap().iter().filter(|c| c["day"] == "2026-11-23").map(|c| (c["households"].as_i64().unwrap(), c["reason"].as_str().unwrap())).collect();
        assert_eq!(typed, [(2, ""), (3, "漏记一户")]);
        for (day, n) in [("2026-11-24", 1), ("2026-09-30", 1), ("2026-11-20", -1)] {
            put(day, n, "核对").await.refused(422, "input.invalid");
        }
        market.put(&format!("{counts}/2026-11-20"), json!({ "households": 9 })).await.refused(403, "permission.denied");

        let list = market.get(&format!("/programs/{program}/shortfall")).await.good();
        assert_eq!(row(&list, &unit)["balance"], 3);
        let book = market.get(&format!("/programs/{program}/shortfall.xlsx")).await.ok();
        assert_eq!(sheet_names(&book.bytes), ["各网点", "逐日"]);

        market.press(&format!("/programs/{program}/targets")).await.ok();
        w.drain().await;
        market.post(&format!("/programs/{program}/week-plans"), json!({ "week": "2026-W49" })).await.ok();
        w.drain().await;
        let plan = head.get(&format!("/programs/{program}/units/{unit}/week-plans/2026-W49")).await.good();
        assert_eq!(plan["shortfall"]["carried"], 3, "{}", plan["shortfall"]);
    }

    async fn what_a_sweep_brought_is_written_down_by_the_branch(w: World) {
        let program = started(&w).await;
        let unit = w.org.branches[0].id.to_string();
        let head = w.role_at("branch_head", &w.org.branches[0]).await;
        let groups = head.get(&format!("/units/{unit}/village-groups")).await.items();
        let path = format!("/programs/{program}/sweeps/{unit}");
        let sweep = json!({
            "village_group_id": groups[0]["id"], "day": "2026-11-23", "window": "morning",
            "households_met": 9, "traces": ["sticker"]
        });
        head.put(&path, sweep.clone()).await.ok();
        for (key, value) in [("window", json!("night")), ("traces", json!(["flag"])), ("day", json!("2026-11-24")), ("village_group_id", json!(unit)), ("households_met", json!(1_001))] {
            let mut wrong = sweep.clone();
            wrong[key] = value;
            let refused = head.put(&path, wrong).await.refused(422, "input.invalid");
            assert_eq!(refused["errors"][0]["field"], key);
        }
        let mut again = sweep;
        again["households_met"] = json!(11);
        head.put(&path, again).await.ok();
        let all = head.get(&path).await.items();
        assert_eq!((all.len(), &all[0]["households_met"], &all[0]["traces"]), (1, &json!(11), &json!(["sticker"])));

        // A household met becomes a member of the base and a target to be visited.
        let targets = async || {
            let market = w.role("market_department").await;
            market.press(&format!("/programs/{program}/targets")).await.ok();
            w.drain().await;
            head.get(&format!("/programs/{program}/units/{unit}/targets?limit=100")).await.items().len()
        };
        let before = targets().await;
        let met = json!({ "customer_no": "M2K7", "name": "新识一户", "village_group_id": groups[0]["id"], "source_channel": "on_site" });
        head.post(&format!("/units/{unit}/customers"), met).await.good();
        assert_eq!(targets().await, before + 1);
    }
}
