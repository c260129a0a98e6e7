// The one Field of this window, its state, the words and the switches of the look.
import { type FieldWords, fieldZh } from "@zoufang/shared/words/field.ts";
import { createContext, useContext, useSyncExternalStore } from "react";
import { Field } from "./engine/field.ts";
import type { State } from "./engine/state.ts";

export const field = new Field();

export function useField(): State {
  return useSyncExternalStore(field.cell.subscribe, field.cell.get);
}

/** The operations that are still here. */
export const waitingOf = (s: State): Set<string> => new Set(s.outbox.entries.map((e) => e.op_id));

export interface Look {
  words: FieldWords;
  language: "zh" | "en";
  large: boolean;
  setLanguage: (language: "zh" | "en") => void;
  setLarge: (large: boolean) => void;
}

export const LookContext = createContext<Look>({
  words: fieldZh,
  language: "zh",
  large: false,
  setLanguage: () => {},
  setLarge: () => {},
});
export const useLook = () => useContext(LookContext);
export const useWords = () => useContext(LookContext).words;

/** A switch that is no secret: type size, language. */
export function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
export function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // storage switched off: the standard look
  }
}

const BANK_ZONE_MS = 8 * 3600_000;
/** The day at the bank, by the server's clock as far as it is known, `YYYY-MM-DD`. */
export function bankDay(now: number, skew: number): string {
  return new Date(now - skew + BANK_ZONE_MS).toISOString().slice(0, 10);
}
/** Hours and minutes of a moment on this phone. */
export function clock(at: number | string): string {
  const d = new Date(at);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${two(d.getHours())}:${two(d.getMinutes())}`;
}
export const minutes = (m: number): string => `${Math.floor(m / 60)}:${String(m % 60).padStart(2, "0")}`;

export function dayText(w: FieldWords, day: string): string {
  const d = new Date(`${day}T00:00:00Z`);
  return w.day(d.getUTCMonth() + 1, d.getUTCDate(), w.weekdays[d.getUTCDay()] ?? "");
}
export function shortDay(w: FieldWords, day: string): string {
  const [, m, d] = day.split("-").map(Number);
  return w.shortDay(m ?? 0, d ?? 0);
}
/** 1.2 km · 300 m */
export function distance(w: FieldWords, metres: number): string {
  return metres >= 950
    ? w.today.km((metres / 1000).toFixed(1))
    : w.today.m(String(Math.round(metres / 50) * 50));
}
