// Who went, on a form that is typed in: the team that the plan says went, each with a digit that takes them out or in
// again, and a line on which another colleague of the branch is named. By keyboard alone, like the questions above.
import { useQuery } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type { DeskColleague } from "@zoufang/shared/api/types.ts";
import { Input } from "antd";
import { type KeyboardEvent, useId, useState } from "react";
import { useWords } from "../session.ts";

/** The one colleague that a name, or a part that only one has, means. */
export function colleagueOf(typed: string, all: readonly { id: string; shown: string; name: string }[]) {
  const text = typed.trim();
  const exact = all.filter((c) => c.shown === text || c.name === text);
  const found = exact.length > 0 ? exact : all.filter((c) => c.shown.includes(text));
  return found.length === 1 ? found[0] : undefined;
}

export function WhoWent({
  members,
  colleagues,
  went,
  onChange,
}: {
  members: readonly DeskColleague[];
  colleagues: readonly DeskColleague[];
  went: readonly string[];
  onChange: (went: string[]) => void;
}) {
  const d = useWords().desk;
  const id = useId();
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState("");
  const [added, setAdded] = useState<DeskColleague[]>([]);
  const posts = useQuery({ queryKey: ["posts"], queryFn: api.posts, staleTime: 600_000 });
  const post = (code: string) => posts.data?.items.find((p) => p.code === code)?.name ?? code;
  const shown = [...members, ...added];
  const others = colleagues
    .filter((c) => !shown.some((s) => s.staff_id === c.staff_id))
    .map((c) => ({ id: c.staff_id, name: c.name, shown: d.colleague(c.name, post(c.post)) }));
  const twice = (name: string) => colleagues.filter((c) => c.name === name).length > 1;
  const toggle = (staff: string) =>
    onChange(went.includes(staff) ? went.filter((w) => w !== staff) : [...went, staff]);
  const digits = (e: KeyboardEvent) => {
    const one = shown[Number(e.key) - 1];
    if (!one || e.ctrlKey || e.altKey || e.metaKey) return;
    e.preventDefault();
    toggle(one.staff_id);
  };
  const add = (e: KeyboardEvent) => {
    // An empty line moves on, as everywhere on the form; so do the keys that save or go back.
    if (e.key !== "Enter" || typed.trim() === "" || e.nativeEvent.isComposing || e.ctrlKey || e.shiftKey)
      return;
    e.preventDefault();
    e.stopPropagation();
    const found = colleagueOf(typed, others);
    const one = colleagues.find((c) => c.staff_id === found?.id);
    if (!one) return setWrong(d.noColleague(typed.trim()));
    setTyped("");
    setWrong("");
    setAdded([...added, one]);
    onChange([...went, one.staff_id]);
  };
  return (
    <div className="desk-question">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: one stop for the keyboard, digits choose inside */}
      <fieldset className="desk-choices" data-question="visitors" tabIndex={0} onKeyDown={digits}>
        <legend>{d.went}</legend>
        {shown.map((c, i) => {
          const on = went.includes(c.staff_id);
          return (
            <button
              key={c.staff_id}
              type="button"
              tabIndex={-1}
              aria-pressed={on}
              className={on ? "desk-choice on" : "desk-choice"}
              onClick={() => toggle(c.staff_id)}
            >
              <kbd>{i + 1}</kbd> {twice(c.name) ? d.colleague(c.name, post(c.post)) : c.name}
            </button>
          );
        })}
        {shown.length === 0 ? <span className="hint">{d.wentUnknown}</span> : null}
      </fieldset>
      <div className="desk-line">
        <label htmlFor={id}>{d.wentToo}</label>
        <Input
          id={id}
          list={`${id}-all`}
          data-question="visitors-add"
          value={typed}
          autoComplete="off"
          aria-describedby={`${id}-hint`}
          onChange={(e) => {
            setTyped(e.target.value);
            setWrong("");
          }}
          onKeyDown={add}
        />
        <datalist id={`${id}-all`}>
          {others.map((c) => (
            <option key={c.id} value={c.shown} />
          ))}
        </datalist>
      </div>
      <p id={`${id}-hint`} className={wrong ? "bad-text" : "hint"} role={wrong ? "alert" : undefined}>
        {wrong || d.wentHint}
      </p>
    </div>
  );
}
