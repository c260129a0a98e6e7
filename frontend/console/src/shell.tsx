// The frame around every page: menu on the left, scope and person on top, the demo banner, the foot line.
import {
  ApartmentOutlined,
  BellOutlined,
  CalendarOutlined,
  CheckSquareOutlined,
  ContactsOutlined,
  CopyOutlined,
  DownloadOutlined,
  EnvironmentOutlined,
  FileProtectOutlined,
  FlagOutlined,
  FormOutlined,
  HistoryOutlined,
  HomeOutlined,
  IdcardOutlined,
  MenuOutlined,
  MobileOutlined,
  OrderedListOutlined,
  SafetyOutlined,
  SettingOutlined,
  StarOutlined,
  SwapOutlined,
  TeamOutlined,
  UploadOutlined,
} from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useRouterState, useSearch } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { Me } from "@zoufang/shared/api/types.ts";
import { num } from "@zoufang/shared/format.ts";
import { type ComponentType, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useInboxNotice } from "./notices.ts";
import { meQuery, queryClient, useMay, useMe, useWords } from "./session.ts";
import { ErrorBox } from "./ui/states.tsx";
import { UnitPicker } from "./ui/unit-picker.tsx";

const icons: Record<string, ComponentType> = {
  bell: BellOutlined,
  "ordered-list": OrderedListOutlined,
  dashboard: HomeOutlined,
  contacts: ContactsOutlined,
  copy: CopyOutlined,
  swap: SwapOutlined,
  home: IdcardOutlined,
  star: StarOutlined,
  check: CheckSquareOutlined,
  flag: FlagOutlined,
  calendar: CalendarOutlined,
  environment: EnvironmentOutlined,
  apartment: ApartmentOutlined,
  upload: UploadOutlined,
  download: DownloadOutlined,
  safety: SafetyOutlined,
  "file-protect": FileProtectOutlined,
  team: TeamOutlined,
  mobile: MobileOutlined,
  history: HistoryOutlined,
  setting: SettingOutlined,
};

function MenuIcon({ name }: { name?: string | null | undefined }) {
  const Icon = icons[name ?? ""] ?? FormOutlined;
  return (
    <span className="nav-icon" aria-hidden="true">
      <Icon />
    </span>
  );
}

const clock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  timeZone: "Asia/Shanghai",
});

/** Time of the newest answer of the server in this browser, HH:MM in the zone of all other times on the pages. */
function useDataTime(): string {
  const latest = useSyncExternalStore(
    (changed) => queryClient.getQueryCache().subscribe(() => queueMicrotask(changed)),
    () => {
      const times = queryClient
        .getQueryCache()
        .getAll()
        .map((q) => q.state.dataUpdatedAt);
      return Math.floor(Math.max(0, ...times) / 60_000);
    },
  );
  return clock.format(latest * 60_000);
}

function TypeSwitch({ me }: { me: Me }) {
  const w = useWords();
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (large: boolean) => api.setPreferences({ large_type: large }),
    onMutate: (large) =>
      client.setQueryData(meQuery.queryKey, (old) =>
        old ? { ...old, preferences: { ...old.preferences, large_type: large } } : old,
      ),
    onError: () => client.invalidateQueries({ queryKey: meQuery.queryKey }),
  });
  const large = me.preferences.large_type;
  return (
    <fieldset className="switch">
      <legend className="unseen">{w.shell.type}</legend>
      <button type="button" aria-pressed={!large} onClick={() => change.mutate(false)}>
        {w.shell.standard}
      </button>
      <button type="button" aria-pressed={large} onClick={() => change.mutate(true)}>
        {w.shell.large}
      </button>
    </fieldset>
  );
}

