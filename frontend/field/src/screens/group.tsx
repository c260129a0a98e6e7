// One village group of a first visit: its publicity traces, the households met there, and those that are listed.
import { useState } from "react";
import { useLocation, useParams } from "wouter";
import { field, shortDay, useField, useWords } from "../context.ts";
import { groupName } from "../core/day.ts";
import { simpleOp } from "../core/visit.ts";
import { type Photo, shrink } from "../sync/photo.ts";
import { Card, Empty, Header, Icon, Says, Tag } from "../ui/base.tsx";
import { usePlace } from "../ui/place.ts";
import { begin, programOf } from "./begin.ts";
import { GoButton } from "./contact.tsx";
import { Script } from "./household.tsx";
import { kb, useAddress } from "./pictures.tsx";
import { useToday } from "./today.tsx";
import { watermark } from "./watermark.ts";

export function GroupPage() {
  const w = useWords();
  const { id = "", stop: stopId = "" } = useParams<{ id: string; stop: string }>();
  const { pack, notes, outbox } = useField();
  const [, go] = useLocation();
  const today = useToday();
  const group = pack.groups.get(id);
  const stop = pack.stops.find((s) => s.id === stopId) ?? null;
  const program = programOf(stop);
  if (!group) {
    return (
      <>
        <Header title={w.customers.groups} back="/customers" />
        <main id="main" className="page">
          <Card>
            <Empty text={w.customers.none} />
          </Card>
        </main>
      </>
    );
  }
  const g = group.data;
  const listed = [...pack.households.values()].filter((h) => h.data.village_group_id === id);
  const here = notes.filter(
    (n) =>
      n.kind === "trace.put" && n.title === groupName(g) && outbox.entries.some((e) => e.op_id === n.op_id),
  );
  const placeName = (code: string) => program?.data.places.find((p) => p.code === code)?.label ?? code;
  return (
    <>
      <Header title={groupName(g)} sub={g.township ?? undefined} back={stop ? "/" : "/customers"} />
      <main id="main" className="page with-bar">
        <div className="actions">
          <GoButton at={g} />
        </div>
        <Script program={program} />
        <Card title={w.group.traces}>
          {g.traces.length === 0 && here.length === 0 ? <p className="hint">{w.group.tracesNone}</p> : null}
          <ul className="plain-list">
            {g.traces.map((t) => (
              <li key={`${t.day}${t.place}`} className="num">
                {shortDay(w, t.day)} · {w.group.trace(placeName(t.place), t.count)}
              </li>
            ))}
            {here.map((n) => (
              <li key={n.op_id}>
                <Tag tone="warn">{w.today.state.kept}</Tag>
              </li>
            ))}
          </ul>
          <Trace
            places={program?.data.places ?? []}
            name={groupName(g)}
            onSave={async (place, count, photo, position) => {
              const payload = {
                program_id: program?.id ?? "",
                village_group_id: id,
                stop_id: stop?.id ?? null,
                day: today,
                place,
                count,
                position,
              };
              await field.handInOne(
                (m, newId) =>
                  simpleOp("trace.put", group.unit_id, { op_id: newId(), entity_id: newId() }, payload, m),
                groupName(g),
                photo ? [photo] : [],
              );
            }}
          />
        </Card>
        {listed.length > 0 ? (
          <Card title={w.group.known} flush>
            <ul className="rows">
              {listed.map((h) => (
                <li key={h.id}>
                  <button type="button" className="row" onClick={() => go(`/household/${h.id}/${stopId}`)}>
                    <span className="row-text">
                      <b>{h.data.name}</b>
                      <span className="hint">{h.data.address}</span>
                    </span>
                    <Icon name="chevron" />
                  </button>
                </li>
              ))}
            </ul>
          </Card>
        ) : null}
      </main>
      <div className="bar-below">
        <button
          type="button"
          className="main"
          onClick={async () => go(await begin({ stop, group, fresh: true }))}
        >
          {w.group.newHousehold}
        </button>
      </div>
    </>
  );
}

type Save = (place: string, count: number, photo: Photo | null, position: object | null) => Promise<void>;

function Trace({
  places,
  name,
  onSave,
}: {
  places: { code: string; label: string }[];
  name: string;
  onSave: Save;
}) {
  const w = useWords();
  const [open, setOpen] = useState(false);
  const [place, setPlace] = useState("");
  const [count, setCount] = useState("1");
  const [photo, setPhoto] = useState<Photo | null>(null);
  const [fault, setFault] = useState("");
  const [kept, setKept] = useState(false);
  const position = usePlace(open);
  if (!open) {
    return (
      <>
        {kept ? <Says tone="ok">{w.group.saved}</Says> : null}
        <button type="button" className="second" onClick={() => setOpen(true)}>
          {w.group.addTrace}
        </button>
      </>
    );
  }
  const take = async (file: File | undefined) => {
    if (!file) return;
    try {
      setPhoto(await shrink(file, watermark(w, position, name)));
      setFault("");
    } catch {
      setFault(w.visit.photoBad);
    }
  };
  return (
    <div className="stack">
      <fieldset className="question">
        <legend>{w.group.place}</legend>
        <div className="choices">
          {places.map((p) => (
            <button
              key={p.code}
              type="button"
              className={p.code === place ? "chip on" : "chip"}
              aria-pressed={p.code === place}
              onClick={() => setPlace(p.code)}
            >
              {p.label}
            </button>
          ))}
        </div>
      </fieldset>
      <label>
        {w.group.count}
        <input
          className="num"
          inputMode="numeric"
          value={count}
          onChange={(e) => setCount(e.target.value.replace(/\D/g, ""))}
        />
      </label>
      {photo ? <Taken photo={photo} onDrop={() => setPhoto(null)} /> : null}
      <label className="second file">
        {photo ? w.visit.takeAnother : w.group.photo}
        <input
          type="file"
          accept="image/*"
          capture="environment"
          onChange={(e) => void take(e.target.files?.[0])}
        />
      </label>
      <p className="hint">{w.group.photoNeeded}</p>
      {fault ? <Says tone="bad">{fault}</Says> : null}
      <button
        type="button"
        className="main"
        disabled={place === "" || Number(count) < 1}
        onClick={async () => {
          await onSave(place, Number(count), photo, position);
          setOpen(false);
          setPlace("");
          setPhoto(null);
          setKept(true);
        }}
      >
        {w.group.saveTrace}
      </button>
    </div>
  );
}

function Taken({ photo, onDrop }: { photo: Photo; onDrop: () => void }) {
  const w = useWords();
  const size = kb(photo.bytes.byteLength);
  const address = useAddress(
    () => new Blob([photo.bytes], { type: photo.mime }),
    `${photo.bytes.byteLength}`,
  );
  return (
    <div className="photo-line">
      {address ? <img className="trace-photo" src={address} alt={w.visit.photoAlt(1, size)} /> : null}
      <button type="button" className="plain" onClick={onDrop}>
        {w.visit.removePhoto(1)}
      </button>
    </div>
  );
}
