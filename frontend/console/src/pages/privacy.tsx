// What the bank owes to the people in its base, on one page of four tabs: their open requests, records that are due to
// go, agreements with outside parties, and every figure the house works by.
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate, useSearch } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { Certificate, PrivacyRequest, RetentionBatch } from "@zoufang/shared/api/types.ts";
import { num, stamp } from "@zoufang/shared/format.ts";
import { Button, Form, Input } from "antd";
import { useState } from "react";
import { useMay, useMe, useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Page, Panel, Tabs, Tag, type Tone } from "../ui/layout.tsx";
import { Empty, ErrorBox, View } from "../ui/states.tsx";
import { type Column, Pager, ServerTable } from "../ui/table.tsx";
import { Agreements } from "./privacy-agreements.tsx";
import { Parameters } from "./privacy-parameters.tsx";
import { CertificateSheet, known, RequestTag, requestNote } from "./privacy-parts.tsx";

const route = getRouteApi("/shell/privacy");
const TABS = ["requests", "retention", "agreements", "parameters"] as const;

function usePaging() {
  const navigate = useNavigate();
  const search = route.useSearch();
  return {
    after: search.after,
    move: (after: string | undefined) =>
      navigate({ to: "/privacy", search: (old: Record<string, unknown>) => ({ ...old, after }) }),
  };
}

type Ending = { one: PrivacyRequest; step: "done" | "refused" | "withdrawn" | "erase" | "keep" };

function EndDialog({ ending, onClose }: { ending: Ending | null; onClose: () => void }) {
  const w = useWords();
  const p = w.privacy;
  const client = useQueryClient();
  const submit = async ({ reason = "" }: { reason?: string }) => {
    if (!ending) return;
    const { one, step } = ending;
    if (step === "erase" || step === "keep") {
      await api.decideErasure(one.unit_id, one.id, {
        decision: step === "erase" ? "approve" : "refuse",
        reason,
      });
    } else {
      await api.endRequest(one.unit_id, one.id, { state: step, reason });
    }
    await client.invalidateQueries({ queryKey: ["requests"] });
  };
  const needsReason = ending !== null && ending.step !== "done" && ending.step !== "erase";
  return (
    <FormDialog<{ reason?: string }>
      title={ending ? `${p.steps[ending.step]} · ${ending.one.customer_no}` : ""}
      open={ending !== null}
      onClose={onClose}
      onSubmit={submit}
      ok={w.common.sure}
      danger={ending?.step === "erase"}
    >
      {ending?.step === "erase" ? <p className="box box-warn">{p.eraseHint}</p> : null}
      {ending?.step === "done" ? <p className="hint">{p.doneHint}</p> : null}
      {needsReason ? (
        <Form.Item
          name="reason"
          label={w.common.reason}
          rules={[{ required: true, message: w.common.required }]}
        >
          <Input maxLength={200} />
        </Form.Item>
      ) : null}
    </FormDialog>
  );
}

function RequestActions({ one, onEnd }: { one: PrivacyRequest; onEnd: (e: Ending) => void }) {
  const p = useWords().privacy;
  const mayWrite = useMay("privacy.write");
  const mayApprove = useMay("privacy.approve");
  const steps: Ending["step"][] = [];
  // A request that has moved is answered by the branch that has it now.
  if (one.state !== "open") return <span className="hint">–</span>;
  if (one.kind === "erasure") {
    if (mayApprove && !one.mine) steps.push("erase", "keep");
    if (mayWrite) steps.push("withdrawn");
  } else if (mayWrite) {
    steps.push("done", "refused", "withdrawn");
  }
  if (steps.length === 0) return <span className="hint">{one.mine ? p.needsOther : "–"}</span>;
  return (
    <span className="line wrap">
      {steps.map((step, at) => (
        <Button
          key={step}
          size="small"
          type={at === 0 ? "primary" : "default"}
          onClick={() => onEnd({ one, step })}
        >
          {p.steps[step]}
        </Button>
      ))}
    </span>
  );
}

