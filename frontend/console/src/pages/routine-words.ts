// A cadence in words: "every week on Thursday", "2–3 times a month", "腊月廿三".
import type { Cadence } from "@zoufang/shared/api/types.ts";
import { num } from "@zoufang/shared/format.ts";
import { useWords } from "../session.ts";

export function useCadence() {
  const w = useWords();
  const r = w.routines;
  return (c: Cadence): string => {
    switch (c.every) {
      case "day":
        return r.everyDay;
      case "week":
        return r.everyWeek(c.weekdays.map((d) => w.date.weekdays[d - 1] ?? "").join("、"));
      case "month":
        return r.everyMonth(num(c.times), c.most && c.most > c.times ? num(c.most) : "");
      case "month_day":
        return r.everyMonthDay(num(c.day));
      case "quarter":
        return r.everyQuarter(num(c.times));
      case "lunar":
        return r.lunar(c.month, c.day);
      case "before_start":
        return r.beforeStart(num(c.days));
    }
  };
}
