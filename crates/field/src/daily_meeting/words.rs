//! Chinese of the workbook of daily meetings: columns, file name, the line under
//! the title. Knows no record and no database; what the form's choices are called,
//! the form says.

use zf_base::Day;

/// Title.
pub const TITLE: &str = "晨（夕）会记录";
/// Name of the sheet.
pub const SHEET: &str = "会议记录";
/// No record on a day that had a task.
pub const NONE: &str = "未填报";
/// Columns before the texts.
pub const COLUMNS: [&str; 14] = [
    "机构编码",
    "网点",
    "日期",
    "会议",
    "到会人数",
    "填报走访户数",
    "系统走访户数",
    "填报有效登记",
    "系统有效记录",
    "当时欠户数",
    "不合规则项数",
    "更正次数",
    "填报人",
    "填报时间",
];
/// The last column: what was written in words.
pub const TEXTS: &str = "记录内容";

/// Line under the title.
pub fn period(program: &str, from: Day, to: Day) -> String {
    crate::board::words::period(program, from, to)
}

/// Name of the file.
pub fn file_name(program: &str, from: Day, to: Day) -> String {
    match from == to {
        true => format!("{program}-晨夕会记录-{from}.xlsx"),
        false => format!("{program}-晨夕会记录-{from}至{to}.xlsx"),
    }
}
