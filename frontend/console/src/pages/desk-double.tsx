// Double entry: how often two texts of the same form differ, by outlet and by question, and the differences that wait
// for the branch head. Both texts are shown for a look that is recorded; lists carry names of questions only.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type { DeskBoth, DeskBoths, DeskDouble, DeskRate } from "@zoufang/shared/api/types.ts";
import { type Field, type Form as FormModel, type Json, walk } from "@zoufang/shared/form/model.ts";
import { num } from "@zoufang/shared/format.ts";
import { Button, Form, Input, Modal } from "antd";
import { useState } from "react";
import { useMay, useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Panel } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { Empty, errorText, View } from "../ui/states.tsx";
import { type Column, Pager, ServerTable } from "../ui/table.tsx";
import { useFormWords } from "./form-words.ts";

const share = (part: number, of: number) => (of === 0 ? "–" : `${((part / of) * 100).toFixed(1)}%`);

export function DoubleEntry({
  programId,
  unitId,
  branch,
}: {
  programId: string;
  unitId: string;
  branch: boolean;
}) {
  const d = useWords().deskMore;
  const said = useFormWords();
  const may = useMay("visit.review");
  const query = useQuery({
    queryKey: ["desk-rates", programId, unitId],
    queryFn: () => api.deskRates(programId, unitId),
  });
  const columns = (first: string): Column<DeskRate>[] => [
    { key: "name", title: first, render: (r) => said.words(r.label) },
    { key: "forms", title: d.forms, numeric: true, render: (r) => num(r.forms) },
    { key: "compared", title: d.compared, numeric: true, render: (r) => num(r.compared) },
    { key: "differing", title: d.differing, numeric: true, render: (r) => num(r.differing) },
    { key: "rate", title: d.rate, numeric: true, render: (r) => <b>{share(r.differing, r.compared)}</b> },
  ];
  return (
    <>
      {may && branch ? <Differences programId={programId} unitId={unitId} /> : null}
      <View query={query}>
        {(rates) => (
          <Panel flush title={d.title} hint={d.hint(rates.from, rates.to)}>
            {rates.branches.length === 0 ? (
              <Empty text={d.none} />
            ) : (
              <>
                <ServerTable
                  label={`${d.title} · ${d.branch}`}
                  columns={columns(d.branch)}
                  rows={rates.branches}
                  rowKey={(r) => r.unit_id ?? r.name}
                />
                <ServerTable
                  label={`${d.title} · ${d.field}`}
                  columns={columns(d.field)}
                  rows={rates.fields}
                  rowKey={(r) => r.name}
                />
              </>
            )}
          </Panel>
        )}
      </View>
    </>
  );
}

function Differences({ programId, unitId }: { programId: string; unitId: string }) {
  const w = useWords();
  const d = w.deskMore;
  const said = useFormWords();
  const [after, setAfter] = useState<string | undefined>(undefined);
  const [shown, setShown] = useState<{ of: DeskDouble; both: DeskBoths } | null>(null);
  const client = useQueryClient();
  const notice = useNotice();
  const query = useQuery({
    queryKey: ["desk-doubles", programId, unitId, after],
    queryFn: () => api.deskDoubles(programId, unitId, { limit: 20, after }),
  });
  const [asked, setAsked] = useState<DeskDouble | null>(null);
  const show = async (of: DeskDouble, reason: string) => {
    const both = await api.deskBoth(unitId, of.visit_id, reason);
    setShown({ of, both });
  };
  const form = shown?.both.form as FormModel | null | undefined;
  const fields = new Map([...walk(form?.fields ?? [])].map((f) => [f.name, f]));
  const field = (b: DeskBoth): Field => fields.get(b.field) ?? { name: b.field, type: "text" };
  const decide = async (stands: "first" | "second") => {
    if (!shown) return;
    try {
      await api.deskDecide(unitId, shown.of.visit_id, stands);
      notice(d.decided);
    } catch (cause) {
      notice(errorText(cause, w));
    }
    setShown(null);
    for (const key of ["desk-doubles", "desk-rates", "desk"]) {
      await client.invalidateQueries({ queryKey: [key] });
    }
  };
  const columns: Column<DeskDouble>[] = [
    { key: "day", title: d.day, nowrap: true, render: (r) => <span className="num">{r.day}</span> },
    { key: "fields", title: d.fields, render: (r) => r.fields.map(said.words).join(w.visitPage.comma) },
    {
      key: "typists",
      title: d.typists,
      render: (r) => `${r.first_by_name} / ${r.second_by_name}`,
    },
    {
      key: "decide",
      title: d.decide,
      render: (r) => (
        <Button size="small" onClick={() => setAsked(r)}>
          {d.show}
        </Button>
      ),
    },
  ];
  return (
    <Panel flush title={d.open}>
      <View query={query}>
        {(page) => (
          <>
            <ServerTable
              label={d.open}
              columns={columns}
              rows={page.items}
              rowKey={(r) => r.visit_id}
              empty={<Empty text={d.noneOpen} />}
            />
            <Pager after={after} next={page.next} shown={page.items.length} onMove={setAfter} />
          </>
        )}
      </View>
      <FormDialog<{ reason: string }>
        title={d.show}
        open={asked !== null}
        onClose={() => setAsked(null)}
        ok={d.show}
        initial={{ reason: d.reason }}
        onSubmit={async (v) => (asked ? show(asked, v.reason) : undefined)}
      >
        <p className="hint">{d.showHint}</p>
        <Form.Item name="reason" label={d.why} rules={[{ required: true, message: w.common.required }]}>
          <Input maxLength={100} />
        </Form.Item>
      </FormDialog>
      <Modal
        open={shown !== null}
        title={d.open}
        onCancel={() => setShown(null)}
        destroyOnHidden
        footer={
          <>
            <Button onClick={() => decide("first")}>{d.firstStands}</Button>
            <Button onClick={() => decide("second")}>{d.secondStands}</Button>
          </>
        }
      >
        <ServerTable
          label={d.fields}
          columns={[
            { key: "label", title: d.field, render: (b: DeskBoth) => said.label(field(b)) },
            {
              key: "first",
              title: d.first,
              render: (b: DeskBoth) => said.whole(field(b), b.first as Json),
            },
            {
              key: "second",
              title: d.second,
              render: (b: DeskBoth) => said.whole(field(b), b.second as Json),
            },
          ]}
          rows={shown?.both.items ?? []}
          rowKey={(b) => b.field}
        />
      </Modal>
    </Panel>
  );
}
