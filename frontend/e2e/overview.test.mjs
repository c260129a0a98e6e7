// The overview shows what the API holds.
import { assert, eventually, fresh, NARROW } from "./harness.mjs";

const figure = (s, label) =>
  s.page
    .locator("dl.kpis > div")
    .filter({ has: s.page.locator("dt", { hasText: new RegExp(`^${label}$`) }) })
    .locator(".kpi-value");

const grouped = (n) => new Intl.NumberFormat("zh-CN").format(n);

export default {
  "one more customer through the API is one more on the overview": async (h) => {
    const s = await h.as("overview.read", "customer.write", "unit.read");
    const branch = await s.branch();
    const before = await s.api("GET", "/overview");
    await s.go("/overview");
    assert.equal(await figure(s, "客户").textContent(), grouped(before.customers.total));
    await s.api("POST", `/units/${branch.id}/customers`, { customer_no: fresh("E"), name: "端到端" });
    const after = await s.api("GET", "/overview");
    assert.equal(after.customers.total, before.customers.total + 1);
    await s.go("/overview");
    assert.equal(await figure(s, "客户").textContent(), grouped(after.customers.total));
  },

  "the overview names the campaign, every branch and every thing to do": async (h) => {
    const s = await h.as("overview.read");
    const data = await s.api("GET", "/overview");
    await s.go("/overview");
    if (data.program) assert.match(await s.page.locator("h1").textContent(), new RegExp(data.program.name));
    for (const todo of data.todo) await s.sees(todo.title);
    for (const branch of data.branches) await s.sees(branch.unit_name, { exact: true });
    assert.equal(await s.page.locator(".ant-btn-primary").count(), 1, "one primary button");
  },

  "each thing to do leads to a page of the console": async (h) => {
    const s = await h.as("overview.read");
    const { todo } = await s.api("GET", "/overview");
    for (const one of todo.filter((t) => t.link)) {
      await s.go("/overview");
      await s.page
        .getByRole("link", { name: `去处理: ${one.title}` })
        .first()
        .click();
      await s.page.waitForURL((url) => url.pathname !== "/overview");
      await s.page.locator("h1").first().waitFor();
      assert.notEqual(await s.page.locator("h1").first().textContent(), "没有这个页面", one.link);
    }
  },

  "the scope in the top bar narrows the overview and stays in the address": async (h) => {
    const s = await h.as("overview.read", "unit.read");
    const branch = await s.branch();
    await s.go("/overview");
    await s.page.getByRole("button", { name: /^查看范围/ }).click();
    await s.page.getByRole("searchbox", { name: "按名称或编号找机构" }).fill(branch.name);
    await s.page
      .getByRole("dialog", { name: "查看范围" })
      .getByRole("button", { name: branch.name })
      .first()
      .click();
    await s.page.getByRole("button", { name: `查看范围: ${branch.name}` }).waitFor();
    if (branch.id === s.me.unit.id) return;
    await eventually(() => new URL(s.page.url()).searchParams.get("unit"), String(branch.id));
  },

  "the overview fits a phone": async (h) => {
    const s = await h.as("overview.read");
    await s.page.setViewportSize(NARROW);
    await s.go("/overview");
    await s.noSidewaysScroll("overview at 390 px");
  },
};
