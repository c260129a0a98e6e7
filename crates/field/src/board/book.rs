//! The summary table as a workbook: a row for every branch and day, totals, a
//! line to sign; on a second sheet the same rows with how often each option of
//! the form was chosen. Counts only; nobody's name is in it. Lines come from
//! `service`, the Chinese from `words`.

use super::{Counts, SummaryLine, Table, words};
use crate::label::{Question, Text};
use zf_base::{Day, Timestamp};
use zf_kernel::error::{KernelError, Result};
use zf_office::{
    BookMeta, CellKind, CellValue, Fonts, TableBook, TableColumn, TableSheet, write_table,
};

/// Columns of texts and of the day, in front.
const TEXTS: usize = 2;
const DAY_COLUMN: usize = 2;

fn columns(figures: impl Iterator<Item = String>) -> Vec<TableColumn> {
    let places = words::PLACES.iter().map(|name| (*name).to_owned());
    let column = |(i, header): (usize, String)| TableColumn {
        header,
        kind: match i {
            i if i < TEXTS => CellKind::Text,
            DAY_COLUMN => CellKind::Date,
            _ => CellKind::Integer,
        },
    };
    places.chain(figures).enumerate().map(column).collect()
}

fn counted() -> impl Iterator<Item = String> {
    let outcomes = words::OUTCOMES.iter().map(|(_, name)| *name);
    let names = words::COLUMNS.iter().copied().chain(outcomes);
    names.chain([words::OTHER]).map(str::to_owned)
}

/// A column for every option, by question.
fn options(questions: &[Question]) -> impl Iterator<Item = String> {
    let each = questions.iter().flat_map(|q| {
        let of = |(_, option): &(String, Text)| words::option(&q.label.zh, &option.zh);
        q.options.iter().map(of)
    });
    each.collect::<Vec<_>>().into_iter()
}

fn chosen(questions: &[Question], c: &Counts) -> Vec<CellValue> {
    let key = |q: &Question, value: &str| (q.name.clone(), value.to_owned());
    let each = questions.iter().flat_map(|q| {
        let of = |(value, _): &(String, Text)| c.choices.get(&key(q, value)).copied();
        q.options.iter().map(of)
    });
    each.map(|n| CellValue::from(n.unwrap_or(0))).collect()
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

/// A row for every line with its figures, and their sum.
fn rows(
    lines: &[SummaryLine],
    figures: impl Fn(i64, &Counts) -> Vec<CellValue>,
) -> Vec<Vec<CellValue>> {
    let row = |line: &SummaryLine| {
        let place = [
            CellValue::from(line.unit.code.as_str()),
            CellValue::from(line.unit.name.as_str()),
            CellValue::Date(line.day),
        ];
        let mut cells = Vec::from(place);
        cells.extend(figures(line.quota, &line.counts));
        cells
    };
    let mut sum = Counts::default();
    lines.iter().for_each(|l| sum.add(&l.counts));
    let quota = lines.iter().map(|l| l.quota).sum();
    let mut total = vec![
        CellValue::from(words::TOTAL),
        CellValue::Empty,
        CellValue::Empty,
    ];
    total.extend(figures(quota, &sum));
    lines.iter().map(row).chain([total]).collect()
}

/// Name and bytes of the workbook.
///
/// # Errors
/// More rows than a sheet has.
pub fn workbook(
    program: &str,
    (from, to): (Day, Day),
    now: Timestamp,
    table: &Table,
) -> Result<(String, Vec<u8>)> {
    let sheet = |name: &str, columns, rows| TableSheet {
        name: name.to_owned(),
        title_lines: vec![
            words::TITLE.to_owned(),
            words::period(program, from, to),
            words::SIGN_LINE.to_owned(),
        ],
        columns,
        rows,
        page_foot: words::PAGE_FOOT.to_owned(),
    };
    let (lines, questions) = (&table.lines, &table.questions);
    let options = columns(options(questions));
    let chosen = rows(lines, |_, c| chosen(questions, c));
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
        sheets: vec![
            sheet(words::SHEET, columns(counted()), rows(lines, figures)),
            sheet(words::OPTIONS_SHEET, options, chosen),
        ],
    };
    let bytes = write_table(&book).map_err(|e| KernelError::Internal(e.to_string()))?;
    Ok((words::file_name(program, from, to), bytes))
}
