// The one table of the console. A plain HTML table: it reflows with large type, prints, reads well aloud and stays
// clean in axe (antd's table repeats header controls in hidden rows). Lists are pages of the server, at most 200 rows,
// so no virtual scrolling is needed. The page position is a cursor in the address; "previous" is remembered here.

import { Button } from "antd";
import { type ReactNode, useRef } from "react";
import { useWords } from "../session.ts";
import { Scrolls } from "./layout.tsx";

export interface Column<R> {
  key: string;
  title: string;
  render: (row: R) => ReactNode;
  numeric?: boolean;
  width?: string;
  nowrap?: boolean;
}

export function ServerTable<R>({
  label,
  columns,
  rows,
  rowKey,
  empty,
  dense,
}: {
  label: string;
  columns: Column<R>[];
  rows: R[];
  rowKey: (row: R) => string;
  empty?: ReactNode;
  dense?: boolean;
}) {
  if (rows.length === 0 && empty) return <>{empty}</>;
  return (
    <Scrolls className="table-box" label={label}>
      <table className={dense ? "table dense" : "table"}>
        <thead>
          <tr>
            {columns.map((c) => (
              <th
                key={c.key}
                scope="col"
                className={c.numeric ? "right" : undefined}
                style={{ width: c.width }}
              >
                {c.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((c) => (
                <td
                  key={c.key}
                  className={
                    [c.numeric ? "right num" : "", c.nowrap ? "nowrap" : ""].join(" ").trim() || undefined
                  }
                >
                  {c.render(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolls>
  );
}

export function Pager({
  after,
  next,
  shown,
  total,
  onMove,
}: {
  after: string | undefined;
  next: string | null | undefined;
  shown: number;
  total?: string | undefined;
  onMove: (after: string | undefined) => void;
}) {
  const w = useWords();
  const trail = useRef<(string | undefined)[]>([]);
  if (!after) trail.current = [];
  // Nothing to page: the empty state above has said so.
  if (shown === 0 && !after && !next) return null;
  return (
    <nav className="pager" aria-label={w.common.pager}>
      <span className="hint num">
        {total ? `${w.common.total(total)} · ` : ""}
        {w.common.shown(shown)}
      </span>
      {after ? <Button onClick={() => onMove(undefined)}>{w.common.first}</Button> : null}
      {after ? <Button onClick={() => onMove(trail.current.pop())}>{w.common.prev}</Button> : null}
      {next ? (
        <Button
          onClick={() => {
            trail.current.push(after);
            onMove(next);
          }}
        >
          {w.common.more}
        </Button>
      ) : null}
    </nav>
  );
}
