// 采集进度: later collection by administrative village and mail route: households, those with all four fields, those
// still missing, visits; a row leads to the households still missing.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type {
  Collection,
  CollectionRow,
  MissingHousehold,
  ProgramDetail,
} from "@zoufang/shared/api/types.ts";
import { num } from "@zoufang/shared/format.ts";
import { Button, Checkbox, Select } from "antd";
import { useState } from "react";
import { useMay, useWords } from "../session.ts";
import { dayText } from "../ui/dates.ts";
import { Bar, Panel, Tag } from "../ui/layout.tsx";
import { Empty, View } from "../ui/states.tsx";
import { Pager, ServerTable } from "../ui/table.tsx";

const ROWS = 50;

/** A row as it stands in the address: branch, township, village, mail route. */
const codeOf = (r: CollectionRow) =>
  JSON.stringify([r.unit_id, r.township, r.village, r.mail_route, r.unit_name]);
function rowOf(of: string | undefined): [string, string, string, string, string] | null {
  try {
    const all: unknown = JSON.parse(of ?? "");
    return Array.isArray(all) && all.length === 5 && all.every((x) => typeof x === "string")
      ? (all as [string, string, string, string, string])
      : null;
  } catch {
    return null; // not one of ours
  }
}

export function CampaignCollection({
  program,
  of,
  after,
}: {
  program: ProgramDetail;
  of: string | undefined;
  after: string | undefined;
}) {
  const row = rowOf(of);
  return row ? (
    <Missing key={of} program={program} of={of ?? ""} row={row} after={after} />
  ) : (
    <Table program={program} after={after} />
  );
}

function useGo(programId: string) {
  const navigate = useNavigate();
  return (of: string | undefined, after: string | undefined) =>
    navigate({
      to: "/campaigns/$programId",
      params: { programId },
      search: (old: Record<string, unknown>) => ({ ...old, tab: "collection", of, after }),
    });
}

function Table({ program, after }: { program: ProgramDetail; after: string | undefined }) {
  const w = useWords();
  const c = w.collection;
  const go = useGo(program.id);
  const unit = useSearch({ strict: false }).unit;
  const [route, setRoute] = useState<string | undefined>(undefined);
  const [only, setOnly] = useState(false);
  const filter = { unit_id: unit, mail_route: route, only_missing: only || undefined };
  const query = useQuery({
    queryKey: ["collection", program.id, filter, after],
    queryFn: () => api.collection(program.id, { ...filter, limit: ROWS, after }),
    placeholderData: keepPreviousData,
  });
  const mayList = useMay("customer.read");
  return (
    <Panel
      flush
      title={c.title}
      hint={c.hint}
      extra={
        <a className="button-link" href={api.collectionUrl(program.id, filter)} download>
          {w.common.download}
        </a>
      }
    >
      <View query={query}>
        {(data) => (
          <>
            <Filters
              data={data}
              route={route}
              only={only}
              onRoute={(r) => {
                setRoute(r);
                go(undefined, undefined);
              }}
              onOnly={(o) => {
                setOnly(o);
                go(undefined, undefined);
              }}
            />
            <p className="pad" role="status">
              {c.total(
                num(data.total.households),
                num(data.total.complete),
                num(data.total.missing),
                num(data.total.visits),
              )}
            </p>
            <ServerTable<CollectionRow>
              label={c.title}
              rows={data.items}
              rowKey={codeOf}
              empty={<Empty text={only || route !== undefined ? c.nothing : c.empty} />}
              columns={[
                { key: "unit", title: c.branch, nowrap: true, render: (r) => r.unit_name },
                {
                  key: "village",
                  title: c.village,
                  render: (r) => (r.village || r.township ? `${r.township} ${r.village}`.trim() : c.noGroup),
                },
                { key: "route", title: c.route, render: (r) => r.mail_route || c.noRoute },
                { key: "groups", title: c.groups, numeric: true, render: (r) => num(r.groups) },
                { key: "all", title: w.common.households, numeric: true, render: (r) => num(r.households) },
                {
                  key: "complete",
                  title: c.complete,
                  render: (r) =>
                    r.households > 0 ? (
                      <Bar
                        value={Math.floor((r.complete * 100) / r.households)}
                        label={num(r.complete)}
                        tone={r.missing === 0 ? "ok" : "warn"}
                      />
                    ) : (
                      "–"
                    ),
                },
                {
                  key: "missing",
                  title: c.missing,
                  numeric: true,
                  render: (r) =>
                    r.missing > 0 && mayList ? (
                      <Button
                        type="link"
                        aria-label={c.open(r.unit_name, r.village || c.noGroup, r.mail_route)}
                        onClick={() => go(codeOf(r), undefined)}
                      >
                        {num(r.missing)}
                      </Button>
                    ) : (
                      num(r.missing)
                    ),
                },
                { key: "visited", title: c.visited, numeric: true, render: (r) => num(r.visited) },
                { key: "visits", title: c.visits, numeric: true, render: (r) => num(r.visits) },
              ]}
            />
            <Pager
              after={after}
              next={data.next}
              shown={data.items.length}
              onMove={(next) => go(undefined, next)}
            />
          </>
        )}
      </View>
    </Panel>
  );
}

