// The shapes of the HTTP contract under the names that the pages use. All come from generated.ts, which
// `npm run api` makes from the server's own docs/openapi.json, so that a change of the server's answers stops
// the build instead of a page. Nothing outside this folder may describe a response.

import type { Answers, Form } from "../form/model.ts";
import type { components, operations } from "./generated.ts";

type S = components["schemas"];

/** A response as it arrives: the server sends null and never leaves a field out. */
type Sure<T> = T extends readonly (infer I)[]
  ? Sure<I>[]
  : T extends object
    ? { [K in keyof T]-?: Sure<Exclude<T[K], undefined>> }
    : T;

/** T with some fields more exact; refused when T has no such field or the new type is not part of the old one. */
type Narrow<T, N extends { [K in keyof N]: K extends keyof T ? T[K] : never }> = Omit<T, keyof N> & N;

export type Day = string; // YYYY-MM-DD
export type Time = string; // RFC 3339 with offset
export type Week = string; // 2026-W48

export type Page<T> = Omit<Sure<S["Page_CustomerView"]>, "items"> & { items: T[] };
export interface Items<T> {
  items: T[];
}
export type CodeName = Sure<S["Named"]>;

/** RFC 9457; the document of the API describes answers only, so this one is written by hand. */
export interface Problem {
  type?: string;
  title?: string;
  status: number;
  code: string;
  detail?: string;
  request_id?: string;
  errors?: { field: string; message: string }[];
}

// What waits for a decision
export type Review = Sure<S["ReviewView"]>;
export type Aside = Sure<S["QuarantineView"]>;
export type WhichQuery = NonNullable<operations["review_list"]["parameters"]["query"]>;

// Phones
export type Device = Sure<S["DeviceView"]>;
export type DeviceCode = Sure<S["CodeView"]>;
export type DeviceUser = Sure<S["DeviceUser"]>;
export type NewDeviceCode = S["CodeBody"];

// Products
export type ProductStand = Sure<S["ProductStand"]>;
export type CustomerProducts = Sure<S["CustomerProducts"]>;
export type CustomerProductsInput = S["CustomerProductsBody"];

// Completeness
export type QualityLine = Sure<S["QualityLine"]>;
export type QualityTable = Sure<S["QualityTable"]>;

// Exports
export type Export = Narrow<
  Sure<S["ExportView"]>,
  {
    kind: "customers" | "core";
    state: "waiting" | "running" | "ready" | "rejected" | "withdrawn" | "failed" | "gone";
  }
>;
export type NewExport = S["NewExportBody"];
export type ExportDecision = S["ExportDecision"];
export type ExportPolicy = Sure<S["ExportPolicy"]>;
export type Receipt = Sure<S["ReceiptView"]>;

// Sign-in and self
export type MenuItem = Sure<S["MenuItem"]>;
export type Preferences = Sure<S["Preferences"]>;
export type PreferencesInput = S["Preferences"];
export type Me = Narrow<Sure<S["Me"]>, { unit: Narrow<Sure<S["MeUnit"]>, { level: Level }> }>;
export type SignInHints = Sure<S["SignInHints"]>;
export type SignIn = S["SignInBody"];
export type PasswordChange = S["PasswordBody"];
export type PasswordAgain = S["PasswordAgain"];
export type TotpSetup = Sure<S["TotpSecret"]>;
export type TotpCode = S["TotpCode"];

// Network
export type Level = "head" | "province" | "city" | "county" | "branch";
export type AreaKind = "rural" | "urban" | "mixed";
export type MarketKind = "rural" | "urban";
export type Unit = Narrow<
  Sure<S["UnitView"]>,
  { level: Level; area_kind: AreaKind | null; market_kind: MarketKind | null }
>;
/** What can change; an absent field stays. */
export type UnitChange = Narrow<
  S["UnitChange"],
  { area_kind?: AreaKind | null; market_kind?: MarketKind | null }
>;
export type NewUnit = Narrow<
  S["NewUnit"],
  { level: Level; area_kind?: AreaKind | null; market_kind?: MarketKind | null }
