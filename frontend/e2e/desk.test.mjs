// The desk in the evening: paper forms typed in by keyboard alone; what is typed counts at once, a torn line is
// sent again, and nothing is doubled.
import { atTheDesk, open } from "./desk.mjs";
import { assert, eventually } from "./harness.mjs";

const SHOTS = process.env.ZF_SHOTS;
const shot = async (s, name) => {
  if (SHOTS) await s.page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
};

export default {
  "a form is typed in by keyboard alone and counts at once": async (h) => {
    const { s, day, desk } = await atTheDesk(h);
    const before = await desk();
    await s.go(`/desk?day=${day}`);
    const [first, second] = before.sheets.filter((x) => !x.visit);
    await open(s, first);
    const keys = s.page.keyboard;
    await keys.press("1"); // met
    await keys.press("Enter");
    await keys.press("1"); // informed and agreed
    await keys.press("Enter");
    for (const text of ["测某某", "19912340001", "青山村一组3号"]) {
      await keys.type(text);
      await keys.press("Enter");
    }
    await keys.press("Control+Enter");
    await s.page.getByLabel("表上的编号").waitFor();
    const typed = async (sheet) => (await desk()).sheets.find((x) => x.stop_id === sheet.stop_id).visit;
    await eventually(async () => (await typed(first))?.outcome, "self");
    assert.equal((await typed(first)).members, 1);
    assert.equal((await desk()).households, before.households + 1);
    // A closed door: two keys; it does not count.
    await open(s, second);
    await keys.press("3");
    await keys.press("Control+Enter");
    await eventually(async () => (await typed(second))?.outcome, "absent");
    assert.equal((await typed(second)).counts, false);
    assert.equal((await desk()).households, before.households + 1);
    await s.page.getByText("不在家").first().waitFor();
    // The same number again is said to be in.
    await s.page.getByLabel("表上的编号").fill(String(second.number ?? second.customer_no));
    await s.page.keyboard.press("Enter");
    await s.page.getByRole("alert").getByText("已经录过了").waitFor();
  },

  "who went is filled in from the plan, one is taken out and another colleague named, by keyboard": async (
    h,
  ) => {
    const { s, branch, day, desk } = await atTheDesk(h);
    const now = await desk();
    const sheet = now.sheets.find((x) => !x.visit && x.members.length > 0);
    assert.ok(sheet, "a form whose team the branch knows");
    const ids = new Set(sheet.members.map((m) => m.staff_id));
    const names = (all) => all.map((c) => c.name);
    const single = (c) => now.colleagues.filter((x) => x.name.includes(c.name)).length === 1;
    const other = now.colleagues.find((c) => !ids.has(c.staff_id) && single(c));
    assert.ok(other, "a colleague who was not planned");
    await s.go(`/desk?day=${day}`);
    await open(s, sheet);
    const keys = s.page.keyboard;
    const chosen = () => s.page.locator("[data-question=visitors] [aria-pressed=true]").allInnerTexts();
    assert.deepEqual(
      (await chosen()).map((t) => t.replace(/^\d+\s*/, "")),
      names(sheet.members),
    );
    await keys.press("3"); // nobody at home: the next question is the last one above who went
    await keys.press("Enter");
    await keys.press("Enter");
    assert.equal(await s.page.evaluate(() => document.activeElement.dataset.question), "visitors");
    await keys.press("1");
    await keys.press("Enter");
    await keys.type("没有这个人");
    await keys.press("Enter");
    await s.page.getByRole("alert").getByText("或者不止一位").waitFor();
    await s.axe("who went");
    await shot(s, "desk-who-went");
    await keys.press("Control+A");
    await keys.type(other.name);
    await keys.press("Enter");
    await s.page.locator("[data-question=visitors]").getByText(other.name).waitFor();
    await keys.press("Control+Enter");
    const visit = async () => (await desk()).sheets.find((x) => x.stop_id === sheet.stop_id).visit;
    await eventually(async () => (await visit())?.outcome, "absent");
    const whole = await s.api("GET", `/units/${branch.id}/visits/${(await visit()).visit_id}/whole`);
    assert.deepEqual(whole.visitors.toSorted(), names([...sheet.members.slice(1), other]).toSorted());
  },

  "what is typed while the line is torn is handed in once, when it is back": async (h) => {
    const { s, day, desk } = await atTheDesk(h);
    await s.go(`/desk?day=${day}`);
    const sheet = (await desk()).sheets.find((x) => !x.visit);
    let torn = 0;
    // The first is lost on the way, the answer to the second gets lost on the way back.
    await s.page.route("**/api/v1/sync/push", async (route) => {
      torn += 1;
      // As a gateway says it: what never came in, and what came in and was not answered.
      if (torn === 1) return route.fulfill({ status: 503 });
      if (torn === 2) {
        await route.fetch();
        return route.fulfill({ status: 504 });
      }
      return route.continue();
    });
    await open(s, sheet);
    await s.page.keyboard.press("4"); // declined
    await s.page.keyboard.press("Control+Enter");
    await s.page.getByText("还没存上").waitFor();
    await s.page.getByText("还没存上").waitFor({ state: "hidden" });
    assert(torn === 3, `${torn}`);
    const kept = (await desk()).sheets.find((x) => x.stop_id === sheet.stop_id);
    assert(
      kept.visit?.outcome === "refused" && kept.visit.rev === 1 && kept.visit.state === "accepted",
      JSON.stringify(kept),
    );
  },

  "a scan of the paper is attached to a form that is typed in, and is kept": async (h) => {
    const { s, branch, day, desk } = await atTheDesk(h);
    await s.go(`/desk?day=${day}`);
    const sheet = (await desk()).sheets.find((x) => !x.visit);
    await open(s, sheet);
    await s.page.keyboard.press("3");
    await s.page.keyboard.press("Control+Enter");
    const typed = async () => (await desk()).sheets.find((x) => x.stop_id === sheet.stop_id).visit;
    await eventually(async () => (await typed())?.outcome, "absent");
    // Masked names are alike: another form with the same one may have its button already. The line of this one is the
    // one that stands where the sheet stands, and it has its button once the list has been fetched again.
    const place = (await desk()).sheets.findIndex((x) => x.stop_id === sheet.stop_id);
    const row = s.page.locator(".desk-list li").nth(place);
    assert.ok((await row.textContent()).includes(sheet.name_masked));
    await row.getByRole("button", { name: /扫描件/ }).click();
    await s.page.getByText("还没有扫描件").waitFor();
    const pdf = Buffer.concat([Buffer.from("%PDF-1.7\n"), Buffer.alloc(700_000, 7)]);
    await s.page
      .getByLabel("附上扫描件")
      .setInputFiles({ name: "表.pdf", mimeType: "application/pdf", buffer: pdf });
    await s.page.getByRole("link", { name: "查看第 1 份" }).waitFor();
    await eventually(async () => (await typed()).scans, 1);
    const photos = await s.api("GET", `/units/${branch.id}/visits/${(await typed()).visit_id}/photos`);
    assert.deepEqual(
      photos.items.map((p) => [p.role, p.mime, p.size, p.state]),
      [["scan", "application/pdf", 700_009, "verified"]],
    );
    // Another kind of file is refused in words, and nothing is listed.
    await s.page
      .getByLabel("附上扫描件")
      .setInputFiles({ name: "表.txt", mimeType: "text/plain", buffer: Buffer.from("x") });
    await s.page.getByRole("alert").waitFor();
    assert.equal((await typed()).scans, 1);
    await s.axe("scans of a form");
    await s.page.getByRole("button", { name: "回到录入" }).click();
    await s.page.getByLabel("表上的编号").waitFor();
  },

  "a form of the sample is typed again without the first text, and what differs is said": async (h) => {
    const { s, day, desk } = await atTheDesk(h);
    const sheet = (await desk()).sheets.find((x) => !x.visit);
    await s.go(`/desk?day=${day}`);
    await open(s, sheet);
    await s.page.keyboard.press("4");
    await s.page.keyboard.press("Control+Enter");
    const typed = async () => (await desk()).sheets.find((x) => x.stop_id === sheet.stop_id).visit;
    await eventually(async () => (await typed())?.outcome, "refused");
    // Which form is drawn nobody can choose: the page is told that this one is, and typed by somebody else.
    const visit = (await typed()).visit_id;
    await s.page.route("**/api/v1/**/desk?day=*", async (route) => {
      const said = await (await route.fetch()).json();
      for (const one of said.sheets) {
        if (one.visit?.visit_id === visit)
          Object.assign(one.visit, { double: "wanted", own: false, outcome: "" });
      }
      return route.fulfill({ json: said });
    });
    let sent = null;
    await s.page.route(`**/visits/${visit}/second`, async (route) => {
      sent = route.request().postDataJSON();
      return route.fulfill({ json: { compared: 1, differing: 1 } });
    });
    await s.go(`/desk?day=${day}`);
    await s.page.getByText("待复录").first().waitFor();
    await open(s, sheet);
    await s.page.getByText("这张表抽中了复录").waitFor();
    assert.equal(
      await s.page.locator(".desk-form [aria-pressed=true]").count(),
      0,
      "nothing of the first text",
    );
    await s.page.keyboard.press("3");
    await s.page.keyboard.press("Control+Enter");
    await s.page.getByText("1 项不一致").waitFor();
    assert.deepEqual(sent, { answers: { outcome: "absent" } });
    await s.page.getByText("复录核对").waitFor();
    await s.page.unrouteAll({ behavior: "ignoreErrors" });
  },

  "both texts of a form are shown under the labels of the form, in the language of whoever decides": async (
    h,
  ) => {
    const s = await h.as("visit.review", "customer.reveal", "visit.write");
    const program = await s.startedProgram();
    const form = await s.api("GET", "/forms/household-visit");
    // Which forms are drawn nobody can choose: the page is told of one that differs. Labels are the form's own.
    const visit = "0190c000-0000-7000-8000-000000000001";
    await s.page.route("**/desk/doubles*", (route) =>
      route.fulfill({
        json: {
          items: [
            {
              visit_id: visit,
              day: s.me.system.today,
              fields: [
                { zh: "在用的产品", en: "Products in use" },
                { zh: "同户其他成员", en: "Others of the household" },
              ],
              first_by_name: "甲",
              second_by_name: "乙",
            },
          ],
          next: null,
        },
      }),
    );
    await s.page.route(`**/visits/${visit}/second/reveal`, (route) =>
      route.fulfill({
        json: {
          form,
          items: [
            { field: "products", first: ["green_card", "wealth"], second: ["treasury_bond"] },
            { field: "members", first: [{ member_name: "丙", relation: "child" }], second: null },
            { field: "loan_amount", first: 5_000_000, second: 500_000 },
            { field: "gone_since", first: "x", second: "y" },
          ],
        },
      }),
    );
    const said = async (texts) => {
      await s.go(`/desk?program=${program.id}`);
      await s.page.getByText(texts.fields).waitFor();
      await s.page.getByRole("button", { name: texts.show }).click();
      await s.page.getByRole("dialog").getByRole("button", { name: texts.show }).click();
      const table = s.page.getByRole("dialog").getByRole("region", { name: texts.table });
      await table.waitFor();
      const rows = await table.getByRole("row").allInnerTexts();
      return rows.slice(1).map((row) => row.split("\t").map((cell) => cell.trim()));
    };
    assert.deepEqual(
      await said({ fields: "在用的产品、同户其他成员", show: "看两次内容", table: "不一致的项目" }),
      [
        ["在用的产品", "绿卡、理财产品", "国债"],
        ["同户其他成员", "姓名 丙，与户主关系 子女", "–"],
        ["想贷多少", "50,000 元", "5,000 元"],
        ["gone_since", "x", "y"],
      ],
    );
    await s.axe("both texts of a form");
    await shot(s, "desk-double");
    // No account can choose its language yet: the page is told that this one reads English.
    await s.page.route("**/api/v1/me", async (route) => {
      const me = await (await route.fetch()).json();
      me.preferences.locale = "en";
      return route.fulfill({ json: me });
    });
    const english = await said({
      fields: "Products in use, Others of the household",
      show: "Show both",
      table: "Different answers",
    });
    assert.deepEqual(english[0], ["Products in use", "Green Card, Wealth products", "Treasury bonds"]);
    assert.equal(english[1][1], "Name 丙, Relation Child");
    await s.page.unrouteAll({ behavior: "ignoreErrors" });
  },
};
