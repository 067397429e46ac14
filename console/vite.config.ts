// How the console is built: static files below /console/, which the service itself serves.

import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const service = process.env.ROWLOCK_URL ?? "http://localhost:8000";

export default defineConfig({
  base: "/console/",
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2022",
    // Nothing inline: the pages' policy allows no data: script or style, and a font or picture is a file of ours.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  // At this port or not at all: the service lets its own address alone log in, which PUBLIC_URL names.
  server: {
    port: 5173,
    strictPort: true,
    proxy: { "/api": service, "/docs": service, "/openapi.json": service, "/pages": service },
  },
  test: { include: ["src/**/*.test.ts"] },
});
