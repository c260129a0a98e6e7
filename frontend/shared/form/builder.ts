// Rules as people build them: rows of field, operator and value, joined by 而且 or 或者, to CEL and back, and into a
// sentence. A rule that rows cannot say stays text: `fromCel` gives null and the page shows the expression.

import type { ASTNode } from "@marcbachmann/cel-js";
import { Environment } from "@marcbachmann/cel-js";
import { dayOf } from "./answers";
import { choiceLabel, choiceValue, type Field, type FieldType, labelText } from "./model";
import { type RuleUse, ruleWords } from "./words";

export type Operator =
  | "answered"
  | "unanswered"
  | "is"
  | "is_not"
  | "any_of"
  | "none_of"
  | "includes"
  | "excludes"
  | "lt"
  | "le"
  | "gt"
  | "ge"
  | "size_le"
  | "size_ge";

/** Money in 分; days `YYYY-MM-DD` or `today`. */
export type Operand = string | number | string[] | undefined;

export interface Row {
  field: string;
  operator: Operator;
  value?: Operand;
  /** Without the question whether the field is answered, as limits of the field itself are written. */
  bare?: boolean;
}

export interface Condition {
  join: "and" | "or";
  rows: (Row | Condition)[];
}

const CHOICES: Operator[] = ["is", "is_not", "any_of", "none_of"];
const ORDER: Operator[] = ["is", "is_not", "lt", "le", "gt", "ge"];
const PRESENCE: Operator[] = ["answered", "unanswered"];

/** The operators that fit a field of this type. */
export function operatorsOf(type: FieldType): Operator[] {
  switch (type) {
    case "one":
      return [...PRESENCE, ...CHOICES];
    case "many":
      return [...PRESENCE, "includes", "excludes", "size_ge", "size_le"];
    case "integer":
    case "money":
    case "date":
      return [...PRESENCE, ...ORDER];
    // Numbers with decimals have no exact equal.
    case "decimal":
      return [...PRESENCE, "lt", "le", "gt", "ge"];
    case "text":
    case "time":
    case "customer":
      return [...PRESENCE, "is", "is_not", "size_ge", "size_le"];
    case "photo":
    case "repeat":
      return [...PRESENCE, "size_ge", "size_le"];
    case "signature":
    case "location":
      return PRESENCE;
    default:
      return [];
  }
}

const isCondition = (part: Row | Condition): part is Condition => "join" in part;
const COMPARED = { is: "==", is_not: "!=", lt: "<", le: "<=", gt: ">", ge: ">=" } as const;

/** The CEL of a condition; `types` gives the type of a field. */
export function toCel(condition: Condition, types: ReadonlyMap<string, FieldType>): string {
  const joint = condition.join === "and" ? " && " : " || ";
  const parts = condition.rows.map((part) => {
    const text = isCondition(part) ? toCel(part, types) : rowCel(part, types.get(part.field));
    const compound = isCondition(part) ? part.rows.length > 1 : !part.bare && part.operator in GUARDED;
    const alone = condition.rows.length === 1 || (condition.join === "and" && !isCondition(part));
    return compound && !alone ? `(${text})` : text;
  });
  return parts.length === 0 ? "true" : parts.join(joint);
}

/** Operators that read the answer and so ask first whether there is one. */
const GUARDED: Partial<Record<Operator, true>> = Object.fromEntries(
  [...CHOICES, ...ORDER, "includes", "excludes", "size_le", "size_ge"].map((operator) => [operator, true]),
);

function rowCel(row: Row, type: FieldType | undefined): string {
  const { field, operator, value } = row;
  if (operator === "answered") return `answered(${field})`;
  if (operator === "unanswered") return `!answered(${field})`;
  const test = testCel(field, operator, value, type);
  return row.bare ? test : `answered(${field}) && ${test}`;
}

