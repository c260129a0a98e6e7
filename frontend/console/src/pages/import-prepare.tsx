// The second and third step of an import: which column is which, how the file was read, and what would become of it.
// Every choice asks the server again, which tries a sample; nothing is written before the import is started.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type { ImportColumn, ImportDetail, ImportPreview } from "@zoufang/shared/api/types.ts";
import { num } from "@zoufang/shared/format.ts";
import { Button, InputNumber, Popconfirm, Select } from "antd";
import { useWords } from "../session.ts";
import { Panel, Tag, type Tone } from "../ui/layout.tsx";
import { ErrorBox, View } from "../ui/states.tsx";
import { type Column, ServerTable } from "../ui/table.tsx";

const ENCODINGS = ["utf-8", "gb18030", "utf-16le", "utf-16be"];
const DATUMS = ["wgs84", "gcj02", "bd09"] as const;
const byTone: Record<string, Tone> = { remembered: "ok", header: "ok", content: "warn", nothing: "plain" };

export interface Choice {
  encoding?: string;
  headerRow?: number;
  mapping?: string[];
  datum?: string;
}

const queryOf = (choice: Choice) => ({
  ...(choice.encoding ? { encoding: choice.encoding } : {}),
  ...(choice.headerRow ? { header_row: choice.headerRow } : {}),
  ...(choice.mapping ? { mapping: choice.mapping.join(",") } : {}),
  ...(choice.datum ? { datum: choice.datum } : {}),
});

/** The fields that two columns are read as. */
export function doubled(mapping: string[]): string[] {
  return mapping.filter((key, at) => key !== "" && mapping.indexOf(key) !== at);
}

function Reading({
  seen,
  choice,
  onChange,
}: {
  seen: ImportPreview;
  choice: Choice;
  onChange: (choice: Choice) => void;
}) {
  const i = useWords().imports;
  return (
    <div className="line wrap">
      <span>{i.fileFacts(num(seen.rows_estimate), num(seen.header_row))}</span>
      {seen.sheet ? <Tag>{seen.sheet}</Tag> : null}
      {seen.encoding ? (
        <span className="line">
          {i.encoding}
          <Select
            aria-label={i.encoding}
            value={choice.encoding ?? ""}
            popupMatchSelectWidth={false}
            onChange={(encoding) => onChange({ ...choice, encoding })}
            options={[
              {
                value: "",
                label: seen.encoding_found
                  ? i.encodingFound(seen.encoding_found.toUpperCase())
                  : i.encodingAuto,
              },
              ...ENCODINGS.map((value) => ({ value, label: value.toUpperCase() })),
            ]}
          />
        </span>
      ) : null}
      <span className="line">
        {i.headerRow}
        <InputNumber
          aria-label={i.headerRow}
          min={1}
          max={1000}
          value={choice.headerRow ?? seen.header_row}
          onChange={(row) => {
            const { mapping: _, ...rest } = choice;
            onChange(row ? { ...rest, headerRow: row } : rest);
          }}
        />
      </span>
    </div>
  );
}

function Columns({ seen, onMap }: { seen: ImportPreview; onMap: (mapping: string[]) => void }) {
  const i = useWords().imports;
  const mapping = seen.columns.map((c) => c.key);
  const rows = seen.columns.map((column, at) => ({ column, at }));
  const example = (at: number) => seen.rows.map((r) => r.cells[at] ?? "").find((c) => c !== "") ?? "";
  const name = (c: ImportColumn, at: number) => c.header || `${at + 1}`;
  const columns: Column<{ column: ImportColumn; at: number }>[] = [
    { key: "header", title: i.columnOf, render: ({ column, at }) => <b>{name(column, at)}</b> },
    { key: "example", title: i.example, render: ({ at }) => example(at) || "–" },
    { key: "filled", title: i.filled, numeric: true, render: ({ column }) => num(column.filled) },
    {
      key: "as",
      title: i.readAs,
      width: "18rem",
      render: ({ column, at }) => (
        <Select
          aria-label={i.readAsOf(name(column, at))}
          className="fill"
          value={column.key}
          onChange={(key) => onMap(mapping.map((old, n) => (n === at ? key : old)))}
          options={[
            { value: "", label: i.notRead },
            ...seen.fields.map((f) => ({
              value: f.key,
              label: f.required ? `${f.header} *` : f.header,
            })),
          ]}
        />
      ),
    },
    {
      key: "by",
      title: "",
      nowrap: true,
      render: ({ column }) =>
        column.key === column.guess ? (
          <Tag tone={byTone[column.guessed_by] ?? "plain"}>{i.by[column.guessed_by]}</Tag>
        ) : null,
    },
  ];
  return <ServerTable dense label={i.columnOf} columns={columns} rows={rows} rowKey={(r) => String(r.at)} />;
}

