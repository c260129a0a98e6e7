// The field app in a browser of its own and the real server, both killed with SIGKILL at random moments while visits with
// photos are written and uploaded. What the screen called saved is at the bank once, with its photo, byte for byte.
// ZF_KILL_VISITS: how many (default 30). ZF_KILL_SEED: another row of moments.
import { createHash } from "node:crypto";
import { carried, enrolled, picture } from "./field.test.mjs";
import { assert, eventually, Skip, WAIT_MS } from "./harness.mjs";

const VISITS = Number(process.env.ZF_KILL_VISITS ?? 30);
const SERVER_LIVES_MS = [1_500, 6_000];
const PHONE_LIVES_MS = [4_000, 12_000];
const LIMIT_MS = 120_000 + VISITS * 10_000;

/** Mulberry32: the same moments for the same seed. */
function random(seed) {
  let a = seed;
  return (first, last) => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return first + (((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * (last - first);
  };
}

const pause = (ms) => new Promise((r) => setTimeout(r, ms));

/** A household that nobody had listed: there is always another one. */
async function oneVisit(phone, mark) {
  await phone.button("名单外的一户").click();
  await phone.button("保存走访").waitFor();
  const groups = phone.page.getByRole("group", { name: "在哪个村组" }).getByRole("button");
  if ((await groups.count()) > 0) await groups.first().click();
  await phone.button("不在家").click();
  await phone.page.getByLabel("备注").fill(mark);
  await phone.page.locator("input[type=file]").setInputFiles(picture());
  await phone.page
    .getByText(/第 1 张照片/)
    .first()
    .waitFor();
  await phone.button("保存走访").click();
  const done = phone.page.getByRole("heading", { name: /存在手机里了|已传到行里了/ });
  const anyway = phone.button("就这样保存");
  await done.or(anyway).first().waitFor();
  if (await anyway.isVisible()) await anyway.click();
  await done.waitFor();
  return true;
}

/** Opens the app, signs in again when the session went with the browser. */
async function openAgain(phone, login) {
  await phone.go("/m/");
  await phone.unlock();
  await phone.page.getByRole("link", { name: "今天" }).waitFor();
  await signInAgain(phone, login);
}

/** Asks to upload, unless the app is at it already. */
async function uploadNow(phone) {
  const upload = phone.button("现在上传");
  if ((await upload.isVisible()) && (await upload.isEnabled()))
    await upload.click({ timeout: 1_000 }).catch(() => {});
}

async function signInAgain(phone, login) {
  await phone.page.getByRole("link", { name: /待上传/ }).click();
  await uploadNow(phone);
  const again = phone.button("现在登录");
  await again.waitFor({ timeout: 1_500 }).catch(() => {});
  if (!(await again.isVisible())) return;
  await again.click();
  await phone.page.getByLabel("登录名").fill(login.login);
  await phone.page.getByLabel("密码", { exact: true }).fill(login.password);
  // The server may be killed while it looks at the password: the sheet stays, and one taps again.
  const sheet = phone.page.getByRole("dialog");
  for (const until = Date.now() + WAIT_MS; Date.now() < until && (await sheet.isVisible()); ) {
    await phone
      .button("登录")
      .click({ timeout: 1_000 })
      .catch(() => {});
    await pause(500);
  }
  await phone.page.getByRole("link", { name: "今天" }).waitFor();
}

const today = (phone) => phone.page.getByRole("link", { name: "今天" }).click();

/** The hash of the photo that each visit announces when it is sent. */
function listen(phone, announced) {
  phone.context.on("request", (request) => {
    if (!request.url().endsWith("/sync/push")) return;
    for (const op of request.postDataJSON()?.ops ?? []) {
      const mark = op.payload?.answers?.remarks;
      if (mark) announced.set(mark, op.blobs[0]?.sha256);
    }
  });
}

/** Kills and starts the server again until told to stop. */
async function storm(h, next, state) {
  while (!state.over) {
    await pause(next(...SERVER_LIVES_MS));
    if (state.over) return;
    await h.server.killAndStart(next(10, 300));
    state.serverKills += 1;
  }
}

/** Every visit of the branch and day whose remark is one of ours, with the hashes of its photos. */
async function atTheBank(s, unit, program, day) {
  const found = new Map();
  let after = "";
  for (;;) {
    const list = `/programs/${program.id}/units/${unit.id}/visits?limit=100&day=${day}${after}`;
    const page = await s.api("GET", list);
    for (const visit of page.items) {
      const path = `/units/${unit.id}/visits/${visit.visit_id}`;
      const { answers } = await s.api("POST", `${path}/reveal`, { reason: "e2e" });
      if (!String(answers.remarks ?? "").startsWith("kill-")) continue;
      const { items } = await s.api("GET", `${path}/photos`);
      const hashes = [];
      for (const photo of items) {
        assert.equal(photo.state, "verified", `${answers.remarks}: ${photo.received} of ${photo.size} bytes`);
        const bytes = await (await s.raw("GET", `${path}/photos/${photo.n}`)).body();
        hashes.push(createHash("sha256").update(bytes).digest("hex"));
      }
      const same = found.get(answers.remarks) ?? [];
      found.set(answers.remarks, [...same, hashes]);
    }
    if (!page.next) return found;
    after = `&after=${page.next}`;
  }
}

export default {
  "the field app and the server killed at random lose and double no visit and no photo": async (h) => {
    if (!h.server?.killAndStart) throw new Skip("the server is not ours to kill");
    const { phone, login, head, unit } = await enrolled(h);
    await carried(phone);
    const next = random(Number(process.env.ZF_KILL_SEED ?? 1));
    const state = { over: false, serverKills: 0 };
    const server = storm(h, next, state);
    // A storm that fails shall not end the process before the test does.
    server.catch(() => {});
    const saved = [];
    const announced = new Map();
    listen(phone, announced);
    let [phoneKills, n] = [0, 0];
    const began = Date.now();
    while (saved.length < VISITS) {
      assert.ok(Date.now() - began < LIMIT_MS, `${saved.length} visits in time`);
      const lives = next(...PHONE_LIVES_MS);
      let killed = false;
      const axe = setTimeout(() => {
        killed = true;
        phone.kill().catch(() => {});
      }, lives);
      try {
        while (saved.length < VISITS) {
          n += 1;
          const mark = `kill-${n}`;
          await oneVisit(phone, mark);
          saved.push(mark);
          await phone.button("看今天的路").click();
        }
      } catch (error) {
        if (!killed) throw error;
      } finally {
        clearTimeout(axe);
      }
      if (!killed) break;
      phoneKills += 1;
      await pause(next(50, 400));
      await phone.start();
      listen(phone, announced);
      await openAgain(phone, login);
      await today(phone);
    }
    state.over = true;
    await server;
    await signInAgain(phone, login);
    const clear = phone.page.getByText("都传到行里了");
    for (let i = 0; i < 40 && !(await clear.isVisible()); i += 1) {
      await uploadNow(phone);
      await pause(500);
    }
    await clear.waitFor();
    await eventually(() => phone.page.getByText("照片等着上传").count(), 0, "the photos have gone");
    await eventually(
      () => phone.page.getByText("行里正在核对").count(),
      0,
      "the bank has checked the photos",
    );
    const program = await head.startedProgram();
    const there = await atTheBank(head, unit, program, head.me.system.today);
    const lost = saved.filter((mark) => !there.has(mark));
    const doubled = [...there].filter(([, copies]) => copies.length > 1).map(([mark]) => mark);
    const bare = saved.filter((mark) => {
      const hashes = there.get(mark)?.[0] ?? [];
      return hashes.length !== 1 || hashes[0] !== announced.get(mark);
    });
    console.log(
      `    ${saved.length} visits saved, ${there.size} at the bank, ${state.serverKills} kills of the server, ${phoneKills} of the phone`,
    );
    assert.deepEqual([lost, doubled, bare], [[], [], []], "lost, doubled, without their photo");
    assert.ok(state.serverKills >= 3 && phoneKills >= 2, "it was killed");
    // The browser notes what it could not fetch while the server was gone.
    const gone = /ERR_(CONNECTION_(REFUSED|RESET|CLOSED)|EMPTY_RESPONSE|NETWORK_CHANGED)/;
    h.complaints = h.complaints.filter((text) => !gone.test(text));
  },
};
