// 今日走访: what every outlet has visited today against its task, who is out by visits, what phones still hold; and
// the summary table of the collection forms for a day or a week, to print and sign or to take away as a table.
import { DownloadOutlined, PrinterOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type {
  BoardRow,
  SummaryCounts,
  SummaryQuestion,
  SummaryRow,
  Summary as SummaryTable,
} from "@zoufang/shared/api/types.ts";
import { num, stamp } from "@zoufang/shared/format.ts";
import { Button, DatePicker } from "antd";
import dayjs from "dayjs";
import { useMe, useWords } from "../session.ts";
import { Page, Panel, Tabs, Tag } from "../ui/layout.tsx";
import { RunningProgram } from "../ui/running-program.tsx";
import { Empty, View } from "../ui/states.tsx";
import { type Column, ServerTable } from "../ui/table.tsx";
import { useFormWords } from "./form-words.ts";

const route = getRouteApi("/shell/board");
const REFRESH_MS = 30_000;
const TABS = ["live", "day", "week"] as const;
type Tab = (typeof TABS)[number];

export function BoardPage() {
  const b = useWords().board;
  const me = useMe();
  const navigate = useNavigate();
  const search = route.useSearch();
  const tab: Tab = TABS.find((t) => t === search.tab) ?? "live";
  const day = search.day ?? me.system.today;
  const go = (part: { program?: string; day?: string | undefined; tab?: string }) =>
    navigate({ to: "/board", search: (old: Record<string, unknown>) => ({ ...old, ...part }) });
  const monday = dayjs(day).subtract((dayjs(day).day() + 6) % 7, "day");
  const [from, to] =
    tab === "week" ? [monday.format("YYYY-MM-DD"), monday.add(6, "day").format("YYYY-MM-DD")] : [day, day];
  return (
    <Page
      title={b.title}
      sub={tab === "live" ? b.sub : undefined}
      actions={
        <DatePicker
          aria-label={b.day}
          placeholder={b.today}
          value={search.day ? dayjs(search.day) : null}
          onChange={(value) => go({ day: value?.format("YYYY-MM-DD") })}
        />
      }
    >
      <RunningProgram
        chosen={search.program}
        label={b.program}
        none={b.noProgram}
        onChoose={(id) => go({ program: id })}
      >
        {(program) => (
          <>
            <div className="no-print">
              <Tabs
                label={b.title}
                items={TABS.map((key) => ({ key, label: b.tabs[key] }))}
                value={tab}
                onChange={(key) => go({ tab: key })}
              />
            </div>
            {tab === "live" ? (
              <Live programId={program.id} day={search.day} />
            ) : (
              <Summary programId={program.id} program={program.name} from={from} to={to} />
            )}
          </>
        )}
      </RunningProgram>
    </Page>
  );
}

/** Households against the task; what is missing is said in figures, never in colour alone. */
function Done({ counts }: { counts: SummaryCounts }) {
  const b = useWords().board;
  if (counts.quota === 0)
    return (
      <>
        {num(counts.households)} <Tag>{b.dayOff}</Tag>
      </>
    );
  return (
    <Tag tone={counts.households >= counts.quota ? "ok" : "warn"}>
      {num(counts.households)}/{num(counts.quota)}
    </Tag>
  );
}

function Phones({ row }: { row: BoardRow }) {
  const b = useWords().board;
  if (row.phones.length === 0) return <span className="hint">{b.noPhone}</span>;
  const holding = row.phones.filter((p) => p.unsent > 0);
  if (holding.length === 0) return <Tag tone="ok">{b.allSent}</Tag>;
  return (
    <ul className="plain-list">
      {holding.map((p) => (
        <li key={`${p.user_name}${p.seen_at}`}>
          {b.phone(p.user_name, num(p.unsent), p.oldest ? stamp(p.oldest) : "–", stamp(p.seen_at))}
        </li>
      ))}
    </ul>
  );
}

function Live({ programId, day }: { programId: string; day: string | undefined }) {
  const b = useWords().board;
  const { today } = useMe().system;
  const query = useQuery({
    queryKey: ["board", programId, day],
    queryFn: () => api.board(programId, day),
    refetchInterval: REFRESH_MS,
  });
  const columns: Column<BoardRow>[] = [
    {
      key: "unit",
      title: b.branch,
      render: (r) => (
        <Link
          to="/visits/$unitId"
          params={{ unitId: r.unit_id }}
          search={{ program: programId, day: day ?? today }}
        >
          {r.unit_name}
        </Link>
      ),
    },
    {
      key: "done",
      title: `${b.households}/${b.quota}`,
      numeric: true,
      render: (r) => <Done counts={r.counts} />,
    },
    {
      key: "same",
      title: b.sameDay,
      render: (r) => (
        <>
          {b.sameDayOf(num(r.same_day), num(r.counts.visits))}
          <div className="hint">{b.sameDayHint(num(r.by_desk), num(r.by_phone))}</div>
        </>
      ),
    },
    {
      key: "people",
      title: b.people,
      render: (r) =>
        r.people.length > 0
          ? r.people.map((p) => b.person(p.name, num(p.visits))).join("　")
          : r.counts.visits > 0
            ? b.unnamed
            : b.nobody,
    },
    { key: "phones", title: b.phones, render: (r) => <Phones row={r} /> },
    { key: "reviews", title: b.reviews, numeric: true, render: (r) => num(r.open_reviews) },
  ];
  return (
    <View query={query}>
      {(data) => (
        <Panel
          flush
          title={`${data.day}　${b.total} ${num(data.total.households)}/${num(data.total.quota)}`}
          extra={
            <span className="hint" role="status">
              {b.asOf(stamp(data.as_of))}
            </span>
          }
        >
          <ServerTable<BoardRow>
            label={b.title}
            rows={data.items}
            rowKey={(r) => r.unit_id}
            empty={<Empty text={b.empty} />}
            columns={columns}
          />
        </Panel>
      )}
    </View>
  );
}

type Chosen = SummaryRow["choices"];

interface Line {
  key: string;
  unit: string;
  day: string;
  counts: SummaryCounts;
  choices: Chosen;
}

function line(r: SummaryRow): Line {
  return {
    key: `${r.unit_id}${r.day}`,
    unit: r.unit_name,
    day: r.day,
    counts: r.counts,
    choices: r.choices,
  };
}

/** How often each option of the form was chosen, a table for each question (DOC-002): it fits the screen and the page. */
function Choices({ rows, questions }: { rows: Line[]; questions: SummaryQuestion[] }) {
  const b = useWords().board;
  const said = useFormWords();
  if (rows.length === 0 || questions.length === 0) return null;
  const columns = (q: SummaryQuestion): Column<Line>[] => [
    { key: "unit", title: b.branch, render: (r) => r.unit },
    { key: "day", title: b.day, nowrap: true, render: (r) => r.day },
    ...q.options.map(
      (o): Column<Line> => ({
        key: o.value,
        title: said.words(o.label),
        numeric: true,
        render: (r) => num(r.choices[q.name]?.[o.value] ?? 0),
      }),
    ),
  ];
  return (
    <>
      <p className="hint">{b.choicesHint}</p>
      {questions.map((q) => (
        <Panel key={q.name} flush title={said.words(q.label)}>
          <ServerTable<Line>
            label={said.words(q.label)}
            rows={rows}
            rowKey={(r) => r.key}
            columns={columns(q)}
          />
        </Panel>
      ))}
    </>
  );
}

function Summary({
  programId,
  program,
  from,
  to,
}: {
  programId: string;
  program: string;
  from: string;
  to: string;
}) {
  const w = useWords();
  const b = w.board;
  const names = Object.entries(w.desk.outcomes);
  const query = useQuery({
    queryKey: ["summary", programId, from, to],
    queryFn: () => api.summary(programId, from, to),
  });
  const known = (c: SummaryCounts) => names.reduce((n, [code]) => n + (c.outcomes[code] ?? 0), 0);
  const figure = (key: string, title: string, of: (c: SummaryCounts) => number): Column<Line> => ({
    key,
    title,
    numeric: true,
    render: (r) => num(of(r.counts)),
  });
  const columns: Column<Line>[] = [
    { key: "unit", title: b.branch, render: (r) => r.unit },
    { key: "day", title: b.day, nowrap: true, render: (r) => r.day },
    figure("quota", b.quota, (c) => c.quota),
    figure("households", b.households, (c) => c.households),
    figure("visits", b.visits, (c) => c.visits),
    figure("members", b.members, (c) => c.members),
    figure("valid", b.valid, (c) => c.valid_records),
    ...names.map(([code, name]) => figure(code, name, (c) => c.outcomes[code] ?? 0)),
    figure("other", b.other, (c) => c.visits - known(c)),
  ];
  const all = (data: SummaryTable): Line[] => [
    ...data.items.map(line),
    { key: "total", unit: b.total, day: "", counts: data.total, choices: data.total_choices },
  ];
  return (
    <View query={query}>
      {(data) => (
        <>
          <Panel
            flush
            title={b.formTitle}
            hint={`${program}　${from === to ? from : `${from} – ${to}`}　${b.sumHint}　${b.asOf(stamp(data.as_of))}`}
            extra={
              <span className="no-print line">
                <Button icon={<PrinterOutlined />} onClick={() => window.print()}>
                  {b.print}
                </Button>
                <a className="button-link" href={api.summaryBookUrl(programId, from, to)} download>
                  <DownloadOutlined /> {b.book}
                </a>
              </span>
            }
          >
            <ServerTable<Line>
              label={b.formTitle}
              rows={data.items.length > 0 ? all(data) : []}
              rowKey={(r) => r.key}
              empty={<Empty text={b.none} />}
              columns={columns}
            />
          </Panel>
          <Choices rows={data.items.length > 0 ? all(data) : []} questions={data.questions} />
          {/* Last, so that it signs for all of it. */}
          <p>{b.sign}</p>
        </>
      )}
    </View>
  );
}
