// The installation: versions, keys, the self-check and the packs.
import { useQuery } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import { num } from "@zoufang/shared/format.ts";
import { Button } from "antd";
import { useWords } from "../session.ts";
import { Facts, Page, Panel, Tag } from "../ui/layout.tsx";
import { Empty, View } from "../ui/states.tsx";
import { ServerTable } from "../ui/table.tsx";

export function SystemPage() {
  const w = useWords();
  const s = w.system;
  const checks: Record<string, string> = s.checks;
  const suites: Record<string, string> = s.suites;
  const query = useQuery({ queryKey: ["system"], queryFn: api.system });
  const packs = useQuery({ queryKey: ["packs"], queryFn: api.packs });
  return (
    <Page
      title={s.title}
      actions={
        <Button loading={query.isFetching} onClick={() => query.refetch()}>
          {s.again}
        </Button>
      }
    >
      <View query={query}>
        {(data) => (
          <>
            <Panel>
              <Facts
                items={[
                  [s.version, data.version],
                  [s.engine, data.engine],
                  [s.migrations, String(data.migrations)],
                  [s.suite, suites[data.suite] ?? data.suite],
                  [s.key, String(data.key_id)],
                  [s.jobs, num(data.jobs_open)],
                ]}
              />
            </Panel>
            <Panel flush title={s.doctor}>
              <ServerTable
                label={s.doctor}
                rows={data.doctor}
                rowKey={(d) => d.check}
                columns={[
                  { key: "check", title: s.check, nowrap: true, render: (d) => checks[d.check] ?? d.check },
                  {
                    key: "ok",
                    title: s.result,
                    nowrap: true,
                    render: (d) => (
                      <Tag tone={d.ok ? "ok" : "bad"}>{d.ok ? `✓ ${s.good}` : `! ${s.bad}`}</Tag>
                    ),
                  },
                  { key: "detail", title: w.common.note, render: (d) => d.detail },
                ]}
              />
            </Panel>
          </>
        )}
      </View>
      <Panel flush title={s.packs}>
        <View query={packs}>
          {(data) => (
            <ServerTable
              label={s.packs}
              rows={data.items}
              rowKey={(p) => p.id}
              empty={<Empty text={s.packsEmpty} />}
              columns={[
                { key: "title", title: w.common.name, render: (p) => p.title },
                { key: "id", title: w.common.code, nowrap: true, render: (p) => p.id },
                { key: "version", title: s.version, render: (p) => String(p.version) },
                { key: "forms", title: s.forms, numeric: true, render: (p) => num(p.forms) },
                { key: "indicators", title: s.indicators, numeric: true, render: (p) => num(p.indicators) },
                { key: "menu", title: s.menu, numeric: true, render: (p) => num(p.menu) },
              ]}
            />
          )}
        </View>
      </Panel>
    </Page>
  );
}
