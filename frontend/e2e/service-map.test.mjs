// Paper of the field: the service map on the bank's own base map, the service card, and collection forms of a week.
import gcoord from "gcoord";
import { assert } from "./harness.mjs";
import { drafted } from "./plans.test.mjs";

/** A triangle around a place, as a bank's own boundary. */
function boundary(lat, lon) {
  const corners = [
    [lon - 0.1, lat - 0.1],
    [lon + 0.1, lat - 0.1],
    [lon, lat + 0.1],
    [lon - 0.1, lat - 0.1],
  ];
  return Buffer.from(
    JSON.stringify({
      type: "Feature",
      properties: { name: "测试边界" },
      geometry: { type: "Polygon", coordinates: [corners] },
    }),
  );
}

/** Metres between two places that are near each other. */
function metres([lon1, lat1], [lon2, lat2]) {
  const rad = Math.PI / 180;
  const x = (lon2 - lon1) * Math.cos(((lat1 + lat2) / 2) * rad);
  return Math.hypot(x, lat2 - lat1) * rad * 6_371_000;
}

export default {
  "a county loads a base map and a branch draws its service map on it": async (h) => {
    const market = await h.as("unit.write");
    const head = await h.as("plan.confirm");
    const { id } = await head.branch();
    const branch = (await head.branches()).find((u) => u.id === id);
    await market.go("/service-map?tab=layers");
    const page = market.page;
    await page.getByRole("button", { name: "上传地图" }).click();
    const dialog = page.getByRole("dialog", { name: "上传地图" });
    await dialog.getByLabel("名称").fill("测试底图");
    await dialog.getByLabel("审图号").fill("GS(2026)0042号");
    // What is no map is refused in words that say what to do.
    const wrong = {
      name: "名单.xlsx",
      mimeType: "application/octet-stream",
      buffer: Buffer.from("PK\u0003\u0004"),
    };
    await dialog.locator("#map-file").setInputFiles(wrong);
    await dialog.locator("button[type=submit]").click();
    await market.sees("这不是地图文件");
    const buffer = boundary(branch.lat, branch.lon);
    const right = { name: "边界.geojson", mimeType: "application/geo+json", buffer };
    await dialog.locator("#map-file").setInputFiles(right);
    await dialog.locator("button[type=submit]").click();
    await market.sees("地图已装好。");
    await page.getByRole("cell", { name: "GS(2026)0042号" }).waitFor();

    await head.go("/service-map");
    await head.sees("审图号：GS(2026)0042号");
    const groups = await head.api("GET", `/units/${branch.id}/village-groups`);
    const rows = head.table("村组（由近到远）").locator("tbody tr");
    await rows.first().waitFor();
    assert.equal(await rows.count(), groups.items.length);
    await head.axe("service map");

    await page.getByRole("button", { name: "删除 测试底图" }).click();
    await page.getByRole("button", { name: "确定" }).click();
    await market.sees("还没有地图资料");
    await head.go("/service-map");
    await head.sees("示意图");
  },

  "a layer in the datum of another map falls on the right village": async (h) => {
    const market = await h.as("unit.write");
    const head = await h.as("plan.confirm");
    const { id } = await head.branch();
    const { items } = await head.api("GET", `/units/${id}/village-groups`);
    const groups = items.filter((g) => g.lat !== null && g.lon !== null).slice(0, 3);
    assert.equal(groups.length, 3);
    const page = market.page;
    const other = { 高德: gcoord.GCJ02, 百度: gcoord.BD09 };
    for (const [name, datum] of Object.entries(other)) {
      // Where the other map draws the village groups, by a library that the server does not use.
      const drawn = groups.map((g) => gcoord.transform([g.lon, g.lat], gcoord.WGS84, datum));
      const moved = metres(drawn[0], [groups[0].lon, groups[0].lat]);
      assert.ok(moved > 100, `${name} is another datum: ${moved} m`);
      const box = ([x, y]) =>
        [
          [-1, -1],
          [1, -1],
          [1, 1],
          [-1, 1],
          [-1, -1],
        ].map(([dx, dy]) => [x + dx * 0.002, y + dy * 0.002]);
      const features = drawn.flatMap((at, n) => [
        { type: "Feature", properties: { n }, geometry: { type: "Point", coordinates: at } },
        { type: "Feature", properties: { n }, geometry: { type: "Polygon", coordinates: [box(at)] } },
      ]);
      await market.go("/service-map?tab=layers");
      await page.getByRole("button", { name: "上传地图" }).click();
      const dialog = page.getByRole("dialog", { name: "上传地图" });
      await dialog.getByLabel("名称").fill(`${name}底图`);
      await dialog.getByLabel("审图号").fill("GS(2026)0043号");
      await dialog.getByLabel("坐标").focus();
      await page.keyboard.press("ArrowDown");
      await page.locator(".ant-select-item-option", { hasText: name }).first().click();
      const buffer = Buffer.from(JSON.stringify({ type: "FeatureCollection", features }));
      await dialog
        .locator("#map-file")
        .setInputFiles({ name: "边界.geojson", mimeType: "application/geo+json", buffer });
      await dialog.locator("button[type=submit]").click();
      await market.sees("地图已装好。");
      await head.go("/service-map");
      await head.sees("审图号：GS(2026)0043号");
      const { items: layers } = await head.api("GET", `/units/${id}/map-layers`);
      const layer = layers.find((l) => l.name === `${name}底图`);
      const kept = await head.api("GET", `/units/${id}/map-layers/${layer.id}/content`);
      const points = kept.features.filter((f) => f.geometry.type === "Point");
      for (const [n, g] of groups.entries()) {
        const off = metres(points[n].geometry.coordinates, [g.lon, g.lat]);
        assert.ok(off < 3, `${name}: ${off} m beside the village group`);
      }
      if (process.env.ZF_E2E_SHOTS)
        await head.page.screenshot({ path: `${process.env.ZF_E2E_SHOTS}/${datum}.png` });
      await page.getByRole("button", { name: `删除 ${name}底图` }).click();
      await page.getByRole("button", { name: "确定" }).click();
      await market.sees("还没有地图资料");
    }
  },

  "an outlet writes its card and prints its collection forms": async (h) => {
    const head = await h.as("plan.confirm");
    const page = head.page;
    await head.go("/service-map?tab=card");
    await page.getByRole("button", { name: "修改" }).click();
    await page.getByLabel("营业时间").fill("8:30—17:00");
    await page.getByLabel(/服务内容/).fill("存取款\n代收电费");
    await page.getByRole("dialog").locator("button[type=submit]").click();
    await head.sees("已保存");
    assert.equal(await page.locator(".service-card", { hasText: "代收电费" }).count(), 10);
    await head.axe("service card");

    const plan = await drafted(head);
    await head.go(plan.page);
    await page.getByRole("link", { name: "打印采集表" }).click();
    await page.getByRole("button", { name: "生成采集表" }).click();
    const forms = page.locator(".collection-form");
    await forms.first().waitFor();
    assert.ok((await forms.count()) > 0);
    const text = await forms.first().innerText();
    assert.ok(text.includes("个人信息告知书") && !text.includes("身份证号"), text);
  },
};
