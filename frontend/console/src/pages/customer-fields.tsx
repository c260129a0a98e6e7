// The editable fields of a customer. Stored personal data is never put into the form: what stays empty stays as it is.
import { useQuery } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type { CustomerInput } from "@zoufang/shared/api/types.ts";
import { Checkbox, DatePicker, Form, Input, Select } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useWords } from "../session.ts";
import { groupName } from "../ui/dates.ts";

/** Days travel as text; the picker wants its own type. */
export const dayProps = {
  getValueProps: (value?: string | null) => ({ value: value ? dayjs(value) : null }),
  normalize: (value: Dayjs | null) => (value ? value.format("YYYY-MM-DD") : null),
};

/** Without the fields that were left empty; a day that was taken away is sent as "", which empties it. */
export function cleaned(values: CustomerInput): CustomerInput {
  const kept = Object.entries(values).filter(
    ([, value]) => value !== undefined && value !== null && value !== "",
  );
  const body: CustomerInput = Object.fromEntries(kept);
  if (values.deposit_due_day === null) body.deposit_due_day = "";
  return body;
}

export function CustomerFields({ unitId, isNew }: { unitId: string; isNew: boolean }) {
  const w = useWords();
  const c = w.customers;
  const groups = useQuery({ queryKey: ["groups", unitId], queryFn: () => api.villageGroups(unitId) });
  const keep = isNew ? undefined : c.keep;
  const rule = isNew ? [{ required: true, message: w.common.required }] : [];
  return (
    <>
      <div className="form-2">
        {isNew ? (
          <Form.Item name="customer_no" label={c.no} rules={rule}>
            <Input autoComplete="off" />
          </Form.Item>
        ) : null}
        <Form.Item name="name" label={c.name} rules={rule}>
          <Input autoComplete="off" placeholder={keep} />
        </Form.Item>
        <Form.Item name="phone" label={c.phone}>
          <Input autoComplete="off" inputMode="tel" placeholder={keep} />
        </Form.Item>
        <Form.Item name="id_number" label={c.idNumber}>
          <Input autoComplete="off" placeholder={keep} />
        </Form.Item>
      </div>
      <Form.Item name="address" label={c.address}>
        <Input autoComplete="off" placeholder={keep} />
      </Form.Item>
      <div className="form-2">
        <Form.Item name="village_group_id" label={c.group}>
          <Select
            allowClear
            showSearch={{ optionFilterProp: "label" }}
            options={(groups.data?.items ?? []).map((g) => ({ value: g.id, label: groupName(g) }))}
          />
        </Form.Item>
        <Form.Item name="occupation" label={c.occupation}>
          <Input />
        </Form.Item>
        <Form.Item name="balance_band" label={c.balance}>
          <Input />
        </Form.Item>
        <Form.Item name="deposit_due_day" label={c.due} {...dayProps}>
          <DatePicker />
        </Form.Item>
      </div>
      {isNew ? null : (
        <Form.Item name="do_not_visit" valuePropName="checked">
          <Checkbox>{c.doNotVisitLabel}</Checkbox>
        </Form.Item>
      )}
    </>
  );
}
