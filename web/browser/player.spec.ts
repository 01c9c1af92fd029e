import type { Page } from "@playwright/test";
import { expect, expectAccessible, signIn, test, tokenOf } from "./site.ts";
import { CLIP, statusOf, transcoded, upload } from "./videos.ts";

const SRT = "1\n00:00:00,000 --> 00:00:05,000\nThe rabbit wakes up\n";

const playerOf = (page: Page) => page.getByRole("region", { name: /^Player: / });
const videoOf = (page: Page) => playerOf(page).locator("video");

async function expectPlays(page: Page, codec: string): Promise<void> {
  const video = videoOf(page);
  await expect
    .poll(() => video.evaluate((element: HTMLVideoElement) => element.currentTime))
    .toBeGreaterThan(0.5);
  const frames = await video.evaluate(
    (element: HTMLVideoElement) => element.getVideoPlaybackQuality().totalVideoFrames,
  );
  expect(frames).toBeGreaterThan(0);
  await expect(playerOf(page)).toHaveAttribute("data-codec", codec);
}

/** Chooses from the settings: of a group, one. */
async function choose(page: Page, group: string, one: string | RegExp): Promise<void> {
  await playerOf(page).getByRole("button", { name: "Settings" }).click();
  await page.getByRole("menuitem", { name: new RegExp(`^${group}`) }).click();
  await page.getByRole("menuitem", { name: one }).click();
}

test("AV1 plays and H.264 plays; seek, sound, subtitles, picture in picture, resume", async ({
  page,
  request,
  creator,
}) => {
  test.setTimeout(240_000);
  const token = await tokenOf(request, creator);
  const videoId = await transcoded(request, token, { title: "Rabbit", ladder: "standard" });
  const put = await request.put(`/api/v1/videos/${videoId}/subtitles/en?default=false`, {
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/octet-stream" },
    data: Buffer.from(SRT),
  });
  expect(put.ok(), await put.text()).toBe(true);
  await signIn(page, creator, `/watch/${videoId}`);
  const video = videoOf(page);
  await playerOf(page).getByRole("button", { name: "Play" }).first().click();
  // Chromium decodes AV1 in software wherever it runs.
  await expectPlays(page, "av1");
  await choose(page, "Codec", /H\.264$/);
  await expect(playerOf(page)).toHaveAttribute("data-codec", "h264");
  await video.evaluate((element: HTMLVideoElement) => {
    element.currentTime = 0;
    return element.play();
  });
  await expectPlays(page, "h264");

  await video.evaluate((element: HTMLVideoElement) => {
    element.pause();
    element.currentTime = 1;
  });
  await choose(page, "Subtitles", /English$/);
  await expect
    .poll(() =>
      video.evaluate((element: HTMLVideoElement) =>
        [...element.textTracks]
          .filter((track) => track.mode === "showing")
          .flatMap((track) => [...(track.activeCues ?? [])].map((cue) => (cue as VTTCue).text)),
      ),
    )
    .toEqual(["The rabbit wakes up"]);
  await choose(page, "Audio", /Deutsch$/);
  await playerOf(page).getByRole("button", { name: "Settings" }).click();
  await expect(page.getByRole("menuitem", { name: /^Audio/ })).toContainText("Deutsch");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("menuitem", { name: /^Audio/ })).toBeHidden();

  const slider = playerOf(page).getByRole("slider", { name: "Seek" });
  await slider.press("Home");
  await expect.poll(() => video.evaluate((element: HTMLVideoElement) => element.currentTime)).toBe(0);
  const box = await slider.boundingBox();
  if (!box) throw new Error("no seek bar");
  await slider.click({ position: { x: box.width * 0.6, y: box.height / 2 } });
  await expect
    .poll(() => video.evaluate((element: HTMLVideoElement) => !element.seeking && element.currentTime))
    .toBeGreaterThan(2.5);
  await expectAccessible(page);

  if (await page.evaluate(() => document.pictureInPictureEnabled)) {
    await playerOf(page).getByRole("button", { name: "Picture in picture" }).click();
    await expect.poll(() => page.evaluate(() => document.pictureInPictureElement !== null)).toBe(true);
    await page.evaluate(() => document.exitPictureInPicture());
  }

  // Where one stopped is where one goes on. The player itself remembers nothing of a video's last five seconds, and
  // this one has no more.
  const at = await request.put(`/api/v1/videos/${videoId}/position`, {
    headers: { Authorization: `Bearer ${token}` },
    data: { position_s: 2 },
  });
  expect(at.ok()).toBe(true);
  const second = await page.context().newPage();
  await second.goto(`/watch/${videoId}`);
  await expect
    .poll(() => videoOf(second).evaluate((element: HTMLVideoElement) => element.currentTime))
    .toBeGreaterThan(1.9);
  await second.close();
});

test("a video plays while another is transcoded, and that one as far as it is done", async ({
  page,
  request,
  creator,
}) => {
  test.setTimeout(240_000);
  const token = await tokenOf(request, creator);
  const done = await transcoded(request, token, { title: "Done" });
  const other = await upload(request, token, CLIP, { title: "Under way", ladder: "standard" });
  await expect
    .poll(() => statusOf(request, token, other), { timeout: 60_000, intervals: [300] })
    .toBe("processing");
  await signIn(page, creator, `/watch/${done}`);
  await playerOf(page).getByRole("button", { name: "Play" }).first().click();
  await expectPlays(page, "h264");
  expect(await statusOf(request, token, other)).toBe("processing");

  await page.goto(`/watch/${other}`);
  await playerOf(page).getByRole("button", { name: "Play" }).first().click({ timeout: 60_000 });
  await expect
    .poll(() => videoOf(page).evaluate((element: HTMLVideoElement) => element.currentTime), {
      timeout: 60_000,
    })
    .toBeGreaterThan(0.5);
  expect(await statusOf(request, token, other)).toBe("processing");
  await expect(page.getByText("Still being transcoded")).toBeVisible();
  const stop = page.getByRole("button", { name: "Cancel" });
  await stop.click();
  await page.getByRole("tooltip").getByRole("button", { name: "Cancel" }).click();
  await expect(page.locator(".transcode")).toHaveAttribute("data-status", "cancelled");
});
