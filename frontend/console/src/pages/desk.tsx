// The desk: paper forms of a day typed in the same evening, by keyboard alone. The number on the form finds the
// household, Enter moves on, digits choose. What is typed is handed in at once and sent again until the server
// has said that it is kept; until then it lives in memory only, because it names people.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { api } from "@zoufang/shared/api/client.ts";
import type { DeskDay, DeskSheet, PushOp } from "@zoufang/shared/api/types.ts";
import { compileForm, evaluate } from "@zoufang/shared/form/evaluate.ts";
import type { Answers, Form } from "@zoufang/shared/form/model.ts";
import { num, stamp } from "@zoufang/shared/format.ts";
import { uuid7 } from "@zoufang/shared/id.ts";
import { Button, DatePicker, Input, type InputRef } from "antd";
import dayjs from "dayjs";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useMe, useWords } from "../session.ts";
import { Page, Panel, Scrolls, Tag } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { RunningProgram } from "../ui/running-program.tsx";
import { Empty, errorText, View } from "../ui/states.tsx";
import { DoubleEntry } from "./desk-double.tsx";
import { Questions } from "./desk-questions.tsx";
import { Scans } from "./desk-scans.tsx";
import { WhoWent } from "./desk-who.tsx";
import "./desk.css";

const route = getRouteApi("/shell/desk");
/** Pause before what did not get through is sent again. */
const AGAIN_MS = 4000;

export function DeskPage() {
  const w = useWords();
  const d = w.desk;
  const me = useMe();
  const navigate = useNavigate();
  const search = route.useSearch();
  const branch = me.unit.level === "branch";
  return (
    <Page
      title={d.title}
      sub={d.sub}
      actions={
        <DatePicker
          aria-label={d.day}
          placeholder={d.today}
          value={search.day ? dayjs(search.day) : null}
          onChange={(value) =>
            navigate({
              to: "/desk",
              search: (old: Record<string, unknown>) => ({ ...old, day: value?.format("YYYY-MM-DD") }),
            })
          }
        />
      }
    >
      <RunningProgram
        chosen={search.program}
        label={d.program}
        none={d.noProgram}
        onChoose={(id) =>
          navigate({ to: "/desk", search: (old: Record<string, unknown>) => ({ ...old, program: id }) })
        }
      >
        {(program) => (
          <>
            {branch ? (
              <Desk
                key={`${program.id}${search.day}`}
                programId={program.id}
                unitId={me.unit.id}
                day={search.day}
              />
            ) : (
              <Panel>
                <Empty text={d.onlyBranch} />
              </Panel>
            )}
            <DoubleEntry programId={program.id} unitId={me.unit.id} branch={branch} />
          </>
        )}
      </RunningProgram>
    </Page>
  );
}

function Desk({ programId, unitId, day }: { programId: string; unitId: string; day: string | undefined }) {
  const query = useQuery({
    queryKey: ["desk", programId, unitId, day],
    queryFn: () => api.desk(programId, unitId, day),
  });
  const formId = query.data?.form_id;
  const form = useQuery({
    queryKey: ["form", formId],
    queryFn: () => api.form(formId ?? ""),
    enabled: formId !== undefined,
  });
  return (
    <View query={query}>
      {(desk) => (
        <View query={form}>
          {(model) => <Day desk={desk} form={model} programId={programId} unitId={unitId} />}
        </View>
      )}
    </View>
  );
}

/** The device that this browser is for this person; made once and kept. */
function deviceOf(userId: string): string {
  const key = `zf-desk-${userId}`;
  const known = localStorage.getItem(key);
  if (known) return known;
  const made = uuid7();
  localStorage.setItem(key, made);
  return made;
}

