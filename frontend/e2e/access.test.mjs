// Every page of every demo login, in both type sizes: axe finds nothing, nothing is wider than the window,
// and no request leaves the origin.
import { assert, NARROW, WIDE } from "./harness.mjs";

const safe = (s, path) => s.api("GET", path).catch(() => ({ items: [] }));

/** The pages that this login can open, beyond its menu. */
async function pagesOf(s) {
  const may = (p) => s.me.permissions.includes(p);
  const out = s.me.menu.map((m) => m.path);
  out.push("/account");
  const branch = may("unit.read") ? (await s.branches())[0] : s.me.unit;
  if (branch && may("unit.read")) {
    for (const tab of ["detail", "staff", "groups", "calendar"])
      out.push(`/units?node=${branch.id}&tab=${tab}`);
  }
  if (branch && may("customer.read")) {
    const { items } = await safe(s, `/units/${branch.id}/customers?limit=1`);
    out.push(`/customers?unit=${branch.id}`);
    if (items[0]) out.push(`/customers/${branch.id}/${items[0].id}`);
  }
  if (may("program.read")) {
    const { items } = await safe(s, "/programs");
    const program = items[0];
    if (program) {
      for (const tab of ["plan", "check", "units", "versions"])
        out.push(`/campaigns/${program.id}?tab=${tab}`);
      const list = await planned(s, program);
      if (list) out.push(`/plans/${program.id}/${list.unit_id}/${list.week}`);
    }
  }
  return out;
}

async function planned(s, program) {
  const today = new Date(`${s.me.system.today}T00:00:00Z`);
  const { weekAfter } = await import("./plans.test.mjs");
  for (const weeks of [0, 1, 2]) {
    const week = weekAfter(today.toISOString().slice(0, 10), weeks);
    const { items = [] } = await safe(s, `/programs/${program.id}/week-plans?week=${week}`);
    const row = items.find((r) => r.state !== "none");
    if (row) return { unit_id: row.unit_id, week };
  }
  return null;
}

async function walk(h, large) {
  const seen = new Set();
  for (const login of await h.logins()) {
    const s = await h.open();
    await s.signInAgain(login);
    await s.large(large);
    for (const path of await pagesOf(s)) {
      if (seen.has(path)) continue;
      seen.add(path);
      await s.go(path);
      const label = `${path}${large ? " in large type" : ""}`;
      await s.axe(label);
      await s.noSidewaysScroll(label);
    }
    await s.large(false);
    await s.context.close();
  }
  assert.ok(seen.size >= 10, `only ${seen.size} pages seen`);
}

export default {
  "axe finds nothing on the sign-in page at both widths": async (h) => {
    for (const size of [WIDE, NARROW]) {
      const s = await h.open(size);
      await s.go("/sign-in");
      await s.axe(`sign-in at ${size.width} px`);
      await s.noSidewaysScroll(`sign-in at ${size.width} px`);
    }
  },

  "axe does find a fault that is planted": async (h) => {
    const s = await h.open();
    await s.go("/sign-in");
    await s.page.evaluate(() => {
      const field = document.createElement("input");
      document.querySelector("main").append(field);
    });
    await assert.rejects(s.axe("a field without a label"), /label/);
  },

  "axe finds nothing on any page in standard type": (h) => walk(h, false),

  "axe finds nothing on any page in large type, and nothing is cut": (h) => walk(h, true),

  "axe finds nothing in the dialogs": async (h) => {
    const s = await h.as("unit.read", "unit.write", "staff.write", "customer.read", "program.write");
    const branch = await s.branch();
    const open = async (path, button) => {
      await s.go(path);
      await s.page.getByRole("button", { name: button, exact: true }).first().click();
      await s.page.getByRole("dialog").first().waitFor();
      await s.page.waitForTimeout(400);
      await s.axe(`${button} on ${path}`);
    };
    await open(`/units?node=${branch.id}&tab=detail`, "修改");
    await open(`/units?node=${branch.id}&tab=staff`, "新增员工");
    await open("/customers", "查一个客户");
    await open("/campaigns", "新建活动");
  },
};
