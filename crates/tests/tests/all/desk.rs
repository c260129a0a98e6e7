//! The desk beyond typing in: scans of the paper are attached to a visit, and
//! a share of the forms is typed again by somebody who does not see the first
//! text; differences are counted, and the head decides.

use crate::photos::erased;
use crate::scars::{location, piece};
use crate::visits::{Day, a_day, id, met};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use zf_base::VisitId;
use zf_field::desk::double::service::is_sampled;
use zf_field::desk::parameters::DeskRules;
use zf_kernel::setting::setting_write;
use zf_tests::browser::{Payload, Reply};
use zf_tests::{Browser, World, both};

/// Which share of the forms is typed again from now on.
pub(crate) async fn share(w: &World, share: f64) {
    let mut rules = DeskRules::preset().unwrap();
    rules.double_share = share;
    let rules = serde_json::to_value(&rules).unwrap();
    let done = setting_write(&w.app, &w.machine(), &w.org.head, "field.desk", rules).await;
    done.unwrap();
}

fn second(d: &Day, visit: u32) -> String {
    format!("/units/{}/visits/{}/second", d.unit, id(visit))
}

/// What the page of the desk says of a visit.
async fn on_the_page(who: &Browser, d: &Day, visit: u32) -> Json {
    let desk = who.get(&d.desk).await.good();
    let sheets = desk["sheets"].as_array().unwrap().iter();
    let mut visits = sheets.map(|s| s["visit"].clone());
    visits.find(|v| v["visit_id"] == json!(id(visit))).unwrap()
}

async fn attach(who: &Browser, d: &Day, role: &str, mime: &str, bytes: &[u8]) -> Reply {
    let sha256: String = Sha256::digest(bytes)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let (unit, visit, op) = (d.unit.clone(), id(1_001), id(9));
    let fields = [
        ("unit_id", &unit),
        ("visit_id", &visit),
        ("op_id", &op),
        ("sha256", &sha256),
    ];
    let fields = fields.map(|(k, v)| format!("{k} {}", STANDARD.encode(v)));
    let kind = [("mime", mime), ("role", role)].map(|(k, v)| format!("{k} {}", STANDARD.encode(v)));
    let headers = vec![
        ("tus-resumable", "1.0.0".to_owned()),
        ("upload-length", bytes.len().to_string()),
        (
            "upload-metadata",
            format!("{},{}", fields.join(","), kind.join(",")),
        ),
    ];
    who.send("POST", "/sync/blobs", Payload::Bytes(headers, vec![]))
        .await
}

