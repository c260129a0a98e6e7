// The day: one next card, the route as a list and as a map, and the days around it.
import { lazy, Suspense, useMemo, useState } from "react";
import { useLocation } from "wouter";
import {
  bankDay,
  dayText,
  distance,
  field,
  minutes,
  shortDay,
  useField,
  useWords,
  waitingOf,
} from "../context.ts";
import { type DayStop, daysOf, dayView, metres, outcomeIn } from "../core/day.ts";
import { Card, Empty, Header, Icon, Says, Tag } from "../ui/base.tsx";
import { usePlace } from "../ui/place.ts";
import { begin } from "./begin.ts";
import { CallButton, GoButton } from "./contact.tsx";

const RouteMap = lazy(() => import("./route-map.tsx"));
const HOUR_MS = 3600_000;
const WARN_LEASE_H = 24;
const WARN_UNSENT_H = 24;

export function useToday(): string {
  const { skew } = useField();
  return bankDay(Date.now(), skew);
}

export function Today() {
  const w = useWords();
  const s = useField();
  const today = useToday();
  const [, go] = useLocation();
  const [day, setDay] = useState(today);
  const [view, setView] = useState<"list" | "map">("list");
  const days = useMemo(() => daysOf(s.pack), [s.pack]);
  const d = useMemo(
    () => dayView(s.pack, day, s.drafts, s.notes, waitingOf(s), day === today ? minuteOf() : 0),
    [s, day, today],
  );
  const place = usePlace(false);
  const leaseLeft = Math.floor((s.leaseUntil - Date.now()) / HOUR_MS);
  const unsent = s.oldest > 0 ? Math.floor((Date.now() - s.oldest) / HOUR_MS) : 0;
  const share = d.quota > 0 ? Math.min(100, Math.round((d.counted / d.quota) * 100)) : 0;
  const open = (stop: DayStop) => go(stopPath(stop));
  return (
    <>
      <Header
        title={dayText(w, day)}
        sub={`${s.enrolment?.unit_name ?? ""} · ${w.today.sub(d.stops.length, d.done)}`}
      />
      <main id="main" className="page">
        {leaseLeft < WARN_LEASE_H && s.leaseUntil > 0 ? (
          <Says tone="warn">{w.today.leaseSoon(Math.max(1, leaseLeft))}</Says>
        ) : null}
        {unsent >= WARN_UNSENT_H ? <Says tone="warn">{w.today.longUnsent(unsent)}</Says> : null}
        {s.pullProblem ? <Says tone="bad">{s.pullProblem}</Says> : null}
        {days.length > 1 ? (
          <fieldset className="days" aria-label={w.today.others}>
            {days.map((one) => (
              <button
                key={one}
                type="button"
                className={one === day ? "day on" : "day"}
                aria-pressed={one === day}
                onClick={() => setDay(one)}
              >
                {one === today ? w.today.thisDay : shortDay(w, one)}
              </button>
            ))}
          </fieldset>
        ) : null}
        {d.stops.length > 0 ? (
          <div className="progress">
            <div className="bar" aria-hidden="true">
              <span style={{ width: `${share}%` }} />
            </div>
            <p className="hint num">{w.today.progress(d.counted, d.quota)}</p>
            {day === today ? (
              <p className="hint num">
                {w.today.owed(Math.max(0, d.quota - d.counted), s.outbox.entries.length, s.photos.waiting)}
              </p>
            ) : null}
          </div>
        ) : null}
        {d.next ? <Next stop={d.next} onGroup={() => d.next && open(d.next)} /> : null}
        {d.stops.length > 0 && !d.next ? (
          <Card>
            <Empty text={w.today.allDone} detail={w.today.allDoneDetail}>
              <button type="button" className="second" onClick={() => go("/uploads")}>
                {w.tabs.uploads}
              </button>
            </Empty>
          </Card>
        ) : null}
        {d.stops.length === 0 ? <NoStops /> : null}
        {d.stops.length > 0 ? (
          <>
            <fieldset className="switch" aria-label={w.today.routeList}>
              <button type="button" aria-pressed={view === "list"} onClick={() => setView("list")}>
                {w.today.list}
              </button>
              <button type="button" aria-pressed={view === "map"} onClick={() => setView("map")}>
                {w.today.map}
              </button>
            </fieldset>
            {view === "map" ? (
              <Suspense fallback={<p className="hint map">{w.today.mapLoading}</p>}>
                <RouteMap stops={d.stops} next={d.next} onPick={open} />
              </Suspense>
            ) : null}
            <Card flush>
              <ol className="rows" aria-label={w.today.routeList}>
                {d.stops.map((stop) => (
                  <StopRow
                    key={stop.stop.id}
                    stop={stop}
                    next={stop === d.next}
                    place={place}
                    onOpen={() => open(stop)}
                  />
                ))}
              </ol>
            </Card>
          </>
        ) : null}
        <button type="button" className="second" onClick={() => go("/new")}>
          {w.today.newHousehold}
        </button>
      </main>
    </>
  );
}

