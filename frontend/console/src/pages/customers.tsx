// The customers of one branch, masked. Filters live in the address, but a name is personal data and never does:
// the address would keep it in histories and logs. Look-up by number is a POST in a dialog.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate, useSearch } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { Page as ApiPage, Customer, NewCustomer, Unit } from "@zoufang/shared/api/types.ts";
import { num } from "@zoufang/shared/format.ts";
import { Button, Input, Modal, Radio, Select } from "antd";
import { useState } from "react";
import type { CustomerSearch } from "../router.tsx";
import { branchesBelow, useMay, useMe, useUnits, useWords } from "../session.ts";
import { groupName } from "../ui/dates.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Page, Panel, Tag } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { Empty, ErrorBox, View } from "../ui/states.tsx";
import { type Column, Pager, ServerTable } from "../ui/table.tsx";
import { CustomerFields, cleaned } from "./customer-fields.tsx";

const route = getRouteApi("/shell/customers");
const LIMIT = 50;

export function useCustomerColumns(): Column<Customer>[] {
  const w = useWords();
  return [
    {
      key: "name",
      title: w.customers.name,
      nowrap: true,
      render: (c) => (
        <>
          <Link to="/customers/$unitId/$customerId" params={{ unitId: c.unit_id, customerId: c.id }}>
            {c.name_masked}
          </Link>{" "}
          {c.do_not_visit ? <Tag tone="bad">{w.customers.doNotVisit}</Tag> : null}
        </>
      ),
    },
    {
      key: "no",
      title: w.customers.no,
      nowrap: true,
      render: (c) => <span className="num">{c.customer_no}</span>,
    },
    {
      key: "phone",
      title: w.customers.phone,
      nowrap: true,
      render: (c) => <span className="num">{c.phone_masked ?? "–"}</span>,
    },
    { key: "group", title: w.customers.group, nowrap: true, render: (c) => c.village_group_name ?? "–" },
    {
      key: "tags",
      title: w.customers.tags,
      render: (c) => (
        <span className="tags">
          {c.tags.map((t) => (
            <Tag key={t.code}>{t.name}</Tag>
          ))}
        </span>
      ),
    },
    { key: "occupation", title: w.customers.occupation, render: (c) => c.occupation ?? "–" },
    { key: "balance", title: w.customers.balance, nowrap: true, render: (c) => c.balance_band ?? "–" },
    {
      key: "due",
      title: w.customers.due,
      nowrap: true,
      render: (c) => <span className="num">{c.deposit_due_day ?? "–"}</span>,
    },
    {
      key: "complete",
      title: w.customers.complete,
      render: (c) =>
        c.four_fields_complete ? (
          <Tag tone="ok">{w.common.yes}</Tag>
        ) : (
          <Tag tone="warn">{w.customers.incomplete}</Tag>
        ),
    },
  ];
}

type LookupKind = "phone" | "id_number" | "customer_no";

function Lookup({ open, onClose }: { open: boolean; onClose: () => void }) {
  const w = useWords();
  const [kind, setKind] = useState<LookupKind>("phone");
  const [value, setValue] = useState("");
  const columns = useCustomerColumns();
  const find = useMutation({ mutationFn: () => api.lookupCustomers({ [kind]: value.trim() }) });
  const close = () => {
    setValue("");
    find.reset();
    onClose();
  };
  return (
    <Modal
      title={w.customers.lookupTitle}
      open={open}
      onCancel={close}
      footer={null}
      width={900}
      destroyOnHidden
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          find.mutate();
        }}
      >
        <p className="hint">{w.customers.lookupHint}</p>
        <Radio.Group
          aria-label={w.customers.lookupBy}
          value={kind}
          onChange={(e) => setKind(e.target.value as LookupKind)}
          options={[
            { value: "phone", label: w.customers.byPhone },
            { value: "id_number", label: w.customers.byId },
            { value: "customer_no", label: w.customers.byNo },
          ]}
        />
        <div className="line">
          <Input
            aria-label={w.customers.lookupValue}
            placeholder={w.customers.lookupValue}
            autoComplete="off"
            value={value}
            onChange={(e) => setValue(e.target.value)}
            required
          />
          <Button type="primary" htmlType="submit" loading={find.isPending}>
            {w.common.search}
          </Button>
        </div>
        <ErrorBox error={find.error} />
        {find.data ? (
          <ServerTable
            label={w.customers.lookup}
            columns={columns}
            rows={find.data.items}
            rowKey={(c) => c.id}
            empty={<Empty text={w.customers.lookupNone} />}
          />
        ) : null}
      </form>
    </Modal>
  );
}

