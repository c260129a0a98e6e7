// Who is signed in, the words and the type size. Everything comes from GET /me; the type size is also kept in
// the browser so that the sign-in page, which knows nobody yet, already has it.
import { QueryCache, QueryClient, queryOptions, useQuery } from "@tanstack/react-query";
import { ApiError, api } from "@zoufang/shared/api/client.ts";
import type { Me, Unit } from "@zoufang/shared/api/types.ts";
import { type Words, zhCN } from "@zoufang/shared/words/index.ts";
import { createContext, useContext, useMemo } from "react";

let onSignedOut: () => void = () => {};
/** What to do when the server says that the session is over. */
export function whenSignedOut(action: () => void) {
  onSignedOut = action;
}

function handle(error: Error) {
  if (error instanceof ApiError && error.status === 401) onSignedOut();
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: handle }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: true,
      retry: (count, error) => error instanceof ApiError && error.status === 0 && count < 1,
    },
    mutations: { onError: handle },
  },
});

export const meQuery = queryOptions({ queryKey: ["me"], queryFn: api.me, staleTime: 60_000 });
export const unitsQuery = queryOptions({ queryKey: ["units"], queryFn: api.units, staleTime: 60_000 });

/** The signed-in person; only below the shell, which waits for it. */
export function useMe(): Me {
  const { data } = useQuery(meQuery);
  if (!data) throw new Error("useMe outside of the shell");
  return data;
}

export function useMay(permission: string): boolean {
  return useMe().permissions.includes(permission);
}

/** The page that a person starts on: the first of the menu. */
export const startPath = (me: Me): string => me.menu[0]?.path ?? "/account";

export interface UnitTree {
  all: Unit[];
  byId: Map<string, Unit>;
  children: Map<string, Unit[]>;
  roots: Unit[];
}

export function buildTree(units: Unit[]): UnitTree {
  const byId = new Map(units.map((u) => [u.id, u]));
  const children = new Map<string, Unit[]>();
  const roots: Unit[] = [];
  for (const unit of units) {
    if (unit.parent_id && byId.has(unit.parent_id)) {
      const list = children.get(unit.parent_id);
      if (list) list.push(unit);
      else children.set(unit.parent_id, [unit]);
    } else roots.push(unit);
  }
  return { all: units, byId, children, roots };
}

/** The visible unit tree; empty until it has come. */
export function useUnits() {
  const query = useQuery({ ...unitsQuery, enabled: useMay("unit.read") });
  const items = query.data?.items;
  const tree = useMemo(() => buildTree(items ?? []), [items]);
  return { query, tree };
}

/** All branches at or below a unit, in the server's order. */
export function branchesBelow(tree: UnitTree, id: string): Unit[] {
  const unit = tree.byId.get(id);
  if (!unit) return [];
  if (unit.level === "branch") return [unit];
  return (tree.children.get(id) ?? []).flatMap((child) => branchesBelow(tree, child.id));
}

export const WordsContext = createContext<Words>(zhCN);
export const useWords = () => useContext(WordsContext);

const TYPE_KEY = "zf-large-type";
export function storedLargeType(): boolean {
  try {
    return localStorage.getItem(TYPE_KEY) === "1";
  } catch {
    return false; // storage switched off: standard type
  }
}
export function storeLargeType(large: boolean) {
  try {
    localStorage.setItem(TYPE_KEY, large ? "1" : "0");
  } catch {
    // storage switched off: the server still has the preference
  }
}
