// Following a job of the server until it ends: progress, a way to stop it, and what to do when it is done.
import { useQuery } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type { Job } from "@zoufang/shared/api/types.ts";
import { num } from "@zoufang/shared/format.ts";
import { Button } from "antd";
import { useEffect, useRef } from "react";
import { useWords } from "../session.ts";
import { Progress } from "./layout.tsx";
import { ErrorBox } from "./states.tsx";

const ended = (job: Job | undefined) =>
  job?.state === "done" || job?.state === "failed" || job?.state === "canceled";

export function JobLine({ id, title, onEnd }: { id: string; title: string; onEnd: (job: Job) => void }) {
  const w = useWords();
  const query = useQuery({
    queryKey: ["job", id],
    queryFn: () => api.job(id),
    refetchInterval: (q) => (ended(q.state.data) ? false : 600),
    staleTime: 0,
  });
  const told = useRef(false);
  const job = query.data;
  useEffect(() => {
    if (!job || !ended(job) || told.current) return;
    told.current = true;
    onEnd(job);
  }, [job, onEnd]);

  if (query.error) return <ErrorBox error={query.error} retry={() => query.refetch()} />;
  if (job?.state === "failed") {
    return (
      <div className="box box-error" role="alert">
        <b>{w.common.errorTitle}</b> {job.message}
      </div>
    );
  }
  if (!job || ended(job)) return null;
  return (
    <div className="box box-info job-line">
      <Progress
        done={job.done}
        total={job.total}
        label={`${title} · ${job.total ? w.common.progress(num(job.done), num(job.total)) : w.common.running}`}
      />
      {job.message ? <span className="hint">{job.message}</span> : null}
      <Button onClick={() => api.cancelJob(id)}>{w.common.stop}</Button>
    </div>
  );
}
