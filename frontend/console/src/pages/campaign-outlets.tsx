// How many records each branch is to collect: all branches in one table, a column pasted from a spreadsheet, the same
// for all, and the sum. The figures are part of the campaign file, by the branch's code.

import { useQuery } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import { type Pasted, pasted, pasteInto } from "@zoufang/shared/api/draft.ts";
import type { Json } from "@zoufang/shared/api/types.ts";
import { num } from "@zoufang/shared/format.ts";
import { Button, InputNumber } from "antd";
import { type ClipboardEvent, useMemo, useState } from "react";
import { branchesBelow, useUnits, useWords } from "../session.ts";
import { Scrolls } from "../ui/layout.tsx";

export function CampaignOutlets({
  programId,
  unitId,
  value,
  messages,
  onChange,
}: {
  /** The stored campaign: branches may have a figure of their own there. */
  programId: string | undefined;
  /** The unit that orders the campaign; without it every branch in sight. */
  unitId: string | undefined;
  value: Json | undefined;
  messages: string[];
  onChange: (value: Json) => void;
}) {
  const w = useWords();
  const o = w.editor.outlets;
  const { tree } = useUnits();
  const [all, setAll] = useState<number | null>(null);
  const [said, setSaid] = useState("");
  const plans = useMemo(() => numbers(value), [value]);
  const stored = useQuery({
    queryKey: ["program-units", programId],
    queryFn: () => api.programUnits(programId ?? ""),
    enabled: programId !== undefined,
  });
  const own = new Map(stored.data?.items.map((u) => [u.unit_code, u.collection_plan]));
  const known = useMemo(() => {
    const units = unitId ? branchesBelow(tree, unitId) : tree.all.filter((u) => u.level === "branch");
    return units.filter((u) => u.active).map((u) => ({ code: u.code, name: u.name }));
  }, [tree, unitId]);
  const rows = useMemo(() => {
    const strange = Object.keys(plans).filter((code) => !known.some((u) => u.code === code));
    return [...known, ...strange.map((code) => ({ code, name: o.unknown }))];
  }, [known, plans, o.unknown]);
  const filled = rows.filter((r) => plans[r.code] !== undefined).length;
  const sum = rows.reduce((total, r) => total + (plans[r.code] ?? 0), 0);
  const missing = known.filter((r) => plans[r.code] === undefined && !own.get(r.code)).length;

  const put = (code: string, n: number | null) => {
    const next = { ...plans };
    if (n === null) delete next[code];
    else next[code] = n;
    onChange(next);
  };
  const take = (event: ClipboardEvent<HTMLElement>, start: number) => {
    const text = event.clipboardData.getData("text/plain");
    const found: Pasted[] = pasted(text);
    if (found.length < 2 && !text.includes("\t")) return;
    event.preventDefault();
    const done = pasteInto(plans, rows, start, found);
    onChange(done.plans);
    setSaid(o.pasted(done.filled, done.unknown.join("、")));
  };

  return (
    <div className="outlets">
      <p className="hint">{o.hint}</p>
      <div className="line wrap outlets-tools">
        <InputNumber
          aria-label={o.allLabel}
          placeholder={o.allLabel}
          min={1}
          precision={0}
          value={all}
          controls={false}
          onChange={setAll}
        />
        <Button
          disabled={all === null}
          onClick={() => onChange({ ...plans, ...Object.fromEntries(known.map((r) => [r.code, all ?? 0])) })}
        >
          {o.fillAll}
        </Button>
        <Button disabled={filled === 0} onClick={() => onChange({})}>
          {o.clear}
        </Button>
        <span className="num" role="status">
          {o.sum(num(filled), num(sum))}{" "}
          {missing > 0 ? <b className="bad-text">{o.missing(num(missing))}</b> : null}
        </span>
      </div>
      {said ? <p className="box box-info">{said}</p> : null}
      {messages.map((m) => (
        <p key={m} className="field-bad" role="alert">
          {m}
        </p>
      ))}
      <Scrolls className="table-box outlets-table" label={o.title}>
        <table className="table dense">
          <thead>
            <tr>
              <th scope="col">{o.code}</th>
              <th scope="col">{o.name}</th>
              <th scope="col" className="right">
                {o.records}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((r, i) => (
              <tr key={r.code}>
                <td className="num nowrap">{r.code}</td>
                <td>{r.name}</td>
                <td className="right">
                  <InputNumber
                    aria-label={o.of(r.name, r.code)}
                    min={1}
                    precision={0}
                    controls={false}
                    value={plans[r.code] ?? null}
                    placeholder={own.get(r.code) ? o.own(num(own.get(r.code))) : ""}
                    onChange={(n) => put(r.code, n)}
                    onPaste={(event) => take(event, i)}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolls>
    </div>
  );
}

function numbers(value: Json | undefined): Record<string, number> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  const entries = Object.entries(value).filter((e): e is [string, number] => typeof e[1] === "number");
  return Object.fromEntries(entries);
}
