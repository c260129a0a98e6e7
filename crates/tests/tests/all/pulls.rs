//! What reaches a phone that holds a household when others change it: a merge
//! and an erasure. What the phone has afterwards is compared with what a new
//! phone of the same account is given. And the job that forgets old numbers.

use crate::phones::{Phone, enrolled, on_the_road};
use crate::photos::erased;
use crate::visits::met;
use serde_json::{Value as Json, json};
use zf_kernel::Permission;
use zf_register::merge::Seat;
use zf_register::merge::service::{Asked, merge_ask};
use zf_tests::{World, both};

/// A household of the phone by its place: id, and the one that is to be met.
fn home(phone: &Phone, n: usize) -> (String, String) {
    let (id, data) = phone.of_kind("household")[n];
    let members = data["members"].as_array().unwrap();
    let lead = members.iter().find(|m| m["lead"] == true).unwrap();
    (
        id.to_owned(),
        lead["customer_id"].as_str().unwrap().to_owned(),
    )
}

/// Whether anything that the phone holds names an id.
fn names(phone: &Phone, id: &str) -> bool {
    let mut all = phone.pack.iter();
    all.any(|((_, key), data)| key == id || data.to_string().contains(id))
}

/// The phone has what a phone gets that begins today.
async fn as_a_new_one(w: &World, phone: &Phone, n: u32) {
    let mut fresh = enrolled(w, &phone.who, n).await;
    fresh.pull().await;
    assert_eq!(fresh.pack, phone.pack);
}

async fn feed(w: &World) -> (i64, i64, i64) {
    let rows = w
        .query("SELECT seq, kept_after FROM feed_head", vec![])
        .await;
    assert_eq!(rows.len(), 1, "one branch");
    let oldest = w.count("SELECT MIN(seq) FROM feed").await;
    (rows[0].get(0).unwrap(), rows[0].get(1).unwrap(), oldest)
}

async fn trimmed(w: &World) {
    let job = zf_kernel::job::NewJob::new("sync.trim", w.org.head.id, json!({}));
    zf_kernel::job::service::job_enqueue(&w.app, &w.machine(), &job)
        .await
        .unwrap();
    w.drain().await;
}

both! {
    async fn a_merge_reaches_a_phone_that_holds_both_households(w: World) {
        let (_, _, mut phone) = on_the_road(&w).await;
        phone.pull().await;
        let ((kept_home, kept), (gone_home, gone)) = (home(&phone, 0), home(&phone, 1));
        assert!(names(&phone, &gone));
        w.clock.forward_minutes(1);
        let seat = |id: &str| Seat { unit: w.org.branches[0].id, id: id.parse().unwrap() };
        let wish = Asked { kept: seat(&kept), gone: seat(&gone), pair: None, fields: vec![], reason: "duplicate".to_owned() };
        let scope = w.scope(Permission::CustomerMerge, &w.org.branches[0]);
        assert_eq!(merge_ask(&w.app, &w.machine(), &scope, &wish).await.unwrap().state.as_str(), "done");
        w.drain().await;
        phone.pull().await;
        let members = |phone: &Phone, home: &str| -> Vec<Json> {
            let key = ("household".to_owned(), home.to_owned());
            let data = phone.pack.get(&key);
            data.map_or(vec![], |d| d["members"].as_array().unwrap().iter().map(|m| m["customer_id"].clone()).collect())
        };
        assert!(members(&phone, &kept_home).contains(&json!(kept)));
        assert!(!members(&phone, &gone_home).contains(&json!(gone)));
        assert!(!names(&phone, &gone), "the record that was merged is nowhere on the phone");
        assert!(!phone.last.is_empty());
        as_a_new_one(&w, &phone, 7_002).await;
        // Told once.
        phone.pull().await;
        assert!(phone.last.is_empty(), "{:?}", phone.last);
    }

    async fn an_erasure_reaches_a_phone_that_holds_the_household(w: World) {
        let (head, d, mut phone) = on_the_road(&w).await;
        phone.pull().await;
        let (home, customer) = home(&phone, 0);
        let sheet = json!({ "household_id": home, "customer_id": customer });
        let mut batch = d.batch(&[d.visit(1, &sheet, met("密某某"))]);
        batch["device_id"] = json!(phone.device);
        phone.who.post("/sync/push", batch).await.ok();
        phone.pull().await;
        let key = ("household".to_owned(), home.clone());
        let name = phone.pack[&key]["name"].as_str().unwrap().to_owned();
        assert!(names(&phone, &customer) && !name.is_empty());
        let held = phone.pack.values().filter(|data| data.to_string().contains(&name)).count();
        erased(&w, &head, &d, &json!(customer)).await;
        phone.pull().await;
        assert!(!names(&phone, &customer), "nothing on the phone names them");
        let now = phone.pack.values().filter(|data| data.to_string().contains(&name)).count();
        assert!(now < held, "{now} of {held}");
        assert!(phone.pack.get(&key).is_none_or(|h| h["name"] != json!(name)));
        as_a_new_one(&w, &phone, 7_002).await;
        phone.pull().await;
        assert!(phone.last.is_empty(), "{:?}", phone.last);
    }

    async fn old_numbers_are_forgotten_at_night_and_no_phone_loses_anything_by_it(w: World) {
        let (head, d, mut phone) = on_the_road(&w).await;
        phone.pull().await;
        let first = phone.cursor.as_i64().unwrap();
        let (_, customer) = home(&phone, 0);
        // Nothing is old yet.
        trimmed(&w).await;
        assert_eq!(feed(&w).await, (first, 0, 1));
        let path = format!("/units/{}/customers/{customer}", d.unit);
        head.patch(&path, json!({ "address": "新家在河东街八号院" })).await.ok();
        phone.pull().await;
        let second = phone.cursor.as_i64().unwrap();
        assert_eq!(second, first + 1);
        // 90 days is what the preset keeps: one number is older, the other not.
        let days = |n: i64| w.clock.now().plus_seconds(-n * 86_400);
        w.exec("UPDATE feed SET made_at = $1 WHERE seq <= $2", vec![days(91).into(), first.into()]).await;
        w.exec("UPDATE feed SET made_at = $1 WHERE seq > $2", vec![days(89).into(), first.into()]).await;
        trimmed(&w).await;
        assert_eq!(feed(&w).await, (second, first, second));
        assert_eq!(w.count("SELECT COUNT(*) FROM event WHERE action = 'sync.trim'").await, 1, "the first night had nothing to do");
        let before = phone.pack.clone();
        phone.pull().await;
        assert_eq!(phone.pack, before);
        as_a_new_one(&w, &phone, 7_002).await;
        // Whoever stands at the last number that was forgotten has missed nothing; before that they begin anew.
        let mut stands = |cursor: i64| {
            phone.cursor = json!(cursor);
            phone.ask(&Json::Null)
        };
        let (at, earlier) = (stands(first), stands(first - 1));
        let said = phone.who.post("/sync/pull", at).await.good();
        let told = said["items"].as_array().unwrap().iter().any(|i| i["data"].to_string().contains("新家在河东街八号院"));
        assert!(told, "{said}");
        phone.who.post("/sync/pull", earlier).await.refused(410, "sync.resync");
    }
}
