// Changing a draft by hand: where a visit goes (with the effect shown before it is done), locks, undo, planning
// again, sick leave and days off. The page keeps the plan; the server says what every change means.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type {
  PlanAwayInput,
  PlanChanges,
  PlanDesk,
  PlanEdit,
  PlanEffect,
  PlanPlace,
  Stop,
  WeekPlan,
} from "@zoufang/shared/api/types.ts";
import { addDays, stamp } from "@zoufang/shared/format.ts";
import { Button, Checkbox, Form, Modal, Select } from "antd";
import { useState } from "react";
import { useWords } from "../session.ts";
import { dayText, weekdayText } from "../ui/dates.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Panel } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { ErrorBox } from "../ui/states.tsx";

export interface Where {
  programId: string;
  unitId: string;
  week: string;
}

/** A visit, or a household to be put in, and where somebody wants it; without a shift the dialog asks. */
export interface Wish {
  stop: Stop | null;
  /** A household that is not in the week. */
  target?: { id: string; title: string };
  /** Another day for the visit; the server finds the shift. */
  day?: string;
  /** Planning again leaves a household that is put in. */
  lock?: boolean;
  /** `day team_id starts` of the shift. */
  shift: string;
  /** Place among the visits of the shift, from 0. */
  position: number | null;
}

export const shiftKey = (p: { day: string; team_id: string; starts: number }) =>
  `${p.day} ${p.team_id} ${p.starts}`;

export function usePlanDesk(where: Where, plan: WeekPlan) {
  return useQuery({
    queryKey: ["plan-desk", where.programId, where.unitId, where.week, plan.version, plan.state],
    queryFn: () => api.planDesk(where.programId, where.unitId, where.week),
    // The desk of the plan before it was made again serves until the new one is there.
    placeholderData: keepPreviousData,
  });
}

/** Takes a changed plan into the page and everything that counts it. */
export function useTake(where: Where) {
  const client = useQueryClient();
  return (plan: WeekPlan) => {
    client.setQueryData(["week-plan", where.programId, where.unitId, where.week], plan);
    client.invalidateQueries({ queryKey: ["plan-desk", where.programId, where.unitId, where.week] });
    client.invalidateQueries({ queryKey: ["week-plans", where.programId] });
    client.invalidateQueries({ queryKey: ["overview"] });
  };
}

export function useEdit(where: Where) {
  const take = useTake(where);
  const notice = useNotice();
  const { programId, unitId, week } = where;
  const edit = useMutation({
    mutationFn: (wish: { edit: PlanEdit; fit: boolean }) =>
      api.editPlan(programId, unitId, week, { ...wish, preview: false }),
    onSuccess: (effect) => {
      if (effect.plan) take(effect.plan);
      notice([effect.sentence, effect.falls_out ?? "", ...effect.resettled].join(" "));
    },
  });
  const undo = useMutation({
    mutationFn: () => api.undoPlan(programId, unitId, week),
    onSuccess: (effect) => {
      if (effect.plan) take(effect.plan);
      notice(effect.sentence);
    },
  });
  return { edit, undo };
}

function moveOf(wish: Wish): PlanEdit | null {
  const [day, team, starts] = wish.shift.split(" ");
  const to =
    day && team && starts ? { day, team_id: team, starts: Number(starts), position: wish.position } : null;
  if (wish.target) return { do: "add", target_id: wish.target.id, to, locked: wish.lock ?? true };
  if (!wish.stop) return null;
  if (to) return { do: "move", stop_id: wish.stop.id, to };
  return wish.day ? { do: "move_day", stop_id: wish.stop.id, day: wish.day } : null;
}

