//! Values in and out, placeholders, bulk loads.

use crate::{ADD_NODE, LABELS, databases, sql};
use serde_json::json;
use zf_base::{CustomerId, Day, Fen, IsoWeek, Timestamp, Uuid};
use zf_store::{Row, Sql, StoreError, Value, params};

const UNIT: Uuid = Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001);
const LINK: Uuid = Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0002);

const ADD: Sql = sql(
    "INSERT INTO thing (unit_id, id, flag, amount, name, bytes, link, doc, at, day)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
);
const GET: Sql = sql(
    "SELECT unit_id, id, flag, amount, name, bytes, link, doc, at, day FROM thing
     WHERE unit_id = $1 AND id = $2",
);

fn document() -> serde_json::Value {
    json!({"姓": "王", "n": [1, -2.5, null, true], "deep": {"引号": "\"'\\"}})
}

fn full(id: i64) -> Vec<Value> {
    params![
        UNIT,
        id,
        true,
        -0.1,
        format!("清溪村 {id}"),
        vec![0u8, 255, 1],
        LINK,
        document(),
        Timestamp(1_700_000_000_123_456),
        "2026-11-22"
    ]
}

fn assert_full(row: &Row, id: i64, engine: &str) {
    assert_eq!(row.get::<Uuid>(0).unwrap(), UNIT, "{engine}");
    assert_eq!(row.get::<i64>(1).unwrap(), id, "{engine}");
    assert!(row.get::<bool>(2).unwrap(), "{engine}");
    assert_eq!(row.get::<f64>(3).unwrap(), -0.1, "{engine}");
    assert_eq!(
        row.get::<String>(4).unwrap(),
        format!("清溪村 {id}"),
        "{engine}"
    );
    assert_eq!(row.get::<Vec<u8>>(5).unwrap(), [0, 255, 1], "{engine}");
    assert_eq!(
        row.get::<CustomerId>(6).unwrap(),
        CustomerId(LINK),
        "{engine}"
    );
    assert_eq!(
        row.get::<serde_json::Value>(7).unwrap(),
        document(),
        "{engine}"
    );
    let at: Timestamp = row.get(8).unwrap();
    assert_eq!(at.0, 1_700_000_000_123_456, "{engine}");
    assert_eq!(
        row.get::<Day>(9).unwrap(),
        Day::new(2026, 11, 22).unwrap(),
        "{engine}"
    );
}

#[tokio::test]
async fn every_kind_of_value_comes_back_as_it_went_in() {
    for db in databases().await {
        assert_eq!(db.exec(ADD, full(7)).await.unwrap(), 1);
        let row = db.query_one(GET, params![UNIT, 7]).await.unwrap();
        assert_full(&row, 7, db.name());
    }
}

#[tokio::test]
async fn nulls_come_back_as_none_and_are_refused_as_anything_else() {
    for db in databases().await {
        let mut p = params![UNIT, i64::MIN];
        p.resize(10, Value::Null);
        db.exec(ADD, p).await.unwrap();
        let row = db.query_one(GET, params![UNIT, i64::MIN]).await.unwrap();
        assert_eq!(row.get::<i64>(1).unwrap(), i64::MIN);
        for i in 2..10 {
            assert_eq!(row.get::<Option<String>>(i).unwrap(), None, "{}", db.name());
        }
        assert_eq!(row.get::<Option<bool>>(2).unwrap(), None);
        assert!(matches!(row.get::<String>(4), Err(StoreError::Bug(_))));
        assert!(matches!(row.get::<i64>(99), Err(StoreError::Bug(_))));
    }
}

#[tokio::test]
async fn the_extremes_of_numbers_and_times_survive() {
    for db in databases().await {
        let reals = [f64::MAX, f64::MIN_POSITIVE, -0.0, 1.0 / 3.0];
        let times = [-62_135_596_800_000_000, -1, 0, 253_402_300_799_999_999];
        for (i, (real, time)) in reals.into_iter().zip(times).enumerate() {
            let mut p = full(i as i64);
            p[3] = real.into();
            p[8] = Timestamp(time).into();
            db.exec(ADD, p).await.unwrap();
            let row = db.query_one(GET, params![UNIT, i as i64]).await.unwrap();
            assert_eq!(row.get::<f64>(3).unwrap(), real, "{}", db.name());
            assert_eq!(row.get::<Timestamp>(8).unwrap().0, time, "{}", db.name());
        }
    }
}

