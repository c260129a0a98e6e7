import { describe, expect, it } from "vitest";
import { emptyPack, type PullBody, type PullState, pullStep, request } from "./pull.ts";

const U = "unit-1";
type Item = PullBody["items"][number];
const put = (id: string, rev = 1, data: unknown = { n: rev }): Item => ({
  kind: "stop",
  id,
  unit_id: U,
  rev,
  op: "put",
  data,
});
const gone = (id: string, rev = 9): Item => ({ ...put(id, rev, null), op: "gone" });
function body(over: Partial<PullBody>): PullBody {
  return {
    scope_epoch: "e1",
    units: [{ unit_id: U, cursor: 5 }],
    snapshot: false,
    next: null,
    items: [],
    ...over,
  };
}
const feed = (state: PullState, b: PullBody) => pullStep(state, { is: "answer", body: b });
const first = feed(emptyPack(), body({ snapshot: true, items: [put("a"), put("b")] })).state;

describe("pull", () => {
  it("fills the pack with a snapshot and remembers where the feed stood", () => {
    expect(Object.keys(first.items)).toEqual(["stop/a", "stop/b"]);
    expect(request(first)).toEqual({ cursors: { [U]: 5 }, scope_epoch: "e1", after: null });
  });

  it("changes the pack only when the last page of a snapshot is in", () => {
    const one = feed(
      first,
      body({
        snapshot: true,
        scope_epoch: "e2",
        next: "p2",
        units: [{ unit_id: U, cursor: 8 }],
        items: [put("c")],
      }),
    );
    expect(Object.keys(one.state.items)).toEqual(["stop/a", "stop/b"]);
    expect(one.effects).toEqual([{ do: "ask", request: { cursors: {}, scope_epoch: "e2", after: "p2" } }]);
    const two = feed(
      one.state,
      body({ snapshot: true, scope_epoch: "e2", units: [{ unit_id: U, cursor: 11 }], items: [put("d")] }),
    );
    expect(Object.keys(two.state.items)).toEqual(["stop/c", "stop/d"]);
    // Not 11: what changed while the pages were read comes again through the feed.
    expect(two.state.cursors).toEqual({ [U]: 8 });
    expect(two.state.staging).toBeNull();
  });

  it("begins again when the plan changes between two pages", () => {
    const one = feed(first, body({ snapshot: true, scope_epoch: "e2", next: "p2", items: [put("c")] }));
    const two = feed(one.state, body({ snapshot: true, scope_epoch: "e3", items: [put("d")] }));
    expect(two.effects).toEqual([{ do: "ask", request: { cursors: {}, scope_epoch: null, after: null } }]);
    expect(Object.keys(two.state.items)).toEqual(["stop/a", "stop/b"]);
  });

  it("takes changes and removals, and the same answer twice changes nothing more", () => {
    const b = body({ units: [{ unit_id: U, cursor: 7 }], items: [put("a", 3), gone("b"), put("c")] });
    const once = feed(first, b).state;
    expect(Object.keys(once.items)).toEqual(["stop/a", "stop/c"]);
    expect(once.items["stop/a"]?.rev).toBe(3);
    expect(once.cursors).toEqual({ [U]: 7 });
    expect(feed(once, b).state).toEqual(once);
  });

  it("never goes back to an older revision", () => {
    const newer = feed(first, body({ items: [put("a", 4)] })).state;
    expect(feed(newer, body({ items: [put("a", 2)] })).state.items["stop/a"]?.rev).toBe(4);
  });

  it("asks for everything when the feed is no longer kept, with the old pack until then", () => {
    const s = pullStep(first, { is: "resync" });
    expect(s.effects).toEqual([{ do: "ask", request: { cursors: {}, scope_epoch: null, after: null } }]);
    expect(Object.keys(s.state.items)).toEqual(["stop/a", "stop/b"]);
  });

  it("throws the pack away when the phone is revoked", () => {
    const s = pullStep(first, { is: "revoked" });
    expect(s.state.items).toEqual({});
    expect(s.effects).toEqual([{ do: "wipe" }]);
  });

  it("is JSON throughout", () => {
    expect(JSON.parse(JSON.stringify(first))).toEqual(first);
  });
});
