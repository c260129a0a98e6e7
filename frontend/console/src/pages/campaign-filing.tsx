// Before the start: every outlet hands in its visit plan, the county accepts it or returns it, and a version of the
// campaign is approved by somebody who did not write it. The plan of an outlet prints as its 网点走访计划.
import { PrinterOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type {
  AcceptedFilings,
  FiledPlan,
  FilingDetail,
  FilingRow,
  Filings,
  ProgramDetail,
} from "@zoufang/shared/api/types.ts";
import { addDays, mondayOf, num, stamp, weekOf } from "@zoufang/shared/format.ts";
import { Button, Checkbox, Input, Select } from "antd";
import { useState } from "react";
import { useMay, useMe, useWords } from "../session.ts";
import { weekSpan, weekText } from "../ui/dates.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Panel, Tag, type Tone } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { Empty, ErrorBox, View } from "../ui/states.tsx";
import { ServerTable } from "../ui/table.tsx";

const tone: Record<string, Tone> = { none: "plain", filed: "info", returned: "warn", accepted: "ok" };

function useRefresh(id: string) {
  const client = useQueryClient();
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["filings", id] }),
      client.invalidateQueries({ queryKey: ["filing", id] }),
    ]);
}

export function CampaignFiling({ program }: { program: ProgramDetail }) {
  const w = useWords();
  const me = useMe();
  const [shown, setShown] = useState<string | null>(me.unit.level === "branch" ? me.unit.id : null);
  const query = useQuery({ queryKey: ["filings", program.id], queryFn: () => api.filings(program.id) });
  if (shown) {
    const back = me.unit.level === "branch" ? null : () => setShown(null);
    return <Branch key={shown} program={program} unitId={shown} onBack={back} />;
  }
  return (
    <View query={query}>
      {(data) => (
        <div className="stack">
          <Approval program={program} data={data} />
          <Panel flush title={w.filing.title} hint={w.filing.hint}>
            <AcceptAll program={program} data={data} />
            <Outlets data={data} onOpen={setShown} />
          </Panel>
        </div>
      )}
    </View>
  );
}

function Outlets({ data, onOpen }: { data: Filings; onOpen: (unitId: string) => void }) {
  const w = useWords();
  const f = w.filing;
  const done = data.items.filter((r) => r.state === "filed" || r.state === "accepted").length;
  const late = data.items.filter((r) => r.late).length;
  return (
    <>
      <p className="pad" role="status">
        {data.due ? f.due(data.due) : f.noDue} · {f.count(num(done), num(data.items.length), num(late))}
      </p>
      <ServerTable<FilingRow>
        label={f.title}
        rows={data.items}
        rowKey={(r) => r.unit_id}
        empty={<Empty text={f.empty} />}
        columns={[
          { key: "unit", title: f.branch, render: (r) => r.unit_name },
          {
            key: "state",
            title: w.common.state,
            render: (r) => (
              <>
                <Tag tone={tone[r.state] ?? "plain"}>{f.state[r.state] ?? r.state}</Tag>{" "}
                {r.late ? <Tag tone="bad">{f.late}</Tag> : null}
              </>
            ),
          },
          {
            key: "at",
            title: f.when,
            render: (r) => <span className="num">{r.filed_at ? stamp(r.filed_at) : "–"}</span>,
          },
          { key: "by", title: f.by, render: (r) => r.filed_by_name ?? "–" },
          { key: "decided", title: f.decided, render: (r) => r.reason || decidedBy(r) },
          {
            key: "open",
            title: "",
            render: (r) => (
              <Button aria-label={`${f.open}：${r.unit_name}`} onClick={() => onOpen(r.unit_id)}>
                {f.open}
              </Button>
            ),
          },
        ]}
      />
    </>
  );
}

/** Who decided and when. */
const decidedBy = (r: FilingRow) =>
  r.decided_by_name ? `${r.decided_by_name} ${r.decided_at ? stamp(r.decided_at) : ""}` : "–";

