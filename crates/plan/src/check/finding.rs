//! Findings as data: what is wrong, with its figures, and what would repair
//! it, with computed numbers. No sentence is made here: `words` does that, and
//! `view` puts both together for the page, the terminal and the API.

use super::ladder::{Costs, Reading};
use super::methods::Lacking;
use crate::definition::{Distance, MarketKind, PreliminaryUnit, Side};
use serde::Serialize;
use zf_base::time::Clock;
use zf_base::{Day, Fen};

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The campaign cannot be started like this.
    Error,
    /// It can be started, but something will not come out as written.
    Warning,
    /// How the file is read.
    Note,
}

impl Severity {
    /// As in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// The requirement behind it, e.g. `ERR-004`.
    pub requirement: &'static str,
    /// What it is about, with its figures.
    #[serde(flatten)]
    pub issue: Issue,
    /// What would repair it.
    pub repairs: Vec<Repair>,
}

/// An outlet in a list of a finding.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutletName {
    /// The bank's code.
    pub code: String,
    /// Name.
    pub name: String,
}

/// Something of the campaign file: its id, and what people call it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Named {
    /// Id in the file.
    pub id: String,
    /// Title.
    pub title: String,
}

impl Named {
    /// Both.
    pub fn new(id: &str, title: &str) -> Named {
        Named {
            id: id.to_owned(),
            title: title.to_owned(),
        }
    }
}

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.title)
    }
}

/// People of a post that an outlet has, and needs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PostRow {
    /// The outlet.
    pub outlet: OutletName,
    /// People it has.
    pub people: u32,
    /// People the teams of this kind need.
    pub needed: u32,
}

/// What the campaign may pay at most, 分 (SUP-006…008).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Money {
    /// Outlets; 0 = figures of one outlet.
    pub outlets: u64,
    /// Outlets whose collection plan is not known.
    pub without_plan: u64,
    /// Heads of the outlets together.
    pub heads: Fen,
    /// Liaisons together.
    pub liaisons: Fen,
    /// Records of all plans.
    pub records: u64,
    /// What the records pay.
    pub for_records: Fen,
    /// All of it.
    pub total: Fen,
}

/// What an outlet that cannot reach its quota loses, 分 (SUP-012…014).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Loss {
    /// The outlets; empty when none are known.
    pub outlets: Vec<OutletName>,
    /// Days with a deduction at the outlet that loses most.
    pub days: u64,
    /// Deduction for those days.
    pub for_days: Fen,
    /// Deduction for the items of its collection plan, if nothing is collected.
    pub for_items: Fen,
    /// Rewards of head and liaison that are not paid.
    pub rewards: Fen,
    /// Points.
    pub points: u64,
    /// 分 of the outlet that loses most: days and items.
    pub most: Fen,
    /// The same over all those outlets.
    pub all: Fen,
}

/// A phase in a finding.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PhaseName {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// First day.
    pub start: Day,
    /// Last day.
    pub end: Day,
}

/// What one outlet reaches in a stretch of the campaign (ERR-003).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SloganRow {
    /// Title of the phase; none = the whole campaign.
    pub phase: Option<String>,
    /// Days of the calendar.
    pub calendar_days: u64,
    /// Days × quota.
    pub per_outlet: u64,
    /// Outlets that would be needed for the slogan at that.
    pub outlets_needed: u64,
    /// Days on which visits are planned.
    pub workdays: u64,
    /// Planned days × quota.
    pub per_outlet_workdays: u64,
    /// Outlets that would be needed for the slogan at that.
    pub outlets_needed_workdays: u64,
}

/// A window and what it takes (ERR-004).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WindowUse {
    /// Title.
    pub title: String,
    /// From.
    pub start: Clock,
    /// Until.
    pub end: Clock,
    /// Minutes without lunch.
    pub minutes: u32,
}

