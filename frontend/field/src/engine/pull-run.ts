// Fetches what this phone may see and keeps it; frees photos that the bank has checked; lengthens the lease.

import { pullStep, request } from "../core/pull.ts";
import type { Visit } from "../core/types.ts";
import { ApiError, type PullAnswer, server } from "../sync/server.ts";
import type { Field } from "./field.ts";
import { CLIENT } from "./state.ts";

const LIMIT = 500;
/** More pages than any phone needs: a server that never ends is stopped. */
const PAGES_MOST = 200;

export async function pull(field: Field): Promise<void> {
  const device_id = field.state.enrolment?.device_id;
  if (!device_id) return;
  let state = await field.pullState();
  let ask: ReturnType<typeof request> | null = request(state);
  let changed = false;
  for (let page = 0; ask && page < PAGES_MOST; page += 1) {
    let step: ReturnType<typeof pullStep>;
    try {
      const body: PullAnswer = await server.pull({
        ...ask,
        device_id,
        limit: LIMIT,
        outbox: field.outstanding(),
      });
      await lease(field, body);
      changed ||= body.items.length > 0 || body.snapshot || body.scope_epoch !== state.epoch;
      step = pullStep(state, { is: "answer", body });
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      if (e.status === 410) step = pullStep(state, { is: "resync" });
      else if (e.code === "device.revoked") step = pullStep(state, { is: "revoked" });
      else if (e.code === "device.unknown") step = pullStep(state, { is: "unknown" });
      else throw e;
    }
    state = step.state;
    const effect = step.effects[0];
    if (effect?.do === "wipe" || effect?.do === "enrol") return field.close("revoked");
    ask = effect?.do === "ask" ? effect.request : null;
  }
  // Locked meanwhile: what came cannot be kept and is fetched again.
  if (!field.dataKey) return;
  if (changed) await field.keepPack(state);
  const now = field.now();
  await field.db.put("last_pull", now);
  field.cell.set({ lastPull: now });
  await freeChecked(field);
}

async function lease(field: Field, body: PullAnswer): Promise<void> {
  await field.contact(body.server_time);
  // The server's time is carried over to this phone's clock, however wrong that is.
  const left = Date.parse(body.lease_until) - Date.parse(body.server_time);
  const until = field.now() + (Number.isFinite(left) ? left : body.lease_hours * 3600_000);
  await field.db.transaction("rw", field.db.meta, async () => {
    await field.db.put("lease_until", until);
    // The server says what time it is: a clock that was far ahead once does no harm any more.
    await field.db.put("clock_high", field.now());
  });
  field.cell.set({ leaseUntil: until, tooOld: body.min_client > CLIENT });
}

const wholly = (v: Visit): boolean => v.photos > 0 && v.photos_verified >= v.photos;

/** The bytes of photos go only now. */
async function freeChecked(field: Field): Promise<void> {
  for (const visit of field.state.pack.visits) {
    if (!wholly(visit.data)) continue;
    await field.db.blobs
      .where("visit_id")
      .equals(visit.id)
      .and((b) => b.state === "sent")
      .delete();
  }
  await field.countPhotos();
}
