// Prints what the browser fetches before the first page works, gzipped, for the console and for the field app. The
// console warns above its budget; the field app, which travels over a valley's network, fails the build.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const CONSOLE_KB = 260;
const FIELD_FIRST_KB = 200;
const FIELD_ALL_KB = 300;
const dist = join(dirname(fileURLToPath(import.meta.url)), "../dist");

/** The chunks of one build: what each weighs, what comes with it. */
function build(name) {
  const folder = join(dist, name);
  const path = join(folder, ".vite/manifest.json");
  if (!existsSync(path)) {
    console.error(`no build of ${name}: run \`npm run build\` first`);
    process.exit(1);
  }
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  const gz = (file) => gzipSync(readFileSync(join(folder, file)), { level: 9 }).length;
  const closure = (key, seen = new Set()) => {
    const chunk = manifest[key];
    if (!chunk || seen.has(chunk.file)) return seen;
    seen.add(chunk.file);
    for (const css of chunk.css ?? []) seen.add(css);
    for (const next of chunk.imports ?? []) closure(next, seen);
    return seen;
  };
  const kb = (files) => [...files].reduce((sum, file) => sum + gz(file), 0) / 1024;
  const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
  const lazy = Object.keys(manifest).filter((key) => manifest[key].isDynamicEntry);
  return { folder, closure, kb, start: closure(entry), lazy };
}

function parts({ start, lazy, closure, kb }) {
  for (const key of lazy) {
    const own = [...closure(key)].filter((file) => !start.has(file));
    console.log(`  + ${key.replace("src/", "")}: ${kb(own).toFixed(1)} KB gz`);
  }
}

const desk = build("console");
const deskKb = desk.kb(desk.start);
console.log(`console start: ${deskKb.toFixed(1)} KB gz (budget ${CONSOLE_KB})`);
parts(desk);
if (deskKb > CONSOLE_KB)
  console.warn(`warning: the console start is ${(deskKb - CONSOLE_KB).toFixed(1)} KB over budget`);

const phone = build("field");
const first = phone.kb([...phone.start, "index.html"]);
const files = readdirSync(phone.folder, { recursive: true }).map(String);
const all = phone.kb(files.filter((f) => /\.(js|css|html|webmanifest)$/.test(f)));
console.log(`field first screen: ${first.toFixed(1)} KB gz (budget ${FIELD_FIRST_KB})`);
parts(phone);
console.log(`field in all, with the worker: ${all.toFixed(1)} KB gz (budget ${FIELD_ALL_KB})`);
if (first > FIELD_FIRST_KB || all > FIELD_ALL_KB) {
  console.error("error: the field app is over its budget");
  process.exit(1);
}
