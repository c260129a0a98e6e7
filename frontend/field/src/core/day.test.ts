import { describe, expect, it } from "vitest";
import { demoItems } from "../tests/pack.ts";
import { dayView, metres, outcomeIn, readPack } from "./day.ts";
import type { PackItem } from "./pull.ts";
import { best, signals } from "./signals.ts";
import type { Note, Position } from "./types.ts";
import { teamOf, withVisitor } from "./visit.ts";

const DAY = "2026-11-24";
const items = Object.fromEntries(
  demoItems(DAY).map(({ op: _, ...i }) => [`${i.kind}/${i.id}`, i as PackItem]),
);
const note = (stop_id: string | null, household_id: string | null, counts: boolean): Note => ({
  op_id: `op${stop_id}`,
  entity_id: `v${stop_id}`,
  kind: "visit.submit",
  title: "",
  day: DAY,
  at: "2026-11-24T01:00:00Z",
  stop_id,
  household_id,
  outcome: "self",
  counts,
  photos: 0,
});
const fix = (lat: number, second: number, accuracy_m: number | null = 8): Position => ({
  lat,
  lon: 114,
  accuracy_m,
  datum: "wgs84",
  at: new Date(Date.UTC(2026, 10, 24, 1, 0, second)).toISOString(),
});
const START = "2026-11-24T01:00:00Z";

describe("the team", () => {
  const team = [
    { id: "a", name: "赵玉梅" },
    { id: "b", name: "孙建军" },
    { id: "c", name: "李测三" },
  ];

  it("is the others, whoever writes goes along with them", () => {
    const { self, others } = teamOf(team, "赵玉梅");
    expect([self, others.map((m) => m.id)]).toEqual(["a", ["b", "c"]]);
    const one = withVisitor([], "b", self);
    expect(one).toEqual(["a", "b"]);
    expect(withVisitor(one, "c", self)).toEqual(["a", "b", "c"]);
    // Alone again: the bank knows who wrote.
    expect(withVisitor(one, "b", self)).toEqual([]);
  });

  it("offers everybody when the name does not tell who writes", () => {
    expect(teamOf(team, "演示").self).toBeNull();
    const two = [...team, { id: "d", name: "赵玉梅" }];
    expect(teamOf(two, "赵玉梅")).toEqual({ self: null, others: two });
    expect(withVisitor([], "d", null)).toEqual(["d"]);
  });
});

describe("the day", () => {
  it("says an outcome in the campaign's words, and whether the household is offered again", () => {
    const program = [...readPack(items).programs.values()][0];
    if (!program) throw new Error("no program");
    expect(outcomeIn(program, "absent")).toEqual({ label: "不在家", again: true });
    expect(outcomeIn(program, "self")).toEqual({ label: "见到本人", again: false });
    program.data.outcomes.push({ code: "moved", label: "搬走了", counts: false, again: false });
    expect(outcomeIn(program, "moved")).toEqual({ label: "搬走了", again: false });
    expect(outcomeIn(program, "unheard")).toEqual({ label: "unheard", again: false });
    expect(outcomeIn(program, null)).toBeNull();
  });

  it("names the next stop and counts what is still on the phone", () => {
    const pack = readPack(items);
    const none = dayView(pack, DAY, [], [], new Set());
    expect([none.stops.length, none.next?.order, none.done, none.quota]).toEqual([6, 1, 0, 20]);
    const first = none.stops[0];
    const n = note(first?.stop.id ?? "", first?.household?.id ?? "", true);
    const one = dayView(pack, DAY, [], [n], new Set([n.op_id]));
    expect([one.next?.order, one.done, one.counted, one.stops[0]?.state]).toEqual([2, 1, 1, "kept"]);
    expect(dayView(pack, DAY, [], [n], new Set()).stops[0]?.state).toBe("sent");
  });

  it("counts a visit once when the bank has it as well", () => {
    const pack = readPack(items);
    const stop = pack.stops[0];
    const n = note(stop?.id ?? "", stop?.data.household_id ?? "", true);
    pack.visits.push({
      id: n.entity_id,
      unit_id: "u",
      rev: 1,
      data: {
        household_id: n.household_id,
        target_id: null,
        stop_id: n.stop_id,
        day: DAY,
        outcome: "self",
        counts: true,
        state: "accepted",
        rev: 1,
        members: 1,
        valid_records: 1,
        photos: 0,
        photos_verified: 0,
        review: null,
      },
    });
    const d = dayView(pack, DAY, [], [n], new Set());
    expect([d.done, d.counted, d.stops[0]?.state]).toEqual([1, 1, "sent"]);
  });

  it("leaves a village group behind when enough were met, or its time is over", () => {
    const pack = readPack(items);
    const group = pack.stops.filter((s) => s.data.household_id === null);
    pack.stops = group;
    const met = (n: number) =>
      Array.from({ length: n }, (_, i) => ({ ...note(group[0]?.id ?? "", null, true), entity_id: `v${i}` }));
    const next = (n: number, minute: number) =>
      dayView(pack, DAY, [], met(n), new Set(), minute).next !== null;
    // 35 households expected, until 9:52.
    expect([next(0, 1200), next(1, 500), next(1, 593), next(34, 500), next(35, 500)]).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
    expect(dayView(pack, DAY, [], met(3), new Set()).stops[0]?.met).toBe(3);
  });

  it("measures metres as a map does", () => {
    // One minute of latitude is a sea mile.
    expect(metres({ lat: 30, lon: 114 }, { lat: 30 + 1 / 60, lon: 114 })).toBeCloseTo(1852, -1);
  });
});

describe("signals", () => {
  it("say what is odd about positions and nothing about ordinary ones", () => {
    const ordinary = signals([fix(30, 0), fix(30.0001, 20)], START, 0);
    expect(ordinary).toEqual({
      fixes: 2,
      accuracy_zero: false,
      constant: false,
      jump: false,
      gap_s: 20,
      skew_s: 0,
      stale: false,
    });
    expect(signals([fix(30, 0, 0)], START, null)).toMatchObject({ accuracy_zero: true, skew_s: null });
    expect(signals([fix(30, 0), fix(30, 9), fix(30, 18)], START, 0).constant).toBe(true);
    // 11 km in ten seconds.
    expect(signals([fix(30, 0), fix(30.1, 10)], START, 0).jump).toBe(true);
    expect(signals([fix(30, 0)], "2026-11-24T01:05:00Z", 0).stale).toBe(true);
    expect(signals([], START, 301_000)).toMatchObject({ fixes: 0, skew_s: 301, stale: false });
  });

  it("take the most accurate position", () => {
    expect(best([fix(30, 0, 50), fix(31, 5, 5), fix(32, 9, 80)])?.lat).toBe(31);
    expect(best([])).toBeNull();
  });
});