/// The figures of a ring that its teams cannot visit in their windows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RingShort {
    /// Which ring.
    pub side: Side,
    /// Kilometres of the limit.
    pub near_km: f64,
    /// Share of the households in this ring, percent; none = not known, all of
    /// a day's households are taken.
    pub share_percent: Option<u32>,
    /// Windows in which its teams go out.
    pub windows: Vec<WindowUse>,
    /// Teams out at the same time at the most.
    pub teams: u32,
    /// Households of this ring a day.
    pub needed: u64,
    /// Minutes a household has when one team visits them all.
    pub minutes_available: f64,
    /// Minutes a household takes: visit, stop and knock.
    pub minutes_needed: f64,
    /// Households a day that can be visited.
    pub possible: u64,
    /// The difference.
    pub missing: u64,
    /// Outlets in this position; empty when no outlets are known.
    pub outlets: Vec<OutletName>,
    /// Difference over all those outlets, per day.
    pub missing_all: u64,
}

/// What was found, with figures; their names say what they are.
#[allow(missing_docs)]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "issue", rename_all = "snake_case")]
pub enum Issue {
    /// The campaign ends before it begins, or is too long.
    CampaignDates {
        start: Day,
        end: Day,
        days: i64,
        days_max: i64,
    },
    /// A phase lies outside of its campaign.
    PhaseOutside {
        phase: PhaseName,
        start: Day,
        end: Day,
        days_outside: i64,
    },
    /// A phase ends before it begins.
    PhaseReversed { phase: PhaseName },
    /// Two phases share days.
    PhaseOverlap {
        first: PhaseName,
        second: PhaseName,
        from: Day,
        to: Day,
        days: i64,
    },
    /// Days of the campaign that belong to no phase.
    PhaseGap {
        from: Day,
        to: Day,
        days: i64,
        workdays: u64,
    },
    /// Phases are not written in the order of time.
    PhaseOrder {
        earlier: PhaseName,
        later: PhaseName,
    },
    /// A phase tied to a lunar day misses it. `days` > 0: begins that many days after it.
    MissesFestival {
        phase: PhaseName,
        festival: Day,
        days: i64,
    },
    /// Plans are filed too late.
    FilingLate { due: Day, start: Day, days: i64 },
    /// The last workday on which a meeting may be held (MTG-001).
    MeetingDue {
        meeting: Named,
        day: Day,
        start: Day,
    },
    /// Holidays of some days are not known.
    CalendarUnknown { from: Day, to: Day, days: u64 },
    /// The slogan cannot be reached.
    Slogan {
        customers: u64,
        quota: u64,
        rows: Vec<SloganRow>,
        outlets: u64,
        possible: u64,
        missing: u64,
    },
    /// A ring cannot be visited by its teams in their windows.
    RingShort(RingShort),
    /// All teams together cannot visit the quota.
    DayShort {
        phases: Vec<String>,
        needed: u64,
        possible: u64,
        missing: u64,
        outlets: Vec<OutletName>,
        missing_all: u64,
    },
    /// Two windows overlap: the same people cannot be out twice.
    WindowOverlap {
        first: Named,
        second: Named,
        minutes: u32,
    },
    /// Nobody visits a ring.
    NoTeam { side: Side },
    /// The exact limit of the rings.
    RingBoundary {
        near_km: f64,
        side: Side,
        distance: Distance,
    },
    /// No collection plan.
    PlanMissing { outlets: Vec<OutletName>, of: u64 },
    /// The file names outlets that do not exist.
    PlanUnknownOutlet { codes: Vec<String> },
    /// A team cannot be formed.
    PostMissing {
        team: Named,
        post: String,
        outlets: Vec<OutletName>,
        people: u32,
        needed: u32,
        rows: Vec<PostRow>,
        missing_all: u32,
    },
    /// An evening team of one person.
    EveningAlone {
        team: Named,
        window: Named,
        people: u32,
    },
    /// Evenings are more overtime than a person may work.
    Overtime {
        post: String,
        month: String,
        evenings: u64,
        hours: f64,
        limit: u32,
        outlets: Vec<OutletName>,
        people: u32,
    },
    /// A window lies in the lunch break.
    Lunch {
        window: Named,
        minutes: u32,
        left: u32,
    },
    /// No break at midday.
    NoLunch,
    /// A must-visit group comes from outside lists without a lawful basis.
    GroupSource { titles: Vec<String> },
    /// A key project that no product belongs to.
    ProjectAlone { project: Named },
    /// The product of a key project is not in the file.
    ProductUnknown { project: Named, product: String },
    /// Carried or left behind, but not printed.
    MaterialMissing { items: Vec<String> },
    /// A method of visiting names what the campaign does not have.
    MethodLacks { method: Named, lacking: Lacking },
    /// The gifts of a market together exceed the cap for a customer.
    GiftOverCap {
        market: MarketKind,
        schemes: Vec<Named>,
        total: Fen,
        cap: Fen,
    },
    /// What the campaign may pay.
    Money(Money),
    /// What outlets lose that cannot reach the quota.
    Loss(Loss),
    /// Fewer households on the list than visits asked for.
    HouseholdsFew {
        outlets: Vec<OutletName>,
        households: u64,
        needed: u64,
    },
    /// Nothing is known about outlets.
    NoOutlets,
    /// What a preliminary visit goes to.
    PreliminaryPlan {
        unit: PreliminaryUnit,
        households_met: u32,
        per_day: u32,
    },
    /// How consecutive days are counted.
    LadderDays {
        notice_after: u32,
        planned: u64,
        calendar: u64,
        by_planned_days: bool,
        longest_break: Option<(Day, Day)>,
        readings: Vec<Reading>,
    },
    /// From which day the deduction runs.
    LadderDeduction {
        from_day: u32,
        fen: Fen,
        two_person: bool,
        propose_only: bool,
        costs: Costs,
    },
    /// Source channels in use that need a lawful basis.
    Channels { titles: Vec<String> },
    /// The ID number is asked for at the door.
    IdAtDoor,
    /// A parameter is set against today's rules.
    Policy { key: &'static str, value: String },
}

/// Codes of all findings, in the order of [`Issue`].
pub const CODES: &[&str] = &[
    "CHK-CAMPAIGN-DATES",
    "CHK-PHASE-OUTSIDE",
    "CHK-PHASE-REVERSED",
    "CHK-PHASE-OVERLAP",
    "CHK-PHASE-GAP",
    "CHK-PHASE-ORDER",
    "CHK-FESTIVAL",
    "CHK-FILING",
    "CHK-MEETING",
    "CHK-CALENDAR",
    "CHK-SLOGAN",
    "CHK-RING",
    "CHK-CAPACITY",
    "CHK-WINDOW-OVERLAP",
    "CHK-NO-TEAM",
    "CHK-RING-BOUNDARY",
    "CHK-COLLECTION-PLAN",
    "CHK-COLLECTION-OUTLET",
    "CHK-POST",
    "CHK-HOUSEHOLDS",
    "CHK-NO-OUTLETS",
    "CHK-PRELIMINARY",
    "CHK-LADDER-DAYS",
    "CHK-LADDER-DEDUCTION",
    "CHK-CHANNEL",
    "CHK-ID-AT-DOOR",
    "CHK-POLICY",
    "CHK-EVENING-PAIR",
    "CHK-OVERTIME",
    "CHK-LUNCH",
    "CHK-NO-LUNCH",
    "CHK-GROUP-SOURCE",
    "CHK-PROJECT",
    "CHK-PROJECT-PRODUCT",
    "CHK-MATERIAL",
    "CHK-METHOD",
    "CHK-GIFT-CAP",
    "CHK-MONEY",
    "CHK-LOSS",
];

impl Issue {
    /// What it is about, when there may be several of a code: a finding is the
    /// same as one of another report when code and subject are.
    pub fn subject(&self) -> String {
        match self {
            Issue::PhaseOutside { phase, .. }
            | Issue::PhaseReversed { phase }
            | Issue::MissesFestival { phase, .. } => phase.id.clone(),
            Issue::PhaseOverlap { first, second, .. } => format!("{} {}", first.id, second.id),
            Issue::PhaseOrder { earlier, later } => format!("{} {}", earlier.id, later.id),
            Issue::PhaseGap { from, .. } => from.to_string(),
            Issue::RingShort(r) => format!("{:?}", r.side),
            Issue::NoTeam { side } => format!("{side:?}"),
            Issue::WindowOverlap { first, second, .. } => format!("{} {}", first.id, second.id),
            Issue::PostMissing { team, post, .. } => format!("{} {post}", team.id),
            Issue::EveningAlone { team, .. } => team.id.clone(),
            Issue::Overtime { post, .. } => post.clone(),
            Issue::Lunch { window, .. } => window.id.clone(),
            Issue::ProjectAlone { project } | Issue::ProductUnknown { project, .. } => {
                project.id.clone()
            }
            Issue::MethodLacks { method, .. } => method.id.clone(),
            Issue::GiftOverCap { market, .. } => market.as_str().to_owned(),
            Issue::Policy { key, .. } => (*key).to_owned(),
            _ => String::new(),
        }
    }

