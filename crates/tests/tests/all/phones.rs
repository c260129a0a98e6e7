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
    fn ask(&self, after: &Json) -> Json {
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
        assert_eq!(program["outcomes"].as_array().unwrap().len(), 4);
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
}