function UserMenu({ me }: { me: Me }) {
  const w = useWords();
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const signOut = useMutation({
    mutationFn: api.signOut,
    onSettled: async () => {
      await navigate({ to: "/sign-in", search: {} });
      queryClient.clear();
    },
  });
  useEffect(() => {
    if (!open) return;
    const away = (event: MouseEvent) => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener("mousedown", away);
    return () => document.removeEventListener("mousedown", away);
  }, [open]);
  const role = me.roles[0]?.name;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes what the button inside has opened
    <div className="user-menu" ref={box} onKeyDown={(e) => e.key === "Escape" && setOpen(false)}>
      <button
        type="button"
        className="user-button"
        aria-expanded={open}
        aria-label={w.shell.userMenu(me.user.name)}
        onClick={() => setOpen(!open)}
      >
        <span className="avatar" aria-hidden="true">
          {me.user.name.slice(0, 1)}
        </span>
        <span className="user-name">
          {me.user.name}
          {role ? ` · ${role}` : ""}
        </span>
      </button>
      {open ? (
        <div className="user-panel">
          <Link to="/account" onClick={() => setOpen(false)}>
            {w.shell.me}
          </Link>
          <button type="button" onClick={() => signOut.mutate()}>
            {w.shell.signOut}
          </button>
        </div>
      ) : null}
    </div>
  );
}

export function Brand() {
  const w = useWords();
  return (
    <div className="brand">
      <span className="seal">{w.app.name}</span>
      <span>{w.app.console}</span>
    </div>
  );
}

export function Shell() {
  const w = useWords();
  const me = useMe();
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const path = useRouterState({ select: (s) => s.location.pathname });
  const mayUnits = useMay("unit.read");
  const dataTime = useDataTime();
  const notice = useInboxNotice(useMay("task.read"));
  const [navOpen, setNavOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const seen = useRef(path);

  // A new page starts at its top for everybody, screen readers included.
  useEffect(() => {
    setNavOpen(false);
    if (seen.current === path) return;
    seen.current = path;
    main.current?.focus({ preventScroll: true });
  }, [path]);

  return (
    <div className="shell">
      <a className="skip" href="#main">
        {w.app.skip}
      </a>
      <aside className={navOpen ? "side open" : "side"}>
        <div className="side-top">
          <Brand />
          <button
            type="button"
            className="nav-toggle"
            aria-expanded={navOpen}
            aria-label={w.app.menuOpen}
            onClick={() => setNavOpen(!navOpen)}
          >
            <MenuOutlined />
          </button>
        </div>
        <nav aria-label={w.app.mainNav}>
          <ul>
            {me.menu.map((item) => {
              const here = path === item.path || path.startsWith(`${item.path}/`);
              return (
                <li key={item.id}>
                  <Link to={item.path} search={{}} aria-current={here ? "page" : undefined}>
                    <MenuIcon name={item.icon} />
                    {item.label}
                    {item.id === "inbox" && notice && notice.count > 0 ? (
                      <span className="nav-count" role="status">
                        <span aria-hidden="true">{num(notice.count)}</span>
                        <span className="unseen">{w.tasks.count(num(notice.count))}</span>
                      </span>
                    ) : null}
                  </Link>
                </li>
              );
            })}
          </ul>
        </nav>
        <p className="side-foot num">
          {w.app.dataAsOf(dataTime)}
          <br />
          {w.app.version(me.system.version)}
        </p>
      </aside>
      <div className="body">
        {me.system.demo ? (
          <div className="demo-banner" role="note" title={w.app.demoLong}>
            <b>{w.app.demo}</b>
            <span>{w.app.demoLong}</span>
          </div>
        ) : null}
        <header className="top">
          {mayUnits ? (
            <UnitPicker
              label={w.shell.scope}
              value={search.unit ?? me.unit.id}
              onChange={(unit) =>
                navigate({
                  to: ".",
                  search: (old: Record<string, unknown>) => ({
                    ...old,
                    after: undefined,
                    node: undefined,
                    unit: unit === me.unit.id ? undefined : unit,
                  }),
                })
              }
            />
          ) : (
            <b className="scope-name">{me.unit.name}</b>
          )}
          <div className="top-right">
            <TypeSwitch me={me} />
            <UserMenu me={me} />
          </div>
        </header>
        <main id="main" ref={main} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
    </div>
  );
}

export function ShellError({ error }: { error: Error }) {
  return (
    <div className="page">
      <ErrorBox error={error} retry={() => window.location.reload()} />
    </div>
  );
}
