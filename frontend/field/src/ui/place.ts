// The phone's position for a screen; asked only where a visit is being written.
import { useEffect, useRef, useState } from "react";
import type { Position } from "../core/types.ts";
import { watchPlace } from "../sync/place.ts";

/** The newest position while `on`, else null. */
export function usePlace(on: boolean, found?: (position: Position) => void): Position | null {
  const [place, setPlace] = useState<Position | null>(null);
  const tell = useRef(found);
  tell.current = found;
  useEffect(() => {
    if (!on) return;
    return watchPlace((p) => {
      setPlace(p);
      tell.current?.(p);
    });
  }, [on]);
  return on ? place : null;
}
