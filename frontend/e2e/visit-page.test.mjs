// The page of one visit: found from the queue of what waits, masked, opened for a reason, its scan looked at, decided;
// then found again from the household and from the day's list.
import { createHash } from "node:crypto";
import { picture } from "./field.test.mjs";
import { assert, eventually, Skip } from "./harness.mjs";

const uuid = () => crypto.randomUUID();

/** A picture of the paper, in one piece (tus 1.0). */
async function attach(s, unit_id, visit_id) {
  const { buffer } = picture();
  const meta = {
    unit_id,
    visit_id,
    op_id: uuid(),
    sha256: createHash("sha256").update(buffer).digest("hex"),
    mime: "image/png",
    role: "scan",
  };
  const own = { "x-zoufang": "1", "tus-resumable": "1.0.0" };
  const named = Object.entries(meta).map(([key, value]) => `${key} ${Buffer.from(value).toString("base64")}`);
  const begun = await s.context.request.post(`${s.base}/api/v1/sync/blobs`, {
    headers: { ...own, "upload-length": String(buffer.length), "upload-metadata": named.join(",") },
  });
  assert.equal(begun.status(), 201, await begun.text());
  const piece = { "content-type": "application/offset+octet-stream", "upload-offset": "0" };
  const done = await s.context.request.patch(new URL(begun.headers().location, s.base).href, {
    headers: { ...own, ...piece },
    data: buffer,
  });
  assert.equal(done.status(), 204, await done.text());
}

/** A visit without a phone number, handed in at the desk: somebody has to look at it. */
async function doubtful(s) {
  const program = await s.startedProgram();
  const branch = await s.branch();
  const day = s.me.system.today;
  const desk = await s.api("GET", `/programs/${program.id}/units/${branch.id}/desk?day=${day}`);
  const sheet = desk.sheets.find((x) => x.household_id);
  if (!sheet) throw new Skip("no household is planned today");
  const visit_id = uuid();
  const answers = {
    outcome: "self",
    notice: "agreed",
    name: "测试人",
    address: "青山村一组3号",
    remarks: "门口有狗",
  };
  const { items } = await s.api("POST", "/sync/push", {
    unit_id: branch.id,
    device_id: uuid(),
    ops: [
      {
        op_id: uuid(),
        client_seq: 0,
        kind: "visit.submit",
        entity_id: visit_id,
        schema_ver: 1,
        device_time: new Date().toISOString(),
        payload: {
          program_id: program.id,
          kind: "precise",
          day,
          household_id: sheet.household_id,
          stop_id: sheet.stop_id,
          form_id: "household-visit",
          form_version: 1,
          answers,
          position: { lat: 30.5, lon: 104.5, accuracy_m: 12, datum: "wgs84" },
        },
      },
    ],
  });
  assert.equal(items[0].answer, "review", JSON.stringify(items));
  return { program, branch, day, sheet, visit_id };
}

export default {
  "a visit that waits is read masked, opened for a reason and decided on its page": async (h) => {
    const s = await h.as("visit.write", "visit.review", "customer.reveal");
    const { branch, visit_id } = await doubtful(s);
    await s.go("/reviews");
    await s.page.locator(`a[href*="${visit_id}"]`).click();
    await s.sees("这条记录要核对");
    await s.sees("有必填项没有填");
    const answer = (label) =>
      s.page.locator(".visit-answer").filter({ hasText: label }).last().locator(":scope > :last-child");
    assert.equal(await answer("姓名").textContent(), "测**");
    assert.equal(await answer("备注").textContent(), "••••");
    assert.equal(await answer("个人信息告知书").textContent(), "已告知并同意");
    await s.sees("误差约 12 米");
    await s.axe("a visit");
    await s.noSidewaysScroll("a visit");
    await s.page.getByRole("button", { name: "查看全文" }).click();
    const dialog = s.page.getByRole("dialog");
    await dialog.waitFor();
    await dialog.getByRole("button", { name: "显示 60 秒" }).click();
    await eventually(() => answer("姓名").textContent(), "测试人");
    assert.equal(await answer("备注").textContent(), "门口有狗");
    await s.page.getByRole("button", { name: "属实" }).click();
    await s.sees("核对结果：属实");
    const now = await s.api("GET", `/units/${branch.id}/visits/${visit_id}`);
    assert.equal(now.state, "accepted");
  },

  "a visit is found from its household and its day, with its scan and what was amended": async (h) => {
    const s = await h.as("visit.write", "visit.review");
    const { program, branch, day, sheet, visit_id } = await doubtful(s);
    const said = await s.api("POST", "/sync/push", {
      unit_id: branch.id,
      device_id: uuid(),
      ops: [
        {
          op_id: uuid(),
          client_seq: 0,
          kind: "visit.amend",
          entity_id: visit_id,
          base_rev: 1,
          schema_ver: 1,
          device_time: new Date().toISOString(),
          payload: {
            program_id: program.id,
            kind: "precise",
            day,
            household_id: sheet.household_id,
            form_id: "household-visit",
            form_version: 1,
            answers: { outcome: "absent" },
            reason: "录错了",
          },
        },
      ],
    });
    assert.match(said.items[0].answer, /applied|review/);
    await attach(s, branch.id, visit_id);
    await s.go(`/households/${branch.id}/${sheet.household_id}`);
    await s.page.locator(`a[href*="${visit_id}"]`).first().click();
    await s.sees("更正：第 1 稿改为第 2 稿。");
    await s.sees("原因：录错了");
    await s.sees("见面情况：见到本人 → 不在家");
    await s.page.getByRole("button", { name: "看 1 张照片" }).click();
    const wide = () => s.page.getByAltText("第 1 张照片").evaluate((img) => img.naturalWidth);
    await eventually(wide, 64, "the picture is there");
    await s.go(`/visits/${branch.id}?program=${program.id}&day=${day}`);
    await s.page.locator(`a[href*="${visit_id}"]`).waitFor();
    await s.axe("the visits of a day");
  },
};
