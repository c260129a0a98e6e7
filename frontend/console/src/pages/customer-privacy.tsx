// What a person has said and asked about their own data, and where every field came from: one panel of the customer's
// page. A refusal recorded here counts at once. The printed report lives in this component's memory only.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type {
  AccessReport,
  Consent,
  ConsentInput,
  CustomerPrivacy as Data,
  FieldSource,
  PrivacyRequest,
  RequestInput,
} from "@zoufang/shared/api/types.ts";
import { stamp } from "@zoufang/shared/format.ts";
import { Button, Checkbox, Form, Input, Select } from "antd";
import { useState } from "react";
import { useMay, useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Panel, Tag } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { View } from "../ui/states.tsx";
import { type Column, ServerTable } from "../ui/table.tsx";
import { known, Report, RequestTag, requestNote, useSources } from "./privacy-parts.tsx";
import { RevealDialog } from "./reveal.tsx";

interface Where {
  unitId: string;
  customerId: string;
}

/** Whether somebody may come, and from when again. */
function Standing({ data }: { data: Data }) {
  const w = useWords();
  const p = w.customerPrivacy;
  const s = data.standing;
  if (!s.do_not_visit && !s.do_not_contact) {
    return (
      <p>
        <Tag tone="ok">{p.free}</Tag>
      </p>
    );
  }
  return (
    <div className="box box-warn">
      {s.do_not_visit ? (
        <p>
          <b>{s.person_only ? p.noVisitPerson : p.noVisit}</b>{" "}
          {s.no_visit_until ? p.until(s.no_visit_until) : p.forGood}
        </p>
      ) : null}
      {s.do_not_contact ? (
        <p>
          <b>{p.noContact}</b> {s.no_contact_until ? p.until(s.no_contact_until) : p.forGood}
        </p>
      ) : null}
    </div>
  );
}

function ConsentDialog({
  where,
  open,
  onClose,
  onDone,
}: {
  where: Where;
  open: boolean;
  onClose: () => void;
  onDone: () => Promise<unknown>;
}) {
  const w = useWords();
  const p = w.customerPrivacy;
  const rules = useQuery({ queryKey: ["privacy-rules"], queryFn: api.privacyRules, enabled: open });
  const sources = useSources(open);
  const required = [{ required: true, message: w.common.required }];
  const codes = (list: string[] | undefined, names: Record<string, string>) =>
    (list ?? []).map((c) => ({ value: c, label: known(names, c) }));
  return (
    <FormDialog<ConsentInput>
      title={p.record}
      open={open}
      onClose={onClose}
      onSubmit={async (values) => {
        await api.recordConsent(where.unitId, where.customerId, values);
        await onDone();
      }}
      initial={{ kind: "visit", state: "refused", channel: "page", form_version: "oral", person_only: false }}
    >
      {(form) => (
        <>
          <Form.Item name="kind" label={p.about} rules={required}>
            <Select options={codes(Object.keys(p.kinds), p.kinds)} />
          </Form.Item>
          <Form.Item name="state" label={p.answer} rules={required}>
            <Select options={codes(Object.keys(p.states), p.states)} />
          </Form.Item>
          <Form.Item noStyle shouldUpdate>
            {() =>
              form.getFieldValue("state") === "given" ? null : (
                <>
                  <Form.Item name="reason" label={w.common.reason} htmlFor="consent-reason">
                    <Select
                      id="consent-reason"
                      allowClear
                      options={codes(rules.data?.consent.reasons, p.reasons)}
                    />
                  </Form.Item>
                  <Form.Item name="until_day" label={p.untilDay} extra={p.untilHint}>
                    <Input placeholder="2026-12-31" />
                  </Form.Item>
                  <Form.Item name="person_only" valuePropName="checked">
                    <Checkbox>{p.personOnly}</Checkbox>
                  </Form.Item>
                </>
              )
            }
          </Form.Item>
          <Form.Item name="channel" label={p.channel} rules={required}>
            <Select options={sources.channels} />
          </Form.Item>
          <Form.Item name="form_version" label={p.form} rules={required}>
            <Select options={codes(rules.data?.consent.form_versions, p.forms)} />
          </Form.Item>
          <Form.Item name="note" label={w.common.note} extra={p.noteHint}>
            <Input.TextArea rows={2} maxLength={500} />
          </Form.Item>
        </>
      )}
    </FormDialog>
  );
}

