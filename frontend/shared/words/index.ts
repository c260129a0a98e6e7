// Which dictionary to show. Chinese is in the start bundle; English is fetched when somebody asks for it.
import { type Words, zhCN } from "./zh-CN.ts";

export type { Words };
export type Locale = "zh-CN" | "en";
export { zhCN };

/** The dictionary of a locale; unknown locales are Chinese. */
export async function loadWords(locale: string): Promise<Words> {
  if (locale === "en") return (await import("./en.ts")).en;
  return zhCN;
}
