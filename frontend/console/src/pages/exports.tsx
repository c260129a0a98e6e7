// Lists that leave the house: ask with a purpose, let somebody else decide, take the file, give back the receipt of the
// bank's own customer system. Rows are counted before anybody decides; the file carries its number on every row.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate, useSearch } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { Export, ExportPolicy, Receipt } from "@zoufang/shared/api/types.ts";
import { num, stamp } from "@zoufang/shared/format.ts";
import { Button, Checkbox, Form, Input, Select } from "antd";
import { useId, useState } from "react";
import { useMay, useMe, useUnits, useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Page, Panel, Tag, type Tone } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { Empty, ErrorBox, View } from "../ui/states.tsx";
import { type Column, Pager, ServerTable } from "../ui/table.tsx";

const route = getRouteApi("/shell/exports");
const REFRESH_MS = 1500;

const tones: Record<Export["state"], Tone> = {
  waiting: "warn",
  running: "info",
  ready: "ok",
  rejected: "bad",
  withdrawn: "plain",
  failed: "bad",
  gone: "plain",
};

interface AskValues {
  kind: Export["kind"];
  purpose: string;
  reason: string;
  tag?: string;
  full_values?: boolean;
}

function AskDialog({ unitId, open, onClose }: { unitId: string; open: boolean; onClose: () => void }) {
  const w = useWords();
  const x = w.exports;
  const client = useQueryClient();
  const notice = useNotice();
  const { tree } = useUnits();
  const policy = useQuery({ queryKey: ["export-policy"], queryFn: api.exportPolicy, enabled: open });
  const ask = async (values: AskValues) => {
    const made = await api.addExport(unitId, values);
    await client.invalidateQueries({ queryKey: ["exports"] });
    notice(made.state === "waiting" ? x.asked : x.started);
  };
  const required = [{ required: true, message: w.common.required }];
  return (
    <FormDialog<AskValues>
      title={x.ask}
      open={open}
      onClose={onClose}
      onSubmit={ask}
      ok={x.askOk}
      initial={{ kind: "customers", full_values: false }}
    >
      {(form) => (
        <>
          <p className="hint">{x.askHint(tree.byId.get(unitId)?.name ?? "")}</p>
          <Form.Item name="kind" label={x.kind} rules={required}>
            <Select
              options={(["customers", "core"] as const).map((k) => ({ value: k, label: x.kinds[k] }))}
            />
          </Form.Item>
          <Form.Item name="purpose" label={x.purpose} rules={required}>
            <Select
              placeholder={w.common.choose}
              options={(policy.data?.purposes ?? []).map((p) => ({ value: p.code, label: p.name }))}
            />
          </Form.Item>
          <Form.Item name="reason" label={w.common.reason} extra={x.reasonHint} rules={required}>
            <Input maxLength={200} />
          </Form.Item>
          <Form.Item noStyle shouldUpdate={(a: AskValues, b: AskValues) => a.kind !== b.kind}>
            {() =>
              form.getFieldValue("kind") === "core" ? (
                <p className="box box-info">{x.coreHint(policy.data?.core_headers.join("、") ?? "")}</p>
              ) : (
                <Form.Item name="full_values" valuePropName="checked">
                  <Checkbox>{x.full}</Checkbox>
                </Form.Item>
              )
            }
          </Form.Item>
          {policy.data ? <p className="hint">{rules(policy.data, x.rules)}</p> : null}
        </>
      )}
    </FormDialog>
  );
}

function rules(p: ExportPolicy, text: (free: string, days: string, times: string) => string): string {
  return text(num(p.free_rows), num(p.keep_days), num(p.downloads));
}

