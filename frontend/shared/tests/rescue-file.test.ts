import { describe, expect, it } from "vitest";
import { inParts, readRescueFile } from "../../console/src/pages/rescue-file.ts";

const item = (n: number, chars = 10) => ({ op_id: `op${n}`, sealed: "x".repeat(chars) });
const file = (items: unknown) =>
  JSON.stringify({ format: "zoufang-rescue-1", device_id: "d", unit_id: "u", items });

describe("the file of a phone", () => {
  it("says what it is not", () => {
    expect(() => readRescueFile("PK\u0003")).toThrow("json");
    for (const other of ["[]", "null", '{"format":"zoufang-rescue-2"}', file("x")])
      expect(() => readRescueFile(other)).toThrow("format");
    expect(() => readRescueFile(file([]))).toThrow("empty");
  });

  it("keeps the place of what cannot be read", () => {
    const read = readRescueFile(file([item(1), { op_id: 7 }, item(3)]));
    expect(read.items.map((i) => i.sealed.length)).toEqual([10, 0, 10]);
  });

  it("is cut by number and by size, and nothing gets lost", () => {
    const many = Array.from({ length: 120 }, (_, n) => item(n));
    expect(inParts(many).map((p) => p.length)).toEqual([50, 50, 20]);
    const large = [item(1, 5_000_000), item(2, 5_000_000), item(3)];
    expect(inParts(large).map((p) => p.map((i) => i.op_id))).toEqual([["op1"], ["op2", "op3"]]);
  });
});
