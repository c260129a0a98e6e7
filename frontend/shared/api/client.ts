// The only module that talks to the server. Each function is one operation of the HTTP contract, by the
// contract's own names, so that a change of contract is a change of this file (and of types.ts) alone.
// It knows nothing of React or of the screen. Personal data goes in bodies, never in addresses.

import type { Answers, Form } from "../form/model.ts";
import { uuid7 } from "../id.ts";
import type * as T from "./types.ts";

const PREFIX = "/api/v1";

/** A refused request. `detail` is the server's own sentence, which says what to do. */
export class ApiError extends Error {
  readonly problem: T.Problem;
  constructor(problem: T.Problem) {
    super(problem.detail || problem.title || problem.code);
    this.name = "ApiError";
    this.problem = problem;
  }
  get status(): number {
    return this.problem.status;
  }
  get code(): string {
    return this.problem.code;
  }
  /** Messages by field, for forms. */
  get fields(): { field: string; message: string }[] {
    return this.problem.errors ?? [];
  }
}

type QueryValue = string | number | boolean | null | undefined;
export type Query = Record<string, QueryValue>;

/** `?a=1&b=2` without the empty ones, or "" when nothing is left. */
export function queryString(query: Query | undefined): string {
  if (!query) return "";
  const out = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === "") continue;
    out.set(key, String(value));
  }
  const text = out.toString();
  return text ? `?${text}` : "";
}

function isProblem(value: unknown): value is T.Problem {
  return typeof value === "object" && value !== null && "code" in value && typeof value.code === "string";
}

/** The problem document of a refused response; a body of another kind gives `http.<status>` and no detail. */
export async function readProblem(response: Response): Promise<T.Problem> {
  const text = await response.text().catch(() => "");
  try {
    const body: unknown = JSON.parse(text);
    if (isProblem(body)) return { ...body, status: response.status };
  } catch {
    // Not JSON: a gateway's page or an empty body. The status is all we know.
  }
  return { status: response.status, code: `http.${response.status}` };
}

interface Options {
  query?: Query;
  body?: unknown;
  form?: FormData;
  signal?: AbortSignal;
}

async function call<R>(method: string, path: string, options: Options = {}): Promise<R> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (method !== "GET") headers["x-zoufang"] = "1";
  if (options.body !== undefined) headers["content-type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(`${PREFIX}${path}${queryString(options.query)}`, {
      method,
      headers,
      credentials: "same-origin",
      body: options.form ?? (options.body === undefined ? null : JSON.stringify(options.body)),
      signal: options.signal ?? null,
    });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError({ status: 0, code: "network.unreachable" });
  }
  if (!response.ok) throw new ApiError(await readProblem(response));
  if (response.status === 204) return undefined as R;
  return (await response.json()) as R;
}

