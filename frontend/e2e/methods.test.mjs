// Methods of visiting: typed on the campaign's page one step a line, listed on the campaign, and said of every route
// of a week on the screen and on paper.
import { assert, fresh } from "./harness.mjs";
import { weekAfter } from "./plans.test.mjs";

export default {
  "the steps of a method are typed one a line and stand on the campaign": async (h) => {
    const s = await h.as("program.read", "program.write");
    const { items } = await s.api("GET", "/program-presets");
    const code = fresh("e2e-m-");
    const program = await s.api("POST", "/programs", { preset: items[0].id, code, name: `走法活动 ${code}` });
    await s.go(`/campaigns/${program.id}/edit`);
    await s.page
      .locator(".edit-nav")
      .getByRole("button", { name: /^走访方法/ })
      .click();
    const first = s.page.locator(".edit-main fieldset.edit-item").first();
    const steps = first.locator('.edit-field[data-key="steps"] textarea');
    assert.equal((await steps.inputValue()).split("\n").length, 5);
    await steps.fill("跟台区员进村组\n\n发宣传单  \n道谢告别\n");
    await s.page.getByLabel("为什么改").fill("改步骤");
    await s.page.getByRole("button", { name: "保存为新版本" }).click();
    await s.page.waitForURL(/campaigns\/[^/]+(\?|$)/);
    const method = (await s.api("GET", `/programs/${program.id}`)).definition.method[0];
    assert.deepEqual(method.steps, ["跟台区员进村组", "发宣传单", "道谢告别"]);
    await s.go(`/campaigns/${program.id}`);
    const row = s.page.getByRole("row", { name: /农村第一步/ });
    await row.getByText("道谢告别").waitFor();
    await row.getByText("缴电费有礼，每人最多 5 元").waitFor();
    await s.axe("methods");
    await s.api("DELETE", `/programs/${program.id}`);
  },

  "every route of a week says its method, with the steps behind the line": async (h) => {
    const s = await h.as("plan.write", "plan.confirm");
    const program = await s.startedProgram();
    const branch = await s.branch();
    const week = weekAfter(s.me.system.today, 4);
    const path = `/programs/${program.id}/units/${branch.id}/week-plans/${week}`;
    if (!(await s.raw("GET", path)).ok())
      await s.job(await s.api("POST", `/programs/${program.id}/week-plans`, { week, unit_id: branch.id }));
    const { days } = await s.api("GET", path);
    const day = days.find((d) => d.routes.length > 0);
    assert.ok(day, "something is planned");
    assert.ok(day.routes.every((r) => r.methods.length > 0));
    await s.go(`/plans/${program.id}/${branch.id}/${week}?day=${day.day}`);
    const line = s.page.locator("details.method summary").first();
    await line.waitFor();
    assert.match(await line.innerText(), /^走法：/);
    await line.focus();
    await s.page.keyboard.press("Enter");
    await s.page.locator("details.method[open] ol li").first().waitFor();
    await s.axe("plan with methods");
  },
};
