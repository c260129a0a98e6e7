// 物料: the stock ledger of a campaign. The county sees every store with how long it lasts, a branch its own; a
// movement between them is given out by one and confirmed by the other. Entries are corrected by entries.
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import { fenOf } from "@zoufang/shared/api/draft.ts";
import type {
  ProgramDetail,
  Stock,
  StockInput,
  StockLedger,
  StockLine,
  StockMove,
  StockPending,
  StockUnit,
} from "@zoufang/shared/api/types.ts";
import { num, stamp } from "@zoufang/shared/format.ts";
import { Button, DatePicker, Form, Input, InputNumber, Select } from "antd";
import { useState } from "react";
import { useMay, useMe, useWords } from "../session.ts";
import { dayText } from "../ui/dates.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Panel, Tag } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { Empty, View } from "../ui/states.tsx";
import { type Column, Pager, ServerTable } from "../ui/table.tsx";
import { dayProps } from "./customer-fields.tsx";

const ROWS = 50;
/** Items named in a cell before "and others". */
const SHORT_SHOWN = 2;

/** What is typed about a movement; a new one, or one that refers to another. */
interface Asked {
  kind: string;
  /** Confirms or corrects this. */
  of?: { seq: number; item: string; pieces: number; unitId?: string };
}

export function CampaignStock({
  program,
  of,
  after,
}: {
  program: ProgramDetail;
  of: string | undefined;
  after: string | undefined;
}) {
  const w = useWords();
  const s = w.stock;
  const query = useQuery({ queryKey: ["stock", program.id], queryFn: () => api.stock(program.id) });
  return (
    <View query={query}>
      {(data) => {
        const shown = data.units.find((u) => u.unit_id === of) ?? data.units[0];
        if (data.items.length === 0) return <Empty text={s.noItems} />;
        if (!shown) return <Empty text={s.empty} />;
        return (
          <div className="stack">
            {data.units.length > 1 ? <All program={program} data={data} shown={shown} /> : null}
            <Store key={shown.unit_id} program={program} data={data} unit={shown} after={after} />
          </div>
        );
      }}
    </View>
  );
}

/** Whether a stock lasts, in words. */
function Lasts({ line }: { line: StockLine }) {
  const w = useWords();
  const s = w.stock;
  if (line.pace_by === null) return <span className="hint">{s.notReckoned}</span>;
  const pace = line.pace_by === "used" ? s.byUsed : s.byPlan;
  return line.runs_out ? (
    <span>
      <Tag tone="bad">{s.short(num(line.short))}</Tag> {s.runsOut(pace, dayText(line.runs_out, w))}
    </span>
  ) : (
    <span>
      <Tag tone="ok">{s.enough}</Tag> {pace}
    </span>
  );
}

function useGo(programId: string) {
  const navigate = useNavigate();
  return (of: string, after?: string) =>
    navigate({
      to: "/campaigns/$programId",
      params: { programId },
      search: (old: Record<string, unknown>) => ({ ...old, tab: "stock", of, after }),
    });
}

