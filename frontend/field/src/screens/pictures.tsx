// Pictures of a visit while it is being written: taken, seen small and large, thrown away again. They are sealed on the
// disk and opened only to be looked at.
import { useEffect, useState } from "react";
import { field, useWords } from "../context.ts";
import type { Draft, Position } from "../core/types.ts";
import { shrink } from "../sync/photo.ts";
import { Card, Says, Sheet } from "../ui/base.tsx";
import { watermark } from "./watermark.ts";

/** The address of a picture for as long as it is on the screen. */
export function useAddress(read: () => Promise<Blob | null> | Blob | null, key: string): string {
  const [address, setAddress] = useState("");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key names what is read
  useEffect(() => {
    let url = "";
    let gone = false;
    void Promise.resolve(read()).then(
      (blob) => {
        if (!blob || gone) return;
        url = URL.createObjectURL(blob);
        setAddress(url);
      },
      () => {},
    );
    return () => {
      gone = true;
      if (url) URL.revokeObjectURL(url);
    };
  }, [key]);
  return address;
}

export const kb = (size: number): string => String(Math.max(1, Math.round(size / 1024)));

function Picture({ draft, name, size, n }: { draft: Draft; name: string; size: number; n: number }) {
  const w = useWords();
  const [large, setLarge] = useState(false);
  const address = useAddress(() => field.pictureOf(draft, name), `${draft.id}/${name}`);
  const said = w.visit.photoAlt(n, kb(size));
  return (
    <li>
      <button type="button" className="thumb" onClick={() => setLarge(true)}>
        {address ? <img src={address} alt="" /> : <span className="thumb-wait" />}
        <span className="num">{said}</span>
        <span className="sr">{w.visit.lookLarge}</span>
      </button>
      {large ? (
        <Sheet title={said} onClose={() => setLarge(false)}>
          {address ? <Zoom address={address} alt={said} /> : null}
          <button type="button" className="main danger" onClick={() => void field.dropPhoto(draft, name)}>
            {w.visit.removePhoto(n)}
          </button>
        </Sheet>
      ) : null}
    </li>
  );
}

/** As wide as the screen; a tap shows it in its own size, to be pushed about. */
function Zoom({ address, alt }: { address: string; alt: string }) {
  const w = useWords();
  const [whole, setWhole] = useState(true);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what can be pushed about can be reached by the keyboard */}
      <section className={whole ? "zoom" : "zoom in"} tabIndex={0} aria-label={alt}>
        <img src={address} alt="" />
      </section>
      <button type="button" className="second" aria-pressed={!whole} onClick={() => setWhole(!whole)}>
        {whole ? w.visit.zoomIn : w.visit.zoomOut}
      </button>
    </>
  );
}

/** The pictures of one question, or those that no question asks for (`asked` null), and the camera. */
export function Pictures({
  draft,
  place,
  asked,
}: {
  draft: Draft;
  place: Position | null;
  asked: string | null;
}) {
  const w = useWords();
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const own = draft.photos.filter((p) => p.role !== "signature" && (p.field ?? null) === asked);
  const take = async (files: FileList | null) => {
    setBusy(true);
    setFault("");
    try {
      for (const file of [...(files ?? [])])
        await field.addPhoto(draft, await shrink(file, watermark(w, place, "")), "photo", asked);
    } catch {
      setFault(w.visit.photoBad);
    }
    setBusy(false);
  };
  return (
    <>
      {own.length > 0 ? (
        <ul className="thumbs">
          {own.map((p, i) => (
            <Picture key={p.sha256} draft={draft} name={p.sha256} size={p.size} n={i + 1} />
          ))}
        </ul>
      ) : null}
      <label className={busy ? "second file busy" : "second file"}>
        {busy ? w.visit.saving : own.length > 0 ? w.visit.takeAnother : w.visit.takePhoto}
        <input
          type="file"
          accept="image/*"
          capture="environment"
          disabled={busy}
          onChange={(e) => {
            void take(e.target.files).finally(() => {
              e.target.value = "";
            });
          }}
        />
      </label>
      {fault ? <Says tone="bad">{fault}</Says> : null}
    </>
  );
}

export function PicturesCard({ draft, place }: { draft: Draft; place: Position | null }) {
  const w = useWords();
  return (
    <Card title={w.visit.photos}>
      <Pictures draft={draft} place={place} asked={null} />
    </Card>
  );
}
