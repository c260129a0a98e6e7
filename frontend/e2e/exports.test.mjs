// Exports: asked for by one person, granted by another, taken as a file; with the number of the export in it.
import { assert, fresh } from "./harness.mjs";

/** Chooses in a select of antd: by keyboard, as somebody without a mouse would. */
async function choose(page, label, text) {
  const box = page.getByRole("combobox", { name: label });
  await box.focus();
  await page.keyboard.press("ArrowDown");
  await page.locator(".ant-select-item-option").filter({ hasText: text }).first().click();
}

export default {
  "a full export waits for the compliance officer and is then taken by who asked": async (h) => {
    const s = await h.as("customer.export", "plan.confirm");
    const reason = fresh("核对名单");
    await s.go("/exports");
    await s.page.getByRole("button", { name: "申请导出" }).click();
    await choose(s.page, "用途", "数据核对");
    await s.page.getByLabel("原因").fill(reason);
    await s.page.getByRole("checkbox", { name: /要完整信息/ }).check();
    await s.axe();
    await s.page.getByRole("button", { name: "提交申请" }).click();
    await s.sees("待批准");

    const officer = await h.as("export.approve", "customer.reveal");
    await officer.go("/exports");
    const row = officer.page.getByRole("row").filter({ hasText: reason });
    await row.getByRole("button", { name: "审批" }).click();
    await officer.sees(/申请导出 .* 行，完整信息/);
    await officer.page.getByRole("button", { name: /^确 ?定$/ }).click();
    await row.getByText("待批准").waitFor({ state: "detached" });

    await s.go("/exports");
    const mine = s.page.getByRole("row").filter({ hasText: reason });
    await mine.getByText("可下载").waitFor();
    await s.axe();
    const one = (await s.api("GET", "/exports")).items.find((e) => e.reason === reason);
    const waiting = s.page.waitForEvent("download");
    await mine.getByRole("link", { name: "下载" }).click();
    const file = await waiting;
    assert.ok(file.suggestedFilename().includes(one.mark) || file.suggestedFilename().endsWith(".xlsx"));
    assert.equal(one.state, "ready");
    assert.equal(one.rows_written, one.rows_wanted);
  },
};
