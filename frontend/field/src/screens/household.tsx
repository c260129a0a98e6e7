// One household before the visit: why, what to say, what to bring, who lives there, what was before.
import { useState } from "react";
import { useLocation, useParams } from "wouter";
import { field, shortDay, useField, useWords } from "../context.ts";
import type { Household as Data, Program, With } from "../core/types.ts";
import { simpleOp } from "../core/visit.ts";
import { Card, Empty, Header, Says, Sheet, Tag } from "../ui/base.tsx";
import { usePlace } from "../ui/place.ts";
import { begin, programOf } from "./begin.ts";
import { CallButton, GoButton } from "./contact.tsx";

export function HouseholdPage() {
  const w = useWords();
  const { id = "", stop: stopId = "" } = useParams<{ id: string; stop: string }>();
  const { pack, drafts } = useField();
  const [, go] = useLocation();
  const [correct, setCorrect] = useState(false);
  const [kept, setKept] = useState("");
  const household = pack.households.get(id);
  const stop = pack.stops.find((s) => s.id === stopId) ?? null;
  const program = programOf(stop);
  if (!household) {
    return (
      <>
        <Header title={w.tabs.customers} back="/customers" />
        <main id="main" className="page">
          <Card>
            <Empty text={w.customers.none} />
          </Card>
        </main>
      </>
    );
  }
  const h = household.data;
  const open = drafts.some((d) => d.household_id === id);
  return (
    <>
      <Header
        title={h.name}
        sub={[h.village_group, h.address].filter(Boolean).join(" · ")}
        back={stop ? "/" : "/customers"}
      />
      <main id="main" className="page with-bar">
        {h.do_not_visit ? <Says tone="bad">{w.today.doNotVisit}</Says> : null}
        {kept ? <Says tone="ok">{kept}</Says> : null}
        {h.reasons.length > 0 ? (
          <Card title={w.today.why}>
            <ul className="plain-list">
              {h.reasons.map((r) => (
                <li key={r}>{r}</li>
              ))}
            </ul>
          </Card>
        ) : null}
        <Script program={program} />
        <Card title={w.household.members} flush>
          <ul className="rows">
            {h.members.map((m) => (
              <li key={m.customer_id} className="row static">
                <span className="row-text">
                  <b>
                    {m.name} {m.lead ? <Tag>{w.household.lead}</Tag> : null}
                  </b>
                  <span className="hint num">{m.phone_masked ?? w.call.none}</span>
                  {m.missing.length > 0 ? (
                    <span className="hint">
                      {w.household.missing(m.missing.map((f) => w.household.fields[f] ?? f).join("、"))}
                    </span>
                  ) : null}
                </span>
                {m.phone_masked ? <CallButton household={household} member={m} /> : null}
              </li>
            ))}
          </ul>
        </Card>
        {h.products.length > 0 ? (
          <Card title={w.household.products}>
            <p>{h.products.join(" · ")}</p>
          </Card>
        ) : null}
        <div className="actions">
          <GoButton at={h} />
          <DoorButton household={household} onKept={setKept} />
          <button type="button" className="second wide" onClick={() => setCorrect(true)}>
            {w.household.correct}
          </button>
        </div>
        <Card title={w.household.history} flush>
          {h.history.length === 0 ? (
            <p className="hint pad">{w.household.noHistory}</p>
          ) : (
            <ul className="rows">
              {h.history.map((v, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows of the past never change their order
                <li key={i} className="row static">
                  <span className="row-text">
                    <b>{program?.data.outcomes.find((o) => o.code === v.outcome)?.label ?? v.outcome}</b>
                    <span className="hint">
                      <span className="num">{shortDay(w, v.day)}</span> · {v.by}
                    </span>
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Card>
      </main>
      <div className="bar-below">
        <button type="button" className="main" onClick={async () => go(await begin({ stop, household }))}>
          {open ? w.today.continue : w.today.start}
        </button>
      </div>
      {correct ? (
        <Correct
          household={household}
          onClose={() => setCorrect(false)}
          onKept={() => {
            setCorrect(false);
            setKept(w.household.correctDone);
          }}
        />
      ) : null}
    </>
  );
}

/** What to say and what to bring, closed until it is wanted. */
export function Script({ program }: { program: With<Program> | null }) {
  const w = useWords();
  if (!program) return null;
  const { scripts, materials } = program.data;
  return (
    <>
      {scripts.length > 0 ? (
        <details className="card fold">
          <summary>{w.household.script}</summary>
          {scripts.map((s) => (
            <div key={`${s.role}${s.title}`}>
              <h3>{s.title}</h3>
              <p className="pre">{s.text}</p>
            </div>
          ))}
        </details>
      ) : null}
      {materials.length > 0 ? (
        <details className="card fold">
          <summary>{w.household.materials}</summary>
          <ul className="plain-list">
            {materials.map((m) => (
              <li key={m.code}>
                {m.name}{" "}
                {m.per_customer_cap ? (
                  <span className="hint">{w.visit.giftCap(m.per_customer_cap)}</span>
                ) : null}
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </>
  );
}

/** The place of a door, taken on the spot. */
function DoorButton({ household, onKept }: { household: With<Data>; onKept: (text: string) => void }) {
  const w = useWords();
  const [on, setOn] = useState(false);
  const place = usePlace(on);
  const keep = async () => {
    if (!place) return;
    const { lat, lon, accuracy_m, datum, at } = place;
    await field.handInOne(
      (m, id) =>
        simpleOp(
          "pin.door",
          household.unit_id,
          { op_id: id(), entity_id: household.id },
          { household_id: household.id, lat, lon, accuracy_m, datum, at },
          m,
        ),
      household.data.name,
    );
    setOn(false);
    onKept(w.household.pinned(String(Math.round(accuracy_m ?? 0))));
  };
  return (
    <>
      <button type="button" className="second" onClick={() => setOn(true)}>
        {w.household.pin}
      </button>
      {on ? (
        <Sheet title={w.household.pin} onClose={() => setOn(false)}>
          <p role="status">
            {place ? w.visit.placeOk(String(Math.round(place.accuracy_m ?? 0))) : w.household.pinWait}
          </p>
          {place ? null : <p className="hint">{w.household.pinNone}</p>}
          <button type="button" className="main" disabled={!place} onClick={keep}>
            {w.save}
          </button>
        </Sheet>
      ) : null}
    </>
  );
}

function Correct({
  household,
  onClose,
  onKept,
}: {
  household: With<Data>;
  onClose: () => void;
  onKept: () => void;
}) {
  const w = useWords();
  const [who, setWho] = useState(household.data.members[0]?.customer_id ?? "");
  const [changes, setChanges] = useState<Record<string, string>>({});
  const [fault, setFault] = useState("");
  const save = async () => {
    const given = Object.fromEntries(Object.entries(changes).filter(([, v]) => v.trim() !== ""));
    if (Object.keys(given).length === 0 || who === "") return setFault(w.household.fill);
    await field.handInOne(
      (m, id) =>
        simpleOp(
          "customer.propose",
          household.unit_id,
          { op_id: id(), entity_id: who },
          { customer_id: who, household_id: household.id, ...given },
          m,
        ),
      household.data.members.find((m) => m.customer_id === who)?.name ?? household.data.name,
    );
    onKept();
  };
  return (
    <Sheet title={w.household.correct} onClose={onClose}>
      <p className="hint">{w.household.correctDetail}</p>
      {household.data.members.length > 1 ? (
        <fieldset className="question">
          <legend>{w.household.customer}</legend>
          <div className="choices">
            {household.data.members.map((m) => (
              <button
                key={m.customer_id}
                type="button"
                className={m.customer_id === who ? "chip on" : "chip"}
                aria-pressed={m.customer_id === who}
                onClick={() => setWho(m.customer_id)}
              >
                {m.name}
              </button>
            ))}
          </div>
        </fieldset>
      ) : null}
      {(["name", "phone", "address"] as const).map((f) => (
        <label key={f}>
          {w.household.fields[f]}
          <input
            autoComplete="off"
            inputMode={f === "phone" ? "tel" : undefined}
            value={changes[f] ?? ""}
            onChange={(e) => setChanges({ ...changes, [f]: e.target.value })}
          />
        </label>
      ))}
      {fault ? <Says tone="bad">{fault}</Says> : null}
      <button type="button" className="main" onClick={save}>
        {w.household.sendCorrection}
      </button>
    </Sheet>
  );
}
