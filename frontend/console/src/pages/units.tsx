// The organisation: tree on the left, the chosen unit on the right with its details, staff, village groups and the
// work calendar. Which unit and which tab are in the address.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate, useSearch } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { Level, NewUnit, Unit, UnitChange, VillageGroup } from "@zoufang/shared/api/types.ts";
import { num } from "@zoufang/shared/format.ts";
import type { Words } from "@zoufang/shared/words/index.ts";
import { Button, Form, Input, InputNumber, Select } from "antd";
import { useState } from "react";
import { unitsQuery, useMay, useMe, useUnits, useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Facts, Page, Panel, Tabs, Tag } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { Empty, View } from "../ui/states.tsx";
import { type Column, ServerTable } from "../ui/table.tsx";
import { UnitTreeView } from "../ui/unit-picker.tsx";
import { CalendarMonth } from "./calendar.tsx";
import { StaffList } from "./staff.tsx";
import { ClosingPanel } from "./transfers.tsx";

const route = getRouteApi("/shell/units");
const LEVELS: Level[] = ["head", "province", "city", "county", "branch"];

export function UnitFields({ w, isNew }: { w: Words; isNew: boolean }) {
  const rule = [{ required: true, message: w.common.required }];
  return (
    <>
      <div className="form-2">
        <Form.Item name="name" label={w.common.name} rules={rule}>
          <Input />
        </Form.Item>
        {isNew ? (
          <Form.Item name="code" label={w.common.code} rules={rule}>
            <Input />
          </Form.Item>
        ) : null}
      </div>
      {isNew ? (
        <Form.Item name="level" label={w.units.level} rules={rule}>
          <Select options={LEVELS.map((value) => ({ value, label: w.level[value] }))} />
        </Form.Item>
      ) : null}
      <div className="form-2">
        <Form.Item name="area_kind" label={w.units.area}>
          <Select
            allowClear
            options={(["rural", "urban", "mixed"] as const).map((value) => ({ value, label: w.area[value] }))}
          />
        </Form.Item>
        <Form.Item name="market_kind" label={w.units.market}>
          <Select
            allowClear
            options={(["rural", "urban"] as const).map((value) => ({ value, label: w.market[value] }))}
          />
        </Form.Item>
      </div>
      <div className="form-3">
        <Form.Item name="lat" label={w.units.lat}>
          <InputNumber min={-90} max={90} step={0.0001} />
        </Form.Item>
        <Form.Item name="lon" label={w.units.lon}>
          <InputNumber min={-180} max={180} step={0.0001} />
        </Form.Item>
        <Form.Item name="datum" label={w.units.datum}>
          <Select
            allowClear
            options={(["wgs84", "gcj02", "bd09"] as const).map((value) => ({
              value,
              label: w.units.datums[value],
            }))}
          />
        </Form.Item>
      </div>
      <Form.Item name="phone" label={w.common.phone}>
        <Input />
      </Form.Item>
    </>
  );
}

function datumText(datum: string | null, w: Words): string {
  const known: Record<string, string> = w.units.datums;
  return datum ? (known[datum] ?? datum) : "–";
}

function Detail({ unit }: { unit: Unit }) {
  const w = useWords();
  const notice = useNotice();
  const client = useQueryClient();
  const [editing, setEditing] = useState(false);
  const may = useMay("unit.write");
  return (
    <Panel
      title={w.units.tabs.detail}
      extra={may ? <Button onClick={() => setEditing(true)}>{w.common.edit}</Button> : null}
    >
      <Facts
        items={[
          [w.common.code, unit.code],
          [w.units.level, unit.level_name],
          [w.units.area, unit.area_kind ? w.area[unit.area_kind] : null],
          [w.units.market, unit.market_kind ? w.market[unit.market_kind] : null],
          [w.common.phone, unit.phone],
          [
            w.units.coords,
            unit.lat !== null && unit.lon !== null ? `${unit.lat.toFixed(5)}, ${unit.lon.toFixed(5)}` : null,
          ],
          [w.units.datum, datumText(unit.datum, w)],
          [w.units.customers, num(unit.customers)],
          [w.units.staffCount, num(unit.staff)],
          [w.common.state, unit.active ? w.common.active : w.common.inactive],
        ]}
      />
      <FormDialog<UnitChange>
        title={`${w.common.edit} · ${unit.name}`}
        open={editing}
        onClose={() => setEditing(false)}
        initial={{
          name: unit.name,
          area_kind: unit.area_kind,
          market_kind: unit.market_kind,
          lat: unit.lat,
          lon: unit.lon,
          datum: unit.datum,
          phone: unit.phone,
        }}
        onSubmit={async (values) => {
          await api.editUnit(unit.id, values);
          await client.invalidateQueries({ queryKey: unitsQuery.queryKey });
          await client.invalidateQueries({ queryKey: ["unit", unit.id] });
          notice(w.common.saved);
        }}
      >
        <UnitFields w={w} isNew={false} />
        <p className="hint">{w.units.editHint}</p>
      </FormDialog>
    </Panel>
  );
}

