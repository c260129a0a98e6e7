//! Chinese of the feasibility report: what is the matter, why it matters, what
//! to do. Figures come from the finding; nothing is
//! computed here, and what is shown follows the words allowed on screen.

use super::finding::{Issue, OutletName, PhaseName, Repair, RingShort, Severity, SloganRow};
use super::view::{CheckView, Fact, PostName, RepairView};
use crate::definition::{Distance, PreliminaryUnit, Side};

/// Name of the row when no outlets are known.
pub const ANY_OUTLET: &str = "每个网点";

/// Outlets named in a sentence before "and others".
const NAMES_SHOWN: usize = 5;

fn n(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

fn decimal(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

fn outlets(list: &[OutletName]) -> String {
    let names: Vec<&str> = list
        .iter()
        .take(NAMES_SHOWN)
        .map(|o| {
            if o.name.is_empty() {
                o.code.as_str()
            } else {
                o.name.as_str()
            }
        })
        .collect();
    match list.len() {
        0 => ANY_OUTLET.to_owned(),
        len if len <= NAMES_SHOWN => names.join("、"),
        len => format!("{}等 {} 个网点", names.join("、"), n(len as u64)),
    }
}

fn phase(p: &PhaseName) -> String {
    format!("“{}”（{} 至 {}）", p.title, p.start, p.end)
}

fn side(s: Side, near_km: f64) -> String {
    format!("{} 公里{}", decimal(near_km), side_word(s))
}

fn side_word(s: Side) -> &'static str {
    match s {
        Side::Near => "以内",
        Side::Far => "以外",
    }
}

/// A few words for the head of a finding.
pub fn title(issue: &Issue) -> String {
    match issue {
        Issue::CampaignDates { .. } => "活动日期不对".to_owned(),
        Issue::PhaseOutside { phase, .. } => format!("阶段“{}”不在活动日期内", phase.title),
        Issue::PhaseReversed { phase } => format!("阶段“{}”结束早于开始", phase.title),
        Issue::PhaseOverlap { .. } => "两个阶段日期重叠".to_owned(),
        Issue::PhaseGap { .. } => "有几天不属于任何阶段".to_owned(),
        Issue::PhaseOrder { .. } => "阶段没有按时间先后写".to_owned(),
        Issue::MissesFestival { phase, .. } => format!("“{}”没赶上春节", phase.title),
        Issue::FilingLate { .. } => "走访计划报送太晚".to_owned(),
        Issue::CalendarUnknown { .. } => "有些日子的放假安排还不知道".to_owned(),
        Issue::Slogan { .. } => "口号人数达不到".to_owned(),
        Issue::RingShort(r) => format!("{}的户排不下", side(r.side, r.near_km)),
        Issue::DayShort { .. } => "人手或时间不够".to_owned(),
        Issue::WindowOverlap { .. } => "两个时段重叠".to_owned(),
        Issue::NoTeam { side } => format!("距离圈{}没有精准走访小组", side_word(*side)),
        Issue::RingBoundary { near_km, .. } => format!("正好 {} 公里怎么算", decimal(*near_km)),
        Issue::PlanMissing { .. } => "缺少采集计划".to_owned(),
        Issue::PlanUnknownOutlet { .. } => "采集计划里有不认识的网点".to_owned(),
        Issue::PostMissing { team, .. } => format!("“{team}”缺人"),
        Issue::HouseholdsFew { .. } => "名单上的户不够走".to_owned(),
        Issue::NoOutlets => "还没有网点".to_owned(),
        Issue::PreliminaryPlan { .. } => "初步走访按村组排".to_owned(),
        Issue::LadderDays { .. } => "“连续几天”怎么数".to_owned(),
        Issue::LadderDeduction { .. } => "绩效扣减从哪天算".to_owned(),
        Issue::Channels { .. } => "采集渠道要先有合法来源记录".to_owned(),
        Issue::IdAtDoor => "不要上门收身份证号".to_owned(),
        Issue::Policy { .. } => "有一项设置不合现行要求".to_owned(),
    }
}

/// What is the matter, with figures.
pub fn what(issue: &Issue, post_name: PostName<'_>) -> String {
    match issue {
        Issue::CampaignDates {
            start,
            end,
            days,
            days_max,
        } => {
            format!("活动从 {start} 到 {end}，共 {days} 天；至少 1 天，最多 {days_max} 天。")
        }
        Issue::PhaseOutside {
            phase: p,
            start,
            end,
            days_outside,
        } => {
            format!(
                "阶段{}有 {days_outside} 天在活动（{start} 至 {end}）之外。",
                phase(p)
            )
        }
        Issue::PhaseReversed { phase: p } => format!("阶段{}结束日期早于开始日期。", phase(p)),
        Issue::PhaseOverlap {
            first,
            second,
            from,
            to,
            days,
        } => {
            format!(
                "阶段{}和{}重叠 {days} 天（{from} 至 {to}）。",
                phase(first),
                phase(second)
            )
        }
        Issue::PhaseGap {
            from,
            to,
            days,
            workdays,
        } => {
            format!(
                "{from} 至 {to} 共 {days} 天（其中工作日 {workdays} 天）不属于任何阶段，这几天不会排走访。"
            )
        }
        Issue::PhaseOrder { earlier, later } => format!(
            "阶段{}写在{}后面，日期却更早。",
            phase(earlier),
            phase(later)
        ),
        Issue::MissesFestival {
            phase: p,
            festival,
            days,
        } if *days > 0 => {
            format!(
                "阶段{}在春节（{festival}）之后 {days} 天才开始，返乡的人已经陆续离开。",
                phase(p)
            )
        }
        Issue::MissesFestival {
            phase: p,
            festival,
            days,
        } => {
            format!(
                "阶段{}在春节（{festival}）之前 {} 天就结束了。",
                phase(p),
                -days
            )
        }
        Issue::FilingLate { due, start, days } => {
            format!("走访计划 {due} 才报齐，活动 {start} 就开始，晚了 {days} 天。")
        }
        Issue::CalendarUnknown { from, to, days } => {
            format!("{from} 至 {to} 之间有 {days} 天只知道周末，不知道放假和调休，天数可能不准。")
        }
        Issue::Slogan {
            customers,
            quota,
            outlets: count,
            possible,
            missing,
            ..
        } => {
            let have = if *count == 0 {
                "网点还没有导入".to_owned()
            } else {
                format!("{} 个网点按计划走访日共能走 {} 户", n(*count), n(*possible))
            };
            format!(
                "口号是 {} 人。每个网点每天 {quota} 户，{have}，还差 {} 户。",
                n(*customers),
                n(*missing)
            )
        }
        Issue::RingShort(r) => ring(r),
        Issue::DayShort {
            phases,
            needed,
            possible,
            missing,
            outlets: list,
            ..
        } => {
            let phases = phases.join("”“");
            format!(
                "“{phases}”期间，{}每天要走 {needed} 户，所有小组和时段加起来最多 {possible} 户，还差 {missing} 户。",
                outlets(list)
            )
        }
        Issue::WindowOverlap {
            first,
            second,
            minutes,
        } => {
            format!("时段“{first}”和“{second}”重叠 {minutes} 分钟，同一个人不能同时走两处。")
        }
        Issue::NoTeam { side } => format!(
            "没有小组负责距离圈{}的户，这些户不会排进精准走访。",
            side_word(*side)
        ),
        Issue::RingBoundary {
            near_km,
            side: s,
            distance,
        } => {
            let km = decimal(*near_km);
            let how = match distance {
                Distance::StraightLine => "直线距离",
                Distance::Road => "道路距离",
            };
            format!(
                "按{how}算；正好 {km} 公里的户归 {km} 公里{}。",
                side_word(*s)
            )
        }
        Issue::PlanMissing { outlets: list, of } if *of == 0 || list.is_empty() => {
            "还没有任何网点的采集计划。".to_owned()
        }
        Issue::PlanMissing { outlets: list, of } => {
            format!(
                "{} 个网点中有 {} 个没有采集计划：{}。",
                n(*of),
                n(list.len() as u64),
                outlets(list)
            )
        }
        Issue::PlanUnknownOutlet { codes } => format!("没有这些网点编号：{}。", codes.join("、")),
        Issue::PostMissing {
            team,
            post,
            outlets: list,
            people,
            needed,
        } => {
            format!(
                "{}组成“{team}”要 {needed} 名{}，最少的只有 {people} 名。",
                outlets(list),
                post_name(post)
            )
        }
        Issue::HouseholdsFew {
            outlets: list,
            households,
            needed,
        } => {
            let times = *needed as f64 / (*households).max(1) as f64;
            format!(
                "{}名单上共 {} 户，活动要走 {} 户次，平均每户 {} 次。",
                outlets(list),
                n(*households),
                n(*needed),
                decimal(times)
            )
        }
        Issue::NoOutlets => "没有网点，只能按“每个网点”体检。".to_owned(),
        Issue::PreliminaryPlan {
            unit: PreliminaryUnit::VillageGroup,
            households_met,
            per_day,
        } => {
            format!(
                "初步走访时还没有户的名单，按“村组 × 半天”排：每个网点每天最多 {per_day} 个村组，预计每次见到 {households_met} 户，见到后再进精准走访名单。"
            )
        }
        Issue::PreliminaryPlan { .. } => {
            "初步走访写成了按户排，但走村组之前还没有户的名单。".to_owned()
        }
        Issue::LadderDays {
            notice_after,
            planned,
            calendar,
            by_planned_days,
        } => {
            let by = if *by_planned_days {
                "只数有走访计划的日子"
            } else {
                "按自然日数，放假的日子也算进去"
            };
            format!(
                "连续 {notice_after} 天没完成才发督办单，{by}；活动 {} 天里有 {} 个走访日。",
                n(*calendar),
                n(*planned)
            )
        }
        Issue::LadderDeduction {
            from_day,
            fen,
            two_person,
            propose_only,
        } => {
            let who = if *two_person {
                "两人审批"
            } else {
                "一人审批"
            };
            let only = if *propose_only {
                "，系统只提建议"
            } else {
                ""
            };
            format!(
                "从连续第 {from_day} 天起每天绩效扣减 {fen} 元，到完成当日任务为止，{who}{only}。"
            )
        }
        Issue::Channels { titles } => format!(
            "已启用：{}。没有经两人批准的合法来源记录，名单不能导入。",
            titles.join("、")
        ),
        Issue::IdAtDoor => "上门必填项里有身份证号。".to_owned(),
        Issue::Policy { key, value } => format!("{key} 现在是 {value}。"),
    }
}

fn ring(r: &RingShort) -> String {
    let windows: Vec<String> = r
        .windows
        .iter()
        .map(|w| format!("{} {}–{}", w.title, w.start, w.end))
        .collect();
    let share = match r.share_percent {
        Some(p) => format!(
            "{} 的户占 {p}%，每天 {} 户",
            side(r.side, r.near_km),
            r.needed
        ),
        None => format!("如果当天 {} 户都在 {}", r.needed, side(r.side, r.near_km)),
    };
    format!(
        "{}：{share}，只能在{}走，一个小组每户只有 {} 分钟（含路上）；每户要 {} 分钟，{} 个小组最多走 {} 户，还差 {} 户。",
        outlets(&r.outlets),
        windows.join("、"),
        decimal(r.minutes_available),
        decimal(r.minutes_needed),
        r.teams,
        r.possible,
        r.missing
    )
}

/// Why it matters.
pub fn why(issue: &Issue) -> &'static str {
    match issue {
        Issue::CampaignDates { .. } | Issue::PhaseReversed { .. } => "日期不对，排不出计划。",
        Issue::PhaseOutside { .. } => "活动之外的日子不排走访，这个阶段会是空的。",
        Issue::PhaseOverlap { .. } => "同一天不能有两种任务口径，进度会算两次。",
        Issue::PhaseGap { .. } => "没有阶段的日子没有任务，也不算欠进度。",
        Issue::PhaseOrder { .. } => "多半是年份写错。",
        Issue::MissesFestival { .. } => "拜年要在人回来的时候。春节按农历，每年日期不同。",
        Issue::FilingLate { .. } => "开始前一天要有计划，第一天才走得起来。",
        Issue::CalendarUnknown { .. } => "放假天数影响走访日和总户数。",
        Issue::Slogan { .. } => "口号和任务要分开写，任务按算得出的数下达。",
        Issue::RingShort(_) => "先算清再下达：做得到的任务，记录才靠得住。",
        Issue::DayShort { .. } => "人手、时段、距离都按最宽的情况算了，还是不够。",
        Issue::WindowOverlap { .. } => "会把人手算两遍。",
        Issue::NoTeam { .. } => "名单上这部分客户会一直没人走。",
        Issue::RingBoundary { .. } => "原文没有写，口径先定下来，名单才不会两边都漏。",
        Issue::PlanMissing { .. } => "奖励和扣减都按采集计划算，没有它活动不能启动。",
        Issue::PlanUnknownOutlet { .. } => "多半是编号写错，真正的网点就没有计划。",
        Issue::PostMissing { .. } => "缺一个岗位，这个小组就出不去。",
        Issue::HouseholdsFew { .. } => "同一户会去好几次；先补名单，或调低任务。",
        Issue::NoOutlets => "有了网点、员工和客户，才能逐个网点算。",
        Issue::PreliminaryPlan { .. } => "任务按户数，村组走完才知道见到几户。",
        Issue::LadderDays { .. } => "国庆、春节都在活动里，数法不同，结果差很多。",
        Issue::LadderDeduction { .. } => "原文没有写清起止，启动前请确认。",
        Issue::Channels { .. } => {
            "个人信息要有合法来源和本人同意；请改为由熟人介绍、客户自己登记。"
        }
        Issue::IdAtDoor => "身份证号到柜台办或用行内已核实的，不在门口收。",
        Issue::Policy { .. } => "见合规要求；要保留，请合规部门书面确认。",
    }
}

