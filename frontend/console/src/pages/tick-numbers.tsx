// A printed tick sheet typed in by the numbers of its rows: one field per group, Enter leads on, names beside for a
// check by eye. The numbers are those of the printed sheet, whose order is stored; when a household of it can no
// longer be found the numbers would shift, so nothing is taken then.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type { TickProgress, TickRow, TickSave } from "@zoufang/shared/api/types.ts";
import { num } from "@zoufang/shared/format.ts";
import { Button, Input, type InputRef } from "antd";
import { useEffect, useRef, useState } from "react";
import { useWords } from "../session.ts";
import { Panel } from "../ui/layout.tsx";
import { ErrorBox } from "../ui/states.tsx";
import { type Fault, numbersOf, readNumbers } from "./row-numbers.ts";

/** Rows saved by one request. */
const ROWS_AT_ONCE = 200;

/** A sheet as it was before it was typed in, for taking it back. */
export interface Entered {
  number: string;
  group: string;
  before: TickSave["rows"];
}

/** Households of the sheet went away while it was typed in. */
class Shifted extends Error {
  readonly now: number;
  constructor(now: number) {
    super("shifted");
    this.now = now;
  }
}

type Row = TickSave["rows"][number];

/** Stores rows; a village group of up to 200 households is one transaction. */
export async function saveRows(unit: string, rows: Row[]) {
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    await api.saveTicks(unit, { rows: rows.slice(from, from + ROWS_AT_ONCE) });
  }
}

const said = (row: TickRow, tag: string) => row.ticks.find((x) => x.tag === tag)?.yes ?? null;

interface Props {
  unit: string;
  number: string;
  group: string;
  rows: TickRow[];
  /** Households when the sheet was printed. */
  printed: number;
  columns: TickProgress["columns"];
  names: Map<string, string[]>;
  /** Waits for ticks on their way. */
  before: () => Promise<void>;
  onEntered: (entered: Entered) => void;
}

export function TickNumbers({
  unit,
  number,
  group,
  rows,
  printed,
  columns,
  names,
  before,
  onEntered,
}: Props) {
  const t = useWords().ticks;
  const client = useQueryClient();
  const fields = useRef<(InputRef | null)[]>([]);
  const [texts, setTexts] = useState(() =>
    columns.map((c) =>
      numbersOf(
        rows.map((r) => said(r, c.tag)),
        rows.map((r) => r.in_file.includes(c.tag)),
      ),
    ),
  );
  const read = texts.map((text) => readNumbers(text, rows.length));
  const fits = rows.length === printed;
  useEffect(() => {
    if (fits) fields.current[0]?.focus({ cursor: "all" });
  }, [fits]);
  const save = useMutation({
    mutationFn: async () => {
      await before();
      // Read again: somebody may have ticked or moved a household since the sheet was opened.
      const { items: current } = await api.tickRows(unit, group, number);
      if (current.length !== printed) throw new Shifted(current.length);
      const was: Row[] = [];
      const now: Row[] = [];
      for (const [at, row] of current.entries()) {
        const old: Row["ticks"] = [];
        const ticks: Row["ticks"] = [];
        for (const [c, column] of columns.entries()) {
          const yes = read[c]?.ticked.includes(at + 1);
          const no = read[c]?.crossed.includes(at + 1);
          const first = said(row, column.tag);
          // What is neither ticked nor crossed on paper says nothing; a "no" said before stays where no file says yes.
          const rest = first === false && !row.in_file.includes(column.tag) ? false : null;
          const next = yes ? true : no ? false : rest;
          if (next === first) continue;
          old.push({ tag: column.tag, yes: first });
          ticks.push({ tag: column.tag, yes: next });
        }
        was.push({ household_id: row.household_id, ticks: old, seen: row.seen });
        now.push({ household_id: row.household_id, ticks, seen: true });
      }
      await saveRows(unit, now);
      await client.invalidateQueries({ queryKey: ["ticks", unit] });
      return was;
    },
    onSuccess: (was) => onEntered({ number, group, before: was }),
  });
  const faultText = (fault: Fault) =>
    fault.kind === "range"
      ? t.numbersFaults.range(fault.what, num(rows.length))
      : t.numbersFaults[fault.kind](fault.what);
  const who = (at: number) => {
    const row = rows[at - 1];
    return row ? (names.get(row.household_id) ?? row.names_masked).join("、") : "";
  };
  const go = (at: number) => {
    if (read[at]?.fault) return;
    const wrong = read.findIndex((r) => r.fault);
    if (at + 1 < columns.length) fields.current[at + 1]?.focus({ cursor: "all" });
    else if (wrong >= 0) fields.current[wrong]?.focus({ cursor: "all" });
    else if (!save.isPending) save.mutate();
  };
  if (!fits) return <p className="box box-warn pad">{t.numbersShifted(num(printed), num(rows.length))}</p>;
  return (
    <Panel title={t.numbersTitle} hint={t.numbersHint}>
      <div className="stack">
        {columns.map((column, at) => {
          const one = read[at];
          if (!one) return null;
          const id = `tick-numbers-${at}`;
          return (
            <div key={column.tag} className="tick-numbers">
              <label htmlFor={id}>{column.name}</label>
              <Input
                id={id}
                ref={(field) => {
                  fields.current[at] = field;
                }}
                autoComplete="off"
                status={one.fault ? "error" : ""}
                aria-invalid={one.fault !== null}
                aria-describedby={`${id}-said`}
                value={texts[at]}
                onChange={(e) => setTexts(texts.map((old, i) => (i === at ? e.target.value : old)))}
                onKeyDown={(event) => {
                  if (event.key !== "Enter") return;
                  event.preventDefault();
                  go(at);
                }}
              />
              <div id={`${id}-said`} aria-live="polite">
                {one.fault ? (
                  <span className="error-text">{faultText(one.fault)}</span>
                ) : one.ticked.length + one.crossed.length === 0 ? (
                  <span className="hint">{t.numbersNone}</span>
                ) : (
                  <span>
                    <span className="hint">{t.numbersCount(num(one.ticked.length))} </span>
                    {one.ticked.map((n) => `${n} ${who(n)}`).join("；")}
                    {one.crossed.map((n) => `；${t.crossed} ${n} ${who(n)}`).join("")}
                  </span>
                )}
              </div>
            </div>
          );
        })}
        {save.error instanceof Shifted ? (
          <p className="box box-warn">{t.numbersShifted(num(printed), num(save.error.now))}</p>
        ) : (
          <ErrorBox error={save.error} />
        )}
        <div className="line">
          <Button
            type="primary"
            loading={save.isPending}
            disabled={read.some((r) => r.fault)}
            onClick={() => save.mutate()}
          >
            {t.numbersSave}
          </Button>
        </div>
      </div>
    </Panel>
  );
}
