//! How failures are told, and what they leave behind.

use crate::{ADD_NODE, COUNT_NODES, databases, sql};
use zf_base::Uuid;
use zf_store::{Db, Sql, StoreError, Value, params};

const ADD_THING: Sql = sql("INSERT INTO thing (unit_id, id, name) VALUES ($1, $2, $3)");

async fn nodes(db: &Db) -> i64 {
    db.query_one(COUNT_NODES, params![])
        .await
        .unwrap()
        .get(0)
        .unwrap()
}

fn conflict(constraint: &str) -> StoreError {
    StoreError::Conflict {
        constraint: constraint.into(),
    }
}

#[tokio::test]
async fn violated_keys_are_conflicts_that_name_table_and_columns() {
    let unit = Uuid::from_u128(1);
    for db in databases().await {
        db.exec(ADD_THING, params![unit, 1, "王"]).await.unwrap();
        let e = db
            .exec(ADD_THING, params![unit, 1, "李"])
            .await
            .unwrap_err();
        assert_eq!(e, conflict("thing(unit_id, id)"), "{}", db.name());
        let e = db
            .exec(ADD_THING, params![unit, 2, "王"])
            .await
            .unwrap_err();
        assert_eq!(e, conflict("thing(unit_id, name)"), "{}", db.name());
        let e = db
            .exec(ADD_NODE, params![1, 77, "orphan"])
            .await
            .unwrap_err();
        assert_eq!(e, conflict("foreign key"), "{}", db.name());
    }
}

#[tokio::test]
async fn nothing_found_is_not_found_and_two_rows_are_a_bug() {
    const ONE: Sql = sql("SELECT label FROM node WHERE label = $1");
    for db in databases().await {
        assert_eq!(
            db.query_one(ONE, params!["x"]).await.unwrap_err(),
            StoreError::NotFound
        );
        assert!(db.query_opt(ONE, params!["x"]).await.unwrap().is_none());
        db.exec(ADD_NODE, params![1, None::<i64>, "x"])
            .await
            .unwrap();
        db.exec(ADD_NODE, params![2, None::<i64>, "x"])
            .await
            .unwrap();
        let e = db.query_opt(ONE, params!["x"]).await.unwrap_err();
        assert!(matches!(e, StoreError::Bug(_)), "{e}");
    }
}

const SECRET: &str = "13912345678";

/// Statements that fail on one engine or both, with values that must not be told.
fn failing(unit: Uuid) -> Vec<(Sql, Vec<Value>)> {
    vec![
        (
            sql("INSERT INTO node (id, label) VALUES ($1, $2)"),
            params![SECRET, "x"],
        ),
        (
            sql("INSERT INTO node (id, label) VALUES ($1, $2)"),
            params![1, Value::Null],
        ),
        (
            sql("INSERT INTO node (id, label) VALUES ($1, CAST($2 AS {text}))"),
            params![1, SECRET],
        ),
        (
            sql("SELECT id FROM thing WHERE doc ->> 'a' = $1 AND no_such_column = 1"),
            params![SECRET],
        ),
        (
            sql("SELECT id FROM thing WHERE CAST($1 AS JSON) IS NOT NULL AND doc = $1"),
            params![SECRET],
        ),
        (
            sql("INSERT INTO thing (unit_id, id, doc) VALUES ($1, 1, $2)"),
            params![unit, SECRET],
        ),
        (
            sql("INSERT INTO thing (unit_id, id, at) VALUES ($1, 1, $2)"),
            params![unit, SECRET],
        ),
        (
            sql("INSERT INTO thing (unit_id, id, name) VALUES ($1, 1, $2)"),
            params![SECRET, SECRET],
        ),
        (
            sql("INSERT INTO thing (unit_id, id, name) VALUES ($1, $2, $2)"),
            params![unit, SECRET],
        ),
        (
            ADD_NODE,
            params![13_912_345_678_i64, 13_912_345_678_i64 + 1, "x"],
        ),
        (ADD_NODE, params![1, None::<i64>, "forbidden"]),
    ]
}

#[tokio::test]
async fn error_texts_name_the_statement_and_never_a_value() {
    let unit = Uuid::from_u128(0x1391_2345_6781_3912_3456_7813_9123_4567);
    for db in databases().await {
        db.exec(ADD_THING, params![unit, 9, SECRET]).await.unwrap();
        let mut failed = 0;
        let mut all = failing(unit);
        all.push((ADD_THING, params![unit, 10, SECRET]));
        all.push((ADD_THING, params![unit, 9, "other"]));
        for (statement, p) in all {
            assert!(
                !format!("{p:?}").contains(SECRET),
                "Debug of values shows content"
            );
            let Err(e) = db.exec(statement, p).await else {
                continue;
            };
            failed += 1;
            for text in [e.to_string(), format!("{e:?}")] {
                assert!(!text.contains(SECRET), "{}: {text}", db.name());
                assert!(!text.contains("1391-2345"), "{}: {text}", db.name());
                assert!(!text.contains("13912345"), "{}: {text}", db.name());
            }
            if let StoreError::Bug(text) = &e {
                assert!(text.starts_with("TEST_STATEMENT"), "{}: {text}", db.name());
            }
        }
        assert!(
            failed >= 9,
            "{}: only {failed} statements failed",
            db.name()
        );
    }
}

