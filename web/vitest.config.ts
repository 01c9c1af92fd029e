import { defineConfig } from "vitest/config";

// By itself it leaves one core idle, which is half of a small machine.
export default defineConfig({ test: { projects: ["packages/*", "app"], maxWorkers: "100%" } });
