// The shapes of the HTTP contract, named as the contract names them.
// Written by hand until docs/openapi.json is there; `npm run api` then generates generated.ts and this file
// becomes a list of re-exports. Nothing outside this folder may describe a response.

export type Day = string; // YYYY-MM-DD
export type Time = string; // RFC 3339 with offset
export type Week = string; // 2026-W48

export interface Page<T> {
  items: T[];
  next?: string | null;
  total?: number | null;
}
export interface Items<T> {
  items: T[];
}
export interface CodeName {
  code: string;
  name: string;
}

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
export interface MenuItem {
  id: string;
  label: string;
  path: string;
  icon?: string | null;
}
export interface Preferences {
  large_type: boolean;
  locale: string;
}
export interface Me {
  user: { id: string; login: string; name: string; must_change_password: boolean; totp_on?: boolean };
  unit: { id: string; code: string; name: string; level: Level; level_name: string };
  roles: { id: string; name: string }[];
  permissions: string[];
  menu: MenuItem[];
  system: { name: string; bank_name: string; demo: boolean; version: string; today: Day; engine: string };
  preferences: Preferences;
}
export interface SignInHints {
  bank_name?: string;
  demo: boolean;
  logins: { login: string; password: string; name: string; role: string }[];
}
export interface TotpSetup {
  secret: string;
  uri: string;
}

// Network
export type Level = "head" | "province" | "city" | "county" | "branch";
export type AreaKind = "rural" | "urban" | "mixed";
export type MarketKind = "rural" | "urban";
export interface Unit {
  id: string;
  code: string;
  name: string;
  level: Level;
  level_name: string;
  parent_id: string | null;
  path: string;
  area_kind: AreaKind | null;
  market_kind: MarketKind | null;
  lat: number | null;
  lon: number | null;
  datum: string | null;
  phone: string | null;
  active: boolean;
  customers: number;
  staff: number;
}
/** What can change; an absent field stays. */
export interface UnitChange {
  name?: string;
  area_kind?: AreaKind | null;
  market_kind?: MarketKind | null;
  lat?: number | null;
  lon?: number | null;
  datum?: string | null;
  phone?: string | null;
  active?: boolean;
}
export interface NewUnit extends Omit<UnitChange, "active"> {
  code: string;
  name: string;
  level: Level;
  parent_id: string;
}
export interface Staff {
  id: string;
  unit_id: string;
  unit_name: string;
  staff_no: string;
  name: string;
  post: string;
  post_name: string;
  phone_masked: string | null;
  active: boolean;
}
export interface NewStaff {
  staff_no: string;
  name: string;
  post: string;
  phone?: string;
}
export interface StaffChange {
  name?: string;
  post?: string;
  phone?: string;
  active?: boolean;
}
export interface CalendarDay {
  day: Day;
  weekday: number | string;
  is_workday: boolean;
  holiday_name: string | null;
  lunar: string | null;
  corrected: boolean;
  known: boolean;
}
export interface VillageGroup {
  id: string;
  code: string;
  township: string | null;
  village: string | null;
  name: string;
  lat: number | null;
  lon: number | null;
  customers: number;
  households: number;
}

// Customers
export interface Customer {
  id: string;
  unit_id: string;
  customer_no: string;
  name_masked: string;
  phone_masked: string | null;
  id_number_masked: string | null;
  address_masked: string | null;
  sex: string | null;
  age_band: string | null;
  occupation: string | null;
  balance_band: string | null;
  village_group_id: string | null;
  village_group_name: string | null;
  deposit_due_day: Day | null;
  insurance_due_day: Day | null;
  tags: CodeName[];
  products: string[];
  four_fields_complete: boolean;
  do_not_visit?: boolean;
  household_no: string | null;
  lat: number | null;
  lon: number | null;
  updated_at: Time;
}
export interface CustomerEvent {
  at: Time;
  actor_name: string;
  action: string;
  summary: string;
}
export interface CustomerDetail extends Customer {
  notes_masked: string | null;
  source_channel: string | null;
  created_at: Time;
  created_by?: string | null;
  events: CustomerEvent[];
}
export interface CustomerInput {
  customer_no?: string;
  name?: string;
  phone?: string;
  id_number?: string;
  address?: string;
  village_group_id?: string | null;
  occupation?: string | null;
  balance_band?: string | null;
  /** "" empties it. */
  deposit_due_day?: Day | null;
  do_not_visit?: boolean;
  tags?: string[];
}
export type RevealField = "name" | "phone" | "id_number" | "address";
export interface Revealed {
  values: Partial<Record<RevealField, string | null>>;
  expires_in_seconds: number;
}
/** Exactly one of the numbers, or part of a name with the branch to search in. */
export interface LookupQuery {
  phone?: string;
  id_number?: string;
  customer_no?: string;
  name?: string;
  unit_id?: string;
}
export interface CustomerFilter {
  tag?: string;
  village_group?: string;
}

