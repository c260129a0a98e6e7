// A form as a phone shows it, with the same rules: what is shown, what is missing, what is violated, the points.
// Nothing that is typed here is stored; the server is asked once to say the same.
import { useMutation } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import { type Compiled, compileForm, evaluate } from "@zoufang/shared/form/evaluate.ts";
import {
  type Answers,
  type Field,
  type Form,
  type Json,
  labelText,
  walk,
} from "@zoufang/shared/form/model.ts";
import { Button } from "antd";
import { useState } from "react";
import { useMe, useWords } from "../session.ts";
import { Tag } from "../ui/layout.tsx";
import { ErrorBox } from "../ui/states.tsx";
import { Question, Rows } from "./desk-questions.tsx";

const TYPED = new Set(["one", "many", "text", "integer", "decimal", "money", "date", "time"]);

/** The form compiled, or null while a rule in it is not finished. */
export function compiled(form: Form): Compiled | null {
  try {
    return compileForm(form);
  } catch {
    return null;
  }
}

function Shown({
  list,
  relevant,
  answers,
  wrong,
  onPut,
}: {
  list: readonly Field[];
  relevant: ReadonlySet<string>;
  answers: Answers;
  wrong: ReadonlyMap<string, string>;
  onPut: (name: string, value: Json | undefined) => void;
}) {
  const f = useWords().forms;
  const language = useMe().preferences.locale === "en" ? "en" : "zh";
  return list
    .filter((field) => relevant.has(field.name) && field.calculate === undefined)
    .map((field) => {
      const label = labelText(field.label, language) || field.name;
      const inner = field.fields ?? [];
      if (field.type === "group")
        return (
          <fieldset key={field.name} className="phone-group">
            <legend>{label}</legend>
            <Shown list={inner} relevant={relevant} answers={answers} wrong={wrong} onPut={onPut} />
          </fieldset>
        );
      if (field.type === "note") return <p key={field.name}>{label}</p>;
      const value = answers[field.name];
      const change = (v: Json | undefined) => onPut(field.name, v);
      // Another type takes another kind of line.
      const key = `${field.name}-${field.type}`;
      if (field.type === "repeat") return <Rows key={key} field={field} value={value} onChange={change} />;
      if (TYPED.has(field.type))
        return (
          <Question key={key} field={field} value={value} wrong={wrong.get(field.name)} onChange={change} />
        );
      return (
        <p key={key} className="phone-other">
          {label} <Tag>{f.types[field.type]}</Tag>
        </p>
      );
    });
}

export function Preview({ form, today }: { form: Form; today: string }) {
  const f = useWords().forms;
  const language = useMe().preferences.locale === "en" ? "en" : "zh";
  const [answers, setAnswers] = useState<Answers>({});
  const [round, setRound] = useState(0);
  const ready = compiled(form);
  const judged = ready ? evaluate(ready, answers, today) : null;
  const ask = useMutation({ mutationFn: () => api.tryForm(form, answers) });
  const names = new Map([...walk(form.fields)].map((x) => [x.name, labelText(x.label, language) || x.name]));
  const name = (path: string) => names.get(path.split(".").at(-1) ?? path) ?? path;
  const put = (field: string, value: Json | undefined) => {
    ask.reset();
    setAnswers((old) => {
      const next = { ...old };
      if (value === undefined || value === "" || (Array.isArray(value) && value.length === 0))
        delete next[field];
      else next[field] = value;
      return next;
    });
  };
  if (!judged) return <p className="hint">{f.notReady}</p>;
  const server = ask.data?.evaluation as
    | { missing: string[]; score: number; relevant: string[] }
    | null
    | undefined;
  const same =
    server &&
    JSON.stringify([server.relevant, server.missing, Number(server.score)]) ===
      JSON.stringify([judged.relevant, judged.missing, judged.score]);
  return (
    <div className="phone-beside">
      <section className="phone" aria-label={f.preview}>
        <h3>{labelText(form.title, language) || form.id}</h3>
        <div key={round} className="desk-form">
          <Shown
            list={form.fields}
            relevant={new Set(judged.relevant)}
            answers={answers}
            wrong={new Map(judged.violations.map((v) => [v.field, v.message]))}
            onPut={put}
          />
        </div>
      </section>
      <dl className="phone-says">
        <dt>{f.shown}</dt>
        <dd className="num">{judged.relevant.length}</dd>
        <dt>{f.missing}</dt>
        <dd>{judged.missing.map(name).join("、") || f.none}</dd>
        <dt>{f.violated}</dt>
        <dd>{judged.violations.map((v) => `${name(v.field)}：${v.message}`).join("；") || f.none}</dd>
        <dt>{f.points}</dt>
        <dd className="num">{judged.score}</dd>
      </dl>
      <span className="line wrap">
        <Button size="small" loading={ask.isPending} onClick={() => ask.mutate()}>
          {f.askServer}
        </Button>
        <Button
          size="small"
          onClick={() => {
            setAnswers({});
            setRound(round + 1);
            ask.reset();
          }}
        >
          {f.clear}
        </Button>
        {ask.data ? <Tag tone={same ? "ok" : "bad"}>{same ? f.serverSame : f.serverOther}</Tag> : null}
      </span>
      <ErrorBox error={ask.error} />
    </div>
  );
}
