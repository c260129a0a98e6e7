//! The audit chain after a busy morning: it holds, and every way of changing it
//! behind the program's back is found.

use serde_json::json;
use zf_kernel::event::verify::verify_all;
use zf_store::{Row, Value, params};
use zf_tests::people::person;
use zf_tests::{World, both};

const COLUMNS: &str = "unit_id, stream, seq, id, at, actor_id, actor_name, action, target_kind, target_id, detail, hash";

/// Sign-ins, accounts, customers, reveals, imports, calendar: many units and streams.
async fn busy_story(w: &World) {
    let market = w.role("market_department").await;
    let head = w.role("branch_head").await;
    for n in 0..12 {
        let branch = &w.org.branches[n % 3];
        let made = w.add_customer(&market, branch, &person(n)).await;
        let path = format!(
            "/units/{}/customers/{}",
            branch.id,
            made["id"].as_str().unwrap()
        );
        market
            .patch(&path, json!({ "occupation": "务农" }))
            .await
            .ok();
        if n % 3 == 0 {
            let body = json!({ "fields": ["phone"], "reason": "电话联系" });
            head.post(&format!("{path}/reveal"), body).await.ok();
        }
    }
    let admin = w.role("system_admin").await;
    for day in 1..9 {
        let body = json!({ "is_workday": false, "name": "检修" });
        admin
            .put(&format!("/calendar/2027-03-0{day}"), body)
            .await
            .ok();
    }
}

async fn findings(w: &World) -> usize {
    verify_all(&w.app).await.unwrap().findings.len()
}

/// A stream of the head unit with at least three events.
async fn stream(w: &World) -> Vec<Row> {
    let text = format!("SELECT {COLUMNS} FROM event ORDER BY unit_id, stream, seq");
    let rows = w.query(&text, vec![]).await;
    let key = |r: &Row| (r.get::<zf_base::Uuid>(0).unwrap(), r.get::<i64>(1).unwrap());
    let mut streams: Vec<Vec<Row>> = Vec::new();
    for row in rows {
        match streams.last_mut() {
            Some(last) if key(&last[0]) == key(&row) => last.push(row),
            _ => streams.push(vec![row]),
        }
    }
    streams.into_iter().max_by_key(Vec::len).unwrap()
}

async fn put_back(w: &World, rows: &[Row]) {
    let first = &rows[0];
    let (unit, stream): (zf_base::Uuid, i64) = (first.get(0).unwrap(), first.get(1).unwrap());
    w.exec(
        "DELETE FROM event WHERE unit_id = $1 AND stream = $2",
        params![unit, stream],
    )
    .await;
    for row in rows {
        add(w, row.clone().into_values()).await;
    }
}

async fn add(w: &World, values: Vec<Value>) {
    let text = format!(
        "INSERT INTO event ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
    );
    w.exec(&text, values).await;
}

/// Another value of the same type.
fn other(column: usize, row: &Row) -> Value {
    match column {
        1 => Value::from(row.get::<i64>(1).unwrap() + 16),
        2 => Value::from(row.get::<i64>(2).unwrap() + 1_000),
        0 | 3 | 5 => Value::Uuid(zf_base::Uuid::now_v7()),
        4 => Value::Time(row.get::<zf_base::Timestamp>(4).unwrap().0 + 1),
        11 => {
            let mut hash: Vec<u8> = row.get(11).unwrap();
            hash[7] ^= 1;
            Value::Blob(hash)
        }
        _ => Value::from(format!("{} ", row.get::<String>(column).unwrap())),
    }
}

