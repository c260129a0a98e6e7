// The frame of the schematic map: buttons, legend, the 示意图 mark and the place of the review number. The list
// beside it holds the same content, so the canvas itself is one labelled picture for screen readers.
import { useQuery } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type { Route, VillageGroup, WeekPlan } from "@zoufang/shared/api/types.ts";
import { PlanMap } from "@zoufang/shared/map/plan-map.ts";
import { useEffect, useRef } from "react";
import { useMe, useWords } from "../session.ts";
import { useBaseMap } from "../ui/base-map.ts";
import { groupName } from "../ui/dates.ts";
import { MapSource } from "./map-source.tsx";
import "ol/ol.css";

/** Where the branch is; a branch without coordinates is drawn amid its village groups. */
function home(plan: WeekPlan, groups: VillageGroup[] | undefined): { lat: number; lon: number } {
  if (plan.unit.lat !== null && plan.unit.lon !== null) return { lat: plan.unit.lat, lon: plan.unit.lon };
  const placed = (groups ?? []).filter((g) => g.lat !== null && g.lon !== null);
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
  return { lat: mean(placed.map((g) => g.lat ?? 0)), lon: mean(placed.map((g) => g.lon ?? 0)) };
}

export function PlanMapView({
  plan,
  routes,
  selected,
  onSelect,
}: {
  plan: WeekPlan;
  routes: Route[];
  selected: string | null;
  onSelect: (stopId: string) => void;
}) {
  const w = useWords();
  const p = w.plan;
  const large = useMe().preferences.large_type;
  const box = useRef<HTMLDivElement>(null);
  const map = useRef<PlanMap | null>(null);
  const groups = useQuery({
    queryKey: ["groups", plan.unit.id],
    queryFn: () => api.villageGroups(plan.unit.id),
  });

  useEffect(() => {
    if (!box.current) return;
    const made = new PlanMap(box.current, onSelect);
    map.current = made;
    const watch = new ResizeObserver(() => made.resize());
    watch.observe(box.current);
    return () => {
      watch.disconnect();
      made.dispose();
      map.current = null;
    };
  }, [onSelect]);

  const { base, used } = useBaseMap(plan.unit.id);
  useEffect(() => {
    void map.current?.setBase(base);
  }, [base]);

  const places = groups.data?.items;
  useEffect(() => {
    map.current?.show(
      {
        branch: { ...home(plan, places), mark: p.mapMark },
        rings: plan.rings,
        groups: (places ?? []).flatMap((g) =>
          g.lat !== null && g.lon !== null ? [{ name: groupName(g), lat: g.lat, lon: g.lon }] : [],
        ),
        routes: routes.map((r) => ({
          id: r.id,
          stops: r.stops.map((s) => ({ id: s.id, order: s.order, lat: s.lat, lon: s.lon })),
        })),
      },
      large ? 1.25 : 1,
    );
  }, [plan, routes, places, large, p.mapMark]);

  // A new day is framed once; striking a visit must not move the picture under the reader's eyes.
  useEffect(() => {
    map.current?.fit("routes");
  }, []);
  useEffect(() => {
    map.current?.select(selected);
  }, [selected]);

  return (
    <section className="map-panel no-print" aria-label={p.map}>
      <div ref={box} className="map" role="img" aria-label={p.map} />
      <div className="map-buttons">
        <button type="button" aria-label={p.zoomIn} onClick={() => map.current?.zoom(1)}>
          +
        </button>
        <button type="button" aria-label={p.zoomOut} onClick={() => map.current?.zoom(-1)}>
          −
        </button>
        <button type="button" onClick={() => map.current?.fit("routes")}>
          {p.fitDay}
        </button>
        <button type="button" onClick={() => map.current?.fit("all")}>
          {p.fitAll}
        </button>
      </div>
      <ul className="map-legend">
        <li>
          <span className="legend-branch" aria-hidden="true">
            {p.mapMark}
          </span>
          {p.mapBranch}
        </li>
        <li>
          <span className="legend-stop num" aria-hidden="true">
            1
          </span>
          {p.mapStop}
        </li>
        <li>
          <span className="legend-group" aria-hidden="true" />
          {p.mapGroup}
        </li>
        <li>
          <span className="legend-ring" aria-hidden="true" />
          {p.mapRing}
        </li>
      </ul>
      <MapSource used={used} />
    </section>
  );
}
