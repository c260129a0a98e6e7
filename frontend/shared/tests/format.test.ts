import { describe, expect, it } from "vitest";
import {
  addDays,
  addMonths,
  addWeeks,
  daysBetween,
  dayWritten,
  isoWeekday,
  mondayOf,
  monthSpan,
  num,
  percent,
  share,
  stamp,
  weekOf,
} from "../format.ts";

describe("a day on paper", () => {
  it("is read in every way it is written", () => {
    for (const text of ["20261130", "2026-11-30", "2026年11月30日", "11-30", "1130", "11月30日"])
      expect(dayWritten(text, "2026-11-23")).toBe("2026-11-30");
    expect(dayWritten("下周", "2026-11-23")).toBe("下周");
  });

  it("without a year is the nearest one", () => {
    expect(dayWritten("1-5", "2026-12-20")).toBe("2027-01-05");
    expect(dayWritten("12-28", "2027-01-03")).toBe("2026-12-28");
    expect(dayWritten("0301", "2026-12-20")).toBe("2027-03-01");
  });
});

describe("numbers", () => {
  it("group thousands and show a dash for nothing", () => {
    expect(num(45211)).toBe("45,211");
    expect(num(12.35, 1)).toBe("12.4");
    expect(num(null)).toBe("–");
    expect(num(Number.NaN)).toBe("–");
  });

  it("never round a share up to done", () => {
    expect(percent(996, 1000)).toBe("99%");
    expect(percent(0, 0)).toBe("–");
    expect(share(12, 10)).toBe(100);
    expect(share(1, 0)).toBe(0);
  });
});

describe("days", () => {
  it("move over month and leap-year ends", () => {
    expect(addDays("2028-02-28", 1)).toBe("2028-02-29");
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
    expect(daysBetween("2016-10-01", "2017-03-31")).toBe(181);
    expect(monthSpan("2026-02-14")).toEqual(["2026-02-01", "2026-02-28"]);
    expect(addMonths("2026-11-22", 2)).toBe("2027-01-01");
  });

  // Weeks from the ISO 8601 calendar: 2026 has 53 weeks, 1 January 2027 is a Friday.
  it("know their ISO week", () => {
    expect(weekOf("2026-11-22")).toBe("2026-W47");
    expect(weekOf("2026-11-23")).toBe("2026-W48");
    expect(weekOf("2027-01-01")).toBe("2026-W53");
    expect(weekOf("2027-01-04")).toBe("2027-W01");
    expect(mondayOf("2026-W48")).toBe("2026-11-23");
    expect(addWeeks("2026-W53", 1)).toBe("2027-W01");
    expect(isoWeekday("2026-11-22")).toBe(7);
    expect(mondayOf("soon")).toBe("");
  });

  it("keep the offset that the server wrote", () => {
    expect(stamp("2026-11-22T09:30:11+08:00")).toBe("2026-11-22 09:30");
    expect(stamp(null)).toBe("–");
  });
});
