// The same values as tokens.css, for what cannot read CSS variables: the antd theme and the canvas map.
// A test keeps the two files equal and computes the contrast of every pair in `textPairs`.

export const tokens = {
  ink: "#16222b",
  "ink-2": "#44525d",
  "ink-3": "#5f6d78",
  line: "#e1e5e8",
  "line-2": "#c9d0d5",
  control: "#7d8b95",
  bg: "#f4f6f6",
  surface: "#ffffff",
  sunk: "#eef1f1",
  qing: "#0f6b62",
  "qing-deep": "#0a4f49",
  "qing-soft": "#e3f1ee",
  zhu: "#b3321f",
  "zhu-soft": "#fbeae6",
  amber: "#6e4800",
  "amber-soft": "#fbf1dc",
  "amber-chart": "#a87614",
  ok: "#22693b",
  "ok-soft": "#e6f3e9",
  info: "#1c5a9e",
  "info-soft": "#e6eff9",
} as const;

export type TokenName = keyof typeof tokens;

export const fontFamily =
  '-apple-system, "PingFang SC", "HarmonyOS Sans SC", "MiSans", "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei UI", "Microsoft YaHei", system-ui, sans-serif';

/** Text on ground, each pair used somewhere on screen; WCAG AA asks 4.5. */
export const textPairs: [TokenName, TokenName][] = [
  ["ink", "surface"],
  ["ink", "bg"],
  ["ink", "sunk"],
  ["ink-2", "surface"],
  ["ink-2", "bg"],
  ["ink-2", "sunk"],
  ["ink-3", "surface"],
  ["ink-3", "bg"],
  ["ink-3", "sunk"],
  ["surface", "qing"],
  ["surface", "qing-deep"],
  ["qing", "surface"],
  ["qing-deep", "qing-soft"],
  ["surface", "zhu"],
  ["zhu", "surface"],
  ["zhu", "zhu-soft"],
  ["amber", "amber-soft"],
  ["amber", "surface"],
  ["ok", "ok-soft"],
  ["info", "info-soft"],
  ["info", "surface"],
  ["info", "bg"],
];

/** Shapes and borders that carry meaning; WCAG AA asks 3. */
export const shapePairs: [TokenName, TokenName][] = [
  ["control", "surface"],
  ["amber-chart", "surface"],
  ["amber-chart", "sunk"],
  ["qing", "sunk"],
  ["zhu", "sunk"],
  ["info", "bg"],
];

/** WCAG 2 contrast of two #rrggbb colours, 1 to 21. */
export function contrast(a: string, b: string): number {
  const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (hi + 0.05) / (lo + 0.05);
}

function luminance(hex: string): number {
  const channel = (at: number) => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}
