//! Every statement of the program, and the shape of the schema: the rules that
//! let one schema run on one machine or on many.

use std::collections::BTreeSet;
use zf_kernel::migrations::MIGRATIONS;
use zf_store::{Db, Migration, Scope, Sql, TableInfo};
use zf_tests::On;
use zf_tests::world::database;

/// Tables without `unit_id` first: few rows, the same everywhere.
const REFERENCE_TABLES: &[&str] = &[
    "device",
    "form_version",
    "device_code",
    "device_try",
    "rescue_key",
    "audit_root",
    "calendar_day",
    "import_error",
    "import_file",
    "import_plan",
    "import_refused",
    "import_run",
    "job",
    "program",
    "program_quota",
    "program_state_change",
    "program_step",
    "program_version",
    "schedule",
    "session",
    "setting",
    "sign_in_address",
    "staff",
    "unit",
    "user_account",
    "user_grant",
    "schema_migration",
];

/// Reads across units, each with its reason beside the constant.
const CROSS: &[&str] = &[
    "COUNT_FEED",
    "QUARANTINE_BELOW",
    "QUARANTINE_DECIDED_BELOW",
    "REVIEWS_BELOW",
    "REVIEWS_DECIDED_BELOW",
    "COUNT_FIELD_PROPOSAL",
    "COUNT_GIFT",
    "COUNT_DESK_DOUBLE",
    "COUNT_DESK_DOUBLE_FIELD",
    "COUNT_MEETING_PRESENCE",
    "COUNT_MEETING_RECORD",
    "COUNT_MEETING_SHEET",
    "COUNT_STOCK_ENTRY",
    "MEETING_SHEETS_NEWEST",
    "MEETING_UNITS",
    "STOCK_ALL",
    "STOCK_UNITS",
    "STOCK_USED",
    "COUNT_PHOTO",
    "COUNT_PHOTO_ERASED",
    // A backup looks at every photo of the county.
    "PHOTO_KEPT",
    "COUNT_RESCUE_ITEM",
    "COUNT_SHOWN",
    "COUNT_TRACE",
    "COUNT_FEED_HEAD",
    "COUNT_FORM_NUMBER",
    "COUNT_SYNC_OP",
    "COUNT_SYNC_QUARANTINE",
    "COUNT_SYNC_REVIEW",
    "COUNT_VISIT",
    "COUNT_VISIT_MEMBER",
    "COUNT_VISIT_REVISION",
    "COUNT_VISIT_TALLY",
    "COUNT_VISIT_VISITOR",
    "COUNT_WARM_UP",
    "COUNT_DAILY_MEETING",
    "COUNT_DAILY_MEETING_VERSION",
    "DAILY_LINES",
    "COUNT_TASK",
    "COUNT_TASK_EVENT",
    "COUNT_ROUTINE_SETTING",
    "COUNT_ROUTINE_RUN",
    // Somebody's inbox spans the units of the own posts; the clock runs everywhere.
    "INBOX_OWN",
    "INBOX_POST",
    "INBOX_CHECK",
    "INBOX_RAISED",
    "TASKS_DUE",
    "TASKS_OPEN",
    "TASKS_ENDED",
    "ROUTINE_SETTINGS",
    "ROUTINE_RUNS",
    "VISIT_TALLIES_ALL",
    "BOARD_COUNTS",
    "BOARD_CHOICES",
    "BOARD_FORMS",
    "BOARD_OUTCOMES",
    "BOARD_SAME_DAY",
    "BOARD_PEOPLE",
    "BOARD_MAKERS",
    "BOARD_PHONES",
    "BOARD_REVIEWS",
    "COUNT_AGREEMENT",
    "COUNT_AGREEMENT_SHARE",
    "COUNT_CONSENT",
    "COUNT_ERASURE_CERTIFICATE",
    "COUNT_FIELD_SOURCE",
    "COUNT_LAWFUL_BASIS",
    "COUNT_LAWFUL_BASIS_VOTE",
    "COUNT_PRIVACY_REQUEST",
    "COUNT_RETENTION_BATCH",
    "COUNT_RETENTION_ITEM",
    "COUNT_SOURCE",
    "AGREEMENT_LIST",
    "BASIS_GROUND",
    "SOURCES_ELSEWHERE",
    "BASIS_LIST",
    "BATCH_LIST",
    "REQUEST_LIST",
    "COUNT_CUSTOMER_MERGE",
    "COUNT_DUPLICATE_PAIR",
    "COUNT_DUPLICATE_SCAN",
    "COUNT_MERGE_SOURCE",
    "COUNT_TRANSFER",
    "COUNT_TRANSFER_CUSTOMER",
    "COUNT_UNIT_CLOSING",
    "AUDIT_HEADS",
    "EVENT_HEADS",
    "EVENT_CHAINS",
    "EVENT_COUNT_BY_ACTOR",
    "LOOKUP_BY_NO",
    "LOOKUP_BY_PHONE",
    "LOOKUP_BY_ID_NUMBER",
    "IMPORT_CHUNKS",
    "EXPORT_LIST",
    "EXPORT_OVERDUE",
    "COUNT_CORE_HANDOVER",
    "COUNT_EXPORT_FILE",
    "COUNT_EXPORT_RUN",
    "COUNT_CUSTOMER",
    "COUNT_CUSTOMER_BEFORE",
    "COUNT_CUSTOMER_PAST",
    "COUNT_CUSTOMER_TAG",
    "COUNT_CUSTOMER_TRAIL",
    "COUNT_EVENT",
    "COUNT_EVENT_HEAD",
    "COUNT_GROUP_MEMBER",
    "COUNT_GROUP_REFRESH",
    "COUNT_GROUP_RULE",
    "COUNT_TICK",
    "COUNT_TICK_SEEN",
    "COUNT_TICK_SHEET",
    "GROUP_COUNTS",
    "GROUP_REFRESHES",
    "COUNT_HOUSEHOLD",
    "COUNT_HOUSEHOLD_PROPOSAL",
    "COUNT_HOUSEHOLD_PROPOSAL_MEMBER",
    "COUNT_IMPORT_CHUNK",
    "COUNT_IMPORT_MAPPING",
    "COUNT_PLACE",
    "COUNT_PLAN_ABSENCE",
    "COUNT_PLAN_EDIT",
    "COUNT_PLAN_ROUTE",
    "COUNT_PLAN_STOP",
    "COUNT_PLAN_UNSERVED",
    "PAST_ANYWHERE",
    "COUNT_MAP_LAYER",
    "COUNT_MAP_LAYER_PART",
    "COUNT_SERVICE_CARD",
    "COUNT_PROGRAM_UNIT",
    "COUNT_PROGRAM_UNIT_QUOTA",
    "UNIT_QUOTAS_ALL",
    "WEEK_PLANS_MADE",
    "COUNT_QUALITY_DAY",
    "QUALITY_DAYS",
    "COUNT_SHORTFALL_ENTRY",
    "COUNT_PROGRAM_APPROVAL",
    "COUNT_SWEEP_RESULT",
    "COUNT_VISIT_CHOICE",
    "COUNT_VISIT_COUNT",
    "COUNT_VISIT_FILING",
    "FILINGS_NEWEST",
    "VISIT_COUNTS_ALL",
    "PLAN_LEAVES_ALL",
    "COUNT_TARGET",
    "COUNT_VILLAGE_GROUP",
    "COUNT_WEEK_PLAN",
    "HOUSEHOLD_COUNTS",
    "PROGRAM_HAS_TARGET",
    "PROGRAM_TARGETS",
    "PROGRAM_UNITS",
    "PROGRAM_WEEK_STATES",
    "TARGET_COUNTS",
    "PLAN_FOLLOWED",
    "WEEK_PLANS_OF_WEEK",
];

