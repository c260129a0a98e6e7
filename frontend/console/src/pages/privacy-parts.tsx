// Parts of the privacy pages: names of channels, the state of a request, and what is printed: the report of
// everything known about a person, and the certificate of an erasure.
import { useQuery } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type {
  AccessReport,
  Certificate,
  CustomerPrivacy,
  PrivacyRequest,
} from "@zoufang/shared/api/types.ts";
import { num, stamp } from "@zoufang/shared/format.ts";
import type { Words } from "@zoufang/shared/words/index.ts";
import { Button } from "antd";
import { type ReactNode, useEffect, useRef } from "react";
import { useMay, useWords } from "../session.ts";
import { Facts, Tag, type Tone } from "../ui/layout.tsx";

/** The word for a code; a code without one is shown as it is. */
export function known(words: Record<string, string>, code: string): string {
  return words[code] ?? code;
}

/** Channels with their names: the pack's, or ours for the two built-in ones. */
export function useSources(enabled: boolean) {
  const w = useWords();
  const may = useMay("privacy.read");
  const query = useQuery({ queryKey: ["sources"], queryFn: api.sources, enabled: enabled && may });
  const all = query.data?.sources ?? [];
  const name = (id: string) =>
    w.bases.channels[id as keyof typeof w.bases.channels] || all.find((s) => s.id === id)?.title || id;
  const option = (s: { id: string }) => ({ value: s.id, label: name(s.id) });
  return {
    data: query.data,
    name,
    channels: all.filter((s) => !s.id.startsWith("tag:")).map(option),
    all: all.map(option),
  };
}

export function RequestTag({ one }: { one: PrivacyRequest }) {
  const p = useWords().customerPrivacy;
  const tones: Record<string, Tone> = { open: "warn", done: "ok", refused: "bad", withdrawn: "plain" };
  if (one.overdue) return <Tag tone="bad">{p.overdue}</Tag>;
  return <Tag tone={tones[one.state] ?? "plain"}>{known(p.requestStates, one.state)}</Tag>;
}

/** What a request is about, on one line; values are masked already. */
export function requestNote(r: PrivacyRequest, w: Words): string {
  const p = w.customerPrivacy;
  const parts = [
    r.state === "open" ? p.due(r.due_day) : "",
    r.field ? `${known(p.fields, r.field)}：${r.old_value || "–"} → ${r.new_value || "–"}` : "",
    r.detail,
    r.reason,
    r.certificate_number ?? "",
  ];
  return parts.filter(Boolean).join(" · ");
}

/** A sheet of paper on the screen, with a bar to print or close it. */
export function Sheet({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose: () => void;
  children: ReactNode;
}) {
  const w = useWords();
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => bar.current?.focus(), []);
  return (
    <div className="sheets">
      <div className="line no-print" ref={bar} tabIndex={-1}>
        <Button type="primary" onClick={() => window.print()}>
          {w.app.print}
        </Button>
        <Button onClick={onClose}>{w.common.close}</Button>
      </div>
      <article className="sheet">
        <header>
          <h2>{title}</h2>
        </header>
        {children}
      </article>
    </div>
  );
}

/** Everything known about a person, in full. */
export function Report({
  report: r,
  data,
  onClose,
}: {
  report: AccessReport;
  data: CustomerPrivacy;
  onClose: () => void;
}) {
  const w = useWords();
  const p = w.customerPrivacy;
  const sources = useSources(true);
  const value = (key: string) => r.values[key] || null;
  return (
    <Sheet title={p.reportTitle} onClose={onClose}>
      <p className="num">{p.reportBy(r.unit_name, stamp(r.made_at), r.made_by_name)}</p>
      <Facts
        items={[
          [w.customers.no, r.customer_no],
          [p.fields.name, value("name")],
          [p.fields.phone, value("phone")],
          [p.fields.id_number, value("id_number")],
          [p.fields.address, value("address")],
          [p.fields.notes, value("notes")],
          [w.customers.occupation, r.occupation],
          [p.fields.birth_year, r.birth_year === null ? null : String(r.birth_year)],
          [w.customers.balance, r.balance_band],
          [w.customers.due, r.deposit_due_day],
          [w.customers.insuranceDue, r.insurance_due_day],
          [w.customers.products, r.products.join("、")],
          [w.customers.tags, r.tags.join("、")],
          [w.customers.where, r.lat === null ? null : `${r.lat.toFixed(5)}, ${r.lon?.toFixed(5)}`],
          [w.customers.created, stamp(r.created_at)],
        ]}
      />
      <h3>{p.sources}</h3>
      <ul>
        {data.sources.map((s) => (
          <li key={s.field || "all"}>
            {s.field ? known(p.fields, s.field) : p.allFields}：{sources.name(s.channel)}，
            {known(w.bases.laws, s.law)}，{known(w.bases.purposes, s.purpose)}，
            {s.expires_day ?? p.whilePurpose}
          </li>
        ))}
      </ul>
      <h3>{p.consents}</h3>
      <ul>
        {data.consents.map((c) => (
          <li key={c.id}>
            {c.said_day} {known(p.kinds, c.kind)}：{known(p.states, c.state)}
          </li>
        ))}
      </ul>
      <h3>{p.looked}</h3>
      <ul>
        {r.events.map((e) => (
          <li key={e.at + e.action + e.actor_name} className="num">
            {stamp(e.at)} {e.unit_name} {e.actor_name} {e.action_name}
          </li>
        ))}
      </ul>
      <h3>{p.visits}</h3>
      {r.visits.length === 0 ? <p className="hint">{p.noVisits}</p> : null}
      <ul>
        {r.visits.map((v) => (
          <li key={v.id} className="num">
            {p.visitLine(
              v.day,
              known(w.desk.outcomes, v.outcome),
              v.unit_name,
              v.made_by_name,
              v.recorded.map((field) => known(p.fields, field)).join("、"),
            )}
          </li>
        ))}
      </ul>
    </Sheet>
  );
}

/** The certificate of an erasure: counts, who, when, and the event that proves it. */
export function CertificateSheet({ one: c, onClose }: { one: Certificate; onClose: () => void }) {
  const w = useWords();
  const p = w.privacy;
  const e = c.erased;
  const counts: [string, number][] = [
    [p.erased.customers, e.customers],
    [p.erased.values, e.values],
    [p.erased.tags, e.tags],
    [p.erased.fieldSources, e.field_sources],
    [p.erased.notes, e.notes],
    [p.erased.requestTexts, e.request_texts],
    [p.erased.merged, e.merged],
    [p.erased.places, e.places],
    [p.erased.kept, e.consents_kept],
  ];
  return (
    <Sheet title={p.certificate} onClose={onClose}>
      <Facts
        items={[
          [p.number, c.number],
          [w.common.unit, c.unit_name],
          [p.erasedAt, stamp(c.made_at)],
          [p.askedBy, known(p.rules, c.asked_by_name)],
          [p.approvedBy, c.approved_by_name],
        ]}
      />
      <table className="sheet-table">
        <tbody>
          {counts.map(([label, n]) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              <td className="num">{num(n)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>{p.certificateText}</p>
      <p className="num breakable">
        {p.event} {c.event_stream}·{c.event_seq} {c.event_hash}
      </p>
    </Sheet>
  );
}
