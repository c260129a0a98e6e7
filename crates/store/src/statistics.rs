//! What SQLite's planner believes of the sizes of tables: the same on every
//! installation and for ever, written when the schema is made. Left to itself
//! it takes a key's first column, which is the unit in almost every table, for
//! nearly unique: it then reads a whole branch where an index leads to one
//! household. Measured sizes are no better: those of an empty table stay in
//! force for a whole campaign. Knows no table; of columns what their names say.
//! Data: the schema → `sqlite_stat1` (<https://www.sqlite.org/fileformat2.html#stat1tab>).

use crate::error::{Result, StoreError};
use crate::sqlite::{exec, query, run_error};
use crate::value::Value;
use rusqlite::Connection;

/// Rows of a table that belongs to units, and of one unit in it.
const ROWS: u64 = 1_000_000;
const ROWS_OF_UNIT: u64 = 20_000;
/// Rows of a table of the whole house.
const ROWS_OF_HOUSE: u64 = 500;
/// Into how many parts a column divides what those before it left; others
/// leave a hundredth.
const PARTS: [(&str, u64); 9] = [
    ("program_id", 2),
    ("state", 4),
    ("kind", 4),
    ("active", 2),
    ("priority", 10),
    ("week", 20),
    ("day", 60),
    ("field", 10),
    ("stream", 16),
];
const OTHERS: u64 = 100;

/// Writes what is believed, unless it is there, and lets this connection know.
/// Connections opened later find it.
pub(crate) fn settle(conn: &Connection) -> Result<()> {
    let wanted = believed(conn)?;
    if written(conn)? == wanted {
        return Ok(());
    }
    let run = |text: &str| {
        let done = conn.execute_batch(text);
        done.map_err(|e| run_error("statistics", &e))
    };
    run("BEGIN IMMEDIATE; ANALYZE sqlite_schema; DELETE FROM sqlite_stat1")?;
    let put = |(table, index, sizes): &(String, String, String)| {
        const ADD: &str = "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ($1, $2, $3)";
        let p = [table, index, sizes].map(Value::from);
        exec(conn, "statistics", ADD, &p)
    };
    match wanted.iter().try_for_each(|row| put(row).map(drop)) {
        Ok(()) => run("COMMIT; ANALYZE sqlite_schema"),
        Err(e) => {
            run("ROLLBACK")?;
            Err(e)
        }
    }
}

type Row = (String, String, String);

fn texts(conn: &Connection, text: &str) -> Result<Vec<Row>> {
    let rows = query(conn, "statistics", text, &[])?;
    let row = |r: &crate::Row| Ok((r.get(0)?, r.get(1)?, r.get(2)?));
    rows.iter().map(row).collect()
}

fn written(conn: &Connection) -> Result<Vec<Row>> {
    match texts(
        conn,
        "SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY tbl, idx",
    ) {
        Err(StoreError::Bug(_)) => Ok(vec![]), // no such table yet
        other => other,
    }
}

/// Table, index and sizes of every index; the key of a table without row
/// numbers goes by the table's name.
fn believed(conn: &Connection) -> Result<Vec<Row>> {
    let columns = texts(
        conn,
        "SELECT t.name,
                CASE WHEN i.origin = 'pk' AND t.wr THEN t.name ELSE i.name END
                  || CASE WHEN i.\"unique\" THEN '!' ELSE '' END,
                CASE WHEN EXISTS (SELECT 1 FROM pragma_table_info(t.name) k
                                  WHERE k.name = 'unit_id' AND k.pk = 1)
                     THEN 'u' ELSE 'h' END || c.name
         FROM pragma_table_list t, pragma_index_list(t.name) i, pragma_index_info(i.name) c
         WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite^_%' ESCAPE '^'
         ORDER BY 1, 2, c.seqno",
    )?;
    let mut found: Vec<Row> = Vec::new();
    for same in columns.chunk_by(|a, b| (&a.0, &a.1) == (&b.0, &b.1)) {
        let (table, index, _) = &same[0];
        let of_units = same[0].2.starts_with('u');
        let names: Vec<&str> = same.iter().map(|(_, _, column)| &column[1..]).collect();
        let plain = index.trim_end_matches('!');
        let sizes = sizes(of_units, &names, plain.len() < index.len());
        found.push((table.clone(), plain.to_owned(), sizes));
    }
    found.sort();
    Ok(found)
}

/// Rows in all, then how many are alike in the first column, the first two, …
fn sizes(of_units: bool, columns: &[&str], unique: bool) -> String {
    let mut left = if of_units { ROWS } else { ROWS_OF_HOUSE };
    let mut text = left.to_string();
    for (i, column) in columns.iter().enumerate() {
        let parts = PARTS.iter().find(|(name, _)| name == column);
        let parts = parts.map_or(OTHERS, |(_, parts)| *parts);
        left = match i {
            0 if of_units && *column == "unit_id" => ROWS_OF_UNIT,
            _ => (left / parts).max(2),
        };
        if unique && i + 1 == columns.len() {
            left = 1;
        }
        text.push_str(&format!(" {left}"));
    }
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn sizes_fall_with_every_column_and_end_at_one_when_unique() {
        let day = ["unit_id", "program_id", "day", "id"];
        assert_eq!(sizes(true, &day, false), "1000000 20000 10000 166 2");
        assert_eq!(sizes(true, &["unit_id", "id"], true), "1000000 20000 1");
        assert_eq!(sizes(false, &["path"], true), "500 1");
        assert_eq!(sizes(false, &["unit_id", "name"], false), "500 5 2");
    }

    #[test]
    fn an_index_wins_over_the_units_key_and_nothing_is_written_twice() {
        let conn = crate::sqlite::open_memory().unwrap();
        conn.execute_batch(
            "CREATE TABLE visit (unit_id BLOB NOT NULL, id BLOB NOT NULL, household_id BLOB,
               program_id BLOB, PRIMARY KEY (unit_id, id)) WITHOUT ROWID;
             CREATE INDEX by_program ON visit (unit_id, program_id);
             CREATE INDEX by_household ON visit (unit_id, household_id);",
        )
        .unwrap();
        let plan = || {
            let text = "EXPLAIN QUERY PLAN SELECT COUNT(*) FROM visit
                        WHERE unit_id = 1 AND program_id = 2 AND household_id = 3";
            query(&conn, "plan", text, &[]).unwrap()[0]
                .get::<String>(3)
                .unwrap()
        };
        assert!(plan().contains("PRIMARY KEY (unit_id=?)"), "{}", plan());
        settle(&conn).unwrap();
        assert!(plan().contains("by_household"), "{}", plan());
        let changes = conn.total_changes();
        settle(&conn).unwrap();
        assert_eq!(conn.total_changes(), changes);
    }
}
