// The campaign of the sources typed in by hand from the blank form, faults at their fields, the file on its tab,
// versions compared and restored, a copy, and the question before leaving.
import { assert, fresh, NARROW } from "./harness.mjs";

async function draft(s) {
  const { items } = await s.api("GET", "/program-presets");
  const code = fresh("e2e-");
  const program = await s.api("POST", "/programs", { preset: items[0].id, code, name: `编辑活动 ${code}` });
  return { program, remove: () => s.api("DELETE", `/programs/${program.id}`) };
}

/** The page with what is needed to fill it in like a person: choose a section, then fields by their labels. */
class Form {
  constructor(page) {
    this.page = page;
    this.item = null;
  }
  async section(name) {
    // A section with faults says how many after its name.
    const button = new RegExp(`^${name}\\s*(\\d+ 处)?$`);
    await this.page.locator(".edit-nav").getByRole("button", { name: button }).click();
    await this.page.locator(".edit-main h2").getByText(name, { exact: true }).waitFor();
    this.item = null;
  }
  get at() {
    return this.item === null
      ? this.page.locator(".edit-main")
      : this.page.locator(".edit-main fieldset.edit-item").nth(this.item);
  }
  field(key) {
    return this.at.locator(`.edit-field[data-key="${key}"]`);
  }
  async add(what) {
    const items = this.page.locator(".edit-main fieldset.edit-item");
    const n = await items.count();
    await this.page.getByRole("button", { name: `添加${what}` }).click();
    await items.nth(n).waitFor();
    this.item = n;
  }
  async text(key, value) {
    const input = this.field(key).locator("input, textarea").first();
    await input.fill(String(value));
    await input.press("Tab");
  }
  async day(key, value) {
    const input = this.field(key).locator("input");
    await input.click();
    await input.fill(value);
    await input.press("Enter");
    await input.press("Tab");
  }
  async bool(key, value) {
    await this.field(key)
      .getByText(value ? "是" : "否", { exact: true })
      .click();
  }
  /** Chooses by the word on the list. */
  async choose(key, ...words) {
    const field = this.field(key);
    const list = this.page.locator(".ant-select-dropdown:not(.ant-select-dropdown-hidden)");
    await list.first().waitFor({ state: "hidden" });
    const input = field.locator("input").first();
    for (const word of words) {
      await input.focus();
      await input.fill(word);
      await list.locator(".ant-select-item-option").filter({ hasText: word }).first().click();
    }
    // The list of one choice closes by itself; that of several is left.
    if (await list.first().isVisible()) await input.press("Escape");
    await input.evaluate((one) => one.blur());
    await list.first().waitFor({ state: "hidden" });
  }
}

async function basics(f, code) {
  await f.section("项目");
  await f.text("id", code);
  await f.text("title", "百万客户大走访");
  await f.text("slogan", "百万客户大走访，百万客户大拜年");
  await f.text("slogan_customers", 1000000);
  await f.day("start", "2016-10-01");
  await f.day("end", "2017-03-31");
  await f.day("filing_due", "2016-09-30");
  await f.choose("preparation", "报送走访计划", "动员会", "物料到位", "数据录入", "走访小组到位");
  await f.section("阶段");
  await f.add("阶段");
  await f.text("title", "客户大走访");
  await f.day("start", "2016-10-01");
  await f.day("end", "2017-01-31");
  await f.choose("purpose", "宣传", "信息采集");
  await f.choose("kinds", "初步走访", "精准走访");
  await f.add("阶段");
  await f.text("title", "客户大拜年");
  await f.day("start", "2017-02-01");
  await f.day("end", "2017-03-31");
  await f.choose("purpose", "业务促销", "客户回访");
  await f.choose("kinds", "精准走访", "回访");
}

async function tasks(f) {
  await f.section("日任务");
  await f.text("households_per_outlet_per_day", 20);
  await f.bool("carry_over", true);
  await f.choose("repay_by", "精准走访");
  await f.bool("carry_over_raises_daily_bar", false);
  await f.section("信息采集");
  await f.choose("mandatory_fields", "姓名", "电话", "身份证号", "住址");
  await f.bool("enter_same_day", true);
  await f.choose("later_units", "行政村", "投递段道");
}

