//! Chinese words of the table of completeness as a workbook. Only words.
//! Only words: what is counted is said in `service`, and the figures come from
//! there.

use zf_base::Day;

/// Headers.
pub const HEADERS: [&str; 10] = [
    "机构",
    "级别",
    "客户记录（条）",
    "四要素齐全（条）",
    "信息完整率",
    "比前一天",
    "比上周同日",
    "缺电话（条）",
    "缺证件（条）",
    "缺住址（条）",
];
/// Name of the sheet.
pub const SHEET: &str = "信息完整率";
/// Foot of a printed page.
pub const FOOT: &str = "第 {page} 页，共 {pages} 页";

/// First line.
pub fn title(unit: &str, day: Day) -> String {
    format!("{unit} 客户信息完整率（{day}）")
}
/// How it is counted.
pub const DEFINITION: &str = "口径：姓名、联系电话、身份证号、家庭住址四项都有的记录 ÷ 全部记录；行内已核实、以星号显示的也算有";
