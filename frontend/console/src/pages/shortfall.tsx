// 欠进度: what every outlet still has to make up for and until when that is possible; for a branch the count of a
// day, its ledger day by day, and what its sweeps of village groups brought.
import { DownloadOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import { sweepOf, teamsOf, windowsOf } from "@zoufang/shared/api/definition.ts";
import type {
  ProgramDetail,
  ShortfallDetail,
  ShortfallEntry,
  ShortfallRow,
  Sweep,
  VisitCount,
} from "@zoufang/shared/api/types.ts";
import { num, stamp } from "@zoufang/shared/format.ts";
import { Button, Checkbox, DatePicker, Input, InputNumber, Select } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { useMay, useMe, useWords } from "../session.ts";
import { groupName } from "../ui/dates.ts";
import { Page, Panel, Tag } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { RunningProgram } from "../ui/running-program.tsx";
import { Empty, ErrorBox, View } from "../ui/states.tsx";
import { ServerTable } from "../ui/table.tsx";

const route = getRouteApi("/shell/shortfall");

export function ShortfallPage() {
  const w = useWords();
  const s = w.shortfall;
  const me = useMe();
  const navigate = useNavigate();
  const search = route.useSearch();
  const of = me.unit.level === "branch" ? me.unit.id : search.of;
  const go = (part: { program?: string | undefined; of?: string | undefined }) =>
    navigate({ to: "/shortfall", search: (old: Record<string, unknown>) => ({ ...old, ...part }) });
  return (
    <Page title={s.title} sub={s.sub}>
      <RunningProgram
        chosen={search.program}
        label={s.program}
        none={s.noProgram}
        onChoose={(id) => go({ program: id })}
      >
        {(program) =>
          of ? (
            <Branch
              key={`${program.id}${of}`}
              programId={program.id}
              unitId={of}
              onBack={me.unit.level === "branch" ? null : () => go({ of: undefined })}
            />
          ) : (
            <Outlets programId={program.id} onOpen={(id) => go({ of: id })} />
          )
        }
      </RunningProgram>
    </Page>
  );
}

function Outlook({ row }: { row: ShortfallRow }) {
  const s = useWords().shortfall;
  const o = row.outlook;
  if (o.kind === "clear" && row.open_days > 0) return <Tag tone="warn">{s.notTyped(num(row.open_days))}</Tag>;
  if (o.kind === "clear") return <Tag tone="ok">{s.clear}</Tag>;
  if (o.kind === "until") return <span>{s.until(o.day ?? "", num(o.spare))}</span>;
  return <b className="bad-text">{s.never(num(o.spare), num(o.missing))}</b>;
}

function Outlets({ programId, onOpen }: { programId: string; onOpen: (unitId: string) => void }) {
  const s = useWords().shortfall;
  const query = useQuery({
    queryKey: ["shortfalls", programId],
    queryFn: () => api.shortfalls(programId),
  });
  return (
    <Panel
      flush
      title={s.title}
      extra={
        <a className="button-link" href={api.shortfallBookUrl(programId)} download>
          <DownloadOutlined /> {s.book}
        </a>
      }
    >
      <View query={query}>
        {(data) => (
          <ServerTable<ShortfallRow>
            label={s.title}
            rows={data.items}
            rowKey={(r) => r.unit_id}
            empty={<Empty text={s.empty} />}
            columns={[
              {
                key: "unit",
                title: s.branch,
                render: (r) => (
                  <Button type="link" onClick={() => onOpen(r.unit_id)}>
                    {r.unit_name}
                  </Button>
                ),
              },
              { key: "quota", title: s.quota, numeric: true, render: (r) => num(r.quota) },
              { key: "due", title: s.due, numeric: true, render: (r) => num(r.due) },
              { key: "done", title: s.done, numeric: true, render: (r) => num(r.done) },
              {
                key: "balance",
                title: s.balance,
                numeric: true,
                render: (r) =>
                  r.balance > 0 ? <b className="bad-text">{num(r.balance)}</b> : num(r.balance),
              },
              { key: "open", title: s.openDays, numeric: true, render: (r) => num(r.open_days) },
              { key: "outlook", title: s.outlook, render: (r) => <Outlook row={r} /> },
            ]}
          />
        )}
      </View>
    </Panel>
  );
}

function Branch({
  programId,
  unitId,
  onBack,
}: {
  programId: string;
  unitId: string;
  onBack: (() => void) | null;
}) {
  const s = useWords().shortfall;
  const query = useQuery({
    queryKey: ["shortfall", programId, unitId],
    queryFn: () => api.shortfall(programId, unitId),
  });
  const program = useQuery({ queryKey: ["program", programId], queryFn: () => api.program(programId) });
  const may = useMay("plan.confirm");
  return (
    <View query={query}>
      {(data) => (
        <div className="stack">
          {onBack ? (
            <div className="no-print">
              <Button onClick={onBack}>← {s.back}</Button>
            </div>
          ) : null}
          {may ? <CountForm programId={programId} unitId={unitId} data={data} /> : null}
          <Ledger data={data} />
          <Counts data={data} />
          <View query={program}>
            {(p) => <Sweeps program={p} unitId={unitId} today={data.today} may={may} />}
          </View>
        </div>
      )}
    </View>
  );
}

function CountForm({
  programId,
  unitId,
  data,
}: {
  programId: string;
  unitId: string;
  data: ShortfallDetail;
}) {
  const w = useWords();
  const s = w.shortfall;
  const client = useQueryClient();
  const notice = useNotice();
  const [day, setDay] = useState(data.today);
  const [households, setHouseholds] = useState<number | null>(null);
  const [reason, setReason] = useState("");
  const before = data.counts.filter((c) => c.day === day).at(-1);
  const save = useMutation({
    mutationFn: () =>
      api.typeVisitCount(programId, unitId, day, {
        households: households ?? 0,
        reason: before ? reason : "",
      }),
    onSuccess: (after) => {
      client.setQueryData(["shortfall", programId, unitId], after);
      client.invalidateQueries({ queryKey: ["shortfalls", programId] });
      setHouseholds(null);
      setReason("");
      notice(s.saved);
    },
  });
  return (
    <Panel title={s.today}>
      <form
        className="line"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <DatePicker
          aria-label={s.day}
          allowClear={false}
          value={dayjs(day)}
          maxDate={dayjs(data.today)}
          onChange={(next: Dayjs | null) => next && setDay(next.format("YYYY-MM-DD"))}
        />
        <InputNumber
          aria-label={s.households}
          placeholder={s.households}
          min={0}
          max={1000}
          value={households}
          onChange={setHouseholds}
          controls={false}
        />
        {before ? (
          <Input
            aria-label={s.reason}
            placeholder={s.reason}
            value={reason}
            maxLength={200}
            onChange={(e) => setReason(e.target.value)}
          />
        ) : null}
        <Button
          type="primary"
          htmlType="submit"
          loading={save.isPending}
          disabled={households === null || (before !== undefined && !reason.trim())}
        >
          {s.save}
        </Button>
      </form>
      {before ? <p className="hint">{s.typed(num(before.households))}</p> : null}
      <ErrorBox error={save.error} />
    </Panel>
  );
}

function Ledger({ data }: { data: ShortfallDetail }) {
  const s = useWords().shortfall;
  return (
    <Panel
      flush
      title={s.of(data.row.unit_name)}
      hint={
        <>
          {s.balance} <b className="num">{num(data.row.balance)}</b> · <Outlook row={data.row} />
        </>
      }
    >
      <ServerTable<ShortfallEntry>
        label={s.ledger}
        rows={[...data.entries].reverse()}
        rowKey={(e) => `${e.day}${e.source}`}
        empty={<Empty text={s.ledgerEmpty} />}
        columns={[
          { key: "day", title: s.day, nowrap: true, render: (e) => <span className="num">{e.day}</span> },
          { key: "due", title: s.due, numeric: true, render: (e) => num(e.due) },
          { key: "done", title: s.done, numeric: true, render: (e) => (e.done === null ? "–" : num(e.done)) },
          { key: "carried", title: s.carried, numeric: true, render: (e) => num(e.carried) },
          { key: "repaid", title: s.repaid, numeric: true, render: (e) => num(e.repaid) },
          { key: "balance", title: s.balance, numeric: true, render: (e) => num(e.balance) },
          { key: "source", title: s.source, render: (e) => s.sources[e.source] ?? e.source },
        ]}
      />
    </Panel>
  );
}

function Counts({ data }: { data: ShortfallDetail }) {
  const w = useWords();
  const s = w.shortfall;
  return (
    <Panel flush title={s.history}>
      <ServerTable<VisitCount>
        label={s.history}
        rows={[...data.counts].reverse()}
        rowKey={(c) => `${c.day}${c.seq}`}
        empty={<Empty text={s.historyEmpty} />}
        columns={[
          { key: "day", title: s.day, nowrap: true, render: (c) => <span className="num">{c.day}</span> },
          { key: "n", title: s.households, numeric: true, render: (c) => num(c.households) },
          { key: "source", title: s.source, render: (c) => s.sources[c.source] ?? c.source },
          { key: "by", title: w.common.who, render: (c) => c.by_name },
          { key: "at", title: w.common.time, render: (c) => <span className="num">{stamp(c.at)}</span> },
          { key: "why", title: s.corrected, render: (c) => c.reason || "–" },
        ]}
      />
    </Panel>
  );
}

function Sweeps({
  program,
  unitId,
  today,
  may,
}: {
  program: ProgramDetail;
  unitId: string;
  today: string;
  may: boolean;
}) {
  const w = useWords();
  const s = w.shortfall;
  const query = useQuery({
    queryKey: ["sweeps", program.id, unitId],
    queryFn: () => api.sweeps(program.id, unitId),
  });
  const posts = useQuery({ queryKey: ["posts"], queryFn: api.posts, staleTime: 600_000 });
  const postName = (code: string) => posts.data?.items.find((p) => p.code === code)?.name ?? code;
  const takes = sweepOf(program.definition);
  const mayAdd = useMay("customer.write");
  const [adding, setAdding] = useState<{ id: string; name: string } | null>(null);
  const window = (id: string) => windowsOf(program.definition).find((x) => x.id === id)?.title ?? id;
  return (
    <Panel flush title={s.sweeps} hint={s.sweepsHint}>
      <p className="pad">
        {s.opener}：{takes.outside.map(postName).join("、") || "–"} · {s.takes}：
        {takes.carry.map((m) => w.filing.material(m)).join("、")} · {s.traces}：
        {takes.traces.map((t) => s.trace(t)).join("、")}
      </p>
      {adding ? (
        <AddMet key={adding.id} unitId={unitId} group={adding} onClose={() => setAdding(null)} />
      ) : null}
      {may ? <SweepForm program={program} unitId={unitId} today={today} /> : null}
      <View query={query}>
        {(data) => (
          <ServerTable<Sweep>
            label={s.sweeps}
            rows={data.items}
            rowKey={(x) => `${x.village_group_id}${x.day}${x.window}`}
            empty={<Empty text={s.sweepsEmpty} />}
            columns={[
              { key: "group", title: s.group, render: (x) => x.village_group_name },
              { key: "day", title: s.day, render: (x) => <span className="num">{x.day}</span> },
              { key: "window", title: s.window, render: (x) => window(x.window) },
              { key: "met", title: s.met, numeric: true, render: (x) => num(x.households_met) },
              {
                key: "traces",
                title: s.traces,
                render: (x) => x.traces.map((t) => s.trace(t)).join("、") || "–",
              },
              { key: "by", title: w.common.who, render: (x) => x.by_name },
              {
                key: "add",
                title: "",
                render: (x) =>
                  mayAdd ? (
                    <Button
                      aria-label={`${s.addCustomer}：${x.village_group_name}`}
                      onClick={() => setAdding({ id: x.village_group_id, name: x.village_group_name })}
                    >
                      {s.addCustomer}
                    </Button>
                  ) : null,
              },
            ]}
          />
        )}
      </View>
    </Panel>
  );
}

function SweepForm({ program, unitId, today }: { program: ProgramDetail; unitId: string; today: string }) {
  const w = useWords();
  const s = w.shortfall;
  const client = useQueryClient();
  const notice = useNotice();
  const d = program.definition;
  const teams = teamsOf(d).filter((t) => t.kind === "first");
  const windows = windowsOf(d).filter((x) => teams.some((t) => t.windows.includes(x.id)));
  const [group, setGroup] = useState<string | null>(null);
  const [day, setDay] = useState(today);
  const [window, setWindow] = useState(windows[0]?.id ?? "");
  const [met, setMet] = useState<number | null>(null);
  const [traces, setTraces] = useState<string[]>([]);
  const groups = useQuery({ queryKey: ["village-groups", unitId], queryFn: () => api.villageGroups(unitId) });
  const save = useMutation({
    mutationFn: () =>
      api.putSweep(program.id, unitId, {
        village_group_id: group ?? "",
        day,
        window,
        households_met: met ?? 0,
        traces,
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["sweeps", program.id, unitId] });
      setMet(null);
      setTraces([]);
      notice(s.saved);
    },
  });
  if (teams.length === 0) return null;
  return (
    <form
      className="line pad"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Select
        aria-label={s.group}
        placeholder={s.chooseGroup}
        showSearch
        optionFilterProp="label"
        style={{ minWidth: "12rem" }}
        value={group}
        options={(groups.data?.items ?? []).map((g) => ({ value: g.id, label: groupName(g) }))}
        onChange={(id: string) => setGroup(id)}
      />
      <DatePicker
        aria-label={s.day}
        allowClear={false}
        value={dayjs(day)}
        maxDate={dayjs(today)}
        onChange={(next: Dayjs | null) => next && setDay(next.format("YYYY-MM-DD"))}
      />
      <Select
        aria-label={s.window}
        value={window}
        options={windows.map((x) => ({ value: x.id, label: x.title }))}
        onChange={(id: string) => setWindow(id)}
      />
      <InputNumber
        aria-label={s.met}
        placeholder={s.met}
        min={0}
        max={1000}
        value={met}
        onChange={setMet}
        controls={false}
      />
      <Checkbox.Group
        value={traces}
        onChange={(all) => setTraces(all)}
        options={sweepOf(d).traces.map((t) => ({ value: t, label: s.trace(t) }))}
      />
      <Button type="primary" htmlType="submit" loading={save.isPending} disabled={!group || met === null}>
        {s.sweepSave}
      </Button>
      <ErrorBox error={save.error ?? groups.error} />
    </form>
  );
}

