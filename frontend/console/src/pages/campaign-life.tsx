// The life of a campaign beside its file: pausing and resuming with a reason, copying it, and the checklist of what is
// done before it starts, each step with the day and who noted it.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { ProgramCopy, ProgramDetail, ProgramStep } from "@zoufang/shared/api/types.ts";
import { stamp } from "@zoufang/shared/format.ts";
import { Button, DatePicker, Form, Input } from "antd";
import { useState } from "react";
import { useMay, useMe, useWords } from "../session.ts";
import { dayText, weekText } from "../ui/dates.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Panel, Tag } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { ErrorBox, View } from "../ui/states.tsx";
import { useSaid } from "./campaign-field.tsx";
import { dayProps } from "./customer-fields.tsx";
import "./campaign-edit.css";

export function useLife(id: string) {
  return useQuery({ queryKey: ["program-life", id], queryFn: () => api.programLife(id) });
}

/** Pause or resume, and copy. */
export function LifeActions({ program }: { program: ProgramDetail }) {
  const w = useWords();
  const l = w.editor.life;
  const c = w.campaigns;
  const client = useQueryClient();
  const navigate = useNavigate();
  const notice = useNotice();
  const may = useMay("program.write");
  const mayPause = useMay("program.approve");
  const [turning, setTurning] = useState(false);
  const [copying, setCopying] = useState(false);
  const pausing = program.state === "started";
  const rule = [{ required: true, message: w.common.required }];
  return (
    <>
      {mayPause && (pausing || program.state === "paused") ? (
        <Button onClick={() => setTurning(true)}>{pausing ? l.pause : l.resume}</Button>
      ) : null}
      {may ? <Button onClick={() => setCopying(true)}>{l.copy}</Button> : null}
      <FormDialog<{ reason: string }>
        title={pausing ? l.pauseTitle : l.resumeTitle}
        open={turning}
        onClose={() => setTurning(false)}
        ok={pausing ? l.pause : l.resume}
        onSubmit={async ({ reason }) => {
          await (pausing ? api.pauseProgram(program.id, reason) : api.resumeProgram(program.id, reason));
          await Promise.all(
            [["program", program.id], ["programs"], ["program-life", program.id], ["overview"]].map(
              (queryKey) => client.invalidateQueries({ queryKey }),
            ),
          );
          notice(pausing ? l.paused : l.resumed);
        }}
      >
        <p className="hint">{pausing ? l.pauseHint : l.resumeHint}</p>
        <Form.Item name="reason" label={l.reason} rules={rule}>
          <Input maxLength={100} />
        </Form.Item>
      </FormDialog>
      <FormDialog<ProgramCopy>
        title={l.copy}
        open={copying}
        onClose={() => setCopying(false)}
        ok={l.copy}
        initial={{ name: program.name, first_day: program.first_day, last_day: program.last_day }}
        onSubmit={async (values) => {
          const made = await api.copyProgram(program.id, values);
          await client.invalidateQueries({ queryKey: ["programs"] });
          notice(l.copied);
          navigate({ to: "/campaigns/$programId", params: { programId: made.id }, search: { tab: "check" } });
        }}
      >
        <p className="hint">{l.copyHint}</p>
        <div className="form-2">
          <Form.Item name="name" label={c.name} rules={rule}>
            <Input maxLength={60} />
          </Form.Item>
          <Form.Item name="code" label={c.code} extra={c.codeHint} rules={rule}>
            <Input maxLength={40} />
          </Form.Item>
          <Form.Item name="first_day" label={c.firstDay} rules={rule} {...dayProps}>
            <DatePicker allowClear={false} />
          </Form.Item>
          <Form.Item name="last_day" label={c.lastDay} rules={rule} {...dayProps}>
            <DatePicker allowClear={false} />
          </Form.Item>
        </div>
      </FormDialog>
    </>
  );
}

/** Since when and why a campaign is paused. */
export function PausedNote({ program }: { program: ProgramDetail }) {
  const w = useWords();
  const life = useLife(program.id);
  const last = life.data?.changes.find((x) => x.state === "paused");
  if (program.state !== "paused" || !last) return null;
  return (
    <p className="box box-warn">{w.editor.life.pausedSince(stamp(last.at), last.by_name, last.reason)}</p>
  );
}

/**
 * Week plans that are older than a change of the work calendar: what is to be planned again. On the pages of plans for
 * their week, and there for one branch.
 */