function Children({ unit, list }: { unit: Unit; list: Unit[] }) {
  const w = useWords();
  const client = useQueryClient();
  const notice = useNotice();
  const [adding, setAdding] = useState(false);
  const may = useMay("unit.write");
  const columns: Column<Unit>[] = [
    {
      key: "name",
      title: w.common.name,
      render: (u) => (
        <Link to="/units" search={(old) => ({ ...old, node: u.id, tab: undefined })}>
          {u.name}
        </Link>
      ),
    },
    { key: "code", title: w.common.code, nowrap: true, render: (u) => <span className="num">{u.code}</span> },
    { key: "level", title: w.units.level, render: (u) => u.level_name },
    { key: "area", title: w.units.area, render: (u) => (u.area_kind ? w.area[u.area_kind] : "–") },
    { key: "staff", title: w.units.staffCount, numeric: true, render: (u) => num(u.staff) },
    { key: "customers", title: w.units.customers, numeric: true, render: (u) => num(u.customers) },
    {
      key: "state",
      title: w.common.state,
      render: (u) => (
        <Tag tone={u.active ? "ok" : "plain"}>{u.active ? w.common.active : w.common.inactive}</Tag>
      ),
    },
  ];
  const below = LEVELS[Math.min(LEVELS.indexOf(unit.level) + 1, LEVELS.length - 1)] ?? "branch";
  return (
    <Panel
      flush
      title={w.units.children}
      extra={
        may && unit.level !== "branch" ? <Button onClick={() => setAdding(true)}>{w.units.add}</Button> : null
      }
    >
      <ServerTable
        label={w.units.children}
        columns={columns}
        rows={list}
        rowKey={(u) => u.id}
        empty={<Empty text={w.units.emptyChildren} />}
      />
      <FormDialog<NewUnit>
        title={w.units.add}
        open={adding}
        onClose={() => setAdding(false)}
        initial={{ level: below, datum: "wgs84" }}
        onSubmit={async (values) => {
          await api.addUnit({ ...values, parent_id: unit.id });
          await client.invalidateQueries({ queryKey: unitsQuery.queryKey });
          notice(w.common.saved);
        }}
      >
        <UnitFields w={w} isNew />
      </FormDialog>
    </Panel>
  );
}

