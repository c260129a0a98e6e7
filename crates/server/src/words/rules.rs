//! What is said of rules over time on the command line.

use std::path::Path;

/// A rule's file is no text.
pub fn not_text(path: &Path) -> String {
    format!("{}：不是 UTF-8 文本，请另存为 UTF-8", path.display())
}

/// A rule's file is not right; `what` are the reader's words with the place.
pub fn rule_fault(path: &Path, what: &str) -> String {
    format!("{}：规则文件有误，请改正后再试\n{what}", path.display())
}

/// A calendar is not right.
pub fn calendar_fault(path: &Path, what: &str) -> String {
    let path = path.display();
    format!("{path}：日历应为 {{\"planned\": [\"2016-10-08\", …]}}，请改正后再试\n{what}")
}