/** What a change means: routes with their times, rules broken, what does not fit. */
export function EffectBox({ effect }: { effect: PlanEffect }) {
  const w = useWords();
  const e = w.plan.edit;
  const fresh = effect.problems.filter((p) => !p.known);
  return (
    <div className="stack" aria-live="polite">
      <p>
        <b>{effect.sentence}</b>
      </p>
      <ul className="plan-effect">
        {effect.routes.map((r) => (
          <li key={r.route_id} className={r.over_minutes > 0 ? "bad-text" : ""}>
            {r.sentence}
          </li>
        ))}
      </ul>
      {fresh.length > 0 ? (
        <div className="box box-warn">
          <b>{effect.may_apply ? e.breaks : e.breaksHard}</b>
          <ul>
            {fresh.map((p) => (
              <li key={p.sentence}>{p.sentence}</li>
            ))}
          </ul>
        </div>
      ) : (
        <p className="hint">{e.breaksNone}</p>
      )}
      {effect.falls_out ? (
        <div className="box box-warn">
          <p>{effect.falls_out}</p>
          <p>{e.resettled}</p>
          <ul>
            {effect.resettled.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
      ) : null}
    </div>
  );
}

export function MoveDialog({
  wish,
  desk,
  plan,
  where,
  onWish,
  onClose,
}: {
  wish: Wish;
  desk: PlanDesk;
  plan: WeekPlan;
  where: Where;
  onWish: (wish: Wish) => void;
  onClose: () => void;
}) {
  const w = useWords();
  const e = w.plan.edit;
  const { edit } = useEdit(where);
  const move = moveOf(wish);
  const { programId, unitId, week } = where;
  const preview = useQuery({
    queryKey: ["plan-preview", programId, unitId, week, move, plan.version],
    queryFn: () =>
      api.editPlan(programId, unitId, week, { edit: move as PlanEdit, preview: true, fit: false }),
    enabled: move !== null,
    retry: false,
    gcTime: 0,
  });
  const half = wish.stop !== null && wish.stop.target_id === null;
  const open = (p: PlanPlace) =>
    !p.locked && (p.kind === "preliminary") === half && !(half && p.households > 0);
  const days = plan.days.filter((d) => desk.places.some((p) => p.day === d.day && open(p)));
  // Where the server puts it when nobody chose a shift.
  const found = preview.data?.to ? shiftKey(preview.data.to) : "";
  const chosen = wish.shift || found;
  const there = desk.places.find((p) => shiftKey(p) === chosen);
  const stops = plan.days
    .flatMap((d) => d.routes)
    .find((r) => r.id === there?.route_id)
    ?.stops.filter((s) => s.id !== wish.stop?.id);
  const go = (fit: boolean) => {
    if (move) edit.mutate({ edit: move, fit }, { onSuccess: onClose });
  };
  const title = wish.target ? e.addTitle(wish.target.title) : e.moveTitle(wish.stop?.title ?? "");
  const does = wish.target
    ? { go: e.add, anyway: e.add, fit: e.addFit }
    : { go: e.move, anyway: e.moveAnyway, fit: e.moveFit };
  return (
    <Modal title={title} open onCancel={onClose} footer={null} width={640} destroyOnHidden>
      <Form layout="vertical" requiredMark={false} onFinish={() => go(false)}>
        <Form.Item label={e.shift}>
          <Select
            autoFocus
            aria-label={e.shift}
            value={chosen || undefined}
            placeholder={wish.target ? e.addBest : e.shiftPick}
            onChange={(shift: string) => onWish({ ...wish, shift, position: null })}
            options={days.map((d) => ({
              label: `${dayText(d.day, w)} ${weekdayText(d.weekday, w)}`,
              options: desk.places
                .filter((p) => p.day === d.day && open(p))
                .map((p) => ({
                  value: shiftKey(p),
                  label: e.shiftLine(weekdayText(p.weekday, w), p.from, p.to, p.team_name, p.households),
                })),
            }))}
          />
        </Form.Item>
        <Form.Item label={e.position}>
          <Select
            aria-label={e.position}
            value={wish.position ?? -1}
            onChange={(at: number) => onWish({ ...wish, shift: chosen, position: at < 0 ? null : at })}
            options={[
              { value: -1, label: e.positionBest },
              ...(stops ?? []).map((s, at) => ({ value: at, label: e.positionBefore(s.title, s.arrive) })),
              ...(stops?.length ? [{ value: stops.length, label: e.positionLast }] : []),
            ]}
          />
        </Form.Item>
        {wish.target ? (
          <Form.Item>
            <Checkbox
              checked={wish.lock ?? true}
              onChange={(event) => onWish({ ...wish, lock: event.target.checked })}
            >
              {e.addLock}
            </Checkbox>
          </Form.Item>
        ) : null}
        {preview.data ? <EffectBox effect={preview.data} /> : null}
        <ErrorBox error={preview.error ?? edit.error} />
        <div className="dialog-foot">
          <Button onClick={onClose}>{w.common.cancel}</Button>
          {preview.data?.may_fit ? (
            <Button loading={edit.isPending} onClick={() => go(true)}>
              {does.fit}
            </Button>
          ) : null}
          <Button
            type="primary"
            htmlType="submit"
            disabled={!move || !preview.data?.may_apply}
            loading={edit.isPending}
          >
            {preview.data?.problems.some((p) => !p.known) ? does.anyway : does.go}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}

/** The last changes of the draft, the latest with undo. */
export function Edits({ desk, where }: { desk: PlanDesk; where: Where }) {
  const w = useWords();
  const e = w.plan.edit;
  const { undo } = useEdit(where);
  if (desk.edits.length === 0) return null;
  return (
    <Panel
      title={e.log}
      extra={
        desk.can_undo ? (
          <Button size="small" loading={undo.isPending} onClick={() => undo.mutate()}>
            {e.undo}
          </Button>
        ) : null
      }
    >
      <ErrorBox error={undo.error} />
      <p className="hint pad">{e.undoSteps(desk.undo_steps)}</p>
      <ul className="plan-log">
        {desk.edits.map((one) => (
          <li key={one.id} className={one.undone ? "undone" : ""}>
            {one.sentence} <span className="hint">{e.logBy(one.made_by_name, stamp(one.made_at))}</span>{" "}
            {one.undone ? <span className="hint">{e.undone}</span> : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** What planning again changed, until it is closed. */
export function ChangesBox({ changes, onClose }: { changes: PlanChanges; onClose: () => void }) {
  const w = useWords();
  const e = w.plan.edit;
  return (
    <div className="box box-info stack" role="status">
      <div className="line wrap">
        <b>{e.changed}</b> <span className="grow">{changes.sentence}</span>
        <Button size="small" onClick={onClose}>
          {w.common.close}
        </Button>
      </div>
      {changes.reopened ? <p>{e.reopened}</p> : null}
      {changes.weeks.length > 0 ? (
        <>
          <p>{e.otherWeeks}</p>
          <ul>
            {changes.weeks.map((one) => (
              <li key={`${one.program_id} ${one.week}`}>{one.sentence}</li>
            ))}
          </ul>
        </>
      ) : null}
      {changes.lines.length > 0 ? (
        <details>
          <summary>{e.changedLines(changes.lines.length)}</summary>
          <ul>
            {changes.lines.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </details>
      ) : null}
    </div>
  );
}

interface AwayValues {
  who: string;
  first_day: string;
  last_day: string;
  window: string;
}

const NOBODY = "nobody";
const ALL_DAY = "all";
/** Days after this week that leave can be told for; longer leave is told again. */
const LEAVE_DAYS = 56;

export function AwayDialog({
  open,
  plan,
  desk,
  where,
  today,
  onDone,
  onClose,
}: {
  open: boolean;
  plan: WeekPlan;
  desk: PlanDesk;
  where: Where;
  today: string;
  onDone: (changes: PlanChanges) => void;
  onClose: () => void;
}) {
  const w = useWords();
  const e = w.plan.edit;
  const label = (day: string, weekday: number) => `${dayText(day, w)} ${weekdayText(weekday, w)}`;
  const days = plan.days.map((d) => ({ value: d.day, label: label(d.day, d.weekday) }));
  // Leave may go on into the weeks after.
  const sunday = plan.days.at(-1)?.day ?? today;
  const later = Array.from({ length: LEAVE_DAYS }, (_, n) => {
    const day = addDays(sunday, n + 1);
    return { value: day, label: label(day, (n % 7) + 1) };
  });
  const first = plan.days.find((d) => d.day >= today && d.planned)?.day ?? plan.days[0]?.day ?? "";
  const body = (v: AwayValues): PlanAwayInput => {
    const [kind, id] = v.who.split(":");
    return {
      staff_id: kind === "staff" ? (id ?? null) : null,
      post: kind === "post" ? (id ?? null) : null,
      first_day: v.first_day,
      last_day: v.last_day,
      window: v.window === ALL_DAY ? null : v.window,
    };
  };
  const rules = [{ required: true, message: w.common.required }];
  return (
    <FormDialog<AwayValues>
      title={e.awayTitle}
      open={open}
      onClose={onClose}
      ok={e.awayGo}
      initial={{ first_day: first, last_day: first, window: ALL_DAY }}
      onSubmit={async (v) => onDone(await api.planAway(where.programId, where.unitId, where.week, body(v)))}
    >
      <p className="hint">{e.awayHint}</p>
      <Form.Item name="who" label={e.awayWho} rules={rules}>
        <Select
          aria-label={e.awayWho}
          options={[
            { value: NOBODY, label: e.awayNobody },
            {
              label: e.awayStaff,
              options: desk.staff.map((s) => ({ value: `staff:${s.id}`, label: s.name })),
            },
            {
              label: e.awayPost,
              options: desk.posts.map((p) => ({ value: `post:${p.id}`, label: e.awayAll(p.name) })),
            },
          ]}
        />
      </Form.Item>
      <Form.Item name="first_day" label={e.awayFirst} rules={rules}>
        <Select aria-label={e.awayFirst} options={days} />
      </Form.Item>
      <Form.Item name="last_day" label={e.awayLast} rules={rules}>
        <Select aria-label={e.awayLast} options={[...days, ...later]} />
      </Form.Item>
      <Form.Item name="window" label={e.awayWindow} rules={rules}>
        <Select
          aria-label={e.awayWindow}
          options={[
            { value: ALL_DAY, label: e.awayAllDay },
            ...desk.windows.map((x) => ({ value: x.id, label: x.name })),
          ]}
        />
      </Form.Item>
    </FormDialog>
  );
}

export function AwayList({
  desk,
  where,
  may,
  onDone,
}: {
  desk: PlanDesk;
  where: Where;
  may: boolean;
  onDone: (changes: PlanChanges) => void;
}) {
  const w = useWords();
  const e = w.plan.edit;
  const back = useMutation({
    mutationFn: (id: string) => api.planBack(where.programId, where.unitId, where.week, id),
    onSuccess: onDone,
  });
  if (desk.away.length === 0) return null;
  return (
    <div className="box stack">
      <ErrorBox error={back.error} />
      {desk.away.map((a) => (
        <div className="line wrap" key={a.id}>
          <b>{a.sentence}</b>
          <span className="hint grow">{e.logBy(a.made_by_name, stamp(a.made_at))}</span>
          {may ? (
            <Button
              size="small"
              aria-label={`${e.awayBack} ${a.sentence}`}
              loading={back.isPending}
              onClick={() => back.mutate(a.id)}
            >
              {e.awayBack}
            </Button>
          ) : null}
        </div>
      ))}
    </div>
  );
}

/** Planning again and telling who is away; both answer with what changed. */
export function useAgain(where: Where) {
  const take = useTake(where);
  const [changes, setChanges] = useState<PlanChanges | null>(null);
  const done = (made: PlanChanges) => {
    take(made.plan);
    setChanges(made);
  };
  const again = useMutation({
    mutationFn: () => api.planAgain(where.programId, where.unitId, where.week),
    onSuccess: done,
  });
  return { again, changes, done, close: () => setChanges(null) };
}

/** 5 分钟确认: everything a head has to know before agreeing, in one place. */
export function ConfirmPanel({
  plan,
  desk,
  busy,
  onConfirm,
}: {
  plan: WeekPlan;
  desk: PlanDesk | undefined;
  busy: boolean;
  onConfirm: (() => void) | null;
}) {
  const w = useWords();
  const e = w.plan.edit;
  const problems = desk?.problems ?? [];
  return (
    <Panel
      title={e.check}
      hint={e.checkHint}
      extra={
        onConfirm ? (
          <Button type="primary" loading={busy} aria-keyshortcuts="Control+Enter" onClick={onConfirm}>
            {w.plan.confirm}
          </Button>
        ) : null
      }
    >
      <dl className="plan-check">
        <dt>{e.checkPlanned}</dt>
        <dd>{plan.shortfall.sentence}</dd>
        <dt>{e.checkProblems}</dt>
        <dd>
          {problems.length === 0 ? (
            e.checkProblemsNone
          ) : (
            <ul>
              {problems.map((p) => (
                <li key={p.sentence} className="bad-text">
                  {p.sentence}
                </li>
              ))}
            </ul>
          )}
        </dd>
        <dt>{e.checkLeftOut(plan.left_out)}</dt>
        <dd>
          {plan.left_out_why.length === 0 ? (
            w.plan.unservedNone
          ) : (
            <ul>
              {plan.left_out_why.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          )}
        </dd>
      </dl>
    </Panel>
  );
}
