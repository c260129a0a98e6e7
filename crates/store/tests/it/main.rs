//! What the database layer promises, tried on both engines. PostgreSQL takes
//! part when `ZF_TEST_PG` is set, otherwise the tests print `skipped: …`.

#![allow(clippy::unwrap_used)]

mod copying;
mod errors;
mod group_commit;
mod migrating;
mod schema;
mod values;

use zf_store::testing::{TestDb, test_databases};
use zf_store::{Migration, Scope, Sql};

/// A schema with every type, a key into its own table and one into another.
pub const FILES: &[Migration] = &[
    Migration {
        name: "0001_thing.sql",
        sql: "CREATE TABLE thing (
            unit_id {uuid} NOT NULL, id {int} NOT NULL, flag {bool}, amount {real}, name {text},
            bytes {blob}, link {uuid}, doc {json}, at {time}, day {day},
            PRIMARY KEY (unit_id, id)) {opts};
            CREATE UNIQUE INDEX thing_name ON thing (unit_id, name);",
    },
    Migration {
        name: "0002_part.sql",
        sql: "CREATE TABLE node (id {int} NOT NULL PRIMARY KEY, parent_id {int} REFERENCES node (id),
            label {text} NOT NULL CHECK (label <> 'forbidden')) {opts};
            CREATE TABLE a_part (unit_id {uuid} NOT NULL, id {int} NOT NULL, node_id {int} REFERENCES node (id),
            PRIMARY KEY (unit_id, id)) {opts};",
    },
];

/// Fresh databases with that schema.
pub async fn databases() -> Vec<TestDb> {
    test_databases(FILES).await
}

/// A statement for one test.
pub const fn sql(text: &'static str) -> Sql {
    Sql {
        name: "TEST_STATEMENT",
        text,
        scope: Scope::Ref,
        module: "tests",
    }
}

/// Three parameters.
pub const ADD_NODE: Sql = sql("INSERT INTO node (id, parent_id, label) VALUES ($1, $2, $3)");
/// One row.
pub const COUNT_NODES: Sql = sql("SELECT COUNT(*) FROM node");
/// All labels.
pub const LABELS: Sql = sql("SELECT label FROM node ORDER BY label");
