import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fieldEn } from "@zoufang/shared/words/field.en.ts";
import { fieldZh } from "@zoufang/shared/words/field.zh-CN.ts";
import { describe, expect, it } from "vitest";

function texts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "function") return [String(value(...Array(value.length).fill("1")))];
  return Object.values(value as Record<string, unknown>).flatMap(texts);
}
const paths = (value: unknown, at = ""): string[] =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([k, v]) => paths(v, `${at}.${k}`))
    : [`${at}:${typeof value}`];

describe("words of the field app", () => {
  it("are the same set in both languages", () => {
    expect(paths(fieldEn).sort()).toEqual(paths(fieldZh).sort());
  });

  it("avoid what nobody at a door should read", () => {
    const avoid = [
      "同步",
      "缓存",
      "冲突",
      "队列",
      "轨迹",
      "监控",
      "失败",
      "罚款",
      "造假",
      "赋能",
      "闭环",
      "抓手",
    ];
    expect(texts(fieldZh).flatMap((t) => avoid.filter((word) => t.includes(word)))).toEqual([]);
  });

  it("stand in the words files only", () => {
    const folder = join(import.meta.dirname, "..");
    const files = readdirSync(folder, { recursive: true })
      .map(String)
      .filter((f) => /\.tsx?$/.test(f) && !f.includes(".test.") && !f.startsWith("tests"));
    expect(files.length).toBeGreaterThan(25);
    for (const file of files) {
      const code = readFileSync(join(folder, file), "utf8")
        .replace(/\/\*[\s\S]*?\*\//g, "")
        .replace(/(^|\s)\/\/.*$/gm, "");
      expect(code.match(/.*\p{Script=Han}.*/u)?.[0], file).toBeUndefined();
    }
  });
});
