// What somebody must decide: records of visits to look at, and records that were kept aside. One click decides; what
// is refused says why. What was decided stays readable: who, when and why.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate, useSearch } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { Aside, Review } from "@zoufang/shared/api/types.ts";
import { stamp } from "@zoufang/shared/format.ts";
import { Button, Form, Input, Select } from "antd";
import { useState } from "react";
import { useMe, useUnits, useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Page, Panel, Tag } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { Empty, ErrorBox, View } from "../ui/states.tsx";
import { type Column, Pager, ServerTable } from "../ui/table.tsx";

const route = getRouteApi("/shell/reviews");

interface Line {
  id: string;
  unitId: string;
  unitName: string;
  what: string;
  /** The visit that it is about. */
  visitId: string | null;
  why: string[];
  at: string;
  by: string | null;
  state: string;
  decidedAt: string | null;
  decidedBy: string | null;
  decisionReason: string | null;
}

function useLines() {
  const w = useWords();
  const t = w.reviews;
  const outcomes: Record<string, string> = w.desk.outcomes;
  const kinds: Record<string, string> = t.kinds;
  const rest = (r: Review | Aside) => ({
    id: r.id,
    unitId: r.unit_id,
    unitName: r.unit_name,
    state: r.state,
    decidedAt: r.decided_at,
    decidedBy: r.decided_by_name,
    decisionReason: r.decision_reason,
  });
  const ofReview = (r: Review): Line => {
    const outcome = r.outcome ? (outcomes[r.outcome] ?? "") : "";
    const what = [kinds[r.kind] ?? t.kinds.visit, r.day ?? "", outcome].filter((part) => part !== "");
    const visitId = r.kind === "visit" ? r.entity_id : null;
    return { ...rest(r), what: what.join(" "), visitId, why: r.reasons, at: r.made_at, by: r.made_by_name };
  };
  const ofAside = (a: Aside): Line => {
    const what = a.device_name ? t.fromPhone(a.device_name) : t.fromDesk;
    return { ...rest(a), what, visitId: null, why: [a.detail], at: a.received_at, by: a.user_name };
  };
  return { ofReview, ofAside };
}

/** What it is about; a visit opens on its own page, where it can be decided as well. */
function What({ line }: { line: Line }) {
  if (!line.visitId) return line.what;
  return (
    <Link to="/visits/$unitId/$visitId" params={{ unitId: line.unitId, visitId: line.visitId }}>
      {line.what}
    </Link>
  );
}

