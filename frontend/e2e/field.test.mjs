// The visitor's day on a phone: enrolled at the branch, written in a valley without signal, killed in between, and at the
// bank once, whatever happened on the way. What is on the screen is checked by axe in standard and in large type.
import { deflateSync } from "node:zlib";
import { assert, eventually, Skip, WAIT_MS } from "./harness.mjs";
import { Phone, PIN } from "./phone.mjs";

const HOUR_MS = 3600_000;
/** As Lighthouse has it for a slow 4G: 150 ms, 1.6 Mbit/s down, 750 kbit/s up. */
const SLOW_4G = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 93_750 };

/** The ISO week of a day. */
function weekOf(day) {
  const d = new Date(`${day}T00:00:00Z`);
  const thursday = new Date(d.getTime() + (4 - (d.getUTCDay() || 7)) * 24 * HOUR_MS);
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  const n = Math.floor((thursday.getTime() - first) / (7 * 24 * HOUR_MS)) + 1;
  return `${thursday.getUTCFullYear()}-W${String(n).padStart(2, "0")}`;
}

/** A branch head who may enrol phones, and the visitor of the same branch with a code for a phone. */
async function atTheBranch(h) {
  const head = await h.as("device.write", "visit.write");
  const { unit } = head.me;
  if (unit.level !== "branch") throw new Skip("no branch head may enrol phones");
  // A phone carries the routes of confirmed plans.
  const program = await head.startedProgram();
  const week = weekOf(head.me.system.today);
  const plan = `/programs/${program.id}/units/${unit.id}/week-plans/${week}`;
  const now = await head.raw("GET", plan);
  if (!now.ok()) throw new Skip("no plan for this week");
  if ((await now.json()).state === "draft") await head.api("POST", `${plan}/confirm`);
  const users = await head.api("GET", `/units/${unit.id}/devices/users`);
  const logins = await h.logins();
  for (const login of logins) {
    const s = await h.open();
    await s.signInAgain(login);
    const user = users.items.find((u) => u.user_id === s.me.user.id);
    await s.context.close();
    if (!user) continue;
    const code = () =>
      head.api("POST", `/units/${unit.id}/devices/codes`, { user_id: user.user_id, name: "e2e" });
    return { head, unit, login, user, code };
  }
  throw new Skip("no demo login of this branch can have a phone");
}

/**
 * A phone with today's list; `change` may alter what the bank sends: what a bank of another kind would send, and what
 * its forms ask.
 */
export async function enrolled(h, change = null) {
  const branch = await atTheBranch(h);
  const phone = await Phone.make(h);
  if (change) {
    await phone.context.route("**/api/v1/sync/pull", async (route) => {
      // This end of the line is not the phone's.
      if (phone.offline) return route.abort("internetdisconnected");
      const response = await route.fetch();
      if (!response.ok()) return route.fulfill({ response });
      const body = await response.json();
      for (const item of body.items) if (item.data) change(item, branch);
      return route.fulfill({ response, json: body });
    });
  }
  const { link } = await branch.code();
  await phone.enrol(link, branch.login);
  const rows = phone.page.locator("ol.rows .row").first();
  const none = phone.page.getByText("这一天没有排路线");
  await rows.or(none).first().waitFor();
  if (await none.isVisible()) throw new Skip("no route of this person today");
  return { ...branch, phone };
}