#[tokio::test]
async fn a_row_keeps_money_and_weeks_of_the_base_vocabulary() {
    let week: IsoWeek = "2026-W53".parse().unwrap();
    for db in databases().await {
        let mut p = full(12_345_678_901);
        p[1] = Fen(12_345_678_901).into();
        p[9] = week.into();
        db.exec(ADD, p).await.unwrap();
        let row = db
            .query_one(GET, params![UNIT, Fen(12_345_678_901)])
            .await
            .unwrap();
        assert_eq!(row.get::<Fen>(1).unwrap(), Fen(12_345_678_901));
        assert_eq!(row.get::<IsoWeek>(9).unwrap(), week);
        assert_eq!(row.get::<String>(9).unwrap(), "2026-W53");
        assert!(
            matches!(row.get::<u32>(1), Err(StoreError::Bug(_))),
            "out of range"
        );
    }
}

#[tokio::test]
async fn placeholder_ten_is_not_one_followed_by_a_zero() {
    // $10 appears before $1 and between quotes; a text replacement would trip on either.
    const TEN: Sql = sql(
        "SELECT label FROM node WHERE label = $10 AND id = $1 AND '$1' <> '?1'
         AND id NOT IN ($2, $3, $4, $5, $6, $7, $8, $9)",
    );
    for db in databases().await {
        db.exec(ADD_NODE, params![1, None::<i64>, "ten"])
            .await
            .unwrap();
        let p = params![1, 22, 33, 44, 55, 66, 77, 88, 99, "ten"];
        let row = db.query_one(TEN, p).await.unwrap();
        assert_eq!(row.get::<String>(0).unwrap(), "ten", "{}", db.name());
    }
}

#[tokio::test]
async fn a_parameter_can_be_used_twice() {
    const TWICE: Sql = sql("SELECT label FROM node WHERE id = $2 AND (label = $1 OR $1 = label)");
    for db in databases().await {
        db.exec(ADD_NODE, params![5, None::<i64>, "x"])
            .await
            .unwrap();
        assert!(
            db.query_opt(TWICE, params!["x", 5])
                .await
                .unwrap()
                .is_some()
        );
        assert!(
            db.query_opt(TWICE, params!["y", 5])
                .await
                .unwrap()
                .is_none()
        );
    }
}

#[tokio::test]
async fn a_wrong_number_of_parameters_is_a_bug_on_both_engines() {
    for db in databases().await {
        for p in [
            params![],
            params![1, None::<i64>],
            params![1, None::<i64>, "x", 4],
        ] {
            let e = db.exec(ADD_NODE, p).await.unwrap_err();
            assert!(matches!(e, StoreError::Bug(_)), "{}: {e}", db.name());
        }
    }
}

#[tokio::test]
async fn what_only_one_engine_could_store_is_refused_by_both() {
    for db in databases().await {
        for (at, value) in [
            (3, Value::Real(f64::NAN)),
            (3, Value::Real(f64::INFINITY)),
            (4, Value::from("a\0b")),
            (7, Value::Json(json!({"k": ["a\u{0}"]}))),
        ] {
            let mut p = full(1);
            p[at] = value;
            let e = db.exec(ADD, p.clone()).await.unwrap_err();
            assert!(matches!(e, StoreError::Bug(_)), "{}: {e}", db.name());
            let columns = &[
                "unit_id", "id", "flag", "amount", "name", "bytes", "link", "doc", "at", "day",
            ];
            let e = db.bulk("thing", columns, vec![p]).await.unwrap_err();
            assert!(matches!(e, StoreError::Bug(_)), "{}: {e}", db.name());
        }
    }
}

#[tokio::test]
async fn texts_sort_and_compare_by_bytes() {
    for db in databases().await {
        let labels = ["b", "B", "a", "Z", "é", "中", "一", "_", "10", "9"];
        for (i, label) in labels.into_iter().enumerate() {
            db.exec(ADD_NODE, params![i as i64, None::<i64>, label])
                .await
                .unwrap();
        }
        let rows = db.query(LABELS, params![]).await.unwrap();
        let found: Vec<String> = rows.iter().map(|r| r.get(0).unwrap()).collect();
        let mut expected = labels.to_vec();
        expected.sort_unstable_by_key(|label| label.as_bytes().to_vec());
        assert_eq!(found, expected, "{}", db.name());

        const LIKE: Sql = sql("SELECT COUNT(*) FROM node WHERE label LIKE $1");
        let n: i64 = db
            .query_one(LIKE, params!["B%"])
            .await
            .unwrap()
            .get(0)
            .unwrap();
        assert_eq!(n, 1, "{}: LIKE must tell B from b", db.name());
    }
}

