//! A form as a workbook of three sheets, in XLSForm's shape with Chinese headers:
//! 题目 (survey), 选项 (choices), 表单 (settings). Takes and gives rows of text; the
//! bytes of an `.xlsx` are the business of `zf-office`. Genuine XLSForm files are
//! read as far as docs/forms.md says; every cell that is not understood is a
//! [`Finding`] with its row and column, nothing is dropped in silence.

mod read;
mod words;
mod write;
mod xlsform;

pub use read::{from_workbook, placed};
pub use write::to_sheets;

/// A sheet to write: all texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Name.
    pub name: String,
    /// Headers.
    pub headers: Vec<String>,
    /// Rows, each as long as the headers.
    pub rows: Vec<Vec<String>>,
}

/// A sheet that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    /// Name in the file.
    pub name: String,
    /// Headers.
    pub headers: Vec<String>,
    /// Row in the file (from 1) and texts.
    pub rows: Vec<(u64, Vec<String>)>,
}

/// The sheets of a form workbook; those that are not there are `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workbook {
    /// 题目 or `survey`.
    pub questions: Option<Grid>,
    /// 选项 or `choices`.
    pub options: Option<Grid>,
    /// 表单 or `settings`.
    pub form: Option<Grid>,
}

/// Something that was not read, or not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Name of the sheet.
    pub sheet: String,
    /// Row in the file, from 1; 0 when the sheet itself is meant.
    pub row: u64,
    /// Header of the column; empty when the row itself is meant.
    pub column: String,
    /// What is wrong and what to do, in Chinese.
    pub what: String,
}

/// Names under which the three sheets are looked for: questions, options, form.
pub fn sheet_names() -> [&'static [&'static str]; 3] {
    [words::QUESTIONS, words::CHOICES, words::FORM_SHEET]
}

/// Whether a header is one of a form workbook; for finding the header row.
pub fn is_header(header: &str) -> bool {
    let all = [
        words::TYPE,
        words::NAME,
        words::LABEL,
        words::LIST,
        words::OPTION_LABEL,
        words::RELEVANT,
        words::ID,
        words::VERSION,
        words::TITLE,
    ];
    all.iter().any(|names| read::is_one_of(header, names))
}
