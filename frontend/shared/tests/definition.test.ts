import { describe, expect, it } from "vitest";
import { at, numberOf, phasesOf, setMain, teamsOf, windowsOf, withValue } from "../api/definition.ts";
import type { Definition } from "../api/types.ts";

const definition: Definition = {
  program: { start: "2016-10-01", end: "2017-03-31", slogan_customers: 1000000 },
  phase: [{ id: "visit", title: "客户大走访", start: "2016-10-01", end: "2017-01-31" }],
  quota: { households_per_outlet_per_day: 20 },
  ring: { near_km: 5.0, boundary: "near" },
  window: [{ id: "evening", title: "晚上", start: "18:30", end: "20:00" }],
  team: [
    {
      id: "near",
      title: "近圈小组",
      kind: "precise",
      ring: "near",
      posts: ["teller"],
      windows: ["evening"],
      per_outlet: 1,
    },
  ],
};

describe("the campaign definition", () => {
  it("is read where the campaign file has its figures", () => {
    expect(numberOf(definition, "quota")).toBe(20);
    expect(numberOf(definition, "near_km")).toBe(5);
    expect(numberOf(definition, "kmh")).toBeNull();
    expect(phasesOf(definition)[0]).toMatchObject({ title: "客户大走访", end: "2017-01-31" });
    expect(windowsOf(definition)[0]).toMatchObject({ start: "18:30", end: "20:00" });
    expect(teamsOf(definition)[0]).toMatchObject({ posts: ["teller"], windows: ["evening"], perOutlet: 1 });
  });

  it("changes only the one figure that was edited", () => {
    const before = structuredClone(definition);
    const next = setMain(definition, "quota", 25);
    expect(at(next, ["quota", "households_per_outlet_per_day"])).toBe(25);
    expect({ ...next, quota: before.quota }).toEqual(before);
    expect(definition).toEqual(before);
  });

  it("does not grow keys that the file does not have", () => {
    expect(setMain(definition, "kmh", 30)).toBe(definition);
  });

  it("replaces inside lists by place", () => {
    const next = withValue(definition, ["window", 0, "end"], "20:30") as Definition;
    expect(windowsOf(next)[0]?.end).toBe("20:30");
    expect(windowsOf(definition)[0]?.end).toBe("20:00");
  });
});
