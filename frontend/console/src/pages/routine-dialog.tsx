// How often a routine comes for a unit and all below it, how early its task is opened, whether it runs at all; with a
// reason, because outlets will ask.
import { api } from "@zoufang/shared/api/client.ts";
import type { Cadence, Routine } from "@zoufang/shared/api/types.ts";
import { Checkbox, Form, type FormInstance, Input, InputNumber, Select } from "antd";
import { useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { useTaskWords } from "./task-words.ts";

interface Draft {
  enabled: boolean;
  every: Cadence["every"];
  weekdays: number[];
  times: number;
  most: number;
  day: number;
  month: number;
  days: number;
  lead_days: number;
  reason: string;
}

function draftOf(routine: Routine): Partial<Draft> {
  const plain = { weekdays: [1], times: 1, most: 1, day: 1, month: 12, days: 1 };
  const { cadence } = routine;
  const most = cadence.every === "month" ? { most: cadence.most ?? cadence.times } : {};
  return { ...plain, ...cadence, ...most, enabled: routine.enabled, lead_days: routine.lead_days };
}

function cadenceOf(d: Draft): Cadence {
  switch (d.every) {
    case "day":
      return { every: "day" };
    case "week":
      return { every: "week", weekdays: d.weekdays };
    case "month":
      return { every: "month", times: d.times, most: Math.max(d.most ?? d.times, d.times) };
    case "month_day":
      return { every: "month_day", day: d.day };
    case "quarter":
      return { every: "quarter", times: d.times };
    case "lunar":
      return { every: "lunar", month: d.month, day: d.day };
    case "before_start":
      return { every: "before_start", days: d.days };
  }
}

/** Which figures a rhythm has. */
const FIGURES: Record<Cadence["every"], ("weekdays" | "times" | "most" | "month" | "day" | "days")[]> = {
  day: [],
  week: ["weekdays"],
  month: ["times", "most"],
  month_day: ["day"],
  quarter: ["times"],
  lunar: ["month", "day"],
  before_start: ["days"],
};
const MOST = { times: 15, most: 20, month: 12, day: 31, days: 200 };

export function RoutineDialog({
  routine,
  unitId,
  unitName,
  onClose,
  onDone,
}: {
  routine: Routine | null;
  unitId: string;
  unitName: string;
  onClose: () => void;
  onDone: () => Promise<unknown>;
}) {
  const { two } = useTaskWords();
  const r = useWords().routines;
  const save = async (draft: Draft) => {
    if (!routine) return;
    await api.setRoutine(unitId, routine.id, {
      seen: routine.version,
      enabled: draft.enabled,
      cadence: cadenceOf(draft),
      lead_days: draft.lead_days,
      reason: draft.reason,
    });
    await onDone();
  };
  return (
    <FormDialog<Draft>
      title={routine ? r.editTitle(two(routine.name), unitName) : ""}
      open={routine !== null}
      onClose={onClose}
      onSubmit={save}
      initial={routine ? draftOf(routine) : {}}
      ok={r.save}
    >
      {(form) => <Fields form={form} campaign={routine?.campaign ?? false} />}
    </FormDialog>
  );
}

function Fields({ form, campaign }: { form: FormInstance<Draft>; campaign: boolean }) {
  const w = useWords();
  const r = w.routines;
  const every = Form.useWatch("every", form) ?? "day";
  const kinds = (Object.keys(FIGURES) as Cadence["every"][]).filter((k) => campaign || k !== "before_start");
  return (
    <>
      <Form.Item name="enabled" valuePropName="checked">
        <Checkbox>{r.enabled}</Checkbox>
      </Form.Item>
      <Form.Item name="every" label={r.often}>
        <Select options={kinds.map((k) => ({ value: k, label: r.kinds[k] }))} />
      </Form.Item>
      {FIGURES[every].map((figure) =>
        figure === "weekdays" ? (
          <Form.Item
            key={figure}
            name={figure}
            label={r.figures.weekdays}
            rules={[{ required: true, message: w.common.required }]}
          >
            <Select mode="multiple" options={w.date.weekdays.map((label, i) => ({ value: i + 1, label }))} />
          </Form.Item>
        ) : (
          <Form.Item
            key={figure}
            name={figure}
            label={r.figures[figure]}
            rules={[{ required: true, message: w.common.required }]}
          >
            <InputNumber min={figure === "days" ? 0 : 1} max={MOST[figure]} precision={0} />
          </Form.Item>
        ),
      )}
      <Form.Item
        name="lead_days"
        label={r.leadLabel}
        rules={[{ required: true, message: w.common.required }]}
      >
        <InputNumber min={0} max={60} precision={0} />
      </Form.Item>
      <Form.Item name="reason" label={r.whyChange} rules={[{ required: true, message: w.common.required }]}>
        <Input maxLength={200} />
      </Form.Item>
    </>
  );
}
