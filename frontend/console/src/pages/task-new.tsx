// Opening a task by hand: which kind, for which unit, what is to be done, until when.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import { DatePicker, Form, Input, Select } from "antd";
import type { Dayjs } from "dayjs";
import { useMay, useMe, useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { useTaskWords } from "./task-words.ts";

interface Draft {
  unit: string;
  kind: string;
  title?: string;
  note?: string;
  due?: Dayjs | null;
}

export function NewTask({
  open,
  unitId,
  parentId,
  onClose,
  onDone,
}: {
  open: boolean;
  unitId: string;
  /** The task that it is a part of; the unit is fixed then. */
  parentId?: string;
  onClose: () => void;
  onDone: () => Promise<unknown>;
}) {
  const w = useWords();
  const t = w.tasks;
  const me = useMe();
  const words = useTaskWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const mayUnits = useMay("unit.read");
  const kinds = useQuery({ queryKey: ["task-kinds"], queryFn: () => api.taskKinds(), enabled: open });
  const units = useQuery({
    queryKey: ["units"],
    queryFn: () => api.units(),
    enabled: open && mayUnits && !parentId,
  });
  const byHand = (kinds.data ?? []).filter((k) => k.by_hand);
  const choices = units.data?.items ?? [{ id: me.unit.id, name: me.unit.name }];
  const save = async (draft: Draft) => {
    const made = await api.openTask(draft.unit ?? unitId, {
      kind: draft.kind,
      title: draft.title ?? "",
      note: draft.note ?? "",
      due: draft.due ? draft.due.format("YYYY-MM-DD") : null,
      parent_id: parentId ?? null,
    });
    await client.invalidateQueries({ queryKey: ["inbox"] });
    await onDone();
    if (!parentId)
      await navigate({
        to: "/tasks/$unitId/$taskId",
        params: { unitId: made.task.unit_id, taskId: made.task.id },
      });
  };
  return (
    <FormDialog<Draft>
      title={parentId ? t.addPart : t.add}
      open={open}
      onClose={onClose}
      onSubmit={save}
      initial={{ unit: unitId, kind: "todo" }}
      ok={t.openIt}
    >
      {parentId ? null : (
        <Form.Item name="unit" label={w.common.unit} rules={[{ required: true, message: w.common.required }]}>
          <Select
            showSearch
            optionFilterProp="label"
            options={choices.map((u) => ({ value: u.id, label: u.name }))}
          />
        </Form.Item>
      )}
      <Form.Item name="kind" label={t.kind} rules={[{ required: true, message: w.common.required }]}>
        <Select options={byHand.map((k) => ({ value: k.id, label: words.two(k.name) }))} />
      </Form.Item>
      <Form.Item name="title" label={t.title} extra={t.titleHint}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="note" label={t.note} extra={t.noPersonal}>
        <Input.TextArea maxLength={200} rows={3} />
      </Form.Item>
      <Form.Item name="due" label={t.lastDay} extra={t.lastDayHint}>
        <DatePicker style={{ width: "100%" }} />
      </Form.Item>
    </FormDialog>
  );
}
