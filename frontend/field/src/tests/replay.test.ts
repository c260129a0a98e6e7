// Replays traces that the simulator wrote against the very outbox of the phone: ZF_TRACES names a folder of `*.jsonl`,
// one step a line, `{"event": …, "state": …}` with the state after the event, from an empty outbox on.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { emptyOutbox, type OutboxEvent, type OutboxState, step } from "../core/outbox.ts";

const folder = process.env.ZF_TRACES ?? "";

interface Line {
  event: OutboxEvent;
  state: OutboxState;
}

/** The number of the first step after which the states differ, or null. */
export function firstDifference(lines: readonly Line[]): number | null {
  let state = emptyOutbox();
  for (const [i, line] of lines.entries()) {
    state = step(state, line.event).state;
    if (JSON.stringify(sorted(state)) !== JSON.stringify(sorted(line.state))) return i;
  }
  return null;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([k, v]) => [k, sorted(v)]));
}

describe("a replayed trace", () => {
  it("is told from one that differs", () => {
    const event: OutboxEvent = { is: "draft", id: "d" };
    const good = { ...emptyOutbox(), drafts: ["d"] };
    expect(firstDifference([{ event, state: good }])).toBeNull();
    expect(firstDifference([{ event, state: { ...good, seq: 1 } }])).toBe(0);
  });

  it.skipIf(folder === "")("gives the same state at every step", () => {
    const files = readdirSync(folder).filter((f) => f.endsWith(".jsonl"));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const text = readFileSync(join(folder, file), "utf8").trim();
      const lines = text.split("\n").map((line) => JSON.parse(line) as Line);
      expect(firstDifference(lines), file).toBeNull();
    }
  });
});
