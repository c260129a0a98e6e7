//! Words of form administration: names of files and their author.

/// Author of a workbook.
pub const AUTHOR: &str = "走访";
/// Foot of a printed sheet.
pub const FOOT: &str = "第 {page} 页";

/// Fonts of a workbook; both come with every Windows.
pub const FONT_TITLE: &str = "SimHei";
/// Of the body.
pub const FONT_BODY: &str = "SimSun";

/// Name of the file of a form.
pub fn file_name(title: &str, version: u32) -> String {
    format!("{title} 第{version}版.xlsx")
}
