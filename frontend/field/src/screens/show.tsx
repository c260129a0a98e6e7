// The phone in the customer's hand: the notice in large letters, the tick for it, and what was noted. It is the only
// thing on the screen, whatever is pressed: whoever visits takes the phone back with a long press or the PIN. Turned
// around it is read by somebody who stands opposite.
import { compileForm, evaluate } from "@zoufang/shared/form/evaluate.ts";
import {
  type Answers,
  type Field as Asked,
  choiceLabel,
  choiceValue,
  type Form,
  type Json,
  labelText,
  walk,
} from "@zoufang/shared/form/model.ts";
import { num } from "@zoufang/shared/format.ts";
import { useEffect, useMemo, useRef, useState } from "react";
import { useLocation } from "wouter";
import { field, useField, useLook } from "../context.ts";
import { formKey } from "../core/day.ts";
import type { Draft } from "../core/types.ts";
import { TakeBack } from "./take-back.tsx";

/** Only what was told by the customer: no remarks, no scores. */
const PRIVATE = /remark|score/;
/** The question by which the customer agrees; the server knows it by the same name. */
const CONSENT = "notice";

export default function ShowPage() {
  const { showing, drafts, pack } = useField();
  const [, go] = useLocation();
  const draft = drafts.find((d) => d.id === showing);
  const form = draft ? pack.forms.get(formKey(draft.form_id, draft.form_version)) : undefined;
  const leave = () => {
    // Whatever the back key of the phone has done meanwhile.
    if (draft) go(`/visit/${draft.id}`, { replace: true });
    field.cell.set({ showing: null });
  };
  useEffect(() => {
    if (!draft || !form) field.cell.set({ showing: null });
  }, [draft, form]);
  return draft && form ? <Show draft={draft} form={form} onLeave={leave} /> : null;
}

function Show({ draft, form, onLeave }: { draft: Draft; form: Form; onLeave: () => void }) {
  const { words: w, language } = useLook();
  const { pack, enrolment } = useField();
  const [turned, setTurned] = useState(false);
  const title = useRef<HTMLHeadingElement>(null);
  const page = useRef<HTMLElement>(null);
  const compiled = useMemo(() => compileForm(form), [form]);
  const relevant = new Set(evaluate(compiled, draft.answers, draft.day).relevant);
  const consent = [...walk(form.fields)].find((f) => f.name === CONSENT && f.type === "one");
  const given = pack.programs.get(draft.program_id)?.data.notice_text;
  const notice = given || w.show.noticeText(enrolment?.unit_name ?? "");
  const lines = noted(form.fields, draft.answers, relevant, language, w.visit.yuan);
  const text = [notice, ...lines.map(([label, value]) => `${label}：${value}`)].filter(Boolean).join("。");
  useEffect(() => {
    title.current?.focus();
    window.scrollTo(0, 0);
  }, []);
  return (
    <main id="main" ref={page} className={turned ? "show turned" : "show"}>
      <div className="show-page">
        <h1 ref={title} tabIndex={-1}>
          {w.show.title}
        </h1>
        <section>
          <h2>{w.show.notice}</h2>
          {notice.split("\n\n").map((part) => (
            <p className="pre" key={part}>
              {part}
            </p>
          ))}
          {consent && relevant.has(consent.name) ? <Consent draft={draft} asked={consent} /> : null}
        </section>
        <section>
          <h2>{w.show.noted}</h2>
          {lines.length === 0 ? <p>{w.show.nothing}</p> : null}
          <dl>
            {lines.map(([label, value]) => (
              <div key={`${label}${value}`}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </section>
        <div className="show-actions">
          <ReadAloud text={text} />
          <button
            type="button"
            aria-pressed={turned}
            onClick={() => {
              setTurned(!turned);
              // Whoever reads it now begins at the beginning.
              page.current?.scrollTo(0, 0);
            }}
          >
            {w.show.turn}
          </button>
          <TakeBack onBack={onLeave} />
        </div>
      </div>
    </main>
  );
}

/** The customer ticks it, or the visitor did before. */
function Consent({ draft, asked }: { draft: Draft; asked: Asked }) {
  const { language } = useLook();
  const value = draft.answers[asked.name];
  const choose = (v: string) =>
    void field.change(draft.id, (now) => ({ ...now, answers: { ...now.answers, [asked.name]: v } }));
  return (
    <fieldset className="consent">
      <legend className="sr">{labelText(asked.label, language)}</legend>
      {(asked.options ?? []).map((o) => {
        const v = choiceValue(o);
        const on = value === v;
        return (
          <button key={v} type="button" aria-pressed={on} onClick={() => choose(v)}>
            <span className="box" aria-hidden="true">
              {on ? "✓" : ""}
            </span>
            {choiceLabel(o, language)}
          </button>
        );
      })}
    </fieldset>
  );
}

function ReadAloud({ text }: { text: string }) {
  const { words: w, language } = useLook();
  const [speaking, setSpeaking] = useState(false);
  const can = "speechSynthesis" in window;
  useEffect(() => () => window.speechSynthesis?.cancel(), []);
  if (!can) return null;
  const read = () => {
    if (speaking) {
      window.speechSynthesis.cancel();
      return setSpeaking(false);
    }
    const said = new SpeechSynthesisUtterance(text);
    said.lang = language === "en" ? "en" : "zh-CN";
    said.rate = 0.85;
    said.onend = () => setSpeaking(false);
    window.speechSynthesis.speak(said);
    setSpeaking(true);
  };
  return (
    <button type="button" onClick={read}>
      {speaking ? w.show.stop : w.show.read}
    </button>
  );
}

function noted(
  fields: readonly Asked[],
  answers: Answers,
  relevant: ReadonlySet<string>,
  language: "zh" | "en",
  yuan: string,
): [string, string][] {
  return fields.flatMap((f): [string, string][] => {
    const hidden = PRIVATE.test(f.name) || f.name === CONSENT || f.calculate !== undefined;
    if (hidden || !relevant.has(f.name)) return [];
    if (f.type === "group") return noted(f.fields ?? [], answers, relevant, language, yuan);
    const label = labelText(f.label, language);
    const value = answers[f.name];
    if (f.type === "repeat") {
      const rows = Array.isArray(value) ? value : [];
      return rows.flatMap((row) =>
        typeof row === "object" && row !== null && !Array.isArray(row)
          ? [
              [
                label,
                (f.fields ?? [])
                  .map((x) => text(x, row[x.name], language, yuan))
                  .filter(Boolean)
                  .join(" "),
              ] as [string, string],
            ]
          : [],
      );
    }
    const said = text(f, value, language, yuan);
    return said ? [[label, said]] : [];
  });
}

/** Not told by words. */
const SILENT = new Set(["photo", "location", "signature", "customer"]);

function text(field: Asked, value: Json | undefined, language: "zh" | "en", yuan: string): string {
  if (value === undefined || value === null || SILENT.has(field.type)) return "";
  const name = (v: Json) => {
    const option = field.options?.find((o) => choiceValue(o) === v);
    return option ? choiceLabel(option, language) : String(v);
  };
  if (Array.isArray(value)) return value.map(name).join("、");
  if (field.type === "money" && typeof value === "number") return `${num(value / 100, 2)} ${yuan}`;
  return name(value);
}
