//! `zoufang bench xlsx`: the same customers as a workbook and as delimited text,
//! both by the import with all checks. The workbook is what a bank sends; its
//! reference is the text, because only the reading differs.

use super::{On, Rig, Spent, customers_file, forget_peak, peak_mib, round, rows, words};
use crate::error::{CliError, Result};
use serde_json::{Value as Json, json};
use std::path::Path;
use zf_network::import::ImportKind;
use zf_office::{
    BookMeta, CellKind, CellValue, Fonts, TableBook, TableColumn, TableSheet, write_table,
};

/// Measures.
///
/// # Errors
/// When a load fails or refuses a row.
pub async fn measure(spec: &rows::Spec, on: &On) -> Result<Json> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("customers.csv");
    customers_file(spec, &file)?;
    let book = workbook(&file)?;
    let rig = Rig::new(on, zf_vault::Suite::Intl, spec).await?;
    let text = rig
        .load(
            ImportKind::Customers,
            "customers.csv",
            std::fs::read(&file)?,
            &Spent::default(),
        )
        .await?;
    rig.end().await?;
    let rig = Rig::new(on, zf_vault::Suite::Intl, spec).await?;
    forget_peak();
    let (bytes, spent) = (book.len(), Spent::default());
    let loaded = rig
        .load(ImportKind::Customers, "customers.xlsx", book, &spent)
        .await?;
    rig.end().await?;
    let (seconds, reference) = (loaded.all.as_secs_f64(), text.all.as_secs_f64());
    Ok(json!({
        "bench": "xlsx", "engine": on.name(), "rows": loaded.import.counts.new, "file_bytes": bytes,
        "seconds": round(seconds), "rows_per_second": (spec.rows as f64 / seconds).round(),
        "csv_seconds": round(reference), "ratio": round(seconds / reference),
        "stages": spent.json(), "peak_mib": peak_mib(),
    }))
}

/// The rows of a delimited file as a workbook, every cell a text: as the bank's
/// systems write them.
fn workbook(file: &Path) -> Result<Vec<u8>> {
    let text = std::fs::read_to_string(file)?;
    let mut lines = text.lines();
    // No cell of the file has a comma or a quotation mark in it.
    let headers = lines.next().unwrap_or_default().split(',');
    let column = |header: &str| TableColumn {
        header: header.to_owned(),
        kind: CellKind::Text,
    };
    let cells = |line: &str| line.split(',').map(CellValue::from).collect();
    let book = TableBook {
        meta: BookMeta {
            title: words::BOOK.to_owned(),
            author: words::BOOK.to_owned(),
            created: zf_base::Timestamp(0),
        },
        fonts: Fonts {
            title: words::FONT.to_owned(),
            body: words::FONT.to_owned(),
        },
        sheets: vec![TableSheet {
            name: words::BOOK.to_owned(),
            title_lines: vec![],
            columns: headers.map(column).collect(),
            rows: lines.map(cells).collect(),
            page_foot: String::new(),
        }],
    };
    write_table(&book).map_err(CliError::system)
}
