// The tick sheet of a branch: village groups on the left, households × groups on the right, worked by keyboard.
// Every tick shows at once and is stored in the background in small batches; nothing waits for the server.
// Names in full are asked for by the person, sheet by sheet, live in memory only and are gone when the page closes.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate, useSearch } from "@tanstack/react-router";
import { ApiError, api } from "@zoufang/shared/api/client.ts";
import type { TickProgress, TickRow, TickSave, TickSheet, Unit } from "@zoufang/shared/api/types.ts";
import { num, stamp } from "@zoufang/shared/format.ts";
import { Button, Input } from "antd";
import { useCallback, useEffect, useRef, useState } from "react";
import { branchesBelow, useMe, useUnits, useWords } from "../session.ts";
import { Page, Panel, Tag } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { Empty, ErrorBox, errorText, View } from "../ui/states.tsx";
import { ServerTable } from "../ui/table.tsx";
import { sheetAfter } from "./row-numbers.ts";
import { type Entered, saveRows, TickNumbers } from "./tick-numbers.tsx";
import "./groups.css";

const route = getRouteApi("/shell/ticks");
/** How long ticks are gathered before they are sent. */
const GATHER_MS = 500;

type Say = boolean | null;
type Names = Map<string, string[]>;

/** What one step changed, for sending and for taking back. */
interface Step {
  household: string;
  tag?: string;
  before: Say;
  after: Say;
  seenBefore?: boolean;
  seenAfter?: boolean;
}

export function TicksPage() {
  const w = useWords();
  const t = w.ticks;
  const me = useMe();
  const scope = useSearch({ strict: false }).unit;
  const { tree } = useUnits();
  const unit = me.unit.level === "branch" ? me.unit.id : scope;
  const isBranch =
    me.unit.level === "branch" || (unit !== undefined && tree.byId.get(unit)?.level === "branch");
  const name = me.unit.level === "branch" ? me.unit.name : unit ? (tree.byId.get(unit)?.name ?? "") : "";
  return (
    <Page title={t.title} sub={t.sub}>
      {unit && isBranch ? (
        <Branch key={unit} unit={unit} unitName={name} />
      ) : (
        <Choose
          units={(unit ? [unit] : tree.roots.map((u) => u.id)).flatMap((id) => branchesBelow(tree, id))}
        />
      )}
    </Page>
  );
}

function Choose({ units }: { units: Unit[] }) {
  const w = useWords();
  return (
    <Panel flush title={w.ticks.chooseBranch}>
      <ServerTable
        label={w.ticks.chooseBranch}
        rows={units}
        rowKey={(u) => u.id}
        empty={<Empty text={w.units.empty} />}
        columns={[
          {
            key: "unit",
            title: w.plans.branch,
            render: (u) => (
              <Link to="/ticks" search={(old: Record<string, unknown>) => ({ ...old, unit: u.id })}>
                {u.name}
              </Link>
            ),
          },
          { key: "code", title: w.common.code, render: (u) => u.code },
        ]}
      />
    </Panel>
  );
}

