// Writing a campaign without knowing its file: every section as a form made from the server's description, the plan
// of each branch as a table, the file itself on a tab of its own. Nothing is stored before it is saved; leaving asks.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useBlocker, useNavigate } from "@tanstack/react-router";
import { ApiError, api } from "@zoufang/shared/api/client.ts";
import { placeOf } from "@zoufang/shared/api/draft.ts";
import type { Definition, FileFault, FormSection, Program, ProgramForm } from "@zoufang/shared/api/types.ts";
import { Button, Input, Modal, Select } from "antd";
import { useMemo, useRef, useState } from "react";
import { useMay, useWords } from "../session.ts";
import { Page, Panel, Tabs, Tag } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { Empty, ErrorBox, View } from "../ui/states.tsx";
import { useSaid } from "./campaign-field.tsx";
import { CampaignFile } from "./campaign-file.tsx";
import { CampaignSection } from "./campaign-section.tsx";
import "./campaign-edit.css";

const editRoute = getRouteApi("/shell/campaigns/$programId/edit");
const newRoute = getRouteApi("/shell/campaigns/new");

/** Which sections stand together in the list on the left. */
const GROUPS = {
  basic: ["program", "phase"],
  tasks: ["quota", "collection", "parameters.must_visit", "parameters.project_product"],
  visits: [
    "ring",
    "window",
    "team",
    "preliminary",
    "precise",
    "warm_up",
    "follow_up",
    "travel",
    "planning",
    "calendar",
  ],
  judge: ["ladder", "reward", "shortfall", "points", "evidence", "bulletin"],
  content: ["script", "product", "project", "materials", "gift", "channel"],
} as const;
type Group = keyof typeof GROUPS | "other";

function grouped(sections: FormSection[]): { group: Group; sections: FormSection[] }[] {
  const named = Object.entries(GROUPS) as [Group, readonly string[]][];
  const known = new Set(named.flatMap(([, keys]) => keys));
  const out = named.map(([group, keys]) => ({
    group,
    sections: keys.flatMap((key) => sections.filter((s) => s.key === key)),
  }));
  const rest = sections.filter((s) => !known.has(s.key));
  return rest.length > 0 ? [...out, { group: "other" as const, sections: rest }] : out;
}

export function EditCampaignPage() {
  const { programId } = editRoute.useParams();
  const search = editRoute.useSearch();
  const program = useQuery({ queryKey: ["program", programId], queryFn: () => api.program(programId) });
  const form = useQuery({ queryKey: ["program-form"], queryFn: api.programForm, staleTime: 600_000 });
  return (
    <View query={program}>
      {(p) => (
        <View query={form}>
          {(f) => (
            <Editor
              key={`${p.id}-${p.version}`}
              form={f}
              program={p}
              start={p.definition}
              section={search.section}
              tab={search.tab}
            />
          )}
        </View>
      )}
    </View>
  );
}

export function NewCampaignPage() {
  const search = newRoute.useSearch();
  const form = useQuery({ queryKey: ["program-form"], queryFn: api.programForm, staleTime: 600_000 });
  return (
    <View query={form}>
      {(f) => <Editor form={f} start={f.blank} section={search.section} tab={search.tab} />}
    </View>
  );
}

interface EditorProps {
  form: ProgramForm;
  start: Definition;
  program?: Program;
  section: string | undefined;
  tab: string | undefined;
}

