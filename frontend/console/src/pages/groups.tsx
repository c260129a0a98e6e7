// Must-visit groups: who is in them, the rule of each in words and as written, and changing a rule: a draft that is
// tried as it is typed, then published. Older versions stay, with what changed and by whom.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate, useSearch } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { Group, GroupList, RulePreview, RuleVersion } from "@zoufang/shared/api/types.ts";
import { num, stamp } from "@zoufang/shared/format.ts";
import { Button, Checkbox, Input, InputNumber, Popconfirm } from "antd";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useWords } from "../session.ts";
import { Page, Panel, Tag } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { Empty, ErrorBox, View } from "../ui/states.tsx";
import { type Column, ServerTable } from "../ui/table.tsx";
import "./groups.css";

const route = getRouteApi("/shell/groups");
/** How long typing must rest before a rule is tried. */
const REST_MS = 400;

export function GroupsPage() {
  const w = useWords();
  const unit = useSearch({ strict: false }).unit;
  const { code } = route.useSearch();
  const query = useQuery({
    queryKey: ["groups", unit],
    queryFn: () => api.groups(unit),
    placeholderData: keepPreviousData,
  });
  const open = query.data?.items.find((g) => g.code === code);
  return (
    <Page title={w.groups.title} sub={query.data ? w.groups.sub(query.data.unit_name) : undefined}>
      <Panel flush>
        <View query={query}>{(data) => <List data={data} open={code} />}</View>
      </Panel>
      {query.data && open ? (
        <Rule key={`${query.data.unit_id}-${open.code}`} list={query.data} group={open} />
      ) : null}
    </Page>
  );
}

function List({ data, open }: { data: GroupList; open: string | undefined }) {
  const w = useWords();
  const g = w.groups;
  const columns: Column<Group>[] = [
    {
      key: "name",
      title: g.name,
      width: "16rem",
      render: (x) => (
        <>
          <b>{x.name}</b>{" "}
          <span className="tags">
            {x.extra ? <Tag>{g.extra}</Tag> : null}
            {x.on_tick_sheet ? (
              <Link to="/ticks">
                <Tag tone="info">{g.onSheet}</Tag>
              </Link>
            ) : null}
            {x.blocked ? (
              <Tag tone="bad">{g.blocked}</Tag>
            ) : x.lawful_basis ? (
              <Tag tone="warn">{g.basis}</Tag>
            ) : null}
          </span>
        </>
      ),
    },
    {
      key: "households",
      title: g.households,
      numeric: true,
      render: (x) => (
        <>
          {num(x.households)}
          {x.ticked > 0 ? <div className="hint">{g.ticked(num(x.ticked))}</div> : null}
        </>
      ),
    },
    { key: "customers", title: g.customers, numeric: true, render: (x) => num(x.customers) },
    {
      key: "fresh",
      title: g.fresh,
      numeric: true,
      render: (x) =>
        x.new_households === null ? <span className="hint">{g.tooNew}</span> : num(x.new_households),
    },
    {
      key: "rule",
      title: g.rule,
      render: (x) => <div className="rule-words">{x.words}</div>,
    },
    {
      key: "version",
      title: g.versions,
      render: (x) => (
        <>
          {x.version === 0 ? g.preset : g.version(x.version)}{" "}
          {x.has_draft ? <Tag tone="warn">{g.draft}</Tag> : null}
          {x.rule_unit_name ? (
            <div className="hint">
              {g.from(
                x.rule_unit_name,
                x.published_by_name ?? "",
                x.published_at ? stamp(x.published_at) : "",
              )}
            </div>
          ) : null}
        </>
      ),
    },
    {
      key: "open",
      title: w.common.actions,
      nowrap: true,
      render: (x) => (
        <Link
          className="button-link"
          to="/groups"
          search={{ code: x.code === open ? undefined : x.code }}
          aria-label={`${x.code === open ? g.close : g.open}: ${x.name}`}
        >
          {x.code === open ? g.close : g.open}
        </Link>
      ),
    },
  ];
  return (
    <ServerTable
      label={g.title}
      columns={columns}
      rows={data.items}
      rowKey={(x) => x.code}
      empty={<Empty text={g.empty} />}
    />
  );
}