>;
export type Staff = Sure<S["StaffView"]>;
export type NewStaff = S["NewStaff"];
export type StaffChange = S["StaffUpdate"];
export type CalendarDay = Sure<S["CalendarDayView"]>;
export type DayCorrection = S["DayCorrection"];
export type VillageGroup = Sure<S["VillageGroupView"]>;

// Customers
export type Customer = Sure<S["CustomerView"]>;
export type CustomerEvent = Sure<S["HistoryLine"]>;
export type CustomerDetail = Sure<S["CustomerDetail"]>;
/** What can change; an absent field stays, "" empties it. */
export type CustomerInput = S["CustomerFields"];
export type NewCustomer = S["NewCustomer"];
export type RevealField = "name" | "phone" | "id_number" | "address";
export type RevealInput = Narrow<S["RevealBody"], { fields: RevealField[] }>;
export type Revealed = Omit<Sure<S["Revealed"]>, "values"> & {
  values: Partial<Record<RevealField, S["Revealed"]["values"][string]>>;
};
/** Exactly one of the numbers, or part of a name with the branch to search in. */
export type LookupQuery = S["LookUpBody"];
export type CustomerFilter = Pick<
  NonNullable<operations["customer_list"]["parameters"]["query"]>,
  "tag" | "village_group" | "four_fields" | "do_not_visit"
>;

// Imports and jobs
export type ImportKind = "units" | "staff" | "village_groups" | "customers";
export type ImportState = "held" | "waiting" | "running" | "checked" | "done" | "failed" | "canceled";
export type Import = Narrow<Sure<S["ImportView"]>, { kind: ImportKind; state: ImportState }>;
export type ImportPreview = Sure<S["ImportPreview"]>;
export type ImportColumn = Sure<S["PreviewColumnView"]>;
export type ImportStart = S["ImportStart"];
export type ImportPreviewQuery = NonNullable<operations["import_preview"]["parameters"]["query"]>;
export type ImportChannel = Sure<S["ImportChannelView"]>;
export type ImportError = Sure<S["ImportErrorView"]>;
export type ImportDetail = Narrow<Sure<S["ImportDetail"]>, { kind: ImportKind; state: ImportState }>;
export type JobState = "ready" | "running" | "done" | "failed" | "canceled";
/** What a job answers differs by its kind. */
export type Job = Narrow<Omit<Sure<S["JobView"]>, "result">, { state: JobState }> & { result: unknown };
export type StartedJob = Narrow<Sure<S["StartedJob"]>, { state: JobState }>;

// Campaigns
export type ProgramPreset = Sure<S["ProgramPresetView"]>;
export type Phase = Sure<S["PhaseView"]>;
export type ProgramState = "draft" | "started" | "paused" | "closed";
export type Program = Narrow<Sure<S["ProgramView"]>, { state: ProgramState }>;
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
/** Read by paths (see definition.ts) and carried along, so that keys the console does not know stay. */
export type Definition = { [key: string]: Json };
export type ProgramDetail = Omit<Sure<S["ProgramDetail"]>, "definition" | "state"> & {
  state: ProgramState;
  definition: Definition;
};
export type ProgramInput = Omit<S["NewProgram"], "definition"> & { definition?: Definition };
export interface SaidWords {
  zh: string;
  en: string;
}
export type FieldOrigin = "source" | "resolution" | "default" | "compliance";
/** Words in both languages come as a free object; here they are named. */
type Said<T, K extends keyof T, N> = Omit<T, K | keyof N> & Record<K, SaidWords> & N;
export type FormChoice = Said<Sure<S["Choice"]>, "title", unknown>;
export type FormField = Said<
  Sure<S["FormField"]>,
  "title" | "hint",
  { choices: FormChoice[]; origin: FieldOrigin | null }
