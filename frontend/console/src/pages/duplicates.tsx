// Records that may be one person: the list on the left, both records side by side on the right, masked, with what
// differs marked. Which record stays and whose value is taken is chosen by a person; nothing is merged unasked, and
// every merge can be taken back. The keyboard does all of it.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate, useSearch } from "@tanstack/react-router";
import { ApiError, api } from "@zoufang/shared/api/client.ts";
import type {
  Duplicate,
  DuplicateField,
  DuplicateScan,
  DuplicateState,
  Merge,
} from "@zoufang/shared/api/types.ts";
import { num, stamp } from "@zoufang/shared/format.ts";
import { Button, Modal, Select } from "antd";
import { useEffect, useRef, useState } from "react";
import { useMe, useUnits, useWords } from "../session.ts";
import { JobLine } from "../ui/job.tsx";
import { Page, Panel, Tabs, Tag, type Tone } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { Empty, ErrorBox, errorText, View } from "../ui/states.tsx";
import { type Column, Pager, ServerTable } from "../ui/table.tsx";

const route = getRouteApi("/shell/duplicates");
const STATES: DuplicateState[] = ["open", "later", "proposed", "rejected", "merged"];
const REACHES = ["all", "within", "across"] as const;
const PAGE = 20;

type Keep = "own" | "other";
const comparedTone: Record<DuplicateField["compared"], Tone> = {
  same: "plain",
  differs: "warn",
  own_only: "info",
  other_only: "info",
  empty: "plain",
};

/** What is taken from the other record unless somebody chooses: where the kept one has nothing. */
const gaps = (pair: Duplicate, keep: Keep) =>
  pair.fields
    .filter((f) => f.choosable && f.compared === (keep === "own" ? "other_only" : "own_only"))
    .map((f) => f.field);

function ScanLine({ unitId, scan }: { unitId: string; scan: DuplicateScan }) {
  const w = useWords();
  const d = w.duplicates;
  const client = useQueryClient();
  const again = () => {
    client.invalidateQueries({ queryKey: ["duplicates"] });
    client.invalidateQueries({ queryKey: ["duplicate-scan"] });
  };
  const start = useMutation({ mutationFn: () => api.startDuplicateScan(unitId), onSuccess: again });
  const busy = scan.state === "ready" || scan.state === "running";
  return (
    <div className="stack">
      <div className="line wrap">
        <Button
          type={scan.ended_at ? "default" : "primary"}
          loading={start.isPending}
          disabled={busy}
          onClick={() => start.mutate()}
        >
          {scan.ended_at ? d.again : d.search}
        </Button>
        <span className="hint">
          {scan.ended_at
            ? d.found(num(scan.records), num(scan.pairs), stamp(scan.ended_at), scan.asked_by_name ?? "")
            : busy
              ? ""
              : d.never}
        </span>
      </div>
      <ErrorBox error={start.error} />
      {busy && scan.job_id ? (
        <JobLine key={scan.job_id} id={scan.job_id} title={d.searching} onEnd={again} />
      ) : null}
    </div>
  );
}

