// The mobilisation meeting and the training before the start: the record with its former versions, who of each unit
// came, as figures and by name, and the sheet to be signed, on paper or as a workbook.
import { PrinterOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type {
  Attendance,
  Meeting,
  MeetingRecord,
  MeetingUnit,
  ProgramDetail,
} from "@zoufang/shared/api/types.ts";
import { num, stamp } from "@zoufang/shared/format.ts";
import { Button, Checkbox, DatePicker, Form, Input, Select } from "antd";
import { useState } from "react";
import { useMay, useMe, useWords } from "../session.ts";
import { dayText } from "../ui/dates.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Facts, Panel, Tag } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { Empty, ErrorBox, View } from "../ui/states.tsx";
import { ServerTable } from "../ui/table.tsx";
import { useLife } from "./campaign-life.tsx";
import { dayProps } from "./customer-fields.tsx";

/** Every step of the preparation that is a meeting. */
export function CampaignMeetings({ program }: { program: ProgramDetail }) {
  const life = useLife(program.id);
  const w = useWords();
  const steps = (life.data?.steps ?? []).filter((s) => s.meeting);
  if (life.data && steps.length === 0) return <Empty text={w.meetings.none} />;
  return (
    <>
      {steps.map((s) => (
        <OneMeeting key={s.step} program={program} step={s.step} />
      ))}
    </>
  );
}

const keyOf = (program: ProgramDetail, step: string) => ["meeting", program.id, step];

function OneMeeting({ program, step }: { program: ProgramDetail; step: string }) {
  const me = useMe();
  const query = useQuery({ queryKey: keyOf(program, step), queryFn: () => api.meeting(program.id, step) });
  const [of, setOf] = useState<string | null>(me.unit.level === "branch" ? me.unit.id : null);
  return (
    <View query={query}>
      {(data) => (
        <>
          <Record program={program} data={data} />
          {of ? (
            <Sheet
              key={of}
              program={program}
              meeting={data}
              unitId={of}
              onBack={me.unit.level === "branch" ? null : () => setOf(null)}
            />
          ) : (
            <Units program={program} data={data} onOpen={setOf} />
          )}
        </>
      )}
    </View>
  );
}

interface Typed {
  held_day: string;
  place: string;
  topics: string;
  reason?: string;
}

function Record({ program, data }: { program: ProgramDetail; data: Meeting }) {
  const w = useWords();
  const m = w.meetings;
  const me = useMe();
  const client = useQueryClient();
  const notice = useNotice();
  const may = useMay("program.write") && program.state !== "closed";
  const [typing, setTyping] = useState(false);
  const newest = data.records[0];
  const rule = [{ required: true, message: w.common.required }];
  const initial: Partial<Typed> = newest
    ? { held_day: newest.held_day, place: newest.place, topics: newest.topics.join("\n"), reason: "" }
    : { held_day: me.system.today };
  return (
    <Panel
      title={data.title}
      hint={m.hint}
      className="no-print"
      extra={may ? <Button onClick={() => setTyping(true)}>{newest ? m.correct : m.enter}</Button> : null}
    >
      <p role="status">
        {newest ? (
          <Tag tone={newest.held_day > data.due ? "warn" : "ok"}>
            {newest.held_day > data.due ? m.heldLate : m.held}
          </Tag>
        ) : (
          <Tag tone="warn">{m.open}</Tag>
        )}{" "}
        {m.due(dayText(data.due, w, true))}
      </p>
      {newest ? (
        <>
          <Facts
            items={[
              [m.day, dayText(newest.held_day, w, true)],
              [m.place, newest.place],
              [
                m.topics,
                <ul key="topics" className="plain">
                  {newest.topics.map((t) => (
                    <li key={t}>{t}</li>
                  ))}
                </ul>,
              ],
              [m.by, `${newest.by_name} ${stamp(newest.at)}`],
            ]}
          />
          <Former records={data.records.slice(1)} reason={newest.reason} />
        </>
      ) : null}
      <FormDialog<Typed>
        title={newest ? m.correct : m.enter}
        open={typing}
        onClose={() => setTyping(false)}
        initial={initial}
        onSubmit={async (v) => {
          const next = await api.recordMeeting(program.id, data.step, {
            seen: newest?.seq ?? 0,
            held_day: v.held_day,
            place: v.place,
            topics: v.topics.split("\n").filter((t) => t.trim()),
            reason: v.reason ?? "",
          });
          client.setQueryData(keyOf(program, data.step), next);
          await client.invalidateQueries({ queryKey: ["program-life", program.id] });
          notice(w.common.saved);
        }}
      >
        <Form.Item name="held_day" label={m.day} rules={rule} {...dayProps}>
          <DatePicker allowClear={false} />
        </Form.Item>
        <Form.Item name="place" label={m.place} rules={rule}>
          <Input maxLength={60} />
        </Form.Item>
        <Form.Item name="topics" label={m.topics} extra={m.topicsHint} rules={rule}>
          <Input.TextArea rows={4} />
        </Form.Item>
        {newest ? (
          <Form.Item name="reason" label={m.why} rules={rule}>
            <Input maxLength={100} />
          </Form.Item>
        ) : null}
      </FormDialog>
    </Panel>
  );
}

/** What stood before a correction. */
function Former({ records, reason }: { records: MeetingRecord[]; reason: string }) {
  const w = useWords();
  const m = w.meetings;
  if (records.length === 0) return null;
  return (
    <details>
      <summary>{m.former(num(records.length), reason)}</summary>
      <ul className="plain">
        {records.map((r) => (
          <li key={r.seq}>
            {dayText(r.held_day, w, true)} · {r.place} · {r.topics.join("；")}（{r.by_name} {stamp(r.at)}）
          </li>
        ))}
      </ul>
    </details>
  );
}

/** A part of a whole with its share. */
const share = (part: number, whole: number) =>
  whole > 0 ? `${num(part)}（${Math.round((part * 100) / whole)}%）` : num(part);

function Units({
  program,
  data,
  onOpen,
}: {
  program: ProgramDetail;
  data: Meeting;
  onOpen: (unitId: string) => void;
}) {
  const w = useWords();
  const m = w.meetings;
  const entered = data.units.filter((u) => u.sheet !== null);
  const sum = (of: (u: MeetingUnit) => number) => entered.map(of).reduce((a, b) => a + b, 0);
  const people = sum((u) => u.sheet?.people ?? 0);
  return (
    <Panel
      flush
      title={m.attendance}
      hint={m.attendanceHint}
      extra={
        <a className="button-link" href={api.attendanceUrl(program.id, data.step)} download>
          {m.book}
        </a>
      }
    >
      <p className="pad" role="status">
        {m.entered(num(entered.length), num(data.units.length))}
        {people > 0
          ? ` · ${m.came}：${share(
              sum((u) => u.sheet?.present ?? 0),
              people,
            )}`
          : ""}
        {people > 0 && data.training
          ? ` · ${m.trained}：${share(
              sum((u) => u.sheet?.trained ?? 0),
              people,
            )}`
          : ""}
      </p>
      <ServerTable<MeetingUnit>
        label={m.attendance}
        rows={data.units}
        rowKey={(u) => u.unit_id}
        empty={<Empty text={m.empty} />}
        columns={[
          { key: "unit", title: w.common.unit, render: (u) => u.unit_name },
          { key: "staff", title: m.staff, numeric: true, render: (u) => num(u.staff) },
          {
            key: "came",
            title: m.came,
            numeric: true,
            render: (u) => (u.sheet ? share(u.sheet.present, u.sheet.people) : "–"),
          },
          {
            key: "excused",
            title: m.state.excused ?? "",
            numeric: true,
            render: (u) => (u.sheet ? num(u.sheet.excused) : "–"),
          },
          {
            key: "trained",
            title: m.trained,
            numeric: true,
            render: (u) => (u.sheet ? share(u.sheet.trained, u.sheet.people) : "–"),
          },
          {
            key: "by",
            title: m.by,
            render: (u) =>
              u.sheet ? `${u.sheet.by_name} ${stamp(u.sheet.at)}` : <Tag tone="warn">{m.notEntered}</Tag>,
          },
          {
            key: "open",
            title: "",
            render: (u) => (
              <Button aria-label={`${m.list}：${u.unit_name}`} onClick={() => onOpen(u.unit_id)}>
                {m.list}
              </Button>
            ),
          },
        ]}
      />
    </Panel>
  );
}

function Sheet({
  program,
  meeting,
  unitId,
  onBack,
}: {
  program: ProgramDetail;
  meeting: Meeting;
  unitId: string;
  onBack: (() => void) | null;
}) {
  const w = useWords();
  const query = useQuery({
    queryKey: ["attendance", program.id, meeting.step, unitId],
    queryFn: () => api.attendance(program.id, unitId, meeting.step),
  });
  return (
    <>
      {onBack ? (
        <div className="no-print">
          <Button onClick={onBack}>← {w.meetings.back}</Button>
        </div>
      ) : null}
      <View query={query}>
        {(data) => (
          <People key={data.versions[0]?.seq ?? 0} program={program} meeting={meeting} data={data} />
        )}
      </View>
    </>
  );
}

/** The people of a unit: to be entered on the screen, to be signed on paper. */
function People({ program, meeting, data }: { program: ProgramDetail; meeting: Meeting; data: Attendance }) {
  const w = useWords();
  const m = w.meetings;
  const client = useQueryClient();
  const notice = useNotice();
  const may = useMay("plan.write") && program.state !== "closed";
  const newest = data.versions[0];
  const [rows, setRows] = useState(data.people);
  const [reason, setReason] = useState("");
  const change = (id: string, part: { came?: string; trained?: boolean }) =>
    setRows((all) => all.map((p) => (p.staff_id === id ? { ...p, ...part } : p)));
  const save = useMutation({
    mutationFn: () =>
      api.putAttendance(program.id, data.unit_id, meeting.step, {
        seen: newest?.seq ?? 0,
        people: rows.flatMap((p) =>
          p.came === null ? [] : [{ staff_id: p.staff_id, came: p.came, trained: p.trained }],
        ),
        reason,
      }),
    onSuccess: async (next) => {
      client.setQueryData(["attendance", program.id, meeting.step, data.unit_id], next);
      await client.invalidateQueries({ queryKey: keyOf(program, meeting.step) });
      notice(w.common.saved);
    },
  });
  const states = Object.entries(m.state).map(([value, label]) => ({ value, label }));
  const record = meeting.records[0];
  return (
    <Panel
      flush
      title={m.sheetOf(data.unit_name)}
      extra={
        <>
          <Button icon={<PrinterOutlined />} onClick={() => window.print()}>
            {m.print}
          </Button>{" "}
          <a
            className="button-link"
            href={api.attendanceUrl(program.id, meeting.step, data.unit_id)}
            download
          >
            {w.common.download}
          </a>
        </>
      }
    >
      <p className="hint pad no-print">{m.sheetHint}</p>
      <header className="print-only">
        <h1>{m.paper(program.name, meeting.title, data.unit_name)}</h1>
        <p>
          {m.day}：{record ? record.held_day : m.blank}　{m.place}：{record ? record.place : m.blank}
        </p>
      </header>
      <ServerTable
        label={m.sheetOf(data.unit_name)}
        rows={rows}
        rowKey={(p) => p.staff_id}
        empty={<Empty text={m.noStaff} />}
        columns={[
          { key: "no", title: m.staffNo, render: (p) => <span className="num">{p.staff_no}</span> },
          { key: "name", title: m.person, render: (p) => p.name },
          { key: "post", title: m.post, render: (p) => p.post },
          {
            key: "came",
            title: m.came,
            render: (p) => (
              <>
                {may ? (
                  <span className="no-print">
                    <Select
                      aria-label={`${m.came}：${p.name}`}
                      style={{ minWidth: "7em" }}
                      placeholder={w.common.choose}
                      value={p.came}
                      options={states}
                      onChange={(came: string) =>
                        change(p.staff_id, {
                          came,
                          ...(meeting.training && p.came === null ? { trained: came === "present" } : {}),
                        })
                      }
                    />
                  </span>
                ) : null}
                <span className={may ? "print-only" : undefined}>{m.state[p.came ?? ""] ?? ""}</span>
              </>
            ),
          },
          ...(meeting.training
            ? [
                {
                  key: "trained",
                  title: m.trained,
                  render: (p: Attendance["people"][number]) => (
                    <>
                      {may ? (
                        <Checkbox
                          className="no-print"
                          aria-label={`${m.trained}：${p.name}`}
                          checked={p.trained}
                          onChange={(e) => change(p.staff_id, { trained: e.target.checked })}
                        />
                      ) : null}
                      <span className={may ? "print-only" : undefined}>{p.trained ? w.common.yes : ""}</span>
                    </>
                  ),
                },
              ]
            : []),
          { key: "sign", title: m.sign, width: "9em", render: () => "" },
        ]}
      />
      {may ? (
        <div className="pad no-print">
          <div className="line wrap">
            <Button
              onClick={() =>
                setRows((all) =>
                  all.map((p) => (p.came ? p : { ...p, came: "present", trained: meeting.training })),
                )
              }
            >
              {m.allCame}
            </Button>
            {newest ? (
              <Input
                aria-label={m.why}
                placeholder={m.why}
                value={reason}
                maxLength={100}
                onChange={(e) => setReason(e.target.value)}
              />
            ) : null}
            <Button
              type="primary"
              loading={save.isPending}
              disabled={rows.every((p) => p.came === null) || (newest !== undefined && !reason.trim())}
              onClick={() => save.mutate()}
            >
              {newest ? m.saveAgain : w.common.save}
            </Button>
          </div>
          <ErrorBox error={save.error} />
        </div>
      ) : null}
      {data.versions.length > 0 ? (
        <ul className="plain pad no-print">
          {data.versions.map((v) => (
            <li key={v.seq}>
              {m.version(v.seq)} · {m.came} {num(v.present)}/{num(v.people)} · {v.by_name} {stamp(v.at)}
              {v.reason ? `：${v.reason}` : ""}
            </li>
          ))}
        </ul>
      ) : null}
    </Panel>
  );
}