/** Every store with what is short there. */
function All({ program, data, shown }: { program: ProgramDetail; data: Stock; shown: StockUnit }) {
  const w = useWords();
  const s = w.stock;
  const go = useGo(program.id);
  const title = (item: string) => data.items.find((i) => i.item === item)?.title ?? item;
  const stocks: Column<StockUnit>[] = data.items.map((i) => ({
    key: i.item,
    title: i.title,
    numeric: true,
    render: (u) => {
      const line = u.lines.find((l) => l.item === i.item);
      return line ? num(line.stock) : "–";
    },
  }));
  return (
    <Panel
      flush
      title={s.stores}
      hint={s.hint(num(data.days_left))}
      extra={
        <a className="button-link" href={api.stockUrl(program.id)} download>
          {w.common.download}
        </a>
      }
    >
      <ServerTable<StockUnit>
        label={s.stores}
        rows={data.units}
        rowKey={(u) => u.unit_id}
        columns={[
          {
            key: "unit",
            title: w.common.unit,
            nowrap: true,
            render: (u) => (
              <Button
                type="link"
                aria-label={`${s.open}：${u.unit_name}`}
                aria-current={u.unit_id === shown.unit_id}
                onClick={() => go(u.unit_id)}
              >
                {u.unit_id === shown.unit_id ? <b>{u.unit_name}</b> : u.unit_name}
              </Button>
            ),
          },
          ...stocks,
          {
            key: "short",
            title: s.shortOf,
            render: (u) => {
              const short = u.lines.filter((l) => l.short > 0);
              return short.length === 0 ? (
                <Tag tone="ok">{s.enough}</Tag>
              ) : (
                s.shortList(
                  short
                    .slice(0, SHORT_SHOWN)
                    .map((l) => `${title(l.item)} ${num(l.short)}`)
                    .join("、"),
                  short.length,
                )
              );
            },
          },
          {
            key: "pending",
            title: s.pending,
            numeric: true,
            render: (u) => (u.pending > 0 ? <Tag tone="warn">{num(u.pending)}</Tag> : "–"),
          },
        ]}
      />
    </Panel>
  );
}

/** One store: what lies there, what waits to be confirmed, every entry. */
function Store({
  program,
  data,
  unit,
  after,
}: {
  program: ProgramDetail;
  data: Stock;
  unit: StockUnit;
  after: string | undefined;
}) {
  const w = useWords();
  const s = w.stock;
  const me = useMe();
  const go = useGo(program.id);
  const mayCounty = useMay("program.write");
  const mayBranch = useMay("plan.confirm");
  const may = (unit.is_branch ? mayBranch : mayCounty) && program.state !== "closed";
  const [asked, setAsked] = useState<Asked | null>(null);
  const query = useQuery({
    queryKey: ["stock-of", program.id, unit.unit_id, after],
    queryFn: () => api.stockOf(program.id, unit.unit_id, { limit: ROWS, after }),
    placeholderData: keepPreviousData,
  });
  const title = (item: string) => data.items.find((i) => i.item === item)?.title ?? item;
  const figure = (key: keyof StockLine, head: string): Column<StockLine> => ({
    key,
    title: head,
    numeric: true,
    render: (l) => num(l[key] as number),
  });
  const kinds = unit.is_branch
    ? (["returned", "counted"] as const)
    : (["ordered", "arrived", "issued", "counted"] as const);
  const lines: Column<StockLine>[] = [
    { key: "item", title: s.item, nowrap: true, render: (l) => title(l.item) },
    ...(unit.is_branch
      ? [figure("received", s.kind.received), figure("returned", s.kind.returned), figure("used", s.used)]
      : [
          figure("ordered", s.kind.ordered),
          figure("arrived", s.kind.arrived),
          figure("issued", s.kind.issued),
          figure("taken_back", s.kind.taken_back),
        ]),
    figure("counted", s.kind.counted),
    { key: "stock", title: s.stock, numeric: true, render: (l) => <b>{num(l.stock)}</b> },
    figure("on_the_way", s.onTheWay),
    figure("need_left", s.need),
    { key: "lasts", title: s.lasts, render: (l) => <Lasts line={l} /> },
  ];
  return (
    <>
      <Panel
        flush
        title={s.storeOf(unit.unit_name)}
        hint={unit.is_branch ? s.branchHint : s.countyHint}
        extra={
          <>
            {may
              ? kinds.map((kind) => (
                  <Button key={kind} onClick={() => setAsked({ kind })}>
                    {s.kind[kind]}
                  </Button>
                ))
              : null}
            {me.unit.level === "branch" ? (
              <a className="button-link" href={api.stockUrl(program.id)} download>
                {w.common.download}
              </a>
            ) : null}
          </>
        }
      >
        <ServerTable
          label={s.storeOf(unit.unit_name)}
          rows={unit.lines}
          rowKey={(l) => l.item}
          columns={lines}
        />
      </Panel>
      <View query={query}>
        {(ledger) => (
          <>
            <Waiting ledger={ledger} title={title} onConfirm={may ? setAsked : null} />
            <Entries ledger={ledger} title={title} onCorrect={may ? setAsked : null} />
            <Pager
              after={after}
              next={ledger.next}
              shown={ledger.items.length}
              onMove={(next) => go(unit.unit_id, next)}
            />
          </>
        )}
      </View>
      {may ? (
        <Typing program={program} data={data} unit={unit} asked={asked} onClose={() => setAsked(null)} />
      ) : null}
    </>
  );
}

