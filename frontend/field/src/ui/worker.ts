// The service worker of "/m/": registered after the first screen stands; a new version waits until somebody agrees.

/** Calls `waiting` with what changes to the new version. */
export async function registerWorker(waiting: (change: () => void) => void): Promise<void> {
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
      waiting(() => {
        agreed = true;
        next.postMessage({ type: "SKIP_WAITING" });
      });
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
