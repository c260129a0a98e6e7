//! What `zoufang dedup` says: why two records are one person, and what is wrong
//! with a row. No value of a record is ever repeated.
//! Codes and weights come from `zf_stats::linkage`.

use zf_stats::linkage::{Field, Level, Reason};

/// One reason as a sentence.
pub fn reason(reason: &Reason) -> String {
    let what = match reason.field {
        Field::Name => return name(reason.level).to_owned(),
        Field::Id => return id(reason.level).to_owned(),
        Field::Address => return address(reason.level).to_owned(),
        Field::Pair => return pair(reason.level).to_owned(),
        Field::Phone => "手机号",
        _ => "出生日期",
    };
    format!("{what}{}", number(reason.level))
}

fn name(level: Level) -> &'static str {
    match level {
        Level::Same => "姓名相同",
        Level::Homophone => "姓名同音不同字",
        Level::Swapped => "姓名两个字前后颠倒",
        Level::OneChar => "姓名相差一个字",
        Level::Shorter => "姓名多或少一个字",
        Level::Surname => "同姓，名不同",
        Level::Given => "名相同，姓不同",
        Level::Near => "姓名两个字中只有后一个字相同",
        Level::Masked => "姓名未隐去的字相同",
        _ => "姓名不同",
    }
}

fn id(level: Level) -> &'static str {
    match level {
        Level::Same => "同一证件号",
        Level::OneEdit => "证件号相差一位",
        Level::TwoEdits => "证件号相差两位",
        Level::Serial => "证件号只有末四位不同",
        Level::Masked => "证件号未隐去的数字相同",
        Level::MaskedFew => "证件号少数未隐去的数字相同",
        Level::Conflict => "证件号未隐去的数字不同",
        Level::Distinct => "两个不同的有效证件号",
        _ => "证件号不同",
    }
}

fn address(level: Level) -> &'static str {
    match level {
        Level::Same => "地址相同",
        Level::Abbreviated => "地址相同，写法详略不同",
        Level::Place => "地址同一村组或小区，一条没有写到门牌",
        Level::Neighbour => "地址同一村或小区，门牌不同",
        Level::Close => "地址几乎相同",
        _ => "地址不同",
    }
}

fn number(level: Level) -> &'static str {
    match level {
        Level::Same => "相同",
        Level::OneEdit => "相差一位",
        Level::TwoEdits => "相差两位",
        Level::Masked => "未隐去的数字相同",
        Level::MaskedFew => "少数未隐去的数字相同",
        Level::Conflict => "未隐去的数字不同",
        _ => "不同",
    }
}

fn pair(level: Level) -> &'static str {
    match level {
        Level::Chain => "与另一条记录是同一人，由此相连",
        _ => "家人也会共用手机号、地址，已按此减分",
    }
}

/// A line is not UTF-8.
pub fn not_utf8(row: usize) -> String {
    format!("第 {row} 行不是 UTF-8 编码，请转成 UTF-8 后再试。")
}
/// A line is no JSON object.
pub fn not_json(row: usize, column: usize) -> String {
    format!("第 {row} 行第 {column} 个字符处不是正确的 JSON，每行应是一个 {{\"id\",…}} 对象。")
}
/// No id.
pub fn no_id(row: usize) -> String {
    format!("第 {row} 行没有 id，请给每条记录一个编号。")
}
/// An id twice.
pub fn id_twice(row: usize, first: usize) -> String {
    format!("第 {row} 行的 id 与第 {first} 行重复，请让每条记录的编号不同。")
}
/// Reading stopped.
pub fn more_faults(told: usize) -> String {
    format!("已有 {told} 行不对，没有再往下读。请先核对文件是不是每行一个 JSON 对象、UTF-8 编码。")
}
/// Too many rows.
pub fn too_many(limit: usize) -> String {
    format!("一次最多 {limit} 条记录，请分批处理。")
}

/// Figures of `bench dedup`.
pub struct Figures {
    /// Records linked.
    pub records: usize,
    /// CPU seconds of linkage.
    pub seconds: f64,
    /// CPU seconds of the exact-key join.
    pub reference: f64,
    /// F1 of linkage.
    pub f1: f64,
    /// F1 of the join.
    pub reference_f1: f64,
    /// F1 with the weights of the preset, not trained.
    pub untrained_f1: f64,
    /// F1 with the weights of each field given to its neighbour.
    pub shuffled_f1: f64,
    /// F1 with the weights of one person and of strangers exchanged.
    pub inverted_f1: f64,
}

/// One line.
pub fn bench_dedup(f: &Figures) -> String {
    format!(
        "{} 条记录查重用 CPU {:.2} 秒，F1 {:.4}；按证件号、手机号、姓名加地址完全相同合并用 {:.2} 秒，F1 {:.4}；比值 {:.2}。\n对照（两万条，权重不再训练）：权重照原样 F1 {:.4}，各项权重错位 {:.4}，权重颠倒 {:.4}",
        f.records,
        f.seconds,
        f.f1,
        f.reference,
        f.reference_f1,
        f.seconds / f.reference,
        f.untrained_f1,
        f.shuffled_f1,
        f.inverted_f1
    )
}
