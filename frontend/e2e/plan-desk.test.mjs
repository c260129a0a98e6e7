// A head's five minutes with a week plan: striking, moving by keyboard, sick leave, planning again, confirming.
import { assert, eventually, Skip, WAIT_MS, WIDE } from "./harness.mjs";
import { weekAfter } from "./plans.test.mjs";

/** A fresh draft three weeks ahead; other tests use other weeks. */
async function drafted(s, ahead = 3) {
  const program = await s.startedProgram();
  const branch = await s.branch();
  const week = weekAfter(s.me.system.today, ahead);
  const path = `/programs/${program.id}/units/${branch.id}/week-plans/${week}`;
  const now = await s.raw("GET", path);
  if (now.ok() && (await now.json()).state === "confirmed") await s.api("POST", `${path}/reopen`);
  if (!now.ok())
    await s.job(await s.api("POST", `/programs/${program.id}/week-plans`, { week, unit_id: branch.id }));
  const plan = await s.api("GET", path);
  // Masked names are alike: a route with two visits whose names nobody else has on the day.
  const alone = (d, x) => stopsOf({ days: [d] }).filter((y) => y.title === x.title).length === 1;
  const found = plan.days
    .flatMap((day) =>
      day.routes.map((route) => ({ day, route, lone: route.stops.filter((x) => alone(day, x)) })),
    )
    .find((x) => x.lone.length > 1 && x.route.kind !== "preliminary");
  if (!found) throw new Skip("nothing is planned in that week");
  return {
    program,
    branch,
    week,
    path,
    plan,
    ...found,
    page: `/plans/${program.id}/${branch.id}/${week}?day=${found.day.day}`,
  };
}

/**
 * Opens the menu of a visit and walks to the n-th entry, by keyboard alone. Every change fetches the plan and its desk
 * again and draws the list anew, which closes a menu that is open: therefore when the page is quiet. The menu takes the
 * focus a moment after it is seen, and a key before that goes to the button that closes it again.
 */
async function walkTo(s, title, downs) {
  const on = () =>
    s.page.evaluate(() => {
      const items = [
        ...document.querySelectorAll(".ant-dropdown-menu > [role=menuitem], .ant-dropdown-menu > li"),
      ];
      return items.findIndex((li) => li.contains(document.activeElement));
    });
  await s.settled();
  await s.page
    .getByRole("button", { name: `${title}：移动、锁定或划掉` })
    .first()
    .focus();
  await s.page.keyboard.press("Enter");
  await eventually(on, 0, "the menu has the focus");
  for (let n = 1; n <= downs; n += 1) {
    await s.page.keyboard.press("ArrowDown");
    await eventually(on, n, "the focus moves on");
  }
}

/** Takes the n-th entry of the menu of a visit. */
async function menu(s, title, downs) {
  await walkTo(s, title, downs);
  await s.page.keyboard.press("Enter");
}

const stopsOf = (plan) => plan.days.flatMap((d) => d.routes).flatMap((r) => r.stops);

