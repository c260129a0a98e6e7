// What a form calls its questions and options, in the language of whoever looks: the one place for it in the console.
import {
  type Choice,
  choiceLabel,
  choiceValue,
  type Field,
  type Json,
  type Label,
  labelText,
} from "@zoufang/shared/form/model.ts";
import { num } from "@zoufang/shared/format.ts";
import { useMe, useWords } from "../session.ts";

export interface FormWords {
  /** A text of the form. */
  words: (text: Label | undefined) => string;
  /** What a question is called; its name where the form says nothing. */
  label: (field: Field) => string;
  option: (choice: Choice) => string;
  /** An answer in words; of rows only how many. */
  text: (field: Field, value: Json | undefined) => string;
  /** An answer in words; rows one after another with what each says. */
  whole: (field: Field, value: Json | undefined) => string;
}

const nothing = (value: Json | undefined): value is null | undefined | "" =>
  value === null || value === undefined || value === "";

export function useFormWords(): FormWords {
  const v = useWords().visitPage;
  const language = useMe().preferences.locale === "en" ? "en" : "zh";
  const words = (text: Label | undefined) => labelText(text, language);
  const label = (field: Field) => words(field.label) || field.name;
  const option = (choice: Choice) => choiceLabel(choice, language);
  const chosen = (field: Field, value: Json) => {
    const found = field.options?.find((o) => choiceValue(o) === value);
    return found ? option(found) : String(value);
  };
  const text = (field: Field, value: Json | undefined): string => {
    if (nothing(value)) return "–";
    if (Array.isArray(value))
      return field.type === "many"
        ? value.map((one) => chosen(field, one)).join(v.comma)
        : v.rows(value.length);
    if (typeof value === "object") return v.given;
    if (field.type === "one") return chosen(field, value);
    if (field.type === "money" && typeof value === "number") return v.yuan(num(value / 100, 2));
    return String(value);
  };
  const row = (field: Field, answers: Json): string => {
    if (answers === null || typeof answers !== "object" || Array.isArray(answers)) return String(answers);
    const said = (field.fields ?? []).filter((f) => !nothing(answers[f.name]));
    return said.map((f) => v.said(label(f), text(f, answers[f.name]))).join(v.clause);
  };
  const whole = (field: Field, value: Json | undefined): string =>
    field.type === "repeat" && Array.isArray(value) && value.length > 0
      ? value.map((one) => row(field, one)).join(v.semicolon)
      : text(field, value);
  return { words, label, option, text, whole };
}