function Branch({ unit, unitName }: { unit: string; unitName: string }) {
  const w = useWords();
  const t = w.ticks;
  const { group, number } = route.useSearch();
  const navigate = useNavigate();
  const query = useQuery({ queryKey: ["ticks", unit], queryFn: () => api.tickProgress(unit) });
  const [named, setNamed] = useState(false);
  const say = useNotice();
  const client = useQueryClient();
  const [entered, setEntered] = useState<Entered[]>([]);
  const [turn, setTurn] = useState(0);
  const open = (next: string | undefined, sheet?: string) =>
    navigate({
      to: "/ticks",
      search: (old: Record<string, unknown>) => ({ ...old, group: next, number: sheet }),
    });
  /** One sheet is stored; the one printed after it is next. */
  const onEntered = async (sheet: Entered) => {
    setEntered((old) => [...old, sheet]);
    const next = sheetAfter(sheet.number);
    if (!next) return;
    try {
      const found = await api.tickSheet(unit, next);
      say(t.numbersSaved(sheet.number));
      void open(found.village_group_id, found.number);
    } catch (cause) {
      setTurn((n) => n + 1);
      const missing = cause instanceof ApiError && cause.status === 404;
      say(missing ? t.numbersLast(next) : errorText(cause, w));
    }
  };
  const last = entered.at(-1);
  const takeBack = useMutation({
    mutationFn: async (sheet: Entered) => {
      await saveRows(unit, sheet.before);
      await client.invalidateQueries({ queryKey: ["ticks", unit] });
    },
    onSuccess: (_, sheet) => {
      setEntered((old) => old.filter((one) => one !== sheet));
      setTurn((n) => n + 1);
      say(t.numbersUndone(sheet.number));
      void open(sheet.group, sheet.number);
    },
  });
  return (
    <View query={query}>
      {(data) => {
        const all = data.items.reduce((sum, g) => sum + g.households, 0);
        const seen = data.items.reduce((sum, g) => sum + g.seen, 0);
        const current = data.items.find((g) => g.id === group);
        if (data.items.length === 0) {
          return (
            <Panel>
              <Empty text={t.empty} />
            </Panel>
          );
        }
        return (
          <div className="tick-columns">
            <Panel flush title={t.groupsTitle} hint={t.total(num(seen), num(all))} className="no-print">
              <ByNumber unit={unit} onFound={open} />
              {last ? (
                <div className="pad">
                  <Button loading={takeBack.isPending} onClick={() => takeBack.mutate(last)}>
                    {t.numbersUndo(last.number)}
                  </Button>
                  <ErrorBox error={takeBack.error} />
                </div>
              ) : null}
              <nav className="tick-groups" aria-label={t.groupsTitle}>
                {data.items.map((g) => (
                  <button
                    key={g.id}
                    type="button"
                    className="row-button"
                    aria-current={g.id === group}
                    onClick={() => open(g.id)}
                  >
                    <span>{g.name}</span>
                    <span className="num">
                      {g.seen >= g.households ? `✓ ${t.done}` : t.progress(num(g.seen), num(g.households))}
                    </span>
                  </button>
                ))}
              </nav>
            </Panel>
            {current ? (
              <Sheet
                key={`${current.id}-${number ?? ""}-${turn}`}
                turn={turn}
                onEntered={onEntered}
                unit={unit}
                unitName={unitName}
                group={current}
                number={number}
                progress={data}
                named={named}
                onNamed={setNamed}
                onLeaveOrder={() => open(current.id)}
                onNext={() => {
                  const from = data.items.indexOf(current);
                  const after = [...data.items.slice(from + 1), ...data.items.slice(0, from)];
                  const next = after.find((g) => g.seen < g.households);
                  if (next) void open(next.id);
                  else say(t.allFinished);
                }}
              />
            ) : (
              <Panel>
                <Empty text={t.choose} />
              </Panel>
            )}
          </div>
        );
      }}
    </View>
  );
}

function ByNumber({ unit, onFound }: { unit: string; onFound: (group: string, number: string) => void }) {
  const t = useWords().ticks;
  const [number, setNumber] = useState("");
  const find = useMutation({
    mutationFn: () => api.tickSheet(unit, number.trim()),
    onSuccess: (sheet) => onFound(sheet.village_group_id, sheet.number),
  });
  return (
    <form
      className="stack pad"
      onSubmit={(event) => {
        event.preventDefault();
        if (number.trim()) find.mutate();
      }}
    >
      <div className="line">
        <Input
          aria-label={t.number}
          placeholder={t.numberHint}
          value={number}
          onChange={(e) => setNumber(e.target.value)}
        />
        <Button htmlType="submit" loading={find.isPending}>
          {t.byNumber}
        </Button>
      </div>
      <ErrorBox error={find.error} />
    </form>
  );
}

