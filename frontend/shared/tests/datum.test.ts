import { describe, expect, it } from "vitest";
import { inDatum } from "../map/datum.ts";

describe("the datum of a base map", () => {
  it("leaves WGS-84 as it is", () => {
    expect(inDatum(110.5, 35.5, "wgs84")).toEqual([110.5, 35.5]);
  });

  it("moves Tiananmen to where the other maps draw it", () => {
    // The same place by the three datums: GPS, Amap, Baidu (published example pair of the public formula).
    const [x, y] = inDatum(116.39776, 39.9136, "gcj02");
    expect(Math.abs(x - 116.404)).toBeLessThan(2e-5);
    expect(Math.abs(y - 39.915)).toBeLessThan(2e-5);
    const [bx, by] = inDatum(116.39776, 39.9136, "bd09");
    expect(Math.abs(bx - 116.41036949)).toBeLessThan(5e-5);
    expect(Math.abs(by - 39.92133699)).toBeLessThan(5e-5);
  });
});
