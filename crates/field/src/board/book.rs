//! The summary table as a workbook: one sheet, a row for every branch and day,
//! totals, a line to sign. Counts only; nobody's name is in it. Lines come from
//! `service`, the Chinese from `words`.

use super::{Counts, SummaryLine, words};
use zf_base::{Day, Timestamp};
use zf_kernel::error::{KernelError, Result};
use zf_office::{
    BookMeta, CellKind, CellValue, Fonts, TableBook, TableColumn, TableSheet, write_table,
};

/// Columns of texts and of the day, in front.
const TEXTS: usize = 2;
const DAY_COLUMN: usize = 2;

fn columns() -> Vec<TableColumn> {
    let outcomes = words::OUTCOMES.iter().map(|(_, name)| *name);
    let names = words::COLUMNS.iter().copied().chain(outcomes);
    let names = names.chain([words::OTHER]);
    let column = |(i, name): (usize, &str)| TableColumn {
        header: name.to_owned(),
        kind: match i {
            i if i < TEXTS => CellKind::Text,
            DAY_COLUMN => CellKind::Date,
            _ => CellKind::Integer,
        },
    };
    names.enumerate().map(column).collect()
}

fn figures(quota: i64, c: &Counts) -> Vec<CellValue> {
    let mut known = 0;
    let mut cells = vec![quota, c.households, c.visits, c.members, c.valid_records];
    for (code, _) in words::OUTCOMES {
        let n = c.outcomes.get(code).copied().unwrap_or(0);
        known += n;
        cells.push(n);
    }
    cells.push(c.visits - known);
    cells.into_iter().map(CellValue::from).collect()
}

fn row(line: &SummaryLine) -> Vec<CellValue> {
    let mut cells = vec![
        CellValue::from(line.unit.code.as_str()),
        CellValue::from(line.unit.name.as_str()),
        CellValue::Date(line.day),
    ];
    cells.extend(figures(line.quota, &line.counts));
    cells
}

fn total(lines: &[SummaryLine]) -> Vec<CellValue> {
    let mut sum = Counts::default();
    lines.iter().for_each(|l| sum.add(&l.counts));
    let quota = lines.iter().map(|l| l.quota).sum();
    let mut cells = vec![
        CellValue::from(words::TOTAL),
        CellValue::Empty,
        CellValue::Empty,
    ];
    cells.extend(figures(quota, &sum));
    cells
}

/// Name and bytes of the workbook.
///
/// # Errors
/// More rows than a sheet has.
pub fn workbook(
    program: &str,
    (from, to): (Day, Day),
    now: Timestamp,
    lines: &[SummaryLine],
) -> Result<(String, Vec<u8>)> {
    let mut rows: Vec<Vec<CellValue>> = lines.iter().map(row).collect();
    rows.push(total(lines));
    let book = TableBook {
        meta: BookMeta {
            title: words::TITLE.to_owned(),
            author: words::AUTHOR.to_owned(),
            created: now,
        },
        fonts: Fonts {
            title: words::TITLE_FONT.to_owned(),
            body: words::BODY_FONT.to_owned(),
        },
        sheets: vec![TableSheet {
            name: words::SHEET.to_owned(),
            title_lines: vec![
                words::TITLE.to_owned(),
                words::period(program, from, to),
                words::SIGN_LINE.to_owned(),
            ],
            columns: columns(),
            rows,
            page_foot: words::PAGE_FOOT.to_owned(),
        }],
    };
    let bytes = write_table(&book).map_err(|e| KernelError::Internal(e.to_string()))?;
    Ok((words::file_name(program, from, to), bytes))
}
