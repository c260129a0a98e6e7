// Which dictionary the field app shows. English is fetched when somebody asks for it.
import { type FieldWords, fieldZh } from "./field.zh-CN.ts";

export type { FieldWords };
export { fieldZh };

export async function loadFieldWords(locale: string): Promise<FieldWords> {
  return locale === "en" ? (await import("./field.en.ts")).fieldEn : fieldZh;
}
