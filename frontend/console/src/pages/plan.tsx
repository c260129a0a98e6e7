// The week plan of one branch: the order of visits on the left, the schematic map on the right, the shortfall in one
// sentence on top. Until it is confirmed visits can be struck out, moved (by drag or menu) and locked.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { ApiError, api } from "@zoufang/shared/api/client.ts";
import type { PlanEdit, Route, Stop, Unserved, WeekPlan, WeekPlanDay } from "@zoufang/shared/api/types.ts";
import { num, parts, stamp } from "@zoufang/shared/format.ts";
import { routeColours } from "@zoufang/shared/map/plan-map.ts";
import { Button, Dropdown, Form, Input, type MenuProps } from "antd";
import { type CSSProperties, type ReactElement, useCallback, useEffect, useRef, useState } from "react";
import { useMay, useMe, useUnits, useWords } from "../session.ts";
import { weekdayText, weekShort, weekText } from "../ui/dates.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { JobLine } from "../ui/job.tsx";
import { Page, Panel, Scrolls, Tabs, Tag } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { Empty, ErrorBox, View } from "../ui/states.tsx";
import { ServerTable } from "../ui/table.tsx";
import { CalendarNote } from "./campaign-life.tsx";
import { AddDialog } from "./plan-add.tsx";
import {
  AwayDialog,
  AwayList,
  ChangesBox,
  ConfirmPanel,
  Edits,
  MoveDialog,
  useAgain,
  useEdit,
  usePlanDesk,
  useTake,
  type Where,
  type Wish,
} from "./plan-edit.tsx";
import { PlanMapView } from "./plan-map-view.tsx";
import { PlanSheets } from "./plan-sheets.tsx";
import { MethodLine, TakesLine } from "./plan-takes.tsx";
import { type Warming, WarmUp } from "./plan-warm-up.tsx";
import { planTone, WeekPicker } from "./plans.tsx";

const route = getRouteApi("/shell/plans/$programId/$unitId/$week");

/** What may be done with the visits of a draft; none when the plan only is to be read. */
interface Hands {
  strike: (stop: Stop) => void;
  ask: (wish: Wish) => void;
  edit: (edit: PlanEdit) => void;
  /** Other days on which visits are planned. */
  days: WeekPlanDay[];
}

const DRAG = "application/x-zoufang-stop";

function StopMenu({ stop, hands, children }: { stop: Stop; hands: Hands; children: ReactElement }) {
  const w = useWords();
  const e = w.plan.edit;
  const days = hands.days.map((d) => ({
    key: d.day,
    label: `${weekdayText(d.weekday, w)} ${parts(d.day)?.day ?? ""}`,
    onClick: () => hands.ask({ ...wishOf(stop), day: d.day }),
  }));
  const items: MenuProps["items"] = [
    { key: "move", label: e.moveTo, disabled: stop.locked, onClick: () => hands.ask(wishOf(stop)) },
    { key: "day", label: e.moveDay, disabled: stop.locked || days.length === 0, children: days },
    {
      key: "lock",
      label: stop.locked ? e.unlock : e.lock,
      onClick: () => hands.edit({ do: "lock_stop", stop_id: stop.id, locked: !stop.locked }),
    },
    { key: "strike", label: w.plan.strike, disabled: stop.locked, onClick: () => hands.strike(stop) },
  ];
  return (
    <Dropdown menu={{ items }} trigger={["click"]} autoFocus>
      {children}
    </Dropdown>
  );
}

const wishOf = (stop: Stop): Wish => ({ stop, shift: "", position: null });

