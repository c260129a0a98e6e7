// 信息完整率: how many records have all four fields, unit by unit, against the day and the week before.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate, useSearch } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { QualityLine } from "@zoufang/shared/api/types.ts";
import { num } from "@zoufang/shared/format.ts";
import { useMe, useWords } from "../session.ts";
import { Page, Panel } from "../ui/layout.tsx";
import { Empty, View } from "../ui/states.tsx";
import { type Column, ServerTable } from "../ui/table.tsx";

const route = getRouteApi("/shell/quality");

const share = (x: number | null) => (x === null ? "–" : `${(x * 100).toFixed(1)}%`);

/** The change in percentage points, with its sign: colour is never alone. */
function Change({ now, before }: { now: number | null; before: number | null }) {
  const w = useWords();
  if (now === null || before === null) return <>–</>;
  const points = (now - before) * 100;
  const text = `${points > 0 ? "+" : points < 0 ? "−" : "±"}${Math.abs(points).toFixed(1)}`;
  return (
    <span className={points > 0.05 ? "ok-text" : points < -0.05 ? "bad-text" : undefined}>
      {w.quality.points(text)}
    </span>
  );
}

export function QualityPage() {
  const w = useWords();
  const q = w.quality;
  const me = useMe();
  const search = route.useSearch();
  const scope = useSearch({ strict: false }).unit;
  const navigate = useNavigate();
  const day = search.day ?? me.system.today;
  const query = useQuery({
    queryKey: ["quality", scope, day],
    queryFn: () => api.quality({ unit_id: scope, day }),
    placeholderData: keepPreviousData,
  });
  const columns: Column<QualityLine>[] = [
    { key: "unit", title: w.common.unit, nowrap: true, render: (l) => l.unit_name },
    { key: "all", title: q.records, numeric: true, render: (l) => num(l.now.customers) },
    { key: "complete", title: q.complete, numeric: true, render: (l) => num(l.now.four_fields) },
    { key: "rate", title: q.rate, numeric: true, render: (l) => <b>{share(l.now.rate)}</b> },
    {
      key: "day",
      title: q.dayBefore,
      numeric: true,
      render: (l) => <Change now={l.now.rate} before={l.rate_day_before} />,
    },
    {
      key: "week",
      title: q.weekBefore,
      numeric: true,
      render: (l) => <Change now={l.now.rate} before={l.rate_week_before} />,
    },
    { key: "phone", title: q.noPhone, numeric: true, render: (l) => num(l.now.without_phone) },
    { key: "id", title: q.noId, numeric: true, render: (l) => num(l.now.without_id_number) },
    { key: "address", title: q.noAddress, numeric: true, render: (l) => num(l.now.without_address) },
    { key: "bank", title: q.byBank, numeric: true, render: (l) => num(l.now.by_bank) },
    { key: "households", title: q.households, numeric: true, render: (l) => num(l.now.households) },
  ];
  return (
    <Page
      title={q.title}
      sub={q.definition}
      actions={
        <a className="button-link" href={api.qualityUrl({ unit_id: scope, day })} download>
          {w.common.download}
        </a>
      }
    >
      <Panel flush>
        <div className="filters">
          <label className="line" htmlFor="quality-day">
            {q.day}
          </label>
          <input
            id="quality-day"
            className="input"
            type="date"
            value={day}
            max={me.system.today}
            onChange={(e) =>
              navigate({
                to: "/quality",
                search: (old: Record<string, unknown>) => ({ ...old, day: e.target.value || undefined }),
              })
            }
          />
          <span className="hint">{q.hint}</span>
        </div>
        <View query={query}>
          {(data) => (
            <ServerTable
              label={q.title}
              columns={columns}
              rows={data.lines}
              rowKey={(l) => l.unit_id}
              empty={<Empty text={q.empty} />}
            />
          )}
        </View>
      </Panel>
    </Page>
  );
}