export function CalendarNote({
  program,
  week,
  unitId,
}: {
  program: { id: string; state?: string | undefined };
  week?: string;
  unitId?: string;
}) {
  const w = useWords();
  const l = w.editor.life;
  const may = useMay("program.read");
  const query = useQuery({
    queryKey: ["calendar-changes", program.id],
    queryFn: () => api.calendarChanges(program.id),
    enabled: may && (program.state === undefined || program.state === "started"),
  });
  const of = <T extends { unit_id: string }>(plans: T[]) =>
    plans.filter((p) => unitId === undefined || p.unit_id === unitId);
  const weeks = (query.data?.items ?? [])
    .filter((x) => week === undefined || x.week === week)
    .map((x) => ({ ...x, drafts: of(x.drafts), confirmed: of(x.confirmed) }))
    .filter((x) => x.drafts.length + x.confirmed.length > 0);
  if (weeks.length === 0) return null;
  const links = (week: string, plans: (typeof weeks)[number]["drafts"]) =>
    plans.map((p) => (
      <Link
        key={p.unit_id}
        to="/plans/$programId/$unitId/$week"
        params={{ programId: program.id, unitId: p.unit_id, week }}
        search={{}}
      >
        {p.unit_name}{" "}
      </Link>
    ));
  return (
    <div className="box box-warn no-print" role="status">
      <b>{l.calendarChanged}</b>
      <ul className="plain">
        {weeks.map((x) => (
          <li key={x.week}>
            {weekText(x.week, w)}（{x.days.map((d) => `${dayText(d.day, w)} ${d.name}`).join("、")}）
            {x.drafts.length > 0 ? (
              <span className="block">
                {l.planAgain} {links(x.week, x.drafts)}
              </span>
            ) : null}
            {x.confirmed.length > 0 ? (
              <span className="block">
                {l.reopenFirst} {links(x.week, x.confirmed)}
              </span>
            ) : null}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What a step of the preparation is called. */
export function useStepName(): (code: string) => string {
  const said = useSaid();
  const form = useQuery({ queryKey: ["program-form"], queryFn: api.programForm, staleTime: 600_000 });
  const known = form.data?.sections
    .find((s) => s.key === "program")
    ?.fields.find((f) => f.key === "preparation")?.choices;
  return (code) => said(known?.find((x) => x.code === code)?.title) || code;
}

/** The checklist of the preparation, and what happened to the campaign. */
export function CampaignLife({ program }: { program: ProgramDetail }) {
  const w = useWords();
  const l = w.editor.life;
  const client = useQueryClient();
  const me = useMe();
  const may = useMay("program.write") && program.state !== "closed";
  const life = useLife(program.id);
  const name = useStepName();
  const [ticking, setTicking] = useState<ProgramStep | null>(null);
  const refresh = () => client.invalidateQueries({ queryKey: ["program-life", program.id] });
  const untick = useMutation({
    mutationFn: (step: string) => api.tickStep(program.id, step, { done_day: null, note: "" }),
    onSuccess: refresh,
  });
  return (
    <View query={life}>
      {(data) => (
        <>
          <Panel title={l.steps} hint={l.stepsHint}>
            <ol className="prep-steps">
              {data.steps.map((s) => (
                <li key={s.step}>
                  <span className="grow">
                    <b>{name(s.step)}</b>
                    <span className="hint">
                      {s.done_day ? l.stepDone(dayText(s.done_day, w, true), s.by_name) : l.stepOpen}
                      {s.note ? ` · ${s.note}` : ""}
                    </span>
                  </span>
                  {s.done_day ? <Tag tone="ok">{w.common.yes}</Tag> : <Tag tone="warn">{l.stepOpen}</Tag>}
                  {may && s.done_day && !s.meeting ? (
                    <Button
                      loading={untick.isPending && untick.variables === s.step}
                      aria-label={`${l.untick}: ${name(s.step)}`}
                      onClick={() => untick.mutate(s.step)}
                    >
                      {l.untick}
                    </Button>
                  ) : null}
                  {s.meeting ? (
                    <Link
                      className="button-link"
                      to="/campaigns/$programId"
                      params={{ programId: program.id }}
                      search={{ tab: "meeting" }}
                    >
                      {w.meetings.tab}
                    </Link>
                  ) : null}
                  {may && !s.done_day && !s.meeting ? (
                    <Button aria-label={`${l.tick}: ${name(s.step)}`} onClick={() => setTicking(s)}>
                      {l.tick}
                    </Button>
                  ) : null}
                </li>
              ))}
            </ol>
            <ErrorBox error={untick.error} />
          </Panel>
          {data.changes.length > 0 ? (
            <Panel title={l.states}>
              <ul className="plain">
                {data.changes.map((x) => (
                  <li key={x.at}>
                    <span className="num">{stamp(x.at)}</span> <Tag>{w.programState[x.state]}</Tag>{" "}
                    {x.by_name}
                    {x.reason ? `：${x.reason}` : ""}
                  </li>
                ))}
              </ul>
            </Panel>
          ) : null}
          <FormDialog<{ done_day: string; note?: string }>
            key={ticking?.step ?? ""}
            title={l.tickTitle(name(ticking?.step ?? ""))}
            open={ticking !== null}
            onClose={() => setTicking(null)}
            initial={{ done_day: me.system.today }}
            onSubmit={async (v) => {
              await api.tickStep(program.id, ticking?.step ?? "", {
                done_day: v.done_day,
                note: v.note ?? "",
              });
              await refresh();
            }}
          >
            <Form.Item
              name="done_day"
              label={l.doneDay}
              rules={[{ required: true, message: w.common.required }]}
              {...dayProps}
            >
              <DatePicker allowClear={false} />
            </Form.Item>
            <Form.Item name="note" label={l.stepNote}>
              <Input maxLength={100} />
            </Form.Item>
          </FormDialog>
        </>
      )}
    </View>
  );
}
