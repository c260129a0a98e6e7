// What the whole app has to say: no signal, sign in again, a new version.
import { useState } from "react";
import { useField, useWords } from "../context.ts";
import { Sheet } from "../ui/base.tsx";
import { useNewVersion } from "../ui/worker.ts";
import { SignInForm } from "./sign-in.tsx";

/** Whether there is a line, a session, a new version; below the header of every screen. */
export function Banners() {
  const change = useNewVersion();
  const w = useWords();
  const { online, signedOut, drafts, tooOld, outbox } = useField();
  const [sign, setSign] = useState(false);
  const idle = drafts.length === 0 && outbox.flight === null;
  return (
    <>
      {online ? null : (
        <p className="banner" role="status">
          {w.offline}
        </p>
      )}
      {online && signedOut ? (
        <div className="banner" role="status">
          <span>{w.signedOut}</span>
          <button type="button" className="plain" onClick={() => setSign(true)}>
            {w.signInNow}
          </button>
        </div>
      ) : null}
      {tooOld ? <p className="banner">{w.tooOld}</p> : null}
      {change && idle ? (
        <div className="banner calm" role="status">
          <span>{w.update}</span>
          <button type="button" className="plain" onClick={change}>
            {w.updateNow}
          </button>
        </div>
      ) : null}
      {sign ? (
        <Sheet title={w.signIn.title} onClose={() => setSign(false)}>
          <SignInForm onDone={() => setSign(false)} />
        </Sheet>
      ) : null}
    </>
  );
}
