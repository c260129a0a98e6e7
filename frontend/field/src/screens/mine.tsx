// One's own day, the phone, what this browser can do, and the switches.
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { clock, field, shortDay, useField, useLook, useWords, waitingOf } from "../context.ts";
import { dayView, outcomeIn } from "../core/day.ts";
import { CLIENT } from "../engine/state.ts";
import { type Ability, abilities, verdict } from "../ui/abilities.ts";
import { Card, Header, Says, Sheet, Tag } from "../ui/base.tsx";
import { useInstall } from "../ui/install.ts";
import { begin, programOf } from "./begin.ts";
import { ChangePin } from "./change-pin.tsx";
import { exportFile } from "./export.ts";
import { useToday } from "./today.tsx";

export function Mine() {
  const { words: w, language, setLanguage, large, setLarge } = useLook();
  const s = useField();
  const today = useToday();
  const d = dayView(s.pack, today, s.drafts, s.notes, waitingOf(s));
  const install = useInstall();
  const [leave, setLeave] = useState(false);
  const [pin, setPin] = useState(false);
  const [changed, setChanged] = useState(false);
  const unsent = s.outbox.entries.length + s.photos.waiting;
  const moment = (at: number) => `${shortDay(w, new Date(at).toISOString().slice(0, 10))} ${clock(at)}`;
  return (
    <>
      <Header title={s.enrolment?.user_name ?? w.mine.title} sub={s.enrolment?.unit_name} />
      <main id="main" className="page">
        <Card title={w.mine.record}>
          <dl className="figures">
            <Figure label={w.mine.done} value={w.mine.unit(d.done)} />
            <Figure label={w.mine.counted} value={w.mine.unit(d.counted)} />
            <Figure label={w.mine.owed} value={w.mine.unit(Math.max(0, d.quota - d.counted))} />
            <Figure label={w.mine.notSent} value={w.mine.pieces(unsent)} />
          </dl>
          <DoneToday day={today} />
          <OthersToday day={today} />
        </Card>
        <Card title={w.mine.large}>
          <div className="actions">
            <button type="button" className="second" aria-pressed={large} onClick={() => setLarge(!large)}>
              {large ? w.mine.largeOff : w.mine.largeOn}
            </button>
            <button
              type="button"
              className="second"
              lang={language === "zh" ? "en" : "zh-CN"}
              onClick={() => setLanguage(language === "zh" ? "en" : "zh")}
            >
              {w.mine.otherLanguage}
            </button>
          </div>
        </Card>
        <Card title={w.mine.device}>
          <dl className="lines">
            <Row label={w.mine.deviceName} value={s.enrolment?.user_name ?? ""} />
            <Row label={w.mine.lease} value={s.leaseUntil > 0 ? moment(s.leaseUntil) : w.mine.never} />
            <Row label={w.mine.lastPull} value={s.lastPull > 0 ? moment(s.lastPull) : w.mine.never} />
            <Row label={w.mine.storage} value={s.persisted ? w.mine.persistedYes : w.mine.persistedNo} />
          </dl>
          <Space />
          {install ? (
            <button type="button" className="second" onClick={install}>
              {w.mine.install}
            </button>
          ) : null}
        </Card>
        <Abilities />
        <p className="hint">{w.mine.notice}</p>
        {changed ? <Says tone="ok">{w.pin.changed}</Says> : null}
        <div className="actions">
          <button type="button" className="second" onClick={() => field.lock()}>
            {w.mine.lock}
          </button>
          <button
            type="button"
            className="second"
            onClick={() => {
              setChanged(false);
              setPin(true);
            }}
          >
            {w.mine.changePin}
          </button>
        </div>
        <button type="button" className="plain danger" onClick={() => setLeave(true)}>
          {w.mine.signOut}
        </button>
        <p className="hint num">{w.mine.version(CLIENT)}</p>
      </main>
      {pin ? (
        <ChangePin
          onClose={() => setPin(false)}
          onDone={() => {
            setPin(false);
            setChanged(true);
          }}
        />
      ) : null}
      {leave ? <Leave unsent={unsent} today={today} onClose={() => setLeave(false)} /> : null}
    </>
  );
}

function Leave({ unsent, today, onClose }: { unsent: number; today: string; onClose: () => void }) {
  const w = useWords();
  const [exported, setExported] = useState(false);
  const blocked = unsent > 0 && !exported;
  return (
    <Sheet title={w.mine.signOut} onClose={onClose}>
      <p>{w.mine.signOutDetail}</p>
      {blocked ? (
        <>
          <Says tone="warn">{w.mine.signOutBlocked(unsent)}</Says>
          <button type="button" className="main" onClick={() => void field.exchange(true)}>
            {w.uploads.now}
          </button>
          <button
            type="button"
            className="second"
            onClick={async () => {
              await exportFile(field, w.uploads.file(today));
              setExported(true);
            }}
          >
            {w.uploads.export}
          </button>
        </>
      ) : (
        <button type="button" className="main danger" onClick={() => void field.leave()}>
          {unsent > 0 ? w.mine.anyway : w.mine.signOutYes}
        </button>
      )}
    </Sheet>
  );
}

