// How long the desk takes (CAP-003): a form of one household with one more member is typed in by keyboard alone, and the
// keys are counted. Seconds come from the keystroke-level model (Card, Moran & Newell, 1980), not from a clock:
//   K = 0.28 s a key (average non-secretary typist), also for Ctrl, Shift and Enter;
//   M = 1.35 s for each thing that is read off the paper before it is typed;
//   H and P, the hand to the mouse and pointing: none, that is what the test holds;
//   a Chinese character by a pinyin input method counts 3 keys, choosing it included.
// It asserts on keys and on where the focus is, never on time.
import { atTheDesk } from "./desk.mjs";
import { assert, eventually } from "./harness.mjs";
import { weekAfter } from "./plans.test.mjs";

const K = 0.28;
const M = 1.35;
const KEYS_PER_HANZI = 3;
const HOUSEHOLDS = 20;
const MINUTES = 15;
/** Keys of the form below, the digits of its number aside. A step more at the desk must be seen here. */
const KEYS = 86;

const SHOTS = process.env.ZF_SHOTS;

/** A keyboard that counts, and what was read off the paper. */
class Typist {
  constructor(page) {
    this.page = page;
    this.keys = 0;
    this.read = 0;
  }

  async press(key) {
    this.keys += key.split("+").length;
    await this.page.keyboard.press(key);
  }

  /** One thing that stands on the paper. */
  async copy(text) {
    this.read += 1;
    for (const one of text) {
      if (/[\x20-\x7e]/.test(one)) await this.press(one);
      else {
        this.keys += KEYS_PER_HANZI;
        await this.page.keyboard.insertText(one);
      }
    }
  }

  /** The question that the next key goes to. */
  async at(question) {
    const here = () => this.page.evaluate(() => document.activeElement?.getAttribute("data-question") ?? "");
    await eventually(here, question, `the next key goes to ${question}`);
  }

  /** An answer to the question that has the focus, and on. */
  async answer(question, text) {
    await this.at(question);
    await this.copy(text);
    await this.press("Enter");
  }
}

/** Prints the forms of the week, which gives them their numbers. */
async function printed({ s, program, branch, day }) {
  const path = `/programs/${program.id}/units/${branch.id}/week-plans/${weekAfter(day, 0)}`;
  await s.api("POST", `${path}/collection-forms/print`, { reason: "周一上门" });
}

const later = (day) => {
  const date = new Date(`${day}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() + 7);
  return date.toISOString().slice(0, 10);
};

export default {
  "a household with a member is typed in by keyboard alone, and twenty of them in a quarter of an hour":
    async (h) => {
      const at = await atTheDesk(h);
      const { s, day, desk } = at;
      await printed(at);
      const sheet = (await desk()).sheets.find((x) => !x.visit && x.number);
      assert.ok(sheet, "a form with a number");
      await s.go(`/desk?day=${day}`);
      const t = new Typist(s.page);
      const number = s.page.getByLabel("表上的编号");
      await number.waitFor();
      assert.ok(await number.evaluate((e) => e === document.activeElement), "the number takes the first key");
      await t.copy(String(sheet.number));
      await t.press("Enter");
      await t.answer("outcome", "1");
      await t.answer("notice", "1");
      await t.answer("name", "测某某");
      await t.answer("phone", "19912340001");
      await t.answer("address", "青山村一组3号");
      await t.at("id_number"); // not asked at the door
      await t.press("Enter");
      await t.at("members-add");
      await t.press("+");
      await t.answer("member_name", "乙某某");
      await t.answer("member_phone", "19912340002");
      await t.answer("relation", "1");
      await t.at("members-add");
      await t.press("Enter");
      await t.answer("needs", "13");
      await t.answer("products", "2");
      await t.at("next_date");
      await t.copy(later(day).slice(5).replace("-", ""));
      await t.press("Control+Enter");
      // The next form, without a hand off the keyboard.
      await number.waitFor();
      assert.ok(await number.evaluate((e) => e === document.activeElement), "the number takes the next key");
      const visit = async () => (await desk()).sheets.find((x) => x.stop_id === sheet.stop_id).visit;
      await eventually(async () => (await visit())?.members, 2);
      assert.equal((await visit()).state, "accepted");
      const seconds = t.keys * K + t.read * M;
      const all = (seconds * HOUSEHOLDS) / 60;
      console.log(
        `    desk: ${t.keys} keys and ${t.read} things read: ${seconds.toFixed(1)} s a household with one more member, ` +
          `${all.toFixed(1)} of ${MINUTES} minutes for ${HOUSEHOLDS} (K ${K} s, M ${M} s, ${KEYS_PER_HANZI} keys a hanzi)`,
      );
      assert.equal(t.keys - String(sheet.number).length, KEYS);
      if (SHOTS) await s.page.screenshot({ path: `${SHOTS}/desk-pace.png`, fullPage: true });
    },
};
