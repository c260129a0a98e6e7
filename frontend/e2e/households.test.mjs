// Households: proposals confirmed by keyboard and taken back, the profile of one household, the customer's own form.
import { assert, eventually, fresh, NARROW } from "./harness.mjs";

let sequence = 100 + Math.floor(Math.random() * 800);

/** An ID number of the demo with its check character; odd sequences are men. */
function idNumber(year, man) {
  sequence = (sequence + 2) % 1000;
  const digits = `29019${Math.floor(Math.random() * 10)}${year}0${1 + (sequence % 9)}1${sequence % 9}${String(
    sequence - (sequence % 2) + (man ? 1 : 0),
  ).padStart(3, "0")}`;
  const sum = [...digits].reduce((n, d, i) => n + Number(d) * (2 ** (17 - i) % 11), 0);
  return digits + "10X98765432"[sum % 11];
}

/** A family at a door of its own in a village that no other run knows. */
async function family(s, branch, village, door, surnames) {
  const made = [];
  for (const [surname, year, man] of surnames) {
    const customer_no = fresh("HH");
    const body = {
      customer_no,
      name: `${surname}端到`,
      id_number: idNumber(year, man),
      address: `青山镇${village}村3组${door}号`,
    };
    made.push(await s.api("POST", `/units/${branch.id}/customers`, body));
  }
  return made;
}

const COUPLE = [
  ["王", 1970, true],
  ["李", 1972, false],
];
const CHILD = ["王", 1997, true];

async function proposed(s, branch) {
  await s.job(await s.api("POST", `/units/${branch.id}/household-proposals`));
  return (await s.api("GET", `/units/${branch.id}/household-proposals?limit=15`)).items;
}

/** Everything that stands open is decided, so that the next test begins with its own. */
async function cleared(s, branch) {
  for (;;) {
    const { items } = await s.api("GET", `/units/${branch.id}/household-proposals?limit=200`);
    if (items.length === 0) return;
    const decisions = items.map((p) => ({ id: p.id, accept: false }));
    await s.api("POST", `/units/${branch.id}/household-proposals/decide`, { decisions });
  }
}

