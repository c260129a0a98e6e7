// One section of a campaign on the page: its fields, or a list of items that can be added, moved and taken away.

import { withValue } from "@zoufang/shared/api/definition.ts";
import {
  itemsOf,
  messagesAt,
  moved,
  newItem,
  newSection,
  pathOf,
  withField,
  withItems,
} from "@zoufang/shared/api/draft.ts";
import type { Definition, FileFault, FormField, FormSection, Json } from "@zoufang/shared/api/types.ts";
import { Button } from "antd";
import { useWords } from "../session.ts";
import { Panel } from "../ui/layout.tsx";
import { Empty } from "../ui/states.tsx";
import { CampaignField, type Option, useSaid } from "./campaign-field.tsx";
import { CampaignOutlets } from "./campaign-outlets.tsx";

interface Props {
  section: FormSection;
  sections: FormSection[];
  definition: Definition;
  faults: FileFault[];
  programId: string | undefined;
  unitId: string | undefined;
  onChange: (next: Definition) => void;
}

export function CampaignSection(props: Props) {
  const { section, definition, onChange } = props;
  const w = useWords();
  const e = w.editor;
  const said = useSaid();
  const items = itemsOf(definition, section);
  const title = said(section.title) || section.key;
  const own = messagesAt(props.faults, props.sections, definition, {
    section: section.key,
    item: null,
    field: null,
  });
  const says = own.map((m) => (
    <p key={m} className="field-bad" role="alert">
      {m}
    </p>
  ));

  if (section.list) {
    const put = (next: typeof items) => onChange(withItems(definition, section, next));
    return (
      <Panel title={title} hint={said(section.hint)}>
        {says}
        {items.length === 0 ? <Empty text={e.noItems(title)} /> : null}
        {items.map((item, i) => {
          const name = typeof item.title === "string" && item.title ? item.title : e.item(title, i + 1);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: an id may be typed here, and every input is controlled
            <fieldset key={i} className="group edit-item">
              <legend>
                {e.item(title, i + 1)}
                {typeof item.title === "string" && item.title ? ` · ${item.title}` : ""}
              </legend>
              <div className="line end">
                <Button
                  size="small"
                  disabled={i === 0}
                  aria-label={e.upOf(name)}
                  onClick={() => put(moved(items, i, -1))}
                >
                  {e.up}
                </Button>
                <Button
                  size="small"
                  disabled={i === items.length - 1}
                  aria-label={e.downOf(name)}
                  onClick={() => put(moved(items, i, 1))}
                >
                  {e.down}
                </Button>
                <Button
                  size="small"
                  danger
                  aria-label={e.removeOf(name)}
                  onClick={() => put(items.filter((_, k) => k !== i))}
                >
                  {e.remove}
                </Button>
              </div>
              <Fields {...props} item={i} value={item} />
            </fieldset>
          );
        })}
        <Button onClick={() => put([...items, newItem(section, items)])}>{e.add(title)}</Button>
      </Panel>
    );
  }
  const value = items[0];
  if (!value) {
    return (
      <Panel title={title} hint={said(section.hint)}>
        <Empty
          text={e.unused}
          action={
            <Button
              onClick={() =>
                onChange(withValue(definition, pathOf(section.key), newSection(section)) as Definition)
              }
            >
              {e.use}
            </Button>
          }
        />
      </Panel>
    );
  }
  return (
    <Panel
      title={title}
      hint={said(section.hint)}
      extra={
        section.required || section.key.includes(".") ? null : (
          <Button onClick={() => onChange(withValue(definition, pathOf(section.key), null) as Definition)}>
            {e.notUsed}
          </Button>
        )
      }
    >
      {says}
      <Fields {...props} item={null} value={value} />
    </Panel>
  );
}

function Fields({
  section,
  sections,
  definition,
  faults,
  programId,
  unitId,
  item,
  value,
  onChange,
}: Props & { item: number | null; value: { [key: string]: Json } }) {
  const said = useSaid();
  const optionsOf = (field: FormField): Option[] => {
    const from = sections.find((s) => s.key === field.from_section);
    if (!from) return field.choices.map((c) => ({ value: c.code, label: said(c.title) || c.code }));
    return itemsOf(definition, from).flatMap((x) =>
      typeof x.id === "string" ? [{ value: x.id, label: typeof x.title === "string" ? x.title : x.id }] : [],
    );
  };
  const put = (key: string, next: Json) => onChange(withField(definition, section, item ?? 0, key, next));
  const messages = (key: string | null) =>
    messagesAt(faults, sections, definition, { section: section.key, item, field: key });
  return (
    <>
      {item === null
        ? null
        : messages(null).map((m) => (
            <p key={m} className="field-bad" role="alert">
              {m}
            </p>
          ))}
      <div className="edit-fields">
        {section.fields.map((field) =>
          field.kind === "branches" ? null : (
            <CampaignField
              key={field.key}
              id={`f-${section.key}-${item ?? 0}-${field.key}`}
              field={field}
              value={value[field.key]}
              options={optionsOf(field)}
              messages={messages(field.key)}
              onChange={(next) => put(field.key, next)}
            />
          ),
        )}
      </div>
      {section.fields
        .filter((field) => field.kind === "branches")
        .map((field) => (
          <fieldset key={field.key} className="group">
            <legend>{said(field.title) || field.key}</legend>
            <CampaignOutlets
              programId={programId}
              unitId={unitId}
              value={value[field.key]}
              messages={messages(field.key)}
              onChange={(next) => put(field.key, next)}
            />
          </fieldset>
        ))}
    </>
  );
}
