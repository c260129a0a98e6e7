// Choosing a unit: a button that opens the tree with a search box. Used for the scope in the top bar and in forms.
// The tree is nested lists of buttons, of which only the opened parts exist in the page (a province has thousands).
import { CaretDownOutlined, CaretRightOutlined, DownOutlined } from "@ant-design/icons";
import type { Unit } from "@zoufang/shared/api/types.ts";
import { useEffect, useId, useRef, useState } from "react";
import { type UnitTree, useUnits, useWords } from "../session.ts";

const MAX_HITS = 50;

export function UnitTreeView({
  tree,
  value,
  onPick,
  only,
}: {
  tree: UnitTree;
  value?: string | undefined;
  onPick: (unit: Unit) => void;
  only?: ((unit: Unit) => boolean) | undefined;
}) {
  const [open, setOpen] = useState<Set<string>>(() => new Set(pathTo(tree, value)));
  const toggle = (id: string) =>
    setOpen((old) => {
      const next = new Set(old);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  return <Level units={tree.roots} {...{ tree, value, onPick, only, open, toggle }} />;
}

function pathTo(tree: UnitTree, id: string | undefined): string[] {
  const out = tree.roots.map((u) => u.id);
  let at = id ? tree.byId.get(id) : undefined;
  while (at) {
    out.push(at.id);
    at = at.parent_id ? tree.byId.get(at.parent_id) : undefined;
  }
  return out;
}

function Level({
  units,
  tree,
  value,
  onPick,
  only,
  open,
  toggle,
}: {
  units: Unit[];
  tree: UnitTree;
  value: string | undefined;
  onPick: (unit: Unit) => void;
  only: ((unit: Unit) => boolean) | undefined;
  open: Set<string>;
  toggle: (id: string) => void;
}) {
  const w = useWords();
  return (
    <ul className="tree">
      {units.map((unit) => {
        const below = tree.children.get(unit.id) ?? [];
        const isOpen = open.has(unit.id);
        return (
          <li key={unit.id}>
            <div className="tree-row">
              {below.length > 0 ? (
                <button
                  type="button"
                  className="tree-toggle"
                  aria-expanded={isOpen}
                  aria-label={isOpen ? w.common.collapse(unit.name) : w.common.expand(unit.name)}
                  onClick={() => toggle(unit.id)}
                >
                  {isOpen ? <CaretDownOutlined /> : <CaretRightOutlined />}
                </button>
              ) : (
                <span className="tree-toggle" />
              )}
              <button
                type="button"
                className="tree-name"
                aria-current={unit.id === value ? "true" : undefined}
                disabled={only ? !only(unit) : false}
                onClick={() => onPick(unit)}
              >
                {unit.name}
              </button>
            </div>
            {isOpen && below.length > 0 ? (
              <Level units={below} {...{ tree, value, onPick, only, open, toggle }} />
            ) : null}
          </li>
        );
      })}
    </ul>
  );
}

export function UnitPicker({
  value,
  onChange,
  label,
  placeholder,
  only,
  id,
}: {
  value?: string | undefined;
  onChange?: ((id: string) => void) | undefined;
  label: string;
  placeholder?: string;
  only?: (unit: Unit) => boolean;
  id?: string;
}) {
  const w = useWords();
  const { tree } = useUnits();
  const [open, setOpen] = useState(false);
  const [find, setFind] = useState("");
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const panelId = useId();

  useEffect(() => {
    if (!open) return;
    const away = (event: MouseEvent) => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener("mousedown", away);
    return () => document.removeEventListener("mousedown", away);
  }, [open]);

  const pick = (unit: Unit) => {
    onChange?.(unit.id);
    setOpen(false);
    setFind("");
    button.current?.focus();
  };
  const wanted = find.trim();
  const hits = wanted
    ? tree.all
        .filter((u) => (u.name.includes(wanted) || u.code.includes(wanted)) && (!only || only(u)))
        .slice(0, MAX_HITS)
    : [];
  const name = value ? tree.byId.get(value)?.name : undefined;

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes what the button inside has opened
    <div
      className="picker"
      ref={box}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.stopPropagation();
        setOpen(false);
        button.current?.focus();
      }}
    >
      <button
        type="button"
        id={id}
        ref={button}
        className="picker-button"
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-label={`${label}: ${name ?? placeholder ?? w.common.chooseUnit}`}
        onClick={() => setOpen(!open)}
      >
        <span>{name ?? placeholder ?? w.common.chooseUnit}</span>
        <DownOutlined aria-hidden="true" />
      </button>
      {open ? (
        <div className="picker-panel" id={panelId} role="dialog" aria-label={label}>
          <input
            className="input"
            type="search"
            aria-label={w.common.findUnit}
            placeholder={w.common.findUnit}
            value={find}
            // biome-ignore lint/a11y/noAutofocus: the dialog was just opened by the person to search in it
            autoFocus
            onChange={(event) => setFind(event.target.value)}
          />
          <div className="picker-list">
            {wanted ? (
              <ul className="tree">
                {hits.map((unit) => (
                  <li key={unit.id}>
                    <button type="button" className="tree-name" onClick={() => pick(unit)}>
                      {unit.name} <span className="hint">{unit.level_name}</span>
                    </button>
                  </li>
                ))}
                {hits.length === 0 ? <li className="hint">{w.common.noUnit}</li> : null}
              </ul>
            ) : (
              <UnitTreeView tree={tree} value={value} onPick={pick} only={only} />
            )}
          </div>
        </div>
      ) : null}
    </div>
  );
}
