// The campaign definition is the server's typed campaign file as JSON (the keys of packs/household-visit/program.toml).
// The console shows and edits only its main parameters; everything else is carried along untouched. Where those
// parameters sit is written here and nowhere else.

import type { Definition, Json } from "./types.ts";

export type Path = (string | number)[];
type JsonObject = { [key: string]: Json };

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const text = (value: Json | undefined): string => (typeof value === "string" ? value : "");
const texts = (value: Json | undefined): string[] => (Array.isArray(value) ? value.map(text) : []);

export function at(value: Json | undefined, path: Path): Json | undefined {
  let here: Json | undefined = value;
  for (const key of path) {
    if (Array.isArray(here)) here = here[Number(key)];
    else if (isObject(here)) here = here[String(key)];
    else return undefined;
  }
  return here;
}

/** A copy with one value replaced; the given definition stays as it is. */
export function withValue(value: Json, path: Path, next: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return next;
  if (Array.isArray(value)) {
    return value.map((item, i) => (i === Number(key) ? withValue(item, rest, next) : item));
  }
  const object = isObject(value) ? value : {};
  return { ...object, [String(key)]: withValue(object[String(key)] ?? {}, rest, next) };
}

/** The parameters that have a field of their own in the console. */
export const mainPaths = {
  first_day: ["program", "start"],
  last_day: ["program", "end"],
  quota: ["quota", "households_per_outlet_per_day"],
  near_km: ["ring", "near_km"],
  visit_minutes: ["precise", "visit_minutes"],
  households_met: ["preliminary", "households_met"],
  kmh: ["travel", "kmh"],
} satisfies Record<string, Path>;
export type MainKey = keyof typeof mainPaths;

export function numberOf(definition: Definition, key: MainKey): number | null {
  const value = at(definition, mainPaths[key]);
  return typeof value === "number" ? value : null;
}

/** Replaces a main parameter; a definition that does not have it stays as it is. */
export function setMain(definition: Definition, key: MainKey, value: Json): Definition {
  if (at(definition, mainPaths[key]) === undefined) return definition;
  return withValue(definition, mainPaths[key], value) as Definition;
}

/** A list of the file: an array, under its singular name as in the file or its plural. */
function list(definition: Definition, key: string): [Path, JsonObject][] {
  for (const name of [key, `${key}s`]) {
    const value = definition[name];
    if (Array.isArray(value)) {
      return value.flatMap((item, i): [Path, JsonObject][] => (isObject(item) ? [[[name, i], item]] : []));
    }
  }
  return [];
}

export interface TimedRow {
  path: Path;
  id: string;
  title: string;
  start: string;
  end: string;
}
const timed = ([path, item]: [Path, JsonObject]): TimedRow => ({
  path,
  id: text(item.id),
  title: text(item.title) || text(item.name) || text(item.id),
  start: text(item.start),
  end: text(item.end),
});

/** Phases with their days. */
export const phasesOf = (definition: Definition): TimedRow[] => list(definition, "phase").map(timed);
/** Windows with their times of day, HH:MM. */
export const windowsOf = (definition: Definition): TimedRow[] => list(definition, "window").map(timed);

export interface TeamRow {
  path: Path;
  id: string;
  title: string;
  kind: string;
  ring: string;
  posts: string[];
  windows: string[];
  perOutlet: number | null;
}
export function teamsOf(definition: Definition): TeamRow[] {
  return list(definition, "team").map(([path, item]) => ({
    path,
    id: text(item.id),
    title: text(item.title) || text(item.name) || text(item.id),
    kind: text(item.kind),
    ring: text(item.ring),
    posts: texts(item.posts),
    windows: texts(item.windows),
    perOutlet: typeof item.per_outlet === "number" ? item.per_outlet : null,
  }));
}

export interface MethodRow {
  id: string;
  title: string;
  markets: string[];
  kinds: string[];
  steps: string[];
  /** Gift schemes that the file has. */
  gifts: { title: string; fen: number }[];
}
export function methodsOf(definition: Definition): MethodRow[] {
  const schemes = list(definition, "gift_scheme").map(([, item]) => item);
  return list(definition, "method").map(([, item]) => ({
    id: text(item.id),
    title: text(item.title) || text(item.id),
    markets: texts(item.markets),
    kinds: texts(item.kinds),
    steps: texts(item.steps),
    gifts: schemes
      .filter((g) => texts(item.gifts).includes(text(g.id)))
      .map((g) => ({
        title: text(g.title),
        fen: typeof g.fen_per_customer === "number" ? g.fen_per_customer : 0,
      })),
  }));
}

/** What one preliminary visit takes along and leaves behind, codes of the file. */
export function sweepOf(definition: Definition): { carry: string[]; traces: string[]; outside: string[] } {
  const first = list(definition, "team").find(([, item]) => text(item.kind) === "first");
  return {
    carry: texts(at(definition, ["materials", "carry"])),
    traces: texts(at(definition, ["evidence", "traces"])),
    outside: texts(first?.[1].outside_posts),
  };
}
