// Where the phone is, asked only while a visit is being written. No answer is an answer too: a visit without a place is
// a visit.

import type { Position } from "../core/types.ts";

/** Watches until the returned function is called; `found` gets every position that the phone has. */
export function watchPlace(found: (position: Position) => void): () => void {
  if (!("geolocation" in navigator)) return () => {};
  const id = navigator.geolocation.watchPosition(
    (p) =>
      found({
        lat: p.coords.latitude,
        lon: p.coords.longitude,
        accuracy_m: p.coords.accuracy,
        datum: "wgs84",
        at: new Date(p.timestamp).toISOString(),
      }),
    () => {},
    { enableHighAccuracy: true, maximumAge: 10_000, timeout: 30_000 },
  );
  return () => navigator.geolocation.clearWatch(id);
}