/// What ties a schema to one database or hides what happens in it.
const FORBIDDEN: [&str; 13] = [
    "trigger",
    "sequence",
    "serial",
    "identity",
    "now()",
    "current_timestamp",
    "generated always",
    "procedure",
    "function",
    "listen",
    "autoincrement",
    "gen_random_uuid",
    "advisory",
];

/// Tables of a schema that are business tables by the rule of the first key column.
fn is_business(table: &TableInfo) -> bool {
    table.primary_key.first().is_some_and(|c| c == "unit_id")
}

/// What is wrong with a schema; empty = nothing.
fn lint(tables: &[TableInfo], migrations: &[Migration], reference: &[&str]) -> Vec<String> {
    let mut wrong = Vec::new();
    for t in tables.iter().filter(|t| t.name != "schema_lock") {
        let listed = reference.contains(&t.name.as_str());
        if t.primary_key.is_empty() {
            wrong.push(format!("{}: no primary key", t.name));
        }
        if !listed && !is_business(t) {
            wrong.push(format!(
                "{}: unit_id is not first in the key of a business table",
                t.name
            ));
        }
        if listed && is_business(t) {
            wrong.push(format!(
                "{}: listed as a reference table, but keyed by unit",
                t.name
            ));
        }
        for to in &t.references {
            let inside = tables.iter().any(|o| &o.name == to && is_business(o));
            if inside && listed {
                wrong.push(format!(
                    "{}: a reference table points into business table {to}",
                    t.name
                ));
            }
        }
    }
    let known: BTreeSet<&str> = tables.iter().map(|t| t.name.as_str()).collect();
    for name in reference.iter().filter(|n| !known.contains(**n)) {
        wrong.push(format!("{name}: listed, but not in the schema"));
    }
    for m in migrations {
        wrong.extend(lint_text(m, tables));
    }
    wrong
}

