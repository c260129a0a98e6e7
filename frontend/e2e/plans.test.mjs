// Week plans: all branches, one branch with list and map, striking, confirming, printing.
import { assert, eventually, Skip } from "./harness.mjs";

/** The ISO week that starts `weeks` weeks after the Monday on or before `day`. */
export function weekAfter(day, weeks) {
  const d = new Date(`${day}T00:00:00Z`);
  const thursday = new Date(d.getTime() + (4 - (d.getUTCDay() || 7) + weeks * 7) * 86_400_000);
  const year = thursday.getUTCFullYear();
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / 604_800_000) + 1;
  return `${year}-W${String(week).padStart(2, "0")}`;
}

/** A draft plan of one branch two weeks ahead, made through the API; skips when the campaign ends before. */
export async function drafted(s) {
  const program = await s.startedProgram();
  const branch = await s.branch();
  const week = weekAfter(s.me.system.today, 2);
  const path = `/programs/${program.id}/units/${branch.id}/week-plans/${week}`;
  const now = await s.raw("GET", path);
  if (now.ok() && (await now.json()).state === "confirmed") {
    const reopened = await s.raw("POST", `${path}/reopen`);
    if (!reopened.ok()) throw new Skip("the plan of that week is confirmed");
  }
  await s.job(await s.api("POST", `/programs/${program.id}/week-plans`, { week, unit_id: branch.id }));
  const plan = await s.api("GET", path);
  const day = plan.days.find((d) => d.routes.some((r) => r.stops.length > 1));
  if (!day) throw new Skip("nothing is planned in that week");
  return {
    program,
    branch,
    week,
    path,
    plan,
    day,
    page: `/plans/${program.id}/${branch.id}/${week}?day=${day.day}`,
  };
}

const stopsOf = (day) => day.routes.flatMap((r) => r.stops);

export default {
  "a plan made through the API is in the table of all branches": async (h) => {
    const s = await h.as("plan.read", "plan.write", "unit.read");
    const { program, branch, week } = await drafted(s);
    const { items } = await s.api("GET", `/programs/${program.id}/week-plans?week=${week}`);
    const row = items.find((r) => r.unit_id === branch.id);
    await s.go(`/plans?program=${program.id}&week=${week}`);
    const shown = s
      .table("周计划")
      .getByRole("row")
      .filter({ has: s.page.getByRole("link", { name: `看${branch.name}的计划` }) });
    await shown.waitFor();
    assert.match(await shown.textContent(), new RegExp(`${row.planned} 户`));
    assert.match(await shown.textContent(), /已排，待确认/);
  },

  "the branch's page lists every visit of the day in order, with the shortfall on top": async (h) => {
    const s = await h.as("plan.read", "plan.write");
    const { plan, day, page } = await drafted(s);
    await s.go(page);
    await s.sees(plan.shortfall.sentence);
    const items = s.page.locator(".stops .stop-main");
    const want = stopsOf(day);
    assert.equal(await items.count(), want.length);
    const first = await items.first().textContent();
    assert.ok(first.includes(want[0].title) && first.includes(want[0].arrive), first);
    assert.match(await s.page.locator("section.map-panel").textContent(), /示意图.*审图号/s);
  },

  "the map is drawn, without any request of its own": async (h) => {
    const s = await h.as("plan.read", "plan.write");
    const { page } = await drafted(s);
    await s.go(page);
    const colours = await s.page
      .locator(".map canvas")
      .first()
      .evaluate((canvas) => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const seen = new Set();
        for (let i = 0; i < data.length; i += 4)
          seen.add(`${data[i]},${data[i + 1]},${data[i + 2]},${data[i + 3]}`);
        return seen.size;
      });
    assert.ok(colours > 10, `only ${colours} colours on the map`);
    h.assertClean();
  },

  "a visit struck through the API is gone from the list, and one struck on the page comes back": async (
    h,
  ) => {
    const s = await h.as("plan.read", "plan.write");
    const { path, day, page } = await drafted(s);
    const [gone, next] = stopsOf(day);
    await s.api("POST", `${path}/strike`, { stop_id: gone.id });
    await s.go(page);
    const items = s.page.locator(".stops .stop-main");
    const count = stopsOf(day).length - 1;
    assert.equal(await items.count(), count);
    const back = (title) => s.page.getByRole("button", { name: `恢复 ${title}` });
    assert.equal(await back(gone.title).count(), 1);
    const before = await back(next.title).count();
    await s.page
      .getByRole("button", { name: `划掉 ${next.title}，本周不去` })
      .first()
      .click();
    await s.sees(`已划掉 ${next.title}。`);
    await eventually(() => back(next.title).count(), before + 1);
    await eventually(() => items.count(), count - 1);
    await back(next.title).last().click();
    await eventually(() => items.count(), count);
    await s.api("POST", `${path}/restore`, { stop_id: gone.id });
    const after = await s.api("GET", path);
    assert.equal(stopsOf(after.days.find((d) => d.day === day.day)).length, count + 1);
  },

  "a plan confirmed on the page is confirmed in the API and can be taken back": async (h) => {
    const s = await h.as("plan.read", "plan.write", "plan.confirm");
    const { path, page } = await drafted(s);
    await s.go(page);
    await s.page.getByRole("button", { name: "确认本周计划" }).click();
    await s.sees("计划已确认，小组可以按表走访。");
    assert.equal((await s.api("GET", path)).state, "confirmed");
    await s.page.getByRole("button", { name: "退回修改" }).click();
    await s.sees("已退回修改。");
    assert.equal((await s.api("GET", path)).state, "draft");
  },

  "the printed week has one sheet a day with full names, and the workbook downloads": async (h) => {
    const s = await h.as("plan.read", "plan.write", "customer.reveal", "customer.export");
    const { path, plan, page } = await drafted(s);
    const allowed = await s.raw("POST", `${path}/print`, { reason: "端到端核对" });
    if (!allowed.ok()) throw new Skip("this login may not print");
    await s.go(page);
    await s.page.getByRole("button", { name: "打印", exact: true }).click();
    await s.page.getByRole("dialog").getByRole("button", { name: "生成打印页" }).click();
    await s.page.locator(".sheet").first().waitFor();
    assert.equal(await s.page.locator(".sheet").count(), plan.days.filter((d) => d.routes.length > 0).length);
    const full = stopsOf((await allowed.json()).days.find((d) => d.routes.length > 0)).find(
      (x) => x.target_id,
    );
    if (full) await s.page.locator(".sheet").getByText(full.title, { exact: true }).first().waitFor();
    await s.page.getByRole("button", { name: "关闭" }).click();
    const [file] = await Promise.all([
      s.page.waitForEvent("download"),
      s.page.getByRole("link", { name: "下载走访计划表" }).click(),
    ]);
    assert.match(file.suggestedFilename(), /\.xlsx$/);
  },
};
