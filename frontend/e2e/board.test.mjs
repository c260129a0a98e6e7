// The board of the day and the summary table: what every outlet has visited, in figures that the API also says.
import { atTheDesk, open } from "./desk.mjs";
import { assert, eventually } from "./harness.mjs";

const SHOTS = process.env.ZF_SHOTS;
const shot = async (s, name) => {
  if (SHOTS) await s.page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
};

export default {
  "the board shows every outlet of the county, and the tabs lead to the summary table": async (h) => {
    const s = await h.as("plan.read", "program.write");
    const program = await s.startedProgram();
    const board = await s.api("GET", `/programs/${program.id}/board`);
    assert.ok(board.items.length > 1);
    await s.go(`/board?program=${program.id}`);
    for (const row of board.items.slice(0, 3))
      await s.page.getByRole("cell", { name: row.unit_name, exact: true }).waitFor();
    await s.sees("数据时间");
    await shot(s, "board-live");
    await s.axe("board");
    await s.page.getByRole("tab", { name: "各网点" }).press("ArrowRight");
    await s.page.getByRole("tab", { name: "采集汇总表（一天）", selected: true }).waitFor();
    await s.page.getByRole("tab", { name: "采集汇总表（一天）" }).press("ArrowRight");
    await eventually(async () => new URL(s.page.url()).searchParams.get("tab"), "week");
    await s
      .table("邮政金融客户大走访信息采集汇总表")
      .getByRole("cell", { name: "合计", exact: true })
      .waitFor();
    await s.sees("填表人签字");
    await shot(s, "board-week");
    await s.axe("summary table");
    await s.large(true);
    await s.go(`/board?program=${program.id}`);
    await s.noSidewaysScroll("board in large type");
    await shot(s, "board-large");
    await s.large(false);
  },

  "the summary table counts what was chosen under the labels of the form": async (h) => {
    const { s, program, branch, day, desk } = await atTheDesk(h);
    const sheet = (await desk()).sheets.find((x) => !x.visit);
    const path = `/programs/${program.id}/summary?from=${day}&to=${day}`;
    const chosen = async () => (await s.api("GET", path)).total_choices;
    const before = await chosen();
    const one = (question, option) => before[question]?.[option] ?? 0;
    await s.go(`/desk?day=${day}`);
    await open(s, sheet);
    const keys = s.page.keyboard;
    const steps = ["1", "1", "测某某", "19912340009", "青山村一组3号", "", "", "12", "", "2"];
    for (const step of steps) {
      for (const key of step) await (/[0-9]/.test(key) ? keys.press(key) : keys.insertText(key));
      await keys.press("Enter");
    }
    await keys.press("Control+Enter");
    await eventually(async () => (await chosen()).products?.green_card, one("products", "green_card") + 1);
    const now = await chosen();
    assert.equal(now.needs.deposit, one("needs", "deposit") + 1);
    assert.equal(now.needs.farm_loan, one("needs", "farm_loan") + 1);
    await s.go(`/board?program=${program.id}&day=${day}&tab=day`);
    const table = s.table("在用的产品");
    await table.getByRole("columnheader", { name: "绿卡" }).waitFor();
    const cells = await table.getByRole("row").last().getByRole("cell").allInnerTexts();
    assert.deepEqual([cells[0], cells[3]], ["合计", String(now.products.green_card)]);
    assert.equal(await table.getByRole("cell", { name: branch.name, exact: true }).count(), 1);
    await s.table("聊到的需要").getByRole("columnheader", { name: "惠农贷款" }).waitFor();
    await s.axe("what was chosen");
    await shot(s, "board-choices");
    await s.large(true);
    await s.go(`/board?program=${program.id}&day=${day}&tab=day`);
    await table.waitFor();
    await s.noSidewaysScroll("what was chosen in large type");
    await shot(s, "board-choices-large");
    await s.large(false);
  },
};
