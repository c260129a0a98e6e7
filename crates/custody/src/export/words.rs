//! Chinese words of exports: headers, watermark, file names. Only words.
//! What they decide is said where they are used; nothing here knows a database
//! or a screen.

use zf_base::{Day, Timestamp};

/// Headers of a list of customers, in the order of `sheet::cells`.
pub const HEADERS: [&str; 18] = [
    "机构编码",
    "机构",
    "客户号",
    "户号",
    "姓名",
    "性别",
    "证件号码",
    "联系电话",
    "家庭住址",
    "村组",
    "职业",
    "资产档次",
    "存款到期日",
    "保险满期日",
    "必访群体",
    "四要素",
    "客户意愿",
    "导出编号",
];
/// Name of the sheet.
pub const SHEET: &str = "客户名单";
/// Four fields there.
pub const COMPLETE: &str = "齐全";
/// Some missing.
pub const INCOMPLETE: &str = "不全";
/// Between names in a cell.
pub const SEPARATOR: &str = "；";

/// What a customer has refused.
pub fn wishes(no_visit: bool, no_contact: bool) -> &'static str {
    match (no_visit, no_contact) {
        (true, true) => "勿访、勿联系",
        (true, false) => "勿访",
        (false, true) => "勿联系",
        (false, false) => "",
    }
}

/// 性别 in words.
pub fn sex(code: &str) -> &'static str {
    match code {
        "male" => "男",
        "female" => "女",
        _ => "",
    }
}

/// First line of a workbook.
pub fn title(unit: &str, full: bool) -> String {
    let how = if full { "完整信息" } else { "已脱敏" };
    format!("{unit} 客户名单（{how}）")
}

/// The watermark: who, when, what for, which export.
pub fn watermark(who: &str, at: Timestamp, purpose: &str, mark: &str) -> String {
    let day = at.day();
    format!("导出人 {who} · {day} · 用途：{purpose} · 编号 {mark} · 内部资料，不得外传")
}

/// What of the list is not in the file, when something is not.
pub fn left_out(customers: i64, to_people: bool) -> String {
    match to_people {
        true => format!("未列入 {customers} 位客户：谢绝走访，或资料的合法来源已失效"),
        false => format!("未列入 {customers} 位客户：资料的合法来源已失效"),
    }
}

/// Foot of every printed page.
pub fn foot(mark: &str) -> String {
    format!("编号 {mark}　第 {{page}} 页，共 {{pages}} 页")
}

/// Name of the file; no personal data.
pub fn file_name(core: bool, unit: &str, day: Day, mark: &str) -> String {
    match core {
        true => format!("客户系统录入-{unit}-{day}-{mark}.csv"),
        false => format!("客户名单-{unit}-{day}-{mark}.xlsx"),
    }
}

/// Why a line of a receipt was not used.
pub fn receipt_problem(code: &str) -> &'static str {
    match code {
        "unknown" => "这个流水号不在这次导出里",
        "double" => "这个流水号在回执里出现了两次，只认第一次",
        "taken" => "回执里的客户号在本网点已属于另一位客户，请先核对是否同一人",
        "long" => "回执里的客户号太长",
        _ => "这一行读不懂",
    }
}
