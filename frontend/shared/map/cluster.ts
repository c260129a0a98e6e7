// Numbers on a map that would cover each other, drawn as one. Pure: both apps and the tests use it.

/** Stops that would cover each other at this resolution, in visiting order. Pure, so that it can be tested. */
export function cluster<S extends { order: number; x: number; y: number }>(stops: S[], apart: number): S[][] {
  const out: { x: number; y: number; stops: S[] }[] = [];
  for (const stop of [...stops].sort((a, b) => a.order - b.order)) {
    const near = out.find((c) => Math.hypot(c.x - stop.x, c.y - stop.y) < apart);
    if (near) near.stops.push(stop);
    else out.push({ x: stop.x, y: stop.y, stops: [stop] });
  }
  return out.map((c) => c.stops);
}

/** 1 · 3–5 · 8: the numbers of a cluster as short as they go, at most three parts. */
export function rangeLabel(orders: number[]): string {
  const sorted = [...orders].sort((a, b) => a - b);
  const runs: [number, number][] = [];
  for (const n of sorted) {
    const last = runs.at(-1);
    if (last && n <= last[1] + 1) last[1] = n;
    else runs.push([n, n]);
  }
  const text = runs.slice(0, 3).map(([a, b]) => (a === b ? String(a) : `${a}–${b}`));
  return text.join(",") + (runs.length > 3 ? "…" : "");
}
