import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { contrast, shapePairs, textPairs, tokens } from "../tokens.ts";

const css = readFileSync(join(import.meta.dirname, "../tokens.css"), "utf8");

describe("tokens", () => {
  it("compute contrast as WCAG's own examples say", () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
    expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
    expect(contrast("#ffffff", "#ffffff")).toBe(1);
  });

  it.each(textPairs)("give text %s on %s at least 4.5", (text, ground) => {
    expect(contrast(tokens[text], tokens[ground])).toBeGreaterThanOrEqual(4.5);
  });

  it.each(shapePairs)("give shapes %s on %s at least 3", (shape, ground) => {
    expect(contrast(tokens[shape], tokens[ground])).toBeGreaterThanOrEqual(3);
  });

  it("are the same in CSS and in TypeScript", () => {
    for (const [name, value] of Object.entries(tokens)) {
      expect(css).toMatch(new RegExp(`--zf-${name}:\\s*${value};`));
    }
  });
});

describe("colours", () => {
  it("stand in the token files only", () => {
    const sheet = readFileSync(join(import.meta.dirname, "../../console/src/app.css"), "utf8");
    expect(sheet.match(/#[0-9a-fA-F]{3,8}\b/g)).toBeNull();
  });
});
