import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where a running stack answers, for `npm run dev`. */
const STACK = process.env.VIDEOSITE_URL ?? "http://localhost:8000";

function sourcesOf(name: string): string {
  return fileURLToPath(new URL(`../packages/${name}/src/index.ts`, import.meta.url));
}

export default defineConfig({
  plugins: [react()],
  resolve: {
    // Their sources: nothing has to be built before.
    alias: { "@videosite/api": sourcesOf("api"), "@videosite/realtime": sourcesOf("realtime") },
  },
  build: {
    target: "es2023",
    // What is in it says which files a first load needs: tests add them up.
    manifest: true,
    // Data addresses would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
  },
  server: {
    proxy: {
      "/api": { target: STACK, ws: true },
      "/m": { target: STACK },
    },
  },
});