function RequestDialog({
  where,
  open,
  onClose,
  onDone,
}: {
  where: Where;
  open: boolean;
  onClose: () => void;
  onDone: (made: PrivacyRequest) => Promise<unknown>;
}) {
  const w = useWords();
  const p = w.customerPrivacy;
  const rules = useQuery({ queryKey: ["privacy-rules"], queryFn: api.privacyRules, enabled: open });
  const sources = useSources(open);
  const required = [{ required: true, message: w.common.required }];
  return (
    <FormDialog<RequestInput>
      title={p.ask}
      open={open}
      onClose={onClose}
      onSubmit={async (values) => {
        await onDone(await api.openRequest(where.unitId, where.customerId, values));
      }}
      initial={{ kind: "access", channel: "page" }}
    >
      {(form) => (
        <>
          {rules.data ? <p className="hint">{p.askHint(rules.data.due_workdays)}</p> : null}
          <Form.Item name="kind" label={p.requestKind} rules={required}>
            <Select options={Object.entries(p.requestKinds).map(([value, label]) => ({ value, label }))} />
          </Form.Item>
          <Form.Item noStyle shouldUpdate>
            {() =>
              form.getFieldValue("kind") === "correction" ? (
                <>
                  <Form.Item name="field" label={p.field} rules={required}>
                    <Select
                      options={(rules.data?.correction_fields ?? []).map((f) => ({
                        value: f,
                        label: known(p.fields, f),
                      }))}
                    />
                  </Form.Item>
                  <Form.Item name="new_value" label={p.newValue} rules={required}>
                    <Input maxLength={200} />
                  </Form.Item>
                </>
              ) : null
            }
          </Form.Item>
          <Form.Item name="channel" label={p.channel} rules={required}>
            <Select options={sources.channels} />
          </Form.Item>
          <Form.Item name="detail" label={p.detail} extra={p.noteHint}>
            <Input.TextArea rows={2} maxLength={500} />
          </Form.Item>
        </>
      )}
    </FormDialog>
  );
}

function Sources({ rows }: { rows: FieldSource[] }) {
  const w = useWords();
  const p = w.customerPrivacy;
  const sources = useSources(true);
  const columns: Column<FieldSource>[] = [
    {
      key: "field",
      title: p.field,
      nowrap: true,
      render: (s) => (s.field ? known(p.fields, s.field) : p.allFields),
    },
    { key: "channel", title: p.channel, nowrap: true, render: (s) => sources.name(s.channel) },
    {
      key: "law",
      title: p.law,
      render: (s) => `${known(w.bases.laws, s.law)} · ${known(w.bases.purposes, s.purpose)}`,
    },
    {
      key: "until",
      title: p.expires,
      nowrap: true,
      render: (s) =>
        s.expires_day ? <Tag tone={s.expired ? "bad" : "plain"}>{s.expires_day}</Tag> : p.whilePurpose,
    },
    {
      key: "at",
      title: p.since,
      render: (s) => (
        <span className="num">
          {stamp(s.at)} {s.made_by_name}
        </span>
      ),
    },
  ];
  return (
    <ServerTable
      label={p.sources}
      columns={columns}
      rows={rows}
      rowKey={(s) => s.field || "all"}
      empty={<p className="hint">{p.noSources}</p>}
    />
  );
}

