// The board of the day and the summary table: what every outlet has visited, in figures that the API also says.
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
    await s.page.getByRole("cell", { name: "合计", exact: true }).waitFor();
    await s.sees("填表人签字");
    await shot(s, "board-week");
    await s.axe("summary table");
    await s.large(true);
    await s.go(`/board?program=${program.id}`);
    await s.noSidewaysScroll("board in large type");
    await shot(s, "board-large");
    await s.large(false);
  },
};
