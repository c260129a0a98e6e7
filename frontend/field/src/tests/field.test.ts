// The whole phone without its screens, against a server in memory: what is written, what is left after a crash, what is
// thrown away and what never is.
import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Draft } from "../core/types.ts";
import { blobsOf, simpleOp } from "../core/visit.ts";
import { Field } from "../engine/field.ts";
import { FakeServer } from "./server.ts";

const PIN = "280164";
const HOUR = 3600_000;
let server: FakeServer;
let name = 0;
let at = 0;
let unreachable = false;
const fields: Field[] = [];

function phone(again = false): Field {
  if (!again) name += 1;
  const field = new Field(`phone-${name}`);
  field.now = () => at;
  fields.push(field);
  return field;
}

beforeEach(() => {
  at = Date.parse("2026-11-24T01:00:00Z");
  unreachable = false;
  server = new FakeServer(() => new Date(at));
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    if (unreachable) throw new TypeError("no line");
    const { body } = init;
    const bytes =
      typeof body === "string"
        ? new TextEncoder().encode(body)
        : body
          ? new Uint8Array(body as ArrayBuffer)
          : new Uint8Array(0);
    return server.handle(init.method ?? "GET", url, new Headers(init.headers), bytes);
  });
});
afterEach(() => {
  for (const field of fields.splice(0)) field.stop();
});

async function enrolled(): Promise<Field> {
  const field = phone();
  await field.start();
  await field.signIn("visitor", "secret", "");
  await field.enrol(server.code, "phone");
  await field.setPin(PIN);
  return field;
}

function draft(field: Field, over: Partial<Draft> = {}): Draft {
  const [stop] = field.state.pack.stops;
  const id = crypto.randomUUID();
  return {
    id,
    op_id: crypto.randomUUID(),
    unit_id: field.state.enrolment?.unit_id ?? "",
    program_id: stop?.data.program_id ?? "",
    visit_kind: "precise",
    day: "2026-11-24",
    stop_id: stop?.id ?? null,
    target_id: null,
    household_id: stop?.data.household_id ?? null,
    customer_id: null,
    village_group_id: null,
    form_id: "household-visit",
    form_version: 1,
    title: "王测一",
    answers: { outcome: "absent" },
    visitors: [],
    photos: [],
    gifts: [],
    started_at: new Date(at).toISOString(),
    positions: [],
    newly_found: false,
    amends: null,
    ...over,
  };
}
const jpeg = () => ({
  bytes: Uint8Array.from({ length: 700_000 }, (_, i) => (i * 7919) % 251).buffer,
  mime: "image/jpeg" as const,
});
const settled = () => vi.waitFor(() => expect(fields.every((f) => !f.state.busy.drain)).toBe(true), 5000);

