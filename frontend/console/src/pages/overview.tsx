// Where the campaign stands this week and what needs this person. One primary button: plan the next week.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { Overview, Program, Todo } from "@zoufang/shared/api/types.ts";
import { addWeeks, daysBetween, num, percent, share, stamp, weekOf } from "@zoufang/shared/format.ts";
import type { Words } from "@zoufang/shared/words/index.ts";
import { Button } from "antd";
import type { ReactNode } from "react";
import { useMay, useMe, useWords } from "../session.ts";
import { dayText, weekSpan } from "../ui/dates.ts";
import { Bar, Page, Panel, Tag, type Tone } from "../ui/layout.tsx";
import { Empty, View } from "../ui/states.tsx";
import { planTone } from "./plans.tsx";

const LOW = 65;
const MIDDLE = 85;

function headline(
  data: Overview,
  phases: Program["phases"],
  today: string,
  w: Words,
): { title: ReactNode; sub: ReactNode } {
  const program = data.program;
  if (!program) return { title: w.overview.title, sub: data.unit.name };
  const toStart = daysBetween(today, program.first_day);
  const toEnd = daysBetween(today, program.last_day);
  const left =
    toStart > 0
      ? w.overview.notStarted(toStart)
      : toEnd >= 0
        ? w.overview.left(dayText(program.last_day, w, true), toEnd)
        : w.overview.ended;
  const week = Math.floor(daysBetween(program.first_day, today) / 7) + 1;
  if (toStart > 0 || toEnd < 0) {
    const span = w.date.range(dayText(program.first_day, w, true), dayText(program.last_day, w, true));
    return { title: program.name, sub: `${data.unit.name} · ${span}，${left}` };
  }
  const phase = phases.find((p) => p.first_day <= today && today <= p.last_day);
  const sub = [
    data.unit.name,
    w.overview.thisWeek(weekSpan(data.plan.week, w)),
    ...(phase ? [w.overview.phase(phase.name)] : []),
    left,
  ];
  return { title: `${program.name} · ${w.overview.weekNo(week)}`, sub: sub.join(" · ") };
}

function Kpi({
  label,
  value,
  unit,
  sub,
  tone,
}: {
  label: string;
  value: string;
  unit: string;
  sub: string;
  tone?: Tone;
}) {
  return (
    <div className="kpi">
      <dt>{label}</dt>
      <dd>
        <span className="kpi-value num">{value}</span> <span className="kpi-unit">{unit}</span>
        <span className={`kpi-sub kpi-${tone ?? "plain"}`}>{sub}</span>
      </dd>
    </div>
  );
}

/** The branch, when the scope holds only one: its head reads about one plan, not about a table of one row. */
function onlyBranch(data: Overview): Overview["branches"][number] | undefined {
  return data.branches.length === 1 ? data.branches[0] : undefined;
}

function Kpis({ data }: { data: Overview }) {
  const w = useWords();
  const k = w.overview.kpi;
  const h = w.common.households;
  const one = onlyBranch(data);
  return (
    <dl className="kpis panel">
      <Kpi
        label={k.customers}
        value={num(data.customers.total)}
        unit={w.common.people}
        sub={k.customersSub(percent(data.customers.with_four_fields, data.customers.total))}
      />
      {one ? (
        <Kpi label={k.staff} value={num(data.units.staff)} unit={w.common.people} sub={k.staffSub} />
      ) : (
        <Kpi
          label={k.branches}
          value={num(data.units.branches)}
          unit=""
          sub={k.branchesSub(num(data.units.staff))}
        />
      )}
      <Kpi
        label={k.planned}
        value={num(data.plan.planned)}
        unit={h}
        sub={k.plannedSub(num(data.plan.needed))}
        tone={data.plan.planned < data.plan.needed ? "bad" : "ok"}
      />
      {one ? (
        <Kpi
          label={k.own}
          value={w.planStateShort[one.state]}
          unit=""
          sub={{ none: k.ownNone, draft: k.ownDraft, confirmed: k.ownConfirmed }[one.state]}
        />
      ) : (
        <Kpi
          label={k.confirmed}
          value={num(data.plan.branches_confirmed)}
          unit={`/ ${num(data.units.branches)}`}
          sub={k.confirmedSub(num(data.plan.branches_with_plan))}
        />
      )}
      <Kpi
        label={k.shortfall}
        value={num(data.plan.shortfall)}
        unit={h}
        sub={data.plan.shortfall > 0 ? k.shortfallSub : k.shortfallNone}
        tone={data.plan.shortfall > 0 ? "bad" : "ok"}
      />
    </dl>
  );
}

const todoTone: Record<string, Tone> = {
  plan_missing: "warn",
  plan_unconfirmed: "info",
  due_unplanned: "bad",
  import_rows: "bad",
  check: "bad",
};

function todoLabel(todo: Todo, w: Words): string {
  const known: Record<string, string> = w.overview.todoKind;
  return known[todo.kind] ?? w.overview.todoKind.other;
}

/** The server's own address, query and all; opened without loading the console again. */
function TodoLink({ link, title }: { link: string; title: string }) {
  const w = useWords();
  const router = useRouter();
  return (
    <a
      className="button-link"
      href={link}
      aria-label={`${w.overview.todoGo}: ${title}`}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        router.history.push(link);
      }}
    >
      {w.overview.todoGo}
    </a>
  );
}

