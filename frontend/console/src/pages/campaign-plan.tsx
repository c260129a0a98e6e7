// What a campaign asks, said in sentences; the timeline of its phases; windows; and the form for the main parameters.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import {
  type MainKey,
  type MethodRow,
  methodsOf,
  numberOf,
  phasesOf,
  setMain,
  type TeamRow,
  teamsOf,
  windowsOf,
  withValue,
} from "@zoufang/shared/api/definition.ts";
import type { Definition, Phase, ProgramDetail } from "@zoufang/shared/api/types.ts";
import { daysBetween, num } from "@zoufang/shared/format.ts";
import type { Words } from "@zoufang/shared/words/index.ts";
import { Button, DatePicker, Form, Input, InputNumber } from "antd";
import { useState } from "react";
import { useMay, useMe, useWords } from "../session.ts";
import { dayText } from "../ui/dates.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Panel, Tag } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { ServerTable } from "../ui/table.tsx";
import { dayProps } from "./customer-fields.tsx";

function phaseKind(kind: string, w: Words): string {
  const known: Record<string, string> = w.campaigns.visitKind;
  return kind
    .split(",")
    .map((one) => known[one] ?? one)
    .join("、");
}

function Timeline({ program }: { program: ProgramDetail }) {
  const w = useWords();
  const c = w.campaigns;
  const me = useMe();
  const whole = daysBetween(program.first_day, program.last_day) + 1;
  const place = (day: string) =>
    Math.max(0, Math.min(100, (daysBetween(program.first_day, day) / whole) * 100));
  const today = me.system.today;
  const showToday = today >= program.first_day && today <= program.last_day;
  const outside = (p: Phase) => p.first_day < program.first_day || p.last_day > program.last_day;
  return (
    <>
      <div className="timeline" aria-hidden="true">
        {program.phases.map((p, i) => {
          const left = place(p.first_day);
          const width = Math.max(1, place(p.last_day) + 100 / whole - left);
          return (
            <div className="timeline-row" key={p.id}>
              <span
                className={`timeline-bar tone-${i % 3} ${outside(p) ? "outside" : ""}`}
                style={{ left: `${left}%`, width: `${Math.min(width, 100 - left)}%` }}
              >
                {p.name}
              </span>
            </div>
          );
        })}
        {showToday ? <span className="timeline-today" style={{ left: `${place(today)}%` }} /> : null}
      </div>
      <ul className="plain">
        {program.phases.map((p) => (
          <li key={p.id}>
            {c.phaseLine(
              p.name,
              dayText(p.first_day, w, true),
              dayText(p.last_day, w, true),
              daysBetween(p.first_day, p.last_day) + 1,
            )}{" "}
            <Tag>{phaseKind(p.kind, w)}</Tag> {outside(p) ? <Tag tone="bad">{c.phaseOutside}</Tag> : null}
          </li>
        ))}
      </ul>
    </>
  );
}

type Numbers = Exclude<MainKey, "first_day" | "last_day">;
const NUMBERS: Numbers[] = ["quota", "near_km", "visit_minutes", "households_met", "kmh"];

interface MainValues {
  first_day: string;
  last_day: string;
  numbers: Partial<Record<Numbers, number | null>>;
  windows?: { start: string; end: string }[];
  phases?: { start: string; end: string }[];
  teams?: { perOutlet: number | null }[];
  note: string;
}

function applied(definition: Definition, v: MainValues): Definition {
  let next = setMain(setMain(definition, "first_day", v.first_day), "last_day", v.last_day);
  for (const key of NUMBERS) {
    const value = v.numbers[key];
    if (value !== undefined && value !== null) next = setMain(next, key, value);
  }
  const put = (path: (string | number)[], value: string | number) => {
    next = withValue(next, path, value) as Definition;
  };
  const spans: [ReturnType<typeof phasesOf>, MainValues["phases"]][] = [
    [phasesOf(definition), v.phases],
    [windowsOf(definition), v.windows],
  ];
  for (const [rows, edited] of spans) {
    rows.forEach((row, i) => {
      const span = edited?.[i];
      if (!span) return;
      put([...row.path, "start"], span.start);
      put([...row.path, "end"], span.end);
    });
  }
  teamsOf(definition).forEach((row, i) => {
    const count = v.teams?.[i]?.perOutlet;
    if (count !== undefined && count !== null) put([...row.path, "per_outlet"], count);
  });
  return next;
}

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;

