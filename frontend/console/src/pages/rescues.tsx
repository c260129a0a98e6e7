// What phones have handed over sealed: by themselves when they were given up, or as a file that somebody brings because
// the phone reaches nobody any more. Opened for a reason; what is in it then goes the way of every record.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate, useSearch } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { Rescue, RescueImported, RescueOpened } from "@zoufang/shared/api/types.ts";
import { num, stamp } from "@zoufang/shared/format.ts";
import { Button, Form, Input } from "antd";
import { type ChangeEvent, useId, useState } from "react";
import { useMe, useUnits, useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Page, Panel, Progress, Tag } from "../ui/layout.tsx";
import { Empty, ErrorBox, View } from "../ui/states.tsx";
import { type Column, Pager, ServerTable } from "../ui/table.tsx";
import { inParts, RescueFileError, readRescueFile } from "./rescue-file.ts";
import "./desk.css";

const route = getRouteApi("/shell/rescues");

export function RescuesPage() {
  const w = useWords();
  const t = w.rescues;
  const me = useMe();
  const { tree } = useUnits();
  const scope = useSearch({ strict: false }).unit;
  const unitId = scope ?? me.unit.id;
  const unit = tree.byId.get(unitId) ?? me.unit;
  return (
    <Page title={t.title} sub={t.sub}>
      {unit.level === "branch" ? (
        <>
          <Import key={unitId} unitId={unitId} />
          <List unitId={unitId} />
        </>
      ) : (
        <Panel>
          <Empty text={t.onlyBranch} />
        </Panel>
      )}
    </Page>
  );
}

/** The file that a phone wrote, in parts that the server takes at once. */
function Import({ unitId }: { unitId: string }) {
  const w = useWords();
  const t = w.rescues;
  const client = useQueryClient();
  const input = useId();
  const [part, setPart] = useState<{ done: number; of: number } | null>(null);
  const [said, setSaid] = useState<RescueImported | null>(null);
  const [wrong, setWrong] = useState<unknown>(null);
  const take = async (e: ChangeEvent<HTMLInputElement>) => {
    const file = e.target.files?.[0];
    e.target.value = "";
    if (!file) return;
    setSaid(null);
    setWrong(null);
    try {
      const read = readRescueFile(await file.text());
      const sum: RescueImported = { stored: 0, known: 0, unreadable: [] };
      let done = 0;
      for (const items of inParts(read.items)) {
        setPart({ done, of: read.items.length });
        const got = await api.importRescues(unitId, { ...read, items });
        sum.stored += got.stored;
        sum.known += got.known;
        sum.unreadable.push(...got.unreadable.map((n) => n + done));
        done += items.length;
      }
      setSaid(sum);
    } catch (cause) {
      setWrong(cause);
    }
    setPart(null);
    await client.invalidateQueries({ queryKey: ["rescues"] });
  };
  return (
    <Panel title={t.take} hint={t.takeHint}>
      <div className="desk-line">
        <label htmlFor={input}>{t.file}</label>
        <input
          id={input}
          type="file"
          accept="application/json,.json"
          disabled={part !== null}
          onChange={take}
        />
      </div>
      {part ? <Progress done={part.done} total={part.of} label={t.taking} /> : null}
      {wrong instanceof RescueFileError ? (
        <p className="bad-text" role="alert">
          {t.wrong[wrong.why]}
        </p>
      ) : wrong ? (
        <ErrorBox error={wrong} />
      ) : null}
      {said ? (
        <p role="status">
          {t.taken(num(said.stored), num(said.known))}
          {said.unreadable.length > 0 ? (
            <span className="bad-text"> {t.unreadable(said.unreadable.map(String).join("、"))}</span>
          ) : null}
        </p>
      ) : null}
    </Panel>
  );
}

