//! Sample layouts with invented people, for tests and for looking at the printed page.

use zf_base::Timestamp;
use zf_office::errors::{ErrorBook, ErrorRow, ErrorWords};
use zf_office::list::{CellKind, CellValue, TableBook, TableColumn, TableSheet};
use zf_office::template::{TemplateBook, TemplateColumn, TemplateKind};
use zf_office::weekplan::{
    TeamPlan, VisitLine, WeekOverview, WeekPlanBook, WeekPlanSheet, WeekPlanWords,
};
use zf_office::{BookMeta, Fonts};

pub fn meta() -> BookMeta {
    BookMeta {
        title: "走访计划".into(),
        author: "走访".into(),
        created: Timestamp(1_476_000_000_000_000),
    }
}

pub fn fonts() -> Fonts {
    Fonts {
        title: "等线".into(),
        body: "宋体".into(),
    }
}

pub const FOOT: &str = "第 {page} 页，共 {pages} 页 · 演示数据";

pub fn words() -> WeekPlanWords {
    WeekPlanWords {
        order: "序号".into(),
        village_group: "村组".into(),
        time: "时间".into(),
        householder: "户主".into(),
        reason: "走访理由".into(),
        remarks: "备注".into(),
        signature: "签字".into(),
        shortfall: "人手或时间不够".into(),
        page_foot: FOOT.into(),
    }
}

const REASONS: [&str; 5] = [
    "定期存款 10 月 21 日到期",
    "必访群体：外出务工返乡户，2 万元定期 10 月 15 日到期，上次不在家",
    "四项有效信息缺联系电话",
    "新办社保卡，介绍便民服务",
    "粮食直补户，初步走访时约定再来",
];

pub fn visits(n: u32) -> Vec<VisitLine> {
    (1..=n)
        .map(|i| VisitLine {
            order: i,
            village_group: format!("桥头村第{}村民小组", i % 7 + 1),
            time: format!("{}:{:02}", 18 + (30 + i * 4) / 60, (30 + i * 4) % 60),
            householder: ["张三", "欧阳小明", "李四", "王五"][i as usize % 4].into(),
            reason: REASONS[i as usize % 5].into(),
            remarks: String::new(),
        })
        .collect()
}

pub fn day(n: usize, visits_per_team: u32) -> WeekPlanSheet {
    let date = 10 + n;
    let weekday = ["一", "二", "三", "四", "五"][n % 5];
    WeekPlanSheet {
        sheet_name: format!("10-{date} 周{weekday}"),
        title: "青石镇网点走访计划表".into(),
        subtitle: format!("青石镇网点　2016年10月{date}日　星期{weekday}"),
        note: "农历九月初十　霜降前　逢五赶集".into(),
        shortfall: vec![
            "今日目标 20 户，已排 18 户，还差 2 户：两个班组晚间时段各只够 9 户。".into(),
            "建议：周六上午增加一个班组，或把 2 户移到下周。".into(),
        ],
        teams: vec![
            TeamPlan {
                heading: "第一组：王支局长、李柜员".into(),
                window: "5 公里以内　18:30–20:00".into(),
                visits: visits(visits_per_team),
            },
            TeamPlan {
                heading: "第二组：王支局长、陈投递员".into(),
                window: "5 公里以外　白天".into(),
                visits: visits(visits_per_team.saturating_sub(2)),
            },
        ],
        closing: vec!["网点负责人签字：　　　　　　　　　　日期：".into()],
    }
}

pub fn week_plan(visits_per_team: u32) -> WeekPlanBook {
    let row = |day: &str, date: &str, teams: &str, planned: &str, short: &str| {
        vec![
            day.to_owned(),
            date.into(),
            teams.into(),
            planned.into(),
            short.into(),
            "".into(),
        ]
    };
    WeekPlanBook {
        meta: meta(),
        fonts: fonts(),
        words: words(),
        overview: WeekOverview {
            sheet_name: "本周总览".into(),
            title: "网点周走访计划表".into(),
            subtitle: "青石镇网点　2016年第41周（10月10日至10月16日）".into(),
            shortfall: vec!["本周目标 100 户，已排 90 户，还差 10 户。".into()],
            headers: ["星期", "日期", "班组", "计划户数", "还差", "实际户数"]
                .map(String::from)
                .to_vec(),
            rows: vec![
                row("一", "10月10日", "2", "18", "2"),
                row("二", "10月11日", "2", "18", "2"),
                row("三", "10月12日", "2", "18", "2"),
                row("四", "10月13日（重阳后）", "2", "18", "2"),
                row("五", "10月14日", "2", "18", "2"),
            ],
            total: row("合计", "", "", "90", "10"),
            notes: vec!["本表由网点负责人保管，走访结束后一周内交回。".into()],
        },
        days: (0..5).map(|n| day(n, visits_per_team)).collect(),
    }
}

