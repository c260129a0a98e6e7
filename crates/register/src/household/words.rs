//! What is said about households in words: why people are proposed as one,
//! and what has happened to them. Codes and counts in, sentences out; nothing
//! personal comes here.

use super::propose::Reason;
use serde_json::Value as Json;
use zf_base::Day;

/// A reason in a sentence.
pub fn reason(r: &Reason) -> String {
    let n = r.n;
    match r.code.as_str() {
        "same_door" => format!("{n} 人住同一门牌"),
        "same_phone" => format!("{n} 人留同一个电话"),
        "near" if n == 0 => "坐标相同".to_owned(),
        "near" => format!("坐标相距不到 {n} 米"),
        "same_surname" => format!("{n} 人同姓"),
        "couple" => "年龄、性别像夫妻".to_owned(),
        "generation" => "年龄像父母和子女".to_owned(),
        "same_masked_phone" => format!("{n} 人的电话遮盖后相同"),
        "joins" => "并入银行已有的户".to_owned(),
        other => other.to_owned(),
    }
}

/// Names of fields in events.
fn field(code: &str) -> &str {
    match code {
        "name" => "姓名",
        "phone" => "电话",
        "id_number" => "证件号",
        "address" => "住址",
        "notes" => "备注",
        "occupation" => "职业",
        "balance_band" => "余额档次",
        "deposit_due_day" => "存款到期日",
        "insurance_due_day" => "保险到期日",
        "products" => "产品",
        "tags" => "客户标签",
        "village_group_id" => "村组",
        "do_not_visit" => "不上门",
        "place" => "位置",
        other => other,
    }
}

fn list(detail: &Json, key: &str) -> Vec<String> {
    let items = detail.get(key).and_then(Json::as_array);
    items
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .map(|f| field(f).to_owned())
        .collect()
}

fn number(detail: &Json, key: &str) -> i64 {
    detail.get(key).and_then(Json::as_i64).unwrap_or(0)
}

/// What an event says, from its action and its facts.
pub fn event(action: &str, detail: &Json) -> String {
    let fields = list(detail, "fields").join("、");
    match action {
        "customer.reveal" => {
            let why = detail.get("reason").and_then(Json::as_str).unwrap_or("");
            format!("查看完整信息：{fields}；原因：{why}")
        }
        "customer.change" if !fields.is_empty() => format!("修改：{fields}"),
        "household.accept" => match number(detail, "left_out") {
            0 => format!("确认为一户，共 {} 人", number(detail, "members")),
            out => format!(
                "确认为一户，共 {} 人，另有 {out} 人不在内",
                number(detail, "members")
            ),
        },
        "household.move" => match detail.get("how").and_then(Json::as_str) {
            Some("split") => format!("分出 {} 人单独成户", number(detail, "members")),
            _ => format!("{} 人并入本户", number(detail, "members")),
        },
        "household.split" => format!("{} 人从本户分出", number(detail, "members")),
        "household.undo" => "撤销户的确认".to_owned(),
        "household.reject" => "户的建议未采纳".to_owned(),
        "household.change" => "修改户主、关系或市场类型".to_owned(),
        other => zf_web::words::action(other),
    }
}

/// A visit in a line: its day, what came of it, and what was decided of it.
pub fn visit(day: Day, outcome: &str, state: &str) -> String {
    let outcome = match outcome {
        "self" => "见到本人",
        "family" => "见到家人",
        "absent" => "不在家",
        "refused" => "婉拒",
        "moved" => "已搬走",
        "wrong_address" => "地址有误",
        "" => "没有写见面情况",
        other => other,
    };
    let decided = match state {
        "review" => "（待核对）",
        "rejected" => "（未采纳）",
        _ => "",
    };
    format!("{day} 走访：{outcome}{decided}")
}

/// The first line of somebody's history: how the record came to be.
pub fn first(channel: &str) -> String {
    match channel {
        "core_system" => "建立客户记录（来自银行系统导入）".to_owned(),
        "page" => "建立客户记录（页面录入）".to_owned(),
        _ => "建立客户记录".to_owned(),
    }
}
