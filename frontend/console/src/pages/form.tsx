// One version of a form: its rows with a phone beside them, what the check says, Excel out and in, what differs from
// another version. A published version is only read; its change is a new draft.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { FormFinding, FormVersion } from "@zoufang/shared/api/types.ts";
import { type Difference, diff } from "@zoufang/shared/form/diff.ts";
import { type Field, type Form, labelText, walk } from "@zoufang/shared/form/model.ts";
import { stamp } from "@zoufang/shared/format.ts";
import { Form as AntForm, Button, Input, Select } from "antd";
import { useRef, useState } from "react";
import { useMay, useMe, useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Page, Panel, Tag } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { ErrorBox, View } from "../ui/states.tsx";
import { Preview } from "./form-preview.tsx";
import { Cell, FieldRows, freeName, labelOf, said } from "./form-rows.tsx";
import { tones } from "./forms.tsx";
import "./desk.css";
import "./form.css";

const route = getRouteApi("/shell/forms/$formId/$version");

function Findings({ title, all }: { title: string; all: readonly FormFinding[] }) {
  const f = useWords().forms;
  if (all.length === 0) return null;
  const rows = all.map((one, i) => ({ one, id: `${i}` }));
  return (
    <div className="box box-warn" role="alert">
      <b>{title}</b>
      <ul>
        {rows.map(({ one, id }) => (
          <li key={id}>
            {one.row > 0 ? `${f.at(one.sheet, one.row)}${one.column ? ` · ${one.column}` : ""}：` : ""}
            {one.what}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What differs from another version, one line each. */
function Differences({ before, after }: { before: Form; after: Form }) {
  const f = useWords().forms;
  const language = useMe().preferences.locale === "en" ? "en" : "zh";
  const fields = new Map<string, Field>(
    [...walk(before.fields), ...walk(after.fields)].map((x) => [x.name, x]),
  );
  const name = (field: string) => labelText(fields.get(field)?.label, language) || field;
  const text = (d: Difference): string => {
    if (d.is === "removed") return f.removed(name(d.field));
    if (d.is === "moved") return f.moved(name(d.field), d.after ? name(d.after) : f.start);
    if (d.is === "added") {
      const rule = fields.get(d.field)?.relevant;
      const when = rule === undefined ? "" : ` · ${said(String(rule), fields, language)}`;
      return `${f.added(name(d.field), d.after ? name(d.after) : f.start)}${when}`;
    }
    const one = d.changes.map((c) => f.changed(f.properties[c.what], c.from ?? f.none, c.to ?? f.none));
    return `${name(d.field)}：${one.join("；")}`;
  };
  const all = diff(before, after).map((d) => ({ d, id: `${d.is}-${d.field}` }));
  if (all.length === 0) return <p className="hint">{f.noDifference}</p>;
  return (
    <ul className="form-diff">
      {all.map(({ d, id }) => (
        <li key={id}>
          <Tag tone={d.is === "added" ? "ok" : d.is === "removed" ? "bad" : "info"}>{f.kinds[d.is]}</Tag>{" "}
          {text(d)}
        </li>
      ))}
    </ul>
  );
}

function History({ id, version, form }: { id: string; version: number; form: Form }) {
  const f = useWords().forms;
  const forms = useQuery({ queryKey: ["forms"], queryFn: api.forms });
  const [chosen, setChosen] = useState<number | null>(null);
  const versions = forms.data?.items.find((x) => x.id === id)?.versions ?? [];
  const others = versions.filter((v) => v.version !== version);
  const against = chosen ?? others.find((v) => v.version < version)?.version ?? others[0]?.version;
  const other = useQuery({
    queryKey: ["form", id, against],
    queryFn: () => api.formVersion(id, against ?? 0),
    enabled: against !== undefined,
  });
  if (against === undefined) return null;
  return (
    <Panel title={f.history}>
      <Select
        aria-label={f.compareWith}
        value={against}
        options={others.map((v) => ({
          value: v.version,
          label: `${f.compareWith} ${f.version(v.version)} ${f.states[v.state as "draft"] ?? ""}`,
        }))}
        onChange={setChosen}
      />
      <View query={other}>
        {(data) => <Differences before={data.definition as unknown as Form} after={form} />}
      </View>
    </Panel>
  );
}

function Editor({ data }: { data: FormVersion }) {
  const w = useWords();
  const f = w.forms;
  const me = useMe();
  const notice = useNotice();
  const navigate = useNavigate();
  const client = useQueryClient();
  const may = useMay("program.write") && data.state === "draft";
  const [form, setForm] = useState(data.definition as unknown as Form);
  const [note, setNote] = useState(data.note);
  const [rev, setRev] = useState(data.rev);
  const [changed, setChanged] = useState(false);
  const [open, setOpen] = useState("");
  const [publishing, setPublishing] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const [found, setFound] = useState<{ title: string; all: readonly FormFinding[] } | null>(null);
  const [round, setRound] = useState(0);
  const file = useRef<HTMLInputElement>(null);
  const fields = new Map([...walk(form.fields)].map((x) => [x.name, x]));
  const change = (next: Form) => {
    setForm(next);
    setChanged(true);
  };
  const again = async () => {
    await client.invalidateQueries({ queryKey: ["forms"] });
    await client.invalidateQueries({ queryKey: ["form", data.id] });
  };
  const saved = (now: FormVersion) => {
    setRev(now.rev);
    setChanged(false);
    return now;
  };
  const keep = async () =>
    saved(await api.changeFormDraft(data.id, data.version, { rev, definition: form, note }));
  const save = useMutation({
    mutationFn: keep,
    onSuccess: async () => {
      notice(f.saved);
      await again();
    },
  });
  const check = useMutation({
    mutationFn: () => api.checkForm(form),
    onSuccess: (said) =>
      setFound(
        said.findings.length > 0
          ? { title: f.wrong, all: said.findings }
          : { title: said.warnings.length > 0 ? f.odd : "", all: said.warnings },
      ),
  });
  const read = useMutation({
    mutationFn: (chosen: File) => api.readForm(data.id, data.version, chosen),
    onSuccess: (said) => {
      change({ ...(said.definition as unknown as Form), id: data.id, version: data.version });
      setRound(round + 1);
      setFound({ title: f.notRead, all: said.findings });
      notice(f.readIn);
    },
  });
  return (
    <Page
      title={`${labelText(form.title) || data.id} · ${f.version(data.version)}`}
      sub={<Link to="/forms">{f.back}</Link>}
      actions={
        <>
          <a className="button-link" href={api.formFileUrl(data.id, data.version)} download>
            {f.excelOut}
          </a>
          {may ? (
            <>
              <input
                ref={file}
                type="file"
                accept=".xlsx"
                hidden
                data-form-file=""
                onChange={(e) => {
                  const chosen = e.target.files?.[0];
                  if (chosen) read.mutate(chosen);
                  e.target.value = "";
                }}
              />
              <Button loading={read.isPending} onClick={() => file.current?.click()}>
                {f.excelIn}
              </Button>
              <Button loading={check.isPending} onClick={() => check.mutate()}>
                {f.check}
              </Button>
              <Button loading={save.isPending} disabled={!changed} onClick={() => save.mutate()}>
                {w.common.save}
              </Button>
              <Button type="primary" onClick={() => setPublishing(true)}>
                {f.publish}
              </Button>
            </>
          ) : null}
          {data.state === "draft" ? null : <Retire data={data} onDone={again} />}
          {may ? (
            <Button danger onClick={() => setLeaving(true)}>
              {f.throwAway}
            </Button>
          ) : null}
        </>
      }
    >
      <p>
        <Tag tone={tones[data.state] ?? "plain"}>{f.states[data.state as "draft"] ?? data.state}</Tag>{" "}
        <span className="hint">
          {data.pack ? f.delivered : f.by(data.made_by_name ?? "", stamp(data.made_at ?? ""))}
          {data.published_by_name
            ? ` · ${f.publishedBy(data.published_by_name, stamp(data.published_at ?? ""))}`
            : ""}
          {data.retired_by_name
            ? ` · ${f.retiredBy(data.retired_by_name, stamp(data.retired_at ?? ""))}`
            : ""}
        </span>
      </p>
      <ErrorBox error={save.error ?? read.error ?? check.error} />
      {found ? <Findings title={found.title} all={found.all} /> : null}
      {check.isSuccess && found?.all.length === 0 ? <p className="hint">{f.sound}</p> : null}
      <div className="form-edit">
        <Panel title={f.rows}>
          {may ? (
            <>
              <div className="form-details">
                <Cell label={f.formTitle}>
                  {(id) => (
                    <Input
                      id={id}
                      value={labelText(form.title)}
                      onChange={(e) => {
                        const en = typeof form.title === "object" ? form.title.en : "";
                        const title = labelOf(e.target.value, en);
                        change(title === undefined ? form : { ...form, title });
                      }}
                    />
                  )}
                </Cell>
                <Cell label={f.note}>
                  {(id) => (
                    <Input
                      id={id}
                      maxLength={200}
                      value={note}
                      onChange={(e) => {
                        setNote(e.target.value);
                        setChanged(true);
                      }}
                    />
                  )}
                </Cell>
              </div>
              <FieldRows
                key={round}
                list={form.fields}
                fields={fields}
                open={open}
                onOpen={setOpen}
                fresh={() => freeName(form)}
                onChange={(list) => change({ ...form, fields: list })}
              />
            </>
          ) : (
            <ReadRows list={form.fields} fields={fields} />
          )}
        </Panel>
        <Panel title={f.preview} hint={f.previewHint}>
          <Preview key={round} form={form} today={me.system.today} />
        </Panel>
      </div>
      <History id={data.id} version={data.version} form={form} />
      <FormDialog
        title={f.publish}
        open={publishing}
        onClose={() => setPublishing(false)}
        ok={f.publish}
        onSubmit={async () => {
          const now = changed ? await keep() : null;
          const said = await api.publishForm(data.id, data.version, now?.rev ?? rev);
          if (said.published) notice(f.published);
          else setFound({ title: f.wrong, all: said.findings });
          await again();
        }}
      >
        <p className="box box-warn">{f.publishHint(data.version)}</p>
      </FormDialog>
      <FormDialog
        title={f.throwAway}
        open={leaving}
        onClose={() => setLeaving(false)}
        danger
        ok={w.common.sure}
        onSubmit={async () => {
          await api.deleteFormDraft(data.id, data.version);
          await client.invalidateQueries({ queryKey: ["forms"] });
          await navigate({ to: "/forms" });
        }}
      >
        <p className="box box-warn">{f.throwAwayHint}</p>
      </FormDialog>
    </Page>
  );
}

function Retire({ data, onDone }: { data: FormVersion; onDone: () => Promise<void> }) {
  const w = useWords();
  const f = w.forms;
  const may = useMay("program.write") && data.state === "published" && !data.pack;
  const [asking, setAsking] = useState(false);
  if (!may) return null;
  return (
    <>
      <Button danger onClick={() => setAsking(true)}>
        {f.retire}
      </Button>
      <FormDialog
        title={f.retire}
        open={asking}
        onClose={() => setAsking(false)}
        danger
        ok={w.common.sure}
        onSubmit={async () => {
          await api.retireForm(data.id, data.version);
          await onDone();
        }}
      >
        <AntForm.Item noStyle>
          <p className="box box-warn">{f.retireHint}</p>
        </AntForm.Item>
      </FormDialog>
    </>
  );
}

function ReadRows({ list, fields }: { list: readonly Field[]; fields: ReadonlyMap<string, Field> }) {
  const f = useWords().forms;
  const language = useMe().preferences.locale === "en" ? "en" : "zh";
  return (
    <ol>
      {list.map((field) => (
        <li key={field.name}>
          {labelText(field.label, language) || field.name} <Tag>{f.types[field.type]}</Tag>{" "}
          <span className="hint">
            {String(field.required ?? "") === "true" ? `${f.required} ` : ""}
            {field.relevant === undefined ? "" : said(String(field.relevant), fields, language)}
          </span>
          {field.fields ? <ReadRows list={field.fields} fields={fields} /> : null}
        </li>
      ))}
    </ol>
  );
}

export function FormPage() {
  const { formId, version } = route.useParams();
  const query = useQuery({
    queryKey: ["form", formId, Number(version)],
    queryFn: () => api.formVersion(formId, Number(version)),
    // What is being written here is not overwritten from outside.
    refetchOnWindowFocus: false,
  });
  return (
    <View query={query}>{(data) => <Editor key={`${formId}-${version}-${data.state}`} data={data} />}</View>
  );
}
