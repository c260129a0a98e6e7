// 晨（夕）会记录: an outlet sees what the meeting should know, with the figures of the last visiting day, and writes its
// record on the published form; a correction keeps what stood there. Above an outlet: the week of all outlets, and
// where a record is missing.
import { DownloadOutlined, PrinterOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type {
  DailyMeeting,
  DailyMeetingDay,
  DailyMeetingRow,
  DailyMeetings,
  DailyVersion,
} from "@zoufang/shared/api/types.ts";
import { compileForm, evaluate } from "@zoufang/shared/form/evaluate.ts";
import { type Answers, choiceLabel, choiceValue, type Form, walk } from "@zoufang/shared/form/model.ts";
import { addDays, mondayOf, num, stamp, weekOf } from "@zoufang/shared/format.ts";
import { Button, DatePicker, Input } from "antd";
import dayjs from "dayjs";
import { type ReactNode, useId, useMemo, useState } from "react";
import { useMay, useMe, useWords } from "../session.ts";
import { dayText, weekdayText } from "../ui/dates.ts";
import { Facts, Page, Panel, Tag } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { RunningProgram } from "../ui/running-program.tsx";
import { Empty, errorText, View } from "../ui/states.tsx";
import { type Column, ServerTable } from "../ui/table.tsx";
import { Questions } from "./desk-questions.tsx";
import { Scans } from "./desk-scans.tsx";
import { Said } from "./visit-says.tsx";
import "./desk.css";
import "./visit.css";

const route = getRouteApi("/shell/daily-meetings");

export function DailyMeetingsPage() {
  const m = useWords().dailyMeetings;
  const me = useMe();
  const navigate = useNavigate();
  const search = route.useSearch();
  const day = search.day ?? me.system.today;
  const unit = me.unit.level === "branch" ? me.unit.id : search.unit;
  const go = (part: Record<string, string | undefined>) =>
    navigate({ to: "/daily-meetings", search: (old: Record<string, unknown>) => ({ ...old, ...part }) });
  return (
    <Page
      title={m.title}
      sub={m.sub}
      actions={
        <DatePicker
          aria-label={m.day}
          value={dayjs(day)}
          allowClear={false}
          onChange={(value) => go({ day: value?.format("YYYY-MM-DD") })}
        />
      }
    >
      <RunningProgram
        chosen={search.program}
        label={m.program}
        none={m.noProgram}
        onChoose={(id) => go({ program: id })}
      >
        {(program) => (
          <>
            {unit ? <Day key={`${unit}${day}`} programId={program.id} unitId={unit} day={day} /> : null}
            <Week programId={program.id} program={program.name} day={day} unit={unit} />
          </>
        )}
      </RunningProgram>
    </Page>
  );
}

function Day({ programId, unitId, day }: { programId: string; unitId: string; day: string }) {
  const query = useQuery({
    queryKey: ["daily-meeting", programId, unitId, day],
    queryFn: () => api.dailyMeetingDay(programId, unitId, day),
  });
  return (
    <View query={query}>
      {(data) => (
        <>
          <Known data={data} programId={programId} />
          <Records data={data} programId={programId} />
        </>
      )}
    </View>
  );
}

/** What the meeting should know before it begins. */
function Known({ data, programId }: { data: DailyMeetingDay; programId: string }) {
  const w = useWords();
  const m = w.dailyMeetings;
  const { last } = data;
  const before = last ? (
    <Link
      to="/visits/$unitId"
      params={{ unitId: data.unit_id }}
      search={{ program: programId, day: last.day }}
    >
      {m.lastOf(num(last.households), num(last.quota), num(last.visits))}
    </Link>
  ) : (
    m.noLast
  );
  const owed = <Tag tone="warn">{m.owes(num(data.owed))}</Tag>;
  const reviews = <Link to="/reviews">{num(data.open_reviews)}</Link>;
  const items: [string, ReactNode][] = [
    [m.last(dayText(last?.day, w)), before],
    [m.valid, last ? num(last.valid_records) : "–"],
    [m.owed, data.owed > 0 ? owed : m.owesNone],
    [m.openDays, m.days(num(data.open_days))],
    [m.quota, data.quota > 0 ? m.owes(num(data.quota)) : m.dayOff],
    [m.teams, data.teams.map((t) => m.team(t.name, num(t.stops))).join("、") || m.noTeams],
    [m.reviews, data.open_reviews > 0 ? reviews : "0"],
  ];
  return (
    <Panel title={`${data.unit_name}　${m.known}`}>
      <Facts items={items} />
    </Panel>
  );
}

const formOf = (data: DailyMeetingDay, version: Pick<DailyVersion, "form_id" | "form_version">) =>
  data.forms.find((f) => f.id === version.form_id && f.version === version.form_version);

/** What a session is called by the form. */
function useSessionName(data: DailyMeetingDay) {
  const { locale } = useMe().preferences;
  return (m: DailyMeeting): string => {
    const form = m.versions[0] && formOf(data, m.versions[0]);
    const field = [...walk(form?.fields ?? [])].find((f) => f.name === data.session_field);
    const option = field?.options?.find((o) => choiceValue(o) === m.session);
    return option ? choiceLabel(option, locale === "en" ? "en" : "zh") : m.session;
  };
}

function Records({ data, programId }: { data: DailyMeetingDay; programId: string }) {
  const w = useWords();
  const m = w.dailyMeetings;
  const may = useMay("visit.write") && data.day <= data.today;
  const client = useQueryClient();
  const notice = useNotice();
  const name = useSessionName(data);
  const [writing, setWriting] = useState<DailyMeeting | "new" | null>(null);
  const [photos, setPhotos] = useState<DailyMeeting | null>(null);
  const save = async (answers: Answers, reason: string) => {
    const newest = writing && writing !== "new" ? writing.versions[0] : undefined;
    const next = await api.recordDailyMeeting(programId, data.unit_id, {
      day: data.day,
      seen: newest?.seq ?? 0,
      form_version: data.form_version,
      answers,
      reason,
    });
    client.setQueryData(["daily-meeting", programId, data.unit_id, data.day], next);
    await client.invalidateQueries({ queryKey: ["daily-meetings"] });
    setWriting(null);
    notice(m.saved);
  };
  if (photos)
    return (
      <Scans
        unitId={data.unit_id}
        title={m.photos(name(photos))}
        visitId={photos.id}
        onLeave={() => setPhotos(null)}
      />
    );
  if (writing)
    return (
      <Writing
        data={data}
        of={writing === "new" ? undefined : writing.versions[0]}
        onSave={save}
        onLeave={() => setWriting(null)}
      />
    );
  return (
    <Panel
      title={`${dayText(data.day, w)}　${m.sessions}`}
      extra={
        <span className="line no-print">
          {data.meetings.length > 0 ? (
            <Button icon={<PrinterOutlined />} onClick={() => window.print()}>
              {m.print}
            </Button>
          ) : null}
          {may ? (
            <Button type="primary" onClick={() => setWriting("new")}>
              {m.enter}
            </Button>
          ) : null}
        </span>
      }
    >
      {data.meetings.length === 0 ? <Empty text={m.none} /> : null}
      {data.meetings.map((one) => (
        <Record
          key={one.id}
          data={data}
          meeting={one}
          name={name(one)}
          onCorrect={may ? () => setWriting(one) : undefined}
          onPhotos={() => setPhotos(one)}
        />
      ))}
      {data.meetings.length > 0 ? <p className="hint">{m.sign}</p> : null}
    </Panel>
  );
}

function Record({
  data,
  meeting,
  name,
  onCorrect,
  onPhotos,
}: {
  data: DailyMeetingDay;
  meeting: DailyMeeting;
  name: string;
  onCorrect: (() => void) | undefined;
  onPhotos: () => void;
}) {
  const m = useWords().dailyMeetings;
  const [newest, ...former] = meeting.versions;
  if (!newest) return null;
  return (
    <section className="stack" aria-label={name}>
      <h3>{name}</h3>
      <p className="hint">
        {m.by(newest.by_name, stamp(newest.at))}{" "}
        {newest.problems > 0 ? <Tag tone="warn">{m.problems(num(newest.problems))}</Tag> : null}
      </p>
      <Said form={formOf(data, newest) ?? null} answers={newest.answers} clear={false} />
      {former.length > 0 ? (
        <details className="no-print">
          <summary>{m.former(num(former.length), newest.reason)}</summary>
          {former.map((v) => (
            <section key={v.seq}>
              <p className="hint">{m.by(v.by_name, stamp(v.at))}</p>
              <Said form={formOf(data, v) ?? null} answers={v.answers} clear={false} />
            </section>
          ))}
        </details>
      ) : null}
      <div className="line no-print">
        {onCorrect ? <Button onClick={onCorrect}>{m.correct}</Button> : null}
        <Button onClick={onPhotos}>{m.showPhotos}</Button>
      </div>
    </section>
  );
}

/** The form, filled in beforehand; a correction asks why. */
function Writing({
  data,
  of,
  onSave,
  onLeave,
}: {
  data: DailyMeetingDay;
  of: DailyVersion | undefined;
  onSave: (answers: Answers, reason: string) => Promise<void>;
  onLeave: () => void;
}) {
  const w = useWords();
  const m = w.dailyMeetings;
  const reasonId = useId();
  const [reason, setReason] = useState("");
  const [wrong, setWrong] = useState("");
  const form = formOf(data, data) as Form;
  const compiled = useMemo(() => compileForm(form), [form]);
  const save = async (answers: Answers) => {
    setWrong("");
    try {
      await onSave(evaluate(compiled, answers, data.day).accepted, reason);
    } catch (cause) {
      setWrong(errorText(cause, w));
    }
  };
  return (
    <Panel title={of ? m.correct : m.enter} hint={of ? m.whyHint : undefined}>
      {of ? (
        <div className="desk-line">
          <label htmlFor={reasonId}>{m.why}</label>
          <Input id={reasonId} value={reason} maxLength={100} onChange={(e) => setReason(e.target.value)} />
        </div>
      ) : null}
      {wrong ? (
        <p className="bad-text" role="alert">
          {wrong}
        </p>
      ) : null}
      <Questions
        form={form}
        compiled={compiled}
        today={data.day}
        initial={of ? of.answers : data.prefill}
        saveLabel={m.save}
        onSave={save}
        onLeave={onLeave}
      />
    </Panel>
  );
}

interface Outlet {
  unit_id: string;
  unit_name: string;
  days: Map<string, DailyMeetingRow>;
}

/** One row for every outlet, in the order of the server. */
function outlets(data: DailyMeetings): Outlet[] {
  const all = new Map<string, Outlet>();
  for (const row of data.items) {
    const { unit_id, unit_name } = row;
    const known = all.get(unit_id) ?? { unit_id, unit_name, days: new Map() };
    known.days.set(row.day, row);
    all.set(unit_id, known);
  }
  return [...all.values()];
}

/** A day of an outlet: people and households as written, beside what was counted where the two differ. */
function Cell({ row, today }: { row: DailyMeetingRow | undefined; today: string }) {
  const m = useWords().dailyMeetings;
  if (!row) return <span className="hint">–</span>;
  if (row.records.length === 0)
    return row.day > today ? <span className="hint">{m.notYet}</span> : <Tag tone="warn">{m.missing}</Tag>;
  return row.records.map((one) => (
    <div key={one.session} title={m.by(one.by_name, stamp(one.at))}>
      {m.line(num(one.present), num(one.households))}{" "}
      {one.households === one.counted_households ? null : (
        <Tag tone="warn">{m.counted(num(one.counted_households))}</Tag>
      )}
      {one.problems > 0 ? <Tag tone="warn">{m.problems(num(one.problems))}</Tag> : null}
    </div>
  ));
}

/** Every outlet and day of the week with its records, and where one is missing. */
function Week({
  programId,
  program,
  day,
  unit,
}: {
  programId: string;
  program: string;
  day: string;
  unit: string | undefined;
}) {
  const w = useWords();
  const m = w.dailyMeetings;
  const from = mondayOf(weekOf(day)) ?? day;
  const to = addDays(from, 6);
  const query = useQuery({
    queryKey: ["daily-meetings", programId, from, to],
    queryFn: () => api.dailyMeetings(programId, from, to),
  });
  const days = Array.from({ length: 7 }, (_, i) => addDays(from, i));
  const columns = (data: DailyMeetings): Column<Outlet>[] => [
    {
      key: "unit",
      title: m.branch,
      nowrap: true,
      render: (o) => (
        <Link to="/daily-meetings" search={{ program: programId, unit: o.unit_id, day }}>
          {o.unit_name}
        </Link>
      ),
    },
    ...days
      .filter((d) => data.items.some((r) => r.day === d))
      .map(
        (d): Column<Outlet> => ({
          key: d,
          title: `${dayText(d, w)}　${weekdayText(dayjs(d).day(), w)}`,
          render: (o) => <Cell row={o.days.get(d)} today={data.today} />,
        }),
      ),
  ];
  return (
    <View query={query}>
      {(data) => (
        <Panel
          flush
          className={unit ? "no-print" : ""}
          title={`${m.week}　${dayText(from, w)} – ${dayText(to, w)}`}
          hint={`${program}　${m.held(num(data.held), num(data.expected))}`}
          extra={
            <span className="no-print line">
              <a className="button-link" href={api.dailyMeetingsBookUrl(programId, from, to)} download>
                <DownloadOutlined /> {m.book}
              </a>
            </span>
          }
        >
          <ServerTable<Outlet>
            label={m.week}
            rows={outlets(data)}
            rowKey={(o) => o.unit_id}
            empty={<Empty text={m.empty} />}
            columns={columns(data)}
          />
        </Panel>
      )}
    </View>
  );
}
