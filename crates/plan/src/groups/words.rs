//! Chinese words of must-visit groups: a rule read out loud, what is wrong with
//! one, and why a household is in a group. Names of groups and figures are data
//! of the packs and come in as arguments.

use super::preview::Fault;
use crate::targets::groups::Known;
use std::collections::BTreeMap;
use zf_base::Day;
use zf_expr::ExprError;

/// Name of a reason.
pub const DEPOSIT_DUE: &str = "存款到期";
/// Name of a reason.
pub const INSURANCE_DUE: &str = "保险满期";
/// Name of a reason.
pub const MISSING: &str = "有效信息不全";
/// A group without a rule.
pub const NO_RULE: &str = "没有规则：按名单标签和网点勾选";

/// What a variable of a rule is called; the name itself for one nobody has named.
pub fn variable(name: &str) -> &str {
    match name {
        "tags" => "名单标签",
        "job" => "职业",
        "deposit_floor" => "存款档位下限（分）",
        "days_to_deposit_maturity" => "存款到期还有几天",
        "days_to_insurance_payout" => "保险满期还有几天",
        "age" => "年龄",
        "sex" => "性别",
        "products" => "已办产品",
        "market" => "市场",
        "village_group" => "村组",
        "members" => "家里客户人数",
        "days_since_visit" => "距上次走访几天",
        "four_fields" => "四项信息齐全",
        "channel" => "来源渠道",
        other => other,
    }
}

/// What a type of a variable is called.
pub fn kind(ty: zf_expr::Ty) -> &'static str {
    use zf_expr::Ty;
    match ty {
        Ty::Bool => "是或否",
        Ty::Int => "整数",
        Ty::Decimal => "小数",
        Ty::Text => "文字",
        Ty::Day => "日期",
        Ty::Many => "几项文字",
        Ty::Money => "金额（分）",
        Ty::Rows => "多行",
    }
}

fn day_words(day: Day) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day_of_month())
}

/// Ticked by somebody.
pub fn ticked(by: &str, day: Day) -> String {
    format!("{by} {}勾选", day_words(day))
}

/// A file has the tag.
pub fn in_file(group: &str) -> String {
    format!("名单里标了“{group}”")
}

/// The rule holds.
pub fn by_rule(read: &str, version: i64) -> String {
    let rule = match version {
        0 => "符合预设规则".to_owned(),
        n => format!("符合第 {n} 版规则"),
    };
    if read.is_empty() {
        return rule;
    }
    format!("{read}，{rule}")
}

/// Something matures.
pub fn due(day: Day, days: i32) -> String {
    match days {
        0 => format!("{}，就是今天", day_words(day)),
        n => format!("{}，还有 {n} 天", day_words(day)),
    }
}

/// Some of the four fields are missing.
pub fn missing(fields: i64) -> String {
    format!("姓名、电话、证件号、住址还缺 {fields} 项")
}

/// What a rule has read of a customer; never an amount, bands only.
pub fn facts(known: &Known, reads: &[&str], today: Day) -> String {
    let quoted =
        |title: &str, text: &Option<String>| text.as_ref().map(|t| format!("{title}“{t}”"));
    let until = |title: &str, day: Option<Day>| {
        let days = day.map(|d| today.days_until(d)).filter(|n| *n >= 0);
        days.map(|n| format!("{title}还有 {n} 天"))
    };
    let mut parts = Vec::new();
    for name in reads {
        let part = match *name {
            "job" => quoted("职业", &known.occupation),
            "deposit_floor" => quoted("存款档次", &known.balance_band),
            "days_to_deposit_maturity" => until("存款到期", known.deposit_due_day),
            "days_to_insurance_payout" => until("保险满期", known.insurance_due_day),
            "age" => known
                .birth_year
                .map(|y| format!("{} 岁", i64::from(today.year()) - y)),
            "sex" => known.sex.as_deref().map(|s| value(s).to_owned()),
            "products" if !known.products.is_empty() => {
                Some(format!("已办{}", known.products.join("、")))
            }
            "market" => known.market.as_deref().map(|m| value(m).to_owned()),
            "village_group" => known.village_group.clone(),
            "members" => known.members.map(|n| format!("家里 {n} 位客户")),
            "four_fields" => known.four_fields.map(|all| match all {
                true => "四项信息齐全".to_owned(),
                false => "四项信息不全".to_owned(),
            }),
            _ => None,
        };
        parts.extend(part);
    }
    parts.join("，")
}

