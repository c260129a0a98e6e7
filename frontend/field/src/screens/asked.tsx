// Questions that a page has to answer because they need more than the form: pictures, a signature, the place, a customer
// that the bank knows.
import type { Field as Asked, Json } from "@zoufang/shared/form/model.ts";
import { useState } from "react";
import { useField, useWords } from "../context.ts";
import type { Draft, Household, Member, Position, With } from "../core/types.ts";
import { Pictures } from "./pictures.tsx";
import { Signature } from "./signing.tsx";

const FOUND_MOST = 8;

export function Special({
  draft,
  place,
  household,
  asked,
  onAnswer,
}: {
  draft: Draft;
  place: Position | null;
  household: With<Household> | null;
  asked: Asked;
  onAnswer: (value: Json | undefined) => void;
}) {
  const value = draft.answers[asked.name];
  switch (asked.type) {
    case "photo":
      return <Pictures draft={draft} place={place} asked={asked.name} />;
    case "signature":
      return <Signature draft={draft} asked={asked.name} onAnswer={onAnswer} />;
    case "location":
      return <Place value={value} place={place} onAnswer={onAnswer} />;
    case "customer":
      return <Customer value={value} household={household} onAnswer={onAnswer} />;
    default:
      return null;
  }
}

type Answer = (value: Json | undefined) => void;

function Place({
  value,
  place,
  onAnswer,
}: {
  value: Json | undefined;
  place: Position | null;
  onAnswer: Answer;
}) {
  const w = useWords();
  const known = typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
  const within = String(Math.round(Number(known?.accuracy_m ?? place?.accuracy_m ?? 0)));
  return (
    <>
      <p role="status">
        {known ? w.visit.placeKept(within) : place ? w.visit.placeOk(within) : w.visit.placeNone}
      </p>
      <div className="choices">
        <button
          type="button"
          className="chip"
          disabled={!place}
          onClick={() => place && onAnswer({ ...place })}
        >
          {known ? w.visit.placeAgain : w.visit.placeTake}
        </button>
        {known ? (
          <button type="button" className="chip" onClick={() => onAnswer(undefined)}>
            {w.visit.clear}
          </button>
        ) : null}
      </div>
    </>
  );
}

/** Somebody of this household by one tap, anybody on this phone by what one remembers of the name. */
function Customer({
  value,
  household,
  onAnswer,
}: {
  value: Json | undefined;
  household: With<Household> | null;
  onAnswer: Answer;
}) {
  const w = useWords();
  const { pack } = useField();
  const [text, setText] = useState("");
  const all = [...pack.households.values()].flatMap((h) =>
    h.data.members.map((m) => ({ m, where: h.data.village_group ?? h.data.address ?? "" })),
  );
  const here = (household?.data.members ?? []).map((m) => ({ m, where: "" }));
  const wanted = text.trim();
  const found = wanted === "" ? here : all.filter(({ m }) => m.name.includes(wanted)).slice(0, FOUND_MOST);
  const chosen = all.find(({ m }) => m.customer_id === value);
  const shown = chosen && !found.some(({ m }) => m.customer_id === value) ? [chosen, ...found] : found;
  return (
    <>
      <div className="choices">
        {shown.map(({ m, where }) => (
          <Person
            key={m.customer_id}
            one={m}
            where={where}
            on={m.customer_id === value}
            onAnswer={onAnswer}
          />
        ))}
      </div>
      <input
        type="search"
        aria-label={w.customers.search}
        placeholder={w.visit.findCustomer}
        autoComplete="off"
        value={text}
        onChange={(e) => setText(e.target.value)}
      />
      {wanted !== "" && found.length === 0 ? <p className="hint">{w.customers.none}</p> : null}
    </>
  );
}

function Person({ one, where, on, onAnswer }: { one: Member; where: string; on: boolean; onAnswer: Answer }) {
  return (
    <button
      type="button"
      className={on ? "chip on" : "chip"}
      aria-pressed={on}
      onClick={() => onAnswer(on ? undefined : one.customer_id)}
    >
      {one.name} {where ? <small>{where}</small> : null}
    </button>
  );
}