function Compare({
  pair,
  keep,
  take,
  onTake,
}: {
  pair: Duplicate;
  keep: Keep;
  take: string[];
  onTake: (take: string[]) => void;
}) {
  const w = useWords();
  const d = w.duplicates;
  const toggle = (field: string) =>
    onTake(take.includes(field) ? take.filter((f) => f !== field) : [...take, field]);
  const cell = (f: DuplicateField, side: Keep) => {
    const text = side === "own" ? f.own : f.other;
    const stays = (side === keep) !== take.includes(f.field);
    const mark = f.compared === "differs" ? <b>{text || "–"}</b> : text || "–";
    if (side === keep || !f.choosable || !text) return <span className={stays ? "" : "hint"}>{mark}</span>;
    return (
      <span className="line wrap">
        <span className={stays ? "" : "hint"}>{mark}</span>
        <Button
          size="small"
          type={take.includes(f.field) ? "primary" : "default"}
          aria-pressed={take.includes(f.field)}
          aria-label={d.takeFrom(f.name)}
          onClick={() => toggle(f.field)}
        >
          {take.includes(f.field) ? d.used : d.use}
        </Button>
      </span>
    );
  };
  const columns: Column<DuplicateField>[] = [
    { key: "name", title: d.field, nowrap: true, render: (f) => f.name },
    { key: "own", title: `${d.own}${keep === "own" ? `（${d.kept}）` : ""}`, render: (f) => cell(f, "own") },
    {
      key: "other",
      title: `${d.other}${keep === "other" ? `（${d.kept}）` : ""}`,
      render: (f) => cell(f, "other"),
    },
    {
      key: "compared",
      title: "",
      nowrap: true,
      render: (f) => <Tag tone={comparedTone[f.compared]}>{d.compared[f.compared]}</Tag>,
    },
  ];
  const rows = pair.fields.filter((f) => f.compared !== "empty");
  return <ServerTable dense label={d.title} columns={columns} rows={rows} rowKey={(f) => f.field} />;
}

function Side({ name, record }: { name: string; record: Duplicate["own"] }) {
  const w = useWords();
  const d = w.duplicates;
  return (
    <span className="line wrap">
      <b>{name}</b>
      <span>{record.unit_name}</span>
      {record.customer_no ? <span className="num">{record.customer_no}</span> : null}
      {record.four_fields_complete ? <Tag tone="ok">{d.four}</Tag> : null}
      {record.do_not_visit ? <Tag tone="warn">{d.refuses}</Tag> : null}
    </span>
  );
}

function useActs(unitId: (pair: Duplicate) => string) {
  const w = useWords();
  const d = w.duplicates;
  const client = useQueryClient();
  const notice = useNotice();
  const last = useRef<Merge | null>(null);
  const done = async (text: string) => {
    await client.invalidateQueries({ queryKey: ["duplicates"] });
    await client.invalidateQueries({ queryKey: ["duplicate-scan"] });
    await client.invalidateQueries({ queryKey: ["merges"] });
    notice(text);
  };
  const decide = useMutation({
    mutationFn: ({ pair, state }: { pair: Duplicate; state: "rejected" | "later" | "open" }) =>
      api.decideDuplicate(unitId(pair), pair.id, state),
    onSuccess: () => done(d.decided),
  });
  const merge = useMutation({
    mutationFn: ({ pair, keep, take }: { pair: Duplicate; keep: Keep; take: string[] }) =>
      api.mergeDuplicate(unitId(pair), pair.id, { keep, take }),
    onSuccess: (made) => {
      last.current = made.merge?.state === "done" ? made.merge : null;
      return done(made.state === "merged" ? d.mergedNotice : d.proposedNotice);
    },
  });
  const agree = useMutation({
    mutationFn: (pair: Duplicate) => api.agreeDuplicate(unitId(pair), pair.id),
    onSuccess: () => done(d.agreedNotice),
  });
  const undo = useMutation({
    mutationFn: ({ one, lose }: { one: Merge; lose: boolean }) => api.undoMerge(one.unit_id, one.id, lose),
    onSuccess: () => {
      last.current = null;
      return done(d.undone);
    },
    onError: (error, { one, lose }) => {
      if (lose || !(error instanceof ApiError) || error.code !== "merge.changed") return;
      Modal.confirm({
        title: d.loseTitle,
        content: errorText(error, w),
        okText: d.loseOk,
        cancelText: w.common.cancel,
        okButtonProps: { danger: true },
        onOk: () => undo.mutate({ one, lose: true }),
      });
    },
  });
  const told = undo.error instanceof ApiError && undo.error.code === "merge.changed" ? null : undo.error;
  return { decide, merge, agree, undo, last, error: decide.error ?? merge.error ?? agree.error ?? told };
}

