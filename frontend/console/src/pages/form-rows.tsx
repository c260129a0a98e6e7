// The rows of a form as people edit them: type, question, options, when it is shown, limits, calculation, points.
// Knows the form as data and no server; the page says what became of it.
import {
  type Condition,
  fits,
  fromCel,
  type Operand,
  type Operator,
  operatorsOf,
  type Row,
  sentence,
  toCel,
} from "@zoufang/shared/form/builder.ts";
import {
  type Choice,
  choiceLabel,
  choiceValue,
  type Field,
  type FieldType,
  type Form,
  type Label,
  labelText,
  walk,
} from "@zoufang/shared/form/model.ts";
import { ruleWords } from "@zoufang/shared/form/words.ts";
import { Button, Checkbox, Input, Select } from "antd";
import { type ReactNode, useId } from "react";
import { useMe, useWords } from "../session.ts";

export const TYPES: FieldType[] = [
  "one",
  "many",
  "text",
  "integer",
  "decimal",
  "money",
  "date",
  "time",
  "photo",
  "signature",
  "location",
  "customer",
  "note",
  "group",
  "repeat",
];
const HOLDS = new Set<FieldType>(["group", "repeat"]);
const CHOOSES = new Set<FieldType>(["one", "many"]);

/** A field without a property that became empty. */
function put<K extends keyof Field>(field: Field, key: K, value: Field[K] | undefined): Field {
  const next = { ...field };
  if (value === undefined || value === "") delete next[key];
  else next[key] = value;
  return next;
}

const english = (label: Label | undefined): string => (typeof label === "object" ? label.en : "");
export function labelOf(zh: string, en: string): Label | undefined {
  if (zh === "" && en === "") return undefined;
  return en === "" ? zh : { zh, en };
}

/** One option a line: value, what is shown, points, with a bar between them. */
export const optionLines = (options: readonly Choice[]): string =>
  options
    .map((o) =>
      typeof o === "string"
        ? o
        : [o.value, labelText(o.label), o.score].filter((p) => p !== undefined).join(" | "),
    )
    .join("\n");

/** The options of the lines; what the lines cannot say (the English text) is kept from before. */
export function optionsOf(text: string, before: readonly Choice[]): Choice[] {
  return text.split("\n").flatMap((line): Choice[] => {
    const [value = "", shown = "", points = ""] = line.split("|").map((p) => p.trim());
    if (value === "") return [];
    if (shown === "" && points === "") return [value];
    const was = before.find((o) => choiceValue(o) === value);
    const en = typeof was === "object" ? english(was.label) : "";
    const label = labelOf(shown || value, en) ?? value;
    const score = Number(points);
    return [points !== "" && Number.isInteger(score) ? { value, label, score } : { value, label }];
  });
}

/** A name for a new field that no other one has. */
export function freeName(form: Form): string {
  const taken = new Set([...walk(form.fields)].map((f) => f.name));
  let n = taken.size + 1;
  while (taken.has(`q${n}`)) n += 1;
  return `q${n}`;
}

function useLanguage(): "zh" | "en" {
  return useMe().preferences.locale === "en" ? "en" : "zh";
}

