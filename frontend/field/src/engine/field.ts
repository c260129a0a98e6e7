// The field app without its screens: storage, keys, lease, what is written, what goes out and what comes in. The rules
// of what goes out and what may be seen are in core/; this drives them and keeps the promise: written before shown,
// nothing thrown away before the server's answer. Screens call its methods and watch its state.

import type { Answers } from "@zoufang/shared/form/model.ts";
import { uuid7 } from "@zoufang/shared/id.ts";
import { readPack } from "../core/day.ts";
import type { OutboxEvent } from "../core/outbox.ts";
import { emptyPack, type PullState } from "../core/pull.ts";
import type { Draft, Note, Op, PhotoRef, PhotoRole } from "../core/types.ts";
import { type Moment, noteOf, opsOf } from "../core/visit.ts";
import {
  hex,
  newDataKey,
  newDeviceKey,
  open,
  openJson,
  rewrap,
  seal,
  sealJson,
  sealToRescue,
  sha256,
  unwrap,
  type WrappedKey,
} from "../store/crypto.ts";
import { type BlobRow, FieldDb, type NoteRow, type OpRow } from "../store/db.ts";
import type { Photo } from "../sync/photo.ts";
import { ApiError, server, unreachable } from "../sync/server.ts";
import { drain } from "./drain.ts";
import { pull } from "./pull-run.ts";
import { Cell, firstState, type State } from "./state.ts";

/** Every half minute: is there something to send, is the lease over. */
const BEAT_MS = 30_000;
const PULL_EVERY_MS = 5 * 60_000;
/** In the background this long, and the PIN is asked again. */
export const LOCK_AFTER_MS = 5 * 60_000;
/** Wrong PINs in a row before the key is thrown away. */
export const PIN_TRIES = 10;
export const PIN_DIGITS = 6;
const HOUR_MS = 3600_000;

/** A draft with other pictures, and with what that means for its answers. */
function pictured(draft: Draft, photos: PhotoRef[]): Draft {
  const fields = [...draft.photos, ...photos].flatMap((p) => p.field ?? []);
  const answers = { ...draft.answers };
  for (const field of fields) delete answers[field];
  for (const p of photos) {
    if (!p.field) continue;
    const had = answers[p.field];
    answers[p.field] = p.role === "signature" ? p.sha256 : [...(Array.isArray(had) ? had : []), p.sha256];
  }
  return { ...draft, photos, answers };
}

export class Field {
  readonly db: FieldDb;
  readonly cell = new Cell<State>(firstState);
  dataKey: CryptoKey | null = null;
  /** Photos that the server refused → not before. */
  readonly refusedPhotos = new Map<string, number>();
  /** Photos that have gone and that nobody has told to be checked → when the bank was asked last, and the pause after it. */
  readonly askedPhotos = new Map<string, { at: number; pause: number }>();
  private hiddenAt = 0;
  private savingDraft: Promise<unknown> = Promise.resolve();
  private beat: ReturnType<typeof setInterval> | undefined;
  private later: ReturnType<typeof setTimeout> | undefined;

  constructor(name?: string) {
    this.db = new FieldDb(name);
  }

  get state(): State {
    return this.cell.get();
  }
  now(): number {
    return Date.now();
  }

  // --- beginning -------------------------------------------------------------------------------------------------

  async start(): Promise<void> {
    const [enrolment, wrapped, closed, lease, lastPull, skew] = await this.db.transaction(
      "r",
      this.db.meta,
      () =>
        Promise.all([
          this.db.get("enrolment"),
          this.db.get("wrapped_key"),
          this.db.get("closed"),
          this.db.get("lease_until"),
          this.db.get("last_pull"),
          this.db.get("skew_ms"),
        ]),
    );
    this.cell.set({
      online: navigator.onLine,
      enrolment: enrolment ?? null,
      leaseUntil: lease ?? 0,
      lastPull: lastPull ?? 0,
      skew: skew ?? 0,
      closed: closed ?? null,
    });
    if (!(await this.db.get("device_key"))) await this.db.put("device_key", await newDeviceKey());
    const { state } = await this.db.outbox([{ is: "start" }, { is: "purge", now: this.now() }]);
    this.cell.set({ outbox: state });
    await this.countPhotos();
    if (!enrolment) await this.meet();
    else if (closed || !wrapped) this.cell.set({ phase: "closed", closed: closed ?? "lease" });
    else this.cell.set({ phase: "locked" });
    await this.checkLease();
    this.listen();
    // Opening the app is asking for it: no waiting for the end of a pause.
    void this.send(true);
  }

