// The screens before the four tabs: sign in, enrol, choose a PIN, unlock, and what is left when the phone was closed.
import { type FormEvent, lazy, Suspense, useEffect, useRef, useState } from "react";
import { field, useField, useWords } from "../context.ts";
import { PIN_DIGITS, PIN_TRIES } from "../engine/field.ts";
import { Says } from "../ui/base.tsx";
import { SignInForm, sentence } from "./sign-in.tsx";

const Scanner = lazy(() => import("./scanner.tsx"));

function Front({ title, detail, children }: { title: string; detail?: string; children: React.ReactNode }) {
  const w = useWords();
  return (
    <main className="front" id="main">
      <p className="brand">
        <img src="/m/icon.svg" alt="" width="36" height="36" /> {w.app}
      </p>
      <h1>{title}</h1>
      {detail ? <p className="front-detail">{detail}</p> : null}
      {children}
    </main>
  );
}

export function SignIn() {
  const w = useWords();
  return (
    <Front title={w.signIn.title} detail={w.signIn.detail}>
      <SignInForm />
    </Front>
  );
}

/** The code of `#enrol=CODE`, taken out of the address line at once. */
export function codeFromAddress(): string {
  const found = /^#enrol=([^&]+)/.exec(location.hash)?.[1];
  if (!found) return "";
  history.replaceState(null, "", location.pathname);
  try {
    return decodeURIComponent(found);
  } catch {
    return found;
  }
}

export function Enrol({ code: given }: { code: string }) {
  const w = useWords();
  const { me } = useField();
  const [code, setCode] = useState(given);
  const [name, setName] = useState(w.enrol.nameExample);
  const [scan, setScan] = useState(false);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    setBusy(true);
    setFault("");
    try {
      await field.enrol(code, name.trim() || w.enrol.nameExample);
    } catch (error) {
      setFault(sentence(error, w.noLine));
      setBusy(false);
    }
  };
  return (
    <Front title={w.enrol.title} detail={w.enrol.detail(me?.user.name ?? "")}>
      <form className="stack" onSubmit={submit}>
        <label>
          {w.enrol.code}
          <input
            className="num code"
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            required
            value={code}
            onChange={(e) => setCode(e.target.value)}
          />
          <span className="hint">{w.enrol.codeHint}</span>
        </label>
        {"BarcodeDetector" in window ? (
          <button type="button" className="second" onClick={() => setScan(true)}>
            {w.enrol.scan}
          </button>
        ) : null}
        {scan ? (
          <Suspense fallback={null}>
            <Scanner
              onCode={(text) => {
                setCode(/enrol=([^&\s]+)/.exec(text)?.[1] ?? text);
                setScan(false);
              }}
              onClose={() => setScan(false)}
            />
          </Suspense>
        ) : null}
        <label>
          {w.enrol.name}
          <input maxLength={40} value={name} onChange={(e) => setName(e.target.value)} />
        </label>
        {fault ? <Says tone="bad">{fault}</Says> : null}
        <button type="submit" className="main" disabled={busy || code.trim() === ""}>
          {w.enrol.submit}
        </button>
        <button type="button" className="plain" onClick={() => field.otherAccount()}>
          {w.enrol.otherAccount}
        </button>
      </form>
    </Front>
  );
}

/** 111111, 123456 and their like, forwards and backwards. */
export function weakPin(pin: string): boolean {
  const steps = [...pin].slice(1).map((d, i) => Number(d) - Number(pin[i]));
  const same = steps.every((s) => s === steps[0]);
  return same && Math.abs(steps[0] ?? 0) <= 1;
}

export function PinInput({
  label,
  value,
  onChange,
  autoFocus,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  autoFocus?: boolean;
}) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (autoFocus) input.current?.focus();
  }, [autoFocus]);
  return (
    <label>
      {label}
      <input
        ref={input}
        className="num pin"
        type="password"
        inputMode="numeric"
        autoComplete="off"
        pattern="[0-9]*"
        maxLength={PIN_DIGITS}
        value={value}
        onChange={(e) => onChange(e.target.value.replace(/\D/g, ""))}
      />
    </label>
  );
}

