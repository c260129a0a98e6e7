// Tasks and routines: an inbox that says what waits, a task from opening to handing in on its form and checking, the
// month of routines and a change of one.
import { join } from "node:path";
import { assert, eventually, NARROW, WIDE } from "./harness.mjs";

async function picture(s, name) {
  if (!process.env.ZF_SHOTS) return;
  for (const large of [false, true]) {
    await s.large(large);
    await s.page.reload();
    await s.settled();
    for (const [size, label] of [
      [WIDE, "wide"],
      [NARROW, "narrow"],
    ]) {
      await s.page.setViewportSize(size);
      await s.settled();
      const path = join(process.env.ZF_SHOTS, `${name} ${label}${large ? " large" : ""}.png`);
      await s.page.screenshot({ path, fullPage: true });
    }
  }
  await s.large(false);
  await s.page.setViewportSize(WIDE);
  await s.page.reload();
  await s.settled();
}

export default {
  "a branch head finds the day's routines in the inbox and goes to where they are done": async (h) => {
    const s = await h.as("plan.confirm", "task.write");
    await s.startedProgram();
    await s.go("/inbox");
    const { count } = await s.api("GET", "/inbox");
    assert.ok(count > 0, "the demo has routines");
    assert.equal(s.me.menu[0].path, "/inbox", "first in the menu");
    await s.sees(`${count} 项等您处理`);
    assert.equal(await s.page.locator(".tasks > li").count(), Math.min(count, 50));
    await s.axe("the inbox");
    const told = s.page.locator(".nav-count");
    await told.waitFor();
    assert.match(await told.textContent(), new RegExp(`^${count}`), "the menu says how much waits");
    await picture(s, "inbox");
    await s.page.setViewportSize(NARROW);
    await s.noSidewaysScroll("the inbox");
    await s.page.setViewportSize(WIDE);
  },

  "an explanation is opened, answered on its form, given back, answered again and closed": async (h) => {
    const market = await h.as("task.manage", "program.write");
    const branches = await market.branches();
    const head = await h.as("plan.confirm", "task.write");
    const own = branches.find((b) => b.id === head.me.unit.id);
    await market.go(`/tasks?unit=${own.id}`);
    await market.page.getByRole("button", { name: "新建任务" }).click();
    const dialog = market.page.getByRole("dialog");
    await dialog.getByLabel("种类").click();
    await market.page.getByTitle("向局长说明情况").click();
    await dialog.getByLabel("要求").fill("昨天和前天都没有完成，给 10412345678 打电话");
    await dialog.getByRole("button", { name: "下达" }).click();
    await dialog.getByRole("alert").first().waitFor();
    await dialog.getByLabel("要求").fill("昨天和前天都没有完成");
    await market.axe("opening a task");
    await dialog.getByRole("button", { name: "下达" }).click();
    await market.page.waitForURL(/\/tasks\/[0-9a-f-]+\/[0-9a-f-]+/);
    const path = new URL(market.page.url()).pathname;
    await market.sees("待办");

    await head.go(path);
    await head.axe("a task");
    await picture(head, "task todo");
    await head.page.getByRole("button", { name: "提交" }).click();
    await head.page.locator('[data-question="why"]').fill("连日大雨");
    await head.axe("the form of a task");
    if (process.env.ZF_SHOTS)
      await head.page.screenshot({ path: join(process.env.ZF_SHOTS, "task form.png"), fullPage: true });
    await head.page.getByRole("button", { name: "提交" }).last().click();
    await head.page.getByRole("alert").first().waitFor();
    const answers = {
      cause: "weather",
      why: "连日大雨",
      measures: "周六补访",
      made_up_by: head.me.system.today,
    };
    const at = path.split("/");
    const kept = await head.api("GET", `/units/${at[2]}/tasks/${at[3]}`);
    assert.equal(kept.seq, 1, "an answer that lacks something is not handed in");
    const acts = `/units/${at[2]}/tasks/${at[3]}/acts`;
    await head.api("POST", acts, { what: "submit", seen: 1, form_version: 1, answers });

    const director = await h.as("task.manage", "program.approve");
    await director.go("/inbox");
    await director.sees("待审核");
    await picture(director, "inbox director");
    await director.go(path);
    await director.sees("连日大雨");
    await director.page.getByRole("button", { name: "退回" }).click();
    await director.page.getByRole("dialog").getByLabel("退回原因").fill("措施不具体");
    await director.page.getByRole("dialog").getByRole("button", { name: "退回" }).click();
    await director.sees("已退回");
    await head.api("POST", acts, { what: "submit", seen: 3, form_version: 1, answers });
    await director.go(path);
    await director.page.getByRole("button", { name: "办结" }).click();
    await director.page.getByRole("dialog").getByRole("button", { name: "办结" }).click();
    await director.sees("已办结");
    await picture(director, "task done");
    await director.go("/tasks?state=ended");
    await director.sees("向局长说明情况");
    await picture(director, "tasks");
    await director.axe("the list of tasks");
  },

  "the county sees the month of routines and changes one with a reason": async (h) => {
    const s = await h.as("task.manage", "program.write");
    await s.startedProgram();
    await s.go("/routines");
    await s.axe("the month of routines");
    await picture(s, "routines");
    await s.page.setViewportSize(NARROW);
    await s.noSidewaysScroll("the month of routines");
    await s.page.setViewportSize(WIDE);
    await s.page.locator(`.day.today`).click();
    await eventually(
      async () => (await s.page.locator(".panel").count()) > 2,
      true,
      "the day's list is there",
    );
    const row = s.page.getByRole("row").filter({ hasText: "包点周检查" }).filter({ hasText: "预设" });
    await row.getByRole("button", { name: "调整" }).click();
    const dialog = s.page.getByRole("dialog");
    await dialog.getByLabel("提前几天下达任务").fill("2");
    await dialog.getByRole("button", { name: "存下调整" }).click();
    await s.sees("这一项要填");
    await dialog.getByLabel("调整原因").fill("周四有例会");
    await s.axe("changing a routine");
    await dialog.getByRole("button", { name: "存下调整" }).click();
    await s.sees("周四有例会");
    await picture(s, "routines changed");
  },
};
