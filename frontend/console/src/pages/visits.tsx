// Visits as a list, each opening its page: those of an outlet on a day, and those of a household.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { Visit } from "@zoufang/shared/api/types.ts";
import { num, stamp } from "@zoufang/shared/format.ts";
import { Button } from "antd";
import { useMay, useUnits, useWords } from "../session.ts";
import { Page, Panel, Tag } from "../ui/layout.tsx";
import { Empty, ErrorBox, View } from "../ui/states.tsx";
import { type Column, Pager, ServerTable } from "../ui/table.tsx";
import { outcomeOf } from "./visit.tsx";

const route = getRouteApi("/shell/visits/$unitId");
const LINES = 20;

function useColumns(unitId: string): Column<Visit>[] {
  const w = useWords();
  const v = w.visitPage;
  const states: Record<string, string> = v.states;
  return [
    {
      key: "at",
      title: v.written,
      nowrap: true,
      render: (x) => (
        <Link to="/visits/$unitId/$visitId" params={{ unitId, visitId: x.visit_id }}>
          <span className="num">{stamp(x.estimated_at)}</span>
        </Link>
      ),
    },
    { key: "outcome", title: v.outcome, render: (x) => outcomeOf(w, x.outcome) },
    { key: "by", title: v.madeBy, nowrap: true, render: (x) => x.made_by_name },
    { key: "valid", title: v.valid, numeric: true, render: (x) => num(x.valid_records) },
    { key: "photos", title: v.photos, numeric: true, render: (x) => num(x.photos) },
    {
      key: "state",
      title: v.state,
      render: (x) => (
        <span className="tags">
          {x.state === "accepted" ? null : (
            <Tag tone={x.state === "review" ? "warn" : "bad"}>{states[x.state] ?? x.state}</Tag>
          )}
          {x.counts ? null : <Tag>{v.countsNot}</Tag>}
          {x.rev > 1 ? <Tag tone="info">{v.amendedTag}</Tag> : null}
        </span>
      ),
    },
  ];
}

/** The visits of an outlet on a day. */
export function VisitsPage() {
  const { unitId } = route.useParams();
  const { program, day, after } = route.useSearch();
  const w = useWords();
  const v = w.visitPage;
  const { tree } = useUnits();
  const navigate = route.useNavigate();
  const columns = useColumns(unitId);
  const query = useQuery({
    queryKey: ["visits", program, unitId, day, after],
    queryFn: () => api.visits(program, unitId, { day, limit: 50, after }),
  });
  return (
    <Page title={v.list} sub={[tree.byId.get(unitId)?.name, day].filter(Boolean).join(" · ")}>
      <Panel flush>
        <View query={query}>
          {(data) => (
            <>
              <ServerTable
                label={v.list}
                columns={columns}
                rows={data.items}
                rowKey={(x) => x.visit_id}
                empty={<Empty text={v.noVisits} />}
              />
              <Pager
                after={after}
                next={data.next}
                shown={data.items.length}
                onMove={(to) => navigate({ search: (old) => ({ ...old, after: to }) })}
              />
            </>
          )}
        </View>
      </Panel>
    </Page>
  );
}

/** The visits of a household, newest first; nothing for who may not read visits. */
export function VisitsOf({ unitId, householdId }: { unitId: string; householdId: string }) {
  const v = useWords().visitPage;
  const may = useMay("visit.read");
  const columns = useColumns(unitId);
  const query = useInfiniteQuery({
    queryKey: ["visits-of", householdId],
    queryFn: ({ pageParam }) => api.householdVisits(unitId, householdId, { limit: LINES, after: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    enabled: may,
  });
  if (!may) return null;
  const lines = query.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <Panel flush title={v.list}>
      <ErrorBox error={query.error} retry={() => query.refetch()} />
      <ServerTable
        label={v.list}
        columns={columns}
        rows={lines}
        rowKey={(x) => x.visit_id}
        empty={<Empty text={query.isPending ? "" : v.neverVisited} />}
      />
      {query.hasNextPage ? (
        <p className="no-print">
          <Button loading={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
            {v.more}
          </Button>
        </p>
      ) : null}
    </Panel>
  );
}
