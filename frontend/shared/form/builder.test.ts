// @vitest-environment node
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { describe, expect, it } from "vitest";
import {
  type Condition,
  fits,
  fromCel,
  type Operand,
  operatorsOf,
  type Row,
  sentence,
  toCel,
} from "./builder";
import { compile } from "./cel";
import { diff } from "./diff";
import { compileForm, evaluate } from "./evaluate";
import { type Field, type FieldType, type Form, walk } from "./model";
import { samples } from "./samples";

const packs = new URL("../../../packs/household-visit/forms/", import.meta.url);
const packForms: Form[] = readdirSync(packs).map((name) =>
  JSON.parse(readFileSync(new URL(name, packs), "utf8")),
);

const FIELDS: Field[] = [
  {
    name: "outcome",
    type: "one",
    label: "见面情况",
    options: ["self", "family", { value: "absent", label: "不在家" }],
  },
  {
    name: "needs",
    type: "many",
    label: { zh: "聊到的需要", en: "Needs" },
    options: ["deposit", { value: "farm_loan", label: { zh: "惠农贷", en: "Farm loan" } }],
  },
  { name: "amount", type: "money", label: "金额" },
  { name: "people", type: "integer", label: "人数" },
  { name: "rate", type: "decimal", label: "利率" },
  { name: "next", type: "date", label: "下次" },
  { name: "remark", type: "text", label: "备注" },
  { name: "at", type: "time" },
  { name: "who", type: "customer" },
  { name: "pic", type: "photo" },
  { name: "place", type: "location" },
  { name: "sign", type: "signature" },
  { name: "members", type: "repeat", fields: [{ name: "age", type: "integer" }] },
];
const fields = new Map(FIELDS.map((f) => [f.name, f]));
const types = new Map(FIELDS.map((f) => [f.name, f.type]));

/** Mulberry32. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

function operand(
  row: { field: string; operator: string },
  type: FieldType,
  roll: (n: number) => number,
): Operand {
  if (row.operator === "answered" || row.operator === "unanswered") return undefined;
  if (row.operator.startsWith("size_")) return roll(5);
  const options = row.field === "outcome" ? ["self", "family", "absent"] : ["deposit", "farm_loan"];
  if (row.operator === "any_of" || row.operator === "none_of") return options.slice(0, 1 + roll(2));
  if (type === "one" || type === "many") return options[roll(2)];
  if (type === "date") return ["today", "2026-11-21", "2028-02-29"][roll(3)];
  if (type === "decimal") return [0, -1, 2.5, 0.1][roll(4)];
  if (type === "integer" || type === "money") return roll(2000) - 500;
  return ["", "王", "it's", "a\\b", "two\nlines", "18:30"][roll(6)];
}

function randomRow(roll: (n: number) => number): Row {
  const { name, type } = FIELDS[roll(FIELDS.length)] as Field;
  const operators = operatorsOf(type);
  const operator = operators[roll(operators.length)] ?? "answered";
  const value = operand({ field: name, operator }, type, roll);
  const bare = value !== undefined && roll(3) === 0;
  return { field: name, operator, ...(value === undefined ? {} : { value }), ...(bare ? { bare } : {}) };
}

/** "Answered" before a bare test of the same field is written like one guarded row. */
function sameInOneRow({ rows }: Condition): boolean {
  return rows.some((row, i) => {
    if ("join" in row) return sameInOneRow(row);
    const next = rows[i + 1];
    return row.operator === "answered" && next && "field" in next && next.bare && next.field === row.field;
  });
}

