// What an event of the audit log says, in words. The server keeps facts as JSON with short keys and codes; this
// translates the known ones and leaves the others as they are. Identities that nobody can read are left out.
import { num } from "./format.ts";
import type { Words } from "./words/index.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;
/** Facts that only a program can use. */
const SILENT = new Set(["digest", "import", "stop", "hand_over_to", "customer_ids"]);
/** Facts that are text even when they look like a number. */
const TEXT = new Set([
  "week",
  "code",
  "login",
  "staff_no",
  "customer_no",
  "key_id",
  "address",
  "reason",
  "program",
  "number",
]);

function valueText(key: string, value: unknown, w: Words): string {
  if (Array.isArray(value)) return value.map((v) => valueText(key, v, w)).join("、");
  if (typeof value === "boolean") return value ? w.common.yes : w.common.no;
  if (typeof value === "number") return TEXT.has(key) ? String(value) : num(value);
  if (typeof value !== "string") return JSON.stringify(value);
  if (TEXT.has(key)) return value;
  const known: Record<string, string> = w.audit.values;
  return known[value] ?? value;
}

/** The facts of an event as `label value`; text that is no JSON object is returned as it is. */
export function auditText(summary: string, w: Words): string {
  let facts: unknown;
  try {
    facts = JSON.parse(summary);
  } catch {
    return summary;
  }
  if (typeof facts !== "object" || facts === null || Array.isArray(facts)) return summary;
  const labels: Record<string, string> = w.audit.facts;
  return Object.entries(facts)
    .filter(([key, value]) => value !== null && !SILENT.has(key) && !UUID.test(String(value)))
    .map(([key, value]) => `${labels[key] ?? key} ${valueText(key, value, w)}`)
    .join("；");
}
