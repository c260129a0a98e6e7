//! Planted values: more than ten thousand invented people are stored, then their
//! names, phones, ID numbers and addresses are looked for wherever data of the
//! program ends up. The same search finds them in a plain file.

use serde_json::json;
use std::collections::BTreeMap;
use zf_store::Value;
use zf_tests::files::Sheet;
use zf_tests::people::{Person, needles, person};
use zf_tests::scan::{Hits, Scanner};
use zf_tests::world::{PASSWORD, logged};
use zf_tests::{World, both};

/// More than the ten thousand that are asked for.
const PEOPLE: usize = 10_200;

fn sheet(people: &[Person], w: &World) -> Sheet {
    let headers = [
        "客户号",
        "姓名",
        "手机号",
        "证件号码",
        "家庭住址",
        "所属机构",
        "备注",
    ];
    people
        .iter()
        .enumerate()
        .fold(Sheet::new(&headers), |sheet, (n, p)| {
            let unit = &w.org.branches[n % 3].code;
            let note = format!("本人电话 {}", p.phone);
            sheet.row(&[
                &p.no,
                &p.name,
                &p.phone,
                &p.id_number,
                &p.address,
                unit,
                &note,
            ])
        })
}

/// Every value of every table as bytes, for a database whose files are not ours to read.
async fn dump(w: &World) -> Vec<u8> {
    let mut bytes = Vec::new();
    for table in w.app.db.tables().await.unwrap() {
        for row in w
            .query(&format!("SELECT * FROM {}", table.name), vec![])
            .await
        {
            for value in row.into_values() {
                match value {
                    Value::Text(text) => bytes.extend(text.into_bytes()),
                    Value::Blob(blob) => bytes.extend(blob),
                    Value::Json(json) => bytes.extend(json.to_string().into_bytes()),
                    _ => {}
                }
                bytes.push(0);
            }
        }
    }
    bytes
}

/// Looks at many pages as somebody who works with them would.
async fn work_with_them(w: &World, people: &[Person]) {
    let market = w.role("market_department").await;
    let head = w.role("branch_head").await;
    for branch in &w.org.branches {
        let mut after = String::new();
        for _ in 0..4 {
            let page = market
                .get(&format!(
                    "/units/{}/customers?limit=200&after={after}",
                    branch.id
                ))
                .await
                .good();
            after = page["next"].as_str().unwrap_or_default().to_owned();
        }
    }
    let branch = &w.org.branches[0];
    for p in people.iter().step_by(3).take(10) {
        for body in [
            json!({ "phone": p.phone }),
            json!({ "id_number": p.id_number }),
            json!({ "name": p.name, "unit_id": branch.id }),
        ] {
            let found = head.post("/customers/lookup", body).await.items();
            assert_eq!(found.len(), 1);
            let path = format!(
                "/units/{}/customers/{}",
                branch.id,
                found[0]["id"].as_str().unwrap()
            );
            head.get(&path).await.ok();
            head.patch(&path, json!({ "occupation": "务农", "phone": p.phone }))
                .await
                .ok();
        }
        let wrong =
            json!({ "customer_no": p.no, "name": p.name, "phone": format!("{}0", p.phone) });
        head.post(&format!("/units/{}/customers", branch.id), wrong)
            .await
            .refused(422, "input.invalid");
    }
    // Somebody types their own values into the wrong places.
    let p = &people[0];
    w.browser()
        .try_sign_in(&p.phone, &p.name, None)
        .await
        .refused(401, "auth.failed");
    w.browser()
        .try_sign_in("branch-head-10010101", &p.id_number, None)
        .await
        .refused(401, "auth.failed");
    head.post(&format!("/units/{}/customers", branch.id), json!([p.name]))
        .await
        .refused(400, "input.malformed");
    w.role("audit_admin")
        .await
        .get("/audit?limit=200")
        .await
        .ok();
    market.get("/imports").await.ok();
    assert!(
        w.browser()
            .try_sign_in("branch-head-10010101", PASSWORD, None)
            .await
            .status
            .is_success()
    );
}

/// A file in which half of the rows are refused: its values come back masked.
async fn refused_rows(w: &World, people: &[Person]) {
    let market = w.role("market_department").await;
    let mut file = sheet(&people[..50], w);
    for p in &people[..400] {
        let unit = w.org.branches[0].code.clone();
        let mut wrong_id = p.id_number.clone();
        wrong_id.replace_range(17.., if wrong_id.ends_with('1') { "2" } else { "1" });
        // Good values in the wrong personal columns.
        file = file.row(&["", &p.name, &p.address, &p.id_number, &p.phone, &unit, ""]);
        file = file.row(&[
            &format!("9{}", p.no),
            &p.phone,
            &p.name,
            &p.address,
            &p.id_number,
            &unit,
            &p.name,
        ]);
    }
    let done = w
        .import(&market, "customers", "坏.xlsx", &file.xlsx())
        .await;
    assert_eq!(done["rows_bad"], 800, "{}", done["rows_bad"]);
    market
        .get(&format!(
            "/imports/{}/errors.xlsx",
            done["id"].as_str().unwrap()
        ))
        .await
        .ok();
}

