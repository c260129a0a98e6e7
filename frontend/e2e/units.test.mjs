// Units, staff, village groups, work calendar.
import { assert, fresh } from "./harness.mjs";

export default {
  "a unit's telephone changed through the API is on its page": async (h) => {
    const s = await h.as("unit.read", "unit.write");
    const branch = await s.branch();
    const phone = `0999-${Math.floor(1_000_000 + Math.random() * 8_999_999)}`;
    await s.api("PATCH", `/units/${branch.id}`, { phone });
    await s.go(`/units?node=${branch.id}&tab=detail`);
    await s.sees(phone, { exact: true });
  },

  "a unit's name changed on the page is in the API": async (h) => {
    const s = await h.as("unit.read", "unit.write");
    const branch = await s.branch();
    const name = `${branch.name.slice(0, 10)}${fresh("")}`.slice(0, 20);
    await s.go(`/units?node=${branch.id}&tab=detail`);
    await s.page.getByRole("button", { name: "修改", exact: true }).click();
    await s.page.getByRole("dialog").getByLabel("名称").fill(name);
    await s.page.getByRole("dialog").getByRole("button", { name: "保存" }).click();
    await s.sees("已保存");
    assert.equal((await s.api("GET", `/units/${branch.id}`)).name, name);
    await s.api("PATCH", `/units/${branch.id}`, { name: branch.name });
  },

  "somebody added through the API is in the table of staff": async (h) => {
    const s = await h.as("staff.read", "staff.write", "unit.read");
    const branch = await s.branch();
    const { items: posts } = await s.api("GET", "/posts");
    const no = fresh("E");
    await s.api("POST", `/units/${branch.id}/staff`, {
      staff_no: no,
      name: "端到端员工",
      post: posts[0].code,
    });
    await s.go(`/units?node=${branch.id}&tab=staff`);
    const row = s.table("员工").getByRole("row").filter({ hasText: no });
    await row.waitFor();
    assert.match(await row.textContent(), new RegExp(`端到端员工.*${posts[0].name}`));
  },

  "a staff name changed on the page is in the API": async (h) => {
    const s = await h.as("staff.read", "staff.write", "unit.read");
    const branch = await s.branch();
    const { items: posts } = await s.api("GET", "/posts");
    const no = fresh("E");
    const made = await s.api("POST", `/units/${branch.id}/staff`, {
      staff_no: no,
      name: "改名以前",
      post: posts[0].code,
    });
    await s.go(`/units?node=${branch.id}&tab=staff`);
    await s.table("员工").getByRole("row").filter({ hasText: no }).getByRole("button").click();
    await s.page.getByRole("dialog").getByLabel("姓名").fill("改名以后");
    await s.page.getByRole("dialog").getByRole("button", { name: "保存" }).click();
    await s.table("员工").getByRole("row").filter({ hasText: no }).filter({ hasText: "改名以后" }).waitFor();
    const { items } = await s.api("GET", `/units/${branch.id}/staff`);
    assert.equal(items.find((x) => x.id === made.id).name, "改名以后");
  },

  "the village groups on the page are those of the API": async (h) => {
    const s = await h.as("unit.read");
    const branch = await s.branch();
    const { items } = await s.api("GET", `/units/${branch.id}/village-groups`);
    await s.go(`/units?node=${branch.id}&tab=groups`);
    for (const group of items.slice(0, 5)) await s.sees(group.name, { exact: true });
    assert.equal(await s.table("村组").getByRole("row").count(), items.length ? items.length + 1 : 0);
  },

  "a day corrected through the API is corrected in the month, and the page can undo it": async (h) => {
    const s = await h.as("calendar.read", "calendar.write", "unit.read");
    const day = "2026-11-18";
    await s.api("PUT", `/calendar/${day}`, { is_workday: false, name: "端到端庙会" });
    await s.go("/units?tab=calendar&month=2026-11-01");
    const cell = s.page.getByRole("button", { name: /2026 年 11 月 18 日 休息日 端到端庙会/ });
    await cell.click();
    await s.page.getByRole("dialog").getByRole("button", { name: "恢复原来的安排" }).click();
    await s.page.getByRole("button", { name: /2026 年 11 月 18 日 工作日/ }).waitFor();
    const { items } = await s.api("GET", `/calendar?from=${day}&to=${day}`);
    assert.equal(items[0].corrected, false);
  },

  "the month shows holidays and lunar dates as the API gives them": async (h) => {
    const s = await h.as("calendar.read", "unit.read");
    const { items } = await s.api("GET", "/calendar?from=2026-10-01&to=2026-10-31");
    await s.go("/units?tab=calendar&month=2026-10-01");
    assert.equal(await s.page.locator(".calendar .day").count(), items.length);
    const first = await s.page.locator(".calendar .day").first().textContent();
    assert.ok(first.includes(items[0].holiday_name || items[0].lunar), first);
  },
};
