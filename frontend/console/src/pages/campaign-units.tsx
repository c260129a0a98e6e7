// What each branch gets in a campaign: its own quota and collection plan (saved row by row), and its targets.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { ProgramDetail, ProgramUnit, Target } from "@zoufang/shared/api/types.ts";
import { num, weekOf } from "@zoufang/shared/format.ts";
import { Button, InputNumber } from "antd";
import { useState } from "react";
import { useMay, useMe, useWords } from "../session.ts";
import { dayText } from "../ui/dates.ts";
import { Panel, Tag } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { Empty, ErrorBox, View } from "../ui/states.tsx";
import { Pager, ServerTable } from "../ui/table.tsx";
import { planTone } from "./plans.tsx";

function Editable({ program, row }: { program: ProgramDetail; row: ProgramUnit }) {
  const w = useWords();
  const c = w.campaigns;
  const client = useQueryClient();
  const notice = useNotice();
  const [plan, setPlan] = useState<number | null>(row.collection_plan);
  const [quota, setQuota] = useState<number | null>(row.quota_per_day);
  const changed = plan !== row.collection_plan || quota !== row.quota_per_day;
  const save = useMutation({
    mutationFn: () =>
      api.setProgramUnit(program.id, row.unit_id, {
        ...(plan === null ? {} : { collection_plan: plan }),
        ...(quota === null ? {} : { quota_per_day: quota }),
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["program-units", program.id] });
      await client.invalidateQueries({ queryKey: ["check", program.id] });
      notice(`${row.unit_name} · ${w.common.saved}`);
    },
  });
  return (
    <div className="line">
      <InputNumber
        aria-label={`${row.unit_name} ${c.collection}`}
        placeholder={c.collectionShort}
        min={0}
        value={plan}
        onChange={setPlan}
        controls={false}
      />
      <InputNumber
        aria-label={`${row.unit_name} ${c.quota}`}
        min={1}
        value={quota}
        onChange={setQuota}
        controls={false}
      />
      <Button
        disabled={!changed}
        loading={save.isPending}
        aria-label={`${w.common.save}: ${row.unit_name}`}
        onClick={() => save.mutate()}
      >
        {w.common.save}
      </Button>
      <ErrorBox error={save.error} />
    </div>
  );
}

export function CampaignUnits({
  program,
  of,
  after,
}: {
  program: ProgramDetail;
  of: string | undefined;
  after: string | undefined;
}) {
  const w = useWords();
  const c = w.campaigns;
  const me = useMe();
  const may = useMay("program.write");
  const query = useQuery({
    queryKey: ["program-units", program.id],
    queryFn: () => api.programUnits(program.id),
  });
  const week = weekOf(me.system.today);
  return (
    <View query={query}>
      {(data) => (
        <div className="stack">
          <Panel flush title={c.perUnit} hint={may ? `${c.collectionHint} ${c.perUnitHint}` : undefined}>
            <ServerTable
              label={c.perUnit}
              rows={data.items}
              rowKey={(r) => r.unit_id}
              empty={<Empty text={c.unitsEmpty} />}
              columns={[
                { key: "unit", title: w.plans.branch, render: (r) => r.unit_name },
                {
                  key: "params",
                  title: `${c.collection} · ${c.quota}`,
                  render: (r) =>
                    may && program.state !== "closed" ? (
                      <Editable key={`${r.collection_plan}-${r.quota_per_day}`} program={program} row={r} />
                    ) : (
                      <span className="num">{c.unitLine(num(r.collection_plan), num(r.quota_per_day))}</span>
                    ),
                },
                {
                  key: "quota_from",
                  title: w.editor.life.quotaToday,
                  render: (r) =>
                    r.quota_from
                      ? w.editor.life.quotaFrom(num(r.quota_today), dayText(r.quota_from, w))
                      : c.quotaValue(num(r.quota_today)),
                },
                { key: "teams", title: c.teams, numeric: true, render: (r) => num(r.teams) },
                {
                  key: "targets",
                  title: c.targets,
                  numeric: true,
                  render: (r) => (
                    <Link
                      to="/campaigns/$programId"
                      params={{ programId: program.id }}
                      search={(old) => ({ ...old, tab: "units", of: r.unit_id, after: undefined })}
                      aria-label={`${c.targetsOf(r.unit_name)} ${num(r.targets)}`}
                    >
                      {num(r.targets)}
                    </Link>
                  ),
                },
                {
                  key: "week",
                  title: c.weekState,
                  render: (r) => (
                    <Link
                      to="/plans/$programId/$unitId/$week"
                      params={{ programId: program.id, unitId: r.unit_id, week }}
                      aria-label={`${r.unit_name} ${w.planState[r.week_state]}`}
                    >
                      <Tag tone={planTone[r.week_state]}>{w.planState[r.week_state]}</Tag>
                    </Link>
                  ),
                },
              ]}
            />
          </Panel>
          {of ? (
            <Targets
              programId={program.id}
              unitId={of}
              unitName={data.items.find((r) => r.unit_id === of)?.unit_name ?? ""}
              after={after}
            />
          ) : null}
        </div>
      )}
    </View>
  );
}

function Targets({
  programId,
  unitId,
  unitName,
  after,
}: {
  programId: string;
  unitId: string;
  unitName: string;
  after: string | undefined;
}) {
  const w = useWords();
  const c = w.campaigns;
  const [at, setAt] = useState(after);
  const query = useQuery({
    queryKey: ["targets", programId, unitId, at],
    queryFn: () => api.targets(programId, unitId, { limit: 50, after: at }),
  });
  return (
    <Panel flush title={c.targetsOf(unitName)}>
      <View query={query}>
        {(data) => (
          <>
            <ServerTable<Target>
              label={c.targetsOf(unitName)}
              rows={data.items}
              rowKey={(t) => t.id}
              empty={<Empty text={c.targetsEmpty} />}
              columns={[
                { key: "p", title: c.priority, numeric: true, width: "5rem", render: (t) => num(t.priority) },
                {
                  key: "name",
                  title: w.customers.name,
                  nowrap: true,
                  render: (t) =>
                    t.customer_id ? (
                      <Link
                        to="/customers/$unitId/$customerId"
                        params={{ unitId, customerId: t.customer_id }}
                      >
                        {t.name_masked}
                      </Link>
                    ) : (
                      t.name_masked
                    ),
                },
                { key: "group", title: w.customers.group, render: (t) => t.village_group_name ?? "–" },
                { key: "why", title: c.reasons, render: (t) => t.reasons.join("；") },
                {
                  key: "kind",
                  title: c.kind,
                  nowrap: true,
                  render: (t) => (t.kind === "first" ? c.kindFirst : c.kindPrecise),
                },
                {
                  key: "due",
                  title: c.due,
                  nowrap: true,
                  render: (t) => <span className="num">{t.due_day ?? "–"}</span>,
                },
                {
                  key: "complete",
                  title: w.customers.complete,
                  render: (t) =>
                    t.four_fields_complete ? (
                      <Tag tone="ok">{w.common.yes}</Tag>
                    ) : (
                      <Tag tone="warn">{w.customers.incomplete}</Tag>
                    ),
                },
              ]}
            />
            <Pager after={at} next={data.next} shown={data.items.length} onMove={setAt} />
          </>
        )}
      </View>
    </Panel>
  );
}
