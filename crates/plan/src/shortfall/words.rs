//! Chinese of the ledger: columns and lines of the workbook. Figures come from
//! the ledger; nothing is computed here.
//! What is said follows the words allowed on screen.

use super::{Outlook, Source};

/// Author in the file properties.
pub const AUTHOR: &str = "走访";
/// Font of titles.
pub const TITLE_FONT: &str = "等线";
/// Font of everything else.
pub const BODY_FONT: &str = "宋体";
/// Name of the first sheet.
pub const SUMMARY: &str = "各网点";
/// Name of the second sheet.
pub const DETAIL: &str = "逐日";
/// Foot of a printed page.
pub const PAGE_FOOT: &str = "第 {page} 页，共 {pages} 页";
/// Columns of the first sheet.
pub const SUMMARY_COLUMNS: [&str; 8] = [
    "机构编码",
    "网点",
    "今天任务",
    "应走",
    "已走",
    "欠进度",
    "没填的天数",
    "能不能补上",
];
/// Columns of the second sheet.
pub const DETAIL_COLUMNS: [&str; 8] = [
    "机构编码",
    "网点",
    "日期",
    "应走",
    "已走",
    "欠下",
    "补上",
    "累计欠进度",
];
/// Column with the source of a row.
pub const SOURCE_COLUMN: &str = "依据";

/// Title of the workbook.
pub fn title(program: &str) -> String {
    format!("{program} 欠进度")
}

/// Name of the file.
pub fn file_name(program: &str, day: zf_base::Day) -> String {
    format!("{program}-欠进度-{day}.xlsx")
}

/// Where a row comes from.
pub fn source(source: Source) -> &'static str {
    match source {
        Source::Visits => "走访记录",
        Source::Typed => "网点填报",
        Source::Plan => "周计划",
        Source::Open => "没有填",
    }
}

/// Whether it can be made up for.
pub fn outlook(o: Outlook) -> String {
    match o {
        Outlook::Clear => "没有欠进度".to_owned(),
        Outlook::Until { day, spare } => {
            format!("最晚 {day} 开始补；剩下的走访日除去每天任务还能多走 {spare} 户")
        }
        Outlook::Never { spare, missing } => {
            format!("补不上了：剩下的走访日只能多走 {spare} 户，还差 {missing} 户")
        }
    }
}
