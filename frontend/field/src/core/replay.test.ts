// Traces of simulated phones, replayed against this module: after every event the state and what is to be done must
// be those of the simulator's own outbox (crates/sim). `ZF_TRACES` names a folder of traces; without it the few that
// are kept in conformance/ are replayed.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { emptyOutbox, type OutboxEffect, type OutboxEvent, type OutboxState, step } from "./outbox.ts";

const KEPT = join(process.cwd(), "../conformance/outbox");
const folder = process.env.ZF_TRACES || KEPT;

interface Line {
  event: OutboxEvent;
  state: string;
  effects: OutboxEffect[];
}

/** JSON with sorted keys at every level. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`).join(",")}}`;
}
/** What stands for a state after `events` events; of the receipts the last few, and all of them at every fiftieth. */
function digest(state: OutboxState, events: number): string {
  const receipts = events % 50 === 0 ? state.receipts : state.receipts.slice(-3);
  const seen = canonical({ state: { ...state, receipts }, receipts: state.receipts.length });
  return createHash("sha256").update(seen).digest("hex").slice(0, 16);
}
const read = (file: string): Line[] =>
  readFileSync(join(folder, file), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);

/** How many events it takes until the two differ; all of them when they never do. */
function replay(lines: Line[], play: typeof step): number {
  let state = emptyOutbox();
  for (const [i, line] of lines.entries()) {
    const next = play(state, line.event);
    if (digest(next.state, i + 1) !== line.state || canonical(next.effects) !== canonical(line.effects))
      return i;
    state = next.state;
  }
  return lines.length;
}

describe("the outbox and its twin in the simulator", () => {
  const files = readdirSync(folder).filter((f) => f.endsWith(".jsonl"));

  it("are in the same state after every event of every trace", () => {
    let events = 0;
    for (const file of files) {
      const lines = read(file);
      expect(replay(lines, step), `${file}: first event that differs`).toBe(lines.length);
      events += lines.length;
    }
    expect(files.length).toBeGreaterThan(0);
    expect(events).toBeGreaterThanOrEqual(files.length * 500);
    console.log(`replayed ${events} events of ${files.length} phones`);
  }, 300_000);

  it("differ at once when one of them forgets on sending", () => {
    const [file] = files;
    if (!file) throw new Error("no traces");
    const lines = read(file);
    const broken: typeof step = (state, event) => {
      const next = step(state, event);
      if (!next.effects.some((e) => e.do === "send")) return next;
      return {
        ...next,
        state: { ...next.state, entries: next.state.entries.filter((e) => e.state === "queued") },
      };
    };
    expect(replay(lines, broken)).toBeLessThan(lines.length);
  });
});
