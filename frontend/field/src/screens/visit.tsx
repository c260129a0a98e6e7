// Writing a visit. Every answer is on the disk before the next one is given; the place is asked only while this screen is
// open; what is missing or odd is said and can be saved nevertheless, because what happened at the door is a fact.
import { compileForm, type Evaluation, evaluate } from "@zoufang/shared/form/evaluate.ts";
import type { Answers, Field as Asked } from "@zoufang/shared/form/model.ts";
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Redirect, useLocation, useParams } from "wouter";
import { field, useField, useWords, waitingOf } from "../context.ts";
import { dayView, formKey, groupName, outcomeIn } from "../core/day.ts";
import type { Draft, Household, Pack, Program, With } from "../core/types.ts";
import { outcomeOf, withPhotos } from "../core/visit.ts";
import { Card, Empty, Header, Sheet } from "../ui/base.tsx";
import { usePlace } from "../ui/place.ts";
import { Questions } from "../ui/questions.tsx";
import { Special } from "./asked.tsx";
import { Script } from "./household.tsx";
import { PicturesCard } from "./pictures.tsx";
import { stopPath } from "./today.tsx";
import { membersOf, Visitors } from "./visitors.tsx";

/** More positions than tell anything new. */
const POSITIONS_MOST = 20;
const POSITION_EVERY_MS = 15_000;

export default function VisitPage() {
  const w = useWords();
  const { id = "" } = useParams<{ id: string }>();
  const s = useField();
  const [done, setDone] = useState<Draft | null>(null);
  // True while it is being handed in: the draft is gone a moment before its receipt is shown.
  const handing = useRef(false);
  const draft = s.drafts.find((d) => d.id === id);
  if (done) return <Done visit={done} />;
  // Handed in or deleted meanwhile: the day says what became of it.
  if (!draft) return handing.current ? null : <Redirect to="/" replace />;
  const form = s.pack.forms.get(formKey(draft.form_id, draft.form_version));
  if (!form) {
    return (
      <>
        <Header title={w.visit.unnamed} back="/" />
        <main id="main" className="page">
          <Card>
            <Empty text={w.visit.formGone} />
          </Card>
        </main>
      </>
    );
  }
  return <Writing key={draft.id} draft={draft} form={form} handing={handing} onDone={() => setDone(draft)} />;
}

type FormOf = Parameters<typeof compileForm>[0];

