// The file that the field app writes when a phone reaches nobody: read, told apart from other files, cut into parts that
// the server takes at once. What is sealed in it stays sealed; only the server opens it, for a reason.
import type { RescueFile } from "@zoufang/shared/api/types.ts";

const FORMAT = "zoufang-rescue-1";
/** Items of one part, and characters of one, whichever comes first. */
const ITEMS_MOST = 50;
const CHARS_MOST = 8_000_000;

export type RescueFileFault = "json" | "format" | "empty";

export class RescueFileError extends Error {
  readonly why: RescueFileFault;
  constructor(why: RescueFileFault) {
    super(why);
    this.why = why;
  }
}

type Item = RescueFile["items"][number];

const isItem = (x: unknown): x is Item =>
  typeof x === "object" &&
  x !== null &&
  typeof (x as Item).op_id === "string" &&
  typeof (x as Item).sealed === "string";

/** Reads a file; one that is none of ours says what it is not. */
export function readRescueFile(text: string): RescueFile {
  let said: Partial<RescueFile>;
  try {
    said = JSON.parse(text);
  } catch {
    throw new RescueFileError("json");
  }
  const { format, device_id, unit_id, items } = said ?? {};
  if (format !== FORMAT || !device_id || !unit_id || !Array.isArray(items))
    throw new RescueFileError("format");
  if (items.length === 0) throw new RescueFileError("empty");
  // Something that is no item keeps its place, so that the numbers of bad ones are those of the file.
  const none = { op_id: "00000000-0000-0000-0000-000000000000", sealed: "" };
  return { format, device_id, unit_id, items: items.map((i) => (isItem(i) ? i : none)) };
}

export function inParts(items: readonly Item[]): Item[][] {
  const parts: Item[][] = [];
  let chars = 0;
  for (const item of items) {
    const last = parts.at(-1);
    if (!last || last.length >= ITEMS_MOST || chars + item.sealed.length > CHARS_MOST) {
      parts.push([item]);
      chars = item.sealed.length;
    } else {
      last.push(item);
      chars += item.sealed.length;
    }
  }
  return parts;
}