export function ReviewsPage() {
  const w = useWords();
  const t = w.reviews;
  const me = useMe();
  const { tree } = useUnits();
  const search = route.useSearch();
  const scope = useSearch({ strict: false }).unit;
  const navigate = useNavigate();
  const client = useQueryClient();
  const notice = useNotice();
  const { ofReview, ofAside } = useLines();
  const [refusing, setRefusing] = useState<Line | null>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const unitId = scope ?? me.unit.id;
  const list = search.list === "aside" ? "aside" : "reviews";
  const state = search.state === "decided" ? "decided" : "open";
  const query = useQuery({
    queryKey: ["reviews", unitId, list, state, search.after],
    queryFn: async () => {
      const asked = { limit: 50, after: search.after, state };
      if (list === "aside") {
        const page = await api.quarantine(unitId, asked);
        return { next: page.next, items: page.items.map(ofAside) };
      }
      const page = await api.reviews(unitId, asked);
      return { next: page.next, items: page.items.map(ofReview) };
    },
  });
  const move = (change: Record<string, string | undefined>) =>
    navigate({ to: "/reviews", search: (old: Record<string, unknown>) => ({ ...old, ...change }) });
  const again = () => client.invalidateQueries({ queryKey: ["reviews"] });
  const accept = async (line: Line) => {
    setBusy(line.id);
    setError(null);
    try {
      if (list === "aside") await api.takeAside(line.unitId, line.id);
      else await api.acceptReview(line.unitId, line.id);
      notice(list === "aside" ? t.takenDone : t.acceptedDone);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(null);
      await again();
    }
  };
  const columns: Column<Line>[] = [
    { key: "unit", title: t.unit, render: (l) => l.unitName },
    { key: "what", title: t.what, render: (l) => <What line={l} /> },
    { key: "why", title: t.why, render: (l) => l.why.join(t.between) },
    { key: "by", title: t.by, nowrap: true, render: (l) => l.by ?? "–" },
    { key: "at", title: t.at, nowrap: true, render: (l) => <span className="num">{stamp(l.at)}</span> },
  ];
  const states: Record<string, string> = t.states;
  if (state === "open") {
    columns.push({
      key: "act",
      title: w.common.actions,
      render: (l) => (
        <div className="line wrap">
          <Button size="small" type="primary" loading={busy === l.id} onClick={() => accept(l)}>
            {list === "aside" ? t.take : t.accept}
          </Button>
          <Button size="small" onClick={() => setRefusing(l)}>
            {list === "aside" ? t.drop : t.reject}
          </Button>
        </div>
      ),
    });
  } else {
    columns.push({
      key: "decided",
      title: t.decided,
      render: (l) => (
        <>
          <Tag tone={l.state === "accepted" || l.state === "taken" ? "ok" : "plain"}>
            {states[l.state] ?? ""}
          </Tag>{" "}
          <span className="hint">
            {l.decidedAt ? stamp(l.decidedAt) : ""} {l.decidedBy ?? ""} {l.decisionReason ?? ""}
          </span>
        </>
      ),
    });
  }
  const options = (names: Record<string, string>) =>
    Object.entries(names).map(([value, label]) => ({ value, label }));
  return (
    <Page title={t.title} sub={tree.byId.get(unitId)?.name ?? me.unit.name}>
      <p className="hint">{list === "aside" ? t.asideHint : t.hint}</p>
      {error ? <ErrorBox error={error} /> : null}
      <Panel
        flush
        title={t.lists[list]}
        extra={
          <div className="line wrap">
            <Select
              aria-label={t.list}
              value={list}
              options={options(t.lists)}
              popupMatchSelectWidth={false}
              onChange={(value) => move({ list: value, after: undefined })}
            />
            <Select
              aria-label={t.state}
              value={state}
              options={options(t.filters)}
              popupMatchSelectWidth={false}
              onChange={(value) => move({ state: value, after: undefined })}
            />
          </div>
        }
      >
        <View query={query}>
          {(data) => (
            <>
              <ServerTable
                label={t.lists[list]}
                columns={columns}
                rows={data.items}
                rowKey={(l) => l.id}
                empty={<Empty text={state === "open" ? t.empty : t.emptyDecided} />}
              />
              <Pager
                after={search.after}
                next={data.next}
                shown={data.items.length}
                onMove={(after) => move({ after })}
              />
            </>
          )}
        </View>
      </Panel>
      <FormDialog<{ reason: string }>
        title={list === "aside" ? t.dropAsk : t.rejectAsk}
        open={refusing !== null}
        onClose={() => setRefusing(null)}
        ok={list === "aside" ? t.drop : t.reject}
        danger
        onSubmit={async (v) => {
          if (!refusing) return;
          if (list === "aside") await api.dropAside(refusing.unitId, refusing.id, v);
          else await api.rejectReview(refusing.unitId, refusing.id, v);
          await again();
          notice(list === "aside" ? t.droppedDone : t.rejectedDone);
        }}
      >
        <p className="hint">{list === "aside" ? t.dropHint : t.rejectHint}</p>
        <Form.Item name="reason" label={t.reason} rules={[{ required: true, message: w.common.required }]}>
          <Input maxLength={100} />
        </Form.Item>
      </FormDialog>
    </Page>
  );
}
