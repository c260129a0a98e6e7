// How much waits in the inbox, while the console is open. One tab of the browser listens to the server's stream and
// tells the others, because a browser has few connections to one server; the stream does not keep a session alive.
import type { Notice } from "@zoufang/shared/api/types.ts";
import { useEffect, useState } from "react";
import { queryClient } from "./session.ts";

const CHANNEL = "zoufang-inbox";
/** The page comes first. */
const AFTER_MS = 4_000;

function listen(tell: (notice: Notice) => void): () => void {
  const stream = new EventSource("/api/v1/me/notices");
  stream.addEventListener("inbox", (event: MessageEvent<string>) => tell(JSON.parse(event.data) as Notice));
  // The session is over, or the server is: whoever comes back loads the page anew.
  stream.addEventListener("error", () => stream.close());
  return () => stream.close();
}

/** What waits; nothing before the server has said it. */
export function useInboxNotice(on: boolean): Notice | null {
  const [notice, setNotice] = useState<Notice | null>(null);
  useEffect(() => {
    if (!on) return;
    const channel = new BroadcastChannel(CHANNEL);
    const take = (next: Notice) => {
      setNotice(next);
      void queryClient.invalidateQueries({ queryKey: ["inbox"] });
    };
    channel.addEventListener("message", (event: MessageEvent<Notice>) => take(event.data));
    const gone = new AbortController();
    let close = () => {};
    const begin = () => {
      close = listen((next) => {
        take(next);
        channel.postMessage(next);
      });
    };
    const timer = window.setTimeout(() => {
      // Without locks (an address without TLS) every tab listens for itself.
      if (!navigator.locks) return begin();
      const held = () => {
        begin();
        return new Promise<void>((done) => gone.signal.addEventListener("abort", () => done()));
      };
      navigator.locks.request(CHANNEL, { signal: gone.signal }, held).catch(() => {});
    }, AFTER_MS);
    return () => {
      window.clearTimeout(timer);
      gone.abort();
      close();
      channel.close();
    };
  }, [on]);
  return notice;
}
