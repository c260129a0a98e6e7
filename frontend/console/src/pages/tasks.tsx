// 任务: every task of the units in reach, open or ended, and opening one by hand.
import { PlusOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate, useSearch } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { TaskRow } from "@zoufang/shared/api/types.ts";
import { Button, Select } from "antd";
import { useId, useState } from "react";
import { useMay, useMe, useWords } from "../session.ts";
import { Page, Panel, Tabs, Tag } from "../ui/layout.tsx";
import { Empty, View } from "../ui/states.tsx";
import { type Column, Pager, ServerTable } from "../ui/table.tsx";
import { NewTask } from "./task-new.tsx";
import { useTaskWords } from "./task-words.ts";
import "./task.css";

const route = getRouteApi("/shell/tasks");

export function TasksPage() {
  const w = useWords();
  const t = w.tasks;
  const me = useMe();
  const may = useMay("task.write");
  const search = route.useSearch();
  const unit = useSearch({ strict: false }).unit;
  const navigate = useNavigate();
  const client = useQueryClient();
  const words = useTaskWords();
  const kindId = useId();
  const [adding, setAdding] = useState(false);
  const state = search.state ?? "open";
  const filter = { unit_id: unit, state, kind: search.kind, after: search.after };
  const query = useQuery({ queryKey: ["tasks", filter], queryFn: () => api.tasks(filter) });
  const kinds = useQuery({ queryKey: ["task-kinds"], queryFn: () => api.taskKinds() });
  const go = (part: Record<string, string | undefined>) =>
    navigate({
      to: "/tasks",
      search: (old: Record<string, unknown>) => ({ ...old, after: undefined, ...part }),
    });
  const columns: Column<TaskRow>[] = [
    {
      key: "title",
      title: t.title,
      render: (task) => (
        <Link to="/tasks/$unitId/$taskId" params={{ unitId: task.unit_id, taskId: task.id }}>
          {task.title}
        </Link>
      ),
    },
    { key: "unit", title: w.common.unit, nowrap: true, render: (task) => task.unit_name },
    { key: "owner", title: t.owner, nowrap: true, render: words.owner },
    {
      key: "state",
      title: t.state,
      nowrap: true,
      render: (task) => (
        <span className="line tight">
          {words.two(task.state_name)}
          {task.late ? <Tag tone="bad">{t.late}</Tag> : null}
          {task.paused ? <Tag>{t.paused}</Tag> : null}
        </span>
      ),
    },
    { key: "due", title: t.time, nowrap: true, render: words.due },
  ];
  return (
    <Page
      title={t.tasks}
      sub={t.sub}
      actions={
        may ? (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
            {t.add}
          </Button>
        ) : null
      }
    >
      <Tabs
        label={t.tasks}
        value={state}
        items={[
          { key: "open", label: t.open },
          { key: "ended", label: t.ended },
        ]}
        onChange={(key) => go({ state: key === "open" ? undefined : key })}
      />
      <Panel flush>
        <div className="task-filter">
          <label htmlFor={kindId}>{t.kind}</label>
          <Select
            id={kindId}
            allowClear
            placeholder={t.anyKind}
            value={search.kind ?? null}
            options={(kinds.data ?? []).map((k) => ({ value: k.id, label: words.two(k.name) }))}
            onChange={(kind: string | null) => go({ kind: kind ?? undefined })}
          />
        </div>
        <View query={query}>
          {(data) => (
            <>
              <ServerTable<TaskRow>
                label={t.tasks}
                rows={data.items}
                rowKey={(task) => task.id}
                columns={columns}
                empty={<Empty text={state === "open" ? t.noneOpen : t.noneEnded} />}
              />
              <Pager
                after={search.after}
                next={data.next}
                shown={data.items.length}
                onMove={(after) => go({ after })}
              />
            </>
          )}
        </View>
      </Panel>
      <NewTask
        open={adding}
        unitId={unit ?? me.unit.id}
        onClose={() => setAdding(false)}
        onDone={() => client.invalidateQueries({ queryKey: ["tasks"] })}
      />
    </Page>
  );
}
