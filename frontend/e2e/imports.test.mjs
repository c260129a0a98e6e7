// Imports: what the API was given is in the history; what the page is given reaches the API.
import { assert, fresh } from "./harness.mjs";

async function template(s, kind) {
  const response = await s.context.request.get(`${s.base}/api/v1/import-templates/${kind}.xlsx`);
  assert.ok(response.ok(), `template ${kind}: ${response.status()}`);
  return response.body();
}

export default {
  "a file given to the API is in the history of the page": async (h) => {
    const s = await h.as("import.read", "import.write");
    const name = `${fresh("api-")}.xlsx`;
    const response = await s.context.request.post(`${s.base}/api/v1/imports`, {
      headers: { "x-zoufang": "1" },
      multipart: {
        kind: "units",
        dry_run: "true",
        datum: "wgs84",
        file: { name, mimeType: "application/octet-stream", buffer: await template(s, "units") },
      },
    });
    assert.equal(response.status(), 202);
    await s.go("/imports");
    await s.table("历次导入").getByText(name, { exact: true }).waitFor();
  },

  "a file chosen on the page is tried by the server and its counts are shown": async (h) => {
    const s = await h.as("import.read", "import.write");
    const name = `${fresh("page-")}.xlsx`;
    await s.go("/imports");
    await s.page.getByText("机构", { exact: true }).first().click();
    await s.page
      .locator("input[type=file]")
      .setInputFiles({ name, mimeType: "application/octet-stream", buffer: await template(s, "units") });
    await s.page.getByRole("button", { name: "试一遍" }).click();
    await s.sees(new RegExp(`结果 · 机构 · ${name}`));
    const until = Date.now() + 60_000;
    let one;
    do {
      await new Promise((r) => setTimeout(r, 400));
      one = (await s.api("GET", "/imports")).items.find((i) => i.file_name === name);
    } while (Date.now() < until && (!one || one.state === "waiting" || one.state === "running"));
    assert.equal(one.dry_run, true);
    assert.equal(one.kind, "units");
    const total = s.page.locator(".counts > div").filter({ hasText: "总行数" }).locator("dd");
    await s.page.waitForFunction(
      ([selector, text]) => [...document.querySelectorAll(selector)].some((e) => e.textContent === text),
      [".counts dd", String(one.rows_total ?? one.rows_done)],
    );
    assert.equal(await total.textContent(), String(one.rows_total ?? one.rows_done));
  },
};