async function visits(f) {
  await f.section("距离圈");
  await f.text("near_km", 5);
  await f.section("时段");
  for (const [title, start, end] of [
    ["白天上午", "08:30", "12:00"],
    ["白天下午", "14:00", "17:30"],
    ["夜间", "18:30", "20:00"],
  ]) {
    await f.add("时段");
    await f.text("title", title);
    await f.text("start", start);
    await f.text("end", end);
  }
  await f.section("小组");
  for (const [title, kind, ring, posts, windows] of [
    ["初步走访小组", "初步走访", "不限", ["支局长", "投递员", "台区员"], ["白天上午", "白天下午"]],
    ["五公里以外", "精准走访", "远圈", ["支局长", "投递员"], ["白天上午", "白天下午"]],
    ["五公里以内", "精准走访", "近圈", ["支局长", "营业员"], ["夜间"]],
  ]) {
    await f.add("小组");
    await f.text("title", title);
    await f.choose("kind", kind);
    await f.choose("ring", ring);
    await f.choose("posts", ...posts);
    if (posts.includes("台区员")) await f.choose("outside_posts", "台区员");
    await f.choose("windows", ...windows);
    await f.text("per_outlet", 1);
  }
  await f.section("初步走访");
  await f.choose("unit", "村组");
  await f.section("精准走访");
  await f.bool("urban_prefilter", true);
  await f.section("城区预热");
  await f.choose("through", "小区物业", "单位联系人");
  await f.choose("hands_out", "宣传资料", "小礼品");
  await f.section("周计划");
  await f.choose("unit", "周");
  await f.choose("basis", "服务区域图");
  await f.bool("follow_strictly", true);
}

async function judging(f) {
  await f.section("督促");
  await f.choose("compare_with", "只比日任务");
  await f.text("explain_after_days", 2);
  await f.choose("explain_to", "局长");
  await f.text("notice_after_days", 3);
  await f.text("deduction_fen_per_day", 100);
  await f.section("奖励");
  await f.text("head_fen", 1000);
  await f.text("liaison_fen", 1000);
  await f.text("per_record_fen", 0.2);
  await f.bool("only_when_plan_completed", true);
  await f.choose("distribute_by", "按个人条数");
  await f.section("未完成");
  await f.text("deduction_fen_per_item", 0.1);
  await f.section("走访痕迹与核查");
  await f.choose("traces", "不干胶", "照片");
  await f.choose("traces_per", "每个村组");
  await f.text("callback_sample", 10);
  await f.text("callback_fail_above", 0.5);
  await f.choose("zero_trace", "认定没有走访");
  await f.choose("combine", "有一项即认定");
  await f.text("liaison_joins_per_week", 1);
  await f.choose("liaison_checks", "每周");
  await f.choose("spot_check_items", "不干胶", "宣传折页", "名片", "产品知晓");
  await f.choose("first_finding", "全局通报批评");
  await f.choose("second_finding", "到市局说明情况");
  await f.choose("form_assessment", "每月");
  await f.section("通报");
  for (const [key, word] of [
    ["morning_review", "每日"],
    ["county", "每周"],
    ["contest", "每周"],
    ["completeness", "每日"],
    ["newsletter", "每周"],
  ]) {
    await f.choose(key, word);
  }
}

async function contents(f) {
  await f.section("话术");
  for (const [title, text] of [
    ["征求意见", "您好，我是{单位}的{岗位}{姓名}，想听听您的意见。"],
    ["积分有礼", "我是{单位}的{岗位}{姓名}，我们有积分有礼活动。"],
    ["邀请到网点", "我是{单位}的{岗位}{姓名}，网点有活动，您哪天方便？"],
  ]) {
    await f.add("话术");
    await f.text("title", title);
    await f.text("text", text);
  }
  await f.section("重点项目");
  for (const title of ["秋粮款揽收", "代发工资", "商易通"]) {
    await f.add("重点项目");
    await f.text("title", title);
  }
  await f.section("物料");
  await f.choose("carry", "信息采集表", "宣传资料", "名片", "礼品册");
  await f.text("general_sheets_per_person", 1);
  await f.choose("poster_places", "小区聚集点", "便民服务站", "小超市");
  await f.choose("printed", "宣传单", "海报", "告示", "折页", "不干胶", "名片", "礼品册");
  await f.choose("county_prints", "宣传资料", "信息采集表", "便民服务卡");
  await f.choose("goods_for", "春节");
}

export default {
  "the campaign of the sources is typed in by hand from the blank form, its plans pasted as a column": async (
    h,
  ) => {
    const s = await h.as("program.read", "program.write");
    s.context.setDefaultTimeout(20_000);
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
    await s.page.getByRole("button", { name: "登记完成: 动员会和走访培训" }).click();
    const dialog = s.page.getByRole("dialog");
    await dialog.getByLabel("说明").fill("全局动员会");
    await dialog.getByRole("button", { name: "保存" }).click();
    await s.sees("全局动员会");
    const life = await s.api("GET", `/programs/${program.id}/life`);
    assert.deepEqual(
      life.steps.filter((x) => x.done_day).map((x) => x.step),
      ["mobilise"],
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
