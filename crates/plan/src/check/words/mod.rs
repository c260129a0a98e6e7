//! Chinese of the feasibility report: what is the matter, why it matters, what
//! to do. Figures come from the finding; nothing is
//! computed here, and what is shown follows the words allowed on screen.

mod ladder;
mod methods;
mod repairs;

pub use repairs::repair;

use super::finding::{Issue, Loss, Money, OutletName, PhaseName, RingShort, Severity, SloganRow};
use super::view::{CheckView, Fact, PostName};
use crate::definition::{Distance, PreliminaryUnit, Side};
use repairs::materials;

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
        Issue::MeetingDue { meeting, .. } => format!("“{}”哪天以前开", meeting.title),
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
        Issue::EveningAlone { team, .. } => format!("“{team}”晚上只有一人"),
        Issue::Overtime { .. } => "晚上走访加班太多".to_owned(),
        Issue::Lunch { window, .. } => format!("时段“{window}”占了午休"),
        Issue::NoLunch => "没有写午休".to_owned(),
        Issue::GroupSource { .. } => "有的必访群体靠外来名单，还没有合法来源记录".to_owned(),
        Issue::ProjectAlone { project } => format!("重点项目“{project}”没有产品"),
        Issue::ProductUnknown { project, .. } => format!("重点项目“{project}”的产品不存在"),
        Issue::MaterialMissing { .. } => "有的物料没有安排印制".to_owned(),
        Issue::MethodLacks { method, .. } => format!("走访方法“{method}”照着走不了"),
        Issue::GiftOverCap { .. } => "礼品超过每人上限".to_owned(),
        Issue::Money(_) => "活动最多要付多少钱".to_owned(),
        Issue::Loss(_) => "走不到任务的网点要扣多少".to_owned(),
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
        Issue::MeetingDue {
            meeting,
            day,
            start,
        } => {
            format!("活动 {start} 开始，“{meeting}”最迟 {day} 开完。")
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
            missing_all,
            ..
        } => {
            format!(
                "{}组成“{team}”要 {needed} 名{}，最少的只有 {people} 名，合计还差 {missing_all} 名。",
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
        Issue::LadderDays { .. } | Issue::LadderDeduction { .. } => ladder::said(issue),
        Issue::Channels { titles } => format!(
            "已启用：{}。没有经两人批准的合法来源记录，名单不能导入。",
            titles.join("、")
        ),
        Issue::IdAtDoor => "上门必填项里有身份证号。".to_owned(),
        Issue::Policy { key, value } => format!("{key} 现在是 {value}。"),
        Issue::EveningAlone {
            team,
            window,
            people,
        } => format!("“{team}”在“{window}”只有网点人员 {people} 人，晚上外出要两人同行。"),
        Issue::Overtime {
            post,
            month,
            evenings,
            hours,
            limit,
            outlets: list,
            people,
        } => format!(
            "{}：{month} 有 {evenings} 个走访日，晚上都走，{} {people} 人每人加班 {} 小时，一个月最多 {limit} 小时。",
            outlets(list),
            post_name(post),
            decimal(*hours)
        ),
        Issue::Lunch {
            window,
            minutes,
            left,
        } => format!("时段“{window}”里有 {minutes} 分钟是午休，只按 {left} 分钟算。"),
        Issue::NoLunch => "日历里没有写午休，时段里的中午也会排走访。".to_owned(),
        Issue::GroupSource { titles } => format!(
            "{}：名单要从单位或村里拿，没有经两人批准的合法来源记录，这些名单不能导入。",
            titles.join("、")
        ),
        Issue::ProjectAlone { project } => {
            format!("重点项目“{project}”没有写推什么产品，走访时没有东西可讲。")
        }
        Issue::ProductUnknown { project, product } => {
            format!("重点项目“{project}”写的产品“{product}”不在产品表里。")
        }
        Issue::MaterialMissing { items } => format!(
            "走访要带或要留的 {} 不在印制清单里，也不在县里印制的清单里。",
            materials(items)
        ),
        Issue::MethodLacks { method, lacking } => format!(
            "走访方法“{method}”写了活动里没有的东西。{}。",
            methods::lacks(lacking, post_name)
        ),
        Issue::GiftOverCap {
            market,
            schemes,
            total,
            cap,
        } => {
            let names: Vec<&str> = schemes.iter().map(|s| s.title.as_str()).collect();
            methods::over_cap(*market, &names, *total, *cap)
        }
        Issue::Money(m) => money(m),
        Issue::Loss(l) => loss(l),
    }
}

/// 元 with its 角 and 分 only where there are any.
fn yuan(fen: zf_base::Fen) -> String {
    let (whole, rest) = (fen.0 / 100, fen.0 % 100);
    let whole = n(whole.unsigned_abs());
    match rest {
        0 => format!("{whole} 元"),
        rest => format!("{whole}.{:02} 元", rest.unsigned_abs()),
    }
}