interface Text {
  when: string;
  priority: number;
  onSheet: boolean;
  note: string;
}

const textOf = (v: Pick<RuleVersion, "when" | "priority" | "on_tick_sheet">, note: string): Text => ({
  when: v.when,
  priority: v.priority,
  onSheet: v.on_tick_sheet,
  note,
});

function Rule({ list, group }: { list: GroupList; group: Group }) {
  const w = useWords();
  const g = w.groups;
  const box = useRef<HTMLElement>(null);
  useEffect(() => box.current?.scrollIntoView({ block: "start" }), []);
  const versions = useQuery({
    queryKey: ["group-versions", list.unit_id, group.code],
    queryFn: () => api.groupVersions(group.code, list.unit_id),
  });
  const [picked, setPicked] = useState<{ text: Text; at: number }>();
  return (
    <section ref={box} aria-label={g.edit(group.name)} className="stack">
      <View query={versions}>
        {(data) => {
          const draft = data.items.find((v) => v.state === "draft");
          const text = picked?.text ?? textOf(draft ?? group, draft?.note ?? "");
          return (
            <>
              <Editor
                key={`${draft?.rev ?? 0}-${picked?.at ?? 0}`}
                list={list}
                group={group}
                draft={draft}
                start={text}
                onStored={() => setPicked(undefined)}
              />
              <Versions
                items={data.items}
                onPick={
                  list.may_write
                    ? (v) => setPicked({ text: textOf(v, g.backNote(v.version)), at: Date.now() })
                    : undefined
                }
              />
            </>
          );
        }}
      </View>
    </section>
  );
}

function useTrial(unit: string, code: string, when: string) {
  const [rested, setRested] = useState(when);
  useEffect(() => {
    const timer = setTimeout(() => setRested(when), REST_MS);
    return () => clearTimeout(timer);
  }, [when]);
  return useQuery({
    queryKey: ["group-preview", unit, code, rested],
    queryFn: async () => {
      const began = performance.now();
      const found = await api.previewGroup({ code, when: rested, unit_id: unit });
      return { found, ms: performance.now() - began };
    },
    placeholderData: keepPreviousData,
  });
}

