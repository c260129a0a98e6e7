// generated.ts is what the server's API document says now; when this fails, `npm run api` and look at what broke.
// @vitest-environment node
import { readFile } from "node:fs/promises";
import openapiTS, { astToString, COMMENT_HEADER } from "openapi-typescript";
import { expect, it } from "vitest";

it("the generated types are those of docs/openapi.json", async () => {
  const document = new URL("../../../docs/openapi.json", import.meta.url);
  const made = `${COMMENT_HEADER}${astToString(await openapiTS(document))}`;
  const kept = await readFile(new URL("./generated.ts", import.meta.url), "utf8");
  expect(
    kept === made,
    "generated.ts is not up to date: run `npm run api` and fix what no longer compiles",
  ).toBe(true);
}, 30_000);
