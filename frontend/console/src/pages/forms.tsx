// Forms of the county with their versions: what is in force, what is being written, what was taken out of use.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { FormLine } from "@zoufang/shared/api/types.ts";
import { stamp } from "@zoufang/shared/format.ts";
import { Button, Form, Input } from "antd";
import { useState } from "react";
import { useMay, useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Page, Panel, Tag, type Tone } from "../ui/layout.tsx";
import { Empty, ErrorBox, View } from "../ui/states.tsx";
import "./form.css";

export const tones: Record<string, Tone> = { draft: "warn", published: "ok", retired: "plain" };

function One({ form }: { form: FormLine }) {
  const w = useWords();
  const f = w.forms;
  const may = useMay("program.write");
  const navigate = useNavigate();
  const client = useQueryClient();
  const draft = useMutation({
    mutationFn: () => api.newFormDraft(form.id, { note: "" }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ["forms"] });
      await navigate({
        to: "/forms/$formId/$version",
        params: { formId: made.id, version: `${made.version}` },
      });
    },
  });
  return (
    <Panel title={form.title} hint={`${form.id} · ${f.fields(form.fields)}`}>
      <ul className="form-versions">
        {form.versions.map((v) => (
          <li key={v.version}>
            <Link to="/forms/$formId/$version" params={{ formId: form.id, version: `${v.version}` }}>
              {f.version(v.version)}
            </Link>{" "}
            <Tag tone={tones[v.state] ?? "plain"}>{f.states[v.state as "draft"] ?? v.state}</Tag>{" "}
            {v.version === form.version ? <Tag tone="info">{f.inForce}</Tag> : null}{" "}
            <span className="hint">
              {v.pack
                ? f.delivered
                : [
                    v.note,
                    v.home_name,
                    v.published_by_name ?? v.made_by_name,
                    stamp(v.published_at ?? v.made_at ?? ""),
                  ]
                    .filter(Boolean)
                    .join(" · ")}
            </span>
          </li>
        ))}
      </ul>
      <ErrorBox error={draft.error} />
      {may && form.version !== null ? (
        <Button loading={draft.isPending} onClick={() => draft.mutate()}>
          {f.newDraft}
        </Button>
      ) : null}
    </Panel>
  );
}

export function FormsPage() {
  const w = useWords();
  const f = w.forms;
  const may = useMay("program.write");
  const navigate = useNavigate();
  const client = useQueryClient();
  const [adding, setAdding] = useState(false);
  const forms = useQuery({ queryKey: ["forms"], queryFn: api.forms });
  const required = [{ required: true, message: w.common.required }];
  return (
    <Page
      title={f.title}
      sub={f.sub}
      actions={
        may ? (
          <Button type="primary" onClick={() => setAdding(true)}>
            {f.newForm}
          </Button>
        ) : null
      }
    >
      <View query={forms}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty text={f.empty} />
          ) : (
            data.items.map((form) => <One key={form.id} form={form} />)
          )
        }
      </View>
      <FormDialog<{ id: string; title: string }>
        title={f.newForm}
        open={adding}
        onClose={() => setAdding(false)}
        onSubmit={async ({ id, title }) => {
          const definition = { id, version: 1, title, fields: [] };
          const made = await api.newFormDraft(id, { definition, note: "" });
          await client.invalidateQueries({ queryKey: ["forms"] });
          await navigate({
            to: "/forms/$formId/$version",
            params: { formId: id, version: `${made.version}` },
          });
        }}
      >
        <Form.Item name="title" label={f.formTitle} rules={required}>
          <Input maxLength={60} />
        </Form.Item>
        <Form.Item
          name="id"
          label={f.formId}
          extra={f.formIdHint}
          rules={[{ required: true, pattern: /^[a-z][a-z0-9_-]{0,59}$/, message: f.formIdHint }]}
        >
          <Input maxLength={60} />
        </Form.Item>
      </FormDialog>
    </Page>
  );
}