describe("rules as rows", () => {
  it("are the CEL that a person would write", () => {
    const cases: [Condition, string][] = [
      [
        { join: "and", rows: [{ field: "needs", operator: "includes", value: "farm_loan" }] },
        "answered(needs) && 'farm_loan' in needs",
      ],
      [
        {
          join: "and",
          rows: [{ field: "outcome", operator: "any_of", value: ["self", "family"], bare: true }],
        },
        "outcome in ['self', 'family']",
      ],
      [
        {
          join: "or",
          rows: [
            { field: "people", operator: "gt", value: 3 },
            { field: "place", operator: "unanswered" },
          ],
        },
        "(answered(people) && people > 3) || !answered(place)",
      ],
      [
        { join: "and", rows: [{ field: "next", operator: "ge", value: "today", bare: true }] },
        "next >= today()",
      ],
      [{ join: "and", rows: [{ field: "rate", operator: "lt", value: 3, bare: true }] }, "rate < 3.0"],
      [
        { join: "and", rows: [{ field: "remark", operator: "size_le", value: 200, bare: true }] },
        "size(remark) <= 200",
      ],
      [{ join: "and", rows: [] }, "true"],
    ];
    for (const [condition, cel] of cases) {
      expect(toCel(condition, types)).toBe(cel);
      expect(fromCel(cel)).toEqual(condition);
    }
  });

  it("come back from CEL as they went, 2,000 random ones", () => {
    const roll = dice(1);
    for (let n = 0; n < 2000; n++) {
      const rows = Array.from({ length: 1 + roll(4) }, () => randomRow(roll));
      const join = rows.length === 1 ? "and" : (["and", "or"] as const)[roll(2)];
      const condition: Condition = { join: join ?? "and", rows };
      if (roll(3) === 0) {
        const inner = Array.from({ length: 2 + roll(2) }, () => randomRow(roll));
        const other = condition.join === "and" ? "or" : "and";
        if (rows.length > 1) condition.rows.push({ join: other, rows: inner });
      }
      if (sameInOneRow(condition)) continue;
      const cel = toCel(condition, types);
      expect(fromCel(cel), cel).toEqual(condition);
      expect(() => compile(cel), cel).not.toThrow();
      expect(fits(condition, fields)).toBe(true);
    }
  });

  it("leave what rows cannot say as text", () => {
    for (const cel of [
      "a + 1 > 2",
      "members.exists(m, m.age > 60)",
      "years(birth) >= 18",
      "a ==",
      "a ? b : c",
      "size(a) == 2",
    ])
      expect(fromCel(cel), cel).toBeNull();
  });

  it("know which fields and options there are", () => {
    const row = (r: Row): Condition => ({ join: "and", rows: [r] });
    expect(fits(row({ field: "nobody", operator: "answered" }), fields)).toBe(false);
    expect(fits(row({ field: "needs", operator: "includes", value: "gold" }), fields)).toBe(false);
    expect(fits(row({ field: "needs", operator: "lt", value: 3 }), fields)).toBe(false);
  });

  it("are sentences in both languages", () => {
    const loan: Condition = {
      join: "and",
      rows: [{ field: "needs", operator: "includes", value: "farm_loan" }],
    };
    expect(sentence(loan, fields, "relevant")).toBe("当［聊到的需要］包含［惠农贷］时显示");
    expect(sentence(loan, fields, "relevant", "en")).toBe("Shown when [Needs] includes [Farm loan]");
    const both = fromCel("amount > 0 && amount <= 30000000");
    expect(both && sentence(both, fields, "constraint")).toBe(
      "要求［金额］大于 0 元，而且［金额］不超过 300000 元",
    );
    const either = fromCel("!answered(place) || (answered(outcome) && outcome in ['self', 'absent'])");
    expect(either && sentence(either, fields, "required")).toBe(
      "当［place］没有回答，或者［见面情况］是［self］、［不在家］之一时必填",
    );
    expect(sentence({ join: "and", rows: [] }, fields, "required")).toBe("必填");
  });

  it("read the rules of the forms that are delivered", () => {
    const unread: string[] = [];
    for (const form of packForms)
      for (const field of walk(form.fields))
        for (const rule of ["relevant", "required", "constraint"] as const) {
          const text = field[rule];
          if (typeof text !== "string") continue;
          const rows = fromCel(text);
          const own = new Map([...walk(form.fields)].map((f) => [f.name, f.type]));
          if (rows) expect(fromCel(toCel(rows, own))).toEqual(rows);
          else unread.push(`${field.name}.${rule}`);
        }
    expect(unread).toEqual([
      "phone.constraint",
      "id_number.constraint",
      "member_phone.constraint",
      "wrong.constraint",
      "traces.constraint",
    ]);
  });
});

describe("two versions of a form", () => {
  const form = (fields: Field[]): Form => ({ id: "f", version: 1, fields });
  const a: Field = { name: "a", type: "text", label: "甲" };
  const b: Field = { name: "b", type: "one", options: ["x", "y"] };
  const c: Field = { name: "c", type: "integer" };

  it("differ in nothing when they are the same", () => {
    for (const f of packForms) expect(diff(f, structuredClone(f))).toEqual([]);
  });

  it("name what was added, removed, moved and changed", () => {
    expect(diff(form([a, b]), form([a, c, b]))).toEqual([{ is: "added", field: "c", after: "a" }]);
    expect(diff(form([a, b]), form([b]))).toEqual([{ is: "removed", field: "a" }]);
    expect(diff(form([a, b, c]), form([c, a, b]))).toEqual([{ is: "moved", field: "c", after: undefined }]);
    expect(diff(form([a]), form([{ ...a, label: "乙", required: true }]))).toEqual([
      {
        is: "changed",
        field: "a",
        changes: [
          { what: "label", from: "甲", to: "乙" },
          { what: "required", from: undefined, to: "true" },
        ],
      },
    ]);
    expect(diff(form([b]), form([{ ...b, options: ["y", { value: "z", label: "丙" }] }]))).toEqual([
      {
        is: "changed",
        field: "b",
        changes: [
          { what: "options", from: "x", to: undefined },
          { what: "options", from: undefined, to: '{"value":"z","label":"丙"}' },
        ],
      },
    ]);
    expect(diff(form([a, b]), form([b, { name: "g", type: "group", fields: [a] }]))).toEqual([
      { is: "added", field: "g", after: "b" },
      { is: "moved", field: "a", after: "g" },
      { is: "changed", field: "a", changes: [{ what: "group", from: undefined, to: "g" }] },
    ]);
  });
});

describe("answers to try a form with", () => {
  it("are readable by every delivered form, from empty to the edges", () => {
    for (const form of packForms) {
      const compiled = compileForm(form);
      const tried = samples(form, "2026-11-21");
      expect(tried.map((s) => s.name)).toEqual(["empty", "filled", "low", "high"]);
      const results = tried.map((s) => evaluate(compiled, s.answers, "2026-11-21"));
      expect(results[0]?.missing.length).toBeGreaterThan(0);
      const unread = results.flatMap((r) => r.violations).filter((v) => v.message.startsWith("请填日期"));
      expect(unread).toEqual([]);
    }
  });
});

describe("the engine", () => {
  it("has at most 30 KB gz with CEL, for phones on slow networks", async () => {
    const built = await build({
      logLevel: "silent",
      configFile: false,
      build: {
        write: false,
        minify: true,
        rollupOptions: {
          input: fileURLToPath(new URL("./evaluate.ts", import.meta.url)),
          preserveEntrySignatures: "strict",
        },
      },
    });
    const bundles = [built].flat().flatMap((b) => ("output" in b ? b.output : []));
    const bytes = bundles.reduce(
      (sum, o) => sum + ("code" in o ? gzipSync(o.code, { level: 9 }).length : 0),
      0,
    );
    expect(bytes).toBeGreaterThan(5_000);
    expect(bytes).toBeLessThanOrEqual(30 * 1024);
  }, 60_000);
});
