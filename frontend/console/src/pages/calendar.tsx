// The work calendar as a month: holidays, make-up workdays and lunar dates; every day is a button that corrects it.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { CalendarDay } from "@zoufang/shared/api/types.ts";
import { addMonths, isoWeekday, monthSpan, parts } from "@zoufang/shared/format.ts";
import { Button, Form, Input, Radio } from "antd";
import { useState } from "react";
import { useMay, useMe, useWords } from "../session.ts";
import { dayText } from "../ui/dates.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Panel } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { View } from "../ui/states.tsx";

interface Correction {
  is_workday: boolean;
  name: string;
}

function weeksOf(days: CalendarDay[]): (CalendarDay | null)[][] {
  const first = days[0];
  if (!first) return [];
  const cells: (CalendarDay | null)[] = [...Array(isoWeekday(first.day) - 1).fill(null), ...days];
  while (cells.length % 7) cells.push(null);
  const out: (CalendarDay | null)[][] = [];
  for (let at = 0; at < cells.length; at += 7) out.push(cells.slice(at, at + 7));
  return out;
}

export function CalendarMonth({ month }: { month: string | undefined }) {
  const w = useWords();
  const c = w.units.calendar;
  const me = useMe();
  const may = useMay("calendar.write");
  const client = useQueryClient();
  const navigate = useNavigate();
  const notice = useNotice();
  const [open, setOpen] = useState<CalendarDay | null>(null);
  const [from, to] = monthSpan(month ?? me.system.today);
  const query = useQuery({ queryKey: ["calendar", from], queryFn: () => api.calendar(from, to) });
  const at = parts(from);
  const title = at ? w.date.month(at.year, at.month) : from;
  const go = (by: number) =>
    navigate({
      to: "/units",
      search: (old: Record<string, unknown>) => ({ ...old, month: addMonths(from, by) }),
    });
  const refresh = () => client.invalidateQueries({ queryKey: ["calendar"] });

  return (
    <Panel
      title={title}
      hint={c.hint}
      extra={
        <>
          <Button onClick={() => go(-1)}>{w.date.prevMonth}</Button>
          <Button onClick={() => go(1)}>{w.date.nextMonth}</Button>
        </>
      }
    >
      <View query={query}>
        {(data) => (
          <>
            {data.items.some((d) => !d.known) ? <p className="box box-warn">{c.unknown}</p> : null}
            <table className="calendar">
              <caption className="unseen">{c.table(title)}</caption>
              <thead>
                <tr>
                  {w.date.weekdays.map((name) => (
                    <th key={name} scope="col">
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {weeksOf(data.items).map((week) => (
                  <tr key={week.find((d) => d)?.day}>
                    {week.map((day, i) => (
                      <td key={day?.day ?? i}>
                        {day ? (
                          <DayCell day={day} today={me.system.today} onOpen={may ? setOpen : undefined} />
                        ) : null}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </>
        )}
      </View>
      <FormDialog<Correction>
        key={open?.day ?? ""}
        title={open ? `${c.correct} · ${dayText(open.day, w, true)}` : ""}
        open={open !== null}
        onClose={() => setOpen(null)}
        initial={{ is_workday: open?.is_workday ?? true, name: open?.holiday_name ?? "" }}
        onSubmit={async (v) => {
          if (!open) return;
          await api.correctDay(open.day, { is_workday: v.is_workday, name: v.name ?? "" });
          await refresh();
          notice(w.common.saved);
        }}
      >
        <Form.Item name="is_workday" label={c.isWorkday}>
          <Radio.Group
            options={[
              { value: true, label: c.asWork },
              { value: false, label: c.asRest },
            ]}
          />
        </Form.Item>
        <Form.Item name="name" label={c.name}>
          <Input placeholder={c.namePlaceholder} maxLength={30} />
        </Form.Item>
        {open?.corrected ? (
          <Button
            onClick={async () => {
              await api.uncorrectDay(open.day);
              await refresh();
              setOpen(null);
            }}
          >
            {c.undo}
          </Button>
        ) : null}
      </FormDialog>
    </Panel>
  );
}

function DayCell({
  day,
  today,
  onOpen,
}: {
  day: CalendarDay;
  today: string;
  onOpen: ((day: CalendarDay) => void) | undefined;
}) {
  const w = useWords();
  const c = w.units.calendar;
  const weekend = isoWeekday(day.day) > 5;
  const mark = day.is_workday
    ? weekend
      ? c.legendWork
      : ""
    : weekend && !day.holiday_name
      ? ""
      : c.legendRest;
  const text = (
    <>
      <span className="calendar-line">
        <b className="num">{parts(day.day)?.day}</b>
        {mark ? <span className={day.is_workday ? "mark-work" : "mark-rest"}>{mark}</span> : null}
      </span>
      <span className="calendar-small">{day.holiday_name || day.lunar}</span>
      {day.corrected ? <span className="calendar-small corrected">{c.corrected}</span> : null}
    </>
  );
  const className = `day ${day.is_workday ? "" : "rest"} ${day.day === today ? "today" : ""}`;
  if (!onOpen) return <div className={className}>{text}</div>;
  const label = [
    dayText(day.day, w, true),
    day.is_workday ? w.date.workday : w.date.restday,
    day.holiday_name,
    day.lunar,
    day.corrected ? c.corrected : null,
  ]
    .filter(Boolean)
    .join(" ");
  return (
    <button type="button" className={className} aria-label={label} onClick={() => onOpen(day)}>
      {text}
    </button>
  );
}
