//! After a change of keys nothing of the old generation is left, in no column:
//! the columns are asked from the database, so that one nobody thought of fails.

use crate::custody;
use serde_json::{Value as Json, json};
use zf_base::Uuid;
use zf_store::params;
use zf_tests::browser::Payload;
use zf_tests::files::Sheet;
use zf_tests::people::{Person, person};
use zf_tests::{World, both};
use zf_vault::{Aad, Keyring};

/// Every column of the schema that holds sealed values: table and column.
async fn sealed_columns(w: &World) -> Vec<(String, String)> {
    let text = match w.engine() {
        "sqlite" => {
            "SELECT m.name, p.name FROM sqlite_master m, pragma_table_info(m.name) p WHERE m.type = 'table' AND (p.name = 'sealed' OR p.name LIKE '%_sealed') ORDER BY 1, 2"
        }
        _ => {
            "SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = current_schema() AND (column_name = 'sealed' OR column_name LIKE '%_sealed') ORDER BY 1, 2"
        }
    };
    let rows = w.query(text, vec![]).await;
    let name = |r: &zf_store::Row, i| r.get::<String>(i).unwrap();
    let all = rows.iter().map(|r| (name(r, 0), name(r, 1)));
    // What phones seal for the organisation is not sealed with the ring.
    all.filter(|(table, _)| table != "rescue_item").collect()
}