function StopItem({
  stop,
  one,
  selected,
  onSelect,
  hands,
}: {
  stop: Stop;
  one: Route;
  selected: boolean;
  onSelect: () => void;
  hands: Hands | null;
}) {
  const w = useWords();
  const e = w.plan.edit;
  const item = useRef<HTMLLIElement>(null);
  const menu = useRef<HTMLButtonElement>(null);
  const [over, setOver] = useState(false);
  const movable = hands !== null && !stop.locked && !one.locked;
  // A visit picked on the map comes into view in the list.
  useEffect(() => {
    if (selected) item.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  return (
    <li
      ref={item}
      className={`stop${selected ? " selected" : ""}${over ? " drop" : ""}`}
      draggable={movable}
      onDragStart={(event) => {
        event.dataTransfer.setData(DRAG, stop.id);
        event.dataTransfer.effectAllowed = "move";
      }}
      onDragOver={(event) => {
        if (!hands || !event.dataTransfer.types.includes(DRAG)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false);
        event.preventDefault();
        event.stopPropagation();
        dropped(event.dataTransfer.getData(DRAG), one, stop.id, hands);
      }}
      onContextMenu={(event) => {
        if (!hands) return;
        event.preventDefault();
        menu.current?.click();
      }}
    >
      {movable ? (
        <span className="stop-grip" aria-hidden="true" title={e.drag}>
          ⠿
        </span>
      ) : null}
      <button type="button" className="stop-main" aria-pressed={selected} onClick={onSelect}>
        <span className="stop-number num">{stop.order}</span>
        <span className="grow">
          <span>
            <b>{stop.title}</b>{" "}
            {stop.village_group_name && stop.village_group_name !== stop.title ? stop.village_group_name : ""}
            {stop.locked ? <Tag tone="info">{e.locked}</Tag> : null}
          </span>
          <span className="hint">
            {stop.reasons.join("；")}
            {stop.approximate ? `${stop.reasons.length ? " · " : ""}${w.plan.placeFrom(stop.precision)}` : ""}
          </span>
        </span>
        <span className="num stop-time">{stop.arrive}</span>
      </button>
      {hands ? (
        <>
          <button
            type="button"
            className="plain-button"
            aria-label={w.plan.strikeLong(stop.title)}
            disabled={stop.locked || one.locked}
            onClick={() => hands.strike(stop)}
          >
            {w.plan.strike}
          </button>
          <StopMenu stop={stop} hands={hands}>
            <button ref={menu} type="button" className="plain-button" aria-label={e.menu(stop.title)}>
              ⋯
            </button>
          </StopMenu>
        </>
      ) : null}
    </li>
  );
}

/** A visit was let go on a route: before the visit `before`, or at its end. */
function dropped(id: string, one: Route, before: string | null, hands: Hands | null) {
  if (!hands || !id || id === before || one.locked) return;
  const rest = one.stops.filter((s) => s.id !== id);
  const at = before ? rest.findIndex((s) => s.id === before) : rest.length;
  hands.ask({ stop: { id } as Stop, shift: `${one.team_id} ${one.starts}`, position: at });
}

function RouteBlock({
  route: one,
  colour,
  selected,
  onSelect,
  hands,
}: {
  route: Route;
  colour: string;
  selected: string | null;
  onSelect: (id: string) => void;
  hands: Hands | null;
}) {
  const w = useWords();
  const e = w.plan.edit;
  return (
    <section
      className="route"
      aria-label={`${one.team_name} ${w.plan.kind[one.kind]}`}
      style={{ "--route": colour } as CSSProperties}
      onDragOver={(event) => {
        if (hands && event.dataTransfer.types.includes(DRAG)) event.preventDefault();
      }}
      onDrop={(event) => {
        event.preventDefault();
        dropped(event.dataTransfer.getData(DRAG), one, null, hands);
      }}
    >
      <header>
        <h3>
          <span className="route-colour" aria-hidden="true" />
          {one.team_name} <Tag tone="info">{w.plan.kind[one.kind]}</Tag>{" "}
          {one.over_minutes > 0 ? <Tag tone="bad">{e.over(num(one.over_minutes))}</Tag> : null}
          {one.locked ? <Tag tone="info">{e.locked}</Tag> : null}
          {hands ? (
            <button
              type="button"
              className="plain-button"
              aria-label={(one.locked ? e.unlockRoute : e.lockRoute)(one.team_name)}
              onClick={() => hands.edit({ do: "lock_route", route_id: one.id, locked: !one.locked })}
            >
              {one.locked ? e.unlock : e.lock}
            </button>
          ) : null}
        </h3>
        <p className="hint num">
          {w.plan.dayLine(one.stops.length, num(one.travel_km, 1))} ·{" "}
          {w.plan.routeLine(one.window.from, one.window.to, one.back_at)}
        </p>
        <p className="hint">
          {w.plan.members}: {one.members.join("、") || "–"}
        </p>
        <TakesLine route={one} />
        <MethodLine route={one} />
      </header>
      <ol className="stops">
        {one.stops.map((stop) => (
          <StopItem
            key={stop.id}
            stop={stop}
            one={one}
            selected={selected === stop.id}
            onSelect={() => onSelect(stop.id)}
            hands={hands}
          />
        ))}
      </ol>
    </section>
  );
}

function Day({ plan, day, hands }: { plan: WeekPlan; day: WeekPlanDay; hands: Hands | null }) {
  const w = useWords();
  const e = w.plan.edit;
  const [selected, setSelected] = useState<string | null>(null);
  const stops = day.routes.reduce((n, r) => n + r.stops.length, 0);
  const km = day.routes.reduce((n, r) => n + r.travel_km, 0);
  const locked = day.routes.length > 0 && day.routes.every((r) => r.locked);
  const here: Hands | null = hands && {
    ...hands,
    // A drop knows the team; the day and the visit are this page's.
    ask: (wish) => {
      const stop = day.routes.flatMap((r) => r.stops).find((s) => s.id === wish.stop?.id);
      if (stop) hands.ask({ ...wish, stop, shift: wish.shift && `${day.day} ${wish.shift}` });
    },
    days: hands.days.filter((d) => d.day !== day.day),
  };
  return (
    <div className="columns columns-map">
      <Panel
        flush
        className="stop-panel"
        title={w.plan.list}
        extra={
          <span className="line">
            <span className="hint num">{w.plan.dayLine(stops, num(km, 1))}</span>
            {hands && day.routes.length > 0 ? (
              <Button
                size="small"
                onClick={() => hands.edit({ do: "lock_day", day: day.day, locked: !locked })}
              >
                {locked ? e.unlockDay : e.lockDay}
              </Button>
            ) : null}
          </span>
        }
      >
        {day.routes.length === 0 ? (
          <Empty text={day.is_workday ? w.plan.emptyDay : w.plan.restDay(day.note ?? w.plans.holiday)} />
        ) : (
          <Scrolls className="stop-list" label={w.plan.list}>
            {day.routes.map((one, i) => (
              <RouteBlock
                key={one.id}
                route={one}
                colour={routeColours[i % routeColours.length] ?? ""}
                selected={selected}
                onSelect={setSelected}
                hands={here}
              />
            ))}
          </Scrolls>
        )}
      </Panel>
      <PlanMapView plan={plan} routes={day.routes} selected={selected} onSelect={setSelected} />
    </div>
  );
}

/** Households shown before somebody asks for all. */
const FIRST = 10;

function UnservedList({ items, onAdd }: { items: Unserved[]; onAdd: ((one: Unserved) => void) | null }) {
  const w = useWords();
  const [all, setAll] = useState(false);
  return (
    <Panel
      flush
      title={`${w.plan.unserved} · ${num(items.length)} ${w.common.households}`}
      hint={w.plan.unservedHint}
      extra={
        !all && items.length > FIRST ? (
          <Button size="small" onClick={() => setAll(true)}>
            {w.plan.edit.unservedAll(items.length)}
          </Button>
        ) : null
      }
    >
      <ServerTable
        label={w.plan.unserved}
        rows={all ? items : items.slice(0, FIRST)}
        rowKey={(u) => u.target_id}
        columns={[
          {
            key: "p",
            title: w.campaigns.priority,
            numeric: true,
            width: "5rem",
            render: (u) => num(u.priority),
          },
          { key: "who", title: w.plan.who, nowrap: true, render: (u) => u.name_masked },
          { key: "group", title: w.plan.group, render: (u) => u.village_group_name ?? "–" },
          { key: "why", title: w.plan.why, render: (u) => u.reason },
          ...(onAdd
            ? [
                {
                  key: "add",
                  title: "",
                  render: (u: Unserved) => (
                    <Button
                      size="small"
                      aria-label={w.plan.edit.addLong(u.name_masked)}
                      onClick={() => onAdd(u)}
                    >
                      {w.plan.edit.add}
                    </Button>
                  ),
                },
              ]
            : []),
        ]}
      />
    </Panel>
  );
}

function usePlanActions(where: Where) {
  const w = useWords();
  const notice = useNotice();
  const { programId, unitId, week } = where;
  const took = useTake(where);
  const confirm = useMutation({
    mutationFn: () => api.confirmPlan(programId, unitId, week),
    onSuccess: (plan) => {
      took(plan);
      notice(w.plan.confirmDone);
    },
  });
  const reopen = useMutation({
    mutationFn: () => api.reopenPlan(programId, unitId, week),
    onSuccess: (plan) => {
      took(plan);
      notice(w.plan.reopenDone);
    },
  });
  const strike = useMutation({
    mutationFn: (stop: Stop) => api.strikeStop(programId, unitId, week, stop.id),
    onSuccess: (plan, stop) => {
      took(plan);
      notice(w.plan.undo(stop.title));
    },
  });
  const restore = useMutation({
    mutationFn: (id: string) => api.restoreStop(programId, unitId, week, id),
    onSuccess: took,
  });
  const error = confirm.error ?? reopen.error ?? strike.error ?? restore.error;
  return { confirm, reopen, strike, restore, error };
}

function PlanView({ plan, where }: { plan: WeekPlan; where: Where }) {
  const w = useWords();
  const me = useMe();
  const search = route.useSearch();
  const navigate = useNavigate();
  const may = useMay("plan.write");
  const mayConfirm = useMay("plan.confirm");
  const actions = usePlanActions(where);
  const [asking, setAsking] = useState(false);
  const [sheets, setSheets] = useState<WeekPlan | null>(null);
  const day = plan.days.find((d) => d.day === search.day) ?? firstDay(plan, me.system.today);
  const draft = plan.state === "draft";
  const struck = plan.struck ?? [];
  const byHand = struck.filter((s) => s.can_restore);
  const refused = struck.filter((s) => !s.can_restore);
  const mayPrint = useMay("customer.reveal");
  // Who takes lists out does not yet see names; the sheet shows them in full.
  const mayTake = useMay("customer.export");
  const mayExport = mayTake && mayPrint;
  const desk = usePlanDesk(where, plan);
  const { edit } = useEdit(where);
  const again = useAgain(where);
  const [wish, setWish] = useState<Wish | null>(null);
  const [away, setAway] = useState(false);
  const [adding, setAdding] = useState(false);
  const [warming, setWarming] = useState<Warming>(null);
  const confirm = draft && mayConfirm ? () => actions.confirm.mutate() : null;
  useConfirmKey(confirm, wish !== null || away || asking || adding || warming !== null);
  const hands: Hands | null =
    draft && may
      ? {
          strike: (stop) => actions.strike.mutate(stop),
          ask: setWish,
          edit: (one) => edit.mutate({ edit: one, fit: false }),
          days: plan.days.filter((d) => desk.data?.places.some((p) => p.day === d.day)),
        }
      : null;
  const addTarget = (target: { id: string; title: string }) => {
    setAdding(false);
    setWish({ stop: null, target, shift: "", position: null });
  };
  // A visit let go on a day's tab goes to the shift that takes it best.
  const toDay = (key: string, id: string) => {
    const stop = day?.routes.flatMap((r) => r.stops).find((s) => s.id === id);
    if (stop && key !== day?.day) setWish({ stop, day: key, shift: "", position: null });
  };

  if (sheets) return <PlanSheets plans={[sheets]} onClose={() => setSheets(null)} />;
  return (
    <Page
      title={plan.unit.name}
      sub={
        <>
          {plan.program.name} · {weekText(plan.week, w)}{" "}
          <Tag tone={planTone[plan.state]}>{w.planState[plan.state]}</Tag> {w.plan.version(plan.version)}{" "}
          {plan.confirmed_by_name ? w.plan.confirmed(plan.confirmed_by_name, stamp(plan.confirmed_at)) : ""}
        </>
      }
      actions={
        <>
          {mayPrint ? <Button onClick={() => setAsking(true)}>{w.plan.print}</Button> : null}
          {mayPrint ? (
            <Link className="button-link" to="/plans/$programId/$unitId/$week/forms" params={where}>
              {w.collectionForm.title}
            </Link>
          ) : null}
          {mayExport ? (
            <a
              className="button-link"
              href={api.planWorkbookUrl(where.programId, where.unitId, where.week)}
              download
            >
              {w.plan.workbook}
            </a>
          ) : null}
          {may && desk.data ? <Button onClick={() => setAway(true)}>{w.plan.edit.away}</Button> : null}
          {hands ? <Button onClick={() => setAdding(true)}>{w.plan.edit.addOther}</Button> : null}
          {hands ? (
            <Button loading={again.again.isPending} onClick={() => again.again.mutate()}>
              {w.plan.edit.again}
            </Button>
          ) : null}
          {draft && !mayConfirm ? <span className="hint wait-note">{w.plan.waitsForBranch}</span> : null}
          {plan.state === "confirmed" && mayConfirm ? (
            <Button loading={actions.reopen.isPending} onClick={() => actions.reopen.mutate()}>
              {w.plan.reopen}
            </Button>
          ) : null}
        </>
      }
    >
      <ErrorBox error={actions.error ?? edit.error ?? again.again.error} />
      <CalendarNote program={plan.program} week={plan.week} unitId={plan.unit.id} />
      {plan.reopened ? <p className="box box-warn">{plan.reopened}</p> : null}
      {again.changes ? <ChangesBox changes={again.changes} onClose={again.close} /> : null}
      {desk.data ? <AwayList desk={desk.data} where={where} may={may} onDone={again.done} /> : null}
      {draft ? (
        <ConfirmPanel plan={plan} desk={desk.data} busy={actions.confirm.isPending} onConfirm={confirm} />
      ) : null}
      <p className={plan.shortfall.left > 0 ? "sentence sentence-bad" : "sentence sentence-ok"}>
        <b>{plan.shortfall.sentence}</b>{" "}
        <span className="num">
          {w.plan.stats(num(plan.stats.visits), num(plan.stats.village_groups), num(plan.stats.travel_km, 1))}
        </span>
      </p>
      {refused.map(({ stop, day: on, reason }) => (
        <div className="box box-warn" key={stop.id}>
          {on} {stop.village_group_name} {stop.title}：{reason}
        </div>
      ))}
      {draft && may && byHand.length > 0 ? (
        <div className="box box-warn line wrap">
          <b>{w.plan.struckList}</b>
          {byHand.map(({ stop }) => (
            <Button key={stop.id} size="small" onClick={() => actions.restore.mutate(stop.id)}>
              {w.plan.restore} {stop.title}
            </Button>
          ))}
        </div>
      ) : null}
      <Tabs
        label={w.plan.day}
        value={day?.day ?? ""}
        drop={hands ? { type: DRAG, take: toDay } : null}
        items={plan.days.map((d) => {
          const stops = d.routes.reduce((n, r) => n + (r.households ?? r.stops.length), 0);
          const tail =
            d.is_workday || stops ? ` · ${stops} ${w.common.households}` : ` · ${d.note || w.plans.holiday}`;
          return { key: d.day, label: `${weekdayText(d.weekday, w)} ${parts(d.day)?.day}${tail}` };
        })}
        onChange={(key) =>
          navigate({
            to: "/plans/$programId/$unitId/$week",
            params: where,
            search: (old: Record<string, unknown>) => ({ ...old, day: key }),
          })
        }
      />
      {day ? <Day key={day.day} plan={plan} day={day} hands={hands} /> : null}
      {hands ? <p className="hint no-print">{w.plan.edit.drag}</p> : null}
      {wish && desk.data ? (
        <MoveDialog
          wish={wish}
          desk={desk.data}
          plan={plan}
          where={where}
          onWish={setWish}
          onClose={() => setWish(null)}
        />
      ) : null}
      {adding ? (
        <AddDialog
          where={where}
          version={`${plan.version} ${plan.left_out}`}
          onPick={addTarget}
          onClose={() => setAdding(false)}
        />
      ) : null}
      {desk.data ? (
        <AwayDialog
          open={away}
          plan={plan}
          desk={desk.data}
          where={where}
          today={me.system.today}
          onDone={again.done}
          onClose={() => setAway(false)}
        />
      ) : null}
      {desk.data && hands ? <Edits desk={desk.data} where={where} /> : null}
      <WarmUp where={where} today={me.system.today} warming={warming} onWarming={setWarming} />
      {plan.unserved.length > 0 ? (
        <UnservedList
          items={plan.unserved}
          onAdd={hands ? (u) => addTarget({ id: u.target_id, title: u.name_masked }) : null}
        />
      ) : (
        <p className="hint">{w.plan.unservedNone}</p>
      )}
      <FormDialog<{ reason: string }>
        title={w.plan.printTitle}
        open={asking}
        onClose={() => setAsking(false)}
        ok={w.plan.printGo}
        initial={{ reason: w.plan.printReasonDefault(weekText(plan.week, w)) }}
        onSubmit={async (v) =>
          setSheets(await api.printPlan(where.programId, where.unitId, where.week, v.reason))
        }
      >
        <p className="hint">{w.plan.printHint}</p>
        <Form.Item
          name="reason"
          label={w.plan.printReason}
          rules={[{ required: true, message: w.common.required }]}
        >
          <Input maxLength={100} />
        </Form.Item>
      </FormDialog>
    </Page>
  );
}

/** Ctrl+Enter confirms, unless a dialog is open. */
function useConfirmKey(confirm: (() => void) | null, busy: boolean) {
  const latest = useRef(confirm);
  latest.current = busy ? null : confirm;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) latest.current?.();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}

/** Today when it has visits, else the first day that has some. */
function firstDay(plan: WeekPlan, today: string): WeekPlanDay | undefined {
  const busy = plan.days.filter((d) => d.routes.length > 0);
  return busy.find((d) => d.day === today) ?? busy[0] ?? plan.days[0];
}

function NoPlan({ where, error }: { where: Where; error: unknown }) {
  const w = useWords();
  const me = useMe();
  const { tree } = useUnits();
  const client = useQueryClient();
  const may = useMay("plan.write");
  const [job, setJob] = useState<string | null>(null);
  const make = useMutation({
    mutationFn: () => api.makeWeekPlans(where.programId, { week: where.week, unit_id: where.unitId }),
    onSuccess: (made) => setJob(made.id),
  });
  const { programId } = where;
  const onEnd = useCallback(() => {
    client.invalidateQueries({ queryKey: ["week-plan", programId] });
    client.invalidateQueries({ queryKey: ["week-plans", programId] });
  }, [client, programId]);
  if (!(error instanceof ApiError) || error.status !== 404) return <ErrorBox error={error} />;
  return (
    <Page title={tree.byId.get(where.unitId)?.name ?? w.plans.title} sub={weekText(where.week, w)}>
      <Panel>
        <Empty
          text={w.plan.none}
          action={
            may ? (
              <Button type="primary" loading={make.isPending} onClick={() => make.mutate()}>
                {w.plans.make(weekShort(where.week, me.system.today, w))}
              </Button>
            ) : null
          }
        />
        <ErrorBox error={make.error} />
        {job ? <JobLine key={job} id={job} title={w.plans.making} onEnd={onEnd} /> : null}
      </Panel>
    </Page>
  );
}

export function PlanPage() {
  const w = useWords();
  const me = useMe();
  const where = route.useParams();
  const navigate = useNavigate();
  const query = useQuery({
    queryKey: ["week-plan", where.programId, where.unitId, where.week],
    queryFn: () => api.weekPlan(where.programId, where.unitId, where.week),
    retry: false,
  });
  return (
    <>
      <div className="line wrap plan-top no-print">
        <Link to="/plans" search={{ program: where.programId, week: where.week }}>
          {w.plan.back}
        </Link>
        <WeekPicker
          week={where.week}
          today={me.system.today}
          onPick={(week) =>
            navigate({ to: "/plans/$programId/$unitId/$week", params: { ...where, week }, search: {} })
          }
        />
      </div>
      {query.error && !query.data ? (
        <NoPlan where={where} error={query.error} />
      ) : (
        <View query={query}>
          {(plan) =>
            plan.state === "none" ? (
              <NoPlan where={where} error={new ApiError({ status: 404, code: "plan.none" })} />
            ) : (
              <PlanView key={plan.id} plan={plan} where={where} />
            )
          }
        </View>
      )}
    </>
  );
}