    /// Stable code, for programs and for links.
    pub fn code(&self) -> &'static str {
        match self {
            Issue::CampaignDates { .. } => "CHK-CAMPAIGN-DATES",
            Issue::PhaseOutside { .. } => "CHK-PHASE-OUTSIDE",
            Issue::PhaseReversed { .. } => "CHK-PHASE-REVERSED",
            Issue::PhaseOverlap { .. } => "CHK-PHASE-OVERLAP",
            Issue::PhaseGap { .. } => "CHK-PHASE-GAP",
            Issue::PhaseOrder { .. } => "CHK-PHASE-ORDER",
            Issue::MissesFestival { .. } => "CHK-FESTIVAL",
            Issue::FilingLate { .. } => "CHK-FILING",
            Issue::MeetingDue { .. } => "CHK-MEETING",
            Issue::CalendarUnknown { .. } => "CHK-CALENDAR",
            Issue::Slogan { .. } => "CHK-SLOGAN",
            Issue::RingShort(_) => "CHK-RING",
            Issue::DayShort { .. } => "CHK-CAPACITY",
            Issue::WindowOverlap { .. } => "CHK-WINDOW-OVERLAP",
            Issue::NoTeam { .. } => "CHK-NO-TEAM",
            Issue::RingBoundary { .. } => "CHK-RING-BOUNDARY",
            Issue::PlanMissing { .. } => "CHK-COLLECTION-PLAN",
            Issue::PlanUnknownOutlet { .. } => "CHK-COLLECTION-OUTLET",
            Issue::PostMissing { .. } => "CHK-POST",
            Issue::HouseholdsFew { .. } => "CHK-HOUSEHOLDS",
            Issue::NoOutlets => "CHK-NO-OUTLETS",
            Issue::PreliminaryPlan { .. } => "CHK-PRELIMINARY",
            Issue::LadderDays { .. } => "CHK-LADDER-DAYS",
            Issue::LadderDeduction { .. } => "CHK-LADDER-DEDUCTION",
            Issue::Channels { .. } => "CHK-CHANNEL",
            Issue::IdAtDoor => "CHK-ID-AT-DOOR",
            Issue::Policy { .. } => "CHK-POLICY",
            Issue::EveningAlone { .. } => "CHK-EVENING-PAIR",
            Issue::Overtime { .. } => "CHK-OVERTIME",
            Issue::Lunch { .. } => "CHK-LUNCH",
            Issue::NoLunch => "CHK-NO-LUNCH",
            Issue::GroupSource { .. } => "CHK-GROUP-SOURCE",
            Issue::ProjectAlone { .. } => "CHK-PROJECT",
            Issue::ProductUnknown { .. } => "CHK-PROJECT-PRODUCT",
            Issue::MaterialMissing { .. } => "CHK-MATERIAL",
            Issue::MethodLacks { .. } => "CHK-METHOD",
            Issue::GiftOverCap { .. } => "CHK-GIFT-CAP",
            Issue::Money(_) => "CHK-MONEY",
            Issue::Loss(_) => "CHK-LOSS",
        }
    }
}

