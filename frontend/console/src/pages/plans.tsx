// One week of a campaign over all branches: who has a plan, how much fits, how much does not. Makes the plans.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate, useSearch } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { PlanState, Program, WeekPlanList, WeekPlanRow } from "@zoufang/shared/api/types.ts";
import { addWeeks, num, parts, percent, stamp, weekOf } from "@zoufang/shared/format.ts";
import { Button, Select } from "antd";
import { useCallback, useState } from "react";
import { branchesBelow, useMay, useMe, useUnits, useWords } from "../session.ts";
import { weekdayText, weekShort, weekSpan, weekText } from "../ui/dates.ts";
import { JobLine } from "../ui/job.tsx";
import { Page, Panel, Tag, type Tone } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { Empty, ErrorBox, View } from "../ui/states.tsx";
import { type Column, ServerTable } from "../ui/table.tsx";
import { CalendarNote } from "./campaign-life.tsx";

const route = getRouteApi("/shell/plans");
export const planTone: Record<PlanState, Tone> = { none: "plain", draft: "warn", confirmed: "ok" };

export function WeekPicker({
  week,
  today,
  onPick,
}: {
  week: string;
  today: string;
  onPick: (week: string) => void;
}) {
  const w = useWords();
  return (
    <fieldset className="week-picker">
      <legend className="unseen">{w.plans.week}</legend>
      <Button aria-label={w.date.prevWeek} onClick={() => onPick(addWeeks(week, -1))}>
        ‹
      </Button>
      <span className="num" aria-live="polite">
        <b>{weekText(week, w)}</b> {weekSpan(week, w)}
      </span>
      <Button aria-label={w.date.nextWeek} onClick={() => onPick(addWeeks(week, 1))}>
        ›
      </Button>
      {week === weekOf(today) ? null : (
        <Button onClick={() => onPick(weekOf(today))}>{w.date.thisWeek}</Button>
      )}
    </fieldset>
  );
}

function Days({ list }: { list: WeekPlanList }) {
  const w = useWords();
  return (
    <ul className="week-days" aria-label={w.plans.days}>
      {list.days.map((d) => (
        <li key={d.day} className={d.is_workday ? "" : "rest"}>
          <b>{weekdayText(d.weekday, w)}</b> <span className="num">{parts(d.day)?.day}</span>
          <span className="hint">{d.note || (d.is_workday ? w.date.workday : w.plans.holiday)}</span>
        </li>
      ))}
    </ul>
  );
}

function Table({ list, program }: { list: WeekPlanList; program: string }) {
  const w = useWords();
  const p = w.plans;
  const scope = useSearch({ strict: false }).unit;
  const search = route.useSearch();
  const navigate = useNavigate();
  const { tree } = useUnits();
  const inside = scope ? new Set(branchesBelow(tree, scope).map((u) => u.id)) : null;
  const all = list.items.filter((r) => !inside || inside.has(r.unit_id));
  const state = search.state;
  const rows = state ? all.filter((r) => r.state === state) : all;
  const columns: Column<WeekPlanRow>[] = [
    {
      key: "unit",
      title: p.branch,
      render: (r) => (
        <Link
          to="/plans/$programId/$unitId/$week"
          params={{ programId: program, unitId: r.unit_id, week: list.week }}
          aria-label={p.open(r.unit_name)}
        >
          {r.unit_name}
        </Link>
      ),
    },
    {
      key: "state",
      title: w.common.state,
      nowrap: true,
      render: (r) => <Tag tone={planTone[r.state]}>{w.planState[r.state]}</Tag>,
    },
    {
      key: "planned",
      title: p.planned,
      numeric: true,
      render: (r) => `${num(r.planned)} ${w.common.households}`,
    },
    {
      key: "needed",
      title: p.needed,
      numeric: true,
      render: (r) => `${num(r.needed)} ${w.common.households}`,
    },
    {
      key: "short",
      title: p.shortfall,
      numeric: true,
      render: (r) => (r.shortfall > 0 ? <b className="bad-text">{num(r.shortfall)}</b> : "0"),
    },
    { key: "teams", title: p.teams, numeric: true, render: (r) => num(r.teams) },
    { key: "km", title: p.travel, numeric: true, render: (r) => `${num(r.travel_km, 1)} ${w.common.km}` },
    {
      key: "followed",
      title: p.followed,
      numeric: true,
      render: (r) =>
        r.due === 0 ? (
          "–"
        ) : (
          <>
            {percent(r.on_day, r.due)}
            <span className="hint block">
              {p.followedOf(num(r.on_day), num(r.due), r.other_day > 0 ? num(r.other_day) : "")}
            </span>
          </>
        ),
    },
    {
      key: "since",
      title: p.since,
      render: (r) =>
        r.state === "none" ? (
          "–"
        ) : (
          <span className="num">
            {r.state === "confirmed"
              ? p.sinceConfirmed(r.confirmed_by_name ?? "", stamp(r.confirmed_at))
              : p.sinceDraft(stamp(r.made_at))}
          </span>
        ),
    },
  ];
  const sum = rows.reduce((s, r) => ({ planned: s.planned + r.planned, needed: s.needed + r.needed }), {
    planned: 0,
    needed: 0,
  });
  return (
    <Panel
      flush
      title={`${p.sumPlanned} ${num(sum.planned)} / ${num(sum.needed)} ${w.common.households}`}
      extra={
        <span className="line wrap">
          <Select
            aria-label={p.filter}
            value={state ?? "all"}
            onChange={(next: string) =>
              navigate({
                to: "/plans",
                search: (old: Record<string, unknown>) => ({
                  ...old,
                  state: next === "all" ? undefined : next,
                }),
              })
            }
            options={[
              { value: "all", label: p.filterAll(all.length) },
              ...(["none", "draft", "confirmed"] as const).map((one) => ({
                value: one,
                label: p.filterState(w.planState[one], all.filter((r) => r.state === one).length),
              })),
            ]}
          />
          <span className="num">{percent(sum.planned, sum.needed)}</span>
        </span>
      }
    >
      <ServerTable
        label={p.title}
        columns={columns}
        rows={rows}
        rowKey={(r) => r.unit_id}
        empty={<Empty text={state ? p.filterNone : p.empty} />}
      />
    </Panel>
  );
}

