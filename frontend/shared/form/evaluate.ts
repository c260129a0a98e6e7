// Answers in, judgement out, as crates/forms/src/evaluate.rs does it again for every submission. A rule that cannot
// be evaluated leans towards asking: shown, required, violated; a calculation stays absent.

import { bind, dayOf, hasAnswer, MAX_ROWS } from "./answers";
import { compile, type Expr, isAnswer, Refused, type Row, type Value } from "./cel";
import {
  type Answers,
  choiceValue,
  type Field,
  type FieldType,
  type Form,
  type Json,
  labelText,
  RULES,
  type RuleName,
} from "./model";
import { words } from "./words";

export interface Violation {
  field: string;
  message: string;
}

/** A rule that could not be evaluated with these answers. */
export interface Fault {
  field: string;
  rule: RuleName;
}

export interface Evaluation {
  /** Fields that apply, in the order of the form; in rows `members[0].age`. */
  relevant: string[];
  missing: string[];
  violations: Violation[];
  calculated: { [field: string]: Json };
  score: number;
  faults: Fault[];
  /** The answers to keep: relevant, readable, not calculated. */
  accepted: Answers;
}

interface Node {
  name: string;
  type: FieldType;
  options: string[];
  parent: number | undefined;
  rules: Partial<Record<RuleName, Expr>>;
  points: ReadonlyMap<string, number>;
  message: string;
  rows: Compiled | undefined;
}

export interface Compiled {
  nodes: Node[];
  /** What is read comes before what reads it. */
  order: number[];
}

/** Compiles a published form; throws `Refused` for one that the server would not have published. */
export function compileForm(form: Form): Compiled {
  return level(form.fields);
}

function level(fields: readonly Field[]): Compiled {
  const nodes: Node[] = [];
  flatten(fields, undefined, nodes);
  return { nodes, order: ordered(nodes) };
}

function flatten(fields: readonly Field[], parent: number | undefined, nodes: Node[]): void {
  for (const field of fields) {
    const rules: Node["rules"] = {};
    for (const rule of RULES) if (field[rule] !== undefined) rules[rule] = compile(String(field[rule]));
    const options = field.options ?? [];
    const points = options.flatMap((o): [string, number][] =>
      typeof o === "string" || o.score === undefined ? [] : [[o.value, o.score]],
    );
    const index = nodes.push({
      name: field.name,
      type: field.type,
      options: options.map(choiceValue),
      parent,
      rules,
      points: new Map(points),
      message: field.message === undefined ? words.constraint : labelText(field.message),
      rows: field.type === "repeat" ? level(field.fields ?? []) : undefined,
    });
    if (field.type === "group") flatten(field.fields ?? [], index - 1, nodes);
  }
}

/** What must be known before this node's value is. */
function reads(node: Node, index: ReadonlyMap<string, number>): number[] {
  const exprs = [node.rules.relevant, node.rules.calculate];
  for (const row of node.rows?.nodes ?? []) exprs.push(...Object.values(row.rules));
  const found = new Set<number>(node.parent === undefined ? [] : [node.parent]);
  for (const name of exprs.flatMap((e) => [...(e?.names ?? [])])) {
    const i = index.get(name);
    if (i !== undefined) found.add(i);
  }
  return [...found];
}

function ordered(nodes: readonly Node[]): number[] {
  const index = new Map(nodes.map((n, i) => [n.name, i]));
  const state = new Map<number, "open" | "done">();
  const order: number[] = [];
  const visit = (i: number): void => {
    if (state.get(i) === "done") return;
    if (state.get(i) === "open") throw new Refused();
    state.set(i, "open");
    const node = nodes[i];
    if (node) for (const next of reads(node, index)) visit(next);
    state.set(i, "done");
    order.push(i);
  };
  nodes.forEach((_, i) => {
    visit(i);
  });
  return order;
}

