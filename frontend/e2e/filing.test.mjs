// Before the start: the check's repair becomes a version, a branch files its visit plan, the county accepts it,
// somebody else approves, the campaign starts. During it: the count of a day and the ledger.
import { assert, fresh } from "./harness.mjs";

/** A campaign that begins soon and lacks nothing but what the test does on the page. */
async function draft(s) {
  const { items } = await s.api("GET", "/program-presets");
  const code = fresh("e2e-f-");
  const program = await s.api("POST", "/programs", {
    preset: items[0].id,
    code,
    name: `报送活动 ${code}`,
  });
  const { items: units } = await s.api("GET", `/programs/${program.id}/units`);
  for (const unit of units) {
    await s.api("PUT", `/programs/${program.id}/units/${unit.unit_id}/parameters`, {
      collection_plan: 700,
      quota_per_day: 2,
    });
  }
  const detail = await s.api("GET", `/programs/${program.id}`);
  const definition = structuredClone(detail.definition);
  // A year that nobody meant: the whole second phase lies before the campaign.
  const year = Number(definition.phase[1].start.slice(0, 4));
  for (const key of ["start", "end"]) {
    definition.phase[1][key] = definition.phase[1][key].replace(String(year), String(year - 2));
  }
  await s.api("PUT", `/programs/${program.id}`, { definition, note: "写错年份", version: 1 });
  return program;
}

export default {
  "a campaign goes from its check over a repair, filing and approval to its start": async (h) => {
    const market = await h.as("program.write");
    const program = await draft(market);
    const page = market.page;

    // The check offers the year, and the page puts it in as version 3.
    await market.go(`/campaigns/${program.id}?tab=check`);
    const finding = page.locator(".finding", { hasText: "不在活动日期内" });
    await finding
      .getByRole("button", { name: /按此修改/ })
      .first()
      .click();
    await page.getByRole("button", { name: "确定" }).click();
    await market.sees("已改，现在是第 3 版。");
    await finding.waitFor({ state: "detached" });
    const repaired = await market.api("GET", `/programs/${program.id}/check`);
    assert.ok(!repaired.findings.some((f) => f.code === "CHK-PHASE-OUTSIDE"));
    assert.equal(repaired.errors, 0, JSON.stringify(repaired.findings.filter((f) => f.severity === "error")));

    // The head accepts the collection plan and hands in what is offered.
    const head = await h.as("plan.confirm");
    await head.go(`/campaigns/${program.id}?tab=filing`);
    await head.page.getByRole("checkbox", { name: /认采集计划/ }).check();
    await head.page.getByRole("checkbox", { name: "走访贴" }).check();
    await head.page.getByRole("button", { name: "报送", exact: true }).click();
    await head.sees("已报送。");

    // The county returns it with a reason, and accepts it the second time.
    const unit = head.me.unit;
    await market.go(`/campaigns/${program.id}?tab=filing`);
    await page.getByRole("button", { name: `看计划：${unit.name}` }).click();
    await page.getByLabel("退回的原因").fill("名片还没领");
    await page.getByRole("button", { name: "退回", exact: true }).click();
    await market.sees("县局退回：名片还没领");
    await head.go(`/campaigns/${program.id}?tab=filing`);
    await head.sees("县局退回：名片还没领");
    await head.page.getByRole("checkbox", { name: /认采集计划/ }).check();
    await head.page.getByRole("checkbox", { name: "名片" }).check();
    await head.page.getByRole("button", { name: "改好重报" }).click();
    await head.sees("已报送。");
    const path = `/programs/${program.id}/filings/${unit.id}`;
    await market.api("POST", `${path}/decision`, { seq: 2, accept: true, reason: "" });

    // Who wrote it cannot start it; the director approves and starts.
    const director = await h.as("program.approve");
    await director.go(`/campaigns/${program.id}?tab=filing`);
    const start = director.page.getByRole("button", { name: "开始活动" });
    assert.equal(await start.isDisabled(), true);
    await director.sees("第 3 版还没有批准。");
    // The other branches have filed nothing: that is approved with a reason only.
    const approve = director.page.getByRole("button", { name: "批准第 3 版" });
    assert.equal(await approve.isDisabled(), true);
    await director.page.getByLabel("为什么不等报齐就批（要填）").fill("其余网点三天内补报");
    await approve.click();
    await director.sees("✓ 第 3 版已批准，可以开始。");
    await start.click();
    await director.page.getByRole("button", { name: "确定" }).click();
    await director.page.getByText("进行中").first().waitFor();
    assert.equal((await market.api("GET", `/programs/${program.id}`)).state, "started");
    await director.api("POST", `/programs/${program.id}/close`);
  },

  "the county accepts all plans that were handed in with one press, and the list says who and when": async (
    h,
  ) => {
    const market = await h.as("program.write");
    const program = await draft(market);
    const head = await h.as("plan.confirm");
    const unit = head.me.unit;
    const own = `/programs/${program.id}/filings/${unit.id}`;
    const detail = await head.api("GET", own);
    await market.go(`/campaigns/${program.id}?tab=filing`);
    await market.sees("网点走访计划报送");
    assert.equal(await market.page.getByRole("button", { name: /同意全部已报的/ }).count(), 0);
    // The second phase is still in the wrong year, and the weeks offered are those of the campaign.
    await head.api("POST", own, { ...detail.proposal, materials: ["sticker"] });
    await market.go(`/campaigns/${program.id}?tab=filing`);
    await market.page.getByRole("button", { name: "同意全部已报的（1 个）" }).click();
    const dialog = market.page.getByRole("dialog", { name: "同意全部已报的走访计划" });
    await dialog.getByText("同意 1 个网点的走访计划").waitFor();
    await dialog.getByRole("button", { name: "同意", exact: true }).click();
    await market.sees("已同意 1 个。");
    const row = market.page.getByRole("row", { name: new RegExp(unit.name) });
    await row.getByText("县局同意").waitFor();
    await row.getByText(new RegExp(`${market.me.user.name} \\d{4}-`)).waitFor();
    assert.equal((await head.api("GET", own)).filings[0].state, "accepted");
    await market.axe("filing");
    await market.api("DELETE", `/programs/${program.id}`);
  },

  "the count of a day stands in the ledger, and a correction keeps what was typed before": async (h) => {
    const head = await h.as("plan.confirm");
    await head.go("/shortfall");
    await head.page.getByRole("heading", { name: "今日走访户数" }).waitFor();
    const count = head.page.getByLabel("走访户数", { exact: true });
    await count.fill("1");
    const reason = head.page.getByLabel("更正的原因");
    if (await reason.count()) await reason.fill("端到端核对");
    await head.page.getByRole("button", { name: "记下", exact: true }).click();
    await head.sees("已记下。");
    await count.fill("3");
    await reason.fill("漏记两户");
    await head.page.getByRole("button", { name: "记下", exact: true }).click();
    await head.page.getByRole("cell", { name: "漏记两户" }).first().waitFor();
    await head.page.getByRole("cell", { name: "网点填报" }).first().waitFor();
  },
};
