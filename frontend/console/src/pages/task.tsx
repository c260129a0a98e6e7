// One task: whose it is and until when, what is to be done, what was done and said, its parts; handing in on the form
// of its kind, giving back, handing over, pausing. Prints as one sheet.
import { PrinterOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { TaskEntry, TaskView } from "@zoufang/shared/api/types.ts";
import { compileForm, evaluate } from "@zoufang/shared/form/evaluate.ts";
import type { Answers, Form as VisitForm } from "@zoufang/shared/form/model.ts";
import { num, stamp } from "@zoufang/shared/format.ts";
import { Button, Form, Input, Select } from "antd";
import { type ReactNode, useMemo, useState } from "react";
import { useMay, useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Facts, Page, Panel, Tag } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { errorText, View } from "../ui/states.tsx";
import { Questions } from "./desk-questions.tsx";
import { Scans } from "./desk-scans.tsx";
import { NewTask } from "./task-new.tsx";
import { useTaskWords } from "./task-words.ts";
import { Said } from "./visit-says.tsx";
import "./desk.css";
import "./visit.css";
import "./task.css";

const route = getRouteApi("/shell/tasks/$unitId/$taskId");

type Verb = "assign" | "submit" | "return" | "close" | "cancel" | "open" | "pause" | "resume" | "comment";
/** In the order of the buttons: what helps first. */
const VERBS: Verb[] = ["submit", "close", "return", "assign", "comment", "pause", "resume", "open", "cancel"];
/** Without these nobody would know why. */
const MUST_SAY = new Set<Verb>(["return", "assign", "comment", "pause", "open", "cancel"]);

export function TaskPage() {
  const { unitId, taskId } = route.useParams();
  const query = useQuery({
    queryKey: ["task", unitId, taskId],
    queryFn: () => api.task(unitId, taskId),
  });
  return <View query={query}>{(data) => <TaskSheet key={data.task.id} data={data} />}</View>;
}

function useAct(data: TaskView) {
  const client = useQueryClient();
  const notice = useNotice();
  const t = useWords().tasks;
  const { unit_id, id } = data.task;
  return async (what: Verb, more: { says?: string; to?: string | null; answers?: Answers } = {}) => {
    const { answers, ...rest } = more;
    const next = await api.actOnTask(unit_id, id, {
      what,
      seen: data.seq,
      says: "",
      to: null,
      ...rest,
      form_version: answers && data.form ? data.form.version : null,
      answers: answers ?? null,
    });
    client.setQueryData(["task", unit_id, id], next);
    await client.invalidateQueries({ queryKey: ["inbox"] });
    await client.invalidateQueries({ queryKey: ["tasks"] });
    notice(t.done[what]);
  };
}

function TaskSheet({ data }: { data: TaskView }) {
  const w = useWords();
  const t = w.tasks;
  const words = useTaskWords();
  const act = useAct(data);
  const client = useQueryClient();
  const mayPhotos = useMay("visit.write");
  const [asking, setAsking] = useState<Verb | null>(null);
  const [filling, setFilling] = useState(false);
  const [photos, setPhotos] = useState(false);
  const [part, setPart] = useState(false);
  const { task } = data;
  if (photos)
    return (
      <Scans unitId={task.unit_id} title={task.title} visitId={task.id} onLeave={() => setPhotos(false)} />
    );
  const press = (verb: Verb) => (verb === "submit" && data.form ? setFilling(true) : setAsking(verb));
  const open = task.waits !== "nobody";
  return (
    <Page
      title={task.title}
      sub={`${task.unit_name}　${words.kind(task)}`}
      actions={
        <span className="line no-print">
          {task.page && open ? <Link {...words.page(task)}>{t.goThere}</Link> : null}
          {mayPhotos ? <Button onClick={() => setPhotos(true)}>{t.photos}</Button> : null}
          <Button icon={<PrinterOutlined />} onClick={() => window.print()}>
            {t.print}
          </Button>
        </span>
      }
    >
      <Panel className="task-sheet">
        <Facts items={facts(data, t, words)} />
        {words.two(data.guide) ? <p>{words.two(data.guide)}</p> : null}
        {data.note ? <p className="task-note">{data.note}</p> : null}
        {filling ? null : (
          <div className="line wrap no-print">
            {VERBS.filter((v) => data.allowed.includes(v)).map((verb) => (
              <Button
                key={verb}
                type={verb === "submit" || verb === "close" ? "primary" : "default"}
                danger={verb === "cancel"}
                onClick={() => press(verb)}
              >
                {t.verbs[verb]}
              </Button>
            ))}
            {open && data.allowed.includes("submit") ? (
              <Button onClick={() => setPart(true)}>{t.addPart}</Button>
            ) : null}
          </div>
        )}
      </Panel>
      {filling && data.form ? (
        <Filling
          data={data}
          form={data.form as unknown as VisitForm}
          onLeave={() => setFilling(false)}
          onSave={async (answers) => {
            await act("submit", { answers });
            setFilling(false);
          }}
        />
      ) : null}
      {data.parts.length > 0 ? (
        <Panel title={t.parts} flush>
          <ul className="tasks">
            {data.parts.map((one) => (
              <li key={one.id}>
                <div className="task-head">
                  <Link to="/tasks/$unitId/$taskId" params={{ unitId: one.unit_id, taskId: one.id }}>
                    {one.title}
                  </Link>
                  <Tag tone={one.waits === "nobody" ? "ok" : "plain"}>{words.two(one.state_name)}</Tag>
                </div>
                <p className="hint">
                  {words.owner(one)}　{words.due(one)}
                </p>
              </li>
            ))}
          </ul>
        </Panel>
      ) : null}
      <Panel title={t.history}>
        <ol className="task-history">
          {data.history.map((entry) => (
            <Entry key={entry.seq} entry={entry} data={data} />
          ))}
        </ol>
      </Panel>
      <Asking data={data} verb={asking} onClose={() => setAsking(null)} act={act} />
      <NewTask
        open={part}
        unitId={task.unit_id}
        parentId={task.id}
        onClose={() => setPart(false)}
        onDone={() => client.invalidateQueries({ queryKey: ["task", task.unit_id, task.id] })}
      />
    </Page>
  );
}

function facts(
  data: TaskView,
  t: ReturnType<typeof useWords>["tasks"],
  words: ReturnType<typeof useTaskWords>,
): [string, ReactNode][] {
  const { task } = data;
  const state = (
    <span className="line tight">
      {words.two(task.state_name)}
      {task.late ? <Tag tone="bad">{t.late}</Tag> : null}
      {task.paused ? <Tag>{t.paused}</Tag> : null}
      {task.raised > 0 ? <Tag tone="bad">{t.raisedTo(words.two(data.raised_to))}</Tag> : null}
    </span>
  );
  const items: [string, ReactNode][] = [
    [t.state, state],
    [t.time, words.due(task)],
    [t.owner, `${words.owner(task)}（${task.owner_unit}）`],
  ];
  if (data.checker_post)
    items.push([t.checker, `${words.two(data.checker_post)}（${data.checker_unit ?? ""}）`]);
  items.push([t.openedBy, `${data.opened_by_name}　${stamp(task.opened_at)}`]);
  return items;
}

function Entry({ entry, data }: { entry: TaskEntry; data: TaskView }) {
  const t = useWords().tasks;
  const words = useTaskWords();
  const form = data.forms.find((f) => f.id === entry.form_id && f.version === entry.form_version);
  const to = words.two(entry.towards);
  const what = entry.seq === 1 ? t.opened : t.entry(entry.what);
  return (
    <li>
      <p>
        <b>{what}</b>
        {to ? ` → ${to}` : ""}　<span className="hint">{`${entry.by_name}　${stamp(entry.at)}`}</span>
      </p>
      {entry.says ? <p>{entry.says}</p> : null}
      {entry.answers ? (
        <Said
          form={(form as unknown as VisitForm | undefined) ?? null}
          answers={entry.answers as Answers}
          clear={false}
        />
      ) : null}
    </li>
  );
}

/** The form of the kind, answered by whoever hands in. */
function Filling({
  data,
  form,
  onSave,
  onLeave,
}: {
  data: TaskView;
  form: VisitForm;
  onSave: (answers: Answers) => Promise<void>;
  onLeave: () => void;
}) {
  const w = useWords();
  const t = w.tasks;
  const [wrong, setWrong] = useState("");
  const compiled = useMemo(() => compileForm(form), [form]);
  // What was handed in before is where one goes on after it came back.
  const before = [...data.history].reverse().find((e) => e.answers)?.answers as Answers | undefined;
  const save = async (answers: Answers) => {
    const judged = evaluate(compiled, answers, data.today);
    const open = judged.missing.length + judged.violations.length;
    setWrong(open > 0 ? t.notComplete(num(open)) : "");
    if (open > 0) return;
    try {
      await onSave(judged.accepted);
    } catch (cause) {
      setWrong(errorText(cause, w));
    }
  };
  return (
    <Panel title={t.verbs.submit} hint={t.noPersonal}>
      {wrong ? (
        <p className="bad-text" role="alert">
          {wrong}
        </p>
      ) : null}
      <Questions
        form={form}
        compiled={compiled}
        today={data.today}
        initial={before ?? {}}
        saveLabel={t.verbs.submit}
        onSave={save}
        onLeave={onLeave}
      />
    </Panel>
  );
}

/** A word or a reason, and for a hand-over to whom. */
function Asking({
  data,
  verb,
  onClose,
  act,
}: {
  data: TaskView;
  verb: Verb | null;
  onClose: () => void;
  act: ReturnType<typeof useAct>;
}) {
  const w = useWords();
  const t = w.tasks;
  const words = useTaskWords();
  const must = verb !== null && MUST_SAY.has(verb);
  return (
    <FormDialog<{ says?: string; to?: string }>
      title={verb ? t.verbs[verb] : ""}
      open={verb !== null}
      onClose={onClose}
      danger={verb === "cancel"}
      ok={verb ? t.verbs[verb] : ""}
      onSubmit={async ({ says, to }) => {
        if (verb) await act(verb, { says: says ?? "", to: to || null });
      }}
    >
      {verb === "assign" ? (
        <Form.Item name="to" label={t.to} extra={t.toHint(words.two(data.task.owner_post))}>
          <Select
            allowClear
            options={data.people.map((p) => ({
              value: p.user_id,
              label: `${p.name}　${words.two(p.post)}`,
            }))}
          />
        </Form.Item>
      ) : null}
      <Form.Item
        name="says"
        label={verb ? t.asks[verb] : ""}
        extra={t.noPersonal}
        rules={[{ required: must, message: w.common.required }]}
      >
        <Input.TextArea maxLength={200} rows={3} />
      </Form.Item>
    </FormDialog>
  );
}
