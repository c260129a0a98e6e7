//! Chinese of the sheet of attendance as a workbook. Only words; names and days
//! come from the caller, and what stands on the page is worded there. It knows
//! no person.

use super::Came;
use zf_base::Day;

/// Headers.
pub const HEADERS: [&str; 8] = [
    "序号",
    "机构",
    "工号",
    "姓名",
    "岗位",
    "到会情况",
    "已培训",
    "签名",
];
/// Foot of a printed page.
pub const FOOT: &str = "第 {page} 页，共 {pages} 页";
/// Name of the sheet.
pub const SHEET: &str = "签到表";
/// Trained.
pub const TRAINED: &str = "是";

/// First line.
pub fn title(program: &str, meeting: &str) -> String {
    format!("{program} {meeting} 签到表")
}

/// Second line: when and where, or room to write it.
pub fn held(record: Option<(Day, &str)>) -> String {
    match record {
        Some((day, place)) => format!("时间：{day}　地点：{place}"),
        None => "时间：　　　　年　　月　　日　地点：".to_owned(),
    }
}

/// Name of the file.
pub fn file(day: Day) -> String {
    format!("签到表-{day}.xlsx")
}

/// What a state of attendance is called.
pub fn came(came: Came) -> &'static str {
    match came {
        Came::Present => "到会",
        Came::Excused => "请假",
        Came::Absent => "未到",
    }
}
