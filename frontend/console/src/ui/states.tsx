// The three states that every page shares: loading, refused and empty. An error always shows the server's own
// sentence, which says what to do; an empty list says why and offers one action.
import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ApiError } from "@zoufang/shared/api/client.ts";
import type { Words } from "@zoufang/shared/words/index.ts";
import { Button } from "antd";
import type { ReactNode } from "react";
import { useWords } from "../session.ts";

export function errorText(error: unknown, w: Words): string {
  if (!(error instanceof ApiError)) return w.common.unexpected("–");
  if (error.problem.detail) return error.problem.detail;
  if (error.status === 0) return w.common.unreachable;
  return w.common.unexpected(String(error.status));
}

export function ErrorBox({ error, retry }: { error: unknown; retry?: (() => void) | undefined }) {
  const w = useWords();
  if (!error) return null;
  const fields = error instanceof ApiError ? error.fields : [];
  const id = error instanceof ApiError ? error.problem.request_id : undefined;
  return (
    <div className="box box-error" role="alert">
      <p>
        <b>{w.common.errorTitle}</b> {errorText(error, w)}
      </p>
      {fields.length > 0 ? (
        <ul>
          {fields.map((f) => (
            <li key={f.field + f.message}>{f.message}</li>
          ))}
        </ul>
      ) : null}
      {id ? <p className="hint">{w.common.requestId(id)}</p> : null}
      {retry ? <Button onClick={retry}>{w.common.retry}</Button> : null}
    </div>
  );
}

export function Loading() {
  const w = useWords();
  return (
    <div className="loading" aria-busy="true">
      <span role="status">{w.common.loading}</span>
    </div>
  );
}

export function Empty({ text, action }: { text: string; action?: ReactNode }) {
  return (
    <div className="empty">
      <p>{text}</p>
      {action}
    </div>
  );
}

/** Loading, error or the page, for one query. Old data stays on screen while new data comes. */
export function View<D>({
  query,
  children,
}: {
  query: UseQueryResult<D, Error>;
  children: (data: D) => ReactNode;
}) {
  if (query.data !== undefined) {
    return (
      <>
        {query.error ? <ErrorBox error={query.error} retry={() => query.refetch()} /> : null}
        {children(query.data)}
      </>
    );
  }
  if (query.error) return <ErrorBox error={query.error} retry={() => query.refetch()} />;
  // Not asked at all: the person may not see it.
  if (query.fetchStatus === "idle") return <NotAllowed />;
  return <Loading />;
}

function NotAllowed() {
  const w = useWords();
  return <Empty text={w.app.notFoundDetail} />;
}

/** Instead of a page that failed to show: a new version on the server while an old page was open is the usual cause. */
export function Broken() {
  const w = useWords();
  return (
    <div className="page" role="alert">
      <h1>{w.app.broken}</h1>
      <p>{w.app.brokenDetail}</p>
      <p>
        <Button type="primary" onClick={() => window.location.reload()}>
          {w.app.reload}
        </Button>
      </p>
    </div>
  );
}

export function NotFound() {
  const w = useWords();
  return (
    <div className="page">
      <h1>{w.app.notFound}</h1>
      <p>{w.app.notFoundDetail}</p>
      <Link to="/">{w.app.toOverview}</Link>
    </div>
  );
}
