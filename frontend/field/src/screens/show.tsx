// What was noted, for the customer's own eyes: large, black on white, and read aloud where the phone can.
import type { Evaluation } from "@zoufang/shared/form/evaluate.ts";
import {
  type Answers,
  type Field as Asked,
  choiceLabel,
  choiceValue,
  type Form,
  type Json,
  labelText,
} from "@zoufang/shared/form/model.ts";
import { num } from "@zoufang/shared/format.ts";
import { useEffect, useRef, useState } from "react";
import { useLook } from "../context.ts";

/** Only what was told by the customer: no remarks, no scores. */
const PRIVATE = /remark|score/;

export function Show({
  form,
  judged,
  answers,
  notice,
  onClose,
}: {
  form: Form;
  judged: Evaluation;
  answers: Answers;
  notice: string | null;
  onClose: () => void;
}) {
  const { words: w, language } = useLook();
  const box = useRef<HTMLDialogElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const [speaking, setSpeaking] = useState(false);
  const lines = noted(form.fields, answers, new Set(judged.relevant), language, w.visit.yuan);
  const text = [notice, ...lines.map(([label, value]) => `${label}：${value}`)].filter(Boolean).join("。");
  const can = "speechSynthesis" in window;
  useEffect(() => {
    const dialog = box.current;
    if (dialog && !dialog.open) dialog.showModal();
    // The dialog gives the focus to its first button, which is at the end: begin at the beginning.
    title.current?.focus();
    return () => {
      if ("speechSynthesis" in window) window.speechSynthesis.cancel();
    };
  }, []);
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
    <dialog ref={box} className="show" aria-labelledby="show-title" onClose={onClose}>
      <h1 id="show-title" ref={title} tabIndex={-1}>
        {w.show.title}
      </h1>
      {notice ? (
        <section>
          <h2>{w.show.notice}</h2>
          <p className="pre">{notice}</p>
        </section>
      ) : null}
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
        {can ? (
          <button type="button" onClick={read}>
            {speaking ? w.show.stop : w.show.read}
          </button>
        ) : null}
        <button type="button" onClick={() => box.current?.close()}>
          {w.show.back}
        </button>
      </div>
    </dialog>
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
    if (!relevant.has(f.name) || PRIVATE.test(f.name) || f.calculate !== undefined) return [];
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

function text(field: Asked, value: Json | undefined, language: "zh" | "en", yuan: string): string {
  if (value === undefined || value === null || field.type === "photo" || field.type === "location") return "";
  const name = (v: Json) => {
    const option = field.options?.find((o) => choiceValue(o) === v);
    return option ? choiceLabel(option, language) : String(v);
  };
  if (Array.isArray(value)) return value.map(name).join("、");
  if (field.type === "money" && typeof value === "number") return `${num(value / 100, 2)} ${yuan}`;
  return name(value);
}