both! {
    async fn scans_are_attached_to_a_visit_that_is_typed_in_and_kept_like_photos(w: World) {
        let (head, d) = a_day(&w).await;
        d.push(&head, &[d.visit(1, &d.sheets[0], met("甲某某"))]).await;
        assert_eq!(on_the_page(&head, &d, 1_001).await["scans"], 0);
        for (mime, bytes) in [("image/png", b"a scan, page one".as_slice()), ("application/pdf", b"%PDF-1.7 the whole paper")] {
            let begun = attach(&head, &d, "scan", mime, bytes).await;
            assert_eq!(begun.status, 201, "{}", begun.text());
            assert_eq!(piece(&head, &location(&begun), 0, bytes).await.status, 204);
        }
        assert_eq!(on_the_page(&head, &d, 1_001).await["scans"], 2);
        let path = format!("/units/{}/visits/{}/photos", d.unit, id(1_001));
        let listed = head.get(&path).await.items();
        assert!(listed.iter().all(|p| p["role"] == "scan" && p["state"] == "verified"), "{listed:?}");
        let shown = head.get(&format!("{path}/2")).await.ok();
        assert_eq!((shown.headers["content-type"].to_str().unwrap(), shown.bytes.as_slice()), ("application/pdf", b"%PDF-1.7 the whole paper".as_slice()));
        // A photo of a phone is no document, and a scan no program.
        for (role, mime) in [("photo", "application/pdf"), ("scan", "text/html")] {
            attach(&head, &d, role, mime, b"something else").await.refused(415, "input.media_type");
        }
    }

    async fn a_form_of_the_sample_is_typed_again_by_somebody_who_sees_nothing_of_the_first_text(w: World) {
        let (head, d) = a_day(&w).await;
        share(&w, 1.0).await;
        d.push(&head, &[d.visit(1, &d.sheets[0], met("甲某某")), d.visit(2, &d.sheets[1], met("乙某某"))]).await;
        let typist = w.role("visitor").await;
        let (first, other) = (on_the_page(&head, &d, 1_001).await, on_the_page(&typist, &d, 1_001).await);
        assert_eq!((first["double"].as_str(), first["own"].as_bool(), first["outcome"].as_str()), (Some("wanted"), Some(true), Some("self")));
        assert_eq!((other["double"].as_str(), other["own"].as_bool(), other["outcome"].as_str()), (Some("wanted"), Some(false), Some("")));
        assert_eq!((&other["members"], &other["valid_records"], &other["counts"]), (&json!(0), &json!(0), &json!(false)));
        let text = |name: &str| json!({ "answers": met(name) });
        head.post(&second(&d, 1_001), text("甲某某")).await.refused(409, "desk.same_typist");
        let said = typist.post(&second(&d, 1_001), text(" 甲某某")).await.good();
        assert_eq!(said, json!({ "compared": 7, "differing": 0 }));
        let mut differs = met("乙某某");
        differs["phone"] = json!("19912340007");
        differs.as_object_mut().unwrap().remove("address");
        let said = typist.post(&second(&d, 1_002), json!({ "answers": differs })).await.good();
        assert_eq!(said, json!({ "compared": 7, "differing": 2 }));
        typist.post(&second(&d, 1_002), text("乙某某")).await.refused(409, "conflict");
        assert_eq!(on_the_page(&typist, &d, 1_001).await["double"], "same");
        assert_eq!(on_the_page(&head, &d, 1_002).await["double"], "open");

        // Two of fourteen fields differ, one of two telephone numbers.
        let rates = format!("/programs/{}/units/{}/desk/rates?from={}&to={}", d.program, d.unit, d.day, d.day);
        let rates = head.get(&rates).await.good();
        let branch = &rates["branches"][0];
        assert_eq!((&branch["name"], &branch["forms"], &branch["compared"], &branch["differing"]), (&json!(w.org.branches[0].name), &json!(2), &json!(14), &json!(2)));
        let of = |name: &str| rates["fields"].as_array().unwrap().iter().find(|f| f["label"]["zh"] == json!(name)).map(|f| (f["compared"].as_i64(), f["differing"].as_i64()));
        assert_eq!(of("联系电话"), Some((Some(2), Some(1))), "{rates}");
        assert_eq!(of("姓名"), Some((Some(2), Some(0))), "{rates}");
        let county = w.role("market_department").await;
        let above = format!("/programs/{}/units/{}/desk/rates?from={}&to={}", d.program, w.org.county.id, d.day, d.day);
        assert_eq!(county.get(&above).await.good()["branches"], rates["branches"]);
        let before = rates_of(&head, &d, "2020-01-01").await;
        assert_eq!((&before["branches"], &before["fields"]), (&json!([]), &json!([])));
    }

    async fn the_head_decides_which_text_stands_and_the_second_one_becomes_an_amendment(w: World) {
        let (head, d) = a_day(&w).await;
        share(&w, 1.0).await;
        d.push(&head, &[d.visit(1, &d.sheets[0], met("甲某某")), d.visit(2, &d.sheets[1], met("乙某某"))]).await;
        let typist = w.role("visitor").await;
        for n in [1_001, 1_002] {
            typist.post(&second(&d, n), json!({ "answers": met("丙某某") })).await.ok();
        }
        let list = format!("/programs/{}/units/{}/desk/doubles", d.program, d.unit);
        typist.get(&list).await.refused(403, "permission.denied");
        let open = head.get(&list).await.items();
        assert_eq!(open.len(), 2);
        assert_eq!((&open[0]["fields"], &open[0]["day"]), (&json!([{ "zh": "姓名", "en": "Name" }]), &json!(d.day)));
        assert_eq!(head.get(&format!("{list}?limit=1")).await.items().len(), 1);
        let look = format!("{}/reveal", second(&d, 1_001));
        head.post(&look, json!({ "reason": " " })).await.refused(422, "input.invalid");
        let both = head.post(&look, json!({ "reason": "核对采集表" })).await.good();
        assert_eq!(both["items"], json!([{ "field": "name", "first": "甲某某", "second": "丙某某" }]));
        assert_eq!((&both["form"]["id"], &both["form"]["version"]), (&json!("household-visit"), &json!(1)), "its labels come with it");
        assert_eq!(w.count("SELECT COUNT(*) FROM event WHERE action = 'visit.reveal'").await, 1);

        let decide = |n: u32| format!("{}/decision", second(&d, n));
        head.post(&decide(1_001), json!({ "stands": "second" })).await.ok();
        head.post(&decide(1_002), json!({ "stands": "first" })).await.ok();
        head.post(&decide(1_001), json!({ "stands": "first" })).await.refused(409, "conflict");
        assert!(head.get(&list).await.items().is_empty());
        let says = |n: u32| format!("/units/{}/visits/{}/reveal", d.unit, id(n));
        for (n, name, rev) in [(1_001, "丙某某", 2), (1_002, "乙某某", 1)] {
            let said = head.post(&says(n), json!({ "reason": "核对" })).await.good();
            assert_eq!(said["answers"]["name"], name);
            assert_eq!(on_the_page(&head, &d, n).await["rev"], rev);
        }
        assert_eq!(w.count("SELECT COUNT(*) FROM visit_revision WHERE reason_sealed IS NOT NULL").await, 1);
        assert_eq!(head.get(&d.desk).await.good()["households"], 2, "the day counts as before");
        assert_eq!(w.count("SELECT COUNT(*) FROM event WHERE action = 'desk.decide'").await, 2);
    }

    async fn a_visit_that_was_changed_since_is_not_overwritten_by_its_second_text(w: World) {
        let (head, d) = a_day(&w).await;
        share(&w, 1.0).await;
        d.push(&head, &[d.visit(1, &d.sheets[0], met("甲某某"))]).await;
        let typist = w.role("visitor").await;
        typist.post(&second(&d, 1_001), json!({ "answers": met("丙某某") })).await.ok();
        let mut amend = d.visit(2, &d.sheets[0], met("丁某某"));
        amend["kind"] = json!("visit.amend");
        amend["entity_id"] = json!(id(1_001));
        amend["payload"]["reason"] = json!("名字写错");
        d.push(&head, &[amend]).await;
        let decide = format!("{}/decision", second(&d, 1_001));
        head.post(&decide, json!({ "stands": "second" })).await.refused(409, "conflict");
        head.post(&decide, json!({ "stands": "first" })).await.ok();
        let says = format!("/units/{}/visits/{}/reveal", d.unit, id(1_001));
        assert_eq!(head.post(&says, json!({ "reason": "核对" })).await.good()["answers"]["name"], "丁某某");
    }

    // CAP-003: who went stands with the visit, from the plan unless somebody says otherwise.
    async fn the_desk_names_who_goes_by_the_plan_and_whoever_is_sent_with_the_visit_is_who_went(w: World) {
        let (head, d) = a_day(&w).await;
        let desk = head.get(&d.desk).await.good();
        let colleagues = desk["colleagues"].as_array().unwrap();
        let staff = w.query("SELECT id, name, post FROM staff WHERE unit_id = $1 AND active", zf_store::params![w.org.branches[0].id]).await;
        assert_eq!(colleagues.len(), staff.len());
        let plan = w.query("SELECT members, team_name FROM plan_route", vec![]).await;
        let sheet = &desk["sheets"][0];
        let members = sheet["members"].as_array().unwrap();
        assert!(!members.is_empty(), "{sheet}");
        let planned: Vec<Json> = plan
            .iter()
            .filter(|r| r.get::<String>(1).unwrap() == sheet["team"].as_str().unwrap())
            .map(|r| serde_json::from_str(&r.get::<String>(0).unwrap()).unwrap())
            .collect();
        let names = |all: &[Json]| all.iter().map(|m| json!([m["name"], m["post"]])).collect::<Vec<_>>();
        assert!(planned.iter().any(|p| names(p.as_array().unwrap()) == names(members)), "{planned:?} {members:?}");
        // One of them stayed away, somebody else went along.
        let away = members[0]["staff_id"].clone();
        let other = colleagues.iter().find(|c| members.iter().all(|m| m["staff_id"] != c["staff_id"])).unwrap();
        let mut went: Vec<Json> = members[1..].iter().map(|m| m["staff_id"].clone()).collect();
        went.push(other["staff_id"].clone());
        let mut visit = d.visit(1, &d.sheets[0], met("甲某某"));
        visit["payload"]["visitors"] = json!(went);
        assert_eq!(d.push(&head, &[visit]).await[0]["answer"], "applied");
        let page = head.get(&format!("/units/{}/visits/{}/whole", d.unit, id(1_001))).await.good();
        let mut wanted: Vec<&str> = members[1..].iter().chain([other]).map(|m| m["name"].as_str().unwrap()).collect();
        wanted.sort_unstable();
        let mut said: Vec<&str> = page["visitors"].as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect();
        said.sort_unstable();
        assert_eq!(said, wanted);
        assert!(away.is_string());
        let board = head.get(&format!("/programs/{}/board?day={}", d.program, d.day)).await.good();
        let people = board["items"][0]["people"].as_array().unwrap();
        let mut out: Vec<&str> = people.iter().map(|p| p["name"].as_str().unwrap()).collect();
        out.sort_unstable();
        assert_eq!(out, wanted, "the board names the same");
    }

    async fn the_share_says_how_many_forms_are_typed_again_and_nobody_chooses_them(w: World) {
        let ids: Vec<VisitId> = (0..3_000).map(|_| VisitId(w.app.new_id())).collect();
        let taken = |share: f64| ids.iter().filter(|id| is_sampled(&w.app, **id, share)).count();
        assert_eq!((taken(0.0), taken(1.0)), (0, 3_000));
        // Binomial: 300 with a deviation of 16.4; seven of those are never reached.
        assert!((185..=415).contains(&taken(0.1)), "{}", taken(0.1));
        assert_eq!(taken(0.1), taken(0.1), "the same ones again");
        let (head, d) = a_day(&w).await;
        share(&w, 0.0).await;
        d.push(&head, &[d.visit(1, &d.sheets[0], met("甲某某"))]).await;
        assert_eq!(on_the_page(&head, &d, 1_001).await["double"], Json::Null);
        let typist = w.role("visitor").await;
        typist.post(&second(&d, 1_001), json!({ "answers": met("甲某某") })).await.refused(404, "not_found");
        typist.post(&second(&d, 1_001), json!({ "answers": {} })).await.refused(422, "input.invalid");
    }

    async fn the_second_text_goes_with_the_person(w: World) {
        let (head, d) = a_day(&w).await;
        share(&w, 1.0).await;
        d.push(&head, &[d.visit(1, &d.sheets[0], met("密某某"))]).await;
        let typist = w.role("visitor").await;
        typist.post(&second(&d, 1_001), json!({ "answers": met("密某") })).await.ok();
        erased(&w, &head, &d, &d.sheets[0]["customer_id"]).await;
        let rows = w.query("SELECT unit_id, id, answers_sealed, state FROM desk_double", vec![]).await;
        let aad = zf_vault::Aad { table: "desk_double", column: "answers_sealed", unit: rows[0].get(0).unwrap(), row: rows[0].get(1).unwrap() };
        assert_eq!(w.app.vault.open(&aad, &rows[0].get::<Vec<u8>>(2).unwrap()).unwrap(), b"{}");
        assert_eq!(rows[0].get::<String>(3).unwrap(), "first");
        assert_eq!(w.count("SELECT COUNT(*) FROM desk_double_field WHERE differs").await, 1, "the count stays");
    }
}

async fn rates_of(who: &Browser, d: &Day, day: &str) -> Json {
    let path = format!(
        "/programs/{}/units/{}/desk/rates?from={day}&to={day}",
        d.program, d.unit
    );
    who.get(&path).await.good()
}
