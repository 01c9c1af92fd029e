import { defineConfig } from "@playwright/test";

/** `tests/stack/test_browser.py` says where the stack is. */
export default defineConfig({
  testDir: ".",
  outputDir: process.env.VIDEOSITE_BROWSER_OUTPUT ?? "../../build/browser",
  // They share a stack, and the machine with its transcodes.
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  forbidOnly: true,
  reporter: [["list"]],
  use: {
    baseURL: process.env.VIDEOSITE_URL ?? "http://localhost:8000",
    locale: "en-GB",
    viewport: { width: 1280, height: 800 },
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      // The system's: no browser is downloaded.
      executablePath: process.env.VIDEOSITE_CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
    },
  },
});
