// What this phone may see, as a pure state machine: answers of the server go in, the pack comes out. No network, no
// storage, no clock. State and events are plain JSON, so that traces can be replayed against this module.
//
//   State   epoch    digest of what this user may see, as the server last said; null = ask for everything
//           cursors  unit → number of its feed up to which the pack is true
//           items    `kind/id` → item: the pack
//           staging  a snapshot that is coming in pages; the pack stays as it is until the last page is in
//
//   Event   answer {body} one answer of the server · resync  the cursor is too old (410) · revoked · unknown (403)
//   Effect  ask {request} ask once more at once · wipe  throw the pack and its key away · enrol  this phone is not enrolled
//
// Rules: a snapshot replaces the whole pack in one step; within the same epoch `put` overwrites by revision and `gone`
// removes, for whatever reason (moved, reassigned, erased). Applying the same answer twice changes nothing more.

export interface PackItem {
  kind: string;
  id: string;
  unit_id: string;
  rev: number;
  data: unknown;
}

export interface PullBody {
  scope_epoch: string;
  units: { unit_id: string; cursor: number }[];
  snapshot: boolean;
  next: string | null;
  items: { kind: string; id: string; unit_id: string; rev: number; op: "put" | "gone"; data: unknown }[];
}

export interface PullRequest {
  cursors: Record<string, number>;
  scope_epoch: string | null;
  after: string | null;
}

export interface PullState {
  epoch: string | null;
  cursors: Record<string, number>;
  items: Record<string, PackItem>;
  staging: {
    epoch: string;
    cursors: Record<string, number>;
    items: Record<string, PackItem>;
    after: string;
  } | null;
}

export type PullEvent =
  | { is: "answer"; body: PullBody }
  | { is: "resync" }
  | { is: "revoked" }
  | { is: "unknown" };

export type PullEffect = { do: "ask"; request: PullRequest } | { do: "wipe" } | { do: "enrol" };

export const emptyPack = (): PullState => ({ epoch: null, cursors: {}, items: {}, staging: null });

/** What to ask next. */
export function request(state: PullState): PullRequest {
  if (state.staging) return { cursors: {}, scope_epoch: state.staging.epoch, after: state.staging.after };
  return { cursors: state.cursors, scope_epoch: state.epoch, after: null };
}

/** The next pack and what is to be done. The given state is not changed. */
export function pullStep(state: PullState, event: PullEvent): { state: PullState; effects: PullEffect[] } {
  switch (event.is) {
    case "answer":
      return event.body.snapshot ? snapshot(state, event.body) : changes(state, event.body);
    case "resync": {
      const next = { ...state, epoch: null, cursors: {}, staging: null };
      return { state: next, effects: [{ do: "ask", request: request(next) }] };
    }
    case "revoked":
      return { state: emptyPack(), effects: [{ do: "wipe" }] };
    case "unknown":
      return { state, effects: [{ do: "enrol" }] };
  }
}

const cursorsOf = (body: PullBody): Record<string, number> =>
  Object.fromEntries(body.units.map((u) => [u.unit_id, u.cursor]));

function apply(items: Record<string, PackItem>, body: PullBody): Record<string, PackItem> {
  const next = { ...items };
  for (const { op, ...item } of body.items) {
    const key = `${item.kind}/${item.id}`;
    if (op === "gone") delete next[key];
    else if ((next[key]?.rev ?? -1) <= item.rev) next[key] = item;
  }
  return next;
}

function snapshot(state: PullState, body: PullBody): { state: PullState; effects: PullEffect[] } {
  // What the user may see changed between two pages: what has come so far is of the past.
  const going = state.staging?.epoch === body.scope_epoch ? state.staging : null;
  if (state.staging && !going) {
    const fresh = { ...state, staging: null, epoch: null, cursors: {} };
    return { state: fresh, effects: [{ do: "ask", request: request(fresh) }] };
  }
  const items = apply(going?.items ?? {}, body);
  // The feed is read on from where it stood when the first page was made.
  const cursors = going?.cursors ?? cursorsOf(body);
  if (body.next === null) {
    return { state: { epoch: body.scope_epoch, cursors, items, staging: null }, effects: [] };
  }
  const next = { ...state, staging: { epoch: body.scope_epoch, cursors, items, after: body.next } };
  return { state: next, effects: [{ do: "ask", request: request(next) }] };
}

function changes(state: PullState, body: PullBody): { state: PullState; effects: PullEffect[] } {
  const next: PullState = {
    epoch: body.scope_epoch,
    cursors: { ...state.cursors, ...cursorsOf(body) },
    items: apply(state.items, body),
    staging: null,
  };
  const more = body.next !== null;
  return { state: next, effects: more ? [{ do: "ask", request: request(next) }] : [] };
}
