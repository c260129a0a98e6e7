//! The typed campaign file: one struct per section, in the order of the file.
//! Every figure of the source documents is a named field here; which
//! requirement it comes from stands in the pack (`parameters.toml`). Units are
//! in the names or in the docstrings; money is whole 分.

use crate::{codes, section};
use std::collections::BTreeMap;
use zf_base::geo::Meters;
use zf_base::time::Clock;
use zf_base::{Day, Fen};

codes! {
    /// Kind of program.
    ProgramKind {
        /// A marketing campaign.
        Campaign = "campaign",
    }
}
codes! {
    /// Kind of visit.
    VisitKind {
        /// 初步走访.
        First = "first",
        /// 精准走访.
        Precise = "precise",
        /// 回访.
        FollowUp = "follow_up",
    }
}
codes! {
    /// A day of the lunar calendar that a phase is tied to.
    LunarAnchor {
        /// 春节.
        SpringFestival = "spring_festival",
    }
}
codes! {
    /// 见面情况.
    Outcome {
        /// 见到本人.
        Own = "self",
        /// 见到家人.
        Family = "family",
        /// 不在家.
        Absent = "absent",
        /// 婉拒.
        Refused = "refused",
        /// 已搬走.
        Moved = "moved",
        /// 地址有误.
        WrongAddress = "wrong_address",
    }
}
codes! {
    /// What is counted (ERR-006).
    Counter {
        /// Households visited.
        Household = "household",
        /// Valid person records.
        Record = "record",
        /// Items of the collection plan.
        PlanItem = "plan_item",
    }
}
codes! {
    /// One of the two rings around an outlet.
    Side {
        /// Within the distance.
        Near = "near",
        /// Beyond it.
        Far = "far",
    }
}
codes! {
    /// Which ring a team visits.
    Ring {
        /// Within the distance.
        Near = "near",
        /// Beyond it.
        Far = "far",
        /// Everywhere.
        Any = "any",
    }
}
codes! {
    /// How distance is measured (ERR-005).
    Distance {
        /// As the crow flies.
        StraightLine = "straight_line",
        /// Along the roads.
        Road = "road",
    }
}
codes! {
    /// What one preliminary visit goes to (ERR-063).
    PreliminaryUnit {
        /// A village group.
        VillageGroup = "village_group",
        /// A household.
        Household = "household",
    }
}
codes! {
    /// How long one preliminary visit takes.
    Stretch {
        /// One morning or afternoon.
        HalfDay = "half_day",
    }
}
codes! {
    /// The planning unit (PLN-004).
    PlanningUnit {
        /// An ISO week.
        Week = "week",
    }
}
codes! {
    /// A day of the week.
    Weekday {
        /// 周一.
        Monday = "monday",
        /// 周二.
        Tuesday = "tuesday",
        /// 周三.
        Wednesday = "wednesday",
        /// 周四.
        Thursday = "thursday",
        /// 周五.
        Friday = "friday",
        /// 周六.
        Saturday = "saturday",
        /// 周日.
        Sunday = "sunday",
    }
}
codes! {
    /// Which days "consecutive" counts (ERR-008).
    ConsecutiveDays {
        /// Days on which visits are planned.
        Planned = "planned",
        /// Workdays.
        Working = "working",
        /// Every day.
        Calendar = "calendar",
    }
}
codes! {
    /// What the ladder compares with (CMP-010).
    CompareWith {
        /// The daily quota alone.
        BaseQuota = "base_quota",
        /// The quota with what was carried over.
        QuotaWithCarryOver = "quota_with_carry_over",
    }
}
codes! {
    /// How often.
    Cadence {
        /// 每日.
        Daily = "daily",
        /// 每周.
        Weekly = "weekly",
        /// 每月.
        Monthly = "monthly",
    }
}
codes! {
    /// Who sees the lowest of a bulletin.
    Audience {
        /// Only their leaders.
        Leaders = "leaders",
        /// Everybody.
        All = "all",
    }
}
codes! {
    /// How performance points are meant (ERR-016).
    PointsMeaning {
        /// Taken off.
        Deduct = "deduct",
        /// A weight in the assessment.
        Weight = "weight",
    }
}

