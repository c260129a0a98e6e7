//! Chinese words of week plans: the sentence of what is missing, reasons of
//! households left out, notes of days, and everything on the printed workbook.
//! Says what to do in a branch head's words; decides nothing.

use super::Off;
use super::assign::Why;
use super::days::{PlanDay, Remark};
use super::facts::Person;
use super::sweep::Takes;
use zf_base::{Day, IsoWeek};
use zf_office::WeekPlanWords;

const WEEKDAYS: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];

/// 周六.
pub fn weekday(day: Day) -> String {
    format!("周{}", WEEKDAYS[usize::from(day.weekday().clamp(1, 7)) - 1])
}

/// 10月8日.
pub fn short_day(day: Day) -> String {
    format!("{}月{}日", day.month(), day.day_of_month())
}

/// 2016年10月8日.
pub fn long_day(day: Day) -> String {
    format!("{}年{}", day.year(), short_day(day))
}

/// 2016年10月3日至10月9日.
pub fn week_span(week: IsoWeek) -> String {
    let days = week.days();
    format!("{}至{}", long_day(days[0]), short_day(days[6]))
}

/// What to say about a day; empty when there is nothing.
pub fn day_note(day: &PlanDay) -> String {
    match day.remark {
        Remark::None => String::new(),
        Remark::Holiday => format!("{}放假", day.name),
        Remark::MakeUp if day.name.is_empty() => "调休上班".to_owned(),
        Remark::MakeUp => format!("{}调休上班", day.name),
        Remark::Weekend => "周末".to_owned(),
        Remark::OutsideCampaign => "不在活动期内".to_owned(),
    }
}

/// What the week needs, what is planned, what is missing.
pub fn shortfall(needed: i64, carried: i64, planned: i64) -> String {
    if needed == 0 && planned == 0 {
        let owed = match carried {
            0 => String::new(),
            n => format!("前几周欠进度 {n} 户，以后补上。"),
        };
        return format!("本周没有走访日。{owed}");
    }
    let owed = if carried > 0 {
        format!("，另有前几周欠进度 {carried} 户")
    } else {
        String::new()
    };
    let left = needed + carried - planned;
    if left <= 0 {
        return format!("本周要走访 {needed} 户{owed}，已排 {planned} 户，够了。");
    }
    format!("本周要走访 {needed} 户{owed}，已排 {planned} 户；人手或时间不够，还差 {left} 户。")
}

/// Why a household is not in the plan. `post` turns a code into a name.
pub fn why(why: &Why, post: &dyn Fn(&str) -> String) -> String {
    match why {
        Why::PostMissing { posts } => {
            let names: Vec<String> = posts.iter().map(|p| post(p)).collect();
            format!("网点没有{}，组不成走访小组", names.join("、"))
        }
        Why::NoShift => "本周没有去这个方向的时段".to_owned(),
        Why::TooFar { minutes } => format!("路太远，一个时段来不及，还差 {minutes} 分钟"),
        Why::DayFull { households } => format!("每天 {households} 户已排满"),
        Why::NoTime { minutes } => format!("人手或时间不够，还差 {minutes} 分钟"),
        Why::OffTheWay { minutes } => format!("不顺路，要多走 {minutes} 分钟，先排更急的"),
        Why::Later => "本周先排更急的客户，下周再排".to_owned(),
        Why::NotYet { from } => format!("上次不在家，{}以后再去", short_day(*from)),
        Why::TriedEnough { times } => {
            format!("去了 {times} 次都不在家，不再自动安排；约好时间后可以手动加进来")
        }
    }
}

/// The kind of reason, without its figures, for counting.
pub fn why_kind(why: &Why) -> &'static str {
    match why {
        Why::PostMissing { .. } => "网点缺人，组不成小组",
        Why::NoShift => "本周没有去这个方向的时段",
        Why::TooFar { .. } => "路太远，一个时段来不及",
        Why::DayFull { .. } => "当天户数已排满",
        Why::NoTime { .. } => "人手或时间不够",
        Why::OffTheWay { .. } => "不顺路，先排更急的",
        Why::Later => "本周先排更急的客户",
        Why::NotYet { .. } => "上次不在家，还没到再去的日子",
        Why::TriedEnough { .. } => "多次不在家，不再自动安排",
    }
}

