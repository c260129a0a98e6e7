// Opens a visit: the draft that is there already, or a new one with what the bank knows filled in. The id is made now,
// so that handing in twice is handing in once.
import type { Answers } from "@zoufang/shared/form/model.ts";
import { uuid7 } from "@zoufang/shared/id.ts";
import { bankDay, field } from "../context.ts";
import type { Draft, Household, Program, Stop, VillageGroup, With } from "../core/types.ts";

export interface Start {
  stop?: With<Stop> | null;
  household?: With<Household> | null;
  group?: With<VillageGroup> | null;
  /** A household that nobody had listed. */
  fresh?: boolean;
  /** Corrects a visit. */
  amends?: { id: string; rev: number; answers: Answers | null };
}

/** The program of a stop, else the one that runs today. */
export function programOf(stop: With<Stop> | null | undefined): With<Program> | null {
  const { pack, skew } = field.state;
  const named = stop ? pack.programs.get(stop.data.program_id) : undefined;
  if (named) return named;
  const today = bankDay(Date.now(), skew);
  const all = [...pack.programs.values()];
  const runs = (p: With<Program>) => p.data.first_day <= today && today <= p.data.last_day;
  return (
    all.find((p) => p.data.state === "started" && runs(p)) ??
    all.find((p) => p.data.state === "started") ??
    all[0] ??
    null
  );
}

/** What the bank knows already; it counts only when the customer agrees to the notice. */
function prefilled(household: With<Household> | null | undefined): Answers {
  if (!household) return {};
  const lead = household.data.members.find((m) => m.lead) ?? household.data.members[0];
  const answers: Answers = {};
  if (lead?.name) answers.name = lead.name;
  if (household.data.address) answers.address = household.data.address;
  return answers;
}

/** The address of the visit's page. */
export async function begin(start: Start): Promise<string> {
  const { stop, household, group } = start;
  const { drafts, skew, enrolment } = field.state;
  const day = bankDay(Date.now(), skew);
  const open = drafts.find(
    (d) =>
      !start.fresh &&
      ((stop && household && d.stop_id === stop.id) ||
        (household && d.household_id === household.id && d.day === day)),
  );
  if (open && !start.amends) return `/visit/${open.id}`;
  const program = programOf(stop);
  const where = household ?? group ?? stop;
  const groupId = group?.id ?? household?.data.village_group_id ?? stop?.data.village_group_id ?? null;
  const lead = household?.data.members.find((m) => m.lead) ?? household?.data.members[0];
  const draft: Draft = {
    id: start.amends?.id ?? uuid7(),
    op_id: uuid7(),
    unit_id: where?.unit_id ?? enrolment?.unit_id ?? "",
    program_id: program?.id ?? "",
    visit_kind: stop?.data.kind ?? "precise",
    day,
    stop_id: stop?.id ?? null,
    target_id: household ? (stop?.data.target_id ?? null) : null,
    household_id: household?.id ?? (start.fresh ? uuid7() : null),
    customer_id: lead?.customer_id ?? null,
    village_group_id: groupId,
    form_id: program?.data.form_id ?? "",
    form_version: program?.data.form_version ?? 0,
    title: household?.data.name ?? "",
    answers: start.amends?.answers ?? prefilled(household),
    visitors: [],
    photos: [],
    gifts: [],
    started_at: new Date().toISOString(),
    positions: [],
    newly_found: start.fresh ?? false,
    amends: start.amends ? { rev: start.amends.rev, reason: "" } : null,
  };
  await field.saveDraft(draft);
  return `/visit/${draft.id}`;
}