#[tokio::test]
async fn sums_and_averages_of_integers_read_the_same() {
    const SUMS: Sql = sql("SELECT SUM(id), AVG(id), SUM(id * -1), COUNT(*) FROM node");
    for db in databases().await {
        for id in [1_i64, 20_000, 4_000_000_000_000_000, 3] {
            db.exec(ADD_NODE, params![id, None::<i64>, "n"])
                .await
                .unwrap();
        }
        let row = db.query_one(SUMS, params![]).await.unwrap();
        assert_eq!(
            row.get::<i64>(0).unwrap(),
            4_000_000_000_020_004,
            "{}",
            db.name()
        );
        assert_eq!(
            row.get::<f64>(1).unwrap(),
            1_000_000_000_005_001.0,
            "{}",
            db.name()
        );
        assert_eq!(
            row.get::<i64>(2).unwrap(),
            -4_000_000_000_020_004,
            "{}",
            db.name()
        );
        assert_eq!(row.get::<u32>(3).unwrap(), 4);
        db.exec(sql("DELETE FROM node WHERE id > $1"), params![3])
            .await
            .unwrap();
        db.exec(ADD_NODE, params![4, None::<i64>, "n"])
            .await
            .unwrap();
        let mean: f64 = db.query_one(SUMS, params![]).await.unwrap().get(1).unwrap();
        assert_eq!(mean, 8.0 / 3.0, "{}", db.name());
    }
}

#[tokio::test]
async fn a_bulk_load_stores_what_single_inserts_would() {
    let columns = &[
        "unit_id", "id", "flag", "amount", "name", "bytes", "link", "doc", "at", "day",
    ];
    for db in databases().await {
        let mut rows: Vec<Vec<Value>> = (0..5_000).map(full).collect();
        rows[17][3..].fill(Value::Null);
        assert_eq!(db.bulk("thing", columns, rows).await.unwrap(), 5_000);
        for id in [0, 16, 18, 4_999] {
            let row = db.query_one(GET, params![UNIT, id]).await.unwrap();
            assert_full(&row, id, db.name());
        }
        let row = db.query_one(GET, params![UNIT, 17]).await.unwrap();
        assert_eq!(row.get::<Option<Vec<u8>>>(5).unwrap(), None);
        let n: i64 = db
            .query_one(sql("SELECT COUNT(*) FROM thing"), params![])
            .await
            .unwrap()
            .get(0)
            .unwrap();
        assert_eq!(n, 5_000, "{}", db.name());
        assert_eq!(db.bulk("thing", columns, vec![]).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn one_statement_for_many_rows_counts_what_it_changed_and_fails_as_a_whole() {
    const NAME: Sql = sql("UPDATE thing SET name = $3 WHERE unit_id = $1 AND id = $2");
    for db in databases().await {
        let columns = &[
            "unit_id", "id", "flag", "amount", "name", "bytes", "link", "doc", "at", "day",
        ];
        let rows = (0..700).map(full).collect();
        db.bulk("thing", columns, rows).await.unwrap();
        let change = |ids: std::ops::Range<i64>| -> Vec<Vec<Value>> {
            ids.map(|id| params![UNIT, id, format!("N{id}")]).collect()
        };
        let mut tx = db.begin().await.unwrap();
        // Two hundred of them are not there.
        assert_eq!(tx.exec_many(NAME, change(100..900)).await.unwrap(), 600);
        assert_eq!(tx.exec_many(NAME, vec![]).await.unwrap(), 0);
        tx.commit().await.unwrap();
        for (id, name) in [(99, "清溪村 99"), (100, "N100"), (699, "N699")] {
            let row = db.query_one(GET, params![UNIT, id]).await.unwrap();
            assert_eq!(row.get::<String>(4).unwrap(), name, "{}", db.name());
        }
        let mut tx = db.begin().await.unwrap();
        let mut rows = change(0..10);
        rows[7].pop();
        let e = tx.exec_many(NAME, rows).await.unwrap_err();
        assert!(matches!(e, StoreError::Bug(_)), "{}: {e}", db.name());
        assert!(tx.commit().await.is_err());
        let row = db.query_one(GET, params![UNIT, 0]).await.unwrap();
        assert_eq!(row.get::<String>(4).unwrap(), "清溪村 0", "{}", db.name());
    }
}

#[tokio::test]
async fn a_bulk_load_with_a_duplicate_leaves_nothing() {
    let columns = &["id", "label"];
    for db in databases().await {
        let rows = [1, 2, 3, 2].map(|id| params![id, "x"]).to_vec();
        let e = db.bulk("node", columns, rows).await.unwrap_err();
        assert_eq!(
            e,
            StoreError::Conflict {
                constraint: "node(id)".into()
            },
            "{}",
            db.name()
        );
        assert!(
            db.query(LABELS, params![]).await.unwrap().is_empty(),
            "{}",
            db.name()
        );
        let e = db
            .bulk("node", columns, vec![params![1]])
            .await
            .unwrap_err();
        assert!(
            matches!(e, StoreError::Bug(_)),
            "{}: a short row: {e}",
            db.name()
        );
        let e = db
            .bulk("node; DROP TABLE node", columns, vec![])
            .await
            .unwrap_err();
        assert!(matches!(e, StoreError::Bug(_)), "{}: {e}", db.name());
    }
}
