//! Visits at the desk: what is typed in is kept once, counts each household
//! once, is never refused, and reaches the ledger and the targets.

use crate::campaign::{doors, plan_path, planned};
use serde_json::{Value as Json, json};
use zf_kernel::Permission;
use zf_register::merge::Seat;
use zf_register::merge::service::{Asked, merge_ask};
use zf_tests::{Browser, World, both};

/// An id made by a device.
pub(crate) fn id(n: u32) -> String {
    format!("0190c000-0000-7000-8000-{n:012}")
}

const DEVICE: u32 = 9_999;

/// A day of a branch that has visits planned, and its households.
pub(crate) struct Day {
    pub program: String,
    pub unit: String,
    pub day: String,
    pub desk: String,
    pub sheets: Vec<Json>,
}

/// A day of the plan, in the evening, with the branch head at the desk.
pub(crate) async fn a_day(w: &World) -> (Browser, Day) {
    let program = planned(w).await;
    let head = w.role("branch_head").await;
    let unit = w.org.branches[0].id.to_string();
    let plan = head
        .get(&plan_path(&program, &w.org.branches[0]))
        .await
        .good();
    let day = doors(&plan).first().unwrap().0.clone();
    w.it_is_now(&format!("{day}T18:40:00+08:00"));
    let head = w.role("branch_head").await;
    let desk = format!("/programs/{program}/units/{unit}/desk?day={day}");
    let sheets = head.get(&desk).await.good()["sheets"]
        .as_array()
        .unwrap()
        .clone();
    assert!(sheets.len() > 3, "{}", sheets.len());
    (
        head,
        Day {
            program,
            unit,
            day,
            desk,
            sheets,
        },
    )
}

impl Day {
    pub(crate) fn visit(&self, n: u32, sheet: &Json, answers: Json) -> Json {
        json!({
            "op_id": id(n), "client_seq": 0, "kind": "visit.submit", "entity_id": id(n + 1_000), "schema_ver": 1,
            "device_time": format!("{}T18:40:00+08:00", self.day),
            "payload": {
                "program_id": self.program, "kind": "precise", "day": self.day,
                "target_id": sheet["target_id"], "household_id": sheet["household_id"],
                "customer_id": sheet["customer_id"], "stop_id": sheet["stop_id"],
                "form_id": "household-visit", "form_version": 1, "answers": answers,
            },
        })
    }

    pub(crate) fn batch(&self, ops: &[Json]) -> Json {
        json!({ "unit_id": self.unit, "device_id": id(DEVICE), "ops": ops })
    }

    pub(crate) async fn push(&self, who: &Browser, ops: &[Json]) -> Vec<Json> {
        let said = who.post("/sync/push", self.batch(ops)).await.good();
        said["items"].as_array().unwrap().clone()
    }
}

pub(crate) fn met(name: &str) -> Json {
    json!({ "outcome": "self", "notice": "agreed", "name": name, "phone": "19912340001", "address": "青山村一组3号",
            "needs": ["deposit"], "products": ["green_card"] })
}

pub(crate) fn answers(items: &[Json]) -> Vec<&str> {
    items
        .iter()
        .map(|i| i["answer"].as_str().unwrap())
        .collect()
}

/// A visit, its amendment with a reason, and something torn, handed in to a
/// branch for a campaign that is still a draft; gives the id of the visit.
pub(crate) async fn handed_in(head: &Browser, program: &str, unit: &str) -> String {
    let day = "2026-11-23";
    let (program, unit) = (program.to_owned(), unit.to_owned());
    let d = Day {
        program,
        unit,
        day: day.to_owned(),
        desk: String::new(),
        sheets: vec![],
    };
    let nobody =
        json!({ "target_id": null, "household_id": null, "customer_id": null, "stop_id": null });
    let first = d.visit(1, &nobody, met("甲某某"));
    let mut amend = d.visit(2, &nobody, met("甲某某"));
    amend["kind"] = json!("visit.amend");
    amend["entity_id"] = first["entity_id"].clone();
    amend["payload"]["reason"] = json!("名字写错");
    let mut torn = d.visit(3, &nobody, json!({}));
    torn["payload"] = json!("torn");
    let said = d.push(head, &[first, amend, torn]).await;
    assert_eq!(answers(&said), ["applied", "applied", "quarantined"]);
    id(1_001)
}

