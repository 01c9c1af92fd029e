import { mkdir } from "node:fs/promises";
import type { Browser, Page } from "@playwright/test";
import { type Account, expect, signIn, test, tokenOf } from "./site.ts";
import { CLIP, transcoded } from "./videos.ts";

const LANGUAGES = ["en", "zh-CN"] as const;
const THEMES = ["light", "dark"] as const;
const SRT =
  "1\n00:00:00,500 --> 00:00:02,000\nThe rabbit wakes up\n\n2\n00:00:02,500 --> 00:00:04,000\nand stretches.\n";

interface Shot {
  name: string;
  path: string;
  /** What has to be there, and done, before the picture is taken. */
  ready: (page: Page) => Promise<void>;
}

/** Opens the menu of the first video and chooses by place: names differ by language. */
async function fromMenu(page: Page, place: number): Promise<void> {
  await page.locator(".video-card .ant-dropdown-trigger").first().click();
  await page.getByRole("menuitem").nth(place).click();
  await expect(page.getByRole("dialog")).toBeVisible();
}

const seen = (selector: string) => (page: Page) => expect(page.locator(selector).first()).toBeVisible();

/** Pages that need nobody to be signed in, and those of an uploader. */
const OPEN: Shot[] = [
  { name: "sign-in", path: "/sign-in", ready: seen("form") },
  { name: "register", path: "/register", ready: seen("form") },
  { name: "forgot-password", path: "/forgot-password", ready: seen("form") },
];
const OWN = (videoId: number): Shot[] => [
  { name: "browse", path: "/browse", ready: seen(".poster img") },
  { name: "videos", path: "/videos", ready: seen(".poster img") },
  { name: "videos-table", path: "/videos?view=table", ready: seen("tbody .poster img") },
  { name: "upload", path: "/upload", ready: seen(".drop") },
  {
    name: "watch",
    path: `/watch/${videoId}`,
    ready: async (page) => {
      const video = page.locator("video");
      await expect.poll(() => video.evaluate((one: HTMLVideoElement) => one.readyState)).toBeGreaterThan(1);
      await seen(".renditions")(page);
    },
  },
  {
    name: "subtitles",
    path: "/videos?sort=oldest",
    ready: async (page) => {
      await fromMenu(page, 1);
      await page.locator(".track button[aria-expanded]").first().click();
      await seen(".cue")(page);
    },
  },
  {
    name: "thumbnail",
    path: "/videos?sort=oldest",
    ready: async (page) => {
      await fromMenu(page, 2);
      await seen(".frame-still > div")(page);
    },
  },
  {
    name: "edit",
    path: "/videos?sort=oldest",
    ready: async (page) => {
      await fromMenu(page, 0);
    },
  },
  {
    name: "notifications",
    path: "/videos",
    ready: async (page) => {
      await page.locator(".bell").click();
      await seen(".notice")(page);
    },
  },
  { name: "history", path: "/history", ready: seen(".poster img") },
  { name: "account", path: "/account", ready: seen(".session") },
];
const ADMIN: Shot[] = [
  { name: "all-videos", path: "/admin/videos", ready: seen(".poster img") },
  {
    name: "jobs",
    path: "/admin/jobs",
    ready: async (page) => {
      await page.locator(".expand").first().click();
      await seen(".timeline-bar")(page);
    },
  },
  { name: "users", path: "/admin/users", ready: seen("tr[data-user]") },
  { name: "dashboard", path: "/admin/dashboard", ready: seen(".recharts-surface") },
  { name: "messages", path: "/admin/messages", ready: seen(".page h1") },
  { name: "audit", path: "/admin/audit", ready: seen("tbody tr") },
  { name: "webhooks", path: "/webhooks", ready: seen(".page h1") },
];

test("pages for everybody", async ({ browser }, info) => {
  test.setTimeout(200_000);
  await takeAll(browser, info.outputPath("shots"), null, OPEN);
});

test("an uploader's pages", async ({ browser, request, creator }, info) => {
  test.setTimeout(600_000);
  const token = await tokenOf(request, creator);
  const headers = { Authorization: `Bearer ${token}` };
  const videoId = await transcoded(request, token, {
    title: "Big Buck Bunny",
    visibility: "public",
    ladder: "standard",
  });
  await transcoded(request, token, { title: "The meadow at noon" });
  await request.put(`/api/v1/videos/${videoId}/subtitles/en?default=true`, {
    headers: { ...headers, "Content-Type": "application/octet-stream" },
    data: Buffer.from(SRT),
  });
  await request.put(`/api/v1/videos/${videoId}/position`, { headers, data: { position_s: 2 } });
  await request.patch("/api/v1/users/me", { headers, data: { display_name: "Ada" } });
  await takeAll(browser, info.outputPath("shots"), creator, OWN(videoId));
});

test("an administrator's pages", async ({ browser }, info) => {
  test.setTimeout(200_000);
  const { VIDEOSITE_EMAIL: email = "", VIDEOSITE_PASSWORD: password = "" } = process.env;
  await takeAll(browser, info.outputPath("shots"), { email, password }, ADMIN);
});

test("the progress of a transcode", async ({ page, creator }, info) => {
  test.setTimeout(200_000);
  await takeProgress(page, creator, info.outputPath("frames"));
});

/** Each page in both languages and both themes. */
async function takeAll(browser: Browser, folder: string, who: Account | null, shots: Shot[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const first = await browser.newContext({ locale: "en-GB" });
  if (who) await signIn(await first.newPage(), who, "/browse");
  const storageState = await first.storageState();
  await first.close();
  for (const language of LANGUAGES) {
    for (const theme of THEMES) {
      const context = await browser.newContext({
        storageState,
        viewport: { width: 1280, height: 800 },
        reducedMotion: "reduce",
      });
      await context.addInitScript(
        (preferences) => localStorage.setItem("videosite.preferences", JSON.stringify(preferences)),
        { language, theme },
      );
      const page = await context.newPage();
      for (const { name, path, ready } of shots) {
        await page.goto(path);
        await ready(page);
        // Dialogs and drawers have come to rest.
        await page.waitForFunction(() =>
          document.getAnimations().every((one) => one.playState !== "running"),
        );
        const file = `${folder}/${name}.${language.slice(0, 2)}.${theme}.jpg`;
        await page.screenshot({ path: file, type: "jpeg", quality: 70 });
      }
      await context.close();
    }
  }
}

/** The live progress of a transcode, a frame now and then. */
async function takeProgress(page: Page, who: Account, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await signIn(page, who, "/upload");
  await page.getByTestId("files").setInputFiles(CLIP);
  const status = page.locator(".upload .transcode");
  await expect(status).toHaveAttribute("data-status", "processing", { timeout: 90_000 });
  await seen(".renditions")(page);
  await page.locator(".upload").evaluate((element) => element.scrollIntoView());
  const clip = { x: 230, y: 60, width: 1040, height: 560 };
  for (let frame = 0; frame < 60; frame++) {
    await page.screenshot({ path: `${folder}/${String(frame).padStart(3, "0")}.png`, clip });
    if ((await status.getAttribute("data-status")) === "completed") break;
    await page.waitForTimeout(700);
  }
}