export default {
  "a branch head confirms, rejects and takes back proposed households by keyboard": async (h) => {
    const s = await h.as("customer.merge", "customer.reveal");
    const branch = await s.branch();
    await s.job(await s.api("POST", `/units/${branch.id}/household-proposals`));
    await cleared(s, branch);
    const village = fresh("溪");
    await family(s, branch, village, 11, [...COUPLE, CHILD]);
    await family(s, branch, village, 12, COUPLE);
    await family(s, branch, village, 13, COUPLE);
    await s.go("/households");
    await s.page.getByRole("button", { name: /生成建议/ }).click();
    const list = s.page.getByRole("list", { name: "待确认的户" });
    const lines = list.locator(":scope > li");
    await eventually(() => lines.count(), 3);
    await s.settled();
    await s.axe("the households to confirm");
    const before = await s.api("GET", `/units/${branch.id}/households/counts`);
    await lines.first().focus();
    const at = () =>
      list.evaluate((ol) => [...ol.children].findIndex((li) => li.getAttribute("aria-current") === "true"));
    await s.page.keyboard.press("j");
    await eventually(at, 1, "J moves on");
    await s.page.keyboard.press("k");
    await eventually(at, 0, "K moves back");
    await s.page.keyboard.press("y");
    await lines.nth(0).getByText("已确认", { exact: true }).waitFor();
    await s.page.keyboard.press("n");
    await lines.nth(1).getByText("未采纳", { exact: true }).waitFor();
    await s.page.keyboard.press("u");
    await lines.nth(1).getByText("未采纳", { exact: true }).waitFor({ state: "detached" });
    const counts = () => s.api("GET", `/units/${branch.id}/households/counts`);
    assert.equal((await counts()).accepted, before.accepted + 1);
    assert.equal((await counts()).rejected, before.rejected);
    await s.page.getByLabel("最低分").click();
    await s.page.locator(".ant-select-item-option", { hasText: "50 分" }).click();
    await lines.nth(1).focus();
    await s.page.keyboard.press("a");
    await eventually(async () => (await counts()).accepted, before.accepted + 3, "A accepts the rest");
    await s.sees("本页都处理完了。");
    const after = await counts();
    assert.equal(after.households_before - after.joined_households, after.households);
    assert.equal(after.records, before.records, "no person record is lost");
    assert.equal(after.households, before.households - 4);
  },

  "a member left out with S stays alone": async (h) => {
    const s = await h.as("customer.merge", "customer.reveal");
    const branch = await s.branch();
    await cleared(s, branch);
    const made = await family(s, branch, fresh("石"), 21, [...COUPLE, CHILD]);
    const [proposal] = await proposed(s, branch);
    assert.equal(proposal.members.length, 3);
    await s.go("/households");
    const line = s.page.getByRole("list", { name: "待确认的户" }).locator(":scope > li").first();
    await line.focus();
    await s.page.keyboard.press("ArrowRight");
    await s.page.keyboard.press("ArrowRight");
    await s.page.keyboard.press("s");
    await line.getByText("留在外面").waitFor();
    await s.page.keyboard.press("Enter");
    await line.getByText("已确认", { exact: true }).waitFor();
    const { items } = await s.api("GET", `/units/${branch.id}/household-proposals?state=accepted&limit=200`);
    const done = items.find((p) => p.id === proposal.id);
    const home = await s.api("GET", `/units/${branch.id}/households/${done.household_id}`);
    assert.equal(home.members.length, 2);
    const out = proposal.members[2].customer_id;
    assert.ok(made.some((c) => c.id === out) && !home.members.some((m) => m.customer_id === out));
    await s.page.getByRole("tab", { name: "已确认" }).click();
    await s.sees("留在外面");
    await s.axe("the accepted households");
  },

  "one look at a household: masked, in full for a purpose with the quota shown, split and joined again":
    async (h) => {
      const s = await h.as("customer.merge", "customer.reveal");
      const branch = await s.branch();
      const [father, , son] = await family(s, branch, fresh("柳"), 31, [...COUPLE, CHILD]);
      const ids = [father.id, son.id];
      const { id } = await s.api("POST", `/units/${branch.id}/households`, { customer_ids: ids });
      await s.go(`/customers/${branch.id}/${father.id}`);
      await s.page.getByRole("link", { name: /看这一户/ }).click();
      await s.page.waitForURL(new RegExp(`/households/${branch.id}/${id}`));
      await s.sees("户 王**");
      await s.settled();
      await s.axe("a household");
      assert.equal(await s.page.getByText("王端到").count(), 0);
      await s.page
        .getByRole("button", { name: /查看完整信息：王\*\*/ })
        .first()
        .click();
      await s.page
        .getByRole("dialog")
        .getByText(/本小时还可查看 \d+ 次/)
        .waitFor();
      await s.page.getByRole("dialog").getByRole("button", { name: "显示 60 秒" }).click();
      await s.sees("王端到");
      await s.sees(/查看完整信息：姓名/);
      await s.page.getByRole("button", { name: /现在就遮住/ }).click();
      await s.page.getByText("王端到").first().waitFor({ state: "detached" });
      await s.page.getByRole("button", { name: `分出去：王** ${son.customer_no}` }).click();
      await s.page.getByRole("dialog").getByRole("button", { name: "分出去" }).click();
      await s.sees("已分户。");
      const now = () => s.api("GET", `/units/${branch.id}/households/${id}`);
      assert.equal((await now()).members.length, 1);
      await s.page.getByRole("button", { name: "加一位成员" }).click();
      const dialog = s.page.getByRole("dialog");
      await dialog.getByText("本网点已有的客户").click();
      await dialog.getByLabel("客户号").fill(son.customer_no);
      await dialog.getByRole("button", { name: "保存" }).click();
      await s.sees("成员已加入。");
      assert.equal((await now()).members.length, 2);
      await s.large(true);
      await s.go(`/households/${branch.id}/${id}`);
      await s.noSidewaysScroll("a household in large type");
      await s.axe("a household in large type");
      await s.large(false);
      await s.page.setViewportSize(NARROW);
      await s.noSidewaysScroll("a household on a narrow screen");
    },

  "tags are chosen from all groups and a phone is emptied on the customer's form": async (h) => {
    const s = await h.as("customer.merge", "customer.reveal");
    const branch = await s.branch();
    const { items: tags } = await s.api("GET", "/customer-tags");
    assert.ok(tags.length >= 10, "the groups of the campaign");
    const [customer] = await family(s, branch, fresh("杨"), 41, [CHILD]);
    const path = `/units/${branch.id}/customers/${customer.id}`;
    await s.api("PATCH", path, { phone: "138****1234" });
    await s.go(`/customers/${branch.id}/${customer.id}`);
    await s.page.getByRole("button", { name: "修改资料" }).click();
    const dialog = s.page.getByRole("dialog");
    await dialog.getByLabel("群体").click();
    await s.page.locator(".ant-select-item-option", { hasText: tags[0].name }).first().click();
    await s.page.keyboard.press("Escape");
    await dialog.getByLabel("要清空的项").click();
    await s.page.locator(".ant-select-item-option", { hasText: "手机" }).last().click();
    await s.page.keyboard.press("Escape");
    await dialog.getByRole("button", { name: "保存" }).click();
    await s.sees("客户资料已保存。");
    const after = await s.api("GET", path);
    assert.deepEqual([after.tags.map((t) => t.code), after.phone_state], [[tags[0].code], "empty"]);
  },
};
