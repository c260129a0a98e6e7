// What is still on the phone and what the bank has, one honest line each; sending by hand; a way out as a file.
import { useState } from "react";
import { useLocation } from "wouter";
import { clock, field, shortDay, useField, useWords } from "../context.ts";
import type { Entry, Receipt } from "../core/outbox.ts";
import type { Note } from "../core/types.ts";
import { Card, Empty, Header, Says, Tag, type Tone } from "../ui/base.tsx";
import { exportFile } from "./export.ts";
import { useToday } from "./today.tsx";

export function Uploads() {
  const w = useWords();
  const s = useField();
  const [, go] = useLocation();
  const today = useToday();
  const [said, setSaid] = useState("");
  const notes = new Map(s.notes.map((n) => [n.op_id, n]));
  const { entries, receipts } = s.outbox;
  const nothing = entries.length + receipts.length + s.drafts.length === 0;
  return (
    <>
      <Header title={w.uploads.title} sub={w.uploads.sub(entries.length)} />
      <main id="main" className="page">
        <button
          type="button"
          className="main"
          disabled={s.busy.drain || entries.length + s.photos.waiting + s.photos.sent === 0}
          onClick={() => void field.exchange(true)}
        >
          {s.busy.drain ? w.uploads.busy : w.uploads.now}
        </button>
        {s.photos.waiting > 0 ? <Says tone="warn">{w.uploads.photosWaiting(s.photos.waiting)}</Says> : null}
        {s.photos.sent > 0 ? <Says>{w.uploads.photosSent(s.photos.sent)}</Says> : null}
        {nothing ? (
          <Card>
            <Empty text={w.uploads.none} detail={w.uploads.noneDetail}>
              <button type="button" className="second" onClick={() => go("/")}>
                {w.uploads.toToday}
              </button>
            </Empty>
          </Card>
        ) : null}
        {s.drafts.length > 0 ? (
          <Card title={w.uploads.draftTitle} flush>
            <ul className="rows">
              {s.drafts.map((d) => (
                <li key={d.id}>
                  <button type="button" className="row" onClick={() => go(`/visit/${d.id}`)}>
                    <span className="row-text">
                      <b>{d.title || w.visit.unnamed}</b>
                      <span className="hint num">
                        {shortDay(w, d.day)} {clock(d.started_at)}
                      </span>
                    </span>
                    <Tag tone="warn">{w.uploads.states.draft}</Tag>
                  </button>
                </li>
              ))}
            </ul>
          </Card>
        ) : null}
        {entries.length > 0 ? (
          <Card title={w.uploads.waitingTitle} flush>
            <ul className="rows">
              {entries.map((e) => (
                <Waiting key={e.op_id} entry={e} note={notes.get(e.op_id)} />
              ))}
            </ul>
          </Card>
        ) : null}
        {receipts.length > 0 ? (
          <Card title={w.uploads.sentTitle} flush>
            <ul className="rows">
              {[...receipts].reverse().map((r) => (
                <Sent key={r.op_id} receipt={r} note={notes.get(r.op_id)} />
              ))}
            </ul>
          </Card>
        ) : null}
        {entries.length + s.drafts.length > 0 ? (
          <>
            <button
              type="button"
              className="second"
              onClick={async () =>
                setSaid(w.uploads.exported(await exportFile(field, w.uploads.file(today))))
              }
            >
              {w.uploads.export}
            </button>
            <p className="hint">{w.uploads.exportDetail}</p>
          </>
        ) : null}
        {said ? <Says tone="ok">{said}</Says> : null}
      </main>
    </>
  );
}

function Line({
  note,
  at,
  tone,
  state,
  detail,
}: {
  note: Note | undefined;
  at: number | null;
  tone: Tone;
  state: string;
  detail: string | null;
}) {
  const w = useWords();
  const kind = note ? w.uploads.kinds[note.kind] : w.uploads.locked;
  const when = note ? clock(note.at) : at ? clock(at) : "";
  const parts = [kind, when, note && note.photos > 0 ? w.uploads.photos(note.photos) : null].filter(Boolean);
  return (
    <li className="row static">
      <span className="row-text">
        <b>{note?.title || kind}</b>
        <span className="hint num">{parts.join(" · ")}</span>
        {detail ? <span className="hint">{detail}</span> : null}
      </span>
      <Tag tone={tone}>{state}</Tag>
    </li>
  );
}

function Waiting({ entry, note }: { entry: Entry; note: Note | undefined }) {
  const w = useWords();
  const later = entry.not_before > Date.now() ? w.uploads.wait(clock(entry.not_before)) : null;
  if (entry.refused !== null)
    return <Line note={note} at={null} tone="bad" state={w.uploads.states.refused} detail={later} />;
  return <Line note={note} at={null} tone="warn" state={w.uploads.states[entry.state]} detail={later} />;
}

const TONES: Record<Receipt["answer"], Tone> = {
  applied: "ok",
  duplicate: "ok",
  review: "ok",
  quarantined: "warn",
};

function Sent({ receipt, note }: { receipt: Receipt; note: Note | undefined }) {
  const w = useWords();
  const why = receipt.code ? (w.uploads.reasons[receipt.code] ?? w.uploads.otherReason(receipt.code)) : null;
  const number = receipt.seq !== null ? w.uploads.receipt(String(receipt.seq)) : null;
  return (
    <Line
      note={note}
      at={receipt.at}
      tone={TONES[receipt.answer]}
      state={w.uploads.states[receipt.answer]}
      detail={why ?? number}
    />
  );
}
