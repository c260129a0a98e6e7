// The installation: versions, keys, the last backup, the self-check and the packs.
import { useQuery } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type { Pack } from "@zoufang/shared/api/types.ts";
import { bytes, num, stamp } from "@zoufang/shared/format.ts";
import { Button } from "antd";
import type { ReactNode } from "react";
import { useWords } from "../session.ts";
import { Facts, Page, Panel, Tag } from "../ui/layout.tsx";
import { Empty, View } from "../ui/states.tsx";
import { ServerTable } from "../ui/table.tsx";

const count = (value: Pack["forms"] | Pack["menu"]): string =>
  typeof value === "number" ? num(value) : num(value?.length ?? 0);

export function SystemPage() {
  const w = useWords();
  const s = w.system;
  const query = useQuery({ queryKey: ["system"], queryFn: api.system });
  const packs = useQuery({ queryKey: ["packs"], queryFn: api.packs });
  const backup = (at: string | null | undefined) => (at ? stamp(at) : <Tag tone="warn">{s.backupNone}</Tag>);
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
                  [s.suite, data.suite],
                  [s.key, String(data.key_id)],
                  ...(data.backup_last === undefined
                    ? []
                    : [[s.backup, backup(data.backup_last)] as [string, ReactNode]]),
                  ...(data.disk_free === undefined
                    ? []
                    : [[s.disk, bytes(data.disk_free)] as [string, ReactNode]]),
                  ...(data.jobs_open === undefined
                    ? []
                    : [[s.jobs, num(data.jobs_open)] as [string, ReactNode]]),
                ]}
              />
            </Panel>
            <Panel flush title={s.doctor}>
              <ServerTable
                label={s.doctor}
                rows={data.doctor}
                rowKey={(d) => d.check}
                columns={[
                  { key: "check", title: s.check, nowrap: true, render: (d) => d.check },
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
                { key: "forms", title: s.forms, numeric: true, render: (p) => count(p.forms) },
                { key: "indicators", title: s.indicators, numeric: true, render: (p) => count(p.indicators) },
                { key: "menu", title: s.menu, numeric: true, render: (p) => count(p.menu) },
              ]}
            />
          )}
        </View>
      </Panel>
    </Page>
  );
}
