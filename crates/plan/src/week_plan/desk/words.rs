//! Chinese words of the desk: what an edit does, which rules it breaks, what
//! planning again changed, who is away. Says what to do in a branch head's words;
//! decides nothing and knows no ids.

use crate::week_plan::words::{short_day, week_span, weekday};
use zf_base::{Day, IsoWeek};

/// 10月19日 周三 09:00 五公里以外精准走访小组.
pub fn shift(day: Day, start: &str, team: &str) -> String {
    format!("{} {} {start} {team}", short_day(day), weekday(day))
}

/// Back too late.
pub fn over(shift: &str, minutes: i64, lunch: bool) -> String {
    if lunch {
        format!("{shift}：要占用午休 {minutes} 分钟")
    } else {
        format!("{shift}：超出时段 {minutes} 分钟，赶不回网点")
    }
}

/// Outside of the team's ring.
pub fn wrong_ring(who: &str, far: bool, km: f64) -> String {
    if far {
        format!("{who}在 {km} 公里以外，不归这个小组走")
    } else {
        format!("{who}在 {km} 公里以内，不归这个小组走")
    }
}

/// A post is missing.
pub fn post_missing(who: &str, post: &str) -> String {
    format!("{who}要有{post}一起去，这个小组里没有")
}

/// After something matured.
pub fn after_due(who: &str, due: Day) -> String {
    format!("{who}{}到期，排在到期以后了", short_day(due))
}

/// No such visits on that day.
pub fn no_visits(who: &str) -> String {
    format!("{who}排在不走访的日子")
}

/// More than the day's number.
pub fn day_full(day: Day, households: i64, most: i64) -> String {
    format!("{}排了 {households} 户，超过每天 {most} 户", short_day(day))
}

/// Somebody is away.
pub fn away(shift: &str, who: &str) -> String {
    format!("{shift}：{who}那天不在")
}

/// Somebody on two routes.
pub fn twice(who: &str, one: &str, other: &str) -> String {
    format!("{who}同一时间在两个小组：{one}；{other}")
}

/// What would have to go.
pub fn falls_out(names: &[String], fitted: bool) -> String {
    let names = names.join("、");
    if fitted {
        format!("时间不够，已让出：{names}")
    } else {
        format!("时间不够，要让出才排得下：{names}")
    }
}

/// Planned elsewhere in the week.
pub fn resettled(who: &str, shift: &str) -> String {
    format!("{who}：改到 {shift}")
}

/// It fits nowhere in the week.
pub fn fits_nowhere(who: &str, why: &str) -> String {
    format!("{who}：本周别处也排不下（{why}），划去")
}

/// Stops of an earlier version that do not come back.
pub fn gone(stops: usize) -> String {
    match stops {
        0 => String::new(),
        n => format!("有 {n} 处现在不能走访或已排在别的周，没有放回。"),
    }
}

/// One route after an edit.
pub fn route(shift: &str, households: i64, back: &str, over: i64) -> String {
    let tail = if over > 0 {
        format!("，超出 {over} 分钟")
    } else {
        String::new()
    };
    if households == 0 {
        format!("{shift}：不出门了")
    } else {
        format!("{shift}：{households} 户，{back} 回到网点{tail}")
    }
}

/// The effect in one sentence.
pub fn effect(before: i64, then: i64, travel_minutes: i64) -> String {
    let households = match then - before {
        0 => format!("户数不变（{then} 户）"),
        n if n > 0 => format!("多 {n} 户（共 {then} 户）"),
        n => format!("少 {} 户（共 {then} 户）", -n),
    };
    let travel = match travel_minutes {
        0 => "路上时间不变".to_owned(),
        n if n > 0 => format!("路上多 {n} 分钟"),
        n => format!("路上少 {} 分钟", -n),
    };
    format!("{households}，{travel}。")
}

/// What planning again changed.
pub fn changes(added: usize, removed: usize, moved: usize, same: i64) -> String {
    if added + removed + moved == 0 {
        return format!("没有变动，{same} 处和原来一样。");
    }
    format!("新排 {added} 处，去掉 {removed} 处，换时间 {moved} 处，{same} 处不变。")
}

/// Another week was planned again because of the same absence.
pub fn other_week(program: &str, week: IsoWeek, what: &str, was_confirmed: bool) -> String {
    let tail = if was_confirmed {
        "原已确认，请再次确认。"
    } else {
        ""
    };
    format!("{program} {}：{what}{tail}", week_span(week))
}

/// Put in.
pub fn added(who: &str, shift: &str) -> String {
    format!("新排：{who}，{shift}")
}

/// Taken out.
pub fn removed(who: &str, shift: &str) -> String {
    format!("去掉：{who}（原排 {shift}）")
}

/// Elsewhere.
pub fn moved(who: &str, from: &str, to: &str) -> String {
    format!("换时间：{who}，{from} → {to}")
}

/// Who is not named here (left out, refused).
pub const SOMEBODY: &str = "一户";

/// An edit that was made.
pub fn edit(kind: &str) -> &'static str {
    match kind {
        "move" => "移动",
        "add" => "加入一户",
        "again" => "重新编排",
        "strike" => "划掉",
        "restore" => "恢复",
        "lock_stop" => "锁定一处",
        "unlock_stop" => "解锁一处",
        "lock_route" => "锁定一个小组",
        "unlock_route" => "解锁一个小组",
        "lock_day" => "锁定一天",
        "unlock_day" => "解锁一天",
        _ => "改动",
    }
}

/// Why a plan is a draft again; empty when it never was confirmed.
pub fn reopened(why: Option<&str>) -> String {
    match why {
        None => String::new(),
        Some("absence") => "有人请假，计划已重新编排，请再次确认。".to_owned(),
        Some("weather") => "临时停走，计划已重新编排，请再次确认。".to_owned(),
        Some(_) => "计划已退回修改，改好请再次确认。".to_owned(),
    }
}

/// Who is away when.
pub fn away_line(who: Option<&str>, first: Day, last: Day, window: Option<&str>) -> String {
    let days = if first == last {
        short_day(first)
    } else {
        format!("{}至{}", short_day(first), short_day(last))
    };
    let part = window.unwrap_or("全天");
    match who {
        Some(who) => format!("{who} {days} {part}请假"),
        None => format!("{days} {part}停走"),
    }
}

/// How many households are left out for one kind of reason.
pub fn left_out(reason: &str, households: i64) -> String {
    format!("{reason}：{households} 户")
}

/// More are left out than are listed.
pub fn left_out_more(households: i64) -> String {
    format!("另有 {households} 户本周先不排，下周再排")
}