/// How much is missing, with its unit.
pub fn missing(issue: &Issue) -> Option<(u64, &'static str)> {
    match issue {
        Issue::Slogan { missing, .. } => Some((*missing, "户")),
        Issue::RingShort(r) => Some((r.missing, "户/天")),
        Issue::DayShort { missing, .. } => Some((*missing, "户/天")),
        Issue::PlanMissing { outlets, .. } if !outlets.is_empty() => {
            Some((outlets.len() as u64, "个网点"))
        }
        Issue::PostMissing { people, needed, .. } => Some((u64::from(needed - people), "人")),
        Issue::HouseholdsFew {
            households, needed, ..
        } => Some((needed - households, "户")),
        Issue::PhaseOutside { days_outside, .. } => Some((*days_outside as u64, "天")),
        _ => None,
    }
}

fn fact(label: &str, value: String) -> Fact {
    Fact {
        label: label.to_owned(),
        value,
    }
}

/// Labelled figures.
pub fn facts(issue: &Issue) -> Vec<Fact> {
    match issue {
        Issue::Slogan { rows, .. } => rows.iter().map(slogan_row).collect(),
        Issue::RingShort(r) => {
            let minutes: u32 = r.windows.iter().map(|w| w.minutes).sum();
            let mut facts = vec![
                fact("可用时间", format!("{minutes} 分钟")),
                fact(
                    "一个小组每户可用",
                    format!("{} 分钟", decimal(r.minutes_available)),
                ),
                fact("每户需要", format!("{} 分钟", decimal(r.minutes_needed))),
                fact("每天要走", format!("{} 户", r.needed)),
                fact("每天能走", format!("{} 户", r.possible)),
            ];
            if r.outlets.len() > 1 {
                facts.push(fact(
                    "所有网点每天合计还差",
                    format!("{} 户", n(r.missing_all)),
                ));
            }
            facts
        }
        Issue::DayShort {
            needed,
            possible,
            missing_all,
            ..
        } => vec![
            fact("每天要走", format!("{needed} 户")),
            fact("每天能走", format!("{possible} 户")),
            fact("所有网点每天合计还差", format!("{} 户", n(*missing_all))),
        ],
        _ => vec![],
    }
}

