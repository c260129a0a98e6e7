//! Chinese sentences for what is wrong with a campaign file. Each says where
//! and what to do. The places and figures come from the reader; nothing is
//! decided here.

use super::read::{DefinitionError, Kind, What};

/// A line for the person who writes the file: place, then what to do.
pub fn sentence(e: &DefinitionError) -> String {
    let line = e.line.map(|n| format!("第 {n} 行 ")).unwrap_or_default();
    let at = if e.path.is_empty() {
        String::new()
    } else {
        format!("{}：", e.path)
    };
    format!("{line}{at}{}", what(&e.what))
}

/// What to do about a fault, without its place.
pub fn fault(e: &DefinitionError) -> String {
    what(&e.what)
}

fn what(what: &What) -> String {
    match what {
        What::Syntax(message) => format!("文件格式读不了，请检查引号、括号和等号（{message}）。"),
        What::Unknown(Some(near)) => format!("没有这一项，是不是要写 {near}？"),
        What::Unknown(None) => "没有这一项，请删掉，或对照说明改名。".to_owned(),
        What::Missing => "缺少这一项，请补上。".to_owned(),
        What::Twice => "写了两次，请只留一个。".to_owned(),
        What::Expected(kind) => format!("请写成{}。", kind_words(*kind)),
        What::NotInList(list) => format!("只能写：{}。", list.join("、")),
        What::Range(low, high) => format!("请写 {low} 到 {high} 之间的数。"),
        What::Unresolved(id) => format!("文件里没有“{id}”，请先定义，或改成已有的编号。"),
        What::Empty => "不能是空的，至少写一个。".to_owned(),
        What::Format(format) => format!("不认识的文件格式“{format}”，请写 {}。", super::FORMAT),
    }
}

fn kind_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Bool => " true 或 false",
        Kind::Int => "整数",
        Kind::Number => "数字",
        Kind::Text => "带引号的文字",
        Kind::Day => "日期，如 \"2016-10-01\"",
        Kind::Clock => "时间，如 \"18:30\"",
        Kind::List => "列表，如 [\"a\", \"b\"]",
        Kind::Table => "一节（[名称] 下面逐行写）",
        Kind::Scalar => "数字、文字或 true/false",
    }
}
