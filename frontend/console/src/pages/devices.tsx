// Phones of a unit and below: enrol one by a code to scan, see what each still holds, revoke one with a reason.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate, useSearch } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { Device, DeviceCode } from "@zoufang/shared/api/types.ts";
import { num, stamp } from "@zoufang/shared/format.ts";
import { Button, Form, Input, Modal, QRCode, Select } from "antd";
import { useState } from "react";
import { useMe, useUnits, useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Page, Panel, Tag } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { Empty, View } from "../ui/states.tsx";
import { type Column, Pager, ServerTable } from "../ui/table.tsx";

const route = getRouteApi("/shell/devices");
const HOUR = 3_600_000;
const LATE_HOURS = 24;

function CodeDialog({ code, onClose }: { code: DeviceCode | null; onClose: () => void }) {
  const w = useWords();
  const t = w.devices;
  const client = useQueryClient();
  const done = async () => {
    await client.invalidateQueries({ queryKey: ["devices"] });
    onClose();
  };
  return (
    <Modal open={code !== null} title={t.scan} footer={null} onCancel={done} destroyOnHidden>
      {code ? (
        <div className="stack">
          <p>{t.scanHint}</p>
          <QRCode value={`${window.location.origin}${code.link}`} size={240} errorLevel="M" />
          <p>
            {t.code}: <strong className="num">{code.code}</strong>
          </p>
          <p className="hint">{t.until(stamp(code.expires_at))}</p>
          <Button type="primary" onClick={done}>
            {t.done}
          </Button>
        </div>
      ) : null}
    </Modal>
  );
}

function EnrolDialog({
  unitId,
  open,
  onClose,
  onCode,
}: {
  unitId: string;
  open: boolean;
  onClose: () => void;
  onCode: (code: DeviceCode) => void;
}) {
  const w = useWords();
  const t = w.devices;
  const users = useQuery({
    queryKey: ["device-users", unitId],
    queryFn: () => api.deviceUsers(unitId),
    enabled: open,
  });
  const rules = [{ required: true, message: w.common.required }];
  const options = users.data?.items.map((u) => ({ value: u.user_id, label: u.name })) ?? [];
  return (
    <FormDialog<{ user_id: string; name: string }>
      title={t.enrol}
      open={open}
      onClose={onClose}
      ok={t.makeCode}
      onSubmit={async (v) => onCode(await api.addDeviceCode(unitId, v))}
    >
      <Form.Item name="user_id" label={t.user} rules={rules}>
        <Select showSearch optionFilterProp="label" options={options} />
      </Form.Item>
      <Form.Item name="name" label={t.name} rules={rules}>
        <Input maxLength={30} placeholder={t.namePlaceholder} />
      </Form.Item>
    </FormDialog>
  );
}

export function DevicesPage() {
  const w = useWords();
  const t = w.devices;
  const me = useMe();
  const { tree } = useUnits();
  const search = route.useSearch();
  const scope = useSearch({ strict: false }).unit;
  const navigate = useNavigate();
  const client = useQueryClient();
  const notice = useNotice();
  const [asking, setAsking] = useState(false);
  const [code, setCode] = useState<DeviceCode | null>(null);
  const [revoking, setRevoking] = useState<Device | null>(null);
  const unitId = scope ?? me.unit.id;
  const unit = tree.byId.get(unitId);
  const query = useQuery({
    queryKey: ["devices", unitId, search.after],
    queryFn: () => api.devices(unitId, { limit: 50, after: search.after }),
  });
  const late = (d: Device) =>
    d.outbox_oldest !== null && Date.now() - Date.parse(d.outbox_oldest) > LATE_HOURS * HOUR;
  const columns: Column<Device>[] = [
    { key: "name", title: t.name, render: (d) => d.name },
    { key: "user", title: t.user, nowrap: true, render: (d) => d.user_name },
    { key: "unit", title: t.unit, render: (d) => tree.byId.get(d.unit_id)?.name ?? "" },
    {
      key: "state",
      title: t.state,
      nowrap: true,
      render: (d) => (
        <Tag tone={d.state === "active" ? "ok" : "plain"}>{d.state === "active" ? t.active : t.revoked}</Tag>
      ),
    },
    {
      key: "seen",
      title: t.seen,
      nowrap: true,
      render: (d) => <span className="num">{stamp(d.seen_at)}</span>,
    },
    {
      key: "held",
      title: t.held,
      numeric: true,
      render: (d) => (d.outbox_count > 0 ? num(d.outbox_count) : "0"),
    },
    {
      key: "oldest",
      title: t.oldest,
      nowrap: true,
      render: (d) =>
        d.outbox_count > 0 && d.outbox_oldest ? (
          <Tag tone={late(d) ? "bad" : "plain"}>{stamp(d.outbox_oldest)}</Tag>
        ) : (
          "–"
        ),
    },
    {
      key: "act",
      title: w.common.actions,
      render: (d) =>
        d.state === "active" ? (
          <Button size="small" danger onClick={() => setRevoking(d)}>
            {t.revoke}
          </Button>
        ) : (
          <span className="hint">{d.revoked_reason}</span>
        ),
    },
  ];
  const isBranch = unit?.level === "branch";
  return (
    <Page
      title={t.title}
      sub={unit?.name ?? me.unit.name}
      actions={
        isBranch ? (
          <Button type="primary" onClick={() => setAsking(true)}>
            {t.enrol}
          </Button>
        ) : null
      }
    >
      <p className="hint">{isBranch ? t.hint : t.chooseBranch}</p>
      <Panel flush title={t.list}>
        <View query={query}>
          {(data) => (
            <>
              <ServerTable
                label={t.list}
                columns={columns}
                rows={data.items}
                rowKey={(d) => d.id}
                empty={<Empty text={t.empty} />}
              />
              <Pager
                after={search.after}
                next={data.next}
                shown={data.items.length}
                onMove={(after) =>
                  navigate({
                    to: "/devices",
                    search: (old: Record<string, unknown>) => ({ ...old, after }),
                  })
                }
              />
            </>
          )}
        </View>
      </Panel>
      <EnrolDialog unitId={unitId} open={asking} onClose={() => setAsking(false)} onCode={setCode} />
      <CodeDialog code={code} onClose={() => setCode(null)} />
      <FormDialog<{ reason: string }>
        title={t.revokeAsk(revoking?.name ?? "")}
        open={revoking !== null}
        onClose={() => setRevoking(null)}
        ok={t.revoke}
        danger
        onSubmit={async (v) => {
          if (!revoking) return;
          await api.revokeDevice(revoking.unit_id, revoking.id, v);
          await client.invalidateQueries({ queryKey: ["devices"] });
          notice(t.revokedDone);
        }}
      >
        <p className="hint">{t.revokeHint}</p>
        <Form.Item name="reason" label={t.reason} rules={[{ required: true, message: w.common.required }]}>
          <Input maxLength={100} placeholder={t.reasonPlaceholder} />
        </Form.Item>
      </FormDialog>
    </Page>
  );
}
