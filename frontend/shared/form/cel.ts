// One compiled expression: the language of crates/expr on top of cel-js. Values come in typed (bigint, number,
// string, boolean, Date at midnight UTC, lists, rows); absent means not answered. Our functions and those whose
// edge cases differ between engines are renamed in the tree to the ones registered here.

import { type ASTNode, Environment } from "@marcbachmann/cel-js";
import { portable } from "./pattern";

export type Value = boolean | bigint | number | string | Date | Value[] | Row;
export type Row = { [name: string]: Value };

/** What an expression may read. */
export interface Scope {
  values: ReadonlyMap<string, Value>;
  today: Date;
}

export class Refused extends Error {}

export interface Expr {
  names: ReadonlySet<string>;
  /** Undefined when there is no value. */
  evaluate(scope: Scope): Value | undefined;
}

const MAX_TEXT = 2000;
const MAX_LOOPS = 3;
const MAX_TURNS = 100_000;
const DAY_MS = 86_400_000;
const MAX_INT = 9223372036854775807n;
const LOOPS = new Set(["all", "exists", "exists_one", "filter"]);
const FUNCTIONS = new Set(
  (
    "has size startsWith endsWith contains matches timestamp duration int double string dyn getFullYear getMonth " +
    "getDate getDayOfMonth getDayOfWeek getHours getMinutes today answered years"
  ).split(" "),
);
const MACROS = new Set(["today", "years", "answered"]);
/** Called by the same name with our handling of the edges. */
const OURS: Readonly<Record<string, string>> = {
  today: "zfToday",
  years: "zfYears",
  int: "zfInt",
  double: "zfDouble",
  string: "zfString",
  timestamp: "zfTimestamp",
  matches: "zfMatches",
};

/** Evaluation is synchronous, so the scope of the running one can stand here. */
let running: Scope = { values: new Map(), today: new Date(0) };

/** The same value as an answer: not blank, not empty. */
export function isAnswer(value: Value | undefined): boolean {
  if (value === undefined) return false;
  if (typeof value === "string") return !isBlank(value);
  return !Array.isArray(value) || value.length > 0;
}

export const isBlank = (text: string): boolean => /^\p{White_Space}*$/u.test(text);

function fail(): never {
  throw new Refused();
}

/** The parts of cel-js's macro interface that `answered` uses. */
interface Evaluator {
  run(node: ASTNode, context: unknown): Value;
}
interface Checker {
  check(node: ASTNode, context: unknown): unknown;
  getType(name: string): unknown;
}

/** `answered(x)` must not read `x`, which may be absent. */
function answeredMacro({ args }: { args: ASTNode[] }) {
  const node = args[0];
  return {
    typeCheck: (checker: Checker, _macro: unknown, context: unknown) => {
      if (node?.op === ".") checker.check(node.args[0], context);
      return checker.getType("bool");
    },
    evaluate: (evaluator: Evaluator, _macro: unknown, context: unknown): boolean => {
      if (node?.op === "id") return isAnswer(running.values.get(node.args));
      if (node?.op !== ".") return fail();
      const row = evaluator.run(node.args[0], context);
      if (typeof row !== "object" || Array.isArray(row) || row instanceof Date) return fail();
      return row[node.args[1]] !== undefined;
    },
  };
}

function wholeFromText(text: string): bigint {
  if (!/^[+-]?\d{1,19}$/.test(text)) return fail();
  const value = BigInt(text.replace(/^\+/, ""));
  return value <= MAX_INT && value >= -MAX_INT - 1n ? value : fail();
}

function wholeFromDouble(value: number): bigint {
  const whole = Math.trunc(value);
  return Math.abs(whole) < 2 ** 63 ? BigInt(whole) : fail();
}

const doubleFromText = (text: string): number =>
  /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : fail();

function moment(text: string): Date {
  if (!/^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(text)) return fail();
  const at = new Date(text.toUpperCase());
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  const exists = !Number.isNaN(at.getTime()) && day.toISOString().slice(0, 10) === text.slice(0, 10);
  return exists ? at : fail();
}

function yearsSince(from: Date): bigint {
  const { today } = running;
  const had =
    today.getUTCMonth() > from.getUTCMonth() ||
    (today.getUTCMonth() === from.getUTCMonth() && today.getUTCDate() >= from.getUTCDate());
  return BigInt(today.getUTCFullYear() - from.getUTCFullYear() - (had ? 0 : 1));
}

const MOMENT = "google.protobuf.Timestamp";
const environment = new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false })
  .registerFunction("answered(ast): bool", answeredMacro)
  .registerFunction(`zfToday(): ${MOMENT}`, () => running.today)
  .registerFunction(`zfYears(${MOMENT}): int`, yearsSince)
  .registerFunction("zfInt(int): int", (v: bigint) => v)
  .registerFunction("zfInt(double): int", wholeFromDouble)
  .registerFunction("zfInt(string): int", wholeFromText)
  .registerFunction(`zfInt(${MOMENT}): int`, (v: Date) => BigInt(Math.floor(v.getTime() / 1000)))
  .registerFunction("zfDouble(int): double", (v: bigint) => Number(v))
  .registerFunction("zfDouble(double): double", (v: number) => v)
  .registerFunction("zfDouble(string): double", doubleFromText)
  .registerFunction("zfString(string): string", (v: string) => v)
  .registerFunction("zfString(int): string", (v: bigint) => `${v}`)
  .registerFunction("zfString(bool): string", (v: boolean) => `${v}`)
  .registerFunction("zfString(double): string", (v: number) => `${v}`)
  .registerFunction(`zfString(${MOMENT}): string`, (v: Date) => v.toISOString().replace(".000Z", "Z"))
  .registerFunction(`zfTimestamp(string): ${MOMENT}`, moment)
  .registerFunction(`zfTimestamp(${MOMENT}): ${MOMENT}`, (v: Date) => v)
  .registerFunction("string.zfMatches(string): bool", (text: string, pattern: string) =>
    (portable(pattern) ?? fail()).test(text),
  );

