import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError, api, queryString, readProblem } from "../api/client.ts";

interface Sent {
  url: string;
  init: RequestInit;
}

/** Answers every request with the same response and remembers what was sent. */
function answer(status: number, body: unknown): Sent[] {
  const sent: Sent[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    sent.push({ url, init });
    return new Response(status === 204 ? null : JSON.stringify(body), { status });
  });
  return sent;
}

afterEach(() => vi.unstubAllGlobals());

describe("problems", () => {
  it("carry code, sentence, fields and request number", async () => {
    answer(422, {
      title: "bad",
      status: 422,
      code: "field.invalid",
      detail: "手机号应是 11 位数字。",
      request_id: "r-7",
      errors: [{ field: "phone", message: "11 位数字" }],
    });
    const error = await api
      .addStaff("u1", { staff_no: "1", name: "赵玉梅", post: "teller" })
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ApiError);
    if (!(error instanceof ApiError)) return;
    expect(error.status).toBe(422);
    expect(error.code).toBe("field.invalid");
    expect(error.message).toBe("手机号应是 11 位数字。");
    expect(error.fields).toEqual([{ field: "phone", message: "11 位数字" }]);
    expect(error.problem.request_id).toBe("r-7");
  });

  it("from a gateway's page keep the status and invent nothing", async () => {
    const problem = await readProblem(new Response("<html>Bad gateway</html>", { status: 502 }));
    expect(problem).toEqual({ status: 502, code: "http.502" });
  });

  it("say so when the server is not there", async () => {
    vi.stubGlobal("fetch", async () => {
      throw new TypeError("Failed to fetch");
    });
    const error = await api.me().catch((e: unknown) => e);
    expect(error).toMatchObject({ status: 0, code: "network.unreachable" });
  });
});

describe("requests", () => {
  it("that write carry the header against forged ones; reads do not", async () => {
    const sent = answer(204, null);
    await api.signOut();
    answer(200, { items: [] });
    expect(new Headers(sent[0]?.init.headers).get("x-zoufang")).toBe("1");
    const read = answer(200, { items: [] });
    await api.units();
    expect(new Headers(read[0]?.init.headers).has("x-zoufang")).toBe(false);
  });

  it("ask for pages by cursor and leave empty filters out", async () => {
    const sent = answer(200, { items: [{ id: "c51" }], next: "k9" });
    const page = await api.customers("b1", { tag: "", village_group: "g1", limit: 50, after: "k8" });
    expect(sent[0]?.url).toBe("/api/v1/units/b1/customers?village_group=g1&limit=50&after=k8");
    expect(page.next).toBe("k9");
  });

  it("keep phone and ID numbers out of the address", async () => {
    const sent = answer(200, { items: [] });
    await api.lookupCustomers({ phone: "19912345678" });
    expect(sent[0]?.url).toBe("/api/v1/customers/lookup");
    expect(sent[0]?.init.body).toBe('{"phone":"19912345678"}');
  });

  it("escape what goes into a path", () => {
    expect(api.planWorkbookUrl("p/1", "b 1", "2026-W48")).toBe(
      "/api/v1/programs/p%2F1/units/b%201/week-plans/2026-W48/workbook.xlsx",
    );
    expect(queryString({ a: undefined, b: null, c: "", d: 0, e: false })).toBe("?d=0&e=false");
  });

  it("send a file as a form with kind and dry run", async () => {
    const sent = answer(202, { id: "i1" });
    await api.importFile({ kind: "units", file: new File(["a"], "机构.csv"), dryRun: true });
    const body = sent[0]?.init.body;
    expect(body).toBeInstanceOf(FormData);
    if (!(body instanceof FormData)) return;
    expect(body.get("kind")).toBe("units");
    expect(body.get("dry_run")).toBe("true");
    expect(body.get("datum")).toBeNull();
  });
});