/** One row of a condition. */
function RuleRow({
  row,
  fields,
  onChange,
  onRemove,
}: {
  row: Row;
  fields: ReadonlyMap<string, Field>;
  onChange: (row: Row) => void;
  onRemove: () => void;
}) {
  const f = useWords().forms;
  const language = useLanguage();
  const field = fields.get(row.field);
  const say = ruleWords[language].row;
  const operators = field ? operatorsOf(field.type) : [];
  const needs = row.operator !== "answered" && row.operator !== "unanswered";
  const several = row.operator === "any_of" || row.operator === "none_of";
  const sized = row.operator === "size_ge" || row.operator === "size_le";
  const options = (field?.options ?? []).map((o) => ({
    value: choiceValue(o),
    label: choiceLabel(o, language),
  }));
  const number = sized || field?.type === "integer" || field?.type === "decimal" || field?.type === "money";
  const scale = field?.type === "money" && !sized ? 100 : 1;
  const read = (text: string): Operand => (number ? Math.round(Number(text) * scale * 100) / 100 || 0 : text);
  const first = (type: FieldType): Operator =>
    type === "many" ? "includes" : type === "one" ? "is" : "answered";
  return (
    <div className="form-rule-row">
      <Select
        aria-label={f.ruleField}
        value={row.field || null}
        placeholder={f.ruleField}
        showSearch
        optionFilterProp="label"
        options={[...fields.values()]
          .filter((x) => operatorsOf(x.type).length > 0)
          .map((x) => ({ value: x.name, label: labelText(x.label, language) || x.name }))}
        onChange={(name: string) => {
          const type = fields.get(name)?.type ?? "text";
          onChange({ field: name, operator: first(type) });
        }}
      />
      <Select
        aria-label={f.ruleOperator}
        value={row.operator}
        options={operators.map((o) => ({ value: o, label: say[o]("", "…").trim() }))}
        onChange={(operator: Operator) => onChange({ field: row.field, operator })}
      />
      {!needs ? null : options.length > 0 && !sized ? (
        <Select
          aria-label={f.ruleValue}
          {...(several ? { mode: "multiple" as const } : {})}
          value={several ? [row.value ?? []].flat().map(String) : ((row.value as string | undefined) ?? null)}
          options={options}
          placeholder={f.ruleValue}
          onChange={(value: string | string[]) => onChange({ ...row, value })}
        />
      ) : (
        <Input
          aria-label={f.ruleValue}
          value={typeof row.value === "number" ? String(row.value / scale) : String(row.value ?? "")}
          onChange={(e) => onChange({ ...row, value: read(e.target.value) })}
        />
      )}
      <Button size="small" aria-label={f.ruleRemove} onClick={onRemove}>
        ×
      </Button>
    </div>
  );
}

const isRow = (part: Row | Condition): part is Row => !("join" in part);

/** When a question is shown: rows where rows can say it, the expression where they cannot. */
export function RuleBuilder({
  label,
  rule,
  fields,
  self,
  onChange,
}: {
  label: string;
  rule: string;
  fields: ReadonlyMap<string, Field>;
  self: string;
  onChange: (rule: string) => void;
}) {
  const f = useWords().forms;
  const language = useLanguage();
  const others = new Map([...fields].filter(([name]) => name !== self));
  const types = new Map([...fields].map(([name, field]) => [name, field.type]));
  const condition: Condition | null = rule.trim() === "" ? { join: "and", rows: [] } : fromCel(rule);
  const simple = condition?.rows.every(isRow) ? condition : null;
  if (!simple) {
    return (
      <div>
        <span className="hint">{f.ruleText}</span>
        <Input.TextArea aria-label={label} rows={2} value={rule} onChange={(e) => onChange(e.target.value)} />
      </div>
    );
  }
  const set = (rows: (Row | Condition)[], join = simple.join) =>
    onChange(rows.length === 0 ? "" : toCel({ join, rows }, types));
  const rows = simple.rows.filter(isRow).map((row, place) => ({ row, place, id: `${self}-${place}` }));
  return (
    <fieldset className="form-rule">
      <legend>{label}</legend>
      <p className="hint">
        {fits(simple, fields) ? sentence(simple, fields, "relevant", language) : f.ruleOdd}
      </p>
      {rows.map(({ row, place, id }) => (
        <RuleRow
          key={id}
          row={row}
          fields={others}
          onChange={(next) => set(simple.rows.map((r, i) => (i === place ? next : r)))}
          onRemove={() => set(simple.rows.filter((_, i) => i !== place))}
        />
      ))}
      <span className="line wrap">
        <Button
          size="small"
          disabled={others.size === 0}
          onClick={() => {
            const field = [...others.values()].find((x) => operatorsOf(x.type).length > 0);
            if (field) set([...simple.rows, { field: field.name, operator: "answered" }]);
          }}
        >
          {f.ruleAdd}
        </Button>
        {rows.length > 1 ? (
          <Select
            aria-label={f.ruleJoin}
            value={simple.join}
            options={[
              { value: "and", label: f.joins.and },
              { value: "or", label: f.joins.or },
            ]}
            onChange={(join: "and" | "or") => set(simple.rows, join)}
          />
        ) : null}
      </span>
    </fieldset>
  );
}