fn money(m: &Money) -> String {
    if m.outlets == 0 {
        return format!(
            "每个网点全部完成时：支局长 {}，挂点人员 {}，另按有效信息条数付。",
            yuan(m.heads),
            yuan(m.liaisons)
        );
    }
    let without = match m.without_plan {
        0 => String::new(),
        some => format!("（{} 个网点没有采集计划，没有算进去）", n(some)),
    };
    format!(
        "{} 个网点全部完成时共付 {}：支局长 {}，挂点人员 {}，信息 {} 条 {}{without}。",
        n(m.outlets),
        yuan(m.total),
        yuan(m.heads),
        yuan(m.liaisons),
        n(m.records),
        yuan(m.for_records)
    )
}

fn loss(l: &Loss) -> String {
    let items = match l.for_items.0 {
        0 => String::new(),
        _ => format!("，采集计划一条都没完成再扣 {}", yuan(l.for_items)),
    };
    let all = match l.outlets.len() {
        0 | 1 => String::new(),
        many => format!("；{} 个网点合计最多 {}", n(many as u64), yuan(l.all)),
    };
    format!(
        "{}按现在的人手走不到任务，照规定最多要扣 {} 天 {}{items}，拿不到奖励 {}，绩效分 {} 分{all}。",
        outlets(&l.outlets),
        l.days,
        yuan(l.for_days),
        yuan(l.rewards),
        l.points
    )
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
        Issue::MeetingDue { .. } => "先动员、先培训，第一天上门的人才知道怎么说、怎么填。",
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
        Issue::LadderDays { .. } => "放假和周末会把走访日隔开，数法不同，结果差很多。",
        Issue::LadderDeduction { .. } => "原文没有写清起止，启动前请确认。",
        Issue::Channels { .. } => {
            "个人信息要有合法来源和本人同意；请改为由熟人介绍、客户自己登记。"
        }
        Issue::IdAtDoor => "身份证号到柜台办或用行内已核实的，不在门口收。",
        Issue::Policy { .. } => "见合规要求；要保留，请合规部门书面确认。",
        Issue::EveningAlone { .. } => "晚上外出要有伴，出了事才有人照应。",
        Issue::Overtime { .. } => "劳动法规定每月加班不超过三十六小时；加班要记录，可以调休。",
        Issue::Lunch { .. } => "午休不排走访，写进时段也不会多走几户。",
        Issue::NoLunch => "人手要按休息时间算，任务才走得动。",
        Issue::GroupSource { .. } => {
            "个人信息要有合法来源和本人同意；没有记录，这些群体就没有人可走。"
        }
        Issue::ProjectAlone { .. } | Issue::ProductUnknown { .. } => {
            "客户有意向时要知道办什么、在哪里办。"
        }
        Issue::MaterialMissing { .. } => "出门时没有东西可带，走过的村组也留不下痕迹。",
        Issue::MethodLacks { .. } => "写在周计划上的做法，出门时要做得到。",
        Issue::GiftOverCap { .. } => "礼品对所有人一个标准，也不超过上限。",
        Issue::Money(_) => "下达之前先看预算够不够。",
        Issue::Loss(_) => "任务做不到还照扣，既不公平，也会逼出假记录。",
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
        Issue::PostMissing { missing_all, .. } => Some((u64::from(*missing_all), "人")),
        Issue::EveningAlone { people, .. } => Some((u64::from(2 - people.min(&2)), "人")),
        Issue::Overtime { hours, limit, .. } => Some((
            (hours - f64::from(*limit)).ceil().max(0.0) as u64,
            "小时/月",
        )),
        Issue::Lunch { minutes, .. } => Some((u64::from(*minutes), "分钟")),
        Issue::MaterialMissing { items } => Some((items.len() as u64, "种物料")),
        Issue::MethodLacks { lacking, .. } => Some((lacking.count() as u64, "项")),
        Issue::GroupSource { titles } => Some((titles.len() as u64, "个群体")),
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
        Issue::PostMissing { rows, .. } => rows.iter().map(post_row).collect(),
        Issue::Money(m) => vec![
            fact("支局长奖励", yuan(m.heads)),
            fact("挂点人员奖励", yuan(m.liaisons)),
            fact("信息奖励", yuan(m.for_records)),
            fact("最多共付", yuan(m.total)),
        ],
        Issue::Loss(l) => vec![
            fact("扣减的天数", format!("{} 天", n(l.days))),
            fact("按天扣减", yuan(l.for_days)),
            fact("按采集计划扣减", yuan(l.for_items)),
            fact("拿不到的奖励", yuan(l.rewards)),
            fact("绩效分", format!("{} 分", n(l.points))),
            fact("扣得最多的网点", yuan(l.most)),
        ],
        _ => vec![],
    }
}

fn post_row(r: &super::finding::PostRow) -> Fact {
    let name = if r.outlet.name.is_empty() {
        &r.outlet.code
    } else {
        &r.outlet.name
    };
    fact(name, format!("有 {} 人，要 {} 人", r.people, r.needed))
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
