// The tables on the phone. Every write waits until it has reached the disk (strict durability): what the screen calls
// saved survives a battery that is pulled out. Nothing here is readable: see crypto.ts.

import Dexie, { type EntityTable } from "dexie";
import { emptyOutbox, type OutboxEffect, type OutboxEvent, type OutboxState, step } from "../core/outbox.ts";
import type { Enrolment } from "../core/types.ts";
import type { Sealed, WrappedKey } from "./crypto.ts";

/** What is kept by name. */
export interface MetaValues {
  device_key: CryptoKey;
  wrapped_key: WrappedKey;
  enrolment: Enrolment;
  outbox: OutboxState;
  /** Until when the pack may be read: the phone's clock, ms. */
  lease_until: number;
  /** The highest this phone's clock has been, ms: a clock that is turned back does not lengthen the lease. */
  clock_high: number;
  /** When the server was last heard, ms of the phone's clock. */
  last_contact: number;
  /** Phone minus server, ms. */
  skew_ms: number;
  pin_failures: number;
  /** Why there is no pack: the lease is over, or the phone was revoked. */
  closed: "lease" | "revoked";
  last_pull: number;
  persisted: boolean;
}

export interface PackRow extends Sealed {
  id: "pack";
}
export interface DraftRow extends Sealed {
  id: string;
  sealed: string;
  saved_at: number;
}
export interface OpRow extends Sealed {
  op_id: string;
  sealed: string;
  made_at: number;
}
export interface NoteRow extends Sealed {
  op_id: string;
  made_at: number;
}
export interface BlobRow extends Sealed {
  /** `visit/sha256`: the same photo in two visits is two rows. */
  id: string;
  sha256: string;
  size: number;
  mime: string;
  role: string;
  unit_id: string;
  visit_id: string;
  op_id: string;
  /** `draft`: its visit is not handed in yet. `sent`: the server has all bytes; kept until it has checked them. */
  state: "draft" | "waiting" | "sent";
  location: string | null;
  made_at: number;
}
export interface RescueRow {
  id: string;
  unit_id: string;
  sealed: string;
}

export class FieldDb extends Dexie {
  meta!: EntityTable<{ key: keyof MetaValues; value: MetaValues[keyof MetaValues] }, "key">;
  pack!: EntityTable<PackRow, "id">;
  drafts!: EntityTable<DraftRow, "id">;
  ops!: EntityTable<OpRow, "op_id">;
  notes!: EntityTable<NoteRow, "op_id">;
  blobs!: EntityTable<BlobRow, "id">;
  /** Sealed to the organisation and not readable here any more. */
  rescue!: EntityTable<RescueRow, "id">;

  constructor(name = "zoufang-field") {
    super(name, { chromeTransactionDurability: "strict" });
    this.version(1).stores({
      meta: "key",
      pack: "id",
      drafts: "id",
      ops: "op_id",
      notes: "op_id",
      blobs: "id, state, sha256, visit_id",
      rescue: "id",
    });
  }

  async get<K extends keyof MetaValues>(key: K): Promise<MetaValues[K] | undefined> {
    return (await this.meta.get(key))?.value as MetaValues[K] | undefined;
  }

  async put<K extends keyof MetaValues>(key: K, value: MetaValues[K]): Promise<void> {
    await this.meta.put({ key, value });
  }

  /**
   * One step of the outbox, in one transaction with whatever belongs to it: an operation and its place in the queue
   * are written together or not at all, and its content goes in the same step in which its receipt is written.
   */
  outbox(
    events: readonly OutboxEvent[],
    also?: () => Promise<unknown>,
  ): Promise<{ state: OutboxState; effects: OutboxEffect[] }> {
    return this.transaction("rw", [this.meta, this.ops, this.drafts, this.notes, this.blobs], async () => {
      let state = (await this.get("outbox")) ?? emptyOutbox();
      const effects: OutboxEffect[] = [];
      for (const event of events) {
        const next = step(state, event);
        state = next.state;
        effects.push(...next.effects);
      }
      await this.put("outbox", state);
      await also?.();
      for (const effect of effects) if (effect.do === "forget") await this.ops.delete(effect.op_id);
      return { state, effects };
    });
  }
}
