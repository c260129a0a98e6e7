//! The words of a form workbook: names of sheets, headers and types in Chinese
//! with their XLSForm aliases, and what is said about a cell that cannot be read.
//! Made of constants only; which one applies is decided where the cell is read.

use crate::model::FieldType;

pub(crate) const FORM_SHEET: &[&str] = &["表单", "settings"];
pub(crate) const QUESTIONS: &[&str] = &["题目", "survey"];
pub(crate) const CHOICES: &[&str] = &["选项", "choices"];

/// Column of the sheet of questions: our header first, then what else is understood.
pub(crate) const TYPE: &[&str] = &["题型", "type"];
pub(crate) const NAME: &[&str] = &["名称", "name"];
pub(crate) const LABEL: &[&str] = &["题目", "label", "label::chinese(zh)", "label::中文(zh)"];
pub(crate) const LABEL_EN: &[&str] = &["题目(英文)", "label::english(en)", "label::english"];
pub(crate) const REQUIRED: &[&str] = &["必填", "required"];
pub(crate) const RELEVANT: &[&str] = &["什么时候显示", "relevant", "relevance"];
pub(crate) const CONSTRAINT: &[&str] = &["限制", "constraint"];
pub(crate) const MESSAGE: &[&str] = &[
    "限制说明",
    "constraint_message",
    "constraint_message::chinese(zh)",
    "constraint_message::中文(zh)",
];
pub(crate) const MESSAGE_EN: &[&str] = &[
    "限制说明(英文)",
    "constraint_message::english(en)",
    "constraint_message::english",
];
pub(crate) const HINT: &[&str] = &["提示", "hint", "hint::chinese(zh)", "hint::中文(zh)"];
pub(crate) const HINT_EN: &[&str] = &["提示(英文)", "hint::english(en)", "hint::english"];
pub(crate) const CALCULATE: &[&str] = &["计算", "calculation", "calculate"];
pub(crate) const SCORE: &[&str] = &["分值", "score"];

pub(crate) const LIST: &[&str] = &["名单", "list_name", "list name"];
pub(crate) const OPTION_LABEL: &[&str] =
    &["显示", "label", "label::chinese(zh)", "label::中文(zh)"];
pub(crate) const OPTION_LABEL_EN: &[&str] = &["显示(英文)", "label::english(en)", "label::english"];

pub(crate) const ID: &[&str] = &["编号", "form_id"];
pub(crate) const VERSION: &[&str] = &["版本", "version"];
pub(crate) const TITLE: &[&str] = &["标题", "form_title"];
pub(crate) const TITLE_EN: &[&str] = &["标题(英文)", "form_title_en"];

pub(crate) const YES: &str = "是";
pub(crate) const NO: &str = "否";
pub(crate) const YES_WORDS: &[&str] = &["是", "必填", "yes", "true", "true()", "required", "1"];
pub(crate) const NO_WORDS: &[&str] = &["否", "no", "false", "false()", "0"];

/// Types that have a word of their own; `one` and `many` are followed by a list.
pub(crate) const TYPES: &[(FieldType, &[&str])] = &[
    (FieldType::One, &["单选", "select_one", "select one"]),
    (
        FieldType::Many,
        &["多选", "select_multiple", "select multiple"],
    ),
    (FieldType::Text, &["文字", "文本", "text", "string"]),
    (FieldType::Integer, &["整数", "integer", "int"]),
    (FieldType::Decimal, &["小数", "decimal"]),
    (FieldType::Money, &["金额", "money"]),
    (FieldType::Date, &["日期", "date"]),
    (FieldType::Time, &["时间", "time"]),
    (FieldType::Photo, &["照片", "image", "photo"]),
    (FieldType::Signature, &["签名", "signature"]),
    (FieldType::Location, &["位置", "geopoint", "location"]),
    (FieldType::Customer, &["客户", "customer"]),
    (FieldType::Note, &["说明", "note"]),
    (
        FieldType::Group,
        &["开始分组", "begin_group", "begin group"],
    ),
    (
        FieldType::Repeat,
        &["开始多行", "begin_repeat", "begin repeat"],
    ),
];
pub(crate) const END_GROUP: &[&str] = &["结束分组", "end_group", "end group"];
pub(crate) const END_REPEAT: &[&str] = &["结束多行", "end_repeat", "end repeat"];
/// A calculation without a type, as XLSForm has it.
pub(crate) const CALCULATION: &[&str] = &["calculate"];

pub(crate) const NO_QUESTIONS: &str = "没有“题目”（survey）这张表，或表里没有“题型”和“名称”两列";
pub(crate) const NO_OPTIONS_SHEET: &str = "有选择题，但没有“选项”（choices）这张表";
pub(crate) const ENDS_NOTHING: &str = "没有对应的开始行";
pub(crate) const NOT_ENDED: &str = "分组或多行没有结束行";
pub(crate) const NOT_A_VERSION: &str = "版本应是从 1 开始的整数";
pub(crate) const NOT_POINTS: &str = "分值应是整数";
pub(crate) const NO_TYPE: &str = "没有写题型";
pub(crate) const ENGLISH_ALONE: &str = "只有英文没有中文，请补中文";
pub(crate) const NEEDS_LIST: &str = "选择题后面要写名单，例如“单选 outcome”";
pub(crate) const ONE_FORM_ROW: &str = "“表单”这张表只读第一行";

pub(crate) fn unknown_type(word: &str) -> String {
    format!("不认识题型“{word}”，这一行没有读入")
}
pub(crate) fn unknown_column(header: &str) -> String {
    format!("不认识“{header}”这一列，内容没有读入")
}
pub(crate) fn no_such_list(list: &str) -> String {
    format!("“选项”里没有名单“{list}”")
}
pub(crate) fn list_not_used(list: &str) -> String {
    format!("没有题目用到名单“{list}”，没有读入")
}
pub(crate) fn expression(what: &str) -> String {
    format!("表达式读不懂，没有读入：{what}")
}
pub(crate) fn not_translated(part: &str) -> String {
    format!("“{part}”不在支持的写法里")
}
pub(crate) const TOO_DEEP: &str = "套得太深";
pub(crate) const UNFINISHED: &str = "没有写完";
pub(crate) const TYPES_DIFFER: &str = "两边没有可以比较的内容";
