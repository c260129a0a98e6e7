// Base maps that the bank has loaded: shapes under everything, tiles under the shapes. Tiles are read by range from
// our own server, only those that are shown; nothing else is ever asked. Shapes come in as they were fetched.
import type Feature from "ol/Feature.js";
import GeoJSON from "ol/format/GeoJSON.js";
import type BaseLayer from "ol/layer/Base.js";
import TileLayer from "ol/layer/Tile.js";
import VectorLayer from "ol/layer/Vector.js";
import VectorTileLayer from "ol/layer/VectorTile.js";
import VectorSource from "ol/source/Vector.js";
import Fill from "ol/style/Fill.js";
import Stroke from "ol/style/Stroke.js";
import Style from "ol/style/Style.js";
import Text from "ol/style/Text.js";
import { fontFamily, tokens } from "../tokens.ts";
import { type Datum, inDatum } from "./datum.ts";

export interface BaseTiles {
  url: string;
  datum: Datum;
  /** `mvt` or a kind of picture. */
  tiles: string;
}

export interface BaseMap {
  tiles: BaseTiles | null;
  /** GeoJSON in WGS-84. */
  shapes: unknown[];
}

const line = new Stroke({ color: tokens.control, width: 1.2 });
const area = new Fill({ color: tokens.sunk });

function shapeStyle(feature: { get(key: string): unknown; getGeometry(): unknown }, scale: number): Style {
  const name = feature.get("name");
  return new Style({
    stroke: line,
    ...(typeof name === "string"
      ? {
          text: new Text({
            text: name,
            font: `${Math.round(11 * scale)}px ${fontFamily}`,
            fill: new Fill({ color: tokens["ink-2"] }),
            stroke: new Stroke({ color: tokens.surface, width: 3 }),
            overflow: true,
          }),
        }
      : {}),
  });
}

/** The layers of a base map, lowest first. */
export async function baseLayers(base: BaseMap, scale: number): Promise<BaseLayer[]> {
  const out: BaseLayer[] = [];
  const datum = base.tiles?.datum ?? "wgs84";
  if (base.tiles) out.push(await tileLayer(base.tiles));
  for (const shapes of base.shapes) {
    const source = new VectorSource<Feature>();
    const features = new GeoJSON().readFeatures(shapes);
    for (const feature of features) {
      feature.getGeometry()?.applyTransform((input, output, dimension = 2) => {
        const to = output ?? input;
        for (let i = 0; i + 1 < input.length; i += dimension) {
          const [lon, lat] = inDatum(input[i] ?? 0, input[i + 1] ?? 0, datum);
          to[i] = lon;
          to[i + 1] = lat;
        }
        return to;
      });
      feature.getGeometry()?.transform("EPSG:4326", "EPSG:3857");
    }
    source.addFeatures(features);
    out.push(new VectorLayer({ source, declutter: true, style: (f) => shapeStyle(f, scale) }));
  }
  return out;
}

/** Fetched when a bank has tiles at all; most counties draw on shapes. */
async function tileLayer(tiles: BaseTiles): Promise<BaseLayer> {
  const { PMTilesRasterSource, PMTilesVectorSource } = await import("ol-pmtiles");
  if (tiles.tiles === "mvt") {
    const source = new PMTilesVectorSource({ url: tiles.url });
    return new VectorTileLayer({ source, style: new Style({ stroke: line, fill: area }) });
  }
  const source = new PMTilesRasterSource({ url: tiles.url });
  // Pale, so that routes stay the strongest thing on the picture.
  return new TileLayer({ source, opacity: 0.7 });
}
