// What changed between two versions of a form: fields added, removed, moved or changed, and what about them.

import { type Choice, choiceValue, type Field, type Form } from "./model";

/** One property that differs; `undefined` = not there. */
export interface Change {
  what:
    | "type"
    | "label"
    | "hint"
    | "relevant"
    | "required"
    | "constraint"
    | "message"
    | "calculate"
    | "score"
    | "group"
    | "options";
  from: string | undefined;
  to: string | undefined;
}

export type Difference =
  | { is: "added"; field: string; after: string | undefined }
  | { is: "removed"; field: string }
  | { is: "moved"; field: string; after: string | undefined }
  | { is: "changed"; field: string; changes: Change[] };

interface Placed {
  field: Field;
  group: string | undefined;
}

const PROPERTIES = [
  "type",
  "label",
  "hint",
  "relevant",
  "required",
  "constraint",
  "message",
  "calculate",
  "score",
] as const;

/** In the order of the new version; what was removed comes last. */
export function diff(before: Form, after: Form): Difference[] {
  const old = placed(before.fields);
  const now = placed(after.fields);
  const moved = movedNames([...old.keys()], [...now.keys()]);
  const found: Difference[] = [];
  let last: string | undefined;
  for (const [name, place] of now) {
    const was = old.get(name);
    const changes = was ? changesOf(was, place) : [];
    if (!was) found.push({ is: "added", field: name, after: last });
    else if (moved.has(name)) found.push({ is: "moved", field: name, after: last });
    if (changes.length > 0) found.push({ is: "changed", field: name, changes });
    last = name;
  }
  for (const name of old.keys()) if (!now.has(name)) found.push({ is: "removed", field: name });
  return found;
}

function placed(fields: readonly Field[], group?: string, into = new Map<string, Placed>()) {
  for (const field of fields) {
    into.set(field.name, { field, group });
    placed(field.fields ?? [], field.name, into);
  }
  return into;
}

const written = (value: unknown): string | undefined =>
  value === undefined ? undefined : typeof value === "object" ? JSON.stringify(value) : String(value);

function changesOf(was: Placed, now: Placed): Change[] {
  const changes: Change[] = [];
  const add = (what: Change["what"], from: string | undefined, to: string | undefined) => {
    if (from !== to) changes.push({ what, from, to });
  };
  for (const what of PROPERTIES) add(what, written(was.field[what]), written(now.field[what]));
  add("group", was.group, now.group);
  const from = options(was.field);
  const to = options(now.field);
  for (const [value, choice] of from) if (!to.has(value)) add("options", written(choice), undefined);
  for (const [value, choice] of to) add("options", written(from.get(value)), written(choice));
  if (sameSet(from, to) && [...from.keys()].join("\n") !== [...to.keys()].join("\n"))
    add("options", [...from.keys()].join(", "), [...to.keys()].join(", "));
  return changes;
}

const options = (field: Field): Map<string, Choice> =>
  new Map((field.options ?? []).map((choice) => [choiceValue(choice), choice]));

const sameSet = (a: ReadonlyMap<string, Choice>, b: ReadonlyMap<string, Choice>): boolean =>
  a.size === b.size && [...a.keys()].every((key) => b.has(key));

/** The fewest names whose move explains the new order: all that are not in the longest run kept in order. */
function movedNames(old: readonly string[], now: readonly string[]): Set<string> {
  const place = new Map(old.map((name, i) => [name, i]));
  const common = now.filter((name) => place.has(name));
  const at = (i: number): number => place.get(common[i] ?? "") ?? 0;
  const length: number[] = [];
  const previous: number[] = [];
  common.forEach((_, i) => {
    length[i] = 1;
    previous[i] = -1;
    for (let j = 0; j < i; j++) {
      if (at(j) >= at(i) || (length[j] ?? 0) + 1 <= (length[i] ?? 0)) continue;
      length[i] = (length[j] ?? 0) + 1;
      previous[i] = j;
    }
  });
  const moved = new Set(common);
  let i = length.indexOf(Math.max(0, ...length));
  while (i >= 0) {
    moved.delete(common[i] ?? "");
    i = previous[i] ?? -1;
  }
  return moved;
}
