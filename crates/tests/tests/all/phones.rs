//! Phones: enrolled by a code that is used once, carrying the own routes and
//! no more, told of every change that they can see whoever made it, and given
//! nothing once they are revoked.

use crate::campaign::plan_path;
use crate::visits::{Day, a_day, answers, id, met};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use zf_tests::{Browser, World, both};

/// A phone in somebody's hand, with what it holds.
pub(crate) struct Phone {
    pub who: Browser,
    pub device: String,
    pub unit: String,
    pub epoch: Json,
    pub cursor: Json,
    pub pack: BTreeMap<(String, String), Json>,
    /// Snapshots so far.
    pub snapshots: usize,
    /// Items of the last pull, by kind.
    pub last: Vec<(String, String, String)>,
}

impl Phone {
    pub fn ask(&self, after: &Json) -> Json {
        let mut body = json!({ "device_id": self.device, "scope_epoch": self.epoch, "limit": 40, "after": after });
        if self.cursor.is_i64() {
            body["cursors"] = json!({ (self.unit.clone()): self.cursor });
        }
        body
    }

    /// Pulls until it has everything.
    pub async fn pull(&mut self) {
        let mut said = self
            .who
            .post("/sync/pull", self.ask(&Json::Null))
            .await
            .good();
        let mut fresh = BTreeMap::new();
        self.last.clear();
        loop {
            let text = |v: &Json| v.as_str().unwrap().to_owned();
            for item in said["items"].as_array().unwrap() {
                let key = (text(&item["kind"]), text(&item["id"]));
                self.last
                    .push((key.0.clone(), key.1.clone(), text(&item["op"])));
                match (said["snapshot"] == true, item["op"] == "put") {
                    (true, _) => drop(fresh.insert(key, item["data"].clone())),
                    (false, true) => drop(self.pack.insert(key, item["data"].clone())),
                    (false, false) => drop(self.pack.remove(&key)),
                }
            }
            if said["next"].is_null() {
                break;
            }
            said = self
                .who
                .post("/sync/pull", self.ask(&said["next"]))
                .await
                .good();
        }
        if said["snapshot"] == true {
            self.pack = fresh;
            self.snapshots += 1;
        }
        self.epoch = said["scope_epoch"].clone();
        self.cursor = said["units"][0]["cursor"].clone();
    }

    pub fn of_kind(&self, kind: &str) -> Vec<(&str, &Json)> {
        let own = self.pack.iter().filter(|((k, _), _)| k == kind);
        own.map(|((_, id), data)| (id.as_str(), data)).collect()
    }
}

/// Who somebody is on the routes of their branch.
pub(crate) async fn works_as(w: &World, login: &str, post: &str) {
    let rows = w
        .query(
            "SELECT id, unit_id FROM staff WHERE active ORDER BY staff_no",
            vec![],
        )
        .await;
    let posts = w
        .query(
            "SELECT post FROM staff WHERE active ORDER BY staff_no",
            vec![],
        )
        .await;
    let own = rows.iter().zip(&posts).find(|(r, p)| {
        r.get::<uuid::Uuid>(1).unwrap() == w.org.branches[0].id.uuid()
            && p.get::<String>(0).unwrap() == post
    });
    let staff: uuid::Uuid = own.unwrap().0.get(0).unwrap();
    let p = vec![staff.into(), login.into()];
    assert_eq!(
        w.exec("UPDATE user_account SET staff_id = $1 WHERE login = $2", p)
            .await,
        1
    );
}

/// Enrols a phone for the account of a browser.
pub(crate) async fn enrolled(w: &World, who: &Browser, n: u32) -> Phone {
    let unit = &w.org.branches[0];
    let head = w.role_at("branch_head", unit).await;
    let user = w.behind(who).await.user.id;
    let codes = format!("/units/{}/devices/codes", unit.id);
    let made = head
        .post(&codes, json!({ "user_id": user, "name": "投递车手机" }))
        .await
        .good();
    let device = id(n);
    let body = json!({ "code": made["code"], "device_id": device, "name": "投递车手机" });
    let said = who.post("/devices/enrol", body).await.good();
    assert_eq!(said["unit_id"], json!(unit.id));
    Phone {
        who: who.clone(),
        device,
        unit: unit.id.to_string(),
        epoch: Json::Null,
        cursor: Json::Null,
        pack: BTreeMap::new(),
        snapshots: 0,
        last: vec![],
    }
}

/// A day with a confirmed plan, and the postman of the branch with a phone.
pub(crate) async fn on_the_road(w: &World) -> (Browser, Day, Phone) {
    let (head, day) = a_day(w).await;
    let path = plan_path(&day.program, &w.org.branches[0]);
    head.press(&format!("{path}/confirm")).await.ok();
    w.role("visitor").await;
    let login = format!("visitor-{}", w.org.branches[0].code);
    works_as(w, &login, "postman").await;
    let visitor = w.role("visitor").await;
    let phone = enrolled(w, &visitor, 7_001).await;
    (head, day, phone)
}

