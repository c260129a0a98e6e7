// The day of one visitor, from the pack, the drafts and what is still on the phone. Pure.

import type { Form } from "@zoufang/shared/form/model.ts";
import type { PackItem } from "./pull.ts";
import type { Draft, Household, Note, Pack, Program, Stop, VillageGroup, Visit, With } from "./types.ts";

export const emptyPackView = (): Pack => ({
  programs: new Map(),
  forms: new Map(),
  stops: [],
  households: new Map(),
  groups: new Map(),
  visits: [],
});

export const formKey = (id: string, version: number): string => `${id}@${version}`;

/** The pack by kind; a kind that this version does not know is left alone. */
export function readPack(items: Record<string, PackItem>): Pack {
  const pack = emptyPackView();
  for (const item of Object.values(items)) {
    const head = { id: item.id, unit_id: item.unit_id, rev: item.rev };
    if (item.data === null || typeof item.data !== "object") continue;
    if (item.kind === "program") pack.programs.set(item.id, { ...head, data: item.data as Program });
    else if (item.kind === "form") {
      const form = item.data as Form;
      pack.forms.set(formKey(form.id, form.version), form);
    } else if (item.kind === "stop") pack.stops.push({ ...head, data: item.data as Stop });
    else if (item.kind === "household")
      pack.households.set(item.id, { ...head, data: item.data as Household });
    else if (item.kind === "village_group")
      pack.groups.set(item.id, { ...head, data: item.data as VillageGroup });
    else if (item.kind === "visit") pack.visits.push({ ...head, data: item.data as Visit });
  }
  // One person may be on two routes of a day: the clock orders them, then the route.
  const at = (s: With<Stop>) => s.data.arrive ?? 24 * 60;
  pack.stops.sort((a, b) => a.data.day.localeCompare(b.data.day) || at(a) - at(b) || a.data.seq - b.data.seq);
  return pack;
}

/** `sent`: at the bank. `kept`: on this phone, will go. `draft`: begun. `open`: still to be visited. */
export type StopState = "sent" | "kept" | "draft" | "open";

export interface DayStop {
  stop: With<Stop>;
  household: With<Household> | null;
  group: With<VillageGroup> | null;
  /** Number on the route, from 1. */
  order: number;
  title: string;
  state: StopState;
  outcome: string | null;
  counts: boolean;
  /** Visits made from this stop: a village group takes many. */
  met: number;
}

/** A village group as people call it: the village, then the group. */
export function groupName(group: VillageGroup): string {
  const village = group.village ?? "";
  return group.name.startsWith(village) ? group.name : village + group.name;
}

export interface DayView {
  stops: DayStop[];
  next: DayStop | null;
  done: number;
  counted: number;
  quota: number;
}

/** A village group is left behind when as many were met as were expected, or somebody was and its time is over. */
function passed(stop: DayStop, minute: number): boolean {
  if (stop.household) return false;
  const { households, leave } = stop.stop.data;
  return stop.met >= (households ?? 1) || (stop.met > 0 && leave !== null && minute > leave);
}

/**
 * The stops of a day with what became of each; `waiting`: operations that the bank does not have yet; `minute`: of the
 * day now, 0 on other days.
 */
export function dayView(
  pack: Pack,
  day: string,
  drafts: readonly Draft[],
  notes: readonly Note[],
  waiting: ReadonlySet<string>,
  minute = 0,
): DayView {
  const visits = pack.visits.filter((v) => v.data.day === day);
  const kept = notes.filter((n) => n.day === day && (n.kind === "visit.submit" || n.kind === "visit.amend"));
  const stops = pack.stops
    .filter((s) => s.data.day === day)
    .map((stop, i): DayStop => {
      const { household_id, village_group_id } = stop.data;
      const household = household_id ? (pack.households.get(household_id) ?? null) : null;
      const group = village_group_id ? (pack.groups.get(village_group_id) ?? null) : null;
      const same = (x: { stop_id: string | null; household_id: string | null }) =>
        x.stop_id === stop.id || (household_id !== null && x.household_id === household_id);
      const sent = visits.find((v) => same(v.data));
      const note = kept.find(same);
      const draft = drafts.find((d) => d.day === day && same(d));
      // A village group takes many visits; it is never done by one of them.
      const sweep = household_id === null;
      const gone = sent !== undefined || (note !== undefined && !waiting.has(note.op_id));
      const state: StopState = draft ? "draft" : sweep ? "open" : gone ? "sent" : note ? "kept" : "open";
      return {
        stop,
        household,
        group,
        order: i + 1,
        title: household?.data.name ?? (group ? groupName(group.data) : ""),
        state,
        outcome: sent?.data.outcome ?? note?.outcome ?? null,
        counts: sent?.data.counts ?? note?.counts ?? false,
        met: new Set([
          ...visits.filter((v) => v.data.stop_id === stop.id).map((v) => v.id),
          ...kept.filter((n) => n.stop_id === stop.id).map((n) => n.entity_id),
        ]).size,
      };
    });
  const sentIds = new Set(visits.map((v) => v.id));
  const here = kept.filter((n) => !sentIds.has(n.entity_id));
  const counted =
    visits.filter((v) => v.data.counts).length +
    here.filter((n) => n.counts && n.kind === "visit.submit").length;
  const program = pack.programs.get(stops[0]?.stop.data.program_id ?? "");
  return {
    stops,
    next: stops.find((s) => s.state === "draft" || (s.state === "open" && !passed(s, minute))) ?? null,
    done: visits.length + here.filter((n) => n.kind === "visit.submit").length,
    counted,
    quota: program?.data.quota_per_day ?? stops.length,
  };
}

/** What came of a visit in the campaign's own words, and whether the household is offered again. */
export function outcomeIn(
  program: With<Program> | null | undefined,
  code: string | null,
): { label: string; again: boolean } | null {
  if (!code) return null;
  const one = program?.data.outcomes.find((o) => o.code === code);
  return one ? { label: one.label, again: one.again ?? !one.counts } : { label: code, again: false };
}

/** Days that have stops, in order. */
export const daysOf = (pack: Pack): string[] => [...new Set(pack.stops.map((s) => s.data.day))].sort();

/** Metres between two places. */
export function metres(a: { lat: number; lon: number }, b: { lat: number; lon: number }): number {
  const rad = Math.PI / 180;
  const x = (b.lon - a.lon) * rad * Math.cos(((a.lat + b.lat) / 2) * rad);
  const y = (b.lat - a.lat) * rad;
  return Math.hypot(x, y) * 6_371_000;
}