pub fn list() -> TableBook {
    let column = |header: &str, kind| TableColumn {
        header: header.into(),
        kind,
    };
    let row = |i: i64| {
        vec![
            CellValue::Text(format!("0{i:07}")),
            CellValue::from("欧阳小明"),
            CellValue::from("桥头村第三村民小组"),
            CellValue::Money(zf_base::Fen(1_234_567 * i)),
            CellValue::Percent(0.125),
            CellValue::Date(zf_base::Day::from_epoch_days(17_095)), // 2016-10-21
            CellValue::Moment(Timestamp(1_476_000_000_000_000)),
            CellValue::Integer(i),
        ]
    };
    TableBook {
        meta: meta(),
        fonts: fonts(),
        sheets: vec![TableSheet {
            name: "客户".into(),
            title_lines: vec!["必访客户名单".into(), "青石镇网点　2016-10-09 导出".into()],
            columns: vec![
                column("客户编号", CellKind::Text),
                column("姓名", CellKind::Text),
                column("村组", CellKind::Text),
                column("存款余额（元）", CellKind::Money),
                column("占比", CellKind::Percent),
                column("到期日", CellKind::Date),
                column("上次走访", CellKind::Moment),
                column("次数", CellKind::Integer),
            ],
            rows: (1..=60).map(row).collect(),
            page_foot: FOOT.into(),
        }],
    }
}

pub fn errors() -> ErrorBook {
    let row = |row, column: &str, reason: &str, value: &str| ErrorRow {
        row,
        key: "00000123".into(),
        column: column.into(),
        reason: reason.into(),
        masked_value: value.into(),
    };
    ErrorBook {
        meta: meta(),
        fonts: fonts(),
        words: ErrorWords {
            summary_sheet: "汇总".into(),
            rows_sheet: "有问题的行".into(),
            row: "原表行号".into(),
            key: "客户编号".into(),
            column: "列".into(),
            reason: "问题和处理办法".into(),
            value: "原值（已遮盖）".into(),
            count: "行数".into(),
            page_foot: FOOT.into(),
        },
        summary_lines: vec![
            "客户导入：有问题的行".into(),
            "共读 1,203 行，接收 1,200 行，退回 3 行".into(),
        ],
        rows: vec![
            row(
                7,
                "身份证号",
                "校验位不对，请核对后重填",
                "110***********515",
            ),
            row(19, "手机", "应为 11 位数字", "138****123"),
            row(
                1_203,
                "身份证号",
                "校验位不对，请核对后重填",
                "=cmd|' /C calc'!A0",
            ),
        ],
    }
}

pub fn template() -> TemplateBook {
    let column =
        |header: &str, required, explanation: &str, kind, choices: &[&str]| TemplateColumn {
            header: header.into(),
            required,
            explanation: explanation.into(),
            kind,
            choices: choices.iter().map(|c| (*c).into()).collect(),
        };
    let groups: Vec<String> = (1..=60).map(|i| format!("桥头村第{i}村民小组")).collect();
    let mut village = column("村组", false, "从列表中选", TemplateKind::Text, &[]);
    village.choices = groups;
    TemplateBook {
        meta: meta(),
        fonts: fonts(),
        sheet: "客户".into(),
        example_sheet: "示例".into(),
        columns: vec![
            column(
                "客户编号",
                true,
                "核心系统里的客户编号，不能重复",
                TemplateKind::Text,
                &[],
            ),
            column("姓名", true, "与身份证一致", TemplateKind::Text, &[]),
            column(
                "性别",
                false,
                "从列表中选",
                TemplateKind::Text,
                &["男", "女"],
            ),
            column(
                "身份证号",
                true,
                "18 位，最后一位可以是 X",
                TemplateKind::Text,
                &[],
            ),
            column("手机", false, "11 位", TemplateKind::Text, &[]),
            village,
            column(
                "存款余额（元）",
                false,
                "单位是元，可以有两位小数",
                TemplateKind::Decimal,
                &[],
            ),
            column("到期日", false, "写成 2016-10-21", TemplateKind::Date, &[]),
        ],
        examples: vec![
            [
                "00000123",
                "张三",
                "男",
                "110101199003070000",
                "13800000000",
                "桥头村第1村民小组",
                "12000.50",
                "2016-10-21",
            ]
            .map(String::from)
            .to_vec(),
        ],
        choice_error: "请从列表中选一项。".into(),
        prepared_rows: 5_000,
    }
}
