// The shapes of the HTTP contract under the names that the pages use. All come from generated.ts, which
// `npm run api` makes from the server's own docs/openapi.json, so that a change of the server's answers stops
// the build instead of a page. Nothing outside this folder may describe a response.

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
  "tag" | "village_group"
>;

// Imports and jobs
export type ImportKind = "units" | "staff" | "village_groups" | "customers";
export type ImportState = "waiting" | "running" | "done" | "failed" | "canceled";
export type Import = Narrow<Sure<S["ImportView"]>, { kind: ImportKind; state: ImportState }>;
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
export type ProgramInput = S["NewProgram"];
export type ProgramEdit = Omit<S["ProgramChange"], "definition"> & { definition: Definition };
export type Finding = Narrow<Sure<S["FindingView"]>, { severity: "error" | "warning" | "note" }>;
export type CapacityRow = Sure<S["CapacityView"]>;
export type CheckReport = Narrow<Sure<S["CheckView"]>, { findings: Finding[] }>;
export type ProgramUnit = Narrow<Sure<S["ProgramUnitView"]>, { week_state: PlanState }>;
export type ProgramUnitInput = S["UnitParameters"];
export type Target = Narrow<Sure<S["TargetView"]>, { kind: "first" | "precise" }>;

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
