//! What leaves the house: a small masked list at once, anything larger or in
//! full only when somebody else says yes; a watermark on every row; counted;
//! forgotten after its days. And the hand-over to the bank's own system.

use serde_json::{Value as Json, json};
use zf_tests::both;
use zf_tests::browser::{Browser, Payload};
use zf_tests::files::{Sheet, read_workbook};
use zf_tests::people::{needles, person};

fn text(v: &Json) -> String {
    v.as_str().unwrap().to_owned()
}

fn ask(full: bool) -> Json {
    json!({ "kind": "customers", "purpose": "check", "reason": "核对走访名单", "full_values": full })
}

async fn state(browser: &Browser, path: &str) -> String {
    text(&browser.get(path).await.good()["state"])
}

/// People `range` of a branch as a file of the core system.
fn file_of(range: std::ops::Range<usize>, unit: &str) -> Sheet {
    let mut sheet = Sheet::new(&[
        "客户号",
        "姓名",
        "手机号",
        "证件号码",
        "家庭住址",
        "所属机构",
    ]);
    for n in range {
        let p = person(n);
        sheet = sheet.row(&[&p.no, &p.name, &p.phone, &p.id_number, &p.address, unit]);
    }
    sheet
}

both! {
    async fn a_small_masked_list_is_written_at_once_and_every_row_says_which_export(w: World) {
        let head = w.role("branch_head").await;
        let branch = &w.org.branches[0];
        let p = person(1);
        w.add_customer(&head, branch, &p).await;
        let exports = format!("/units/{}/exports", branch.id);
        let made = head.post(&exports, ask(false)).await.good();
        assert_eq!((&made["state"], &made["rows_wanted"], &made["own"]), (&json!("running"), &json!(1), &json!(true)));
        w.drain().await;
        let one = format!("{exports}/{}", text(&made["id"]));
        assert_eq!(state(&head, &one).await, "ready");
        let file = head.get(&format!("{one}/file")).await.ok();
        let book = read_workbook(&file.bytes, None, &["客户号", "导出编号", "姓名", "联系电话"]);
        let column = |h: &str| book.headers.iter().position(|x| x == h).unwrap();
        assert_eq!(book.rows.len(), 1);
        assert_eq!(book.rows[0][column("客户号")], p.no);
        assert_eq!(book.rows[0][column("导出编号")], text(&made["mark"]));
        assert_eq!(book.rows[0][column("联系电话")], format!("{}****{}", &p.phone[..3], &p.phone[7..]));
        let parts = zf_tests::scan::unzip(&file.bytes);
        let shared: String = parts.iter().map(|(_, b)| String::from_utf8_lossy(b)).collect();
        for value in [&p.name, &p.phone, &p.id_number, &p.address] {
            assert!(!shared.contains(value.as_str()), "a masked list holds a value in full");
        }
        let who = text(&head.get("/me").await.good()["user"]["name"]);
        assert!(shared.contains(&format!("导出人 {who}")), "the watermark is missing");
        assert!(w.count("SELECT COUNT(*) FROM event WHERE action = 'customer.export'").await == 1);
    }

    async fn full_values_wait_for_somebody_else_and_never_for_the_asker(w: World) {
        let head = w.role("branch_head").await;
        let branch = &w.org.branches[0];
        let p = person(2);
        w.add_customer(&head, branch, &p).await;
        let exports = format!("/units/{}/exports", branch.id);
        let made = head.post(&exports, ask(true)).await.good();
        assert_eq!(made["state"], "waiting");
        w.drain().await;
        let one = format!("{exports}/{}", text(&made["id"]));
        head.get(&format!("{one}/file")).await.refused(409, "export.state");
        head.post(&format!("{one}/decision"), json!({ "grant": true })).await.refused(403, "permission.denied");
        let officer = w.role("compliance").await;
        let waiting = officer.get("/exports").await.items();
        assert_eq!((&waiting[0]["reason"], &waiting[0]["own"]), (&json!("核对走访名单"), &json!(false)));
        officer.post(&format!("{one}/decision"), json!({ "grant": true })).await.good();
        officer.post(&format!("{one}/decision"), json!({ "grant": false, "note": "不同意" })).await.refused(409, "export.state");
        w.drain().await;
        officer.get(&format!("{one}/file")).await.refused(403, "permission.denied");
        let file = head.get(&format!("{one}/file")).await.ok();
        let book = read_workbook(&file.bytes, None, &["客户号", "姓名", "联系电话", "导出编号"]);
        assert!(book.rows[0].contains(&p.phone) && book.rows[0].contains(&p.name));
    }

    async fn who_may_both_ask_and_grant_does_not_grant_the_own_export(w: World) {
        let branch = w.org.branches[0].clone();
        let head = w.role("branch_head").await;
        w.add_customer(&head, &branch, &person(3)).await;
        let both = w.account("both", &[("market_department", &w.org.county), ("director", &w.org.county)], false).await;
        let both = w.browser().sign_in(&both.login, zf_tests::world::PASSWORD).await;
        let exports = format!("/units/{}/exports", w.org.county.id);
        let made = both.post(&exports, ask(true)).await.good();
        let one = format!("{exports}/{}", text(&made["id"]));
        both.post(&format!("{one}/decision"), json!({ "grant": true })).await.refused(409, "permission.second_person");
        assert_eq!(state(&both, &one).await, "waiting");
        both.press(&format!("{one}/withdraw")).await.good();
        assert_eq!(state(&both, &one).await, "withdrawn");
    }

    async fn above_the_limit_a_masked_list_waits_too(w: World) {
        let market = w.role("market_department").await;
        let branch = &w.org.branches[0];
        let file = file_of(0..201, &branch.code);
        let done = w.import(&market, "customers", "a.csv", file.csv().as_bytes()).await;
        assert_eq!(done["rows_new"], 201);
        let exports = format!("/units/{}/exports", branch.id);
        // 200 rows are free by the preset: one more is not.
        let made = market.post(&exports, ask(false)).await.good();
        assert_eq!((&made["state"], &made["rows_wanted"]), (&json!("waiting"), &json!(201)));
        let officer = w.role("compliance").await;
        let one = format!("{exports}/{}", text(&made["id"]));
        officer.post(&format!("{one}/decision"), json!({ "grant": false })).await.refused(422, "input.invalid");
        officer.post(&format!("{one}/decision"), json!({ "grant": false, "note": "先说明用途" })).await.good();
        let told = market.get(&one).await.good();
        assert_eq!((&told["state"], &told["decision"]), (&json!("rejected"), &json!("先说明用途")));
    }

    async fn a_reason_with_a_number_in_it_is_refused_and_not_repeated(w: World) {
        let head = w.role("branch_head").await;
        let branch = &w.org.branches[0];
        let p = person(4);
        w.add_customer(&head, branch, &p).await;
        let exports = format!("/units/{}/exports", branch.id);
        for (field, change) in [("reason", json!(format!("给 {} 打电话", p.phone))), ("reason", json!(" ")), ("purpose", json!("fun")), ("tag", json!("B99")), ("kind", json!("all"))] {
            let mut body = ask(false);
            body[field] = change;
            let told = head.post(&exports, body).await.refused(422, "input.invalid");
            assert_eq!(told["errors"][0]["field"], field);
        }
        let empty = format!("/units/{}/exports", w.org.branches[1].id);
        w.role_at("branch_head", &w.org.branches[1].clone()).await.post(&empty, ask(false)).await.refused(422, "input.invalid");
    }

    async fn a_file_is_taken_three_times_and_kept_seven_days(w: World) {
        let head = w.role("branch_head").await;
        let branch = &w.org.branches[0];
        w.add_customer(&head, branch, &person(5)).await;
        let exports = format!("/units/{}/exports", branch.id);
        let mut files = Vec::new();
        for _ in 0..2 {
            let made = head.post(&exports, ask(false)).await.good();
            files.push(format!("{exports}/{}/file", text(&made["id"])));
        }
        w.drain().await;
        for _ in 0..3 {
            head.get(&files[0]).await.ok();
        }
        head.get(&files[0]).await.refused(410, "export.gone");
        let ctx = w.machine();
        assert_eq!(zf_custody::export::service::exports_forget(&w.app, &ctx).await.unwrap(), 0, "not yet");
        w.clock.forward_minutes(8 * 24 * 60);
        let ctx = w.machine();
        assert_eq!(zf_custody::export::service::exports_forget(&w.app, &ctx).await.unwrap(), 2);
        assert_eq!(w.count("SELECT COUNT(*) FROM export_file").await, 0);
        // The session of last week is over.
        let head = w.browser().sign_in(&format!("branch-head-{}", branch.code), zf_tests::world::PASSWORD).await;
        head.get(&files[1]).await.refused(410, "export.gone");
    }

    async fn new_records_go_to_the_core_system_once_and_its_numbers_come_back(w: World) {
        let market = w.role("market_department").await;
        let officer = w.role("compliance").await;
        let branch = &w.org.branches[0];
        // Two from the core system itself: they never go back there.
        let from_core = file_of(20..22, &branch.code);
        w.import(&market, "customers", "core.csv", from_core.csv().as_bytes()).await;
        for n in 10..13 {
            w.add_customer(&market, branch, &person(n)).await;
        }
        w.guard.plant(&needles([&person(20), &person(21)]));
        let county = w.org.county.id;
        let exports = format!("/units/{county}/exports");
        let body = json!({ "kind": "core", "purpose": "core", "reason": "每周批量录入" });
        let made = market.post(&exports, body.clone()).await.good();
        assert_eq!((&made["state"], &made["rows_wanted"], &made["full_values"]), (&json!("waiting"), &json!(3), &json!(true)));
        let one = format!("{exports}/{}", text(&made["id"]));
        officer.post(&format!("{one}/decision"), json!({ "grant": true })).await.good();
        w.drain().await;
        let file = market.get(&format!("{one}/file")).await.ok();
        let (csv, _, bad) = encoding_rs::GB18030.decode(&file.bytes);
        assert!(!bad);
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines.len(), 4, "{} lines", lines.len());
        assert!(lines[1].contains(&person(10).id_number));

        // The system takes the first under a number of its own, refuses the second,
        // says nothing of the third, and speaks of one nobody sent.
        let receipt = Sheet::new(&["流水号", "处理结果", "客户号", "原因"])
            .row(&[&person(10).no[..], "成功", "C0001", ""])
            .row(&[&person(11).no[..], "失败", "", "证件已存在"])
            .row(&[&person(11).no[..], "成功", "C0002", ""])
            .row(&["777", "成功", "C0003", ""]);
        let form = |sheet: &Sheet| Payload::Form(vec![("file".to_owned(), Some("r.csv".to_owned()), sheet.gb18030())]);
        let told = market.send("POST", &format!("{one}/receipts"), form(&receipt)).await.good();
        let counts = ["accepted", "rejected", "renumbered", "silent"].map(|k| told[k].as_i64().unwrap());
        assert_eq!(counts, [1, 1, 1, 1]);
        let problems: Vec<u64> = told["problems"].as_array().unwrap().iter().map(|p| p["row"].as_u64().unwrap()).collect();
        assert_eq!(problems, [4, 5], "the double and the unknown line");
        let found = market.post("/customers/lookup", json!({ "customer_no": "C0001" })).await.items();
        assert_eq!(found.len(), 1);
        let old = market.post("/customers/lookup", json!({ "customer_no": person(10).no })).await.items();
        assert!(old.is_empty(), "the number of ours is given up");

        // What the receipt refused is corrected and goes again; the rest does not.
        let second = market.post("/customers/lookup", json!({ "customer_no": person(11).no })).await.items();
        let path = format!("/units/{}/customers/{}", branch.id, text(&second[0]["id"]));
        market.patch(&path, json!({ "occupation": "务农" })).await.good();
        let made = market.post(&exports, body).await.good();
        let again = format!("{exports}/{}", text(&made["id"]));
        officer.post(&format!("{again}/decision"), json!({ "grant": true })).await.good();
        w.drain().await;
        let file = market.get(&format!("{again}/file")).await.ok();
        let (csv, _, _) = encoding_rs::GB18030.decode(&file.bytes);
        let sent: Vec<&str> = csv.lines().skip(1).collect();
        assert_eq!(sent.len(), 1, "the others are sent and unchanged");
        assert!(sent[0].contains(&person(11).id_number));
        market.send("POST", &format!("{again}/receipts"), form(&Sheet::new(&["甲", "乙"]).row(&["1", "2"]))).await.refused(422, "input.invalid");
    }

    async fn who_refuses_and_who_may_not_be_known_any_more_is_in_no_list_for_visits(w: World) {
        let market = w.role("market_department").await;
        let branch = w.org.branches[0].clone();
        let basis = crate::custody::approved_until(&w, &w.org.county, "village_office", "2027-01-31").await;
        crate::sources_over::listed(&w, &market, &branch, &person(35)).await;
        let mut made = Vec::new();
        for n in 30..35 {
            made.push(w.add_customer(&market, &branch, &person(n)).await);
        }
        let path = |n: usize| crate::custody::customer_path(&w, &made[n]);
        let head = w.role("branch_head").await;
        // One refuses visits, one lives with them, one is not to be called; of one the
        // occupation stands on the list that is taken back.
        head.post(&format!("{}/consents", path(0)), crate::custody::refusal("visit")).await.ok();
        crate::sources_over::into_household_of(&w, &text(&made[1]["id"]), &text(&made[0]["id"])).await;
        // The bank's own rules may let visits go on where calls may not.
        let id: zf_base::CustomerId = text(&made[2]["id"]).parse().unwrap();
        let sql = "UPDATE customer SET do_not_contact = $1 WHERE id = $2";
        w.exec(sql, vec![true.into(), id.into()]).await;
        head.patch(&path(3), json!({ "occupation": "水稻种植", "source_channel": "village_office" })).await.ok();
        w.drain().await;
        w.clock.forward_minutes(1);
        market.post(&format!("{basis}/withdraw"), json!({ "reason": "村委会收回名单" })).await.ok();
        let exports = format!("/units/{}/exports", branch.id);
        let officer = w.role("compliance").await;
        let listed = async |purpose: &str| -> Vec<[String; 4]> {
            let body = json!({ "kind": "customers", "purpose": purpose, "reason": "核对走访名单", "full_values": true });
            let one = format!("{exports}/{}", text(&head.post(&exports, body).await.good()["id"]));
            officer.post(&format!("{one}/decision"), json!({ "grant": true })).await.good();
            w.drain().await;
            let file = head.get(&format!("{one}/file")).await.ok();
            let book = read_workbook(&file.bytes, None, &["客户号", "联系电话", "职业", "客户意愿"]);
            let column = |h: &str| book.headers.iter().position(|x| x == h).unwrap();
            let columns = ["客户号", "联系电话", "职业", "客户意愿"].map(column);
            book.rows.iter().map(|r| columns.map(|c| r[c].clone())).collect()
        };
        let row = |n: usize, phone: &str, wishes: &str| [person(n).no, phone.to_owned(), String::new(), wishes.to_owned()];
        let phone = |n: usize| person(n).phone;
        let visits = listed("visit").await;
        assert_eq!(visits, [row(32, "", "勿联系"), row(33, &phone(33), ""), row(34, &phone(34), "")]);
        // Who checks the records sees who refuses, but nobody of the list.
        let check = listed("check").await;
        assert_eq!(check, [row(30, &phone(30), "勿访"), row(31, &phone(31), "勿访"), row(32, &phone(32), "勿联系"), row(33, &phone(33), ""), row(34, &phone(34), "")]);
        // Nor does the bank's own system get them.
        let core = format!("/units/{}/exports", w.org.county.id);
        let body = json!({ "kind": "core", "purpose": "core", "reason": "每周批量录入" });
        let made = market.post(&core, body).await.good();
        let one = format!("{core}/{}", text(&made["id"]));
        officer.post(&format!("{one}/decision"), json!({ "grant": true })).await.good();
        w.drain().await;
        let file = market.get(&format!("{one}/file")).await.ok();
        let (csv, _, _) = encoding_rs::GB18030.decode(&file.bytes);
        assert_eq!(csv.lines().count(), 6, "the five of the bank's own and the headers");
        assert!(!csv.contains(&person(35).no) && !csv.contains("水稻种植"));
    }
}
