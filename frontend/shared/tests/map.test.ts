import { describe, expect, it } from "vitest";
import { cluster, rangeLabel } from "../map/cluster.ts";

describe("numbers on the map", () => {
  it("that would cover each other are one range", () => {
    const stops = [1, 2, 3, 4].map((order) => ({ order, x: order < 4 ? order * 5 : 300, y: 0 }));
    expect(cluster(stops, 20).map((c) => c.map((s) => s.order))).toEqual([[1, 2, 3], [4]]);
    expect(cluster(stops, 1).length).toBe(4);
  });

  it("are written as short as they go", () => {
    expect(rangeLabel([4])).toBe("4");
    expect(rangeLabel([5, 3, 4, 9])).toBe("3–5,9");
    expect(rangeLabel([1, 3, 5, 7])).toBe("1,3,5…");
  });
});
