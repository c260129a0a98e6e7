// Which address shows which page, and which filters live in the address. Pages are fetched when first opened.
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  retainSearchParams,
} from "@tanstack/react-router";
import { ApiError, type Query, queryString } from "@zoufang/shared/api/client.ts";
import type { Me } from "@zoufang/shared/api/types.ts";
import { SignInPage } from "./pages/sign-in.tsx";
import { meQuery, queryClient, startPath, whenSignedOut } from "./session.ts";
import { Shell } from "./shell.tsx";
import { Broken, NotFound } from "./ui/states.tsx";

type Raw = Record<string, unknown>;
const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : undefined;

export interface ScopeSearch {
  unit?: string | undefined;
}

const root = createRootRoute({
  validateSearch: (s: Raw): ScopeSearch => ({ unit: text(s.unit) }),
  search: { middlewares: [retainSearchParams<ScopeSearch>(["unit"])] },
  notFoundComponent: NotFound,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (s: Raw): { next?: string | undefined } => ({ next: text(s.next) }),
  component: SignInPage,
});

/** Signed in, or off to the sign-in page and back again afterwards. */
async function signedIn(href: string): Promise<Me> {
  try {
    return await queryClient.ensureQueryData(meQuery);
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      throw redirect({ to: "/sign-in", search: { next: href === "/" ? undefined : href } });
    }
    throw error;
  }
}

const firstPassword = createRoute({
  getParentRoute: () => root,
  path: "/first-password",
  beforeLoad: async ({ location }) => {
    await signedIn(location.href);
  },
  component: lazyRouteComponent(() => import("./pages/account.tsx"), "FirstPasswordPage"),
});

const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  beforeLoad: async ({ location }) => {
    const me = await signedIn(location.href);
    if (me.user.must_change_password) throw redirect({ to: "/first-password" });
  },
  component: Shell,
});

const index = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: async () => {
    throw redirect({ to: startPath(await signedIn("/")) });
  },
});

const page = <P extends string>(path: P) => ({ getParentRoute: () => shell, path });

const overview = createRoute({
  ...page("/overview"),
  component: lazyRouteComponent(() => import("./pages/overview.tsx"), "OverviewPage"),
});
const units = createRoute({
  ...page("/units"),
  validateSearch: (
    s: Raw,
  ): { node?: string | undefined; tab?: string | undefined; month?: string | undefined } => ({
    node: text(s.node),
    tab: text(s.tab),
    month: text(s.month),
  }),
  component: lazyRouteComponent(() => import("./pages/units.tsx"), "UnitsPage"),
});

