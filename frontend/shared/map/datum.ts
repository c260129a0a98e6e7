// Coordinates are WGS-84 everywhere; only at the edge, for a base map drawn in another datum, they are moved there.
import gcoord from "gcoord";

export type Datum = "wgs84" | "gcj02" | "bd09";

/** Longitude and latitude of a WGS-84 place in another datum. */
export function inDatum(lon: number, lat: number, datum: Datum): [number, number] {
  if (datum === "wgs84") return [lon, lat];
  const [x, y] = gcoord.transform([lon, lat], gcoord.WGS84, datum === "gcj02" ? gcoord.GCJ02 : gcoord.BD09);
  return [x ?? lon, y ?? lat];
}
