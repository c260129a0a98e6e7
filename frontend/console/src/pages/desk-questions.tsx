// The questions of one paper form, all on one page: digits choose, Enter moves on, Ctrl+Enter saves, Esc leaves.
// Which questions apply is judged by the form's own rules after every answer; an answer that breaks a rule is said,
// and may be saved nevertheless: what stands on paper is a fact, somebody looks at it later.
import { type Compiled, evaluate } from "@zoufang/shared/form/evaluate.ts";
import { type Answers, choiceValue, type Field, type Form, type Json } from "@zoufang/shared/form/model.ts";
import { dayWritten } from "@zoufang/shared/format.ts";
import { Button, Input } from "antd";
import { type KeyboardEvent, type ReactNode, useId, useLayoutEffect, useRef, useState } from "react";
import { useMe, useWords } from "../session.ts";
import { Tag } from "../ui/layout.tsx";
import { useFormWords } from "./form-words.ts";

const ASKED = new Set(["one", "many", "text", "integer", "decimal", "money", "date", "time"]);
const texts = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.filter((v): v is string => typeof v === "string") : [];

/** Questions one below the other; groups are opened, rows of a repeat follow each other. */
function asked(fields: readonly Field[], relevant: ReadonlySet<string>): Field[] {
  return fields.flatMap((f): Field[] => {
    if (f.calculate !== undefined || !relevant.has(f.name)) return [];
    if (f.type === "group") return asked(f.fields ?? [], relevant);
    return ASKED.has(f.type) || f.type === "repeat" ? [f] : [];
  });
}

export function Questions({
  form,
  compiled,
  today,
  missing = [],
  initial = {},
  saveLabel,
  children,
  onSave,
  onLeave,
}: {
  form: Form;
  compiled: Compiled;
  today: string;
  /** What the bank does not have of the customer. */
  missing?: string[];
  /** Answers that stand there from the start. */
  initial?: Answers;
  saveLabel?: string;
  /** What stands below the questions, above the buttons. */
  children?: ReactNode;
  onSave: (answers: Answers) => void;
  onLeave: () => void;
}) {
  const w = useWords();
  const d = w.desk;
  const [answers, setAnswers] = useState<Answers>(initial);
  const box = useRef<HTMLFormElement>(null);
  const judged = evaluate(compiled, answers, today);
  const relevant = new Set(judged.relevant);
  const wrong = new Map(judged.violations.map((v) => [v.field, v.message]));
  const put = (name: string, value: Json | undefined) =>
    setAnswers((old) => {
      const next = { ...old };
      if (value === undefined || value === "" || (Array.isArray(value) && value.length === 0))
        delete next[name];
      else next[name] = value;
      return next;
    });
  // Before the first key can fall beside the form.
  useLayoutEffect(() => {
    box.current?.querySelector<HTMLElement>("[data-question]")?.focus();
  }, []);
  const move = (from: EventTarget, by: 1 | -1) => {
    const all = [...(box.current?.querySelectorAll<HTMLElement>("[data-question]") ?? [])];
    const at = all.findIndex((e) => e === from || e.contains(from as Node));
    all[Math.max(0, Math.min(all.length - 1, at + by))]?.focus();
  };
  const keys = (e: KeyboardEvent) => {
    if (e.key === "Escape") return onLeave();
    if (e.key !== "Enter" || e.nativeEvent.isComposing) return;
    e.preventDefault();
    if (e.ctrlKey || e.metaKey) return onSave(answers);
    // The last one is the button: Enter there saves.
    if ((e.target as HTMLElement).getAttribute("data-question") === "save") return onSave(answers);
    // Every key before this one is drawn already, with the questions that its answer opened.
    move(e.target, e.shiftKey ? -1 : 1);
  };
  return (
    // The keys work in every question; the buttons do the same.
    <form ref={box} className="desk-form" onKeyDown={keys} onSubmit={(e) => e.preventDefault()}>
      {missing.length > 0 ? (
        <p className="hint">{d.missing(missing.map((m) => d.fields[m as "phone"] ?? m).join("、"))}</p>
      ) : null}
      {asked(form.fields, relevant).map((f) =>
        f.type === "repeat" ? (
          <Rows key={f.name} field={f} value={answers[f.name]} onChange={(v) => put(f.name, v)} />
        ) : (
          <Question
            key={f.name}
            field={f}
            value={answers[f.name]}
            wrong={wrong.get(f.name)}
            onChange={(v) => put(f.name, v)}
          />
        ),
      )}
      {children}
      <div className="line wrap">
        <Button type="primary" data-question="save" onClick={() => onSave(answers)}>
          {saveLabel ?? d.save}
        </Button>
        <Button onClick={onLeave}>{w.common.cancel}</Button>
        {judged.missing.length > 0 ? <Tag tone="warn">{d.stillMissing(judged.missing.length)}</Tag> : null}
      </div>
      <p className="hint">{d.keys}</p>
    </form>
  );
}

