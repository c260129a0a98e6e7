// Signing in and out, the frame, the type size.
import { assert, eventually, NARROW } from "./harness.mjs";

export default {
  "a wrong password shows the server's own sentence and stays on the page": async (h) => {
    const s = await h.open();
    await s.go("/sign-in");
    await s.page.getByLabel("登录名").fill("nobody-here");
    await s.page.getByLabel("密码", { exact: true }).fill("certainly wrong");
    const [response] = await Promise.all([
      s.page.waitForResponse((r) => r.url().endsWith("/api/v1/sign-in")),
      s.page.getByRole("button", { name: "登录", exact: true }).click(),
    ]);
    const problem = await response.json();
    assert.equal(response.status(), 401);
    await s.page.getByRole("alert").getByText(problem.detail).waitFor();
    assert.match(s.page.url(), /\/sign-in/);
  },

  "the fields take pasted text and tell password managers what they are": async (h) => {
    const s = await h.open();
    await s.go("/sign-in");
    assert.equal(await s.page.getByLabel("登录名").getAttribute("autocomplete"), "username");
    const password = s.page.getByLabel("密码", { exact: true });
    assert.equal(await password.getAttribute("autocomplete"), "current-password");
    const stopped = await password.evaluate((field) => {
      const paste = new ClipboardEvent("paste", { bubbles: true, cancelable: true });
      field.dispatchEvent(paste);
      return paste.defaultPrevented;
    });
    assert.equal(stopped, false);
  },

  "a demo login is one click away, and the menu is the server's": async (h) => {
    const [login] = await h.logins();
    const s = await h.open();
    await s.go("/sign-in");
    await s.page
      .getByRole("button", { name: `用 ${login.name} 的账号` })
      .first()
      .click();
    await s.page.getByRole("button", { name: "登录", exact: true }).click();
    await s.page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
    const me = await s.api("GET", "/me");
    const menu = s.page.getByRole("navigation", { name: "主菜单" }).getByRole("link");
    await menu.first().waitFor();
    assert.deepEqual(
      (await menu.allTextContents()).map((t) => t.trim()),
      me.menu.map((m) => m.label),
    );
    assert.equal(await s.page.getByText("演示数据", { exact: true }).count(), me.system.demo ? 1 : 0);
  },

  "signing out ends the session on the server": async (h) => {
    const [login] = await h.logins();
    const s = await h.open();
    await s.signIn(login);
    await s.go("/account");
    await s.page.getByRole("button", { name: `${s.me.user.name} 的菜单` }).click();
    await s.page.getByRole("button", { name: "退出登录" }).click();
    await s.page.waitForURL("**/sign-in");
    assert.equal((await s.raw("GET", "/me")).status(), 401);
  },

  "an address opened without a session comes back after signing in": async (h) => {
    const [login] = await h.logins();
    const s = await h.open();
    await s.page.goto(`${h.base}/account`);
    await s.page.waitForURL("**/sign-in**");
    await s.page.getByLabel("登录名").fill(login.login);
    await s.page.getByLabel("密码", { exact: true }).fill(login.password);
    await s.page.getByRole("button", { name: "登录", exact: true }).click();
    await s.page.waitForURL("**/account");
  },

  "a session that has ended sends the person to the sign-in page": async (h) => {
    const s = await h.as();
    await s.go("/account");
    await s.context.clearCookies();
    const link = s.page.getByRole("navigation", { name: "主菜单" }).getByRole("link").first();
    await link.click();
    await s.page.waitForURL("**/sign-in**");
  },

  "large type is kept by the server and makes the root 20 px": async (h) => {
    const s = await h.as();
    await s.go("/account");
    await s.page.getByRole("button", { name: "大字" }).click();
    const root = () => s.page.evaluate(() => getComputedStyle(document.documentElement).fontSize);
    await s.page.waitForFunction(() => getComputedStyle(document.documentElement).fontSize === "20px");
    const kept = async () => (await s.api("GET", "/me")).preferences.large_type;
    await eventually(kept, true);
    await s.page.reload();
    await s.page.locator("h1").waitFor();
    await s.page.waitForFunction(() => getComputedStyle(document.documentElement).fontSize === "20px");
    await s.page.getByRole("button", { name: "标准" }).click();
    await s.page.waitForFunction(() => getComputedStyle(document.documentElement).fontSize === "16px");
    await eventually(kept, false);
    assert.equal(await root(), "16px");
  },

  "the keyboard reaches the text first through the skip link, with a visible focus": async (h) => {
    const s = await h.as();
    await s.go("/account");
    await s.page.keyboard.press("Tab");
    const focus = await s.page.evaluate(() => {
      const style = getComputedStyle(document.activeElement);
      return {
        text: document.activeElement.textContent,
        width: style.outlineWidth,
        line: style.outlineStyle,
      };
    });
    assert.deepEqual(focus, { text: "跳到正文", width: "3px", line: "solid" });
    await s.page.keyboard.press("Enter");
    assert.equal(await s.page.evaluate(() => document.activeElement.id), "main");
  },

  "sign-in fits a phone": async (h) => {
    const s = await h.open(NARROW);
    await s.go("/sign-in");
    await s.noSidewaysScroll("sign-in at 390 px");
  },
};