fn value(code: &str) -> &str {
    match code {
        "male" => "男",
        "female" => "女",
        "rural" => "农村市场",
        "urban" => "城区市场",
        other => other,
    }
}

/// How many, and how many more than last week.
pub fn sentence(households: i64, new: Option<i64>) -> String {
    match new {
        Some(new) => format!("{households} 户，比上周新增 {new} 户"),
        None => format!("{households} 户；名单建立不到一周，还不能和上周比"),
    }
}

/// What the checker of expressions starts a fault of spelling with; the rest of
/// it is the parser's English.
const SPELLING: &str = "表达式写法不对";
const UNKNOWN: (&str, &str) = ("没有“", "”这一项");

/// A fault as its author reads it, with the place where it is known.
pub fn fault(when: &str, e: &ExprError) -> Fault {
    let unknown = e.message.strip_prefix(UNKNOWN.0);
    if let Some(name) = unknown.and_then(|m| m.strip_suffix(UNKNOWN.1)) {
        return Fault {
            message: format!("规则里没有“{name}”这一项，请从右边的清单里选"),
            position: e.position.or_else(|| place_of(when, name)),
        };
    }
    let message = if e.message.starts_with(SPELLING) {
        match e.position {
            Some((line, column)) => format!(
                "第 {line} 行第 {column} 个字附近写得不对，看看是不是少了括号、引号，或者“并且”没写成 &&、“或者”没写成 ||"
            ),
            None => "写得不对，看看是不是少了括号或引号".to_owned(),
        }
    } else {
        e.message.clone()
    };
    Fault {
        message,
        position: e.position,
    }
}

/// Line and column of a name, from 1, in characters.
fn place_of(when: &str, name: &str) -> Option<(usize, usize)> {
    let mut at = (1, 1);
    for token in tokens(when) {
        if token == name {
            return Some(at);
        }
        for c in token.chars() {
            at = if c == '\n' {
                (at.0 + 1, 1)
            } else {
                (at.0, at.1 + 1)
            };
        }
    }
    None
}

/// The pieces of a predicate, blanks included: joined they are the text again.
pub fn tokens(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        let rest = &chars[at..];
        let run = |f: fn(&char) -> bool| rest.iter().take_while(|c| f(c)).count();
        let length = if c == '\'' || c == '"' {
            let close = rest.iter().skip(1).position(|x| *x == c);
            close.map_or(rest.len(), |n| n + 2)
        } else if c.is_alphanumeric() || c == '_' {
            run(|c| c.is_alphanumeric() || *c == '_')
        } else if c.is_whitespace() {
            run(|c| c.is_whitespace())
        } else if matches!(
            (c, rest.get(1)),
            ('&', Some('&')) | ('|', Some('|')) | ('<' | '>' | '=' | '!', Some('='))
        ) {
            2
        } else {
            1
        };
        out.push(rest[..length].iter().collect());
        at += length;
    }
    out
}

/// A predicate read out loud. `titles` names the figures; what it does not know
/// stays as it is written.
pub fn rule(
    when: &str,
    figures: &BTreeMap<String, i64>,
    titles: &BTreeMap<String, String>,
) -> String {
    if when.trim().is_empty() {
        return NO_RULE.to_owned();
    }
    let all: Vec<String> = tokens(when)
        .into_iter()
        .filter(|t| !t.trim().is_empty())
        .collect();
    let mut out = String::new();
    let mut at = 0;
    while at < all.len() {
        let window: Vec<&str> = all[at..].iter().take(6).map(String::as_str).collect();
        let (text, used) = phrase(&window, figures, titles);
        out.push_str(&text);
        at += used;
    }
    out
}

