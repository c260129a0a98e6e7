// A server in memory that speaks the contract of docs/sync.md, for tests of the phone without one. It is no model of the
// rules, only of the answers: who is enrolled, what was pushed once, how far a photo is.

import { demoItems, type FakeItem } from "./pack.ts";

interface Upload {
  length: number;
  bytes: Uint8Array;
  meta: Record<string, string>;
}

export class FakeServer {
  items: FakeItem[];
  code = "ABCD2345";
  revoked = false;
  signedIn = false;
  /** op_id → how often it came. */
  readonly ops = new Map<string, { op: Record<string, unknown>; times: number }>();
  readonly uploads = new Map<string, Upload>();
  readonly whole = new Map<string, Uint8Array>();
  readonly rescued: string[] = [];
  outbox: { count: number; oldest: string | null } | null = null;
  device: string | null = null;
  cursor = 1;
  epoch = "epoch-1";
  /** What becomes of the next request instead: thrown away before or after it was taken in. */
  mishaps: ("before" | "after")[] = [];
  private seq = 0;

  constructor(readonly now: () => Date = () => new Date()) {
    this.items = demoItems(this.today());
  }

  today(): string {
    return new Date(this.now().getTime() + 8 * 3600_000).toISOString().slice(0, 10);
  }

  async handle(method: string, url: string, headers: Headers, body: Uint8Array): Promise<Response> {
    const mishap = this.mishaps.shift();
    if (mishap === "before") throw new TypeError("the line broke");
    const response = await this.answer(method, new URL(url, "http://fake").pathname, headers, body);
    if (mishap === "after") throw new TypeError("the line broke");
    return response;
  }

  private async answer(method: string, path: string, headers: Headers, body: Uint8Array): Promise<Response> {
    const at = path.replace("/api/v1", "");
    if (at === "/sign-in") {
      this.signedIn = true;
      return json(this.me());
    }
    if (!this.signedIn) return problem(401, "auth.required");
    if (at === "/me") return json(this.me());
    if (at === "/sign-out") {
      this.signedIn = false;
      return new Response(null, { status: 204 });
    }
    if (at.startsWith("/sync/blobs")) return this.blob(method, at, headers, body);
    const said = body.length > 0 ? JSON.parse(new TextDecoder().decode(body)) : {};
    if (at === "/devices/enrol") {
      if (said.code !== this.code) return problem(422, "device.code");
      this.device = said.device_id;
      return json({
        device_id: said.device_id,
        unit_id: UNIT,
        rescue_key: RESCUE,
        lease_hours: 72,
        days_around: 3,
      });
    }
    if (at === "/sync/push") return this.push(said);
    if (at === "/sync/pull") return this.pull(said);
    if (at === "/sync/rescue") {
      for (const item of said.items) this.rescued.push(item.sealed);
      return json({ kept: said.items.length });
    }
    if (at.endsWith("/reveal")) return json({ expires_in_seconds: 60, values: { phone: "13900000000" } });
    return problem(404, "not_found");
  }

  private me() {
    return {
      user: { id: USER, login: "visitor", name: "赵玉梅", must_change_password: false, totp_on: false },
      unit: { id: UNIT, name: "临江支行", level: "branch" },
      permissions: ["visit.write"],
    };
  }

  private push(said: { ops: Record<string, unknown>[]; outbox: FakeServer["outbox"] }): Response {
    this.outbox = said.outbox;
    const items = said.ops.map((op) => {
      const id = String(op.op_id);
      const known = this.ops.get(id);
      if (known) known.times += 1;
      else {
        this.ops.set(id, { op, times: 1 });
        this.seq += 1;
      }
      if (this.revoked) return { op_id: id, answer: "quarantined", code: "device_revoked" };
      return { op_id: id, answer: known ? "duplicate" : "applied", rev: 1, seq: this.seq };
    });
    return json({ server_time: this.now().toISOString(), items });
  }

  private pull(said: { device_id: string; scope_epoch: string | null; after: string | null }): Response {
    if (this.revoked) return problem(403, "device.revoked");
    if (said.device_id !== this.device) return problem(403, "device.unknown");
    const fresh = said.scope_epoch !== this.epoch || said.after !== null;
    const half = Math.ceil(this.items.length / 2);
    const page = fresh ? (said.after === null ? this.items.slice(0, half) : this.items.slice(half)) : [];
    const now = this.now();
    return json({
      server_time: now.toISOString(),
      scope_epoch: this.epoch,
      units: [{ unit_id: UNIT, cursor: this.cursor }],
      snapshot: fresh,
      next: fresh && said.after === null ? "2" : null,
      items: page,
      lease_until: new Date(now.getTime() + 72 * 3600_000).toISOString(),
      lease_hours: 72,
      min_client: 1,
    });
  }

  private async blob(method: string, at: string, headers: Headers, body: Uint8Array): Promise<Response> {
    if (method === "POST") {
      const meta = Object.fromEntries(
        (headers.get("upload-metadata") ?? "").split(",").map((p) => {
          const [key = "", value = ""] = p.split(" ");
          return [key, new TextDecoder().decode(Uint8Array.from(atob(value), (c) => c.charCodeAt(0)))];
        }),
      );
      const length = Number(headers.get("upload-length"));
      const [known] = [...this.uploads].find(([, u]) => u.meta.sha256 === meta.sha256) ?? [];
      if (this.whole.has(meta.sha256 ?? ""))
        return answer(200, {
          "upload-offset": String(length),
          location: `/api/v1/sync/blobs/${known ?? "other"}`,
        });
      const id = `u${this.uploads.size + 1}`;
      this.uploads.set(id, { length, bytes: new Uint8Array(0), meta });
      return answer(201, { location: `/api/v1/sync/blobs/${id}` });
    }
    const upload = this.uploads.get(at.split("/").at(-1) ?? "");
    if (!upload) return problem(404, "blob.gone");
    if (method === "PATCH") {
      if (Number(headers.get("upload-offset")) !== upload.bytes.length) return problem(409, "blob.offset");
      const joined = new Uint8Array(upload.bytes.length + body.length);
      joined.set(upload.bytes);
      joined.set(body, upload.bytes.length);
      upload.bytes = joined;
      if (joined.length === upload.length) {
        const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", joined));
        const name = [...digest].map((b) => b.toString(16).padStart(2, "0")).join("");
        if (name !== upload.meta.sha256) {
          upload.bytes = new Uint8Array(0);
          return problem(460, "blob.checksum");
        }
        this.whole.set(name, joined);
      }
    }
    return answer(method === "PATCH" ? 204 : 200, { "upload-offset": String(upload.bytes.length) });
  }
}

export const UNIT = "0190a000-0000-7000-8000-000000000001";
export const USER = "0190a000-0000-7000-8000-000000000002";
/** The public half of a key that nobody has the private half of any more. */
export const RESCUE: JsonWebKey = {
  kty: "EC",
  crv: "P-256",
  x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
  y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
};

const json = (value: unknown) =>
  new Response(JSON.stringify(value), { headers: { "content-type": "application/json" } });
const answer = (status: number, headers: Record<string, string>) => new Response(null, { status, headers });
const problem = (status: number, code: string) =>
  new Response(JSON.stringify({ status, code, detail: code }), {
    status,
    headers: { "content-type": "application/problem+json" },
  });
