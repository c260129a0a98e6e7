// A signature: drawn with the finger, or on paper for whoever cannot or will not. What was drawn is a picture of its own
// kind and goes to the bank like a photo; the answer names it.
import { type PointerEvent, useEffect, useRef, useState } from "react";
import { field, useWords } from "../context.ts";
import type { Draft } from "../core/types.ts";
import { ON_PAPER } from "../core/visit.ts";
import { Says, Sheet } from "../ui/base.tsx";
import { useAddress } from "./pictures.tsx";

/** Pixels of the picture that is kept. */
const [WIDTH, HEIGHT, STROKE] = [900, 420, 6];

export function Signature({
  draft,
  asked,
  onAnswer,
}: {
  draft: Draft;
  asked: string;
  onAnswer: (value: string | undefined) => void;
}) {
  const w = useWords();
  const [open, setOpen] = useState(false);
  const [fault, setFault] = useState("");
  const drawn = draft.photos.find((p) => p.role === "signature" && p.field === asked);
  const paper = draft.answers[asked] === ON_PAPER;
  const address = useAddress(
    () => (drawn ? field.pictureOf(draft, drawn.sha256) : null),
    drawn?.sha256 ?? "",
  );
  const drop = async () => {
    if (drawn) await field.dropPhoto(draft, drawn.sha256);
  };
  const keep = async (canvas: HTMLCanvasElement) => {
    try {
      const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
      if (!blob) throw new Error("no picture");
      await drop();
      await field.addPhoto(draft, { bytes: await blob.arrayBuffer(), mime: "image/png" }, "signature", asked);
      setFault("");
    } catch {
      setFault(w.visit.notSaved);
    }
    setOpen(false);
  };
  return (
    <>
      {drawn && address ? <img className="signed" src={address} alt={w.sign.drawn} /> : null}
      <div className="choices">
        <button type="button" className={drawn ? "chip on" : "chip"} onClick={() => setOpen(true)}>
          {drawn ? w.sign.again : w.sign.draw}
        </button>
        <button
          type="button"
          className={paper ? "chip on" : "chip"}
          aria-pressed={paper}
          onClick={async () => {
            await drop();
            onAnswer(paper ? undefined : ON_PAPER);
          }}
        >
          {w.sign.paper}
        </button>
        {drawn ? (
          <button type="button" className="chip" onClick={() => void drop()}>
            {w.sign.remove}
          </button>
        ) : null}
      </div>
      {paper ? <p className="hint">{w.sign.paperHint}</p> : null}
      {fault ? <Says tone="bad">{fault}</Says> : null}
      {open ? (
        <Sheet title={w.sign.title} onClose={() => setOpen(false)}>
          <Pad onDone={keep} />
        </Sheet>
      ) : null}
    </>
  );
}

function Pad({ onDone }: { onDone: (canvas: HTMLCanvasElement) => void }) {
  const w = useWords();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [any, setAny] = useState(false);
  const blank = () => {
    const g = canvas.current?.getContext("2d");
    if (!g) return;
    g.fillStyle = "#fff";
    g.fillRect(0, 0, WIDTH, HEIGHT);
    g.strokeStyle = "#000";
    g.lineWidth = STROKE;
    g.lineCap = "round";
    g.lineJoin = "round";
    setAny(false);
  };
  useEffect(blank, []);
  const at = (e: PointerEvent<HTMLCanvasElement>): [number, number] => {
    const box = e.currentTarget.getBoundingClientRect();
    return [((e.clientX - box.left) * WIDTH) / box.width, ((e.clientY - box.top) * HEIGHT) / box.height];
  };
  const down = (e: PointerEvent<HTMLCanvasElement>) => {
    const g = e.currentTarget.getContext("2d");
    if (!g) return;
    e.currentTarget.setPointerCapture(e.pointerId);
    const [x, y] = at(e);
    g.beginPath();
    g.moveTo(x, y);
    // A dot is a stroke as well.
    g.lineTo(x + 0.1, y);
    g.stroke();
  };
  const move = (e: PointerEvent<HTMLCanvasElement>) => {
    const g = e.currentTarget.getContext("2d");
    if (!g || !e.currentTarget.hasPointerCapture(e.pointerId)) return;
    g.lineTo(...at(e));
    g.stroke();
    setAny(true);
  };
  return (
    <>
      <p className="hint">{w.sign.how}</p>
      <canvas
        ref={canvas}
        className="pad"
        width={WIDTH}
        height={HEIGHT}
        role="img"
        aria-label={w.sign.pad}
        onPointerDown={down}
        onPointerMove={move}
      />
      <div className="actions">
        <button type="button" className="second" onClick={blank}>
          {w.sign.clear}
        </button>
        <button
          type="button"
          className="main"
          disabled={!any}
          onClick={() => canvas.current && onDone(canvas.current)}
        >
          {w.sign.done}
        </button>
      </div>
    </>
  );
}
