// The campaign of the sources typed in by hand from the blank form, faults at their fields, the file on its tab,
// versions compared and restored, a copy, and the question before leaving.
import { basics, contents, Form, judging, tasks, visits } from "./campaign-form.mjs";
import { assert, fresh, NARROW } from "./harness.mjs";

async function draft(s) {
  const { items } = await s.api("GET", "/program-presets");
  const code = fresh("e2e-");
  const program = await s.api("POST", "/programs", { preset: items[0].id, code, name: `编辑活动 ${code}` });
  return { program, remove: () => s.api("DELETE", `/programs/${program.id}`) };
}

export default {
  "the campaign of the sources is typed in by hand from the blank form, its plans pasted as a column": async (
    h,
  ) => {
    const s = await h.as("program.read", "program.write");
    const code = fresh("typed-");
    await s.go("/campaigns");
    await s.page.getByRole("link", { name: "空白新建" }).click();
    await s.page.getByRole("heading", { name: "新建活动" }).waitFor();
    const f = new Form(s.page);
    await basics(f, code);
    await tasks(f);
    // A column from a spreadsheet, pasted into the first row.
    const branches = await s.branches();
    const plans = branches.map((_, i) => 1000 + 50 * i);
    const first = s.page.locator(".outlets-table input").first();
    await first.evaluate((input, text) => {
      const data = new DataTransfer();
      data.setData("text/plain", text);
      input.dispatchEvent(
        new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
      );
    }, plans.join("\n"));
    const sum = plans.reduce((a, b) => a + b, 0).toLocaleString("en-US");
    await s.sees(`已填 ${branches.length} 个网点，合计 ${sum} 条。`);
    await visits(f);
    // Saved too early: the fault stands at its field and in the list of sections.
    await s.page.getByRole("button", { name: "保存为草稿" }).click();
    await s.page.locator(".fault-list").getByRole("button", { name: "奖励" }).first().click();
    await f.field("head_fen").getByText("缺少这一项，请补上。").waitFor();
    await judging(f);
    await contents(f);
    await s.page.getByRole("button", { name: "保存为草稿" }).click();
    await s.page.getByRole("tab", { name: "可行性体检", selected: true }).waitFor();

    const { items } = await s.api("GET", "/programs");
    const made = items.find((p) => p.code === code);
    assert.ok(made, "the campaign is stored");
    const d = (await s.api("GET", `/programs/${made.id}`)).definition;
    assert.deepEqual(
      d.phase.map((p) => [p.title, p.start, p.end, p.kinds]),
      [
        ["客户大走访", "2016-10-01", "2017-01-31", ["first", "precise"]],
        ["客户大拜年", "2017-02-01", "2017-03-31", ["precise", "follow_up"]],
      ],
    );
    assert.deepEqual(
      [d.quota.households_per_outlet_per_day, d.ring.near_km, d.ladder.deduction_fen_per_day],
      [20, 5, 10_000],
    );
    assert.deepEqual(
      [d.reward.head_fen, d.reward.per_record_fen, d.shortfall.deduction_fen_per_item],
      [100_000, 20, 10],
    );
    assert.deepEqual(
      d.team.map((t) => [t.kind, t.ring, t.posts.length, t.windows.length]),
      [
        ["first", "any", 3, 2],
        ["precise", "far", 2, 2],
        ["precise", "near", 2, 1],
      ],
    );
    const units = await s.api("GET", `/programs/${made.id}/units`);
    const stored = units.items.map((u) => u.collection_plan).sort((a, b) => a - b);
    assert.deepEqual(stored, plans);
    const check = await s.api("GET", `/programs/${made.id}/check`);
    const errors = check.findings.filter((x) => x.severity === "error").map((x) => x.code);
    assert.ok(errors.length > 0, "20 households a day are more than the teams can do");
    assert.ok(!errors.includes("CHK-COLLECTION-PLAN"), "every branch has its plan");
    await s.api("DELETE", `/programs/${made.id}`);
  },

  "a changed reward is a new version, the page says what changed, and the old one is restored": async (h) => {
    const s = await h.as("program.read", "program.write");
    const { program, remove } = await draft(s);
    await s.go(`/campaigns/${program.id}/edit?section=reward`);
    await s.axe("the editor");
    const f = new Form(s.page);
    assert.equal(await f.field("head_fen").locator("input").inputValue(), "1000.00");
    await f.text("head_fen", 800);
    await s.page.getByRole("button", { name: "保存为新版本" }).click();
    await s.sees("这一项要填");
    await s.page.getByLabel("为什么改").fill("少发一点");
    await s.page.getByRole("button", { name: "保存为新版本" }).click();
    await s.page.getByRole("tab", { name: "可行性体检", selected: true }).waitFor();
    await s.go(`/campaigns/${program.id}?tab=versions`);
    const diff = s.table("第 1 版到第 2 版改了什么");
    await diff.getByText("1,000 元").waitFor();
    await diff.getByText("800 元").waitFor();
    await s.axe("the versions");
    await s.page.getByRole("button", { name: "恢复这一版: 第 1 版" }).click();
    const dialog = s.page.getByRole("dialog");
    await dialog.getByLabel("为什么改").fill("恢复原来的");
    await dialog.getByRole("button", { name: "恢复这一版" }).click();
    await s.sees("已恢复，存成新版本。");
    const after = await s.api("GET", `/programs/${program.id}`);
    assert.deepEqual([after.version, after.definition.reward.head_fen], [3, 100_000]);
    await remove();
  },

  "a file with faults is refused line by line, and a good one is taken over": async (h) => {
    const s = await h.as("program.read", "program.write");
    const { program, remove } = await draft(s);
    const { toml } = await s.api("GET", `/programs/${program.id}`);
    const lines = toml.split("\n");
    const line = lines.findIndex((l) => l.startsWith("carry_over =")) + 1;
    lines[line - 1] = 'carry_over = "maybe"';
    await s.go(`/campaigns/${program.id}/edit?tab=file`);
    await s.page.getByLabel("活动文件内容").fill(lines.join("\n"));
    await s.page.getByRole("button", { name: "读入" }).click();
    await s.sees(`第 ${line} 行`);
    await s.sees("请写成 true 或 false。");
    await s.page.getByLabel("活动文件内容").fill(toml.replace(/near_km = 5(\.0)?/, "near_km = 4.5"));
    await s.page.getByRole("button", { name: "读入" }).click();
    await s.page.getByRole("tab", { name: "按栏目填写", selected: true }).waitFor();
    const f = new Form(s.page);
    await f.section("距离圈");
    assert.equal(await f.field("near_km").locator("input").inputValue(), "4.5");
    // Leaving asks, and staying keeps what was read.
    await s.page.getByRole("link", { name: "回到活动" }).click();
    await s.page.getByRole("dialog").getByRole("button", { name: "留下" }).click();
    assert.equal(await f.field("near_km").locator("input").inputValue(), "4.5");
    await s.page.getByRole("link", { name: "回到活动" }).click();
    await s.page.getByRole("button", { name: "不保存，离开" }).click();
    await s.page.waitForURL(`**/campaigns/${program.id}`);
    await remove();
  },

  "a campaign is copied to other days, and a step of its preparation is ticked": async (h) => {
    const s = await h.as("program.read", "program.write");
    const { program, remove } = await draft(s);
    await s.go(`/campaigns/${program.id}`);
    await s.page.getByRole("button", { name: "登记完成: 物料到位" }).click();
    const dialog = s.page.getByRole("dialog");
    await dialog.getByLabel("说明").fill("三样印刷品到齐");
    await dialog.getByRole("button", { name: "保存" }).click();
    await s.sees("三样印刷品到齐");
    const life = await s.api("GET", `/programs/${program.id}/life`);
    assert.deepEqual(
      life.steps.filter((x) => x.done_day).map((x) => x.step),
      ["material"],
    );
    await s.page.getByRole("button", { name: "复制活动" }).click();
    const code = fresh("copy-");
    await s.page.getByRole("dialog").getByLabel("活动编号").fill(code);
    await s.page.getByRole("dialog").getByRole("button", { name: "复制活动" }).click();
    await s.sees("已复制为草稿。");
    const { items } = await s.api("GET", "/programs");
    const copy = items.find((p) => p.code === code);
    assert.deepEqual([copy.state, copy.version, copy.first_day], ["draft", 1, program.first_day]);
    await s.api("DELETE", `/programs/${copy.id}`);
    await remove();
  },

  "the editor works on a narrow screen with large type": async (h) => {
    const s = await h.as("program.read", "program.write");
    const { program, remove } = await draft(s);
    await s.page.setViewportSize(NARROW);
    for (const large of [false, true]) {
      await s.large(large);
      for (const place of ["section=program", "section=team", "section=collection", "tab=file"]) {
        await s.go(`/campaigns/${program.id}/edit?${place}`);
        await s.noSidewaysScroll(`${place}, large type ${large}`);
      }
    }
    await s.large(false);
    await remove();
  },
};
