// What a browser can tell about the places and times of a visit. Signals are handed in with the visit and explain it
// later; they never keep anybody from handing in. Pure.

import { metres } from "./day.ts";
import type { Position } from "./types.ts";

export interface Signals {
  /** Positions taken during the visit. */
  fixes: number;
  accuracy_zero: boolean;
  /** Three or more positions, all equal to the last digit. */
  constant: boolean;
  /** Faster than anything on the road between two positions. */
  jump: boolean;
  /** Longest pause between two positions, in seconds. */
  gap_s: number;
  /** The phone's clock against the server's, in seconds; null when they have not met. */
  skew_s: number | null;
  /** The position is older than the visit. */
  stale: boolean;
}

/** 60 m/s is 216 km/h. */
const JUMP_M_PER_S = 60;
const JUMP_LEAST_M = 500;

/** What the positions of one visit look like. `skew_ms`: the phone's clock minus the server's. */
export function signals(positions: readonly Position[], started_at: string, skew_ms: number | null): Signals {
  const at = positions.map((p) => Date.parse(p.at));
  let jump = false;
  let gap = 0;
  positions.forEach((p, i) => {
    const before = positions[i - 1];
    if (!before) return;
    const seconds = ((at[i] ?? 0) - (at[i - 1] ?? 0)) / 1000;
    const far = metres(before, p);
    gap = Math.max(gap, seconds);
    if (far > JUMP_LEAST_M && far > JUMP_M_PER_S * Math.max(1, seconds)) jump = true;
  });
  const [first] = positions;
  const same = (p: Position) =>
    p.lat === first?.lat && p.lon === first?.lon && p.accuracy_m === first?.accuracy_m;
  return {
    fixes: positions.length,
    accuracy_zero: positions.some((p) => p.accuracy_m === 0),
    constant: positions.length >= 3 && positions.every(same),
    jump,
    gap_s: Math.round(gap),
    skew_s: skew_ms === null ? null : Math.round(skew_ms / 1000),
    stale: (at[0] ?? Number.POSITIVE_INFINITY) < Date.parse(started_at) - 60_000,
  };
}

/** The best position: the most accurate, the later of equals. */
export function best(positions: readonly Position[]): Position | null {
  const worth = (p: Position) => p.accuracy_m ?? 10_000;
  return positions.reduce<Position | null>((a, b) => (a === null || worth(b) <= worth(a) ? b : a), null);
}
