// Another PIN: the key stays, only its lock is new. A wrong old one counts as a try, as at the door of the app.
import { type FormEvent, useState } from "react";
import { field, useWords } from "../context.ts";
import { PIN_DIGITS, PIN_TRIES } from "../engine/field.ts";
import { Says, Sheet } from "../ui/base.tsx";
import { PinInput, weakPin } from "./before.tsx";

export function ChangePin({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const w = useWords();
  const [old, setOld] = useState("");
  const [pin, setPin] = useState("");
  const [again, setAgain] = useState("");
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    if (pin !== again) return setFault(w.pin.differs);
    if (weakPin(pin)) return setFault(w.pin.weak);
    if (pin === old) return setFault(w.pin.same);
    setBusy(true);
    setFault("");
    if (await field.changePin(old, pin)) return onDone();
    setFault(w.pin.wrong(await field.pinTriesLeft()));
    setOld("");
    setBusy(false);
  };
  const full = [old, pin, again].every((p) => p.length === PIN_DIGITS);
  return (
    <Sheet title={w.pin.change} onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <p className="hint">{w.pin.told(PIN_TRIES)}</p>
        <PinInput label={w.pin.old} value={old} onChange={setOld} autoFocus />
        <PinInput label={w.pin.fresh} value={pin} onChange={setPin} />
        <PinInput label={w.pin.again} value={again} onChange={setAgain} />
        {fault ? <Says tone="bad">{fault}</Says> : null}
        <button type="submit" className="main" disabled={!full || busy}>
          {w.pin.changeDo}
        </button>
      </form>
    </Sheet>
  );
}
