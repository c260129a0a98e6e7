// 晨（夕）会记录: the outlet's record is filled in with what it visited, saved, corrected for a reason; the county sees
// which outlet has written nothing.
import { assert, eventually, NARROW, WIDE } from "./harness.mjs";

/** Goes to the last question and saves, as the keyboard does. */
async function answer(s, name, text) {
  await s.page.locator(`[data-question="${name}"]`).fill(text);
}

export default {
  "the record of a meeting is filled in, saved and corrected for a reason": async (h) => {
    const s = await h.as("visit.write", "plan.confirm");
    const program = await s.startedProgram();
    const branch = await s.branch();
    const day = s.me.system.today;
    const path = `/programs/${program.id}/units/${branch.id}/daily-meetings?day=${day}`;
    const before = await s.api("GET", path);
    await s.go(`/daily-meetings?program=${program.id}`);
    await s.sees("开会前要知道的");
    await s.page.getByRole("button", { name: "填写记录" }).click();
    if (before.last)
      assert.equal(
        await s.page.locator('[data-question="households"]').inputValue(),
        String(before.last.households),
        "the households of the last visiting day stand there already",
      );
    const session = before.prefill.session;
    await answer(s, "present", "6");
    if (before.prefill.behind === "yes") await answer(s, "plan_to_catch_up", "周六上午补访");
    await answer(s, "matters", "先去三组，电话打 10412345678");
    await s.page.getByRole("button", { name: "存下记录" }).click();
    await s.page.getByRole("alert").first().waitFor();
    assert.equal((await s.api("GET", path)).meetings.length, before.meetings.length, "nothing is kept");
    await answer(s, "matters", "先去三组");
    await s.axe("writing the record of a meeting");
    await s.page.getByRole("button", { name: "存下记录" }).click();
    await s.page.getByRole("button", { name: "更正" }).first().waitFor();
    await s.sees("先去三组");
    const kept = await s.api("GET", path);
    const mine = kept.meetings.find((m) => m.session === session);
    assert.equal(mine.versions[0].answers.present, 6);

    const title = session === "morning" ? "晨会" : "夕会";
    const section = s.page.getByRole("region", { name: title });
    await section.getByRole("button", { name: "更正" }).click();
    await answer(s, "present", "5");
    await s.page.getByRole("button", { name: "存下记录" }).click();
    await s.page.getByRole("alert").first().waitFor();
    await s.page.getByLabel("更正原因").fill("到会人数写错");
    await s.page.getByRole("button", { name: "存下记录" }).click();
    await section.getByText("改过 1 次，最近一次：到会人数写错").waitFor();
    const corrected = (await s.api("GET", path)).meetings.find((m) => m.session === session);
    assert.deepEqual(
      corrected.versions.map((v) => v.answers.present),
      [5, 6],
    );
    await s.axe("the records of a day");
    await s.page.setViewportSize(NARROW);
    await s.noSidewaysScroll("the records of a day");
    await s.page.setViewportSize(WIDE);
  },

  "the county sees which outlet has no record of its meeting": async (h) => {
    const s = await h.as("program.write", "plan.read");
    const program = await s.startedProgram();
    const day = s.me.system.today;
    await s.go(`/daily-meetings?program=${program.id}&day=${day}`);
    await s.sees("各网点这一周");
    const rows = () => s.page.locator(".table tbody tr").count();
    await eventually(async () => (await rows()) > 0, true, "outlets are listed");
    const said = await s.page.getByText(/应有 \d+ 份，有记录的 \d+ 份/).textContent();
    const [, expected, held] = said.match(/应有 (\d+) 份，有记录的 (\d+) 份/);
    const missing = await s.page.getByText("未填报", { exact: true }).count();
    assert.equal(missing, Number(expected) - Number(held));
    await s.axe("the records of a week");
    await s.noSidewaysScroll("the records of a week");
  },
};
