// The first step of an import: what, into which unit, from where, and the file, which is sent with a bar.
import { UploadOutlined } from "@ant-design/icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type { Import, ImportKind } from "@zoufang/shared/api/types.ts";
import { num } from "@zoufang/shared/format.ts";
import { Button, Radio, Select } from "antd";
import { type DragEvent, useState } from "react";
import { useUnits, useWords } from "../session.ts";
import { Panel, Progress } from "../ui/layout.tsx";
import { ErrorBox } from "../ui/states.tsx";

const KINDS: ImportKind[] = ["units", "staff", "village_groups", "customers"];

export function Steps({ at }: { at: number }) {
  const i = useWords().imports;
  return (
    <ol className="steps" aria-label={i.stepsLabel}>
      {i.steps.map((name, n) => (
        <li key={name} aria-current={n === at ? "step" : undefined} className={n < at ? "past" : ""}>
          <span className="num" aria-hidden="true">
            {n + 1}
          </span>
          {name}
        </li>
      ))}
    </ol>
  );
}

function Channel({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const i = useWords().imports;
  const query = useQuery({ queryKey: ["import-channels"], queryFn: api.importChannels, staleTime: 600_000 });
  const all = query.data ?? [{ id: "core_system", title: "", needs_basis: false }];
  const label = (id: string, title: string, basis: boolean) =>
    (i.channelBuiltIn[id] ?? (title || id)) + (basis ? ` · ${i.channelNeedsBasis}` : "");
  return (
    <span className="line">
      {i.channel}
      <Select
        aria-label={i.channel}
        value={value}
        onChange={onChange}
        popupMatchSelectWidth={false}
        options={all
          .filter((c) => c.id !== "page")
          .map((c) => ({ value: c.id, label: label(c.id, c.title, c.needs_basis) }))}
      />
    </span>
  );
}

/** What can be told of a file before it is sent, or nothing. */
function wrongWith(file: File | null, i: ReturnType<typeof useWords>["imports"]): string | undefined {
  if (!file) return undefined;
  if (file.size === 0) return i.fileEmpty;
  if (/\.xls$/i.test(file.name)) return i.fileOld;
  return /\.(xlsx|csv|txt)$/i.test(file.name) ? undefined : i.fileOther;
}

export function Choose({ onSent }: { onSent: (made: Import) => void }) {
  const i = useWords().imports;
  const { tree } = useUnits();
  const [kind, setKind] = useState<ImportKind>("customers");
  const [file, setFile] = useState<File | null>(null);
  const [channel, setChannel] = useState("core_system");
  const [unit, setUnit] = useState<string>();
  const [over, setOver] = useState(false);
  const [part, setPart] = useState(0);
  const several = tree.roots.length > 1;
  const wrong = wrongWith(file, i);
  const send = useMutation({
    mutationFn: (chosen: File) => {
      setPart(0);
      const where = several && unit ? { unitId: unit } : {};
      const from = kind === "customers" ? { channel } : {};
      return api.holdImport({ kind, file: chosen, ...where, ...from }, setPart);
    },
    onSuccess: (made) => {
      setFile(null);
      onSent(made);
    },
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
            accept=".xlsx,.csv,.txt"
            className="unseen"
            onChange={(event) => setFile(event.target.files?.[0] ?? null)}
          />
        </label>
        <div className="line wrap">
          {several ? (
            <span className="line">
              {i.into}
              <Select
                aria-label={i.into}
                placeholder={i.intoPick}
                value={unit}
                onChange={setUnit}
                popupMatchSelectWidth={false}
                options={tree.roots.map((u) => ({ value: u.id, label: u.name }))}
              />
            </span>
          ) : null}
          {kind === "customers" ? <Channel value={channel} onChange={setChannel} /> : null}
          <Button
            type="primary"
            disabled={!file || wrong !== undefined || (several && !unit)}
            loading={send.isPending}
            onClick={() => file && send.mutate(file)}
          >
            {i.next}
          </Button>
          {file ? null : <span className="hint">{i.noFile}</span>}
          {wrong ? (
            <span className="bad-text" role="alert">
              {wrong}
            </span>
          ) : null}
        </div>
        {send.isPending ? (
          <Progress done={part} total={1} label={i.sending(num(Math.round(part * 100)))} />
        ) : null}
        <ErrorBox error={send.error} />
      </div>
    </Panel>
  );
}