export interface CustomerSearch {
  tag?: string | undefined;
  group?: string | undefined;
  complete?: string | undefined;
  visit?: string | undefined;
  after?: string | undefined;
}
const customers = createRoute({
  ...page("/customers"),
  validateSearch: (s: Raw): CustomerSearch => ({
    tag: text(s.tag),
    group: text(s.group),
    complete: text(s.complete),
    visit: text(s.visit),
    after: text(s.after),
  }),
  component: lazyRouteComponent(() => import("./pages/customers.tsx"), "CustomersPage"),
});
const customer = createRoute({
  ...page("/customers/$unitId/$customerId"),
  component: lazyRouteComponent(() => import("./pages/customer.tsx"), "CustomerPage"),
});
const households = createRoute({
  ...page("/households"),
  validateSearch: (s: Raw): { state?: string | undefined; after?: string | undefined } => ({
    state: text(s.state),
    after: text(s.after),
  }),
  component: lazyRouteComponent(() => import("./pages/households.tsx"), "HouseholdsPage"),
});
const household = createRoute({
  ...page("/households/$unitId/$householdId"),
  component: lazyRouteComponent(() => import("./pages/household.tsx"), "HouseholdPage"),
});
const visits = createRoute({
  ...page("/visits/$unitId"),
  validateSearch: (s: Raw): { program: string; day: string; after?: string | undefined } => ({
    program: text(s.program) ?? "",
    day: text(s.day) ?? "",
    after: text(s.after),
  }),
  component: lazyRouteComponent(() => import("./pages/visits.tsx"), "VisitsPage"),
});
const visit = createRoute({
  ...page("/visits/$unitId/$visitId"),
  component: lazyRouteComponent(() => import("./pages/visit.tsx"), "VisitPage"),
});
const duplicates = createRoute({
  ...page("/duplicates"),
  validateSearch: (
    s: Raw,
  ): {
    state?: string | undefined;
    reach?: string | undefined;
    pair?: string | undefined;
    after?: string | undefined;
  } => ({
    state: text(s.state),
    reach: text(s.reach),
    pair: text(s.pair),
    after: text(s.after),
  }),
  component: lazyRouteComponent(() => import("./pages/duplicates.tsx"), "DuplicatesPage"),
});
const transfers = createRoute({
  ...page("/transfers"),
  validateSearch: (s: Raw): { after?: string | undefined } => ({ after: text(s.after) }),
  component: lazyRouteComponent(() => import("./pages/transfers.tsx"), "TransfersPage"),
});
const reviews = createRoute({
  ...page("/reviews"),
  validateSearch: (
    s: Raw,
  ): { list?: string | undefined; state?: string | undefined; after?: string | undefined } => ({
    list: text(s.list),
    state: text(s.state),
    after: text(s.after),
  }),
  component: lazyRouteComponent(() => import("./pages/reviews.tsx"), "ReviewsPage"),
});
const gone = createRoute({
  ...page("/gone"),
  validateSearch: (
    s: Raw,
  ): { program?: string | undefined; unit?: string | undefined; after?: string | undefined } => ({
    program: text(s.program),
    unit: text(s.unit),
    after: text(s.after),
  }),
  component: lazyRouteComponent(() => import("./pages/gone.tsx"), "GonePage"),
});
const rescues = createRoute({
  ...page("/rescues"),
  validateSearch: (s: Raw): { after?: string | undefined } => ({ after: text(s.after) }),
  component: lazyRouteComponent(() => import("./pages/rescues.tsx"), "RescuesPage"),
});
const devices = createRoute({
  ...page("/devices"),
  validateSearch: (s: Raw): { after?: string | undefined } => ({ after: text(s.after) }),
  component: lazyRouteComponent(() => import("./pages/devices.tsx"), "DevicesPage"),
});
const groups = createRoute({
  ...page("/groups"),
  validateSearch: (s: Raw): { code?: string | undefined } => ({ code: text(s.code) }),
  component: lazyRouteComponent(() => import("./pages/groups.tsx"), "GroupsPage"),
});
const ticks = createRoute({
  ...page("/ticks"),
  validateSearch: (s: Raw): { group?: string | undefined; number?: string | undefined } => ({
    group: text(s.group),
    number: text(s.number),
  }),
  component: lazyRouteComponent(() => import("./pages/ticks.tsx"), "TicksPage"),
});
const campaigns = createRoute({
  ...page("/campaigns"),
  component: lazyRouteComponent(() => import("./pages/campaigns.tsx"), "CampaignsPage"),
});
const campaign = createRoute({
  ...page("/campaigns/$programId"),
  validateSearch: (
    s: Raw,
  ): { tab?: string | undefined; of?: string | undefined; after?: string | undefined } => ({
    tab: text(s.tab),
    of: text(s.of),
    after: text(s.after),
  }),
  component: lazyRouteComponent(() => import("./pages/campaign.tsx"), "CampaignPage"),
});
const writes = (s: Raw): { section?: string | undefined; tab?: string | undefined } => ({
  section: text(s.section),
  tab: text(s.tab),
});
const desk = createRoute({
  ...page("/desk"),
  validateSearch: (s: Raw): { program?: string | undefined; day?: string | undefined } => ({
    program: text(s.program),
    day: text(s.day),
  }),
  component: lazyRouteComponent(() => import("./pages/desk.tsx"), "DeskPage"),
});
const inbox = createRoute({
  ...page("/inbox"),
  validateSearch: (s: Raw): { after?: string | undefined } => ({ after: text(s.after) }),
  component: lazyRouteComponent(() => import("./pages/inbox.tsx"), "InboxPage"),
});
const tasks = createRoute({
  ...page("/tasks"),
  validateSearch: (
    s: Raw,
  ): { state?: string | undefined; kind?: string | undefined; after?: string | undefined } => ({
    state: text(s.state),
    kind: text(s.kind),
    after: text(s.after),
  }),
  component: lazyRouteComponent(() => import("./pages/tasks.tsx"), "TasksPage"),
});
const task = createRoute({
  ...page("/tasks/$unitId/$taskId"),
  component: lazyRouteComponent(() => import("./pages/task.tsx"), "TaskPage"),
});
const routines = createRoute({
  ...page("/routines"),
  validateSearch: (s: Raw): { month?: string | undefined; day?: string | undefined } => ({
    month: text(s.month),
    day: text(s.day),
  }),
  component: lazyRouteComponent(() => import("./pages/routines.tsx"), "RoutinesPage"),
});
const dailyMeetings = createRoute({
  ...page("/daily-meetings"),
  validateSearch: (
    s: Raw,
  ): { program?: string | undefined; day?: string | undefined; unit?: string | undefined } => ({
    program: text(s.program),
    day: text(s.day),
    unit: text(s.unit),
  }),
  component: lazyRouteComponent(() => import("./pages/daily-meetings.tsx"), "DailyMeetingsPage"),
});
const board = createRoute({
  ...page("/board"),
  validateSearch: (
    s: Raw,
  ): { program?: string | undefined; day?: string | undefined; tab?: string | undefined } => ({
    program: text(s.program),
    day: text(s.day),
    tab: text(s.tab),
  }),
  component: lazyRouteComponent(() => import("./pages/board.tsx"), "BoardPage"),
});
const shortfall = createRoute({
  ...page("/shortfall"),
  validateSearch: (s: Raw): { program?: string | undefined; of?: string | undefined } => ({
    program: text(s.program),
    of: text(s.of),
  }),
  component: lazyRouteComponent(() => import("./pages/shortfall.tsx"), "ShortfallPage"),
});
const campaignNew = createRoute({
  ...page("/campaigns/new"),
  validateSearch: writes,
  component: lazyRouteComponent(() => import("./pages/campaign-edit.tsx"), "NewCampaignPage"),
});
const campaignEdit = createRoute({
  ...page("/campaigns/$programId/edit"),
  validateSearch: writes,
  component: lazyRouteComponent(() => import("./pages/campaign-edit.tsx"), "EditCampaignPage"),
});
const plans = createRoute({
  ...page("/plans"),
  validateSearch: (
    s: Raw,
  ): { program?: string | undefined; week?: string | undefined; state?: string | undefined } => ({
    program: text(s.program),
    week: text(s.week),
    state: text(s.state),
  }),
  component: lazyRouteComponent(() => import("./pages/plans.tsx"), "PlansPage"),
});
const plansPrint = createRoute({
  ...page("/plans/print"),
  validateSearch: (s: Raw): { program?: string | undefined; week?: string | undefined } => ({
    program: text(s.program),
    week: text(s.week),
  }),
  component: lazyRouteComponent(() => import("./pages/plans-print.tsx"), "PlansPrintPage"),
});
const plan = createRoute({
  ...page("/plans/$programId/$unitId/$week"),
  validateSearch: (s: Raw): { day?: string | undefined } => ({ day: text(s.day) }),
  component: lazyRouteComponent(() => import("./pages/plan.tsx"), "PlanPage"),
});
const serviceMap = createRoute({
  ...page("/service-map"),
  validateSearch: (s: Raw): { tab?: string | undefined } => ({ tab: text(s.tab) }),
  component: lazyRouteComponent(() => import("./pages/service-map.tsx"), "ServiceMapPage"),
});
const collectionForms = createRoute({
  ...page("/plans/$programId/$unitId/$week/forms"),
  component: lazyRouteComponent(() => import("./pages/collection-forms.tsx"), "CollectionFormsPage"),
});
const imports = createRoute({
  ...page("/imports"),
  validateSearch: (s: Raw): { id?: string | undefined; after?: string | undefined } => ({
    id: text(s.id),
    after: text(s.after),
  }),
  component: lazyRouteComponent(() => import("./pages/imports.tsx"), "ImportsPage"),
});
/** The address that the list of things to do uses for one import. */
const oneImport = createRoute({
  ...page("/imports/$importId"),
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/imports", search: { id: params.importId } });
  },
});
const quality = createRoute({
  ...page("/quality"),
  validateSearch: (s: Raw): { day?: string | undefined } => ({ day: text(s.day) }),
  component: lazyRouteComponent(() => import("./pages/quality.tsx"), "QualityPage"),
});
const exportsRoute = createRoute({
  ...page("/exports"),
  validateSearch: (s: Raw): { after?: string | undefined } => ({ after: text(s.after) }),
  component: lazyRouteComponent(() => import("./pages/exports.tsx"), "ExportsPage"),
});
const privacy = createRoute({
  ...page("/privacy"),
  validateSearch: (s: Raw): { tab?: string | undefined; after?: string | undefined } => ({
    tab: text(s.tab),
    after: text(s.after),
  }),
  component: lazyRouteComponent(() => import("./pages/privacy.tsx"), "PrivacyPage"),
});
const forms = createRoute({
  ...page("/forms"),
  component: lazyRouteComponent(() => import("./pages/forms.tsx"), "FormsPage"),
});
const oneForm = createRoute({
  ...page("/forms/$formId/$version"),
  component: lazyRouteComponent(() => import("./pages/form.tsx"), "FormPage"),
});
const bases = createRoute({
  ...page("/bases"),
  validateSearch: (s: Raw): { after?: string | undefined } => ({ after: text(s.after) }),
  component: lazyRouteComponent(() => import("./pages/bases.tsx"), "BasesPage"),
});
const users = createRoute({
  ...page("/users"),
  validateSearch: (s: Raw): { after?: string | undefined } => ({ after: text(s.after) }),
  component: lazyRouteComponent(() => import("./pages/users.tsx"), "UsersPage"),
});
const audit = createRoute({
  ...page("/audit"),
  validateSearch: (s: Raw): { action?: string | undefined; after?: string | undefined } => ({
    action: text(s.action),
    after: text(s.after),
  }),
  component: lazyRouteComponent(() => import("./pages/audit.tsx"), "AuditPage"),
});
const system = createRoute({
  ...page("/system"),
  component: lazyRouteComponent(() => import("./pages/system.tsx"), "SystemPage"),
});
const account = createRoute({
  ...page("/account"),
  component: lazyRouteComponent(() => import("./pages/account.tsx"), "AccountPage"),
});

