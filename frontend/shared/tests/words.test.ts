import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { en } from "../words/en.ts";
import { loadWords, zhCN } from "../words/index.ts";

/** Dotted path → what stands there: text, function of n, or list of n. */
function shape(value: unknown, path = ""): Map<string, string> {
  if (typeof value === "string") return new Map([[path, "text"]]);
  if (typeof value === "function") return new Map([[path, `function of ${value.length}`]]);
  if (Array.isArray(value)) return new Map([[path, `list of ${value.length}`]]);
  const out = new Map<string, string>();
  for (const [key, inner] of Object.entries(value as Record<string, unknown>)) {
    for (const [k, v] of shape(inner, path ? `${path}.${key}` : key)) out.set(k, v);
  }
  return out;
}

function texts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "function") return [String(value(...Array(value.length).fill("1")))];
  return Object.values(value as Record<string, unknown>).flatMap(texts);
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

describe("words", () => {
  it("are the same set in both languages", () => {
    expect(shape(en)).toEqual(shape(zhCN));
  });

  it("avoid what a branch head should never read", () => {
    const avoid = [
      "欠债",
      "造假",
      "罚款",
      "轨迹",
      "监控",
      "算法判定",
      "同步冲突",
      "队列",
      "撤点",
      "关停",
      "无可行解",
      "赋能",
      "抓手",
      "闭环",
      "缓存",
    ];
    const found = texts(zhCN).flatMap((text) => avoid.filter((word) => text.includes(word)));
    expect(found).toEqual([]);
  });

  it("stand in the words files only", () => {
    const folder = join(import.meta.dirname, "../../console/src");
    const files = sources(folder);
    expect(files.length).toBeGreaterThan(20);
    for (const file of files) {
      const code = readFileSync(file, "utf8")
        .replace(/\/\*[\s\S]*?\*\//g, "")
        .replace(/(^|\s)\/\/.*$/gm, "");
      const han = code.match(/.*\p{Script=Han}.*/u);
      expect(han, `${file}: ${han?.[0]}`).toBeNull();
    }
  });

  it("are Chinese for an unknown locale and English for en", async () => {
    expect(await loadWords("fr")).toBe(zhCN);
    expect((await loadWords("en")).signIn.title).toBe("Sign in");
  });
});
