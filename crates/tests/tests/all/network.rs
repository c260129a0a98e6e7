//! Units, staff and the work calendar over HTTP.

use serde_json::json;
use zf_tests::both;

both! {
    async fn a_county_sees_itself_and_its_branches_and_nothing_else(w: World) {
        let market = w.role("market_department").await;
        let units = market.get("/units").await.items();
        let codes: Vec<&str> = units.iter().map(|u| u["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["100101", "10010101", "10010102", "10010103"]);
        assert_eq!(units[0]["level_name"], "支行");
        assert_eq!(units[1]["level_name"], "网点");
        assert_eq!(units[1]["parent_id"], units[0]["id"]);
        let all = w.role("system_admin").await.get("/units").await.items();
        assert_eq!(all.len(), 8);
        let own = w.role("branch_head").await.get("/units").await.items();
        assert_eq!(own.len(), 1);
    }

    async fn a_branch_is_added_and_changed(w: World) {
        let market = w.role("market_department").await;
        let body = json!({ "code": "10010104", "name": "黑石网点", "level": "branch", "parent_id": w.org.county.id,
            "area_kind": "rural", "lat": 38.5, "lon": 82.0, "datum": "gcj02" });
        let added = market.post("/units", body.clone()).await.good();
        assert_eq!(added["path"].as_str().unwrap(), format!("{}{}/", w.org.county.path, added["id"].as_str().unwrap().replace('-', "")));
        // GCJ-02 is shifted by some hundred metres against WGS-84 inside China.
        let moved = (added["lat"].as_f64().unwrap() - 38.5).abs() + (added["lon"].as_f64().unwrap() - 82.0).abs();
        assert!((0.0005..0.02).contains(&moved), "{moved}");
        let id = added["id"].as_str().unwrap();
        let changed = market.patch(&format!("/units/{id}"), json!({ "name": "黑石中心网点", "active": false })).await.good();
        assert_eq!((&changed["name"], &changed["active"], &changed["area_kind"]), (&json!("黑石中心网点"), &json!(false), &json!("rural")));
        assert_eq!(changed["lat"], added["lat"], "what is not said stays");
        market.post("/units", body).await.refused(409, "conflict");
    }

    async fn a_unit_that_does_not_fit_is_refused_with_the_field(w: World) {
        let market = w.role("market_department").await;
        let base = json!({ "code": "X1", "name": "某网点", "level": "branch", "parent_id": w.org.county.id });
        let with = |key: &str, value: serde_json::Value| {
            let mut body = base.clone();
            body[key] = value;
            body
        };
        let wrong = [("level", json!("county")), ("level", json!("village")), ("name", json!(" ")), ("code", json!("")), ("area_kind", json!("moon")), ("lat", json!(38.5))];
        for (field, value) in wrong {
            let refusal = market.post("/units", with(field, value.clone())).await.refused(422, "input.invalid");
            assert_eq!(refusal["errors"][0]["field"], field, "{value}");
        }
        market.post("/units", with("owner", json!("me"))).await.refused(400, "input.malformed");
        let foreign = with("parent_id", json!(w.org.other_county.id));
        market.post("/units", foreign).await.refused(404, "not_found");
    }

    async fn staff_is_added_listed_moved_and_shown_with_a_masked_telephone(w: World) {
        let market = w.role("market_department").await;
        let [first, second, _] = &w.org.branches;
        let list = format!("/units/{}/staff", first.id);
        let body = json!({ "staff_no": "Y001", "name": "钱进", "post": "teller", "phone": "10412345678" });
        let added = market.post(&list, body.clone()).await.good();
        assert_eq!((&added["post_name"], &added["phone_masked"]), (&json!("营业员"), &json!("104****5678")));
        market.post(&list, body).await.refused(409, "conflict");
        let wrong = json!({ "staff_no": "Y002", "name": "孙丽", "post": "astronaut" });
        let refusal = market.post(&list, wrong).await.refused(422, "input.invalid");
        assert_eq!(refusal["errors"][0]["field"], "post");
        let id = added["id"].as_str().unwrap();
        let moved = market.patch(&format!("{list}/{id}"), json!({ "unit_id": second.id, "post": "postman" })).await.good();
        assert_eq!((&moved["unit_name"], &moved["post_name"], &moved["phone_masked"]), (&json!("白水网点"), &json!("投递员"), &json!("104****5678")));
        assert_eq!(market.get(&list).await.items().len(), 0);
        let all = market.get(&format!("/units/{}/staff?subtree=true", w.org.county.id)).await.items();
        assert_eq!(all.len(), 1);
        let away = json!({ "unit_id": w.org.other_branch.id });
        market.patch(&format!("/units/{}/staff/{id}", second.id), away).await.refused(404, "not_found");
        market.get(&format!("{list}/{id}")).await.refused(405, "method_not_allowed");
    }

    async fn posts_are_those_of_the_list(w: World) {
        let posts = w.role("market_department").await.get("/posts").await.items();
        assert_eq!(posts.len(), 20);
        assert!(posts.contains(&json!({ "code": "power_area_worker", "name": "台区员（外部）" })));
    }

    async fn the_calendar_knows_holidays_make_up_days_and_lunar_dates(w: World) {
        // National Day 2016 was 1 to 7 October with work on Saturday and Sunday, 8 and 9
        // October (notice of the State Council for 2016); Spring Festival 2017 was 28 January.
        let market = w.role("market_department").await;
        let days = market.get("/calendar?from=2016-09-30&to=2016-10-10").await.items();
        let work: Vec<bool> = days.iter().map(|d| d["is_workday"].as_bool().unwrap()).collect();
        assert_eq!(work, [true, false, false, false, false, false, false, false, true, true, true]);
        assert_eq!(days[1]["weekday"], 6);
        assert!(days[1]["holiday_name"].as_str().unwrap().contains("国庆"));
        let spring = market.get("/calendar?from=2017-01-28&to=2017-01-28").await.items();
        assert!(spring[0]["lunar"].as_str().unwrap().contains("正月初一"), "{}", spring[0]);
        assert_eq!(spring[0]["is_workday"], false);
        for wrong in ["from=2016-10-10&to=2016-10-01", "from=2016-01-01&to=2018-01-01", "from=2016-13-01&to=2017-01-01"] {
            market.get(&format!("/calendar?{wrong}")).await.refused(422, "input.invalid");
        }
        market.get("/calendar?from=2016-10-10").await.refused(400, "input.malformed");
    }

    async fn the_bank_corrects_a_day_and_takes_it_back(w: World) {
        let admin = w.role("system_admin").await;
        let day = async || w.role("market_department").await.get("/calendar?from=2026-11-24&to=2026-11-24").await.items()[0].clone();
        assert_eq!(day().await["is_workday"], true);
        admin.put("/calendar/2026-11-24", json!({ "is_workday": false, "name": "停电检修" })).await.ok();
        let corrected = day().await;
        assert_eq!((&corrected["is_workday"], &corrected["corrected"], &corrected["holiday_name"]), (&json!(false), &json!(true), &json!("停电检修")));
        admin.put("/calendar/2026-11-24", json!({ "is_workday": false, "name": "" })).await.refused(422, "input.invalid");
        admin.delete("/calendar/2026-11-24").await.ok();
        assert_eq!(day().await["is_workday"], true);
        let events = w.role("audit_admin").await.get("/audit?action=calendar.").await.items();
        assert_eq!(events.len(), 2);
    }

    async fn an_address_that_is_not_there_is_told_in_the_same_form(w: World) {
        let market = w.role("market_department").await;
        market.get("/nothing-here").await.refused(404, "not_found");
        market.get("/units/not-an-id").await.refused(400, "input.malformed");
        market.get(&format!("/units/{}", zf_base::Uuid::nil())).await.refused(404, "not_found");
        market.get(&format!("/units/{}/customers?after=zz", w.org.branches[0].id)).await.refused(400, "cursor.invalid");
        market.get(&format!("/units/{}/customers?limit=many", w.org.branches[0].id)).await.refused(400, "input.malformed");
        market.send("POST", "/units", zf_tests::browser::Payload::None).await.refused(415, "input.media_type");
    }
}
