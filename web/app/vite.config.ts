import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where a running stack answers, for `npm run dev`. */
const STACK = process.env.VIDEOSITE_URL ?? "http://localhost:8000";

function sourcesOf(name: string): string {
  return fileURLToPath(new URL(`../packages/${name}/src/index.ts`, import.meta.url));
}

/**
 * What so many parts of the console need is in one file for all. Measured: with fewer the first visit fetches what
 * only dialogs need, with more it fetches dozens of small files, which pack worse.
 */
const SHARED_BY = 16;

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
    rolldownOptions: {
      output: {
        codeSplitting: {
          // What every page needs, in few files: dozens of small ones pack worse, and are asked for one by one.
          groups: [
            {
              name: "base",
              test: /node_modules\/(react|react-dom|react-is|scheduler|react-router|react-i18next|i18next|cookie-es|clsx|@tanstack)\//,
            },
            { name: "shared", test: /\.(ts|tsx|js|mjs)$/, minShareCount: SHARED_BY },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      "/api": { target: STACK, ws: true },
      "/m": { target: STACK },
    },
  },
});
