// Customers: masked lists, filters in the address, look-up, reveal with a purpose, editing.
import { assert, fresh } from "./harness.mjs";

const NAME = "欧阳端到";

async function made(s) {
  const branch = await s.branch();
  const no = fresh("E");
  const customer = await s.api("POST", `/units/${branch.id}/customers`, { customer_no: no, name: NAME });
  return { branch, no, customer };
}

export default {
  "a customer added through the API is found by number and shown masked": async (h) => {
    const s = await h.as("customer.read", "customer.write");
    const { no } = await made(s);
    await s.go("/customers");
    await s.page.getByRole("button", { name: "查一个客户" }).click();
    const dialog = s.page.getByRole("dialog");
    await dialog.getByText("客户号", { exact: true }).first().click();
    await dialog.getByLabel("完整号码").fill(no);
    await dialog.getByRole("button", { name: "查找" }).click();
    const row = dialog.getByRole("row").filter({ hasText: no });
    await row.waitFor();
    assert.ok(!(await row.textContent()).includes(NAME), "the name is masked");
    assert.ok(!s.page.url().includes(no), "the number is not in the address");
  },

  "an occupation changed through the API is on the customer's page": async (h) => {
    const s = await h.as("customer.read", "customer.write");
    const { branch, customer } = await made(s);
    await s.api("PATCH", `/units/${branch.id}/customers/${customer.id}`, { occupation: "端到端职业" });
    await s.go(`/customers/${branch.id}/${customer.id}`);
    await s.sees("端到端职业", { exact: true });
  },

  "an occupation changed on the page is in the API, and the name stays": async (h) => {
    const s = await h.as("customer.read", "customer.write");
    const { branch, customer } = await made(s);
    await s.go(`/customers/${branch.id}/${customer.id}`);
    await s.page.getByRole("button", { name: "修改资料" }).click();
    await s.page.getByRole("dialog").getByLabel("职业").fill("养蜂");
    await s.page.getByRole("dialog").getByRole("button", { name: "保存" }).click();
    await s.sees("客户资料已保存。");
    const after = await s.api("GET", `/units/${branch.id}/customers/${customer.id}`);
    assert.equal(after.occupation, "养蜂");
    assert.equal(after.name_masked, customer.name_masked);
  },

  "the full name is shown after a purpose, masked again at a click, and the look is on record": async (h) => {
    const s = await h.as("customer.read", "customer.write", "customer.reveal");
    const { branch, customer } = await made(s);
    await s.go(`/customers/${branch.id}/${customer.id}`);
    assert.equal(await s.page.getByText(NAME).count(), 0);
    await s.page.getByRole("button", { name: "查看完整信息" }).click();
    await s.page.getByRole("dialog").getByRole("button", { name: "显示 60 秒" }).click();
    await s.sees(NAME);
    await s.page.getByRole("timer").waitFor();
    await s.page.getByRole("button", { name: "现在就遮住" }).click();
    await s.page.getByText(NAME).first().waitFor({ state: "detached" });
    const { events } = await s.api("GET", `/units/${branch.id}/customers/${customer.id}`);
    assert.ok(
      events.some((e) => /reveal/.test(e.action)),
      "the reveal is an event",
    );
  },

  "the list is the API's, page by page, with the village group in the address": async (h) => {
    const s = await h.as("customer.read", "unit.read");
    const branch = await s.branch();
    const { items: groups } = await s.api("GET", `/units/${branch.id}/village-groups`);
    const group = groups.find((g) => g.customers > 0);
    const unit = branch.id === s.me.unit.id ? "" : `&unit=${branch.id}`;
    await s.go(`/customers?group=${group.id}${unit}`);
    const want = await s.api("GET", `/units/${branch.id}/customers?village_group=${group.id}&limit=50`);
    const rows = s.table("客户").getByRole("row");
    assert.equal(await rows.count(), want.items.length + 1);
    assert.ok((await rows.nth(1).textContent()).includes(want.items[0].customer_no));
    if (!want.next) return;
    await s.page.getByRole("button", { name: "下一页" }).click();
    const second = await s.api(
      "GET",
      `/units/${branch.id}/customers?village_group=${group.id}&limit=50&after=${encodeURIComponent(want.next)}`,
    );
    await s.table("客户").getByText(second.items[0].customer_no, { exact: true }).waitFor();
    await s.page.getByRole("button", { name: "上一页" }).click();
    await s.table("客户").getByText(want.items[0].customer_no, { exact: true }).waitFor();
  },

  "a name searched in the branch is found and never in the address": async (h) => {
    const s = await h.as("customer.read", "customer.write");
    const { branch, no } = await made(s);
    await s.go(branch.id === s.me.unit.id ? "/customers" : `/customers?unit=${branch.id}`);
    await s.page.getByLabel("按姓名找（本网点内）").fill("欧阳端");
    await s.page.getByRole("button", { name: "查找" }).click();
    await s.table("客户").getByText(no, { exact: true }).waitFor();
    assert.ok(!decodeURIComponent(s.page.url()).includes("欧阳"));
  },
};
