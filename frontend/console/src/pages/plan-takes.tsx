// The lines below the name of a route, on the screen and on paper: what it takes along and which method it follows.
import type { Route } from "@zoufang/shared/api/types.ts";
import { useWords } from "../session.ts";

/** What a preliminary visit takes along and leaves behind, and who opens the doors. */
export function TakesLine({ route: one }: { route: Route }) {
  const w = useWords();
  const e = w.plan.edit;
  if (one.kind !== "preliminary") return null;
  const line: [string, string[]][] = [
    [e.openers, one.openers],
    [e.materials, one.materials],
    [e.traces, one.traces],
  ];
  return (
    <p className="hint">
      {line
        .filter(([, all]) => all.length > 0)
        .map(([what, all]) => `${what}：${all.join("、")}`)
        .join(" · ")}
    </p>
  );
}

/** Which methods of visiting a route follows: one line on paper; on the screen its steps behind it. */
export function MethodLine({ route: one, paper }: { route: Route; paper?: boolean }) {
  const w = useWords();
  const m = w.plan.method;
  if (one.methods.length === 0) return null;
  const line = `${m.title}：${one.methods.map((x) => x.title).join("；")}`;
  if (paper) return <p className="hint">{line}</p>;
  return (
    <details className="method no-print">
      <summary className="hint">{line}</summary>
      {one.methods.map((x) => (
        <section key={x.title}>
          <h4>{x.title}</h4>
          <ol>
            {x.steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
          <p className="hint">
            {[[m.with, x.with] as const, [m.materials, x.materials] as const, [m.gifts, x.gifts] as const]
              .filter(([, all]) => all.length > 0)
              .map(([what, all]) => `${what}：${all.join("、")}`)
              .join(" · ")}
          </p>
        </section>
      ))}
    </details>
  );
}
