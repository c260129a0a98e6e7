// Lawful bases: why the bank may take a list from outside. One person proposes, others agree; until then imports
// refuse the channel or group. Nobody decides about their own proposal.
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate, useSearch } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { Basis, NewBasis } from "@zoufang/shared/api/types.ts";
import { stamp } from "@zoufang/shared/format.ts";
import { Button, Form, Input, Select } from "antd";
import { useState } from "react";
import { useMay, useMe, useUnits, useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Page, Panel, Tag, type Tone } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { Empty, View } from "../ui/states.tsx";
import { type Column, Pager, ServerTable } from "../ui/table.tsx";
import { known, useSources } from "./privacy-parts.tsx";

const route = getRouteApi("/shell/bases");
const tones: Record<string, Tone> = {
  proposed: "warn",
  approved: "ok",
  rejected: "bad",
  withdrawn: "plain",
  expired: "bad",
};

function ProposeDialog({ unitId, open, onClose }: { unitId: string; open: boolean; onClose: () => void }) {
  const w = useWords();
  const b = w.bases;
  const client = useQueryClient();
  const notice = useNotice();
  const { tree } = useUnits();
  const sources = useSources(open);
  const rules = useQuery({ queryKey: ["privacy-rules"], queryFn: api.privacyRules, enabled: open });
  const required = [{ required: true, message: w.common.required }];
  const codes = (list: string[] | undefined, names: Record<string, string>) =>
    (list ?? []).map((c) => ({ value: c, label: known(names, c) }));
  return (
    <FormDialog<NewBasis>
      title={b.propose}
      open={open}
      onClose={onClose}
      width={640}
      onSubmit={async (values) => {
        await api.proposeBasis(unitId, values);
        await client.invalidateQueries({ queryKey: ["bases"] });
        notice(b.proposed);
      }}
      initial={{ law: "pipl_13_1", purpose: "visit" }}
    >
      <p className="hint">
        {b.proposeHint(tree.byId.get(unitId)?.name ?? "", rules.data?.basis_approvals ?? 2)}
      </p>
      <Form.Item name="source" label={b.source} rules={required}>
        <Select placeholder={w.common.choose} options={sources.all} />
      </Form.Item>
      <Form.Item name="title" label={b.titleField} rules={required}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="law" label={b.law} rules={required}>
        <Select options={codes(sources.data?.laws, b.laws)} />
      </Form.Item>
      <Form.Item name="purpose" label={b.purpose} rules={required}>
        <Select options={codes(sources.data?.purposes, b.purposes)} />
      </Form.Item>
      <Form.Item name="expires_day" label={b.expires} rules={required}>
        <Input placeholder="2026-12-31" />
      </Form.Item>
      <Form.Item name="evidence" label={b.evidence} extra={b.evidenceHint} rules={required}>
        <Input.TextArea rows={3} maxLength={1000} />
      </Form.Item>
    </FormDialog>
  );
}

type Doing = { one: Basis; step: "approve" | "reject" | "withdraw" };

function DecideDialog({ doing, onClose }: { doing: Doing | null; onClose: () => void }) {
  const w = useWords();
  const b = w.bases;
  const client = useQueryClient();
  const submit = async ({ reason = "" }: { reason?: string }) => {
    if (!doing) return;
    const { one, step } = doing;
    if (step === "withdraw") await api.withdrawBasis(one.unit_id, one.id, { reason });
    else await api.decideBasis(one.unit_id, one.id, { decision: step, reason });
    await client.invalidateQueries({ queryKey: ["bases"] });
  };
  return (
    <FormDialog<{ reason?: string }>
      title={doing ? `${b.steps[doing.step]} · ${doing.one.title}` : ""}
      open={doing !== null}
      onClose={onClose}
      onSubmit={submit}
      ok={w.common.sure}
      danger={doing?.step !== "approve"}
    >
      {doing ? (
        <p className="box box-warn">
          {doing.step === "approve" ? b.approveHint : b.rejectHint}
          <br />
          {b.evidence}：{doing.one.evidence}
        </p>
      ) : null}
      {doing?.step === "approve" ? null : (
        <Form.Item
          name="reason"
          label={w.common.reason}
          rules={[{ required: true, message: w.common.required }]}
        >
          <Input maxLength={200} />
        </Form.Item>
      )}
    </FormDialog>
  );
}

