// The campaign editor as a person fills it in: choose a section, then fields by their labels; and the campaign of the
// sources, section by section. Used by every test that types a campaign in by hand.

/** The page with what is needed to fill it in like a person: choose a section, then fields by their labels. */
export class Form {
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

/** @param phase2 Days of the second phase, as the source prints them or as it means them. */
export async function basics(f, code, phase2 = ["2017-02-01", "2017-03-31"]) {
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
  await f.day("start", phase2[0]);
  await f.day("end", phase2[1]);
  await f.choose("purpose", "业务促销", "客户回访");
  await f.choose("kinds", "精准走访", "回访");
}

export async function tasks(f) {
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

export async function visits(f) {
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

export async function judging(f) {
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

export async function contents(f) {
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