function Said({ rows }: { rows: Consent[] }) {
  const p = useWords().customerPrivacy;
  const sources = useSources(true);
  if (rows.length === 0) return <p className="hint">{p.noConsents}</p>;
  return (
    <ol className="plain">
      {rows.map((c) => (
        <li key={c.id}>
          <span className="hint num">
            {c.said_day} {c.made_by_name}
          </span>
          <span>
            {known(p.kinds, c.kind)}：
            <Tag tone={c.state === "given" ? "ok" : "bad"}>{known(p.states, c.state)}</Tag>
            {c.latest ? "" : ` ${p.earlier}`} · {sources.name(c.channel)} · {known(p.forms, c.form_version)}
            {c.reason ? ` · ${known(p.reasons, c.reason)}` : ""}
            {c.until_day ? ` · ${p.until(c.until_day)}` : ""}
            {c.state !== "given" && c.person_only ? ` · ${p.personOnly}` : ""}
            {c.note ? ` · ${c.note}` : ""}
          </span>
        </li>
      ))}
    </ol>
  );
}

function Asked({ rows }: { rows: PrivacyRequest[] }) {
  const w = useWords();
  const p = w.customerPrivacy;
  if (rows.length === 0) return <p className="hint">{p.noRequests}</p>;
  return (
    <ol className="plain">
      {rows.map((r) => (
        <li key={r.id}>
          <span className="hint num">
            {r.asked_day} {r.made_by_name}
          </span>
          <span>
            {known(p.requestKinds, r.kind)} <RequestTag one={r} /> {requestNote(r, w)}
          </span>
        </li>
      ))}
    </ol>
  );
}

export function CustomerPrivacy({ unitId, customerId }: Where) {
  const w = useWords();
  const p = w.customerPrivacy;
  const client = useQueryClient();
  const notice = useNotice();
  const mayRead = useMay("privacy.read");
  const mayWrite = useMay("privacy.write");
  const mayReveal = useMay("customer.reveal");
  const [dialog, setDialog] = useState<"consent" | "request" | "report" | null>(null);
  const [report, setReport] = useState<AccessReport | null>(null);
  const query = useQuery({
    queryKey: ["privacy", customerId],
    queryFn: () => api.customerPrivacy(unitId, customerId),
    enabled: mayRead,
  });
  const again = async () => {
    await client.invalidateQueries({ queryKey: ["privacy", customerId] });
    await client.invalidateQueries({ queryKey: ["customer", customerId] });
  };
  if (!mayRead) return null;
  const where = { unitId, customerId };
  return (
    <Panel
      title={p.title}
      extra={
        mayWrite ? (
          <span className="line wrap">
            <Button size="small" onClick={() => setDialog("consent")}>
              {p.record}
            </Button>
            <Button size="small" onClick={() => setDialog("request")}>
              {p.ask}
            </Button>
            {mayReveal ? (
              <Button size="small" onClick={() => setDialog("report")}>
                {p.report}
              </Button>
            ) : null}
          </span>
        ) : null
      }
    >
      <View query={query}>
        {(data) => (
          <div className="stack">
            <Standing data={data} />
            <h3>{p.consents}</h3>
            <Said rows={data.consents} />
            <h3>{p.requests}</h3>
            <Asked rows={data.requests} />
            <h3>{p.sources}</h3>
            <Sources rows={data.sources} />
            {report ? <Report report={report} data={data} onClose={() => setReport(null)} /> : null}
          </div>
        )}
      </View>
      {/* One form at a time: hidden ones would share the ids of their fields. */}
      {dialog === "consent" ? (
        <ConsentDialog
          where={where}
          open
          onClose={() => setDialog(null)}
          onDone={async () => {
            await again();
            notice(p.recorded);
          }}
        />
      ) : null}
      {dialog === "request" ? (
        <RequestDialog
          where={where}
          open
          onClose={() => setDialog(null)}
          onDone={async (made) => {
            await again();
            notice(p.asked(made.due_day));
          }}
        />
      ) : null}
      {dialog === "report" ? (
        <RevealDialog
          open
          onClose={() => setDialog(null)}
          onSubmit={async (reason) => {
            setReport(await api.customerReport(unitId, customerId, { reason }));
            await again();
          }}
        />
      ) : null}
    </Panel>
  );
}
