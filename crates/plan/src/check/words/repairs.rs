//! Chinese of the ways out of a finding: what to do, and what that brings.
//! Figures come from the repair; nothing is computed here, and nothing is
//! known of the campaign but what the repair says.

use super::super::finding::Repair;
use super::super::view::{PostName, RepairView};
use super::n;

/// Names of the printed matter that the check knows; others stay as written.
fn material(item: &str) -> &str {
    match item {
        "collection_form" => "信息采集表",
        "publicity" | "publicity_sheet" | "publicity_material" => "宣传单",
        "business_card" => "名片",
        "gift_catalogue" => "积分礼品目录",
        "sticker" => "走访贴",
        "notice" => "告知书",
        other => other,
    }
}

pub(super) fn materials(items: &[String]) -> String {
    let names: Vec<&str> = items.iter().map(|i| material(i)).collect();
    names.join("、")
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
        Repair::MeetBefore { meeting } => (
            format!("“{}”改到开始前至少 1 天开", meeting.title),
            "人员先培训再上门".to_owned(),
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
        Repair::Swap { start, end } => (
            format!("开始和结束对调：{start} 至 {end}"),
            "阶段有日子".to_owned(),
        ),
        Repair::CampaignDays { start, end } => (
            format!("活动日期改为 {start} 至 {end}"),
            "和阶段对得上".to_owned(),
        ),
        Repair::PhaseDays { phase, start, end } => (
            format!("阶段“{phase}”改为 {start} 至 {end}"),
            "每一天都有阶段".to_owned(),
        ),
        Repair::Reorder => ("按日期先后重排阶段".to_owned(), "顺序清楚".to_owned()),
        Repair::EndWindow {
            window,
            end,
            minutes,
        } => (
            format!("时段“{window}”到 {end} 结束"),
            format!("{minutes} 分钟"),
        ),
        Repair::StartWindow {
            window,
            start,
            minutes,
        } => (
            format!("时段“{window}”从 {start} 开始"),
            format!("{minutes} 分钟"),
        ),
        Repair::AnyRing { team } => (
            format!("“{team}”不分远近都走"),
            "两个距离圈都有人走".to_owned(),
        ),
        Repair::AddPost { team, post } => (
            format!("“{team}”加一名{}", post_name(post)),
            "两人同行".to_owned(),
        ),
        Repair::FewerTeams { team, total } => (
            format!("“{team}”减到 {total} 组"),
            "现有人手排得开".to_owned(),
        ),
        Repair::Evenings { per_month, fewer } => (
            format!("每月晚上最多走 {per_month} 天，少走 {fewer} 天"),
            "加班在规定以内".to_owned(),
        ),
        Repair::DoorFields { fields } => (
            format!("上门只收 {} 项，去掉身份证号", fields.len()),
            "到柜台再补".to_owned(),
        ),
        Repair::DropPlans { codes } => (
            format!("去掉 {} 个不认识的网点编号", codes.len()),
            "采集计划只留现有网点".to_owned(),
        ),
        Repair::RecordBasis { titles } => (
            format!("在“合法来源”里登记 {} 项，由两人批准", titles.len()),
            "批准后才能导入".to_owned(),
        ),
        Repair::SelfRegistration => (
            "不要名单，请熟人介绍、客户扫码或填告知书自己登记".to_owned(),
            "本人同意，来源清楚".to_owned(),
        ),
        Repair::Print { items } => (
            format!("把{}加进印制清单", materials(items)),
            format!("补齐 {} 种", items.len()),
        ),
        Repair::Leave { items } => (
            format!("不带、不留：{}", materials(items)),
            "带的东西都有".to_owned(),
        ),
        Repair::LinkProduct { project, product } => (
            format!("“{project}”推“{product}”"),
            "走访时有话可讲".to_owned(),
        ),
        Repair::DropProject { project } => {
            (format!("这次不把“{project}”列为重点项目"), String::new())
        }
        Repair::MethodWithout { method, lacking } => (
            format!(
                "“{method}”去掉：{}",
                super::methods::lacks(lacking, post_name)
            ),
            "方法里写的都有".to_owned(),
        ),
        Repair::GiftsWithin { market, cap, total } => super::methods::within(*market, *cap, *total),
        Repair::LunchBreak => (
            "写上午休（12:00 至 14:00）".to_owned(),
            "中午不排走访".to_owned(),
        ),
        Repair::OwnQuotas { outlets } => (
            format!(
                "在“网点参数”里给 {} 个网点写走得到的每日户数（见下表）",
                n(*outlets)
            ),
            "不会因为做不到被扣".to_owned(),
        ),
        Repair::CorrectCalendar => (
            "在“工作日历”里补上放假和调休".to_owned(),
            "天数准确".to_owned(),
        ),
    };
    RepairView {
        text,
        effect,
        apply: None,
    }
}