/// The text of a migration: no machinery of one database, and keys into
/// business tables that carry the unit.
fn lint_text(m: &Migration, tables: &[TableInfo]) -> Vec<String> {
    let mut wrong = Vec::new();
    let lines = m.sql.lines().map(|l| l.split("--").next().unwrap_or(""));
    let text = lines.collect::<Vec<_>>().join("\n").to_lowercase();
    for word in FORBIDDEN {
        let whole = |i: usize| {
            let edge = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || c == '_');
            edge(text[..i].chars().next_back()) && edge(text[i + word.len()..].chars().next())
        };
        if text
            .match_indices(word)
            .any(|(i, _)| whole(i) || word == "serial")
        {
            wrong.push(format!("{}: {word}", m.name));
        }
    }
    for (at, _) in text.match_indices("references ") {
        let rest = &text[at + 11..];
        let to = rest.split([' ', '(']).next().unwrap_or("");
        let columns = rest
            .split_once('(')
            .and_then(|(_, r)| r.split_once(')'))
            .map_or("", |(c, _)| c);
        let business = tables.iter().any(|t| t.name == to && is_business(t));
        let before = text[..at].trim_end();
        let from = before
            .rsplit('(')
            .next()
            .unwrap_or("")
            .trim_end_matches(')');
        let composite =
            columns.trim_start().starts_with("unit_id") && from.trim_start().starts_with("unit_id");
        if business && !composite {
            wrong.push(format!(
                "{}: a key into {to} leaves the unit: ({columns})",
                m.name
            ));
        }
    }
    wrong
}

fn statements() -> Vec<Sql> {
    let mut all = zf_server::statements();
    all.sort_by_key(|s| (s.module, s.name));
    all
}

async fn every_statement_is_prepared(on: On) {
    let Some(db) = database(on).await else { return };
    let mut wrong = Vec::new();
    for sql in statements() {
        if let Err(e) = db.check(&sql).await {
            wrong.push(format!("{}::{}: {e}", sql.module, sql.name));
        }
    }
    let n = statements().len();
    println!("{} statements prepared on {}", n - wrong.len(), db.name());
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(n > 80, "{n}");
}

async fn the_schema_keeps_its_rules(on: On) {
    let Some(db) = database(on).await else { return };
    let tables = Db::tables(&db).await.unwrap();
    let wrong = lint(&tables, MIGRATIONS, REFERENCE_TABLES);
    assert!(wrong.is_empty(), "{wrong:#?}");
    let business = tables.iter().filter(|t| is_business(t)).count();
    assert!(business >= 12, "{business} business tables");
}

#[tokio::test]
async fn every_statement_is_prepared_on_sqlite() {
    every_statement_is_prepared(On::Sqlite).await;
}

#[tokio::test]
async fn every_statement_is_prepared_on_postgres() {
    every_statement_is_prepared(On::Postgres).await;
}

#[tokio::test]
async fn the_schema_keeps_its_rules_on_sqlite() {
    the_schema_keeps_its_rules(On::Sqlite).await;
}

#[tokio::test]
async fn the_schema_keeps_its_rules_on_postgres() {
    the_schema_keeps_its_rules(On::Postgres).await;
}

#[test]
fn statements_have_one_name_and_one_text_each() {
    let all = statements();
    let names: BTreeSet<(&str, &str)> = all.iter().map(|s| (s.module, s.name)).collect();
    assert_eq!(names.len(), all.len());
}

/// Tables named in a statement.
fn touched<'a>(sql: &Sql, tables: &'a [TableInfo]) -> Vec<&'a TableInfo> {
    let words: BTreeSet<&str> = sql
        .text
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .collect();
    tables
        .iter()
        .filter(|t| words.contains(t.name.as_str()))
        .collect()
}

