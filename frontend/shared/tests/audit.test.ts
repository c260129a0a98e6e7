import { describe, expect, it } from "vitest";
import { auditText } from "../audit.ts";
import { zhCN } from "../words/index.ts";

describe("an event of the audit log", () => {
  it("is told in words, with codes translated and identities left out", () => {
    const summary =
      '{"fields":["name","phone"],"reason":"上门走访前联系","import":"01a203ce-b916-7194-b150-c5b4592db6b3"}';
    expect(auditText(summary, zhCN)).toBe("项目 姓名、手机；用途 上门走访前联系");
  });

  it("groups big numbers but not codes, and says yes and no", () => {
    expect(auditText('{"new":45211,"code":"29010101","active":true,"quota_per_day":null}', zhCN)).toBe(
      "新增 45,211；编号 29010101；在岗 是",
    );
  });

  it("shows facts without a word as they are rather than hiding them", () => {
    expect(auditText('{"unheard_of":"x"}', zhCN)).toBe("unheard_of x");
  });

  it("is empty without facts and left alone when it is no JSON object", () => {
    expect(auditText("{}", zhCN)).toBe("");
    expect(auditText("已停用", zhCN)).toBe("已停用");
    expect(auditText("[1]", zhCN)).toBe("[1]");
  });
});