export function Question({
  field,
  value,
  wrong,
  onChange,
}: {
  field: Field;
  value: Json | undefined;
  wrong?: string | undefined;
  onChange: (value: Json | undefined) => void;
}) {
  const said = useFormWords();
  const label = said.label(field);
  const hint = said.words(field.hint);
  return (
    <div className="desk-question">
      {field.type === "one" || field.type === "many" ? (
        <Choices field={field} label={label} value={value} onChange={onChange} />
      ) : (
        <Line field={field} label={label} value={value} onChange={onChange} />
      )}
      {hint ? <p className="hint">{hint}</p> : null}
      {wrong ? (
        <p className="bad-text" role="alert">
          {wrong}
        </p>
      ) : null}
    </div>
  );
}

/** Choices with their digits; one takes the place of the other, or several stand together. */
function Choices({
  field,
  label,
  value,
  onChange,
}: {
  field: Field;
  label: string;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
}) {
  const said = useFormWords();
  const many = field.type === "many";
  const chosen = many ? texts(value) : typeof value === "string" ? [value] : [];
  const choose = (option: string) => {
    const on = chosen.includes(option);
    if (!many) return onChange(on ? undefined : option);
    onChange(on ? chosen.filter((o) => o !== option) : [...chosen, option]);
  };
  const options = field.options ?? [];
  const keys = (e: KeyboardEvent) => {
    const option = options[Number(e.key) - 1];
    if (!option || e.ctrlKey || e.altKey || e.metaKey) return;
    e.preventDefault();
    choose(choiceValue(option));
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: one stop for the keyboard, digits choose inside
    <fieldset className="desk-choices" data-question={field.name} tabIndex={0} onKeyDown={keys}>
      <legend>{label}</legend>
      {options.map((o, i) => {
        const v = choiceValue(o);
        const on = chosen.includes(v);
        return (
          <button
            key={v}
            type="button"
            tabIndex={-1}
            aria-pressed={on}
            className={on ? "desk-choice on" : "desk-choice"}
            onClick={() => choose(v)}
          >
            <kbd>{i + 1}</kbd> {said.option(o)}
          </button>
        );
      })}
    </fieldset>
  );
}

/** What is typed as a line, read by the field's type; what cannot be read stays as text and is said. */
function Line({
  field,
  label,
  value,
  onChange,
}: {
  field: Field;
  label: string;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
}) {
  const d = useWords().desk;
  const id = useId();
  const { today } = useMe().system;
  const [text, setText] = useState(written(field, value));
  const read = (raw: string): Json | undefined => {
    const t = raw.trim();
    if (t === "") return undefined;
    const n = Number(t);
    if (field.type === "integer" || field.type === "decimal") return Number.isFinite(n) ? n : t;
    if (field.type === "money") return Number.isFinite(n) ? Math.round(n * 100) : t;
    if (field.type === "date") return dayWritten(t, today);
    return t;
  };
  return (
    <div className="desk-line">
      <label htmlFor={id}>
        {label}
        {field.type === "money" ? ` (${d.yuan})` : null}
        {field.type === "date" ? <span className="hint"> {d.dayHint}</span> : null}
      </label>
      <Input
        id={id}
        data-question={field.name}
        value={text}
        autoComplete="off"
        inputMode={field.type === "text" ? undefined : "decimal"}
        onChange={(e) => {
          setText(e.target.value);
          onChange(read(e.target.value));
        }}
      />
    </div>
  );
}

/** An answer as it is typed: amounts in 元. */
function written(field: Field, value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return field.type === "money" && typeof value === "number" ? String(value / 100) : String(value);
}

/** Rows of a repeat: further members of the household. */
export function Rows({
  field,
  value,
  onChange,
}: {
  field: Field;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
}) {
  const d = useWords().desk;
  const label = useFormWords().label(field);
  const rows = (Array.isArray(value) ? value : []).filter(
    (r): r is Answers => typeof r === "object" && r !== null && !Array.isArray(r),
  );
  // Rows have no names of their own and are only added: their place names them.
  const named = rows.map((row, i) => ({ row, place: i, id: `${field.name}-${i + 1}` }));
  const put = (i: number, name: string, v: Json | undefined) =>
    onChange(
      rows.map((r, n) => {
        if (n !== i) return r;
        const next = { ...r };
        if (v === undefined) delete next[name];
        else next[name] = v;
        return next;
      }),
    );
  const box = useRef<HTMLFieldSetElement>(null);
  const added = useRef(false);
  const add = () => {
    added.current = true;
    onChange([...rows, {}]);
  };
  // The new row is typed next: its first question takes the next key.
  useLayoutEffect(() => {
    if (!added.current) return;
    added.current = false;
    const last = [...(box.current?.querySelectorAll(".desk-row") ?? [])].at(-1);
    last?.querySelector<HTMLElement>("[data-question]")?.focus();
  });
  return (
    <fieldset ref={box} className="desk-rows">
      <legend>{label}</legend>
      {named.map(({ row, place, id }) => (
        <div key={id} className="desk-row">
          {(field.fields ?? []).map((f) => (
            <Question key={f.name} field={f} value={row[f.name]} onChange={(v) => put(place, f.name, v)} />
          ))}
        </div>
      ))}
      <button
        type="button"
        className="desk-add"
        data-question={`${field.name}-add`}
        onClick={add}
        onKeyDown={(e) => {
          if (e.key !== "+" && e.key !== "=" && e.key !== " ") return;
          e.preventDefault();
          add();
        }}
      >
        <kbd>+</kbd> {d.addRow(label)}
      </button>
    </fieldset>
  );
}
