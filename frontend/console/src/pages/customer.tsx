// One customer: masked fields, the full values for 60 seconds after a stated purpose, editing, and what happened.
// Revealed values live in this component's memory only and go when the time is over or the page is left.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { CustomerDetail, CustomerInput, RevealField } from "@zoufang/shared/api/types.ts";
import { stamp } from "@zoufang/shared/format.ts";
import { Button } from "antd";
import { useState } from "react";
import { useMay, useUnits, useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Facts, Page, Panel, Tag } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { View } from "../ui/states.tsx";
import { CustomerFields, type CustomerValues, cleaned } from "./customer-fields.tsx";
import { CustomerPlace, WhereFact } from "./customer-place.tsx";
import { CustomerPrivacy } from "./customer-privacy.tsx";
import { CustomerProducts } from "./customer-products.tsx";
import { RevealDialog, useReveal } from "./reveal.tsx";
import { VisitsOf } from "./visits.tsx";

const route = getRouteApi("/shell/customers/$unitId/$customerId");
const FIELDS: RevealField[] = ["name", "phone", "id_number", "address"];

/** The word for a code; a code without one is shown as it is. */
function known(words: Record<string, string>, code: string | null | undefined): string | null {
  return code ? (words[code] ?? code) : null;
}

function Detail({ data }: { data: CustomerDetail }) {
  const w = useWords();
  const c = w.customers;
  const client = useQueryClient();
  const notice = useNotice();
  const reveal = useReveal();
  const { tree } = useUnits();
  const [asking, setAsking] = useState(false);
  const [editing, setEditing] = useState(false);
  const mayReveal = useMay("customer.reveal");
  const mayWrite = useMay("customer.write");
  const full = (field: RevealField, masked: string | null) => {
    const value = reveal.values[field];
    return value ? <b className="revealed">{value}</b> : masked;
  };
  const tags =
    data.tags.length > 0 ? (
      <span className="tags">
        {data.tags.map((t) => (
          <Tag key={t.code}>{t.name}</Tag>
        ))}
      </span>
    ) : null;
  /** What the form shows as it is stored, so that what was taken away can be emptied. */
  const stored: CustomerInput = {
    village_group_id: data.village_group_id,
    occupation: data.occupation,
    balance_band: data.balance_band,
    deposit_due_day: data.deposit_due_day,
    insurance_due_day: data.insurance_due_day,
    tags: data.tags.map((t) => t.code),
    do_not_visit: data.do_not_visit ?? false,
  };
  const save = useMutation({
    mutationFn: (values: CustomerValues) => api.editCustomer(data.unit_id, data.id, cleaned(values, stored)),
    onSuccess: async () => {
      reveal.hide();
      await client.invalidateQueries({ queryKey: ["customer", data.id] });
      await client.invalidateQueries({ queryKey: ["customers", data.unit_id] });
      notice(c.saved);
    },
  });
  return (
    <Page
      title={full("name", data.name_masked)}
      sub={`${c.no} ${data.customer_no} · ${tree.byId.get(data.unit_id)?.name ?? ""}`}
      actions={
        <>
          {reveal.left > 0 ? (
            <>
              <span className="hint num" role="timer">
                {c.revealLeft(reveal.left)}
              </span>
              <Button onClick={reveal.hide}>{c.revealHide}</Button>
            </>
          ) : mayReveal ? (
            <Button onClick={() => setAsking(true)}>{c.reveal}</Button>
          ) : null}
          {mayWrite ? (
            <Button type="primary" onClick={() => setEditing(true)}>
              {c.edit}
            </Button>
          ) : null}
        </>
      }
    >
      <p className="no-print">
        <Link to="/customers" search={{ unit: data.unit_id }}>
          {w.app.back}
        </Link>
      </p>
      <div className="columns columns-3-2">
        <div className="stack">
          <Panel
            title={c.basics}
            extra={
              data.do_not_visit ? (
                <Tag tone="bad">{c.doNotVisit}</Tag>
              ) : data.four_fields_complete ? (
                <Tag tone="ok">{c.complete}</Tag>
              ) : (
                <Tag tone="warn">{c.incomplete}</Tag>
              )
            }
          >
            <Facts
              items={[
                [c.phone, full("phone", data.phone_masked)],
                [
                  c.idNumber,
                  <span key="id-number">
                    {full("id_number", data.id_number_masked)}
                    {data.id_number_notes.map((note) => (
                      <span key={note} className="hint">
                        {" "}
                        {known(c.idNumberNotes, note)}
                      </span>
                    ))}
                  </span>,
                ],
                [c.address, full("address", data.address_masked)],
                [c.group, data.village_group_name],
                [
                  c.household,
                  <Link
                    key="household"
                    to="/households/$unitId/$householdId"
                    params={{ unitId: data.unit_id, householdId: data.household_id }}
                  >
                    {data.household_no} {w.households.toHousehold}
                  </Link>,
                ],
                [c.sex, known(c.sexes, data.sex)],
                [c.age, data.age_band],
                [c.occupation, data.occupation],
                [c.notes, data.notes_masked],
              ]}
            />
          </Panel>
          <Panel title={c.business}>
            <Facts
              items={[
                [c.tags, tags],
                [c.balance, data.balance_band],
                [c.due, data.deposit_due_day],
                [c.insuranceDue, data.insurance_due_day],
                [c.products, data.products.join("、")],
                [c.source, known(c.sources, data.source_channel)],
                [c.where, <WhereFact key="where" unitId={data.unit_id} customerId={data.id} />],
                [c.created, stamp(data.created_at)],
                [c.updated, stamp(data.updated_at)],
              ]}
            />
          </Panel>
        </div>
        <Panel title={c.history}>
          {data.events.length === 0 ? <p className="hint">{c.historyEmpty}</p> : null}
          <ol className="history">
            {data.events.map((e) => (
              <li key={e.at + e.action + e.summary}>
                <span className="hint num">
                  {stamp(e.at)} {e.actor_name}
                </span>
                <span>{e.summary}</span>
              </li>
            ))}
          </ol>
        </Panel>
      </div>
      <VisitsOf unitId={data.unit_id} householdId={data.household_id} />
      <CustomerProducts unitId={data.unit_id} customerId={data.id} />
      <CustomerPlace unitId={data.unit_id} customerId={data.id} />
      <CustomerPrivacy unitId={data.unit_id} customerId={data.id} />
      <RevealDialog
        open={asking}
        onClose={() => setAsking(false)}
        onSubmit={async (reason) => {
          reveal.show(await api.revealCustomer(data.unit_id, data.id, { fields: FIELDS, reason }));
          await client.invalidateQueries({ queryKey: ["customer", data.id] });
        }}
      />
      <FormDialog<CustomerValues>
        title={c.edit}
        open={editing}
        onClose={() => setEditing(false)}
        initial={stored}
        onSubmit={(values) => save.mutateAsync(values)}
      >
        <p className="hint">{c.editHint}</p>
        <CustomerFields unitId={data.unit_id} isNew={false} />
      </FormDialog>
    </Page>
  );
}

export function CustomerPage() {
  const { unitId, customerId } = route.useParams();
  const query = useQuery({
    queryKey: ["customer", customerId],
    queryFn: () => api.customer(unitId, customerId),
  });
  return <View query={query}>{(data) => <Detail key={data.id} data={data} />}</View>;
}
