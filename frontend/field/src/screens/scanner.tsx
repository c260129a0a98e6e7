// Reads the code of enrolment with the phone's camera, where the browser can (BarcodeDetector). Nothing leaves the phone.
import { useEffect, useRef, useState } from "react";
import { useWords } from "../context.ts";
import { Says, Sheet } from "../ui/base.tsx";

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}
declare global {
  interface Window {
    BarcodeDetector?: new (options: { formats: string[] }) => Detector;
  }
}
const LOOK_EVERY_MS = 250;

export default function Scanner({
  onCode,
  onClose,
}: {
  onCode: (text: string) => void;
  onClose: () => void;
}) {
  const w = useWords();
  const video = useRef<HTMLVideoElement>(null);
  const [fault, setFault] = useState(false);
  const found = useRef(onCode);
  found.current = onCode;
  useEffect(() => {
    let stream: MediaStream | undefined;
    let timer: ReturnType<typeof setInterval> | undefined;
    let over = false;
    const begin = async () => {
      if (!window.BarcodeDetector) throw new Error("no detector");
      const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      if (over || !video.current) return stream.getTracks().forEach((t) => void t.stop());
      video.current.srcObject = stream;
      await video.current.play();
      timer = setInterval(async () => {
        const [code] = video.current ? await detector.detect(video.current).catch(() => []) : [];
        if (code) found.current(code.rawValue);
      }, LOOK_EVERY_MS);
    };
    begin().catch(() => setFault(true));
    return () => {
      over = true;
      clearInterval(timer);
      stream?.getTracks().forEach((t) => void t.stop());
    };
  }, []);
  return (
    <Sheet title={w.enrol.scanning} onClose={onClose}>
      {fault ? (
        <Says tone="bad">{w.enrol.noCamera}</Says>
      ) : (
        <video ref={video} className="scan" muted playsInline />
      )}
    </Sheet>
  );
}
