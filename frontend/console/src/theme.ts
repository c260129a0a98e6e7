// The antd theme from our tokens, in standard and in large type.
import { fontFamily, tokens as t } from "@zoufang/shared/tokens.ts";
import type { ThemeConfig } from "antd";

export function theme(large: boolean): ThemeConfig {
  return {
    hashed: false,
    token: {
      colorPrimary: t.qing,
      colorLink: t.info,
      colorInfo: t.info,
      colorError: t.zhu,
      colorWarning: t.amber,
      colorSuccess: t.ok,
      colorText: t.ink,
      colorTextSecondary: t["ink-2"],
      colorTextTertiary: t["ink-3"],
      colorTextQuaternary: t["ink-3"],
      colorTextPlaceholder: t["ink-3"],
      colorTextDescription: t["ink-3"],
      colorTextDisabled: t["ink-3"],
      colorBorder: t.control,
      colorBorderSecondary: t.line,
      colorSplit: t.line,
      colorBgLayout: t.bg,
      colorBgContainerDisabled: t.sunk,
      controlOutline: "transparent",
      borderRadius: 6,
      fontFamily,
      fontSize: large ? 17 : 14,
      controlHeight: large ? 42 : 34,
      lineWidthFocus: 3,
      motionDurationFast: "0.08s",
      motionDurationMid: "0.12s",
      motionDurationSlow: "0.16s",
      boxShadow: "0 2px 10px rgba(22,34,43,.14)",
      boxShadowSecondary: "0 2px 10px rgba(22,34,43,.14)",
    },
    components: {
      Button: { primaryShadow: "none", defaultShadow: "none", dangerShadow: "none", fontWeight: 500 },
      Segmented: { itemSelectedColor: t.ink, trackBg: t.sunk },
      Form: { labelColor: t["ink-2"] },
    },
  };
}