  private listen() {
    window.addEventListener("online", () => {
      this.cell.set({ online: true });
      void this.exchange(true);
    });
    window.addEventListener("offline", () => this.cell.set({ online: false }));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") {
        this.hiddenAt = this.now();
        return;
      }
      if (this.hiddenAt > 0 && this.now() - this.hiddenAt > LOCK_AFTER_MS) this.lock();
      this.hiddenAt = 0;
      void this.checkLease().then(() => this.exchange(false));
    });
    this.beat = setInterval(() => {
      void this.checkLease().then(() => this.exchange(false));
    }, BEAT_MS);
  }

  stop() {
    clearInterval(this.beat);
    clearTimeout(this.later);
  }

  /** Who is signed in here, when somebody is. */
  async meet(): Promise<void> {
    try {
      const me = await server.me();
      this.cell.set({ me, online: true, phase: this.state.enrolment ? this.state.phase : "enrol" });
    } catch (e) {
      if (e instanceof ApiError && e.status === 0) this.cell.set({ online: false });
      if (!this.state.enrolment) this.cell.set({ phase: "sign_in" });
    }
  }

  // --- who -------------------------------------------------------------------------------------------------------

  /** Signs in; the account must be the one that this phone is for. */
  async signIn(login: string, password: string, totp: string): Promise<"ok" | "other"> {
    const me = await server.signIn({ login, password, ...(totp ? { totp } : {}) });
    const { enrolment } = this.state;
    if (enrolment && enrolment.user_id !== me.user.id) {
      await server.signOut().catch(() => {});
      return "other";
    }
    const { state } = await this.db.outbox([{ is: "signed_in" }]);
    this.cell.set({ me, outbox: state, signedOut: false, online: true });
    if (!enrolment) this.cell.set({ phase: "enrol" });
    else if (this.state.phase === "closed" && this.state.closed !== "revoked")
      this.cell.set({ phase: "new_pin" });
    void this.exchange(true);
    return "ok";
  }

  async enrol(code: string, name: string): Promise<void> {
    const me = this.state.me;
    if (!me) throw new ApiError({ status: 401, code: "auth.required" });
    const answer = await server.enrol({ code: code.trim(), device_id: uuid7(), name });
    const enrolment = {
      device_id: answer.device_id,
      unit_id: answer.unit_id,
      unit_name: answer.unit_name ?? me.unit.name,
      user_id: me.user.id,
      user_name: me.user.name,
      rescue_key: answer.rescue_key,
      lease_hours: answer.lease_hours,
    };
    await this.db.transaction("rw", this.db.meta, async () => {
      await this.db.put("enrolment", enrolment);
      await this.db.put("lease_until", this.now() + answer.lease_hours * HOUR_MS);
      await this.db.meta.delete("closed");
    });
    this.cell.set({
      enrolment,
      closed: null,
      phase: "new_pin",
      leaseUntil: this.now() + answer.lease_hours * HOUR_MS,
    });
  }

  /** Another code for a phone that was revoked. */
  enrolAgain() {
    this.cell.set({ phase: this.state.me ? "enrol" : "sign_in", enrolment: null });
  }

  /** Signs out before anything is enrolled. */
  async otherAccount(): Promise<void> {
    await server.signOut().catch(() => {});
    this.cell.set({ me: null, phase: "sign_in" });
  }

  // --- the PIN ---------------------------------------------------------------------------------------------------

  async setPin(pin: string): Promise<void> {
    const { key, wrapped } = await newDataKey(pin);
    await this.db.transaction("rw", [this.db.meta, this.db.pack, this.db.drafts, this.db.notes], async () => {
      await this.db.put("wrapped_key", wrapped);
      await this.db.put("pin_failures", 0);
      await this.db.meta.delete("closed");
      // Sealed under a key that is gone.
      await this.db.pack.clear();
      await this.db.notes.clear();
    });
    this.dataKey = key;
    this.cell.set({ phase: "open", closed: null, drafts: [], notes: [] });
    await this.load();
    await this.askToPersist();
    await this.exchange(true);
  }

  /** One try of a PIN, wherever it is asked for; after too many wrong ones the key is gone and only what waits to go out is left. */
  private async attempt<T>(open: (wrapped: WrappedKey) => Promise<T | null>): Promise<T | null> {
    const wrapped = await this.db.get("wrapped_key");
    if (!wrapped) return null;
    const failures = ((await this.db.get("pin_failures")) ?? 0) + 1;
    // Counted before it is tried: switching off in between wins nothing.
    await this.db.put("pin_failures", failures);
    const found = await open(wrapped);
    if (found) await this.db.put("pin_failures", 0);
    else if (failures >= PIN_TRIES) await this.close("lease");
    return found;
  }

  /** True when the PIN is right; a wrong one counts. */
  async checkPin(pin: string): Promise<boolean> {
    return (await this.attempt((wrapped) => unwrap(pin, wrapped))) !== null;
  }

  /** The same data under another PIN. False when the old one is wrong, which counts as a try. */
  async changePin(old: string, pin: string): Promise<boolean> {
    const next = await this.attempt((wrapped) => rewrap(old, wrapped, pin));
    if (next) await this.db.put("wrapped_key", next);
    return next !== null;
  }

  /** True when the PIN was right. */
  async unlock(pin: string): Promise<boolean> {
    const key = await this.attempt((wrapped) => unwrap(pin, wrapped));
    if (!key) return false;
    this.dataKey = key;
    await this.load();
    this.cell.set({ phase: "open" });
    void this.exchange(false);
    return true;
  }

  async pinTriesLeft(): Promise<number> {
    return PIN_TRIES - ((await this.db.get("pin_failures")) ?? 0);
  }

  lock() {
    if (this.state.phase !== "open") return;
    this.dataKey = null;
    const { pack } = firstState;
    this.cell.set({ phase: "locked", pack, drafts: [], notes: [], showing: null });
  }

  // --- lease and wiping ------------------------------------------------------------------------------------------

  async checkLease(): Promise<void> {
    if (!this.state.enrolment || this.state.closed) return;
    const now = this.now();
    const high = Math.max(now, (await this.db.get("clock_high")) ?? 0);
    if (high === now) await this.db.put("clock_high", now);
    const lease = await this.db.get("lease_until");
    if (lease !== undefined && high > lease) await this.close("lease");
  }

  /** Throws away what can be read here. What waits to go out stays; drafts stay sealed to the organisation. */
  async close(why: "lease" | "revoked"): Promise<void> {
    this.dataKey = null;
    const unit = this.state.enrolment?.unit_id ?? "";
    const { db } = this;
    await db.transaction("rw", [db.meta, db.pack, db.drafts, db.notes, db.rescue, db.blobs], async () => {
      const drafts = await db.drafts.toArray();
      await db.rescue.bulkPut(drafts.map((d) => ({ id: d.id, unit_id: unit, sealed: d.sealed })));
      await db.meta.delete("wrapped_key");
      await db.put("closed", why);
      await Promise.all([db.pack.clear(), db.drafts.clear(), db.notes.clear()]);
      // Their photos cannot be added to any more; they go like the others.
      await db.blobs.where("state").equals("draft").modify({ state: "waiting" });
    });
    const { pack } = firstState;
    this.cell.set({ phase: "closed", closed: why, pack, drafts: [], notes: [], showing: null });
  }

  /** Leaves this phone: only when nothing is left on it, or it was exported. */
  async leave(): Promise<void> {
    await server.signOut().catch(() => {});
    await this.close("lease");
    this.cell.set({ me: null, signedOut: true });
  }

  // --- what is kept ----------------------------------------------------------------------------------------------

  private async load(): Promise<void> {
    const key = this.dataKey;
    if (!key) return;
    const [pack, drafts, notes] = await Promise.all([
      this.db.pack.get("pack"),
      this.db.drafts.toArray(),
      this.db.notes.toArray(),
    ]);
    const items = pack ? await openJson<PullState>(key, pack) : emptyPack();
    const read = async <T>(rows: { iv: Uint8Array<ArrayBuffer>; bytes: ArrayBuffer }[]): Promise<T[]> => {
      const all = await Promise.all(rows.map((r) => openJson<T>(key, r).catch(() => null)));
      return all.flatMap((one) => (one === null ? [] : [one as T]));
    };
    this.cell.set({
      pack: readPack(items.items),
      drafts: await read<Draft>(drafts),
      notes: await read<Note>(notes),
    });
  }

  async pullState(): Promise<PullState> {
    const row = await this.db.pack.get("pack");
    return row && this.dataKey ? openJson<PullState>(this.dataKey, row) : emptyPack();
  }

  async keepPack(state: PullState): Promise<void> {
    if (!this.dataKey) return;
    const sealed = await sealJson(this.dataKey, state);
    await this.db.pack.put({ id: "pack", ...sealed });
    this.cell.set({ pack: readPack(state.items) });
  }

  async countPhotos(): Promise<void> {
    const [waiting, sent] = await Promise.all([
      this.db.blobs.where("state").equals("waiting").count(),
      this.db.blobs.where("state").equals("sent").count(),
    ]);
    this.cell.set({ photos: { waiting, sent } });
  }

  async askToPersist(): Promise<void> {
    try {
      const persisted = (await navigator.storage?.persist?.()) ?? null;
      this.cell.set({ persisted });
    } catch {
      this.cell.set({ persisted: null });
    }
  }

  private async moment(): Promise<Moment> {
    const [contact, skew] = await Promise.all([this.db.get("last_contact"), this.db.get("skew_ms")]);
    const now = this.now();
    return {
      now: new Date(now).toISOString(),
      since_contact_ms: contact === undefined ? null : Math.max(0, now - contact),
      skew_ms: skew ?? null,
    };
  }

  /** Written down with every answer; the promise ends when it is on the disk. One after the other. */
  saveDraft(draft: Draft, photo?: { ref: PhotoRef; row: BlobRow }): Promise<unknown> {
    const others = this.state.drafts.filter((d) => d.id !== draft.id);
    this.cell.set({ drafts: [...others, draft] });
    const write = async () => {
      const { dataKey, state } = this;
      if (!dataKey || !state.enrolment) throw new Error("locked");
      const [sealed, rescue] = await Promise.all([
        sealJson(dataKey, draft),
        sealToRescue(state.enrolment.rescue_key, { draft }),
      ]);
      const row = { id: draft.id, ...sealed, sealed: rescue, saved_at: this.now() };
      const next = await this.db.outbox([{ is: "draft", id: draft.id }], async () => {
        await this.db.drafts.put(row);
        if (photo) await this.db.blobs.put(photo.row);
      });
      this.cell.set({ outbox: next.state });
    };
    this.savingDraft = this.savingDraft.then(write, write);
    return this.savingDraft;
  }

  /** Changes a draft as it stands now, whatever was answered since the caller looked. */
  async change(
    id: string,
    make: (draft: Draft) => Draft,
    photo?: { ref: PhotoRef; row: BlobRow },
  ): Promise<Draft | null> {
    const now = this.state.drafts.find((d) => d.id === id);
    if (!now) return null;
    const next = make(now);
    await this.saveDraft(next, photo);
    return next;
  }

  /** A picture of a visit: what the camera saw, or a signature; `field` is the question it answers. */
  async addPhoto(
    draft: Draft,
    photo: Photo,
    role: PhotoRole = "photo",
    field: string | null = null,
  ): Promise<Draft> {
    const deviceKey = await this.deviceKey();
    const name = hex(await sha256(photo.bytes));
    const at = new Date(this.now()).toISOString();
    const ref: PhotoRef = { sha256: name, size: photo.bytes.byteLength, at, role, field };
    const row: BlobRow = {
      id: `${draft.id}/${name}`,
      sha256: name,
      size: ref.size,
      mime: photo.mime,
      role,
      unit_id: draft.unit_id,
      visit_id: draft.id,
      op_id: draft.op_id,
      state: "draft",
      location: null,
      made_at: this.now(),
      ...(await seal(deviceKey, photo.bytes)),
    };
    const known = this.state.drafts.find((d) => d.id === draft.id) ?? draft;
    if (known.photos.some((p) => p.sha256 === name)) return known;
    const next = pictured(known, [...known.photos, ref]);
    await this.saveDraft(next, { ref, row });
    return next;
  }

  async dropPhoto(draft: Draft, name: string): Promise<Draft> {
    const known = this.state.drafts.find((d) => d.id === draft.id) ?? draft;
    const next = pictured(
      known,
      known.photos.filter((p) => p.sha256 !== name),
    );
    await this.saveDraft(next);
    await this.db.blobs.delete(`${draft.id}/${name}`);
    return next;
  }

  /** A picture that is still here, to be looked at. */
  async pictureOf(draft: Draft, name: string): Promise<Blob | null> {
    // It is on the list a moment before it is on the disk.
    await this.savingDraft.catch(() => {});
    const row = await this.db.blobs.get(`${draft.id}/${name}`);
    if (!row) return null;
    return new Blob([await open(await this.deviceKey(), row)], { type: row.mime });
  }

  async discard(draft: Draft): Promise<void> {
    await this.savingDraft.catch(() => {});
    const next = await this.db.outbox([{ is: "discard", id: draft.id }], async () => {
      await this.db.drafts.delete(draft.id);
      await this.db.blobs
        .where("visit_id")
        .equals(draft.id)
        .and((b) => b.state === "draft")
        .delete();
    });
    this.cell.set({ outbox: next.state, drafts: this.state.drafts.filter((d) => d.id !== draft.id) });
  }

  deviceKey = async (): Promise<CryptoKey> => {
    const key = await this.db.get("device_key");
    if (!key) throw new Error("no device key");
    return key;
  };

  /** Hands in a finished visit: on the disk and in the queue when the promise ends. */
  async handIn(draft: Draft, accepted: Answers, counts: boolean): Promise<void> {
    await this.savingDraft.catch(() => {});
    const ops = opsOf(draft, accepted, await this.moment(), uuid7);
    await this.queue(ops, draft.title, counts, draft.id);
  }

  /** A single operation that no form asks for: a trace, a gift, a correction, a door. */
  async handInOne(
    make: (m: Moment, newId: () => string) => Op,
    title: string,
    photos: Photo[] = [],
  ): Promise<void> {
    const op = make(await this.moment(), uuid7);
    const deviceKey = await this.deviceKey();
    const rows: BlobRow[] = [];
    for (const photo of photos) {
      const name = hex(await sha256(photo.bytes));
      op.blobs.push({ sha256: name, size: photo.bytes.byteLength, role: "photo" });
      rows.push({
        id: `${op.entity_id}/${name}`,
        sha256: name,
        size: photo.bytes.byteLength,
        mime: photo.mime,
        role: "photo",
        unit_id: op.unit_id,
        visit_id: op.entity_id,
        op_id: op.op_id,
        state: "waiting",
        location: null,
        made_at: this.now(),
        ...(await seal(deviceKey, photo.bytes)),
      });
    }
    await this.queue([op], title, false, null, rows);
  }

  /** The answers of a visit that is still here; null when its content has gone to the bank. */
  async answersOf(op_id: string): Promise<Answers | null> {
    const row = await this.db.ops.get(op_id);
    if (!row) return null;
    const op = await openJson<Op>(await this.deviceKey(), row);
    const { answers } = op.payload;
    return typeof answers === "object" && answers !== null ? (answers as Answers) : null;
  }

  private async queue(
    ops: Op[],
    title: string,
    counts: boolean,
    draft: string | null,
    blobs: BlobRow[] = [],
  ) {
    const { dataKey, state } = this;
    if (!dataKey || !state.enrolment) throw new Error("locked");
    const deviceKey = await this.deviceKey();
    const rescue = state.enrolment.rescue_key;
    const made_at = this.now();
    const events: OutboxEvent[] = [];
    const notes: Note[] = [];
    const rows: OpRow[] = [];
    const noteRows: NoteRow[] = [];
    for (const op of ops) {
      const bytes = new TextEncoder().encode(JSON.stringify(op)).length;
      events.push({
        is: "queue",
        op: { op_id: op.op_id, unit_id: op.unit_id, entity_id: op.entity_id, bytes },
        draft,
      });
      const note = noteOf(op, title, counts);
      notes.push(note);
      noteRows.push({ op_id: op.op_id, made_at, ...(await sealJson(dataKey, note)) });
      const sealed = await sealToRescue(rescue, { op });
      rows.push({ op_id: op.op_id, made_at, sealed, ...(await sealJson(deviceKey, op)) });
    }
    const next = await this.db.outbox(events, async () => {
      await this.db.ops.bulkPut(rows);
      await this.db.notes.bulkPut(noteRows);
      await this.db.blobs.bulkPut(blobs);
      if (draft) {
        await this.db.drafts.delete(draft);
        await this.db.blobs.where("visit_id").equals(draft).modify({ state: "waiting" });
      }
    });
    this.cell.set({
      outbox: next.state,
      notes: [...this.state.notes, ...notes],
      drafts: this.state.drafts.filter((d) => d.id !== draft),
    });
    await this.countPhotos();
    void this.exchange(false);
  }

  // --- going out and coming in -----------------------------------------------------------------------------------

  /** What the server is told with every request about what is still here. */
  outstanding(): { count: number; oldest: string | null } {
    const { outbox, oldest } = this.state;
    return { count: outbox.entries.length, oldest: oldest > 0 ? new Date(oldest).toISOString() : null };
  }

  private async findOldest() {
    const rows = await this.db.ops.toArray();
    const first = Math.min(...rows.map((r) => r.made_at));
    this.cell.set({ oldest: Number.isFinite(first) ? first : 0 });
  }

  /** Sends what waits. By hand: without waiting for the end of a pause. While a round is on, another one follows it. */
  send(byHand = false): Promise<void> {
    if (!this.state.enrolment) return Promise.resolve();
    this.wanted = this.wanted === "hand" || byHand ? "hand" : "yes";
    this.sending ??= this.rounds().finally(() => {
      this.sending = null;
    });
    return this.sending;
  }
  private wanted: "no" | "yes" | "hand" = "no";
  private sending: Promise<void> | null = null;

  private async rounds(): Promise<void> {
    this.cell.set({ busy: { ...this.state.busy, drain: true } });
    try {
      while (this.wanted !== "no") {
        const byHand = this.wanted === "hand";
        this.wanted = "no";
        await this.findOldest();
        await drain(this, byHand);
      }
      await this.findOldest();
    } finally {
      this.wanted = "no";
      this.cell.set({ busy: { ...this.state.busy, drain: false } });
      await this.countPhotos();
      this.sendLater();
    }
  }

  /** A pause that ends before the next beat is not made longer by it. */
  private sendLater() {
    clearTimeout(this.later);
    const { entries, wait_until } = this.state.outbox;
    const pause = wait_until - this.now();
    if (entries.length === 0 || pause <= 0 || pause >= BEAT_MS || !navigator.onLine) return;
    this.later = setTimeout(() => void this.exchange(false), pause);
  }

  /** Sends, then fetches when it is time to: at once while photos wait for the bank's word that it has checked them. */
  async exchange(now: boolean): Promise<void> {
    await this.send(now);
    const due = this.now() - this.state.lastPull > PULL_EVERY_MS;
    if (now || due || this.state.photos.sent > 0) await this.fetch();
  }

  async fetch(): Promise<void> {
    if (this.state.phase !== "open" || this.state.busy.pull || !this.dataKey) return;
    this.cell.set({ busy: { ...this.state.busy, pull: true } });
    try {
      await pull(this);
      this.cell.set({ pullProblem: null });
    } catch (e) {
      this.heard(e);
      if (e instanceof ApiError && e.status !== 0) this.cell.set({ pullProblem: e.message });
    } finally {
      this.cell.set({ busy: { ...this.state.busy, pull: false } });
    }
  }

  /** What a failed request says about the line and the session. */
  heard(e: unknown): void {
    if (!(e instanceof ApiError)) return;
    if (e.status === 401) this.cell.set({ signedOut: true });
    if (e.status === 0)
      this.cell.set({ online: navigator.onLine && unreachable(e) ? this.state.online : false });
  }

  async contact(server_time: string): Promise<void> {
    const now = this.now();
    const skew = now - Date.parse(server_time);
    await this.db.transaction("rw", this.db.meta, async () => {
      await this.db.put("last_contact", now);
      if (Number.isFinite(skew)) await this.db.put("skew_ms", skew);
    });
    this.cell.set({ online: true, signedOut: false, ...(Number.isFinite(skew) ? { skew } : {}) });
  }

  /** Everything that has not gone, sealed to the organisation: for a file or for the rescue of a revoked phone. */
  async sealedItems(): Promise<{ op_id: string; sealed: string }[]> {
    const [ops, drafts, left] = await Promise.all([
      this.db.ops.toArray(),
      this.db.drafts.toArray(),
      this.db.rescue.toArray(),
    ]);
    return [
      ...ops.map((o) => ({ op_id: o.op_id, sealed: o.sealed })),
      ...drafts.map((d) => ({ op_id: d.id, sealed: d.sealed })),
      ...left.map((r) => ({ op_id: r.id, sealed: r.sealed })),
    ];
  }
}
