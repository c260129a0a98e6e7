// Signing in: on its own screen, or on a sheet over the work when the session is over.
import { type FormEvent, useState } from "react";
import { field, useField, useWords } from "../context.ts";
import { ApiError } from "../sync/server.ts";
import { Says } from "../ui/base.tsx";

export function sentence(e: unknown, noLine: string): string {
  if (e instanceof ApiError && e.status !== 0) return e.message;
  return noLine;
}

/** The fields of a sign-in, alone on a screen or on a sheet over the work. */
export function SignInForm({ onDone }: { onDone?: () => void }) {
  const w = useWords();
  const { enrolment } = useField();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [totp, setTotp] = useState("");
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    setBusy(true);
    setFault("");
    try {
      const how = await field.signIn(login.trim(), password, totp.trim());
      if (how === "other") setFault(w.signIn.other(enrolment?.user_name ?? ""));
      else onDone?.();
    } catch (error) {
      if (error instanceof ApiError && error.code === "auth.totp_required" && !asked) setAsked(true);
      else setFault(sentence(error, w.signIn.offline));
    }
    setBusy(false);
  };
  return (
    <form className="stack" onSubmit={submit}>
      <label>
        {w.signIn.login}
        <input
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          value={login}
          onChange={(e) => setLogin(e.target.value)}
        />
      </label>
      <label>
        {w.signIn.password}
        <input
          name="password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(e) => setPassword(e.target.value)}
        />
      </label>
      {asked ? (
        <label>
          {w.signIn.totp}
          <input
            className="num"
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={8}
            value={totp}
            onChange={(e) => setTotp(e.target.value)}
          />
        </label>
      ) : null}
      {fault ? <Says tone="bad">{fault}</Says> : null}
      <button type="submit" className="main" disabled={busy}>
        {w.signIn.submit}
      </button>
    </form>
  );
}
