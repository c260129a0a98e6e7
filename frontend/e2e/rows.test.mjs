// Before the start: the mobilisation meeting with its attendance, and the stock of material from county to branch.
// Afterwards: the progress of collection by village and mail route, down to the households still missing.
import { assert, fresh, NARROW } from "./harness.mjs";

/** A draft that begins in a month, so that no other test meets it. */
async function draft(s) {
  const { items } = await s.api("GET", "/program-presets");
  const code = fresh("e2e-r-");
  const soon = new Date(`${s.me.system.today}T00:00:00Z`);
  soon.setUTCDate(soon.getUTCDate() + 30);
  return s.api("POST", "/programs", {
    preset: items[0].id,
    code,
    name: `准备活动 ${code}`,
    first_day: soon.toISOString().slice(0, 10),
  });
}

/** Chooses from a list that is open, once it stands still. */
async function choose(page, text) {
  const open = page.locator(".ant-select-dropdown:not(.ant-select-dropdown-hidden)");
  const option = open.locator(".ant-select-item-option", { hasText: text }).first();
  // A list that is still unfolding takes no choice.
  for (let tries = 0; tries < 5 && (await open.count()) > 0; tries += 1) {
    await option.click();
    await open
      .first()
      .waitFor({ state: "hidden", timeout: 2_000 })
      .catch(() => {});
  }
}

