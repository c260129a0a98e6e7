import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { environment: "happy-dom", include: ["shared/**/*.test.ts", "{console,field}/**/*.test.{ts,tsx}"] },
});
