// The campaign as its file: to read, to download, and to take over from a file or from what is pasted. What is wrong
// with a file is said in plain words with the line, and nothing is taken over before it is right.
import { useMutation, useQuery } from "@tanstack/react-query";
import { api } from "@zoufang/shared/api/client.ts";
import type { Definition, FileFault } from "@zoufang/shared/api/types.ts";
import { Button, Input } from "antd";
import { useRef, useState } from "react";
import { useWords } from "../session.ts";
import { Panel, Scrolls } from "../ui/layout.tsx";
import { ErrorBox, View } from "../ui/states.tsx";

export function CampaignFile({
  draft,
  name,
  onRead,
}: {
  draft: Definition;
  name: string;
  onRead: (next: Definition) => void;
}) {
  const w = useWords();
  const e = w.editor.file;
  const upload = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [faults, setFaults] = useState<FileFault[]>([]);
  const now = useQuery({
    queryKey: ["program-file", JSON.stringify(draft)],
    queryFn: () => api.readProgramFile({ definition: draft }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const read = useMutation({
    mutationFn: (toml: string) => api.readProgramFile({ toml }),
    onSuccess: (done) => {
      setFaults(done.faults);
      if (done.faults.length === 0 && done.definition) onRead(done.definition);
    },
  });
  const download = (toml: string) => {
    const url = URL.createObjectURL(new Blob([toml], { type: "application/toml" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = `${name}.toml`;
    link.click();
    URL.revokeObjectURL(url);
  };
  const lines = text.split("\n");
  return (
    <div className="stack">
      <Panel title={e.take} hint={e.takeHint}>
        <label htmlFor="file-text" className="unseen">
          {e.text}
        </label>
        <Input.TextArea
          id="file-text"
          className="mono"
          value={text}
          placeholder={e.placeholder}
          autoSize={{ minRows: 6, maxRows: 18 }}
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
        />
        <input
          ref={upload}
          type="file"
          accept=".toml,text/plain"
          hidden
          onChange={async (event) => {
            const file = event.target.files?.[0];
            event.target.value = "";
            if (!file) return;
            const content = await file.text();
            setText(content);
            read.mutate(content);
          }}
        />
        <div className="line wrap file-tools">
          <Button
            type="primary"
            disabled={!text.trim()}
            loading={read.isPending}
            onClick={() => read.mutate(text)}
          >
            {e.read}
          </Button>
          <Button onClick={() => upload.current?.click()}>{e.upload}</Button>
        </div>
        {faults.length > 0 ? (
          <div className="box box-error" role="alert">
            <b>{e.faults(faults.length)}</b>
            <ul className="fault-list">
              {faults.map((f) => (
                <li key={`${f.line}${f.path}${f.message}`}>
                  {f.line ? <b className="num">{e.line(f.line)} </b> : null}
                  {f.path ? <code>{f.path}</code> : null} {f.message}
                  {f.line && lines[f.line - 1] ? <code className="block">{lines[f.line - 1]}</code> : null}
                </li>
              ))}
            </ul>
          </div>
        ) : null}
        <ErrorBox error={read.error} />
      </Panel>
      <View query={now}>
        {(file) => (
          <Panel
            title={e.now}
            hint={file.faults.length > 0 ? e.nowFaults(file.faults.length) : e.nowHint}
            extra={
              file.toml ? (
                <div className="line">
                  <Button onClick={() => setText(file.toml)}>{e.edit}</Button>
                  <Button onClick={() => download(file.toml)}>{e.download}</Button>
                </div>
              ) : null
            }
          >
            {file.toml ? (
              <Scrolls className="file" label={e.now}>
                <pre>{file.toml}</pre>
              </Scrolls>
            ) : null}
          </Panel>
        )}
      </View>
    </div>
  );
}
