// Putting a household into the week that is not in it: found by village group or full name, then shown where it would go.
import { useInfiniteQuery } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import { num } from "@zoufang/shared/format.ts";
import { Button, Input, Modal } from "antd";
import { useState } from "react";
import { useWords } from "../session.ts";
import { ErrorBox } from "../ui/states.tsx";
import { ServerTable } from "../ui/table.tsx";
import type { Where } from "./plan-edit.tsx";

/** Households shown at once. */
const ROWS = 20;

export function AddDialog({
  where,
  version,
  onPick,
  onClose,
}: {
  where: Where;
  /** The list is of this draft. */
  version: string;
  onPick: (target: { id: string; title: string }) => void;
  onClose: () => void;
}) {
  const w = useWords();
  const e = w.plan.edit;
  const [q, setQ] = useState("");
  const { programId, unitId, week } = where;
  const list = useInfiniteQuery({
    queryKey: ["plan-admissible", programId, unitId, week, version, q],
    queryFn: ({ pageParam }) =>
      api.planAdmissible(programId, unitId, week, { q, limit: ROWS, after: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    gcTime: 0,
  });
  const rows = list.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <Modal title={e.addOtherTitle} open onCancel={onClose} footer={null} width={760} destroyOnHidden>
      <div className="stack">
        <p className="hint">{e.addOtherHint}</p>
        <Input.Search autoFocus allowClear aria-label={e.addFind} placeholder={e.addFind} onSearch={setQ} />
        <ErrorBox error={list.error} />
        <ServerTable
          label={e.addOtherTitle}
          rows={rows}
          rowKey={(r) => r.target_id}
          empty={list.isPending ? w.common.loading : e.addNone}
          columns={[
            { key: "who", title: w.plan.who, nowrap: true, render: (r) => r.name_masked },
            { key: "group", title: w.plan.group, render: (r) => r.village_group_name ?? "–" },
            { key: "p", title: w.campaigns.priority, numeric: true, render: (r) => num(r.priority) },
            { key: "why", title: w.plan.reasons, render: (r) => r.reasons.join("；") },
            {
              key: "add",
              title: "",
              render: (r) => (
                <Button
                  size="small"
                  aria-label={e.addLong(r.name_masked)}
                  onClick={() => onPick({ id: r.target_id, title: r.name_masked })}
                >
                  {e.add}
                </Button>
              ),
            },
          ]}
        />
        {list.hasNextPage ? (
          <Button loading={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
            {e.addMore}
          </Button>
        ) : null}
      </div>
    </Modal>
  );
}
