// @vitest-environment node
// Random forms with random answers: this engine and the server's say the same. The committed sample always; with
// ZF_AGREE=path of the built example `agree` and ZF_AGREE_COUNT, fresh ones from ZF_AGREE_SEED on.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compileForm, type Evaluation, evaluate } from "./evaluate";
import type { Answers, Field, Form } from "./model";

interface Line {
  form: Form;
  answers: Answers;
  today: string;
  result: Omit<Evaluation, "faults"> & { faults: string[] };
}

const read = (text: string): Line[] =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const sample = read(readFileSync(new URL("../../../conformance/agreement.jsonl", import.meta.url), "utf8"));

function judge({ form, answers, today }: Line): Line["result"] {
  const { faults, ...rest } = evaluate(compileForm(form), answers, today);
  return { ...rest, faults: faults.map((f) => `${f.field} ${f.rule}`) };
}

/** Lines on which the two differ, with a control that changes the form first. */
function differing(lines: Line[], control: (form: Form) => Form = (form) => form): number {
  return lines.filter((line) => {
    const got = judge({ ...line, form: control(structuredClone(line.form)) });
    return JSON.stringify(ordered(got)) !== JSON.stringify(ordered(line.result));
  }).length;
}

/** Keys of objects have no order. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([k, v]) => [k, ordered(v)]));
}

function everywhere(form: Form, change: (field: Field) => void): Form {
  const visit = (fields: Field[]): void => {
    for (const field of fields) {
      change(field);
      visit(field.fields ?? []);
    }
  };
  visit(form.fields);
  return form;
}

describe("the two engines", () => {
  it("agree on the committed sample", () => {
    expect(sample.length).toBe(300);
    for (const line of sample) {
      expect.soft(judge(line), JSON.stringify(line.form) + JSON.stringify(line.answers)).toEqual(line.result);
    }
  });

  it("are seen to differ when one of them is broken", () => {
    expect(differing(sample)).toBe(0);
    const withoutRelevance = (form: Form) =>
      everywhere(form, (f) => {
        delete f.relevant;
      });
    const strict = (form: Form) =>
      everywhere(form, (f) => {
        if (typeof f.constraint === "string") f.constraint = f.constraint.replaceAll("<=", "<");
      });
    const withoutPoints = (form: Form) =>
      everywhere(form, (f) => {
        delete f.score;
      });
    for (const broken of [withoutRelevance, strict, withoutPoints])
      expect(differing(sample, broken)).toBeGreaterThan(0);
    expect(differing(sample.map((line) => ({ ...line, today: "2026-11-22" })))).toBeGreaterThan(0);
  });

  const { ZF_AGREE, ZF_AGREE_SEED = "2", ZF_AGREE_COUNT = "2000" } = process.env;
  it.runIf(ZF_AGREE)(
    `agree on ${ZF_AGREE_COUNT} fresh forms from seed ${ZF_AGREE_SEED}`,
    () => {
      const out = execFileSync(String(ZF_AGREE), [ZF_AGREE_SEED, ZF_AGREE_COUNT], { maxBuffer: 2 ** 30 });
      const lines = read(out.toString());
      expect(lines.length).toBe(Number(ZF_AGREE_COUNT));
      for (const line of lines) {
        expect
          .soft(judge(line), JSON.stringify(line.form) + JSON.stringify(line.answers))
          .toEqual(line.result);
      }
    },
    600_000,
  );
});