>;
export type FormSection = Said<Sure<S["FormSection"]>, "title" | "hint", { fields: FormField[] }>;
export interface ProgramForm {
  sections: FormSection[];
  blank: Definition;
}
export type FileFault = Sure<S["FileFault"]>;
export type ProgramFileRead = Omit<Sure<S["ProgramFileRead"]>, "definition"> & {
  definition: Definition | null;
};
export type ProgramFile = { toml: string } | { definition: Definition };
export type VersionChange = Omit<Sure<S["Change"]>, "title" | "old" | "new"> & {
  title: SaidWords | null;
  old: Json;
  new: Json;
};
export type VersionDiff = Omit<Sure<S["VersionDiff"]>, "changes"> & { changes: VersionChange[] };
export type ProgramCopy = S["ProgramCopy"];
export type ProgramLife = Narrow<
  Sure<S["ProgramLife"]>,
  { changes: Narrow<Sure<S["StateChangeView"]>, { state: ProgramState }>[] }
>;
export type CalendarChange = Sure<S["ChangedWeekView"]>;
export type ProgramStep = Sure<S["StepView"]>;
export type Meeting = Sure<S["MeetingView"]>;
export type MeetingRecord = Sure<S["MeetingRecord"]>;
export type MeetingUnit = Sure<S["MeetingUnit"]>;
export type MeetingRecordInput = S["MeetingRecordBody"];
export type Attendance = Sure<S["Attendance"]>;
export type AttendanceInput = S["AttendanceBody"];
export type Stock = Sure<S["StockView"]>;
export type StockUnit = Sure<S["StockUnit"]>;
export type StockLine = Sure<S["StockLine"]>;
export type StockLedger = Sure<S["StockLedger"]>;
export type StockMove = Sure<S["StockMove"]>;
export type StockPending = Sure<S["StockPending"]>;
export type StockInput = S["StockBody"];
export type Collection = Sure<S["CollectionTable"]>;
export type CollectionRow = Sure<S["CollectionRow"]>;
export type MissingHousehold = Sure<S["MissingHousehold"]>;
export type ProgramEdit = Omit<S["ProgramChange"], "definition"> & { definition: Definition };
export type Finding = Narrow<Sure<S["FindingView"]>, { severity: "error" | "warning" | "note" }>;
export type CapacityRow = Sure<S["CapacityView"]>;
export type CheckReport = Narrow<Sure<S["CheckView"]>, { findings: Finding[] }>;
export type CheckEdit = S["EditView"];
export type Filings = Sure<S["Filings"]>;
export type FilingRow = Sure<S["FilingRow"]>;
export type AcceptedFilings = Sure<S["AcceptedFilings"]>;
export type FilingDetail = Sure<S["FilingDetail"]>;
export type FiledPlan = Sure<S["FiledPlan"]>;
export type FilingPlan = S["FiledPlan"];
export type Gone = Sure<S["GoneView"]>;
export type Rescue = Sure<S["RescueView"]>;
export type RescueFile = S["RescueFile"];
export type RescueImported = Sure<S["RescueImported"]>;
export type RescueOpened = Sure<S["RescueOpened"]>;
export type DailyMeetings = Sure<S["DailyMeetings"]>;
export type DailyMeetingRow = DailyMeetings["items"][number];
export type DailyMeetingInput = Omit<S["DailyMeetingBody"], "answers"> & { answers: Answers };
/** A branch's day: forms and answers are read by the form's own types. */
export type DailyMeetingDay = Omit<Sure<S["DailyMeetingDay"]>, "forms" | "prefill" | "meetings"> & {
  forms: Form[];
  prefill: Answers;
  meetings: DailyMeeting[];
};
export type DailyVersion = Omit<Sure<S["DailyVersion"]>, "answers"> & { answers: Answers };
export type DailyMeeting = Omit<Sure<S["DailyMeeting"]>, "versions"> & { versions: DailyVersion[] };
export type Board = Sure<S["Board"]>;
export type BoardRow = Sure<S["BoardRow"]>;
export type Summary = Sure<S["Summary"]>;
export type SummaryRow = Sure<S["SummaryRow"]>;
export type SummaryQuestion = Sure<S["SummaryQuestion"]>;
export type SummaryCounts = Sure<S["SummaryCounts"]>;
export type Shortfalls = Sure<S["Shortfalls"]>;
export type ShortfallRow = Sure<S["ShortfallRow"]>;
export type ShortfallDetail = Sure<S["ShortfallDetail"]>;
export type ShortfallEntry = Sure<S["ShortfallEntry"]>;
export type VisitCount = Sure<S["VisitCountView"]>;
export type Sweep = Sure<S["SweepView"]>;
export type NewSweep = S["NewSweepResult"];
export type ProgramUnit = Narrow<Sure<S["ProgramUnitView"]>, { week_state: PlanState }>;
export type ProgramUnitInput = S["UnitParameters"];
export type Target = Narrow<Sure<S["TargetView"]>, { kind: "first" | "precise" }>;

