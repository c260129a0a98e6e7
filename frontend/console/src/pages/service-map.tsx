// 网点服务地图: the outlet, its rings and its village groups on the bank's own base map (or a schematic), with the same
// places in a list; the convenience service card; and the base maps that a county loads. All three print.
import { PrinterOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate, useSearch } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import { numberOf } from "@zoufang/shared/api/definition.ts";
import type { Unit, VillageGroup } from "@zoufang/shared/api/types.ts";
import { num } from "@zoufang/shared/format.ts";
import { PlanMap } from "@zoufang/shared/map/plan-map.ts";
import { Button } from "antd";
import { useEffect, useMemo, useRef } from "react";
import { branchesBelow, useMe, useUnits, useWords } from "../session.ts";
import { useBaseMap } from "../ui/base-map.ts";
import { groupName } from "../ui/dates.ts";
import { Page, Panel, Tabs, Tag } from "../ui/layout.tsx";
import { Empty, View } from "../ui/states.tsx";
import { type Column, ServerTable } from "../ui/table.tsx";
import { MapLayers } from "./map-layers.tsx";
import { MapSource } from "./map-source.tsx";
import { ServiceCardPanel } from "./service-card.tsx";
import "ol/ol.css";

const route = getRouteApi("/shell/service-map");
const EARTH_M = 6_371_008.8;

/** Metres between two places on the sphere. */
function metres(a: { lat: number; lon: number }, b: { lat: number; lon: number }): number {
  const rad = Math.PI / 180;
  const half = (x: number) => Math.sin(x / 2) ** 2;
  const h =
    half((b.lat - a.lat) * rad) + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * half((b.lon - a.lon) * rad);
  return 2 * EARTH_M * Math.asin(Math.sqrt(h));
}

interface Placed extends VillageGroup {
  meters: number | null;
}

/** The ring of the campaign that runs, else of the newest one; none without a campaign. */
function useNearMeters(): number | null {
  const list = useQuery({ queryKey: ["programs"], queryFn: api.programs });
  const one = list.data?.items.find((p) => p.state === "started") ?? list.data?.items[0];
  const detail = useQuery({
    queryKey: ["program", one?.id],
    queryFn: () => api.program(one?.id ?? ""),
    enabled: one !== undefined,
  });
  const km = detail.data ? numberOf(detail.data.definition, "near_km") : null;
  return km === null ? null : km * 1000;
}

function OutletMap({ unit, groups, near }: { unit: Unit; groups: Placed[]; near: number | null }) {
  const w = useWords();
  const m = w.serviceMap;
  const large = useMe().preferences.large_type;
  const box = useRef<HTMLDivElement>(null);
  const map = useRef<PlanMap | null>(null);
  const { base, used } = useBaseMap(unit.id);
  useEffect(() => {
    if (!box.current) return;
    const made = new PlanMap(box.current, () => {});
    map.current = made;
    const watch = new ResizeObserver(() => made.resize());
    watch.observe(box.current);
    return () => {
      watch.disconnect();
      made.dispose();
      map.current = null;
    };
  }, []);
  useEffect(() => {
    const home = unit.lat !== null && unit.lon !== null ? { lat: unit.lat, lon: unit.lon } : null;
    const first = groups.find((g) => g.lat !== null && g.lon !== null);
    const at = home ?? { lat: first?.lat ?? 0, lon: first?.lon ?? 0 };
    map.current?.show(
      {
        branch: { ...at, mark: w.plan.mapMark },
        rings: near === null ? [] : [{ meters: near, label: m.ring(num(near / 1000, 1)) }],
        groups: groups.flatMap((g) =>
          g.lat !== null && g.lon !== null ? [{ name: groupName(g), lat: g.lat, lon: g.lon }] : [],
        ),
        routes: [],
      },
      large ? 1.25 : 1,
    );
    map.current?.fit("all");
  }, [unit, groups, near, large, w.plan.mapMark, m]);
  useEffect(() => {
    void map.current?.setBase(base);
  }, [base]);
  return (
    <section className="map-panel" aria-label={m.title}>
      <div ref={box} className="map service-map" role="img" aria-label={m.title} />
      <div className="map-buttons no-print">
        <button type="button" aria-label={w.plan.zoomIn} onClick={() => map.current?.zoom(1)}>
          +
        </button>
        <button type="button" aria-label={w.plan.zoomOut} onClick={() => map.current?.zoom(-1)}>
          −
        </button>
        <button type="button" onClick={() => map.current?.fit("all")}>
          {w.plan.fitAll}
        </button>
      </div>
      <MapSource used={used} />
    </section>
  );
}

