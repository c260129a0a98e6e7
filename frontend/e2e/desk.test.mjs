// The desk in the evening: paper forms typed in by keyboard alone; what is typed counts at once, a torn line is
// sent again, and nothing is doubled.
import { assert, eventually, Skip } from "./harness.mjs";

/** A branch head at the desk on a day that has visits planned and none typed in. */
async function atTheDesk(h) {
  const s = await h.as("visit.write", "plan.confirm");
  const program = await s.startedProgram();
  const branch = await s.branch();
  const desk = (day) => s.api("GET", `/programs/${program.id}/units/${branch.id}/desk?day=${day}`);
  const today = new Date(`${s.me.system.today}T12:00:00Z`);
  for (let ago = 0; ago < 7; ago += 1) {
    const day = new Date(today.getTime() + ago * 86_400_000).toISOString().slice(0, 10);
    const now = await desk(day);
    if (now.sheets.filter((x) => !x.visit).length >= 3)
      return { s, program, branch, day, desk: () => desk(day) };
  }
  throw new Skip("no day of this week has three visits left to type in");
}

/** Opens a form by what is printed on it, or the customer's number. */
async function open(s, sheet) {
  await s.page.getByLabel("表上的编号").fill(String(sheet.number ?? sheet.customer_no));
  await s.page.keyboard.press("Enter");
  await s.page.locator(".desk-form").waitFor();
}

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
};
