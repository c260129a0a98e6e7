// 例行工作: a month of what comes again, what was skipped and why, and the list with who changed which; whoever may
// sets how often for the unit and all below it.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate, useSearch } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { Routine, RoutineCalendar, RoutineDay } from "@zoufang/shared/api/types.ts";
import { addDays, addMonths, isoWeekday, monthSpan, num, parts, stamp } from "@zoufang/shared/format.ts";
import { Button } from "antd";
import { useState } from "react";
import { useMay, useMe, useWords } from "../session.ts";
import { dayText } from "../ui/dates.ts";
import { Page, Panel, Tag, type Tone } from "../ui/layout.tsx";
import { Empty, View } from "../ui/states.tsx";
import { type Column, ServerTable } from "../ui/table.tsx";
import { RoutineDialog } from "./routine-dialog.tsx";
import { useCadence } from "./routine-words.ts";
import { useTaskWords } from "./task-words.ts";
import "./task.css";

const route = getRouteApi("/shell/routines");

export function RoutinesPage() {
  const w = useWords();
  const r = w.routines;
  const me = useMe();
  const search = route.useSearch();
  const unit = useSearch({ strict: false }).unit ?? me.unit.id;
  const navigate = useNavigate();
  const [from, to] = monthSpan(search.month ?? me.system.today);
  const query = useQuery({
    queryKey: ["routines", unit, from],
    queryFn: () => api.routines(unit, from, to),
  });
  const at = parts(from);
  const go = (part: Record<string, string | undefined>) =>
    navigate({ to: "/routines", search: (old: Record<string, unknown>) => ({ ...old, ...part }) });
  return (
    <Page
      title={r.title}
      sub={query.data ? programLine(query.data, w) : undefined}
      actions={
        <>
          <Button onClick={() => go({ month: addMonths(from, -1), day: undefined })}>
            {w.date.prevMonth}
          </Button>
          <Button onClick={() => go({ month: addMonths(from, 1), day: undefined })}>
            {w.date.nextMonth}
          </Button>
        </>
      }
    >
      <View query={query}>
        {(data) => (
          <>
            <Panel title={at ? w.date.month(at.year, at.month) : from}>
              <Month data={data} chosen={search.day} onChoose={(day) => go({ day })} />
            </Panel>
            {search.day ? <DayList data={data} day={search.day} /> : null}
            <Skipped data={data} />
            <List data={data} unitId={unit} />
          </>
        )}
      </View>
    </Page>
  );
}

function programLine(data: RoutineCalendar, w: ReturnType<typeof useWords>): string {
  if (!data.program) return w.routines.noProgram;
  return `${data.program}　${dayText(data.program_from, w, true)} – ${dayText(data.program_to, w, true)}`;
}

function useRoutineName(data: RoutineCalendar) {
  const { two } = useTaskWords();
  const names = new Map(data.routines.map((one) => [one.id, two(one.name)]));
  return (id: string) => names.get(id) ?? id;
}

const TONES: Record<string, Tone> = {
  open: "info",
  late: "bad",
  done: "ok",
  done_late: "warn",
  lapsed: "bad",
  skipped: "plain",
};

/** Routines of a day with how many units have done them; one line each. */
function lines(
  days: RoutineDay[],
): { id: string; all: number; ended: number; late: number; state: string }[] {
  const by = new Map<string, RoutineDay[]>();
  for (const d of days) by.set(d.routine_id, [...(by.get(d.routine_id) ?? []), d]);
  return [...by].map(([id, all]) => ({
    id,
    all: all.length,
    ended: all.filter((d) => d.state.startsWith("done")).length,
    late: all.filter((d) => d.state === "late" || d.state === "lapsed").length,
    state: all.every((d) => d.state === "skipped")
      ? "skipped"
      : all.every((d) => d.state === "coming")
        ? "coming"
        : "opened",
  }));
}

