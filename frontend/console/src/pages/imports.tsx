// Bringing in units, staff, village groups and customers from Excel or CSV, step by step: the file, its columns and
// a preview (in files of their own), progress, result, the rows with problems, and what was imported before.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { Import, ImportDetail, ImportError } from "@zoufang/shared/api/types.ts";
import { num, stamp } from "@zoufang/shared/format.ts";
import { Button } from "antd";
import { useEffect, useState } from "react";
import { unitsQuery, useMay, useWords } from "../session.ts";
import { Page, Panel, Progress, Tag, type Tone } from "../ui/layout.tsx";
import { Empty, ErrorBox, View } from "../ui/states.tsx";
import { type Column, Pager, ServerTable } from "../ui/table.tsx";
import { Choose, Steps } from "./import-choose.tsx";
import { type Choice, Prepare } from "./import-prepare.tsx";

const route = getRouteApi("/shell/imports");
const stateTone: Record<Import["state"], Tone> = {
  held: "warn",
  checked: "info",
  waiting: "info",
  running: "info",
  done: "ok",
  failed: "bad",
  canceled: "plain",
};
const running = (one: Import | undefined) => one?.state === "waiting" || one?.state === "running";

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
  const ended = one.state === "done" || one.state === "checked";
  const { customers_before: before, customers_after: after } = one;
  const off = before === null || after === null || one.dry_run ? 0 : after - before - one.rows_new;
  return (
    <>
      <dl className="counts">
        {rows.map(([label, value, className]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd className={`num ${className}`}>{num(value)}</dd>
          </div>
        ))}
      </dl>
      {ended ? (
        <p className="num">
          {i.sums(
            num(one.rows_total),
            num(one.rows_new),
            num(one.rows_changed),
            num(one.rows_same),
            num(one.rows_bad),
          )}
        </p>
      ) : null}
      {one.state === "done" && !one.dry_run && before !== null && after !== null ? (
        <p className="num">
          {i.beforeAfter(num(before), num(after))} {off === 0 ? "" : i.beforeAfterOff(num(off))}
        </p>
      ) : null}
    </>
  );
}

/** Gives a file to the browser under a name. */
function save(blob: Blob, name: string) {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function Result({ data }: { data: ImportDetail }) {
  const w = useWords();
  const i = w.imports;
  const client = useQueryClient();
  const stop = useMutation({
    mutationFn: () => api.cancelImport(data.id),
    onSuccess: () => client.invalidateQueries({ queryKey: ["import", data.id] }),
  });
  const may = useMay("import.write");
  const resume = useMutation({
    mutationFn: () => api.resumeImport(data.id),
    onSuccess: () => client.invalidateQueries({ queryKey: ["import", data.id] }),
  });
  const correct = useMutation({
    mutationFn: () => api.refusedRows(data.id),
    onSuccess: (blob) => save(blob, `import-refused-${data.id}.xlsx`),
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
        {data.dry_run && (data.state === "done" || data.state === "checked") ? (
          <p className="box box-info">
            <b>{i.dryDone}</b>
          </p>
        ) : null}
        {data.can_resume && may ? (
          <p className="box box-info line wrap">
            <Button type="primary" loading={resume.isPending} onClick={() => resume.mutate()}>
              {i.resume}
            </Button>
            <span>{i.resumeHint}</span>
          </p>
        ) : null}
        <ErrorBox error={resume.error ?? correct.error ?? stop.error} />
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
            {data.can_correct && may ? (
              <div className="line wrap">
                <Button loading={correct.isPending} onClick={() => correct.mutate()}>
                  {i.refusedRows}
                </Button>
                <span className="hint">{i.refusedHint}</span>
              </div>
            ) : null}
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
        {data.notes.length > 0 ? (
          <>
            <div className="line wrap">
              <h3>{i.notes}</h3>
              {data.rows_bad === 0 ? (
                <a className="button-link" href={api.importErrorsUrl(data.id)} download>
                  {i.errorBook}
                </a>
              ) : null}
            </div>
            <p className="hint">{i.notesHint}</p>
            <ServerTable
              label={i.notes}
              columns={columns}
              rows={data.notes}
              rowKey={(e) => `${e.row}-${e.column}`}
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
          <Tag tone={stateTone[r.state]}>{i.state[r.state]}</Tag> {r.dry_run ? <Tag>{i.tried}</Tag> : null}
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
    {
      key: "same",
      title: i.same,
      numeric: true,
      render: (r) => num(r.rows_same),
    },
    { key: "unit", title: i.unit, render: (r) => r.unit_name },
    { key: "who", title: i.who, render: (r) => r.created_by_name },
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

const stepOf = (one: Import | undefined) => {
  if (!one) return 0;
  if (one.state === "held") return 1;
  if (one.state === "checked") return 2;
  return running(one) ? 3 : 4;
};

function Current({ id }: { id: string }) {
  const client = useQueryClient();
  const may = useMay("import.write");
  const [choice, setChoice] = useState<Choice>({});
  const query = useQuery({
    queryKey: ["import", id],
    queryFn: () => api.importDetail(id),
    refetchInterval: (q) => (running(q.state.data) ? 500 : false),
    staleTime: 0,
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
          <Steps at={stepOf(data)} />
          {data.state === "held" ? null : <Result data={data} />}
          {may && (data.state === "held" || data.state === "checked") ? (
            <Prepare data={data} choice={choice} setChoice={setChoice} />
          ) : null}
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
  const go = (id: string | undefined) =>
    navigate({ to: "/imports", search: (old: Record<string, unknown>) => ({ ...old, id }) });
  const sent = (made: Import) => {
    client.invalidateQueries({ queryKey: ["imports"] });
    go(made.id);
  };
  return (
    <Page
      title={w.imports.title}
      actions={search.id && may ? <Button onClick={() => go(undefined)}>{w.imports.another}</Button> : null}
    >
      {search.id ? (
        <Current key={search.id} id={search.id} />
      ) : (
        <>
          <Steps at={0} />
          {may ? <Choose onSent={sent} /> : null}
        </>
      )}
      <History after={search.after} />
    </Page>
  );
}
