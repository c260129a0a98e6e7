// Numbers, days and weeks as people read them. Pure: the locale comes from the caller, the day from the server.
// Days are `YYYY-MM-DD` in the bank's own zone and are never shifted by the browser's.

const numbers = new Map<string, Intl.NumberFormat>();

/** 45211 → 45,211; at most `digits` decimals. A missing value is an en dash. */
export function num(value: number | null | undefined, digits = 0): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const key = String(digits);
  let format = numbers.get(key);
  if (!format) {
    format = new Intl.NumberFormat("zh-CN", { maximumFractionDigits: digits });
    numbers.set(key, format);
  }
  return format.format(value);
}

/** Share as a whole per cent, rounded down so that 99.6 % never reads as done. 0 of 0 is a dash. */
export function percent(part: number, whole: number): string {
  if (!whole) return "–";
  return `${Math.floor((part / whole) * 100)}%`;
}

/** Bar length 0–100 for a share. */
export function share(part: number, whole: number): number {
  if (!whole) return 0;
  return Math.max(0, Math.min(100, (part / whole) * 100));
}

const DAY = /^(\d{4})-(\d{2})-(\d{2})/;

function utc(day: string): Date | null {
  const m = DAY.exec(day);
  if (!m) return null;
  return new Date(Date.UTC(Number(m[1]), Number(m[2]) - 1, Number(m[3])));
}

const iso = (d: Date) => d.toISOString().slice(0, 10);

/** `day` moved by whole days. */
export function addDays(day: string, days: number): string {
  const d = utc(day);
  if (!d) return day;
  return iso(new Date(d.getTime() + days * 86_400_000));
}

/** Days from `a` to `b`, negative when b is earlier. */
export function daysBetween(a: string, b: string): number {
  const [x, y] = [utc(a), utc(b)];
  if (!x || !y) return 0;
  return Math.round((y.getTime() - x.getTime()) / 86_400_000);
}

/** ISO week of a day: 2026-11-22 → 2026-W47. */
export function weekOf(day: string): string {
  const d = utc(day);
  if (!d) return "";
  const weekday = d.getUTCDay() || 7;
  const thursday = new Date(d.getTime() + (4 - weekday) * 86_400_000);
  const year = thursday.getUTCFullYear();
  const first = Date.UTC(year, 0, 1);
  const week = Math.floor((thursday.getTime() - first) / 604_800_000) + 1;
  return `${year}-W${String(week).padStart(2, "0")}`;
}

/** Monday of an ISO week, or "" when the text is no week. */
export function mondayOf(week: string): string {
  const m = /^(\d{4})-W(\d{2})$/.exec(week);
  if (!m) return "";
  const fourth = new Date(Date.UTC(Number(m[1]), 0, 4));
  const weekday = fourth.getUTCDay() || 7;
  return iso(new Date(fourth.getTime() + ((Number(m[2]) - 1) * 7 + 1 - weekday) * 86_400_000));
}

/** The week `by` weeks after (or before) another. */
export function addWeeks(week: string, by: number): string {
  const monday = mondayOf(week);
  return monday ? weekOf(addDays(monday, by * 7)) : week;
}

/** 1 (Monday) to 7 of a day. */
export function isoWeekday(day: string): number {
  const d = utc(day);
  return d ? d.getUTCDay() || 7 : 1;
}

/** Month, day and year as numbers; null when the text is no day. */
export function parts(day: string): { year: number; month: number; day: number } | null {
  const m = DAY.exec(day);
  return m ? { year: Number(m[1]), month: Number(m[2]), day: Number(m[3]) } : null;
}

/**
 * `20261123`, `11-23` and `2026-11-23` are all written on paper. A day without a year is the one nearest to `near`:
 * what is written in December of a day in January is of the next year. What is no day stays as it is.
 */
export function dayWritten(text: string, near: string): string {
  const digits = text.match(/\d+/g) ?? [];
  const joined = digits.join("");
  const pad = (s: string) => s.padStart(2, "0");
  const nearest = (month: string, day: string): string => {
    const there = utc(near);
    if (!there) return text;
    const year = there.getUTCFullYear();
    const days = [year - 1, year, year + 1].map((y) => `${y}-${pad(month)}-${pad(day)}`);
    const away = (d: string) => Math.abs((utc(d)?.getTime() ?? Number.POSITIVE_INFINITY) - there.getTime());
    return days.reduce((best, d) => (away(d) < away(best) ? d : best));
  };
  if (digits.length === 3) return `${digits[0]}-${pad(digits[1] ?? "")}-${pad(digits[2] ?? "")}`;
  if (digits.length === 2) return nearest(digits[0] ?? "", digits[1] ?? "");
  if (joined.length === 8) return `${joined.slice(0, 4)}-${joined.slice(4, 6)}-${joined.slice(6)}`;
  if (joined.length === 4) return nearest(joined.slice(0, 2), joined.slice(2));
  return text;
}

/** RFC 3339 → `2026-11-22 09:30` in the offset that the server wrote. */
export function stamp(time: string | null | undefined): string {
  const m = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})/.exec(time ?? "");
  return m ? `${m[1]} ${m[2]}` : "–";
}

/** First and last day of the month of `day`. */
export function monthSpan(day: string): [string, string] {
  const p = parts(day);
  if (!p) return [day, day];
  const first = iso(new Date(Date.UTC(p.year, p.month - 1, 1)));
  const last = iso(new Date(Date.UTC(p.year, p.month, 0)));
  return [first, last];
}

/** The same day of the month `by` months away, always its first. */
export function addMonths(day: string, by: number): string {
  const p = parts(day);
  if (!p) return day;
  return iso(new Date(Date.UTC(p.year, p.month - 1 + by, 1)));
}