function Requests() {
  const w = useWords();
  const p = w.privacy;
  const paging = usePaging();
  const [ending, setEnding] = useState<Ending | null>(null);
  const query = useQuery({
    queryKey: ["requests", paging.after],
    queryFn: () => api.privacyRequests({ after: paging.after }),
    placeholderData: keepPreviousData,
  });
  const columns: Column<PrivacyRequest>[] = [
    { key: "due", title: p.dueDay, nowrap: true, render: (r) => <span className="num">{r.due_day}</span> },
    { key: "state", title: w.common.state, nowrap: true, render: (r) => <RequestTag one={r} /> },
    {
      key: "kind",
      title: p.kind,
      nowrap: true,
      render: (r) => known(w.customerPrivacy.requestKinds, r.kind),
    },
    {
      key: "who",
      title: p.customer,
      nowrap: true,
      render: (r) => (
        <>
          {r.name_masked || p.gone} <span className="hint num">{r.customer_no}</span>
        </>
      ),
    },
    { key: "unit", title: w.common.unit, nowrap: true, render: (r) => r.unit_name },
    { key: "what", title: w.common.note, render: (r) => requestNote({ ...r, state: "" }, w) || "–" },
    { key: "by", title: p.recordedBy, nowrap: true, render: (r) => r.made_by_name },
    { key: "do", title: w.common.actions, render: (r) => <RequestActions one={r} onEnd={setEnding} /> },
  ];
  return (
    <Panel flush>
      <View query={query}>
        {(data) => (
          <>
            <ServerTable
              label={p.tabs.requests}
              columns={columns}
              rows={data.items}
              rowKey={(r) => r.id}
              empty={<Empty text={p.noRequests} />}
            />
            <Pager after={paging.after} next={data.next} shown={data.items.length} onMove={paging.move} />
          </>
        )}
      </View>
      <EndDialog ending={ending} onClose={() => setEnding(null)} />
    </Panel>
  );
}

function Due({ unitId }: { unitId: string }) {
  const w = useWords();
  const p = w.privacy;
  const query = useQuery({ queryKey: ["retention-due", unitId], queryFn: () => api.retentionDue(unitId) });
  return (
    <Panel title={p.dueTitle} hint={p.dueHint}>
      <View query={query}>
        {(data) => (
          <ul>
            {data.rules.map((r) => (
              <li key={r.rule.id}>
                {known(p.rules, r.rule.id)}（{p.ruleDays(num(r.rule.days), r.rule.after === "source_end")}）：
                <b className="num">{num(r.customers)}</b> {p.people}
                {r.since ? ` · ${p.dueSince(r.since)}` : ""}
              </li>
            ))}
          </ul>
        )}
      </View>
    </Panel>
  );
}

