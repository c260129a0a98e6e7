// The form as the server sends it: the TypeScript side of crates/forms/src/model.rs. No behaviour but reading.

export type FieldType =
  | "one"
  | "many"
  | "text"
  | "integer"
  | "decimal"
  | "money"
  | "date"
  | "time"
  | "photo"
  | "signature"
  | "location"
  | "customer"
  | "note"
  | "group"
  | "repeat";

/** A text in one language or two. */
export type Label = string | { zh: string; en: string };

/** A choice: its stored value, and a label when the two differ. */
export type Choice = string | { value: string; label: Label; score?: number };

/** The text of an expression; `true`, `false` and whole numbers stand for their texts. */
export type Rule = string | boolean | number;

export interface Field {
  name: string;
  type: FieldType;
  label?: Label;
  hint?: Label;
  options?: Choice[];
  relevant?: Rule;
  required?: Rule;
  constraint?: Rule;
  message?: Label;
  calculate?: Rule;
  score?: Rule;
  fields?: Field[];
}

export interface Form {
  id: string;
  version: number;
  title?: Label;
  fields: Field[];
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Answers = { [key: string]: Json };

export const RULES = ["relevant", "required", "constraint", "calculate", "score"] as const;
export type RuleName = (typeof RULES)[number];

export const choiceValue = (choice: Choice): string => (typeof choice === "string" ? choice : choice.value);

/** The Chinese text, or the English one when it is asked for and there is one. */
export function labelText(label: Label | undefined, language: "zh" | "en" = "zh"): string {
  if (label === undefined) return "";
  return typeof label === "string" ? label : label[language] || label.zh;
}

export const choiceLabel = (choice: Choice, language: "zh" | "en" = "zh"): string =>
  typeof choice === "string" ? choice : labelText(choice.label, language);

/** Groups and repeats with what is in them, in the order of the form. */
export function* walk(fields: readonly Field[]): Generator<Field> {
  for (const field of fields) {
    yield field;
    yield* walk(field.fields ?? []);
  }
}
