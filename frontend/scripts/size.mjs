// Prints what the browser fetches before the first page of the console works, gzipped, and warns above the budget.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const BUDGET_KB = 260;
const dist = join(dirname(fileURLToPath(import.meta.url)), "../dist/console");
const manifestPath = join(dist, ".vite/manifest.json");
if (!existsSync(manifestPath)) {
  console.error("no build: run `npm run build` first");
  process.exit(1);
}
const manifest = JSON.parse(readFileSync(manifestPath, "utf8"));
const gz = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;

/** The files of a chunk and of everything that it imports statically. */
function closure(key, seen = new Set()) {
  const chunk = manifest[key];
  if (!chunk || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const css of chunk.css ?? []) seen.add(css);
  for (const next of chunk.imports ?? []) closure(next, seen);
  return seen;
}

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const start = closure(entry);
const total = (files) => [...files].reduce((sum, file) => sum + gz(file), 0) / 1024;
const startKb = total(start);
console.log(`console start: ${startKb.toFixed(1)} KB gz (budget ${BUDGET_KB})`);
for (const key of Object.keys(manifest).filter((k) => manifest[k].isDynamicEntry)) {
  const own = [...closure(key)].filter((file) => !start.has(file));
  console.log(`  + ${key.replace("src/", "")}: ${total(own).toFixed(1)} KB gz`);
}
if (startKb > BUDGET_KB)
  console.warn(`warning: the console start is ${(startKb - BUDGET_KB).toFixed(1)} KB over budget`);
