// What this browser can do, tried rather than believed, and which of three states follows.

export type Name =
  | "secure"
  | "worker"
  | "storage"
  | "persisted"
  | "crypto"
  | "camera"
  | "place"
  | "locks"
  | "speech"
  | "scanner";
export interface Ability {
  name: Name;
  good: boolean;
}
export type Verdict = "offline" | "open" | "browser";

/** A write that comes back. */
function storageWorks(): Promise<boolean> {
  return new Promise((done) => {
    try {
      const asked = indexedDB.open("zoufang-field-try", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("try");
      asked.onerror = () => done(false);
      asked.onsuccess = () => {
        const db = asked.result;
        const tx = db.transaction("try", "readwrite");
        tx.objectStore("try").put(1, "a");
        tx.oncomplete = () => {
          db.close();
          done(true);
        };
        tx.onabort = () => done(false);
      };
    } catch {
      done(false);
    }
  });
}

export async function abilities(): Promise<Ability[]> {
  const persisted = await navigator.storage?.persisted?.().catch(() => false);
  return [
    { name: "secure", good: window.isSecureContext },
    { name: "worker", good: Boolean(navigator.serviceWorker?.controller) },
    { name: "storage", good: await storageWorks() },
    { name: "persisted", good: persisted ?? false },
    { name: "crypto", good: Boolean(globalThis.crypto?.subtle) },
    { name: "camera", good: Boolean(navigator.mediaDevices) },
    { name: "place", good: "geolocation" in navigator },
    { name: "locks", good: "locks" in navigator },
    { name: "speech", good: "speechSynthesis" in window },
    { name: "scanner", good: "BarcodeDetector" in window },
  ];
}

/** Inside WeCom, WeChat or DingTalk nobody promises that the app opens without a network. */
const INSIDE = /MicroMessenger|wxwork|DingTalk|; wv\)/i;

export function verdict(found: readonly Ability[], userAgent: string): Verdict {
  const has = (name: Name) => found.some((a) => a.name === name && a.good);
  if (INSIDE.test(userAgent) || !has("storage") || !has("crypto")) return "browser";
  return has("secure") && has("worker") ? "offline" : "open";
}