export default {
  "the county records the mobilisation meeting and a branch enters who came": async (h) => {
    const market = await h.as("program.write");
    const page = market.page;
    const program = await draft(market);
    await market.go(`/campaigns/${program.id}`);
    await page.getByRole("link", { name: "动员培训" }).click();
    await market.sees("还没开");
    await page.getByRole("button", { name: "登记会议" }).click();
    await page.getByLabel("地点").fill("县局三楼会议室");
    await page.getByLabel("内容").fill("活动安排\n走访话术");
    await page.getByRole("button", { name: "保存" }).click();
    await market.sees("县局三楼会议室");
    await market.sees("已开");
    // A correction says why, and the former version stays to be read.
    await page.getByRole("button", { name: "更正会议登记" }).click();
    await page.getByLabel("地点").fill("县局礼堂");
    await page.getByLabel("更正的原因").fill("地点写错");
    await page.getByRole("button", { name: "保存" }).click();
    await page.getByText("更正过（地点写错）").click();
    await market.sees("县局三楼会议室");

    const head = await h.as("plan.confirm");
    const own = head.page;
    await head.go(`/campaigns/${program.id}?tab=meeting`);
    await head.sees(`${head.me.unit.name} 签到表`);
    const first = own.getByRole("combobox", { name: /^到会：/ }).first();
    await first.click();
    await choose(own, "请假");
    await own.getByRole("button", { name: "其余的人都到会" }).click();
    await own.getByRole("button", { name: "保存", exact: true }).click();
    await head.sees("第 1 次登记");
    await head.axe("attendance");

    await market.go(`/campaigns/${program.id}?tab=meeting`);
    await market.sees("已登记 1 个机构");
    const path = `/programs/${program.id}/steps/mobilise/meeting`;
    const unit = (await market.api("GET", path)).units.find((u) => u.unit_id === head.me.unit.id);
    assert.deepEqual([unit.sheet.excused, unit.sheet.present], [1, unit.sheet.people - 1]);
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "下载签到表" }).click();
    assert.match((await download).suggestedFilename(), /^签到表-.*\.xlsx$/);
    await market.axe("meeting");
    await page.setViewportSize(NARROW);
    await market.noSidewaysScroll("meeting");
  },

  "material is ordered, given to a branch, confirmed there and corrected": async (h) => {
    const market = await h.as("program.write");
    const page = market.page;
    const program = await draft(market);
    const head = await h.as("plan.confirm");
    const unit = head.me.unit;
    const fill = async (p, item, pieces) => {
      await p.getByLabel("物料", { exact: true }).click();
      await choose(p, item);
      await p.getByLabel("件数").fill(String(pieces));
    };
    await market.go(`/campaigns/${program.id}?tab=stock`);
    await market.sees("还没有记录。");
    await page.getByRole("button", { name: "到货", exact: true }).click();
    await page.getByRole("dialog").waitFor();
    await fill(page, "信息采集表", 5000);
    await page.getByLabel("单价（元）").fill("0.15");
    await page.getByRole("button", { name: "保存" }).click();
    await market.sees("已保存");
    await page.getByRole("button", { name: "发出", exact: true }).click();
    await fill(page, "信息采集表", 300);
    await page.getByLabel("发给哪个网点").fill(unit.name);
    await choose(page, unit.name);
    await page.getByRole("button", { name: "保存" }).click();
    await market.sees("4,700");

    // The branch counts two fewer and says why.
    await head.go(`/campaigns/${program.id}?tab=stock`);
    await head.page.getByRole("button", { name: "收货：信息采集表" }).click();
    await head.page.getByLabel("件数").fill("298");
    await head.page.getByLabel("说明").fill("两张破损");
    await head.page.getByRole("button", { name: "保存" }).click();
    const store = head.table(`${unit.name} 物料台账`);
    await store.getByRole("row", { name: /信息采集表 298/ }).waitFor();
    await head.sees("起不够");
    await head.page.getByRole("button", { name: "更正第 1 条" }).waitFor();
    await head.axe("stock of a branch");

    await market.go(`/campaigns/${program.id}?tab=stock`);
    await page.getByRole("button", { name: "更正第 1 条" }).click();
    await page.getByLabel("增减件数（减少写负数）").fill("-1000");
    await page.getByRole("dialog").getByLabel("原因").fill("多写一千");
    await page.getByRole("button", { name: "保存" }).click();
    await market.sees("3,700");
    await market.sees("多写一千");
    const { units } = await market.api("GET", `/programs/${program.id}/stock`);
    const lines = (id) => units.find((u) => u.unit_id === id).lines.find((l) => l.item === "collection_form");
    assert.deepEqual([lines(unit.id).stock, lines(unit.id).on_the_way], [298, 0]);
    await market.axe("stock");
    await page.setViewportSize(NARROW);
    await market.noSidewaysScroll("stock");
  },

  "the progress of collection leads by village and mail route to the households still missing": async (h) => {
    const market = await h.as("import.write", "program.write");
    const page = market.page;
    const program = await market.startedProgram();
    const [branch] = await market.branches();
    const groups = await market.api("GET", `/units/${branch.id}/village-groups`);
    const group = groups.items.find((g) => g.households > 0);
    await market.go(`/units?node=${branch.id}&tab=groups`);
    await page
      .getByRole("button", { name: `${group.name} 邮路段道` })
      .first()
      .click();
    const route = fresh("东风");
    await page.getByLabel("邮路段道", { exact: true }).fill(route);
    await page.getByRole("button", { name: "保存" }).click();
    await page.getByText(route).first().waitFor();

    await market.go(`/campaigns/${program.id}?tab=collection`);
    await page.getByRole("combobox", { name: "邮路段道" }).click();
    await choose(page, route);
    const row = page.getByRole("row", { name: new RegExp(route) });
    await row.waitFor();
    await market.axe("collection");
    const path = `/programs/${program.id}/collection?mail_route=${encodeURIComponent(route)}`;
    const { items } = await market.api("GET", path);
    assert.equal(items.length, 1);
    assert.equal(items[0].households, items[0].complete + items[0].missing);
    if (items[0].missing > 0) {
      await row.getByRole("button").click();
      await page.getByRole("heading", { name: /^还缺的户/ }).waitFor();
      await page.getByRole("link", { name: /\*/ }).first().waitFor();
      await market.axe("households missing");
      await page.getByRole("button", { name: "回到采集进度" }).click();
    }
    await page.setViewportSize(NARROW);
    await market.noSidewaysScroll("collection");
  },
};