function Decide({ pair, acts }: { pair: Duplicate; acts: ReturnType<typeof useActs> }) {
  const w = useWords();
  const d = w.duplicates;
  const [keep, setKeep] = useState<Keep>("own");
  const [take, setTake] = useState<string[]>(() => gaps(pair, "own"));
  const choose = (side: Keep) => {
    setKeep(side);
    setTake(gaps(pair, side));
  };
  const open = pair.state === "open" || pair.state === "later" || pair.state === "rejected";
  const both = pair.own.visible && pair.other.visible;
  const may = open && (both || (pair.across && pair.own.visible));
  const merge = () => acts.merge.mutate({ pair, keep, take });
  useKeys({
    "1": () => may && choose("own"),
    "2": () => may && choose("other"),
    m: () => may && merge(),
    n: () => open && acts.decide.mutate({ pair, state: "rejected" }),
    l: () => open && acts.decide.mutate({ pair, state: "later" }),
    u: () => acts.last.current && acts.undo.mutate({ one: acts.last.current, lose: false }),
  });
  return (
    <Panel title={pair.why} extra={<Tag tone="info">{d.score(num(pair.score / 10, 1))}</Tag>}>
      <div className="stack">
        <Side name={d.own} record={pair.own} />
        <Side name={d.other} record={pair.other} />
        {both ? (
          <Compare pair={pair} keep={keep} take={take} onTake={setTake} />
        ) : (
          <p className="box box-info">{pair.across && pair.own.visible ? d.hidden : d.goneRecord}</p>
        )}
        {may ? (
          <fieldset className="plain-set line wrap" aria-label={d.keep}>
            <Button
              aria-pressed={keep === "own"}
              type={keep === "own" ? "primary" : "default"}
              onClick={() => choose("own")}
            >
              {d.keepOwn}
            </Button>
            <Button
              aria-pressed={keep === "other"}
              type={keep === "other" ? "primary" : "default"}
              onClick={() => choose("other")}
            >
              {d.keepOther}
            </Button>
          </fieldset>
        ) : null}
        <ErrorBox error={acts.error} />
        <div className="line wrap">
          {may ? (
            <Button type="primary" loading={acts.merge.isPending} onClick={merge}>
              {pair.decides_both ? d.merge : d.propose}
            </Button>
          ) : null}
          {pair.state === "proposed" && pair.merge?.unit_id !== pair.unit_id ? (
            <Button type="primary" loading={acts.agree.isPending} onClick={() => acts.agree.mutate(pair)}>
              {d.agree}
            </Button>
          ) : null}
          {pair.state === "proposed" && pair.merge?.unit_id === pair.unit_id && pair.decides_both ? (
            <Button type="primary" loading={acts.agree.isPending} onClick={() => acts.agree.mutate(pair)}>
              {d.agree}
            </Button>
          ) : null}
          {pair.state !== "merged" && pair.state !== "rejected" ? (
            <Button onClick={() => acts.decide.mutate({ pair, state: "rejected" })}>{d.reject}</Button>
          ) : null}
          {pair.state === "open" ? (
            <Button onClick={() => acts.decide.mutate({ pair, state: "later" })}>{d.later}</Button>
          ) : null}
          {pair.state === "later" || pair.state === "rejected" ? (
            <Button onClick={() => acts.decide.mutate({ pair, state: "open" })}>{d.reopen}</Button>
          ) : null}
          {pair.merge?.state === "done" ? (
            <Button
              loading={acts.undo.isPending}
              onClick={() => pair.merge && acts.undo.mutate({ one: pair.merge, lose: false })}
            >
              {d.undo}
            </Button>
          ) : null}
        </div>
        {pair.decided_by_name && pair.decided_at ? (
          <p className="hint">
            {d.states[pair.state]} · {d.decidedBy(pair.decided_by_name, stamp(pair.decided_at))}
          </p>
        ) : null}
        <p className="hint">{d.always}</p>
      </div>
    </Panel>
  );
}

