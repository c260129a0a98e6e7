// Who is on this phone: households and village groups of the days around, found by what one remembers of them.
import { useMemo, useState } from "react";
import { useLocation } from "wouter";
import { useField, useWords } from "../context.ts";
import { groupName } from "../core/day.ts";
import { Card, Empty, Header, Icon } from "../ui/base.tsx";

const SHOWN = 100;

export function Customers() {
  const w = useWords();
  const { pack } = useField();
  const [, go] = useLocation();
  const [text, setText] = useState("");
  const wanted = text.trim();
  const households = useMemo(() => {
    const has = (t: string | null | undefined) => t?.includes(wanted) ?? false;
    return [...pack.households.values()]
      .filter(
        ({ data: h }) =>
          wanted === "" ||
          has(h.name) ||
          has(h.address) ||
          has(h.village_group) ||
          h.members.some((m) => has(m.name)),
      )
      .sort(
        (a, b) =>
          (a.data.village_group ?? "").localeCompare(b.data.village_group ?? "", "zh") ||
          a.data.name.localeCompare(b.data.name, "zh"),
      );
  }, [pack, wanted]);
  const groups = [...pack.groups.values()].filter(
    ({ data: g }) => wanted === "" || g.name.includes(wanted) || (g.village ?? "").includes(wanted),
  );
  const stopOf = (id: string, kind: "household_id" | "village_group_id") =>
    pack.stops.find((s) => s.data[kind] === id && (kind === "household_id" || s.data.household_id === null))
      ?.id;
  return (
    <>
      <Header title={w.customers.title} sub={w.customers.sub(pack.households.size)} />
      <main id="main" className="page">
        <input
          type="search"
          aria-label={w.customers.search}
          placeholder={w.customers.search}
          value={text}
          onChange={(e) => setText(e.target.value)}
        />
        <button type="button" className="second" onClick={() => go("/new")}>
          {w.customers.add}
        </button>
        {groups.length > 0 ? (
          <Card title={w.customers.groups} flush>
            <ul className="rows">
              {groups.slice(0, SHOWN).map((g) => (
                <li key={g.id}>
                  <button
                    type="button"
                    className="row"
                    onClick={() => go(`/group/${g.id}/${stopOf(g.id, "village_group_id") ?? "-"}`)}
                  >
                    <span className="row-text">
                      <b>{groupName(g.data)}</b>
                      <span className="hint">{g.data.township}</span>
                    </span>
                    <Icon name="chevron" />
                  </button>
                </li>
              ))}
            </ul>
          </Card>
        ) : null}
        {households.length > 0 ? (
          <Card title={w.customers.households} flush>
            <ul className="rows">
              {households.slice(0, SHOWN).map((h) => (
                <li key={h.id}>
                  <button
                    type="button"
                    className="row"
                    onClick={() => go(`/household/${h.id}/${stopOf(h.id, "household_id") ?? "-"}`)}
                  >
                    <span className="row-text">
                      <b>{h.data.name}</b>
                      <span className="hint">
                        {[h.data.village_group, h.data.address].filter(Boolean).join(" · ")}
                      </span>
                    </span>
                    <Icon name="chevron" />
                  </button>
                </li>
              ))}
            </ul>
          </Card>
        ) : null}
        {households.length === 0 && groups.length === 0 ? (
          <Card>
            <Empty text={w.customers.none} />
          </Card>
        ) : null}
      </main>
    </>
  );
}
