// The versions of a campaign: who changed what, when and why; any two compared; an old one restored as a new one.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import { yuanOf } from "@zoufang/shared/api/draft.ts";
import type { FormSection, Json, ProgramDetail, VersionChange } from "@zoufang/shared/api/types.ts";
import { num, stamp } from "@zoufang/shared/format.ts";
import { Button, Form, Input, Select } from "antd";
import { useState } from "react";
import { useMay, useUnits, useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Panel, Scrolls } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { Empty, View } from "../ui/states.tsx";
import { ServerTable } from "../ui/table.tsx";
import { useSaid } from "./campaign-field.tsx";

export function CampaignVersions({ program }: { program: ProgramDetail }) {
  const w = useWords();
  const v = w.editor.versions;
  const c = w.campaigns;
  const client = useQueryClient();
  const notice = useNotice();
  const may = useMay("program.write") && program.state !== "closed";
  const [pair, setPair] = useState<[number, number] | null>(
    program.version > 1 ? [program.version - 1, program.version] : null,
  );
  const [restoring, setRestoring] = useState<number | null>(null);
  const options = program.versions.map((x) => ({
    value: x.version,
    label: `${c.version(x.version)} · ${stamp(x.at)} · ${x.by_name}`,
  }));
  return (
    <div className="stack">
      <Panel flush title={c.tabs.versions}>
        <ServerTable
          label={c.tabs.versions}
          rows={program.versions}
          rowKey={(x) => String(x.version)}
          columns={[
            { key: "v", title: w.common.code, nowrap: true, render: (x) => c.version(x.version) },
            { key: "at", title: w.common.time, render: (x) => <span className="num">{stamp(x.at)}</span> },
            { key: "by", title: w.common.who, render: (x) => x.by_name },
            { key: "note", title: w.common.note, render: (x) => x.note || "–" },
            {
              key: "do",
              title: w.common.actions,
              render: (x) => (
                <span className="line tight">
                  {x.version > 1 ? (
                    <Button
                      size="small"
                      aria-label={`${v.compare}: ${c.version(x.version)}`}
                      onClick={() => setPair([x.version - 1, x.version])}
                    >
                      {v.compare}
                    </Button>
                  ) : null}
                  {may && x.version !== program.version ? (
                    <Button
                      size="small"
                      aria-label={`${v.restore}: ${c.version(x.version)}`}
                      onClick={() => setRestoring(x.version)}
                    >
                      {v.restore}
                    </Button>
                  ) : null}
                </span>
              ),
            },
          ]}
        />
      </Panel>
      {pair ? (
        <Panel
          title={v.diffTitle(pair[0], pair[1])}
          extra={
            <span className="line wrap">
              <label htmlFor="diff-from">{v.from}</label>
              <Select
                id="diff-from"
                value={pair[0]}
                options={options}
                onChange={(x) => setPair([x, pair[1]])}
              />
              <label htmlFor="diff-to">{v.to}</label>
              <Select
                id="diff-to"
                value={pair[1]}
                options={options}
                onChange={(x) => setPair([pair[0], x])}
              />
            </span>
          }
          flush
        >
          <Changes programId={program.id} from={pair[0]} to={pair[1]} />
        </Panel>
      ) : (
        <p className="hint">{v.first}</p>
      )}
      <Panel title={c.file} hint={c.fileHint}>
        <Scrolls className="file" label={c.file}>
          <pre>{program.toml}</pre>
        </Scrolls>
      </Panel>
      <FormDialog<{ note: string }>
        key={restoring ?? 0}
        title={v.restoreTitle(restoring ?? 0)}
        open={restoring !== null}
        onClose={() => setRestoring(null)}
        ok={v.restore}
        onSubmit={async ({ note }) => {
          await api.restoreVersion(program.id, restoring ?? 0, { note, version: program.version });
          await Promise.all(
            [["program", program.id], ["programs"], ["check", program.id]].map((queryKey) =>
              client.invalidateQueries({ queryKey }),
            ),
          );
          notice(v.restored);
        }}
      >
        <p className="hint">{v.restoreHint}</p>
        <Form.Item name="note" label={w.editor.note} rules={[{ required: true, message: w.common.required }]}>
          <Input maxLength={100} />
        </Form.Item>
      </FormDialog>
    </div>
  );
}

function Changes({ programId, from, to }: { programId: string; from: number; to: number }) {
  const w = useWords();
  const e = w.editor;
  const v = e.versions;
  const said = useSaid();
  const { tree } = useUnits();
  const form = useQuery({ queryKey: ["program-form"], queryFn: api.programForm, staleTime: 600_000 });
  const query = useQuery({
    queryKey: ["version-diff", programId, from, to],
    queryFn: () => api.versionDiff(programId, from, to),
  });
  const sections = form.data?.sections ?? [];
  const sectionOf = (x: VersionChange) =>
    sections.find((s) => x.key === s.key || x.key.startsWith(`${s.key}.`)) ??
    sections.find((s) => s.key === x.section);
  const what = (x: VersionChange) => {
    const branch = x.key.startsWith("collection.outlets.") ? x.key.slice("collection.outlets.".length) : "";
    if (branch) return tree.all.find((u) => u.code === branch)?.name ?? branch;
    if (x.key === x.section) return v.order;
    return said(x.title) || x.key;
  };
  return (
    <View query={query}>
      {(data) => (
        <ServerTable<VersionChange>
          label={v.diffTitle(from, to)}
          rows={data.changes}
          rowKey={(x) => x.key}
          empty={<Empty text={v.none} />}
          columns={[
            {
              key: "what",
              title: v.what,
              render: (x) => (
                <>
                  <span className="hint">
                    {[said(sectionOf(x)?.title), x.item].filter(Boolean).join(" · ")}
                  </span>
                  <span className="block">{what(x)}</span>
                </>
              ),
            },
            {
              key: "old",
              title: v.old,
              render: (x) => <Value change={x} value={x.old} section={sectionOf(x)} />,
            },
            {
              key: "new",
              title: v.new,
              render: (x) => <Value change={x} value={x.new} section={sectionOf(x)} />,
            },
          ]}
        />
      )}
    </View>
  );
}

/** A value as the form shows it: 元, yes and no, and the words of codes. */
function Value({
  change,
  value,
  section,
}: {
  change: VersionChange;
  value: Json;
  section: FormSection | undefined;
}) {
  const w = useWords();
  const e = w.editor;
  const said = useSaid();
  const key = change.key.split(".").pop() ?? "";
  const field = section?.fields.find((f) => f.key === key);
  const word = (x: Json): string => {
    if (x === null) return e.versions.empty;
    if (typeof x === "boolean") return x ? w.common.yes : w.common.no;
    if (typeof x === "number" && (field?.kind === "money" || key.endsWith("_fen"))) {
      return `${num(yuanOf(x), 2)} ${e.yuan}`;
    }
    if (typeof x === "number") return `${num(x, 2)} ${e.units[change.unit] ?? change.unit}`.trim();
    if (Array.isArray(x)) return x.length === 0 ? e.versions.empty : x.map(word).join("、");
    if (typeof x === "string") return said(field?.choices.find((c) => c.code === x)?.title) || x;
    return JSON.stringify(x);
  };
  return <span className={typeof value === "number" ? "num" : ""}>{word(value)}</span>;
}