/** All plans handed in, accepted with one press; what has an objection is left and says why. */
function AcceptAll({ program, data }: { program: ProgramDetail; data: Filings }) {
  const w = useWords();
  const f = w.filing;
  const may = useMay("program.write") && program.state !== "closed";
  const notice = useNotice();
  const refresh = useRefresh(program.id);
  const [asking, setAsking] = useState(false);
  const [left, setLeft] = useState<AcceptedFilings["left"]>([]);
  const seen = data.items.flatMap((r) =>
    r.state === "filed" && typeof r.seq === "number" ? [{ unit_id: r.unit_id, seq: r.seq }] : [],
  );
  if (!may || (seen.length === 0 && left.length === 0)) return null;
  return (
    <div className="pad no-print">
      {seen.length > 0 ? (
        <Button type="primary" onClick={() => setAsking(true)}>
          {f.acceptAll(num(seen.length))}
        </Button>
      ) : null}
      {left.length > 0 ? (
        <div role="status">
          <p>{f.acceptLeft(num(left.length))}</p>
          <ul className="plain">
            {left.map((l) => (
              <li key={l.unit_id}>
                {l.unit_name}：{f.acceptWhy[l.why] ?? l.why}
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      <FormDialog
        title={f.acceptAllTitle}
        open={asking}
        onClose={() => setAsking(false)}
        ok={f.decideAccept}
        onSubmit={async () => {
          const done = await api.acceptFilings(program.id, seen);
          setLeft(done.left);
          await refresh();
          notice(f.acceptAllDone(num(done.accepted)));
        }}
      >
        <p>{f.acceptAllAsk(num(seen.length))}</p>
      </FormDialog>
    </div>
  );
}

function Approval({ program, data }: { program: ProgramDetail; data: Filings }) {
  const w = useWords();
  const f = w.filing;
  const may = useMay("program.approve");
  const notice = useNotice();
  const refresh = useRefresh(program.id);
  const [note, setNote] = useState("");
  const approve = useMutation({
    mutationFn: () => api.approveProgram(program.id, { version: data.version, note }),
    onSuccess: async () => {
      await refresh();
      notice(f.approvedDone);
    },
  });
  const open = program.state === "draft" && !data.approved;
  const unfiled = data.items.filter((r) => r.state === "none" || r.state === "returned").length;
  // Plans that are due before the start: who approves without them says why.
  const why = data.due !== null && data.due !== undefined && unfiled > 0;
  return (
    <Panel title={f.approval} hint={f.approvalHint}>
      <p className={`verdict verdict-${data.approved ? "ok" : "warn"}`} role="status">
        {data.approved ? `✓ ${f.approved(data.version)}` : f.notApproved(data.version)}
      </p>
      <p>{f.author(data.author_name)}</p>
      {open && may && data.author_is_me ? <p className="why-not">{f.own}</p> : null}
      {open && may && !data.author_is_me ? (
        <div className="line wrap no-print">
          {why ? <span className="why-not">{f.unfiled(num(unfiled))}</span> : null}
          <Input
            aria-label={why ? f.noteWhy : f.note}
            placeholder={why ? f.noteWhy : f.note}
            value={note}
            maxLength={200}
            onChange={(e) => setNote(e.target.value)}
          />
          <Button
            type="primary"
            loading={approve.isPending}
            disabled={why && note.trim() === ""}
            onClick={() => approve.mutate()}
          >
            {f.approve(data.version)}
          </Button>
        </div>
      ) : null}
      <ErrorBox error={approve.error} />
      <ServerTable
        label={f.approval}
        rows={data.approvals}
        rowKey={(a) => String(a.version)}
        empty={<Empty text={f.noApprovals} />}
        columns={[
          { key: "v", title: w.common.code, render: (a) => f.version(a.version) },
          { key: "day", title: f.day, render: (a) => <span className="num">{a.day}</span> },
          { key: "by", title: w.common.who, render: (a) => a.by_name },
          { key: "filed", title: f.title, render: (a) => f.filedThen(num(a.filed), num(a.branches)) },
          { key: "note", title: w.common.note, render: (a) => a.note || "–" },
        ]}
      />
    </Panel>
  );
}

function Branch({
  program,
  unitId,
  onBack,
}: {
  program: ProgramDetail;
  unitId: string;
  onBack: (() => void) | null;
}) {
  const w = useWords();
  const query = useQuery({
    queryKey: ["filing", program.id, unitId],
    queryFn: () => api.filing(program.id, unitId),
  });
  return (
    <View query={query}>
      {(data) => (
        <div className="stack">
          {onBack ? (
            <div className="no-print">
              <Button onClick={onBack}>← {w.filing.back}</Button>
            </div>
          ) : null}
          <OnePlan key={data.filings[0]?.seq ?? 0} program={program} data={data} />
          <History data={data} />
        </div>
      )}
    </View>
  );
}

function OnePlan({ program, data }: { program: ProgramDetail; data: FilingDetail }) {
  const w = useWords();
  const f = w.filing;
  const newest = data.filings[0];
  const mayFile = useMay("plan.confirm") && program.state !== "closed";
  const editable = mayFile && newest?.state !== "accepted";
  return (
    <Panel
      title={f.planOf(data.unit_name)}
      extra={
        newest ? (
          <Button className="no-print" icon={<PrinterOutlined />} onClick={() => window.print()}>
            {f.print}
          </Button>
        ) : null
      }
    >
      <p role="status" className="no-print">
        <Tag tone={tone[newest?.state ?? "none"] ?? "plain"}>{f.state[newest?.state ?? "none"]}</Tag>{" "}
        {data.late ? <Tag tone="bad">{f.late}</Tag> : null} {data.due ? f.due(data.due) : f.noDue}
      </p>
      {newest?.state === "returned" ? <p className="why-not no-print">{f.returned(newest.reason)}</p> : null}
      {editable ? (
        <Editor
          program={program}
          data={data}
          start={newest?.plan ?? data.proposal}
          again={newest !== undefined}
        />
      ) : null}
      {newest ? <Paper program={program} data={data} plan={newest.plan} hidden={editable} /> : null}
      {!newest && !editable ? <Empty text={f.nothing} /> : null}
      {newest?.state === "filed" ? <Decide program={program} data={data} seq={newest.seq} /> : null}
    </Panel>
  );
}

function Decide({ program, data, seq }: { program: ProgramDetail; data: FilingDetail; seq: number }) {
  const w = useWords();
  const f = w.filing;
  const may = useMay("program.write");
  const notice = useNotice();
  const refresh = useRefresh(program.id);
  const [reason, setReason] = useState("");
  const decide = useMutation({
    mutationFn: (accept: boolean) =>
      api.decideFiling(program.id, data.unit_id, { seq, accept, reason: accept ? "" : reason }),
    onSuccess: async () => {
      await refresh();
      notice(f.decidedDone);
    },
  });
  if (!may) return null;
  return (
    <div className="line no-print">
      <Button type="primary" loading={decide.isPending} onClick={() => decide.mutate(true)}>
        {f.decideAccept}
      </Button>
      <Input
        aria-label={f.reason}
        placeholder={f.reason}
        value={reason}
        maxLength={200}
        onChange={(e) => setReason(e.target.value)}
      />
      <Button disabled={!reason.trim()} onClick={() => decide.mutate(false)}>
        {f.decideReturn}
      </Button>
      <ErrorBox error={decide.error} />
    </div>
  );
}

/** The weeks of a campaign, first to last. */
function weeksOf(program: ProgramDetail): string[] {
  const all: string[] = [];
  let monday = mondayOf(weekOf(program.first_day));
  while (monday && monday <= program.last_day) {
    all.push(weekOf(monday));
    monday = addDays(monday, 7);
  }
  return all;
}

/** Names typed one after the other. */
const split = (text: string) =>
  text
    .split(/[、,，;；\n]/)
    .map((t) => t.trim())
    .filter(Boolean);

function Editor({
  program,
  data,
  start,
  again,
}: {
  program: ProgramDetail;
  data: FilingDetail;
  start: FiledPlan;
  again: boolean;
}) {
  const w = useWords();
  const f = w.filing;
  const notice = useNotice();
  const refresh = useRefresh(program.id);
  const [areas, setAreas] = useState(start.areas.map((a, i) => ({ ...a, key: i })));
  const [members, setMembers] = useState<Record<string, string>>(
    Object.fromEntries(start.teams.map((t) => [t.team, t.members.join("、")])),
  );
  const [materials, setMaterials] = useState<string[]>(start.materials);
  const [accepted, setAccepted] = useState(false);
  const collection = data.proposal.collection_plan || start.collection_plan;
  const send = useMutation({
    mutationFn: () =>
      api.filePlan(program.id, data.unit_id, {
        areas: areas.map(({ key: _, ...a }) => ({ ...a, name: a.name.trim(), week: a.week.trim() })),
        teams: data.teams.map((t) => ({ team: t.team, members: split(members[t.team] ?? "") })),
        materials,
        collection_plan: accepted ? collection : 0,
      }),
    onSuccess: async () => {
      await refresh();
      notice(f.sent);
    },
  });
  const weeks = weeksOf(program).map((week) => ({
    value: week,
    label: `${weekText(week, w)}（${weekSpan(week, w)}）`,
  }));
  const change = (key: number, part: { name?: string; week?: string }) =>
    setAreas((all) => all.map((a) => (a.key === key ? { ...a, ...part } : a)));
  return (
    <form
      className="stack no-print"
      onSubmit={(event) => {
        event.preventDefault();
        send.mutate();
      }}
    >
      <h3>{f.areas}</h3>
      <ServerTable
        label={f.areas}
        rows={areas}
        rowKey={(a) => String(a.key)}
        columns={[
          {
            key: "name",
            title: f.area,
            render: (a) =>
              a.village_group_id ? (
                a.name
              ) : (
                <Input
                  aria-label={f.area}
                  value={a.name}
                  maxLength={60}
                  onChange={(e) => change(a.key, { name: e.target.value })}
                />
              ),
          },
          {
            key: "week",
            title: f.week,
            render: (a) => (
              <Select
                aria-label={`${f.week}：${a.name}`}
                style={{ minWidth: "14rem" }}
                value={a.week}
                options={weeks}
                showSearch
                optionFilterProp="label"
                onChange={(week: string) => change(a.key, { week })}
              />
            ),
          },
          {
            key: "remove",
            title: "",
            render: (a) => (
              <Button
                aria-label={`${f.remove}：${a.name}`}
                onClick={() => setAreas((all) => all.filter((o) => o.key !== a.key))}
              >
                {f.remove}
              </Button>
            ),
          },
        ]}
      />
      <div>
        <Button
          onClick={() =>
            setAreas((all) => [
              ...all,
              {
                key: Math.max(0, ...all.map((a) => a.key)) + 1,
                village_group_id: null,
                name: "",
                week: all.at(-1)?.week ?? "",
              },
            ])
          }
        >
          {f.addArea}
        </Button>
      </div>
      <h3>{f.teams}</h3>
      {data.teams.map((t) => (
        <div key={t.team} className="stack">
          <span>
            {t.title}（{t.posts.join("、")}）· {f.members}
          </span>
          <Input
            aria-label={`${t.title} ${f.members}`}
            value={members[t.team] ?? ""}
            onChange={(e) => setMembers((all) => ({ ...all, [t.team]: e.target.value }))}
          />
        </div>
      ))}
      <h3>{f.materials}</h3>
      <Checkbox.Group
        value={materials}
        onChange={(all) => setMaterials(all)}
        options={data.materials.map((m) => ({ value: m, label: f.material(m) }))}
      />
      <Checkbox checked={accepted} onChange={(e) => setAccepted(e.target.checked)}>
        {f.accept}：{num(collection)}
      </Checkbox>
      <ErrorBox error={send.error} />
      <div>
        <Button
          type="primary"
          htmlType="submit"
          loading={send.isPending}
          disabled={!accepted || areas.length === 0}
        >
          {again ? f.resend : f.send}
        </Button>
      </div>
    </form>
  );
}

/** The plan as it hangs on the wall; while it is being written, on paper only. */
function Paper({
  program,
  data,
  plan,
  hidden,
}: {
  program: ProgramDetail;
  data: FilingDetail;
  plan: FiledPlan;
  hidden: boolean;
}) {
  const w = useWords();
  const f = w.filing;
  const title = (id: string) => data.teams.find((t) => t.team === id)?.title ?? id;
  const newest = data.filings[0];
  return (
    <article className={hidden ? "print-only stack" : "stack"}>
      <header className="print-only">
        <h1>
          {data.unit_name} {f.paperTitle}
        </h1>
        <p>
          {program.name}（{program.code}）{program.first_day} – {program.last_day}
        </p>
        {newest ? (
          <p>
            {f.version(newest.program_version)} · {f.by} {newest.filed_by_name} ·{" "}
            <span className="num">{stamp(newest.filed_at)}</span> · {f.state[newest.state]}
          </p>
        ) : null}
      </header>
      <h3>{f.areas}</h3>
      <ServerTable
        label={f.areas}
        rows={plan.areas}
        rowKey={(a) => `${a.village_group_id ?? ""}${a.name}`}
        columns={[
          { key: "name", title: f.area, render: (a) => a.name },
          { key: "week", title: f.week, render: (a) => weekText(a.week, w) },
        ]}
      />
      <h3>{f.teams}</h3>
      <ul className="plain">
        {plan.teams.map((t) => (
          <li key={t.team}>
            {title(t.team)}：{t.members.join("、")}
          </li>
        ))}
      </ul>
      <p>
        <b>{f.materials}</b> {plan.materials.map((m) => f.material(m)).join("、") || "–"}
      </p>
      <p>
        <b>{f.collection}</b> <span className="num">{num(plan.collection_plan)}</span>
      </p>
      <p className="print-only">
        {f.signed}：________________　　{f.countySigned}：________________
      </p>
    </article>
  );
}

function History({ data }: { data: FilingDetail }) {
  const w = useWords();
  const f = w.filing;
  if (data.filings.length === 0) return null;
  return (
    <Panel flush title={f.history} className="no-print">
      <ServerTable
        label={f.history}
        rows={data.filings}
        rowKey={(x) => String(x.seq)}
        columns={[
          { key: "n", title: "", render: (x) => f.nth(x.seq) },
          { key: "state", title: w.common.state, render: (x) => f.state[x.state] },
          { key: "at", title: f.when, render: (x) => <span className="num">{stamp(x.filed_at)}</span> },
          { key: "by", title: f.by, render: (x) => x.filed_by_name },
          { key: "decided", title: f.decided, render: (x) => x.reason || (x.decided_by_name ?? "–") },
        ]}
      />
    </Panel>
  );
}
