// One visit: the form with its answers, where it was written, its photos, who went, what it said before and what was
// decided. Who somebody is stays masked; the whole text comes for a reason and goes after a minute. Photos are fetched
// when they are asked for, and the bank's log says who looked. A visit that waits for a decision is decided here.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { VisitWhole } from "@zoufang/shared/api/types.ts";
import type { Answers } from "@zoufang/shared/form/model.ts";
import { num, stamp } from "@zoufang/shared/format.ts";
import { Button } from "antd";
import { useEffect, useState } from "react";
import { useMay, useWords } from "../session.ts";
import { Facts, Page, Panel, Tag, type Tone } from "../ui/layout.tsx";
import { Empty, View } from "../ui/states.tsx";
import { RevealDialog } from "./reveal.tsx";
import { Decide } from "./visit-decide.tsx";
import { Changes, Said } from "./visit-says.tsx";
import { Spot } from "./visit-spot.tsx";
import "./visit.css";

const route = getRouteApi("/shell/visits/$unitId/$visitId");
/** As long as other full values are shown. */
const SHOWN_MS = 60_000;
const TONES: Record<string, Tone> = { accepted: "ok", review: "warn", rejected: "bad" };

export function VisitPage() {
  const { unitId, visitId } = route.useParams();
  const w = useWords();
  const query = useQuery({
    queryKey: ["visit", visitId],
    queryFn: () => api.visitWhole(unitId, visitId),
  });
  return (
    <View query={query}>
      {(data) => <Whole key={`${visitId}/${data.visit.rev}`} data={data} w={w} unitId={unitId} />}
    </View>
  );
}

type Words = ReturnType<typeof useWords>;

export function outcomeOf(w: Words, outcome: string): string {
  const outcomes: Record<string, string> = w.desk.outcomes;
  return outcomes[outcome] ?? w.visitPage.noOutcome;
}

function Whole({ data, w, unitId }: { data: VisitWhole; w: Words; unitId: string }) {
  const v = w.visitPage;
  const { visit } = data;
  const states: Record<string, string> = v.states;
  const client = useQueryClient();
  const again = async () => {
    await client.invalidateQueries({ queryKey: ["visit", visit.visit_id] });
    await client.invalidateQueries({ queryKey: ["reviews"] });
  };
  const open = data.looks.filter((l) => l.state === "open");
  return (
    <Page
      title={`${v.title} ${visit.day}`}
      sub={[data.unit_name, data.program_name].filter(Boolean).join(" · ")}
      actions={<Button onClick={() => window.print()}>{v.print}</Button>}
    >
      <div className="profile stack">
        {open.map((l) => (
          <Decide key={l.id} unitId={unitId} look={l} onDone={again} />
        ))}
        <Panel
          title={outcomeOf(w, visit.outcome)}
          extra={
            <span className="tags">
              <Tag tone={TONES[visit.state] ?? "plain"}>{states[visit.state] ?? visit.state}</Tag>
              <Tag tone={visit.counts ? "ok" : "plain"}>{visit.counts ? v.counts : v.countsNot}</Tag>
            </span>
          }
        >
          <Facts items={facts(data, w, unitId)} />
          {data.signals.length > 0 ? (
            <div className="box box-warn">
              <b>{v.signals}</b>
              <ul>
                {data.signals.map((s) => (
                  <li key={s}>{s}</li>
                ))}
              </ul>
              <p className="hint">{v.signalsHint}</p>
            </div>
          ) : null}
        </Panel>
        <Answered data={data} unitId={unitId} />
        <Spot home={data.home} pinned={data.home_pinned} spot={data.spot} apart={data.apart_m} />
        <Photos unitId={unitId} visitId={visit.visit_id} count={visit.photos} />
        <Panel title={v.timeline}>
          <Timeline data={data} w={w} />
        </Panel>
      </div>
    </Page>
  );
}

function facts(data: VisitWhole, w: Words, unitId: string): [string, React.ReactNode][] {
  const v = w.visitPage;
  const { visit } = data;
  const kinds: Record<string, string> = v.kinds;
  const via: Record<string, string> = v.via;
  const took =
    data.started_at && data.ended_at
      ? v.took(num((Date.parse(data.ended_at) - Date.parse(data.started_at)) / 60_000, 0))
      : "";
  return [
    [
      v.household,
      visit.household_id ? (
        <Link
          key="household"
          to="/households/$unitId/$householdId"
          params={{ unitId, householdId: visit.household_id }}
        >
          {data.household_no ?? v.household}
        </Link>
      ) : (
        v.noHousehold
      ),
    ],
    [v.kind, kinds[visit.kind] ?? visit.kind],
    [v.people, v.peopleOf(num(visit.members), num(visit.valid_records))],
    [v.visitors, data.visitors.length > 0 ? data.visitors.join("、") : v.noVisitors],
    [v.madeBy, `${visit.made_by_name} · ${via[visit.via] ?? visit.via}`],
    [
      v.written,
      <span key="written" className="num">
        {stamp(visit.estimated_at)} {took}
        {visit.clock_suspect ? <Tag tone="warn">{v.clock}</Tag> : null}
      </span>,
    ],
    [
      v.arrived,
      <span key="arrived" className="num">
        {stamp(visit.received_at)}
      </span>,
    ],
  ];
}

