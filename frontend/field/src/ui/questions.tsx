// The questions of a form on a phone: what applies is judged by the form's own rules after every answer. The first
// choice of a form stands as large buttons, because it decides the rest. What breaks a rule is said, never refused.
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
import { addDays } from "@zoufang/shared/format.ts";
import { type ReactNode, useId, useState } from "react";
import { shortDay, useLook } from "../context.ts";

const texts = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.filter((v): v is string => typeof v === "string") : [];
const blank = (value: Json | undefined) =>
  value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

export function put(answers: Answers, name: string, value: Json | undefined): Answers {
  const next = { ...answers };
  if (blank(value)) delete next[name];
  else next[name] = value as Json;
  return next;
}

interface Common {
  answers: Answers;
  judged: Evaluation;
  today: string;
  /** Hints that the form does not have: what the bank knows already. */
  known: Record<string, string>;
  /** Complains about what is missing as well. */
  strict: boolean;
  /** What the page answers itself: pictures, a signature, the place, a customer. Not in rows. */
  special: (field: Asked, answer: (value: Json | undefined) => void) => ReactNode;
  onChange: (answers: Answers) => void;
}

/** Answered by the page. */
const SPECIAL = new Set(["photo", "signature", "location", "customer"]);

/** All questions that apply. */
export function Questions({ form, ...common }: Common & { form: Form }) {
  const relevant = new Set(common.judged.relevant);
  const first = form.fields.find((f) => f.type === "one")?.name;
  const list = (fields: readonly Asked[]): Asked[] =>
    fields.flatMap((f) => {
      if (f.calculate !== undefined || !relevant.has(f.name)) return [];
      return f.type === "group" ? list(f.fields ?? []) : [f];
    });
  return (
    <>
      {list(form.fields).map((f) => (
        <One key={f.name} field={f} path={f.name} large={f.name === first} {...common} />
      ))}
    </>
  );
}

function One({ field, path, large, ...c }: Common & { field: Asked; path: string; large?: boolean }) {
  const { language, words: w } = useLook();
  const id = useId();
  const label = labelText(field.label, language) || field.name;
  const hint = labelText(field.hint, language);
  const value = c.answers[field.name];
  const wrong = c.judged.violations.find((v) => v.field === path)?.message;
  const missing = c.judged.missing.includes(path);
  const set = (v: Json | undefined) => c.onChange(put(c.answers, field.name, v));
  if (field.type === "note") return <p className="note">{label}</p>;
  const head = (
    <>
      {label}
      {field.type === "money" ? ` (${w.visit.yuan})` : null}
      {missing ? <span className={c.strict ? "needed bad" : "needed"}> {w.visit.required}</span> : null}
    </>
  );
  const foot = (
    <>
      {hint ? <p className="hint">{hint}</p> : null}
      {c.known[field.name] ? <p className="hint">{c.known[field.name]}</p> : null}
      {wrong ? (
        <p className="wrong" role="alert" id={`${id}-wrong`}>
          {wrong}
        </p>
      ) : null}
    </>
  );
  if (field.type === "one" || field.type === "many") {
    return (
      <fieldset className="question" data-field={path}>
        <legend>{head}</legend>
        <Choices field={field} value={value} large={large ?? false} onChange={set} />
        {foot}
      </fieldset>
    );
  }
  if (field.type === "repeat") {
    return (
      <fieldset className="question" data-field={path}>
        <legend>{head}</legend>
        <Rows field={field} path={path} {...c} />
        {foot}
      </fieldset>
    );
  }
  if (field.type === "date") {
    return (
      <fieldset className="question" data-field={path}>
        <legend>{head}</legend>
        <Dates value={value} today={c.today} label={label} onChange={set} />
        {foot}
      </fieldset>
    );
  }
  if (SPECIAL.has(field.type)) {
    return (
      <fieldset className="question" data-field={path}>
        <legend>{head}</legend>
        {path === field.name ? c.special(field, set) : <p className="note">{w.visit.unknownQuestion}</p>}
        {foot}
      </fieldset>
    );
  }
  return (
    <div className="question" data-field={path}>
      <label htmlFor={id}>{head}</label>
      <Line id={id} field={field} value={value} wrong={wrong !== undefined} onChange={set} />
      {foot}
    </div>
  );
}

function Choices({
  field,
  value,
  large,
  onChange,
}: {
  field: Asked;
  value: Json | undefined;
  large: boolean;
  onChange: (value: Json | undefined) => void;
}) {
  const { language } = useLook();
  const many = field.type === "many";
  const chosen = many ? texts(value) : typeof value === "string" ? [value] : [];
  const choose = (option: string) => {
    const on = chosen.includes(option);
    if (!many) return onChange(on ? undefined : option);
    onChange(on ? chosen.filter((o) => o !== option) : [...chosen, option]);
  };
  return (
    <div className={large ? "choices large" : "choices"}>
      {(field.options ?? []).map((o) => {
        const v = choiceValue(o);
        const on = chosen.includes(v);
        return (
          <button
            key={v}
            type="button"
            className={on ? "chip on" : "chip"}
            aria-pressed={on}
            onClick={() => choose(v)}
          >
            {choiceLabel(o, language)}
          </button>
        );
      })}
    </div>
  );
}

