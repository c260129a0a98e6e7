//! The one writer of SQLite (and, where it makes sense, PostgreSQL alike).

use crate::{ADD_NODE, COUNT_NODES, FILES, databases, sql};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Barrier;
use zf_store::testing::TestDb;
use zf_store::{Db, Sql, StoreError, params};

async fn nodes(db: &Db) -> i64 {
    db.query_one(COUNT_NODES, params![])
        .await
        .unwrap()
        .get(0)
        .unwrap()
}

/// 64 tasks with a transaction of two statements each; every eighth fails on purpose.
async fn many_writers(db: &Db, fail_some: bool) -> Vec<Result<(), StoreError>> {
    let start = Arc::new(Barrier::new(64));
    let tasks: Vec<_> = (0..64_i64)
        .map(|i| {
            let (db, start) = (db.clone(), start.clone());
            tokio::spawn(async move {
                start.wait().await;
                let mut tx = db.begin().await?;
                tx.exec(ADD_NODE, params![2 * i, None::<i64>, "even"])
                    .await?;
                let parent = if fail_some && i % 8 == 3 {
                    9_999
                } else {
                    2 * i
                };
                tx.exec(ADD_NODE, params![2 * i + 1, parent, "odd"]).await?;
                tx.commit().await
            })
        })
        .collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_writers_share_flushes_and_all_are_durable() {
    for db in databases().await {
        let results = many_writers(&db, false).await;
        assert!(
            results.iter().all(Result::is_ok),
            "{}: {results:?}",
            db.name()
        );
        assert_eq!(nodes(&db).await, 128, "{}", db.name());
        if let Some(stats) = db.write_stats() {
            assert_eq!(stats.transactions(), 64);
            assert!(
                stats.commits() < 32,
                "{} flushes for 64 transactions",
                stats.commits()
            );
        }
        // Somebody else who opens the file sees them: they were committed, not just written.
        let other = Db::open(db.url()).await.unwrap();
        assert_eq!(nodes(&other).await, 128, "{}", db.name());
    }
}

#[tokio::test]
async fn it_works_on_a_runtime_of_one_thread_too() {
    let db = TestDb::sqlite(FILES).await.unwrap();
    let results = many_writers(&db, false).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(nodes(&db).await, 128);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_fails_takes_nobody_of_its_group_along() {
    for db in databases().await {
        let results = many_writers(&db, true).await;
        for (i, result) in results.iter().enumerate() {
            let conflict = StoreError::Conflict {
                constraint: "foreign key".into(),
            };
            let expected = if i % 8 == 3 { Err(conflict) } else { Ok(()) };
            assert_eq!(*result, expected, "{} writer {i}", db.name());
        }
        assert_eq!(nodes(&db).await, 2 * 56, "{}", db.name());
    }
}

#[tokio::test]
async fn an_answered_commit_is_in_the_file_even_when_others_still_write() {
    let db = TestDb::sqlite(FILES).await.unwrap();
    let other = Db::open(db.url()).await.unwrap();
    for i in 0..20 {
        let (a, b) = tokio::join!(db.exec(ADD_NODE, params![2 * i, None::<i64>, "a"]), async {
            let mut tx = db.begin().await.unwrap();
            tx.exec(ADD_NODE, params![2 * i + 1, None::<i64>, "b"])
                .await
                .unwrap();
            tx.commit().await
        });
        a.unwrap();
        b.unwrap();
        assert_eq!(nodes(&other).await, 2 * i64::from(i) + 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_is_not_answered_before_its_group_is_in_the_file() {
    let db = TestDb::sqlite(FILES).await.unwrap();
    let other = Db::open(db.url()).await.unwrap();
    let mut holder = db.begin().await.unwrap();
    holder
        .exec(ADD_NODE, params![1, None::<i64>, "holder"])
        .await
        .unwrap();
    // A member queues behind the holder, and behind it one that keeps the group open.
    let member = tokio::spawn({
        let db = (*db).clone();
        async move { db.exec(ADD_NODE, params![2, None::<i64>, "member"]).await }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    let (opened, is_open) = tokio::sync::oneshot::channel();
    let (finish, may_finish) = tokio::sync::oneshot::channel::<()>();
    let keeper = tokio::spawn({
        let db = (*db).clone();
        async move {
            let mut tx = db.begin().await?;
            tx.exec(ADD_NODE, params![3, None::<i64>, "keeper"]).await?;
            opened.send(()).unwrap();
            may_finish.await.unwrap();
            tx.commit().await
        }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    holder.commit().await.unwrap();
    is_open.await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    // On a slow machine the member's group may have been flushed early; then it is answered.
    let answered = member.is_finished();
    assert_eq!(nodes(&other).await, if answered { 2 } else { 1 });
    finish.send(()).unwrap();
    keeper.await.unwrap().unwrap();
    member.await.unwrap().unwrap();
    assert_eq!(nodes(&other).await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_future_gives_the_writer_back() {
    for db in databases().await {
        let holder = db.clone();
        let task = tokio::spawn(async move {
            let mut tx = holder.begin().await.unwrap();
            tx.exec(ADD_NODE, params![1, None::<i64>, "cancelled"])
                .await
                .unwrap();
            std::future::pending::<()>().await;
            tx.commit().await.unwrap();
        });
        tokio::time::sleep(Duration::from_millis(100)).await;
        task.abort();
        let begun = Instant::now();
        db.exec(ADD_NODE, params![1, None::<i64>, "next"])
            .await
            .unwrap();
        assert!(
            begun.elapsed() < Duration::from_secs(5),
            "{}: waited {:?}",
            db.name(),
            begun.elapsed()
        );
        assert_eq!(nodes(&db).await, 1, "{}", db.name());
    }
}

#[tokio::test]
async fn a_call_cancelled_half_way_spoils_its_transaction() {
    for db in databases().await {
        let mut tx = db.begin().await.unwrap();
        tx.exec(ADD_NODE, params![1, None::<i64>, "before"])
            .await
            .unwrap();
        {
            // Polled once, so it is on its way, then dropped.
            let call = tx.exec(ADD_NODE, params![2, None::<i64>, "half"]);
            let polled = tokio::time::timeout(Duration::ZERO, call).await;
            if polled.is_ok() {
                continue; // finished before it could be cancelled
            }
        }
        let e = tx.commit().await.unwrap_err();
        assert!(matches!(e, StoreError::Bug(_)), "{}: {e}", db.name());
        assert_eq!(nodes(&db).await, 0, "{}", db.name());
    }
}

#[tokio::test]
async fn waiting_in_the_queue_and_giving_up_leaves_no_trace() {
    let db = TestDb::sqlite(FILES).await.unwrap();
    let mut first = db.begin().await.unwrap();
    first
        .exec(ADD_NODE, params![1, None::<i64>, "first"])
        .await
        .unwrap();
    let mut impatient = db.begin().await.unwrap();
    let wait = impatient.exec(ADD_NODE, params![2, None::<i64>, "impatient"]);
    assert!(
        tokio::time::timeout(Duration::from_millis(50), wait)
            .await
            .is_err()
    );
    drop(impatient);
    first.commit().await.unwrap();
    db.exec(ADD_NODE, params![3, None::<i64>, "third"])
        .await
        .unwrap();
    let ids = db
        .query(sql("SELECT id FROM node ORDER BY id"), params![])
        .await
        .unwrap();
    let ids: Vec<i64> = ids.iter().map(|r| r.get(0).unwrap()).collect();
    assert_eq!(ids, [1, 3]);
}

#[tokio::test]
async fn reads_outside_of_a_transaction_cannot_write() {
    const SNEAKY: Sql = sql("INSERT INTO node (id, label) VALUES ($1, 'x') RETURNING id");
    let db = TestDb::sqlite(FILES).await.unwrap();
    let e = db.query(SNEAKY, params![1]).await.unwrap_err();
    assert!(matches!(e, StoreError::Bug(_)), "{e}");
    assert_eq!(
        db.exec_returning(SNEAKY, params![1]).await.unwrap().len(),
        1
    );
}

#[tokio::test]
async fn one_job_is_claimed_by_one_worker_only() {
    const CLAIM: Sql = sql(
        "UPDATE node SET label = 'taken' WHERE id IN
         (SELECT id FROM node WHERE label = 'free' ORDER BY id LIMIT 1 {skip_locked}) RETURNING id",
    );
    for db in databases().await {
        for id in 0..20 {
            db.exec(ADD_NODE, params![id, None::<i64>, "free"])
                .await
                .unwrap();
        }
        let claims = (0..20).map(|_| {
            let db = db.clone();
            tokio::spawn(async move { db.exec_returning(CLAIM, params![]).await.unwrap() })
        });
        let mut ids = Vec::new();
        for claim in claims.collect::<Vec<_>>() {
            ids.extend(
                claim
                    .await
                    .unwrap()
                    .iter()
                    .map(|r| r.get::<i64>(0).unwrap()),
            );
        }
        ids.sort_unstable();
        assert_eq!(ids, (0..20).collect::<Vec<i64>>(), "{}", db.name());
    }
}

#[tokio::test]
async fn the_writer_flushes_each_commit_and_checks_foreign_keys() {
    let db = TestDb::sqlite(FILES).await.unwrap();
    let ask = async |what| db.exec_returning(sql(what), params![]).await.unwrap();
    let full = 2; // SQLite's number for FULL
    assert_eq!(
        ask("PRAGMA synchronous").await[0].get::<i64>(0).unwrap(),
        full
    );
    assert_eq!(
        ask("PRAGMA foreign_keys").await[0].get::<i64>(0).unwrap(),
        1
    );
    assert_eq!(
        ask("PRAGMA journal_mode").await[0]
            .get::<String>(0)
            .unwrap(),
        "wal"
    );
}
