//! Daily meetings of many branches as a workbook: a row for every record, and
//! one for every planned day without, so that the county sees at a look who is
//! missing (DOC-008). Rows come from `service`, labels from the forms.

use super::{DayLine, Line, words};
use crate::board::words as board;
use std::collections::BTreeMap;
use zf_base::{Day, Timestamp};
use zf_forms::{Field, FieldType, Form};
use zf_kernel::error::{KernelError, Result};
use zf_office::{
    BookMeta, CellKind, CellValue, Fonts, TableBook, TableColumn, TableSheet, write_table,
};

/// Forms of the records, by id and version.
pub type Forms = BTreeMap<(String, i64), Form>;

const DAY_COLUMN: usize = 2;
const TIME_COLUMN: usize = 13;
const FIGURES: std::ops::RangeInclusive<usize> = 4..=11;

fn columns() -> Vec<TableColumn> {
    let names = words::COLUMNS.iter().copied().chain([words::TEXTS]);
    let column = |(i, name): (usize, &str)| TableColumn {
        header: name.to_owned(),
        kind: match i {
            DAY_COLUMN => CellKind::Date,
            TIME_COLUMN => CellKind::Moment,
            i if FIGURES.contains(&i) => CellKind::Integer,
            _ => CellKind::Text,
        },
    };
    names.enumerate().map(column).collect()
}

fn label(field: &Field) -> &str {
    field.label.as_ref().map_or(&field.name, |l| l.zh())
}

/// What a session is called by the form of its record.
fn session(forms: &Forms, line: &Line, field: &str) -> String {
    let key = (line.newest.form_id.clone(), line.newest.form_version);
    let form = forms.get(&key);
    let options = form
        .and_then(|f| f.field(field))
        .map_or(&[][..], |f| &f.options);
    let own = options.iter().find(|o| o.value() == line.session);
    own.map_or_else(|| line.session.clone(), |o| o.zh().to_owned())
}

/// Answers in words, each with its question.
fn texts(forms: &Forms, line: &Line) -> String {
    let key = (line.newest.form_id.clone(), line.newest.form_version);
    let Some(form) = forms.get(&key) else {
        return String::new();
    };
    let said = line.newest.answers.iter().filter_map(|(name, value)| {
        let field = form.field(name).filter(|f| f.kind == FieldType::Text)?;
        Some(format!("{}：{}", label(field), value.as_str()?))
    });
    said.collect::<Vec<_>>().join("\n")
}

fn count(n: Option<i64>) -> CellValue {
    n.map_or(CellValue::Empty, CellValue::from)
}

fn head(line: &DayLine) -> Vec<CellValue> {
    vec![
        CellValue::from(line.unit.code.as_str()),
        CellValue::from(line.unit.name.as_str()),
        CellValue::Date(line.day),
    ]
}

fn rows(forms: &Forms, session_field: &str, line: &DayLine) -> Vec<Vec<CellValue>> {
    if line.records.is_empty() {
        let mut cells = head(line);
        cells.push(CellValue::from(words::NONE));
        cells.resize(words::COLUMNS.len() + 1, CellValue::Empty);
        return vec![cells];
    }
    let row = |l: &Line| {
        let v = &l.newest;
        let mut cells = head(line);
        cells.push(CellValue::from(session(forms, l, session_field).as_str()));
        cells.extend([l.present, l.households].map(count));
        cells.push(CellValue::from(v.counted_households));
        cells.push(count(l.valid_records));
        cells.extend([v.counted_records, v.owed, v.problems, l.seq - 1].map(CellValue::from));
        cells.push(CellValue::from(v.by_name.as_str()));
        cells.push(CellValue::Moment(v.at));
        cells.push(CellValue::from(texts(forms, l).as_str()));
        cells
    };
    line.records.iter().map(row).collect()
}

/// Name and bytes of the workbook.
///
/// # Errors
/// More rows than a sheet has.
pub fn workbook(
    program: &str,
    (from, to): (Day, Day),
    now: Timestamp,
    (forms, session_field): (&Forms, &str),
    lines: &[DayLine],
) -> Result<(String, Vec<u8>)> {
    let rows = lines.iter().flat_map(|l| rows(forms, session_field, l));
    let book = TableBook {
        meta: BookMeta {
            title: words::TITLE.to_owned(),
            author: board::AUTHOR.to_owned(),
            created: now,
        },
        fonts: Fonts {
            title: board::TITLE_FONT.to_owned(),
            body: board::BODY_FONT.to_owned(),
        },
        sheets: vec![TableSheet {
            name: words::SHEET.to_owned(),
            title_lines: vec![words::TITLE.to_owned(), words::period(program, from, to)],
            columns: columns(),
            rows: rows.collect(),
            page_foot: board::PAGE_FOOT.to_owned(),
        }],
    };
    let bytes = write_table(&book).map_err(|e| KernelError::Internal(e.to_string()))?;
    Ok((words::file_name(program, from, to), bytes))
}