function Editor({
  list,
  group,
  draft,
  start,
  onStored,
}: {
  list: GroupList;
  group: Group;
  draft: RuleVersion | undefined;
  start: Text;
  onStored: () => void;
}) {
  const w = useWords();
  const g = w.groups;
  const say = useNotice();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [text, setText] = useState(start);
  const area = useRef<HTMLTextAreaElement>(null);
  const trial = useTrial(list.unit_id, group.code, text.when);
  const unit = list.unit_id;
  const stored = async (line: string) => {
    onStored();
    await client.invalidateQueries({ queryKey: ["groups"] });
    await client.invalidateQueries({ queryKey: ["group-versions"] });
    say(line);
  };
  const save = useMutation({
    mutationFn: () =>
      api.saveGroupDraft(group.code, {
        when: text.when,
        priority: text.priority,
        on_tick_sheet: text.onSheet,
        note: text.note,
        rev: draft?.rev ?? null,
        unit_id: unit,
      }),
    onSuccess: () => stored(g.saved),
  });
  const publish = useMutation({
    mutationFn: () => api.publishGroup(group.code, { rev: draft?.rev ?? 0, unit_id: unit }),
    onSuccess: () => stored(g.published),
  });
  const drop = useMutation({
    mutationFn: () => api.dropGroupDraft(group.code, unit),
    onSuccess: () => stored(g.dropped),
  });
  const set = (change: Partial<Text>) => setText((old) => ({ ...old, ...change }));
  const insert = (name: string) => {
    const at = area.current?.selectionStart ?? text.when.length;
    const end = area.current?.selectionEnd ?? at;
    set({ when: text.when.slice(0, at) + name + text.when.slice(end) });
    area.current?.focus();
  };
  const asStored =
    draft !== undefined &&
    draft.when === text.when &&
    draft.priority === text.priority &&
    draft.on_tick_sheet === text.onSheet &&
    draft.note === text.note;
  const may = list.may_write;
  return (
    <Panel
      title={g.edit(group.name)}
      hint={may ? g.whenHint : g.readOnly}
      extra={<Button onClick={() => navigate({ to: "/groups", search: {} })}>{g.close}</Button>}
    >
      <div className="rule-columns">
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate();
          }}
        >
          <label htmlFor="rule-when">{g.when}</label>
          <textarea
            id="rule-when"
            ref={area}
            className="rule-area"
            rows={5}
            spellCheck={false}
            readOnly={!may}
            value={text.when}
            onChange={(e) => set({ when: e.target.value })}
          />
          <Trial found={trial.data?.found} ms={trial.data?.ms} busy={trial.isFetching} error={trial.error} />
          {may ? (
            <>
              <div className="line">
                <label htmlFor="rule-points">{g.priority}</label>
                <InputNumber
                  id="rule-points"
                  min={0}
                  max={1000}
                  precision={0}
                  value={text.priority}
                  onChange={(n) => set({ priority: n ?? 0 })}
                />
                {group.lawful_basis ? null : (
                  <Checkbox checked={text.onSheet} onChange={(e) => set({ onSheet: e.target.checked })}>
                    {g.sheetToggle}
                  </Checkbox>
                )}
              </div>
              <label htmlFor="rule-note">{g.note}</label>
              <Input
                id="rule-note"
                value={text.note}
                maxLength={200}
                required
                onChange={(e) => set({ note: e.target.value })}
              />
              <ErrorBox error={save.error ?? publish.error ?? drop.error} />
              <div className="line">
                <Button htmlType="submit" loading={save.isPending}>
                  {g.saveDraft}
                </Button>
                <Popconfirm
                  title={g.publishAsk}
                  okText={g.publish}
                  cancelText={w.common.cancel}
                  onConfirm={() => publish.mutate()}
                >
                  <Button type="primary" disabled={!asStored} loading={publish.isPending}>
                    {g.publish}
                  </Button>
                </Popconfirm>
                {draft ? (
                  <Button loading={drop.isPending} onClick={() => drop.mutate()}>
                    {g.drop}
                  </Button>
                ) : null}
                {asStored ? null : <span className="hint">{g.saveFirst}</span>}
              </div>
            </>
          ) : null}
        </form>
        <aside>
          <h3>{g.variables}</h3>
          <p className="hint">{g.variablesHint}</p>
          <ul className="plain rule-variables">
            {list.variables.map((v) => (
              <li key={v.name}>
                <button type="button" className="link-button" disabled={!may} onClick={() => insert(v.name)}>
                  <code>{v.name}</code>
                </button>{" "}
                {v.title}
                {v.value === null ? null : ` = ${v.value}`} <span className="hint">{v.kind}</span>
              </li>
            ))}
          </ul>
        </aside>
      </div>
    </Panel>
  );
}