describe("the phone", () => {
  it("carries the list after enrolment, in pages, and reads it again after the PIN", async () => {
    const field = await enrolled();
    await vi.waitFor(() => expect(field.state.pack.stops).toHaveLength(6));
    const again = phone(true);
    await again.start();
    expect(again.state.phase).toBe("locked");
    expect(again.state.pack.stops).toEqual([]);
    expect(await again.unlock("999999")).toBe(false);
    expect(await again.unlock(PIN)).toBe(true);
    expect(again.state.pack.stops).toHaveLength(6);
  });

  it("keeps nothing readable on the disk", async () => {
    const field = await enrolled();
    await field.saveDraft(draft(field, { answers: { outcome: "self", name: "王测一" } }));
    await field.handIn(draft(field), { outcome: "absent" }, false);
    const rows = await Promise.all(
      [field.db.pack, field.db.drafts, field.db.notes, field.db.ops].map((t) => t.toArray()),
    );
    const decoder = new TextDecoder();
    const text = rows
      .flat()
      .map((r) => decoder.decode((r as { bytes: ArrayBuffer }).bytes))
      .join("");
    expect(text.length).toBeGreaterThan(1000);
    expect(text).not.toContain("王测一");
    expect(text).not.toContain("outcome");
  });

  it("hands in a visit with its photo once, whatever the line does", async () => {
    const field = await enrolled();
    unreachable = true;
    let d = draft(field);
    d = await field.addPhoto(d, jpeg());
    await field.handIn(d, { outcome: "absent" }, false);
    await settled();
    expect(server.ops.size).toBe(0);
    expect(field.state.outbox.entries).toHaveLength(1);
    unreachable = false;
    // The answer to the push is lost on its way back; then the line breaks in the middle of the photo.
    server.mishaps = ["after"];
    await field.send(true);
    expect(field.state.outbox.entries).toHaveLength(1);
    await field.send(true);
    expect(field.state.outbox.receipts).toMatchObject([{ answer: "duplicate" }]);
    expect([...server.ops.values()]).toMatchObject([{ times: 2 }]);
    expect(server.whole.size).toBe(1);
    expect(await field.db.ops.count()).toBe(0);
    expect(field.state.photos).toEqual({ waiting: 0, sent: 1 });
  });

  it("sends again when the pause after a lost answer is over, not only at the next beat", async () => {
    const field = await enrolled();
    server.mishaps = ["before"];
    await field.handIn(draft(field), { outcome: "absent" }, false);
    await settled();
    expect(server.ops.size).toBe(0);
    expect(field.state.outbox.wait_until).toBeLessThanOrEqual(at + 2000);
    at += 2001;
    await vi.waitFor(() => expect(server.ops.size).toBe(1), 5000);
  });

  it("goes on with a photo where it stopped", async () => {
    const field = await enrolled();
    unreachable = true;
    const d = await field.addPhoto(draft(field), jpeg());
    await field.handIn(d, { outcome: "absent" }, false);
    await settled();
    unreachable = false;
    // push, POST, PATCH, then the second PATCH is lost after it was taken in.
    const moves: string[] = [];
    const handle = server.handle.bind(server);
    server.handle = async (method, url, headers, body) => {
      if (url.includes("blobs")) moves.push(`${method} ${headers.get("upload-offset") ?? ""}`.trim());
      const answer = await handle(method, url, headers, body);
      if (moves.length === 3 && method === "PATCH") throw new TypeError("the line broke");
      return answer;
    };
    await field.send(true);
    await field.send(true);
    expect(server.whole.size).toBe(1);
    // Pieces are smaller after the line broke.
    expect(moves).toEqual(["POST", "PATCH 0", "PATCH 262144", "HEAD", "PATCH 524288", "PATCH 655360"]);
  });

  it("sends a photo again that the bank has forgotten, and keeps it until it was checked", async () => {
    const field = await enrolled();
    const d = await field.addPhoto(draft(field), jpeg());
    await field.handIn(d, { outcome: "absent" }, false);
    await settled();
    expect(server.whole.size).toBe(1);
    server.whole.clear();
    await field.send(true);
    await settled();
    expect(server.whole.size).toBe(1);
    expect(await field.db.blobs.count()).toBe(1);
  });

  it("frees the photo of a trace, which no list tells about, once the bank says that it has it", async () => {
    const field = await enrolled();
    await field.handInOne(
      (m, id) => simpleOp("trace.put", "u", { op_id: id(), entity_id: id() }, { day: "2026-11-24" }, m),
      "青山村一组",
      [jpeg()],
    );
    await settled();
    await vi.waitFor(() => expect(field.state.photos).toEqual({ waiting: 0, sent: 1 }));
    await field.send(true);
    expect(field.state.photos).toEqual({ waiting: 0, sent: 0 });
    expect(await field.db.blobs.count()).toBe(0);
    expect(server.whole.size).toBe(1);
  });

  it("keeps what is written while a picture is sealed, and names pictures in the answers", async () => {
    const field = await enrolled();
    const d = draft(field, { answers: { outcome: "self" } });
    await field.saveDraft(d);
    const adding = field.addPhoto(d, jpeg(), "photo", "door");
    await field.change(d.id, (now) => ({ ...now, answers: { ...now.answers, remarks: "边拍边写" } }));
    await adding;
    const png = { bytes: new Uint8Array([137, 80, 78, 71]).buffer, mime: "image/png" as const };
    await field.addPhoto(d, png, "signature", "signed");
    const [now] = field.state.drafts;
    const [photo, signature] = now?.photos ?? [];
    expect(now?.answers).toEqual({
      outcome: "self",
      remarks: "边拍边写",
      door: [photo?.sha256],
      signed: signature?.sha256,
    });
    expect(blobsOf(now as Draft).map((b) => b.role)).toEqual(["photo", "signature"]);
    expect((await field.pictureOf(d, signature?.sha256 ?? ""))?.type).toBe("image/png");
    await field.dropPhoto(d, photo?.sha256 ?? "");
    expect(Object.keys(field.state.drafts[0]?.answers ?? {})).toEqual(["outcome", "remarks", "signed"]);
    expect(await field.db.blobs.count()).toBe(1);
  });

  it("changes the PIN, keeps what was sealed, and counts wrong old ones with the others", async () => {
    const field = await enrolled();
    await field.saveDraft(draft(field, { title: "没写完" }));
    expect(await field.changePin("000000", "739105")).toBe(false);
    expect(await field.pinTriesLeft()).toBe(9);
    expect(await field.changePin(PIN, "739105")).toBe(true);
    expect(await field.pinTriesLeft()).toBe(10);
    const again = phone(true);
    await again.start();
    expect(await again.unlock(PIN)).toBe(false);
    expect(await again.checkPin("111222")).toBe(false);
    expect(await again.pinTriesLeft()).toBe(8);
    expect(await again.unlock("739105")).toBe(true);
    expect(again.state.drafts).toMatchObject([{ title: "没写完" }]);
    expect(again.state.pack.stops).toHaveLength(6);
    for (let i = 0; i < 10; i += 1) expect(await again.changePin("000000", "280164")).toBe(false);
    expect(again.state.phase).toBe("closed");
  }, 20_000);

  it("loses neither draft nor queue when the browser is killed", async () => {
    const field = await enrolled();
    unreachable = true;
    await field.saveDraft(draft(field, { title: "没写完" }));
    await field.handIn(draft(field), { outcome: "absent" }, false);
    await settled();
    const again = phone(true);
    await again.start();
    await again.unlock(PIN);
    expect(again.state.drafts).toMatchObject([{ title: "没写完" }]);
    expect(again.state.outbox.entries).toHaveLength(1);
    expect(again.state.outbox.drafts).toHaveLength(1);
    unreachable = false;
    await again.send(true);
    expect(server.ops.size).toBe(1);
  });

  it("locks the list when the lease is over and still uploads", async () => {
    const field = await enrolled();
    unreachable = true;
    await field.saveDraft(draft(field));
    await field.handIn(draft(field), { outcome: "absent" }, false);
    await settled();
    at += 72 * HOUR - 1000;
    await field.checkLease();
    expect(field.state.phase).toBe("open");
    at += 2000;
    await field.checkLease();
    expect(field.state).toMatchObject({ phase: "closed", closed: "lease", drafts: [] });
    expect(await field.db.pack.count()).toBe(0);
    expect(await field.db.get("wrapped_key")).toBeUndefined();
    expect(field.state.outbox.entries).toHaveLength(1);
    unreachable = false;
    await field.send(true);
    expect(server.ops.size).toBe(1);
    // What was being written is sealed to the organisation and went there.
    expect(server.rescued).toHaveLength(1);
  });

  it("does not get a longer lease from a clock that is turned back", async () => {
    const field = await enrolled();
    at += 71 * HOUR;
    await field.checkLease();
    at += 2 * HOUR;
    // Seen once beyond the end, then turned back a week.
    await field.checkLease();
    at -= 7 * 24 * HOUR;
    const again = phone(true);
    await again.start();
    expect(again.state.phase).toBe("closed");
  });

  it("wipes the list of a revoked phone and keeps what was not uploaded", async () => {
    const field = await enrolled();
    unreachable = true;
    await field.handIn(draft(field), { outcome: "absent" }, false);
    await settled();
    unreachable = false;
    server.revoked = true;
    await field.fetch();
    expect(field.state).toMatchObject({ phase: "closed", closed: "revoked" });
    expect(await field.db.pack.count()).toBe(0);
    expect(field.state.outbox.entries).toHaveLength(1);
    await field.send(true);
    expect(field.state.outbox.receipts).toMatchObject([{ answer: "quarantined", code: "device_revoked" }]);
  });

  it("throws the key away after ten wrong PINs and keeps what was not uploaded", async () => {
    const field = await enrolled();
    unreachable = true;
    await field.handIn(draft(field), { outcome: "absent" }, false);
    await settled();
    field.lock();
    for (let i = 0; i < 10; i += 1) expect(await field.unlock("000000")).toBe(false);
    expect(field.state.phase).toBe("closed");
    expect(await field.unlock(PIN)).toBe(false);
    expect(field.state.outbox.entries).toHaveLength(1);
  }, 20_000);

  it("sends a new household before its visit and its gifts after it", async () => {
    const field = await enrolled();
    const d = draft(field, {
      newly_found: true,
      household_id: crypto.randomUUID(),
      gifts: [{ material: "leaflet", count: 2 }],
    });
    const answers = {
      outcome: "self",
      notice: "agreed",
      name: "新测户",
      phone: "19912340001",
      members: [{ member_name: "新测二" }],
    };
    await field.handIn(d, answers, true);
    await field.send(true);
    await settled();
    const ops = [...server.ops.values()].map((o) => o.op);
    expect(ops.map((o) => [o.kind, o.client_seq])).toEqual([
      ["household.propose", 1],
      ["visit.submit", 2],
      ["gift.give", 3],
    ]);
    expect(ops[0]).toMatchObject({
      entity_id: d.household_id,
      payload: { members: [{ name: "新测户" }, { name: "新测二" }] },
    });
  });

  it("asks for a sign-in and goes on sending after it", async () => {
    const field = await enrolled();
    server.signedIn = false;
    await field.handIn(draft(field), { outcome: "absent" }, false);
    await settled();
    expect(field.state.signedOut).toBe(true);
    expect(field.state.outbox.entries).toHaveLength(1);
    await field.signIn("visitor", "secret", "");
    await vi.waitFor(() => expect(server.ops.size).toBe(1));
  });
});