function Writing({
  draft,
  form,
  handing,
  onDone,
}: {
  draft: Draft;
  form: FormOf;
  handing: RefObject<boolean>;
  onDone: () => void;
}) {
  const w = useWords();
  const { pack } = useField();
  const [, go] = useLocation();
  const compiled = useMemo(() => compileForm(form), [form]);
  const judged = evaluate(compiled, draft.answers, draft.day);
  const household = draft.household_id ? (pack.households.get(draft.household_id) ?? null) : null;
  const program = pack.programs.get(draft.program_id) ?? null;
  const stop = pack.stops.find((s) => s.id === draft.stop_id) ?? null;
  const [saving, setSaving] = useState<"saved" | "saving" | "failed">("saved");
  const [ask, setAsk] = useState<"missing" | "discard" | null>(null);
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const latest = useRef(draft);
  latest.current = draft;

  const save = useCallback(async (next: Draft) => {
    latest.current = next;
    setSaving("saving");
    try {
      await field.saveDraft(next);
      setSaving("saved");
    } catch {
      setSaving("failed");
    }
  }, []);
  const place = usePlace(true, (p) => {
    const { positions } = latest.current;
    const last = positions.at(-1);
    const soon = last && Date.parse(p.at) - Date.parse(last.at) < POSITION_EVERY_MS;
    if (soon || positions.length >= POSITIONS_MOST) return;
    void save({ ...latest.current, positions: [...positions, p] });
  });
  useEffect(() => {
    window.scrollTo(0, 0);
  }, []);

  const asksPhotos = useMemo(() => photoFields(form.fields), [form]);
  const counts = program?.data.outcomes.find((o) => o.code === outcomeOf(draft))?.counts ?? false;
  const handIn = async () => {
    setBusy(true);
    handing.current = true;
    try {
      const { accepted } = evaluate(compiled, latest.current.answers, draft.day);
      const answers = withPhotos(accepted, asksPhotos, latest.current.photos);
      const title = latest.current.title || nameOf(accepted) || w.visit.unnamed;
      await field.handIn({ ...latest.current, title }, answers, counts);
      onDone();
    } catch {
      handing.current = false;
      setFault(w.visit.notSaved);
      setBusy(false);
    }
  };
  const finish = () => {
    if (outcomeOf(draft) === "") return setFault(w.visit.noOutcome);
    if (draft.newly_found && !draft.village_group_id) return setFault(w.visit.pickGroup);
    setFault("");
    if (unanswered(judged, household).length > 0 || judged.violations.length > 0) return setAsk("missing");
    void handIn();
  };
  const known = knownPhone(household, draft);
  return (
    <>
      <Header
        title={draft.title || w.visit.unnamed}
        sub={[household?.data.village_group ?? groupOf(pack, draft), household?.data.address]
          .filter(Boolean)
          .join(" · ")}
        back="/"
        actions={
          <button type="button" className="head-action" onClick={() => field.cell.set({ showing: draft.id })}>
            {w.visit.show}
          </button>
        }
      />
      <main id="main" className="page with-bar">
        {household && household.data.reasons.length > 0 ? (
          <p className="why">
            <span className="sr">{w.visit.why}: </span>
            {household.data.reasons.join(" · ")}
          </p>
        ) : null}
        {draft.newly_found && !stop?.data.village_group_id ? (
          <PickGroup draft={draft} onPick={(g) => void save({ ...draft, village_group_id: g })} />
        ) : null}
        {draft.amends ? (
          <Card>
            <label>
              {w.visit.amendReason}
              <input
                value={draft.amends.reason}
                onChange={(e) =>
                  draft.amends && void save({ ...draft, amends: { ...draft.amends, reason: e.target.value } })
                }
              />
            </label>
          </Card>
        ) : null}
        <Card className="form">
          <Questions
            form={form}
            answers={draft.answers}
            judged={judged}
            today={draft.day}
            known={known ? { phone: w.visit.phoneKnown(known) } : {}}
            strict={ask === "missing"}
            special={(asked, answer) => (
              <Special draft={draft} place={place} household={household} asked={asked} onAnswer={answer} />
            )}
            onChange={(answers: Answers) => void save({ ...latest.current, answers })}
          />
        </Card>
        {asksPhotos.length === 0 ? <PicturesCard draft={draft} place={place} /> : null}
        <Script program={program} />
        <Gifts draft={draft} program={program} onSave={save} />
        <Visitors draft={draft} members={membersOf(pack, stop, draft.day)} />
        <Card title={w.visit.place}>
          <p role="status">
            {place ? w.visit.placeOk(String(Math.round(place.accuracy_m ?? 0))) : w.visit.placeNone}
          </p>
          <p className="hint">{w.visit.placeHint}</p>
        </Card>
        <button type="button" className="plain danger" onClick={() => setAsk("discard")}>
          {w.visit.discard}
        </button>
      </main>
      <div className="bar-below">
        {fault ? (
          <p className="wrong" role="alert">
            {fault}
          </p>
        ) : (
          <p className="hint" role="status">
            {saving === "failed" ? w.visit.notSaved : saving === "saving" ? w.visit.saving : w.visit.saved}
          </p>
        )}
        <button type="button" className="main" disabled={busy} onClick={finish}>
          {w.visit.save}
        </button>
      </div>
      {ask === "missing" ? (
        <Sheet
          title={
            judged.violations.length > 0
              ? w.visit.check
              : w.visit.missing(unanswered(judged, household).length)
          }
          onClose={() => setAsk(null)}
        >
          <ul className="plain-list">
            {judged.violations.map((v) => (
              <li key={v.field}>{v.message}</li>
            ))}
          </ul>
          <p className="hint">{w.visit.missingDetail}</p>
          <button type="button" className="main" onClick={() => setAsk(null)}>
            {w.visit.fillOn}
          </button>
          <button type="button" className="second" disabled={busy} onClick={() => void handIn()}>
            {w.visit.saveAnyway}
          </button>
        </Sheet>
      ) : null}
      {ask === "discard" ? (
        <Sheet title={w.visit.discard} onClose={() => setAsk(null)}>
          <p>{w.visit.discardAsk}</p>
          <button
            type="button"
            className="main danger"
            onClick={async () => {
              await field.discard(draft);
              go("/");
            }}
          >
            {w.visit.discardYes}
          </button>
        </Sheet>
      ) : null}
    </>
  );
}

/** The questions that are answered by photos, in their order; those of rows cannot be. */
function photoFields(fields: readonly Asked[]): string[] {
  return fields.flatMap((f) =>
    f.type === "photo" ? [f.name] : f.type === "group" ? photoFields(f.fields ?? []) : [],
  );
}

