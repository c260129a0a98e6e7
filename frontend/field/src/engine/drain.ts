// One round of sending: operations first, photos after. Only one window of this phone sends at a time; another one
// that finds it busy does nothing, its operations are in the same queue.

import type { OutboxEffect, OutboxEvent } from "../core/outbox.ts";
import { JITTER_WHOLE, REFUSED_AGAIN_MS } from "../core/outbox.ts";
import type { Op } from "../core/types.ts";
import { open, openJson } from "../store/crypto.ts";
import { ApiError, server, unreachable, upload } from "../sync/server.ts";
import type { Field } from "./field.ts";

const LOCK = "zoufang-field-drain";
const jitter = () => Math.floor(Math.random() * JITTER_WHOLE);

export async function drain(field: Field, byHand: boolean): Promise<void> {
  const round = async () => {
    // Whatever a window that is gone had under way goes again.
    const more = await operations(field, byHand);
    if (more) await photos(field, byHand);
    await rescue(field);
  };
  const locks: LockManager | undefined = navigator.locks;
  if (!locks) return round();
  await locks.request(LOCK, { ifAvailable: true }, async (lock) => {
    if (lock) await round();
  });
}

/** False when the line or the session is not there. */
async function operations(field: Field, byHand: boolean): Promise<boolean> {
  let events: OutboxEvent[] = [{ is: "start" }, { is: "wake", now: field.now(), by_hand: byHand }];
  for (;;) {
    const { state, effects } = await field.db.outbox(events);
    field.cell.set({ outbox: state });
    if (effects.some((e) => e.do === "sign_in")) field.cell.set({ signedOut: true });
    const send = effects.find((e): e is Extract<OutboxEffect, { do: "send" }> => e.do === "send");
    if (!send) return !state.signed_out && state.wait_until <= field.now();
    const outcome = await carry(field, send);
    events = [outcome];
    const gone = outcome.is === "answers" || (outcome.is === "refused" && outcome.status !== 401);
    if (gone) events.push({ is: "wake", now: field.now(), by_hand: false });
  }
}

/** One batch to the server and what came of it. */
async function carry(field: Field, send: Extract<OutboxEffect, { do: "send" }>): Promise<OutboxEvent> {
  const { batch } = send;
  const device_id = field.state.enrolment?.device_id ?? "";
  const seqs = new Map(field.state.outbox.entries.map((e) => [e.op_id, e.client_seq]));
  try {
    const key = await field.deviceKey();
    const rows = await field.db.ops.bulkGet(send.op_ids);
    const ops: unknown[] = [];
    for (const row of rows) {
      if (!row) continue;
      const { unit_id: _, ...op } = await openJson<Op>(key, row);
      ops.push({ ...op, client_seq: seqs.get(op.op_id) ?? 0 });
    }
    const said = await server.push({ unit_id: send.unit_id, device_id, ops, outbox: field.outstanding() });
    await field.contact(said.server_time);
    return { is: "answers", batch, now: field.now(), items: said.items };
  } catch (e) {
    field.heard(e);
    if (!(e instanceof ApiError) || unreachable(e))
      return { is: "lost", batch, now: field.now(), jitter: jitter() };
    return { is: "refused", batch, now: field.now(), jitter: jitter(), status: e.status, code: e.code };
  }
}

/** How long after a photo has gone the bank is asked whether it has checked it; then twice as long, and so on. */
const CHECK_FIRST_MS = 30_000;
const CHECK_LAST_MS = 3600_000;

/** True when it is time to ask about a photo that has gone. The list tells of most; not of those of traces. */
function isDue(field: Field, id: string, byHand: boolean): boolean {
  const last = field.askedPhotos.get(id);
  const now = field.now();
  const pause = last ? Math.min(last.pause * 2, CHECK_LAST_MS) : CHECK_FIRST_MS;
  if (last && !byHand && now < last.at + last.pause) return false;
  field.askedPhotos.set(id, { at: now, pause });
  return last !== undefined || byHand;
}

/** Photos one after the other, oldest first; the first broken line ends the round. */
async function photos(field: Field, byHand: boolean): Promise<void> {
  const { db } = field;
  const waiting = await db.blobs.where("state").equals("waiting").sortBy("made_at");
  const gone = await db.blobs.where("state").equals("sent").toArray();
  const due = gone.filter((b) => isDue(field, b.id, byHand));
  const key = await field.deviceKey();
  for (const row of [...waiting, ...due]) {
    if ((field.refusedPhotos.get(row.id) ?? 0) > field.now()) continue;
    try {
      const bytes = await open(key, row);
      const job = { ...row, location: row.state === "sent" ? null : row.location };
      const how = await upload(job, bytes, (location) => db.blobs.update(row.id, { location }));
      // The bytes go when the bank says that it has checked them: now, or with a later list (pull-run.ts).
      if (how === "had" && row.state === "sent") await db.blobs.delete(row.id);
      else await db.blobs.update(row.id, { state: "sent" });
      await field.countPhotos();
    } catch (e) {
      field.heard(e);
      if (!(e instanceof ApiError) || unreachable(e) || e.status === 401) return;
      // This one is refused: it stays here, the others go on, and it is tried again later.
      field.refusedPhotos.set(row.id, field.now() + REFUSED_AGAIN_MS);
    }
  }
}

/** What cannot be read here any more goes to the organisation as it is. */
async function rescue(field: Field): Promise<void> {
  const rows = await field.db.rescue.toArray();
  const { enrolment } = field.state;
  if (rows.length === 0 || !enrolment) return;
  try {
    await server.rescue({
      device_id: enrolment.device_id,
      unit_id: enrolment.unit_id,
      items: rows.map((r) => ({ op_id: r.id, sealed: r.sealed })),
    });
    await field.db.rescue.bulkDelete(rows.map((r) => r.id));
  } catch (e) {
    field.heard(e);
  }
}
