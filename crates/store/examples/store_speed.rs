//! Figures of this machine: transactions per second alone and in groups, and a
//! bulk load. `cargo run --release -p zf-store --example store_speed`; PostgreSQL
//! takes part when `ZF_TEST_PG` is set.

use std::time::Instant;
use zf_base::{Timestamp, Uuid};
use zf_store::testing::{TestDb, test_databases};
use zf_store::{Migration, StoreError, params, statements};

const FILES: &[Migration] = &[Migration {
    name: "0001_speed.sql",
    sql: "CREATE TABLE node (id {int} NOT NULL PRIMARY KEY, label {text} NOT NULL) {opts};
        CREATE TABLE thing (unit_id {uuid} NOT NULL, id {int} NOT NULL, flag {bool}, amount {real},
        name {text}, bytes {blob}, link {uuid}, doc {json}, at {time}, day {day},
        PRIMARY KEY (unit_id, id)) {opts};
        CREATE UNIQUE INDEX thing_name ON thing (unit_id, name);",
}];
statements! {
    /// A row of the small table.
    ADD_NODE: reference = "INSERT INTO node (id, label) VALUES ($1, $2)";
    /// Nothing but the way there and back.
    PING: reference = "SELECT label FROM node WHERE id = $1";
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), StoreError> {
    for db in test_databases(FILES).await {
        commits(&db).await?;
        bulk(&db).await?;
    }
    Ok(())
}

async fn commits(db: &TestDb) -> Result<(), StoreError> {
    let name = db.name();
    let begun = Instant::now();
    for i in 0..500_i64 {
        db.exec(ADD_NODE, params![i, "single"]).await?;
    }
    let rate = 500.0 / begun.elapsed().as_secs_f64();
    println!("{name}: one writer, {rate:.0} tx/s");

    let begun = Instant::now();
    let write = async |db: zf_store::Db, w: i64| {
        for i in 0..100 {
            let mut tx = db.begin().await?;
            let id = 1_000 + w * 100 + i;
            tx.exec(ADD_NODE, params![id, "grouped"]).await?;
            tx.commit().await?;
        }
        Ok::<(), StoreError>(())
    };
    let tasks: Vec<_> = (0..64)
        .map(|w| tokio::spawn(write((*db).clone(), w)))
        .collect();
    for task in tasks {
        task.await.map_err(|e| StoreError::Bug(e.to_string()))??;
    }
    let rate = 6_400.0 / begun.elapsed().as_secs_f64();
    println!("{name}: 64 writers, {rate:.0} tx/s");
    if let Some(stats) = db.write_stats() {
        let (n, flushes) = (stats.transactions(), stats.commits());
        println!("{name}: {n} transactions on {flushes} flushes in all");
    }
    let begun = Instant::now();
    for i in 0..5_000_i64 {
        db.query_one(PING, params![i % 500]).await?;
    }
    let each = begun.elapsed().as_secs_f64() / 5_000.0 * 1e6;
    println!("{name}: one read {each:.0} µs");
    Ok(())
}

async fn bulk(db: &TestDb) -> Result<(), StoreError> {
    let rows: Vec<_> = (0..100_000_i64)
        .map(|i| {
            let id = Uuid::from_u128(i as u128);
            params![
                Uuid::nil(),
                i,
                true,
                1.5,
                format!("户 {i}"),
                vec![7u8; 39],
                id,
                serde_json::json!({"a": i}),
                Timestamp(i),
                "2026-11-22"
            ]
        })
        .collect();
    let columns = &[
        "unit_id", "id", "flag", "amount", "name", "bytes", "link", "doc", "at", "day",
    ];
    let begun = Instant::now();
    db.bulk("thing", columns, rows).await?;
    let seconds = begun.elapsed().as_secs_f64();
    println!("{}: bulk of 100,000 rows in {seconds:.2} s", db.name());
    Ok(())
}