struct Places(BTreeMap<String, (usize, Hits)>);

impl Places {
    fn look(&mut self, scanner: &Scanner, place: &str, bytes: &[u8]) {
        let entry = self.0.entry(place.to_owned()).or_default();
        entry.0 += bytes.len();
        for (kind, n) in scanner.search(bytes) {
            *entry.1.entry(kind).or_default() += n;
        }
    }
}

both! {
    async fn planted_values_are_nowhere_but_in_a_reveal(w: World) {
        let people: Vec<Person> = (0..PEOPLE).map(person).collect();
        let planted = needles(&people);
        w.guard.plant(&planted);
        let market = w.role("market_department").await;
        let file = sheet(&people, &w).csv();
        let done = w.import(&market, "customers", "名单.csv", file.as_bytes()).await;
        assert_eq!(done["rows_new"], PEOPLE, "{done}");
        work_with_them(&w, &people).await;
        refused_rows(&w, &people).await;
        // Uploaded, not yet imported: the file waits sealed.
        market.upload("customers", "等着.csv", file.as_bytes(), false).await.ok();

        let scanner = Scanner::new(&planted);
        let mut places = Places(BTreeMap::new());
        for path in w.files() {
            let name = path.extension().unwrap().to_string_lossy().into_owned();
            places.look(&scanner, &format!("database file .{name}"), &std::fs::read(path).unwrap());
        }
        places.look(&scanner, "all values of all tables", &dump(&w).await);
        places.look(&scanner, "logs", &logged());
        if w.engine() == "sqlite" {
            let folder = tempfile::tempdir().unwrap();
            let copy = folder.path().join("copy.db");
            w.app.db.backup_sqlite_to(&copy).await.unwrap();
            places.look(&scanner, "copy of the database", &std::fs::read(copy).unwrap());
        }
        let folder = tempfile::tempdir().unwrap();
        let backup = folder.path().join("a.zfb");
        let config = crate::backup::settings(&w, folder.path());
        zf_server::backup::create(&w.app, &config, &backup).await.unwrap();
        places.look(&scanner, "backup", &std::fs::read(backup).unwrap());
        let (answers, bytes) = w.guard.read();
        println!("{}: planted {:?}", w.engine(), planted.counts());
        println!("{}: {answers} answers with {bytes} bytes were searched on their way out: 0 hits", w.engine());
        for (place, (bytes, hits)) in &places.0 {
            println!("{}: {place}: {bytes} bytes searched, hits {hits:?}", w.engine());
            assert!(hits.is_empty(), "{place}: {hits:?}");
            assert!(*bytes > 1_000, "{place} is empty");
        }
        assert!(bytes > 1_000_000 && answers > 80, "{answers} answers, {bytes} bytes");
    }
}

#[test]
fn the_same_search_finds_every_kind_in_a_plain_file_and_inside_a_workbook() {
    let people: Vec<Person> = (0..300).map(person).collect();
    let planted = needles(&people);
    let scanner = Scanner::new(&planted);
    let mut sheet = Sheet::new(&["姓名", "手机号", "证件号码", "家庭住址"]);
    for p in &people {
        sheet = sheet.row(&[&p.name, &p.phone, &p.id_number, &p.address]);
    }
    for (what, bytes) in [("csv", sheet.csv().into_bytes()), ("xlsx", sheet.xlsx())] {
        let hits = scanner.search(&bytes);
        println!(
            "control, {what}: {} bytes searched, hits {hits:?}",
            bytes.len()
        );
        for kind in ["name", "phone", "id_number", "address"] {
            assert_eq!(hits.get(kind), Some(&300), "{what} {kind}");
        }
    }
    let json = serde_json::to_vec(&json!({ "a": [people[7].name, people[8].phone] })).unwrap();
    assert_eq!(scanner.search(&json).len(), 2, "inside JSON");
    assert!(scanner.search("没有人".as_bytes()).is_empty());
}

#[tokio::test]
#[should_panic(expected = "planted values")]
async fn an_answer_with_a_planted_value_stops_the_suite() {
    let guard = zf_tests::guard::Guard::default();
    let p = person(5);
    guard.plant(&needles([&p]));
    let body = format!("{{\"name\":\"{}\"}}", p.name);
    let headers = axum::http::HeaderMap::new();
    guard.check(
        "GET /api/v1/x",
        axum::http::StatusCode::OK,
        &headers,
        body.as_bytes(),
    );
}