/// Memo of the ledger of what a branch owes.
pub fn ledger_memo(week: IsoWeek) -> String {
    format!("{week} 周计划确认")
}

/// Reason of a preliminary visit.
pub fn sweep_reason(households: i64) -> String {
    format!("初步走访，预计见到 {households} 户")
}

/// What is taken along or left behind; the code itself when it has no name.
pub fn thing(code: &str) -> &str {
    match code {
        "collection_form" => "信息采集表",
        "publicity" => "宣传单",
        "business_card" => "名片",
        "gift_catalogue" => "积分礼品目录",
        "sticker" => "走访贴",
        "photo" => "村组合影",
        "notice" => "告知书",
        "small_gift" => "小礼品",
        other => other,
    }
}

/// Through whom one comes in; the code itself when it has no name.
pub fn ally(code: &str) -> &str {
    match code {
        "estate_manager" => "小区物业",
        "workplace_contact" => "单位联系人",
        "village_head" => "村组长",
        "returned_worker" => "返乡人员",
        other => other,
    }
}

/// A gift scheme with the most that one customer gets: 缴电费有礼（携手杯），每人最多 5 元.
pub fn gift(title: &str, tied_to: Option<&str>, fen: zf_base::Fen) -> String {
    let tied = tied_to.map(|t| format!("（{t}）")).unwrap_or_default();
    let yuan = format!("{}.{:02}", fen.0 / 100, fen.0 % 100);
    let yuan = yuan.strip_suffix(".00").unwrap_or(&yuan);
    format!("{title}{tied}，每人最多 {yuan} 元")
}

/// The line of the methods on paper; empty when the campaign has none.
pub fn methods(titles: &[&str]) -> String {
    match titles {
        [] => String::new(),
        titles => format!("走法：{}", titles.join("；")),
    }
}

/// The line of a preliminary visit on paper; empty for other visits.
pub fn takes(t: &Takes) -> String {
    let parts = [
        ("谁带进门", &t.openers),
        ("带的物料", &t.materials),
        ("留下痕迹", &t.traces),
    ];
    let filled = parts.iter().filter(|(_, all)| !all.is_empty());
    let lines: Vec<String> = filled
        .map(|(what, all)| format!("{what}：{}", all.join("、")))
        .collect();
    lines.join("　")
}

/// What stands instead of the householder on a preliminary visit.
pub const SWEEP_HOUSEHOLDER: &str = "逐户走访";

/// Remark of a stop whose door is not known.
pub const APPROXIMATE: &str = "大致位置，不是门口";

/// Label of a ring.
pub fn ring(km: f64) -> String {
    format!("{km} 公里")
}

/// A member of a team: 支局长 王志强; an ally who is not on the list of staff
/// only with the post.
pub fn member(person: &Person, post: &str) -> String {
    if person.name.is_empty() {
        post.to_owned()
    } else {
        format!("{post} {}", person.name)
    }
}

/// Members on one line.
pub fn members(all: &[String]) -> String {
    all.join("、")
}

/// File name of a workbook.
pub fn file_name(branch: &str, week: IsoWeek) -> String {
    let safe: String = branch
        .chars()
        .filter(|c| !c.is_control() && !"/\\:*?\"<>|".contains(*c))
        .collect();
    format!("走访计划表-{safe}-{week}.xlsx")
}

/// Reason of the reveal that a printed plan is.
pub fn print_reason(program: &str, week: IsoWeek) -> String {
    format!("打印走访计划表 {program} {week}")
}

/// Name of the first sheet.
pub const OVERVIEW_SHEET: &str = "本周总览";
/// Title of the workbook.
pub const BOOK_TITLE: &str = "走访计划表";
/// Author of the file.
pub const AUTHOR: &str = "走访";
/// Closing line of a day.
pub const SIGN_LINE: &str = "网点负责人签字：　　　　　　　　　　日期：";
/// Note of the first sheet.
pub const KEEP_NOTE: &str = "本表含客户姓名，由网点负责人保管，不得外传；走访结束后收回。";
/// Heading of teams that stay in.
pub const NO_ROUTES: &str = "这一天没有排走访";
/// Total line.
pub const TOTAL: &str = "合计";
/// Mark of a demo.
pub const DEMO: &str = "演示数据";