function DoneToday({ day }: { day: string }) {
  const w = useWords();
  const { pack, notes, outbox } = useField();
  const [, go] = useLocation();
  const own = notes.filter((n) => n.day === day && n.kind === "visit.submit");
  // Written on another phone, or before this one was enrolled anew.
  const known = new Set(own.map((n) => n.entity_id));
  const others = pack.visits.filter((v) => v.data.day === day && !known.has(v.id));
  if (own.length + others.length === 0) return <p className="hint">{w.mine.nothingYet}</p>;
  const program = programOf(pack.stops.find((s) => s.data.day === day));
  const amend = async (entity: string, op_id: string) => {
    const rev =
      pack.visits.find((v) => v.id === entity)?.rev ??
      outbox.receipts.find((r) => r.op_id === op_id)?.rev ??
      1;
    const note = own.find((n) => n.op_id === op_id);
    const household = note?.household_id ? pack.households.get(note.household_id) : null;
    const stop = pack.stops.find((s) => s.id === note?.stop_id) ?? null;
    const answers = await field.answersOf(op_id);
    go(await begin({ stop, household: household ?? null, amends: { id: entity, rev, answers } }));
  };
  return (
    <ul className="rows flat" aria-label={w.mine.list}>
      {own.map((n) => {
        const here = outbox.entries.some((e) => e.op_id === n.op_id);
        const came = outcomeIn(program, n.outcome);
        return (
          <li key={n.op_id} className="row static">
            <span className="row-text">
              <b>{n.title}</b>
              <span className="hint">
                <span className="num">{clock(n.at)}</span> · {came?.label}
                {came?.again ? ` · ${w.today.again}` : null}
              </span>
              <button type="button" className="plain left" onClick={() => void amend(n.entity_id, n.op_id)}>
                {w.visit.amend}
              </button>
            </span>
            <Tag tone={here ? "warn" : "ok"}>{here ? w.today.state.kept : w.today.state.sent}</Tag>
          </li>
        );
      })}
      {others.map((v) => {
        const came = outcomeIn(program, v.data.outcome);
        return (
          <li key={v.id} className="row static">
            <span className="row-text">
              <b>{pack.households.get(v.data.household_id ?? "")?.data.name ?? w.visit.unnamed}</b>
              <span className="hint">
                {came?.label}
                {came?.again ? ` · ${w.today.again}` : null}
              </span>
            </span>
            <Tag tone="ok">{w.today.state.sent}</Tag>
          </li>
        );
      })}
    </ul>
  );
}

/** What else was written down on that day, by kind. */
function OthersToday({ day }: { day: string }) {
  const w = useWords();
  const { notes } = useField();
  const counts = new Map<string, number>();
  for (const n of notes) {
    if (n.day !== day || n.kind === "visit.submit") continue;
    counts.set(w.uploads.kinds[n.kind], (counts.get(w.uploads.kinds[n.kind]) ?? 0) + 1);
  }
  if (counts.size === 0) return null;
  return (
    <p className="hint num">
      {w.mine.others} {[...counts].map(([kind, n]) => `${kind} ${n}`).join(" · ")}
    </p>
  );
}

function Figure({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt className="hint">{label}</dt>
      <dd className="num">{value}</dd>
    </div>
  );
}

function Row({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd className="num">{value}</dd>
    </div>
  );
}

const MB = 1024 * 1024;

function Space() {
  const w = useWords();
  const [space, setSpace] = useState<{ usage?: number; quota?: number } | null>(null);
  useEffect(() => {
    navigator.storage?.estimate?.().then(setSpace, () => {});
  }, []);
  if (!space?.quota) return null;
  return (
    <p className="hint num">
      {w.mine.space(String(Math.ceil((space.usage ?? 0) / MB)), String(Math.floor(space.quota / MB)))}
    </p>
  );
}

function Abilities() {
  const w = useWords();
  const [found, setFound] = useState<Ability[]>([]);
  useEffect(() => {
    void abilities().then(setFound);
  }, []);
  if (found.length === 0) return null;
  const state = verdict(found, navigator.userAgent);
  return (
    <Card title={w.mine.can}>
      <Says tone={state === "offline" ? "ok" : "warn"}>
        <b>{w.mine.canTitle[state]}</b> — {w.mine.canDetail[state]}
      </Says>
      <dl className="lines">
        {found.map((a) => (
          <Row
            key={a.name}
            label={w.mine.checks[a.name]}
            value={a.good ? `✓ ${w.mine.yes}` : `✗ ${w.mine.no}`}
          />
        ))}
      </dl>
    </Card>
  );
}
