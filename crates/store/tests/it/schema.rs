//! Looking at statements and tables.

use crate::{ADD_NODE, FILES, databases, sql};
use zf_store::testing::TestDb;
use zf_store::{Scope, Sql, StoreError, params, statements};

statements! {
    /// A thing.
    THING: unit = "SELECT name, day FROM thing WHERE unit_id = $1 AND id = $2";
    NODE_LIST: reference = "SELECT id, label FROM node ORDER BY id";
    THINGS: cross = concat!("SELECT COUNT(*)", " FROM thing");
}

#[test]
fn the_macro_lists_every_statement_with_its_scope() {
    let names: Vec<_> = STATEMENTS.iter().map(|s| (s.name, s.scope)).collect();
    let expected = [
        ("THING", Scope::Unit),
        ("NODE_LIST", Scope::Ref),
        ("THINGS", Scope::Cross),
    ];
    assert_eq!(names, expected);
    assert!(THING.module.ends_with("schema"));
}

#[tokio::test]
async fn checking_prepares_a_statement_and_describes_it() {
    for db in databases().await {
        for statement in STATEMENTS {
            db.check(statement).await.unwrap();
        }
        let described = db.check(&THING).await.unwrap();
        assert_eq!(described.params.len(), 2, "{}", db.name());
        let columns: Vec<_> = described.columns.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(columns, ["name", "day"]);
        if db.name() == "postgres" {
            assert_eq!(described.params, ["uuid", "int8"]);
            assert_eq!(described.columns[0].ty, "text");
        }
        for wrong in [
            "SELECT nothing FROM thing",
            "SELEC 1",
            "SELECT id FROM node WHERE id = $2",
        ] {
            let e = db.check(&sql(wrong)).await.unwrap_err();
            assert!(
                matches!(e, StoreError::Bug(_)),
                "{} {wrong}: {e}",
                db.name()
            );
        }
    }
}

#[tokio::test]
async fn tables_are_listed_with_keys_and_references() {
    for db in databases().await {
        let tables = db.tables().await.unwrap();
        let names: Vec<_> = tables.iter().map(|t| t.name.as_str()).collect();
        assert_eq!(
            names,
            ["a_part", "node", "schema_lock", "schema_migration", "thing"],
            "{}",
            db.name()
        );
        assert_eq!(tables[0].primary_key, ["unit_id", "id"]);
        assert_eq!(tables[0].references, ["node"]);
        assert_eq!(tables[1].references, ["node"]);
        let columns: Vec<_> = tables[1].columns.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(columns, ["id", "parent_id", "label"]);
        let ty = tables[1].columns[0].ty.as_str();
        assert_eq!(
            ty,
            if db.name() == "sqlite" {
                "INTEGER"
            } else {
                "bigint"
            }
        );
    }
}

#[tokio::test]
async fn a_plan_tells_whether_an_index_is_used() {
    let db = TestDb::sqlite(FILES).await.unwrap();
    let unit = zf_base::Uuid::from_u128(1);
    let plan = db.explain(THING, params![unit, 1]).await.unwrap();
    assert!(plan.contains("SEARCH thing USING PRIMARY KEY"), "{plan}");
    let plan = db
        .explain(sql("SELECT id FROM thing WHERE day = $1"), params!["x"])
        .await
        .unwrap();
    assert!(plan.contains("SCAN thing"), "{plan}");
    for db in databases().await {
        assert!(
            !db.explain(THING, params![unit, 1])
                .await
                .unwrap()
                .is_empty(),
            "{}",
            db.name()
        );
    }
}

#[tokio::test]
async fn vacuum_runs_beside_open_connections() {
    for db in databases().await {
        db.exec(ADD_NODE, params![1, None::<i64>, "x"])
            .await
            .unwrap();
        db.vacuum()
            .await
            .unwrap_or_else(|e| panic!("{}: {e}", db.name()));
    }
}

#[tokio::test]
async fn text_columns_of_postgres_do_not_follow_the_locale_of_the_server() {
    const COLLATIONS: Sql = sql(
        "SELECT column_name, collation_name FROM information_schema.columns
         WHERE table_name = $1 AND data_type = 'text' ORDER BY column_name",
    );
    for db in databases().await {
        if db.name() == "sqlite" {
            continue; // compares bytes unless told otherwise
        }
        let rows = db.query(COLLATIONS, params!["thing"]).await.unwrap();
        let found: Vec<(String, Option<String>)> = rows
            .iter()
            .map(|r| (r.get(0).unwrap(), r.get(1).unwrap()))
            .collect();
        let c = |name: &str| (name.to_owned(), Some("C".to_owned()));
        assert_eq!(found, [c("day"), c("name")]);
    }
}
