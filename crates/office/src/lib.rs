//! Office files: reading the tables banks send and writing the workbooks people print.
//!
//! Knows nothing of databases, HTTP or the domain's tables: callers hand in bytes
//! or a path and get rows of text, or hand in plain rows and layouts and get the
//! bytes of an `.xlsx`. Every word on a sheet is an argument.
//! Reads no clock and no environment; the only input is the file the caller names.

pub mod columns;
pub mod errors;
pub mod kit;
pub mod list;
pub mod sheets;
pub mod table;
pub mod template;
pub mod ticksheet;
pub mod weekplan;

pub use columns::{ColumnMap, ColumnSpec};
pub use errors::{ErrorBook, ErrorRow, ErrorWords, write_error_book};
pub use kit::{BookMeta, Fonts, WriteError};
pub use list::{CellKind, CellValue, TableBook, TableColumn, TableSheet, write_csv, write_table};
pub use sheets::{TextSheet, read_text_sheet, write_text_sheets};
pub use table::{
    Limits, ReadSeek, RowCells, Table, TableError, TableInput, TableOptions, TextEncoding,
};
pub use template::{TemplateBook, TemplateColumn, TemplateKind, write_template};
pub use ticksheet::{TickSheet, TickSheetRow, write_tick_sheet};
pub use weekplan::{
    TeamPlan, VisitLine, WeekOverview, WeekPlanBook, WeekPlanSheet, WeekPlanWords, write_week_plan,
};
