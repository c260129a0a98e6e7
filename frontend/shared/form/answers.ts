// One answer from JSON to a typed value by the type that the form declares: crates/forms/src/answers.rs.

import { isBlank, type Value } from "./cel";
import type { FieldType, Json } from "./model";
import { words } from "./words";

const MAX_TEXT = 10_000;
const MAX_LIST = 1000;
export const MAX_ROWS = 200;

/** What an answer turned out to be. */
export type Bound =
  | { is: "absent" }
  | { is: "null" }
  | { is: "bad"; message: string }
  | { is: "value"; value: Value };

/** Whether a field of this type has an answer. */
export const hasAnswer = (type: FieldType): boolean => type !== "note" && type !== "group";

class Bad extends Error {}

function bad(message: string): never {
  throw new Bad(message);
}

/** Binds anything but rows. */
export function bind(type: FieldType, options: readonly string[], answer: Json | undefined): Bound {
  if (answer === undefined) return { is: "absent" };
  if (answer === null) return { is: "null" };
  try {
    const value = read(type, options, answer);
    return typeof value === "string" && isBlank(value) ? { is: "absent" } : { is: "value", value };
  } catch (e) {
    if (e instanceof Bad) return { is: "bad", message: e.message };
    throw e;
  }
}

function read(type: FieldType, options: readonly string[], answer: Json): Value {
  switch (type) {
    case "one": {
      const chosen = text(answer);
      return chosen === "" || options.includes(chosen) ? chosen : bad(words.notAnOption);
    }
    case "many": {
      const chosen = list(answer);
      return chosen.every((c) => options.includes(c)) ? chosen : bad(words.notAnOption);
    }
    case "text":
    case "signature":
    case "customer":
      return text(answer);
    case "integer":
      return whole(answer, words.needsInteger);
    case "money":
      return whole(answer, words.needsFen);
    case "decimal":
      return typeof answer === "number" && Number.isFinite(answer) ? answer : bad(words.needsNumber);
    case "date":
      return day(answer);
    case "time":
      return time(answer);
    case "photo":
      if (typeof answer === "string") return answer === "" ? [] : [answer];
      return list(answer);
    case "location":
      return place(answer);
    default:
      return bad(words.unknownAnswer);
  }
}

function text(answer: Json): string {
  if (typeof answer !== "string") return bad(words.needsText);
  return answer.length > MAX_TEXT && [...answer].length > MAX_TEXT ? bad(words.tooLong) : answer;
}

function list(answer: Json): string[] {
  if (!Array.isArray(answer)) return bad(words.needsList);
  return answer.length > MAX_LIST ? bad(words.tooLong) : answer.map(text);
}

function whole(answer: Json, message: string): bigint {
  const exact = typeof answer === "number" && Number.isInteger(answer) && Math.abs(answer) <= 2 ** 53;
  return exact ? BigInt(answer) : bad(message);
}

/** Midnight UTC of `YYYY-MM-DD`; undefined for any other text and for days that do not exist. */
export function dayOf(text: string): Date | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 10) === text ? at : undefined;
}

function day(answer: Json): Value {
  if (typeof answer !== "string") return bad(words.needsDay);
  return answer === "" ? "" : (dayOf(answer) ?? bad(words.needsDay));
}

function time(answer: Json): Value {
  if (typeof answer !== "string") return bad(words.needsTime);
  return answer === "" || /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/.test(answer) ? answer : bad(words.needsTime);
}

/** Expressions only see that there is a place. */
function place(answer: Json): true {
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) return bad(words.needsPlace);
  const within = (degrees: Json | undefined, most: number) =>
    typeof degrees === "number" && Math.abs(degrees) <= most;
  return within(answer.lat, 90) && within(answer.lon, 180) ? true : bad(words.needsPlace);
}