// Must-visit groups and tick sheets
export type Group = Sure<S["GroupView"]>;
export type GroupList = Sure<S["GroupList"]>;
export type RulePreview = Sure<S["PreviewView"]>;
export type RulePreviewInput = S["PreviewBody"];
export type RuleVersion = Sure<S["RuleVersionView"]>;
export type RuleDraft = S["DraftBody"];
export type RulePublish = S["PublishBody"];
export type HouseholdReason = Sure<S["HouseholdReason"]>;
export type TickProgress = Sure<S["TickProgress"]>;
export type TickRow = Sure<S["TickRow"]>;
export type TickSave = S["TickSave"];
export type TickNames = Sure<S["TickNames"]>;
export type TickSheet = Sure<S["TickSheetView"]>;

// Warming up
export type WarmUpPlace = Narrow<Sure<S["WarmUpPlace"]>, { state: "late" | "due" | "open" | "done" }>;
export type WarmUpDone = Sure<S["WarmUpDone"]>;
export type WarmUpBoard = Omit<Sure<S["WarmUpBoard"]>, "through" | "hands_out" | "places"> & {
  through: FormChoice[];
  hands_out: FormChoice[];
  places: WarmUpPlace[];
};
export type WarmUpInput = S["NewWarmUpBody"];

// Week plans
export type PlanState = "none" | "draft" | "confirmed";
export type PlanDay = Sure<S["WeekDayView"]>;
export type WeekPlanRow = Narrow<Sure<S["BranchWeek"]>, { state: PlanState }>;
export type WeekPlanList = Narrow<Sure<S["WeekList"]>, { items: WeekPlanRow[] }>;
export type MakePlans = S["MakeBody"];
export type StopInput = S["StopBody"];
export type PrintInput = S["PrintBody"];
export type Stop = Sure<S["StopView"]>;
export type RouteKind = "preliminary" | "precise_day" | "precise_evening";
export type Route = Narrow<Sure<S["RouteView"]>, { kind: RouteKind }>;
export type WeekPlanDay = Narrow<Sure<S["DayView"]>, { routes: Route[] }>;
export type Unserved = Sure<S["UnservedView"]>;
export type WeekPlan = Narrow<Sure<S["WeekPlanView"]>, { state: PlanState; days: WeekPlanDay[] }>;
export type PlanEdit = S["PlanEdit"];
export type PlanPlace = Narrow<Sure<S["PlanPlace"]>, { kind: RouteKind }>;
export type PlanDesk = Omit<Sure<S["PlanDesk"]>, "places"> & { places: PlanPlace[] };
export type PlanEffect = Omit<Sure<S["PlanEffect"]>, "plan"> & { plan: WeekPlan | null };
export type PlanChanges = Omit<Sure<S["PlanChanges"]>, "plan"> & { plan: WeekPlan };
export type PlanAdmissible = Sure<S["PlanAdmissible"]>;
export type PlanAwayInput = S["PlanAwayBody"];

// Overview
export type Todo = Sure<S["TodoView"]>;
export type Overview = Narrow<
  Sure<S["OverviewView"]>,
  {
    program: Narrow<Sure<S["OverviewProgram"]>, { state: ProgramState }> | null;
    branches: Narrow<Sure<S["OverviewBranch"]>, { state: PlanState }>[];
    imports_last: Narrow<Sure<S["OverviewImport"]>, { kind: ImportKind; state: ImportState }> | null;
  }
>;

