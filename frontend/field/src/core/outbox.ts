// What is still only on this phone, as a pure state machine: `step(state, event)` gives the next state and what the
// shell has to do. No clock, no network, no storage, no randomness: they come in with the event. Another program
// replays traces of events against this very module and compares the state after every step; therefore state,
// events and effects are plain JSON with whole numbers only, and an array is always in the order described here.
//
//   State     drafts   ids of visits that are being written, oldest first
//             entries  operations without a final answer, by `client_seq`; `queued` or `sending`
//             receipts operations with a final answer, in the order of the answers; forgotten after 7 days
//             seq      the last `client_seq` given out; without gaps
//             batches  how many batches were begun; numbers them
//             flight   the batch that is under way: at most one
//             failures batches in a row that got no answer; `wait_until` when the next may begin (ms)
//             narrow   how many operations a batch may have: halved when a whole batch is refused
//             signed_out  the server wants somebody to sign in first
//
//   Event     draft {id} · discard {id} · queue {op, draft} · start · wake {now, by_hand} · answers {batch, now, items}
//             lost {batch, now, jitter} · refused {batch, now, jitter, status, code} · signed_in · purge {now}
//
//   Effect    send {batch, unit_id, op_ids}  take these operations to the server and come back with answers, lost or refused
//             forget {op_id}                 the server has it: the content may be thrown away now, and only now
//             wait {until}                   nothing to send before this moment
//             sign_in                        ask for a sign-in
//
// Rules: an operation is never changed once it is queued. Its content is thrown away only after applied, duplicate,
// review or quarantined. Operations of one entity go out in their order. One that the server cannot read does not
// hold up the others. A crash between any two steps loses nothing: `start` puts what was under way back in the queue,
// and the same operation sent twice has the same id.

/** Most operations of a batch, and the most they may weigh. */
export const BATCH_OPS = 100;
export const BATCH_BYTES = 256 * 1024;
/** Pauses after failures: full jitter, doubling from the first to the last, in milliseconds. */
export const BACKOFF_FIRST_MS = 1000;
export const BACKOFF_LAST_MS = 15 * 60_000;
/** How long receipts stay to be looked at. */
export const RECEIPTS_MS = 7 * 24 * 3600_000;
/** An operation that the server refused alone is tried again after this long, or by hand. */
export const REFUSED_AGAIN_MS = 3600_000;
/** `jitter` in events: millionths of the whole pause. */
export const JITTER_WHOLE = 1_000_000;

export type FinalAnswer = "applied" | "duplicate" | "review" | "quarantined";

export interface Entry {
  op_id: string;
  client_seq: number;
  unit_id: string;
  entity_id: string;
  /** Weight of the operation as JSON. */
  bytes: number;
  state: "queued" | "sending";
  /** How often it went out. */
  tries: number;
  /** Not sent before, ms; 0 = at once. */
  not_before: number;
  /** Why the server refused it alone; it stays here and can be exported. */
  refused: string | null;
}

export interface Receipt {
  op_id: string;
  client_seq: number;
  unit_id: string;
  entity_id: string;
  answer: FinalAnswer;
  rev: number | null;
  seq: number | null;
  code: string | null;
  review_id: string | null;
  at: number;
}

export interface Flight {
  batch: number;
  unit_id: string;
  op_ids: string[];
}

export interface OutboxState {
  drafts: string[];
  entries: Entry[];
  receipts: Receipt[];
  seq: number;
  batches: number;
  flight: Flight | null;
  failures: number;
  wait_until: number;
  narrow: number;
  signed_out: boolean;
}

/** One answer of the server to one operation. */
export interface Answered {
  op_id: string;
  answer: FinalAnswer | "retry";
  rev?: number | null;
  seq?: number | null;
  code?: string | null;
  review_id?: string | null;
  after_ms?: number | null;
}

export type OutboxEvent =
  | { is: "draft"; id: string }
  | { is: "discard"; id: string }
  | {
      is: "queue";
      op: { op_id: string; unit_id: string; entity_id: string; bytes: number };
      draft: string | null;
    }
  | { is: "start" }
  | { is: "wake"; now: number; by_hand: boolean }
  | { is: "answers"; batch: number; now: number; items: Answered[] }
  | { is: "lost"; batch: number; now: number; jitter: number }
  | { is: "refused"; batch: number; now: number; jitter: number; status: number; code: string }
  | { is: "signed_in" }
  | { is: "purge"; now: number };

