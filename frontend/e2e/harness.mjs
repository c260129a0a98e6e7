// What every end-to-end test shares: signing in with a demo login that may do what the test needs, the API with the
// same session as the page, axe, and the watch for requests that leave the origin and for errors in the console.

import assert from "node:assert/strict";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";

export const WIDE = { width: 1440, height: 900 };
export const NARROW = { width: 390, height: 844 };
/** The longest that anything is waited for, everywhere: a machine that builds something else at the same time is slow. */
export const WAIT_MS = 60_000;
/** Nothing on its way for this long: the page has what it asked for. */
const QUIET_MS = 250;
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

export class Skip extends Error {}

export class Harness {
  constructor(browser, base) {
    this.browser = browser;
    this.base = base;
    /** Set by the runner; `killAndStart` only when the runner has started it. */
    this.server = null;
    this.contexts = [];
    this.strangers = [];
    this.complaints = [];
  }

  /** A new browser window with its own session. */
  async open(viewport = WIDE) {
    const context = await this.browser.newContext({ viewport, locale: "zh-CN", acceptDownloads: true });
    context.setDefaultTimeout(WAIT_MS);
    this.contexts.push(context);
    context.on("request", (request) => {
      const url = new URL(request.url());
      if (/^https?:|^wss?:/.test(url.protocol) && url.origin !== this.base)
        this.strangers.push(request.url());
    });
    const page = await context.newPage();
    page.on("pageerror", (error) => this.complaints.push(`${page.url()}: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error" && !/status of (4\d\d|5\d\d)/.test(message.text())) {
        this.complaints.push(`${page.url()}: ${message.text()}`);
      }
    });
    return new Session(this.base, context, page);
  }

  async logins() {
    const response = await fetch(`${this.base}/api/v1/sign-in-hints`);
    const hints = response.ok ? await response.json() : { demo: false, logins: [] };
    if (!hints.demo || hints.logins.length === 0) throw new Skip("the server shows no demo logins");
    return hints.logins;
  }

  /** A window signed in as the first demo login that has all these permissions. */
  async as(...permissions) {
    for (const login of await this.logins()) {
      const session = await this.open();
      await session.signInAgain(login);
      if (permissions.every((p) => session.me.permissions.includes(p))) {
        await session.api("PUT", "/me/preferences", { large_type: false });
        return session;
      }
      await session.context.close();
    }
    throw new Skip(`no demo login has ${permissions.join(" + ")}`);
  }

  assertClean() {
    assert.deepEqual(this.strangers, [], "requests left the origin");
    assert.deepEqual(this.complaints, [], "errors in the browser");
  }

  /** What stood in every window when a test failed. */
  async pictures(name) {
    if (!process.env.ZF_SHOTS) return;
    const pages = this.contexts.flatMap((context) => context.pages?.() ?? []);
    for (const [n, page] of pages.entries()) {
      const path = join(process.env.ZF_SHOTS, `failed ${name.slice(0, 40)} ${n + 1}.png`);
      await page.screenshot({ path }).catch(() => {});
    }
  }

  async close() {
    for (const context of this.contexts) await context.close().catch(() => {});
  }
}

/** Login → cookies, for the whole run. */
const sessions = new Map();

export class Session {
  constructor(base, context, page) {
    this.base = base;
    this.context = context;
    this.page = page;
    this.me = null;
    /** What the page has asked for and not been answered yet. */
    this.asking = new Set();
    page.on("request", (request) => {
      if (["fetch", "xhr", "script"].includes(request.resourceType())) this.asking.add(request);
    });
    for (const end of ["requestfinished", "requestfailed"])
      page.on(end, (request) => this.asking.delete(request));
  }

  /** A session of one's own. */
  async signIn({ login, password }) {
    this.me = await this.api("POST", "/sign-in", { login, password });
  }

  /** The session that earlier tests of this run have with the same login: passwords are slow to check by design. */
  async signInAgain(login) {
    const known = sessions.get(login.login);
    if (known) {
      await this.context.addCookies(known.cookies);
      const response = await this.raw("GET", "/me");
      if (response.ok()) {
        this.me = await response.json();
        return;
      }
    }
    await this.signIn(login);
    sessions.set(login.login, { cookies: await this.context.cookies() });
  }

  /** A call with the session of this window; a refusal fails the test with the server's sentence. */
  async api(method, path, body) {
    const response = await this.raw(method, path, body);
    const text = await response.text();
    assert.ok(response.ok(), `${method} ${path}: ${response.status()} ${text.slice(0, 400)}`);
    return text ? JSON.parse(text) : null;
  }

  raw(method, path, body) {
    return this.context.request.fetch(`${this.base}/api/v1${path}`, {
      method,
      headers: { "x-zoufang": "1" },
      ...(body === undefined ? {} : { data: body }),
    });
  }

  /** Waits for a job of the server to end well. */
  async job(job) {
    const until = Date.now() + 240_000;
    let now = job;
    while (Date.now() < until && (now.state === "ready" || now.state === "running")) {
      await new Promise((r) => setTimeout(r, 300));
      now = await this.api("GET", `/jobs/${now.id}`);
    }
    assert.equal(now.state, "done", `${now.kind}: ${now.state} ${now.message ?? ""}`);
    return now;
  }

  async go(path) {
    await this.page.goto(this.base + path);
    await this.page.locator("h1").first().waitFor();
    await this.settled();
  }

  /**
   * Until nothing is being fetched and nothing says that it loads: after opening an address, and after every change.
   * (The browser's own "network idle" is said once for an address and never again.)
   */
  async settled() {
    await this.page.waitForLoadState("networkidle");
    const until = Date.now() + WAIT_MS;
    for (let quiet = 0; quiet < QUIET_MS && Date.now() < until; ) {
      await new Promise((r) => setTimeout(r, 50));
      quiet = this.asking.size === 0 ? quiet + 50 : 0;
    }
    await this.page.locator("[aria-busy=true]").first().waitFor({ state: "detached" });
  }

  async sees(text, options = {}) {
    await this.page.getByText(text, options).first().waitFor();
  }

  /** A table by its label. */
  table(name) {
    return this.page.getByRole("region", { name, exact: true });
  }

  async branches() {
    const { items } = await this.api("GET", "/units");
    return items.filter((u) => u.level === "branch" && u.active);
  }

  /** The own branch, or the first one in sight. */
  async branch() {
    if (this.me.unit.level === "branch") return this.me.unit;
    const [first] = await this.branches();
    if (!first) throw new Skip("no branch in sight");
    return first;
  }

  async startedProgram() {
    const { items } = await this.api("GET", "/programs");
    const program = items.find((p) => p.state === "started");
    if (!program) throw new Skip("no campaign has been started");
    return program;
  }

  async large(on) {
    await this.api("PUT", "/me/preferences", { large_type: on });
  }

  async axe(label) {
    // A row that has slid half under the bar at the top is no smaller for it.
    await this.page.evaluate(() => window.scrollTo(0, 0));
    // A list of choices that is closing is neither there nor gone.
    const open = this.page.locator(".ant-select-dropdown:not(.ant-select-dropdown-hidden)");
    await open.first().waitFor({ state: "hidden" });
    // A dialog that is still growing is small and pale.
    await this.page.waitForFunction(() =>
      document
        .getAnimations()
        .every((a) => a.playState !== "running" || a.effect?.getTiming().iterations === Infinity),
    );
    const result = await new AxeBuilder({ page: this.page }).withTags(TAGS).analyze();
    const found = result.violations.map(
      (v) =>
        `${v.id} (${v.impact}): ${v.nodes
          .map((n) => n.target.join(" "))
          .slice(0, 4)
          .join(" | ")}`,
    );
    assert.deepEqual(found, [], `axe on ${label}`);
  }

  async noSidewaysScroll(label) {
    const over = await this.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(over <= 0, `${label} is ${over} px too wide`);
  }
}

/** Asks until the answer is the wanted one; what a click sets off is not there at once. */
export async function eventually(ask, wanted, message) {
  const until = Date.now() + WAIT_MS;
  let answer = await ask();
  while (answer !== wanted && Date.now() < until) {
    await new Promise((r) => setTimeout(r, 100));
    answer = await ask();
  }
  assert.equal(answer, wanted, message);
}

/** A code that no other run has used. */
export const fresh = (prefix) =>
  `${prefix}${Date.now().toString(36)}${Math.floor(Math.random() * 1296).toString(36)}`;
export { assert };