/** A small picture, as a camera would hand it over. */
export function picture(step = 7) {
  const [width, height] = [64, 48];
  const rows = Buffer.concat(
    Array.from({ length: height }, (_, y) =>
      Buffer.concat([
        Buffer.from([0]),
        Buffer.from(Array.from({ length: width * 3 }, (_, x) => (x * step + y * 5) % 256)),
      ]),
    ),
  );
  const chunk = (name, data) => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc(body), body.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const buffer = Buffer.concat([
    signature,
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
  return { name: "photo.png", mimeType: "image/png", buffer };
}

function crc(bytes) {
  let c = ~0;
  for (const b of bytes) {
    c ^= b;
    for (let k = 0; k < 8; k += 1) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  }
  return ~c >>> 0;
}

/** Waits until the service worker answers for the page. */
export async function carried(phone) {
  await phone.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await phone.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

/**
 * Opens the visit of the next household that is named on the list. Every test writes on the list of the same day, the
 * desk as well: when all are done, one of them is visited once more, and `again` says so.
 */
export async function startNext(phone) {
  const rows = phone.page.locator("ol.rows .row");
  await rows.first().waitFor();
  // Village groups say how many are expected.
  const households = rows.filter({ hasNotText: "预计" });
  const fresh = households.filter({ hasNot: phone.page.locator(".tag") });
  const done = households.filter({ hasNotText: "没写完" });
  const again = (await fresh.count()) === 0;
  if (again && (await done.count()) === 0) throw new Skip("no household on the list of the day");
  const row = (again ? done : fresh).first();
  const name = (await row.locator("b").textContent()).trim();
  await row.click();
  await phone.button("开始走访").click();
  await phone.button("保存走访").waitFor();
  return { name, again };
}

export async function saveVisit(phone) {
  await phone.button("保存走访").click();
  const done = phone.page.getByRole("heading", { name: /存在手机里了|已传到行里了/ });
  const anyway = phone.button("就这样保存");
  await done.or(anyway).first().waitFor();
  if (await anyway.isVisible()) await anyway.click();
  await done.waitFor();
}

/** What the phone keeps under a name. */
export const meta = (phone, key) =>
  phone.page.evaluate(
    (k) =>
      new Promise((done) => {
        const asked = indexedDB.open("zoufang-field");
        asked.onsuccess = () => {
          const get = asked.result.transaction("meta").objectStore("meta").get(k);
          get.onsuccess = () => {
            asked.result.close();
            done(get.result?.value ?? null);
          };
        };
      }),
    key,
  );

/** Opens what waits to go out and sends it, signing in again when the session is over. */
export async function uploaded(phone, login) {
  await phone.page.getByRole("link", { name: /待上传/ }).click();
  const clear = phone.page.getByText("都传到行里了");
  const now = phone.button("现在上传");
  const again = phone.button("现在登录");
  await now.or(clear).or(again).first().waitFor();
  // A round that lost the line waits for the app's next beat; nobody at the branch would: they tap again.
  for (const until = Date.now() + WAIT_MS; Date.now() < until && !(await clear.isVisible()); ) {
    if (await again.isVisible()) {
      await again.click();
      await phone.page.getByLabel("登录名").fill(login.login);
      await phone.page.getByLabel("密码", { exact: true }).fill(login.password);
      await phone.button("登录").click();
      await again.waitFor({ state: "detached" });
    } else if (await now.isEnabled().catch(() => false)) await now.click({ timeout: 2_000 }).catch(() => {});
    await phone.page.waitForTimeout(300);
  }
  await clear.waitFor();
}

const waiting = async (phone) => (await phone.page.locator(".head p").first().textContent()).trim();

/** Everything this phone tried to push, each operation once; the same operation must always say the same. */
export function pushed(phone, into) {
  phone.context.on("request", (request) => {
    if (!request.url().endsWith("/sync/push")) return;
    for (const op of request.postDataJSON()?.ops ?? []) {
      if (into.has(op.op_id)) assert.deepEqual(op, into.get(op.op_id), "an operation changed");
      into.set(op.op_id, op);
    }
  });
}

export default {
  "a day of visits is written without signal, survives a kill and is at the bank once": async (h) => {
    const { phone, login } = await enrolled(h);
    const tried = new Map();
    await phone.look("today");
    await carried(phone);
    await phone.button("地图").click();
    await phone.page.locator(".map canvas").first().waitFor();
    await phone.look("map");
    await phone.button("路线").click();

    // Into the valley.
    await phone.setOffline(true);
    await phone.page.getByText("没有信号，照常登记").waitFor();
    const { name: known, again } = await startNext(phone);
    await phone.look("visit");
    await phone.button("见到本人").click();
    await phone.button("已告知并同意").click();
    await phone.page.getByLabel("联系电话").first().fill("19912340001");
    await phone.page.locator("input[type=file]").setInputFiles(picture());
    await phone.page
      .getByText(/第 1 张照片/)
      .first()
      .waitFor();
    await phone.button("给客户看").click();
    await phone.look("show to the customer");
    await phone.takeBack();
    await saveVisit(phone);
    await phone.look("saved");
    await phone.button("看今天的路").click();
    if (!again)
      await phone.page.locator("ol.rows .row", { hasText: known }).first().getByText("存在手机里").waitFor();

    // A household that nobody had listed, with a member.
    await phone.button("名单外的一户").click();
    await phone.button("保存走访").waitFor();
    const groups = phone.page.getByRole("group", { name: "在哪个村组" }).getByRole("button");
    if ((await groups.count()) > 0) await groups.first().click();
    await phone.button("见到本人").click();
    await phone.button("已告知并同意").click();
    await phone.page.getByLabel("姓名").first().fill("测新户");
    await phone.page.getByLabel("联系电话").first().fill("19912340002");
    await phone.page.getByLabel("家庭住址").fill("测试村一组 99 号");
    await phone.button(/加一位/).click();
    await phone.page.getByLabel("姓名").nth(1).fill("测家人");
    await saveVisit(phone);
    await phone.button("看今天的路").click();

    // Reloaded in mid-form, without signal: the draft is still there.
    const { name: absent } = await startNext(phone);
    await phone.button("不在家").click();
    await phone.page.getByLabel("备注").fill("门口有车");
    await phone.page.getByText("边填边存，关掉也不丢").waitFor();
    await phone.page.reload();
    await phone.look("unlock");
    await phone.unlock();
    await phone.heading(absent);
    assert.equal(await phone.page.getByLabel("备注").inputValue(), "门口有车");
    assert.equal(await phone.button(/不在家/).getAttribute("aria-pressed"), "true");

    // Killed, and started again in the valley.
    await phone.kill();
    await phone.start();
    pushed(phone, tried);
    await phone.go("/m/");
    await phone.unlock();
    await phone.page.getByRole("link", { name: /待上传/ }).click();
    await phone.page.getByText("没写完").first().waitFor();
    assert.equal(await waiting(phone), "3 条还在手机里");
    await phone.look("uploads");
    await phone.page.getByRole("button", { name: absent }).click();
    await saveVisit(phone);
    await phone.button("看今天的路").click();
    await phone.page.getByRole("link", { name: /待上传/ }).click();
    assert.equal(await waiting(phone), "4 条还在手机里");

    // Home: everything goes, once. The session of the browser may have ended with it.
    await phone.setOffline(false);
    await uploaded(phone, login);
    await eventually(() => phone.page.getByText("照片等着上传").count(), 0, "the photo has gone");
    await eventually(() => phone.page.getByText("行里正在核对").count(), 0, "the bank has checked the photo");
    const sent = [...tried.values()];
    const kinds = sent.map((op) => op.kind).sort();
    assert.deepEqual(kinds, ["household.propose", "visit.submit", "visit.submit", "visit.submit"]);
    assert.deepEqual(sent.map((op) => op.client_seq).sort(), [1, 2, 3, 4]);
    const set = await phone.page.locator(".tag").allTextContents();
    assert.deepEqual(
      set.filter((t) => /先放一边|没收下/.test(t)),
      [],
      set.join(" "),
    );
    // The bank says so itself: sent again, every one of them is known.
    const s = await h.open();
    await s.signInAgain(login);
    const device = await meta(phone, "enrolment");
    const said = await s.api("POST", "/sync/push", {
      unit_id: device.unit_id,
      device_id: device.device_id,
      ops: sent,
    });
    assert.deepEqual(
      said.items.map((i) => i.answer),
      Array(4).fill("duplicate"),
    );
    await phone.look("uploads at the bank");
    for (const [tab, label] of [
      ["客户", "customers"],
      ["我的", "mine"],
    ]) {
      await phone.page.getByRole("link", { name: tab }).click();
      await phone.look(label);
    }
  },

  "a revoked phone is wiped and keeps what was not uploaded": async (h) => {
    const { phone, head, unit } = await enrolled(h);
    await carried(phone);
    await phone.setOffline(true);
    await startNext(phone);
    await phone.button("不在家").click();
    await saveVisit(phone);
    // This very phone: others of the same person, enrolled by other tests, are active as well.
    const { device_id } = await meta(phone, "enrolment");
    await head.api("POST", `/units/${unit.id}/devices/${device_id}/revoke`, { reason: "手机丢了" });
    // The line is back: what it holds goes to the bank, which sets it aside; the list goes.
    await phone.setOffline(false);
    await phone.heading("这部手机已停用");
    await phone.look("revoked");
    await eventually(
      async () => (await meta(phone, "outbox")).receipts.map((r) => `${r.answer} ${r.code}`).join(),
      "quarantined device_revoked",
      "what was written went to the bank and was set aside there",
    );
  },

  "traces, gifts, a correction and a door are taken in": async (h) => {
    const { phone, login } = await enrolled(h);
    const row = phone.page.locator("ol.rows .row").filter({ hasText: "预计" }).first();
    if ((await row.count()) > 0) {
      await row.click();
      await phone.button("记一处痕迹").click();
      await phone.page.getByRole("group", { name: "贴在哪里" }).getByRole("button").first().click();
      await phone.look("village group");
      await phone.button("存下这处痕迹").click();
      await phone.page.getByText("存在手机里了。").waitFor();
      await phone.button("返回").click();
    }
    await startNext(phone);
    await phone.button("见到家人").click();
    await phone.page.getByText("送出的宣传品和便民物品").click();
    const more = phone.page.getByRole("button", { name: /宣传单多一个/ });
    await more.click();
    await saveVisit(phone);
    await phone.button("看今天的路").click();
    await phone.page.locator("ol.rows .row").filter({ hasNotText: "预计" }).last().click();
    await phone.look("household");
    await phone.button("记下这家门口的位置").click();
    await phone.button("保存").click();
    await phone.page.getByText(/门口位置记下了/).waitFor();
    await phone.button("改姓名、电话、住址").click();
    await phone.page.getByLabel("电话", { exact: true }).fill("19912340009");
    await phone.button("存下这些改动").click();
    await phone.page.getByText("传到行里后有人核对").waitFor();
    await phone.button("返回").click();
    await uploaded(phone, login);
    const lines = await phone.page.locator(".rows li").allTextContents();
    assert.deepEqual(
      lines.filter((line) => /先放一边|没收下/.test(line)),
      [],
    );
    for (const kind of ["走访", "送出物品", "门口位置", "改客户资料"])
      assert.ok(
        lines.some((line) => line.includes(kind)),
        `${kind} in ${lines.join(" | ")}`,
      );
  },

  "times of the field app on a slow phone": async (h) => {
    const branch = await atTheBranch(h);
    const phone = await Phone.make(h);
    const slow = async (rate, network) => {
      const cdp = await phone.context.newCDPSession(phone.page);
      await cdp.send("Emulation.setCPUThrottlingRate", { rate });
      await cdp.send("Network.enable");
      if (network) await cdp.send("Network.emulateNetworkConditions", network);
    };
    const ready = async (name) => {
      await phone.page.waitForFunction((n) => performance.getEntriesByName(`ready ${n}`).length > 0, name);
      return phone.page.evaluate(
        (n) => Math.round(performance.getEntriesByName(`ready ${n}`)[0].startTime),
        name,
      );
    };
    await slow(4, SLOW_4G);
    await phone.page.goto(`${phone.base}/m/`);
    console.log(`    usable, first load, CPU/4, slow 4G: ${await ready("sign_in")} ms`);
    await phone.newPage();
    await phone.enrol((await branch.code()).link, branch.login);
    await carried(phone);
    await phone.setOffline(true);
    for (const rate of [4, 6]) {
      await phone.newPage();
      await slow(rate, null);
      await phone.page.goto(`${phone.base}/m/`);
      const shown = await ready("locked");
      const before = await phone.page.evaluate(() => performance.now());
      await phone.page.getByLabel("6 位密码").fill(PIN);
      const open = await ready("open");
      console.log(
        `    warm start offline, CPU/${rate}: PIN asked after ${shown} ms, day shown ${Math.round(open - before)} ms after the PIN`,
      );
    }
  },
};
