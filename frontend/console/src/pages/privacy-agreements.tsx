// Agreements with outside parties, and the figures given out under them: counts of groups only, small ones withheld.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { Aggregate, Agreement, NewAgreement } from "@zoufang/shared/api/types.ts";
import { num, stamp } from "@zoufang/shared/format.ts";
import { Button, Form, Input, InputNumber } from "antd";
import { useState } from "react";
import { useMay, useMe, useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Panel, Tag, type Tone } from "../ui/layout.tsx";
import { Empty, ErrorBox, View } from "../ui/states.tsx";
import { type Column, ServerTable } from "../ui/table.tsx";
import { known } from "./privacy-parts.tsx";

/** Counts of groups; what is withheld says so. */
function Figures({ table, k }: { table: Aggregate; k: number }) {
  const w = useWords();
  const p = w.privacy;
  const cell = (n: number | null | undefined) => (n === null || n === undefined ? p.withheld : num(n));
  return (
    <Panel title={p.figures} hint={p.figuresHint(num(k), num(table.withheld))}>
      <div className="table-box">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{p.place}</th>
              {table.columns.map((c) => (
                <th scope="col" key={c} className="right num">
                  {c || p.noValue}
                </th>
              ))}
              <th scope="col" className="right num">
                {p.sum}
              </th>
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row, r) => (
              <tr key={row}>
                <th scope="row">{row || p.noValue}</th>
                {table.columns.map((c, at) => (
                  <td key={c} className="right num">
                    {cell(table.cells[r]?.[at])}
                  </td>
                ))}
                <td className="right num">{cell(table.row_totals[r])}</td>
              </tr>
            ))}
            <tr>
              <th scope="row">{p.sum}</th>
              {table.columns.map((c, at) => (
                <td key={c} className="right num">
                  {cell(table.column_totals[at])}
                </td>
              ))}
              <td className="right num">{cell(table.total)}</td>
            </tr>
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

export function Agreements() {
  const w = useWords();
  const p = w.privacy;
  const me = useMe();
  const scope = useSearch({ strict: false }).unit;
  const client = useQueryClient();
  const mayWrite = useMay("privacy.write");
  const mayApprove = useMay("privacy.approve");
  const [asking, setAsking] = useState(false);
  const [table, setTable] = useState<{ table: Aggregate; k: number } | null>(null);
  const rules = useQuery({ queryKey: ["privacy-rules"], queryFn: api.privacyRules });
  const query = useQuery({
    queryKey: ["agreements"],
    queryFn: () => api.agreements({ limit: 200 }),
    placeholderData: keepPreviousData,
  });
  const again = () => client.invalidateQueries({ queryKey: ["agreements"] });
  const decide = useMutation({
    mutationFn: (v: { one: Agreement; decision: string }) =>
      api.decideAgreement(v.one.unit_id, v.one.id, { decision: v.decision }),
    onSuccess: again,
  });
  const share = useMutation({
    mutationFn: async (v: { one: Agreement; subject: string }) => ({
      table: await api.shareFigures(v.one.unit_id, v.one.id, { subject: v.subject }),
      k: v.one.k,
    }),
    onSuccess: async (result) => {
      setTable(result);
      await again();
    },
  });
  const tones: Record<string, Tone> = {
    proposed: "warn",
    approved: "ok",
    rejected: "bad",
    ended: "plain",
    expired: "bad",
  };
  const columns: Column<Agreement>[] = [
    {
      key: "party",
      title: p.party,
      render: (a) => (
        <>
          {a.party}
          <br />
          <span className="hint">{a.purpose}</span>
        </>
      ),
    },
    { key: "unit", title: w.common.unit, nowrap: true, render: (a) => a.unit_name },
    { key: "k", title: p.k, numeric: true, render: (a) => num(a.k) },
    {
      key: "until",
      title: w.bases.expires,
      nowrap: true,
      render: (a) => <span className="num">{a.expires_day}</span>,
    },
    {
      key: "state",
      title: w.common.state,
      render: (a) => (
        <>
          <Tag tone={tones[a.state] ?? "plain"}>{known(p.agreementStates, a.state)}</Tag>{" "}
          <span className="hint">
            {a.made_by_name} {a.decided_by_name}
            {a.shares[0] ? ` · ${p.lastShare(num(a.shares.length), stamp(a.shares[0].made_at))}` : ""}
          </span>
        </>
      ),
    },
    {
      key: "do",
      title: w.common.actions,
      render: (a) => (
        <span className="line wrap">
          {a.state === "proposed" && mayApprove && !a.mine ? (
            <>
              <Button
                size="small"
                type="primary"
                onClick={() => decide.mutate({ one: a, decision: "approve" })}
              >
                {w.bases.steps.approve}
              </Button>
              <Button size="small" onClick={() => decide.mutate({ one: a, decision: "reject" })}>
                {w.bases.steps.reject}
              </Button>
            </>
          ) : null}
          {a.state === "approved" && mayWrite
            ? Object.entries(p.subjects).map(([subject, label]) => (
                <Button key={subject} size="small" onClick={() => share.mutate({ one: a, subject })}>
                  {label}
                </Button>
              ))
            : null}
          {a.state === "approved" && mayApprove ? (
            <Button size="small" onClick={() => decide.mutate({ one: a, decision: "end" })}>
              {p.endAgreement}
            </Button>
          ) : null}
        </span>
      ),
    },
  ];
  const required = [{ required: true, message: w.common.required }];
  return (
    <>
      <ErrorBox error={decide.error ?? share.error} />
      <Panel
        flush
        title={p.tabs.agreements}
        hint={p.agreementsHint}
        extra={
          mayWrite ? (
            <Button size="small" onClick={() => setAsking(true)}>
              {p.newAgreement}
            </Button>
          ) : null
        }
      >
        <View query={query}>
          {(data) => (
            <ServerTable
              label={p.tabs.agreements}
              columns={columns}
              rows={data.items}
              rowKey={(a) => a.id}
              empty={<Empty text={p.noAgreements} />}
            />
          )}
        </View>
      </Panel>
      {table ? <Figures {...table} /> : null}
      <FormDialog<NewAgreement>
        title={p.newAgreement}
        open={asking}
        onClose={() => setAsking(false)}
        initial={{ k: rules.data?.k_min ?? 5 }}
        onSubmit={async (values) => {
          await api.addAgreement(scope ?? me.unit.id, values);
          await again();
        }}
      >
        <Form.Item name="party" label={p.party} rules={required}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item name="purpose" label={w.bases.purpose} rules={required}>
          <Input maxLength={200} />
        </Form.Item>
        <Form.Item name="k" label={p.k} extra={p.kHint(num(rules.data?.k_min ?? 5))} rules={required}>
          <InputNumber min={rules.data?.k_min ?? 5} precision={0} />
        </Form.Item>
        <Form.Item name="expires_day" label={w.bases.expires} rules={required}>
          <Input placeholder="2026-12-31" />
        </Form.Item>
      </FormDialog>
    </>
  );
}
