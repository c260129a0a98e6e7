// Who went: the others of the team, one tap each. Whoever writes is there already.
import { field, useField, useWords } from "../context.ts";
import type { Draft, Pack, Stop, TeamMember, With } from "../core/types.ts";
import { teamOf, withVisitor } from "../core/visit.ts";
import { Card } from "../ui/base.tsx";

/** The team of the stop; of a household that is no stop, the team of that day. */
export function membersOf(pack: Pack, stop: With<Stop> | null, day: string): TeamMember[] {
  const own = stop?.data.members ?? [];
  if (own.length > 0) return own;
  return pack.stops.find((s) => s.data.day === day && s.data.members?.length)?.data.members ?? [];
}

export function Visitors({ draft, members }: { draft: Draft; members: TeamMember[] }) {
  const w = useWords();
  const { enrolment } = useField();
  const name = enrolment?.user_name ?? "";
  const { self, others } = teamOf(members, name);
  if (others.length === 0) return null;
  const toggle = (id: string) =>
    void field.change(draft.id, (now) => ({ ...now, visitors: withVisitor(now.visitors, id, self) }));
  return (
    <Card>
      <fieldset className="question">
        <legend>{w.visit.visitors}</legend>
        <div className="choices">
          {self ? (
            <span className="chip on fixed">
              {name} <small>{w.visit.me}</small>
            </span>
          ) : null}
          {others.map((m) => {
            const on = draft.visitors.includes(m.id);
            return (
              <button
                key={m.id}
                type="button"
                className={on ? "chip on" : "chip"}
                aria-pressed={on}
                onClick={() => toggle(m.id)}
              >
                {m.name}
              </button>
            );
          })}
        </div>
        <p className="hint">{self ? w.visit.visitorsHint : w.visit.visitorsAll}</p>
      </fieldset>
    </Card>
  );
}