function EditMain({
  program,
  open,
  onClose,
}: {
  program: ProgramDetail;
  open: boolean;
  onClose: () => void;
}) {
  const w = useWords();
  const c = w.campaigns;
  const client = useQueryClient();
  const notice = useNotice();
  const definition = program.definition;
  const phases = phasesOf(definition);
  const windows = windowsOf(definition);
  const teams = teamsOf(definition);
  const rule = [{ required: true, message: w.common.required }];
  const clock = [{ required: true, pattern: CLOCK, message: c.clock }];
  const labels: Record<Numbers, string> = {
    quota: `${c.quota}（${w.common.households}）`,
    near_km: c.ringEdit,
    visit_minutes: c.minutesEdit,
    households_met: c.metEdit,
    kmh: c.kmhEdit,
  };
  const numbers = NUMBERS.filter((key) => numberOf(definition, key) !== null);
  return (
    <FormDialog<MainValues>
      title={c.editTitle}
      open={open}
      onClose={onClose}
      width={760}
      initial={{
        first_day: program.first_day,
        last_day: program.last_day,
        numbers: Object.fromEntries(numbers.map((key) => [key, numberOf(definition, key)])),
        windows: windows.map((r) => ({ start: r.start, end: r.end })),
        phases: phases.map((r) => ({ start: r.start, end: r.end })),
        teams: teams.map((r) => ({ perOutlet: r.perOutlet })),
      }}
      onSubmit={async (values) => {
        await api.editProgram(program.id, {
          definition: applied(definition, values),
          note: values.note ?? "",
          version: program.version,
        });
        await Promise.all([
          client.invalidateQueries({ queryKey: ["program", program.id] }),
          client.invalidateQueries({ queryKey: ["programs"] }),
          client.invalidateQueries({ queryKey: ["check", program.id] }),
        ]);
        notice(w.common.saved);
      }}
    >
      <div className="form-2">
        <Form.Item name="first_day" label={c.firstDay} rules={rule} {...dayProps}>
          <DatePicker allowClear={false} />
        </Form.Item>
        <Form.Item name="last_day" label={c.lastDay} rules={rule} {...dayProps}>
          <DatePicker allowClear={false} />
        </Form.Item>
        {numbers.map((key) => (
          <Form.Item key={key} name={["numbers", key]} label={labels[key]} rules={rule}>
            <InputNumber min={0} />
          </Form.Item>
        ))}
      </div>
      {phases.map((row, i) => (
        <fieldset key={row.path.join(".")} className="group">
          <legend>
            {c.phase} · {row.title}
          </legend>
          <div className="form-2">
            <Form.Item name={["phases", i, "start"]} label={c.firstDay} rules={rule} {...dayProps}>
              <DatePicker allowClear={false} />
            </Form.Item>
            <Form.Item name={["phases", i, "end"]} label={c.lastDay} rules={rule} {...dayProps}>
              <DatePicker allowClear={false} />
            </Form.Item>
          </div>
        </fieldset>
      ))}
      {windows.map((row, i) => (
        <fieldset key={row.path.join(".")} className="group">
          <legend>
            {c.windowLabel} · {row.title}
          </legend>
          <div className="form-2">
            <Form.Item name={["windows", i, "start"]} label={c.from} rules={clock}>
              <Input className="num" />
            </Form.Item>
            <Form.Item name={["windows", i, "end"]} label={c.to} rules={clock}>
              <Input className="num" />
            </Form.Item>
          </div>
        </fieldset>
      ))}
      <fieldset className="group">
        <legend>{c.teamsEdit}</legend>
        <div className="form-2">
          {teams.map((row, i) => (
            <Form.Item key={row.path.join(".")} name={["teams", i, "perOutlet"]} label={row.title}>
              <InputNumber min={0} max={50} />
            </Form.Item>
          ))}
        </div>
      </fieldset>
      <Form.Item name="note" label={c.editNote} rules={rule}>
        <Input placeholder={c.editNotePlaceholder} maxLength={100} />
      </Form.Item>
    </FormDialog>
  );
}

