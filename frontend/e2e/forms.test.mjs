// A question is added to the visit form by the row builder with a condition, tried beside it, published as the next
// version, taken through Excel into another draft, and compared.
import { assert, eventually } from "./harness.mjs";

export default {
  "a form gets a question with a condition, goes through Excel and is compared": async (h) => {
    const s = await h.as("program.write", "form.read");
    const page = s.page;
    const versions = async () =>
      (await s.api("GET", "/forms")).items.find((f) => f.id === "household-visit").versions;
    const before = (await versions())[0].version;
    const made = await s.api("POST", "/forms/household-visit/versions", { note: "" });
    assert.equal(made.version, before + 1);
    await s.go(`/forms/household-visit/${made.version}`);
    await page.getByRole("button", { name: "加一题" }).last().click();
    await page.getByPlaceholder("题目", { exact: true }).last().fill("家里有没有人外出打工");
    await page.getByRole("button", { name: "加一个条件" }).last().click();
    await page.getByText("当［见面情况］已回答时显示", { exact: true }).waitFor();
    // Beside it: hidden until the condition holds.
    const phone = page.locator(".phone");
    assert.equal(await phone.getByText("家里有没有人外出打工").count(), 0);
    await phone.getByRole("button", { name: "1 见到本人" }).click();
    await phone.getByText("家里有没有人外出打工").waitFor();
    await page.getByRole("button", { name: "请服务器再算一遍" }).click();
    await page.getByText("服务器算得一样").waitFor();
    await page.getByText("（在").first().waitFor();
    await page
      .locator(".page-actions")
      .getByRole("button", { name: /发\s?布/ })
      .click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /发\s?布/ })
      .click();
    await eventually(async () => (await versions())[0].state, "published");
    // The file goes into another draft as it came out.
    const file = await page.evaluate(async (path) => {
      const answer = await fetch(path);
      return [...new Uint8Array(await answer.arrayBuffer())];
    }, `/api/v1/forms/household-visit/versions/${made.version}/xlsx`);
    const next = await s.api("POST", "/forms/household-visit/versions", { from: before, note: "" });
    await s.go(`/forms/household-visit/${next.version}`);
    await page.locator("[data-form-file]").setInputFiles({
      name: "form.xlsx",
      mimeType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
      buffer: Buffer.from(file),
    });
    await page.getByText("已读入，请核对后保存").waitFor();
    await page.getByText("两个版本的题目完全一样。").waitFor();
    await s.api("DELETE", `/forms/household-visit/versions/${next.version}`);
    await s.api("POST", `/forms/household-visit/versions/${made.version}/retire`, {});
  },
};