function List({ unitId }: { unitId: string }) {
  const w = useWords();
  const t = w.rescues;
  const search = route.useSearch();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [opening, setOpening] = useState<Rescue[] | null>(null);
  const [results, setResults] = useState<ReadonlyMap<string, RescueOpened>>(new Map());
  const query = useQuery({
    queryKey: ["rescues", unitId, search.after],
    queryFn: () => api.rescues(unitId, { limit: 50, after: search.after }),
  });
  const open = async (reason: string) => {
    for (const one of opening ?? []) {
      const got = await api.openRescue(unitId, one.id, { reason });
      setResults((old) => new Map(old).set(one.id, got));
    }
    await client.invalidateQueries({ queryKey: ["rescues"] });
  };
  const columns: Column<Rescue>[] = [
    {
      key: "at",
      title: t.receivedAt,
      nowrap: true,
      render: (r) => <span className="num">{stamp(r.received_at)}</span>,
    },
    {
      key: "phone",
      title: t.phone,
      render: (r) => [r.user_name, r.device_name].filter(Boolean).join(" · ") || "–",
    },
    {
      key: "opened",
      title: t.opened,
      render: (r) =>
        r.opened_at ? (
          <>
            {r.opened_by_name} <span className="num">{stamp(r.opened_at)}</span>
          </>
        ) : (
          <Tag tone="warn">{t.sealed}</Tag>
        ),
    },
    {
      key: "result",
      title: t.result,
      render: (r) => <Result unitId={unitId} result={results.get(r.id)} />,
    },
    {
      key: "act",
      title: w.common.actions,
      render: (r) => (
        <Button size="small" onClick={() => setOpening([r])}>
          {r.opened_at ? t.openAgain : t.open}
        </Button>
      ),
    },
  ];
  return (
    <View query={query}>
      {(data) => {
        const closed = data.items.filter((r) => !r.opened_at);
        return (
          <Panel
            flush
            title={t.list}
            extra={
              closed.length > 1 ? (
                <Button type="primary" onClick={() => setOpening(closed)}>
                  {t.openAll(num(closed.length))}
                </Button>
              ) : null
            }
          >
            <ServerTable<Rescue>
              label={t.list}
              columns={columns}
              rows={data.items}
              rowKey={(r) => r.id}
              empty={<Empty text={t.empty} />}
            />
            <Pager
              after={search.after}
              next={data.next}
              shown={data.items.length}
              onMove={(after) =>
                navigate({ to: "/rescues", search: (old: Record<string, unknown>) => ({ ...old, after }) })
              }
            />
            <FormDialog<{ reason: string }>
              title={opening && opening.length > 1 ? t.openAll(num(opening.length)) : t.open}
              open={opening !== null}
              onClose={() => setOpening(null)}
              ok={t.open}
              onSubmit={(v) => open(v.reason)}
            >
              <p className="hint">{t.openHint}</p>
              <Form.Item
                name="reason"
                label={t.reason}
                rules={[{ required: true, message: w.common.required }]}
              >
                <Input maxLength={100} />
              </Form.Item>
            </FormDialog>
          </Panel>
        );
      }}
    </View>
  );
}

/** What was in it, and what became of it; a visit opens on its own page. */
function Result({ unitId, result }: { unitId: string; result: RescueOpened | undefined }) {
  const t = useWords().rescues;
  if (!result) return <span className="hint">–</span>;
  const holds: Record<string, string> = t.holds;
  const answers: Record<string, string> = t.answers;
  const what = holds[result.holds] ?? result.holds;
  const became = result.answer ? (answers[result.answer] ?? result.answer) : t.kept;
  // What was kept aside has no page of its own: the queue shows it.
  const aside = result.answer === "quarantined";
  const waits = aside || result.answer === "review";
  return (
    <>
      <div>
        {result.visit_id && !aside ? (
          <Link to="/visits/$unitId/$visitId" params={{ unitId, visitId: result.visit_id }}>
            {what}
          </Link>
        ) : (
          what
        )}
      </div>
      <Tag tone={waits ? "warn" : "ok"}>{became}</Tag> <span className="hint">{result.detail ?? ""}</span>
    </>
  );
}
