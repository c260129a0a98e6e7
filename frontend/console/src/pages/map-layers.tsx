// Base maps that the bank loads itself, each with the review number of its source; they serve the unit and all below.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type { MapLayer, Unit } from "@zoufang/shared/api/types.ts";
import { num, stamp } from "@zoufang/shared/format.ts";
import { Button, Form, Input, Popconfirm, Progress, Select } from "antd";
import { useRef, useState } from "react";
import { useMay, useUnits, useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Panel } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { Empty, ErrorBox, View } from "../ui/states.tsx";
import { type Column, ServerTable } from "../ui/table.tsx";

interface About {
  name: string;
  review_number: string;
  source: string;
  datum: string;
}

const MIB = 1024 * 1024;

function Fields({ withDatum }: { withDatum: boolean }) {
  const w = useWords();
  const l = w.serviceMap.layers;
  const rule = [{ required: true, message: w.common.required }];
  return (
    <>
      <Form.Item name="name" label={l.name} rules={rule}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="review_number" label={l.review} extra={l.reviewHint}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="source" label={l.source} extra={l.sourceHint}>
        <Input maxLength={100} />
      </Form.Item>
      {withDatum ? (
        <Form.Item name="datum" label={l.datum} extra={l.datumHint} rules={rule}>
          <Select
            options={(["wgs84", "gcj02", "bd09"] as const).map((value) => ({
              value,
              label: l.datums[value],
            }))}
          />
        </Form.Item>
      ) : null}
    </>
  );
}

export function MapLayers({ unit }: { unit: Unit }) {
  const w = useWords();
  const l = w.serviceMap.layers;
  const may = useMay("unit.write");
  const { tree } = useUnits();
  const client = useQueryClient();
  const notice = useNotice();
  const query = useQuery({ queryKey: ["map-layers", unit.id], queryFn: () => api.mapLayers(unit.id) });
  const [adding, setAdding] = useState(false);
  const [editing, setEditing] = useState<MapLayer | null>(null);
  const [part, setPart] = useState<number | null>(null);
  const file = useRef<HTMLInputElement>(null);
  const [missing, setMissing] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: ["map-layers"] });
  const remove = useMutation({
    mutationFn: (layer: MapLayer) => api.deleteMapLayer(layer.unit_id, layer.id),
    onSuccess: refresh,
  });
  const columns: Column<MapLayer>[] = [
    { key: "name", title: l.name, render: (x) => x.name },
    { key: "kind", title: l.kind, render: (x) => l.kinds[x.kind] },
    { key: "datum", title: l.datum, nowrap: true, render: (x) => l.datums[x.datum] },
    { key: "review", title: l.review, render: (x) => x.review_number || "–" },
    { key: "source", title: l.source, render: (x) => x.source || "–" },
    { key: "size", title: l.size, numeric: true, render: (x) => num(Math.max(0.1, x.bytes / MIB), 1) },
    { key: "unit", title: l.unit, render: (x) => tree.byId.get(x.unit_id)?.name ?? l.above },
    {
      key: "who",
      title: l.added,
      render: (x) => (
        <>
          {x.added_by_name} <span className="num">{stamp(x.added_at)}</span>
        </>
      ),
    },
    {
      key: "do",
      title: w.common.actions,
      render: (x) =>
        may && x.unit_id === unit.id ? (
          <div className="line">
            <Button onClick={() => setEditing(x)} aria-label={`${w.common.edit} ${x.name}`}>
              {w.common.edit}
            </Button>
            <Popconfirm
              title={l.removeConfirm}
              okText={w.common.sure}
              cancelText={w.common.cancel}
              onConfirm={() => remove.mutate(x)}
            >
              <Button danger aria-label={`${l.remove} ${x.name}`}>
                {l.remove}
              </Button>
            </Popconfirm>
          </div>
        ) : null,
    },
  ];
  return (
    <Panel
      flush
      title={l.title}
      hint={l.hint}
      extra={may ? <Button onClick={() => setAdding(true)}>{l.add}</Button> : null}
    >
      <ErrorBox error={remove.error} />
      <View query={query}>
        {(data) => (
          <ServerTable
            label={l.title}
            columns={columns}
            rows={data.items}
            rowKey={(x) => x.id}
            empty={<Empty text={l.empty} />}
          />
        )}
      </View>
      <FormDialog<About>
        title={l.add}
        open={adding}
        onClose={() => {
          setAdding(false);
          setPart(null);
        }}
        initial={{ name: "", review_number: "", source: "", datum: "wgs84" }}
        onSubmit={async (values) => {
          const chosen = file.current?.files?.[0];
          setMissing(!chosen);
          if (!chosen) throw new Error(l.fileMissing);
          await api.addMapLayer(unit.id, values, chosen, setPart);
          await refresh();
          notice(l.done);
        }}
      >
        <Fields withDatum />
        <label className="field" htmlFor="map-file">
          {l.file}
        </label>
        <input
          id="map-file"
          ref={file}
          type="file"
          accept=".geojson,.json,.pmtiles"
          aria-invalid={missing}
          aria-describedby="map-file-hint"
        />
        <p id="map-file-hint" className="hint">
          {l.fileHint}
        </p>
        {part === null ? null : <Progress percent={Math.round(part * 100)} aria-label={l.file} />}
      </FormDialog>
      <FormDialog<About>
        title={`${w.common.edit} ${editing?.name ?? ""}`}
        open={editing !== null}
        onClose={() => setEditing(null)}
        initial={{
          name: editing?.name ?? "",
          review_number: editing?.review_number ?? "",
          source: editing?.source ?? "",
        }}
        onSubmit={async (v) => {
          if (!editing) return;
          const body = { name: v.name, review_number: v.review_number ?? "", source: v.source ?? "" };
          await api.editMapLayer(unit.id, editing.id, body);
          await refresh();
          notice(w.common.saved);
        }}
      >
        <Fields withDatum={false} />
      </FormDialog>
    </Panel>
  );
}
