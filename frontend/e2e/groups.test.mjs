// Must-visit groups: a rule tried while it is typed, published and taken back; the tick sheet worked by keyboard.
import { assert, eventually, Skip } from "./harness.mjs";

const RULE = "answered(age) && age >= elderly_from_years";

async function branchHead(h) {
  const s = await h.as("customer.write", "customer.reveal", "customer.export");
  if (s.me.unit.level !== "branch") throw new Skip("no demo login of a branch");
  return s;
}

/** The village group of the own branch with the fewest households that nobody has gone through. */
async function quietGroup(s) {
  const { items } = await s.api("GET", `/units/${s.me.unit.id}/ticks`);
  const free = items.filter((g) => g.seen === 0 && g.households > 3);
  free.sort((a, b) => a.households - b.households);
  if (!free[0]) throw new Skip("every village group has been gone through");
  return free[0];
}

const rowsOf = (s, group) => s.api("GET", `/units/${s.me.unit.id}/ticks/${group.id}`);
const cell = (s, row, column) => s.page.locator(`[data-at="${row}-${column}"]`);

export default {
  "a rule of a group is tried while it is typed, with what is wrong in words and place": async (h) => {
    const s = await h.as("group.write");
    await s.go("/groups?code=affluent");
    const area = s.page.getByLabel("规则（CEL）");
    await area.fill(RULE);
    await s.sees("年龄不少于老年客户起始岁数（65）");
    const want = await s.api("POST", "/groups/preview", { code: "affluent", when: RULE });
    await s.sees(want.sentence);
    assert.ok(want.households > 0, "the demo has older customers");
    await area.fill("answered(age) && agee > 3");
    await s.sees("第 1 行第 18 个字");
    await s.sees("没有“agee”这一项");
    await s.axe("groups");
    await s.noSidewaysScroll("groups");
  },

  "a draft of a rule is saved and published, and the version before can be taken back": async (h) => {
    const s = await h.as("group.write");
    const before = await s.api("GET", "/groups");
    const old = before.items.find((g) => g.code === "service_station");
    await s.go("/groups?code=service_station");
    await s.page.getByLabel("规则（CEL）").fill("'商易通' in products");
    await s.page.getByLabel("为什么改").fill("办了商易通的多是站点");
    await s.page.getByRole("button", { name: "保存草稿" }).click();
    await s.sees("草稿已保存，发布后才生效。");
    await s.page.getByRole("button", { name: "发布", exact: true }).click();
    await s.page.getByRole("tooltip").getByRole("button", { name: "发布" }).click();
    await s.sees("规则已发布，名单正在重算。");
    const { items } = await s.api("GET", "/groups/service_station/versions");
    assert.equal(items[0].when, "'商易通' in products");
    assert.equal(items[0].state, "in_force");
    await s.page.getByRole("button", { name: "拿来改回这一版" }).last().click();
    await eventually(
      () => s.page.getByLabel("规则（CEL）").inputValue(),
      old.version === 0 ? old.when : "",
      "the preset is in the editor",
    );
    await s.page.getByRole("button", { name: "保存草稿" }).click();
    // Its notice is still there from the first time: only the bank can say that this one is saved.
    await eventually(
      async () => (await s.api("GET", "/groups/service_station/versions")).items[0].state,
      "draft",
      "the draft is saved",
    );
    await s.settled();
    await s.page.getByRole("button", { name: "发布", exact: true }).click();
    await s.page.getByRole("tooltip").getByRole("button", { name: "发布" }).click();
    await eventually(
      async () => (await s.api("GET", "/groups")).items.find((g) => g.code === "service_station").when,
      "",
      "the preset holds again",
    );
  },

  "a village group is ticked by keyboard, stored in the background and taken back": async (h) => {
    const s = await branchHead(h);
    const group = await quietGroup(s);
    await s.go(`/ticks?group=${group.id}`);
    const rows = (await rowsOf(s, group)).items;
    // The second household that no file says anything about, so that a tick is a yes.
    const at = rows.findIndex((r) => r.in_file.length === 0 && r.ticks.length === 0);
    assert.ok(at >= 0, "a household without a tag");
    await cell(s, at, 0).focus();
    await s.page.keyboard.press("Space");
    await eventually(() => cell(s, at, 0).getAttribute("data-say"), "yes", "the tick shows at once");
    await s.page.keyboard.press("ArrowRight");
    await s.page.keyboard.press("x");
    await s.page.keyboard.press("Enter");
    await eventually(
      () => s.page.evaluate(() => document.activeElement.getAttribute("data-at")),
      at + 1 < rows.length ? `${at + 1}-0` : `${at}-1`,
      "Enter goes to the next household",
    );
    const stored = async () => JSON.stringify((await rowsOf(s, group)).items[at].ticks);
    await eventually(
      stored,
      JSON.stringify([
        { tag: "B01", yes: true },
        { tag: "B02", yes: false },
      ]),
      "both are stored without a button",
    );
    await s.sees("都已保存");
    await s.axe("tick sheet");
    await s.noSidewaysScroll("tick sheet");
    for (let n = 0; n < 2; n += 1) await s.page.keyboard.press("Control+z");
    await eventually(stored, "[]", "taken back");
  },

  "names of a sheet show on request in the own branch and are one entry of the log": async (h) => {
    const s = await branchHead(h);
    const group = await quietGroup(s);
    await s.go(`/ticks?group=${group.id}`);
    const grid = s.page.getByRole("table", { name: group.name });
    assert.ok((await grid.textContent()).includes("**"), "masked at first");
    await s.page.getByRole("button", { name: "显示姓名" }).click();
    await eventually(async () => (await grid.textContent()).includes("**"), false, "the names are whole");
    await s.page.getByRole("button", { name: "遮住姓名" }).click();
    await eventually(async () => (await grid.textContent()).includes("**"), true, "masked again");
  },

  "a printed sheet has a number, and what comes back on paper is entered in its order": async (h) => {
    const s = await branchHead(h);
    const group = await quietGroup(s);
    await s.go(`/ticks?group=${group.id}`);
    await s.page.getByRole("button", { name: "打印名单" }).click();
    const line = s.page.getByText(/单号 \d{8}-\d{2}/).first();
    await line.waitFor();
    const number = /\d{8}-\d{2}/.exec(await line.textContent())[0];
    await s.axe("tick sheet on paper");
    await s.page.getByLabel("单号").fill(number);
    await s.page.getByRole("button", { name: "按单号录入" }).click();
    await s.sees(`按单号 ${number} 的行号顺序`);
    const book = await s.raw("GET", `/units/${s.me.unit.id}/tick-sheets/${number}/sheet.xlsx`);
    assert.equal(book.status(), 200);
  },
};
