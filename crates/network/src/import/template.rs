//! Workbooks around imports: the template a bank fills in, and the list of
//! refused rows it corrects and sends again. Words come from `words`, layouts
//! from the office.

use super::service::{import_errors, import_notes};
use super::{Import, ImportKind};
use crate::words;
use zf_base::limits;
use zf_kernel::App;
use zf_kernel::error::{KernelError, Result};
use zf_office::{
    BookMeta, CellKind, CellValue, ColumnSpec, ErrorBook, ErrorRow, Fonts, TableBook, TableColumn,
    TableSheet, TemplateBook, TemplateColumn, TemplateKind, write_error_book, write_table,
    write_template,
};

/// Rows of a template that get formats and lists.
const PREPARED_ROWS: u32 = 2_000;

fn fonts() -> Fonts {
    Fonts {
        title: words::FONT_TITLE.to_owned(),
        body: words::FONT_BODY.to_owned(),
    }
}

fn failed(e: zf_office::WriteError) -> KernelError {
    KernelError::Internal(format!("workbook: {e}"))
}

/// An empty workbook with the columns of a kind.
pub fn template(app: &App, kind: ImportKind, specs: &[ColumnSpec<'static>]) -> Result<Vec<u8>> {
    let posts: Vec<String> = app
        .packs
        .posts()
        .iter()
        .map(|p| p.name.zh.clone())
        .collect();
    let columns = specs.iter().map(|s| {
        let header = s.aliases.first().copied().unwrap_or(s.key);
        let choices = match s.key {
            "post" => posts.clone(),
            key => words::choices(key)
                .iter()
                .map(|c| (*c).to_owned())
                .collect(),
        };
        TemplateColumn {
            header: header.to_owned(),
            required: s.required && !words::only_for_groups(kind.as_str(), s.key),
            explanation: words::explanation(kind.as_str(), s.key).to_owned(),
            kind: if s.key.ends_with("_day") {
                TemplateKind::Date
            } else {
                TemplateKind::Text
            },
            choices,
        }
    });
    let title = words::kind_name(kind.as_str());
    let book = TemplateBook {
        meta: BookMeta {
            title: title.to_owned(),
            author: words::AUTHOR.to_owned(),
            created: app.now(),
        },
        fonts: fonts(),
        sheet: title.to_owned(),
        example_sheet: words::EXAMPLE_SHEET.to_owned(),
        columns: columns.collect(),
        examples: words::examples(kind.as_str(), specs),
        choice_error: words::CHOICE_ERROR.to_owned(),
        prepared_rows: PREPARED_ROWS,
    };
    write_template(&book).map_err(failed)
}

/// Refused rows with all their cells, on one sheet that can be imported.
pub fn refused_book(app: &App, headers: &[String], rows: Vec<Vec<String>>) -> Result<Vec<u8>> {
    let columns = headers.iter().map(|h| TableColumn {
        header: h.clone(),
        kind: CellKind::Text,
    });
    let cells = |row: Vec<String>| row.iter().map(|c| CellValue::from(c.as_str())).collect();
    let book = TableBook {
        meta: BookMeta {
            title: words::REFUSED_SHEET.to_owned(),
            author: words::AUTHOR.to_owned(),
            created: app.now(),
        },
        fonts: fonts(),
        sheets: vec![TableSheet {
            name: words::REFUSED_SHEET.to_owned(),
            title_lines: vec![],
            columns: columns.collect(),
            rows: rows.into_iter().map(cells).collect(),
            page_foot: words::error_words().page_foot,
        }],
    };
    write_table(&book).map_err(failed)
}

/// The refused cells of an import.
pub async fn error_book(app: &App, import: &Import) -> Result<Vec<u8>> {
    let errors = import_errors(app, import, limits::IMPORT_FINDINGS_MAX as i64).await?;
    let notes = import_notes(app, import, limits::IMPORT_FINDINGS_MAX as i64).await?;
    let noted = notes.len();
    let rows = errors.into_iter().chain(notes).map(|e| ErrorRow {
        row: e.row.unsigned_abs(),
        key: e.key,
        column: e.column,
        reason: e.reason,
        masked_value: e.masked,
    });
    let book = ErrorBook {
        meta: BookMeta {
            title: words::ERROR_TITLE.to_owned(),
            author: words::AUTHOR.to_owned(),
            created: app.now(),
        },
        fonts: fonts(),
        words: words::error_words(),
        summary_lines: words::error_summary(
            &import.file_name,
            import.counts.done,
            import.counts.bad,
            noted,
        ),
        rows: rows.collect(),
    };
    write_error_book(&book).map_err(failed)
}
