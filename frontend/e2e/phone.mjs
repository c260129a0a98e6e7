// A phone for the tests of the field app: a Chromium of its own with a profile on the disk, so that it can be killed and
// started again like a phone whose battery was pulled out. Talks to it over its debugging port.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";
import { assert, NARROW, WAIT_MS } from "./harness.mjs";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
export const PIN = "280164";

const pause = (ms) => new Promise((r) => setTimeout(r, ms));

export class Phone {
  /** A new phone; `h` watches for strangers and complaints. */
  static async make(h) {
    const phone = new Phone(h, mkdtempSync(join(tmpdir(), "zoufang-phone-")));
    await phone.start();
    h.contexts.push({ close: () => phone.throwAway() });
    return phone;
  }

  constructor(h, folder) {
    this.h = h;
    this.base = h.base;
    this.folder = folder;
    this.offline = false;
  }

  async start() {
    const args = [
      "--headless=new",
      "--remote-debugging-port=0",
      `--user-data-dir=${this.folder}`,
      "--lang=zh-CN",
    ];
    args.push("--no-first-run", "--disable-gpu");
    if (process.getuid?.() === 0) args.push("--no-sandbox");
    rmSync(join(this.folder, "DevToolsActivePort"), { force: true });
    this.child = spawn(process.env.ZF_CHROMIUM ?? "/usr/bin/chromium", [...args, "about:blank"], {
      stdio: "ignore",
      detached: true,
    });
    const port = await this.port();
    this.browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
    [this.context] = this.browser.contexts();
    this.context.setDefaultTimeout(WAIT_MS);
    this.context.on("request", (request) => {
      const url = new URL(request.url());
      if (/^https?:/.test(url.protocol) && url.origin !== this.base) this.h.strangers.push(request.url());
    });
    await this.context.grantPermissions(["geolocation"], { origin: this.base });
    await this.context.setGeolocation({ latitude: 30.5, longitude: 114.3, accuracy: 12 });
    await this.context.setOffline(this.offline);
    await this.newPage();
  }

  async newPage() {
    this.page = await this.context.newPage();
    await this.page.setViewportSize(NARROW);
    this.page.on("pageerror", (error) => this.h.complaints.push(`${this.page.url()}: ${error.message}`));
    this.page.on("console", (message) => {
      const text = message.text();
      // What the browser itself says of a line that is not there, or of a server that was killed.
      const expected = /status of (4\d\d|5\d\d)|ERR_(INTERNET|CONNECTION|EMPTY|NETWORK)_/.test(text);
      if (message.type() === "error" && !expected) this.h.complaints.push(`${this.page.url()}: ${text}`);
    });
  }

  async port() {
    const until = Date.now() + WAIT_MS;
    while (Date.now() < until) {
      try {
        const [port] = readFileSync(join(this.folder, "DevToolsActivePort"), "utf8").split("\n");
        if (port) return Number(port);
      } catch {
        // Not there yet.
      }
      await pause(50);
    }
    throw new Error("the phone's browser did not start");
  }

  /** As when the battery is pulled out: nobody is asked to save anything. */
  async kill() {
    const gone = new Promise((r) => this.child.once("exit", r));
    process.kill(-this.child.pid, "SIGKILL");
    await gone;
    await this.browser.close().catch(() => {});
  }

  async throwAway() {
    if (process.env.ZF_SHOTS)
      await this.page.screenshot({ path: join(process.env.ZF_SHOTS, "last.png") }).catch(() => {});
    await this.kill().catch(() => {});
    for (let i = 0; i < 20; i += 1) {
      try {
        rmSync(this.folder, { recursive: true, force: true });
        return;
      } catch {
        await pause(100);
      }
    }
  }

  async setOffline(offline) {
    this.offline = offline;
    await this.context.setOffline(offline);
  }

  async go(path) {
    await this.page.goto(this.base + path);
    await this.page.locator("h1").first().waitFor();
  }

  button(name, options = {}) {
    return this.page.getByRole("button", { name, exact: typeof name === "string", ...options });
  }

  async heading(name) {
    await this.page.getByRole("heading", { name }).first().waitFor();
  }

  /** Signs in, enrols with the code of the link, chooses a PIN. */
  async enrol(link, { login, password }) {
    await this.go(link);
    await this.page.getByLabel("登录名").fill(login);
    await this.page.getByLabel("密码", { exact: true }).fill(password);
    await this.button("登录").click();
    await this.page.getByLabel("登记码").waitFor();
    await this.look("enrol");
    await this.button("登记这部手机").click();
    await this.heading("设一个 6 位密码");
    await this.look("choose a PIN");
    await this.page.getByLabel("6 位密码").fill(PIN);
    await this.page.getByLabel("再填一次").fill(PIN);
    await this.button("设好密码").click();
    await this.page.getByRole("link", { name: "今天" }).waitFor();
  }

  /** A finger that stays on what the customer is shown, until it is gone. */
  async takeBack() {
    const button = this.page.getByRole("button", { name: /^收回手机/ });
    await button.scrollIntoViewIfNeeded();
    const box = await button.boundingBox();
    await this.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await this.page.mouse.down();
    await this.page.locator(".show").waitFor({ state: "detached" });
    await this.page.mouse.up();
  }

  async unlock(pin = PIN) {
    await this.page.getByLabel("6 位密码").fill(pin);
    await this.page.getByLabel("6 位密码").waitFor({ state: "detached" });
  }

  /** axe and the width, in standard and in large type. */
  async look(label) {
    for (const type of ["standard", "large"]) {
      await this.page.evaluate((t) => {
        if (t === "large") document.documentElement.dataset.type = "large";
        else delete document.documentElement.dataset.type;
        window.scrollTo(0, 0);
      }, type);
      await pause(200);
      const result = await new AxeBuilder({ page: this.page }).withTags(TAGS).analyze();
      const found = result.violations.map(
        (v) =>
          `${v.id}: ${v.nodes
            .map((n) => n.target.join(" "))
            .slice(0, 3)
            .join(" | ")}`,
      );
      assert.deepEqual(found, [], `axe on ${label}, ${type} type`);
      const over = await this.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(over <= 0, `${label} is ${over} px too wide in ${type} type`);
      if (process.env.ZF_SHOTS) {
        const name = `${label.replaceAll(" ", "-")}${type === "large" ? "-large" : ""}`;
        await this.page.screenshot({ path: join(process.env.ZF_SHOTS, `${name}.png`), fullPage: true });
      }
    }
    await this.page.evaluate(() => delete document.documentElement.dataset.type);
  }
}