/// A way out, with its computed figures; their names say what they are.
#[allow(missing_docs)]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "repair", rename_all = "snake_case")]
pub enum Repair {
    /// Move a phase by whole years.
    ShiftYears { years: i32, start: Day, end: Day },
    /// Cut a phase to these days.
    Clip { start: Day, end: Day },
    /// Begin a phase on another day.
    StartOn { day: Day, days_earlier: i64 },
    /// End a phase on another day.
    EndOn { day: Day },
    /// Send in the plans by this day.
    FileBy { day: Day },
    /// Hold a meeting before the first day.
    MeetBefore { meeting: Named },
    /// One more team of a kind.
    SecondTeam {
        team: Named,
        per_day: u64,
        still_missing: u64,
    },
    /// As many teams as it takes.
    Teams {
        team: Named,
        add: u32,
        total: u32,
        posts: Vec<(String, u32)>,
        per_day: u64,
    },
    /// Let these visits happen by day too.
    Daytime {
        team: Named,
        by_day: u64,
        daytime_possible: u64,
        still_missing: u64,
    },
    /// A lower quota.
    Quota { households: u64 },
    /// A longer window.
    Longer {
        window: Named,
        end: Clock,
        minutes: u32,
    },
    /// More outlets.
    Outlets { add: u64, total: u64 },
    /// A slogan that can be reached.
    SloganTo { customers: u64 },
    /// Fill in collection plans.
    FillPlans { outlets: u64 },
    /// More people of a post.
    Post { post: String, add: u32 },
    /// Turn these channels off.
    TurnOff { titles: Vec<String> },
    /// Set a parameter.
    Set {
        key: &'static str,
        value: &'static str,
    },
    /// Import what is missing.
    Import,
    /// Correct the work calendar.
    CorrectCalendar,
    /// Turn a phase around.
    Swap { start: Day, end: Day },
    /// Other days of the campaign.
    CampaignDays { start: Day, end: Day },
    /// Let a phase last from and until.
    PhaseDays { phase: Named, start: Day, end: Day },
    /// Write the phases in the order of time.
    Reorder,
    /// End a window earlier.
    EndWindow {
        window: Named,
        end: Clock,
        minutes: u32,
    },
    /// Begin a window later.
    StartWindow {
        window: Named,
        start: Clock,
        minutes: u32,
    },
    /// A team that goes everywhere.
    AnyRing { team: Named },
    /// One more person in a team.
    AddPost { team: Named, post: String },
    /// Fewer teams of a kind.
    FewerTeams { team: Named, total: u32 },
    /// Evenings on fewer days.
    Evenings { per_month: u64, fewer: u64 },
    /// Ask for these fields at the door.
    DoorFields { fields: Vec<String> },
    /// Take outlets out of the plan that do not exist.
    DropPlans { codes: Vec<String> },
    /// Put a lawful basis on record.
    RecordBasis { titles: Vec<String> },
    /// Let customers register themselves.
    SelfRegistration,
    /// Print these.
    Print { items: Vec<String> },
    /// Do not carry or leave these.
    Leave { items: Vec<String> },
    /// A product belongs to a project.
    LinkProduct { project: Named, product: Named },
    /// Drop a key project.
    DropProject { project: Named },
    /// A method without what the campaign does not have.
    MethodWithout { method: Named, lacking: Lacking },
    /// The gifts of a market in proportion within the cap.
    GiftsWithin {
        market: MarketKind,
        cap: Fen,
        total: Fen,
    },
    /// A break at midday, as in the preset of the house.
    LunchBreak,
    /// Outlets get a quota of their own.
    OwnQuotas { outlets: u64 },
}