/// The account may do nothing in its branch any more: only in another.
async fn nothing_is_left(w: &World, phone: &mut Phone, other: &str) {
    w.exec("DELETE FROM user_grant WHERE role_id = 'visitor'", vec![])
        .await;
    w.exec("INSERT INTO user_grant (user_id, role_id, unit_id, granted_by, granted_at) SELECT u.id, 'visitor', n.id, u.id, u.created_at FROM user_account u CROSS JOIN unit n WHERE u.login LIKE 'visitor-%' AND n.code = $1", vec![other.into()]).await;
    phone.pull().await;
    assert!(phone.pack.is_empty(), "{:?}", phone.pack.keys());
}

both! {
    async fn a_code_enrols_one_phone_of_one_account_once(w: World) {
        let unit = w.org.branches[0].clone();
        let (head, visitor) = (w.role("branch_head").await, w.role("visitor").await);
        let path = format!("/units/{}/devices", unit.id);
        let users = head.get(&format!("{path}/users")).await.good();
        let user = w.behind(&visitor).await.user.id;
        assert!(users["items"].as_array().unwrap().iter().any(|u| u["user_id"] == json!(user)));
        let made = head.post(&format!("{path}/codes"), json!({ "user_id": user, "name": "一号手机" })).await.good();
        let code = made["code"].as_str().unwrap().to_owned();
        assert_eq!(made["link"], json!(format!("/m/#enrol={code}")));
        assert_eq!(w.count("SELECT COUNT(*) FROM device_code").await, 1);
        let body = |device: u32, code: &str| json!({ "code": code, "device_id": id(device), "name": "一号手机" });
        // Somebody else's hands are no use, and all refusals read the same.
        head.post("/devices/enrol", body(1, &code)).await.refused(422, "device.code");
        visitor.post("/devices/enrol", body(1, "WRONGWRONG")).await.refused(422, "device.code");
        let said = visitor.post("/devices/enrol", body(1, &code.to_lowercase())).await.good();
        assert_eq!((said["lease_hours"].as_i64(), said["days_around"].as_i64()), (Some(72), Some(3)));
        assert_eq!(said["rescue_key"]["crv"], "P-256");
        // The answer got lost: the same phone again is the same phone.
        visitor.post("/devices/enrol", body(1, &code)).await.ok();
        visitor.post("/devices/enrol", body(2, &code)).await.refused(422, "device.code");
        let listed = head.get(&path).await.items();
        assert_eq!(listed.len(), 1);
        assert_eq!((listed[0]["state"].as_str(), listed[0]["outbox_count"].as_i64()), (Some("active"), Some(0)));
        assert_eq!(w.count("SELECT COUNT(*) FROM event WHERE action = 'device.enrol'").await, 2);
    }

    async fn an_old_code_is_no_code_and_guessing_has_to_wait(w: World) {
        let unit = w.org.branches[0].clone();
        let (head, visitor) = (w.role("branch_head").await, w.role("visitor").await);
        let user = w.behind(&visitor).await.user.id;
        let codes = format!("/units/{}/devices/codes", unit.id);
        let made = head.post(&codes, json!({ "user_id": user, "name": "一号" })).await.good();
        w.it_is_now("2026-11-23T09:14:00+08:00");
        let head = w.role("branch_head").await;
        let late = head.post(&codes, json!({ "user_id": user, "name": "一号" })).await.good();
        w.it_is_now("2026-11-23T09:16:00+08:00");
        let visitor = w.role("visitor").await;
        let body = |code: &Json| json!({ "code": code, "device_id": id(1), "name": "一号" });
        for _ in 0..5 {
            visitor.post("/devices/enrol", body(&made["code"])).await.refused(422, "device.code");
        }
        visitor.post("/devices/enrol", body(&late["code"])).await.refused(429, "auth.throttled");
        w.it_is_now("2026-11-23T09:28:00+08:00");
        let visitor = w.role("visitor").await;
        visitor.post("/devices/enrol", body(&late["code"])).await.refused(429, "auth.throttled");
        w.it_is_now("2026-11-23T09:32:00+08:00");
        let (head, visitor) = (w.role("branch_head").await, w.role("visitor").await);
        let new = head.post(&codes, json!({ "user_id": user, "name": "一号" })).await.good();
        visitor.post("/devices/enrol", body(&new["code"])).await.ok();
    }

    async fn a_revoked_phone_may_give_but_not_take(w: World) {
        let (head, d, mut phone) = on_the_road(&w).await;
        phone.pull().await;
        let path = format!("/units/{}/devices/{}/revoke", d.unit, phone.device);
        head.post(&path, json!({ "reason": "" })).await.refused(422, "input.invalid");
        head.post(&path, json!({ "reason": "手机丢了" })).await.ok();
        head.post(&path, json!({ "reason": "手机丢了" })).await.refused(409, "conflict");
        phone.who.post("/sync/pull", json!({ "device_id": phone.device })).await.refused(403, "device.revoked");
        let mut batch = d.batch(&[d.visit(1, &d.sheets[0], met("甲某某"))]);
        batch["device_id"] = json!(phone.device);
        let said = phone.who.post("/sync/push", batch).await.good();
        assert_eq!((said["items"][0]["answer"].as_str(), said["items"][0]["code"].as_str()), (Some("quarantined"), Some("device_revoked")));
        phone.who.post("/sync/pull", json!({ "device_id": id(404) })).await.refused(403, "device.unknown");
        // The phone of one is not the phone of another.
        head.post("/sync/pull", json!({ "device_id": phone.device })).await.refused(403, "device.unknown");
    }

    async fn a_phone_carries_the_own_routes_of_three_days_either_way_and_no_more(w: World) {
        let (_, d, mut phone) = on_the_road(&w).await;
        phone.pull().await;
        assert_eq!(phone.snapshots, 1);
        let own = w.query("SELECT r.id, r.day, r.members FROM plan_route r JOIN week_plan p ON p.id = r.week_plan_id WHERE p.state = 'confirmed'", vec![]).await;
        let staff = w.query("SELECT s.name FROM user_account u JOIN staff s ON s.id = u.staff_id", vec![]).await;
        let name: String = staff[0].get(0).unwrap();
        let today: zf_base::Day = d.day.parse().unwrap();
        let mut expected = 0;
        for r in &own {
            let day: zf_base::Day = r.get(1).unwrap();
            let goes = r.get::<String>(2).unwrap().contains(&name);
            if goes && (today.plus_days(-3)..=today.plus_days(3)).contains(&day) {
                let p = vec![r.get::<uuid::Uuid>(0).unwrap().into()];
                let n = w.query("SELECT COUNT(*) FROM plan_stop WHERE route_id = $1 AND struck_at IS NULL", p).await;
                expected += n[0].get::<i64>(0).unwrap();
            }
        }
        let stops = phone.of_kind("stop");
        assert!(expected > 3, "{expected}");
        assert_eq!(stops.len() as i64, expected);
        let named: std::collections::BTreeSet<&str> = stops.iter().filter_map(|(_, s)| s["household_id"].as_str()).collect();
        let households: std::collections::BTreeSet<&str> = phone.of_kind("household").iter().map(|(id, _)| *id).collect();
        assert_eq!(named, households, "the households of the stops and no others");
        let (_, one) = phone.of_kind("household")[0];
        assert!(!one["name"].as_str().unwrap().is_empty() && !one["reasons"].as_array().unwrap().is_empty());
        for m in phone.of_kind("household").iter().flat_map(|(_, h)| h["members"].as_array().unwrap()) {
            let phone = m["phone_masked"].as_str().unwrap();
            assert!(phone.is_empty() || phone.contains("****"), "{phone}");
        }
        let (_, program) = phone.of_kind("program")[0];
        let outcomes = program["outcomes"].as_array().unwrap().iter();
        let again: Vec<(&str, bool)> = outcomes.map(|o| (o["code"].as_str().unwrap(), o["again"].as_bool().unwrap())).collect();
        let offered = [("self", false), ("family", false), ("absent", true), ("refused", true), ("moved", false), ("wrong_address", false)];
        assert_eq!(again, offered, "ERR-007");
        assert_eq!(program["places"][2]["label"], "小超市、小卖部");
        assert!(phone.pack.contains_key(&("form".to_owned(), "household-visit@1".to_owned())));
        assert!(w.count("SELECT COUNT(*) FROM event WHERE action = 'sync.pull'").await >= 1);
        // Nothing has changed: nothing is sent, no number is used.
        let cursor = phone.cursor.clone();
        phone.pull().await;
        assert_eq!((phone.last.len(), phone.snapshots), (0, 1));
        assert_eq!(phone.cursor, cursor);
    }

    async fn a_phone_of_somebody_who_goes_nowhere_carries_nobody(w: World) {
        let (_, _, mut phone) = on_the_road(&w).await;
        w.exec("UPDATE user_account SET staff_id = NULL", vec![]).await;
        phone.pull().await;
        assert!(phone.of_kind("stop").is_empty() && phone.of_kind("household").is_empty());
        assert!(!phone.of_kind("program").is_empty());
    }

    async fn an_own_visit_comes_back_with_the_next_pull_and_not_as_everything_anew(w: World) {
        let (_, d, mut phone) = on_the_road(&w).await;
        phone.pull().await;
        let home = phone.of_kind("household")[0].0.to_owned();
        let sheet = json!({ "household_id": home });
        let mut batch = d.batch(&[d.visit(1, &sheet, met("甲某某"))]);
        batch["device_id"] = json!(phone.device);
        batch["outbox"] = json!({ "count": 3, "oldest": format!("{}T10:00:00+08:00", d.day) });
        let said = phone.who.post("/sync/push", batch).await.good();
        assert_eq!(answers(said["items"].as_array().unwrap()), ["applied"]);
        phone.pull().await;
        assert_eq!(phone.snapshots, 1);
        let mut kinds: Vec<&str> = phone.last.iter().map(|(k, _, _)| k.as_str()).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, ["household", "visit"], "the visit, and the household with its history");
        let (_, visit) = phone.of_kind("visit")[0];
        assert_eq!((visit["outcome"].as_str(), visit["photos"].as_i64(), visit["photos_verified"].as_i64()), (Some("self"), Some(0), Some(0)));
        assert_eq!(phone.pack[&("household".to_owned(), home)]["history"][0]["outcome"], "self");
        let rows = w.query("SELECT outbox_count FROM device WHERE kind = 'phone'", vec![]).await;
        assert_eq!(rows[0].get::<i64>(0).unwrap(), 3);
    }

    async fn what_is_no_operation_is_kept_aside_and_the_others_go_through(w: World) {
        let (head, d) = a_day(&w).await;
        let mut torn = d.visit(2, &d.sheets[1], met("乙某某"));
        torn.as_object_mut().unwrap().remove("device_time");
        let ops = [
            d.visit(1, &d.sheets[0], met("甲某某")),
            torn,
            json!("这不是一条记录"),
            json!({ "op_id": 17, "kind": ["visit.submit"] }),
            d.visit(3, &d.sheets[2], met("丙某某")),
        ];
        let said = d.push(&head, &ops).await;
        assert_eq!(answers(&said), ["applied", "quarantined", "quarantined", "quarantined", "applied"]);
        assert_eq!(said[1]["code"], "op_unreadable");
        assert_eq!((said[1]["op_id"].as_str(), &said[2]["op_id"]), (Some(id(2).as_str()), &Json::Null));
        let again = d.push(&head, &ops).await;
        assert!(again.iter().all(|a| a["answer"] == "duplicate"), "{again:?}");
        assert_eq!(w.count("SELECT COUNT(*) FROM sync_quarantine").await, 3);
        assert_eq!(w.count("SELECT COUNT(*) FROM visit").await, 2);
    }

    async fn a_cursor_that_is_too_old_is_told_to_begin_anew(w: World) {
        let (_, _, mut phone) = on_the_road(&w).await;
        phone.pull().await;
        let old = phone.cursor.clone();
        w.exec("UPDATE feed_head SET kept_after = 50, seq = 60", vec![]).await;
        phone.cursor = Json::Null;
        phone.pull().await;
        phone.cursor = old;
        phone.who.post("/sync/pull", phone.ask(&Json::Null)).await.refused(410, "sync.resync");
    }

    async fn no_change_that_a_phone_can_see_is_missed_whoever_made_it(w: World) {
        let (head, d, mut phone) = on_the_road(&w).await;
        phone.pull().await;
        let market = w.role("market_department").await;
        let home = |phone: &Phone, n: usize| {
            let (id, data) = phone.of_kind("household")[n];
            let member = data["members"][0]["customer_id"].as_str().unwrap().to_owned();
            (("household".to_owned(), id.to_owned()), member)
        };
        let customer = |id: &str| format!("/units/{}/customers/{id}", d.unit);

        // A customer is corrected on the console.
        let (key, lead) = home(&phone, 0);
        head.patch(&customer(&lead), json!({ "address": "新家在河东街八号院" })).await.ok();
        phone.pull().await;
        assert_eq!(phone.last, [(key.0.clone(), key.1.clone(), "put".to_owned())], "that household and nothing else");
        assert_eq!((phone.pack[&key]["address"].as_str(), phone.snapshots), (Some("新家在河东街八号院"), 1));

        // Somebody pins the door.
        head.put(&format!("{}/place", customer(&lead)), json!({ "lat": 31.5, "lon": 104.5, "datum": "wgs84" })).await.ok();
        phone.pull().await;
        assert_eq!((phone.pack[&key]["lat"].as_f64(), phone.pack[&key]["pinned"].as_bool()), (Some(31.5), Some(true)));

        // Somebody else hands in a visit at the desk.
        let (other, _) = home(&phone, 1);
        let sheet = json!({ "household_id": other.1 });
        d.push(&head, &[d.visit(1, &sheet, json!({ "outcome": "absent" }))]).await;
        phone.pull().await;
        assert_eq!(phone.pack[&other]["history"][0]["outcome"], "absent");

        // A customer refuses visits: the household leaves the routes.
        let (third, refuses) = home(&phone, 2);
        head.post(&format!("{}/consents", customer(&refuses)), crate::custody::refusal("visit")).await.ok();
        w.drain().await;
        phone.pull().await;
        let gone = phone.pack.get(&third).is_none_or(|h| h["do_not_visit"] == true);
        assert!(gone, "{:?}", phone.pack.get(&third));

        // The campaign is interrupted.
        let director = w.role("director").await;
        director.post(&format!("/programs/{}/pause", d.program), json!({ "reason": "暴雨" })).await.ok();
        phone.pull().await;
        assert_eq!(phone.of_kind("program")[0].1["state"], "paused");
        director.post(&format!("/programs/{}/resume", d.program), json!({ "reason": "雨停" })).await.ok();

        // A household moves to another branch.
        phone.pull().await;
        let from = phone.of_kind("household").len();
        let (key, moves) = home(&phone, from - 1);
        let body = json!({ "to_unit_id": w.org.branches[1].id, "reason": "moved_house", "customer_ids": [moves], "preview": false, "all": false });
        market.post(&format!("/units/{}/transfers", d.unit), body).await.ok();
        w.drain().await;
        phone.pull().await;
        let left = phone.pack.get(&key).is_none_or(|h| h["members"].as_array().unwrap().iter().all(|m| m["customer_id"] != json!(moves)));
        assert!(left, "{from}");

        // The plan is opened again: nothing of it is confirmed any more.
        let plan = plan_path(&d.program, &w.org.branches[0]);
        head.press(&format!("{plan}/reopen")).await.ok();
        phone.pull().await;
        assert!(phone.of_kind("stop").is_empty() && phone.of_kind("household").is_empty());
        head.press(&format!("{plan}/confirm")).await.ok();
        phone.pull().await;
        assert!(!phone.of_kind("stop").is_empty());

        let other = w.org.branches[1].code.as_str();
        nothing_is_left(&w, &mut phone, other).await;
    }

    async fn an_account_of_another_branch_sees_nothing_here(w: World) {
        let (_, _, mut phone) = on_the_road(&w).await;
        phone.pull().await;
        assert!(!phone.pack.is_empty());
        nothing_is_left(&w, &mut phone, w.org.branches[1].code.as_str()).await;
    }

    async fn the_visit_of_another_phone_reaches_every_phone_of_the_route(w: World) {
        let (_, d, mut first) = on_the_road(&w).await;
        let mut second = enrolled(&w, &first.who.clone(), 7_002).await;
        first.pull().await;
        second.pull().await;
        let home = first.of_kind("household")[0].0.to_owned();
        let mut batch = d.batch(&[d.visit(1, &json!({ "household_id": home }), met("甲某某"))]);
        batch["device_id"] = json!(first.device);
        first.who.post("/sync/push", batch).await.ok();
        first.pull().await;
        // The first pull has told the branch; the second finds it by the number alone.
        second.pull().await;
        assert_eq!(second.pack, first.pack);
        assert_eq!(second.snapshots, 1);
    }

    async fn publicity_gifts_people_and_doors_are_kept_and_wait_where_they_must(w: World) {
        let (head, d, mut phone) = on_the_road(&w).await;
        phone.pull().await;
        let (home, data) = phone.of_kind("household")[0];
        let (home, data) = (home.to_owned(), data.clone());
        let lead = data["members"][0]["customer_id"].clone();
        let group = data["village_group_id"].clone();
        let op = |n: u32, kind: &str, entity: &str, payload: Json| json!({
            "op_id": id(n), "client_seq": n, "kind": kind, "entity_id": entity, "schema_ver": 1,
            "device_time": format!("{}T18:40:00+08:00", d.day), "payload": payload,
        });
        let gift = |n: u32, count: i64| op(n, "gift.give", &id(n + 100), json!({
            "program_id": d.program, "day": d.day, "household_id": home, "customer_id": lead, "material": "publicity", "count": count,
        }));
        let known_phone = head.post(&format!("/units/{}/customers/{}/reveal", d.unit, lead.as_str().unwrap()), json!({ "reason": "核对电话" })).await;
        let trace = json!({ "program_id": d.program, "village_group_id": group, "day": d.day, "place": "small_shop", "count": 3 });
        let people = json!({ "village_group_id": group, "address": "河西新村三号院", "members": [{ "name": "新某某", "lead": true }, { "name": "家某某" }] });
        let ops = [
            op(1, "trace.put", &id(101), trace),
            // One sheet for each person; the second is one too many (ERR-055).
            gift(2, 1),
            gift(3, 1),
            op(4, "household.propose", &id(104), people),
            op(5, "customer.propose", lead.as_str().unwrap(), json!({ "customer_id": lead, "address": "搬到河东街九号院", "reason": "搬家" })),
            op(6, "pin.door", &home, json!({ "household_id": home, "lat": 31.4, "lon": 104.4, "datum": "wgs84", "accuracy_m": 12.0 })),
            op(7, "pin.door", &home, json!({ "household_id": home, "lat": 31.5, "lon": 104.4, "datum": "wgs84" })),
        ];
        let mut batch = d.batch(&ops);
        batch["device_id"] = json!(phone.device);
        let said = phone.who.post("/sync/push", batch.clone()).await.good();
        let expected = ["applied", "applied", "review", "review", "review", "applied", "review"];
        assert_eq!(answers(said["items"].as_array().unwrap()), expected, "{said}");
        let again = phone.who.post("/sync/push", batch).await.good();
        assert!(answers(again["items"].as_array().unwrap()).iter().all(|a| *a == "duplicate"));
        assert_eq!(w.count("SELECT COUNT(*) FROM gift").await, 2);
        let _ = known_phone;
        phone.pull().await;
        let traces = &phone.pack[&("village_group".to_owned(), group.as_str().unwrap().to_owned())]["traces"];
        assert_eq!((traces[0]["place"].as_str(), traces[0]["count"].as_i64()), (Some("small_shop"), Some(3)));
        let key = ("household".to_owned(), home.clone());
        assert_eq!((phone.pack[&key]["lat"].as_f64(), phone.pack[&key]["address"] == data["address"]), (Some(31.4), true));

        // The branch decides.
        let path = format!("/units/{}/reviews", d.unit);
        let waits = head.get(&path).await.items();
        assert_eq!(waits.len(), 4);
        let before = w.count("SELECT COUNT(*) FROM customer").await;
        for wait in &waits {
            let one = format!("{path}/{}", wait["id"].as_str().unwrap());
            match wait["kind"].as_str().unwrap() {
                "gift" => head.post(&format!("{one}/reject"), json!({ "reason": "多发了一份" })).await.ok(),
                _ => head.press(&format!("{one}/accept")).await.ok(),
            };
        }
        assert!(head.get(&path).await.items().is_empty());
        assert_eq!(w.count("SELECT COUNT(*) FROM customer").await, before + 2);
        assert_eq!(w.count("SELECT COUNT(DISTINCT household_id) FROM customer WHERE customer_no LIKE 'XF%'").await, 1);
        phone.pull().await;
        assert_eq!((phone.pack[&key]["address"].as_str(), phone.pack[&key]["lat"].as_f64()), (Some("搬到河东街九号院"), Some(31.5)));
        assert_eq!(w.count("SELECT COUNT(*) FROM gift WHERE state = 'rejected'").await, 1);
    }

    async fn what_was_kept_aside_is_taken_over_once_it_can_be_understood(w: World) {
        let (head, d) = a_day(&w).await;
        // An amendment that came before its visit.
        let visit = d.visit(1, &d.sheets[0], met("甲某某"));
        let mut amend = d.visit(2, &d.sheets[0], json!({ "outcome": "absent" }));
        amend["kind"] = json!("visit.amend");
        amend["entity_id"] = visit["entity_id"].clone();
        let said = d.push(&head, std::slice::from_ref(&amend)).await;
        assert_eq!(said[0]["code"], "visit_unknown");
        let path = format!("/units/{}/quarantine", d.unit);
        let one = head.get(&path).await.items()[0]["id"].as_str().unwrap().to_owned();
        head.press(&format!("{path}/{one}/take")).await.refused(409, "quarantine.still");
        d.push(&head, &[visit]).await;
        let taken = head.press(&format!("{path}/{one}/take")).await.good();
        assert_eq!((taken["answer"].as_str(), taken["rev"].as_i64()), (Some("applied"), Some(2)));
        head.press(&format!("{path}/{one}/take")).await.refused(409, "conflict");
        assert!(head.get(&path).await.items().is_empty());
        // Sent again by the phone it is what became of it.
        let again = d.push(&head, &[amend]).await;
        assert_eq!((again[0]["answer"].as_str(), again[0]["rev"].as_i64()), (Some("duplicate"), Some(2)));
        assert_eq!(head.get(&d.desk).await.good()["households"], 0);
    }

    async fn what_a_revoked_phone_has_sealed_is_opened_by_the_branch_with_a_reason(w: World) {
        use base64::Engine;
        use base64::engine::general_purpose::STANDARD;
        let (head, d, phone) = on_the_road(&w).await;
        let rows = w.query("SELECT public_key FROM rescue_key", vec![]).await;
        let public: Vec<u8> = rows[0].get(0).unwrap();
        let revoke = format!("/units/{}/devices/{}/revoke", d.unit, phone.device);
        head.post(&revoke, json!({ "reason": "忘了密码" })).await.ok();
        let op = d.visit(1, &d.sheets[0], met("甲某某"));
        let sealed = zf_vault::rescue::seal(&public, op.to_string().as_bytes(), &mut zf_vault::os_random).unwrap();
        let body = json!({ "device_id": phone.device, "unit_id": d.unit, "items": [{ "op_id": op["op_id"], "sealed": STANDARD.encode(sealed) }] });
        for _ in 0..2 {
            let said = phone.who.post("/sync/rescue", body.clone()).await.good();
            assert_eq!(said["op_ids"], json!([op["op_id"]]));
        }
        let path = format!("/units/{}/rescues", d.unit);
        let listed = head.get(&path).await.items();
        assert_eq!(listed.len(), 1);
        assert_eq!(w.count("SELECT COUNT(*) FROM visit").await, 0);
        let open = format!("{path}/{}/open", listed[0]["id"].as_str().unwrap());
        head.post(&open, json!({ "reason": "" })).await.refused(422, "input.invalid");
        let said = head.post(&open, json!({ "reason": "手机打不开" })).await.good();
        assert_eq!(said["answer"], "applied");
        assert_eq!(head.post(&open, json!({ "reason": "再看一次" })).await.good()["answer"], "duplicate");
        assert_eq!(w.count("SELECT COUNT(*) FROM visit").await, 1);
    }

    // What a phone of the field app seals: {op}, {draft}, {blob}; the file is `zoufang-rescue-1`.
    async fn the_file_of_a_phone_that_reaches_nobody_is_taken_in_and_opened_to_the_last_photo(w: World) {
        use base64::Engine;
        use base64::engine::general_purpose::STANDARD;
        let (head, d, phone) = on_the_road(&w).await;
        let rows = w.query("SELECT public_key FROM rescue_key", vec![]).await;
        let public: Vec<u8> = rows[0].get(0).unwrap();
        let sealed = |said: Json| STANDARD.encode(zf_vault::rescue::seal(&public, said.to_string().as_bytes(), &mut zf_vault::os_random).unwrap());
        let mut op = d.visit(1, &d.sheets[0], met("甲某某"));
        op.as_object_mut().unwrap().remove("client_seq");
        op["unit_id"] = json!(d.unit);
        let second = d.visit(2, &d.sheets[1], met("乙某某"));
        let payload = &second["payload"];
        let draft = json!({
            "id": second["entity_id"], "op_id": second["op_id"], "unit_id": d.unit, "program_id": d.program,
            "visit_kind": "precise", "day": d.day, "stop_id": payload["stop_id"], "target_id": payload["target_id"],
            "household_id": payload["household_id"], "customer_id": payload["customer_id"], "village_group_id": null,
            "form_id": payload["form_id"], "form_version": payload["form_version"], "title": "乙某某",
            "answers": payload["answers"], "visitors": [], "photos": [], "gifts": [], "positions": [],
            "started_at": second["device_time"], "newly_found": false, "amends": null,
        });
        let photo = crate::scars::Photo::new(7, &d.unit, 1);
        let visit_id = op["entity_id"].clone();
        let blob = json!({ "sha256": photo.sha256(), "mime": "image/jpeg", "role": "photo", "visit_id": visit_id, "op_id": op["op_id"], "bytes": STANDARD.encode(&photo.bytes) });
        let items = json!([
            { "op_id": op["op_id"], "sealed": sealed(json!({ "op": op })) },
            { "op_id": draft["id"], "sealed": sealed(json!({ "draft": draft })) },
            { "op_id": "a name of its own", "sealed": sealed(json!({ "blob": blob })) },
            { "op_id": id(78), "sealed": "????" },
            { "op_id": id(79), "sealed": STANDARD.encode("no seal of anybody, but long enough to be one: 0123456789012345678901234567890123456789") },
        ]);
        let file = json!({ "format": "zoufang-rescue-1", "device_id": phone.device, "unit_id": d.unit, "items": items });
        let path = format!("/units/{}/rescues", d.unit);
        let import = format!("{path}/import");
        phone.who.post(&import, file.clone()).await.refused(403, "permission.denied");
        for (key, other) in [("format", json!("zoufang-rescue-9")), ("unit_id", json!(w.org.branches[1].id))] {
            let mut wrong = file.clone();
            wrong[key] = other;
            head.post(&import, wrong).await.refused(422, "input.invalid");
        }
        let mut stranger = file.clone();
        stranger["device_id"] = json!(id(404));
        head.post(&import, stranger).await.refused(403, "device.unknown");
        assert_eq!(head.post(&import, file.clone()).await.good(), json!({ "stored": 3, "known": 0, "unreadable": [4, 5] }));
        assert_eq!(head.post(&import, file).await.good(), json!({ "stored": 0, "known": 3, "unreadable": [4, 5] }));

        let listed = head.get(&path).await.items();
        assert_eq!(listed.len(), 3);
        let named = [&op["op_id"], &draft["id"]];
        let of_photo = listed.iter().find(|i| !named.contains(&&i["op_id"])).unwrap()["op_id"].clone();
        let open = |op_id: Json| {
            let one = listed.iter().find(|i| i["op_id"] == op_id).unwrap();
            format!("{path}/{}/open", one["id"].as_str().unwrap())
        };
        let why = json!({ "reason": "手机进水了" });
        let said = head.post(&open(op["op_id"].clone()), why.clone()).await.good();
        assert_eq!((&said["holds"], &said["answer"], &said["visit_id"]), (&json!("operation"), &json!("applied"), &visit_id));
        let said = head.post(&open(draft["id"].clone()), why.clone()).await.good();
        assert_eq!((&said["holds"], &said["answer"], &said["visit_id"]), (&json!("draft"), &json!("review"), &draft["id"]));
        let said = head.post(&open(of_photo.clone()), why.clone()).await.good();
        assert_eq!((&said["holds"], &said["answer"], &said["visit_id"]), (&json!("photo"), &Json::Null, &visit_id));
        head.post(&open(of_photo), why).await.ok();
        let photos = head.get(&format!("/units/{}/visits/{}/photos", d.unit, visit_id.as_str().unwrap())).await.good();
        let states: Vec<(&str, &str)> = photos["items"].as_array().unwrap().iter().map(|p| (p["role"].as_str().unwrap(), p["state"].as_str().unwrap())).collect();
        assert_eq!(states, [("photo", "verified")]);
        // The draft waits for somebody's decision, and says why.
        let reviews = head.get(&format!("/units/{}/reviews", d.unit)).await.items();
        let waiting = reviews.iter().find(|r| r["entity_id"] == draft["id"]).unwrap();
        assert!(waiting["reasons"].to_string().contains("手机上没有写完提交"), "{waiting}");
    }

    async fn a_photo_goes_on_where_it_stopped_and_is_never_what_it_was_not_announced_as(w: World) {
        use crate::scars::{Photo, location, piece};
        let (_, d, phone) = on_the_road(&w).await;
        let photo = Photo::new(9, &d.unit, 1_001);
        let begun = photo.announce(&phone.who).await;
        assert_eq!(begun.status, 201);
        assert!(begun.headers.contains_key("upload-expires"));
        let at = location(&begun);
        assert_eq!(photo.piece(&phone.who, &at, 0, 7_000).await.status, 204);
        // The line is cut; the phone asks where it is.
        let stands = phone.who.send("HEAD", &at, zf_tests::browser::Payload::None).await;
        assert_eq!((stands.status.as_u16(), stands.headers["upload-offset"].to_str().unwrap()), (200, "7000"));
        photo.piece(&phone.who, &at, 0, 7_000).await.refused(409, "blob.offset");
        // Bytes that were bent on the way.
        let mut headers = vec![("content-type", "application/offset+octet-stream".to_owned()), ("upload-offset", "7000".to_owned())];
        headers.push(("upload-checksum", "sha256 AAAA".to_owned()));
        let bent = zf_tests::browser::Payload::Bytes(headers, photo.bytes[7_000..].to_vec());
        phone.who.send("PATCH", &at, bent).await.refused(460, "blob.checksum");
        assert_eq!(photo.piece(&phone.who, &at, 7_000, 20_000).await.status, 204);
        // Sealed on the disk: no run of its bytes is there in clear.
        let mut files = vec![w.data().to_owned()];
        let mut found = 0;
        while let Some(path) = files.pop() {
            if path.is_dir() {
                files.extend(std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
                continue;
            }
            found += 1;
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(32).any(|run| run == &photo.bytes[..32] || run == &photo.bytes[7_000..7_032]));
        }
        assert_eq!(found, 2, "two pieces");
        // Asked again: the address comes as before, the status tells that the bytes are checked.
        let had = photo.announce(&phone.who).await;
        assert_eq!((had.status.as_u16(), had.headers["upload-offset"].to_str().unwrap()), (200, "20000"));
        assert!(location(&had) == at && !had.headers.contains_key("upload-expires"));
        // Another content than announced begins anew.
        let mut other = Photo::new(10, &d.unit, 1_001);
        let at = location(&other.announce(&phone.who).await);
        let honest = other.bytes.clone();
        other.bytes[3] ^= 1;
        let whole = piece(&phone.who, &at, 0, &other.bytes).await;
        whole.refused(460, "blob.checksum");
        let stands = phone.who.send("HEAD", &at, zf_tests::browser::Payload::None).await;
        assert_eq!(stands.headers["upload-offset"], "0");
        assert_eq!(piece(&phone.who, &at, 0, &honest).await.status, 204);
        // Begun and never finished: forgotten with its bytes.
        let left = Photo::new(11, &d.unit, 1_002);
        let at = location(&left.announce(&phone.who).await);
        left.piece(&phone.who, &at, 0, 5_000).await.ok();
        w.clock.forward_minutes(73 * 60);
        let scope = w.scope(zf_kernel::Permission::SystemWrite, &w.org.branches[0]);
        let mut machine = w.machine();
        machine.now = w.clock.now();
        let gone = zf_field::blob::service::photos_expire(&w.app, &machine, &scope).await.unwrap();
        assert_eq!(gone, 1);
        assert_eq!(w.count("SELECT COUNT(*) FROM photo WHERE state = 'open'").await, 0);
    }
}
