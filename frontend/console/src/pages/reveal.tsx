// Full values for a stated purpose: the dialog that asks for it, with what is left of the hour's quota, and the clock
// that hides them again. Values live in the memory of the page that asked and go when the time is over.
import { useQuery } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type { Revealed } from "@zoufang/shared/api/types.ts";
import { Form, Input, Select } from "antd";
import { useEffect, useState } from "react";
import { useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";

interface Shown {
  values: Revealed["values"];
  until: number;
}

export function useReveal() {
  const [shown, setShown] = useState<Shown | null>(null);
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!shown) return;
    const timer = setInterval(() => {
      setNow(Date.now());
      if (Date.now() >= shown.until) setShown(null);
    }, 250);
    // Paper has no clock: what is printed is always masked.
    const hide = () => setShown(null);
    window.addEventListener("beforeprint", hide);
    return () => {
      clearInterval(timer);
      window.removeEventListener("beforeprint", hide);
    };
  }, [shown]);
  return {
    values: shown?.values ?? {},
    left: shown ? Math.max(0, Math.ceil((shown.until - now) / 1000)) : 0,
    hide: () => setShown(null),
    show: (r: Revealed) => {
      setNow(Date.now());
      setShown({ values: r.values, until: Date.now() + r.expires_in_seconds * 1000 });
    },
  };
}

interface RevealValues {
  reason: string;
  other?: string;
}
const OTHER = "other";

export function RevealDialog({
  open,
  onClose,
  onSubmit,
}: {
  open: boolean;
  onClose: () => void;
  onSubmit: (reason: string) => Promise<unknown>;
}) {
  const w = useWords();
  const c = w.customers;
  const quota = useQuery({
    queryKey: ["reveal-quota"],
    queryFn: api.revealQuota,
    enabled: open,
    staleTime: 0,
  });
  return (
    <FormDialog<RevealValues>
      title={c.revealTitle}
      open={open}
      onClose={onClose}
      ok={c.revealGo}
      initial={{ reason: c.revealReasons[0] ?? "" }}
      onSubmit={(v) => onSubmit(v.reason === OTHER ? (v.other ?? "") : v.reason)}
    >
      {(form) => (
        <>
          <p className="hint">{c.revealHint}</p>
          {quota.data ? (
            <p className="hint num">{w.households.quota(quota.data.left, quota.data.per_hour)}</p>
          ) : null}
          <Form.Item name="reason" label={c.revealReason}>
            <Select
              options={[
                ...c.revealReasons.map((r) => ({ value: r, label: r })),
                { value: OTHER, label: c.revealOther },
              ]}
            />
          </Form.Item>
          <Form.Item noStyle shouldUpdate>
            {() =>
              form.getFieldValue("reason") === OTHER ? (
                <Form.Item
                  name="other"
                  label={c.revealOther}
                  rules={[{ required: true, message: w.common.required }]}
                >
                  <Input maxLength={100} />
                </Form.Item>
              ) : null
            }
          </Form.Item>
        </>
      )}
    </FormDialog>
  );
}
