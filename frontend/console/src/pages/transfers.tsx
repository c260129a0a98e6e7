// Moves of customers to another branch: ask with a preview, see what was moved, take it back. The closing of a branch,
// which moves everything in it, is shown on the unit's page with the panel from here.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate, useSearch } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { NewTransfer, Transfer, Unit } from "@zoufang/shared/api/types.ts";
import { num, stamp } from "@zoufang/shared/format.ts";
import { Button, Form, Input, Modal, Select } from "antd";
import { useState } from "react";
import { unitsQuery, useMay, useMe, useUnits, useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { JobLine } from "../ui/job.tsx";
import { Page, Panel, Tag, type Tone } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { Empty, ErrorBox, View } from "../ui/states.tsx";
import { type Column, Pager, ServerTable } from "../ui/table.tsx";
import { UnitPicker } from "../ui/unit-picker.tsx";

const route = getRouteApi("/shell/transfers");
const REASONS = [
  "wrong_branch",
  "moved_house",
  "married_away",
  "customer_wish",
  "area_change",
  "branch_closing",
] as const;
const tones: Record<Transfer["state"], Tone> = {
  preview: "plain",
  running: "info",
  done: "ok",
  undoing: "info",
  undone: "plain",
};
const isBranch = (u: Unit) => u.level === "branch" && u.active;

interface AskValues {
  from: string;
  to: string;
  who: "customer" | "village_group";
  numbers?: string;
  group?: string;
  reason: string;
}

function useAsk() {
  const w = useWords();
  return async (v: AskValues, preview: boolean): Promise<Transfer> => {
    const base = { to_unit_id: v.to, reason: v.reason, preview, all: false };
    if (v.who === "village_group")
      return api.addTransfer(v.from, { ...base, village_group_id: v.group ?? null });
    const ids: string[] = [];
    for (const no of (v.numbers ?? "").split(/\s+/).filter((n) => n !== "")) {
      const found = await api.lookupCustomers({ customer_no: no });
      const one = found.items.find((c) => c.unit_id === v.from);
      if (!one) throw new Error(w.transfers.notFound(no));
      ids.push(one.id);
    }
    const body: NewTransfer = { ...base, customer_ids: ids };
    return api.addTransfer(v.from, body);
  };
}

function AskDialog({
  from,
  open,
  onClose,
}: {
  from: string | undefined;
  open: boolean;
  onClose: () => void;
}) {
  const w = useWords();
  const t = w.transfers;
  const client = useQueryClient();
  const notice = useNotice();
  const ask = useAsk();
  const [told, setTold] = useState<Transfer | null>(null);
  const [problem, setProblem] = useState("");
  const rules = [{ required: true, message: w.common.required }];
  const run = async (v: AskValues, preview: boolean) => {
    setProblem("");
    try {
      return await ask(v, preview);
    } catch (error) {
      if (error instanceof Error && error.constructor === Error) {
        setProblem(error.message);
      }
      throw error;
    }
  };
  return (
    <FormDialog<AskValues>
      title={t.add}
      open={open}
      onClose={() => {
        setTold(null);
        setProblem("");
        onClose();
      }}
      ok={t.ok}
      initial={{ ...(from ? { from } : {}), who: "customer", reason: "moved_house" }}
      onSubmit={async (v) => {
        const made = await run(v, false);
        await client.invalidateQueries({ queryKey: ["transfers"] });
        await client.invalidateQueries({ queryKey: ["customers"] });
        notice(made.state === "done" ? t.done : t.started);
      }}
    >
      {(form) => (
        <>
          <div className="form-2">
            <Form.Item name="from" label={t.from} rules={rules}>
              <UnitPicker label={t.from} only={isBranch} />
            </Form.Item>
            <Form.Item name="to" label={t.to} rules={rules}>
              <UnitPicker label={t.to} only={isBranch} />
            </Form.Item>
          </div>
          <div className="form-2">
            <Form.Item name="who" label={t.who}>
              <Select
                options={(["customer", "village_group"] as const).map((value) => ({
                  value,
                  label: t.kinds[value],
                }))}
              />
            </Form.Item>
            <Form.Item name="reason" label={t.reason} rules={rules}>
              <Select options={REASONS.map((value) => ({ value, label: t.reasons[value] }))} />
            </Form.Item>
          </div>
          <Form.Item noStyle shouldUpdate>
            {() =>
              form.getFieldValue("who") === "village_group" ? (
                <GroupItem unitId={form.getFieldValue("from")} />
              ) : (
                <Form.Item name="numbers" label={t.customerNos} rules={rules}>
                  <Input.TextArea rows={3} autoComplete="off" />
                </Form.Item>
              )
            }
          </Form.Item>
          {problem ? <p className="box box-error">{problem}</p> : null}
          <div className="line wrap">
            <Button
              onClick={async () => {
                const v = await form.validateFields();
                setTold(await run(v, true).catch(() => null));
              }}
            >
              {t.preview}
            </Button>
            {told ? <span role="status">{t.previewText(num(told.customers), num(told.taken))}</span> : null}
          </div>
        </>
      )}
    </FormDialog>
  );
}

function GroupItem({ unitId }: { unitId: string | undefined }) {
  const w = useWords();
  const query = useQuery({
    queryKey: ["groups", unitId],
    queryFn: () => api.villageGroups(unitId ?? ""),
    enabled: Boolean(unitId),
  });
  const options = (query.data?.items ?? []).map((g) => ({
    value: g.id,
    label: `${g.village ?? ""}${g.name} · ${num(g.customers)}`,
  }));
  return (
    <Form.Item
      name="group"
      label={w.transfers.group}
      rules={[{ required: true, message: w.common.required }]}
    >
      <Select showSearch optionFilterProp="label" options={options} />
    </Form.Item>
  );
}

export function TransfersPage() {
  const w = useWords();
  const t = w.transfers;
  const me = useMe();
  const { tree } = useUnits();
  const may = useMay("customer.transfer");
  const search = route.useSearch();
  const scope = useSearch({ strict: false }).unit;
  const navigate = useNavigate();
  const client = useQueryClient();
  const notice = useNotice();
  const [asking, setAsking] = useState(false);
  const unitId = scope ?? me.unit.id;
  const unit = tree.byId.get(unitId);
  const query = useQuery({
    queryKey: ["transfers", unitId, search.after],
    queryFn: () => api.transfers(unitId, { limit: 50, after: search.after }),
    refetchInterval: (q) =>
      q.state.data?.items.some((r) => r.state === "running" || r.state === "undoing") ? 1500 : false,
  });
  const undo = useMutation({
    mutationFn: (one: Transfer) => api.undoTransfer(one.unit_id, one.id ?? ""),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["transfers"] });
      notice(t.undone);
    },
  });
  const back = (one: Transfer) =>
    Modal.confirm({
      title: t.undo,
      content: t.undoAsk(num(one.arrived), one.to_unit_name),
      okText: t.undo,
      cancelText: w.common.cancel,
      onOk: () => undo.mutateAsync(one).catch(() => undefined),
    });
  const columns: Column<Transfer>[] = [
    {
      key: "at",
      title: t.at,
      nowrap: true,
      render: (r) => <span className="num">{r.asked_at ? stamp(r.asked_at) : ""}</span>,
    },
    { key: "who", title: w.common.who, nowrap: true, render: (r) => r.asked_by_name },
    { key: "from", title: t.from, render: (r) => r.unit_name },
    { key: "to", title: t.to, render: (r) => r.to_unit_name },
    { key: "kind", title: t.who, render: (r) => t.kinds[r.kind] },
    { key: "reason", title: t.reason, render: (r) => r.reason_name },
    { key: "n", title: t.customers, numeric: true, render: (r) => num(r.customers) },
    { key: "arrived", title: t.arrived, numeric: true, render: (r) => num(r.arrived) },
    { key: "refused", title: t.refused, numeric: true, render: (r) => num(r.refused) },
    {
      key: "state",
      title: t.state,
      nowrap: true,
      render: (r) => <Tag tone={tones[r.state]}>{t.states[r.state]}</Tag>,
    },
    {
      key: "undo",
      title: w.common.actions,
      render: (r) =>
        r.state === "done" && r.arrived > 0 ? (
          <Button size="small" onClick={() => back(r)}>
            {t.undo}
          </Button>
        ) : r.undone_by_name && r.undone_at ? (
          <span className="hint">
            {r.undone_by_name} {stamp(r.undone_at)}
          </span>
        ) : null,
    },
  ];
  return (
    <Page
      title={t.title}
      sub={unit?.name ?? me.unit.name}
      actions={
        may ? (
          <Button type="primary" onClick={() => setAsking(true)}>
            {t.add}
          </Button>
        ) : null
      }
    >
      <p className="hint">{t.hint}</p>
      <ErrorBox error={undo.error} />
      <Panel flush title={t.list}>
        <View query={query}>
          {(data) => (
            <>
              <ServerTable
                label={t.list}
                columns={columns}
                rows={data.items}
                rowKey={(r) => r.id ?? ""}
                empty={<Empty text={t.empty} />}
              />
              <Pager
                after={search.after}
                next={data.next}
                shown={data.items.length}
                onMove={(after) =>
                  navigate({
                    to: "/transfers",
                    search: (old: Record<string, unknown>) => ({ ...old, after }),
                  })
                }
              />
            </>
          )}
        </View>
      </Panel>
      <AskDialog
        from={unit?.level === "branch" ? unit.id : undefined}
        open={asking}
        onClose={() => setAsking(false)}
      />
    </Page>
  );
}