/** Hands in what was typed, again and again until it is kept; leaving the page asks while something is left. */
function useOutbox(unitId: string, onKept: (detail: string | null) => void) {
  const me = useMe();
  const waiting = useRef<PushOp[]>([]);
  const busy = useRef(false);
  const [left, setLeft] = useState(0);
  const send = useCallback(async () => {
    if (busy.current || waiting.current.length === 0) return;
    busy.current = true;
    const batch = waiting.current.slice(0, 20);
    try {
      const said = await api.push({ unit_id: unitId, device_id: deviceOf(me.user.id), ops: batch });
      const keep = new Set(said.items.filter((i) => i.answer === "retry").map((i) => i.op_id));
      waiting.current = waiting.current.filter((op) => !batch.includes(op) || keep.has(op.op_id));
      for (const item of said.items) if (item.answer !== "retry") onKept(item.detail);
    } catch {
      // Not kept: it stays and is sent again.
    }
    busy.current = false;
    setLeft(waiting.current.length);
  }, [unitId, me.user.id, onKept]);
  useEffect(() => {
    const timer = setInterval(send, AGAIN_MS);
    return () => clearInterval(timer);
  }, [send]);
  useEffect(() => {
    if (left === 0) return;
    const ask = (e: BeforeUnloadEvent) => e.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [left]);
  const put = useCallback(
    (op: PushOp) => {
      waiting.current.push(op);
      setLeft(waiting.current.length);
      void send();
    },
    [send],
  );
  return { left, put };
}

function Day({
  desk,
  form,
  programId,
  unitId,
}: {
  desk: DeskDay;
  form: Form;
  programId: string;
  unitId: string;
}) {
  const w = useWords();
  const d = w.desk;
  const more = w.deskMore;
  const client = useQueryClient();
  const notice = useNotice();
  const [open, setOpen] = useState<DeskSheet | null>(null);
  const [scans, setScans] = useState<DeskSheet | null>(null);
  const [typed, setTyped] = useState("");
  const [went, setWent] = useState<string[]>([]);
  const [wrong, setWrong] = useState("");
  const number = useRef<InputRef>(null);
  const compiled = useMemo(() => compileForm(form), [form]);
  const kept = useCallback(
    (detail: string | null) => {
      if (detail) notice(detail);
      void client.invalidateQueries({ queryKey: ["desk"] });
    },
    [client, notice],
  );
  const outbox = useOutbox(unitId, kept);
  useLayoutEffect(() => {
    if (!open && !scans) number.current?.focus();
  }, [open, scans]);

  const find = () => {
    const wanted = typed.trim();
    if (wanted === "") return;
    const sheet = desk.sheets.find((s) => String(s.number ?? "") === wanted || s.customer_no === wanted);
    if (!sheet) return setWrong(d.noSuchNumber(wanted));
    if (sheet.visit && !isWanted(sheet)) {
      const own = sheet.visit.double === "wanted";
      return setWrong(own ? more.own(wanted) : d.alreadyIn(wanted, stamp(sheet.visit.received_at)));
    }
    setTyped("");
    show(sheet);
  };
  const show = (sheet: DeskSheet) => {
    setWrong("");
    setScans(null);
    setWent(sheet.members.map((m) => m.staff_id));
    setOpen(sheet);
  };
  /** The second text of a form of the sample: what is typed stays until it is kept. */
  const again = async (visitId: string, answers: Answers) => {
    try {
      const said = await api.deskSecond(unitId, visitId, answers);
      notice(said.differing > 0 ? more.differs(said.differing) : more.same);
      setOpen(null);
      for (const key of ["desk", "desk-rates", "desk-doubles"]) {
        await client.invalidateQueries({ queryKey: [key] });
      }
    } catch (cause) {
      notice(errorText(cause, w));
    }
  };
  const save = (answers: Answers) => {
    if (!open) return;
    const judged = evaluate(compiled, answers, desk.day);
    if (open.visit) return void again(open.visit.visit_id, judged.accepted);
    outbox.put({
      op_id: uuid7(),
      client_seq: 0,
      kind: "visit.submit",
      entity_id: uuid7(),
      schema_ver: 1,
      device_time: new Date().toISOString(),
      payload: {
        program_id: programId,
        kind: "precise",
        day: desk.day,
        target_id: open.target_id,
        household_id: open.household_id,
        customer_id: open.customer_id,
        stop_id: open.stop_id,
        form_id: form.id,
        form_version: form.version,
        answers: judged.accepted,
        visitors: went,
      },
    });
    setOpen(null);
  };
  const titleOf = (sheet: DeskSheet) =>
    (sheet.visit ? more.formAgain : d.formOf)(sheet.number ? String(sheet.number) : "–", sheet.name_masked);
  return (
    <>
      <div className="desk-figures" aria-live="polite">
        <Figure label={d.households} value={`${num(desk.households)} / ${num(desk.quota)}`} />
        <Figure label={d.validRecords} value={num(desk.valid_records)} />
        <Figure label={d.sameDay} value={num(desk.same_day)} />
        <Figure label={d.waiting} value={num(desk.sheets.filter((s) => !s.visit).length)} />
        {outbox.left > 0 ? <Tag tone="warn">{d.unsent(num(outbox.left))}</Tag> : null}
      </div>
      <div className="desk">
        <Panel flush title={d.sheets}>
          {desk.sheets.length === 0 ? (
            <Empty text={d.noSheets} />
          ) : (
            <Scrolls label={d.sheets} className="desk-list">
              <ol>
                {desk.sheets.map((s) => (
                  <li key={s.stop_id}>
                    <button
                      type="button"
                      className="row-button"
                      disabled={s.visit !== null && !isWanted(s)}
                      aria-current={open?.stop_id === s.stop_id}
                      onClick={() => show(s)}
                    >
                      <span className="num">{s.number ?? "–"}</span>
                      <span>
                        {s.name_masked}
                        <span className="hint"> {s.team}</span>
                      </span>
                      <Outcome sheet={s} />
                    </button>
                    {s.visit ? (
                      <Button
                        size="small"
                        type="text"
                        aria-label={`${s.name_masked} ${more.scans(s.visit.scans)}`}
                        onClick={() => {
                          setOpen(null);
                          setScans(s);
                        }}
                      >
                        {more.scans(s.visit.scans)}
                      </Button>
                    ) : null}
                  </li>
                ))}
              </ol>
            </Scrolls>
          )}
        </Panel>
        {scans?.visit ? (
          <Scans
            key={scans.stop_id}
            unitId={unitId}
            sheet={scans}
            visitId={scans.visit.visit_id}
            onLeave={() => setScans(null)}
          />
        ) : (
          <Panel title={open ? titleOf(open) : d.next} hint={open?.visit ? more.againHint : undefined}>
            {open ? (
              <Questions
                key={open.stop_id}
                form={form}
                compiled={compiled}
                today={desk.day}
                missing={open.missing}
                onSave={save}
                onLeave={() => setOpen(null)}
              >
                {open.visit ? null : (
                  <WhoWent
                    members={open.members}
                    colleagues={desk.colleagues}
                    went={went}
                    onChange={setWent}
                  />
                )}
              </Questions>
            ) : (
              <div className="stack">
                <div className="desk-number">
                  <label htmlFor="desk-number">{d.number}</label>
                  <Input
                    id="desk-number"
                    ref={number}
                    value={typed}
                    inputMode="numeric"
                    autoComplete="off"
                    aria-describedby="desk-wrong"
                    onChange={(e) => setTyped(e.target.value)}
                    onPressEnter={find}
                  />
                </div>
                <Button type="primary" onClick={find}>
                  {d.find}
                </Button>
                <p id="desk-wrong" className={wrong ? "bad-text" : "hint"} role={wrong ? "alert" : undefined}>
                  {wrong || d.numberHint}
                </p>
              </div>
            )}
          </Panel>
        )}
      </div>
    </>
  );
}

/** In the sample, typed first by somebody else, and not typed again yet. */
const isWanted = (s: DeskSheet): boolean => s.visit?.double === "wanted" && !s.visit.own;

function Figure({ label, value }: { label: string; value: string }) {
  return (
    <p>
      <span className="hint">{label}</span> <b className="num">{value}</b>
    </p>
  );
}

function Outcome({ sheet }: { sheet: DeskSheet }) {
  const w = useWords();
  const d = w.desk;
  if (!sheet.visit) return <Tag>{d.open}</Tag>;
  if (isWanted(sheet)) return <Tag tone="warn">{w.deskMore.again}</Tag>;
  const names: Record<string, string> = d.outcomes;
  const text = names[sheet.visit.outcome] ?? sheet.visit.outcome;
  if (sheet.visit.state === "review") return <Tag tone="warn">{d.review(text)}</Tag>;
  return <Tag tone={sheet.visit.counts ? "ok" : "plain"}>{text}</Tag>;
}