section! {
    /// 项目.
    ProgramSection {
        /// Stable id of the campaign: its code.
        id: String;
        /// Kind of program.
        kind: ProgramKind;
        /// Title.
        title: String;
        /// Slogan.
        slogan: Option<String>;
        /// Customers the slogan speaks of; never a target (ERR-003).
        slogan_customers: Option<i64>, in 1 => 2_000_000_000;
        /// First day.
        #[schema(value_type = String, format = Date)]
        start: Day;
        /// Last day.
        #[schema(value_type = String, format = Date)]
        end: Day;
        /// Visit plans are filed by this day.
        #[schema(value_type = Option<String>, format = Date)]
        filing_due: Option<Day>;
        /// Steps before the start, in order.
        preparation: Vec<String>;
    }
}
section! {
    /// 阶段.
    Phase {
        /// Id, unique in the file.
        id: String;
        /// Title.
        title: String;
        /// First day.
        #[schema(value_type = String, format = Date)]
        start: Day;
        /// Last day.
        #[schema(value_type = String, format = Date)]
        end: Day;
        /// What it is for.
        purpose: Vec<String>;
        /// Kinds of visits.
        kinds: Vec<VisitKind>;
        /// The lunar day it must not miss.
        lunar_anchor: Option<LunarAnchor>;
    }
}
section! {
    /// 日任务.
    Quota {
        /// Households per outlet and planned day.
        households_per_outlet_per_day: u32, in 1 => 1_000;
        /// Outcomes that count as a visit.
        counting_outcomes: Vec<Outcome>;
        /// Outcomes after which the address is looked into before anybody goes there again.
        gone_outcomes: Option<Vec<Outcome>>;
        /// Counters kept apart.
        counters: Vec<Counter>;
        /// A shortfall is carried into later visits.
        carry_over: bool;
        /// Kind of visit that makes up for a shortfall.
        repay_by: VisitKind;
        /// Whether a carried shortfall raises the daily bar.
        carry_over_raises_daily_bar: bool;
        /// Days until an absent household is tried again.
        absent_retry_after_days: u32, in 0 => 90;
        /// Tries after the first.
        absent_retries: u32, in 0 => 20;
    }
}
section! {
    /// 信息采集.
    Collection {
        /// A campaign without a plan per outlet is refused (ERR-061).
        plan_required: bool;
        /// The four fields.
        mandatory_fields: Vec<String>;
        /// What is asked at the door.
        door_fields: Vec<String>;
        /// A value that the bank verified counts as complete.
        bank_verified_counts: bool;
        /// Entered on the day of the visit.
        enter_same_day: bool;
        /// Units of later collection.
        later_units: Vec<String>;
        /// Records per outlet, by the outlet's code.
        outlets: BTreeMap<String, i64>;
    }
}
section! {
    /// 距离圈.
    RingSection {
        /// Kilometres of the near ring.
        near_km: f64, in 0.1 => 200;
        /// Where exactly the limit belongs.
        boundary: Side;
        /// How it is measured.
        distance: Distance;
        /// Road distance where roads are loaded.
        prefer_road_when_loaded: bool;
    }
}
section! {
    /// 时段.
    Window {
        /// Id, unique in the file.
        id: String;
        /// Title.
        title: String;
        /// From.
        #[schema(value_type = String)]
        start: Clock;
        /// Until.
        #[schema(value_type = String)]
        end: Clock;
    }
}
section! {
    /// 小组.
    Team {
        /// Id, unique in the file.
        id: String;
        /// Title.
        title: String;
        /// Kind of visit.
        kind: VisitKind;
        /// Ring it visits.
        ring: Ring;
        /// One person of each post.
        posts: Vec<String>;
        /// Posts of `posts` that are no staff of the outlet.
        outside_posts: Option<Vec<String>>;
        /// Ids of windows in which it goes out.
        windows: Vec<String>;
        /// Teams of this kind per outlet.
        per_outlet: u32, in 1 => 50;
    }
}
section! {
    /// 初步走访.
    Preliminary {
        /// What one visit goes to.
        unit: PreliminaryUnit;
        /// How long it takes.
        duration: Stretch;
        /// Households met in that time.
        households_met: u32, in 0 => 500;
    }
}
section! {
    /// 精准走访.
    Precise {
        /// Minutes per household.
        visit_minutes: u32, in 1 => 240;
        /// Urban customers are filtered first.
        urban_prefilter: bool;
    }
}
section! {
    /// 预热.
    WarmUp {
        /// Through whom.
        through: Vec<String>;
        /// What is handed out.
        hands_out: Vec<String>;
        /// Days before the visits begin.
        days_before: u32, in 0 => 90;
    }
}
section! {
    /// 回访.
    FollowUp {
        /// Minutes per household.
        visit_minutes: u32, in 1 => 240;
    }
}
section! {
    /// 行程.
    Travel {
        /// Kilometres per hour.
        kmh: f64, in 1 => 120;
        /// Road length over straight line.
        detour: f64, in 1 => 5;
        /// Minutes to stop and knock.
        stop_minutes: u32, in 0 => 60;
    }
}
section! {
    /// 周计划.
    Planning {
        /// The planning unit.
        unit: PlanningUnit;
        /// Day on which next week is planned.
        weekday: Weekday;
        /// What the plan is based on.
        basis: String;
        /// Teams keep to the plan.
        follow_strictly: bool;
    }
}
section! {
    /// 日历.
    CalendarSection {
        /// Table of holidays.
        holidays: String;
        /// What "consecutive days" counts.
        consecutive_days: ConsecutiveDays;
        /// Evenings are recorded as overtime.
        overtime_recorded: bool;
        /// Evenings in pairs.
        evening_in_pairs: bool;
        /// Staff may stay out of evenings.
        evening_opt_out: bool;
        /// Lunch is no visiting time, even inside a window.
        #[schema(value_type = Option<String>)]
        lunch_start: Option<Clock>;
        /// End of lunch.
        #[schema(value_type = Option<String>)]
        lunch_end: Option<Clock>;
    }
}
section! {
    /// 督促.
    Ladder {
        /// What is compared.
        compare_with: CompareWith;
        /// Consecutive days until an explanation.
        explain_after_days: u32, in 1 => 60;
        /// To whom.
        explain_to: String;
        /// Consecutive days until a notice.
        notice_after_days: u32, in 1 => 60;
        /// Deduction per day, 分.
        #[schema(value_type = i64)]
        deduction_fen_per_day: Fen, in 0 => 100_000_000;
        /// From which consecutive day.
        deduction_from_day: u32, in 1 => 60;
        /// Until when.
        deduction_until: String;
        /// Two people approve.
        two_person_approval: bool;
        /// The system only proposes.
        propose_only: bool;
    }
}
section! {
    /// 奖励.
    Reward {
        /// For the head, 分.
        #[schema(value_type = i64)]
        head_fen: Fen, in 0 => 1_000_000_000;
        /// For the liaison, 分.
        #[schema(value_type = i64)]
        liaison_fen: Fen, in 0 => 1_000_000_000;
        /// Per valid record, 分.
        #[schema(value_type = i64)]
        per_record_fen: Fen, in 0 => 1_000_000;
        /// Only to outlets that completed the plan.
        only_when_plan_completed: bool;
        /// How the outlet distributes.
        distribute_by: String;
        /// Pays verified valid records only.
        verified_records_only: bool;
        /// Whether the liaison may inspect the outlet that pays him.
        liaison_may_inspect_own_outlet: bool;
    }
}
section! {
    /// 未完成.
    ShortfallSection {
        /// Deduction per missing plan item, 分.
        #[schema(value_type = i64)]
        deduction_fen_per_item: Fen, in 0 => 1_000_000;
        /// How points are meant.
        points_meaning: PointsMeaning;
    }
}
section! {
    /// 绩效分 of a quarter.
    Points {
        /// Quarter.
        id: String;
        /// Points.
        points: u32, in 0 => 1_000;
    }
}
section! {
    /// 走访痕迹与核查.
    Evidence {
        /// Traces left.
        traces: Vec<String>;
        /// Where they are due.
        traces_per: String;
        /// Smallest sample of a callback.
        callback_sample: u32, in 1 => 100_000;
        /// Fails when a larger share says no.
        callback_fail_above: f64, in 0 => 1;
        /// What no trace at all means.
        zero_trace: String;
        /// Either test is enough, or both.
        combine: String;
        /// How the sample is drawn.
        sampling: String;
        /// The caller is not from the outlet.
        caller_outside_outlet: bool;
        /// Verdicts show their error risk.
        show_error_risk: bool;
        /// Visits the liaison joins per week.
        liaison_joins_per_week: u32, in 0 => 100;
        /// Check of records and forms.
        liaison_checks: Cadence;
        /// What is looked for on site.
        spot_check_items: Vec<String>;
        /// Days between city spot checks.
        city_spot_check_days: u32, in 1 => 366;
        /// First finding of not visited.
        first_finding: String;
        /// Second finding.
        second_finding: String;
        /// Assessment of incomplete forms.
        form_assessment: Cadence;
    }
}
section! {
    /// 通报.
    Bulletin {
        /// Review of yesterday at the outlet.
        morning_review: Cadence;
        /// County bulletin.
        county: Cadence;
        /// Standing of the contest.
        contest: Cadence;
        /// Completeness by county.
        completeness: Cadence;
        /// Newsletter.
        newsletter: Cadence;
        /// Who sees the lowest.
        show_lowest_to: Audience;
    }
}
section! {
    /// 话术.
    Script {
        /// Id, unique in the file.
        id: String;
        /// Title.
        title: String;
        /// Words.
        text: String;
    }
}
section! {
    /// 产品.
    Product {
        /// Id, unique in the file.
        id: String;
        /// Title.
        title: String;
        /// Where it is sold.
        sold_at: String;
    }
}
section! {
    /// 重点项目.
    Project {
        /// Id, unique in the file.
        id: String;
        /// Title.
        title: String;
        /// What a visit does for it.
        text: Option<String>;
    }
}
section! {
    /// 物料.
    Materials {
        /// Carried on every visit.
        carry: Vec<String>;
        /// General sheets per person.
        general_sheets_per_person: u32, in 0 => 1_000;
        /// Where posters go.
        poster_places: Vec<String>;
        /// Printed kinds.
        printed: Vec<String>;
        /// Printed by the county.
        county_prints: Vec<String>;
        /// When promotional goods are for.
        goods_for: String;
    }
}
section! {
    /// 便民服务.
    Gift {
        /// The same for everybody.
        uniform_only: bool;
        /// Highest value per customer and campaign, 分.
        #[schema(value_type = i64)]
        cap_fen_per_customer: Fen, in 0 => 100_000_000;
        /// Whether gifts may depend on deposits.
        may_read_deposits: bool;
    }
}
section! {
    /// 采集渠道.
    Channel {
        /// Id, unique in the file.
        id: String;
        /// Title.
        title: String;
        /// In use.
        enabled: bool;
        /// Needs a lawful basis on record before it may be used (ERR-031).
        needs_basis: Option<bool>;
    }
}