fn slogan_row(r: &SloganRow) -> Fact {
    let label = r
        .phase
        .as_deref()
        .map_or("整个活动".to_owned(), |p| format!("“{p}”"));
    let value = format!(
        "{} 天，每个网点 {} 户，要 {} 个网点；按工作日 {} 天，每个网点 {} 户，要 {} 个网点",
        r.calendar_days,
        n(r.per_outlet),
        n(r.outlets_needed),
        r.workdays,
        n(r.per_outlet_workdays),
        n(r.outlets_needed_workdays)
    );
    Fact { label, value }
}

/// A way out.
pub fn repair(repair: &Repair, post_name: PostName<'_>) -> RepairView {
    let left = |missing: &u64| {
        if *missing == 0 {
            "够了".to_owned()
        } else {
            format!("还差 {} 户", n(*missing))
        }
    };
    let (text, effect) = match repair {
        Repair::ShiftYears { years, start, end } => (
            format!("年份改 {years:+} 年：{start} 至 {end}"),
            "阶段回到活动日期内".to_owned(),
        ),
        Repair::Clip { start, end } => (
            format!("日期改为 {start} 至 {end}"),
            "阶段回到活动日期内".to_owned(),
        ),
        Repair::StartOn { day, days_earlier } => (
            format!("最晚 {day} 开始"),
            format!("提前 {days_earlier} 天，赶上春节"),
        ),
        Repair::EndOn { day } => (format!("结束日期改为 {day}"), String::new()),
        Repair::FileBy { day } => (
            format!("报送截止改到 {day} 或更早"),
            "开始前计划报齐".to_owned(),
        ),
        Repair::SecondTeam {
            team,
            per_day,
            still_missing,
        } => (
            format!("“{team}”再加一组"),
            format!("每天能走 {per_day} 户，{}", left(still_missing)),
        ),
        Repair::Teams {
            team,
            add,
            total,
            posts,
            per_day,
        } => {
            let people: Vec<String> = posts
                .iter()
                .map(|(p, n)| format!("{} {n} 名", post_name(p)))
                .collect();
            (
                format!(
                    "“{team}”加到 {total} 组（加 {add} 组，要加{}）",
                    people.join("、")
                ),
                format!("每天能走 {per_day} 户，够了"),
            )
        }
        Repair::Daytime {
            team,
            by_day,
            daytime_possible,
            still_missing,
        } => (
            format!("把 {by_day} 户放到白天，“{team}”白天也走"),
            format!("白天能多走 {daytime_possible} 户，{}", left(still_missing)),
        ),
        Repair::Quota { households } => {
            (format!("每天任务降到 {households} 户"), "够了".to_owned())
        }
        Repair::Longer {
            window,
            end,
            minutes,
        } => (
            format!("时段“{window}”延到 {end}"),
            format!("共 {minutes} 分钟，够了；太晚不要敲门"),
        ),
        Repair::Outlets { add, total } => (
            format!("再有 {} 个网点参加，共 {} 个", n(*add), n(*total)),
            "够了".to_owned(),
        ),
        Repair::SloganTo { customers } => (
            format!("口号人数改到 {} 或更少", n(*customers)),
            "和任务对得上".to_owned(),
        ),
        Repair::FillPlans { outlets } => (
            "在“网点参数”里填写每个网点的采集计划（条）".to_owned(),
            if *outlets > 0 {
                format!("补齐 {} 个网点", n(*outlets))
            } else {
                String::new()
            },
        ),
        Repair::Post { post, add } => (
            format!("补 {add} 名{}，或从邻近网点支援", post_name(post)),
            "小组能出去".to_owned(),
        ),
        Repair::TurnOff { titles } => (
            format!("停用：{}", titles.join("、")),
            "只用合法渠道".to_owned(),
        ),
        Repair::Set { key, value } => (format!("把 {key} 改为 {value}"), String::new()),
        Repair::Import => (
            "先导入网点、员工和客户".to_owned(),
            "按实际情况体检".to_owned(),
        ),
        Repair::CorrectCalendar => (
            "在“工作日历”里补上放假和调休".to_owned(),
            "天数准确".to_owned(),
        ),
    };
    RepairView { text, effect }
}