const NUMBERS = new Set(["integer", "decimal", "money"]);

function shown(field: Asked, value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  if (field.type === "money" && typeof value === "number") return String(value / 100);
  return String(value);
}

/** What cannot be read as a number stays as it was typed and is said. */
function read(field: Asked, raw: string): Json | undefined {
  const t = raw.trim();
  if (t === "") return undefined;
  if (!NUMBERS.has(field.type)) return field.type === "time" ? t : raw;
  const n = Number(t);
  if (!Number.isFinite(n)) return t;
  return field.type === "money" ? Math.round(n * 100) : n;
}

function Line({
  id,
  field,
  value,
  wrong,
  onChange,
}: {
  id: string;
  field: Asked;
  value: Json | undefined;
  wrong: boolean;
  onChange: (value: Json | undefined) => void;
}) {
  const [text, setText] = useState(() => shown(field, value));
  const phone = /phone/.test(field.name);
  const long = /remark|note|why/.test(field.name);
  const common = {
    id,
    value: text,
    autoComplete: "off",
    "aria-invalid": wrong || undefined,
    "aria-describedby": wrong ? `${id}-wrong` : undefined,
  };
  const change = (raw: string) => {
    setText(raw);
    onChange(read(field, raw));
  };
  if (long) return <textarea {...common} rows={3} onChange={(e) => change(e.target.value)} />;
  return (
    <input
      {...common}
      className={NUMBERS.has(field.type) || phone ? "num" : undefined}
      type={field.type === "time" ? "time" : "text"}
      inputMode={phone ? "tel" : NUMBERS.has(field.type) ? "decimal" : undefined}
      onChange={(e) => change(e.target.value)}
    />
  );
}

/** Days as people say them, and the phone's own calendar for any other. */
function Dates({
  value,
  today,
  label,
  onChange,
}: {
  value: Json | undefined;
  today: string;
  label: string;
  onChange: (value: Json | undefined) => void;
}) {
  const { words: w } = useLook();
  const chosen = typeof value === "string" ? value : "";
  const quick: [string, string][] = [
    [addDays(today, 1), w.visit.day.tomorrow],
    [addDays(today, 3), w.visit.day.in3],
    [addDays(today, 7), w.visit.day.week],
    [addDays(today, 30), w.visit.day.month],
  ];
  const other = chosen !== "" && !quick.some(([day]) => day === chosen);
  const [open, setOpen] = useState(other);
  return (
    <>
      <div className="choices">
        {quick.map(([day, name]) => (
          <button
            key={day}
            type="button"
            className={chosen === day ? "chip on" : "chip"}
            aria-pressed={chosen === day}
            onClick={() => onChange(chosen === day ? undefined : day)}
          >
            {name} <small className="num">{shortDay(w, day)}</small>
          </button>
        ))}
        <button
          type="button"
          className={other ? "chip on" : "chip"}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {w.visit.day.other}
        </button>
      </div>
      {open ? (
        <input
          type="date"
          aria-label={label}
          value={chosen}
          onChange={(e) => onChange(e.target.value || undefined)}
        />
      ) : null}
    </>
  );
}

function Rows({ field, path, ...c }: Common & { field: Asked; path: string }) {
  const { words: w, language } = useLook();
  const value = c.answers[field.name];
  const rows = (Array.isArray(value) ? value : []).filter(
    (r): r is Answers => typeof r === "object" && r !== null && !Array.isArray(r),
  );
  // Names of rows only for the screen: a row that is taken out must not leave its text in the next one.
  const [names, setNames] = useState(() => rows.map((_, i) => i));
  const label = labelText(field.label, language) || field.name;
  const set = (next: Answers[]) => c.onChange(put(c.answers, field.name, next));
  const named = rows.map((row, place) => ({ row, place, name: names[place] ?? place }));
  return (
    <>
      {named.map(({ row, place, name }) => (
        <div key={name} className="row-of">
          <div className="row-head">
            <b>{w.visit.row(place + 1)}</b>
            <button
              type="button"
              className="plain"
              onClick={() => {
                setNames(names.filter((_, i) => i !== place));
                set(rows.filter((_, i) => i !== place));
              }}
            >
              {w.visit.removeRow(place + 1)}
            </button>
          </div>
          {(field.fields ?? [])
            .filter(
              (f) => f.calculate === undefined && c.judged.relevant.includes(`${path}[${place}].${f.name}`),
            )
            .map((f) => (
              <One
                key={f.name}
                {...c}
                field={f}
                path={`${path}[${place}].${f.name}`}
                answers={row}
                known={{}}
                onChange={(next) => set(rows.map((r, i) => (i === place ? next : r)))}
              />
            ))}
        </div>
      ))}
      <button
        type="button"
        className="second"
        onClick={() => {
          setNames([...names, Math.max(-1, ...names) + 1]);
          set([...rows, {}]);
        }}
      >
        {w.visit.addRow(label)}
      </button>
    </>
  );
}
