// Campaigns: from the preset, in plain words, the feasibility check, parameters per branch.
import { assert, fresh } from "./harness.mjs";

async function draft(s) {
  const { items } = await s.api("GET", "/program-presets");
  const code = fresh("e2e-");
  const program = await s.api("POST", "/programs", { preset: items[0].id, code, name: `端到端活动 ${code}` });
  return { program, remove: () => s.api("DELETE", `/programs/${program.id}`) };
}

export default {
  "a campaign made through the API is in the list and can be deleted on its page": async (h) => {
    const s = await h.as("program.read", "program.write");
    const { program } = await draft(s);
    await s.go("/campaigns");
    await s.page.getByRole("link", { name: program.name }).click();
    await s.page.getByRole("button", { name: "删除这个活动" }).click();
    await s.page.getByRole("button", { name: "确定" }).click();
    await s.page.waitForURL("**/campaigns");
    const { items } = await s.api("GET", "/programs");
    assert.ok(!items.some((p) => p.id === program.id));
  },

  "the check shows every finding of the API, and errors keep the start button off with the reason": async (
    h,
  ) => {
    const s = await h.as("program.read", "program.write");
    const { program, remove } = await draft(s);
    const report = await s.api("GET", `/programs/${program.id}/check`);
    await s.go(`/campaigns/${program.id}?tab=check`);
    for (const finding of report.findings) await s.sees(finding.title);
    assert.equal(await s.page.locator(".finding").count(), report.findings.length);
    assert.ok(report.errors > 0, "a fresh campaign lacks its collection plan");
    const start = s.page.getByRole("button", { name: "开始活动" });
    assert.equal(await start.isDisabled(), true);
    await s.sees(`体检还有 ${report.errors} 处不通过`);
    await remove();
  },

  "a quota changed on the page is a new version in the API with its note": async (h) => {
    const s = await h.as("program.read", "program.write");
    const { program, remove } = await draft(s);
    await s.go(`/campaigns/${program.id}`);
    await s.page.getByRole("button", { name: "修改参数" }).click();
    const dialog = s.page.getByRole("dialog");
    await dialog.getByLabel("每网点每天（户）").fill("17");
    await dialog.getByLabel("为什么改").fill("端到端核对");
    await dialog.getByRole("button", { name: "保存" }).click();
    await s.sees("每个网点每天走访 17 户。");
    const after = await s.api("GET", `/programs/${program.id}`);
    assert.equal(after.quota_per_day, 17);
    assert.equal(after.version, program.version + 1);
    await s.go(`/campaigns/${program.id}?tab=versions`);
    await s.sees("端到端核对");
    await remove();
  },

  "a branch's collection plan set through the API is in its row, and one set there is in the API": async (
    h,
  ) => {
    const s = await h.as("program.read", "program.write");
    const { program, remove } = await draft(s);
    const { items } = await s.api("GET", `/programs/${program.id}/units`);
    const [first, second] = items;
    await s.api("PUT", `/programs/${program.id}/units/${first.unit_id}/parameters`, {
      collection_plan: 4321,
    });
    await s.go(`/campaigns/${program.id}?tab=units`);
    const field = s.page.getByLabel(`${first.unit_name} 信息采集计划（条）`);
    assert.equal((await field.inputValue()).replace(/,/g, ""), "4321");
    await s.page.getByLabel(`${second.unit_name} 信息采集计划（条）`).fill("1234");
    await s.page.getByRole("button", { name: `保存: ${second.unit_name}` }).click();
    await s.sees(`${second.unit_name} · 已保存`);
    const after = await s.api("GET", `/programs/${program.id}/units`);
    assert.equal(after.items.find((u) => u.unit_id === second.unit_id).collection_plan, 1234);
    await remove();
  },

  "a campaign made on the page opens on its check": async (h) => {
    const s = await h.as("program.read", "program.write");
    const code = fresh("e2e-");
    await s.go("/campaigns");
    await s.page.getByRole("button", { name: "新建活动" }).click();
    const dialog = s.page.getByRole("dialog");
    await dialog.getByLabel("活动名称").fill(`页面新建 ${code}`);
    await dialog.getByLabel("活动编号").fill(code);
    await dialog.getByRole("button", { name: "建活动" }).click();
    await s.page.getByRole("tab", { name: "可行性体检", selected: true }).waitFor();
    const { items } = await s.api("GET", "/programs");
    const made = items.find((p) => p.code === code);
    assert.ok(made);
    await s.api("DELETE", `/programs/${made.id}`);
  },
};
