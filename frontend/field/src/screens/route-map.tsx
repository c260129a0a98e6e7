// The route as a sketch on canvas: numbers of the list, lines between them, no tiles needed. Numbers that would cover
// each other are drawn as one range. The list below says the same in words.
import { cluster, rangeLabel } from "@zoufang/shared/map/cluster.ts";
import { fontFamily, tokens } from "@zoufang/shared/tokens.ts";
import Feature from "ol/Feature.js";
import LineString from "ol/geom/LineString.js";
import Point from "ol/geom/Point.js";
import VectorLayer from "ol/layer/Vector.js";
import OlMap from "ol/Map.js";
import { fromLonLat } from "ol/proj.js";
import VectorSource from "ol/source/Vector.js";
import CircleStyle from "ol/style/Circle.js";
import Fill from "ol/style/Fill.js";
import Stroke from "ol/style/Stroke.js";
import Style from "ol/style/Style.js";
import Text from "ol/style/Text.js";
import View from "ol/View.js";
import { useEffect, useRef } from "react";
import { useLook } from "../context.ts";
import type { DayStop } from "../core/day.ts";
import "./route-map.css";

const CLEARANCE_PX = 24;

interface Placed {
  stop: DayStop;
  order: number;
  x: number;
  y: number;
}

function dot(group: Placed[], next: DayStop | null, scale: number): Feature {
  const [first] = group;
  const here = group.some((p) => p.stop === next);
  const done = group.every((p) => p.stop.state === "sent" || p.stop.state === "kept");
  const label = rangeLabel(group.map((p) => p.order));
  const feature = new Feature(new Point([first?.x ?? 0, first?.y ?? 0]));
  feature.set("stop", first?.stop);
  feature.setStyle(
    new Style({
      zIndex: here ? 10 : 1,
      image: new CircleStyle({
        radius: Math.max(13, 6 + label.length * 3.4) * scale,
        fill: new Fill({ color: here ? tokens.zhu : done ? tokens.qing : tokens.surface }),
        stroke: new Stroke({ color: here ? tokens.zhu : tokens.qing, width: 2.5 }),
      }),
      text: new Text({
        text: label,
        font: `bold ${Math.round(13 * scale)}px ${fontFamily}`,
        fill: new Fill({ color: here || done ? tokens.surface : tokens.ink }),
      }),
    }),
  );
  return feature;
}

export default function RouteMap({
  stops,
  next,
  onPick,
}: {
  stops: DayStop[];
  next: DayStop | null;
  onPick: (stop: DayStop) => void;
}) {
  const { words: w, large } = useLook();
  const box = useRef<HTMLDivElement>(null);
  const pick = useRef(onPick);
  pick.current = onPick;
  useEffect(() => {
    if (!box.current) return;
    const placed: Placed[] = stops.flatMap((stop) => {
      const { lat, lon } = stop.stop.data;
      if (lat === null || lon === null) return [];
      const [x = 0, y = 0] = fromLonLat([lon, lat]);
      return [{ stop, order: stop.order, x, y }];
    });
    const dots = new VectorSource();
    const lines = new VectorSource();
    if (placed.length > 1) {
      const road = new Feature(new LineString(placed.map((p) => [p.x, p.y])));
      road.setStyle(new Style({ stroke: new Stroke({ color: tokens.qing, width: 3 }) }));
      lines.addFeature(road);
    }
    const map = new OlMap({
      target: box.current,
      controls: [],
      layers: [new VectorLayer({ source: lines }), new VectorLayer({ source: dots })],
      view: new View({ center: [placed[0]?.x ?? 0, placed[0]?.y ?? 0], zoom: 13, maxZoom: 18 }),
    });
    const scale = large ? 1.25 : 1;
    const draw = () => {
      const apart = CLEARANCE_PX * scale * (map.getView().getResolution() ?? 1);
      dots.clear();
      for (const group of cluster(placed, apart)) dots.addFeature(dot(group, next, scale));
    };
    map.on("moveend", draw);
    map.on("click", (event) => {
      const stop = map.forEachFeatureAtPixel(event.pixel, (f) => f.get("stop") as DayStop | undefined, {
        hitTolerance: 8,
      });
      if (stop) pick.current(stop);
    });
    const extent = lines.getExtent();
    if (placed.length > 1 && extent) map.getView().fit(extent, { padding: [40, 40, 40, 40], maxZoom: 16 });
    draw();
    return () => map.setTarget(undefined);
  }, [stops, next, large]);
  return (
    <figure className="map-box">
      <div ref={box} className="map" role="img" aria-label={w.today.map} />
      <figcaption className="hint">{w.today.mapHint}</figcaption>
    </figure>
  );
}