type State =
  | { is: "irrelevant" | "empty" | "null" | "answered" | "calculated" }
  | { is: "bad"; message: string }
  | { is: "rows"; rows: Evaluation[] };

/** Judges one set of answers on the day `today` (`YYYY-MM-DD`). */
export function evaluate(form: Compiled, answers: Answers, today: string): Evaluation {
  const day = dayOf(today);
  if (!day) throw new RangeError("today must be YYYY-MM-DD");
  const run = new Run(form, answers, new Map(), day);
  const out = run.judge();
  const scored = form.nodes.find((n) => n.name === "score" && n.rules.calculate);
  const value = run.values.get("score");
  const counts = (typeof value === "bigint" || typeof value === "number") && "score" in out.calculated;
  if (scored) out.score = counts ? Number(value) : 0;
  out.faults = sortedFaults(out.faults);
  return out;
}

function sortedFaults(faults: readonly Fault[]): Fault[] {
  const byKey = new Map(faults.map((f) => [`${f.field} ${f.rule}`, f]));
  return [...byKey.keys()].sort().map((key) => byKey.get(key) as Fault);
}

class Run {
  private readonly states: State[] = [];
  private readonly faults: Fault[] = [];

  constructor(
    private readonly form: Compiled,
    private readonly answers: Answers,
    readonly values: Map<string, Value>,
    private readonly today: Date,
  ) {}

  judge(): Evaluation {
    for (const i of this.form.order) {
      const node = this.form.nodes[i];
      if (node) this.states[i] = this.settle(node);
    }
    return this.report();
  }

  private value(node: Node, rule: RuleName, read: (value: Value) => Value | undefined): Value | undefined {
    const expr = node.rules[rule];
    if (!expr) return undefined;
    const found = expr.evaluate({ values: this.values, today: this.today });
    const value = found === undefined ? undefined : read(found);
    if (value === undefined) this.faults.push({ field: node.name, rule });
    return value;
  }

  private truth(node: Node, rule: RuleName, whenUnknown: boolean, whenNone: boolean): boolean {
    if (!node.rules[rule]) return whenNone;
    const value = this.value(node, rule, (v) => (typeof v === "boolean" ? v : undefined));
    return value === undefined ? whenUnknown : value === true;
  }

  /** Relevance and value of one node; everything it reads is settled. */
  private settle(node: Node): State {
    const inside = node.parent === undefined || this.states[node.parent]?.is !== "irrelevant";
    if (!inside || !this.truth(node, "relevant", true, true)) return { is: "irrelevant" };
    if (node.rules.calculate) return this.calculate(node);
    if (!hasAnswer(node.type)) return { is: "empty" };
    if (node.rows) return this.rows(node, node.rows);
    const bound = bind(node.type, node.options, own(this.answers, node.name));
    if (bound.is === "absent") return { is: "empty" };
    if (bound.is !== "value") return bound;
    this.values.set(node.name, bound.value);
    return { is: isAnswer(bound.value) ? "answered" : "empty" };
  }

  private calculate(node: Node): State {
    const value = this.value(node, "calculate", (v) => asDeclared(node.type, v));
    if (value !== undefined) this.values.set(node.name, value);
    return { is: "calculated" };
  }

  private rows(node: Node, inner: Compiled): State {
    const answer = own(this.answers, node.name);
    if (answer === undefined) return { is: "empty" };
    if (answer === null) return { is: "null" };
    if (!Array.isArray(answer) || !answer.every(isObject)) return { is: "bad", message: words.needsRows };
    if (answer.length > MAX_ROWS) return { is: "bad", message: words.tooLong };
    const judged: Evaluation[] = [];
    const values: Row[] = [];
    for (const row of answer.filter(isObject)) {
      const run = new Run(inner, row, new Map(this.values), this.today);
      judged.push(run.judge());
      const seen: Row = Object.create(null);
      for (const { name } of inner.nodes) {
        const value = run.values.get(name);
        if (value !== undefined) seen[name] = value;
      }
      values.push(seen);
    }
    this.values.set(node.name, values);
    return judged.length === 0 ? { is: "empty" } : { is: "rows", rows: judged };
  }