// Imports and jobs
export type ImportKind = "units" | "staff" | "village_groups" | "customers";
export interface Import {
  id: string;
  kind: ImportKind;
  file_name: string;
  state: "waiting" | "running" | "done" | "failed" | "canceled";
  dry_run: boolean;
  rows_total: number | null;
  rows_done: number;
  rows_new: number;
  rows_changed: number;
  rows_same: number;
  rows_bad: number;
  created_by_name: string;
  created_at: Time;
  finished_at: Time | null;
  message: string | null;
}
export interface ImportError {
  row: number;
  column: string | null;
  business_key: string | null;
  reason: string;
  masked_value: string | null;
}
export interface ImportDetail extends Import {
  errors: ImportError[];
}
export interface Job {
  id: string;
  kind: string;
  state: "ready" | "running" | "done" | "failed" | "canceled";
  done: number;
  total: number | null;
  message: string | null;
  result: unknown;
  created_at: Time;
  finished_at: Time | null;
}

// Campaigns
export interface ProgramPreset {
  id: string;
  title: string;
  description: string;
  pack: string;
}
export interface Phase {
  id: string;
  name: string;
  kind: string;
  first_day: Day;
  last_day: Day;
}
export type ProgramState = "draft" | "started" | "paused" | "closed";
export interface Program {
  id: string;
  code: string;
  name: string;
  kind: string;
  state: ProgramState;
  version: number;
  first_day: Day;
  last_day: Day;
  quota_per_day: number;
  outlets: number;
  targets: number;
  phases: Phase[];
  created_at: Time;
  updated_at: Time;
}
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Definition = { [key: string]: Json };
export interface ProgramDetail extends Program {
  definition: Definition;
  toml: string;
  versions: { version: number; at: Time; by_name: string; note: string | null }[];
}
export interface ProgramInput {
  preset: string;
  code: string;
  name: string;
  first_day?: Day;
  last_day?: Day;
}
export interface Finding {
  code: string;
  severity: "error" | "warning" | "note";
  requirement: string | null;
  title: string;
  what: string;
  why: string;
  missing: { value: number; unit: string } | null;
  repairs: { text: string; effect: string | null }[];
  facts: { label: string; value: string | number }[];
}
export interface CapacityRow {
  unit_id: string;
  unit_name: string;
  per_day: number;
  needed_per_day: number;
  planned_days: number;
  total_possible: number;
  total_needed: number;
  short: number;
}
export interface CheckReport {
  errors: number;
  warnings: number;
  findings: Finding[];
  capacity: CapacityRow[];
}
export interface ProgramUnit {
  unit_id: string;
  unit_name: string;
  collection_plan: number | null;
  quota_per_day: number;
  targets: number;
  teams: number;
  week_state: PlanState;
}
export interface Target {
  id: string;
  customer_id: string | null;
  name_masked: string;
  village_group_name: string | null;
  priority: number;
  reasons: string[];
  kind: "first" | "precise";
  four_fields_complete: boolean;
  state: string;
  due_day: Day | null;
}

