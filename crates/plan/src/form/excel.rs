//! A form as an Excel file and back. The sheets and what their cells mean are
//! the business of `zf_forms::workbook`, the bytes that of `zf-office`. Takes
//! and gives forms and bytes; knows no version, no table and no permission.

use super::words;
use zf_base::Timestamp;
use zf_forms::Form;
use zf_forms::workbook::{
    Finding, Grid, Workbook, from_workbook, is_header, sheet_names, to_sheets,
};
use zf_kernel::error::{KernelError, Result};
use zf_office::{
    BookMeta, Fonts, Limits, TableError, TextSheet, read_text_sheet, write_text_sheets,
};

/// The file of a form with its name.
///
/// # Errors
/// A text is longer than a cell.
pub fn form_file(form: &Form, at: Timestamp) -> Result<(String, Vec<u8>)> {
    let title = form.title.as_ref().map_or(form.id.as_str(), |t| t.zh());
    let meta = BookMeta {
        title: title.to_owned(),
        author: words::AUTHOR.to_owned(),
        created: at,
    };
    let sheets: Vec<TextSheet> = to_sheets(form)
        .into_iter()
        .map(|s| TextSheet {
            name: s.name,
            headers: s.headers,
            rows: s.rows.into_iter().map(|row| (0, row)).collect(),
        })
        .collect();
    let fonts = Fonts {
        title: words::FONT_TITLE.to_owned(),
        body: words::FONT_BODY.to_owned(),
    };
    let bytes = write_text_sheets(meta, fonts, words::FOOT, &sheets)
        .map_err(|e| KernelError::Internal(e.to_string()))?;
    Ok((words::file_name(title, form.version), bytes))
}

/// Reads a file as far as it is understood, with what is not by row and column.
/// `id` and `version` hold when the file does not say.
///
/// # Errors
/// No workbook that can be read.
pub fn form_read(
    bytes: &[u8],
    id: &str,
    version: u32,
) -> std::result::Result<(Form, Vec<Finding>), TableError> {
    let sheet = |names: &[&str]| -> std::result::Result<Option<Grid>, TableError> {
        let read = read_text_sheet(bytes, names, Limits::default(), &is_header)?;
        Ok(read.map(|s| Grid {
            name: s.name,
            headers: s.headers,
            rows: s.rows,
        }))
    };
    let [questions, options, form] = sheet_names();
    let book = Workbook {
        questions: sheet(questions)?,
        options: sheet(options)?,
        form: sheet(form)?,
    };
    Ok(from_workbook(&book, id, version))
}
