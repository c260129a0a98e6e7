//! What an author of forms and packs reads when an expression is refused.
//! The only Chinese of this crate. Made from the place and kind of the fault;
//! shown by whoever loads the form or pack.

use crate::Ty;

pub(crate) fn too_long(max: usize) -> String {
    format!("表达式太长，最多 {max} 个字符，请拆成几个计算题")
}
pub(crate) fn too_big(max: usize) -> String {
    format!("表达式太复杂（超过 {max} 个部分），请拆成几个计算题")
}
pub(crate) fn too_deep(max: usize) -> String {
    format!("表达式套得太深（超过 {max} 层），请拆成几个计算题")
}
pub(crate) fn syntax(detail: &str) -> String {
    format!("表达式写法不对：{detail}")
}
pub(crate) fn function_not_allowed(name: &str) -> String {
    format!("不能用“{name}”")
}
pub(crate) fn answered_takes_a_name() -> String {
    "answered(…) 里只能写一道题的名称".to_owned()
}
pub(crate) fn too_many_loops(max: u32) -> String {
    format!("all、exists、filter 最多套 {max} 层，请拆成几个计算题")
}
pub(crate) fn pattern_is_written_out() -> String {
    "matches(…) 里要直接写出格式，例如 phone.matches('^1[0-9]{10}$')".to_owned()
}
pub(crate) fn pattern_not_allowed() -> String {
    "matches(…) 里的格式手机上读不了：不用 (?…)、\\b、\\p、反向引用，重复里不再套不限次数的重复"
        .to_owned()
}
pub(crate) fn struct_not_allowed() -> String {
    "表达式里不能新建对象".to_owned()
}
pub(crate) fn unknown_name(name: &str) -> String {
    format!("没有“{name}”这一项")
}
pub(crate) fn types_do_not_fit() -> String {
    "这里的类型对不上，例如拿文字和数字比较；小数要写成 1.0".to_owned()
}
pub(crate) fn wrong_result(want: Ty) -> String {
    let want = match want {
        Ty::Bool => "是或否",
        Ty::Int => "整数",
        Ty::Decimal => "小数",
        Ty::Text => "文字",
        Ty::Day => "日期",
        Ty::Many => "多个选项",
        Ty::Money => "金额（整数，单位分）",
        Ty::Rows => "多行",
    };
    format!("结果应是{want}")
}