#[tokio::test]
async fn a_dropped_transaction_leaves_nothing_and_frees_the_writer() {
    for db in databases().await {
        {
            let mut tx = db.begin().await.unwrap();
            tx.exec(ADD_NODE, params![1, None::<i64>, "lost"])
                .await
                .unwrap();
            let seen: i64 = tx
                .query_one(COUNT_NODES, params![])
                .await
                .unwrap()
                .get(0)
                .unwrap();
            assert_eq!(seen, 1, "a transaction sees its own writes");
            assert_eq!(nodes(&db).await, 0, "nobody else does");
        }
        let mut tx = db.begin().await.unwrap();
        tx.exec(ADD_NODE, params![2, None::<i64>, "undone"])
            .await
            .unwrap();
        tx.rollback().await.unwrap();
        let mut tx = db.begin().await.unwrap();
        tx.exec(ADD_NODE, params![3, None::<i64>, "kept"])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(nodes(&db).await, 1, "{}", db.name());
    }
}

#[tokio::test]
async fn an_unused_transaction_ends_either_way() {
    for db in databases().await {
        db.begin().await.unwrap().commit().await.unwrap();
        db.begin().await.unwrap().rollback().await.unwrap();
        drop(db.begin().await.unwrap());
        assert_eq!(nodes(&db).await, 0);
    }
}

#[tokio::test]
async fn after_an_error_a_transaction_can_only_be_undone() {
    for db in databases().await {
        let mut tx = db.begin().await.unwrap();
        tx.exec(ADD_NODE, params![1, None::<i64>, "first"])
            .await
            .unwrap();
        let e = tx
            .exec(ADD_NODE, params![1, None::<i64>, "again"])
            .await
            .unwrap_err();
        assert_eq!(e, conflict("node(id)"));
        let e = tx
            .exec(ADD_NODE, params![2, None::<i64>, "more"])
            .await
            .unwrap_err();
        assert!(matches!(e, StoreError::Bug(_)), "{}: {e}", db.name());
        let e = tx.commit().await.unwrap_err();
        assert!(matches!(e, StoreError::Bug(_)), "{}: {e}", db.name());
        assert_eq!(nodes(&db).await, 0, "{}", db.name());
    }
}

#[tokio::test]
async fn not_finding_a_row_does_not_spoil_the_transaction() {
    const ONE: Sql = sql("SELECT label FROM node WHERE id = $1");
    for db in databases().await {
        let mut tx = db.begin().await.unwrap();
        assert_eq!(
            tx.query_one(ONE, params![1]).await.unwrap_err(),
            StoreError::NotFound
        );
        let given = tx
            .exec_returning(
                sql("INSERT INTO node (id, label) VALUES ($1, $2) RETURNING label"),
                params![1, "x"],
            )
            .await
            .unwrap();
        assert_eq!(given[0].get::<String>(0).unwrap(), "x");
        tx.commit().await.unwrap();
        assert_eq!(nodes(&db).await, 1, "{}", db.name());
    }
}

#[tokio::test]
async fn a_url_that_cannot_be_used_is_unavailable_and_keeps_its_password() {
    for url in [
        "mysql://u:geheim@localhost/x",
        "postgres://u:geheim@127.0.0.1:1/x",
        "postgres://u:geheim@127.0.0.1:1/x?sslmode=require",
        "postgres://u:geheim@127.0.0.1:1/x?sslmode=require&sslrootcert=/nowhere.pem",
        "postgres://u:geheim@127.0.0.1:1/x?nonsense=1",
        "sqlite::memory:",
        "sqlite:/no/such/folder/x.db",
    ] {
        let Err(e) = Db::open(url).await else {
            panic!("{url} opened")
        };
        assert!(matches!(e, StoreError::Unavailable(_)), "{url}: {e}");
        assert!(!e.to_string().contains("geheim"), "{e}");
    }
}

#[tokio::test]
async fn a_closed_database_is_unavailable() {
    for db in databases().await {
        db.exec(ADD_NODE, params![1, None::<i64>, "x"])
            .await
            .unwrap();
        db.close().await.unwrap();
        let e = db.query(COUNT_NODES, params![]).await.unwrap_err();
        assert!(
            matches!(e, StoreError::Unavailable(_)),
            "{}: {e}",
            db.name()
        );
        let e = db
            .exec(ADD_NODE, params![2, None::<i64>, "x"])
            .await
            .unwrap_err();
        assert!(
            matches!(e, StoreError::Unavailable(_)),
            "{}: {e}",
            db.name()
        );
        let again = Db::open(db.url()).await.unwrap();
        assert_eq!(nodes(&again).await, 1, "{}", db.name());
    }
}

#[tokio::test]
async fn a_deadlock_asks_for_the_whole_transaction_again() {
    const TOUCH: Sql = sql("UPDATE node SET label = $2 WHERE id = $1");
    for db in databases().await {
        for id in [1, 2] {
            db.exec(ADD_NODE, params![id, None::<i64>, "x"])
                .await
                .unwrap();
        }
        let (mut a, mut b) = (db.begin().await.unwrap(), db.begin().await.unwrap());
        a.exec(TOUCH, params![1, "a"]).await.unwrap();
        if db.name() == "sqlite" {
            continue; // one writer: the second waits for the first, no deadlock is possible
        }
        b.exec(TOUCH, params![2, "b"]).await.unwrap();
        let (x, y) = tokio::join!(a.exec(TOUCH, params![2, "a"]), async {
            let result = b.exec(TOUCH, params![1, "b"]).await;
            if result.is_err() {
                b.rollback().await.unwrap();
            }
            result
        });
        let failed: Vec<StoreError> = [x, y].into_iter().filter_map(Result::err).collect();
        assert_eq!(failed, [StoreError::Retry]);
    }
}