function testCel(field: string, operator: Operator, value: Operand, type: FieldType | undefined): string {
  const list = Array.isArray(value) ? value : [String(value ?? "")];
  switch (operator) {
    case "any_of":
      return `${field} in [${list.map(quoted).join(", ")}]`;
    case "none_of":
      return `!(${field} in [${list.map(quoted).join(", ")}])`;
    case "includes":
      return `${quoted(String(value))} in ${field}`;
    case "excludes":
      return `!(${quoted(String(value))} in ${field})`;
    case "size_ge":
      return `size(${field}) >= ${Number(value)}`;
    case "size_le":
      return `size(${field}) <= ${Number(value)}`;
    case "answered":
    case "unanswered":
      return "true";
    default:
      return `${field} ${COMPARED[operator]} ${literal(value, type)}`;
  }
}

const quoted = (text: string): string =>
  `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", "\\n").replaceAll("\r", "\\r")}'`;

function literal(value: Operand, type: FieldType | undefined): string {
  if (type === "date") return value === "today" ? "today()" : `timestamp('${String(value)}T00:00:00Z')`;
  if (type === "decimal") return Number.isInteger(Number(value)) ? `${Number(value)}.0` : `${Number(value)}`;
  if (type === "integer" || type === "money") return `${Math.trunc(Number(value))}`;
  return quoted(String(value ?? ""));
}

const parser = new Environment({ unlistedVariablesAreDyn: true });

/** The rows of a rule, or null when rows cannot say it. */
export function fromCel(text: string): Condition | null {
  try {
    const { ast } = parser.parse(text);
    if (ast.op === "value" && ast.args === true) return { join: "and", rows: [] };
    return conditionOf(ast);
  } catch {
    return null;
  }
}

/** A chain of one operator, flat; a guarded test is one row of it. */
function conditionOf(node: ASTNode): Condition | null {
  if (node.op === "||") {
    const rows = chain(node, "||").map(partOf);
    return rows.some((row) => row === null) ? null : { join: "or", rows: rows as (Row | Condition)[] };
  }
  const rows: (Row | Condition)[] = [];
  const parts = chain(node, "&&");
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as ASTNode;
    const guard = answeredField(part);
    const test = guard === null ? null : testOf(parts[i + 1]);
    if (test !== null && test.field === guard) {
      rows.push(test);
      i += 1;
      continue;
    }
    const row = partOf(part);
    if (row === null) return null;
    rows.push(row);
  }
  return { join: "and", rows };
}

const chain = (node: ASTNode, op: "&&" | "||"): ASTNode[] =>
  node.op === op ? [...chain(node.args[0], op), ...chain(node.args[1], op)] : [node];

/** One member of a chain: a row, or a condition in brackets. */
function partOf(node: ASTNode): Row | Condition | null {
  if (node.op === "&&" || node.op === "||") {
    const inner = conditionOf(node);
    const only = inner?.rows.length === 1 ? inner.rows[0] : undefined;
    return only ?? inner;
  }
  const field = answeredField(node);
  if (field !== null) return { field, operator: "answered" };
  const denied = node.op === "!_" ? answeredField(node.args) : null;
  if (denied !== null) return { field: denied, operator: "unanswered" };
  const test = testOf(node);
  return test === null ? null : { ...test, bare: true };
}

function answeredField(node: ASTNode): string | null {
  if (node.op !== "call" || node.args[0] !== "answered" || node.args[1].length !== 1) return null;
  return fieldOf(node.args[1][0]);
}

const fieldOf = (node: ASTNode | undefined): string | null => (node?.op === "id" ? node.args : null);
const textOf = (node: ASTNode | undefined): string | null =>
  node?.op === "value" && typeof node.args === "string" ? node.args : null;

const COMPARISONS: Readonly<Record<string, Operator>> = Object.fromEntries(
  Object.entries(COMPARED).map(([operator, sign]) => [sign, operator as Operator]),
);

