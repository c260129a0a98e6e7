// What the tests of the desk share: a day that has forms left to type in, and opening one by its number.
import { Skip } from "./harness.mjs";

/** A branch head at the desk on a day that has visits planned and none typed in. */
export async function atTheDesk(h) {
  const s = await h.as("visit.write", "plan.confirm");
  const program = await s.startedProgram();
  const branch = await s.branch();
  const desk = (day) => s.api("GET", `/programs/${program.id}/units/${branch.id}/desk?day=${day}`);
  const today = new Date(`${s.me.system.today}T12:00:00Z`);
  for (let ago = 0; ago < 7; ago += 1) {
    const day = new Date(today.getTime() + ago * 86_400_000).toISOString().slice(0, 10);
    const now = await desk(day);
    if (now.sheets.filter((x) => !x.visit).length >= 3)
      return { s, program, branch, day, desk: () => desk(day) };
  }
  throw new Skip("no day of this week has three visits left to type in");
}

/** Opens a form by what is printed on it, or the customer's number. */
export async function open(s, sheet) {
  await s.page.getByLabel("表上的编号").fill(String(sheet.number ?? sheet.customer_no));
  await s.page.keyboard.press("Enter");
  await s.page.locator(".desk-form").waitFor();
}
