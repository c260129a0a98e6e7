// Traces of simulated pulls, replayed against this module: after every answer the pack and what is to be done must be
// those of the simulator's own phone (crates/sim). `ZF_PULL_TRACES` names a folder; without it those in conformance/.
// Contents are digests there: this module never looks into them.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { emptyPack, type PullEffect, type PullEvent, type PullState, pullStep } from "./pull.ts";

const KEPT = join(process.cwd(), "../conformance/pull");
const folder = process.env.ZF_PULL_TRACES || KEPT;
/** Events of each trace, at least. */
const LEAST = Number(process.env.ZF_PULL_EVENTS ?? "300");

interface Line {
  /** `kept`: the pack is on the disk. `stopped`: what came since is gone. */
  event: PullEvent | { is: "kept" } | { is: "stopped" };
  state: string;
  effects: PullEffect[];
}

/** JSON with sorted keys at every level. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`).join(",")}}`;
}
const digest = (state: PullState): string =>
  createHash("sha256").update(canonical(state)).digest("hex").slice(0, 16);
const read = (file: string): Line[] =>
  readFileSync(join(folder, file), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);

/** How many events it takes until the two differ; all of them when they never do. */
function replay(lines: Line[], play: typeof pullStep): number {
  let state = emptyPack();
  let kept = state;
  for (const [i, { event, state: wanted, effects }] of lines.entries()) {
    let done: PullEffect[] = [];
    if (event.is === "kept") kept = state;
    else if (event.is === "stopped") state = kept;
    else ({ state, effects: done } = play(state, event));
    if (digest(state) !== wanted || canonical(done) !== canonical(effects)) return i;
  }
  return lines.length;
}

describe("the pack and its twin in the simulator", () => {
  const files = readdirSync(folder).filter((f) => f.endsWith(".jsonl"));

  it("are the same after every answer of every trace", () => {
    let events = 0;
    for (const file of files) {
      const lines = read(file);
      expect(replay(lines, pullStep), `${file}: first event that differs`).toBe(lines.length);
      events += lines.length;
    }
    expect(files.length).toBeGreaterThan(0);
    expect(events).toBeGreaterThanOrEqual(files.length * LEAST);
    console.log(`replayed ${events} events of ${files.length} packs`);
  }, 300_000);

  it("differ at once when one of them shows a snapshot before its last page", () => {
    const [file] = files;
    if (!file) throw new Error("no traces");
    const lines = read(file);
    const broken: typeof pullStep = (state, event) => {
      const next = pullStep(state, event);
      return { ...next, state: { ...next.state, items: next.state.staging?.items ?? next.state.items } };
    };
    expect(replay(lines, broken)).toBeLessThan(lines.length);
  });
});