  private report(): Evaluation {
    const out: Evaluation = {
      relevant: [],
      missing: [],
      violations: [],
      calculated: {},
      score: 0,
      faults: [],
      accepted: {},
    };
    this.form.nodes.forEach((node, i) => {
      const state = this.states[i];
      if (!state || state.is === "irrelevant") return;
      out.relevant.push(node.name);
      this.reportNode(node, state, out);
    });
    const known = new Set(this.form.nodes.filter((n) => hasAnswer(n.type)).map((n) => n.name));
    for (const name of Object.keys(this.answers).sort())
      if (!known.has(name)) out.violations.push({ field: name, message: words.unknownAnswer });
    out.faults.push(...this.faults);
    return out;
  }

  private reportNode(node: Node, state: State, out: Evaluation): void {
    const { name } = node;
    if (state.is === "bad") out.violations.push({ field: name, message: state.message });
    if (state.is === "null") out.violations.push({ field: name, message: words.null });
    if (state.is === "empty" || state.is === "null") {
      if (hasAnswer(node.type) && this.truth(node, "required", true, false)) out.missing.push(name);
      return;
    }
    if (state.is === "rows") mergeRows(name, state.rows, out);
    if (state.is === "answered") out.accepted[name] = own(this.answers, name) as Json;
    const value = this.values.get(name);
    if (state.is === "calculated" && value !== undefined) out.calculated[name] = toJson(value);
    if (state.is === "bad" || value === undefined) return;
    if (!this.truth(node, "constraint", false, true))
      out.violations.push({ field: name, message: node.message });
    out.score += this.points(node, value);
  }

  private points(node: Node, value: Value): number {
    const chosen = new Set(Array.isArray(value) ? value : [value]);
    let points = 0;
    for (const option of chosen) if (typeof option === "string") points += node.points.get(option) ?? 0;
    const own = this.value(node, "score", (v) => (typeof v === "bigint" ? v : undefined));
    return points + Number(own ?? 0);
  }
}

/** Answers are foreign objects: only what they themselves hold counts. */
function own(answers: Answers, name: string): Json | undefined {
  return Object.hasOwn(answers, name) ? answers[name] : undefined;
}

function isObject(value: Json): value is Answers {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A calculated value as its field's type. */
function asDeclared(type: FieldType, value: Value): Value | undefined {
  switch (type) {
    case "decimal":
      if (typeof value === "bigint") return Number(value);
      return typeof value === "number" && Number.isFinite(value) ? value : undefined;
    case "integer":
    case "money":
      return typeof value === "bigint" ? value : undefined;
    case "date":
      return value instanceof Date ? value : undefined;
    case "many":
      return Array.isArray(value) && value.every((v) => typeof v === "string") ? value : undefined;
    case "one":
    case "text":
    case "time":
    case "customer":
      return typeof value === "string" ? value : undefined;
    default:
      return undefined;
  }
}

/** Days as `YYYY-MM-DD`, whole numbers as JSON numbers. */
export function toJson(value: Value): Json {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, toJson(v)]));
  return value;
}

/** Names of fields in rows carry the row. */
function mergeRows(name: string, rows: readonly Evaluation[], out: Evaluation): void {
  rows.forEach((row, i) => {
    const path = (field: string) => `${name}[${i}].${field}`;
    out.relevant.push(...row.relevant.map(path));
    out.missing.push(...row.missing.map(path));
    out.violations.push(...row.violations.map((v) => ({ ...v, field: path(v.field) })));
    for (const [field, value] of Object.entries(row.calculated)) out.calculated[path(field)] = value;
    out.faults.push(...row.faults.map((f) => ({ ...f, field: path(f.field) })));
    out.score += row.score;
  });
  out.accepted[name] = rows.map((row) => row.accepted);
}
