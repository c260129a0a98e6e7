// What the field app does at the door beside the plain visit: several visitors, every kind of question, pictures and a
// signature, the phone in the customer's hand, another PIN, the campaign's own outcomes; and how long a visit takes.
import { carried, enrolled, meta, picture, pushed, saveVisit, startNext, uploaded } from "./field.test.mjs";
import { assert, eventually } from "./harness.mjs";
import { PIN } from "./phone.mjs";

const staff = (n) => `0190a000-0000-7000-8000-00000000000${n}`;
const HOUR_MS = 3600_000;
const OTHER_PIN = "739105";

/** The form with a question of every kind that the shipped one does not ask. */
function askMore(item) {
  if (item.kind !== "form" || item.data.id !== "household-visit") return;
  item.data.fields.push(
    { name: "door_photo", type: "photo", label: "门牌照片", required: "true" },
    { name: "signed", type: "signature", label: "客户签名", required: "true" },
    { name: "spot", type: "location", label: "店面位置" },
    { name: "referred_by", type: "customer", label: "谁介绍的" },
    { name: "open_at", type: "time", label: "几点开门" },
    { name: "mu", type: "decimal", label: "种了几亩" },
  );
}

/** Everybody of the team of the visitor, the visitor among them. */
const withTeam = (item, { user }) => {
  if (item.kind !== "stop") return;
  item.data.members = [
    { id: staff(1), name: user.name },
    { id: staff(2), name: "孙测军" },
    { id: staff(3), name: "李测梅" },
  ];
};

/** Draws over the pad. */
async function draw(phone) {
  const box = await phone.page.getByRole("img", { name: "签名的框" }).boundingBox();
  const { mouse } = phone.page;
  await mouse.move(box.x + 40, box.y + box.height / 2);
  await mouse.down();
  for (let i = 1; i <= 12; i += 1)
    await mouse.move(box.x + 40 + i * 18, box.y + box.height / 2 + (i % 2 ? -25 : 25));
  await mouse.up();
}

/** Every picture is at the bank, which has checked it. */
async function checked(phone) {
  const left = phone.page.getByText(/照片等着上传|行里正在核对/);
  const ask = async () => {
    const now = phone.button("现在上传");
    if (await now.isEnabled()) await now.click({ timeout: 2_000 }).catch(() => {});
    return left.count();
  };
  await eventually(ask, 0, "the pictures have gone");
}

const answersOf = (tried) => [...tried.values()].find((op) => op.kind === "visit.submit");

