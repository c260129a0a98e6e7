// The plans of all branches below a unit, for one week or several, in one go: read one after another, counted while they
// are read, then one document of A4 sheets, one for each branch and day. Names stand in full only for whoever may see
// them and says what for: that is told of branch by branch in the audit log. For everybody else they are masked.
import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useSearch } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { WeekPlan } from "@zoufang/shared/api/types.ts";
import { addWeeks, weekOf } from "@zoufang/shared/format.ts";
import { Button, Input, InputNumber } from "antd";
import { useState } from "react";
import { branchesBelow, useMay, useMe, useUnits, useWords } from "../session.ts";
import { weekSpan, weekText } from "../ui/dates.ts";
import { Page, Panel } from "../ui/layout.tsx";
import { Empty, ErrorBox, View } from "../ui/states.tsx";
import { PlanSheets } from "./plan-sheets.tsx";
import { WeekPicker } from "./plans.tsx";

const route = getRouteApi("/shell/plans/print");
const WEEKS_MAX = 8;

interface Wanted {
  programId: string;
  unitId: string;
  week: string;
}

export function PlansPrintPage() {
  const w = useWords();
  const p = w.plansPrint;
  const me = useMe();
  const { program: programId, week: first } = route.useSearch();
  const navigate = route.useNavigate();
  const scope = useSearch({ strict: false }).unit;
  const { tree } = useUnits();
  const mayName = useMay("customer.reveal");
  const programs = useQuery({ queryKey: ["programs"], queryFn: api.programs });
  const [count, setCount] = useState(1);
  const [reason, setReason] = useState("");
  const [done, setDone] = useState({ read: 0, of: 0 });
  const [missing, setMissing] = useState<string[]>([]);
  const [plans, setPlans] = useState<WeekPlan[] | null>(null);
  const week = first ?? weekOf(me.system.today);
  const weeks = Array.from({ length: count }, (_, i) => addWeeks(week, i));

  const read = useMutation({
    mutationFn: async (full: boolean) => {
      if (!programId) return;
      const inside = scope ? new Set(branchesBelow(tree, scope).map((u) => u.id)) : null;
      const wanted: Wanted[] = [];
      const none: string[] = [];
      for (const one of weeks) {
        const list = await api.weekPlans(programId, one);
        for (const row of list.items.filter((r) => !inside || inside.has(r.unit_id))) {
          if (row.state === "none") none.push(`${row.unit_name} ${weekText(one, w)}`);
          else wanted.push({ programId, unitId: row.unit_id, week: one });
        }
      }
      // Sheets of a branch lie together.
      wanted.sort((a, b) => a.unitId.localeCompare(b.unitId) || a.week.localeCompare(b.week));
      setMissing(none);
      setDone({ read: 0, of: wanted.length });
      const got: WeekPlan[] = [];
      for (const x of wanted) {
        got.push(
          full
            ? await api.printPlan(x.programId, x.unitId, x.week, reason)
            : await api.weekPlan(x.programId, x.unitId, x.week),
        );
        setDone({ read: got.length, of: wanted.length });
      }
      setPlans(got);
    },
  });
  if (plans && plans.length > 0) return <PlanSheets plans={plans} onClose={() => setPlans(null)} />;
  return (
    <View query={programs}>
      {(data) => {
        const program = data.items.find((x) => x.id === programId);
        return (
          <Page title={p.title} sub={program?.name ?? ""}>
            {program ? (
              <Panel title={p.what} hint={mayName ? p.hintNames : p.hintMasked}>
                <div className="stack">
                  <WeekPicker
                    week={week}
                    today={me.system.today}
                    onPick={(next) =>
                      navigate({ search: (old: Record<string, unknown>) => ({ ...old, week: next }) })
                    }
                  />
                  <div className="line wrap">
                    {p.weeks}{" "}
                    <InputNumber
                      aria-label={p.weeks}
                      min={1}
                      max={WEEKS_MAX}
                      precision={0}
                      value={count}
                      onChange={(n) => setCount(n ?? 1)}
                    />
                    <span className="num hint">
                      {weekSpan(week, w)}
                      {count > 1 ? ` – ${weekSpan(weeks.at(-1) ?? week, w)}` : ""}
                    </span>
                  </div>
                  {mayName ? (
                    <div className="stack">
                      {w.plan.printReason}
                      <Input
                        aria-label={w.plan.printReason}
                        value={reason}
                        maxLength={100}
                        placeholder={w.plan.printReasonDefault(weekText(week, w))}
                        onChange={(e) => setReason(e.target.value)}
                      />
                    </div>
                  ) : null}
                  <div className="line wrap">
                    <Button type="primary" loading={read.isPending} onClick={() => read.mutate(false)}>
                      {p.go}
                    </Button>
                    {mayName ? (
                      <Button
                        loading={read.isPending}
                        disabled={reason.trim() === ""}
                        onClick={() => read.mutate(true)}
                      >
                        {p.goNames}
                      </Button>
                    ) : null}
                    {read.isPending ? <span role="status">{p.reading(done.read, done.of)}</span> : null}
                  </div>
                  <ErrorBox error={read.error} />
                  {plans ? <p className="box box-warn">{p.none}</p> : null}
                  {missing.length > 0 ? <p className="hint">{p.missing(missing.join("、"))}</p> : null}
                </div>
              </Panel>
            ) : (
              <Empty
                text={p.noProgram}
                action={
                  <Link className="button-link" to="/plans">
                    {w.plans.title}
                  </Link>
                }
              />
            )}
          </Page>
        );
      }}
    </View>
  );
}
