// Providers: data, words, theme. What is on screen is the router's business.
import { LoadingOutlined } from "@ant-design/icons";
import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { loadWords, type Words, zhCN } from "@zoufang/shared/words/index.ts";
import { ConfigProvider } from "antd";
import antdZh from "antd/locale/zh_CN";
import dayjs from "dayjs";
import "dayjs/locale/zh-cn";
import { useEffect, useMemo, useState } from "react";
import { router } from "./router.tsx";
import { meQuery, queryClient, storedLargeType, storeLargeType, WordsContext } from "./session.ts";
import { theme } from "./theme.ts";
import { NoticeProvider } from "./ui/notice.tsx";

dayjs.locale("zh-cn");

// A button keeps its name while it works: the kit's own icon is read aloud as a part of it,
// and stays in the page when the end of its animation is missed.
const button = { autoInsertSpace: false, loadingIcon: <LoadingOutlined aria-hidden /> };

function Dressed() {
  const { data: me } = useQuery({ ...meQuery, enabled: false });
  const large = me?.preferences.large_type ?? storedLargeType();
  const locale = me?.preferences.locale ?? "zh-CN";
  const [words, setWords] = useState<Words>(zhCN);

  useEffect(() => {
    document.documentElement.dataset.type = large ? "large" : "standard";
    if (me) storeLargeType(large);
  }, [large, me]);
  useEffect(() => {
    let live = true;
    document.documentElement.lang = locale;
    loadWords(locale).then((w) => live && setWords(w));
    return () => {
      live = false;
    };
  }, [locale]);
  useEffect(() => {
    document.title = me ? `${words.app.name} · ${me.system.bank_name || me.system.name}` : words.app.name;
  }, [me, words]);

  const dress = useMemo(() => theme(large), [large]);
  return (
    <WordsContext.Provider value={words}>
      <ConfigProvider
        locale={locale === "en" ? undefined : antdZh}
        theme={dress}
        button={button}
        wave={{ disabled: true }}
      >
        <NoticeProvider>
          <RouterProvider router={router} />
        </NoticeProvider>
      </ConfigProvider>
    </WordsContext.Provider>
  );
}

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <Dressed />
    </QueryClientProvider>
  );
}
