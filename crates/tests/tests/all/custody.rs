//! What the bank owes to the people in its base, over HTTP: refusals that count
//! at once, lawful bases of two others, requests, erasure with a certificate,
//! retention, and aggregates for outside parties.

use crate::campaign::{doors, plan_path, planned};
use serde_json::{Value as Json, json};
use zf_kernel::unit::Unit;
use zf_tests::browser::Payload;
use zf_tests::files::Sheet;
use zf_tests::people::{Person, needles, person};
use zf_tests::scan::Scanner;
use zf_tests::{Browser, Reply, World, both};

fn text(json: &Json, key: &str) -> String {
    json[key].as_str().unwrap_or_default().to_owned()
}

pub(crate) fn customer_path(w: &World, made: &Json) -> String {
    format!(
        "/units/{}/customers/{}",
        w.org.branches[0].id,
        text(made, "id")
    )
}

pub(crate) fn refusal(kind: &str) -> Json {
    json!({ "kind": kind, "state": "refused", "channel": "on_site", "reason": "no_wish", "form_version": "oral" })
}

fn in_days(w: &World, days: i32) -> String {
    w.clock.now().day().plus_days(days).to_string()
}

async fn upload_from(browser: &Browser, channel: &str, sheet: &Sheet) -> Reply {
    let field = |name: &str, value: &str| (name.to_owned(), None, value.as_bytes().to_vec());
    let file = (
        "file".to_owned(),
        Some("名单.csv".to_owned()),
        sheet.csv().into_bytes(),
    );
    let form = vec![
        field("kind", "customers"),
        field("dry_run", "false"),
        field("channel", channel),
        file,
    ];
    browser.send("POST", "/imports", Payload::Form(form)).await
}

async fn run(w: &World, browser: &Browser, started: Json) -> Json {
    w.drain().await;
    browser
        .get(&format!("/imports/{}", text(&started, "id")))
        .await
        .good()
}

fn basis(w: &World, source: &str) -> Json {
    json!({ "source": source, "title": "村委会外出人员名单", "law": "pipl_13_1", "purpose": "visit", "expires_day": in_days(w, 100), "evidence": "同意书扫描件第三册，联系电话 13800001234" })
}

/// Proposed by the market department, agreed to by director and compliance.
pub(crate) async fn approved(w: &World, source: &str) -> String {
    approved_until(w, &w.org.county, source, &in_days(w, 100)).await
}

/// The same for a unit and through a day.
pub(crate) async fn approved_until(w: &World, unit: &Unit, source: &str, day: &str) -> String {
    let market = w.role("market_department").await;
    let mut wish = basis(w, source);
    wish["expires_day"] = json!(day);
    let made = market
        .post(&format!("/units/{}/bases", unit.id), wish)
        .await
        .good();
    let path = format!("/units/{}/bases/{}", unit.id, text(&made, "id"));
    for role in ["director", "compliance"] {
        let yes = json!({ "decision": "approve" });
        w.role(role)
            .await
            .post(&format!("{path}/decision"), yes)
            .await
            .ok();
    }
    path
}

fn list_of(range: std::ops::Range<usize>, unit: &str, tag: &str) -> Sheet {
    let headers = [
        "客户号",
        "姓名",
        "手机号",
        "证件号码",
        "家庭住址",
        "所属机构",
        "必访群体",
    ];
    range.map(person).fold(Sheet::new(&headers), |sheet, p| {
        sheet.row(&[
            &p.no,
            &p.name,
            &p.phone,
            &p.id_number,
            &p.address,
            unit,
            tag,
        ])
    })
}

pub(crate) async fn requested(browser: &Browser, customer: &str, body: Json) -> Json {
    browser
        .post(&format!("{customer}/requests"), body)
        .await
        .good()
}