/// Headers of the first sheet.
pub fn overview_headers() -> Vec<String> {
    [
        "星期",
        "日期",
        "小组",
        "计划户数",
        "行程（公里）",
        "实际户数",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Title of a sheet.
pub fn title(branch: &str) -> String {
    format!("{branch}走访计划表")
}

/// Name of a day's sheet.
pub fn sheet_name(day: Day) -> String {
    format!("{}-{} {}", day.month(), day.day_of_month(), weekday(day))
}

/// Line under the title of a day.
pub fn subtitle(branch: &str, day: Day) -> String {
    format!("{branch}　{}　{}", long_day(day), weekday(day))
}

/// Window and way of a team: 18:30–20:00　行程 4.2 公里　19:55 返回.
pub fn window(from: &str, to: &str, km: f64, back: &str) -> String {
    format!("{from}–{to}　行程 {km:.1} 公里　{back} 返回")
}

/// Lines of the box on top of a day.
pub fn day_box(sentence: &str, planned: i64, quota: i64) -> Vec<String> {
    let short = quota - planned;
    let today = if short > 0 {
        format!("当天任务 {quota} 户，已排 {planned} 户，还差 {short} 户。")
    } else {
        format!("当天任务 {quota} 户，已排 {planned} 户。")
    };
    vec![today, sentence.to_owned()]
}

/// Why a stop was struck that nobody struck by hand.
pub fn off(off: Off) -> &'static str {
    match off {
        Off::Refused => "这户表示不愿被走访，已划去",
        Off::Left => "这户已不在本网点客户名单，已划去",
        Off::SourceEnded => "这户资料的合法来源已失效，不能再据此走访，已划去",
    }
}

/// How a stop of a household that is not to be visited is called.
pub const REFUSED_TITLE: &str = "一户";

/// Words that repeat on every sheet.
pub fn week_plan_words(demo: bool) -> WeekPlanWords {
    let mark = if demo {
        format!(" · {DEMO}")
    } else {
        String::new()
    };
    WeekPlanWords {
        order: "序号".to_owned(),
        village_group: "村组".to_owned(),
        time: "时间".to_owned(),
        householder: "户主".to_owned(),
        reason: "走访理由".to_owned(),
        remarks: "备注".to_owned(),
        signature: "签字".to_owned(),
        shortfall: "任务与计划".to_owned(),
        page_foot: format!("第 {{page}} 页，共 {{pages}} 页{mark}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preliminary_visit_says_on_paper_who_opens_doors_and_what_is_taken_and_left() {
        let all = |names: &[&str]| names.iter().map(|n| thing(n).to_owned()).collect();
        // CAP-001 and EVD-001 name the things; other visits take nothing of the kind.
        let sweep = Takes {
            openers: all(&["台区员"]),
            materials: all(&["collection_form", "publicity"]),
            traces: all(&["sticker", "photo"]),
        };
        assert_eq!(
            takes(&sweep),
            "谁带进门：台区员　带的物料：信息采集表、宣传单　留下痕迹：走访贴、村组合影"
        );
        assert_eq!(takes(&Takes::default()), "");
    }

    #[test]
    fn the_sentence_says_how_many_are_missing_and_never_that_there_is_no_solution() {
        assert_eq!(
            shortfall(100, 0, 100),
            "本周要走访 100 户，已排 100 户，够了。"
        );
        assert_eq!(
            shortfall(100, 12, 90),
            "本周要走访 100 户，另有前几周欠进度 12 户，已排 90 户；人手或时间不够，还差 22 户。"
        );
        assert_eq!(shortfall(0, 0, 0), "本周没有走访日。");
        let post = |code: &str| code.to_owned();
        for w in [
            Why::NoShift,
            Why::Later,
            Why::NoTime { minutes: 3 },
            Why::TooFar { minutes: 9 },
        ] {
            assert!(!why(&w, &post).contains("无可行解"));
        }
    }
}