function Actions({ one, onDo }: { one: Basis; onDo: (doing: Doing) => void }) {
  const b = useWords().bases;
  const mayDecide = useMay("privacy.approve");
  const mayWrite = useMay("privacy.write");
  const decide = one.state === "proposed" && mayDecide && !one.mine && !one.agreed;
  const withdraw = (one.state === "proposed" || one.state === "approved") && mayWrite;
  return (
    <span className="line wrap">
      {decide ? (
        <>
          <Button size="small" type="primary" onClick={() => onDo({ one, step: "approve" })}>
            {b.steps.approve}
          </Button>
          <Button size="small" onClick={() => onDo({ one, step: "reject" })}>
            {b.steps.reject}
          </Button>
        </>
      ) : null}
      {withdraw ? (
        <Button size="small" onClick={() => onDo({ one, step: "withdraw" })}>
          {b.steps.withdraw}
        </Button>
      ) : null}
      {decide || withdraw ? null : "–"}
    </span>
  );
}

export function BasesPage() {
  const w = useWords();
  const b = w.bases;
  const me = useMe();
  const search = route.useSearch();
  const scope = useSearch({ strict: false }).unit;
  const navigate = useNavigate();
  const mayWrite = useMay("privacy.write");
  const sources = useSources(true);
  const [asking, setAsking] = useState(false);
  const [doing, setDoing] = useState<Doing | null>(null);
  const query = useQuery({
    queryKey: ["bases", search.after],
    queryFn: () => api.bases({ after: search.after }),
    placeholderData: keepPreviousData,
  });
  const off = (sources.data?.sources ?? []).filter((s) => s.needs_basis);
  const columns: Column<Basis>[] = [
    { key: "source", title: b.source, nowrap: true, render: (one) => sources.name(one.source) },
    {
      key: "what",
      title: b.titleField,
      render: (one) => (
        <>
          {one.title}
          <br />
          <span className="hint">
            {known(b.laws, one.law)} · {known(b.purposes, one.purpose)}
          </span>
        </>
      ),
    },
    { key: "unit", title: b.scope, nowrap: true, render: (one) => one.unit_name },
    {
      key: "until",
      title: b.expires,
      nowrap: true,
      render: (one) => <span className="num">{one.expires_day}</span>,
    },
    {
      key: "state",
      title: w.common.state,
      render: (one) => (
        <>
          <Tag tone={tones[one.state] ?? "plain"}>{known(b.states, one.state)}</Tag>{" "}
          <span className="hint">
            {b.by(one.made_by_name, stamp(one.made_at))}
            {one.votes.length > 0 ? ` · ${b.agreed(one.votes.map((v) => v.user_name).join("、"))}` : ""}
            {one.state_reason ? ` · ${one.state_by_name}：${one.state_reason}` : ""}
          </span>
        </>
      ),
    },
    { key: "do", title: w.common.actions, render: (one) => <Actions one={one} onDo={setDoing} /> },
  ];
  return (
    <Page
      title={b.title}
      sub={b.sub}
      actions={
        mayWrite ? (
          <Button type="primary" onClick={() => setAsking(true)}>
            {b.propose}
          </Button>
        ) : null
      }
    >
      {off.length > 0 ? (
        <p className="hint">
          {b.off}
          {off.map((s) => sources.name(s.id)).join("、")}
        </p>
      ) : null}
      <Panel flush>
        <View query={query}>
          {(data) => (
            <>
              <ServerTable
                label={b.title}
                columns={columns}
                rows={data.items}
                rowKey={(one) => one.id}
                empty={<Empty text={b.empty} />}
              />
              <Pager
                after={search.after}
                next={data.next}
                shown={data.items.length}
                onMove={(after) =>
                  navigate({ to: "/bases", search: (old: Record<string, unknown>) => ({ ...old, after }) })
                }
              />
            </>
          )}
        </View>
      </Panel>
      <ProposeDialog unitId={scope ?? me.unit.id} open={asking} onClose={() => setAsking(false)} />
      <DecideDialog doing={doing} onClose={() => setDoing(null)} />
    </Page>
  );
}
