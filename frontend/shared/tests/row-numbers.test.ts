import { describe, expect, it } from "vitest";
import { numbersOf, readNumbers, sheetAfter } from "../../console/src/pages/row-numbers.ts";

describe("row numbers of a tick sheet", () => {
  it("are read singly, as runs and as crosses, also from a Chinese keyboard", () => {
    expect(readNumbers("3 7 12-15", 20)).toEqual({
      ticked: [3, 7, 12, 13, 14, 15],
      crossed: [],
      fault: null,
    });
    expect(readNumbers("３、７，１２－１３ X5 ×6", 20)).toEqual({
      ticked: [3, 7, 12, 13],
      crossed: [5, 6],
      fault: null,
    });
    expect(readNumbers("  ", 20)).toEqual({ ticked: [], crossed: [], fault: null });
  });

  it("that are not on the sheet, there twice or no numbers are told", () => {
    expect(readNumbers("3 21", 20).fault).toEqual({ kind: "range", what: "21" });
    expect(readNumbers("0", 20).fault).toEqual({ kind: "range", what: "0" });
    expect(readNumbers("18-21", 20).fault).toEqual({ kind: "range", what: "18-21" });
    expect(readNumbers("3-6 5", 20).fault).toEqual({ kind: "repeated", what: "5" });
    expect(readNumbers("5 x5", 20).fault).toEqual({ kind: "repeated", what: "5" });
    expect(readNumbers("3 张", 20).fault).toEqual({ kind: "unreadable", what: "张" });
    expect(readNumbers("9-4", 20).fault).toEqual({ kind: "unreadable", what: "9-4" });
  });

  it("that are stored come back as somebody would type them", () => {
    const said = [true, true, true, null, false, true, false];
    const inFile = [false, false, false, true, true, false, false];
    expect(numbersOf(said, inFile)).toBe("1-3 x5 6");
  });

  it("go on with the sheet that was printed next", () => {
    expect(sheetAfter("20261122-09")).toBe("20261122-10");
    expect(sheetAfter("20261122-99")).toBe("20261122-100");
    expect(sheetAfter("abc")).toBeNull();
  });
});