function groupOf(pack: Pack, draft: Draft): string {
  const group = pack.groups.get(draft.village_group_id ?? "");
  return group ? groupName(group.data) : "";
}

function nameOf(answers: Answers): string {
  return typeof answers.name === "string" ? answers.name.trim() : "";
}

/** A phone number that the bank has already, masked. */
function knownPhone(household: With<Household> | null, draft: Draft): string | null {
  const lead = household?.data.members.find((m) => m.customer_id === draft.customer_id);
  return lead?.phone_masked ?? null;
}

/** What is missing and not known to the bank already. */
function unanswered(judged: Evaluation, household: With<Household> | null): string[] {
  const known = household?.data.members.some((m) => m.lead && m.phone_masked);
  return judged.missing.filter((f) => !(known && f === "phone"));
}

function PickGroup({ draft, onPick }: { draft: Draft; onPick: (id: string) => void }) {
  const w = useWords();
  const { pack } = useField();
  return (
    <Card>
      <fieldset className="question">
        <legend>{w.visit.whereFound}</legend>
        <div className="choices">
          {[...pack.groups.values()].map((g) => (
            <button
              key={g.id}
              type="button"
              className={g.id === draft.village_group_id ? "chip on" : "chip"}
              aria-pressed={g.id === draft.village_group_id}
              onClick={() => onPick(g.id)}
            >
              {groupName(g.data)}
            </button>
          ))}
        </div>
      </fieldset>
    </Card>
  );
}

type SaveDraft = (draft: Draft) => Promise<void>;

function Gifts({
  draft,
  program,
  onSave,
}: {
  draft: Draft;
  program: With<Program> | null;
  onSave: SaveDraft;
}) {
  const w = useWords();
  const materials = program?.data.materials ?? [];
  if (materials.length === 0) return null;
  const count = (code: string) => draft.gifts.find((g) => g.material === code)?.count ?? 0;
  const set = (material: string, n: number) => {
    const others = draft.gifts.filter((g) => g.material !== material);
    void onSave({ ...draft, gifts: n > 0 ? [...others, { material, count: n }] : others });
  };
  return (
    <details className="card fold" open={draft.gifts.length > 0 || undefined}>
      <summary>{w.visit.gifts}</summary>
      <ul className="plain-list">
        {materials.map((m) => {
          const n = count(m.code);
          const cap = m.per_customer_cap;
          return (
            <li key={m.code} className="gift">
              <span>
                {m.name}
                {cap ? (
                  <span className="hint"> {n > cap ? w.visit.giftOver(cap) : w.visit.giftCap(cap)}</span>
                ) : null}
              </span>
              <span className="stepper">
                <button
                  type="button"
                  aria-label={w.visit.less(m.name)}
                  disabled={n === 0}
                  onClick={() => set(m.code, n - 1)}
                >
                  −
                </button>
                <output className="num">{n}</output>
                <button type="button" aria-label={w.visit.more(m.name)} onClick={() => set(m.code, n + 1)}>
                  +
                </button>
              </span>
            </li>
          );
        })}
      </ul>
    </details>
  );
}

/** Where it is now, and whom to see next. */
function Done({ visit }: { visit: Draft }) {
  const w = useWords();
  const s = useField();
  const [, go] = useLocation();
  const title = useRef<HTMLHeadingElement>(null);
  const sent = s.outbox.entries.length === 0 && s.photos.waiting === 0;
  const came = outcomeIn(s.pack.programs.get(visit.program_id), outcomeOf(visit));
  const next = dayView(s.pack, visit.day, s.drafts, s.notes, waitingOf(s)).next;
  useEffect(() => {
    title.current?.focus();
    window.scrollTo(0, 0);
  }, []);
  return (
    <main id="main" className="front done">
      <p className="mark" aria-hidden="true">
        ✓
      </p>
      <h1 ref={title} tabIndex={-1}>
        {sent ? w.visit.doneSent : w.visit.doneTitle}
      </h1>
      <p role="status">{sent ? w.visit.doneReceipt : w.visit.doneKept}</p>
      {came?.again ? <p>{w.visit.doneAgain(came.label)}</p> : null}
      <div className="stack">
        {next ? (
          <button type="button" className="main" onClick={() => go(stopPath(next))}>
            {w.visit.nextStop(next.title)}
          </button>
        ) : null}
        <button type="button" className={next ? "second" : "main"} onClick={() => go("/")}>
          {w.visit.toToday}
        </button>
      </div>
    </main>
  );
}
