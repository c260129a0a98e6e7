// Which screen stands: the ones before, or the four tabs with what they open.
import { type FieldWords, fieldZh, loadFieldWords } from "@zoufang/shared/words/field.ts";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { Redirect, Route, Router, Switch, useLocation } from "wouter";
import { field, LookContext, store, stored, useField, useWords } from "./context.ts";
import { Closed, codeFromAddress, Enrol, NewPin, SignIn, Unlock } from "./screens/before.tsx";
import { begin } from "./screens/begin.ts";
import { Customers } from "./screens/customers.tsx";
import { GroupPage } from "./screens/group.tsx";
import { HouseholdPage } from "./screens/household.tsx";
import { Mine } from "./screens/mine.tsx";
import { Today } from "./screens/today.tsx";
import { Uploads } from "./screens/uploads.tsx";
import { Tabs } from "./ui/base.tsx";
import { registerWorker } from "./ui/worker.ts";

const VisitPage = lazy(() => import("./screens/visit.tsx"));
const ShowPage = lazy(() => import("./screens/show.tsx"));
const given = codeFromAddress();

export function App() {
  const [language, setLanguage] = useState<"zh" | "en">(stored("zf-field-language") === "en" ? "en" : "zh");
  const [large, setLarge] = useState(stored("zf-large-type") === "1");
  const [words, setWords] = useState<FieldWords>(fieldZh);
  useEffect(() => {
    store("zf-field-language", language);
    document.documentElement.lang = language === "en" ? "en" : "zh-CN";
    void loadFieldWords(language).then(setWords);
  }, [language]);
  useEffect(() => {
    store("zf-large-type", large ? "1" : "0");
    if (large) document.documentElement.dataset.type = "large";
    else delete document.documentElement.dataset.type;
  }, [large]);
  const look = useMemo(() => ({ words, language, large, setLanguage, setLarge }), [words, language, large]);
  return (
    <LookContext.Provider value={look}>
      <Router base="/m">
        <Screens />
      </Router>
    </LookContext.Provider>
  );
}

function Screens() {
  const w = useWords();
  const { phase } = useField();
  useEffect(() => {
    void field.start().then(registerWorker);
    return () => field.stop();
  }, []);
  useEffect(() => {
    if (phase === "starting") return;
    document.documentElement.dataset.ready = phase;
    performance.mark(`ready ${phase}`);
  }, [phase]);
  switch (phase) {
    case "starting":
      return <p className="starting">{w.loading}</p>;
    case "sign_in":
      return <SignIn />;
    case "enrol":
      return <Enrol code={given} />;
    case "new_pin":
      return <NewPin />;
    case "locked":
      return <Unlock />;
    case "closed":
      return <Closed />;
    case "open":
      return <Open />;
  }
}

function Open() {
  const { outbox, showing } = useField();
  const [at] = useLocation();
  const tabs = ["/", "/customers", "/uploads", "/mine"].includes(at);
  useEffect(() => {
    if (at) window.scrollTo(0, 0);
  }, [at]);
  // The phone is in the customer's hand: nothing else is there to be reached.
  if (showing)
    return (
      <Suspense fallback={null}>
        <ShowPage />
      </Suspense>
    );
  return (
    <>
      <Suspense fallback={null}>
        <Switch>
          <Route path="/" component={Today} />
          <Route path="/customers" component={Customers} />
          <Route path="/uploads" component={Uploads} />
          <Route path="/mine" component={Mine} />
          <Route path="/household/:id/:stop" component={HouseholdPage} />
          <Route path="/group/:id/:stop" component={GroupPage} />
          <Route path="/visit/:id" component={VisitPage} />
          <Route path="/new" component={NewHousehold} />
          <Route>
            <Redirect to="/" replace />
          </Route>
        </Switch>
      </Suspense>
      {tabs ? <Tabs unsent={outbox.entries.length} /> : null}
    </>
  );
}

/** Begins a visit of a household that nobody listed, and goes on to it. */
function NewHousehold() {
  const [, go] = useLocation();
  useEffect(() => {
    void begin({ fresh: true }).then((path) => go(path, { replace: true }));
  }, [go]);
  return null;
}
