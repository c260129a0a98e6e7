//! `zoufang sample`: practice files for an import, as banks really send them,
//! with the truth beside them. The people are invented and share nothing with
//! those of the demo; the branches are the demo county's. Writes files only:
//! no database is opened.

use super::common::Out;
use crate::error::{CliError, Result};
use crate::words;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use zf_base::{Day, Timestamp};
use zf_demo::{DemoSpec, Mess, MessFile, MessSpec, Size};
use zf_kernel::app::{Clock, SystemClock};
use zf_office::{BookMeta, CellKind, CellValue, Fonts, TableBook, TableColumn, TableSheet};

/// Write practice files: a county's customers as banks really send them.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  zoufang sample --out practice --people 5000")]
pub struct SampleArgs {
    /// Folder for the files
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// People, before second numbers and unusable rows
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    people: u32,
    /// Same seed, same files; the demo's seed fits the demo's places
    #[arg(long, default_value_t = 2016)]
    seed: u64,
    /// Day that ages and maturities are relative to [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    day: Option<Day>,
}

/// Runs it.
pub fn run(args: SampleArgs, out: Out) -> Result<()> {
    let now = Clock::now(&SystemClock);
    let anchor = args.day.unwrap_or_else(|| now.day());
    let county = DemoSpec {
        size: Size::County,
        seed: args.seed,
        anchor,
    };
    let mess = zf_demo::mess(&MessSpec {
        county,
        people: args.people as usize,
    });
    std::fs::create_dir_all(&args.out)?;
    for file in &mess.files {
        std::fs::write(args.out.join(file.name), bytes(file, now)?)?;
    }
    let truth = truth(&mess);
    let text = serde_json::to_string_pretty(&truth)?;
    std::fs::write(args.out.join("truth.json"), text)?;
    out.result(&truth, summary(&mess, &args.out))
}

/// The file as that system writes it.
fn bytes(file: &MessFile, now: Timestamp) -> Result<Vec<u8>> {
    match file.encoding {
        "xlsx" => workbook(file, now),
        "gb18030" => {
            let text = file.csv();
            let (bytes, _, _) = encoding_rs::GB18030.encode(&text);
            Ok(bytes.into_owned())
        }
        // With the mark at the start that spreadsheets write.
        _ => Ok(format!("\u{feff}{}", file.csv()).into_bytes()),
    }
}

fn workbook(file: &MessFile, now: Timestamp) -> Result<Vec<u8>> {
    let column = |h: &&str| TableColumn {
        header: (*h).to_owned(),
        kind: CellKind::Text,
    };
    let cells = |row: &Vec<String>| row.iter().map(|c| CellValue::from(c.as_str())).collect();
    let book = TableBook {
        meta: BookMeta {
            title: file.name.to_owned(),
            author: "zoufang".to_owned(),
            created: now,
        },
        fonts: Fonts {
            title: "SimSun".to_owned(),
            body: "SimSun".to_owned(),
        },
        sheets: vec![TableSheet {
            name: "Sheet1".to_owned(),
            title_lines: file.above.clone(),
            columns: file.headers.iter().map(column).collect(),
            rows: file.rows.iter().map(cells).collect(),
            page_foot: String::new(),
        }],
    };
    zf_office::write_table(&book).map_err(CliError::system)
}

fn truth(mess: &Mess) -> Value {
    let t = &mess.truth;
    let files: Vec<Value> = mess
        .files
        .iter()
        .map(|f| {
            let wrong: Vec<Value> = t.wrong.get(f.name).into_iter().flatten()
                .map(|w| json!({ "line": w.line, "column": w.column, "what": w.what }))
                .collect();
            json!({ "name": f.name, "format": f.encoding, "rows": f.rows.len(), "good": t.good.get(f.name), "wrong": wrong })
        })
        .collect();
    json!({
        "files": files,
        "masked": t.masked,
        "without_place": t.without_place,
        "same_person": t.same_person,
        "households": t.households,
    })
}

fn summary(mess: &Mess, folder: &Path) -> String {
    let rows: usize = mess.files.iter().map(|f| f.rows.len()).sum();
    let wrong: usize = mess.truth.wrong.values().map(Vec::len).sum();
    words::sample_written(folder, rows, wrong, mess.truth.same_person.len())
}
