// What is written into a photo: when, and where as well as the phone knows it.
import type { FieldWords } from "@zoufang/shared/words/field.ts";
import { clock, dayText } from "../context.ts";
import type { Position } from "../core/types.ts";

export function watermark(w: FieldWords, position: Position | null, place: string): string[] {
  const now = new Date();
  const day = `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`;
  const where = position
    ? `${position.lat.toFixed(5)}, ${position.lon.toFixed(5)} ±${Math.round(position.accuracy_m ?? 0)} m`
    : w.visit.placeNone;
  return [
    `${now.getFullYear()} · ${dayText(w, day)} ${clock(now.getTime())}`,
    [place, where].filter(Boolean).join(" · "),
  ];
}
