import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "realtime", include: ["tests/**/*.test.{ts,tsx}"], restoreMocks: true },
});
