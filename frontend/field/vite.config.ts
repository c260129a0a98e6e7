import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { VitePWA } from "vite-plugin-pwa";
import { fieldZh } from "../shared/words/field.zh-CN.ts";

// The field app at "/m/": its own build, so that a phone never fetches what belongs to the console, and a service worker
// that answers for "/m/" only. It asks before it changes to a new version: a half-written visit is never reloaded away.
export default defineConfig({
  base: "/m/",
  plugins: [
    react(),
    VitePWA({
      strategies: "generateSW",
      registerType: "prompt",
      injectRegister: null,
      scope: "/m/",
      manifest: {
        id: "/m/",
        name: fieldZh.app,
        short_name: fieldZh.app,
        start_url: "/m/",
        scope: "/m/",
        display: "standalone",
        lang: "zh-CN",
        theme_color: "#0a4f49",
        background_color: "#f4f6f6",
        icons: [
          { src: "icon-192.png", sizes: "192x192", type: "image/png", purpose: "any" },
          { src: "icon-512.png", sizes: "512x512", type: "image/png", purpose: "any" },
          { src: "icon-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
          { src: "icon.svg", sizes: "any", type: "image/svg+xml" },
        ],
      },
      workbox: {
        globPatterns: ["**/*.{js,css,html,svg,webmanifest}"],
        navigateFallback: "/m/index.html",
        navigateFallbackDenylist: [/^\/api/],
        cleanupOutdatedCaches: true,
        clientsClaim: true,
        sourcemap: false,
      },
    }),
  ],
  build: { outDir: "../dist/field", emptyOutDir: true, target: "chrome90", manifest: true },
  server: { proxy: { "/api": process.env.ZF_API ?? "http://127.0.0.1:8080" } },
});
