import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// One build for the console at "/". During development the API comes from a running `zoufang serve`.
export default defineConfig({
  base: "/",
  plugins: [react()],
  build: {
    outDir: "../dist/console",
    emptyOutDir: true,
    target: "chrome90",
    chunkSizeWarningLimit: 2000,
    manifest: true,
  },
  server: { proxy: { "/api": process.env.ZF_API ?? "http://127.0.0.1:8080" } },
});
