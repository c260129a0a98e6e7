// Signing in. Paste and password managers work (plain fields with their autocomplete names); the one-time code is
// asked for only when the server wants it; a locked account shows the server's own sentence with the time.
import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { ApiError, api } from "@zoufang/shared/api/client.ts";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { meQuery, queryClient, startPath, useWords } from "../session.ts";
import { Brand } from "../shell.tsx";
import { ErrorBox } from "../ui/states.tsx";

const route = getRouteApi("/sign-in");

/** Only our own addresses: `next` comes from the address line. */
function safeNext(next: string | undefined, start: string): string {
  return next && /^\/(?![/\\])/.test(next) && !next.startsWith("/sign-in") ? next : start;
}

export function SignInPage() {
  const w = useWords();
  const router = useRouter();
  const { next } = route.useSearch();
  const hints = useQuery({ queryKey: ["hints"], queryFn: api.signInHints, retry: false, staleTime: 60_000 });
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [totp, setTotp] = useState("");
  const [shown, setShown] = useState(false);
  const [codeAsked, setCodeAsked] = useState(false);
  const codeField = useRef<HTMLInputElement>(null);

  const signIn = useMutation({
    mutationFn: () => api.signIn({ login: login.trim(), password, ...(totp ? { totp: totp.trim() } : {}) }),
    onSuccess: (me) => {
      queryClient.clear();
      queryClient.setQueryData(meQuery.queryKey, me);
      if (me.user.must_change_password) router.navigate({ to: "/first-password" });
      else router.history.push(safeNext(next, startPath(me)));
    },
    onError: (error) => {
      if (error instanceof ApiError && error.code === "auth.totp_required") setCodeAsked(true);
    },
  });
  useEffect(() => {
    if (codeAsked) codeField.current?.focus();
  }, [codeAsked]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  const asksOnly = signIn.error instanceof ApiError && signIn.error.code === "auth.totp_required";
  const logins = hints.data?.demo ? hints.data.logins : [];

  return (
    <main className="sign-in">
      <div className="sign-in-box">
        <Brand />
        <h1>{w.signIn.title}</h1>
        <p className="hint">{hints.data?.bank_name || w.signIn.slogan}</p>
        <form onSubmit={submit} method="post">
          <label>
            {w.signIn.login}
            <input
              className="input"
              name="username"
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              required
              value={login}
              onChange={(e) => setLogin(e.target.value)}
            />
          </label>
          <div className="field">
            <label htmlFor="password">{w.signIn.password}</label>
            <span className="with-button">
              <input
                id="password"
                className="input"
                name="password"
                type={shown ? "text" : "password"}
                autoComplete="current-password"
                required
                value={password}
                onChange={(e) => setPassword(e.target.value)}
              />
              <button type="button" className="plain-button" onClick={() => setShown(!shown)}>
                {shown ? w.signIn.hide : w.signIn.show}
              </button>
            </span>
          </div>
          {codeAsked ? (
            <label>
              {w.signIn.totp}
              <input
                ref={codeField}
                className="input num"
                name="totp"
                inputMode="numeric"
                autoComplete="one-time-code"
                maxLength={8}
                value={totp}
                onChange={(e) => setTotp(e.target.value)}
              />
              <span className="hint">{w.signIn.totpHint}</span>
            </label>
          ) : null}
          {signIn.error && !(asksOnly && !totp) ? <ErrorBox error={signIn.error} /> : null}
          <button type="submit" className="main-button" disabled={signIn.isPending}>
            {w.signIn.submit}
          </button>
        </form>
      </div>
      {logins.length > 0 ? (
        <section className="sign-in-box demo-logins" aria-labelledby="demo-title">
          <h2 id="demo-title">{w.signIn.demoTitle}</h2>
          <p className="hint">{w.signIn.demoDetail}</p>
          <ul>
            {logins.map((one) => (
              <li key={one.login}>
                <button
                  type="button"
                  aria-label={w.signIn.use(one.name)}
                  onClick={() => {
                    setLogin(one.login);
                    setPassword(one.password);
                  }}
                >
                  <b>{one.name}</b>
                  <span>{one.role}</span>
                  <code>
                    {one.login} / {one.password}
                  </code>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </main>
  );
}
