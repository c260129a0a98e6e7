// 网点便民服务卡: what stands on it, as the outlet writes it, and ten of them on a sheet of A4 to cut.
import { PrinterOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type { ServiceCard, Unit } from "@zoufang/shared/api/types.ts";
import { stamp } from "@zoufang/shared/format.ts";
import { Button, Form, Input } from "antd";
import { useState } from "react";
import { useMay, useWords } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Panel } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { View } from "../ui/states.tsx";
import "./paper.css";

/** Ten to a sheet of A4. */
const COPIES = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];

function Card({ card }: { card: ServiceCard }) {
  const w = useWords();
  const c = w.serviceMap.card;
  return (
    <article className="service-card">
      <h3>{c.heading(card.unit_name)}</h3>
      <ul>
        {card.services.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <dl>
        <dt>{c.phone}</dt>
        <dd className="num">{card.phone || c.blank}</dd>
        <dt>{c.address}</dt>
        <dd>{card.address || c.blank}</dd>
        <dt>{c.hours}</dt>
        <dd>{card.hours || c.blank}</dd>
      </dl>
      <p>{card.notice}</p>
    </article>
  );
}

export function ServiceCardPanel({ unit }: { unit: Unit }) {
  const w = useWords();
  const c = w.serviceMap.card;
  const may = useMay("plan.write");
  const client = useQueryClient();
  const notice = useNotice();
  const [editing, setEditing] = useState(false);
  const key = ["service-card", unit.id];
  const query = useQuery({ queryKey: key, queryFn: () => api.serviceCard(unit.id) });
  return (
    <View query={query}>
      {(card) => (
        <Panel
          title={c.title}
          hint={
            card.updated_at && card.updated_by_name
              ? c.changed(card.updated_by_name, stamp(card.updated_at))
              : c.preset
          }
          extra={
            <>
              {may ? <Button onClick={() => setEditing(true)}>{w.common.edit}</Button> : null}
              <Button type="primary" icon={<PrinterOutlined />} onClick={() => window.print()}>
                {c.print}
              </Button>
            </>
          }
        >
          {card.phone ? null : <p className="why-not no-print">{c.noPhone}</p>}
          <div className="service-cards">
            {COPIES.map((copy) => (
              <Card key={copy} card={card} />
            ))}
          </div>
          <FormDialog<{ address: string; hours: string; services: string }>
            title={c.title}
            open={editing}
            onClose={() => setEditing(false)}
            initial={{ address: card.address, hours: card.hours, services: card.services.join("\n") }}
            onSubmit={async (v) => {
              const saved = await api.saveServiceCard(unit.id, {
                address: v.address ?? "",
                hours: v.hours ?? "",
                services: (v.services ?? "").split("\n"),
              });
              client.setQueryData(key, saved);
              notice(w.common.saved);
            }}
          >
            <Form.Item name="address" label={c.address}>
              <Input maxLength={100} />
            </Form.Item>
            <Form.Item name="hours" label={c.hours}>
              <Input maxLength={100} placeholder={c.hoursExample} />
            </Form.Item>
            <Form.Item
              name="services"
              label={c.services}
              extra={c.servicesHint(card.lines_max, card.line_chars_max)}
            >
              <Input.TextArea rows={card.lines_max} />
            </Form.Item>
          </FormDialog>
        </Panel>
      )}
    </View>
  );
}
