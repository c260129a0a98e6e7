// The editable fields of a customer. Stored personal data is never put into the form: what stays empty stays as it is.
import { useQuery } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type { CustomerInput } from "@zoufang/shared/api/types.ts";
import { AutoComplete, Checkbox, DatePicker, Form, Input, Select } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useWords } from "../session.ts";
import { groupName } from "../ui/dates.ts";

/** Days travel as text; the picker wants its own type. */
export const dayProps = {
  getValueProps: (value?: string | null) => ({ value: value ? dayjs(value) : null }),
  normalize: (value: Dayjs | null) => (value ? value.format("YYYY-MM-DD") : null),
};

/** What may be emptied although the form does not show what is stored. */
const HIDDEN = ["phone", "id_number", "address", "notes"] as const;
/** What the form shows as it is stored: empty means emptied. */
const SHOWN = ["occupation", "balance_band", "deposit_due_day", "insurance_due_day"] as const;

export interface CustomerValues extends CustomerInput {
  emptied?: (typeof HIDDEN)[number][];
}

/** Without the fields that were left empty; one that was taken away, or chosen to be emptied, is sent as "". */
export function cleaned({ emptied, ...values }: CustomerValues, stored?: CustomerInput): CustomerInput {
  const kept = Object.entries(values).filter(
    ([, value]) => value !== undefined && value !== null && value !== "",
  );
  const body: CustomerInput = Object.fromEntries(kept);
  for (const field of SHOWN) if (stored?.[field] && !values[field]) body[field] = "";
  // What did not change is not sent: a tag from before a change of the groups would be refused.
  if (stored?.tags && String(stored.tags) === String(values.tags ?? [])) delete body.tags;
  for (const field of emptied ?? []) if (!body[field]) body[field] = "";
  return body;
}

export function CustomerFields({ unitId, isNew }: { unitId: string; isNew: boolean }) {
  const w = useWords();
  const c = w.customers;
  const groups = useQuery({ queryKey: ["groups", unitId], queryFn: () => api.villageGroups(unitId) });
  const tags = useQuery({ queryKey: ["customer-tags"], queryFn: api.customerTags, staleTime: 600_000 });
  const keep = isNew ? undefined : c.keep;
  const hidden = { phone: c.phone, id_number: c.idNumber, address: c.address, notes: c.notes };
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
          <AutoComplete options={c.bands.map((value) => ({ value }))} />
        </Form.Item>
        <Form.Item name="deposit_due_day" label={c.due} {...dayProps}>
          <DatePicker />
        </Form.Item>
        <Form.Item name="insurance_due_day" label={c.insuranceDue} {...dayProps}>
          <DatePicker />
        </Form.Item>
      </div>
      <Form.Item name="tags" label={c.tags}>
        <Select
          mode="multiple"
          showSearch={{ optionFilterProp: "label" }}
          options={(tags.data?.items ?? []).map((t) => ({ value: t.code, label: t.name }))}
        />
      </Form.Item>
      <Form.Item name="notes" label={c.notes}>
        <Input.TextArea rows={2} autoComplete="off" placeholder={keep} />
      </Form.Item>
      {isNew ? null : (
        <Form.Item name="emptied" label={c.emptied} extra={c.emptiedHint}>
          <Select mode="multiple" options={HIDDEN.map((value) => ({ value, label: hidden[value] }))} />
        </Form.Item>
      )}
      {isNew ? null : (
        <Form.Item name="do_not_visit" valuePropName="checked">
          <Checkbox>{c.doNotVisitLabel}</Checkbox>
        </Form.Item>
      )}
    </>
  );
}