/** Keys outside of fields and dialogs. */
function useKeys(keys: Record<string, () => unknown>) {
  const now = useRef(keys);
  now.current = keys;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const at = event.target;
      const busy =
        at instanceof HTMLElement && at.closest("input, textarea, select, [role=combobox], .ant-modal");
      if (busy || event.ctrlKey || event.metaKey || event.altKey) return;
      const act = now.current[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}

function Pairs({ unitId, state }: { unitId: string; state: DuplicateState }) {
  const w = useWords();
  const d = w.duplicates;
  const search = route.useSearch();
  const navigate = useNavigate();
  const reach = REACHES.find((r) => r === search.reach) ?? "all";
  const query = useQuery({
    queryKey: ["duplicates", unitId, state, reach, search.after],
    queryFn: () =>
      api.duplicates(unitId, {
        state,
        reach: reach === "all" ? undefined : reach,
        limit: PAGE,
        after: search.after,
      }),
    placeholderData: keepPreviousData,
  });
  const acts = useActs((pair) => pair.unit_id);
  const items = query.data?.items ?? [];
  const at = Math.max(
    0,
    items.findIndex((p) => p.id === search.pair),
  );
  const pair = items[at];
  const go = (change: Record<string, string | undefined>) =>
    navigate({
      to: "/duplicates",
      search: (old: Record<string, unknown>) => ({ ...old, ...change }),
      replace: true,
    });
  const step = (by: number) => {
    const next = items[Math.min(items.length - 1, Math.max(0, at + by))];
    if (next) go({ pair: next.id });
  };
  useKeys({ ArrowDown: () => step(1), ArrowUp: () => step(-1), j: () => step(1), k: () => step(-1) });
  return (
    <View query={query}>
      {(data) =>
        data.items.length === 0 ? (
          <Panel>
            <ErrorBox error={acts.error} />
            <Empty text={state === "open" ? d.empty.open : d.empty.other} />
          </Panel>
        ) : (
          <div className="columns columns-tree">
            <Panel title={d.list} className="tree-panel">
              <div className="stack">
                <ul className="tree" aria-label={d.list}>
                  {data.items.map((p) => (
                    <li key={p.id}>
                      <button
                        type="button"
                        className="tree-name"
                        aria-current={p.id === pair?.id ? "true" : undefined}
                        aria-label={d.item(p.why, Math.round(p.score / 10))}
                        onClick={() => go({ pair: p.id })}
                      >
                        {p.why}
                        <br />
                        <span className="hint">
                          {p.own.unit_name}
                          {p.across ? ` · ${p.other.unit_name}` : ""} · {d.score(num(p.score / 10, 1))}
                        </span>
                      </button>
                    </li>
                  ))}
                </ul>
                <Pager
                  after={search.after}
                  next={data.next}
                  shown={data.items.length}
                  onMove={(after) => go({ after, pair: undefined })}
                />
              </div>
            </Panel>
            {pair ? <Decide key={`${pair.id}-${pair.state}`} pair={pair} acts={acts} /> : null}
          </div>
        )
      }
    </View>
  );
}

/** A record of a merge: its number, where the reader may see it, and its branch. */
function Merged({ record }: { record: Merge["kept"] }) {
  const d = useWords().duplicates;
  return (
    <>
      <span className="num">{record.customer_no ?? d.noNumber}</span>
      <div className="hint">{record.unit_name}</div>
    </>
  );
}

function Merges({ unitId }: { unitId: string }) {
  const w = useWords();
  const d = w.duplicates;
  const search = route.useSearch();
  const navigate = useNavigate();
  const acts = useActs((pair) => pair.unit_id);
  const query = useQuery({
    queryKey: ["merges", unitId, search.after],
    queryFn: () => api.merges(unitId, { limit: 50, after: search.after }),
  });
  const columns: Column<Merge>[] = [
    {
      key: "at",
      title: w.common.time,
      nowrap: true,
      render: (m) => <span className="num">{stamp(m.asked_at)}</span>,
    },
    { key: "who", title: d.by, nowrap: true, render: (m) => m.asked_by_name },
    { key: "kept", title: d.kept, render: (m) => <Merged record={m.kept} /> },
    { key: "gone", title: d.gone, render: (m) => <Merged record={m.gone} /> },
    { key: "taken", title: d.taken, render: (m) => m.taken.join("、") || "–" },
    { key: "state", title: w.common.state, nowrap: true, render: (m) => d.mergeStates[m.state] },
    {
      key: "undo",
      title: w.common.actions,
      render: (m) =>
        m.state === "done" ? (
          <Button size="small" onClick={() => acts.undo.mutate({ one: m, lose: false })}>
            {d.undo}
          </Button>
        ) : m.undone_at ? (
          <span className="hint">{d.decidedBy(m.undone_by_name ?? "", stamp(m.undone_at))}</span>
        ) : null,
    },
  ];
  return (
    <Panel flush title={d.tabs.merges}>
      <ErrorBox error={acts.error} />
      <View query={query}>
        {(data) => (
          <>
            <ServerTable
              label={d.tabs.merges}
              columns={columns}
              rows={data.items}
              rowKey={(m) => m.id}
              empty={<Empty text={d.mergesEmpty} />}
            />
            <Pager
              after={search.after}
              next={data.next}
              shown={data.items.length}
              onMove={(after) =>
                navigate({ to: "/duplicates", search: (old: Record<string, unknown>) => ({ ...old, after }) })
              }
            />
          </>
        )}
      </View>
    </Panel>
  );
}

export function DuplicatesPage() {
  const w = useWords();
  const d = w.duplicates;
  const me = useMe();
  const { tree } = useUnits();
  const search = route.useSearch();
  const scope = useSearch({ strict: false }).unit;
  const navigate = useNavigate();
  const unitId = scope ?? me.unit.id;
  const scan = useQuery({ queryKey: ["duplicate-scan", unitId], queryFn: () => api.duplicateScan(unitId) });
  const merges = search.state === "merges";
  const state = STATES.find((s) => s === search.state) ?? "open";
  const count = (s: DuplicateState) => {
    const counts: Partial<Record<DuplicateState, number>> = scan.data ?? {};
    return counts[s] ?? 0;
  };
  const tabs = [
    ...STATES.map((s) => ({ key: s, label: scan.data ? `${d.states[s]} ${num(count(s))}` : d.states[s] })),
    { key: "merges", label: d.tabs.merges },
  ];
  const go = (change: Record<string, string | undefined>) =>
    navigate({
      to: "/duplicates",
      search: (old: Record<string, unknown>) => ({ ...old, pair: undefined, after: undefined, ...change }),
    });
  return (
    <Page title={d.title} sub={tree.byId.get(unitId)?.name ?? me.unit.name}>
      <p className="hint">{d.hint}</p>
      {scan.data ? <ScanLine unitId={unitId} scan={scan.data} /> : <ErrorBox error={scan.error} />}
      <div className="line wrap">
        <Tabs
          items={tabs}
          value={merges ? "merges" : state}
          label={d.title}
          onChange={(key) => go({ state: key })}
        />
        {merges ? null : (
          <Select
            aria-label={d.reach.all}
            value={REACHES.find((r) => r === search.reach) ?? "all"}
            options={REACHES.map((value) => ({ value, label: d.reach[value] }))}
            onChange={(reach) => go({ reach: reach === "all" ? undefined : reach })}
          />
        )}
      </div>
      {merges ? <Merges unitId={unitId} /> : <Pairs unitId={unitId} state={state} />}
      {merges ? null : <p className="hint">{d.keys}</p>}
    </Page>
  );
}
