// From a draft to the operations that hand it in. Pure: ids and times come in.

import type { Answers } from "@zoufang/shared/form/model.ts";
import { best, signals } from "./signals.ts";
import type { BlobRef, Draft, Note, Op, PhotoRef, Position, TeamMember } from "./types.ts";

export interface Moment {
  /** The phone's clock, RFC 3339. */
  now: string;
  since_contact_ms: number | null;
  skew_ms: number | null;
}

const SCHEMA = 1;

function text(answers: Answers, name: string): string {
  const value = answers[name];
  return typeof value === "string" ? value.trim() : "";
}

export const outcomeOf = (draft: Draft): string => text(draft.answers, "outcome");

export function blobsOf(draft: Draft): BlobRef[] {
  return draft.photos.map((p) => ({ sha256: p.sha256, size: p.size, role: p.role ?? "photo" }));
}

/** The visit itself; `accepted` are the answers that the form's rules let stand. */
function visitOp(draft: Draft, accepted: Answers, m: Moment): Op {
  const payload: Record<string, unknown> = {
    program_id: draft.program_id,
    kind: draft.visit_kind,
    target_id: draft.target_id,
    household_id: draft.household_id,
    customer_id: draft.customer_id,
    village_group_id: draft.village_group_id,
    stop_id: draft.stop_id,
    day: draft.day,
    form_id: draft.form_id,
    form_version: draft.form_version,
    answers: accepted,
    visitors: draft.visitors,
    started_at: draft.started_at,
    ended_at: m.now,
    position: best(draft.positions),
    signals: signals(draft.positions, draft.started_at, m.skew_ms),
    ...(draft.newly_found ? { new_household: true } : {}),
    ...(draft.amends ? { reason: draft.amends.reason } : {}),
  };
  return {
    op_id: draft.op_id,
    kind: draft.amends ? "visit.amend" : "visit.submit",
    unit_id: draft.unit_id,
    entity_id: draft.id,
    base_rev: draft.amends?.rev ?? null,
    schema_ver: SCHEMA,
    device_time: m.now,
    since_contact_ms: m.since_contact_ms,
    payload,
    blobs: blobsOf(draft),
  };
}

/** The members of a new household who agreed to be written down. */
function membersOf(answers: Answers): Record<string, unknown>[] {
  if (text(answers, "notice") !== "agreed") return [];
  const rows = Array.isArray(answers.members) ? answers.members : [];
  const others = rows.flatMap((row) => {
    if (typeof row !== "object" || row === null || Array.isArray(row)) return [];
    const name = text(row, "member_name");
    const phone = text(row, "member_phone");
    const relation = text(row, "relation");
    return name ? [{ name, phone: phone || null, relation: relation || null, notice: "agreed" }] : [];
  });
  const name = text(answers, "name");
  const lead = { name, phone: text(answers, "phone") || null, relation: null, lead: true, notice: "agreed" };
  return name ? [lead, ...others] : others;
}

export function simpleOp(
  kind: Op["kind"],
  unit_id: string,
  ids: { op_id: string; entity_id: string },
  payload: Record<string, unknown>,
  m: Moment,
  blobs: BlobRef[] = [],
): Op {
  return {
    ...ids,
    kind,
    unit_id,
    base_rev: null,
    schema_ver: SCHEMA,
    device_time: m.now,
    since_contact_ms: m.since_contact_ms,
    payload,
    blobs,
  };
}

/** Everything that a finished draft hands in, in the order in which it has to arrive. */
export function opsOf(draft: Draft, accepted: Answers, m: Moment, newId: () => string): Op[] {
  const ops: Op[] = [];
  const members = membersOf(accepted);
  if (draft.newly_found && draft.household_id && members.length > 0) {
    const payload = {
      program_id: draft.program_id,
      village_group_id: draft.village_group_id,
      address: text(accepted, "address") || null,
      position: best(draft.positions),
      members,
      visit_id: draft.id,
    };
    const ids = { op_id: newId(), entity_id: draft.household_id };
    ops.push(simpleOp("household.propose", draft.unit_id, ids, payload, m));
  }
  ops.push(visitOp(draft, accepted, m));
  for (const gift of draft.gifts) {
    if (gift.count <= 0) continue;
    const payload = {
      program_id: draft.program_id,
      household_id: draft.household_id,
      customer_id: draft.customer_id,
      visit_id: draft.id,
      material: gift.material,
      count: gift.count,
      day: draft.day,
    };
    ops.push(simpleOp("gift.give", draft.unit_id, { op_id: newId(), entity_id: newId() }, payload, m));
  }
  return ops;
}

/** What the lists show of it until the bank has it, and a week longer. */
export function noteOf(op: Op, title: string, counts: boolean): Note {
  const p = op.payload;
  const answers = (typeof p.answers === "object" && p.answers !== null ? p.answers : {}) as Answers;
  const id = (key: string) => (typeof p[key] === "string" ? (p[key] as string) : null);
  return {
    op_id: op.op_id,
    entity_id: op.entity_id,
    kind: op.kind,
    title,
    day: id("day") ?? op.device_time.slice(0, 10),
    at: op.device_time,
    stop_id: id("stop_id"),
    household_id: id("household_id"),
    outcome: text(answers, "outcome") || null,
    counts,
    photos: op.blobs.length,
  };
}

/**
 * The answers with the photos and signatures that were made for the form's questions. `fields`: its questions for
 * photos, in their order; a photo that names none belongs to the first.
 */
export function withPhotos(
  answers: Answers,
  fields: readonly string[],
  photos: readonly PhotoRef[],
): Answers {
  const next = { ...answers };
  const [first] = fields;
  for (const field of fields) {
    const own = photos.filter((p) => p.role !== "signature" && (p.field || first) === field);
    if (own.length > 0) next[field] = own.map((p) => p.sha256);
    else delete next[field];
  }
  for (const p of photos) if (p.role === "signature" && p.field) next[p.field] = p.sha256;
  return next;
}

/** What stands in a signature's answer when the customer signs on paper. */
export const ON_PAPER = "paper";

/** Who goes on a team beside the one whose phone this is; that one is told by the name. */
export function teamOf(
  members: readonly TeamMember[],
  own: string,
): { self: string | null; others: TeamMember[] } {
  const named = members.filter((m) => m.name === own);
  // Two of the same name: nobody can be left out for certain.
  const self = named.length === 1 ? (named[0]?.id ?? null) : null;
  return { self, others: members.filter((m) => m.id !== self) };
}

/** The visitors after one was tapped; whoever writes goes along when somebody else does. */
export function withVisitor(visitors: readonly string[], id: string, self: string | null): string[] {
  const others = visitors.filter((v) => v !== self);
  const next = others.includes(id) ? others.filter((v) => v !== id) : [...others, id];
  return next.length === 0 || self === null ? next : [self, ...next];
}

export type { Position };