function ChooseBranch({ branches }: { branches: Unit[] }) {
  const w = useWords();
  const columns: Column<Unit>[] = [
    {
      key: "name",
      title: w.common.unit,
      render: (u) => (
        <Link to="/customers" search={{ unit: u.id }}>
          {u.name}
        </Link>
      ),
    },
    { key: "customers", title: w.units.customers, numeric: true, render: (u) => num(u.customers) },
    { key: "area", title: w.units.area, render: (u) => (u.area_kind ? w.area[u.area_kind] : "–") },
    {
      key: "go",
      title: w.common.actions,
      render: (u) => (
        <Link
          className="button-link"
          to="/customers"
          search={{ unit: u.id }}
          aria-label={`${w.customers.seeList}: ${u.name}`}
        >
          {w.customers.seeList}
        </Link>
      ),
    },
  ];
  return (
    <Panel flush title={w.customers.chooseBranch} hint={w.customers.chooseBranchDetail}>
      <ServerTable
        label={w.customers.chooseBranch}
        columns={columns}
        rows={branches}
        rowKey={(u) => u.id}
        empty={<Empty text={w.units.empty} />}
      />
    </Panel>
  );
}

async function page(unitId: string, search: CustomerSearch, signal: AbortSignal): Promise<Listed> {
  const filter = {
    ...(search.tag ? { tag: search.tag } : {}),
    ...(search.group ? { village_group: search.group } : {}),
    ...(search.complete ? { four_fields: search.complete === "yes" } : {}),
    ...(search.visit ? { do_not_visit: search.visit === "no" } : {}),
  };
  return api.customers(unitId, { ...filter, limit: LIMIT, after: search.after }, signal);
}

/** What the list shows; the total is known only where nothing is paged. */
type Listed = ApiPage<Customer> & { total?: number };

/** A name is personal data: it goes in the body of a look-up inside the branch; the other filters apply here. */
async function byName(unitId: string, name: string, search: CustomerSearch): Promise<Listed> {
  const { items } = await api.lookupCustomers({ unit_id: unitId, name });
  const kept = items.filter(
    (c) =>
      (!search.tag || c.tags.some((t) => t.code === search.tag)) &&
      (!search.group || c.village_group_id === search.group) &&
      (!search.complete || c.four_fields_complete === (search.complete === "yes")) &&
      (!search.visit || c.do_not_visit === (search.visit === "no")),
  );
  return { items: kept, next: null, total: kept.length };
}

