// Who did what, and whether the chain of records is whole.
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate, useSearch } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { AuditEvent } from "@zoufang/shared/api/types.ts";
import { auditText } from "@zoufang/shared/audit.ts";
import { num, stamp } from "@zoufang/shared/format.ts";
import { Button, Input } from "antd";
import { useState } from "react";
import { useMay, useWords } from "../session.ts";
import { Page, Panel } from "../ui/layout.tsx";
import { Empty, ErrorBox, View } from "../ui/states.tsx";
import { type Column, Pager, ServerTable } from "../ui/table.tsx";

const route = getRouteApi("/shell/audit");

export function AuditPage() {
  const w = useWords();
  const a = w.audit;
  const search = route.useSearch();
  const scope = useSearch({ strict: false }).unit;
  const navigate = useNavigate();
  const [action, setAction] = useState(search.action ?? "");
  const query = useQuery({
    queryKey: ["audit", scope, search.action, search.after],
    queryFn: () => api.audit({ unit_id: scope, action: search.action, limit: 100, after: search.after }),
    placeholderData: keepPreviousData,
  });
  const mayVerify = useMay("audit.verify");
  const verify = useMutation({ mutationFn: api.verifyAudit });
  const set = (change: Record<string, string | undefined>) =>
    navigate({
      to: "/audit",
      search: (old: Record<string, unknown>) => ({ ...old, after: undefined, ...change }),
    });
  const columns: Column<AuditEvent>[] = [
    {
      key: "at",
      title: w.common.time,
      nowrap: true,
      render: (e) => <span className="num">{stamp(e.at)}</span>,
    },
    { key: "who", title: w.common.who, nowrap: true, render: (e) => e.actor_name ?? "–" },
    {
      key: "action",
      title: a.action,
      nowrap: true,
      render: (e) => (
        <button
          type="button"
          className="link-button"
          title={e.action}
          onClick={() => {
            setAction(e.action);
            set({ action: e.action });
          }}
        >
          {e.action_name}
        </button>
      ),
    },
    { key: "unit", title: w.common.unit, nowrap: true, render: (e) => e.unit_name ?? "–" },
    {
      key: "summary",
      title: a.summary,
      render: (e) => <span title={e.summary}>{auditText(e.summary, w) || "–"}</span>,
    },
    { key: "seq", title: a.seq, numeric: true, render: (e) => `${e.stream}·${num(e.seq)}` },
  ];
  return (
    <Page
      title={a.title}
      actions={
        mayVerify ? (
          <Button type="primary" loading={verify.isPending} onClick={() => verify.mutate()}>
            {a.verify}
          </Button>
        ) : null
      }
    >
      <ErrorBox error={verify.error} />
      {verify.data ? (
        <div className={verify.data.ok ? "box box-ok" : "box box-error"} role="status">
          <b>{verify.data.ok ? `✓ ${a.ok(num(verify.data.events))}` : a.bad(verify.data.findings.length)}</b>
          <ul className="plain">
            {verify.data.findings.map((f) => (
              <li key={`${f.unit_name}-${f.stream}-${f.seq}-${f.kind}`}>
                {f.unit_name} {f.stream}·{f.seq} {f.text}
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      <Panel flush>
        <form
          className="filters"
          onSubmit={(event) => {
            event.preventDefault();
            set({ action: action.trim() || undefined });
          }}
        >
          <Input
            aria-label={a.actionFilter}
            placeholder={a.actionFilter}
            value={action}
            allowClear
            onChange={(e) => {
              setAction(e.target.value);
              if (!e.target.value) set({ action: undefined });
            }}
          />
          <Button htmlType="submit">{w.common.search}</Button>
          <span className="hint">{a.hint}</span>
        </form>
        <View query={query}>
          {(data) => (
            <>
              <ServerTable
                label={a.title}
                columns={columns}
                rows={data.items}
                rowKey={(e) => e.id}
                empty={<Empty text={a.empty} />}
              />
              <Pager
                after={search.after}
                next={data.next}
                shown={data.items.length}
                onMove={(after) => set({ after })}
              />
            </>
          )}
        </View>
      </Panel>
    </Page>
  );
}