function Area({ unit }: { unit: Unit }) {
  const w = useWords();
  const m = w.serviceMap;
  const near = useNearMeters();
  const query = useQuery({ queryKey: ["groups", unit.id], queryFn: () => api.villageGroups(unit.id) });
  const items = query.data?.items;
  const groups = useMemo(() => {
    const home = unit.lat !== null && unit.lon !== null ? { lat: unit.lat, lon: unit.lon } : null;
    const placed = (items ?? []).map((g) => ({
      ...g,
      meters: home && g.lat !== null && g.lon !== null ? metres(home, { lat: g.lat, lon: g.lon }) : null,
    }));
    return placed.sort((a, b) => (a.meters ?? Number.MAX_VALUE) - (b.meters ?? Number.MAX_VALUE));
  }, [items, unit]);
  const ring = (g: Placed) => {
    if (g.meters === null) return <Tag tone="warn">{m.noPlace}</Tag>;
    if (near === null) return "–";
    return g.meters <= near ? <Tag tone="ok">{m.near}</Tag> : <Tag tone="info">{m.far}</Tag>;
  };
  const columns: Column<Placed>[] = [
    { key: "town", title: m.township, render: (g) => g.township },
    { key: "name", title: m.group, render: (g) => groupName(g) },
    {
      key: "km",
      title: m.distance,
      numeric: true,
      render: (g) => (g.meters === null ? "–" : num(g.meters / 1000, 1)),
    },
    { key: "ring", title: m.ringTitle, nowrap: true, render: ring },
    { key: "households", title: m.households, numeric: true, render: (g) => num(g.households) },
    { key: "customers", title: m.customers, numeric: true, render: (g) => num(g.customers) },
  ];
  const sum = (key: "households" | "customers") => groups.reduce((a, g) => a + g[key], 0);
  return (
    <View query={query}>
      {() => (
        <div className="stack">
          <Panel
            title={m.of(unit.name)}
            hint={m.line(groups.length, num(sum("households")), num(sum("customers")))}
            extra={
              <Button icon={<PrinterOutlined />} onClick={() => window.print()}>
                {w.app.print}
              </Button>
            }
          >
            {unit.lat === null ? <p className="why-not">{m.noOutletPlace}</p> : null}
            <OutletMap unit={unit} groups={groups} near={near} />
          </Panel>
          <Panel flush title={m.list}>
            <ServerTable
              label={m.list}
              columns={columns}
              rows={groups}
              rowKey={(g) => g.id}
              empty={<Empty text={m.empty} />}
            />
          </Panel>
        </div>
      )}
    </View>
  );
}

function Choose({ units }: { units: Unit[] }) {
  const w = useWords();
  return (
    <Panel flush title={w.serviceMap.choose}>
      <ServerTable
        label={w.serviceMap.choose}
        rows={units}
        rowKey={(u) => u.id}
        empty={<Empty text={w.serviceMap.empty} />}
        columns={[
          {
            key: "unit",
            title: w.plans.branch,
            render: (u) => (
              <Link to="/service-map" search={(old: Record<string, unknown>) => ({ ...old, unit: u.id })}>
                {u.name}
              </Link>
            ),
          },
          { key: "code", title: w.common.code, render: (u) => u.code },
        ]}
      />
    </Panel>
  );
}

export function ServiceMapPage() {
  const w = useWords();
  const m = w.serviceMap;
  const { tree } = useUnits();
  const scope = useSearch({ strict: false }).unit ?? tree.roots[0]?.id;
  const unit = scope ? tree.byId.get(scope) : undefined;
  const search = route.useSearch();
  const navigate = useNavigate();
  const tab = search.tab ?? "area";
  const tabs = (["area", "card", "layers"] as const).map((key) => ({ key, label: m.tabs[key] }));
  const branch = unit?.level === "branch" ? unit : null;
  const below = unit ? branchesBelow(tree, unit.id) : [];
  return (
    <Page title={m.title} sub={m.sub}>
      <Tabs
        items={tabs}
        value={tab}
        label={m.title}
        onChange={(key) =>
          navigate({
            to: "/service-map",
            search: (old: Record<string, unknown>) => ({ ...old, tab: key }),
          })
        }
      />
      {tab === "layers" && unit ? <MapLayers key={unit.id} unit={unit} /> : null}
      {tab === "area" ? branch ? <Area key={branch.id} unit={branch} /> : <Choose units={below} /> : null}
      {tab === "card" ? (
        branch ? (
          <ServiceCardPanel key={branch.id} unit={branch} />
        ) : (
          <Choose units={below} />
        )
      ) : null}
    </Page>
  );
}