function Waiting({
  ledger,
  title,
  onConfirm,
}: {
  ledger: StockLedger;
  title: (item: string) => string;
  onConfirm: ((asked: Asked) => void) | null;
}) {
  const w = useWords();
  const s = w.stock;
  if (ledger.pending.length === 0) return null;
  const kind = ledger.is_branch ? "received" : "taken_back";
  return (
    <Panel flush title={s.waiting} hint={s.waitingHint}>
      <ServerTable<StockPending>
        label={s.waiting}
        rows={ledger.pending}
        rowKey={(p) => `${p.from_unit_id}-${p.seq}`}
        columns={[
          { key: "from", title: s.from, render: (p) => p.from_name },
          { key: "item", title: s.item, render: (p) => title(p.item) },
          { key: "pieces", title: s.pieces, numeric: true, render: (p) => num(p.pieces) },
          { key: "day", title: s.day, render: (p) => dayText(p.day, w) },
          { key: "by", title: w.common.who, render: (p) => p.by_name },
          { key: "memo", title: w.common.note, render: (p) => p.memo || "–" },
          {
            key: "confirm",
            title: "",
            render: (p) =>
              onConfirm ? (
                <Button
                  type="primary"
                  aria-label={`${s.kind[kind]}：${title(p.item)}`}
                  onClick={() =>
                    onConfirm({
                      kind,
                      of: { seq: p.seq, item: p.item, pieces: p.pieces, unitId: p.from_unit_id },
                    })
                  }
                >
                  {s.kind[kind]}
                </Button>
              ) : null,
          },
        ]}
      />
    </Panel>
  );
}

function Entries({
  ledger,
  title,
  onCorrect,
}: {
  ledger: StockLedger;
  title: (item: string) => string;
  onCorrect: ((asked: Asked) => void) | null;
}) {
  const w = useWords();
  const s = w.stock;
  const signed = (e: StockMove) => (e.kind === "counted" || e.kind === "correction") && e.pieces > 0;
  return (
    <Panel flush title={s.entries}>
      <ServerTable<StockMove>
        label={s.entries}
        rows={ledger.items}
        rowKey={(e) => String(e.seq)}
        empty={<Empty text={s.noEntries} />}
        columns={[
          { key: "seq", title: s.seq, numeric: true, render: (e) => e.seq },
          { key: "day", title: s.day, nowrap: true, render: (e) => dayText(e.day, w) },
          {
            key: "kind",
            title: s.what,
            render: (e) =>
              e.kind === "correction"
                ? s.corrects(String(e.of_seq))
                : (s.kind[e.kind as keyof typeof s.kind] ?? e.kind),
          },
          { key: "item", title: s.item, render: (e) => title(e.item) },
          {
            key: "pieces",
            title: s.pieces,
            numeric: true,
            render: (e) => `${signed(e) ? "+" : ""}${num(e.pieces)}`,
          },
          {
            key: "price",
            title: s.price,
            numeric: true,
            render: (e) => (e.unit_fen === null ? "–" : num(e.unit_fen / 100, 2)),
          },
          { key: "peer", title: s.peer, render: (e) => e.peer_name ?? "–" },
          { key: "memo", title: w.common.note, render: (e) => e.memo || "–" },
          { key: "by", title: w.common.who, render: (e) => `${e.by_name} ${stamp(e.at)}` },
          {
            key: "correct",
            title: "",
            render: (e) =>
              onCorrect && e.kind !== "correction" ? (
                <Button
                  aria-label={s.correctOf(String(e.seq))}
                  onClick={() =>
                    onCorrect({ kind: "correction", of: { seq: e.seq, item: e.item, pieces: e.pieces } })
                  }
                >
                  {s.kind.correction}
                </Button>
              ) : null,
          },
        ]}
      />
    </Panel>
  );
}