interface CloseValues {
  rest: string;
  staff: string;
  reason: string;
  groups?: Record<string, string>;
}

/** The closing of a branch: what is in it, where it goes, how far it is. */
export function ClosingPanel({ unit }: { unit: Unit }) {
  const w = useWords();
  const t = w.transfers;
  const client = useQueryClient();
  const notice = useNotice();
  const [open, setOpen] = useState(false);
  const query = useQuery({ queryKey: ["closing", unit.id], queryFn: () => api.unitClosing(unit.id) });
  const groups = useQuery({
    queryKey: ["groups", unit.id],
    queryFn: () => api.villageGroups(unit.id),
    enabled: open,
  });
  const again = async () => {
    await client.invalidateQueries({ queryKey: ["closing", unit.id] });
    await client.invalidateQueries({ queryKey: unitsQuery.queryKey });
  };
  const rules = [{ required: true, message: w.common.required }];
  const other = (u: Unit) => isBranch(u) && u.id !== unit.id;
  return (
    <Panel title={t.close} hint={t.closeHint}>
      <View query={query}>
        {(c) => (
          <div className="stack">
            <p className="num">
              {t.closeCounts(num(c.customers), num(c.staff), num(c.accounts), num(c.grants))}{" "}
              {c.state === "none" ? null : (
                <Tag tone={c.state === "closed" ? "ok" : "warn"}>{t.closeState[c.state]}</Tag>
              )}
            </p>
            {c.draft_plans > 0 ? <p className="hint">{t.closePlans(num(c.draft_plans))}</p> : null}
            {c.state === "stuck" ? <p className="box box-warn">{t.closeStuck(num(c.customers))}</p> : null}
            {c.state === "running" && c.job_id ? (
              <JobLine key={c.job_id} id={c.job_id} title={t.closing} onEnd={again} />
            ) : null}
            {c.active && c.state !== "running" ? (
              <div>
                <Button danger onClick={() => setOpen(true)}>
                  {c.state === "stuck" ? t.closeAgain : t.close}
                </Button>
              </div>
            ) : null}
          </div>
        )}
      </View>
      <FormDialog<CloseValues>
        title={`${t.close} · ${unit.name}`}
        open={open}
        danger
        ok={t.closeOk}
        onClose={() => setOpen(false)}
        initial={{ reason: "branch_closing" }}
        onSubmit={async (v) => {
          const chosen = Object.entries(v.groups ?? {}).filter(([, to]) => to);
          await api.closeUnit(unit.id, {
            rest_to_unit_id: v.rest,
            staff_to_unit_id: v.staff,
            reason: v.reason,
            groups: chosen.map(([village_group_id, to_unit_id]) => ({ village_group_id, to_unit_id })),
          });
          await again();
          notice(t.closing);
        }}
      >
        <div className="form-2">
          <Form.Item name="rest" label={t.closeRest} rules={rules}>
            <UnitPicker label={t.closeRest} only={other} />
          </Form.Item>
          <Form.Item name="staff" label={t.closeStaff} rules={rules}>
            <UnitPicker label={t.closeStaff} only={other} />
          </Form.Item>
        </div>
        <Form.Item name="reason" label={t.reason} rules={rules}>
          <Select options={REASONS.map((value) => ({ value, label: t.reasons[value] }))} />
        </Form.Item>
        <details>
          <summary>{t.closeGroups}</summary>
          {(groups.data?.items ?? []).map((g) => (
            <Form.Item
              key={g.id}
              name={["groups", g.id]}
              label={`${g.village ?? ""}${g.name} · ${num(g.customers)}`}
            >
              <UnitPicker label={t.closeGroupTo(g.name)} placeholder={t.closeSame} only={other} />
            </Form.Item>
          ))}
        </details>
        <p className="hint">{t.closeRoles}</p>
      </FormDialog>
    </Panel>
  );
}
