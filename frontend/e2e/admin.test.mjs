// Users, audit log, system.
import { assert, fresh } from "./harness.mjs";

/** A user of a branch with the first role that may be given there. */
async function madeUser(s) {
  const { items } = await s.api("GET", "/roles");
  const units = (await s.api("GET", "/units")).items;
  const home = units.find((u) => u.level === "branch").id;
  const login = fresh("e2e");
  let refusal = "no role may be given by this login";
  for (const role of items.filter((r) => r.excludes.length === 0)) {
    const response = await s.raw("POST", "/users", {
      login,
      name: "端到端用户",
      unit_id: home,
      roles: [{ role_id: role.id, unit_id: home }],
    });
    if (response.ok()) return { login, role, ...(await response.json()) };
    refusal = `${role.id}: ${response.status()} ${await response.text()}`;
  }
  throw new Error(refusal);
}

export default {
  "a user made through the API is in the table, and retiring him there is kept": async (h) => {
    const s = await h.as("user.read", "user.write");
    const { login, user } = await madeUser(s);
    await s.go("/users");
    const row = s.table("用户与权限").getByRole("row").filter({ hasText: login });
    await row.waitFor();
    await s.api("POST", `/users/${user.id}/retire`, { hand_over_to: null });
    await s.go("/users");
    await row.getByText("已停用").waitFor();
  },

  "a password reset on the page is shown once and signs in to the forced change": async (h) => {
    const s = await h.as("user.read", "user.write");
    const { login, user } = await madeUser(s);
    await s.go("/users");
    await s.page
      .getByRole("row")
      .filter({ hasText: login })
      .getByRole("button", { name: /^重置密码/ })
      .click();
    await s.page.getByRole("button", { name: "确定" }).click();
    const password = (await s.page.getByRole("dialog").locator("code").textContent()).trim();
    const other = await h.open();
    await other.go("/sign-in");
    await other.page.getByLabel("登录名").fill(login);
    await other.page.getByLabel("密码", { exact: true }).fill(password);
    await other.page.getByRole("button", { name: "登录", exact: true }).click();
    await other.page.waitForURL("**/first-password");
    await other.page.getByLabel("现在的密码").fill(password);
    await other.page.getByLabel("新密码", { exact: true }).fill("一句自己记得住的长话，写在这里");
    await other.page.getByLabel("再填一次新密码").fill("一句自己记得住的长话，写在这里");
    await other.page.getByRole("button", { name: "换成新密码" }).click();
    await other.page.waitForURL((url) => !url.pathname.startsWith("/first-password"));
    assert.equal((await other.api("GET", "/me")).user.must_change_password, false);
    await s.api("POST", `/users/${user.id}/retire`, { hand_over_to: null });
  },

  "the newest events of the API are the first rows of the audit log": async (h) => {
    const s = await h.as("audit.read");
    const { items } = await s.api("GET", "/audit?limit=5");
    await s.go("/audit");
    const rows = s.table("操作记录").getByRole("row");
    for (const [i, event] of items.slice(0, 3).entries()) {
      const text = await rows.nth(i + 1).textContent();
      assert.ok(text.includes(event.action_name) && text.includes(event.actor_name), text);
    }
    assert.ok(!(await s.table("操作记录").textContent()).includes('{"'), "facts are told in words");
    const action = items[0].action;
    await s.page.getByLabel("按操作编号筛选").fill(action);
    await s.page.getByRole("button", { name: "查找" }).click();
    await s.page.waitForURL((url) => url.searchParams.get("action") === action);
  },

  "verifying the audit log says what the server found": async (h) => {
    const s = await h.as("audit.read", "audit.verify");
    await s.go("/audit");
    const [response] = await Promise.all([
      s.page.waitForResponse((r) => r.url().endsWith("/audit/verify")),
      s.page.getByRole("button", { name: "核对全部记录" }).click(),
    ]);
    const verdict = await response.json();
    assert.equal(verdict.ok, true, JSON.stringify(verdict.findings).slice(0, 300));
    await s.sees(/核对了 [\d,]+ 条，没有被改动过/);
  },

  "the system page shows every check and every pack": async (h) => {
    const s = await h.as("system.read");
    const system = await s.api("GET", "/system");
    await s.go("/system");
    const rows = s.table("自检").getByRole("row");
    assert.equal(await rows.count(), system.doctor.length + 1);
    for (const [i, check] of system.doctor.entries()) {
      const text = await rows.nth(i + 1).textContent();
      if (!text.includes("正常")) assert.equal(check.ok, false, text);
      assert.ok(!text.startsWith(check.check), `${check.check} has no name in words`);
    }
    const { items } = await s.api("GET", "/packs");
    for (const pack of items) await s.sees(pack.title);
  },
};
