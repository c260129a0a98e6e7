// The pieces that every screen is built of: header, card, row, tag, sheet, icons. Plain elements and tokens.
import { type ReactNode, useEffect, useId, useRef } from "react";
import { useLocation } from "wouter";
import { useWords } from "../context.ts";
import { Banners } from "../screens/banners.tsx";

export type Tone = "calm" | "ok" | "warn" | "bad" | "next";

export function Header({
  title,
  sub,
  back,
  actions,
}: {
  title: string;
  sub?: string | undefined;
  back?: string | undefined;
  actions?: ReactNode;
}) {
  const w = useWords();
  const [, go] = useLocation();
  return (
    <>
      <header className="head">
        {back ? (
          <button type="button" className="head-back" aria-label={w.back} onClick={() => go(back)}>
            <Icon name="back" />
          </button>
        ) : null}
        <div className="head-text">
          <h1>{title}</h1>
          {sub ? <p>{sub}</p> : null}
        </div>
        {actions}
      </header>
      <Banners />
    </>
  );
}

export function Card({
  children,
  title,
  flush,
  className,
}: {
  children: ReactNode;
  title?: string;
  flush?: boolean;
  className?: string;
}) {
  const id = useId();
  return (
    <section
      className={`card${flush ? " flush" : ""}${className ? ` ${className}` : ""}`}
      aria-labelledby={title ? id : undefined}
    >
      {title ? <h2 id={id}>{title}</h2> : null}
      {children}
    </section>
  );
}

export function Tag({ tone = "calm", children }: { tone?: Tone; children: ReactNode }) {
  return <span className={`tag ${tone}`}>{children}</span>;
}

export function Empty({ text, detail, children }: { text: string; detail?: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-text">{text}</p>
      {detail ? <p className="hint">{detail}</p> : null}
      {children}
    </div>
  );
}

/** A panel from below that takes the focus and gives it back. */
export function Sheet({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose: () => void;
  children: ReactNode;
}) {
  const w = useWords();
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = box.current;
    if (dialog && !dialog.open) dialog.showModal();
  }, []);
  return (
    <dialog ref={box} className="sheet" aria-labelledby={id} onClose={onClose}>
      <div className="sheet-head">
        <h2 id={id}>{title}</h2>
        <button type="button" className="plain" onClick={() => box.current?.close()}>
          {w.close}
        </button>
      </div>
      {children}
    </dialog>
  );
}

/** A line that is said to screen readers as well. */
export function Says({ tone = "calm", children }: { tone?: Tone; children: ReactNode }) {
  return (
    <p className={`says ${tone}`} role={tone === "bad" ? "alert" : "status"}>
      {children}
    </p>
  );
}

const PATHS: Record<string, ReactNode> = {
  back: <path d="M15 5l-7 7 7 7" />,
  today: (
    <>
      <path d="M12 21s7-6.2 7-11.5A7 7 0 0 0 5 9.5C5 14.8 12 21 12 21z" />
      <circle cx="12" cy="9.5" r="2.5" />
    </>
  ),
  customers: (
    <>
      <circle cx="9" cy="8" r="3.5" />
      <path d="M2.5 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M16 5a3.3 3.3 0 0 1 0 6.3M18 14.5c2.200.8 3.5 2.8 3.5 5.5" />
    </>
  ),
  uploads: <path d="M12 15V4M7.5 8.5L12 4l4.5 4.5M4 15v4a1.5 1.5 0 0 0 1.5 1.5h13A1.5 1.5 0 0 0 20 19v-4" />,
  mine: <path d="M4 6.5h16M4 12h16M4 17.5h10" />,
  chevron: <path d="M9 5l7 7-7 7" />,
  check: <path d="M5 12.5l4.5 4.5L19 7.5" />,
};

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      {PATHS[name]}
    </svg>
  );
}

export function Tabs({ unsent }: { unsent: number }) {
  const w = useWords();
  const [at, go] = useLocation();
  const tabs = [
    ["/", "today", w.tabs.today],
    ["/customers", "customers", w.tabs.customers],
    ["/uploads", "uploads", w.tabs.uploads],
    ["/mine", "mine", w.tabs.mine],
  ] as const;
  return (
    <nav className="tabs" aria-label={w.nav}>
      {tabs.map(([path, icon, label]) => (
        <a
          key={path}
          href={`/m${path}`}
          aria-current={at === path ? "page" : undefined}
          onClick={(e) => {
            e.preventDefault();
            go(path);
          }}
        >
          <span className="tab-icon">
            <Icon name={icon} />
            {icon === "uploads" && unsent > 0 ? <b className="badge num">{unsent}</b> : null}
          </span>
          {label}
        </a>
      ))}
    </nav>
  );
}
