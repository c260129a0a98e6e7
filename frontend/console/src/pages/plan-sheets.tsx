// The printed week: A4, one sheet a day, full names (already audited by the server). Held in memory only and gone
// when closed.
import type { Route, WeekPlan, WeekPlanDay } from "@zoufang/shared/api/types.ts";
import { num } from "@zoufang/shared/format.ts";
import { Button } from "antd";
import { useEffect, useRef } from "react";
import { useWords } from "../session.ts";
import { dayText, weekdayText, weekText } from "../ui/dates.ts";
import { MethodLine, TakesLine } from "./plan-takes.tsx";

export function PlanSheets({ plans, onClose }: { plans: WeekPlan[]; onClose: () => void }) {
  const w = useWords();
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => bar.current?.focus(), []);
  const sheets = plans.flatMap((plan) =>
    plan.days.filter((d) => d.routes.length > 0).map((day) => ({ plan, day })),
  );
  return (
    <div className="sheets">
      <div className="line no-print" ref={bar} tabIndex={-1}>
        <Button type="primary" onClick={() => window.print()}>
          {w.plan.printNow}
        </Button>
        <Button onClick={onClose}>{w.common.close}</Button>
        <span className="hint">{w.plan.printHint}</span>
      </div>
      {sheets.map(({ plan, day }) => (
        <Sheet key={`${plan.unit.id} ${day.day}`} plan={plan} day={day} />
      ))}
    </div>
  );
}

function Sheet({ plan, day }: { plan: WeekPlan; day: WeekPlanDay }) {
  const w = useWords();
  return (
    <article className="sheet">
      <header>
        <h2>{w.plan.sheetTitle(plan.unit.name)}</h2>
        <p className="num">
          {plan.program.name} · {weekText(plan.week, w)} · {dayText(day.day, w, true)}{" "}
          {weekdayText(day.weekday, w)} · {w.plan.version(plan.version)}
        </p>
        <p>
          <b>{w.plan.sheetShort}</b> {plan.shortfall.sentence}
        </p>
      </header>
      {day.routes.map((route) => (
        <RouteTable key={route.id} route={route} />
      ))}
    </article>
  );
}

function RouteTable({ route }: { route: Route }) {
  const w = useWords();
  const p = w.plan;
  return (
    <table className="sheet-table">
      <caption>
        <b>
          {route.team_name} · {p.kind[route.kind]}
        </b>{" "}
        <span className="num">
          {p.routeLine(route.window.from, route.window.to, route.back_at)} · {num(route.travel_km, 1)}{" "}
          {w.common.km}
        </span>{" "}
        {p.members}: {route.members.join("、")}
        <TakesLine route={route} />
        <MethodLine route={route} paper />
      </caption>
      <thead>
        <tr>
          {[p.order, p.group, p.time, p.who, p.reasons, p.remark, p.signature].map((title) => (
            <th key={title} scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {route.stops.map((s) => (
          <tr key={s.id}>
            <td className="num">{s.order}</td>
            <td>{s.village_group_name ?? ""}</td>
            <td className="num nowrap">{s.arrive}</td>
            <td className="nowrap">{s.target_id ? s.title : ""}</td>
            <td>{s.reasons.join("；")}</td>
            <td className="sheet-remark" />
            <td className="sheet-sign" />
          </tr>
        ))}
      </tbody>
    </table>
  );
}