/** A form with a file. Only XMLHttpRequest tells how much of it has gone. */
function upload<R>(path: string, form: FormData, onPart: (part: number) => void): Promise<R> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${PREFIX}${path}`);
    request.setRequestHeader("accept", "application/json");
    request.setRequestHeader("x-zoufang", "1");
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onPart(event.loaded / event.total);
    };
    request.onerror = () => reject(new ApiError({ status: 0, code: "network.unreachable" }));
    request.onload = async () => {
      const response = new Response(request.responseText, { status: request.status });
      if (response.ok) resolve((await response.json()) as R);
      else reject(new ApiError(await readProblem(response)));
    };
    request.send(form);
  });
}

/** A file that is asked for by POST, because asking for it is recorded. */
async function file(path: string): Promise<Blob> {
  let response: Response;
  try {
    response = await fetch(`${PREFIX}${path}`, {
      method: "POST",
      headers: { "x-zoufang": "1" },
      credentials: "same-origin",
    });
  } catch {
    throw new ApiError({ status: 0, code: "network.unreachable" });
  }
  if (!response.ok) throw new ApiError(await readProblem(response));
  return response.blob();
}

/** Bytes of a scan that go at once. */
const SCAN_PIECE = 512 * 1024;

async function piece(method: string, path: string, headers: Record<string, string>, body: Blob | null) {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: { "x-zoufang": "1", "tus-resumable": "1.0.0", ...headers },
      credentials: "same-origin",
      body,
    });
  } catch {
    throw new ApiError({ status: 0, code: "network.unreachable" });
  }
  if (!response.ok) throw new ApiError(await readProblem(response));
  return response;
}

/** A file that belongs to a visit, piece by piece (tus 1.0); attached again, it goes on where it stopped. */
async function attach(unitId: string, visitId: string, scan: File, onPart: (part: number) => void) {
  const hash = await crypto.subtle.digest("SHA-256", await scan.arrayBuffer());
  const sha256 = [...new Uint8Array(hash)].map((b) => b.toString(16).padStart(2, "0")).join("");
  const meta = {
    unit_id: unitId,
    visit_id: visitId,
    op_id: uuid7(),
    sha256,
    mime: scan.type || "application/octet-stream",
    role: "scan",
  };
  const named = Object.entries(meta).map(([key, value]) => `${key} ${btoa(value)}`);
  const length = { "upload-length": String(scan.size), "upload-metadata": named.join(",") };
  const begun = await piece("POST", `${PREFIX}/sync/blobs`, length, null);
  const place = begun.headers.get("location") ?? "";
  const offset = (r: Response) => Number(r.headers.get("upload-offset") ?? "0");
  for (let at = offset(begun); at < scan.size; ) {
    const headers = { "content-type": "application/offset+octet-stream", "upload-offset": String(at) };
    at = offset(await piece("PATCH", place, headers, scan.slice(at, at + SCAN_PIECE)));
    onPart(at / scan.size);
  }
}

const seg = encodeURIComponent;
const get = <R>(path: string, query?: Query, signal?: AbortSignal) =>
  call<R>("GET", path, { query: query ?? {}, ...(signal ? { signal } : {}) });
const post = <R>(path: string, body?: unknown) => call<R>("POST", path, { body });
const put = <R>(path: string, body?: unknown) => call<R>("PUT", path, { body });
const patch = <R>(path: string, body?: unknown) => call<R>("PATCH", path, { body });
const del = <R>(path: string, body?: unknown) => call<R>("DELETE", path, { body });

export interface CollectionFilter {
  unit_id?: string | undefined;
  mail_route?: string | undefined;
  only_missing?: boolean | undefined;
}
export interface PageQuery {
  limit?: number;
  after?: string | undefined;
}

const planPath = (program: string, unit: string, week: string) =>
  `/programs/${seg(program)}/units/${seg(unit)}/week-plans/${seg(week)}`;

export const api = {
  signInHints: () => get<T.SignInHints>("/sign-in-hints"),
  signIn: (body: T.SignIn) => post<T.Me>("/sign-in", body),
  signOut: () => post<void>("/sign-out"),
  me: () => get<T.Me>("/me"),
  setPreferences: (body: T.PreferencesInput) => put<T.Preferences>("/me/preferences", body),
  setPassword: (body: T.PasswordChange) => post<void>("/me/password", body),
  startTotp: () => post<T.TotpSetup>("/me/totp"),
  confirmTotp: (code: string) => put<void>("/me/totp", { code } satisfies T.TotpCode),
  removeTotp: (password: string) => del<void>("/me/totp", { password } satisfies T.PasswordAgain),

  overview: (unitId?: string) => get<T.Overview>("/overview", { unit_id: unitId }),

  units: () => get<T.Items<T.Unit>>("/units"),
  unit: (id: string) => get<T.Unit>(`/units/${seg(id)}`),
  addUnit: (body: T.NewUnit) => post<T.Unit>("/units", body),
  editUnit: (id: string, body: T.UnitChange) => patch<T.Unit>(`/units/${seg(id)}`, body),
  staff: (unitId: string, subtree = false) =>
    get<T.Items<T.Staff>>(`/units/${seg(unitId)}/staff`, { subtree: subtree || undefined }),
  addStaff: (unitId: string, body: T.NewStaff) => post<T.Staff>(`/units/${seg(unitId)}/staff`, body),
  editStaff: (unitId: string, id: string, body: T.StaffChange) =>
    patch<T.Staff>(`/units/${seg(unitId)}/staff/${seg(id)}`, body),
  posts: () => get<T.Items<T.CodeName>>("/posts"),
  calendar: (from: T.Day, to: T.Day) => get<T.Items<T.CalendarDay>>("/calendar", { from, to }),
  correctDay: (day: T.Day, body: T.DayCorrection) => put<void>(`/calendar/${seg(day)}`, body),
  uncorrectDay: (day: T.Day) => del<void>(`/calendar/${seg(day)}`),
  mapLayers: (unitId: string) => get<T.Items<T.MapLayer>>(`/units/${seg(unitId)}/map-layers`),
  /** Read by range by whoever draws it. */
  mapLayerUrl: (unitId: string, id: string) => `${PREFIX}/units/${seg(unitId)}/map-layers/${seg(id)}/content`,
  mapShapes: (unitId: string, id: string) =>
    get<unknown>(`/units/${seg(unitId)}/map-layers/${seg(id)}/content`),
  addMapLayer: (
    unitId: string,
    about: T.MapLayerAbout & { datum: string },
    file: File,
    onPart: (part: number) => void,
  ) => {
    const form = new FormData();
    for (const [key, value] of Object.entries(about)) form.set(key, value);
    form.set("file", file, file.name);
    return upload<T.MapLayer>(`/units/${seg(unitId)}/map-layers`, form, onPart);
  },
  editMapLayer: (unitId: string, id: string, body: T.MapLayerAbout) =>
    put<T.MapLayer>(`/units/${seg(unitId)}/map-layers/${seg(id)}`, body),
  deleteMapLayer: (unitId: string, id: string) => del<void>(`/units/${seg(unitId)}/map-layers/${seg(id)}`),
  serviceCard: (unitId: string) => get<T.ServiceCard>(`/units/${seg(unitId)}/service-card`),
  saveServiceCard: (unitId: string, body: T.ServiceCardInput) =>
    put<T.ServiceCard>(`/units/${seg(unitId)}/service-card`, body),
  collectionForms: (
    programId: string,
    unitId: string,
    week: string,
    body: { reason: string; route_id?: string },
  ) =>
    post<T.CollectionForms>(
      `/programs/${seg(programId)}/units/${seg(unitId)}/week-plans/${seg(week)}/collection-forms/print`,
      body,
    ),
  villageGroups: (unitId: string) => get<T.Items<T.VillageGroup>>(`/units/${seg(unitId)}/village-groups`),

  customers: (unitId: string, filter: T.CustomerFilter & PageQuery, signal?: AbortSignal) =>
    get<T.Page<T.Customer>>(`/units/${seg(unitId)}/customers`, { ...filter }, signal),
  customerPlace: (unitId: string, id: string) =>
    get<T.CustomerPlace>(`/units/${seg(unitId)}/customers/${seg(id)}/place`),
  pinCustomer: (unitId: string, id: string, body: T.PinInput) =>
    put<T.CustomerPlace>(`/units/${seg(unitId)}/customers/${seg(id)}/place`, body),
  unpinCustomer: (unitId: string, id: string) =>
    del<void>(`/units/${seg(unitId)}/customers/${seg(id)}/place`),
  lookupCustomers: (body: T.LookupQuery) => post<T.Items<T.Customer>>("/customers/lookup", body),
  customer: (unitId: string, id: string) =>
    get<T.CustomerDetail>(`/units/${seg(unitId)}/customers/${seg(id)}`),
  addCustomer: (unitId: string, body: T.NewCustomer) =>
    post<T.CustomerDetail>(`/units/${seg(unitId)}/customers`, body),
  editCustomer: (unitId: string, id: string, body: T.CustomerInput) =>
    patch<T.CustomerDetail>(`/units/${seg(unitId)}/customers/${seg(id)}`, body),
  revealCustomer: (unitId: string, id: string, body: T.RevealInput) =>
    post<T.Revealed>(`/units/${seg(unitId)}/customers/${seg(id)}/reveal`, body),
  revealQuota: () => get<T.RevealQuota>("/reveal-quota"),
  customerTags: () => get<T.Items<T.CodeName>>("/customer-tags"),

  proposeHouseholds: (unitId: string) => post<T.HouseholdJob>(`/units/${seg(unitId)}/household-proposals`),
  householdProposals: (unitId: string, query: { state: string } & PageQuery) =>
    get<T.Page<T.HouseholdProposal>>(`/units/${seg(unitId)}/household-proposals`, { ...query }),
  decideHouseholds: (unitId: string, decisions: T.HouseholdDecision[]) =>
    post<T.HouseholdOutcomes>(`/units/${seg(unitId)}/household-proposals/decide`, { decisions }),
  undoHouseholds: (unitId: string, ids: string[]) =>
    post<T.HouseholdOutcomes>(`/units/${seg(unitId)}/household-proposals/undo`, { ids }),
  householdCounts: (unitId: string) => get<T.HouseholdCounts>(`/units/${seg(unitId)}/households/counts`),
  households: (unitId: string, query: { members?: number } & PageQuery) =>
    get<T.Page<T.HouseholdLine>>(`/units/${seg(unitId)}/households`, { ...query }),
  household: (unitId: string, id: string) => get<T.Household>(`/units/${seg(unitId)}/households/${seg(id)}`),
  householdTimeline: (unitId: string, id: string, query: PageQuery) =>
    get<T.Page<T.TimelineLine>>(`/units/${seg(unitId)}/households/${seg(id)}/timeline`, { ...query }),
  newHousehold: (unitId: string, customerIds: string[]) =>
    post<{ id: string }>(`/units/${seg(unitId)}/households`, { customer_ids: customerIds }),
  joinHousehold: (unitId: string, id: string, customerIds: string[], relation?: string) =>
    post<{ id: string }>(`/units/${seg(unitId)}/households/${seg(id)}/members`, {
      customer_ids: customerIds,
      ...(relation ? { relation } : {}),
    }),
  changeHousehold: (unitId: string, id: string, body: T.HouseholdChange) =>
    patch<{ id: string }>(`/units/${seg(unitId)}/households/${seg(id)}`, body),

  customerProducts: (unitId: string, id: string) =>
    get<T.CustomerProducts>(`/units/${seg(unitId)}/customers/${seg(id)}/products`),
  setCustomerProducts: (unitId: string, id: string, body: T.CustomerProductsInput) =>
    put<T.CustomerProducts>(`/units/${seg(unitId)}/customers/${seg(id)}/products`, body),
  quality: (query: { unit_id?: string | undefined; day?: T.Day }) =>
    get<T.QualityTable>("/quality", { ...query }),
  qualityUrl: (query: { unit_id?: string | undefined; day?: T.Day }) =>
    `${PREFIX}/quality.xlsx${queryString({ ...query })}`,
  exportPolicy: () => get<T.ExportPolicy>("/export-policy"),
  // Alike records, merges, moves, closings
  duplicates: (unitId: string, query: { state?: string; reach?: string | undefined } & PageQuery) =>
    get<T.Page<T.Duplicate>>(`/units/${seg(unitId)}/duplicates`, { ...query }),
  decideDuplicate: (unitId: string, id: string, state: "rejected" | "later" | "open") =>
    post<T.Duplicate>(`/units/${seg(unitId)}/duplicates/${seg(id)}/decide`, { state }),
  agreeDuplicate: (unitId: string, id: string) =>
    post<T.Duplicate>(`/units/${seg(unitId)}/duplicates/${seg(id)}/agree`),
  mergeDuplicate: (unitId: string, id: string, body: T.MergeInput) =>
    post<T.Duplicate>(`/units/${seg(unitId)}/duplicates/${seg(id)}/merge`, body),
  duplicateScan: (unitId: string) => get<T.DuplicateScan>(`/units/${seg(unitId)}/duplicates/scan`),
  startDuplicateScan: (unitId: string) => post<T.DuplicateScan>(`/units/${seg(unitId)}/duplicates/scan`),
  checkDuplicate: (unitId: string, body: T.DuplicateCheckInput) =>
    post<T.DuplicateCheck>(`/units/${seg(unitId)}/duplicates/check`, body),
  merges: (unitId: string, query: PageQuery) =>
    get<T.Page<T.Merge>>(`/units/${seg(unitId)}/merges`, { ...query }),
  undoMerge: (unitId: string, id: string, loseChanges: boolean) =>
    post<T.Merge>(`/units/${seg(unitId)}/merges/${seg(id)}/undo`, { lose_changes: loseChanges }),
  reviews: (unitId: string, query: T.WhichQuery) =>
    get<T.Page<T.Review>>(`/units/${seg(unitId)}/reviews`, { ...query }),
  acceptReview: (unitId: string, id: string) => post<void>(`/units/${seg(unitId)}/reviews/${seg(id)}/accept`),
  rejectReview: (unitId: string, id: string, body: { reason: string }) =>
    post<void>(`/units/${seg(unitId)}/reviews/${seg(id)}/reject`, body),
  gone: (programId: string, unitId: string, query: { limit: number; after: string | undefined }) =>
    get<T.Page<T.Gone>>(`/programs/${seg(programId)}/units/${seg(unitId)}/gone`, { ...query }),
  relist: (programId: string, unitId: string, targetId: string, body: { reason: string }) =>
    post<void>(`/programs/${seg(programId)}/units/${seg(unitId)}/gone/${seg(targetId)}/relist`, body),
  rescues: (unitId: string, query: { limit: number; after: string | undefined }) =>
    get<T.Page<T.Rescue>>(`/units/${seg(unitId)}/rescues`, { ...query }),
  importRescues: (unitId: string, body: T.RescueFile) =>
    post<T.RescueImported>(`/units/${seg(unitId)}/rescues/import`, body),
  openRescue: (unitId: string, id: string, body: { reason: string }) =>
    post<T.RescueOpened>(`/units/${seg(unitId)}/rescues/${seg(id)}/open`, body),
  quarantine: (unitId: string, query: T.WhichQuery) =>
    get<T.Page<T.Aside>>(`/units/${seg(unitId)}/quarantine`, { ...query }),
  takeAside: (unitId: string, id: string) => post<void>(`/units/${seg(unitId)}/quarantine/${seg(id)}/take`),
  dropAside: (unitId: string, id: string, body: { reason: string }) =>
    post<void>(`/units/${seg(unitId)}/quarantine/${seg(id)}/drop`, body),
  devices: (unitId: string, query: PageQuery) =>
    get<T.Page<T.Device>>(`/units/${seg(unitId)}/devices`, { ...query }),
  deviceUsers: (unitId: string) => get<T.Items<T.DeviceUser>>(`/units/${seg(unitId)}/devices/users`),
  addDeviceCode: (unitId: string, body: T.NewDeviceCode) =>
    post<T.DeviceCode>(`/units/${seg(unitId)}/devices/codes`, body),
  revokeDevice: (unitId: string, id: string, body: { reason: string }) =>
    post<void>(`/units/${seg(unitId)}/devices/${seg(id)}/revoke`, body),
  transfers: (unitId: string, query: PageQuery) =>
    get<T.Page<T.Transfer>>(`/units/${seg(unitId)}/transfers`, { ...query }),
  addTransfer: (unitId: string, body: T.NewTransfer) =>
    post<T.Transfer>(`/units/${seg(unitId)}/transfers`, body),
  undoTransfer: (unitId: string, id: string) =>
    post<T.Transfer>(`/units/${seg(unitId)}/transfers/${seg(id)}/undo`),
  unitClosing: (unitId: string) => get<T.UnitClosing>(`/units/${seg(unitId)}/closing`),
  closeUnit: (unitId: string, body: T.NewUnitClosing) =>
    post<T.UnitClosing>(`/units/${seg(unitId)}/closing`, body),

  exports: (query: { unit_id?: string | undefined } & PageQuery) =>
    get<T.Page<T.Export>>("/exports", { ...query }),
  addExport: (unitId: string, body: T.NewExport) => post<T.Export>(`/units/${seg(unitId)}/exports`, body),
  decideExport: (unitId: string, id: string, body: T.ExportDecision) =>
    post<T.Export>(`/units/${seg(unitId)}/exports/${seg(id)}/decision`, body),
  withdrawExport: (unitId: string, id: string) =>
    post<T.Export>(`/units/${seg(unitId)}/exports/${seg(id)}/withdraw`),
  exportFileUrl: (unitId: string, id: string) => `${PREFIX}/units/${seg(unitId)}/exports/${seg(id)}/file`,
  exportReceipt: (unitId: string, id: string, file: File) => {
    const form = new FormData();
    form.set("file", file);
    return call<T.Receipt>("POST", `/units/${seg(unitId)}/exports/${seg(id)}/receipts`, { form });
  },

  customerPrivacy: (unitId: string, id: string) =>
    get<T.CustomerPrivacy>(`/units/${seg(unitId)}/customers/${seg(id)}/privacy`),
  recordConsent: (unitId: string, id: string, body: T.ConsentInput) =>
    post<T.CustomerPrivacy>(`/units/${seg(unitId)}/customers/${seg(id)}/consents`, body),
  openRequest: (unitId: string, id: string, body: T.RequestInput) =>
    post<T.PrivacyRequest>(`/units/${seg(unitId)}/customers/${seg(id)}/requests`, body),
  customerReport: (unitId: string, id: string, body: { reason: string }) =>
    post<T.AccessReport>(`/units/${seg(unitId)}/customers/${seg(id)}/report/print`, body),
  privacyRules: () => get<T.PrivacyRules>("/privacy/rules"),
  privacyRequests: (query: { state?: string | undefined } & PageQuery) =>
    get<T.Page<T.PrivacyRequest>>("/privacy/requests", { ...query }),
  endRequest: (unitId: string, id: string, body: T.RequestEnd) =>
    post<T.PrivacyRequest>(`/units/${seg(unitId)}/requests/${seg(id)}/end`, body),
  decideErasure: (unitId: string, id: string, body: T.ErasureDecision) =>
    post<T.PrivacyRequest>(`/units/${seg(unitId)}/requests/${seg(id)}/erasure`, body),
  certificate: (unitId: string, id: string) =>
    get<T.Certificate>(`/units/${seg(unitId)}/certificates/${seg(id)}`),
  sources: () => get<T.Sources>("/sources"),
  bases: (query: PageQuery) => get<T.Page<T.Basis>>("/bases", { ...query }),
  proposeBasis: (unitId: string, body: T.NewBasis) => post<T.Basis>(`/units/${seg(unitId)}/bases`, body),
  decideBasis: (unitId: string, id: string, body: T.BasisDecision) =>
    post<T.Basis>(`/units/${seg(unitId)}/bases/${seg(id)}/decision`, body),
  withdrawBasis: (unitId: string, id: string, body: { reason: string }) =>
    post<T.Basis>(`/units/${seg(unitId)}/bases/${seg(id)}/withdraw`, body),
  retentionDue: (unitId: string) => get<T.RetentionPreview>(`/units/${seg(unitId)}/retention`),
  retention: (query: PageQuery) => get<T.Page<T.RetentionBatch>>("/retention", { ...query }),
  decideRetention: (unitId: string, id: string, body: T.RetentionDecision) =>
    post<T.RetentionBatch>(`/units/${seg(unitId)}/retention/${seg(id)}/decision`, body),
  agreements: (query: PageQuery) => get<T.Page<T.Agreement>>("/agreements", { ...query }),
  addAgreement: (unitId: string, body: T.NewAgreement) =>
    post<T.Agreement>(`/units/${seg(unitId)}/agreements`, body),
  decideAgreement: (unitId: string, id: string, body: { decision: string }) =>
    post<T.Agreement>(`/units/${seg(unitId)}/agreements/${seg(id)}/decision`, body),
  shareFigures: (unitId: string, id: string, body: { subject: string }) =>
    post<T.Aggregate>(`/units/${seg(unitId)}/agreements/${seg(id)}/share`, body),
  parameters: () => get<T.Parameters>("/policy/parameters"),

  imports: (page: PageQuery = {}) => get<T.Page<T.Import>>("/imports", { ...page }),
  importFile: (body: { kind: T.ImportKind; file: File; dryRun: boolean; datum?: string }) => {
    const form = new FormData();
    form.set("kind", body.kind);
    form.set("dry_run", String(body.dryRun));
    if (body.datum) form.set("datum", body.datum);
    form.set("file", body.file, body.file.name);
    return call<T.Import>("POST", "/imports", { form });
  },
  /** Uploads a file that waits for its preview; `onPart` hears how much has gone, 0…1. */
  holdImport: (
    body: { kind: T.ImportKind; file: File; channel?: string; unitId?: string },
    onPart: (part: number) => void,
  ) => {
    const form = new FormData();
    form.set("kind", body.kind);
    form.set("hold", "true");
    if (body.channel) form.set("channel", body.channel);
    if (body.unitId) form.set("unit_id", body.unitId);
    form.set("file", body.file, body.file.name);
    return upload<T.Import>("/imports", form, onPart);
  },
  importPreview: (id: string, query: T.ImportPreviewQuery) =>
    get<T.ImportPreview>(`/imports/${seg(id)}/preview`, { ...query }),
  startImport: (id: string, body: T.ImportStart) => post<T.Import>(`/imports/${seg(id)}/start`, body),
  resumeImport: (id: string) => post<T.Import>(`/imports/${seg(id)}/resume`),
  discardImport: (id: string) => post<T.Import>(`/imports/${seg(id)}/discard`),
  refusedRows: (id: string) => file(`/imports/${seg(id)}/refused.xlsx`),
  importChannels: () => get<T.ImportChannel[]>("/import-channels"),
  importDetail: (id: string) => get<T.ImportDetail>(`/imports/${seg(id)}`),
  cancelImport: (id: string) => post<T.Import>(`/imports/${seg(id)}/cancel`),
  importErrorsUrl: (id: string) => `${PREFIX}/imports/${seg(id)}/errors.xlsx`,
  importTemplateUrl: (kind: T.ImportKind) => `${PREFIX}/import-templates/${kind}.xlsx`,

  presets: () => get<T.Items<T.ProgramPreset>>("/program-presets"),
  programs: () => get<T.Items<T.Program>>("/programs"),
  program: (id: string) => get<T.ProgramDetail>(`/programs/${seg(id)}`),
  addProgram: (body: T.ProgramInput) => post<T.Program>("/programs", body),
  editProgram: (id: string, body: T.ProgramEdit) => put<T.Program>(`/programs/${seg(id)}`, body),
  deleteProgram: (id: string) => del<void>(`/programs/${seg(id)}`),
  checkProgram: (id: string) => get<T.CheckReport>(`/programs/${seg(id)}/check`),
  startProgram: (id: string) => post<T.Program>(`/programs/${seg(id)}/start`),
  closeProgram: (id: string) => post<T.Program>(`/programs/${seg(id)}/close`),
  programForm: () => get<T.ProgramForm>("/program-form"),
  readProgramFile: (body: T.ProgramFile) => post<T.ProgramFileRead>("/program-files/read", body),
  versionDiff: (id: string, from: number, to: number) =>
    get<T.VersionDiff>(`/programs/${seg(id)}/versions/${from}/diff/${to}`),
  restoreVersion: (id: string, version: number, body: { note: string; version: number }) =>
    post<T.Program>(`/programs/${seg(id)}/versions/${version}/restore`, body),
  copyProgram: (id: string, body: T.ProgramCopy) => post<T.Program>(`/programs/${seg(id)}/clone`, body),
  pauseProgram: (id: string, reason: string) => post<T.Program>(`/programs/${seg(id)}/pause`, { reason }),
  resumeProgram: (id: string, reason: string) => post<T.Program>(`/programs/${seg(id)}/resume`, { reason }),
  programLife: (id: string) => get<T.ProgramLife>(`/programs/${seg(id)}/life`),
  calendarChanges: (id: string) => get<T.Items<T.CalendarChange>>(`/programs/${seg(id)}/calendar-changes`),
  tickStep: (id: string, step: string, body: { done_day: string | null; note: string }) =>
    put<void>(`/programs/${seg(id)}/steps/${seg(step)}`, body),
  meeting: (id: string, step: string) => get<T.Meeting>(`/programs/${seg(id)}/steps/${seg(step)}/meeting`),
  recordMeeting: (id: string, step: string, body: T.MeetingRecordInput) =>
    put<T.Meeting>(`/programs/${seg(id)}/steps/${seg(step)}/meeting`, body),
  attendance: (id: string, unitId: string, step: string, version?: number) =>
    get<T.Attendance>(`/programs/${seg(id)}/units/${seg(unitId)}/steps/${seg(step)}/attendance`, { version }),
  putAttendance: (id: string, unitId: string, step: string, body: T.AttendanceInput) =>
    put<T.Attendance>(`/programs/${seg(id)}/units/${seg(unitId)}/steps/${seg(step)}/attendance`, body),
  attendanceUrl: (id: string, step: string, unitId?: string) =>
    `${PREFIX}/programs/${seg(id)}/steps/${seg(step)}/attendance.xlsx${queryString({ unit_id: unitId })}`,
  stock: (id: string) => get<T.Stock>(`/programs/${seg(id)}/stock`),
  stockUrl: (id: string) => `${PREFIX}/programs/${seg(id)}/stock.xlsx`,
  stockOf: (id: string, unitId: string, query: PageQuery) =>
    get<T.StockLedger>(`/programs/${seg(id)}/units/${seg(unitId)}/stock`, { ...query }),
  moveStock: (id: string, unitId: string, side: "county" | "branch", body: T.StockInput) =>
    post<void>(`/programs/${seg(id)}/units/${seg(unitId)}/stock/${side}`, body),
  collection: (id: string, query: CollectionFilter & PageQuery) =>
    get<T.Collection>(`/programs/${seg(id)}/collection`, { ...query }),
  collectionUrl: (id: string, query: CollectionFilter) =>
    `${PREFIX}/programs/${seg(id)}/collection.xlsx${queryString({ ...query })}`,
  collectionMissing: (
    id: string,
    unitId: string,
    query: { township: string; village: string; mail_route: string } & PageQuery,
  ) =>
    get<T.Page<T.MissingHousehold>>(`/programs/${seg(id)}/units/${seg(unitId)}/collection/missing`, {
      ...query,
    }),
  putMailRoute: (unitId: string, groupId: string, mailRoute: string) =>
    put<void>(`/units/${seg(unitId)}/village-groups/${seg(groupId)}/mail-route`, { mail_route: mailRoute }),
  villageGroupsUrl: (unitId: string) => `${PREFIX}/units/${seg(unitId)}/village-groups.xlsx`,
  repairProgram: (id: string, body: { edits: T.CheckEdit[]; note: string; version: number }) =>
    post<{ version: number }>(`/programs/${seg(id)}/repairs`, body),
  filings: (id: string) => get<T.Filings>(`/programs/${seg(id)}/filings`),
  filing: (id: string, unitId: string) => get<T.FilingDetail>(`/programs/${seg(id)}/filings/${seg(unitId)}`),
  filePlan: (id: string, unitId: string, body: T.FilingPlan) =>
    post<T.FilingDetail>(`/programs/${seg(id)}/filings/${seg(unitId)}`, body),
  decideFiling: (id: string, unitId: string, body: { seq: number; accept: boolean; reason: string }) =>
    post<T.FilingDetail>(`/programs/${seg(id)}/filings/${seg(unitId)}/decision`, body),
  acceptFilings: (id: string, seen: { unit_id: string; seq: number }[]) =>
    post<T.AcceptedFilings>(`/programs/${seg(id)}/filing-decisions`, { seen }),
  approveProgram: (id: string, body: { version: number; note: string }) =>
    post<T.Filings>(`/programs/${seg(id)}/approval`, body),
  desk: (id: string, unitId: string, day: string | undefined) =>
    get<T.DeskDay>(`/programs/${seg(id)}/units/${seg(unitId)}/desk`, { day }),
  deskSecond: (unitId: string, visitId: string, answers: Answers) =>
    post<T.DeskCompared>(`/units/${seg(unitId)}/visits/${seg(visitId)}/second`, { answers }),
  deskDoubles: (id: string, unitId: string, page: PageQuery = {}) =>
    get<T.Page<T.DeskDouble>>(`/programs/${seg(id)}/units/${seg(unitId)}/desk/doubles`, { ...page }),
  deskBoth: (unitId: string, visitId: string, reason: string) =>
    post<T.DeskBoths>(`/units/${seg(unitId)}/visits/${seg(visitId)}/second/reveal`, { reason }),
  deskDecide: (unitId: string, visitId: string, stands: "first" | "second") =>
    post<void>(`/units/${seg(unitId)}/visits/${seg(visitId)}/second/decision`, { stands }),
  deskRates: (id: string, unitId: string) =>
    get<T.DeskRates>(`/programs/${seg(id)}/units/${seg(unitId)}/desk/rates`),
  visits: (id: string, unitId: string, query: { day: string } & PageQuery) =>
    get<T.Page<T.Visit>>(`/programs/${seg(id)}/units/${seg(unitId)}/visits`, { ...query }),
  householdVisits: (unitId: string, id: string, page: PageQuery) =>
    get<T.Page<T.Visit>>(`/units/${seg(unitId)}/households/${seg(id)}/visits`, { ...page }),
  visitWhole: (unitId: string, visitId: string) =>
    get<T.VisitWhole>(`/units/${seg(unitId)}/visits/${seg(visitId)}/whole`),
  revealVisit: (unitId: string, visitId: string, reason: string) =>
    post<T.VisitSays>(`/units/${seg(unitId)}/visits/${seg(visitId)}/reveal`, { reason }),
  visitPhotos: (unitId: string, visitId: string) =>
    get<T.Items<T.VisitPhoto>>(`/units/${seg(unitId)}/visits/${seg(visitId)}/photos`),
  visitPhotoUrl: (unitId: string, visitId: string, n: number) =>
    `${PREFIX}/units/${seg(unitId)}/visits/${seg(visitId)}/photos/${n}`,
  attachScan: attach,
  push: (body: T.PushBatch) => post<T.PushView>("/sync/push", body),
  form: (id: string) => get<Form>(`/forms/${seg(id)}`),
  forms: () => get<T.Items<T.FormLine>>("/forms"),
  formVersion: (id: string, version: number) => get<T.FormVersion>(`/forms/${seg(id)}/versions/${version}`),
  formFileUrl: (id: string, version: number) => `${PREFIX}/forms/${seg(id)}/versions/${version}/xlsx`,
  newFormDraft: (id: string, body: { from?: number; definition?: Form; note: string }) =>
    post<T.FormVersion>(`/forms/${seg(id)}/versions`, body),
  changeFormDraft: (id: string, version: number, body: { rev: number; definition: Form; note: string }) =>
    put<T.FormVersion>(`/forms/${seg(id)}/versions/${version}`, body),
  deleteFormDraft: (id: string, version: number) => del<void>(`/forms/${seg(id)}/versions/${version}`),
  publishForm: (id: string, version: number, rev: number) =>
    post<T.FormPublished>(`/forms/${seg(id)}/versions/${version}/publish`, { rev }),
  retireForm: (id: string, version: number) =>
    post<T.FormVersion>(`/forms/${seg(id)}/versions/${version}/retire`, {}),
  checkForm: (definition: Form) => post<T.FormChecked>("/forms/check", { definition }),
  tryForm: (definition: Form, answers: Answers) => post<T.FormTried>("/forms/try", { definition, answers }),
  readForm: (id: string, version: number, file: File) => {
    const form = new FormData();
    form.set("id", id);
    form.set("version", String(version));
    form.set("file", file);
    return call<T.FormRead>("POST", "/forms/read-xlsx", { form });
  },
  board: (id: string, day: string | undefined) =>
    get<T.Board>(`/programs/${seg(id)}/board${day ? `?day=${seg(day)}` : ""}`),
  summary: (id: string, from: string, to: string) =>
    get<T.Summary>(`/programs/${seg(id)}/summary?from=${seg(from)}&to=${seg(to)}`),
  summaryBookUrl: (id: string, from: string, to: string) =>
    `${PREFIX}/programs/${seg(id)}/summary.xlsx?from=${seg(from)}&to=${seg(to)}`,
  inbox: (query: Query) => get<T.InboxView>("/inbox", query),
  tasks: (query: Query) => get<T.TaskPage>("/tasks", query),
  taskKinds: () => get<T.TaskKind[]>("/task-kinds"),
  task: (unitId: string, id: string) => get<T.TaskView>(`/units/${seg(unitId)}/tasks/${seg(id)}`),
  openTask: (unitId: string, body: T.TaskInput) => post<T.TaskView>(`/units/${seg(unitId)}/tasks`, body),
  actOnTask: (unitId: string, id: string, body: T.TaskAct) =>
    post<T.TaskView>(`/units/${seg(unitId)}/tasks/${seg(id)}/acts`, body),
  routines: (unitId: string, from: string, to: string) =>
    get<T.RoutineCalendar>(`/units/${seg(unitId)}/routines`, { from, to }),
  setRoutine: (unitId: string, id: string, body: T.RoutineInput) =>
    put<T.RoutineCalendar>(`/units/${seg(unitId)}/routines/${seg(id)}`, body),
  dailyMeetings: (id: string, from: string, to: string) =>
    get<T.DailyMeetings>(`/programs/${seg(id)}/daily-meetings?from=${seg(from)}&to=${seg(to)}`),
  dailyMeetingsBookUrl: (id: string, from: string, to: string) =>
    `${PREFIX}/programs/${seg(id)}/daily-meetings.xlsx?from=${seg(from)}&to=${seg(to)}`,
  dailyMeetingDay: (id: string, unitId: string, day: string) =>
    get<T.DailyMeetingDay>(`/programs/${seg(id)}/units/${seg(unitId)}/daily-meetings?day=${seg(day)}`),
  recordDailyMeeting: (id: string, unitId: string, body: T.DailyMeetingInput) =>
    put<T.DailyMeetingDay>(`/programs/${seg(id)}/units/${seg(unitId)}/daily-meetings`, body),
  shortfalls: (id: string) => get<T.Shortfalls>(`/programs/${seg(id)}/shortfall`),
  shortfall: (id: string, unitId: string) =>
    get<T.ShortfallDetail>(`/programs/${seg(id)}/shortfall/${seg(unitId)}`),
  shortfallBookUrl: (id: string) => `${PREFIX}/programs/${seg(id)}/shortfall.xlsx`,
  typeVisitCount: (id: string, unitId: string, day: string, body: { households: number; reason: string }) =>
    put<T.ShortfallDetail>(`/programs/${seg(id)}/visit-counts/${seg(unitId)}/${seg(day)}`, body),
  warmUps: (id: string, unitId: string) =>
    get<T.WarmUpBoard>(`/programs/${seg(id)}/units/${seg(unitId)}/warm-ups`),
  addWarmUp: (id: string, unitId: string, body: T.WarmUpInput) =>
    post<T.WarmUpBoard>(`/programs/${seg(id)}/units/${seg(unitId)}/warm-ups`, body),
  removeWarmUp: (id: string, unitId: string, one: string) =>
    post<T.WarmUpBoard>(`/programs/${seg(id)}/units/${seg(unitId)}/warm-ups/${seg(one)}/remove`),
  sweeps: (id: string, unitId: string) => get<T.Items<T.Sweep>>(`/programs/${seg(id)}/sweeps/${seg(unitId)}`),
  putSweep: (id: string, unitId: string, body: T.NewSweep) =>
    put<void>(`/programs/${seg(id)}/sweeps/${seg(unitId)}`, body),
  programUnits: (id: string) => get<T.Items<T.ProgramUnit>>(`/programs/${seg(id)}/units`),
  setProgramUnit: (id: string, unitId: string, body: T.ProgramUnitInput) =>
    put<void>(`/programs/${seg(id)}/units/${seg(unitId)}/parameters`, body),
  buildTargets: (id: string) => post<T.StartedJob>(`/programs/${seg(id)}/targets`),
  targets: (id: string, unitId: string, page: PageQuery) =>
    get<T.Page<T.Target>>(`/programs/${seg(id)}/units/${seg(unitId)}/targets`, { ...page }),

  makeWeekPlans: (id: string, body: T.MakePlans) =>
    post<T.StartedJob>(`/programs/${seg(id)}/week-plans`, body),
  weekPlans: (id: string, week: T.Week) => get<T.WeekPlanList>(`/programs/${seg(id)}/week-plans`, { week }),
  weekPlan: (id: string, unitId: string, week: T.Week) => get<T.WeekPlan>(planPath(id, unitId, week)),
  confirmPlan: (id: string, unitId: string, week: T.Week) =>
    post<T.WeekPlan>(`${planPath(id, unitId, week)}/confirm`),
  reopenPlan: (id: string, unitId: string, week: T.Week) =>
    post<T.WeekPlan>(`${planPath(id, unitId, week)}/reopen`),
  planDesk: (id: string, unitId: string, week: T.Week) =>
    get<T.PlanDesk>(`${planPath(id, unitId, week)}/desk`),
  editPlan: (
    id: string,
    unitId: string,
    week: T.Week,
    body: { edit: T.PlanEdit; preview: boolean; fit: boolean },
  ) => post<T.PlanEffect>(`${planPath(id, unitId, week)}/edits`, body),
  planAdmissible: (id: string, unitId: string, week: T.Week, query: { q: string } & PageQuery) =>
    get<T.Page<T.PlanAdmissible>>(`${planPath(id, unitId, week)}/admissible`, { ...query }),
  undoPlan: (id: string, unitId: string, week: T.Week) =>
    post<T.PlanEffect>(`${planPath(id, unitId, week)}/undo`),
  planAgain: (id: string, unitId: string, week: T.Week) =>
    post<T.PlanChanges>(`${planPath(id, unitId, week)}/again`),
  planAway: (id: string, unitId: string, week: T.Week, body: T.PlanAwayInput) =>
    post<T.PlanChanges>(`${planPath(id, unitId, week)}/away`, body),
  planBack: (id: string, unitId: string, week: T.Week, awayId: string) =>
    del<T.PlanChanges>(`${planPath(id, unitId, week)}/away/${seg(awayId)}`),
  strikeStop: (id: string, unitId: string, week: T.Week, stopId: string) =>
    post<T.WeekPlan>(`${planPath(id, unitId, week)}/strike`, { stop_id: stopId } satisfies T.StopInput),
  restoreStop: (id: string, unitId: string, week: T.Week, stopId: string) =>
    post<T.WeekPlan>(`${planPath(id, unitId, week)}/restore`, { stop_id: stopId } satisfies T.StopInput),
  printPlan: (id: string, unitId: string, week: T.Week, reason: string) =>
    post<T.WeekPlan>(`${planPath(id, unitId, week)}/print`, { reason } satisfies T.PrintInput),
  planWorkbookUrl: (id: string, unitId: string, week: T.Week) =>
    `${PREFIX}${planPath(id, unitId, week)}/workbook.xlsx`,

  groups: (unitId?: string) => get<T.GroupList>("/groups", { unit_id: unitId }),
  previewGroup: (body: T.RulePreviewInput) => post<T.RulePreview>("/groups/preview", body),
  groupVersions: (code: string, unitId?: string) =>
    get<T.Items<T.RuleVersion>>(`/groups/${seg(code)}/versions`, { unit_id: unitId }),
  saveGroupDraft: (code: string, body: T.RuleDraft) => put<void>(`/groups/${seg(code)}/draft`, body),
  dropGroupDraft: (code: string, unitId?: string) =>
    call<void>("DELETE", `/groups/${seg(code)}/draft`, { query: { unit_id: unitId } }),
  publishGroup: (code: string, body: T.RulePublish) => post<void>(`/groups/${seg(code)}/publish`, body),
  householdReasons: (unitId: string, householdId: string) =>
    get<T.Items<T.HouseholdReason>>(`/units/${seg(unitId)}/households/${seg(householdId)}/reasons`),
  tickProgress: (unitId: string) => get<T.TickProgress>(`/units/${seg(unitId)}/ticks`),
  tickRows: (unitId: string, groupId: string, number?: string) =>
    get<T.Items<T.TickRow>>(`/units/${seg(unitId)}/ticks/${seg(groupId)}`, { number }),
  saveTicks: (unitId: string, body: T.TickSave) => put<void>(`/units/${seg(unitId)}/ticks`, body),
  tickNames: (unitId: string, groupId: string, number?: string) =>
    post<T.Items<T.TickNames>>(`/units/${seg(unitId)}/ticks/${seg(groupId)}/names${queryString({ number })}`),
  printTickSheet: (unitId: string, groupId: string) =>
    post<T.TickSheet>(`/units/${seg(unitId)}/ticks/${seg(groupId)}/sheets`),
  tickSheet: (unitId: string, number: string) =>
    get<T.TickSheet>(`/units/${seg(unitId)}/tick-sheets/${seg(number)}`),
  tickSheetUrl: (unitId: string, number: string) =>
    `${PREFIX}/units/${seg(unitId)}/tick-sheets/${seg(number)}/sheet.xlsx`,

  users: (page: PageQuery = {}) => get<T.Page<T.User>>("/users", { ...page }),
  addUser: (body: T.UserInput) => post<T.CreatedUser>("/users", body),
  resetUser: (id: string) => post<T.InitialPassword>(`/users/${seg(id)}/reset`),
  unlockUser: (id: string) => post<void>(`/users/${seg(id)}/unlock`),
  retireUser: (id: string, handOverTo: string | null) =>
    post<void>(`/users/${seg(id)}/retire`, { hand_over_to: handOverTo } satisfies T.HandOver),
  setUserRoles: (id: string, roles: T.RoleGrant[]) =>
    put<void>(`/users/${seg(id)}/roles`, { roles } satisfies T.RolesInput),
  roles: () => get<T.Items<T.Role>>("/roles"),

  audit: (filter: { unit_id?: string | undefined; action?: string | undefined } & PageQuery) =>
    get<T.Page<T.AuditEvent>>("/audit", { ...filter }),
  verifyAudit: () => post<T.AuditVerdict>("/audit/verify"),

  job: (id: string) => get<T.Job>(`/jobs/${seg(id)}`),
  cancelJob: (id: string) => post<T.Job>(`/jobs/${seg(id)}/cancel`),
  packs: () => get<T.Items<T.Pack>>("/packs"),
  system: () => get<T.SystemInfo>("/system"),
};
