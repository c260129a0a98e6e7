// The tick sheet by keyboard alone: how many keys a household takes, and what that means for a whole branch.
import { assert, eventually, Skip } from "./harness.mjs";

// Card, Moran and Newell, The Keystroke-Level Model (1980): a key of somebody who types now and then, and one
// decision. The second stands for reading the names of a household and knowing whether a group fits.
const KEY_SECONDS = 0.28;
const DECISION_SECONDS = 1.35;
const HALF_AN_HOUR = 1800;

// What is asserted is counted; the minutes are an estimate by that model, for somebody who decides about every
// household one by one.

/** Groups ticked for the household at a place: four of ten have one, one of ten has two. */
function wishes(at, row, columns) {
  const free = columns.map((c, i) => [c.tag, i]).filter(([tag]) => !row.in_file.includes(tag));
  const first = at % 5 === 1 || at % 5 === 3 ? 1 : 0;
  const count = at % 10 === 7 ? 2 : first;
  return free.slice(at % 2, (at % 2) + count);
}

export default {
  "a village group is gone through by keyboard with at most two keys a household": async (h) => {
    const s = await h.as("customer.write", "customer.reveal", "customer.export");
    if (s.me.unit.level !== "branch") throw new Skip("no demo login of a branch");
    const ticks = `/units/${s.me.unit.id}/ticks`;
    const progress = await s.api("GET", ticks);
    const whole = progress.items.filter((g) => g.seen === 0 && g.households >= 5);
    whole.sort((a, b) => b.households - a.households);
    const group = whole[0];
    if (!group) throw new Skip("every village group has been begun");
    const { items: rows } = await s.api("GET", `${ticks}/${group.id}`);
    const before = rows.map((r) => r.ticks);
    await s.go(`/ticks?group=${group.id}`);
    const here = () => s.page.evaluate(() => document.activeElement.getAttribute("data-at"));
    await eventually(here, "0-0", "the first household nobody has gone through has the focus");

    let keys = 0;
    const press = async (key) => {
      keys += 1;
      await s.page.keyboard.press(key);
    };
    let wanted = 0;
    for (const [at, row] of rows.entries()) {
      for (const [, column] of wishes(at, row, progress.columns)) {
        wanted += 1;
        await press(String(column + 1));
      }
      await press("Enter");
    }
    assert.ok(wanted > 0, "something was ticked");
    const stored = async () => (await s.api("GET", `${ticks}/${group.id}`)).items;
    await eventually(
      async () => (await stored()).every((r) => r.seen),
      true,
      "every household is gone through",
    );
    for (const [at, row] of (await stored()).entries()) {
      const old = before[at].map((t) => t.tag);
      const tags = wishes(at, rows[at], progress.columns).map(([tag]) => tag);
      const now = row.ticks.filter((t) => t.yes && !old.includes(t.tag)).map((t) => t.tag);
      assert.deepEqual(now.sort(), tags.filter((t) => !old.includes(t)).sort(), `household ${at + 1}`);
    }

    const perHousehold = keys / rows.length;
    const households = progress.items.reduce((sum, g) => sum + g.households, 0);
    const one = DECISION_SECONDS + perHousehold * KEY_SECONDS;
    console.log(
      `ticks: ${keys} keys for ${rows.length} households with ${wanted} ticks = ${perHousehold.toFixed(2)} keys a household; ` +
        `about ${Math.floor(HALF_AN_HOUR / one)} households in half an hour, ` +
        `${((households * one) / 60).toFixed(0)} minutes for the ${households} of this branch`,
    );
    assert.ok(perHousehold <= 2, `${perHousehold} keys a household`);

    // Enter once more leads on without the mouse.
    await press("Enter");
    await eventually(
      () => new URL(s.page.url()).searchParams.get("group") !== group.id,
      true,
      "the next village group",
    );
    await eventually(async () => (await here()) !== null, true, "it has the focus");

    const undone = rows.map((row, at) => ({
      household_id: row.household_id,
      ticks: wishes(at, row, progress.columns).map(([tag]) => ({
        tag,
        yes: before[at].find((t) => t.tag === tag)?.yes ?? null,
      })),
      seen: false,
    }));
    for (let from = 0; from < undone.length; from += 200) {
      await s.api("PUT", ticks, { rows: undone.slice(from, from + 200) });
    }
  },

  "the sheets of a branch are typed in by row numbers in less than half an hour": async (h) => {
    const s = await h.as("customer.write", "customer.reveal", "customer.export");
    if (s.me.unit.level !== "branch") throw new Skip("no demo login of a branch");
    const ticks = `/units/${s.me.unit.id}/ticks`;
    const { items: groups, columns } = await s.api("GET", ticks);
    const sheets = [];
    const before = [];
    for (const group of groups.filter((g) => g.households > 0)) {
      const { number } = await s.api("POST", `${ticks}/${group.id}/sheets`);
      const { items: rows } = await s.api("GET", `${ticks}/${group.id}?number=${number}`);
      before.push(...rows.map((r) => ({ household_id: r.household_id, seen: r.seen, ticks: r.ticks })));
      sheets.push({ number, group, rows });
    }
    if (sheets.length < 2) throw new Skip("fewer than two village groups have households");
    // Every seventh household (about 15 %) has one tick; the groups take turns.
    let household = 0;
    for (const sheet of sheets) {
      sheet.wanted = columns.map(() => []);
      for (let at = 1; at <= sheet.rows.length; at += 1) {
        if (household % 7 === 0) sheet.wanted[(household / 7) % columns.length].push(at);
        household += 1;
      }
    }
    const { page } = s;
    let keys = 0;
    let named = 0;
    const type = async (text) => {
      await page.keyboard.type(text);
      keys += text.length;
    };
    const enter = async () => {
      await page.keyboard.press("Enter");
      keys += 1;
    };
    await s.go("/ticks");
    await page.getByLabel("单号").first().fill(sheets[0].number);
    keys += sheets[0].number.length;
    await page.getByRole("button", { name: "按单号录入" }).click();
    for (const [n, sheet] of sheets.entries()) {
      await s.sees(`按单号 ${sheet.number} 的行号顺序`);
      const at = () => page.evaluate(() => document.activeElement.id);
      await eventually(at, "tick-numbers-0", `sheet ${n + 1} is ready`);
      if (n === 0) {
        await page.keyboard.type(`1 ${sheet.rows.length + 1}`);
        await s.sees(`没有第 ${sheet.rows.length + 1} 行`);
        await page.keyboard.press("Enter");
        assert.equal(await at(), "tick-numbers-0", "a wrong number is not passed");
        await page.keyboard.press("Control+a");
        await page.keyboard.type("1 1");
        await s.sees("第 1 行写了两次。");
        await s.axe("row numbers of a sheet");
        await page.keyboard.press("Control+a");
        await page.keyboard.press("Delete");
      }
      for (const [c, rows] of sheet.wanted.entries()) {
        const field = page.locator(`#tick-numbers-${c}`);
        // Only what the demo has said before has to be replaced.
        if ((await field.inputValue()) !== "") await page.keyboard.press("Control+a");
        const text = rows.join(" ");
        if (text) await type(text);
        else await page.keyboard.press("Delete");
        named += rows.length;
        await enter();
      }
    }
    const last = sheets.at(-1);
    await page.getByRole("button", { name: `撤销单号 ${last.number}` }).waitFor();
    for (const sheet of sheets) {
      const { items } = await s.api("GET", `${ticks}/${sheet.group.id}?number=${sheet.number}`);
      for (const [c, column] of columns.entries()) {
        const yes = items.flatMap((r, at) =>
          r.ticks.some((x) => x.tag === column.tag && x.yes) ? [at + 1] : [],
        );
        assert.deepEqual(yes, sheet.wanted[c], `${sheet.number} ${column.name}`);
      }
      assert.ok(items.every((r) => r.seen));
    }
    // A key as above; a decision for every tick found on paper; ten seconds to turn a page and look at the names.
    const seconds = keys * KEY_SECONDS + named * DECISION_SECONDS + sheets.length * 10;
    console.log(
      `ticks by numbers: ${sheets.length} sheets, ${household} households, ${named} ticks, ${keys} keys = ` +
        `${(keys / household).toFixed(2)} keys a household; ${(seconds / 60).toFixed(1)} minutes, ` +
        `${((seconds / 60 / household) * 1639).toFixed(1)} for 1,639 households`,
    );
    assert.ok((seconds / household) * 1639 < HALF_AN_HOUR, `${seconds} seconds for ${household} households`);

    await page.getByRole("button", { name: `撤销单号 ${last.number}` }).click();
    await s.sees(`单号 ${last.number} 已恢复到录入以前。`);
    const { items: back } = await s.api("GET", `${ticks}/${last.group.id}?number=${last.number}`);
    const sorted = (rows) => rows.map((r) => [...r.ticks].sort((a, b) => a.tag.localeCompare(b.tag)));
    assert.deepEqual(sorted(back), sorted(last.rows), "the last sheet is as it was");
    const restore = before.map((r) => ({
      household_id: r.household_id,
      seen: r.seen,
      ticks: columns.map((c) => ({ tag: c.tag, yes: r.ticks.find((x) => x.tag === c.tag)?.yes ?? null })),
    }));
    for (let from = 0; from < restore.length; from += 200) {
      await s.api("PUT", ticks, { rows: restore.slice(from, from + 200) });
    }
  },

  "a tick made by key is on the paper that is printed at once": async (h) => {
    const s = await h.as("customer.write", "customer.reveal", "customer.export");
    if (s.me.unit.level !== "branch") throw new Skip("no demo login of a branch");
    const ticks = `/units/${s.me.unit.id}/ticks`;
    const { items: groups, columns } = await s.api("GET", ticks);
    const group = groups.find((g) => g.households > 0);
    if (!group) throw new Skip("no village group has households");
    const { items: rows } = await s.api("GET", `${ticks}/${group.id}`);
    const free = (row) =>
      columns
        .slice(0, 9)
        .findIndex((c) => !row.in_file.includes(c.tag) && !row.ticks.some((x) => x.tag === c.tag));
    const at = rows.findIndex((row) => free(row) >= 0);
    if (at < 0) throw new Skip("every household has every tick");
    const row = rows[at];
    const column = free(row);
    await s.go(`/ticks?group=${group.id}`);
    await s.page.locator(`[data-at="${at}-${column}"]`).focus();
    await s.page.keyboard.press(String(column + 1));
    await s.page.getByRole("button", { name: "打印名单" }).click();
    const line = s.page.locator(".sheet-table tbody tr", { hasText: row.household_no });
    await line.waitFor();
    assert.match(
      await line
        .locator("td")
        .nth(3 + column)
        .textContent(),
      /☑/,
    );
    await s.api("PUT", ticks, {
      rows: [
        { household_id: row.household_id, ticks: [{ tag: columns[column].tag, yes: null }], seen: row.seen },
      ],
    });
  },

  "a county chooses the branch whose sheet it looks at": async (h) => {
    const s = await h.as("unit.write");
    const [branch] = await s.branches();
    await s.go("/ticks");
    const list = s.table("先选一个网点");
    await list.waitFor();
    await s.axe("choosing a branch");
    await list.getByRole("link", { name: branch.name, exact: true }).click();
    await eventually(
      () => new URL(s.page.url()).searchParams.get("unit"),
      branch.id,
      "the branch is in the address",
    );
    await list.waitFor({ state: "detached" });
  },
};
