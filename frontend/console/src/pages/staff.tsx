// The people of a unit: list, add, edit. Phone numbers come masked; an empty phone field keeps the stored one.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { NewStaff, Staff, StaffChange, Unit } from "@zoufang/shared/api/types.ts";
import { Button, Checkbox, Form, Input, Select } from "antd";
import { useState } from "react";
import { useMay, useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Panel, Tag } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { Empty, View } from "../ui/states.tsx";
import { type Column, ServerTable } from "../ui/table.tsx";
import { UnitPicker } from "../ui/unit-picker.tsx";

type StaffValues = NewStaff & Pick<StaffChange, "active" | "unit_id">;

export function StaffList({ unit }: { unit: Unit }) {
  const w = useWords();
  const s = w.units.staff;
  const client = useQueryClient();
  const notice = useNotice();
  const [subtree, setSubtree] = useState(unit.level !== "branch");
  const [open, setOpen] = useState<Staff | "new" | null>(null);
  const may = useMay("staff.write");
  const query = useQuery({
    queryKey: ["staff", unit.id, subtree],
    queryFn: () => api.staff(unit.id, subtree),
  });
  const posts = useQuery({ queryKey: ["posts"], queryFn: api.posts, staleTime: 600_000 });
  const editing = open !== null && open !== "new" ? open : null;

  const columns: Column<Staff>[] = [
    { key: "no", title: s.no, nowrap: true, render: (r) => <span className="num">{r.staff_no}</span> },
    { key: "name", title: s.name, nowrap: true, render: (r) => r.name },
    { key: "post", title: s.post, render: (r) => r.post_name },
    ...(subtree ? [{ key: "unit", title: w.common.unit, render: (r: Staff) => r.unit_name }] : []),
    {
      key: "phone",
      title: s.phone,
      nowrap: true,
      render: (r) => <span className="num">{r.phone_masked ?? "–"}</span>,
    },
    {
      key: "state",
      title: w.common.state,
      render: (r) => <Tag tone={r.active ? "ok" : "plain"}>{r.active ? s.on : s.left}</Tag>,
    },
    ...(may
      ? [
          {
            key: "edit",
            title: w.common.actions,
            render: (r: Staff) => (
              <Button size="small" aria-label={`${s.edit}: ${r.name}`} onClick={() => setOpen(r)}>
                {w.common.edit}
              </Button>
            ),
          },
        ]
      : []),
  ];

  const save = async (values: StaffValues) => {
    const phone = values.phone ? { phone: values.phone } : {};
    const { name, post, staff_no, active, unit_id } = values;
    const moves = editing !== null && unit_id !== undefined && unit_id !== editing.unit_id;
    const move = moves ? { unit_id } : {};
    if (editing)
      await api.editStaff(editing.unit_id, editing.id, {
        name,
        post,
        active: active ?? true,
        ...phone,
        ...move,
      });
    else await api.addStaff(unit.id, { staff_no, name, post, ...phone });
    await client.invalidateQueries({ queryKey: ["staff"] });
    notice(moves ? w.transfers.staffMoved : w.common.saved);
  };

  return (
    <Panel
      flush
      title={w.units.tabs.staff}
      extra={
        <>
          {unit.level !== "branch" ? (
            <Checkbox checked={subtree} onChange={(e) => setSubtree(e.target.checked)}>
              {s.subtree}
            </Checkbox>
          ) : null}
          {may ? <Button onClick={() => setOpen("new")}>{s.add}</Button> : null}
        </>
      }
    >
      <View query={query}>
        {(data) => (
          <ServerTable
            label={w.units.tabs.staff}
            columns={columns}
            rows={data.items}
            rowKey={(r) => r.id}
            empty={
              <Empty
                text={s.empty}
                action={
                  <Link className="button-link" to="/imports">
                    {w.units.toImport}
                  </Link>
                }
              />
            }
          />
        )}
      </View>
      <FormDialog<StaffValues>
        key={editing?.id ?? "new"}
        title={editing ? `${s.edit} · ${editing.name}` : s.add}
        open={open !== null}
        onClose={() => setOpen(null)}
        initial={
          editing
            ? {
                staff_no: editing.staff_no,
                name: editing.name,
                post: editing.post,
                active: editing.active,
                unit_id: editing.unit_id,
              }
            : {}
        }
        onSubmit={save}
      >
        <div className="form-2">
          <Form.Item name="staff_no" label={s.no} rules={[{ required: true, message: w.common.required }]}>
            <Input disabled={editing !== null} />
          </Form.Item>
          <Form.Item name="name" label={s.name} rules={[{ required: true, message: w.common.required }]}>
            <Input />
          </Form.Item>
        </div>
        <div className="form-2">
          <Form.Item name="post" label={s.post} rules={[{ required: true, message: w.common.required }]}>
            <Select options={(posts.data?.items ?? []).map((p) => ({ value: p.code, label: p.name }))} />
          </Form.Item>
          <Form.Item name="phone" label={s.phone} extra={editing ? s.phoneKeep : undefined}>
            <Input inputMode="tel" autoComplete="off" />
          </Form.Item>
        </div>
        {editing ? (
          <div className="form-2">
            <Form.Item name="unit_id" label={w.transfers.staffMove}>
              <UnitPicker label={w.transfers.staffMove} />
            </Form.Item>
            <Form.Item name="active" valuePropName="checked">
              <Checkbox>{s.on}</Checkbox>
            </Form.Item>
          </div>
        ) : null}
      </FormDialog>
    </Panel>
  );
}
