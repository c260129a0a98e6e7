// The service worker of "/m/": registered after the first screen stands; a new version waits until somebody agrees.
import { useSyncExternalStore } from "react";
import { Cell } from "../engine/state.ts";

const change = new Cell<{ to: (() => void) | null }>({ to: null });

/** What changes to the new version, when there is one. */
export const useNewVersion = () => useSyncExternalStore(change.subscribe, change.get).to;

/** Registers the worker; called once. */
export async function registerWorker(): Promise<void> {
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
  const had = Boolean(navigator.serviceWorker.controller);
  let agreed = false;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (had && agreed) window.location.reload();
  });
  try {
    const registration = await navigator.serviceWorker.register("/m/sw.js", { scope: "/m/" });
    const offer = () => {
      const next = registration.waiting;
      if (!next || !navigator.serviceWorker.controller) return;
      const to = () => {
        agreed = true;
        next.postMessage({ type: "SKIP_WAITING" });
      };
      change.set({ to });
    };
    offer();
    registration.addEventListener("updatefound", () => {
      registration.installing?.addEventListener("statechange", offer);
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") registration.update().catch(() => {});
    });
  } catch {
    // No worker: the app works while it is open, and says so on its page of abilities.
  }
}