both! {
    async fn a_refusal_is_honoured_a_second_later_and_before_any_job_has_run(w: World) {
        let program = planned(&w).await;
        let head = w.role("branch_head").await;
        let path = plan_path(&program, &w.org.branches[0]);
        let stops = doors(&head.get(&path).await.good());
        let (day, stop) = stops.last().unwrap();
        assert!(day.as_str() >= w.clock.now().day().to_string().as_str());
        let targets = format!("/programs/{program}/units/{}/targets?limit=200", w.org.branches[0].id);
        let target = head.get(&targets).await.items().into_iter().find(|t| t["id"] == stop["target_id"]).unwrap();
        let customer = format!("/units/{}/customers/{}", w.org.branches[0].id, text(&target, "customer_id"));
        let said = head.post(&format!("{customer}/consents"), refusal("visit")).await.good();
        assert_eq!(said["standing"]["do_not_visit"], true);
        w.clock.forward_seconds(1);
        // No job has run yet: reading alone leaves the household out.
        let plan = head.get(&path).await.good();
        assert_eq!(doors(&plan).len(), stops.len() - 1);
        assert!(doors(&plan).iter().all(|(_, s)| s["target_id"] != stop["target_id"]));
        let struck = &plan["struck"][0];
        assert_eq!((&struck["can_restore"], &struck["stop"]["title"]), (&json!(false), &json!("一户")));
        assert!(text(struck, "reason").contains("不愿被走访"), "{struck}");
        assert!(head.get(&targets).await.items().iter().all(|t| t["id"] != stop["target_id"]));
        let before = plan["shortfall"]["planned"].as_i64().unwrap();
        w.drain().await;
        let plan = head.get(&path).await.good();
        assert_eq!(plan["shortfall"]["planned"].as_i64().unwrap(), before - 1);
        assert_eq!(w.count("SELECT COUNT(*) FROM target WHERE state = 'dropped'").await, 1);
        assert_eq!(w.count("SELECT COUNT(*) FROM plan_stop WHERE struck_reason = 'refused'").await, 1);
        head.post(&format!("{path}/restore"), json!({ "stop_id": stop["id"] })).await.refused(404, "not_found");
        // Said otherwise later, the household may be planned again.
        let mut yes = refusal("visit");
        yes["state"] = json!("given");
        let said = head.post(&format!("{customer}/consents"), yes).await.good();
        assert_eq!(said["standing"]["do_not_visit"], false);
        assert_eq!(said["consents"].as_array().unwrap().len(), 2, "nothing that was said is forgotten");
        w.drain().await;
        let market = w.role("market_department").await;
        let started = market.press(&format!("/programs/{program}/targets")).await.good();
        w.drain().await;
        assert!(!text(&started, "id").is_empty());
        assert_eq!(w.count("SELECT COUNT(*) FROM target WHERE state = 'dropped'").await, 0);
    }

    async fn one_member_speaks_for_the_household_unless_they_say_otherwise(w: World) {
        let program = planned(&w).await;
        let head = w.role("branch_head").await;
        let targets = format!("/programs/{program}/units/{}/targets?limit=200", w.org.branches[0].id);
        let target = head.get(&targets).await.items()[0].clone();
        let customer = text(&target, "customer_id");
        // A second member of the household, in the place of a move by import.
        let other = head.get(&targets).await.items()[1].clone();
        let sql = "UPDATE customer SET household_id = (SELECT household_id FROM customer WHERE id = $1) WHERE id = $2";
        let ids = [&customer, &text(&other, "customer_id")].map(|id| zf_store::Value::from(id.parse::<zf_base::CustomerId>().unwrap()));
        w.exec(sql, ids.to_vec()).await;
        let path = format!("/units/{}/customers/{customer}/consents", w.org.branches[0].id);
        let mut person_only = refusal("visit");
        person_only["person_only"] = json!(true);
        head.post(&path, person_only).await.ok();
        w.drain().await;
        let now = head.get(&targets).await.items();
        let same = now.iter().find(|t| t["id"] == target["id"]).unwrap();
        assert_eq!(same["customer_id"], other["customer_id"], "another member leads");
        head.post(&path, refusal("visit")).await.ok();
        assert!(head.get(&targets).await.items().iter().all(|t| t["id"] != target["id"]), "now for the household");
    }

    async fn a_list_from_a_village_office_needs_two_others(w: World) {
        let market = w.role("market_department").await;
        let unit = w.org.branches[0].code.clone();
        w.guard.plant(&needles(&(0..4).map(person).collect::<Vec<_>>()));
        let sheet = list_of(0..2, &unit, "");
        let refused = upload_from(&market, "village_office", &sheet).await;
        assert!(refused.text().contains("合法来源"), "{}", refused.text());
        refused.refused(422, "input.invalid");
        let county = &w.org.county;
        let made = market.post(&format!("/units/{}/bases", county.id), basis(&w, "village_office")).await.good();
        assert_eq!(made["state"], "proposed");
        let path = format!("/units/{}/bases/{}", county.id, text(&made, "id"));
        let yes = json!({ "decision": "approve" });
        market.post(&format!("{path}/decision"), yes.clone()).await.refused(403, "permission.denied");
        let first = w.role("director").await.post(&format!("{path}/decision"), yes.clone()).await.good();
        assert_eq!(first["state"], "proposed", "one is not enough");
        upload_from(&market, "village_office", &sheet).await.refused(422, "input.invalid");
        w.role("director").await.post(&format!("{path}/decision"), yes.clone()).await.refused(409, "permission.second_person");
        let second = w.role("compliance").await.post(&format!("{path}/decision"), yes).await.good();
        assert_eq!((second["state"].as_str(), second["votes"].as_array().unwrap().len()), (Some("approved"), 2));
        let started = upload_from(&market, "village_office", &sheet).await.good();
        let done = run(&w, &market, started).await;
        assert_eq!((done["rows_new"].as_i64(), done["rows_bad"].as_i64()), (Some(2), Some(0)), "{done}");
        // Every field says where it came from and until when.
        let customer = market.get(&format!("/units/{}/customers", w.org.branches[0].id)).await.items()[0].clone();
        let privacy = market.get(&format!("{}/privacy", customer_path(&w, &customer))).await.good();
        let source = &privacy["sources"][0];
        assert_eq!((text(source, "channel"), text(source, "law"), text(source, "expires_day")), ("village_office".to_owned(), "pipl_13_1".to_owned(), in_days(&w, 100)));
        assert_eq!(source["basis_id"], made["id"]);
        // Taken back, the next list is refused.
        let why = json!({ "reason": "合同提前终止" });
        market.post(&format!("{path}/withdraw"), why).await.ok();
        upload_from(&market, "village_office", &list_of(2..4, &unit, "")).await.refused(422, "input.invalid");
    }

    async fn a_tag_of_outside_lists_is_refused_row_by_row_without_a_basis(w: World) {
        let market = w.role("market_department").await;
        let unit = w.org.branches[0].code.clone();
        w.guard.plant(&needles(&(0..4).map(person).collect::<Vec<_>>()));
        let started = upload_from(&market, "core_system", &list_of(0..2, &unit, "B10")).await.good();
        let done = run(&w, &market, started).await;
        assert_eq!((done["rows_new"].as_i64(), done["rows_bad"].as_i64()), (Some(0), Some(2)));
        assert!(text(&done["errors"][0], "reason").contains("合法来源"), "{done}");
        let head = w.role("branch_head").await;
        let plain = w.add_customer(&head, &w.org.branches[0], &person(3)).await;
        let tagged = json!({ "tags": ["B10"] });
        let path = customer_path(&w, &plain);
        let reply = head.patch(&path, tagged.clone()).await.refused(422, "input.invalid");
        assert_eq!(reply["errors"][0]["field"], "tags");
        approved(&w, "tag:B10").await;
        head.patch(&path, tagged).await.ok();
        let started = upload_from(&market, "core_system", &list_of(0..2, &unit, "B10")).await.good();
        assert_eq!(run(&w, &market, started).await["rows_new"], 2);
        // The day after its last day it opens nothing any more.
        w.clock.forward_seconds(101 * 86_400);
        let market = w.browser().sign_in(&format!("market-department-{}", w.org.county.code), zf_tests::world::PASSWORD).await;
        let started = upload_from(&market, "core_system", &list_of(2..3, &unit, "B10")).await.good();
        assert_eq!(run(&w, &market, started).await["rows_bad"], 1);
    }

    async fn a_field_changed_from_elsewhere_has_a_source_of_its_own(w: World) {
        let market = w.role("market_department").await;
        let unit = w.org.branches[0].code.clone();
        w.guard.plant(&needles(&(0..1).map(person).collect::<Vec<_>>()));
        let started = upload_from(&market, "core_system", &list_of(0..1, &unit, "")).await.good();
        run(&w, &market, started).await;
        let customer = market.get(&format!("/units/{}/customers", w.org.branches[0].id)).await.items()[0].clone();
        let path = customer_path(&w, &customer);
        let head = w.role("branch_head").await;
        head.patch(&path, json!({ "occupation": "务农", "source_channel": "on_site" })).await.ok();
        let privacy = head.get(&format!("{path}/privacy")).await.good();
        let sources: Vec<(String, String)> = privacy["sources"].as_array().unwrap().iter().map(|s| (text(s, "field"), text(s, "channel"))).collect();
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(sources, [pair("", "core_system"), pair("occupation", "on_site")]);
        head.patch(&path, json!({ "occupation": "个体", "source_channel": "family_planning" })).await.refused(422, "input.invalid");
        head.patch(&path, json!({ "occupation": "个体", "source_channel": "rumour" })).await.refused(422, "input.invalid");
    }

    async fn a_person_is_erased_by_two_and_nothing_of_them_stays(w: World) {
        let head = w.role("branch_head").await;
        let p: Person = person(7);
        let made = w.add_customer(&head, &w.org.branches[0], &p).await;
        let path = customer_path(&w, &made);
        let mut said = refusal("marketing");
        said["note"] = json!(format!("{}说别再打{}", p.name, p.phone));
        head.post(&format!("{path}/consents"), said).await.ok();
        let asked = requested(&head, &path, json!({ "kind": "erasure", "channel": "on_site", "detail": format!("我是{}，请删掉{}", p.name, p.id_number) })).await;
        requested(&head, &path, json!({ "kind": "correction", "channel": "page", "field": "phone", "new_value": p.phone })).await;
        head.post(&format!("{path}/requests"), json!({ "kind": "erasure", "channel": "page" })).await.refused(409, "duplicate");
        let request = format!("/units/{}/requests/{}", w.org.branches[0].id, text(&asked, "id"));
        head.post(&format!("{request}/end"), json!({ "state": "done" })).await.refused(409, "permission.second_person");
        let compliance = w.role("compliance").await;
        let done = compliance.post(&format!("{request}/erasure"), json!({ "decision": "approve" })).await.good();
        assert_eq!((text(&done, "state"), text(&done, "customer_no")), ("done".to_owned(), String::new()));
        head.get(&path).await.refused(404, "customer.not_found");
        let certificate = compliance.get(&format!("/units/{}/certificates/{}", w.org.branches[0].id, text(&done, "certificate_id"))).await.good();
        let erased = &certificate["erased"];
        assert_eq!((erased["customers"].as_i64(), erased["values"].as_i64(), erased["notes"].as_i64(), erased["request_texts"].as_i64(), erased["consents_kept"].as_i64()), (Some(1), Some(4), Some(1), Some(2), Some(1)));
        assert_eq!(text(&certificate, "event_hash").len(), 64);
        assert_eq!(text(&certificate, "number"), text(&done, "certificate_number"));
        compliance.post(&format!("{request}/erasure"), json!({ "decision": "approve" })).await.refused(409, "conflict");
        for sealed in ["SELECT COUNT(*) FROM consent WHERE note_sealed IS NOT NULL", "SELECT COUNT(*) FROM privacy_request WHERE detail_sealed IS NOT NULL OR old_sealed IS NOT NULL OR new_sealed IS NOT NULL", "SELECT COUNT(*) FROM customer", "SELECT COUNT(*) FROM privacy_request WHERE state = 'open'"] {
            assert_eq!(w.count(sealed).await, 0, "{sealed}");
        }
        assert_eq!(w.count("SELECT COUNT(*) FROM customer_past WHERE fate = 'erased' AND snapshot_sealed IS NULL").await, 1);
        w.drain().await;
        head.post(&format!("{path}/requests"), json!({ "kind": "access", "channel": "page" })).await.refused(422, "input.invalid");
    }

    async fn a_correction_is_written_and_neither_value_stands_in_clear(w: World) {
        let head = w.role("branch_head").await;
        let (p, new) = (person(8), person(9));
        w.guard.plant(&needles([&new]));
        let made = w.add_customer(&head, &w.org.branches[0], &p).await;
        let path = customer_path(&w, &made);
        let asked = requested(&head, &path, json!({ "kind": "correction", "channel": "on_site", "field": "phone", "new_value": new.phone })).await;
        assert_eq!((text(&asked, "old_value"), text(&asked, "new_value")), (format!("{}****{}", &p.phone[..3], &p.phone[7..]), format!("{}****{}", &new.phone[..3], &new.phone[7..])));
        let sealed = w.query("SELECT detail_sealed, old_sealed, new_sealed, field, reason FROM privacy_request", vec![]).await;
        let scanner = Scanner::new(&w.guard.needles());
        for value in sealed.into_iter().flat_map(zf_store::Row::into_values) {
            let bytes = match value {
                zf_store::Value::Blob(b) => b,
                zf_store::Value::Text(t) => t.into_bytes(),
                _ => continue,
            };
            assert!(scanner.search(&bytes).is_empty());
        }
        let request = format!("/units/{}/requests/{}", w.org.branches[0].id, text(&asked, "id"));
        let why = json!({ "state": "refused", "reason": format!("不是{}", new.phone) });
        head.post(&format!("{request}/end"), why).await.refused(422, "input.invalid");
        head.post(&format!("{request}/end"), json!({ "state": "done" })).await.ok();
        let found = head.post("/customers/lookup", json!({ "phone": new.phone })).await.items();
        assert_eq!(found[0]["id"], made["id"]);
        let open = head.get("/privacy/requests").await.items();
        assert!(open.is_empty());
    }

    async fn a_request_is_due_in_fifteen_working_days_and_the_report_counts_as_a_reveal(w: World) {
        let head = w.role("branch_head").await;
        let p = person(10);
        let made = w.add_customer(&head, &w.org.branches[0], &p).await;
        let path = customer_path(&w, &made);
        // Monday 2026-11-02; fifteen working days later is Monday 2026-11-23.
        let asked = requested(&head, &path, json!({ "kind": "access", "channel": "page", "asked_day": "2026-11-02" })).await;
        assert_eq!(text(&asked, "due_day"), "2026-11-23");
        let report = format!("{path}/report/print");
        head.post(&report, json!({ "reason": "" })).await.refused(422, "reveal.reason");
        let shown = head.post(&report, json!({ "reason": "本人查阅" })).await.good();
        assert_eq!((shown["values"]["phone"].as_str(), shown["values"]["id_number"].as_str()), (Some(p.phone.as_str()), Some(p.id_number.as_str())));
        let actions: Vec<String> = shown["events"].as_array().unwrap().iter().map(|e| text(e, "action")).collect();
        assert!(actions.contains(&"customer.reveal".to_owned()) && actions.contains(&"customer.add".to_owned()), "{actions:?}");
        w.role("visitor").await.post(&report, json!({ "reason": "看看" })).await.refused(403, "permission.denied");
    }

    async fn what_is_due_is_listed_at_night_and_erased_only_when_somebody_agrees(w: World) {
        let head = w.role("branch_head").await;
        w.add_customer(&head, &w.org.branches[0], &person(11)).await;
        w.clock.forward_seconds(3 * 365 * 86_400);
        let branch = w.org.branches[0].id;
        let compliance = w.role("compliance").await;
        let due = compliance.get(&format!("/units/{branch}/retention")).await.good();
        let of = |rule: &str| due["rules"].as_array().unwrap().iter().find(|r| r["rule"]["id"] == rule).unwrap()["customers"].as_i64();
        assert_eq!((of("visit_idle"), of("basis_ended")), (Some(1), Some(0)));
        let nightly = zf_kernel::job::NewJob::new("custody.retention", w.org.head.id, json!({}));
        zf_kernel::job::service::job_enqueue(&w.app, &w.machine(), &nightly).await.unwrap();
        w.drain().await;
        assert_eq!(w.count("SELECT COUNT(*) FROM customer").await, 1, "never silently");
        let batch = compliance.get("/retention").await.items()[0].clone();
        assert_eq!((text(&batch, "state"), batch["customers"].as_i64()), ("proposed".to_owned(), Some(1)));
        let again = compliance.get(&format!("/units/{branch}/retention")).await.good();
        assert!(again["rules"].as_array().unwrap().iter().all(|r| r["customers"] == 0), "listed once");
        let path = format!("/units/{branch}/retention/{}/decision", text(&batch, "id"));
        let market = w.role("market_department").await;
        market.post(&path, json!({ "decision": "approve" })).await.refused(403, "permission.denied");
        compliance.post(&path, json!({ "decision": "approve" })).await.ok();
        w.drain().await;
        assert_eq!(w.count("SELECT COUNT(*) FROM customer").await, 0);
        let done = compliance.get("/retention").await.items()[0].clone();
        assert_eq!((text(&done, "state"), done["erased"].as_i64()), ("done".to_owned(), Some(1)));
        let certificate = compliance.get(&format!("/units/{branch}/certificates/{}", text(&done, "certificate_id"))).await.good();
        assert_eq!((certificate["customers"].as_i64(), text(&certificate, "asked_by_name")), (Some(1), "visit_idle".to_owned()));
        compliance.post(&path, json!({ "decision": "approve" })).await.refused(409, "conflict");
    }

    async fn a_refusal_until_a_day_ends_with_it(w: World) {
        let head = w.role("branch_head").await;
        let made = w.add_customer(&head, &w.org.branches[0], &person(12)).await;
        let path = customer_path(&w, &made);
        let mut ill = refusal("visit");
        ill["until_day"] = json!(in_days(&w, 3));
        head.post(&format!("{path}/consents"), ill).await.ok();
        let night = async || {
            let nightly = zf_kernel::job::NewJob::new("custody.retention", w.org.head.id, json!({}));
            zf_kernel::job::service::job_enqueue(&w.app, &w.machine(), &nightly).await.unwrap();
            w.drain().await;
            w.count("SELECT COUNT(*) FROM customer WHERE do_not_visit").await
        };
        assert_eq!(night().await, 1);
        w.clock.forward_seconds(4 * 86_400);
        assert_eq!(night().await, 0);
    }

    async fn outside_parties_see_groups_of_five_under_an_agreement_of_two(w: World) {
        let market = w.role("market_department").await;
        let unit = w.org.branches[0].code.clone();
        let headers = ["客户号", "姓名", "所属机构", "资产档次"];
        let bands = |n: usize| if n < 9 { "1-5万" } else { "5万以上" };
        w.guard.plant(&needles(&(0..12).map(person).collect::<Vec<_>>()));
        let sheet = (0..12).fold(Sheet::new(&headers), |s, n| s.row(&[&person(n).no, &person(n).name, &unit, bands(n)]));
        let started = upload_from(&market, "core_system", &sheet).await.good();
        assert_eq!(run(&w, &market, started).await["rows_new"], 12);
        let county = w.org.county.id;
        let mut wish = json!({ "party": "县统计局", "purpose": "普惠金融统计", "k": 4, "expires_day": in_days(&w, 30) });
        market.post(&format!("/units/{county}/agreements"), wish.clone()).await.refused(422, "input.invalid");
        wish["k"] = json!(5);
        let made = market.post(&format!("/units/{county}/agreements"), wish).await.good();
        let path = format!("/units/{county}/agreements/{}", text(&made, "id"));
        let figures = json!({ "subject": "village_band" });
        market.post(&format!("{path}/share"), figures.clone()).await.refused(409, "conflict");
        w.role("director").await.post(&format!("{path}/decision"), json!({ "decision": "approve" })).await.ok();
        let shown = market.post(&format!("{path}/share"), figures.clone()).await.good();
        // 9 and 3: the three are withheld, and with the total alone the nine would tell them.
        assert_eq!(shown["total"], 12);
        let cells: Vec<&Json> = shown["cells"].as_array().unwrap().iter().flat_map(|r| r.as_array().unwrap()).collect();
        assert!(cells.iter().all(|c| c.is_null()), "{shown}");
        let list = market.get("/agreements").await.items();
        assert_eq!(list[0]["shares"].as_array().unwrap().len(), 1, "every time is noted");
        w.clock.forward_seconds(31 * 86_400);
        let market = w.browser().sign_in(&format!("market-department-{}", w.org.county.code), zf_tests::world::PASSWORD).await;
        market.post(&format!("{path}/share"), figures).await.refused(409, "conflict");
    }

    async fn texts_of_custody_are_sealed_and_sealed_anew_when_keys_change(w: World) {
        let head = w.role("branch_head").await;
        let p = person(13);
        let made = w.add_customer(&head, &w.org.branches[0], &p).await;
        let mut said = refusal("contact");
        said["note"] = json!(format!("{} {}", p.name, p.address));
        let back = head.post(&format!("{}/consents", customer_path(&w, &made)), said).await;
        assert!(back.status.is_success());
        approved(&w, "association").await;
        let rows = w.query("SELECT note_sealed FROM consent", vec![]).await;
        let sealed: Vec<u8> = rows[0].get(0).unwrap();
        assert!(Scanner::new(&w.guard.needles()).search(&sealed).is_empty() && sealed.len() > 34);
        let scope = w.scope(zf_kernel::Permission::SystemWrite, &w.org.branches[0]);
        let done = zf_custody::sealed::reseal_all(&w.app, &w.machine(), &scope).await.unwrap();
        assert_eq!(done, 0, "nothing is old yet");
    }

    async fn every_parameter_stands_on_one_page(w: World) {
        let page = w.role("compliance").await.get("/policy/parameters").await.good();
        let groups = page["groups"].as_array().unwrap();
        let ids: Vec<String> = groups.iter().map(|g| text(g, "id")).collect();
        assert_eq!(ids, ["security", "custody", "export", "sources", "household-visit/program", "household-visit/campaign-as-printed"].map(str::to_owned).into_iter().filter(|i| ids.contains(i)).collect::<Vec<_>>());
        let of = |group: &str, key: &str| {
            let group = groups.iter().find(|g| g["id"] == group).unwrap();
            group["parameters"].as_array().unwrap().iter().find(|p| p["key"] == key).cloned().unwrap()
        };
        assert_eq!(of("custody", "request.due_workdays")["value"], 15);
        let cap = of("household-visit/program", "gift.cap_fen_per_customer");
        assert_eq!((text(&cap, "title_zh"), cap["value"].as_i64()), ("每人上限".to_owned(), Some(2000)));
        assert_eq!(of("household-visit/program", "gift.may_read_deposits")["origin"], "compliance");
    }

    async fn what_came_through_a_basis_alone_is_used_no_more_when_it_is_withdrawn(w: World) {
        let (program, branch) = (planned(&w).await, w.org.branches[0].clone());
        let market = w.role("market_department").await;
        let bases = [approved(&w, "village_office").await, approved(&w, "tag:B10").await];
        // Two growers of the list alone; one of the bank's own whose occupation came
        // with it; one of the bank's own who is on a list of other banks' customers.
        let all: Vec<Person> = (500..504).map(person).collect();
        w.guard.plant(&needles(&all));
        let sheet = |people: &[Person], job: &str| people.iter().fold(Sheet::new(&["客户号", "姓名", "所属机构", "职业"]), |s, p| s.row(&[&p.no, &p.name, &branch.code, job]));
        for (channel, people, job) in [("village_office", &all[..2], "水稻种植"), ("core_system", &all[2..], "教师")] {
            let started = upload_from(&market, channel, &sheet(people, job)).await.good();
            assert_eq!(run(&w, &market, started).await["rows_new"], 2);
        }
        let head = w.role("branch_head").await;
        let list = head.get(&format!("/units/{}/customers?limit=200", branch.id)).await.items();
        let of = |p: &Person| customer_path(&w, list.iter().find(|c| c["customer_no"] == p.no.as_str()).unwrap());
        head.patch(&of(&all[2]), json!({ "occupation": "水稻种植", "source_channel": "village_office" })).await.ok();
        head.patch(&of(&all[3]), json!({ "tags": ["B10"] })).await.ok();
        let build = async || {
            market.press(&format!("/programs/{program}/targets")).await.ok();
            w.drain().await;
        };
        build().await;
        // What a rule would give is counted while one looks, members are stored.
        let tried = async |code: &str, when: &str| -> i64 {
            let body = json!({ "code": code, "when": when });
            market.post("/groups/preview", body).await.good()["households"].as_i64().unwrap()
        };
        let grower = "answered(job) && job == '水稻种植'";
        let members = async |code: &str| -> i64 {
            let sql = "SELECT COUNT(*) FROM group_member WHERE unit_id = $1 AND code = $2";
            w.query(sql, vec![branch.id.into(), code.into()]).await[0].get(0).unwrap()
        };
        let targets = format!("/programs/{program}/units/{}/targets?limit=200", branch.id);
        let listed = async |p: &Person| -> Option<Json> {
            let id = of(p).rsplit('/').next().unwrap().to_owned();
            head.get(&targets).await.items().into_iter().find(|t| t["customer_id"] == id.as_str())
        };
        let refresh = zf_kernel::job::NewJob::new("group.refresh", w.org.county.id, json!({}));
        zf_kernel::job::service::job_enqueue(&w.app, &w.machine(), &refresh).await.unwrap();
        w.drain().await;
        let tagged = members("grower").await - 3;
        let own = tried("grower", grower).await - 3;
        assert_eq!((tried("rival", "").await, members("rival").await), (1, 1));
        assert!(listed(&all[0]).await.is_some() && listed(&all[2]).await.is_some());
        w.clock.forward_minutes(1);
        for path in &bases {
            market.post(&format!("{path}/withdraw"), json!({ "reason": "村委会收回名单" })).await.ok();
        }
        // No job has run yet.
        assert_eq!((tried("grower", grower).await, tried("rival", "").await), (own, 0));
        w.drain().await;
        assert_eq!((members("grower").await, members("rival").await), (tagged, 0));
        assert!(listed(&all[0]).await.is_none() && listed(&all[1]).await.is_none(), "nothing says that the bank may know them");
        // The bank's own customers stay, without what came through the basis.
        for (p, group) in [(&all[2], "种养"), (&all[3], "专业银行")] {
            let reasons = listed(p).await.map(|t| t["reasons"].to_string()).unwrap_or_default();
            assert!(!reasons.is_empty() && !reasons.contains(group), "{reasons}");
        }
        let sources = head.get(&format!("{}/privacy", of(&all[2]))).await.good()["sources"].clone();
        let ended: Vec<(String, bool)> = sources.as_array().unwrap().iter().map(|s| (text(s, "field"), s["expired"] == true)).collect();
        assert_eq!(ended, [(String::new(), false), ("occupation".to_owned(), true)]);
        assert_eq!(w.count("SELECT COUNT(*) FROM customer").await, 112, "nothing is erased for it");
        // A basis that two others agree to afterwards stands in for it.
        w.clock.forward_minutes(1);
        approved(&w, "village_office").await;
        assert_eq!((tried("grower", grower).await, tried("rival", "").await), (own + 3, 0));
        build().await;
        assert!(listed(&all[0]).await.is_some());
    }
}
