// 需要我处理: what the person must act on now, late ones first, each with the page on which the work is done.
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { InboxRow, InboxView } from "@zoufang/shared/api/types.ts";
import { num } from "@zoufang/shared/format.ts";
import { useWords } from "../session.ts";
import { Page, Panel, Tag } from "../ui/layout.tsx";
import { Empty, View } from "../ui/states.tsx";
import { Pager } from "../ui/table.tsx";
import { useTaskWords } from "./task-words.ts";
import "./task.css";

const route = getRouteApi("/shell/inbox");

export function InboxPage() {
  const t = useWords().tasks;
  const { after } = route.useSearch();
  const navigate = useNavigate();
  const query = useQuery({ queryKey: ["inbox", after ?? ""], queryFn: () => api.inbox({ after }) });
  return (
    <Page
      title={t.inbox}
      sub={query.data ? t.waiting(num(query.data.count), num(query.data.late)) : undefined}
      actions={<Link to="/tasks">{t.all}</Link>}
    >
      <View query={query}>
        {(data) => (
          <>
            {data.items.length === 0 ? (
              <Panel>
                <Empty text={t.nothing} />
              </Panel>
            ) : null}
            <Parts data={data} />
            <Pager
              after={after}
              next={data.next}
              shown={data.items.length}
              onMove={(cursor) => navigate({ to: "/inbox", search: { after: cursor } })}
            />
          </>
        )}
      </View>
    </Page>
  );
}

/** Late, due today, later. */
function Parts({ data }: { data: InboxView }) {
  const t = useWords().tasks;
  const today = data.now.slice(0, 10);
  const late = data.items.filter((i) => i.task.late);
  const due = data.items.filter((i) => !i.task.late && i.task.due_at.startsWith(today));
  const later = data.items.filter((i) => !i.task.late && !i.task.due_at.startsWith(today));
  const parts: [string, InboxRow[]][] = [
    [t.late, late],
    [t.today, due],
    [t.later, later],
  ];
  return parts
    .filter(([, items]) => items.length > 0)
    .map(([title, items]) => (
      <Panel key={title} title={title} flush>
        <ul className="tasks">
          {items.map((one) => (
            <One key={one.task.id} row={one} />
          ))}
        </ul>
      </Panel>
    ));
}

function One({ row }: { row: InboxRow }) {
  const t = useWords().tasks;
  const words = useTaskWords();
  const { task } = row;
  return (
    <li>
      <div className="task-head">
        <Link to="/tasks/$unitId/$taskId" params={{ unitId: task.unit_id, taskId: task.id }}>
          {task.title}
        </Link>
        {row.because === "check" ? <Tag tone="info">{t.toCheck}</Tag> : null}
        {row.because === "raised" ? <Tag tone="bad">{t.raisedToMe}</Tag> : null}
        {row.because === "mine" && task.raised > 0 ? <Tag tone="bad">{t.raised}</Tag> : null}
      </div>
      <p className="hint">
        {task.unit_name}　{words.kind(task)}　{words.owner(task)}
      </p>
      <span className="task-due">{words.due(task)}</span>
      {task.page && row.because === "mine" ? (
        <Link className="task-go" {...words.page(task)}>
          {t.goThere}
        </Link>
      ) : null}
    </li>
  );
}
