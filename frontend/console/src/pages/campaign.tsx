// One campaign: what it asks in plain words, whether it can be done, what each branch gets, and who changed what.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { ProgramDetail } from "@zoufang/shared/api/types.ts";
import { Button, Popconfirm } from "antd";
import { useCallback, useState } from "react";
import { useMay, useWords } from "../session.ts";
import { JobLine } from "../ui/job.tsx";
import { Page, Tabs, Tag } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { ErrorBox, View } from "../ui/states.tsx";
import { CampaignCheck } from "./campaign-check.tsx";
import { CampaignCollection } from "./campaign-collection.tsx";
import { CampaignFiling } from "./campaign-filing.tsx";
import { CalendarNote, CampaignLife, LifeActions, PausedNote } from "./campaign-life.tsx";
import { CampaignMeetings } from "./campaign-meeting.tsx";
import { CampaignPlan } from "./campaign-plan.tsx";
import { CampaignStock } from "./campaign-stock.tsx";
import { CampaignUnits } from "./campaign-units.tsx";
import { CampaignVersions } from "./campaign-versions.tsx";
import { programTone } from "./campaigns.tsx";

const route = getRouteApi("/shell/campaigns/$programId");

export function useCheck(id: string) {
  return useQuery({ queryKey: ["check", id], queryFn: () => api.checkProgram(id), staleTime: 5_000 });
}

function Actions({ program, onBuild }: { program: ProgramDetail; onBuild: (jobId: string) => void }) {
  const w = useWords();
  const c = w.campaigns;
  const client = useQueryClient();
  const navigate = useNavigate();
  const notice = useNotice();
  const check = useCheck(program.id);
  const may = useMay("program.write");
  const mayStart = useMay("program.approve");
  const refresh = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["program", program.id] }),
      client.invalidateQueries({ queryKey: ["programs"] }),
      client.invalidateQueries({ queryKey: ["overview"] }),
    ]);
  const start = useMutation({
    mutationFn: () => api.startProgram(program.id),
    onSuccess: async () => {
      await refresh();
      notice(c.started);
    },
  });
  const close = useMutation({ mutationFn: () => api.closeProgram(program.id), onSuccess: refresh });
  const remove = useMutation({
    mutationFn: () => api.deleteProgram(program.id),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["programs"] });
      navigate({ to: "/campaigns" });
    },
  });
  const build = useMutation({
    mutationFn: () => api.buildTargets(program.id),
    onSuccess: (job) => onBuild(job.id),
  });
  const errors = check.data?.errors ?? 0;
  const filings = useQuery({
    queryKey: ["filings", program.id],
    queryFn: () => api.filings(program.id),
    enabled: program.state === "draft",
  });
  const unapproved = filings.data?.approved === false;
  const blocked = errors > 0 || !mayStart || unapproved;
  const confirm = { okText: w.common.sure, cancelText: w.common.cancel };

  return (
    <>
      <div className="line end">
        <LifeActions program={program} />
        {program.state === "draft" && may ? (
          <Popconfirm title={c.removeConfirm} onConfirm={() => remove.mutate()} {...confirm}>
            <Button danger>{c.remove}</Button>
          </Popconfirm>
        ) : null}
        {(program.state === "started" || program.state === "paused") && mayStart ? (
          <Popconfirm title={c.closeConfirm} onConfirm={() => close.mutate()} {...confirm}>
            <Button>{c.close}</Button>
          </Popconfirm>
        ) : null}
        {may && program.state !== "closed" && program.state !== "paused" ? (
          <Button
            type={program.state === "started" ? "primary" : "default"}
            loading={build.isPending}
            onClick={() => build.mutate()}
          >
            {c.build}
          </Button>
        ) : null}
        {program.state === "draft" && (may || mayStart) ? (
          <Popconfirm title={c.startConfirm} onConfirm={() => start.mutate()} {...confirm} disabled={blocked}>
            <Button
              type="primary"
              loading={start.isPending}
              disabled={blocked || !check.data}
              aria-describedby="start-why"
            >
              {c.start}
            </Button>
          </Popconfirm>
        ) : null}
      </div>
      {program.state === "draft" && blocked && (may || mayStart) ? (
        <p id="start-why" className="why-not">
          {errors > 0
            ? c.startBlocked(errors)
            : unapproved
              ? w.filing.notApproved(program.version)
              : c.startNeedsApproval}
        </p>
      ) : null}
      <ErrorBox error={start.error ?? close.error ?? remove.error ?? build.error} />
    </>
  );
}

export function CampaignPage() {
  const w = useWords();
  const c = w.campaigns;
  const { programId } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate();
  const client = useQueryClient();
  const notice = useNotice();
  const [job, setJob] = useState<string | null>(null);
  const query = useQuery({ queryKey: ["program", programId], queryFn: () => api.program(programId) });
  const tab = search.tab ?? "plan";
  const onEnd = useCallback(
    (done: { state: string }) => {
      client.invalidateQueries({ queryKey: ["program", programId] });
      client.invalidateQueries({ queryKey: ["programs"] });
      client.invalidateQueries({ queryKey: ["program-units", programId] });
      client.invalidateQueries({ queryKey: ["targets", programId] });
      if (done.state === "done") notice(c.built);
    },
    [client, programId, notice, c.built],
  );
  const tabs = [
    { key: "plan", label: c.tabs.plan },
    { key: "check", label: c.tabs.check },
    { key: "units", label: c.tabs.units },
    { key: "filing", label: w.filing.tab },
    { key: "meeting", label: w.meetings.tab },
    { key: "stock", label: w.stock.tab },
    { key: "collection", label: w.collection.tab },
    { key: "versions", label: c.tabs.versions },
  ];

  return (
    <View query={query}>
      {(program) => (
        <Page
          title={program.name}
          sub={
            <>
              <Tag tone={programTone[program.state]}>{w.programState[program.state]}</Tag>{" "}
              {c.codeLine(program.code)} · {c.version(program.version)}
            </>
          }
          actions={<Actions program={program} onBuild={setJob} />}
        >
          {job ? <JobLine key={job} id={job} title={c.building} onEnd={onEnd} /> : null}
          <Tabs
            items={tabs}
            value={tab}
            label={program.name}
            onChange={(key) =>
              navigate({
                to: "/campaigns/$programId",
                params: { programId },
                search: (old: Record<string, unknown>) => ({
                  ...old,
                  tab: key,
                  of: undefined,
                  after: undefined,
                }),
              })
            }
          />
          <PausedNote program={program} />
          <CalendarNote program={program} />
          {tab === "plan" ? (
            <div className="stack">
              <CampaignPlan program={program} />
              <CampaignLife program={program} />
            </div>
          ) : null}
          {tab === "check" ? <CampaignCheck program={program} /> : null}
          {tab === "units" ? <CampaignUnits program={program} of={search.of} after={search.after} /> : null}
          {tab === "filing" ? <CampaignFiling program={program} /> : null}
          {tab === "meeting" ? (
            <div className="stack">
              <CampaignMeetings program={program} />
            </div>
          ) : null}
          {tab === "stock" ? <CampaignStock program={program} of={search.of} after={search.after} /> : null}
          {tab === "collection" ? (
            <CampaignCollection program={program} of={search.of} after={search.after} />
          ) : null}
          {tab === "versions" ? <CampaignVersions key={program.version} program={program} /> : null}
        </Page>
      )}
    </View>
  );
}
