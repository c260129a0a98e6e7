// Calling and finding the way: a masked number until it is needed, the map of the phone without a name.
import { useState } from "react";
import { field, useField, useWords } from "../context.ts";
import type { Household, Member, With } from "../core/types.ts";
import { ApiError, server } from "../sync/server.ts";
import { Says, Sheet } from "../ui/base.tsx";
import { sentence } from "./sign-in.tsx";

export function CallButton({ household, member }: { household: With<Household>; member?: Member }) {
  const w = useWords();
  const { online, signedOut } = useField();
  const [open, setOpen] = useState(false);
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const who =
    member ??
    household.data.members.find((m) => m.lead && m.phone_masked) ??
    household.data.members.find((m) => m.phone_masked);
  const call = async () => {
    if (!who) return;
    setBusy(true);
    setFault("");
    try {
      const said = await server.phone(household.unit_id, who.customer_id, w.call.reason);
      const number = said.values.phone ?? "";
      if (number) window.location.href = `tel:${number}`;
      else setFault(w.call.none);
    } catch (e) {
      field.heard(e);
      setFault(e instanceof ApiError && e.status === 0 ? w.call.offline : sentence(e, w.call.offline));
    }
    setBusy(false);
  };
  return (
    <>
      <button type="button" className="second" onClick={() => setOpen(true)}>
        {w.today.call}
      </button>
      {open ? (
        <Sheet title={w.call.title(who?.name ?? household.data.name)} onClose={() => setOpen(false)}>
          <p className="big num">{who?.phone_masked ? w.call.masked(who.phone_masked) : w.call.none}</p>
          {!online || signedOut ? <Says tone="warn">{signedOut ? w.signedOut : w.call.offline}</Says> : null}
          {fault ? <Says tone="bad">{fault}</Says> : null}
          <button type="button" className="main" disabled={busy || !who?.phone_masked} onClick={call}>
            {w.call.ask}
          </button>
          <p className="hint">{w.call.recorded}</p>
        </Sheet>
      ) : null}
    </>
  );
}

export function GoButton({ at }: { at: { lat: number | null; lon: number | null } }) {
  const w = useWords();
  const [open, setOpen] = useState(false);
  const known = at.lat !== null && at.lon !== null;
  const place = `${at.lat},${at.lon}`;
  return (
    <>
      <button type="button" className="second" onClick={() => setOpen(true)}>
        {w.today.go}
      </button>
      {open ? (
        <Sheet title={w.navigate.title} onClose={() => setOpen(false)}>
          {known ? (
            <>
              <a className="second" href={`geo:${place}?q=${place}`}>
                {w.navigate.phone}
              </a>
              {/* dev=1: the coordinates are WGS-84, the map moves them to its own datum. */}
              <a
                className="second"
                href={`androidamap://navi?sourceApplication=zoufang&lat=${at.lat}&lon=${at.lon}&dev=1&style=2`}
              >
                {w.navigate.amap}
              </a>
              <p className="hint">{w.navigate.detail}</p>
            </>
          ) : (
            <Says tone="warn">{w.navigate.none}</Says>
          )}
        </Sheet>
      ) : null}
    </>
  );
}
