//! Chinese of the measurements: parts of invented names and places, headers of
//! the files as a bank sends them, and what the commands print.
//! Only words: what is measured is said where it is measured.

/// Headers of the customers' file.
pub const CUSTOMER_HEADERS: &str = "客户号,姓名,性别,证件号码,手机号,家庭住址,所属机构,村组,经度,纬度,坐标系,职业,资产档次,存款到期日,保险满期日,必访标签,持有产品,户号,备注";
/// First syllables of names.
pub const SURNAMES: [&str; 24] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭",
    "何", "高", "林", "罗", "郑", "梁", "谢", "宋",
];
/// The other syllables.
pub const GIVEN: [&str; 32] = [
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明",
    "超", "秀", "霞", "平", "刚", "桂", "英", "华", "玉", "兰", "斌", "波", "辉", "凤", "红", "建",
];
/// By the last digit but one of an ID number.
pub const SEXES: [&str; 2] = ["女", "男"];
/// Invented places.
pub const TOWNSHIP: &str = "测试乡";
/// The village of a number.
pub fn village(n: u64) -> String {
    format!("测试{n}村")
}
/// The group of a number.
pub fn group(n: u64) -> String {
    format!("{n}组")
}
/// A door.
pub fn address(village: u64, group: u64, door: u64) -> String {
    format!("测试县测试乡测试{village}村{group}组{door}号")
}
/// Bands.
pub const BANDS: [&str; 4] = ["1万元以下", "1万至5万元", "5万至10万元", "10万至20万元"];
/// Occupations.
pub const JOBS: [&str; 4] = ["务农", "个体经营", "外出务工", "退休"];
/// Must-visit groups.
pub const TAGS: [&str; 3] = ["三外人员", "种养植户", "个体经商户"];
/// Products.
pub const PRODUCTS: &str = "绿卡通；商易通";
/// Name of the workbook and of its sheet.
pub const BOOK: &str = "客户名单";
/// Its font.
pub const FONT: &str = "宋体";
/// The county of the measurement.
pub const COUNTY: &str = "测试县局";
/// A branch of the measurement.
pub fn branch(n: u64) -> String {
    format!("测试{n}支局")
}
/// A sentence of a refused measurement.
pub const ROWS_REFUSED: &str = "测试数据有退回的行，这次测量不算";

/// A measurement for people: one figure a line, names as in the JSON.
pub fn shown(found: &serde_json::Value) -> String {
    fn lines(name: &str, value: &serde_json::Value, out: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(parts) => {
                for (part, value) in parts {
                    let name = match name {
                        "" => part.clone(),
                        _ => format!("{name}.{part}"),
                    };
                    lines(&name, value, out);
                }
            }
            other => out.push(format!("{name} = {other}")),
        }
    }
    let mut out = Vec::new();
    lines("", found, &mut out);
    out.join("\n")
}