fn quoted(text: &str) -> String {
    let inner = text.trim_matches(|c| c == '\'' || c == '"');
    format!("“{}”", value(inner))
}

fn is_text(token: &str) -> bool {
    token.starts_with(['\'', '"'])
}

fn phrase(
    window: &[&str],
    figures: &BTreeMap<String, i64>,
    titles: &BTreeMap<String, String>,
) -> (String, usize) {
    match window {
        ["answered", "(", name, ")", ..] => (format!("有{}", variable(name)), 4),
        [name, ".", "contains", "(", text, ")", ..] if is_text(text) => {
            (format!("{}里有{}", variable(name), quoted(text)), 6)
        }
        [text, "in", name, ..] if is_text(text) => {
            (format!("{}里有{}", variable(name), quoted(text)), 3)
        }
        [first, ..] => (word(first, figures, titles), 1),
        [] => (String::new(), 1),
    }
}

fn word(token: &str, figures: &BTreeMap<String, i64>, titles: &BTreeMap<String, String>) -> String {
    let fixed = match token {
        "&&" => "，并且",
        "||" => "，或者",
        "!" => "不是",
        ">=" => "不少于",
        "<=" => "不超过",
        ">" => "大于",
        "<" => "小于",
        "==" => "是",
        "!=" => "不是",
        "(" => "（",
        ")" => "）",
        "true" => "“是”",
        "false" => "“否”",
        _ => "",
    };
    if !fixed.is_empty() {
        return fixed.to_owned();
    }
    if is_text(token) {
        return quoted(token);
    }
    if let Some(n) = figures.get(token) {
        let title = titles.get(token).map_or(token, String::as_str);
        let figure = match token.ends_with("_fen") {
            true => format!("{} 元", n / 100),
            false => n.to_string(),
        };
        return format!("{title}（{figure}）");
    }
    variable(token).to_owned()
}

/// Name of a sheet of households without a village group: the village their
/// addresses name, empty when none, and which of several sheets.
pub fn loose_sheet(village: &str, part: Option<usize>) -> String {
    match part {
        Some(part) => format!("{village}未分村组（第 {part} 张）"),
        None => format!("{village}未分村组"),
    }
}

/// Title of the printed sheet.
pub fn sheet_title(group: &str) -> String {
    format!("{group} 勾选名单")
}
/// Under the title.
pub fn sheet_subtitle(unit: &str, number: &str, day: Day) -> String {
    format!("{unit}　单号 {number}　{}", day_words(day))
}
/// Who has printed it; stands on every page.
pub fn sheet_mark(by: &str, at: &str) -> String {
    format!("打印：{by} {at}　内部资料，用后收回")
}
/// How to fill in the sheet.
pub const SHEET_HINT: &str =
    "属于就在格里打“√”，名单里标错的打“×”；不清楚的空着。填好后按行号录入。";
/// Foot of a page.
pub const SHEET_FOOT: &str = "第 {page} 页，共 {pages} 页";
/// Header of the row number.
pub const SHEET_ROW: &str = "行号";
/// Header of the household number.
pub const SHEET_HOUSEHOLD: &str = "户号";
/// Header of the names.
pub const SHEET_NAMES: &str = "家庭成员";
/// Sign here.
pub const SHEET_SIGN: &str = "填表人：　　　　　　　　　　日期：";
/// Author in the file's properties.
pub const AUTHOR: &str = "走访";
/// Why names leave on a sheet; kept with the event.
pub const SHEET_REASON: &str = "勾选名单";
/// A box that is already decided by a file.
pub const BOX_FILE: &str = "☐（名单）";
/// A box that is ticked.
pub const BOX_YES: &str = "☑";
/// A box that is crossed.
pub const BOX_NO: &str = "☒";
/// An empty box.
pub const BOX: &str = "☐";
/// Name of the file.
pub fn sheet_file(unit: &str, number: &str) -> String {
    format!("{unit}-勾选名单-{number}.xlsx")
}