#[tokio::test]
async fn statements_on_business_tables_name_the_unit_first() {
    let db = database(On::Sqlite).await.unwrap();
    let tables = Db::tables(&db).await.unwrap();
    let mut wrong = Vec::new();
    for sql in statements() {
        let business: Vec<&str> = touched(&sql, &tables)
            .into_iter()
            .filter(|t| is_business(t))
            .map(|t| t.name.as_str())
            .collect();
        let named = format!("{} on {business:?}", sql.name);
        match sql.scope {
            Scope::Unit => {
                let where_unit = ["unit_id = $1", "(unit_id,"]
                    .iter()
                    .any(|part| sql.text.contains(part));
                if !where_unit || !sql.text.contains("$1") || business.is_empty() {
                    wrong.push(format!("{named}: a unit statement without `unit_id = $1`"));
                }
            }
            // `customer_tag`, `target` … are words of SQL texts only when they are tables.
            Scope::Ref if !business.is_empty() => wrong.push(format!(
                "{named}: reaches a business table as a reference statement"
            )),
            Scope::Ref => {}
            Scope::Cross if !CROSS.contains(&sql.name) => wrong.push(format!(
                "{named}: reads across units and is not on the list"
            )),
            Scope::Cross if !sql.text.starts_with("SELECT") => {
                wrong.push(format!("{named}: writes across units"))
            }
            Scope::Cross => {}
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let used: BTreeSet<&str> = statements()
        .iter()
        .filter(|s| s.scope == Scope::Cross)
        .map(|s| s.name)
        .collect();
    let gone: Vec<&&str> = CROSS.iter().filter(|n| !used.contains(**n)).collect();
    assert!(gone.is_empty(), "listed, but not there any more: {gone:?}");
}

/// One planted fault per rule.
const BAD: [(&str, &str); 9] = [
    (
        "unit_id is not first",
        "CREATE TABLE pet (id {uuid} PRIMARY KEY, unit_id {uuid} NOT NULL) {opts};",
    ),
    (
        "unit_id is not first",
        "CREATE TABLE pet (id {uuid} NOT NULL, unit_id {uuid} NOT NULL, PRIMARY KEY (id, unit_id)) {opts};",
    ),
    (
        "leaves the unit",
        "CREATE TABLE pet (unit_id {uuid} NOT NULL, id {uuid} NOT NULL, owner {uuid} REFERENCES customer (id), PRIMARY KEY (unit_id, id)) {opts};",
    ),
    (
        "leaves the unit",
        "CREATE TABLE pet (unit_id {uuid} NOT NULL, id {uuid} NOT NULL, home {uuid} NOT NULL, owner {uuid} NOT NULL, PRIMARY KEY (unit_id, id), FOREIGN KEY (home, owner) REFERENCES customer (unit_id, id)) {opts};",
    ),
    (
        "trigger",
        "CREATE TRIGGER t AFTER INSERT ON customer BEGIN SELECT 1; END;",
    ),
    ("sequence", "CREATE SEQUENCE s;"),
    (
        "serial",
        "CREATE TABLE pet (unit_id {uuid} NOT NULL, id BIGSERIAL, PRIMARY KEY (unit_id, id));",
    ),
    (
        "now()",
        "CREATE TABLE pet (unit_id {uuid} NOT NULL, id {int} NOT NULL, at {time} DEFAULT now(), PRIMARY KEY (unit_id, id));",
    ),
    (
        "generated always",
        "CREATE TABLE pet (unit_id {uuid} NOT NULL, id {int} NOT NULL, twice {int} GENERATED ALWAYS AS (id * 2) STORED, PRIMARY KEY (unit_id, id));",
    ),
];

#[tokio::test]
async fn the_schema_check_finds_every_planted_fault() {
    let db = database(On::Sqlite).await.unwrap();
    let good = Db::tables(&db).await.unwrap();
    for (rule, sql) in BAD {
        let bad = Migration {
            name: "9999_bad",
            sql,
        };
        let mut tables = good.clone();
        // Two of the faults are about keys, so the table must exist to be seen.
        if rule == "unit_id is not first" {
            let key: &[&str] = if sql.contains("(id, unit_id)") {
                &["id", "unit_id"]
            } else {
                &["id"]
            };
            tables.push(TableInfo {
                name: "pet".to_owned(),
                columns: vec![],
                primary_key: key.iter().map(|c| (*c).to_owned()).collect(),
                references: vec![],
            });
        }
        let mut all = MIGRATIONS.to_vec();
        all.push(bad);
        let wrong = lint(&tables, &all, REFERENCE_TABLES);
        assert!(
            wrong.iter().any(|w| w.contains(rule)),
            "{sql} passed: {wrong:?}"
        );
    }
    let mut unlisted: Vec<&str> = REFERENCE_TABLES.to_vec();
    unlisted.retain(|t| *t != "job");
    assert!(
        !lint(&good, MIGRATIONS, &unlisted).is_empty(),
        "a table without a unit must be on the list"
    );
}
