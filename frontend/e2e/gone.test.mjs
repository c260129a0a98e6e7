// Households that are not to be found any more: typed in at the desk, listed for the outlet, and put back with a reason.
import { join } from "node:path";
import { assert, eventually, NARROW, Skip, WIDE } from "./harness.mjs";

const uuid = () => crypto.randomUUID();

/** Pictures of what stands there, when somebody wants to look at them. */
async function pictures(s, name) {
  if (!process.env.ZF_SHOTS) return;
  for (const [size, label] of [
    [WIDE, "wide"],
    [NARROW, "narrow"],
  ]) {
    await s.page.setViewportSize(size);
    await s.page.screenshot({ path: join(process.env.ZF_SHOTS, `${name} ${label}.png`), fullPage: true });
  }
  await s.page.setViewportSize(WIDE);
}

export default {
  "a household that has moved is listed, and put back when its address was looked into": async (h) => {
    const s = await h.as("visit.write", "plan.write");
    const program = await s.startedProgram();
    const branch = await s.branch();
    const day = s.me.system.today;
    const path = `/programs/${program.id}/units/${branch.id}`;
    const desk = await s.api("GET", `${path}/desk?day=${day}`);
    // The last one: other tests begin with the first.
    const sheet = desk.sheets.filter((x) => x.household_id && x.target_id).at(-1);
    if (!sheet) throw new Skip("no household is planned today");
    const said = await s.api("POST", "/sync/push", {
      unit_id: branch.id,
      device_id: uuid(),
      ops: [
        {
          op_id: uuid(),
          client_seq: 0,
          kind: "visit.submit",
          entity_id: uuid(),
          schema_ver: 1,
          device_time: new Date().toISOString(),
          payload: {
            program_id: program.id,
            kind: "precise",
            day,
            target_id: sheet.target_id,
            household_id: sheet.household_id,
            form_id: "household-visit",
            form_version: 1,
            answers: { outcome: "moved" },
          },
        },
      ],
    });
    assert.match(said.items[0].answer, /applied|review/);
    const waits = async () =>
      (await s.api("GET", `${path}/gone`)).items.some((g) => g.target_id === sheet.target_id);
    if (!(await waits())) throw new Skip("the household has been visited before");
    await s.go(`/gone?program=${program.id}&unit=${branch.id}`);
    const table = s.table("待核实的户");
    const row = table.getByRole("row").filter({ has: s.page.locator(`a[href*="${sheet.household_id}"]`) });
    await row.getByText("已搬走").waitFor();
    await pictures(s, "gone");
    await s.noSidewaysScroll("addresses to check");
    await s.axe("addresses to check");
    await row.getByRole("button", { name: /^重新列入/ }).click();
    const dialog = s.page.getByRole("dialog");
    await dialog.getByRole("button", { name: /^重 ?新 ?列 ?入$/ }).click();
    await dialog.getByText("这一项要填").first().waitFor();
    await dialog.getByLabel("核实的结果（不写姓名和号码）").fill("门牌改正为三组");
    await pictures(s, "gone relist");
    await dialog.getByRole("button", { name: /^重 ?新 ?列 ?入$/ }).click();
    await dialog.waitFor({ state: "detached" });
    await s.sees("已重新列入，下次排计划时会排上。");
    await eventually(waits, false);
    await row.waitFor({ state: "detached" });
  },
};