function Groups({ unit }: { unit: Unit }) {
  const w = useWords();
  const client = useQueryClient();
  const notice = useNotice();
  const mayRoute = useMay("import.write");
  const [routing, setRouting] = useState<VillageGroup | null>(null);
  const query = useQuery({ queryKey: ["groups", unit.id], queryFn: () => api.villageGroups(unit.id) });
  const columns: Column<VillageGroup>[] = [
    {
      key: "name",
      title: w.units.groups.name,
      render: (g) => (
        <Link to="/customers" search={{ unit: unit.id, group: g.id }}>
          {g.name}
        </Link>
      ),
    },
    { key: "village", title: w.units.groups.village, render: (g) => g.village ?? "–" },
    {
      key: "route",
      title: w.collection.route,
      render: (g) =>
        mayRoute ? (
          <Button type="link" aria-label={w.collection.routeOf(g.name)} onClick={() => setRouting(g)}>
            {g.mail_route ?? w.collection.noRoute}
          </Button>
        ) : (
          (g.mail_route ?? "–")
        ),
    },
    { key: "township", title: w.units.groups.township, render: (g) => g.township ?? "–" },
    { key: "households", title: w.units.groups.households, numeric: true, render: (g) => num(g.households) },
    { key: "customers", title: w.units.groups.customers, numeric: true, render: (g) => num(g.customers) },
    {
      key: "coords",
      title: w.units.groups.coords,
      render: (g) =>
        g.lat !== null && g.lon !== null ? (
          <span className="num">
            {g.lat.toFixed(4)}, {g.lon.toFixed(4)}
          </span>
        ) : (
          <Tag tone="warn">{w.units.groups.noCoords}</Tag>
        ),
    },
  ];
  return (
    <Panel
      flush
      title={w.units.tabs.groups}
      extra={
        <a className="button-link" href={api.villageGroupsUrl(unit.id)} download>
          {w.common.download}
        </a>
      }
    >
      <FormDialog<{ mail_route?: string }>
        key={routing?.id ?? ""}
        title={w.collection.routeOf(routing?.name ?? "")}
        open={routing !== null}
        onClose={() => setRouting(null)}
        initial={{ mail_route: routing?.mail_route ?? "" }}
        onSubmit={async (v) => {
          await api.putMailRoute(unit.id, routing?.id ?? "", v.mail_route ?? "");
          await client.invalidateQueries({ queryKey: ["groups", unit.id] });
          notice(w.common.saved);
        }}
      >
        <p className="hint">{w.collection.routeHint}</p>
        <Form.Item name="mail_route" label={w.collection.route}>
          <Input maxLength={60} />
        </Form.Item>
      </FormDialog>
      <View query={query}>
        {(data) => (
          <ServerTable
            label={w.units.tabs.groups}
            columns={columns}
            rows={data.items}
            rowKey={(g) => g.id}
            empty={
              <Empty
                text={w.units.groups.empty}
                action={
                  <Link className="button-link" to="/imports">
                    {w.units.toImport}
                  </Link>
                }
              />
            }
          />
        )}
      </View>
    </Panel>
  );
}

export function UnitsPage() {
  const w = useWords();
  const me = useMe();
  const { query, tree } = useUnits();
  const search = route.useSearch();
  const scope = useSearch({ strict: false }).unit;
  const navigate = useNavigate();
  const mayClose = useMay("customer.transfer");
  const root = tree.roots[0];
  const unit = tree.byId.get(search.node ?? scope ?? me.unit.id) ?? root;
  const isBranch = unit?.level === "branch";
  const tabs = [
    ...(isBranch ? [] : [{ key: "children", label: w.units.tabs.children }]),
    { key: "detail", label: w.units.tabs.detail },
    { key: "staff", label: w.units.tabs.staff },
    ...(isBranch ? [{ key: "groups", label: w.units.tabs.groups }] : []),
    { key: "calendar", label: w.units.tabs.calendar },
  ];
  const tab = tabs.find((t) => t.key === search.tab)?.key ?? tabs[0]?.key ?? "detail";
  const go = (change: { node?: string; tab?: string | undefined }) =>
    navigate({ to: "/units", search: (old: Record<string, unknown>) => ({ ...old, ...change }) });

  return (
    <View query={query}>
      {() =>
        !unit ? (
          <Page title={w.units.title}>
            <Empty
              text={w.units.empty}
              action={
                <Link className="button-link" to="/imports">
                  {w.units.toImport}
                </Link>
              }
            />
          </Page>
        ) : (
          <Page title={w.units.title} sub={unit.name}>
            <div className="columns columns-tree">
              <Panel title={w.units.tree} className="tree-panel">
                <UnitTreeView
                  key={unit.id}
                  tree={tree}
                  value={unit.id}
                  onPick={(u) => go({ node: u.id, tab: search.tab })}
                />
              </Panel>
              <div className="stack">
                <Tabs
                  items={tabs}
                  value={tab}
                  label={unit.name}
                  onChange={(key) => go({ node: unit.id, tab: key })}
                />
                {tab === "children" ? <Children unit={unit} list={tree.children.get(unit.id) ?? []} /> : null}
                {tab === "detail" ? <Detail unit={unit} /> : null}
                {tab === "detail" && isBranch && mayClose ? <ClosingPanel key={unit.id} unit={unit} /> : null}
                {tab === "staff" ? <StaffList key={unit.id} unit={unit} /> : null}
                {tab === "groups" ? <Groups unit={unit} /> : null}
                {tab === "calendar" ? <CalendarMonth month={search.month} /> : null}
              </div>
            </div>
          </Page>
        )
      }
    </View>
  );
}
