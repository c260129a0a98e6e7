// The campaign a page is about: of those that run, the one in the address or else the first. More than one are
// offered to choose from; none says so.
import { useQuery } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type { Program } from "@zoufang/shared/api/types.ts";
import { Select } from "antd";
import type { ReactNode } from "react";
import { Panel } from "./layout.tsx";
import { Empty, View } from "./states.tsx";

export function RunningProgram({
  chosen,
  onChoose,
  label,
  none,
  children,
}: {
  /** Id in the address. */
  chosen: string | undefined;
  onChoose: (id: string) => void;
  /** Name of the choice, for screen readers. */
  label: string;
  /** What is said when no campaign runs. */
  none: string;
  children: (program: Program) => ReactNode;
}) {
  const query = useQuery({ queryKey: ["programs"], queryFn: () => api.programs() });
  return (
    <View query={query}>
      {(data) => {
        const running = data.items.filter((p) => p.state === "started" || p.state === "paused");
        const program = running.find((p) => p.id === chosen) ?? running[0];
        if (!program) {
          return (
            <Panel>
              <Empty text={none} />
            </Panel>
          );
        }
        return (
          <div className="stack">
            {running.length > 1 ? (
              <Select
                aria-label={label}
                value={program.id}
                options={running.map((p) => ({ value: p.id, label: p.name }))}
                onChange={onChoose}
              />
            ) : null}
            {children(program)}
          </div>
        );
      }}
    </View>
  );
}