function Editor({ form, start, program, section, tab }: EditorProps) {
  const w = useWords();
  const e = w.editor;
  const said = useSaid();
  const navigate = useNavigate();
  const client = useQueryClient();
  const notice = useNotice();
  const may = useMay("program.write");
  const [draft, setDraft] = useState(start);
  const [faults, setFaults] = useState<FileFault[]>([]);
  const [note, setNote] = useState("");
  const [noteMissing, setNoteMissing] = useState(false);
  const [stored, setStored] = useState(start);
  const noteRef = useRef<HTMLDivElement>(null);
  const leaving = useRef(false);
  const dirty = draft !== stored && JSON.stringify(draft) !== JSON.stringify(stored);
  const shown = form.sections.find((s) => s.key === section) ?? form.sections[0];

  const where = (search: { section?: string; tab?: string }) =>
    program
      ? navigate({ to: "/campaigns/$programId/edit", params: { programId: program.id }, search })
      : navigate({ to: "/campaigns/new", search });
  const open = (key: string) => where({ section: key });

  const save = useMutation({
    mutationFn: async () => {
      const read = await api.readProgramFile({ definition: draft });
      setFaults(read.faults);
      if (read.faults.length > 0) return null;
      if (!program) return api.addProgram({ definition: draft });
      return api.editProgram(program.id, { definition: draft, note: note.trim(), version: program.version });
    },
    onSuccess: async (saved) => {
      if (!saved) return;
      leaving.current = true;
      setStored(draft);
      await Promise.all(
        [["program", saved.id], ["programs"], ["check", saved.id], ["program-units", saved.id]].map(
          (queryKey) => client.invalidateQueries({ queryKey }),
        ),
      );
      notice(w.common.saved);
      navigate({ to: "/campaigns/$programId", params: { programId: saved.id }, search: { tab: "check" } });
    },
    onError: (error) => {
      if (error instanceof ApiError) {
        setFaults(error.fields.map((f) => ({ path: f.field, line: null, message: f.message })));
      }
    },
  });
  const begin = () => {
    if (program && !note.trim()) {
      setNoteMissing(true);
      noteRef.current?.querySelector("input")?.focus();
      return;
    }
    save.mutate();
  };

  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && !leaving.current && current.pathname !== next.pathname,
    enableBeforeUnload: () => dirty && !leaving.current,
    withResolver: true,
  });

  const places = useMemo(
    () => faults.map((f) => ({ fault: f, place: placeOf(f.path, form.sections, draft) })),
    [faults, form.sections, draft],
  );
  const count = (key: string) => places.filter((p) => p.place?.section === key).length;
  const nameOf = (key: string) => {
    const s = form.sections.find((x) => x.key === key);
    return s ? said(s.title) || s.key : key;
  };
  const groups = useMemo(() => grouped(form.sections), [form.sections]);
  const order = groups.flatMap((g) => g.sections);
  const place = shown ? order.indexOf(shown) : 0;
  const closed = program?.state === "closed";
  const title = program ? e.editTitle(program.name) : e.newTitle;

  if (!may || closed) {
    return (
      <Page title={title}>
        <Panel>
          <Empty text={closed ? e.closed : e.mayNot} />
        </Panel>
      </Page>
    );
  }
  return (
    <Page
      title={title}
      sub={program ? <Tag>{w.programState[program.state]}</Tag> : e.newSub}
      actions={
        program ? (
          <Link to="/campaigns/$programId" params={{ programId: program.id }}>
            {e.back}
          </Link>
        ) : (
          <Link to="/campaigns">{e.backToList}</Link>
        )
      }
    >
      <Tabs
        items={[
          { key: "form", label: e.tabs.form },
          { key: "file", label: e.tabs.file },
        ]}
        value={tab === "file" ? "file" : "form"}
        label={title}
        onChange={(key) => where(key === "file" ? { tab: "file" } : {})}
      />
      {places.length > 0 ? (
        <div className="box box-error" role="alert">
          <b>{e.faults(places.length)}</b>
          <ul className="fault-list">
            {places.slice(0, 12).map(({ fault, place }) => (
              <li key={fault.path + fault.message}>
                {place ? (
                  <button type="button" className="link" onClick={() => open(place.section)}>
                    {nameOf(place.section)}
                  </button>
                ) : (
                  <code>{fault.path}</code>
                )}{" "}
                {said(
                  form.sections
                    .find((s) => s.key === place?.section)
                    ?.fields.find((f) => f.key === place?.field)?.title,
                )}
                ：{fault.message}
              </li>
            ))}
            {places.length > 12 ? <li>{e.moreFaults(places.length - 12)}</li> : null}
          </ul>
        </div>
      ) : null}
      {tab === "file" ? (
        <CampaignFile
          draft={draft}
          name={typeof program?.code === "string" ? program.code : "campaign"}
          onRead={(next) => {
            setDraft(next);
            setFaults([]);
            where({});
          }}
        />
      ) : (
        <div className="edit">
          <nav className="edit-nav" aria-label={e.sections}>
            {groups.map((g) => (
              <div key={g.group}>
                <h2>{e.groups[g.group]}</h2>
                {g.sections.map((s) => (
                  <button
                    key={s.key}
                    type="button"
                    aria-current={s === shown ? "true" : undefined}
                    onClick={() => open(s.key)}
                  >
                    {said(s.title) || s.key}
                    {count(s.key) > 0 ? <span className="tag tag-bad">{e.wrong(count(s.key))}</span> : null}
                  </button>
                ))}
              </div>
            ))}
          </nav>
          <div className="edit-choose">
            <label htmlFor="edit-section">{e.sections}</label>
            <Select
              id="edit-section"
              value={shown?.key ?? null}
              onChange={open}
              options={groups.map((g) => ({
                label: e.groups[g.group],
                options: g.sections.map((s) => ({
                  value: s.key,
                  label: `${said(s.title) || s.key}${count(s.key) > 0 ? ` · ${e.wrong(count(s.key))}` : ""}`,
                })),
              }))}
            />
          </div>
          <div className="edit-main">
            {shown ? (
              <CampaignSection
                key={shown.key}
                section={shown}
                sections={form.sections}
                definition={draft}
                faults={faults}
                programId={program?.id}
                unitId={program?.unit_id}
                onChange={setDraft}
              />
            ) : null}
            <div className="line edit-steps">
              <Button
                disabled={place <= 0}
                onClick={() => order[place - 1] && open(order[place - 1]?.key ?? "")}
              >
                {e.previous}
              </Button>
              <Button
                disabled={place >= order.length - 1}
                onClick={() => order[place + 1] && open(order[place + 1]?.key ?? "")}
              >
                {e.next}
              </Button>
            </div>
          </div>
        </div>
      )}
      <div className="edit-foot" ref={noteRef}>
        {program ? (
          <div className="edit-note">
            <label htmlFor="edit-note">{e.note}</label>
            <Input
              id="edit-note"
              value={note}
              maxLength={100}
              placeholder={w.campaigns.editNotePlaceholder}
              {...(noteMissing && !note.trim() ? { status: "error" as const } : {})}
              onChange={(event) => setNote(event.target.value)}
              onPressEnter={begin}
            />
            {noteMissing && !note.trim() ? (
              <p className="field-bad" role="alert">
                {w.common.required}
              </p>
            ) : null}
          </div>
        ) : (
          <p className="hint grow">{e.newHint}</p>
        )}
        {dirty ? <span className="hint">{e.unsaved}</span> : null}
        <Button type="primary" loading={save.isPending} disabled={!dirty} onClick={begin}>
          {program ? e.save : e.create}
        </Button>
      </div>
      {save.error && !(save.error instanceof ApiError && save.error.fields.length > 0) ? (
        <ErrorBox error={save.error} />
      ) : null}
      {program && program.state !== "draft" ? <p className="hint">{e.running}</p> : null}
      <Modal
        open={blocker.status === "blocked"}
        title={e.leaveTitle}
        okText={e.leave}
        cancelText={e.stay}
        okButtonProps={{ danger: true }}
        onOk={() => blocker.proceed?.()}
        onCancel={() => blocker.reset?.()}
      >
        <p>{e.leaveText}</p>
      </Modal>
    </Page>
  );
}
