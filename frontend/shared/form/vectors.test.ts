// @vitest-environment node
// The vectors of conformance/cel.json, as cargo test runs them.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compile, type Row, type Value } from "./cel";
import { compileForm, evaluate } from "./evaluate";
import type { Answers, Form, Json } from "./model";

interface Vectors {
  today: string;
  expressions: {
    expr: string;
    vars?: { [name: string]: Json };
    is?: Json;
    error?: true;
    refused?: true;
  }[];
  forms: {
    name: string;
    form: Form;
    cases: {
      answers: Answers;
      relevant: string[];
      missing: string[];
      violations: { field: string; message: string }[];
      calculated: { [field: string]: Json };
      score: number;
      faults: string[];
    }[];
  }[];
}

const vectors: Vectors = JSON.parse(
  readFileSync(new URL("../../../conformance/cel.json", import.meta.url), "utf8"),
);

/** A value as the vectors write it. */
function bind(json: Json): Value {
  if (typeof json === "number") return BigInt(json);
  if (Array.isArray(json)) return json.map(bind);
  if (typeof json !== "object" || json === null) return json as string | boolean;
  if (typeof json.$decimal === "number") return json.$decimal;
  if (typeof json.$day === "string") return new Date(`${json.$day}T00:00:00Z`);
  const row: Row = {};
  for (const [name, value] of Object.entries(json)) row[name] = bind(value);
  return row;
}

/** A result as the vectors write it. */
function write(value: Value): Json {
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "number") return { $decimal: value };
  if (value instanceof Date) return { $day: value.toISOString().slice(0, 10) };
  if (Array.isArray(value)) return value.map(write);
  return value as string | boolean;
}

function outcome(expr: string, vars: { [name: string]: Json }): Json {
  let compiled: ReturnType<typeof compile>;
  try {
    compiled = compile(expr);
  } catch {
    return "refused";
  }
  const values = new Map(Object.entries(vars).map(([name, value]) => [name, bind(value)]));
  const value = compiled.evaluate({ values, today: new Date(`${vectors.today}T00:00:00Z`) });
  return value === undefined ? "error" : { is: write(value) };
}

describe("the shared vectors", () => {
  it("there are at least 300 expressions and 100 answered forms", () => {
    expect(vectors.expressions.length).toBeGreaterThanOrEqual(300);
    expect(vectors.forms.flatMap((f) => f.cases).length).toBeGreaterThanOrEqual(100);
  });

  it("every expression gives the value of the CEL specification", () => {
    for (const v of vectors.expressions) {
      const want: Json = v.refused ? "refused" : v.error ? "error" : { is: v.is ?? null };
      expect.soft(outcome(v.expr, v.vars ?? {}), `${v.expr} with ${JSON.stringify(v.vars)}`).toEqual(want);
    }
  });

  it.each(vectors.forms)("$name", ({ form, cases }) => {
    const compiled = compileForm(form);
    for (const { answers, ...want } of cases) {
      const { accepted, faults, ...got } = evaluate(compiled, answers, vectors.today);
      const judged = { ...got, faults: faults.map((f) => `${f.field} ${f.rule}`) };
      expect.soft(judged, JSON.stringify(answers)).toEqual(want);
    }
  });
});
