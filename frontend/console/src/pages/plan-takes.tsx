// The line of a preliminary visit, on the screen and on paper.
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