/// The report as plain text.
pub fn text(view: &CheckView) -> String {
    let mut out = match view.errors {
        0 => format!("体检通过：没有错误，提醒 {} 项。\n", view.warnings),
        errors => format!(
            "体检没有通过：错误 {errors} 项，提醒 {} 项。\n",
            view.warnings
        ),
    };
    for f in &view.findings {
        let severity = match f.severity {
            Severity::Error => "错误",
            Severity::Warning => "提醒",
            Severity::Note => "说明",
        };
        out += &format!(
            "\n[{severity}] {} {} {}\n  {}\n  {}\n",
            f.requirement, f.code, f.title, f.what, f.why
        );
        for fact in &f.facts {
            out += &format!("    {}：{}\n", fact.label, fact.value);
        }
        for r in &f.repairs {
            let effect = if r.effect.is_empty() {
                String::new()
            } else {
                format!("（{}）", r.effect)
            };
            out += &format!("  → {}{effect}\n", r.text);
        }
    }
    if !view.capacity.is_empty() {
        out += "\n网点\t每天能走\t每天要走\t走访日\t共能走\t共要走\t还差\n";
    }
    for c in &view.capacity {
        out += &format!(
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\n",
            c.unit_name,
            c.per_day,
            c.needed_per_day,
            c.planned_days,
            c.total_possible,
            c.total_needed,
            c.short
        );
    }
    out
}
