// "Add to home screen", where the browser offers it; kept from the event that comes before anybody looks.
import { useSyncExternalStore } from "react";

interface InstallEvent extends Event {
  prompt(): Promise<unknown>;
}
let offered: InstallEvent | null = null;
const listeners = new Set<() => void>();
const tell = () => {
  for (const l of listeners) l();
};
window.addEventListener("beforeinstallprompt", (e) => {
  e.preventDefault();
  offered = e as InstallEvent;
  tell();
});
window.addEventListener("appinstalled", () => {
  offered = null;
  tell();
});
const subscribe = (l: () => void) => {
  listeners.add(l);
  return () => listeners.delete(l);
};

/** What installs the app, or null when the browser does not offer it. */
export function useInstall(): (() => void) | null {
  const event = useSyncExternalStore(subscribe, () => offered);
  return event ? () => void event.prompt() : null;
}