const routeTree = root.addChildren([
  index,
  signIn,
  firstPassword,
  shell.addChildren([
    overview,
    units,
    customers,
    customer,
    households,
    household,
    duplicates,
    transfers,
    reviews,
    visits,
    visit,
    devices,
    groups,
    ticks,
    campaigns,
    campaign,
    desk,
    board,
    inbox,
    tasks,
    task,
    routines,
    dailyMeetings,
    gone,
    rescues,
    shortfall,
    campaignNew,
    campaignEdit,
    plans,
    plansPrint,
    plan,
    collectionForms,
    serviceMap,
    imports,
    oneImport,
    exportsRoute,
    quality,
    privacy,
    bases,
    forms,
    oneForm,
    users,
    audit,
    system,
    account,
  ]),
]);

/** Addresses stay readable: `?week=2026-W48&day=2026-11-24`, no JSON in them. */
const parseSearch = (search: string): Raw => Object.fromEntries(new URLSearchParams(search));
const stringifySearch = (search: Raw): string => {
  const query: Query = {};
  for (const [key, value] of Object.entries(search)) query[key] = text(value);
  return queryString(query);
};

export const router = createRouter({
  routeTree,
  parseSearch,
  stringifySearch,
  defaultPreload: false,
  scrollRestoration: true,
  defaultNotFoundComponent: NotFound,
  defaultErrorComponent: Broken,
});

// The pages go first and their data after: a page that is still on screen must not lose the person it shows.
let leaving = false;
whenSignedOut(async () => {
  if (leaving || router.state.location.pathname === "/sign-in") return;
  leaving = true;
  await router.navigate({ to: "/sign-in", search: { next: router.state.location.href } });
  // What the sign-in page itself has asked for belongs to nobody and stays.
  queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== "hints" });
  leaving = false;
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