/** The answers, masked until somebody says why they have to be read. */
function Answered({ data, unitId }: { data: VisitWhole; unitId: string }) {
  const w = useWords();
  const v = w.visitPage;
  const mayReveal = useMay("customer.reveal");
  const [asking, setAsking] = useState(false);
  const [clear, setClear] = useState<Answers | null>(null);
  useEffect(() => {
    if (!clear) return;
    const hide = () => setClear(null);
    const timer = setTimeout(hide, SHOWN_MS);
    // Paper has no clock: what is printed is always masked.
    window.addEventListener("beforeprint", hide);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("beforeprint", hide);
    };
  }, [clear]);
  return (
    <Panel
      title={v.form}
      extra={
        mayReveal ? (
          <Button
            className="no-print"
            size="small"
            onClick={() => (clear ? setClear(null) : setAsking(true))}
          >
            {clear ? w.customers.revealHide : v.reveal}
          </Button>
        ) : null
      }
    >
      <Said form={data.form} answers={clear ?? data.answers} clear={clear !== null} />
      <p className="hint">{v.formOf(data.visit.form_id, data.visit.form_version)}</p>
      <RevealDialog
        open={asking}
        onClose={() => setAsking(false)}
        onSubmit={async (reason) => {
          setClear((await api.revealVisit(unitId, data.visit.visit_id, reason)).answers as Answers);
          setAsking(false);
        }}
      />
    </Panel>
  );
}

function Photos({ unitId, visitId, count }: { unitId: string; visitId: string; count: number }) {
  const v = useWords().visitPage;
  const [shown, setShown] = useState(false);
  const query = useQuery({
    queryKey: ["visit-photos", unitId, visitId],
    queryFn: () => api.visitPhotos(unitId, visitId),
  });
  return (
    <Panel title={v.photos}>
      <View query={query}>
        {({ items }) => {
          const whole = items.filter((p) => p.state === "verified");
          if (items.length === 0) return <Empty text={count > 0 ? v.photosLater(num(count)) : v.noPhotos} />;
          return (
            <div className="stack">
              {whole.length < items.length || items.length < count ? (
                <p className="hint">{v.photosWaiting(num(Math.max(items.length, count) - whole.length))}</p>
              ) : null}
              {shown ? (
                <ol className="visit-photos">
                  {whole.map((p, i) => (
                    <li key={p.n}>
                      <a href={api.visitPhotoUrl(unitId, visitId, p.n)} target="_blank" rel="noopener">
                        {p.mime.startsWith("image/") ? (
                          <img
                            src={api.visitPhotoUrl(unitId, visitId, p.n)}
                            alt={v.photo(String(i + 1))}
                            loading="lazy"
                          />
                        ) : (
                          v.paper(String(i + 1))
                        )}
                      </a>
                    </li>
                  ))}
                </ol>
              ) : (
                <p className="no-print">
                  <Button onClick={() => setShown(true)} disabled={whole.length === 0}>
                    {v.photosShow(num(whole.length))}
                  </Button>{" "}
                  <span className="hint">{v.photosHint}</span>
                </p>
              )}
            </div>
          );
        }}
      </View>
    </Panel>
  );
}

interface Moment {
  at: string;
  key: string;
  text: string;
  by: string | null;
  more?: React.ReactNode;
}

/** What happened to the visit, oldest first. */
function Timeline({ data, w }: { data: VisitWhole; w: Words }) {
  const v = w.visitPage;
  const { visit } = data;
  const states: Record<string, string> = w.reviews.states;
  const moments: Moment[] = [
    { at: visit.estimated_at, key: "written", text: v.wrote, by: visit.made_by_name },
    { at: visit.received_at, key: "arrived", text: v.arrivedAt, by: null },
  ];
  for (const r of data.revisions) {
    moments.push({
      at: r.replaced_at,
      key: `rev ${r.rev}`,
      text: v.amended(r.rev, r.rev + 1),
      by: r.replaced_by_name,
      more: (
        <>
          {r.reason ? <span>{v.because(r.reason)}</span> : null}
          <Changes form={data.form} changes={r.changes} />
        </>
      ),
    });
  }
  for (const l of data.looks) {
    moments.push({
      at: l.made_at,
      key: `look ${l.id}`,
      text: v.looked(l.reasons.join(w.reviews.between)),
      by: null,
    });
    if (l.decided_at)
      moments.push({
        at: l.decided_at,
        key: `decided ${l.id}`,
        text: v.decided(states[l.state] ?? l.state, l.decision_reason ?? ""),
        by: l.decided_by_name,
      });
  }
  moments.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return (
    <ol className="history">
      {moments.map((m) => (
        <li key={m.key}>
          <span className="hint num">
            {stamp(m.at)} {m.by ?? ""}
          </span>
          <span>
            {m.text}
            {m.more}
          </span>
        </li>
      ))}
    </ol>
  );
}
