// The answers of a visit by the questions of its form, in the form's order; and what an amendment changed. Masked or in
// full, as they are given.
import type { VisitWhole } from "@zoufang/shared/api/types.ts";
import { type Answers, type Field, type Form, type Json, walk } from "@zoufang/shared/form/model.ts";
import { useWords } from "../session.ts";
import { useFormWords } from "./form-words.ts";

const answered = (field: Field, answers: Answers): boolean =>
  field.type === "group"
    ? (field.fields ?? []).some((f) => answered(f, answers))
    : answers[field.name] !== undefined && answers[field.name] !== null && field.type !== "note";

function Row({ field, answers, clear }: { field: Field; answers: Answers; clear: boolean }) {
  const { text, label } = useFormWords();
  if (!answered(field, answers)) return null;
  if (field.type === "group")
    return (
      <section className="visit-group">
        <h3>{label(field)}</h3>
        <Rows fields={field.fields ?? []} answers={answers} clear={clear} />
      </section>
    );
  const value = answers[field.name] ?? null;
  if (field.type === "repeat" && Array.isArray(value))
    return (
      <section className="visit-group">
        <h3>{label(field)}</h3>
        <ol className="visit-rows">
          {value.map((row, i) => (
            // Rows of a repeat have no name of their own and never change places here.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <li key={i}>
              <Rows fields={field.fields ?? []} answers={(row ?? {}) as Answers} clear={clear} />
            </li>
          ))}
        </ol>
      </section>
    );
  return (
    <div className="visit-answer">
      <span className="hint">{label(field)}</span>
      {clear ? <b className="revealed">{text(field, value)}</b> : <span>{text(field, value)}</span>}
    </div>
  );
}

function Rows({ fields, answers, clear }: { fields: readonly Field[]; answers: Answers; clear: boolean }) {
  return fields.map((f) => <Row key={f.name} field={f} answers={answers} clear={clear} />);
}

export function Said({
  form,
  answers,
  clear,
}: {
  form: VisitWhole["form"];
  answers: unknown;
  clear: boolean;
}) {
  const v = useWords().visitPage;
  const known = form as Form | null;
  const said = (answers ?? {}) as Answers;
  if (!known) return <p className="hint">{v.formGone}</p>;
  if (!known.fields.some((f) => answered(f, said))) return <p className="hint">{v.nothing}</p>;
  return (
    <div className="visit-said">
      <Rows fields={known.fields} answers={said} clear={clear} />
    </div>
  );
}

type Change = VisitWhole["revisions"][number]["changes"][number];

/** Question, what it said, what it says. Masked texts may look alike and still differ. */
export function Changes({ form, changes }: { form: VisitWhole["form"]; changes: readonly Change[] }) {
  const v = useWords().visitPage;
  const { text, label } = useFormWords();
  const fields = new Map([...walk((form as Form | null)?.fields ?? [])].map((f) => [f.name, f]));
  if (changes.length === 0) return <p className="hint">{v.nothingChanged}</p>;
  return (
    <ul className="visit-changes">
      {changes.map((c) => {
        const field: Field = fields.get(c.field) ?? { name: c.field, type: "text" };
        const [before, after] = [text(field, c.before as Json), text(field, c.after as Json)];
        return (
          <li key={c.field}>{v.changed(label(field), before, before === after ? v.alike(after) : after)}</li>
        );
      })}
    </ul>
  );
}