/// Generations of the keys of all values of a column.
async fn generations(w: &World, (table, column): &(String, String)) -> Vec<u32> {
    let text = format!("SELECT {column} FROM {table} WHERE {column} IS NOT NULL");
    let rows = w.query(&text, vec![]).await;
    let id = |r: &zf_store::Row| {
        let sealed: Vec<u8> = r.get(0).unwrap();
        Keyring::key_id_of(&sealed).unwrap_or_else(|| panic!("{table}.{column} is not sealed"))
    };
    let mut ids: Vec<u32> = rows.iter().map(id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Fills an empty column of a row, sealed as the program does.
async fn plant(w: &World, table: &'static str, column: &'static str) {
    let first = format!("SELECT unit_id, id FROM {table} ORDER BY id");
    let rows = w.query(&first, vec![]).await;
    let (unit, row): (Uuid, Uuid) = (rows[0].get(0).unwrap(), rows[0].get(1).unwrap());
    let aad = Aad {
        table,
        column,
        unit,
        row,
    };
    let sealed = w.app.vault.seal_text(&aad, "第二册");
    let text = format!("UPDATE {table} SET {column} = $1 WHERE unit_id = $2 AND id = $3");
    assert_eq!(w.exec(&text, params![sealed, unit, row]).await, 1);
}

/// What the customers of a branch leave behind: a merge, a refusal, a request.
async fn fill_customers(w: &World) {
    let branch = w.org.branches[0].clone();
    let market = w.role("market_department").await;
    let twin = Person {
        no: "777".to_owned(),
        ..person(1)
    };
    for p in [&person(1), &twin, &person(2)] {
        w.add_customer(&market, &branch, p).await;
    }
    let path = format!("/units/{}/duplicates", branch.id);
    market.post(&format!("{path}/scan"), json!({})).await.ok();
    w.drain().await;
    let pairs = market.get(&path).await.items();
    let pair = pairs[0]["id"].as_str().unwrap();
    let merge = json!({ "keep": "own", "take": ["name"] });
    market
        .post(&format!("{path}/{pair}/merge"), merge)
        .await
        .ok();

    let head = w.role("branch_head").await;
    let made = w.add_customer(&head, &branch, &person(3)).await;
    let customer = custody::customer_path(w, &made);
    head.patch(&customer, json!({ "notes": "门口有大树" }))
        .await
        .ok();
    let mut said = custody::refusal("contact");
    said["note"] = json!("当面说的");
    head.post(&format!("{customer}/consents"), said).await.ok();
    let correction = json!({ "kind": "correction", "channel": "on_site", "field": "phone", "new_value": person(9).phone });
    custody::requested(&head, &customer, correction).await;
    custody::approved(w, "association").await;
    let program = crate::campaign::draft(w).await;
    let visit = crate::visits::handed_in(&head, &program, &branch.id.to_string()).await;
    // Somebody else types the same form again.
    crate::desk::share(w, 1.0).await;
    let second = format!("/units/{}/visits/{visit}/second", branch.id);
    let typist = w.role("visitor").await;
    typist
        .post(&second, json!({ "answers": { "name": "甲某" } }))
        .await
        .good();
    // A change of somebody's address that was heard at the door.
    let op = json!({
        "op_id": zf_base::Uuid::from_u128(21), "client_seq": 1, "kind": "customer.propose", "entity_id": made["id"],
        "schema_ver": 1, "device_time": "2026-11-23T18:40:00+08:00",
        "payload": { "customer_id": made["id"], "address": "搬到河东街九号院", "reason": "搬家" },
    });
    // What was left behind in a village group.
    let trace = json!({
        "op_id": zf_base::Uuid::from_u128(24), "client_seq": 2, "kind": "trace.put", "entity_id": zf_base::Uuid::from_u128(25),
        "schema_ver": 1, "device_time": "2026-11-23T18:41:00+08:00",
        "payload": { "program_id": program, "village_group_id": zf_base::Uuid::from_u128(26), "day": "2026-11-23", "place": "small_shop", "count": 3 },
    });
    let batch = json!({ "unit_id": branch.id, "device_id": zf_base::Uuid::from_u128(22), "ops": [op, trace] });
    let said = head.post("/sync/push", batch).await.good();
    assert_eq!(said["items"][0]["answer"], "review", "{said}");
    // Made when the first phone asks for it.
    zf_field::rescue::service::public_key(&w.app).await.unwrap();
}

/// What is kept of files: a row that was refused, an upload that waits, an
/// export. Gives the import that waits and the path of the export's file.
async fn fill_files(w: &World) -> (Json, String) {
    let branch = w.org.branches[0].clone();
    let market = w.role("market_department").await;
    let staff = Sheet::new(&["工号", "姓名", "机构编码", "岗位", "手机号"])
        .row(&["Y1", "钱进", &branch.code, "支局长", "10455556666"])
        .row(&["Y2", "孙丽", &branch.code, "没有的岗", ""]);
    let csv = staff.csv().into_bytes();
    let done = w.import(&market, "staff", "员工.csv", &csv).await;
    assert_eq!(
        (&done["rows_new"], &done["rows_bad"]),
        (&json!(1), &json!(1))
    );
    let field = |k: &str, v: &str| (k.to_owned(), None, v.as_bytes().to_vec());
    let file = ("file".to_owned(), Some("员工.csv".to_owned()), csv);
    let form = vec![field("kind", "staff"), field("hold", "true"), file];
    let held = market.send("POST", "/imports", Payload::Form(form)).await;
    let wanted = json!({ "kind": "customers", "purpose": "check", "reason": "核对走访名单", "full_values": false });
    let exports = format!("/units/{}/exports", branch.id);
    let head = w.role("branch_head").await;
    let made = head.post(&exports, wanted).await.good();
    w.drain().await;
    let export = format!("{exports}/{}/file", made["id"].as_str().unwrap());
    (held.good(), export)
}

both! {
    async fn after_a_change_of_keys_no_sealed_column_of_the_schema_holds_an_old_value(w: World) {
        fill_customers(&w).await;
        let (held, export) = fill_files(&w).await;
        plant(&w, "user_account", "totp_sealed").await;
        plant(&w, "privacy_request", "detail_sealed").await;
        let columns = sealed_columns(&w).await;
        assert!(columns.len() >= 18, "{columns:?}");
        for column in &columns {
            assert_eq!(generations(&w, column).await, [1], "{column:?}: this test has to put something there");
        }
        let file = zf_kernel::keys::rotate_keys(&w.app, &w.key_file, zf_tests::world::PASSPHRASE).unwrap();
        let adopted = zf_kernel::keys::keys_adopt(&w.app, &w.machine(), &w.org.head, &file, zf_tests::world::PASSPHRASE).await;
        assert!(adopted.unwrap().is_some());
        w.drain().await;
        for column in &columns {
            assert_eq!(generations(&w, column).await, [2], "{column:?} is forgotten by the job that seals anew");
        }
        let market = w.role("market_department").await;
        let preview = format!("/imports/{}/preview", held["id"].as_str().unwrap());
        assert_eq!(market.get(&preview).await.good()["sample_bad"], 1, "the kept file can be read");
        let file = w.role("branch_head").await.get(&export).await.ok();
        assert!(file.bytes.starts_with(b"PK"), "the kept export can be read");
    }
}
