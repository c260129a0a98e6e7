// The way out of what the customer is shown: a press that no stray finger makes, or the PIN for whoever cannot press long.
import { useEffect, useRef, useState } from "react";
import { field, useWords } from "../context.ts";
import { PIN_DIGITS } from "../engine/field.ts";

/** Longer than any tap. */
const PRESS_MS = 1500;

export function TakeBack({ onBack }: { onBack: () => void }) {
  const w = useWords();
  const [pressed, setPressed] = useState(false);
  const [asking, setAsking] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const stop = () => {
    clearTimeout(timer.current);
    setPressed(false);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <>
      <button
        type="button"
        className={pressed ? "take-back pressed" : "take-back"}
        aria-expanded={asking}
        onPointerDown={() => {
          setPressed(true);
          timer.current = setTimeout(onBack, PRESS_MS);
        }}
        onPointerUp={stop}
        onPointerLeave={stop}
        onPointerCancel={stop}
        onContextMenu={(e) => e.preventDefault()}
        onClick={() => setAsking(true)}
      >
        {w.show.back}
        <small>{w.show.backHow}</small>
      </button>
      {asking ? <Pin onBack={onBack} onCancel={() => setAsking(false)} /> : null}
    </>
  );
}

function Pin({ onBack, onCancel }: { onBack: () => void; onCancel: () => void }) {
  const w = useWords();
  const [pin, setPin] = useState("");
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const check = async (value: string) => {
    setBusy(true);
    if (await field.checkPin(value)) return onBack();
    setFault(w.pin.wrong(await field.pinTriesLeft()));
    setPin("");
    setBusy(false);
  };
  return (
    <div className="stack">
      <label>
        {w.pin.label}
        <input
          ref={input}
          className="num pin"
          type="password"
          inputMode="numeric"
          autoComplete="off"
          maxLength={PIN_DIGITS}
          value={pin}
          disabled={busy}
          onChange={(e) => {
            const value = e.target.value.replace(/\D/g, "");
            setPin(value);
            setFault("");
            if (value.length === PIN_DIGITS) void check(value);
          }}
        />
      </label>
      {fault ? (
        <p className="wrong" role="alert">
          {fault}
        </p>
      ) : null}
      <button type="button" onClick={onCancel}>
        {w.cancel}
      </button>
    </div>
  );
}
