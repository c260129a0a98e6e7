// What the bank owes to the people in its base: a refusal at the customer's page, an erasure by two people with its
// certificate, a lawful basis that waits for two others, and the page of parameters.
import { assert, fresh } from "./harness.mjs";

const day = (ahead) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);

/** Chooses in a select of antd: by keyboard, as somebody without a mouse would. */
async function choose(page, label, text) {
  const box = page.getByRole("combobox", { name: label, exact: true });
  await box.focus();
  await page.keyboard.press("ArrowDown");
  await page.locator(".ant-select-item-option").filter({ hasText: text }).first().click();
}

/** A customer of the own branch whom anybody may visit still. */
async function somebody(s, at) {
  const unit = (await s.branches())[0];
  const { items } = await s.api("GET", `/units/${unit.id}/customers?limit=50`);
  const free = items.filter((c) => !c.do_not_visit);
  assert.ok(free.length > at, "the branch has customers");
  return { unit, customer: free[at] };
}

export default {
  "a refusal recorded at the customer counts at once": async (h) => {
    const s = await h.as("privacy.write", "customer.write", "plan.confirm");
    const { unit, customer } = await somebody(s, 3);
    await s.go(`/customers/${unit.id}/${customer.id}`);
    await s.page.getByRole("button", { name: "登记同意或拒绝" }).click();
    await choose(s.page, "原因", "不愿意");
    await s.axe();
    await s.page
      .getByRole("dialog")
      .getByRole("button", { name: /保 ?存/ })
      .click();
    await s.sees("全户不愿被走访");
    await s.axe();
    const said = await s.api("GET", `/units/${unit.id}/customers/${customer.id}/privacy`);
    assert.equal(said.standing.do_not_visit, true);
    assert.equal(said.consents[0].reason, "no_wish");
  },

  "one person asks for an erasure, another erases, and a certificate stays": async (h) => {
    const s = await h.as("privacy.write", "customer.write", "plan.confirm");
    const { unit, customer } = await somebody(s, 5);
    await s.api("POST", `/units/${unit.id}/customers/${customer.id}/requests`, {
      kind: "erasure",
      channel: "on_site",
    });
    const officer = await h.as("privacy.approve", "privacy.write");
    await officer.go("/privacy");
    const row = officer.page.getByRole("row").filter({ hasText: customer.customer_no });
    await officer.axe();
    await row.getByRole("button", { name: "同意删除" }).click();
    await officer.page.getByRole("button", { name: /确 ?定/ }).click();
    await row.waitFor({ state: "detached" });
    await officer.go("/privacy");
    await officer.page
      .getByRole("button", { name: /^E\d{8}-/ })
      .first()
      .click();
    await officer.page.getByRole("heading", { name: "删除证明" }).waitFor();
    assert.match(await officer.page.locator(".sheet").innerText(), /[0-9a-f]{64}/);
    await officer.axe();
    const gone = await s.raw("GET", `/units/${unit.id}/customers/${customer.id}`);
    assert.equal(gone.status(), 404);
  },

  "a lawful basis waits for two others": async (h) => {
    const s = await h.as("privacy.write", "program.write");
    const title = fresh("外出人员名单");
    await s.go("/bases");
    await s.page.getByRole("button", { name: "登记合法来源" }).click();
    await choose(s.page, "来源", "村镇外出人员统计");
    await s.page.getByLabel("内容").fill(title);
    await s.page.getByLabel("有效期至").fill(day(60));
    await s.page.getByLabel("证明材料").fill("告知书与同意书，存县局档案室");
    await s.axe();
    await s.page
      .getByRole("dialog")
      .getByRole("button", { name: /保 ?存/ })
      .click();
    await s.page.getByRole("row").filter({ hasText: title }).getByText("待同意").waitFor();
    for (const [role, state] of [
      [["privacy.approve", "privacy.write"], "待同意"],
      [["privacy.approve", "program.approve"], "有效"],
    ]) {
      const other = await h.as(...role);
      await other.go("/bases");
      const row = other.page.getByRole("row").filter({ hasText: title });
      await row.getByRole("button", { name: /^同 ?意$/ }).click();
      await other.page.getByRole("button", { name: /确 ?定/ }).click();
      await row.getByText(state, { exact: true }).waitFor();
      await row
        .getByText(/同意：|同意$/)
        .first()
        .waitFor();
    }
  },

  "outside parties get counts under an agreement and every parameter stands on one page": async (h) => {
    const s = await h.as("privacy.write", "program.write");
    const party = fresh("县统计局");
    await s.go("/privacy?tab=agreements");
    await s.page.getByRole("button", { name: "登记协议" }).click();
    await s.page.getByLabel("提供给").fill(party);
    await s.page.getByLabel("目的").fill("普惠金融统计");
    await s.page.getByLabel("有效期至").fill(day(30));
    await s.page
      .getByRole("dialog")
      .getByRole("button", { name: /保 ?存/ })
      .click();
    const mine = s.page.getByRole("row").filter({ hasText: party });
    await mine.getByText("待同意").waitFor();
    const officer = await h.as("privacy.approve", "privacy.write");
    await officer.go("/privacy?tab=agreements");
    const row = officer.page.getByRole("row").filter({ hasText: party });
    await row.getByRole("button", { name: /^同 ?意$/ }).click();
    await row.getByRole("button", { name: "按村、档位汇总" }).click();
    await officer.page.getByRole("heading", { name: "汇总数" }).waitFor();
    await officer.axe();
    await officer.go("/privacy?tab=retention");
    await officer.sees("走访资料长期未更新");
    await officer.axe();
    await officer.go("/privacy?tab=parameters");
    await officer.page.getByPlaceholder("查找").fill("每人上限");
    await officer.sees("gift.cap_fen_per_customer");
    await officer.axe();
  },
};
