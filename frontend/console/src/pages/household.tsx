// One look at a household: members, products in bands, reasons to visit, place, consent, and what has happened.
// Everything is masked; full values of one member come for a purpose and go after a minute. Prints masked on A4.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type {
  Household,
  HouseholdChange,
  HouseholdMember,
  NewCustomer,
  RevealField,
} from "@zoufang/shared/api/types.ts";
import { stamp } from "@zoufang/shared/format.ts";
import { Button, Form, Input, Modal, Radio, Select } from "antd";
import { useState } from "react";
import { useMay, useMe, useUnits, useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Facts, Page, Panel, Tag, type Tone } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { Empty, ErrorBox, View } from "../ui/states.tsx";
import { type Column, ServerTable } from "../ui/table.tsx";
import { CustomerFields, cleaned } from "./customer-fields.tsx";
import { RequestTag } from "./privacy-parts.tsx";
import { RevealDialog, useReveal } from "./reveal.tsx";
import { VisitsOf } from "./visits.tsx";

const route = getRouteApi("/shell/households/$unitId/$householdId");
const FIELDS: RevealField[] = ["name", "phone", "id_number", "address"];
const LINES = 20;
/** The moment on paper, in China's time as everything else. */
const printedAt = () =>
  new Date().toLocaleString("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "short" });

/** Name, phone, ID and address: there, masked by the bank, or missing; each with a letter, never colour alone. */
function FourFields({ m }: { m: HouseholdMember }) {
  const w = useWords();
  const h = w.households;
  const words: Record<string, string> = h.states;
  const tone: Record<string, Tone> = { full: "ok", masked: "info", empty: "warn" };
  const fields: [string, string][] = [
    [w.customers.name, m.name_state],
    [w.customers.phone, m.phone_state],
    [w.customers.idNumber, m.id_number_state],
    [w.customers.address, m.address_state],
  ];
  return (
    <span className="tags">
      {fields.map(([label, state]) => (
        <Tag key={label} tone={tone[state] ?? "plain"}>
          {label} {words[state] ?? state}
        </Tag>
      ))}
    </span>
  );
}

interface AddValues {
  how: "new" | "known";
  known_no?: string;
  relation?: string;
  customer_no?: string;
}

function AddMember({
  data,
  open,
  onClose,
  onDone,
}: {
  data: Household;
  open: boolean;
  onClose: () => void;
  onDone: () => Promise<void>;
}) {
  const w = useWords();
  const h = w.households;
  const [missing, setMissing] = useState(false);
  return (
    <FormDialog<AddValues & Omit<NewCustomer, "customer_no">>
      title={h.addMember}
      open={open}
      onClose={() => {
        setMissing(false);
        onClose();
      }}
      width={680}
      initial={{ how: "new" }}
      onSubmit={async ({ how, known_no, relation, customer_no, ...fields }) => {
        setMissing(false);
        let id: string | undefined;
        if (how === "known") {
          const found = await api.lookupCustomers({ customer_no: (known_no ?? "").trim() });
          id = found.items.find((c) => c.unit_id === data.unit_id)?.id;
          if (!id) {
            setMissing(true);
            throw new Error(h.notFound);
          }
        } else {
          const made = await api.addCustomer(data.unit_id, {
            ...cleaned(fields),
            customer_no: customer_no ?? "",
          });
          id = made.id;
        }
        await api.joinHousehold(data.unit_id, data.id, [id], relation);
        await onDone();
      }}
    >
      {(form) => (
        <>
          <Form.Item name="how" label={h.addHow}>
            <Radio.Group
              options={[
                { value: "new", label: h.addNew },
                { value: "known", label: h.addKnown },
              ]}
            />
          </Form.Item>
          <Form.Item name="relation" label={h.relation}>
            <Select
              allowClear
              options={data.relations.slice(1).map((r) => ({ value: r.code, label: r.name }))}
            />
          </Form.Item>
          <Form.Item noStyle shouldUpdate>
            {() =>
              form.getFieldValue("how") === "known" ? (
                <Form.Item
                  name="known_no"
                  label={h.customerNo}
                  extra={h.addKnownHint}
                  rules={[{ required: true, message: w.common.required }]}
                >
                  <Input autoComplete="off" />
                </Form.Item>
              ) : (
                <CustomerFields unitId={data.unit_id} isNew />
              )
            }
          </Form.Item>
          {missing ? (
            <p className="box box-error" role="alert">
              {h.notFound}
            </p>
          ) : null}
        </>
      )}
    </FormDialog>
  );
}

interface EditValues {
  head_id?: string;
  market_kind?: string;
  relations?: Record<string, string>;
}

function EditHousehold({
  data,
  open,
  onClose,
  onDone,
}: {
  data: Household;
  open: boolean;
  onClose: () => void;
  onDone: () => Promise<void>;
}) {
  const w = useWords();
  const h = w.households;
  const relations = Object.fromEntries(
    data.members.filter((m) => m.relation).map((m) => [m.customer_id, m.relation ?? ""]),
  );
  return (
    <FormDialog<EditValues>
      title={h.editTitle}
      open={open}
      onClose={onClose}
      initial={{
        ...(data.head_id ? { head_id: data.head_id } : {}),
        market_kind: data.market_is_own ? (data.market_kind ?? "") : "",
        relations,
      }}
      onSubmit={async (v) => {
        const said = Object.entries(v.relations ?? {}).filter(
          ([id, code]) => code && code !== relations[id] && id !== v.head_id,
        );
        const body: HouseholdChange = {
          ...(v.head_id && v.head_id !== data.head_id ? { head_id: v.head_id } : {}),
          market_kind: v.market_kind ?? "",
          relations: Object.fromEntries(said),
        };
        await api.changeHousehold(data.unit_id, data.id, body);
        await onDone();
      }}
    >
      <Form.Item name="head_id" label={h.head}>
        <Select
          options={data.members.map((m) => ({
            value: m.customer_id,
            label: `${m.name_masked} ${m.customer_no}`,
          }))}
        />
      </Form.Item>
      <Form.Item name="market_kind" label={h.market}>
        <Select
          options={[
            { value: "", label: h.marketAsBranch },
            ...data.markets.map((m) => ({ value: m.code, label: m.name })),
          ]}
        />
      </Form.Item>
      {data.members.map((m) => (
        <Form.Item
          key={m.customer_id}
          name={["relations", m.customer_id]}
          label={`${h.relation}：${m.name_masked} ${m.customer_no}`}
        >
          <Select options={data.relations.map((r) => ({ value: r.code, label: r.name }))} />
        </Form.Item>
      ))}
    </FormDialog>
  );
}

function Timeline({ data }: { data: Household }) {
  const w = useWords();
  const h = w.households;
  const query = useInfiniteQuery({
    queryKey: ["household-timeline", data.id],
    queryFn: ({ pageParam }) =>
      api.householdTimeline(data.unit_id, data.id, { limit: LINES, after: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const lines = query.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <Panel title={h.timeline}>
      <ErrorBox error={query.error} retry={() => query.refetch()} />
      {query.isSuccess && lines.length === 0 ? <p className="hint">{h.timelineEmpty}</p> : null}
      <ol className="history">
        {lines.map((l) => (
          <li key={l.id}>
            <span className="hint num">
              {stamp(l.at)} {l.actor_name}
            </span>
            <span>
              {l.name_masked ?? h.aboutHousehold}：{l.summary}
            </span>
          </li>
        ))}
      </ol>
      {query.hasNextPage ? (
        <Button className="no-print" loading={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
          {h.timelineMore}
        </Button>
      ) : null}
    </Panel>
  );
}

function Members({ data, onSplit }: { data: Household; onSplit: (m: HouseholdMember) => void }) {
  const w = useWords();
  const h = w.households;
  const client = useQueryClient();
  const mayReveal = useMay("customer.reveal");
  const mayWrite = useMay("customer.write");
  const [asking, setAsking] = useState<string | null>(null);
  const [whose, setWhose] = useState<string | null>(null);
  const reveal = useReveal();
  const full = (m: HouseholdMember, field: RevealField, masked: string) => {
    const value = whose === m.customer_id ? reveal.values[field] : undefined;
    return value ? <b className="revealed">{value}</b> : masked || "–";
  };
  const sexes: Record<string, string> = w.customers.sexes;
  const columns: Column<HouseholdMember>[] = [
    {
      key: "name",
      title: h.member,
      nowrap: true,
      render: (m) => (
        <>
          <Link
            to="/customers/$unitId/$customerId"
            params={{ unitId: data.unit_id, customerId: m.customer_id }}
          >
            {full(m, "name", m.name_masked)}
          </Link>{" "}
          <span className="hint num">{m.customer_no}</span>{" "}
          {m.do_not_visit ? <Tag tone="bad">{w.customers.doNotVisit}</Tag> : null}
        </>
      ),
    },
    { key: "relation", title: h.relation, nowrap: true, render: (m) => m.relation_name ?? "–" },
    {
      key: "age",
      title: w.customers.age,
      nowrap: true,
      render: (m) => (
        <span className="num">
          {[m.sex ? sexes[m.sex] : null, m.age_band].filter(Boolean).join(" ") || "–"}
        </span>
      ),
    },
    {
      key: "phone",
      title: w.customers.phone,
      nowrap: true,
      render: (m) => <span className="num">{full(m, "phone", m.phone_masked)}</span>,
    },
    { key: "address", title: w.customers.address, render: (m) => full(m, "address", m.address_masked) },
    { key: "four", title: h.four, render: (m) => <FourFields m={m} /> },
    { key: "job", title: w.customers.occupation, render: (m) => m.occupation ?? "–" },
    {
      key: "do",
      title: w.common.actions,
      render: (m) => (
        <span className="line no-print">
          {mayReveal ? (
            whose === m.customer_id && reveal.left > 0 ? (
              <Button size="small" onClick={reveal.hide}>
                {w.customers.revealHide} {reveal.left}
              </Button>
            ) : (
              <Button
                size="small"
                aria-label={`${h.reveal}：${m.name_masked} ${m.customer_no}`}
                onClick={() => setAsking(m.customer_id)}
              >
                {h.reveal}
              </Button>
            )
          ) : null}
          {mayWrite && data.members.length > 1 ? (
            <Button
              size="small"
              aria-label={`${h.split}：${m.name_masked} ${m.customer_no}`}
              onClick={() => onSplit(m)}
            >
              {h.split}
            </Button>
          ) : null}
        </span>
      ),
    },
  ];
  return (
    <Panel flush title={h.members}>
      <ServerTable
        label={h.members}
        columns={columns}
        rows={data.members}
        rowKey={(m) => m.customer_id}
        empty={<Empty text={h.noMembers} />}
      />
      <RevealDialog
        open={asking !== null}
        onClose={() => setAsking(null)}
        onSubmit={async (reason) => {
          if (!asking) return;
          reveal.show(await api.revealCustomer(data.unit_id, asking, { fields: FIELDS, reason }));
          setWhose(asking);
          await client.invalidateQueries({ queryKey: ["household-timeline", data.id] });
        }}
      />
    </Panel>
  );
}

function Products({ data }: { data: Household }) {
  const w = useWords();
  const h = w.households;
  const known = data.members.filter(
    (m) => m.balance_band || m.products.length > 0 || m.deposit_due_day || m.insurance_due_day,
  );
  const columns: Column<HouseholdMember>[] = [
    { key: "name", title: h.member, nowrap: true, render: (m) => m.name_masked },
    { key: "band", title: w.customers.balance, nowrap: true, render: (m) => m.balance_band ?? "–" },
    { key: "products", title: w.customers.products, render: (m) => m.products.join("、") || "–" },
    {
      key: "due",
      title: w.customers.due,
      nowrap: true,
      render: (m) => <span className="num">{m.deposit_due_day ?? "–"}</span>,
    },
    {
      key: "insurance",
      title: w.customers.insuranceDue,
      nowrap: true,
      render: (m) => <span className="num">{m.insurance_due_day ?? "–"}</span>,
    },
  ];
  return (
    <Panel flush title={h.products}>
      <ServerTable
        label={h.products}
        columns={columns}
        rows={known}
        rowKey={(m) => m.customer_id}
        empty={<Empty text={h.noProducts} />}
      />
    </Panel>
  );
}

/** Why to go: what the plan's rules say of this household. */
function Reasons({ data }: { data: Household }) {
  const w = useWords();
  const h = w.households;
  const query = useQuery({
    queryKey: ["household-reasons", data.id],
    queryFn: () => api.householdReasons(data.unit_id, data.id),
  });
  return (
    <Panel title={h.why}>
      <View query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="hint">{h.noWhy}</p>
          ) : (
            <ul className="reasons">
              {items.map((r) => (
                <li key={r.code}>
                  <b>{r.name}</b> {r.why}{" "}
                  {r.since_day ? <span className="hint num">{h.since(r.since_day)}</span> : null}
                </li>
              ))}
            </ul>
          )
        }
      </View>
    </Panel>
  );
}

/** What one member has said about visits and calls; the whole of it is on the member's own page. */
function Said({ data, m }: { data: Household; m: HouseholdMember }) {
  const w = useWords();
  const p = w.customerPrivacy;
  const query = useQuery({
    queryKey: ["privacy", m.customer_id],
    queryFn: () => api.customerPrivacy(data.unit_id, m.customer_id),
  });
  const s = query.data?.standing;
  return (
    <li>
      <Link to="/customers/$unitId/$customerId" params={{ unitId: data.unit_id, customerId: m.customer_id }}>
        {m.name_masked}
      </Link>{" "}
      <ErrorBox error={query.error} />
      {s ? (
        <span className="tags">
          {s.do_not_visit ? (
            <Tag tone="bad">
              {s.person_only ? p.noVisitPerson : p.noVisit}{" "}
              {s.no_visit_until ? p.until(s.no_visit_until) : p.forGood}
            </Tag>
          ) : null}
          {s.do_not_contact ? (
            <Tag tone="bad">
              {p.noContact} {s.no_contact_until ? p.until(s.no_contact_until) : p.forGood}
            </Tag>
          ) : null}
          {s.do_not_visit || s.do_not_contact ? null : <Tag tone="ok">{p.free}</Tag>}
          {query.data?.requests.map((r) => (
            <RequestTag key={r.id} one={r} />
          ))}
        </span>
      ) : null}
    </li>
  );
}

function Consent({ data }: { data: Household }) {
  const w = useWords();
  const may = useMay("privacy.read");
  if (!may || data.members.length === 0) return null;
  return (
    <Panel title={w.households.consent}>
      <ul className="reasons">
        {data.members.map((m) => (
          <Said key={m.customer_id} data={data} m={m} />
        ))}
      </ul>
    </Panel>
  );
}

function Profile({ data }: { data: Household }) {
  const w = useWords();
  const h = w.households;
  const me = useMe();
  const { tree } = useUnits();
  const client = useQueryClient();
  const notice = useNotice();
  const mayWrite = useMay("customer.write");
  const [adding, setAdding] = useState(false);
  const [editing, setEditing] = useState(false);
  const [leaving, setLeaving] = useState<HouseholdMember | null>(null);
  const head = data.members.find((m) => m.customer_id === data.head_id) ?? null;
  const refresh = async () => {
    await client.invalidateQueries({ queryKey: ["household", data.id] });
    await client.invalidateQueries({ queryKey: ["household-timeline", data.id] });
    await client.invalidateQueries({ queryKey: ["household-counts", data.unit_id] });
  };
  const split = useMutation({
    mutationFn: (m: HouseholdMember) => api.newHousehold(data.unit_id, [m.customer_id]),
    onSuccess: async () => {
      setLeaving(null);
      await refresh();
      notice(h.splitDone);
    },
  });
  const title = head ?? data.members[0];
  return (
    <Page
      title={`${h.household} ${title?.name_masked ?? data.household_no}`}
      sub={[data.village_group_name, tree.byId.get(data.unit_id)?.name].filter(Boolean).join(" · ")}
      actions={
        <>
          <Button onClick={() => window.print()}>{h.print}</Button>
          {mayWrite ? <Button onClick={() => setEditing(true)}>{h.edit}</Button> : null}
          {mayWrite ? (
            <Button type="primary" onClick={() => setAdding(true)}>
              {h.addMember}
            </Button>
          ) : null}
        </>
      }
    >
      <p className="print-only">{h.printed(me.user.name, printedAt())}</p>
      <p className="no-print">
        <Link to="/households" search={{ unit: data.unit_id }}>
          {w.app.back}
        </Link>
      </p>
      <div className="profile stack">
        <Panel title={h.card} extra={data.do_not_visit ? <Tag tone="bad">{h.doNotVisit}</Tag> : null}>
          <Facts
            items={[
              [h.head, head ? `${head.name_masked} ${head.customer_no}` : h.noHead],
              [h.no, data.household_no],
              [h.group, data.village_group_name],
              [h.market, data.market_name],
              [h.size, h.people(data.members.length)],
              [h.four, h.validOf(data.records_valid, data.members.length)],
              [
                h.where,
                data.lat === null || data.lon === null
                  ? h.noWhere
                  : `${data.lat.toFixed(4)}, ${data.lon.toFixed(4)}`,
              ],
              [
                h.tagsTitle,
                data.tags.length === 0 ? (
                  h.noTags
                ) : (
                  <span className="tags" key="tags">
                    {data.tags.map((t) => (
                      <Tag key={t.code}>{t.name}</Tag>
                    ))}
                  </span>
                ),
              ],
            ]}
          />
        </Panel>
        <Members data={data} onSplit={setLeaving} />
        <div className="columns columns-3-2">
          <div className="stack">
            <Reasons data={data} />
            <Products data={data} />
            <Consent data={data} />
          </div>
          <VisitsOf unitId={data.unit_id} householdId={data.id} />
          <Timeline data={data} />
        </div>
      </div>
      <AddMember
        data={data}
        open={adding}
        onClose={() => setAdding(false)}
        onDone={async () => {
          await refresh();
          notice(h.added);
        }}
      />
      <EditHousehold
        data={data}
        open={editing}
        onClose={() => setEditing(false)}
        onDone={async () => {
          await refresh();
          notice(h.saved);
        }}
      />
      <Modal
        title={h.splitTitle}
        open={leaving !== null}
        onCancel={() => setLeaving(null)}
        onOk={() => (leaving ? split.mutate(leaving) : undefined)}
        okText={h.split}
        cancelText={w.common.cancel}
        confirmLoading={split.isPending}
      >
        <p>
          {leaving?.name_masked} {leaving?.customer_no}
        </p>
        <p className="hint">{h.splitHint}</p>
        <ErrorBox error={split.error} />
      </Modal>
    </Page>
  );
}

export function HouseholdPage() {
  const { unitId, householdId } = route.useParams();
  const query = useQuery({
    queryKey: ["household", householdId],
    queryFn: () => api.household(unitId, householdId),
  });
  return <View query={query}>{(data) => <Profile key={data.id} data={data} />}</View>;
}
