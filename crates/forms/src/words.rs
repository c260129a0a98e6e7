//! What authors of forms and packs, and people who fill them in, read.
//! The only Chinese of this crate outside of tests. Sentences only; which one
//! applies is decided where the fault is found.

pub(crate) const NOT_JSON: &str = "不是 JSON";
pub(crate) const LINE_SHAPE: &str = "每行应是 {\"answers\":{…},\"today\":\"YYYY-MM-DD\"}";

// Answers.
pub(crate) const NULL: &str = "没有回答的题不要写 null，请去掉";
pub(crate) const UNKNOWN_ANSWER: &str = "表单里没有这道题";
pub(crate) const NOT_AN_OPTION: &str = "请从选项中选择";
pub(crate) const NEEDS_TEXT: &str = "请填文字";
pub(crate) const NEEDS_LIST: &str = "请填多个选项";
pub(crate) const NEEDS_INTEGER: &str = "请填整数";
pub(crate) const NEEDS_NUMBER: &str = "请填数字";
pub(crate) const NEEDS_FEN: &str = "金额请按分填整数";
pub(crate) const NEEDS_DAY: &str = "请填日期，例如 2026-11-21";
pub(crate) const NEEDS_TIME: &str = "请填时间，例如 18:30";
pub(crate) const NEEDS_PLACE: &str = "请填位置（纬度和经度）";
pub(crate) const NEEDS_ROWS: &str = "请按行填写";
pub(crate) const TOO_LONG: &str = "内容太长，请缩短";
pub(crate) const CONSTRAINT: &str = "填写的内容不符合要求，请检查";

// Forms.
pub(crate) const BAD_ID: &str = "编号只能用小写字母、数字、“-”和“_”，以字母开头，最多 60 个字符";
pub(crate) const BAD_VERSION: &str = "版本号从 1 开始";
pub(crate) const BAD_NAME: &str = "名称只能用字母、数字和“_”，以字母开头，最多 60 个字符";
pub(crate) const RESERVED_NAME: &str = "这个名称是保留字，请换一个";
pub(crate) const DUPLICATE_NAME: &str = "名称重复";
pub(crate) const NO_OPTIONS: &str = "选择题没有选项";
pub(crate) const OPTIONS_NOT_USED: &str = "只有选择题可以有选项";
pub(crate) const DUPLICATE_OPTION: &str = "选项重复或为空";
pub(crate) const NO_FIELDS: &str = "没有题目";
pub(crate) const FIELDS_NOT_USED: &str = "只有分组和多行可以包含题目";
pub(crate) const REPEAT_IN_REPEAT: &str = "多行里不能再有多行";
pub(crate) const TOO_DEEP: &str = "分组和多行最多套两层";
pub(crate) const BAD_POINTS: &str = "选项的分值太大";
pub(crate) const SCORE_NOT_USED: &str = "这种题型没有回答，不能计分";
pub(crate) const CYCLE: &str = "“显示条件”或“计算”绕成了一圈";
pub(crate) const CALCULATE_NOT_USED: &str = "这种题型不能计算";

pub(crate) fn too_big(max: usize) -> String {
    format!("表单太大，最多 {} KiB", max / 1024)
}
pub(crate) fn never_works(which: &str) -> String {
    let which = property(which);
    format!("“{which}”用全填和两头极端的样例都算不出结果，请检查")
}
pub(crate) fn no_such_option(which: &str, field: &str, option: &str) -> String {
    let which = property(which);
    format!("“{which}”里的“{option}”不是“{field}”的选项，永远对不上")
}
pub(crate) fn too_many_fields(max: usize) -> String {
    format!("题目太多，最多 {max} 道")
}
/// A property of a field as the author knows it.
pub(crate) fn property(which: &str) -> &str {
    match which {
        "relevant" => "什么时候显示",
        "required" => "必填",
        "constraint" => "限制",
        "calculate" => "计算",
        "score" => "分值",
        other => other,
    }
}
pub(crate) fn expression(which: &str, position: Option<(usize, usize)>, what: &str) -> String {
    let which = property(which);
    match position {
        Some((line, column)) => format!("“{which}”（第 {line} 行第 {column} 列）：{what}"),
        None => format!("“{which}”：{what}"),
    }
}

// Packs.
pub(crate) const NO_FILE: &str = "缺少这个文件";
pub(crate) const UNKNOWN_FILE: &str = "模块里不应有这个文件，请删除或改名";
pub(crate) const NOT_UTF8: &str = "文件不是 UTF-8 编码";
pub(crate) const UNKNOWN_KEY: &str = "不认识这个键，请检查拼写";
pub(crate) const NOT_A_LIST: &str = "这里应是列表";
pub(crate) const NOT_A_TEXT: &str = "这里应是文字，不能为空";
pub(crate) const UNKNOWN_TYPE: &str = "类型只能是 bool、int、decimal、text、day、many、money";
pub(crate) const ID_IS_FILE_NAME: &str = "编号要和文件名一致";
pub(crate) const KEY_TWICE: &str = "同一个键写了两次（中文和英文算同一个）";
pub(crate) const BOTH_LANGUAGES: &str = "中文和英文都要写";
pub(crate) const DUPLICATE_ID: &str = "重复或为空";
pub(crate) const BAD_PACK_VERSION: &str = "版本号应是三个数字，例如 1.0.0";
pub(crate) const EXCLUDES_BOTH_WAYS: &str = "互斥要两边都写";
pub(crate) const BAD_PATH: &str = "路径以一个“/”开头";
pub(crate) const SHARE_NEEDS_DENOMINATOR: &str = "比率要有分母";
pub(crate) const THRESHOLDS_CROSSED: &str = "提醒值比目标值还好，两个值可能写反了";
pub(crate) const NO_PROGRAM: &str = "有参数说明，但没有 program.toml";
pub(crate) const NO_REQUIREMENT: &str = "没有写需求编号";
pub(crate) const NOT_IN_PROGRAM: &str = "program.toml 里没有这个键";
pub(crate) const NOT_DESCRIBED: &str = "parameters.toml 里没有说明这个键";
pub(crate) const WORD_MISSING: &str = "另一种语言有这个词，这里没有";
pub(crate) const NO_STEPS: &str = "没有步骤";
pub(crate) const BAD_CALL: &str = "应写成“GET /api/…”";
pub(crate) const STATE_STUCK: &str = "到不了这个状态，或者从这里走不到结束";
pub(crate) const CHECKER_NEEDED: &str = "有审核状态的流程要写审核人（checker），没有的不写";
pub(crate) const LAPSE_NEEDS_CANCEL: &str =
    "写了过期自动结束（lapse_hours），流程开头就要能取消（cancel）";
pub(crate) const NOT_IN_ORDER: &str = "应按时间从早到晚写";
pub(crate) const START_NEEDS_CAMPAIGN: &str = "按活动开始日推算的例行工作要写 campaign = true";
pub(crate) const BAD_STATUS: &str = "状态码应在 100 到 599 之间";

pub(crate) fn bad_toml(detail: &str) -> String {
    format!("TOML 写法不对：{detail}")
}
pub(crate) fn bad_entry(detail: &str) -> String {
    format!("内容不对：{detail}")
}
pub(crate) fn no_permission(name: &str) -> String {
    format!("没有“{name}”这个权限")
}
pub(crate) fn bad_figure(name: &str) -> String {
    format!("“{name}”的数值不合理")
}
pub(crate) fn no_such(name: &str) -> String {
    format!("没有“{name}”")
}