export type OutboxEffect =
  | { do: "send"; batch: number; unit_id: string; op_ids: string[] }
  | { do: "forget"; op_id: string }
  | { do: "wait"; until: number }
  | { do: "sign_in" };

export interface Step {
  state: OutboxState;
  effects: OutboxEffect[];
}

export const emptyOutbox = (): OutboxState => ({
  drafts: [],
  entries: [],
  receipts: [],
  seq: 0,
  batches: 0,
  flight: null,
  failures: 0,
  wait_until: 0,
  narrow: BATCH_OPS,
  signed_out: false,
});

/** The next state and what is to be done. The given state is not changed. */
export function step(state: OutboxState, event: OutboxEvent): Step {
  switch (event.is) {
    case "draft":
      if (state.drafts.includes(event.id)) return quiet(state);
      return quiet({ ...state, drafts: [...state.drafts, event.id] });
    case "discard":
      return quiet({ ...state, drafts: state.drafts.filter((d) => d !== event.id) });
    case "queue":
      return quiet(queue(state, event));
    case "start":
      return quiet(back(state));
    case "wake":
      return wake(event.by_hand ? impatient(state) : state, event.now);
    case "answers":
      return answers(state, event);
    case "lost":
      return lost(state, event);
    case "refused":
      return refused(state, event);
    case "signed_in":
      return quiet({ ...state, signed_out: false, wait_until: 0, failures: 0 });
    case "purge":
      return quiet({ ...state, receipts: state.receipts.filter((r) => event.now - r.at < RECEIPTS_MS) });
  }
}

const quiet = (state: OutboxState): Step => ({ state, effects: [] });

function queue(state: OutboxState, event: Extract<OutboxEvent, { is: "queue" }>): OutboxState {
  const drafts = state.drafts.filter((d) => d !== event.draft);
  const known = (o: { op_id: string }) => o.op_id === event.op.op_id;
  // The same tap twice: one operation.
  if (state.entries.some(known) || state.receipts.some(known)) return { ...state, drafts };
  const seq = state.seq + 1;
  const { op_id, unit_id, entity_id, bytes } = event.op;
  const entry: Entry = {
    op_id,
    client_seq: seq,
    unit_id,
    entity_id,
    bytes,
    state: "queued",
    tries: 0,
    not_before: 0,
    refused: null,
  };
  return { ...state, drafts, seq, entries: [...state.entries, entry] };
}

/** Whatever was under way is in the queue again; nobody knows whether it arrived. */
function back(state: OutboxState): OutboxState {
  return {
    ...state,
    flight: null,
    entries: state.entries.map((e) => (e.state === "sending" ? { ...e, state: "queued" } : e)),
  };
}

function impatient(state: OutboxState): OutboxState {
  return {
    ...state,
    wait_until: 0,
    entries: state.entries.map((e) => (e.not_before > 0 ? { ...e, not_before: 0 } : e)),
  };
}

function wake(state: OutboxState, now: number): Step {
  if (state.flight || state.entries.length === 0) return quiet(state);
  if (state.signed_out) return { state, effects: [{ do: "sign_in" }] };
  if (now < state.wait_until) return { state, effects: [{ do: "wait", until: state.wait_until }] };
  const chosen = choose(state, now);
  const first = chosen[0];
  if (!first) {
    const until = Math.min(...state.entries.map((e) => e.not_before));
    return { state, effects: [{ do: "wait", until }] };
  }
  const op_ids = chosen.map((e) => e.op_id);
  const batch = state.batches + 1;
  const going = new Set(op_ids);
  return {
    state: {
      ...state,
      batches: batch,
      flight: { batch, unit_id: first.unit_id, op_ids },
      entries: state.entries.map((e) =>
        going.has(e.op_id) ? { ...e, state: "sending", tries: e.tries + 1 } : e,
      ),
    },
    effects: [{ do: "send", batch, unit_id: first.unit_id, op_ids }],
  };
}