function testOf(node: ASTNode | undefined): Row | null {
  if (!node) return null;
  if (node.op === "!_") {
    const inner = node.args.op === "in" ? testOf(node.args) : null;
    if (inner?.operator === "any_of") return { ...inner, operator: "none_of" };
    return inner && { ...inner, operator: "excludes" };
  }
  if (node.op === "in") return membership(node.args[0], node.args[1]);
  const operator = COMPARISONS[node.op];
  if (!operator || !Array.isArray(node.args)) return null;
  const [left, right] = node.args as ASTNode[];
  const sized = left?.op === "call" && left.args[0] === "size" ? fieldOf(left.args[1][0]) : null;
  const value = right ? operandOf(right) : null;
  if (value === null) return null;
  if (sized !== null) {
    if (typeof value !== "number" || (operator !== "ge" && operator !== "le")) return null;
    return { field: sized, operator: operator === "ge" ? "size_ge" : "size_le", value };
  }
  const field = fieldOf(left);
  return field === null ? null : { field, operator, value };
}

function membership(left: ASTNode, right: ASTNode): Row | null {
  const list = fieldOf(right);
  const option = textOf(left);
  if (list !== null && option !== null) return { field: list, operator: "includes", value: option };
  const field = fieldOf(left);
  if (field === null || right.op !== "list") return null;
  const options = right.args.map(textOf);
  if (options.some((o) => o === null)) return null;
  return { field, operator: "any_of", value: options as string[] };
}

/** A literal, a negative one, `today()` or a day. */
function operandOf(node: ASTNode): string | number | null {
  if (node.op === "value") {
    if (typeof node.args === "bigint") return Number(node.args);
    return typeof node.args === "number" || typeof node.args === "string" ? node.args : null;
  }
  if (node.op === "-_") {
    const positive = operandOf(node.args);
    return typeof positive === "number" ? -positive : null;
  }
  if (node.op !== "call") return null;
  const [name, args] = node.args;
  if (name === "today" && args.length === 0) return "today";
  const moment = name === "timestamp" && args.length === 1 ? textOf(args[0]) : null;
  const day = moment?.endsWith("T00:00:00Z") ? moment.slice(0, 10) : "";
  return dayOf(day) ? day : null;
}

/** Whether the rows fit the form: known fields, operators of their types, options that exist. */
export function fits(condition: Condition, fields: ReadonlyMap<string, Field>): boolean {
  return condition.rows.every((part) => {
    if (isCondition(part)) return fits(part, fields);
    const field = fields.get(part.field);
    if (!field || !operatorsOf(field.type).includes(part.operator)) return false;
    if (field.type !== "one" && field.type !== "many") return true;
    if (part.value === undefined || typeof part.value === "number") return true;
    const options = (field.options ?? []).map(choiceValue);
    return [part.value].flat().every((value) => options.includes(value));
  });
}

/** The rule as a sentence, e.g. 当［聊到的需要］包含［惠农贷款］时显示. */
export function sentence(
  condition: Condition,
  fields: ReadonlyMap<string, Field>,
  use: RuleUse,
  language: "zh" | "en" = "zh",
): string {
  const say = ruleWords[language];
  return condition.rows.length === 0 ? say.always[use] : say.use[use](clause(condition, fields, language));
}

function clause(condition: Condition, fields: ReadonlyMap<string, Field>, language: "zh" | "en"): string {
  const say = ruleWords[language];
  const parts = condition.rows.map((part) => {
    if (isCondition(part)) return say.bracket(clause(part, fields, language));
    const field = fields.get(part.field);
    const name = field ? labelText(field.label, language) || field.name : part.field;
    return say.row[part.operator](say.mark(name), shown(part.value, field, language));
  });
  return parts.join(say[condition.join]);
}

function shown(value: Operand, field: Field | undefined, language: "zh" | "en"): string {
  const say = ruleWords[language];
  const label = (text: string): string => {
    const choice = (field?.options ?? []).find((c) => choiceValue(c) === text);
    return say.mark(choice ? choiceLabel(choice, language) : text);
  };
  if (Array.isArray(value)) return value.map(label).join(say.listed);
  if (typeof value === "number") return field?.type === "money" ? say.yuan(value / 100) : `${value}`;
  return value === "today" && field?.type === "date" ? say.today : label(value ?? "");
}
