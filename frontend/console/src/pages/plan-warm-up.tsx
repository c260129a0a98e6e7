// Warming up before visits in town: which estates are due before their first visit, what was handed out through whom,
// and taking back what was written down by mistake. Where nobody warms up nothing is shown.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type { WarmUpBoard, WarmUpDone, WarmUpPlace } from "@zoufang/shared/api/types.ts";
import { addDays, num, stamp } from "@zoufang/shared/format.ts";
import { Button, Form, Input, InputNumber, Select } from "antd";
import { useMay, useWords } from "../session.ts";
import { dayText } from "../ui/dates.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Panel, Tag, type Tone } from "../ui/layout.tsx";
import { Empty, ErrorBox } from "../ui/states.tsx";
import { type Column, ServerTable } from "../ui/table.tsx";
import { useSaid } from "./campaign-field.tsx";

/** Days back that something may be written down for by choosing from the list. */
const DAYS_BACK = 14;
const TONES: Record<WarmUpPlace["state"], Tone> = { late: "bad", due: "warn", open: "plain", done: "ok" };

interface Place {
  programId: string;
  unitId: string;
}

/** What the dialog is about: a place of the list, or (empty) a workplace. */
export type Warming = { group: string; name: string } | null;

export function WarmUp({
  where,
  today,
  warming,
  onWarming,
}: {
  where: Place;
  today: string;
  warming: Warming;
  onWarming: (one: Warming) => void;
}) {
  const w = useWords();
  const u = w.warmUp;
  const may = useMay("plan.confirm");
  const client = useQueryClient();
  const key = ["warm-ups", where.programId, where.unitId];
  const board = useQuery({ queryKey: key, queryFn: () => api.warmUps(where.programId, where.unitId) });
  const back = useMutation({
    mutationFn: (id: string) => api.removeWarmUp(where.programId, where.unitId, id),
    onSuccess: (made) => client.setQueryData(key, made),
  });
  const data = board.data;
  const say = useTitles();
  if (board.error) return <ErrorBox error={board.error} />;
  if (!data?.applies) return null;
  const line = (one: WarmUpDone) => (
    <div className="line wrap" key={one.id}>
      <span className="num">{dayText(one.day, w)}</span>
      <span>
        {one.place ? `${one.place} · ` : ""}
        {say(data.through, one.through)}
      </span>
      <span className="num">
        {one.handed_out.map((h) => `${say(data.hands_out, h.code)} ${num(h.count)}`).join("，")}
      </span>
      <span className="hint">{u.by(one.by_name, stamp(one.at))}</span>
      {may ? (
        <Button
          size="small"
          aria-label={`${u.takeBack} ${one.place || dayText(one.day, w)}`}
          loading={back.isPending && back.variables === one.id}
          onClick={() => back.mutate(one.id)}
        >
          {u.takeBack}
        </Button>
      ) : null}
    </div>
  );
  const columns: Column<WarmUpPlace>[] = [
    { key: "name", title: u.place, render: (r) => r.name },
    { key: "households", title: u.households, numeric: true, render: (r) => num(r.households) },
    {
      key: "first",
      title: u.firstDay,
      nowrap: true,
      render: (r) => (r.first_day ? dayText(r.first_day, w) : u.notPlanned),
    },
    {
      key: "last",
      title: u.lastDay,
      nowrap: true,
      render: (r) => (r.last_day ? dayText(r.last_day, w) : ""),
    },
    { key: "state", title: u.state, render: (r) => <Tag tone={TONES[r.state]}>{u.states[r.state]}</Tag> },
    {
      key: "done",
      title: u.done,
      render: (r) => (
        <div className="stack">
          {r.done.map(line)}
          {may ? (
            <div>
              <Button
                size="small"
                aria-label={`${u.write} ${r.name}`}
                onClick={() => onWarming({ group: r.village_group_id, name: r.name })}
              >
                {u.write}
              </Button>
            </div>
          ) : null}
        </div>
      ),
    },
  ];
  return (
    <Panel
      title={u.title}
      hint={u.hint(num(data.days_before))}
      extra={may ? <Button onClick={() => onWarming({ group: "", name: "" })}>{u.writeWork}</Button> : null}
    >
      <div className="stack">
        <ErrorBox error={back.error} />
        <ServerTable
          label={u.title}
          columns={columns}
          rows={data.places}
          rowKey={(r) => r.village_group_id}
          empty={<Empty text={u.none} />}
        />
        {data.elsewhere.length > 0 ? (
          <div className="stack">
            <b>{u.workplaces}</b>
            {data.elsewhere.map(line)}
          </div>
        ) : null}
      </div>
      <WriteDialog
        board={data}
        today={today}
        where={where}
        warming={warming}
        onClose={() => onWarming(null)}
        onDone={(made) => client.setQueryData(key, made)}
      />
    </Panel>
  );
}

/** The title of a code in the language of the page. */
function useTitles() {
  const said = useSaid();
  return (all: WarmUpBoard["through"], code: string) => said(all.find((c) => c.code === code)?.title) || code;
}

interface Values {
  place?: string;
  through: string;
  day: string;
  pieces: Record<string, number | null>;
}

function WriteDialog({
  board,
  today,
  where,
  warming,
  onClose,
  onDone,
}: {
  board: WarmUpBoard;
  today: string;
  where: Place;
  warming: Warming;
  onClose: () => void;
  onDone: (made: WarmUpBoard) => void;
}) {
  const w = useWords();
  const u = w.warmUp;
  const say = useTitles();
  const rules = [{ required: true, message: w.common.required }];
  const days = Array.from({ length: DAYS_BACK }, (_, n) => addDays(today, -n));
  const work = warming?.group === "";
  const send = (v: Values) =>
    api.addWarmUp(where.programId, where.unitId, {
      village_group_id: work ? null : (warming?.group ?? null),
      place: v.place ?? "",
      through: v.through,
      day: v.day,
      handed_out: board.hands_out
        .map((h) => ({ code: h.code, count: v.pieces[h.code] ?? 0 }))
        .filter((h) => h.count > 0),
    });
  const through = board.through[work ? board.through.length - 1 : 0]?.code ?? "";
  return (
    <FormDialog<Values>
      title={work ? u.writeWork : u.writeTitle(warming?.name ?? "")}
      open={warming !== null}
      onClose={onClose}
      initial={{ through, day: today, pieces: {} }}
      onSubmit={async (v) => onDone(await send(v))}
    >
      <p className="hint">{u.noLists}</p>
      {work ? (
        <Form.Item name="place" label={u.workplace} rules={rules}>
          <Input maxLength={60} />
        </Form.Item>
      ) : null}
      <Form.Item name="through" label={u.through} rules={rules}>
        <Select
          aria-label={u.through}
          options={board.through.map((c) => ({ value: c.code, label: say(board.through, c.code) }))}
        />
      </Form.Item>
      <Form.Item name="day" label={u.day} rules={rules}>
        <Select aria-label={u.day} options={days.map((d) => ({ value: d, label: dayText(d, w) }))} />
      </Form.Item>
      {board.hands_out.map((h) => (
        <Form.Item key={h.code} name={["pieces", h.code]} label={u.pieces(say(board.hands_out, h.code))}>
          <InputNumber min={0} max={100000} precision={0} />
        </Form.Item>
      ))}
    </FormDialog>
  );
}
