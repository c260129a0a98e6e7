// Imports: what the API was given is in the history; a file given to the page is looked at, assigned, imported, and
// its refused rows come back as a workbook that goes in again.
import { readFileSync } from "node:fs";
import { assert, eventually, fresh, WAIT_MS } from "./harness.mjs";

async function template(s, kind) {
  const response = await s.context.request.get(`${s.base}/api/v1/import-templates/${kind}.xlsx`);
  assert.ok(response.ok(), `template ${kind}: ${response.status()}`);
  return response.body();
}

/** Text in the encoding of Chinese Windows: the decoder's table read backwards. */
function gb18030(text) {
  const table = new Map();
  const decoder = new TextDecoder("gb18030");
  for (let lead = 0x81; lead <= 0xfe; lead += 1) {
    for (let trail = 0x40; trail <= 0xfe; trail += 1) {
      const char = decoder.decode(Uint8Array.of(lead, trail));
      if (char.length === 1 && char !== "\ufffd") table.set(char, [lead, trail]);
    }
  }
  return Buffer.from([...text].flatMap((c) => (c < "\u0080" ? [c.charCodeAt(0)] : table.get(c))));
}

const choose = (s, name, buffer) =>
  s.page.locator("input[type=file]").setInputFiles({ name, mimeType: "application/octet-stream", buffer });

/** The import once it has come to an end; a file that is only looked at is `held` until the click has arrived. */
async function ended(s, name) {
  const until = Date.now() + WAIT_MS;
  const going = ["held", "waiting", "running"];
  let one;
  do {
    await new Promise((r) => setTimeout(r, 300));
    one = (await s.api("GET", "/imports")).items.find((i) => i.file_name === name);
  } while (Date.now() < until && (!one || going.includes(one.state)));
  return one;
}

/** A number in the line of counts. */
const count = (s, label) =>
  s.page
    .locator(".counts > div")
    .filter({ has: s.page.getByText(label, { exact: true }) })
    .locator("dd")
    .first()
    .textContent();

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

  "a file with odd headers goes in step by step, and its refused rows come back and go in": async (h) => {
    const s = await h.as("import.read", "import.write");
    const [branch] = await s.branches();
    const tail = fresh("");
    const name = `${fresh("核心-")}.csv`;
    const head = `标识${tail},户主,联络,位置,网点代号,备用`;
    const person = (n, phone) =>
      `E${tail}${n},郑${"甲乙丙丁戊己"[n]}子,${phone},青山镇大河村${n}组,${branch.code},x`;
    const rows = [0, 1, 2, 3, 4].map((n) => person(n, "138****1234"));
    const text = ["某县支行客户清单", "", head, ...rows, person(5, "12")].join("\r\n");
    await s.go("/imports");
    await choose(s, name, gb18030(text));
    await s.axe("the first step of an import");
    await s.page.getByRole("button", { name: "下一步：看看文件" }).click();

    // The columns are guessed by what stands in them; the number of the customer is assigned by hand.
    await s.sees(/列名在第 3 行/);
    await s.sees("自动：GB18030");
    const as = (column) => s.page.getByRole("combobox", { name: `“${column}”读作` });
    const given = (column) =>
      s.page
        .locator("tr", { has: as(column) })
        .locator(".ant-select")
        .first()
        .textContent();
    const guessed = (column, field) =>
      eventually(async () => field.test(await given(column)), true, `“${column}” is guessed as ${field}`);
    await guessed("户主", /姓名/);
    await guessed("联络", /手机号/);
    await guessed("网点代号", /所属机构/);
    if (!/客户号/.test(await given(`标识${tail}`))) {
      await as(`标识${tail}`).focus();
      await s.page.keyboard.press("Enter");
      await s.page.keyboard.type("客户号");
      await s.page.keyboard.press("Enter");
    }
    await s.sees(/前 6 行会怎样/);
    assert.equal(await count(s, "新增"), "5");
    assert.equal(await count(s, "有问题"), "1");
    assert.equal(await s.page.getByText(/郑甲子/).count(), 0, "names are masked");
    await s.axe("the preview of an import");
    await s.noSidewaysScroll("the preview of an import");

    await s.page.getByRole("button", { name: "开始导入" }).click();
    const done = await ended(s, name);
    assert.deepEqual([done.state, done.rows_new, done.rows_bad], ["done", 5, 1]);
    await s.sees("文件 6 行 = 新增 5 + 更新 0 + 没变 0 + 有问题 1");
    await s.sees(/客户数：导入前 .*，导入后/);
    await s.axe("the result of an import");

    // The refused row comes back under its own headers and is read as last time.
    const [download] = await Promise.all([
      s.page.waitForEvent("download"),
      s.page.getByRole("button", { name: "下载退回的行，改好再导" }).click(),
    ]);
    const book = `${fresh("退回-")}.xlsx`;
    const bytes = readFileSync(await download.path());
    await s.page.getByRole("button", { name: "再导一个文件" }).click();
    await choose(s, book, bytes);
    await s.page.getByRole("button", { name: "下一步：看看文件" }).click();
    await s.sees("这种文件以前导过，列已按上次的选好。");
    assert.equal(await count(s, "有问题"), "1");
    await s.page.getByRole("button", { name: "全部试一遍" }).click();
    const tried = await ended(s, book);
    assert.deepEqual([tried.state, tried.rows_new, tried.rows_bad], ["checked", 0, 1]);
    await s.sees("试完了，没有写入任何数据");
    await s.page.getByRole("button", { name: "不导了" }).click();
    await s.page.getByRole("tooltip").getByRole("button", { name: "不导了" }).click();
    await s.table("历次导入").locator("tr", { hasText: book }).getByText("已停下").waitFor();
  },

  "a long import is stopped in the middle on the page, goes on, and every row is counted once": async (h) => {
    const s = await h.as("import.read", "import.write");
    const [branch] = await s.branches();
    const tail = fresh("");
    const name = `${fresh("长名单-")}.csv`;
    const all = 20_000;
    const rows = Array.from(
      { length: all },
      (_, n) => `L${tail}${n},某某,${branch.code},青山镇大河村${n % 9}组`,
    );
    const text = ["客户号,姓名,所属机构,地址", ...rows].join("\n");
    await s.go("/imports");
    await choose(s, name, Buffer.from(text));
    await s.page.getByRole("button", { name: "下一步：看看文件" }).click();
    await s.page.getByRole("button", { name: "开始导入" }).click();
    const one = async () => (await s.api("GET", "/imports")).items.find((i) => i.file_name === name);
    await eventually(async () => (await one()).rows_new > 0, true, "it has begun");
    await s.page.getByRole("button", { name: "停下" }).click();
    const stopped = await ended(s, name);
    assert.equal(stopped.state, "canceled");
    assert.ok(stopped.rows_new > 0 && stopped.rows_new < all, `${stopped.rows_new} rows before the stop`);
    await s.sees("从停下的地方继续，已导入的行不会重复。");
    await s.page.getByRole("button", { name: "接着导" }).click();
    await s.sees(
      `文件 ${all.toLocaleString("en")} 行 = 新增 ${all.toLocaleString("en")} + 更新 0 + 没变 0 + 有问题 0`,
    );
    const whole = await one();
    assert.deepEqual([whole.state, whole.rows_new, whole.rows_same, whole.rows_bad], ["done", all, 0, 0]);
  },
};
