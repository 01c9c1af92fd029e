import { writeFile } from "node:fs/promises";
import type { Request } from "@playwright/test";
import { expect, expectAccessible, signIn, test } from "./site.ts";
import { SMALL_CLIP } from "./videos.ts";

const MIB = 1024 * 1024;

test("what is no video is refused before it is sent", async ({ page, creator }) => {
  await signIn(page, creator, "/upload");
  const file = (name: string, text: string) => ({ name, mimeType: "", buffer: Buffer.from(text, "latin1") });
  await page
    .getByTestId("files")
    .setInputFiles([
      file("list.mp4", "#EXTM3U\n"),
      file("picture.mp4", "\x89PNG\r\n"),
      file("empty.mp4", ""),
    ]);
  await expect(page.locator("[data-name='list.mp4']")).toContainText("This is a playlist, not a video.");
  await expect(page.locator("[data-name='picture.mp4']")).toContainText("This is a picture, not a video.");
  await expect(page.locator("[data-name='empty.mp4']")).toContainText("The file is empty");
});

test("an upload is paused, goes on, and goes on after a reload with what is missing", async ({
  page,
  creator,
}, info) => {
  test.setTimeout(300_000);
  const file = info.outputPath("large.mp4");
  await writeFile(file, Buffer.alloc(66 * MIB, "video"));
  /** Numbers of the parts that arrived, in order. */
  const arrived: number[] = [];
  let open = 2;
  const waiting: (() => void)[] = [];
  const admit = (count: number) => {
    open += count;
    for (const go of waiting.splice(0)) go();
  };
  const partOf = (url: string) => Number(new URL(url).searchParams.get("partNumber"));
  await page.route(/partNumber=/, async (route) => {
    if (route.request().method() === "PUT") {
      while (open === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      // What was given up meanwhile takes nobody's place.
      if (failed.has(route.request())) return;
      open -= 1;
    }
    await route.continue().catch(() => {});
  });
  const failed = new Set<Request>();
  page.on("requestfailed", (request) => failed.add(request));
  page.on("requestfinished", (request) => {
    if (request.method() === "PUT" && /partNumber=/.test(request.url())) arrived.push(partOf(request.url()));
  });
  await signIn(page, creator, "/upload");
  await page.getByTestId("files").setInputFiles(file);
  const upload = page.locator("[data-name='large.mp4']");
  await expect.poll(() => arrived.length, { timeout: 60_000 }).toBe(2);
  await upload.getByRole("button", { name: "Pause large.mp4" }).click();
  await expect(upload).toHaveAttribute("data-status", "paused");
  await upload.getByRole("button", { name: "Resume" }).click();
  await expect(upload).toHaveAttribute("data-status", "sending");
  admit(3);
  await expect.poll(() => arrived.length, { timeout: 90_000 }).toBeGreaterThanOrEqual(5);

  page.once("dialog", (dialog) => dialog.accept());
  await page.reload();
  await expect(upload).toHaveAttribute("data-status", "interrupted");
  admit(100);
  await page.getByTestId("files").setInputFiles(file);
  await expect(upload).toHaveAttribute("data-status", "done", { timeout: 120_000 });
  expect(new Set(arrived)).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8, 9]));
  // Two were paused on their way at most, three interrupted by the reload.
  expect(arrived.length).toBeLessThanOrEqual(9 + 5);
});

test("a failed upload says why, and goes up when it is tried again", async ({ page, creator, said }) => {
  test.setTimeout(120_000);
  await page.route("**/api/v1/videos", (route) =>
    route.request().method() === "POST"
      ? route.fulfill({
          status: 409,
          contentType: "application/problem+json",
          body: JSON.stringify({ code: "quota_exceeded", status: 409, title: "", detail: "Full." }),
        })
      : route.continue(),
  );
  await signIn(page, creator, "/upload");
  await page.getByTestId("files").setInputFiles(SMALL_CLIP);
  const upload = page.locator("[data-name='small.mp4']");
  await expect(upload).toHaveAttribute("data-status", "failed");
  await expect(upload).toContainText("Your storage is full.");
  await expectAccessible(page);
  // Chromium notes the 409 itself.
  expect(said.errors.splice(0)).toHaveLength(1);
  await page.unroute("**/api/v1/videos");
  await upload.getByRole("button", { name: "Retry" }).click();
  await expect(upload).toHaveAttribute("data-status", "done", { timeout: 60_000 });
});

test("a file that is no video is uploaded, and why it failed is told", async ({ page, creator }) => {
  test.setTimeout(120_000);
  await signIn(page, creator, "/upload");
  const buffer = Buffer.concat([Buffer.from("\x00\x00\x00\x20ftypisom", "latin1"), Buffer.alloc(5000, 7)]);
  await page.getByTestId("files").setInputFiles({ name: "broken.mp4", mimeType: "", buffer });
  const status = page.locator("[data-name='broken.mp4'] .transcode");
  await expect(status).toHaveAttribute("data-status", "failed", { timeout: 90_000 });
  await expect(status).toContainText("The file cannot be read as a video.");
});