function Filters({
  data,
  route,
  only,
  onRoute,
  onOnly,
}: {
  data: Collection;
  route: string | undefined;
  only: boolean;
  onRoute: (route: string | undefined) => void;
  onOnly: (only: boolean) => void;
}) {
  const w = useWords();
  const c = w.collection;
  return (
    <div className="filters">
      <Select
        aria-label={c.route}
        style={{ minWidth: "12em" }}
        allowClear
        placeholder={c.allRoutes}
        value={route}
        options={[...data.mail_routes.map((r) => ({ value: r, label: r })), { value: "", label: c.noRoute }]}
        onChange={(value: string | undefined) => onRoute(value)}
      />
      <Checkbox checked={only} onChange={(e) => onOnly(e.target.checked)}>
        {c.onlyMissing}
      </Checkbox>
    </div>
  );
}

function Missing({
  program,
  of,
  row,
  after,
}: {
  program: ProgramDetail;
  of: string;
  row: [string, string, string, string, string];
  after: string | undefined;
}) {
  const w = useWords();
  const c = w.collection;
  const go = useGo(program.id);
  const [unitId, township, village, mailRoute, unitName] = row;
  const query = useQuery({
    queryKey: ["collection-missing", program.id, row, after],
    queryFn: () =>
      api.collectionMissing(program.id, unitId, {
        township,
        village,
        mail_route: mailRoute,
        limit: ROWS,
        after,
      }),
    placeholderData: keepPreviousData,
  });
  const lacks = (h: MissingHousehold) =>
    [
      h.without_phone > 0 ? c.lacks.phone : "",
      h.without_id_number > 0 ? c.lacks.id : "",
      h.without_address > 0 ? c.lacks.address : "",
    ]
      .filter(Boolean)
      .join("、");
  return (
    <Panel
      flush
      title={c.missingOf(unitName, village || c.noGroup, mailRoute || c.noRoute)}
      hint={c.missingHint}
    >
      <div className="pad">
        <Button onClick={() => go(undefined, undefined)}>← {c.back}</Button>
      </div>
      <View query={query}>
        {(data) => (
          <>
            <ServerTable<MissingHousehold>
              label={c.missing}
              rows={data.items}
              rowKey={(h) => h.household_id}
              empty={<Empty text={c.allThere} />}
              columns={[
                {
                  key: "name",
                  title: c.household,
                  render: (h) => (
                    <Link
                      to="/households/$unitId/$householdId"
                      params={{ unitId, householdId: h.household_id }}
                    >
                      {h.name_masked}
                    </Link>
                  ),
                },
                { key: "group", title: c.group, render: (h) => h.village_group_name || "–" },
                { key: "members", title: c.members, numeric: true, render: (h) => num(h.members) },
                { key: "lacking", title: c.lacking, numeric: true, render: (h) => num(h.lacking) },
                { key: "what", title: c.what, render: (h) => lacks(h) || "–" },
                {
                  key: "visit",
                  title: c.lastVisit,
                  render: (h) =>
                    h.do_not_visit ? (
                      <Tag tone="warn">{c.refuses}</Tag>
                    ) : h.last_visit_day ? (
                      dayText(h.last_visit_day, w)
                    ) : (
                      c.never
                    ),
                },
              ]}
            />
            <Pager after={after} next={data.next} shown={data.items.length} onMove={(next) => go(of, next)} />
          </>
        )}
      </View>
    </Panel>
  );
}