function DecideDialog({ one, onClose }: { one: Export | null; onClose: () => void }) {
  const w = useWords();
  const x = w.exports;
  const client = useQueryClient();
  const decide = async (values: { grant?: string; note?: string }) => {
    if (!one) return;
    await api.decideExport(one.unit_id, one.id, { grant: values.grant === "yes", note: values.note ?? "" });
    await client.invalidateQueries({ queryKey: ["exports"] });
  };
  return (
    <FormDialog<{ grant?: string; note?: string }>
      title={one ? `${x.decide} · ${one.unit_name}` : x.decide}
      open={one !== null}
      onClose={onClose}
      onSubmit={decide}
      ok={w.common.sure}
      initial={{ grant: "yes" }}
    >
      {one ? (
        <p className="box box-warn">
          {x.about(one.asked_by_name, num(one.rows_wanted), one.full_values ? x.inFull : x.masked)}
          <br />
          {one.purpose_name}：{one.reason}
        </p>
      ) : null}
      <Form.Item name="grant" label={x.decision}>
        <Select
          options={[
            { value: "yes", label: x.grant },
            { value: "no", label: x.reject },
          ]}
        />
      </Form.Item>
      <Form.Item name="note" label={w.common.note} extra={x.noteHint}>
        <Input maxLength={200} />
      </Form.Item>
    </FormDialog>
  );
}

