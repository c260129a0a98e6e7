// A decision on a visit that somebody must look at: what is the matter, what each answer does, and the two buttons.
import { api } from "@zoufang/shared/api/client.ts";
import type { VisitWhole } from "@zoufang/shared/api/types.ts";
import { Button, Form, Input } from "antd";
import { useState } from "react";
import { useMay, useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Panel } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { ErrorBox } from "../ui/states.tsx";

export function Decide({
  unitId,
  look,
  onDone,
}: {
  unitId: string;
  look: VisitWhole["looks"][number];
  onDone: () => Promise<void>;
}) {
  const w = useWords();
  const t = w.reviews;
  const may = useMay("visit.review");
  const notice = useNotice();
  const [refusing, setRefusing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const accept = async () => {
    setBusy(true);
    setError(null);
    try {
      await api.acceptReview(unitId, look.id);
      notice(t.acceptedDone);
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
    await onDone();
  };
  return (
    <Panel title={w.visitPage.toDecide}>
      <ul className="reasons">
        {look.reasons.map((r) => (
          <li key={r}>{r}</li>
        ))}
      </ul>
      {error ? <ErrorBox error={error} /> : null}
      {may ? (
        <>
          <p className="hint">{w.visitPage.decideHint}</p>
          <div className="line wrap no-print">
            <Button type="primary" loading={busy} onClick={accept}>
              {t.accept}
            </Button>
            <Button onClick={() => setRefusing(true)}>{t.reject}</Button>
          </div>
        </>
      ) : (
        <p className="hint">{w.visitPage.othersDecide}</p>
      )}
      <FormDialog<{ reason: string }>
        title={t.rejectAsk}
        open={refusing}
        onClose={() => setRefusing(false)}
        ok={t.reject}
        danger
        onSubmit={async (v) => {
          await api.rejectReview(unitId, look.id, v);
          notice(t.rejectedDone);
          await onDone();
        }}
      >
        <p className="hint">{t.rejectHint}</p>
        <Form.Item name="reason" label={t.reason} rules={[{ required: true, message: w.common.required }]}>
          <Input maxLength={100} />
        </Form.Item>
      </FormDialog>
    </Panel>
  );
}