/** Ticks on screen, sent in the background: gathered for a moment, one request at a time, tried again after a fault. */
function useTicks(unit: string, onStored: () => void) {
  const [local, setLocal] = useState<Map<string, Say>>(new Map());
  const [seen, setSeen] = useState<Map<string, boolean>>(new Map());
  const [waiting, setWaiting] = useState(0);
  const [error, setError] = useState<unknown>(null);
  const queue = useRef<Step[]>([]);
  const past = useRef<Step[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const running = useRef<Promise<unknown>>(undefined);

  /** Sends one batch, or waits for the one on its way; answers with the fault, if there was one. */
  const send = useCallback((): Promise<unknown> => {
    if (running.current) return running.current;
    if (queue.current.length === 0) return Promise.resolve(null);
    const batch = async () => {
      const steps = queue.current.slice(0, 200);
      let fault: unknown = null;
      try {
        await api.saveTicks(unit, body(steps));
        queue.current = queue.current.slice(steps.length);
        onStored();
      } catch (cause) {
        fault = cause;
      }
      running.current = undefined;
      setError(fault);
      setWaiting(queue.current.length);
      clearTimeout(timer.current);
      if (queue.current.length > 0) timer.current = setTimeout(send, 4 * GATHER_MS);
      return fault;
    };
    running.current = batch();
    return running.current;
  }, [unit, onStored]);
  /** Ends when everything gathered is stored; a fault is thrown. */
  const flush = useCallback(async () => {
    while (queue.current.length > 0) {
      clearTimeout(timer.current);
      const fault = await send();
      if (fault) throw fault;
    }
  }, [send]);

  const show = useCallback((step: Step, back: boolean) => {
    if (step.tag !== undefined) {
      const key = `${step.household}/${step.tag}`;
      setLocal((old) => new Map(old).set(key, back ? step.before : step.after));
    }
    const now = back ? step.seenBefore : step.seenAfter;
    if (now !== undefined) setSeen((old) => new Map(old).set(step.household, now));
  }, []);
  const put = useCallback(
    (step: Step) => {
      queue.current.push(step);
      setWaiting(queue.current.length);
      clearTimeout(timer.current);
      timer.current = setTimeout(send, GATHER_MS);
    },
    [send],
  );
  const act = useCallback(
    (step: Step) => {
      past.current.push(step);
      show(step, false);
      put(step);
    },
    [show, put],
  );
  const undo = useCallback(() => {
    const step = past.current.pop();
    if (!step) return;
    show(step, true);
    put({
      household: step.household,
      before: step.after,
      after: step.before,
      ...(step.tag === undefined ? {} : { tag: step.tag }),
      ...(step.seenBefore === undefined ? {} : { seenAfter: step.seenBefore }),
    });
  }, [show, put]);
  useEffect(() => {
    const leave = (event: BeforeUnloadEvent) => {
      if (queue.current.length > 0) event.preventDefault();
    };
    window.addEventListener("beforeunload", leave);
    return () => {
      window.removeEventListener("beforeunload", leave);
      // Another village group was chosen: what is gathered goes now.
      clearTimeout(timer.current);
      void send();
    };
  }, [send]);
  return { local, seen, waiting, error, act, undo, flush, mayUndo: past.current.length > 0 };
}

/** One row per household with the last word on each tag. */
function body(steps: Step[]): TickSave {
  const rows = new Map<string, { ticks: Map<string, Say>; seen?: boolean }>();
  for (const step of steps) {
    const row = rows.get(step.household) ?? { ticks: new Map<string, Say>() };
    if (step.tag !== undefined) row.ticks.set(step.tag, step.after);
    if (step.seenAfter !== undefined) row.seen = step.seenAfter;
    rows.set(step.household, row);
  }
  return {
    rows: [...rows].map(([household_id, row]) => ({
      household_id,
      ticks: [...row.ticks].map(([tag, yes]) => ({ tag, yes })),
      ...(row.seen === undefined ? {} : { seen: row.seen }),
    })),
  };
}

interface SheetProps {
  unit: string;
  unitName: string;
  group: TickProgress["items"][number];
  number: string | undefined;
  progress: TickProgress;
  named: boolean;
  onNamed: (on: boolean) => void;
  onLeaveOrder: () => void;
  /** Changes when what is stored was changed behind the sheet. */
  turn: number;
  onEntered: (sheet: Entered) => void;
  onNext: () => void;
}

function Sheet(props: SheetProps) {
  const { unit, unitName, group, number, progress, named, onNamed } = props;
  const w = useWords();
  const t = w.ticks;
  const query = useQuery({
    queryKey: ["tick-rows", unit, group.id, number, props.turn],
    queryFn: () => api.tickRows(unit, group.id, number),
    staleTime: 0,
    gcTime: 0,
  });
  const paperSheet = useQuery({
    queryKey: ["tick-sheet", unit, number],
    queryFn: () => api.tickSheet(unit, number ?? ""),
    enabled: number !== undefined,
  });
  const shown = named && progress.may_see_names;
  const names = useQuery({
    queryKey: ["tick-names", unit, group.id, number],
    queryFn: () => api.tickNames(unit, group.id, number),
    enabled: shown,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  const client = useQueryClient();
  const stored = useCallback(() => {
    void client.invalidateQueries({ queryKey: ["ticks", unit] });
  }, [client, unit]);
  const ticks = useTicks(unit, stored);
  const [paper, setPaper] = useState<{ sheet: TickSheet; rows: TickRow[] }>();
  const print = useMutation({
    // The paper shows what is stored: everything gathered goes first, then the rows are read again.
    mutationFn: async () => {
      await ticks.flush();
      const sheet = await api.printTickSheet(unit, group.id);
      const { items } = await api.tickRows(unit, group.id);
      return { sheet, rows: items };
    },
    onSuccess: setPaper,
  });
  const full: Names = new Map(
    shown ? (names.data?.items ?? []).map((n): [string, string[]] => [n.household_id, n.names]) : [],
  );
  return (
    <div>
      <Panel
        flush
        className="no-print"
        title={group.name}
        hint={progress.may_tick ? t.keys : t.readOnly}
        extra={
          <>
            {progress.may_see_names ? (
              <Button aria-pressed={shown} title={t.showNamesHint} onClick={() => onNamed(!named)}>
                {shown ? t.hideNames : t.showNames}
              </Button>
            ) : (
              <span className="hint">{t.noNames}</span>
            )}
            {progress.may_print ? (
              <Button title={t.printHint} loading={print.isPending} onClick={() => print.mutate()}>
                {t.print}
              </Button>
            ) : null}
          </>
        }
      >
        {number ? (
          <div className="line pad">
            <Tag tone="info">{t.inOrder(number)}</Tag>
            <Button onClick={props.onLeaveOrder}>{t.leaveOrder}</Button>
          </div>
        ) : null}
        <ErrorBox error={print.error ?? names.error} />
        <View query={query}>
          {(data) =>
            data.items.length === 0 ? (
              <Empty text={t.rowsEmpty} />
            ) : (
              <>
                {number && paperSheet.data && progress.may_tick ? (
                  <TickNumbers
                    unit={unit}
                    number={number}
                    group={group.id}
                    rows={data.items}
                    printed={paperSheet.data.households}
                    columns={progress.columns}
                    names={full}
                    before={ticks.flush}
                    onEntered={props.onEntered}
                  />
                ) : null}
                <Grid
                  grab={number === undefined}
                  ticks={ticks}
                  rows={data.items}
                  progress={progress}
                  names={full}
                  label={group.name}
                  onNext={props.onNext}
                />
              </>
            )
          }
        </View>
      </Panel>
      {paper ? (
        <Paper
          sheet={paper.sheet}
          unit={unit}
          unitName={unitName}
          group={group.name}
          progress={progress}
          rows={paper.rows}
          onClose={() => setPaper(undefined)}
        />
      ) : null}
    </div>
  );
}

function Grid({
  ticks,
  rows,
  progress,
  names,
  label,
  grab,
  onNext,
}: {
  ticks: ReturnType<typeof useTicks>;
  rows: TickRow[];
  progress: TickProgress;
  names: Names;
  label: string;
  /** Takes the focus when it is opened. */
  grab: boolean;
  onNext: () => void;
}) {
  const w = useWords();
  const t = w.ticks;
  const say = useNotice();
  const [at, setAt] = useState<[number, number]>([0, 0]);
  const table = useRef<HTMLTableElement>(null);
  const columns = progress.columns;

  const value = (row: TickRow, tag: string): Say => {
    const key = `${row.household_id}/${tag}`;
    const known = ticks.local.get(key);
    return known !== undefined ? known : (row.ticks.find((x) => x.tag === tag)?.yes ?? null);
  };
  const seen = (row: TickRow) => ticks.seen.get(row.household_id) ?? row.seen;
  const focus = (r: number, c: number) => {
    const row = Math.max(0, Math.min(rows.length - 1, r));
    const column = Math.max(0, Math.min(columns.length - 1, c));
    setAt([row, column]);
    table.current?.querySelector<HTMLElement>(`[data-at="${row}-${column}"]`)?.focus();
  };
  const change = (r: number, c: number, wish: "tick" | "cross") => {
    const row = rows[r];
    const column = columns[c];
    if (!row || !column || !progress.may_tick) return;
    const before = value(row, column.tag);
    const inFile = row.in_file.includes(column.tag);
    // What the file says already needs no tick: the first press says that it is wrong.
    const wanted = wish === "tick" && !inFile;
    const after = before === null ? wanted : before === wanted ? null : wanted;
    const was = seen(row);
    ticks.act({
      household: row.household_id,
      tag: column.tag,
      before,
      after,
      ...(was ? {} : { seenBefore: false, seenAfter: true }),
    });
  };
  const next = (r: number) => {
    const row = rows[r];
    if (row && !seen(row) && progress.may_tick) {
      ticks.act({
        household: row.household_id,
        before: null,
        after: null,
        seenBefore: false,
        seenAfter: true,
      });
    }
    if (r + 1 < rows.length) focus(r + 1, 0);
    else if (row && seen(row)) onNext();
    else say(t.finished);
  };
  // Whoever opens a sheet goes on with the first household that nobody has gone through.
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current || !progress.may_tick || !grab) return;
    begun.current = true;
    const first = rows.findIndex((row) => !row.seen);
    table.current?.querySelector<HTMLElement>(`[data-at="${Math.max(0, first)}-0"]`)?.focus();
  }, [rows, progress.may_tick, grab]);
  const key = (event: React.KeyboardEvent, r: number, c: number) => {
    if (event.key === "z" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      ticks.undo();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const moves: Record<string, () => void> = {
      ArrowUp: () => focus(r - 1, c),
      ArrowDown: () => focus(r + 1, c),
      ArrowLeft: () => focus(r, c - 1),
      ArrowRight: () => focus(r, c + 1),
      Home: () => focus(r, 0),
      End: () => focus(r, columns.length - 1),
      Enter: () => next(r),
      " ": () => change(r, c, "tick"),
      x: () => change(r, c, "cross"),
      X: () => change(r, c, "cross"),
    };
    // A digit ticks the group of that number without moving there first.
    const digit = /^[1-9]$/.test(event.key) ? Number(event.key) - 1 : -1;
    const direct = columns[digit]
      ? () => {
          focus(r, digit);
          change(r, digit, "tick");
        }
      : undefined;
    const move = direct ?? moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  };

  return (
    <>
      <div className="line pad">
        <Button disabled={!ticks.mayUndo} onClick={ticks.undo}>
          {t.undo}
        </Button>
        <span className="hint" role="status">
          {ticks.error ? t.unsaved(num(ticks.waiting)) : ticks.waiting > 0 ? t.saving : t.allSaved}
        </span>
      </div>
      <ErrorBox error={ticks.error} />
      <div className="table-box">
        <table className="table tick-grid" ref={table} aria-label={label}>
          <thead>
            <tr>
              <th scope="col">{t.row}</th>
              <th scope="col">{t.household}</th>
              <th scope="col">{t.names}</th>
              {columns.map((c, i) => (
                <th key={c.tag} scope="col">
                  {i < 9 ? <kbd className="num">{i + 1}</kbd> : null} {c.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, r) => (
              <tr key={row.household_id} className={seen(row) ? "tick-seen" : undefined}>
                <td className="num">
                  {r + 1}
                  {seen(row) ? <span className="unseen"> {t.seen}</span> : null}
                </td>
                <td className="num nowrap">{row.household_no}</td>
                <td>{(names.get(row.household_id) ?? row.names_masked).join("、")}</td>
                {columns.map((c, i) => {
                  const now = value(row, c.tag);
                  const inFile = row.in_file.includes(c.tag);
                  const said = now === true ? "yes" : now === false ? "no" : inFile ? "file" : "none";
                  const text = { yes: `✓ ${t.yes}`, no: `✗ ${t.no}`, file: t.inFile, none: "" }[said];
                  const loud = { yes: t.yes, no: t.no, file: t.inFileLong, none: t.nothing }[said];
                  return (
                    <td key={c.tag}>
                      <button
                        type="button"
                        className="tick-cell"
                        data-at={`${r}-${i}`}
                        data-say={said}
                        aria-label={`${t.cell(r + 1, c.name)}：${loud}`}
                        aria-pressed={said === "yes" || said === "file"}
                        tabIndex={at[0] === r && at[1] === i ? 0 : -1}
                        onFocus={() => setAt([r, i])}
                        onClick={() => change(r, i, "tick")}
                        onKeyDown={(event) => key(event, r, i)}
                      >
                        {text}
                      </button>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** The sheet on paper: full names, row numbers, boxes, who printed it. */
function Paper({
  sheet,
  unit,
  unitName,
  group,
  progress,
  rows,
  onClose,
}: {
  sheet: TickSheet;
  unit: string;
  unitName: string;
  group: string;
  progress: TickProgress;
  rows: TickRow[];
  onClose: () => void;
}) {
  const w = useWords();
  const t = w.ticks;
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => bar.current?.focus(), []);
  const byId = new Map(rows.map((r) => [r.household_id, r]));
  const mark = t.sheetMark(sheet.printed_by_name, stamp(sheet.printed_at));
  return (
    <div className="sheets tick-mark" data-mark={mark}>
      <div className="line no-print" ref={bar} tabIndex={-1}>
        <Button type="primary" onClick={() => window.print()}>
          {t.printNow}
        </Button>
        <a className="button-link" href={api.tickSheetUrl(unit, sheet.number)}>
          {t.workbook}
        </a>
        <Button onClick={onClose}>{w.common.close}</Button>
        <span className="hint">{t.printHint}</span>
      </div>
      <article className="sheet">
        <header>
          <h2>{t.sheetTitle(group)}</h2>
          <p className="num">{t.sheetLine(unitName, sheet.number)}</p>
          <p>{t.sheetHint}</p>
        </header>
        <table className="sheet-table" aria-label={t.sheetTitle(group)}>
          <thead>
            <tr>
              {[t.row, t.household, t.names, ...progress.columns.map((c) => c.name)].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sheet.names.map((n, r) => {
              const row = byId.get(n.household_id);
              return (
                <tr key={n.household_id}>
                  <td className="num">{r + 1}</td>
                  <td className="num">{row?.household_no ?? ""}</td>
                  <td>{n.names.join("、")}</td>
                  {progress.columns.map((c) => {
                    const yes = row?.ticks.find((x) => x.tag === c.tag)?.yes;
                    const box = yes === true ? "☑" : yes === false ? "☒" : "☐";
                    return (
                      <td key={c.tag}>
                        {box} {yes === undefined && row?.in_file.includes(c.tag) ? t.inFile : ""}
                      </td>
                    );
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
        <p>{t.sheetSign}</p>
        <p className="hint">{mark}</p>
      </article>
    </div>
  );
}
