// Where a visit was written and where the household is: a small schematic map, north above, with a scale; no tiles, no
// WebGL, no internet. The same in words beside it.

import type { VisitWhole } from "@zoufang/shared/api/types.ts";
import { num } from "@zoufang/shared/format.ts";
import { useWords } from "../session.ts";
import { Facts, Panel } from "../ui/layout.tsx";
import { Empty } from "../ui/states.tsx";

type Place = VisitWhole["home"];
const SIZE = 240;
const MARGIN = 40;
const METRES_PER_DEGREE = 111_195;
/** Nearer than this the map does not come, in metres from side to side. */
const LEAST_M = 60;

/** The next of 1, 2, 5, 10, … metres below a length. */
function roundBelow(metres: number): number {
  const power = 10 ** Math.floor(Math.log10(metres));
  return power * (metres >= 5 * power ? 5 : metres >= 2 * power ? 2 : 1);
}

function Drawn({ home, spot }: { home: NonNullable<Place>; spot: NonNullable<Place> }) {
  const v = useWords().visitPage;
  const lat = (home.lat + spot.lat) / 2;
  const lon = (home.lon + spot.lon) / 2;
  const metres = (p: { lat: number; lon: number }) => ({
    x: (p.lon - lon) * METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180),
    y: (lat - p.lat) * METRES_PER_DEGREE,
  });
  const [a, b] = [metres(home), metres(spot)];
  const wide = Math.max(LEAST_M, 2 * Math.max(Math.abs(a.x), Math.abs(a.y)));
  const scale = (SIZE - 2 * MARGIN) / wide;
  const at = (p: { x: number; y: number }) => ({ x: SIZE / 2 + p.x * scale, y: SIZE / 2 + p.y * scale });
  const [h, s] = [at(a), at(b)];
  const bar = roundBelow(wide / 2);
  const accuracy = Math.min(SIZE, (spot.accuracy_m ?? 0) * scale);
  return (
    <svg className="visit-map" viewBox={`0 0 ${SIZE} ${SIZE}`} role="img" aria-label={v.mapLabel}>
      {accuracy > 0 ? <circle className="visit-map-accuracy" cx={s.x} cy={s.y} r={accuracy} /> : null}
      <line className="visit-map-line" x1={h.x} y1={h.y} x2={s.x} y2={s.y} />
      <rect className="visit-map-home" x={h.x - 7} y={h.y - 7} width="14" height="14" />
      <circle className="visit-map-spot" cx={s.x} cy={s.y} r="7" />
      <g className="visit-map-scale">
        <path d={`M ${MARGIN / 2} ${SIZE - 16} h ${bar * scale}`} />
        <text x={MARGIN / 2} y={SIZE - 22}>
          {v.metres(num(bar))}
        </text>
        <text x={SIZE - 28} y="22">
          {v.north}
        </text>
      </g>
    </svg>
  );
}

export function Spot({
  home,
  pinned,
  spot,
  apart,
}: {
  home: Place;
  pinned: boolean;
  spot: Place;
  apart: number | null;
}) {
  const v = useWords().visitPage;
  const where = (p: Place) => (p ? `${p.lat.toFixed(4)}, ${p.lon.toFixed(4)}` : null);
  return (
    <Panel title={v.place}>
      {home || spot ? (
        <div className="visit-place">
          {home && spot ? <Drawn home={home} spot={spot} /> : null}
          <Facts
            items={[
              [
                `● ${v.spot}`,
                spot
                  ? `${where(spot)} ${spot.accuracy_m === null ? "" : v.accuracy(num(spot.accuracy_m))}`
                  : v.noSpot,
              ],
              [`■ ${v.home}`, home ? `${where(home)} ${pinned ? v.pinned : v.guessed}` : v.noHome],
              [v.apart, apart === null ? null : v.metres(num(apart))],
            ]}
          />
        </div>
      ) : (
        <Empty text={v.nowhere} />
      )}
    </Panel>
  );
}
