import { describe, expect, it } from "vitest";
import {
  BATCH_BYTES,
  ceiling,
  emptyOutbox,
  type OutboxEvent,
  type OutboxState,
  REFUSED_AGAIN_MS,
  type Step,
  step,
} from "./outbox.ts";

const U = "unit-1";
function put(id: string, entity = id, bytes = 1000, unit = U): OutboxEvent {
  return { is: "queue", op: { op_id: id, unit_id: unit, entity_id: entity, bytes }, draft: entity };
}
function run(state: OutboxState, ...events: OutboxEvent[]): Step {
  let at: Step = { state, effects: [] };
  for (const e of events) at = step(at.state, e);
  return at;
}
const wake = (now: number, by_hand = false): OutboxEvent => ({ is: "wake", now, by_hand });
const sent = (s: Step) => s.effects.flatMap((e) => (e.do === "send" ? e.op_ids : []));
const all = (state: OutboxState) => [...state.entries, ...state.receipts].map((e) => e.op_id);

describe("outbox", () => {
  it("takes a draft through queue and sending to a receipt, and forgets it only then", () => {
    let s = run(emptyOutbox(), { is: "draft", id: "v" }, put("a", "v"));
    expect(s.state.drafts).toEqual([]);
    expect(s.state.entries).toMatchObject([{ op_id: "a", client_seq: 1, state: "queued" }]);
    s = step(s.state, wake(10));
    expect(s.effects).toEqual([{ do: "send", batch: 1, unit_id: U, op_ids: ["a"] }]);
    expect(s.state.entries[0]).toMatchObject({ state: "sending", tries: 1 });
    s = step(s.state, {
      is: "answers",
      batch: 1,
      now: 20,
      items: [{ op_id: "a", answer: "applied", rev: 1, seq: 9 }],
    });
    expect(s.effects).toEqual([{ do: "forget", op_id: "a" }]);
    expect(s.state.entries).toEqual([]);
    expect(s.state.receipts).toMatchObject([{ op_id: "a", answer: "applied", rev: 1, seq: 9, at: 20 }]);
  });

  it("lets go of an operation after four of the five answers and keeps it after retry", () => {
    const s = run(emptyOutbox(), put("a"), put("b"), put("c"), put("d"), put("e"), wake(0));
    const t = step(s.state, {
      is: "answers",
      batch: 1,
      now: 100,
      items: [
        { op_id: "a", answer: "applied" },
        { op_id: "b", answer: "duplicate" },
        { op_id: "c", answer: "review", review_id: "r" },
        { op_id: "d", answer: "quarantined", code: "form_unknown" },
        { op_id: "e", answer: "retry", after_ms: 5000 },
      ],
    });
    expect(t.effects.map((e) => (e.do === "forget" ? e.op_id : ""))).toEqual(["a", "b", "c", "d"]);
    expect(t.state.entries).toMatchObject([{ op_id: "e", state: "queued", not_before: 5100 }]);
    expect(step(t.state, wake(5099)).effects).toEqual([{ do: "wait", until: 5100 }]);
    expect(sent(step(t.state, wake(5100)))).toEqual(["e"]);
    expect(sent(step(t.state, wake(200, true)))).toEqual(["e"]);
  });

  it("keeps what an answer does not mention", () => {
    const s = run(emptyOutbox(), put("a"), put("b"), wake(0));
    const t = step(s.state, { is: "answers", batch: 1, now: 1, items: [{ op_id: "b", answer: "applied" }] });
    expect(t.state.entries).toMatchObject([{ op_id: "a", state: "queued" }]);
  });

  it("puts what was under way back in the queue after a crash, and takes a late answer", () => {
    const s = run(emptyOutbox(), put("a"), wake(0), { is: "start" });
    expect(s.state).toMatchObject({ flight: null, entries: [{ state: "queued", tries: 1 }] });
    const again = step(s.state, wake(1));
    expect(again.effects).toMatchObject([{ batch: 2, op_ids: ["a"] }]);
    const late = step(again.state, {
      is: "answers",
      batch: 1,
      now: 2,
      items: [{ op_id: "a", answer: "applied" }],
    });
    expect(late.state.entries).toEqual([]);
    expect(late.state.flight?.batch).toBe(2);
    const end = step(late.state, {
      is: "answers",
      batch: 2,
      now: 3,
      items: [{ op_id: "a", answer: "duplicate" }],
    });
    expect(end.state.receipts).toHaveLength(1);
    expect(end.state.flight).toBeNull();
  });

  it("waits longer after every failure, up to a quarter of an hour, and not after one by hand", () => {
    expect([1, 2, 3, 10, 11, 99].map(ceiling)).toEqual([1000, 2000, 4000, 512_000, 900_000, 900_000]);
    let s = run(emptyOutbox(), put("a"), wake(0));
    s = step(s.state, { is: "lost", batch: 1, now: 1000, jitter: 500_000 });
    expect(s.state.wait_until).toBe(1500);
    s = run(s.state, wake(1500), { is: "lost", batch: 2, now: 2000, jitter: 999_999 });
    expect(s.state.wait_until).toBe(3999);
    expect(step(s.state, wake(2500)).effects).toEqual([{ do: "wait", until: 3999 }]);
    expect(sent(step(s.state, wake(2500, true)))).toEqual(["a"]);
  });

  it("sends one branch at a time, at most a hundred operations and 256 KiB", () => {
    const many = run(emptyOutbox(), ...Array.from({ length: 130 }, (_, i) => put(`o${i}`)), wake(0));
    expect(sent(many)).toHaveLength(100);
    const heavy = run(emptyOutbox(), ...["a", "b", "c"].map((id) => put(id, id, BATCH_BYTES / 2)), wake(0));
    expect(sent(heavy)).toEqual(["a", "b"]);
    const giant = run(emptyOutbox(), put("a", "a", BATCH_BYTES * 2), put("b"), wake(0));
    expect(sent(giant)).toEqual(["a"]);
    const two = run(emptyOutbox(), put("a", "x"), put("b", "y", 10, "unit-2"), put("c", "z"), wake(0));
    expect(sent(two)).toEqual(["a", "c"]);
  });

  it("sends the operations of one entity in their order", () => {
    const s = run(emptyOutbox(), put("a", "v"), put("b", "v"), put("c", "w"), wake(0));
    expect(sent(s)).toEqual(["a", "b", "c"]);
    const t = step(s.state, {
      is: "answers",
      batch: 1,
      now: 0,
      items: [{ op_id: "a", answer: "retry", after_ms: 1000 }],
    });
    // The second waits for the first.
    expect(sent(step(t.state, wake(10)))).toEqual(["c"]);
    expect(sent(step(t.state, wake(1000)))).toEqual(["a", "b", "c"]);
  });

  it("finds one bad record in a refused batch, sets it aside and sends the others", () => {
    let s = run(emptyOutbox(), ...["a", "b", "bad", "d", "e"].map((id) => put(id)));
    const arrived: string[] = [];
    for (let now = 0; now < 20; now += 1) {
      s = step(s.state, wake(now));
      const send = s.effects.find((e) => e.do === "send");
      if (send?.do !== "send") break;
      if (send.op_ids.includes("bad"))
        s = step(s.state, {
          is: "refused",
          batch: send.batch,
          now,
          jitter: 0,
          status: 400,
          code: "input.invalid",
        });
      else {
        arrived.push(...send.op_ids);
        const items = send.op_ids.map((op_id) => ({ op_id, answer: "applied" as const }));
        s = step(s.state, { is: "answers", batch: send.batch, now, items });
      }
    }
    expect(arrived.sort()).toEqual(["a", "b", "d", "e"]);
    expect(s.state.entries).toMatchObject([{ op_id: "bad", state: "queued", refused: "input.invalid" }]);
    const later = step(s.state, wake(REFUSED_AGAIN_MS + 100));
    expect(sent(later)).toEqual(["bad"]);
  });

  it("asks for a sign-in and goes on after it", () => {
    let s = run(emptyOutbox(), put("a"), wake(0));
    s = step(s.state, { is: "refused", batch: 1, now: 1, jitter: 0, status: 401, code: "auth.required" });
    expect(s.effects).toEqual([{ do: "sign_in" }]);
    expect(step(s.state, wake(99, true)).effects).toEqual([{ do: "sign_in" }]);
    expect(sent(run(s.state, { is: "signed_in" }, wake(99)))).toEqual(["a"]);
  });

  it("queues a tap that comes twice once, and forgets receipts after seven days", () => {
    const s = run(emptyOutbox(), put("a"), put("a"), wake(0), {
      is: "answers",
      batch: 1,
      now: 0,
      items: [{ op_id: "a", answer: "applied" }],
    });
    expect(step(s.state, put("a")).state.entries).toEqual([]);
    const week = 7 * 24 * 3600_000;
    expect(step(s.state, { is: "purge", now: week - 1 }).state.receipts).toHaveLength(1);
    expect(step(s.state, { is: "purge", now: week }).state.receipts).toEqual([]);
  });

  it("loses and doubles nothing under any order of events", () => {
    // A small generator of its own: the same runs every time.
    let seed = 7;
    const random = (n: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return (seed >>> 8) % n;
    };
    for (let round = 0; round < 40; round += 1) {
      let state = emptyOutbox();
      const put_in: string[] = [];
      const server = new Set<string>();
      let late: OutboxEvent[] = [];
      for (let now = 0; now < 150; now += 1) {
        const dice = random(10);
        if (dice < 2) {
          put_in.push(`${round}-${now}`);
          state = step(state, put(`${round}-${now}`, `e${random(5)}`)).state;
        } else if (dice === 2) state = step(state, { is: "start" }).state;
        else if (dice === 3 && late.length > 0) {
          const [one] = late.splice(random(late.length), 1);
          if (one) state = step(state, one).state;
        } else {
          const s = step(state, wake(now * 1000));
          state = s.state;
          for (const e of s.effects) {
            if (e.do !== "send") continue;
            const items = e.op_ids.map((op_id) => ({
              op_id,
              answer: server.has(op_id) ? ("duplicate" as const) : ("applied" as const),
            }));
            const fate = random(4);
            if (fate > 0) for (const id of e.op_ids) server.add(id);
            const answer: OutboxEvent = { is: "answers", batch: e.batch, now: now * 1000, items };
            if (fate > 1) state = step(state, answer).state;
            else state = step(state, { is: "lost", batch: e.batch, now: now * 1000, jitter: 1 }).state;
            if (fate === 1) late = [...late, answer];
          }
        }
        expect(all(state).sort()).toEqual([...put_in].sort());
        for (const r of state.receipts) expect(server.has(r.op_id)).toBe(true);
        expect(state.seq).toBe(put_in.length);
      }
    }
  });

  it("does not change the state it is given, and is JSON", () => {
    const frozen = JSON.stringify(emptyOutbox());
    const start = emptyOutbox();
    const s = run(start, put("a"), wake(0));
    expect(JSON.stringify(start)).toBe(frozen);
    expect(JSON.parse(JSON.stringify(s.state))).toEqual(s.state);
  });
});
