// The households of one branch: what the engine proposes, confirmed a page at a time by keyboard, and taken back.
// A decision goes to the server at once; the line stays where it is, so that the hand can undo what it just did.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate, useSearch } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type {
  HouseholdCounts,
  HouseholdDecision,
  HouseholdOutcomes,
  HouseholdProposal,
  Unit,
} from "@zoufang/shared/api/types.ts";
import { num, stamp } from "@zoufang/shared/format.ts";
import { Button, Checkbox, Select } from "antd";
import { type KeyboardEvent, useRef, useState } from "react";
import { branchesBelow, useMay, useMe, useUnits, useWords } from "../session.ts";
import { JobLine } from "../ui/job.tsx";
import { Page, Panel, Tabs, Tag } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { Empty, ErrorBox, View } from "../ui/states.tsx";
import { type Column, Pager, ServerTable } from "../ui/table.tsx";

const route = getRouteApi("/shell/households");
/** One screen of decisions. */
const LIMIT = 15;
const STATES = ["open", "accepted", "rejected"] as const;
const SCORES = [50, 60, 70, 80, 90];

function Counts({ counts }: { counts: HouseholdCounts }) {
  const w = useWords().households;
  const tiles: [string, number, string, string[]][] = [
    [
      w.proposed,
      counts.proposed,
      w.countUnit,
      [w.open(num(counts.open)), w.decided(num(counts.accepted), num(counts.rejected))],
    ],
    [
      w.count,
      counts.households,
      w.countUnit,
      [w.before(num(counts.households_before)), w.joined(num(counts.joined_households))],
    ],
    [
      w.alone,
      counts.alone,
      w.peopleUnit,
      [w.aloneBefore(num(counts.alone_before)), w.aloneJoined(num(counts.joined_people))],
    ],
    [w.records, counts.records, w.recordUnit, [w.valid(num(counts.records_valid))]],
  ];
  return (
    <dl className="panel kpis kpis-4">
      {tiles.map(([label, value, unit, subs]) => (
        <div className="kpi" key={label}>
          <dt>{label}</dt>
          <dd>
            <span className="kpi-value num">{num(value)}</span> <span className="kpi-unit">{unit}</span>
            {subs.map((sub) => (
              <span className="kpi-sub num" key={sub}>
                {sub}
              </span>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}

type Told = "accepted" | "rejected" | "changed" | "decided";
/** What this screen has been told, by proposal. */
type Marks = Record<string, Told>;

function Members({
  p,
  out,
  at,
  locked,
  onLeave,
}: {
  p: HouseholdProposal;
  out: string[];
  at: number;
  locked: boolean;
  onLeave: (id: string) => void;
}) {
  const w = useWords();
  const h = w.households;
  const sexes: Record<string, string> = w.customers.sexes;
  return (
    <ul className="proposal-members">
      {p.members.map((m, n) => {
        const left = m.left_out || out.includes(m.customer_id);
        return (
          <li key={m.customer_id} className={[n === at ? "at" : "", left ? "out" : ""].join(" ").trim()}>
            <span className="hint">{m.relation_name ?? "–"}</span>
            <b>{m.name_masked}</b>
            <span className="num">
              {[m.sex ? sexes[m.sex] : null, m.age_band].filter(Boolean).join(" ") || "–"}
            </span>
            <span className="num">{m.phone_masked || "–"}</span>
            <span>{m.address_masked || m.village_group_name || "–"}</span>
            <span>
              {left ? <Tag tone="warn">{h.out}</Tag> : null}
              {locked ? null : (
                <Checkbox
                  aria-label={h.leave(m.name_masked)}
                  checked={left}
                  tabIndex={-1}
                  onChange={() => onLeave(m.customer_id)}
                >
                  {h.notHere}
                </Checkbox>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

const tones = { accepted: "ok", rejected: "plain", changed: "bad", decided: "warn" } as const;

function Proposals({
  unitId,
  items,
  may,
  onDone,
  onNext,
}: {
  unitId: string;
  items: HouseholdProposal[];
  may: boolean;
  onDone: (told: HouseholdOutcomes) => void;
  onNext: () => void;
}) {
  const w = useWords();
  const h = w.households;
  const [at, setAt] = useState(0);
  const [member, setMember] = useState(0);
  const [out, setOut] = useState<Record<string, string[]>>({});
  const [marks, setMarks] = useState<Marks>({});
  const [steps, setSteps] = useState<string[][]>([]);
  const [above, setAbove] = useState(70);
  const list = useRef<HTMLOListElement>(null);

  const mark = (told: HouseholdOutcomes, of: (id: string) => Told | undefined) => {
    setMarks((old) => {
      const now = { ...old };
      for (const { id, outcome } of told.items) {
        const said = outcome === "done" ? of(id) : outcome === "changed" ? "changed" : "decided";
        if (said) now[id] = said;
        else delete now[id];
      }
      return now;
    });
    onDone(told);
  };
  const decide = useMutation({
    mutationFn: (decisions: HouseholdDecision[]) => api.decideHouseholds(unitId, decisions),
    onSuccess: (told, decisions) => {
      const accepted = new Set(decisions.filter((d) => d.accept).map((d) => d.id));
      mark(told, (id) => (accepted.has(id) ? "accepted" : "rejected"));
      const done = told.items.filter((i) => i.outcome === "done").map((i) => i.id);
      if (done.length > 0) setSteps((old) => [...old, done]);
    },
  });
  const undo = useMutation({
    mutationFn: (ids: string[]) => api.undoHouseholds(unitId, ids),
    onSuccess: (told) => mark(told, () => undefined),
  });
  const busy = decide.isPending || undo.isPending;

  const focus = (n: number) => {
    const to = Math.max(0, Math.min(items.length - 1, n));
    setAt(to);
    setMember(0);
    list.current?.querySelectorAll<HTMLElement>(":scope > li")[to]?.focus();
  };
  const decision = (p: HouseholdProposal, accept: boolean): HouseholdDecision => ({
    id: p.id,
    accept,
    leave_out: accept ? (out[p.id] ?? []) : [],
  });
  const say = (p: HouseholdProposal, accept: boolean) => {
    if (!may || busy || marks[p.id]) return;
    decide.mutate([decision(p, accept)]);
    focus(at + 1);
  };
  const leave = (p: HouseholdProposal, id: string) => {
    if (!may || marks[p.id]) return;
    setOut((old) => {
      const now = old[p.id] ?? [];
      return { ...old, [p.id]: now.includes(id) ? now.filter((i) => i !== id) : [...now, id] };
    });
  };
  const undoLast = () => {
    const last = steps.at(-1);
    if (!last || busy) return;
    setSteps((old) => old.slice(0, -1));
    undo.mutate(last);
    focus(items.findIndex((p) => p.id === last[0]));
  };
  const acceptAbove = () => {
    const wanted = items.filter((p) => !marks[p.id] && p.score >= above);
    if (wanted.length > 0 && may && !busy) decide.mutate(wanted.map((p) => decision(p, true)));
  };

  const onKey = (event: KeyboardEvent) => {
    const p = items[at];
    // Keys typed into a control of the list are the control's.
    const onControl = (event.target as HTMLElement).closest("button, input, a, .ant-select");
    if (!p || event.ctrlKey || event.metaKey || event.altKey) return;
    const chosen = p.members[member];
    const actions: Record<string, () => void> = {
      arrowdown: () => focus(at + 1),
      j: () => focus(at + 1),
      arrowup: () => focus(at - 1),
      k: () => focus(at - 1),
      arrowright: () => setMember(Math.min(p.members.length - 1, member + 1)),
      arrowleft: () => setMember(Math.max(0, member - 1)),
      s: () => (chosen ? leave(p, chosen.customer_id) : undefined),
      y: () => say(p, true),
      n: () => say(p, false),
      u: undoLast,
      a: acceptAbove,
      ...(onControl ? {} : { enter: () => say(p, true) }),
    };
    const action = actions[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  };

  const left = items.filter((p) => !marks[p.id]).length;
  return (
    <>
      <div className="filters no-print">
        {may ? (
          <>
            <Select
              aria-label={h.above}
              value={above}
              onChange={setAbove}
              options={SCORES.map((n) => ({ value: n, label: h.score(n) }))}
            />
            <Button onClick={acceptAbove} disabled={busy || left === 0}>
              {h.acceptAbove(above)}
            </Button>
            <Button onClick={undoLast} disabled={busy || steps.length === 0}>
              {h.undoLast}
            </Button>
          </>
        ) : null}
        <span className="hint">{h.keys}</span>
      </div>
      <ErrorBox error={decide.error ?? undo.error} />
      <ol className="proposals" aria-label={h.list} ref={list} onKeyDown={onKey}>
        {items.map((p, n) => {
          const told = marks[p.id];
          const head = p.members[0]?.name_masked ?? "";
          return (
            <li
              key={p.id}
              tabIndex={n === at ? 0 : -1}
              aria-label={h.item(head, p.members.length, p.score)}
              aria-current={n === at}
              className={told ? `told told-${told}` : undefined}
              onFocus={() => setAt(n)}
            >
              <div className="proposal-head">
                <b className="num">{h.score(p.score)}</b>
                <span className="tags">
                  {p.reasons.map((r) => (
                    <Tag key={r.code}>{r.name}</Tag>
                  ))}
                </span>
                <span className="proposal-actions">
                  {told ? (
                    <Tag tone={tones[told]}>
                      {
                        {
                          accepted: h.accepted,
                          rejected: h.rejected,
                          changed: h.changed,
                          decided: h.byOther,
                        }[told]
                      }
                    </Tag>
                  ) : may ? (
                    <>
                      <Button size="small" tabIndex={-1} onClick={() => say(p, false)}>
                        {h.reject}
                      </Button>
                      <Button size="small" tabIndex={-1} onClick={() => say(p, true)}>
                        {h.accept}
                      </Button>
                    </>
                  ) : null}
                </span>
              </div>
              <Members
                p={p}
                out={out[p.id] ?? []}
                at={n === at ? member : -1}
                locked={!may || told !== undefined}
                onLeave={(id) => leave(p, id)}
              />
            </li>
          );
        })}
      </ol>
      {left === 0 ? (
        <div className="empty">
          <p role="status">{h.allDone}</p>
          <Button type="primary" onClick={onNext}>
            {h.next}
          </Button>
        </div>
      ) : null}
    </>
  );
}

function Decided({
  unitId,
  items,
  may,
  onDone,
}: {
  unitId: string;
  items: HouseholdProposal[];
  may: boolean;
  onDone: () => void;
}) {
  const w = useWords();
  const h = w.households;
  const undo = useMutation({
    mutationFn: (id: string) => api.undoHouseholds(unitId, [id]),
    onSuccess: onDone,
  });
  const refused = undo.data?.items.find((i) => i.outcome !== "done");
  const columns: Column<HouseholdProposal>[] = [
    {
      key: "members",
      title: h.members,
      render: (p) => (
        <span className="tags">
          {p.members.map((m) => (
            <Tag key={m.customer_id} tone={m.left_out ? "warn" : "plain"}>
              {m.name_masked} {m.left_out ? h.out : (m.relation_name ?? "")}
            </Tag>
          ))}
        </span>
      ),
    },
    { key: "score", title: h.above, numeric: true, render: (p) => p.score },
    { key: "reasons", title: h.reasons, render: (p) => p.reasons.map((r) => r.name).join("，") },
    {
      key: "who",
      title: h.who,
      render: (p) => (
        <span className="num">
          {p.decided_by} {p.decided_at ? stamp(p.decided_at) : ""}
        </span>
      ),
    },
    {
      key: "do",
      title: w.common.actions,
      nowrap: true,
      render: (p) => (
        <span className="line">
          {p.household_id ? (
            <Link to="/households/$unitId/$householdId" params={{ unitId, householdId: p.household_id }}>
              {h.open2}
            </Link>
          ) : null}
          {may ? (
            <Button size="small" disabled={undo.isPending} onClick={() => undo.mutate(p.id)}>
              {h.undo}
            </Button>
          ) : null}
        </span>
      ),
    },
  ];
  return (
    <>
      <ErrorBox error={undo.error} />
      {refused ? (
        <div className="box box-error" role="alert">
          {refused.outcome === "changed" ? h.changed : h.byOther}
        </div>
      ) : null}
      <ServerTable
        label={h.members}
        columns={columns}
        rows={items}
        rowKey={(p) => p.id}
        empty={<Empty text={h.emptyDecided} />}
      />
    </>
  );
}

function Branch({ unit }: { unit: Pick<Unit, "id"> }) {
  const w = useWords();
  const h = w.households;
  const search = route.useSearch();
  const navigate = useNavigate();
  const client = useQueryClient();
  const notice = useNotice();
  const may = useMay("customer.merge");
  const [job, setJob] = useState<string | null>(null);
  const state = STATES.find((s) => s === search.state) ?? "open";
  const counts = useQuery({
    queryKey: ["household-counts", unit.id],
    queryFn: () => api.householdCounts(unit.id),
  });
  const query = useQuery({
    queryKey: ["household-proposals", unit.id, state, search.after],
    queryFn: () => api.householdProposals(unit.id, { state, limit: LIMIT, after: search.after }),
    placeholderData: keepPreviousData,
    // A page under decision stays as it is until the next one is asked for.
    refetchOnWindowFocus: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const start = useMutation({
    mutationFn: () => api.proposeHouseholds(unit.id),
    onSuccess: (started) => setJob(started.id),
  });
  const set = (change: { state?: string | undefined; after?: string | undefined }) =>
    navigate({ to: "/households", search: (old) => ({ ...old, after: undefined, ...change }) });
  const refresh = async () => {
    await client.invalidateQueries({ queryKey: ["household-counts", unit.id] });
    await client.invalidateQueries({ queryKey: ["household-proposals", unit.id] });
  };
  const next = async () => {
    await set({ after: undefined });
    await refresh();
  };

  return (
    <>
      {counts.data ? <Counts counts={counts.data} /> : null}
      <ErrorBox error={start.error} />
      {job ? (
        <JobLine
          id={job}
          title={h.running}
          onEnd={async () => {
            setJob(null);
            await next();
            const now = await client.fetchQuery({
              queryKey: ["household-counts", unit.id],
              queryFn: () => api.householdCounts(unit.id),
            });
            notice(h.made(num(now.open)));
          }}
        />
      ) : null}
      <Panel
        flush
        title={h.tabs[state]}
        hint={h.hint}
        extra={
          may ? (
            <Button
              type={counts.data?.proposed === 0 ? "primary" : "default"}
              title={h.startHint}
              loading={start.isPending || job !== null}
              onClick={() => start.mutate()}
            >
              {counts.data?.proposed === 0 ? h.start : h.again}
            </Button>
          ) : null
        }
      >
        <Tabs
          label={h.title}
          items={STATES.map((key) => ({ key, label: h.tabs[key] }))}
          value={state}
          onChange={(key) => set({ state: key === "open" ? undefined : key })}
        />
        <View query={query}>
          {(data) => (
            <>
              {state !== "open" ? (
                <Decided unitId={unit.id} items={data.items} may={may} onDone={refresh} />
              ) : data.items.length === 0 ? (
                <Empty text={h.empty} />
              ) : (
                <Proposals
                  key={data.items[0]?.id}
                  unitId={unit.id}
                  items={data.items}
                  may={may}
                  onNext={next}
                  onDone={(told) => client.setQueryData(["household-counts", unit.id], told.counts)}
                />
              )}
              <Pager
                after={search.after}
                next={data.next}
                shown={data.items.length}
                onMove={(after) => set({ after })}
              />
            </>
          )}
        </View>
      </Panel>
    </>
  );
}

function ChooseBranch({ branches }: { branches: Unit[] }) {
  const w = useWords();
  const columns: Column<Unit>[] = [
    {
      key: "name",
      title: w.common.unit,
      render: (u) => (
        <Link to="/households" search={{ unit: u.id }}>
          {u.name}
        </Link>
      ),
    },
    { key: "customers", title: w.units.customers, numeric: true, render: (u) => num(u.customers) },
  ];
  return (
    <Panel flush title={w.customers.chooseBranch} hint={w.households.chooseDetail}>
      <ServerTable
        label={w.customers.chooseBranch}
        columns={columns}
        rows={branches}
        rowKey={(u) => u.id}
        empty={<Empty text={w.households.emptyBranch} />}
      />
    </Panel>
  );
}

export function HouseholdsPage() {
  const w = useWords();
  const me = useMe();
  const { unit: scope } = useSearch({ strict: false });
  const { query, tree } = useUnits();
  const mayUnits = useMay("unit.read");
  const chosen = scope ?? me.unit.id;
  const unit = tree.byId.get(chosen);
  // Visitors see their own branch without seeing the tree of units.
  const own = !mayUnits && me.unit.level === "branch" ? me.unit : null;
  const branch = unit?.level === "branch" ? unit : own;
  return (
    <Page title={w.households.title} sub={(branch ?? unit)?.name ?? null}>
      {branch ? (
        <Branch key={branch.id} unit={branch} />
      ) : (
        <View query={query}>{() => <ChooseBranch branches={branchesBelow(tree, chosen)} />}</View>
      )}
    </Page>
  );
}
