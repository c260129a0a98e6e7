// One short line after something was done, in a live region that screen readers speak. It never takes the focus
// and stays until the next one or ten seconds.
import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from "react";

const NoticeContext = createContext<(text: string) => void>(() => {});
export const useNotice = () => useContext(NoticeContext);

export function NoticeProvider({ children }: { children: ReactNode }) {
  const [notice, setNotice] = useState({ text: "", at: 0 });
  const say = useCallback((text: string) => setNotice((old) => ({ text, at: old.at + 1 })), []);
  useEffect(() => {
    if (!notice.text) return;
    const timer = setTimeout(() => setNotice((old) => ({ text: "", at: old.at })), 10_000);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <NoticeContext.Provider value={say}>
      {children}
      <output className="notice" aria-live="polite">
        {notice.text ? (
          <span>
            <b aria-hidden="true">✓</b> {notice.text}
          </span>
        ) : null}
      </output>
    </NoticeContext.Provider>
  );
}
