//! Migrations.

use crate::{ADD_NODE, COUNT_NODES, FILES, databases};
use zf_store::testing::test_databases;
use zf_store::{Db, Migration, StoreError, params};

#[tokio::test]
async fn migrating_twice_does_nothing_the_second_time() {
    for db in test_databases(&[]).await {
        let status = db.migration_status(FILES).await.unwrap();
        assert!(status.iter().all(|(_, at)| at.is_none()), "{}", db.name());
        let done = db.migrate(FILES).await.unwrap();
        assert_eq!(done, ["0001_thing.sql", "0002_part.sql"], "{}", db.name());
        db.exec(ADD_NODE, params![1, None::<i64>, "kept"])
            .await
            .unwrap();
        assert!(db.migrate(FILES).await.unwrap().is_empty(), "{}", db.name());
        let n: i64 = db
            .query_one(COUNT_NODES, params![])
            .await
            .unwrap()
            .get(0)
            .unwrap();
        assert_eq!(n, 1);
        let status = db.migration_status(FILES).await.unwrap();
        assert_eq!(status[1].0, "0002_part.sql");
        assert!(
            status[1].1.unwrap().0 > 1_700_000_000_000_000,
            "{}",
            db.name()
        );
    }
}

fn is_migration(e: &StoreError, needle: &str) -> bool {
    matches!(e, StoreError::Migration(text) if text.contains(needle))
}

#[tokio::test]
async fn a_changed_or_unknown_file_is_refused() {
    for db in databases().await {
        let changed = [
            Migration {
                name: FILES[0].name,
                sql: "CREATE TABLE other (id {int}) {opts_rowid}",
            },
            FILES[1],
        ];
        let e = db.migrate(&changed).await.unwrap_err();
        assert!(
            is_migration(&e, "0001_thing.sql was changed"),
            "{}: {e}",
            db.name()
        );
        let e = db.migrate(&FILES[..1]).await.unwrap_err();
        assert!(is_migration(&e, "0002_part.sql"), "{}: {e}", db.name());
        assert!(db.migrate(FILES).await.unwrap().is_empty(), "{}", db.name());
    }
}

#[tokio::test]
async fn windows_line_ends_are_not_a_change() {
    for db in databases().await {
        let crlf: &'static str = FILES[0].sql.replace('\n', "\r\n").leak();
        let same = [
            Migration {
                name: FILES[0].name,
                sql: crlf,
            },
            FILES[1],
        ];
        assert!(db.migrate(&same).await.unwrap().is_empty(), "{}", db.name());
    }
}

#[tokio::test]
async fn a_file_that_fails_half_way_leaves_nothing() {
    for db in test_databases(&[]).await {
        let broken = [Migration {
            name: "0001_broken.sql",
            sql: "CREATE TABLE half (id {int} NOT NULL PRIMARY KEY) {opts}; CREATE TABLE half (id {int}) {opts_rowid};",
        }];
        let e = db.migrate(&broken).await.unwrap_err();
        assert!(is_migration(&e, "0001_broken.sql"), "{}: {e}", db.name());
        let tables = db.tables().await.unwrap();
        assert!(tables.iter().all(|t| t.name != "half"), "{}", db.name());
        let unknown = [Migration {
            name: "0001_token.sql",
            sql: "CREATE TABLE t (id {number}) {opts_rowid}",
        }];
        let e = db.migrate(&unknown).await.unwrap_err();
        assert!(is_migration(&e, "{number}"), "{}: {e}", db.name());
        let fixed = [Migration {
            name: "0001_broken.sql",
            sql: "CREATE TABLE half (id {int} NOT NULL PRIMARY KEY, doc {json} DEFAULT '{}') {opts}",
        }];
        assert_eq!(db.migrate(&fixed).await.unwrap().len(), 1, "{}", db.name());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_that_start_together_apply_each_file_once() {
    for db in test_databases(&[]).await {
        let mut starts = Vec::new();
        for _ in 0..4 {
            let other = Db::open(db.url()).await.unwrap();
            starts.push(tokio::spawn(async move { other.migrate(FILES).await }));
        }
        let mut applied = Vec::new();
        for start in starts {
            applied.extend(
                start
                    .await
                    .unwrap()
                    .unwrap_or_else(|e| panic!("{}: {e}", db.name())),
            );
        }
        applied.sort();
        assert_eq!(
            applied,
            ["0001_thing.sql", "0002_part.sql"],
            "{}",
            db.name()
        );
    }
}
