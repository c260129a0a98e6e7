// A county's mess goes in by the page: three files of three systems in their own headers and encodings, with the truth
// beside them; then the branch head confirms households and ticks a village group. Every count reconciles to the row.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, eventually } from "./harness.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const PEOPLE = 600;
// What the ledger of a branch calls things, and what they are.
const BY_HAND = { 户名: "姓名", 证件编号: "证件号码", 移动电话: "手机号", 通讯地址: "家庭住址" };

/** The practice files, written by the program itself. */
function practice() {
  const folder = mkdtempSync(join(tmpdir(), "zoufang-practice-"));
  const binary = process.env.ZF_BIN ?? join(root, "target/debug/zoufang");
  execFileSync(resolve(root, binary), ["sample", "--out", folder, "--people", String(PEOPLE)]);
  return { folder, truth: JSON.parse(readFileSync(join(folder, "truth.json"), "utf8")) };
}

const count = (s, label) =>
  s.page
    .locator(".counts > div")
    .filter({ has: s.page.getByText(label, { exact: true }) })
    .locator("dd")
    .first()
    .textContent();

async function ended(s, name) {
  const until = Date.now() + 120_000;
  let one;
  do {
    await new Promise((r) => setTimeout(r, 300));
    one = (await s.api("GET", "/imports")).items.find((i) => i.file_name === name);
  } while (Date.now() < until && (!one || ["held", "waiting", "running"].includes(one.state)));
  return one;
}

async function assign(s, header, field) {
  const box = s.page.getByRole("combobox", { name: `“${header}”读作` });
  const line = s.page.locator("tr", { has: box }).locator(".ant-select").first();
  if ((await line.textContent()).includes(field)) return;
  await box.focus();
  await s.page.keyboard.press("Enter");
  await s.page.keyboard.type(field);
  await s.page.keyboard.press("Enter");
}

/** Chooses, looks, assigns, imports; the import as it ended. */
async function goesIn(s, folder, file) {
  await s.go("/imports");
  await s.page.locator("input[type=file]").setInputFiles({
    name: file.name,
    mimeType: "application/octet-stream",
    buffer: readFileSync(join(folder, file.name)),
  });
  await s.page.getByRole("button", { name: "下一步：看看文件" }).click();
  await s.sees(/列名在第/);
  if (file.format === "gb18030") {
    await s.sees("自动：GB18030");
    for (const [header, field] of Object.entries(BY_HAND)) await assign(s, header, field);
  }
  await s.settled();
  // The file has coordinates and does not say in which system.
  await s.page.getByRole("combobox", { name: "坐标来源" }).focus();
  await s.page.keyboard.press("Enter");
  await s.page.locator(".ant-select-item-option", { hasText: "WGS-84" }).click();
  await s.settled();
  await s.page.getByRole("button", { name: "开始导入" }).click();
  return ended(s, file.name);
}

export default {
  "a county's mess goes in by the page, households are confirmed and a group is ticked": async (h) => {
    const { folder, truth } = practice();
    try {
      const s = await h.as("import.read", "import.write");
      const customers = async () =>
        (await s.api("GET", "/units")).items
          .filter((u) => u.level === "branch")
          .reduce((n, u) => n + u.customers, 0);
      const before = await customers();
      let good = 0;
      for (const file of truth.files) {
        const done = await goesIn(s, folder, file);
        assert.deepEqual(
          [done.state, done.rows_total, done.rows_new, done.rows_changed, done.rows_same, done.rows_bad],
          ["done", file.rows, file.good, 0, 0, file.wrong.length],
          file.name,
        );
        await s.sees(new RegExp(`文件 ${file.rows.toLocaleString("zh-CN")} 行 = 新增`));
        assert.equal(await count(s, "有问题"), String(file.wrong.length));
        const lines = (await s.api("GET", `/imports/${done.id}`)).errors.map((e) => e.row);
        assert.deepEqual([...new Set(lines)].sort(), file.wrong.map((x) => x.line).sort(), file.name);
        good += file.good;
      }
      assert.equal((await customers()) - before, good, "every good row is a customer now");

      const head = await h.as("customer.merge", "customer.reveal");
      const branch = await head.branch();
      const counts = () => head.api("GET", `/units/${branch.id}/households/counts`);
      await head.go("/households");
      await head.page.getByRole("button", { name: /生成建议/ }).click();
      const lines = head.page.getByRole("list", { name: "待确认的户" }).locator(":scope > li");
      await lines.first().waitFor();
      await head.settled();
      const start = await counts();
      await lines.first().focus();
      await head.page.keyboard.press("y");
      await lines.first().getByText("已确认", { exact: true }).waitFor();
      await eventually(async () => (await counts()).accepted, start.accepted + 1, "one is accepted");
      const after = await counts();
      assert.equal(after.records, start.records, "no record is lost by confirming a household");
      assert.ok(after.households < start.households, "people who lived alone live together now");

      const groups = (await head.api("GET", `/units/${branch.id}/ticks`)).items;
      const group = groups.filter((g) => g.households > 3).sort((a, b) => a.households - b.households)[0];
      await head.go(`/ticks?group=${group.id}`);
      const cell = head.page.locator('[data-at="1-0"]');
      const was = await cell.getAttribute("data-say");
      await cell.focus();
      await head.page.keyboard.press("Space");
      await eventually(async () => (await cell.getAttribute("data-say")) !== was, true, "the tick shows");
      await head.sees("都已保存");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