/** Households met at the door, one after the other: a name and where the door is. The rest is asked for later. */
function AddMet({
  unitId,
  group,
  onClose,
}: {
  unitId: string;
  group: { id: string; name: string };
  onClose: () => void;
}) {
  const w = useWords();
  const s = w.shortfall;
  const client = useQueryClient();
  const notice = useNotice();
  const [name, setName] = useState("");
  const [door, setDoor] = useState("");
  const [added, setAdded] = useState(0);
  const add = useMutation({
    mutationFn: () =>
      api.addCustomer(unitId, {
        customer_no: `M${Date.now().toString(36).toUpperCase()}`,
        name: name.trim(),
        address: door.trim() === "" ? null : door.trim(),
        village_group_id: group.id,
        source_channel: "on_site",
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["customers"] });
      setName("");
      setDoor("");
      setAdded((n) => n + 1);
      notice(s.saved);
    },
  });
  return (
    <form
      className="line pad"
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      <b style={{ whiteSpace: "nowrap" }}>{s.addTo(group.name)}</b>
      <Input
        aria-label={w.customers.name}
        placeholder={w.customers.name}
        value={name}
        maxLength={40}
        style={{ maxWidth: "10rem" }}
        autoComplete="off"
        onChange={(e) => setName(e.target.value)}
      />
      <Input
        aria-label={s.door}
        placeholder={s.door}
        value={door}
        maxLength={100}
        style={{ maxWidth: "18rem" }}
        autoComplete="off"
        onChange={(e) => setDoor(e.target.value)}
      />
      <Button type="primary" htmlType="submit" loading={add.isPending} disabled={!name.trim()}>
        {s.addCustomer}
      </Button>
      <Button onClick={onClose}>{w.common.close}</Button>
      <span className="hint num" style={{ whiteSpace: "nowrap" }}>
        {s.addedCount(num(added))}
      </span>
      <ErrorBox error={add.error} />
    </form>
  );
}