/** The same part without a type before evaluation. */
function untyped(part: ASTNode): ASTNode {
  const { ast } = environment.parse("dyn(0)");
  if (ast.op === "call") ast.args[1][0] = part;
  return ast;
}

/** One walk over the tree as written: refuses, renames, collects. */
class Survey {
  readonly names = new Set<string>();
  loops = 0;
  longest = 0;
  private readonly bound: string[] = [];
  private inside = 0;

  visit(node: ASTNode): void {
    switch (node.op) {
      case "value":
        break;
      case "id":
        if (!this.bound.includes(node.args)) this.names.add(node.args);
        break;
      case ".":
        this.visit(node.args[0]);
        break;
      case "call":
        this.call(node.args, undefined, node.args[1]);
        break;
      case "rcall":
        this.call(node.args, node.args[1], node.args[2]);
        break;
      case "list":
        this.longest = Math.max(this.longest, node.args.length);
        this.all(node.args);
        break;
      case "map":
        this.all(node.args.flat());
        break;
      case "!_":
      case "-_":
        this.visit(node.args);
        break;
      case ".?":
      case "[?]":
        fail();
        break;
      case "?:":
        this.all(node.args);
        // Branches of two types are an error to cel-js, to the specification's evaluation they are not.
        node.args[1] = untyped(node.args[1]);
        node.args[2] = untyped(node.args[2]);
        break;
      default:
        this.all(node.args);
    }
  }

  private all(nodes: readonly ASTNode[]): void {
    for (const node of nodes) this.visit(node);
  }

  /** `named[0]` is the name of the function and is replaced by that of ours. */
  private call(named: { 0: string }, target: ASTNode | undefined, args: ASTNode[]): void {
    const name = named[0];
    if (target) this.visit(target);
    if (target && LOOPS.has(name) && args.length === 2) {
      this.loop(args);
      return;
    }
    if (!FUNCTIONS.has(name)) fail();
    if (name === "matches" && !isPattern(target, args)) fail();
    if (name === "answered" && args[0]?.op !== "id" && args[0]?.op !== ".") fail();
    const most = name === "today" ? 0 : 1;
    if (MACROS.has(name) && (target || args.length !== most)) fail();
    this.all(args);
    named[0] = OURS[name] ?? name;
  }

  private loop(args: ASTNode[]): void {
    const [item, body] = args;
    if (item?.op !== "id" || !body) throw new Refused();
    this.inside += 1;
    this.loops = Math.max(this.loops, this.inside);
    if (this.loops > MAX_LOOPS) fail();
    this.bound.push(item.args);
    this.visit(body);
    this.bound.pop();
    this.inside -= 1;
  }
}

function isPattern(target: ASTNode | undefined, args: ASTNode[]): boolean {
  const pattern = args[0];
  if (!target || args.length !== 1 || pattern?.op !== "value") return false;
  return typeof pattern.args === "string" && portable(pattern.args) !== null;
}

/** Elements of the longest list in a value; rows count with the lists in them. */
function longest(value: Value | undefined): number {
  if (Array.isArray(value))
    return value.reduce<number>((most, v) => Math.max(most, longest(v)), value.length);
  if (typeof value !== "object" || value instanceof Date) return 0;
  return Object.values(value).reduce<number>((most, v) => Math.max(most, longest(v)), 0);
}

/** What counts as a value of ours; a moment within a day, a duration or null does not. */
function result(value: unknown): Value | undefined {
  switch (typeof value) {
    case "boolean":
    case "number":
    case "string":
      return value;
    case "bigint":
      return value <= MAX_INT && value >= -MAX_INT - 1n ? value : undefined;
  }
  if (value instanceof Date) return value.getTime() % DAY_MS === 0 ? value : undefined;
  if (!Array.isArray(value)) return undefined;
  const items = value.map(result);
  return items.some((item) => item === undefined) ? undefined : (items as Value[]);
}

/** Compiles one expression. Throws `Refused` for what is outside of the language. */
export function compile(text: string): Expr {
  if ([...text].length > MAX_TEXT) fail();
  let parsed: ReturnType<Environment["parse"]>;
  try {
    parsed = environment.parse(text);
  } catch {
    return fail();
  }
  const survey = new Survey();
  survey.visit(parsed.ast);
  return {
    names: survey.names,
    evaluate(scope) {
      const context: Row = Object.create(null);
      let most = survey.longest;
      for (const name of survey.names) {
        const value = scope.values.get(name);
        if (value === undefined) continue;
        context[name] = value;
        most = Math.max(most, longest(value));
      }
      if (most ** survey.loops > MAX_TURNS) return undefined;
      running = scope;
      try {
        return result(parsed(context));
      } catch {
        return undefined;
      }
    },
  };
}