function Trial({
  found,
  ms,
  busy,
  error,
}: {
  found: RulePreview | undefined;
  ms: number | undefined;
  busy: boolean;
  error: unknown;
}) {
  const w = useWords();
  const g = w.groups;
  if (error) return <ErrorBox error={error} />;
  if (!found) return <p className="hint">{g.previewing}</p>;
  if (found.fault) {
    const { line, column, message } = found.fault;
    return (
      <div className="box box-warn" role="status">
        <b>{g.fault}</b> {line && column ? `${g.at(line, column)}：` : ""}
        {message}
      </div>
    );
  }
  return (
    <div className="stack">
      <div className="box box-info" role="status">
        <b>{found.sentence}</b> · {g.people(num(found.customers))} · {g.gained(num(found.gained))}，
        {g.lost(num(found.lost))}{" "}
        <span className="hint">
          {busy ? g.previewing : ms === undefined ? "" : g.took(num(Math.round(ms)))}
        </span>
        <div>
          {g.inWords}：{found.words}
        </div>
      </div>
      <details>
        <summary>{g.branches}</summary>
        <ServerTable
          label={g.branches}
          dense
          columns={[
            { key: "name", title: g.branch, render: (b) => b.unit_name },
            { key: "households", title: g.households, numeric: true, render: (b) => num(b.households) },
            { key: "customers", title: g.customers, numeric: true, render: (b) => num(b.customers) },
            {
              key: "change",
              title: g.changed,
              numeric: true,
              render: (b) => `+${num(b.gained)} / −${num(b.lost)}`,
            },
          ]}
          rows={found.branches}
          rowKey={(b) => b.unit_id}
        />
      </details>
      {found.sample.length > 0 ? (
        <details>
          <summary>{g.sample}</summary>
          <ServerTable
            label={g.sample}
            dense
            columns={[
              {
                key: "name",
                title: g.householder,
                nowrap: true,
                render: (s) => (
                  <Link
                    to="/customers/$unitId/$customerId"
                    params={{ unitId: s.unit_id, customerId: s.customer_id }}
                  >
                    {s.name_masked}
                  </Link>
                ),
              },
              { key: "unit", title: g.branch, render: (s) => s.unit_name },
              { key: "group", title: w.customers.group, render: (s) => s.village_group_name ?? "–" },
              { key: "why", title: g.why, render: (s) => s.why || "–" },
            ]}
            rows={found.sample}
            rowKey={(s) => s.household_id}
          />
        </details>
      ) : null}
    </div>
  );
}

function Versions({
  items,
  onPick,
}: {
  items: RuleVersion[];
  onPick: ((v: RuleVersion) => void) | undefined;
}) {
  const w = useWords();
  const g = w.groups;
  const columns: Column<RuleVersion>[] = [
    {
      key: "version",
      title: g.versions,
      nowrap: true,
      render: (v) => (
        <>
          {v.version === 0 ? g.preset : g.version(v.version)}{" "}
          <Tag tone={v.state === "in_force" ? "ok" : v.state === "draft" ? "warn" : "plain"}>
            {g.state[v.state as keyof typeof g.state] ?? v.state}
          </Tag>
        </>
      ),
    },
    {
      key: "who",
      title: g.who,
      render: (v) =>
        v.published_at
          ? `${v.published_by_name} ${stamp(v.published_at)}`
          : v.made_at
            ? `${v.made_by_name} ${stamp(v.made_at)}`
            : "–",
    },
    { key: "note", title: g.note, render: (v) => v.note || "–" },
    { key: "changed", title: g.changed, render: (v) => <Change version={v} /> },
    {
      key: "pick",
      title: w.common.actions,
      nowrap: true,
      render: (v) =>
        onPick && v.state !== "draft" ? <Button onClick={() => onPick(v)}>{g.back}</Button> : "–",
    },
  ];
  return (
    <Panel flush title={g.versions}>
      <ServerTable label={g.versions} columns={columns} rows={items} rowKey={(v) => String(v.version)} />
    </Panel>
  );
}

function Change({ version }: { version: RuleVersion }) {
  const w = useWords();
  const g = w.groups;
  const lines: ReactNode[] = [];
  if (version.priority_before !== null) lines.push(g.pointsBefore(version.priority_before, version.priority));
  if (version.on_tick_sheet_before !== null) lines.push(g.sheetBefore(version.on_tick_sheet));
  const differs = version.diff.some((d) => d.kind !== "same");
  return (
    <>
      {version.version === 0 ? (
        <span>{version.words}</span>
      ) : differs ? (
        <code className="rule-text">
          {version.diff.map((d, at) => {
            const key = `${at}-${d.kind}`;
            if (d.kind === "added") {
              return (
                <ins key={key} title={g.added}>
                  {d.text}
                </ins>
              );
            }
            if (d.kind === "removed") {
              return (
                <del key={key} title={g.removed}>
                  {d.text}
                </del>
              );
            }
            return <span key={key}>{d.text}</span>;
          })}
        </code>
      ) : (
        <span className="hint">{g.same}</span>
      )}
      {lines.map((line) => (
        <div key={String(line)}>{line}</div>
      ))}
    </>
  );
}