// Users, audit, system
export type UserRole = Sure<S["UserRole"]>;
export type User = Narrow<Sure<S["UserView"]>, { state: "active" | "locked" | "retired" }>;
export type UserInput = S["NewUserBody"];
export type CreatedUser = Narrow<Sure<S["CreatedUser"]>, { user: User }>;
export type InitialPassword = Sure<S["InitialPassword"]>;
export type HandOver = S["HandOver"];
export type RoleGrant = S["RoleGrant"];
export type RolesInput = S["RolesBody"];
export type Role = Sure<S["RoleView"]>;
export type AuditEvent = Sure<S["AuditView"]>;
export type AuditVerdict = Sure<S["AuditReport"]>;
export type Pack = Sure<S["PackView"]>;
export type SystemInfo = Sure<S["SystemView"]>;

// Households
export type RevealQuota = Sure<S["RevealQuota"]>;
export type HouseholdJob = Sure<S["HouseholdJob"]>;
export type HouseholdMember = Sure<S["HouseholdMember"]>;
export type HouseholdProposal = Sure<S["HouseholdProposal"]>;
export type HouseholdDecision = S["HouseholdDecision"];
export type HouseholdOutcomes = Sure<S["HouseholdOutcomes"]>;
export type HouseholdCounts = Sure<S["HouseholdCounts"]>;
export type HouseholdLine = Sure<S["HouseholdLine"]>;
export type Household = Sure<S["HouseholdDetail"]>;
export type HouseholdChange = S["HouseholdFields"];
export type TimelineLine = Sure<S["TimelineLine"]>;

// Alike records, merges, moves, closings
export type Merge = Narrow<
  Sure<S["MergeView"]>,
  { state: "proposed" | "refused" | "agreed" | "done" | "undoing" | "undone" | "failed" }
>;
export type DuplicateField = Narrow<
  Sure<S["DuplicateField"]>,
  { compared: "same" | "differs" | "own_only" | "other_only" | "empty" }
>;
export type DuplicateRecord = Sure<S["DuplicateRecord"]>;
export type DuplicateState = "open" | "later" | "rejected" | "proposed" | "merged" | "gone";
export type Duplicate = Omit<Sure<S["DuplicateView"]>, "state" | "fields" | "merge" | "own" | "other"> & {
  state: DuplicateState;
  fields: DuplicateField[];
  merge: Merge | null;
  own: DuplicateRecord;
  other: DuplicateRecord;
};
export type DuplicateScan = Sure<S["DuplicateScan"]>;
export type MergeInput = S["MergeBody"];
export type DuplicateCheck = Sure<S["DuplicateCheck"]>;
export type DuplicateCheckInput = S["DuplicateCheckBody"];
export type Transfer = Narrow<
  Sure<S["TransferView"]>,
  {
    kind: "" | "customer" | "household" | "village_group" | "unit";
    state: "preview" | "running" | "done" | "undoing" | "undone";
  }
>;
export type NewTransfer = S["TransferBody"];
export type UnitClosing = Narrow<
  Sure<S["UnitClosingView"]>,
  { state: "none" | "running" | "stuck" | "closed" }
>;
export type NewUnitClosing = S["ClosingBody"];

// Privacy: what a person has said and asked, lawful bases, retention, agreements, parameters
export type CustomerPlace = Sure<S["CustomerPlaceView"]>;
export type PinInput = S["PinBody"];
export type CustomerPrivacy = Sure<S["CustomerPrivacy"]>;
export type FieldSource = Sure<S["FieldSourceView"]>;
export type Consent = Sure<S["ConsentView"]>;
export type ConsentInput = S["ConsentBody"];
export type PrivacyRequest = Sure<S["RequestView"]>;
export type RequestInput = S["RequestBody"];
export type RequestEnd = S["RequestEnd"];
export type ErasureDecision = S["ErasureDecision"];
export type AccessReport = Sure<S["AccessReport"]>;
export type Certificate = Sure<S["CertificateView"]>;
export type PrivacyRules = Sure<S["PrivacyRules"]>;
export type Sources = Sure<S["SourcesView"]>;
export type Basis = Sure<S["BasisView"]>;
export type NewBasis = S["BasisBody"];
export type BasisDecision = S["BasisDecision"];
export type RetentionPreview = Sure<S["RetentionPreview"]>;
export type RetentionBatch = Sure<S["RetentionBatchView"]>;
export type RetentionDecision = S["RetentionDecision"];
export type Agreement = Sure<S["AgreementView"]>;
export type NewAgreement = S["AgreementBody"];
export type Aggregate = Sure<S["Aggregate"]>;
export type ParameterGroup = Sure<S["ParameterGroup"]>;
export type Parameters = Sure<S["ParametersView"]>;

