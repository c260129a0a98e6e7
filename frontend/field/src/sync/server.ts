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
const CHUNK = 256 * 1024;

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

/** Where to go on; `had` when the bank has checked these very bytes. */
async function begin(job: UploadJob): Promise<{ location: string | null; offset: number; had: boolean }> {
  if (job.location) {
    try {
      const offset = offsetOf(await checked("HEAD", job.location, {}, null));
      return { location: job.location, offset, had: false };
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
  // 201: announced or begun before. 200: nothing is left to be done.
  return {
    location: response.headers.get("location"),
    offset: offsetOf(response),
    had: response.status === 200,
  };
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
  let { location, offset, had } = await begin(job);
  if (had && offset === job.size) return "had";
  if (location && location !== job.location) await keep(location);
  let restarts = 0;
  while (offset < bytes.byteLength) {
    if (!location) throw new ApiError({ status: 502, code: "upload.nowhere" });
    const piece = bytes.slice(offset, offset + CHUNK);
    const headers = {
      "content-type": "application/offset+octet-stream",
      "upload-offset": String(offset),
      "upload-checksum": `sha256 ${base64(await sha256(piece))}`,
    };
    try {
      offset = offsetOf(await checked("PATCH", location, headers, piece));
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
