//! Chinese of the stock ledger as a workbook. Only words; figures and names come
//! from the caller, and what stands on the page is worded there. Whether a stock
//! lasts is decided in `outlook`.

use super::outlook::{By, Outlook};
use zf_base::Day;

/// Headers of the sheet of counties.
pub const COUNTY_HEADERS: [&str; 12] = [
    "机构",
    "物料",
    "订购（件）",
    "到货（件）",
    "发出（件）",
    "收回（件）",
    "盘点差额（件）",
    "县里库存（件）",
    "退回途中（件）",
    "到货金额（元）",
    "以后还要（件）",
    "够不够",
];
/// Headers of the sheet of branches.
pub const BRANCH_HEADERS: [&str; 10] = [
    "网点",
    "物料",
    "收货（件）",
    "退回（件）",
    "手机发放（件）",
    "盘点差额（件）",
    "库存（件）",
    "途中（件）",
    "以后还要（件）",
    "够不够",
];
/// How the header of a column of money ends.
pub const MONEY: &str = "（元）";
/// Name of the sheet of counties.
pub const COUNTY_SHEET: &str = "县里";
/// Name of the sheet of branches.
pub const BRANCH_SHEET: &str = "网点";
/// Foot of a printed page.
pub const FOOT: &str = "第 {page} 页，共 {pages} 页";

/// First line.
pub fn title(program: &str) -> String {
    format!("{program} 物料台账")
}

/// Second line.
pub fn basis(today: Day, days_left: i64) -> String {
    format!(
        "{today} 止；以后还有 {days_left} 个走访日。有手机发放记录的按实际用量算，没有的按日任务和每百户用量算。"
    )
}

/// Name of the file.
pub fn file(today: Day) -> String {
    format!("物料台账-{today}.xlsx")
}

/// Whether a stock lasts.
pub fn lasts(o: &Outlook) -> String {
    let pace = match o.by {
        None => return "活动里没写每百户用量，不算".to_owned(),
        Some(By::Used) => "按实际用量",
        Some(By::Plan) => "按计划用量",
    };
    match o.runs_out {
        None => format!("{pace}够用到活动结束"),
        Some(day) => format!("{pace}，{day} 起不够，到活动结束还差 {} 件", o.short),
    }
}
