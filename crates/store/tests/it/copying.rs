//! Copies: to another engine and into a backup file.

use crate::{ADD_NODE, COUNT_NODES, FILES, databases, sql};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use zf_base::{Timestamp, Uuid};
use zf_store::testing::{TestDb, test_databases};
use zf_store::{Db, StoreError, Value, params};

const THING: &[&str] = &[
    "unit_id", "id", "flag", "amount", "name", "bytes", "link", "doc", "at", "day",
];

/// 4,500 things, a chain of nodes in which early ones point to late ones, some parts.
async fn fill(db: &Db) {
    let thing = |i: i64| {
        let unit = Uuid::from_u128(i as u128 % 7);
        let name = (i % 5 != 0).then(|| format!("户 {i}"));
        params![
            unit,
            i,
            i % 2 == 0,
            i as f64 / 3.0,
            name,
            vec![i as u8; 3],
            Uuid::from_u128(i as u128),
            json!({"i": i, "half": 0.5, "t": "字"}),
            Timestamp(i * 1_000_003),
            "2026-01-01"
        ]
    };
    db.bulk("thing", THING, (0..4_500).map(thing).collect())
        .await
        .unwrap();
    let nodes = (0..3_000_i64).map(|i| params![2_999 - i, (i > 0).then_some(3_000 - i), "n"]);
    db.bulk("node", &["id", "parent_id", "label"], nodes.collect())
        .await
        .unwrap();
    let parts = (0..10_i64).map(|i| params![Uuid::nil(), i, 2_999 - i]);
    db.bulk("a_part", &["unit_id", "id", "node_id"], parts.collect())
        .await
        .unwrap();
}

/// All rows as comparable text, read by type.
async fn contents(db: &Db) -> Vec<String> {
    let mut out = Vec::new();
    let all = sql(
        "SELECT unit_id, id, flag, amount, name, bytes, link, doc, at, day FROM thing ORDER BY unit_id, id",
    );
    for r in db.query(all, params![]).await.unwrap() {
        out.push(format!(
            "{} {} {} {:?} {:?} {:?} {} {} {} {}",
            r.get::<Uuid>(0).unwrap(),
            r.get::<i64>(1).unwrap(),
            r.get::<bool>(2).unwrap(),
            r.get::<f64>(3).unwrap(),
            r.get::<Option<String>>(4).unwrap(),
            r.get::<Vec<u8>>(5).unwrap(),
            r.get::<Uuid>(6).unwrap(),
            r.get::<serde_json::Value>(7).unwrap(),
            r.get::<Timestamp>(8).unwrap().0,
            r.get::<String>(9).unwrap(),
        ));
    }
    for r in db
        .query(
            sql("SELECT id, parent_id, label FROM node ORDER BY id"),
            params![],
        )
        .await
        .unwrap()
    {
        out.push(format!(
            "{} {:?} {}",
            r.get::<i64>(0).unwrap(),
            r.get::<Option<i64>>(1).unwrap(),
            r.get::<String>(2).unwrap()
        ));
    }
    for r in db
        .query(
            sql("SELECT unit_id, id, node_id FROM a_part ORDER BY unit_id, id"),
            params![],
        )
        .await
        .unwrap()
    {
        out.push(format!(
            "{} {} {}",
            r.get::<Uuid>(0).unwrap(),
            r.get::<i64>(1).unwrap(),
            r.get::<i64>(2).unwrap()
        ));
    }
    out
}

#[tokio::test]
async fn a_copy_holds_the_same_rows_whichever_engines_are_on_its_ends() {
    for from in databases().await {
        fill(&from).await;
        let original = contents(&from).await;
        assert_eq!(original.len(), 7_510);
        for to in databases().await {
            let mut seen = BTreeMap::new();
            let mut progress = |table: &str, rows: u64| {
                seen.insert(table.to_owned(), rows);
            };
            let way = format!("{} to {}", from.name(), to.name());
            let report = from
                .copy_to(&to, &mut progress)
                .await
                .unwrap_or_else(|e| panic!("{way}: {e}"));
            assert_eq!(report.rows(), 7_510, "{way}");
            let by_name = |name: &str| report.tables.iter().position(|t| t.0 == name).unwrap();
            assert!(by_name("node") < by_name("a_part"), "{way}");
            assert_eq!(seen["thing"], 4_500, "{way}");
            assert!(contents(&to).await == original, "{way}: contents differ");
            let e = from.copy_to(&to, &mut |_, _| {}).await.unwrap_err();
            assert!(
                matches!(e, StoreError::Migration(_)),
                "{way}: a full target: {e}"
            );
        }
    }
}

#[tokio::test]
async fn a_copy_into_another_schema_is_refused() {
    for from in databases().await {
        let to = &test_databases(&FILES[..1]).await[0];
        let e = from.copy_to(to, &mut |_, _| {}).await.unwrap_err();
        assert!(matches!(e, StoreError::Migration(_)), "{e}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_made_while_writing_is_whole() {
    let db = TestDb::sqlite(FILES).await.unwrap();
    fill(&db).await;
    let stop = Arc::new(AtomicBool::new(false));
    let (writer, end) = ((*db).clone(), stop.clone());
    let writing = tokio::spawn(async move {
        let mut id = 10_000;
        while !end.load(Ordering::Relaxed) {
            // Always two together: a backup with an odd number has caught half of one.
            let mut tx = writer.begin().await.unwrap();
            for _ in 0..2 {
                tx.exec(ADD_NODE, params![id, None::<i64>, "w"])
                    .await
                    .unwrap();
                id += 1;
            }
            tx.commit().await.unwrap();
        }
        id
    });
    let folder = std::path::PathBuf::from(db.url().trim_start_matches("sqlite:"));
    for i in 0..5 {
        let file = folder.with_file_name(format!("backup-{i}.db"));
        db.backup_sqlite_to(&file).await.unwrap();
        assert!(
            db.backup_sqlite_to(&file).await.is_err(),
            "an existing file is not overwritten"
        );
        let copy = Db::open(&format!("sqlite:{}", file.display()))
            .await
            .unwrap();
        let n: i64 = copy
            .query_one(COUNT_NODES, params![])
            .await
            .unwrap()
            .get(0)
            .unwrap();
        assert!(n >= 3_000 && n % 2 == 0, "{n} nodes");
        let whole = copy
            .query_one(sql("PRAGMA integrity_check"), params![])
            .await
            .unwrap();
        assert_eq!(whole.get::<String>(0).unwrap(), "ok");
        assert!(copy.migrate(FILES).await.unwrap().is_empty());
    }
    stop.store(true, Ordering::Relaxed);
    assert!(
        writing.await.unwrap() > 10_000,
        "nothing was written meanwhile"
    );
}

#[tokio::test]
async fn values_keep_their_kind_through_a_copy() {
    let pair = databases().await;
    let [from, to] = pair.as_slice() else { return };
    fill(from).await;
    from.copy_to(to, &mut |_, _| {}).await.unwrap();
    // PostgreSQL compares as UUID, time, boolean and JSON only if the columns hold them.
    let q = sql("SELECT id FROM thing WHERE link = $1 AND at = $2 AND flag AND doc ->> 't' = '字'");
    let p: Vec<Value> = params![Uuid::from_u128(44), Timestamp(44 * 1_000_003)];
    assert_eq!(to.query_one(q, p).await.unwrap().get::<i64>(0).unwrap(), 44);
}