both! {
    async fn a_visit_typed_in_twice_is_there_once(w: World) {
        let (head, d) = a_day(&w).await;
        let op = d.visit(1, &d.sheets[0], met("甲某某"));
        let first = d.push(&head, std::slice::from_ref(&op)).await;
        assert_eq!(answers(&first), ["applied"]);
        assert_eq!((first[0]["rev"].as_i64(), first[0]["seq"].as_i64()), (Some(1), Some(1)));
        // The answer got lost, the same batch comes again, together with itself.
        let again = d.push(&head, &[op.clone(), op.clone()]).await;
        assert_eq!(answers(&again), ["duplicate", "duplicate"]);
        assert_eq!(again[0]["seq"], first[0]["seq"], "what was said then");
        assert_eq!(w.count("SELECT COUNT(*) FROM visit").await, 1);
        assert_eq!(w.count("SELECT COUNT(*) FROM feed").await, 1);
        let twins = d.visit(2, &d.sheets[1], met("乙某某"));
        let both = d.push(&head, &[twins.clone(), twins]).await;
        assert_eq!(answers(&both), ["applied", "duplicate"]);
        assert_eq!(w.count("SELECT COUNT(*) FROM visit").await, 2);
    }

    async fn another_content_under_a_taken_name_is_kept_aside_and_changes_nothing(w: World) {
        let (head, d) = a_day(&w).await;
        let op = d.visit(1, &d.sheets[0], met("甲某某"));
        d.push(&head, std::slice::from_ref(&op)).await;
        let mut changed = op.clone();
        changed["payload"]["answers"]["outcome"] = json!("absent");
        let said = d.push(&head, &[changed.clone(), changed]).await;
        assert_eq!(answers(&said), ["quarantined", "duplicate"]);
        assert_eq!(said[0]["code"], "op_changed");
        assert_eq!(w.count("SELECT COUNT(*) FROM sync_quarantine").await, 1, "the same thing once");
        // Another operation with the visit's id.
        let mut other = d.visit(2, &d.sheets[0], met("丙某某"));
        other["entity_id"] = op["entity_id"].clone();
        assert_eq!(d.push(&head, &[other]).await[0]["code"], "visit_exists");
        let stands = w.query("SELECT outcome, rev FROM visit", vec![]).await;
        assert_eq!((stands[0].get::<String>(0).unwrap(), stands[0].get::<i64>(1).unwrap()), ("self".to_owned(), 1));
    }

    async fn a_household_counts_once_a_day_and_only_when_somebody_was_met(w: World) {
        let (head, d) = a_day(&w).await;
        let ops = [
            d.visit(1, &d.sheets[0], met("甲某某")),
            d.visit(2, &d.sheets[1], json!({ "outcome": "absent" })),
            d.visit(3, &d.sheets[2], json!({ "outcome": "family", "notice": "declined" })),
            d.visit(4, &d.sheets[3], json!({ "outcome": "refused" })),
            d.visit(5, &d.sheets[0], met("甲某某")),
        ];
        let said = d.push(&head, &ops).await;
        assert_eq!(answers(&said), ["applied", "applied", "applied", "applied", "review"]);
        let desk = head.get(&d.desk).await.good();
        // Met: sheets 0 (twice) and 2; absent and refused do not count (ERR-007).
        assert_eq!(desk["households"], 2);
        assert_eq!(desk["same_day"], 5);
        let tally = w.query("SELECT households, visits FROM visit_tally", vec![]).await;
        assert_eq!((tally[0].get::<i64>(0).unwrap(), tally[0].get::<i64>(1).unwrap()), (2, 3));
        let ledger = head.get(&format!("/programs/{}/shortfall/{}", d.program, d.unit)).await.good();
        let entries = ledger["entries"].as_array().unwrap();
        let entry = entries.iter().find(|e| e["day"] == json!(d.day)).unwrap();
        assert_eq!((entry["source"].as_str(), entry["done"].as_i64()), (Some("visits"), Some(2)));
        let states = w.query("SELECT state, tries FROM target WHERE visited_on IS NOT NULL OR tries > 0 ORDER BY state", vec![]).await;
        let states: Vec<(String, i64)> = states.iter().map(|r| (r.get(0).unwrap(), r.get(1).unwrap())).collect();
        assert_eq!(states, [("open".to_owned(), 1), ("visited".to_owned(), 0), ("visited".to_owned(), 0)]);
    }

    async fn nothing_a_visitor_writes_is_refused(w: World) {
        let (head, d) = a_day(&w).await;
        let wrong_phone = json!({ "outcome": "self", "notice": "agreed", "name": "甲某某", "phone": "12", "address": "青山村一组" });
        let mut ops = vec![
            d.visit(1, &d.sheets[0], wrong_phone),
            d.visit(2, &d.sheets[1], json!({})),
            d.visit(3, &d.sheets[2], json!({ "outcome": "self", "notice": "declined" })),
            d.visit(4, &d.sheets[3], json!({ "outcome": "self", "notice": "declined" })),
            d.visit(5, &d.sheets[0], json!({ "outcome": "self", "notice": "declined" })),
        ];
        ops[2]["payload"]["form_version"] = json!(77);
        ops[3]["payload"]["household_id"] = json!(id(1));
        ops[3]["payload"]["target_id"] = Json::Null;
        ops[3]["payload"]["customer_id"] = Json::Null;
        ops[4]["payload"] = json!("torn");
        let mut strange = d.visit(6, &d.sheets[0], json!({}));
        strange["kind"] = json!("visit.sing");
        ops.push(strange);
        let said = d.push(&head, &ops).await;
        assert_eq!(answers(&said), ["review", "review", "quarantined", "review", "quarantined", "quarantined"]);
        let codes: Vec<&str> = said.iter().filter_map(|s| s["code"].as_str()).collect();
        assert_eq!(codes, ["form_unknown", "payload_unreadable", "kind_unknown"]);
        let reasons = w.query("SELECT reasons FROM sync_review ORDER BY op_id", vec![]).await;
        let reasons: Vec<String> = reasons.iter().map(|r| r.get(0).unwrap()).collect();
        assert_eq!(reasons, ["constraint", "missing outcome", "household"]);
        // Sent again, each gets the answer it got.
        let again = d.push(&head, &ops).await;
        assert!(again.iter().all(|a| a["answer"] == "duplicate"), "{again:?}");
        assert_eq!(w.count("SELECT COUNT(*) FROM sync_quarantine").await, 3);
    }

    async fn an_amendment_keeps_what_was_said_and_moves_the_count(w: World) {
        let (head, d) = a_day(&w).await;
        let op = d.visit(1, &d.sheets[0], met("甲某某"));
        d.push(&head, std::slice::from_ref(&op)).await;
        let mut amend = d.visit(2, &d.sheets[0], json!({ "outcome": "absent" }));
        amend["kind"] = json!("visit.amend");
        amend["entity_id"] = op["entity_id"].clone();
        amend["base_rev"] = json!(1);
        amend["payload"]["reason"] = json!("记错了户");
        let said = d.push(&head, std::slice::from_ref(&amend)).await;
        assert_eq!((said[0]["answer"].as_str(), said[0]["rev"].as_i64()), (Some("applied"), Some(2)));
        assert_eq!(head.get(&d.desk).await.good()["households"], 0);
        assert_eq!(w.count("SELECT COUNT(*) FROM visit_revision WHERE rev = 1 AND outcome = 'self'").await, 1);
        assert_eq!(w.count("SELECT COUNT(*) FROM target WHERE state = 'visited'").await, 0, "it may be planned again");
        // Somebody else amends what they knew as the first text.
        let mut late = amend.clone();
        late["op_id"] = json!(id(3));
        late["payload"]["answers"] = met("甲某某");
        let said = d.push(&head, &[late]).await;
        assert_eq!((said[0]["answer"].as_str(), said[0]["rev"].as_i64()), (Some("review"), Some(3)));
        let reasons = w.query("SELECT reasons FROM sync_review", vec![]).await;
        assert_eq!(reasons[0].get::<String>(0).unwrap(), "amended_twice");
    }

    async fn a_record_is_valid_with_what_the_bank_has_and_the_door_gave(w: World) {
        let (head, d) = a_day(&w).await;
        let known = d.sheets.iter().find(|s| !s["missing"].as_array().unwrap().contains(&json!("id_number"))).unwrap();
        let unknown = json!({ "target_id": null, "household_id": null, "customer_id": null, "stop_id": null });
        let ops = [
            d.visit(1, known, met("甲某某")),
            // Somebody nobody knew: without an ID number at the bank not yet valid (CUS-016).
            d.visit(2, &unknown, met("新某某")),
            d.visit(3, known, json!({ "outcome": "self", "notice": "declined" })),
        ];
        d.push(&head, &ops).await;
        let rows = w.query("SELECT visit_id, valid, id_number FROM visit_member ORDER BY visit_id", vec![]).await;
        let rows: Vec<(bool, String)> = rows.iter().map(|r| (r.get(1).unwrap(), r.get(2).unwrap())).collect();
        assert_eq!(rows, [(true, "bank".to_owned()), (false, "none".to_owned())], "who declined is no record");
        assert_eq!(head.get(&d.desk).await.good()["valid_records"], 1);
    }

    async fn who_is_erased_is_named_by_no_visit_any_more(w: World) {
        let (head, d) = a_day(&w).await;
        let mut amend = d.visit(2, &d.sheets[0], met("密某某"));
        amend["kind"] = json!("visit.amend");
        amend["entity_id"] = json!(id(1_001));
        amend["payload"]["reason"] = json!("密某某说错了");
        let mut torn = d.visit(3, &d.sheets[0], met("密某某"));
        torn["kind"] = json!("visit.imagine");
        let another = d.visit(4, &d.sheets[1], met("另某某"));
        d.push(&head, &[d.visit(1, &d.sheets[0], met("密某某")), amend, torn, another]).await;
        let customer = format!("/units/{}/customers/{}", d.unit, d.sheets[0]["customer_id"].as_str().unwrap());
        let asked = head.post(&format!("{customer}/requests"), json!({ "kind": "erasure", "channel": "on_site" })).await.good();
        let request = format!("/units/{}/requests/{}/erasure", d.unit, asked["id"].as_str().unwrap());
        let compliance = w.role("compliance").await;
        compliance.post(&request, json!({ "decision": "approve" })).await.ok();
        w.drain().await;
        let says = |n: u32| format!("/units/{}/visits/{}/reveal", d.unit, id(n));
        let left = head.post(&says(1_001), json!({ "reason": "核对" })).await.good();
        assert_eq!(left["answers"], json!({ "outcome": "self", "notice": "agreed" }), "that somebody was met");
        assert_eq!((&left["customer_id"], &left["reason"]), (&Json::Null, &Json::Null));
        let others = head.post(&says(1_004), json!({ "reason": "核对" })).await.good();
        assert_eq!(others["answers"]["name"], "另某某");
        // Nothing sealed names them either: every value is opened.
        let unit: zf_base::UnitId = d.unit.parse().unwrap();
        for (table, column) in [("visit", "payload_sealed"), ("visit_revision", "payload_sealed"), ("sync_quarantine", "op_sealed")] {
            let rows = w.query(&format!("SELECT id, {column} FROM {table}"), vec![]).await;
            assert!(!rows.is_empty(), "{table}");
            for row in rows {
                let aad = zf_vault::Aad { table, column, unit: unit.uuid(), row: row.get(0).unwrap() };
                let text = w.app.vault.open(&aad, &row.get::<Vec<u8>>(1).unwrap()).unwrap();
                assert!(!String::from_utf8_lossy(&text).contains("密某某"), "{table}");
            }
        }
        assert_eq!(w.count("SELECT COUNT(*) FROM visit_revision WHERE reason_sealed IS NOT NULL").await, 0);
        assert_eq!(w.count("SELECT COUNT(*) FROM visit_member WHERE customer_id IS NOT NULL").await, 1);
    }

    async fn what_a_visit_says_is_sealed_and_opened_only_for_a_reason(w: World) {
        let (head, d) = a_day(&w).await;
        d.push(&head, &[d.visit(1, &d.sheets[0], met("密某某"))]).await;
        let path = format!("/units/{}/visits/{}", d.unit, id(1_001));
        let seen = head.get(&path).await.good();
        assert!(!seen.to_string().contains("密某某"));
        head.post(&format!("{path}/reveal"), json!({ "reason": " " })).await.refused(422, "input.invalid");
        let says = head.post(&format!("{path}/reveal"), json!({ "reason": "核对采集表" })).await.good();
        assert_eq!(says["answers"]["name"], "密某某");
        assert_eq!(w.count("SELECT COUNT(*) FROM event WHERE action = 'visit.reveal'").await, 1);
        let list = head.get(&format!("/programs/{}/units/{}/visits?day={}", d.program, d.unit, d.day)).await.good();
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
        // Another branch's head hears of nothing.
        let other = format!("/units/{}/visits/{}", w.org.branches[1].id, id(1_001));
        head.get(&other).await.refused(404, "not_found");
        let mut foreign = d.batch(&[]);
        foreign["unit_id"] = json!(w.org.branches[1].id.to_string());
        head.post("/sync/push", foreign).await.refused(404, "not_found");
    }

    async fn the_number_on_a_printed_form_finds_the_household_after_the_plan_changes(w: World) {
        let (head, d) = a_day(&w).await;
        let path = plan_path(&d.program, &w.org.branches[0]);
        let print = format!("{path}/collection-forms/print");
        let forms = head.post(&print, json!({ "reason": "周一上门" })).await.good();
        let number_of = |all: &Json| -> std::collections::BTreeMap<String, i64> {
            all["items"].as_array().unwrap().iter()
                .map(|f| (f["stop_id"].as_str().unwrap().to_owned(), f["number"].as_i64().unwrap())).collect()
        };
        let numbers = number_of(&forms);
        let mut sorted: Vec<i64> = numbers.values().copied().collect();
        sorted.sort_unstable();
        assert_eq!(sorted, (1..=numbers.len() as i64).collect::<Vec<_>>(), "1, 2, 3 … each once");
        assert_eq!(number_of(&head.post(&print, json!({ "reason": "再打一份" })).await.good()), numbers);
        let desk = head.get(&d.desk).await.good();
        for sheet in desk["sheets"].as_array().unwrap() {
            assert_eq!(sheet["number"].as_i64(), numbers.get(sheet["stop_id"].as_str().unwrap()).copied());
        }
    }

    async fn the_visits_of_who_has_moved_stand_in_the_timeline_and_in_the_report(w: World) {
        let (head, d) = a_day(&w).await;
        let sheet = &d.sheets[0];
        let (customer, household) = (sheet["customer_id"].as_str().unwrap(), sheet["household_id"].as_str().unwrap());
        let absent = d.visit(2, &d.sheets[1], json!({ "outcome": "absent" }));
        d.push(&head, &[d.visit(1, sheet, met("密某某")), absent]).await;
        let visits = |page: Vec<Json>| -> Vec<(String, String, String)> {
            let of = |l: &Json, key: &str| l[key].as_str().unwrap_or_default().to_owned();
            let all = page.iter().filter(|l| l["visit_id"].is_string());
            all.map(|l| (of(l, "visit_id"), of(l, "visit_unit_id"), of(l, "summary"))).collect()
        };
        let line = (id(1_001), d.unit.clone(), format!("{} 走访：见到本人", d.day));
        let here = head.get(&format!("/units/{}/households/{household}/timeline", d.unit)).await.items();
        assert_eq!(visits(here), std::slice::from_ref(&line));
        w.clock.forward_minutes(1);
        let market = w.role("market_department").await;
        let to = w.org.branches[1].id;
        let body = json!({ "customer_ids": [customer], "to_unit_id": to, "reason": "moved_house" });
        assert_eq!(market.post(&format!("/units/{}/transfers", d.unit), body).await.good()["arrived"], 1);
        let there = market.get(&format!("/units/{to}/households/{household}/timeline")).await.items();
        assert_eq!(visits(there), std::slice::from_ref(&line), "the visit stays where it was made");
        let report = w.role("compliance").await.post(&format!("/units/{to}/customers/{customer}/report/print"), json!({ "reason": "本人查阅" })).await.good();
        let branch = &w.org.branches[0].name;
        let told = report["visits"].as_array().unwrap();
        assert_eq!(told.len(), 1, "nobody else's");
        assert_eq!((&told[0]["day"], &told[0]["outcome"], &told[0]["unit_name"]), (&json!(d.day), &json!("self"), &json!(branch)));
        assert_eq!(told[0]["recorded"], json!(["name", "phone", "address"]));
        let events = report["events"].as_array().unwrap();
        let at = |unit: &str| events.iter().filter(|e| e["unit_name"] == unit).count();
        assert!(at(branch) > 0 && at(&w.org.branches[1].name) > 0, "{events:?}");
        assert!(!report.to_string().contains("密某某"), "what a visit says has a look of its own");
    }

    async fn the_visits_of_a_record_that_was_merged_stand_with_the_one_that_is_kept(w: World) {
        let (head, d) = a_day(&w).await;
        let absent = d.visit(2, &d.sheets[1], json!({ "outcome": "absent" }));
        d.push(&head, &[d.visit(1, &d.sheets[0], met("密某某")), absent]).await;
        let seat = |sheet: &Json| Seat { unit: w.org.branches[0].id, id: sheet["customer_id"].as_str().unwrap().parse().unwrap() };
        w.clock.forward_minutes(1);
        for gone in &d.sheets[..2] {
            let wish = Asked { kept: seat(&d.sheets[2]), gone: seat(gone), pair: None, fields: vec![], reason: "duplicate".to_owned() };
            let scope = w.scope(Permission::CustomerMerge, &w.org.branches[0]);
            assert_eq!(merge_ask(&w.app, &w.machine(), &scope, &wish).await.unwrap().state.as_str(), "done");
        }
        let of = |sheet: &Json, key: &str| sheet[key].as_str().unwrap().to_owned();
        let (kept, household) = (of(&d.sheets[2], "customer_id"), of(&d.sheets[2], "household_id"));
        let lines = head.get(&format!("/units/{}/households/{household}/timeline", d.unit)).await.items();
        let mut told: Vec<String> = lines.iter().filter(|l| l["visit_id"].is_string()).map(|l| of(l, "summary")).collect();
        told.sort();
        assert_eq!(told, [format!("{} 走访：不在家", d.day), format!("{} 走访：见到本人", d.day)]);
        let report = head.post(&format!("/units/{}/customers/{kept}/report/print", d.unit), json!({ "reason": "本人查阅" })).await.good();
        let mut visits: Vec<(String, Json)> = report["visits"].as_array().unwrap().iter().map(|v| (of(v, "outcome"), v["recorded"].clone())).collect();
        visits.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(visits, [("absent".to_owned(), json!([])), ("self".to_owned(), json!(["name", "phone", "address"]))]);
    }
}
