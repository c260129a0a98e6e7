// What the screens see: one object, replaced as a whole at every change.

import type { Me } from "@zoufang/shared/api/types.ts";
import { emptyPackView } from "../core/day.ts";
import { emptyOutbox, type OutboxState } from "../core/outbox.ts";
import type { Draft, Enrolment, Note, Pack } from "../core/types.ts";
import type { MetaValues } from "../store/db.ts";

/** Where the app stands; each has one screen before the four tabs, `open` has the tabs. */
export type Phase = "starting" | "sign_in" | "enrol" | "new_pin" | "locked" | "closed" | "open";

export interface Photos {
  /** Of visits that are handed in, not at the bank yet. */
  waiting: number;
  /** At the bank, being checked. */
  sent: number;
}

export interface State {
  phase: Phase;
  me: Me | null;
  enrolment: Enrolment | null;
  online: boolean;
  /** The server wants somebody to sign in before anything goes. */
  signedOut: boolean;
  pack: Pack;
  drafts: Draft[];
  notes: Note[];
  outbox: OutboxState;
  photos: Photos;
  leaseUntil: number;
  lastPull: number;
  closed: MetaValues["closed"] | null;
  busy: { pull: boolean; drain: boolean };
  /** The last reason why the pack could not be renewed: the server's sentence or a code. */
  pullProblem: string | null;
  persisted: boolean | null;
  tooOld: boolean;
  /** The phone's clock minus the server's, ms. */
  skew: number;
  /** The visit that the customer is looking at: nothing else is on the screen. */
  showing: string | null;
  /** When the oldest record that is still here was written, ms; 0 = none. */
  oldest: number;
}

export const firstState: State = {
  phase: "starting",
  me: null,
  enrolment: null,
  online: true,
  signedOut: false,
  pack: emptyPackView(),
  drafts: [],
  notes: [],
  outbox: emptyOutbox(),
  photos: { waiting: 0, sent: 0 },
  leaseUntil: 0,
  lastPull: 0,
  closed: null,
  busy: { pull: false, drain: false },
  pullProblem: null,
  persisted: null,
  tooOld: false,
  skew: 0,
  showing: null,
  oldest: 0,
};

/** Version of this program as the server counts it. */
export const CLIENT = 1;

export class Cell<T> {
  private readonly listeners = new Set<() => void>();
  constructor(private value: T) {}
  readonly get = (): T => this.value;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  set(part: Partial<T>): void {
    this.value = { ...this.value, ...part };
    for (const listener of this.listeners) listener();
  }
}