/** A line with its label above it. */
export function Cell({
  label,
  wide,
  children,
}: {
  label: ReactNode;
  wide?: boolean;
  children: (id: string) => ReactNode;
}) {
  const id = useId();
  return (
    <div className={wide ? "form-cell form-wide" : "form-cell"}>
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  );
}

function Labels({
  name,
  value,
  onChange,
}: {
  name: string;
  value: Label | undefined;
  onChange: (label: Label | undefined) => void;
}) {
  const f = useWords().forms;
  const [zh, en] = [labelText(value), english(value)];
  return (
    <>
      <Input
        aria-label={name}
        placeholder={name}
        value={zh}
        onChange={(e) => onChange(labelOf(e.target.value, en))}
      />
      <Input
        aria-label={f.inEnglish(name)}
        placeholder={f.inEnglish(name)}
        value={en}
        onChange={(e) => onChange(labelOf(zh, e.target.value))}
      />
    </>
  );
}

function Details({
  field,
  fields,
  onChange,
}: {
  field: Field;
  fields: ReadonlyMap<string, Field>;
  onChange: (field: Field) => void;
}) {
  const f = useWords().forms;
  const required = String(field.required ?? "");
  const holds = HOLDS.has(field.type);
  const text = (key: "constraint" | "calculate" | "score", label: string) => (
    <Cell label={label}>
      {(id) => (
        <Input
          id={id}
          value={String(field[key] ?? "")}
          placeholder={f.expression}
          onChange={(e) => onChange(put(field, key, e.target.value))}
        />
      )}
    </Cell>
  );
  return (
    <div className="form-details">
      <Labels name={f.hint} value={field.hint} onChange={(hint) => onChange(put(field, "hint", hint))} />
      {CHOOSES.has(field.type) ? (
        <Cell
          label={
            <>
              {f.options} <span className="hint">{f.optionsHint}</span>
            </>
          }
          wide
        >
          {(id) => (
            <Input.TextArea
              id={id}
              key={field.type}
              rows={4}
              defaultValue={optionLines(field.options ?? [])}
              onChange={(e) =>
                onChange(put(field, "options", optionsOf(e.target.value, field.options ?? [])))
              }
            />
          )}
        </Cell>
      ) : null}
      <div className="form-wide">
        <RuleBuilder
          label={f.relevant}
          rule={String(field.relevant ?? "")}
          fields={fields}
          self={field.name}
          onChange={(rule) => onChange(put(field, "relevant", rule))}
        />
      </div>
      {holds ? null : (
        <>
          {required === "" || required === "true" || required === "false" ? null : (
            <Cell label={f.requiredWhen}>
              {(id) => (
                <Input
                  id={id}
                  value={required}
                  onChange={(e) => onChange(put(field, "required", e.target.value))}
                />
              )}
            </Cell>
          )}
          {text("constraint", f.constraint)}
          <Labels
            name={f.message}
            value={field.message}
            onChange={(m) => onChange(put(field, "message", m))}
          />
          {text("calculate", f.calculate)}
          {text("score", f.score)}
        </>
      )}
    </div>
  );
}

