// Reading the row numbers of a tick sheet as a clerk types them, and writing them.

export interface Fault {
  kind: "unreadable" | "range" | "repeated";
  /** What was typed there. */
  what: string;
}

export interface Numbers {
  ticked: number[];
  /** Rows marked as wrong in the file. */
  crossed: number[];
  /** The first thing that is wrong; null when all is well. */
  fault: Fault | null;
}

/** Full-width digits and signs as an input method leaves them. */
const plain = (text: string) =>
  text
    .normalize("NFKC")
    .replace(/[~\u2010-\u2015\u2212\u301c]/g, "-")
    .replace(/[\u00d7X]/g, "x")
    .replace(/\s*-\s*/g, "-");

/** Rows of "3 7 12-15 x5" on a sheet of `last` rows. */
export function readNumbers(text: string, last: number): Numbers {
  const out: Numbers = { ticked: [], crossed: [], fault: null };
  const seen = new Set<number>();
  for (const part of plain(text)
    .split(/[\s,.;、。]+/)
    .filter(Boolean)) {
    const match = /^(x?)(\d{1,6})(?:-(\d{1,6}))?$/.exec(part);
    if (!match) {
      out.fault ??= { kind: "unreadable", what: part };
      continue;
    }
    const from = Number(match[2]);
    const to = Number(match[3] ?? match[2]);
    if (from < 1 || to > last || from > to) {
      out.fault ??= from > to ? { kind: "unreadable", what: part } : { kind: "range", what: part };
      continue;
    }
    for (let n = from; n <= to; n += 1) {
      if (seen.has(n)) out.fault ??= { kind: "repeated", what: String(n) };
      seen.add(n);
      (match[1] ? out.crossed : out.ticked).push(n);
    }
  }
  return out;
}

/** What is stored, as it would be typed: runs of ticks, crosses only where the file says otherwise. */
export function numbersOf(said: (boolean | null)[], inFile: boolean[]): string {
  const parts: string[] = [];
  for (let at = 0; at < said.length; at += 1) {
    if (said[at] === false && inFile[at]) parts.push(`x${at + 1}`);
    if (said[at] !== true) continue;
    let end = at;
    while (said[end + 1] === true) end += 1;
    parts.push(end > at ? `${at + 1}-${end + 1}` : `${at + 1}`);
    at = end;
  }
  return parts.join(" ");
}

/** The sheet that was printed after this one: 20261122-01 → 20261122-02. */
export function sheetAfter(number: string): string | null {
  const match = /^(.*-)(\d+)$/.exec(number);
  return match ? `${match[1]}${String(Number(match[2]) + 1).padStart(match[2]?.length ?? 2, "0")}` : null;
}
