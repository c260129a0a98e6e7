// Answers to try a form with before it is published: nothing answered, everything answered, and the edges of every type.

import { type Answers, choiceValue, type Field, type Form, type Json } from "./model";

export interface Sample {
  name: "empty" | "filled" | "low" | "high";
  answers: Answers;
}

type Kind = Exclude<Sample["name"], "empty">;

/** `today` is `YYYY-MM-DD`. */
export function samples(form: Form, today: string): Sample[] {
  const kinds: Kind[] = ["filled", "low", "high"];
  return [
    { name: "empty", answers: {} },
    ...kinds.map((name) => ({ name, answers: fill(form.fields, name, today) })),
  ];
}

function fill(fields: readonly Field[], kind: Kind, today: string): Answers {
  const out: Answers = {};
  for (const field of fields) {
    if (field.calculate !== undefined || field.type === "note") continue;
    if (field.type === "group") Object.assign(out, fill(field.fields ?? [], kind, today));
    else out[field.name] = answer(field, kind, today);
  }
  return out;
}

/** Three answers by type: an ordinary one, the least and the most. */
function answer(field: Field, kind: Kind, today: string): Json {
  const pick = (filled: Json, low: Json, high: Json): Json => ({ filled, low, high })[kind];
  const options = (field.options ?? []).map(choiceValue);
  const rows = () => fill(field.fields ?? [], kind, today);
  switch (field.type) {
    case "one":
      return pick(options[0] ?? "", options[0] ?? "", options.at(-1) ?? "");
    case "many":
      return pick(options.slice(0, 1), [], options);
    case "integer":
      return pick(1, 0, 1_000_000);
    case "money":
      return pick(10_000, 0, 100_000_000_000);
    case "decimal":
      return pick(1.5, 0, 1_000_000.5);
    case "date":
      return pick(today, "1900-01-01", "2099-12-31");
    case "time":
      return pick("09:00", "00:00", "23:59");
    case "photo":
      return pick(["photo-1"], ["photo-1"], ["photo-1", "photo-2", "photo-3"]);
    case "location":
      return { lat: pick(30.5, -90, 90), lon: pick(114.3, -180, 180) };
    case "repeat":
      return pick([rows()], [], [rows(), rows(), rows()]);
    default:
      return pick("x", "x", "x".repeat(200));
  }
}
