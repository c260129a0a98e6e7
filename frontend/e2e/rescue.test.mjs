// A phone that reaches nobody any more writes what it still has into a file; the outlet takes the file in, opens it for a
// reason, and nothing is lost: the visit, its picture, and the one that was being written.
import { readFileSync } from "node:fs";
import { carried, enrolled, picture, saveVisit, startNext } from "./field.test.mjs";
import { assert, eventually, NARROW, WIDE } from "./harness.mjs";

/** The file that the phone offers. */
async function exported(phone) {
  await phone.page.getByRole("link", { name: /待上传/ }).click();
  const [download] = await Promise.all([
    phone.page.waitForEvent("download"),
    phone.button("导出没传的记录").click(),
  ]);
  await phone.page.getByText("导出了 2 条。").waitFor();
  return readFileSync(await download.path());
}

export default {
  "what a phone exports is taken in and opened, the visit, its picture and the unfinished one": async (h) => {
    const { phone, head, unit } = await enrolled(h);
    await carried(phone);
    await phone.setOffline(true);
    await startNext(phone);
    await phone.button("不在家").click();
    await phone.page.locator("input[type=file]").first().setInputFiles(picture(11));
    await phone.page
      .getByText(/第 1 张照片|1 张/)
      .first()
      .waitFor();
    await saveVisit(phone);
    await phone.button("看今天的路").click();
    await startNext(phone);
    await phone.button("不在家").click();
    await phone.go("/m/");
    if (await phone.page.getByLabel("6 位密码").isVisible()) await phone.unlock();
    const file = await exported(phone);
    const text = JSON.parse(file.toString("utf8"));
    assert.equal(text.items.length, 3, "the visit, the unfinished one, the picture");

    await head.go("/rescues");
    await head.sees("收到的内容");
    const choose = head.page.locator('input[type="file"]');
    await choose.setInputFiles({ name: "x.json", mimeType: "application/json", buffer: Buffer.from("[]") });
    await head.sees("这个文件不是手机导出的记录，或者版本不对。请在手机上更新后重新导出。");
    const named = { name: "走访-没传的记录.json", mimeType: "application/json", buffer: file };
    await choose.setInputFiles(named);
    await head.sees("新收 3 份，以前收过 0 份。");
    await choose.setInputFiles(named);
    await head.sees("新收 0 份，以前收过 3 份。");
    await head.page.getByRole("button", { name: /^打开这 \d+ 份$/ }).click();
    const dialog = head.page.getByRole("dialog");
    await dialog.getByLabel("打开的原因").fill("手机进水了");
    await dialog.getByRole("button", { name: "打开", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    const tag = (words) => head.page.locator(".table .tag", { hasText: words }).count();
    // Phones of other tests may have handed something over as well; what came last stands first.
    await eventually(async () => (await tag("已存下")) >= 1, true, "the picture is kept");
    await eventually(async () => (await tag("待核对")) >= 1, true, "the unfinished visit waits");
    await head.axe("exports of a phone");
    if (process.env.ZF_SHOTS)
      await head.page.screenshot({ path: `${process.env.ZF_SHOTS}/rescues.png`, fullPage: true });
    await head.page.setViewportSize(NARROW);
    await head.noSidewaysScroll("exports of a phone");
    await head.page.setViewportSize(WIDE);
    await head.page.getByRole("link", { name: "没写完的走访" }).first().click();
    await head.sees("手机上没有写完提交，由网点取出，请核对后再算");
    const asked = await head.api("GET", `/units/${unit.id}/reviews?limit=50`);
    assert.ok(asked.items.some((r) => r.reasons.some((why) => why.includes("没有写完提交"))));
  },
};