// Base maps and paper of the field
export type MapLayer = Narrow<
  Sure<S["MapLayerView"]>,
  { kind: "geojson" | "pmtiles"; datum: "wgs84" | "gcj02" | "bd09" }
>;
export type MapLayerAbout = S["MapLayerBody"];
export type ServiceCard = Sure<S["ServiceCardView"]>;
export type ServiceCardInput = S["ServiceCardBody"];
export type CollectionForms = Sure<S["CollectionForms"]>;
export type CollectionForm = CollectionForms["items"][number];

// Visits
export type FormLine = Sure<S["FormLine"]>;
export type FormVersion = Sure<S["FormVersionView"]>;
export type FormFinding = Sure<S["FormFinding"]>;
export type FormChecked = Sure<S["FormChecked"]>;
export type FormPublished = Sure<S["FormPublished"]>;
export type FormRead = Sure<S["FormRead"]>;
export type FormTried = Sure<S["FormTried"]>;
export type DeskDay = Sure<S["DeskDayView"]>;
export type DeskSheet = DeskDay["sheets"][number];
export type DeskCompared = Sure<S["SecondView"]>;
export type DeskDouble = Sure<S["DoubleView"]>;
export type DeskBoth = Sure<S["DoubleField"]>;
export type DeskBoths = Sure<S["DoubleFields"]>;
export type DeskColleague = Sure<S["DeskColleague"]>;
export type DeskRate = Sure<S["DoubleRate"]>;
export type DeskRates = Sure<S["DoubleRates"]>;
export type VisitPhoto = Sure<S["VisitPhoto"]>;
export type Visit = Sure<S["VisitView"]>;
export type VisitWhole = Sure<S["VisitWhole"]>;
export type VisitSays = Sure<S["VisitSays"]>;
export type PushOp = Omit<S["PushOp"], "payload"> & { payload: Record<string, unknown> };
export type PushBatch = Omit<S["PushBody"], "ops"> & { ops: PushOp[] };
export type PushView = Sure<S["PushView"]>;
export type TwoWords = Sure<S["TwoWords"]>;
export type Notice = Sure<S["Notice"]>;
export type TaskRow = Sure<S["TaskRow"]>;
export type TaskPage = Omit<S["Page_TaskRow"], "items"> & { items: TaskRow[] };
export type InboxRow = Sure<S["InboxRow"]>;
export type InboxView = Sure<S["Inbox"]>;
export type TaskKind = Sure<S["TaskKindView"]>;
export type TaskEntry = Sure<S["TaskEntry"]> & { answers: Answers | null };
export type TaskView = Omit<Sure<S["TaskView"]>, "form" | "forms" | "history"> & {
  form: Form | null;
  forms: Form[];
  history: TaskEntry[];
};
export type TaskInput = S["TaskBody"];
export type TaskAct = Omit<S["TaskActBody"], "answers"> & { answers: Answers | null };
/** How often, as in packs. */
export type Cadence =
  | { every: "day" }
  | { every: "week"; weekdays: number[] }
  | { every: "month"; times: number; most?: number }
  | { every: "month_day"; day: number }
  | { every: "quarter"; times: number }
  | { every: "lunar"; month: number; day: number }
  | { every: "before_start"; days: number };
export type Routine = Omit<Sure<S["RoutineView"]>, "cadence" | "shipped"> & {
  cadence: Cadence;
  shipped: Cadence;
};
export type RoutineDay = Sure<S["RoutineDay"]>;
export type RoutineCalendar = Omit<Sure<S["RoutineCalendar"]>, "routines"> & { routines: Routine[] };
export type RoutineInput = Omit<S["RoutineBody"], "cadence"> & { cadence: Cadence };