/// A free parameter of a pack's predicates: a number, a text or a flag.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Scalar {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// A text.
    Text(String),
}

impl super::read::Field for Scalar {
    fn shape() -> super::read::Shape {
        super::read::Shape::Scalar
    }
    fn read(node: &super::read::Node, at: &str, r: &mut super::read::Reader) -> Option<Self> {
        use super::read::{Kind, Value, What};
        match &node.value {
            Value::Bool(b) => Some(Scalar::Bool(*b)),
            Value::Int(n) => Some(Scalar::Int(*n)),
            Value::Float(x) if x.is_finite() => Some(Scalar::Float(*x)),
            Value::Text(t) => Some(Scalar::Text(t.clone())),
            _ => {
                r.report(node, at, What::Expected(Kind::Scalar));
                None
            }
        }
    }
}

impl RingSection {
    /// The limit of the near ring.
    pub fn limit(&self) -> Meters {
        Meters(self.near_km * 1000.0)
    }
    /// On which side of the limit a distance is (ERR-005).
    pub fn side(&self, distance: Meters) -> Side {
        let limit = self.limit().0;
        if distance.0 < limit || (distance.0 == limit && self.boundary == Side::Near) {
            Side::Near
        } else {
            Side::Far
        }
    }
}

impl Window {
    /// Length in whole minutes; 0 when it ends before it begins.
    pub fn minutes(&self) -> u32 {
        self.end.seconds().saturating_sub(self.start.seconds()) / 60
    }
}

impl Team {
    /// Posts that must be staff of the outlet.
    pub fn own_posts(&self) -> impl Iterator<Item = &str> {
        let outside = self.outside_posts.as_deref().unwrap_or_default();
        self.posts
            .iter()
            .filter(move |p| !outside.contains(p))
            .map(String::as_str)
    }
    /// Whether it visits households on this side.
    pub fn visits(&self, side: Side) -> bool {
        matches!(
            (self.ring, side),
            (Ring::Any, _) | (Ring::Near, Side::Near) | (Ring::Far, Side::Far)
        )
    }
}