/** The oldest that may go, and what may go with it: one branch, light enough, the operations of an entity in order. */
function choose(state: OutboxState, now: number): Entry[] {
  const held = new Set<string>();
  const out: Entry[] = [];
  let bytes = 0;
  for (const entry of state.entries) {
    const foreign = out[0] !== undefined && out[0].unit_id !== entry.unit_id;
    if (foreign || entry.not_before > now || held.has(entry.entity_id)) {
      held.add(entry.entity_id);
      continue;
    }
    if (out.length > 0 && bytes + entry.bytes > BATCH_BYTES) break;
    out.push(entry);
    bytes += entry.bytes;
    // One that was refused alone goes alone again: the others shall not suffer for it.
    if (out.length >= state.narrow || (entry.refused !== null && out.length === 1)) break;
  }
  const alone = out.findIndex((e, i) => i > 0 && e.refused !== null);
  return alone > 0 ? out.slice(0, alone) : out;
}

function answers(state: OutboxState, event: Extract<OutboxEvent, { is: "answers" }>): Step {
  const said = new Map(event.items.map((item) => [item.op_id, item]));
  const current = state.flight?.batch === event.batch;
  const effects: OutboxEffect[] = [];
  const receipts = [...state.receipts];
  const entries: Entry[] = [];
  for (const entry of state.entries) {
    const item = said.get(entry.op_id);
    // A late answer is as true as one in time.
    if (item && item.answer !== "retry") {
      receipts.push(receipt(entry, item, item.answer, event.now));
      effects.push({ do: "forget", op_id: entry.op_id });
    } else if (entry.state === "sending" && current) {
      const wait = item ? event.now + Math.max(0, item.after_ms ?? 0) : 0;
      entries.push({ ...entry, state: "queued", not_before: wait });
    } else entries.push(entry);
  }
  if (!current) return { state: { ...state, entries, receipts }, effects };
  // An answer without a word on any of its operations is none: as if it had been lost, without hurry.
  const heard = (state.flight?.op_ids ?? []).some((id) => said.has(id));
  const narrow = heard ? Math.min(BATCH_OPS, state.narrow * 2) : state.narrow;
  const failures = heard ? 0 : state.failures + 1;
  const wait_until = heard ? 0 : event.now + ceiling(failures);
  return { state: { ...state, entries, receipts, flight: null, failures, wait_until, narrow }, effects };
}

function receipt(entry: Entry, item: Answered, answer: FinalAnswer, at: number): Receipt {
  return {
    op_id: entry.op_id,
    client_seq: entry.client_seq,
    unit_id: entry.unit_id,
    entity_id: entry.entity_id,
    answer,
    rev: item.rev ?? null,
    seq: item.seq ?? null,
    code: item.code ?? null,
    review_id: item.review_id ?? null,
    at,
  };
}

/** The longest pause after so many failures, in milliseconds. */
export function ceiling(failures: number): number {
  return Math.min(BACKOFF_LAST_MS, BACKOFF_FIRST_MS * 2 ** Math.min(30, Math.max(0, failures - 1)));
}

function pause(failures: number, jitter: number): number {
  return Math.floor((ceiling(failures) * jitter) / JITTER_WHOLE);
}

function lost(state: OutboxState, event: Extract<OutboxEvent, { is: "lost" }>): Step {
  if (state.flight?.batch !== event.batch) return quiet(state);
  const failures = state.failures + 1;
  const wait_until = event.now + pause(failures, event.jitter);
  return { state: { ...back(state), failures, wait_until }, effects: [{ do: "wait", until: wait_until }] };
}

/** The server answered, but not to the operations: nobody is signed in, or it could not read the batch. */
function refused(state: OutboxState, event: Extract<OutboxEvent, { is: "refused" }>): Step {
  const flight = state.flight;
  if (flight?.batch !== event.batch) return quiet(state);
  if (event.status === 401)
    return { state: { ...back(state), signed_out: true }, effects: [{ do: "sign_in" }] };
  // Overloaded or asked too often: the batch is not at fault.
  if (event.status === 408 || event.status === 429)
    return lost(state, { is: "lost", batch: event.batch, now: event.now, jitter: event.jitter });
  if (flight.op_ids.length > 1)
    return quiet({ ...back(state), narrow: Math.max(1, Math.floor(flight.op_ids.length / 2)) });
  const [bad] = flight.op_ids;
  const next = back(state);
  return quiet({
    ...next,
    entries: next.entries.map((e) =>
      e.op_id === bad ? { ...e, refused: event.code, not_before: event.now + REFUSED_AGAIN_MS } : e,
    ),
  });
}
