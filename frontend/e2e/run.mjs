// Runs every *.test.mjs of this folder in a real Chromium against a real server.
// ZF_E2E_URL: a server that is already running (nothing is started). Otherwise ZF_BIN (default ../target/debug/zoufang)
// is started with demo data in a temporary folder on a free port, and stopped afterwards.
// ZF_CHROMIUM: the browser (default /usr/bin/chromium). ZF_E2E_ONLY: run the tests whose name contains this text;
// ZF_E2E_FILE: those of the files whose name contains it. ZF_SHOTS: a folder for pictures of what failed.
// The last line is `e2e: N passed, N failed, N skipped`; the exit code is 1 when one failed or none passed.

import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { Harness, Skip } from "./harness.mjs";
import { startServer } from "./server.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const only = process.env.ZF_E2E_ONLY ?? "";
const count = { passed: 0, failed: 0, skipped: 0 };

async function collect() {
  const tests = [];
  for (const file of readdirSync(here)
    .filter((name) => name.endsWith(".test.mjs") && name.includes(process.env.ZF_E2E_FILE ?? ""))
    .sort()) {
    const module = await import(pathToFileURL(join(here, file)).href);
    for (const [name, run] of Object.entries(module.default)) tests.push({ name, run, file });
  }
  return tests.filter((test) => test.name.includes(only));
}

async function runOne(test, browser, server) {
  const harness = new Harness(browser, server.base);
  harness.server = server;
  const started = Date.now();
  try {
    await test.run(harness);
    harness.assertClean();
    count.passed += 1;
    console.log(`test ${test.name} ... ok\n    ${Date.now() - started} ms`);
  } catch (error) {
    if (error instanceof Skip) {
      count.skipped += 1;
      console.log(`test ${test.name} ... ignored\n    ${error.message}`);
    } else {
      count.failed += 1;
      console.log(`test ${test.name} ... FAILED\n    ${test.file}\n${indent(String(error?.stack ?? error))}`);
      await harness.pictures(test.name);
    }
  } finally {
    await harness.close();
  }
}

const indent = (text) =>
  text
    .split("\n")
    .slice(0, 25)
    .map((line) => `    ${line}`)
    .join("\n");

let server;
let browser;
try {
  server = process.env.ZF_E2E_URL
    ? { base: process.env.ZF_E2E_URL.replace(/\/$/, ""), stop: async () => {} }
    : await startServer();
  browser = await chromium.launch({
    executablePath: process.env.ZF_CHROMIUM ?? "/usr/bin/chromium",
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  for (const test of await collect()) await runOne(test, browser, server);
} catch (error) {
  count.failed += 1;
  console.error(error);
} finally {
  await browser?.close();
  await server?.stop();
}
console.log(`e2e: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
process.exitCode = count.failed > 0 || count.passed === 0 ? 1 : 0;
