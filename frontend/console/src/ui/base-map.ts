// Which of the bank's own base maps a unit is drawn on: the newest tiles and all shapes that serve it.
import { useQueries, useQuery } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type { MapLayer } from "@zoufang/shared/api/types.ts";
import type { BaseMap } from "@zoufang/shared/map/base-map.ts";
import { useMemo } from "react";

/** The base map of a unit and the layers it is made of; no layers means a schematic. */
export function useBaseMap(unitId: string): { base: BaseMap; used: MapLayer[] } {
  const list = useQuery({
    queryKey: ["map-layers", unitId],
    queryFn: () => api.mapLayers(unitId),
    staleTime: 600_000,
  });
  const layers = list.data?.items;
  const shapes = useMemo(() => (layers ?? []).filter((l) => l.kind === "geojson"), [layers]);
  const loaded = useQueries({
    queries: shapes.map((l) => ({
      queryKey: ["map-shapes", l.id],
      queryFn: () => api.mapShapes(unitId, l.id),
      staleTime: Number.POSITIVE_INFINITY,
    })),
    combine: (results) => results.map((r) => r.data).filter((d) => d !== undefined),
  });
  return useMemo(() => {
    const tiles = (layers ?? []).find((l) => l.kind === "pmtiles");
    return {
      base: {
        tiles: tiles
          ? { url: api.mapLayerUrl(unitId, tiles.id), datum: tiles.datum, tiles: tiles.tiles ?? "png" }
          : null,
        shapes: loaded,
      },
      used: tiles ? [tiles, ...shapes] : shapes,
    };
  }, [layers, shapes, loaded, unitId]);
}
