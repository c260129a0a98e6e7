// The parts every page is made of: a title line with one main action, panels with a thin line, facts, tags.
import { type ReactNode, useState } from "react";

export function Page({
  title,
  sub,
  actions,
  children,
}: {
  title: ReactNode;
  sub?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className="page">
      <header className="page-head">
        <h1>{title}</h1>
        {sub ? <p className="page-sub">{sub}</p> : null}
        {actions ? <div className="page-actions">{actions}</div> : null}
      </header>
      {children}
    </div>
  );
}

export function Panel({
  title,
  hint,
  extra,
  children,
  flush,
  className = "",
}: {
  title?: ReactNode;
  hint?: ReactNode;
  extra?: ReactNode;
  children: ReactNode;
  flush?: boolean;
  className?: string;
}) {
  return (
    <section className={`panel ${flush ? "panel-flush" : ""} ${className}`}>
      {title ? (
        <div className="panel-head">
          <h2>{title}</h2>
          {extra ? <div className="panel-extra">{extra}</div> : null}
        </div>
      ) : null}
      {hint ? <p className="hint panel-hint">{hint}</p> : null}
      {children}
    </section>
  );
}

export type Tone = "plain" | "ok" | "warn" | "bad" | "info";

export function Tag({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) {
  return <span className={`tag tag-${tone}`}>{children}</span>;
}

/** Label and value pairs. */
export function Facts({ items }: { items: [string, ReactNode][] }) {
  return (
    <dl className="facts">
      {items.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value === null || value === undefined || value === "" ? "–" : value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A bar with its value written beside it, so that colour is never alone. */
export function Bar({ value, label, tone }: { value: number; label: string; tone: "ok" | "warn" | "bad" }) {
  return (
    <span className="bar">
      <span className="bar-track" aria-hidden="true">
        <span className={`bar-fill bar-${tone}`} style={{ width: `${value}%` }} />
      </span>
      <span className="num bar-label">{label}</span>
    </span>
  );
}

export function Progress({ done, total, label }: { done: number; total: number | null; label: string }) {
  const value = total ? Math.min(100, Math.floor((done / total) * 100)) : undefined;
  return (
    <div className="progress">
      <progress max={100} value={value} aria-label={label} />
      <span className="num" role="status">
        {label}
        {value === undefined ? "" : ` · ${value}%`}
      </span>
    </div>
  );
}

export interface TabItem {
  key: string;
  label: string;
}

/** Tabs as a row of buttons; the choice lives in the address, so each is a place one can link to. */
export function Tabs({
  items,
  value,
  onChange,
  label,
  drop,
}: {
  items: TabItem[];
  value: string;
  onChange: (key: string) => void;
  label: string;
  /** What may be let go on a tab: its type, and who takes it. */
  drop?: { type: string; take: (key: string, data: string) => void } | null;
}) {
  const [over, setOver] = useState<string | null>(null);
  const move = (event: React.KeyboardEvent, at: number) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const next = items[(at + step + items.length) % items.length];
    if (!step || !next) return;
    event.preventDefault();
    onChange(next.key);
    const list = event.currentTarget.parentElement;
    list?.querySelectorAll<HTMLElement>("[role=tab]")[(at + step + items.length) % items.length]?.focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label={label}>
      {items.map((item, at) => (
        <button
          key={item.key}
          type="button"
          role="tab"
          aria-selected={item.key === value}
          tabIndex={item.key === value ? 0 : -1}
          onClick={() => onChange(item.key)}
          onKeyDown={(event) => move(event, at)}
          className={over === item.key ? "drop-here" : undefined}
          onDragOver={(event) => {
            if (!drop || !event.dataTransfer.types.includes(drop.type)) return;
            event.preventDefault();
            setOver(item.key);
          }}
          onDragLeave={() => setOver(null)}
          onDrop={(event) => {
            setOver(null);
            if (!drop || !event.dataTransfer.types.includes(drop.type)) return;
            event.preventDefault();
            drop.take(item.key, event.dataTransfer.getData(drop.type));
          }}
        >
          {item.label}
        </button>
      ))}
    </div>
  );
}

/** A part of a page that scrolls by itself; the keyboard reaches it like any other. */
export function Scrolls({
  label,
  className,
  children,
}: {
  label: string;
  className: string;
  children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={className} aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
