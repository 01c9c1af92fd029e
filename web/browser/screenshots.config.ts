import { defineConfig } from "@playwright/test";
import base from "./playwright.config.ts";

/** Takes pictures in place of tests: `python -m tests.screens`. */
export default defineConfig(base, {
  testMatch: "screenshots.ts",
  preserveOutput: "always",
  use: { trace: "off", screenshot: "off" },
});