function Teams({ program }: { program: ProgramDetail }) {
  const w = useWords();
  const c = w.campaigns;
  const posts = useQuery({ queryKey: ["posts"], queryFn: api.posts, staleTime: 600_000 });
  const teams = teamsOf(program.definition);
  const windows = new Map(windowsOf(program.definition).map((r) => [r.id, r]));
  const postName = (code: string) => posts.data?.items.find((p) => p.code === code)?.name ?? code;
  const known = (names: Record<string, string>, code: string) => names[code] ?? code;
  if (teams.length === 0) return null;
  return (
    <Panel flush title={c.windows} hint={c.ringsHint}>
      <ServerTable<TeamRow>
        label={c.windows}
        rows={teams}
        rowKey={(r) => r.path.join(".")}
        columns={[
          { key: "name", title: c.teams, render: (r) => r.title },
          { key: "kind", title: c.windowName, nowrap: true, render: (r) => known(c.visitKind, r.kind) },
          {
            key: "time",
            title: c.windowTime,
            render: (r) =>
              r.windows.map((id) => {
                const one = windows.get(id);
                return (
                  <span key={id} className="num nowrap block">
                    {one ? `${one.title} ${one.start}–${one.end}` : id}
                  </span>
                );
              }),
          },
          { key: "ring", title: c.windowRing, nowrap: true, render: (r) => known(c.ring, r.ring) },
          { key: "who", title: c.windowWho, render: (r) => r.posts.map(postName).join("、") },
          { key: "n", title: c.teamsEdit, numeric: true, render: (r) => num(r.perOutlet) },
        ]}
      />
    </Panel>
  );
}

function Methods({ program }: { program: ProgramDetail }) {
  const w = useWords();
  const c = w.campaigns;
  const methods = methodsOf(program.definition);
  if (methods.length === 0) return null;
  const known = (names: Record<string, string>, codes: string[]) =>
    codes.map((code) => names[code] ?? code).join("、");
  return (
    <Panel flush title={c.methods} hint={c.methodsHint}>
      <ServerTable<MethodRow>
        label={c.methods}
        rows={methods}
        rowKey={(r) => r.id}
        columns={[
          { key: "title", title: c.methodCols.title, render: (r) => <b>{r.title}</b> },
          {
            key: "market",
            title: c.methodCols.market,
            nowrap: true,
            render: (r) => known(c.market, r.markets),
          },
          { key: "kind", title: c.methodCols.kind, render: (r) => known(c.visitKind, r.kinds) },
          {
            key: "steps",
            title: c.methodCols.steps,
            render: (r) => (
              <ol className="method-steps">
                {r.steps.map((step) => (
                  <li key={step}>{step}</li>
                ))}
              </ol>
            ),
          },
          {
            key: "gifts",
            title: c.methodCols.gifts,
            render: (r) =>
              r.gifts.map((g) => (
                <span key={g.title} className="block">
                  {c.giftLine(g.title, num(g.fen / 100, 2))}
                </span>
              )),
          },
        ]}
      />
    </Panel>
  );
}

export function CampaignPlan({ program }: { program: ProgramDetail }) {
  const w = useWords();
  const c = w.campaigns;
  const may = useMay("program.write");
  const [editing, setEditing] = useState(false);
  const days = daysBetween(program.first_day, program.last_day) + 1;
  const sentence = (key: Numbers, say: (n: string) => string) => {
    const value = numberOf(program.definition, key);
    return value === null ? null : <li>{say(num(value, 1))}</li>;
  };
  return (
    <div className="stack">
      <Panel
        title={c.params}
        extra={
          may && program.state !== "closed" ? (
            <span className="line wrap">
              <Button onClick={() => setEditing(true)}>{c.edit}</Button>
              <Link
                className="button-link"
                to="/campaigns/$programId/edit"
                params={{ programId: program.id }}
                search={{}}
              >
                {w.editor.life.open}
              </Link>
            </span>
          ) : null
        }
      >
        <ul className="sentences">
          <li>
            {c.plain.period(dayText(program.first_day, w, true), dayText(program.last_day, w, true), days)}
          </li>
          <li>{c.plain.quota(num(program.quota_per_day))}</li>
          {sentence("near_km", c.plain.ring)}
          {sentence("visit_minutes", c.plain.minutes)}
          {sentence("households_met", c.plain.met)}
          {sentence("kmh", c.plain.kmh)}
        </ul>
      </Panel>
      <Panel title={c.phases}>
        <Timeline program={program} />
      </Panel>
      <Teams program={program} />
      <Methods program={program} />
      <EditMain program={program} open={editing} onClose={() => setEditing(false)} />
    </div>
  );
}