function Week({ program, programs, week }: { program: Program; programs: Program[]; week: string }) {
  const w = useWords();
  const p = w.plans;
  const me = useMe();
  const may = useMay("plan.write");
  const navigate = useNavigate();
  const client = useQueryClient();
  const notice = useNotice();
  const [job, setJob] = useState<string | null>(null);
  const query = useQuery({
    queryKey: ["week-plans", program.id, week],
    queryFn: () => api.weekPlans(program.id, week),
  });
  const make = useMutation({
    mutationFn: () => api.makeWeekPlans(program.id, { week }),
    onSuccess: (made) => setJob(made.id),
  });
  const onEnd = useCallback(
    (done: { state: string }) => {
      client.invalidateQueries({ queryKey: ["week-plans", program.id] });
      client.invalidateQueries({ queryKey: ["week-plan", program.id] });
      client.invalidateQueries({ queryKey: ["overview"] });
      if (done.state === "done") notice(p.made);
    },
    [client, program.id, notice, p.made],
  );
  const made = query.data?.items.length ? query.data.items.every((r) => r.state !== "none") : false;
  const go = (change: { week?: string; program?: string }) =>
    navigate({
      to: "/plans",
      search: (old: Record<string, unknown>) => ({ ...old, program: program.id, week, ...change }),
    });

  return (
    <Page
      title={p.title}
      sub={program.name}
      actions={
        <>
          <Link
            className="button-link"
            to="/plans/print"
            search={(old: Record<string, unknown>) => ({
              unit: old.unit as string | undefined,
              program: program.id,
              week,
            })}
          >
            {w.plansPrint.open}
          </Link>
          {may && program.state === "started" ? (
            <Button
              type={made ? "default" : "primary"}
              loading={make.isPending}
              onClick={() => make.mutate()}
            >
              {(made ? p.remake : p.make)(weekShort(week, me.system.today, w))}
            </Button>
          ) : null}
        </>
      }
    >
      <div className="line wrap">
        <WeekPicker week={week} today={me.system.today} onPick={(next) => go({ week: next })} />
        {programs.length > 1 ? (
          <Select
            aria-label={p.program}
            value={program.id}
            onChange={(id: string) => go({ program: id })}
            options={programs.map((one) => ({ value: one.id, label: one.name }))}
          />
        ) : null}
      </div>
      <ErrorBox error={make.error} />
      {job ? <JobLine key={job} id={job} title={p.making} onEnd={onEnd} /> : null}
      <View query={query}>
        {(list) => (
          <>
            <CalendarNote program={program} week={week} />
            <Days list={list} />
            <Table list={list} program={program.id} />
          </>
        )}
      </View>
    </Page>
  );
}

export function PlansPage() {
  const w = useWords();
  const me = useMe();
  const search = route.useSearch();
  const query = useQuery({ queryKey: ["programs"], queryFn: api.programs });
  return (
    <View query={query}>
      {(data) => {
        const usable = data.items.filter((p) => p.state === "started" || p.id === search.program);
        const program = usable.find((p) => p.id === search.program) ?? usable[0];
        if (!program) {
          return (
            <Page title={w.plans.title}>
              <Empty
                text={w.plans.noProgram}
                action={
                  <Link className="button-link" to="/campaigns">
                    {w.plans.toCampaigns}
                  </Link>
                }
              />
            </Page>
          );
        }
        return (
          <Week
            key={program.id}
            program={program}
            programs={usable}
            week={search.week ?? weekOf(me.system.today)}
          />
        );
      }}
    </View>
  );
}
