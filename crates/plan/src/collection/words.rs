//! Chinese of the progress of collection as a workbook: headers, titles, how it
//! is counted. Only words; figures and names come from `service`, and what is
//! shown on the page is worded there.

use zf_base::Day;

/// Headers.
pub const HEADERS: [&str; 10] = [
    "网点",
    "乡镇",
    "行政村",
    "邮路段道",
    "村组（个）",
    "户数",
    "四要素齐全（户）",
    "还缺（户）",
    "走访过（户）",
    "走访（次）",
];
/// Name of the sheet.
pub const SHEET: &str = "采集进度";
/// Foot of a printed page.
pub const FOOT: &str = "第 {page} 页，共 {pages} 页";
/// How it is counted.
pub const DEFINITION: &str = "口径：一户所有人姓名、联系电话、身份证号、家庭住址四项都有才算齐全；行内已核实、以星号显示的也算有";

/// First line.
pub fn title(program: &str, day: Day) -> String {
    format!("{program} 采集进度（{day}）")
}

/// Name of the file.
pub fn file(day: Day) -> String {
    format!("采集进度-{day}.xlsx")
}
