// Days, weeks and village groups in the words of the current language.
import { addDays, mondayOf, parts, weekOf } from "@zoufang/shared/format.ts";
import type { Words } from "@zoufang/shared/words/index.ts";

export function dayText(day: string | null | undefined, w: Words, withYear = false): string {
  const p = day ? parts(day) : null;
  if (!p) return "–";
  return withYear ? w.date.dayYear(p.year, p.month, p.day) : w.date.day(p.month, p.day);
}

export function weekdayText(weekday: number | string, w: Words): string {
  if (typeof weekday === "string" && Number.isNaN(Number(weekday))) return weekday;
  return w.date.weekdays[(Number(weekday) + 6) % 7] ?? "";
}

export function weekText(week: string, w: Words): string {
  const m = /^(\d{4})-W(\d{2})$/.exec(week);
  return m ? w.date.week(Number(m[1]), Number(m[2])) : week;
}

/** “本周” for the week of today, else its number. */
export function weekShort(week: string, today: string, w: Words): string {
  if (week === weekOf(today)) return w.date.thisWeek;
  const m = /^\d{4}-W(\d{2})$/.exec(week);
  return m ? w.plans.weekNo(Number(m[1])) : week;
}

export function weekSpan(week: string, w: Words): string {
  const monday = mondayOf(week);
  return monday ? w.date.range(dayText(monday, w), dayText(addDays(monday, 6), w)) : "";
}

/** A village group by village and group; some banks already write the village into the name. */
export function groupName(group: { village: string | null; name: string }): string {
  const village = group.village ?? "";
  return group.name.startsWith(village) ? group.name : `${village}${group.name}`;
}
