// A campaign while somebody writes it: money in 元 for stored 分, a column pasted from a spreadsheet, new items of
// lists, and where on the page a fault of the file belongs. Knows the form that the server describes, no screen.

import { at, type Path, withValue } from "./definition.ts";
import type { Definition, FileFault, FormSection, Json } from "./types.ts";

type Item = { [key: string]: Json };

/** 分 as 元; nothing stays nothing. */
export const yuanOf = (fen: number | null | undefined): number | null =>
  typeof fen === "number" ? fen / 100 : null;
/** 元 as whole 分. */
export const fenOf = (yuan: number | null | undefined): number | null =>
  typeof yuan === "number" ? Math.round(yuan * 100) : null;

/** `parameters.must_visit` → its path in the definition. */
export const pathOf = (section: string): Path => section.split(".");

/** The items of a list, or the one section as a list of one; nothing where an optional section is not used. */
export function itemsOf(definition: Definition, section: FormSection): Item[] {
  const value = at(definition, pathOf(section.key));
  const list = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
  return list.filter((x): x is Item => typeof x === "object" && x !== null && !Array.isArray(x));
}

/** A copy with one field of an item replaced; an emptied text counts as not written. */
export function withField(
  definition: Definition,
  section: FormSection,
  item: number,
  key: string,
  value: Json,
): Definition {
  const path = section.list ? [...pathOf(section.key), item, key] : [...pathOf(section.key), key];
  return withValue(definition, path, value === "" ? null : value) as Definition;
}

export function withItems(definition: Definition, section: FormSection, items: Item[]): Definition {
  return withValue(definition, pathOf(section.key), items) as Definition;
}

/** A copy with an item moved one place up (-1) or down (1); at the end it stays. */
export function moved<T>(items: T[], from: number, by: -1 | 1): T[] {
  const to = from + by;
  if (to < 0 || to >= items.length) return items;
  const out = [...items];
  const [one] = out.splice(from, 1);
  if (one !== undefined) out.splice(to, 0, one);
  return out;
}

/** An item with nothing in it and an id that no other item has. */
export function newItem(section: FormSection, others: Item[]): Item {
  const used = new Set(others.map((x) => x.id));
  let n = others.length + 1;
  while (used.has(`${section.key}-${n}`)) n += 1;
  const item: Item = {};
  const asks = section.fields.some((f) => f.key === "id");
  item.id = asks ? null : `${section.key}-${n}`;
  for (const field of section.fields) {
    if (field.key === "id") continue;
    const only = field.choices.length === 1 && field.required ? (field.choices[0]?.code ?? null) : null;
    if (field.kind === "list") item[field.key] = field.required ? [] : null;
    else if (field.kind === "bool") item[field.key] = field.required ? false : null;
    else item[field.key] = only;
  }
  return item;
}

/** An optional section that begins to be used. */
export function newSection(section: FormSection): Item {
  const { id: _, ...rest } = newItem({ ...section, list: true }, []);
  return rest;
}

export interface Place {
  section: string;
  /** Item of a list, from 0. */
  item: number | null;
  field: string | null;
}

/** What the server calls a field of the campaign outside of its file. */
const OTHER_NAMES: Record<string, string> = { code: "program.id", name: "program.title" };

/** Where on the page a fault belongs; nothing when it is no place of the form. */
export function placeOf(path: string, sections: FormSection[], definition: Definition): Place | null {
  const full = OTHER_NAMES[path] ?? path;
  const fits = sections.filter(
    (s) => full === s.key || full.startsWith(`${s.key}.`) || full.startsWith(`${s.key}[`),
  );
  const section = fits.sort((a, b) => b.key.length - a.key.length)[0];
  if (!section) return null;
  const rest = full.slice(section.key.length);
  const first = (text: string) => text.replace(/^\./, "").split(/[.[]/)[0] || null;
  if (!section.list) return { section: section.key, item: null, field: first(rest) };
  const numbered = /^\[(\d+)\]/.exec(rest);
  if (numbered) {
    return {
      section: section.key,
      item: Number(numbered[1]) - 1,
      field: first(rest.slice(numbered[0].length)),
    };
  }
  const items = itemsOf(definition, section);
  const index = items.findIndex(
    (x) => typeof x.id === "string" && (rest === `.${x.id}` || rest.startsWith(`.${x.id}.`)),
  );
  const id = items[index]?.id;
  if (typeof id !== "string") return { section: section.key, item: null, field: null };
  return { section: section.key, item: index, field: first(rest.slice(id.length + 1)) };
}

/** The messages at a place. */
export function messagesAt(
  faults: FileFault[],
  sections: FormSection[],
  definition: Definition,
  place: Place,
): string[] {
  return faults
    .filter((f) => {
      const p = placeOf(f.path, sections, definition);
      return p?.section === place.section && p.item === place.item && p.field === place.field;
    })
    .map((f) => f.message);
}

export interface Pasted {
  /** Code or name of the branch, when the paste has it. */
  key: string | null;
  value: number | null;
}

/** Rows of a spreadsheet: one column of numbers, or a code (or name) followed by a number. */
export function pasted(text: string): Pasted[] {
  const rows = text.replace(/\r/g, "").split("\n");
  while (rows.length > 0 && rows[rows.length - 1]?.trim() === "") rows.pop();
  return rows.map((row) => {
    const cells = row.split("\t").map((c) => c.trim());
    const last = cells[cells.length - 1] ?? "";
    const digits = last.replace(/[,，\s]/g, "");
    const value = /^\d+(\.0+)?$/.test(digits) ? Number.parseInt(digits, 10) : null;
    return { key: cells.length > 1 ? (cells[0] ?? null) : null, value };
  });
}

export interface PasteTarget {
  code: string;
  name: string;
}

/** Puts pasted rows into the plans: by code or name where given, else downwards from a row. */
export function pasteInto(
  plans: Record<string, number>,
  targets: PasteTarget[],
  start: number,
  rows: Pasted[],
): { plans: Record<string, number>; filled: number; unknown: string[] } {
  const next = { ...plans };
  const unknown: string[] = [];
  let filled = 0;
  rows.forEach((row, i) => {
    const target =
      row.key === null ? targets[start + i] : targets.find((t) => t.code === row.key || t.name === row.key);
    if (!target || row.value === null) {
      const said = row.key ?? "";
      // A heading is no row.
      if (said !== "" && row.value !== null) unknown.push(said);
      return;
    }
    next[target.code] = row.value;
    filled += 1;
  });
  return { plans: next, filled, unknown };
}
