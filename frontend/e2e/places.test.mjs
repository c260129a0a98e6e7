// The place of a customer: approximate until somebody stood at the door, pinned with a name, and taken back.
import { assert, eventually, fresh } from "./harness.mjs";

export default {
  "a branch head pins the door of a customer with an approximate place and takes the pin back": async (h) => {
    const s = await h.as("plan.confirm", "customer.write");
    const { id } = await s.branch();
    const branch = (await s.branches()).find((u) => u.id === id);
    const customer = await s.api("POST", `/units/${branch.id}/customers`, {
      customer_no: fresh("P"),
      name: "欧阳定位",
    });
    const address = `/units/${branch.id}/customers/${customer.id}/place`;
    const before = await s.api("GET", address);
    assert.deepEqual([before.approximate, before.pinned], [true, false]);
    const page = s.page;
    await s.go(`/customers/${branch.id}/${customer.id}`);
    await s.sees("大致位置", { exact: true });

    await page.getByRole("button", { name: "标记门户" }).click();
    const dialog = page.getByRole("dialog", { name: "标记门户" });
    await dialog.getByLabel("纬度").fill(String(branch.lat + 0.01));
    await dialog.getByLabel("经度").fill(String(branch.lon + 0.01));
    await dialog.getByLabel("误差（米）").fill("8");
    await s.axe("pinning a door");
    await dialog.locator("button[type=submit]").click();
    await s.sees("门户已标记，同户的人也用这个位置。");

    await s.go(`/customers/${branch.id}/${customer.id}`);
    await s.sees("门户位置", { exact: true });
    await s.sees("本人门户");
    assert.equal(await page.getByText("大致位置", { exact: true }).count(), 0);
    await s.axe("a pinned customer");
    const pinned = await s.api("GET", address);
    assert.deepEqual([pinned.pinned, pinned.approximate, pinned.datum], [true, false, "wgs84"]);
    assert.equal(pinned.pinned_by_name, s.me.user.name);
    await page.getByText(new RegExp(`${pinned.pinned_by_name}.*误差约 8 米`)).waitFor();
    assert.ok(Math.abs(pinned.lat - branch.lat - 0.01) < 1e-6, `${pinned.lat}`);

    await page.getByRole("button", { name: "取消标记" }).click();
    await page.getByRole("button", { name: "确定" }).click();
    await s.sees("标记已取消。");
    await s.sees("大致位置", { exact: true });
    await eventually(async () => (await s.api("GET", address)).pinned, false, "the pin is gone");
  },
};