function Todos({ items }: { items: Todo[] }) {
  const w = useWords();
  if (items.length === 0) return <Empty text={w.overview.todoEmpty} />;
  return (
    <ul className="todos">
      {items.map((todo) => (
        <li key={todo.kind + todo.title}>
          <Tag tone={todoTone[todo.kind] ?? "plain"}>{todoLabel(todo, w)}</Tag>
          <span className="grow">
            <b>{todo.title}</b>
            {todo.detail ? <span className="hint">{todo.detail}</span> : null}
          </span>
          {todo.link ? <TodoLink link={todo.link} title={todo.title} /> : null}
        </li>
      ))}
    </ul>
  );
}

function Branches({ data }: { data: Overview }) {
  const w = useWords();
  if (data.branches.length === 0) {
    return (
      <Empty
        text={w.overview.branchesEmpty}
        action={
          <Link className="button-link" to="/imports">
            {w.overview.branchesEmptyAction}
          </Link>
        }
      />
    );
  }
  const program = data.program;
  return (
    <ol className="branch-bars">
      {data.branches.map((b) => {
        const value = share(b.planned, b.needed);
        const tone = value < LOW ? "bad" : value < MIDDLE ? "warn" : "ok";
        const label = `${percent(b.planned, b.needed)}`;
        return (
          <li key={b.unit_id}>
            {program ? (
              <Link
                to="/plans/$programId/$unitId/$week"
                params={{ programId: program.id, unitId: b.unit_id, week: data.plan.week }}
              >
                {b.unit_name}
              </Link>
            ) : (
              <span>{b.unit_name}</span>
            )}
            <span title={w.overview.bar(num(b.planned), num(b.needed))}>
              <Bar value={value} label={label} tone={tone} />
            </span>
            <Tag tone={planTone[b.state]}>{w.planState[b.state]}</Tag>
          </li>
        );
      })}
    </ol>
  );
}

/** The one thing to do next: look at and confirm the own plan, plan the week to come, or look at the branches. */
function MainAction({ data }: { data: Overview }) {
  const w = useWords();
  const me = useMe();
  const navigate = useNavigate();
  const mayProgram = useMay("program.write");
  const mayPlan = useMay("plan.write");
  const mayConfirm = useMay("plan.confirm");
  const { program } = data;
  const one = onlyBranch(data);
  const primary = (text: string, onClick: () => void) => (
    <Button type="primary" onClick={onClick}>
      {text}
    </Button>
  );
  if (!program) {
    return mayProgram ? primary(w.overview.newProgram, () => navigate({ to: "/campaigns" })) : null;
  }
  const week = weekOf(me.system.today);
  if (one?.state === "draft" && mayConfirm) {
    return primary(w.overview.seeOwn, () =>
      navigate({
        to: "/plans/$programId/$unitId/$week",
        params: { programId: program.id, unitId: one.unit_id, week: data.plan.week },
      }),
    );
  }
  if (!mayPlan) {
    return primary(w.overview.seeAll, () =>
      navigate({ to: "/plans", search: { program: program.id, week } }),
    );
  }
  return primary(w.overview.planNext, () =>
    navigate({ to: "/plans", search: { program: program.id, week: addWeeks(week, 1) } }),
  );
}

function LastImport({ last }: { last: Overview["imports_last"] }) {
  const w = useWords();
  return (
    <Panel title={w.overview.lastImport}>
      {last ? (
        <p>
          <Link to="/imports" search={{ id: last.id }}>
            {w.imports.kinds[last.kind]} · {last.file_name}
          </Link>{" "}
          <Tag tone={last.state === "failed" ? "bad" : last.rows_bad > 0 ? "warn" : "ok"}>
            {w.imports.state[last.state]}
          </Tag>
          <span className="hint num block">
            {stamp(last.created_at)} ·{" "}
            {w.overview.importLine(num(last.rows_new), num(last.rows_changed), num(last.rows_bad))}
          </span>
        </p>
      ) : (
        <Empty
          text={w.overview.lastImportNone}
          action={
            <Link className="button-link" to="/imports">
              {w.overview.lastImportGo}
            </Link>
          }
        />
      )}
    </Panel>
  );
}

export function OverviewPage() {
  const w = useWords();
  const me = useMe();
  const mayImport = useMay("import.read");
  const { unit } = useSearch({ strict: false });
  const query = useQuery({ queryKey: ["overview", unit ?? ""], queryFn: () => api.overview(unit) });
  const mayPrograms = useMay("program.read");
  const programs = useQuery({ queryKey: ["programs"], queryFn: api.programs, enabled: mayPrograms });
  return (
    <View query={query}>
      {(data) => {
        const program = data.program;
        const phases = programs.data?.items.find((p) => p.id === program?.id)?.phases ?? [];
        const head = headline(data, phases, me.system.today, w);
        return (
          <Page title={head.title} sub={head.sub} actions={<MainAction data={data} />}>
            {program ? null : (
              <div className="box box-info">
                <b>{w.overview.noProgram}</b> {w.overview.noProgramDetail}
              </div>
            )}
            <Kpis data={data} />
            <div className="columns columns-3-2">
              <div className="stack">
                <Panel title={w.overview.todo}>
                  <Todos items={data.todo} />
                </Panel>
                {mayImport ? <LastImport last={data.imports_last} /> : null}
              </div>
              <Panel
                title={onlyBranch(data) ? w.overview.branchesOne : w.overview.branches}
                hint={`${weekSpan(data.plan.week, w)} · ${w.overview.branchesHint}`}
              >
                <Branches data={data} />
              </Panel>
            </div>
          </Page>
        );
      }}
    </View>
  );
}
