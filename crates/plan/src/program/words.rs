//! Chinese of this slice: the headers of a unit file that only the check of a
//! campaign reads, and what is wrong with files given to that check. Figures
//! and names come from the caller.

use super::files::FilesError;
use zf_office::ColumnSpec;

/// What a unit file may say about a campaign, beside the columns of the import.
pub const PLAN_COLUMNS: &[ColumnSpec<'static>] = &[
    ColumnSpec {
        key: "collection_plan",
        aliases: &["采集计划", "信息采集计划"],
        required: false,
    },
    ColumnSpec {
        key: "quota_per_day",
        aliases: &["每日户数", "日任务"],
        required: false,
    },
];

/// What to do about a file that cannot be used.
pub fn files_error(e: &FilesError) -> String {
    match e {
        FilesError::Unreadable { file, .. } => {
            format!("{file}：读不了，请用 .xlsx 或 .csv 文件，第一行写列名。")
        }
        FilesError::Columns { file, missing } => {
            format!("{file}：缺少必须的列 {}。", missing.join("、"))
        }
        FilesError::Cell {
            file,
            row,
            column,
            value,
        } => {
            format!("{file} 第 {row} 行 {column}：“{value}”不对，请检查。")
        }
    }
}

/// A day whose correction was taken back: what it is again.
pub fn taken_back(name: &str, is_workday: bool) -> String {
    let what = match (name.is_empty(), is_workday) {
        (false, _) => name,
        (true, true) => "上班",
        (true, false) => "休息",
    };
    format!("更正已取消，仍按{what}")
}