function ReceiptResult({ result }: { result: Receipt }) {
  const w = useWords();
  const x = w.exports;
  return (
    <div className={result.problems.length > 0 ? "box box-warn" : "box box-ok"} role="status">
      <b>{x.receiptDone(num(result.accepted), num(result.rejected), num(result.renumbered))}</b>
      {result.silent > 0 ? <p>{x.receiptSilent(num(result.silent))}</p> : null}
      {result.problems.length > 0 ? (
        <ul>
          {result.problems.map((p) => (
            <li key={p.row}>{x.receiptRow(num(p.row), p.reason)}</li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

/** What can be done with one export: by who asked, or by who decides. */
function Actions({
  one,
  onDecide,
  onReceipt,
}: {
  one: Export;
  onDecide: () => void;
  onReceipt: (result: Receipt | Error) => void;
}) {
  const w = useWords();
  const x = w.exports;
  const id = useId();
  const client = useQueryClient();
  const mayAsk = useMay("customer.export");
  const mayDecide = useMay("export.approve");
  const again = () => client.invalidateQueries({ queryKey: ["exports"] });
  const withdraw = useMutation({
    mutationFn: () => api.withdrawExport(one.unit_id, one.id),
    onSettled: again,
  });
  const receipt = useMutation({
    mutationFn: (file: File) => api.exportReceipt(one.unit_id, one.id, file),
    onSuccess: onReceipt,
    onError: onReceipt,
  });
  if (one.state === "waiting" && one.own) {
    return (
      <Button size="small" loading={withdraw.isPending} onClick={() => withdraw.mutate()}>
        {x.withdraw}
      </Button>
    );
  }
  if (one.state === "waiting" && mayDecide) {
    return (
      <Button size="small" type="primary" onClick={onDecide}>
        {x.decide}
      </Button>
    );
  }
  const file =
    one.state === "ready" && one.own && mayAsk ? (
      <a
        className="button-link"
        href={api.exportFileUrl(one.unit_id, one.id)}
        download={one.file_name}
        onClick={() => setTimeout(again, REFRESH_MS)}
      >
        {w.common.download}
      </a>
    ) : null;
  const back =
    one.kind === "core" && mayAsk && (one.state === "ready" || one.state === "gone") ? (
      <>
        <label className="button-link" htmlFor={id}>
          {x.receipt}
        </label>
        <input
          id={id}
          className="unseen"
          type="file"
          accept=".csv,.xlsx"
          onChange={(e) => {
            const chosen = e.target.files?.[0];
            e.target.value = "";
            if (chosen) receipt.mutate(chosen);
          }}
        />
      </>
    ) : null;
  return file || back ? (
    <span className="line wrap">
      {file}
      {back}
    </span>
  ) : (
    <>–</>
  );
}

function columns(w: ReturnType<typeof useWords>, actions: (e: Export) => React.ReactNode): Column<Export>[] {
  const x = w.exports;
  return [
    {
      key: "at",
      title: w.common.time,
      nowrap: true,
      render: (e) => <span className="num">{stamp(e.asked_at)}</span>,
    },
    { key: "who", title: x.askedBy, nowrap: true, render: (e) => e.asked_by_name },
    { key: "unit", title: w.common.unit, nowrap: true, render: (e) => e.unit_name },
    {
      key: "what",
      title: x.what,
      render: (e) => (
        <>
          {x.kinds[e.kind]} · {e.full_values ? x.inFull : x.masked}
          <br />
          <span className="hint">
            {e.purpose_name}：{e.reason}
          </span>
        </>
      ),
    },
    {
      key: "rows",
      title: x.rows,
      numeric: true,
      render: (e) => num(e.state === "ready" || e.state === "gone" ? e.rows_written : e.rows_wanted),
    },
    {
      key: "state",
      title: w.common.state,
      render: (e) => (
        <>
          <Tag tone={tones[e.state]}>{x.states[e.state]}</Tag>
          {e.decided_by_name ? (
            <span className="hint">
              {" "}
              {e.decided_by_name}
              {e.decision ? `：${e.decision}` : ""}
            </span>
          ) : null}
          {e.state === "ready" && e.keep_until ? (
            <span className="hint"> {x.kept(e.keep_until, num(e.downloads))}</span>
          ) : null}
        </>
      ),
    },
    { key: "mark", title: x.mark, nowrap: true, render: (e) => <span className="num">{e.mark}</span> },
    { key: "do", title: w.common.actions, nowrap: true, render: actions },
  ];
}

export function ExportsPage() {
  const w = useWords();
  const x = w.exports;
  const me = useMe();
  const search = route.useSearch();
  const scope = useSearch({ strict: false }).unit;
  const navigate = useNavigate();
  const mayAsk = useMay("customer.export");
  const [asking, setAsking] = useState(false);
  const [deciding, setDeciding] = useState<Export | null>(null);
  const [receipt, setReceipt] = useState<Receipt | Error | null>(null);
  const unitId = scope ?? me.unit.id;
  const query = useQuery({
    queryKey: ["exports", scope, search.after],
    queryFn: () => api.exports({ unit_id: scope, after: search.after }),
    placeholderData: keepPreviousData,
    refetchInterval: (q) => (q.state.data?.items.some((e) => e.state === "running") ? REFRESH_MS : false),
  });
  return (
    <Page
      title={x.title}
      sub={x.sub}
      actions={
        mayAsk ? (
          <Button type="primary" onClick={() => setAsking(true)}>
            {x.ask}
          </Button>
        ) : null
      }
    >
      {receipt instanceof Error ? <ErrorBox error={receipt} /> : null}
      {receipt && !(receipt instanceof Error) ? <ReceiptResult result={receipt} /> : null}
      <Panel flush>
        <View query={query}>
          {(data) => (
            <>
              <ServerTable
                label={x.title}
                columns={columns(w, (e) => (
                  <Actions one={e} onDecide={() => setDeciding(e)} onReceipt={setReceipt} />
                ))}
                rows={data.items}
                rowKey={(e) => e.id}
                empty={<Empty text={mayAsk ? x.empty : x.emptyOther} />}
              />
              <Pager
                after={search.after}
                next={data.next}
                shown={data.items.length}
                onMove={(after) =>
                  navigate({
                    to: "/exports",
                    search: (old: Record<string, unknown>) => ({ ...old, after }),
                  })
                }
              />
            </>
          )}
        </View>
      </Panel>
      <AskDialog unitId={unitId} open={asking} onClose={() => setAsking(false)} />
      <DecideDialog one={deciding} onClose={() => setDeciding(null)} />
    </Page>
  );
}
