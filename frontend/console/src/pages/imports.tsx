// Bringing in units, staff, village groups and customers from Excel or CSV: template, a try, progress, result,
// the rows with problems, and what was imported before.
import { UploadOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { Import, ImportDetail, ImportError, ImportKind } from "@zoufang/shared/api/types.ts";
import { num, stamp } from "@zoufang/shared/format.ts";
import { Button, Checkbox, Radio, Select } from "antd";
import { type DragEvent, useEffect, useState } from "react";
import { unitsQuery, useMay, useWords } from "../session.ts";
import { Page, Panel, Progress, Tag, type Tone } from "../ui/layout.tsx";
import { Empty, ErrorBox, View } from "../ui/states.tsx";
import { type Column, Pager, ServerTable } from "../ui/table.tsx";

const route = getRouteApi("/shell/imports");
const KINDS: ImportKind[] = ["units", "staff", "village_groups", "customers"];
const stateTone: Record<Import["state"], Tone> = {
  waiting: "info",
  running: "info",
  done: "ok",
  failed: "bad",
  canceled: "plain",
};
const running = (one: Import | undefined) => one?.state === "waiting" || one?.state === "running";

interface Chosen {
  kind: ImportKind;
  file: File;
  dryRun: boolean;
  datum?: string;
}

function Choose({ onSent }: { onSent: (made: Import, chosen: Chosen) => void }) {
  const w = useWords();
  const i = w.imports;
  const [kind, setKind] = useState<ImportKind>("customers");
  const [file, setFile] = useState<File | null>(null);
  const [dryRun, setDryRun] = useState(true);
  const [datum, setDatum] = useState("wgs84");
  const [over, setOver] = useState(false);
  const withDatum = kind !== "staff";
  const send = useMutation({
    mutationFn: (chosen: Chosen) => api.importFile(chosen),
    onSuccess: (made, chosen) => onSent(made, chosen),
  });
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    setFile(event.dataTransfer.files[0] ?? null);
  };
  return (
    <Panel title={i.kind}>
      <div className="stack">
        <div className="line wrap">
          <Radio.Group
            aria-label={i.kind}
            value={kind}
            optionType="button"
            onChange={(e) => setKind(e.target.value as ImportKind)}
            options={KINDS.map((value) => ({ value, label: i.kinds[value] }))}
          />
          <span className="hint">{i.kindHints[kind]}</span>
          <a className="button-link" href={api.importTemplateUrl(kind)} download>
            {i.template}
          </a>
        </div>
        <label
          className={over ? "drop over" : "drop"}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        >
          <UploadOutlined aria-hidden="true" />
          <b>{file ? i.chosen(file.name) : i.drop}</b>
          <span className="hint">{i.dropHint}</span>
          <input
            type="file"
            accept=".xlsx,.csv"
            className="unseen"
            onChange={(event) => setFile(event.target.files?.[0] ?? null)}
          />
        </label>
        <div className="line wrap">
          {withDatum ? (
            <span className="line">
              {i.datum}
              <Select
                aria-label={i.datum}
                value={datum}
                onChange={setDatum}
                options={(["wgs84", "gcj02", "bd09"] as const).map((value) => ({
                  value,
                  label: w.units.datums[value],
                }))}
              />
            </span>
          ) : null}
          <Checkbox checked={dryRun} onChange={(e) => setDryRun(e.target.checked)}>
            {i.dry}
          </Checkbox>
          <Button
            type="primary"
            disabled={!file}
            loading={send.isPending}
            onClick={() => file && send.mutate({ kind, file, dryRun, ...(withDatum ? { datum } : {}) })}
          >
            {dryRun ? i.tryGo : i.go}
          </Button>
          {file ? null : <span className="hint">{i.noFile}</span>}
        </div>
        <ErrorBox error={send.error} />
      </div>
    </Panel>
  );
}

