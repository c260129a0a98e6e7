//! Words of alike records: why two may be one person, what a field is called.
//! Only words: which reasons there are is the linkage engine's business, and
//! nothing here knows a record.

/// A door with coordinates where the other has none.
pub const PLACED: &str = "有坐标";

/// How far two doors are from each other.
pub fn apart(meters: f64) -> String {
    let m = meters.round();
    if m < 1.0 {
        return "同一处".to_owned();
    }
    if m < 1_000.0 {
        return format!("两处相距 {m} 米");
    }
    format!("两处相距 {:.1} 公里", m / 1_000.0)
}

/// Why two records may be one person, from the engine's code `field.level`.
pub fn reason(code: &str) -> String {
    let whole = match code {
        "id.same" => "同一证件号",
        "id.masked" | "id.masked_few" => "证件号可见部分一致",
        "id.one_edit" => "证件号只差一位",
        "id.two_edits" => "证件号只差两位",
        "phone.same" => "同一电话",
        "phone.masked" | "phone.masked_few" => "电话可见部分一致",
        "phone.one_edit" => "电话只差一位",
        "phone.two_edits" => "电话只差两位",
        "name.same" => "姓名相同",
        "name.homophone" => "姓名同音不同字",
        "name.one_char" => "姓名相差一个字",
        "name.swapped" => "姓名前后颠倒",
        "name.shorter" => "姓名少一个字",
        "name.surname" => "只有姓相同",
        "name.given" => "名相同、姓不同",
        "name.near" => "两个字的姓名，只有名相同",
        "name.masked" | "name.masked_few" => "姓名可见部分一致",
        "name.different" | "name.conflict" | "name.distinct" => "姓名不同",
        "address.same" => "同一住址",
        "address.place" => "同村同组",
        "address.neighbour" => "住址是邻户",
        "address.close" | "address.near" | "address.abbreviated" => "住址相近",
        "birth.same" => "出生日期相同",
        "birth.one_edit" | "birth.close" | "birth.near" => "出生日期相近",
        "household.same" => "同一户",
        "pair.chain" => "都和第三条记录相同",
        _ => "",
    };
    if !whole.is_empty() {
        return whole.to_owned();
    }
    let part = code.split('.').next().unwrap_or_default();
    let name = match part {
        "id" => "证件号",
        "phone" => "电话",
        "birth" => "出生日期",
        other => field(other),
    };
    format!("{name}相近")
}

/// What a field of a customer is called.
pub fn field(code: &str) -> &'static str {
    match code {
        "name" => "姓名",
        "phone" => "联系电话",
        "id_number" => "证件号码",
        "address" => "家庭住址",
        "notes" => "备注",
        "occupation" => "职业",
        "balance_band" => "资产档次",
        "deposit_due_day" => "存款到期日",
        "insurance_due_day" => "保险满期日",
        "place" => "位置",
        "products" => "持有产品",
        "tags" => "必访分组",
        "village_group" => "村组",
        "household" => "户",
        "do_not_visit" => "拒访",
        _ => "其他内容",
    }
}

/// Between reasons.
pub const COMMA: &str = "，";
/// Between names in a list.
pub const LIST: &str = "、";

#[cfg(test)]
mod tests {
    use super::{apart, reason};

    #[test]
    fn two_doors_are_told_by_how_far_they_are_from_each_other() {
        assert_eq!(apart(0.3), "同一处");
        assert_eq!(apart(119.6), "两处相距 120 米");
        assert_eq!(apart(2_340.0), "两处相距 2.3 公里");
    }

    #[test]
    fn a_pair_with_one_id_and_a_name_off_by_one_is_said_in_words() {
        let said: Vec<String> = ["id.same", "name.one_char"].map(reason).to_vec();
        assert_eq!(said.join(super::COMMA), "同一证件号，姓名相差一个字");
        assert_eq!(reason("phone.something_new"), "电话相近");
    }
}
