// One field of a campaign, made from what the server says it takes. Label, unit, hint, requirement and the server's
// own message stand around the input; values travel as the file has them (分, days and codes as text).

import { fenOf, yuanOf } from "@zoufang/shared/api/draft.ts";
import type { FormField, Json } from "@zoufang/shared/api/types.ts";
import { DatePicker, Input, InputNumber, Radio, Select } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { useWords } from "../session.ts";

export interface Option {
  value: string;
  label: string;
}

/** The word of the current language; the other one when it is missing. */
export function useSaid(): (words: { zh: string; en: string } | null | undefined) => string {
  const english = useWords().editor.english;
  return (words) => (english ? words?.en || words?.zh : words?.zh || words?.en) ?? "";
}

interface Props {
  id: string;
  field: FormField;
  value: Json | undefined;
  messages: string[];
  options: Option[];
  disabled?: boolean;
  onChange: (value: Json) => void;
}

export function CampaignField({ id, field, value, messages, options, disabled, onChange }: Props) {
  const w = useWords();
  const e = w.editor;
  const said = useSaid();
  const title = said(field.title) || field.key;
  const unit = field.kind === "money" ? e.yuan : field.unit ? (e.units[field.unit] ?? field.unit) : "";
  const bad = messages.length > 0;
  const hint = said(field.hint);
  const from = [field.requirements.join(" "), field.origin ? e.origin[field.origin] : ""]
    .filter(Boolean)
    .join(" · ");
  const wide = ["list", "long_text", "lines"].includes(field.kind) ? "wide" : "";
  return (
    <div className={`edit-field ${wide} ${bad ? "bad" : ""}`} data-key={field.key}>
      <div className="edit-label">
        <label htmlFor={id} id={`${id}-label`}>
          {title}
          {unit ? e.unit(unit) : ""}
          {field.required ? null : <span className="hint"> {e.optional}</span>}
        </label>
      </div>
      <Control
        id={id}
        field={field}
        value={value ?? null}
        bad={bad}
        options={options}
        disabled={disabled ?? false}
        onChange={onChange}
      />
      {messages.map((m) => (
        <p key={m} className="field-bad" role="alert">
          {m}
        </p>
      ))}
      {hint || from ? (
        <p className="hint" id={`${id}-hint`}>
          {hint} {from ? <span className="edit-from">{from}</span> : null}
        </p>
      ) : null}
    </div>
  );
}

interface ControlProps {
  id: string;
  field: FormField;
  value: Json;
  bad: boolean;
  options: Option[];
  disabled: boolean;
  onChange: (value: Json) => void;
}

function Control({ id, field, value, bad, options, disabled, onChange }: ControlProps) {
  const w = useWords();
  const e = w.editor;
  const status = bad ? ({ status: "error" } as const) : {};
  const range = {
    ...(field.low === null ? {} : { min: field.low }),
    ...(field.high === null ? {} : { max: field.high }),
  };
  const text = typeof value === "string" ? value : value === null ? "" : String(value);
  const number = typeof value === "number" ? value : null;
  switch (field.kind) {
    case "bool":
      return (
        <Radio.Group
          aria-labelledby={`${id}-label`}
          value={typeof value === "boolean" ? value : null}
          disabled={disabled}
          onChange={(event) => onChange(event.target.value as boolean)}
          options={[
            { value: true, label: w.common.yes, ...{ id } },
            { value: false, label: w.common.no },
          ]}
        />
      );
    case "int":
      return (
        <InputNumber
          id={id}
          value={number}
          precision={0}
          disabled={disabled}
          {...range}
          {...status}
          onChange={onChange}
        />
      );
    case "number":
      return (
        <InputNumber id={id} value={number} disabled={disabled} {...range} {...status} onChange={onChange} />
      );
    case "money":
      return (
        <InputNumber
          id={id}
          value={yuanOf(number)}
          min={0}
          precision={2}
          disabled={disabled}
          {...status}
          onChange={(v) => onChange(fenOf(v))}
        />
      );
    case "day":
      return (
        <DatePicker
          id={id}
          value={text && dayjs(text).isValid() ? dayjs(text) : null}
          disabled={disabled}
          {...status}
          onChange={(day) => onChange(day ? day.format("YYYY-MM-DD") : null)}
        />
      );
    case "clock":
      return (
        <Input
          id={id}
          className="num"
          value={text}
          placeholder="18:30"
          maxLength={5}
          disabled={disabled}
          {...status}
          onChange={(event) => onChange(event.target.value.replace("：", ":"))}
        />
      );
    case "choice":
      return (
        <Select
          id={id}
          value={text || null}
          options={withOwn(options, text ? [text] : [])}
          placeholder={e.choose}
          allowClear={!field.required}
          disabled={disabled}
          showSearch={{ optionFilterProp: "label" }}
          {...status}
          onChange={(v) => onChange(v ?? null)}
        />
      );
    case "list": {
      const list = Array.isArray(value) ? value.filter((x): x is string => typeof x === "string") : [];
      return (
        <Select<string[]>
          id={id}
          mode={field.open ? "tags" : "multiple"}
          value={list}
          options={withOwn(options, list)}
          placeholder={field.open ? e.chooseOrType : e.choose}
          disabled={disabled}
          showSearch={{ optionFilterProp: "label" }}
          {...status}
          onChange={(v) => onChange(v)}
        />
      );
    }
    case "lines":
      return (
        <Lines
          id={id}
          value={Array.isArray(value) ? value.filter((x): x is string => typeof x === "string") : []}
          bad={bad}
          disabled={disabled}
          onChange={onChange}
        />
      );
    case "long_text":
      return (
        <Input.TextArea
          id={id}
          value={text}
          autoSize={{ minRows: 3, maxRows: 10 }}
          maxLength={500}
          disabled={disabled}
          {...status}
          onChange={(event) => onChange(event.target.value)}
        />
      );
    default:
      return (
        <Input
          id={id}
          value={text}
          maxLength={120}
          disabled={disabled}
          {...status}
          onChange={(event) => onChange(event.target.value)}
        />
      );
  }
}

/** What the file has stays choosable, also when no list knows it. */
function withOwn(options: Option[], own: string[]): Option[] {
  const extra = own.filter((code) => !options.some((o) => o.value === code));
  return [...options, ...extra.map((code) => ({ value: code, label: code }))];
}

/** A list of sentences, one a line. What is being typed may end in an empty line; the file does not get it. */
function Lines({
  id,
  value,
  bad,
  disabled,
  onChange,
}: {
  id: string;
  value: string[];
  bad: boolean;
  disabled: boolean;
  onChange: (value: Json) => void;
}) {
  const [text, setText] = useState(value.join("\n"));
  const lines = (typed: string) =>
    typed
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean);
  // Taken away or moved by somebody else than this box.
  const shown = lines(text).join("\n") === value.join("\n") ? text : value.join("\n");
  return (
    <Input.TextArea
      id={id}
      value={shown}
      autoSize={{ minRows: 3, maxRows: 12 }}
      maxLength={2000}
      disabled={disabled}
      {...(bad ? { status: "error" as const } : {})}
      onChange={(event) => {
        setText(event.target.value);
        onChange(lines(event.target.value));
      }}
    />
  );
}