interface Typed {
  item?: string;
  pieces: number;
  price?: number | null;
  day: string;
  memo?: string;
  peer?: string;
}

function Typing({
  program,
  data,
  unit,
  asked,
  onClose,
}: {
  program: ProgramDetail;
  data: Stock;
  unit: StockUnit;
  asked: Asked | null;
  onClose: () => void;
}) {
  const w = useWords();
  const s = w.stock;
  const me = useMe();
  const client = useQueryClient();
  const notice = useNotice();
  const rule = [{ required: true, message: w.common.required }];
  const kind = (asked?.kind ?? "counted") as keyof typeof s.kind;
  const of = asked?.of;
  const signed = kind === "counted" || kind === "correction";
  const priced = kind === "ordered" || kind === "arrived";
  const initial: Partial<Typed> = {
    day: me.system.today,
    ...(of && kind !== "correction" ? { pieces: of.pieces } : {}),
  };
  const submit = async (v: Typed) => {
    const body: StockInput = {
      kind,
      item: of?.item ?? v.item ?? "",
      pieces: v.pieces,
      day: v.day,
      memo: v.memo ?? "",
      unit_fen: priced && typeof v.price === "number" ? Number(fenOf(v.price)) : null,
      peer_unit_id: of?.unitId ?? v.peer ?? null,
      of_seq: of?.seq ?? null,
    };
    await api.moveStock(program.id, unit.unit_id, unit.is_branch ? "branch" : "county", body);
    await Promise.all(
      [
        ["stock", program.id],
        ["stock-of", program.id],
      ].map((queryKey) => client.invalidateQueries({ queryKey })),
    );
    notice(w.common.saved);
  };
  return (
    <FormDialog<Typed>
      key={`${asked?.kind}-${of?.seq}`}
      title={kind === "correction" ? s.correctOf(String(of?.seq)) : s.kind[kind]}
      open={asked !== null}
      onClose={onClose}
      initial={initial}
      onSubmit={submit}
    >
      {s.kindHint[kind] ? <p className="hint">{s.kindHint[kind]}</p> : null}
      {of ? (
        <p>{s.about(data.items.find((i) => i.item === of.item)?.title ?? of.item, num(of.pieces))}</p>
      ) : (
        <Form.Item name="item" label={s.item} rules={rule}>
          <Select options={data.items.map((i) => ({ value: i.item, label: i.title }))} />
        </Form.Item>
      )}
      {kind === "issued" ? (
        <Form.Item name="peer" label={s.to} rules={rule}>
          <Select
            showSearch={{ optionFilterProp: "label" }}
            options={data.units
              .filter((u) => u.is_branch)
              .map((u) => ({ value: u.unit_id, label: u.unit_name }))}
          />
        </Form.Item>
      ) : null}
      <div className="form-2">
        <Form.Item name="pieces" label={signed ? s.signedPieces : s.pieces} rules={rule}>
          <InputNumber precision={0} {...(signed ? {} : { min: of ? 0 : 1 })} style={{ width: "100%" }} />
        </Form.Item>
        <Form.Item name="day" label={s.day} rules={rule} {...dayProps}>
          <DatePicker allowClear={false} />
        </Form.Item>
        {priced ? (
          <Form.Item name="price" label={s.price}>
            <InputNumber min={0} precision={2} style={{ width: "100%" }} />
          </Form.Item>
        ) : null}
      </div>
      <Form.Item name="memo" label={signed ? w.common.reason : w.common.note} rules={signed ? rule : []}>
        <Input maxLength={100} />
      </Form.Item>
    </FormDialog>
  );
}
