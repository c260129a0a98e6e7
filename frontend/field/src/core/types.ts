// What goes over the wire between the phone and the server (docs/sync.md), and what the pack holds. Snake case as in the
// API; days `YYYY-MM-DD`, times RFC 3339, places WGS-84. No behaviour.

import type { Answers, Form } from "@zoufang/shared/form/model.ts";

export type OpKind =
  | "visit.submit"
  | "visit.amend"
  | "trace.put"
  | "gift.give"
  | "household.propose"
  | "customer.propose"
  | "pin.door";

export interface BlobRef {
  sha256: string;
  size: number;
  role: string;
}

/** An operation as it was written here; `client_seq` is given when it joins the queue. */
export interface Op {
  op_id: string;
  kind: OpKind;
  unit_id: string;
  entity_id: string;
  base_rev: number | null;
  schema_ver: number;
  device_time: string;
  since_contact_ms: number | null;
  payload: Record<string, unknown>;
  blobs: BlobRef[];
}

export interface Position {
  lat: number;
  lon: number;
  accuracy_m: number | null;
  datum: "wgs84";
  at: string;
}

/** What came of a visit, as the campaign's form names it. */
export interface Outcome {
  code: string;
  label: string;
  counts: boolean;
  /** The household is offered again later; without it: whatever does not count is. */
  again?: boolean;
}

export interface Program {
  title: string;
  state: string;
  first_day: string;
  last_day: string;
  quota_per_day: number;
  outcomes: Outcome[];
  scripts: { role: string; title: string; text: string }[];
  materials: { code: string; name: string; per_customer_cap: number | null }[];
  /** What the visitor is told about the notice. */
  notice: string | null;
  /** The notice itself, as the customer reads it; without it the phone's own words stand. */
  notice_text?: string | null;
  form_id: string;
  form_version: number;
  places: { code: string; label: string }[];
}

export interface Stop {
  day: string;
  program_id: string;
  kind: "first" | "precise" | "follow_up";
  route_id: string;
  team: string;
  seq: number;
  /** Minutes of the day. */
  arrive: number | null;
  leave: number | null;
  lat: number | null;
  lon: number | null;
  approximate: boolean;
  target_id: string | null;
  household_id: string | null;
  village_group_id: string | null;
  /** Households expected in a village group. */
  households: number | null;
  must: boolean;
  /** The staff of the team that goes this route, when the server says it. */
  members?: TeamMember[];
}

/** Somebody of a team, by the id of the staff. */
export interface TeamMember {
  id: string;
  name: string;
}

export interface Member {
  customer_id: string;
  name: string;
  phone_masked: string | null;
  lead: boolean;
  missing: string[];
}

export interface Household {
  name: string;
  address: string | null;
  village_group_id: string | null;
  village_group: string | null;
  lat: number | null;
  lon: number | null;
  approximate: boolean;
  members: Member[];
  reasons: string[];
  products: string[];
  do_not_visit: boolean;
  history: { day: string; outcome: string; by: string }[];
}

export interface VillageGroup {
  name: string;
  village: string | null;
  township: string | null;
  lat: number | null;
  lon: number | null;
  traces: { day: string; place: string; count: number }[];
}

export interface Visit {
  household_id: string | null;
  target_id: string | null;
  stop_id: string | null;
  day: string;
  outcome: string;
  counts: boolean;
  state: string;
  rev: number;
  members: number;
  valid_records: number;
  photos: number;
  photos_verified: number;
  review: string[] | null;
}

export interface With<T> {
  id: string;
  unit_id: string;
  rev: number;
  data: T;
}

/** The pack by kind. */
export interface Pack {
  programs: Map<string, With<Program>>;
  forms: Map<string, Form>;
  stops: With<Stop>[];
  households: Map<string, With<Household>>;
  groups: Map<string, With<VillageGroup>>;
  visits: With<Visit>[];
}

export interface PhotoRef {
  sha256: string;
  size: number;
  at: string;
  /** `photo` when it is not there. */
  role?: PhotoRole;
  /** The question of the form that it answers. */
  field?: string | null;
}

export type PhotoRole = "photo" | "signature";

/** What is being written; saved with every answer, encrypted, and never sent as it is. */
export interface Draft {
  /** The visit's id, made when the form opens. */
  id: string;
  op_id: string;
  unit_id: string;
  program_id: string;
  visit_kind: string;
  day: string;
  stop_id: string | null;
  target_id: string | null;
  household_id: string | null;
  customer_id: string | null;
  village_group_id: string | null;
  form_id: string;
  form_version: number;
  /** Shown in lists. */
  title: string;
  answers: Answers;
  visitors: string[];
  photos: PhotoRef[];
  gifts: { material: string; count: number }[];
  started_at: string;
  positions: Position[];
  /** A household that nobody had written down before. */
  newly_found: boolean;
  amends: { rev: number; reason: string } | null;
}

/** What the lists show of an operation on this phone; encrypted like the pack. */
export interface Note {
  op_id: string;
  entity_id: string;
  kind: OpKind;
  title: string;
  day: string;
  at: string;
  stop_id: string | null;
  household_id: string | null;
  outcome: string | null;
  counts: boolean;
  photos: number;
}

export interface Enrolment {
  device_id: string;
  unit_id: string;
  unit_name: string;
  user_id: string;
  user_name: string;
  rescue_key: JsonWebKey;
  lease_hours: number;
}