const minuteOf = () => {
  const now = new Date();
  return now.getHours() * 60 + now.getMinutes();
};

/** The page of a stop: its household, else its village group. */
export function stopPath({ stop, household, group }: DayStop): string {
  if (household) return `/household/${household.id}/${stop.id}`;
  return group ? `/group/${group.id}/${stop.id}` : "/customers";
}

function NoStops() {
  const w = useWords();
  const { lastPull, busy } = useField();
  const never = lastPull === 0;
  return (
    <Card>
      <Empty
        text={never ? w.today.noPack : w.today.none}
        detail={never ? w.today.noPackDetail : w.today.noneDetail}
      >
        <button
          type="button"
          className={never ? "main" : "second"}
          disabled={busy.pull}
          onClick={() => void field.exchange(true)}
        >
          {busy.pull ? w.today.fetching : w.today.fetch}
        </button>
      </Empty>
    </Card>
  );
}

function Next({ stop, onGroup }: { stop: DayStop; onGroup: () => void }) {
  const w = useWords();
  const [, go] = useLocation();
  const { household, group } = stop;
  const label =
    stop.state === "draft"
      ? w.today.goOn(stop.order)
      : household
        ? w.today.next(stop.order)
        : w.today.nextGroup(stop.order);
  const [reason, ...more] = household?.data.reasons ?? [];
  const phone = household?.data.members.some((m) => m.phone_masked);
  return (
    <section className="card next" aria-labelledby="next-title">
      <p className="next-label">{label}</p>
      <h2 id="next-title" className="next-name">
        {stop.title} {stop.stop.data.must ? <Tag tone="next">{w.today.must}</Tag> : null}
      </h2>
      <p className="next-where">
        {household?.data.address ?? household?.data.village_group ?? group?.data.township}
      </p>
      {stop.stop.data.households ? (
        <p className="hint num">{w.today.met(stop.met, stop.stop.data.households)}</p>
      ) : null}
      {household?.data.do_not_visit ? <Says tone="bad">{w.today.doNotVisit}</Says> : null}
      {reason ? (
        <p className="why">
          <span className="sr">{w.today.why}: </span>
          {[reason, ...more].join(" · ")}
        </p>
      ) : null}
      <div className="actions">
        {phone && household ? <CallButton household={household} /> : null}
        <GoButton at={stop.stop.data} />
        {household ? (
          <button
            type="button"
            className="main wide"
            onClick={async () => go(await begin({ stop: stop.stop, household }))}
          >
            {stop.state === "draft" ? w.today.continue : w.today.start}
          </button>
        ) : (
          <button type="button" className="main wide" onClick={onGroup}>
            {w.today.openGroup}
          </button>
        )}
      </div>
    </section>
  );
}

function StopRow({
  stop,
  next,
  place,
  onOpen,
}: {
  stop: DayStop;
  next: boolean;
  place: { lat: number; lon: number } | null;
  onOpen: () => void;
}) {
  const w = useWords();
  const { lat, lon, arrive, approximate } = stop.stop.data;
  const away =
    place && lat !== null && lon !== null ? w.today.away(distance(w, metres(place, { lat, lon }))) : null;
  const { households } = stop.stop.data;
  const sweep = stop.household === null && households ? w.today.met(stop.met, households) : null;
  const { pack } = useField();
  const came = outcomeIn(pack.programs.get(stop.stop.data.program_id), stop.outcome);
  const about = [
    came ? (came.again ? `${came.label}，${w.today.again}` : came.label) : null,
    stop.household?.data.village_group ?? stop.group?.data.township,
    sweep,
    away ?? (approximate ? w.today.approximate : null),
  ].filter(Boolean);
  const done = stop.state === "sent" || stop.state === "kept";
  return (
    <li>
      <button type="button" className="row" onClick={onOpen}>
        <span className={`pin${next ? " next" : ""}${done ? " done" : ""} num`}>
          {done ? <Icon name="check" /> : stop.order}
        </span>
        <span className="row-text">
          <b>{stop.title}</b>
          <span className="hint">{about.join(" · ")}</span>
        </span>
        <span className="row-end">
          {stop.state === "open" ? (
            <span className="hint num">{arrive !== null ? minutes(arrive) : ""}</span>
          ) : (
            <Tag tone={stop.state === "sent" ? "ok" : "warn"}>{w.today.state[stop.state]}</Tag>
          )}
        </span>
      </button>
    </li>
  );
}
