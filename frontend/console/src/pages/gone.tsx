// 地址待核实: households that visitors did not find any more. They are planned no more; when the address has been looked
// into, the outlet puts them back with a reason, and the next week plan has them again.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { Gone } from "@zoufang/shared/api/types.ts";
import { num } from "@zoufang/shared/format.ts";
import { Button, Form, Input } from "antd";
import { useState } from "react";
import { useMay, useMe, useUnits, useWords } from "../session.ts";
import { dayText } from "../ui/dates.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Page, Panel } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { RunningProgram } from "../ui/running-program.tsx";
import { Empty, View } from "../ui/states.tsx";
import { type Column, Pager, ServerTable } from "../ui/table.tsx";

const route = getRouteApi("/shell/gone");
const ROWS = 50;

export function GonePage() {
  const t = useWords().gone;
  const me = useMe();
  const { tree } = useUnits();
  const navigate = useNavigate();
  const search = route.useSearch();
  const unitId = search.unit ?? me.unit.id;
  const unit = tree.byId.get(unitId) ?? me.unit;
  return (
    <Page title={t.title} sub={t.sub}>
      <RunningProgram
        chosen={search.program}
        label={t.program}
        none={t.noProgram}
        onChoose={(id) =>
          navigate({ to: "/gone", search: (old: Record<string, unknown>) => ({ ...old, program: id }) })
        }
      >
        {(program) =>
          unit.level === "branch" ? (
            <List key={unitId} programId={program.id} unitId={unitId} />
          ) : (
            <Panel>
              <Empty text={t.onlyBranch} />
            </Panel>
          )
        }
      </RunningProgram>
    </Page>
  );
}

function List({ programId, unitId }: { programId: string; unitId: string }) {
  const w = useWords();
  const t = w.gone;
  const may = useMay("plan.write");
  const notice = useNotice();
  const search = route.useSearch();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [chosen, setChosen] = useState<Gone | null>(null);
  const outcomes: Record<string, string> = w.desk.outcomes;
  const query = useQuery({
    queryKey: ["gone", programId, unitId, search.after],
    queryFn: () => api.gone(programId, unitId, { limit: ROWS, after: search.after }),
  });
  const relist = async (reason: string) => {
    if (!chosen) return;
    await api.relist(programId, unitId, chosen.target_id, { reason });
    await client.invalidateQueries({ queryKey: ["gone"] });
    notice(t.done);
  };
  const columns: Column<Gone>[] = [
    {
      key: "name",
      title: t.household,
      nowrap: true,
      render: (g) => (
        <Link to="/households/$unitId/$householdId" params={{ unitId, householdId: g.household_id }}>
          {g.name_masked}
        </Link>
      ),
    },
    { key: "group", title: t.group, render: (g) => g.village_group_name ?? "–" },
    {
      key: "outcome",
      title: t.outcome,
      render: (g) => {
        const text = g.outcome ? (outcomes[g.outcome] ?? g.outcome) : "–";
        if (!g.visit_id) return text;
        return (
          <Link to="/visits/$unitId/$visitId" params={{ unitId, visitId: g.visit_id }}>
            {text}
          </Link>
        );
      },
    },
    {
      key: "day",
      title: t.day,
      nowrap: true,
      render: (g) => <span className="num">{dayText(g.day, w)}</span>,
    },
    { key: "by", title: t.by, render: (g) => g.by_name ?? "–" },
    {
      key: "act",
      title: w.common.actions,
      render: (g) =>
        may ? (
          <Button size="small" aria-label={t.relistOf(g.name_masked)} onClick={() => setChosen(g)}>
            {t.relist}
          </Button>
        ) : null,
    },
  ];
  return (
    <View query={query}>
      {(data) => (
        <Panel
          flush
          title={t.list}
          hint={data.items.length > 0 ? t.listHint(num(data.items.length)) : undefined}
        >
          <ServerTable<Gone>
            label={t.list}
            columns={columns}
            rows={data.items}
            rowKey={(g) => g.target_id}
            empty={<Empty text={t.empty} />}
          />
          <Pager
            after={search.after}
            next={data.next}
            shown={data.items.length}
            onMove={(after) =>
              navigate({ to: "/gone", search: (old: Record<string, unknown>) => ({ ...old, after }) })
            }
          />
          <FormDialog<{ reason: string }>
            title={chosen ? t.relistOf(chosen.name_masked) : t.relist}
            open={chosen !== null}
            onClose={() => setChosen(null)}
            ok={t.relist}
            onSubmit={(v) => relist(v.reason)}
          >
            <p className="hint">{t.relistHint}</p>
            <Form.Item
              name="reason"
              label={t.reason}
              rules={[{ required: true, message: w.common.required }]}
            >
              <Input maxLength={100} />
            </Form.Item>
          </FormDialog>
        </Panel>
      )}
    </View>
  );
}