export function NewPin() {
  const w = useWords();
  const [pin, setPin] = useState("");
  const [again, setAgain] = useState("");
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    if (weakPin(pin)) return setFault(w.pin.weak);
    if (pin !== again) return setFault(w.pin.differs);
    setBusy(true);
    await field.setPin(pin);
  };
  const full = pin.length === PIN_DIGITS && again.length === PIN_DIGITS;
  return (
    <Front title={w.pin.title} detail={w.pin.detail}>
      <form className="stack" onSubmit={submit}>
        <PinInput label={w.pin.label} value={pin} onChange={setPin} autoFocus />
        <PinInput label={w.pin.again} value={again} onChange={setAgain} />
        <p className="hint">{w.pin.told(PIN_TRIES)}</p>
        {fault ? <Says tone="bad">{fault}</Says> : null}
        <button type="submit" className="main" disabled={!full || busy}>
          {w.pin.submit}
        </button>
      </form>
    </Front>
  );
}

export function Unlock() {
  const w = useWords();
  const { enrolment, outbox, drafts } = useField();
  const [pin, setPin] = useState("");
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const [forgot, setForgot] = useState(false);
  const left = outbox.entries.length + drafts.length;
  const open = async (value: string) => {
    setBusy(true);
    if (!(await field.unlock(value))) {
      setFault(w.pin.wrong(await field.pinTriesLeft()));
      setPin("");
    }
    setBusy(false);
  };
  return (
    <Front title={w.pin.unlockTitle} detail={w.pin.hello(enrolment?.user_name ?? "")}>
      <form
        className="stack"
        onSubmit={(e) => {
          e.preventDefault();
          void open(pin);
        }}
      >
        <PinInput
          label={w.pin.label}
          value={pin}
          autoFocus
          onChange={(value) => {
            setPin(value);
            setFault("");
            if (value.length === PIN_DIGITS && !busy) void open(value);
          }}
        />
        {fault ? <Says tone="bad">{fault}</Says> : null}
        <button type="submit" className="main" disabled={busy || pin.length < PIN_DIGITS}>
          {w.pin.unlock}
        </button>
        <p className="hint">{w.pin.told(PIN_TRIES)}</p>
        {left > 0 ? <p className="hint">{w.pin.waiting(left)}</p> : null}
        <button type="button" className="plain" aria-expanded={forgot} onClick={() => setForgot(!forgot)}>
          {w.pin.forgot}
        </button>
      </form>
      {forgot ? (
        <div className="stack">
          <p className="hint">{w.pin.forgotDetail}</p>
          <button type="button" className="second" onClick={() => void field.close("lease")}>
            {w.pin.forgotDo}
          </button>
        </div>
      ) : null}
    </Front>
  );
}

export function Closed() {
  const w = useWords();
  const { closed, enrolment, outbox, photos, me, signedOut, busy } = useField();
  const [sign, setSign] = useState(false);
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    // Before the answer nobody knows which button is the right one.
    void field.meet().finally(() => setAsked(true));
  }, []);
  const kept = outbox.entries.length;
  const revoked = closed === "revoked";
  return (
    <Front
      title={revoked ? w.closed.revokedTitle : w.closed.leaseTitle}
      detail={revoked ? w.closed.revokedDetail : w.closed.leaseDetail(enrolment?.lease_hours ?? 0)}
    >
      <div className="stack">
        <Says tone={kept > 0 ? "warn" : "ok"}>{kept > 0 ? w.closed.kept(kept) : w.closed.keptNone}</Says>
        {photos.waiting > 0 ? <p className="hint">{w.uploads.photosWaiting(photos.waiting)}</p> : null}
        {!asked ? (
          <p className="hint">{w.loading}</p>
        ) : me && !signedOut ? (
          <>
            {revoked ? (
              <button type="button" className="main" onClick={() => field.enrolAgain()}>
                {w.closed.again}
              </button>
            ) : (
              <button type="button" className="main" onClick={() => field.cell.set({ phase: "new_pin" })}>
                {w.closed.continue}
              </button>
            )}
            {kept > 0 ? (
              <button
                type="button"
                className="second"
                disabled={busy.drain}
                onClick={() => void field.send(true)}
              >
                {busy.drain ? w.uploads.busy : w.closed.upload}
              </button>
            ) : null}
          </>
        ) : sign ? (
          <SignInForm />
        ) : (
          <button type="button" className="main" onClick={() => setSign(true)}>
            {w.closed.signIn}
          </button>
        )}
      </div>
    </Front>
  );
}
