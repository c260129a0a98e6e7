// What tasks, their kinds, states and times are called, in the language of whoever looks.
import type { TaskRow, TwoWords } from "@zoufang/shared/api/types.ts";
import { stamp } from "@zoufang/shared/format.ts";
import { useMe, useWords } from "../session.ts";

export function useTaskWords() {
  const t = useWords().tasks;
  const english = useMe().preferences.locale === "en";
  const two = (words: TwoWords | null | undefined) => (words ? (english ? words.en : words.zh) : "");
  return {
    two,
    /** The kind, unless the title says it already. */
    kind: (task: TaskRow) => (task.kind_name.zh === task.title ? "" : two(task.kind_name)),
    owner: (task: TaskRow) => task.owner_name || two(task.owner_post),
    due: (task: TaskRow) =>
      task.ended_at
        ? t.endedAt(stamp(task.ended_at))
        : task.paused
          ? t.stands
          : task.late
            ? t.lateSince(stamp(task.due_at))
            : t.dueAt(stamp(task.due_at)),
    /** Where the work itself is done, on the day that the task is about. */
    page: (task: TaskRow) => ({ to: task.page ?? "/inbox", search: task.day ? { day: task.day } : {} }),
  };
}
