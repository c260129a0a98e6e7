//! The reference of the import: the same file loaded by the database's own
//! tool into one table of plain text with the same indexes, nothing checked and
//! nothing sealed. `sqlite3 … .import` and `psql … \copy`; where a tool is
//! missing, prepared inserts (`COPY`) of the same columns in one transaction.

use super::{On, rows};
use crate::error::{CliError, Result};
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;
use zf_store::testing::TestDb;
use zf_store::{Migration, Value};

/// The table of the reference: columns of the file in its order, and the
/// indexes of the table `customer`.
const TABLE: &str = "CREATE TABLE plain (customer_no text, name text, sex text, id_number text, phone text, address text, unit text, village_group text, lon text, lat text, datum text, occupation text, balance_band text, deposit_due_day text, insurance_due_day text, tags text, products text, household_no text, notes text);
CREATE UNIQUE INDEX plain_no ON plain (unit, customer_no);
CREATE INDEX plain_phone ON plain (unit, phone);
CREATE INDEX plain_id_number ON plain (unit, id_number);
CREATE INDEX plain_household ON plain (unit, household_no);
CREATE INDEX plain_group ON plain (unit, village_group, customer_no);
";
const COLUMNS: &[&str] = &[
    "customer_no",
    "name",
    "sex",
    "id_number",
    "phone",
    "address",
    "unit",
    "village_group",
    "lon",
    "lat",
    "datum",
    "occupation",
    "balance_band",
    "deposit_due_day",
    "insurance_due_day",
    "tags",
    "products",
    "household_no",
    "notes",
];
const MIGRATION: &[Migration] = &[Migration {
    name: "0001_plain.sql",
    sql: TABLE,
}];
/// Rows sent at once where the tool is missing.
const BATCH: usize = 10_000;

/// Seconds of the reference, and by what it was loaded.
pub struct Plain {
    /// Seconds.
    pub seconds: f64,
    /// The tool.
    pub tool: &'static str,
}

/// Loads the file.
///
/// # Errors
/// When the tool fails or not all rows are there afterwards.
pub async fn load(on: &On, file: &Path, folder: &Path, spec: &rows::Spec) -> Result<Plain> {
    match on {
        On::Sqlite if has("sqlite3") => sqlite3(file, folder, spec),
        On::Postgres(url) if has("psql") => psql(url, file, spec).await,
        _ => own(on, file, spec).await,
    }
}

fn has(tool: &str) -> bool {
    let tried = Command::new(tool)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    tried.is_ok_and(|s| s.success())
}

/// Runs a tool with a script on its standard input; gives what it printed.
fn script(mut tool: Command, text: &str) -> Result<String> {
    let mut child = tool.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(text.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(CliError::system("the reference could not be loaded"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn all_there(printed: &str, spec: &rows::Spec) -> Result<()> {
    let last = printed.split_whitespace().last().unwrap_or_default();
    match last.parse() == Ok(spec.rows) {
        true => Ok(()),
        false => Err(CliError::system("the reference lost rows")),
    }
}

fn sqlite3(file: &Path, folder: &Path, spec: &rows::Spec) -> Result<Plain> {
    let db = folder.join("plain.db");
    let text = format!(
        "{TABLE}.mode csv\n.import --skip 1 \"{}\" plain\n",
        file.display()
    );
    let mut tool = Command::new("sqlite3");
    tool.arg("-batch").arg(&db);
    let began = Instant::now();
    script(tool, &text)?;
    let seconds = began.elapsed().as_secs_f64();
    let mut tool = Command::new("sqlite3");
    tool.arg("-batch").arg(&db);
    all_there(&script(tool, "SELECT COUNT(*) FROM plain;\n")?, spec)?;
    std::fs::remove_file(&db)?;
    Ok(Plain {
        seconds,
        tool: "sqlite3 .import",
    })
}

async fn psql(url: &str, file: &Path, spec: &rows::Spec) -> Result<Plain> {
    let db = TestDb::postgres(url, &[]).await?;
    let tool = || {
        let mut tool = Command::new("psql");
        tool.args([
            "-q",
            "-X",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            db.url(),
        ]);
        tool
    };
    let text = format!(
        "{TABLE}\\copy plain from '{}' with (format csv, header true)\n",
        file.display()
    );
    let began = Instant::now();
    script(tool(), &text)?;
    let seconds = began.elapsed().as_secs_f64();
    all_there(&script(tool(), "SELECT COUNT(*) FROM plain;\n")?, spec)?;
    Ok(Plain {
        seconds,
        tool: "psql \\copy",
    })
}

/// Without the tool: what a loader of a few lines would do.
async fn own(on: &On, file: &Path, spec: &rows::Spec) -> Result<Plain> {
    let db = match on {
        On::Sqlite => TestDb::sqlite(MIGRATION).await?,
        On::Postgres(url) => TestDb::postgres(url, MIGRATION).await?,
    };
    let began = Instant::now();
    let mut lines = BufReader::with_capacity(1 << 20, std::fs::File::open(file)?)
        .lines()
        .skip(1);
    let mut tx = db.begin().await?;
    let mut loaded = 0;
    loop {
        let batch: Vec<String> = lines.by_ref().take(BATCH).collect::<std::io::Result<_>>()?;
        if batch.is_empty() {
            break;
        }
        // No cell of the file has a comma or a quotation mark in it.
        let cells = |line: &String| line.split(',').map(Value::from).collect::<Vec<Value>>();
        loaded += tx
            .bulk("plain", COLUMNS, batch.iter().map(cells).collect())
            .await?;
    }
    tx.commit().await?;
    let seconds = began.elapsed().as_secs_f64();
    match loaded == spec.rows {
        true => Ok(Plain {
            seconds,
            tool: "prepared inserts",
        }),
        false => Err(CliError::system("the reference lost rows")),
    }
}
