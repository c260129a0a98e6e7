// The corner of a map: whose map it is and its review number, or that it is a schematic.
import type { MapLayer } from "@zoufang/shared/api/types.ts";
import { useWords } from "../session.ts";

export function MapSource({ used }: { used: MapLayer[] }) {
  const w = useWords();
  const p = w.plan;
  if (used.length === 0) {
    return (
      <p className="map-note">
        <b>{p.mapNote}</b> · {p.mapReview}
      </p>
    );
  }
  const said = used.map((l) =>
    [l.name, l.source, l.review_number ? w.serviceMap.review(l.review_number) : w.serviceMap.noReview]
      .filter(Boolean)
      .join(" · "),
  );
  return <p className="map-note">{said.join("；")}</p>;
}
