// The only module of the field app that talks to the server. Same session and same header against foreign sites as the
// console; what a person reads of a refusal is the server's own sentence.

import { ApiError, readProblem } from "@zoufang/shared/api/client.ts";
import type { Me, SignIn } from "@zoufang/shared/api/types.ts";
import type { Answered } from "../core/outbox.ts";
import type { PullBody, PullRequest } from "../core/pull.ts";
import { base64, sha256 } from "../store/crypto.ts";

const PREFIX = "/api/v1";
/** A valley: better to try again than to wait for ever. */
const PATIENCE_MS = 45_000;
/** Bytes of a piece: at most on a good line, at least on a bad one. A piece that the line cuts is sent again as a whole. */
const PIECE_MOST = 256 * 1024;
const PIECE_LEAST = 16 * 1024;
/** A line that holds carries this much more each time. Half at a cut and a little more after: a line cut every 250 KB
 *  still sends less than 15 % twice (crates/sim, photos). */
const PIECE_MORE = 4 * 1024;
/** What the line carried lately. */
let pieceNow = PIECE_MOST;

export { ApiError };
export const unreachable = (e: unknown): boolean =>
  !(e instanceof ApiError) || e.status === 0 || e.status >= 500;

async function send(method: string, url: string, headers: Record<string, string>, body: BodyInit | null) {
  try {
    return await fetch(url, {
      method,
      headers: { "x-zoufang": "1", ...headers },
      credentials: "same-origin",
      body,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch {
    throw new ApiError({ status: 0, code: "network.unreachable" });
  }
}

async function call<R>(method: string, path: string, body?: unknown): Promise<R> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  const response = await send(
    method,
    PREFIX + path,
    headers,
    body === undefined ? null : JSON.stringify(body),
  );
  if (!response.ok) throw new ApiError(await readProblem(response));
  if (response.status === 204) return undefined as R;
  return (await response.json()) as R;
}

export interface EnrolAnswer {
  device_id: string;
  unit_id: string;
  unit_name?: string;
  rescue_key: JsonWebKey;
  lease_hours: number;
  days_around: number;
}

export interface Outstanding {
  count: number;
  oldest: string | null;
}

export interface PullAnswer extends PullBody {
  server_time: string;
  lease_until: string;
  lease_hours: number;
  min_client: number;
}

export interface UploadJob {
  unit_id: string;
  visit_id: string;
  op_id: string;
  sha256: string;
  mime: string;
  role: string;
  size: number;
  location: string | null;
}

export const server = {
  me: () => call<Me>("GET", "/me"),
  signIn: (body: SignIn) => call<Me>("POST", "/sign-in", body),
  signOut: () => call<void>("POST", "/sign-out"),
  enrol: (body: { code: string; device_id: string; name: string }) =>
    call<EnrolAnswer>("POST", "/devices/enrol", body),
  push: (body: { unit_id: string; device_id: string; ops: unknown[]; outbox: Outstanding }) =>
    call<{ server_time: string; items: Answered[] }>("POST", "/sync/push", body),
  pull: (body: PullRequest & { device_id: string; limit: number; outbox: Outstanding }) =>
    call<PullAnswer>("POST", "/sync/pull", body),
  rescue: (body: { device_id: string; unit_id: string; items: { op_id: string; sealed: string }[] }) =>
    call<unknown>("POST", "/sync/rescue", body),
  phone: (unit: string, customer: string, reason: string) =>
    call<{ values: { phone?: string } }>(
      "POST",
      `/units/${encodeURIComponent(unit)}/customers/${encodeURIComponent(customer)}/reveal`,
      { fields: ["phone"], reason },
    ),
};

const utf8 = (text: string) => base64(new TextEncoder().encode(text));

async function checked(method: string, url: string, headers: Record<string, string>, body: BodyInit | null) {
  const response = await send(method, url, { "tus-resumable": "1.0.0", ...headers }, body);
  if (!response.ok) throw new ApiError(await readProblem(response));
  return response;
}

const offsetOf = (response: Response): number => Number(response.headers.get("upload-offset") ?? "0");

interface Begun {
  location: string | null;
  offset: number;
  /** The bank has compared all of these bytes with their hash. */
  had: boolean;
}

/** Where to go on, or that the server has all of it. */
async function begin(job: UploadJob): Promise<Begun> {
  if (job.location) {
    try {
      const at = offsetOf(await checked("HEAD", job.location, {}, null));
      return { location: job.location, offset: at, had: false };
    } catch (e) {
      // Expired or forgotten: from the beginning.
      if (unreachable(e) || (e instanceof ApiError && e.status === 401)) throw e;
    }
  }
  const meta = {
    unit_id: job.unit_id,
    visit_id: job.visit_id,
    op_id: job.op_id,
    sha256: job.sha256,
    mime: job.mime,
    role: job.role,
  };
  const response = await checked(
    "POST",
    `${PREFIX}/sync/blobs`,
    {
      "upload-length": String(job.size),
      "upload-metadata": Object.entries(meta)
        .map(([key, value]) => `${key} ${utf8(value)}`)
        .join(","),
    },
    null,
  );
  const offset = offsetOf(response);
  // 201: an upload begins or goes on. 200: the bytes were checked before, whatever address comes with it.
  const had = response.status === 200 && offset === job.size;
  return { location: response.headers.get("location"), offset, had };
}

/** One piece; the next one is smaller when the line breaks and larger when it does not. */
async function take(location: string, headers: Record<string, string>, piece: ArrayBuffer): Promise<number> {
  try {
    const offset = offsetOf(await checked("PATCH", location, headers, piece));
    pieceNow = Math.min(PIECE_MOST, pieceNow + PIECE_MORE);
    return offset;
  } catch (e) {
    if (unreachable(e)) pieceNow = Math.max(PIECE_LEAST, pieceNow / 2);
    throw e;
  }
}

/**
 * Takes a photo to the server in pieces, from where it stopped (tus 1.0). `keep` stores the place of the upload before
 * the first byte goes. `had`: the bank has checked these very bytes before. Throws when the line breaks; the next call
 * goes on.
 */
export async function upload(
  job: UploadJob,
  bytes: ArrayBuffer,
  keep: (location: string) => Promise<unknown>,
): Promise<"sent" | "had"> {
  const begun = await begin(job);
  if (begun.had) return "had";
  const { location } = begun;
  let { offset } = begun;
  if (location && location !== job.location) await keep(location);
  let restarts = 0;
  while (offset < bytes.byteLength) {
    if (!location) throw new ApiError({ status: 502, code: "upload.nowhere" });
    const piece = bytes.slice(offset, offset + pieceNow);
    const headers = {
      "content-type": "application/offset+octet-stream",
      "upload-offset": String(offset),
      "upload-checksum": `sha256 ${base64(await sha256(piece))}`,
    };
    try {
      offset = await take(location, headers, piece);
    } catch (e) {
      // Another offset than we thought, or a damaged piece: ask how far it is; a few times, then later again.
      const again = e instanceof ApiError && (e.status === 409 || e.status === 460) && restarts < 3;
      if (!again) throw e;
      restarts += 1;
      offset = offsetOf(await checked("HEAD", location, {}, null));
    }
  }
  return "sent";
}