export default {
  "several go to one visit, and the bank is told who": async (h) => {
    const { phone, login } = await enrolled(h, withTeam);
    const tried = new Map();
    pushed(phone, tried);
    await startNext(phone);
    await phone.button("不在家").click();
    const team = phone.page.getByRole("group", { name: "谁来了" });
    await team.getByRole("button", { name: "孙测军" }).click();
    await team.getByRole("button", { name: "李测梅" }).click();
    await team.getByRole("button", { name: "李测梅" }).click();
    await phone.look("visitors");
    await saveVisit(phone);
    await phone.button("看今天的路").click();
    await uploaded(phone, login);
    assert.deepEqual(
      answersOf(tried).payload.visitors,
      [staff(1), staff(2)],
      "the one who writes, and one other",
    );
  },

  "the phone asks every kind of question: photo, signature, place, customer, time, number": async (h) => {
    const { phone, login } = await enrolled(h, askMore);
    const tried = new Map();
    pushed(phone, tried);
    await phone.setOffline(true);
    await startNext(phone);
    await phone.button("不在家").click();
    const group = (name) => phone.page.getByRole("group", { name });
    const door = group("门牌照片");
    const file = door.locator("input[type=file]");
    await file.setInputFiles(picture());
    await door
      .getByText(/第 1 张照片/)
      .first()
      .waitFor();
    // Typed while the next picture is made small: nothing of it is lost.
    await file.setInputFiles(picture(9));
    await phone.page.getByLabel("备注").fill("边拍边写");
    await door
      .getByText(/第 2 张照片/)
      .first()
      .waitFor();
    assert.equal(await phone.page.getByLabel("备注").inputValue(), "边拍边写");
    await phone.look("pictures");
    await door.getByRole("button", { name: /第 2 张照片/ }).click();
    const sheet = phone.page.getByRole("dialog");
    await sheet.getByRole("button", { name: "放大" }).click();
    await phone.look("a picture large");
    await sheet.getByRole("button", { name: "删掉第 2 张" }).click();
    await sheet.waitFor({ state: "detached" });
    assert.equal(await door.locator(".thumb").count(), 1);
    // On paper first, then drawn after all.
    const signed = group("客户签名");
    await signed.getByRole("button", { name: "客户在纸上签" }).click();
    await signed.getByText("附上扫描件").waitFor();
    await signed.getByRole("button", { name: "用手指签" }).click();
    await draw(phone);
    await phone.look("signature");
    await sheet.getByRole("button", { name: "签好了" }).click();
    await signed.getByRole("img", { name: "客户的签名" }).waitFor();
    assert.equal(await signed.getByText("附上扫描件").count(), 0, "no longer on paper");
    await group("店面位置").getByRole("button", { name: "记下现在的位置" }).click();
    await group("店面位置")
      .getByText(/位置记下了/)
      .waitFor();
    const who = group("谁介绍的").getByRole("button").first();
    await who.click();
    await phone.page.getByLabel("几点开门").fill("08:30");
    await phone.page.getByLabel("种了几亩").fill("3.5");
    await phone.look("every kind of question");
    // Killed in the middle of it: all of it is there again.
    await phone.kill();
    await phone.start();
    pushed(phone, tried);
    await phone.go("/m/");
    await phone.unlock();
    await phone.page.getByRole("link", { name: /待上传/ }).click();
    await phone.page.getByRole("button", { name: /没写完/ }).click();
    await group("客户签名").getByRole("img", { name: "客户的签名" }).waitFor();
    assert.equal(await group("门牌照片").locator(".thumb").count(), 1);
    await saveVisit(phone);
    await phone.button("看今天的路").click();
    await phone.setOffline(false);
    await uploaded(phone, login);
    const { payload, blobs } = answersOf(tried);
    const { door_photo, signed: signature, spot, open_at, mu, referred_by } = payload.answers;
    assert.deepEqual(blobs.map((b) => b.role).sort(), ["photo", "signature"]);
    const named = (role) => blobs.find((b) => b.role === role).sha256;
    assert.deepEqual([door_photo, signature], [[named("photo")], named("signature")]);
    assert.deepEqual([spot.lat, spot.lon, spot.datum, open_at, mu], [30.5, 114.3, "wgs84", "08:30", 3.5]);
    assert.match(referred_by, /^[0-9a-f-]{36}$/);
    // Photo and signature arrive and are checked.
    await checked(phone);
    assert.equal(await phone.page.getByText(/先放一边|没收下/).count(), 0);
  },

  "what the customer is shown is left by a long press or the PIN only": async (h) => {
    const { phone } = await enrolled(h);
    const { name } = await startNext(phone);
    await phone.button("见到本人").click();
    await phone.page.getByLabel("备注").fill("不给客户看的话");
    await phone.button("给客户看").click();
    await phone.heading("请您看一下");
    const page = phone.page;
    await page.getByText("不留也不影响您办业务").waitFor();
    assert.equal(await page.getByText("不给客户看的话").count(), 0, "remarks are not shown");
    // The customer ticks it.
    const agreed = page.getByRole("button", { name: /已告知并同意/ });
    await agreed.click();
    assert.equal(await agreed.getAttribute("aria-pressed"), "true");
    await page.locator(".show dd", { hasText: name }).waitFor();
    await phone.look("shown to the customer");
    await phone.button("转过来").click();
    const turned = () => page.locator(".show").evaluate((e) => getComputedStyle(e).rotate);
    assert.equal(await turned(), "180deg");
    await phone.look("shown and turned around");
    await phone.button("转过来").click();
    assert.equal(await turned(), "none");
    // Nothing else is there, whatever is pressed.
    const closed = async (why) => {
      assert.equal(await page.locator(".show").count(), 1, why);
      assert.equal(await page.locator(".tabs, .head, .rows, input:not(.pin)").count(), 0, why);
    };
    await closed("at first");
    await page.keyboard.press("Escape");
    await closed("after Escape");
    await page.goBack().catch(() => {});
    await closed("after the back key");
    const back = page.getByRole("button", { name: /^收回手机/ });
    await back.click();
    await page.getByText("填 6 位密码").or(page.getByLabel("6 位密码")).first().waitFor();
    await closed("after a tap");
    await page.getByLabel("6 位密码").fill("000000");
    await page.getByRole("alert").getByText("还可以试 9 次").waitFor();
    await closed("after a wrong PIN");
    await phone.look("asked for the PIN");
    await page.getByLabel("6 位密码").fill(PIN);
    await phone.heading(name);
    assert.equal(await page.getByLabel("备注").inputValue(), "不给客户看的话");
    assert.equal(await agreed.getAttribute("aria-pressed"), "true", "what was ticked stays");
    await phone.button("给客户看").click();
    await phone.takeBack();
    await phone.heading(name);
    // Started again in the customer's hand: the PIN is asked.
    await phone.button("给客户看").click();
    await page.reload();
    await page.getByLabel("6 位密码").waitFor();
    assert.equal(await page.getByText(name).count(), 0);
  },

  "the PIN is changed; a wrong old one counts, and what ten do is said before": async (h) => {
    const { phone } = await enrolled(h);
    await startNext(phone);
    await phone.button("不在家").click();
    await phone.button("返回").click();
    await phone.page.getByRole("link", { name: "我的" }).click();
    const change = async (old, pin, again = pin) => {
      await phone.page.getByLabel("现在的密码").fill(old);
      await phone.page.getByLabel("新密码").fill(pin);
      await phone.page.getByLabel("再填一次").fill(again);
      await phone.button("改成新密码").click();
    };
    await phone.button("改密码").click();
    await phone.page.getByText(/连着填错 10 次/).waitFor();
    await phone.look("change the PIN");
    await change("000000", OTHER_PIN);
    await phone.page.getByText("还可以试 9 次").waitFor();
    await change(PIN, "111111");
    await phone.page.getByText("太容易猜到了").waitFor();
    await change(PIN, OTHER_PIN, PIN);
    await phone.page.getByText("两次填的不一样").waitFor();
    await change(PIN, OTHER_PIN);
    await phone.page.getByText("密码改好了").waitFor();
    assert.equal(await meta(phone, "pin_failures"), 0);
    await phone.page.reload();
    await phone.page.getByLabel("6 位密码").fill(PIN);
    await phone.page.getByText("还可以试 9 次").waitFor();
    await phone.page.getByText(/连着填错 10 次/).waitFor();
    await phone.unlock(OTHER_PIN);
    // The list and what was begun are still readable: the key is the same.
    await phone.page.getByRole("link", { name: "今天" }).click();
    await phone.page.getByText("没写完").first().waitFor();
    assert.ok((await phone.page.locator("ol.rows .row").count()) > 0);
  },

  "nobody at home is offered again, and who has moved is not": async (h) => {
    const { phone } = await enrolled(h);
    await phone.setOffline(true);
    const came = async (outcome, again) => {
      const { name, again: before } = await startNext(phone);
      await phone.button(outcome).click();
      await saveVisit(phone);
      assert.equal(
        await phone.page.getByText(`${outcome}：这一户会回到名单`).count(),
        again ? 1 : 0,
        outcome,
      );
      if (again) await phone.look("offered again");
      await phone.button("看今天的路").click();
      const row = phone.page.locator("ol.rows .row", { hasText: name }).first();
      if (!before) await row.getByText(again ? `${outcome}，会再排` : outcome).waitFor();
      if (!again) assert.equal(await row.getByText(`${outcome}，会再排`).count(), 0);
    };
    await came("已搬走", false);
    await came("不在家", true);
    await phone.look("today with outcomes");
    await phone.page.getByText(/还差 \d+ 户 · 没上传 2 条记录、0 张照片/).waitFor();
    await phone.page.getByRole("link", { name: "我的" }).click();
    await phone.page
      .getByText(/不在家 · 会再排/)
      .first()
      .waitFor();
    await phone.look("mine with outcomes");
  },

  "every function works for 72 hours without the server; then the list locks and all of it still goes":
    async (h) => {
      const { phone, login } = await enrolled(h, (item, branch) => {
        askMore(item);
        withTeam(item, branch);
      });
      const tried = new Map();
      pushed(phone, tried);
      await carried(phone);
      await phone.setOffline(true);
      const { page } = phone;
      const cards = (title) =>
        page.locator(".card", { has: page.getByRole("heading", { name: title, exact: true }) });
      const open = async (title, n = 0) => {
        await page.getByRole("link", { name: "客户" }).click();
        await cards(title).locator(".row").nth(n).click();
      };
      const seal = async () => {
        const group = (name) => page.getByRole("group", { name });
        await group("门牌照片").locator("input[type=file]").setInputFiles(picture());
        await group("门牌照片")
          .getByText(/第 1 张照片/)
          .first()
          .waitFor();
        await group("客户签名").getByRole("button", { name: "用手指签" }).click();
        await draw(phone);
        await phone.button("签好了").click();
        await group("客户签名").getByRole("img", { name: "客户的签名" }).waitFor();
      };
      await page.clock.setSystemTime(Date.now() + 71 * HOUR_MS);
      await phone.go("/m/");
      await phone.unlock();
      await page.getByText(/小时内要联一次网/).waitFor();

      // The last hour: a village group with a trace and its photo.
      await open("村组");
      await phone.button("记一处痕迹").click();
      await page.getByRole("group", { name: "贴在哪里" }).getByRole("button").first().click();
      await page.locator("input[type=file]").setInputFiles(picture(3));
      await page.locator(".trace-photo").waitFor();
      await phone.look("a trace with its photo");
      await phone.button("存下这处痕迹").click();
      await page.getByText("存在手机里了。").waitFor();
      await phone.button("返回").click();
      // A household: its door, a correction.
      await open("户");
      await phone.button("记下这家门口的位置").click();
      await phone.button("保存").click();
      await page.getByText(/门口位置记下了/).waitFor();
      await phone.button("改姓名、电话、住址").click();
      await page.getByLabel("电话", { exact: true }).fill("19912340019");
      await phone.button("存下这些改动").click();
      await page.getByText("传到行里后有人核对").waitFor();
      // Its visit by two, with a photo, a signature, a gift, shown to the customer.
      await phone.button("开始走访").click();
      await phone.button("见到本人").click();
      await phone.button("给客户看").click();
      await phone.button("已告知并同意").click();
      await phone.takeBack();
      await seal();
      await page.getByRole("group", { name: "谁来了" }).getByRole("button", { name: "孙测军" }).click();
      await page.getByText("送出的宣传品和便民物品").click();
      await page
        .getByRole("button", { name: /多一个$/ })
        .first()
        .click();
      await saveVisit(phone);
      await phone.button("看今天的路").click();
      // A household that nobody had listed, with a member; and a correction of the visit before.
      await phone.button("名单外的一户").click();
      await phone.button("保存走访").waitFor();
      await page.getByRole("group", { name: "在哪个村组" }).getByRole("button").first().click();
      await phone.button("见到本人").click();
      await phone.button("已告知并同意").click();
      await page.getByLabel("姓名").first().fill("测七二");
      await page.getByLabel("联系电话").first().fill("19912340020");
      await page.getByLabel("家庭住址").fill("测试村一组 72 号");
      await phone.button(/加一位/).click();
      await page.getByLabel("姓名").nth(1).fill("测七三");
      await saveVisit(phone);
      await phone.button("看今天的路").click();
      await page.getByRole("link", { name: "我的" }).click();
      await phone.button("改这条走访").first().click();
      await page.getByLabel("为什么改").fill("多记了一项");
      await phone.button("见到家人").click();
      await saveVisit(phone);
      await phone.button("看今天的路").click();
      // The map, another PIN and a file to carry out need no line either.
      await page.getByRole("link", { name: "我的" }).click();
      await phone.button("改密码").click();
      await page.getByLabel("现在的密码").fill(PIN);
      await page.getByLabel("新密码").fill(OTHER_PIN);
      await page.getByLabel("再填一次").fill(OTHER_PIN);
      await phone.button("改成新密码").click();
      await page.getByText("密码改好了").waitFor();
      await page.getByRole("link", { name: /待上传/ }).click();
      await phone.button("导出没传的记录").click();
      await page.getByText(/导出了 \d+ 条/).waitFor();
      const kinds = {
        走访: 2,
        修改走访: 1,
        送出物品: 1,
        宣传痕迹: 1,
        门口位置: 1,
        改客户资料: 1,
        新的一户: 1,
      };
      const all = Object.values(kinds).reduce((a, b) => a + b, 0);
      assert.equal((await page.locator(".head p").first().textContent()).trim(), `${all} 条还在手机里`);
      // One is begun and never finished.
      await open("户", 1);
      await phone.button("开始走访").click();
      await phone.button("不在家").click();
      await page.getByText("边填边存，关掉也不丢").waitFor();

      await page.clock.setSystemTime(Date.now() + 73 * HOUR_MS);
      await page.reload();
      await phone.heading("名单已锁上");
      await page.getByText(`没传的 ${all} 条记录还在手机里`).waitFor();
      await phone.look("lease over");
      // Nothing of the list is left, whoever looks at the disk.
      const left = await page.evaluate(
        () =>
          new Promise((done) => {
            const asked = indexedDB.open("zoufang-field");
            asked.onsuccess = () => {
              const tx = asked.result.transaction(["pack", "notes", "meta", "ops", "drafts", "rescue"]);
              const out = {};
              for (const name of ["pack", "notes", "ops", "drafts", "rescue"]) {
                const count = tx.objectStore(name).count();
                count.onsuccess = () => {
                  out[name] = count.result;
                };
              }
              const key = tx.objectStore("meta").get("wrapped_key");
              key.onsuccess = () => {
                out.key = key.result ?? null;
              };
              tx.oncomplete = () => done(out);
            };
          }),
      );
      assert.deepEqual(left, { pack: 0, notes: 0, ops: all, drafts: 0, rescue: 1, key: null });

      // Back at the branch.
      await phone.setOffline(false);
      await page.reload();
      await phone.heading("名单已锁上");
      const sign = phone.button("登录");
      const renew = phone.button("设新密码，重新下载名单");
      await sign.or(renew).first().waitFor();
      if (await sign.isVisible()) {
        await sign.click();
        await page.getByLabel("登录名").fill(login.login);
        await page.getByLabel("密码", { exact: true }).fill(login.password);
        await phone.button("登录").click();
      } else await renew.click();
      await phone.heading("设一个 6 位密码");
      await page.getByLabel("6 位密码").fill(PIN);
      await page.getByLabel("再填一次").fill(PIN);
      await phone.button("设好密码").click();
      await uploaded(phone, login);
      await checked(phone);
      await eventually(
        async () => (await meta(phone, "outbox")).receipts.length,
        all,
        "all have their receipts",
      );
      const { receipts } = await meta(phone, "outbox");
      console.log(
        `    ${all} records of ${Object.keys(kinds).length} kinds: ${receipts.map((r) => r.answer).join(", ")}`,
      );
      assert.deepEqual(
        receipts.filter((r) => r.answer === "quarantined").map((r) => r.code),
        [],
      );
      const ops = [...tried.values()];
      const visit = ops.find((op) => op.kind === "visit.submit" && !op.payload.new_household);
      assert.deepEqual(visit.payload.visitors, [staff(1), staff(2)]);
      assert.deepEqual(visit.blobs.map((b) => b.role).sort(), ["photo", "signature"]);
      assert.equal(ops.find((op) => op.kind === "trace.put").blobs.length, 1);
      const household = ops.find((op) => op.kind === "household.propose");
      assert.deepEqual(
        household.payload.members.map((m) => m.name),
        ["测七二", "测七三"],
      );
    },

  "a known customer is written down in under a minute": async (h) => {
    // Card, Moran and Newell's keystroke-level model for a finger: 1.1 s to point at something and tap it (P + B),
    // 0.28 s a key, 1.35 s to think before each decision; 0.4 s to move the hand to the keyboard and back.
    const [TAP, KEY, THINK, HOME] = [1.1, 0.28, 1.35, 0.4];
    const { phone } = await enrolled(h);
    await phone.setOffline(true);
    let [taps, keys, homes] = [0, 0, 0];
    const tap = async (locator) => {
      await locator.click();
      taps += 1;
    };
    const write = async (locator, text) => {
      await tap(locator);
      await phone.page.keyboard.type(text);
      keys += text.length;
      homes += 2;
    };
    const next = phone.page.locator(".card.next");
    const listed = (await next.getByRole("button", { name: "开始走访" }).count()) > 0;
    if (listed) await tap(next.getByRole("button", { name: "开始走访" }));
    else {
      await startNext(phone);
      taps += 2;
    }
    const begun = await phone.page.evaluate(() => performance.now());
    await tap(phone.button("见到本人"));
    await tap(phone.button("已告知并同意"));
    if ((await phone.page.getByText(/行里留的是/).count()) === 0)
      await write(phone.page.getByLabel("联系电话").first(), "19912340003");
    for (const need of ["存款", "收款、缴费"]) await tap(phone.button(need));
    await tap(phone.button(/^明天/));
    await phone.page.locator("input[type=file]").first().setInputFiles(picture());
    taps += 3; // the camera's button, its shutter, its tick
    await phone.page
      .getByText(/第 1 张照片/)
      .first()
      .waitFor();
    await tap(phone.button("保存走访"));
    const done = phone.page.getByRole("heading", { name: "存在手机里了" });
    const anyway = phone.button("就这样保存");
    await done.or(anyway).first().waitFor();
    if (await anyway.isVisible()) await tap(anyway);
    await done.waitFor();
    const machine = ((await phone.page.evaluate(() => performance.now())) - begun) / 1000;
    const seconds = taps * (TAP + THINK) + keys * KEY + homes * HOME;
    console.log(
      `    a known customer with two needs, a next date and a photo: ${taps} taps, ${keys} keys = ${seconds.toFixed(1)} s by the model; the app itself took ${machine.toFixed(1)} s`,
    );
    assert.ok(seconds < 60, `${seconds} s`);
  },
};
