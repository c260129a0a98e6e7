// The schematic map of one branch's week: distance rings, village groups, the branch, routes with numbered stops.
// Canvas only; on the bank's own base map when it has one, else a schematic on nothing. It knows nothing of React or of
// words; labels come in.
// Numbers that would overlap on screen are drawn once as a range ("3–7"); the list beside the map has every stop.

import { createEmpty, extend, isEmpty } from "ol/extent.js";
import Feature from "ol/Feature.js";
import LineString from "ol/geom/LineString.js";
import Point from "ol/geom/Point.js";
import { circular } from "ol/geom/Polygon.js";
import LayerGroup from "ol/layer/Group.js";
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
import { fontFamily, tokens } from "../tokens.ts";
import { type BaseMap, baseLayers } from "./base-map.ts";
import { cluster, rangeLabel } from "./cluster.ts";
import { type Datum, inDatum } from "./datum.ts";

export interface MapStop {
  id: string;
  order: number;
  lat: number;
  lon: number;
}
export interface MapRoute {
  id: string;
  stops: MapStop[];
}
export interface MapData {
  branch: { lat: number; lon: number; mark: string };
  rings: { meters: number; label: string }[];
  groups: { name: string; lat: number; lon: number }[];
  routes: MapRoute[];
}

/** Line colours told apart by lightness too; the list names the route that each belongs to. */
export const routeColours = [tokens.qing, tokens.info, tokens["amber-chart"], tokens.zhu, tokens["ink-2"]];

const CLEARANCE_PX = 21;

/** About 100 m: stops placed at their village group count as on it. */
const placeKey = (p: { lat: number; lon: number }) => `${p.lat.toFixed(3)},${p.lon.toFixed(3)}`;

export class PlanMap {
  private readonly map: OlMap;
  private readonly base = new LayerGroup();
  private readonly ground = new VectorSource();
  private readonly labels = new VectorSource();
  private readonly lines = new VectorSource();
  private readonly stops = new VectorSource();
  private data: MapData | null = null;
  private selected: string | null = null;
  private scale = 1;
  private datum: Datum = "wgs84";
  private baseTurn = 0;
  private readonly onPick: (stopId: string) => void;

  constructor(target: HTMLElement, onPick: (stopId: string) => void) {
    this.onPick = onPick;
    this.map = new OlMap({
      target,
      controls: [],
      layers: [
        this.base,
        new VectorLayer({ source: this.ground }),
        new VectorLayer({ source: this.lines }),
        new VectorLayer({ source: this.labels, declutter: true }),
        new VectorLayer({ source: this.stops }),
      ],
      view: new View({ center: [0, 0], zoom: 12, maxZoom: 18 }),
    });
    this.map.on("moveend", () => this.drawStops());
    this.map.on("click", (event) => {
      const hit = this.map.forEachFeatureAtPixel(event.pixel, (f) => f.get("stopId") as string | undefined, {
        hitTolerance: 6,
      });
      if (hit) this.onPick(hit);
    });
  }

  /** Shows another day or plan. `scale` is 1.25 in large type. */
  show(data: MapData, scale: number) {
    this.data = data;
    this.scale = scale;
    this.drawGround();
    this.drawLines();
    this.drawStops();
  }

  /** Puts a base map under everything, or takes it away. */
  async setBase(base: BaseMap) {
    this.baseTurn += 1;
    const turn = this.baseTurn;
    const layers = await baseLayers(base, this.scale);
    // Another one has been asked for meanwhile.
    if (turn !== this.baseTurn) return;
    this.base.getLayers().clear();
    this.base.getLayers().extend(layers);
    this.datum = base.tiles?.datum ?? "wgs84";
    if (this.data) this.show(this.data, this.scale);
  }

  /** A place on the picture: in the datum of the base map. */
  private at(lon: number, lat: number): number[] {
    return fromLonLat(inDatum(lon, lat, this.datum));
  }

  select(stopId: string | null) {
    this.selected = stopId;
    this.drawStops();
  }

  zoom(by: number) {
    const view = this.map.getView();
    view.setZoom((view.getZoom() ?? 12) + by);
  }

  /** Fits the routes, or everything that is drawn. */
  fit(what: "routes" | "all") {
    const box = createEmpty();
    extend(box, this.lines.getExtent() ?? createEmpty());
    if (what === "all" || isEmpty(box)) extend(box, this.ground.getExtent() ?? createEmpty());
    if (isEmpty(box)) return;
    this.map.updateSize();
    this.map.getView().fit(box, { padding: [64, 48, 48, 48], maxZoom: 16 });
  }

  resize() {
    this.map.updateSize();
  }

  dispose() {
    this.map.setTarget(undefined);
    this.map.dispose();
  }

  private font(px: number, bold = false): string {
    return `${bold ? "600 " : ""}${Math.round(px * this.scale)}px ${fontFamily}`;
  }

