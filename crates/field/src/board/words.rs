//! Chinese of the summary table as a workbook: columns, lines, file name.
//! Figures come from the service; nothing is computed here. Knows no visit and no
//! database; the names of outcomes are those of the form.

use zf_base::Day;

/// Author in the file properties.
pub const AUTHOR: &str = "走访";
/// Font of titles.
pub const TITLE_FONT: &str = "等线";
/// Font of everything else.
pub const BODY_FONT: &str = "宋体";
/// Name of the sheet.
pub const SHEET: &str = "采集汇总";
/// Name of the sheet with the options.
pub const OPTIONS_SHEET: &str = "各项选择";
/// Foot of a printed page.
pub const PAGE_FOOT: &str = "第 {page} 页，共 {pages} 页";
/// Line to sign.
pub const SIGN_LINE: &str = "填表人签字：　　　　　　网点负责人签字：　　　　　　日期：";
/// Title of the sheet as the form is called.
pub const TITLE: &str = "邮政金融客户大走访信息采集汇总表";
/// The last row.
pub const TOTAL: &str = "合计";
/// Columns in front, on every sheet.
pub const PLACES: [&str; 3] = ["机构编码", "网点", "日期"];
/// Columns before the outcomes.
pub const COLUMNS: [&str; 5] = ["当日任务", "走访户数", "走访次数", "登记人数", "有效记录"];
/// Outcomes in the order of the form, with what they are called.
pub const OUTCOMES: [(&str, &str); 6] = [
    ("self", "见到本人"),
    ("family", "见到家人"),
    ("absent", "不在家"),
    ("refused", "婉拒"),
    ("moved", "已搬走"),
    ("wrong_address", "地址有误"),
];
/// All other outcomes.
pub const OTHER: &str = "其他";

/// Heading of an option's column.
pub fn option(question: &str, option: &str) -> String {
    format!("{question}：{option}")
}

/// Line under the title.
pub fn period(program: &str, from: Day, to: Day) -> String {
    match from == to {
        true => format!("{program}　{from}"),
        false => format!("{program}　{from} 至 {to}"),
    }
}

/// Name of the file.
pub fn file_name(program: &str, from: Day, to: Day) -> String {
    match from == to {
        true => format!("{program}-采集汇总表-{from}.xlsx"),
        false => format!("{program}-采集汇总表-{from}至{to}.xlsx"),
    }
}