both! {
    async fn the_chain_of_a_busy_morning_holds(w: World) {
        busy_story(&w).await;
        let report = verify_all(&w.app).await.unwrap();
        assert!(report.findings.is_empty(), "{:?}", report.findings);
        let stored = w.count("SELECT COUNT(*) FROM event").await;
        assert_eq!(report.events as i64, stored);
        assert!(stored > 50 && report.streams > 10, "{stored} events, {} streams", report.streams);
        let admin = w.role("audit_admin").await;
        let answer = admin.press("/audit/verify").await.good();
        assert_eq!((&answer["ok"], &answer["findings"]), (&json!(true), &json!([])));
    }

    async fn a_change_of_any_column_of_any_event_is_found(w: World) {
        busy_story(&w).await;
        let rows = stream(&w).await;
        let names: Vec<&str> = COLUMNS.split(", ").collect();
        for place in [0, rows.len() / 2, rows.len() - 1] {
            for (column, name) in names.iter().enumerate() {
                let row = &rows[place];
                let key: Vec<Value> = row.clone().into_values()[..3].to_vec();
                let text = format!("UPDATE event SET {name} = $4 WHERE unit_id = $1 AND stream = $2 AND seq = $3");
                let mut values = key.clone();
                values.push(other(column, row));
                assert_eq!(w.exec(&text, values.clone()).await, 1, "{name}");
                assert!(findings(&w).await > 0, "{name} of event {place} was changed and nobody noticed");
                let mut moved = key;
                if column < 3 {
                    moved[column] = values[3].clone();
                }
                w.exec("DELETE FROM event WHERE unit_id = $1 AND stream = $2 AND seq = $3", moved).await;
                put_back(&w, &rows).await;
                assert_eq!(findings(&w).await, 0, "put back after {name}");
            }
        }
    }

    async fn removal_insertion_and_reordering_are_found(w: World) {
        busy_story(&w).await;
        let rows = stream(&w).await;
        let remove = "DELETE FROM event WHERE unit_id = $1 AND stream = $2 AND seq = $3";
        for place in [0, rows.len() / 2, rows.len() - 1] {
            w.exec(remove, rows[place].clone().into_values()[..3].to_vec()).await;
            assert!(findings(&w).await > 0, "event {place} was removed");
            put_back(&w, &rows).await;
        }
        let last = rows.last().unwrap().clone().into_values();
        let mut forged = last.clone();
        forged[2] = Value::from(rows.last().unwrap().get::<i64>(2).unwrap() + 1);
        forged[3] = Value::Uuid(zf_base::Uuid::now_v7());
        add(&w, forged.clone()).await;
        assert!(findings(&w).await > 0, "an event was added at the end");
        put_back(&w, &rows).await;
        forged[2] = Value::from(0i64);
        add(&w, forged).await;
        assert!(findings(&w).await > 0, "an event was added before the first");
        put_back(&w, &rows).await;
        let mut swapped: Vec<Row> = rows.clone();
        let (mut a, mut b) = (swapped[0].clone().into_values(), swapped[1].clone().into_values());
        std::mem::swap(&mut a[2], &mut b[2]);
        w.exec(remove, swapped[0].clone().into_values()[..3].to_vec()).await;
        w.exec(remove, swapped[1].clone().into_values()[..3].to_vec()).await;
        swapped.drain(..2);
        add(&w, a).await;
        add(&w, b).await;
        assert!(findings(&w).await > 0, "two events changed places");
        put_back(&w, &rows).await;
        assert_eq!(findings(&w).await, 0);
    }

    async fn a_cut_tail_and_a_forged_or_lost_head_are_found(w: World) {
        busy_story(&w).await;
        // Signed in before: whoever writes to a stream without a head is refused.
        let admin = w.role("audit_admin").await;
        let rows = stream(&w).await;
        let key = rows[0].clone().into_values()[..2].to_vec();
        let heads = w.query("SELECT seq, hash, mac FROM event_head WHERE unit_id = $1 AND stream = $2", key.clone()).await;
        let restore = async || {
            w.exec("DELETE FROM event_head WHERE unit_id = $1 AND stream = $2", key.clone()).await;
            let mut values = key.clone();
            values.extend(heads[0].clone().into_values());
            w.exec("INSERT INTO event_head (unit_id, stream, seq, hash, mac) VALUES ($1, $2, $3, $4, $5)", values).await;
            assert_eq!(findings(&w).await, 0);
        };
        // The last event is cut off and the head set back to the one before.
        let before = &rows[rows.len() - 2];
        w.exec("DELETE FROM event WHERE unit_id = $1 AND stream = $2 AND seq = $3", rows.last().unwrap().clone().into_values()[..3].to_vec()).await;
        let mut values = key.clone();
        values.push(before.clone().into_values()[2].clone());
        values.push(before.clone().into_values()[11].clone());
        w.exec("UPDATE event_head SET seq = $3, hash = $4 WHERE unit_id = $1 AND stream = $2", values).await;
        assert!(findings(&w).await > 0, "tail and head were set back");
        put_back(&w, &rows).await;
        restore().await;
        for set in ["seq = seq + 1", "seq = seq - 1", "mac = hash", "hash = mac"] {
            w.exec(&format!("UPDATE event_head SET {set} WHERE unit_id = $1 AND stream = $2"), key.clone()).await;
            assert!(findings(&w).await > 0, "{set}");
            restore().await;
        }
        w.exec("DELETE FROM event_head WHERE unit_id = $1 AND stream = $2", key.clone()).await;
        assert!(findings(&w).await > 0, "the head was removed");
        let answer = admin.press("/audit/verify").await.good();
        assert_eq!(answer["ok"], false);
        assert!(!answer["findings"][0]["text"].as_str().unwrap().is_empty());
    }

    async fn a_whole_unit_whose_chain_vanishes_is_found_by_the_root_of_the_day(w: World) {
        busy_story(&w).await;
        let day = w.clock.now().day();
        let root = zf_kernel::event::verify::daily_root(&w.app, day).await.unwrap();
        let again = zf_kernel::event::verify::daily_root(&w.app, day).await.unwrap();
        assert_eq!(root, again, "a day has one root");
        w.exec("DELETE FROM event WHERE unit_id = $1", params![w.org.branches[2].id]).await;
        w.exec("DELETE FROM event_head WHERE unit_id = $1", params![w.org.branches[2].id]).await;
        let later = zf_kernel::event::verify::daily_root(&w.app, day.plus_days(1)).await.unwrap();
        assert_ne!(root, later);
    }

    async fn the_log_is_paged_newest_first_and_filtered_by_action_and_unit(w: World) {
        busy_story(&w).await;
        let admin = w.role("audit_admin").await;
        let mut ids = Vec::new();
        let mut moments = Vec::new();
        let mut after = String::new();
        loop {
            let page = admin.get(&format!("/audit?limit=20&after={after}")).await.good();
            for e in page["items"].as_array().unwrap() {
                ids.push(e["id"].as_str().unwrap().to_owned());
                moments.push(e["at"].as_str().unwrap().to_owned());
            }
            match page["next"].as_str() {
                Some(next) => after = next.to_owned(),
                None => break,
            }
        }
        let stored = w.count("SELECT COUNT(*) FROM event").await as usize;
        let distinct: std::collections::BTreeSet<&String> = ids.iter().collect();
        assert_eq!((ids.len(), distinct.len()), (stored, stored));
        assert!(moments.windows(2).all(|p| p[0] >= p[1]));
        let reveals = admin.get("/audit?action=customer.reveal").await.items();
        assert_eq!(reveals.len(), 4);
        let sign_ins = admin.get("/audit?action=user.sign_in").await.items();
        assert_eq!(sign_ins.len(), 4);
        let one = admin.get(&format!("/audit?limit=200&unit_id={}", w.org.branches[1].id)).await.items();
        assert!(!one.is_empty() && one.iter().all(|e| e["unit_name"] == "白水网点"));
        let county = w.role_at("audit_admin", &w.org.other_county).await;
        county.get(&format!("/audit?unit_id={}", w.org.branches[1].id)).await.refused(404, "unit.not_found");
    }
}