function Retention({ onCertificate }: { onCertificate: (unitId: string, id: string) => void }) {
  const w = useWords();
  const p = w.privacy;
  const me = useMe();
  const scope = useSearch({ strict: false }).unit;
  const client = useQueryClient();
  const paging = usePaging();
  const mayApprove = useMay("privacy.approve");
  const [doing, setDoing] = useState<{ one: RetentionBatch; approve: boolean } | null>(null);
  const query = useQuery({
    queryKey: ["retention", paging.after],
    queryFn: () => api.retention({ after: paging.after }),
    placeholderData: keepPreviousData,
    refetchInterval: (q) => (q.state.data?.items.some((b) => b.state === "approved") ? 1500 : false),
  });
  const tones: Record<string, Tone> = { proposed: "warn", approved: "info", rejected: "plain", done: "ok" };
  const columns: Column<RetentionBatch>[] = [
    {
      key: "at",
      title: w.common.time,
      nowrap: true,
      render: (b) => <span className="num">{stamp(b.made_at)}</span>,
    },
    { key: "unit", title: w.common.unit, nowrap: true, render: (b) => b.unit_name },
    { key: "rule", title: p.rule, render: (b) => known(p.rules, b.rule) },
    { key: "n", title: p.people, numeric: true, render: (b) => num(b.customers) },
    {
      key: "state",
      title: w.common.state,
      render: (b) => (
        <>
          <Tag tone={tones[b.state] ?? "plain"}>{known(p.batchStates, b.state)}</Tag>{" "}
          <span className="hint">
            {b.decided_by_name} {b.reason} {b.state === "done" ? p.erasedCount(num(b.erased)) : ""}
          </span>
        </>
      ),
    },
    {
      key: "do",
      title: w.common.actions,
      render: (b) =>
        b.state === "proposed" && mayApprove ? (
          <span className="line wrap">
            <Button size="small" type="primary" danger onClick={() => setDoing({ one: b, approve: true })}>
              {p.steps.erase}
            </Button>
            <Button size="small" onClick={() => setDoing({ one: b, approve: false })}>
              {p.steps.keep}
            </Button>
          </span>
        ) : b.certificate_id ? (
          <Button size="small" onClick={() => b.certificate_id && onCertificate(b.unit_id, b.certificate_id)}>
            {p.certificate}
          </Button>
        ) : (
          "–"
        ),
    },
  ];
  return (
    <>
      <Due unitId={scope ?? me.unit.id} />
      <Panel flush title={p.batches}>
        <View query={query}>
          {(data) => (
            <>
              <ServerTable
                label={p.batches}
                columns={columns}
                rows={data.items}
                rowKey={(b) => b.id}
                empty={<Empty text={p.noBatches} />}
              />
              <Pager after={paging.after} next={data.next} shown={data.items.length} onMove={paging.move} />
            </>
          )}
        </View>
      </Panel>
      <FormDialog<{ reason?: string }>
        title={doing ? p.steps[doing.approve ? "erase" : "keep"] : ""}
        open={doing !== null}
        onClose={() => setDoing(null)}
        ok={w.common.sure}
        danger={doing?.approve ?? false}
        onSubmit={async ({ reason = "" }) => {
          if (!doing) return;
          const decision = doing.approve ? "approve" : "reject";
          await api.decideRetention(doing.one.unit_id, doing.one.id, { decision, reason });
          await client.invalidateQueries({ queryKey: ["retention"] });
        }}
      >
        {doing?.approve ? (
          <p className="box box-warn">{p.batchHint(num(doing.one.customers))}</p>
        ) : (
          <Form.Item
            name="reason"
            label={w.common.reason}
            rules={[{ required: true, message: w.common.required }]}
          >
            <Input maxLength={200} />
          </Form.Item>
        )}
      </FormDialog>
    </>
  );
}

function Certificates({ onCertificate }: { onCertificate: (unitId: string, id: string) => void }) {
  const w = useWords();
  const p = w.privacy;
  const query = useQuery({
    queryKey: ["requests", "done"],
    queryFn: () => api.privacyRequests({ state: "done", limit: 200 }),
  });
  const erased = query.data?.items.filter((r) => r.certificate_id) ?? [];
  if (erased.length === 0) return null;
  return (
    <Panel title={p.certificates}>
      <ul>
        {erased.map((r) => (
          <li key={r.id}>
            <button
              type="button"
              className="link-button num"
              onClick={() => r.certificate_id && onCertificate(r.unit_id, r.certificate_id)}
            >
              {r.certificate_number}
            </button>{" "}
            {r.unit_name} {r.ended_at ? stamp(r.ended_at) : ""} {r.ended_by_name}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

export function PrivacyPage() {
  const w = useWords();
  const p = w.privacy;
  const search = route.useSearch();
  const navigate = useNavigate();
  const [paper, setPaper] = useState<Certificate | null>(null);
  const [error, setError] = useState<unknown>(null);
  const tab = TABS.find((t) => t === search.tab) ?? "requests";
  const show = async (unitId: string, id: string) => {
    try {
      setPaper(await api.certificate(unitId, id));
      setError(null);
    } catch (cause) {
      setError(cause);
    }
  };
  if (paper) return <CertificateSheet one={paper} onClose={() => setPaper(null)} />;
  return (
    <Page title={p.title} sub={p.sub}>
      <ErrorBox error={error} />
      <Tabs
        label={p.title}
        value={tab}
        items={TABS.map((key) => ({ key, label: p.tabs[key] }))}
        onChange={(key) =>
          navigate({
            to: "/privacy",
            search: (old: Record<string, unknown>) => ({ ...old, tab: key, after: undefined }),
          })
        }
      />
      {tab === "requests" ? (
        <>
          <Requests />
          <Certificates onCertificate={show} />
        </>
      ) : null}
      {tab === "retention" ? <Retention onCertificate={show} /> : null}
      {tab === "agreements" ? <Agreements /> : null}
      {tab === "parameters" ? <Parameters /> : null}
    </Page>
  );
}
