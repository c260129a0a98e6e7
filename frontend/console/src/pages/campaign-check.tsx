// Can the campaign be done? Every finding says what is wrong, on what ground, how much is missing and what can be
// changed; what stands in the campaign file can be changed from here. Prints on A4 as it stands.
import { PrinterOutlined } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type { CapacityRow, Finding, ProgramDetail } from "@zoufang/shared/api/types.ts";
import { num } from "@zoufang/shared/format.ts";
import { Button, Popconfirm } from "antd";
import { useMay, useMe, useWords } from "../session.ts";
import { Panel, Tag, type Tone } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { ErrorBox, View } from "../ui/states.tsx";
import { type Column, ServerTable } from "../ui/table.tsx";
import { useCheck } from "./campaign.tsx";

const tone: Record<Finding["severity"], Tone> = { error: "bad", warning: "warn", note: "info" };

/** Puts a repair into the campaign file as a new version, with its own words as the note. */
function Apply({ program, repair }: { program: ProgramDetail; repair: Finding["repairs"][number] }) {
  const w = useWords();
  const client = useQueryClient();
  const notice = useNotice();
  const may = useMay("program.write");
  const change = useMutation({
    mutationFn: () =>
      api.repairProgram(program.id, {
        edits: repair.apply ?? [],
        note: repair.text,
        version: program.version,
      }),
    onSuccess: async (after) => {
      await Promise.all([
        client.invalidateQueries({ queryKey: ["program", program.id] }),
        client.invalidateQueries({ queryKey: ["check", program.id] }),
        client.invalidateQueries({ queryKey: ["filings", program.id] }),
        client.invalidateQueries({ queryKey: ["programs"] }),
      ]);
      notice(w.check.applied(after.version));
    },
  });
  if (!repair.apply || !may || program.state === "closed") return null;
  return (
    <span className="no-print">
      {" "}
      <Popconfirm
        title={w.check.applyConfirm}
        description={repair.text}
        onConfirm={() => change.mutate()}
        okText={w.common.sure}
        cancelText={w.common.cancel}
      >
        <Button size="small" loading={change.isPending} aria-label={`${w.check.apply}：${repair.text}`}>
          {w.check.apply}
        </Button>
      </Popconfirm>
      <ErrorBox error={change.error} />
    </span>
  );
}

function FindingItem({ program, finding }: { program: ProgramDetail; finding: Finding }) {
  const w = useWords();
  return (
    <li className={`finding finding-${finding.severity}`} title={finding.code}>
      <div className="finding-head">
        <Tag tone={tone[finding.severity]}>{w.check.severity[finding.severity]}</Tag>
        <h3>{finding.title}</h3>
        {finding.missing ? (
          <b className="finding-missing num">
            {w.check.missing(num(finding.missing.value, 1), finding.missing.unit)}
          </b>
        ) : null}
      </div>
      <p>{finding.what}</p>
      <p>
        <b>{w.check.why}</b> {finding.why}
      </p>
      {finding.facts.length > 0 ? (
        <dl className="finding-facts" aria-label={w.check.facts}>
          {finding.facts.map((f) => (
            <div key={f.label}>
              <dt>{f.label}</dt>
              <dd className="num">{typeof f.value === "number" ? num(f.value, 1) : f.value}</dd>
            </div>
          ))}
        </dl>
      ) : null}
      {finding.repairs.length > 0 ? (
        <>
          <p>
            <b>{w.check.repairs}</b>
          </p>
          <ul className="plain">
            {finding.repairs.map((r) => (
              <li key={r.text}>
                {r.text}
                {r.effect ? <span className="hint"> {w.check.effect(r.effect)}</span> : null}
                <Apply program={program} repair={r} />
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </li>
  );
}

export function CampaignCheck({ program }: { program: ProgramDetail }) {
  const w = useWords();
  const k = w.check;
  const me = useMe();
  const query = useCheck(program.id);
  const columns: Column<CapacityRow>[] = [
    { key: "unit", title: w.plans.branch, render: (r) => r.unit_name },
    { key: "day", title: k.perDay, numeric: true, render: (r) => num(r.per_day, 1) },
    { key: "need", title: k.needed, numeric: true, render: (r) => num(r.needed_per_day, 1) },
    { key: "days", title: k.days, numeric: true, render: (r) => num(r.planned_days) },
    { key: "possible", title: k.possible, numeric: true, render: (r) => num(r.total_possible) },
    { key: "total", title: k.total, numeric: true, render: (r) => num(r.total_needed) },
    {
      key: "short",
      title: k.short,
      numeric: true,
      render: (r) =>
        r.short > 0 ? <b className="bad-text">{num(r.short)}</b> : <Tag tone="ok">{k.enough}</Tag>,
    },
  ];
  return (
    <View query={query}>
      {(report) => (
        <div className="stack check">
          <header className="print-only">
            <h1>{k.paper}</h1>
            <p>{k.paperLine(program.name, program.code, program.version)}</p>
            <p>{k.paperBy(me.system.today, me.user.name)}</p>
          </header>
          <Panel
            title={k.title}
            extra={
              <>
                <Button loading={query.isFetching} onClick={() => query.refetch()}>
                  {k.again}
                </Button>
                <Button icon={<PrinterOutlined />} onClick={() => window.print()}>
                  {w.app.print}
                </Button>
              </>
            }
          >
            <p
              className={`verdict verdict-${report.errors ? "bad" : report.warnings ? "warn" : "ok"}`}
              role="status"
            >
              {report.errors
                ? k.bad(report.errors, report.warnings)
                : report.warnings
                  ? k.warn(report.warnings)
                  : `✓ ${k.ok}`}
            </p>
            <ul className="findings">
              {report.findings.map((f) => (
                <FindingItem key={`${f.code}-${f.title}-${f.what}`} program={program} finding={f} />
              ))}
            </ul>
          </Panel>
          {report.capacity.length > 0 ? (
            <Panel flush title={k.capacity} hint={k.capacityHint}>
              <ServerTable
                label={k.capacity}
                columns={columns}
                rows={report.capacity}
                rowKey={(r) => r.unit_id}
              />
            </Panel>
          ) : null}
        </div>
      )}
    </View>
  );
}
