import { expect, test } from "vitest";
import { fenOf, moved, newItem, pasted, pasteInto, placeOf, yuanOf } from "../api/draft.ts";
import type { FormField, FormSection } from "../api/types.ts";

const words = { zh: "", en: "" };
const field = (key: string, kind: FormField["kind"], required = true): FormField => ({
  key,
  kind,
  title: words,
  hint: words,
  unit: "",
  requirements: [],
  origin: "source",
  required,
  low: null,
  high: null,
  choices: [],
  open: false,
  from_section: null,
});
const section = (key: string, list: boolean, fields: FormField[]): FormSection => ({
  key,
  title: words,
  hint: words,
  list,
  required: true,
  fields,
});
const sections = [
  section("program", false, [field("title", "text")]),
  section("phase", true, [field("title", "text"), field("start", "day"), field("kinds", "list")]),
  section("collection", false, [field("outlets", "branches", false)]),
  section("parameters.must_visit", false, [field("deposit_min_fen", "money", false)]),
];
const definition = { program: {}, phase: [{ id: "a" }, { id: "ab" }] };

test("money is typed in yuan and stored in whole fen", () => {
  expect(fenOf(0.2)).toBe(20);
  expect(fenOf(0.29)).toBe(29);
  expect(fenOf(1000)).toBe(100_000);
  expect(yuanOf(10)).toBe(0.1);
  expect(fenOf(null)).toBeNull();
});

test("a fault of the file finds its field, by id and by number", () => {
  const at = (path: string) => placeOf(path, sections, definition);
  expect(at("phase.ab.start")).toEqual({ section: "phase", item: 1, field: "start" });
  expect(at("phase.a")).toEqual({ section: "phase", item: 0, field: null });
  expect(at("phase[2].kinds[1]")).toEqual({ section: "phase", item: 1, field: "kinds" });
  expect(at("phase")).toEqual({ section: "phase", item: null, field: null });
  expect(at("collection.outlets.420101")).toEqual({ section: "collection", item: null, field: "outlets" });
  expect(at("parameters.must_visit.deposit_min_fen")?.field).toBe("deposit_min_fen");
  expect(at("name")).toEqual({ section: "program", item: null, field: "title" });
  expect(at("nowhere.x")).toBeNull();
});

test("a column of a spreadsheet fills downwards; codes and names find their branch", () => {
  const targets = ["1", "2", "3"].map((code) => ({ code, name: `支局${code}` }));
  expect(pasteInto({}, targets, 1, pasted("2,600\r\n1800\r\n"))).toEqual({
    plans: { "2": 2600, "3": 1800 },
    filled: 2,
    unknown: [],
  });
  const named = pasteInto({ "1": 5 }, targets, 0, pasted("网点\t条数\n3\t30\n支局2\t20\n9\t90"));
  expect(named).toEqual({ plans: { "1": 5, "2": 20, "3": 30 }, filled: 2, unknown: ["9"] });
});

test("what is no number stays out and keeps its row", () => {
  const targets = ["1", "2"].map((code) => ({ code, name: code }));
  expect(pasteInto({}, targets, 0, pasted("合计\n40")).plans).toEqual({ "2": 40 });
});

test("a new item has an id of its own and nothing else", () => {
  const phase = sections[1] as FormSection;
  expect(newItem(phase, [{ id: "phase-2" }])).toEqual({ id: "phase-3", title: null, start: null, kinds: [] });
});

test("moving beyond the end changes nothing", () => {
  expect(moved(["a", "b", "c"], 0, 1)).toEqual(["b", "a", "c"]);
  expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
  expect(moved(["a", "b"], 1, 1)).toEqual(["a", "b"]);
});