function Sample({ seen }: { seen: ImportPreview }) {
  const w = useWords();
  const i = w.imports;
  const facts: [string, number, string][] = [
    [i.sampleRows, seen.sample_rows, ""],
    [i.newRows, seen.sample_new, "ok-text"],
    [i.changed, seen.sample_changed, ""],
    [i.same, seen.sample_same, ""],
    [i.bad, seen.sample_bad, seen.sample_bad > 0 ? "bad-text" : ""],
  ];
  const why = (row: number) =>
    seen.errors.filter((e) => e.row === row).map((e) => `${e.column}：${e.reason}`);
  const notes = seen.notes.map((e) => `${i.row} ${num(e.row)}，${e.column}：${e.reason}`);
  const columns: Column<ImportPreview["rows"][number]>[] = [
    { key: "row", title: i.row, numeric: true, render: (r) => num(r.row) },
    ...seen.columns.map((c, at) => ({
      key: String(at),
      title: seen.fields.find((f) => f.key === c.key)?.header ?? c.header,
      nowrap: true,
      render: (r: ImportPreview["rows"][number]) => r.cells[at] || "–",
    })),
    {
      key: "why",
      title: w.common.state,
      render: (r) =>
        why(r.row).length > 0 ? <span className="bad-text">{why(r.row).join("；")}</span> : i.rowOk,
    },
  ];
  return (
    <>
      <h3>{i.sampleTitle(num(seen.sample_rows))}</h3>
      <dl className="counts">
        {facts.map(([label, value, className]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd className={`num ${className}`}>{num(value)}</dd>
          </div>
        ))}
      </dl>
      <p className="hint">{i.sampleHint}</p>
      {notes.slice(0, 10).map((note) => (
        <p key={note} className="box box-info">
          {note}
        </p>
      ))}
      <h3>{i.firstRows(num(seen.rows.length))}</h3>
      <ServerTable
        dense
        label={i.firstRows(num(seen.rows.length))}
        columns={columns}
        rows={seen.rows}
        rowKey={(r) => String(r.row)}
      />
    </>
  );
}

function DatumChoice({
  seen,
  value,
  onChange,
}: {
  seen: ImportPreview;
  value: string | undefined;
  onChange: (datum: string) => void;
}) {
  const w = useWords();
  const i = w.imports;
  const doubt = seen.datum_doubt;
  const name = (code: string) => w.units.datums[code as (typeof DATUMS)[number]] ?? code;
  const text = () => {
    if (!doubt) return null;
    const percent = num(doubt.percent);
    if (doubt.doubt === "swapped") return i.datumSwapped(percent);
    if (doubt.doubt === "outside_china") return i.datumOutside(percent);
    return i.datumDoubt(percent, name(doubt.likely), num(doubt.shift_m));
  };
  return (
    <>
      {seen.needs_datum ? (
        <div className="line wrap">
          <span>{i.datumNeeded}</span>
          <Select
            aria-label={i.datum}
            placeholder={i.datumPick}
            value={value}
            onChange={onChange}
            popupMatchSelectWidth={false}
            options={DATUMS.map((code) => ({ value: code, label: name(code) }))}
          />
        </div>
      ) : null}
      {doubt ? <p className="box box-warn">{text()}</p> : null}
    </>
  );
}

/** What was chosen outlives a try of the whole file, during which this is not shown. */
export function Prepare({
  data,
  choice,
  setChoice,
}: {
  data: ImportDetail;
  choice: Choice;
  setChoice: (choice: Choice) => void;
}) {
  const i = useWords().imports;
  const client = useQueryClient();
  const query = useQuery({
    queryKey: ["import-preview", data.id, choice],
    queryFn: () => api.importPreview(data.id, queryOf(choice)),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  const changed = () => {
    client.invalidateQueries({ queryKey: ["import", data.id] });
    client.invalidateQueries({ queryKey: ["imports"] });
  };
  const seen = query.data;
  const mapping = seen?.columns.map((c) => c.key) ?? [];
  const start = useMutation({
    mutationFn: (dryRun: boolean) =>
      api.startImport(data.id, {
        mapping,
        dry_run: dryRun,
        ...(choice.datum ? { datum: choice.datum } : {}),
        ...(choice.encoding ? { encoding: choice.encoding } : {}),
        ...(choice.headerRow ? { header_row: choice.headerRow } : {}),
      }),
    onSuccess: changed,
  });
  const drop = useMutation({ mutationFn: () => api.discardImport(data.id), onSuccess: changed });
  const stuck = !seen || query.isFetching || seen.missing.length > 0 || (seen.needs_datum && !choice.datum);
  return (
    <Panel
      title={`${i.prepare} · ${i.kinds[data.kind]} · ${data.file_name}`}
      extra={
        <Popconfirm title={i.discardAsk} okText={i.discard} onConfirm={() => drop.mutate()}>
          <Button loading={drop.isPending}>{i.discard}</Button>
        </Popconfirm>
      }
    >
      <View query={query}>
        {(file) => (
          <div className="stack">
            <Reading seen={file} choice={choice} onChange={setChoice} />
            {file.fault ? <p className="box box-error">{file.fault}</p> : null}
            <p className="hint">{file.remembered ? i.remembered : i.rememberHint}</p>
            <Columns seen={file} onMap={(next) => setChoice({ ...choice, mapping: next })} />
            {file.missing.length > 0 ? (
              <p className="box box-warn" role="status">
                {i.missing(file.missing.join("、"))}
              </p>
            ) : null}
            {doubled(choice.mapping ?? []).length > 0 ? <p className="box box-warn">{i.twice}</p> : null}
            <DatumChoice
              seen={file}
              value={choice.datum}
              onChange={(datum) => setChoice({ ...choice, datum })}
            />
            {file.missing.length === 0 ? <Sample seen={file} /> : null}
            <div className="line wrap">
              <Button
                type="primary"
                disabled={stuck}
                loading={start.isPending && !start.variables}
                onClick={() => start.mutate(false)}
              >
                {i.go}
              </Button>
              <Button
                disabled={stuck}
                loading={start.isPending && start.variables}
                onClick={() => start.mutate(true)}
              >
                {i.tryGo}
              </Button>
            </div>
            <ErrorBox error={start.error ?? drop.error} />
          </div>
        )}
      </View>
      {query.isError ? (
        <Select
          aria-label={i.encoding}
          placeholder={i.encoding}
          value={choice.encoding}
          popupMatchSelectWidth={false}
          onChange={(encoding) => setChoice({ ...choice, encoding })}
          options={ENCODINGS.map((value) => ({ value, label: value.toUpperCase() }))}
        />
      ) : null}
    </Panel>
  );
}
