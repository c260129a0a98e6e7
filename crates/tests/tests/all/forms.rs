//! Forms of the county: drafts, publishing, versions in force, Excel out and in,
//! test answers, and who sees whose.

use crate::campaign::{plan_path, planned};
use serde_json::{Value as Json, json};
use zf_tests::both;
use zf_tests::browser::Payload;
use zf_tests::files::{read_workbook, sheet_names};

const VISIT: &str = "/forms/household-visit";

/// The visit form with one more question behind the condition.
fn with_question(mut form: Json) -> Json {
    let fields = form["fields"].as_array_mut().unwrap();
    fields.insert(
        1,
        json!({
            "name": "bank_app", "type": "one", "label": "有没有手机银行", "options": ["有", "没有"],
            "relevant": "answered(outcome) && outcome in ['self', 'family']"
        }),
    );
    form
}

async fn begun(market: &zf_tests::browser::Browser) -> Json {
    let draft = market
        .post(&format!("{VISIT}/versions"), json!({ "note": "加一道题" }))
        .await
        .good();
    let body = json!({ "rev": 1, "definition": with_question(draft["definition"].clone()), "note": "加一道题" });
    market
        .put(&format!("{VISIT}/versions/2"), body)
        .await
        .good()
}

both! {
    async fn a_draft_is_published_as_the_next_version_and_never_changes_again(w: World) {
        let market = w.role("market_department").await;
        let draft = begun(&market).await;
        assert_eq!((&draft["version"], &draft["rev"], &draft["state"], &draft["cloned_from"]), (&json!(2), &json!(2), &json!("draft"), &json!(1)));
        // The pack's version is in force until the draft is published.
        assert_eq!(market.get(VISIT).await.good()["version"], 1);
        let path = format!("{VISIT}/versions/2");
        let stale = json!({ "rev": 1, "definition": draft["definition"] });
        market.put(&path, stale).await.refused(409, "conflict");
        market.post(&format!("{path}/publish"), json!({ "rev": 1 })).await.refused(409, "conflict");
        let done = market.post(&format!("{path}/publish"), json!({ "rev": 2 })).await.good();
        assert_eq!((&done["published"], &done["version"]["state"]), (&json!(true), &json!("published")));
        assert!(!done["version"]["published_by_name"].is_null());
        let now = w.role("visitor").await.get(VISIT).await.good();
        assert_eq!((&now["version"], &now["fields"][1]["name"]), (&json!(2), &json!("bank_app")));
        let again = json!({ "rev": 2, "definition": draft["definition"] });
        market.put(&path, again).await.refused(409, "form.published");
        market.delete(&path).await.refused(409, "form.published");
        // Nor does a version of a pack.
        let pack = format!("{VISIT}/versions/1");
        market.put(&pack, json!({ "rev": 0, "definition": now })).await.refused(409, "form.published");
        // Retired: the one before is in force again; the version stays readable.
        market.post(&format!("{path}/retire"), json!({})).await.ok();
        assert_eq!(market.get(VISIT).await.good()["version"], 1);
        assert_eq!(market.get(&path).await.good()["state"], "retired");
        let told = w.query("SELECT action FROM event WHERE action LIKE 'form.%' ORDER BY action", vec![]).await;
        let told: Vec<String> = told.iter().map(|r| r.get(0).unwrap()).collect();
        assert_eq!(told, ["form.change", "form.draft", "form.publish", "form.retire"]);
        let list = market.get("/forms").await.items();
        let visit = list.iter().find(|f| f["id"] == "household-visit").unwrap();
        let states: Vec<&str> = visit["versions"].as_array().unwrap().iter().map(|v| v["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["retired", "published"]);
    }

    async fn a_form_with_a_fault_is_not_published_and_the_fault_has_row_and_column(w: World) {
        let market = w.role("market_department").await;
        let form = json!({ "id": "x", "version": 1, "title": "试一试", "fields": [
            { "name": "a", "type": "integer", "label": "甲", "relevant": "answered(b)" },
            { "name": "b", "type": "integer", "label": "乙", "relevant": "answered(a)", "constraint": "b == 'x'" }
        ] });
        let new = json!({ "definition": form, "note": "" });
        market.post("/forms/try-out/versions", new).await.ok();
        let done = market.post("/forms/try-out/versions/1/publish", json!({ "rev": 1 })).await.good();
        assert_eq!((&done["published"], &done["version"]["state"]), (&json!(false), &json!("draft")));
        let places: Vec<(i64, String)> = done["findings"].as_array().unwrap().iter()
            .map(|f| (f["row"].as_i64().unwrap(), f["column"].as_str().unwrap().to_owned())).collect();
        // Row 3 is the second question, under the headers in row 1.
        assert!(places.contains(&(3, "限制".to_owned())), "{done}");
        assert!(done["findings"].as_array().unwrap().iter().any(|f| f["what"].as_str().unwrap().contains("绕成了一圈")), "{done}");
        let checked = market.post("/forms/check", json!({ "definition": done["version"]["definition"] })).await.good();
        assert_eq!(checked["findings"], done["findings"]);
        // Not published: nobody is offered it.
        market.get("/forms/try-out").await.refused(404, "form.not_found");
        market.delete("/forms/try-out/versions/1").await.ok();
        assert!(!market.get("/forms").await.items().iter().any(|f| f["id"] == "try-out"));
    }

    async fn a_form_goes_out_as_excel_and_comes_back_with_faults_by_row_and_column(w: World) {
        let market = w.role("market_department").await;
        let pack = market.get(&format!("{VISIT}/versions/1")).await.good();
        let file = market.get(&format!("{VISIT}/versions/1/xlsx")).await.ok();
        assert_eq!(sheet_names(&file.bytes), ["题目", "选项", "表单"]);
        let read = |bytes: Vec<u8>| Payload::Form(vec![
            ("id".to_owned(), None, b"other".to_vec()),
            ("version".to_owned(), None, b"9".to_vec()),
            ("file".to_owned(), Some("form.xlsx".to_owned()), bytes),
        ]);
        let back = market.send("POST", "/forms/read-xlsx", read(file.bytes.clone())).await.good();
        assert_eq!((&back["definition"], &back["findings"]), (&pack["definition"], &json!([])));
        let sheet = read_workbook(&file.bytes, Some("题目"), &["题型", "名称"]);
        assert_eq!(sheet.headers[..2], ["题型", "名称"]);
        let bad = zf_tests::files::Sheet::new(&["题型", "名称", "题目", "什么时候显示"])
            .row(&["文字", "a", "甲", ""]).row(&["三维", "b", "乙", ""]).row(&["文字", "c", "丙", "nowhere == 1"]);
        let found = market.send("POST", "/forms/read-xlsx", read(bad.xlsx())).await.good();
        // The sheet has another name, so the file holds no questions at all.
        assert_eq!(found["findings"][0]["sheet"], "题目", "{found}");
        market.send("POST", "/forms/read-xlsx", read(b"no workbook".to_vec())).await.refused(422, "import.file");
    }

    async fn the_server_says_of_test_answers_what_the_page_says(w: World) {
        let market = w.role("market_department").await;
        let form = market.get(VISIT).await.good();
        let answers = json!({ "outcome": "self", "notice": "agreed", "name": "张三丰", "phone": "123" });
        let said = market.post("/forms/try", json!({ "definition": form, "answers": answers })).await.good();
        let e = &said["evaluation"];
        assert_eq!(e["missing"], json!(["address"]));
        assert_eq!(e["violations"][0]["field"], "phone");
        assert!(!e["relevant"].as_array().unwrap().contains(&json!("retry_note")));
        // Name and phone are answered; a phone that breaks its rule counts as answered.
        assert_eq!(e["score"], 2);
    }

    async fn paper_desk_and_incoming_visits_follow_the_published_version(w: World) {
        let program = planned(&w).await;
        let branch = &w.org.branches[0];
        let (market, head) = (w.role("market_department").await, w.role("branch_head").await);
        begun(&market).await;
        let print = format!("{}/collection-forms/print", plan_path(&program, branch));
        let asked = |forms: &Json| -> Vec<String> {
            forms["questions"].as_array().unwrap().iter().map(|q| q["name"].as_str().unwrap().to_owned()).collect()
        };
        let before = head.post(&print, json!({ "reason": "周一上门" })).await.good();
        assert!(!asked(&before).contains(&"bank_app".to_owned()), "a draft is not asked");
        // Further members have a table of empty lines.
        let members = before["questions"].as_array().unwrap().iter().find(|q| q["name"] == "members").unwrap();
        let columns: Vec<&str> = members["columns"].as_array().unwrap().iter().map(|c| c["label"].as_str().unwrap()).collect();
        assert_eq!(columns, ["姓名", "联系电话", "与户主关系"]);
        assert_eq!(before["row_lines"], 3);
        market.post(&format!("{VISIT}/versions/2/publish"), json!({ "rev": 2 })).await.ok();
        let after = head.post(&print, json!({ "reason": "周一上门" })).await.good();
        assert!(asked(&after).contains(&"bank_app".to_owned()));
        let desk = head.get(&format!("/programs/{program}/units/{}/desk", branch.id)).await.good();
        assert_eq!(desk["form_version"], 2);
    }
}