// Week plans
export type PlanState = "none" | "draft" | "confirmed";
export interface PlanDay {
  day: Day;
  weekday: number | string;
  is_workday: boolean;
  note: string | null;
}
export interface WeekPlanRow {
  unit_id: string;
  unit_name: string;
  state: PlanState;
  planned: number;
  needed: number;
  shortfall: number;
  teams: number;
  travel_km: number;
  made_at: Time | null;
  confirmed_at: Time | null;
  confirmed_by_name: string | null;
}
export interface WeekPlanList {
  week: Week;
  days: PlanDay[];
  items: WeekPlanRow[];
}
export interface Stop {
  id: string;
  order: number;
  target_id: string | null;
  village_group_id: string | null;
  title: string;
  village_group_name: string | null;
  reasons: string[];
  arrive: string;
  leave: string;
  /** Households that the stop stands for. */
  households?: number;
  lat: number;
  lon: number;
  approximate: boolean;
}
export type RouteKind = "preliminary" | "precise_day" | "precise_evening";
export interface Route {
  id: string;
  team_id: string;
  team_name: string;
  kind: RouteKind;
  window: { from: string; to: string };
  members: string[];
  stops: Stop[];
  households?: number;
  back_at: string;
  travel_km: number;
}
export interface WeekPlanDay extends PlanDay {
  routes: Route[];
}
export interface Unserved {
  target_id: string;
  name_masked: string;
  village_group_name: string | null;
  priority: number;
  reason: string;
}
export interface WeekPlan {
  id: string;
  unit: { id: string; name: string; lat: number | null; lon: number | null };
  program: { id: string; name: string };
  week: Week;
  state: PlanState;
  version: number;
  made_at?: Time;
  confirmed_at?: Time | null;
  confirmed_by_name?: string | null;
  days: WeekPlanDay[];
  shortfall: { carried: number; planned: number; needed: number; left: number; sentence: string };
  unserved: Unserved[];
  /** Stops that were struck out and can be taken back. */
  struck?: { route_id: string; day: Day; stop: Stop }[];
  rings: { meters: number; label: string }[];
  stats: { visits: number; travel_km: number; village_groups: number };
}

// Overview
export interface Todo {
  kind: string;
  title: string;
  detail: string | null;
  link: string | null;
}
export interface Overview {
  unit: { id: string; name: string };
  program: Pick<
    Program,
    "id" | "code" | "name" | "state" | "version" | "first_day" | "last_day" | "quota_per_day"
  > | null;
  week: Week;
  customers: { total: number; with_four_fields: number; with_coordinates: number };
  units: { branches: number; staff: number };
  plan: {
    week: Week;
    branches_with_plan: number;
    branches_confirmed: number;
    planned: number;
    needed: number;
    shortfall: number;
  };
  todo: Todo[];
  branches: { unit_id: string; unit_name: string; planned: number; needed: number; state: PlanState }[];
  imports_last: (Omit<Import, "created_by_name" | "message"> & { created_by_name?: string }) | null;
}

// Users, audit, system
export interface UserRole {
  id: string;
  name: string;
  unit_id: string;
  unit_name: string;
}
export interface User {
  id: string;
  login: string;
  name: string;
  unit_id: string;
  unit_name: string;
  roles: UserRole[];
  state: "active" | "locked" | "retired";
  last_sign_in: Time | null;
  totp: boolean;
}
export interface UserInput {
  login: string;
  name: string;
  unit_id: string;
  roles: { role_id: string; unit_id: string }[];
  staff_id?: string;
}
export interface Role {
  id: string;
  name: string;
  permissions: string[];
  excludes: string[];
}
export interface AuditEvent {
  id: string;
  at: Time;
  actor_name: string | null;
  action: string;
  action_name: string;
  unit_name: string | null;
  target_kind: string | null;
  target_id: string | null;
  summary: string;
  stream: number;
  seq: number;
}
export interface AuditVerdict {
  ok: boolean;
  events: number;
  findings: { unit_name: string | null; stream: number; seq: number; kind: string; text: string }[];
}
export interface Pack {
  id: string;
  title: string;
  version: string | number;
  forms: number | string[];
  indicators: number | string[];
  menu: number | MenuItem[];
}
export interface SystemInfo {
  version: string;
  engine: string;
  migrations: number | string;
  suite: string;
  key_id: number | string;
  backup_last?: Time | null;
  disk_free?: number | null;
  jobs_open?: number;
  doctor: { check: string; ok: boolean; detail: string }[];
}