function Counts({ one }: { one: Import }) {
  const w = useWords();
  const i = w.imports;
  const rows: [string, number, string][] = [
    [i.total, one.rows_total ?? one.rows_done, ""],
    [i.newRows, one.rows_new, "ok-text"],
    [i.changed, one.rows_changed, ""],
    [i.same, one.rows_same, ""],
    [i.bad, one.rows_bad, one.rows_bad > 0 ? "bad-text" : ""],
  ];
  return (
    <dl className="counts">
      {rows.map(([label, value, className]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd className={`num ${className}`}>{num(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Result({ data, onImport }: { data: ImportDetail; onImport: (() => void) | null }) {
  const w = useWords();
  const i = w.imports;
  const client = useQueryClient();
  const stop = useMutation({
    mutationFn: () => api.cancelImport(data.id),
    onSuccess: () => client.invalidateQueries({ queryKey: ["import", data.id] }),
  });
  const columns: Column<ImportError>[] = [
    { key: "row", title: i.row, numeric: true, width: "4.5rem", render: (e) => num(e.row) },
    { key: "column", title: i.column, nowrap: true, render: (e) => e.column ?? "–" },
    { key: "key", title: i.key, nowrap: true, render: (e) => e.business_key ?? "–" },
    { key: "why", title: w.common.reason, render: (e) => e.reason },
    { key: "value", title: i.value, render: (e) => e.masked_value ?? "–" },
  ];
  return (
    <Panel
      title={`${i.result} · ${i.kinds[data.kind]} · ${data.file_name}`}
      extra={<Tag tone={stateTone[data.state]}>{i.state[data.state]}</Tag>}
    >
      <div className="stack">
        {running(data) ? (
          <div className="line wrap">
            <Progress
              done={data.rows_done}
              total={data.rows_total}
              label={i.progress(num(data.rows_done), num(data.rows_total))}
            />
            <Button loading={stop.isPending} onClick={() => stop.mutate()}>
              {i.stop}
            </Button>
          </div>
        ) : null}
        {data.dry_run && data.state === "done" ? (
          <p className="box box-info line wrap">
            <b>{i.dryDone}</b>
            {onImport ? (
              <Button type="primary" onClick={onImport}>
                {i.importNow}
              </Button>
            ) : null}
          </p>
        ) : null}
        {data.message ? (
          <p className={data.state === "failed" ? "box box-error" : "hint"}>{data.message}</p>
        ) : null}
        <Counts one={data} />
        {data.rows_bad > 0 ? (
          <>
            <div className="line wrap">
              <h3>{i.errors}</h3>
              <a className="button-link" href={api.importErrorsUrl(data.id)} download>
                {i.errorBook}
              </a>
            </div>
            <p className="hint">
              {data.dry_run ? i.errorsHintDry : i.errorsHint}{" "}
              {data.errors.length < data.rows_bad ? i.errorsFirst(data.errors.length) : ""}
            </p>
            <ServerTable
              label={i.errors}
              columns={columns}
              rows={data.errors}
              rowKey={(e) => `${e.row}-${e.column}-${e.reason}`}
            />
          </>
        ) : null}
      </div>
    </Panel>
  );
}

function History({ after }: { after: string | undefined }) {
  const w = useWords();
  const i = w.imports;
  const navigate = useNavigate();
  const query = useQuery({
    queryKey: ["imports", after],
    queryFn: () => api.imports({ limit: 50, after }),
    refetchInterval: (q) => (q.state.data?.items.some(running) ? 1500 : false),
  });
  const columns: Column<Import>[] = [
    {
      key: "at",
      title: i.at,
      nowrap: true,
      render: (r) => <span className="num">{stamp(r.created_at)}</span>,
    },
    { key: "kind", title: i.kind, nowrap: true, render: (r) => i.kinds[r.kind] },
    {
      key: "file",
      title: i.file,
      render: (r) => (
        <button
          type="button"
          className="link-button"
          onClick={() =>
            navigate({ to: "/imports", search: (old: Record<string, unknown>) => ({ ...old, id: r.id }) })
          }
        >
          {r.file_name}
        </button>
      ),
    },
    {
      key: "state",
      title: w.common.state,
      nowrap: true,
      render: (r) => (
        <>
          <Tag tone={stateTone[r.state]}>{i.state[r.state]}</Tag> {r.dry_run ? <Tag>{i.tryGo}</Tag> : null}
        </>
      ),
    },
    { key: "new", title: i.newRows, numeric: true, render: (r) => num(r.rows_new) },
    { key: "changed", title: i.changed, numeric: true, render: (r) => num(r.rows_changed) },
    {
      key: "bad",
      title: i.bad,
      numeric: true,
      render: (r) => (r.rows_bad ? <b className="bad-text">{num(r.rows_bad)}</b> : "0"),
    },
    { key: "by", title: i.by, render: (r) => r.created_by_name },
  ];
  return (
    <Panel flush title={i.history}>
      <View query={query}>
        {(data) => (
          <>
            <ServerTable
              label={i.history}
              columns={columns}
              rows={data.items}
              rowKey={(r) => r.id}
              empty={<Empty text={i.empty} />}
            />
            <Pager
              after={after}
              next={data.next}
              shown={data.items.length}
              onMove={(to) =>
                navigate({
                  to: "/imports",
                  search: (old: Record<string, unknown>) => ({ ...old, after: to }),
                })
              }
            />
          </>
        )}
      </View>
    </Panel>
  );
}

function Current({
  id,
  chosen,
  onSent,
}: {
  id: string;
  chosen: Chosen | null;
  onSent: (made: Import, chosen: Chosen) => void;
}) {
  const client = useQueryClient();
  const query = useQuery({
    queryKey: ["import", id],
    queryFn: () => api.importDetail(id),
    refetchInterval: (q) => (running(q.state.data) ? 500 : false),
    staleTime: 0,
  });
  const again = useMutation({
    mutationFn: (c: Chosen) => api.importFile({ ...c, dryRun: false }),
    onSuccess: (made, c) => onSent(made, { ...c, dryRun: false }),
  });
  const state = query.data?.state;
  useEffect(() => {
    if (state !== "done") return;
    client.invalidateQueries({ queryKey: ["imports"] });
    client.invalidateQueries({ queryKey: unitsQuery.queryKey });
    client.invalidateQueries({ queryKey: ["customers"] });
    client.invalidateQueries({ queryKey: ["groups"] });
  }, [state, client]);
  return (
    <View query={query}>
      {(data) => (
        <>
          <ErrorBox error={again.error} />
          <Result
            data={data}
            onImport={chosen?.dryRun && !again.isPending ? () => again.mutate(chosen) : null}
          />
        </>
      )}
    </View>
  );
}

export function ImportsPage() {
  const w = useWords();
  const search = route.useSearch();
  const navigate = useNavigate();
  const client = useQueryClient();
  const may = useMay("import.write");
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const sent = (made: Import, from: Chosen) => {
    setChosen(from);
    client.invalidateQueries({ queryKey: ["imports"] });
    navigate({ to: "/imports", search: (old: Record<string, unknown>) => ({ ...old, id: made.id }) });
  };
  return (
    <Page title={w.imports.title}>
      {may ? <Choose onSent={sent} /> : null}
      {search.id ? <Current key={search.id} id={search.id} chosen={chosen} onSent={sent} /> : null}
      <History after={search.after} />
    </Page>
  );
}
