// Scans of the paper that a visit was typed from, or pictures of a meeting: listed, looked at, attached. They are kept
// like photos of a visit;
// an upload that broke off goes on when the same file is attached again.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import { num } from "@zoufang/shared/format.ts";
import { Button } from "antd";
import { type ChangeEvent, useId, useState } from "react";
import { useWords } from "../session.ts";
import { Panel } from "../ui/layout.tsx";
import { useNotice } from "../ui/notice.tsx";
import { Empty, errorText, View } from "../ui/states.tsx";

const ACCEPTED = "image/jpeg,image/png,application/pdf";

export function Scans({
  unitId,
  title,
  visitId,
  onLeave,
}: {
  unitId: string;
  title: string;
  /** The visit or the meeting that they belong to. */
  visitId: string;
  onLeave: () => void;
}) {
  const w = useWords();
  const d = w.deskMore;
  const client = useQueryClient();
  const notice = useNotice();
  const input = useId();
  const [part, setPart] = useState<number | null>(null);
  const [wrong, setWrong] = useState("");
  const key = ["visit-photos", unitId, visitId];
  const query = useQuery({ queryKey: key, queryFn: () => api.visitPhotos(unitId, visitId) });
  const attach = async (e: ChangeEvent<HTMLInputElement>) => {
    const files = [...(e.target.files ?? [])];
    e.target.value = "";
    setWrong("");
    try {
      for (const file of files) {
        setPart(0);
        await api.attachScan(unitId, visitId, file, setPart);
      }
      if (files.length > 0) notice(d.attached);
    } catch (cause) {
      setWrong(errorText(cause, w));
    }
    setPart(null);
    await client.invalidateQueries({ queryKey: key });
    await client.invalidateQueries({ queryKey: ["desk"] });
  };
  return (
    <Panel title={title}>
      <div className="stack">
        <View query={query}>
          {(photos) => {
            const scans = photos.items.filter((p) => p.role === "scan");
            if (scans.length === 0) return <Empty text={d.noScans} />;
            return (
              <ol className="desk-scans">
                {scans.map((p, i) => (
                  <li key={p.n}>
                    {p.state === "verified" ? (
                      <a href={api.visitPhotoUrl(unitId, visitId, p.n)} target="_blank" rel="noopener">
                        {d.look(i + 1)}
                      </a>
                    ) : (
                      <span className="bad-text">{d.unfinished}</span>
                    )}{" "}
                    <span className="hint num">{d.size(num(Math.ceil(p.size / 1024)))}</span>
                  </li>
                ))}
              </ol>
            );
          }}
        </View>
        <div className="desk-line">
          <label htmlFor={input}>{d.attach}</label>
          <input
            id={input}
            type="file"
            accept={ACCEPTED}
            multiple
            disabled={part !== null}
            onChange={attach}
          />
          <p className={wrong ? "bad-text" : "hint"} role={wrong ? "alert" : "status"}>
            {wrong || (part === null ? d.attachHint : d.sending(Math.floor(part * 100)))}
          </p>
        </div>
        <div>
          <Button onClick={onLeave}>{d.back}</Button>
        </div>
      </div>
    </Panel>
  );
}
