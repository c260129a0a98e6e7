// Where a customer is: how near the place is to the door, and pinning the door. One panel of the customer's page.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type { PinInput, CustomerPlace as Place } from "@zoufang/shared/api/types.ts";
import { stamp } from "@zoufang/shared/format.ts";
import { Button, Form, type FormInstance, InputNumber, Popconfirm, Select } from "antd";
import { useState } from "react";
import { useMay, useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Facts, Panel, Tag } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { View } from "../ui/states.tsx";

/** Reads the device's own position into the form; browsers allow it on secure addresses only. */
function Here({ form }: { form: FormInstance<PinInput> }) {
  const p = useWords().customerPlace;
  const [state, setState] = useState<"idle" | "busy" | "failed">("idle");
  if (!("geolocation" in navigator)) return null;
  const read = () => {
    setState("busy");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.setFieldsValue({
          lat: coords.latitude,
          lon: coords.longitude,
          datum: "wgs84",
          accuracy_m: Math.round(coords.accuracy),
        });
        setState("idle");
      },
      () => setState("failed"),
      { enableHighAccuracy: true, timeout: 15_000 },
    );
  };
  return (
    <p>
      <Button onClick={read} loading={state === "busy"}>
        {p.here}
      </Button>{" "}
      <span className="hint" role="status">
        {state === "failed" ? p.hereFailed : ""}
      </span>
    </p>
  );
}

function Known({ data }: { data: Place }) {
  const w = useWords();
  const p = w.customerPlace;
  const precision = data.precision ? (p.precisions[data.precision] ?? data.precision) : p.nowhere;
  const datum = data.datum ? (w.units.datums[data.datum as keyof typeof w.units.datums] ?? data.datum) : null;
  return (
    <Facts
      items={[
        [
          p.precision,
          <span key="precision">
            {precision}{" "}
            {data.approximate ? <Tag tone="warn">{p.approximate}</Tag> : <Tag tone="ok">{p.exact}</Tag>}
          </span>,
        ],
        [
          p.coordinates,
          data.lat === null || data.lon === null ? null : (
            <span key="coordinates" className="num">
              {`${data.lat.toFixed(4)}, ${data.lon.toFixed(4)}`}
            </span>
          ),
        ],
        [p.datum, datum],
        [
          p.pinned,
          data.pinned_at
            ? `${data.pinned_by_name ?? ""} ${stamp(data.pinned_at)}${data.accuracy_m === null ? "" : ` ${p.accuracyOf(String(data.accuracy_m))}`}`
            : null,
        ],
      ]}
    />
  );
}

/** The same place in one line, for the facts of the customer: where, how near, and who pinned it. */
export function WhereFact({ unitId, customerId }: { unitId: string; customerId: string }) {
  const w = useWords();
  const p = w.customerPlace;
  const query = useQuery({
    queryKey: ["customer-place", customerId],
    queryFn: () => api.customerPlace(unitId, customerId),
  });
  const place = query.data;
  if (!place) return null;
  if (place.lat === null || place.lon === null) return p.nowhere;
  return (
    <>
      <span className="num">{`${place.lat.toFixed(4)}, ${place.lon.toFixed(4)}`}</span>{" "}
      {place.precision ? (p.precisions[place.precision] ?? place.precision) : null}{" "}
      {place.approximate ? <Tag tone="warn">{p.approximate}</Tag> : null}
      {place.pinned_at ? `${p.pinned} ${place.pinned_by_name ?? ""} ${stamp(place.pinned_at)}` : null}
    </>
  );
}

export function CustomerPlace({ unitId, customerId }: { unitId: string; customerId: string }) {
  const w = useWords();
  const p = w.customerPlace;
  const client = useQueryClient();
  const notice = useNotice();
  const mayWrite = useMay("customer.write");
  const [open, setOpen] = useState(false);
  const key = ["customer-place", customerId];
  const query = useQuery({ queryKey: key, queryFn: () => api.customerPlace(unitId, customerId) });
  const again = async () => {
    await client.invalidateQueries({ queryKey: key });
    await client.invalidateQueries({ queryKey: ["customer", customerId] });
  };
  const unpin = useMutation({
    mutationFn: () => api.unpinCustomer(unitId, customerId),
    onSuccess: async () => {
      await again();
      notice(p.unpinnedDone);
    },
  });
  const required = [{ required: true, message: w.common.required }];
  const datums = Object.entries(w.units.datums).map(([value, label]) => ({ value, label }));
  return (
    <Panel
      title={p.title}
      extra={
        mayWrite ? (
          <span className="line wrap">
            {query.data?.pinned ? (
              <Popconfirm
                title={p.unpinConfirm}
                onConfirm={() => unpin.mutate()}
                okText={w.common.sure}
                cancelText={w.common.cancel}
              >
                <Button size="small">{p.unpin}</Button>
              </Popconfirm>
            ) : null}
            <Button size="small" onClick={() => setOpen(true)}>
              {query.data?.pinned ? p.move : p.pin}
            </Button>
          </span>
        ) : null
      }
    >
      <View query={query}>{(data) => <Known data={data} />}</View>
      <FormDialog<PinInput>
        title={p.pin}
        open={open}
        onClose={() => setOpen(false)}
        initial={{ datum: "wgs84" }}
        onSubmit={async (values) => {
          await api.pinCustomer(unitId, customerId, values);
          await again();
          notice(p.pinnedDone);
        }}
      >
        {(form) => (
          <>
            <p className="hint">{p.hint}</p>
            <Here form={form} />
            <Form.Item name="lat" label={p.lat} rules={required}>
              <InputNumber min={-90} max={90} step={0.0001} />
            </Form.Item>
            <Form.Item name="lon" label={p.lon} rules={required}>
              <InputNumber min={-180} max={180} step={0.0001} />
            </Form.Item>
            <Form.Item name="datum" label={p.datum} rules={required}>
              <Select options={datums} />
            </Form.Item>
            <Form.Item name="accuracy_m" label={p.accuracy}>
              <InputNumber min={0} max={100_000} />
            </Form.Item>
          </>
        )}
      </FormDialog>
    </Panel>
  );
}