export default {
  "the head moves a visit by keyboard, sees the effect first, and undoes it": async (h) => {
    const s = await h.as("plan.write", "plan.confirm");
    const { path, page, lone } = await drafted(s);
    const before = await s.api("GET", path);
    await s.go(page);
    const [stop] = lone;
    await s.page.getByRole("button", { name: "请假或停走" }).waitFor();
    await menu(s, stop.title, 0);
    const dialog = s.page.getByRole("dialog");
    await dialog.waitFor();
    await s.page.keyboard.press("ArrowDown");
    await s.page.locator(".ant-select-item-option").first().waitFor();
    await s.page.keyboard.press("ArrowUp"); // from the first to the last
    await s.page.keyboard.press("Enter");
    await dialog.getByText(/户数不变|多 \d+ 户|少 \d+ 户/).waitFor();
    assert.deepEqual(await s.api("GET", path), before, "looking changes nothing");
    await dialog.getByRole("button", { name: /^(移动|照样移动)$/ }).focus();
    await s.page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    const moved = await s.api("GET", path);
    const place = (plan) =>
      plan.days.flatMap((d) => d.routes).findIndex((r) => r.stops.some((x) => x.id === stop.id));
    assert.notEqual(place(moved), -1);
    assert.notDeepEqual(moved.days, before.days);
    await s.page.getByRole("button", { name: "撤销上一步" }).click();
    await eventually(
      async () => JSON.stringify((await s.api("GET", path)).days),
      JSON.stringify(before.days),
    );
  },

  "a locked visit stays, sick leave changes few, and the plan is confirmed by keyboard": async (h) => {
    const s = await h.as("plan.write", "plan.confirm");
    const { path, page, lone, day } = await drafted(s);
    await s.go(page);
    const [first, second] = lone;
    await s.page
      .getByRole("button", { name: `划掉 ${first.title}，本周不去` })
      .first()
      .click();
    await s.sees("本周划掉的");
    const locked = async () => stopsOf(await s.api("GET", path)).some((x) => x.locked);
    const lock = async () => {
      // The list is drawn anew after the strike; a menu opened before that closes again.
      await s.settled();
      if (await locked()) return true;
      const opener = s.page.getByRole("button", { name: `${second.title}：移动、锁定或划掉` }).first();
      await opener.focus();
      await s.page.keyboard.press("Enter");
      await s.page.getByRole("menuitem", { name: "锁定", exact: true }).first().click();
      await s.settled();
      return locked();
    };
    await eventually(lock, true);
    const before = await s.api("GET", path);
    await s.page.getByRole("button", { name: "请假或停走" }).click();
    const dialog = s.page.getByRole("dialog");
    await dialog.getByLabel("谁不出去").click();
    await s.page.getByTitle("全网点停走（下雨、开会）").click();
    const other = before.days.findLast((d) => d.planned && d.day !== day.day);
    const from = before.days.findIndex((d) => d.planned && d.day >= s.me.system.today);
    for (const label of ["到哪天", "从哪天"]) {
      const box = dialog.getByLabel(label);
      await box.focus();
      await s.page.keyboard.press("ArrowDown");
      await eventually(() => box.getAttribute("aria-expanded"), "true");
      for (let n = from; n < before.days.indexOf(other); n += 1) await s.page.keyboard.press("ArrowDown");
      await s.page.keyboard.press("Enter");
      await eventually(() => box.getAttribute("aria-expanded"), "false");
    }
    await dialog.getByRole("button", { name: "登记并重新编排" }).click();
    await s.sees("重新编排后：");
    const after = await s.api("GET", path);
    assert.equal(after.days.find((d) => d.day === other.day).routes.length, 0, "nobody goes out on that day");
    assert.ok(
      stopsOf(after).some((x) => x.locked),
      "the locked visit is still there",
    );
    assert.ok(
      after.struck.some((x) => x.stop.id === before.struck[0].stop.id),
      "the struck one is still struck",
    );
    await s.sees("停走");
    await s.page.locator("h1").click();
    await s.page.keyboard.press("Control+Enter");
    await s.sees("计划已确认，小组可以按表走访。");
    assert.equal((await s.api("GET", path)).state, "confirmed");
    const desk = await s.api("GET", `${path}/desk`);
    for (const away of desk.away) await s.api("DELETE", `${path}/away/${away.id}`);
    assert.equal(
      (await s.api("GET", path)).state,
      "draft",
      "a change of who is away has to be confirmed again",
    );
  },

  "a household that is not in the week is added, with the effect first, and taken out again": async (h) => {
    const s = await h.as("plan.write", "plan.confirm");
    const { path, page } = await drafted(s, 4);
    const before = await s.api("GET", path);
    const { items } = await s.api("GET", `${path}/admissible?limit=20`);
    if (items.length === 0) throw new Skip("every household is planned");
    await s.go(page);
    await s.page.getByRole("button", { name: "加入别的户" }).click();
    const list = s.page.getByRole("dialog");
    await list
      .getByRole("button", { name: /^把 .+ 加入本周$/ })
      .first()
      .click();
    const dialog = s.page.getByRole("dialog").filter({ hasText: "加入哪天、哪个小组" });
    await dialog.getByText(/户数不变|多 \d+ 户|少 \d+ 户/).waitFor();
    assert.deepEqual(await s.api("GET", path), before, "looking changes nothing");
    const room = dialog.getByRole("button", { name: "加入并腾出时间" });
    const plain = dialog.getByRole("button", { name: /^加 ?入$/ });
    await ((await plain.isEnabled()) ? plain : room).click();
    await dialog.waitFor({ state: "detached" });
    const there = async () =>
      stopsOf(await s.api("GET", path)).find((x) => x.target_id === items[0].target_id);
    await eventually(async () => (await there())?.locked, true);
    await s.page.getByRole("button", { name: "撤销上一步" }).click();
    await eventually(
      async () => JSON.stringify((await s.api("GET", path)).days),
      JSON.stringify(before.days),
    );
  },

  "a visit is dragged onto another day, or sent there by the menu, after its effect is shown": async (h) => {
    const s = await h.as("plan.write", "plan.confirm");
    const { path, page, route, lone, day } = await drafted(s, 4);
    const before = await s.api("GET", path);
    // A visit that the team of another day may make: which ones those are depends on the day of the run.
    const goes = async (stop, to) => {
      const edit = { do: "move_day", stop_id: stop.id, day: to.day };
      return (await s.raw("POST", `${path}/edits`, { edit, preview: true, fit: false })).ok();
    };
    let [stop, other] = [lone[0], null];
    for (const one of lone) {
      for (const d of before.days) {
        const team = d.routes.some((r) => r.kind === route.kind && r.team_id === route.team_id);
        if (other || d.day === day.day || !team || !(await goes(one, d))) continue;
        [stop, other] = [one, d];
      }
    }
    if (!other) throw new Skip("the team of no other day can make one of these visits");
    await s.go(page);
    await s.page.getByRole("button", { name: "请假或停走" }).waitFor();
    const tab = s.page.getByRole("tab").nth(before.days.indexOf(other));
    const called = s.page.locator("li.stop", { hasText: stop.title });
    const item = called.first();
    const at = async () =>
      (await s.api("GET", path)).days.find((d) => d.routes.some((r) => r.stops.some((x) => x.id === stop.id)))
        ?.day;
    const keep = async () => {
      const dialog = s.page.getByRole("dialog");
      await dialog.getByText(/户数不变|多 \d+ 户|少 \d+ 户/).waitFor();
      assert.equal(await at(), day.day, "looking changes nothing");
      await dialog.getByRole("button", { name: /^(移 ?动|照样移动)$/ }).click();
      await dialog.waitFor({ state: "detached" });
      await eventually(at, other.day);
      // The page has to know of the move and of its undo before the next hand is laid on it.
      await eventually(() => called.count(), here - 1, "it is gone from the list");
      await s.settled();
      await s.page.getByRole("button", { name: "撤销上一步" }).click();
      await eventually(at, day.day);
      await eventually(() => called.count(), here, "it is back on the list");
      await s.settled();
    };
    // A window in which the visit and the day are both in sight: a hand that drags cannot scroll.
    await s.page.setViewportSize({ width: WIDE.width, height: 3_000 });
    // A visit can be dragged once the desk is there; it is drawn anew when that comes.
    await s.settled();
    const here = await called.count();
    const dialog = s.page.getByRole("dialog");
    for (let tries = 0; tries < 3 && (await dialog.count()) === 0; tries += 1) {
      await item.dragTo(tab);
      await dialog.waitFor({ timeout: WAIT_MS / 6 }).catch(() => {});
    }
    await keep();
    await walkTo(s, stop.title, 1);
    await s.page.keyboard.press("ArrowRight");
    const days = s.page.getByRole("menuitem", { name: new RegExp(`^周. ${Number(other.day.slice(8))}$`) });
    await days.first().click();
    await keep();
  },

  "an outlet in town warms up an estate, writes it down and takes it back": async (h) => {
    const s = await h.as("plan.write", "plan.confirm");
    const { page, branch, program } = await drafted(s, 4);
    const market = await h.as("unit.write");
    const kind = (market_kind) => market.api("PATCH", `/units/${branch.id}`, { market_kind });
    await s.go(page);
    await s.page.getByRole("button", { name: "请假或停走" }).waitFor();
    assert.equal(await s.page.getByText("城区预热").count(), 0, "nobody warms up in the country");
    await kind("urban");
    try {
      await s.go(page);
      const table = s.table("城区预热");
      await table.waitFor();
      const first = table.getByRole("row").nth(1);
      const name = (await first.getByRole("cell").first().textContent())?.trim();
      await first.getByRole("button", { name: `记一次 ${name}` }).focus();
      await s.page.keyboard.press("Enter");
      const dialog = s.page.getByRole("dialog");
      await dialog.getByLabel("宣传资料（份）").fill("120");
      await dialog.getByLabel("小礼品（份）").fill("36");
      await s.noSidewaysScroll("warming up");
      await dialog.getByRole("button", { name: /^(确 ?定|保 ?存)$/ }).click();
      await dialog.waitFor({ state: "detached" });
      const row = table.getByRole("row").filter({ hasText: name }).last();
      await row.getByText("已预热", { exact: true }).waitFor();
      await row.getByText("宣传资料 120，小礼品 36").waitFor();
      await row.getByRole("button", { name: /记错了，撤回/ }).click();
      await row.getByText("宣传资料 120，小礼品 36").waitFor({ state: "detached" });
      const path = `/programs/${program.id}/units/${branch.id}/warm-ups`;
      const board = await s.api("GET", path);
      assert.ok(board.places.every((p) => p.done.length === 0));
    } finally {
      await kind("rural");
    }
  },

  "the county sees which branches have not confirmed": async (h) => {
    const s = await h.as("plan.read", "program.write");
    const program = await s.startedProgram();
    const week = weekAfter(s.me.system.today, 3);
    const { items } = await s.api("GET", `/programs/${program.id}/week-plans?week=${week}`);
    const none = items.filter((r) => r.state === "none");
    await s.go(`/plans?program=${program.id}&week=${week}&state=none`);
    const rows = s.table("周计划").getByRole("row");
    await eventually(() => rows.count(), Math.max(none.length, 1) + 1);
    await s.noSidewaysScroll("plans by state");
  },
};