function List({ unit }: { unit: Pick<Unit, "id"> }) {
  const w = useWords();
  const search = route.useSearch();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [typed, setTyped] = useState("");
  const columns = useCustomerColumns();
  const groups = useQuery({ queryKey: ["groups", unit.id], queryFn: () => api.villageGroups(unit.id) });
  const query = useQuery({
    queryKey: [
      "customers",
      unit.id,
      name,
      search.tag,
      search.group,
      search.complete,
      search.visit,
      search.after,
    ],
    queryFn: ({ signal }) => (name ? byName(unit.id, name, search) : page(unit.id, search, signal)),
    placeholderData: keepPreviousData,
  });
  const set = (change: Record<string, string | undefined>) =>
    navigate({
      to: "/customers",
      search: (old: Record<string, unknown>) => ({ ...old, after: undefined, ...change }),
    });
  const filtered = Boolean(name || search.tag || search.group || search.complete || search.visit);
  // Every tag a customer may have, not only those this page has shown.
  const tags = useQuery({ queryKey: ["customer-tags"], queryFn: api.customerTags, staleTime: 600_000 });

  return (
    <Panel flush>
      <form
        className="filters"
        onSubmit={(event) => {
          event.preventDefault();
          setName(typed.trim());
          if (search.after) set({});
        }}
      >
        <Input
          aria-label={w.customers.search}
          placeholder={w.customers.search}
          value={typed}
          autoComplete="off"
          allowClear
          onChange={(e) => {
            setTyped(e.target.value);
            if (!e.target.value) setName("");
          }}
        />
        <Button htmlType="submit">{w.common.search}</Button>
        <Select
          aria-label={w.customers.tag}
          placeholder={w.customers.allTags}
          allowClear
          value={search.tag}
          onChange={(tag?: string) => set({ tag })}
          options={(tags.data?.items ?? []).map((t) => ({ value: t.code, label: t.name }))}
        />
        <Select
          aria-label={w.customers.group}
          placeholder={w.customers.allGroups}
          allowClear
          showSearch={{ optionFilterProp: "label" }}
          value={search.group}
          onChange={(group?: string) => set({ group })}
          options={(groups.data?.items ?? []).map((g) => ({ value: g.id, label: groupName(g) }))}
        />
        <Select
          aria-label={w.customers.complete}
          placeholder={w.customers.anyComplete}
          allowClear
          value={search.complete}
          onChange={(complete?: string) => set({ complete })}
          options={[
            { value: "yes", label: w.customers.complete },
            { value: "no", label: w.customers.incomplete },
          ]}
        />
        <Select
          aria-label={w.customers.doNotVisit}
          placeholder={w.customers.anyVisit}
          allowClear
          value={search.visit}
          onChange={(visit?: string) => set({ visit })}
          options={[
            { value: "yes", label: w.customers.mayVisit },
            { value: "no", label: w.customers.doNotVisit },
          ]}
        />
      </form>
      <View query={query}>
        {(data) => (
          <>
            <ServerTable
              label={w.customers.title}
              columns={columns}
              rows={data.items}
              rowKey={(c) => c.id}
              empty={
                filtered ? (
                  <Empty
                    text={w.customers.emptyFiltered}
                    action={
                      <Button
                        onClick={() => {
                          setTyped("");
                          setName("");
                          set({ tag: undefined, group: undefined, complete: undefined, visit: undefined });
                        }}
                      >
                        {w.customers.clearFilter}
                      </Button>
                    }
                  />
                ) : (
                  <Empty
                    text={w.customers.empty}
                    action={
                      <Link className="button-link" to="/imports">
                        {w.units.toImport}
                      </Link>
                    }
                  />
                )
              }
            />
            <Pager
              after={search.after}
              next={data.next}
              shown={data.items.length}
              total={data.total != null ? num(data.total) : undefined}
              onMove={(after) => set({ after })}
            />
            <p className="hint pad">{w.customers.masked}</p>
          </>
        )}
      </View>
    </Panel>
  );
}

export function CustomersPage() {
  const w = useWords();
  const me = useMe();
  const { unit: scope } = useSearch({ strict: false });
  const { query, tree } = useUnits();
  const client = useQueryClient();
  const notice = useNotice();
  const [lookup, setLookup] = useState(false);
  const [adding, setAdding] = useState(false);
  const may = useMay("customer.write");
  const chosen = scope ?? me.unit.id;
  const unit = tree.byId.get(chosen);
  // Visitors see their own branch's customers without seeing the tree of units.
  const mayUnits = useMay("unit.read");
  const own = !mayUnits && me.unit.level === "branch" ? me.unit : null;
  const branch = unit?.level === "branch" ? unit : own;
  // Above the branches a unit has no customers of its own: what counts is what lies below.
  const below = branch ? [] : branchesBelow(tree, chosen);
  const customers = branch ? (unit?.customers ?? 0) : below.reduce((sum, b) => sum + b.customers, 0);

  return (
    <Page
      title={w.customers.title}
      sub={unit ? `${unit.name} · ${w.common.total(num(customers))}` : null}
      actions={
        <>
          <Button onClick={() => setLookup(true)}>{w.customers.lookup}</Button>
          {branch && may ? (
            <Button type="primary" onClick={() => setAdding(true)}>
              {w.customers.add}
            </Button>
          ) : null}
        </>
      }
    >
      {branch ? (
        <List key={branch.id} unit={branch} />
      ) : (
        <View query={query}>{() => <ChooseBranch branches={below} />}</View>
      )}
      <Lookup open={lookup} onClose={() => setLookup(false)} />
      {branch ? (
        <FormDialog<NewCustomer>
          title={w.customers.add}
          open={adding}
          onClose={() => setAdding(false)}
          onSubmit={async (values) => {
            await api.addCustomer(branch.id, { ...cleaned(values), customer_no: values.customer_no });
            await client.invalidateQueries({ queryKey: ["customers", branch.id] });
            notice(w.customers.saved);
          }}
        >
          <CustomerFields unitId={branch.id} isNew />
        </FormDialog>
      ) : null}
    </Page>
  );
}
