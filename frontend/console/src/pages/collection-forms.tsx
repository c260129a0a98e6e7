// Collection forms of a week, one per household, with what the bank knows already. Asking for them is recorded with its
// reason; they are held in memory only and are gone when the page is left.
import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { CollectionForm, CollectionForms } from "@zoufang/shared/api/types.ts";
import { Button, Form, Input, Select } from "antd";
import { useWords } from "../session.ts";
import { dayText, weekText } from "../ui/dates.ts";
import { Page, Panel } from "../ui/layout.tsx";
import { ErrorBox, View } from "../ui/states.tsx";
import "./paper.css";

const route = getRouteApi("/shell/plans/$programId/$unitId/$week/forms");

function Boxes({ options, ticked }: { options: { key: string; label: string }[]; ticked?: string[] }) {
  return (
    <div className="boxes">
      {options.map((o) => (
        <span key={o.key}>
          {ticked?.includes(o.key) ? "☑" : "☐"} {o.label}
        </span>
      ))}
    </div>
  );
}

/** What the form already says of a field; empty means a line to write on. */
function known(form: CollectionForm, field: string): string {
  const values: Record<string, string> = {
    name: form.name,
    address: form.address,
    phone: form.phone_masked,
  };
  return values[field] ?? "";
}

/** A table to write further members in: one column a question, one empty line a member. */
function EmptyLines({ columns, lines }: { columns: CollectionForms["questions"]; lines: number }) {
  const rows = Array.from({ length: lines }, (_, i) => `line-${i + 1}`);
  return (
    <table className="empty-lines">
      <thead>
        <tr>
          {columns.map((c) => (
            <th key={c.name} scope="col">
              {c.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((line) => (
          <tr key={line}>
            {columns.map((c) => (
              <td key={c.name}>{c.options.length > 0 ? c.options.map((o) => `☐ ${o}`).join("  ") : " "}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function OneForm({ form, all }: { form: CollectionForm; all: CollectionForms }) {
  const w = useWords();
  const f = w.collectionForm;
  const missing: Record<string, string> = f.fields;
  return (
    <article className="collection-form">
      <header>
        <h2>{f.heading(all.unit_name)}</h2>
        {form.number > 0 ? (
          <p className="form-number num">
            <span>{f.number}</span> {form.number}
          </p>
        ) : null}
        <p className="num">
          {dayText(form.day, w, true)} · {form.team} · {f.order(form.order)} · {form.arrive}
        </p>
      </header>
      <p>
        <b>{form.name}</b> {form.village_group ?? ""} · {form.reasons.join("；")}
        {form.missing.length > 0 ? (
          <> · {f.missing(form.missing.map((m) => missing[m] ?? m).join("、"))}</>
        ) : null}
      </p>
      <table>
        <tbody>
          {all.questions.map((q) => (
            <tr key={q.name} className={q.name === "remarks" ? "note" : undefined}>
              <th scope="row">{q.label}</th>
              <td>
                {q.columns.length > 0 ? (
                  <EmptyLines columns={q.columns} lines={all.row_lines} />
                ) : q.options.length > 0 ? (
                  <Boxes options={q.options.map((o) => ({ key: o, label: o }))} />
                ) : (
                  known(form, q.name) || " "
                )}
              </td>
            </tr>
          ))}
          <tr>
            <th scope="row">{f.groups}</th>
            <td>
              <Boxes
                options={all.columns.map((c) => ({ key: c.code, label: c.name }))}
                ticked={form.groups}
              />
            </td>
          </tr>
          <tr>
            <th scope="row">{f.signed}</th>
            <td>{f.signatures}</td>
          </tr>
        </tbody>
      </table>
    </article>
  );
}

export function CollectionFormsPage() {
  const w = useWords();
  const f = w.collectionForm;
  const { programId, unitId, week } = route.useParams();
  const plan = useQuery({
    queryKey: ["week-plan", programId, unitId, week],
    queryFn: () => api.weekPlan(programId, unitId, week),
  });
  const print = useMutation({
    mutationFn: (v: { reason: string; route_id?: string }) =>
      api.collectionForms(programId, unitId, week, {
        reason: v.reason,
        ...(v.route_id ? { route_id: v.route_id } : {}),
      }),
    gcTime: 0,
  });
  if (print.data) {
    return (
      <div className="sheets">
        <div className="line no-print">
          <Button type="primary" onClick={() => window.print()}>
            {w.app.print}
          </Button>
          <Button onClick={() => print.reset()}>{w.common.close}</Button>
          <span className="hint">{f.hint}</span>
        </div>
        {print.data.items.map((form) => (
          <OneForm key={form.stop_id} form={form} all={print.data} />
        ))}
      </div>
    );
  }
  return (
    <Page
      title={f.title}
      sub={
        <Link to="/plans/$programId/$unitId/$week" params={{ programId, unitId, week }}>
          {f.back}
        </Link>
      }
    >
      <View query={plan}>
        {(data) => (
          <Panel title={`${data.unit.name} · ${weekText(week, w)}`} hint={f.hint}>
            <Form
              layout="vertical"
              requiredMark={false}
              initialValues={{ reason: f.reasonDefault(weekText(week, w)), route_id: "" }}
              onFinish={(v: { reason: string; route_id?: string }) => print.mutate(v)}
            >
              <Form.Item name="route_id" label={f.which}>
                <Select
                  options={[
                    { value: "", label: f.allRoutes },
                    ...data.days.flatMap((d) =>
                      d.routes
                        .filter((r) => r.stops.some((s) => s.target_id))
                        .map((r) => ({
                          value: r.id,
                          label: `${dayText(d.day, w)} ${r.team_name} ${r.window.from}–${r.window.to}`,
                        })),
                    ),
                  ]}
                />
              </Form.Item>
              <Form.Item
                name="reason"
                label={w.plan.printReason}
                rules={[{ required: true, message: w.common.required }]}
              >
                <Input maxLength={200} />
              </Form.Item>
              <ErrorBox error={print.error} />
              <Button type="primary" htmlType="submit" loading={print.isPending}>
                {f.make}
              </Button>
            </Form>
          </Panel>
        )}
      </View>
    </Page>
  );
}