function Month({
  data,
  chosen,
  onChoose,
}: {
  data: RoutineCalendar;
  chosen: string | undefined;
  onChoose: (day: string) => void;
}) {
  const w = useWords();
  const r = w.routines;
  const name = useRoutineName(data);
  const off = new Set(data.off);
  const first = isoWeekday(data.from) - 1;
  const cells: (string | null)[] = Array(first).fill(null);
  for (let day = data.from; day <= data.to; day = addDays(day, 1)) cells.push(day);
  while (cells.length % 7) cells.push(null);
  const weeks = Array.from({ length: cells.length / 7 }, (_, i) => cells.slice(i * 7, i * 7 + 7));
  const cell = (day: string) => {
    const place = (id: string) => data.routines.findIndex((one) => one.id === id);
    const all = lines(data.days.filter((d) => d.day === day)).sort((a, b) => place(a.id) - place(b.id));
    const css = `day${off.has(day) ? " rest" : ""}${day === data.today ? " today" : ""}`;
    return (
      <button
        type="button"
        className={css}
        aria-pressed={day === chosen}
        aria-label={r.dayLabel(dayText(day, w), num(all.length))}
        onClick={() => onChoose(day)}
      >
        <span className="calendar-line">
          <b className="num">{parts(day)?.day}</b>
          {off.has(day) ? <span className="mark-rest">{r.off}</span> : null}
        </span>
        {all.map((line) => (
          <span key={line.id} className={`routine-line routine-${line.late > 0 ? "late" : line.state}`}>
            {name(line.id)}
            {line.state === "opened" && line.all > 1 ? ` ${num(line.ended)}/${num(line.all)}` : ""}
            {line.state === "opened" && line.all === 1 && line.ended === 1 ? " ✓" : ""}
            {line.state === "skipped" ? ` ${r.states.skipped}` : ""}
          </span>
        ))}
      </button>
    );
  };
  return (
    <>
      <div className="routine-month">
        <table className="calendar">
          <caption className="unseen">{r.title}</caption>
          <thead>
            <tr>
              {w.date.weekdays.map((day) => (
                <th key={day} scope="col">
                  {day}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {weeks.map((week) => (
              <tr key={week.find((d) => d)}>
                {week.map((day, i) => (
                  <td key={day ?? i}>{day ? cell(day) : null}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="hint">{r.monthHint}</p>
    </>
  );
}

function DayList({ data, day }: { data: RoutineCalendar; day: string }) {
  const w = useWords();
  const r = w.routines;
  const name = useRoutineName(data);
  const rows = data.days.filter((d) => d.day === day);
  const columns: Column<RoutineDay>[] = [
    {
      key: "name",
      title: r.name,
      render: (d) =>
        d.task_id ? (
          <Link to="/tasks/$unitId/$taskId" params={{ unitId: d.unit_id, taskId: d.task_id }}>
            {name(d.routine_id)}
          </Link>
        ) : (
          name(d.routine_id)
        ),
    },
    { key: "unit", title: w.common.unit, nowrap: true, render: (d) => d.unit_name },
    {
      key: "state",
      title: w.tasks.state,
      nowrap: true,
      render: (d) => (
        <span className="line tight">
          <Tag tone={TONES[d.state] ?? "plain"}>{r.state(d.state)}</Tag>
          {d.reason ? r.reason(d.reason) : ""}
        </span>
      ),
    },
  ];
  return (
    <Panel title={dayText(day, w, true)} flush>
      <ServerTable<RoutineDay>
        label={dayText(day, w)}
        rows={rows}
        rowKey={(d) => `${d.routine_id}${d.unit_id}`}
        columns={columns}
        empty={<Empty text={r.nothing} />}
      />
    </Panel>
  );
}

/** What was skipped in the month, and why. */
function Skipped({ data }: { data: RoutineCalendar }) {
  const w = useWords();
  const r = w.routines;
  const name = useRoutineName(data);
  const rows = data.days.filter((d) => d.state === "skipped");
  if (rows.length === 0) return null;
  const columns: Column<RoutineDay>[] = [
    { key: "day", title: r.day, nowrap: true, render: (d) => dayText(d.day, w) },
    { key: "name", title: r.name, render: (d) => name(d.routine_id) },
    { key: "unit", title: w.common.unit, nowrap: true, render: (d) => d.unit_name },
    { key: "why", title: r.why, render: (d) => r.reason(d.reason) },
  ];
  return (
    <Panel title={r.skipped(num(rows.length))} flush>
      <ServerTable<RoutineDay>
        label={r.states.skipped}
        rows={rows}
        rowKey={(d) => `${d.day}${d.routine_id}${d.unit_id}`}
        columns={columns}
      />
    </Panel>
  );
}

function List({ data, unitId }: { data: RoutineCalendar; unitId: string }) {
  const w = useWords();
  const r = w.routines;
  const may = useMay("task.manage");
  const { two } = useTaskWords();
  const cadence = useCadence();
  const client = useQueryClient();
  const [open, setOpen] = useState<Routine | null>(null);
  const columns: Column<Routine>[] = [
    {
      key: "name",
      title: r.name,
      render: (one) => (
        <span className="line tight wrap">
          <b>{two(one.name)}</b>
          {one.enabled ? null : <Tag>{r.disabled}</Tag>}
        </span>
      ),
    },
    { key: "often", title: r.often, render: (one) => cadence(one.cadence) },
    {
      key: "who",
      title: r.who,
      nowrap: true,
      render: (one) => `${r.level(one.level)} · ${two(one.owner_post)}`,
    },
    { key: "lead", title: r.lead, nowrap: true, render: (one) => r.leadDays(num(one.lead_days)) },
    {
      key: "changed",
      title: r.changed,
      render: (one) =>
        one.changed_by
          ? r.changedBy(one.changed_unit ?? "", one.changed_by, stamp(one.changed_at), one.reason)
          : r.asShipped,
    },
    ...(may
      ? [
          {
            key: "edit",
            title: w.common.actions,
            nowrap: true,
            render: (one: Routine) => <Button onClick={() => setOpen(one)}>{r.edit}</Button>,
          },
        ]
      : []),
  ];
  return (
    <Panel title={r.list} hint={r.listHint} flush>
      <ServerTable<Routine>
        label={r.list}
        rows={data.routines}
        rowKey={(one) => one.id}
        columns={columns}
        empty={<Empty text={r.nothing} />}
      />
      <RoutineDialog
        routine={open}
        unitId={unitId}
        unitName={data.unit_name}
        onClose={() => setOpen(null)}
        onDone={() => client.invalidateQueries({ queryKey: ["routines"] })}
      />
    </Panel>
  );
}
