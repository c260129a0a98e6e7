// All campaigns, and making a new one from a preset.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { Program, ProgramInput, ProgramState } from "@zoufang/shared/api/types.ts";
import { num } from "@zoufang/shared/format.ts";
import { Button, DatePicker, Form, Input, Select } from "antd";
import { useState } from "react";
import { useMay, useWords } from "../session.ts";
import { dayText } from "../ui/dates.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Page, Panel, Tag, type Tone } from "../ui/layout.tsx";
import { Empty, View } from "../ui/states.tsx";
import { type Column, ServerTable } from "../ui/table.tsx";
import { dayProps } from "./customer-fields.tsx";

export const programTone: Record<ProgramState, Tone> = {
  draft: "warn",
  started: "ok",
  paused: "warn",
  closed: "plain",
};

export function CampaignsPage() {
  const w = useWords();
  const c = w.campaigns;
  const navigate = useNavigate();
  const client = useQueryClient();
  const may = useMay("program.write");
  const [adding, setAdding] = useState(false);
  const query = useQuery({ queryKey: ["programs"], queryFn: api.programs });
  const presets = useQuery({ queryKey: ["presets"], queryFn: api.presets, staleTime: 600_000 });
  const preset = presets.data?.items[0];
  const rule = [{ required: true, message: w.common.required }];

  const columns: Column<Program>[] = [
    {
      key: "name",
      title: c.name,
      render: (p) => (
        <Link to="/campaigns/$programId" params={{ programId: p.id }}>
          {p.name}
        </Link>
      ),
    },
    {
      key: "state",
      title: w.common.state,
      render: (p) => <Tag tone={programTone[p.state]}>{w.programState[p.state]}</Tag>,
    },
    {
      key: "period",
      title: c.period,
      render: (p) => (
        <span className="num">
          {w.date.range(dayText(p.first_day, w, true), dayText(p.last_day, w, true))}
        </span>
      ),
    },
    { key: "quota", title: c.quota, numeric: true, render: (p) => c.quotaValue(num(p.quota_per_day)) },
    { key: "outlets", title: c.outlets, numeric: true, render: (p) => num(p.outlets) },
    { key: "targets", title: c.targets, numeric: true, render: (p) => num(p.targets) },
    { key: "version", title: w.app.version("").trim(), nowrap: true, render: (p) => c.version(p.version) },
  ];
  const add = may ? (
    <div className="line end">
      <Link className="button-link" to="/campaigns/new" search={{}}>
        {w.editor.life.blank}
      </Link>
      <Button type="primary" onClick={() => setAdding(true)}>
        {c.new}
      </Button>
    </div>
  ) : null;

  return (
    <Page title={c.title} actions={add}>
      <Panel flush>
        <View query={query}>
          {(data) => (
            <ServerTable
              label={c.title}
              columns={columns}
              rows={data.items}
              rowKey={(p) => p.id}
              empty={<Empty text={c.empty} />}
            />
          )}
        </View>
      </Panel>
      <FormDialog<ProgramInput>
        key={preset?.id ?? ""}
        title={c.new}
        open={adding}
        onClose={() => setAdding(false)}
        ok={c.create}
        initial={{ preset: preset?.id ?? "" }}
        onSubmit={async (values) => {
          const made = await api.addProgram({
            preset: values.preset,
            code: values.code,
            name: values.name,
            ...(values.first_day ? { first_day: values.first_day } : {}),
            ...(values.last_day ? { last_day: values.last_day } : {}),
          });
          await client.invalidateQueries({ queryKey: ["programs"] });
          navigate({ to: "/campaigns/$programId", params: { programId: made.id }, search: { tab: "check" } });
        }}
      >
        <Form.Item name="preset" label={c.preset} extra={c.presetHint} rules={rule}>
          <Select
            options={(presets.data?.items ?? []).map((p) => ({
              value: p.id,
              label: p.title,
              title: p.description,
            }))}
          />
        </Form.Item>
        <div className="form-2">
          <Form.Item name="name" label={c.name} rules={rule}>
            <Input maxLength={60} />
          </Form.Item>
          <Form.Item name="code" label={c.code} extra={c.codeHint} rules={rule}>
            <Input maxLength={40} />
          </Form.Item>
          <Form.Item name="first_day" label={c.firstDay} {...dayProps}>
            <DatePicker />
          </Form.Item>
          <Form.Item name="last_day" label={c.lastDay} {...dayProps}>
            <DatePicker />
          </Form.Item>
        </div>
      </FormDialog>
    </Page>
  );
}
