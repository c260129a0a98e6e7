// Every figure the house works by, on one page, with where it comes from: for the compliance officer, who has the last
// word. Read only.
import { useQuery } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type { ParameterGroup } from "@zoufang/shared/api/types.ts";
import type { Words } from "@zoufang/shared/words/index.ts";
import { Input, Select } from "antd";
import { useState } from "react";
import { useWords } from "../session.ts";
import { Panel, Tag, type Tone } from "../ui/layout.tsx";
import { Empty, View } from "../ui/states.tsx";
import { type Column, ServerTable } from "../ui/table.tsx";
import { known } from "./privacy-parts.tsx";

type Parameter = ParameterGroup["parameters"][number];
const tones: Record<string, Tone> = {
  compliance: "ok",
  source: "plain",
  resolution: "warn",
  default: "info",
};

/** A value as words: lists with a stop between, yes and no in words, codes by their names. */
function shown(value: unknown, w: Words): string {
  if (Array.isArray(value)) return value.map((v) => shown(v, w)).join("、");
  if (typeof value === "boolean") return value ? w.common.yes : w.common.no;
  const c = w.customerPrivacy;
  return known(
    {
      ...c.kinds,
      ...c.reasons,
      ...c.forms,
      ...w.bases.purposes,
      ...w.bases.laws,
      ...w.privacy.parameterValues,
    },
    String(value ?? "–"),
  );
}

export function Parameters() {
  const w = useWords();
  const p = w.privacy;
  const [text, setText] = useState("");
  const [origin, setOrigin] = useState("");
  const query = useQuery({ queryKey: ["parameters"], queryFn: api.parameters });
  // A name that several rules have says whose it is.
  const title = (one: Parameter) => {
    if (one[p.titleKey]) return one[p.titleKey];
    const parts = one.key.split(".");
    const name = known(p.parameterNames, parts.at(-1) ?? one.key);
    const of = parts.slice(0, -1).at(-1) ?? "";
    const whose =
      p.parameterOf[of] ??
      w.bases.channels[of as keyof typeof w.bases.channels] ??
      (/^\w*$/.test(of) ? undefined : of);
    return whose ? `${whose}：${name}` : name;
  };
  const fits = (one: Parameter) =>
    (!origin || one.origin === origin) &&
    (!text ||
      `${one.key} ${title(one)} ${one.requirements.join(" ")}`.toLowerCase().includes(text.toLowerCase()));
  const columns: Column<Parameter>[] = [
    { key: "title", title: w.common.name, render: (one) => title(one) },
    {
      key: "value",
      title: p.value,
      render: (one) => (
        <b>
          {shown(one.value, w)} {one.unit}
        </b>
      ),
    },
    {
      key: "origin",
      title: p.origin,
      nowrap: true,
      render: (one) =>
        one.origin ? <Tag tone={tones[one.origin] ?? "plain"}>{known(p.origins, one.origin)}</Tag> : p.ours,
    },
    {
      key: "req",
      title: p.requirement,
      render: (one) => <span className="num">{one.requirements.join(" ")}</span>,
    },
    { key: "key", title: p.key, render: (one) => <span className="hint num">{one.key}</span> },
  ];
  return (
    <>
      <Panel hint={p.parametersHint}>
        <div className="filters">
          <Input
            aria-label={w.common.search}
            placeholder={w.common.search}
            value={text}
            onChange={(e) => setText(e.target.value)}
          />
          <Select
            aria-label={p.origin}
            value={origin}
            onChange={setOrigin}
            options={[
              { value: "", label: w.common.all },
              ...Object.entries(p.origins).map(([value, label]) => ({ value, label })),
            ]}
          />
        </div>
      </Panel>
      <View query={query}>
        {(data) => {
          const groups = data.groups
            .map((g) => ({ ...g, parameters: g.parameters.filter(fits) }))
            .filter((g) => g.parameters.length > 0);
          if (groups.length === 0) return <Empty text={p.noParameters} />;
          return (
            <>
              {groups.map((g) => (
                <Panel
                  key={g.id}
                  flush
                  title={known(p.groups, g.id)}
                  extra={g.changed ? <Tag tone="warn">{p.changed}</Tag> : null}
                >
                  <ServerTable
                    label={known(p.groups, g.id)}
                    columns={columns}
                    rows={g.parameters}
                    rowKey={(one) => one.key}
                    empty={null}
                  />
                </Panel>
              ))}
            </>
          );
        }}
      </View>
    </>
  );
}