  private drawGround() {
    this.ground.clear();
    this.labels.clear();
    const data = this.data;
    if (!data) return;
    const centre = [data.branch.lon, data.branch.lat];
    for (const ring of data.rings) {
      const circle = circular(centre, ring.meters, 96);
      const corners = circle.getCoordinates()[0] ?? [];
      circle.setCoordinates([corners.map(([lon = 0, lat = 0]) => this.at(lon, lat))]);
      const shape = new Feature(circle);
      shape.setStyle(
        new Style({ stroke: new Stroke({ color: tokens.control, width: 1.5, lineDash: [6, 5] }) }),
      );
      const top = new Feature(new Point(this.at(data.branch.lon, data.branch.lat + ring.meters / 111_320)));
      top.setStyle(
        new Style({
          text: new Text({
            text: ring.label,
            font: this.font(12),
            fill: new Fill({ color: tokens["ink-2"] }),
            stroke: new Stroke({ color: tokens.sunk, width: 4 }),
            offsetY: 10 * this.scale,
          }),
        }),
      );
      this.ground.addFeature(shape);
      this.labels.addFeature(top);
    }
    const visited = new Set(data.routes.flatMap((r) => r.stops.map((stop) => placeKey(stop))));
    for (const group of data.groups) this.drawGroup(group, visited.has(placeKey(group)));
  }

  /** A village group: a dot, and its name below the dot or below the number of the stop on it. */
  private drawGroup(group: { name: string; lat: number; lon: number }, visited: boolean) {
    const place = this.at(group.lon, group.lat);
    const dot = new Feature(new Point(place));
    dot.setStyle(
      new Style({
        image: new CircleStyle({
          radius: 4 * this.scale,
          fill: new Fill({ color: tokens["line-2"] }),
          stroke: new Stroke({ color: tokens.control, width: 1 }),
        }),
      }),
    );
    this.ground.addFeature(dot);
    const name = new Feature(new Point(place));
    name.setStyle(
      new Style({
        text: new Text({
          text: group.name,
          font: this.font(11),
          offsetY: (visited ? 22 : 13) * this.scale,
          fill: new Fill({ color: tokens["ink-2"] }),
          stroke: new Stroke({ color: tokens.sunk, width: 3 }),
        }),
      }),
    );
    this.labels.addFeature(name);
  }

  private drawLines() {
    this.lines.clear();
    const data = this.data;
    if (!data) return;
    const home = this.at(data.branch.lon, data.branch.lat);
    data.routes.forEach((route, i) => {
      if (route.stops.length === 0) return;
      const places = route.stops.map((s) => this.at(s.lon, s.lat));
      const line = new Feature(new LineString([home, ...places, home]));
      line.setStyle([
        new Style({ stroke: new Stroke({ color: tokens.surface, width: 5 * this.scale }) }),
        new Style({
          stroke: new Stroke({
            color: routeColours[i % routeColours.length] ?? tokens.qing,
            width: 2.5 * this.scale,
            ...(i % 2 ? { lineDash: [8, 4] } : {}),
          }),
        }),
      ]);
      this.lines.addFeature(line);
    });
  }

  private drawStops() {
    this.stops.clear();
    const data = this.data;
    if (!data) return;
    const resolution = this.map.getView().getResolution() ?? 1;
    const apart = CLEARANCE_PX * this.scale * resolution;
    data.routes.forEach((route, i) => {
      const colour = routeColours[i % routeColours.length] ?? tokens.qing;
      const placed = route.stops.map((s) => {
        const [x = 0, y = 0] = this.at(s.lon, s.lat);
        return { ...s, x, y };
      });
      for (const group of cluster(placed, apart)) this.stops.addFeature(this.stopFeature(group, colour));
    });
    this.stops.addFeature(this.branchFeature(data));
  }

  private stopFeature(group: { id: string; order: number; x: number; y: number }[], colour: string): Feature {
    const first = group[0];
    const chosen = group.some((s) => s.id === this.selected);
    const label = rangeLabel(group.map((s) => s.order));
    const feature = new Feature(new Point([first?.x ?? 0, first?.y ?? 0]));
    feature.set("stopId", first?.id);
    const wide = Math.max(10, 4 + label.length * 3.2) * this.scale;
    feature.setStyle(
      new Style({
        zIndex: chosen ? 10 : 1,
        image: new CircleStyle({
          radius: wide,
          fill: new Fill({ color: chosen ? tokens.zhu : tokens.surface }),
          stroke: new Stroke({ color: chosen ? tokens.zhu : colour, width: 2.5 }),
        }),
        text: new Text({
          text: label,
          font: this.font(11, true),
          fill: new Fill({ color: chosen ? tokens.surface : tokens.ink }),
        }),
      }),
    );
    return feature;
  }

  private branchFeature(data: MapData): Feature {
    const feature = new Feature(new Point(this.at(data.branch.lon, data.branch.lat)));
    feature.setStyle(
      new Style({
        zIndex: 20,
        image: new CircleStyle({
          radius: 13 * this.scale,
          fill: new Fill({ color: tokens.ink }),
          stroke: new Stroke({ color: tokens.surface, width: 2 }),
        }),
        text: new Text({
          text: data.branch.mark,
          font: this.font(13, true),
          fill: new Fill({ color: tokens.surface }),
        }),
      }),
    );
    return feature;
  }
}
