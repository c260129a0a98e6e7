// Alike records, merges, moves and the closing of a branch.
import { assert, eventually, fresh } from "./harness.mjs";

/** A made-up ID number of the demo's range with a right last place. */
function idNumber() {
  const day = String(1 + Math.floor(Math.random() * 28)).padStart(2, "0");
  const serial = String(Math.floor(Math.random() * 1000)).padStart(3, "0");
  const body = `290199${1950 + Math.floor(Math.random() * 50)}${String(1 + Math.floor(Math.random() * 12)).padStart(2, "0")}${day}${serial}`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = [...body].reduce((all, c, at) => all + Number(c) * weights[at], 0);
  return `${body}${"10X98765432"[sum % 11]}`;
}

async function person(s, branch, no, more) {
  return s.api("POST", `/units/${branch.id}/customers`, { customer_no: no, ...more });
}

/** One person twice in a branch, searched. */
async function twice(s, branch) {
  const id_number = idNumber();
  const address = "青山镇大河村3组18号";
  const a = await person(s, branch, fresh("A"), { name: "欧阳翠屏", id_number, address });
  const b = await person(s, branch, fresh("B"), {
    name: "欧阳翠萍",
    id_number,
    address,
    occupation: "种植大户",
  });
  const scan = await s.api("POST", `/units/${branch.id}/duplicates/scan`, {});
  await s.job({ id: scan.job_id, state: "ready" });
  const { items } = await s.api("GET", `/units/${branch.id}/duplicates?limit=200`);
  const pair = items.find((p) => [p.own, p.other].every((r) => [a.id, b.id].includes(r.customer_id)));
  assert.ok(pair, "the pair was found");
  return { a, b, pair };
}

export default {
  "a person stored twice is merged by keyboard and taken apart again": async (h) => {
    const s = await h.as("customer.merge", "customer.transfer", "customer.write");
    const branch = await s.branch();
    const { a, b, pair } = await twice(s, branch);
    assert.match(pair.why, /同一证件号/);
    await s.go(`/duplicates?unit=${branch.id}&pair=${pair.id}`);
    await s.page.getByRole("heading", { name: pair.why }).waitFor();
    const text = await s.page.locator("main").textContent();
    assert.ok(!text.includes("欧阳翠"), "names stay masked");
    const keep = pair.own.customer_id === a.id ? "1" : "2";
    await s.page.keyboard.press(keep);
    await s.page.getByRole("button", { name: /职业 用另一条的值/ }).waitFor();
    await s.axe("duplicates");
    await s.page.keyboard.press("m");
    await s.sees("已合并。");
    const gone = await s.raw("GET", `/units/${branch.id}/customers/${b.id}`);
    assert.equal(gone.status(), 404);
    const kept = await s.api("GET", `/units/${branch.id}/customers/${a.id}`);
    assert.equal(kept.occupation, "种植大户");
    await s.page.getByRole("tab", { name: "合并记录" }).click();
    await s.page.getByRole("button", { name: "撤销合并" }).first().click();
    await s.sees("已撤销，两条记录和原来一样。");
    const back = await s.api("GET", `/units/${branch.id}/customers/${b.id}`);
    assert.equal(back.customer_no, b.customer_no);
    assert.equal((await s.api("GET", `/units/${branch.id}/customers/${a.id}`)).occupation, null);
  },

  "two records that are not one person stay apart": async (h) => {
    const s = await h.as("customer.merge", "customer.transfer", "customer.write");
    const branch = await s.branch();
    const { pair } = await twice(s, branch);
    await s.go(`/duplicates?unit=${branch.id}&pair=${pair.id}`);
    await s.page.getByRole("heading", { name: pair.why }).waitFor();
    await s.page.getByRole("button", { name: "不是同一人" }).click();
    await s.sees("已记下。");
    const now = await s.api("GET", `/units/${branch.id}/duplicates/${pair.id}`);
    assert.equal(now.state, "rejected");
  },

  "a customer moves to another branch on the page and back": async (h) => {
    const s = await h.as("customer.transfer", "customer.write");
    const [first, second] = await s.branches();
    const no = fresh("T");
    const made = await person(s, first, no, { name: "搬家的人" });
    await s.go(`/transfers?unit=${first.id}`);
    await s.page.getByRole("button", { name: "迁移客户" }).click();
    const dialog = s.page.getByRole("dialog").first();
    // The fields of a dialog are made anew as it opens; a list opened before that closes again.
    const find = s.page.getByRole("searchbox", { name: "按名称或编号找机构" });
    const opened = async () => {
      if (!(await find.isVisible())) await dialog.getByRole("button", { name: /迁入网点/ }).click();
      return find.isVisible();
    };
    await eventually(opened, true);
    await find.fill(second.name);
    await s.page.locator(".picker-list").getByRole("button", { name: second.name }).first().click();
    await dialog.getByLabel("客户号（每行一个）").fill(no);
    await dialog.getByRole("button", { name: "先看看" }).click();
    await s.sees("将迁移 1 位客户");
    await s.axe("transfers dialog");
    await dialog.getByRole("button", { name: "确定迁移" }).click();
    await s.sees("已迁移。");
    const there = await s.api("GET", `/units/${second.id}/customers/${made.id}`);
    assert.equal(there.customer_no, no);
    const row = s.table("迁移记录").getByRole("row").filter({ hasText: second.name }).first();
    await row.getByRole("button", { name: "撤销迁移" }).click();
    await s.page.locator(".ant-modal-confirm-btns").getByRole("button", { name: "撤销迁移" }).click();
    await eventually(
      async () => (await s.raw("GET", `/units/${first.id}/customers/${made.id}`)).status(),
      200,
      "the customer is back",
    );
  },

  "a branch is closed from its page and nothing stays in it": async (h) => {
    const s = await h.as("customer.transfer", "unit.write", "staff.write");
    const [first] = await s.branches();
    const code = fresh("Z");
    const made = await s.api("POST", "/units", {
      code,
      name: `撤并${code}`,
      level: "branch",
      parent_id: first.parent_id,
    });
    await person(s, made, fresh("C"), { name: "老客户" });
    await s.go(`/units?node=${made.id}&tab=detail`);
    await s.page.getByRole("button", { name: "撤并网点" }).click();
    const dialog = s.page.getByRole("dialog").first();
    for (const label of ["客户迁到", "员工和账号转到"]) {
      await dialog.getByRole("button", { name: new RegExp(label) }).click();
      await s.page.getByRole("searchbox", { name: "按名称或编号找机构" }).fill(first.name);
      await s.page.locator(".picker-list").getByRole("button", { name: first.name }).first().click();
    }
    await dialog.getByRole("button", { name: "开始撤并" }).click();
    await eventually(
      async () => (await s.api("GET", `/units/${made.id}/closing`)).state,
      "closed",
      "the branch is closed",
    );
    const now = await s.api("GET", `/units/${made.id}/closing`);
    assert.deepEqual([now.customers, now.staff, now.accounts, now.grants, now.active], [0, 0, 0, 0, false]);
  },
};