/** A list of fields, those of groups and repeats within them. */
export function FieldRows({
  list,
  fields,
  open,
  onOpen,
  onChange,
  fresh,
}: {
  list: readonly Field[];
  fields: ReadonlyMap<string, Field>;
  open: string;
  onOpen: (name: string) => void;
  onChange: (list: Field[]) => void;
  fresh: () => string;
}) {
  const w = useWords();
  const f = w.forms;
  const language = useLanguage();
  const swap = (i: number, by: 1 | -1) => {
    const next = [...list];
    const [a, b] = [next[i], next[i + by]];
    if (!a || !b) return;
    next[i] = b;
    next[i + by] = a;
    onChange(next);
  };
  const set = (i: number, field: Field) => onChange(list.map((old, n) => (n === i ? field : old)));
  const rows = list.map((field, place) => ({ field, place, id: `row-${place}` }));
  return (
    <ol className="form-rows">
      {rows.map(({ field, place, id }) => (
        <li key={id} className="form-row">
          <div className="form-head">
            <Input
              aria-label={f.question(place + 1)}
              placeholder={f.label}
              value={labelText(field.label)}
              onChange={(e) => set(place, put(field, "label", labelOf(e.target.value, english(field.label))))}
            />
            <Select
              aria-label={f.type}
              value={field.type}
              options={TYPES.map((t) => ({ value: t, label: f.types[t] }))}
              onChange={(type: FieldType) => {
                const next: Field = { ...field, type };
                if (!CHOOSES.has(type)) delete next.options;
                if (!HOLDS.has(type)) delete next.fields;
                set(place, next);
              }}
            />
            <Checkbox
              checked={String(field.required ?? "") === "true"}
              onChange={(e) => set(place, put(field, "required", e.target.checked ? "true" : undefined))}
            >
              {f.required}
            </Checkbox>
            <span className="line">
              <Button
                size="small"
                aria-expanded={open === field.name}
                onClick={() => onOpen(open === field.name ? "" : field.name)}
              >
                {f.more}
              </Button>
              <Button size="small" aria-label={f.up} disabled={place === 0} onClick={() => swap(place, -1)}>
                ↑
              </Button>
              <Button
                size="small"
                aria-label={f.down}
                disabled={place === list.length - 1}
                onClick={() => swap(place, 1)}
              >
                ↓
              </Button>
              <Button
                size="small"
                danger
                aria-label={f.remove}
                onClick={() => onChange(list.filter((_, n) => n !== place))}
              >
                ×
              </Button>
            </span>
          </div>
          {open === field.name ? (
            <>
              <div className="form-details">
                <Cell label={f.name}>
                  {(id) => (
                    <Input
                      id={id}
                      value={field.name}
                      onChange={(e) => {
                        onOpen(e.target.value);
                        set(place, { ...field, name: e.target.value });
                      }}
                    />
                  )}
                </Cell>
                <Cell label={f.inEnglish(f.label)}>
                  {(id) => (
                    <Input
                      id={id}
                      value={english(field.label)}
                      onChange={(e) =>
                        set(place, put(field, "label", labelOf(labelText(field.label), e.target.value)))
                      }
                    />
                  )}
                </Cell>
              </div>
              <Details field={field} fields={fields} onChange={(next) => set(place, next)} />
            </>
          ) : field.relevant !== undefined ? (
            <p className="hint">{said(String(field.relevant), fields, language)}</p>
          ) : null}
          {HOLDS.has(field.type) ? (
            <FieldRows
              list={field.fields ?? []}
              fields={fields}
              open={open}
              onOpen={onOpen}
              fresh={fresh}
              onChange={(inner) => set(place, { ...field, fields: inner })}
            />
          ) : null}
        </li>
      ))}
      <li>
        <Button
          onClick={() => {
            const name = fresh();
            onChange([...list, { name, type: "text" }]);
            onOpen(name);
          }}
        >
          {f.add}
        </Button>
      </li>
    </ol>
  );
}

/** A condition as a sentence where rows can say it, else as it is written. */
export function said(rule: string, fields: ReadonlyMap<string, Field>, language: "zh" | "en"): string {
  const condition = fromCel(rule);
  return condition && fits(condition, fields) ? sentence(condition, fields, "relevant", language) : rule;
}
